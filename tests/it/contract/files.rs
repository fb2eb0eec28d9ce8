//! Symphony's API files: Swagger 2 and OpenAPI 3, a folder for each component.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jsonschema::error::ValidationErrorKind;
use serde_json::Value;
use symphony_mock_pod::catalogue::Operation;

use super::Defect;
use super::schema::{ApiFile, Schemas, find};
use crate::pod::Answer;

/// The folders, and the prefixes under which each component's paths are served.
const COMPONENTS: [(&str, &[&str]); 8] = [
    ("agent", &["/agent"]),
    ("authenticator", &["/sessionauth", "/keyauth"]),
    ("community-connect", &["/connect-service"]),
    ("files-api", &[""]),
    ("login", &["/login", "/relay"]),
    ("pod", &["/pod"]),
    ("profile-manager", &["/profile-manager"]),
    ("users", &[""]),
];

const METHODS: [&str; 7] = ["get", "put", "post", "delete", "patch", "head", "options"];

/// All that the files declare.
pub struct ApiFiles {
    /// By method and whole path.
    operations: BTreeMap<(String, String), Declared>,
    components: BTreeMap<&'static str, Vec<ApiFile>>,
}

/// One operation as a file declares it.
struct Declared {
    component: &'static str,
    file: usize,
    produces: Vec<String>,
    /// By status.
    responses: BTreeMap<String, Value>,
}

impl ApiFiles {
    pub fn read(folder: &Path) -> Self {
        let mut files = Self { operations: BTreeMap::new(), components: BTreeMap::new() };
        for (component, prefixes) in COMPONENTS {
            let read = read_folder(&folder.join(component));
            for (file, ApiFile { content, .. }) in read.iter().enumerate() {
                for (path, method, operation) in operations_of(content) {
                    for prefix in prefixes.iter().filter(|prefix| serves(prefix, path)) {
                        let declared = Declared {
                            component,
                            file,
                            produces: produces(content, operation),
                            responses: responses(&read, file, operation),
                        };
                        let door = (method.to_uppercase(), format!("{prefix}{path}"));
                        files.operations.entry(door).or_insert(declared);
                    }
                }
            }
            files.components.insert(component, read);
        }
        files
    }

    /// Method and path of every operation.
    pub fn doors(&self) -> BTreeSet<(String, String)> {
        self.operations.keys().cloned().collect()
    }

    /// What the files do not allow in this answer.
    pub fn defects(&self, operation: &Operation, answer: &Answer) -> Vec<Defect> {
        let door = (operation.method.to_string(), operation.path.to_owned());
        let line = format!("{} {}", door.0, door.1);
        let defect = |what: &str, found: &str| Defect {
            place: line.clone(),
            what: what.to_owned(),
            found: found.to_owned(),
        };
        let Some(declared) = self.operations.get(&door) else {
            return vec![defect("no API file has the operation", "")];
        };
        let mut defects = Vec::new();
        let response = match declared.responses.get(&answer.status.to_string()) {
            Some(response) => response,
            None => {
                // The server refuses a body of another media type, and what it retired, before the
                // operation is called.
                if answer.status == 410 {
                    return defects;
                }
                if answer.status != 415 {
                    let what = format!("{} is not declared", answer.status);
                    defects.push(defect(&what, &answer.body));
                }
                // An error that the files forgot looks like those that they remember.
                let Some(response) = declared.any_error().filter(|_| answer.status >= 400) else {
                    return defects;
                };
                response
            }
        };
        let content_type = answer.headers.get("content-type").and_then(|value| value.to_str().ok());
        let content_type = content_type.and_then(|value| value.split(';').next());
        let (types, schema) = declared.content(response, content_type);
        let Some(schema) = schema.filter(|_| answer.status != 204) else {
            if schema.is_some() {
                defects.push(defect("204 is declared with a body", ""));
            }
            if !answer.body.is_empty() {
                defects.push(defect(&format!("{} has no body", answer.status), &answer.body));
            }
            return defects;
        };
        let content_type = content_type.unwrap_or("no type");
        if !types.iter().any(|declared| declared == content_type) {
            let what = format!("{} is not of type {content_type}", answer.status);
            defects.push(defect(&what, &types.join(", ")));
        }
        if content_type != "application/json" {
            if STANDARD.decode(&answer.body).is_err() {
                let what = format!("{} is no Base64", answer.status);
                defects.push(defect(&what, &answer.body));
            }
            return defects;
        }
        match serde_json::from_str::<Value>(&answer.body) {
            Ok(body) => defects.extend(self.defects_of_body(declared, &line, schema, &body)),
            Err(error) => {
                defects.push(defect(&format!("{} is no JSON", answer.status), &error.to_string()));
            }
        }
        defects
    }

