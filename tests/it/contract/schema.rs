//! Schemas of Swagger 2 and OpenAPI 3 as JSON Schema, and stricter: an object has no properties but
//! those that its schema knows.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

/// What means the same in JSON Schema. The rest is said in other words below, or says nothing of
/// the value.
const KEPT: [&str; 11] = [
    "enum",
    "maximum",
    "maxItems",
    "maxLength",
    "maxProperties",
    "minimum",
    "minItems",
    "minLength",
    "minProperties",
    "pattern",
    "uniqueItems",
];

/// An API file as it was read.
pub struct ApiFile {
    pub name: String,
    pub content: Value,
}

/// The schemas of a component's files, as seen from one of them.
pub struct Schemas<'a> {
    files: &'a [ApiFile],
    file: usize,
    /// What was referred to, by name.
    definitions: BTreeMap<String, Value>,
}

/// What a reference in one of the files points at, with its name and the file that has it.
pub fn find<'a>(files: &'a [ApiFile], from: usize, reference: &str) -> (usize, String, &'a Value) {
    let (file, pointer) = reference.split_once('#').expect("a reference");
    let file = match file.trim_start_matches("./") {
        "" => from,
        other => files.iter().position(|file| file.name == other).expect("the file is there"),
    };
    let found = files[file].content.pointer(pointer);
    let name = pointer.rsplit('/').next().unwrap_or_default().to_owned();
    (file, name, found.unwrap_or_else(|| panic!("{reference} points at nothing")))
}

impl<'a> Schemas<'a> {
    pub fn new(files: &'a [ApiFile], file: usize) -> Self {
        Self { files, file, definitions: BTreeMap::new() }
    }

    /// A schema and all that it refers to.
    pub fn strict(mut self, schema: &Value) -> Value {
        let file = self.file;
        let mut root = self.translated(file, schema);
        if let Some(reference) = root.get("$ref").cloned() {
            // Nothing beside a reference counts.
            root = json!({ "allOf": [{ "$ref": reference }] });
        }
        root["definitions"] = self.definitions.into_iter().collect();
        root
    }

