//! Writing Markdown.

use serde_json::{Map, Value, json};

use super::super::entities::{self, Entity};
use super::super::java;
use super::super::pml::{byte_set, without_breaks};
use super::super::tree::{Element, Kind};
use super::{Document, Md, MdNode, unknown_user};

/// Markdown under way.
pub(super) struct Renderer<'d> {
    document: &'d Document<'d>,
    pub out: String,
    /// UTF-16 units of the first `counted` bytes of `out`.
    units: usize,
    counted: usize,
    /// Links, mentions, hashtags and times by the name of their list.
    pub found: Map<String, Value>,
    /// Inside preformatted text.
    keep_breaks: bool,
    /// Depth of the bulleted list around, if there is one.
    bullets: Option<usize>,
    /// Next number of the numbered list around, if there is one. It wins over a bulleted one.
    numbers: Option<usize>,
    number_depth: usize,
}

impl<'d> Renderer<'d> {
    pub fn new(document: &'d Document<'d>, expected: usize) -> Self {
        Self {
            document,
            out: String::with_capacity(expected),
            units: 0,
            counted: 0,
            found: Map::new(),
            keep_breaks: false,
            bullets: None,
            numbers: None,
            number_depth: 0,
        }
    }

    pub fn document(&mut self) {
        self.children(0);
    }

    fn children(&mut self, id: usize) {
        let document = self.document;
        for child in document.children(id) {
            self.node(child);
        }
    }

    fn node(&mut self, id: usize) {
        let node = &self.document.nodes[id];
        match &node.md {
            Md::Document => self.children(id),
            Md::Paragraph => {
                self.double();
                if node.end > id + 1 {
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
            Md::Control(control) => {
                let (name, shown) = &**control;
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
            Md::Link(link) => self.link(&link.0, link.1),
            Md::Entity(element, entity) => self.entity(element, entity),
        }
    }

    fn in_item(&self, node: &MdNode<'_>) -> bool {
        matches!(self.document.nodes[node.parent].md, Md::Item)
    }

    fn is_last(&self, id: usize) -> bool {
        let parent = self.document.nodes[id].parent;
        self.document.nodes[parent].end == self.document.nodes[id].end
    }

    fn item(&mut self, id: usize) {
        if let Some(number) = self.numbers {
            let indent = "  ".repeat(self.number_depth);
            self.write(&format!("{indent}{number}. "));
            self.children(id);
            self.line();
            // A bulleted list in the item has counted on: it does not keep the number for itself.
            self.numbers = self.numbers.map(|number| number + 1);
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
        for child in document.children(id) {
            match &document.nodes[child].md {
                Md::Text(text) => self.text(text),
                Md::Entity(element, entity) if is_nobody(element, entity) => {
                    self.text(unknown_user(element));
                }
                _ => self.texts(child),
            }
        }
    }

    fn text(&mut self, text: &str) {
        if !text.bytes().any(|byte| IS_CHANGED[usize::from(byte)]) {
            self.write(text);
        } else if self.keep_breaks {
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
            _ if is_nobody(element, entity) => {
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
        if !text.bytes().any(|byte| matches!(byte, b'_' | b'*' | b'-' | b'+' | b'`')) {
            self.write(text);
            return;
        }
        let row =
            text.trim_matches(|c: char| matches!(c, ' ' | '\t' | '\n' | '\u{b}' | '\u{c}' | '\r'));
        let is_row = row.starts_with(SIGNS) && row.chars().all(|c| row.starts_with(c));
        if is_row {
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

/// The bytes of a text that Markdown may write as something else.
const IS_CHANGED: [bool; 256] = byte_set(b"_*-+`\n");

/// Whether it is a mention of somebody whom the directory does not know: a mere text.
fn is_nobody(element: &Element, entity: &Entity) -> bool {
    element.kind == Kind::Mention && entity.user.is_none()
}
