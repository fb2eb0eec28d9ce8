//! Faults that go by the name of an incident, each as real pods have it.

use std::time::Duration;

use serde_json::{Value, json};

use super::check::PlanError;
use super::document;
use super::plan::FaultPlan;

struct Pack {
    name: &'static str,
    /// What happens, for people.
    what: &'static str,
    plan: fn() -> FaultPlan,
}

const PACKS: [Pack; 7] = [
    Pack {
        name: "session-expired",
        what: "the session of the next caller is over: 401 Invalid session until he logs in anew",
        plan: session_expired,
    },
    Pack {
        name: "feed-expired",
        what: "the next feed that is read no longer exists: 400, upon which SDKs make a new one",
        plan: feed_expired,
    },
    Pack {
        name: "key-manager-unregistered",
        what: "the key manager refuses every login: the pod has lost its registration",
        plan: key_manager_unregistered,
    },
    Pack {
        name: "pod-maintenance",
        what: "every call gets 503 and a page of HTML from the load balancer",
        plan: pod_maintenance,
    },
    Pack {
        name: "agent-down",
        what: "every call of the agent gets 502 and a page of HTML from the load balancer",
        plan: agent_down,
    },
    Pack {
        name: "rate-limited",
        what: "three calls get 429 with a Retry-After",
        plan: rate_limited,
    },
    Pack {
        name: "slow-longpoll",
        what: "reads of feeds take 25 s longer than they should",
        plan: slow_long_poll,
    },
];

/// The plan that a pack stands for.
pub fn plan(name: &str) -> Result<FaultPlan, PlanError> {
    let pack = PACKS.iter().find(|pack| pack.name == name).ok_or_else(|| {
        let names = PACKS.map(|pack| pack.name).join(", ");
        PlanError::of("pack", format!("there is no pack {name}; expected one of {names}"))
    })?;
    Ok((pack.plan)().named(pack.name))
}

#[cfg(test)]
pub fn names() -> impl Iterator<Item = &'static str> {
    PACKS.iter().map(|pack| pack.name)
}

/// All packs, as the control port shows them.
pub fn list() -> Vec<Value> {
    let shown = |pack: &Pack| {
        let plan = document::write(&(pack.plan)().named(pack.name));
        json!({ "pack": pack.name, "what": pack.what, "fault": plan })
    };
    PACKS.iter().map(shown).collect()
}

/// An expired session is told 401 by pod and agent alike; both BDKs take it as the sign to log in
/// anew (Java: `AuthSession.refresh` by `isUnauthorized`), and a feed survives it.
fn session_expired() -> FaultPlan {
    FaultPlan::expire_session().times(1)
}

/// The agent API says so of `/v5/datafeeds/{id}/read`: a feed lives 30 minutes after its last read,
/// and then is 400. Clients delete it, make a new one and read on
/// (`DatafeedLoopV2.recreateDatafeed`).
fn feed_expired() -> FaultPlan {
    FaultPlan::lose_feed()
        .on("datafeeds_read_v5")
        .on("datafeed_read_v4")
        .on("datafeed_read_v2")
        .on("datafeed_read_v1")
        .times(1)
}

/// The text is that of symphony-bdk-java#678, where a bot's loop ended over it. Nobody noted its
/// status: 403 is the one of the authenticator API's that fits what it says.
fn key_manager_unregistered() -> FaultPlan {
    const TEXT: &str = "Not allowed to make this call when KeyManager is not registered in the pod";
    FaultPlan::status(403)
        .on("key_manager_authenticate_v1")
        .on("key_manager_pubkey_authenticate")
        .body(json!({ "code": 403, "message": TEXT }))
}

/// Outages are told by the nginx in front, in HTML and not in the component's JSON
/// (symphony-bdk-java#678).
fn pod_maintenance() -> FaultPlan {
    nginx(503, "503 Service Temporarily Unavailable")
}

/// An agent that is gone from behind its load balancer (symphony-bdk-java#827).
fn agent_down() -> FaultPlan {
    nginx(502, "502 Bad Gateway").on("/agent/*")
}

/// Pods throttle by 429 with a `Retry-After` in seconds, by the documentation on global throttling.
/// Both BDKs try again without looking at it.
fn rate_limited() -> FaultPlan {
    FaultPlan::status(429).retry_after(1).times(3)
}

/// A read is empty after 20 s, and the Java BDK's health check calls the datafeed down when the
/// last read ended more than 22 s ago (`HealthService.datafeedHealthCheck`); it is still answered
/// within the 60 s for which both BDKs wait.
fn slow_long_poll() -> FaultPlan {
    FaultPlan::delay(Duration::from_secs(25))
        .on("datafeeds_read_v5")
        .on("events_read_v5")
        .on("datafeed_read_v4")
        .on("datafeed_read_v2")
        .on("datafeed_read_v1")
}

/// A page as nginx makes it.
fn nginx(status: u16, title: &str) -> FaultPlan {
    let page = format!(
        "<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n\
         <center><h1>{title}</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
    );
    FaultPlan::status(status).body(page).header("content-type", "text/html")
}
