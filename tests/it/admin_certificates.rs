//! Company certificates: whom administrators trust, and what clients hear of it in the next
//! handshake.

use std::path::Path;
use std::time::Duration;

use rustls::{AlertDescription, ClientConfig, HandshakeKind};
use serde_json::{Value, json};
use symphony_mock_pod::{Certificates, Defect, KeyAlgorithm, LeafRequest};
use time::OffsetDateTime;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::pod::{Answer, FROZEN, Pod, Port, patiently};

const SCENARIO: &str = "
users:
  - { username: admin, accountType: SYSTEM, roles: [INDIVIDUAL, USER_PROVISIONING] }
  - { username: bot, accountType: SYSTEM }
";
const LOGIN: &str = "/sessionauth/v1/authenticate";
const LACKS: &str = "The user lacks the required entitlement to perform this operation";

/// A pod, and somebody who may administer it.
struct Administered {
    pod: Pod,
    token: String,
}

impl Administered {
    async fn start() -> Self {
        Self::of(Pod::seeded(SCENARIO).await).await
    }

    async fn of(pod: Pod) -> Self {
        let token = pod.log_in("admin").await;
        Self { pod, token }
    }

    async fn get(&self, path: &str) -> Answer {
        self.pod.anonymous().get(path).session(&self.token).send().await
    }

    async fn post(&self, path: &str, body: &Value) -> Answer {
        self.pod.anonymous().post(path).session(&self.token).json(body).send().await
    }

    async fn list(&self, path: &str) -> Vec<Value> {
        let list = self.get(path).await.assert_status(200).json();
        list.as_array().expect("a bare array").clone()
    }

    /// Brings a certificate in; gives its fingerprint.
    async fn create(&self, pem: &str, status: &str) -> String {
        let created = self.post("/pod/v2/companycert/create", &upload(pem, status)).await;
        let created = created.assert_status(200).json();
        created["companyCertInfo"]["fingerPrint"].as_str().expect("a fingerprint").to_owned()
    }

    async fn set_status(&self, fingerprint: &str, status: &str) {
        let change = json!({ "status": { "type": status } });
        let path = format!("/pod/v1/companycert/{fingerprint}/update");
        let answer = self.post(&path, &change).await.assert_status(200);
        assert_eq!(answer.json(), json!({ "format": "TEXT", "message": "OK" }));
    }

    async fn delete(&self, fingerprint: &str) {
        let answer = self.post("/pod/v1/companycert/delete", &json!({ "id": fingerprint })).await;
        let answer = answer.assert_status(200);
        assert_eq!(answer.json(), json!({ "format": "TEXT", "message": "OK" }));
    }

    /// Fingerprint of the authority that the pod came with.
    async fn own_authority(&self) -> String {
        let own = self.list("/pod/v1/companycert/podmanaged/list").await;
        own[0]["companyCertInfo"]["fingerPrint"].as_str().expect("a fingerprint").to_owned()
    }

    /// The holder of this certificate gets in, and would be let in again without another look at
    /// the certificate.
    async fn assert_resumes(&self, tls: &ClientConfig) {
        for resumed in [false, true] {
            assert_eq!(self.shake_hands(tls).await, Ok(resumed));
        }
    }

    async fn assert_refused(&self, tls: &ClientConfig) {
        let refused = Err(AlertDescription::CertificateUnknown);
        assert_eq!(self.shake_hands(tls).await, refused);
        assert_eq!(self.shake_hands(tls).await, refused);
    }

