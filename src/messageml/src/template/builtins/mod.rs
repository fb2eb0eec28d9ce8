//! Built-ins: what can stand behind a question mark.
//!
//! Strings: `c` `cap_first` `capitalize` `contains` `ends_with` `html` `xhtml` `index_of` `js_string` `json_string`
//! `keep_after` `keep_before` `last_index_of` `left_pad` `length` `lower_case` `number` `remove_beginning`
//! `remove_ending` `replace` `right_pad` `rtf` `split` `starts_with` `string` `substring` `trim` `uncap_first`
//! `upper_case` `url` `word_list` `xml` `boolean`. Numbers: `abs` `ceiling` `floor` `int` `round` `string` `c`.
//! Booleans: `string` `c` `then`. Sequences and hashes: `chunk` `first` `join` `keys` `last` `reverse` `seq_contains`
//! `seq_index_of` `size` `sort` `values`. Loop variables: `counter` `has_next` `index` `is_first` `is_last`
//! `is_even_item` `is_odd_item` `item_parity`. Anything: `default` `exists` `has_content` `if_exists` `is_boolean`
//! `is_enumerable` `is_hash` `is_number` `is_sequence` `is_string`. `new` and `api` fail.

mod text;

use super::eval::{Fault, Run, integer};
use super::expression::{Expression, Kind};
use super::value::{Number, Value};

const KNOWN: &[&str] = &[
    "abs",
    "api",
    "boolean",
    "c",
    "cap_first",
    "capitalize",
    "ceiling",
    "chunk",
    "contains",
    "counter",
    "default",
    "ends_with",
    "exists",
    "first",
    "floor",
    "has_content",
    "has_next",
    "html",
    "if_exists",
    "index",
    "index_of",
    "int",
    "is_boolean",
    "is_enumerable",
    "is_even_item",
    "is_first",
    "is_hash",
    "is_last",
    "is_number",
    "is_odd_item",
    "is_sequence",
    "is_string",
    "item_parity",
    "join",
    "js_string",
    "json_string",
    "keep_after",
    "keep_before",
    "keys",
    "last",
    "last_index_of",
    "left_pad",
    "length",
    "lower_case",
    "new",
    "number",
    "remove_beginning",
    "remove_ending",
    "replace",
    "reverse",
    "right_pad",
    "round",
    "rtf",
    "seq_contains",
    "seq_index_of",
    "size",
    "sort",
    "split",
    "starts_with",
    "string",
    "substring",
    "then",
    "trim",
    "uncap_first",
    "upper_case",
    "url",
    "values",
    "word_list",
    "xhtml",
    "xml",
];

pub(super) fn is_known(name: &str) -> bool {
    KNOWN.contains(&name)
}

type Result<T> = std::result::Result<T, Fault>;

/// Applies a built-in.
pub(super) fn apply<'t, 'd>(
    run: &mut Run<'t, 'd>,
    at: usize,
    of: &Expression<'t>,
    name: &str,
    arguments: &[Expression<'t>],
) -> Result<Option<Value<'d>>> {
    let failed = Fault::Failed(at);
    match name {
        "has_content" => {
            let value = run.forgiven(of)?;
            return Ok(Some(Value::Boolean(value.is_some_and(|value| !value.is_empty()))));
        }
        "exists" => return Ok(Some(Value::Boolean(run.forgiven(of)?.is_some()))),
        "if_exists" => return Ok(Some(run.forgiven(of)?.unwrap_or(Value::Nothing))),
        "default" => {
            if let Some(value) = run.forgiven(of)? {
                return Ok(Some(value));
            }
            for argument in arguments {
                if let Some(value) = run.forgiven(argument)? {
                    return Ok(Some(value));
                }
            }
            return Err(failed);
        }
        "counter" | "has_next" | "index" | "is_first" | "is_last" | "is_even_item"
        | "is_odd_item" | "item_parity" => {
            let Kind::Variable(variable) = &of.kind else { return Err(failed) };
            let (index, length) = run.loop_of(variable).ok_or(failed)?;
            return Ok(Some(of_loop(name, index, length)));
        }
        "then" => {
            let Value::Boolean(condition) = run.required(of)? else {
                return Err(Fault::Failed(of.at));
            };
            let [yes, no] = arguments else { return Err(failed) };
            return run.required(if condition { yes } else { no }).map(Some);
        }
        "new" | "api" => return Err(failed),
        _ => {}
    }
    let value = run.required(of)?;
    let is = |holds: bool| Ok(Some(Value::Boolean(holds)));
    match name {
        "is_string" => return is(value.string().is_some()),
        "is_number" => return is(matches!(value, Value::Number(_))),
        "is_boolean" => return is(matches!(value, Value::Boolean(_))),
        "is_hash" => {
            return is(matches!(value, Value::Object(_) | Value::Hash(_) | Value::Nothing));
        }
        "is_sequence" | "is_enumerable" => return is(value.length().is_some()),
        _ => {}
    }
    match &value {
        Value::Boolean(boolean) => of_boolean(run, *boolean, at, name, arguments),
        Value::Number(number) if is_of_number(name) => of_number(run, *number, at, name, arguments),
        Value::Object(_) | Value::Hash(_) => of_hash(run, &value, at, name),
        Value::Array(_) | Value::List(_) | Value::Range(_) => {
            of_sequence(run, &value, at, name, arguments)
        }
        _ => {
            let text = value.text().ok_or(failed)?.into_owned();
            run.spend(text.len(), at)?;
            text::of_text(run, &text, at, name, arguments)
        }
    }
    .map(Some)
}

