//! Examples of every element, right ones and wrong ones.

mod cards;
mod dialogs;
mod documents;
mod entities;
mod faults;
mod forms;
mod pickers;
mod text;
