//! Built-ins: what can stand behind a question mark.
//!
//! All of FreeMarker 2.3.31's are known by both of their names. What a message can never have, such as nodes, fails when
//! it is reached.

mod convert;
mod dates;
mod encode;
mod existence;
mod kinds;
mod lazy;
mod loops;
mod names;
mod numbers;
mod pattern;
mod sequences;
mod sort;
mod text;
mod truncate;

use std::rc::Rc;

use super::ast::{Expr, Format};
use super::eval::{Fault, Result, Run};
use super::numbers::Number;
use super::token::Place;
use super::value::Value;
use names::Name;
pub(super) use names::{Arity, Builtin, find, unknown};

/// What stands before the question mark.
pub(super) struct Target<'d> {
    pub value: Option<Value<'d>>,
    pub begin: Place,
    /// If it is nothing but a variable.
    pub name: Option<Rc<str>>,
}

impl<'d> Target<'d> {
    fn required(&self) -> Result<Value<'d>> {
        self.value.clone().ok_or(Fault::Missing(self.begin))
    }
}

/// Applies a built-in, with its arguments if they follow at once.
pub(super) fn apply<'d>(
    run: &mut Run<'d>,
    builtin: Builtin,
    target: Target<'d>,
    arguments: Option<&[Expr]>,
) -> Result<Option<Value<'d>>> {
    match builtin.arity() {
        Arity::LoopVariable => return loops::apply(run, builtin.name, &target),
        Arity::Lazy { .. } => {
            return lazy::apply(run, builtin.name, &target, arguments.unwrap_or_default());
        }
        _ => {}
    }
    if builtin.forgives() {
        return existence::apply(run, builtin.name, target, arguments);
    }
    let begin = target.begin;
    let mut target = target;
    let mut value = Some(target.required()?);
    if let Some(Value::Unparsed(unparsed)) = &value {
        if arguments.is_none() && dates::is_of(builtin.name, unparsed.0) {
            return Ok(value);
        }
        value = Some(Value::Date(run.date(value, begin)?));
        target.value.clone_from(&value);
    }
    if builtin.arity() != Arity::Method {
        return match plain(run, builtin, target, value) {
            Err(Fault::Missing(_)) if may_be_missing(builtin.name) => Ok(None),
            made => made.map(Some),
        };
    }
    let value = method_target(run, builtin.name, value, begin)?;
    match arguments {
        None => convert::uncalled(run, builtin, value, begin).map(Some),
        Some(arguments) => {
            let mut values = Vec::with_capacity(arguments.len());
            for argument in arguments {
                values.push(if wants_texts(builtin.name) {
                    Some(run.text(argument)?)
                } else {
                    run.eval(argument)?
                });
            }
            call(run, builtin, Some(value), values, begin)
        }
    }
}

/// What an empty list has none of, and what a text may name in vain: `!` and `??` see that it is missing.
fn may_be_missing(name: Name) -> bool {
    matches!(name, Name::First | Name::Last | Name::Min | Name::Max | Name::Eval)
}

/// FreeMarker's older methods take whatever can become a string.
fn wants_texts(name: Name) -> bool {
    matches!(
        name,
        Name::String
            | Name::Split
            | Name::Replace
            | Name::Matches
            | Name::Date
            | Name::Time
            | Name::Datetime
    )
}

