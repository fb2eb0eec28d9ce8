//! From characters to tokens. What a token may be depends on where it stands: between tags, in an expression, in
//! parentheses, in a comment.

use super::SyntaxError;
use super::names;
use super::tags;
use super::token::{Kind, Place, Span, Token};

/// Where the lexer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// Text with tags and interpolations.
    Default,
    /// Text with interpolations alone: the inside of a string literal.
    NoDirective,
    Expression,
    InParen,
    NamedParameter,
    NoSpace,
    /// The inside of a comment or of `noparse`.
    NoParse,
}

/// Whether names are written `like_this` or `likeThis`; one template may not mix them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Convention {
    Legacy,
    CamelCase,
}

#[derive(Debug)]
pub(super) struct Lexer<'t> {
    source: &'t str,
    offset: usize,
    place: Place,
    /// Whether the last character was a carriage return.
    after_return: bool,
    state: State,
    after_interpolation: Option<State>,
    curly: usize,
    paren: i64,
    bracket: usize,
    in_header: bool,
    pub in_invocation: bool,
    nowhere: bool,
    no_parse_tag: &'static str,
    pub convention: Option<(Convention, Place, String)>,
}

impl<'t> Lexer<'t> {
    pub fn new(source: &'t str, state: State) -> Self {
        Self {
            source,
            offset: 0,
            place: Place { line: 1, column: 0 },
            after_return: false,
            state,
            after_interpolation: None,
            curly: 0,
            paren: 0,
            bracket: 0,
            in_header: false,
            in_invocation: false,
            nowhere: false,
            no_parse_tag: "-->",
            convention: None,
        }
    }

    /// Begins behind a place: the inside of a string literal.
    pub fn start_at(&mut self, place: Place) {
        self.place = place;
    }

    /// Gives no places.
    pub fn start_nowhere(&mut self) {
        self.nowhere = true;
    }

    pub fn switch(&mut self, state: State) {
        self.state = state;
    }

