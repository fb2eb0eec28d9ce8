//! `/_mock/expect`: waits until the pod was called as expected, or says what came nearest.

mod body;
mod tally;

use std::time::Duration;

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Value, json};

use super::callers::check_caller;
use super::extract::{CurrentTenant, Expected, JsonBody, duration};
use super::journal::{Journal, Record, Since, StatusPattern};
use crate::clock::{Clock, patience};
use crate::control::{ControlRefusal, Tenant};
use crate::decode;
use body::BodyPattern;
use tally::Tally;

/// Calls that a test expects.
///
/// The operation goes by its name, as `GET /_mock/operations` lists them, or is written as
/// `METHOD /path/with/{parameters}`. Without a count one call at least is expected.
///
/// ```
/// use symphony_mock_pod::Expectation;
///
/// let sent = Expectation::of("create_message_v4").user("bot").body("Hello").exactly(1);
/// let nothing_else = Expectation::of("POST /agent/v4/message/blast").exactly(0);
/// ```
#[derive(Debug, Clone)]
#[must_use = "an expectation does nothing by itself"]
pub struct Expectation {
    operation: String,
    user: Option<String>,
    /// Whether the user must be there already.
    strict: bool,
    listener: Option<String>,
    status: Option<StatusPattern>,
    body: Option<BodyPattern>,
    count: Count,
    since: Since,
    within: Option<Duration>,
}

#[derive(Debug, Clone, Copy)]
struct Count {
    at_least: u64,
    at_most: Option<u64>,
}

/// Why an expectation was not met.
#[derive(Debug, Clone, Serialize, JsonSchema, thiserror::Error)]
#[error("{message}{}{}", nearest_in_words(near), hints_in_words(hints))]
pub struct Unmet {
    pub message: String,
    /// The calls that were as expected: too few, or too many.
    pub matched: Vec<Record>,
    /// Those that came nearest, the nearest first.
    pub near: Vec<NearMiss>,
    /// What to look at besides: known mistakes of which no refusal tells.
    pub hints: Vec<String>,
    #[serde(skip)]
    too_few: bool,
}

/// A call that is not as expected.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct NearMiss {
    /// What is not.
    pub missed: Vec<Miss>,
    pub request: Record,
}

/// A condition that was missed.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Miss {
    pub condition: &'static str,
    pub expected: Value,
    pub actual: Value,
}

/// How long one waits for a call by default.
const WITHIN: Duration = Duration::from_secs(5);
const NO_JOURNAL: &str =
    "the pod keeps no journal: --journal-bytes is 0, or too little for named pods";
/// How many near misses are told.
const NEAREST: usize = 5;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Request {
    operation: String,
    /// Name of the user, or id of the app. One that nobody has is refused.
    user: Option<String>,
    /// False where the user is somebody who is not there yet, or never will be.
    strict: Option<bool>,
    /// Name of the listener that they come to.
    listener: Option<String>,
    status: Option<Value>,
    body: Option<Value>,
    count: Option<Counted>,
    since: Option<Value>,
    within: Option<String>,
}

#[derive(JsonSchema)]
#[schemars(untagged)]
pub enum Counted {
    Exactly(u64),
    #[schemars(rename_all = "camelCase")]
    Between {
        at_least: Option<u64>,
        at_most: Option<u64>,
    },
}

impl<'de> Deserialize<'de> for Counted {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase", deny_unknown_fields)]
        struct Between {
            at_least: Option<u64>,
            at_most: Option<u64>,
        }
        let count = Value::deserialize(deserializer)?;
        if let Some(count) = count.as_u64() {
            return Ok(Self::Exactly(count));
        }
        let Between { at_least, at_most } = decode::value(count).map_err(D::Error::custom)?;
        if at_least.or(at_most).is_none() {
            return Err(D::Error::custom("expected a number, or atLeast or atMost"));
        }
        Ok(Self::Between { at_least, at_most })
    }
}

impl Expected for Request {
    const EXPECTED: &'static str =
        r#"{"operation": "session_authenticate_v1", "user": "bot", "within": "5s"}"#;
}

