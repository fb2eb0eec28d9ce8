//! `/_mock/people/{user}/answers`: what people do by themselves when a bot sends something.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::Json;
use axum::http::StatusCode;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::extract::{CurrentTenant, Expected, JsonBody, PathParameter, PathParameters, duration};
use super::people::messages::{Entered, data_text, said};
use super::people::{somebody, stream, whom};
use super::{ControlRefusal, Tenant};
use crate::domain::{Expression, FormValue, Reaction, Script, Submission, Trigger};

/// What somebody does when a service user sends a message that fits into a stream he is in. Of
/// several scripts of his that fit, the first one that has not been done often enough is done.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Scripting {
    #[serde(default)]
    when: When,
    answer: Answer,
    /// How often it is done; by default always.
    times: Option<u32>,
    /// How long he takes, by the pod's clock: a duration like `5s`. By default he answers at once.
    after: Option<String>,
}

/// Which messages fit. What is left out restricts nothing.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct When {
    /// Id of a stream, or name of a room.
    pub stream: Option<String>,
    /// Username of the service user.
    pub from: Option<String>,
    /// A regular expression that is found in the first 4,096 bytes of what the message says. Those of all
    /// answers together are compiled to 64 KiB at most; plain texts do not count.
    pub matches: Option<String>,
    /// Id of a form in the message.
    pub form: Option<String>,
}

/// One of: `message`, `messageML` or `presentationML`; `form` with `button`; `read`; `join`.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// What he says, as he types it into his client.
    message: Option<String>,
    /// MessageML, as bots send it.
    #[serde(rename = "messageML")]
    message_ml: Option<String>,
    /// What is sent exactly so, checked by nobody.
    #[serde(rename = "presentationML")]
    presentation_ml: Option<String>,
    /// EntityJSON. Beside `presentationML` any text.
    data: Option<Value>,
    /// What he enters into the message's form, by the names of its controls.
    form: Option<BTreeMap<String, Entered>>,
    /// The button that he presses; needed only where the form has several.
    button: Option<String>,
    /// Whether he reads the message.
    read: Option<bool>,
    /// Name or id of the public room that he goes into.
    join: Option<String>,
}

/// How many a pod may have: each is tried on every message of a service user.
const MOST: usize = 1_000;

/// What their expressions may be compiled to together, in bytes. With it, and with what of a message is
/// looked at, goes the time that a message of a service user takes.
const LARGEST_TOGETHER: usize = 64 << 10;

impl Expected for Scripting {
    const EXPECTED: &'static str =
        r#"{"when": {"matches": "lunch"}, "answer": {"message": "yes"}}"#;
}

pub async fn script(
    tenant: CurrentTenant,
    PathParameter(user): PathParameter<String>,
    JsonBody(Scripting { when, answer, times, after }): JsonBody<Scripting>,
) -> Result<(StatusCode, Json<Value>), ControlRefusal> {
    let after = match after {
        None => Duration::ZERO,
        Some(after) => duration("after", &after)?,
    };
    let id = add(&tenant, &user, when, answer.read()?, times, after)?;
    Ok((StatusCode::CREATED, Json(json!({ "id": id }))))
}

/// What somebody does, with names where the world has ids.
#[derive(Debug, Clone)]
pub enum AnswerWith {
    Say(Submission),
    Form { button: Option<String>, values: BTreeMap<String, FormValue> },
    Read,
    Join(String),
}

/// Has somebody answer by himself. Gives the number of the script.
pub fn add(
    tenant: &Tenant,
    user: &str,
    when: When,
    with: AnswerWith,
    times: Option<u32>,
    after: Duration,
) -> Result<u64, ControlRefusal> {
    let matches = when.matches.as_deref().map(expression).transpose()?;
    let mut world = tenant.pod.world();
    let person = somebody(&world, user)?;
    if world.users.by_id(person).is_some_and(|user| user.is_service_user()) {
        let problem = format!("{user} is a service user, whose answers are your bot's");
        return Err(ControlRefusal::body(problem));
    }
    let from = when.from.map(|from| whom(&world, "when.from", &from)).transpose()?;
    let wanted = when.stream.map(|wanted| stream(&world, "when.stream", &wanted)).transpose()?;
    let reaction = match with {
        AnswerWith::Say(submission) => Reaction::Say(submission),
        AnswerWith::Form { button, values } => {
            Reaction::Submit { form: when.form.clone(), button, values }
        }
        AnswerWith::Read => Reaction::Read,
        AnswerWith::Join(room) => Reaction::Join(stream(&world, "answer.join", &room)?),
    };
    let trigger = Trigger { stream: wanted, from, matches, form: when.form };
    if world.answers.count() >= MOST {
        let problem = format!("the pod has {MOST} answers already: forget some first");
        return Err(ControlRefusal::body(problem));
    }
    let size = trigger.matches.as_ref().map_or(0, Expression::size);
    let together = world.answers.expressions_size() + size;
    if size > 0 && together > LARGEST_TOGETHER {
        let problem = format!(
            "compiled, this expression takes {size} bytes, and with it those of the pod's answers {together}: \
             {LARGEST_TOGETHER} are the most. Plain texts take none, counted repetitions such as [a-z]{{300}} \
             take many; forget some answers, or shorten their expressions"
        );
        return Err(ControlRefusal::field("when.matches", problem));
    }
    Ok(world.answers.add(Script {
        person,
        when: trigger,
        reaction,
        left: times,
        after,
        done: 0,
        failed: None,
    }))
}

