//! What the tests have in common.

use std::collections::BTreeMap;

use symphony_messageml::{Converted, Directory, Input, Person, convert};

/// A directory with one user.
pub struct OneUser;

impl OneUser {
    fn user() -> Person {
        Person {
            id: 7,
            screen_name: "ada".to_owned(),
            display_name: "Ada Lovelace".to_owned(),
            email: "ada@example.com".to_owned(),
        }
    }
}

impl Directory for OneUser {
    fn user_by_id(&self, id: i64) -> Option<Person> {
        Some(Self::user()).filter(|user| user.id == id)
    }

    fn user_by_email(&self, email: &str) -> Option<Person> {
        Some(Self::user()).filter(|user| user.email == email)
    }

    /// With `mailto`, so that what becomes of a mention of somebody outside may be sent again.
    fn allows_scheme(&self, scheme: &str) -> bool {
        ["http", "https", "mailto"].contains(&scheme)
    }
}

/// Converts a message without data.
pub fn converted(message: &str) -> Result<Converted, String> {
    convert(&Input::new(message), &OneUser).map_err(|invalid| invalid.to_string())
}

/// Asserts what becomes of what stands inside `<messageML>`; `{ID:n}` stands for a generated id.
#[track_caller]
pub fn becomes(content: &str, wanted: &str) {
    let got = inner(content);
    assert!(same_but_ids(wanted, &got), "\n  {content}\nbecame\n  {got}\nnot\n  {wanted}");
}

/// Asserts the error for what stands inside `<messageML>`.
#[track_caller]
pub fn refused(content: &str, wanted: &str) {
    assert_eq!(refusal(content), wanted, "{content}");
}

/// Asserts what becomes of a control in a form.
#[track_caller]
pub fn control_becomes(control: &str, wanted: &str) {
    let wanted =
        format!("<form id=\"f\">{wanted}<button type=\"action\" name=\"b\">B</button></form>");
    becomes(&form(control), &wanted);
}

/// Asserts the error for a control in a form.
#[track_caller]
pub fn control_refused(control: &str, wanted: &str) {
    refused(&form(control), wanted);
}

/// Converts what stands inside `<messageML>` and gives the inside of the PresentationML.
#[track_caller]
fn inner(content: &str) -> String {
    let message = converted(&format!("<messageML>{content}</messageML>"))
        .unwrap_or_else(|error| panic!("{content}: {error}"));
    message
        .presentation_ml
        .strip_prefix("<div data-format=\"PresentationML\" data-version=\"2.0\">")
        .and_then(|rest| rest.strip_suffix("</div>"))
        .expect("the root element")
        .to_owned()
}

/// The error for what stands inside `<messageML>`.
#[track_caller]
fn refusal(content: &str) -> String {
    match converted(&format!("<messageML>{content}</messageML>")) {
        Ok(message) => panic!("{content} became {}", message.presentation_ml),
        Err(error) => error,
    }
}

/// A form with the action button every form needs, around controls.
pub fn form(controls: &str) -> String {
    format!("<form id=\"f\">{controls}<button name=\"b\">B</button></form>")
}

/// Whether `got` is `wanted` with every `{ID:n}` replaced by a generated token, equal ones by equal tokens.
pub fn same_but_ids(wanted: &str, got: &str) -> bool {
    matches(wanted, got, &mut BTreeMap::new())
}

fn matches<'g>(wanted: &str, got: &'g str, tokens: &mut BTreeMap<String, &'g str>) -> bool {
    let Some((before, rest)) = wanted.split_once("{ID:") else { return wanted == got };
    let (Some((number, after)), Some(got)) = (rest.split_once('}'), got.strip_prefix(before))
    else {
        return false;
    };
    if let Some(token) = tokens.get(number).copied() {
        return got.strip_prefix(token).is_some_and(|got| matches(after, got, tokens));
    }
    let longest = got
        .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '-'))
        .unwrap_or(got.len());
    (1..=longest).rev().any(|length| {
        let mut tokens = tokens.clone();
        tokens.insert(number.to_owned(), &got[..length]);
        matches(after, &got[length..], &mut tokens)
    })
}
