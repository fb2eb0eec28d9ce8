//! Reading JSON, without recursion.

use std::borrow::Cow;

use serde_json::Number;

use super::{Json, Object};

/// How deep arrays and objects may nest, and how long a number may be: Jackson's limits.
const MAX_DEPTH: usize = 1000;
const MAX_NUMBER: usize = 1000;

/// Why there is no value.
pub(super) enum Fault {
    /// The text is malformed, cut off or empty.
    Malformed,
    /// Jackson's text for a limit.
    Limit(String),
}

/// The first value of `text`.
pub(super) fn first_value(text: &str) -> Result<Json<'_>, Fault> {
    let mut reader = Reader { text, bytes: text.as_bytes(), at: 0, read: Vec::new() };
    let mut open: Vec<Open<'_>> = Vec::new();
    loop {
        reader.skip_blanks();
        let value = match reader.peek().ok_or(Fault::Malformed)? {
            start @ (b'{' | b'[') => {
                if open.len() == MAX_DEPTH {
                    return Err(Fault::Limit(format!(
                        "Depth ({}) exceeds the maximum allowed nesting depth ({MAX_DEPTH})",
                        MAX_DEPTH + 1
                    )));
                }
                reader.at += 1;
                reader.skip_blanks();
                let from = reader.read.len();
                if start == b'[' && reader.eat(b']') {
                    Json::Array(Vec::new())
                } else if start == b'[' {
                    open.push(Open { from, name: None });
                    continue;
                } else if reader.eat(b'}') {
                    Json::Object(Object::default())
                } else {
                    open.push(Open { from, name: Some(reader.name()?) });
                    continue;
                }
            }
            b'"' => Json::Text(reader.string()?),
            b'-' | b'0'..=b'9' => {
                let number = reader.number()?;
                // On its own, nothing but a blank ends a number.
                if open.is_empty()
                    && !matches!(reader.peek(), None | Some(b' ' | b'\t' | b'\n' | b'\r'))
                {
                    return Err(Fault::Malformed);
                }
                number
            }
            b't' => reader.word("true", Json::Bool(true))?,
            b'f' => reader.word("false", Json::Bool(false))?,
            b'n' => reader.word("null", Json::Null)?,
            _ => return Err(Fault::Malformed),
        };
        if let Some(whole) = reader.place(value, &mut open)? {
            return Ok(whole);
        }
    }
}

/// An array or object that is not read to its end.
struct Open<'t> {
    /// Where what is in it begins among what was read.
    from: usize,
    /// The name of an object's value that comes next.
    name: Option<Cow<'t, str>>,
}

struct Reader<'t> {
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
    /// What is in the arrays and objects that are open, one behind the other: so each gets a list of the right length once it ends. What
    /// is in an array has no names.
    read: Vec<(Cow<'t, str>, Json<'t>)>,
}

