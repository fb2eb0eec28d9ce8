use serde_json::{Value, json};

/// What the request's body has to be.
#[derive(Debug, Clone)]
pub(super) enum BodyPattern {
    /// This is somewhere in it.
    Contains(String),
    /// It is JSON, and whatever is in this is in it too. Lists are as long as this one's.
    Has(Value),
}

impl BodyPattern {
    pub(super) fn of(body: Value) -> Self {
        match body {
            Value::String(text) => Self::Contains(text),
            other => Self::Has(other),
        }
    }

    /// What should have been in a body and what was; none where it is as it should be.
    pub(super) fn difference(&self, body: &[u8]) -> Option<(Value, Value)> {
        match self {
            Self::Contains(text) => (!contains(body, text.as_bytes()))
                .then(|| (format!("… {text} …").into(), shown(body))),
            Self::Has(wanted) => match serde_json::from_slice(body) {
                Ok(actual) => difference(wanted, &actual, "").map(|(at, wanted, actual)| {
                    (json!({ "at": at, "value": wanted }), json!({ "at": at, "value": actual }))
                }),
                Err(_) => Some((wanted.clone(), shown(body))),
            },
        }
    }
}

/// The beginning of a body, without secrets.
fn shown(body: &[u8]) -> Value {
    const MOST: usize = 200;
    let text = super::super::journal::redacted(&String::from_utf8_lossy(body));
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &text[..end]).into(),
        None => text.into(),
    }
}

fn contains(body: &[u8], text: &[u8]) -> bool {
    memchr::memmem::find(body, text).is_some()
}

/// Where something of `wanted` is not in `actual`, as a JSON pointer, with what is there.
fn difference(wanted: &Value, actual: &Value, at: &str) -> Option<(String, Value, Value)> {
    match (wanted, actual) {
        (Value::Object(wanted), Value::Object(actual)) => {
            wanted.iter().find_map(|(name, wanted)| {
                let name_in_pointer = name.replace('~', "~0").replace('/', "~1");
                let actual = actual.get(name).unwrap_or(&Value::Null);
                difference(wanted, actual, &format!("{at}/{name_in_pointer}"))
            })
        }
        (Value::Array(wanted), Value::Array(actual)) if wanted.len() == actual.len() => {
            let mut pairs = wanted.iter().zip(actual).enumerate();
            pairs.find_map(|(place, (wanted, actual))| {
                difference(wanted, actual, &format!("{at}/{place}"))
            })
        }
        (wanted, actual) if wanted == actual => None,
        _ => {
            let mut actual = actual.clone();
            super::super::journal::redact(&mut actual);
            Some((at.to_owned(), wanted.clone(), actual))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_is_found_in_whatever_has_more() {
        let body = json!({ "a": 1, "b": { "c": [1, { "d": 2, "e": 3 }] }, "x/y": null });
        for good in [
            json!({}),
            json!({ "a": 1 }),
            json!({ "b": { "c": [1, { "e": 3 }] } }),
            json!({ "x/y": null }),
        ] {
            assert_eq!(difference(&good, &body, ""), None, "{good}");
        }
        for (bad, at) in [
            (json!({ "a": "1" }), "/a"),
            (json!({ "b": { "c": [1] } }), "/b/c"),
            (json!({ "b": { "c": [1, { "e": 4 }] } }), "/b/c/1/e"),
            (json!({ "x/y": 1 }), "/x~1y"),
            (json!([]), ""),
        ] {
            assert_eq!(difference(&bad, &body, "").unwrap().0, at, "{bad}");
        }
    }
}
