//! What people enter into forms.

use std::collections::BTreeMap;

use crate::domain::{FormValue, UserId};

/// What somebody enters into a form before he sends it.
#[derive(Debug, Clone, PartialEq)]
#[must_use = "a form is entered by Person::submit_form"]
pub struct FormInput {
    pub(super) message: String,
    pub(super) form: Option<String>,
    pub(super) button: Option<String>,
    pub(super) values: BTreeMap<String, FormValue>,
    pub(super) force: bool,
}

impl FormInput {
    /// For the form of this message.
    pub fn of(message: &str) -> Self {
        let message = message.to_owned();
        Self { message, form: None, button: None, values: Default::default(), force: false }
    }

    /// Which form, where the message has several.
    pub fn form(self, id: &str) -> Self {
        Self { form: Some(id.to_owned()), ..self }
    }

    /// Which button, where the form has several that send it.
    pub fn button(self, name: &str) -> Self {
        Self { button: Some(name.to_owned()), ..self }
    }

    /// Enters a text, or chooses one of several options.
    pub fn text(self, control: &str, text: &str) -> Self {
        self.enter(control, FormValue::Text(text.to_owned()))
    }

    /// Chooses several options.
    pub fn texts<'a>(self, control: &str, texts: impl IntoIterator<Item = &'a str>) -> Self {
        self.enter(control, FormValue::Texts(texts.into_iter().map(str::to_owned).collect()))
    }

    /// Sends it even where a client would not: what the form does not allow, a second time, or from a
    /// message that was replaced.
    pub fn force(self) -> Self {
        Self { force: true, ..self }
    }

    /// Chooses people, by their ids; [`texts`](Self::texts) does by their user names.
    pub fn users(self, control: &str, ids: impl IntoIterator<Item = u64>) -> Self {
        self.enter(control, FormValue::Users(ids.into_iter().map(UserId::from_wire).collect()))
    }

    fn enter(mut self, control: &str, value: FormValue) -> Self {
        self.values.insert(control.to_owned(), value);
        self
    }
}