    /// Logs in over a connection of its own: whether its session was resumed, or the alert.
    async fn shake_hands(&self, tls: &ClientConfig) -> Result<bool, AlertDescription> {
        let request =
            format!("POST {LOGIN} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        let exchange = async {
            let mut stream = self.pod.connect(Port::Mtls, tls).await?;
            stream.write_all(request.as_bytes()).await?;
            let mut answer = String::new();
            stream.read_to_string(&mut answer).await?;
            assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
            Ok::<_, std::io::Error>(stream.get_ref().1.handshake_kind())
        };
        patiently(exchange).await.map(|kind| kind == Some(HandshakeKind::Resumed)).map_err(
            |error| match error.get_ref().and_then(|inner| inner.downcast_ref()) {
                Some(rustls::Error::AlertReceived(alert)) => *alert,
                _ => panic!("not an alert: {error:?}"),
            },
        )
    }
}

fn upload(pem: &str, status: &str) -> Value {
    json!({
        "pem": pem,
        "attributes": { "name": "mine", "type": { "type": "USER" }, "status": { "type": status } },
    })
}

/// An authority that the pod does not know, with identities of its own.
fn company(name: &str) -> Certificates {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("it").join(name);
    drop(std::fs::remove_dir_all(&folder));
    let names = ["bot".to_owned()];
    Certificates::open(&folder, &names, &[], KeyAlgorithm::P256).expect("certificates")
}

#[tokio::test]
async fn an_authority_is_trusted_from_the_next_handshake_on_and_no_longer_than_it_is_on_record() {
    let admin = Administered::start().await;
    let company = company("company-authority");
    let bot = admin.pod.tls(Some(&company.identity("bot").unwrap()));
    admin.assert_refused(&bot).await;

    let authority = admin.create(company.authority_pem(), "TRUSTED").await;
    admin.assert_resumes(&bot).await;
    admin.delete(&authority).await;
    admin.assert_refused(&bot).await;
    // Nothing else was touched.
    admin.pod.log_in("bot").await;
}

#[tokio::test]
async fn every_status_but_trusted_ends_the_trust_in_an_authority() {
    let admin = Administered::start().await;
    let company = company("company-statuses");
    let bot = admin.pod.tls(Some(&company.identity("bot").unwrap()));
    let authority = admin.create(company.authority_pem(), "KNOWN").await;
    admin.assert_refused(&bot).await;
    for status in ["KNOWN", "REVOKED", "DISABLED"] {
        admin.set_status(&authority, "TRUSTED").await;
        admin.assert_resumes(&bot).await;
        admin.set_status(&authority, status).await;
        admin.assert_refused(&bot).await;
    }
}

#[tokio::test]
async fn a_certificate_is_trusted_by_itself_without_its_authority() {
    let admin = Administered::start().await;
    let foreign =
        admin.pod.certificates().issue_defective("bot", Defect::ForeignAuthority).unwrap();
    let bot = admin.pod.tls(Some(&foreign));
    let certificate = admin.create(foreign.certificate_pem(), "TRUSTED").await;
    admin.assert_resumes(&bot).await;
    admin.set_status(&certificate, "KNOWN").await;
    admin.assert_refused(&bot).await;
    admin.set_status(&certificate, "TRUSTED").await;
    admin.assert_resumes(&bot).await;
    admin.delete(&certificate).await;
    admin.assert_refused(&bot).await;
}

#[tokio::test]
async fn a_revoked_certificate_is_refused_though_its_authority_is_trusted() {
    let admin = Administered::start().await;
    let identity = admin.pod.identity("bot").unwrap();
    let bot = admin.pod.tls(Some(&identity));
    admin.assert_resumes(&bot).await;
    let certificate = admin.create(identity.certificate_pem(), "REVOKED").await;
    admin.assert_refused(&bot).await;
    admin.set_status(&certificate, "DISABLED").await;
    admin.assert_refused(&bot).await;
    // Known is no reason for trust, and none for distrust: its authority vouches for it.
    admin.set_status(&certificate, "KNOWN").await;
    admin.assert_resumes(&bot).await;
    admin.set_status(&certificate, "REVOKED").await;
    admin.assert_refused(&bot).await;
    admin.delete(&certificate).await;
    admin.assert_resumes(&bot).await;
}

