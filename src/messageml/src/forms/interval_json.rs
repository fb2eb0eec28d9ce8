//! What Jackson says of a list of intervals that it cannot read: which value does not fit, and where.

use super::super::json::{self, Step};

/// The class that an interval is read as, and its fields in the order in which Jackson names them.
#[derive(Clone, Copy)]
pub(super) struct Class {
    pub name: &'static str,
    pub fields: &'static [&'static str],
}

/// The field that holds numbers.
const DAYS: &str = "daysOfWeek";

/// What is wrong with a list, if anything is.
pub(super) fn fault(text: &str, class: Class) -> Option<String> {
    let walk = json::walk(text);
    for seen in &walk.seen {
        let value = &text[seen.start..];
        let at_end = |what: String| (what, seen.token_end);
        let at_start = |what: String| (what, seen.start);
        let found = match seen.path.as_slice() {
            [] if !value.starts_with('[') => Some(at_start(no_array(value, class.name))),
            [Step::Item(_)] => no_interval(value, class.name).map(at_start),
            [Step::Item(_), Step::Field(name)] if !class.fields.contains(&name.as_str()) => {
                Some(at_end(unrecognized(name, class)))
            }
            [Step::Item(_), Step::Field(name)] if name == DAYS => {
                let fits = value.starts_with('[') || value.starts_with("null");
                (!fits).then(|| at_start(no_array(value, "java.lang.Integer")))
            }
            [Step::Item(_), Step::Field(_)] => {
                value.starts_with(['[', '{']).then(|| at_start(mismatch("java.lang.String", value)))
            }
            [Step::Item(_), Step::Field(name), Step::Item(_)] if name == DAYS => {
                let token = &text[seen.start..seen.token_end];
                match token.starts_with(|c: char| c == '-' || c.is_ascii_digit()) {
                    true => out_of_range(token).map(at_end),
                    false => no_integer(value).map(at_start),
                }
            }
            _ => None,
        };
        if let Some((what, at)) = found {
            let place = json::location(text, at);
            return Some(format!("{what}\n at {place}{}", chain(&seen.path, class.name)));
        }
    }
    walk.fault.map(|(what, path)| format!("{what}{}", chain(&path, class.name)))
}

/// The way from the list to what does not fit.
fn chain(path: &[Step], class: &str) -> String {
    if path.is_empty() {
        return String::new();
    }
    let steps: Vec<String> = path
        .iter()
        .map(|step| match step {
            Step::Item(index) => format!("java.lang.Object[][{index}]"),
            Step::Field(name) => format!("{class}[\"{name}\"]"),
        })
        .collect();
    format!(" (through reference chain: {})", steps.join("->"))
}

/// A field that an interval does not have. The misplaced bracket is Jackson's.
fn unrecognized(field: &str, class: Class) -> String {
    let known: Vec<String> = class.fields.iter().map(|field| format!("\"{field}\"")).collect();
    format!(
        "Unrecognized field \"{field}\" (class {}), not marked as ignorable ({} known properties: {}])",
        class.name,
        known.len(),
        known.join(", ")
    )
}

/// A value where an array of `of` should be.
fn no_array(value: &str, of: &str) -> String {
    match string_of(value) {
        Some(text) if text.trim().is_empty() => format!(
            "Cannot coerce empty String (\"\") to element of `{of}[]` (but could if coercion was enabled using \
             `CoercionConfig`)"
        ),
        Some(text) => format!(
            "Cannot construct instance of `{of}[]`: no String-argument constructor/factory method to deserialize from \
             String value ('{text}')"
        ),
        None => mismatch(&format!("[L{of};"), value),
    }
}

/// A value where an interval should be, if it is none.
fn no_interval(value: &str, class: &str) -> Option<String> {
    let (argument, kind) = match value.chars().next()? {
        '{' => return None,
        '"' => {
            let text = string_of(value)?;
            if text.trim().is_empty() {
                return Some(format!(
                    "Cannot coerce empty String (\"\") to `{class}` value (but could if coercion was enabled using \
                     `CoercionConfig`)"
                ));
            }
            ("String", format!("String value ('{text}')"))
        }
        't' => ("boolean/Boolean", "boolean value (true)".to_owned()),
        'f' => ("boolean/Boolean", "boolean value (false)".to_owned()),
        '-' | '0'..='9' => {
            let number = number_of(value);
            let whole = !number.contains(['.', 'e', 'E']);
            (if whole { "int/Int" } else { "double/Double" }, format!("Number value ({number})"))
        }
        _ => return Some(mismatch(class, value)),
    };
    Some(format!(
        "Cannot construct instance of `{class}` (although at least one Creator exists): no {argument}-argument \
         constructor/factory method to deserialize from {kind}"
    ))
}

fn no_integer(value: &str) -> Option<String> {
    const INTEGER: &str = "java.lang.Integer";
    match string_of(value) {
        // Nothing at all is no day of a week either.
        Some(text) if text.trim().parse::<i32>().is_ok() => None,
        Some(text) => Some(format!(
            "Cannot deserialize value of type `{INTEGER}` from String \"{text}\": not a valid `{INTEGER}` value"
        )),
        None => Some(mismatch(INTEGER, value)),
    }
}

fn out_of_range(number: &str) -> Option<String> {
    let value: f64 = number.parse().ok()?;
    let fits = value > f64::from(i32::MIN) - 1.0 && value < f64::from(i32::MAX) + 1.0;
    (!fits).then(|| {
        format!("Numeric value ({number}) out of range of int ({} - {})", i32::MIN, i32::MAX)
    })
}

/// A value of another kind than a type has.
fn mismatch(wanted: &str, value: &str) -> String {
    let (kind, token) = match value.chars().next() {
        Some('{') => ("Object value", "START_OBJECT"),
        Some('[') => ("Array value", "START_ARRAY"),
        Some('t') => ("Boolean value", "VALUE_TRUE"),
        Some('f') => ("Boolean value", "VALUE_FALSE"),
        Some('n') => ("Null value", "VALUE_NULL"),
        _ if number_of(value).contains(['.', 'e', 'E']) => {
            ("Floating-point value", "VALUE_NUMBER_FLOAT")
        }
        _ => ("Integer value", "VALUE_NUMBER_INT"),
    };
    format!("Cannot deserialize value of type `{wanted}` from {kind} (token `JsonToken.{token}`)")
}

/// The number that `value` begins with, as it is written.
fn number_of(value: &str) -> &str {
    let end = value.find(|c: char| !c.is_ascii_digit() && !"+-.eE".contains(c));
    &value[..end.unwrap_or(value.len())]
}

/// The string that `value` begins with.
fn string_of(value: &str) -> Option<String> {
    if !value.starts_with('"') {
        return None;
    }
    json::first_value(value).ok()?.as_str().map(str::to_owned)
}
