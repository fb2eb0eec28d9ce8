//! The one documented answer of which a released SDK dies.

use super::{Caller, Entry, Event, Journal};

const DELETION: &str = "datafeeds_delete_v5";
/// What is done only by clients whose loop goes on.
const GOING_ON: [&str; 2] = ["datafeeds_create_v5", "datafeeds_read_v5"];

impl Journal {
    pub(super) fn is_deletion(&self, entry: &Entry) -> bool {
        self.operation_of(entry) == Some(DELETION)
    }

    /// That symphony-bdk-python 3.0.0 deleted its feed and was heard of no more.
    ///
    /// Its generated `datafeed_api.py` maps the documented 204 to `V2Error`, which has required
    /// fields, and its loop ends; other releases go on and create a feed. What they call themselves does
    /// not tell releases apart, so that who died is known by its silence.
    pub(in crate::control) fn deadly_deletion(&self) -> Option<String> {
        let all = self.after(0).entries;
        let at = all.iter().rposition(|(_, entry)| {
            self.is_deletion(entry)
                && entry.status() == Some(204)
                && agent(&entry.event).is_some_and(|agent| agent.contains("python"))
        })?;
        let (id, deletion) = &all[at];
        let whose = Caller::of(deletion).user;
        let goes_on = all[at + 1..].iter().any(|(_, entry)| {
            self.operation_of(entry).is_some_and(|name| GOING_ON.contains(&name))
                && Caller::of(entry).user == whose
        });
        (!goes_on).then(|| {
            format!(
                "{} deleted its feed (#{id}), was answered the documented 204, and has made none \
                 since: symphony-bdk-python 3.0.0 takes that 204 for an error and its datafeed loop \
                 ends. The setting datafeedDeleteStatus: 200 lets it live",
                whose.map_or_else(|| "a bot".to_owned(), |whose| format!("{whose:?}")),
            )
        })
    }
}

/// What a client calls itself, in lower case.
fn agent(event: &Event) -> Option<String> {
    let Event::Request { head, .. } = event else { return None };
    head.request_headers().value("user-agent").map(|agent| agent.to_lowercase())
}
