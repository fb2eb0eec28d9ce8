//! Which attributes an element takes, and under which name it keeps them.

use super::tree::{Flavour, Kind};

/// What becomes of an attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Accepted {
    /// Kept under this name.
    As(&'static str),
    /// A 64-bit integer, kept under this name in its shortest form.
    Integer(&'static str),
    /// A `style` of known properties.
    Style,
    /// An absolute or relative URI.
    Uri,
    /// The id under which a label and a tooltip were given earlier.
    LabelledBy,
    /// The initial value: the text child of the element.
    InitialValue,
    /// Whether the message is for elements that are not for everybody yet.
    Beta,
    /// Taken and forgotten.
    Dropped,
}

use Accepted::{As, Beta, Dropped, InitialValue, Integer, LabelledBy, Style, Uri};

/// `None`: the element refuses the attribute.
#[expect(clippy::too_many_lines, reason = "a table")]
pub(super) fn accepted(kind: Kind, flavour: Flavour, name: &str) -> Option<Accepted> {
    let message_ml = flavour == Flavour::MessageMl;
    let presentation_ml = !message_ml;
    match kind {
        Kind::Root => match name {
            "xmlns" if message_ml => Some(Dropped),
            "beta" if message_ml => Some(Beta),
            "data-format" if presentation_ml => Some(As("data-format")),
            "data-version" if presentation_ml => Some(As("data-version")),
            _ => common(name),
        },
        Kind::LineBreak | Kind::Rule => None,
        Kind::CardHeader | Kind::CardBody | Kind::ExpandableHeader => None,
        Kind::Image => keep(name, &["src"]).or_else(|| common(name)),
        Kind::Chime => keep(name, &["src", "autoplay"]),
        Kind::Link if name == "href" => Some(Uri),
        Kind::Code => keep(name, &["language", "data-language"]).or_else(|| common(name)),
        Kind::Cell if name == "rowspan" => Some(Integer("rowspan")),
        Kind::Cell if name == "colspan" => Some(Integer("colspan")),
        Kind::Div => keep(name, DIV).or_else(|| common(name)),
        Kind::Span => {
            keep(name, &["data-entity-id", "data-title", "data-target-id"]).or_else(|| common(name))
        }
        Kind::Hash | Kind::Cash => {
            keep(name, &["tag", "data-entity-id"]).or_else(|| entity(flavour, name))
        }
        Kind::Mention => match name {
            "uid" => Some(Integer("uid")),
            _ => {
                keep(name, &["email", "strict", "data-entity-id"]).or_else(|| entity(flavour, name))
            }
        },
        Kind::Emoji => match name {
            // Two names of one thing; the later in the order of names wins.
            "annotation" => Some(As("shortcode")),
            _ => keep(name, &["shortcode", "family", "size"]),
        },
        Kind::Tag => keep(name, TAG),
        Kind::DateTime => keep(name, &["value", "format"]),
        Kind::AiContext => keep(name, &["data-entity-id"]),
        Kind::AiStream => keep(name, &["id", "from", "to"]).or_else(|| common(name)),
        Kind::AiMessage => keep(name, &["id"]).or_else(|| common(name)),
        Kind::AiAttachment => {
            keep(name, &["streamId", "messageId", "fileId"]).or_else(|| common(name))
        }
        Kind::Card => match name {
            "iconSrc" | "data-icon-src" => Some(As("data-icon-src")),
            "accent" | "data-accent-color" => Some(As("data-accent-color")),
            _ => common(name),
        },
        Kind::ExpandableCard => match name {
            "state" | "data-state" => Some(As("state")),
            _ => common(name),
        },
        Kind::ExpandableBody => match name {
            "variant" | "data-variant" => Some(As("variant")),
            _ => None,
        },
        Kind::Form => keep(name, &["id", "multi-submit"]),
        Kind::Button => match name {
            "icon" => Some(As("data-icon")),
            "title" | "formnovalidate" if presentation_ml => None,
            "data-title" | "data-formnovalidate" if message_ml => None,
            _ => keep(
                name,
                &[
                    "name",
                    "type",
                    "class",
                    "title",
                    "data-title",
                    "formnovalidate",
                    "data-formnovalidate",
                ],
            ),
        },
        Kind::TextField => match name {
            "auto-submit" if message_ml => Some(As("data-auto-submit")),
            "value" if presentation_ml => Some(InitialValue),
            "data-masked" if presentation_ml => Some(As("masked")),
            "id" if presentation_ml => Some(LabelledBy),
            _ if message_ml => keep(name, TEXT_FIELD_MML),
            _ => keep(name, TEXT_FIELD_PML),
        },
        Kind::TextArea | Kind::RichTextArea => match name {
            "formnovalidate" if message_ml => Some(As("data-formnovalidate")),
            "pattern-error-message" if message_ml => Some(As("pattern-error-message")),
            "data-pattern-error-message" if presentation_ml => {
                Some(As("data-pattern-error-message"))
            }
            "data-formnovalidate" if presentation_ml => Some(As("data-formnovalidate")),
            "id" if presentation_ml => Some(LabelledBy),
            _ => keep(name, TEXT_AREA),
        },
        Kind::Checkbox | Kind::Radio => match name {
            "data-formnovalidate" if presentation_ml => Some(As("data-formnovalidate")),
            "id" if presentation_ml => Some(LabelledBy),
            _ => keep(
                name,
                &["name", "value", "checked", "label", "disabled", "readonly", "formnovalidate"],
            ),
        },
        Kind::Select => match name {
            "min" => Some(As("data-min")),
            "max" => Some(As("data-max")),
            "auto-submit" => Some(As("data-auto-submit")),
            "formnovalidate" => Some(As("data-formnovalidate")),
            "data-formnovalidate" => Some(Dropped),
            "id" => Some(LabelledBy),
            _ => keep(name, SELECT),
        },
        Kind::SelectOption => keep(name, &["value", "selected"]),
        Kind::PersonSelector | Kind::RoomSelector => match name {
            "id" if presentation_ml => Some(LabelledBy),
            _ => keep(
                name,
                &["name", "placeholder", "required", "label", "title", "value", "formnovalidate"],
            ),
        },
        Kind::DateSelector => keep(name, &["name", "placeholder", "required", "formnovalidate"]),
        Kind::DatePicker => match name {
            "id" if presentation_ml => Some(LabelledBy),
            "type" if presentation_ml => Some(Dropped),
            "disabled-date" | "highlighted-date" | "format" | "formnovalidate"
                if presentation_ml =>
            {
                None
            }
            "data-disabled-date"
            | "data-highlighted-date"
            | "data-format"
            | "data-formnovalidate"
                if message_ml =>
            {
                None
            }
            _ => keep(name, DATE_PICKER),
        },
        Kind::TimePicker => match name {
            "id" if presentation_ml => Some(LabelledBy),
            "type" if presentation_ml => Some(Dropped),
            "disabled-time" | "format" if presentation_ml => None,
            "data-disabled-time" | "data-strict" | "data-format" | "data-formnovalidate"
                if message_ml =>
            {
                None
            }
            _ => keep(name, TIME_PICKER),
        },
        Kind::TimezonePicker => match name {
            "id" if presentation_ml => Some(LabelledBy),
            "disabled-timezone" | "formnovalidate" if presentation_ml => None,
            _ if message_ml && name.starts_with("data-") => None,
            _ => keep(name, TIMEZONE_PICKER),
        },
        Kind::UiAction => {
            let bare = name.strip_prefix("data-").unwrap_or(name);
            keep(bare, &["action", "trigger", "user-ids", "stream-id", "side-by-side", "target-id"])
        }
        Kind::Dialog => match name {
            "open" => presentation_ml.then_some(As("open")),
            "data-open" => Some(As("open")),
            "width" | "data-width" => Some(As("width")),
            "state" | "data-state" => Some(As("state")),
            _ => keep(name, &["id"]),
        },
        _ => common(name),
    }
}

fn common(name: &str) -> Option<Accepted> {
    match name {
        "class" => Some(As("class")),
        "style" => Some(Style),
        _ => None,
    }
}

/// An entity written as a `<span>` or `<div>` takes what those take.
fn entity(flavour: Flavour, name: &str) -> Option<Accepted> {
    (flavour == Flavour::PresentationMl).then(|| common(name)).flatten()
}

fn keep(name: &str, names: &[&'static str]) -> Option<Accepted> {
    names.iter().find(|known| **known == name).map(|known| As(known))
}

const DIV: &[&str] =
    &["data-entity-id", "data-icon-src", "data-accent-color", "data-state", "data-variant"];

const TAG: &[&str] = &[
    "fullbbgcompticker",
    "unique-id",
    "figi",
    "bbgcompticker",
    "figi-ticker",
    "us-code",
    "isin",
    "local-code",
    "instrument-class",
    "bbgmarket-sector",
    "return-main-listing",
    "country-code",
    "operational-mic",
    "fallback-ticker",
    "data-entity-id",
];

const TEXT_FIELD_MML: &[&str] = &[
    "name",
    "required",
    "placeholder",
    "minlength",
    "maxlength",
    "masked",
    "pattern",
    "pattern-error-message",
    "label",
    "title",
    "disabled",
    "readonly",
    "formnovalidate",
];

const TEXT_FIELD_PML: &[&str] = &[
    "name",
    "required",
    "placeholder",
    "minlength",
    "maxlength",
    "label",
    "pattern",
    "data-pattern-error-message",
    "data-formnovalidate",
];

const TEXT_AREA: &[&str] = &[
    "name",
    "required",
    "placeholder",
    "minlength",
    "maxlength",
    "pattern",
    "label",
    "title",
    "disabled",
    "readonly",
    "rows",
    "cols",
];

const SELECT: &[&str] =
    &["name", "required", "data-placeholder", "label", "title", "multiple", "disabled", "readonly"];

const DATE_PICKER: &[&str] = &[
    "name",
    "value",
    "required",
    "placeholder",
    "min",
    "max",
    "label",
    "title",
    "disabled",
    "readonly",
    "disabled-date",
    "highlighted-date",
    "format",
    "formnovalidate",
    "data-disabled-date",
    "data-highlighted-date",
    "data-format",
    "data-formnovalidate",
];

const TIME_PICKER: &[&str] = &[
    "name",
    "title",
    "label",
    "value",
    "strict",
    "required",
    "placeholder",
    "min",
    "max",
    "step",
    "disabled",
    "readonly",
    "formnovalidate",
    "disabled-time",
    "format",
    "data-disabled-time",
    "data-strict",
    "data-format",
    "data-formnovalidate",
];

const TIMEZONE_PICKER: &[&str] = &[
    "name",
    "value",
    "title",
    "label",
    "required",
    "placeholder",
    "disabled-timezone",
    "formnovalidate",
    "data-value",
    "data-name",
    "data-required",
    "data-placeholder",
    "data-disabled-timezone",
    "data-formnovalidate",
];
