//! Logins by client certificate, issued by chance, each with what is to become of it.

use std::sync::Arc;

use rcgen::string::BmpString;
use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DistinguishedName, DnType, DnValue,
    ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose, SanType,
};
use rustls::client::ResolvesClientCert;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::sign::CertifiedKey;
use rustls::{ClientConfig, SignatureScheme};
use symphony_mock_pod::Certificates;
use time::{Duration, OffsetDateTime};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::chance::Chance;
use crate::target::{NOW, PATIENCE, Target, roots};
use crate::tokens::Verdict::{self, Admitted, Open, Refused};

/// One handshake with the login after it.
pub struct Handshake {
    /// How the certificate came about.
    recipe: Vec<String>,
    chain: Vec<CertificateDer<'static>>,
    key: Arc<rustls::sign::CertifiedKey>,
    tls12: bool,
    mandatory: bool,
    pub subject: &'static str,
    pub verdict: Verdict,
}

/// Those who issue, and the keys that they issue for.
pub struct Handshakes {
    authority: Issuer<'static, KeyPair>,
    /// Called like the pod's authority, with another key.
    namesake: Issuer<'static, KeyPair>,
    foreign: Issuer<'static, KeyPair>,
    /// An end entity that issues.
    bot: (CertificateDer<'static>, Issuer<'static, KeyPair>),
    keys: Vec<KeyPair>,
}

/// Shows what it is told to, whether it can be read or not.
#[derive(Debug)]
struct Shown(Arc<CertifiedKey>);

impl ResolvesClientCert for Shown {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0))
    }

    fn has_certs(&self) -> bool {
        true
    }
}

impl std::fmt::Debug for Handshake {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { recipe, tls12, mandatory, verdict, .. } = self;
        let versions = if *tls12 { "TLS 1.2" } else { "TLS 1.3" };
        write!(f, "{versions}, demanded: {mandatory}, to be {verdict:?}: {recipe:?}, in hex")?;
        self.chain.iter().take(2).try_for_each(|der| {
            f.write_str(" ")?;
            der.iter().take(2_000).try_for_each(|byte| write!(f, "{byte:02x}"))
        })
    }
}

impl Handshakes {
    pub fn new() -> Self {
        let set = Certificates::embedded();
        let pair = |pem: &str| KeyPair::from_pem(pem).expect("a key");
        let ca = pair(include_str!("../../certs/ca.key"));
        let authority = Issuer::from_ca_cert_pem(set.authority_pem(), ca).expect("an authority");
        let own_key = KeyPair::generate().expect("a key");
        let namesake =
            Issuer::from_ca_cert_pem(set.authority_pem(), own_key).expect("an authority");
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let foreign = Issuer::new(params, KeyPair::generate().expect("a key"));
        let bot = set.identity("bot").expect("it is one of them");
        let der = CertificateDer::from_pem_slice(bot.certificate_pem().as_bytes()).expect("PEM");
        let issuer = Issuer::from_ca_cert_pem(bot.certificate_pem(), pair(bot.key_pem()));
        let curves = [&rcgen::PKCS_ECDSA_P256_SHA256, &rcgen::PKCS_ECDSA_P384_SHA384];
        let made = curves.into_iter().chain([&rcgen::PKCS_ED25519]);
        let mut keys: Vec<_> =
            made.map(|algorithm| KeyPair::generate_for(algorithm).expect("a key")).collect();
        keys.push(pair(bot.rsa_pem().expect("an RSA key")));
        Self { authority, namesake, foreign, bot: (der, issuer.expect("a name")), keys }
    }

