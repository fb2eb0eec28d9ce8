//! JSON as the Agent's parser (Jackson) reads it: the first value of a text, what follows it ignored, and Jackson's
//! words for what is malformed.
//!
//! The texts are those of one reader for all: integers of any size, halves of surrogate pairs, 1000 levels. Only what it
//! refuses is walked a second time, to find Jackson's name for the fault.

mod fault;
mod read;
mod value;
mod write;

use serde_json::Value;

use fault::fault;
pub(super) use fault::{Step, location, walk};
pub(super) use value::{Json, Object};

/// Writes JSON as Jackson does, into about `expected` bytes.
pub(super) fn spelled(object: &Object<'_>, expected: usize) -> String {
    let mut out = String::with_capacity(expected);
    write::object(object, &mut out);
    out
}

/// Reads the first value of `text`. The last of several equal keys wins, as in Jackson.
///
/// # Errors
///
/// Jackson's text with the place, without any prefix.
pub(super) fn first_value(text: &str) -> Result<Json<'_>, String> {
    read::first_value(text).map_err(|refused| match refused {
        read::Fault::Limit(limit) => limit,
        // The walk finds whatever the reader does.
        read::Fault::Malformed => fault(text).unwrap_or_else(|| "Unexpected input".to_owned()),
    })
}

/// The same as a value that is to be changed.
pub(super) fn first_owned(text: &str) -> Result<Value, String> {
    first_value(text).map(Value::from)
}

/// How deep a text nests at most: brackets in strings count too.
pub(super) fn nesting(text: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    for byte in text.bytes() {
        match byte {
            b'{' | b'[' => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

/// The integers of an array of 64-bit integers, by Jackson's coercions: numbers in strings, fractions cut off, `null`
/// and the empty string as nothing. A bare `null` is no array but is accepted too, as `None`.
///
/// # Errors
///
/// When the text is anything else; the caller has its own words for that.
pub(super) fn integers(text: &str) -> Result<Option<Vec<Option<i64>>>, ()> {
    match first_owned(text).map_err(|_| ())? {
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
    let Value::Array(items) = first_owned(text).map_err(|_| ())? else {
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
