//! Built-ins of lists and hashes.

use super::super::ast::Operator;
use super::super::eval::{Fault, Result, Run};
use super::super::token::Place;
use super::super::value::Value;
use super::{Given, Name};

pub(super) fn apply<'d>(
    run: &mut Run<'d>,
    name: Name,
    value: Value<'d>,
    at: Place,
) -> Result<Value<'d>> {
    let failed = Fault::Failed(at);
    match name {
        Name::Size => {
            return match value.length() {
                Some(length) => Ok(Value::count(usize::try_from(length).unwrap_or(usize::MAX))),
                None => {
                    let entries = run.entries_of(&value).ok_or(failed)?;
                    run.spend(entries.len())?;
                    Ok(Value::count(entries.len()))
                }
            };
        }
        Name::Keys | Name::Values => {
            let entries = run.entries_of(&value).ok_or(failed)?;
            run.spend(entries.len())?;
            let items = entries
                .into_iter()
                .map(|(key, value)| if name == Name::Keys { Some(key) } else { value });
            return Value::list(items.collect()).ok_or(failed);
        }
        _ => {}
    }
    let length = value.length().ok_or(failed)?;
    match name {
        Name::First => return value.item(0).ok_or(Fault::Missing(at)),
        Name::Last => {
            let last = length.checked_sub(1).ok_or(Fault::Missing(at))?;
            return value.item(last).ok_or(Fault::Missing(at));
        }
        _ => {}
    }
    if matches!(value, Value::Range(range) if range.is_unbounded) {
        return Err(failed);
    }
    run.spend(usize::try_from(length).unwrap_or(usize::MAX))?;
    let items = (0..length).map(|index| value.item(index));
    match name {
        Name::Reverse => Value::list(items.rev().collect()).ok_or(failed),
        Name::Sequence => Value::list(items.collect()).ok_or(failed),
        _ => {
            let wanted = if name == Name::Max { Operator::Greater } else { Operator::Less };
            let mut best: Option<Value<'d>> = None;
            for item in items.flatten() {
                let better = match &best {
                    None => true,
                    Some(best) => run.compare(&item, wanted, best).map_err(|_| failed)?,
                };
                if better {
                    best = Some(item);
                }
            }
            best.ok_or(Fault::Missing(at))
        }
    }
}

pub(super) fn call<'d>(
    run: &mut Run<'d>,
    name: Name,
    target: &Value<'d>,
    arguments: &Given<'d>,
) -> Result<Value<'d>> {
    let length = target.length().ok_or_else(|| run.fail())?;
    match name {
        Name::Chunk => chunk(run, target, length, arguments),
        Name::Join => join(run, target, length, arguments),
        Name::SeqContains => {
            arguments.count(1, 1)?;
            let found = find(run, target, 0..length, arguments)?;
            Ok(Value::Boolean(found.is_some()))
        }
        _ => {
            arguments.count(1, 2)?;
            let start = match arguments.len() {
                1 => None,
                _ => Some(i64::from(arguments.number(1)?.to_int())),
            };
            let found = if name == Name::SeqIndexOf {
                let start = u64::try_from(start.unwrap_or(0).max(0)).unwrap_or_default();
                find(run, target, start.min(length)..length, arguments)?
            } else {
                let last = start.unwrap_or(i64::MAX);
                let end = match u64::try_from(last) {
                    Ok(last) => last.saturating_add(1).min(length),
                    Err(_) => 0,
                };
                find(run, target, (0..end).rev(), arguments)?
            };
            Ok(found.map_or(Value::Number(super::Number::Integer(-1)), |index| {
                Value::count(usize::try_from(index).unwrap_or(usize::MAX))
            }))
        }
    }
}

/// The first index at which the argument is.
fn find<'d>(
    run: &mut Run<'d>,
    target: &Value<'d>,
    indices: impl Iterator<Item = u64>,
    arguments: &Given<'d>,
) -> Result<Option<u64>> {
    let Some(wanted) = arguments.values.first().and_then(Option::as_ref) else { return Ok(None) };
    for index in indices {
        run.spend(1)?;
        let Some(item) = target.item(index) else { continue };
        if same(run, &item, wanted)? {
            return Ok(Some(index));
        }
    }
    Ok(None)
}

/// Whether two values are equal; those of different kinds are not.
fn same<'d>(run: &mut Run<'d>, left: &Value<'d>, right: &Value<'d>) -> Result<bool> {
    match run.compare(left, Operator::Equal, right) {
        Ok(same) => Ok(same),
        Err(fault @ Fault::Exhausted(_)) => Err(fault),
        Err(_) => Ok(false),
    }
}

fn chunk<'d>(
    run: &mut Run<'d>,
    target: &Value<'d>,
    length: u64,
    arguments: &Given<'d>,
) -> Result<Value<'d>> {
    arguments.count(1, 2)?;
    let size = u64::try_from(arguments.number(0)?.to_int()).ok().filter(|size| *size > 0);
    let size = size.ok_or_else(|| arguments.fail())?;
    let filling = arguments.values.get(1).cloned().flatten();
    run.spend(usize::try_from(length).unwrap_or(usize::MAX))?;
    let mut chunks = Vec::new();
    let mut start = 0;
    while start < length {
        let end = (start + size).min(length);
        let mut chunk: Vec<_> = (start..end).map(|index| target.item(index)).collect();
        if filling.is_some() {
            let missing = usize::try_from(size - (end - start)).unwrap_or(usize::MAX);
            run.spend(missing)?;
            chunk.extend(std::iter::repeat_n(filling.clone(), missing));
        }
        chunks.push(Some(Value::list(chunk).ok_or_else(|| run.fail())?));
        start = end;
    }
    Value::list(chunks).ok_or_else(|| run.fail())
}

fn join<'d>(
    run: &mut Run<'d>,
    target: &Value<'d>,
    length: u64,
    arguments: &Given<'d>,
) -> Result<Value<'d>> {
    if matches!(target, Value::Range(range) if range.is_unbounded) {
        return Err(run.fail());
    }
    arguments.count(1, 3)?;
    let separator = arguments.text(0)?;
    let optional = |index: usize| match arguments.values.get(index) {
        Some(Some(value)) => value.string().map(Some).ok_or_else(|| arguments.fail()),
        _ => Ok(None),
    };
    let (empty, ending) = (optional(1)?, optional(2)?);
    let mut out = String::new();
    let mut any = false;
    for index in 0..length {
        run.spend(1)?;
        let Some(item) = target.item(index) else { continue };
        if std::mem::replace(&mut any, true) {
            run.spend(separator.len())?;
            out.push_str(separator);
        }
        let text = run.coerce(Some(item), run.at).map_err(|fault| match fault {
            Fault::Missing(at) => Fault::Failed(at),
            other => other,
        })?;
        let text = text.string().unwrap_or_default();
        run.spend(text.len())?;
        out.push_str(text);
    }
    out.push_str(if any { ending } else { empty }.unwrap_or_default());
    Ok(Value::made(out))
}
