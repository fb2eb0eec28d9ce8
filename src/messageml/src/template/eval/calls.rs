//! Calls of macros, functions and methods.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use super::super::ast::{Arguments, Expr, Id, Macro, Template};
use super::super::builtins;
use super::super::token::Place;
use super::super::value::{Value, WithArguments};
use super::variables::{Frame, FrameKind};
use super::{Fault, MAX_CALLS, Result, Run, deep};

/// A macro or function being run.
pub(in super::super) struct Context<'d> {
    pub locals: RefCell<HashMap<Rc<str>, Option<Value<'d>>>>,
    /// `.args`
    pub args: RefCell<Option<Value<'d>>>,
    nested: Option<Nested>,
    frames: Option<Rc<Frame<'d>>>,
    outer: Option<Rc<Self>>,
    template: Rc<Template>,
}

/// What stands inside a call, for `nested`.
#[derive(Clone)]
struct Nested {
    element: Id,
    names: Option<Vec<Rc<str>>>,
}

/// Arguments that were evaluated.
#[derive(Default)]
struct Given<'d> {
    positional: Vec<Option<Value<'d>>>,
    named: Vec<(Rc<str>, Option<Value<'d>>)>,
}

impl<'d> Run<'d> {
    /// `of(…)`
    pub(super) fn call(
        &mut self,
        of: Option<Value<'d>>,
        arguments: &[Expr],
        at: Place,
    ) -> Result<Option<Value<'d>>> {
        let of = of.ok_or(Fault::Missing(at))?;
        match &of {
            Value::Macro(..) | Value::WithArguments(_) => {
                let positional = self.evaluated(arguments)?;
                let given = Given { positional, named: Vec::new() };
                self.call_function(&of, given)
            }
            Value::Method(method) => {
                let (builtin, target) = &**method;
                let arguments = self.evaluated(arguments)?;
                let made = builtins::call(self, *builtin, target.clone(), arguments, at)?;
                self.charged(made)
            }
            Value::Formatted(formatted) => {
                let arguments = self.evaluated(arguments)?;
                builtins::format_call(self, formatted.0.clone(), arguments, at).map(Some)
            }
            Value::Cycle(index) => {
                let arguments = self.evaluated(arguments)?;
                let count = arguments.len();
                if count == 0 {
                    return Err(self.fail());
                }
                Ok(arguments.into_iter().nth(index % count).flatten())
            }
            Value::OptionalTemplate => {
                let arguments = self.evaluated(arguments)?;
                let name = arguments.first().cloned().flatten();
                if arguments.is_empty()
                    || arguments.len() > 2
                    || name.as_ref().and_then(Value::string).is_none()
                {
                    return Err(self.fail());
                }
                let exists = ("exists".into(), Some(Value::Boolean(false)));
                Value::hash(vec![exists]).map(Some).ok_or_else(|| self.fail())
            }
            _ => Err(Fault::Failed(at)),
        }
    }

    fn evaluated(&mut self, arguments: &[Expr]) -> Result<Vec<Option<Value<'d>>>> {
        arguments.iter().map(|argument| self.eval(argument)).collect()
    }

    fn call_function(&mut self, of: &Value<'d>, given: Given<'d>) -> Result<Option<Value<'d>>> {
        let (definition, template, given) = self.unwrapped(of, given)?;
        if !definition.is_function {
            return Err(self.fail());
        }
        self.returned = None;
        // What a function writes is lost.
        let mut lost = String::new();
        self.run_macro(&definition, &template, given, None, &mut lost)?;
        Ok(self.returned.take())
    }

    /// Calls something with values: a function or lambda that a built-in was given.
    pub fn apply_function(
        &mut self,
        of: &Value<'d>,
        arguments: Vec<Option<Value<'d>>>,
    ) -> Result<Option<Value<'d>>> {
        match of {
            Value::Method(method) => {
                let (builtin, target) = &**method;
                let made = builtins::call(self, *builtin, target.clone(), arguments, self.at)?;
                self.charged(made)
            }
            _ => self.call_function(of, Given { positional: arguments, named: Vec::new() }),
        }
    }

    /// What a built-in made, a step for each byte of a text: some copy theirs without looking at it.
    pub fn charged(&mut self, made: Option<Value<'d>>) -> Result<Option<Value<'d>>> {
        match &made {
            Some(Value::Made(text) | Value::Markup(_, text)) => self.spend(text.len())?,
            Some(Value::Formatted(formatted)) => self.spend(formatted.1.len())?,
            _ => {}
        }
        Ok(made)
    }

    /// The macro in `?with_args(…)`, and all arguments.
    fn unwrapped(
        &self,
        of: &Value<'d>,
        given: Given<'d>,
    ) -> Result<(Rc<Macro>, Rc<Template>, Given<'d>)> {
        match of {
            Value::Macro(definition, template) => {
                Ok((Rc::clone(definition), Rc::clone(template), given))
            }
            Value::WithArguments(with) => {
                let WithArguments { of, positional, named, last } = &**with;
                let mut given = given;
                if *last {
                    given.positional.extend(positional.iter().cloned());
                } else {
                    given.positional.splice(0..0, positional.iter().cloned());
                }
                for (name, value) in named {
                    if !given.named.iter().any(|(known, _)| known == name) {
                        let argument = (Rc::clone(name), Some(value.clone()));
                        if *last {
                            given.named.push(argument);
                        } else {
                            given.named.insert(0, argument);
                        }
                    }
                }
                self.unwrapped(of, given)
            }
            _ => Err(self.fail()),
        }
    }

    /// `<@callee …>`
    pub(super) fn call_directive(
        &mut self,
        id: Id,
        callee: &Expr,
        arguments: &Arguments,
        names: Option<&[Rc<str>]>,
        has_body: bool,
        out: &mut String,
    ) -> Result<()> {
        let at = callee.span.begin;
        let of = self.eval(callee)?.ok_or(Fault::Missing(at))?;
        match &of {
            Value::Pass => return Ok(()),
            Value::Template(template) => return self.run_template(template, out),
            Value::Macro(..) | Value::WithArguments(_) => {}
            _ => return Err(Fault::Failed(at)),
        }
        if let Value::Macro(definition, _) = &of
            && definition.is_function
        {
            return Err(self.fail());
        }
        let given = match arguments {
            Arguments::Positional(arguments) => {
                Given { positional: self.evaluated(arguments)?, named: Vec::new() }
            }
            Arguments::Named(arguments) => {
                let mut named = Vec::with_capacity(arguments.len());
                for (name, value) in arguments {
                    named.push((Rc::clone(name), self.eval(value)?));
                }
                Given { positional: Vec::new(), named }
            }
        };
        let (definition, template, given) = self.unwrapped(&of, given)?;
        let nested = has_body.then(|| Nested { element: id, names: names.map(<[_]>::to_vec) });
        self.run_macro(&definition, &template, given, nested, out)
    }

    /// Runs what `?interpret` made, with the variables of where it is run.
    fn run_template(&mut self, template: &Rc<Template>, out: &mut String) -> Result<()> {
        for definition in &template.macros {
            let value = Value::Macro(Rc::clone(definition), Rc::clone(template));
            self.namespace.insert(Rc::clone(&definition.name), value);
        }
        self.entered(template, |run| deep(|| run.visit(template.root, out)))
    }

    /// Runs something of another template.
    fn entered<T>(
        &mut self,
        template: &Rc<Template>,
        run: impl FnOnce(&mut Self) -> Result<T>,
    ) -> Result<T> {
        self.calls += 1;
        if self.calls > MAX_CALLS {
            self.calls -= 1;
            return Err(Fault::Exhausted(self.at));
        }
        let before = std::mem::replace(&mut self.template, Rc::clone(template));
        let result = run(self);
        self.template = before;
        self.calls -= 1;
        result
    }

    fn run_macro(
        &mut self,
        definition: &Rc<Macro>,
        template: &Rc<Template>,
        given: Given<'d>,
        nested: Option<Nested>,
        out: &mut String,
    ) -> Result<()> {
        let locals = self.bound(definition, given)?;
        let context = Rc::new(Context {
            locals: RefCell::new(locals),
            args: RefCell::new(None),
            nested,
            frames: self.frames.clone(),
            outer: self.context.clone(),
            template: Rc::clone(&self.template),
        });
        let (at, alias) = (self.at, self.alias.take());
        if definition.span.begin.line > 0 {
            self.at = definition.span.begin;
        }
        let context_before = self.context.replace(Rc::clone(&context));
        let frames_before = self.frames.take();
        let result = self.entered(template, |run| {
            run.apply_defaults(definition, &context)?;
            deep(|| run.children(definition.element, out))
        });
        self.context = context_before;
        self.frames = frames_before;
        self.alias = alias;
        match result {
            Ok(()) | Err(Fault::Return) => {
                self.at = at;
                Ok(())
            }
            Err(fault) => Err(fault),
        }
    }

    /// The parameters of a macro with their values.
    fn bound(
        &mut self,
        definition: &Macro,
        given: Given<'d>,
    ) -> Result<HashMap<Rc<str>, Option<Value<'d>>>> {
        let mut locals = HashMap::new();
        let mut rest_named: Vec<(Rc<str>, Option<Value<'d>>)> = Vec::new();
        let mut rest: Vec<Option<Value<'d>>> = Vec::new();
        for (name, value) in given.named {
            if definition.parameters.iter().any(|(known, _)| *known == name) {
                locals.insert(name, value);
            } else if definition.catch_all.is_some() {
                rest_named.push((name, value));
            } else {
                return Err(self.fail());
            }
        }
        for (index, value) in given.positional.into_iter().enumerate() {
            match definition.parameters.get(index) {
                Some((name, _)) => {
                    locals.insert(Rc::clone(name), value);
                }
                None if definition.catch_all.is_some() => rest.push(value),
                None => return Err(self.fail()),
            }
        }
        if let Some(name) = &definition.catch_all {
            if !rest.is_empty() && !rest_named.is_empty() {
                return Err(self.fail());
            }
            let value = if !rest_named.is_empty() {
                Value::hash(rest_named)
            } else if rest.is_empty() && !definition.is_function {
                Some(Value::Nothing)
            } else {
                Value::list(rest)
            };
            locals.insert(Rc::clone(name), Some(value.ok_or_else(|| self.fail())?));
        }
        Ok(locals)
    }

    /// Defaults may name other parameters, in any order.
    fn apply_defaults(&mut self, definition: &Macro, context: &Rc<Context<'d>>) -> Result<()> {
        loop {
            let (mut resolved, mut unresolved) = (false, None);
            for (name, default) in &definition.parameters {
                if context.locals.borrow().get(name).cloned().flatten().is_some() {
                    continue;
                }
                let Some(default) = default else { return Err(self.fail()) };
                match self.eval(default) {
                    Ok(Some(value)) => {
                        context.locals.borrow_mut().insert(Rc::clone(name), Some(value));
                        resolved = true;
                    }
                    Ok(None) => {
                        unresolved.get_or_insert(Fault::Missing(default.span.begin));
                    }
                    Err(fault @ Fault::Missing(_)) => {
                        unresolved.get_or_insert(fault);
                    }
                    Err(fault) => return Err(fault),
                }
            }
            match unresolved {
                None => break,
                Some(_) if resolved => {}
                Some(fault) => return Err(fault),
            }
        }
        if definition.wants_args {
            let args = self.args(definition, context)?;
            *context.args.borrow_mut() = Some(args);
        }
        Ok(())
    }

    /// `.args`: a list for a function, a hash for a macro.
    fn args(&mut self, definition: &Macro, context: &Rc<Context<'d>>) -> Result<Value<'d>> {
        let locals = context.locals.borrow();
        let value_of = |name: &Rc<str>| locals.get(name).cloned().flatten();
        let rest = definition.catch_all.as_ref().and_then(value_of);
        let failed = self.fail();
        if definition.is_function {
            let mut items: Vec<Option<Value<'d>>> =
                definition.parameters.iter().map(|(name, _)| value_of(name)).collect();
            if let Some(rest) = rest {
                items.extend((0..rest.length().unwrap_or_default()).map(|index| rest.item(index)));
            }
            return Value::list(items).ok_or(failed);
        }
        let mut entries: Vec<(Rc<str>, Option<Value<'d>>)> = definition
            .parameters
            .iter()
            .map(|(name, _)| (Rc::clone(name), value_of(name)))
            .collect();
        if let Some(rest) = rest {
            if !rest.is_hash() && rest.length() != Some(0) {
                return Err(failed);
            }
            for (key, value) in rest.entries().unwrap_or_default() {
                entries.push((key.string().unwrap_or_default().into(), value));
            }
        }
        Value::hash(entries).ok_or(failed)
    }

    /// `<#nested …>`
    pub(super) fn nested(&mut self, arguments: &[Expr], out: &mut String) -> Result<()> {
        let values = self.evaluated(arguments)?;
        let Some(context) = self.context.clone() else { return Err(self.fail()) };
        let Some(nested) = context.nested.clone() else { return Ok(()) };
        let names = nested.names.unwrap_or_default();
        if values.len() > names.len() && !names.is_empty() {
            return Err(self.fail());
        }
        let frames = std::mem::replace(&mut self.frames, context.frames.clone());
        let before = std::mem::replace(&mut self.context, context.outer.clone());
        if !names.is_empty() {
            let mut values = values.into_iter();
            let variables = names.into_iter().map(|name| (name, values.next().flatten())).collect();
            self.push(FrameKind::Named(variables));
        }
        let template = Rc::clone(&context.template);
        let result = self.entered(&template, |run| deep(|| run.children(nested.element, out)));
        self.frames = frames;
        self.context = before;
        result
    }
}