    fn translated(&mut self, file: usize, schema: &Value) -> Value {
        if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
            return json!({ "$ref": format!("#/definitions/{}", self.definition(file, reference)) });
        }
        let (file, schema) = self.merged(file, schema);
        let mut out = Map::new();
        for (key, value) in &schema {
            if KEPT.contains(&key.as_str()) {
                out.insert(key.clone(), value.clone());
            }
        }
        if let Some(required @ Value::Array(_)) = schema.get("required") {
            out.insert("required".into(), required.clone());
        }
        if let Some(items) = schema.get("items") {
            out.insert("items".into(), self.translated(file, items));
        }
        for any in ["oneOf", "anyOf"] {
            if let Some(Value::Array(several)) = schema.get(any) {
                let several = several.iter().map(|one| self.translated(file, one));
                out.insert(any.into(), several.collect());
            }
        }
        self.properties(file, &schema, &mut out);
        format(&schema, &mut out);
        kind(&schema, &mut out);
        out.into()
    }

    fn properties(
        &mut self,
        file: usize,
        schema: &Map<String, Value>,
        out: &mut Map<String, Value>,
    ) {
        if let Some(Value::Object(properties)) = schema.get("properties") {
            let known = properties.iter();
            let known = known.map(|(name, value)| (name.clone(), self.translated(file, value)));
            out.insert("properties".into(), known.collect());
            out.insert("additionalProperties".into(), false.into());
        }
        match schema.get("additionalProperties") {
            Some(more @ Value::Bool(_)) => {
                drop(out.insert("additionalProperties".into(), more.clone()))
            }
            Some(more) => {
                let more = self.translated(file, more);
                out.insert("additionalProperties".into(), more);
            }
            None => {}
        }
    }

    /// The name of what a reference points at, which is a definition from now on.
    fn definition(&mut self, file: usize, reference: &str) -> String {
        let (file, name, schema) = find(self.files, file, reference);
        if !self.definitions.contains_key(&name) {
            // Schemas refer to themselves.
            self.definitions.insert(name.clone(), Value::Null);
            let translated = match discriminator(schema) {
                Some(property) => self.told_apart(file, &name, property),
                None => self.translated(file, schema),
            };
            self.definitions.insert(name.clone(), translated);
        }
        name
    }

    /// A schema that stands for those that build on it, and a property says for which.
    fn told_apart(&mut self, file: usize, name: &str, property: &str) -> Value {
        let content = &self.files[file].content;
        let of_file = ["/components/schemas", "/definitions"].map(|at| content.pointer(at));
        let all = of_file.into_iter().flatten().filter_map(Value::as_object).flatten();
        let builds_on = |schema: &Value| {
            let parts = schema.get("allOf").and_then(Value::as_array).into_iter().flatten();
            let mut parts = parts.filter_map(|part| part.get("$ref").and_then(Value::as_str));
            parts.any(|reference| reference.rsplit('/').next() == Some(name))
        };
        // What the property says of each is its name, unless a mapping says otherwise.
        let base = of_file.into_iter().flatten().find_map(|schemas| schemas.get(name));
        let mapping = base.and_then(|base| base.pointer("/discriminator/mapping")?.as_object());
        let called = |kind: &str| {
            let mut mapped = mapping.into_iter().flatten();
            let is_it = |to: &Value| to.as_str().and_then(|to| to.rsplit('/').next()) == Some(kind);
            mapped.find(|(_, to)| is_it(to)).map_or(kind, |(called, _)| called).to_owned()
        };
        let mut names = Vec::new();
        let mut cases = Vec::new();
        for (kind, schema) in all.filter(|(_, schema)| builds_on(schema)) {
            let then = self.translated(file, schema);
            self.definitions.insert(kind.clone(), then);
            let called = called(kind);
            cases.push(json!({
                "if": { "properties": { property: { "const": called } } },
                "then": { "$ref": format!("#/definitions/{kind}") },
            }));
            names.push(called);
        }
        json!({
            "type": "object",
            "required": [property],
            "properties": { property: { "enum": names } },
            "allOf": cases,
        })
    }

    /// The schema with all that its `allOf` says: closed objects cannot be combined otherwise.
    fn merged(&self, file: usize, schema: &Value) -> (usize, Map<String, Value>) {
        let mut out = schema.as_object().cloned().unwrap_or_default();
        let Some(Value::Array(parts)) = out.remove("allOf") else {
            return (file, out);
        };
        for part in &parts {
            let part = match part.get("$ref").and_then(Value::as_str) {
                Some(reference) => find(self.files, file, reference).2,
                None => part,
            };
            for (key, value) in self.merged(file, part).1 {
                match (out.get_mut(&key), value) {
                    (Some(Value::Object(fields)), Value::Object(more)) => fields.extend(more),
                    (Some(Value::Array(items)), Value::Array(more)) => items.extend(more),
                    (_, value) => drop(out.insert(key, value)),
                }
            }
        }
        (file, out)
    }
}

fn discriminator(schema: &Value) -> Option<&str> {
    let discriminator = schema.get("discriminator")?;
    discriminator.as_str().or_else(|| discriminator.get("propertyName")?.as_str())
}

fn format(schema: &Map<String, Value>, out: &mut Map<String, Value>) {
    let (least, most) = match schema.get("format").and_then(Value::as_str) {
        Some("int32") => (i64::from(i32::MIN), i64::from(i32::MAX)),
        Some("int64") => (i64::MIN, i64::MAX),
        Some(known @ ("date" | "date-time" | "email" | "uri")) => {
            out.insert("format".into(), known.into());
            return;
        }
        _ => return,
    };
    out.entry("minimum").or_insert(least.into());
    out.entry("maximum").or_insert(most.into());
}

fn kind(schema: &Map<String, Value>, out: &mut Map<String, Value>) {
    let kind = match (schema.get("type"), out.contains_key("properties")) {
        (Some(kind), _) => kind.clone(),
        (None, true) => "object".into(),
        (None, false) => return,
    };
    if schema.get("nullable").and_then(Value::as_bool) == Some(true) {
        out.insert("type".into(), json!([kind, "null"]));
        if let Some(Value::Array(values)) = out.get_mut("enum") {
            values.push(Value::Null);
        }
    } else {
        out.insert("type".into(), kind);
    }
}