    pub fn next(&self, chance: &mut Chance) -> Handshake {
        let mut recipe = Recipe { chance, steps: Vec::new(), verdict: Admitted };
        let key = recipe.chance.of(&self.keys);
        let (names, is) = recipe.one(&names());
        recipe.note(format!("{names:?}"), is);
        // The last is the most specific one.
        let subject = names.last().copied().unwrap_or_default();
        let mut params = CertificateParams::default();
        params.distinguished_name = distinguished_name(names, recipe.chance);
        validity(&mut params, &mut recipe);
        extensions(&mut params, &mut recipe);
        let mut chain = Vec::new();
        let issued = match recipe.chance.below(16) {
            0 => {
                recipe.note("of a namesake", Refused);
                params.signed_by(key, &self.namesake)
            }
            1 => {
                recipe.note("of a stranger", Refused);
                params.signed_by(key, &self.foreign)
            }
            2 => {
                recipe.note("of itself", Refused);
                params.self_signed(key)
            }
            3 => {
                recipe.note("of an end entity", Refused);
                chain.push(self.bot.0.clone());
                params.signed_by(key, &self.bot.1)
            }
            4..=6 => {
                let (middle, issuer) = self.intermediate(&mut recipe);
                chain.push(middle);
                if recipe.chance.one_in(6) {
                    recipe.note("whom it does not show", Refused);
                    chain.clear();
                }
                params.signed_by(key, &issuer)
            }
            _ => params.signed_by(key, &self.authority),
        };
        let mut leaf = issued.expect("it can be encoded").der().to_vec();
        if recipe.chance.one_in(5) {
            spoil(&mut leaf, &mut recipe);
        }
        chain.insert(0, CertificateDer::from(leaf));
        if recipe.chance.one_in(12) {
            let noise: Vec<u8> = (0..recipe.chance.below(40)).map(|n| (n * 37) as u8).collect();
            let more = [noise, vec![0x30; 500], self.bot.0.to_vec()];
            for _ in 0..=recipe.chance.below(12) {
                chain.push(CertificateDer::from(recipe.chance.of(&more).clone()));
            }
            recipe.note(format!("shown with {} others", chain.len() - 1), Open);
        } else if recipe.chance.one_in(20) {
            recipe.note("no certificate", Refused);
            chain.clear();
        }
        let signer = if recipe.chance.one_in(12) {
            recipe.note("whose key is another", Refused);
            let others: Vec<_> = self.keys.iter().filter(|it| !std::ptr::eq(*it, key)).collect();
            *recipe.chance.of(&others)
        } else {
            key
        };
        let (tls12, mandatory) = (recipe.chance.one_in(2), recipe.chance.one_in(2));
        let key = PrivateKeyDer::try_from(signer.serialize_der()).expect("PKCS#8");
        let key = rustls::crypto::ring::sign::any_supported_type(&key).expect("a known kind");
        let key = Arc::new(CertifiedKey::new(chain.clone(), key));
        let Recipe { steps: recipe, verdict, .. } = recipe;
        Handshake { recipe, chain, key, tls12, mandatory, subject, verdict }
    }

    /// An authority below the pod's, mostly.
    fn intermediate(
        &self,
        recipe: &mut Recipe<'_>,
    ) -> (CertificateDer<'static>, Issuer<'static, KeyPair>) {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, "between");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        params.not_before = NOW - Duration::days(1);
        params.not_after = NOW + Duration::days(1);
        let mut issuer = &self.authority;
        match recipe.chance.below(12) {
            0 => {
                params.is_ca = IsCa::ExplicitNoCa;
                recipe.note("of one who is no authority", Refused);
            }
            1 => {
                params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
                recipe.note("of an authority without keyCertSign", Refused);
            }
            2 => {
                params.not_after = NOW - Duration::SECOND;
                recipe.note("of an authority that is expired", Refused);
            }
            3 => {
                params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
                recipe.note("of an authority for servers", Refused);
            }
            4 => {
                issuer = &self.namesake;
                recipe.note("of an authority below a namesake", Refused);
            }
            5 => {
                params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
                recipe.note("of an authority with no other below", Admitted);
            }
            _ => recipe.note("of an authority below", Admitted),
        }
        let key = KeyPair::generate().expect("a key");
        let der = params.signed_by(&key, issuer).expect("it can be encoded").der().clone();
        (der, Issuer::new(params, key))
    }
}

/// How a certificate comes about.
struct Recipe<'c> {
    chance: &'c mut Chance,
    steps: Vec<String>,
    verdict: Verdict,
}

impl Recipe<'_> {
    fn note(&mut self, step: impl Into<String>, verdict: Verdict) {
        self.steps.push(step.into());
        self.verdict = self.verdict.max(verdict);
    }

    /// The first of a list in four of five cases: else hardly any would be admitted.
    fn one<T: Clone>(&mut self, list: &[T]) -> T {
        match self.chance.below(5) {
            0 => self.chance.of(list).clone(),
            _ => list[0].clone(),
        }
    }
}

