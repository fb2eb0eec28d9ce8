//! The handshake: which certificates the TLS layer takes, what the others hear, and what a resumed
//! session is worth.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use p521::pkcs8::DecodePrivateKey;
use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose,
};
use rsa::sha2::Sha256;
use rsa::signature::{RandomizedSigner, SignatureEncoding};
use rustls::client::ResolvesClientCert;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::{CertifiedKey, Signer, SigningKey};
use rustls::{
    AlertDescription, ClientConfig, HandshakeKind, RootCertStore, SignatureAlgorithm,
    SignatureScheme, SupportedProtocolVersion, version,
};
use serde_json::json;
use symphony_mock_pod::{
    Certificates, Clock, Defect, Identity, KeyAlgorithm, LeafRequest, MockPod, Scenario, Timestamp,
};
use time::OffsetDateTime;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::administrator::Administrator;
use crate::pod::{FROZEN, Pod, Port, TlsStream, patiently};

const PORTS: [Port; 2] = [Port::Main, Port::Mtls];
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// The alert with which the pod ends a connection.
async fn alert(pod: &Pod, port: Port, tls: &ClientConfig) -> AlertDescription {
    let error = match pod.connect(port, tls).await {
        Err(error) => error,
        // In TLS 1.3 the client is done before the pod has seen its certificate.
        Ok(mut stream) => patiently(stream.read_u8()).await.expect_err("an alert"),
    };
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref());
    match inner {
        Some(rustls::Error::AlertReceived(alert)) => *alert,
        _ => panic!("{port:?}: not an alert: {error:?}"),
    }
}

/// The alert that the holder of a certificate gets, which is the same on both ports.
async fn assert_alert(pod: &Pod, identity: &Identity, expected: AlertDescription) {
    for port in PORTS {
        assert_eq!(alert(pod, port, &pod.tls(Some(identity))).await, expected, "{port:?}");
        for login in ["/sessionauth/v1/authenticate", "/keyauth/v1/authenticate"] {
            pod.client_with(identity).on(port).post(login).assert_no_answer().await;
        }
    }
}

#[tokio::test]
async fn without_a_certificate_the_mtls_port_ends_the_handshake() {
    let pod = Pod::start().await;
    let tls = pod.tls(None);
    assert_eq!(alert(&pod, Port::Mtls, &tls).await, AlertDescription::CertificateRequired);
    pod.anonymous().on(Port::Mtls).get("/agent/v3/health").assert_no_answer().await;
    pod.anonymous().get("/agent/v3/health").send().await.assert_status(200);
}

#[tokio::test]
async fn the_mtls_port_serves_everything_to_whoever_has_a_certificate() {
    let pod = Pod::start().await;
    let bot = pod.client("bot").on(Port::Mtls);
    let token = bot.post("/sessionauth/v1/authenticate").send().await.token();
    bot.get("/pod/v2/sessioninfo").session(&token).send().await.assert_status(200);
    bot.get("/agent/v3/health").send().await.assert_status(200);
    bot.post("/sessionauth/v1/logout").session(&token).send().await.assert_status(200);
}

#[tokio::test]
async fn a_certificate_of_a_foreign_authority_is_unknown() {
    let pod = Pod::start().await;
    let foreign = pod.certificates().issue_defective("bot", Defect::ForeignAuthority).unwrap();
    assert_alert(&pod, &foreign, AlertDescription::CertificateUnknown).await;
}

/// Java sends its handshake in several writes, and reads the alert only if all of them succeed.
#[tokio::test]
async fn a_refused_client_may_finish_what_it_was_saying() {
    let pod = Pod::start().await;
    let foreign = pod.certificates().issue_defective("bot", Defect::ForeignAuthority).unwrap();
    for port in PORTS {
        let mut stream = pod.connect(port, &pod.tls(Some(&foreign))).await.expect("TLS 1.3");
        let (socket, _) = stream.get_ref();
        patiently(socket.peek(&mut [0])).await.expect("the alert waits to be read");
        for _ in 0..100 {
            stream.write_all(b"and another thing").await.expect("the pod still listens");
            stream.flush().await.expect("the pod still listens");
        }
        let error = patiently(stream.read_u8()).await.expect_err("an alert");
        assert!(error.to_string().contains("CertificateUnknown"), "{port:?}: {error}");
    }
}

