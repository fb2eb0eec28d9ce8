//! Built-ins of strings.

use super::super::super::java;
use super::super::eval::{Fault, Run, integer};
use super::super::expression::Expression;
use super::super::value::{Number, Value};
use super::Result;

/// Applies a built-in to a string.
pub(super) fn of_text<'t, 'd>(
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
        "length" => return Ok(integer(java::length(text) as u64)),
        "contains" => return Ok(Value::Boolean(text.contains(argument()?))),
        "starts_with" => return Ok(Value::Boolean(text.starts_with(argument()?))),
        "ends_with" => return Ok(Value::Boolean(text.ends_with(argument()?))),
        "index_of" | "last_index_of" => {
            let found =
                if name == "index_of" { text.find(argument()?) } else { text.rfind(argument()?) };
            let index = found.map(|byte| java::length(&text[..byte]));
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
