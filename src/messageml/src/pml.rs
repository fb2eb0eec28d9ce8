//! The tree as PresentationML, and the plain text of it.

use std::borrow::Cow;

use super::entities::{self, Entity};
use super::forms;
use super::ids::Ids;
use super::java;
use super::text;
use super::tree::{Attributes, Detail, Element, Flavour, Kind, Node, NodeId, Tree};

/// PresentationML under way, with its text content beside it.
pub(super) struct Writer<'t> {
    pub tree: &'t Tree<'t>,
    pub ids: &'t mut Ids,
    pub out: String,
    /// The text nodes of `out`, unescaped.
    pub plain: String,
}

/// An attribute to be printed.
pub(super) enum Value<'v> {
    Text(Cow<'v, str>),
    /// JSON keeps its double quotes: the attribute is put in single ones.
    Json(String),
}

/// The attributes of a tag, in the order they are printed.
pub(super) type Printed<'v> = Vec<(&'static str, Value<'v>)>;

impl<'v> From<&'v str> for Value<'v> {
    fn from(text: &'v str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl From<String> for Value<'_> {
    fn from(text: String) -> Self {
        Self::Text(Cow::Owned(text))
    }
}

/// Whether the text of an element keeps its line breaks.
#[derive(Clone, Copy, PartialEq)]
enum Breaks {
    Kept,
    MadeSpaces,
}

impl<'t> Writer<'t> {
    /// `expected` is about how many bytes the document will have.
    pub fn new(tree: &'t Tree<'t>, ids: &'t mut Ids, expected: usize) -> Self {
        let (out, plain) = (String::with_capacity(expected), String::with_capacity(expected / 4));
        Self { tree, ids, out, plain }
    }

    pub fn document(&mut self) {
        let root = self.tree.element(NodeId::ROOT);
        let version = text::version(root).unwrap_or_default();
        self.open(
            "div",
            &[("data-format", "PresentationML".into()), ("data-version", version.into())],
        );
        self.inner(NodeId::ROOT, Breaks::MadeSpaces);
        self.close("div");
    }

    /// The children of an element, their line breaks made spaces.
    pub fn children(&mut self, id: NodeId) {
        self.inner(id, Breaks::MadeSpaces);
    }

    pub fn open(&mut self, tag: &str, attributes: &[(&'static str, Value<'_>)]) {
        self.tag(tag, attributes);
        self.out.push('>');
    }

    /// An element that never has content.
    pub fn empty(&mut self, tag: &str, attributes: &[(&'static str, Value<'_>)]) {
        self.tag(tag, attributes);
        self.out.push_str("/>");
    }

    pub fn close(&mut self, tag: &str) {
        self.out.push_str("</");
        self.out.push_str(tag);
        self.out.push('>');
    }

    pub fn text(&mut self, text: &str) {
        escape(&mut self.out, text);
        self.plain.push_str(text);
    }

    /// The same with line breaks made spaces.
    fn unbroken(&mut self, text: &str) {
        if text.bytes().any(|byte| IS_CHANGED[usize::from(byte)]) {
            self.text(&without_breaks(text));
        } else {
            self.out.push_str(text);
            self.plain.push_str(text);
        }
    }

    fn tag(&mut self, tag: &str, attributes: &[(&'static str, Value<'_>)]) {
        self.out.push('<');
        self.out.push_str(tag);
        for (name, value) in attributes {
            self.out.push(' ');
            self.out.push_str(name);
            match value {
                Value::Text(text) => {
                    self.out.push_str("=\"");
                    escape(&mut self.out, text);
                    self.out.push('"');
                }
                Value::Json(json) => {
                    self.out.push_str("='");
                    for character in json.chars() {
                        match character {
                            '\'' => self.out.push_str("&apos;"),
                            '<' => self.out.push_str("&lt;"),
                            '>' => self.out.push_str("&gt;"),
                            '&' => self.out.push_str("&amp;"),
                            _ => self.out.push(character),
                        }
                    }
                    self.out.push('\'');
                }
            }
        }
    }

    fn inner(&mut self, id: NodeId, breaks: Breaks) {
        let tree = self.tree;
        let element = tree.element(id);
        let own = match element.kind {
            Kind::Code | Kind::TextArea | Kind::RichTextArea => Breaks::Kept,
            _ => breaks,
        };
        for node in tree.children(id) {
            match node {
                Node::Text(text) if own == Breaks::Kept => self.text(text),
                Node::Text(text) => self.unbroken(text),
                Node::Element(child, element) => self.element(child, element, breaks),
            }
        }
    }

    fn element(&mut self, id: NodeId, element: &'t Element<'t>, breaks: Breaks) {
        let tag = element.kind.tag();
        let attributes = &element.attributes;
        match (element.kind, &element.detail) {
            (_, Detail::Entity(entity)) => self.entity(id, element, entity, breaks),
            (Kind::LineBreak | Kind::Rule | Kind::Image, _) => self.empty(tag, &all(attributes)),
            (Kind::Preformatted, _) => self.wrap(tag, &all(attributes), id, Breaks::Kept),
            (Kind::Code, _) => {
                let language =
                    attributes.get("data-language").or_else(|| attributes.get("language"));
                let printed: Printed<'_> =
                    language.map(|name| ("data-language", name.into())).into_iter().collect();
                self.wrap(tag, &printed, id, breaks);
            }
            (Kind::Link, _) => {
                self.open(tag, &all(attributes));
                if element.is_empty() {
                    self.text(attributes.get("href").unwrap_or_default());
                } else {
                    self.inner(id, breaks);
                }
                self.close(tag);
            }
            (Kind::Chime, _) => {
                self.empty("audio", &[("src", text::CHIME.into()), ("autoplay", "true".into())])
            }
            (Kind::Card, _) => {
                let mut printed = with_class("card", attributes);
                copy(&mut printed, attributes, &["data-icon-src", "data-accent-color"]);
                self.wrap("div", &printed, id, breaks);
            }
            (Kind::ExpandableCard, _) => {
                let mut printed = with_class("expandable-card", attributes);
                copy_as(&mut printed, attributes, "state", "data-state");
                self.wrap("div", &printed, id, breaks);
            }
            (Kind::CardHeader, _) => self.wrap("div", &class("cardHeader"), id, breaks),
            (Kind::CardBody, _) => self.wrap("div", &class("cardBody"), id, breaks),
            (Kind::ExpandableHeader, _) => {
                self.wrap("div", &class("expandableCardHeader"), id, breaks)
            }
            (Kind::ExpandableBody, _) => {
                let mut printed = class("expandableCardBody");
                copy_as(&mut printed, attributes, "variant", "data-variant");
                self.wrap("div", &printed, id, breaks);
            }
            (Kind::DialogTitle, _) => self.wrap("div", &class("dialog-title"), id, breaks),
            (Kind::DialogBody, _) => self.wrap("div", &class("dialog-body"), id, breaks),
            (Kind::DialogFooter, _) => self.wrap("div", &class("dialog-footer"), id, breaks),
            (Kind::Dialog, Detail::Dialog(dialog)) => {
                let mut printed = Printed::new();
                copy_as(&mut printed, attributes, "width", "data-width");
                copy_as(&mut printed, attributes, "state", "data-state");
                printed.push(("id", dialog.generated_id.as_str().into()));
                if element.flavour == Flavour::MessageMl || attributes.get("open").is_some() {
                    printed.push(("open", "".into()));
                }
                self.wrap(tag, &printed, id, breaks);
            }
            (Kind::UiAction, _) => {
                let mut printed = class("ui-action");
                for (name, printed_as) in [
                    ("action", "data-action"),
                    ("trigger", "data-trigger"),
                    ("user-ids", "data-user-ids"),
                    ("stream-id", "data-stream-id"),
                    ("side-by-side", "data-side-by-side"),
                    ("target-id", "data-target-id"),
                ] {
                    copy_as(&mut printed, attributes, name, printed_as);
                }
                self.wrap("div", &printed, id, breaks);
            }
            (Kind::Form, _) => {
                let mut printed = Printed::new();
                copy(&mut printed, attributes, &["id"]);
                copy_as(&mut printed, attributes, "multi-submit", "data-multi-submit");
                self.wrap(tag, &printed, id, breaks);
            }
            (Kind::Button, _) => self.wrap(tag, &forms::print::button(element), id, breaks),
            (kind, _) if kind.is_control() => forms::print::control(self, id, element),
            _ if attributes.is_empty() => self.wrap(tag, &[], id, breaks),
            _ => self.wrap(tag, &all(attributes), id, breaks),
        }
    }

    fn wrap(
        &mut self,
        tag: &str,
        attributes: &[(&'static str, Value<'_>)],
        id: NodeId,
        breaks: Breaks,
    ) {
        self.open(tag, attributes);
        self.inner(id, breaks);
        self.close(tag);
    }

    fn entity(&mut self, id: NodeId, element: &'t Element<'t>, entity: &'t Entity, breaks: Breaks) {
        let key = entities::id(element, entity);
        let value = entities::text(element, entity);
        if element.kind == Kind::DateTime {
            let mut printed: Printed<'_> =
                vec![("data-entity-id", key.into()), ("datetime", value.as_str().into())];
            copy_as(&mut printed, &element.attributes, "format", "data-format");
            self.open("span", &[]);
            self.open("time", &printed);
            self.text(&value);
            self.close("time");
            self.close("span");
            return;
        }
        if element.kind == Kind::Mention && entities::user_id(element, entity).is_none() {
            self.unknown_user(id, element, breaks);
            return;
        }
        self.open(entity.printed_as, &[("class", "entity".into()), ("data-entity-id", key.into())]);
        if element.kind == Kind::Emoji && !element.is_empty() {
            self.inner(id, breaks);
        } else {
            self.text(&value);
        }
        self.close(entity.printed_as);
    }

    /// A mention of somebody outside the directory, of whom only the address is known.
    fn unknown_user(&mut self, id: NodeId, element: &'t Element<'t>, breaks: Breaks) {
        let Some(email) = element.attributes.get("email") else { return };
        let address = format!("mailto:{email}");
        if java::uri::scheme(&address).is_err() {
            self.text(email);
            return;
        }
        self.open("a", &[("href", address.into())]);
        if element.is_empty() {
            self.text(email);
        } else {
            self.inner(id, breaks);
        }
        self.close("a");
    }
}

/// The bytes of a text that PresentationML writes as something else.
const IS_CHANGED: [bool; 256] = byte_set(b"<>&\"\n");

/// Which bytes are among these.
pub(super) const fn byte_set(bytes: &[u8]) -> [bool; 256] {
    let mut set = [false; 256];
    let mut at = 0;
    while at < bytes.len() {
        set[bytes[at] as usize] = true;
        at += 1;
    }
    set
}

/// Runs of line breaks as one space each; other blanks stay.
pub(super) fn without_breaks(text: &str) -> Cow<'_, str> {
    if !text.bytes().any(|byte| byte == b'\n') {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut broken = false;
    for character in text.chars() {
        if character != '\n' {
            out.push(character);
        } else if !broken {
            out.push(' ');
        }
        broken = character == '\n';
    }
    Cow::Owned(out)
}

fn escape(out: &mut String, text: &str) {
    let mut rest = text;
    while let Some(at) = rest.bytes().position(|byte| matches!(byte, b'<' | b'>' | b'&' | b'"')) {
        out.push_str(&rest[..at]);
        out.push_str(match rest.as_bytes()[at] {
            b'<' => "&lt;",
            b'>' => "&gt;",
            b'&' => "&amp;",
            _ => "&quot;",
        });
        rest = &rest[at + 1..];
    }
    out.push_str(rest);
}

fn all<'v>(attributes: &'v Attributes<'v>) -> Printed<'v> {
    attributes.iter().map(|(name, value)| (name, value.into())).collect()
}

pub(super) fn class(name: &'static str) -> Printed<'static> {
    vec![("class", name.into())]
}

fn with_class<'v>(name: &'static str, attributes: &'v Attributes<'v>) -> Printed<'v> {
    match attributes.get("class") {
        Some(more) => vec![("class", format!("{name} {more}").into())],
        None => class(name),
    }
}

/// Copies those of the attributes that are there.
pub(super) fn copy<'v>(
    printed: &mut Printed<'v>,
    attributes: &'v Attributes<'v>,
    names: &[&'static str],
) {
    for name in names {
        copy_as(printed, attributes, name, name);
    }
}

pub(super) fn copy_as<'v>(
    printed: &mut Printed<'v>,
    attributes: &'v Attributes<'v>,
    name: &str,
    printed_as: &'static str,
) {
    if let Some(value) = attributes.get(name) {
        printed.push((printed_as, value.into()));
    }
}
