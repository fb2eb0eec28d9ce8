//! Every answer that any test gets is held against Symphony's official API files where
//! `SYMPHONY_API_SPEC` names their folder: its status, its `Content-Type`, its body, and nothing in
//! it that the files do not know. What is wrong with the files themselves stands in `exceptions`.

pub mod control_port;
mod exceptions;
mod files;
mod schema;
mod strictness;

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::LazyLock;

use reqwest::Method;
use symphony_mock_pod::catalogue::{Operation, operations};

use crate::pod::Answer;
use exceptions::EXCEPTIONS;
pub use files::ApiFiles;

/// Operations whose success has no body.
const NOTHING_TO_TELL: [&str; 4] = [
    "admin_system_protocols_delete_v1",
    "channelco_company_user_delete_v1",
    "datafeeds_delete_v5",
    "file_ext_allowed_extensions_delete_v1",
];

thread_local! {
    /// A test has a thread to itself, and so have its requests.
    static SEEN: RefCell<Seen> = RefCell::default();
}

/// What a test has seen so far.
#[derive(Debug, Clone, Default)]
pub struct Seen {
    /// The names of the operations that answered with success and had something to tell.
    pub succeeded: BTreeSet<&'static str>,
    /// The exceptions that were needed.
    excused: BTreeSet<&'static str>,
}

impl Seen {
    /// By the test that asks.
    pub fn so_far() -> Self {
        SEEN.with_borrow(Clone::clone)
    }

    /// Exceptions that nothing needed.
    pub fn idle_exceptions(&self) -> Vec<&'static str> {
        let all = EXCEPTIONS.iter().map(|(defect, _)| *defect);
        all.filter(|defect| !self.excused.contains(defect)).collect()
    }
}

/// The API files, if this machine has any.
pub fn api_files() -> Option<&'static ApiFiles> {
    static FILES: LazyLock<Option<ApiFiles>> =
        LazyLock::new(|| variable("SYMPHONY_API_SPEC").map(|folder| ApiFiles::read(&folder)));
    FILES.as_ref()
}

/// Holds an answer against the API files.
#[track_caller]
pub fn check(method: &Method, path: &str, answer: &Answer) {
    let Some(operation) = operation(method, path) else {
        return;
    };
    // What a fault injects is no answer of the operation's.
    if answer.headers.contains_key("x-mock-fault") {
        return;
    }
    let defects = api_files().map(|files| files.defects(operation, answer)).unwrap_or_default();
    let mut unexcused = Vec::new();
    SEEN.with_borrow_mut(|seen| {
        let success = (200..300).contains(&answer.status);
        if success && (NOTHING_TO_TELL.contains(&operation.name) || tells_something(answer)) {
            seen.succeeded.insert(operation.name);
        }
        for defect in defects {
            match EXCEPTIONS.iter().find(|(excused, _)| defect.is(excused)) {
                Some((excused, _)) => drop(seen.excused.insert(excused)),
                None => unexcused.push(defect.to_string()),
            }
        }
    });
    let unexcused = unexcused.join("\n");
    assert!(unexcused.is_empty(), "the API files do not allow\n{unexcused}\n{answer:#?}");
}

fn tells_something(answer: &Answer) -> bool {
    !matches!(answer.body.as_str(), "" | "[]" | "{}")
}

/// Something about an answer that the API files do not allow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Defect {
    /// The component and schema, or else the operation.
    place: String,
    what: String,
    /// What it was in this answer.
    found: String,
}

impl Defect {
    /// Whether this is the defect that an exception is about: `<place>: <what>`.
    fn is(&self, exception: &str) -> bool {
        exception.split_once(": ") == Some((&self.place, &self.what))
    }
}

impl std::fmt::Display for Defect {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { place, what, found } = self;
        write!(f, "{place}: {what}    [{found}]")
    }
}

/// The operation that a request is for, if the catalogue has it.
fn operation(method: &Method, path: &str) -> Option<&'static Operation> {
    static OPERATIONS: LazyLock<Vec<Operation>> = LazyLock::new(|| {
        let mut operations = operations();
        // Of several paths that match the one with fewest parameters counts.
        operations.sort_by_key(|operation| operation.path.matches('{').count());
        operations
    });
    let path = path.split('?').next()?.trim_end_matches('/');
    let matches = |operation: &&Operation| {
        let template: Vec<_> = operation.path.trim_end_matches('/').split('/').collect();
        let path: Vec<_> = path.split('/').collect();
        let alike =
            |(template, segment): (&&str, &&str)| template.starts_with('{') || template == segment;
        operation.method == *method
            && template.len() == path.len()
            && template.iter().zip(&path).all(alike)
    };
    OPERATIONS.iter().find(matches)
}

#[allow(clippy::disallowed_methods, reason = "where the API files are is the machine's affair")]
pub fn variable(name: &str) -> Option<PathBuf> {
    std::env::var(name).ok().filter(|value| !value.is_empty()).map(PathBuf::from)
}
