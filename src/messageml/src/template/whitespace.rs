//! White space around directives: what goes when a template has been parsed.
//!
//! FreeMarker walks the tree once, strips each text by what stands beside it on its lines, and drops what then says
//! nothing. The order matters, for a text that was stripped begins on another line.

use std::cell::Cell;

use super::super::java::is_whitespace;
use super::ast::{Element, ElementKind, Id};
use super::eval::deep;

/// Strips the tree below `root`, and returns its root, which may be an element from deeper.
pub(super) fn clean(elements: &mut Vec<Element>, root: Id, strip: bool) -> Id {
    // All of them at first: a text looks into elements that are cleaned after it.
    for id in 0..elements.len() {
        for index in 1..elements[id].children.len() {
            let (left, right) = (elements[id].children[index - 1], elements[id].children[index]);
            elements[left].next = Some(right);
            elements[right].previous = Some(left);
        }
    }
    let has_trims = elements.iter().any(|element| matches!(element.kind, ElementKind::Trim { .. }));
    Cleaner { elements, strip, has_trims, left: Cell::new(WALK) }.clean(root)
}

/// How many elements are looked at in all: on one long line every text could look at every other.
const WALK: usize = 5_000_000;

struct Cleaner<'e> {
    elements: &'e mut Vec<Element>,
    strip: bool,
    /// Whether there is a directive that trims, anywhere.
    has_trims: bool,
    left: Cell<usize>,
}

