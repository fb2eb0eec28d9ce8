//! The XML declaration, `<?xml version="1.0"?>`: what the JDK finds wrong with it, in its words.

use super::CUT_OFF;
use super::scan::{invalid_char, is_space};

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
            if end.is_empty() {
                return Err(CUT_OFF.to_owned());
            }
            if !end.starts_with('>') {
                return Err("The XML declaration must end with \"?>\".".to_owned());
            }
            let well_formed = |name: &str| {
                name.starts_with(|c: char| c.is_ascii_alphabetic())
                    && name.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c))
            };
            return match declaration.encoding.filter(|name| !well_formed(name)) {
                Some(name) => Err(format!("Invalid encoding name \"{name}\".")),
                None => Ok(Some(declaration)),
            };
        }
        if trimmed.is_empty() {
            return Err(CUT_OFF.to_owned());
        }
        let (name, value, after) = pseudo_attribute(trimmed)?;
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
            // The JDK says the same of both.
            (Next::Encoding | Next::Standalone, "encoding" | "standalone")
                if !spaced && (next, name) != (Next::Standalone, "encoding") =>
            {
                return Err(
                    "White space is required before the encoding pseudo attribute in the XML declaration."
                        .to_owned(),
                );
            }
            (Next::Encoding, "encoding") => {
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
            (Next::Standalone, _) => {
                return Err("The standalone name in XML declaration may be misspelled.".to_owned());
            }
            (Next::End, _) => return Err("No more pseudo attributes are allowed.".to_owned()),
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
    let (value, after) = quoted.split_once(quote).unwrap_or((quoted, ""));
    if let Some(code) = invalid_char(value) {
        return Err(format!(
            "An invalid XML character (Unicode: 0x{code:x}) was found in the XML declaration."
        ));
    }
    if value.len() == quoted.len() {
        return Err(CUT_OFF.to_owned());
    }
    Ok((name, value, after))
}
