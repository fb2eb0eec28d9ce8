//! Built-ins that take regular expressions: `matches`, `replace`, `split`, and flags of others.

use std::rc::Rc;

use super::super::eval::{Result, Run};
use super::super::regex::{Matches, Regex};
use super::super::value::Value;
use super::{Given, Name};

/// The flags of a call, `"ri"` for example. Unknown ones say nothing, in FreeMarker too.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Flags {
    pub is_pattern: bool,
    pub ignores_case: bool,
    pub is_multiline: bool,
    pub has_comments: bool,
    pub dot_is_all: bool,
    pub first_only: bool,
}

impl Flags {
    pub fn parse(text: &str) -> Self {
        Self {
            is_pattern: text.contains('r'),
            ignores_case: text.contains('i'),
            is_multiline: text.contains('m'),
            has_comments: text.contains('c'),
            dot_is_all: text.contains('s'),
            first_only: text.contains('f'),
        }
    }

    /// Flags of patterns where there is none.
    pub fn check_plain(self, run: &Run<'_>) -> Result<()> {
        if self.is_multiline || self.has_comments || self.dot_is_all {
            return Err(run.fail());
        }
        Ok(())
    }
}

/// Reads a pattern.
pub(super) fn compile(run: &mut Run<'_>, pattern: &str, flags: Flags) -> Result<Rc<Regex>> {
    let mut modes = String::new();
    for (on, mode) in [
        (flags.ignores_case, 'i'),
        (flags.is_multiline, 'm'),
        (flags.dot_is_all, 's'),
        (flags.has_comments, 'x'),
    ] {
        if on {
            modes.push(mode);
        }
    }
    Regex::new(run, pattern, &modes)
}

pub(super) fn call<'d>(
    run: &mut Run<'d>,
    name: Name,
    target: &Value<'d>,
    arguments: &Given<'d>,
) -> Result<Value<'d>> {
    let text = target.string().ok_or_else(|| run.fail())?;
    run.spend(text.len())?;
    match name {
        Name::Matches => {
            arguments.count(1, 2)?;
            let flags = if arguments.len() == 2 {
                Flags::parse(arguments.text(1)?)
            } else {
                Flags::default()
            };
            let regex = compile(run, arguments.text(0)?, flags)?;
            Ok(Value::Matches(Rc::new(Matches::new(run, &regex, text)?)))
        }
        Name::Replace => replace(run, text, arguments),
        _ => split(run, text, arguments),
    }
}

fn replace<'d>(run: &mut Run<'d>, text: &str, arguments: &Given<'d>) -> Result<Value<'d>> {
    arguments.count(2, 3)?;
    let (from, to) = (arguments.text(0)?, arguments.text(1)?);
    let flags =
        if arguments.len() == 3 { Flags::parse(arguments.text(2)?) } else { Flags::default() };
    if flags.is_pattern {
        let regex = compile(run, from, flags)?;
        let mut out = String::new();
        let mut last = 0;
        let mut from = 0;
        while from <= text.len() {
            run.spend(1)?;
            let Some(groups) = regex.captures(run, text, from)? else { break };
            let Some((start, end)) = groups.first().copied().flatten() else { break };
            out.push_str(&text[last..start]);
            let before = out.len();
            regex.expand(to, text, &groups, &mut out).ok_or_else(|| run.fail())?;
            run.spend(out.len() - before)?;
            last = end;
            if flags.first_only {
                break;
            }
            from = if end > start {
                end
            } else {
                match text[end..].chars().next() {
                    Some(next) => {
                        out.push(next);
                        last = end + next.len_utf8();
                        last
                    }
                    None => break,
                }
            };
        }
        out.push_str(&text[last.min(text.len())..]);
        return Ok(Value::made(out));
    }
    let most = if flags.first_only { 1 } else { usize::MAX };
    if from.is_empty() {
        if to.is_empty() {
            return Ok(Value::made(text));
        }
        if flags.first_only {
            return Ok(Value::made(format!("{to}{text}")));
        }
    }
    let places = places(text, from, flags.ignores_case, most);
    run.spend(places.len().saturating_mul(to.len()))?;
    let mut out = String::new();
    let mut last = 0;
    for (start, end) in places {
        out.push_str(&text[last..start]);
        out.push_str(to);
        last = end;
    }
    out.push_str(&text[last..]);
    Ok(Value::made(out))
}

/// Where a text is in another.
fn places(text: &str, wanted: &str, ignores_case: bool, most: usize) -> Vec<(usize, usize)> {
    if !ignores_case {
        return text
            .match_indices(wanted)
            .take(most)
            .map(|(at, found)| (at, at + found.len()))
            .collect();
    }
    // By characters, whose lower case may be of another length.
    let fold = |text: &str| -> Vec<(usize, Vec<char>)> {
        text.char_indices().map(|(at, c)| (at, c.to_lowercase().collect())).collect()
    };
    let (hay, needle) = (fold(text), fold(wanted));
    let mut found = Vec::new();
    let mut index = 0;
    while index + needle.len() <= hay.len() && found.len() < most {
        let same = hay[index..].iter().zip(&needle).all(|(a, b)| a.1 == b.1);
        if same {
            let end = hay.get(index + needle.len()).map_or(text.len(), |(at, _)| *at);
            let start = hay.get(index).map_or(text.len(), |(at, _)| *at);
            found.push((start, end));
            index += needle.len().max(1);
        } else {
            index += 1;
        }
    }
    if needle.is_empty() {
        found.push((text.len(), text.len()));
    }
    found
}

fn split<'d>(run: &mut Run<'d>, text: &str, arguments: &Given<'d>) -> Result<Value<'d>> {
    arguments.count(1, 2)?;
    let separator = arguments.text(0)?;
    let flags =
        if arguments.len() == 2 { Flags::parse(arguments.text(1)?) } else { Flags::default() };
    let mut parts: Vec<Option<Value<'d>>> = Vec::new();
    if flags.is_pattern {
        let regex = compile(run, separator, flags)?;
        let (mut last, mut from) = (0, 0);
        while let Some((start, end)) = regex.find(run, text, from)? {
            run.spend(1)?;
            if end == start {
                // An empty match separates characters, but not at the ends.
                if start >= text.len() {
                    break;
                }
                if start > 0 {
                    parts.push(Some(Value::made(&text[last..start])));
                    last = start;
                }
                from = text.ceil_char_boundary(start + 1);
                continue;
            }
            parts.push(Some(Value::made(&text[last..start])));
            last = end;
            from = end;
        }
        parts.push(Some(Value::made(&text[last..])));
        // Java leaves off what is empty at the end.
        while parts.len() > 1 && parts.last().and_then(Option::as_ref).is_some_and(Value::is_empty)
        {
            parts.pop();
        }
        if parts.len() == 1 && last == text.len() && last > 0 {
            let only_empty = parts[0].as_ref().is_some_and(Value::is_empty);
            if only_empty {
                parts.clear();
            }
        }
    } else if separator.is_empty() {
        parts.extend(text.chars().map(|c| Some(Value::made(c.to_string()))));
    } else {
        let mut last = 0;
        for (start, end) in places(text, separator, flags.ignores_case, usize::MAX) {
            parts.push(Some(Value::made(&text[last..start])));
            last = end;
        }
        parts.push(Some(Value::made(&text[last..])));
    }
    run.spend(parts.len())?;
    Value::list(parts).ok_or_else(|| run.fail())
}