impl Cleaner<'_> {
    /// Cleans an element and returns what stands in its place.
    fn clean(&mut self, id: Id) -> Id {
        match self.elements[id].kind {
            ElementKind::Text(_) => {
                self.text(id);
                id
            }
            ElementKind::If if self.elements[id].children.len() == 1 => {
                let only = self.elements[id].children[0];
                let end = self.elements[id].span.end;
                self.elements[only].span.end = end;
                self.children(only);
                only
            }
            ElementKind::Mixed => {
                self.children(id);
                match self.elements[id].children.as_slice() {
                    [only] => *only,
                    _ => id,
                }
            }
            _ => {
                self.children(id);
                id
            }
        }
    }

    fn children(&mut self, id: Id) {
        let mut children = std::mem::take(&mut self.elements[id].children);
        // The walk over terminals finds the first and the last.
        self.elements[id].children.clone_from(&children);
        for (index, child) in children.iter_mut().enumerate() {
            let cleaned = deep(|| self.clean(*child));
            if cleaned != *child {
                let (previous, next) = (self.elements[*child].previous, self.elements[*child].next);
                self.elements[cleaned].previous = previous;
                self.elements[cleaned].next = next;
                if let Some(previous) = previous {
                    self.elements[previous].next = Some(cleaned);
                }
                if let Some(next) = next {
                    self.elements[next].previous = Some(cleaned);
                }
                self.elements[cleaned].parent = Some(id);
                *child = cleaned;
                self.elements[id].children[index] = cleaned;
            }
        }
        children.retain(|child| {
            let ignorable = self.is_ignorable(*child);
            if ignorable {
                let (previous, next) = (self.elements[*child].previous, self.elements[*child].next);
                if let Some(previous) = previous {
                    self.elements[previous].next = next;
                }
                if let Some(next) = next {
                    self.elements[next].previous = previous;
                }
            }
            !ignorable
        });
        self.elements[id].children = children;
    }

    fn is_ignorable(&self, id: Id) -> bool {
        let element = &self.elements[id];
        match element.kind {
            ElementKind::Text(_) => self.is_ignorable_text(id, self.strip),
            ElementKind::Trim { .. } => true,
            ElementKind::Compress
            | ElementKind::Mixed
            | ElementKind::AutoEscape
            | ElementKind::NoAutoEscape
            | ElementKind::OutputFormat => element.children.is_empty(),
            _ => false,
        }
    }

    fn content(&self, id: Id) -> &str {
        match &self.elements[id].kind {
            ElementKind::Text(text) => text,
            _ => "",
        }
    }

    fn set(&mut self, id: Id, content: String) {
        self.elements[id].kind = ElementKind::Text(content);
    }

    fn is_ignorable_text(&self, id: Id, strip: bool) -> bool {
        let text = self.content(id);
        if text.is_empty() {
            return true;
        }
        if !strip || !is_blank(text) {
            return false;
        }
        let top = self.is_top_level(id);
        let silent = |sibling: Option<Id>| match sibling {
            None => top,
            Some(sibling) => matches!(
                self.elements[sibling].kind,
                ElementKind::Macro
                    | ElementKind::Assign(_)
                    | ElementKind::AssignAll { .. }
                    | ElementKind::Setting { .. }
                    | ElementKind::Import(_)
                    | ElementKind::Comment
            ),
        };
        silent(self.sibling(id, false)) && silent(self.sibling(id, true))
    }

    fn is_top_level(&self, id: Id) -> bool {
        match self.elements[id].parent {
            None => true,
            Some(parent) => {
                self.elements[parent].parent.is_none()
                    && matches!(self.elements[parent].kind, ElementKind::Mixed)
            }
        }
    }

    fn sibling(&self, id: Id, next: bool) -> Option<Id> {
        let element = &self.elements[id];
        if next { element.next } else { element.previous }
    }

    /// The leaf before or behind an element, in the order of the template.
    fn terminal(&self, id: Id, next: bool) -> Option<Id> {
        self.left.set(self.left.get().checked_sub(1)?);
        let mut id = id;
        let mut found = loop {
            match self.sibling(id, next) {
                Some(sibling) => break sibling,
                None => id = self.elements[id].parent?,
            }
        };
        loop {
            let element = &self.elements[found];
            if matches!(element.kind, ElementKind::Macro | ElementKind::Capture { .. }) {
                return Some(found);
            }
            let inner = if next { element.children.first() } else { element.children.last() };
            match inner {
                Some(inner) => found = *inner,
                None => return Some(found),
            }
        }
    }

    fn text(&mut self, id: Id) {
        if self.content(id).is_empty() {
            return;
        }
        let left = self.deliberate_left(id);
        let right = self.deliberate_right(id);
        if !self.strip || self.content(id).is_empty() {
            return;
        }
        if self.is_top_level(id) && self.sibling(id, false).is_none() {
            return;
        }
        let behind = if left { 0 } else { self.trailing(id) };
        let before = if right { 0 } else { self.opening(id) };
        if before == 0 && behind == 0 {
            return;
        }
        let text = self.content(id);
        let end = (text.len() - behind).max(before);
        let text = text[before..end].to_owned();
        self.set(id, text);
        let span = &mut self.elements[id].span;
        if before > 0 {
            span.begin.line += 1;
            span.begin.column = 1;
        }
        if behind > 0 {
            span.end.column = 0;
        }
    }

    /// `<#t>` and `<#lt>` behind the text on its last line take the blanks of that line.
    fn deliberate_left(&mut self, id: Id) -> bool {
        let mut result = false;
        let mut at = if self.has_trims { self.terminal(id, true) } else { None };
        while let Some(other) = at
            && self.elements[other].span.begin.line == self.elements[id].span.end.line
        {
            if let ElementKind::Trim { left, right } = self.elements[other].kind {
                result |= left || !right;
                if left {
                    let text = self.content(id);
                    let line = text.rfind(['\n', '\r']).map_or(0, |at| at + 1);
                    if line > 0 || self.elements[id].span.begin.column == 1 {
                        let (first, last) = text.split_at(line);
                        let last = last.trim_start_matches(is_whitespace);
                        let was_blank = last.is_empty();
                        let text = format!("{first}{last}");
                        self.set(id, text);
                        if was_blank {
                            self.elements[id].span.end.column = 0;
                        }
                    }
                }
            }
            at = self.terminal(other, true);
        }
        result
    }

    /// `<#t>` and `<#rt>` before the text on its first line take the end of that line.
    fn deliberate_right(&mut self, id: Id) -> bool {
        let mut result = false;
        let mut at = if self.has_trims { self.terminal(id, false) } else { None };
        while let Some(other) = at
            && self.elements[other].span.end.line == self.elements[id].span.begin.line
        {
            if let ElementKind::Trim { left, right } = self.elements[other].kind {
                result |= right || !left;
                if right {
                    result = true;
                    let text = self.content(id);
                    let Some(line) = line_end(text) else { return false };
                    let (opening, trailing) = text.split_at(line);
                    let (opening, mut trailing) = (opening.to_owned(), trailing.to_owned());
                    if is_blank(&opening) {
                        self.set(id, trailing);
                        let begin = &mut self.elements[id].span.begin;
                        begin.line += 1;
                        begin.column = 1;
                    } else {
                        if is_blank(&trailing) && self.trims_rest(id) {
                            trailing.clear();
                        }
                        let printable = opening.trim_end_matches(is_whitespace);
                        self.set(id, format!("{printable}{trailing}"));
                    }
                }
            }
            at = self.terminal(other, false);
        }
        result
    }

    fn trims_rest(&self, id: Id) -> bool {
        let mut trims = true;
        let mut at = self.terminal(id, true);
        while let Some(other) = at
            && self.elements[other].span.begin.line == self.elements[id].span.end.line
        {
            if self.heeds(other, true) {
                trims = false;
            }
            if matches!(self.elements[other].kind, ElementKind::Trim { left: true, .. }) {
                return true;
            }
            at = self.terminal(other, true);
        }
        trims
    }

    /// Bytes of the first line, if it is blank and nothing printable stands before it.
    fn opening(&self, id: Id) -> usize {
        let text = self.content(id);
        let newline = text.find(['\n', '\r']);
        if newline.is_none() && self.elements[id].span.begin.column != 1 {
            return 0;
        }
        let length = line_end(text).unwrap_or(0);
        if !is_blank(&text[..length]) {
            return 0;
        }
        let mut at = self.terminal(id, false);
        while let Some(other) = at
            && self.elements[other].span.end.line == self.elements[id].span.begin.line
        {
            if self.heeds(other, false) {
                return 0;
            }
            at = self.terminal(other, false);
        }
        length
    }

    /// Bytes of the last line, if it is blank and nothing printable stands behind it.
    fn trailing(&self, id: Id) -> usize {
        let text = self.content(id);
        let newline = text.rfind(['\n', '\r']);
        if newline.is_none() && self.elements[id].span.begin.column != 1 {
            return 0;
        }
        let line = newline.map_or(0, |at| at + 1);
        if !is_blank(&text[line..]) {
            return 0;
        }
        let mut at = self.terminal(id, true);
        while let Some(other) = at
            && self.elements[other].span.begin.line == self.elements[id].span.end.line
        {
            if self.heeds(other, true) {
                return 0;
            }
            at = self.terminal(other, true);
        }
        text.len() - line
    }

    /// Whether blanks beside the element mean something: those before it for `trailing`, else those behind it.
    fn heeds(&self, id: Id, trailing: bool) -> bool {
        match &self.elements[id].kind {
            ElementKind::Interpolation { .. } | ElementKind::Numeric { .. } => true,
            ElementKind::Text(text) => {
                if self.is_ignorable_text(id, true) {
                    return false;
                }
                let decides = |c: char| matches!(c, '\n' | '\r') || !is_whitespace(c);
                let found = if trailing {
                    text.chars().find(|c| decides(*c))
                } else {
                    text.chars().rfind(|c| decides(*c))
                };
                !matches!(found, Some('\n' | '\r'))
            }
            _ => false,
        }
    }
}

/// Nothing but white space.
fn is_blank(text: &str) -> bool {
    text.chars().all(is_whitespace)
}

/// Bytes up to the end of the first line.
fn line_end(text: &str) -> Option<usize> {
    let at = text.find(['\n', '\r'])?;
    Some(at + if text[at..].starts_with("\r\n") { 2 } else { 1 })
}