#[tokio::test]
async fn an_authority_of_the_same_name_with_another_key_is_foreign() {
    let pod = Pod::start().await;
    let folder = folder("same-name");
    let bots = ["bot".to_owned()];
    let other = Certificates::open(&folder, &bots, &[], KeyAlgorithm::P256).unwrap();
    let bot = other.identity("bot").unwrap();
    assert_alert(&pod, &bot, AlertDescription::CertificateUnknown).await;
}

#[tokio::test]
async fn a_pod_trusts_the_authority_of_its_own_folder_alone() {
    let folder = folder("own-authority");
    let own = Certificates::open(&folder, &["bot".to_owned()], &[], KeyAlgorithm::P256).unwrap();
    let pod = Pod::built(MockPod::builder().certificates(own)).await;
    pod.log_in("bot").await;
    let development = Certificates::embedded().identity("bot").unwrap();
    assert_alert(&pod, &development, AlertDescription::CertificateUnknown).await;
}

/// A folder has files of the pod's own, and several for each identity.
#[tokio::test]
async fn identities_do_not_get_into_the_way_of_other_files() {
    let names = ["ca", "server", "pod", "truststore", "bot", "bot-rsa", "bot-combined", "../x"];
    let folder = folder("names");
    let users = names.map(|name| format!("{{ username: {name}, accountType: SYSTEM }}")).join(", ");
    let scenario = Scenario::parse(&format!("users: [{users}]")).unwrap();
    let names = names.map(str::to_owned);
    for round in 1..=2 {
        let own = Certificates::open(&folder, &names, &[], KeyAlgorithm::P256).unwrap();
        let builder = MockPod::builder().scenario(scenario.clone()).certificates(own);
        let pod = Pod::built(builder).await;
        for name in &names {
            let token = pod.log_in(name).await;
            let me = pod.session_info(&token).await.json();
            assert_eq!(me["username"], name.as_str(), "round {round}");
        }
    }
}

#[tokio::test]
async fn an_expired_certificate_ends_the_handshake() {
    let pod = Pod::start().await;
    let expired = pod.certificates().issue_defective("bot", Defect::Expired).unwrap();
    assert_alert(&pod, &expired, AlertDescription::CertificateExpired).await;
}

#[tokio::test]
async fn a_certificate_not_yet_valid_ends_the_handshake() {
    let pod = Pod::start().await;
    let early = pod.certificates().issue_defective("bot", Defect::NotYetValid).unwrap();
    assert_alert(&pod, &early, AlertDescription::CertificateExpired).await;
}

#[tokio::test]
async fn certificates_are_judged_by_the_pods_clock() {
    let in_2021 = Timestamp::from_millis(1_609_502_400_000);
    let pod = Pod::built(MockPod::builder().clock(Clock::frozen_at(in_2021))).await;
    let login = "/sessionauth/v1/authenticate";
    let old = pod.certificates().issue_defective("bot", Defect::Expired).unwrap();
    pod.client_with(&old).post(login).send().await.assert_status(200);
    pod.clock().set(FROZEN);
    pod.client_with(&old).post(login).assert_no_answer().await;

    let young = pod.certificates().issue_defective("bot", Defect::NotYetValid).unwrap();
    pod.client_with(&young).post(login).assert_no_answer().await;
    pod.clock().set(Timestamp::from_millis(2_500_000_000_000));
    pod.client_with(&young).post(login).send().await.assert_status(200);
}

#[tokio::test]
async fn a_key_that_is_too_weak_ends_the_handshake() {
    let pod = Pod::start().await;
    let weak = pod.certificates().issue_defective("bot", Defect::WeakKey).unwrap();
    let strong = LeafRequest::client("bot", KeyAlgorithm::Rsa2048);
    let strong = pod.certificates().issue("bot", &strong).unwrap();
    for version in [&version::TLS12, &version::TLS13] {
        for port in PORTS {
            // The same signer with a longer key gets in: it is the length that is refused.
            let stream = pod.connect(port, &rsa_client(&pod, &strong, version)).await.unwrap();
            assert!(health(stream).await.unwrap().contains("UP"));
            let alert = alert(&pod, port, &rsa_client(&pod, &weak, version)).await;
            assert_eq!(alert, AlertDescription::CertificateUnknown);
        }
    }
}

