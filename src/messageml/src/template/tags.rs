//! Tags of directives: which there are, how they end, and what is said of those there are not.

use super::lexer::Convention;
use super::token::Kind;

/// A tag found at the beginning of a text.
#[derive(Debug)]
pub(super) struct Tag {
    pub kind: Kind,
    /// Bytes, with the first blank of an expression or all to the end of the tag.
    pub length: usize,
    pub convention: Option<Convention>,
    pub has_expression: bool,
}

/// How the tag of a directive goes on behind its name.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    /// A blank, then an expression.
    Expression,
    /// `>`
    Close,
    /// `>` or `/>`
    LooseClose,
}

use End::{Close, Expression, LooseClose};

/// Start tags. A directive may have two, with and without an expression.
const STARTS: &[(&str, Kind, End)] = &[
    ("attempt", Kind::Attempt, Close),
    ("recover", Kind::Recover, Close),
    ("if", Kind::If, Expression),
    ("elseif", Kind::ElseIf, Expression),
    ("elseIf", Kind::ElseIf, Expression),
    ("list", Kind::List, Expression),
    ("foreach", Kind::ForEach, Expression),
    ("forEach", Kind::ForEach, Expression),
    ("switch", Kind::Switch, Expression),
    ("case", Kind::Case, Expression),
    ("assign", Kind::Assign, Expression),
    ("global", Kind::GlobalAssign, Expression),
    ("local", Kind::LocalAssign, Expression),
    ("include", Kind::Include, Expression),
    ("import", Kind::Import, Expression),
    ("function", Kind::Function, Expression),
    ("macro", Kind::Macro, Expression),
    ("transform", Kind::Transform, Expression),
    ("visit", Kind::Visit, Expression),
    ("stop", Kind::Stop, Expression),
    ("return", Kind::Return, Expression),
    ("call", Kind::Call, Expression),
    ("setting", Kind::Setting, Expression),
    ("outputformat", Kind::OutputFormat, Expression),
    ("outputFormat", Kind::OutputFormat, Expression),
    ("autoesc", Kind::AutoEsc, Close),
    ("autoEsc", Kind::AutoEsc, Close),
    ("noautoesc", Kind::NoAutoEsc, Close),
    ("noAutoEsc", Kind::NoAutoEsc, Close),
    ("compress", Kind::Compress, Close),
    ("comment", Kind::Comment, Close),
    ("noparse", Kind::NoParse, Close),
    ("noParse", Kind::NoParse, Close),
    ("else", Kind::Else, LooseClose),
    ("break", Kind::Break, LooseClose),
    ("continue", Kind::Continue, LooseClose),
    ("return", Kind::SimpleReturn, LooseClose),
    ("stop", Kind::Halt, LooseClose),
    ("flush", Kind::Flush, LooseClose),
    ("t", Kind::Trim, LooseClose),
    ("lt", Kind::LeftTrim, LooseClose),
    ("rt", Kind::RightTrim, LooseClose),
    ("nt", Kind::NoTrim, LooseClose),
    ("default", Kind::Default, Close),
    ("nested", Kind::SimpleNested, LooseClose),
    ("nested", Kind::Nested, Expression),
    ("recurse", Kind::SimpleRecurse, LooseClose),
    ("recurse", Kind::Recurse, Expression),
    ("fallback", Kind::Fallback, LooseClose),
    ("escape", Kind::Escape, Expression),
    ("noescape", Kind::NoEscape, Close),
    ("noEscape", Kind::NoEscape, Close),
];

const ENDS: &[(&str, Kind)] = &[
    ("if", Kind::EndIf),
    ("list", Kind::EndList),
    ("items", Kind::EndItems),
    ("sep", Kind::EndSep),
    ("recover", Kind::EndRecover),
    ("attempt", Kind::EndAttempt),
    ("foreach", Kind::EndForEach),
    ("forEach", Kind::EndForEach),
    ("local", Kind::EndLocal),
    ("global", Kind::EndGlobal),
    ("assign", Kind::EndAssign),
    ("function", Kind::EndFunction),
    ("macro", Kind::EndMacro),
    ("outputformat", Kind::EndOutputFormat),
    ("outputFormat", Kind::EndOutputFormat),
    ("autoesc", Kind::EndAutoEsc),
    ("autoEsc", Kind::EndAutoEsc),
    ("noautoesc", Kind::EndNoAutoEsc),
    ("noAutoEsc", Kind::EndNoAutoEsc),
    ("compress", Kind::EndCompress),
    ("transform", Kind::EndTransform),
    ("switch", Kind::EndSwitch),
    ("escape", Kind::EndEscape),
    ("noescape", Kind::EndNoEscape),
    ("noEscape", Kind::EndNoEscape),
];

/// All names that FreeMarker takes for a directive, in either convention.
const OTHERS: &[&str] = &["ftl", "items", "sep"];

const BLANK: [char; 4] = [' ', '\t', '\n', '\r'];

fn blank(text: &str) -> usize {
    text.len() - text.trim_start_matches(BLANK).len()
}

/// Bytes up to the end of a tag.
fn close(text: &str, loose: bool) -> Option<usize> {
    let mut length = blank(text);
    if loose && text[length..].starts_with('/') {
        length += 1;
    }
    text[length..].starts_with(['>', ']']).then_some(length + 1)
}