    fn rest(&self) -> &'t str {
        &self.source[self.offset..]
    }

    /// The place of the character that comes next, and moves past it.
    fn advance(&mut self, character: char) -> Place {
        self.offset += character.len_utf8();
        let Place { mut line, mut column } = self.place;
        if self.after_return && character == '\n' {
            // The second half of a line end belongs to the line of the first.
            column += 1;
        } else if self.after_return
            || self.source.as_bytes().get(self.offset.wrapping_sub(character.len_utf8() + 1))
                == Some(&b'\n')
        {
            line += 1;
            column = 1;
        } else {
            column += 1;
        }
        if character == '\t' {
            column = (column - 1) + (8 - (column - 1) % 8);
        }
        self.after_return = character == '\r';
        let begin = Place { line, column };
        // A character beyond the first plane is two units.
        let column = column + u32::from(character.len_utf16() == 2);
        self.place = Place { line, column };
        begin
    }

    /// Moves past `length` bytes and gives their span.
    fn take(&mut self, length: usize) -> (&'t str, Span) {
        let image = &self.source[self.offset..self.offset + length];
        let mut begin = None;
        for character in image.chars() {
            let place = self.advance(character);
            begin.get_or_insert(place);
        }
        if self.nowhere {
            return (image, Span::default());
        }
        (image, Span { begin: begin.unwrap_or(self.place), end: self.place })
    }

    /// The token that comes next.
    ///
    /// # Errors
    ///
    /// For what is no token.
    pub fn next(&mut self) -> Result<Token<'t>, SyntaxError> {
        match self.state {
            State::Default | State::NoDirective => self.text(),
            State::NoParse => self.unparsed(),
            _ => self.expression(),
        }
    }

    fn end(&self) -> Token<'t> {
        Token { kind: Kind::Eof, image: "", span: Span { begin: self.place, end: self.place } }
    }

    fn token(&mut self, kind: Kind, length: usize) -> Token<'t> {
        let (image, span) = self.take(length);
        Token { kind, image, span }
    }

    fn text(&mut self) -> Result<Token<'t>, SyntaxError> {
        const BLANK: [char; 4] = ['\n', '\r', '\t', ' '];
        let rest = self.rest();
        let Some(first) = rest.chars().next() else { return Ok(self.end()) };
        if BLANK.contains(&first) {
            let length = rest.len() - rest.trim_start_matches(BLANK).len();
            return Ok(self.token(Kind::TextBlank, length));
        }
        if rest.starts_with("${") || rest.starts_with("#{") {
            let kind = if first == '$' { Kind::DollarOpening } else { Kind::HashOpening };
            self.after_interpolation = Some(self.state);
            self.state = State::Expression;
            return Ok(self.token(kind, 2));
        }
        if self.state == State::Default
            && matches!(first, '<' | '[')
            && let Some(token) = self.tag()?
        {
            return Ok(token);
        }
        if matches!(first, '$' | '#' | '<' | '[' | '{') {
            return Ok(self.token(Kind::TextFalseAlarm, 1));
        }
        let length = rest
            .find(|c| matches!(c, '$' | '<' | '#' | '[' | '{') || BLANK.contains(&c))
            .unwrap_or(rest.len());
        Ok(self.token(Kind::Text, length))
    }

    /// A tag, if one begins here.
    fn tag(&mut self) -> Result<Option<Token<'t>>, SyntaxError> {
        let rest = self.rest();
        if rest.starts_with("<@") {
            self.state = State::NoSpace;
            return Ok(Some(self.token(Kind::UnifiedCall, 2)));
        }
        if let Some(length) = tags::call_end(rest) {
            return Ok(Some(self.token(Kind::UnifiedCallEnd, length)));
        }
        if rest.starts_with("<#--") {
            self.no_parse_tag = "-->";
            self.state = State::NoParse;
            return Ok(Some(self.token(Kind::TerseComment, 4)));
        }
        if let Some(length) = tags::separator(rest) {
            return Ok(Some(self.token(Kind::Sep, length)));
        }
        if !rest.starts_with("<#") && !rest.starts_with("</#") {
            return Ok(None);
        }
        if let Some(found) = tags::find(rest) {
            return self.known_tag(&found).map(Some);
        }
        let Some(name) = tags::name(rest) else { return Ok(None) };
        let (_, span) = self.take(if rest.starts_with("</") { 3 } else { 2 } + name.len());
        let begin = Place { column: span.begin.column + 1, ..span.begin };
        Err(SyntaxError::new(begin, tags::unknown(name)))
    }

    fn known_tag(&mut self, found: &tags::Tag) -> Result<Token<'t>, SyntaxError> {
        let token = self.token(found.kind, found.length);
        if matches!(found.kind, Kind::FtlHeader | Kind::TrivialFtlHeader) {
            if found.kind == Kind::FtlHeader {
                self.state = State::Expression;
                self.in_header = true;
            } else {
                self.eat_line_end();
            }
            return Ok(token);
        }
        if token.image.ends_with(']') {
            return Err(SyntaxError::new(token.span.begin, "The tag shouldn't end with \"]\"."));
        }
        if let Some(convention) = found.convention {
            self.check_convention(&token, convention)?;
        }
        match found.kind {
            Kind::Comment => {
                self.no_parse_tag = "comment";
                self.state = State::NoParse;
            }
            Kind::NoParse => {
                let camel = found.convention == Some(Convention::CamelCase);
                self.no_parse_tag = if camel { "noParse" } else { "noparse" };
                self.state = State::NoParse;
            }
            _ if found.has_expression => self.state = State::Expression,
            _ => self.state = State::Default,
        }
        Ok(token)
    }

    fn check_convention(
        &mut self,
        token: &Token<'_>,
        convention: Convention,
    ) -> Result<(), SyntaxError> {
        let Some((established, at, by)) = &self.convention else {
            self.convention = Some((convention, token.span.begin, token.image.trim().to_owned()));
            return Ok(());
        };
        if *established == convention {
            return Ok(());
        }
        let which = match established {
            Convention::CamelCase => "camel case naming convention (like: exampleName) ",
            Convention::Legacy => {
                "legacy naming convention (directive (tag) names are like examplename, everything else is like \
                 example_name) "
            }
        };
        Err(SyntaxError::new(
            token.span.begin,
            format!(
                "Naming convention mismatch. Identifiers that are part of the template language (not the user \
                 specified ones) must consistently use the same naming convention within the same template. This \
                 template uses {which}estabilished by auto-detection at line {}, column {} by token {}, but the \
                 problematic token, {}, uses a different convention.",
                at.line,
                at.column,
                names::quoted(by),
                names::quoted(token.image.trim()),
            ),
        ))
    }

    /// Holds a name of the language to the convention of the template.
    pub fn check_name(&mut self, token: &Token<'_>) -> Result<(), SyntaxError> {
        match names::convention(token.image) {
            Some(convention) => self.check_convention(token, convention),
            None => Ok(()),
        }
    }

    fn eat_line_end(&mut self) {
        let rest = self.rest();
        let mut length = 0;
        for character in rest.chars() {
            if !super::super::java::is_whitespace(character) {
                return;
            }
            length += character.len_utf8();
            if character == '\r' && rest[length..].starts_with('\n') {
                length += 1;
            }
            if matches!(character, '\r' | '\n') {
                self.take(length);
                return;
            }
        }
    }

    fn unparsed(&mut self) -> Result<Token<'t>, SyntaxError> {
        let rest = self.rest();
        let Some(first) = rest.chars().next() else { return Ok(self.end()) };
        if rest.starts_with("-->") || rest.starts_with("--]") {
            if self.no_parse_tag == "-->" && rest.starts_with("-->") {
                self.state = State::Default;
            }
            return Ok(self.token(Kind::TerseCommentEnd, 3));
        }
        if let Some((length, name)) = tags::maybe_end(rest) {
            if name == self.no_parse_tag {
                self.state = State::Default;
            }
            return Ok(self.token(Kind::MaybeEnd, length));
        }
        if matches!(first, '<' | '[' | '-') {
            return Ok(self.token(Kind::LoneLessThanOrDash, 1));
        }
        let length = rest.find(['<', '[', '-']).unwrap_or(rest.len());
        Ok(self.token(Kind::KeepGoing, length))
    }

    /// Whether the last token of a comment or of `noparse` was its end.
    pub fn is_parsing(&self) -> bool {
        self.state != State::NoParse
    }

    fn expression(&mut self) -> Result<Token<'t>, SyntaxError> {
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
