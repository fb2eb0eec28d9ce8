//! Examples whose results are those of the reference implementation, byte for byte.
//!
//! They are not part of this repository. `SYMPHONY_MESSAGEML_VECTORS` and
//! `SYMPHONY_MESSAGEML_VECTORS_ORIGINAL` name the files; without them there is nothing to run.

use std::collections::HashMap;
use std::path::Path;

use crate::support::same_but_ids;
use serde::Deserialize;
use serde_json::{Map, Value};
use symphony_messageml::{
    Converted, Directory, Input, Instrument, InstrumentRequest, Invalid, Person, convert,
};

/// Examples that fail, by id, and why. The list may only shrink: one that passes fails the test.
const KNOWN_FAILURES: &[(&str, &str)] = &[
    ("feature-097", "an attribute without a value, which is no XML"),
    ("feature-352", "the original takes the version that the example gives and accepts"),
];

#[test]
fn all_pass() {
    match std::env::var_os("SYMPHONY_MESSAGEML_VECTORS") {
        Some(path) => pass(Path::new(&path)),
        None => println!("SYMPHONY_MESSAGEML_VECTORS is not set: 0 vectors ran"),
    }
}

/// What the reference itself made of further messages.
#[test]
fn those_of_the_original_pass() {
    match std::env::var_os("SYMPHONY_MESSAGEML_VECTORS_ORIGINAL") {
        Some(path) => pass(Path::new(&path)),
        None => println!("SYMPHONY_MESSAGEML_VECTORS_ORIGINAL is not set: 0 vectors ran"),
    }
}

fn pass(path: &Path) {
    let file =
        std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let vectors: Vec<Value> =
        file.lines().filter(|line| !line.trim().is_empty()).map(vector).collect();
    assert!(!vectors.is_empty(), "{} holds no vectors", path.display());

    let known: HashMap<&str, &str> = KNOWN_FAILURES.iter().copied().collect();
    let mut failed = 0;
    let mut unexpected = Vec::new();
    for vector in &vectors {
        let id = vector["id"].as_str().expect("a vector has an id");
        match (check(vector), known.get(id)) {
            (Ok(()), None) => {}
            (Err(_), Some(_)) => failed += 1,
            (Err(problem), None) => unexpected.push(format!("{id}: {problem}")),
            (Ok(()), Some(_)) => {
                unexpected.push(format!("{id} passes: take it off the list of failures"))
            }
        }
    }
    println!("{} vectors ran, {failed} of them known to fail", vectors.len());
    assert!(unexpected.is_empty(), "{} unexpected:\n{}", unexpected.len(), unexpected.join("\n\n"));
}

/// A vector of any depth: one expects more than the 128 levels that `serde_json` stops at.
fn vector(line: &str) -> Value {
    let mut deserializer = serde_json::Deserializer::from_str(line);
    deserializer.disable_recursion_limit();
    Value::deserialize(&mut deserializer).expect("every line is a JSON object")
}

fn check(vector: &Value) -> Result<(), String> {
    let input = Input {
        data: vector["entityJson"].as_str(),
        version: vector["version"].as_str(),
        ..Input::new(vector["input"].as_str().expect("a vector has an input"))
    };
    let result = convert(&input, &Provider(&vector["provider"]));
    let expected = vector["expect"].as_object().expect("a vector expects something");
    match (&result, expected.get("error")) {
        (Err(Invalid { .. }), None) => Err(format!("refused: {result:?}")),
        (Err(invalid), Some(error)) => {
            let wanted = error["message"].as_str().expect("an error has a message");
            let right = match error["match"].as_str() {
                Some("contains") => invalid.message().contains(wanted),
                _ => invalid.message() == wanted,
            };
            right.then_some(()).ok_or_else(|| format!("\n  wanted {wanted}\n  got    {invalid}"))
        }
        (Ok(_), Some(error)) => Err(format!("accepted, wanted {}", error["message"])),
        (Ok(converted), None) => compare(converted, expected),
    }
}

fn compare(converted: &Converted, expected: &Map<String, Value>) -> Result<(), String> {
    let document = roxmltree::Document::parse(&converted.presentation_ml)
        .map_err(|error| format!("{error} in {}", converted.presentation_ml))?;
    for (name, wanted) in expected {
        let same_text = |got: &str| {
            let wanted = wanted.as_str().expect("a text");
            (got == wanted)
                .then_some(())
                .ok_or_else(|| format!("{name}\n  wanted {wanted:?}\n  got    {got:?}"))
        };
        let same_json = |got: &Map<String, Value>| {
            (wanted.as_object() == Some(got)).then_some(()).ok_or_else(|| {
                format!("{name}\n  wanted {wanted}\n  got    {}", Value::from(got.clone()))
            })
        };
        match name.as_str() {
            "accepted" => {}
            "presentationML" => {
                let wanted = wanted.as_str().expect("a text");
                let got = &converted.presentation_ml;
                if !same_but_ids(&with_ids_named(wanted), got) {
                    return Err(format!("{name}\n  wanted {wanted}\n  got    {got}"));
                }
            }
            "markdown" => same_text(&converted.markdown)?,
            "entityJson" => same_json(&converted.entity_json())?,
            "legacyEntities" => same_json(&converted.entities)?,
            "text" => same_text(&converted.plain_text)?,
            "textPreserve" => same_text(&parts(&document).join(" "))?,
            "textTrim" => {
                let parts = parts(&document);
                let trimmed: Vec<&str> =
                    parts.iter().map(|part| part.trim()).filter(|part| !part.is_empty()).collect();
                same_text(&trimmed.join(" "))?;
            }
            "entityJsonPointers" => {
                let got = Value::from(converted.entity_json());
                for (pointer, wanted) in wanted.as_object().expect("an object") {
                    if got.pointer(pointer) != Some(wanted) {
                        return Err(format!("{pointer}: wanted {wanted} in {got}"));
                    }
                }
            }
            other => panic!("an expectation this test does not know: {other}"),
        }
    }
    Ok(())
}

