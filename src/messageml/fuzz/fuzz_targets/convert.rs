//! Any message and any data: no panic, neither the first time nor with what was made of it.
//!
//! `cargo +nightly fuzz run convert`

#![no_main]

use libfuzzer_sys::fuzz_target;
use symphony_messageml::{Directory, Input, MarkdownInput, Person, convert, convert_markdown};

/// Everybody exists whose id is even.
struct Even;

impl Directory for Even {
    fn user_by_id(&self, id: i64) -> Option<Person> {
        let name = id.to_string();
        let person =
            Person { id, screen_name: name.clone(), display_name: name.clone(), email: name };
        Some(person).filter(|person| person.id % 2 == 0)
    }

    fn user_by_email(&self, email: &str) -> Option<Person> {
        let name = email.to_owned();
        Some(Person { id: 2, screen_name: name.clone(), display_name: name.clone(), email: name })
    }
}

fuzz_target!(|input: (&str, Option<&str>)| {
    let (message, data) = input;
    let beside = data.and_then(|data| serde_json::from_str(data).ok());
    let (entities, media) = (beside.as_ref(), beside.as_ref());
    let _ = convert_markdown(&MarkdownInput { message, entities, media }, &Even);
    if let Ok(converted) = convert(&Input { data, ..Input::new(message) }, &Even) {
        let data = converted.data;
        let _ =
            convert(&Input { data: Some(&data), ..Input::new(&converted.presentation_ml) }, &Even);
    }
});
