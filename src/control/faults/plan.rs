use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Map, Value};

use super::check::PlanError;
use super::packs;
use crate::transport::{Break, Listeners};

/// What goes wrong, for whom, and how often.
///
/// A plan begins with what it does to a call ([`status`](FaultPlan::status),
/// [`delay`](FaultPlan::delay), …); without more it does so to every call of every operation.
///
/// ```
/// use symphony_mock_pod::FaultPlan;
///
/// let plan = FaultPlan::status(503).on("datafeeds_read_v5").user("bot").times(2);
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
#[must_use = "a plan does nothing until it is injected"]
pub struct FaultPlan {
    pub(super) name: Option<String>,
    pub(super) operations: Vec<String>,
    pub(super) user: Option<String>,
    pub(super) listener: Option<String>,
    /// Whether the user may be one who is not there yet.
    pub(super) lenient: bool,
    pub(super) nth: Option<u64>,
    pub(super) times: Option<u64>,
    pub(super) probability: Option<f64>,
    pub(super) in_a_row: Option<u64>,
    pub(super) effects: Effects,
    /// What goes wrong beside it, from the same moment on and for the same user.
    pub(super) also: Vec<FaultPlan>,
    /// What was said of an answer that the plan does not give, by the field's name.
    pub(super) misplaced: Option<&'static str>,
}

/// What happens to a call, or to a connection.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Effects {
    /// How long the call waits before anything else happens, by the pod's clock.
    pub delay: Option<Duration>,
    pub instead: Option<Replacement>,
    pub spoiling: Option<BodyFault>,
    /// The `Content-Type` that the answer has instead of its own.
    pub content_type: Option<String>,
    /// Every event comes twice.
    pub duplicate_events: bool,
    /// The events of a batch come in the opposite order.
    pub reorder_events: bool,
    pub withhold_events: Option<Withhold>,
    pub changes: Changes,
    /// Connections do not get as far as a call.
    pub kept_out: Option<KeptOut>,
}

/// What of a whole answer in JSON is otherwise than the pod would have it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Changes {
    /// Fields that all its objects have beside their own.
    pub add_fields: Map<String, Value>,
    /// The values of fields, wherever the answer has them.
    pub set_fields: Map<String, Value>,
    /// What a read of a feed hands out after its events, at once.
    pub add_events: Vec<Value>,
    /// The services and users that the extended health calls down.
    pub unhealthy: Vec<String>,
}

/// What the call gets instead of its answer.
#[derive(Debug, Clone, PartialEq)]
pub enum Replacement {
    /// This answer. Without a body, the one in which the component says such a thing.
    Answer { status: u16, body: Option<Value>, headers: BTreeMap<String, String> },
    /// None, until the client leaves or the fault is removed.
    Silence,
    /// The connection is reset.
    Reset,
    /// The caller's session ends, and the call is answered accordingly.
    SessionExpired,
    /// The feed that the call is about is gone, and the call is answered accordingly.
    FeedLost,
}

/// How a listener keeps connections out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeptOut {
    /// They are reset as soon as they are made, as on a host whose server is gone.
    Refused,
    /// They end in the handshake, as behind a load balancer that has nobody left to pass them to
    /// (finos/symphony-bdk-java#827).
    InHandshake,
}

/// What happens to the body of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyFault {
    /// Its length is declared, part of it comes, then the connection ends.
    Cut,
    /// It is whole, and no JSON.
    MalformedJson,
}

/// How long a feed keeps its events back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Withhold {
    /// By the pod's clock.
    For(Duration),
    /// So many reads find nothing and are answered at once.
    Reads(u32),
}

impl FaultPlan {
    /// With `false`, the user may be somebody who is not there yet: otherwise a name that nobody has
    /// is refused.
    pub fn strict(self, strict: bool) -> Self {
        Self { lenient: !strict, ..self }
    }

    /// Calls get this status, with the body in which the component that they are for reports such
    /// a thing.
    pub fn status(status: u16) -> Self {
        let headers = BTreeMap::new();
        Self::instead(Replacement::Answer { status, body: None, headers })
    }

