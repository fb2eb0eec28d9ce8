//! The message as a tree of Symphony's elements, whatever shape of markup they were written in.

use std::borrow::Cow;

/// Which of the two languages an element speaks: it decides about the attributes the element takes. Elements of a
/// MessageML document may be PresentationML, such as `<input>` or `<div class="card">`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flavour {
    MessageMl,
    PresentationMl,
}

/// The kinds of element. A kind has one name in messages (see [`Kind::tag`]) however it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Root,
    Paragraph,
    Div,
    Span,
    Bold,
    Italic,
    Subscript,
    Superscript,
    /// `h1` to `h6`, by number.
    Heading(u8),
    Preformatted,
    Code,
    LineBreak,
    Rule,
    Image,
    Link,
    BulletList,
    OrderedList,
    ListItem,
    Table,
    TableHead,
    TableBody,
    TableFoot,
    Row,
    HeaderCell,
    Cell,
    Chime,
    Hash,
    Cash,
    Mention,
    Emoji,
    Tag,
    DateTime,
    AiContext,
    AiStream,
    AiMessage,
    AiAttachment,
    Card,
    CardHeader,
    CardBody,
    ExpandableCard,
    ExpandableHeader,
    ExpandableBody,
    Form,
    Button,
    TextField,
    TextArea,
    RichTextArea,
    Checkbox,
    Radio,
    Select,
    SelectOption,
    PersonSelector,
    RoomSelector,
    DateSelector,
    DatePicker,
    TimePicker,
    TimezonePicker,
    UiAction,
    Dialog,
    DialogTitle,
    DialogBody,
    DialogFooter,
}

impl Kind {
    /// The MessageML tag, which is the name of the element in error texts.
    pub fn tag(self) -> &'static str {
        match self {
            Self::Root => "messageML",
            Self::Paragraph => "p",
            Self::Div => "div",
            Self::Span => "span",
            Self::Bold => "b",
            Self::Italic => "i",
            Self::Subscript => "sub",
            Self::Superscript => "sup",
            Self::Heading(level) => {
                ["h1", "h2", "h3", "h4", "h5", "h6"][usize::from(level.clamp(1, 6)) - 1]
            }
            Self::Preformatted => "pre",
            Self::Code => "code",
            Self::LineBreak => "br",
            Self::Rule => "hr",
            Self::Image => "img",
            Self::Link => "a",
            Self::BulletList => "ul",
            Self::OrderedList => "ol",
            Self::ListItem => "li",
            Self::Table => "table",
            Self::TableHead => "thead",
            Self::TableBody => "tbody",
            Self::TableFoot => "tfoot",
            Self::Row => "tr",
            Self::HeaderCell => "th",
            Self::Cell => "td",
            Self::Chime => "chime",
            Self::Hash => "hash",
            Self::Cash => "cash",
            Self::Mention => "mention",
            Self::Emoji => "emoji",
            Self::Tag => "tag",
            Self::DateTime => "dateTime",
            Self::AiContext => "sym-ai-context",
            Self::AiStream => "sym-ai-stream",
            Self::AiMessage => "sym-ai-message",
            Self::AiAttachment => "sym-ai-attachment",
            Self::Card => "card",
            Self::CardHeader | Self::ExpandableHeader => "header",
            Self::CardBody | Self::ExpandableBody | Self::DialogBody => "body",
            Self::ExpandableCard => "expandable-card",
            Self::Form => "form",
            Self::Button => "button",
            Self::TextField => "text-field",
            Self::TextArea => "textarea",
            Self::RichTextArea => "richtextarea",
            Self::Checkbox => "checkbox",
            Self::Radio => "radio",
            Self::Select => "select",
            Self::SelectOption => "option",
            Self::PersonSelector => "person-selector",
            Self::RoomSelector => "room-selector",
            Self::DateSelector => "date-selector",
            Self::DatePicker => "date-picker",
            Self::TimePicker => "time-picker",
            Self::TimezonePicker => "timezone-picker",
            Self::UiAction => "ui-action",
            Self::Dialog => "dialog",
            Self::DialogTitle => "title",
            Self::DialogFooter => "footer",
        }
    }

    /// The name used in lists of elements: where it is not the tag, it is the reference's class in lower case.
    pub fn listed(self) -> &'static str {
        match self {
            Self::OrderedList => "orderedlist",
            Self::BulletList => "bulletlist",
            Self::ListItem => "listitem",
            Self::ExpandableCard => "expandablecard",
            Self::UiAction => "uiaction",
            kind => kind.tag(),
        }
    }

    /// What may stand inside a run of text. `tag`, `dateTime` and `code` are missing in the reference too.
    pub fn is_phrasing(self) -> bool {
        matches!(
            self,
            Self::Link
                | Self::Chime
                | Self::Bold
                | Self::Italic
                | Self::Image
                | Self::LineBreak
                | Self::Span
                | Self::Emoji
                | Self::Hash
                | Self::Cash
                | Self::Mention
                | Self::Subscript
                | Self::Superscript
        )
    }

    /// A control of a form: it needs a form around it and may have a label and a tooltip.
    pub fn is_control(self) -> bool {
        matches!(
            self,
            Self::TextField
                | Self::TextArea
                | Self::RichTextArea
                | Self::Checkbox
                | Self::Radio
                | Self::Select
                | Self::PersonSelector
                | Self::RoomSelector
                | Self::DateSelector
                | Self::DatePicker
                | Self::TimePicker
                | Self::TimezonePicker
        )
    }
}

