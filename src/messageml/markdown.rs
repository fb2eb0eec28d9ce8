//! The text form of a message: Markdown, with the places of links, mentions, hashtags and times in it.
//!
//! The elements become nodes first, and some become none: their children belong to the element around them. Blocks
//! cannot stand inside inline nodes and are left out there with all they hold.

use serde_json::{Map, Value, json};

use super::entities::{self, Entity};
use super::java;
use super::pml::without_breaks;
use super::tree::{Attributes, Detail, Element, Kind, Node, NodeId, Tree};

/// The Markdown of a message, and the "entities" object of Symphony's first API version: what was found where, in
/// UTF-16 units of the Markdown.
pub(super) fn render(tree: &Tree) -> (String, Map<String, Value>) {
    let mut document =
        Document { nodes: vec![MdNode { md: Md::Document, parent: 0, children: Vec::new() }] };
    document.add_children(tree, NodeId::ROOT, 0);
    let mut renderer = Renderer {
        document: &document,
        out: String::new(),
        units: 0,
        counted: 0,
        found: Map::new(),
        keep_breaks: false,
        bullets: None,
        numbers: None,
        number_depth: 0,
    };
    renderer.children(0);
    (renderer.out, renderer.found)
}

/// A kind of Markdown node.
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
        label: String,
    },
    /// Any other control, with what it shows in brackets.
    Control {
        name: &'static str,
        shown: String,
    },
    Text(&'t str),
    /// Bold, italic and the like, between two equal signs.
    Delimited(&'static str),
    Break,
    Link {
        title: String,
        href: &'t str,
    },
    Entity(&'t Element, &'t Entity),
}

impl Md<'_> {
    fn is_inline(&self) -> bool {
        matches!(
            self,
            Self::Text(_) | Self::Delimited(_) | Self::Break | Self::Link { .. } | Self::Entity(..)
        )
    }
}

struct MdNode<'t> {
    md: Md<'t>,
    parent: usize,
    children: Vec<usize>,
}

struct Document<'t> {
    nodes: Vec<MdNode<'t>>,
}