    /// What goes wrong in an incident known from the field, by its name: `feed-expired`,
    /// `rate-limited` and the others of [`packs`](Self::packs). The rest of a plan narrows it down.
    ///
    /// ```
    /// # tokio::runtime::Runtime::new()?.block_on(async {
    /// # let pod = symphony_mock_pod::MockPod::start().await?;
    /// use symphony_mock_pod::FaultPlan;
    ///
    /// let incident = pod.inject(FaultPlan::pack("session-expired")?.user("bot"))?;
    /// assert_eq!(incident.fired(), 0, "the bot has not called yet");
    /// let error = FaultPlan::pack("feed-expierd").unwrap_err().to_string();
    /// assert!(error.contains("feed-expired"));
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// There is no such pack.
    pub fn pack(name: &str) -> Result<Self, PlanError> {
        packs::plan(name)
    }

    /// The names of all packs.
    pub fn packs() -> impl Iterator<Item = &'static str> {
        packs::names()
    }

    /// Calls wait so long by the pod's clock, and are answered then. Advancing a frozen clock ends
    /// the wait.
    pub fn delay(delay: Duration) -> Self {
        Self::default().after(delay)
    }

    /// Calls are not answered until the client leaves or the fault is removed.
    pub fn hang() -> Self {
        Self::instead(Replacement::Silence)
    }

    /// The client's connection is reset (TCP RST).
    pub fn reset() -> Self {
        Self::instead(Replacement::Reset)
    }

    /// Answers break off: their length is declared, part of the body comes, then the connection
    /// ends.
    pub fn cut_body() -> Self {
        Self::spoiling(BodyFault::Cut)
    }

    /// Answers come whole, and are no JSON.
    pub fn malformed_json() -> Self {
        Self::spoiling(BodyFault::MalformedJson)
    }

    /// Answers come with this `Content-Type` instead of their own.
    pub fn content_type(content_type: impl Into<String>) -> Self {
        Self::default().with_content_type(content_type)
    }

    /// The caller's session ends just before the call.
    pub fn expire_session() -> Self {
        Self::instead(Replacement::SessionExpired)
    }

    /// The feed that is read or deleted no longer exists.
    pub fn lose_feed() -> Self {
        Self::instead(Replacement::FeedLost)
    }

    /// Reads of a feed hand out every event twice.
    pub fn duplicate_events() -> Self {
        let effects = Effects { duplicate_events: true, ..Effects::default() };
        Self { effects, ..Self::default() }
    }

    /// Reads of a feed hand out their events in the opposite order.
    pub fn reorder_events() -> Self {
        let effects = Effects { reorder_events: true, ..Effects::default() };
        Self { effects, ..Self::default() }
    }

    /// A feed keeps its events back for so long by the pod's clock.
    pub fn withhold_events(time: Duration) -> Self {
        Self::withholding(Withhold::For(time))
    }

    /// A feed keeps its events back for so many reads, which find nothing and are answered at
    /// once.
    pub fn withhold_events_for_reads(reads: u32) -> Self {
        Self::withholding(Withhold::Reads(reads))
    }

    /// Connections are refused, and those that are open end: a server that is gone. They are reset as
    /// soon as they are made, which is as near as a port gets to refusing that others must not take
    /// meanwhile. Needs a [`listener`](Self::listener) where not all are meant.
    ///
    /// ```
    /// # tokio::runtime::Runtime::new()?.block_on(async {
    /// use symphony_mock_pod::{FaultPlan, Listen, ListenerRole, MockPod};
    ///
    /// let agents = [Listen::new(ListenerRole::Agent), Listen::new(ListenerRole::Agent)];
    /// let pod = MockPod::builder().listen(agents[0].clone()).listen(agents[1].clone()).start().await?;
    /// let outage = pod.inject(FaultPlan::refuse_connections().listener("agent-2"))?;
    /// // … what the bot does now, it does by agent-1.
    /// # drop(outage);
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    pub fn refuse_connections() -> Self {
        Self::keeping_out(KeptOut::Refused)
    }

    /// Connections end in their handshake, and those that are open are closed: a load balancer that
    /// has nobody left to pass them to. Needs a [`listener`](Self::listener) where not all are meant.
    pub fn end_handshakes() -> Self {
        Self::keeping_out(KeptOut::InHandshake)
    }

    /// Objects in answers have these fields beside their own, as those of a pod that is newer than
    /// the client. Objects whose fields are names that users chose are left alone.
    pub fn add_fields(fields: Map<String, Value>) -> Self {
        Self::changing(Changes { add_fields: fields, ..Changes::default() })
    }

    /// Fields with these names have these values wherever they are in answers: an `accountType` that
    /// no client knows, for one.
    pub fn set_fields(fields: Map<String, Value>) -> Self {
        Self::changing(Changes { set_fields: fields, ..Changes::default() })
    }

    /// Reads of a feed hand these out at once, as if they were events, whatever they are.
    pub fn add_events(events: impl IntoIterator<Item = Value>) -> Self {
        let add_events = events.into_iter().collect();
        Self::changing(Changes { add_events, ..Changes::default() })
    }

    /// The extended health calls these down (`pod`, `datafeed`, `key_manager`, `agentservice`,
    /// `ceservice`) and answers with 503.
    pub fn unhealthy(components: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let unhealthy = components.into_iter().map(Into::into).collect();
        Self::changing(Changes { unhealthy, ..Changes::default() })
    }

    /// Another plan goes with this one: both begin together, mean the same user and listener unless it says
    /// otherwise, and are removed together.
    pub fn and(mut self, other: Self) -> Self {
        self.also.push(other);
        self
    }

    /// The same plan under a name, which answers and the log carry.
    pub fn named(self, name: impl Into<String>) -> Self {
        Self { name: Some(name.into()), ..self }
    }

    /// Only calls of this operation, by its name in the [catalogue](crate::catalogue) or by its
    /// path; `*` stands for any text. Called again, it adds another.
    pub fn on(mut self, operation: impl Into<String>) -> Self {
        self.operations.push(operation.into());
        self
    }

    /// Only calls of this user or app, by session, JWT or client certificate.
    pub fn user(self, name: impl Into<String>) -> Self {
        Self { user: Some(name.into()), ..self }
    }

    /// Only what comes to the listener called so: `main`, `mtls`, or a further one; `agent` and the names
    /// of the other roles stand for the first listener that has the role. `proxy` is the forward proxy,
    /// whose answer to `CONNECT` is meant then: by [`status`](Self::status), [`delay`](Self::delay),
    /// [`hang`](Self::hang) or [`reset`](Self::reset).
    pub fn listener(self, name: impl Into<String>) -> Self {
        Self { listener: Some(name.into()), ..self }
    }

    /// Not before the n-th call that matches, counted from 1; and that one alone, unless
    /// [`times`](FaultPlan::times) says more.
    pub fn nth(self, nth: u64) -> Self {
        Self { nth: Some(nth), ..self }
    }

    /// At most so often.
    pub fn times(self, times: u64) -> Self {
        Self { times: Some(times), ..self }
    }

    /// With this probability, from 0 to 1. Drawn from the pod's seed: the same calls have the same
    /// faults in every run.
    pub fn probability(self, probability: f64) -> Self {
        Self { probability: Some(probability), ..self }
    }

    /// Never more often than so in a row; 3 where a probability is given and this is not.
    pub fn in_a_row(self, in_a_row: u64) -> Self {
        Self { in_a_row: Some(in_a_row), ..self }
    }

    /// The same after a wait by the pod's clock.
    pub fn after(mut self, delay: Duration) -> Self {
        self.effects.delay = Some(delay);
        self
    }

    /// With this body: JSON, or a text that is sent as it is. Needs a [`status`](Self::status): a plan
    /// without is refused.
    pub fn body(mut self, body: impl Into<Value>) -> Self {
        match &mut self.effects.instead {
            Some(Replacement::Answer { body: place, .. }) => *place = Some(body.into()),
            _ => self.misplaced = Some("body"),
        }
        self
    }

    /// With this header. Needs a [`status`](Self::status): a plan
    /// without is refused.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        match &mut self.effects.instead {
            Some(Replacement::Answer { headers, .. }) => {
                headers.insert(name.into(), value.into());
            }
            _ => self.misplaced = Some("headers"),
        }
        self
    }

    /// With a `Retry-After` of so many seconds. Needs a [`status`](Self::status): a plan
    /// without is refused.
    pub fn retry_after(self, seconds: u64) -> Self {
        let plan = self.header("retry-after", seconds.to_string());
        let misplaced = plan.misplaced.map(|_| "retryAfter");
        Self { misplaced, ..plan }
    }

    /// With this `Content-Type`; with none where it is empty.
    pub fn with_content_type(mut self, content_type: impl Into<String>) -> Self {
        self.effects.content_type = Some(content_type.into());
        self
    }

    /// Whether it means the forward proxy, and no call.
    pub(super) fn is_of_proxy(&self) -> bool {
        self.listener.as_deref() == Some(Listeners::PROXY)
    }

    fn instead(instead: Replacement) -> Self {
        let effects = Effects { instead: Some(instead), ..Effects::default() };
        Self { effects, ..Self::default() }
    }

    fn changing(changes: Changes) -> Self {
        let effects = Effects { changes, ..Effects::default() };
        Self { effects, ..Self::default() }
    }

    fn keeping_out(how: KeptOut) -> Self {
        let effects = Effects { kept_out: Some(how), ..Effects::default() };
        Self { effects, ..Self::default() }
    }

    fn spoiling(spoiling: BodyFault) -> Self {
        let effects = Effects { spoiling: Some(spoiling), ..Effects::default() };
        Self { effects, ..Self::default() }
    }

    fn withholding(withhold: Withhold) -> Self {
        let effects = Effects { withhold_events: Some(withhold), ..Effects::default() };
        Self { effects, ..Self::default() }
    }
}

