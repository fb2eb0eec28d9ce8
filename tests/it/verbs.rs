//! The verbs of the clients: what a test can do in one language it can do in the others. And what the
//! front page says of settings and faults.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::Value;
use symphony_mock_pod::FaultPlan;

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The names of functions in the blocks that begin with this line.
fn rust(path: &str, block: &str) -> BTreeSet<String> {
    let text = read(path);
    let blocks = text.split("\n}").filter(|text| text.contains(&format!("\n{block} {{\n")));
    let lines = blocks.flat_map(str::lines);
    let functions = lines.filter_map(|line| {
        let line = line.strip_prefix("    pub ")?;
        line.strip_prefix("async ").unwrap_or(line).strip_prefix("fn ")
    });
    functions.map(first_name).collect()
}

/// The names of the public methods of a class.
fn python(path: &str, class: &str) -> BTreeSet<String> {
    let text = read(path);
    let start = text.find(&format!("\nclass {class}")).unwrap_or_else(|| panic!("{path}: {class}"));
    let body = &text[start + 1..];
    let body = body.find("\nclass ").map_or(body, |end| &body[..end]);
    let methods = body.lines().filter_map(|line| {
        let line = line.strip_prefix("    ")?;
        line.strip_prefix("async ").unwrap_or(line).strip_prefix("def ")
    });
    let names = methods.map(first_name).filter(|name| !name.starts_with('_'));
    // Every verb that waits is there for coroutines too.
    names.filter(|name| !name.ends_with("_async")).collect()
}

/// The names of the public methods of a class, as Python writes them.
fn java(class: &str) -> BTreeSet<String> {
    let folder = "clients/java/symphony-mock-pod-junit5/src/main/java/symphony/mockpod";
    let text = read(&format!("{folder}/{class}.java"));
    let methods = text.lines().filter_map(|line| {
        let head = line.strip_prefix("  public ")?.split_once('(')?.0;
        let (_, name) = head.rsplit_once(' ')?;
        Some(snake_case(name))
    });
    methods.collect()
}