pub async fn expect(
    tenant: CurrentTenant,
    JsonBody(request): JsonBody<Request>,
) -> Result<Response, ControlRefusal> {
    let expectation = Expectation::read(request)?;
    expectation.check(&tenant).map_err(|(field, error)| match field {
        Some(field) => ControlRefusal::field(field, error),
        None => ControlRefusal::body(error),
    })?;
    Ok(match tenant.expect(&expectation).await {
        Ok(matched) => Json(json!({ "matched": matched })).into_response(),
        Err(unmet) => (StatusCode::EXPECTATION_FAILED, Json(unmet)).into_response(),
    })
}

impl Expectation {
    /// Expects one call at least of the operation.
    pub fn of(operation: impl Into<String>) -> Self {
        Self {
            operation: operation.into(),
            user: None,
            strict: true,
            listener: None,
            status: None,
            body: None,
            count: Count { at_least: 1, at_most: None },
            since: Since::Id(0),
            within: None,
        }
    }

    /// By this user or app, which the pod must have unless [`strict`](Self::strict) says otherwise.
    pub fn user(self, name: impl Into<String>) -> Self {
        Self { user: Some(name.into()), ..self }
    }

    /// With `false`, the user may be somebody who is not there yet, or whom the pod does not let in.
    /// Otherwise a name that nobody has is refused: it would never match.
    ///
    /// ```
    /// # tokio::runtime::Runtime::new()?.block_on(async {
    /// # let pod = symphony_mock_pod::MockPod::start().await?;
    /// use symphony_mock_pod::Expectation;
    ///
    /// let login = Expectation::of("session_authenticate_v1").user("bott").exactly(0);
    /// let error = pod.expect(login.clone()).await.unwrap_err();
    /// assert!(error.to_string().contains("the nearest is \"bot\""));
    /// pod.expect(login.strict(false)).await?;
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    pub fn strict(self, strict: bool) -> Self {
        Self { strict, ..self }
    }

    /// That come to the listener called so: `main`, `mtls`, or a further one.
    pub fn listener(self, name: impl Into<String>) -> Self {
        Self { listener: Some(name.into()), ..self }
    }

    /// That were answered so.
    pub fn status(self, status: u16) -> Self {
        Self { status: Some(StatusPattern::one(status)), ..self }
    }

    /// Whose body has this text somewhere; or, for any other JSON, whose body is JSON that has
    /// whatever is in this.
    pub fn body(self, body: impl Into<Value>) -> Self {
        Self { body: Some(BodyPattern::of(body.into())), ..self }
    }

    /// As many as this. With 0 it is enough that none has come so far, unless
    /// [`within`](Self::within) says how long to watch.
    pub fn exactly(self, count: u64) -> Self {
        Self { count: Count { at_least: count, at_most: Some(count) }, ..self }
    }

    pub fn at_least(self, count: u64) -> Self {
        Self { count: Count { at_least: count, at_most: None }, ..self }
    }

    /// None at all, or up to this many.
    pub fn at_most(self, count: u64) -> Self {
        Self { count: Count { at_least: 0, at_most: Some(count) }, ..self }
    }

    /// That ended after the call with this number, which is [`Record::id`].
    pub fn after(self, id: u64) -> Self {
        Self { since: Since::Id(id), ..self }
    }

    /// How long to wait for them, in real time; or, where none must come, how long to watch, in the
    /// pod's time.
    pub fn within(self, time: Duration) -> Self {
        Self { within: Some(time), ..self }
    }

    /// Whether anything can meet it.
    ///
    /// # Errors
    /// Says in words why not, with the field that is to blame where one is.
    pub(crate) fn check(&self, tenant: &Tenant) -> Result<(), (Option<&'static str>, String)> {
        let of = |field| move |error| (Some(field), error);
        if !tenant.journal.is_on() {
            return Err((None, NO_JOURNAL.to_owned()));
        }
        tenant.journal.operation(&self.operation).map_err(of("operation"))?;
        if let Some(listener) = &self.listener {
            tenant.journal.check_listener(listener).map_err(of("listener"))?;
        }
        if let Some(status) = self.status {
            status.check().map_err(of("status"))?;
        }
        if let Some(user) = &self.user
            && self.strict
        {
            check_caller(&tenant.pod.world(), user).map_err(of("user"))?;
        }
        Ok(())
    }

