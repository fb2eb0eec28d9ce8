//! A plan as JSON.

#[cfg(test)]
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::time::Duration;

#[cfg(test)]
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value, json};

#[cfg(test)]
use super::check::COMPONENTS;
use super::check::{NEEDS_STATUS, PlanError};
use super::packs;
use super::plan::{BodyFault, Changes, Effects, FaultPlan, KeptOut, Replacement, Withhold};
use crate::domain::likeness;

/// The fields that say which calls are hit, and when.
const GENERAL: [&str; 12] = [
    "pack",
    "name",
    "operation",
    "user",
    "listener",
    "strict",
    "nth",
    "times",
    "probability",
    "inARow",
    "delay",
    "and",
];

/// The fields that say what happens.
const EFFECTS: [&str; 20] = [
    "status",
    "body",
    "headers",
    "retryAfter",
    "hang",
    "reset",
    "cutBody",
    "malformedJson",
    "contentType",
    "expireSession",
    "loseFeed",
    "duplicateEvents",
    "reorderEvents",
    WITHHOLD,
    "addFields",
    "setFields",
    "addEvents",
    "unhealthy",
    KeptOut::Refused.field(),
    KeptOut::InHandshake.field(),
];

const WITHHOLD: &str = "withholdEvents";

const EXAMPLE: &str = r#"{"operation": "datafeeds_read_v5", "status": 503, "times": 2}"#;

/// What [`read`] takes, as the control port's description has it.
#[cfg(test)]
pub struct FaultDocument;

#[cfg(test)]
impl crate::control::extract::Expected for FaultDocument {
    const EXPECTED: &'static str = EXAMPLE;
}

#[cfg(test)]
impl JsonSchema for FaultDocument {
    fn schema_name() -> Cow<'static, str> {
        "FaultDocument".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let names: Vec<_> = packs::names().collect();
        let (flag, whole, duration) = (
            json!({ "type": "boolean" }),
            json!({ "type": "integer", "minimum": 1 }),
            json!({ "type": "string", "examples": ["500ms", "30s", "2m"] }),
        );
        json_schema!({
            "type": "object",
            "additionalProperties": false,
            "properties": {
                "pack": { "type": "string", "enum": names },
                "name": { "type": "string", "maxLength": 100 },
                "operation": {
                    "description": "A name or a path, in which * stands for any text",
                    "anyOf": [
                        { "type": "string" },
                        { "type": "array", "items": { "type": "string" }, "minItems": 1 },
                    ],
                },
                "user": { "type": "string" },
                "listener": {
                    "description": "The listener that calls or connections come to: its name, or a role for the first that has it; or proxy, for CONNECT to the forward proxy",
                    "type": "string",
                },
                "strict": {
                    "description": "False where the user is one who is not there yet",
                    "type": "boolean",
                    "default": true,
                },
                "nth": whole,
                "times": whole,
                "probability": { "type": "number", "exclusiveMinimum": 0, "maximum": 1 },
                "inARow": whole,
                "delay": duration,
                "status": { "type": "integer", "minimum": 200, "maximum": 599 },
                "body": { "description": "JSON, or a text that is sent as it is" },
                "headers": { "type": "object", "additionalProperties": { "type": "string" } },
                "retryAfter": { "type": "integer", "minimum": 0 },
                "hang": flag,
                "reset": flag,
                "cutBody": flag,
                "malformedJson": flag,
                "contentType": { "type": "string" },
                "expireSession": flag,
                "loseFeed": flag,
                "duplicateEvents": flag,
                "reorderEvents": flag,
                "withholdEvents": {
                    "description": "For so many reads, or for a duration",
                    "anyOf": [whole, duration],
                },
                "addFields": {
                    "description": "Fields that all objects of answers have beside their own",
                    "type": "object",
                },
                "setFields": {
                    "description": "Values of fields, wherever answers have them",
                    "type": "object",
                },
                "addEvents": {
                    "description": "What reads of feeds hand out at once, as if it were events",
                    "type": "array",
                    "items": {},
                    "minItems": 1,
                },
                "unhealthy": {
                    "description": "What the extended health calls down, with 503",
                    "type": "array",
                    "items": { "type": "string", "enum": COMPONENTS },
                },
                "refuseConnections": flag,
                "endHandshakes": flag,
                "and": {
                    "description": "Faults that begin and end with this one",
                    "type": "array",
                    "items": { "type": "object" },
                },
            },
        })
    }
}

