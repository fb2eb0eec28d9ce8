//! JSON as the Agent's parser (Jackson) reads it: the first value of a text, what follows it ignored, and Jackson's
//! words for what is malformed.
//!
//! `serde_json` does the reading. Only when it refuses a text is the text walked a second time, without recursion, to
//! find Jackson's name for the fault.

use serde_json::Value;

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

fn integer(item: &Value) -> Result<Option<i64>, ()> {
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
    let before = &text[..at];
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().encode_utf16().count() + 1;
    format!("[Source: (String){}; line: {line}, column: {column}]", quoted(text))
}

fn quoted(text: &str) -> String {
    let mut units = 0;
    let cut = text.char_indices().find(|(_, character)| {
        units += character.len_utf16();
        units > QUOTED
    });
    match cut {
        None => format!("\"{text}\""),
        Some((at, _)) => {
            format!("\"{}\"[truncated {} chars]", &text[..at], text[at..].encode_utf16().count())
        }
    }
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
        while bytes.get(at).is_some_and(u8::is_ascii_whitespace) {
            at += 1;
        }
        let Some(character) = text[at..].chars().next() else {
            let (marker, start) = open.last()?;
            let kind = if *marker == b'{' { "Object" } else { "Array" };
            return Some(format!(
                "Unexpected end-of-input: expected close marker for {kind} (start marker at {})\n at {}",
                location(text, *start),
                location(text, at)
            ));
        };
        let unexpected = |expectation: &str| {
            let code = u32::from(character);
            Some(format!(
                "Unexpected character ('{character}' (code {code})): {expectation}\n at {}",
                location(text, at + character.len_utf8())
            ))
        };
        expect = match (expect, character) {
            (Expect::FirstName, '}') | (Expect::FirstItem, ']') => {
                open.pop();
                Expect::Separator
            }
            (Expect::FirstName | Expect::Name, '"') => {
                at = match string_end(text, at) {
                    Ok(end) => end,
                    Err(fault) => return Some(fault),
                };
                expect = Expect::Colon;
                continue;
            }
            (Expect::FirstName | Expect::Name, _) => {
                return unexpected("was expecting double-quote to start field name");
            }
            (Expect::Colon, ':') => Expect::Value,
            (Expect::Colon, _) => {
                return unexpected("was expecting a colon to separate field name and value");
            }
            (Expect::Separator, ',') => match open.last()?.0 {
                b'{' => Expect::Name,
                _ => Expect::Value,
            },
            (Expect::Separator, '}' | ']') => {
                let (marker, start) = open.pop()?;
                if (marker == b'{') != (character == '}') {
                    let (wanted, kind) =
                        if marker == b'{' { ('}', "Object") } else { (']', "Array") };
                    return Some(format!(
                        "Unexpected close marker '{character}': expected '{wanted}' (for {kind} starting at {})\n \
                         at {}",
                        location(text, start),
                        location(text, at + 1)
                    ));
                }
                Expect::Separator
            }
            (Expect::Separator, _) => {
                let kind = if open.last()?.0 == b'{' { "Object" } else { "Array" };
                return unexpected(&format!("was expecting comma to separate {kind} entries"));
            }
            (_, '{') => {
                open.push((b'{', at));
                Expect::FirstName
            }
            (_, '[') => {
                open.push((b'[', at));
                Expect::FirstItem
            }
            (_, '"') => {
                at = match string_end(text, at) {
                    Ok(end) => end,
                    Err(fault) => return Some(fault),
                };
                expect = Expect::Separator;
                continue;
            }
            (_, '-' | '0'..='9') => {
                let end = text[at..]
                    .find(|c: char| !matches!(c, '-' | '+' | '.' | 'e' | 'E' | '0'..='9'))
                    .map_or(text.len(), |length| at + length);
                if serde_json::from_str::<serde_json::Number>(&text[at..end]).is_err() {
                    return Some(format!(
                        "Invalid numeric value: {}\n at {}",
                        &text[at..end],
                        location(text, end)
                    ));
                }
                at = end;
                expect = Expect::Separator;
                continue;
            }
            (_, 'a'..='z' | 'A'..='Z' | '_' | '$') => {
                let end = text[at..]
                    .find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '$')))
                    .map_or(text.len(), |length| at + length);
                let token = &text[at..end];
                if !matches!(token, "true" | "false" | "null") {
                    return Some(format!(
                        "Unrecognized token '{token}': was expecting {VALUE_EXPECTED}\n at {}",
                        location(text, end)
                    ));
                }
                at = end;
                expect = Expect::Separator;
                continue;
            }
            (_, _) => return unexpected(&format!("expected a valid value {VALUE_EXPECTED}")),
        };
        at += character.len_utf8();
        if open.is_empty() && expect == Expect::Separator {
            return None;
        }
    }
}

/// The byte after the string that starts at `start`.
fn string_end(text: &str, start: usize) -> Result<usize, String> {
    let mut escaped = false;
    for (offset, character) in text[start + 1..].char_indices() {
        let at = start + 1 + offset;
        let end = at + character.len_utf8();
        if escaped {
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
                    location(text, end)
                ));
            }
            _ => {}
        }
    }
    Err(format!(
        "Unexpected end-of-input: was expecting closing quote for a string value\n at {}",
        location(text, text.len())
    ))
}
