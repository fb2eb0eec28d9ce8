//! From XML to the tree: which element a tag makes, in which order its parts are looked at.
//!
//! An element is made, given its attributes in the order of their names, given its children, each complete and valid
//! first, and validated last. That order decides which of several errors a bot is told.

mod make;

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::{HashMap, HashSet};

use super::attributes::{self, Accepted};
use super::check::{self, attribute_not_allowed};
use super::directory::Directory;
use super::entities;
use super::entity_json::Index;
use super::ids::Ids;
use super::tree::{Detail, Flavour, Kind, NodeId, Tree};
use super::{Invalid, ai_context, cards, dialog, forms, java, style, text, xml};
use make::Made;

/// Builds the tree of a document whose root element is `root`.
///
/// # Errors
///
/// The first thing in the document that is not MessageML.
pub(super) fn build<'x>(
    root: xml::Element<'x>,
    flavour: Flavour,
    version: Option<&str>,
    index: Index<'_>,
    directory: &dyn Directory,
    ids: &mut Ids,
    beta_allowed: bool,
) -> Result<Tree<'x>, Invalid> {
    let mut builder = Builder {
        beta_allowed,
        tree: Tree::new(flavour, root.children.size()),
        flavour,
        index,
        directory,
        ids,
        entities: 0,
        labels: HashMap::new(),
        unique_ids: HashSet::new(),
        labels_copied: 0,
    };
    builder.tree.element_mut(NodeId::ROOT).detail = Detail::Document(Box::default());
    root.attributes
        .iter()
        .try_for_each(|attribute| {
            builder.attribute(NodeId::ROOT, attribute.name, Cow::Borrowed(&attribute.value))
        })
        .and_then(|()| builder.children(NodeId::ROOT, root.children))
        .map_err(|invalid| invalid.inside_root(root))?;
    let mut tree = builder.tree;
    tree.complete(NodeId::ROOT);
    let root = tree.element_mut(NodeId::ROOT);
    if let Detail::Document(document) = &mut root.detail {
        document.version = root.attributes.get("data-version").or(version).map(str::to_owned);
    }
    Ok(tree)
}

struct Builder<'a, 'x> {
    tree: Tree<'x>,
    /// The language of the document.
    flavour: Flavour,
    index: Index<'a>,
    directory: &'a dyn Directory,
    ids: &'a mut Ids,
    beta_allowed: bool,
    /// How many entities were generated: all kinds count together.
    entities: u32,
    /// Labels and tooltips by the id of the control they belong to.
    labels: HashMap<String, Labelling>,
    /// Ids of forms and dialogs.
    unique_ids: HashSet<String>,
    /// How much of labels was given to controls beside them, in bytes.
    labels_copied: usize,
}

/// A label is copied for each control beside it, of which there may be many in a message that is refused for it in the end.
const MOST_OF_LABELS: usize = 16 << 20;

#[derive(Debug, Default)]
struct Labelling {
    label: Option<String>,
    title: Option<String>,
}

/// The `<label>` elements among siblings, looked for once for all of them, when one of them asks.
struct Labels<'x> {
    among: xml::Nodes<'x>,
    /// The first, and whether there are more.
    found: OnceCell<(Option<xml::Element<'x>>, bool)>,
    /// That of the first.
    text: OnceCell<String>,
}

impl<'x> Labels<'x> {
    fn among(nodes: xml::Nodes<'x>) -> Self {
        Self { among: nodes, found: OnceCell::new(), text: OnceCell::new() }
    }

    fn found(&self) -> (Option<xml::Element<'x>>, bool) {
        *self.found.get_or_init(|| {
            let mut labels = self.among.filter_map(|node| match node {
                xml::Node::Element(element) if element.name == "label" => Some(element),
                _ => None,
            });
            (labels.next(), labels.next().is_some())
        })
    }
}

/// An element about to be built.
struct New<'x> {
    kind: Kind,
    flavour: Flavour,
    detail: Detail,
    /// The attributes in place of those written, where the two differ.
    attributes: Option<Vec<(&'x str, Cow<'x, str>)>>,
    children: xml::Nodes<'x>,
}

