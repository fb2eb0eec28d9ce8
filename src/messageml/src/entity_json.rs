//! EntityJSON: reading it, finding what an element refers to in it, adding what elements generate.

use std::borrow::Cow;
use std::collections::HashMap;

use super::Invalid;
use super::ai_context;
use super::entities;
use super::java;
use super::json::{self, Json, Object};
use super::tree::{Detail, Element, Kind, NodeId, Tree};
use super::xml;

/// What a string holds that is sent in place of an object.
pub(super) fn in_string(data: &str) -> Option<String> {
    if !data.trim_start().starts_with('"') {
        return None;
    }
    match json::first_value(data) {
        Ok(Json::Text(inner)) if !inner.is_empty() => Some(inner.into_owned()),
        _ => None,
    }
}

/// Parses the EntityJSON of a message, or what was [`in_string`]; nothing at all is the empty object.
///
/// # Errors
///
/// When it is malformed or no object.
pub(super) fn parse(text: Option<&str>, was_in_string: bool) -> Result<Object<'_>, Invalid> {
    let Some(text) = text.filter(|text| was_in_string || !java::is_blank(text)) else {
        return Ok(Object::default());
    };
    let value = json::first_value(text)
        .map_err(|fault| Invalid::new(format!("Error parsing EntityJSON: {fault}")))?;
    match value {
        Json::Object(object) => Ok(object),
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
    first: &'v Json<'v>,
    /// The first in document order of those that are not inside another.
    outermost: Option<&'v Json<'v>>,
    /// How many are not inside another.
    count: usize,
    /// How many are open while the index is built.
    open: usize,
}

impl<'v> Index<'v> {
    pub fn new(object: &'v Object<'v>) -> Self {
        let mut index = Self::default();
        index.add(object);
        index
    }

    /// JSON is never nested deeper than its reader allows.
    fn add(&mut self, object: &'v Object<'v>) {
        for (key, value) in object.iter() {
            self.occurrences.entry(key).or_insert(Occurrences {
                first: value,
                outermost: None,
                count: 0,
                open: 0,
            });
        }
        for (key, value) in object.iter() {
            if let Some(occurrences) = self.occurrences.get_mut(key) {
                if occurrences.open == 0 {
                    occurrences.count += 1;
                    occurrences.outermost.get_or_insert(value);
                }
                occurrences.open += 1;
            }
            self.descend(value);
            if let Some(occurrences) = self.occurrences.get_mut(key) {
                occurrences.open -= 1;
            }
        }
    }

    fn descend(&mut self, value: &'v Json<'v>) {
        match value {
            Json::Object(object) => self.add(object),
            Json::Array(items) => items.iter().for_each(|item| self.descend(item)),
            _ => {}
        }
    }

    /// The one value stored under `id`, for an element that names it.
    pub fn entity(&self, id: Option<&str>) -> Result<&'v Json<'v>, Invalid> {
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
                Some(Json::Object(_)) => {}
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
pub(super) fn generate(tree: &Tree, id: NodeId, object: &mut Object<'_>) -> Result<(), Invalid> {
    for (child, element) in tree.child_elements(id) {
        match entity_of(element) {
            None => generate(tree, child, object)?,
            Some((key, _)) if element.kind == Kind::AiContext => {
                // The original replaces whatever has the key.
                object.insert(Cow::Owned(key.to_owned()), ai_context::json(tree, child));
            }
            Some((key, generated)) => {
                if let (Some(generated), None) = (generated, object.get(key)) {
                    object.insert(Cow::Owned(key.to_owned()), generated);
                }
                let Some(Json::Object(inner)) = object.get_mut(key) else {
                    return Err(missing(key));
                };
                generate(tree, child, inner)?;
            }
        }
    }
    Ok(())
}

/// The key an element is known by in EntityJSON and, unless the user has to provide it, the value.
fn entity_of<'e>(element: &'e Element<'e>) -> Option<(&'e str, Option<Json<'static>>)> {
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
pub(super) fn node<V: Into<Json<'static>>>(
    kind: &'static str,
    version: &'static str,
    ids: impl IntoIterator<Item = (&'static str, V)>,
) -> Json<'static> {
    let ids = ids
        .into_iter()
        .map(|(kind, value)| Json::from([("type", kind.into()), ("value", value.into())]));
    let ids: Vec<Json<'static>> = ids.collect();
    Json::from([("type", kind.into()), ("version", version.into()), ("id", ids.into())])
}