fn first_name(text: &str) -> String {
    text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

fn snake_case(name: &str) -> String {
    let mut snake = String::new();
    for c in name.chars() {
        if c.is_uppercase() {
            snake.push('_');
        }
        snake.extend(c.to_lowercase());
    }
    snake
}

/// Says which verbs are not in all languages, but for those that one of them writes otherwise.
fn compare(languages: [(&str, BTreeSet<String>); 3], otherwise: &[(&str, &[&str])]) {
    let otherwise: BTreeMap<_, _> =
        otherwise.iter().map(|(language, verbs)| (*language, *verbs)).collect();
    let all: BTreeSet<_> = languages.iter().flat_map(|(_, verbs)| verbs.clone()).collect();
    assert!(all.len() > 20, "{all:?}");
    let mut told = Vec::new();
    for (language, verbs) in &languages {
        assert!(verbs.len() > 15, "{language}: {verbs:?}");
        let excused = otherwise[language];
        let missing = all.difference(verbs).filter(|verb| !excused.contains(&verb.as_str()));
        told.extend(missing.map(|verb| format!("{language} has no {verb}")));
        let idle = excused.iter().filter(|verb| verbs.contains(**verb) || !all.contains(**verb));
        told.extend(idle.map(|verb| format!("{language} needs no excuse for {verb}")));
    }
    assert!(told.is_empty(), "{told:#?}");
}

#[test]
fn people_do_the_same_in_every_language() {
    let mut in_rust = rust("src/server/person.rs", "impl Person");
    in_rust.extend(rust("src/server/interests.rs", "impl Person"));
    compare(
        [
            ("Rust", in_rust),
            ("Python", python("clients/python/src/symphony_mock_pod/people.py", "Person")),
            ("Java", java("Person")),
        ],
        &[
            // A name is `name`; `connect` is a verb for each action, `share` is `forward`; a form's input
            // says that it is forced.
            ("Rust", &["username", "to_string", "connect", "share", "force_form"]),
            // Names are fields; `send` takes what it answers or passes on, `connect` an action,
            // `submit_form` that it is forced, and `read` that the message was delivered only.
            (
                "Python",
                &[
                    "name",
                    "username",
                    "to_string",
                    "reply",
                    "forward",
                    "share",
                    "force_form",
                    "receive",
                    "request_connection",
                    "accept_connection",
                    "reject_connection",
                    "remove_connection",
                ],
            ),
            // A name is `username`; `connect` takes an action.
            (
                "Java",
                &[
                    "name",
                    "request_connection",
                    "accept_connection",
                    "reject_connection",
                    "remove_connection",
                ],
            ),
        ],
    );
}

#[test]
fn a_pod_is_told_the_same_in_every_language() {
    let mut in_rust = rust("src/server/handle.rs", "impl PodHandle");
    in_rust.extend(rust("src/server/states.rs", "impl PodHandle"));
    in_rust.extend(rust("src/server/sessions.rs", "impl PodHandle"));
    compare(
        [
            ("Rust", in_rust),
            ("Python", python("clients/python/src/symphony_mock_pod/pod.py", "Pod")),
            ("Java", java("MockPod")),
        ],
        &[
            // Paths are in the URL, files in the `Bot`; faults and pods end with what holds them,
            // snapshots are values, there is no process to attach to, and a proxy's parts are asked for one by one.
            (
                "Rust",
                &[
                    "host",
                    "context",
                    "ca_path",
                    "trust_store",
                    "faults",
                    "control",
                    "attach",
                    "server",
                    "snapshots",
                    "drop",
                    "close",
                    "to_string",
                    "proxy",
                ],
            ),
            // `clock`, `faults`, `control` and `name` are fields; the fixture is the `named` pod, and
            // environment variables say which server it attaches to; `proxy` tells all of a proxy.
            (
                "Python",
                &[
                    "name",
                    "attach",
                    "server",
                    "clock",
                    "control",
                    "faults",
                    "close",
                    "to_string",
                    "trust_store",
                    "named",
                    "inject",
                    "seed",
                    "certificates",
                    "identity",
                    "ca_pem",
                    "control_url",
                    "control_port",
                    "proxy_port",
                    "proxy_url",
                    "sdk_proxy",
                ],
            ),
            // The extension makes the `named` pod, and `faults` injects; `close` drops, and `proxy` tells all of
            // a proxy.
            (
                "Java",
                &[
                    "drop",
                    "ca_path",
                    "named",
                    "inject",
                    "seed",
                    "certificates",
                    "identity",
                    "ca_pem",
                    "control_url",
                    "control_port",
                    "proxy_port",
                    "proxy_url",
                    "sdk_proxy",
                ],
            ),
        ],
    );
}

/// The front page's table of settings, as name and default.
fn told_settings() -> BTreeMap<String, String> {
    let readme = read("README.md");
    let table = readme.split("| setting | default | meaning |").nth(1).expect("there is a table");
    let rows = table.lines().skip(2).take_while(|line| line.starts_with('|'));
    let mut settings = BTreeMap::new();
    for row in rows {
        let cells: Vec<_> = row.split('|').map(str::trim).collect();
        let names: Vec<_> = cells[1].split(", ").map(|name| name.trim_matches('`')).collect();
        // Several settings of a row have several defaults.
        let defaults: Vec<_> = match names.len() {
            1 => vec![cells[2]],
            _ => cells[2].split(", ").collect(),
        };
        assert_eq!(names.len(), defaults.len(), "{row}");
        for (name, default) in names.into_iter().zip(defaults) {
            assert!(settings.insert(name.to_owned(), default.to_owned()).is_none(), "{name}");
        }
    }
    settings
}

#[test]
fn the_front_page_tells_every_setting_with_its_default() {
    let schema: Value =
        serde_json::from_str(&read("fixtures/scenario.schema.json")).expect("it is JSON");
    let settings = schema["$defs"]["Settings"]["properties"].as_object().expect("properties");
    let told = told_settings();
    let names: BTreeSet<_> = told.keys().collect();
    assert_eq!(names, settings.keys().collect(), "README.md tells other settings than there are");
    for (name, setting) in settings {
        let default = &setting["default"];
        let written = told[name].trim_matches('`');
        let same = match default {
            Value::String(text) => {
                let length = |text: &str| humantime::parse_duration(text).ok();
                text == written || length(text).is_some_and(|it| length(written) == Some(it))
            }
            // In words.
            Value::Null => written == "never",
            Value::Array(_) if written.starts_with("what ") => true,
            other => serde_json::from_str::<Value>(written).is_ok_and(|written| written == *other),
        };
        assert!(same, "README.md says {written} is the default of {name}, which is {default}");
    }
}

#[test]
fn the_front_page_names_every_pack_of_faults() {
    let readme = read("README.md");
    let untold: Vec<_> =
        FaultPlan::packs().filter(|pack| !readme.contains(&format!("`{pack}`"))).collect();
    assert!(untold.is_empty(), "README.md does not tell of {untold:?}");
}
