//! The end of a session: by logout, and by age.

use std::time::Duration;

use serde_json::json;

use crate::pod::{Answer, FROZEN, Pod};

const SESSION_LOGOUT: &str = "/sessionauth/v1/logout";
const KEY_MANAGER_LOGOUT: &str = "/keyauth/v1/logout";

const INVALID: &str = "Invalid session";
const MISSING: &str = "Missing header: sessionToken";
const FORTNIGHT: Duration = Duration::from_secs(14 * 24 * 60 * 60);
const TICK: Duration = Duration::from_millis(1);

async fn log_out(pod: &Pod, name: &str, token: &str) -> Answer {
    pod.client(name).post(SESSION_LOGOUT).session(token).send().await
}

async fn log_out_of_key_manager(pod: &Pod, name: &str, header: &str, token: &str) -> Answer {
    pod.client(name).post(KEY_MANAGER_LOGOUT).header(header, token).send().await
}

/// Pod and agent alike take the token for dead, with the text by which SDKs know to log in anew.
async fn assert_ended(pod: &Pod, token: &str) {
    pod.session_info(token).await.assert_error(401, INVALID);
    let echo = pod.anonymous().post("/agent/v1/util/echo").session(token);
    echo.json(&json!({ "message": "x" })).send().await.assert_error(401, INVALID);
}

