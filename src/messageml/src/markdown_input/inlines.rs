//! What is in a paragraph: text, code, tags and links. Delimiters wait for `delimiters`.

use std::collections::HashMap;

use super::super::Invalid;
use super::delimiters::Run;
use super::enrich::MARK;
use super::html::{self, Html};
use super::nodes::{Inline, Nodes};
use super::{Budget, scan};

/// A `[` or `![` that is open.
struct Bracket {
    node: usize,
    /// Of the `[` in the text.
    at: usize,
    is_image: bool,
    /// Whether a link may begin here: links are not in each other.
    allowed: bool,
    has_bracket_in_it: bool,
    /// The last run before it.
    run: Option<usize>,
}

pub(super) struct Parser<'p> {
    pub text: Vec<char>,
    pub at: usize,
    pub nodes: Nodes,
    /// All that were found, each with its neighbours among those that still wait for a pair.
    pub runs: Vec<Run>,
    pub last_run: Option<usize>,
    brackets: Vec<Bracket>,
    html: Html,
    /// Where the last run of backticks of each length begins, once one was looked for.
    last_ticks: Option<HashMap<usize, usize>>,
    definitions: &'p HashMap<String, String>,
    pub budget: &'p mut Budget,
}

pub(super) fn parse(
    text: &[char],
    definitions: &HashMap<String, String>,
    budget: &mut Budget,
) -> Result<Nodes, Invalid> {
    let is_edge = |c: &&char| **c <= ' ';
    let start = text.iter().take_while(is_edge).count();
    let end = text.len() - text[start..].iter().rev().take_while(is_edge).count();
    let mut parser = Parser {
        text: text[start..end].to_vec(),
        at: 0,
        nodes: Nodes::default(),
        runs: Vec::new(),
        last_run: None,
        brackets: Vec::new(),
        html: Html::default(),
        last_ticks: None,
        definitions,
        budget,
    };
    let root = parser.nodes.add(Inline::Paragraph);
    while parser.at < parser.text.len() {
        let node = parser.next()?;
        parser.nodes.append(root, node);
    }
    parser.pair(None)?;
    parser.nodes.merge(parser.nodes.0[root].first, None, parser.budget)?;
    Ok(parser.nodes)
}

