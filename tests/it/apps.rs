//! Apps: their sessions, sessions on behalf of users, and the circle of trust.

use ring::signature::{RSA_PKCS1_2048_8192_SHA512, UnparsedPublicKey};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use serde_json::{Value, json};
use symphony_mock_pod::{MockPod, Scenario};
use x509_parser::prelude::{FromDer, X509Certificate};

use crate::jwt::{Jwt, claims};
use crate::pod::{Answer, FROZEN, Pod};

const PUBKEY_APP: &str = "/login/pubkey/app/authenticate";
const CERTIFICATE_APP: &str = "/sessionauth/v1/app/authenticate";
const PUBKEY_EXTENSION: &str = "/login/v1/pubkey/app/authenticate/extensionApp";
const CERTIFICATE_EXTENSION: &str = "/sessionauth/v1/authenticate/extensionApp";
const ENTITLEMENT: &str = "The user lacks the required entitlement to perform this operation";

/// The two ways in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Jwt,
    Certificate,
}

const MODES: [Mode; 2] = [Mode::Jwt, Mode::Certificate];

/// The default pod, with something about its app changed.
async fn pod_whose_app(change: impl FnOnce(&mut symphony_mock_pod::AppSeed)) -> Pod {
    let mut scenario = Scenario::embedded();
    change(&mut scenario.apps[0]);
    Pod::built(MockPod::builder().scenario(scenario)).await
}

async fn app_login(pod: &Pod, mode: Mode, name: &str) -> Answer {
    match mode {
        Mode::Jwt => {
            let jwt = Jwt::of(pod, &pod.identity(name).unwrap()).sign();
            pod.anonymous().post(PUBKEY_APP).json(&json!({ "token": jwt })).send().await
        }
        Mode::Certificate => pod.client(name).post(CERTIFICATE_APP).send().await,
    }
}

async fn app_session(pod: &Pod, mode: Mode) -> String {
    app_login(pod, mode, "app").await.token()
}

/// `who` is `user/ID` or `username/NAME`.
async fn on_behalf_of(pod: &Pod, mode: Mode, app_token: &str, who: &str) -> Answer {
    let request = match mode {
        Mode::Jwt => pod.anonymous().post(&format!("/login/pubkey/app/{who}/authenticate")),
        Mode::Certificate => {
            pod.client("app").post(&format!("/sessionauth/v1/app/{who}/authenticate"))
        }
    };
    request.session(app_token).header("content-type", "application/json").send().await
}

/// The token of a session on behalf of a user, where each mode's answer has it.
fn obo_token(mode: Mode, answer: Answer) -> String {
    let field = match mode {
        Mode::Jwt => "token",
        Mode::Certificate => "sessionToken",
    };
    let answer = answer.assert_status(200);
    answer.json()[field].as_str().expect("a token").to_owned()
}

async fn user_id(pod: &Pod, mode: Mode, name: &str) -> Value {
    let app = app_session(pod, mode).await;
    let who = format!("username/{name}");
    let token = obo_token(mode, on_behalf_of(pod, mode, &app, &who).await);
    pod.session_info(&token).await.json()["id"].clone()
}

#[tokio::test]
async fn an_app_acts_on_behalf_of_a_user_by_id_and_by_name() {
    let pod = Pod::start().await;
    for mode in MODES {
        let app = app_session(&pod, mode).await;
        let alice = user_id(&pod, mode, "alice").await;
        for who in [format!("user/{alice}"), "username/alice".into()] {
            let token = obo_token(mode, on_behalf_of(&pod, mode, &app, &who).await);
            let info = pod.session_info(&token).await.assert_status(200);
            assert_eq!(info.json()["username"], "alice", "{mode:?} {who}");
            let claims = claims(&token);
            assert_eq!(claims["sub"], "alice");
            assert_eq!(claims["appGroupId"], "app");
            assert_eq!(claims["appPermissions"][0], "ACT_AS_USER");
        }
    }
}

