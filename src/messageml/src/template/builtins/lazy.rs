//! Built-ins that evaluate their arguments themselves: conditionals, and those that take a lambda.

use std::rc::Rc;

use super::super::ast::{Expr, ExprKind, Operator};
use super::super::eval::{Fault, Result, Run};
use super::super::value::Value;
use super::{Name, Target};

pub(super) fn apply<'d>(
    run: &mut Run<'d>,
    name: Name,
    target: &Target<'d>,
    arguments: &[Expr],
) -> Result<Option<Value<'d>>> {
    match (name, arguments) {
        (Name::Then, [yes, no]) => {
            let holds = match target.required()? {
                Value::Boolean(holds) => holds,
                Value::Matches(matches) => matches.is_match(),
                _ => return Err(Fault::Failed(target.begin)),
            };
            run.required(if holds { yes } else { no }).map(Some)
        }
        (Name::Switch, arguments) => switch(run, target, arguments),
        (_, [with]) => sequence(run, name, target, with).map(Some),
        _ => Err(run.fail()),
    }
}

/// `x?switch(case, result, …, default)`
fn switch<'d>(
    run: &mut Run<'d>,
    target: &Target<'d>,
    arguments: &[Expr],
) -> Result<Option<Value<'d>>> {
    let value = target.required()?;
    for pair in arguments.chunks(2) {
        let [case, result] = pair else { return run.required(&pair[0]).map(Some) };
        let other = run.required(case)?;
        let same = run
            .compare(&value, Operator::Equal, &other)
            .map_err(|_| Fault::Failed(target.begin))?;
        if same {
            return run.required(result).map(Some);
        }
    }
    Err(Fault::Failed(target.begin))
}

/// What is called with each element.
enum Function<'e, 'd> {
    Lambda(&'e Rc<str>, &'e Expr),
    Value(Value<'d>),
}

fn sequence<'d>(
    run: &mut Run<'d>,
    name: Name,
    target: &Target<'d>,
    with: &Expr,
) -> Result<Value<'d>> {
    let of = target.required()?;
    let length = of.length().ok_or(Fault::Failed(target.begin))?;
    let function = match &with.kind {
        ExprKind::Lambda { parameters, body } => match parameters.as_slice() {
            [parameter] => Function::Lambda(parameter, body),
            _ => return Err(Fault::Failed(with.span.begin)),
        },
        _ => match run.required(with)? {
            value @ (Value::Macro(..) | Value::WithArguments(_) | Value::Method(_)) => {
                Function::Value(value)
            }
            _ => return Err(Fault::Failed(with.span.begin)),
        },
    };
    let mut out = Vec::new();
    let mut taking = name != Name::DropWhile;
    for index in 0..length {
        run.spend(1)?;
        let item = of.item(index);
        if name == Name::DropWhile && taking {
            out.push(item);
            continue;
        }
        let at = run.at;
        let result = match &function {
            Function::Lambda(parameter, body) => {
                run.with_variable(parameter, item.clone(), |run| run.eval(body))
            }
            Function::Value(function) => run.apply_function(function, vec![item.clone()]),
        };
        // What goes wrong inside is an error of the element.
        let result = result.map_err(|fault| match fault {
            Fault::Missing(_) | Fault::Failed(_) => Fault::Failed(at),
            other => other,
        })?;
        run.at = at;
        if name == Name::Map {
            out.push(Some(result.ok_or_else(|| run.fail())?));
            continue;
        }
        let holds = match result {
            Some(Value::Boolean(holds)) => holds,
            _ => return Err(run.fail()),
        };
        match name {
            Name::Filter if holds => out.push(item),
            Name::TakeWhile if holds => out.push(item),
            Name::TakeWhile => break,
            Name::DropWhile if !holds => {
                taking = true;
                out.push(item);
            }
            _ => {}
        }
    }
    Value::list(out).ok_or_else(|| run.fail())
}