impl Answer {
    /// What is to be done, which is one thing.
    fn read(self) -> Result<AnswerWith, ControlRefusal> {
        let Self { message, message_ml, presentation_ml, data, form, button, read, join } = self;
        let says = message.is_some() || message_ml.is_some() || presentation_ml.is_some();
        match (says, form, read, join) {
            (true, None, None, None) if button.is_none() => {
                let written = Submission::written(message, message_ml, presentation_ml);
                let data = data.map(data_text);
                Ok(AnswerWith::Say(Submission { data, ..said(written, "answer.message")? }))
            }
            (false, Some(values), None, None) if data.is_none() => {
                let values = values.into_iter().map(|(name, value)| (name, value.into())).collect();
                Ok(AnswerWith::Form { button, values })
            }
            (false, None, Some(true), None) if data.is_none() && button.is_none() => {
                Ok(AnswerWith::Read)
            }
            (false, None, None, Some(room)) if data.is_none() && button.is_none() => {
                Ok(AnswerWith::Join(room))
            }
            _ => {
                let problem = r#"expected one of {"message": "yes"}, {"form": {"name": "x"}, "button": "ok"}, {"read": true}, {"join": "Room"}"#;
                Err(ControlRefusal::field("answer", problem))
            }
        }
    }
}

pub async fn list(
    tenant: CurrentTenant,
    PathParameter(user): PathParameter<String>,
) -> Result<Json<Value>, ControlRefusal> {
    let world = tenant.pod.world();
    let person = somebody(&world, &user)?;
    let answers: Vec<_> = world.answers.of(person).map(|(id, script)| row(id, script)).collect();
    Ok(Json(json!({ "answers": answers })))
}

pub async fn forget_all(
    tenant: CurrentTenant,
    PathParameter(user): PathParameter<String>,
) -> Result<StatusCode, ControlRefusal> {
    let mut world = tenant.pod.world();
    let person = somebody(&world, &user)?;
    world.answers.remove(person, None);
    Ok(StatusCode::NO_CONTENT)
}

pub async fn forget(
    tenant: CurrentTenant,
    PathParameters(user, id): PathParameters<String, String>,
) -> Result<StatusCode, ControlRefusal> {
    let mut world = tenant.pod.world();
    let person = somebody(&world, &user)?;
    let removed = id.parse().is_ok_and(|id| world.answers.remove(person, Some(id)) > 0);
    let unknown = || ControlRefusal::not_found(format!("{user} has no answer {id:?}"));
    removed.then_some(StatusCode::NO_CONTENT).ok_or_else(unknown)
}

/// Compiles a regular expression that is looked for in every message of a service user.
fn expression(pattern: &str) -> Result<Expression, ControlRefusal> {
    /// In bytes.
    const LONGEST: usize = 1_000;
    /// What it is compiled to, in bytes: a counted repetition of counted repetitions is as slow as it is
    /// long.
    const LARGEST: usize = 32 << 10;
    let refused = |what: String| ControlRefusal::field("when.matches", what);
    if pattern.len() > LONGEST {
        return Err(refused(format!("expected a regular expression of {LONGEST} bytes at most")));
    }
    Expression::new(pattern, LARGEST).map_err(|error| refused(error.to_string()))
}

fn row(id: u64, script: &Script) -> Value {
    let answer = match &script.reaction {
        Reaction::Say(_) => "message",
        Reaction::Submit { .. } => "form",
        Reaction::Read => "read",
        Reaction::Join(_) => "join",
    };
    json!({
        "id": id,
        "answer": answer,
        "matches": script.when.matches.as_ref().map(Expression::as_str),
        "timesLeft": script.left,
        "done": script.done,
        "failed": script.failed,
    })
}