#[tokio::test]
async fn answers_have_the_shape_of_their_api() {
    let pod = Pod::start().await;
    let app = app_session(&pod, Mode::Jwt).await;
    let answer = on_behalf_of(&pod, Mode::Jwt, &app, "username/bob").await.assert_status(200);
    assert_eq!(answer.json()["name"], "sessionToken");
    assert!(answer.json().get("sessionToken").is_none());
    let answer = on_behalf_of(&pod, Mode::Certificate, &app, "username/bob").await;
    let answer = answer.assert_status(200).json();
    assert!(answer["sessionToken"].is_string());
    assert_eq!(answer.as_object().map(serde_json::Map::len), Some(1), "{answer}");
}

#[tokio::test]
async fn a_name_is_decoded_once() {
    let pod = Pod::seeded(
        "{ apps: [{ id: app }], users: [{ username: 'john+a@bank/x y' }, { username: 'a%2Fb' }] }",
    )
    .await;
    let app = app_session(&pod, Mode::Jwt).await;
    for (sent, name) in [("john%2Ba%40bank%2Fx%20y", "john+a@bank/x y"), ("a%252Fb", "a%2Fb")] {
        let answer = on_behalf_of(&pod, Mode::Jwt, &app, &format!("username/{sent}")).await;
        let info = pod.session_info(&obo_token(Mode::Jwt, answer)).await;
        assert_eq!(info.json()["username"], name);
    }
}

#[tokio::test]
async fn an_app_that_is_unknown_disabled_or_signs_badly_does_not_log_in() {
    let pod = Pod::start().await;
    let app = pod.identity("app").unwrap();
    let bot = pod.identity("bot").unwrap();
    for jwt in [
        Jwt::of(&pod, &app).subject("other"),
        Jwt::of(&pod, &app).subject("app:x"),
        Jwt::of(&pod, &app).signed_by(&bot),
        Jwt::of(&pod, &app).expiring_in(&pod, 400),
        Jwt::of(&pod, &bot),
    ] {
        let body = json!({ "token": jwt.sign() });
        pod.anonymous().post(PUBKEY_APP).json(&body).send().await.assert_status(401);
    }
    app_login(&pod, Mode::Certificate, "bot").await.assert_status(401);
    pod.anonymous().post(CERTIFICATE_APP).send().await.assert_status(401);

    let disabled = pod_whose_app(|app| app.enabled = false).await;
    for mode in MODES {
        app_login(&disabled, mode, "app").await.assert_status(401);
    }
    let keys_only = pod_whose_app(|app| app.certificate_login = false).await;
    app_login(&keys_only, Mode::Certificate, "app").await.assert_status(403);
    app_login(&keys_only, Mode::Jwt, "app").await.assert_status(200);
}

#[tokio::test]
async fn each_reason_against_a_session_on_behalf_of_a_user_has_its_status() {
    let pod = Pod::start().await;
    for (mode, unknown) in [(Mode::Jwt, 401), (Mode::Certificate, 404)] {
        let app = app_session(&pod, mode).await;
        for who in ["user/1", "username/nobody", "username/carol"] {
            on_behalf_of(&pod, mode, &app, who).await.assert_status(unknown);
        }
        on_behalf_of(&pod, mode, &app, "user/alice").await.assert_status(400);
        let bot = pod.log_in("bot").await;
        let not_an_apps = if mode == Mode::Jwt { 401 } else { 403 };
        on_behalf_of(&pod, mode, &bot, "username/alice").await.assert_status(not_an_apps);
        on_behalf_of(&pod, mode, "garbage", "username/alice").await.assert_status(401);
    }
    let somebody_elses = app_session(&pod, Mode::Certificate).await;
    let by_bot = pod.client("bot").post("/sessionauth/v1/app/username/alice/authenticate");
    by_bot.session(&somebody_elses).send().await.assert_status(403);

    let not_installed = pod_whose_app(|app| app.installed_for_all = false).await;
    let powerless =
        pod_whose_app(|app| app.permissions.retain(|p| p.as_str() != "ACT_AS_USER")).await;
    for pod in [&not_installed, &powerless] {
        for mode in MODES {
            let app = app_session(pod, mode).await;
            on_behalf_of(pod, mode, &app, "username/alice").await.assert_status(403);
        }
    }
}

