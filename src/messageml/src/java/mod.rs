//! Lexical rules of the Java library that show through in what an Agent accepts: what is blank, a URI, a regular
//! expression, a date. Each is a check of syntax; no crate offers Java's dialect of them.

pub(super) mod regex;
pub(super) mod time;
pub(super) mod uri;

/// `Character.isWhitespace`: no-break spaces are not white.
pub(super) fn is_whitespace(c: char) -> bool {
    match c {
        '\u{a0}' | '\u{2007}' | '\u{202f}' | '\u{85}' => false,
        '\u{1c}'..='\u{1f}' => true,
        _ => c.is_whitespace(),
    }
}

/// Nothing but whitespace, or nothing at all.
pub(super) fn is_blank(text: &str) -> bool {
    text.chars().all(is_whitespace)
}

/// What `String.trim` leaves nothing of.
pub(super) fn trims_to_nothing(text: &str) -> bool {
    text.chars().all(|c| c <= ' ')
}

/// `String.length`: UTF-16 code units.
pub(super) fn length(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.encode_utf16().count() }
}

/// More than `units` UTF-16 code units, without counting a long text that is surely short enough.
pub(super) fn is_longer_than(text: &str, units: usize) -> bool {
    text.len() > units && length(text) > units
}