/// The name of the directive whose tag begins here.
pub(super) fn name(text: &str) -> Option<&str> {
    let start = if text.starts_with("</#") { 3 } else { 2 };
    let rest = &text[start..];
    let length = rest.find(|c: char| !(c.is_ascii_alphabetic() || c == '_')).unwrap_or(rest.len());
    (length > 0).then(|| &rest[..length])
}

/// The tag of a directive, `<#…` or `</#…`.
pub(super) fn find(text: &str) -> Option<Tag> {
    let name = name(text)?;
    let is_end = text.starts_with("</#");
    let start = if is_end { 3 } else { 2 } + name.len();
    let after = &text[start..];
    let convention = convention(name);
    let found = |kind, length, has_expression| {
        Some(Tag { kind, length: start + length, convention, has_expression })
    };
    if is_end {
        let (_, kind) = ENDS.iter().find(|(known, _)| *known == name)?;
        return found(*kind, close(after, false)?, false);
    }
    match name {
        "ftl" => {
            let close = after.strip_prefix('/').unwrap_or(after);
            if close.starts_with(['>', ']']) {
                return found(Kind::TrivialFtlHeader, after.len() - close.len() + 1, false);
            }
            return after.starts_with(BLANK).then(|| found(Kind::FtlHeader, 1, true))?;
        }
        "items" => {
            let before = blank(after);
            let rest = after[before..].strip_prefix("as")?;
            return (before > 0 && rest.starts_with(BLANK))
                .then(|| found(Kind::Items, before + 3, true))?;
        }
        _ => {}
    }
    // The longest wins: blanks up to an end are more than the one before an expression.
    let mut best: Option<(Kind, usize, bool)> = None;
    for (known, kind, end) in STARTS {
        if *known != name {
            continue;
        }
        let length = match end {
            Expression => after.starts_with(BLANK).then_some(1),
            Close => close(after, false),
            LooseClose => close(after, true),
        };
        if let Some(length) = length
            && best.is_none_or(|(_, longest, _)| length > longest)
        {
            best = Some((*kind, length, *end == Expression));
        }
    }
    best.and_then(|(kind, length, has_expression)| found(kind, length, has_expression))
}

/// Which convention the name of a directive shows, if it is one of those that have two spellings.
fn convention(name: &str) -> Option<Convention> {
    const TWO: &[&str] =
        &["elseif", "foreach", "outputformat", "autoesc", "noautoesc", "noparse", "noescape"];
    if !TWO.contains(&name.to_ascii_lowercase().as_str()) {
        return None;
    }
    let camel = name.bytes().any(|b| b.is_ascii_uppercase());
    Some(if camel { Convention::CamelCase } else { Convention::Legacy })
}

/// `<#sep>`; FreeMarker takes it without the hash too, and between brackets.
pub(super) fn separator(text: &str) -> Option<usize> {
    let start = ["<#sep", "<sep", "[#sep"].iter().find(|start| text.starts_with(**start))?.len();
    close(&text[start..], false).map(|length| start + length)
}

/// `</@name>` or `</@>`
pub(super) fn call_end(text: &str) -> Option<usize> {
    let rest = text.strip_prefix("</@")?;
    let mut length = 0;
    if let Some(name) = super::names::identifier(rest) {
        length = name;
        while let Some(after) = rest[length..].strip_prefix('.') {
            let Some(name) = super::names::identifier(after) else { break };
            length += 1 + name;
        }
    }
    close(&rest[length..], false).map(|close| 3 + length + close)
}

/// What may be the end of a comment or of `noparse`, and its name.
pub(super) fn maybe_end(text: &str) -> Option<(usize, &str)> {
    let rest = text.strip_prefix("</").or_else(|| text.strip_prefix("[/"))?;
    let rest = rest.strip_prefix('#').unwrap_or(rest);
    let start = text.len() - rest.len();
    let length = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
    let close = (length > 0).then(|| close(&rest[length..], false))??;
    Some((start + length + close, &rest[..length]))
}

/// FreeMarker's words for a tag that is none.
pub(super) fn unknown(name: &str) -> String {
    const PLANNED: &str = "(If you have seen this directive in use elsewhere, this was a planned directive, so maybe \
                           you need to upgrade FreeMarker.)";
    let is_known = STARTS.iter().any(|(known, ..)| *known == name) || OTHERS.contains(&name);
    if is_known {
        return format!(
            "#{name} is an existing directive, but the tag is malformed.  (See FreeMarker Manual / Directive Reference.)"
        );
    }
    let tip = match name {
        "set" | "var" => format!(
            "Use #assign or #local or #global, depending on the intented scope (#assign is template-scope). {PLANNED}"
        ),
        "else_if" | "elif" => "Use #elseif.".to_owned(),
        "no_escape" => "Use #noescape instead.".to_owned(),
        "method" => "Use #function instead.".to_owned(),
        "head" | "template" | "fm" => "You may meant #ftl.".to_owned(),
        "try" | "atempt" => "You may meant #attempt.".to_owned(),
        "for" | "each" | "iterate" | "iterator" => {
            "You may meant #list (http://freemarker.org/docs/ref_directive_list.html).".to_owned()
        }
        "prefix" => format!("You may meant #import. {PLANNED}"),
        "item" | "row" | "rows" => "You may meant #items.".to_owned(),
        "separator" | "separate" | "separ" => "You may meant #sep.".to_owned(),
        _ => "Help (latest version): http://freemarker.org/docs/ref_directive_alphaidx.html; you're using FreeMarker \
              2.3.31."
            .to_owned(),
    };
    format!("Unknown directive: #{name}. {tip}")
}
