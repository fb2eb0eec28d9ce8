//! Logins by client certificate: who gets in, who does not and what he hears, and what the tokens
//! look like.

use std::collections::HashSet;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use symphony_mock_pod::{Clock, Defect, KeyAlgorithm, LeafRequest, MockPod};

use crate::pod::{FROZEN, Pod, Port};

/// Pod and key manager judge certificates alike.
const LOGINS: [&str; 2] = ["/sessionauth/v1/authenticate", "/keyauth/v1/authenticate"];

const NOBODY: &str =
    "The client certificate's Common Name is not the username of an active service user";
const NOT_ALLOWED: &str = "Certificate authentication is not allowed for this user";
const NO_BODY: &str = "The body of an authentication request must be empty";

/// One of each kind of account that certificate logins tell apart.
const ACCOUNTS: &str = "
foreignPods:
  - { id: 2, company: Partner }
users:
  - { username: bot, accountType: SYSTEM }
  - { username: retired, accountType: SYSTEM, enabled: false }
  - { username: barred, accountType: SYSTEM, certificateLogin: false }
  - { username: guest, accountType: SYSTEM, pod: 2 }
  - { username: alice }
  - { username: former, enabled: false }
  - { username: claimed, accountType: SYSTEM }
  - { username: freed, accountType: SYSTEM }
  - { username: unclaimed, accountType: SYSTEM }
apps:
  - { id: claimed }
  - { id: freed, enabled: false }
  - { id: unclaimed, certificateLogin: false }
  - { id: lone }
";

/// What the holder of a certificate with this Common Name gets at both logins and on both ports.
async fn assert_login(pod: &Pod, name: &str, status: u16, message: &str) {
    for login in LOGINS {
        for port in [Port::Main, Port::Mtls] {
            let answer = pod.client(name).on(port).post(login).send().await;
            match status {
                200 => drop(answer.assert_status(200)),
                _ => drop(answer.assert_error(status, message)),
            }
        }
    }
}

#[tokio::test]
async fn a_service_user_logs_in() {
    assert_login(&Pod::seeded(ACCOUNTS).await, "bot", 200, "").await;
}

#[tokio::test]
async fn a_name_that_is_no_users_is_unauthorized() {
    let pod = Pod::seeded(ACCOUNTS).await;
    for name in ["nobody", "lone", "Zoë", " bot", "bot\0", ""] {
        assert_login(&pod, name, 401, NOBODY).await;
    }
}

#[tokio::test]
async fn letter_case_counts_in_names() {
    let pod = Pod::seeded(ACCOUNTS).await;
    for name in ["Bot", "BOT", "boT"] {
        assert_login(&pod, name, 401, NOBODY).await;
    }
}

#[tokio::test]
async fn a_user_of_another_pod_is_unauthorized() {
    assert_login(&Pod::seeded(ACCOUNTS).await, "guest", 401, NOBODY).await;
}

#[tokio::test]
async fn a_disabled_user_is_unauthorized() {
    let pod = Pod::seeded(ACCOUNTS).await;
    assert_login(&pod, "retired", 401, NOBODY).await;
    assert_login(&pod, "former", 401, NOBODY).await;
}

#[tokio::test]
async fn a_person_is_forbidden() {
    assert_login(&Pod::seeded(ACCOUNTS).await, "alice", 403, NOT_ALLOWED).await;
}

#[tokio::test]
async fn a_service_user_without_certificate_login_is_forbidden() {
    assert_login(&Pod::seeded(ACCOUNTS).await, "barred", 403, NOT_ALLOWED).await;
}

#[tokio::test]
async fn a_service_user_whose_name_an_app_claims_is_forbidden() {
    assert_login(&Pod::seeded(ACCOUNTS).await, "claimed", 403, NOT_ALLOWED).await;
}

#[tokio::test]
async fn an_app_that_is_disabled_or_has_no_certificate_claims_no_name() {
    let pod = Pod::seeded(ACCOUNTS).await;
    assert_login(&pod, "freed", 200, "").await;
    assert_login(&pod, "unclaimed", 200, "").await;
}

#[tokio::test]
async fn without_a_certificate_the_main_port_says_what_is_missing() {
    let pod = Pod::start().await;
    for login in LOGINS {
        let answer = pod.anonymous().post(login).send().await.assert_status(401);
        assert_eq!(answer.json()["code"], 401);
        let message = answer.json()["message"].as_str().unwrap().to_owned();
        assert!(message.starts_with("A client certificate is required"), "{message}");
    }
}

#[tokio::test]
async fn a_certificate_without_a_common_name_is_unauthorized() {
    let pod = Pod::start().await;
    let nameless = pod.certificates().issue_defective("bot", Defect::NoCommonName).unwrap();
    for login in LOGINS {
        pod.client_with(&nameless).post(login).send().await.assert_error(401, NOBODY);
    }
}

#[tokio::test]
async fn a_tolerant_login_ignores_body_and_content_type() {
    let pod = Pod::start().await;
    let bot = pod.client("bot");
    for login in LOGINS {
        bot.post(login).send().await.assert_status(200);
        bot.post(login).header("content-type", "application/json").send().await.assert_status(200);
        bot.post(login).body("{}").send().await.assert_status(200);
        let typed = bot.post(login).header("content-type", "text/plain").body("not JSON");
        typed.send().await.assert_status(200);
    }
}

