use std::fmt;

use serde_path_to_error::{Path, Segment};

/// What is wrong with a document, and where. Boxed to keep results small.
#[derive(Debug)]
pub struct Error(Box<Inner>);

#[derive(Debug)]
struct Inner {
    what: String,
    /// Of the field that it is about: `users[2].roles`. Empty for the whole.
    path: String,
    place: Option<Place>,
    /// Whether the reader does not know what is in the text: it is no JSON or YAML, or too deep.
    unread: bool,
}

/// Line and column, both from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    pub line: usize,
    pub column: usize,
}

impl Error {
    pub(super) fn of_json(path: &Path, error: &serde_json::Error) -> Self {
        let mut what = error.to_string();
        // A body of the API is rarely written by hand: there the path says enough.
        let place = format!(" at line {} column {}", error.line(), error.column());
        if error.is_data() && what.ends_with(&place) {
            what.truncate(what.len() - place.len());
        }
        Self::new(what, path, None, !error.is_data())
    }

    pub(super) fn new(what: String, path: &Path, place: Option<Place>, unread: bool) -> Self {
        Self(Box::new(Inner { what: in_words(what), path: written(path), place, unread }))
    }

    pub(super) fn is_unread(&self) -> bool {
        self.0.unread
    }

    /// Path and problem of something that lies at `outer` in a greater whole.
    pub fn below(self, outer: &str) -> (String, String) {
        let Inner { what, path, .. } = *self.0;
        let dot = if path.is_empty() || path.starts_with('[') { "" } else { "." };
        (format!("{outer}{dot}{path}"), what)
    }

    /// Together with the line of `text` that it is about, under it a mark.
    pub fn shown(&self, text: &str) -> String {
        let Some(Place { line, column }) = self.0.place else { return self.to_string() };
        let mut shown = format!("line {line} column {column}: {self}");
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

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { what, path, .. } = &*self.0;
        match path.as_str() {
            "" => f.write_str(what),
            path => write!(f, "{path}: {what}"),
        }
    }
}

impl std::error::Error for Error {}

fn written(path: &Path) -> String {
    let mut written = String::new();
    for segment in path {
        match segment {
            Segment::Seq { index } => written.push_str(&format!("[{index}]")),
            Segment::Map { key: name } | Segment::Enum { variant: name } => {
                if !written.is_empty() {
                    written.push('.');
                }
                written.push_str(name);
            }
            Segment::Unknown => {}
        }
    }
    written
}

/// Serde's messages name Rust types; this puts them into the words of JSON and YAML.
fn in_words(what: String) -> String {
    let what = match what.strip_prefix("invalid type: unit value") {
        Some(rest) => format!("invalid type: null{rest}"),
        None => what,
    };
    let Some((found, expected)) = what.rsplit_once(", expected ") else { return what };
    let expected = match expected {
        "i8" | "i16" | "i32" | "i64" | "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number",
        "f32" | "f64" => "a number",
        "a map" => "an object",
        "a sequence" => "a list",
        other if other.starts_with("struct ") => "an object",
        other => other,
    };
    format!("{found}, expected {expected}")
}
