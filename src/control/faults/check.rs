//! What becomes of a plan before it may do anything: whether it can match a call at all.

use std::borrow::Cow;
use std::sync::Arc;

use axum::http::{HeaderName, HeaderValue, StatusCode, header};

use super::super::callers::check_caller;
use super::super::journal::no_listener;
use super::call::{Call, OF_A_FEED, READS};
use super::plan::{Effects, FaultPlan, KeptOut, Replacement, Withhold};
use crate::domain::{UserId, World};
use crate::operation::Catalogue;
use crate::transport::{Listener, ListenerId, ListenerRole, Listeners};

/// Why a plan cannot be injected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{what}", field.as_ref().map(|field| format!("{field}: ")).unwrap_or_default())]
pub struct PlanError {
    field: Option<Cow<'static, str>>,
    what: String,
}

/// A plan that can match calls.
#[derive(Debug)]
pub struct Checked {
    pub plan: FaultPlan,
    pub name: Arc<str>,
    pub who: Option<Who>,
    pub first: u64,
    pub times: Option<u64>,
    pub in_a_row: Option<u64>,
    /// The one listener that is meant.
    listener: Option<ListenerId>,
    /// Whether it means `CONNECT` to the forward proxy, and no call.
    pub of_proxy: bool,
    /// Whether each operation is meant.
    operations: Box<[bool]>,
}

/// What a plan is checked against.
pub struct Surroundings<'a> {
    pub catalogue: &'a Catalogue,
    pub listeners: &'a Listeners,
    /// Whether the pod is the main one.
    pub of_main: bool,
    pub world: &'a World,
}

/// Whose calls are meant.
#[derive(Debug)]
pub struct Who {
    name: String,
    user: Option<UserId>,
}

/// Why nothing is said of an answer that the plan does not give.
pub(super) const NEEDS_STATUS: &str = "needs a status that it comes with";
/// How often a plan with a probability may hit in a row unless it says so itself.
const IN_A_ROW: u64 = 3;
/// What the extended health tells of: services, then users.
pub(super) const COMPONENTS: [&str; 5] =
    ["pod", "datafeed", "key_manager", "agentservice", "ceservice"];
/// The one operation that tells of them.
const HEALTH: [&str; 1] = ["health_extended_v3"];

/// The longest pattern of an operation: no name and no path is nearly as long.
const LONGEST_PATTERN: usize = 500;

impl PlanError {
    pub(super) fn of(field: &'static str, what: impl Into<String>) -> Self {
        Self { field: Some(field.into()), what: what.into() }
    }

    pub(super) fn unknown(field: &str, what: impl Into<String>) -> Self {
        Self { field: Some(field.to_owned().into()), what: what.into() }
    }

    pub(super) fn whole(what: impl Into<String>) -> Self {
        Self { field: None, what: what.into() }
    }

    /// The field that is wrong; none where it is the plan as a whole.
    pub fn field(&self) -> Option<&str> {
        self.field.as_deref()
    }

    /// What is wrong with it, and what was expected.
    pub fn what(&self) -> &str {
        &self.what
    }

    pub(super) fn into_parts(self) -> (Option<Cow<'static, str>>, String) {
        (self.field, self.what)
    }
}

impl Checked {
    pub fn new(mut plan: FaultPlan, around: &Surroundings<'_>) -> Result<Self, PlanError> {
        let Surroundings { catalogue, listeners, world, .. } = around;
        if let Some(field) = plan.misplaced {
            return Err(PlanError::of(field, NEEDS_STATUS));
        }
        check_effects(&plan.effects)?;
        let of_proxy = plan.is_of_proxy();
        let listener = match of_proxy {
            true => None,
            false => listener(&mut plan, listeners)?,
        };
        let operations = match (of_proxy, plan.effects.kept_out) {
            (true, _) => {
                check_tunnels(&plan.effects, listeners)?;
                check_connections(&plan, "listener", around.of_main)?;
                Box::default()
            }
            (false, Some(kept_out)) => {
                check_connections(&plan, kept_out.field(), around.of_main)?;
                Box::default()
            }
            (false, None) => operations(&plan, catalogue, listener.map(|id| listeners.get(id)))?,
        };
        let who = plan.user.as_deref().map(|name| who(name, plan.lenient, world)).transpose()?;
        let first = plan.nth.unwrap_or(1);
        if first == 0 {
            return Err(PlanError::of("nth", "calls are counted from 1"));
        }
        for (field, value) in [("times", plan.times), ("inARow", plan.in_a_row)] {
            if value == Some(0) {
                return Err(PlanError::of(field, "0 is never; expected 1 or more"));
            }
        }
        if let Some(probability) = plan.probability
            && !(probability > 0.0 && probability <= 1.0)
        {
            let what = format!("{probability} is no chance; expected more than 0 and up to 1");
            return Err(PlanError::of("probability", what));
        }
        // One call is meant by `nth`; and a feed that keeps its events back again and again would
        // never hand them out.
        let once = plan.nth.is_some() || plan.effects.withhold_events.is_some();
        let times = plan.times.or(once.then_some(1));
        let by_chance = plan.probability.is_some_and(|probability| probability < 1.0);
        let in_a_row = plan.in_a_row.or(by_chance.then_some(IN_A_ROW));
        let name = name(&plan)?;
        Ok(Self { name, who, first, times, in_a_row, listener, of_proxy, operations, plan })
    }