#[tokio::test]
async fn a_strict_login_takes_neither_body_nor_content_type() {
    let pod = Pod::with_settings("authenticateBody: strict").await;
    let bot = pod.client("bot");
    for login in LOGINS {
        bot.post(login).send().await.assert_status(200);
        let typed = || bot.post(login).header("content-type", "application/json");
        typed()
            .send()
            .await
            .assert_error(400, "An authentication request must not have a Content-Type");
        typed().body("{}").send().await.assert_error(401, NO_BODY);
        bot.post(login).body("{}").send().await.assert_error(400, NO_BODY);
    }
}

#[tokio::test]
async fn a_minimum_of_key_bits_compares_curves_with_rsa() {
    let key = "The client certificate's key is too short";
    let demanding = Pod::with_settings("minimumKeyBits: 4096").await;
    assert_login(&demanding, "bot", 403, key).await;

    let pod = Pod::with_settings("minimumKeyBits: 3072").await;
    assert_login(&pod, "bot", 200, "").await;
    let rsa = LeafRequest::client("bot", KeyAlgorithm::Rsa2048);
    let rsa = pod.certificates().issue("bot", &rsa).unwrap();
    for login in LOGINS {
        pod.client_with(&rsa).post(login).send().await.assert_error(403, key);
    }
    let by_default = Pod::start().await;
    by_default.client_with(&rsa).post(LOGINS[0]).send().await.assert_status(200);
}

#[tokio::test]
async fn a_session_token_looks_like_a_recorded_one() {
    let pod = Pod::frozen().await;
    let answer = pod.client("bot").post("/sessionauth/v1/authenticate").send().await;
    assert_eq!(answer.header("content-type"), "application/json");
    assert!(answer.body.starts_with(r#"{"name":"sessionToken","token":"eyJ"#), "{}", answer.body);
    assert_eq!(answer.json().as_object().unwrap().len(), 2);

    let token = answer.token();
    let [header, payload, signature] = parts(&token);
    assert_eq!(header, br#"{"alg":"RS512"}"#);
    assert_eq!(signature.len(), 256, "the length of an RSA signature with 2,048 bits");
    let payload = String::from_utf8(payload).unwrap();
    let session_id = payload
        .strip_prefix(r#"{"sub":"bot","iss":"symphony","sessionId":""#)
        .and_then(|rest| rest.strip_suffix(r#"","userId":"68719476737"}"#))
        .unwrap_or_else(|| panic!("claims or their order: {payload}"));
    assert_eq!(session_id.len(), 128);
    let layout = format!("{:016x}{:016x}", FROZEN.as_millis(), 68_719_476_737_u64);
    assert_eq!(&session_id[96..], layout, "creation time and user end the session's id");
}

#[tokio::test]
async fn a_key_manager_token_is_hex() {
    let pod = Pod::start().await;
    let answer = pod.client("bot").post("/keyauth/v1/authenticate").send().await;
    assert!(
        answer.body.starts_with(r#"{"name":"keyManagerToken","token":"0100"#),
        "{}",
        answer.body
    );
    let token = answer.token();
    assert!(token.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')), "{token}");
    assert_eq!(token.len(), 370);
}

#[tokio::test]
async fn every_login_is_a_new_session_and_the_older_ones_live_on() {
    let pod = Pod::frozen().await;
    let mut tokens = HashSet::new();
    for _ in 0..5 {
        tokens.insert(pod.log_in("bot").await);
        tokens.insert(pod.log_in("bot2").await);
    }
    assert_eq!(tokens.len(), 10);
    for token in &tokens {
        pod.session_info(token).await.assert_status(200);
    }
    let keys = [pod.log_in_to_key_manager("bot").await, pod.log_in_to_key_manager("bot").await];
    assert_ne!(keys[0], keys[1]);
}

#[tokio::test]
async fn many_logins_at_once_are_as_many_sessions() {
    let pod = Pod::start().await;
    let bot = pod.client("bot");
    let logins = (0..50).map(|_| bot.post(LOGINS[0]).send());
    let answers = futures_util::future::join_all(logins).await;
    let tokens: HashSet<_> = answers.into_iter().map(|answer| answer.token()).collect();
    assert_eq!(tokens.len(), 50);
    for token in &tokens {
        pod.session_info(token).await.assert_status(200);
    }
}

#[tokio::test]
async fn same_seed_clock_and_calls_give_the_same_tokens_and_another_seed_others() {
    async fn tokens(seed: u64) -> [String; 3] {
        let builder = MockPod::builder().seed(seed).clock(Clock::frozen_at(FROZEN));
        let pod = Pod::built(builder).await;
        assert_eq!(pod.seed(), seed);
        let first = pod.log_in("bot").await;
        [first, pod.log_in_to_key_manager("bot").await, pod.log_in("bot2").await]
    }
    let once = tokens(7).await;
    assert_eq!(once, tokens(7).await);
    let other = tokens(8).await;
    for (a, b) in once.iter().zip(&other) {
        assert_ne!(a, b);
    }
}

#[tokio::test]
async fn a_pod_without_a_seed_never_repeats_the_tokens_of_its_former_life() {
    assert_ne!(Pod::frozen().await.log_in("bot").await, Pod::frozen().await.log_in("bot").await);
}

fn parts(token: &str) -> [Vec<u8>; 3] {
    let parts: Vec<_> =
        token.split('.').map(|part| URL_SAFE_NO_PAD.decode(part).unwrap()).collect();
    parts.try_into().expect("three parts")
}