/// As Java's TLS has it: the client signs the handshake with its key, and is a client by it.
#[tokio::test]
async fn a_certificate_is_for_what_it_says() {
    use ExtendedKeyUsagePurpose::{Any, ClientAuth, ServerAuth};
    use KeyUsagePurpose::{ContentCommitment, DigitalSignature, KeyEncipherment};
    let pod = Pod::start().await;
    for (usages, purposes, refused) in [
        (vec![], vec![], None),
        (vec![DigitalSignature, KeyEncipherment], vec![ServerAuth, ClientAuth], None),
        (vec![DigitalSignature], vec![Any], None),
        (vec![KeyEncipherment], vec![ClientAuth], Some("digitalSignature")),
        (vec![ContentCommitment], vec![], Some("digitalSignature")),
        (vec![DigitalSignature], vec![ServerAuth], Some("clientAuth")),
    ] {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, "bot");
        params.key_usages = usages;
        params.extended_key_usages = purposes;
        let tls = issued(&pod, params);
        let Some(word) = refused else {
            let stream = pod.connect(Port::Mtls, &tls).await.unwrap();
            assert!(health(stream).await.unwrap().contains("UP"));
            continue;
        };
        for port in PORTS {
            assert_eq!(alert(&pod, port, &tls).await, AlertDescription::CertificateUnknown);
        }
        // The alert is out before the pod has noted why.
        let noted = async {
            while !pod.control().get("/_mock/requests").send().await.body.contains(word) {}
        };
        patiently(noted).await;
    }
}

#[tokio::test]
async fn a_usage_that_cannot_be_read_is_no_usage() {
    let pod = Pod::start().await;
    for number in [15, 37] {
        for content in [vec![], vec![0x04, 0x01, 0x80], vec![0x03, 0x02]] {
            let mut params = CertificateParams::default();
            params.distinguished_name.push(DnType::CommonName, "bot");
            let extension = CustomExtension::from_oid_content(&[2, 5, 29, number], content);
            params.custom_extensions.push(extension);
            alert(&pod, Port::Mtls, &issued(&pod, params)).await;
        }
    }
}

/// RFC 5280, 4.2.1.3, as Java has it.
#[tokio::test]
async fn an_authority_in_between_may_sign_certificates_or_its_own_are_refused() {
    use KeyUsagePurpose::{CrlSign, DigitalSignature, KeyCertSign};
    let pod = Pod::start().await;
    for (usages, is_good) in [
        (vec![], true),
        (vec![KeyCertSign, CrlSign], true),
        (vec![DigitalSignature], false),
        (vec![DigitalSignature, CrlSign], false),
    ] {
        let mut between = CertificateParams::default();
        between.distinguished_name.push(DnType::CommonName, "between");
        between.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        between.key_usages = usages;
        let key = KeyPair::generate().unwrap();
        let der = between.signed_by(&key, &authority(&pod)).unwrap().der().clone();
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, "bot");
        let tls = issued_by(&pod, params, &Issuer::new(between, key), vec![der]);
        if is_good {
            let stream = pod.connect(Port::Mtls, &tls).await.unwrap();
            assert!(health(stream).await.unwrap().contains("UP"));
            continue;
        }
        for port in PORTS {
            assert_eq!(alert(&pod, port, &tls).await, AlertDescription::CertificateUnknown);
        }
    }
}

