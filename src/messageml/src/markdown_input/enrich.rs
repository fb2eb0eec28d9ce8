//! Entities and tables, written into the text.

use std::collections::BTreeMap;

use serde_json::Value;

use super::super::{Invalid, java};

/// Around an entity or a table.
pub(super) const MARK: char = '\u{91}';
/// Between its type and what it is.
pub(super) const FIELD: char = '\u{92}';
/// Behind a row of a table.
pub(super) const ROW: char = '\u{1d}';
/// Behind a cell.
pub(super) const CELL: char = '\u{1e}';

/// Texts are filled up to the place of the last entity: no further than this.
const LAST_PLACE: i32 = 1_000_000;

struct Entity {
    kind: String,
    id: String,
    end: i32,
}

/// The text with all that belongs in it.
pub(super) fn enrich(
    message: &str,
    entities: Option<&Value>,
    media: Option<&Value>,
) -> Result<String, Invalid> {
    let entities = entities_by_place(entities)?;
    let tables = tables_by_place(media)?;
    if entities.is_empty() && tables.is_empty() {
        return Ok(message.to_owned());
    }
    let mut units: Vec<u16> = message.encode_utf16().collect();
    let last = |keys: Option<&i32>| keys.copied().unwrap_or_default();
    let last = last(entities.keys().next_back()).max(last(tables.keys().next_back()));
    if last > LAST_PLACE {
        return Err(Invalid::new(format!("Invalid entity payload: index {last} is too large")));
    }
    if let Ok(last) = usize::try_from(last)
        && units.len() <= last
    {
        units.resize(last + 1, u16::from(b' '));
    }
    let mut out = Vec::with_capacity(units.len());
    let write = |text: &str, out: &mut Vec<u16>| out.extend(text.encode_utf16());
    let mut at = 0;
    while at < units.len() {
        let place = i32::try_from(at).unwrap_or(i32::MAX);
        if let Some(Entity { kind, id, end }) = entities.get(&place) {
            write(&format!("{MARK}{kind}{FIELD}{id}{MARK}"), &mut out);
            at = usize::try_from(*end).unwrap_or_default().max(at + 1);
            continue;
        }
        if let Some(table) = tables.get(&place) {
            let Some(table) = table else {
                let message = format!("Invalid table payload:  (index: {place})");
                return Err(Invalid::new(message));
            };
            write(&format!("{MARK}TABLE{FIELD}{table}{MARK}"), &mut out);
        }
        out.push(units[at]);
        at += 1;
    }
    // A half of a pair is what Java makes of it when it writes.
    Ok(char::decode_utf16(out).map(|unit| unit.unwrap_or('?')).collect())
}

fn entities_by_place(entities: Option<&Value>) -> Result<BTreeMap<i32, Entity>, Invalid> {
    let mut found = BTreeMap::new();
    for object in entities.map(|value| holders(value, "indexStart")).unwrap_or_default() {
        for key in ["indexStart", "indexEnd", "id", "type"] {
            if object.get(key).is_none() {
                return Err(Invalid::new(format!(
                    "Required field \"{key}\" missing from the entity payload"
                )));
            }
        }
        let (start, end) = (integer(&object["indexStart"]), integer(&object["indexEnd"]));
        if end <= start {
            let id = object["id"].as_str().unwrap_or("null");
            return Err(Invalid::new(format!(
                "Invalid entity payload: {id} (start index: {start}, end index: {end})"
            )));
        }
        let kind = text(&object["type"]).to_uppercase();
        found.insert(start, Entity { kind, id: text(&object["id"]), end });
    }
    Ok(found)
}

/// Tables, each as one text of cells and rows. One without any is wrong only where the text comes to it.
fn tables_by_place(media: Option<&Value>) -> Result<BTreeMap<i32, Option<String>>, Invalid> {
    let objects = media.map(|value| holders(value, "index")).unwrap_or_default();
    for object in &objects {
        let Some(rows) = object.get("text") else { continue };
        if !rows.get(0).is_some_and(Value::is_array) {
            return Err(Invalid::new(format!(
                "Invalid table payload: {} (index: {})",
                text(rows),
                object["index"]
            )));
        }
    }
    let table = |rows: &Value| {
        let mut table = String::new();
        for row in items(rows) {
            for cell in items(row) {
                table.push_str(&text(cell));
                table.push(CELL);
            }
            table.push(ROW);
        }
        table
    };
    let placed = |object: &&Value| (integer(&object["index"]), object.get("text").map(table));
    Ok(objects.iter().map(placed).collect())
}

/// The values in an array or object.
fn items(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(items) => items.iter().collect(),
        Value::Object(object) => object.values().collect(),
        _ => Vec::new(),
    }
}

/// The objects that have a key, at any depth. What else is in one is looked through, but not what is under the key.
fn holders<'v>(value: &'v Value, key: &str) -> Vec<&'v Value> {
    let mut found = Vec::new();
    let mut left = vec![value];
    while let Some(value) = left.pop() {
        match value {
            Value::Array(items) => left.extend(items.iter().rev()),
            Value::Object(object) => {
                if object.contains_key(key) {
                    found.push(value);
                }
                left.extend(object.iter().filter(|(name, _)| *name != key).map(|(_, v)| v).rev());
            }
            _ => {}
        }
    }
    found
}

/// A number as a Java `int`; what is no number is 0.
fn integer(value: &Value) -> i32 {
    #[expect(clippy::cast_possible_truncation, reason = "the cut is Jackson's")]
    match (value.as_i64(), value.as_f64()) {
        (Some(whole), _) => whole as i32,
        (None, Some(float)) => float as i32,
        _ => 0,
    }
}

/// A value as text: that of arrays and objects is empty.
fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(_) | Value::Object(_) => String::new(),
        Value::Number(number) if number.is_f64() => {
            number.as_f64().map(java::double).unwrap_or_default()
        }
        other => other.to_string(),
    }
}
