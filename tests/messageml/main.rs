//! MessageML through its public API: tested examples of the reference implementation, examples of every element, and
//! properties of all messages.

mod vectors;
