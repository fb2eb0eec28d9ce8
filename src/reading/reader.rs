//! The one deserializer.

use std::slice;

use serde::de::value::{BorrowedStrDeserializer, StrDeserializer};
use serde::de::{
    DeserializeSeed, Deserializer, Error, Expected, IntoDeserializer, MapAccess, SeqAccess,
    Unexpected, Visitor,
};

use super::Misread;
use super::node::{Key, Kind, Node, Number};
use super::plain::{self, Scalar};

/// Reads a node.
///
/// What it asks of a type is what the types of this house are: an enum is the name of one of its
/// variants, a struct is a mapping. Whatever is written in more than one way reads itself with
/// `deserialize_any`.
#[derive(Clone, Copy)]
pub struct Reader<'n>(pub &'n Node);

impl<'n> Reader<'n> {
    /// What it is where no text is wanted; nothing for lists and mappings.
    #[inline(never)]
    fn scalar(self) -> Option<Scalar<'n>> {
        Some(match self.0.kind() {
            Kind::Null => Scalar::Null,
            Kind::Bool(value) => Scalar::Bool(*value),
            Kind::Number(number) => Scalar::Number(*number),
            Kind::Text(text) => Scalar::Text(text),
            Kind::Plain(text) => plain::resolve(text),
            Kind::List(_) | Kind::Mapping(_) | Kind::Shared(_) => return None,
        })
    }

    /// What it is where a text is wanted.
    #[inline(never)]
    fn text(self) -> Option<&'n str> {
        match self.0.kind() {
            Kind::Text(text) => Some(text),
            Kind::Plain(text) if !plain::is_null(text) => Some(text),
            _ => None,
        }
    }

    fn is_null(self) -> bool {
        matches!(self.scalar(), Some(Scalar::Null))
    }

    #[inline(never)]
    fn list(self) -> Option<Items<'n>> {
        match self.0.kind() {
            Kind::List(list) => Some(Items { rest: list.iter(), index: 0 }),
            _ => None,
        }
    }

    #[inline(never)]
    fn mapping(self) -> Option<Entries<'n>> {
        match self.0.kind() {
            Kind::Mapping(mapping) => Some(Entries { rest: mapping.iter(), current: None }),
            _ => None,
        }
    }

    #[cold]
    #[inline(never)]
    fn wrong(self, expected: &dyn Expected) -> Misread {
        let found = match (self.scalar(), self.0.kind()) {
            (Some(Scalar::Null), _) => Unexpected::Unit,
            (Some(Scalar::Bool(value)), _) => Unexpected::Bool(value),
            (Some(Scalar::Number(Number::Whole(number))), _) => Unexpected::Unsigned(number),
            (Some(Scalar::Number(Number::Negative(number))), _) => Unexpected::Signed(number),
            (Some(Scalar::Number(Number::Real(number))), _) => Unexpected::Float(number),
            (Some(Scalar::Text(text)), _) => Unexpected::Str(text),
            (None, Kind::List(_)) => Unexpected::Seq,
            (None, _) => Unexpected::Map,
        };
        Misread::invalid_type(found, expected)
    }

    fn number<V: Visitor<'n>>(self, visitor: V) -> Result<V::Value, Misread> {
        match self.scalar() {
            Some(Scalar::Number(Number::Whole(number))) => visitor.visit_u64(number),
            Some(Scalar::Number(Number::Negative(number))) => visitor.visit_i64(number),
            Some(Scalar::Number(Number::Real(number))) => visitor.visit_f64(number),
            _ => Err(self.wrong(&visitor)),
        }
    }
}

/// All numbers are alike: the visitor says which will do.
macro_rules! numbers {
    ($($name:ident)*) => {$(
        fn $name<V: Visitor<'n>>(self, visitor: V) -> Result<V::Value, Misread> {
            self.number(visitor)
        }
    )*};
}

