//! FreeMarker 2.3.31, as far as a message can reach it.
//!
//! A template is parsed ([`parser`]) into a tree ([`ast`]), its white space is stripped ([`whitespace`]), and it runs
//! ([`eval`]) with what the message brings. What FreeMarker does is described in its manual; where that leaves room, the
//! behaviour is that of `apache/freemarker` 2.3.31, told by running it.
//!
//! Templates are programs of strangers: they run on a [`eval::BUDGET`] of steps and characters, and nothing in them may
//! nest deeper than [`MAX_NESTING`].

mod ast;
mod builtins;
mod canonical;
mod collation;
mod compress;
mod dates;
mod decimal_format;
mod eval;
mod formats;
mod json;
mod language;
mod lexer;
mod locale;
mod names;
mod numbers;
mod parser;
mod regex;
mod settings;
mod specials;
mod tags;
mod token;
mod utf16;
mod value;
mod whitespace;
mod zones;

use std::borrow::Cow;
use std::rc::Rc;

use super::Invalid;
use super::json::Object;
use token::Place;

/// How deep directives and expressions may nest, together.
const MAX_NESTING: usize = 500;

/// Expands the templates of a message.
///
/// # Errors
///
/// For a syntax error, with FreeMarker's text, and for one at run time, with its place.
pub(super) fn expand<'m>(
    message: &'m str,
    data: &Object<'_>,
    now: i64,
) -> Result<Cow<'m, str>, Invalid> {
    if !is_template(message) {
        return Ok(Cow::Borrowed(message));
    }
    let template = parser::parse(message).map_err(SyntaxError::into_invalid)?;
    eval::run(&Rc::new(template), data, now).map(Cow::Owned).map_err(|at| {
        // What was made at run time has no place.
        let shown = |number: u32| if at.line == 0 { "null".to_owned() } else { number.to_string() };
        Invalid::new(format!(
            "Error parsing Freemarker template: invalid input at line {}, column {}",
            shown(at.line),
            shown(at.column)
        ))
        .at_line(at.line, at.column)
    })
}

/// Whether there is one of `<#`, `<@`, `${` and `#{`.
fn is_template(message: &str) -> bool {
    let bytes = message.as_bytes();
    memchr::memchr3_iter(b'#', b'@', b'{', bytes).any(|at| {
        let before = at.checked_sub(1).map(|at| bytes[at]);
        matches!((before, bytes[at]), (Some(b'<'), b'#' | b'@') | (Some(b'$' | b'#'), b'{'))
    })
}

/// Something the parser does not take.
#[derive(Debug, PartialEq, Eq)]
struct SyntaxError {
    at: Place,
    message: String,
}

impl SyntaxError {
    fn new(at: Place, message: impl Into<String>) -> Self {
        Self { at, message: message.into() }
    }

    /// The Agent takes a syntax error for one of EntityJSON.
    fn into_invalid(self) -> Invalid {
        Invalid::new(format!(
            "Error parsing EntityJSON: Syntax error in template \"messageML\" in line {}, column {}:\n{}",
            self.at.line, self.at.column, self.message
        ))
        .at_line(self.at.line, self.at.column)
    }
}

#[cfg(test)]
mod tests;
