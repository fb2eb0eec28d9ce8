//! The checks elements have in common, each with its one error text.

use super::Invalid;
use super::java;
use super::tree::{Element, Kind, Node, NodeId, Tree};

/// An element in its tree, to be checked.
#[derive(Clone, Copy)]
pub(super) struct Checked<'t> {
    pub tree: &'t Tree<'t>,
    pub id: NodeId,
}

impl<'t> Checked<'t> {
    pub fn element(self) -> &'t Element<'t> {
        self.tree.element(self.id)
    }

    pub fn tag(self) -> &'static str {
        self.element().kind.tag()
    }

    pub fn get(self, name: &str) -> Option<&'t str> {
        self.element().attributes.get(name)
    }

    /// Present, and not only blanks and control characters.
    pub fn required(self, name: &str) -> Result<(), Invalid> {
        match self.get(name) {
            Some(value) if !java::trims_to_nothing(value) => Ok(()),
            _ => Err(required(name)),
        }
    }

    /// Present, whatever the value.
    pub fn present(self, name: &str) -> Result<(), Invalid> {
        if self.get(name).is_some() { Ok(()) } else { Err(required(name)) }
    }

    /// If present, one of `values`, whatever the case.
    pub fn one_of(self, name: &str, values: &[&str]) -> Result<(), Invalid> {
        match self.get(name) {
            Some(value) if !values.contains(&value.to_lowercase().as_str()) => {
                Err(Invalid::new(format!(
                    "Attribute \"{name}\" of element \"{}\" can only be one of the following values: [{}].",
                    self.tag(),
                    values.join(", ")
                )))
            }
            _ => Ok(()),
        }
    }

    /// If present, `true` or `false`.
    pub fn boolean(self, name: &str) -> Result<(), Invalid> {
        self.one_of(name, &["true", "false"])
    }

    /// If present, at most `max` UTF-16 units.
    pub fn at_most(self, name: &str, max: usize) -> Result<(), Invalid> {
        match self.get(name) {
            Some(value) if java::is_longer_than(value, max) => Err(Invalid::new(format!(
                "The attribute \"{name}\" length is bigger than maximum allowed [{max}]"
            ))),
            _ => Ok(()),
        }
    }

    /// Present, not empty, without whitespace, and short.
    pub fn identifier(self, name: &str) -> Result<(), Invalid> {
        match self.get(name) {
            Some(value) if !value.is_empty() && !value.contains(java::is_whitespace) => {
                self.at_most(name, 64)
            }
            _ => Err(Invalid::new(format!(
                "The attribute \"{name}\" is required and must not contain any whitespace"
            ))),
        }
    }

    pub fn date(self, name: &str) -> Result<(), Invalid> {
        match self.get(name) {
            Some(value) if !java::time::is_date(value) => Err(bad_date(name)),
            _ => Ok(()),
        }
    }

    pub fn time(self, name: &str) -> Result<(), Invalid> {
        match self.get(name) {
            Some(value) if !java::time::is_time(value) => Err(Invalid::new(format!(
                "Attribute \"{name}\" has invalid time format, only HH:mm:ss format is allowed"
            ))),
            _ => Ok(()),
        }
    }

    pub fn no_attributes(self) -> Result<(), Invalid> {
        if self.element().attributes.is_empty() {
            return Ok(());
        }
        Err(Invalid::new(format!("Element \"{}\" may not have attributes", self.tag())))
    }

    /// Not even blanks.
    pub fn no_content(self) -> Result<(), Invalid> {
        if self.element().is_empty() { Ok(()) } else { Err(no_content(self.tag())) }
    }

    pub fn no_text(self) -> Result<(), Invalid> {
        if self.tree.children(self.id).any(is_text) {
            return Err(Invalid::new(format!(
                "Element \"{}\" may not have text content",
                self.tag()
            )));
        }
        Ok(())
    }

    /// No text that is not blank, and elements of these kinds alone.
    pub fn only(self, kinds: &[Kind]) -> Result<(), Invalid> {
        let is_right = |node| match node {
            Node::Element(_, element) => kinds.contains(&element.kind),
            Node::Text(_) => !is_text(node),
        };
        if self.tree.children(self.id).all(is_right) {
            return Ok(());
        }
        self.no_text()?;
        self.children(Text::Refused, |child| kinds.contains(&child.kind))
    }

    /// Every child element is `allowed`; blank text always is, other text if `text` says so.
    pub fn children(self, text: Text, allowed: impl Fn(&Element) -> bool) -> Result<(), Invalid> {
        for node in self.tree.children(self.id) {
            let name = match node {
                Node::Element(_, element) if !allowed(element) => element.kind.tag(),
                // The reference asks a text for its tag, and it has none.
                Node::Text(_) if text == Text::Refused && is_text(node) => "null",
                _ => continue,
            };
            return Err(not_allowed(name, self.tag()));
        }
        Ok(())
    }

    pub fn phrasing(self) -> Result<(), Invalid> {
        self.children(Text::Allowed, |child| child.kind.is_phrasing())
    }

    /// At least one child of the kinds.
    pub fn contains(self, kinds: &[Kind]) -> Result<(), Invalid> {
        if self.tree.child_elements(self.id).any(|(_, child)| kinds.contains(&child.kind)) {
            return Ok(());
        }
        Err(lacks(self.tag(), &list(kinds)))
    }

    /// At least one text among the children, blank or not.
    pub fn contains_text(self) -> Result<(), Invalid> {
        if self.tree.children(self.id).any(|node| matches!(node, Node::Text(_))) {
            return Ok(());
        }
        Err(lacks(self.tag(), "text content"))
    }

    pub fn child_of(self, kinds: &[Kind]) -> Result<(), Invalid> {
        if kinds.contains(&self.tree.parent_kind(self.id)) {
            return Ok(());
        }
        Err(Invalid::new(format!(
            "Element \"{}\" can only be a child of the following elements: [{}]",
            self.tag(),
            list(kinds)
        )))
    }

    pub fn inside(self, kinds: &[Kind]) -> Result<(), Invalid> {
        if self.tree.ancestors(self.id).any(|element| kinds.contains(&element.kind)) {
            return Ok(());
        }
        Err(Invalid::new(format!(
            "Element \"{}\" can only be a inner child of the following elements: [{}]",
            self.tag(),
            list(kinds)
        )))
    }
}