    fn read(request: Request) -> Result<Self, ControlRefusal> {
        let written = |value: Value| match value {
            Value::String(text) => text,
            other => other.to_string(),
        };
        let status = request.status.map(|status| {
            let read = StatusPattern::parse(&written(status));
            read.map_err(|error| ControlRefusal::field("status", error))
        });
        let since = request.since.map(|since| {
            let refusal = || ControlRefusal::field("since", Since::EXPECTED);
            Since::parse(&written(since)).ok_or_else(refusal)
        });
        let within = request.within.map(|within| duration("within", &within));
        let count = match request.count {
            None => Count { at_least: 1, at_most: None },
            Some(Counted::Exactly(count)) => Count { at_least: count, at_most: Some(count) },
            Some(Counted::Between { at_least, at_most }) => {
                Count { at_least: at_least.unwrap_or(0), at_most }
            }
        };
        if count.at_most.is_some_and(|at_most| at_most < count.at_least) {
            return Err(ControlRefusal::field("count", "atMost is less than atLeast"));
        }
        Ok(Self {
            operation: request.operation,
            user: request.user,
            strict: request.strict != Some(false),
            listener: request.listener,
            status: status.transpose()?,
            body: request.body.map(BodyPattern::of),
            count,
            since: since.transpose()?.unwrap_or(Since::Id(0)),
            within: within.transpose()?,
        })
    }
}

impl Tenant {
    /// The same as [`Journal::expect`], with what is known to keep calls from coming.
    pub async fn expect(&self, expectation: &Expectation) -> Result<Vec<Record>, Unmet> {
        let met = self.journal.expect(&self.pod.clock, expectation).await;
        met.map_err(|unmet| match unmet.too_few {
            true => Unmet { hints: self.hints(), ..unmet },
            false => unmet,
        })
    }
}

impl Journal {
    /// Waits until what is expected has come, and gives it.
    ///
    /// Calls that must come are waited for on the machine's clock, 5 seconds unless the expectation
    /// says otherwise: clients live in real time whatever the pod's clock does. They are enough as
    /// soon as they are there. Calls that must not come (`atMost` without `atLeast`, or a count of
    /// 0) are watched for on the pod's clock; while it stands still nothing can happen in its time,
    /// and what is there already decides.
    ///
    /// # Errors
    /// When it did not come, or too much of it did; or when so much was forgotten that nobody can
    /// tell whether it came.
    pub async fn expect(
        &self,
        clock: &Clock,
        expectation: &Expectation,
    ) -> Result<Vec<Record>, Unmet> {
        let mut tally = Tally::new(self, expectation);
        let count = expectation.count;
        let begun = clock.now();
        if count.at_least > 0 {
            let within = expectation.within.unwrap_or(WITHIN);
            patience(within, tally.decide()).await;
        } else if let Some(within) = expectation.within
            && !clock.is_frozen()
        {
            tokio::select! {
                _ = patience(within, tally.decide()) => {}
                () = clock.sleep_until(begun.plus(within)) => {}
            }
        }
        tally.look();
        tally.conclude()
    }
}

/// The misses for people, a line for each call.
fn nearest_in_words(near: &[NearMiss]) -> String {
    let line = |near: &NearMiss| {
        let missed = near.missed.iter().map(|miss| {
            format!("{} should be {} and is {}", miss.condition, miss.expected, miss.actual)
        });
        let what = match (&near.request.method, &near.request.path) {
            (Some(method), Some(path)) => format!("{method} {path}"),
            _ => "a handshake".to_owned(),
        };
        format!("\n  near: #{} {what}: {}", near.request.id, missed.collect::<Vec<_>>().join(", "))
    };
    near.iter().map(line).collect()
}

fn hints_in_words(hints: &[String]) -> String {
    hints.iter().map(|hint| format!("\n  hint: {hint}")).collect()
}

impl Expectation {
    fn in_words(&self) -> String {
        let Count { at_least, at_most } = self.count;
        let count = match (at_least, at_most) {
            (at_least, Some(at_most)) if at_least == at_most => at_least.to_string(),
            (0, Some(at_most)) => format!("{at_most} at most"),
            (at_least, Some(at_most)) => format!("{at_least} to {at_most}"),
            (at_least, None) => format!("{at_least} at least"),
        };
        let by = self.user.as_ref().map(|user| format!(" by {user:?}")).unwrap_or_default();
        let at = self.listener.as_ref().map(|name| format!(" at {name}")).unwrap_or_default();
        let status = self.status.map(|status| format!(" answered {status}")).unwrap_or_default();
        let body = if self.body.is_some() { " with such a body" } else { "" };
        format!("calls of {}{by}{at}{status}{body}: expected {count}", self.operation)
    }
}
