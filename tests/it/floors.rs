//! The walls of the house: which module may name which, and that a path is written once.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use symphony_mock_pod::catalogue::operations;

/// Every top-level module with those it may name. All of them stand on lower floors, or beside it
/// without naming it back.
const FLOORS: [(&str, &[&str]); 13] = [
    ("decode", &[]),
    ("extract", &["decode"]),
    ("domain", &["messageml", "decode"]),
    // A crate, which the library re-exports.
    ("messageml", &[]),
    ("clock", &["domain"]),
    ("scenario", &["domain", "messageml", "decode"]),
    ("transport", &["clock", "domain"]),
    ("sdk", &["transport"]),
    ("operation", &["domain", "pod", "transport"]),
    ("pod", &["clock", "domain", "messageml", "scenario", "transport"]),
    (
        "api",
        &[
            "clock",
            "domain",
            "extract",
            "messageml",
            "operation",
            "pod",
            "decode",
            "scenario",
            "transport",
        ],
    ),
    (
        "control",
        &[
            "clock",
            "domain",
            "extract",
            "messageml",
            "operation",
            "pod",
            "decode",
            "scenario",
            "sdk",
            "transport",
        ],
    ),
    (
        "server",
        &[
            "api",
            "clock",
            "control",
            "domain",
            "messageml",
            "operation",
            "pod",
            "scenario",
            "sdk",
            "transport",
        ],
    ),
];

struct Source {
    file: PathBuf,
    /// The top-level module it is part of.
    module: String,
    /// Without comments.
    text: String,
}

#[test]
fn no_module_names_one_beside_or_above_it() {
    let floors = BTreeMap::from(FLOORS);
    let mut broken = Vec::new();
    for Source { file, module, text } in sources() {
        let below = floors.get(module.as_str()).unwrap_or_else(|| {
            panic!("{}: the module {module} has no place in FLOORS", file.display())
        });
        for named in names_after("crate::", &text) {
            if named != module && !below.contains(&named.as_str()) {
                broken.push(format!("{}: {module} names {named}", file.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

/// The way around the test above: from a module at the top, `super::` is the crate.
#[test]
fn no_module_reaches_another_from_above() {
    let modules = BTreeMap::from(FLOORS);
    for Source { file, text, .. } in sources() {
        let depth = file.components().count() - usize::from(file.ends_with("mod.rs"));
        let up = "super::".repeat(depth);
        for named in names_after(&up, &text) {
            assert!(!modules.contains_key(named.as_str()), "{}: {up}{named}", file.display());
        }
    }
}

#[test]
fn the_floors_have_no_way_back_up() {
    let floors = BTreeMap::from(FLOORS);
    fn reached<'a>(
        module: &'a str,
        floors: &BTreeMap<&'a str, &'a [&'a str]>,
        seen: &mut BTreeSet<&'a str>,
    ) {
        for below in floors[module] {
            if seen.insert(below) {
                reached(below, floors, seen);
            }
        }
    }
    for module in floors.keys() {
        let mut seen = BTreeSet::new();
        reached(module, &floors, &mut seen);
        assert!(!seen.contains(module), "{module} stands on itself");
    }
    for (one, other) in [("api", "control"), ("control", "api")] {
        assert!(!floors[one].contains(&other));
    }
}

#[test]
fn the_path_of_an_operation_is_written_once_for_each_of_its_methods() {
    let mut methods = BTreeMap::<_, usize>::new();
    for operation in operations() {
        *methods.entry(operation.path).or_default() += 1;
    }
    // What is served beside the catalogue may be another method of a path in it.
    let of_catalogue = |source: &Source| source.file != Path::new("api/undocumented.rs");
    let sources = sources().into_iter().filter(of_catalogue);
    let text: String = sources.map(|source| source.text).collect();
    for (path, methods) in methods {
        let written = text.matches(&format!("\"{path}\"")).count();
        assert_eq!(written, methods, "{path} in src");
    }
}

#[test]
fn names_are_found_however_they_are_written() {
    let found = |text| names_after("crate::", text).into_iter().collect::<Vec<_>>().join(" ");
    assert_eq!(found("use crate::pod::Pod; $crate::api::x"), "api pod");
    assert_eq!(
        found("use crate::{\n  clock::{Clock, x::y},\n  pod::Pod, domain,\n};"),
        "clock domain pod"
    );
    assert_eq!(found("pub(crate) fn f() {}"), "");
    assert_eq!(
        without_comments("a // crate::b\n\"https://x\" /// crate::c\nd"),
        "a \n\"https:\nd\n"
    );
}

/// Every file of the library but its root, which puts names to everything.
fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut folders = vec![root.clone()];
    let mut sources = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let file = path.strip_prefix(&root).unwrap();
            // The command line and MessageML are packages of their own.
            if ["cli", "messageml", "lib.rs"].map(Path::new).contains(&file) {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let top = file.components().next().unwrap().as_os_str();
                let module = Path::new(top).file_stem().unwrap().to_str().unwrap().to_owned();
                let text = without_comments(&std::fs::read_to_string(&path).unwrap());
                sources.push(Source { file: file.to_owned(), module, text });
            }
        }
    }
    assert!(sources.len() > 30, "the sources were not found");
    sources
}

/// Cuts every line at `//`, links in texts included: nothing that is looked for stands in those.
fn without_comments(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    for line in text.lines() {
        code.push_str(line.split("//").next().unwrap_or_default());
        code.push('\n');
    }
    code
}

/// The first segment of every path that begins with `prefix`, in `use` groups too.
fn names_after(prefix: &str, text: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for (at, _) in text.match_indices(prefix) {
        let before = text[..at].chars().next_back();
        if before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':') {
            continue;
        }
        let rest = &text[at + prefix.len()..];
        match rest.strip_prefix('{') {
            None => names.extend(name(rest)),
            Some(group) => names.extend(members(group).into_iter().filter_map(name)),
        }
    }
    names
}

/// The members of a `use` group whose opening brace was taken off.
fn members(group: &str) -> Vec<&str> {
    let (mut depth, mut start, mut members) = (0_u32, 0, Vec::new());
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => {
                members.push(&group[start..at]);
                return members;
            }
            '}' => depth -= 1,
            ',' if depth == 0 => {
                members.push(&group[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    members
}

fn name(path: &str) -> Option<String> {
    let path = path.trim_start();
    let end = path.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(path.len());
    (end > 0).then(|| path[..end].to_owned())
}