/// Whether an element may have text among its children.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Text {
    Allowed,
    Refused,
}

pub(super) fn attribute_not_allowed(name: &str, tag: &str) -> Invalid {
    Invalid::new(format!("Attribute \"{name}\" is not allowed in \"{tag}\""))
}

pub(super) fn bad_date(name: &str) -> Invalid {
    Invalid::new(format!("Attribute \"{name}\" has invalid date format"))
}

pub(super) fn lacks(tag: &str, wanted: &str) -> Invalid {
    Invalid::new(format!(
        "The \"{tag}\" element must have at least one child that is any of the following elements: [{wanted}]."
    ))
}

pub(super) fn no_content(tag: &str) -> Invalid {
    Invalid::new(format!("Element \"{tag}\" may not have child elements or text content"))
}

pub(super) fn not_allowed(child: &str, tag: &str) -> Invalid {
    Invalid::new(format!("Element \"{child}\" is not allowed in \"{tag}\""))
}

pub(super) fn required(name: &str) -> Invalid {
    Invalid::new(format!("The attribute \"{name}\" is required"))
}

fn is_text(node: Node<'_, '_>) -> bool {
    matches!(node, Node::Text(text) if !java::is_blank(text))
}

fn list(kinds: &[Kind]) -> String {
    kinds.iter().map(|kind| kind.listed()).collect::<Vec<_>>().join(", ")
}
