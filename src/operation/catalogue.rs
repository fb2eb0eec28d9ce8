use axum::http::Method;
use percent_encoding::percent_decode_str;

use super::{Operation, Route};
use crate::domain::{Refusal, likeness};

/// All routes, found by a request's method and path or by an operation's name.
///
/// The only table of paths: the server dispatches by it, and journal and faults use what it found.
pub struct Catalogue {
    /// The operations of Symphony's API files, those of its documentation alone, then the
    /// undocumented paths.
    routes: Vec<&'static Route>,
    /// How many of the routes are of the API files.
    of_files: usize,
    /// How many of the routes are operations: of the API files, or documented without them.
    operations: usize,
    /// At each path the routes that it has, as places in `routes`.
    paths: matchit::Router<Vec<u16>>,
}

/// The route of a request.
#[derive(Clone)]
pub struct RouteMatch {
    pub route: &'static Route,
    /// Its index among the operations; none for an undocumented path.
    pub place: Option<u16>,
    /// The values of the path's parameters as they came, in their order.
    values: Vec<Box<str>>,
}

impl std::fmt::Debug for Catalogue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Catalogue").field("operations", &self.operations).finish_non_exhaustive()
    }
}

impl Catalogue {
    /// `operations` are those of Symphony's API files, `documented` those that its documentation
    /// alone has; `beside` is what clients ask for besides.
    pub fn new(
        operations: impl IntoIterator<Item = &'static Route>,
        documented: impl IntoIterator<Item = &'static Route>,
        beside: impl IntoIterator<Item = &'static Route>,
    ) -> Self {
        let mut routes: Vec<_> = operations.into_iter().collect();
        let of_files = routes.len();
        routes.extend(documented);
        let operations = routes.len();
        routes.extend(beside);
        let mut places = std::collections::BTreeMap::<&str, Vec<u16>>::new();
        for (place, route) in (0..).zip(&routes) {
            places.entry(without_slash(route.operation.path)).or_default().push(place);
        }
        let mut paths = matchit::Router::new();
        for (path, places) in places {
            // The paths are fixed, and a test asks for each.
            if let Err(error) = paths.insert(path, places) {
                tracing::error!("{path} cannot be served: {error}");
            }
        }
        Self { routes, of_files, operations, paths }
    }

    /// The route of a request.
    ///
    /// # Errors
    /// There is no such path, or it does not have this method.
    pub fn find(&self, method: &Method, path: &str) -> Result<RouteMatch, Refusal> {
        let Ok(found) = self.paths.at(path) else {
            return Err(Refusal::PathUnknown { nearest: self.nearest_path(path) });
        };
        let route = |method: &Method| {
            let mut places = found.value.iter().copied();
            places.find(|place| self.routes[usize::from(*place)].operation.method == *method)
        };
        // HEAD is served wherever GET is.
        let place =
            route(method).or_else(|| (*method == Method::HEAD).then(|| route(&Method::GET))?);
        let Some(place) = place else {
            let routes = found.value.iter().map(|place| self.routes[usize::from(*place)]);
            let methods: Vec<_> = routes.map(|route| route.operation.method.as_str()).collect();
            return Err(Refusal::MethodNotAllowed { allowed: methods.join(", ") });
        };
        Ok(RouteMatch {
            route: self.routes[usize::from(place)],
            place: (usize::from(place) < self.operations).then_some(place),
            values: found.params.iter().map(|(_, value)| value.into()).collect(),
        })
    }

    /// Whether an operation stands in one of Symphony's API files, and not in its documentation alone.
    pub fn is_in_api_files(&self, operation: &Operation) -> bool {
        self.routes[..self.of_files].iter().any(|route| route.operation == *operation)
    }

    /// The operations of Symphony's API, by their places.
    pub fn operations(&self) -> impl Iterator<Item = &'static Operation> {
        self.routes[..self.operations].iter().map(|route| &route.operation)
    }

    pub fn at(&self, place: u16) -> Option<&'static Operation> {
        let place = usize::from(place);
        (place < self.operations).then(|| &self.routes[place].operation)
    }

    /// The operation called so, by its name or as `METHOD /path`.
    ///
    /// # Errors
    /// Says that there is none, with the nearest name.
    pub fn named(&self, wanted: &str) -> Result<&'static Operation, String> {
        let is_it = |operation: &&Operation| {
            operation.name == wanted
                || wanted.split_once(' ').is_some_and(|(method, path)| {
                    operation.method == *method && operation.path == path
                })
        };
        self.operations().find(is_it).ok_or_else(|| {
            let nearest = self.nearest(wanted).map(|nearest| format!("the nearest is {nearest}; "));
            format!(
                "there is no operation {wanted:?}; {}GET /_mock/operations lists them all",
                nearest.unwrap_or_default()
            )
        })
    }

    /// The places of the operations that `wanted` means: a name, or a path, in which `*` stands for
    /// any text.
    pub fn meant<'a>(&'a self, wanted: &'a str) -> impl Iterator<Item = u16> + 'a {
        let text = text_like(wanted);
        let is_meant = move |(place, one)| is_like(text(one), wanted).then_some(place);
        (0..).zip(self.operations()).filter_map(is_meant)
    }

    /// The name that is most like `wanted`, or the path where that is one, with its method where that
    /// has one. Letter case does not count. None where nothing is like it.
    pub fn nearest(&self, wanted: &str) -> Option<String> {
        let (method, text) = match wanted.split_once(' ') {
            Some((method, path)) if path.starts_with('/') => (Some(method), path),
            _ => (None, wanted),
        };
        let is_of = |operation: &&Operation| {
            method.is_none_or(|method| operation.method.as_str().eq_ignore_ascii_case(method))
        };
        let operations = || self.operations().filter(is_of);
        let nearest = match text.starts_with('/') {
            true => likest(operations().map(|one| one.path), text),
            false => likest(operations().map(|one| one.name), &text.to_ascii_lowercase()),
        };
        let (_, nearest) = nearest?;
        Some(match method {
            Some(method) => format!("{} {nearest}", method.to_ascii_uppercase()),
            None => nearest.to_owned(),
        })
    }

    /// Method and path of the operation whose path is much like this one.
    fn nearest_path(&self, path: &str) -> Option<String> {
        const ALIKE: f64 = 0.85;
        let (likeness, nearest) = likest(self.operations().map(|one| one.path), path)?;
        let operation = self.operations().find(|operation| operation.path == nearest)?;
        (likeness >= ALIKE).then(|| format!("{} {}", operation.method, operation.path))
    }
}

