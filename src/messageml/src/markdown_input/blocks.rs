//! The blocks of a message: quotes, lists, code, rules and paragraphs.

use std::collections::HashMap;

use super::super::Invalid;
use super::definitions::Paragraph;
use super::{Budget, MAX_DEPTH, marks, scan};

/// From so many columns on, a line begins no block.
const INDENTED: usize = 4;

#[derive(Debug)]
pub(super) enum Block {
    Document,
    Quote,
    /// By its bullet, or by what stands behind its numbers.
    List {
        mark: char,
    },
    /// With the columns that its contents are indented by.
    Item {
        indent: usize,
    },
    Rule,
    Fence {
        mark: char,
        length: usize,
        indent: usize,
        info: Option<String>,
        text: String,
    },
    Paragraph(Paragraph),
    /// Nothing is seen of it, but a paragraph behind it is not the first.
    Definition,
}

impl Block {
    fn is_container(&self) -> bool {
        matches!(self, Self::Document | Self::Quote | Self::List { .. } | Self::Item { .. })
    }

    pub fn is_ordered(mark: char) -> bool {
        matches!(mark, '.' | ')')
    }
}

#[derive(Debug)]
pub(super) struct Node {
    pub block: Block,
    pub children: Vec<usize>,
}

/// The blocks; the first is the document.
#[derive(Debug)]
pub(super) struct Document {
    pub nodes: Vec<Node>,
    /// Where links lead, by their normalized labels.
    pub definitions: HashMap<String, String>,
}

/// What goes on with a line in a block that is open.
enum Continued {
    /// At this index.
    Index(usize),
    Column(usize),
    /// The line closes the block.
    Closed,
    No,
}

struct Parser<'b> {
    document: Document,
    /// From the document to the innermost block that is open.
    open: Vec<usize>,
    budget: &'b mut Budget,
    line: Vec<char>,
    at: usize,
    column: usize,
    /// Whether `at` is within a tab.
    in_tab: bool,
    /// The next character that is no space, if it was looked for in this line.
    next: usize,
    next_column: usize,
    is_blank: bool,
    is_found: bool,
}

pub(super) fn parse(text: &str, budget: &mut Budget) -> Result<Document, Invalid> {
    let root = Node { block: Block::Document, children: Vec::new() };
    let document = Document { nodes: vec![root], definitions: HashMap::new() };
    let mut parser = Parser {
        document,
        open: vec![0],
        budget,
        line: Vec::new(),
        at: 0,
        column: 0,
        in_tab: false,
        next: 0,
        next_column: 0,
        is_blank: false,
        is_found: false,
    };
    let text = text.replace("\r\n", "\n");
    let lines: Vec<&str> = text.split(['\n', '\r']).collect();
    // The end of the last line begins no other.
    let count = lines.len() - usize::from(lines.last().is_some_and(|line| line.is_empty()));
    for line in &lines[..count] {
        parser.line.clear();
        parser.line.extend(line.chars().map(|c| if c == '\0' { '\u{fffd}' } else { c }));
        parser.add_line()?;
    }
    parser.close(1);
    Ok(parser.document)
}

