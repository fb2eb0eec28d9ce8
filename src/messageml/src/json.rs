//! JSON as the Agent's parser (Jackson) reads it: the first value of a text, what follows it ignored, and Jackson's
//! words for what is malformed.
//!
//! `serde_json` does the reading. Only when it refuses a text is the text walked a second time, without recursion, to
//! find Jackson's name for the fault.

use std::borrow::Cow;

use serde::Serialize as _;
use serde_json::ser::Formatter;
use serde_json::{Map, Value};

use super::java;

/// Writes JSON as Jackson does.
pub(super) fn spelled(object: &Map<String, Value>) -> String {
    let mut out = Vec::new();
    let mut serializer = serde_json::Serializer::with_formatter(&mut out, Jackson);
    // Neither a map with texts as keys nor memory refuses to be written.
    match object.serialize(&mut serializer) {
        Ok(()) => String::from_utf8(out).unwrap_or_default(),
        Err(_) => String::new(),
    }
}

struct Jackson;

impl Formatter for Jackson {
    fn write_f64<W: ?Sized + std::io::Write>(
        &mut self,
        writer: &mut W,
        value: f64,
    ) -> std::io::Result<()> {
        writer.write_all(java::double(value).as_bytes())
    }
}

/// How much of a text Jackson quotes in an error, in UTF-16 units.
const QUOTED: usize = 500;

/// Reads the first value of `text`. The last of several equal keys wins, as in Jackson.
///
/// Nesting beyond 128 levels is refused here and read by Jackson: recursion needs a bound.
///
/// # Errors
///
/// Jackson's text with the place, without any prefix.
pub(super) fn first_value(text: &str) -> Result<Value, String> {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<Value>();
    match values.next() {
        Some(Ok(value)) => Ok(value),
        Some(Err(error)) => Err(fault(text).unwrap_or_else(|| error.to_string())),
        None => Err(format!(
            "No content to map due to end-of-input\n at {}",
            location(text, text.len())
        )),
    }
}

/// The integers of an array of 64-bit integers, by Jackson's coercions: numbers in strings, fractions cut off, `null`
/// and the empty string as nothing. A bare `null` is no array but is accepted too, as `None`.
///
/// # Errors
///
/// When the text is anything else; the caller has its own words for that.
pub(super) fn integers(text: &str) -> Result<Option<Vec<Option<i64>>>, ()> {
    match first_value(text).map_err(|_| ())? {
        Value::Null => Ok(None),
        Value::Array(items) => items.iter().map(integer).collect::<Result<_, ()>>().map(Some),
        _ => Err(()),
    }
}

/// The same of one item.
pub(super) fn integer(item: &Value) -> Result<Option<i64>, ()> {
    match item {
        Value::Null => Ok(None),
        Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(integer), _) => Ok(Some(integer)),
            // 2^63 is the first double outside; the cast cuts the fraction off.
            (None, Some(float)) if number.is_f64() && float.abs() < 9_223_372_036_854_775_808.0 =>
            {
                #[expect(
                    clippy::cast_possible_truncation,
                    reason = "the range was checked, the cut is Jackson's"
                )]
                Ok(Some(float as i64))
            }
            _ => Err(()),
        },
        Value::String(text) => match text.trim() {
            "" => Ok(None),
            text => text.parse().map(Some).map_err(|_| ()),
        },
        Value::Bool(_) | Value::Array(_) | Value::Object(_) => Err(()),
    }
}

/// The strings of an array of strings, by Jackson's coercions: numbers, booleans and `null` count as strings.
///
/// # Errors
///
/// When the text is no array or holds an array or object.
pub(super) fn strings(text: &str) -> Result<Vec<Option<String>>, ()> {
    let Value::Array(items) = first_value(text).map_err(|_| ())? else {
        return Err(());
    };
    items
        .into_iter()
        .map(|item| match item {
            Value::Null => Ok(None),
            Value::String(text) => Ok(Some(text)),
            Value::Number(_) | Value::Bool(_) => Ok(Some(item.to_string())),
            Value::Array(_) | Value::Object(_) => Err(()),
        })
        .collect()
}