impl RouteMatch {
    pub fn operation(&self) -> &'static Operation {
        &self.route.operation
    }

    /// The values of the path's parameters in their order, decoded.
    ///
    /// # Errors
    /// A value is no text.
    pub fn parameters(&self) -> impl Iterator<Item = Result<String, Refusal>> {
        self.values.iter().map(|value| match percent_decode_str(value).decode_utf8() {
            Ok(value) => Ok(value.into_owned()),
            Err(_) => {
                Err(Refusal::Malformed { what: format!("The path: {value} is no text in UTF-8") })
            }
        })
    }
}

/// The server takes trailing slashes off requests.
fn without_slash(path: &'static str) -> &'static str {
    if path.len() > 1 { path.trim_end_matches('/') } else { path }
}

/// Whether a wanted operation is compared with paths or with names.
fn text_like(wanted: &str) -> fn(&'static Operation) -> &'static str {
    if wanted.starts_with('/') { |one| one.path } else { |one| one.name }
}

fn likest(texts: impl Iterator<Item = &'static str>, wanted: &str) -> Option<(f64, &'static str)> {
    let texts = texts.map(|text| (likeness(text, wanted), text));
    texts.filter(|(likeness, _)| *likeness > 0.0).max_by(|(a, _), (b, _)| a.total_cmp(b))
}

/// Whether a text matches a pattern in which `*` stands for any text.
///
/// Each piece between two stars is searched once, from the end of the piece before it. The first
/// place found leaves most for the pieces after it, so the search never goes back: linear time.
fn is_like(text: &str, pattern: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else { return text == pattern };
    let (middle, tail) = rest.rsplit_once('*').unwrap_or(("", rest));
    let inner = text.strip_prefix(head).and_then(|text| text.strip_suffix(tail));
    let behind = inner.and_then(|inner| {
        let mut pieces = middle.split('*').filter(|piece| !piece.is_empty());
        pieces.try_fold(inner, |text, piece| text.split_once(piece).map(|(_, behind)| behind))
    });
    behind.is_some()
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
            ("abcabc", "a*bc"),
            ("abcabc", "*bc*bc"),
            ("abcabc", "**a*c**"),
            ("", "*"),
            ("", ""),
            ("Zoë", "Z*ë"),
        ] {
            assert!(is_like(text, pattern), "{text} {pattern}");
        }
        for (text, pattern) in [
            ("datafeeds_read_v5", "datafeeds"),
            ("/pod/v2/things", "/agent/*"),
            ("a_v1", "*_v5"),
            ("aba", "ab*ba"),
            ("abc", "*c*b*"),
            ("a", ""),
            ("", "a*"),
        ] {
            assert!(!is_like(text, pattern), "{text} {pattern}");
        }
    }

    /// All patterns of up to three stars on short texts, compared with the definition.
    #[test]
    fn a_pattern_means_what_its_definition_says() {
        fn defined(text: &[u8], pattern: &[u8]) -> bool {
            match pattern {
                [] => text.is_empty(),
                [b'*', rest @ ..] => (0..=text.len()).any(|at| defined(&text[at..], rest)),
                [first, rest @ ..] => text.first() == Some(first) && defined(&text[1..], rest),
            }
        }
        let texts = |letters: &[u8], longest: u32| {
            let letters = letters.to_vec();
            (0..=longest).flat_map(move |length| {
                let letters = letters.clone();
                (0..letters.len().pow(length)).map(move |number| {
                    let digit = |place| number / letters.len().pow(place) % letters.len();
                    (0..length).map(|place| char::from(letters[digit(place)])).collect::<String>()
                })
            })
        };
        for pattern in texts(b"ab*", 6) {
            for text in texts(b"ab", 5) {
                let expected = defined(text.as_bytes(), pattern.as_bytes());
                assert_eq!(is_like(&text, &pattern), expected, "{text:?} {pattern:?}");
            }
        }
    }
}
