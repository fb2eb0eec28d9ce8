//! Dialogs and the actions that open them, or an instant message.

use std::collections::HashMap;

use super::check::{self, Checked, Text};
use super::ids::Ids;
use super::tree::{Detail, Dialog, Element, Flavour, Kind, NodeId, Tree};
use super::{Invalid, json};

/// How many people an instant message may be opened with.
const MAX_USER_IDS: usize = 15;

pub(super) fn validate(tree: &mut Tree, id: NodeId, ids: &mut Ids) -> Result<(), Invalid> {
    let this = Checked { tree, id };
    this.identifier("id")?;
    let element = tree.element_mut(id);
    for (name, default) in [("width", "medium"), ("state", "close")] {
        if element.attributes.get(name).is_none() {
            element.attributes.set(name, default);
        }
    }
    let written = element.attributes.get("id").unwrap_or_default();
    let generated_id = format!("{}-{written}", ids.next());
    element.detail = Detail::Dialog(Box::new(Dialog { generated_id }));
    let this = Checked { tree, id };
    this.one_of("width", &["small", "medium", "large", "full-width"])?;
    this.one_of("state", &["open", "close"])?;
    match tree.child_elements(id).filter(|(_, child)| child.kind == Kind::Form).count() {
        0 => validate_parts(this),
        1 => this.children(Text::Refused, |child| child.kind == Kind::Form).map_err(|_| {
            Invalid::new(
                "A \"dialog\" element can't contain a \"form\" element and any other element.",
            )
        }),
        _ => Err(Invalid::new("A \"dialog\" element can contain only one \"form\" element")),
    }
}

/// The parts of a dialog without a form.
fn validate_parts(this: Checked<'_>) -> Result<(), Invalid> {
    if this.element().flavour == Flavour::MessageMl {
        this.contains(&[Kind::DialogTitle])?;
        this.contains(&[Kind::DialogBody])?;
    } else if !this
        .tree
        .child_elements(this.id)
        .any(|(_, child)| is_part(child) && child.attributes.get("class") != Some("dialog-footer"))
    {
        return Err(check::lacks("dialog", "title,body"));
    }
    this.children(Text::Refused, part_in(this.element().flavour))
}

/// What may stand in a dialog, or in a form that fills one. In PresentationML the parts are plain `<div>`s.
pub(super) fn part_in(flavour: Flavour) -> impl Fn(&Element) -> bool {
    move |child| match flavour {
        Flavour::MessageMl => {
            matches!(child.kind, Kind::DialogTitle | Kind::DialogBody | Kind::DialogFooter)
        }
        Flavour::PresentationMl => is_part(child),
    }
}

fn is_part(element: &Element) -> bool {
    element.kind == Kind::Div
        && matches!(
            element.attributes.get("class"),
            Some("dialog-title" | "dialog-body" | "dialog-footer")
        )
}

/// The title, body or footer of a dialog.
pub(super) fn validate_part(this: Checked<'_>) -> Result<(), Invalid> {
    this.no_attributes()?;
    let mut around = this.tree.ancestors(this.id).map(|element| element.kind);
    let in_form = around.next() == Some(Kind::Form) && around.next() == Some(Kind::Dialog);
    this.child_of(if in_form { &[Kind::Form] } else { &[Kind::Dialog] })?;
    if this.tree.child_elements(this.id).any(|(_, child)| child.kind == Kind::Dialog) {
        return Err(Invalid::new(format!("{} should not contain a dialog", this.tag())));
    }
    Ok(())
}

pub(super) fn validate_action(this: Checked<'_>) -> Result<(), Invalid> {
    const INNER: &[Kind] = &[Kind::Button, Kind::UiAction];
    this.children(Text::Refused, |child| INNER.contains(&child.kind))?;
    this.contains(INNER)?;
    this.required("action")?;
    this.one_of("action", &["open-im", "open-dialog"])?;
    // The value is compared as written from here on.
    match this.get("action") {
        Some("open-im") => validate_open_im(this)?,
        Some("open-dialog") => this.identifier("target-id")?,
        _ => {}
    }
    this.one_of("trigger", &["click"])
}

fn validate_open_im(this: Checked<'_>) -> Result<(), Invalid> {
    this.boolean("side-by-side")?;
    let user_ids = match (this.get("user-ids"), this.get("stream-id")) {
        (Some(_), Some(_)) => {
            return Err(Invalid::new("Only one between \"stream-id\" and \"user-ids\" is allowed"));
        }
        (None, None) => {
            return Err(Invalid::new(
                "At least one between \"stream-id\" and \"user-ids\" should be present",
            ));
        }
        (user_ids, _) => user_ids,
    };
    let Some(user_ids) = user_ids else { return Ok(()) };
    match json::integers(user_ids) {
        Ok(Some(ids)) if ids.len() > MAX_USER_IDS => Err(Invalid::new(format!(
            "Attribute \"user-ids\" contains more values than allowed. Max value is {MAX_USER_IDS}"
        ))),
        Ok(Some(_)) => Ok(()),
        Ok(None) | Err(()) => Err(Invalid::new(
            "Attribute \"user-ids\" contains an unsupported format, should be an array of user ids",
        )),
    }
}

/// Ties every action with a target to the dialog beside it.
///
/// # Errors
///
/// When there is not exactly one such dialog.
pub(super) fn connect(tree: &mut Tree) -> Result<(), Invalid> {
    if !tree.has_actions {
        return Ok(());
    }
    let actions: Vec<(NodeId, NodeId)> = tree
        .descendants(NodeId::ROOT)
        .filter(|(_, element)| {
            element.kind == Kind::UiAction && element.attributes.get("target-id").is_some()
        })
        .map(|(id, element)| (id, element.parent))
        .collect();
    if actions.is_empty() {
        return Ok(());
    }
    // Ids are unique in a message, so that one dialog at most has the id, and its parent decides.
    let dialogs: HashMap<String, (NodeId, String)> = tree
        .descendants(NodeId::ROOT)
        .filter_map(|(_, element)| match &element.detail {
            Detail::Dialog(dialog) => {
                let id = element.attributes.get("id")?.to_owned();
                Some((id, (element.parent, dialog.generated_id.clone())))
            }
            _ => None,
        })
        .collect();
    for (id, parent) in actions {
        let attributes = &mut tree.element_mut(id).attributes;
        let dialog = attributes.get("target-id").and_then(|target| dialogs.get(target));
        match dialog {
            Some((beside, generated_id)) if *beside == parent => {
                attributes.set("target-id", generated_id.clone());
            }
            _ => {
                return Err(Invalid::new(
                    "ui-action with a target-id must have only one dialog sibling with a matching id",
                ));
            }
        }
    }
    Ok(())
}
