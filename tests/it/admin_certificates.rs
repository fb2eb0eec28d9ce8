//! Company certificates: whom administrators trust, and what clients hear of it in the next
//! handshake.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, KeyPair};
use reqwest::Method;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{AlertDescription, ClientConfig, HandshakeKind, RootCertStore};
use serde_json::{Value, json};
use symphony_mock_pod::{Certificates, Defect, KeyAlgorithm, LeafRequest};
use time::OffsetDateTime;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::administrator::Administrator;
use crate::pod::{FROZEN, Port, patiently};

const LOGIN: &str = "/sessionauth/v1/authenticate";

impl Administrator {
    /// Brings a certificate in; gives its fingerprint.
    async fn bring_in(&self, pem: &str, status: &str) -> String {
        let created = self.post("/pod/v2/companycert/create", &upload(pem, status)).await;
        let created = created.assert_status(200).json();
        created["companyCertInfo"]["fingerPrint"].as_str().expect("a fingerprint").to_owned()
    }

    async fn regard_as(&self, fingerprint: &str, status: &str) {
        let change = json!({ "status": { "type": status } });
        let path = format!("/pod/v1/companycert/{fingerprint}/update");
        self.post(&path, &change).await.assert_done("OK");
    }

    async fn delete(&self, fingerprint: &str) {
        let body = json!({ "id": fingerprint });
        self.post("/pod/v1/companycert/delete", &body).await.assert_done("OK");
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
    let folder = folder(name);
    let names = ["bot".to_owned()];
    Certificates::open(&folder, &names, &[], KeyAlgorithm::P256).expect("certificates")
}

/// A new folder of this test's own.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("it").join(name);
    drop(std::fs::remove_dir_all(&folder));
    folder
}

#[tokio::test]
async fn an_authority_is_trusted_from_the_next_handshake_on_and_no_longer_than_it_is_on_record() {
    let admin = Administrator::start().await;
    let company = company("company-authority");
    let bot = admin.tls(Some(&company.identity("bot").unwrap()));
    admin.assert_refused(&bot).await;

    let authority = admin.bring_in(company.authority_pem(), "TRUSTED").await;
    admin.assert_resumes(&bot).await;
    admin.delete(&authority).await;
    admin.assert_refused(&bot).await;
    // Nothing else was touched.
    admin.log_in("bot").await;
}

#[tokio::test]
async fn every_status_but_trusted_ends_the_trust_in_an_authority() {
    let admin = Administrator::start().await;
    let company = company("company-statuses");
    let bot = admin.tls(Some(&company.identity("bot").unwrap()));
    let authority = admin.bring_in(company.authority_pem(), "KNOWN").await;
    admin.assert_refused(&bot).await;
    for status in ["KNOWN", "REVOKED", "DISABLED"] {
        admin.regard_as(&authority, "TRUSTED").await;
        admin.assert_resumes(&bot).await;
        admin.regard_as(&authority, status).await;
        admin.assert_refused(&bot).await;
    }
}

#[tokio::test]
async fn a_certificate_is_trusted_by_itself_without_its_authority() {
    let admin = Administrator::start().await;
    let foreign = admin.certificates().issue_defective("bot", Defect::ForeignAuthority).unwrap();
    let bot = admin.tls(Some(&foreign));
    let certificate = admin.bring_in(foreign.certificate_pem(), "TRUSTED").await;
    admin.assert_resumes(&bot).await;
    admin.regard_as(&certificate, "KNOWN").await;
    admin.assert_refused(&bot).await;
    admin.regard_as(&certificate, "TRUSTED").await;
    admin.assert_resumes(&bot).await;
    admin.delete(&certificate).await;
    admin.assert_refused(&bot).await;
}

/// `openssl req -x509` makes such certificates: they claim to be authorities.
#[tokio::test]
async fn a_self_signed_certificate_is_trusted_by_itself() {
    let admin = Administrator::start().await;
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, "bot");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().unwrap();
    let certificate = params.self_signed(&key).unwrap().pem();
    let der = vec![CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap()];
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(admin.ca_pem().as_bytes()).unwrap()).unwrap();
    let bot =
        ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_client_auth_cert(der, key)
            .unwrap();

    admin.assert_refused(&bot).await;
    let fingerprint = admin.bring_in(&certificate, "TRUSTED").await;
    admin.assert_resumes(&bot).await;
    admin.delete(&fingerprint).await;
    admin.assert_refused(&bot).await;
}