#[tokio::test]
async fn a_logout_ends_its_session_and_no_other() {
    let pod = Pod::start().await;
    let [ended, same_bot] = [pod.log_in("bot").await, pod.log_in("bot").await];
    let other_bot = pod.log_in("bot2").await;

    let answer = log_out(&pod, "bot", &ended).await.assert_status(200);
    assert_eq!(answer.body, r#"{"message":"Session logout was successful."}"#);

    assert_ended(&pod, &ended).await;
    pod.session_info(&same_bot).await.assert_status(200);
    pod.session_info(&other_bot).await.assert_status(200);
}

#[tokio::test]
async fn whoever_logged_out_can_log_in_again() {
    let pod = Pod::start().await;
    let first = pod.log_in("bot").await;
    log_out(&pod, "bot", &first).await.assert_status(200);
    let second = pod.log_in("bot").await;
    pod.session_info(&second).await.assert_status(200);
    assert_ended(&pod, &first).await;
}

#[tokio::test]
async fn of_many_logouts_at_once_one_succeeds() {
    let pod = Pod::start().await;
    let token = pod.log_in("bot").await;
    let bot = pod.client("bot");
    let requests = (0..8).map(|_| bot.post(SESSION_LOGOUT).session(&token).send());
    let answers = futures_util::future::join_all(requests).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
    assert_eq!(answers.iter().filter(|answer| answer.status == 400).count(), 7);
}

#[tokio::test]
async fn logging_out_twice_or_without_a_session_is_a_bad_request() {
    let pod = Pod::frozen().await;
    let token = pod.log_in("bot").await;
    log_out(&pod, "bot", &token).await.assert_status(200);
    log_out(&pod, "bot", &token).await.assert_error(400, INVALID);
    log_out(&pod, "bot", "no token of this pod").await.assert_error(400, INVALID);

    let key = pod.log_in_to_key_manager("bot").await;
    let out = log_out_of_key_manager(&pod, "bot", "keyManagerToken", &key).await;
    out.assert_status(200);
    for token in [key.as_str(), "0100"] {
        let out = log_out_of_key_manager(&pod, "bot", "keyManagerToken", token).await;
        out.assert_error(400, INVALID);
    }

    let token = pod.log_in("bot").await;
    pod.clock().advance(FORTNIGHT);
    log_out(&pod, "bot", &token).await.assert_error(400, INVALID);
}

#[tokio::test]
async fn a_setting_makes_such_logouts_unauthorized() {
    let pod = Pod::with_settings("logoutUnknownToken: 401").await;
    let token = pod.log_in("bot").await;
    log_out(&pod, "bot", &token).await.assert_status(200);
    log_out(&pod, "bot", &token).await.assert_error(401, INVALID);
    log_out(&pod, "bot", "no token of this pod").await.assert_error(401, INVALID);
    let token = pod.log_in("bot").await;
    pod.clock().advance(FORTNIGHT);
    log_out(&pod, "bot", &token).await.assert_error(401, INVALID);
    let out = log_out_of_key_manager(&pod, "bot", "sessionToken", "0100").await;
    out.assert_error(401, INVALID);
}

#[tokio::test]
async fn a_logout_without_a_token_is_a_bad_request() {
    let pod = Pod::start().await;
    let bot = pod.client("bot");
    for logout in [SESSION_LOGOUT, KEY_MANAGER_LOGOUT] {
        bot.post(logout).send().await.assert_error(400, MISSING);
        bot.post(logout).session("").send().await.assert_error(400, MISSING);
    }
}

#[tokio::test]
async fn nobody_logs_out_anothers_session() {
    let pod = Pod::start().await;
    let token = pod.log_in("bot").await;
    for other in ["bot2", "alice", "nobody", "BOT", "app"] {
        let answer = log_out(&pod, other, &token).await;
        answer.assert_error(403, "The session belongs to somebody else");
    }
    let key = pod.log_in_to_key_manager("bot").await;
    let out = log_out_of_key_manager(&pod, "bot2", "keyManagerToken", &key).await;
    out.assert_error(403, "The session belongs to somebody else");
    pod.session_info(&token).await.assert_status(200);
}

#[tokio::test]
async fn a_logout_demands_a_certificate_unless_a_setting_says_otherwise() {
    let pod = Pod::start().await;
    let token = pod.log_in("bot").await;
    for logout in [SESSION_LOGOUT, KEY_MANAGER_LOGOUT] {
        pod.anonymous().post(logout).session(&token).send().await.assert_status(401);
    }
    pod.session_info(&token).await.assert_status(200);

    let lax = Pod::with_settings("logoutRequiresCertificate: false").await;
    let token = lax.log_in("bot").await;
    let out = lax.anonymous().post(SESSION_LOGOUT).session(&token).send().await;
    out.assert_status(200);
    assert_ended(&lax, &token).await;
}

#[tokio::test]
async fn the_header_may_be_written_in_any_case() {
    let pod = Pod::start().await;
    let bot = pod.identity("bot").unwrap();
    for header in ["sessionToken", "sessiontoken", "SESSIONTOKEN", "SessionToken"] {
        let token = pod.log_in("bot").await;
        let request = format!(
            "POST {SESSION_LOGOUT} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{header}: {token}\r\n\r\n"
        );
        let answer = pod.exchange(&pod.tls(Some(&bot)), request).await;
        assert!(answer.starts_with("HTTP/1.1 200 "), "{header}: {answer}");
        assert_ended(&pod, &token).await;
    }
}

#[tokio::test]
async fn key_manager_and_pod_keep_their_sessions_apart() {
    let pod = Pod::start().await;
    let session = pod.log_in("bot").await;
    let key = pod.log_in_to_key_manager("bot").await;

    log_out(&pod, "bot", &key).await.assert_error(400, INVALID);
    let out = log_out_of_key_manager(&pod, "bot", "keyManagerToken", &session).await;
    out.assert_error(400, INVALID);
    pod.session_info(&key).await.assert_error(401, INVALID);

    let out = log_out_of_key_manager(&pod, "bot", "keyManagerToken", &key).await;
    assert_eq!(out.assert_status(200).body, r#"{"message":"Session logout was successful."}"#);
    pod.session_info(&session).await.assert_status(200);

    // The API file calls the key manager's header sessionToken too.
    let key = pod.log_in_to_key_manager("bot").await;
    log_out_of_key_manager(&pod, "bot", "sessionToken", &key).await.assert_status(200);
    log_out_of_key_manager(&pod, "bot", "sessionToken", &key).await.assert_error(400, INVALID);
    log_out(&pod, "bot", &session).await.assert_status(200);
}

#[tokio::test]
async fn a_session_is_good_for_two_weeks_to_the_millisecond() {
    let pod = Pod::frozen().await;
    let token = pod.log_in("bot").await;
    pod.clock().advance(FORTNIGHT - TICK);
    pod.session_info(&token).await.assert_status(200);
    let younger = pod.log_in("bot").await;
    pod.clock().advance(TICK);
    assert_ended(&pod, &token).await;
    pod.session_info(&younger).await.assert_status(200);
}

#[tokio::test]
async fn a_clock_that_runs_ages_sessions_when_it_is_moved() {
    let pod = Pod::start().await;
    let token = pod.log_in("bot").await;
    pod.clock().advance(FORTNIGHT - Duration::from_secs(3600));
    pod.session_info(&token).await.assert_status(200);
    pod.clock().advance(Duration::from_secs(3600));
    assert_ended(&pod, &token).await;
    assert!(!pod.clock().is_frozen());
    let token = pod.log_in("bot").await;
    pod.session_info(&token).await.assert_status(200);
}

#[tokio::test]
async fn a_setting_shortens_the_life_of_sessions() {
    let hour = Duration::from_secs(3600);
    let pod = Pod::with_settings("sessionLifetime: 1h").await;
    pod.clock().freeze();
    pod.clock().set(FROZEN);
    let token = pod.log_in("bot").await;
    pod.clock().set(FROZEN.plus(hour - TICK));
    pod.session_info(&token).await.assert_status(200);
    pod.clock().set(FROZEN.plus(hour));
    assert_ended(&pod, &token).await;
}
