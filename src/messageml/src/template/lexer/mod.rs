//! From characters to tokens. What a token may be depends on where it stands: between tags, in an expression, in
//! parentheses, in a comment.

mod expression;

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
}
