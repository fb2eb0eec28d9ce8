//! Controls as PresentationML.

use super::super::pml::{Printed, Value, Writer, class, copy, copy_as};
use super::super::tree::{Element, Flavour, Kind, NodeId};
use super::picker;

/// The attributes of a button.
pub(in super::super) fn button<'e>(element: &'e Element<'e>) -> Printed<'e> {
    let attributes = &element.attributes;
    let mut printed = Printed::new();
    copy(&mut printed, attributes, &["type", "class"]);
    if element.flavour == Flavour::MessageMl {
        copy(&mut printed, attributes, &["data-icon", "name"]);
        copy_as(&mut printed, attributes, "title", "data-title");
        copy_as(&mut printed, attributes, "formnovalidate", "data-formnovalidate");
    } else {
        copy(&mut printed, attributes, &["data-formnovalidate", "data-title", "data-icon", "name"]);
    }
    printed
}

/// A control with its label and its tooltip, which become elements beside it.
pub(in super::super) fn control(writer: &mut Writer<'_>, id: NodeId, element: &Element) {
    if matches!(element.kind, Kind::Checkbox | Kind::Radio) {
        choice(writer, id, element);
        return;
    }
    let label = element.attributes.get("label");
    let title = element.attributes.get("title");
    if label.is_none() && title.is_none() {
        bare(writer, id, element, None);
        return;
    }
    let prefix = id_prefix(element.kind);
    let control_id = format!("{prefix}-{}", writer.ids.next());
    writer.open(
        "div",
        &[("class", format!("{prefix}-group").into()), ("data-generated", "true".into())],
    );
    if let Some(label) = label {
        writer.open("label", &[("for", control_id.as_str().into())]);
        writer.text(label);
        writer.close("label");
    }
    if let Some(title) = title {
        writer.open(
            "span",
            &[
                ("class", "info-hint".into()),
                ("data-target-id", control_id.as_str().into()),
                ("data-title", title.into()),
            ],
        );
        writer.close("span");
    }
    bare(writer, id, element, Some(&control_id));
    writer.close("div");
}

/// What the generated ids of a control begin with.
fn id_prefix(kind: Kind) -> &'static str {
    match kind {
        Kind::TextField => "textfield",
        Kind::Select => "dropdown",
        kind => kind.tag(),
    }
}

/// A checkbox or radio button; with content it becomes a group of an input and a label.
fn choice(writer: &mut Writer<'_>, id: NodeId, element: &Element) {
    let (kind, group) = match element.kind {
        Kind::Checkbox => ("checkbox", "checkbox-group"),
        _ => ("radio", "radio-group"),
    };
    let attributes = &element.attributes;
    let mut printed: Printed<'_> = vec![("type", kind.into())];
    copy(&mut printed, attributes, &["name", "checked"]);
    printed.push(("value", attributes.get("value").unwrap_or("on").into()));
    copy(&mut printed, attributes, &["disabled", "readonly"]);
    no_validate(&mut printed, element);
    if element.is_empty() {
        writer.empty("input", &printed);
        return;
    }
    let input_id = format!("{group}-{}", writer.ids.next());
    printed.push(("id", input_id.as_str().into()));
    writer.open("div", &class(group));
    writer.empty("input", &printed);
    writer.open("label", &[("for", input_id.as_str().into())]);
    writer.children(id);
    writer.close("label");
    writer.close("div");
}

/// A control without its label.
fn bare(writer: &mut Writer<'_>, id: NodeId, element: &Element, control_id: Option<&str>) {
    let mut printed = match element.kind {
        Kind::TextField => text_field(writer, id, element),
        Kind::TextArea | Kind::RichTextArea => text_area(element),
        Kind::Select => select(element),
        Kind::DatePicker => date_picker(element),
        Kind::TimePicker => time_picker(element),
        Kind::TimezonePicker => timezone_picker(element),
        _ => selector(element),
    };
    printed.extend(control_id.map(|id| ("id", id.into())));
    match element.kind {
        Kind::TextField | Kind::TimePicker => writer.empty("input", &printed),
        Kind::TextArea | Kind::RichTextArea => {
            writer.open("textarea", &printed);
            writer.children(id);
            writer.close("textarea");
        }
        Kind::Select => {
            writer.open("select", &printed);
            writer.children(id);
            writer.close("select");
        }
        Kind::DatePicker => {
            writer.open("input", &printed);
            writer.close("input");
        }
        _ => {
            writer.open("div", &printed);
            writer.close("div");
        }
    }
}

fn text_field<'v>(writer: &Writer<'v>, id: NodeId, element: &'v Element) -> Printed<'v> {
    let attributes = &element.attributes;
    let mut printed: Printed<'_> = vec![("type", "text".into())];
    copy(&mut printed, attributes, &["name", "placeholder", "required"]);
    copy_as(&mut printed, attributes, "masked", "data-masked");
    copy(
        &mut printed,
        attributes,
        &["minlength", "maxlength", "disabled", "readonly", "data-auto-submit"],
    );
    no_validate(&mut printed, element);
    printed.extend(writer.tree.only_text(id).map(|text| ("value", text.into())));
    pattern(&mut printed, element);
    printed
}