    pub fn matches(&self, call: &Call) -> bool {
        self.operations.get(usize::from(call.place)) == Some(&true)
            && self.listener.is_none_or(|listener| listener == call.listener)
            && self.who.as_ref().is_none_or(|who| who.makes(call))
            && match &self.plan.effects.instead {
                // There is nothing to end for a caller without a session.
                Some(Replacement::SessionExpired) => call.session.is_some(),
                Some(Replacement::FeedLost) => !call.feeds.is_empty(),
                _ => true,
            }
            && (self.plan.effects.withhold_events.is_none() || !call.feeds.is_empty())
    }

    /// Whether it keeps connections to a listener out.
    pub fn keeps_out(&self, listener: ListenerId) -> bool {
        self.plan.effects.kept_out.is_some() && self.listener.is_none_or(|one| one == listener)
    }

    /// How connections are kept out, and by which listener: all of them where none is named.
    pub fn closes(&self) -> Option<(Option<ListenerId>, KeptOut)> {
        self.plan.effects.kept_out.map(|how| (self.listener, how))
    }

    /// Whether it means an operation that hands out events.
    pub fn means_reads(&self, catalogue: &Catalogue) -> bool {
        READS
            .iter()
            .flat_map(|name| catalogue.meant(name))
            .any(|place| self.operations.get(usize::from(place)) == Some(&true))
    }
}

impl Who {
    pub fn user(&self) -> Option<UserId> {
        self.user
    }

    fn makes(&self, call: &Call) -> bool {
        let caller = &call.caller;
        caller.user.is_some() && caller.user == self.user
            || caller.app.as_deref() == Some(self.name.as_str())
            || caller.name.as_deref() == Some(self.name.as_str())
    }
}

fn check_effects(effects: &Effects) -> Result<(), PlanError> {
    let names = effects.names();
    let alone = |field: &'static str, allowed: &[&str]| {
        let other = names.iter().find(|name| **name != field && !allowed.contains(name));
        other.map_or(Ok(()), |other| {
            Err(PlanError::of(other, format!("cannot go together with {field}")))
        })
    };
    if names.is_empty() {
        let what = "nothing is said about what happens; expected an effect, one of status, delay, \
                    hang, reset, cutBody, malformedJson, contentType, expireSession, loseFeed, \
                    duplicateEvents, reorderEvents, withholdEvents, addFields, setFields, addEvents, \
                    unhealthy, refuseConnections, endHandshakes, or a pack";
        return Err(PlanError::whole(what));
    }
    match &effects.instead {
        Some(Replacement::Silence) => alone("hang", &[])?,
        Some(Replacement::Reset) => alone("reset", &["delay"])?,
        Some(Replacement::Answer { status, body, headers }) => {
            check_answer(*status, body.is_some(), headers)?;
        }
        _ => {}
    }
    if effects.duplicate_events {
        alone("duplicateEvents", &["reorderEvents", "delay"])?;
    }
    if effects.reorder_events {
        alone("reorderEvents", &["duplicateEvents", "delay"])?;
    }
    match effects.withhold_events {
        Some(Withhold::Reads(0)) => {
            return Err(PlanError::of("withholdEvents", "0 reads are none; expected 1 or more"));
        }
        Some(Withhold::For(time)) if time.is_zero() => {
            return Err(PlanError::of("withholdEvents", "expected a time of more than nothing"));
        }
        Some(_) => alone("withholdEvents", &["delay"])?,
        None => {}
    }
    let unknown = effects.changes.unhealthy.iter().find(|it| !COMPONENTS.contains(&it.as_str()));
    if let Some(unknown) = unknown {
        let what = format!("there is no {unknown}; expected any of {}", COMPONENTS.join(", "));
        return Err(PlanError::of("unhealthy", what));
    }
    if let Some(kept_out) = effects.kept_out {
        alone(kept_out.field(), &[])?;
    }
    if let Some(content_type) = &effects.content_type {
        HeaderValue::from_str(content_type)
            .map_err(|_| PlanError::of("contentType", "expected a value that a header can have"))?;
    }
    Ok(())
}

