//! Where variables are looked for: loops and parameters, the macro, the template, the globals, the data.

use std::cell::RefCell;
use std::rc::Rc;

use super::super::value::Value;
use super::Run;
use super::lists::Iteration;

/// Variables of a loop, of nested content or of a lambda.
pub(in super::super) struct Frame<'d> {
    pub kind: FrameKind<'d>,
    pub parent: Option<Rc<Self>>,
}

pub(in super::super) enum FrameKind<'d> {
    Loop(RefCell<Iteration<'d>>),
    Named(Vec<(Rc<str>, Option<Value<'d>>)>),
}

impl<'d> Run<'d> {
    pub(super) fn push(&mut self, kind: FrameKind<'d>) -> Rc<Frame<'d>> {
        let frame = Rc::new(Frame { kind, parent: self.frames.take() });
        self.frames = Some(Rc::clone(&frame));
        frame
    }

    pub(super) fn pop(&mut self) {
        self.frames = self.frames.take().and_then(|frame| frame.parent.clone());
    }

    /// Runs something with variables of its own.
    pub fn with_variable<T>(
        &mut self,
        name: &Rc<str>,
        value: Option<Value<'d>>,
        run: impl FnOnce(&mut Self) -> T,
    ) -> T {
        self.push(FrameKind::Named(vec![(Rc::clone(name), value)]));
        let result = run(self);
        self.pop();
        result
    }

    pub(super) fn local(&self, name: &str) -> Option<Value<'d>> {
        let mut frame = self.frames.as_ref();
        while let Some(one) = frame {
            let found = match &one.kind {
                FrameKind::Loop(iteration) => iteration.borrow().variable(name),
                FrameKind::Named(variables) => variables
                    .iter()
                    .find(|(known, _)| **known == *name)
                    .and_then(|(_, value)| value.clone()),
            };
            if found.is_some() {
                return found;
            }
            frame = one.parent.as_ref();
        }
        self.context.as_ref()?.locals.borrow().get(name).cloned().flatten()
    }

    pub(super) fn variable(&self, name: &str) -> Option<Value<'d>> {
        if let Some(value) = self.local(name) {
            return Some(value);
        }
        self.namespace.get(name).cloned().or_else(|| self.global(name))
    }

    pub(super) fn global(&self, name: &str) -> Option<Value<'d>> {
        self.globals.get(name).cloned().or_else(|| self.root(name))
    }

    /// What the message gives to a template.
    pub(super) fn root(&self, name: &str) -> Option<Value<'d>> {
        matches!(name, "data" | "entity").then_some(Value::Object(self.data))
    }

    /// The loop whose variable this is.
    pub fn loop_of(&self, name: &str) -> Option<Rc<Frame<'d>>> {
        let mut frame = self.frames.as_ref();
        while let Some(one) = frame {
            if let FrameKind::Loop(iteration) = &one.kind
                && iteration.borrow().declares(name)
            {
                return Some(Rc::clone(one));
            }
            frame = one.parent.as_ref();
        }
        None
    }

    /// The innermost loop.
    pub(super) fn innermost(&self) -> Option<Rc<Frame<'d>>> {
        let mut frame = self.frames.as_ref();
        while let Some(one) = frame {
            if let FrameKind::Loop(_) = &one.kind {
                return Some(Rc::clone(one));
            }
            frame = one.parent.as_ref();
        }
        None
    }
}

impl<'d> Frame<'d> {
    pub fn iteration(&self) -> Option<&RefCell<Iteration<'d>>> {
        match &self.kind {
            FrameKind::Loop(iteration) => Some(iteration),
            FrameKind::Named(_) => None,
        }
    }
}