impl<'t> Reader<'t> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, byte: u8) -> Result<(), Fault> {
        if self.eat(byte) { Ok(()) } else { Err(Fault::Malformed) }
    }

    fn skip_blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    /// Puts a value where it belongs, and closes what ends behind it. `Some` once nothing is open.
    fn place(
        &mut self,
        mut value: Json<'t>,
        open: &mut Vec<Open<'t>>,
    ) -> Result<Option<Json<'t>>, Fault> {
        loop {
            let Some(innermost) = open.last_mut() else {
                return Ok(Some(value));
            };
            self.skip_blanks();
            let from = innermost.from;
            value = match &mut innermost.name {
                None => {
                    self.read.push((Cow::Borrowed(""), value));
                    if self.eat(b',') {
                        return Ok(None);
                    }
                    self.expect(b']')?;
                    Json::Array(self.read.drain(from..).map(|(_, value)| value).collect())
                }
                Some(name) => {
                    self.read.push((std::mem::take(name), value));
                    if self.eat(b',') {
                        self.skip_blanks();
                        *name = self.name()?;
                        return Ok(None);
                    }
                    self.expect(b'}')?;
                    Json::Object(self.read.drain(from..).collect())
                }
            };
            open.pop();
        }
    }

    /// A field's name and the colon behind it.
    fn name(&mut self) -> Result<Cow<'t, str>, Fault> {
        if self.peek() != Some(b'"') {
            return Err(Fault::Malformed);
        }
        let name = self.string()?;
        self.skip_blanks();
        self.expect(b':')?;
        Ok(name)
    }

    fn word(&mut self, word: &str, value: Json<'t>) -> Result<Json<'t>, Fault> {
        self.at += word.len();
        let next = self.text.get(self.at..).and_then(|rest| rest.chars().next());
        let found = self.bytes[..self.at.min(self.bytes.len())].ends_with(word.as_bytes());
        if !found || next.is_some_and(super::fault::is_token) {
            return Err(Fault::Malformed);
        }
        Ok(value)
    }

    fn string(&mut self) -> Result<Cow<'t, str>, Fault> {
        self.at += 1;
        let mut out: Option<String> = None;
        loop {
            let rest = &self.bytes[self.at..];
            let length = rest
                .iter()
                .position(|byte| IS_END_OF_PLAIN[usize::from(*byte)])
                .ok_or(Fault::Malformed)?;
            let plain = &self.text[self.at..self.at + length];
            self.at += length + 1;
            match (rest[length], &mut out) {
                (b'"', None) => return Ok(Cow::Borrowed(plain)),
                (b'"', Some(text)) => {
                    text.push_str(plain);
                    return Ok(Cow::Owned(std::mem::take(text)));
                }
                (b'\\', _) => {
                    let text = out.get_or_insert_default();
                    text.push_str(plain);
                    text.push(self.escape()?);
                }
                _ => return Err(Fault::Malformed),
            }
        }
    }

    /// The character that an escape stands for. Half a surrogate pair is a question mark: so Java prints it.
    fn escape(&mut self) -> Result<char, Fault> {
        let escaped = self.peek().ok_or(Fault::Malformed)?;
        self.at += 1;
        Ok(match escaped {
            b'"' | b'\\' | b'/' => char::from(escaped),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let unit = self.unit().ok_or(Fault::Malformed)?;
                let before = self.at;
                let low = |reader: &mut Self| {
                    (reader.eat(b'\\') && reader.eat(b'u')).then(|| reader.unit()).flatten()
                };
                match char::from_u32(unit) {
                    Some(character) => character,
                    None => {
                        let second = low(self).filter(|_| unit < 0xdc00);
                        let pair = second.filter(|unit| (0xdc00..0xe000).contains(unit));
                        let code =
                            pair.map(|low| 0x1_0000 + ((unit - 0xd800) << 10) + (low - 0xdc00));
                        code.and_then(char::from_u32).unwrap_or_else(|| {
                            self.at = before;
                            '?'
                        })
                    }
                }
            }
            _ => return Err(Fault::Malformed),
        })
    }

    /// Four hexadecimal digits.
    fn unit(&mut self) -> Option<u32> {
        let digits = self.bytes.get(self.at..self.at + 4)?;
        self.at += 4;
        digits.iter().try_fold(0, |unit, digit| Some(unit * 16 + char::from(*digit).to_digit(16)?))
    }

    fn digits(&mut self) -> usize {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        self.at - start
    }

    fn number(&mut self) -> Result<Json<'t>, Fault> {
        let start = self.at;
        self.eat(b'-');
        let zero = self.peek() == Some(b'0');
        let whole = self.digits();
        if whole == 0 || (zero && whole > 1) {
            return Err(Fault::Malformed);
        }
        let mut length = whole;
        let mut is_whole = true;
        let mut part = |reader: &mut Self| {
            let digits = reader.digits();
            length += digits;
            is_whole = false;
            if digits == 0 { Err(Fault::Malformed) } else { Ok(()) }
        };
        if self.eat(b'.') {
            part(self)?;
        }
        if self.eat(b'e') || self.eat(b'E') {
            if !self.eat(b'-') {
                self.eat(b'+');
            }
            part(self)?;
        }
        // The zero in front of the point does not count.
        let length = if is_whole { length } else { length - usize::from(zero) };
        if length > MAX_NUMBER {
            return Err(Fault::Limit(format!(
                "Number length ({length}) exceeds the maximum length ({MAX_NUMBER})"
            )));
        }
        let text = &self.text[start..self.at];
        if is_whole {
            if let Ok(integer) = text.parse::<i64>() {
                return Ok(Json::Number(integer.into()));
            }
            return Ok(match text.parse::<u64>() {
                Ok(integer) => Json::Number(integer.into()),
                Err(_) => Json::Huge(text.into()),
            });
        }
        let float: f64 = text.parse().map_err(|_| Fault::Malformed)?;
        Ok(match Number::from_f64(float) {
            Some(number) => Json::Number(number),
            None => Json::Huge(if float > 0.0 { "Infinity" } else { "-Infinity" }.into()),
        })
    }
}

/// What ends the characters of a string that stand for themselves.
pub(super) const IS_END_OF_PLAIN: [bool; 256] = {
    let mut ends = [false; 256];
    let mut control = 0;
    while control < 0x20 {
        ends[control] = true;
        control += 1;
    }
    ends[b'"' as usize] = true;
    ends[b'\\' as usize] = true;
    ends
};