fn names() -> Vec<(Vec<&'static str>, Verdict)> {
    let mut names = vec![(vec!["bot"], Admitted), (vec!["bot2"], Admitted)];
    names.push((vec!["alice", "bot"], Admitted));
    let bad = ["alice", "carol", "app", "Bot", "bot ", "bot\0", "b\u{f3}t", "*", "", "bot,CN=bot2"];
    names.extend(bad.map(|name| (vec![name], Refused)));
    names.extend([(vec![], Refused), (vec!["bot", "alice"], Refused)]);
    names
}

fn distinguished_name(names: Vec<&'static str>, chance: &mut Chance) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    name.push(DnType::OrganizationName, "x".repeat(1 << chance.below(12)));
    // One kind is there once: the same by its number is another.
    let kinds = [DnType::CommonName, DnType::CustomDnType(vec![2, 5, 4, 3])];
    let kinds = if names.len() == 1 && chance.one_in(2) { &kinds[1..] } else { &kinds };
    for (kind, text) in kinds.iter().zip(names) {
        let value = match BmpString::try_from(text) {
            Ok(text) if chance.one_in(4) => DnValue::BmpString(text),
            _ => DnValue::Utf8String(text.to_owned()),
        };
        name.push(kind.clone(), value);
    }
    name
}

/// The bounds of a certificate's life, around a clock that stands still.
fn validity(params: &mut CertificateParams, recipe: &mut Recipe<'_>) {
    let day = Duration::days(1);
    let year = |year| OffsetDateTime::UNIX_EPOCH.replace_year(year).expect("a year");
    let (before, is) = recipe.one(&[
        (NOW - day, Admitted),
        (NOW, Admitted),
        (NOW - Duration::SECOND, Admitted),
        (NOW + Duration::SECOND, Refused),
        (NOW + day, Refused),
        (year(1970), Admitted),
        // webpki knows no time before.
        (year(1960), Open),
        (year(9999), Refused),
    ]);
    recipe.note(format!("from {before}"), is);
    let (after, is) = recipe.one(&[
        (NOW + day, Admitted),
        (NOW, Admitted),
        (NOW + Duration::SECOND, Admitted),
        (NOW - Duration::SECOND, Refused),
        (NOW - day, Refused),
        (year(2050), Admitted),
        (year(9999), Admitted),
        (year(1971), Refused),
        (year(1960), Refused),
    ]);
    recipe.note(format!("until {after}"), is);
    (params.not_before, params.not_after) = (before, after);
}

fn extensions(params: &mut CertificateParams, recipe: &mut Recipe<'_>) {
    use ExtendedKeyUsagePurpose::{Any, ClientAuth, CodeSigning, OcspSigning, Other, ServerAuth};
    use KeyUsagePurpose::{DigitalSignature, KeyAgreement, KeyCertSign, KeyEncipherment};
    let (usages, is) = recipe.one(&[
        (vec![DigitalSignature], Admitted),
        (vec![], Admitted),
        (vec![DigitalSignature, KeyEncipherment], Admitted),
        (vec![KeyEncipherment], Refused),
        (vec![KeyAgreement], Refused),
        (vec![KeyCertSign], Refused),
    ]);
    recipe.note(format!("keyUsage {usages:?}"), is);
    params.key_usages = usages;
    let (purposes, is) = recipe.one(&[
        (vec![ClientAuth], Admitted),
        (vec![], Admitted),
        (vec![Any], Admitted),
        (vec![ServerAuth, ClientAuth], Admitted),
        (vec![ServerAuth], Refused),
        (vec![CodeSigning, OcspSigning], Refused),
        (vec![Other(vec![1, 3, 6, 1, 5, 5, 7, 3, 222])], Refused),
    ]);
    recipe.note(format!("extendedKeyUsage {purposes:?}"), is);
    params.extended_key_usages = purposes;
    let (authority, is) = recipe.one(&[
        (IsCa::ExplicitNoCa, Admitted),
        (IsCa::NoCa, Admitted),
        (IsCa::Ca(BasicConstraints::Unconstrained), Refused),
        (IsCa::Ca(BasicConstraints::Constrained(0)), Refused),
    ]);
    recipe.note(format!("basicConstraints {authority:?}"), is);
    params.is_ca = authority;
    let host = |name: &str| SanType::DnsName(name.try_into().expect("ASCII"));
    let address = |text: &str| SanType::IpAddress(text.parse().expect("an address"));
    let (names, is) = recipe.one(&[
        (vec![], Admitted),
        (vec![host("localhost")], Admitted),
        (vec![address("127.0.0.1"), address("::1")], Admitted),
        // The pod's authority may speak for this machine alone.
        (vec![host("bank.example")], Refused),
        (vec![host("localhost"), host("localhost.bank.example")], Refused),
        (vec![address("10.0.0.1")], Refused),
        (vec![SanType::Rfc822Name("bot@mock-pod.example".try_into().expect("ASCII"))], Open),
        (vec![SanType::URI("urn:x".try_into().expect("ASCII"))], Open),
    ]);
    recipe.note(format!("subjectAltName {names:?}"), is);
    params.subject_alt_names = names;
    odd_extension(params, recipe);
}

