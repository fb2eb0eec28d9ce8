//! Members of hashes, elements and slices of lists and strings.

use std::rc::Rc;

use super::super::ast::Expr;
use super::super::builtins;
use super::super::token::Place;
use super::super::utf16;
use super::super::value::{Range, Value, Variables};
use super::{Fault, Result, Run};

impl<'d> Run<'d> {
    /// `of.name`
    pub(super) fn member(
        &mut self,
        of: Option<Value<'d>>,
        name: &str,
        at: Place,
    ) -> Result<Option<Value<'d>>> {
        self.spend(name.len() / 16)?;
        match of {
            None if self.settings.classic_compatible => Ok(None),
            None => Err(Fault::Missing(at)),
            Some(Value::Namespace) => Ok(self.namespace.get(name).cloned()),
            Some(Value::Variables(Variables::DataModel)) => Ok(self.root(name)),
            Some(Value::Variables(Variables::Globals)) => Ok(self.global(name)),
            Some(Value::Variables(Variables::All)) => Ok(self.variable(name)),
            Some(Value::Formatted(formatted)) => {
                builtins::formatted(self, &formatted.0, name, at).map(Some)
            }
            Some(Value::Unparsed(unparsed)) => {
                let (kind, text, _) = &*unparsed;
                self.parse_date(*kind, text, name).map(|date| Some(Value::Date(date)))
            }
            Some(of) => of.member(name).map_err(|()| Fault::Failed(at)),
        }
    }

    /// Names and values of a hash.
    pub fn entries_of(&self, of: &Value<'d>) -> Option<Vec<(Value<'d>, Option<Value<'d>>)>> {
        let made = |(name, value): (&Rc<str>, &Value<'d>)| {
            (Value::Made(Rc::clone(name)), Some(value.clone()))
        };
        let sorted = |variables: &std::collections::HashMap<Rc<str>, Value<'d>>| {
            let mut names: Vec<_> = variables.iter().collect();
            names.sort_by(|a, b| a.0.cmp(b.0));
            names.into_iter().map(made).collect::<Vec<_>>()
        };
        let root = || {
            ["data", "entity"]
                .map(|name| (Value::Text(name), Some(Value::Object(self.data))))
                .to_vec()
        };
        match of {
            Value::Namespace => Some(sorted(&self.namespace)),
            Value::Variables(Variables::DataModel) => Some(root()),
            Value::Variables(Variables::All | Variables::Globals) => None,
            other => other.entries(),
        }
    }

    /// `of[key]`
    pub(super) fn index(
        &mut self,
        of: Option<Value<'d>>,
        key: &Expr,
        at: Place,
    ) -> Result<Option<Value<'d>>> {
        let Some(of) = of else {
            return if self.settings.classic_compatible {
                Ok(None)
            } else {
                Err(Fault::Missing(at))
            };
        };
        let key_at = key.span.begin;
        match self.required(key)? {
            Value::Number(index) => {
                let index = i64::from(index.to_int());
                if let Some(length) = of.length().filter(|_| !matches!(of, Value::Nothing)) {
                    if index < 0 && matches!(of, Value::Array(_) | Value::List(_)) {
                        return Ok(None);
                    }
                    let index = u64::try_from(index).map_err(|_| self.fail())?;
                    return Ok(if index < length { of.item(index) } else { None });
                }
                if matches!(of, Value::Nothing) {
                    return Ok(None);
                }
                let text = self.coerce(Some(of), at)?;
                let text = text.string().unwrap_or_default();
                let index = usize::try_from(index).map_err(|_| self.fail())?;
                let unit = utf16::slice(text, index, index + 1).ok_or_else(|| self.fail())?;
                Ok(Some(Value::made(unit)))
            }
            Value::Range(range) => self.slice(of, range, at, key_at).map(Some),
            key => match key.string() {
                Some(name) => {
                    if of.is_hash() || matches!(of, Value::Formatted(_) | Value::Unparsed(_)) {
                        self.member(Some(of), name, at)
                    } else {
                        Err(Fault::Failed(at))
                    }
                }
                None => Err(Fault::Failed(key_at)),
            },
        }
    }

    fn slice(
        &mut self,
        of: Value<'d>,
        range: Range,
        at: Place,
        key_at: Place,
    ) -> Result<Value<'d>> {
        let failed = Fault::Failed(key_at);
        let text = match of.length() {
            Some(_) => None,
            None => Some(self.coerce(Some(of.clone()), at)?),
        };
        let size = match &text {
            Some(text) => utf16::length(text.string().unwrap_or_default()) as u64,
            None => of.length().unwrap_or_default(),
        };
        let nothing = || match text {
            Some(_) => Ok(Value::Text("")),
            None => Value::list(Vec::new()).ok_or(failed),
        };
        if !range.is_unbounded && range.length == 0 {
            return nothing();
        }
        let first = u64::try_from(range.from).map_err(|_| failed)?;
        let adaptive = range.is_unbounded || range.is_size_limited;
        if if adaptive && !range.down { first > size } else { first >= size } {
            return Err(failed);
        }
        let length = if range.is_unbounded {
            size - first
        } else if range.down {
            if range.length > first + 1 {
                if !adaptive {
                    return Err(failed);
                }
                first + 1
            } else {
                range.length
            }
        } else if first + range.length > size {
            if !adaptive {
                return Err(failed);
            }
            size - first
        } else {
            range.length
        };
        if length == 0 {
            return nothing();
        }
        self.spend(usize::try_from(length).unwrap_or(usize::MAX))?;
        let Some(text) = text else {
            let index = |offset: u64| if range.down { first - offset } else { first + offset };
            let items = (0..length).map(|offset| of.item(index(offset))).collect();
            return Value::list(items).ok_or(failed);
        };
        let start = usize::try_from(first).map_err(|_| failed)?;
        let length = usize::try_from(length).map_err(|_| failed)?;
        if range.down && length > 1 {
            // FreeMarker keeps an old mistake: the two characters backwards are none.
            return if length == 2 && range.is_inclusive {
                Ok(Value::Text(""))
            } else {
                Err(failed)
            };
        }
        let slice = utf16::slice(text.string().unwrap_or_default(), start, start + length);
        slice.map(Value::made).ok_or(failed)
    }
}
