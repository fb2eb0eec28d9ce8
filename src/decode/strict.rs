//! Narrows what serde readers accept: a wrapper around a deserializer, as serde_path_to_error and
//! serde_ignored are.

use std::fmt;

use serde::de::value::StrDeserializer;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::erased::{self, KeyOf};
use super::skips::Skips;

/// Wraps a deserializer, visitor or seed and accepts only the forms of the API:
///
/// - a struct is an object. Serde's structs take a list of their fields too, and `[]` for one
///   whose fields have defaults;
/// - an enum is the name of one of its variants;
/// - a number is not in quotes: serde-saphyr reads one from `"7"` as well.
///
/// What may be read before it is known what for, scalars and keys, is: [`super::erased`].
pub struct Strict<'s, T> {
    inner: T,
    /// Whether a bool may be written as `yes` or `no`.
    words: bool,
    /// What of it is passed over.
    skips: Option<&'s Skips>,
}

impl<'s, T> Strict<'s, T> {
    pub fn json(inner: T) -> Self {
        Self { inner, words: false, skips: None }
    }

    /// Where a bool is wanted, the words `yes`, `no`, `on` and `off` of YAML 1.1 are taken too, since
    /// people go on writing them. The reader keeps to YAML 1.2, in which they are texts.
    pub fn yaml(inner: T) -> Self {
        Self { inner, words: true, skips: None }
    }

    /// Passes over parts of it, as if they were not there. Places in lists are then counted without
    /// them: [`Skips::steps`].
    pub fn passing_over(self, skips: &'s Skips) -> Self {
        Self { skips: Some(skips), ..self }
    }

    fn with<U>(&self, inner: U) -> Strict<'s, U> {
        Strict { inner, words: self.words, skips: self.skips }
    }
}

macro_rules! forward {
    ($($name:ident($($argument:ident: $type:ty),*))*) => {$(
        fn $name<V: Visitor<'de>>(
            self,
            $($argument: $type,)*
            visitor: V,
        ) -> Result<V::Value, D::Error> {
            let visitor = self.with(visitor);
            self.inner.$name($($argument,)* visitor)
        }
    )*};
}

