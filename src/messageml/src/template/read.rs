//! Reading expressions: what stands in `${…}` and behind the names of directives.

use super::expression::{Expression, Kind, Operator, Part, too_deep};
use super::scan::{self, Inner, PieceKind};
use super::value::Number;
use super::{MAX_NESTING, SyntaxError};

/// What stands between two operands.
#[derive(Debug, Clone, Copy)]
enum Token {
    Operator(Operator),
    Range,
}

/// What stands between operands, from the loosest to the tightest; longer spellings come first.
const LEVELS: &[&[(&str, Token)]] = &[
    &[("||", Token::Operator(Operator::Or)), ("|", Token::Operator(Operator::Or))],
    &[("&&", Token::Operator(Operator::And)), ("&amp;&amp;", Token::Operator(Operator::And))],
    &[
        ("==", Token::Operator(Operator::Equal)),
        ("!=", Token::Operator(Operator::NotEqual)),
        ("=", Token::Operator(Operator::Equal)),
    ],
    &[
        ("<=", Token::Operator(Operator::LessOrEqual)),
        (">=", Token::Operator(Operator::GreaterOrEqual)),
        ("&lt;=", Token::Operator(Operator::LessOrEqual)),
        ("&gt;=", Token::Operator(Operator::GreaterOrEqual)),
        ("lte", Token::Operator(Operator::LessOrEqual)),
        ("gte", Token::Operator(Operator::GreaterOrEqual)),
        ("<", Token::Operator(Operator::Less)),
        (">", Token::Operator(Operator::Greater)),
        ("&lt;", Token::Operator(Operator::Less)),
        ("&gt;", Token::Operator(Operator::Greater)),
        ("lt", Token::Operator(Operator::Less)),
        ("gt", Token::Operator(Operator::Greater)),
    ],
    &[("..", Token::Range)],
    &[("+", Token::Operator(Operator::Add)), ("-", Token::Operator(Operator::Subtract))],
    &[
        ("*", Token::Operator(Operator::Multiply)),
        ("/", Token::Operator(Operator::Divide)),
        ("%", Token::Operator(Operator::Remainder)),
    ],
];

/// Reads expressions and the few words around them from the inside of a directive.
pub(super) struct Reader<'t> {
    inner: Inner<'t>,
    /// What stands behind the inside: named when an expression ends too early.
    closing: &'static str,
    offset: usize,
    depth: usize,
}

impl<'t> Reader<'t> {
    pub fn new(inner: Inner<'t>, closing: &'static str) -> Self {
        Self::nested(inner, closing, 0)
    }

    fn nested(inner: Inner<'t>, closing: &'static str, depth: usize) -> Self {
        Self { inner, closing, offset: 0, depth }
    }

    /// Where the next token begins.
    pub fn at(&mut self) -> usize {
        self.skip_blanks();
        self.inner.at + self.offset
    }

    pub fn is_done(&mut self) -> bool {
        self.rest().is_empty()
    }

    /// Takes an operator or a mark; words only as whole words.
    pub fn eat(&mut self, token: &str) -> bool {
        let Some(after) = self.rest().strip_prefix(token) else { return false };
        let is_word = token.ends_with(|c: char| c.is_ascii_alphanumeric());
        if is_word && after.starts_with(is_name_character) {
            return false;
        }
        self.offset += token.len();
        true
    }

