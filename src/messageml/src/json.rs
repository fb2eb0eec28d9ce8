//! JSON as the Agent's parser (Jackson) reads it: the first value of a text, what follows it ignored, and Jackson's
//! words for what is malformed.
//!
//! The texts are those of one reader for all: integers of any size, halves of surrogate pairs, 1000 levels. Only what it
//! refuses is walked a second time, to find Jackson's name for the fault.

mod fault;
mod read;

use serde::ser::{Serialize, SerializeMap as _, SerializeSeq as _, Serializer};
use serde_json::ser::Formatter;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::java;
use fault::fault;
pub(super) use fault::{Step, location, walk};
pub(super) use read::out_of_range;

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

/// The same with the numbers that were read as [`Numbers::Exact`], which are then made what a [`Value`] holds. `None` if there are
/// none.
pub(super) fn take_exact(object: &mut Map<String, Value>) -> Option<String> {
    if !holds_exact(object) {
        return None;
    }
    let mut out = Vec::new();
    let mut serializer = serde_json::Serializer::with_formatter(&mut out, Jackson);
    let written = Exact(object).serialize(&mut serializer).is_ok();
    object.values_mut().for_each(make_double);
    written.then(|| String::from_utf8(out).unwrap_or_default())
}

fn holds_exact(object: &Map<String, Value>) -> bool {
    fn holds(value: &Value) -> bool {
        match value {
            Value::Object(object) => out_of_range(object).is_some() || object.values().any(holds),
            Value::Array(items) => items.iter().any(holds),
            _ => false,
        }
    }
    object.values().any(holds)
}

fn make_double(value: &mut Value) {
    match value {
        Value::Object(object) => match out_of_range(object) {
            // Jackson prints the names as strings.
            Some(name) if name.ends_with("Infinity") => *value = name.into(),
            // Nothing has more than 1000 digits, but doubles end before.
            Some(digits) => {
                let double = digits.parse::<f64>().unwrap_or_default();
                *value = double.clamp(f64::MIN, f64::MAX).into();
            }
            None => object.values_mut().for_each(make_double),
        },
        Value::Array(items) => items.iter_mut().for_each(make_double),
        _ => {}
    }
}

/// An object with such numbers in it, to be written.
struct Exact<'v>(&'v Map<String, Value>);

/// A value in one.
struct ExactValue<'v>(&'v Value);

impl Serialize for Exact<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in self.0 {
            map.serialize_entry(name, &ExactValue(value))?;
        }
        map.end()
    }
}

impl Serialize for ExactValue<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Object(object) => match out_of_range(object) {
                Some(name) if name.ends_with("Infinity") => name.serialize(serializer),
                Some(digits) => RawValue::from_string(digits.to_owned())
                    .map_err(serde::ser::Error::custom)?
                    .serialize(serializer),
                None => Exact(object).serialize(serializer),
            },
            Value::Array(items) => {
                let mut list = serializer.serialize_seq(Some(items.len()))?;
                for item in items {
                    list.serialize_element(&ExactValue(item))?;
                }
                list.end()
            }
            other => other.serialize(serializer),
        }
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

/// What becomes of integers beyond 64 bits and of what is too large for a double, which a [`Value`] cannot hold.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Numbers {
    /// The nearest double that is one.
    Doubles,
    /// An object of its own kind, which [`out_of_range`] knows.
    Exact,
}

/// Reads the first value of `text`. The last of several equal keys wins, as in Jackson.
///
/// # Errors
///
/// Jackson's text with the place, without any prefix.
pub(super) fn first_value(text: &str, numbers: Numbers) -> Result<Value, String> {
    read::first_value(text, numbers).map_err(|refused| match refused {
        read::Fault::Limit(limit) => limit,
        // The walk finds whatever the reader does.
        read::Fault::Malformed => fault(text).unwrap_or_else(|| "Unexpected input".to_owned()),
    })
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
    match first_value(text, Numbers::Doubles).map_err(|_| ())? {
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
    let Value::Array(items) = first_value(text, Numbers::Doubles).map_err(|_| ())? else {
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
