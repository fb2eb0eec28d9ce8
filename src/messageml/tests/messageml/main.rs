//! MessageML through its public API: tested examples of the reference implementation, examples of every element,
//! properties of all messages, and messages made to do harm.

mod examples;
mod hostile;
mod markdown_input;
mod properties;
mod support;
mod templates;
mod vectors;
