//! Names and characters: what an identifier is, and how texts are shown in errors.

use super::lexer::Convention;

/// The length in bytes of the identifier at the beginning of a text.
pub(super) fn identifier(text: &str) -> Option<usize> {
    let mut length = 0;
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        if character == '\\' {
            match characters.peek() {
                Some('-' | '.' | ':' | '#') => {
                    characters.next();
                    length += 2;
                }
                _ => break,
            }
        } else if is_start(character) || (length > 0 && character.is_ascii_digit()) {
            length += character.len_utf8();
        } else {
            break;
        }
    }
    (length > 0).then_some(length)
}

/// An identifier without the backslashes it was written with.
pub(super) fn unescaped(identifier: &str) -> String {
    identifier.replace('\\', "")
}

fn is_start(c: char) -> bool {
    match c {
        '$' | '@' | '_' => true,
        _ if c.is_ascii() => c.is_ascii_alphabetic(),
        '\u{aa}' | '\u{b5}' | '\u{ba}' => true,
        '\u{d7}' | '\u{f7}' => false,
        '\u{c0}'..='\u{1fff}' => true,
        '\u{2000}'..='\u{ffff}' => c.is_alphabetic() || (c.is_numeric() && c > '\u{3000}'),
        _ => false,
    }
}

/// Which convention a name shows: none if it is of one word.
pub(super) fn convention(name: &str) -> Option<Convention> {
    name.chars().find_map(|c| match c {
        '_' => Some(Convention::Legacy),
        'A'..='Z' => Some(Convention::CamelCase),
        _ => None,
    })
}

/// A text in quotation marks with the escapes of Java.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            c if c < ' ' => out.push_str(&format!("\\u{:04X}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// A text as a string literal of a template.
pub(super) fn literal(text: &str) -> String {
    let quote = if text.contains('"') && !text.contains('\'') { '\'' } else { '"' };
    let mut out = String::with_capacity(text.len() + 2);
    out.push(quote);
    let mut before = ' ';
    for character in text.chars() {
        match character {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\\' => out.push_str("\\\\"),
            c if c == quote => out.extend(['\\', c]),
            '{' if matches!(before, '$' | '#') => out.push_str("\\{"),
            '=' if before == '[' => out.push_str("\\="),
            c if c < ' ' => out.push_str(&format!("\\x{:04X}", u32::from(c))),
            c => out.push(c),
        }
        before = character;
    }
    out.push(quote);
    out
}

/// A UTF-16 unit as a lexical error shows it.
pub(super) fn escaped_unit(unit: u16) -> String {
    match unit {
        0 => String::new(),
        0x08 => "\\b".to_owned(),
        0x09 => "\\t".to_owned(),
        0x0a => "\\n".to_owned(),
        0x0c => "\\f".to_owned(),
        0x0d => "\\r".to_owned(),
        0x22 => "\\\"".to_owned(),
        0x27 => "\\'".to_owned(),
        0x5c => "\\\\".to_owned(),
        0x20..=0x7e => char::from(unit as u8).to_string(),
        _ => format!("\\u{unit:04x}"),
    }
}

/// How much of `text` is the beginning of one of `words`.
pub(super) fn longest_prefix<'w>(text: &str, words: impl Iterator<Item = &'w str>) -> usize {
    words
        .map(|word| text.bytes().zip(word.bytes()).take_while(|(a, b)| a == b).count())
        .max()
        .unwrap_or(0)
}
