//! Text fields and text areas.

use super::super::check::{Checked, Text};
use super::super::{Invalid, java};
use super::is_message_ml;

/// How long a pattern and its message may be, in UTF-16 units.
const MAX_PATTERN: usize = 256;

/// The pattern a text has to match, and the message for one that does not.
pub(in super::super) fn validate_pattern(this: Checked<'_>) -> Result<(), Invalid> {
    let Some(pattern) = this.get("pattern") else { return Ok(()) };
    let message_name =
        if is_message_ml(this) { "pattern-error-message" } else { "data-pattern-error-message" };
    let Some(message) = this.get(message_name) else {
        return Err(Invalid::new(format!(
            "The attribute \"{message_name}\" is mandatory when attribute \"pattern\" is defined"
        )));
    };
    for (name, value) in [("pattern", pattern), (message_name, message)] {
        if java::is_longer_than(value, MAX_PATTERN) {
            return Err(Invalid::new(format!(
                "The attribute \"{name}\" value is too long. Max length for this attribute is: {MAX_PATTERN}"
            )));
        }
    }
    if !java::regex::is_valid(pattern) {
        return Err(Invalid::new(format!("The regex \"{pattern}\" is not valid")));
    }
    Ok(())
}

pub(in super::super) fn validate_field(this: Checked<'_>) -> Result<(), Invalid> {
    this.present("name")?;
    for name in ["required", "masked", "disabled", "readonly", "data-auto-submit"] {
        this.boolean(name)?;
    }
    this.required("name")?;
    this.children(Text::Allowed, |_| false)?;
    validate_lengths(this, 1, 128)
}

pub(in super::super) fn validate_area(this: Checked<'_>) -> Result<(), Invalid> {
    this.present("name")?;
    for name in ["required", "disabled", "readonly"] {
        this.boolean(name)?;
    }
    for name in ["rows", "cols"] {
        if this.get(name).is_some_and(|value| !value.parse::<i32>().is_ok_and(|number| number >= 0))
        {
            return Err(Invalid::new(format!(
                "Attribute \"{name}\" is not valid, it must be an integer >= 0"
            )));
        }
    }
    this.required("name")?;
    this.children(Text::Allowed, |_| false)?;
    validate_lengths(this, 0, 10_000)
}

/// `minlength` and `maxlength`, which have to lie in a range, and the initial text between them.
fn validate_lengths(this: Checked<'_>, least: i32, most: i32) -> Result<(), Invalid> {
    let length = |name: &str| -> Result<Option<i32>, Invalid> {
        let Some(value) = this.get(name) else { return Ok(None) };
        let Ok(length) = value.parse::<i32>() else {
            return Err(Invalid::new(format!("The attribute \"{name}\" must be a valid number.")));
        };
        if !(least..=most).contains(&length) {
            return Err(Invalid::new(format!(
                "The attribute \"{name}\" must be between {least} and {most}"
            )));
        }
        Ok(Some(length))
    };
    let max = length("maxlength")?.unwrap_or(most);
    let min = length("minlength")?.unwrap_or(least);
    if min > max {
        return Err(Invalid::new(
            "The attribute \"minlength\" must be lower than the \"maxlength\" attribute",
        ));
    }
    if let Some(text) = this.tree.only_text(this.id) {
        let length = i32::try_from(java::length(text)).unwrap_or(i32::MAX);
        if !(min..=max).contains(&length) {
            return Err(Invalid::new(format!(
                "The length of this {}'s initial value must be between {min} and {max}",
                this.tag()
            )));
        }
    }
    Ok(())
}