impl Parser<'_> {
    fn block(&self, depth: usize) -> &Block {
        &self.document.nodes[self.open[depth]].block
    }

    fn indent(&self) -> usize {
        self.next_column - self.column
    }

    fn add_line(&mut self) -> Result<(), Invalid> {
        (self.at, self.column, self.in_tab, self.is_found) = (0, 0, false, false);
        self.budget.spend(self.open.len())?;
        let mut matched = 1;
        while matched < self.open.len() {
            self.find_next();
            match self.continued(matched) {
                Continued::Index(index) => self.move_to(index),
                Continued::Column(column) => self.move_to_column(column),
                Continued::Closed => {
                    self.close(matched);
                    return Ok(());
                }
                Continued::No => break,
            }
            matched += 1;
        }
        let mut is_closed = matched == self.open.len();
        let mut last = matched - 1;
        let mut may_start =
            self.block(last).is_container() || matches!(self.block(last), Block::Paragraph(_));
        while may_start {
            self.find_next();
            self.budget.spend(self.line.len() - self.next)?;
            let start = if self.is_blank { None } else { self.start(last) };
            let Some((blocks, column)) = start else {
                self.move_to(self.next);
                break;
            };
            if !is_closed {
                self.close(matched);
                is_closed = true;
            }
            self.move_to_column(column);
            for block in blocks {
                may_start = block.is_container();
                self.open(block)?;
            }
            last = self.open.len() - 1;
        }
        let innermost = self.open.len() - 1;
        if !is_closed && !self.is_blank && matches!(self.block(innermost), Block::Paragraph(_)) {
            self.add_text();
            return Ok(());
        }
        if !is_closed {
            self.close(matched);
        }
        if !self.block(last).is_container() {
            self.add_text();
        } else if !self.is_blank {
            self.open(Block::Paragraph(Paragraph::new()))?;
            self.add_text();
        }
        Ok(())
    }

    fn find_next(&mut self) {
        if self.is_found && self.at <= self.next {
            return;
        }
        self.is_found = true;
        (self.next, self.next_column) = (self.at, self.column);
        loop {
            match self.line.get(self.next) {
                Some(' ') => self.next_column += 1,
                Some('\t') => self.next_column += 4 - self.next_column % 4,
                other => {
                    self.is_blank = other.is_none();
                    return;
                }
            }
            self.next += 1;
        }
    }

    fn advance(&mut self) {
        self.column += if self.line[self.at] == '\t' { 4 - self.column % 4 } else { 1 };
        self.at += 1;
    }

    fn move_to(&mut self, index: usize) {
        if index >= self.next {
            (self.at, self.column) = (self.next, self.next_column);
        }
        while self.at < index.min(self.line.len()) {
            self.advance();
        }
        self.in_tab = false;
    }

    fn move_to_column(&mut self, column: usize) {
        if column >= self.next_column {
            (self.at, self.column) = (self.next, self.next_column);
        }
        while self.column < column && self.at < self.line.len() {
            self.advance();
        }
        self.in_tab = self.column > column;
        if self.in_tab {
            self.at -= 1;
            self.column = column;
        }
    }

    fn continued(&self, depth: usize) -> Continued {
        let node = &self.document.nodes[self.open[depth]];
        match &node.block {
            Block::Quote => match self.behind_quote_mark() {
                Some(column) => Continued::Column(column),
                None => Continued::No,
            },
            Block::Item { .. } if self.is_blank => {
                if node.children.is_empty() {
                    Continued::No
                } else {
                    Continued::Index(self.next)
                }
            }
            Block::Item { indent } if self.indent() >= *indent => {
                Continued::Column(self.column + indent)
            }
            Block::Fence { mark, length, indent, .. } => {
                let marks = self.line[self.next..].iter().take_while(|c| *c == mark).count();
                let is_end = self.indent() < INDENTED
                    && marks >= *length
                    && scan::blanks(&self.line, self.next + marks) == self.line.len();
                if is_end {
                    return Continued::Closed;
                }
                let spaces = self.line[self.at..].iter().take(*indent).take_while(|c| **c == ' ');
                Continued::Index(self.at + spaces.count())
            }
            Block::Paragraph(_) if !self.is_blank => Continued::Index(self.at),
            Block::List { .. } | Block::Document => Continued::Index(self.at),
            Block::Item { .. } | Block::Paragraph(_) | Block::Rule | Block::Definition => {
                Continued::No
            }
        }
    }

    /// The column behind a `>` and its space.
    fn behind_quote_mark(&self) -> Option<usize> {
        if self.indent() >= INDENTED || self.line.get(self.next) != Some(&'>') {
            return None;
        }
        let space = matches!(self.line.get(self.next + 1), Some(' ' | '\t'));
        Some(self.next_column + 1 + usize::from(space))
    }

    /// The blocks that begin here, and the column behind their marks.
    fn start(&self, last: usize) -> Option<(Vec<Block>, usize)> {
        if self.indent() >= INDENTED {
            return None;
        }
        if let Some(column) = self.behind_quote_mark() {
            return Some((vec![Block::Quote], column));
        }
        let rest = &self.line[self.next..];
        if let Some((mark, length)) = marks::fence(rest) {
            let indent = self.indent();
            let fence = Block::Fence { mark, length, indent, info: None, text: String::new() };
            return Some((vec![fence], self.next_column + length));
        }
        if marks::is_rule(rest) {
            return Some((vec![Block::Rule], usize::MAX));
        }
        self.item(last)
    }

    fn item(&self, last: usize) -> Option<(Vec<Block>, usize)> {
        let rest = &self.line[self.next..];
        let (mark, length, number) = marks::list(rest)?;
        let after_mark = self.next_column + length;
        let mut content = after_mark;
        let mut has_content = false;
        for character in &rest[length..] {
            match character {
                '\t' => content += 4 - content % 4,
                ' ' => content += 1,
                _ => {
                    has_content = true;
                    break;
                }
            }
        }
        let in_text = matches!(self.block(last), Block::Paragraph(p) if !p.text.is_empty());
        if in_text && (!has_content || number.is_some_and(|number| number != 1)) {
            return None;
        }
        if !has_content || content - after_mark > INDENTED {
            content = after_mark + 1;
        }
        let item = Block::Item { indent: content - self.column };
        let goes_on = matches!(self.block(last), Block::List { mark: open } if *open == mark);
        let blocks = if goes_on { vec![item] } else { vec![Block::List { mark }, item] };
        Some((blocks, content))
    }

    /// Opens a block in the innermost that may hold it.
    fn open(&mut self, block: Block) -> Result<(), Invalid> {
        let is_item = matches!(block, Block::Item { .. });
        while match self.block(self.open.len() - 1) {
            Block::List { .. } => !is_item,
            around => !around.is_container(),
        } {
            self.close(self.open.len() - 1);
        }
        if self.open.len() > MAX_DEPTH {
            return Err(Invalid::new("The message is nested too deeply"));
        }
        let id = self.document.nodes.len();
        self.document.nodes.push(Node { block, children: Vec::new() });
        let around = self.open[self.open.len() - 1];
        self.document.nodes[around].children.push(id);
        self.open.push(id);
        Ok(())
    }

    /// Closes the blocks from a depth on.
    fn close(&mut self, depth: usize) {
        while self.open.len() > depth {
            let Some(id) = self.open.pop() else { return };
            let Block::Paragraph(paragraph) = &mut self.document.nodes[id].block else { continue };
            paragraph.finish();
            let is_empty = paragraph.text.is_empty();
            let found = std::mem::take(&mut paragraph.found);
            let around = self.open[self.open.len() - 1];
            if found.is_empty() && !is_empty {
                continue;
            }
            self.document.nodes[around].children.pop();
            for (label, destination) in found {
                let definition = self.document.nodes.len();
                self.document.nodes.push(Node { block: Block::Definition, children: Vec::new() });
                self.document.nodes[around].children.push(definition);
                self.document.definitions.entry(label).or_insert(destination);
            }
            if !is_empty {
                self.document.nodes[around].children.push(id);
            }
        }
    }

    /// Adds what is left of the line to the innermost block.
    fn add_text(&mut self) {
        let mut rest = Vec::new();
        let mut at = self.at;
        if self.in_tab {
            rest.resize(4 - self.column % 4, ' ');
            at += 1;
        }
        rest.extend(&self.line[at..]);
        let innermost = self.open[self.open.len() - 1];
        match &mut self.document.nodes[innermost].block {
            Block::Paragraph(paragraph) => paragraph.add(&rest),
            Block::Fence { info: info @ None, .. } => {
                let line: String = rest.iter().collect();
                let line: Vec<char> = scan::trimmed(&line).chars().collect();
                *info = Some(scan::unescaped(&line));
            }
            Block::Fence { text, .. } => {
                text.extend(rest);
                text.push('\n');
            }
            _ => {}
        }
    }
}
