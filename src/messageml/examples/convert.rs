//! Converts a message, and data for it if there is any, and shows all that comes of it.
//!
//! `cargo run --example convert -- '<messageML>Hello ${data.name}</messageML>' '{"name": "World"}'`

use symphony_messageml::{Directory, Input, Person, convert};

/// A company in which everybody exists.
struct Everybody;

impl Directory for Everybody {
    fn user_by_id(&self, id: i64) -> Option<Person> {
        Some(Person {
            id,
            screen_name: format!("user{id}"),
            display_name: format!("User {id}"),
            email: format!("user{id}@example.com"),
        })
    }

    fn user_by_email(&self, email: &str) -> Option<Person> {
        let name = email.split('@').next().unwrap_or_default().to_owned();
        Some(Person {
            id: 1,
            screen_name: name.clone(),
            display_name: name,
            email: email.to_owned(),
        })
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let message = arguments.next().ok_or("give a message, and data as JSON if it needs any")?;
    let data = arguments.next();
    let converted = convert(&Input { data: data.as_deref(), ..Input::new(&message) }, &Everybody)?;
    println!("PresentationML: {}", converted.presentation_ml);
    println!("EntityJSON:     {}", converted.data);
    println!("Markdown:       {}", converted.markdown);
    Ok(())
}
