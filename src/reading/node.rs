use std::fmt;
use std::rc::Rc;

use serde::de::{
    Deserialize, DeserializeOwned, Deserializer, Error, MapAccess, SeqAccess, Visitor,
};
use serde_json::Value;

use super::reader::Reader;
use super::{Misread, Place};

/// A piece of a document, with its place there if it is one of YAML.
#[derive(Debug, Clone)]
pub struct Node {
    pub(super) kind: Kind,
    pub(super) place: Place,
}

#[derive(Debug, Clone)]
pub(super) enum Kind {
    Null,
    Bool(bool),
    Number(Number),
    Text(String),
    /// Without quotes in YAML. It is the text as written where a text is wanted, so that a version
    /// `1.10` stays what it is; elsewhere what the core schema says.
    Plain(String),
    List(Vec<Node>),
    /// In the order as written. JSON may have a key twice: who reads a struct says no to that.
    Mapping(Vec<(Key, Node)>),
    /// What an anchor or an alias of YAML stands for.
    Shared(Rc<Node>),
}

#[derive(Debug, Clone)]
pub(super) struct Key {
    pub text: String,
    pub place: Place,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Number {
    /// From 0.
    Whole(u64),
    Negative(i64),
    /// Finite.
    Real(f64),
}

/// Two types that are read from the same mapping, each its fields.
///
/// `#[serde(flatten)]` would do the same, by way of a copy of everything in a form of serde's own
/// from which both would be read by code of their own.
pub struct Both<A, B>(pub A, pub B);

impl Node {
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, Misread> {
        T::deserialize(Reader(self)).map_err(|error| error.at(self.place))
    }

    pub(super) fn of_json(json: &[u8]) -> Result<Self, Misread> {
        // Every value of JSON is a node: what goes wrong is no JSON.
        serde_json::from_slice(json)
            .map_err(|error| Misread::new(Place::default(), error.to_string()))
    }

    /// What it is, through however many anchors.
    pub(super) fn kind(&self) -> &Kind {
        let mut kind = &self.kind;
        while let Kind::Shared(node) = kind {
            kind = &node.kind;
        }
        kind
    }
}

impl From<Kind> for Node {
    fn from(kind: Kind) -> Self {
        Self { kind, place: Place::default() }
    }
}

impl From<String> for Key {
    fn from(text: String) -> Self {
        Self { text, place: Place::default() }
    }
}

impl From<Value> for Node {
    fn from(value: Value) -> Self {
        Self::from(match value {
            Value::Null => Kind::Null,
            Value::Bool(value) => Kind::Bool(value),
            Value::Number(number) => match (number.as_u64(), number.as_i64(), number.as_f64()) {
                (Some(whole), _, _) => Kind::Number(Number::Whole(whole)),
                (_, Some(negative), _) => Kind::Number(Number::Negative(negative)),
                (_, _, real) => Kind::Number(Number::Real(real.unwrap_or_default())),
            },
            Value::String(text) => Kind::Text(text),
            Value::Array(values) => Kind::List(values.into_iter().map(Self::from).collect()),
            Value::Object(fields) => Kind::Mapping(
                fields.into_iter().map(|(key, value)| (key.into(), value.into())).collect(),
            ),
        })
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Anything;
        impl<'de> Visitor<'de> for Anything {
            type Value = Node;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value")
            }

            fn visit_unit<E>(self) -> Result<Node, E> {
                Ok(Kind::Null.into())
            }

            fn visit_bool<E>(self, value: bool) -> Result<Node, E> {
                Ok(Kind::Bool(value).into())
            }

            fn visit_u64<E>(self, whole: u64) -> Result<Node, E> {
                Ok(Kind::Number(Number::Whole(whole)).into())
            }

            fn visit_i64<E>(self, number: i64) -> Result<Node, E> {
                let number = u64::try_from(number).map_or(Number::Negative(number), Number::Whole);
                Ok(Kind::Number(number).into())
            }

            fn visit_f64<E>(self, real: f64) -> Result<Node, E> {
                Ok(Kind::Number(Number::Real(real)).into())
            }

            fn visit_str<E>(self, text: &str) -> Result<Node, E> {
                Ok(Kind::Text(text.to_owned()).into())
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Node, A::Error> {
                let mut list = Vec::new();
                while let Some(item) = items.next_element()? {
                    list.push(item);
                }
                Ok(Kind::List(list).into())
            }

            fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Node, A::Error> {
                let mut mapping = Vec::new();
                while let Some((key, value)) = entries.next_entry::<String, Node>()? {
                    mapping.push((key.into(), value));
                }
                Ok(Kind::Mapping(mapping).into())
            }
        }
        deserializer.deserialize_any(Anything)
    }
}

impl<'de, A: DeserializeOwned, B: DeserializeOwned> Deserialize<'de> for Both<A, B> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let node = Node::deserialize(deserializer)?;
        let both = || Ok(Self(node.read()?, node.read()?));
        both().map_err(|error: Misread| D::Error::custom(error))
    }
}
