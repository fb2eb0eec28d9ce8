//! Going through lists and hashes.

use std::cell::RefCell;
use std::rc::Rc;

use super::super::ast::{ElementKind, Id, Loop, Names};
use super::super::value::Value;
use super::variables::FrameKind;
use super::{Fault, Result, Run};

/// A list being gone through.
pub(in super::super) struct Iteration<'d> {
    items: Items<'d>,
    names: Option<Names>,
    value: Option<Value<'d>>,
    second: Option<Value<'d>>,
    pub index: u64,
    pub has_next: bool,
    /// Whether `items` went through it already.
    is_done: bool,
}

/// What is gone through.
#[derive(Clone)]
enum Items<'d> {
    Sequence(Value<'d>, u64),
    Entries(Rc<Vec<(Value<'d>, Option<Value<'d>>)>>),
}

impl Items<'_> {
    fn length(&self) -> u64 {
        match self {
            Self::Sequence(_, length) => *length,
            Self::Entries(entries) => entries.len() as u64,
        }
    }
}

impl<'d> Iteration<'d> {
    pub fn declares(&self, name: &str) -> bool {
        self.names
            .as_ref()
            .is_some_and(|names| *names.first == *name || names.second.as_deref() == Some(name))
    }

    pub fn variable(&self, name: &str) -> Option<Value<'d>> {
        let names = self.names.as_ref()?;
        if let Some(rest) = name.strip_prefix(&*names.first) {
            match rest {
                "" => return self.value.clone(),
                "_index" => {
                    return Some(Value::count(usize::try_from(self.index).unwrap_or(usize::MAX)));
                }
                "_has_next" => return Some(Value::Boolean(self.has_next)),
                _ => {}
            }
        }
        if names.second.as_deref() == Some(name) { self.second.clone() } else { None }
    }

    fn set(&mut self, index: u64) {
        self.index = index;
        self.has_next = index + 1 < self.items.length();
        match &self.items {
            Items::Sequence(of, _) => self.value = of.item(index),
            Items::Entries(entries) => {
                let entry = usize::try_from(index).ok().and_then(|index| entries.get(index));
                if let Some((key, value)) = entry {
                    self.value = Some(key.clone());
                    self.second = value.clone();
                }
            }
        }
    }
}

impl<'d> Run<'d> {
    /// Runs a list; whether there was anything in it.
    pub(super) fn list(&mut self, id: Id, list: &Loop, out: &mut String) -> Result<bool> {
        let of = self.eval(&list.of)?;
        let of = match of {
            Some(of) => of,
            None if self.settings.classic_compatible => return Ok(false),
            None => return Err(Fault::Missing(list.of.span.begin)),
        };
        let items = if list.is_hash { self.entries(&of, list)? } else { self.sequence(of, list)? };
        let length = items.length();
        if length == 0 {
            return Ok(false);
        }
        let iteration = Iteration {
            items,
            names: None,
            value: None,
            second: None,
            index: 0,
            has_next: false,
            is_done: false,
        };
        let frame = self.push(FrameKind::Loop(RefCell::new(iteration)));
        let result = match (&list.names, frame.iteration()) {
            (Some(names), Some(iteration)) => self.iterate(id, iteration, names, out),
            _ => self.children(id, out),
        };
        self.pop();
        result.map(|()| true)
    }

    fn sequence(&mut self, of: Value<'d>, list: &Loop) -> Result<Items<'d>> {
        match of.length() {
            Some(length) => Ok(Items::Sequence(of, length)),
            None if of.is_hash() => Err(self.fail()),
            None => Err(Fault::Failed(list.of.span.begin)),
        }
    }

    fn entries(&mut self, of: &Value<'d>, list: &Loop) -> Result<Items<'d>> {
        let entries = match self.entries_of(of) {
            Some(entries) => entries,
            None if of.length().is_some() => return Err(self.fail()),
            None => return Err(Fault::Failed(list.of.span.begin)),
        };
        self.spend(entries.len())?;
        Ok(Items::Entries(Rc::new(entries)))
    }

    fn iterate(
        &mut self,
        id: Id,
        iteration: &RefCell<Iteration<'d>>,
        names: &Names,
        out: &mut String,
    ) -> Result<()> {
        let length = iteration.borrow().items.length();
        for index in 0..length {
            {
                let mut iteration = iteration.borrow_mut();
                iteration.names = Some(names.clone());
                iteration.set(index);
            }
            self.spend(1)?;
            let result = self.children(id, out);
            iteration.borrow_mut().names = None;
            match result {
                Ok(()) | Err(Fault::Continue) => {}
                Err(Fault::Break) => break,
                Err(fault) => return Err(fault),
            }
        }
        Ok(())
    }

    pub(super) fn items(&mut self, id: Id, names: &Names, out: &mut String) -> Result<()> {
        let frame = self.innermost().ok_or_else(|| self.fail())?;
        let iteration = frame.iteration().ok_or_else(|| self.fail())?;
        {
            let mut iteration = iteration.borrow_mut();
            if iteration.is_done || iteration.names.is_some() {
                return Err(self.fail());
            }
            iteration.is_done = true;
        }
        self.iterate(id, iteration, names, out)
    }

    pub(super) fn separator(&mut self, id: Id, out: &mut String) -> Result<()> {
        let frame = self.innermost().ok_or_else(|| self.fail())?;
        let has_next = frame.iteration().is_some_and(|iteration| iteration.borrow().has_next);
        if has_next { self.children(id, out) } else { Ok(()) }
    }

    pub(super) fn list_with_else(&mut self, id: Id, out: &mut String) -> Result<()> {
        let template = Rc::clone(&self.template);
        let [list, otherwise] = template.elements[id].children[..] else { return Err(self.fail()) };
        let ElementKind::List(of) = &template.elements[list].kind else { return Err(self.fail()) };
        if self.list(list, of, out)? { Ok(()) } else { self.visit(otherwise, out) }
    }
}