#[tokio::test]
async fn the_pods_own_authority_is_on_record_and_may_be_removed() {
    let admin = Administered::start().await;
    let own = admin.list("/pod/v1/companycert/podmanaged/list").await;
    assert_eq!(own.len(), 1, "{own:?}");
    let attributes = &own[0]["companyCertAttributes"];
    assert_eq!(attributes["name"], "symphony-mock-pod development CA");
    assert_eq!(attributes["type"], json!({ "type": "USERSIGNING" }));
    assert_eq!(attributes["status"], json!({ "type": "TRUSTED" }));
    let info = &own[0]["companyCertInfo"];
    assert_eq!([&info["updatedAt"], &info["updatedBy"]], [&json!(0), &json!(0)]);
    assert_eq!(admin.list("/pod/v1/companycert/list").await, own);

    let bot = admin.pod.tls(Some(&admin.pod.identity("bot").unwrap()));
    admin.assert_resumes(&bot).await;
    admin.delete(&admin.own_authority().await).await;
    admin.assert_refused(&bot).await;
    assert!(admin.list("/pod/v1/companycert/list").await.is_empty());
    // Without a certificate the main port is open, and the administrator's session is alive.
    let pem = admin.pod.ca_pem().to_owned();
    admin.create(&pem, "TRUSTED").await;
    admin.assert_resumes(&bot).await;
    assert!(admin.list("/pod/v1/companycert/podmanaged/list").await.is_empty());
}

#[tokio::test]
async fn what_is_on_record_is_told_in_the_forms_of_the_api() {
    let admin = Administered::of(
        Pod::built(
            symphony_mock_pod::MockPod::builder()
                .scenario(symphony_mock_pod::Scenario::parse(SCENARIO).unwrap())
                .clock(symphony_mock_pod::Clock::frozen_at(FROZEN)),
        )
        .await,
    )
    .await;
    let identity = admin.pod.identity("bot").unwrap();
    let me = admin.get("/pod/v2/sessioninfo").await.json()["id"].clone();
    let body = upload(identity.certificate_pem(), "KNOWN");
    let created = admin.post("/pod/v2/companycert/create", &body).await.assert_status(200).json();
    let fingerprint = created["companyCertInfo"]["fingerPrint"].as_str().unwrap().to_owned();
    assert_eq!(created["companyCertAttributes"], body["attributes"]);
    assert_eq!(
        created["companyCertInfo"],
        json!({
            "fingerPrint": fingerprint,
            "issuerFingerPrint": admin.own_authority().await,
            "lastSeen": 0,
            "updatedAt": FROZEN.as_millis(),
            "updatedBy": me,
            "commonName": "bot",
            "expiryDate": 2_524_521_600_000_u64,
        })
    );
    assert_eq!(
        created["certInfo"],
        json!([
            { "name": "General", "attributes": [
                { "name": "Issuer", "value": "O=symphony-mock-pod CN=symphony-mock-pod development CA" },
                { "name": "Subject", "value": "O=symphony-mock-pod CN=bot" },
                { "name": "Signature Algorithm", "value": "SHA256withECDSA" },
            ] },
            { "name": "Validity", "attributes": [
                { "name": "Not Before", "value": "Wed Jan 01 00:00:00 UTC 2020" },
                { "name": "Not After", "value": "Fri Dec 31 00:00:00 UTC 2049" },
            ] },
            { "name": "Public Key", "attributes": [
                { "name": "Algorithm", "value": "EC" },
                { "name": "Format", "value": "X.509" },
            ] },
        ])
    );
    let get = format!("/pod/v1/companycert/{fingerprint}/get");
    assert_eq!(admin.get(&get).await.assert_status(200).json(), created);

    // In lists it has everything but the details, and a login is remembered.
    admin.pod.clock().advance(Duration::from_secs(5));
    admin.pod.client("bot").post(LOGIN).send().await.assert_status(200);
    let mut item = created.clone();
    item.as_object_mut().unwrap().remove("certInfo");
    item["companyCertInfo"]["lastSeen"] = json!(FROZEN.as_millis() + 5_000);
    let users = admin.post("/pod/v1/companycert/type/list", &json!([{ "type": "USER" }])).await;
    assert_eq!(users.assert_status(200).json(), json!([item]));
    let issued = format!("/pod/v1/companycert/{}/issuedBy", admin.own_authority().await);
    assert_eq!(admin.list(&issued).await, [item.clone()]);
    let of_leaf = format!("/pod/v1/companycert/{fingerprint}/issuedBy");
    assert!(admin.list(&of_leaf).await.is_empty());

    // An update changes what it names.
    let rename = json!({ "name": "renamed", "type": { "type": "OPERATIONSUSER" } });
    let update = format!("/pod/v1/companycert/{fingerprint}/update");
    admin.post(&update, &rename).await.assert_status(200);
    let renamed = admin.get(&get).await.json();
    assert_eq!(
        renamed["companyCertAttributes"],
        json!({ "name": "renamed", "type": { "type": "OPERATIONSUSER" }, "status": { "type": "KNOWN" } })
    );
    assert_eq!(renamed["companyCertInfo"]["updatedAt"], FROZEN.as_millis() + 5_000);
    let users = admin.post("/pod/v1/companycert/type/list", &json!([{ "type": "USER" }])).await;
    assert_eq!(users.json(), json!([]));
}