impl<'x> New<'x> {
    fn of(kind: Kind, flavour: Flavour, element: xml::Element<'x>) -> Self {
        Self { kind, flavour, detail: Detail::None, attributes: None, children: element.children }
    }
}

impl<'x> Builder<'_, 'x> {
    fn children(&mut self, parent: NodeId, nodes: xml::Nodes<'x>) -> Result<(), Invalid> {
        let labels = Labels::among(nodes);
        for node in nodes {
            match node {
                xml::Node::Text(text) => self.tree.add_text(text),
                xml::Node::Element(element) => self
                    .element(parent, &labels, element)
                    .map_err(|invalid| invalid.inside(nodes, element))?,
                xml::Node::Other { name, .. } => {
                    return Err(Invalid::new(format!("Invalid element \"{name}\"")));
                }
            }
        }
        Ok(())
    }

    fn element(
        &mut self,
        parent: NodeId,
        siblings: &Labels<'_>,
        element: xml::Element<'x>,
    ) -> Result<(), Invalid> {
        let new = match self.make(parent, element)? {
            Made::Element(new) => new,
            Made::Transparent => return self.children(parent, element.children),
            Made::Nothing => return Ok(()),
        };
        let kind = new.kind;
        let id = self.tree.add(parent, kind, new.flavour, new.detail);
        self.defaults(id);
        let is_input = element.name == "input";
        let as_html = is_input || self.flavour == Flavour::PresentationMl;
        if as_html && kind == Kind::TextField && !new.children.is_empty() {
            return Err(check::no_content(kind.tag()));
        }
        match new.attributes {
            Some(attributes) => {
                for (name, value) in attributes {
                    self.attribute(id, name, value)?;
                }
            }
            None => {
                for attribute in element.attributes {
                    self.attribute(id, attribute.name, Cow::Borrowed(&attribute.value))?;
                }
            }
        }
        if matches!(kind, Kind::Checkbox | Kind::Radio) {
            if is_input {
                self.sibling_label(id, siblings)?;
            } else if element.name == "div" {
                self.sibling_label(id, &Labels::among(element.children))?;
            }
        }
        self.children(id, new.children)?;
        self.tree.complete(id);
        self.validate(id)?;
        if matches!(kind, Kind::Form | Kind::Dialog) {
            let written = self.tree.element(id).attributes.get("id").unwrap_or_default();
            if !self.unique_ids.insert(written.to_owned()) {
                return Err(Invalid::new(format!(
                    "Elements must have unique ids. The following value is not unique: [{written}]."
                )));
            }
        }
        Ok(())
    }

    /// Attributes an element has before any is read.
    fn defaults(&mut self, id: NodeId) {
        let in_action = self.tree.parent_kind(id) == Kind::UiAction;
        let written_as_html = self.tree.element(id).flavour == Flavour::PresentationMl;
        let element = self.tree.element_mut(id);
        match (element.kind, &mut element.detail) {
            (Kind::Button, _) if !in_action => element.attributes.set("type", "action"),
            (Kind::UiAction, _) => element.attributes.set("trigger", "click"),
            // What EntityJSON says; the entity's own id is the one written on the element.
            (Kind::Hash | Kind::Cash, Detail::Entity(entity)) if written_as_html => {
                element.attributes.set("tag", std::mem::take(&mut entity.id));
            }
            (Kind::Mention, Detail::Entity(entity)) if written_as_html => {
                element.attributes.set("uid", std::mem::take(&mut entity.id));
            }
            _ => {}
        }
    }

    fn attribute(&mut self, id: NodeId, name: &str, value: Cow<'x, str>) -> Result<(), Invalid> {
        let element = self.tree.element_mut(id);
        let Some(accepted) = attributes::accepted(element.kind, element.flavour, name) else {
            return Err(attribute_not_allowed(name, element.kind.tag()));
        };
        match accepted {
            Accepted::As(name) => {
                let value = match (element.kind, name, value.strip_suffix("-destructive")) {
                    (Kind::Chime, "src", _) if !value.eq_ignore_ascii_case(text::CHIME) => {
                        return Err(Invalid::new(format!(
                            "Attribute \"src\" value needs to be \"{}\"",
                            text::CHIME
                        )));
                    }
                    // The deprecated spelling of a colour.
                    (Kind::Button, "class", Some(colour)) => colour.to_owned().into(),
                    _ => value,
                };
                element.attributes.set(name, value);
            }
            Accepted::Integer(name) => match value.parse::<i64>() {
                Ok(number) => element.attributes.set(name, number.to_string()),
                Err(_) => {
                    return Err(Invalid::new(format!(
                        "Invalid input: {name} must be a int64 value not \"{value}\""
                    )));
                }
            },
            Accepted::Style => {
                style::check(&value)?;
                element.attributes.set("style", value);
            }
            Accepted::Uri => {
                if java::uri::scheme(&value).is_err() {
                    return Err(Invalid::new(format!(
                        "Invalid input: null must be a URI value not \"{value}\""
                    )));
                }
                element.attributes.set("href", value);
            }
            Accepted::LabelledBy => {
                if let Some(Labelling { label, title }) = self.labels.get(&*value) {
                    for (name, text) in [("label", label), ("title", title)] {
                        if let Some(text) = text {
                            element.attributes.set(name, text.clone());
                        }
                    }
                }
            }
            Accepted::InitialValue => self.tree.add_text(value),
            Accepted::Beta => self.beta(id, &value)?,
            Accepted::Dropped => {}
        }
        Ok(())
    }

    /// Reads the attribute `beta` of the root.
    fn beta(&mut self, id: NodeId, value: &str) -> Result<(), Invalid> {
        if !self.beta_allowed {
            return Err(Invalid::new(
                "Attribute \"beta\" on element \"messageML\" is only allowed when MessageMLContext is initialized \
                 with beta=true",
            ));
        }
        if !matches!(value, "true" | "false") {
            return Err(Invalid::new(
                "Attribute \"beta\" of element \"messageML\" can only be one of the following values: [true, false].",
            ));
        }
        if let Detail::Document(document) = &mut self.tree.element_mut(id).detail {
            document.beta = value == "true";
        }
        Ok(())
    }

    /// The label beside a checkbox or radio button written as `<input>`.
    fn sibling_label(&mut self, id: NodeId, siblings: &Labels<'_>) -> Result<(), Invalid> {
        let (first, several) = siblings.found();
        if several {
            return Err(Invalid::new(
                "Multiple tag label found for element input but only one is expected",
            ));
        }
        if let Some(label) = first {
            let text = siblings.text.get_or_init(|| label.text_content());
            self.labels_copied += text.len();
            if self.labels_copied > MOST_OF_LABELS {
                return Err(Invalid::new("The labels of the message are too long"));
            }
            self.tree.element_mut(id).attributes.set("label", text.clone());
        }
        Ok(())
    }

    fn validate(&mut self, id: NodeId) -> Result<(), Invalid> {
        let element = self.tree.element(id);
        let this = check::Checked { tree: &self.tree, id };
        match element.kind {
            Kind::Hash | Kind::Cash | Kind::Mention | Kind::Emoji | Kind::Tag | Kind::DateTime => {
                entities::validate(&mut self.tree, id, self.directory)
            }
            Kind::AiContext | Kind::AiStream | Kind::AiMessage | Kind::AiAttachment => {
                ai_context::validate(this)
            }
            Kind::Card
            | Kind::CardHeader
            | Kind::CardBody
            | Kind::ExpandableCard
            | Kind::ExpandableHeader
            | Kind::ExpandableBody => cards::validate(this),
            Kind::Dialog => dialog::validate(&mut self.tree, id, self.ids),
            Kind::DialogTitle | Kind::DialogBody | Kind::DialogFooter => {
                dialog::validate_part(this)
            }
            Kind::UiAction => dialog::validate_action(this),
            Kind::Form | Kind::Button => forms::validate(this),
            Kind::SelectOption => forms::choice::validate_option(this),
            kind if kind.is_control() => forms::validate(this),
            _ => text::validate(this, self.directory),
        }
    }
}
