//! The lines of the log: what became of a request, as the journal has it.
//!
//! A line says all of it to people; the same stands in fields for those who log in JSON.

use axum::http::{Method, StatusCode, Uri};

use super::hints::hints;
use super::redact::text as redacted;
use super::{Caller, Entry, Event, Journal, TunnelOutcome};
use crate::clock::Clock;
use crate::domain::{Refusal, shorten};
use crate::transport::Listeners;

/// The longest path and the longest trace id, in bytes: a line is read as a whole.
const LONGEST: usize = 300;
const LONGEST_TRACE: usize = 100;
const LONGEST_NAME: usize = 100;

/// Logs a request that has ended: one that was refused always, any other where somebody debugs.
pub(super) fn ended(entry: &Entry, journal: &Journal, clock: &Clock) {
    let Event::Request { method, head, .. } = &entry.event else { return };
    // Whatever a fault did has a line of its own.
    let refusal = entry.refusal().filter(|it| !matches!(it, Refusal::Injected { .. }));
    if refusal.is_none() && !tracing::enabled!(tracing::Level::DEBUG) {
        return;
    }
    let (method, path) = (method.as_str(), short_path(head.target()));
    let Caller { mut user, mut app } = Caller::of(entry);
    // Whoever signs a JWT or makes a certificate may call himself anything.
    for name in [&mut user, &mut app].into_iter().flatten() {
        shorten(name, LONGEST_NAME);
    }
    let (status, pod) = (entry.status(), &*journal.pod);
    let trace_id = head.request_headers().value("x-trace-id").map(|trace| {
        let mut trace = trace.to_owned();
        shorten(&mut trace, LONGEST_TRACE);
        trace
    });
    let (user, app, trace_id) = (user.as_deref(), app.as_deref(), trace_id.as_deref());
    let latency_ms = entry.micros as f64 / 1_000.0;
    let by = match (app, user) {
        (Some(app), Some(user)) => format!(" (app {app} for {user})"),
        (Some(app), None) => format!(" (app {app})"),
        (None, Some(user)) => format!(" ({user})"),
        (None, None) => String::new(),
    };
    let listener = journal.listener_of(entry).name();
    let at = match listener {
        Listeners::MAIN | Listeners::MTLS => String::new(),
        further => format!(" [{further}]"),
    };
    let of = if pod == super::MAIN { at } else { format!("{at} [pod {pod}]") };
    let trace = trace_id.map(|trace| format!(" [trace {trace}]")).unwrap_or_default();
    let what = match status {
        Some(status) => format!("{status} {method} {path}{by}{of}{trace}"),
        None => format!("{method} {path}{by}{of}{trace}: the client left before the answer came"),
    };
    let Some(refusal) = refusal else {
        return tracing::debug!(
            method, path, status, user, app, pod, listener, trace_id, latency_ms, "{what}"
        );
    };
    let why = redacted(&refusal.why());
    let hints = hints(entry, journal, user, clock);
    let hint = hints.first().map(String::as_str);
    let told = hint.map(|hint| format!(" – {hint}")).unwrap_or_default();
    // A macro, for `tracing` takes the level of a line when it is compiled.
    macro_rules! line {
        ($level:ident) => {
            tracing::$level!(
                method,
                path,
                status,
                user,
                app,
                pod,
                listener,
                trace_id,
                latency_ms,
                why,
                hint,
                "{what}: {why}{told}"
            )
        };
    }
    match refusal {
        Refusal::Bug => line!(error),
        _ => line!(info),
    }
}

/// Logs what came to the forward proxy: one that was refused always, a tunnel where somebody debugs.
pub(super) fn tunnel(entry: &Entry) {
    let (Event::Tunnel { method, outcome, .. }, Some(tunnel)) = (&entry.event, &entry.tunnel)
    else {
        return;
    };
    let (proxy, status) = (entry.proxy, outcome.status().map(|status| status.as_u16()));
    let (method, target, user) = (method.as_str(), &*tunnel.target, tunnel.user.as_deref());
    let by = user.map(|user| format!(" ({user})")).unwrap_or_default();
    let told = status.map(|status| format!("{status} ")).unwrap_or_default();
    let what = format!("{told}{method} {target}{by} on the proxy");
    match outcome {
        TunnelOutcome::Open => {
            let to = tunnel.port;
            tracing::debug!(method, target, status, user, proxy, to, "{what}");
        }
        TunnelOutcome::Refused(refusal) => {
            let (why, hint) = (refusal.why(), refusal.hint());
            let told = hint.map(|hint| format!(" – {hint}")).unwrap_or_default();
            tracing::info!(method, target, status, user, proxy, why, hint, "{what}: {why}{told}");
        }
    }
}

/// Logs what a test did to a pod, where somebody debugs.
pub fn control(method: &Method, uri: &Uri, status: StatusCode, pod: &str) {
    let (method, path, status) = (method.as_str(), logged_path(uri), status.as_u16());
    let of = if pod == super::MAIN { String::new() } else { format!(" [pod {pod}]") };
    tracing::debug!(method, path, status, pod, "control port: {status} {method} {path}{of}");
}

/// A path as it is logged: its secrets are hidden as in the journal, and it is no longer than a
/// line.
pub fn logged_path(uri: &Uri) -> String {
    short_path(uri.path())
}

fn short_path(target: &str) -> String {
    let path = target.split('?').next().unwrap_or_default();
    let mut path = path.to_owned();
    // Before it is read, which takes as long as it is. Half a token is one, too.
    shorten(&mut path, 10 * LONGEST);
    let mut path = redacted(&path);
    shorten(&mut path, LONGEST);
    path
}
