//! Messages of Symphony's first format: Markdown, with entities and tables that are told apart from the text by where
//! they belong in it.
//!
//! The rules are those of `MarkdownParser` in finos/messageml-utils on commonmark-java 0.15.2, which knows no
//! headings, HTML blocks and indented code here. Entities and tables are written into the text between marks that the
//! parser of Markdown takes for delimiters as it does asterisks (`EntityDelimiterProcessor`): what stands around one
//! decides whether it is one.
//!
//! No crate parses this. Those for CommonMark have no delimiters of others, and read by later editions of its
//! specification than 0.29: what they take for punctuation around emphasis, for the end of a definition or for a comment
//! is not what commonmark-java 0.15.2 does.
//!
//! # Where it differs from the reference
//!
//! - `* * *` is a rule, as CommonMark has it. In the reference it is a rule or lists in each other by chance: the kinds of
//!   blocks that are tried at a line are in a set of classes, whose order differs from run to run.
//! - What makes the reference fail with a runtime exception is an [`Invalid`] here: a table without rows, one inside
//!   emphasis, an empty keyword.
//! - A half of a surrogate pair that an entity leaves is a question mark before the text is read, not after it.
//! - Ids of users are in digits of ASCII.

mod blocks;
mod definitions;
mod delimiters;
mod elements;
mod enrich;
mod html;
mod inlines;
mod marks;
mod nodes;
mod scan;

use serde_json::Value;

use super::{Converted, DEEP_STACK, Directory, Invalid, ids, written};

/// A message in Markdown.
#[derive(Debug, Clone, Copy)]
pub struct MarkdownInput<'a> {
    pub message: &'a str,
    /// What stands in the text by its places, in UTF-16 units: objects with `type` (`KEYWORD`, `USER_FOLLOW` or `URL`),
    /// `id`, `indexStart` and `indexEnd`, anywhere in the value.
    pub entities: Option<&'a Value>,
    /// Tables by their places: objects with `index`, and rows of cells in `text`.
    pub media: Option<&'a Value>,
}

/// Steps of searches that may start over again: more are taken for an attack.
const BUDGET: usize = 20_000_000;

/// How deep blocks, emphasis and links may be in each other. (The reference has no limit but its stack.)
const MAX_DEPTH: usize = 1_000;

/// What is left of the [`BUDGET`].
struct Budget(usize);

impl Budget {
    fn spend(&mut self, steps: usize) -> Result<(), Invalid> {
        match self.0.checked_sub(steps) {
            Some(left) => self.0 = left,
            None => return Err(Invalid::new("The message is too complex")),
        }
        Ok(())
    }
}

/// Converts a message in Markdown, as Agents did with those of their first version.
///
/// # Errors
///
/// When an entity or a table has no place or no content. Markdown itself is never wrong.
pub fn convert_markdown(
    input: &MarkdownInput<'_>,
    directory: &dyn Directory,
) -> Result<Converted, Invalid> {
    let message = input.message.replace('\u{a0}', " ");
    let text = enrich::enrich(&message, input.entities, input.media)?;
    stacker::maybe_grow(DEEP_STACK, DEEP_STACK, || {
        let mut budget = Budget(BUDGET);
        let document = blocks::parse(&text, &mut budget)?;
        let (tree, entity_json) = elements::tree(&document, &mut budget, directory)?;
        Ok(written(&tree, &entity_json, text.len(), 2, &mut ids::Ids::new(0)))
    })
}
