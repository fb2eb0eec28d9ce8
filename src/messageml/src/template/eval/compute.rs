//! The values of expressions.

use std::rc::Rc;

use super::super::builtins;
use super::super::expression::{Expression, Kind, Operator, Part};
use super::super::operate::{arithmetic, compare, range};
use super::super::value::{Number, Range, Value};
use super::{Fault, Run, integer};

impl<'t, 'd> Run<'t, 'd> {
    /// The value of an expression, which has to have one.
    pub(in super::super) fn required(
        &mut self,
        expression: &Expression<'t>,
    ) -> Result<Value<'d>, Fault> {
        self.value(expression)?.ok_or(Fault::Missing(expression.at))
    }

    pub(super) fn condition(&mut self, expression: &Expression<'t>) -> Result<bool, Fault> {
        match self.required(expression)? {
            Value::Boolean(boolean) => Ok(boolean),
            _ => Err(Fault::Failed(expression.at)),
        }
    }

    pub(in super::super) fn number(
        &mut self,
        expression: &Expression<'t>,
    ) -> Result<Number, Fault> {
        match self.required(expression)? {
            Value::Number(number) => Ok(number),
            _ => Err(Fault::Failed(expression.at)),
        }
    }

    pub(in super::super) fn text(&mut self, expression: &Expression<'t>) -> Result<String, Fault> {
        let value = self.required(expression)?;
        let text = value.text().ok_or(Fault::Failed(expression.at))?;
        self.spend(text.len(), expression.at)?;
        Ok(text.into_owned())
    }

    /// The value of an expression that may be missing. In parentheses anything inside may be missing too.
    pub(in super::super) fn forgiven(
        &mut self,
        expression: &Expression<'t>,
    ) -> Result<Option<Value<'d>>, Fault> {
        match (self.value(expression), &expression.kind) {
            (Err(Fault::Missing(_)), Kind::Group(_)) => Ok(None),
            (result, _) => result,
        }
    }

    /// The value of an expression; `None` if there is none.
    fn value(&mut self, expression: &Expression<'t>) -> Result<Option<Value<'d>>, Fault> {
        let at = expression.at;
        self.spend(1, at)?;
        let failed = Fault::Failed(at);
        Ok(Some(match &expression.kind {
            Kind::Number(number) => Value::Number(*number),
            Kind::Boolean(boolean) => Value::Boolean(*boolean),
            Kind::Text(parts) => Value::made(self.string(parts, at)?),
            Kind::Variable(name) => return Ok(self.variable(name)),
            Kind::List(items) => {
                let items =
                    items.iter().map(|item| self.required(item)).collect::<Result<_, _>>()?;
                Value::list(items).ok_or(failed)?
            }
            Kind::Hash(entries) => {
                let mut hash = Vec::with_capacity(entries.len());
                for (key, value) in entries {
                    hash.push((self.text(key)?.into(), self.required(value)?));
                }
                Value::hash(hash).ok_or(failed)?
            }
            Kind::Group(inner) => return self.value(inner),
            Kind::Member(of, name) => {
                let of = self.required(of)?;
                return self.member(&of, name, at);
            }
            Kind::Index(of, index) => return self.index(of, index),
            Kind::Builtin { of, name, arguments } => {
                return builtins::apply(self, at, of, name, arguments);
            }
            Kind::Default(of, default) => match (self.forgiven(of)?, default) {
                (Some(value), _) => value,
                (None, Some(default)) => return self.value(default),
                (None, None) => Value::Nothing,
            },
            Kind::Exists(of) => Value::Boolean(self.forgiven(of)?.is_some()),
            Kind::Not(of) => Value::Boolean(!self.condition(of)?),
            Kind::Negative(of) => Value::Number(match self.number(of)? {
                Number::Integer(integer) => integer
                    .checked_neg()
                    .map_or(Number::Float(9_223_372_036_854_775_808.0), Number::Integer),
                Number::Float(float) => Number::Float(-float),
            }),
            Kind::Range { from, to, exclusive } => {
                let from = self.number(from)?.integer().ok_or(failed)?;
                let to = match to {
                    Some(to) => Some(self.number(to)?.integer().ok_or(failed)?),
                    None => None,
                };
                Value::Range(range(from, to, *exclusive))
            }
            Kind::Binary(operator, left, right) => self.binary(*operator, left, right)?,
        }))
    }

    fn string(&mut self, parts: &[Part<'t>], at: usize) -> Result<String, Fault> {
        let mut out = String::new();
        for part in parts {
            let start = out.len();
            match part {
                Part::Literal(text) => out.push_str(text),
                Part::Interpolation(expression) => out.push_str(&self.text(expression)?),
            }
            self.spend(out.len() - start, at)?;
        }
        Ok(out)
    }

    fn variable(&self, name: &str) -> Option<Value<'d>> {
        if let Some((_, value)) = self.locals.iter().rev().find(|(local, _)| *local == name) {
            return value.clone();
        }
        for list in self.loops.iter().rev() {
            let Some(first) = list.names.map(|names| names.first) else { continue };
            match name.strip_prefix(first) {
                Some("_index") => return Some(integer(list.index)),
                Some("_has_next") => {
                    return Some(Value::Boolean(list.index + 1 < list.items.length()));
                }
                _ => {}
            }
        }
        if let Some(value) = self.variables.get(name) {
            return Some(value.clone());
        }
        matches!(name, "data" | "entity").then_some(Value::Object(self.data))
    }

    /// Where the loop with this variable stands: the index, and how many elements there are.
    pub(in super::super) fn loop_of(&self, name: &str) -> Option<(u64, u64)> {
        let list = self
            .loops
            .iter()
            .rev()
            .find(|list| list.names.is_some_and(|names| names.first == name))?;
        Some((list.index, list.items.length()))
    }

    fn index(
        &mut self,
        of: &Expression<'t>,
        index: &Expression<'t>,
    ) -> Result<Option<Value<'d>>, Fault> {
        let target = self.required(of)?;
        let failed = Fault::Failed(of.at);
        match self.required(index)? {
            Value::Number(number) => {
                let index = number.integer().and_then(|index| u64::try_from(index).ok());
                match (target.length(), target.string(), index) {
                    (Some(_), _, Some(index)) => Ok(target.item(index)),
                    (None, Some(text), Some(index)) => {
                        self.spend(text.len(), of.at)?;
                        let character =
                            usize::try_from(index).ok().and_then(|index| text.chars().nth(index));
                        character.map(|c| Some(Value::made(c.to_string()))).ok_or(failed)
                    }
                    _ => Err(failed),
                }
            }
            Value::Range(range) => self.slice(&target, range, of.at).map(Some),
            name => match name.string() {
                Some(name) => self.member(&target, name, of.at),
                None => Err(Fault::Failed(index.at)),
            },
        }
    }

    /// A member of a hash. Hashes that the template made are searched, which costs.
    fn member(
        &mut self,
        of: &Value<'d>,
        name: &str,
        at: usize,
    ) -> Result<Option<Value<'d>>, Fault> {
        if let Value::Hash(hash) = of {
            self.spend(hash.items.len(), at)?;
        }
        of.member(name).map_err(|()| Fault::Failed(at))
    }

    fn slice(&mut self, target: &Value<'d>, range: Range, at: usize) -> Result<Value<'d>, Fault> {
        let failed = Fault::Failed(at);
        let text = target.string().filter(|_| target.length().is_none());
        let is_text = text.is_some();
        self.spend(text.unwrap_or_default().len(), at)?;
        let characters: Vec<char> = text.unwrap_or_default().chars().collect();
        let length =
            if is_text { characters.len() as u64 } else { target.length().ok_or(failed)? };
        let start = u64::try_from(range.from).map_err(|_| failed)?;
        // A range without an end reaches to the end of what it cuts.
        let count = if range.length == u64::MAX {
            length.checked_sub(start).ok_or(failed)?
        } else {
            range.length
        };
        self.spend(usize::try_from(count).unwrap_or(usize::MAX), at)?;
        let mut text = String::new();
        let mut items = Vec::new();
        for offset in 0..count {
            let index = range
                .get(offset)
                .and_then(|index| u64::try_from(index).ok())
                .filter(|index| *index < length);
            let index = index.ok_or(failed)?;
            if is_text {
                text.extend(usize::try_from(index).ok().and_then(|index| characters.get(index)));
            } else {
                items.push(target.item(index).ok_or(failed)?);
            }
        }
        if is_text { Ok(Value::made(text)) } else { Value::list(items).ok_or(failed) }
    }

    fn binary(
        &mut self,
        operator: Operator,
        left: &Expression<'t>,
        right: &Expression<'t>,
    ) -> Result<Value<'d>, Fault> {
        Ok(match operator {
            Operator::Or => Value::Boolean(self.condition(left)? || self.condition(right)?),
            Operator::And => Value::Boolean(self.condition(left)? && self.condition(right)?),
            Operator::Add => {
                let (a, b) = (self.required(left)?, self.required(right)?);
                self.add(a, b, left.at)?
            }
            Operator::Subtract | Operator::Multiply | Operator::Divide | Operator::Remainder => {
                let (a, b) = (self.number(left)?, self.number(right)?);
                Value::Number(arithmetic(operator, a, b).ok_or(Fault::Failed(left.at))?)
            }
            _ => {
                let (a, b) = (self.required(left)?, self.required(right)?);
                if let (Some(a), Some(b)) = (a.string(), b.string()) {
                    self.spend(a.len().min(b.len()), left.at)?;
                }
                Value::Boolean(compare(&a, &b, operator).ok_or(Fault::Failed(left.at))?)
            }
        })
    }

    fn add(&mut self, a: Value<'d>, b: Value<'d>, at: usize) -> Result<Value<'d>, Fault> {
        let failed = Fault::Failed(at);
        if let (Value::Number(a), Value::Number(b)) = (&a, &b) {
            return arithmetic(Operator::Add, *a, *b).map(Value::Number).ok_or(failed);
        }
        if let (Some(left), Some(right)) = (a.length(), b.length())
            && !matches!((&a, &b), (Value::Nothing, Value::Nothing))
        {
            self.spend(usize::try_from(left.saturating_add(right)).unwrap_or(usize::MAX), at)?;
            let left = (0..left).map(|index| a.item(index));
            let right = (0..right).map(|index| b.item(index));
            return Value::list(left.chain(right).flatten().collect()).ok_or(failed);
        }
        if let (Some(left), Some(right)) = (a.text(), b.text()) {
            self.spend(left.len() + right.len(), at)?;
            return Ok(Value::made(format!("{left}{right}")));
        }
        if let (Some(left), Some(right)) = (a.entries(), b.entries()) {
            self.spend(left.len() + right.len(), at)?;
            let entries = left.into_iter().chain(right);
            let hash = entries
                .filter_map(|(key, value)| Some((Rc::from(key.string()?), value?)))
                .collect();
            return Value::hash(hash).ok_or(failed);
        }
        Err(failed)
    }
}