impl<'t> Document<'t> {
    fn add_children(&mut self, tree: &'t Tree, id: NodeId, parent: usize) {
        for (child, node) in tree.children(id) {
            match node {
                Node::Text(text) => {
                    self.add(parent, Md::Text(text));
                }
                Node::Element(element) => match md(tree, child, element) {
                    None => self.add_children(tree, child, parent),
                    Some(md) => {
                        // These show a text of their own instead of their children.
                        let opaque = matches!(
                            md,
                            Md::Link { .. }
                                | Md::Entity(..)
                                | Md::Choice { .. }
                                | Md::Control { .. }
                        );
                        if let Some(added) = self.add(parent, md) {
                            if element.kind == Kind::Rule {
                                self.add(added, Md::Text("---"));
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
    }

    /// Adds a node unless it is a block in an inline node.
    fn add(&mut self, parent: usize, md: Md<'t>) -> Option<usize> {
        if self.nodes[parent].md.is_inline() && !md.is_inline() {
            return None;
        }
        let id = self.nodes.len();
        self.nodes.push(MdNode { md, parent, children: Vec::new() });
        self.nodes[parent].children.push(id);
        Some(id)
    }
}

/// The node an element becomes.
fn md<'t>(tree: &'t Tree, id: NodeId, element: &'t Element) -> Option<Md<'t>> {
    let attributes = &element.attributes;
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
            Md::Link { title: text_of(tree, id), href: attributes.get("href").unwrap_or_default() }
        }
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
            let label = if element.children.len() == 1 { text_of(tree, id) } else { String::new() };
            Md::Choice { label }
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
            Md::Control { name: "Date Picker", shown }
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
    Md::Control { name, shown }
}

/// The text of an element where no markup can be: a link, a checkbox.
fn text_of(tree: &Tree, id: NodeId) -> String {
    let mut text = String::new();
    for (child, node) in tree.children(id) {
        match node {
            Node::Text(characters) => text.push_str(characters),
            Node::Element(element) => match (element.kind, &element.detail) {
                (Kind::Paragraph | Kind::LineBreak | Kind::Rule, _) => text.push('\n'),
                (Kind::DateTime, _) => {}
                (Kind::Emoji, _) if !element.children.is_empty() => {
                    text.push_str(&text_of(tree, child))
                }
                (Kind::Mention, Detail::Entity(entity)) if entity.user.is_none() => {
                    text.push_str(unknown_user(element));
                }
                (_, Detail::Entity(entity)) => text.push_str(&entities::text(element, entity)),
                _ => text.push_str(&text_of(tree, child)),
            },
        }
    }
    text
}

/// What is shown for a mention of somebody the pod does not know.
fn unknown_user(element: &Element) -> &str {
    let attributes = &element.attributes;
    attributes.get("email").or_else(|| attributes.get("uid")).unwrap_or_default()
}

struct Renderer<'d> {
    document: &'d Document<'d>,
    out: String,
    /// UTF-16 units of the first `counted` bytes of `out`.
    units: usize,
    counted: usize,
    found: Map<String, Value>,
    /// Inside preformatted text.
    keep_breaks: bool,
    /// Depth of the bulleted list around, if there is one.
    bullets: Option<usize>,
    /// Next number of the numbered list around, if there is one. It wins over a bulleted one.
    numbers: Option<usize>,
    number_depth: usize,
}

impl<'d> Renderer<'d> {
    fn children(&mut self, id: usize) {
        let document = self.document;
        for child in &document.nodes[id].children {
            self.node(*child);
        }
    }

    fn node(&mut self, id: usize) {
        let node = &self.document.nodes[id];
        match &node.md {
            Md::Document => self.children(id),
            Md::Paragraph => {
                self.double();
                if !node.children.is_empty() {
                    self.children(id);
                    self.double();
                }
            }
            Md::BulletList => {
                let (outer, nested) = (self.bullets, self.in_item(node));
                self.line();
                self.bullets = Some(outer.unwrap_or_default() + usize::from(nested));
                self.children(id);
                self.line();
                self.bullets = outer;
                self.line();
            }
            Md::OrderedList => {
                let (outer, depth, nested) = (self.numbers, self.number_depth, self.in_item(node));
                self.line();
                self.number_depth += usize::from(nested);
                self.numbers = Some(1);
                self.children(id);
                self.line();
                self.numbers = outer;
                self.number_depth = depth;
                self.line();
            }
            Md::Item => self.item(id),
            Md::Fence { language } => {
                self.line();
                self.write("```");
                self.write(language);
                self.line();
                self.texts(id);
                self.line();
                self.write("```");
                self.line();
            }
            Md::Preformatted => {
                self.keep_breaks = true;
                self.write("\n");
                self.children(id);
                self.write("\n");
                self.line();
                self.keep_breaks = false;
            }
            Md::Table | Md::Form => {
                self.write("\n   \n");
                self.children(id);
                self.write("\n   \n");
            }
            Md::Row => {
                self.children(id);
                if !self.is_last(id) {
                    self.write("\n");
                }
            }
            Md::Cell => {
                self.children(id);
                if !self.is_last(id) {
                    self.write("   ");
                }
            }
            Md::Dialog => {
                self.write("---\n**Dialog**\n");
                self.children(id);
                self.write("---\n");
            }
            Md::Button => {
                // The colon is there even if nothing follows.
                self.write("(Button:");
                self.children(id);
                self.write(")");
            }
            Md::Select { label } => {
                self.write(" ");
                self.escaped(if java::is_blank(label) { "" } else { label });
                self.write(" \n");
                self.children(id);
            }
            Md::Option => {
                self.write("-");
                self.children(id);
                self.write("\n");
            }
            Md::Choice { label } => {
                self.write(" ");
                self.escaped(if java::is_blank(label) { "" } else { label });
                self.write(" ");
            }
            Md::Control { name, shown } => {
                self.write("(");
                self.write(name);
                self.escaped(shown);
                self.write(")");
            }
            Md::Text(text) => self.text(text),
            Md::Delimited(sign) => {
                self.write(sign);
                self.children(id);
                self.write(sign);
            }
            Md::Break => self.line(),
            Md::Link { title, href } => self.link(title, href),
            Md::Entity(element, entity) => self.entity(element, entity),
        }
    }

    fn in_item(&self, node: &MdNode<'_>) -> bool {
        matches!(self.document.nodes[node.parent].md, Md::Item)
    }

    fn is_last(&self, id: usize) -> bool {
        let parent = self.document.nodes[id].parent;
        self.document.nodes[parent].children.last() == Some(&id)
    }

    fn item(&mut self, id: usize) {
        if let Some(number) = self.numbers {
            let indent = "  ".repeat(self.number_depth);
            self.write(&format!("{indent}{number}. "));
            self.children(id);
            self.line();
            self.numbers = Some(number + 1);
        } else {
            self.write(&"  ".repeat(self.bullets.unwrap_or_default()));
            self.write("- ");
            self.children(id);
            self.line();
        }
    }

    /// The texts below a node, of everything else nothing.
    fn texts(&mut self, id: usize) {
        let document = self.document;
        for child in &document.nodes[id].children {
            match &document.nodes[*child].md {
                Md::Text(text) => self.text(text),
                _ => self.texts(*child),
            }
        }
    }

    fn text(&mut self, text: &str) {
        if self.keep_breaks {
            self.escaped(text);
        } else {
            self.escaped(&without_breaks(text));
        }
    }

    fn link(&mut self, title: &str, href: &str) {
        let title = if java::is_blank(title) { href } else { title };
        let start = self.position();
        self.write(&format!("[ {title} ]({href})"));
        let end = self.position();
        self.record(
            "urls",
            json!({
                "id": href, "type": "URL", "indexEnd": end, "indexStart": start, "text": title, "expandedUrl": href,
            }),
        );
    }

    fn entity(&mut self, element: &Element, entity: &Entity) {
        let attribute = |name| element.attributes.get(name).unwrap_or_default();
        let (text, list, mut record) = match (element.kind, &entity.user) {
            (Kind::Emoji, _) => {
                self.write(&format!(":{}:", attribute("shortcode")));
                return;
            }
            (Kind::Mention, None) => {
                self.text(unknown_user(element));
                return;
            }
            (Kind::Mention, Some(user)) => {
                let text = entities::text(element, entity);
                let record = json!({
                    "id": user.id, "screenName": user.screen_name, "prettyName": user.display_name, "text": text,
                    "indexStart": 0, "indexEnd": 0, "userType": "lc", "type": "USER_FOLLOW",
                });
                (text, "userMentions", record)
            }
            (Kind::DateTime, _) => {
                let mut record = json!({
                    "id": entity.id, "text": attribute("value"), "indexStart": 0, "indexEnd": 0,
                    "type": "DATE_TIME", "value": attribute("value"),
                });
                if let Some(format) = element.attributes.get("format") {
                    record["format"] = format.into();
                }
                (attribute("value").to_owned(), "datetimes", record)
            }
            _ => {
                let text = entities::text(element, entity);
                let record = json!({
                    "id": text, "text": text, "indexStart": 0, "indexEnd": 0, "type": "KEYWORD",
                });
                (text, "hashtags", record)
            }
        };
        record["indexStart"] = self.position().into();
        self.write(&text);
        record["indexEnd"] = self.position().into();
        self.record(list, record);
    }

    fn record(&mut self, list: &str, record: Value) {
        if let Value::Array(records) = self.found.entry(list).or_insert_with(|| json!([])) {
            records.push(record);
        }
    }

    /// Length of the output so far in UTF-16 units, counted from where it was counted last.
    fn position(&mut self) -> usize {
        self.units += java::length(&self.out[self.counted..]);
        self.counted = self.out.len();
        self.units
    }

    fn write(&mut self, text: &str) {
        self.out.push_str(text);
    }

    /// Ends the line unless the output stands at the beginning of one.
    fn line(&mut self) {
        if !self.out.is_empty() && !self.out.ends_with('\n') {
            self.out.push('\n');
        }
    }

    /// Ends the line, and leaves one empty, under the same condition.
    fn double(&mut self) {
        if !self.out.is_empty() && !self.out.ends_with('\n') {
            self.out.push_str("\n\n");
        }
    }

    /// Writes text with a backslash before Markdown's signs, unless it is a mere row of one of them.
    fn escaped(&mut self, text: &str) {
        const SIGNS: [char; 5] = ['_', '*', '-', '+', '`'];
        let row =
            text.trim_matches(|c: char| matches!(c, ' ' | '\t' | '\n' | '\u{b}' | '\u{c}' | '\r'));
        let is_row = row.starts_with(SIGNS) && row.chars().all(|c| row.starts_with(c));
        if is_row || !text.contains(SIGNS) {
            self.write(text);
            return;
        }
        for character in text.chars() {
            if SIGNS.contains(&character) {
                self.out.push('\\');
            }
            self.out.push(character);
        }
    }
}
