//! From XML to the tree: which element a tag makes, in which order its parts are looked at.
//!
//! An element is made, given its attributes in the order of their names, given its children, each complete and valid
//! first, and validated last. That order decides which of several errors a bot is told.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use super::attributes::{self, Accepted};
use super::check::{self, attribute_not_allowed};
use super::directory::Directory;
use super::entities::{self, Entity};
use super::entity_json::Index;
use super::ids::Ids;
use super::tree::{Detail, Flavour, Kind, NodeId, Tree};
use super::{Invalid, cards, dialog, forms, java, style, text, xml};

/// Builds the tree of a document whose root element is `root`.
///
/// # Errors
///
/// The first thing in the document that is not MessageML.
pub(super) fn build(
    root: &xml::Element,
    flavour: Flavour,
    version: Option<&str>,
    index: Index<'_>,
    directory: &dyn Directory,
    ids: &mut Ids,
) -> Result<Tree, Invalid> {
    let mut builder = Builder {
        tree: Tree::new(flavour),
        flavour,
        index,
        directory,
        ids,
        entities: 0,
        labels: HashMap::new(),
        unique_ids: HashSet::new(),
    };
    for attribute in &root.attributes {
        builder.attribute(NodeId::ROOT, &attribute.name, &attribute.value)?;
    }
    builder.children(NodeId::ROOT, &root.children)?;
    let mut tree = builder.tree;
    let root = tree.element_mut(NodeId::ROOT);
    let version = root.attributes.get("data-version").or(version).map(str::to_owned);
    root.detail = Detail::Document { version };
    Ok(tree)
}

struct Builder<'a> {
    tree: Tree,
    /// The language of the document.
    flavour: Flavour,
    index: Index<'a>,
    directory: &'a dyn Directory,
    ids: &'a mut Ids,
    /// How many entities were generated: all kinds count together.
    entities: u32,
    /// Labels and tooltips by the id of the control they belong to.
    labels: HashMap<String, Labelling>,
    /// Ids of forms and dialogs.
    unique_ids: HashSet<String>,
}

#[derive(Debug, Default)]
struct Labelling {
    label: Option<String>,
    title: Option<String>,
}

/// The `<label>` elements among siblings, looked for once for all of them.
#[derive(Clone, Copy)]
struct Labels<'x> {
    first: Option<&'x xml::Element>,
    several: bool,
}

impl<'x> Labels<'x> {
    fn among(nodes: &'x [xml::Node]) -> Self {
        let mut labels = nodes.iter().filter_map(|node| match node {
            xml::Node::Element(element) if element.name == "label" => Some(element),
            _ => None,
        });
        Self { first: labels.next(), several: labels.next().is_some() }
    }
}

/// An element about to be built.
struct New<'x> {
    kind: Kind,
    flavour: Flavour,
    detail: Detail,
    /// The attributes in place of those written, where the two differ.
    attributes: Option<Vec<(&'x str, Cow<'x, str>)>>,
    children: &'x [xml::Node],
}

impl<'x> New<'x> {
    fn of(kind: Kind, flavour: Flavour, element: &'x xml::Element) -> Self {
        Self { kind, flavour, detail: Detail::None, attributes: None, children: &element.children }
    }
}

/// What a tag turns out to be.
enum Made<'x> {
    Element(New<'x>),
    /// Only its children count.
    Transparent,
    /// It said something about another element.
    Nothing,
}

