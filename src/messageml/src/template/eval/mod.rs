//! Running a template.

mod compute;

use std::collections::HashMap;
use std::rc::Rc;

use serde_json::{Map, Value as Json};

use super::expression::{Expression, Operator};
use super::operate::{compare, compress};
use super::parse::{List, Names, Step};
use super::value::{Number, Value};

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
}

pub(super) fn integer<'d>(number: u64) -> Value<'d> {
    Value::Number(Number::Integer(i64::try_from(number).unwrap_or(i64::MAX)))
}
