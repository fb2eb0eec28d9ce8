use std::sync::Arc;

use axum::http::Method;
use matchit::Router;

use crate::operation::Operation;

/// The operations of the API, found by what a request asks for and by what a plan calls them.
#[derive(Debug)]
pub struct Targets {
    operations: Arc<[Operation]>,
    /// Which of them have a path.
    paths: Router<Vec<usize>>,
}

/// The operation that a request is for.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Its place among the operations.
    pub place: usize,
    /// The feed that its path names.
    pub feed: Option<String>,
}

/// The operations that hand out events.
pub const READS: [&str; 5] = [
    "datafeeds_read_v5",
    "events_read_v5",
    "datafeed_read_v1",
    "datafeed_read_v2",
    "datafeed_read_v4",
];
/// The operations that are about one feed, which is all that their paths name.
pub const OF_A_FEED: [&str; 5] = [
    "datafeeds_read_v5",
    "datafeeds_delete_v5",
    "datafeed_read_v1",
    "datafeed_read_v2",
    "datafeed_read_v4",
];

impl Targets {
    pub fn new(operations: Arc<[Operation]>) -> Self {
        let mut paths: std::collections::BTreeMap<&str, Vec<usize>> = Default::default();
        for (place, operation) in operations.iter().enumerate() {
            // The server takes trailing slashes off requests.
            let path = operation.path.trim_end_matches('/');
            let path = if path.is_empty() { "/" } else { path };
            paths.entry(path).or_default().push(place);
        }
        let mut router = Router::new();
        for (path, places) in paths {
            if let Err(error) = router.insert(path, places) {
                // The server's own router would have refused the path before.
                tracing::error!("no fault can be planned on {path}: {error}");
            }
        }
        Self { operations, paths: router }
    }

    /// The operation that a request is for; none for a path or a method that is nobody's.
    pub fn asked(&self, method: &Method, path: &str) -> Option<Asked> {
        // Whoever is asked for GET answers to HEAD as well.
        let method = if method == Method::HEAD { &Method::GET } else { method };
        let found = self.paths.at(path).ok()?;
        let place = *found.value.iter().find(|place| self.operations[**place].method == method)?;
        let name = self.operations[place].name;
        let feed = OF_A_FEED.contains(&name).then(|| found.params.iter().next()).flatten();
        let decode =
            |feed| percent_encoding::percent_decode_str(feed).decode_utf8_lossy().into_owned();
        Some(Asked { place, feed: feed.map(|(_, feed)| decode(feed)) })
    }

    pub fn name(&self, place: usize) -> &'static str {
        self.operations[place].name
    }

    pub fn path(&self, place: usize) -> &'static str {
        self.operations[place].path
    }

    pub fn places(&self) -> std::ops::Range<usize> {
        0..self.operations.len()
    }

    /// The operations that a plan means by `wanted`: a name, or a path, in which `*` stands for
    /// any text.
    pub fn meant<'a>(&'a self, wanted: &'a str) -> impl Iterator<Item = usize> + 'a {
        self.places().filter(move |place| {
            let operation = &self.operations[*place];
            let text = if wanted.starts_with('/') { operation.path } else { operation.name };
            is_like(text, wanted)
        })
    }

    /// The operation that is called most like `wanted`.
    pub fn nearest(&self, wanted: &str) -> Option<&'static str> {
        let likeness = |operation: &Operation| {
            let text = if wanted.starts_with('/') { operation.path } else { operation.name };
            strsim::jaro_winkler(text, wanted)
        };
        let nearest = self.operations.iter().max_by(|a, b| likeness(a).total_cmp(&likeness(b)))?;
        Some(if wanted.starts_with('/') { nearest.path } else { nearest.name })
    }
}

/// Whether a text is what a pattern says, in which `*` stands for any text.
fn is_like(text: &str, pattern: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else { return text == pattern };
    let Some(text) = text.strip_prefix(head) else { return false };
    (0..=text.len()).filter(|at| text.is_char_boundary(*at)).any(|at| is_like(&text[at..], rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_text() {
        for (text, pattern) in [
            ("datafeeds_read_v5", "datafeeds_read_v5"),
            ("datafeeds_read_v5", "*"),
            ("datafeeds_read_v5", "datafeed*"),
            ("datafeeds_read_v5", "*_read_*"),
            ("/agent/v5/things", "/agent/*"),
        ] {
            assert!(is_like(text, pattern), "{text} {pattern}");
        }
        for (text, pattern) in
            [("datafeeds_read_v5", "datafeeds"), ("/pod/v2/things", "/agent/*"), ("a_v1", "*_v5")]
        {
            assert!(!is_like(text, pattern), "{text} {pattern}");
        }
    }
}
