//! Bot logins by JWT: every defect is a 401.

use std::time::Duration;

use serde_json::json;
use symphony_mock_pod::Scenario;

use crate::jwt::{Jwt, claims};
use crate::pod::{Answer, Pod};

const SESSION: &str = "/login/pubkey/authenticate";
const KEY_MANAGER: &str = "/relay/pubkey/authenticate";

async fn log_in(pod: &Pod, path: &str, jwt: &str) -> Answer {
    pod.anonymous().post(path).json(&json!({ "token": jwt })).send().await
}

async fn assert_refused(pod: &Pod, jwt: &str) {
    for path in [SESSION, KEY_MANAGER] {
        log_in(pod, path, jwt).await.assert_error(401, "Unauthorized");
    }
}

#[tokio::test]
async fn a_jwt_opens_a_session_and_one_with_the_key_manager() {
    let pod = Pod::start().await;
    let bot = pod.identity("bot").unwrap();
    let jwt = Jwt::of(&pod, &bot).sign();

    let answer = log_in(&pod, SESSION, &jwt).await.assert_status(200);
    assert_eq!(answer.json()["name"], "sessionToken");
    assert!(answer.json().get("authorizationToken").is_none());
    let token = answer.token();
    assert_eq!(pod.session_info(&token).await.json()["username"], "bot");

    let answer = log_in(&pod, KEY_MANAGER, &jwt).await.assert_status(200);
    assert_eq!(answer.json()["name"], "keyManagerToken");
    assert!(answer.token().starts_with("0100"));
}

#[tokio::test]
async fn the_same_jwt_twice_is_two_sessions() {
    let pod = Pod::start().await;
    let jwt = Jwt::of(&pod, &pod.identity("bot").unwrap()).sign();
    let first = log_in(&pod, SESSION, &jwt).await.token();
    let second = log_in(&pod, SESSION, &jwt).await.token();
    assert_ne!(first, second);
    pod.session_info(&first).await.assert_status(200);
    pod.session_info(&second).await.assert_status(200);
}

#[tokio::test]
async fn a_signature_in_standard_base64_is_read_too() {
    let pod = Pod::start().await;
    let jwt = Jwt::of(&pod, &pod.identity("bot").unwrap()).sign_in_standard_base64();
    assert!(jwt.ends_with('='));
    log_in(&pod, SESSION, &jwt).await.assert_status(200);
}

#[tokio::test]
async fn the_life_of_a_jwt_is_judged_by_the_pods_clock() {
    let pod = Pod::frozen().await;
    let bot = pod.identity("bot").unwrap();
    for (seconds, status) in [(-1, 401), (0, 401), (1, 200), (300, 200), (301, 401)] {
        let jwt = Jwt::of(&pod, &bot).expiring_in(&pod, seconds).sign();
        assert_eq!(log_in(&pod, SESSION, &jwt).await.status, status, "{seconds} s");
    }
    let jwt = Jwt::of(&pod, &bot).sign();
    pod.clock().advance(Duration::from_secs(240));
    assert_refused(&pod, &jwt).await;
}

/// RFC 7519, 4.1.5. Clocks may differ by a few seconds.
#[tokio::test]
async fn a_jwt_is_refused_before_its_time() {
    let pod = Pod::frozen().await;
    let bot = pod.identity("bot").unwrap();
    let now = pod.clock().now().as_secs();
    for claim in ["nbf", "iat"] {
        for (moment, status) in [(now - 3_600, 200), (now, 200), (now + 5, 200), (now + 30, 401)] {
            let jwt = Jwt::of(&pod, &bot).claim(claim, moment).sign();
            let answer = log_in(&pod, SESSION, &jwt).await;
            assert_eq!(answer.status, status, "{claim} {moment}");
        }
        let why = pod.control().get("/_mock/why").send().await.assert_status(200).json();
        let steps = why["steps"].as_array().unwrap();
        let failed = steps.iter().find(|step| step["ok"] == false).unwrap();
        assert_eq!(failed["step"], claim, "{why}");
        assert_refused(&pod, &Jwt::of(&pod, &bot).claim(claim, now * 1_000).sign()).await;
        assert_refused(&pod, &Jwt::of(&pod, &bot).claim(claim, "now").sign()).await;
    }
}

