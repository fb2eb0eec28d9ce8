//! The tree of a document's elements.

use std::borrow::Cow;
use std::ops::Range;

/// A well-formed document. Everything stands in one list in document order: what is in an element follows it.
#[derive(Debug)]
pub(in super::super) struct Document<'t> {
    pub(super) stored: Vec<Stored<'t>>,
    pub(super) attributes: Vec<Attribute<'t>>,
    /// How deep its elements nest.
    pub depth: usize,
}

#[derive(Debug)]
pub(super) enum Stored<'t> {
    Element {
        name: &'t str,
        /// Where its attributes are among those of the document.
        attributes: Range<usize>,
        /// What stands behind it.
        end: usize,
    },
    Text(Cow<'t, str>),
    Other {
        name: &'t str,
        text: &'t str,
    },
}

#[derive(Debug, Clone, Copy)]
pub(in super::super) struct Element<'d> {
    pub name: &'d str,
    /// In ascending order of the names, as UTF-16: the order in which the Agent looks at them, whatever the order
    /// they were written in.
    pub attributes: &'d [Attribute<'d>],
    pub children: Nodes<'d>,
}

#[derive(Debug)]
pub(in super::super) struct Attribute<'t> {
    pub name: &'t str,
    pub value: Cow<'t, str>,
}

#[derive(Debug, Clone, Copy)]
pub(in super::super) enum Node<'d> {
    Element(Element<'d>),
    Text(&'d str),
    /// A comment, a processing instruction or a CDATA section, under the name the DOM gives it.
    Other {
        name: &'d str,
        /// Characters it adds to the text content of its parent: those of a CDATA section.
        text: &'d str,
    },
}

/// The children of an element.
#[derive(Debug, Clone, Copy)]
pub(in super::super) struct Nodes<'d> {
    document: &'d Document<'d>,
    at: usize,
    end: usize,
}

impl Nodes<'_> {
    pub fn is_empty(self) -> bool {
        self.at == self.end
    }

    /// How many elements, texts and others they and all in them are.
    pub fn size(self) -> usize {
        self.end - self.at
    }

    /// None of them.
    pub fn none(self) -> Self {
        Self { end: self.at, ..self }
    }
}

impl<'d> Iterator for Nodes<'d> {
    type Item = Node<'d>;

    fn next(&mut self) -> Option<Node<'d>> {
        if self.is_empty() {
            return None;
        }
        let document = self.document;
        let at = self.at;
        self.at += 1;
        Some(match &document.stored[at] {
            Stored::Element { name, attributes, end } => {
                self.at = *end;
                Node::Element(Element {
                    name,
                    attributes: &document.attributes[attributes.clone()],
                    children: Nodes { document, at: at + 1, end: *end },
                })
            }
            Stored::Text(text) => Node::Text(text),
            Stored::Other { name, text } => Node::Other { name, text },
        })
    }
}

impl Document<'_> {
    pub fn root(&self) -> Option<Element<'_>> {
        match (Nodes { document: self, at: 0, end: self.stored.len() }).next() {
            Some(Node::Element(root)) => Some(root),
            _ => None,
        }
    }
}

impl<'d> Element<'d> {
    pub fn attribute(self, name: &str) -> Option<&'d str> {
        self.attributes
            .iter()
            .find(|attribute| attribute.name == name)
            .map(|attribute| &*attribute.value)
    }

    /// The characters of the element and everything below it, markup left out.
    pub fn text_content(self) -> String {
        fn collect(element: Element<'_>, text: &mut String) {
            for child in element.children {
                match child {
                    Node::Element(element) => collect(element, text),
                    Node::Text(characters) | Node::Other { text: characters, .. } => {
                        text.push_str(characters);
                    }
                }
            }
        }
        let mut text = String::new();
        collect(self, &mut text);
        text
    }
}