/// The operand of a method, as what the method works on.
fn method_target<'d>(
    run: &mut Run<'d>,
    name: Name,
    value: Option<Value<'d>>,
    at: Place,
) -> Result<Value<'d>> {
    let value = value.ok_or(Fault::Missing(at))?;
    match name {
        Name::Contains
        | Name::EndsWith
        | Name::EnsureEndsWith
        | Name::EnsureStartsWith
        | Name::IndexOf
        | Name::KeepAfter
        | Name::KeepAfterLast
        | Name::KeepBefore
        | Name::KeepBeforeLast
        | Name::LastIndexOf
        | Name::LeftPad
        | Name::Matches
        | Name::New
        | Name::RemoveBeginning
        | Name::RemoveEnding
        | Name::Replace
        | Name::RightPad
        | Name::Split
        | Name::StartsWith
        | Name::Substring
        | Name::Truncate
        | Name::TruncateC
        | Name::TruncateCM
        | Name::TruncateM
        | Name::TruncateW
        | Name::TruncateWM
        | Name::Url
        | Name::UrlPath
        | Name::AbsoluteTemplateName => run.coerce(Some(value), at),
        Name::Chunk | Name::SortBy if value.is_sequence() => Ok(value),
        Name::Join | Name::SeqContains | Name::SeqIndexOf | Name::SeqLastIndexOf
            if value.length().is_some() =>
        {
            Ok(value)
        }
        Name::Chunk
        | Name::SortBy
        | Name::Join
        | Name::SeqContains
        | Name::SeqIndexOf
        | Name::SeqLastIndexOf => Err(Fault::Failed(at)),
        Name::WithArgs | Name::WithArgsLast => match value {
            Value::Macro(..) | Value::WithArguments(_) | Value::Method(_) => Ok(value),
            _ => Err(Fault::Failed(at)),
        },
        _ => Ok(value),
    }
}

/// Calls the method of a built-in. Errors of arguments are those of the element.
pub(super) fn call<'d>(
    run: &mut Run<'d>,
    builtin: Builtin,
    target: Option<Value<'d>>,
    arguments: Vec<Option<Value<'d>>>,
    at: Place,
) -> Result<Option<Value<'d>>> {
    let name = builtin.name;
    if name == Name::Default {
        return existence::default(run, target, &arguments);
    }
    let target = target.ok_or(Fault::Missing(at))?;
    let arguments = Given { at: run.at, values: arguments };
    Ok(Some(match name {
        Name::Chunk | Name::Join | Name::SeqContains | Name::SeqIndexOf | Name::SeqLastIndexOf => {
            return sequences::call(run, name, &target, &arguments).map(Some);
        }
        Name::SortBy => sort::by(run, &target, &arguments)?,
        Name::String | Name::WithArgs | Name::WithArgsLast | Name::New => {
            convert::call(run, name, target, &arguments, at)?
        }
        Name::Date | Name::Time | Name::Datetime => {
            dates::parse_call(run, name, &target, &arguments, at)?
        }
        Name::Iso
        | Name::IsoH
        | Name::IsoHNz
        | Name::IsoM
        | Name::IsoMNz
        | Name::IsoMs
        | Name::IsoMsNz
        | Name::IsoNz => dates::iso_call(run, name, &target, &arguments, at)?,
        Name::Matches | Name::Replace | Name::Split => {
            pattern::call(run, name, &target, &arguments)?
        }
        Name::AbsoluteTemplateName => convert::absolute_call(&target, &arguments)?,
        Name::Url | Name::UrlPath => encode::url_call(run, name, &target, &arguments)?,
        Name::Truncate
        | Name::TruncateC
        | Name::TruncateCM
        | Name::TruncateM
        | Name::TruncateW
        | Name::TruncateWM => truncate::call(run, name, &target, &arguments)?,
        Name::ItemCycle => return Err(run.fail()),
        _ => text::call(run, name, &target, &arguments)?,
    }))
}

/// The arguments of a method.
pub(super) struct Given<'d> {
    /// Where errors in them are.
    at: Place,
    values: Vec<Option<Value<'d>>>,
}

impl<'d> Given<'d> {
    /// Checks how many there are.
    fn count(&self, least: usize, most: usize) -> Result<()> {
        if (least..=most).contains(&self.values.len()) { Ok(()) } else { Err(self.fail()) }
    }

    fn fail(&self) -> Fault {
        Fault::Failed(self.at)
    }

    fn len(&self) -> usize {
        self.values.len()
    }

    fn get(&self, index: usize) -> Result<&Value<'d>> {
        self.values.get(index).and_then(Option::as_ref).ok_or_else(|| self.fail())
    }

    /// A string; numbers are none.
    fn text(&self, index: usize) -> Result<&str> {
        self.get(index)?.string().ok_or_else(|| self.fail())
    }

    fn number(&self, index: usize) -> Result<&Number> {
        match self.get(index)? {
            Value::Number(number) => Ok(number),
            _ => Err(self.fail()),
        }
    }
}

