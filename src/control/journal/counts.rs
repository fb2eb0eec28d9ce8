use std::collections::BTreeMap;

use super::Event;

/// How often something happened since the pod began.
#[derive(Debug, Default)]
pub(super) struct Counts {
    /// By operation (its place in the catalogue) and status; 0 where the client did not wait.
    pub requests: BTreeMap<(Option<u16>, u16), u64>,
    /// By the name of the reason.
    pub refusals: BTreeMap<String, u64>,
    pub failed_handshakes: u64,
    /// Requests to the forward proxy by status; 0 where a fault left them without an answer.
    pub tunnels: BTreeMap<u16, u64>,
}

impl Counts {
    pub fn count(&mut self, event: &Event) {
        match event {
            Event::Handshake { .. } => self.failed_handshakes += 1,
            Event::Unreadable { status, .. } => {
                *self.requests.entry((None, *status)).or_default() += 1;
            }
            Event::Tunnel { outcome, .. } => {
                let status = outcome.status().map_or(0, |status| status.as_u16());
                *self.tunnels.entry(status).or_default() += 1;
                if let Some(refusal) = outcome.refusal() {
                    *self.refusals.entry(kind(refusal)).or_default() += 1;
                }
            }
            Event::Request { operation, answer, .. } => {
                let status = answer.as_ref().map_or(0, |answer| answer.status.as_u16());
                *self.requests.entry((*operation, status)).or_default() += 1;
                if let Some(refusal) = answer.as_ref().and_then(|answer| answer.refusal.as_ref()) {
                    *self.refusals.entry(kind(refusal)).or_default() += 1;
                }
            }
        }
    }
}

/// The name of a refusal's reason.
pub(super) fn kind(refusal: &impl std::fmt::Debug) -> String {
    use std::fmt::Write;
    /// Takes a name and nothing after it.
    struct Name(String);
    impl Write for Name {
        fn write_str(&mut self, text: &str) -> std::fmt::Result {
            let end = text.find(|c: char| !c.is_alphanumeric());
            self.0.push_str(&text[..end.unwrap_or(text.len())]);
            end.map_or(Ok(()), |_| Err(std::fmt::Error))
        }
    }
    let mut name = Name(String::new());
    // It stops at the end of the name, with an error.
    write!(name, "{refusal:?}").ok();
    name.0
}
