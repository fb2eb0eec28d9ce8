use std::fmt;

use super::place::Place;
use super::skips::Step;

/// What is wrong with a document, and where. Boxed to keep results small.
#[derive(Debug)]
pub struct Error(Box<Inner>);

#[derive(Debug)]
struct Inner {
    what: String,
    /// To the field that it is about. None for the whole.
    steps: Vec<Step>,
    place: Option<Place>,
    /// Whether the reader does not know what is in the text: it is no JSON or YAML, or too deep.
    unread: bool,
}

impl Error {
    pub(super) fn of_json(steps: Vec<Step>, error: &serde_json::Error) -> Self {
        let mut what = error.to_string();
        // A body of the API is rarely written by hand: there the path says enough.
        let place = format!(" at line {} column {}", error.line(), error.column());
        if error.is_data() && what.ends_with(&place) {
            what.truncate(what.len() - place.len());
        }
        Self::new(what, steps, None, !error.is_data())
    }

    pub(super) fn new(what: String, steps: Vec<Step>, place: Option<Place>, unread: bool) -> Self {
        Self(Box::new(Inner { what: in_words(what), steps, place, unread }))
    }

    pub(super) fn at(mut self, place: Option<Place>) -> Self {
        self.0.place = place;
        self
    }

    pub(super) fn is_unread(&self) -> bool {
        self.0.unread
    }

    pub(super) fn steps(&self) -> &[Step] {
        &self.0.steps
    }

    pub(super) fn is_repeated_key(&self) -> bool {
        self.0.what.starts_with("the key ") && self.0.what.ends_with(" is here twice")
    }

    /// The field that is not there and has to be.
    pub(super) fn missing_field(&self) -> Option<&str> {
        self.0.what.strip_prefix("missing field `")?.split('`').next()
    }

    /// Path and problem of something that lies at `outer` in a greater whole.
    pub fn below(self, outer: &str) -> (String, String) {
        let Inner { what, steps, .. } = *self.0;
        let path = written(&steps);
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
        let Inner { what, steps, .. } = &*self.0;
        match steps.is_empty() {
            true => f.write_str(what),
            false => write!(f, "{}: {what}", written(steps)),
        }
    }
}

impl std::error::Error for Error {}

/// As in `users[2].roles`.
fn written(steps: &[Step]) -> String {
    let mut written = String::new();
    for step in steps {
        match step {
            Step::Index(index) => written.push_str(&format!("[{index}]")),
            Step::Key(name) => {
                if !written.is_empty() {
                    written.push('.');
                }
                written.push_str(name);
            }
        }
    }
    written
}

/// Serde's messages name Rust types; this puts them into the words of JSON and YAML.
fn in_words(what: String) -> String {
    // JSON's words for what serde calls otherwise.
    let words = [("unit value", "null"), ("map", "object"), ("sequence", "list")];
    let renamed = words.into_iter().find_map(|(serde, json)| {
        let rest = what.strip_prefix("invalid type: ")?.strip_prefix(serde)?;
        rest.starts_with(',').then(|| format!("invalid type: {json}{rest}"))
    });
    let what = renamed.unwrap_or(what);
    let Some((found, expected)) = what.rsplit_once(", expected ") else { return what };
    let expected = match expected {
        "i8" | "i16" | "i32" | "i64" | "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number",
        "f32" | "f64" => "a number",
        "a map" => "an object",
        "a sequence" => "a list",
        // Those of humantime-serde.
        "a duration" => "a duration like 30s, 15m, 1h or 14d",
        "a timestamp" => "a moment like 2030-01-31T12:00:00Z",
        other if other.starts_with("struct ") => "an object",
        other => other,
    };
    format!("{found}, expected {expected}")
}