#[tokio::test]
async fn a_call_needs_a_permission_of_the_app_and_some_are_closed_to_apps() {
    let pod = pod_whose_app(|app| app.permissions.retain(|p| p.as_str() == "ACT_AS_USER")).await;
    let app = app_session(&pod, Mode::Jwt).await;
    let token = obo_token(Mode::Jwt, on_behalf_of(&pod, Mode::Jwt, &app, "username/alice").await);
    pod.session_info(&token).await.assert_error(403, ENTITLEMENT);

    let pod = Pod::start().await;
    let app = app_session(&pod, Mode::Jwt).await;
    let token = obo_token(Mode::Jwt, on_behalf_of(&pod, Mode::Jwt, &app, "username/alice").await);
    let echo = pod.anonymous().post("/agent/v1/util/echo").session(&token);
    echo.json(&json!({ "message": "x" })).send().await.assert_error(403, ENTITLEMENT);
    pod.session_info(&app).await.assert_error(403, ENTITLEMENT);
}

#[tokio::test]
async fn an_app_reads_messages_for_users_who_let_it() {
    for (permission, status) in [("GET_USER_MESSAGES", 200), ("OF_TOMORROW", 403)] {
        let pod = pod_whose_app(|app| {
            app.permissions = ["ACT_AS_USER", permission].map(str::to_owned).into();
        });
        let pod = pod.await;
        pod.user("alice").send("Test Room", "hello").unwrap();
        let [message] = &*pod.user("alice").messages("Test Room").unwrap() else { panic!() };
        let app = app_session(&pod, Mode::Jwt).await;
        let obo = on_behalf_of(&pod, Mode::Jwt, &app, "username/alice").await;
        let token = obo_token(Mode::Jwt, obo);
        let stream = &message.stream;
        for path in [
            format!("/agent/v1/message/{}", message.id),
            format!("/agent/v4/stream/{stream}/message?since=0"),
        ] {
            pod.anonymous().get(&path).session(&token).send().await.assert_status(status);
        }
        // A permission that no operation asks for is the app's all the same.
        let scenario = pod.control().get("/_mock/scenario").send().await.assert_status(200).json();
        assert_eq!(scenario["apps"][0]["permissions"], json!(["ACT_AS_USER", permission]));
    }
}

#[tokio::test]
async fn logging_the_app_out_leaves_its_sessions_on_behalf_of_users_alive() {
    let pod = Pod::start().await;
    for mode in MODES {
        let app = app_session(&pod, mode).await;
        let token = obo_token(mode, on_behalf_of(&pod, mode, &app, "username/alice").await);
        let logout = |token: &str| pod.client("app").post("/sessionauth/v1/logout").session(token);
        logout(&app).send().await.assert_status(200);
        on_behalf_of(&pod, mode, &app, "username/bob").await.assert_status(401);
        pod.session_info(&token).await.assert_status(200);
        logout(&token).send().await.assert_status(200);
        pod.session_info(&token).await.assert_error(401, "Invalid session");
    }
}

