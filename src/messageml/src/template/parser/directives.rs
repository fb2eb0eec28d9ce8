//! Content, and the directives that are one tag.

use std::rc::Rc;

use super::super::ast::{Arguments, ElementKind, Expr, ExprKind, Id};
use super::super::eval::deep;
use super::super::names;
use super::super::settings;
use super::super::token::{Kind, Span, Token};
use super::expressions::EXPRESSION;
use super::{Parser, Result, at};

/// What content can begin with.
const CONTENT: &[Kind] = &[
    Kind::Attempt,
    Kind::If,
    Kind::List,
    Kind::Items,
    Kind::Sep,
    Kind::ForEach,
    Kind::Switch,
    Kind::Assign,
    Kind::GlobalAssign,
    Kind::LocalAssign,
    Kind::Include,
    Kind::Import,
    Kind::Function,
    Kind::Macro,
    Kind::Transform,
    Kind::Visit,
    Kind::Stop,
    Kind::Return,
    Kind::Call,
    Kind::Setting,
    Kind::OutputFormat,
    Kind::AutoEsc,
    Kind::NoAutoEsc,
    Kind::Compress,
    Kind::Comment,
    Kind::TerseComment,
    Kind::NoParse,
    Kind::Break,
    Kind::Continue,
    Kind::SimpleReturn,
    Kind::Halt,
    Kind::Flush,
    Kind::Trim,
    Kind::LeftTrim,
    Kind::RightTrim,
    Kind::NoTrim,
    Kind::SimpleNested,
    Kind::Nested,
    Kind::SimpleRecurse,
    Kind::Recurse,
    Kind::Fallback,
    Kind::Escape,
    Kind::NoEscape,
    Kind::UnifiedCall,
    Kind::TextBlank,
    Kind::Text,
    Kind::TextFalseAlarm,
    Kind::DollarOpening,
    Kind::HashOpening,
    Kind::BracketOpening,
];

const TEXT: &[Kind] = &[Kind::TextBlank, Kind::Text, Kind::TextFalseAlarm];