macro_rules! scalars {
    ($($name:ident)*) => {$(
        fn $name<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
            erased::scalar(self.inner, visitor)
        }
    )*};
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Strict<'_, D> {
    type Error = D::Error;

    forward! {
        deserialize_any()
        deserialize_char()
        deserialize_str()
        deserialize_string()
        deserialize_bytes()
        deserialize_byte_buf()
        deserialize_identifier()
        deserialize_option()
        deserialize_unit()
        deserialize_unit_struct(name: &'static str)
        deserialize_newtype_struct(name: &'static str)
        deserialize_seq()
        deserialize_tuple(length: usize)
        deserialize_tuple_struct(name: &'static str, length: usize)
        deserialize_map()
        deserialize_ignored_any()
    }

    // Whatever stands there says what it is: a text in quotes is no number.
    scalars! {
        deserialize_i8
        deserialize_i16
        deserialize_i32
        deserialize_i64
        deserialize_i128
        deserialize_u8
        deserialize_u16
        deserialize_u32
        deserialize_u64
        deserialize_u128
        deserialize_f32
        deserialize_f64
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        match self.words {
            true => erased::scalar(self.inner, Words(visitor)),
            false => self.inner.deserialize_bool(visitor),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.deserialize_map(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        let name = self.inner.deserialize_str(erased::Text)?;
        visitor.visit_enum(StrDeserializer::new(&name))
    }
}

macro_rules! forward_values {
    ($($name:ident($type:ty))*) => {$(
        fn $name<E: Error>(self, value: $type) -> Result<V::Value, E> {
            self.inner.$name(value)
        }
    )*};
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Strict<'_, V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.expecting(f)
    }

    forward_values! {
        visit_bool(bool)
        visit_i64(i64)
        visit_u64(u64)
        visit_f64(f64)
        visit_char(char)
        visit_str(&str)
        visit_borrowed_str(&'de str)
        visit_string(String)
        visit_bytes(&[u8])
        visit_borrowed_bytes(&'de [u8])
        visit_byte_buf(Vec<u8>)
    }

    fn visit_unit<E: Error>(self) -> Result<V::Value, E> {
        self.inner.visit_unit()
    }

    fn visit_none<E: Error>(self) -> Result<V::Value, E> {
        self.inner.visit_none()
    }

    fn visit_some<D: Deserializer<'de>>(self, inner: D) -> Result<V::Value, D::Error> {
        let inner = self.with(inner);
        self.inner.visit_some(inner)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, inner: D) -> Result<V::Value, D::Error> {
        let inner = self.with(inner);
        self.inner.visit_newtype_struct(inner)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<V::Value, A::Error> {
        let items = Items { items: self.with(items), next: 0 };
        self.inner.visit_seq(items)
    }

    fn visit_map<A: MapAccess<'de>>(self, entries: A) -> Result<V::Value, A::Error> {
        let entries = Entries { entries: self.with(entries), below: None };
        self.inner.visit_map(entries)
    }
}

struct Items<'s, A> {
    items: Strict<'s, A>,
    /// The place in the list of the item that comes next.
    next: usize,
}

impl<'de, A: SeqAccess<'de>> Items<'_, A> {
    /// Passes over items until there is one to read, or none.
    fn pass_over(&mut self) -> Result<(), A::Error> {
        let Some(skips) = self.items.skips else { return Ok(()) };
        while skips.at_index(self.next).is_some_and(Skips::is_whole) {
            self.next += 1;
            if self.items.inner.next_element::<IgnoredAny>()?.is_none() {
                break;
            }
        }
        Ok(())
    }
}

impl<'de, A: SeqAccess<'de>> SeqAccess<'de> for Items<'_, A> {
    type Error = A::Error;

    fn next_element_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, A::Error> {
        self.pass_over()?;
        let below = self.items.skips.and_then(|skips| skips.at_index(self.next));
        self.next += 1;
        let seed = Strict { skips: below, ..self.items.with(seed) };
        self.items.inner.next_element_seed(seed)
    }

    fn size_hint(&self) -> Option<usize> {
        self.items.inner.size_hint()
    }
}

struct Entries<'s, A> {
    entries: Strict<'s, A>,
    /// What is passed over in the value of the key that was read last.
    below: Option<&'s Skips>,
}

/// Keys are texts in whatever form.
impl<'de, A: MapAccess<'de>> MapAccess<'de> for Entries<'_, A> {
    type Error = A::Error;

    fn next_key_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, A::Error> {
        let mut key = KeyOf::new(seed, self.entries.skips);
        loop {
            self.entries.inner.next_key_seed(key.seed())?;
            if !key.is_passed_over() {
                break;
            }
            self.entries.inner.next_value::<IgnoredAny>()?;
        }
        let (key, below) = key.read();
        self.below = below;
        Ok(key)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, A::Error> {
        let seed = Strict { skips: self.below, ..self.entries.with(seed) };
        self.entries.inner.next_value_seed(seed)
    }

    fn size_hint(&self) -> Option<usize> {
        self.entries.inner.size_hint()
    }
}

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for Strict<'_, S> {
    type Value = S::Value;

    fn deserialize<D: Deserializer<'de>>(self, inner: D) -> Result<S::Value, D::Error> {
        let inner = self.with(inner);
        self.inner.deserialize(inner)
    }
}

/// Takes the words of YAML 1.1 for true and false.
struct Words<V>(V);

impl<'de, V: Visitor<'de>> Visitor<'de> for Words<V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expecting(f)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<V::Value, E> {
        self.0.visit_bool(value)
    }

    fn visit_str<E: Error>(self, word: &str) -> Result<V::Value, E> {
        match word.to_ascii_lowercase().as_str() {
            "yes" | "on" | "y" => self.0.visit_bool(true),
            "no" | "off" | "n" => self.0.visit_bool(false),
            _ => self.0.visit_str(word),
        }
    }
}
