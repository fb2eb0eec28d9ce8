//! Writing JSON as Jackson does.

use super::super::java;
use super::read::IS_END_OF_PLAIN;
use super::{Json, Object};

pub(super) fn object(object: &Object<'_>, out: &mut String) {
    out.push('{');
    for (index, (name, value)) in object.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        string(name, out);
        out.push(':');
        json(value, out);
    }
    out.push('}');
}

fn json(value: &Json<'_>, out: &mut String) {
    match value {
        Json::Null => out.push_str("null"),
        Json::Bool(boolean) => out.push_str(if *boolean { "true" } else { "false" }),
        Json::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(integer), _) => java::push_integer(out, integer),
            (None, Some(float)) if number.is_f64() => out.push_str(&java::double(float)),
            _ => out.push_str(&number.to_string()),
        },
        // The names as strings.
        Json::Huge(name) if name.ends_with("Infinity") => string(name, out),
        Json::Huge(digits) => out.push_str(digits),
        Json::Text(text) => string(text, out),
        Json::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                json(item, out);
            }
            out.push(']');
        }
        Json::Object(inner) => object(inner, out),
    }
}

fn string(text: &str, out: &mut String) {
    out.push('"');
    let mut rest = text;
    while let Some(at) = rest.bytes().position(|byte| IS_END_OF_PLAIN[usize::from(byte)]) {
        out.push_str(&rest[..at]);
        match rest.as_bytes()[at] {
            b'"' => out.push_str("\\\""),
            b'\\' => out.push_str("\\\\"),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            0x8 => out.push_str("\\b"),
            0xc => out.push_str("\\f"),
            control => out.push_str(&format!("\\u{control:04X}")),
        }
        rest = &rest[at + 1..];
    }
    out.push_str(rest);
    out.push('"');
}