impl Parser<'_> {
    pub fn add_text(&mut self, text: impl Into<String>) -> usize {
        self.nodes.add(Inline::Text(text.into()))
    }

    pub fn slice(&self, from: usize, to: usize) -> String {
        self.text[from..to].iter().collect()
    }

    fn next(&mut self) -> Result<usize, Invalid> {
        let start = self.at;
        let character = self.text[start];
        match character {
            '\n' => return Ok(self.line_end()),
            '\\' => return Ok(self.backslash()),
            '`' => return Ok(self.code()),
            '[' => {
                self.at += 1;
                return Ok(self.bracket("[", start, false));
            }
            '!' if self.text.get(start + 1) == Some(&'[') => {
                self.at += 2;
                return Ok(self.bracket("![", start + 1, true));
            }
            ']' => return self.closing_bracket(),
            '<' => {
                if let Some((end, destination)) = html::autolink(&self.text, start) {
                    self.at = end;
                    let link = self.nodes.add(Inline::Link(destination));
                    let text = self.slice(start + 1, end - 1);
                    let text = self.add_text(text);
                    self.nodes.append(link, text);
                    return Ok(link);
                }
                if let Some(end) = self.html.tag(&self.text, start) {
                    self.at = end;
                    let tag = self.slice(start, end);
                    return Ok(self.nodes.add(Inline::Html(tag)));
                }
            }
            '&' => {
                if let Some((end, meant)) = scan::entity(&self.text, start) {
                    self.at = end;
                    return Ok(self.add_text(meant));
                }
            }
            '*' | '_' | MARK => return Ok(self.run(character)),
            _ => {}
        }
        self.at += 1;
        let is_special = |c: &char| {
            matches!(c, '\n' | '\\' | '`' | '[' | '!' | ']' | '<' | '&' | '*' | '_' | &MARK)
        };
        if !is_special(&character) {
            while self.text.get(self.at).is_some_and(|c| !is_special(c)) {
                self.at += 1;
            }
        }
        let text = self.slice(start, self.at);
        Ok(self.add_text(text))
    }

    /// Two spaces before it break the line.
    fn line_end(&mut self) -> usize {
        self.at += 1;
        let mut spaces = 0;
        if let Some(last) = self.nodes.0[0].last
            && let Some(text) = self.nodes.text_mut(last)
        {
            let length = text.trim_end_matches(' ').len();
            spaces = text.len() - length;
            text.truncate(length);
        }
        self.nodes.add(if spaces >= 2 { Inline::Break } else { Inline::LineEnd })
    }

    fn backslash(&mut self) -> usize {
        self.at += 1;
        if self.text.get(self.at) == Some(&'\n') {
            self.at += 1;
            return self.nodes.add(Inline::Break);
        }
        if scan::is_escapable(&self.text, self.at) {
            self.at += 1;
            return self.add_text(self.text[self.at - 1]);
        }
        self.add_text("\\")
    }

    fn code(&mut self) -> usize {
        let (start, length) = (self.at, ticks(&self.text, self.at));
        self.at += length;
        let text = &self.text;
        let last = self.last_ticks.get_or_insert_with(|| last_ticks(text));
        if last.get(&length).is_none_or(|last| *last <= start) {
            return self.add_text("`".repeat(length));
        }
        let mut end = self.at;
        loop {
            match ticks(text, end) {
                0 => end += 1,
                found if found == length => break,
                found => end += found,
            }
        }
        let mut code: &[char] = &text[self.at..end];
        if let [' ' | '\n', inside @ .., ' ' | '\n'] = code
            && code.iter().any(|c| !matches!(c, ' ' | '\n'))
        {
            code = inside;
        }
        let code = code.iter().map(|c| if *c == '\n' { ' ' } else { *c }).collect();
        self.at = end + length;
        self.nodes.add(Inline::Code(code))
    }

    fn bracket(&mut self, text: &str, at: usize, is_image: bool) -> usize {
        let node = self.add_text(text);
        if let Some(around) = self.brackets.last_mut() {
            around.has_bracket_in_it = true;
        }
        self.brackets.push(Bracket {
            node,
            at,
            is_image,
            allowed: true,
            has_bracket_in_it: false,
            run: self.last_run,
        });
        node
    }

    fn closing_bracket(&mut self) -> Result<usize, Invalid> {
        self.at += 1;
        let start = self.at;
        let Some(opener) = self.brackets.pop() else { return Ok(self.add_text("]")) };
        if !opener.allowed {
            return Ok(self.add_text("]"));
        }
        let destination = self.inline_destination().or_else(|| self.reference(start, &opener));
        let Some(destination) = destination else {
            self.at = start;
            return Ok(self.add_text("]"));
        };
        let link = if opener.is_image { Inline::Image } else { Inline::Link(destination) };
        let link = self.nodes.add(link);
        while let Some(node) = self.nodes.0[opener.node].next {
            self.nodes.append(link, node);
        }
        self.pair(opener.run)?;
        self.nodes.merge(self.nodes.0[link].first, None, self.budget)?;
        self.nodes.unlink(opener.node);
        if !opener.is_image {
            self.budget.spend(self.brackets.len())?;
            for around in self.brackets.iter_mut().filter(|around| !around.is_image) {
                around.allowed = false;
            }
        }
        Ok(link)
    }

    /// `(destination "title")`. A parenthesis without a destination is lost if the text turns out to be a label, as in
    /// the reference: so the place stays behind it.
    fn inline_destination(&mut self) -> Option<String> {
        let before = self.at;
        if self.text.get(before) != Some(&'(') {
            return None;
        }
        let start = self.blanks_and_line_end(before + 1);
        self.at = start;
        let end = scan::destination(&self.text, start)?;
        self.at = before;
        let written = if self.text.get(start) == Some(&'<') {
            &self.text[start + 1..end - 1]
        } else {
            &self.text[start..end]
        };
        let destination = scan::unescaped(written);
        let mut at = self.blanks_and_line_end(end);
        let is_apart = matches!(self.text[at - 1], ' ' | '\t' | '\n' | '\u{b}' | '\u{c}' | '\r');
        if is_apart
            && let Some(close) = self.text.get(at).and_then(|open| scan::closing(*open))
            && let Some(end) = scan::title(&self.text, at + 1, close)
            && end < self.text.len()
        {
            at = self.blanks_and_line_end(end + 1);
        }
        if self.text.get(at) != Some(&')') {
            return None;
        }
        self.at = at + 1;
        Some(destination)
    }

    fn blanks_and_line_end(&self, at: usize) -> usize {
        let spaces = |at: usize| at + self.text[at..].iter().take_while(|c| **c == ' ').count();
        let at = spaces(at);
        if self.text.get(at) == Some(&'\n') { spaces(at + 1) } else { at }
    }

    /// `[label]` behind the text, or the text itself, if it is the label of a definition.
    fn reference(&mut self, end_of_text: usize, opener: &Bracket) -> Option<String> {
        let start = self.at;
        let mut label = None;
        if self.text.get(start) == Some(&'[')
            && let Some(end) = scan::label(&self.text, start + 1)
            && end < self.text.len()
            && end - start <= 1_000
        {
            self.at = end + 1;
            if end > start + 1 {
                label = Some(start + 1..end);
            }
        }
        if label.is_none() && !opener.has_bracket_in_it {
            label = Some(opener.at + 1..end_of_text - 1);
        }
        let label = scan::normalized(&self.text[label?]);
        self.definitions.get(&label).cloned()
    }
}

/// How many backticks stand here.
fn ticks(text: &[char], at: usize) -> usize {
    text[at..].iter().take_while(|c| **c == '`').count()
}

fn last_ticks(text: &[char]) -> HashMap<usize, usize> {
    let mut last = HashMap::new();
    let mut at = 0;
    while at < text.len() {
        let length = ticks(text, at);
        if length > 0 {
            last.insert(length, at);
        }
        at += length.max(1);
    }
    last
}