/// Reads a plan. Every field that a plan has not, or that is not what it should be, is an error
/// that names it.
pub fn read(body: &[u8]) -> Result<FaultPlan, PlanError> {
    let document: Value = serde_json::from_slice(body)
        .map_err(|error| PlanError::whole(format!("{error}; expected {EXAMPLE}")))?;
    let Value::Object(document) = document else {
        return Err(PlanError::whole(format!("expected an object like {EXAMPLE}")));
    };
    read_plan(&document)
}

fn read_plan(document: &Map<String, Value>) -> Result<FaultPlan, PlanError> {
    if let Some(unknown) = document.keys().find(|key| fields().all(|field| field != *key)) {
        return Err(unknown_field(unknown));
    }
    let reader = Reader(document);
    let pack = reader.text("pack")?.map(|name| packs::plan(&name)).transpose()?;
    let (base, effects) = match pack {
        Some(pack) => {
            let effects = reader.effects_of_pack(&pack.effects)?;
            (pack, effects)
        }
        None => (FaultPlan::default(), reader.effects()?),
    };
    let operations = reader.operations()?;
    Ok(FaultPlan {
        name: reader.text("name")?.or(base.name),
        operations: if operations.is_empty() { base.operations } else { operations },
        user: reader.text("user")?.or(base.user),
        listener: reader.text("listener")?.or(base.listener),
        lenient: reader.given("strict")? == Some(false),
        nth: reader.whole("nth")?.or(base.nth),
        times: reader.whole("times")?.or(base.times),
        probability: reader.probability()?.or(base.probability),
        in_a_row: reader.whole("inARow")?.or(base.in_a_row),
        effects,
        also: base.also.into_iter().chain(reader.also()?).collect(),
        misplaced: None,
    })
}

/// The plan as JSON that [`read`] would take.
pub fn write(plan: &FaultPlan) -> Map<String, Value> {
    let mut document = Map::new();
    let mut note = |field: &str, value: Option<Value>| {
        if let Some(value) = value {
            document.insert(field.to_owned(), value);
        }
    };
    let operations = match plan.operations.as_slice() {
        [] => json!("*"),
        [one] => json!(one),
        several => json!(several),
    };
    note("name", plan.name.as_ref().map(|name| json!(name)));
    // What is about connections comes before any operation.
    let of_calls = plan.effects.kept_out.is_none() && !plan.is_of_proxy();
    note("operation", of_calls.then_some(operations));
    note("user", plan.user.as_ref().map(|user| json!(user)));
    note("listener", plan.listener.as_ref().map(|name| json!(name)));
    note("strict", plan.lenient.then(|| json!(false)));
    note("nth", plan.nth.map(Value::from));
    note("times", plan.times.map(Value::from));
    note("probability", plan.probability.map(Value::from));
    note("inARow", plan.in_a_row.map(Value::from));
    let effects = &plan.effects;
    note("delay", effects.delay.map(duration_text));
    match &effects.instead {
        None => {}
        Some(Replacement::Answer { status, body, headers }) => {
            note("status", Some(json!(status)));
            note("body", body.clone());
            note("headers", (!headers.is_empty()).then(|| json!(headers)));
        }
        Some(Replacement::Silence) => note("hang", Some(json!(true))),
        Some(Replacement::Reset) => note("reset", Some(json!(true))),
        Some(Replacement::SessionExpired) => note("expireSession", Some(json!(true))),
        Some(Replacement::FeedLost) => note("loseFeed", Some(json!(true))),
    }
    match effects.spoiling {
        None => {}
        Some(BodyFault::Cut) => note("cutBody", Some(json!(true))),
        Some(BodyFault::MalformedJson) => note("malformedJson", Some(json!(true))),
    }
    note("contentType", effects.content_type.as_ref().map(|value| json!(value)));
    note("duplicateEvents", effects.duplicate_events.then(|| json!(true)));
    note("reorderEvents", effects.reorder_events.then(|| json!(true)));
    note(
        WITHHOLD,
        effects.withhold_events.map(|withhold| match withhold {
            Withhold::For(time) => duration_text(time),
            Withhold::Reads(reads) => json!(reads),
        }),
    );
    let changes = &effects.changes;
    let object = |fields: &Map<String, Value>| (!fields.is_empty()).then(|| json!(fields));
    note("addFields", object(&changes.add_fields));
    note("setFields", object(&changes.set_fields));
    note("addEvents", (!changes.add_events.is_empty()).then(|| json!(changes.add_events)));
    note("unhealthy", (!changes.unhealthy.is_empty()).then(|| json!(changes.unhealthy)));
    if let Some(kept_out) = effects.kept_out {
        note(kept_out.field(), Some(json!(true)));
    }
    note("and", (!plan.also.is_empty()).then(|| plan.also.iter().map(write).collect()));
    document
}

struct Reader<'a>(&'a Map<String, Value>);

