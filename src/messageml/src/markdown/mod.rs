//! The text form of a message: Markdown, with the places of links, mentions, hashtags and times in it.
//!
//! The elements become nodes first, and some become none: their children belong to the element around them. Blocks
//! cannot stand inside inline nodes and are left out there with all they hold.

mod render;

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::ai_context;
use super::entities::{self, Entity};
use super::tree::{Attributes, Detail, Element, Kind, Node, NodeId, Tree};
use render::Renderer;

/// The Markdown of a message, and the "entities" object of Symphony's first API version: what was found where, in
/// UTF-16 units of the Markdown. `expected` is about how many bytes it will have.
pub(super) fn render(tree: &Tree<'_>, expected: usize) -> (String, Map<String, Value>) {
    let mut document = Document { nodes: Vec::with_capacity(tree.size() + 1) };
    document.nodes.push(MdNode { md: Md::Document, parent: 0, end: 1 });
    document.add_children(tree, NodeId::ROOT, 0);
    let mut renderer = Renderer::new(&document, expected);
    renderer.document();
    (renderer.out, renderer.found)
}

/// A kind of Markdown node. There are many nodes: what few of them have is behind a pointer.
enum Md<'t> {
    Document,
    Paragraph,
    BulletList,
    OrderedList,
    Item,
    Fence {
        language: &'t str,
    },
    Preformatted,
    Table,
    Row,
    Cell,
    Form,
    Dialog,
    Button,
    Select {
        label: &'t str,
    },
    Option,
    /// A checkbox or radio button.
    Choice {
        label: Box<str>,
    },
    /// Any other control, with what it shows in brackets.
    Control(Box<(&'static str, String)>),
    Text(Cow<'t, str>),
    /// Bold, italic and the like, between two equal signs.
    Delimited(&'static str),
    Break,
    /// With its title and its address.
    Link(Box<(String, &'t str)>),
    Entity(&'t Element<'t>, &'t Entity),
}

impl Md<'_> {
    fn is_inline(&self) -> bool {
        matches!(
            self,
            Self::Text(_) | Self::Delimited(_) | Self::Break | Self::Link(_) | Self::Entity(..)
        )
    }
}

struct MdNode<'t> {
    md: Md<'t>,
    parent: usize,
    /// The node behind all that is in this one.
    end: usize,
}

/// The nodes in document order: what is in a node follows it.
struct Document<'t> {
    nodes: Vec<MdNode<'t>>,
}

impl<'t> Document<'t> {
    fn children(&self, id: usize) -> impl Iterator<Item = usize> {
        let (mut next, end) = (id + 1, self.nodes[id].end);
        std::iter::from_fn(move || {
            let child = next;
            next = self.nodes[..end].get(child)?.end;
            Some(child)
        })
    }

    /// Adds what is in an element to a node that only its own children follow yet.
    fn add_children(&mut self, tree: &'t Tree<'t>, id: NodeId, parent: usize) {
        for node in tree.children(id) {
            match node {
                Node::Text(text) => {
                    self.add(parent, Md::Text(text.into()));
                }
                Node::Element(child, element) => match md(tree, child, element) {
                    None => self.add_children(tree, child, parent),
                    Some(md) => {
                        // These show a text of their own instead of their children. So do entities and links, but code
                        // shows what is in them.
                        let opaque = matches!(md, Md::Choice { .. } | Md::Control(_));
                        if let Some(added) = self.add(parent, md) {
                            if element.kind == Kind::Rule {
                                self.add(added, Md::Text("---".into()));
                                self.nodes[added].end = self.nodes.len();
                            } else if !opaque {
                                self.add_children(tree, child, added);
                            }
                        }
                    }
                },
            }
            if matches!(self.nodes[parent].md, Md::Dialog) {
                self.add(parent, Md::Break);
            }
        }
        self.nodes[parent].end = self.nodes.len();
    }

    /// Adds a node unless it is a block in an inline node.
    fn add(&mut self, parent: usize, md: Md<'t>) -> Option<usize> {
        if self.nodes[parent].md.is_inline() && !md.is_inline() {
            return None;
        }
        let id = self.nodes.len();
        self.nodes.push(MdNode { md, parent, end: id + 1 });
        Some(id)
    }
}

/// The node an element becomes.
fn md<'t>(tree: &'t Tree<'t>, id: NodeId, element: &'t Element<'t>) -> Option<Md<'t>> {
    let attributes = &element.attributes;
    if element.kind == Kind::AiContext {
        return None;
    }
    if let Detail::Entity(entity) = &element.detail {
        return Some(Md::Entity(element, entity));
    }
    Some(match element.kind {
        Kind::Paragraph
        | Kind::Div
        | Kind::Rule
        | Kind::CardHeader
        | Kind::CardBody
        | Kind::ExpandableHeader
        | Kind::ExpandableBody
        | Kind::DialogTitle
        | Kind::DialogBody
        | Kind::DialogFooter => Md::Paragraph,
        Kind::Bold | Kind::Heading(_) => Md::Delimited("**"),
        Kind::Italic => Md::Delimited("_"),
        Kind::Subscript => Md::Delimited("~"),
        Kind::Superscript => Md::Delimited("^"),
        Kind::LineBreak => Md::Break,
        Kind::Link => {
            Md::Link(Box::new((text_of(tree, id), attributes.get("href").unwrap_or_default())))
        }
        Kind::AiAttachment => Md::Text(ai_context::attachment_text(attributes).into()),
        Kind::BulletList => Md::BulletList,
        Kind::OrderedList => Md::OrderedList,
        Kind::ListItem => Md::Item,
        Kind::Code => {
            let language = attributes.get("data-language").or_else(|| attributes.get("language"));
            Md::Fence { language: language.unwrap_or_default() }
        }
        Kind::Preformatted => Md::Preformatted,
        Kind::Table => Md::Table,
        Kind::Row => Md::Row,
        Kind::HeaderCell | Kind::Cell => Md::Cell,
        Kind::Form => Md::Form,
        Kind::Dialog => Md::Dialog,
        Kind::Button => Md::Button,
        Kind::Select => Md::Select { label: attributes.get("label").unwrap_or_default() },
        Kind::SelectOption => Md::Option,
        Kind::Checkbox | Kind::Radio => {
            let label =
                if tree.children(id).count() == 1 { text_of(tree, id) } else { String::new() };
            Md::Choice { label: label.into() }
        }
        Kind::TextField => control("Text Field", attributes, tree.only_text(id)),
        Kind::TextArea => control("Text Area", attributes, tree.only_text(id)),
        Kind::RichTextArea => control("Rich Text Area", attributes, tree.only_text(id)),
        Kind::PersonSelector => control("Person Selector", attributes, None),
        Kind::RoomSelector => control("Room Selector", attributes, None),
        Kind::DateSelector => control("Date Selector", attributes, None),
        Kind::TimePicker => control("Time Picker", attributes, None),
        Kind::TimezonePicker => control("Timezone Picker", attributes, None),
        Kind::DatePicker => {
            let shown: Vec<&str> = ["label", "title", "placeholder"]
                .into_iter()
                .filter_map(|name| attributes.get(name))
                .filter(|text| !text.is_empty())
                .collect();
            let shown =
                if shown.is_empty() { String::new() } else { format!(":[{}]", shown.join("][")) };
            Md::Control(Box::new(("Date Picker", shown)))
        }
        _ => return None,
    })
}

fn control<'t>(name: &'static str, attributes: &Attributes, initial: Option<&str>) -> Md<'t> {
    let mut shown = String::new();
    let placeholder = attributes.get("placeholder").or_else(|| attributes.get("data-placeholder"));
    for text in
        [placeholder, attributes.get("label"), attributes.get("title")].into_iter().flatten()
    {
        shown.push_str(if shown.is_empty() { ":[" } else { "[" });
        shown.push_str(text);
        shown.push(']');
    }
    if let Some(initial) = initial {
        if shown.is_empty() {
            shown.push(':');
        }
        shown.push_str(initial);
    }
    Md::Control(Box::new((name, shown)))
}

/// The text of an element where no markup can be: a link, a checkbox.
fn text_of(tree: &Tree, id: NodeId) -> String {
    let mut text = String::new();
    add_text_of(tree, id, &mut text);
    text
}

fn add_text_of(tree: &Tree, id: NodeId, text: &mut String) {
    for node in tree.children(id) {
        match node {
            Node::Text(characters) => text.push_str(characters),
            Node::Element(child, element) => match (element.kind, &element.detail) {
                (Kind::Paragraph | Kind::LineBreak | Kind::Rule, _) => text.push('\n'),
                (Kind::DateTime, _) => {}
                (Kind::Emoji, _) if !element.is_empty() => add_text_of(tree, child, text),
                (Kind::Mention, Detail::Entity(entity)) if entity.user.is_none() => {
                    text.push_str(unknown_user(element));
                }
                (_, Detail::Entity(entity)) => text.push_str(&entities::text(element, entity)),
                _ => add_text_of(tree, child, text),
            },
        }
    }
}

/// What is shown for a mention of somebody whom the directory does not know.
fn unknown_user<'e>(element: &'e Element<'e>) -> &'e str {
    let attributes = &element.attributes;
    attributes.get("email").or_else(|| attributes.get("uid")).unwrap_or_default()
}
