//! The nodes that a paragraph is made of, in lists that each know their neighbours: pairs of delimiters put what is
//! between them into a node of its own.

use super::super::Invalid;
use super::Budget;

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Inline {
    Paragraph,
    Text(String),
    /// A tag, shown as text. It is not one with what stands beside it.
    Html(String),
    Code(String),
    /// The end of a line, of which nothing is seen.
    LineEnd,
    Break,
    Italic,
    Bold,
    Link(String),
    /// Its text is all that is seen of it.
    Image,
    /// With its sign.
    Keyword(String),
    Mention(i64),
    Table(Vec<Vec<String>>),
}

#[derive(Debug)]
pub(super) struct Node {
    pub inline: Inline,
    pub first: Option<usize>,
    pub next: Option<usize>,
    pub last: Option<usize>,
    previous: Option<usize>,
    parent: Option<usize>,
}

/// The nodes of a paragraph, which is the first.
#[derive(Debug, Default)]
pub(super) struct Nodes(pub Vec<Node>);

impl Nodes {
    pub fn add(&mut self, inline: Inline) -> usize {
        let (first, next, last, previous, parent) = Default::default();
        self.0.push(Node { inline, first, next, last, previous, parent });
        self.0.len() - 1
    }

    pub fn unlink(&mut self, id: usize) {
        let node = &mut self.0[id];
        let (previous, next, parent) = (node.previous.take(), node.next.take(), node.parent.take());
        match (previous, parent) {
            (Some(previous), _) => self.0[previous].next = next,
            (None, Some(parent)) => self.0[parent].first = next,
            (None, None) => {}
        }
        match (next, parent) {
            (Some(next), _) => self.0[next].previous = previous,
            (None, Some(parent)) => self.0[parent].last = previous,
            (None, None) => {}
        }
    }

    pub fn append(&mut self, parent: usize, id: usize) {
        self.unlink(id);
        let last = self.0[parent].last.replace(id);
        (self.0[id].parent, self.0[id].previous) = (Some(parent), last);
        match last {
            Some(last) => self.0[last].next = Some(id),
            None => self.0[parent].first = Some(id),
        }
    }

    pub fn insert_after(&mut self, place: usize, id: usize) {
        self.unlink(id);
        let (next, parent) = (self.0[place].next.replace(id), self.0[place].parent);
        let node = &mut self.0[id];
        (node.previous, node.next, node.parent) = (Some(place), next, parent);
        match (next, parent) {
            (Some(next), _) => self.0[next].previous = Some(id),
            (None, Some(parent)) => self.0[parent].last = Some(id),
            (None, None) => {}
        }
    }

    /// Makes texts that stand side by side one, from a node up to the one before another. Each node is a step.
    pub fn merge(
        &mut self,
        from: Option<usize>,
        until: Option<usize>,
        budget: &mut Budget,
    ) -> Result<(), Invalid> {
        let mut at = from;
        let mut into: Option<usize> = None;
        while let Some(id) = at.filter(|id| Some(*id) != until) {
            budget.spend(1)?;
            at = self.0[id].next;
            let Inline::Text(text) = &mut self.0[id].inline else {
                into = None;
                continue;
            };
            match into {
                None => into = Some(id),
                Some(first) => {
                    let text = std::mem::take(text);
                    if let Inline::Text(joined) = &mut self.0[first].inline {
                        joined.push_str(&text);
                    }
                    self.unlink(id);
                }
            }
        }
        Ok(())
    }

    pub fn text_mut(&mut self, id: usize) -> Option<&mut String> {
        match &mut self.0[id].inline {
            Inline::Text(text) => Some(text),
            _ => None,
        }
    }
}
