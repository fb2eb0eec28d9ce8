//! `/_mock/scenario`: the running pod as a document, made what a document says, or added to.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::extract::{CurrentTenant, RawBody};
use super::pods::FactoryError;
use super::{Control, ControlRefusal};
use crate::domain::{PublicKey, World};
use crate::pod::Pod;
use crate::scenario::{Document, Scenario, ScenarioError, to_yaml};
use crate::transport::Certificates;

/// What the pod is, as a seed that starts it again.
pub async fn export(
    State(control): State<Control>,
    tenant: CurrentTenant,
    headers: HeaderMap,
) -> Result<Response, ControlRefusal> {
    let accepted = headers.get_all(header::ACCEPT).iter();
    let wants_yaml =
        accepted.filter_map(|accepted| accepted.to_str().ok()).any(|it| it.contains("yaml"));
    let certificates = Arc::clone(&control.certificates);
    let write = move || -> Result<_, serde_json::Error> {
        // A copy costs nothing, and nobody waits until it is told.
        let world = World::clone(&tenant.pod.world());
        let scenario = told(&world, &certificates);
        Ok(match wants_yaml {
            true => ("application/yaml", to_yaml(&serde_json::to_value(&scenario)?)),
            false => ("application/json", serde_json::to_string(&scenario)?),
        })
    };
    let (content_type, text) = control
        .aside
        .run(write)
        .await?
        .map_err(|error| ControlRefusal::failed(error.to_string()))?;
    Ok(([(header::CONTENT_TYPE, content_type)], text).into_response())
}

/// Makes the pod what a document says. All sessions and feeds end; the clock goes on unless the
/// document sets it.
pub async fn replace(
    State(control): State<Control>,
    tenant: CurrentTenant,
    RawBody(body): RawBody,
) -> Result<Json<Value>, ControlRefusal> {
    let pods = Arc::clone(&control.pods);
    let replace = move || {
        let scenario = Scenario::parse(text(&body)?).map_err(refused)?;
        pods.rebuild(&tenant, &scenario).map_err(failed)?;
        Ok(Json(counts(&tenant.pod.world())))
    };
    control.aside.run(replace).await?
}

/// Adds a document to the pod.
pub async fn add(
    State(control): State<Control>,
    tenant: CurrentTenant,
    RawBody(body): RawBody,
) -> Result<Json<Value>, ControlRefusal> {
    let certificates = Arc::clone(&control.certificates);
    let add = move || {
        merge(&tenant.pod, &certificates, text(&body)?).map_err(failed)?;
        Ok(Json(counts(&tenant.pod.world())))
    };
    control.aside.run(add).await?
}

/// How often a merge is begun anew because the world has changed meanwhile.
const UNDISTURBED: u32 = 3;

/// Adds a document to a pod.
pub fn merge(pod: &Pod, certificates: &Certificates, document: &str) -> Result<(), FactoryError> {
    let document = Document::parse(document)?;
    let now = pod.clock.now();
    // Nobody waits while it is worked out what becomes of the world, unless the world changes all the
    // time.
    let mut attempts = 0;
    loop {
        attempts += 1;
        let (before, revision) = {
            let world = pod.world();
            (World::clone(&world), world.revision())
        };
        let mut changed = document.add_to(&before, now)?;
        let mut world = pod.world();
        if world.revision() != revision {
            if attempts < UNDISTURBED {
                continue;
            }
            changed = document.add_to(&world, now)?;
        }
        changed.feeds.take_over_readers(&mut world.feeds);
        *world = changed;
        break;
    }
    pod.end_sessions_of_all_inactive();
    adopt_keys(pod, certificates)
}

/// The pod as a seed that starts it again.
pub fn told(world: &World, certificates: &Certificates) -> Scenario {
    let mut scenario = Scenario::of(world);
    leave_out_keys_of_identities(&mut scenario, certificates);
    scenario
}

fn failed(error: FactoryError) -> ControlRefusal {
    match error {
        FactoryError::Scenario(error) => refused(error),
        other => ControlRefusal::failed(other.to_string()),
    }
}

fn text(body: &[u8]) -> Result<&str, ControlRefusal> {
    std::str::from_utf8(body).map_err(|error| ControlRefusal::body(error.to_string()))
}

fn refused(error: ScenarioError) -> ControlRefusal {
    match error {
        ScenarioError::Contradiction { at, problem } => ControlRefusal::field(at, problem),
        other => ControlRefusal::body(other.to_string()),
    }
}

/// Whoever has the key of his identity has it by default: the document says nothing of it, and is
/// good on another machine with other identities.
fn leave_out_keys_of_identities(scenario: &mut Scenario, certificates: &Certificates) {
    for identity in certificates.known_identities() {
        let Ok(pem) = identity.rsa_public_pem() else { continue };
        let users = scenario.users.iter_mut().filter(|user| user.pod.is_none());
        let users = users.filter(|user| user.username == identity.name());
        let apps = scenario.apps.iter_mut().filter(|app| app.id == identity.name());
        let keys = users.map(|user| &mut user.public_key);
        for key in keys.chain(apps.map(|app| &mut app.public_key)) {
            if key.as_deref() == Some(pem) {
                *key = None;
            }
        }
    }
}

/// As at the start of a pod: whoever came without a key has that of his identity, if there is one.
fn adopt_keys(pod: &Pod, certificates: &Certificates) -> Result<(), FactoryError> {
    for identity in certificates.known_identities() {
        pod.adopt_key(identity.name(), PublicKey::from_pem(identity.rsa_public_pem()?)?);
    }
    Ok(())
}

fn counts(world: &World) -> Value {
    json!({
        "users": world.users.iter().count(),
        "apps": world.apps.iter().count(),
        "streams": world.streams.iter().count(),
        "messages": world.messages.len(),
    })
}
