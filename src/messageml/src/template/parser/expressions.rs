//! Operators, by how tightly they bind.

use super::super::SyntaxError;
use super::super::ast::{Expr, ExprKind, Operator, RangeEnd, Step, StepKind};
use super::super::canonical::canonical;
use super::super::eval::deep;
use super::super::names;
use super::super::token::{Kind, Span};
use super::{Optional, Parser, Result, found_literal, wrong};

/// What an operand can begin with, in the order FreeMarker looks for it.
const OPERAND: &[Kind] = &[
    Kind::StringLiteral,
    Kind::RawString,
    Kind::False,
    Kind::True,
    Kind::Integer,
    Kind::Decimal,
    Kind::Dot,
    Kind::OpenBracket,
    Kind::OpenParen,
    Kind::OpenCurly,
    Kind::Id,
];

/// What an expression can begin with.
pub(super) const EXPRESSION: &[Kind] = &[
    Kind::StringLiteral,
    Kind::RawString,
    Kind::False,
    Kind::True,
    Kind::Integer,
    Kind::Decimal,
    Kind::Dot,
    Kind::Plus,
    Kind::Minus,
    Kind::Exclam,
    Kind::OpenBracket,
    Kind::OpenParen,
    Kind::OpenCurly,
    Kind::Id,
];

