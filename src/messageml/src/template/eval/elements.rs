//! What elements do.

use std::rc::Rc;

use super::super::ast::{ElementKind, Expr, ExprKind, Id, Macro, Operator, Template};
use super::super::compress::compress;
use super::super::decimal_format::Pattern;
use super::super::token::Place;
use super::super::value::Value;
use super::{Fault, Result, Run, deep};

impl<'d> Run<'d> {
    pub(super) fn children(&mut self, id: Id, out: &mut String) -> Result<()> {
        let template = Rc::clone(&self.template);
        for child in &template.elements[id].children {
            self.visit_in(&template, *child, out)?;
        }
        Ok(())
    }

    /// Runs an element.
    pub(super) fn visit(&mut self, id: Id, out: &mut String) -> Result<()> {
        let template = Rc::clone(&self.template);
        self.visit_in(&template, id, out)
    }

    /// Runs an element of what is being run.
    fn visit_in(&mut self, template: &Template, id: Id, out: &mut String) -> Result<()> {
        let element = &template.elements[id];
        let before = self.at;
        // What was made at run time has no places: errors in it are those of what runs it.
        if element.span.begin.line > 0 {
            self.at = element.span.begin;
        }
        self.spend(1)?;
        match &element.kind {
            ElementKind::Text(text) => {
                self.spend(text.len())?;
                out.push_str(text);
            }
            ElementKind::Interpolation { value, escaping } => {
                match (self.eval(value)?, escaping) {
                    // As below, without a string that is shared.
                    (Some(Value::Number(number)), None) => {
                        let before = out.len();
                        self.write_number(&number, out)?;
                        self.spend(out.len() - before)?;
                    }
                    (result, _) => {
                        let value = self.coerce_output(result, value.span.begin)?;
                        self.print(&value, *escaping, out)?;
                    }
                }
            }
            ElementKind::Numeric { value, digits } => {
                let text = self.numeric(value, *digits)?;
                out.push_str(&text);
            }
            _ => self.inside(|run| run.block(id, &element.kind, out))?,
        }
        self.at = before;
        Ok(())
    }

    fn block(&mut self, id: Id, kind: &ElementKind, out: &mut String) -> Result<()> {
        match kind {
            ElementKind::Mixed
            | ElementKind::Escape
            | ElementKind::NoEscape
            | ElementKind::OutputFormat
            | ElementKind::AutoEscape
            | ElementKind::NoAutoEscape
            | ElementKind::ElseOfList
            | ElementKind::Case(_)
            | ElementKind::Recover => self.children(id, out),
            ElementKind::Branch(condition) => {
                let holds = match condition {
                    Some(condition) => self.condition(condition)?,
                    None => true,
                };
                if holds { self.children(id, out) } else { Ok(()) }
            }
            ElementKind::If => self.conditional(id, out),
            ElementKind::ListWithElse => self.list_with_else(id, out),
            ElementKind::List(list) => self.list(id, list, out).map(|_| ()),
            ElementKind::Items(names) => self.items(id, names, out),
            ElementKind::Sep => self.separator(id, out),
            ElementKind::Attempt => self.attempt(id, out),
            ElementKind::Assign(assignment) => self.assign(assignment),
            ElementKind::AssignAll { namespace, all, .. } => {
                self.assign_all(namespace.as_ref(), all)
            }
            ElementKind::Capture { name, scope, namespace, format } => {
                self.capture(id, name, *scope, namespace.as_ref(), *format)
            }
            ElementKind::Include { name, ignore_missing, parse, encoding } => {
                self.include(name, parse.as_ref(), encoding.as_ref(), ignore_missing.as_ref())
            }
            ElementKind::Import(name) => {
                self.text(name)?;
                Err(self.fail())
            }
            ElementKind::Compress => {
                let mut inner = String::new();
                self.children(id, &mut inner)?;
                out.push_str(&compress(&inner));
                Ok(())
            }
            ElementKind::Call { callee, arguments, body, has_body } => {
                self.call_directive(id, callee, arguments, body.as_deref(), *has_body, out)
            }
            ElementKind::Transform { callee } => {
                let value = self.eval(callee)?;
                Err(value.map_or(Fault::Missing(callee.span.begin), |_| self.fail()))
            }
            ElementKind::Switch(value) => self.switch(id, value, out),
            ElementKind::Setting { name, value } => self.set(name, value),
            ElementKind::Break => Err(Fault::Break),
            ElementKind::Continue => Err(Fault::Continue),
            ElementKind::Return(value) => {
                if let Some(value) = value {
                    self.returned = self.eval(value)?;
                }
                Err(Fault::Return)
            }
            ElementKind::Stop(message) => {
                if let Some(message) = message {
                    self.text(message)?;
                }
                Err(Fault::Stopped(self.at))
            }
            ElementKind::Nested(arguments) => self.nested(arguments, out),
            ElementKind::Visit { node } => {
                self.eval(node)?;
                Err(Fault::Failed(node.span.begin))
            }
            ElementKind::Recurse { node } => match node {
                Some(node) => {
                    let value = self.eval(node)?;
                    Err(if value.is_some() { Fault::Failed(node.span.begin) } else { self.fail() })
                }
                None => Err(self.fail()),
            },
            ElementKind::Fallback => Err(self.fail()),
            ElementKind::Macro => {
                // They are searched for it.
                self.spend(self.template.macros.len() / 8)?;
                let definition = template_macro(&self.template, id).ok_or_else(|| self.fail())?;
                let value = Value::Macro(Rc::clone(&definition), Rc::clone(&self.template));
                self.namespace.insert(Rc::clone(&definition.name), value);
                Ok(())
            }
            ElementKind::Comment
            | ElementKind::Flush
            | ElementKind::Trim { .. }
            | ElementKind::Text(_)
            | ElementKind::Interpolation { .. }
            | ElementKind::Numeric { .. } => Ok(()),
        }
    }

