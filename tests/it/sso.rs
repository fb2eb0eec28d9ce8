//! The configuration of single sign-on: stored, merged, and validated as a whole.

use reqwest::Method;
use serde_json::{Value, json};
use symphony_mock_pod::{MockPod, Scenario};

use crate::administrator::{Administrator, LACKS};
use crate::pod::{Answer, Pod};

const SSO: &str = "/pod/v1/admin/sso/configuration";

async fn patch(admin: &Administrator, change: &Value) -> Answer {
    admin.send(Method::PATCH, SSO, change).await
}

async fn configured(admin: &Administrator) -> Value {
    admin.get(SSO).await.assert_status(200).json()
}

fn complete(pod: &Pod) -> Value {
    // As the API file's example has it: without line breaks.
    let certificate = pod.ca_pem().replace(['\r', '\n'], "");
    json!({
        "ssoEnabled": true,
        "idpEntityId": "https://idp.mock.test/metadata",
        "idpSsoEndpoint": "https://idp.mock.test/sso/saml",
        "idpSigningCertificate": certificate,
    })
}

#[tokio::test]
async fn before_anything_is_configured_it_follows_from_where_the_pod_is() {
    let admin = Administrator::start().await;
    let base = format!("https://localhost:{}", admin.pod.port());
    let expected = json!({
        "ssoEnabled": false, "forceAuthn": false,
        "symphonyAcsUrl": format!("{base}/login/sso/acs"), "symphonyEntityId": base,
    });
    assert_eq!(configured(&admin).await, expected);

    let path = format!("/t/other{SSO}");
    let named = admin.pod.named("other").expect("a pod");
    assert_eq!(named.clock().is_frozen(), admin.clock().is_frozen());
    let token = admin.pod.client("admin").post("/t/other/sessionauth/v1/authenticate").send().await;
    let answer = admin.pod.anonymous().get(&path).session(&token.token()).send().await;
    assert_eq!(answer.assert_status(200).json()["symphonyEntityId"], format!("{base}/t/other"));
}

#[tokio::test]
async fn what_is_posted_is_stored_and_a_patch_changes_what_it_says() {
    let admin = Administrator::start().await;
    let mut expected = complete(&admin.pod);
    admin.post(SSO, &expected).await.assert_done("Success");
    let base = format!("https://localhost:{}", admin.pod.port());
    expected["forceAuthn"] = json!(false);
    expected["symphonyAcsUrl"] = json!(format!("{base}/login/sso/acs"));
    expected["symphonyEntityId"] = json!(base);
    assert_eq!(configured(&admin).await, expected);

    let change = json!({ "forceAuthn": true, "symphonyEntityId": "urn:pod", "idpEntityId": null });
    patch(&admin, &change).await.assert_done("Success");
    expected["forceAuthn"] = json!(true);
    expected["symphonyEntityId"] = json!("urn:pod");
    assert_eq!(configured(&admin).await, expected);

    // A post replaces the whole.
    admin.post(SSO, &json!({ "ssoEnabled": false })).await.assert_done("Success");
    let left = configured(&admin).await;
    assert_eq!((&left["ssoEnabled"], &left["idpEntityId"]), (&json!(false), &Value::Null));
    assert_eq!(left["symphonyEntityId"], base);
}

#[tokio::test]
async fn what_is_incomplete_or_wrong_is_refused_and_changes_nothing() {
    let admin = Administrator::start().await;
    let before = configured(&admin).await;
    patch(&admin, &json!({ "ssoEnabled": true })).await.assert_error(
        400,
        "ssoEnabled is true, and idpEntityId, idpSsoEndpoint, idpSigningCertificate is missing",
    );
    for (field, value) in [
        ("idpSsoEndpoint", json!("http://idp.mock.test/sso")),
        ("idpSsoEndpoint", json!("https://")),
        ("idpSsoEndpoint", json!("idp.mock.test")),
        ("idpSigningCertificate", json!("-----BEGIN CERTIFICATE-----x-----END CERTIFICATE-----")),
        ("idpEntityId", json!(" ")),
        ("symphonyAcsUrl", json!("")),
        ("ssoEnabled", json!("yes")),
    ] {
        let mut wrong = complete(&admin.pod);
        wrong[field] = value;
        admin.post(SSO, &wrong).await.assert_status(400);
        assert_eq!(configured(&admin).await, before, "{wrong}");
    }
    // Each part is good, the whole is not.
    admin.post(SSO, &complete(&admin.pod)).await.assert_done("Success");
    let before = configured(&admin).await;
    patch(&admin, &json!({ "idpEntityId": "" })).await.assert_status(400);
    assert_eq!(configured(&admin).await, before);
}

#[tokio::test]
async fn it_is_for_administrators_stands_in_the_audit_trail_and_is_told_as_a_seed() {
    let admin = Administrator::start().await;
    let bot = admin.pod.bot("bot").await;
    bot.get(SSO).await.assert_error(403, LACKS);
    bot.post(SSO, &json!({})).await.assert_error(403, LACKS);
    admin.post(SSO, &complete(&admin.pod)).await.assert_done("Success");
    patch(&admin, &json!({ "forceAuthn": true })).await.assert_done("Success");
    patch(&admin, &json!({ "forceAuthn": true })).await.assert_done("Success");
    let control = admin.pod.control();
    let told = control.get("/_mock/scenario").send().await.assert_status(200);
    let trail = told.json()["auditTrail"].as_array().expect("a trail").clone();
    let changed: Vec<_> = trail.iter().map(|it| it["details"]["attribute"].as_str()).collect();
    let all =
        ["idpEntityId", "idpSigningCertificate", "idpSsoEndpoint", "ssoEnabled", "forceAuthn"];
    assert_eq!(changed, all.map(Some));
    assert_eq!(trail[4]["actionName"], "ssoConfigurationUpdated");

    let again = Scenario::parse(&told.body).expect("a scenario");
    let again = Pod::built(MockPod::builder().scenario(again)).await;
    let token = again.log_in("admin").await;
    let kept = again.anonymous().get(SSO).session(&token).send().await.assert_status(200).json();
    assert_eq!(kept["idpSsoEndpoint"], "https://idp.mock.test/sso/saml");
    assert_eq!(kept["forceAuthn"], true);

    // A document that is added to a pod merges, too.
    let wrong = json!({ "sso": { "idpSigningCertificate": "none" } });
    let refused = control.post("/_mock/scenario").json(&wrong).send().await.assert_status(400);
    assert!(refused.body.contains("idpSigningCertificate is no certificate"), "{refused:?}");
    let less = json!({ "sso": { "forceAuthn": false } });
    control.post("/_mock/scenario").json(&less).send().await.assert_status(200);
    let now = configured(&admin).await;
    assert_eq!((&now["forceAuthn"], &now["ssoEnabled"]), (&json!(false), &json!(true)));
}