impl Parser<'_> {
    pub(super) fn expression(&mut self) -> Result<Expr> {
        let at = self.look(0)?.span;
        self.deeper(at)?;
        let expression = deep(|| self.or());
        self.depth -= 1;
        expression
    }

    fn or(&mut self) -> Result<Expr> {
        let mut first = self.and()?;
        let mut rest = Vec::new();
        while self.sees(&[Kind::Or])? {
            self.next()?;
            let operand = self.and()?;
            if rest.is_empty() {
                boolean_only(&first)?;
            }
            boolean_only(&operand)?;
            rest.push((Operator::Or, operand));
        }
        if !rest.is_empty() {
            first = chain(first, rest);
        }
        Ok(first)
    }

    fn and(&mut self) -> Result<Expr> {
        let mut first = self.equality()?;
        let mut rest = Vec::new();
        while self.sees(&[Kind::And])? {
            self.next()?;
            let operand = self.equality()?;
            if rest.is_empty() {
                boolean_only(&first)?;
            }
            boolean_only(&operand)?;
            rest.push((Operator::And, operand));
        }
        if !rest.is_empty() {
            first = chain(first, rest);
        }
        Ok(first)
    }

    fn equality(&mut self) -> Result<Expr> {
        let left = self.relation()?;
        if !self.sees(&[Kind::NotEquals, Kind::Equals, Kind::DoubleEquals])? {
            return Ok(left);
        }
        let operator = match self.next()?.kind {
            Kind::NotEquals => Operator::NotEqual,
            _ => Operator::Equal,
        };
        let right = self.relation()?;
        for operand in [&left, &right] {
            if let ExprKind::Hash(_) = operand.kind {
                return Err(found_literal(
                    operand,
                    "hash literal",
                    "different type for equality check",
                ));
            }
        }
        for operand in [&left, &right] {
            if let ExprKind::List(_) = operand.kind {
                return Err(found_literal(
                    operand,
                    "list literal",
                    "different type for equality check",
                ));
            }
        }
        Ok(chain(left, vec![(operator, right)]))
    }

    fn relation(&mut self) -> Result<Expr> {
        let left = self.range()?;
        let operator = match self.peek()? {
            Kind::NaturalGte | Kind::EscapedGte => Operator::GreaterOrEqual,
            Kind::NaturalGt | Kind::EscapedGt => Operator::Greater,
            Kind::LessThanEquals => Operator::LessOrEqual,
            Kind::LessThan => Operator::Less,
            _ => return Ok(left),
        };
        self.next()?;
        let right = self.range()?;
        number_only(&left)?;
        number_only(&right)?;
        Ok(chain(left, vec![(operator, right)]))
    }

    fn range(&mut self) -> Result<Expr> {
        let from = self.sum()?;
        if !self.is(&[Kind::DotDot, Kind::DotDotLess, Kind::DotDotAsterisk])? {
            return Ok(from);
        }
        let dots = self.next()?;
        let (to, end) = match dots.kind {
            Kind::DotDotLess => (Some(self.sum()?), RangeEnd::Exclusive),
            Kind::DotDotAsterisk => (Some(self.sum()?), RangeEnd::SizeLimited),
            _ if self.sees(EXPRESSION)? && self.begins_expression()? => {
                let to = self.sum()?;
                self.optional.push(Optional::RangeEnd);
                (Some(to), RangeEnd::Inclusive)
            }
            _ => (None, RangeEnd::Unbounded),
        };
        number_only(&from)?;
        if let Some(to) = &to {
            number_only(to)?;
        }
        let span = from.span.to(to.as_ref().map_or(dots.span, |to| to.span));
        Ok(Expr { kind: ExprKind::Range { from: Box::new(from), to: to.map(Box::new), end }, span })
    }

    fn sum(&mut self) -> Result<Expr> {
        let first = self.product()?;
        let mut rest: Vec<(Operator, Expr)> = Vec::new();
        while self.sees(&[Kind::Plus, Kind::Minus])? {
            let plus = self.next()?.kind == Kind::Plus;
            let operand = self.product()?;
            if plus {
                rest.push((Operator::Add, operand));
            } else {
                if rest.is_empty() {
                    number_only(&first)?;
                }
                number_only(&operand)?;
                rest.push((Operator::Subtract, operand));
            }
        }
        Ok(if rest.is_empty() { first } else { chain(first, rest) })
    }

    fn product(&mut self) -> Result<Expr> {
        let first = self.unary()?;
        let mut rest: Vec<(Operator, Expr)> = Vec::new();
        while self.sees(&[Kind::Times, Kind::Divide, Kind::Percent])? {
            let operator = match self.next()?.kind {
                Kind::Times => Operator::Multiply,
                Kind::Divide => Operator::Divide,
                _ => Operator::Remainder,
            };
            let operand = self.unary()?;
            if rest.is_empty() {
                number_only(&first)?;
            }
            number_only(&operand)?;
            rest.push((operator, operand));
        }
        Ok(if rest.is_empty() { first } else { chain(first, rest) })
    }

    fn unary(&mut self) -> Result<Expr> {
        if !self.is(EXPRESSION)? {
            return Err(self.unexpected());
        }
        match self.peek()? {
            Kind::Plus | Kind::Minus => {
                let sign = self.next()?;
                let of = self.primary()?;
                let span = sign.span.to(of.span);
                let negative = sign.kind == Kind::Minus;
                Ok(Expr { kind: ExprKind::Sign { negative, of: Box::new(of) }, span })
            }
            Kind::Exclam => {
                let mut nots = Vec::new();
                while self.is(&[Kind::Exclam])? {
                    let span = self.next()?.span;
                    self.deeper(span)?;
                    nots.push(span);
                }
                let mut of = self.primary()?;
                self.depth -= nots.len();
                for not in nots.into_iter().rev() {
                    let span = not.to(of.span);
                    of = Expr { kind: ExprKind::Not(Box::new(of)), span };
                }
                Ok(of)
            }
            _ => self.primary(),
        }
    }

    fn primary(&mut self) -> Result<Expr> {
        const STEPS: &[Kind] = &[
            Kind::Dot,
            Kind::BuiltIn,
            Kind::Exists,
            Kind::Exclam,
            Kind::OpenBracket,
            Kind::OpenParen,
            Kind::TerminatingExclam,
        ];
        if !self.is(OPERAND)? {
            return Err(self.unexpected());
        }
        let mut of = self.atom()?;
        let mut steps: Vec<Step> = Vec::new();
        while self.is(STEPS)? {
            let step = match self.peek()? {
                Kind::Dot => self.member(&of, &steps)?,
                Kind::OpenBracket => self.index(&of, &steps)?,
                Kind::OpenParen => {
                    let (arguments, end) = self.call()?;
                    Step { kind: StepKind::Call(arguments), end }
                }
                Kind::BuiltIn => self.builtin(&of, &steps)?,
                Kind::Exists => {
                    let end = self.next()?.span.end;
                    Step { kind: StepKind::Exists, end }
                }
                _ => self.default()?,
            };
            steps.push(step);
        }
        if let Some(last) = steps.last() {
            let span = Span { begin: of.span.begin, end: last.end };
            of = Expr { kind: ExprKind::Postfix { of: Box::new(of), steps }, span };
        }
        Ok(of)
    }

    fn member(&mut self, of: &Expr, steps: &[Step]) -> Result<Step> {
        self.next()?;
        let token = self.one_of(&[
            Kind::False,
            Kind::True,
            Kind::LessThan,
            Kind::LessThanEquals,
            Kind::EscapedGt,
            Kind::EscapedGte,
            Kind::Times,
            Kind::DoubleStar,
            Kind::In,
            Kind::As,
            Kind::Using,
            Kind::Id,
        ])?;
        let is_word = token.image.starts_with(char::is_alphabetic);
        if !is_word && !matches!(token.kind, Kind::Id | Kind::Times | Kind::DoubleStar) {
            return Err(SyntaxError::new(
                token.span.begin,
                format!("{} is not a valid identifier.", token.image),
            ));
        }
        if steps.is_empty() {
            match &of.kind {
                ExprKind::List(_) => return Err(found_literal(of, "list literal", "hash")),
                ExprKind::Text(_) | ExprKind::Dynamic(_) => {
                    return Err(wrong(
                        of,
                        format!("Found string literal: {}. Expecting: hash", shown(of)),
                    ));
                }
                ExprKind::Boolean(_) => {
                    return Err(wrong(
                        of,
                        format!("Found: {} literal. Expecting hash", canonical(of)),
                    ));
                }
                _ => {}
            }
        }
        let name = names::unescaped(token.image).into();
        Ok(Step { kind: StepKind::Member(name), end: token.span.end })
    }

    fn index(&mut self, of: &Expr, steps: &[Step]) -> Result<Step> {
        self.next()?;
        let index = self.expression()?;
        let end = self.take(Kind::CloseBracket)?.span.end;
        if steps.is_empty() {
            match &of.kind {
                ExprKind::Boolean(_) => {
                    return Err(wrong(
                        of,
                        format!("Found: {} literal. Expecting list or hash", canonical(of)),
                    ));
                }
                ExprKind::Number(_) => {
                    return Err(found_literal(of, "number literal", "list or hash"));
                }
                _ => {}
            }
        }
        Ok(Step { kind: StepKind::Index(index), end })
    }

    fn default(&mut self) -> Result<Step> {
        let mark = self.next()?;
        let has_default =
            mark.kind == Kind::Exclam && self.sees(EXPRESSION)? && self.begins_expression()?;
        if has_default {
            let default = self.expression()?;
            self.optional.push(Optional::Default);
            let end = default.span.end;
            return Ok(Step { kind: StepKind::Default(Some(Box::new(default))), end });
        }
        // The second kind of mark has the blanks behind it in it.
        Ok(Step { kind: StepKind::Default(None), end: mark.span.begin })
    }

    /// Whether what comes reads as an expression, behind `!` and `..` where there may be none. FreeMarker tries the whole
    /// expression; what sets one apart from the end of a tag shows in the first tokens.
    fn begins_expression(&mut self) -> Result<bool> {
        let mut index = 0;
        while matches!(self.look(index)?.kind, Kind::Plus | Kind::Minus | Kind::Exclam) {
            index += 1;
            if index > super::MAX_NESTING {
                return Ok(false);
            }
        }
        if !OPERAND.contains(&self.look(index)?.kind) {
            return Ok(false);
        }
        Ok(true)
    }
}

