//! Definitions of links at the beginning of a paragraph: `[label]: destination "title"`.

use super::scan;

#[derive(Debug, Clone, Copy, PartialEq)]
enum State {
    Start,
    Label,
    Destination,
    TitleStart,
    Title(char),
    /// Text has begun: no definition comes any more.
    Text,
}

/// A paragraph that lines are added to.
#[derive(Debug)]
pub(super) struct Paragraph {
    state: State,
    /// What is no definition, or none yet.
    pub text: Vec<char>,
    /// Labels and where they lead.
    pub found: Vec<(String, String)>,
    label: Vec<char>,
    destination: String,
    /// Whether it is a definition even if no title follows.
    is_valid: bool,
}

impl Paragraph {
    pub fn new() -> Self {
        Self {
            state: State::Start,
            text: Vec::new(),
            found: Vec::new(),
            label: Vec::new(),
            destination: String::new(),
            is_valid: false,
        }
    }

    pub fn add(&mut self, line: &[char]) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        self.text.extend(line);
        let mut at = 0;
        while at < line.len() && self.state != State::Text {
            let next = match self.state {
                State::Start => self.start(line, at),
                State::Label => self.label(line, at),
                State::Destination => self.destination(line, at),
                State::TitleStart => Some(self.title_start(line, at)),
                State::Title(close) => self.title(line, at, close),
                State::Text => None,
            };
            match next {
                Some(next) => at = next,
                None => self.state = State::Text,
            }
        }
    }

    /// Takes up a definition that only waited for a title.
    pub fn finish(&mut self) {
        if std::mem::take(&mut self.is_valid) {
            let label = scan::normalized(&self.label);
            self.found.push((label, std::mem::take(&mut self.destination)));
        }
    }

    fn start(&mut self, line: &[char], at: usize) -> Option<usize> {
        let at = scan::blanks(line, at);
        if *line.get(at)? != '[' {
            return None;
        }
        self.state = State::Label;
        self.label.clear();
        if at + 1 == line.len() {
            self.label.push('\n');
        }
        Some(at + 1)
    }

    fn label(&mut self, line: &[char], at: usize) -> Option<usize> {
        let end = scan::label(line, at)?;
        self.label.extend(&line[at..end]);
        if end == line.len() {
            self.label.push('\n');
            return Some(end);
        }
        let is_label = line.get(end + 1) == Some(&':')
            && self.label.len() <= 999
            && !scan::normalized(&self.label).is_empty();
        if !is_label {
            return None;
        }
        self.state = State::Destination;
        Some(scan::blanks(line, end + 2))
    }

    fn destination(&mut self, line: &[char], at: usize) -> Option<usize> {
        let at = scan::blanks(line, at);
        let end = scan::destination(line, at)?;
        let written = if line[at] == '<' { &line[at + 1..end - 1] } else { &line[at..end] };
        self.destination = scan::unescaped(written);
        let after = scan::blanks(line, end);
        if after == line.len() {
            self.is_valid = true;
            self.text.clear();
        } else if after == end {
            return None;
        }
        self.state = State::TitleStart;
        Some(after)
    }

    fn title_start(&mut self, line: &[char], at: usize) -> usize {
        let at = scan::blanks(line, at);
        let Some(&open) = line.get(at) else {
            self.state = State::Start;
            return at;
        };
        match scan::closing(open) {
            Some(close) => {
                self.state = State::Title(close);
                at + 1
            }
            None => {
                self.finish();
                self.state = State::Start;
                at
            }
        }
    }

    fn title(&mut self, line: &[char], at: usize, close: char) -> Option<usize> {
        let end = scan::title(line, at, close)?;
        if end == line.len() {
            return Some(end);
        }
        let after = scan::blanks(line, end + 1);
        if after != line.len() {
            return None;
        }
        self.is_valid = true;
        self.finish();
        self.text.clear();
        self.state = State::Start;
        Some(after)
    }
}