#[tokio::test]
async fn issuers_are_found_whichever_came_first_and_forgotten_when_they_go() {
    let admin = Administered::start().await;
    let company = company("company-issuers");
    let bot = company.identity("bot").unwrap();
    let leaf = admin.create(bot.certificate_pem(), "KNOWN").await;
    let issuer = async || {
        let detail = admin.get(&format!("/pod/v1/companycert/{leaf}/get")).await.json();
        detail["companyCertInfo"].get("issuerFingerPrint").cloned()
    };
    assert_eq!(issuer().await, None, "the pod's authority has the same name and another key");
    let authority = admin.create(company.authority_pem(), "TRUSTED").await;
    assert_eq!(issuer().await, Some(json!(authority)));
    admin.delete(&authority).await;
    assert_eq!(issuer().await, None);
}

#[tokio::test]
async fn lists_come_in_pages() {
    let admin = Administered::start().await;
    for name in ["one", "two", "three"] {
        admin.create(admin.pod.identity(name).unwrap().certificate_pem(), "KNOWN").await;
    }
    let all = admin.list("/pod/v1/companycert/list").await;
    assert_eq!(all.len(), 4);
    assert_eq!(admin.list("/pod/v1/companycert/list?skip=1&limit=2").await, all[1..3]);
    assert!(admin.list("/pod/v1/companycert/list?skip=9").await.is_empty());
    admin.get("/pod/v1/companycert/list?skip=-1").await.assert_status(400);
    admin.get("/pod/v1/companycert/list?limit=many").await.assert_status(400);
}

#[tokio::test]
async fn only_the_second_version_refuses_expired_certificates() {
    let admin = Administered::start().await;
    let expired = admin.pod.certificates().issue_defective("bot", Defect::Expired).unwrap();
    let body = upload(expired.certificate_pem(), "TRUSTED");
    let refused = admin.post("/pod/v2/companycert/create", &body).await;
    refused.assert_error(400, "The certificate expired on Fri Dec 31 00:00:00 UTC 2021");
    let taken = admin.post("/pod/v1/companycert/create", &body).await.assert_status(200);
    assert_eq!(taken.json(), json!({ "format": "TEXT", "message": "OK" }));
    // On record, and still expired.
    let tls = admin.pod.tls(Some(&expired));
    assert_eq!(admin.shake_hands(&tls).await, Err(AlertDescription::CertificateExpired));
}

