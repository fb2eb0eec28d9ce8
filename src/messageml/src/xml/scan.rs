//! The inside of tags and references, character by character.

use std::borrow::Cow;
use std::collections::HashSet;

use super::{Attribute, CUT_OFF};

/// How many attributes one element may have: the JDK's `elementAttributeLimit`.
const MAX_ATTRIBUTES: usize = 10_000;

/// Adds the attributes written in `source`, what follows the name of an element in its tag.
pub(super) fn attributes<'t>(
    element: &str,
    source: &'t str,
    attributes: &mut Vec<Attribute<'t>>,
) -> Result<(), String> {
    scan_attributes(element, source, Tag::Whole, attributes)
}

/// What is wrong with a tag that the end of the message cuts off: what stands there before the cut comes first.
pub(super) fn cut_off_attributes(element: &str, source: &str) -> String {
    let scanned = scan_attributes(element, source, Tag::CutOff, &mut Vec::new());
    scanned.err().unwrap_or_else(|| CUT_OFF.to_owned())
}

#[derive(Clone, Copy, PartialEq)]
enum Tag {
    Whole,
    /// What misses may have been cut off.
    CutOff,
}

/// How many attributes are compared with each other one by one: faster than a set, for those that real elements have.
const FEW: usize = 16;

fn scan_attributes<'t>(
    element: &str,
    source: &'t str,
    tag: Tag,
    attributes: &mut Vec<Attribute<'t>>,
) -> Result<(), String> {
    let missing = |rest: &str, fault: String| match (tag, rest) {
        (Tag::CutOff, "") => CUT_OFF.to_owned(),
        _ => fault,
    };
    let first = attributes.len();
    let mut seen = HashSet::new();
    let mut rest = source;
    loop {
        let trimmed = rest.trim_start_matches(is_space);
        if trimmed.is_empty() {
            return Ok(());
        }
        let name = &trimmed[..name_length(trimmed)];
        if name.is_empty() || trimmed.len() == rest.len() {
            return Err(missing(
                trimmed.strip_prefix('/').unwrap_or(trimmed),
                unterminated(element),
            ));
        }
        let count = attributes.len() - first;
        if count == MAX_ATTRIBUTES {
            return Err(format!(
                "JAXP00010002: The element \"{element}\" has more than \"{MAX_ATTRIBUTES}\" attributes, \
                 \"{MAX_ATTRIBUTES}\" is the limit imposed by the JDK."
            ));
        }
        let unnamed = trimmed[name.len()..].trim_start_matches(is_space);
        let Some(quoted) = unnamed.strip_prefix('=') else {
            let fault = format!(
                "Attribute name \"{name}\" associated with an element type \"{element}\" must be followed by the \
                 ' = ' character."
            );
            return Err(missing(unnamed, fault));
        };
        let quoted = quoted.trim_start_matches(is_space);
        let Some(quote) = quoted.chars().next().filter(|c| matches!(c, '"' | '\'')) else {
            // The two double spaces are the JDK's.
            let fault = format!(
                "Open quote is expected for attribute \"{name}\" associated with an  element type  \"{element}\"."
            );
            return Err(missing(quoted, fault));
        };
        let (value, after) = attribute_value(element, name, &quoted[1..], quote)?;
        if count == FEW {
            seen.extend(attributes[first..].iter().map(|attribute| attribute.name));
        }
        let is_known = match count < FEW {
            true => attributes[first..].iter().any(|attribute| attribute.name == name),
            false => !seen.insert(name),
        };
        if is_known {
            return Err(format!(
                "Attribute \"{name}\" was already specified for element \"{element}\"."
            ));
        }
        attributes.push(Attribute { name, value });
        rest = after;
    }
}

/// The value up to the closing quote, references resolved and blanks made spaces, and what follows the quote.
fn attribute_value<'s>(
    element: &str,
    name: &str,
    source: &'s str,
    quote: char,
) -> Result<(Cow<'s, str>, &'s str), String> {
    let needs_a_look = |byte| byte == quote as u8 || matches!(byte, b'<' | b'&' | 0xef | ..b' ');
    let plain = source.bytes().position(needs_a_look).unwrap_or(source.len());
    let (plain, mut rest) = source.split_at(plain);
    if let Some(after) = rest.strip_prefix(quote) {
        return Ok((Cow::Borrowed(plain), after));
    }
    let mut value = plain.to_owned();
    loop {
        let Some(character) = rest.chars().next() else {
            return Err(CUT_OFF.to_owned());
        };
        let after = &rest[character.len_utf8()..];
        rest = match character {
            _ if character == quote => return Ok((Cow::Owned(value), after)),
            '<' => {
                return Err(format!(
                    "The value of attribute \"{name}\" associated with an element type \"{element}\" must not \
                     contain the '<' character."
                ));
            }
            '&' => match after.split_once(';') {
                Some((reference, after)) => {
                    value.push(resolve(reference)?);
                    after
                }
                None if is_cut_off_reference(after) => return Err(CUT_OFF.to_owned()),
                None => return Err(broken_reference(after)),
            },
            '\t' | '\n' => {
                value.push(' ');
                after
            }
            _ if !is_xml_char(character) => {
                return Err(format!(
                    "An invalid XML character (Unicode: 0x{:x}) was found in the value of attribute \"{name}\" and \
                     element is \"{element}\".",
                    u32::from(character)
                ));
            }
            _ => {
                value.push(character);
                after
            }
        };
    }
}