impl Reader<'_> {
    fn effects(&self) -> Result<Effects, PlanError> {
        let mut instead = Vec::new();
        if let Some(answer) = self.answer()? {
            instead.push(("status", answer));
        }
        for (field, effect) in [
            ("hang", Replacement::Silence),
            ("reset", Replacement::Reset),
            ("expireSession", Replacement::SessionExpired),
            ("loseFeed", Replacement::FeedLost),
        ] {
            if self.switch(field)? {
                instead.push((field, effect));
            }
        }
        let mut spoiling = Vec::new();
        for (field, effect) in
            [("cutBody", BodyFault::Cut), ("malformedJson", BodyFault::MalformedJson)]
        {
            if self.switch(field)? {
                spoiling.push((field, effect));
            }
        }
        let mut kept_out = Vec::new();
        for how in [KeptOut::Refused, KeptOut::InHandshake] {
            if self.switch(how.field())? {
                kept_out.push((how.field(), how));
            }
        }
        Ok(Effects {
            kept_out: only(kept_out)?,
            delay: self.duration("delay")?,
            instead: only(instead)?,
            spoiling: only(spoiling)?,
            content_type: self.text("contentType")?,
            duplicate_events: self.switch("duplicateEvents")?,
            reorder_events: self.switch("reorderEvents")?,
            withhold_events: self.withhold()?,
            changes: Changes {
                add_fields: self.object("addFields")?,
                set_fields: self.object("setFields")?,
                add_events: self.list("addEvents")?,
                unhealthy: self.texts("unhealthy")?,
            },
        })
    }

    /// What a pack does, with what the document says otherwise.
    fn effects_of_pack(&self, pack: &Effects) -> Result<Effects, PlanError> {
        let answers = matches!(pack.instead, Some(Replacement::Answer { .. }));
        let stray = |field: &&str| {
            let of_answer = ["status", "body", "headers", "retryAfter"].contains(field);
            !(GENERAL.contains(field) || of_answer && answers)
        };
        if let Some(field) = self.0.keys().map(String::as_str).find(stray) {
            let what = "the pack brings effects of its own, which this one cannot go together with";
            return Err(PlanError::unknown(field, what));
        }
        let mut effects = pack.clone();
        effects.delay = self.duration("delay")?.or(effects.delay);
        if let Some(Replacement::Answer { status, body, headers }) = &mut effects.instead {
            if let Some(other) = self.whole("status")? {
                *status = u16::try_from(other).unwrap_or(u16::MAX);
                if let Some(code) = body.as_mut().and_then(|body| body.get_mut("code")) {
                    *code = json!(other);
                }
            }
            if let Some(other) = self.value("body") {
                *body = Some(other.clone());
            }
            headers.extend(self.headers()?);
        }
        Ok(effects)
    }

    fn answer(&self) -> Result<Option<Replacement>, PlanError> {
        let status = self.whole("status")?;
        let headers = self.headers()?;
        let Some(status) = status else {
            let stray = ["body", "headers", "retryAfter"].into_iter().find(|field| self.has(field));
            return match stray {
                Some(field) => Err(PlanError::of(field, NEEDS_STATUS)),
                None => Ok(None),
            };
        };
        let body = self.value("body").cloned();
        let status = u16::try_from(status).unwrap_or(u16::MAX);
        Ok(Some(Replacement::Answer { status, body, headers }))
    }

    fn headers(&self) -> Result<BTreeMap<String, String>, PlanError> {
        let expected = || PlanError::of("headers", "expected an object of texts");
        let mut headers = BTreeMap::new();
        if let Some(given) = self.value("headers") {
            for (name, value) in given.as_object().ok_or_else(expected)? {
                let value = value.as_str().ok_or_else(expected)?;
                headers.insert(name.to_lowercase(), value.to_owned());
            }
        }
        if let Some(seconds) = self.whole("retryAfter")? {
            headers.insert("retry-after".into(), seconds.to_string());
        }
        Ok(headers)
    }

    fn operations(&self) -> Result<Vec<String>, PlanError> {
        let expected = || {
            let what = "expected the name of an operation, a list of names, or \"*\"";
            PlanError::of("operation", what)
        };
        match self.value("operation") {
            None => Ok(Vec::new()),
            Some(Value::String(one)) => Ok(vec![one.clone()]),
            Some(Value::Array(several)) if !several.is_empty() => {
                let name = |value: &Value| value.as_str().map(str::to_owned);
                several.iter().map(name).collect::<Option<_>>().ok_or_else(expected)
            }
            Some(_) => Err(expected()),
        }
    }

    fn withhold(&self) -> Result<Option<Withhold>, PlanError> {
        match self.value(WITHHOLD) {
            Some(Value::Number(reads)) => {
                let reads = reads.as_u64().and_then(|reads| u32::try_from(reads).ok());
                let what = "expected a number of reads, or a duration like \"30s\"";
                reads
                    .map(|reads| Some(Withhold::Reads(reads)))
                    .ok_or_else(|| PlanError::of(WITHHOLD, what))
            }
            _ => Ok(self.duration(WITHHOLD)?.map(Withhold::For)),
        }
    }

    fn also(&self) -> Result<Vec<FaultPlan>, PlanError> {
        let plan = |plan: &Value| match plan {
            Value::Object(plan) => read_plan(plan),
            _ => Err(PlanError::of("and", "expected faults")),
        };
        self.list("and")?.iter().map(plan).collect()
    }

    fn object(&self, field: &'static str) -> Result<Map<String, Value>, PlanError> {
        match self.value(field) {
            None => Ok(Map::new()),
            Some(Value::Object(fields)) if !fields.is_empty() => Ok(fields.clone()),
            Some(_) => Err(PlanError::of(field, "expected an object with fields")),
        }
    }

    fn list(&self, field: &'static str) -> Result<Vec<Value>, PlanError> {
        match self.value(field) {
            None => Ok(Vec::new()),
            Some(Value::Array(items)) if !items.is_empty() => Ok(items.clone()),
            Some(_) => Err(PlanError::of(field, "expected a list that is not empty")),
        }
    }

    fn texts(&self, field: &'static str) -> Result<Vec<String>, PlanError> {
        let text = |item: Value| match item {
            Value::String(text) => Ok(text),
            _ => Err(PlanError::of(field, "expected a list of texts")),
        };
        self.list(field)?.into_iter().map(text).collect()
    }

    fn probability(&self) -> Result<Option<f64>, PlanError> {
        let number = |value: &Value| {
            let what = "expected a number above 0 and up to 1";
            value.as_f64().ok_or_else(|| PlanError::of("probability", what))
        };
        self.value("probability").map(number).transpose()
    }

    fn duration(&self, field: &'static str) -> Result<Option<Duration>, PlanError> {
        let Some(text) = self.value(field) else { return Ok(None) };
        let expected = "expected a duration like \"500ms\", \"30s\" or \"2m\"";
        let text = text.as_str().ok_or_else(|| PlanError::of(field, expected))?;
        humantime::parse_duration(text)
            .map(Some)
            .map_err(|error| PlanError::of(field, format!("{error}; {expected}")))
    }

    fn text(&self, field: &'static str) -> Result<Option<String>, PlanError> {
        let text = |value: &Value| {
            value.as_str().map(str::to_owned).ok_or_else(|| PlanError::of(field, "expected a text"))
        };
        self.value(field).map(text).transpose()
    }

    fn whole(&self, field: &'static str) -> Result<Option<u64>, PlanError> {
        let number = |value: &Value| {
            value.as_u64().ok_or_else(|| PlanError::of(field, "expected a whole number"))
        };
        self.value(field).map(number).transpose()
    }

    fn switch(&self, field: &'static str) -> Result<bool, PlanError> {
        Ok(self.given(field)?.unwrap_or(false))
    }

    fn given(&self, field: &'static str) -> Result<Option<bool>, PlanError> {
        let switch = |value: &Value| {
            value.as_bool().ok_or_else(|| PlanError::of(field, "expected true or false"))
        };
        self.value(field).map(switch).transpose()
    }

    fn has(&self, field: &str) -> bool {
        self.value(field).is_some()
    }

    /// A field that is null is absent.
    fn value(&self, field: &str) -> Option<&Value> {
        self.0.get(field).filter(|value| !value.is_null())
    }
}

fn fields() -> impl Iterator<Item = &'static str> {
    GENERAL.into_iter().chain(EFFECTS)
}

fn unknown_field(name: &str) -> PlanError {
    let likeness = |field: &&str| likeness(field, name);
    let nearest = fields().max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
    let nearest = nearest.unwrap_or_default();
    PlanError::unknown(name, format!("a fault has no such field; the nearest is {nearest}"))
}

/// At most one of several effects that exclude each other.
fn only<T>(effects: Vec<(&'static str, T)>) -> Result<Option<T>, PlanError> {
    let mut effects = effects.into_iter();
    let first = effects.next();
    match (&first, effects.next()) {
        (Some((first, _)), Some((second, _))) => {
            Err(PlanError::of(second, format!("cannot go together with {first}")))
        }
        _ => Ok(first.map(|(_, effect)| effect)),
    }
}

fn duration_text(duration: Duration) -> Value {
    json!(humantime::format_duration(duration).to_string())
}
