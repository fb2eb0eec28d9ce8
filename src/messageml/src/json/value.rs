//! A value of JSON as it is read: texts are parts of what was read, where they are what was written.

use std::borrow::Cow;

use indexmap::IndexMap;
use serde_json::{Map, Number, Value};

#[derive(Debug, Clone)]
pub(crate) enum Json<'t> {
    Null,
    Bool(bool),
    Number(Number),
    /// The digits of an integer beyond 64 bits, or `Infinity` with or without a sign.
    Huge(Cow<'t, str>),
    Text(Cow<'t, str>),
    Array(Vec<Json<'t>>),
    Object(Object<'t>),
}

/// Names and values, in the order in which the names came first.
#[derive(Debug, Clone)]
pub(crate) enum Object<'t> {
    /// Few are compared one by one.
    Few(Vec<(Cow<'t, str>, Json<'t>)>),
    Many(Box<IndexMap<Cow<'t, str>, Json<'t>>>),
}

/// How many values an object has at most that is searched one by one.
const FEW: usize = 12;

impl Json<'_> {
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The value that an object has under a name.
    pub fn get(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Object(object) => object.get(name),
            _ => None,
        }
    }
}

impl<'t> Object<'t> {
    pub fn len(&self) -> usize {
        match self {
            Self::Few(entries) => entries.len(),
            Self::Many(entries) => entries.len(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub fn get(&self, name: &str) -> Option<&Json<'t>> {
        match self {
            Self::Few(entries) => {
                entries.iter().find(|(known, _)| **known == *name).map(|(_, value)| value)
            }
            Self::Many(entries) => entries.get(name),
        }
    }

    pub fn get_mut(&mut self, name: &str) -> Option<&mut Json<'t>> {
        match self {
            Self::Few(entries) => {
                entries.iter_mut().find(|(known, _)| **known == *name).map(|(_, value)| value)
            }
            Self::Many(entries) => entries.get_mut(name),
        }
    }

    /// Sets a value; one that was there keeps its place.
    pub fn insert(&mut self, name: Cow<'t, str>, value: Json<'t>) {
        match self {
            Self::Few(entries) => match entries.iter().position(|(known, _)| *known == name) {
                Some(at) => entries[at].1 = value,
                None if entries.len() < FEW => entries.push((name, value)),
                None => {
                    let entries = std::mem::take(entries);
                    let mut many: IndexMap<_, _> = entries.into_iter().collect();
                    many.insert(name, value);
                    *self = Self::Many(Box::new(many));
                }
            },
            Self::Many(entries) => {
                entries.insert(name, value);
            }
        }
    }

    /// Names and values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Json<'t>)> {
        let (few, many) = match self {
            Self::Few(entries) => (entries.as_slice(), None),
            Self::Many(entries) => ([].as_slice(), Some(entries.iter())),
        };
        let many = many.into_iter().flatten().map(|(name, value)| (&**name, value));
        few.iter().map(|(name, value)| (&**name, value)).chain(many)
    }

    fn into_iter(self) -> impl Iterator<Item = (Cow<'t, str>, Json<'t>)> {
        let (few, many) = match self {
            Self::Few(entries) => (entries, None),
            Self::Many(entries) => (Vec::new(), Some(*entries)),
        };
        few.into_iter().chain(many.into_iter().flatten())
    }
}

impl Default for Object<'_> {
    fn default() -> Self {
        Self::Few(Vec::new())
    }
}

/// Of equal names the last value counts.
impl<'t> FromIterator<(Cow<'t, str>, Json<'t>)> for Object<'t> {
    fn from_iter<I: IntoIterator<Item = (Cow<'t, str>, Json<'t>)>>(entries: I) -> Self {
        let entries = entries.into_iter();
        let mut object = match entries.size_hint().0 {
            few @ ..=FEW => Self::Few(Vec::with_capacity(few)),
            many => Self::Many(Box::new(IndexMap::with_capacity(many))),
        };
        entries.for_each(|(name, value)| object.insert(name, value));
        object
    }
}

/// Numbers that a [`Value`] cannot hold become the nearest double that is one.
impl From<Json<'_>> for Value {
    fn from(json: Json<'_>) -> Self {
        match json {
            Json::Null => Self::Null,
            Json::Bool(boolean) => Self::Bool(boolean),
            Json::Number(number) => Self::Number(number),
            Json::Huge(digits) => {
                let double: f64 = digits.parse().unwrap_or_default();
                double.clamp(f64::MIN, f64::MAX).into()
            }
            Json::Text(text) => Self::String(text.into_owned()),
            Json::Array(items) => items.into_iter().map(Self::from).collect(),
            Json::Object(object) => Self::Object(object.into()),
        }
    }
}

impl From<Object<'_>> for Map<String, Value> {
    fn from(object: Object<'_>) -> Self {
        let mut map = Self::with_capacity(object.len());
        map.extend(object.into_iter().map(|(name, value)| (name.into_owned(), value.into())));
        map
    }
}

impl From<&'static str> for Json<'_> {
    fn from(text: &'static str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl From<String> for Json<'_> {
    fn from(text: String) -> Self {
        Self::Text(Cow::Owned(text))
    }
}

/// Nothing is `null`.
impl From<Option<&str>> for Json<'_> {
    fn from(text: Option<&str>) -> Self {
        text.map_or(Self::Null, |text| text.to_owned().into())
    }
}

impl<'t> From<Vec<Json<'t>>> for Json<'t> {
    fn from(items: Vec<Json<'t>>) -> Self {
        Self::Array(items)
    }
}

impl<'t, const N: usize> From<[(&'static str, Json<'t>); N]> for Json<'t> {
    fn from(entries: [(&'static str, Json<'t>); N]) -> Self {
        let entries = entries.into_iter().map(|(name, value)| (Cow::Borrowed(name), value));
        Self::Object(Object::from_iter(entries))
    }
}
