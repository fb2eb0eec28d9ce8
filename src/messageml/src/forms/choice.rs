//! Checkboxes, radio buttons and drop-down lists.

use super::super::check::{Checked, Text};
use super::super::tree::Kind;
use super::super::{Invalid, xml};

/// The input and the label that `<div class="checkbox-group">` or `radio-group` consists of.
///
/// # Errors
///
/// For anything but the two, in either order.
pub(in super::super) fn group(
    group: xml::Element<'_>,
    kind: Kind,
) -> Result<(xml::Element<'_>, xml::Element<'_>), Invalid> {
    let invalid =
        || Invalid::new(format!("Invalid PresentationML for the \"{}\" element", kind.tag()));
    let mut parts = group.children.filter(|node| !matches!(node, xml::Node::Text(_)));
    let (input, label) = match (parts.next(), parts.next(), parts.next()) {
        (Some(xml::Node::Element(first)), Some(xml::Node::Element(second)), None) => {
            if first.name == "input" { (first, second) } else { (second, first) }
        }
        _ => return Err(invalid()),
    };
    if input.name != "input" || label.name != "label" {
        return Err(invalid());
    }
    // Without a type the reference fails in its DOM, without text it refuses the label.
    if input.attribute("type").is_none() || label.children.is_empty() {
        return Err(invalid());
    }
    Ok((input, label))
}

pub(in super::super) fn validate(this: Checked<'_>) -> Result<(), Invalid> {
    let is_checkbox = this.element().kind == Kind::Checkbox;
    this.present("name")?;
    // The two look for a blank name at different times.
    if !is_checkbox {
        this.required("name")?;
    }
    for name in ["checked", "disabled", "readonly"] {
        this.boolean(name)?;
    }
    this.children(Text::Allowed, |child| matches!(child.kind, Kind::Bold | Kind::Italic))?;
    this.required("name")
}

pub(in super::super) fn validate_select(this: Checked<'_>) -> Result<(), Invalid> {
    this.required("name")?;
    this.children(Text::Refused, |child| child.kind == Kind::SelectOption)?;
    this.contains(&[Kind::SelectOption])?;
    for name in ["required", "multiple", "disabled", "readonly", "data-auto-submit"] {
        this.boolean(name)?;
    }
    let multiple = this.element().attributes.is_true("multiple");
    if !multiple {
        for (name, kept) in [("min", "data-min"), ("max", "data-max")] {
            if this.get(kept).is_some() {
                return Err(Invalid::new(format!(
                    "Attribute \"{name}\" is not allowed. Attribute \"multiple\" missing"
                )));
            }
        }
    }
    let min = bound(this, "min", "data-min", 0)?;
    let max = bound(this, "max", "data-max", 1)?;
    if min.zip(max).is_some_and(|(min, max)| min > max) {
        return Err(Invalid::new("Attribute \"min\" is greater than attribute \"max\""));
    }
    if min == Some(0) && this.element().attributes.is_true("required") {
        return Err(Invalid::new("Attribute \"min\" cannot be 0 if \"required\" is true"));
    }
    let selected = this
        .tree
        .child_elements(this.id)
        .filter(|(_, option)| option.attributes.is_true("selected"));
    if !multiple && selected.count() > 1 {
        return Err(Invalid::new("Element \"select\" can only have one selected \"option\""));
    }
    Ok(())
}

fn bound(this: Checked<'_>, name: &str, kept: &str, least: i32) -> Result<Option<i32>, Invalid> {
    match this.get(kept).map(str::parse::<i32>) {
        None => Ok(None),
        Some(Ok(number)) if number >= least => Ok(Some(number)),
        Some(_) => {
            Err(Invalid::new(format!("Attribute \"{name}\" is not valid, it must be >= {least}")))
        }
    }
}

pub(in super::super) fn validate_option(this: Checked<'_>) -> Result<(), Invalid> {
    // An empty value is a value.
    this.present("value")?;
    this.boolean("selected")?;
    this.child_of(&[Kind::Select])?;
    this.children(Text::Allowed, |_| false)?;
    this.contains_text()
}
