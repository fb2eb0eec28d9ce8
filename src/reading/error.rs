use std::fmt;

use serde::de::{self, Expected, Unexpected};

/// Something is not what was expected: what, and where. A box, so that a result is not larger for
/// it.
#[derive(Debug)]
pub struct Misread(Box<Inner>);

#[derive(Debug)]
struct Inner {
    what: String,
    /// From the inside out.
    path: Vec<Step>,
    place: Place,
}

#[derive(Debug)]
enum Step {
    Field(String),
    Index(usize),
}

/// Line and column, both from 1; both 0 where there is none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Place {
    pub line: u32,
    pub column: u32,
}

impl Misread {
    pub(super) fn new(place: Place, what: String) -> Self {
        Self(Box::new(Inner { what, path: Vec::new(), place }))
    }

    /// Says where, unless something inside of there said so already.
    #[cold]
    #[inline(never)]
    pub(super) fn at(mut self, place: Place) -> Self {
        if self.0.place == Place::default() {
            self.0.place = place;
        }
        self
    }

    #[cold]
    #[inline(never)]
    pub(super) fn in_field(mut self, name: &str, place: Place) -> Self {
        self.0.path.push(Step::Field(name.to_owned()));
        self.at(place)
    }

    #[cold]
    #[inline(never)]
    pub(super) fn in_item(mut self, index: usize, place: Place) -> Self {
        self.0.path.push(Step::Index(index));
        self.at(place)
    }

    /// Where and what of something that lies at `outer`: the path into it, and what is wrong.
    pub fn below(self, outer: &str) -> (String, String) {
        let mut path = outer.to_owned();
        for step in self.0.path.iter().rev() {
            step.write(&mut path);
        }
        (path, self.0.what)
    }

    /// Together with the line of `text` that it is about, under it a mark.
    pub fn shown(&self, text: &str) -> String {
        let Place { line, column } = self.0.place;
        if line == 0 {
            return self.to_string();
        }
        let mut shown = format!("line {line} column {column}: {self}");
        let (line, column) = (line as usize, column as usize);
        let lines = text.lines().enumerate().skip(line.saturating_sub(CONTEXT + 1));
        // Long lines are cut to what stands around the column.
        let from = column.saturating_sub(WIDTH / 2);
        for (n, source) in lines.take_while(|(n, _)| *n < line) {
            let source = source.chars().map(|c| if c.is_control() { ' ' } else { c });
            let source: String = source.skip(from).take(WIDTH).collect();
            shown.push_str(&format!("\n{:>5} | {}", n + 1, source.trim_end()));
        }
        let behind = column.saturating_sub(from).max(1);
        shown.push_str(&format!("\n      | {:>behind$}", '^'));
        shown
    }
}

/// How many lines are shown before the one that is meant.
const CONTEXT: usize = 2;
/// How many characters of a line are shown.
const WIDTH: usize = 100;

impl Step {
    fn write(&self, path: &mut String) {
        match self {
            Self::Field(name) => {
                if !path.is_empty() {
                    path.push('.');
                }
                path.push_str(name);
            }
            Self::Index(index) => path.push_str(&format!("[{index}]")),
        }
    }
}

impl fmt::Display for Misread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut path = String::new();
        for step in self.0.path.iter().rev() {
            step.write(&mut path);
        }
        match path.as_str() {
            "" => f.write_str(&self.0.what),
            path => write!(f, "{path}: {}", self.0.what),
        }
    }
}

impl std::error::Error for Misread {}

impl de::Error for Misread {
    #[cold]
    fn custom<T: fmt::Display>(what: T) -> Self {
        Self::new(Place::default(), what.to_string())
    }

    /// Says `null`, as JSON and YAML do, where serde says `unit value`.
    #[cold]
    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        let found = match found {
            Unexpected::Unit => "null".to_owned(),
            other => other.to_string(),
        };
        Self::custom(format!("invalid type: {found}, expected {expected}"))
    }
}
