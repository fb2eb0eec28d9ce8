//! `sym-ai-context`: streams, messages and attachments that an assistant is to look at. Beta, since early 2026
//! (`finos/messageml-utils`, pull requests 421 and 424).

use std::borrow::Cow;

use super::Invalid;
use super::check::Checked;
use super::json::{Json, Object};
use super::tree::{Attributes, Detail, Kind, Node, NodeId, Tree};

const CHILDREN: [Kind; 3] = [Kind::AiStream, Kind::AiMessage, Kind::AiAttachment];

pub(super) fn validate(this: Checked<'_>) -> Result<(), Invalid> {
    match this.element().kind {
        Kind::AiContext => validate_context(this),
        Kind::AiAttachment => this.no_content(),
        _ => {
            this.no_content()?;
            match this.get("id") {
                Some(_) => Ok(()),
                None => Err(Invalid::new(format!(
                    "The attribute 'id' is required for the element '{}'.",
                    this.tag()
                ))),
            }
        }
    }
}

fn validate_context(this: Checked<'_>) -> Result<(), Invalid> {
    if !matches!(&this.tree.element(NodeId::ROOT).detail, Detail::Document(root) if root.beta) {
        return Err(Invalid::new(
            "Element \"sym-ai-context\" is only allowed when messageML has beta=\"true\"",
        ));
    }
    this.no_text()?;
    for node in this.tree.children(this.id) {
        let name = match node {
            Node::Element(_, element) if CHILDREN.contains(&element.kind) => continue,
            Node::Element(_, element) => element.kind.tag(),
            // Blanks between the elements too: the reference asks them for their tag, and they have none.
            Node::Text(_) => "null",
        };
        return Err(Invalid::new(format!(
            "Element '{name}' is not allowed in 'sym-ai-context'. Allowed elements are: [{}]",
            CHILDREN.map(Kind::tag).join(", ")
        )));
    }
    Ok(())
}

/// The entity that a context is in EntityJSON.
pub(super) fn json(tree: &Tree, id: NodeId) -> Json<'static> {
    let mut lists = [Vec::new(), Vec::new(), Vec::new()];
    for (_, element) in tree.child_elements(id) {
        let attributes = &element.attributes;
        let (list, value) = match element.kind {
            Kind::AiMessage => (0, Json::from([("id", attributes.get("id").into())])),
            Kind::AiStream => (1, stream(attributes)),
            _ => {
                let attachment = [
                    ("id", attributes.get("fileId").into()),
                    ("streamId", attributes.get("streamId").into()),
                    ("messageId", attributes.get("messageId").into()),
                ];
                (2, attachment.into())
            }
        };
        lists[list].push(value);
    }
    let [messages, streams, attachments] = lists;
    let context = [
        ("type", "com.symphony.ai.context".into()),
        ("version", "1.0".into()),
        ("messages", messages.into()),
        ("streams", streams.into()),
        ("attachments", attachments.into()),
    ];
    context.into()
}

/// A stream and the time to look at, both ends as they were written.
fn stream(attributes: &Attributes) -> Json<'static> {
    let names = ["id", "from", "to"];
    let fields = names.into_iter().filter_map(|name| Some((name, attributes.get(name)?)));
    let fields = fields.map(|(name, value)| (Cow::Borrowed(name), value.to_owned().into()));
    Json::Object(Object::from_iter(fields))
}

/// What stands for an attachment in the text of a message. The slip is the reference's.
pub(super) fn attachment_text(attributes: &Attributes) -> String {
    let written = |name| attributes.get(name).unwrap_or("null");
    format!(
        "Attachment(streamdId={}, messageId={}, fileId={})",
        written("streamId"),
        written("messageId"),
        written("fileId")
    )
}
