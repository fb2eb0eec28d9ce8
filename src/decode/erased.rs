//! What of a document is read before it is known what for.
//!
//! Serde makes a reader's code anew for every visitor and seed that it is given, and serde-saphyr's,
//! with its tags, aliases and merge keys, is long: 17 KB of the binary for the keys of every struct.
//! Scalars and keys can be read by one visitor, and handed to that which asked once they are there.

use std::borrow::Cow;
use std::fmt;

use serde::de::value::StrDeserializer;
use serde::de::{DeserializeSeed, Deserializer, Error, Expected, Visitor};
use serde::forward_to_deserialize_any;

use super::skips::Skips;

/// Reads a scalar for a visitor that takes no other value.
pub fn scalar<'de, D: Deserializer<'de>, V: Visitor<'de>>(
    reader: D,
    visitor: V,
) -> Result<V::Value, D::Error> {
    match reader.deserialize_any(AnyScalar(&visitor))? {
        Scalar::Null => visitor.visit_unit(),
        Scalar::Bool(value) => visitor.visit_bool(value),
        Scalar::Signed(value) => visitor.visit_i64(value),
        Scalar::Unsigned(value) => visitor.visit_u64(value),
        Scalar::Float(value) => visitor.visit_f64(value),
        Scalar::Text(value) => visitor.visit_str(&value),
    }
}

enum Scalar<'de> {
    Null,
    Bool(bool),
    Signed(i64),
    Unsigned(u64),
    Float(f64),
    Text(Cow<'de, str>),
}

/// With what is expected, for those that are no scalars.
struct AnyScalar<'a>(&'a dyn Expected);

impl<'de> Visitor<'de> for AnyScalar<'_> {
    type Value = Scalar<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }

    fn visit_unit<E: Error>(self) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Signed(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Unsigned(value))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Float(value))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Text(value.to_owned().into()))
    }

    fn visit_borrowed_str<E: Error>(self, value: &'de str) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Text(value.into()))
    }

    fn visit_string<E: Error>(self, value: String) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Text(value.into()))
    }
}

/// Takes a text.
pub struct Text;

impl<'de> Visitor<'de> for Text {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Cow<'de, str>, E> {
        Ok(value.to_owned().into())
    }

    fn visit_borrowed_str<E: Error>(self, value: &'de str) -> Result<Cow<'de, str>, E> {
        Ok(value.into())
    }

    fn visit_string<E: Error>(self, value: String) -> Result<Cow<'de, str>, E> {
        Ok(value.into())
    }
}

/// The key of an entry, which is a text in whatever form, for a seed.
///
/// The seed is asked while the reader is at the key, and not afterwards: a mistake in it has the
/// key's line and column. It is not asked of entries that are passed over.
pub struct KeyOf<'s, S, T> {
    seed: Option<S>,
    read: Option<T>,
    skips: Option<&'s Skips>,
    passed_over: bool,
}

impl<'de, 's, S: DeserializeSeed<'de>> KeyOf<'s, S, S::Value> {
    pub fn new(seed: S, skips: Option<&'s Skips>) -> Self {
        Self { seed: Some(seed), read: None, skips, passed_over: false }
    }

    /// What the reader is asked to read the next key with.
    pub fn seed(&mut self) -> KeySeed<'_> {
        self.passed_over = false;
        KeySeed(self)
    }

    /// Whether the entry of the key that was read last is to be passed over.
    pub fn is_passed_over(&self) -> bool {
        self.passed_over
    }

    /// The key, if there was another one, and what is to be passed over in its value.
    pub fn read(self) -> (Option<S::Value>, Option<&'s Skips>) {
        (self.read, self.skips)
    }
}

trait TakesKey {
    fn take(&mut self, key: &str) -> Result<(), KeyError>;
}

impl<'de, S: DeserializeSeed<'de>> TakesKey for KeyOf<'_, S, S::Value> {
    fn take(&mut self, key: &str) -> Result<(), KeyError> {
        if let Some(skips) = self.skips {
            let below = skips.at_key(key);
            if below.is_some_and(Skips::is_whole) {
                self.passed_over = true;
                return Ok(());
            }
            self.skips = below;
        }
        if let Some(seed) = self.seed.take() {
            self.read = Some(seed.deserialize(Key(key))?);
        }
        Ok(())
    }
}

pub struct KeySeed<'a>(&'a mut dyn TakesKey);

impl<'de> DeserializeSeed<'de> for KeySeed<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<(), D::Error> {
        reader.deserialize_str(self)
    }
}

impl Visitor<'_> for KeySeed<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E: Error>(self, key: &str) -> Result<(), E> {
        self.0.take(key).map_err(|error| match error {
            KeyError::UnknownField(field, fields) => E::unknown_field(&field, fields),
            KeyError::UnknownVariant(variant, variants) => E::unknown_variant(&variant, variants),
            KeyError::Other(what) => E::custom(what),
        })
    }
}

/// A key as a reader of one text.
struct Key<'a>(&'a str);

impl<'de> Deserializer<'de> for Key<'_> {
    type Error = KeyError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, KeyError> {
        visitor.visit_str(self.0)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, KeyError> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, KeyError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, KeyError> {
        visitor.visit_enum(StrDeserializer::new(self.0))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

/// What a seed says of a key, until the reader makes its own error of it.
#[derive(Debug, thiserror::Error)]
enum KeyError {
    #[error("unknown field `{0}`")]
    UnknownField(String, &'static [&'static str]),
    #[error("unknown variant `{0}`")]
    UnknownVariant(String, &'static [&'static str]),
    #[error("{0}")]
    Other(String),
}

impl Error for KeyError {
    fn custom<T: fmt::Display>(what: T) -> Self {
        Self::Other(what.to_string())
    }

    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        Self::UnknownField(field.to_owned(), expected)
    }

    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        Self::UnknownVariant(variant.to_owned(), expected)
    }
}
