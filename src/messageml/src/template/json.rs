//! `?eval_json`

use std::rc::Rc;

use serde_json::Value as Json;

use super::numbers::Number;
use super::value::Value;

/// Reads JSON.
///
/// # Errors
///
/// If it is none, or nests too deeply.
pub(super) fn parse<'d>(text: &str) -> Result<Value<'d>, ()> {
    let json: Json = serde_json::from_str(text).map_err(|_| ())?;
    owned(&json).ok_or(())?.ok_or(())
}

/// The value of JSON that is not kept; `Some(None)` for `null`.
#[expect(clippy::option_option, reason = "too deep, or null")]
fn owned<'d>(json: &Json) -> Option<Option<Value<'d>>> {
    Some(Some(match json {
        Json::Null => return Some(None),
        Json::Bool(boolean) => Value::Boolean(*boolean),
        Json::Number(number) => Value::Number(match number.as_i64() {
            Some(integer) => Number::Integer(integer),
            None => Number::parse(&number.to_string())?,
        }),
        Json::String(text) => Value::made(text.as_str()),
        Json::Array(items) => Value::list(items.iter().map(owned).collect::<Option<_>>()?)?,
        Json::Object(map) => {
            let entries = map
                .iter()
                .map(|(name, value)| Some((Rc::<str>::from(name.as_str()), owned(value)?)))
                .collect::<Option<_>>()?;
            Value::hash(entries)?
        }
    }))
}
