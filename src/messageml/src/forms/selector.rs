//! Selectors of people and rooms, and the old selector of dates.

use std::borrow::Cow;

use super::super::check::Checked;
use super::super::tree::Kind;
use super::super::{Invalid, json};

/// Gives the attributes of a selector written as `<div>` the names they have in MessageML.
pub(in super::super) fn rename(attributes: &mut Vec<(&str, Cow<'_, str>)>) {
    const NAMES: &[(&str, &str)] = &[
        ("data-name", "name"),
        ("data-placeholder", "placeholder"),
        ("data-required", "required"),
        ("data-value", "value"),
        ("data-formnovalidate", "formnovalidate"),
    ];
    for (name, _) in attributes.iter_mut() {
        if let Some((_, short)) = NAMES.iter().find(|(long, _)| long == name) {
            *name = short;
        }
    }
    attributes.sort_by_key(|(name, _)| *name);
}

pub(in super::super) fn validate(this: Checked<'_>) -> Result<(), Invalid> {
    this.present("name")?;
    let kind = this.element().kind;
    if kind == Kind::DateSelector {
        this.required("name")?;
    }
    this.boolean("required")?;
    if let Some(value) = this.get("value") {
        let (valid, what) = match kind {
            Kind::PersonSelector => (json::integers(value).is_ok(), "user"),
            _ => (json::strings(&json::with_double_quotes(value)).is_ok(), "room"),
        };
        if !valid {
            return Err(Invalid::new(format!(
                "Attribute \"value\" contains an unsupported format, should be an array of {what} ids"
            )));
        }
    }
    this.no_content()?;
    this.required("name")
}
