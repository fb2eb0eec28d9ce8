//! Tokens inside tags and interpolations.

use super::super::SyntaxError;
use super::super::names;
use super::super::token::{Kind, Place, Token};
use super::{Lexer, State};

/// What is written with signs; of two that begin alike the longer comes first.
const MARKS: &[(&str, Kind)] = &[
    ("&amp;&amp;", Kind::And),
    ("-&gt;", Kind::LambdaArrow),
    ("&lt;=", Kind::LessThanEquals),
    ("&gt;=", Kind::EscapedGte),
    ("\\lte", Kind::LessThanEquals),
    ("\\gte", Kind::EscapedGte),
    ("\\and", Kind::And),
    ("&lt;", Kind::LessThan),
    ("&gt;", Kind::EscapedGt),
    ("\\lt", Kind::LessThan),
    ("\\gt", Kind::EscapedGt),
    ("...", Kind::Ellipsis),
    ("..<", Kind::DotDotLess),
    ("..!", Kind::DotDotLess),
    ("..*", Kind::DotDotAsterisk),
    ("..", Kind::DotDot),
    ("??", Kind::Exists),
    ("==", Kind::DoubleEquals),
    ("!=", Kind::NotEquals),
    ("+=", Kind::PlusEquals),
    ("-=", Kind::MinusEquals),
    ("*=", Kind::TimesEquals),
    ("/=", Kind::DivEquals),
    ("%=", Kind::ModEquals),
    ("++", Kind::PlusPlus),
    ("--", Kind::MinusMinus),
    ("->", Kind::LambdaArrow),
    ("**", Kind::DoubleStar),
    ("&&", Kind::And),
    ("||", Kind::Or),
    ("<=", Kind::LessThanEquals),
    (".", Kind::Dot),
    ("?", Kind::BuiltIn),
    ("=", Kind::Equals),
    ("<", Kind::LessThan),
    ("+", Kind::Plus),
    ("-", Kind::Minus),
    ("*", Kind::Times),
    ("/", Kind::Divide),
    ("%", Kind::Percent),
    ("&", Kind::And),
    ("|", Kind::Or),
    ("!", Kind::Exclam),
    (",", Kind::Comma),
    (";", Kind::Semicolon),
    (":", Kind::Colon),
    ("[", Kind::OpenBracket),
    ("]", Kind::CloseBracket),
    ("(", Kind::OpenParen),
    (")", Kind::CloseParen),
    ("{", Kind::OpenCurly),
    ("}", Kind::CloseCurly),
];

