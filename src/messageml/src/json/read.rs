//! Reading JSON, without recursion.

use serde_json::{Map, Number, Value};

use super::Numbers;

/// How deep arrays and objects may nest, and how long a number may be: Jackson's limits.
const MAX_DEPTH: usize = 1000;
const MAX_NUMBER: usize = 1000;

/// The one key of the object that stands for a number that a [`Value`] cannot hold; no client sends such a key.
const NUMBER: &str = "\u{10ffff}number";

/// Why there is no value.
pub(super) enum Fault {
    /// The text is malformed, cut off or empty.
    Malformed,
    /// Jackson's text for a limit.
    Limit(String),
}

/// The digits of an integer beyond 64 bits that was read as [`Numbers::Exact`], or `Infinity` with or without a sign.
pub(crate) fn out_of_range(object: &Map<String, Value>) -> Option<&str> {
    if object.len() != 1 {
        return None;
    }
    object.get(NUMBER)?.as_str()
}

/// The first value of `text`.
pub(super) fn first_value(text: &str, numbers: Numbers) -> Result<Value, Fault> {
    let mut reader = Reader { text, bytes: text.as_bytes(), at: 0, numbers, spare: Vec::new() };
    let mut open: Vec<Open> = Vec::new();
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
                if start == b'[' && reader.eat(b']') {
                    Value::Array(Vec::new())
                } else if start == b'[' {
                    open.push(Open::Array(Vec::new()));
                    continue;
                } else if reader.eat(b'}') {
                    Value::Object(Map::new())
                } else {
                    let name = reader.name()?;
                    open.push(Open::Object(reader.entries(), name));
                    continue;
                }
            }
            b'"' => Value::String(reader.string()?),
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
            b't' => reader.word("true", Value::Bool(true))?,
            b'f' => reader.word("false", Value::Bool(false))?,
            b'n' => reader.word("null", Value::Null)?,
            _ => return Err(Fault::Malformed),
        };
        if let Some(whole) = reader.place(value, &mut open)? {
            return Ok(whole);
        }
    }
}

/// An array or object that is not read to its end.
enum Open {
    Array(Vec<Value>),
    /// With the name of the value that comes next.
    Object(Vec<(String, Value)>, String),
}

struct Reader<'t> {
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
    numbers: Numbers,
    /// The empty list of an object that was read, for the next to use.
    spare: Vec<(String, Value)>,
}

impl Reader<'_> {
    fn entries(&mut self) -> Vec<(String, Value)> {
        std::mem::take(&mut self.spare)
    }

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
    fn place(&mut self, mut value: Value, open: &mut Vec<Open>) -> Result<Option<Value>, Fault> {
        loop {
            let Some(innermost) = open.last_mut() else {
                return Ok(Some(value));
            };
            self.skip_blanks();
            match innermost {
                Open::Array(items) => {
                    items.push(value);
                    if self.eat(b',') {
                        return Ok(None);
                    }
                    self.expect(b']')?;
                }
                Open::Object(entries, name) => {
                    entries.push((std::mem::take(name), value));
                    if self.eat(b',') {
                        self.skip_blanks();
                        *name = self.name()?;
                        return Ok(None);
                    }
                    self.expect(b'}')?;
                }
            }
            value = match open.pop() {
                Some(Open::Array(items)) => Value::Array(items),
                Some(Open::Object(mut entries, _)) => {
                    // A map that grows is built several times.
                    let mut map = Map::with_capacity(entries.len());
                    for (name, value) in entries.drain(..) {
                        map.insert(name, value);
                    }
                    self.spare = entries;
                    Value::Object(map)
                }
                None => return Err(Fault::Malformed),
            };
        }
    }

    /// A field's name and the colon behind it.
    fn name(&mut self) -> Result<String, Fault> {
        if self.peek() != Some(b'"') {
            return Err(Fault::Malformed);
        }
        let name = self.string()?;
        self.skip_blanks();
        self.expect(b':')?;
        Ok(name)
    }

    fn word(&mut self, word: &str, value: Value) -> Result<Value, Fault> {
        self.at += word.len();
        let next = self.text.get(self.at..).and_then(|rest| rest.chars().next());
        let found = self.bytes[..self.at.min(self.bytes.len())].ends_with(word.as_bytes());
        if !found || next.is_some_and(super::fault::is_token) {
            return Err(Fault::Malformed);
        }
        Ok(value)
    }

    fn string(&mut self) -> Result<String, Fault> {
        self.at += 1;
        let mut out = String::new();
        loop {
            let rest = &self.bytes[self.at..];
            let length = rest
                .iter()
                .position(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1f))
                .ok_or(Fault::Malformed)?;
            let plain = &self.text[self.at..self.at + length];
            self.at += length + 1;
            if out.is_empty() && rest[length] == b'"' {
                return Ok(plain.to_owned());
            }
            out.push_str(plain);
            match rest[length] {
                b'"' => return Ok(out),
                b'\\' => out.push(self.escape()?),
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

    fn number(&mut self) -> Result<Value, Fault> {
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
                return Ok(integer.into());
            }
            if let Ok(integer) = text.parse::<u64>() {
                return Ok(integer.into());
            }
            if self.numbers == Numbers::Exact {
                return Ok(exact(text));
            }
        }
        let float: f64 = text.parse().map_err(|_| Fault::Malformed)?;
        Ok(match Number::from_f64(float) {
            Some(number) => Value::Number(number),
            None if self.numbers == Numbers::Exact => {
                exact(if float > 0.0 { "Infinity" } else { "-Infinity" })
            }
            None => f64::MAX.copysign(float).into(),
        })
    }
}

/// Stands for a number that a [`Value`] cannot hold.
fn exact(number: &str) -> Value {
    Value::Object(Map::from_iter([(NUMBER.to_owned(), Value::from(number))]))
}
