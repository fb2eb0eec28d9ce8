//! Where a loop is.

use super::super::eval::{Fault, Result, Run};
use super::super::value::Value;
use super::{Name, Target};

pub(super) fn apply<'d>(
    run: &mut Run<'d>,
    name: Name,
    target: &Target<'d>,
) -> Result<Option<Value<'d>>> {
    let failed = Fault::Failed(target.begin);
    let variable = target.name.as_ref().ok_or(failed)?;
    let frame = run.loop_of(variable).ok_or(failed)?;
    let iteration = frame.iteration().ok_or(failed)?.borrow();
    let index = usize::try_from(iteration.index).unwrap_or(usize::MAX);
    let is_odd = iteration.index.is_multiple_of(2);
    Ok(Some(match name {
        Name::Index => Value::count(index),
        Name::Counter => Value::count(index + 1),
        Name::HasNext => Value::Boolean(iteration.has_next),
        Name::IsFirst => Value::Boolean(index == 0),
        Name::IsLast => Value::Boolean(!iteration.has_next),
        Name::IsOddItem => Value::Boolean(is_odd),
        Name::IsEvenItem => Value::Boolean(!is_odd),
        Name::ItemParity => Value::Text(if is_odd { "odd" } else { "even" }),
        Name::ItemParityCap => Value::Text(if is_odd { "Odd" } else { "Even" }),
        // `x?item_cycle(…)` is called next.
        _ => Value::Cycle(index),
    }))
}