/// Of a curve that ring does not have.
#[tokio::test]
async fn a_key_on_p_521_is_as_good_as_any() {
    let admin = Administrator::start().await;
    let authority = json!({
        "pem": include_str!("p521/ca.pem"),
        "attributes": { "name": "P-521", "type": { "type": "USER" }, "status": { "type": "TRUSTED" } },
    });
    admin.post("/pod/v2/companycert/create", &authority).await.assert_status(200);
    let der = CertificateDer::from_pem_slice(include_bytes!("p521/bot.pem")).unwrap();
    let key = p521::SecretKey::from_pkcs8_pem(include_str!("p521/bot.key")).unwrap();
    let key = P521Key(Arc::new(p521::ecdsa::SigningKey::from_slice(&key.to_bytes()).unwrap()));
    let certified = Arc::new(CertifiedKey::new(vec![der], Arc::new(key)));
    for version in [&version::TLS12, &version::TLS13] {
        let tls = client_with(&admin, Arc::clone(&certified), version);
        let login = "POST /sessionauth/v1/authenticate HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        let stream = admin.connect(Port::Mtls, &tls).await.unwrap();
        let (_, answer) = ask(stream, login).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    }
    // A signature that is not the key's is refused.
    let another = p521::ecdsa::SigningKey::random(&mut rsa::rand_core::OsRng);
    let forged = CertifiedKey::new(certified.cert.clone(), Arc::new(P521Key(Arc::new(another))));
    let tls = client_with(&admin, Arc::new(forged), &version::TLS13);
    assert_eq!(alert(&admin, Port::Mtls, &tls).await, AlertDescription::DecryptError);
}

#[tokio::test]
async fn a_certificate_is_judged_at_each_use_whoever_else_uses_the_server() {
    for others in [false, true] {
        let admin = Administrator::start().await;
        if others {
            // Another pod trusts others than the main one does.
            let bot = admin.client("admin");
            let token = bot.post("/t/other/sessionauth/v1/authenticate").send().await.token();
            let certificate = json!({
                "pem": include_str!("p521/ca.pem"),
                "attributes": { "name": "x", "type": { "type": "USER" }, "status": { "type": "TRUSTED" } },
            });
            let create = admin.anonymous().post("/t/other/pod/v2/companycert/create");
            create.session(&token).json(&certificate).send().await.assert_status(200);
        }
        let end = admin.clock().now().plus(DAY);
        let bot = bot_until(&admin, end);
        // Connections of their own, which live on.
        let (to_revoke, to_outlive) = (admin.client_with(&bot), admin.client_with(&bot));
        let login = "/sessionauth/v1/authenticate";
        for kept_alive in [&to_revoke, &to_outlive] {
            kept_alive.post(login).send().await.assert_status(200);
        }
        let handshakes = async || {
            let metrics = admin.control().get("/metrics").send().await.body;
            let counted = |line: &&str| line.contains("handshakes_total{outcome=\"ok\"}");
            let line = metrics.lines().find(counted).expect("they are counted");
            line.rsplit(' ').next().and_then(|count| count.parse::<u64>().ok()).expect("a number")
        };
        let before = handshakes().await;
        let refused = "The client certificate is not trusted or not valid";
        let revoked = json!({
            "pem": bot.certificate_pem(),
            "attributes": { "name": "x", "type": { "type": "USER" }, "status": { "type": "REVOKED" } },
        });
        let made = admin.post("/pod/v2/companycert/create", &revoked).await.assert_status(200);
        let fingerprint = &made.json()["companyCertInfo"]["fingerPrint"];
        to_revoke.post(login).send().await.assert_error(401, refused);
        admin.post("/pod/v1/companycert/delete", &json!({ "id": fingerprint })).await;
        to_revoke.post(login).send().await.assert_status(200);

        to_outlive.post(login).send().await.assert_status(200);
        admin.clock().advance(2 * DAY);
        to_outlive.post(login).send().await.assert_error(401, refused);
        // Those of the administrator's two calls: the bot made none.
        assert_eq!(handshakes().await, before + 2, "without this the rest says nothing");
    }
}

#[tokio::test]
async fn a_resumed_session_is_as_good_as_its_certificate() {
    let pod = Pod::start().await;
    for (name, status) in [("bot", 200), ("alice", 403), ("nobody", 401)] {
        let tls = pod.tls(Some(&pod.identity(name).unwrap()));
        let login = "POST /sessionauth/v1/authenticate HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        let mut resumed = 0;
        for _ in 0..3 {
            let stream = pod.connect(Port::Main, &tls).await.unwrap();
            let (stream, answer) = ask(stream, login).await.unwrap();
            assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{name}: {answer}");
            resumed += usize::from(is_resumed(&stream));
        }
        assert_eq!(resumed, 2, "{name}");
    }
}

