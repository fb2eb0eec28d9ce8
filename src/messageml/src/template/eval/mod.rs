//! Running a template.

mod assign;
mod calls;
mod coerce;
mod elements;
mod expressions;
mod lists;
mod members;
mod operators;
mod variables;

use std::collections::HashMap;
use std::rc::Rc;

use super::super::json::Object;
use super::ast::Template;

use super::decimal_format::Pattern;
use super::locale::Locale;
use super::regex::Patterns;
use super::token::Place;
use super::value::Value;

pub(super) use calls::Context;
pub(super) use variables::Frame;

/// What a template may spend: a unit for every step, every expression, and every byte it makes or writes.
/// The slowest template that was found takes 140 ms for it, optimised.
pub(super) const BUDGET: usize = 3_000_000;

/// How deep a run may nest, in expressions and elements: a text that evaluates itself is as short as it is deep. The stack grows with it.
const MAX_DEPTH: usize = 10_000;

/// How deep macros and functions may call each other.
const MAX_CALLS: usize = 500;

/// Why a run, or a part of it, ends early.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// Something is missing; `!` and `??` may forgive that.
    Missing(Place),
    Failed(Place),
    /// The budget is spent, which nothing can forgive.
    Exhausted(Place),
    /// `<#stop>`, which only `recover` handles.
    Stopped(Place),
    Break,
    Continue,
    Return,
}

pub(super) type Result<T> = std::result::Result<T, Fault>;

/// What the formats of a template are set to.
#[derive(Debug, Clone)]
pub(super) struct Settings {
    pub locale: Locale,
    pub number_format: Rc<str>,
    pub boolean_format: Rc<str>,
    pub date_format: Rc<str>,
    pub time_format: Rc<str>,
    pub datetime_format: Rc<str>,
    pub time_zone: Rc<str>,
    pub url_escaping_charset: Option<Rc<str>>,
    pub output_encoding: Option<Rc<str>>,
    pub classic_compatible: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            locale: Locale::default(),
            number_format: "number".into(),
            boolean_format: "true,false".into(),
            date_format: "".into(),
            time_format: "".into(),
            datetime_format: "".into(),
            time_zone: "UTC".into(),
            url_escaping_charset: None,
            output_encoding: None,
            classic_compatible: false,
        }
    }
}

/// Runs a template and returns what it writes.
///
/// # Errors
///
/// The place of what failed.
pub(super) fn run(
    template: &Rc<Template>,
    data: &Object<'_>,
    now: i64,
) -> std::result::Result<String, Place> {
    let mut run = Run {
        data,
        now,
        template: Rc::clone(template),
        namespace: HashMap::new(),
        globals: HashMap::new(),
        frames: None,
        context: None,
        alias: None,
        settings: Settings::default(),
        number: None,
        patterns: Patterns::new(),
        at: template.elements[template.root].span.begin,
        left: BUDGET,
        depth: 0,
        calls: 0,
        returned: None,
        error: None,
    };
    for definition in &template.macros {
        let value = Value::Macro(Rc::clone(definition), Rc::clone(template));
        run.namespace.insert(Rc::clone(&definition.name), value);
    }
    let mut out = String::new();
    match run.visit(template.root, &mut out) {
        Ok(()) | Err(Fault::Stopped(Place { line: 0, .. })) => Ok(out),
        Err(Fault::Missing(at) | Fault::Failed(at) | Fault::Exhausted(at) | Fault::Stopped(at)) => {
            Err(at)
        }
        Err(Fault::Break | Fault::Continue | Fault::Return) => Err(run.at),
    }
}

pub(super) struct Run<'d> {
    pub data: &'d Object<'d>,
    pub now: i64,
    /// What is being run: the template, or one that it made.
    template: Rc<Template>,
    /// What `assign` sets, macros among it.
    namespace: HashMap<Rc<str>, Value<'d>>,
    /// What `global` sets.
    globals: HashMap<Rc<str>, Value<'d>>,
    /// Loop variables and their like, the innermost first.
    frames: Option<Rc<Frame<'d>>>,
    /// The macro or function being run.
    context: Option<Rc<Context<'d>>>,
    /// What the variables of `escape` stand for.
    alias: Option<Rc<expressions::Alias>>,
    pub settings: Settings,
    /// The pattern of `number_format`, once it was needed.
    number: Option<Rc<Pattern>>,
    /// The regular expressions that were used.
    pub(super) patterns: Patterns,
    /// Where the element being run begins: errors without a better place are here.
    pub at: Place,
    left: usize,
    depth: usize,
    calls: usize,
    /// What the last function returned.
    returned: Option<Value<'d>>,
    /// The text of the error that `recover` handles.
    error: Option<Rc<str>>,
}

impl Run<'_> {
    /// Runs something that stands in something else, on a stack that grows with it.
    fn inside<T>(&mut self, run: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        if self.depth == MAX_DEPTH {
            return Err(Fault::Exhausted(self.at));
        }
        self.depth += 1;
        let result = deep(|| run(self));
        self.depth -= 1;
        result
    }

    /// Counts work that has to be done or memory that is to be taken.
    pub fn spend(&mut self, units: usize) -> Result<()> {
        match self.left.checked_sub(units) {
            Some(left) => {
                self.left = left;
                Ok(())
            }
            None => {
                self.left = 0;
                Err(Fault::Exhausted(self.at))
            }
        }
    }

    /// Takes back what was counted and then not needed.
    pub fn give_back(&mut self, units: usize) {
        self.left += units;
    }

    /// An error at the element being run.
    pub fn fail(&self) -> Fault {
        Fault::Failed(self.at)
    }
}

/// Runs something that may nest deeply on a stack that grows with it.
pub(super) fn deep<T>(run: impl FnOnce() -> T) -> T {
    stacker::maybe_grow(256 * 1024, 2 * 1024 * 1024, run)
}