/// The character that `&name;` stands for.
pub(super) fn resolve(name: &str) -> Result<char, String> {
    match name {
        "lt" => return Ok('<'),
        "gt" => return Ok('>'),
        "amp" => return Ok('&'),
        "quot" => return Ok('"'),
        "apos" => return Ok('\''),
        _ => {}
    }
    let Some(number) = name.strip_prefix('#') else {
        let length = name_length(name);
        if length < name.len() || name.is_empty() {
            return Err(broken_reference(name));
        }
        return Err(format!("The entity \"{name}\" was referenced, but not declared."));
    };
    let (digits, radix) = match number.strip_prefix('x') {
        Some(digits) => (digits, 16),
        None => (number, 10),
    };
    let length = digits.find(|c: char| !c.is_digit(radix)).unwrap_or(digits.len());
    if length == 0 {
        return Err(if radix == 16 {
            "A hexadecimal representation must immediately follow the \"&#x\" in a character reference."
        } else {
            "A decimal representation must immediately follow the \"&#\" in a character reference."
        }
        .to_owned());
    }
    if length < digits.len() {
        return Err("The character reference must end with the ';' delimiter.".to_owned());
    }
    u32::from_str_radix(digits, radix)
        .ok()
        .and_then(char::from_u32)
        .filter(|c| is_xml_char(*c))
        .ok_or_else(|| format!("Character reference \"&{name}\" is an invalid XML character."))
}

/// Whether `rest`, what follows an `&` up to the end of the message, could still become a reference.
pub(super) fn is_cut_off_reference(rest: &str) -> bool {
    match rest.strip_prefix('#') {
        Some(number) => {
            let digits = number.strip_prefix('x');
            digits
                .unwrap_or(number)
                .chars()
                .all(|c| c.is_digit(if digits.is_some() { 16 } else { 10 }))
        }
        None => name_length(rest) == rest.len(),
    }
}

/// What is wrong with a reference whose text after the `&` is `rest`.
pub(super) fn broken_reference(rest: &str) -> String {
    if let Some(number) = rest.strip_prefix('#') {
        let digits = number.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(number.len());
        let end = digits + 1;
        return match resolve(&rest[..end]) {
            Err(message) if !message.starts_with("Character reference") => message,
            _ => "The character reference must end with the ';' delimiter.".to_owned(),
        };
    }
    match &rest[..name_length(rest)] {
        "" => "The entity name must immediately follow the '&' in the entity reference.".to_owned(),
        name => format!("The reference to entity \"{name}\" must end with the ';' delimiter."),
    }
}

pub(super) fn unterminated(element: &str) -> String {
    format!(
        "Element type \"{element}\" must be followed by either attribute specifications, \">\" or \"/>\"."
    )
}

pub(super) fn invalid_char(text: &str) -> Option<u32> {
    text.chars().find(|c| !is_xml_char(*c)).map(u32::from)
}

/// Length in bytes of the XML name that `text` begins with; 0 when it begins with none.
pub(super) fn name_length(text: &str) -> usize {
    // Most names are ASCII.
    let ascii = text.bytes().position(|byte| !byte.is_ascii_alphanumeric()).unwrap_or(text.len());
    let ends = matches!(text.as_bytes().get(ascii), None | Some(b' ' | b'=' | b'/' | b'>'));
    if ends && text.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return ascii;
    }
    if !text.starts_with(is_name_start) {
        return 0;
    }
    text.find(|c| !is_name_char(c)).unwrap_or(text.len())
}

pub(super) fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r')
}

pub(super) fn is_xml_char(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{fffd}' | '\u{10000}'..='\u{10ffff}')
}

pub(super) fn is_name_start(c: char) -> bool {
    matches!(c, ':' | '_' | 'a'..='z' | 'A'..='Z'
        | '\u{c0}'..='\u{d6}' | '\u{d8}'..='\u{f6}' | '\u{f8}'..='\u{2ff}' | '\u{370}'..='\u{37d}'
        | '\u{37f}'..='\u{1fff}' | '\u{200c}'..='\u{200d}' | '\u{2070}'..='\u{218f}' | '\u{2c00}'..='\u{2fef}'
        | '\u{3001}'..='\u{d7ff}' | '\u{f900}'..='\u{fdcf}' | '\u{fdf0}'..='\u{fffd}'
        | '\u{10000}'..='\u{effff}')
}

fn is_name_char(c: char) -> bool {
    is_name_start(c)
        || matches!(c, '-' | '.' | '0'..='9' | '\u{b7}' | '\u{300}'..='\u{36f}' | '\u{203f}'..='\u{2040}')
}