/// One that nobody knows, or one that cannot be read.
fn odd_extension(params: &mut CertificateParams, recipe: &mut Recipe<'_>) {
    if !recipe.chance.one_in(5) {
        return;
    }
    let content: Vec<u8> = match recipe.chance.below(3) {
        0 => Vec::new(),
        1 => (0..recipe.chance.below(30)).map(|_| recipe.chance.next() as u8).collect(),
        _ => vec![0; 8 << recipe.chance.below(11)],
    };
    let number = recipe.one(&[
        &[1, 3, 6, 1, 4, 1, 99_999, 1][..],
        &[2, 5, 29, 14],
        &[2, 5, 29, 15],
        &[2, 5, 29, 17],
        &[2, 5, 29, 19],
        &[2, 5, 29, 30],
        &[2, 5, 29, 31],
        &[2, 5, 29, 36],
        &[2, 5, 29, 37],
    ]);
    let is_critical = recipe.chance.one_in(2);
    let verdict = match number {
        [1, ..] if is_critical => Refused,
        [1, ..] => Admitted,
        _ => Open,
    };
    recipe.note(format!("{number:?} critical {is_critical} of {} bytes", content.len()), verdict);
    let mut extension = CustomExtension::from_oid_content(number, content);
    extension.set_criticality(is_critical);
    params.custom_extensions.push(extension);
}

/// Other bytes than were signed.
fn spoil(der: &mut Vec<u8>, recipe: &mut Recipe<'_>) {
    let whole = der.clone();
    for _ in 0..=recipe.chance.below(3) {
        let at = recipe.chance.below(der.len().max(1));
        let byte = recipe.chance.next() as u8;
        match recipe.chance.below(5) {
            _ if der.is_empty() => {}
            0 => der.truncate(at),
            1 => der.insert(at, byte),
            2 => drop(der.remove(at)),
            3 => der.push(byte),
            _ => der[at] = der[at].wrapping_add(1),
        }
    }
    // Two changes may be none.
    if *der != whole {
        recipe.note("with other bytes", Refused);
    }
}

/// The status of the login, 0 where it did not come that far, and its token.
pub async fn shake(target: &Target, handshake: &Handshake) -> (u16, String) {
    let asked = tokio::time::timeout(PATIENCE, ask(target, handshake)).await;
    let answer = asked.unwrap_or_else(|_| panic!("no answer: {handshake:?}")).unwrap_or_default();
    let status = answer.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3)?.parse().ok());
    let body = answer.split_once("\r\n\r\n").map(|(_, body)| body).unwrap_or_default();
    (status.unwrap_or(0), body.to_owned())
}

async fn ask(target: &Target, handshake: &Handshake) -> std::io::Result<String> {
    let versions: &[_] = match handshake.tls12 {
        true => &[&rustls::version::TLS12],
        false => &[&rustls::version::TLS13],
    };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)
        .expect("a known version")
        .with_root_certificates(roots());
    let tls = match handshake.chain.is_empty() {
        true => tls.with_no_client_auth(),
        false => tls.with_client_cert_resolver(Arc::new(Shown(Arc::clone(&handshake.key)))),
    };
    let port = if handshake.mandatory { target.mtls_port } else { target.port };
    let stream = TcpStream::connect(("127.0.0.1", port)).await?;
    let name = ServerName::try_from("localhost").expect("a name");
    let mut stream = TlsConnector::from(Arc::new(tls)).connect(name, stream).await?;
    let request = "POST /sessionauth/v1/authenticate HTTP/1.1\r\nHost: localhost\r\n\
                   Content-Length: 0\r\nConnection: close\r\n\r\n";
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}
