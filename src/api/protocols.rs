//! Which schemes links in messages may have.

use axum::Json;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};

use super::extract::{CurrentPod, JsonBody, PathParameter, Session};
use super::parameters::{Most, Parameters};
use crate::domain::Refusal;
use crate::operation::operations;

operations! {
    POST "/pod/v1/admin/system/protocols" => admin_system_protocols_create_v1,
    GET "/pod/v1/admin/system/protocols/list" => admin_system_protocols_list_v1 [SendMessages],
    DELETE "/pod/v1/admin/system/protocols/{scheme}" => admin_system_protocols_delete_v1,
    GET "/pod/v2/system/protocols" => system_protocols_v2,
}

const ADMINISTRATOR: &str = "USER_PROVISIONING";

/// `Protocol` of the pod API.
#[derive(Serialize, Deserialize)]
struct Protocol {
    scheme: String,
}

async fn admin_system_protocols_create_v1(
    pod: CurrentPod,
    me: Session,
    JsonBody(protocol): JsonBody<Protocol>,
) -> Result<Json<Protocol>, Refusal> {
    let (caller, mut world) = (me.user()?, pod.world());
    world.check_role(caller, ADMINISTRATOR)?;
    world.add_protocol(caller, &protocol.scheme, pod.clock.now())?;
    Ok(Json(protocol))
}

/// Who asks by an app needs the app's permission alone: what people send, they may know.
async fn admin_system_protocols_list_v1(
    pod: CurrentPod,
    me: Session,
) -> Result<Json<Vec<String>>, Refusal> {
    let world = pod.world();
    if !me.is_on_behalf() {
        world.check_role(me.user()?, ADMINISTRATOR)?;
    }
    Ok(Json(world.settings.protocols.clone().into()))
}

async fn admin_system_protocols_delete_v1(
    pod: CurrentPod,
    me: Session,
    PathParameter(scheme): PathParameter<String>,
) -> Result<StatusCode, Refusal> {
    let (caller, mut world) = (me.user()?, pod.world());
    world.check_role(caller, ADMINISTRATOR)?;
    world.remove_protocol(caller, &scheme, pod.clock.now());
    Ok(StatusCode::NO_CONTENT)
}

async fn system_protocols_v2(
    pod: CurrentPod,
    _: Session,
    query: Parameters,
) -> Result<Json<Vec<String>>, Refusal> {
    let page = query.page(100, Most::Refused(1_000))?;
    let world = pod.world();
    Ok(Json(page.of(world.settings.protocols.iter()).map(str::to_owned).collect()))
}
