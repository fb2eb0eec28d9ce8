//! Which element a tag makes.

use std::borrow::Cow;

use super::super::entities::{self, Entity};
use super::super::tree::{Detail, Flavour, Kind, NodeId};
use super::super::{Invalid, forms, xml};
use super::{Builder, New};

/// What a tag turns out to be.
pub(super) enum Made<'x> {
    Element(New<'x>),
    /// Only its children count.
    Transparent,
    /// It said something about another element.
    Nothing,
}

impl<'x> Builder<'_, 'x> {
    /// Decides by the tag, its attributes and what stands around it.
    pub(super) fn make(
        &mut self,
        parent: NodeId,
        element: xml::Element<'x>,
    ) -> Result<Made<'x>, Invalid> {
        let name = element.name;
        if self.flavour == Flavour::PresentationMl && is_shorthand(name) {
            return Err(Invalid::new(format!(
                "Shorthand tag \"{name}\" is not allowed in PresentationML"
            )));
        }
        let pml = Flavour::PresentationMl;
        // Bytes, as in `simple_kind`.
        match name.as_bytes() {
            b"div" => return self.make_div(element),
            b"span" => return self.make_span(element),
            b"label" => {
                let id = split_id(element, "for")?;
                let labelling = self.labels.entry(id.to_owned()).or_default();
                if labelling.label.is_some() {
                    return Err(Invalid::new(
                        "Invalid MessageML content, multiple splittable elements with the same id created",
                    ));
                }
                labelling.label = Some(element.text_content());
                return Ok(Made::Nothing);
            }
            b"input" => return make_input(element).map(Made::Element),
            b"chime" | b"audio" => {
                if parent != NodeId::ROOT {
                    return Err(Invalid::new(
                        "Element \"chime\" has to be the only element in the message.",
                    ));
                }
                return Ok(Made::Element(New::of(Kind::Chime, pml, element)));
            }
            _ => {}
        }
        let Some(kind) = self.kind_of(parent, name) else {
            return Err(Invalid::new(format!("Invalid MessageML content at element \"{name}\"")));
        };
        let flavour = match kind {
            Kind::Hash
            | Kind::Cash
            | Kind::Mention
            | Kind::Emoji
            | Kind::Tag
            | Kind::DateTime
            | Kind::AiContext => Flavour::MessageMl,
            Kind::Select | Kind::SelectOption => pml,
            _ if speaks_the_documents_language(kind) => self.flavour,
            _ => pml,
        };
        let mut new = New::of(kind, flavour, element);
        if self.flavour == pml {
            of_presentation_ml(&mut new, element)?;
        }
        if let Some(prefix) = entities::id_prefix(kind) {
            self.entities += 1;
            new.detail =
                Detail::Entity(Entity::boxed(format!("{prefix}{}", self.entities), "span"));
        }
        Ok(Made::Element(new))
    }

    /// The kind of element a tag names, where the name and the surroundings are enough to know.
    fn kind_of(&self, parent: NodeId, name: &str) -> Option<Kind> {
        let around = self.tree.element(parent);
        Some(match name.as_bytes() {
            b"header" if around.kind == Kind::ExpandableCard => Kind::ExpandableHeader,
            b"header" => Kind::CardHeader,
            b"body"
                if around.kind == Kind::Dialog || self.tree.parent_kind(parent) == Kind::Dialog =>
            {
                Kind::DialogBody
            }
            b"body" if around.kind == Kind::ExpandableCard => Kind::ExpandableBody,
            b"body" => Kind::CardBody,
            _ => simple_kind(name)?,
        })
    }

    fn make_span(&mut self, element: xml::Element<'x>) -> Result<Made<'x>, Invalid> {
        let class = element.attribute("class").unwrap_or_default();
        let is_tooltip = class == "info-hint"
            && element.attribute("data-target-id").is_some()
            && element.attribute("data-title").is_some();
        if is_tooltip {
            let id = split_id(element, "data-target-id")?;
            let title = split_id(element, "data-title")?;
            self.labels.entry(id.to_owned()).or_default().title = Some(title.to_owned());
            return Ok(Made::Nothing);
        }
        if has_token(class, "entity") {
            return self.make_entity(element, Kind::Span, "span");
        }
        Ok(Made::Element(New::of(Kind::Span, Flavour::PresentationMl, element)))
    }

    fn make_div(&self, element: xml::Element<'x>) -> Result<Made<'x>, Invalid> {
        if element.attribute("data-generated").is_some() {
            return Ok(Made::Transparent);
        }
        let class = element.attribute("class").unwrap_or_default();
        if has_token(class, "entity") {
            return self.make_entity(element, Kind::Div, "div");
        }
        let found = DIV_CLASSES.iter().find(|(token, _)| has_token(class, token));
        let Some((token, kind)) = found else {
            return Ok(Made::Element(New::of(Kind::Div, Flavour::PresentationMl, element)));
        };
        let mut new = New::of(*kind, Flavour::PresentationMl, element);
        match kind {
            Kind::Checkbox | Kind::Radio => of_presentation_ml(&mut new, element)?,
            _ => {
                new.attributes = Some(without_token(element, "class", token));
                of_presentation_ml(&mut new, element)?;
            }
        }
        Ok(Made::Element(new))
    }

    /// A `<span>` or `<div>` whose class says that EntityJSON describes it.
    fn make_entity(
        &self,
        element: xml::Element<'x>,
        plain: Kind,
        printed_as: &'static str,
    ) -> Result<Made<'x>, Invalid> {
        let value = self.index.entity(element.attribute("data-entity-id"))?;
        let Some((kind, text)) = entities::known(value) else {
            return Ok(Made::Element(New::of(plain, Flavour::PresentationMl, element)));
        };
        let mut new = New::of(kind, Flavour::PresentationMl, element);
        new.detail = Detail::Entity(Entity::boxed(text, printed_as));
        Ok(Made::Element(new))
    }
}

