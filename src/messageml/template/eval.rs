//! Running a template.

use std::collections::HashMap;
use std::rc::Rc;

use serde_json::{Map, Value as Json};

use super::builtins;
use super::expression::{Expression, Kind, Operator, Part};
use super::parse::{List, Names, Step};
use super::value::{Number, Range, Value};

/// What a template may spend: a unit for every step, every expression, and every byte it makes or writes.
pub(super) const BUDGET: usize = 4_000_000;

/// Why a run ends early.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// Something is missing at this offset; `!` and `??` may forgive that.
    Missing(usize),
    Failed(usize),
}

impl Fault {
    fn at(self) -> usize {
        match self {
            Self::Missing(at) | Self::Failed(at) => at,
        }
    }
}

/// How a step ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flow {
    Next,
    Break,
    Continue,
}

/// Runs a template and returns what it writes.
///
/// # Errors
///
/// The offset of what failed.
pub(super) fn run(steps: &[Step<'_>], data: &Map<String, Json>) -> Result<String, usize> {
    let mut run = Run {
        data,
        variables: HashMap::new(),
        locals: Vec::new(),
        loops: Vec::new(),
        left: BUDGET,
    };
    let mut out = String::new();
    run.steps(steps, &mut out).map_err(Fault::at)?;
    Ok(out)
}

pub(super) struct Run<'t, 'd> {
    data: &'d Map<String, Json>,
    /// What `assign` set.
    variables: HashMap<&'t str, Value<'d>>,
    /// Loop variables and those of escapes; the innermost is last and wins. A loop variable may stand for nothing.
    locals: Vec<(&'t str, Option<Value<'d>>)>,
    /// The lists being run.
    loops: Vec<Loop<'t, 'd>>,
    left: usize,
}

/// A list being run.
struct Loop<'t, 'd> {
    items: Items<'d>,
    names: Option<Names<'t>>,
    index: u64,
}

/// What a list goes through.
#[derive(Clone)]
enum Items<'d> {
    Sequence(Value<'d>),
    /// Keys and values of a hash.
    Entries(Rc<Vec<(Value<'d>, Option<Value<'d>>)>>),
}

impl Items<'_> {
    fn length(&self) -> u64 {
        match self {
            Self::Sequence(sequence) => sequence.length().unwrap_or_default(),
            Self::Entries(entries) => entries.len() as u64,
        }
    }
}

