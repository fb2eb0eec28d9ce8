//! `/_mock/pods`, `/_mock/snapshots` and `/_mock/reset`: whole pods, made, kept, gone back to.

use std::collections::BTreeMap;
use std::sync::{Arc, MutexGuard, PoisonError};

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::extract::{CurrentTenant, Expected, OptionalJsonBody, PathParameter};
use super::pods::{MakingError, Origin};
use super::{Control, ControlRefusal, Tenant};
use crate::domain::unknown_name;
use crate::pod::Snapshot;
use crate::scenario::Scenario;

#[derive(Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Making {
    /// A document of its own to start from: in JSON, or as text in YAML.
    scenario: Option<Value>,
    /// A snapshot of the pod that the request is for.
    snapshot: Option<String>,
    /// Another pod as it is now.
    fork: Option<String>,
}

#[derive(Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Keeping {
    name: Option<String>,
}

impl Expected for Making {
    const EXPECTED: &'static str =
        r#"nothing, {"scenario": {...}}, {"snapshot": "NAME"} or {"fork": "POD"}"#;
}

impl Expected for Keeping {
    const EXPECTED: &'static str = r#"nothing, or {"name": "before the storm"}"#;
}

/// Lists the pods.
pub async fn pods(State(control): State<Control>) -> Json<Value> {
    let pods: Vec<_> = control.pods.list().iter().map(|tenant| pod(tenant)).collect();
    Json(json!({ "pods": pods }))
}

/// Makes a pod, or makes it anew.
pub async fn create(
    State(control): State<Control>,
    tenant: CurrentTenant,
    PathParameter(name): PathParameter<String>,
    OptionalJsonBody(making): OptionalJsonBody<Making>,
) -> Result<(StatusCode, Json<Value>), ControlRefusal> {
    let origin = match making {
        Making { scenario: None, snapshot: None, fork: None } => Origin::Seed,
        Making { scenario: Some(document), snapshot: None, fork: None } => {
            let read = move || {
                let text = match document {
                    Value::String(yaml) => yaml,
                    json => json.to_string(),
                };
                Scenario::parse(&text)
                    .map_err(|error| ControlRefusal::field("scenario", error.to_string()))
            };
            Origin::Scenario(Box::new(control.aside.run(read).await??))
        }
        Making { scenario: None, snapshot: Some(name), fork: None } => {
            let snapshot = kept(&tenant, &name)
                .ok_or_else(|| ControlRefusal::field("snapshot", unknown(&tenant, &name)))?;
            Origin::Copy(snapshot)
        }
        Making { scenario: None, snapshot: None, fork: Some(name) } => {
            let of = control.pods.find(&name);
            let of = of.ok_or_else(|| ControlRefusal::field("fork", control.pods.no_pod(&name)))?;
            Origin::Copy(Arc::new(of.pod.snapshot()))
        }
        _ => {
            let problem = format!("a pod has one origin; expected {}", Making::EXPECTED);
            return Err(ControlRefusal::body(problem));
        }
    };
    let pods = Arc::clone(&control.pods);
    let making = control.aside.run(move || pods.create(&name, origin)).await?;
    let (made, replaced) = making.map_err(|error| match error {
        MakingError::Name(refusal) => ControlRefusal::body(refusal.why()),
        MakingError::Main => ControlRefusal::body(MAIN_STAYS),
        MakingError::Factory(error) => ControlRefusal::field("scenario", error.to_string()),
    })?;
    let status = if replaced { StatusCode::OK } else { StatusCode::CREATED };
    Ok((status, Json(pod(&made))))
}

/// Drops a pod.
pub async fn remove(
    State(control): State<Control>,
    PathParameter(name): PathParameter<String>,
) -> Result<StatusCode, ControlRefusal> {
    match control.pods.remove(&name) {
        Ok(true) => Ok(StatusCode::NO_CONTENT),
        Ok(false) => Err(ControlRefusal::not_found(control.pods.no_pod(&name))),
        Err(_) => Err(ControlRefusal::body(MAIN_STAYS)),
    }
}

