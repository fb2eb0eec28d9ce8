//! Operands: literals, names, parentheses.

use std::rc::Rc;

use super::super::SyntaxError;
use super::super::ast::{Expr, ExprKind, Part, Special};
use super::super::lexer::State;
use super::super::names;
use super::super::numbers::Number;
use super::super::specials;
use super::super::token::{Kind, Span, Token};
use super::super::utf16;
use super::expressions::{number_only, string_only};
use super::{Parser, Result, at, found_literal};

/// A string literal of up to so many characters is taken as it is, whatever it opens.
const LONGEST_PLAIN: usize = 3;

impl<'t> Parser<'t> {
    pub(super) fn atom(&mut self) -> Result<Expr> {
        let token = self.look(0)?;
        let simple = |kind| Ok(Expr { kind, span: token.span });
        match token.kind {
            Kind::Integer | Kind::Decimal => {
                self.next()?;
                if token.image.len() > Number::MOST_DIGITS {
                    return Err(at(&token, "The number literal is too long."));
                }
                simple(ExprKind::Number(Number::literal(token.image)))
            }
            Kind::StringLiteral | Kind::RawString => self.string(true),
            Kind::False | Kind::True => {
                self.next()?;
                simple(ExprKind::Boolean(token.kind == Kind::True))
            }
            Kind::OpenBracket => {
                self.next()?;
                let items = self.positional(false)?;
                let end = self.take(Kind::CloseBracket)?;
                Ok(Expr { kind: ExprKind::List(items), span: token.span.to(end.span) })
            }
            Kind::OpenParen => {
                self.next()?;
                let inner = self.expression()?;
                let end = self.take(Kind::CloseParen)?;
                let span = token.span.to(end.span);
                Ok(Expr { kind: ExprKind::Group(Box::new(inner)), span })
            }
            Kind::OpenCurly => self.hash(),
            Kind::Dot => self.special(),
            _ => {
                self.next()?;
                simple(ExprKind::Variable(names::unescaped(token.image).into()))
            }
        }
    }

    fn hash(&mut self) -> Result<Expr> {
        let start = self.next()?;
        let mut entries = Vec::new();
        if self.is(super::expressions::EXPRESSION)? {
            loop {
                let key = self.expression()?;
                self.one_of(&[Kind::Comma, Kind::Colon])?;
                let value = self.expression()?;
                string_only(&key)?;
                entries.push((key, value));
                if !self.eat(Kind::Comma)? {
                    break;
                }
            }
        }
        let end = self.take(Kind::CloseCurly)?;
        Ok(Expr { kind: ExprKind::Hash(entries), span: start.span.to(end.span) })
    }

    fn special(&mut self) -> Result<Expr> {
        let dot = self.next()?;
        let token = self.take(Kind::Id)?;
        self.lexer.check_name(&token)?;
        let span = dot.span.to(token.span);
        if token.image == "args" {
            if !self.in_macro && !self.in_function {
                return Err(SyntaxError::new(
                    token.span.begin,
                    "The \"args\" special variable must be inside a macro or function in the template source code.",
                ));
            }
            self.wants_args = true;
        }
        let Some(mut special) = specials::find(token.image) else {
            let convention = self.lexer.convention.as_ref().map(|(convention, ..)| *convention);
            return Err(SyntaxError::new(
                token.span.begin,
                specials::unknown(token.image, convention),
            ));
        };
        match &mut special {
            Special::OutputFormat(format) => *format = self.format,
            Special::AutoEsc(on) => *on = self.escapes_output().is_some(),
            _ => {}
        }
        Ok(Expr { kind: ExprKind::Special(special), span })
    }

    /// A string literal; with `interpolates`, what stands in `${…}` inside is an expression.
    pub(super) fn string(&mut self, interpolates: bool) -> Result<Expr> {
        let token = self.one_of(&[Kind::StringLiteral, Kind::RawString])?;
        if token.kind == Kind::RawString {
            let text = &token.image[2..token.image.len() - 1];
            return Ok(Expr { kind: ExprKind::Text(text.into()), span: token.span });
        }
        let text = unescaped(&token)?;
        let opens = token.image.contains("${") || token.image.contains("#{");
        if interpolates && opens && utf16::length(&text) > LONGEST_PLAIN {
            let parts = self.parts(&text, token.span)?;
            return Ok(Expr { kind: ExprKind::Dynamic(parts), span: token.span });
        }
        Ok(Expr { kind: ExprKind::Text(text.into()), span: token.span })
    }

    /// Text and interpolations inside a string literal.
    fn parts(&mut self, text: &str, span: Span) -> Result<Vec<Part>> {
        self.deeper(span)?;
        let mut inner = Parser::new(text, State::NoDirective);
        inner.lexer.start_at(span.begin);
        inner.lexer.convention = self.lexer.convention.take();
        inner.iterations = std::mem::take(&mut self.iterations);
        inner.format = self.format;
        inner.escaping = self.escaping;
        inner.depth = self.depth;
        let parts = inner.text_and_interpolations();
        self.iterations = std::mem::take(&mut inner.iterations);
        self.lexer.convention = inner.lexer.convention.take();
        self.wants_args |= inner.wants_args;
        self.depth -= 1;
        parts
    }