fn text_area<'e>(element: &'e Element<'e>) -> Printed<'e> {
    const ELSEWHERE: &[&str] =
        &["label", "title", "pattern", "pattern-error-message", "data-pattern-error-message"];
    let mut printed: Printed<'_> = element
        .attributes
        .iter()
        .filter(|(name, _)| !ELSEWHERE.contains(name))
        .map(|(name, value)| (name, value.into()))
        .collect();
    if element.kind == Kind::RichTextArea {
        // Behind the first attribute by name, which may be one that is printed elsewhere.
        let first_is_elsewhere =
            element.attributes.iter().next().is_some_and(|(name, _)| ELSEWHERE.contains(&name));
        let at = if first_is_elsewhere { 0 } else { printed.len().min(1) };
        printed.insert(at, ("data-richtext", "true".into()));
    }
    pattern(&mut printed, element);
    printed
}

fn pattern<'v>(printed: &mut Printed<'v>, element: &'v Element) {
    let attributes = &element.attributes;
    copy(printed, attributes, &["pattern"]);
    copy_as(printed, attributes, "pattern-error-message", "data-pattern-error-message");
    copy(printed, attributes, &["data-pattern-error-message"]);
}

/// A control says that it is not to be validated in one of two ways, according to its language.
fn no_validate<'v>(printed: &mut Printed<'v>, element: &'v Element) {
    let attributes = &element.attributes;
    let value = attributes.get("data-formnovalidate").or_else(|| attributes.get("formnovalidate"));
    printed.extend(value.map(|value| ("data-formnovalidate", value.into())));
}

fn select<'e>(element: &'e Element<'e>) -> Printed<'e> {
    element
        .attributes
        .iter()
        .filter(|(name, _)| !matches!(*name, "label" | "title"))
        .map(|(name, value)| (name, value.into()))
        .collect()
}

fn selector<'e>(element: &'e Element<'e>) -> Printed<'e> {
    let attributes = &element.attributes;
    let mut printed = class(element.kind.tag());
    copy_as(&mut printed, attributes, "name", "data-name");
    copy_as(&mut printed, attributes, "placeholder", "data-placeholder");
    copy_as(&mut printed, attributes, "required", "data-required");
    copy_as(&mut printed, attributes, "value", "data-value");
    no_validate(&mut printed, element);
    printed
}

fn date_picker<'e>(element: &'e Element<'e>) -> Printed<'e> {
    let attributes = &element.attributes;
    let mut printed: Printed<'_> = vec![("type", "date".into())];
    copy(&mut printed, attributes, &["name", "value", "placeholder", "min", "max", "required"]);
    normalised_intervals(&mut printed, element, "disabled-date", "data-disabled-date");
    normalised_intervals(&mut printed, element, "highlighted-date", "data-highlighted-date");
    copy_as(&mut printed, attributes, "format", "data-format");
    copy(
        &mut printed,
        attributes,
        &["disabled", "readonly", "data-disabled-date", "data-highlighted-date", "data-format"],
    );
    no_validate(&mut printed, element);
    printed
}

fn time_picker<'e>(element: &'e Element<'e>) -> Printed<'e> {
    let attributes = &element.attributes;
    let mut printed: Printed<'_> = vec![("type", "time".into())];
    copy(&mut printed, attributes, &["name", "value", "placeholder", "min", "max", "step"]);
    copy_as(&mut printed, attributes, "format", "data-format");
    copy_as(&mut printed, attributes, "strict", "data-strict");
    normalised_intervals(&mut printed, element, "disabled-time", "data-disabled-time");
    copy(
        &mut printed,
        attributes,
        &["required", "data-format", "data-strict", "data-disabled-time", "disabled", "readonly"],
    );
    no_validate(&mut printed, element);
    printed
}

/// A list of intervals as MessageML has it, in the form that PresentationML has.
fn normalised_intervals<'v>(
    printed: &mut Printed<'v>,
    element: &'v Element,
    name: &'static str,
    printed_as: &'static str,
) {
    if let Some(text) = element.attributes.get(name) {
        printed.push((printed_as, Value::Json(picker::print_intervals(name, text))));
    }
}

fn timezone_picker<'e>(element: &'e Element<'e>) -> Printed<'e> {
    let attributes = &element.attributes;
    let mut printed = class("timezone-picker");
    for (name, printed_as) in
        [("name", "data-name"), ("value", "data-value"), ("placeholder", "data-placeholder")]
    {
        let value = attributes.get(printed_as).or_else(|| attributes.get(name));
        printed.extend(value.map(|value| (printed_as, value.into())));
    }
    let zones =
        attributes.get("data-disabled-timezone").or_else(|| attributes.get("disabled-timezone"));
    printed.extend(
        zones.map(|zones| ("data-disabled-timezone", Value::Json(picker::print_zones(zones)))),
    );
    let required = attributes.get("data-required").or_else(|| attributes.get("required"));
    printed.extend(required.map(|value| ("data-required", value.into())));
    no_validate(&mut printed, element);
    printed
}