/// The PresentationML with the generated ids named that the file leaves as they were drawn: those of ten characters.
fn with_ids_named(presentation_ml: &str) -> String {
    const ATTRIBUTES: [&str; 3] = [" id=\"", " for=\"", " data-target-id=\""];
    const CONTROLS: [&str; 10] = [
        "checkbox-group",
        "date-picker",
        "dropdown",
        "person-selector",
        "radio-group",
        "room-selector",
        "textarea",
        "textfield",
        "time-picker",
        "timezone-picker",
    ];
    let mut named = presentation_ml.to_owned();
    let values = ATTRIBUTES.iter().flat_map(|attribute| presentation_ml.split(attribute).skip(1));
    for (number, value) in values.filter_map(|rest| rest.split('"').next()).enumerate() {
        let of_control =
            CONTROLS.iter().find_map(|prefix| value.strip_prefix(prefix)?.strip_prefix('-'));
        let of_dialog = || value.strip_suffix("-d1");
        let Some(id) = of_control.or_else(of_dialog).filter(|id| !id.contains("{ID:")) else {
            continue;
        };
        named = named.replace(id, &format!("{{ID:9{number}}}"));
    }
    named
}

/// The text of every node directly under the root.
fn parts(document: &roxmltree::Document<'_>) -> Vec<String> {
    document
        .root_element()
        .children()
        .map(|node| {
            node.descendants()
                .filter(roxmltree::Node::is_text)
                .filter_map(|node| node.text())
                .collect()
        })
        .collect()
}

/// A data provider as the vectors describe it.
struct Provider<'v>(&'v Value);

impl Provider<'_> {
    fn kind(&self) -> &str {
        self.0["kind"].as_str().expect("a provider has a kind")
    }

    fn user(&self) -> Option<Person> {
        let user = &self.0["user"];
        let text = |name: &str| user[name].as_str().unwrap_or_default().to_owned();
        user.is_object().then(|| Person {
            id: user["id"].as_i64().unwrap_or_default(),
            screen_name: text("screenName"),
            display_name: text("prettyName"),
            email: text("email"),
        })
    }
}

fn person(id: i64, name: &str) -> Option<Person> {
    Some(Person {
        id,
        screen_name: name.to_owned(),
        display_name: name.to_owned(),
        email: name.to_owned(),
    })
}

impl Directory for Provider<'_> {
    fn user_by_id(&self, id: i64) -> Option<Person> {
        match self.kind() {
            "fixed" => self.user(),
            "null" => person(0, ""),
            "noop" => person(id, &id.to_string()),
            _ => self.user().filter(|user| user.id == id),
        }
    }

    fn user_by_email(&self, email: &str) -> Option<Person> {
        match self.kind() {
            "fixed" => self.user(),
            "null" => person(0, ""),
            "noop" => person(0, email),
            _ => self.user().filter(|user| user.email.eq_ignore_ascii_case(email)),
        }
    }

    fn allows_scheme(&self, scheme: &str) -> bool {
        self.kind() != "test" || ["http", "https"].contains(&scheme.to_ascii_lowercase().as_str())
    }

    fn instrument(&self, request: &InstrumentRequest<'_>) -> Option<Instrument> {
        let instrument =
            &self.0["instrumentResolution"]["instruments"][request.index.to_string()]["instrument"];
        let text = |name: &str| instrument[name].as_str().map(str::to_owned);
        instrument.is_object().then(|| Instrument {
            root_bbg_comp_ticker: text("rootBbgCompTicker").unwrap_or_default(),
            unique_id: text("uniqueId"),
            full_bbg_comp_ticker: text("fullBbgCompTicker"),
            bbg_comp_ticker: text("bbgCompTicker"),
            isin: text("isin"),
            figi: text("figi"),
            figi_ticker: text("figiTicker"),
            local_code: text("localCode"),
            operational_mic: text("operationalMic"),
            country_code: text("countryCode"),
            country_name: text("countryName"),
            exchange_name: text("exchangeName"),
            display_name: text("displayName"),
            currency: text("currency"),
            instrument_type_code: text("instrumentTypeCode"),
            instrument_type_name: text("instrumentTypeName"),
        })
    }
}