#[tokio::test]
async fn expiry_goes_by_the_pods_clock() {
    let admin = Administered::start().await;
    let now = i64::try_from(admin.pod.clock().now().as_secs()).unwrap();
    let mut soon = LeafRequest::client("bot", KeyAlgorithm::P256);
    soon.not_after = OffsetDateTime::from_unix_timestamp(now + 3_600).unwrap();
    let [first, second] = [(); 2].map(|()| admin.pod.certificates().issue("bot", &soon).unwrap());
    admin.create(first.certificate_pem(), "TRUSTED").await;
    admin.pod.clock().advance(Duration::from_secs(7_200));
    let body = upload(second.certificate_pem(), "TRUSTED");
    admin.post("/pod/v2/companycert/create", &body).await.assert_status(400);
}

#[tokio::test]
async fn what_is_no_certificate_or_known_already_changes_nothing() {
    let admin = Administered::start().await;
    let bot = admin.pod.identity("bot").unwrap();
    let before = admin.list("/pod/v1/companycert/list").await;
    for version in ["v1", "v2"] {
        let create = format!("/pod/{version}/companycert/create");
        for garbage in [
            "",
            "garbage",
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----",
            bot.key_pem(),
        ] {
            admin.post(&create, &upload(garbage, "TRUSTED")).await.assert_status(400);
        }
        admin.post(&create, &upload(admin.pod.ca_pem(), "TRUSTED")).await.assert_status(400);
        admin.post(&create, &upload(bot.certificate_pem(), "LOVED")).await.assert_status(400);
        let pem = bot.certificate_pem();
        admin.post(&create, &json!({ "pem": pem })).await.assert_status(400);
        admin.post(&create, &json!({ "attributes": {} })).await.assert_status(400);
        admin.post(&create, &json!([])).await.assert_status(400);
    }
    let nowhere = "00".repeat(32);
    for unknown in [nowhere.as_str(), "nonsense"] {
        let path = |operation| format!("/pod/v1/companycert/{unknown}/{operation}");
        admin.get(&path("get")).await.assert_status(400);
        admin.get(&path("issuedBy")).await.assert_status(400);
        admin.post(&path("update"), &json!({ "name": "x" })).await.assert_status(400);
        let body = json!({ "id": unknown });
        admin.post("/pod/v1/companycert/delete", &body).await.assert_status(400);
    }
    assert_eq!(admin.list("/pod/v1/companycert/list").await, before);
}

#[tokio::test]
async fn certificates_are_for_those_with_the_role() {
    let admin = Administered::start().await;
    let fingerprint = admin.own_authority().await;
    let token = admin.pod.log_in("bot").await;
    let pem = admin.pod.identity("bot").unwrap().certificate_pem().to_owned();
    for (method, path, body) in [
        ("POST", "/pod/v1/companycert/create", upload(&pem, "TRUSTED")),
        ("POST", "/pod/v2/companycert/create", upload(&pem, "TRUSTED")),
        ("POST", "/pod/v1/companycert/delete", json!({ "id": fingerprint })),
        ("GET", "/pod/v1/companycert/list", Value::Null),
        ("GET", "/pod/v1/companycert/podmanaged/list", Value::Null),
        ("POST", "/pod/v1/companycert/type/list", json!([])),
        ("GET", &format!("/pod/v1/companycert/{fingerprint}/get"), Value::Null),
        ("GET", &format!("/pod/v1/companycert/{fingerprint}/issuedBy"), Value::Null),
        ("POST", &format!("/pod/v1/companycert/{fingerprint}/update"), json!({ "name": "x" })),
    ] {
        let request = || admin.pod.anonymous().request(method.parse().unwrap(), path).json(&body);
        request().session(&token).send().await.assert_error(403, LACKS);
        request().send().await.assert_error(401, "Invalid session");
    }
    admin.pod.log_in("bot").await;
    assert_eq!(admin.list("/pod/v1/companycert/list").await.len(), 1);
}
