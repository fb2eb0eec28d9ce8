//! From tokens to a template.
//!
//! The parser makes its choices in the order of FreeMarker's grammar, and notes at each what it looked for: that list is
//! part of the error of what does not fit.

mod arguments;
mod assign;
mod blocks;
mod directives;
mod expressions;
mod header;
mod literals;
mod macros;

use std::rc::Rc;

use super::SyntaxError;
use super::ast::{Element, ElementKind, Expr, Format, Id, Macro, Template};
use super::canonical::canonical;
use super::lexer::{Lexer, State};
use super::names;
use super::token::{Kind, Span, Token, closes, image};
use super::{MAX_NESTING, whitespace};

type Result<T> = std::result::Result<T, SyntaxError>;

/// How many parameters a macro or a call of one may name. Each is compared with all others.
const MOST_NAMES: usize = 1_000;

/// Parses a template.
///
/// # Errors
///
/// The first thing that does not fit, in FreeMarker's words.
pub(super) fn parse(source: &str) -> Result<Template> {
    let mut parser = Parser::new(source, State::Default);
    parser.root()
}

/// Parses an expression that was made at run time; its places are none of the template's.
pub(super) fn parse_expression(source: &str) -> Result<Expr> {
    let mut parser = Parser::new(source, State::Expression);
    parser.lexer.start_nowhere();
    parser.expression()
}

/// Parses a template that was made at run time.
pub(super) fn parse_made(source: &str) -> Result<Template> {
    let mut template = parse(source)?;
    for element in &mut template.elements {
        element.span = Span::default();
    }
    Ok(template)
}

/// An error at a token.
fn at(token: &Token<'_>, message: impl Into<String>) -> SyntaxError {
    SyntaxError::new(token.span.begin, message)
}

/// What a `list` around the place of the parser declares.
#[derive(Debug, Clone)]
struct Iteration {
    first: Option<String>,
    second: Option<String>,
    kind: IterationKind,
    is_hash: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum IterationKind {
    List,
    ForEach,
    Items,
    /// The loop variable of a call hides one of a list.
    Call,
}

/// `escape` around the place of the parser, with those around it applied.
#[derive(Debug, Clone)]
struct Escape {
    name: Rc<str>,
    by: Rc<Expr>,
}

struct Parser<'t> {
    lexer: Lexer<'t>,
    /// Tokens that were looked at and not taken.
    ahead: std::collections::VecDeque<Token<'t>>,
    /// What was looked for since the last token was taken.
    expected: Vec<Kind>,
    /// Optional operands that end where the parser is: FreeMarker looked what comes behind them before it took them.
    optional: Vec<Optional>,
    elements: Vec<Element>,
    macros: Vec<Rc<Macro>>,
    iterations: Vec<Iteration>,
    escapes: Vec<Escape>,
    breakable: usize,
    continuable: usize,
    in_macro: bool,
    in_function: bool,
    wants_args: bool,
    format: Format,
    escaping: Escaping,
    strip_white_space: bool,
    strip_text: bool,
    content_depth: usize,
    depth: usize,
}

/// Whether interpolations are escaped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Escaping {
    Off,
    /// Where the format of the output says so.
    IfDefault,
    /// Wherever it can be done.
    IfSupported,
}

impl<'t> Parser<'t> {
    fn new(source: &'t str, state: State) -> Self {
        Self {
            lexer: Lexer::new(source, state),
            ahead: std::collections::VecDeque::new(),
            expected: Vec::new(),
            optional: Vec::new(),
            elements: Vec::new(),
            macros: Vec::new(),
            iterations: Vec::new(),
            escapes: Vec::new(),
            breakable: 0,
            continuable: 0,
            in_macro: false,
            in_function: false,
            wants_args: false,
            format: Format::Undefined,
            escaping: Escaping::IfDefault,
            strip_white_space: true,
            strip_text: false,
            content_depth: 0,
            depth: 0,
        }
    }