    fn text_and_interpolations(&mut self) -> Result<Vec<Part>> {
        let mut parts = Vec::new();
        let mut literal = String::new();
        loop {
            match self.peek()? {
                Kind::TextBlank | Kind::Text | Kind::TextFalseAlarm => {
                    literal.push_str(self.next()?.image);
                }
                Kind::DollarOpening | Kind::HashOpening => {
                    if !literal.is_empty() {
                        parts.push(Part::Literal(std::mem::take(&mut literal).into()));
                    }
                    let interpolation = self.interpolation()?;
                    parts.push(Part::Interpolation {
                        is_numeric: interpolation.is_numeric,
                        format: interpolation.digits,
                        value: interpolation.value,
                    });
                }
                _ => break,
            }
        }
        if !literal.is_empty() {
            parts.push(Part::Literal(literal.into()));
        }
        Ok(parts)
    }

    /// `${…}` or `#{…}`
    pub(super) fn interpolation(&mut self) -> Result<Interpolation> {
        const TEXT: &str =
            "string or something automatically convertible to string (number, date or boolean)";
        let start = self.next()?;
        let value = self.expression()?;
        if start.kind == Kind::DollarOpening {
            let end = self.take(Kind::CloseCurly)?;
            match &value.kind {
                ExprKind::Hash(_) => return Err(found_literal(&value, "hash literal", TEXT)),
                ExprKind::List(_) => return Err(found_literal(&value, "list literal", TEXT)),
                _ => {}
            }
            let span = start.span.to(end.span);
            let value = self.escaped(value);
            return Ok(Interpolation { value, digits: None, is_numeric: false, span });
        }
        number_only(&value)?;
        let mut digits = None;
        if self.eat(Kind::Semicolon)? {
            let format = self.take(Kind::Id)?;
            digits = Some(format);
        }
        let end = self.take(Kind::CloseCurly)?;
        let digits = digits.map(|format| number_format(&format)).transpose()?;
        let span = start.span.to(end.span);
        Ok(Interpolation { value, digits, is_numeric: true, span })
    }

    /// The expression with the innermost `escape` around it.
    pub(super) fn escaped(&self, value: Expr) -> Expr {
        let Some(escape) = self.escapes.last() else { return value };
        let span = value.span;
        let kind = ExprKind::Escaped {
            name: Rc::clone(&escape.name),
            by: Rc::clone(&escape.by),
            value: Rc::new(value),
        };
        Expr { kind, span }
    }
}

/// An interpolation, in text or in a string literal.
pub(super) struct Interpolation {
    pub value: Expr,
    pub digits: Option<(usize, usize)>,
    pub is_numeric: bool,
    pub span: Span,
}

/// `m1M3`: the least and the most digits behind the point.
fn number_format(token: &Token<'_>) -> Result<(usize, usize)> {
    let fail = |message: String| Err(SyntaxError::new(token.span.begin, message));
    let image = names::unescaped(token.image);
    let (mut least, mut most) = (None, None);
    let mut rest = image.as_str();
    let mut open = None;
    while !rest.is_empty() {
        let length = if rest.starts_with(['m', 'M']) {
            1
        } else {
            rest.find(['m', 'M']).unwrap_or(rest.len())
        };
        let part = &rest[..length];
        rest = &rest[length..];
        match (open.take(), part) {
            (Some(kind), digits) => {
                let slot = if kind == 'm' { &mut least } else { &mut most };
                if slot.is_some() {
                    return fail(format!("Invalid format specifier {image}"));
                }
                match digits.parse::<usize>() {
                    Ok(number) => *slot = Some(number),
                    Err(_) => {
                        return fail(format!("Invalid number in the format specifier {image}"));
                    }
                }
            }
            (None, "m") => open = Some('m'),
            (None, "M") => open = Some('M'),
            _ => return fail(format!("Invalid format specifier {image}")),
        }
    }
    let (least, most) = match (least, most) {
        (None, None) => {
            return fail(
                "Invalid format specification, at least one of m and M must be specified!"
                    .to_owned(),
            );
        }
        (Some(least), None) => (least, least),
        (least, Some(most)) => (least.unwrap_or(0), most),
    };
    if least > most {
        return fail("Invalid format specification, min cannot be greater than max!".to_owned());
    }
    if most > 50 {
        return fail("Cannot specify more than 50 fraction digits".to_owned());
    }
    Ok((least, most))
}

/// Resolves the escapes of a string literal.
fn unescaped(token: &Token<'_>) -> Result<String> {
    let text = &token.image[1..token.image.len() - 1];
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    // Escapes of halves of a surrogate pair belong together.
    let mut units: Vec<u16> = Vec::new();
    while let Some(slash) = rest.find('\\') {
        if slash > 0 && !units.is_empty() {
            out.push_str(&String::from_utf16_lossy(&std::mem::take(&mut units)));
        }
        out.push_str(&rest[..slash]);
        let escape = &rest[slash + 1..];
        let character = escape.chars().next();
        let mut length = character.map_or(0, char::len_utf8);
        let decoded = match character {
            Some('n') => '\n',
            Some('t') => '\t',
            Some('r') => '\r',
            Some('f') => '\u{c}',
            Some('b') => '\u{8}',
            Some('g') => '>',
            Some('l') => '<',
            Some('a') => '&',
            Some('x') => {
                let digits = escape[1..].bytes().take(4).take_while(u8::is_ascii_hexdigit).count();
                length += digits;
                units.push(u16::from_str_radix(&escape[1..=digits], 16).unwrap_or(0xfffd));
                rest = &escape[length..];
                continue;
            }
            Some(c) => c,
            None => {
                return Err(SyntaxError::new(
                    token.span.begin,
                    "The last character of string literal is backslash",
                ));
            }
        };
        if !units.is_empty() {
            out.push_str(&String::from_utf16_lossy(&std::mem::take(&mut units)));
        }
        out.push(decoded);
        rest = &escape[length..];
    }
    out.push_str(&String::from_utf16_lossy(&units));
    out.push_str(rest);
    Ok(out)
}
