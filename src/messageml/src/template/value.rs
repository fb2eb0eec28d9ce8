//! Values of templates.

use std::rc::Rc;

use super::super::json::{Json, Object};
use super::ast::{Format, Macro};
use super::builtins::Builtin;
use super::dates::Date;
use super::numbers::Number;
use super::regex::Matches;

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
    Date(Date),
    /// A list of the data.
    Array(&'d [Json<'d>]),
    /// A hash of the data.
    Object(&'d Object<'d>),
    List(Rc<List<'d>>),
    Hash(Rc<Hash<'d>>),
    Range(Range),
    /// Output that is markup already.
    Markup(Format, Rc<str>),
    /// A macro or function, and the template that it stands in.
    Macro(Rc<Macro>, Rc<super::ast::Template>),
    /// `.pass`
    Pass,
    /// The variables of the template.
    Namespace,
    /// `.globals`, `.data_model` and `.vars`: they are looked up when asked.
    Variables(Variables),
    /// A built-in that waits for its arguments.
    Method(Rc<(Builtin, Option<Value<'d>>)>),
    /// `x?item_cycle`, which waits for what it goes through.
    Cycle(usize),
    /// A macro with some of its arguments.
    WithArguments(Rc<WithArguments<'d>>),
    /// What `?matches` finds: a boolean and a list at once.
    Matches(Rc<Matches>),
    /// What `?string` gives: a text, and its other formats as members.
    Formatted(Rc<(Value<'d>, Rc<str>)>),
    /// What `?date` gives for a string: a date once it is needed, and other formats as members.
    Unparsed(Rc<(super::dates::DateKind, Rc<str>, Rc<str>)>),
    /// One match: its text, and a list of its groups.
    Match(Rc<Matches>, usize),
    /// `?interpret`
    Template(Rc<super::ast::Template>),
    /// `.get_optional_template`
    OptionalTemplate,
    /// What `missing!` is: an empty string, list and hash at once.
    Nothing,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Variables {
    DataModel,
    Globals,
    All,
}

#[derive(Debug)]
pub(super) struct WithArguments<'d> {
    pub of: Value<'d>,
    pub positional: Vec<Option<Value<'d>>>,
    pub named: Vec<(Rc<str>, Value<'d>)>,
    pub last: bool,
}

/// A list that a template made. Elements may be missing.
#[derive(Debug)]
pub(super) struct List<'d> {
    pub items: Vec<Option<Value<'d>>>,
    depth: usize,
}

#[derive(Debug)]
pub(super) struct Hash<'d> {
    pub items: Vec<(Rc<str>, Option<Value<'d>>)>,
    index: std::collections::HashMap<Rc<str>, usize>,
    depth: usize,
}

impl<'d> Hash<'d> {
    pub fn get(&self, name: &str) -> Option<Value<'d>> {
        self.items[*self.index.get(name)?].1.clone()
    }
}

/// Numbers one after the other, upwards or downwards.
#[derive(Debug, Clone, Copy)]
pub(super) struct Range {
    pub from: i64,
    pub length: u64,
    pub down: bool,
    pub is_unbounded: bool,
    /// `a..b` and not `a..<b` or `a..*b`.
    pub is_inclusive: bool,
    pub is_size_limited: bool,
}

impl Range {
    pub fn get(self, index: u64) -> Option<i64> {
        let offset = i64::try_from(index).ok().filter(|_| index < self.length)?;
        if self.down { self.from.checked_sub(offset) } else { self.from.checked_add(offset) }
    }
}

impl<'d> Value<'d> {
    /// A value of the data; `null` is none.
    pub fn of(json: &'d Json<'d>) -> Option<Self> {
        Some(match json {
            Json::Null => return None,
            Json::Bool(boolean) => Self::Boolean(*boolean),
            Json::Number(number) => Self::Number(match (number.as_i64(), number.as_f64()) {
                (Some(integer), _) => Number::Integer(integer),
                (None, _) if number.is_u64() => Number::literal(&number.to_string()),
                (None, float) => Number::Float(float.unwrap_or(f64::NAN)),
            }),
            Json::Huge(digits) => Self::Number(match &**digits {
                "Infinity" => Number::Float(f64::INFINITY),
                "-Infinity" => Number::Float(f64::NEG_INFINITY),
                digits => Number::literal(digits),
            }),
            Json::Text(text) => Self::Text(text),
            Json::Array(items) => Self::Array(items),
            Json::Object(object) => Self::Object(object),
        })
    }

    pub fn made(text: impl Into<Rc<str>>) -> Self {
        Self::Made(text.into())
    }

    pub fn count(number: usize) -> Self {
        Self::Number(Number::Integer(i64::try_from(number).unwrap_or(i64::MAX)))
    }

    /// The characters of a string.
    pub fn string(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Made(text) => Some(text),
            Self::Nothing => Some(""),
            Self::Match(matches, index) => matches.text_of(*index),
            Self::Formatted(formatted) => Some(&formatted.1),
            _ => None,
        }
    }

    /// A list, unless it would be too deep.
    pub fn list(items: Vec<Option<Self>>) -> Option<Self> {
        let depth = 1 + items.iter().flatten().map(Self::depth).max().unwrap_or_default();
        (depth <= MAX_DEPTH).then(|| Self::List(Rc::new(List { items, depth })))
    }

    /// A hash, unless it would be too deep. Of a name that comes again the last value counts, at the first place.
    pub fn hash(entries: Vec<(Rc<str>, Option<Self>)>) -> Option<Self> {
        let depth = 1 + entries
            .iter()
            .filter_map(|(_, value)| value.as_ref())
            .map(Self::depth)
            .max()
            .unwrap_or_default();
        if depth > MAX_DEPTH {
            return None;
        }
        let mut index = std::collections::HashMap::with_capacity(entries.len());
        let mut items: Vec<(Rc<str>, Option<Self>)> = Vec::with_capacity(entries.len());
        for (name, value) in entries {
            match index.get(&name) {
                Some(at) => {
                    let at: usize = *at;
                    items[at].1 = value;
                }
                None => {
                    index.insert(Rc::clone(&name), items.len());
                    items.push((name, value));
                }
            }
        }
        Some(Self::Hash(Rc::new(Hash { items, index, depth })))
    }

    /// The same value, unless it is too deep. Values are dropped one inside the other.
    pub fn unless_too_deep(self) -> Option<Self> {
        (self.depth() <= MAX_DEPTH).then_some(self)
    }

    fn depth(&self) -> usize {
        match self {
            Self::List(list) => list.depth,
            Self::Hash(hash) => hash.depth,
            Self::Method(method) => 1 + method.1.as_ref().map_or(0, Self::depth),
            Self::WithArguments(with) => {
                let positional = with.positional.iter().flatten();
                let all = positional.chain(with.named.iter().map(|(_, value)| value));
                1 + all.map(Self::depth).max().unwrap_or_default().max(with.of.depth())
            }
            _ => 0,
        }
    }

    /// Elements of a sequence; `None` if this is none.
    pub fn length(&self) -> Option<u64> {
        Some(match self {
            Self::Array(items) => items.len() as u64,
            Self::List(list) => list.items.len() as u64,
            Self::Range(range) => range.length,
            Self::Matches(matches) => matches.count() as u64,
            Self::Nothing => 0,
            _ => return None,
        })
    }

    /// Whether it can be indexed: a list proper.
    pub fn is_sequence(&self) -> bool {
        self.length().is_some()
    }

    /// An element of a sequence.
    pub fn item(&self, index: u64) -> Option<Self> {
        let position = usize::try_from(index).ok()?;
        match self {
            Self::Array(items) => items.get(position).and_then(Self::of),
            Self::List(list) => list.items.get(position).cloned().flatten(),
            Self::Range(range) => {
                range.get(index).map(|number| Self::Number(Number::Integer(number)))
            }
            Self::Matches(matches) if position < matches.count() => {
                Some(Self::Match(Rc::clone(matches), position))
            }
            _ => None,
        }
    }

    /// A member of a hash; `Err` if this is none.
    pub fn member(&self, name: &str) -> Result<Option<Self>, ()> {
        match self {
            Self::Object(map) => Ok(map.get(name).and_then(Self::of)),
            Self::Hash(hash) => Ok(hash.get(name)),
            Self::Nothing => Ok(None),
            _ => Err(()),
        }
    }

    pub fn is_hash(&self) -> bool {
        matches!(
            self,
            Self::Object(_) | Self::Hash(_) | Self::Nothing | Self::Namespace | Self::Variables(_)
        )
    }

    /// Names and values of a hash.
    pub fn entries(&self) -> Option<Vec<(Self, Option<Self>)>> {
        match self {
            Self::Object(map) => {
                Some(map.iter().map(|(key, value)| (Self::Text(key), Self::of(value))).collect())
            }
            Self::Hash(hash) => Some(
                hash.items
                    .iter()
                    .map(|(key, value)| (Self::Made(Rc::clone(key)), value.clone()))
                    .collect(),
            ),
            Self::Nothing => Some(Vec::new()),
            _ => None,
        }
    }

    pub fn is_empty(&self) -> bool {
        match self {
            Self::Text(text) => text.is_empty(),
            Self::Made(text) => text.is_empty(),
            Self::Markup(_, text) => text.is_empty(),
            Self::Object(map) => map.is_empty(),
            Self::Hash(hash) => hash.items.is_empty(),
            Self::Match(matches, index) => matches.text_of(*index).is_none_or(str::is_empty),
            sequence => sequence.length() == Some(0),
        }
    }
}
