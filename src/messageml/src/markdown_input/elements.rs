//! The elements that Markdown makes, and the EntityJSON of the entities among them.

use std::borrow::Cow;

use super::super::entities::{self, Entity};
use super::super::json::Object;
use super::super::tree::{self, Detail, Flavour, Kind, NodeId, Tree};
use super::super::{Directory, Invalid, text};
use super::blocks::{Block, Document};
use super::inlines;
use super::nodes::{Inline, Nodes};
use super::{Budget, MAX_DEPTH, scan};

struct Builder<'b> {
    tree: Tree<'static>,
    /// EntityJSON.
    entity_json: Object<'static>,
    document: &'b Document,
    budget: &'b mut Budget,
    directory: &'b dyn Directory,
    entities: usize,
}

pub(super) fn tree(
    document: &Document,
    budget: &mut Budget,
    directory: &dyn Directory,
) -> Result<(Tree<'static>, Object<'static>), Invalid> {
    let tree = Tree::new(Flavour::PresentationMl, document.nodes.len());
    let entity_json = Object::default();
    let mut builder = Builder { tree, entity_json, document, budget, directory, entities: 0 };
    let root = tree::Document { version: Some("2.0".to_owned()), beta: false };
    builder.tree.element_mut(NodeId::ROOT).detail = Detail::Document(Box::new(root));
    builder.blocks(0, NodeId::ROOT)?;
    builder.tree.complete(NodeId::ROOT);
    Ok((builder.tree, builder.entity_json))
}

