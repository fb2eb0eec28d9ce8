//! FreeMarker templates in messages, as far as bots use them.
//!
//! What is expanded and what is left out is told in the documentation of the module above; the built-ins are listed in
//! [`builtins`].
//!
//! Templates are programs of strangers: they run on a [`eval::BUDGET`] of steps and characters, and nothing in them may
//! nest deeper than [`MAX_NESTING`].

mod builtins;
mod eval;
mod expression;
mod operate;
mod parse;
mod read;
mod scan;
mod value;

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::Invalid;
use super::java;

/// How deep directives, and how deep expressions, may nest. Templates of bots stay below ten.
const MAX_NESTING: usize = 50;

/// Expands the templates of a message.
///
/// # Errors
///
/// For a syntax error, with FreeMarker's text, and for one at run time, with its place.
pub(super) fn expand<'m>(
    message: &'m str,
    data: &Map<String, Value>,
) -> Result<Cow<'m, str>, Invalid> {
    if !["<#", "<@", "${", "#{"].iter().any(|start| message.contains(start)) {
        return Ok(Cow::Borrowed(message));
    }
    let template = parse::parse(message).map_err(|error| error.into_invalid(message))?;
    eval::run(&template, data).map(Cow::Owned).map_err(|at| {
        let (line, column) = place(message, at);
        Invalid::new(format!(
            "Error parsing Freemarker template: invalid input at line {line}, column {column}"
        ))
    })
}

/// Something the parser does not take.
#[derive(Debug, PartialEq, Eq)]
struct SyntaxError {
    /// Offset in bytes.
    at: usize,
    message: String,
}

impl SyntaxError {
    fn new(at: usize, message: impl Into<String>) -> Self {
        Self { at, message: message.into() }
    }

    /// The Agent takes a syntax error for one of EntityJSON.
    fn into_invalid(self, template: &str) -> Invalid {
        let (line, column) = place(template, self.at);
        Invalid::new(format!(
            "Error parsing EntityJSON: Syntax error in template \"messageML\" in line {line}, column {column}:\n{}",
            self.message
        ))
    }
}

/// Line and column of an offset, both from 1.
fn place(template: &str, at: usize) -> (usize, usize) {
    let before = &template[..at.min(template.len())];
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    (before.matches('\n').count() + 1, java::length(&before[line_start..]) + 1)
}

#[cfg(test)]
mod tests;
