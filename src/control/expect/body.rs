use serde_json::{Value, json};

/// What the request's body has to be.
#[derive(Debug, Clone)]
pub(super) enum BodyPattern {
    /// This is somewhere in it.
    Contains(String),
    /// It is JSON, and whatever is in this is in it too. Lists are as long as this one's.
    Has(Value),
}

/// A name in an object, or a place in a list.
#[derive(Debug, Clone, Copy)]
enum Step<'a> {
    Name(&'a str),
    Place(usize),
}

/// What is not as it should be, and where.
struct Difference<'a> {
    at: Vec<Step<'a>>,
    wanted: &'a Value,
    actual: &'a Value,
}

impl BodyPattern {
    pub(super) fn of(body: Value) -> Self {
        match body {
            Value::String(text) => Self::Contains(text),
            other => Self::Has(other),
        }
    }

    /// Whether a body is as it should be.
    pub(super) fn matches(&self, body: &[u8]) -> bool {
        match self {
            Self::Contains(text) => contains(body, text.as_bytes()),
            Self::Has(wanted) => serde_json::from_slice(body)
                .is_ok_and(|actual| difference(wanted, &actual).is_none()),
        }
    }

    /// What should have been in a body and what was, long values by their beginnings; none where it is as it
    /// should be.
    pub(super) fn difference(&self, body: &[u8]) -> Option<(Value, Value)> {
        match self {
            Self::Contains(text) => (!contains(body, text.as_bytes()))
                .then(|| (format!("… {} …", beginning(text)).into(), shown(body))),
            Self::Has(wanted) => match serde_json::from_slice(body) {
                Ok(actual) => difference(wanted, &actual).map(|found| {
                    let at: String = found.at.iter().map(Step::in_pointer).collect();
                    let mut actual = found.actual.clone();
                    super::super::journal::redact(&mut actual);
                    let told = |value| json!({ "at": at, "value": brief(value) });
                    (told(found.wanted.clone()), told(actual))
                }),
                Err(_) => Some((brief(wanted.clone()), shown(body))),
            },
        }
    }
}

impl Step<'_> {
    /// As part of a JSON pointer (RFC 6901).
    fn in_pointer(&self) -> String {
        match self {
            Self::Name(name) => format!("/{}", name.replace('~', "~0").replace('/', "~1")),
            Self::Place(place) => format!("/{place}"),
        }
    }
}

/// The beginning of a body, without secrets.
fn shown(body: &[u8]) -> Value {
    beginning(&super::super::journal::redacted(&String::from_utf8_lossy(body))).into()
}

/// A value itself, or the beginning of a long one's JSON.
fn brief(value: Value) -> Value {
    let json = value.to_string();
    let beginning = beginning(&json);
    if beginning == json { value } else { beginning.into() }
}

/// No more of a text than people read.
fn beginning(text: &str) -> String {
    const MOST: usize = 200;
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

fn contains(body: &[u8], text: &[u8]) -> bool {
    // A search begins with a look at the whole of what is searched for.
    text.len() <= body.len() && memchr::memmem::find(body, text).is_some()
}

/// The first of `wanted` that is not in `actual`.
fn difference<'a>(wanted: &'a Value, actual: &'a Value) -> Option<Difference<'a>> {
    let mut at = Vec::new();
    let (wanted, actual) = walk(wanted, actual, &mut at)?;
    Some(Difference { at, wanted, actual })
}

fn walk<'a>(
    wanted: &'a Value,
    actual: &'a Value,
    at: &mut Vec<Step<'a>>,
) -> Option<(&'a Value, &'a Value)> {
    let mut into = |step, wanted, actual| {
        at.push(step);
        let found = walk(wanted, actual, at);
        if found.is_none() {
            at.pop();
        }
        found
    };
    match (wanted, actual) {
        (Value::Object(wanted), Value::Object(actual)) => {
            wanted.iter().find_map(|(name, wanted)| {
                into(Step::Name(name), wanted, actual.get(name).unwrap_or(&Value::Null))
            })
        }
        (Value::Array(wanted), Value::Array(actual)) if wanted.len() == actual.len() => {
            let mut pairs = wanted.iter().zip(actual).enumerate();
            pairs.find_map(|(place, (wanted, actual))| into(Step::Place(place), wanted, actual))
        }
        (wanted, actual) => (wanted != actual).then_some((wanted, actual)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_is_found_in_whatever_has_more() {
        let body = json!({ "a": 1, "b": { "c": [1, { "d": 2, "e": 3 }] }, "x/y": null });
        let text = body.to_string();
        for good in [
            json!({}),
            json!({ "a": 1 }),
            json!({ "b": { "c": [1, { "e": 3 }] } }),
            json!({ "x/y": null }),
        ] {
            let pattern = BodyPattern::Has(good);
            assert_eq!(pattern.difference(text.as_bytes()), None, "{pattern:?}");
            assert!(pattern.matches(text.as_bytes()), "{pattern:?}");
        }
        for (bad, at) in [
            (json!({ "a": "1" }), "/a"),
            (json!({ "b": { "c": [1] } }), "/b/c"),
            (json!({ "b": { "c": [1, { "e": 4 }] } }), "/b/c/1/e"),
            (json!({ "x/y": 1 }), "/x~1y"),
            (json!([]), ""),
        ] {
            let pattern = BodyPattern::Has(bad);
            assert_eq!(pattern.difference(text.as_bytes()).unwrap().0["at"], at, "{pattern:?}");
            assert!(!pattern.matches(text.as_bytes()), "{pattern:?}");
        }
    }

    #[test]
    fn of_long_values_the_beginning_is_told() {
        let long = "x".repeat(100_000);
        let body = json!({ "a": long, "b": [long] }).to_string();
        for pattern in [
            json!(long + "y"),
            json!({ "a": "y".repeat(100_000) }),
            json!({ "b": ["y".repeat(100_000), 2] }),
            json!(vec![1; 100_000]),
        ] {
            let (wanted, actual) = BodyPattern::of(pattern).difference(body.as_bytes()).unwrap();
            assert!(wanted.to_string().len() + actual.to_string().len() < 1_000, "{wanted}");
        }
        let short = BodyPattern::of(json!({ "a": { "b": 1 } })).difference(b"{}").unwrap();
        assert_eq!(short.0["value"], json!({ "b": 1 }));
    }
}