/// Rewrites strings in single quotes as strings in double quotes.
pub(super) fn with_double_quotes(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut quote = None;
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match (quote, character) {
            (None, '"' | '\'') => {
                quote = Some(character);
                out.push('"');
            }
            (Some(open), _) if open == character => {
                quote = None;
                out.push('"');
            }
            (Some('\''), '"') => out.push_str("\\\""),
            (Some(_), '\\') => match characters.next() {
                Some('\'') => out.push('\''),
                escaped => {
                    out.push('\\');
                    out.extend(escaped);
                }
            },
            _ => out.push(character),
        }
    }
    out
}

/// Where in `text` a fault at the byte `at` lies, as Jackson writes it.
pub(super) fn location(text: &str, at: usize) -> String {
    located(text, at, 0)
}

/// The same `columns` further on in the line.
fn located(text: &str, at: usize, columns: usize) -> String {
    let before = &text[..at];
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().encode_utf16().count() + 1;
    format!("[Source: (String){}; line: {line}, column: {}]", quoted(text), column + columns)
}

/// The byte after a field's value, if that is a number or a literal; after the first byte of any other.
pub(super) fn value_of(text: &str, field: &str) -> Option<usize> {
    let name = format!("\"{field}\"");
    let after = text.find(&name)? + name.len();
    let value = after + text[after..].find(|c: char| c != ':' && !c.is_ascii_whitespace())?;
    let length = text[value..].find(|c: char| !c.is_ascii_alphanumeric() && !"+-.".contains(c));
    Some(value + length.unwrap_or(text.len() - value).max(1))
}

fn quoted(text: &str) -> String {
    let mut units = 0;
    let cut = text.char_indices().find(|(_, character)| {
        units += character.len_utf16();
        units > QUOTED
    });
    match cut {
        None => format!("\"{}\"", visible(text)),
        Some((at, _)) => {
            let left = text[at..].encode_utf16().count();
            format!("\"{}\"[truncated {left} chars]", visible(&text[..at]))
        }
    }
}

/// The text with its control characters spelled out, line ends apart.
fn visible(text: &str) -> Cow<'_, str> {
    let is_hidden = |c: char| c.is_control() && c != '\n' && c != '\r';
    if !text.contains(is_hidden) {
        return Cow::Borrowed(text);
    }
    let spelled = |c: char| match is_hidden(c) {
        true => format!("\\u{:04x}", u32::from(c)),
        false => c.to_string(),
    };
    Cow::Owned(text.chars().map(spelled).collect())
}

const VALUE_EXPECTED: &str =
    "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')";

/// What comes next while a text is walked.
#[derive(Clone, Copy, PartialEq)]
enum Expect {
    Value,
    /// A value or, right after `[`, the end of the array.
    FirstItem,
    /// A field name or, right after `{`, the end of the object.
    FirstName,
    Name,
    Colon,
    /// A comma or the end of what is open.
    Separator,
}

