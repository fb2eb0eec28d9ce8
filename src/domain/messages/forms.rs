use std::collections::BTreeMap;

use super::Message;
use super::form_values::{Looking, initial};
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
    /// Whether it is sent even where a client would not.
    pub force: bool,
}

impl World {
    /// Submits a form as one of those who see it. Its author hears of it, as SYMPHONYELEMENTSACTION.
    ///
    /// A client sends no more than the form allows, and once: when it was sent it is disabled, unless
    /// it says `multi-submit` (SymphonyPlatformSolutions/symphony-developers-documentation,
    /// building-bots-on-symphony/symphony-elements/available-elements/form.md). What is forced is sent
    /// nevertheless.
    pub fn submit_form(
        &mut self,
        user: UserId,
        submission: FormSubmission,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let invalid = |why: String| Refusal::FormInvalid { why };
        let message = self.readable(user, submission.message)?.cloned();
        let message = message.ok_or(Refusal::MessageUnknown { id: submission.message })?;
        let (form_id, values) = match submission.force {
            true => forced(&message.forms, submission).map_err(invalid)?,
            false => self.filled_in(user, &message, submission).map_err(invalid)?,
        };
        let stream = self
            .streams
            .by_id(message.stream)
            .ok_or(Refusal::MessageUnknown { id: message.id })?
            .view();
        self.messages.submitted.insert((message.id, form_id.clone(), user));
        let action = ElementsAction { stream, form_message: message.id, form_id, values };
        let id = self.event_id();
        let payload = Payload::SymphonyElementsAction(Box::new(action));
        self.record(id, user, payload, Audience::Users(&[message.author]), now);
        Ok(())
    }

    /// The id of the form, and what the bot is told: what was entered over what the form held before,
    /// and the button. Or why a client would not send it.
    fn filled_in(
        &self,
        user: UserId,
        message: &Message,
        submission: FormSubmission,
    ) -> Result<(String, BTreeMap<String, FormValue>), String> {
        let FormSubmission { form: wanted, button: pressed, values: entered, .. } = submission;
        let form = form(&message.forms, wanted.as_deref())?;
        if let Some(by) = message.replaced_by {
            return Err(format!(
                "the message was replaced by {by}, and clients show that one only"
            ));
        }
        let sent = (message.id, form.id.clone(), user);
        if !form.multi_submit && self.messages.submitted.contains(&sent) {
            return Err("he has sent this form, and it does not say multi-submit".into());
        }
        let (button, validates) = button(form, pressed.as_deref())?;
        let mut values = untouched(form);
        let mut looking = Looking::default();
        for (name, value) in entered {
            if inputs(form).all(|control| control.name != name) {
                let known: Vec<_> = inputs(form).map(|control| control.name.as_str()).collect();
                return Err(format!(
                    "the form has no control {name:?}, only: {}",
                    known.join(", ")
                ));
            }
            let value = match validates {
                true => self.enter(form, &name, value, &mut looking)?,
                false => value,
            };
            values.insert(name, value);
        }
        if let Some(control) = missing(form, &values).filter(|_| validates) {
            return Err(format!("the form demands a value of {:?}", control.name));
        }
        values.insert("action".into(), FormValue::Text(button.to_owned()));
        Ok((form.id.clone(), values))
    }
}

/// What no client would send: it needs to have the id of a form, and no more.
fn forced(
    forms: &[Form],
    submission: FormSubmission,
) -> Result<(String, BTreeMap<String, FormValue>), String> {
    let FormSubmission { form: wanted, button, values: entered, .. } = submission;
    let known = match &wanted {
        Some(wanted) => forms.iter().find(|form| form.id == *wanted),
        None => Some(form(forms, None)?),
    };
    let mut values = known.map(untouched).unwrap_or_default();
    values.extend(entered);
    let only = || known.and_then(|form| self::button(form, None).ok());
    let button = button.or_else(|| only().map(|(name, _)| name.to_owned()));
    values.extend(button.map(|name| ("action".to_owned(), FormValue::Text(name))));
    let id = wanted.or_else(|| known.map(|form| form.id.clone()));
    id.map(|id| (id, values)).ok_or_else(|| "the message has no form".to_owned())
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

/// The name of the button that sends the form, and whether the form is checked then.
fn button<'a>(form: &'a Form, wanted: Option<&str>) -> Result<(&'a str, bool), String> {
    let sends = |control: &'a Control| match &control.kind {
        ControlKind::Button { r#type, validates } if r#type == "action" => {
            Some((control.name.as_str(), *validates))
        }
        _ => None,
    };
    let buttons: Vec<_> = form.controls.iter().filter_map(sends).collect();
    let names = || buttons.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
    match (buttons.as_slice(), wanted) {
        ([button], None) => Ok(*button),
        (_, None) => Err(format!("the form has several buttons, press one of: {}", names())),
        (_, Some(wanted)) => {
            let found = buttons.iter().find(|(name, _)| *name == wanted).copied();
            found.ok_or_else(|| format!("the form has no button {wanted:?}, only: {}", names()))
        }
    }
}

/// What the form holds when nobody has touched it: of checkboxes with one name all that are checked.
fn untouched(form: &Form) -> BTreeMap<String, FormValue> {
    let mut values = BTreeMap::new();
    for control in inputs(form) {
        let Some(value) = initial(control) else { continue };
        let is_checkbox = matches!(control.kind, ControlKind::Checkbox { .. });
        match (values.get_mut(&control.name), value) {
            (Some(FormValue::Texts(texts)), FormValue::Text(next)) if is_checkbox => {
                texts.push(next);
            }
            (Some(first @ FormValue::Text(_)), FormValue::Text(next)) if is_checkbox => {
                if let FormValue::Text(text) = first {
                    *first = FormValue::Texts(vec![std::mem::take(text), next]);
                }
            }
            (_, value) => drop(values.insert(control.name.clone(), value)),
        }
    }
    values
}

fn inputs(form: &Form) -> impl Iterator<Item = &Control> {
    form.controls.iter().filter(|control| !matches!(control.kind, ControlKind::Button { .. }))
}

/// A control of the form that has to have a value and has none.
fn missing<'a>(form: &'a Form, values: &BTreeMap<String, FormValue>) -> Option<&'a Control> {
    let is_empty = |name: &str| match values.get(name) {
        None => true,
        Some(FormValue::Text(text)) => text.is_empty(),
        Some(FormValue::Texts(texts)) => texts.is_empty(),
        Some(FormValue::Users(users)) => users.is_empty(),
    };
    inputs(form).find(|control| control.required && is_empty(&control.name))
}
