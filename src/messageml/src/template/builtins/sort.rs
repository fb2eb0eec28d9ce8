//! `?sort` and `?sort_by`.

use std::cmp::Ordering;

use super::super::collation;
use super::super::eval::{Fault, Result, Run};
use super::super::token::Place;
use super::super::value::Value;
use super::Given;

pub(super) fn plain<'d>(run: &mut Run<'d>, value: &Value<'d>, at: Place) -> Result<Value<'d>> {
    if !value.is_sequence() {
        return Err(Fault::Failed(at));
    }
    sorted(run, value, &[])
}

/// `?sort_by("name")` or, for what is further inside, `?sort_by(["a", "b"])`.
pub(super) fn by<'d>(
    run: &mut Run<'d>,
    value: &Value<'d>,
    arguments: &Given<'d>,
) -> Result<Value<'d>> {
    arguments.count(1, 1)?;
    let by = arguments.get(0)?;
    let names = match by.string() {
        Some(name) => vec![name.to_owned()],
        None => {
            let length = by.length().ok_or_else(|| arguments.fail())?;
            let mut names = Vec::new();
            for index in 0..length {
                run.spend(1)?;
                let name = by.item(index);
                let name = name.as_ref().and_then(Value::string).ok_or_else(|| arguments.fail())?;
                names.push(name.to_owned());
            }
            names
        }
    };
    sorted(run, value, &names)
}

/// What elements are compared by.
enum Key {
    Number(super::Number),
    Text(collation::Key),
    Date(super::super::dates::Date),
    Boolean(bool),
}

fn sorted<'d>(run: &mut Run<'d>, value: &Value<'d>, names: &[String]) -> Result<Value<'d>> {
    let length = value.length().ok_or_else(|| run.fail())?;
    run.spend(usize::try_from(length).unwrap_or(usize::MAX).saturating_mul(4))?;
    let mut keyed: Vec<(Key, Option<Value<'d>>)> = Vec::new();
    for index in 0..length {
        let item = value.item(index);
        let mut key = item.clone();
        for name in names {
            run.spend(1)?;
            let of = key.ok_or_else(|| run.fail())?;
            key = of.member(name).map_err(|()| run.fail())?;
        }
        let key = match key {
            None => return Err(run.fail()),
            Some(Value::Number(number)) => Key::Number(number),
            Some(Value::Boolean(boolean)) => Key::Boolean(boolean),
            Some(Value::Date(date)) => Key::Date(date),
            Some(value) => {
                let text = value.string().ok_or_else(|| run.fail())?.to_owned();
                run.spend(text.len())?;
                Key::Text(collation::key(&text))
            }
        };
        if let Some((first, _)) = keyed.first()
            && std::mem::discriminant(first) != std::mem::discriminant(&key)
        {
            return Err(run.fail());
        }
        keyed.push((key, item));
    }
    keyed.sort_by(|(a, _), (b, _)| compare(a, b));
    Value::list(keyed.into_iter().map(|(_, item)| item).collect()).ok_or_else(|| run.fail())
}

fn compare(a: &Key, b: &Key) -> Ordering {
    match (a, b) {
        (Key::Number(a), Key::Number(b)) => a.compare(b).unwrap_or(Ordering::Equal),
        (Key::Text(a), Key::Text(b)) => a.cmp(b),
        (Key::Date(a), Key::Date(b)) => a.millis.cmp(&b.millis),
        (Key::Boolean(a), Key::Boolean(b)) => a.cmp(b),
        _ => Ordering::Equal,
    }
}
