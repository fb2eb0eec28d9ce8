//! Arithmetic, comparison, concatenation.

use std::cmp::Ordering;
use std::rc::Rc;

use super::super::ast::{Format, Operator};
use super::super::collation;
use super::super::numbers::Number;
use super::super::token::Place;
use super::super::value::Value;
use super::{Fault, Result, Run};

impl<'d> Run<'d> {
    pub fn compute(&mut self, operator: Operator, left: &Number, right: &Number) -> Result<Number> {
        self.spend(left.size().saturating_mul(right.size()))?;
        let result = match operator {
            Operator::Add => left.add(right),
            Operator::Subtract => left.subtract(right),
            Operator::Multiply => left.multiply(right),
            Operator::Divide => left.divide(right),
            _ => left.remainder(right),
        };
        result.ok_or_else(|| self.fail())
    }

    /// `+`: sums, and strings, lists and hashes one behind the other.
    pub fn add(
        &mut self,
        left: Value<'d>,
        right: Value<'d>,
        left_at: Place,
        right_at: Place,
    ) -> Result<Value<'d>> {
        if let (Value::Number(left), Value::Number(right)) = (&left, &right) {
            return self.compute(Operator::Add, left, right).map(Value::Number);
        }
        if left.is_sequence()
            && right.is_sequence()
            && let (Some(first), Some(second)) = (left.length(), right.length())
        {
            self.spend(usize::try_from(first.saturating_add(second)).unwrap_or(usize::MAX))?;
            let first = (0..first).map(|index| left.item(index));
            let second = (0..second).map(|index| right.item(index));
            return Value::list(first.chain(second).collect()).ok_or_else(|| self.fail());
        }
        if left.is_hash()
            && right.is_hash()
            && (left.string().is_none() || right.string().is_none())
        {
            let first = self.entries_of(&left).unwrap_or_default();
            let second = self.entries_of(&right).unwrap_or_default();
            self.spend(first.len() + second.len())?;
            let all = first.into_iter().chain(second);
            let entries = all.map(|(key, value)| (self.shared(&key), value)).collect();
            return Value::hash(entries).ok_or_else(|| self.fail());
        }
        let left = self.coerce_output(Some(left), left_at)?;
        let right = self.coerce_output(Some(right), right_at)?;
        self.concatenate(&left, &right)
    }

    /// Strings and markup one behind the other; markup makes the whole markup.
    pub(super) fn concatenate(&mut self, left: &Value<'d>, right: &Value<'d>) -> Result<Value<'d>> {
        let text = |value: &Value<'d>, format: Option<Format>| -> Rc<str> {
            match (value, format) {
                (Value::Markup(_, text), _) => Rc::clone(text),
                (other, Some(format)) => format.escape(other.string().unwrap_or_default()).into(),
                (other, None) => other.string().unwrap_or_default().into(),
            }
        };
        let format = match (left, right) {
            (Value::Markup(left, _), Value::Markup(right, _)) if left != right => {
                return Err(self.fail());
            }
            (Value::Markup(format, _), _) | (_, Value::Markup(format, _)) => Some(*format),
            _ => None,
        };
        if format.is_none()
            && let (Some(left), Some(right)) = (left.string(), right.string())
        {
            self.spend(left.len() + right.len())?;
            let mut out = String::with_capacity(left.len() + right.len());
            out.push_str(left);
            out.push_str(right);
            return Ok(Value::made(out));
        }
        let (left, right) = (text(left, format), text(right, format));
        self.spend(left.len() + right.len())?;
        let joined: Rc<str> = format!("{left}{right}").into();
        Ok(match format {
            Some(format) => Value::Markup(format, joined),
            None => Value::Made(joined),
        })
    }

    pub fn compare(
        &mut self,
        left: &Value<'d>,
        operator: Operator,
        right: &Value<'d>,
    ) -> Result<bool> {
        let failed = Fault::Failed(self.at);
        if matches!(left, Value::Unparsed(_)) || matches!(right, Value::Unparsed(_)) {
            let left = self.date(Some(left.clone()), self.at)?;
            let right = self.date(Some(right.clone()), self.at)?;
            return self.compare(&Value::Date(left), operator, &Value::Date(right));
        }
        let is_equality = matches!(operator, Operator::Equal | Operator::NotEqual);
        let order = match (left, right) {
            (Value::Number(left), Value::Number(right)) => left.compare(right).ok_or(failed)?,
            (Value::Date(left), Value::Date(right)) => left.compare(right).ok_or(failed)?,
            (Value::Boolean(left), Value::Boolean(right)) if is_equality => left.cmp(right),
            (Value::Matches(left), Value::Boolean(right)) if is_equality => {
                left.is_match().cmp(right)
            }
            (Value::Boolean(left), Value::Matches(right)) if is_equality => {
                left.cmp(&right.is_match())
            }
            _ => match (left.string(), right.string()) {
                (Some(left), Some(right)) if is_equality => {
                    // Collation looks at both whole.
                    self.spend(left.len() + right.len())?;
                    if left == right { Ordering::Equal } else { collation::compare(left, right) }
                }
                _ => return Err(failed),
            },
        };
        Ok(match operator {
            Operator::Equal => order == Ordering::Equal,
            Operator::NotEqual => order != Ordering::Equal,
            Operator::Less => order == Ordering::Less,
            Operator::LessOrEqual => order != Ordering::Greater,
            Operator::Greater => order == Ordering::Greater,
            _ => order != Ordering::Less,
        })
    }
}