    fn root(&mut self) -> Result<Template> {
        self.header()?;
        let children = self.content()?;
        self.take(Kind::Eof)?;
        let root = match children.as_slice() {
            [] => self.leaf(ElementKind::Text(String::new()), Span::default()),
            [only] => *only,
            _ => {
                let span = self.span_of(&children);
                self.element(ElementKind::Mixed, span, children)
            }
        };
        let mut template = Template {
            elements: std::mem::take(&mut self.elements),
            root,
            macros: std::mem::take(&mut self.macros),
        };
        template.root = whitespace::clean(&mut template.elements, root, self.strip_white_space);
        Ok(template)
    }

    // Tokens.

    /// The token `index` places ahead.
    fn look(&mut self, index: usize) -> Result<Token<'t>> {
        while self.ahead.len() <= index {
            let token = self.lexer.next()?;
            self.ahead.push_back(token);
        }
        Ok(self.ahead[index])
    }

    fn peek(&mut self) -> Result<Kind> {
        self.look(0).map(|token| token.kind)
    }

    /// Takes the next token, whatever it is.
    fn next(&mut self) -> Result<Token<'t>> {
        let token = self.look(0)?;
        self.ahead.pop_front();
        self.expected.clear();
        self.optional.clear();
        Ok(token)
    }

    /// Takes a token that must be of this kind.
    fn take(&mut self, kind: Kind) -> Result<Token<'t>> {
        if self.peek()? == kind {
            return self.next();
        }
        self.expected.push(kind);
        Err(self.unexpected())
    }

    /// A choice: whether the next token is one of `kinds`. If it is not, they were expected.
    fn is(&mut self, kinds: &[Kind]) -> Result<bool> {
        let found = kinds.contains(&self.peek()?);
        if !found {
            self.expected.extend_from_slice(kinds);
        }
        Ok(found)
    }

    /// Takes the next token if it is of this kind.
    fn eat(&mut self, kind: Kind) -> Result<bool> {
        let found = self.is(&[kind])?;
        if found {
            self.next()?;
        }
        Ok(found)
    }

    /// Takes one of `kinds`, which are all that can come.
    fn one_of(&mut self, kinds: &[Kind]) -> Result<Token<'t>> {
        if self.is(kinds)? { self.next() } else { Err(self.unexpected()) }
    }

    /// Whether the next token is of this kind, where FreeMarker looks ahead without noting it.
    fn sees(&mut self, kinds: &[Kind]) -> Result<bool> {
        Ok(kinds.contains(&self.peek()?))
    }

    /// The error for the next token.
    fn unexpected(&mut self) -> SyntaxError {
        let token = match self.look(0) {
            Ok(token) => token,
            Err(error) => return error,
        };
        let mut expected = std::mem::take(&mut self.expected);
        expected.sort_unstable();
        expected.dedup();
        // Where an operand ends and another may follow without a comma, FreeMarker names the signs once more.
        if expected.contains(&Kind::BuiltIn) && expected.contains(&Kind::Plus) {
            expected.extend([Kind::Plus, Kind::Minus]);
        }
        expected.extend(behind(&self.optional));
        SyntaxError::new(token.span.begin, encountered(&token, &expected))
    }

    fn deeper(&mut self, at: Span) -> Result<()> {
        self.depth += 1;
        if self.depth > MAX_NESTING {
            return Err(SyntaxError::new(at.begin, "The template is nested too deeply."));
        }
        Ok(())
    }

    // Elements.

    fn element(&mut self, kind: ElementKind, span: Span, children: Vec<Id>) -> Id {
        let id = self.elements.len();
        for child in &children {
            self.elements[*child].parent = Some(id);
        }
        self.elements.push(Element {
            kind,
            span,
            parent: None,
            children,
            previous: None,
            next: None,
        });
        id
    }

    fn leaf(&mut self, kind: ElementKind, span: Span) -> Id {
        self.element(kind, span, Vec::new())
    }

    fn span_of(&self, children: &[Id]) -> Span {
        match (children.first(), children.last()) {
            (Some(first), Some(last)) => self.elements[*first].span.to(self.elements[*last].span),
            _ => Span::default(),
        }
    }

    /// From a token to the end of the content behind it, which may be empty.
    fn span_with(&self, start: Span, end: Span, children: &[Id]) -> Span {
        match children.last() {
            Some(last) => start.to(self.elements[*last].span),
            None => start.to(end),
        }
    }

    fn escapes_output(&self) -> Option<Format> {
        let escapes = match self.escaping {
            Escaping::Off => false,
            Escaping::IfDefault => self.format.escapes_by_default(),
            Escaping::IfSupported => self.format.is_markup(),
        };
        (escapes && self.format.is_markup()).then_some(self.format)
    }
}