/// The place of an element in a [`Tree`]. Valid for the tree that made it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NodeId(usize);

impl NodeId {
    pub const ROOT: Self = Self(0);
}

/// What stands at a place of the document.
#[derive(Debug)]
enum Content<'x> {
    Text(Cow<'x, str>),
    Element(NodeId),
}

/// What stands at a child.
#[derive(Debug, Clone, Copy)]
pub(super) enum Node<'t, 'x> {
    Text(&'t str),
    Element(NodeId, &'t Element<'x>),
}

#[derive(Debug)]
pub(super) struct Element<'x> {
    pub kind: Kind,
    pub flavour: Flavour,
    /// The root is its own parent.
    pub parent: NodeId,
    pub attributes: Attributes<'x>,
    pub detail: Detail,
    /// What is in it, at all depths, among [`Tree::contents`]. The end is not known before the element is complete.
    begin: usize,
    end: usize,
}

impl Element<'_> {
    pub fn is_empty(&self) -> bool {
        self.begin == self.end
    }
}

/// What an element knows beyond its attributes. Few know anything: it is behind pointers.
#[derive(Debug, Default)]
pub(super) enum Detail {
    #[default]
    None,
    Entity(Box<super::entities::Entity>),
    /// The root's.
    Document(Box<Document>),
    Dialog(Box<Dialog>),
}

/// Of the root.
#[derive(Debug, Default)]
pub(super) struct Document {
    /// The version of the language, written out again.
    pub version: Option<String>,
    /// Whether elements may stand in it that are not for everybody yet.
    pub beta: bool,
}

/// Of a dialog.
#[derive(Debug)]
pub(super) struct Dialog {
    /// The id in PresentationML: the one written, behind a random part.
    pub generated_id: String,
}

/// Attributes in the order they are printed. An element has few; a search beats a map.
#[derive(Debug, Default)]
pub(super) struct Attributes<'x>(Vec<(&'static str, Cow<'x, str>)>);

impl<'x> Attributes<'x> {
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| *key == name).map(|(_, value)| &**value)
    }

    /// Sets a value; one that was there keeps its place.
    pub fn set(&mut self, name: &'static str, value: impl Into<Cow<'x, str>>) {
        let value = value.into();
        match self.0.iter_mut().find(|(key, _)| *key == name) {
            Some((_, old)) => *old = value,
            None => self.0.push((name, value)),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.0.iter().map(|(name, value)| (*name, &**value))
    }

    /// True if the value is `true` in any case.
    pub fn is_true(&self, name: &str) -> bool {
        self.get(name).is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }
}

/// A message. Texts and values are borrowed from its XML where they are what was written.
///
/// Everything stands in document order in two lists that only grow: what is in an element follows it up to the element's end. So a
/// message costs a handful of allocations, however many elements it has.
#[derive(Debug)]
pub(super) struct Tree<'x> {
    elements: Vec<Element<'x>>,
    contents: Vec<Content<'x>>,
    /// Whether there are elements that EntityJSON describes, of their own or by `data-entity-id`: what is done for those alone need not
    /// walk other messages.
    pub has_entities: bool,
    /// Whether there are forms.
    pub has_forms: bool,
    /// Whether there are `ui-action`s.
    pub has_actions: bool,
}

