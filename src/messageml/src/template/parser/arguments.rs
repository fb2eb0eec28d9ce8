//! Arguments of calls and built-ins.

use std::rc::Rc;

use super::super::SyntaxError;
use super::super::ast::{Expr, ExprKind, Step, StepKind};
use super::super::builtins::{self, Arity};
use super::super::lexer::State;
use super::super::names;
use super::super::token::{Kind, Place, Token};
use super::expressions::EXPRESSION;
use super::{IterationKind, Parser, Result, wrong};

impl Parser<'_> {
    /// Expressions, with or without commas between them.
    pub(super) fn positional(&mut self, lambdas: bool) -> Result<Vec<Expr>> {
        let mut arguments = Vec::new();
        if !self.is(EXPRESSION)? {
            return Ok(arguments);
        }
        loop {
            arguments.push(self.argument(lambdas)?);
            let comma = [EXPRESSION, &[Kind::Comma]].concat();
            if !self.is(&comma)? {
                return Ok(arguments);
            }
            self.eat(Kind::Comma)?;
        }
    }

    fn argument(&mut self, lambdas: bool) -> Result<Expr> {
        match lambdas.then(|| self.lambda()).transpose()?.flatten() {
            Some(lambda) => Ok(lambda),
            None => self.expression(),
        }
    }

    /// `x -> …` or `(x) -> …`, if that is what comes.
    fn lambda(&mut self) -> Result<Option<Expr>> {
        let mut ahead = 0;
        let mut parameters: Vec<Rc<str>> = Vec::new();
        let in_parentheses = self.look(0)?.kind == Kind::OpenParen;
        ahead += usize::from(in_parentheses);
        loop {
            let token = self.look(ahead)?;
            match token.kind {
                Kind::Id => {
                    parameters.push(names::unescaped(token.image).into());
                    ahead += 1;
                    if in_parentheses && self.look(ahead)?.kind == Kind::Comma {
                        ahead += 1;
                        continue;
                    }
                }
                Kind::CloseParen if in_parentheses && parameters.is_empty() => {}
                _ => return Ok(None),
            }
            break;
        }
        if in_parentheses {
            if self.look(ahead)?.kind != Kind::CloseParen {
                return Ok(None);
            }
            ahead += 1;
        }
        if self.look(ahead)?.kind != Kind::LambdaArrow {
            return Ok(None);
        }
        let start = self.look(0)?.span;
        for _ in 0..=ahead {
            self.next()?;
        }
        let body = self.expression()?;
        let span = start.to(body.span);
        Ok(Some(Expr { kind: ExprKind::Lambda { parameters, body: Rc::new(body) }, span }))
    }

    /// `(…)` behind what is called.
    pub(super) fn call(&mut self) -> Result<(Vec<Expr>, Place)> {
        self.take(Kind::OpenParen)?;
        let arguments = self.positional(false)?;
        let end = self.take(Kind::CloseParen)?;
        Ok((arguments, end.span.end))
    }

    /// `name=value` of a call of a directive.
    pub(super) fn named(&mut self) -> Result<Vec<(Rc<str>, Expr)>> {
        let mut arguments: Vec<(Rc<str>, Expr)> = Vec::new();
        loop {
            let name = self.take(Kind::Id)?;
            self.take(Kind::Equals)?;
            self.lexer.switch(State::NamedParameter);
            self.lexer.in_invocation = true;
            let value = self.expression()?;
            let name: Rc<str> = names::unescaped(name.image).into();
            arguments.retain(|(known, _)| *known != name);
            if arguments.len() == super::MOST_NAMES {
                return Err(SyntaxError::new(
                    value.span.begin,
                    "The call has too many parameters.",
                ));
            }
            arguments.push((name, value));
            if !self.is(&[Kind::Id])? {
                self.lexer.in_invocation = false;
                return Ok(arguments);
            }
        }
    }

    /// `?name` and its arguments.
    pub(super) fn builtin(&mut self, of: &Expr, steps: &[Step]) -> Result<Step> {
        self.next()?;
        let token = self.take(Kind::Id)?;
        self.lexer.check_name(&token)?;
        let image = names::unescaped(token.image);
        let Some(builtin) = builtins::find(&image) else {
            let convention = self.lexer.convention.as_ref().map(|(convention, ..)| *convention);
            return Err(SyntaxError::new(token.span.begin, builtins::unknown(&image, convention)));
        };
        let name: Rc<str> = image.into();
        let mut step = Step {
            kind: StepKind::Builtin { builtin, name: Rc::clone(&name), arguments: None },
            end: token.span.end,
        };
        let mut format = None;
        match builtin.arity() {
            Arity::LoopVariable => {
                self.check_loop_variable(of, steps, &token)?;
            }
            Arity::LegacyEscaping => {
                if let Some(format) = self.escapes_output() {
                    return Err(SyntaxError::new(
                        token.span.begin,
                        format!(
                            "Using ?{} (legacy escaping) is not allowed when auto-escaping is on with a markup output \
                             format ({}), to avoid double-escaping mistakes.",
                            token.image,
                            format.name()
                        ),
                    ));
                }
            }
            Arity::Markup => {
                if !self.format.is_markup() {
                    return Err(SyntaxError::new(
                        token.span.begin,
                        format!(
                            "?{} can't be used here, as the current output format isn't a markup (escaping) format: \
                             {}",
                            token.image,
                            self.format.shown()
                        ),
                    ));
                }
                format = Some(self.format);
            }
            Arity::Lazy { least, most, lambdas } => {
                let open = self.take(Kind::OpenParen)?;
                let arguments = self.positional(lambdas)?;
                let end = self.take(Kind::CloseParen)?;
                check_count(&token, &open, arguments.len(), least, most)?;
                check_lambdas(&token, &arguments)?;
                step.end = end.span.end;
                step.kind = StepKind::Builtin { builtin, name, arguments: Some(arguments) };
                return Ok(step);
            }
            Arity::Method => {
                if self.sees(&[Kind::OpenParen])? {
                    let (arguments, end) = self.call()?;
                    step.end = end;
                    step.kind = StepKind::Builtin { builtin, name, arguments: Some(arguments) };
                }
                return Ok(step);
            }
            Arity::Plain => {}
        }
        if let Some(format) = format {
            let builtin = builtin.bound_to(format);
            step.kind = StepKind::Builtin { builtin, name, arguments: None };
        }
        Ok(step)
    }

    fn check_loop_variable(&self, of: &Expr, steps: &[Step], token: &Token<'_>) -> Result<()> {
        let (ExprKind::Variable(name), []) = (&of.kind, steps) else {
            return Err(wrong(
                of,
                format!(
                    "Expression used as the left hand operand of ?{} must be a simple loop variable name.",
                    token.image
                ),
            ));
        };
        let declares = |known: &Option<String>| known.as_deref() == Some(&**name);
        let found = self
            .iterations
            .iter()
            .rev()
            .find(|iteration| declares(&iteration.first) || declares(&iteration.second));
        match found {
            Some(iteration) if iteration.kind == IterationKind::Call => Err(wrong(
                of,
                format!(
                    "The left hand operand of ?{} can't be the loop variable of an user defined directive: {name}",
                    token.image
                ),
            )),
            Some(_) => Ok(()),
            None => Err(wrong(
                of,
                format!(
                    "The left hand operand of ?{} must be a loop variable, but there's no loop variable in scope with \
                     this name: {name}",
                    token.image
                ),
            )),
        }
    }
}

fn check_count(
    token: &Token<'_>,
    open: &Token<'_>,
    count: usize,
    least: usize,
    most: usize,
) -> Result<()> {
    if (least..=most).contains(&count) {
        return Ok(());
    }
    let ordinal = if least == most {
        format!("requires exactly {least}")
    } else {
        format!("must have at least {least}")
    };
    Err(SyntaxError::new(open.span.begin, format!("?{}(...) {ordinal} parameters", token.image)))
}

fn check_lambdas(token: &Token<'_>, arguments: &[Expr]) -> Result<()> {
    for argument in arguments {
        if let ExprKind::Lambda { parameters, .. } = &argument.kind
            && parameters.len() != 1
        {
            return Err(wrong(
                argument,
                format!(
                    "?{}(...) parameter lambda expression must declare exactly 1 parameter, but it declared {}.",
                    token.image,
                    parameters.len()
                ),
            ));
        }
    }
    Ok(())
}
