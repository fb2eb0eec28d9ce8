//! FreeMarker templates in messages, as far as bots use them.
//!
//! A message is a template if it contains `<#`, `<@`, `${` or `#{`. It sees two variables, `data` and `entity`, both
//! the EntityJSON of the message.
//!
//! Expanded are: interpolations `${…}` and `#{…}`; `if`, `elseif`, `else`; `list` with `sep`, `items`, `else`, `break`,
//! `continue` and loop variables; `assign`, `local` and `global` (one namespace); `switch`, `case`, `default`;
//! `noparse`, `escape`, `noescape`, `compress`, comments; `stop`. Expressions have all operators, ranges, literals of
//! lists and hashes, interpolations in strings, and the built-ins of [`builtins`]. White-space is stripped as
//! FreeMarker does it.
//!
//! Left out, and refused as syntax errors that name them: `macro`, `function`, `nested`, `return`, `ftl`, `setting`,
//! `attempt`, `visit`, `recurse`, `fallback`, `transform`, `outputformat`, `autoesc`, `noautoesc`, the trimming
//! directives `t`, `lt`, `rt`, `nt`, special variables such as `.now`, method calls, and built-ins about dates, nodes
//! and output formats. `include`, `import` and calls of directives by `<@…>` fail when they are reached, as they do in
//! the Agent, which has no templates to load. Numbers are 64-bit integers and floating point, not arbitrary decimals.
//!
//! Templates are programs of strangers: they run on a [`eval::BUDGET`] of steps and characters, and nothing in them may
//! nest deeper than [`MAX_NESTING`].

mod builtins;
mod eval;
mod expression;
mod parse;
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