impl<'x> Tree<'x> {
    /// `size` is about how many elements and texts there will be.
    pub fn new(flavour: Flavour, size: usize) -> Self {
        let (elements, contents) = (Vec::with_capacity(size / 2), Vec::with_capacity(size));
        let mut tree =
            Self { elements, contents, has_entities: false, has_forms: false, has_actions: false };
        tree.add(NodeId::ROOT, Kind::Root, flavour, Detail::None);
        tree
    }

    /// Adds an element behind all that is there. What follows is in it, until it is completed.
    pub fn add(&mut self, parent: NodeId, kind: Kind, flavour: Flavour, detail: Detail) -> NodeId {
        let id = NodeId(self.elements.len());
        self.has_entities |=
            matches!(detail, Detail::Entity(_)) || matches!(kind, Kind::Div | Kind::Span);
        self.has_forms |= kind == Kind::Form;
        self.has_actions |= kind == Kind::UiAction;
        self.contents.push(Content::Element(id));
        let begin = self.contents.len();
        self.elements.push(Element {
            kind,
            flavour,
            parent,
            attributes: Attributes::default(),
            detail,
            begin,
            end: begin,
        });
        id
    }

    /// Ends an element behind all that is there.
    pub fn complete(&mut self, id: NodeId) {
        self.element_mut(id).end = self.contents.len();
    }

    /// Adds a text to the element that is not complete yet.
    pub fn add_text(&mut self, text: impl Into<Cow<'x, str>>) {
        self.contents.push(Content::Text(text.into()));
    }

    pub fn element(&self, id: NodeId) -> &Element<'x> {
        &self.elements[id.0]
    }

    pub fn element_mut(&mut self, id: NodeId) -> &mut Element<'x> {
        &mut self.elements[id.0]
    }

    pub fn parent_kind(&self, id: NodeId) -> Kind {
        self.element(self.element(id).parent).kind
    }

    /// The children of a complete element.
    pub fn children(&self, id: NodeId) -> impl Iterator<Item = Node<'_, 'x>> {
        let Element { begin, end, .. } = *self.element(id);
        let mut at = begin;
        std::iter::from_fn(move || {
            let content = self.contents[..end].get(at)?;
            Some(match content {
                Content::Text(text) => {
                    at += 1;
                    Node::Text(text)
                }
                Content::Element(id) => {
                    let element = self.element(*id);
                    at = element.end;
                    Node::Element(*id, element)
                }
            })
        })
    }

    /// The elements among the children.
    pub fn child_elements(&self, id: NodeId) -> impl Iterator<Item = (NodeId, &Element<'x>)> {
        self.children(id).filter_map(|node| match node {
            Node::Element(id, element) => Some((id, element)),
            Node::Text(_) => None,
        })
    }

    /// The elements around `id`, from its parent to the root.
    pub fn ancestors(&self, id: NodeId) -> impl Iterator<Item = &Element<'x>> {
        let mut at = id;
        std::iter::from_fn(move || {
            let parent = self.element(at).parent;
            (parent != at).then(|| {
                at = parent;
                self.element(parent)
            })
        })
    }

    /// The elements below `id`, in document order.
    pub fn descendants(&self, id: NodeId) -> impl Iterator<Item = (NodeId, &Element<'x>)> {
        let end = self.element(id).end;
        (id.0 + 1..self.elements.len())
            .map(NodeId)
            .map(|id| (id, self.element(id)))
            .take_while(move |(_, element)| element.begin <= end)
    }

    /// How many elements and texts there are.
    pub fn size(&self) -> usize {
        self.contents.len()
    }

    /// The text of the only child, if there is exactly one and it is a text.
    pub fn only_text(&self, id: NodeId) -> Option<&str> {
        let Element { begin, end, .. } = *self.element(id);
        match &self.contents[begin..end] {
            [Content::Text(text)] => Some(text),
            _ => None,
        }
    }
}
