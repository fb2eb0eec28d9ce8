//! Built-ins that turn one kind of value into another.

use std::rc::Rc;

use super::super::dates::DateKind;
use super::super::eval::{Fault, Result, Run};
use super::super::numbers::Number;
use super::super::parser;
use super::super::token::Place;
use super::super::value::{Value, WithArguments};
use super::{Builtin, Given, Name, Target, dates, encode};

/// Built-ins without arguments.
pub(super) fn apply<'d>(
    run: &mut Run<'d>,
    name: Name,
    target: Target<'d>,
    at: Place,
) -> Result<Value<'d>> {
    let failed = Fault::Failed(at);
    let value = target.value;
    match name {
        Name::C => match value {
            Some(Value::Number(number)) => {
                let text = number.plain();
                run.spend(text.len())?;
                Ok(Value::made(text))
            }
            Some(Value::Boolean(boolean)) => {
                Ok(Value::Text(if boolean { "true" } else { "false" }))
            }
            Some(Value::Matches(matches)) => {
                Ok(Value::Text(if matches.is_match() { "true" } else { "false" }))
            }
            Some(_) => Err(failed),
            None => Err(Fault::Missing(at)),
        },
        Name::Groups => match value {
            Some(Value::Match(matches, index)) => matches.groups(index).ok_or(failed),
            Some(Value::Matches(matches)) => matches.whole_groups().ok_or_else(|| run.fail()),
            _ => Err(failed),
        },
        Name::Api => Err(failed),
        Name::Namespace => match value {
            Some(Value::Macro(..)) => Ok(Value::Namespace),
            _ => Err(failed),
        },
        _ => {
            let text = match (name, value) {
                // A list of texts is a template too: they stand one behind the other.
                (Name::Interpret, Some(Value::List(list))) => Value::made(
                    list.items.iter().flatten().filter_map(Value::string).collect::<String>(),
                ),
                (Name::Interpret, Some(value)) if value.string().is_none() => return Err(failed),
                (_, value) => run.coerce(value, at)?,
            };
            let text = text.string().unwrap_or_default();
            run.spend(text.len())?;
            match name {
                Name::Number => Number::parse(text).map(Value::Number).ok_or_else(|| run.fail()),
                Name::Boolean => boolean(run, text).map(Value::Boolean).ok_or(failed),
                Name::Eval => eval(run, text, at),
                Name::EvalJson => super::super::json::parse(text).map_err(|()| failed),
                _ => {
                    let template = parser::parse_made(text).map_err(|_| failed)?;
                    Ok(Value::Template(Rc::new(template)))
                }
            }
        }
    }
}

fn boolean(run: &Run<'_>, text: &str) -> Option<bool> {
    match text {
        "true" => Some(true),
        "false" => Some(false),
        _ => {
            let (yes, no) = run.settings.boolean_format.split_once(',')?;
            if text == yes {
                Some(true)
            } else if text == no {
                Some(false)
            } else {
                None
            }
        }
    }
}

fn eval<'d>(run: &mut Run<'d>, text: &str, at: Place) -> Result<Value<'d>> {
    let failed = Fault::Failed(at);
    let expression = parser::parse_expression(&format!("({text})")).map_err(|_| failed)?;
    match run.eval(&expression) {
        Ok(Some(value)) => Ok(value),
        Ok(None) => Err(Fault::Missing(at)),
        Err(fault @ Fault::Exhausted(_)) => Err(fault),
        // What was evaluated stands nowhere in the template.
        Err(_) => Err(run.fail()),
    }
}

/// A path as it is from the root, seen from another: what ends in no slash is a file, and its folder counts.
fn absolute(base: &str, path: &str) -> String {
    if path.contains("://") {
        return path.to_owned();
    }
    let scheme = base.find("://").map_or("", |at| &base[..at + 3]);
    let folder = &base[scheme.len()..];
    let folder = &folder[..folder.rfind('/').map_or(0, |at| at + 1)];
    let whole = if path.starts_with('/') { path.to_owned() } else { format!("{folder}{path}") };
    match scheme {
        "" => format!("/{}", whole.strip_prefix('/').unwrap_or(&whole)),
        scheme => format!("{scheme}{}", whole.strip_prefix('/').unwrap_or(&whole)),
    }
}

/// `?absolute_template_name(base)`
pub(super) fn absolute_call<'d>(target: &Value<'d>, arguments: &Given<'d>) -> Result<Value<'d>> {
    arguments.count(1, 1)?;
    let base = arguments.text(0)?;
    Ok(Value::made(absolute(base, target.string().unwrap_or_default())))
}