/// Built-ins without arguments.
fn plain<'d>(
    run: &mut Run<'d>,
    builtin: Builtin,
    target: Target<'d>,
    value: Option<Value<'d>>,
) -> Result<Value<'d>> {
    let at = target.begin;
    let name = builtin.name;
    if let Some(value) = &value
        && let Some(is) = kinds::is(name, value)
    {
        return Ok(Value::Boolean(is));
    }
    match name {
        Name::Abs
        | Name::Ceiling
        | Name::Floor
        | Name::Round
        | Name::Int
        | Name::Long
        | Name::Short
        | Name::Byte
        | Name::Double
        | Name::Float
        | Name::IsNan
        | Name::IsInfinite
        | Name::LowerAbc
        | Name::UpperAbc
        | Name::NumberToDate
        | Name::NumberToDatetime
        | Name::NumberToTime => {
            if let (Name::Long, Some(Value::Date(date))) = (name, &value) {
                return Ok(Value::Number(Number::Integer(date.millis)));
            }
            let number = run.as_number(value, at)?;
            numbers::apply(run, name, number)
        }
        Name::First
        | Name::Last
        | Name::Reverse
        | Name::Size
        | Name::Keys
        | Name::Values
        | Name::Sequence
        | Name::Min
        | Name::Max => sequences::apply(run, name, value.ok_or(Fault::Missing(at))?, at),
        Name::Sort => sort::plain(run, &value.ok_or(Fault::Missing(at))?, at),
        Name::C
        | Name::Number
        | Name::Boolean
        | Name::Eval
        | Name::EvalJson
        | Name::Interpret
        | Name::Api
        | Name::Namespace
        | Name::Groups => convert::apply(run, name, target, at),
        Name::Esc | Name::NoEsc | Name::MarkupString => {
            encode::markup(run, name, builtin.format, value, at)
        }
        Name::DateIfUnknown | Name::DatetimeIfUnknown | Name::TimeIfUnknown => {
            dates::if_unknown(run, name, value, at)
        }
        Name::IsoUtc
        | Name::IsoUtcFz
        | Name::IsoUtcH
        | Name::IsoUtcHNz
        | Name::IsoUtcM
        | Name::IsoUtcMNz
        | Name::IsoUtcMs
        | Name::IsoUtcMsNz
        | Name::IsoUtcNz
        | Name::IsoLocal
        | Name::IsoLocalH
        | Name::IsoLocalHNz
        | Name::IsoLocalM
        | Name::IsoLocalMNz
        | Name::IsoLocalMs
        | Name::IsoLocalMsNz
        | Name::IsoLocalNz => dates::iso(run, name, value, at),
        Name::Ancestors
        | Name::Children
        | Name::NextSibling
        | Name::NodeName
        | Name::NodeNamespace
        | Name::NodeType
        | Name::Parent
        | Name::PreviousSibling
        | Name::Root => Err(Fault::Failed(at)),
        _ => {
            let text = run.coerce(value, at)?;
            text::plain(run, name, &text, at)
        }
    }
}

/// `x?string.name`: another format of what was formatted.
pub(super) fn formatted<'d>(
    run: &mut Run<'d>,
    of: &Value<'d>,
    format: &str,
    at: Place,
) -> Result<Value<'d>> {
    match of {
        Value::Number(number) => convert::format_number(run, number, format),
        Value::Date(date) => run.format_date(*date, format).map(Value::made),
        _ => Err(Fault::Failed(at)),
    }
}

/// `f(…)` where `f` is what `?string` gave.
pub(super) fn format_call<'d>(
    run: &mut Run<'d>,
    of: Value<'d>,
    arguments: Vec<Option<Value<'d>>>,
    at: Place,
) -> Result<Value<'d>> {
    let mut texts = Vec::with_capacity(arguments.len());
    for argument in arguments {
        texts.push(Some(run.coerce(argument, at)?));
    }
    let given = Given { at: run.at, values: texts };
    convert::string(run, of, &given, at)
}