/// RFC 7515, 4.1.11: who does not understand what a JWT says is critical refuses it.
#[tokio::test]
async fn a_jwt_that_asks_for_what_the_pod_does_not_understand_is_refused() {
    let pod = Pod::start().await;
    let bot = pod.identity("bot").unwrap();
    for critical in [json!(["exp"]), json!(["urn:x"]), json!([]), json!("b64"), json!(null)] {
        let jwt = Jwt::of(&pod, &bot).header("crit", critical).header("urn:x", 1);
        assert_refused(&pod, &jwt.sign()).await;
    }
    // What is not critical may be ignored.
    let jwt = Jwt::of(&pod, &bot).header("urn:x", 1).header("typ", "JWT").sign();
    log_in(&pod, SESSION, &jwt).await.assert_status(200);
}

#[tokio::test]
async fn whoever_is_unknown_or_signs_with_another_key_is_refused() {
    let pod = Pod::start().await;
    let (bot, bot2) = (pod.identity("bot").unwrap(), pod.identity("bot2").unwrap());
    for subject in ["Bot", "nobody", "alice", "carol", "app", ""] {
        assert_refused(&pod, &Jwt::of(&pod, &bot).subject(subject).sign()).await;
    }
    assert_refused(&pod, &Jwt::of(&pod, &bot).signed_by(&bot2).sign()).await;
}

#[tokio::test]
async fn a_jwt_that_is_none_is_refused() {
    let pod = Pod::start().await;
    let bot = pod.identity("bot").unwrap();
    let good = Jwt::of(&pod, &bot).sign();
    let (signed, _) = good.rsplit_once('.').unwrap();
    assert_refused(&pod, &Jwt::of(&pod, &bot).rs256().sign()).await;
    assert_refused(&pod, &Jwt::of(&pod, &bot).without("exp").sign()).await;
    assert_refused(&pod, &Jwt::of(&pod, &bot).without("sub").sign()).await;
    assert_refused(&pod, &Jwt::of(&pod, &bot).claim("exp", "soon").sign()).await;
    assert_refused(&pod, &Jwt::of(&pod, &bot).claim("exp", 1e300).sign()).await;
    for jwt in ["", "x", "a.b.c", "...", signed, &format!("{signed}."), &format!("{good}AAAA")] {
        assert_refused(&pod, jwt).await;
    }
}

#[tokio::test]
async fn a_request_without_a_jwt_is_malformed() {
    let pod = Pod::start().await;
    for body in ["", "{}", "[]", r#"{"token":7}"#, "{\"token\":"] {
        pod.anonymous().post(SESSION).body(body).send().await.assert_status(400);
    }
}

#[tokio::test]
async fn an_account_that_is_not_active_is_refused() {
    let mut scenario = Scenario::embedded();
    scenario.users[0].enabled = false;
    let pod = Pod::built(symphony_mock_pod::MockPod::builder().scenario(scenario)).await;
    assert_refused(&pod, &Jwt::of(&pod, &pod.identity("bot").unwrap()).sign()).await;
}

#[tokio::test]
async fn a_key_in_the_scenario_is_the_accounts_key() {
    let elsewhere = Pod::start().await;
    let key = elsewhere.identity("bot2").unwrap().rsa_public_pem().unwrap().to_owned();
    let mut scenario = Scenario::embedded();
    scenario.users[0].public_key = Some(key);
    let pod = Pod::built(symphony_mock_pod::MockPod::builder().scenario(scenario)).await;
    let (bot, bot2) = (pod.identity("bot").unwrap(), pod.identity("bot2").unwrap());
    assert_refused(&pod, &Jwt::of(&pod, &bot).sign()).await;
    let jwt = Jwt::of(&pod, &bot).signed_by(&bot2).sign();
    log_in(&pod, SESSION, &jwt).await.assert_status(200);
}