impl<'t> Lexer<'t> {
    pub(super) fn expression(&mut self) -> Result<Token<'t>, SyntaxError> {
        self.skip()?;
        let rest = self.rest();
        let Some(first) = rest.chars().next() else { return Ok(self.end()) };
        if self.state == State::NoSpace {
            let length = rest.len() - rest.trim_start_matches(['\n', '\r', '\t', ' ']).len();
            if length > 0 {
                self.state = State::Expression;
                return Ok(self.token(Kind::TerminatingWhitespace, length));
            }
        }
        if self.state == State::NamedParameter && first == '!' {
            let blank =
                rest[1..].len() - rest[1..].trim_start_matches(['\n', '\r', '\t', ' ']).len();
            if blank > 0 {
                self.state = State::Expression;
                return Ok(self.token(Kind::TerminatingExclam, 1 + blank));
            }
        }
        if rest.starts_with("${") || rest.starts_with("#{") || rest.starts_with("[=") {
            let opening = &rest[..2];
            let closing = if first == '[' { ']' } else { '}' };
            let at = self.take(2).1.begin;
            return Err(SyntaxError::new(
                at,
                format!(
                    "You can't use {opening}...{closing} (an interpolation) here as you are already in \
                     FreeMarker-expression-mode. Thus, instead of {opening}myExpression{closing}, just write \
                     myExpression. ({opening}...{closing} is only used where otherwise static text is expected, i.e., \
                     outside FreeMarker tags and interpolations, or inside string literals.)"
                ),
            ));
        }
        if matches!(first, '"' | '\'') || rest.starts_with("r\"") || rest.starts_with("r'") {
            return self.string();
        }
        if first.is_ascii_digit() {
            let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
            let length = digits(rest);
            let fraction = rest[length..].strip_prefix('.').map_or(0, digits);
            return Ok(if fraction > 0 {
                self.token(Kind::Decimal, length + 1 + fraction)
            } else {
                self.token(Kind::Integer, length)
            });
        }
        if let Some(length) = names::identifier(rest) {
            let kind = match &rest[..length] {
                "false" => Kind::False,
                "true" => Kind::True,
                "lt" => Kind::LessThan,
                "lte" => Kind::LessThanEquals,
                "gt" => Kind::EscapedGt,
                "gte" => Kind::EscapedGte,
                "in" => Kind::In,
                "as" => Kind::As,
                "using" => Kind::Using,
                _ => Kind::Id,
            };
            return Ok(self.token(kind, length));
        }
        self.mark(first)
    }

    /// Skips what says nothing in an expression: blanks and comments.
    fn skip(&mut self) -> Result<(), SyntaxError> {
        if self.state == State::NoSpace {
            return Ok(());
        }
        loop {
            let rest = self.rest();
            let blank = rest.len() - rest.trim_start_matches([' ', '\t', '\n', '\r']).len();
            self.take(blank);
            let rest = self.rest();
            if !["<#--", "<!--", "[#--", "[!--"].iter().any(|start| rest.starts_with(start)) {
                return Ok(());
            }
            let ends =
                rest.as_bytes()[4..].windows(3).position(|end| matches!(end, b"-->" | b"--]"));
            let Some(length) = ends else {
                self.take(rest.len());
                return Ok(());
            };
            self.take(4 + length + 3);
            self.state = if self.paren > 0 {
                State::InParen
            } else if self.in_invocation {
                State::NamedParameter
            } else {
                State::Expression
            };
        }
    }

    fn string(&mut self) -> Result<Token<'t>, SyntaxError> {
        let rest = self.rest();
        let raw = rest.starts_with('r');
        let start = usize::from(raw) + 1;
        let quote = rest[start - 1..].chars().next().unwrap_or('"');
        let mut characters = rest[start..].char_indices();
        while let Some((offset, character)) = characters.next() {
            if character == quote {
                let kind = if raw { Kind::RawString } else { Kind::StringLiteral };
                return Ok(self.token(kind, start + offset + character.len_utf8()));
            }
            if character == '\\' && !raw {
                let Some((at, escape)) = characters.next() else { break };
                let after = &rest[start + at + escape.len_utf8()..];
                let is_hexadecimal =
                    escape == 'x' && after.starts_with(|c: char| c.is_ascii_hexdigit());
                if !is_hexadecimal && !"ntrfbgla\\'\"{=".contains(escape) {
                    return Err(self.no_token(start + at, Some(escape)));
                }
            }
        }
        // A raw string without end begins with the identifier r.
        if raw {
            return Ok(self.token(Kind::Id, 1));
        }
        Err(self.no_token(rest.len(), None))
    }

    /// FreeMarker's words for characters that begin no token, after `length` bytes that might have.
    fn no_token(&mut self, length: usize, character: Option<char>) -> SyntaxError {
        let (seen, _) = self.take(length);
        let encountered = match character {
            None => "<EOF> ".to_owned(),
            Some(character) => {
                let mut units = [0; 2];
                let unit = character.encode_utf16(&mut units)[0];
                format!("\"{}\" ({unit}), ", names::escaped_unit(unit))
            }
        };
        let place = match character {
            None => Place { column: self.place.column + 1, ..self.place },
            Some(character) => self.advance(character),
        };
        SyntaxError::new(
            place,
            format!(
                "Lexical error: encountered {encountered}after \"{}\".",
                seen.encode_utf16().map(names::escaped_unit).collect::<String>()
            ),
        )
    }

    fn mark(&mut self, first: char) -> Result<Token<'t>, SyntaxError> {
        let rest = self.rest();
        if self.state == State::InParen {
            if first == '>' {
                return Ok(if rest.starts_with(">=") {
                    self.token(Kind::NaturalGte, 2)
                } else {
                    self.token(Kind::NaturalGt, 1)
                });
            }
        } else if first == '>' {
            return Ok(self.directive_end());
        } else if rest.starts_with("/>") || rest.starts_with("/]") {
            let token = self.token(Kind::EmptyDirectiveEnd, 2);
            if token.image.ends_with(']') {
                return Err(SyntaxError::new(
                    token.span.begin,
                    "The tag shouldn't end with \"]\".",
                ));
            }
            if self.in_header {
                self.eat_line_end();
                self.in_header = false;
            }
            self.state = State::Default;
            return Ok(token);
        }
        let Some((mark, kind)) = MARKS.iter().find(|(mark, _)| rest.starts_with(mark)) else {
            const OPENINGS: [&str; 2] = ["${", "#{"];
            let words = MARKS.iter().map(|(mark, _)| *mark).chain(OPENINGS);
            let seen = names::longest_prefix(rest, words);
            return Err(self.no_token(seen, rest[seen..].chars().next()));
        };
        let token = self.token(*kind, mark.len());
        self.nesting(&token)?;
        Ok(token)
    }

    fn directive_end(&mut self) -> Token<'t> {
        let token = self.token(Kind::DirectiveEnd, 1);
        if self.in_header {
            self.eat_line_end();
            self.in_header = false;
        }
        if self.after_interpolation.is_some() {
            return Token { kind: Kind::NaturalGt, ..token };
        }
        self.state = State::Default;
        token
    }

    fn nesting(&mut self, token: &Token<'_>) -> Result<(), SyntaxError> {
        match token.kind {
            Kind::OpenBracket => self.bracket += 1,
            Kind::CloseBracket if self.bracket > 0 => self.bracket -= 1,
            Kind::OpenCurly => self.curly += 1,
            Kind::CloseCurly if self.curly > 0 => self.curly -= 1,
            Kind::CloseCurly => match self.after_interpolation.take() {
                Some(state) => self.state = state,
                None => return Err(unexpected_closing(token)),
            },
            Kind::CloseBracket => return Err(unexpected_closing(token)),
            Kind::OpenParen => {
                self.paren += 1;
                if self.paren == 1 {
                    self.state = State::InParen;
                }
            }
            Kind::CloseParen => {
                self.paren -= 1;
                if self.paren == 0 {
                    self.state =
                        if self.in_invocation { State::NamedParameter } else { State::Expression };
                }
            }
            _ => {}
        }
        Ok(())
    }
}

fn unexpected_closing(token: &Token<'_>) -> SyntaxError {
    SyntaxError::new(
        token.span.begin,
        format!(
            "You can't have an \"{}\" here, as there's nothing open that it could close.",
            token.image
        ),
    )
}