impl Builder<'_> {
    fn children(&mut self, parent: NodeId, nodes: &[xml::Node]) -> Result<(), Invalid> {
        let labels = Labels::among(nodes);
        for node in nodes {
            match node {
                xml::Node::Text(text) => self.tree.add_text(parent, text.clone()),
                xml::Node::Element(element) => self.element(parent, labels, element)?,
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
        siblings: Labels<'_>,
        element: &xml::Element,
    ) -> Result<(), Invalid> {
        let new = match self.make(parent, element)? {
            Made::Element(new) => new,
            Made::Transparent => return self.children(parent, &element.children),
            Made::Nothing => return Ok(()),
        };
        let kind = new.kind;
        let id = self.tree.add(parent, kind, new.flavour, new.detail);
        self.defaults(id);
        let is_input = element.name == "input";
        if is_input && kind == Kind::TextField && !new.children.is_empty() {
            return Err(check::no_content(kind.tag()));
        }
        match new.attributes {
            Some(attributes) => {
                attributes.iter().try_for_each(|(name, value)| self.attribute(id, name, value))?;
            }
            None => {
                for attribute in &element.attributes {
                    self.attribute(id, &attribute.name, &attribute.value)?;
                }
            }
        }
        if matches!(kind, Kind::Checkbox | Kind::Radio) {
            if is_input {
                self.sibling_label(id, siblings)?;
            } else if element.name == "div" {
                self.sibling_label(id, Labels::among(&element.children))?;
            }
        }
        self.children(id, new.children)?;
        self.validate(id)?;
        if matches!(kind, Kind::Form | Kind::Dialog) {
            let written = self.tree.element(id).attributes.get("id").unwrap_or_default();
            if !self.unique_ids.insert(written.to_owned()) {
                return Err(Invalid::new(format!(
                    "Elements must have unique ids. The following value is not unique: [{written}]."
                )));
            }
        }
        self.tree.attach(id);
        Ok(())
    }

    fn make<'x>(&mut self, parent: NodeId, element: &'x xml::Element) -> Result<Made<'x>, Invalid> {
        let name = element.name.as_str();
        if self.flavour == Flavour::PresentationMl && is_shorthand(name) {
            return Err(Invalid::new(format!(
                "Shorthand tag \"{name}\" is not allowed in PresentationML"
            )));
        }
        let pml = Flavour::PresentationMl;
        match name {
            "div" => return self.make_div(element),
            "span" => return self.make_span(element),
            "label" => {
                let id = split_id(element, "for")?;
                let labelling = self.labels.entry(id.to_owned()).or_default();
                if labelling.label.is_some() {
                    return Err(Invalid::new(
                        "Invalid MessageML content, multiple splittable elements with the same id created",
                    ));
                }
                labelling.label = Some(element.text_content());
                return Ok(Made::Nothing);
            }
            "input" => return make_input(element).map(Made::Element),
            "chime" | "audio" => {
                if parent != NodeId::ROOT {
                    return Err(Invalid::new(
                        "Element \"chime\" has to be the only element in the message.",
                    ));
                }
                return Ok(Made::Element(New::of(Kind::Chime, pml, element)));
            }
            _ => {}
        }
        let Some(kind) = self.kind_of(parent, name) else {
            return Err(Invalid::new(format!("Invalid MessageML content at element \"{name}\"")));
        };
        let flavour = match kind {
            Kind::Hash | Kind::Cash | Kind::Mention | Kind::Emoji | Kind::Tag | Kind::DateTime => {
                Flavour::MessageMl
            }
            Kind::Select | Kind::SelectOption => pml,
            _ if speaks_the_documents_language(kind) => self.flavour,
            _ => pml,
        };
        let mut new = New::of(kind, flavour, element);
        if let Some(prefix) = entities::id_prefix(kind) {
            self.entities += 1;
            new.detail = Detail::Entity(Entity::new(format!("{prefix}{}", self.entities), "span"));
        }
        Ok(Made::Element(new))
    }

    /// The kind of element a tag names, where the name and the surroundings are enough to know.
    fn kind_of(&self, parent: NodeId, name: &str) -> Option<Kind> {
        let around = self.tree.element(parent);
        Some(match name {
            "header" if around.kind == Kind::ExpandableCard => Kind::ExpandableHeader,
            "header" => Kind::CardHeader,
            "body"
                if around.kind == Kind::Dialog || self.tree.parent_kind(parent) == Kind::Dialog =>
            {
                Kind::DialogBody
            }
            "body" if around.kind == Kind::ExpandableCard => Kind::ExpandableBody,
            "body" => Kind::CardBody,
            _ => simple_kind(name)?,
        })
    }

    fn make_span<'x>(&mut self, element: &'x xml::Element) -> Result<Made<'x>, Invalid> {
        let class = element.attribute("class").unwrap_or_default();
        let is_tooltip = class == "info-hint"
            && element.attribute("data-target-id").is_some()
            && element.attribute("data-title").is_some();
        if is_tooltip {
            let id = split_id(element, "data-target-id")?;
            let title = split_id(element, "data-title")?;
            self.labels.entry(id.to_owned()).or_default().title = Some(title.to_owned());
            return Ok(Made::Nothing);
        }
        if has_token(class, "entity") {
            return self.make_entity(element, Kind::Span, "span");
        }
        Ok(Made::Element(New::of(Kind::Span, Flavour::PresentationMl, element)))
    }

    fn make_div<'x>(&self, element: &'x xml::Element) -> Result<Made<'x>, Invalid> {
        if element.attribute("data-generated").is_some() {
            return Ok(Made::Transparent);
        }
        let class = element.attribute("class").unwrap_or_default();
        if has_token(class, "entity") {
            return self.make_entity(element, Kind::Div, "div");
        }
        let found = DIV_CLASSES.iter().find(|(token, _)| has_token(class, token));
        let Some((token, kind)) = found else {
            return Ok(Made::Element(New::of(Kind::Div, Flavour::PresentationMl, element)));
        };
        let mut new = New::of(*kind, Flavour::PresentationMl, element);
        match kind {
            Kind::Checkbox | Kind::Radio => {
                let (input, label) = forms::choice::group(element, *kind)?;
                new.attributes = Some(without(input, "type"));
                new.children = &label.children;
            }
            _ => {
                let mut attributes = without_token(element, "class", token);
                if matches!(kind, Kind::PersonSelector | Kind::RoomSelector | Kind::DateSelector) {
                    forms::selector::rename(&mut attributes);
                }
                new.attributes = Some(attributes);
            }
        }
        Ok(Made::Element(new))
    }

    /// A `<span>` or `<div>` whose class says that EntityJSON describes it.
    fn make_entity<'x>(
        &self,
        element: &'x xml::Element,
        plain: Kind,
        printed_as: &'static str,
    ) -> Result<Made<'x>, Invalid> {
        let value = self.index.entity(element.attribute("data-entity-id"))?;
        let Some((kind, text)) = entities::known(value) else {
            return Ok(Made::Element(New::of(plain, Flavour::PresentationMl, element)));
        };
        let mut new = New::of(kind, Flavour::PresentationMl, element);
        new.detail = Detail::Entity(Entity::new(text, printed_as));
        Ok(Made::Element(new))
    }

    /// Attributes an element has before any is read.
    fn defaults(&mut self, id: NodeId) {
        let in_action = self.tree.parent_kind(id) == Kind::UiAction;
        let written_as_html = self.tree.element(id).flavour == Flavour::PresentationMl;
        let element = self.tree.element_mut(id);
        match (element.kind, &mut element.detail) {
            (Kind::Button, _) if !in_action => element.attributes.set("type", "action".to_owned()),
            (Kind::UiAction, _) => element.attributes.set("trigger", "click".to_owned()),
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

    fn attribute(&mut self, id: NodeId, name: &str, value: &str) -> Result<(), Invalid> {
        let element = self.tree.element_mut(id);
        let Some(accepted) = attributes::accepted(element.kind, element.flavour, name) else {
            return Err(attribute_not_allowed(name, element.kind.tag()));
        };
        match accepted {
            Accepted::As(name) => {
                let value = match (element.kind, name) {
                    // The deprecated spelling of a colour.
                    (Kind::Button, "class") => value.strip_suffix("-destructive").unwrap_or(value),
                    _ => value,
                };
                element.attributes.set(name, value.to_owned());
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
                style::check(value)?;
                element.attributes.set("style", value.to_owned());
            }
            Accepted::Uri => {
                if java::uri::scheme(value).is_err() {
                    return Err(Invalid::new(format!(
                        "Invalid input: null must be a URI value not \"{value}\""
                    )));
                }
                element.attributes.set("href", value.to_owned());
            }
            Accepted::LabelledBy => {
                if let Some(Labelling { label, title }) = self.labels.get(value) {
                    for (name, text) in [("label", label), ("title", title)] {
                        if let Some(text) = text {
                            element.attributes.set(name, text.clone());
                        }
                    }
                }
            }
            Accepted::InitialValue => self.tree.add_text(id, value.to_owned()),
            Accepted::Dropped => {}
        }
        Ok(())
    }

    /// The label beside a checkbox or radio button written as `<input>`.
    fn sibling_label(&mut self, id: NodeId, siblings: Labels<'_>) -> Result<(), Invalid> {
        if siblings.several {
            return Err(Invalid::new(
                "Multiple tag label found for element input but only one is expected",
            ));
        }
        if let Some(label) = siblings.first {
            self.tree.element_mut(id).attributes.set("label", label.text_content());
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

fn make_input(element: &xml::Element) -> Result<New<'_>, Invalid> {
    const TYPES: &[(&str, Kind)] = &[
        ("text", Kind::TextField),
        ("checkbox", Kind::Checkbox),
        ("radio", Kind::Radio),
        ("date", Kind::DatePicker),
        ("time", Kind::TimePicker),
    ];
    let types = element.attribute("type").unwrap_or_default();
    let Some((token, kind)) = TYPES.iter().find(|(token, _)| has_token(types, token)) else {
        return Err(Invalid::new(format!(
            "The input type \"{types}\" is not allowed on PresentationML"
        )));
    };
    let mut new = New::of(*kind, Flavour::PresentationMl, element);
    match kind {
        Kind::TextField => new.attributes = Some(without_token(element, "type", token)),
        Kind::Checkbox | Kind::Radio => {
            new.attributes = Some(without(element, "type"));
            new.children = &[];
        }
        _ => {}
    }
    Ok(new)
}

/// What a class of a `<div>` makes of it, in the order of precedence.
const DIV_CLASSES: &[(&str, Kind)] = &[
    ("card", Kind::Card),
    ("cardBody", Kind::CardBody),
    ("cardHeader", Kind::CardHeader),
    ("expandable-card", Kind::ExpandableCard),
    ("expandableCardBody", Kind::ExpandableBody),
    ("expandableCardHeader", Kind::ExpandableHeader),
    ("person-selector", Kind::PersonSelector),
    ("room-selector", Kind::RoomSelector),
    ("date-selector", Kind::DateSelector),
    ("checkbox-group", Kind::Checkbox),
    ("radio-group", Kind::Radio),
    ("ui-action", Kind::UiAction),
    ("timezone-picker", Kind::TimezonePicker),
];

/// The tags that stand for one kind of element wherever they are.
fn simple_kind(name: &str) -> Option<Kind> {
    const KINDS: &[Kind] = &[
        Kind::Paragraph,
        Kind::Bold,
        Kind::Italic,
        Kind::Subscript,
        Kind::Superscript,
        Kind::Heading(1),
        Kind::Heading(2),
        Kind::Heading(3),
        Kind::Heading(4),
        Kind::Heading(5),
        Kind::Heading(6),
        Kind::Preformatted,
        Kind::Code,
        Kind::LineBreak,
        Kind::Rule,
        Kind::Image,
        Kind::Link,
        Kind::BulletList,
        Kind::OrderedList,
        Kind::ListItem,
        Kind::Table,
        Kind::TableHead,
        Kind::TableBody,
        Kind::TableFoot,
        Kind::Row,
        Kind::HeaderCell,
        Kind::Cell,
        Kind::Hash,
        Kind::Cash,
        Kind::Mention,
        Kind::Emoji,
        Kind::Tag,
        Kind::DateTime,
        Kind::Card,
        Kind::ExpandableCard,
        Kind::Form,
        Kind::Button,
        Kind::TextField,
        Kind::TextArea,
        Kind::RichTextArea,
        Kind::Checkbox,
        Kind::Radio,
        Kind::Select,
        Kind::SelectOption,
        Kind::PersonSelector,
        Kind::RoomSelector,
        Kind::DateSelector,
        Kind::DatePicker,
        Kind::TimePicker,
        Kind::TimezonePicker,
        Kind::UiAction,
        Kind::Dialog,
        Kind::DialogTitle,
        Kind::DialogFooter,
    ];
    KINDS.iter().copied().find(|kind| kind.tag() == name)
}

/// Tags that stand for something longer in PresentationML and are refused there.
fn is_shorthand(tag: &str) -> bool {
    matches!(
        tag,
        "chime" | "hash" | "cash" | "mention" | "card" | "expandable-card" | "header" | "body"
    )
}

/// Elements that take MessageML's attributes in MessageML and PresentationML's in PresentationML.
fn speaks_the_documents_language(kind: Kind) -> bool {
    kind.is_control()
        || matches!(
            kind,
            Kind::Form
                | Kind::Button
                | Kind::Card
                | Kind::CardHeader
                | Kind::CardBody
                | Kind::ExpandableCard
                | Kind::ExpandableHeader
                | Kind::ExpandableBody
                | Kind::UiAction
                | Kind::Dialog
                | Kind::DialogTitle
                | Kind::DialogBody
                | Kind::DialogFooter
        )
}

fn split_id<'x>(element: &'x xml::Element, name: &str) -> Result<&'x str, Invalid> {
    // The reference names the attribute it looked for where an element belongs, and always the same attribute.
    element.attribute(name).filter(|value| !value.is_empty()).ok_or_else(|| {
        Invalid::new(format!(
            "Invalid MessageML content at element \"{name}\": 'data-target-id' attribute missing or empty"
        ))
    })
}

fn has_token(list: &str, token: &str) -> bool {
    list.split_ascii_whitespace().any(|word| word == token)
}

/// The attributes except one.
fn without<'x>(element: &'x xml::Element, name: &str) -> Vec<(&'x str, Cow<'x, str>)> {
    element
        .attributes
        .iter()
        .filter(|attribute| attribute.name != name)
        .map(|attribute| (attribute.name.as_str(), Cow::Borrowed(attribute.value.as_str())))
        .collect()
}

/// The attributes with one word taken out of a list of words, and without the list if nothing is left of it.
fn without_token<'x>(
    element: &'x xml::Element,
    list: &str,
    token: &str,
) -> Vec<(&'x str, Cow<'x, str>)> {
    let mut attributes: Vec<(&str, Cow<'_, str>)> = element
        .attributes
        .iter()
        .map(|attribute| (attribute.name.as_str(), Cow::Borrowed(attribute.value.as_str())))
        .collect();
    for (name, value) in &mut attributes {
        if *name == list {
            let kept: Vec<&str> = value
                .split_ascii_whitespace()
                .filter(|word| !word.eq_ignore_ascii_case(token))
                .collect();
            *value = Cow::Owned(kept.join(" "));
        }
    }
    attributes.retain(|(name, value)| *name != list || !value.is_empty());
    attributes
}