/// Reads controls that PresentationML writes in ways of its own, whatever their tag.
fn of_presentation_ml<'x>(new: &mut New<'x>, element: xml::Element<'x>) -> Result<(), Invalid> {
    match new.kind {
        Kind::Checkbox | Kind::Radio => {
            let (input, label) = forms::choice::group(element, new.kind)?;
            new.attributes = Some(without(input, "type"));
            new.children = label.children;
        }
        Kind::PersonSelector | Kind::RoomSelector | Kind::DateSelector => {
            let attributes = new.attributes.get_or_insert_with(|| without(element, ""));
            forms::selector::rename(new.kind, attributes);
        }
        _ => {}
    }
    Ok(())
}

fn make_input(element: xml::Element<'_>) -> Result<New<'_>, Invalid> {
    const TYPES: &[(&str, Kind)] = &[
        ("text", Kind::TextField),
        ("checkbox", Kind::Checkbox),
        ("radio", Kind::Radio),
        ("date", Kind::DatePicker),
        ("time", Kind::TimePicker),
    ];
    let types = element.attribute("type").unwrap_or_default();
    let Some((token, kind)) = TYPES.iter().find(|(token, _)| has_token(types, token)) else {
        return Err(Invalid::new(format!(
            "The input type \"{types}\" is not allowed on PresentationML"
        )));
    };
    let mut new = New::of(*kind, Flavour::PresentationMl, element);
    match kind {
        Kind::TextField => new.attributes = Some(without_token(element, "type", token)),
        Kind::Checkbox | Kind::Radio => {
            new.attributes = Some(without(element, "type"));
            new.children = new.children.none();
        }
        _ => {}
    }
    Ok(new)
}

/// What a class of a `<div>` makes of it, in the order of precedence.
const DIV_CLASSES: &[(&str, Kind)] = &[
    ("card", Kind::Card),
    ("cardBody", Kind::CardBody),
    ("cardHeader", Kind::CardHeader),
    ("expandable-card", Kind::ExpandableCard),
    ("expandableCardBody", Kind::ExpandableBody),
    ("expandableCardHeader", Kind::ExpandableHeader),
    ("person-selector", Kind::PersonSelector),
    ("room-selector", Kind::RoomSelector),
    ("date-selector", Kind::DateSelector),
    ("checkbox-group", Kind::Checkbox),
    ("radio-group", Kind::Radio),
    ("ui-action", Kind::UiAction),
    ("timezone-picker", Kind::TimezonePicker),
];

/// The tags that stand for one kind of element wherever they are. Bytes, because the compiler makes a tree of decisions of patterns on
/// them and a chain of comparisons of those on text.
fn simple_kind(name: &str) -> Option<Kind> {
    Some(match name.as_bytes() {
        b"p" => Kind::Paragraph,
        b"b" => Kind::Bold,
        b"i" => Kind::Italic,
        b"sub" => Kind::Subscript,
        b"sup" => Kind::Superscript,
        b"h1" => Kind::Heading(1),
        b"h2" => Kind::Heading(2),
        b"h3" => Kind::Heading(3),
        b"h4" => Kind::Heading(4),
        b"h5" => Kind::Heading(5),
        b"h6" => Kind::Heading(6),
        b"pre" => Kind::Preformatted,
        b"code" => Kind::Code,
        b"br" => Kind::LineBreak,
        b"hr" => Kind::Rule,
        b"img" => Kind::Image,
        b"a" => Kind::Link,
        b"ul" => Kind::BulletList,
        b"ol" => Kind::OrderedList,
        b"li" => Kind::ListItem,
        b"table" => Kind::Table,
        b"thead" => Kind::TableHead,
        b"tbody" => Kind::TableBody,
        b"tfoot" => Kind::TableFoot,
        b"tr" => Kind::Row,
        b"th" => Kind::HeaderCell,
        b"td" => Kind::Cell,
        b"hash" => Kind::Hash,
        b"cash" => Kind::Cash,
        b"mention" => Kind::Mention,
        b"emoji" => Kind::Emoji,
        b"tag" => Kind::Tag,
        b"dateTime" => Kind::DateTime,
        b"sym-ai-context" => Kind::AiContext,
        b"sym-ai-stream" => Kind::AiStream,
        b"sym-ai-message" => Kind::AiMessage,
        b"sym-ai-attachment" => Kind::AiAttachment,
        b"card" => Kind::Card,
        b"expandable-card" => Kind::ExpandableCard,
        b"form" => Kind::Form,
        b"button" => Kind::Button,
        b"text-field" => Kind::TextField,
        b"textarea" => Kind::TextArea,
        b"richtextarea" => Kind::RichTextArea,
        b"checkbox" => Kind::Checkbox,
        b"radio" => Kind::Radio,
        b"select" => Kind::Select,
        b"option" => Kind::SelectOption,
        b"person-selector" => Kind::PersonSelector,
        b"room-selector" => Kind::RoomSelector,
        b"date-selector" => Kind::DateSelector,
        b"date-picker" => Kind::DatePicker,
        b"time-picker" => Kind::TimePicker,
        b"timezone-picker" => Kind::TimezonePicker,
        b"ui-action" => Kind::UiAction,
        b"dialog" => Kind::Dialog,
        b"title" => Kind::DialogTitle,
        b"footer" => Kind::DialogFooter,
        _ => return None,
    })
}

/// Tags that stand for something longer in PresentationML and are refused there.
fn is_shorthand(tag: &str) -> bool {
    matches!(
        tag,
        "chime" | "hash" | "cash" | "mention" | "card" | "expandable-card" | "header" | "body"
    )
}

/// Elements that take MessageML's attributes in MessageML and PresentationML's in PresentationML.
fn speaks_the_documents_language(kind: Kind) -> bool {
    kind.is_control()
        || matches!(
            kind,
            Kind::Form
                | Kind::Button
                | Kind::Card
                | Kind::CardHeader
                | Kind::CardBody
                | Kind::ExpandableCard
                | Kind::ExpandableHeader
                | Kind::ExpandableBody
                | Kind::UiAction
                | Kind::Dialog
                | Kind::DialogTitle
                | Kind::DialogBody
                | Kind::DialogFooter
        )
}

fn split_id<'x>(element: xml::Element<'x>, name: &str) -> Result<&'x str, Invalid> {
    // The reference names the attribute it looked for where an element belongs, and always the same attribute.
    element.attribute(name).filter(|value| !value.is_empty()).ok_or_else(|| {
        Invalid::new(format!(
            "Invalid MessageML content at element \"{name}\": 'data-target-id' attribute missing or empty"
        ))
    })
}

