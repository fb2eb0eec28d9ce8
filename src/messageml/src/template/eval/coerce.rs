//! Values as strings and numbers.

use std::rc::Rc;

use super::super::super::java::push_integer;
use super::super::ast::{Expr, Format};
use super::super::dates::{Date, DateKind};
use super::super::decimal_format::Pattern;
use super::super::numbers::Number;
use super::super::token::Place;
use super::super::value::Value;
use super::{Fault, Result, Run};

impl<'d> Run<'d> {
    pub fn number(&mut self, expression: &Expr) -> Result<Number> {
        let value = self.eval(expression)?;
        self.as_number(value, expression.span.begin)
    }

    pub fn as_number(&mut self, value: Option<Value<'d>>, at: Place) -> Result<Number> {
        match value {
            Some(Value::Number(number)) => Ok(number),
            Some(_) => Err(Fault::Failed(at)),
            None => Err(Fault::Missing(at)),
        }
    }

    /// The string of an expression.
    pub fn text(&mut self, expression: &Expr) -> Result<Value<'d>> {
        let value = self.eval(expression)?;
        self.coerce(value, expression.span.begin)
    }

    /// A string, or what becomes one by itself: numbers and dates.
    pub fn coerce(&mut self, value: Option<Value<'d>>, at: Place) -> Result<Value<'d>> {
        match value {
            Some(Value::Markup(..)) => Err(Fault::Failed(at)),
            other => self.coerce_output(other, at),
        }
    }

    /// The same, and markup stays what it is.
    pub fn coerce_output(&mut self, value: Option<Value<'d>>, at: Place) -> Result<Value<'d>> {
        match value {
            Some(value @ (Value::Text(_) | Value::Made(_) | Value::Markup(..))) => Ok(value),
            Some(Value::Number(number)) => self.print_number(&number).map(Value::made),
            Some(Value::Nothing) => Ok(Value::Text("")),
            Some(Value::Boolean(boolean)) => self.print_boolean(boolean),
            Some(Value::Date(date)) => self.print_date(date).map(Value::made),
            Some(value @ Value::Unparsed(_)) => {
                let date = self.date(Some(value), at)?;
                self.print_date(date).map(Value::made)
            }
            Some(value @ (Value::Match(..) | Value::Formatted(_))) => {
                Ok(Value::made(value.string().unwrap_or_default()))
            }
            Some(Value::Matches(matches)) => self.print_boolean(matches.is_match()),
            Some(_) => Err(Fault::Failed(at)),
            None if self.settings.classic_compatible => Ok(Value::Text("")),
            None => Err(Fault::Missing(at)),
        }
    }

    /// A date; what was not parsed yet is.
    pub fn date(&mut self, value: Option<Value<'d>>, at: Place) -> Result<Date> {
        match value {
            Some(Value::Date(date)) => Ok(date),
            Some(Value::Unparsed(unparsed)) => {
                let (kind, text, format) = &*unparsed;
                self.parse_date(*kind, text, format)
            }
            Some(_) => Err(Fault::Failed(at)),
            None => Err(Fault::Missing(at)),
        }
    }

    pub fn parse_date(&mut self, kind: DateKind, text: &str, format: &str) -> Result<Date> {
        self.spend(text.len() + format.len())?;
        let zone = Rc::clone(&self.settings.time_zone);
        Date::parse(text, kind, format, &zone, &self.settings.locale).ok_or_else(|| self.fail())
    }

    fn print_boolean(&mut self, boolean: bool) -> Result<Value<'d>> {
        if self.settings.classic_compatible {
            return Ok(Value::Text(if boolean { "true" } else { "" }));
        }
        let format = Rc::clone(&self.settings.boolean_format);
        match &*format {
            "true,false" => Err(self.fail()),
            "c" => Ok(Value::Text(if boolean { "true" } else { "false" })),
            other => {
                let (yes, no) = other.split_once(',').unwrap_or((other, ""));
                Ok(Value::made(if boolean { yes } else { no }))
            }
        }
    }

    /// A boolean as `?string` prints it.
    pub fn boolean_text(&self, boolean: bool) -> String {
        let format = &self.settings.boolean_format;
        let (yes, no) = match &**format {
            "c" => ("true", "false"),
            other => other.split_once(',').unwrap_or((other, "")),
        };
        (if boolean { yes } else { no }).to_owned()
    }

    pub fn print_number(&mut self, number: &Number) -> Result<String> {
        let mut text = String::new();
        self.write_number(number, &mut text)?;
        Ok(text)
    }

    /// Writes a number as it is printed.
    pub fn write_number(&mut self, number: &Number, out: &mut String) -> Result<()> {
        if self.number.is_none() {
            let format = Rc::clone(&self.settings.number_format);
            let pattern = self.number_pattern(&format).ok_or_else(|| self.fail())?;
            self.number = Some(Rc::new(pattern));
        }
        let before = out.len();
        if let Some(pattern) = &self.number {
            match pattern.bare(number) {
                Some(integer) => push_integer(out, integer),
                None => out.push_str(&pattern.format(number)),
            }
        }
        self.spend(out.len() - before)
    }

    /// The pattern of a format: a name or a pattern.
    pub fn number_pattern(&self, format: &str) -> Option<Pattern> {
        let locale = &self.settings.locale;
        Some(match format {
            "number" => Pattern::number(locale),
            "currency" => Pattern::currency(locale),
            "percent" => Pattern::percent(locale),
            "computer" => Pattern::COMPUTER,
            other if other.starts_with('@') => return None,
            other => Pattern::parse(other, locale)?,
        })
    }

    pub fn print_date(&mut self, date: Date) -> Result<String> {
        let format = match date.kind {
            DateKind::Date => Rc::clone(&self.settings.date_format),
            DateKind::Time => Rc::clone(&self.settings.time_format),
            DateKind::DateTime => Rc::clone(&self.settings.datetime_format),
            DateKind::Unknown => return Err(self.fail()),
        };
        self.format_date(date, &format)
    }

    /// A date by a name, a style or a pattern.
    pub fn format_date(&mut self, date: Date, format: &str) -> Result<String> {
        let zone = Rc::clone(&self.settings.time_zone);
        let text = date.format(format, &zone, &self.settings.locale).ok_or_else(|| self.fail())?;
        self.spend(text.len())?;
        Ok(text)
    }

    /// Writes what an interpolation evaluates to.
    pub(super) fn print(
        &mut self,
        value: &Value<'d>,
        escaping: Option<Format>,
        out: &mut String,
    ) -> Result<()> {
        match (value, escaping) {
            (Value::Markup(_, text), _) => {
                self.spend(text.len())?;
                out.push_str(text);
            }
            (other, Some(format)) => {
                let text = format.escape(other.string().unwrap_or_default());
                self.spend(text.len())?;
                out.push_str(&text);
            }
            (other, None) => {
                let text = other.string().unwrap_or_default();
                self.spend(text.len())?;
                out.push_str(text);
            }
        }
        Ok(())
    }
}
