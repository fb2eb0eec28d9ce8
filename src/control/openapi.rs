//! `/_mock/openapi.json`: the control port in OpenAPI 3.1, made of the table that it is served by
//! and of the types that bodies are read into.
//!
//! A test makes it and says when the file no longer is what it makes: the code would be a quarter of
//! a megabyte of every pod's, for something that is the same in all of them.

use axum::http::header;
use axum::response::IntoResponse;

/// The document but for the version.
const DOCUMENT: &str = include_str!("../../fixtures/openapi.json");
const VERSION: &str = "{version}";

pub async fn read() -> impl IntoResponse {
    let document = DOCUMENT.replacen(VERSION, env!("CARGO_PKG_VERSION"), 1);
    ([(header::CONTENT_TYPE, "application/json")], document)
}

#[cfg(test)]
mod tests {
    use schemars::JsonSchema;
    use schemars::generate::SchemaSettings;
    use serde_json::{Map, Value, json};

    use super::super::table::{Route, routes};
    use super::super::token::FREE;
    use super::VERSION;
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
            .with(|settings| settings.definitions_path = "/components/schemas".into());
        let mut schemas = settings.into_generator();
        let error = schemas.subschema_for::<ControlError>();
        let mut paths = Map::new();
        for route in routes {
            let mut operation = json!({
                "operationId": route.name.replace("::", "_"),
                "summary": route.summary,
                "responses": {
                    (route.status.to_string()): { "description": "Done" },
                    "default": {
                        "description": "Refused",
                        "content": { "application/json": { "schema": error } },
                    },
                },
            });
            let parameters: Vec<_> = parameters(route).collect();
            if !parameters.is_empty() {
                operation["parameters"] = parameters.into();
            }
            if let Some(body) = &route.body {
                let schema = (body.schema)(&mut schemas);
                let mut content = json!({ "application/json": { "schema": schema } });
                if body.yaml {
                    content["application/yaml"] = content["application/json"].clone();
                }
                operation["requestBody"] = json!({ "required": body.required, "content": content });
            }
            if FREE.contains(&route.path) {
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
            "security": [{ "controlToken": [] }, {}],
            "paths": paths,
            "components": components,
        })
    }

    fn parameters(route: &Route) -> impl Iterator<Item = Value> {
        let in_path = route.path.split('/').filter_map(|segment| {
            segment.strip_prefix('{').and_then(|segment| segment.strip_suffix('}'))
        });
        let parameter = |name: &str, place: &str| {
            let schema = json!({ "type": "string" });
            json!({ "name": name, "in": place, "required": place == "path", "schema": schema })
        };
        let in_path = in_path.map(move |name| parameter(name, "path"));
        in_path.chain(route.query.iter().map(move |name| parameter(name, "query")))
    }
}
