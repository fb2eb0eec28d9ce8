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
            of_text(run, &text, at, name, arguments)
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
        "is_even_item" => Value::Boolean(index % 2 == 1),
        "is_odd_item" => Value::Boolean(index % 2 == 0),
        _ => Value::Text(if index % 2 == 0 { "odd" } else { "even" }),
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

fn of_text<'t, 'd>(
    run: &mut Run<'t, 'd>,
    text: &str,
    at: usize,
    name: &str,
    arguments: &[Expression<'t>],
) -> Result<Value<'d>> {
    let failed = Fault::Failed(at);
    let mut texts = Vec::new();
    if !matches!(name, "substring" | "left_pad" | "right_pad") {
        for argument in arguments {
            texts.push(run.text(argument)?);
        }
    }
    let argument = || texts.first().map(String::as_str).ok_or(failed);
    // Nothing here makes a text more than a few times longer, except what pays for itself.
    Ok(Value::made(match name {
        "upper_case" => text.to_uppercase(),
        "lower_case" => text.to_lowercase(),
        "cap_first" => change_first(text, |c| c.to_uppercase().collect()),
        "uncap_first" => change_first(text, |c| c.to_lowercase().collect()),
        "capitalize" => capitalize(text),
        "trim" => text.trim_matches(|c| c <= ' ').to_owned(),
        "html" => escaped(text, "&#39;"),
        "xml" | "xhtml" => escaped(text, if name == "xml" { "&apos;" } else { "&#39;" }),
        "rtf" => text.replace('\\', "\\\\").replace('{', "\\{").replace('}', "\\}"),
        "js_string" | "json_string" => script_string(text, name == "js_string"),
        "url" => percent_encoded(text),
        "string" => text.to_owned(),
        "length" => return Ok(integer(super::java::length(text) as u64)),
        "contains" => return Ok(Value::Boolean(text.contains(argument()?))),
        "starts_with" => return Ok(Value::Boolean(text.starts_with(argument()?))),
        "ends_with" => return Ok(Value::Boolean(text.ends_with(argument()?))),
        "index_of" | "last_index_of" => {
            let found =
                if name == "index_of" { text.find(argument()?) } else { text.rfind(argument()?) };
            let index = found.map(|byte| super::java::length(&text[..byte]));
            return Ok(Value::Number(Number::Integer(
                index.map_or(-1, |index| i64::try_from(index).unwrap_or(i64::MAX)),
            )));
        }
        "keep_before" => text.split(argument()?).next().unwrap_or(text).to_owned(),
        "keep_after" => text.split_once(argument()?).map_or("", |(_, after)| after).to_owned(),
        "remove_beginning" => text.strip_prefix(argument()?).unwrap_or(text).to_owned(),
        "remove_ending" => text.strip_suffix(argument()?).unwrap_or(text).to_owned(),
        "replace" => {
            let [from, to, ..] = texts.as_slice() else { return Err(failed) };
            let count = text.matches(from.as_str()).count();
            run.spend(count.saturating_mul(to.len()), at)?;
            text.replace(from.as_str(), to)
        }
        "substring" => {
            let mut bounds = Vec::new();
            for argument in arguments {
                let bound =
                    run.number(argument)?.integer().and_then(|bound| usize::try_from(bound).ok());
                bounds.push(bound.ok_or(failed)?);
            }
            substring(text, &bounds).ok_or(failed)?
        }
        "left_pad" | "right_pad" => {
            let [width, filling @ ..] = arguments else { return Err(failed) };
            let width = run
                .number(width)?
                .integer()
                .and_then(|width| usize::try_from(width).ok())
                .ok_or(failed)?;
            run.spend(width, at)?;
            let filling = match filling.first() {
                Some(filling) => run.text(filling)?,
                None => " ".to_owned(),
            };
            if filling.is_empty() {
                return Err(failed);
            }
            let missing = width.saturating_sub(text.chars().count());
            let padding: String = filling.chars().cycle().take(missing).collect();
            if name == "left_pad" { padding + text } else { text.to_owned() + &padding }
        }
        "split" => {
            let separator = argument()?;
            let parts: Vec<Value<'d>> = if separator.is_empty() {
                text.chars().map(|c| Value::made(c.to_string())).collect()
            } else {
                text.split(separator).map(Value::made).collect()
            };
            return Value::list(parts).ok_or(failed);
        }
        "word_list" => {
            return Value::list(text.split_whitespace().map(Value::made).collect()).ok_or(failed);
        }
        "number" => return Number::parse(text.trim()).map(Value::Number).ok_or(failed),
        "boolean" => {
            return match text {
                "true" => Ok(Value::Boolean(true)),
                "false" => Ok(Value::Boolean(false)),
                _ => Err(failed),
            };
        }
        _ => return Err(failed),
    }))
}

fn change_first(text: &str, change: impl Fn(char) -> String) -> String {
    let blank = text.len() - text.trim_start().len();
    let mut characters = text[blank..].chars();
    match characters.next() {
        Some(first) => format!("{}{}{}", &text[..blank], change(first), characters.as_str()),
        None => text.to_owned(),
    }
}

fn capitalize(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut inside = false;
    for character in text.chars() {
        if inside {
            out.extend(character.to_lowercase());
        } else {
            out.extend(character.to_uppercase());
        }
        inside = !character.is_whitespace();
    }
    out
}

fn escaped(text: &str, apostrophe: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str(apostrophe),
            _ => out.push(character),
        }
    }
    out
}

fn script_string(text: &str, apostrophes: bool) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '"' | '\\' => out.extend(['\\', character]),
            '\'' if apostrophes => out.push_str("\\'"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '<' => out.push_str("\\u003C"),
            '>' => out.push_str("\\>"),
            _ => out.push(character),
        }
    }
    out
}

fn percent_encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z'
            | b'A'..=b'Z'
            | b'0'..=b'9'
            | b'_'
            | b'-'
            | b'.'
            | b'!'
            | b'~'
            | b'\''
            | b'('
            | b')'
            | b'*' => {
                out.push(char::from(byte));
            }
            _ => {
                out.push('%');
                out.extend(
                    [byte >> 4, byte & 15]
                        .map(|digit| char::from(b"0123456789ABCDEF"[usize::from(digit)])),
                );
            }
        }
    }
    out
}

fn substring(text: &str, bounds: &[usize]) -> Option<String> {
    let characters: Vec<char> = text.chars().collect();
    let (start, end) = match bounds {
        [start] => (*start, characters.len()),
        [start, end] => (*start, *end),
        _ => return None,
    };
    characters.get(start..end).map(|characters| characters.iter().collect())
}