#[tokio::test]
async fn an_extension_app_gets_its_token_back_with_the_pods() {
    let pod = Pod::frozen().await;
    let app = pod.identity("app").unwrap();
    let jwt = Jwt::of(&pod, &app).sign();
    let by_jwt = json!({ "appToken": "Ta 1", "authToken": jwt });
    let by_jwt = pod.anonymous().post(PUBKEY_EXTENSION).json(&by_jwt).send().await;
    let by_certificate = json!({ "appToken": "Ta 2" });
    let by_certificate =
        pod.client("app").post(CERTIFICATE_EXTENSION).json(&by_certificate).send().await;
    for (answer, app_token) in [(by_jwt, "Ta 1"), (by_certificate, "Ta 2")] {
        let tokens = answer.assert_status(200).json();
        assert_eq!(tokens["appId"], "app");
        assert_eq!(tokens["appToken"], app_token);
        assert!(tokens["symphonyToken"].as_str().unwrap().len() >= 64);
        assert_eq!(tokens["expireAt"], FROZEN.as_millis() + 300_000);
    }
}

#[tokio::test]
async fn an_extension_apps_token_has_its_limits() {
    let pod = Pod::start().await;
    let app = pod.identity("app").unwrap();
    let longest = "x".repeat(1_000);
    let too_long = "x".repeat(1_001);
    for (token, status) in [("", 400), (too_long.as_str(), 400), (longest.as_str(), 200)] {
        let body = json!({ "appToken": token, "authToken": Jwt::of(&pod, &app).sign() });
        pod.anonymous().post(PUBKEY_EXTENSION).json(&body).send().await.assert_status(status);
        let body = json!({ "appToken": token });
        pod.client("app")
            .post(CERTIFICATE_EXTENSION)
            .json(&body)
            .send()
            .await
            .assert_status(status);
    }
    let foreign = Jwt::of(&pod, &app).signed_by(&pod.identity("bot").unwrap()).sign();
    let body = json!({ "appToken": "x", "authToken": foreign });
    pod.anonymous().post(PUBKEY_EXTENSION).json(&body).send().await.assert_status(401);
    let body = json!({ "appToken": "x" });
    pod.client("bot").post(CERTIFICATE_EXTENSION).json(&body).send().await.assert_status(401);
}

#[tokio::test]
async fn the_pods_certificate_verifies_the_identity_of_a_front_ends_user() {
    let pod = Pod::frozen().await;
    let open = pod.anonymous().get("/pod/v1/podcert").send().await.assert_status(200).json();
    let closed = pod.client("app").get("/sessionauth/v1/app/pod/certificate").send().await;
    assert_eq!(closed.assert_status(200).json(), open);
    pod.anonymous().get("/sessionauth/v1/app/pod/certificate").send().await.assert_status(401);

    let pem = open["certificate"].as_str().unwrap();
    let der = CertificateDer::from_pem_slice(pem.as_bytes()).unwrap();
    let (_, certificate) = X509Certificate::from_der(&der).unwrap();
    let key = &certificate.public_key().subject_public_key.data;

    let jwt = pod.identity_jwt("app", "alice").unwrap();
    let asked = json!({ "app": "app", "user": "alice" });
    let asked = pod.control().post("/_mock/identity-jwt").json(&asked).send().await.json();
    assert_eq!(asked["jwt"], jwt, "the same question has the same answer");
    crate::jwt::assert_signed(&jwt, &UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA512, key));

    let claims = claims(&jwt);
    assert_eq!(claims["aud"], "app");
    assert_eq!(claims["iss"], "Symphony Communication Services LLC.");
    assert_eq!(claims["exp"], FROZEN.as_secs() + 300);
    assert!(claims["sub"].is_u64());
    assert_eq!(claims["user"]["id"], claims["sub"]);
    assert_eq!(claims["user"]["displayName"], "Alice Adams");
}

#[tokio::test]
async fn the_control_port_says_which_part_of_the_question_is_wrong() {
    let pod = Pod::start().await;
    for (app, user, field) in [("nope", "alice", "app"), ("app", "nobody", "user")] {
        let body = json!({ "app": app, "user": user });
        let answer = pod.control().post("/_mock/identity-jwt").json(&body).send().await;
        assert_eq!(answer.assert_status(400).json()["field"], field);
    }
}