/// More than any client bears: Python's `http.client` gives up after 100.
const MOST_HEADERS: usize = 256;

/// As much as HTTP/2 libraries take in a list of headers.
const MOST_HEADER_BYTES: usize = 64 << 10;

fn check_answer(
    status: u16,
    body: bool,
    headers: &std::collections::BTreeMap<String, String>,
) -> Result<(), PlanError> {
    let code = StatusCode::from_u16(status).ok().filter(|_| (200..=599).contains(&status));
    let Some(code) = code else {
        let what = format!("{status} is no status of an answer; expected one from 200 to 599");
        return Err(PlanError::of("status", what));
    };
    if body && [StatusCode::NO_CONTENT, StatusCode::NOT_MODIFIED].contains(&code) {
        return Err(PlanError::of("body", format!("an answer with status {code} has none")));
    }
    let size: usize = headers.iter().map(|(name, value)| name.len() + value.len()).sum();
    if headers.len() > MOST_HEADERS || size > MOST_HEADER_BYTES {
        let what = format!(
            "{} headers of {size} bytes; an answer is given {MOST_HEADERS} of {MOST_HEADER_BYTES} \
             bytes at most",
            headers.len()
        );
        return Err(PlanError::of("headers", what));
    }
    for (name, value) in headers {
        const OF_THE_CONNECTION: [HeaderName; 3] =
            [header::CONTENT_LENGTH, header::TRANSFER_ENCODING, header::CONNECTION];
        let parsed =
            name.parse::<HeaderName>().ok().filter(|_| HeaderValue::from_str(value).is_ok());
        if parsed.is_none_or(|name| OF_THE_CONNECTION.contains(&name)) {
            let what = format!("{name}: {value:?} is no header that an answer can be given");
            return Err(PlanError::of("headers", what));
        }
    }
    Ok(())
}

/// The one listener that is meant, by whose name the plan goes from now on.
fn listener(plan: &mut FaultPlan, known: &Listeners) -> Result<Option<ListenerId>, PlanError> {
    let Some(name) = &plan.listener else { return Ok(None) };
    let Some(id) = known.meant(name) else {
        let what = match name.parse::<ListenerRole>() {
            Ok(role) => format!("no listener stands for the {role}: `--listen {role}` makes one"),
            Err(_) => no_listener(known, name),
        };
        return Err(PlanError::of("listener", what));
    };
    plan.listener = Some(known.get(id).name().to_owned());
    Ok(Some(id))
}

/// What can be done to a `CONNECT`.
fn check_tunnels(effects: &Effects, listeners: &Listeners) -> Result<(), PlanError> {
    const POSSIBLE: [&str; 4] = ["status", "delay", "hang", "reset"];
    if !listeners.are_behind_proxy() {
        let what = "the server has no forward proxy: it is started with --proxy";
        return Err(PlanError::of("listener", what));
    }
    if let Some(other) = effects.names().into_iter().find(|name| !POSSIBLE.contains(name)) {
        let what = format!("cannot be done to a tunnel; expected any of {}", POSSIBLE.join(", "));
        return Err(PlanError::of(other, what));
    }
    match effects.instead {
        // The client would take any other for the beginning of its tunnel, or for nothing.
        Some(Replacement::Answer { status, .. }) if status < 400 => {
            let what = format!("{status} refuses no tunnel; expected one from 400 to 599");
            Err(PlanError::of("status", what))
        }
        _ => Ok(()),
    }
}

