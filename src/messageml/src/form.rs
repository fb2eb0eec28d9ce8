//! What a form asks for, so that a person's answers can be matched with it later.

use super::forms::picker;
use super::tree::{Element, Kind, NodeId, Tree};

/// A form of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
    /// The `formId` under which answers arrive.
    pub id: String,
    /// In document order, buttons included.
    pub controls: Vec<Control>,
    /// Whether it may be sent more than once: `multi-submit`.
    pub multi_submit: bool,
}

/// Something in a form that has a name and contributes to the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Control {
    /// The key of the value in the answer. Checkboxes, radio buttons and buttons may share one.
    pub name: String,
    pub kind: ControlKind,
    /// Whether an answer has to hold a value.
    pub required: bool,
    /// What the control holds before anybody touches it: the text, the chosen values, the id of the zone.
    pub initial: Vec<String>,
    /// Whether nobody may touch it: it is disabled or read-only.
    pub locked: bool,
}

/// What a text has to be like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextLimits {
    /// In UTF-16 units.
    pub least: usize,
    pub most: usize,
    /// A regular expression that the whole text matches, and the message for one that does not.
    pub pattern: Option<String>,
    pub complaint: Option<String>,
}

/// The kind of a control, with what limits its values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ControlKind {
    /// A button; `action` and `cancel` buttons send the form, and their name is the value of `action`.
    Button {
        r#type: String,
        /// Whether the form is checked before it is sent: not with `formnovalidate`.
        validates: bool,
    },
    TextField {
        masked: bool,
        limits: TextLimits,
    },
    TextArea {
        rich: bool,
        limits: TextLimits,
    },
    Checkbox {
        value: String,
    },
    Radio {
        value: String,
    },
    Select {
        options: Vec<String>,
        multiple: bool,
        /// How many may be chosen of several.
        least: Option<usize>,
        most: Option<usize>,
    },
    PersonSelector,
    RoomSelector,
    DateSelector,
    /// The first and the last date, as the message has them.
    DatePicker {
        min: Option<String>,
        max: Option<String>,
    },
    /// The first and the last time, likewise.
    TimePicker {
        min: Option<String>,
        max: Option<String>,
    },
    TimezonePicker {
        disabled: Vec<String>,
    },
}

/// The forms of a message, in document order.
pub(super) fn forms(tree: &Tree) -> Vec<Form> {
    if !tree.has_forms {
        return Vec::new();
    }
    tree.descendants(NodeId::ROOT)
        .filter(|(_, element)| element.kind == Kind::Form)
        .map(|(id, form)| Form {
            id: form.attributes.get("id").unwrap_or_default().to_owned(),
            controls: tree
                .descendants(id)
                .filter_map(|(id, element)| control(tree, id, element))
                .collect(),
            multi_submit: ["multi-submit", "data-multi-submit"]
                .iter()
                .any(|name| form.attributes.get(name).is_some()),
        })
        .collect()
}

fn control(tree: &Tree, id: NodeId, element: &Element) -> Option<Control> {
    let attributes = &element.attributes;
    // Selectors and pickers in PresentationML carry a prefix.
    let attribute =
        |name: &str| attributes.get(name).or_else(|| attributes.get(&format!("data-{name}")));
    let is_true =
        |name: &str| attribute(name).is_some_and(|value| value.eq_ignore_ascii_case("true"));
    let one = |value: Option<&str>| value.map(str::to_owned).into_iter().collect::<Vec<_>>();
    let choice = attribute("value").unwrap_or("on").to_owned();
    let chosen = || if is_true("checked") { vec![choice.clone()] } else { Vec::new() };
    let number = |name: &str| attribute(name).and_then(|number| number.parse().ok());
    let limits = |least: usize, most: usize| TextLimits {
        least: number("minlength").unwrap_or(least),
        most: number("maxlength").unwrap_or(most),
        pattern: attribute("pattern").map(str::to_owned),
        complaint: attribute("pattern-error-message").map(str::to_owned),
    };
    let bound = |name: &str| attribute(name).map(str::to_owned);
    let (kind, initial) = match element.kind {
        Kind::Button => {
            let validates = !is_true("formnovalidate");
            (ControlKind::Button { r#type: attribute("type")?.to_owned(), validates }, Vec::new())
        }
        Kind::TextField => {
            let masked = is_true("masked");
            (ControlKind::TextField { masked, limits: limits(1, 128) }, one(tree.only_text(id)))
        }
        Kind::TextArea | Kind::RichTextArea => {
            let rich = element.kind == Kind::RichTextArea;
            (ControlKind::TextArea { rich, limits: limits(0, 10_000) }, one(tree.only_text(id)))
        }
        Kind::Checkbox => (ControlKind::Checkbox { value: choice.clone() }, chosen()),
        Kind::Radio => (ControlKind::Radio { value: choice.clone() }, chosen()),
        Kind::Select => {
            let value =
                |option: &Element| option.attributes.get("value").unwrap_or_default().to_owned();
            let options = tree.child_elements(id).map(|(_, option)| value(option)).collect();
            let selected = tree
                .child_elements(id)
                .filter(|(_, option)| option.attributes.is_true("selected"))
                .map(|(_, option)| value(option))
                .collect();
            let (least, most) = (number("min"), number("max"));
            let multiple = is_true("multiple");
            (ControlKind::Select { options, multiple, least, most }, selected)
        }
        Kind::PersonSelector => (ControlKind::PersonSelector, one(attribute("value"))),
        Kind::RoomSelector => (ControlKind::RoomSelector, one(attribute("value"))),
        Kind::DateSelector => (ControlKind::DateSelector, Vec::new()),
        Kind::DatePicker => {
            let (min, max) = (bound("min"), bound("max"));
            (ControlKind::DatePicker { min, max }, one(attribute("value")))
        }
        Kind::TimePicker => {
            let (min, max) = (bound("min"), bound("max"));
            (ControlKind::TimePicker { min, max }, one(attribute("value")))
        }
        Kind::TimezonePicker => {
            let disabled = attribute("disabled-timezone").map(picker::zones).unwrap_or_default();
            (ControlKind::TimezonePicker { disabled }, one(attribute("value")))
        }
        _ => return None,
    };
    Some(Control {
        name: attribute("name").unwrap_or_default().to_owned(),
        kind,
        required: is_true("required"),
        initial,
        locked: is_true("disabled") || is_true("readonly"),
    })
}