#[tokio::test]
async fn a_revoked_certificate_is_refused_though_its_authority_is_trusted() {
    let admin = Administrator::start().await;
    let identity = admin.identity("bot").unwrap();
    let bot = admin.tls(Some(&identity));
    admin.assert_resumes(&bot).await;
    let certificate = admin.bring_in(identity.certificate_pem(), "REVOKED").await;
    admin.assert_refused(&bot).await;
    admin.regard_as(&certificate, "DISABLED").await;
    admin.assert_refused(&bot).await;
    // Known is no reason for trust, and none for distrust: its authority vouches for it.
    admin.regard_as(&certificate, "KNOWN").await;
    admin.assert_resumes(&bot).await;
    admin.regard_as(&certificate, "REVOKED").await;
    admin.assert_refused(&bot).await;
    admin.delete(&certificate).await;
    admin.assert_resumes(&bot).await;
}

#[tokio::test]
async fn the_pods_own_authority_is_on_record_and_may_be_removed() {
    let admin = Administrator::start().await;
    let own = admin.list("/pod/v1/companycert/podmanaged/list").await;
    assert_eq!(own.len(), 1, "{own:?}");
    let attributes = &own[0]["companyCertAttributes"];
    assert_eq!(attributes["name"], "symphony-mock-pod development CA");
    assert_eq!(attributes["type"], json!({ "type": "USERSIGNING" }));
    assert_eq!(attributes["status"], json!({ "type": "TRUSTED" }));
    let info = &own[0]["companyCertInfo"];
    assert_eq!([&info["updatedAt"], &info["updatedBy"]], [&json!(0), &json!(0)]);
    assert_eq!(admin.list("/pod/v1/companycert/list").await, own);

    let bot = admin.tls(Some(&admin.identity("bot").unwrap()));
    admin.assert_resumes(&bot).await;
    admin.delete(&admin.own_authority().await).await;
    admin.assert_refused(&bot).await;
    assert!(admin.list("/pod/v1/companycert/list").await.is_empty());
    // Without a certificate the main port is open, and the administrator's session is alive.
    let pem = admin.ca_pem().to_owned();
    admin.bring_in(&pem, "TRUSTED").await;
    admin.assert_resumes(&bot).await;
    assert!(admin.list("/pod/v1/companycert/podmanaged/list").await.is_empty());
}

/// The handshake is over before the name of the pod is known.
#[tokio::test]
async fn a_pod_behind_a_prefix_trusts_whom_it_likes_and_speaks_for_no_other() {
    let admin = Administrator::start().await;
    let company = company("company-of-a-prefix");
    let bot = admin.client_with(&company.identity("bot").unwrap());
    let there = "/t/one";
    let login = format!("{there}{LOGIN}");
    bot.post(&login).assert_no_answer().await;

    let token = admin.client("admin").post(&login).send().await.token();
    let create = admin.anonymous().post(&format!("{there}/pod/v2/companycert/create"));
    let create = create.session(&token).json(&upload(company.authority_pem(), "TRUSTED"));
    create.send().await.assert_status(200);
    let bot = admin.client_with(&company.identity("bot").unwrap());
    bot.post(&login).send().await.token();
    for other in [LOGIN.to_owned(), format!("/t/two{LOGIN}")] {
        let refused = bot.post(&other).send().await;
        refused.assert_error(401, "The client certificate is not trusted or not valid");
        admin.client("bot").post(&other).send().await.token();
    }
}

#[tokio::test]
async fn a_pod_behind_a_prefix_judges_validity_by_its_own_clock() {
    let admin = Administrator::start().await;
    let bot = admin.client("bot");
    let login = format!("/t/one{LOGIN}");
    bot.post(&login).send().await.token();
    let advance = admin.control().post("/t/one/_mock/clock/advance");
    advance.json(&json!({ "by": "500y" })).send().await.assert_status(200);
    let refused = bot.post(&login).send().await;
    refused.assert_error(401, "The client certificate is not trusted or not valid");
    bot.post(LOGIN).send().await.token();
}

