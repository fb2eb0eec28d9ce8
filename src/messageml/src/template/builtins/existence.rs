//! Whether something is there.

use super::super::ast::Expr;
use super::super::eval::{Result, Run};
use super::super::value::Value;
use super::{Builtin, Name, Target};

pub(super) fn apply<'d>(
    run: &mut Run<'d>,
    name: Name,
    target: Target<'d>,
    arguments: Option<&[Expr]>,
) -> Result<Option<Value<'d>>> {
    Ok(Some(match name {
        Name::Exists => Value::Boolean(target.value.is_some()),
        Name::HasContent => Value::Boolean(target.value.is_some_and(|value| !value.is_empty())),
        Name::IfExists => target.value.unwrap_or(Value::Nothing),
        _ => match arguments {
            // `?default` on its own is a method.
            None => {
                let format = super::Format::Undefined;
                let method = Value::Method((Builtin { name, format }, target.value).into());
                method.unless_too_deep().ok_or_else(|| run.fail())?
            }
            Some(arguments) => {
                let mut values = Vec::with_capacity(arguments.len());
                for argument in arguments {
                    values.push(run.eval(argument)?);
                }
                return default(run, target.value, &values);
            }
        },
    }))
}

/// The first of the values that is there.
pub(super) fn default<'d>(
    run: &mut Run<'d>,
    target: Option<Value<'d>>,
    arguments: &[Option<Value<'d>>],
) -> Result<Option<Value<'d>>> {
    if target.is_none() && arguments.is_empty() {
        return Err(run.fail());
    }
    Ok(target.or_else(|| arguments.iter().flatten().next().cloned()))
}
