//! `/_mock/openapi.json`: the control port in OpenAPI 3.1, made of the table that it is served by
//! and of the types that bodies are read into.
//!
//! A test makes it and says when the file no longer is what it makes: the code would be a quarter of
//! a megabyte of every pod's, for something that is the same in all of them.

#[cfg(test)]
mod answers;

use axum::http::header;
use axum::response::IntoResponse;

/// The document but for the version.
const DOCUMENT: &str = include_str!("../../../fixtures/openapi.json");
const VERSION: &str = "{version}";

pub async fn read() -> impl IntoResponse {
    let document = DOCUMENT.replacen(VERSION, env!("CARGO_PKG_VERSION"), 1);
    ([(header::CONTENT_TYPE, "application/json")], document)
}

#[cfg(test)]
mod tests {
    use schemars::JsonSchema;
    use schemars::generate::SchemaSettings;
    use schemars::transform::ReplaceBoolSchemas;
    use serde_json::{Map, Value, json};

    use super::super::table::{Route, routes};
    use super::super::token::FREE;
    use super::{VERSION, answers};
    use crate::scenario::generated_files;

    const FILE: &str = "fixtures/openapi.json";

    #[test]
    fn the_document_is_what_the_table_and_the_types_say() {
        generated_files::check(FILE, super::DOCUMENT, &document(&routes()));
    }

    #[test]
    #[ignore = "writes the file"]
    fn write_the_document() {
        generated_files::write(FILE, &document(&routes()));
    }

    /// What the control port answers to a request it does not do.
    #[derive(JsonSchema)]
    #[expect(dead_code, reason = "it describes the bodies that ControlRefusal writes")]
    struct ControlError {
        /// What is wrong, and what was expected.
        error: String,
        /// The field of the request that is wrong, where it is one.
        field: Option<String>,
        /// Where in a message that was to be tried.
        place: Option<super::super::refusal::Fault>,
    }

    fn document(routes: &[Route]) -> Value {
        let settings = SchemaSettings::draft2020_12()
            .with(|settings| settings.definitions_path = "/components/schemas".into())
            // Generators of clients know no schema that is `true`: openapi-python-client refuses the document.
            .with_transform(without_bool_schemas());
        let mut schemas = settings.into_generator();
        let error = schemas.subschema_for::<ControlError>();
        let mut paths = Map::new();
        for route in routes {
            let refusal = |why: &str| {
                let content = json!({ "application/json": { "schema": error } });
                json!({ "description": why, "content": content })
            };
            let mut responses = json!({ "default": refusal("Refused") });
            responses[route.status.to_string()] = match route.status {
                204 => json!({ "description": "Done" }),
                _ => {
                    let answer = answers::of(route.name, &mut schemas);
                    let mut content = json!({ answer.content_type: { "schema": answer.schema } });
                    if route.name == "scenario::export" {
                        content["application/yaml"] = content[answer.content_type].clone();
                    }
                    json!({ "description": answer.description, "content": content })
                }
            };
            if route.name == "snapshots::create" {
                responses["200"] = responses["201"].clone();
                responses["200"]["description"] = "Done to one that was there".into();
            }
            if let Some(schema) = answers::unmet(route.name, &mut schemas) {
                let content = json!({ "application/json": { "schema": schema } });
                responses["417"] = json!({ "description": "It did not come", "content": content });
            }
            if route.body.is_some() || !route.query.is_empty() {
                responses["400"] =
                    refusal("Something in the request is wrong, as its `field` says");
            }
            if route.path.contains('{') {
                responses["404"] = refusal("There is nothing of this name");
            }
            let free = FREE.contains(&route.path);
            if !free {
                responses["401"] = refusal("The pod was started with a token, which was not shown");
            }
            let mut operation = json!({
                "operationId": route.name.replace("::", "_"),
                "summary": route.summary,
                "responses": responses,
            });
            let parameters: Vec<_> = parameters(route).collect();
            if !parameters.is_empty() {
                operation["parameters"] = parameters.into();
            }
            if let Some(body) = &route.body {
                let schema = (body.schema)(&mut schemas);
                let mut content = json!({ "application/json": { "schema": schema } });
                if let Some(example) = example(body.example) {
                    content["application/json"]["example"] = example;
                }
                if body.yaml {
                    content["application/yaml"] = content["application/json"].clone();
                }
                operation["requestBody"] = json!({ "required": body.required, "content": content });
            }
            if free {
                operation["security"] = json!([]);
            }
            let path = paths.entry(route.path).or_insert_with(|| json!({}));
            path[route.method.as_str().to_lowercase()] = operation;
        }
        let components = json!({
            "schemas": schemas.take_definitions(true),
            "securitySchemes": {
                "controlToken": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "Where the pod was started with --control-token",
                },
            },
        });
        json!({
            "openapi": "3.1.0",
            "info": {
                "title": "symphony-mock-pod control port",
                "version": VERSION,
                "description": "Every path also works behind /t/<pod>, and with the header X-Mock-Pod: \
                                <pod>: it is then about the pod called so instead of the main one.",
            },
            "servers": [
                { "url": "http://localhost:8080", "description": "The main pod" },
                {
                    "url": "http://localhost:8080/t/{pod}",
                    "description": "A pod of one's own, made when it is first asked for",
                    "variables": { "pod": { "default": "my-test" } },
                },
            ],
            "security": [{ "controlToken": [] }, {}],
            "paths": paths,
            "components": components,
        })
    }

    fn without_bool_schemas() -> ReplaceBoolSchemas {
        let mut transform = ReplaceBoolSchemas::default();
        transform.skip_additional_properties = true;
        transform
    }

    fn parameters(route: &Route) -> impl Iterator<Item = Value> {
        let in_path = route.path.split('/').filter_map(|segment| {
            segment.strip_prefix('{').and_then(|segment| segment.strip_suffix('}'))
        });
        let parameter = |name: &str, place: &str| {
            let (about, schema) = answers::parameter(name);
            json!({
                "name": name,
                "in": place,
                "description": about,
                "required": place == "path",
                "schema": schema,
            })
        };
        let in_path = in_path.map(move |name| parameter(name, "path"));
        in_path.chain(route.query.iter().map(move |name| parameter(name, "query")))
    }

    /// The first of the documents that a refusal tells to send.
    fn example(expected: &str) -> Option<Value> {
        serde_json::Deserializer::from_str(expected).into_iter().next()?.ok()
    }
}