fn of_loop<'d>(name: &str, index: u64, length: u64) -> Value<'d> {
    match name {
        "counter" => integer(index + 1),
        "index" => integer(index),
        "has_next" => Value::Boolean(index + 1 < length),
        "is_first" => Value::Boolean(index == 0),
        "is_last" => Value::Boolean(index + 1 == length),
        "is_even_item" => Value::Boolean(!index.is_multiple_of(2)),
        "is_odd_item" => Value::Boolean(index.is_multiple_of(2)),
        _ => Value::Text(if index.is_multiple_of(2) { "odd" } else { "even" }),
    }
}

fn of_boolean<'t, 'd>(
    run: &mut Run<'t, 'd>,
    boolean: bool,
    at: usize,
    name: &str,
    arguments: &[Expression<'t>],
) -> Result<Value<'d>> {
    match (name, arguments) {
        ("string", [yes, no]) => Ok(Value::made(run.text(if boolean { yes } else { no })?)),
        ("c" | "string", []) => Ok(Value::Text(if boolean { "true" } else { "false" })),
        _ => Err(Fault::Failed(at)),
    }
}

fn is_of_number(name: &str) -> bool {
    matches!(name, "abs" | "ceiling" | "floor" | "int" | "round" | "string" | "c")
}

fn of_number<'t, 'd>(
    run: &mut Run<'t, 'd>,
    number: Number,
    at: usize,
    name: &str,
    arguments: &[Expression<'t>],
) -> Result<Value<'d>> {
    let whole = |number: Number| match number.integer() {
        Some(integer) => Number::Integer(integer),
        None => number,
    };
    Ok(match (name, arguments) {
        ("c", []) => Value::made(number.plain()),
        ("string", []) => Value::made(number.grouped()),
        ("string", [format]) => {
            let format = run.text(format)?;
            Value::made(formatted(number, &format).ok_or(Fault::Failed(at))?)
        }
        ("abs", []) => Value::Number(match number {
            Number::Integer(integer) => {
                integer.checked_abs().map_or(Number::Float(number.float().abs()), Number::Integer)
            }
            Number::Float(float) => Number::Float(float.abs()),
        }),
        ("ceiling", []) => Value::Number(whole(Number::Float(number.float().ceil()))),
        ("floor", []) => Value::Number(whole(Number::Float(number.float().floor()))),
        ("int", []) => Value::Number(whole(Number::Float(number.float().trunc()))),
        ("round", []) => Value::Number(whole(Number::Float((number.float() + 0.5).floor()))),
        _ => return Err(Fault::Failed(at)),
    })
}

/// A number by name of a format or by a pattern such as `#,##0.00`.
fn formatted(number: Number, format: &str) -> Option<String> {
    match format {
        "computer" | "c" => return Some(number.plain()),
        "number" => return Some(number.grouped()),
        "percent" => {
            return Some(format!(
                "{}%",
                Number::Float(number.float() * 100.0).formatted(1, 0, 0, true)
            ));
        }
        _ => {}
    }
    if format.len() > 64 || !format.chars().all(|c| matches!(c, '#' | '0' | ',' | '.')) {
        return None;
    }
    let (whole, fraction) = format.split_once('.').unwrap_or((format, ""));
    let zeros = |text: &str| text.matches('0').count();
    Some(number.formatted(
        zeros(whole).max(1),
        zeros(fraction),
        fraction.len(),
        whole.contains(','),
    ))
}

