//! Built-ins of strings.

use super::super::eval::{Fault, Result, Run};
use super::super::numbers::Number;
use super::super::token::Place;
use super::super::utf16;
use super::super::value::Value;
use super::pattern::{self, Flags};
use super::{Given, Name, encode};

/// Applies a built-in without arguments.
pub(super) fn plain<'d>(
    run: &mut Run<'d>,
    name: Name,
    value: &Value<'d>,
    at: Place,
) -> Result<Value<'d>> {
    let text = value.string().unwrap_or_default();
    run.spend(text.len())?;
    if encode::keeps(name, text) {
        run.spend(text.len())?;
        return Ok(value.clone());
    }
    if let Some(encoded) = encode::plain(name, text) {
        run.spend(encoded.len())?;
        return Ok(Value::made(encoded));
    }
    Ok(Value::made(match name {
        Name::UpperCase => text.to_uppercase(),
        Name::LowerCase => text.to_lowercase(),
        Name::CapFirst => change_first(text, |c| c.to_uppercase().collect()),
        Name::UncapFirst => change_first(text, |c| c.to_lowercase().collect()),
        Name::Capitalize => capitalize(text),
        Name::Trim => text.trim_matches(|c| c <= ' ').to_owned(),
        Name::ChopLinebreak => chop(text).to_owned(),
        Name::Length => return Ok(Value::count(utf16::length(text))),
        Name::WordList => {
            let words = text
                .split([' ', '\t', '\n', '\r', '\u{c}'])
                .filter(|word| !word.is_empty())
                .map(|word| Some(Value::made(word)));
            return Value::list(words.collect()).ok_or(Fault::Failed(at));
        }
        _ => return Err(Fault::Failed(at)),
    }))
}

/// Calls a method of a string.
pub(super) fn call<'d>(
    run: &mut Run<'d>,
    name: Name,
    target: &Value<'d>,
    arguments: &Given<'d>,
) -> Result<Value<'d>> {
    let text = target.string().ok_or_else(|| run.fail())?;
    run.spend(text.len())?;
    let one = || -> Result<&str> {
        arguments.count(1, 1)?;
        arguments.text(0)
    };
    Ok(Value::made(match name {
        Name::Contains => return Ok(Value::Boolean(text.contains(one()?))),
        Name::StartsWith => return Ok(Value::Boolean(text.starts_with(one()?))),
        Name::EndsWith => return Ok(Value::Boolean(text.ends_with(one()?))),
        Name::RemoveBeginning => text.strip_prefix(one()?).unwrap_or(text).to_owned(),
        Name::RemoveEnding => text.strip_suffix(one()?).unwrap_or(text).to_owned(),
        Name::EnsureEndsWith => {
            let ending = one()?;
            if text.ends_with(ending) { text.to_owned() } else { format!("{text}{ending}") }
        }
        Name::EnsureStartsWith => ensure_starts_with(run, text, arguments)?,
        Name::IndexOf | Name::LastIndexOf => return index_of(name, text, arguments),
        Name::KeepBefore | Name::KeepBeforeLast | Name::KeepAfter | Name::KeepAfterLast => {
            keep(run, name, text, arguments)?
        }
        Name::Substring => substring(run, text, arguments)?,
        Name::LeftPad | Name::RightPad => pad(run, name, text, arguments)?,
        _ => return Err(run.fail()),
    }))
}

fn index_of<'d>(name: Name, text: &str, arguments: &Given<'d>) -> Result<Value<'d>> {
    arguments.count(1, 2)?;
    let wanted = arguments.text(0)?;
    let start = match arguments.len() {
        1 => None,
        _ => Some(i64::from(arguments.number(1)?.to_int())),
    };
    let found = if name == Name::IndexOf {
        let start = utf16::offset(text, usize::try_from(start.unwrap_or(0).max(0)).unwrap_or(0));
        text[start..].find(wanted).map(|at| start + at)
    } else {
        match start.map(usize::try_from) {
            Some(Err(_)) => None,
            None => text.rfind(wanted),
            Some(Ok(start)) => {
                let end = (utf16::offset(text, start).saturating_add(wanted.len())).min(text.len());
                let end = text.floor_char_boundary(end);
                text[..end].rfind(wanted)
            }
        }
    };
    Ok(found
        .map_or(Value::Number(Number::Integer(-1)), |at| Value::count(utf16::length(&text[..at]))))
}