impl Effects {
    /// Whether it is what a read hands out that decides, and not the call.
    pub fn on_events(&self) -> bool {
        self.duplicate_events || self.reorder_events
    }

    /// How many events a read must hand out to be hit.
    pub fn events_needed(&self) -> usize {
        if self.reorder_events && !self.duplicate_events { 2 } else { 1 }
    }

    /// What happens, by the names of the plan's fields.
    pub fn names(&self) -> Vec<&'static str> {
        let instead = self.instead.as_ref().map(|instead| match instead {
            Replacement::Answer { .. } => "status",
            Replacement::Silence => "hang",
            Replacement::Reset => "reset",
            Replacement::SessionExpired => "expireSession",
            Replacement::FeedLost => "loseFeed",
        });
        let spoiling = self.spoiling.map(|spoiling| match spoiling {
            BodyFault::Cut => "cutBody",
            BodyFault::MalformedJson => "malformedJson",
        });
        [
            self.delay.map(|_| "delay"),
            instead,
            spoiling,
            self.content_type.as_ref().map(|_| "contentType"),
            self.duplicate_events.then_some("duplicateEvents"),
            self.reorder_events.then_some("reorderEvents"),
            self.withhold_events.map(|_| "withholdEvents"),
            (!self.changes.add_fields.is_empty()).then_some("addFields"),
            (!self.changes.set_fields.is_empty()).then_some("setFields"),
            (!self.changes.add_events.is_empty()).then_some("addEvents"),
            (!self.changes.unhealthy.is_empty()).then_some("unhealthy"),
            self.kept_out.map(KeptOut::field),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

impl KeptOut {
    /// The plan's field for it.
    pub const fn field(self) -> &'static str {
        match self {
            Self::Refused => "refuseConnections",
            Self::InHandshake => "endHandshakes",
        }
    }

    pub const fn in_words(self) -> &'static str {
        match self {
            Self::Refused => "refused a connection",
            Self::InHandshake => "ended a connection in its handshake",
        }
    }

    /// What becomes of the connections that are open.
    pub fn of_open(self) -> Break {
        match self {
            Self::Refused => Break::Reset,
            Self::InHandshake => Break::Close,
        }
    }
}