/// An operand that might have been left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Optional {
    /// Of `..`
    RangeEnd,
    /// Of `!`
    Default,
}

/// What could stand behind optional operands. FreeMarker names it once more for each of them, and for those inside.
fn behind(optional: &[Optional]) -> Vec<Kind> {
    const STEPS: [Kind; 7] = [
        Kind::Dot,
        Kind::OpenBracket,
        Kind::OpenParen,
        Kind::BuiltIn,
        Kind::TerminatingExclam,
        Kind::Exclam,
        Kind::Exists,
    ];
    const RANGES: [Kind; 3] = [Kind::DotDotLess, Kind::DotDotAsterisk, Kind::DotDot];
    let mut kinds = Vec::new();
    if optional.contains(&Optional::RangeEnd) {
        kinds.extend(STEPS);
    }
    let defaults = optional.iter().filter(|one| **one == Optional::Default).count().min(10);
    for _ in 0..defaults * (defaults + 1) / 2 {
        kinds.extend(STEPS);
        kinds.extend(RANGES);
    }
    kinds
}

/// FreeMarker's words for a token that does not fit.
fn encountered(token: &Token<'_>, expected: &[Kind]) -> String {
    const HINT: &str = "(Note that FreeMarker end-tags must have # or @ after the / character.)";
    let closing = |kinds: &[Kind]| {
        let mut words: Vec<&str> = Vec::new();
        for word in kinds.iter().filter_map(|kind| closes(*kind)) {
            if !words.contains(&word) {
                words.push(word);
            }
        }
        words
    };
    if token.kind == Kind::Eof {
        let open = closing(expected);
        let mut message = "Unexpected end of file reached.".to_owned();
        if !open.is_empty() {
            message.push_str(&format!(
                " You have an unclosed {}. Check if the FreeMarker end-tags are present, and aren't malformed. {HINT}",
                open.join(" and ")
            ));
        }
        return message;
    }
    let shown = match token.kind {
        Kind::Id => names::unescaped(token.image),
        _ => token.image.to_owned(),
    };
    let mut message = format!("Encountered {}", names::quoted(&shown));
    let is_else = matches!(token.kind, Kind::Else | Kind::ElseIf);
    let mut open = Vec::new();
    if is_else || closes(token.kind).is_some() {
        open = closing(expected);
        let own = if is_else { closes(Kind::EndIf) } else { closes(token.kind) };
        open.retain(|word| Some(*word) != own);
    }
    if open.is_empty() {
        message.push_str(", but was ");
    } else {
        if is_else {
            message.push_str(", which can only be used where an #if");
            if token.kind == Kind::Else {
                message.push_str(" or #list");
            }
            message.push_str(" could be closed");
        }
        let which = if open.len() > 1 { "these" } else { "this" };
        message.push_str(&format!(", but at this place only {which} can be closed: "));
        let words: Vec<String> = open
            .iter()
            .map(
                |word| {
                    if word.starts_with('"') { (*word).to_owned() } else { names::quoted(word) }
                },
            )
            .collect();
        message.push_str(&words.join(", "));
        message.push('.');
        if token.image.starts_with("</") {
            message.push_str(&format!(
                " This usually because of wrong nesting of FreeMarker directives, like a missed or malformed end-tag \
                 somewhere. {HINT}"
            ));
        }
        message.push_str("\nWas ");
    }
    message.push_str(if expected.len() == 1 {
        "expecting pattern:"
    } else {
        "expecting one of these patterns:"
    });
    message.push('\n');
    let lines: Vec<String> = expected.iter().map(|kind| format!("    {}", image(*kind))).collect();
    message.push_str(&lines.join("\n"));
    message
}

/// The error for an expression.
fn wrong(expression: &Expr, message: impl Into<String>) -> SyntaxError {
    SyntaxError::new(expression.span.begin, message)
}

fn found_literal(expression: &Expr, what: &str, expected: &str) -> SyntaxError {
    wrong(expression, format!("Found {what}: {}. Expecting {expected}", canonical(expression)))
}