#[tokio::test]
async fn a_service_user_made_for_one_test_has_a_key_when_asked_for_it() {
    let pod = Pod::seeded("users: [{ username: newcomer, accountType: SYSTEM }]").await;
    let newcomer = pod.identity("newcomer").unwrap();
    let jwt = Jwt::of(&pod, &newcomer).sign();
    log_in(&pod, SESSION, &jwt).await.assert_status(200);
}

#[tokio::test]
async fn simplified_key_delivery_is_a_claim_of_the_token() {
    let pod = Pod::with_settings("simplifiedKeyDelivery: true").await;
    let jwt = Jwt::of(&pod, &pod.identity("bot").unwrap()).sign();
    let token = log_in(&pod, SESSION, &jwt).await.token();
    assert_eq!(claims(&token)["canUseSimplifiedKeyDelivery"], true);

    let pod = Pod::start().await;
    let token = pod.log_in("bot").await;
    assert!(claims(&token).get("canUseSimplifiedKeyDelivery").is_none());
}

#[tokio::test]
async fn an_agent_that_insists_on_the_key_manager_is_a_setting() {
    let echo = |pod: &Pod, session: &str| {
        let echo = pod.anonymous().post("/agent/v1/util/echo").session(session);
        echo.json(&json!({ "message": "x" }))
    };
    let lenient = Pod::start().await;
    let session = lenient.log_in("bot").await;
    echo(&lenient, &session).header("keyManagerToken", "").send().await.assert_status(200);

    let strict = Pod::with_settings("agentRequiresKeyManagerToken: true").await;
    let session = strict.log_in("bot").await;
    let key_manager = strict.log_in_to_key_manager("bot").await;
    echo(&strict, &session).send().await.assert_status(400);
    echo(&strict, &session).header("keyManagerToken", "").send().await.assert_status(400);
    let wrong = echo(&strict, &session).header("keyManagerToken", "0100");
    wrong.send().await.assert_error(401, "Invalid session");
    let right = echo(&strict, &session).header("keyManagerToken", &key_manager);
    right.send().await.assert_status(200);
}

/// Clients sign by the machine's clock, whatever a test does to the pod's.
#[tokio::test]
async fn a_moved_clock_refuses_jwts_with_a_hint_unless_the_machines_judges_them() {
    const FORTNIGHT: Duration = Duration::from_secs(15 * 24 * 60 * 60);
    let pod = Pod::start().await;
    let jwt = Jwt::of(&pod, &pod.identity("bot").unwrap()).sign();
    pod.clock().advance(FORTNIGHT);
    assert_refused(&pod, &jwt).await;
    let why = pod.control().get("/_mock/why").send().await.json();
    let hint = why["hints"][0].as_str().unwrap();
    assert!(hint.contains("14days 23h") || hint.contains("15days"), "{hint}");
    assert!(hint.contains("ahead of it") && hint.contains("jwtClock: machine"), "{hint}");

    let pod = Pod::with_settings("jwtClock: machine").await;
    let identity = pod.identity("bot").unwrap();
    let jwt = Jwt::of(&pod, &identity);
    let (jwt, expired) = (jwt.sign(), Jwt::of(&pod, &identity).expiring_in(&pod, -60).sign());
    pod.clock().advance(FORTNIGHT);
    let token = log_in(&pod, SESSION, &jwt).await.token();
    // Its session goes by the pod's clock, as everything else.
    pod.session_info(&token).await.assert_status(200);
    pod.clock().advance(FORTNIGHT);
    pod.session_info(&token).await.assert_status(401);
    assert_refused(&pod, &expired).await;
}
