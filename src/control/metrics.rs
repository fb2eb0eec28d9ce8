//! `/metrics`: what a Prometheus server reads, in its text format (version 0.0.4). It is about the
//! pod that the request is for; the number of pods is the server's.

use std::fmt::{Display, Write};

use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;

use super::Control;
use super::extract::CurrentTenant;
use super::journal::Measures;
use crate::domain::TokenSpace;

pub async fn read(State(control): State<Control>, tenant: CurrentTenant) -> impl IntoResponse {
    let journal = tenant.journal.measure();
    let pod = &tenant.pod;
    let now = pod.clock.now();
    let (feeds, messages) = {
        let world = pod.world();
        (world.feeds.alive(now, world.settings.datafeed_ttl), world.messages.len())
    };
    let sessions = [
        (TokenSpace::Pod, pod.live_sessions(TokenSpace::Pod)),
        (TokenSpace::KeyManager, pod.live_sessions(TokenSpace::KeyManager)),
    ];

    let mut text = Text(String::with_capacity(4 << 10));
    text.of_journal(&journal);
    text.family("sessions", "gauge", "Session tokens that are good now.");
    for (space, count) in sessions {
        text.sample("sessions", &[("token", space.token_name())], count);
    }
    text.single("feeds", "gauge", "Datafeeds and datahoses that are open.", feeds);
    text.single("messages", "gauge", "Messages in all streams.", messages);
    text.single(
        "pods",
        "gauge",
        "Pods of this server, the main one included.",
        control.pods.count(),
    );
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text.0)
}

/// The text as it grows.
struct Text(String);

impl Text {
    fn of_journal(&mut self, journal: &Measures) {
        self.family(
            "requests_total",
            "counter",
            "Requests by operation and status; the status is \"aborted\" where the client left first.",
        );
        for ((operation, status), count) in &journal.requests {
            let status = match status {
                0 => "aborted".to_owned(),
                status => status.to_string(),
            };
            let operation = operation.unwrap_or("unknown");
            self.sample("requests_total", &[("operation", operation), ("status", &status)], count);
        }
        self.family("refusals_total", "counter", "Refusals by reason.");
        for (kind, count) in &journal.refusals {
            self.sample("refusals_total", &[("kind", kind)], count);
        }
        self.single(
            "requests_under_way",
            "gauge",
            "Requests that have no answer yet, long polls among them.",
            journal.under_way,
        );
        self.family(
            "handshakes_total",
            "counter",
            "TLS handshakes; all of them are counted at the main pod.",
        );
        self.sample("handshakes_total", &[("outcome", "ok")], journal.handshakes);
        self.sample("handshakes_total", &[("outcome", "failed")], journal.failed_handshakes);
        self.family(
            "tunnels_total",
            "counter",
            "Requests to the forward proxy by status; all of them are counted at the main pod.",
        );
        for (status, count) in &journal.tunnels {
            self.sample("tunnels_total", &[("status", &status.to_string())], count);
        }
        self.single("journal_entries", "gauge", "Entries in the journal.", journal.entries);
        self.single("journal_bytes", "gauge", "Bytes that the journal takes.", journal.bytes);
        self.single(
            "journal_dropped_total",
            "counter",
            "Entries that the journal forgot to make room.",
            journal.dropped,
        );
    }

    fn single(&mut self, name: &str, kind: &str, help: &str, value: impl Display) {
        self.family(name, kind, help);
        self.sample(name, &[], value);
    }

    fn family(&mut self, name: &str, kind: &str, help: &str) {
        self.line(format_args!("# HELP {PREFIX}{name} {help}"));
        self.line(format_args!("# TYPE {PREFIX}{name} {kind}"));
    }

    /// No label's value has a character that would have to be escaped: they are names and numbers.
    fn sample(&mut self, name: &str, labels: &[(&str, &str)], value: impl Display) {
        let labels: Vec<_> =
            labels.iter().map(|(label, value)| format!("{label}=\"{value}\"")).collect();
        match labels.is_empty() {
            true => self.line(format_args!("{PREFIX}{name} {value}")),
            false => self.line(format_args!("{PREFIX}{name}{{{}}} {value}", labels.join(","))),
        }
    }

    fn line(&mut self, line: std::fmt::Arguments<'_>) {
        // Writing into a string does not fail.
        writeln!(self.0, "{line}").ok();
    }
}

const PREFIX: &str = "symphony_mock_pod_";
