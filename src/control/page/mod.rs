//! The page: a window on the pod for whoever opens the control port in a browser.
//!
//! Plain HTML, CSS and JavaScript modules, which are part of the binary. They hold nothing that is secret, so
//! they are served before anybody shows a token or a pod is chosen; what the page shows it asks of the control
//! port, like any other client of it.
//!
//! Whatever bots and people wrote is untrusted. The page builds what it shows of it node by node, and its
//! policy (Content Security Policy Level 3) lets nothing run or load that is not the page's own. Pictures of
//! other origins are loaded only where whoever looks asks for them: `?pictures=all` in the page's address.

use std::hash::{DefaultHasher, Hash, Hasher};

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header};
use axum::response::IntoResponse;

/// Where the files are, under the path of a pod or without one.
const FILES: &str = "/_mock/page/";

/// A file of the page.
struct Asset {
    name: &'static str,
    content_type: &'static str,
    text: &'static str,
}

macro_rules! assets {
    ($($name:literal $content_type:literal),* $(,)?) => {
        [$(Asset { name: $name, content_type: $content_type, text: include_str!($name) }),*]
    };
}

const INDEX: &str = "index.html";
static ASSETS: [Asset; 15] = assets![
    "index.html" "text/html; charset=utf-8",
    "style.css" "text/css; charset=utf-8",
    "api.js" "text/javascript; charset=utf-8",
    "bench.js" "text/javascript; charset=utf-8",
    "chat.js" "text/javascript; charset=utf-8",
    "composer.js" "text/javascript; charset=utf-8",
    "dom.js" "text/javascript; charset=utf-8",
    "files.js" "text/javascript; charset=utf-8",
    "forms.js" "text/javascript; charset=utf-8",
    "inspect.js" "text/javascript; charset=utf-8",
    "levers.js" "text/javascript; charset=utf-8",
    "main.js" "text/javascript; charset=utf-8",
    "render.js" "text/javascript; charset=utf-8",
    "vlist.js" "text/javascript; charset=utf-8",
    "wire.js" "text/javascript; charset=utf-8",
];

/// The answer to a browser that asks for the page or one of its files; none to whatever else somebody wants.
pub fn answer<B>(request: &Request<B>) -> Option<Response<Body>> {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return None;
    }
    let whole = request.uri().path();
    let (pod, path) = match whole.strip_prefix("/t/") {
        None => (None, whole),
        Some(rest) => match rest.split_once('/') {
            Some((pod, _)) => (Some(pod), &rest[pod.len()..]),
            None => (Some(rest), ""),
        },
    };
    if let Some(name) = path.strip_prefix(FILES) {
        let asset = ASSETS.iter().find(|asset| asset.name == name && name != INDEX)?;
        return Some(asset.answer(request.headers(), None));
    }
    if !wants_a_page(request.headers()) {
        return None;
    }
    match (path, pod) {
        ("/", _) => {
            let index = ASSETS.iter().find(|asset| asset.name == INDEX)?;
            Some(index.answer(request.headers(), request.uri().query()))
        }
        // Without the slash the names of its files would lead to another pod.
        ("", Some(pod)) => {
            // With the dot, a name is never taken for a scheme.
            let location = HeaderValue::try_from(format!("./{pod}/")).ok()?;
            Some((StatusCode::PERMANENT_REDIRECT, [(header::LOCATION, location)]).into_response())
        }
        _ => None,
    }
}

/// Browsers that are given an address ask for HTML, and no client of the API does.
fn wants_a_page(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(header::ACCEPT).iter().filter_map(|accept| accept.to_str().ok());
    accepted.flat_map(|accept| accept.split(',')).any(|range| {
        range.split(';').next().is_some_and(|it| it.trim().eq_ignore_ascii_case("text/html"))
    })
}

impl Asset {
    fn answer(&self, asked: &HeaderMap, query: Option<&str>) -> Response<Body> {
        let mut hash = DefaultHasher::new();
        self.text.hash(&mut hash);
        let tag = format!("\"{:016x}\"", hash.finish());
        let known = asked.get_all(header::IF_NONE_MATCH).iter();
        let known = known.filter_map(|tags| tags.to_str().ok());
        let is_known = known.flat_map(|tags| tags.split(',')).any(|it| {
            let it = it.trim();
            it == "*" || it.strip_prefix("W/").unwrap_or(it) == tag
        });
        let mut response = match is_known {
            true => StatusCode::NOT_MODIFIED.into_response(),
            false => self.text.into_response(),
        };
        let headers = response.headers_mut();
        let mut set = |name, value: &str| {
            if let Ok(value) = HeaderValue::from_str(value) {
                headers.insert(name, value);
            }
        };
        set(header::CONTENT_TYPE, self.content_type);
        set(header::ETAG, &tag);
        set(header::CACHE_CONTROL, "no-cache");
        set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
        set(header::REFERRER_POLICY, "no-referrer");
        set(header::VARY, "Accept");
        set(header::CONTENT_SECURITY_POLICY, &policy(query));
        response
    }
}

/// What the page may do. Pictures that bots send along come as `data:`, attachments as `blob:`.
fn policy(query: Option<&str>) -> String {
    let all = query.is_some_and(|query| query.split('&').any(|pair| pair == "pictures=all"));
    let pictures = if all { " http: https:" } else { "" };
    format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
         img-src 'self' data: blob:{pictures}; base-uri 'none'; form-action 'none'; \
         frame-ancestors 'none'"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_stays_small() {
        let raw: usize = ASSETS.iter().map(|asset| asset.text.len()).sum();
        // Text like this is a quarter of it when it is compressed.
        assert!(raw < 300 << 10, "{raw} bytes");
    }

    #[test]
    fn nothing_in_it_needs_what_its_policy_forbids() {
        for Asset { name, text, .. } in &ASSETS {
            for forbidden in [
                "innerHTML",
                "outerHTML",
                "insertAdjacentHTML",
                "eval(",
                "new Function",
                " style=",
                "onclick=",
                "javascript:",
            ] {
                assert!(!text.contains(forbidden), "{name} has {forbidden}");
            }
        }
    }
}
