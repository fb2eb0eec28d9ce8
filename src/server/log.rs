//! The lines that say what became of a request.

use axum::http::{HeaderValue, Method, Uri};
use axum::response::Response;

use crate::control::redacted;
use crate::domain::{Refusal, shorten};

/// A path as it is logged: its secrets are hidden as in the journal, and it is no longer than a
/// line.
pub(super) fn path(uri: &Uri) -> String {
    const LONGEST: usize = 300;
    let mut path = uri.path().to_owned();
    // Before it is read, which takes as long as it is. Half a token is one, too.
    shorten(&mut path, 10 * LONGEST);
    let mut path = redacted(&path);
    shorten(&mut path, LONGEST);
    path
}

/// The one readable line that says why.
pub(super) fn refusal(
    method: &Method,
    uri: &Uri,
    trace: Option<&HeaderValue>,
    response: &Response,
) {
    const LONGEST_TRACE: usize = 100;
    let Some(refusal) = response.extensions().get::<Refusal>() else {
        return;
    };
    let (status, path, why) = (response.status().as_u16(), path(uri), redacted(&refusal.why()));
    let trace = trace.and_then(|trace| trace.to_str().ok());
    let trace = trace.map(|trace| {
        let mut trace = trace.to_owned();
        shorten(&mut trace, LONGEST_TRACE);
        format!(" [trace {trace}]")
    });
    let trace = trace.unwrap_or_default();
    match refusal {
        Refusal::Bug => tracing::error!("{status} {method} {path}{trace}: {why}"),
        _ => tracing::info!("{status} {method} {path}{trace}: {why}"),
    }
}
