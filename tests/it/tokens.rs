//! Access tokens, and the sessions of a user.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{RSA_PKCS1_2048_8192_SHA512, RsaPublicKeyComponents};
use serde_json::json;
use symphony_mock_pod::{MockPod, Scenario};

use crate::jwt::claims;
use crate::pod::{Answer, FROZEN, Pod};

const TOKENS: &str = "/login/idm/tokens?scope=";

async fn who_am_i(pod: &Pod, authorization: &str) -> Answer {
    let request = pod.anonymous().get("/pod/v2/sessioninfo");
    request.header("Authorization", authorization).send().await
}

#[tokio::test]
async fn a_session_is_exchanged_for_an_access_token_that_stands_in_for_it() {
    let pod = Pod::frozen().await;
    let session = pod.log_in("bot").await;
    let answer = pod.anonymous().post(TOKENS).session(&session).send().await.assert_status(200);
    let answer = answer.json();
    assert_eq!(answer["token_type"], "Bearer");
    assert_eq!(answer["expires_in"], 300);
    let token = answer["access_token"].as_str().unwrap();
    assert_eq!(claims(token)["exp"], FROZEN.as_secs() + 300);
    assert_eq!(claims(token)["sub"], "bot");

    for authorization in [format!("Bearer {token}"), format!("bearer {token}"), token.to_owned()] {
        let answer = who_am_i(&pod, &authorization).await.assert_status(200);
        assert_eq!(answer.json()["username"], "bot");
    }
    let echo = pod.anonymous().post("/agent/v1/util/echo").header("Authorization", token);
    echo.json(&json!({ "message": "x" })).send().await.assert_status(200);

    pod.clock().advance(Duration::from_secs(300));
    who_am_i(&pod, token).await.assert_error(401, "Invalid session");
    pod.session_info(&session).await.assert_status(200);
}

#[tokio::test]
async fn what_is_no_access_token_is_refused() {
    let pod = Pod::start().await;
    let session = pod.log_in("bot").await;
    for authorization in ["Bearer", "Bearer x", "x", "Basic Ym90OmJvdA==", &session] {
        who_am_i(&pod, authorization).await.assert_error(401, "Invalid session");
    }
    pod.anonymous().post(TOKENS).send().await.assert_status(401);
    pod.anonymous().post(TOKENS).session("x").send().await.assert_status(401);
}

#[tokio::test]
async fn the_published_key_verifies_an_access_token() {
    let pod = Pod::start().await;
    let session = pod.log_in("bot").await;
    let answer = pod.anonymous().post(TOKENS).session(&session).send().await.json();
    let token = answer["access_token"].as_str().unwrap().to_owned();
    let keys = pod.anonymous().get("/login/idm/keys").send().await.assert_status(200).json();
    let key = &keys["keys"][0];
    let part = |name: &str| URL_SAFE_NO_PAD.decode(key[name].as_str().unwrap()).unwrap();
    let public = RsaPublicKeyComponents { n: part("n"), e: part("e") };
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
    public.verify(&RSA_PKCS1_2048_8192_SHA512, signed.as_bytes(), &signature).unwrap();
    assert!(key.as_object().unwrap().values().all(serde_json::Value::is_string));
}

#[tokio::test]
async fn a_login_answers_with_an_authorization_token_where_the_settings_want_one() {
    let mut scenario = Scenario::embedded();
    scenario.settings.authorization_token = true;
    // Characters that would need `-` or `_` in base64url, which the Java BDK does not bear.
    scenario.users[0].username = "b?t~>Zoë".into();
    scenario.rooms.clear();
    let pod = Pod::built(MockPod::builder().scenario(scenario)).await;
    let answer = pod.client("b?t~>Zoë").post("/sessionauth/v1/authenticate").send().await;
    let answer = answer.assert_status(200).json();
    let authorization = answer["authorizationToken"].as_str().unwrap();
    let jwt = authorization.strip_prefix("Bearer ").unwrap();
    for token in [jwt, answer["token"].as_str().unwrap()] {
        let payload = token.split('.').nth(1).unwrap();
        assert!(!payload.contains(['-', '_']), "{payload}");
        assert_eq!(claims(token)["sub"], "b?t~>Zoë");
    }
    assert!(claims(jwt)["exp"].is_u64());
    who_am_i(&pod, authorization).await.assert_status(200);
}

#[tokio::test]
async fn a_users_sessions_are_listed_and_ended_one_by_one_or_all() {
    let pod = Pod::frozen().await;
    let tokens = [pod.log_in("bot").await, pod.log_in("bot").await, pod.log_in("bot").await];
    let id = pod.session_info(&tokens[0]).await.json()["id"].clone();
    let sessions = format!("/pod/v1/users/{id}/sessions");
    let listed = pod.anonymous().get(&sessions).session(&tokens[0]).send().await.assert_status(200);
    let listed = listed.json()["sessions"].as_array().unwrap().clone();
    assert_eq!(listed.len(), 3);
    assert!(listed.iter().all(|session| session["userId"] == id));
    assert!(listed.iter().all(|session| session["creationTime"] == FROZEN.as_millis()));

    let ended = claims(&tokens[1])["sessionId"].as_str().unwrap().to_owned();
    assert!(listed.iter().any(|session| session["sessionId"] == ended));
    let logout = |path: String| pod.anonymous().post(&path).session(&tokens[0]);
    let answer = logout(format!("{sessions}/{ended}/logout")).send().await.assert_status(200);
    assert_eq!(answer.json(), json!({ "format": "TEXT", "message": "Success" }));
    pod.session_info(&tokens[1]).await.assert_error(401, "Invalid session");
    pod.session_info(&tokens[2]).await.assert_status(200);
    logout(format!("{sessions}/{ended}/logout")).send().await.assert_status(404);

    let bot2 = pod.log_in("bot2").await;
    logout(format!("{sessions}/logout")).send().await.assert_status(200);
    for token in &tokens {
        pod.session_info(token).await.assert_error(401, "Invalid session");
    }
    pod.session_info(&bot2).await.assert_status(200);
}

#[tokio::test]
async fn others_sessions_are_for_user_administrators() {
    let mut scenario = Scenario::embedded();
    scenario.users[1].roles = Some(vec!["USER_PROVISIONING".into()]);
    let pod = Pod::built(MockPod::builder().scenario(scenario)).await;
    let (bot, admin) = (pod.log_in("bot").await, pod.log_in("bot2").await);
    let bot_id = pod.session_info(&bot).await.json()["id"].clone();
    let admin_id = pod.session_info(&admin).await.json()["id"].clone();
    let list = |of: String, by: &str| {
        pod.anonymous().get(&format!("/pod/v1/users/{of}/sessions")).session(by).send()
    };
    list(admin_id.to_string(), &bot).await.assert_status(403);
    list(bot_id.to_string(), &admin).await.assert_status(200);
    assert_eq!(list("1".into(), &admin).await.assert_status(204).body, "");
}
