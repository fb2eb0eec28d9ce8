//! The XML declaration, `<?xml version="1.0"?>`: what the JDK finds wrong with it, in its words.

use super::CUT_OFF;
use super::scan::is_space;

/// The values of a declaration that is well-formed.
#[derive(Debug, Default)]
pub(super) struct Declaration<'t> {
    pub encoding: Option<&'t str>,
}

/// Reads the declaration at the beginning of a message; `None` where there is none.
///
/// # Errors
///
/// The JDK's text for the first thing that is wrong.
pub(super) fn read(text: &str) -> Result<Option<Declaration<'_>>, String> {
    let Some(mut rest) = text.strip_prefix("<?xml").filter(|rest| rest.starts_with(is_space))
    else {
        return Ok(None);
    };
    let mut declaration = Declaration::default();
    let mut next = Next::Version;
    loop {
        let trimmed = rest.trim_start_matches(is_space);
        let spaced = trimmed.len() < rest.len();
        if let Some(end) = trimmed.strip_prefix('?') {
            if next == Next::Version {
                return Err("The version is required in the XML declaration.".to_owned());
            }
            let ended = end.starts_with('>').then_some(Some(declaration));
            return ended.ok_or_else(|| "The XML declaration must end with \"?>\".".to_owned());
        }
        let (name, value, after) = pseudo_attribute(trimmed)?;
        if !spaced {
            return Err(format!(
                "White space is required before the {name} pseudo attribute in the XML declaration."
            ));
        }
        next = match (next, name) {
            (Next::Version, "version") if matches!(value, "1.0" | "1.1") => Next::Encoding,
            (Next::Version, "version") => {
                return Err(format!(
                    "XML version \"{value}\" is not supported, only XML 1.0 is supported."
                ));
            }
            (Next::Version, _) => {
                return Err("The version is required in the XML declaration.".to_owned());
            }
            (Next::Encoding, "encoding") => {
                let well_formed = value.starts_with(|c: char| c.is_ascii_alphabetic())
                    && value.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c));
                if !well_formed {
                    return Err(format!("Invalid encoding name \"{value}\"."));
                }
                declaration.encoding = Some(value);
                Next::Standalone
            }
            (Next::Encoding | Next::Standalone, "standalone") => {
                if !matches!(value, "yes" | "no") {
                    return Err(format!(
                        "The standalone document declaration value must be \"yes\" or \"no\", not \"{value}\"."
                    ));
                }
                Next::End
            }
            (Next::Encoding, _) => {
                return Err(
                    "The encoding declaration is required in the text declaration.".to_owned()
                );
            }
            _ => return Err("No more pseudo attributes are allowed.".to_owned()),
        };
        rest = after;
    }
}

/// What may come next in a declaration; its parts have an order.
#[derive(Clone, Copy, PartialEq)]
enum Next {
    Version,
    Encoding,
    Standalone,
    End,
}

/// Name, value and what follows.
fn pseudo_attribute(text: &str) -> Result<(&str, &str, &str), String> {
    let mut known = ["version", "encoding", "standalone"].into_iter();
    let Some((name, rest)) = known.find_map(|name| Some((name, text.strip_prefix(name)?))) else {
        return Err("A pseudo attribute name is expected.".to_owned());
    };
    let Some(rest) = rest.trim_start_matches(is_space).strip_prefix('=') else {
        return Err(format!("The ' = ' character must follow \"{name}\" in the XML declaration."));
    };
    let rest = rest.trim_start_matches(is_space);
    let quoted = ['"', '\''].into_iter().find_map(|quote| Some((quote, rest.strip_prefix(quote)?)));
    let Some((quote, quoted)) = quoted else {
        return Err(format!(
            "The value following \"{name}\" in the XML declaration must be a quoted string."
        ));
    };
    match quoted.split_once(quote) {
        Some((value, after)) => Ok((name, value, after)),
        None => Err(CUT_OFF.to_owned()),
    }
}
