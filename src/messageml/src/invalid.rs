//! Why a message is refused, and where in it.

use std::fmt;

use super::xml;

/// Why a message is refused: the client's fault, for which an Agent answers HTTP 400. The text is the Agent's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invalid(Box<Refusal>);

/// Behind a pointer, because every step of a conversion answers with what is wrong or nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Refusal {
    message: String,
    place: Option<Box<Place>>,
    /// Where it is while it is on its way out of the elements.
    trace: Option<Box<Trace>>,
}

/// Where in a message something is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// From 1.
    pub line: usize,
    /// From 1, in characters: that of an element is its tag's.
    pub column: usize,
    /// The way to the element, from the root: `/messageML/form/text-field[2]`, numbered among its like where there are
    /// several. Empty for what is wrong with a template, and before the root element.
    pub element: String,
    /// Whether line and column count in what the templates of the message made of it, and not in the message.
    pub expanded: bool,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Trace {
    /// The byte of the document.
    at: usize,
    /// The address of the name of the innermost element, which stands behind its `<`, instead.
    name: Option<usize>,
    /// The names of the elements around, the innermost first.
    path: Vec<String>,
}

impl Invalid {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self(Box::new(Refusal { message: message.into(), place: None, trace: None }))
    }

    /// The text for the client.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// Where in the message it is. `None` for what is wrong with the data, whose text says where.
    pub fn place(&self) -> Option<&Place> {
        self.0.place.as_deref()
    }

    /// In a template.
    pub(super) fn at_line(mut self, line: u32, column: u32) -> Self {
        if line > 0 {
            let (line, column) = (line as usize, column as usize);
            let place = Place { line, column, element: String::new(), expanded: false };
            self.0.place = Some(Box::new(place));
        }
        self
    }

    /// At a byte of the document, in elements of these names.
    pub(super) fn at_byte<'n>(
        mut self,
        at: usize,
        open: impl DoubleEndedIterator<Item = &'n str>,
    ) -> Self {
        let path = open.rev().map(str::to_owned).collect();
        self.0.trace = Some(Box::new(Trace { at, name: None, path }));
        self
    }

    /// In this one of the elements, or somewhere in it.
    pub(super) fn inside(self, siblings: xml::Nodes<'_>, element: xml::Element<'_>) -> Self {
        let mut like = siblings.filter_map(|node| match node {
            xml::Node::Element(other) if other.name == element.name => Some(other.name.as_ptr()),
            _ => None,
        });
        let number = like.by_ref().take_while(|name| *name != element.name.as_ptr()).count() + 1;
        let name = match number == 1 && like.next().is_none() {
            true => element.name.to_owned(),
            false => format!("{}[{number}]", element.name),
        };
        self.step(element, name)
    }

    /// In the root element, or somewhere in it.
    pub(super) fn inside_root(self, root: xml::Element<'_>) -> Self {
        self.step(root, root.name.to_owned())
    }

    fn step(mut self, element: xml::Element<'_>, name: String) -> Self {
        let address = element.name.as_ptr().addr();
        let new = || Box::new(Trace { at: 0, name: Some(address), path: Vec::new() });
        self.0.trace.get_or_insert_with(new).path.push(name);
        self
    }

    /// With its place, once all of the way to it is known.
    pub(super) fn placed(mut self, document: &str, expanded: bool) -> Self {
        if let Some(trace) = self.0.trace.take() {
            // Names are parts of the document.
            let behind = trace.name.map(|name| name.saturating_sub(document.as_ptr().addr() + 1));
            let (line, column) = line_and_column(document, behind.unwrap_or(trace.at));
            let names = trace.path.iter().rev();
            let element = names.fold(String::new(), |path, name| path + "/" + name);
            self.0.place = Some(Box::new(Place { line, column, element, expanded }));
        }
        self
    }
}

impl fmt::Display for Invalid {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0.message)
    }
}

impl std::error::Error for Invalid {}

/// Line and column, from 1, of a byte of a document.
fn line_and_column(document: &str, at: usize) -> (usize, usize) {
    let before = document.get(..at).unwrap_or(document);
    let line = before.rsplit('\n').next().unwrap_or_default();
    let columns = line.chars().filter(|character| *character != '\u{feff}').count();
    (before.matches('\n').count() + 1, columns + 1)
}
