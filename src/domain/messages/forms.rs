use std::collections::BTreeMap;

use crate::domain::{
    Audience, ElementsAction, FormValue, MessageId, Payload, Refusal, Timestamp, UserId, World,
};
use crate::messageml::{Control, ControlKind, Form};

/// What somebody entered into a form, and the button he pressed.
#[derive(Debug, Clone, PartialEq)]
pub struct FormSubmission {
    pub message: MessageId,
    /// Of the form; needed only where the message has several.
    pub form: Option<String>,
    /// The name of the button; needed only where the form has several that send it.
    pub button: Option<String>,
    /// By the names of the form's controls. What is left out stays as it was.
    pub values: BTreeMap<String, FormValue>,
}

impl World {
    /// Submits a form as one of those who see it. Its author hears of it, as SYMPHONYELEMENTSACTION.
    pub fn submit_form(
        &mut self,
        user: UserId,
        submission: FormSubmission,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let invalid = |why: String| Refusal::FormInvalid { why };
        let message = self.readable(user, submission.message)?.cloned();
        let message = message.ok_or(Refusal::MessageUnknown { id: submission.message })?;
        let form = form(&message.forms, submission.form.as_deref()).map_err(invalid)?;
        let button = button(form, submission.button.as_deref()).map_err(invalid)?;
        let values = values(form, button, submission.values).map_err(invalid)?;
        let stream = self
            .streams
            .by_id(message.stream)
            .ok_or(Refusal::MessageUnknown { id: submission.message })?
            .view();
        let action =
            ElementsAction { stream, form_message: message.id, form_id: form.id.clone(), values };
        let id = self.event_id();
        let payload = Payload::SymphonyElementsAction(Box::new(action));
        self.record(id, user, payload, Audience::Users(&[message.author]), now);
        Ok(())
    }
}

fn form<'a>(forms: &'a [Form], wanted: Option<&str>) -> Result<&'a Form, String> {
    let ids = || forms.iter().map(|form| form.id.as_str()).collect::<Vec<_>>().join(", ");
    match (forms, wanted) {
        ([], _) => Err("the message has no form".into()),
        ([form], None) => Ok(form),
        (_, None) => Err(format!("the message has several forms, say which of: {}", ids())),
        (_, Some(wanted)) => forms
            .iter()
            .find(|form| form.id == wanted)
            .ok_or_else(|| format!("the message has no form {wanted:?}, only: {}", ids())),
    }
}

/// The name of the button that sends the form.
fn button<'a>(form: &'a Form, wanted: Option<&str>) -> Result<&'a str, String> {
    let sends = |control: &&Control| match &control.kind {
        ControlKind::Button { r#type } => r#type == "action",
        _ => false,
    };
    let buttons: Vec<_> = form.controls.iter().filter(sends).map(|c| c.name.as_str()).collect();
    match (buttons.as_slice(), wanted) {
        ([button], None) => Ok(button),
        (_, None) => {
            Err(format!("the form has several buttons, press one of: {}", buttons.join(", ")))
        }
        (_, Some(wanted)) => {
            buttons.iter().find(|button| **button == wanted).copied().ok_or_else(|| {
                format!("the form has no button {wanted:?}, only: {}", buttons.join(", "))
            })
        }
    }
}

/// What the bot is told: what was entered over what the form held before, and the button.
fn values(
    form: &Form,
    button: &str,
    entered: BTreeMap<String, FormValue>,
) -> Result<BTreeMap<String, FormValue>, String> {
    let inputs = || {
        form.controls.iter().filter(|control| !matches!(control.kind, ControlKind::Button { .. }))
    };
    if let Some(name) = entered.keys().find(|name| inputs().all(|control| control.name != **name)) {
        let known: Vec<_> = inputs().map(|control| control.name.as_str()).collect();
        return Err(format!("the form has no control {name:?}, only: {}", known.join(", ")));
    }
    let mut values = BTreeMap::new();
    for control in inputs() {
        if let Some(initial) = initial(control) {
            values.insert(control.name.clone(), initial);
        }
    }
    values.extend(entered);
    let is_empty = |name: &str| match values.get(name) {
        None => true,
        Some(FormValue::Text(text)) => text.is_empty(),
        Some(FormValue::Texts(texts)) => texts.is_empty(),
        Some(FormValue::Users(users)) => users.is_empty(),
    };
    if let Some(control) = inputs().find(|control| control.required && is_empty(&control.name)) {
        return Err(format!("the form demands a value of {:?}", control.name));
    }
    values.insert("action".into(), FormValue::Text(button.to_owned()));
    Ok(values)
}

/// What a control that nobody touched contributes.
fn initial(control: &Control) -> Option<FormValue> {
    match (&control.kind, control.initial.as_slice()) {
        (ControlKind::TextField { .. } | ControlKind::TextArea { .. }, []) => {
            Some(FormValue::Text(String::new()))
        }
        (_, []) => None,
        (ControlKind::Select { multiple: true, .. }, several) => {
            Some(FormValue::Texts(several.to_vec()))
        }
        (_, [first, ..]) => Some(FormValue::Text(first.clone())),
    }
}
