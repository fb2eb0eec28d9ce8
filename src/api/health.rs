//! Health, version and echo: the agent about itself.

use axum::Json;
use axum::http::HeaderMap;
use axum::http::uri::Authority;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::extract::{CurrentPod, JsonBody, Place, Session, host};
use crate::operation::operations;

operations! {
    GET "/agent/v1/info" => agent_info_v1,
    GET "/agent/v3/health" => health_v3,
    GET "/agent/v3/health/extended" => health_extended_v3,
    GET "/agent/v1/HealthCheck" => health_check_v1,
    GET "/agent/v2/HealthCheck" => health_check_v2,
    POST "/agent/v1/util/echo" => echo_v1,
    POST "/agent/v1/util/obsolete" => obsolete_v1,
}

/// `AgentInfo` of the agent API.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AgentInfo {
    ip_address: String,
    hostname: String,
    server_fqdn: String,
    version: String,
    url: String,
    on_prem: bool,
    mt: bool,
    commit_id: &'static str,
}

/// `SimpleMessage` of the agent API.
#[derive(Serialize, Deserialize)]
struct SimpleMessage {
    message: String,
}

/// The host is the one the client asked for: the pod cannot know under which name and behind
/// which port mapping it is reached, and the Java BDK's external load balancing goes where
/// `serverFqdn` says (`ExternalLoadBalancingStrategy`, finos/symphony-bdk-java#323).
///
/// A port that serves everything is the load balancer in front of the listeners that stand for agents:
/// it passes the question to each of these in turn, which tells of itself.
async fn agent_info_v1(
    pod: CurrentPod,
    place: Place,
    headers: HeaderMap,
    uri: axum::http::Uri,
) -> Json<AgentInfo> {
    let host = host(&uri, &headers);
    let hostname = host.parse::<Authority>().map_or(host.clone(), |it| it.host().to_owned());
    let base = match place.listener.port_of_agent() {
        Some(port) => format!("https://{hostname}:{port}{}", place.prefix),
        None => format!("https://{host}{}", place.prefix),
    };
    Json(AgentInfo {
        ip_address: "127.0.0.1".into(),
        hostname,
        url: format!("{base}/agent"),
        server_fqdn: base,
        version: pod.world().identity.agent_version.clone(),
        on_prem: true,
        mt: false,
        commit_id: env!("CARGO_PKG_VERSION"),
    })
}

async fn health_v3() -> Json<Value> {
    Json(json!({ "status": "UP" }))
}

/// The Spring starter's health indicator dereferences all three services and both users.
async fn health_extended_v3(pod: CurrentPod) -> Json<Value> {
    let (pod_version, agent_version) = {
        let world = pod.world();
        (world.identity.pod_version.clone(), world.identity.agent_version.clone())
    };
    Json(json!({
        "status": "UP",
        "version": agent_version,
        "services": {
            "pod": { "status": "UP", "version": pod_version },
            "datafeed": { "status": "UP", "version": pod_version },
            "key_manager": { "status": "UP", "version": pod_version, "authType": "CERT" },
        },
        "users": {
            "agentservice": { "status": "UP", "authType": "CERT" },
            "ceservice": { "status": "UP", "authType": "CERT" },
        },
    }))
}

async fn echo_v1(_: Session, JsonBody(message): JsonBody<SimpleMessage>) -> Json<SimpleMessage> {
    Json(message)
}

/// `V1HealthCheckResponse` of the agent API.
async fn health_check_v1(pod: CurrentPod) -> Json<Value> {
    let agent_version = pod.world().identity.agent_version.clone();
    Json(json!({
        "podConnectivity": true,
        "keyManagerConnectivity": true,
        "version": agent_version,
    }))
}

/// `V2HealthCheckResponse` of the agent API. Its `failOn…` parameters make a failure a 503; here
/// nothing fails by itself. Firehose was never deployed.
async fn health_check_v2(pod: CurrentPod) -> Json<Value> {
    let (pod_version, agent_version) = {
        let world = pod.world();
        (world.identity.pod_version.clone(), world.identity.agent_version.clone())
    };
    Json(json!({
        "podConnectivity": true,
        "keyManagerConnectivity": true,
        "datafeedConnectivity": true,
        "datafeedVersion": pod_version,
        "encryptDecryptSuccess": true,
        "podVersion": pod_version,
        "agentVersion": agent_version,
        "agentServiceUser": true,
        "ceServiceUser": true,
    }))
}

/// The API's own example of a deprecated operation: it answers as the echo does, unless an agent
/// is configured to refuse deprecated operations.
async fn obsolete_v1(
    _: Session,
    JsonBody(message): JsonBody<SimpleMessage>,
) -> Json<SimpleMessage> {
    Json(message)
}