/// To `?string` a match is whether it matched.
fn truth(value: Value<'_>) -> Value<'_> {
    match value {
        Value::Matches(matches) => Value::Boolean(matches.is_match()),
        other => other,
    }
}

/// A method that was not called: some stand for something on their own.
pub(super) fn uncalled<'d>(
    run: &mut Run<'d>,
    builtin: Builtin,
    value: Value<'d>,
    at: Place,
) -> Result<Value<'d>> {
    match (builtin.name, truth(value)) {
        (Name::String, Value::Number(number)) => {
            let text = run.print_number(&number)?;
            Ok(Value::Formatted(Rc::new((Value::Number(number), text.into()))))
        }
        (Name::String, Value::Date(date)) => {
            let text =
                if date.kind == DateKind::Unknown { String::new() } else { run.print_date(date)? };
            Ok(Value::Formatted(Rc::new((Value::Date(date), text.into()))))
        }
        (Name::String, Value::Boolean(boolean)) => {
            let text = run.boolean_text(boolean);
            Ok(Value::Formatted(Rc::new((Value::Boolean(boolean), text.into()))))
        }
        (Name::String, value) => match value.string() {
            Some(text) => Ok(Value::made(text)),
            None => Err(Fault::Failed(at)),
        },
        (Name::Date | Name::Time | Name::Datetime, value) => dates::parse(run, builtin, value, at),
        (Name::New, _) => Err(run.fail()),
        // There are no folders above a message.
        (Name::AbsoluteTemplateName, value) => {
            Ok(Value::made(absolute("", value.string().unwrap_or_default())))
        }
        (Name::Url | Name::UrlPath, value) => encode::url(run, builtin, &value),
        (_, value) => {
            let method = Value::Method(Rc::new((builtin, Some(value))));
            method.unless_too_deep().ok_or_else(|| run.fail())
        }
    }
}

pub(super) fn call<'d>(
    run: &mut Run<'d>,
    name: Name,
    target: Value<'d>,
    arguments: &Given<'d>,
    at: Place,
) -> Result<Value<'d>> {
    match name {
        Name::String => string(run, target, arguments, at),
        Name::New => Err(run.fail()),
        _ => with_args(run, name, target, arguments),
    }
}

/// `?string(…)`
pub(super) fn string<'d>(
    run: &mut Run<'d>,
    target: Value<'d>,
    arguments: &Given<'d>,
    at: Place,
) -> Result<Value<'d>> {
    match truth(target) {
        Value::Boolean(boolean) => {
            arguments.count(2, 2)?;
            Ok(Value::made(arguments.text(usize::from(!boolean))?))
        }
        Value::Number(number) => {
            arguments.count(1, 1)?;
            format_number(run, &number, arguments.text(0)?)
        }
        Value::Date(date) => {
            arguments.count(1, 1)?;
            run.format_date(date, arguments.text(0)?).map(Value::made)
        }
        _ => Err(Fault::Failed(at)),
    }
}

pub(super) fn format_number<'d>(
    run: &mut Run<'d>,
    number: &Number,
    format: &str,
) -> Result<Value<'d>> {
    run.spend(format.len())?;
    let pattern = run.number_pattern(format).ok_or_else(|| run.fail())?;
    let text = pattern.format(number);
    run.spend(text.len())?;
    Ok(Value::made(text))
}

fn with_args<'d>(
    run: &mut Run<'d>,
    name: Name,
    of: Value<'d>,
    arguments: &Given<'d>,
) -> Result<Value<'d>> {
    arguments.count(1, 1)?;
    let last = name == Name::WithArgsLast;
    let given = arguments.get(0)?;
    let mut with = WithArguments { of, positional: Vec::new(), named: Vec::new(), last };
    if let Some(length) = given.length().filter(|_| given.is_sequence()) {
        run.spend(usize::try_from(length).unwrap_or(usize::MAX))?;
        with.positional = (0..length).map(|index| given.item(index)).collect();
    } else {
        let is_macro = matches!(with.of, Value::Macro(..) | Value::WithArguments(_));
        let entries = given.entries().filter(|_| is_macro).ok_or_else(|| arguments.fail())?;
        run.spend(entries.len())?;
        for (key, value) in entries {
            let key: Rc<str> = key.string().unwrap_or_default().into();
            if let Some(value) = value {
                with.named.push((key, value));
            }
        }
    }
    Value::WithArguments(Rc::new(with)).unless_too_deep().ok_or_else(|| run.fail())
}
