use axum::http::Method;

use crate::operation::Operation;

/// The operations, found by what a request says or by their names.
pub struct Catalogue {
    operations: Vec<Operation>,
    /// At each path the operations that it has, as places in `operations`. Paths are matched by
    /// what the router matches them with.
    paths: matchit::Router<Vec<u16>>,
}

impl std::fmt::Debug for Catalogue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Catalogue").field("operations", &self.operations.len()).finish()
    }
}

impl Catalogue {
    pub fn new(operations: Vec<Operation>) -> Self {
        let mut by_path = std::collections::BTreeMap::<&str, Vec<u16>>::new();
        for (place, operation) in (0..).zip(&operations) {
            let path = operation.path;
            let path = if path.len() > 1 { path.trim_end_matches('/') } else { path };
            by_path.entry(path).or_default().push(place);
        }
        let mut paths = matchit::Router::new();
        for (path, places) in by_path {
            // The router of the API took them all.
            let inserted = paths.insert(path, places);
            debug_assert!(inserted.is_ok(), "{path}: {inserted:?}");
        }
        Self { operations, paths }
    }

    /// The place of the operation that a request is for.
    pub fn find(&self, method: &Method, path: &str) -> Option<u16> {
        let found = self.paths.at(path).ok()?;
        let method = if method == Method::HEAD { &Method::GET } else { method };
        let is_it = |place: &&u16| self.at(**place).is_some_and(|found| found.method == *method);
        found.value.iter().find(is_it).copied()
    }

    pub fn at(&self, place: u16) -> Option<&Operation> {
        self.operations.get(usize::from(place))
    }

    pub fn name(&self, place: Option<u16>) -> Option<&'static str> {
        self.at(place?).map(|operation| operation.name)
    }

    /// The operation called so, by its name or as `METHOD /path`.
    ///
    /// # Errors
    /// Says that there is none, with the nearest name.
    pub fn named(&self, wanted: &str) -> Result<&Operation, String> {
        let is_it = |operation: &&Operation| {
            operation.name == wanted
                || wanted.split_once(' ').is_some_and(|(method, path)| {
                    operation.method == *method && operation.path == path
                })
        };
        self.operations.iter().find(is_it).ok_or_else(|| {
            let likeness = |name: &str| strsim::jaro_winkler(name, wanted);
            let nearest = self
                .operations
                .iter()
                .map(|operation| operation.name)
                .max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
            format!(
                "there is no operation {wanted:?}; the nearest is {}; GET /_mock/operations lists \
                 them all",
                nearest.unwrap_or("none")
            )
        })
    }
}
