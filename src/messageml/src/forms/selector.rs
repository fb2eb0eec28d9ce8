//! Selectors of people and rooms, and the old selector of dates.

use std::borrow::Cow;

use super::super::check::Checked;
use super::super::tree::Kind;
use super::super::{Invalid, json};

/// Gives the attributes of a selector in PresentationML the names they have in MessageML. Its name is `data-name`, whatever else is
/// called so.
pub(in super::super) fn rename(kind: Kind, attributes: &mut Vec<(&str, Cow<'_, str>)>) {
    const NAMES: &[(&str, &str)] = &[
        ("data-name", "name"),
        ("data-placeholder", "placeholder"),
        ("data-required", "required"),
        ("data-value", "value"),
        ("data-formnovalidate", "formnovalidate"),
    ];
    // The old selector of dates has no value.
    let names = NAMES.iter().filter(|(_, short)| kind != Kind::DateSelector || *short != "value");
    for (long, short) in names {
        let given = attributes.iter().position(|(name, _)| name == long);
        let value = match given {
            Some(at) => attributes.remove(at).1,
            None if *short == "name" => "".into(),
            None => continue,
        };
        attributes.retain(|(name, _)| name != short);
        attributes.push((short, value));
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
            _ => {
                let value = json::with_double_quotes(value);
                (value.trim() == "null" || json::strings(&value).is_ok(), "room")
            }
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