    pub fn name(&mut self) -> Option<&'t str> {
        let rest = self.rest();
        let length = rest.find(|c| !is_name_character(c)).unwrap_or(rest.len());
        if length == 0 || rest.starts_with(|c: char| c.is_ascii_digit()) {
            return None;
        }
        self.offset += length;
        Some(&rest[..length])
    }

    /// An error unless everything was read.
    pub fn finish(&mut self) -> Result<(), SyntaxError> {
        if self.is_done() { Ok(()) } else { Err(self.unexpected("an operator")) }
    }

    /// The error for the token that comes next.
    pub fn unexpected(&mut self, expected: &str) -> SyntaxError {
        let at = self.at();
        let rest = self.rest();
        let length = match rest.chars().next() {
            None => 0,
            Some(c) if is_name_character(c) => {
                rest.find(|c| !is_name_character(c)).unwrap_or(rest.len())
            }
            Some(c) => c.len_utf8(),
        };
        let token = if length == 0 { self.closing } else { &rest[..length] };
        SyntaxError::new(
            at,
            format!(
                "Encountered \"{token}\", but was expecting one of these patterns:\n    {expected}"
            ),
        )
    }

    pub fn expression(&mut self) -> Result<Expression<'t>, SyntaxError> {
        self.depth += 1;
        if self.depth > MAX_NESTING {
            return Err(too_deep(self.at()));
        }
        let expression = self.binary(0)?;
        self.depth -= 1;
        Ok(expression)
    }

    /// Operands and the operators between them that bind at least as tightly as `least`.
    fn binary(&mut self, least: usize) -> Result<Expression<'t>, SyntaxError> {
        let mut left = self.unary()?;
        while let Some((level, token)) = self.operator(least) {
            let at = left.at;
            let from = Box::new(left);
            let kind = match token {
                Token::Operator(operator) => {
                    Kind::Binary(operator, from, Box::new(self.binary(level + 1)?))
                }
                Token::Range => {
                    let exclusive = self.eat("<") || self.eat("!");
                    let to = if exclusive || self.begins_operand() {
                        Some(Box::new(self.binary(level + 1)?))
                    } else {
                        None
                    };
                    Kind::Range { from, to, exclusive }
                }
            };
            left = Expression::new(at, kind)?;
        }
        Ok(left)
    }

    /// Takes an operator and says how tightly it binds.
    fn operator(&mut self, least: usize) -> Option<(usize, Token)> {
        for (level, tokens) in LEVELS.iter().enumerate().skip(least) {
            for (spelling, token) in *tokens {
                if self.eat(spelling) {
                    return Some((level, *token));
                }
            }
        }
        None
    }

    fn unary(&mut self) -> Result<Expression<'t>, SyntaxError> {
        let at = self.at();
        let (negative, not) = (self.rest().starts_with('-'), self.rest().starts_with('!'));
        if !negative && !not && !self.rest().starts_with('+') {
            return self.postfix();
        }
        self.offset += 1;
        self.depth += 1;
        if self.depth > MAX_NESTING {
            return Err(too_deep(at));
        }
        let operand = Box::new(self.unary()?);
        self.depth -= 1;
        let kind = match (negative, not) {
            (true, _) => Kind::Negative(operand),
            (_, true) => Kind::Not(operand),
            _ => return Ok(*operand),
        };
        Expression::new(at, kind)
    }

    fn postfix(&mut self) -> Result<Expression<'t>, SyntaxError> {
        let mut expression = self.primary()?;
        let at = expression.at;
        loop {
            let of = Box::new(expression);
            let rest = self.rest();
            let kind = if rest.starts_with('.') && !rest.starts_with("..") {
                self.offset += 1;
                let name = self.name().ok_or_else(|| self.unexpected("<ID>"))?;
                Kind::Member(of, name)
            } else if self.eat("[") {
                let index = self.expression()?;
                if !self.eat("]") {
                    return Err(self.unexpected("\"]\""));
                }
                Kind::Index(of, Box::new(index))
            } else if self.eat("??") {
                Kind::Exists(of)
            } else if self.eat("?") {
                self.builtin(of)?
            } else if rest.starts_with('!') && !rest.starts_with("!=") {
                self.offset += 1;
                let default =
                    if self.begins_operand() { Some(Box::new(self.expression()?)) } else { None };
                Kind::Default(of, default)
            } else if rest.starts_with('(') {
                return Err(SyntaxError::new(self.at(), "Method calls are not supported."));
            } else {
                return Ok(*of);
            };
            expression = Expression::new(at, kind)?;
        }
    }

    fn builtin(&mut self, of: Box<Expression<'t>>) -> Result<Kind<'t>, SyntaxError> {
        let at = self.at();
        let name = self.name().ok_or_else(|| self.unexpected("<ID>"))?;
        if !super::builtins::is_known(name) {
            return Err(SyntaxError::new(
                at,
                format!(
                    "Unknown built-in: \"{name}\". Help (latest version): \
                     http://freemarker.org/docs/ref_builtins.html; you're using FreeMarker 2.3.31."
                ),
            ));
        }
        let arguments = if self.eat("(") { self.list(")")? } else { Vec::new() };
        Ok(Kind::Builtin { of, name, arguments })
    }

    /// Expressions with commas between them, up to `closing`.
    fn list(&mut self, closing: &str) -> Result<Vec<Expression<'t>>, SyntaxError> {
        let mut items = Vec::new();
        while !self.eat(closing) {
            items.push(self.expression()?);
            self.separator(closing)?;
        }
        Ok(items)
    }

    fn separator(&mut self, closing: &str) -> Result<(), SyntaxError> {
        if self.eat(",") || self.rest().starts_with(closing) {
            return Ok(());
        }
        Err(self.unexpected(&format!("\",\"\n    \"{closing}\"")))
    }

    /// Whether an operand follows: the right side of `!` and the end of a range may be missing.
    fn begins_operand(&mut self) -> bool {
        const WORDS: &[&str] = &["as", "in", "using", "gt", "gte", "lt", "lte"];
        let rest = self.rest();
        let word = &rest[..rest.find(|c| !is_name_character(c)).unwrap_or(rest.len())];
        rest.starts_with(['"', '\'', '(', '[', '{']) || (!word.is_empty() && !WORDS.contains(&word))
    }

    fn primary(&mut self) -> Result<Expression<'t>, SyntaxError> {
        const EXPECTED: &str = "<STRING_LITERAL>\n    <RAW_STRING>\n    \"false\"\n    \"true\"\n    <INTEGER>\n    \
                                <DECIMAL>\n    \".\"\n    \"+\"\n    \"-\"\n    \"!\"\n    \"[\"\n    \"(\"\n    \
                                \"{\"\n    <ID>";
        let at = self.at();
        let rest = self.rest();
        let kind = if rest.starts_with(|c: char| c.is_ascii_digit()) {
            self.number()?
        } else if rest.starts_with("r\"") || rest.starts_with("r'") {
            self.offset += 1;
            let text = self.string_literal()?.0;
            Kind::Text(vec![Part::Literal(text.to_owned())])
        } else if rest.starts_with(['"', '\'']) {
            self.string()?
        } else if self.eat("(") {
            let inner = self.expression()?;
            if !self.eat(")") {
                return Err(self.unexpected("\")\""));
            }
            Kind::Group(Box::new(inner))
        } else if self.eat("[") {
            Kind::List(self.list("]")?)
        } else if self.eat("{") {
            self.hash()?
        } else if rest.starts_with('.') {
            return Err(SyntaxError::new(at, "Special variables are not supported."));
        } else {
            match self.name() {
                Some("true") => Kind::Boolean(true),
                Some("false") => Kind::Boolean(false),
                Some(name) => Kind::Variable(name),
                None => return Err(self.unexpected(EXPECTED)),
            }
        };
        Expression::new(at, kind)
    }

    fn hash(&mut self) -> Result<Kind<'t>, SyntaxError> {
        let mut entries = Vec::new();
        while !self.eat("}") {
            let key = self.expression()?;
            if !self.eat(":") && !self.eat(",") {
                return Err(self.unexpected("\":\""));
            }
            entries.push((key, self.expression()?));
            self.separator("}")?;
        }
        Ok(Kind::Hash(entries))
    }

    fn number(&mut self) -> Result<Kind<'t>, SyntaxError> {
        let rest = self.rest();
        let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
        let mut length = digits(rest);
        if rest[length..].starts_with('.') && digits(&rest[length + 1..]) > 0 {
            length += 1 + digits(&rest[length + 1..]);
        }
        let text = &rest[..length];
        let number =
            Number::parse(text).ok_or_else(|| self.unexpected("<INTEGER>\n    <DECIMAL>"))?;
        self.offset += length;
        Ok(Kind::Number(number))
    }

    /// The inside of a string literal, uninterpreted, and its offset in the template.
    fn string_literal(&mut self) -> Result<(&'t str, usize), SyntaxError> {
        let raw = self.offset > 0 && self.inner.text[..self.offset].ends_with('r');
        let rest = self.rest();
        let quote = rest.chars().next().unwrap_or('"');
        let mut escaped = false;
        for (offset, character) in rest.char_indices().skip(1) {
            if escaped {
                escaped = false;
            } else if character == '\\' && !raw {
                escaped = true;
            } else if character == quote {
                let at = self.inner.at + self.offset + 1;
                self.offset += offset + 1;
                return Ok((&rest[1..offset], at));
            }
        }
        Err(self.unexpected("<STRING_LITERAL>"))
    }

    fn string(&mut self) -> Result<Kind<'t>, SyntaxError> {
        let (text, at) = self.string_literal()?;
        if !text.contains("${") && !text.contains("#{") {
            return Ok(Kind::Text(vec![Part::Literal(unescape(text, at)?)]));
        }
        let mut parts = Vec::new();
        for piece in
            scan::pieces(text).map_err(|error| SyntaxError::new(at + error.at, error.message))?
        {
            match piece.kind {
                PieceKind::Interpolation(inner) => {
                    let inner = Inner { at: at + inner.at, text: inner.text };
                    let mut reader = Reader::nested(inner, "}", self.depth);
                    let expression = reader.expression()?;
                    reader.finish()?;
                    parts.push(Part::Interpolation(expression));
                }
                PieceKind::Text(literal) => {
                    parts.push(Part::Literal(unescape(literal, at + piece.at)?))
                }
                _ => {
                    return Err(SyntaxError::new(
                        at + piece.at,
                        "Directives in strings are not supported.",
                    ));
                }
            }
        }
        Ok(Kind::Text(parts))
    }

    fn rest(&mut self) -> &'t str {
        self.skip_blanks();
        &self.inner.text[self.offset..]
    }

    fn skip_blanks(&mut self) {
        let rest = &self.inner.text[self.offset..];
        self.offset += rest.len() - rest.trim_start_matches([' ', '\t', '\n', '\r']).len();
    }
}

fn is_name_character(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '$' | '@')
}

/// Resolves the escapes of a string literal.
fn unescape(text: &str, at: usize) -> Result<String, SyntaxError> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(slash) = rest.find('\\') {
        out.push_str(&rest[..slash]);
        let escape = &rest[slash + 1..];
        let character = escape.chars().next();
        let mut length = character.map_or(0, char::len_utf8);
        out.push(match character {
            Some('n') => '\n',
            Some('t') => '\t',
            Some('r') => '\r',
            Some('f') => '\u{c}',
            Some('b') => '\u{8}',
            Some('g') => '>',
            Some('l') => '<',
            Some('a') => '&',
            Some(c @ ('"' | '\'' | '\\' | '{' | '=')) => c,
            Some('x') => {
                let digits = escape[1..].bytes().take(4).take_while(u8::is_ascii_hexdigit).count();
                length += digits;
                u32::from_str_radix(&escape[1..=digits], 16)
                    .ok()
                    .and_then(char::from_u32)
                    .unwrap_or('\u{fffd}')
            }
            _ => return Err(SyntaxError::new(at, "Invalid escape sequence in a string literal.")),
        });
        rest = &escape[length..];
    }
    out.push_str(rest);
    Ok(out)
}
