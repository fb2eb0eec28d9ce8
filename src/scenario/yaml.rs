//! Writes JSON values as YAML that people like to read.

use std::fmt::Write;

use serde_json::{Map, Value};

/// The value as a YAML document in block style.
pub fn to_yaml(value: &Value) -> String {
    let mut text = String::new();
    match value {
        Value::Object(object) if !object.is_empty() => fields(&mut text, object, 0),
        Value::Array(array) if !array.is_empty() => items(&mut text, array, 0),
        other => {
            scalar(&mut text, other, 0);
            text.push('\n');
        }
    }
    text
}

fn fields(text: &mut String, object: &Map<String, Value>, depth: usize) {
    for (n, (key, value)) in object.iter().enumerate() {
        // The first field of an item of a list stands behind its dash.
        if n > 0 || !text.ends_with("- ") {
            indent(text, depth);
        }
        plain_or_quoted(text, key);
        text.push(':');
        nested(text, value, depth);
    }
}

fn items(text: &mut String, array: &[Value], depth: usize) {
    for item in array {
        indent(text, depth);
        text.push_str("- ");
        match item {
            Value::Object(object) if !object.is_empty() => fields(text, object, depth + 1),
            other => {
                scalar(text, other, depth + 1);
                text.push('\n');
            }
        }
    }
}

/// A value behind its key.
fn nested(text: &mut String, value: &Value, depth: usize) {
    match value {
        Value::Object(object) if !object.is_empty() => {
            text.push('\n');
            fields(text, object, depth + 1);
        }
        Value::Array(array) if array.iter().any(|item| item.is_object() || item.is_array()) => {
            text.push('\n');
            items(text, array, depth + 1);
        }
        other => {
            text.push(' ');
            scalar(text, other, depth + 1);
            text.push('\n');
        }
    }
}

/// What fits on a line, or is a block of text.
fn scalar(text: &mut String, value: &Value, depth: usize) {
    match value {
        Value::String(string) if is_block(string) => {
            text.push_str(if string.ends_with('\n') { "|" } else { "|-" });
            for line in string.lines() {
                text.push('\n');
                if !line.is_empty() {
                    indent(text, depth);
                    text.push_str(line);
                }
            }
        }
        Value::String(string) => plain_or_quoted(text, string),
        // Flow style, in which JSON is YAML.
        other => flow(text, other),
    }
}

fn plain_or_quoted(text: &mut String, string: &str) {
    match is_plain(string) {
        true => text.push_str(string),
        false => flow(text, &Value::from(string)),
    }
}

/// Writes JSON, but for the characters that stand as they are in JSON and may not in YAML. They are
/// in its texts, where both know the same escapes.
fn flow(text: &mut String, value: &Value) {
    for c in value.to_string().chars() {
        match c {
            '\u{7f}'..='\u{9f}'
            | '\u{2028}'
            | '\u{2029}'
            | '\u{feff}'
            | '\u{fffe}'
            | '\u{ffff}' => {
                // Writing into a text does not fail.
                let _ = write!(text, "\\u{:04x}", u32::from(c));
            }
            other => text.push(other),
        }
    }
}

/// Whether it is read as itself without quotes: far fewer texts than YAML would let through.
fn is_plain(string: &str) -> bool {
    const WORDS: [&str; 9] = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"];
    let is_inner = |c: char| c.is_ascii_alphanumeric() || " _-./@".contains(c);
    string.starts_with(|c: char| c.is_ascii_alphabetic())
        && string.chars().all(is_inner)
        && !string.ends_with(' ')
        && !WORDS.contains(&string.to_ascii_lowercase().as_str())
}

/// Whether a text of several lines can stand as it is.
fn is_block(string: &str) -> bool {
    let is_good =
        |c: char| c == '\n' || !c.is_control() && !"\u{85}\u{2028}\u{2029}\u{feff}".contains(c);
    string.trim_end_matches('\n').contains('\n')
        && string.chars().all(is_good)
        && !string.starts_with([' ', '\n'])
        && !string.ends_with("\n\n")
        && string.lines().all(|line| !line.ends_with(' '))
}

fn indent(text: &mut String, depth: usize) {
    for _ in 0..depth {
        text.push_str("  ");
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn it_reads_like_something_people_write() {
        let value = json!({
            "pod": { "name": "Mock Pod", "id": 1 },
            "users": [{ "username": "bot", "roles": ["A", "B"], "key": "-\nx\n" }, {}],
            "odd": [[1], "no"],
            "none": [],
        });
        let expected = "pod:\n  name: Mock Pod\n  id: 1\nusers:\n  - username: bot\n    roles: \
                        [\"A\",\"B\"]\n    key: |\n      -\n      x\n  - {}\nodd:\n  - [1]\n  - \
                        \"no\"\nnone: []\n";
        assert_eq!(to_yaml(&value), expected);
    }

    #[test]
    fn what_yaml_takes_for_its_own_or_cannot_print_is_quoted() {
        let value = json!([{ "#": "\u{7f}" }]);
        let text = to_yaml(&value);
        let read: Value = crate::decode::document(&text, &Default::default()).unwrap();
        assert_eq!(read, value, "{text}");
    }

    fn value() -> impl Strategy<Value = Value> {
        let text = prop_oneof!["[a-z0-9:#@&*!|>'\"%{}\\[\\],~ .\n\t-]{0,12}", ".{0,8}"];
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            text.prop_map(Value::from),
            prop_oneof!["no", "Null", "12", "1e3", "0x1F", "~", "2025-06-15", "- a", "a\n\nb\n"]
                .prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 32, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::hash_map("[a-zA-Z0-9 :#-]{1,6}", inner, 0..4)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn what_is_written_is_read_again(value in value().prop_filter("nothing", |it| !it.is_null())) {
            let text = to_yaml(&value);
            let read: Value = crate::decode::document(&text, &Default::default()).unwrap();
            prop_assert_eq!(&read, &value, "{}", text);
            // Others do not make something else of it either.
            let read: Value = serde_saphyr::from_str(&text).unwrap();
            prop_assert_eq!(read, value, "{}", text);
        }
    }
}