/// Connections come before all that calls are told apart by. `field` is what says that it is about them.
fn check_connections(
    plan: &FaultPlan,
    field: &'static str,
    of_main: bool,
) -> Result<(), PlanError> {
    if !of_main {
        let what = "a connection comes before the name of a pod: plan it for the main pod, or have \
                    the calls of this one fail, by {\"pack\": \"agent-down\", \"listener\": …} for one";
        return Err(PlanError::of(field, what));
    }
    let stray = [("operation", !plan.operations.is_empty()), ("user", plan.user.is_some())];
    match stray.into_iter().find(|(_, given)| *given) {
        None => Ok(()),
        Some((stray, _)) => {
            let what = format!("cannot go together with {field}, which is about connections");
            Err(PlanError::of(stray, what))
        }
    }
}

fn operations(
    plan: &FaultPlan,
    catalogue: &Catalogue,
    listener: Option<&Listener>,
) -> Result<Box<[bool]>, PlanError> {
    let effects = &plan.effects;
    // What the effect can be done to at all.
    let adds_events = !effects.changes.add_events.is_empty();
    let open_to = if effects.on_events() || effects.withhold_events.is_some() || adds_events {
        Some((&READS[..], "hands out no events"))
    } else if effects.instead == Some(Replacement::FeedLost) {
        Some((&OF_A_FEED[..], "is not about a feed"))
    } else if !effects.changes.unhealthy.is_empty() {
        Some((&HEALTH[..], "tells of no component's health"))
    } else {
        None
    };
    let names: Vec<_> = catalogue.operations().map(|operation| operation.name).collect();
    let possible = |place: u16| {
        open_to.is_none_or(|(possible, _)| possible.contains(&names[usize::from(place)]))
    };
    let mut meant = vec![false; names.len()];
    if plan.operations.len() > names.len() {
        let what = format!("expected {} names or patterns at most", names.len());
        return Err(PlanError::of("operation", what));
    }
    let everything = ["*".to_owned()];
    let wanted = if plan.operations.is_empty() { &everything[..] } else { &plan.operations };
    for wanted in wanted {
        if wanted.len() > LONGEST_PATTERN {
            let what = format!("expected a name or pattern of {LONGEST_PATTERN} bytes at most");
            return Err(PlanError::of("operation", what));
        }
        let found: Vec<_> = catalogue.meant(wanted).collect();
        if found.is_empty() {
            let near = catalogue.nearest(wanted).map(|near| format!("; the nearest is {near}"));
            let what = format!("there is no operation {wanted}{}", near.unwrap_or_default());
            return Err(PlanError::of("operation", what));
        }
        if !found.iter().any(|place| possible(*place))
            && let Some((names, why)) = open_to
        {
            let what = format!("{wanted} {why}; expected any of {}", names.join(", "));
            return Err(PlanError::of("operation", what));
        }
        for place in found.into_iter().filter(|place| possible(*place)) {
            meant[usize::from(place)] = true;
        }
    }
    if let Some(listener) = listener {
        for (meant, operation) in meant.iter_mut().zip(catalogue.operations()) {
            *meant &= listener.role().serves(operation.path);
        }
        if !meant.contains(&true) {
            let (name, role) = (listener.name(), listener.role());
            let what = format!("{name} stands for the {role}, which serves none of the operations");
            return Err(PlanError::of("listener", what));
        }
    }
    Ok(meant.into())
}

fn who(name: &str, lenient: bool, world: &World) -> Result<Who, PlanError> {
    if !lenient {
        check_caller(world, name).map_err(|what| PlanError::of("user", what))?;
    }
    let user = world.users.by_username(world.identity.id, name).map(|user| user.id);
    Ok(Who { name: name.to_owned(), user })
}

/// The name that answers carry: that of the plan, or what it does.
fn name(plan: &FaultPlan) -> Result<Arc<str>, PlanError> {
    const LONGEST: usize = 100;
    let Some(name) = &plan.name else {
        let name = match &plan.effects.instead {
            Some(Replacement::Answer { status, .. }) => format!("status-{status}"),
            _ => plan.effects.names().join("+"),
        };
        return Ok(name.into());
    };
    let allowed = |c: u8| c.is_ascii_graphic() || c == b' ';
    let fits = (1..=LONGEST).contains(&name.len()) && name.bytes().all(allowed);
    if !fits || name.trim() != name {
        let what = format!("expected from 1 to {LONGEST} printable ASCII characters");
        return Err(PlanError::of("name", what));
    }
    Ok(name.as_str().into())
}