impl Builder<'_> {
    fn add(&mut self, parent: NodeId, kind: Kind) -> NodeId {
        self.tree.add(parent, kind, Flavour::MessageMl, Detail::None)
    }

    /// An element with nothing but a text in it, or with nothing at all.
    fn leaf(&mut self, parent: NodeId, kind: Kind, text: Option<String>) -> NodeId {
        let id = self.add(parent, kind);
        if let Some(text) = text {
            self.tree.add_text(text);
        }
        self.tree.complete(id);
        id
    }

    fn blocks(&mut self, id: usize, parent: NodeId) -> Result<(), Invalid> {
        let document = self.document;
        for (index, child) in document.nodes[id].children.iter().enumerate() {
            let kind = match &document.nodes[*child].block {
                Block::List { mark } if Block::is_ordered(*mark) => Kind::OrderedList,
                Block::List { .. } => Kind::BulletList,
                Block::Item { .. } => Kind::ListItem,
                Block::Document | Block::Quote => {
                    self.blocks(*child, parent)?;
                    continue;
                }
                Block::Rule | Block::Definition => continue,
                Block::Fence { mark: '`', length: 3, info, text, .. } => {
                    let id = self.leaf(parent, Kind::Code, Some(scan::trimmed(text).to_owned()));
                    if let Some(language) = info.as_ref().filter(|info| !info.is_empty()) {
                        self.tree.element_mut(id).attributes.set("data-language", language.clone());
                    }
                    continue;
                }
                Block::Fence { mark, length, text, .. } => {
                    let fence = mark.to_string().repeat(*length);
                    self.tree.add_text(format!("{fence}{}{fence}", scan::trimmed(text)));
                    continue;
                }
                Block::Paragraph(paragraph) => {
                    let around = self.tree.element(parent).kind;
                    if around != Kind::ListItem && (around != Kind::Root || index > 0) {
                        self.leaf(parent, Kind::LineBreak, None);
                    }
                    let nodes =
                        inlines::parse(&paragraph.text, &document.definitions, self.budget)?;
                    self.inlines(&nodes, 0, parent, 0)?;
                    continue;
                }
            };
            let element = self.add(parent, kind);
            self.blocks(*child, element)?;
            self.tree.complete(element);
        }
        Ok(())
    }

    fn inlines(
        &mut self,
        nodes: &Nodes,
        id: usize,
        parent: NodeId,
        depth: usize,
    ) -> Result<(), Invalid> {
        if depth > MAX_DEPTH {
            return Err(Invalid::new("The message is nested too deeply"));
        }
        let mut next = nodes.0[id].first;
        while let Some(child) = next {
            next = nodes.0[child].next;
            let element = match &nodes.0[child].inline {
                Inline::Text(text) | Inline::Html(text) => {
                    self.tree.add_text(text.clone());
                    continue;
                }
                Inline::LineEnd => continue,
                Inline::Paragraph | Inline::Image => {
                    self.inlines(nodes, child, parent, depth + 1)?;
                    continue;
                }
                Inline::Code(code) => {
                    self.leaf(parent, Kind::Code, Some(scan::trimmed(code).to_owned()));
                    continue;
                }
                Inline::Break => {
                    self.leaf(parent, Kind::LineBreak, None);
                    continue;
                }
                Inline::Keyword(keyword) => {
                    self.keyword(parent, keyword);
                    continue;
                }
                Inline::Mention(user) => {
                    self.mention(parent, *user)?;
                    continue;
                }
                Inline::Table(rows) => {
                    let table = self.add(parent, Kind::Table);
                    for cells in rows {
                        let row = self.add(table, Kind::Row);
                        for cell in cells {
                            self.leaf(row, Kind::Cell, Some(cell.clone()));
                        }
                        self.tree.complete(row);
                    }
                    self.tree.complete(table);
                    continue;
                }
                Inline::Italic => self.add(parent, Kind::Italic),
                Inline::Bold => self.add(parent, Kind::Bold),
                Inline::Link(destination) => {
                    if text::validate_address(destination, self.directory).is_err() {
                        self.tree.add_text(destination.clone());
                        self.unseen(nodes, child, depth)?;
                        continue;
                    }
                    let link = self.add(parent, Kind::Link);
                    self.tree.element_mut(link).attributes.set("href", destination.clone());
                    link
                }
            };
            self.inlines(nodes, child, element, depth + 1)?;
            self.tree.complete(element);
        }
        Ok(())
    }

    /// What is in a link to nowhere: the entities are described all the same.
    fn unseen(&mut self, nodes: &Nodes, id: usize, depth: usize) -> Result<(), Invalid> {
        let seen = std::mem::replace(&mut self.tree, Tree::new(Flavour::PresentationMl, 0));
        let result = self.inlines(nodes, id, NodeId::ROOT, depth + 1);
        self.tree = seen;
        result
    }

    fn entity(&mut self, parent: NodeId, kind: Kind, name: &'static str, value: String) -> NodeId {
        self.entities += 1;
        let prefix = entities::id_prefix(kind).unwrap_or_default();
        let entity = Entity::boxed(format!("{prefix}{}", self.entities), "span");
        let id = self.tree.add(parent, kind, Flavour::MessageMl, Detail::Entity(entity));
        self.tree.element_mut(id).attributes.set(name, value);
        self.tree.complete(id);
        id
    }

    /// A word behind `#` or `$`; of one behind another sign nothing is seen.
    fn keyword(&mut self, parent: NodeId, keyword: &str) {
        if let Some(tag) = keyword.strip_prefix('#') {
            let id = self.entity(parent, Kind::Hash, "tag", tag.to_owned());
            self.describe(id);
        } else if let Some(tag) = keyword.strip_prefix('$') {
            let id = self.entity(parent, Kind::Cash, "tag", tag.to_owned());
            self.describe(id);
        }
    }

    /// A mention of somebody, who need not exist.
    fn mention(&mut self, parent: NodeId, user: i64) -> Result<(), Invalid> {
        let id = self.entity(parent, Kind::Mention, "uid", user.to_string());
        self.tree.element_mut(id).attributes.set("strict", "false");
        entities::validate(&mut self.tree, id, self.directory)?;
        self.describe(id);
        Ok(())
    }

    /// Puts an entity into the EntityJSON.
    fn describe(&mut self, id: NodeId) {
        let element = self.tree.element(id);
        let Detail::Entity(entity) = &element.detail else { return };
        if let Some(value) = entities::json(element, entity) {
            self.entity_json.insert(Cow::Owned(entity.id.clone()), value);
        }
    }
}