fn has_token(list: &str, token: &str) -> bool {
    list.split_ascii_whitespace().any(|word| word == token)
}

/// The attributes except one.
fn without<'x>(element: xml::Element<'x>, name: &str) -> Vec<(&'x str, Cow<'x, str>)> {
    element
        .attributes
        .iter()
        .filter(|attribute| attribute.name != name)
        .map(|attribute| (attribute.name, Cow::Borrowed(&*attribute.value)))
        .collect()
}

/// The attributes with one word taken out of a list of words, and without the list if nothing is left of it.
fn without_token<'x>(
    element: xml::Element<'x>,
    list: &str,
    token: &str,
) -> Vec<(&'x str, Cow<'x, str>)> {
    let mut attributes: Vec<(&str, Cow<'_, str>)> = element
        .attributes
        .iter()
        .map(|attribute| (attribute.name, Cow::Borrowed(&*attribute.value)))
        .collect();
    for (name, value) in &mut attributes {
        if *name == list {
            let kept: Vec<&str> = value
                .split_ascii_whitespace()
                .filter(|word| !word.eq_ignore_ascii_case(token))
                .collect();
            *value = Cow::Owned(kept.join(" "));
        }
    }
    attributes.retain(|(name, value)| *name != list || !value.is_empty());
    attributes
}
