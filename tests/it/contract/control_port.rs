//! Every answer of the control port that any test gets is held against its own description: its
//! status, its `Content-Type`, its body, and nothing in it that the description does not know.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, LazyLock, Mutex};

use jsonschema::Validator;
use reqwest::Method;
use serde_json::{Value, json};

use crate::pod::Answer;

const DOCUMENT: &str = include_str!("../../../fixtures/openapi.json");

thread_local! {
    /// A test has a thread to itself, and so have its requests.
    static SUCCEEDED: RefCell<BTreeSet<String>> = RefCell::default();
}

/// Which operations answered this test with success.
pub fn succeeded() -> BTreeSet<String> {
    SUCCEEDED.with_borrow(Clone::clone)
}

/// The names of all operations.
pub fn operations() -> BTreeSet<&'static str> {
    DESCRIPTION.operations.iter().map(|operation| operation.name.as_str()).collect()
}

/// Holds an answer against the description.
#[track_caller]
pub fn check(method: &Method, path: &str, answer: &Answer) {
    let Some(operation) = operation(method, path) else { return };
    let (name, status) = (&operation.name, answer.status.to_string());
    // The page comes from the same path, to a browser.
    if answer.headers.get("content-type").is_some_and(|it| it.as_bytes().starts_with(b"text/html"))
    {
        return;
    }
    let responses = &operation.responses;
    let described = responses.get(&status).or_else(|| {
        let refused = answer.status >= 400;
        responses.get("default").filter(|_| refused)
    });
    let described =
        described.unwrap_or_else(|| panic!("{name} is not described to answer so: {answer:#?}"));
    if let Some(content) = described.get("content") {
        let content_type = answer.header("content-type").split(';').next().unwrap().trim();
        let described = content.get(content_type);
        let any_file = content_type != "application/json" && !name.ends_with("_read");
        assert!(described.is_some() || any_file, "{name}: {content_type}: {answer:#?}");
        if content_type == "application/json" {
            let body = answer.json();
            let schema = &described.expect("it was asserted")["schema"];
            let errors = errors(&format!("{name} {status}"), schema, &body);
            assert!(
                errors.is_empty(),
                "{name} is not described to answer so\n{errors:#?}\n{body:#}"
            );
        }
    } else {
        assert_eq!(answer.body, "", "{name}");
    }
    if answer.status < 300 {
        SUCCEEDED.with_borrow_mut(|succeeded| succeeded.insert(name.clone()));
    }
}

struct Description {
    operations: Vec<Operation>,
    /// Of the components; objects are nothing but what they are described to be.
    schemas: Value,
}

struct Operation {
    method: String,
    /// Of its path, `{user}` for one.
    segments: Vec<String>,
    name: String,
    responses: Value,
}

static DESCRIPTION: LazyLock<Description> = LazyLock::new(|| {
    let mut document: Value = serde_json::from_str(DOCUMENT).expect("it is JSON");
    let mut operations = Vec::new();
    for (path, methods) in document["paths"].as_object().expect("there are paths") {
        for (method, operation) in methods.as_object().expect("there are methods") {
            operations.push(Operation {
                method: method.to_uppercase(),
                segments: path.split('/').map(str::to_owned).collect(),
                name: operation["operationId"].as_str().expect("a name").to_owned(),
                responses: operation["responses"].clone(),
            });
        }
    }
    // Of several paths that match the one with fewest parameters counts.
    operations.sort_by_key(|it| it.segments.iter().filter(|it| it.starts_with('{')).count());
    let mut schemas = document["components"]["schemas"].take();
    close(&mut schemas, false);
    Description { operations, schemas }
});

/// The operation that a request is for, of whatever pod.
fn operation(method: &Method, path: &str) -> Option<&'static Operation> {
    let path = path.split('?').next()?;
    let path = match path.strip_prefix("/t/") {
        Some(rest) => &rest[rest.find('/')?..],
        None => path,
    };
    let path: Vec<_> = path.split('/').collect();
    DESCRIPTION.operations.iter().find(|operation| {
        let pairs = operation.segments.iter().zip(&path);
        operation.method == method.as_str()
            && operation.segments.len() == path.len()
            && pairs.into_iter().all(|(one, other)| one.starts_with('{') || one == other)
    })
}

/// Has objects that say which fields they have no others. Alternatives add theirs to those of the
/// object that they are of.
fn close(schema: &mut Value, is_alternative: bool) {
    match schema {
        Value::Object(object) => {
            let has_fields = object.get("properties").is_some_and(Value::is_object);
            let is_open = object.contains_key("additionalProperties");
            if has_fields && !is_open && !is_alternative {
                object.insert("unevaluatedProperties".into(), false.into());
            }
            for (keyword, schema) in object {
                let combines = ["anyOf", "oneOf", "allOf"].contains(&keyword.as_str());
                match schema {
                    Value::Array(schemas) if combines => schemas
                        .iter_mut()
                        .for_each(|schema| close(schema, has_fields || is_alternative)),
                    other => close(other, false),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| close(item, false)),
        _ => {}
    }
}

fn errors(name: &str, schema: &Value, body: &Value) -> Vec<String> {
    static VALIDATORS: LazyLock<Mutex<HashMap<String, Arc<Validator>>>> =
        LazyLock::new(Mutex::default);
    let mut validators = VALIDATORS.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let validator = validators.entry(name.to_owned()).or_insert_with(|| {
        let mut closed = schema.clone();
        close(&mut closed, false);
        closed["components"] = json!({ "schemas": DESCRIPTION.schemas });
        let options = jsonschema::options().with_draft(jsonschema::Draft::Draft202012);
        Arc::new(options.build(&closed).unwrap_or_else(|error| panic!("{name}: {error}")))
    });
    let validator = Arc::clone(validator);
    drop(validators);
    validator.iter_errors(body).map(|it| format!("{}: {it}", it.instance_path())).collect()
}