#[tokio::test]
async fn a_clock_moved_past_the_end_of_a_certificate_ends_its_sessions_with_an_alert() {
    for port in PORTS {
        let pod = Pod::frozen().await;
        let tls = pod.tls(Some(&bot_until(&pod, FROZEN.plus(DAY))));
        health(pod.connect(port, &tls).await.unwrap()).await.unwrap();
        let (stream, _) = ask(pod.connect(port, &tls).await.unwrap(), HEALTH).await.unwrap();
        assert!(is_resumed(&stream), "{port:?}: without this the rest says nothing");

        pod.clock().advance(2 * DAY);
        assert_eq!(alert(&pod, port, &tls).await, AlertDescription::CertificateExpired);
        pod.clock().set(FROZEN);
        assert!(health(pod.connect(port, &tls).await.unwrap()).await.unwrap().contains("UP"));
    }
}

#[tokio::test]
async fn a_session_is_not_resumed_once_its_certificate_has_run_out() {
    let pod = Pod::start().await;
    let end = FROZEN.plus(DAY);
    let tls = pod.tls(Some(&bot_until(&pod, end)));
    pod.clock().set(end.minus(Duration::from_secs(1)));
    // However slow the machine is, the time comes; a session resumed beyond it goes on for ever.
    let resuming = async {
        while let Ok(stream) = pod.connect(Port::Main, &tls).await {
            if !health(stream).await.is_ok_and(|answer| answer.contains("UP")) {
                break;
            }
        }
    };
    patiently(resuming).await;
    assert!(pod.clock().now() > end);
}

/// The bot, with a certificate that ends then.
fn bot_until(pod: &Pod, end: Timestamp) -> Identity {
    let mut request = LeafRequest::client("bot", KeyAlgorithm::P256);
    let seconds = i64::try_from(end.as_secs()).unwrap();
    request.not_after = OffsetDateTime::from_unix_timestamp(seconds).unwrap();
    pod.certificates().issue("bot", &request).unwrap()
}

#[tokio::test]
async fn tls_1_2_is_served_too() {
    let pod = Pod::start().await;
    let strong = LeafRequest::client("bot", KeyAlgorithm::Rsa2048);
    let bot = pod.certificates().issue("bot", &strong).unwrap();
    for (version, expected) in [
        (&version::TLS12, rustls::ProtocolVersion::TLSv1_2),
        (&version::TLS13, rustls::ProtocolVersion::TLSv1_3),
    ] {
        let stream = pod.connect(Port::Mtls, &rsa_client(&pod, &bot, version)).await.unwrap();
        assert_eq!(stream.get_ref().1.protocol_version(), Some(expected));
        assert!(health(stream).await.unwrap().contains("UP"));
    }
}

#[tokio::test]
async fn a_client_that_is_silent_or_talks_nonsense_holds_up_nobody() {
    let pod = Pod::start().await;
    let _silent = tokio::net::TcpStream::connect(("127.0.0.1", pod.port())).await.unwrap();
    let mut plain = tokio::net::TcpStream::connect(("127.0.0.1", pod.port())).await.unwrap();
    plain.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    let mut answer = Vec::new();
    drop(patiently(plain.read_to_end(&mut answer)).await);
    assert!(!answer.starts_with(b"HTTP"), "plain HTTP gets no answer on a TLS port");
    pod.log_in("bot").await;
}

const HEALTH: &str =
    "GET /agent/v3/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

async fn health(stream: TlsStream) -> io::Result<String> {
    Ok(ask(stream, HEALTH).await?.1)
}

/// Sends a request and reads to the end: the connection, which then knows how it came about, and
/// the answer.
async fn ask(mut stream: TlsStream, request: &str) -> io::Result<(TlsStream, String)> {
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    patiently(stream.read_to_string(&mut answer)).await?;
    Ok((stream, answer))
}

fn is_resumed(stream: &TlsStream) -> bool {
    stream.get_ref().1.handshake_kind() == Some(HandshakeKind::Resumed)
}

/// An empty folder of this test's own.
fn folder(name: &str) -> std::path::PathBuf {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("it").join(name);
    drop(std::fs::remove_dir_all(&folder));
    folder
}

