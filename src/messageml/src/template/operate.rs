//! Operators on values, and what else needs nothing but values.

use super::expression::Operator;
use super::value::{Number, Range, Value};

/// Numbers from one to another, upwards or downwards; without an end, upwards for ever.
pub(super) fn range(from: i64, to: Option<i64>, exclusive: bool) -> Range {
    let Some(to) = to else { return Range { from, length: u64::MAX, down: false } };
    let down = to < from;
    let length = from.abs_diff(to) + u64::from(!exclusive && from.abs_diff(to) < u64::MAX);
    Range { from, length, down }
}

pub(super) fn arithmetic(operator: Operator, a: Number, b: Number) -> Option<Number> {
    if let (Number::Integer(a), Number::Integer(b)) = (a, b) {
        let exact = match operator {
            Operator::Add => a.checked_add(b),
            Operator::Subtract => a.checked_sub(b),
            Operator::Multiply => a.checked_mul(b),
            Operator::Divide if b != 0 && a.checked_rem(b) == Some(0) => a.checked_div(b),
            Operator::Remainder if b != 0 => a.checked_rem(b),
            _ => None,
        };
        if let Some(exact) = exact {
            return Some(Number::Integer(exact));
        }
    }
    let (a, b) = (a.float(), b.float());
    let result = match operator {
        Operator::Add => a + b,
        Operator::Subtract => a - b,
        Operator::Multiply => a * b,
        Operator::Divide => a / b,
        // FreeMarker takes the remainder of the whole parts.
        _ => a.trunc() % b.trunc(),
    };
    result.is_finite().then_some(Number::Float(result))
}

/// Compares two values of one kind; `None` if they cannot be compared.
pub(super) fn compare(a: &Value<'_>, b: &Value<'_>, operator: Operator) -> Option<bool> {
    use std::cmp::Ordering;
    let is_equality = matches!(operator, Operator::Equal | Operator::NotEqual);
    let ordering = match (a, b) {
        (Value::Number(Number::Integer(a)), Value::Number(Number::Integer(b))) => a.cmp(b),
        (Value::Number(a), Value::Number(b)) => a.float().partial_cmp(&b.float())?,
        (Value::Boolean(a), Value::Boolean(b)) if is_equality => a.cmp(b),
        _ if is_equality => a.string()?.cmp(b.string()?),
        _ => return None,
    };
    Some(match operator {
        Operator::Equal => ordering == Ordering::Equal,
        Operator::NotEqual => ordering != Ordering::Equal,
        Operator::Less => ordering == Ordering::Less,
        Operator::LessOrEqual => ordering != Ordering::Greater,
        Operator::Greater => ordering == Ordering::Greater,
        _ => ordering != Ordering::Less,
    })
}

/// Makes every run of white-space one space, or one line break if it holds one.
pub(super) fn compress(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(char::is_whitespace) {
        out.push_str(&rest[..start]);
        let after = rest[start..].trim_start();
        let blanks = &rest[start..rest.len() - after.len()];
        out.push(if blanks.contains(['\n', '\r']) { '\n' } else { ' ' });
        rest = after;
    }
    out.push_str(rest);
    out
}