/// The first fault of a malformed text, in Jackson's words. `None` when the walk finds none.
fn fault(text: &str) -> Option<String> {
    let mut open: Vec<(u8, usize)> = Vec::new();
    let mut expect = Expect::Value;
    let mut at = 0;
    let bytes = text.as_bytes();
    loop {
        while bytes.get(at).is_some_and(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r')) {
            at += 1;
        }
        let Some(character) = text[at..].chars().next() else {
            let (marker, start) = open.last()?;
            let kind = kind_of(*marker);
            let end = location(text, at);
            return Some(match expect {
                Expect::Value | Expect::Name | Expect::Colon => {
                    format!("Unexpected end-of-input within/between {kind} entries\n at {end}")
                }
                _ => format!(
                    "Unexpected end-of-input: expected close marker for {kind} (start marker at {})\n at {end}",
                    location(text, *start)
                ),
            });
        };
        let unexpected = |expectation: &str| Some(unexpected(text, at, 1, expectation));
        let next = match (expect, character) {
            (_, '\0'..='\x1f') => return Some(illegal(text, at, character)),
            (_, '/') => {
                return unexpected(
                    ": maybe a (non-standard) comment? (not recognized as one since Feature 'ALLOW_COMMENTS' not \
                     enabled for parser)",
                );
            }
            (Expect::FirstName | Expect::FirstItem | Expect::Separator, '}' | ']') => {
                let (marker, start) = open.pop()?;
                if (marker == b'{') != (character == '}') {
                    let wanted = if marker == b'{' { '}' } else { ']' };
                    return Some(format!(
                        "Unexpected close marker '{character}': expected '{wanted}' (for {} starting at {})\n at {}",
                        kind_of(marker),
                        location(text, start),
                        location(text, at + 1)
                    ));
                }
                Ok((at + 1, Expect::Separator))
            }
            (Expect::FirstName | Expect::Name, '"') => {
                string_end(text, at).map(|end| (end, Expect::Colon))
            }
            (Expect::FirstName | Expect::Name, _) => {
                return unexpected(": was expecting double-quote to start field name");
            }
            (Expect::Colon, ':') => Ok((at + 1, Expect::Value)),
            (Expect::Colon, _) => {
                return unexpected(": was expecting a colon to separate field name and value");
            }
            (Expect::Separator, ',') => {
                let name_follows = open.last()?.0 == b'{';
                Ok((at + 1, if name_follows { Expect::Name } else { Expect::Value }))
            }
            (Expect::Separator, _) => {
                let kind = kind_of(open.last()?.0);
                return unexpected(&format!(": was expecting comma to separate {kind} entries"));
            }
            (_, '{') => {
                open.push((b'{', at));
                Ok((at + 1, Expect::FirstName))
            }
            (_, '[') => {
                open.push((b'[', at));
                Ok((at + 1, Expect::FirstItem))
            }
            (_, '"') => string_end(text, at).map(|end| (end, Expect::Separator)),
            (_, '-' | '+' | '0'..='9') => number_end(text, at).map(|end| (end, Expect::Separator)),
            (_, first) if is_token(first) => {
                token_end(text, at).map(|end| (end, Expect::Separator))
            }
            _ => return unexpected(&format!(": expected a valid value {VALUE_EXPECTED}")),
        };
        (at, expect) = match next {
            Ok(next) => next,
            Err(fault) => return Some(fault),
        };
        if open.is_empty() && expect == Expect::Separator {
            return None;
        }
    }
}

fn kind_of(marker: u8) -> &'static str {
    if marker == b'{' { "Object" } else { "Array" }
}

/// A character that cannot stand at `at`; Jackson says that it is `columns` further on.
fn unexpected(text: &str, at: usize, columns: usize, why: &str) -> String {
    unexpected_at(text, at, &located(text, at, columns), why)
}

/// The same at a place that Jackson finds elsewhere.
fn unexpected_at(text: &str, at: usize, place: &str, why: &str) -> String {
    let character = text[at..].chars().next().unwrap_or_default();
    let code = u32::from(character);
    let code = if code > 255 { format!("{code} / 0x{code:x}") } else { code.to_string() };
    format!("Unexpected character ('{character}' (code {code})){why}\n at {place}")
}

fn illegal(text: &str, at: usize, character: char) -> String {
    format!(
        "Illegal character ((CTRL-CHAR, code {})): only regular white space (\\r, \\n, \\t) is allowed between \
         tokens\n at {}",
        u32::from(character),
        located(text, at, 1)
    )
}

fn is_token(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '$')
}

/// The byte after `true`, `false` or `null`, which alone may be written without quotes.
fn token_end(text: &str, start: usize) -> Result<usize, String> {
    let signed = usize::from(text[start..].starts_with(['-', '+']));
    let length = text[start + signed..].find(|c| !is_token(c));
    let end = length.map_or(text.len(), |length| start + signed + length);
    let token = &text[start..end];
    let place = location(text, end);
    match token {
        "true" | "false" | "null" => Ok(end),
        "NaN" | "Infinity" | "-Infinity" | "+Infinity" => Err(format!(
            "Non-standard token '{token}': enable `JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS` to allow\n at {place}"
        )),
        _ => Err(format!(
            "Unrecognized token '{token}': was expecting {VALUE_EXPECTED}\n at {place}"
        )),
    }
}