fn ensure_starts_with(run: &mut Run<'_>, text: &str, arguments: &Given<'_>) -> Result<String> {
    arguments.count(1, 3)?;
    let wanted = arguments.text(0)?;
    if arguments.len() == 1 {
        return Ok(if text.starts_with(wanted) {
            text.to_owned()
        } else {
            format!("{wanted}{text}")
        });
    }
    let added = arguments.text(1)?;
    let flags = match arguments.len() {
        2 => Flags { is_pattern: true, ..Flags::default() },
        _ => Flags::parse(arguments.text(2)?),
    };
    let starts = if flags.is_pattern {
        let regex = pattern::compile(run, wanted, flags)?;
        regex.find(run, text, 0)?.is_some_and(|(start, _)| start == 0) || regex.starts(run, text)?
    } else {
        flags.check_plain(run)?;
        if flags.ignores_case {
            text.to_lowercase().starts_with(&wanted.to_lowercase())
        } else {
            text.starts_with(wanted)
        }
    };
    Ok(if starts { text.to_owned() } else { format!("{added}{text}") })
}

/// What stands before or after a separator.
fn keep(run: &mut Run<'_>, name: Name, text: &str, arguments: &Given<'_>) -> Result<String> {
    arguments.count(1, 2)?;
    let separator = arguments.text(0)?;
    let flags = match arguments.len() {
        1 => Flags::default(),
        _ => Flags::parse(arguments.text(1)?),
    };
    let last = matches!(name, Name::KeepBeforeLast | Name::KeepAfterLast);
    let found = if flags.is_pattern {
        let regex = pattern::compile(run, separator, flags)?;
        let mut found = None;
        if last && separator.is_empty() {
            found = Some((text.len(), text.len()));
        } else {
            let mut from = 0;
            while let Some((start, end)) = regex.find(run, text, from)? {
                run.spend(1)?;
                found = Some((start, end));
                if !last || start >= text.len() {
                    break;
                }
                from = text.ceil_char_boundary(start + 1);
            }
        }
        found
    } else {
        flags.check_plain(run)?;
        let (hay, needle) = if flags.ignores_case {
            (text.to_lowercase(), separator.to_lowercase())
        } else {
            (text.to_owned(), separator.to_owned())
        };
        let at = if last { hay.rfind(&needle) } else { hay.find(&needle) };
        // A text whose letters changed their length in lower case has no such places.
        at.map(|at| (at, at + separator.len()))
            .filter(|(start, end)| text.is_char_boundary(*start) && text.is_char_boundary(*end))
    };
    Ok(match (name, found) {
        (Name::KeepBefore | Name::KeepBeforeLast, Some((start, _))) => text[..start].to_owned(),
        (Name::KeepBefore | Name::KeepBeforeLast, None) => text.to_owned(),
        (_, Some((_, end))) => text[end..].to_owned(),
        (_, None) => String::new(),
    })
}

fn substring(run: &mut Run<'_>, text: &str, arguments: &Given<'_>) -> Result<String> {
    arguments.count(1, 2)?;
    let length = utf16::length(text);
    let index = |index: usize| -> Result<usize> {
        let number = arguments.number(index)?.to_int();
        usize::try_from(number)
            .ok()
            .filter(|index| *index <= length)
            .ok_or_else(|| arguments.fail())
    };
    let start = index(0)?;
    let end = if arguments.len() == 2 { index(1)? } else { length };
    utf16::slice(text, start, end).ok_or_else(|| run.fail())
}

fn pad(run: &mut Run<'_>, name: Name, text: &str, arguments: &Given<'_>) -> Result<String> {
    arguments.count(1, 2)?;
    let width = usize::try_from(arguments.number(0)?.to_int()).unwrap_or(0);
    let filling = if arguments.len() == 2 { arguments.text(1)? } else { " " };
    if filling.is_empty() {
        return Err(run.fail());
    }
    let length = utf16::length(text);
    let missing = width.saturating_sub(length);
    run.spend(missing)?;
    let units: Vec<u16> = filling.encode_utf16().collect();
    let start = if name == Name::RightPad { length % units.len() } else { 0 };
    let padding: Vec<u16> = units.iter().copied().cycle().skip(start).take(missing).collect();
    let padding = String::from_utf16_lossy(&padding);
    Ok(if name == Name::LeftPad { padding + text } else { text.to_owned() + &padding })
}

fn chop(text: &str) -> &str {
    text.strip_suffix("\r\n")
        .or_else(|| text.strip_suffix('\r'))
        .or_else(|| text.strip_suffix('\n'))
        .unwrap_or(text)
}

fn change_first(text: &str, change: impl Fn(char) -> String) -> String {
    let blank =
        text.len() - text.trim_start_matches(super::super::super::java::is_whitespace).len();
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
        inside = !matches!(character, ' ' | '\t' | '\r' | '\n');
    }
    out
}