/// Back to the beginning.
pub async fn reset(tenant: CurrentTenant) -> Json<Value> {
    tenant.reset();
    Json(pod(&tenant))
}

/// Keeps what the pod is now.
pub async fn keep(
    State(control): State<Control>,
    tenant: CurrentTenant,
    OptionalJsonBody(keeping): OptionalJsonBody<Keeping>,
) -> Result<(StatusCode, Json<Value>), ControlRefusal> {
    if keeping.name.as_ref().is_some_and(String::is_empty) {
        return Err(ControlRefusal::field("name", "is empty"));
    }
    let snapshot = Arc::new(tenant.pod.snapshot());
    let mut snapshots = snapshots(&tenant);
    let chosen = || {
        let free = |name: &String| !snapshots.contains_key(name);
        (1_u64..).map(|n| format!("snapshot-{n}")).find(free)
    };
    let name = keeping.name.or_else(chosen).unwrap_or_default();
    let most = control.pods.limits().snapshots;
    if snapshots.len() >= most && !snapshots.contains_key(&name) {
        return Err(ControlRefusal::body(format!(
            "the pod {} has {most} snapshots, which is the most (--max-snapshots): DELETE \
             /_mock/snapshots/NAME forgets one",
            tenant.name
        )));
    }
    snapshots.insert(name.clone(), Arc::clone(&snapshot));
    Ok((StatusCode::CREATED, Json(row(&name, &snapshot))))
}

/// Lists what was kept of the pod.
pub async fn list(tenant: CurrentTenant) -> Json<Value> {
    let rows: Vec<_> = snapshots(&tenant).iter().map(|(name, kept)| row(name, kept)).collect();
    Json(json!({ "snapshots": rows }))
}

/// Makes the pod what it was.
pub async fn restore(
    tenant: CurrentTenant,
    PathParameter(name): PathParameter<String>,
) -> Result<Json<Value>, ControlRefusal> {
    let snapshot = kept(&tenant, &name);
    let snapshot = snapshot.ok_or_else(|| ControlRefusal::not_found(unknown(&tenant, &name)))?;
    tenant.pod.restore(&snapshot);
    Ok(Json(row(&name, &snapshot)))
}

/// Forgets what was kept.
pub async fn forget(
    tenant: CurrentTenant,
    PathParameter(name): PathParameter<String>,
) -> Result<StatusCode, ControlRefusal> {
    let forgotten = snapshots(&tenant).remove(&name);
    let done = forgotten.map(|_| StatusCode::NO_CONTENT);
    done.ok_or_else(|| ControlRefusal::not_found(unknown(&tenant, &name)))
}

const MAIN_STAYS: &str = "the main pod is there as long as the server is; reset it instead";

fn kept(tenant: &Tenant, name: &str) -> Option<Arc<Snapshot>> {
    snapshots(tenant).get(name).cloned()
}

fn snapshots(tenant: &Tenant) -> MutexGuard<'_, BTreeMap<String, Arc<Snapshot>>> {
    tenant.snapshots.lock().unwrap_or_else(PoisonError::into_inner)
}

fn unknown(tenant: &Tenant, name: &str) -> String {
    let kept = snapshots(tenant);
    let unknown = unknown_name("snapshot", name, kept.keys().map(String::as_str));
    match kept.is_empty() {
        true => format!("{unknown}: of the pod {} none was kept", tenant.name),
        false => unknown,
    }
}

fn pod(tenant: &Tenant) -> Value {
    let world = tenant.pod.world();
    json!({
        "name": &*tenant.name,
        "podName": world.identity.name,
        "users": world.users.iter().count(),
    })
}

fn row(name: &str, snapshot: &Snapshot) -> Value {
    json!({ "name": name, "taken": snapshot.taken().as_millis() })
}