#[tokio::test]
async fn what_is_on_record_is_told_in_the_forms_of_the_api() {
    let admin = Administrator::frozen().await;
    let identity = admin.identity("bot").unwrap();
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
    admin.clock().advance(Duration::from_secs(5));
    admin.client("bot").post(LOGIN).send().await.assert_status(200);
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
    let admin = Administrator::start().await;
    let company = company("company-issuers");
    let bot = company.identity("bot").unwrap();
    let leaf = admin.bring_in(bot.certificate_pem(), "KNOWN").await;
    let issuer = async || {
        let detail = admin.get(&format!("/pod/v1/companycert/{leaf}/get")).await.json();
        detail["companyCertInfo"].get("issuerFingerPrint").cloned()
    };
    assert_eq!(issuer().await, None, "the pod's authority has the same name and another key");
    let authority = admin.bring_in(company.authority_pem(), "TRUSTED").await;
    assert_eq!(issuer().await, Some(json!(authority)));
    admin.delete(&authority).await;
    assert_eq!(issuer().await, None);
}

#[tokio::test]
async fn lists_come_in_pages() {
    let admin = Administrator::start().await;
    for name in ["one", "two", "three"] {
        admin.bring_in(admin.identity(name).unwrap().certificate_pem(), "KNOWN").await;
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
    let admin = Administrator::start().await;
    let expired = admin.certificates().issue_defective("bot", Defect::Expired).unwrap();
    let body = upload(expired.certificate_pem(), "TRUSTED");
    let refused = admin.post("/pod/v2/companycert/create", &body).await;
    refused.assert_error(400, "The certificate expired on Fri Dec 31 00:00:00 UTC 2021");
    admin.post("/pod/v1/companycert/create", &body).await.assert_done("OK");
    // On record, and still expired.
    let tls = admin.tls(Some(&expired));
    assert_eq!(admin.shake_hands(&tls).await, Err(AlertDescription::CertificateExpired));
}

#[tokio::test]
async fn expiry_goes_by_the_pods_clock() {
    let admin = Administrator::start().await;
    let now = i64::try_from(admin.clock().now().as_secs()).unwrap();
    let mut soon = LeafRequest::client("bot", KeyAlgorithm::P256);
    soon.not_after = OffsetDateTime::from_unix_timestamp(now + 3_600).unwrap();
    let [first, second] = [(); 2].map(|()| admin.certificates().issue("bot", &soon).unwrap());
    admin.bring_in(first.certificate_pem(), "TRUSTED").await;
    admin.clock().advance(Duration::from_secs(7_200));
    let body = upload(second.certificate_pem(), "TRUSTED");
    admin.post("/pod/v2/companycert/create", &body).await.assert_status(400);
}

#[tokio::test]
async fn what_is_no_certificate_or_known_already_changes_nothing() {
    let admin = Administrator::start().await;
    let bot = admin.identity("bot").unwrap();
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
        admin.post(&create, &upload(admin.ca_pem(), "TRUSTED")).await.assert_status(400);
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
    let admin = Administrator::start().await;
    let own = admin.own_authority().await;
    let pem = admin.identity("bot").unwrap().certificate_pem().to_owned();
    let of_own = |operation| format!("/pod/v1/companycert/{own}/{operation}");
    let list = |name| format!("/pod/v1/companycert/{name}");
    let calls = [
        (Method::POST, "/pod/v1/companycert/create".into(), upload(&pem, "TRUSTED")),
        (Method::POST, "/pod/v2/companycert/create".into(), upload(&pem, "TRUSTED")),
        (Method::POST, "/pod/v1/companycert/delete".into(), json!({ "id": own })),
        (Method::GET, list("list"), Value::Null),
        (Method::GET, list("podmanaged/list"), Value::Null),
        (Method::POST, list("type/list"), json!([])),
        (Method::GET, of_own("get"), Value::Null),
        (Method::GET, of_own("issuedBy"), Value::Null),
        (Method::POST, of_own("update"), json!({ "name": "x" })),
    ];
    admin.assert_closed(&calls).await;
    assert_eq!(admin.list("/pod/v1/companycert/list").await.len(), 1);
}