fn of_hash<'d>(
    run: &mut Run<'_, 'd>,
    value: &Value<'d>,
    at: usize,
    name: &str,
) -> Result<Value<'d>> {
    let failed = Fault::Failed(at);
    if name == "size" {
        return Ok(match value {
            Value::Object(map) => integer(map.len() as u64),
            Value::Hash(hash) => integer(hash.items.len() as u64),
            _ => integer(0),
        });
    }
    let entries = value.entries().ok_or(failed)?;
    run.spend(entries.len(), at)?;
    let items = match name {
        "keys" => entries.into_iter().map(|(key, _)| key).collect(),
        "values" => entries.into_iter().filter_map(|(_, value)| value).collect(),
        _ => return Err(failed),
    };
    Value::list(items).ok_or(failed)
}

fn of_sequence<'t, 'd>(
    run: &mut Run<'t, 'd>,
    value: &Value<'d>,
    at: usize,
    name: &str,
    arguments: &[Expression<'t>],
) -> Result<Value<'d>> {
    let failed = Fault::Failed(at);
    let length = value.length().ok_or(failed)?;
    match (name, arguments) {
        ("size", []) => return Ok(integer(length)),
        ("first", []) => return value.item(0).ok_or(Fault::Missing(at)),
        ("last", []) => {
            return length
                .checked_sub(1)
                .and_then(|last| value.item(last))
                .ok_or(Fault::Missing(at));
        }
        _ => {}
    }
    run.spend(usize::try_from(length).unwrap_or(usize::MAX), at)?;
    let items = (0..length).map(|index| value.item(index));
    match (name, arguments) {
        ("join", [separator, rest @ ..]) => {
            let separator = run.text(separator)?;
            let mut out = String::new();
            for (index, item) in items.flatten().enumerate() {
                if index > 0 {
                    run.spend(separator.len(), at)?;
                    out.push_str(&separator);
                }
                let text = item.text().ok_or(failed)?;
                run.spend(text.len(), at)?;
                out.push_str(&text);
            }
            match (length, rest) {
                (0, [empty, ..]) => return run.text(empty).map(Value::made),
                (1.., [_, ending]) => out.push_str(&run.text(ending)?),
                _ => {}
            }
            Ok(Value::made(out))
        }
        ("reverse", []) => Value::list(items.rev().flatten().collect()).ok_or(failed),
        ("sort", []) => {
            let mut items: Vec<Value<'d>> = items.flatten().collect();
            run.spend(items.iter().filter_map(Value::string).map(str::len).sum(), at)?;
            if items.iter().all(|item| matches!(item, Value::Number(_))) {
                items.sort_by(|a, b| match (a, b) {
                    (Value::Number(a), Value::Number(b)) => a.float().total_cmp(&b.float()),
                    _ => std::cmp::Ordering::Equal,
                });
            } else if items.iter().all(|item| item.string().is_some()) {
                items.sort_by_cached_key(|item| item.string().unwrap_or_default().to_lowercase());
            } else {
                return Err(failed);
            }
            Value::list(items).ok_or(failed)
        }
        ("seq_contains" | "seq_index_of", [wanted]) => {
            let wanted = run.required(wanted)?;
            let mut found = None;
            for (index, item) in items.enumerate() {
                let Some(item) = item else { continue };
                let same = match (item.string(), wanted.string(), &item, &wanted) {
                    (Some(a), Some(b), _, _) => {
                        run.spend(a.len().min(b.len()), at)?;
                        a == b
                    }
                    (_, _, Value::Number(a), Value::Number(b)) => a.float() == b.float(),
                    (_, _, Value::Boolean(a), Value::Boolean(b)) => a == b,
                    _ => false,
                };
                if same {
                    found = Some(index);
                    break;
                }
            }
            Ok(if name == "seq_contains" {
                Value::Boolean(found.is_some())
            } else {
                Value::Number(Number::Integer(
                    found.map_or(-1, |index| i64::try_from(index).unwrap_or(i64::MAX)),
                ))
            })
        }
        ("chunk", [size]) => {
            let size = run
                .number(size)?
                .integer()
                .and_then(|size| usize::try_from(size).ok())
                .filter(|size| *size > 0);
            let items: Vec<Value<'d>> = items.flatten().collect();
            let chunks = items.chunks(size.ok_or(failed)?).map(|chunk| Value::list(chunk.to_vec()));
            chunks.collect::<Option<_>>().and_then(Value::list).ok_or(failed)
        }
        _ => Err(failed),
    }
}