impl Parser<'_> {
    /// Text, interpolations and directives, up to what is none of them.
    pub(super) fn content(&mut self) -> Result<Vec<Id>> {
        let at = self.look(0)?.span;
        self.deeper(at)?;
        self.content_depth += 1;
        let mut children = Vec::new();
        while self.is(CONTENT)? {
            let child = match self.peek()? {
                kind if TEXT.contains(&kind) => self.text()?,
                Kind::DollarOpening | Kind::HashOpening => {
                    let interpolation = self.interpolation()?;
                    let (value, span) = (interpolation.value, interpolation.span);
                    let kind = if interpolation.is_numeric {
                        ElementKind::Numeric { value, digits: interpolation.digits }
                    } else {
                        ElementKind::Interpolation { value, escaping: self.escapes_output() }
                    };
                    Some(self.leaf(kind, span))
                }
                _ => Some(deep(|| self.directive())?),
            };
            children.extend(child);
        }
        self.content_depth -= 1;
        self.depth -= 1;
        Ok(children)
    }

    fn text(&mut self) -> Result<Option<Id>> {
        let mut span: Option<Span> = None;
        let mut text = String::new();
        while self.is(TEXT)? {
            let token = self.next()?;
            text.push_str(token.image);
            span = Some(span.map_or(token.span, |span| span.to(token.span)));
        }
        if self.strip_text && self.content_depth == 1 {
            return Ok(None);
        }
        Ok(Some(self.leaf(ElementKind::Text(text), span.unwrap_or_default())))
    }

    fn directive(&mut self) -> Result<Id> {
        match self.peek()? {
            Kind::If => self.conditional(),
            Kind::List => self.list(),
            Kind::ForEach => self.for_each(),
            Kind::Assign | Kind::GlobalAssign | Kind::LocalAssign => self.assign(),
            Kind::Include => self.include(),
            Kind::Import => self.import(),
            Kind::Macro | Kind::Function => self.macro_definition(),
            Kind::Compress => {
                let start = self.next()?;
                let children = self.content()?;
                let end = self.take(Kind::EndCompress)?;
                Ok(self.element(ElementKind::Compress, start.span.to(end.span), children))
            }
            Kind::UnifiedCall => self.directive_call(),
            Kind::Items => self.items(),
            Kind::Sep => self.separator(),
            Kind::Call => self.legacy_call(),
            Kind::Comment | Kind::TerseComment => self.comment(),
            Kind::NoParse => self.no_parse(),
            Kind::Transform => self.transform(),
            Kind::Switch => self.switch(),
            Kind::Setting => self.setting(),
            Kind::Escape => self.escape(),
            Kind::NoEscape => self.no_escape(),
            Kind::Visit => self.visit(),
            Kind::SimpleRecurse | Kind::Recurse => self.recurse(),
            Kind::Attempt => self.attempt(),
            Kind::OutputFormat => self.output_format(),
            Kind::AutoEsc | Kind::NoAutoEsc => self.auto_escape(),
            _ => self.simple(),
        }
    }

    /// Directives of one tag with at most one expression.
    fn simple(&mut self) -> Result<Id> {
        let start = self.next()?;
        let mut span = start.span;
        let kind = match start.kind {
            Kind::Break if self.breakable < 1 => {
                return Err(at(
                    &start,
                    format!(
                        "{} must be nested inside a directive that supports it:  #list with \"as\", #items, #switch \
                         (or the deprecated {})",
                        start.image,
                        self.for_each_symbol()
                    ),
                ));
            }
            Kind::Continue if self.continuable < 1 => {
                return Err(at(
                    &start,
                    format!(
                        "{} must be nested inside a directive that supports it:  #list with \"as\", #items (or the \
                         deprecated {})",
                        start.image,
                        self.for_each_symbol()
                    ),
                ));
            }
            Kind::Break => ElementKind::Break,
            Kind::Continue => ElementKind::Continue,
            Kind::Flush => ElementKind::Flush,
            Kind::Trim => ElementKind::Trim { left: true, right: true },
            Kind::LeftTrim => ElementKind::Trim { left: true, right: false },
            Kind::RightTrim => ElementKind::Trim { left: false, right: true },
            Kind::NoTrim => ElementKind::Trim { left: false, right: false },
            Kind::Fallback => {
                if !self.in_macro {
                    return Err(at(&start, "Cannot fall back outside a macro."));
                }
                ElementKind::Fallback
            }
            Kind::SimpleReturn | Kind::Return => {
                let mut value = None;
                if start.kind == Kind::Return {
                    value = Some(self.expression()?);
                    span = start.span.to(self.loose_end()?.span);
                }
                if self.in_macro && value.is_some() {
                    return Err(at(&start, "A macro cannot return a value"));
                }
                if !self.in_macro && value.is_none() {
                    return Err(at(
                        &start,
                        if self.in_function {
                            "A function must return a value"
                        } else {
                            "A return instruction can only occur inside a macro or function"
                        },
                    ));
                }
                ElementKind::Return(value)
            }
            Kind::Halt => ElementKind::Stop(None),
            Kind::Stop => {
                let value = self.expression()?;
                self.loose_end()?;
                ElementKind::Stop(Some(value))
            }
            Kind::SimpleNested | Kind::Nested => {
                let mut arguments = Vec::new();
                if start.kind == Kind::Nested {
                    arguments = self.positional(false)?;
                    span = start.span.to(self.loose_end()?.span);
                }
                if !self.in_macro {
                    return Err(at(
                        &start,
                        format!("Cannot use a {} instruction outside a macro.", start.image),
                    ));
                }
                ElementKind::Nested(arguments)
            }
            _ => return Err(at(&start, "Unexpected directive.")),
        };
        Ok(self.leaf(kind, span))
    }

    pub(super) fn loose_end(&mut self) -> Result<Token<'static>> {
        let token = self.one_of(&[Kind::DirectiveEnd, Kind::EmptyDirectiveEnd])?;
        Ok(Token { kind: token.kind, image: "", span: token.span })
    }

    /// A name that may be written as a string.
    pub(super) fn target_name(&mut self) -> Result<(Rc<str>, Span)> {
        if !self.is(&[Kind::StringLiteral, Kind::RawString, Kind::Id])? {
            return Err(self.unexpected());
        }
        if self.peek()? == Kind::Id {
            let token = self.next()?;
            return Ok((names::unescaped(token.image).into(), token.span));
        }
        let literal = self.string(false)?;
        let name = match literal.kind {
            ExprKind::Text(text) => text,
            _ => Rc::from(""),
        };
        Ok((name, literal.span))
    }

    fn include(&mut self) -> Result<Id> {
        let start = self.next()?;
        let name = self.expression()?;
        self.eat(Kind::Semicolon)?;
        let (mut parse, mut encoding, mut ignore_missing) = (None, None, None);
        while self.is(&[Kind::Id])? {
            let token = self.next()?;
            self.take(Kind::Equals)?;
            let value = self.expression()?;
            let slot = match token.image {
                image if image.eq_ignore_ascii_case("parse") => &mut parse,
                image if image.eq_ignore_ascii_case("encoding") => &mut encoding,
                image
                    if image.eq_ignore_ascii_case("ignore_missing") || image == "ignoreMissing" =>
                {
                    self.lexer.check_name(&token)?;
                    &mut ignore_missing
                }
                image => {
                    return Err(at(
                        &token,
                        format!(
                            "Unsupported named #include parameter: \"{image}\". Supported parameters are: \"parse\", \
                             \"encoding\", \"ignore_missing\"."
                        ),
                    ));
                }
            };
            *slot = Some(value);
        }
        let end = self.loose_end()?.span;
        let kind = ElementKind::Include { name, parse, encoding, ignore_missing };
        Ok(self.leaf(kind, start.span.to(end)))
    }

    fn import(&mut self) -> Result<Id> {
        let start = self.next()?;
        let name = self.expression()?;
        self.take(Kind::As)?;
        self.take(Kind::Id)?;
        let end = self.loose_end()?.span;
        Ok(self.leaf(ElementKind::Import(name), start.span.to(end)))
    }

    /// `<#call name …>`, from before there was `<@name …>`.
    fn legacy_call(&mut self) -> Result<Id> {
        let start = self.next()?;
        let name = self.take(Kind::Id)?;
        let callee =
            Expr { kind: ExprKind::Variable(names::unescaped(name.image).into()), span: name.span };
        let is_named = self.look(0)?.kind == Kind::Id && self.look(1)?.kind == Kind::Equals;
        let arguments = if is_named {
            Arguments::Named(self.named()?)
        } else {
            if self.peek()? == Kind::OpenParen {
                self.next()?;
            }
            let arguments = self.positional(false)?;
            self.eat(Kind::CloseParen)?;
            Arguments::Positional(arguments)
        };
        let end = self.loose_end()?.span;
        let kind = ElementKind::Call { callee, arguments, body: None, has_body: false };
        Ok(self.leaf(kind, start.span.to(end)))
    }

    pub(super) fn comment(&mut self) -> Result<Id> {
        let start = self.next()?;
        let end = self.unparsed(&start)?.1;
        Ok(self.leaf(ElementKind::Comment, start.span.to(end)))
    }

    fn no_parse(&mut self) -> Result<Id> {
        let start = self.next()?;
        let (text, end) = self.unparsed(&start)?;
        Ok(self.leaf(ElementKind::Text(text), start.span.to(end)))
    }

    fn unparsed(&mut self, start: &Token<'_>) -> Result<(String, Span)> {
        const UNPARSED: &[Kind] =
            &[Kind::TerseCommentEnd, Kind::MaybeEnd, Kind::KeepGoing, Kind::LoneLessThanOrDash];
        let mut text = String::new();
        loop {
            if !self.is(UNPARSED)? {
                if text.is_empty() {
                    return Err(self.unexpected());
                }
                return Err(at(start, format!("Unclosed \"{}\"", start.image)));
            }
            let token = self.next()?;
            if self.lexer.is_parsing() {
                return Ok((text, token.span));
            }
            text.push_str(token.image);
        }
    }

    fn transform(&mut self) -> Result<Id> {
        let start = self.next()?;
        let callee = self.expression()?;
        self.eat(Kind::Semicolon)?;
        while self.is(&[Kind::Id])? {
            self.next()?;
            self.take(Kind::Equals)?;
            self.expression()?;
        }
        let mut end = self.one_of(&[Kind::DirectiveEnd, Kind::EmptyDirectiveEnd])?.span;
        let mut children = Vec::new();
        if end.begin == end.end {
            children = self.content()?;
            end = self.take(Kind::EndTransform)?.span;
        }
        Ok(self.element(ElementKind::Transform { callee }, start.span.to(end), children))
    }

    fn setting(&mut self) -> Result<Id> {
        let start = self.next()?;
        let key = self.take(Kind::Id)?;
        self.take(Kind::Equals)?;
        let value = self.expression()?;
        let end = self.loose_end()?.span;
        self.lexer.check_name(&key)?;
        let convention = self.lexer.convention.as_ref().map(|(convention, ..)| *convention);
        let name = settings::find(key.image)
            .ok_or_else(|| at(&key, settings::unknown(key.image, convention)))?;
        Ok(self.leaf(ElementKind::Setting { name, value }, start.span.to(end)))
    }

    fn visit(&mut self) -> Result<Id> {
        let start = self.next()?;
        let node = self.expression()?;
        if self.eat(Kind::Using)? {
            self.expression()?;
        }
        let end = self.loose_end()?.span;
        Ok(self.leaf(ElementKind::Visit { node }, start.span.to(end)))
    }

    fn recurse(&mut self) -> Result<Id> {
        let start = self.next()?;
        let (mut node, mut end) = (None, start.span);
        if start.kind == Kind::Recurse {
            if self.is(EXPRESSION)? {
                node = Some(self.expression()?);
            }
            if self.eat(Kind::Using)? {
                self.expression()?;
            }
            end = self.loose_end()?.span;
        }
        Ok(self.leaf(ElementKind::Recurse { node }, start.span.to(end)))
    }
}