/// A client of a certificate that the pod's authority issues.
fn issued(pod: &Pod, params: CertificateParams) -> ClientConfig {
    issued_by(pod, params, &authority(pod), Vec::new())
}

/// The authority that the pod trusts.
fn authority(pod: &Pod) -> Issuer<'static, KeyPair> {
    let key = KeyPair::from_pem(include_str!("../../certs/ca.key")).unwrap();
    Issuer::from_ca_cert_pem(pod.ca_pem(), key).unwrap()
}

/// A client of a certificate that somebody issues, with what leads from there to the pod's authority.
fn issued_by(
    pod: &Pod,
    params: CertificateParams,
    issuer: &Issuer<'_, KeyPair>,
    intermediates: Vec<CertificateDer<'static>>,
) -> ClientConfig {
    let key = KeyPair::generate().unwrap();
    let certificate = params.signed_by(&key, issuer).unwrap();
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let key = rustls::crypto::ring::sign::any_supported_type(&key).unwrap();
    let chain = std::iter::once(certificate.der().clone()).chain(intermediates);
    client_with(pod, Arc::new(CertifiedKey::new(chain.collect(), key)), &version::TLS13)
}

/// A client that signs with RSA keys of any length. That of rustls refuses short ones itself, as
/// OpenSSL in its old versions does not.
fn rsa_client(
    pod: &Pod,
    identity: &Identity,
    version: &'static SupportedProtocolVersion,
) -> ClientConfig {
    let certificate = CertificateDer::from_pem_slice(identity.certificate_pem().as_bytes());
    let key = rsa::RsaPrivateKey::from_pkcs8_pem(identity.key_pem()).unwrap();
    let key = AnyRsaKey(Arc::new(rsa::pss::SigningKey::new(key)));
    let certified = CertifiedKey::new(vec![certificate.unwrap()], Arc::new(key));
    client_with(pod, Arc::new(certified), version)
}

/// A client that presents this, whatever the pod asks for.
fn client_with(
    pod: &Pod,
    certified: Arc<CertifiedKey>,
    version: &'static SupportedProtocolVersion,
) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(pod.ca_pem().as_bytes()).unwrap()).unwrap();
    ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_protocol_versions(&[version])
        .unwrap()
        .with_root_certificates(roots)
        .with_client_cert_resolver(Arc::new(Always(certified)))
}

#[derive(Debug, Clone)]
struct AnyRsaKey(Arc<rsa::pss::SigningKey<Sha256>>);

#[derive(Clone)]
struct P521Key(Arc<p521::ecdsa::SigningKey>);

impl fmt::Debug for P521Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("P521Key")
    }
}

impl SigningKey for P521Key {
    fn choose_scheme(&self, offered: &[SignatureScheme]) -> Option<Box<dyn Signer>> {
        offered.contains(&self.scheme()).then(|| Box::new(self.clone()) as Box<dyn Signer>)
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        SignatureAlgorithm::ECDSA
    }
}

impl Signer for P521Key {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rustls::Error> {
        let signature: p521::ecdsa::Signature =
            self.0.sign_with_rng(&mut rsa::rand_core::OsRng, message);
        Ok(signature.to_der().as_bytes().to_vec())
    }

    fn scheme(&self) -> SignatureScheme {
        SignatureScheme::ECDSA_NISTP521_SHA512
    }
}

#[derive(Debug)]
struct Always(Arc<CertifiedKey>);

impl SigningKey for AnyRsaKey {
    fn choose_scheme(&self, offered: &[SignatureScheme]) -> Option<Box<dyn Signer>> {
        offered.contains(&self.scheme()).then(|| Box::new(self.clone()) as Box<dyn Signer>)
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        SignatureAlgorithm::RSA
    }
}

impl Signer for AnyRsaKey {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rustls::Error> {
        let signature = self.0.try_sign_with_rng(&mut rsa::rand_core::OsRng, message);
        Ok(signature.expect("the key is long enough for PSS").to_vec())
    }

    fn scheme(&self) -> SignatureScheme {
        SignatureScheme::RSA_PSS_SHA256
    }
}

impl ResolvesClientCert for Always {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0))
    }

    fn has_certs(&self) -> bool {
        true
    }
}
