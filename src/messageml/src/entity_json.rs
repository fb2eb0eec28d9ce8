//! EntityJSON: reading it, finding what an element refers to in it, adding what elements generate.

use std::collections::HashMap;

use serde_json::{Map, Value, json};

use super::ai_context;
use super::entities;
use super::java;
use super::tree::{Detail, Element, Kind, NodeId, Tree};
use super::xml;
use super::{Invalid, json};

/// Parses the EntityJSON of a message; nothing at all is the empty object.
///
/// # Errors
///
/// When it is malformed or no object (nor a string that holds one).
pub(super) fn parse(text: Option<&str>) -> Result<Map<String, Value>, Invalid> {
    let Some(text) = text.filter(|text| !java::is_blank(text)) else {
        return Ok(Map::new());
    };
    let read = |text: &str| {
        json::first_value(text, json::Numbers::Exact)
            .map_err(|fault| Invalid::new(format!("Error parsing EntityJSON: {fault}")))
    };
    let value = match read(text)? {
        Value::String(inner) if !inner.is_empty() => read(&inner)?,
        value => value,
    };
    match value {
        Value::Object(map) => Ok(map),
        _ => Err(Invalid::new("Error parsing EntityJSON: provided content is not a JSON object")),
    }
}

/// Where every key of an EntityJSON occurs, so that each `data-entity-id` costs one lookup and not one search.
#[derive(Debug, Default)]
pub(super) struct Index<'v> {
    occurrences: HashMap<&'v str, Occurrences<'v>>,
}

#[derive(Debug)]
struct Occurrences<'v> {
    /// The first one, where the keys of an object come before those further down.
    first: &'v Value,
    /// The first in document order of those that are not inside another.
    outermost: Option<&'v Value>,
    /// How many are not inside another.
    count: usize,
    /// How many are open while the index is built.
    open: usize,
}

impl<'v> Index<'v> {
    pub fn new(object: &'v Map<String, Value>) -> Self {
        let mut index = Self::default();
        index.add(object);
        index
    }

    /// JSON is never nested deeper than its reader allows.
    fn add(&mut self, object: &'v Map<String, Value>) {
        for (key, value) in object {
            self.occurrences.entry(key).or_insert(Occurrences {
                first: value,
                outermost: None,
                count: 0,
                open: 0,
            });
        }
        for (key, value) in object {
            if let Some(occurrences) = self.occurrences.get_mut(key.as_str()) {
                if occurrences.open == 0 {
                    occurrences.count += 1;
                    occurrences.outermost.get_or_insert(value);
                }
                occurrences.open += 1;
            }
            self.descend(value);
            if let Some(occurrences) = self.occurrences.get_mut(key.as_str()) {
                occurrences.open -= 1;
            }
        }
    }

    fn descend(&mut self, value: &'v Value) {
        match value {
            Value::Object(object) => self.add(object),
            Value::Array(items) => items.iter().for_each(|item| self.descend(item)),
            _ => {}
        }
    }

    /// The one value stored under `id`, for an element that names it.
    pub fn entity(&self, id: Option<&str>) -> Result<&'v Value, Invalid> {
        let occurrences = id.and_then(|id| self.occurrences.get(id));
        let (Some(occurrences), Some(id)) = (occurrences, id) else {
            return Err(super::check::required("data-entity-id"));
        };
        match (occurrences.count, occurrences.outermost) {
            (1, Some(value)) => Ok(value),
            _ => Err(Invalid::new(format!("Duplicate \"data-entity-id\"=\"{id}\" in entityJSON"))),
        }
    }

    /// Checks that every `data-entity-id` of the document names an object.
    pub fn check(&self, root: xml::Element<'_>) -> Result<(), Invalid> {
        self.check_in(root).map_err(|invalid| invalid.inside_root(root))
    }

    fn check_in(&self, element: xml::Element<'_>) -> Result<(), Invalid> {
        if let Some(id) = element.attribute("data-entity-id") {
            match self.occurrences.get(id).map(|occurrences| occurrences.first) {
                None => return Err(missing(id)),
                Some(Value::Object(_)) => {}
                Some(_) => {
                    return Err(Invalid::new(format!(
                        "Error processing EntityJSON: the node \"{id}\" has to be an object"
                    )));
                }
            }
        }
        let mut nodes = element.children;
        nodes.try_for_each(|node| match node {
            xml::Node::Element(child) => {
                self.check_in(child).map_err(|invalid| invalid.inside(element.children, child))
            }
            _ => Ok(()),
        })
    }
}

fn missing(id: &str) -> Invalid {
    Invalid::new(format!(
        "Error processing EntityJSON: no entity data provided for \"data-entity-id\"=\"{id}\""
    ))
}

/// Adds what the elements below `id` generate: into `object`, or into the object of the entity around them.
///
/// # Errors
///
/// When an element names an entity that is not directly inside the one around it. (The reference fails with a class
/// cast there.)
pub(super) fn generate(
    tree: &Tree,
    id: NodeId,
    object: &mut Map<String, Value>,
) -> Result<(), Invalid> {
    for (child, element) in tree.child_elements(id) {
        match entity_of(element) {
            None => generate(tree, child, object)?,
            Some((key, _)) if element.kind == Kind::AiContext => {
                // The original replaces whatever has the key.
                object.insert(key.to_owned(), ai_context::json(tree, child));
            }
            Some((key, generated)) => {
                if let (Some(generated), false) = (generated, object.contains_key(key)) {
                    object.insert(key.to_owned(), generated);
                }
                let inner = object
                    .get_mut(key)
                    .and_then(Value::as_object_mut)
                    .ok_or_else(|| missing(key))?;
                generate(tree, child, inner)?;
            }
        }
    }
    Ok(())
}

/// The key an element is known by in EntityJSON and, unless the user has to provide it, the value.
fn entity_of<'e>(element: &'e Element<'e>) -> Option<(&'e str, Option<Value>)> {
    match (&element.detail, element.kind) {
        (Detail::Entity(entity), _) => {
            let value = entities::json(element, entity)?;
            Some((entities::id(element, entity), Some(value)))
        }
        (_, Kind::Div | Kind::Span) => Some((element.attributes.get("data-entity-id")?, None)),
        _ => None,
    }
}

/// `{"type": …, "version": …, "id": [{"type": …, "value": …}, …]}`
pub(super) fn node<V: Into<Value>>(
    kind: &str,
    version: &str,
    ids: impl IntoIterator<Item = (&'static str, V)>,
) -> Value {
    let ids: Vec<Value> =
        ids.into_iter().map(|(kind, value)| json!({"type": kind, "value": value.into()})).collect();
    json!({"type": kind, "version": version, "id": ids})
}
