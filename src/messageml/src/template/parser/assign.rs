//! `assign`, `local` and `global`.

use std::rc::Rc;

use super::super::ast::{AssignOperator, Assignment, ElementKind, Expr, Id, Operator, Scope};
use super::super::token::{Kind, Span, Token};
use super::{Parser, Result, at};

const ASSIGN: &[Kind] = &[
    Kind::Equals,
    Kind::PlusEquals,
    Kind::MinusEquals,
    Kind::TimesEquals,
    Kind::DivEquals,
    Kind::ModEquals,
];

const STEP: &[Kind] = &[Kind::PlusPlus, Kind::MinusMinus];

impl Parser<'_> {
    pub(super) fn assign(&mut self) -> Result<Id> {
        let start = self.next()?;
        let scope = match start.kind {
            Kind::Assign => Scope::Namespace,
            Kind::GlobalAssign => Scope::Global,
            _ => Scope::Local,
        };
        if scope == Scope::Local && !self.in_macro && !self.in_function {
            return Err(at(&start, "Local variable assigned outside a macro."));
        }
        let (name, name_span) = self.target_name()?;
        let operators = [ASSIGN, STEP].concat();
        if !self.is_assignment(&operators)? {
            return self.capture(&start, name, scope);
        }
        let mut all = vec![self.assignment(name, name_span, scope)?];
        while self.another_assignment(&operators)? {
            if self.peek()? == Kind::Comma {
                self.next()?;
            }
            let (name, name_span) = self.target_name()?;
            if !self.is(&operators)? {
                return Err(self.unexpected());
            }
            all.push(self.assignment(name, name_span, scope)?);
        }
        let namespace = self.namespace(scope)?;
        let end = self.loose_end()?.span;
        let span = start.span.to(end);
        if let [_] = all.as_slice()
            && let Some((mut only, _)) = all.pop()
        {
            only.namespace = namespace;
            return Ok(self.leaf(ElementKind::Assign(only), span));
        }
        Ok(self.leaf(ElementKind::AssignAll { namespace, all }, span))
    }

    /// Whether an operator follows the first name, and not the end of the tag.
    fn is_assignment(&mut self, operators: &[Kind]) -> Result<bool> {
        if operators.contains(&self.peek()?) {
            return Ok(true);
        }
        let all = [operators, &[Kind::In, Kind::DirectiveEnd]].concat();
        if self.is(&all)? { Ok(false) } else { Err(self.unexpected()) }
    }

    /// Whether `name =` follows, behind a comma or not.
    fn another_assignment(&mut self, operators: &[Kind]) -> Result<bool> {
        let index = usize::from(self.peek()? == Kind::Comma);
        let is_name = matches!(self.look(index)?.kind, Kind::Id | Kind::StringLiteral);
        Ok(is_name && operators.contains(&self.look(index + 1)?.kind))
    }

    fn assignment(
        &mut self,
        name: Rc<str>,
        name_span: Span,
        scope: Scope,
    ) -> Result<(Assignment, Span)> {
        let token = self.next()?;
        let change = |operator, value| AssignOperator::Change(operator, value);
        let mut end = token.span;
        let operator = match token.kind {
            Kind::PlusPlus | Kind::MinusMinus => {
                AssignOperator::Step { up: token.kind == Kind::PlusPlus }
            }
            kind => {
                let value = self.expression()?;
                end = value.span;
                match kind {
                    Kind::PlusEquals => change(Operator::Add, value),
                    Kind::MinusEquals => change(Operator::Subtract, value),
                    Kind::TimesEquals => change(Operator::Multiply, value),
                    Kind::DivEquals => change(Operator::Divide, value),
                    Kind::ModEquals => change(Operator::Remainder, value),
                    _ => AssignOperator::Set(value),
                }
            }
        };
        Ok((Assignment { name, scope, operator, namespace: None }, name_span.to(end)))
    }

    fn namespace(&mut self, scope: Scope) -> Result<Option<Expr>> {
        if !self.is(&[Kind::In])? {
            return Ok(None);
        }
        let token = self.next()?;
        let namespace = self.expression()?;
        if scope != Scope::Namespace {
            return Err(at(&token, "Cannot assign to namespace here."));
        }
        Ok(Some(namespace))
    }

    fn capture(&mut self, start: &Token<'_>, name: Rc<str>, scope: Scope) -> Result<Id> {
        let namespace = self.namespace(scope)?;
        self.take(Kind::DirectiveEnd)?;
        let children = self.content()?;
        let end = self.one_of(&[Kind::EndLocal, Kind::EndGlobal, Kind::EndAssign])?;
        let ends = match end.kind {
            Kind::EndLocal => Scope::Local,
            Kind::EndGlobal => Scope::Global,
            _ => Scope::Namespace,
        };
        if ends != scope {
            let dot = if ends == Scope::Global { "" } else { "." };
            return Err(at(&end, format!("Mismatched assignment tags{dot}")));
        }
        let format = self.escapes_output();
        let kind = ElementKind::Capture { name, scope, namespace, format };
        Ok(self.element(kind, start.span.to(end.span), children))
    }
}
