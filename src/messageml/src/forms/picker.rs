//! Pickers of dates, times and time zones.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::super::check::Checked;
use super::super::{Invalid, java, json};
use super::interval_json::{self, Class};
use super::is_message_ml;

/// How long lists of dates, times and zones may be, in UTF-16 units.
const MAX_LIST: usize = 1024;

pub(in super::super) fn validate_date(this: Checked<'_>) -> Result<(), Invalid> {
    this.required("name")?;
    this.at_most("name", 64)?;
    this.date("value")?;
    this.boolean("required")?;
    this.date("min")?;
    this.date("max")?;
    this.boolean("disabled")?;
    this.boolean("readonly")?;
    for name in ["disabled-date", "highlighted-date"] {
        if let Some(value) = this.get(name) {
            intervals(name, value, Interval::Date)?;
        }
    }
    if let Some(format) = this.get("format") {
        this.at_most("format", 64)?;
        // The range from the space to the colon is the reference's: a hyphen was meant.
        let known = |c: char| matches!(c, '0'..='9' | 'M' | 'd' | 'y' | '/' | '.' | ' '..=':');
        if format.is_empty() || !format.chars().all(known) {
            return Err(Invalid::new(
                "Attribute \"format\" contains an unsupported date format, only 'M', 'd' and 'y' are supported with \
                 a space or '.','-','/',':' as separator",
            ));
        }
        if !java::time::is_date_pattern(format) {
            return Err(Invalid::new("Attribute \"format\" contains an invalid date format"));
        }
    }
    this.at_most("title", 64)?;
    this.at_most("label", 64)
}

pub(in super::super) fn validate_time(this: Checked<'_>) -> Result<(), Invalid> {
    this.required("name")?;
    this.at_most("name", 64)?;
    this.at_most("placeholder", 64)?;
    if let Some(value) = this.get("disabled-time") {
        intervals("disabled-time", value, Interval::Time)?;
    }
    if let Some(step) = this.get("step") {
        match step.parse::<i32>() {
            Ok(600..=43_200) => {}
            Ok(_) => {
                return Err(Invalid::new(
                    "Attribute \"step\" must be less than \"43200\" and more than \"600\".",
                ));
            }
            Err(_) => return Err(Invalid::new("Attribute \"step\" should be a number.")),
        }
    }
    if let Some(format) = this.get("format") {
        this.at_most("format", 64)?;
        if format.is_empty() || !format.chars().all(|c| "hHmsa: ".contains(c)) {
            return Err(Invalid::new(
                "Attribute \"format\" contains an unsupported time format, only 'h', 'm' 's' and 'a' are supported \
                 with ':' or space as separator",
            ));
        }
        if !java::time::is_time_pattern(format) {
            return Err(Invalid::new("Attribute \"format\" contains an invalid time format"));
        }
    }
    for name in ["min", "max", "value"] {
        this.time(name)?;
    }
    for name in ["required", "strict", "disabled", "readonly"] {
        this.boolean(name)?;
    }
    Ok(())
}

pub(in super::super) fn validate_timezone(this: Checked<'_>) -> Result<(), Invalid> {
    this.required(if is_message_ml(this) { "name" } else { "data-name" })?;
    this.boolean("required")?;
    if let Some(value) = this.get("value").filter(|value| !value.is_empty()) {
        check_zone("value", value)?;
    }
    this.at_most("disabled-timezone", MAX_LIST)?;
    if let Some(zones) = this.get("disabled-timezone") {
        for zone in zones_of(zones)? {
            check_zone("disabled-timezone", zone.as_deref().unwrap_or_default())?;
        }
    }
    // The reference parses this one only when it prints, and fails there.
    if let Some(zones) = this.get("data-disabled-timezone") {
        zones_of(zones)?;
    }
    Ok(())
}

fn check_zone(name: &str, zone: &str) -> Result<(), Invalid> {
    if java::time::is_zone(zone) {
        return Ok(());
    }
    Err(Invalid::new(format!("Attribute \"{name}\" contains an invalid timezone: {zone}")))
}

fn zones_of(text: &str) -> Result<Vec<Option<String>>, Invalid> {
    json::strings(text).map_err(|()| {
        Invalid::new(
            "Error parsing json in attribute \"disabled-timezone\". It should contain an array of Strings",
        )
    })
}

/// The zones of a valid `disabled-timezone`.
pub(in super::super) fn zones(text: &str) -> Vec<String> {
    json::strings(text).unwrap_or_default().into_iter().flatten().collect()
}

/// The zones of a `disabled-timezone` as they are printed.
pub(in super::super) fn print_zones(text: &str) -> String {
    let zones = json::strings(text).unwrap_or_default();
    Value::from_iter(zones.into_iter().map(Value::from)).to_string()
}

