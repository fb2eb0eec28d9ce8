//! Strings for other languages: HTML, scripts, URLs.

use super::super::ast::Format;
use super::super::eval::{Fault, Result, Run};
use super::super::formats::{escaped, is_escaped};
use super::super::token::Place;
use super::super::value::Value;
use super::{Builtin, Given, Name};

/// Whether a built-in leaves a text as it is: most that a template escapes has nothing to be escaped in it.
pub(super) fn keeps(name: Name, text: &str) -> bool {
    matches!(name, Name::Html | Name::WebSafe | Name::Xhtml | Name::Xml)
        && !text.bytes().any(is_escaped)
}

/// Applies a built-in that encodes, without arguments.
pub(super) fn plain(name: Name, text: &str) -> Option<String> {
    Some(match name {
        Name::Html | Name::WebSafe | Name::Xhtml => escaped(text, "&#39;"),
        Name::Xml => escaped(text, "&apos;"),
        Name::Rtf => Format::Rtf.escape(text),
        Name::JsString => script(text, false),
        Name::JsonString => script(text, true),
        Name::JString => java(text),
        _ => return None,
    })
}

/// A string of Java without its quotation marks.
fn java(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '"' | '\\' => out.extend(['\\', character]),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{c}' => out.push_str("\\f"),
            '\u{8}' => out.push_str("\\b"),
            c if c < ' ' => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out
}

/// A string of JavaScript or JSON. What could end a script or a comment in HTML is escaped too.
fn script(text: &str, json: bool) -> String {
    let characters: Vec<char> = text.chars().collect();
    let before = |index: usize, back: usize| index.checked_sub(back).map(|at| characters[at]);
    let mut out = String::with_capacity(text.len());
    for (index, character) in characters.iter().copied().enumerate() {
        let code = u32::from(character);
        let hexadecimal =
            if !json && code < 0x100 { format!("\\x{code:02X}") } else { format!("\\u{code:04X}") };
        match character {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\u{c}' => out.push_str("\\f"),
            '\u{8}' => out.push_str("\\b"),
            '\t' => out.push_str("\\t"),
            '"' | '\\' => out.extend(['\\', character]),
            '\'' if !json => out.push_str("\\'"),
            '/' if index == 0 || before(index, 1) == Some('<') => out.push_str("\\/"),
            '>' => {
                let dangerous = match before(index, 1) {
                    None => true,
                    Some(previous @ (']' | '-')) => {
                        index == 1 || before(index, 2) == Some(previous)
                    }
                    Some(_) => false,
                };
                match (dangerous, json) {
                    (false, _) => out.push('>'),
                    (true, false) => out.push_str("\\>"),
                    (true, true) => out.push_str(&hexadecimal),
                }
            }
            '<' => {
                let next = characters.get(index + 1);
                if matches!(next, None | Some('!' | '?')) {
                    out.push_str(&hexadecimal);
                } else {
                    out.push('<');
                }
            }
            '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{2028}' | '\u{2029}' => {
                out.push_str(&hexadecimal);
            }
            other => out.push(other),
        }
    }
    out
}

/// `?url` and `?url_path` with a character set, or with the one that was set.
pub(super) fn url<'d>(
    run: &mut Run<'d>,
    builtin: Builtin,
    target: &Value<'d>,
) -> Result<Value<'d>> {
    let charset = run.settings.url_escaping_charset.clone();
    let charset = charset.or_else(|| run.settings.output_encoding.clone());
    let charset = charset.ok_or_else(|| run.fail())?;
    encoded(run, builtin.name, target, &charset)
}

pub(super) fn url_call<'d>(
    run: &mut Run<'d>,
    name: Name,
    target: &Value<'d>,
    arguments: &Given<'d>,
) -> Result<Value<'d>> {
    arguments.count(1, 1)?;
    let charset = arguments.text(0)?.to_owned();
    encoded(run, name, target, &charset)
}

fn encoded<'d>(
    run: &mut Run<'d>,
    name: Name,
    target: &Value<'d>,
    charset: &str,
) -> Result<Value<'d>> {
    let text = target.string().ok_or_else(|| run.fail())?;
    let bytes = in_charset(text, charset).ok_or_else(|| run.fail())?;
    run.spend(bytes.len() * 3)?;
    let mut out = String::with_capacity(bytes.len());
    for byte in bytes {
        let safe = byte.is_ascii_alphanumeric()
            || b"_-.!~'()*".contains(&byte)
            || (byte == b'/' && name == Name::UrlPath);
        if safe {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    Ok(Value::made(out))
}

/// The bytes of a text in one of the character sets that every Java has.
fn in_charset(text: &str, charset: &str) -> Option<Vec<u8>> {
    let below = |limit: u32| -> Vec<u8> {
        text.chars()
            .map(|c| {
                if u32::from(c) < limit { u8::try_from(u32::from(c)).unwrap_or(b'?') } else { b'?' }
            })
            .collect()
    };
    Some(match charset.to_ascii_uppercase().as_str() {
        "UTF-8" | "UTF8" => text.as_bytes().to_vec(),
        "ISO-8859-1" | "ISO8859_1" | "LATIN1" | "ISO8859-1" => below(0x100),
        "US-ASCII" | "ASCII" => below(0x80),
        "UTF-16" => {
            let mut bytes = vec![0xfe, 0xff];
            bytes.extend(text.encode_utf16().flat_map(u16::to_be_bytes));
            bytes
        }
        "UTF-16BE" => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        "UTF-16LE" => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        _ => return None,
    })
}

/// `?esc`, `?no_esc` and `?markup_string`
pub(super) fn markup<'d>(
    run: &mut Run<'d>,
    name: Name,
    format: Format,
    value: Option<Value<'d>>,
    at: Place,
) -> Result<Value<'d>> {
    match (name, value) {
        (Name::MarkupString, Some(Value::Markup(_, text))) => Ok(Value::Made(text)),
        (Name::MarkupString, _) => Err(Fault::Failed(at)),
        (_, Some(Value::Markup(other, text))) => {
            if other == format {
                Ok(Value::Markup(other, text))
            } else {
                Err(Fault::Failed(at))
            }
        }
        (Name::Esc, value) => {
            let text = run.coerce(value, at)?;
            let text = format.escape(text.string().unwrap_or_default());
            run.spend(text.len())?;
            Ok(Value::Markup(format, text.into()))
        }
        (_, value) => {
            let text = run.coerce(value, at)?;
            Ok(Value::Markup(format, text.string().unwrap_or_default().into()))
        }
    }
}