fn chain(first: Expr, rest: Vec<(Operator, Expr)>) -> Expr {
    let end = rest.last().map_or(first.span, |(_, last)| last.span);
    let span = first.span.to(end);
    Expr { kind: ExprKind::Chain { first: Box::new(first), rest }, span }
}

/// A string literal as `Found string literal` shows it.
fn shown(of: &Expr) -> String {
    match &of.kind {
        ExprKind::Dynamic(_) => "dynamic \"...\"".to_owned(),
        _ => canonical(of),
    }
}

/// Refuses a literal that is certainly no number.
pub(super) fn number_only(of: &Expr) -> Result<()> {
    Err(match &of.kind {
        ExprKind::Text(_) | ExprKind::Dynamic(_) => {
            wrong(of, format!("Found string literal: {}. Expecting: number", canonical(of)))
        }
        ExprKind::List(_) => found_literal(of, "list literal", "number"),
        ExprKind::Hash(_) => found_literal(of, "hash literal", "number"),
        ExprKind::Boolean(_) => {
            wrong(of, format!("Found: {} literal. Expecting number", canonical(of)))
        }
        _ => return Ok(()),
    })
}

/// Refuses a literal that is certainly no string.
pub(super) fn string_only(of: &Expr) -> Result<()> {
    Err(match &of.kind {
        ExprKind::Number(_) => found_literal(of, "number literal", "string"),
        ExprKind::List(_) => found_literal(of, "list literal", "string"),
        ExprKind::Hash(_) => found_literal(of, "hash literal", "string"),
        ExprKind::Boolean(_) => {
            wrong(of, format!("Found: {} literal. Expecting string", canonical(of)))
        }
        _ => return Ok(()),
    })
}

/// Refuses a literal that is certainly no boolean.
fn boolean_only(of: &Expr) -> Result<()> {
    const BOOLEAN: &str = "boolean (true/false)";
    Err(match &of.kind {
        ExprKind::Text(_) | ExprKind::Dynamic(_) => {
            wrong(of, format!("Found string literal: {}. Expecting: {BOOLEAN}", canonical(of)))
        }
        ExprKind::List(_) => found_literal(of, "list literal", BOOLEAN),
        ExprKind::Hash(_) => found_literal(of, "hash literal", BOOLEAN),
        ExprKind::Number(_) => found_literal(of, "number literal", BOOLEAN),
        _ => return Ok(()),
    })
}