impl<'t, 'd> Run<'t, 'd> {
    fn steps(&mut self, steps: &[Step<'t>], out: &mut String) -> Result<Flow, Fault> {
        for step in steps {
            match self.step(step, out)? {
                Flow::Next => {}
                flow => return Ok(flow),
            }
        }
        Ok(Flow::Next)
    }

    fn step(&mut self, step: &Step<'t>, out: &mut String) -> Result<Flow, Fault> {
        self.spend(1, 0)?;
        match step {
            Step::Text(text) => {
                self.spend(text.len(), 0)?;
                out.push_str(text);
            }
            Step::Print { at, value, escapes } => {
                let mut printed = self.required(value)?;
                let outer = self.locals.len();
                for escape in escapes {
                    self.locals.push((escape.name, Some(printed)));
                    printed = self.required(&escape.value)?;
                }
                self.locals.truncate(outer);
                let text = match (printed.text(), &printed) {
                    (Some(text), _) => text,
                    (None, Value::Boolean(_)) => return Err(Fault::Failed(*at)),
                    (None, _) => return Err(Fault::Failed(value.at)),
                };
                self.spend(text.len(), *at)?;
                out.push_str(&text);
            }
            Step::If(branches) => {
                for (condition, body) in branches {
                    let holds = match condition {
                        Some(condition) => self.condition(condition)?,
                        None => true,
                    };
                    if holds {
                        return self.steps(body, out);
                    }
                }
            }
            Step::List(list) => return self.list(list, out).map(|()| Flow::Next),
            Step::Items { at, names, body } => return self.items(*at, *names, body, out),
            Step::Separator(body) => {
                let more =
                    self.loops.last().is_some_and(|list| list.index + 1 < list.items.length());
                if more {
                    return self.steps(body, out);
                }
            }
            Step::Assign { name, value } => {
                let value = self.required(value)?;
                self.variables.insert(name, value);
            }
            Step::Capture { name, body } => {
                let mut captured = String::new();
                let flow = self.steps(body, &mut captured)?;
                self.variables.insert(name, Value::made(captured));
                return Ok(flow);
            }
            Step::Switch { value, cases } => return self.switch(value, cases, out),
            Step::Break => return Ok(Flow::Break),
            Step::Continue => return Ok(Flow::Continue),
            Step::Compress(body) => {
                let mut inner = String::new();
                let flow = self.steps(body, &mut inner)?;
                out.push_str(&compress(&inner));
                return Ok(flow);
            }
            Step::Fail { at } => return Err(Fault::Failed(*at)),
        }
        Ok(Flow::Next)
    }

    fn list(&mut self, list: &List<'t>, out: &mut String) -> Result<(), Fault> {
        let sequence = self.required(&list.sequence)?;
        let pairs = list.names.is_some_and(|names| names.second.is_some());
        let items = match sequence.entries() {
            Some(entries) if pairs || list.names.is_none() && sequence.length().is_none() => {
                self.spend(entries.len(), list.sequence.at)?;
                Items::Entries(Rc::new(entries))
            }
            _ if sequence.length().is_some() && !pairs => Items::Sequence(sequence),
            _ => return Err(Fault::Failed(list.sequence.at)),
        };
        if items.length() == 0 {
            self.steps(&list.otherwise, out)?;
            return Ok(());
        }
        self.loops.push(Loop { items, names: list.names, index: 0 });
        match list.names {
            Some(names) => {
                self.iterate(names, &list.body, out)?;
            }
            None => {
                self.steps(&list.body, out)?;
            }
        }
        self.loops.pop();
        Ok(())
    }

    fn items(
        &mut self,
        at: usize,
        names: Names<'t>,
        body: &[Step<'t>],
        out: &mut String,
    ) -> Result<Flow, Fault> {
        match self.loops.last_mut() {
            Some(list) if list.names.is_none() => list.names = Some(names),
            _ => return Err(Fault::Failed(at)),
        }
        self.iterate(names, body, out)?;
        if let Some(list) = self.loops.last_mut() {
            list.names = None;
        }
        Ok(Flow::Next)
    }

    /// Runs the body of the innermost loop once for every element.
    fn iterate(
        &mut self,
        names: Names<'t>,
        body: &[Step<'t>],
        out: &mut String,
    ) -> Result<(), Fault> {
        let Some(items) = self.loops.last().map(|list| list.items.clone()) else { return Ok(()) };
        let outer = self.locals.len();
        for index in 0..items.length() {
            self.spend(1, 0)?;
            if let Some(list) = self.loops.last_mut() {
                list.index = index;
            }
            match &items {
                Items::Sequence(sequence) => self.locals.push((names.first, sequence.item(index))),
                Items::Entries(entries) => {
                    let Some((key, value)) =
                        usize::try_from(index).ok().and_then(|index| entries.get(index))
                    else {
                        break;
                    };
                    self.locals.push((names.first, Some(key.clone())));
                    if let Some(second) = names.second {
                        self.locals.push((second, value.clone()));
                    }
                }
            }
            let flow = self.steps(body, out)?;
            self.locals.truncate(outer);
            if flow == Flow::Break {
                break;
            }
        }
        Ok(())
    }

    fn switch(
        &mut self,
        value: &Expression<'t>,
        cases: &[(Option<Expression<'t>>, Vec<Step<'t>>)],
        out: &mut String,
    ) -> Result<Flow, Fault> {
        let wanted = self.required(value)?;
        let mut found = None;
        for (index, (condition, _)) in cases.iter().enumerate() {
            if let Some(condition) = condition {
                let case = self.required(condition)?;
                if compare(&wanted, &case, Operator::Equal).ok_or(Fault::Failed(condition.at))? {
                    found = Some(index);
                    break;
                }
            }
        }
        let first = found.or_else(|| cases.iter().position(|(condition, _)| condition.is_none()));
        // Cases run into one another until a break.
        for (_, body) in cases.iter().skip(first.unwrap_or(cases.len())) {
            match self.steps(body, out)? {
                Flow::Next => {}
                Flow::Break => break,
                Flow::Continue => return Ok(Flow::Continue),
            }
        }
        Ok(Flow::Next)
    }

    /// Takes units from what the template may spend.
    pub fn spend(&mut self, units: usize, at: usize) -> Result<(), Fault> {
        self.left = self.left.checked_sub(units).ok_or(Fault::Failed(at))?;
        Ok(())
    }

    /// The value of an expression, which has to have one.
    pub fn required(&mut self, expression: &Expression<'t>) -> Result<Value<'d>, Fault> {
        self.value(expression)?.ok_or(Fault::Missing(expression.at))
    }

    fn condition(&mut self, expression: &Expression<'t>) -> Result<bool, Fault> {
        match self.required(expression)? {
            Value::Boolean(boolean) => Ok(boolean),
            _ => Err(Fault::Failed(expression.at)),
        }
    }

    pub fn number(&mut self, expression: &Expression<'t>) -> Result<Number, Fault> {
        match self.required(expression)? {
            Value::Number(number) => Ok(number),
            _ => Err(Fault::Failed(expression.at)),
        }
    }

    pub fn text(&mut self, expression: &Expression<'t>) -> Result<String, Fault> {
        let value = self.required(expression)?;
        let text = value.text().ok_or(Fault::Failed(expression.at))?;
        self.spend(text.len(), expression.at)?;
        Ok(text.into_owned())
    }

    /// The value of an expression that may be missing. In parentheses anything inside may be missing too.
    pub fn forgiven(&mut self, expression: &Expression<'t>) -> Result<Option<Value<'d>>, Fault> {
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
    pub fn loop_of(&self, name: &str) -> Option<(u64, u64)> {
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
        if let (Some(left), Some(right)) = (a.length(), b.length()) {
            if !matches!((&a, &b), (Value::Nothing, Value::Nothing)) {
                let total = usize::try_from(left.saturating_add(right)).unwrap_or(usize::MAX);
                self.spend(total, at)?;
                let items = (0..left)
                    .map(|i| a.item(i))
                    .chain((0..right).map(|i| b.item(i)))
                    .flatten()
                    .collect();
                return Value::list(items).ok_or(failed);
            }
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

pub(super) fn integer<'d>(number: u64) -> Value<'d> {
    Value::Number(Number::Integer(i64::try_from(number).unwrap_or(i64::MAX)))
}

fn range(from: i64, to: Option<i64>, exclusive: bool) -> Range {
    let Some(to) = to else { return Range { from, length: u64::MAX, down: false } };
    let down = to < from;
    let length = from.abs_diff(to) + u64::from(!exclusive && from.abs_diff(to) < u64::MAX);
    Range { from, length, down }
}

fn arithmetic(operator: Operator, a: Number, b: Number) -> Option<Number> {
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
fn compare(a: &Value<'_>, b: &Value<'_>, operator: Operator) -> Option<bool> {
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
fn compress(text: &str) -> String {
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
