//! Pieces of Markdown that links, their definitions and blocks share. Each `fn` tells where its piece ends.

use super::super::table;

/// The names of characters in HTML but for those of the tab and the end of a line. `data/make-entities` makes it.
const ENTITIES: &str = include_str!("../../data/entities.tsv");

pub(super) fn is_escapable(text: &[char], at: usize) -> bool {
    text.get(at).is_some_and(char::is_ascii_punctuation)
}

/// Past spaces and tabs.
pub(super) fn blanks(text: &[char], at: usize) -> usize {
    at + text[at.min(text.len())..].iter().take_while(|c| matches!(c, ' ' | '\t')).count()
}

/// The inside of a label: to its `]`, or to the end of the text.
pub(super) fn label(text: &[char], mut at: usize) -> Option<usize> {
    while let Some(character) = text.get(at) {
        match character {
            '\\' if is_escapable(text, at + 1) => at += 1,
            ']' => return Some(at),
            '[' => return None,
            _ => {}
        }
        at += 1;
    }
    Some(text.len())
}

/// Where a link leads, with its angle brackets if it has any.
pub(super) fn destination(text: &[char], start: usize) -> Option<usize> {
    let mut at = start;
    if *text.get(at)? == '<' {
        at += 1;
        loop {
            match text.get(at)? {
                '\\' if is_escapable(text, at + 1) => at += 1,
                '\n' | '<' => return None,
                '>' => return Some(at + 1),
                _ => {}
            }
            at += 1;
        }
    }
    let mut open = 0;
    while let Some(character) = text.get(at) {
        match character {
            ' ' => return (at != start).then_some(at),
            '\\' if is_escapable(text, at + 1) => at += 1,
            '(' if open == 32 => return None,
            '(' => open += 1,
            ')' if open == 0 => return Some(at),
            ')' => open -= 1,
            control if control.is_control() => return (at != start).then_some(at),
            _ => {}
        }
        at += 1;
    }
    Some(text.len())
}

/// The inside of a title: to its closing mark, or to the end of the text.
pub(super) fn title(text: &[char], mut at: usize, close: char) -> Option<usize> {
    while let Some(character) = text.get(at) {
        match character {
            '\\' if is_escapable(text, at + 1) => at += 1,
            _ if *character == close => return Some(at),
            '(' if close == ')' => return None,
            _ => {}
        }
        at += 1;
    }
    Some(text.len())
}

/// What closes a title that a character opens.
pub(super) fn closing(open: char) -> Option<char> {
    match open {
        '"' | '\'' => Some(open),
        '(' => Some(')'),
        _ => None,
    }
}

/// A reference to a character, `&amp;` or `&#38;`: its end, and what it stands for. An unknown name stands for itself.
pub(super) fn entity(text: &[char], start: usize) -> Option<(usize, String)> {
    let from = |at: usize, most: usize, is: fn(&char) -> bool| {
        let count = text[at..].iter().take(most + 1).take_while(|c| is(c)).count();
        (1..=most).contains(&count).then_some(at + count)
    };
    let is_end = |end: &usize| text.get(*end) == Some(&';');
    if *text.get(start + 1)? == '#' {
        let is_hexadecimal = matches!(text.get(start + 2)?, 'x' | 'X');
        let digits = start + if is_hexadecimal { 3 } else { 2 };
        if digits > text.len() {
            return None;
        }
        let end = if is_hexadecimal {
            from(digits, 6, char::is_ascii_hexdigit)
        } else {
            from(digits, 7, char::is_ascii_digit)
        };
        let end = end.filter(is_end)?;
        let number: String = text[digits..end].iter().collect();
        let code = u32::from_str_radix(&number, if is_hexadecimal { 16 } else { 10 }).ok()?;
        let character = char::from_u32(code).filter(|c| *c != '\0').unwrap_or('\u{fffd}');
        return Some((end + 1, character.to_string()));
    }
    if !text[start + 1].is_ascii_alphabetic() {
        return None;
    }
    let end = from(start + 1, 32, char::is_ascii_alphanumeric).filter(is_end)?;
    if end - start < 3 {
        return None;
    }
    let written: String = text[start..=end].iter().collect();
    let meant = match &written[1..written.len() - 1] {
        "NewLine" => Some("\n"),
        "Tab" => Some("\t"),
        name => table::find(ENTITIES, name),
    };
    Some((end + 1, meant.map_or(written, str::to_owned)))
}

/// Text without its backslashes before marks, and with the characters that it refers to.
pub(super) fn unescaped(text: &[char]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(&character) = text.get(at) {
        if character == '\\' && is_escapable(text, at + 1) {
            out.push(text[at + 1]);
            at += 2;
        } else if character == '&'
            && let Some((end, meant)) = entity(text, at)
        {
            out.push_str(&meant);
            at = end;
        } else {
            out.push(character);
            at += 1;
        }
    }
    out
}

/// A label as it is compared.
pub(super) fn normalized(label: &[char]) -> String {
    let label: String = label.iter().collect();
    let label = trimmed(&label).to_lowercase();
    let mut out = String::with_capacity(label.len());
    for character in label.chars() {
        if !matches!(character, ' ' | '\t' | '\r' | '\n') {
            out.push(character);
        } else if !out.ends_with(' ') {
            out.push(' ');
        }
    }
    out
}

/// `String.trim`
pub(super) fn trimmed(text: &str) -> &str {
    text.trim_matches(|c| c <= ' ')
}
