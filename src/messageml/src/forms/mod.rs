//! Forms: the form itself, its buttons, and what all controls have in common.

pub(super) mod choice;
mod interval_json;
pub(super) mod picker;
pub(super) mod print;
pub(super) mod selector;
pub(super) mod text_input;

use super::check::{Checked, Text};
use super::dialog;
use super::tree::{Flavour, Kind};
use super::{Invalid, java};

/// How many checkboxes a form may have, and how many radio buttons.
const MAX_CHOICES: usize = 50;

/// How long a label and a tooltip may be, in UTF-16 units.
const MAX_LABEL: usize = 256;

pub(super) fn validate(this: Checked<'_>) -> Result<(), Invalid> {
    let kind = this.element().kind;
    match kind {
        Kind::Form => return validate_form(this),
        Kind::Button => return validate_button(this),
        _ => {}
    }
    if matches!(kind, Kind::TextField | Kind::TextArea | Kind::RichTextArea) {
        text_input::validate_pattern(this)?;
    }
    for name in ["label", "title"] {
        if this.get(name).is_some_and(|text| java::is_longer_than(text, MAX_LABEL)) {
            return Err(Invalid::new(format!(
                "The attribute {name} value is too long. Max length is: {MAX_LABEL}"
            )));
        }
    }
    this.boolean("formnovalidate")?;
    this.boolean("data-formnovalidate")?;
    this.inside(&[Kind::Form])?;
    match kind {
        Kind::TextField => text_input::validate_field(this),
        Kind::TextArea | Kind::RichTextArea => text_input::validate_area(this),
        Kind::Checkbox | Kind::Radio => choice::validate(this),
        Kind::Select => choice::validate_select(this),
        Kind::PersonSelector | Kind::RoomSelector | Kind::DateSelector => selector::validate(this),
        Kind::DatePicker => picker::validate_date(this),
        Kind::TimePicker => picker::validate_time(this),
        _ => picker::validate_timezone(this),
    }
}

fn validate_form(this: Checked<'_>) -> Result<(), Invalid> {
    let Checked { tree, id } = this;
    if tree.ancestors(id).any(|element| element.kind == Kind::Form) {
        return Err(Invalid::new(
            "Element \"form\" cannot be an inner child of the following elements: [form]",
        ));
    }
    let (mut checkboxes, mut radios, mut action) = (0, 0, false);
    for (_, element) in tree.descendants(id) {
        match element.kind {
            Kind::Checkbox => checkboxes += 1,
            Kind::Radio => radios += 1,
            Kind::Button => action |= element.attributes.get("type") == Some("action"),
            _ => {}
        }
    }
    if checkboxes > MAX_CHOICES || radios > MAX_CHOICES {
        return Err(Invalid::new(format!(
            "Element \"form\" cannot have more than {MAX_CHOICES} children of the following elements: [checkbox, \
             radio]."
        )));
    }
    this.required("id")?;
    if tree.parent_kind(id) == Kind::Dialog {
        this.children(Text::Refused, dialog::part_in(this.element().flavour))?;
    } else if !action {
        return Err(Invalid::new(format!(
            "The form with id '{}' should have at least one action button",
            this.get("id").unwrap_or_default()
        )));
    }
    this.at_most("multi-submit", 64)?;
    this.one_of("multi-submit", &["reset", "no-reset"])
}

fn validate_button(this: Checked<'_>) -> Result<(), Invalid> {
    const CLASSES: &[&str] = &[
        "primary",
        "secondary",
        "tertiary",
        "destructive",
        "primary-destructive",
        "secondary-destructive",
        "primary-link",
        "destructive-link",
    ];
    this.inside(&[Kind::Form, Kind::UiAction])?;
    if this.get("class").is_some_and(|class| !CLASSES.contains(&class)) {
        return Err(Invalid::new(
            "Attribute \"class\" must be \"primary\", \"secondary\", \"tertiary\" or \"destructive\" \
             (\"primary-destructive\" and \"secondary-destructive\" are deprecated)",
        ));
    }
    let name = this.get("name");
    if this.tree.parent_kind(this.id) == Kind::UiAction {
        if this.get("type").is_some() || name.is_some() {
            return Err(Invalid::new(
                "Attributes \"type\" and \"name\" are not allowed on a button inside a UIAction.",
            ));
        }
        return Ok(());
    }
    let nameless = name.is_none_or(java::is_blank);
    match this.get("type") {
        Some("action") if nameless => {
            return Err(Invalid::new("Attribute \"name\" is required for action buttons"));
        }
        Some("cancel") if nameless => {
            return Err(Invalid::new("Attribute \"name\" is required for cancel buttons"));
        }
        Some("reset") if name.is_some() => {
            return Err(Invalid::new("Attribute \"name\" is allowed for action buttons only"));
        }
        Some("action" | "cancel" | "reset") => {}
        _ => {
            return Err(Invalid::new(
                "Attribute \"type\" must be \"action\", \"reset\" or \"cancel\"",
            ));
        }
    }
    this.children(Text::Allowed, |_| false)?;
    this.contains_text()
}

/// Whether an element speaks MessageML: attributes of the two languages differ in name.
fn is_message_ml(this: Checked<'_>) -> bool {
    this.element().flavour == Flavour::MessageMl
}