impl<'n> Deserializer<'n> for Reader<'n> {
    type Error = Misread;

    fn deserialize_any<V: Visitor<'n>>(self, visitor: V) -> Result<V::Value, Misread> {
        match self.scalar() {
            Some(Scalar::Null) => visitor.visit_unit(),
            Some(Scalar::Bool(value)) => visitor.visit_bool(value),
            Some(Scalar::Number(_)) => self.number(visitor),
            Some(Scalar::Text(text)) => visitor.visit_borrowed_str(text),
            None => match self.list() {
                Some(items) => visitor.visit_seq(items),
                None => self.deserialize_map(visitor),
            },
        }
    }

    fn deserialize_bool<V: Visitor<'n>>(self, visitor: V) -> Result<V::Value, Misread> {
        let word = match self.0.kind() {
            Kind::Plain(word) => plain::truth(word),
            Kind::Bool(value) => Some(*value),
            _ => None,
        };
        match word {
            Some(value) => visitor.visit_bool(value),
            None => Err(self.wrong(&visitor)),
        }
    }

    numbers! {
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64
        deserialize_f32 deserialize_f64
    }

    fn deserialize_str<V: Visitor<'n>>(self, visitor: V) -> Result<V::Value, Misread> {
        match self.text() {
            Some(text) => visitor.visit_borrowed_str(text),
            None => Err(self.wrong(&visitor)),
        }
    }

    fn deserialize_string<V: Visitor<'n>>(self, visitor: V) -> Result<V::Value, Misread> {
        self.deserialize_str(visitor)
    }

    fn deserialize_char<V: Visitor<'n>>(self, visitor: V) -> Result<V::Value, Misread> {
        self.deserialize_str(visitor)
    }

    fn deserialize_identifier<V: Visitor<'n>>(self, visitor: V) -> Result<V::Value, Misread> {
        self.deserialize_str(visitor)
    }

    fn deserialize_bytes<V: Visitor<'n>>(self, visitor: V) -> Result<V::Value, Misread> {
        self.deserialize_str(visitor)
    }

    fn deserialize_byte_buf<V: Visitor<'n>>(self, visitor: V) -> Result<V::Value, Misread> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'n>>(self, visitor: V) -> Result<V::Value, Misread> {
        if self.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_unit<V: Visitor<'n>>(self, visitor: V) -> Result<V::Value, Misread> {
        if self.is_null() { visitor.visit_unit() } else { Err(self.wrong(&visitor)) }
    }

    fn deserialize_unit_struct<V: Visitor<'n>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Misread> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'n>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Misread> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'n>>(self, visitor: V) -> Result<V::Value, Misread> {
        match self.list() {
            Some(items) => visitor.visit_seq(items),
            None => Err(self.wrong(&visitor)),
        }
    }

    fn deserialize_tuple<V: Visitor<'n>>(
        self,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, Misread> {
        match self.list() {
            Some(items) if items.rest.len() != length => {
                Err(Misread::invalid_length(items.rest.len(), &visitor))
            }
            _ => self.deserialize_seq(visitor),
        }
    }

    fn deserialize_tuple_struct<V: Visitor<'n>>(
        self,
        _: &'static str,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, Misread> {
        self.deserialize_tuple(length, visitor)
    }

    fn deserialize_map<V: Visitor<'n>>(self, visitor: V) -> Result<V::Value, Misread> {
        match self.mapping() {
            Some(entries) => visitor.visit_map(entries),
            None => Err(self.wrong(&visitor)),
        }
    }

    fn deserialize_struct<V: Visitor<'n>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misread> {
        self.deserialize_map(visitor)
    }

    fn deserialize_enum<V: Visitor<'n>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misread> {
        match self.text() {
            Some(name) => {
                let name: StrDeserializer<'_, Misread> = name.into_deserializer();
                visitor.visit_enum(name)
            }
            None => Err(self.wrong(&visitor)),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'n>>(self, visitor: V) -> Result<V::Value, Misread> {
        visitor.visit_unit()
    }
}

struct Items<'n> {
    rest: slice::Iter<'n, Node>,
    /// Of the next one.
    index: usize,
}

impl<'n> SeqAccess<'n> for Items<'n> {
    type Error = Misread;

    fn next_element_seed<T: DeserializeSeed<'n>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Misread> {
        let Some(node) = self.rest.next() else { return Ok(None) };
        self.index += 1;
        match seed.deserialize(Reader(node)) {
            Ok(value) => Ok(Some(value)),
            Err(error) => Err(error.in_item(self.index - 1, node.place)),
        }
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.rest.len())
    }
}

struct Entries<'n> {
    rest: slice::Iter<'n, (Key, Node)>,
    /// The one whose key was read.
    current: Option<&'n (Key, Node)>,
}

impl<'n> MapAccess<'n> for Entries<'n> {
    type Error = Misread;

    fn next_key_seed<K: DeserializeSeed<'n>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Misread> {
        self.current = self.rest.next();
        let Some((key, _)) = self.current else { return Ok(None) };
        match seed.deserialize(BorrowedStrDeserializer::new(&key.text)) {
            Ok(read) => Ok(Some(read)),
            Err(error) => {
                let error: Misread = error;
                Err(error.at(key.place))
            }
        }
    }

    /// Once for each type of value, and not in each struct that has such a field.
    #[inline(never)]
    fn next_value_seed<V: DeserializeSeed<'n>>(&mut self, seed: V) -> Result<V::Value, Misread> {
        let Some((key, node)) = self.current else {
            return Err(Misread::custom("a value was read before its key"));
        };
        match seed.deserialize(Reader(node)) {
            Ok(value) => Ok(value),
            Err(error) => Err(error.in_field(&key.text, node.place)),
        }
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.rest.len())
    }
}
