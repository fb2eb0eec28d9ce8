//! What `clients/containers` shows: files that engines read, seeds that the pod reads, variables,
//! flags and paths that there are.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../clients/containers")
}

fn text(name: &str) -> String {
    let path = folder().join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn documents(name: &str) -> Vec<Value> {
    let documents = serde_saphyr::from_multiple(&text(name));
    documents.unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// What a command prints on stdout when it goes well.
fn said(arguments: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_symphony-mock-pod"));
    let output = command.env_clear().args(arguments).stdin(Stdio::null()).output();
    let output = output.expect("the command runs");
    assert!(output.status.success(), "{arguments:?}: {output:?}");
    String::from_utf8(output.stdout).expect("text")
}

#[test]
fn the_compose_file_puts_the_bot_where_the_certificate_is_good() {
    let compose = documents("compose.yaml").remove(0);
    let services = &compose["services"];
    assert_eq!(services["bot"]["network_mode"], "service:pod");
    assert_eq!(services["bot"]["depends_on"]["pod"]["condition"], "service_healthy");
    let written = "service_completed_successfully";
    assert_eq!(services["bot"]["depends_on"]["config"]["condition"], written);
    for mounted in services.as_object().unwrap().values().filter_map(|it| it["volumes"].as_array())
    {
        for volume in mounted.iter().map(|volume| volume.as_str().unwrap()) {
            let source = volume.split(':').next().unwrap();
            let known = match source.strip_prefix("./") {
                Some(path) => folder().join(path).is_dir(),
                None => compose["volumes"].get(source).is_some(),
            };
            assert!(known, "{volume}");
        }
    }
}

#[test]
fn the_kubernetes_manifest_starts_the_pod_before_the_tests() {
    let documents = documents("kubernetes.yaml");
    let [seeds, job] = &documents[..] else { panic!("{} documents", documents.len()) };
    let spec = &job["spec"]["template"]["spec"];
    let sidecar = &spec["initContainers"][0];
    assert_eq!(sidecar["restartPolicy"], "Always", "which makes it a sidecar");
    assert_eq!(sidecar["startupProbe"]["httpGet"]["path"], "/readyz");
    let volumes: BTreeSet<_> = names(&spec["volumes"]).collect();
    let all = ["initContainers", "containers"]
        .map(|kind| spec[kind].as_array().unwrap().clone())
        .concat();
    for container in all {
        for mount in names(&container["volumeMounts"]) {
            assert!(volumes.contains(&mount), "{mount}");
        }
    }
    // The seeds that lie beside it, word for word.
    for (name, content) in seeds["data"].as_object().unwrap() {
        assert_eq!(content.as_str().unwrap(), text(&format!("seeds/{name}")), "{name}");
    }
}

fn names(list: &Value) -> impl Iterator<Item = String> {
    let names = list.as_array().into_iter().flatten();
    names.map(|it| it["name"].as_str().expect("a name").to_owned())
}

#[test]
fn the_workflow_publishes_the_ports_it_speaks_to() {
    let workflow = documents("github-actions.yaml").remove(0);
    let job = &workflow["jobs"]["test"];
    let ports = job["services"]["mock-pod"]["ports"].to_string();
    let steps = job["steps"].as_array().unwrap();
    assert!(steps.len() > 3 && ports.contains("8080:8080"), "{ports}");
    let scripts: Vec<_> = steps.iter().filter_map(|step| step["run"].as_str()).collect();
    assert!(!scripts.is_empty());
    // On Windows `bash` may be that of a Linux which is not there.
    for script in scripts.into_iter().filter(|_| cfg!(unix)) {
        let checked = Command::new("bash").args(["-n", "-c", script]).status();
        assert!(checked.expect("bash runs").success(), "{script}");
    }
}

#[test]
fn the_seeds_are_a_scenario() {
    let seeds = folder().join("seeds");
    said(&["check", seeds.to_str().unwrap()]);
}

/// A variable that is misspelt would be found by whoever copied it.
#[test]
fn every_variable_is_one_of_the_command_s_and_every_one_is_told() {
    let variables = |text: &str| -> BTreeSet<String> {
        let is_in_name = |c: char| c.is_ascii_uppercase() || c == '_';
        let words = text.split(|c| !is_in_name(c));
        let ours = words.filter(|word| word.starts_with("MOCK_POD_"));
        ours.map(str::to_owned).collect()
    };
    let known = variables(&said(&["serve", "--help"]));
    assert!(known.contains("MOCK_POD_SCENARIO"), "{known:?}");
    for file in ["README.md", "compose.yaml", "kubernetes.yaml", "github-actions.yaml"] {
        let unknown: Vec<_> = variables(&text(file)).difference(&known).cloned().collect();
        assert!(unknown.is_empty(), "{file}: {unknown:?}");
    }
    assert_eq!(variables(&text("README.md")), known);
}
