//! Values of templates, and how numbers are written.

use std::borrow::Cow;
use std::rc::Rc;

use serde_json::{Map, Value as Json};

/// How deep lists and hashes made by a template may contain each other: they are freed recursively.
const MAX_DEPTH: usize = 100;

/// A value. What is missing is no value: `Option<Value>` stands for a result.
#[derive(Debug, Clone)]
pub(super) enum Value<'d> {
    /// A string of the data.
    Text(&'d str),
    /// A string that the template made. Copies share it.
    Made(Rc<str>),
    Number(Number),
    Boolean(bool),
    /// A list of the data.
    Array(&'d [Json]),
    /// A hash of the data.
    Object(&'d Map<String, Json>),
    List(Rc<Container<Value<'d>>>),
    Hash(Rc<Container<(Rc<str>, Value<'d>)>>),
    Range(Range),
    /// What `missing!` is: an empty string, list and hash at once.
    Nothing,
}

/// The elements of a list or hash that a template made.
#[derive(Debug)]
pub(super) struct Container<T> {
    pub items: Vec<T>,
    depth: usize,
}

/// Numbers one after the other, upwards or downwards.
#[derive(Debug, Clone, Copy)]
pub(super) struct Range {
    pub from: i64,
    pub length: u64,
    pub down: bool,
}

impl Range {
    pub fn get(self, index: u64) -> Option<i64> {
        let offset = i64::try_from(index).ok().filter(|_| index < self.length)?;
        if self.down { self.from.checked_sub(offset) } else { self.from.checked_add(offset) }
    }
}

impl<'d> Value<'d> {
    /// A value of the data; `null` is none.
    pub fn of(json: &'d Json) -> Option<Self> {
        Some(match json {
            Json::Null => return None,
            Json::Bool(boolean) => Self::Boolean(*boolean),
            Json::Number(number) => Self::Number(match (number.as_i64(), number.as_f64()) {
                (Some(integer), _) => Number::Integer(integer),
                (None, float) => Number::Float(float.unwrap_or(f64::NAN)),
            }),
            Json::String(text) => Self::Text(text),
            Json::Array(items) => Self::Array(items),
            Json::Object(map) => Self::Object(map),
        })
    }

    pub fn made(text: impl Into<Rc<str>>) -> Self {
        Self::Made(text.into())
    }

    /// The characters of a string.
    pub fn string(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Made(text) => Some(text),
            Self::Nothing => Some(""),
            _ => None,
        }
    }

    /// A list, unless it would be too deep.
    pub fn list(items: Vec<Self>) -> Option<Self> {
        let depth = 1 + items.iter().map(Self::depth).max().unwrap_or_default();
        (depth <= MAX_DEPTH).then(|| Self::List(Rc::new(Container { items, depth })))
    }

    /// A hash, unless it would be too deep.
    pub fn hash(items: Vec<(Rc<str>, Self)>) -> Option<Self> {
        let depth = 1 + items.iter().map(|(_, value)| value.depth()).max().unwrap_or_default();
        (depth <= MAX_DEPTH).then(|| Self::Hash(Rc::new(Container { items, depth })))
    }

    fn depth(&self) -> usize {
        match self {
            Self::List(list) => list.depth,
            Self::Hash(hash) => hash.depth,
            _ => 0,
        }
    }

    /// Elements of a sequence; `None` if this is none.
    pub fn length(&self) -> Option<u64> {
        Some(match self {
            Self::Array(items) => items.len() as u64,
            Self::List(list) => list.items.len() as u64,
            Self::Range(range) => range.length,
            Self::Nothing => 0,
            _ => return None,
        })
    }

    /// An element of a sequence.
    pub fn item(&self, index: u64) -> Option<Self> {
        let position = usize::try_from(index).ok()?;
        match self {
            Self::Array(items) => items.get(position).and_then(Self::of),
            Self::List(list) => list.items.get(position).cloned(),
            Self::Range(range) => {
                range.get(index).map(|number| Self::Number(Number::Integer(number)))
            }
            _ => None,
        }
    }

    /// A member of a hash; `Err` if this is none.
    pub fn member(&self, name: &str) -> Result<Option<Self>, ()> {
        match self {
            Self::Object(map) => Ok(map.get(name).and_then(Self::of)),
            Self::Hash(hash) => Ok(hash
                .items
                .iter()
                .rev()
                .find(|(key, _)| &**key == name)
                .map(|(_, value)| value.clone())),
            Self::Nothing => Ok(None),
            _ => Err(()),
        }
    }

    /// Keys and values of a hash.
    pub fn entries(&self) -> Option<Vec<(Self, Option<Self>)>> {
        match self {
            Self::Object(map) => {
                Some(map.iter().map(|(key, value)| (Self::Text(key), Self::of(value))).collect())
            }
            Self::Hash(hash) => Some(
                hash.items
                    .iter()
                    .map(|(key, value)| (Self::Made(Rc::clone(key)), Some(value.clone())))
                    .collect(),
            ),
            Self::Nothing => Some(Vec::new()),
            _ => None,
        }
    }

    /// The text of a string or number. Booleans have none.
    pub fn text(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::Number(number) => Some(Cow::Owned(number.grouped())),
            other => other.string().map(Cow::Borrowed),
        }
    }

    pub fn is_empty(&self) -> bool {
        match self {
            Self::Text(text) => text.is_empty(),
            Self::Made(text) => text.is_empty(),
            Self::Object(map) => map.is_empty(),
            Self::Hash(hash) => hash.items.is_empty(),
            Self::Number(_) | Self::Boolean(_) => false,
            sequence => sequence.length() == Some(0),
        }
    }
}

/// A number: an integer as long as it is one and fits.
#[derive(Debug, Clone, Copy)]
pub(super) enum Number {
    Integer(i64),
    Float(f64),
}

impl Number {
    pub fn parse(text: &str) -> Option<Self> {
        text.parse().map(Self::Integer).or_else(|_| text.parse().map(Self::Float)).ok()
    }

    pub fn float(self) -> f64 {
        match self {
            #[expect(clippy::cast_precision_loss, reason = "what a float is for")]
            Self::Integer(integer) => integer as f64,
            Self::Float(float) => float,
        }
    }

    /// The number if it is a whole one.
    pub fn integer(self) -> Option<i64> {
        match self {
            Self::Integer(integer) => Some(integer),
            #[expect(clippy::cast_possible_truncation, reason = "the range was checked")]
            Self::Float(float) if float.fract() == 0.0 && float.abs() < 9.0e18 => {
                Some(float as i64)
            }
            Self::Float(_) => None,
        }
    }

    /// As FreeMarker prints it for English readers: `1,234,567.891`.
    pub fn grouped(self) -> String {
        self.formatted(1, 0, 3, true)
    }

    /// As computers read it: `1234567.8912`.
    pub fn plain(self) -> String {
        self.formatted(1, 0, 16, false)
    }

    /// With `whole` digits at least before the point, and between `least` and `most` behind it.
    pub fn formatted(self, whole: usize, least: usize, most: usize, grouped: bool) -> String {
        let text = match self {
            Self::Integer(integer) => integer.to_string(),
            Self::Float(float) => format!("{float:.most$}"),
        };
        let (sign, text) = text.strip_prefix('-').map_or(("", text.as_str()), |text| ("-", text));
        let (integer, fraction) = text.split_once('.').unwrap_or((text, ""));
        let mut fraction = fraction.trim_end_matches('0').to_owned();
        while fraction.len() < least {
            fraction.push('0');
        }
        let integer = format!("{integer:0>whole$}");
        let mut out = sign.to_owned();
        for (position, digit) in integer.chars().enumerate() {
            if grouped
                && position > 0
                && (integer.len() - position) % 3 == 0
                && digit.is_ascii_digit()
            {
                out.push(',');
            }
            out.push(digit);
        }
        if !fraction.is_empty() {
            out.push('.');
            out.push_str(&fraction);
        }
        out
    }
}
