//! `?truncate` and its kin: the beginning of a text and what tells that more followed.

use super::super::eval::{Result, Run};
use super::super::utf16;
use super::super::value::Value;
use super::{Given, Name};

const TERMINATOR: &str = "[...]";

/// How much of the text has to be left, at least, for a cut between words.
const WORD_SHARE: f64 = 0.75;

pub(super) fn call<'d>(
    run: &mut Run<'d>,
    name: Name,
    target: &Value<'d>,
    arguments: &Given<'d>,
) -> Result<Value<'d>> {
    arguments.count(1, 3)?;
    let text = target.string().ok_or_else(|| run.fail())?;
    let most = usize::try_from(arguments.number(0)?.to_int()).map_err(|_| arguments.fail())?;
    let is_markup = matches!(name, Name::TruncateM | Name::TruncateCM | Name::TruncateWM);
    let mut terminator = if is_markup {
        Value::Markup(
            super::Format::Html,
            "<span class='truncateTerminator'>[&#8230;]</span>".into(),
        )
    } else {
        Value::Text(TERMINATOR)
    };
    let mut length = if is_markup { Some(3) } else { None };
    if let Some(Some(given)) = arguments.values.get(1) {
        let allowed = given.string().is_some() || (is_markup && matches!(given, Value::Markup(..)));
        if !allowed {
            return Err(arguments.fail());
        }
        terminator = given.clone();
        length = None;
    }
    if arguments.len() > 2 {
        let given = usize::try_from(arguments.number(2)?.to_int()).map_err(|_| arguments.fail())?;
        length = Some(given);
    }
    let units: Vec<char> = text.chars().collect();
    if utf16::length(text) <= most {
        return Ok(Value::made(text));
    }
    run.spend(text.len())?;
    let length = length.unwrap_or_else(|| utf16::length(terminator.string().unwrap_or_default()));
    let words = match name {
        Name::TruncateC | Name::TruncateCM => Some(false),
        Name::TruncateW | Name::TruncateWM => Some(true),
        _ => None,
    };
    let kept = cut(&units, most, length, &terminator, words);
    match (&terminator, kept) {
        (_, None) => Ok(terminator),
        (Value::Markup(format, markup), Some(kept)) => {
            Ok(Value::Markup(*format, format!("{}{markup}", format.escape(&kept)).into()))
        }
        (terminator, Some(kept)) => {
            Ok(Value::made(format!("{kept}{}", terminator.string().unwrap_or_default())))
        }
    }
}

/// What is left of a text before the terminator; `None` for nothing.
fn cut(
    text: &[char],
    most: usize,
    terminator: usize,
    shown: &Value<'_>,
    words: Option<bool>,
) -> Option<String> {
    let removes_dots = match shown {
        Value::Markup(_, markup) => starts_with_dot(markup),
        other => other.string().is_some_and(|text| text.starts_with(['.', '\u{2026}'])),
    };
    let is_white = |c: char| super::super::super::java::is_whitespace(c);
    let is_dot = |c: char| matches!(c, '.' | '\u{2026}');
    let without_white = |mut end: usize| {
        while end > 0 && is_white(text[end - 1]) {
            end -= 1;
        }
        end
    };
    let is_word_end = |end: usize| text.get(end).is_none_or(|c| is_white(*c));
    let room = most.checked_sub(terminator)?.min(text.len());
    let mut end = without_white(room);
    if end == 0 {
        return None;
    }
    if words != Some(false) {
        // A cut between words leaves room for a blank before the terminator.
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "lengths of texts"
        )]
        let least = match words {
            Some(_) => 0,
            None => ((most as f64 * WORD_SHARE).ceil() as usize).saturating_sub(terminator + 1),
        };
        let least = least.max(1);
        let mut word = most.saturating_sub(terminator + 1).min(end);
        while word >= least {
            if !is_white(text[word - 1]) && is_word_end(word) {
                return Some(format!("{} ", text[..word].iter().collect::<String>()));
            }
            word -= 1;
        }
        if words == Some(true) {
            return None;
        }
    }
    if end == room && is_word_end(end) {
        end -= 1;
    }
    loop {
        end = without_white(end);
        if end == 0 {
            return None;
        }
        if !removes_dots || !is_dot(text[end - 1]) || is_word_end(end) {
            break;
        }
        while end > 0 && is_dot(text[end - 1]) {
            end -= 1;
        }
    }
    let mut kept: String = text[..end].iter().collect();
    if is_word_end(end) {
        kept.push(' ');
    }
    Some(kept)
}

/// Whether markup shows a dot first.
fn starts_with_dot(markup: &str) -> bool {
    let mut rest = markup;
    while let Some(after) = rest.strip_prefix('<') {
        rest = after.split_once('>').map_or("", |(_, rest)| rest);
    }
    ["&#8230;", "&#x2026;", "&hellip;", "."].iter().any(|dot| rest.starts_with(dot))
}
