//! Setting variables and settings.

use std::rc::Rc;

use super::super::ast::{AssignOperator, Assignment, Expr, Format, Id, Operator, Scope};
use super::super::locale::Locale;
use super::super::numbers::Number;
use super::super::token::Span;
use super::super::value::Value;
use super::super::zones;
use super::{Fault, Result, Run};

impl<'d> Run<'d> {
    pub(super) fn assign_all(
        &mut self,
        namespace: Option<&Expr>,
        all: &[(Assignment, Span)],
    ) -> Result<()> {
        let before = self.at;
        for (assignment, span) in all {
            if span.begin.line > 0 {
                self.at = span.begin;
            }
            self.spend(1)?;
            self.check_namespace(namespace)?;
            self.assign(assignment)?;
        }
        self.at = before;
        Ok(())
    }

    /// There is one namespace, so naming it changes nothing; naming something else is an error.
    fn check_namespace(&mut self, namespace: Option<&Expr>) -> Result<()> {
        let Some(namespace) = namespace else { return Ok(()) };
        match self.eval(namespace)? {
            Some(Value::Namespace) => Ok(()),
            Some(_) => Err(Fault::Failed(namespace.span.begin)),
            None => Err(Fault::Missing(namespace.span.begin)),
        }
    }

    pub(super) fn assign(&mut self, assignment: &Assignment) -> Result<()> {
        self.check_namespace(assignment.namespace.as_ref())?;
        let (name, scope) = (&assignment.name, assignment.scope);
        let value = match &assignment.operator {
            AssignOperator::Set(value) => self.required(value)?,
            AssignOperator::Change(Operator::Add, value) => {
                let before = self.assigned(name, scope).ok_or(Fault::Missing(self.at))?;
                let at = value.span.begin;
                let value = self.required(value)?;
                self.add(before, value, self.at, at)?
            }
            AssignOperator::Change(operator, value) => {
                let before = self.assigned_number(name, scope)?;
                let by = self.number(value)?;
                Value::Number(self.compute(*operator, &before, &by)?)
            }
            AssignOperator::Step { up } => {
                let before = self.assigned_number(name, scope)?;
                let operator = if *up { Operator::Add } else { Operator::Subtract };
                Value::Number(self.compute(operator, &before, &Number::Integer(1))?)
            }
        };
        self.set_variable(name, scope, value);
        Ok(())
    }

    fn assigned(&self, name: &str, scope: Scope) -> Option<Value<'d>> {
        match scope {
            Scope::Namespace => self.namespace.get(name).cloned(),
            Scope::Global => self.globals.get(name).cloned(),
            Scope::Local => self.local(name),
        }
    }

    fn assigned_number(&self, name: &str, scope: Scope) -> Result<Number> {
        match self.assigned(name, scope) {
            Some(Value::Number(number)) => Ok(number),
            Some(_) => Err(self.fail()),
            None => Err(Fault::Missing(self.at)),
        }
    }

    pub(super) fn set_variable(&mut self, name: &Rc<str>, scope: Scope, value: Value<'d>) {
        match scope {
            Scope::Namespace => {
                self.namespace.insert(Rc::clone(name), value);
            }
            Scope::Global => {
                self.globals.insert(Rc::clone(name), value);
            }
            Scope::Local => {
                if let Some(context) = &self.context {
                    context.locals.borrow_mut().insert(Rc::clone(name), Some(value));
                }
            }
        }
    }

    pub(super) fn capture(
        &mut self,
        id: Id,
        name: &Rc<str>,
        scope: Scope,
        namespace: Option<&Expr>,
        format: Option<Format>,
    ) -> Result<()> {
        let mut inner = String::new();
        self.children(id, &mut inner)?;
        let value = match format {
            Some(format) => Value::Markup(format, inner.into()),
            None => Value::made(inner),
        };
        self.check_namespace(namespace)?;
        self.set_variable(name, scope, value);
        Ok(())
    }

    /// `<#setting name=value>`
    pub(super) fn set(&mut self, name: &str, value: &Expr) -> Result<()> {
        let text: Rc<str> = match self.eval(value)? {
            Some(Value::Boolean(boolean)) => if boolean { "true" } else { "false" }.into(),
            Some(Value::Number(number)) => number.written().into(),
            other => {
                let text = self.coerce(other, value.span.begin)?;
                text.string().unwrap_or_default().into()
            }
        };
        match name {
            "locale" => {
                self.settings.locale =
                    if &*text == "JVM default" { Locale::default() } else { Locale::named(&text) };
                self.number = None;
            }
            "number_format" => {
                self.settings.number_format = text;
                self.number = None;
            }
            "boolean_format" => {
                let is_right = &*text == "c" || text.contains(',');
                if !is_right {
                    return Err(self.fail());
                }
                self.settings.boolean_format = text;
            }
            "date_format" => self.settings.date_format = text,
            "time_format" => self.settings.time_format = text,
            "datetime_format" => self.settings.datetime_format = text,
            "time_zone" => {
                // Java takes a zone that it does not know for UTC.
                let is_known = &*text != "JVM default" && zones::is_known(&text);
                let zone = if is_known { text } else { "UTC".into() };
                self.settings.time_zone = zone;
            }
            "sql_date_and_time_time_zone" => {
                if &*text != "null" && !zones::is_known(&text) {
                    return Err(self.fail());
                }
            }
            "url_escaping_charset" => self.settings.url_escaping_charset = Some(text),
            "output_encoding" => self.settings.output_encoding = Some(text),
            "classic_compatible" => match &*text {
                "true" | "yes" | "y" | "t" | "1" | "2" => self.settings.classic_compatible = true,
                "false" | "no" | "n" | "f" | "0" => self.settings.classic_compatible = false,
                _ => return Err(self.fail()),
            },
            _ => return Err(self.fail()),
        }
        Ok(())
    }
}
