//! The agent about itself, and its echo.

use serde_json::json;

use crate::pod::Pod;

#[tokio::test]
async fn health_is_told_to_everybody() {
    let pod = Pod::start().await;
    let client = pod.anonymous();
    let health = client.get("/agent/v3/health").send().await.assert_status(200);
    assert_eq!(health.json(), json!({ "status": "UP" }));
    let health = client.get("/agent/v3/health/extended").send().await.assert_status(200).json();
    for service in ["pod", "datafeed", "key_manager"] {
        assert_eq!(health["services"][service]["status"], "UP", "{service}: {health}");
    }
    for user in ["agentservice", "ceservice"] {
        assert_eq!(health["users"][user]["status"], "UP", "{user}: {health}");
    }
}

#[tokio::test]
async fn info_names_the_version_and_the_address_that_was_asked() {
    let pod = Pod::seeded("pod: { agentVersion: Agent-25.1.0-7-Linux-x }").await;
    let info = pod.anonymous().get("/agent/v1/info").send().await.assert_status(200).json();
    assert_eq!(info["version"], "Agent-25.1.0-7-Linux-x");
    assert_eq!(info["hostname"], "localhost");
    assert_eq!(info["serverFqdn"], pod.url());
    assert_eq!(info["url"], format!("{}/agent", pod.url()));
}

#[tokio::test]
async fn echo_gives_the_message_back_to_whoever_has_a_session() {
    let pod = Pod::start().await;
    let token = pod.log_in("bot").await;
    let message = json!({ "message": "Grüße 😀 \"quoted\"" });
    let echo = || pod.anonymous().post("/agent/v1/util/echo");
    assert_eq!(echo().session(&token).json(&message).send().await.json(), message);

    echo().json(&message).send().await.assert_error(400, "Missing header: sessionToken");
    echo().session("x").json(&message).send().await.assert_error(401, "Invalid session");
}

#[tokio::test]
async fn a_setting_makes_the_agent_answer_a_missing_token_like_the_pod() {
    let pod = Pod::with_settings("agentMissingToken: 401").await;
    let echo = pod.anonymous().post("/agent/v1/util/echo").json(&json!({ "message": "x" }));
    echo.send().await.assert_error(401, "Invalid session");
}

#[tokio::test]
async fn the_older_health_checks_need_no_session() {
    let pod = Pod::start().await;
    let client = pod.anonymous();
    let first = client.get("/agent/v1/HealthCheck").send().await.assert_status(200).json();
    assert_eq!(first["podConnectivity"], true);
    assert!(first["version"].as_str().is_some_and(|version| version.starts_with("Agent-")));
    let path = "/agent/v2/HealthCheck?failOnAny=true&showFirehoseErrors=false";
    let second = client.get(path).send().await.assert_status(200).json();
    for part in ["podConnectivity", "keyManagerConnectivity", "datafeedConnectivity"] {
        assert_eq!(second[part], true, "{part}");
    }
    assert_eq!(second["agentVersion"], first["version"]);
}

#[tokio::test]
async fn the_obsolete_operation_still_works() {
    let pod = Pod::start().await;
    let token = pod.log_in("bot").await;
    let message = json!({ "message": "x" });
    let obsolete = || pod.anonymous().post("/agent/v1/util/obsolete").json(&message);
    assert_eq!(obsolete().session(&token).send().await.assert_status(200).json(), message);
    obsolete().session("x").send().await.assert_error(401, "Invalid session");
}
