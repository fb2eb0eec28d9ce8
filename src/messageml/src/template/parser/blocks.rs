//! Directives with something inside.

use std::rc::Rc;

use super::super::ast::{ElementKind, ExprKind, Format, Id, Loop, Names};
use super::super::canonical::canonical;
use super::super::names;
use super::super::token::{Kind, Token};
use super::{Escape, Escaping, Iteration, IterationKind, Parser, Result, at, wrong};

impl Parser<'_> {
    pub(super) fn conditional(&mut self) -> Result<Id> {
        let start = self.next()?;
        let condition = self.expression()?;
        let end = self.take(Kind::DirectiveEnd)?;
        let children = self.content()?;
        let span = self.span_with(start.span, end.span, &children);
        let mut branches = vec![self.element(ElementKind::Branch(Some(condition)), span, children)];
        while self.is(&[Kind::ElseIf])? {
            let tag = self.next()?;
            let condition = self.expression()?;
            let end = self.loose_end()?;
            let children = self.content()?;
            let span = self.span_with(tag.span, end.span, &children);
            branches.push(self.element(ElementKind::Branch(Some(condition)), span, children));
        }
        if self.is(&[Kind::Else])? {
            let tag = self.next()?;
            let children = self.content()?;
            let span = self.span_with(tag.span, tag.span, &children);
            branches.push(self.element(ElementKind::Branch(None), span, children));
        }
        let end = self.take(Kind::EndIf)?;
        Ok(self.element(ElementKind::If, start.span.to(end.span), branches))
    }

    pub(super) fn attempt(&mut self) -> Result<Id> {
        let start = self.next()?;
        let mut children = self.content()?;
        let tag = self.take(Kind::Recover)?;
        let recover = self.content()?;
        let span = self.span_with(tag.span, tag.span, &recover);
        let recover = self.element(ElementKind::Recover, span, recover);
        let end = self.one_of(&[Kind::EndRecover, Kind::EndAttempt])?;
        let tried = self.span_of(&children);
        let body = self.element(ElementKind::Mixed, tried, std::mem::take(&mut children));
        Ok(self.element(ElementKind::Attempt, start.span.to(end.span), vec![body, recover]))
    }

    pub(super) fn list(&mut self) -> Result<Id> {
        let start = self.next()?;
        let of = self.expression()?;
        let mut names = None;
        if self.eat(Kind::As)? {
            names = Some(self.loop_names()?);
        }
        self.take(Kind::DirectiveEnd)?;
        let has_names = names.is_some();
        self.iterations.push(Iteration {
            first: names.as_ref().map(|names| names.first.to_string()),
            second: names.as_ref().and_then(|names| Some(names.second.as_ref()?.to_string())),
            kind: IterationKind::List,
            is_hash: names.as_ref().is_some_and(|names| names.second.is_some()),
        });
        self.breakable += usize::from(has_names);
        self.continuable += usize::from(has_names);
        if let Some(names) = &names {
            check_names(&start, names)?;
        }
        let children = self.content()?;
        self.breakable -= usize::from(has_names);
        self.continuable -= usize::from(has_names);
        let iteration = self.iterations.pop();
        if !has_names && iteration.as_ref().is_none_or(|known| known.kind != IterationKind::Items) {
            return Err(at(
                &start,
                "#list must have either \"as loopVar\" parameter or nested #items that belongs to it.",
            ));
        }
        let is_hash = iteration.is_some_and(|iteration| iteration.is_hash);
        let mut otherwise = None;
        if self.is(&[Kind::Else])? {
            let tag = self.next()?;
            let children = self.content()?;
            let span = self.span_with(tag.span, tag.span, &children);
            otherwise = Some(self.element(ElementKind::ElseOfList, span, children));
        }
        let end = self.take(Kind::EndList)?;
        let span = start.span.to(end.span);
        let list = ElementKind::List(Loop { of, names, is_hash });
        let list = self.element(list, span, children);
        Ok(match otherwise {
            Some(otherwise) => self.element(ElementKind::ListWithElse, span, vec![list, otherwise]),
            None => list,
        })
    }

    fn loop_names(&mut self) -> Result<Names> {
        let first = names::unescaped(self.take(Kind::Id)?.image).into();
        let mut second = None;
        if self.eat(Kind::Comma)? {
            second = Some(names::unescaped(self.take(Kind::Id)?.image).into());
        }
        Ok(Names { first, second })
    }

    pub(super) fn for_each(&mut self) -> Result<Id> {
        let start = self.next()?;
        let first: Rc<str> = names::unescaped(self.take(Kind::Id)?.image).into();
        self.take(Kind::In)?;
        let of = self.expression()?;
        self.take(Kind::DirectiveEnd)?;
        self.iterations.push(Iteration {
            first: Some(first.to_string()),
            second: None,
            kind: IterationKind::ForEach,
            is_hash: false,
        });
        self.breakable += 1;
        self.continuable += 1;
        let children = self.content()?;
        let end = self.take(Kind::EndForEach)?;
        self.breakable -= 1;
        self.continuable -= 1;
        self.iterations.pop();
        let names = Some(Names { first, second: None });
        let list = ElementKind::List(Loop { of, names, is_hash: false });
        Ok(self.element(list, start.span.to(end.span), children))
    }

    pub(super) fn items(&mut self) -> Result<Id> {
        let start = self.next()?;
        let names = self.loop_names()?;
        self.take(Kind::DirectiveEnd)?;
        let symbol = self.for_each_symbol();
        let Some(iteration) = self.iterations.last_mut() else {
            return Err(at(&start, "#items must be inside a #list block."));
        };
        if iteration.first.is_some() {
            return Err(at(
                &start,
                match iteration.kind {
                    IterationKind::ForEach => format!("{symbol} doesn't support nested #items."),
                    IterationKind::Items => {
                        "Can't nest #items into each other when they belong to the same #list."
                            .to_owned()
                    }
                    _ => "The parent #list of the #items must not have \"as loopVar\" parameter."
                        .to_owned(),
                },
            ));
        }
        iteration.kind = IterationKind::Items;
        iteration.first = Some(names.first.to_string());
        if let Some(second) = &names.second {
            iteration.second = Some(second.to_string());
            iteration.is_hash = true;
            check_names(&start, &names)?;
        }
        self.breakable += 1;
        self.continuable += 1;
        let children = self.content()?;
        let end = self.take(Kind::EndItems)?;
        self.breakable -= 1;
        self.continuable -= 1;
        if let Some(iteration) = self.iterations.last_mut() {
            iteration.first = None;
            iteration.second = None;
        }
        Ok(self.element(ElementKind::Items(names), start.span.to(end.span), children))
    }

    pub(super) fn separator(&mut self) -> Result<Id> {
        let start = self.next()?;
        if self.iterations.is_empty() {
            return Err(at(
                &start,
                format!("#sep must be inside a #list (or {}) block.", self.for_each_symbol()),
            ));
        }
        let children = self.content()?;
        let span = if self.is(&[Kind::EndSep])? {
            start.span.to(self.next()?.span)
        } else {
            self.span_with(start.span, start.span, &children)
        };
        Ok(self.element(ElementKind::Sep, span, children))
    }

    pub(super) fn for_each_symbol(&self) -> &'static str {
        match &self.lexer.convention {
            Some((super::super::lexer::Convention::CamelCase, ..)) => "#forEach",
            _ => "#foreach",
        }
    }

    pub(super) fn switch(&mut self) -> Result<Id> {
        let start = self.next()?;
        let value = self.expression()?;
        self.take(Kind::DirectiveEnd)?;
        let mut children = self.between_cases()?;
        self.breakable += 1;
        let mut has_default = false;
        if self.is(&[Kind::Case, Kind::Default])? {
            while self.is(&[Kind::Case, Kind::Default])? {
                let tag = self.next()?;
                let mut condition = None;
                if tag.kind == Kind::Case {
                    condition = Some(self.expression()?);
                    self.take(Kind::DirectiveEnd)?;
                }
                let is_default = condition.is_none();
                let content = self.content()?;
                let span = self.span_with(tag.span, tag.span, &content);
                children.push(self.element(ElementKind::Case(condition), span, content));
                if is_default && has_default {
                    return Err(at(
                        &start,
                        "You can only have one default case in a switch statement",
                    ));
                }
                has_default |= is_default;
            }
            self.eat(Kind::TextBlank)?;
        }
        let end = self.take(Kind::EndSwitch)?;
        self.breakable -= 1;
        Ok(self.element(ElementKind::Switch(value), start.span.to(end.span), children))
    }

    /// Blanks and comments before the first case, which are never run.
    fn between_cases(&mut self) -> Result<Vec<Id>> {
        const BETWEEN: &[Kind] = &[Kind::Comment, Kind::TerseComment, Kind::TextBlank];
        let mut children = Vec::new();
        while self.is(BETWEEN)? {
            if self.peek()? == Kind::TextBlank {
                let token = self.next()?;
                let text = ElementKind::Text(token.image.to_owned());
                children.push(self.leaf(text, token.span));
            } else {
                children.push(self.comment()?);
            }
        }
        let lonely = match children.as_slice() {
            [] => true,
            [only] => matches!(self.elements[*only].kind, ElementKind::Text(_)),
            _ => false,
        };
        if lonely && (children.is_empty() || self.strip_white_space) {
            return Ok(Vec::new());
        }
        let span = self.span_of(&children);
        Ok(vec![self.element(ElementKind::Mixed, span, children)])
    }

    pub(super) fn escape(&mut self) -> Result<Id> {
        let start = self.next()?;
        if let Some(format) = self.escapes_output() {
            return Err(at(
                &start,
                format!(
                    "Using the \"escape\" directive (legacy escaping) is not allowed when auto-escaping is on with a \
                     markup output format ({}), to avoid confusion and double-escaping mistakes.",
                    format.name()
                ),
            ));
        }
        let name = names::unescaped(self.take(Kind::Id)?.image).into();
        self.take(Kind::As)?;
        let by = self.expression()?;
        self.take(Kind::DirectiveEnd)?;
        let by = Rc::new(self.escaped(by));
        self.escapes.push(Escape { name, by });
        let children = self.content()?;
        self.escapes.pop();
        let end = self.take(Kind::EndEscape)?;
        Ok(self.element(ElementKind::Escape, start.span.to(end.span), children))
    }

    pub(super) fn no_escape(&mut self) -> Result<Id> {
        let start = self.next()?;
        let Some(escape) = self.escapes.pop() else {
            return Err(at(&start, "#noescape with no matching #escape encountered."));
        };
        let children = self.content()?;
        let end = self.take(Kind::EndNoEscape)?;
        self.escapes.push(escape);
        Ok(self.element(ElementKind::NoEscape, start.span.to(end.span), children))
    }

    pub(super) fn output_format(&mut self) -> Result<Id> {
        let start = self.next()?;
        let parameter = self.expression()?;
        self.take(Kind::DirectiveEnd)?;
        let name = match &parameter.kind {
            ExprKind::Text(name) => Rc::clone(name),
            ExprKind::Number(_) | ExprKind::Boolean(_) => {
                let what = match &parameter.kind {
                    ExprKind::Number(_) => "number",
                    _ => "boolean",
                };
                return Err(wrong(
                    &parameter,
                    format!("Parameter must be a string, but was: {what}"),
                ));
            }
            _ => {
                return Err(wrong(
                    &parameter,
                    format!(
                        "Parameter expression must be parse-time evaluable (constant): {}",
                        canonical(&parameter)
                    ),
                ));
            }
        };
        let before = self.format;
        self.format = Format::find(&name).ok_or_else(|| at(&start, Format::unregistered(&name)))?;
        let children = self.content()?;
        let end = self.take(Kind::EndOutputFormat)?;
        self.format = before;
        Ok(self.element(ElementKind::OutputFormat, start.span.to(end.span), children))
    }

    pub(super) fn auto_escape(&mut self) -> Result<Id> {
        let start = self.next()?;
        let on = start.kind == Kind::AutoEsc;
        if on && !self.format.is_markup() {
            return Err(at(
                &start,
                format!("The current output format can't do escaping: {}", self.format.shown()),
            ));
        }
        let before = self.escaping;
        self.escaping = if on { Escaping::IfSupported } else { Escaping::Off };
        let children = self.content()?;
        let end = self.take(if on { Kind::EndAutoEsc } else { Kind::EndNoAutoEsc })?;
        self.escaping = before;
        let kind = if on { ElementKind::AutoEscape } else { ElementKind::NoAutoEscape };
        Ok(self.element(kind, start.span.to(end.span), children))
    }
}

fn check_names(start: &Token<'_>, names: &Names) -> Result<()> {
    if names.second.as_ref() == Some(&names.first) {
        return Err(at(
            start,
            format!(
                "The key and value loop variable names must differ, but both were: {}",
                names.first
            ),
        ));
    }
    Ok(())
}
