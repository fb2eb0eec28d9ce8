//! Faults that go by the name of an incident, each as real pods have it.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::check::PlanError;
use super::document;
use super::plan::FaultPlan;
use crate::transport::ListenerRole;

struct Pack {
    name: &'static str,
    /// What happens, for people.
    what: &'static str,
    plan: fn() -> FaultPlan,
}

const PACKS: [Pack; 16] = [
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
        name: "one-agent-down",
        what: "the first agent's listener, or another listener, refuses connections and drops those it has",
        plan: one_agent_down,
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
    Pack {
        name: "key-manager-outage",
        what: "the session of the next caller is over, and the key manager refuses to log him in anew",
        plan: key_manager_outage,
    },
    Pack {
        name: "odd-events",
        what: "the next read hands out a null, an event of an unknown type, and one without ids",
        plan: odd_events,
    },
    Pack {
        name: "raw-401",
        what: "the next call gets a 401 from behind the API: without code and Content-Type",
        plan: raw_401,
    },
    Pack { name: "pod-500", what: "three calls of the pod get 500", plan: pod_500 },
    Pack {
        name: "throttled-by-agent",
        what: "a call of the agent gets 429 and the next one 400, both with a Retry-After",
        plan: throttled_by_agent,
    },
    Pack {
        name: "recreate-refused",
        what: "the next feed that is read no longer exists, and two attempts to make a new one are refused",
        plan: recreate_refused,
    },
    Pack {
        name: "health-down",
        what: "the extended health calls the datafeed down, with 503",
        plan: health_down,
    },
    Pack {
        name: "new-version",
        what: "answers and events have fields that no client knows, and there is a new type of event",
        plan: new_version,
    },
];

impl Pack {
    /// The plan, and what goes with it, under the pack's name.
    fn plan(&self) -> FaultPlan {
        let mut plan = (self.plan)().named(self.name);
        plan.also = plan.also.into_iter().map(|also| also.named(self.name)).collect();
        plan
    }
}

/// The plan that a pack stands for.
pub fn plan(name: &str) -> Result<FaultPlan, PlanError> {
    let pack = PACKS.iter().find(|pack| pack.name == name).ok_or_else(|| {
        let names = PACKS.map(|pack| pack.name).join(", ");
        PlanError::of("pack", format!("there is no pack {name}; expected one of {names}"))
    })?;
    Ok(pack.plan())
}

/// The names of all packs.
pub fn names() -> impl Iterator<Item = &'static str> {
    PACKS.iter().map(|pack| pack.name)
}

/// All packs, as the control port shows them.
pub fn list() -> Vec<Value> {
    let shown = |pack: &Pack| {
        let plan = document::write(&pack.plan());
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

/// One of several agents is gone, and what clients have of their own to get over it is all they have:
/// the load balancing of finos/symphony-bdk-java#323. The host is still there and refuses, which both
/// BDKs take for a matter of the network and try again; what a load balancer without agents does
/// instead (`endHandshakes`), the Java BDK takes for the end (finos/symphony-bdk-java#827).
fn one_agent_down() -> FaultPlan {
    FaultPlan::refuse_connections().listener(ListenerRole::Agent.name())
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

/// A running bot meets the key manager when its session is over, and not before
/// (finos/symphony-bdk-java#678).
fn key_manager_outage() -> FaultPlan {
    key_manager_unregistered().and(session_expired())
}

/// What feeds were seen to hand out, or may one day: a null in the place of an event, types that the
/// client does not know (finos/symphony-bdk-java#592), and what lacks the ids that it always had.
fn odd_events() -> FaultPlan {
    FaultPlan::add_events([Value::Null, unknown_event(), nameless_event()]).times(1)
}

/// From the pod's private layer, as the legacy Java SDK met it
/// (SymphonyPlatformSolutions/symphony-api-client-java, b500cbf4).
fn raw_401() -> FaultPlan {
    const TEXT: &str = "Can't retrieve session from ID 6a1f0c5d7be94e2385d0c4f1a97b3e60\
                        c2d8e5f4907a1b3c6d4e8f7051a2b3c4";
    FaultPlan::status(401)
        .on("/pod/*")
        .on("/agent/*")
        .body(json!({ "message": TEXT }))
        .with_content_type("")
        .times(1)
}

/// As finos/symphony-bdk-java#504 has it, where a bot's loop ended over it.
fn pod_500() -> FaultPlan {
    FaultPlan::status(500).on("/pod/*").times(3)
}

/// Agents throttle by 429, and pass on what the pod behind them throttles as 400.
fn throttled_by_agent() -> FaultPlan {
    let throttled = |status| FaultPlan::status(status).retry_after(1).on("/agent/*");
    throttled(429).times(1).and(throttled(400).nth(2))
}

/// The feed is gone, and the agent is not yet ready to make another (finos/symphony-bdk-java#746).
fn recreate_refused() -> FaultPlan {
    let refused = FaultPlan::status(400)
        .on("datafeeds_create_v5")
        .on("datafeed_create_v4")
        .on("datafeed_create_v1")
        .times(2);
    feed_expired().and(refused)
}

fn health_down() -> FaultPlan {
    FaultPlan::unhealthy(["datafeed"]).on("health_extended_v3")
}

/// Pods gain fields and types with every release, and clients are to bear it (finos/spring-bot#33,
/// finos/symphony-bdk-java#592).
fn new_version() -> FaultPlan {
    let new = json!({ "since": "the next version" });
    let fields: Map<String, Value> =
        [("addedByTheNextVersion".to_owned(), new)].into_iter().collect();
    let mut read = FaultPlan::add_events([unknown_event()]).times(1);
    read.effects.changes.add_fields.clone_from(&fields);
    FaultPlan::add_fields(fields).and(read)
}

fn unknown_event() -> Value {
    json!({
        "id": "Zz9yX8",
        "messageId": "AAAAAAAAAAAAAAAAAAAAAH___oyM1eXobw",
        "timestamp": 1_595_365_005_847_u64,
        "type": "SOMETHINGNEWHAPPENED",
        "initiator": { "user": { "userId": 1 } },
        "payload": { "somethingNewHappened": { "what": "nobody knows yet" } },
    })
}

fn nameless_event() -> Value {
    json!({
        "type": "MESSAGESENT",
        "initiator": { "user": { "userId": 1 } },
        "payload": { "messageSent": { "message": {
            "message": "<div data-format=\"PresentationML\" data-version=\"2.0\">?</div>",
            "user": { "userId": 1 },
            "stream": { "streamType": "ROOM" },
        } } },
    })
}

/// A page as nginx makes it.
fn nginx(status: u16, title: &str) -> FaultPlan {
    let page = format!(
        "<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n\
         <center><h1>{title}</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
    );
    FaultPlan::status(status).body(page).header("content-type", "text/html")
}
