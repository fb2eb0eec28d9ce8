//! The catalogue of operations: complete, each once, and every door closed to strangers.

use std::collections::BTreeSet;

use symphony_mock_pod::catalogue::{Operation, documented, operations};

use crate::contract::{api_files, variable};
use crate::pod::Pod;

type Doors = BTreeSet<(String, String)>;

/// Operations of the public API in all, current and deprecated.
const OPERATIONS: usize = 255;

/// The operations that everybody may call, for no header is demanded of them.
const OPEN: [&str; 8] = [
    "/agent/v1/HealthCheck",
    "/agent/v1/info",
    "/agent/v2/HealthCheck",
    "/agent/v3/health",
    "/agent/v3/health/extended",
    "/login/idm/keys",
    "/pod/v1/languages",
    "/pod/v1/podcert",
];

#[test]
fn every_operation_stands_in_it_once() {
    let operations = operations();
    let names: BTreeSet<_> = operations.iter().map(|operation| operation.name).collect();
    assert_eq!(doors().len(), OPERATIONS);
    assert_eq!(names.len(), OPERATIONS);
    assert_eq!(operations.len(), OPERATIONS);
}

#[test]
fn what_is_documented_alone_stands_beside_it() {
    let names = |operations: Vec<Operation>| -> BTreeSet<_> {
        operations.into_iter().map(|operation| operation.name).collect()
    };
    let beside: Doors = documented().into_iter().map(door).collect();
    assert_eq!(beside.len(), documented().len());
    assert!(beside.is_disjoint(&doors()));
    assert_eq!(names(documented()).len(), documented().len());
    assert!(names(documented()).is_disjoint(&names(operations())));
}

/// `SYMPHONY_OPERATIONS` names a table with the columns `method` and `path`.
#[test]
fn it_equals_the_list_of_operations() {
    let Some(file) = variable("SYMPHONY_OPERATIONS") else {
        return;
    };
    let table =
        std::fs::read_to_string(&file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
    let mut rows = table.lines().map(|row| row.split('\t').collect::<Vec<_>>());
    let header = rows.next().expect("a header");
    let column = |name| header.iter().position(|column| *column == name).expect(name);
    let (method, path) = (column("method"), column("path"));
    let listed: Doors = rows.map(|row| (row[method].to_owned(), row[path].to_owned())).collect();
    assert_same(&doors(), &listed);
}

/// `SYMPHONY_API_SPEC` names a folder with Symphony's API files.
#[test]
fn it_has_every_path_of_the_official_api_files_and_no_other() {
    let Some(files) = api_files() else {
        return;
    };
    assert_same(&doors(), &files.doors());
}

#[tokio::test]
async fn no_operation_opens_to_a_stranger() {
    let pod = Pod::start().await;
    let client = pod.anonymous();
    for operation in operations().into_iter().chain(documented()) {
        let answer = client.request(operation.method.clone(), &path(&operation)).send().await;
        let line = format!("{} {}: {answer:?}", operation.method, operation.path);
        match operation.path {
            path if OPEN.contains(&path) => assert_eq!(answer.status, 200, "{line}"),
            // The agent was seen to say 400, the pod 401.
            path if path.starts_with("/agent/") => {
                assert_eq!(answer.status, 400, "{line}");
            }
            path if path.starts_with("/pod/") => {
                assert_eq!(answer.status, 401, "{line}");
            }
            _ => assert!(matches!(answer.status, 400 | 401), "{line}"),
        }
    }
}

#[tokio::test]
async fn no_operation_opens_to_a_token_that_nobody_issued() {
    let pod = Pod::start().await;
    let client = pod.anonymous();
    for operation in operations().into_iter().chain(documented()) {
        let open = OPEN.contains(&operation.path);
        let login = operation.path.contains("/authenticate");
        if open || login {
            continue;
        }
        let request = client.request(operation.method.clone(), &path(&operation));
        let answer = request.session("stolen").header("keyManagerToken", "stolen").send().await;
        assert_eq!(answer.status, 401, "{} {}: {answer:?}", operation.method, operation.path);
    }
}

#[test]
fn the_open_doors_are_doors() {
    let paths: BTreeSet<_> = operations().iter().map(|operation| operation.path).collect();
    for open in OPEN {
        assert!(paths.contains(open), "{open}");
    }
}

/// The path with something in the place of its parameters.
fn path(operation: &Operation) -> String {
    let segments = operation.path.split('/');
    let fill = |segment: &str| if segment.contains('{') { "1".into() } else { segment.to_owned() };
    segments.map(fill).collect::<Vec<_>>().join("/")
}

fn doors() -> Doors {
    operations().into_iter().map(door).collect()
}

fn door(operation: Operation) -> (String, String) {
    (operation.method.to_string(), operation.path.to_owned())
}

#[track_caller]
fn assert_same(catalogue: &Doors, other: &Doors) {
    let missing: Vec<_> = other.difference(catalogue).collect();
    let invented: Vec<_> = catalogue.difference(other).collect();
    assert!(
        missing.is_empty() && invented.is_empty(),
        "missing {missing:#?}\ninvented {invented:#?}"
    );
}