/// The byte after the number that starts at `start`.
fn number_end(text: &str, start: usize) -> Result<usize, String> {
    let digits = |from: usize| {
        text[from..].find(|c: char| !c.is_ascii_digit()).map_or(text.len(), |length| from + length)
    };
    let sign = text[start..].starts_with(['-', '+']);
    let first = start + usize::from(sign);
    let is_negative = text[start..].starts_with('-');
    if sign && text[first..].starts_with('I') {
        return token_end(text, start);
    }
    if sign && !is_negative {
        return Err(unexpected(
            text,
            start,
            2,
            " in numeric value: JSON spec does not allow numbers to have plus signs: enable \
             `JsonReadFeature.ALLOW_LEADING_PLUS_SIGN_FOR_NUMBERS` to allow",
        ));
    }
    let cut_off = || {
        let place = location(text, text.len());
        format!("Unexpected end-of-input in a Number value\n at {place}")
    };
    let mut end = digits(first);
    if end == first {
        if end == text.len() {
            return Err(cut_off());
        }
        let why =
            " in numeric value: expected digit (0-9) to follow minus sign, for valid numeric value";
        return Err(unexpected(text, end, 1, why));
    }
    if end > first + 1 && text[first..].starts_with('0') {
        let place = location(text, first + 1);
        return Err(format!("Invalid numeric value: Leading zeroes not allowed\n at {place}"));
    }
    let part = |end: usize, signed: bool, what: &str| {
        let digit = end + usize::from(signed);
        match digits(digit) {
            after if after > digit => Ok(after),
            after if after == text.len() => Err(cut_off()),
            after => {
                let why = format!(" in numeric value: {what} not followed by a digit");
                // The place does not count a sign.
                Err(unexpected_at(text, after, &location(text, end), &why))
            }
        }
    };
    if text[end..].starts_with('.') {
        end = part(end + 1, false, "Decimal point")?;
    }
    if text[end..].starts_with(['e', 'E']) {
        let signed = text[end + 1..].starts_with(['-', '+']);
        end = part(end + 1, signed, "Exponent indicator")?;
    }
    Ok(end)
}

/// The byte after the string that starts at `start`.
fn string_end(text: &str, start: usize) -> Result<usize, String> {
    let (mut escaped, mut hex) = (false, 0);
    for (offset, character) in text[start + 1..].char_indices() {
        let at = start + 1 + offset;
        let end = at + character.len_utf8();
        if hex > 0 {
            if !character.is_ascii_hexdigit() {
                let why = ": expected a hex-digit for character escape sequence";
                return Err(unexpected(text, at, 1, why));
            }
            hex -= 1;
            continue;
        }
        if escaped {
            hex = if character == 'u' { 4 } else { 0 };
            if !matches!(character, '"' | '\\' | '/' | 'b' | 'f' | 'n' | 'r' | 't' | 'u') {
                return Err(format!(
                    "Unrecognized character escape '{character}' (code {})\n at {}",
                    u32::from(character),
                    location(text, end)
                ));
            }
            escaped = false;
            continue;
        }
        match character {
            '\\' => escaped = true,
            '"' => return Ok(end),
            '\0'..='\x1f' => {
                return Err(format!(
                    "Illegal unquoted character ((CTRL-CHAR, code {})): has to be escaped using backslash to be \
                     included in string value\n at {}",
                    u32::from(character),
                    located(text, at, 1)
                ));
            }
            _ => {}
        }
    }
    let place = location(text, text.len());
    Err(match escaped || hex > 0 {
        true => format!("Unexpected end-of-input in character escape sequence\n at {place}"),
        false => format!(
            "Unexpected end-of-input: was expecting closing quote for a string value\n at {place}"
        ),
    })
}