/// The intervals of a valid list as they are printed: with their type, in one order, without blanks.
pub(in super::super) fn print_intervals(name: &str, text: &str) -> String {
    let kind = if name == "disabled-time" { Interval::Time } else { Interval::Date };
    intervals(name, text, kind).unwrap_or_default().to_string()
}

#[derive(Clone, Copy, PartialEq)]
enum Interval {
    Date,
    Time,
}

impl Interval {
    /// The fields it may have, in the order they are printed.
    fn fields(self) -> &'static [&'static str] {
        match self {
            Self::Date => &["day", "from", "to", "daysOfWeek"],
            Self::Time => &["time", "from", "to"],
        }
    }

    /// The same in the order in which the original names them.
    fn known(self) -> &'static [&'static str] {
        match self {
            Self::Date => &["from", "to", "day", "daysOfWeek"],
            Self::Time => &["from", "to", "time"],
        }
    }

    fn class(self) -> &'static str {
        match self {
            Self::Date => "org.finos.symphony.messageml.messagemlutils.util.pojo.DateInterval",
            Self::Time => "org.finos.symphony.messageml.messagemlutils.util.pojo.TimeInterval",
        }
    }
}

/// Reads a list of intervals and gives each its type.
///
/// # Errors
///
/// For anything that is no list of intervals of this kind.
fn intervals(name: &str, text: &str, kind: Interval) -> Result<Value, Invalid> {
    if java::is_longer_than(text, MAX_LIST) {
        return Err(Invalid::new(format!(
            "Attribute \"{name}\" exceed maximum allowed length ({MAX_LIST})"
        )));
    }
    let class = Class { name: kind.class(), fields: kind.known() };
    if let Some(fault) = interval_json::fault(text, class) {
        return Err(Invalid::new(format!("Error parsing json in attribute \"{name}\": {fault}")));
    }
    // What Jackson takes and the original falls over.
    let none = || Invalid::new(format!("Error parsing json in attribute \"{name}\": null"));
    let Ok(Value::Array(items)) = json::first_owned(text) else {
        return Err(none());
    };
    // All are read before the first is judged.
    let mut read = Vec::with_capacity(items.len());
    for item in items {
        let Value::Object(mut fields) = item else { return Err(none()) };
        if let Some(days) = fields.get_mut("daysOfWeek").filter(|days| !days.is_null()) {
            *days = whole_days(days).ok_or_else(none)?;
        }
        read.push(fields);
    }
    read.iter().map(|fields| typed(fields, kind)).collect()
}

/// Days of the week as whole numbers, by Jackson's coercions.
fn whole_days(days: &Value) -> Option<Value> {
    let days = days.as_array()?.iter().map(|day| json::integer(day).ok().flatten());
    days.map(|day| day.map(Value::from)).collect()
}

/// An interval with its type in front.
fn typed(fields: &Map<String, Value>, kind: Interval) -> Result<Value, Invalid> {
    let text = |name: &str| match fields.get(name) {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) => Some(Cow::Borrowed(text.as_str())),
        Some(other) => Some(Cow::Owned(other.to_string())),
    };
    let days = fields.get("daysOfWeek").filter(|days| !days.is_null());
    let single = if kind == Interval::Date { "day" } else { "time" };
    let (name, checked) = match (text(single), text("from"), text("to"), days) {
        (Some(one), None, None, None) => {
            (if kind == Interval::Date { "date" } else { "time" }, vec![one])
        }
        (None, Some(from), Some(to), None) => ("range", vec![from, to]),
        (None, None, None, Some(_)) => ("weekdays", Vec::new()),
        _ => {
            let what = if kind == Interval::Date { "Date" } else { "Time" };
            return Err(Invalid::new(format!("{what} interval 'type' is unknown or null")));
        }
    };
    for value in checked {
        match kind {
            Interval::Date if !java::time::is_date(&value) => {
                return Err(Invalid::new(format!(
                    "\"{value}\" is not a valid date in ISO_8601 format"
                )));
            }
            Interval::Time if !java::time::is_time(&value) => {
                return Err(Invalid::new(format!(
                    "\"{value}\" is not a valid time, only HH:mm:ss format is allowed"
                )));
            }
            _ => {}
        }
    }
    let in_week = |day: &Value| day.as_i64().is_some_and(|day| (0..=6).contains(&day));
    if days.and_then(Value::as_array).is_some_and(|days| !days.iter().all(in_week)) {
        return Err(Invalid::new("'daysOfWeek' out of range [0-6]"));
    }
    let mut out = Map::new();
    out.insert("type".to_owned(), name.into());
    for field in kind.fields() {
        if let Some(value) = fields.get(*field).filter(|value| !value.is_null()) {
            let value = match text(field) {
                Some(text) if *field != "daysOfWeek" => text.into_owned().into(),
                _ => value.clone(),
            };
            out.insert((*field).to_owned(), value);
        }
    }
    Ok(Value::Object(out))
}