    fn defects_of_body(
        &self,
        declared: &Declared,
        line: &str,
        schema: &Value,
        body: &Value,
    ) -> Vec<Defect> {
        let files = &self.components[declared.component];
        let schema = Schemas::new(files, declared.file).strict(schema);
        let validator = jsonschema::options()
            .with_draft(jsonschema::Draft::Draft7)
            .should_validate_formats(true)
            .build(&schema)
            .unwrap_or_else(|error| panic!("{line}: {error}\n{schema:#}"));
        let mut defects = Vec::new();
        for error in validator.iter_errors(body) {
            let at = error.schema_path().as_str();
            let (place, keyword) = match at.strip_prefix("/definitions/") {
                Some(rest) => {
                    let (name, at) = rest.split_once('/').unwrap_or((rest, ""));
                    (format!("{} {name}", declared.component), at)
                }
                None => (line.to_owned(), at.trim_start_matches('/')),
            };
            let keyword = keyword.replace("properties/", "").replace('/', ".");
            let found = format!("{}: {error}", error.instance_path());
            let mut push = |what: String| {
                defects.push(Defect { place: place.clone(), what, found: found.clone() });
            };
            match error.kind() {
                ValidationErrorKind::AdditionalProperties { unexpected } => {
                    let within = keyword.trim_end_matches("additionalProperties");
                    for name in unexpected {
                        push(format!("{within}{name} is unknown"));
                    }
                }
                ValidationErrorKind::Required { property } => {
                    let within = keyword.trim_end_matches("required");
                    push(format!("{within}{} is required", property.as_str().unwrap_or_default()));
                }
                _ => push(keyword),
            }
        }
        defects
    }
}

impl Declared {
    fn any_error(&self) -> Option<&Value> {
        self.responses.iter().find(|(status, _)| status.as_str() >= "4").map(|(_, error)| error)
    }

    /// The types that a response may have, and the schema of its body where it has one.
    fn content<'a>(
        &'a self,
        response: &'a Value,
        content_type: Option<&str>,
    ) -> (Vec<String>, Option<&'a Value>) {
        let Some(content) = response.get("content").and_then(Value::as_object) else {
            return (self.produces.clone(), response.get("schema"));
        };
        let media = content_type.and_then(|name| content.get(name));
        let media = media.or_else(|| content.values().next());
        (content.keys().cloned().collect(), media.and_then(|media| media.get("schema")))
    }
}

fn responses(files: &[ApiFile], file: usize, operation: &Value) -> BTreeMap<String, Value> {
    let responses = operation["responses"].as_object().expect("responses");
    let resolved = responses.iter().map(|(status, response)| {
        let response = match response.get("$ref").and_then(Value::as_str) {
            Some(reference) => {
                let (of, _, response) = find(files, file, reference);
                absolute(response, (of != file).then(|| files[of].name.as_str()))
            }
            None => response.clone(),
        };
        (status.clone(), response)
    });
    resolved.collect()
}

/// A piece of another file, with references that hold in this one.
fn absolute(value: &Value, file: Option<&str>) -> Value {
    match value {
        Value::Object(fields) => fields
            .iter()
            .map(|(key, value)| match (key.as_str(), value.as_str(), file) {
                ("$ref", Some(to), Some(file)) if to.starts_with('#') => {
                    (key.clone(), format!("{file}{to}").into())
                }
                _ => (key.clone(), absolute(value, file)),
            })
            .collect(),
        Value::Array(items) => items.iter().map(|item| absolute(item, file)).collect(),
        other => other.clone(),
    }
}

fn produces(content: &Value, operation: &Value) -> Vec<String> {
    let list = operation.get("produces").or_else(|| content.get("produces"));
    let list = list.and_then(Value::as_array).into_iter().flatten();
    let list: Vec<_> = list.filter_map(Value::as_str).map(str::to_owned).collect();
    if list.is_empty() { vec!["application/json".to_owned()] } else { list }
}

fn operations_of(content: &Value) -> impl Iterator<Item = (&str, &str, &Value)> {
    let paths = content.get("paths").and_then(Value::as_object).into_iter().flatten();
    paths.flat_map(|(path, item)| {
        let methods = item.as_object().into_iter().flatten();
        let methods = methods.filter(|(method, _)| METHODS.contains(&method.as_str()));
        methods.map(move |(method, operation)| (path.as_str(), method.as_str(), operation))
    })
}

/// The key manager has its own host and takes logins and logouts of bots alone.
fn serves(prefix: &str, path: &str) -> bool {
    match prefix {
        "/keyauth" => matches!(path, "/v1/authenticate" | "/v1/logout"),
        "/relay" => path == "/pubkey/authenticate",
        _ => true,
    }
}

/// The files of a component, those of deprecated operations behind the others.
fn read_folder(folder: &Path) -> Vec<ApiFile> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "yaml"));
    files.sort_by_key(|file| (file.to_string_lossy().contains("deprecated"), file.clone()));
    assert!(!files.is_empty(), "no API files in {}", folder.display());
    let read = files.into_iter().map(|file| {
        let text = std::fs::read_to_string(&file).unwrap();
        let content =
            serde_saphyr::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
        ApiFile { name: file.file_name().unwrap().to_string_lossy().into_owned(), content }
    });
    read.collect()
}
