//! `<#compress>`: runs of white space become one, a line break if there is one in the run.

use super::super::java::is_whitespace;

/// The line break in a run of white space.
#[derive(Clone, Copy)]
enum Break {
    None,
    /// A carriage return, which a line feed may follow.
    MaybeReturn,
    Return,
    ReturnFeed,
    Feed,
}

impl Break {
    fn after(self, character: char) -> Self {
        match (self, character) {
            (Self::None, '\r') => Self::MaybeReturn,
            (Self::None, '\n') => Self::Feed,
            (Self::MaybeReturn, '\n') => Self::ReturnFeed,
            (Self::MaybeReturn, _) => Self::Return,
            (other, _) => other,
        }
    }

    fn written(self) -> &'static str {
        match self {
            Self::None => " ",
            Self::MaybeReturn | Self::Return => "\r",
            Self::ReturnFeed => "\r\n",
            Self::Feed => "\n",
        }
    }
}

/// Makes white space single, and takes it from both ends.
pub(super) fn compress(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut run: Option<Break> = None;
    for character in text.chars() {
        if is_whitespace(character) {
            run = Some(run.unwrap_or(Break::None).after(character));
            continue;
        }
        if let Some(white) = run.take()
            && !out.is_empty()
        {
            out.push_str(white.written());
        }
        out.push(character);
    }
    out
}