    /// `#{…}`
    pub(super) fn numeric(
        &mut self,
        value: &Expr,
        digits: Option<(usize, usize)>,
    ) -> Result<String> {
        let number = self.number(value)?;
        let (least, most) = digits.unwrap_or((0, 50));
        let text = Pattern::places(&self.settings.locale, least, most).format(&number);
        self.spend(text.len())?;
        Ok(text)
    }

    fn conditional(&mut self, id: Id, out: &mut String) -> Result<()> {
        let template = Rc::clone(&self.template);
        for branch in &template.elements[id].children {
            let element = &template.elements[*branch];
            let ElementKind::Branch(condition) = &element.kind else { continue };
            if element.span.begin.line > 0 {
                self.at = element.span.begin;
            }
            let holds = match condition {
                Some(condition) => self.condition(condition)?,
                None => true,
            };
            if holds {
                return self.children(*branch, out);
            }
        }
        Ok(())
    }

    /// A boolean. What is in parentheses is blamed itself.
    pub(super) fn condition(&mut self, condition: &Expr) -> Result<bool> {
        if let ExprKind::Group(inner) = &condition.kind {
            return deep(|| self.condition(inner));
        }
        match self.eval(condition)? {
            Some(Value::Boolean(holds)) => Ok(holds),
            Some(Value::Matches(matches)) => Ok(matches.is_match()),
            Some(_) => Err(Fault::Failed(condition.span.begin)),
            None => Err(Fault::Missing(condition.span.begin)),
        }
    }

    fn attempt(&mut self, id: Id, out: &mut String) -> Result<()> {
        let template = Rc::clone(&self.template);
        let children = &template.elements[id].children;
        let is_recover = |id: &&Id| matches!(template.elements[**id].kind, ElementKind::Recover);
        let Some(recover) = children.iter().find(is_recover) else { return Ok(()) };
        let (at, frames, context, alias) =
            (self.at, self.frames.clone(), self.context.clone(), self.alias.clone());
        let mut inner = String::new();
        let mut result = Ok(());
        for child in children.iter().filter(|child| *child != recover) {
            result = self.visit(*child, &mut inner);
            if result.is_err() {
                break;
            }
        }
        match result {
            Err(fault @ (Fault::Missing(_) | Fault::Failed(_) | Fault::Stopped(_))) => {
                (self.at, self.frames, self.context, self.alias) = (at, frames, context, alias);
                let before = self.error.replace(error_text(fault).into());
                let result = self.visit(*recover, out);
                self.error = before;
                result
            }
            other => {
                out.push_str(&inner);
                other
            }
        }
    }

    fn switch(&mut self, id: Id, value: &Expr, out: &mut String) -> Result<()> {
        let template = Rc::clone(&self.template);
        let searched = self.eval(value)?;
        let mut found = false;
        let mut default = None;
        let searched = searched.ok_or(Fault::Missing(value.span.begin));
        let mut run = |run: &mut Self, case: Id| match run.visit(case, out) {
            Err(Fault::Break) => Ok(true),
            other => other.map(|()| false),
        };
        for case in &template.elements[id].children {
            let ElementKind::Case(condition) = &template.elements[*case].kind else { continue };
            if !found {
                match condition {
                    None => default = Some(*case),
                    Some(condition) => {
                        let other = self.required(condition)?;
                        let searched = searched.clone()?;
                        found = self
                            .compare(&searched, Operator::Equal, &other)
                            .map_err(|_| Fault::Failed(condition.span.begin))?;
                    }
                }
            }
            if found && run(self, *case)? {
                return Ok(());
            }
        }
        if let (false, Some(default)) = (found, default) {
            run(self, default)?;
        }
        Ok(())
    }

    fn include(
        &mut self,
        name: &Expr,
        parse: Option<&Expr>,
        encoding: Option<&Expr>,
        ignore_missing: Option<&Expr>,
    ) -> Result<()> {
        self.text(name)?;
        if let Some(encoding) = encoding
            && !matches!(encoding.kind, ExprKind::Text(_))
        {
            self.text(encoding)?;
        }
        if let Some(parse) = parse
            && !matches!(parse.kind, ExprKind::Text(_))
        {
            self.condition(parse)?;
        }
        let ignore = match ignore_missing {
            Some(ignore) => self.condition(ignore)?,
            None => false,
        };
        // There are no templates but the message.
        if ignore { Ok(()) } else { Err(self.fail()) }
    }
}

/// The macro that an element defines.
fn template_macro(template: &Template, id: Id) -> Option<Rc<Macro>> {
    template.macros.iter().find(|definition| definition.element == id).cloned()
}

/// What `.error` shows: FreeMarker's text names the expression, which is no longer known.
fn error_text(fault: Fault) -> String {
    let (what, Place { line, column }) = match fault {
        Fault::Missing(at) => ("The following has evaluated to null or missing", at),
        Fault::Failed(at) | Fault::Exhausted(at) | Fault::Stopped(at) => {
            ("The template failed", at)
        }
        Fault::Break | Fault::Continue | Fault::Return => ("", Place::default()),
    };
    format!("{what} [in template \"messageML\" at line {line}, column {column}]")
}
