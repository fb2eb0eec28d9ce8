//! The check itself finds what it is there to find.

use serde_json::{Value, json};

use super::schema::{ApiFile, Schemas};

/// What is wrong with a body by the schema of this name.
fn errors(name: &str, body: Value) -> Vec<String> {
    let file = ApiFile { name: "api.yaml".into(), content: api() };
    let files = [file];
    let reference = json!({ "$ref": format!("#/components/schemas/{name}") });
    let schema = Schemas::new(&files, 0).strict(&reference);
    let options = jsonschema::options().with_draft(jsonschema::Draft::Draft7);
    let validator = options.should_validate_formats(true).build(&schema).expect("a schema");
    validator.iter_errors(&body).map(|error| error.schema_path().to_string()).collect()
}

fn api() -> Value {
    json!({ "components": { "schemas": {
        "Dog": { "allOf": [
            { "$ref": "#/components/schemas/Animal" },
            { "required": ["name"], "properties": {
                "name": { "type": "string", "nullable": true },
                "born": { "type": "string", "format": "date-time" },
                "legs": { "type": "integer", "format": "int32" },
                "puppies": { "type": "array", "items": { "$ref": "#/components/schemas/Dog" } },
            } },
        ] },
        "Animal": {
            "type": "object",
            "discriminator": { "propertyName": "kind" },
            "properties": { "kind": { "type": "string" } },
        },
        "Free": { "type": "object" },
        "Counts": { "additionalProperties": { "type": "integer" } },
    } } })
}

#[test]
fn what_a_schema_says_is_allowed() {
    let dog = json!({
        "kind": "Dog",
        "name": null,
        "born": "2025-06-15T15:06:40Z",
        "legs": 4,
        "puppies": [{ "kind": "Dog", "name": "Rex" }],
    });
    assert!(errors("Dog", dog.clone()).is_empty());
    assert!(errors("Animal", dog).is_empty());
    assert!(errors("Free", json!({ "anything": 1 })).is_empty());
    assert!(errors("Counts", json!({ "anything": 1 })).is_empty());
}

#[test]
fn what_it_does_not_say_is_not() {
    for (name, body, at) in [
        ("Dog", json!({ "name": "Rex", "tail": 1 }), "/definitions/Dog/additionalProperties"),
        ("Dog", json!({ "kind": "Dog" }), "/definitions/Dog/required"),
        ("Dog", json!({ "name": 1 }), "/definitions/Dog/properties/name/type"),
        ("Dog", json!({ "name": "", "born": "today" }), "/definitions/Dog/properties/born/format"),
        (
            "Dog",
            json!({ "name": "", "legs": 1_u64 << 31 }),
            "/definitions/Dog/properties/legs/maximum",
        ),
        ("Dog", json!({ "name": "", "puppies": [{}] }), "/definitions/Dog/required"),
        ("Animal", json!({ "name": "Rex" }), "/definitions/Animal/required"),
        ("Animal", json!({ "kind": "Cat" }), "/definitions/Animal/properties/kind/enum"),
        (
            "Animal",
            json!({ "kind": "Dog", "name": "", "tail": 1 }),
            "/definitions/Dog/additionalProperties",
        ),
        ("Counts", json!({ "anything": "" }), "/definitions/Counts/additionalProperties/type"),
    ] {
        let errors = errors(name, body.clone());
        assert!(errors.contains(&at.to_owned()), "{name} {body}: {errors:?}");
    }
}
