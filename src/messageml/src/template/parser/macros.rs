//! Macros and functions, and calls of them.

use std::rc::Rc;

use super::super::ast::{Arguments, ElementKind, ExprKind, Id, Macro, StepKind};
use super::super::canonical::canonical;
use super::super::names;
use super::super::token::{Kind, Token};
use super::{Iteration, IterationKind, Parser, Result, at};

impl Parser<'_> {
    pub(super) fn macro_definition(&mut self) -> Result<Id> {
        let start = self.next()?;
        let is_function = start.kind == Kind::Function;
        if self.in_macro || self.in_function {
            return Err(at(
                &start,
                "Macro or function definitions can't be nested into each other.",
            ));
        }
        self.in_macro = !is_function;
        self.in_function = is_function;
        self.wants_args = false;
        let name = self.target_name()?.0;
        self.eat(Kind::OpenParen)?;
        let (parameters, catch_all) = self.parameters()?;
        self.eat(Kind::CloseParen)?;
        self.take(Kind::DirectiveEnd)?;
        let iterations = std::mem::take(&mut self.iterations);
        let nesting = (self.breakable, self.continuable);
        (self.breakable, self.continuable) = (0, 0);
        let children = self.content()?;
        let end = self.one_of(&[Kind::EndFunction, Kind::EndMacro])?;
        if (end.kind == Kind::EndFunction) != is_function {
            let which = if is_function { "function" } else { "macro" };
            return Err(at(&end, format!("Expected {which} end tag here.")));
        }
        self.iterations = iterations;
        (self.breakable, self.continuable) = nesting;
        self.in_macro = false;
        self.in_function = false;
        let span = start.span.to(end.span);
        let definition = Rc::new(Macro {
            name,
            parameters,
            catch_all,
            is_function,
            wants_args: self.wants_args,
            element: self.elements.len(),
            span,
        });
        self.macros.push(Rc::clone(&definition));
        Ok(self.element(ElementKind::Macro, span, children))
    }

    #[expect(
        clippy::type_complexity,
        reason = "parameters with defaults, and the one that takes the rest"
    )]
    fn parameters(
        &mut self,
    ) -> Result<(Vec<(Rc<str>, Option<super::super::ast::Expr>)>, Option<Rc<str>>)> {
        let mut parameters: Vec<(Rc<str>, Option<super::super::ast::Expr>)> = Vec::new();
        let (mut catch_all, mut is_catch_all, mut has_defaults) = (None, false, false);
        while self.is(&[Kind::Id])? {
            let token = self.next()?;
            let mut default = None;
            is_catch_all |= self.eat(Kind::Ellipsis)?;
            if self.eat(Kind::Equals)? {
                default = Some(self.expression()?);
                has_defaults = true;
            }
            self.eat(Kind::Comma)?;
            if catch_all.is_some() {
                return Err(at(
                    &token,
                    "There may only be one \"catch-all\" parameter in a macro declaration, and it must be the last \
                     parameter.",
                ));
            }
            let name: Rc<str> = names::unescaped(token.image).into();
            if is_catch_all {
                if default.is_some() {
                    return Err(at(
                        &token,
                        "\"Catch-all\" macro parameter may not have a default value.",
                    ));
                }
                catch_all = Some(name);
                continue;
            }
            if has_defaults && default.is_none() {
                return Err(at(
                    &token,
                    "In a macro declaration, parameters without a default value must all occur before the parameters \
                     with default values.",
                ));
            }
            let are_too_many = parameters.len() == super::MOST_NAMES;
            match parameters.iter_mut().find(|(known, _)| *known == name) {
                Some((_, known)) => *known = default,
                None if are_too_many => {
                    return Err(at(&token, "The macro has too many parameters."));
                }
                None => parameters.push((name, default)),
            }
        }
        Ok((parameters, catch_all))
    }

    /// `<@name …>`
    pub(super) fn directive_call(&mut self) -> Result<Id> {
        let start = self.next()?;
        let callee = self.expression()?;
        self.eat(Kind::TerminatingWhitespace)?;
        let is_named = self.look(0)?.kind == Kind::Id && self.look(1)?.kind == Kind::Equals;
        let arguments = if is_named {
            Arguments::Named(self.named()?)
        } else {
            Arguments::Positional(self.positional(false)?)
        };
        let body = self.body_names()?;
        let end = self.one_of(&[Kind::DirectiveEnd, Kind::EmptyDirectiveEnd])?;
        let has_body = end.kind == Kind::DirectiveEnd;
        let (mut end, mut children) = (end, Vec::new());
        if has_body {
            let hidden = self.hide_loop_variables(body.as_deref().unwrap_or_default());
            children = self.content()?;
            end = self.take(Kind::UnifiedCallEnd)?;
            self.iterations.truncate(self.iterations.len() - hidden);
            check_end_name(&callee, &end)?;
        }
        let call = ElementKind::Call { callee, arguments, body, has_body: !children.is_empty() };
        Ok(self.element(call, start.span.to(end.span), children))
    }

    /// `; a, b` in a call: the loop variables of what it nests.
    fn body_names(&mut self) -> Result<Option<Vec<Rc<str>>>> {
        if !self.eat(Kind::Semicolon)? {
            return Ok(None);
        }
        let mut names = Vec::new();
        if !self.is(&[Kind::Id, Kind::TerminatingWhitespace])? {
            return Ok(Some(names));
        }
        self.eat(Kind::TerminatingWhitespace)?;
        names.push(names::unescaped(self.take(Kind::Id)?.image).into());
        while self.is(&[Kind::Comma, Kind::TerminatingWhitespace])? {
            self.eat(Kind::TerminatingWhitespace)?;
            self.take(Kind::Comma)?;
            self.eat(Kind::TerminatingWhitespace)?;
            names.push(names::unescaped(self.take(Kind::Id)?.image).into());
        }
        Ok(Some(names))
    }

    fn hide_loop_variables(&mut self, names: &[Rc<str>]) -> usize {
        let mut hidden = 0;
        for name in names {
            let known = self
                .iterations
                .iter()
                .rev()
                .find(|iteration| iteration.first.as_deref() == Some(&**name));
            if known.is_some_and(|iteration| iteration.kind != IterationKind::Call) {
                self.iterations.push(Iteration {
                    first: Some(name.to_string()),
                    second: None,
                    kind: IterationKind::Call,
                    is_hash: false,
                });
                hidden += 1;
            }
        }
        hidden
    }
}

/// `</@name>` must name what the start tag named.
fn check_end_name(callee: &super::super::ast::Expr, end: &Token<'_>) -> Result<()> {
    let name = end.image[3..end.image.len() - 1].trim();
    if name.is_empty() {
        return Ok(());
    }
    let is_name = match &callee.kind {
        ExprKind::Variable(_) => true,
        ExprKind::Postfix { of, steps } => {
            matches!(of.kind, ExprKind::Variable(_))
                && steps.iter().all(|step| matches!(step.kind, StepKind::Member(_)))
        }
        _ => false,
    };
    if !is_name {
        return Err(at(end, "Expecting </@>"));
    }
    let wanted = canonical(callee);
    if name != wanted {
        return Err(at(end, format!("Expecting </@> or </@{wanted}>")));
    }
    Ok(())
}
