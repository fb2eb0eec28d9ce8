//! Where in a text something is.

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::skips::Step;

/// Line and column, both from 1; the column in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    pub line: usize,
    pub column: usize,
}

impl Place {
    fn at(text: &str, offset: usize) -> Self {
        let before = &text[..offset];
        let line = before.matches('\n').count() + 1;
        let start = before.rfind('\n').map_or(0, |end| end + 1);
        Self { line, column: before[start..].chars().count() + 1 }
    }

    /// Where in a document of JSON the steps lead to: that of a field is its key's. Readers of a tree
    /// do not know the text that it is of.
    pub fn in_json(text: &str, steps: &[Step]) -> Option<Self> {
        let mut value = text.trim_start();
        for step in steps {
            value = match step {
                Step::Key(key) => {
                    let Fields(fields) = serde_json::from_str(value).ok()?;
                    fields.into_iter().rfind(|(name, _)| name == key)?.1.get()
                }
                Step::Index(index) => {
                    let items: Vec<&RawValue> = serde_json::from_str(value).ok()?;
                    items.get(*index)?.get()
                }
            };
        }
        let mut offset = value.as_ptr().addr().checked_sub(text.as_ptr().addr())?;
        if let Some(Step::Key(_)) = steps.last() {
            offset = start_of_key(text.get(..offset)?)?;
        }
        Some(Self::at(text, offset))
    }
}

/// Where the key begins that a text ends with, with its colon.
fn start_of_key(text: &str) -> Option<usize> {
    let key = text.trim_end().strip_suffix(':')?.trim_end().strip_suffix('"')?;
    let is_opening = |at: &usize| {
        let before = &key[..*at];
        (before.len() - before.trim_end_matches('\\').len()) % 2 == 0
    };
    key.rmatch_indices('"').map(|(at, _)| at).find(is_opening)
}

/// The fields of an object in their order, unread.
struct Fields<'t>(Vec<(String, &'t RawValue)>);

impl<'de> Deserialize<'de> for Fields<'de> {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        reader.deserialize_map(FieldsVisitor)
    }
}

struct FieldsVisitor;

impl<'de> Visitor<'de> for FieldsVisitor {
    type Value = Fields<'de>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Fields<'de>, A::Error> {
        let mut fields = Vec::new();
        while let Some(field) = entries.next_entry()? {
            fields.push(field);
        }
        Ok(Fields(fields))
    }
}
