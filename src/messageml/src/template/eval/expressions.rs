//! What expressions evaluate to.

use std::rc::Rc;

use super::super::ast::{Expr, ExprKind, Operator, Part, RangeEnd, Special, Step, StepKind};
use super::super::builtins;
use super::super::dates::{Date, DateKind};
use super::super::token::{Place, Span};
use super::super::value::{Range, Value, Variables};
use super::{Fault, Result, Run, deep};

/// What the variable of an `escape` stands for while its expression is evaluated.
pub(in super::super) struct Alias {
    name: Rc<str>,
    value: Rc<Expr>,
    outer: Option<Rc<Alias>>,
}

impl<'d> Run<'d> {
    /// The value of an expression; `None` if it is missing.
    pub fn eval(&mut self, expression: &Expr) -> Result<Option<Value<'d>>> {
        self.spend(1)?;
        match &expression.kind {
            ExprKind::Variable(name) => {
                // It is looked up in several maps, each of which hashes it.
                self.spend(name.len() / 16)?;
                self.named(name)
            }
            ExprKind::Text(text) => Ok(Some(Value::Made(Rc::clone(text)))),
            ExprKind::Number(number) => Ok(Some(Value::Number(number.clone()))),
            ExprKind::Boolean(boolean) => Ok(Some(Value::Boolean(*boolean))),
            kind => self.inside(|run| run.compound(kind, expression.span)),
        }
    }

    /// The value of an expression that may not be missing.
    pub fn required(&mut self, expression: &Expr) -> Result<Value<'d>> {
        self.eval(expression)?.ok_or(Fault::Missing(expression.span.begin))
    }

    fn named(&mut self, name: &str) -> Result<Option<Value<'d>>> {
        let mut alias = self.alias.clone();
        while let Some(one) = alias {
            if *one.name == *name {
                let before = std::mem::replace(&mut self.alias, one.outer.clone());
                let result = deep(|| self.eval(&one.value));
                self.alias = before;
                return result;
            }
            alias = one.outer.clone();
        }
        Ok(self.variable(name))
    }

    /// Where errors of an operand are: those of the variable of an `escape` are where what it stands for is, and
    /// those of a condition are inside its parentheses.
    fn begin_of(&self, mut operand: &Expr, builtin: builtins::Builtin) -> Place {
        while let ExprKind::Group(inner) = &operand.kind
            && builtin.takes_condition()
        {
            operand = inner;
        }
        let mut alias = self.alias.as_ref();
        while let (ExprKind::Variable(name), Some(one)) = (&operand.kind, alias) {
            if one.name == *name {
                return one.value.span.begin;
            }
            alias = one.outer.as_ref();
        }
        operand.span.begin
    }

    fn compound(&mut self, kind: &ExprKind, span: Span) -> Result<Option<Value<'d>>> {
        Ok(Some(match kind {
            ExprKind::Postfix { of, steps } => return self.postfix(of, steps),
            ExprKind::Chain { first, rest } => return self.chain(first, rest).map(Some),
            ExprKind::Group(inner) => return self.eval(inner),
            ExprKind::Dynamic(parts) => self.dynamic(parts)?,
            ExprKind::List(items) => {
                let mut values = Vec::with_capacity(items.len());
                for item in items {
                    values.push(Some(self.required(item)?));
                }
                Value::list(values).ok_or_else(|| self.fail())?
            }
            ExprKind::Hash(entries) => {
                let mut values = Vec::with_capacity(entries.len());
                for (key, value) in entries {
                    let key = self.text(key)?;
                    let value = self.required(value)?;
                    values.push((self.shared(&key), Some(value)));
                }
                Value::hash(values).ok_or_else(|| self.fail())?
            }
            ExprKind::Not(of) => Value::Boolean(!self.condition(of)?),
            ExprKind::Sign { negative: false, of } => match self.eval(of)? {
                Some(Value::Number(number)) => Value::Number(number),
                Some(_) => return Err(Fault::Failed(of.span.begin)),
                None => return Ok(None),
            },
            ExprKind::Sign { negative: true, of } => Value::Number(self.number(of)?.negated()),
            ExprKind::Range { from, to, end } => self.range(from, to.as_deref(), *end)?,
            ExprKind::Special(special) => return self.special(*special, span.begin),
            ExprKind::Escaped { name, by, value } => {
                let alias = Alias {
                    name: Rc::clone(name),
                    value: Rc::clone(value),
                    outer: self.alias.clone(),
                };
                let before = self.alias.replace(Rc::new(alias));
                let result = self.eval(by);
                self.alias = before;
                return result;
            }
            // The parser lets one stand only where it is called.
            ExprKind::Lambda { .. } => return Err(Fault::Failed(span.begin)),
            ExprKind::Text(_)
            | ExprKind::Number(_)
            | ExprKind::Boolean(_)
            | ExprKind::Variable(_) => return Ok(None),
        }))
    }

    pub(super) fn shared(&self, text: &Value<'d>) -> Rc<str> {
        match text {
            Value::Made(text) => Rc::clone(text),
            other => other.string().unwrap_or_default().into(),
        }
    }

    fn dynamic(&mut self, parts: &[Part]) -> Result<Value<'d>> {
        let mut out: Option<Value<'d>> = None;
        for part in parts {
            let piece = match part {
                Part::Literal(text) => {
                    self.spend(text.len())?;
                    Value::Made(Rc::clone(text))
                }
                Part::Interpolation { value, format, is_numeric: true } => {
                    Value::made(self.numeric(value, *format)?)
                }
                Part::Interpolation { value, .. } => {
                    let result = self.eval(value)?;
                    self.coerce_output(result, value.span.begin)?
                }
            };
            out = Some(match out {
                None => piece,
                Some(before) => self.concatenate(&before, &piece)?,
            });
        }
        Ok(out.unwrap_or(Value::Text("")))
    }

    fn range(&mut self, from: &Expr, to: Option<&Expr>, end: RangeEnd) -> Result<Value<'d>> {
        let from = i64::from(self.number(from)?.to_int());
        let Some(to) = to else {
            return Ok(Value::Range(Range {
                from,
                length: u64::try_from(i64::from(i32::MAX)).unwrap_or_default(),
                down: false,
                is_unbounded: true,
                is_inclusive: false,
                is_size_limited: false,
            }));
        };
        let to = i64::from(self.number(to)?.to_int());
        let (length, down) = match end {
            RangeEnd::SizeLimited => (to.unsigned_abs(), to < 0),
            RangeEnd::Exclusive => (from.abs_diff(to), to < from),
            RangeEnd::Inclusive | RangeEnd::Unbounded => (from.abs_diff(to) + 1, to < from),
        };
        Ok(Value::Range(Range {
            from,
            length,
            down,
            is_unbounded: false,
            is_inclusive: end == RangeEnd::Inclusive,
            is_size_limited: end == RangeEnd::SizeLimited,
        }))
    }

    fn special(&mut self, special: Special, at: Place) -> Result<Option<Value<'d>>> {
        const NAME: &str = "messageML";
        Ok(Some(match special {
            Special::OutputFormat(format) => Value::Text(format.name()),
            Special::AutoEsc(on) => Value::Boolean(on),
            Special::Main | Special::Namespace => Value::Namespace,
            Special::Globals => Value::Variables(Variables::Globals),
            Special::DataModel => Value::Variables(Variables::DataModel),
            Special::Vars => Value::Variables(Variables::All),
            Special::Locals => {
                let Some(context) = &self.context else { return Ok(None) };
                let locals = context.locals.borrow();
                let entries: Vec<_> =
                    locals.iter().map(|(name, value)| (Rc::clone(name), value.clone())).collect();
                drop(locals);
                self.spend(entries.len())?;
                Value::hash(entries).ok_or_else(|| self.fail())?
            }
            Special::Locale | Special::LocaleObject => Value::made(self.settings.locale.name()),
            Special::Lang => Value::made(self.settings.locale.language()),
            Special::TemplateName | Special::MainTemplateName | Special::CurrentTemplateName => {
                Value::Text(NAME)
            }
            Special::CallerTemplateName => {
                if self.context.is_none() {
                    return Err(self.fail());
                }
                Value::Text(NAME)
            }
            Special::Pass => Value::Pass,
            Special::CurrentNode => return Ok(None),
            Special::OutputEncoding => {
                return Ok(self.settings.output_encoding.clone().map(Value::Made));
            }
            Special::UrlEscapingCharset => {
                return Ok(self.settings.url_escaping_charset.clone().map(Value::Made));
            }
            Special::Error => match &self.error {
                Some(error) => Value::Made(Rc::clone(error)),
                None => return Err(self.fail()),
            },
            Special::Now => Value::Date(Date { millis: self.now, kind: DateKind::DateTime }),
            Special::Version => Value::Text("2.3.31"),
            Special::IncompatibleImprovements => Value::Text("2.3.30"),
            Special::GetOptionalTemplate => Value::OptionalTemplate,
            Special::TimeZone => Value::Made(Rc::clone(&self.settings.time_zone)),
            Special::Args => {
                let context = self.context.as_ref().ok_or(Fault::Failed(at))?;
                let args = context.args.borrow().clone();
                args.ok_or(Fault::Failed(at))?
            }
        }))
    }

    /// Operators of one level, from left to right.
    fn chain(&mut self, first: &Expr, rest: &[(Operator, Expr)]) -> Result<Value<'d>> {
        let [(operator, _), ..] = rest else { return self.required(first) };
        if matches!(operator, Operator::And | Operator::Or) {
            let is_or = *operator == Operator::Or;
            if self.condition(first)? == is_or {
                return Ok(Value::Boolean(is_or));
            }
            for (_, operand) in rest {
                self.spend(1)?;
                if self.condition(operand)? == is_or {
                    return Ok(Value::Boolean(is_or));
                }
            }
            return Ok(Value::Boolean(!is_or));
        }
        let at = first.span.begin;
        let mut left = self.eval(first)?;
        for (operator, operand) in rest {
            self.spend(1)?;
            left = Some(match operator {
                Operator::Add => {
                    let right = self.eval(operand)?;
                    let left = left.ok_or(Fault::Missing(at))?;
                    let right = right.ok_or(Fault::Missing(operand.span.begin))?;
                    self.add(left, right, at, operand.span.begin)?
                }
                Operator::Subtract
                | Operator::Multiply
                | Operator::Divide
                | Operator::Remainder => {
                    let left = self.as_number(left, at)?;
                    let right = self.number(operand)?;
                    Value::Number(self.compute(*operator, &left, &right)?)
                }
                _ => {
                    let right = self.eval(operand)?;
                    let left = left.ok_or(Fault::Missing(at))?;
                    let right = right.ok_or(Fault::Missing(operand.span.begin))?;
                    let holds =
                        self.compare(&left, *operator, &right).map_err(|fault| match fault {
                            Fault::Failed(_) => Fault::Failed(at),
                            other => other,
                        })?;
                    Value::Boolean(holds)
                }
            });
        }
        left.ok_or(Fault::Missing(at))
    }

    fn postfix(&mut self, of: &Expr, steps: &[Step]) -> Result<Option<Value<'d>>> {
        let begin = of.span.begin;
        let is_group = matches!(of.kind, ExprKind::Group(_));
        let forgives = |step: Option<&Step>| match step.map(|step| &step.kind) {
            Some(StepKind::Default(_) | StepKind::Exists) => true,
            Some(StepKind::Builtin { builtin, .. }) => builtin.forgives(),
            _ => false,
        };
        let mut value = match self.eval(of) {
            Err(Fault::Missing(_)) if is_group && forgives(steps.first()) => None,
            other => other?,
        };
        for (index, step) in steps.iter().enumerate() {
            if index > 0 {
                self.spend(1)?;
            }
            value = match &step.kind {
                StepKind::Member(name) => self.member(value, name, begin)?,
                StepKind::Index(key) => self.index(value, key, begin)?,
                StepKind::Call(arguments) => self.call(value, arguments, begin)?,
                StepKind::Default(default) => match (value, default) {
                    (Some(value), _) => Some(value),
                    (None, Some(default)) => self.eval(default)?,
                    (None, None) => Some(Value::Nothing),
                },
                StepKind::Exists => Some(Value::Boolean(value.is_some())),
                StepKind::Builtin { builtin, arguments, .. } => {
                    let target = builtins::Target {
                        value,
                        begin: if index == 0 { self.begin_of(of, *builtin) } else { begin },
                        name: match (&of.kind, index) {
                            (ExprKind::Variable(name), 0) => Some(Rc::clone(name)),
                            _ => None,
                        },
                    };
                    let made = builtins::apply(self, *builtin, target, arguments.as_deref())?;
                    self.charged(made)?
                }
            };
        }
        Ok(value)
    }
}
