use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose, SanType,
};
use time::OffsetDateTime;
use time::macros::datetime;

use super::{CertificateError, KeyAlgorithm, PrivateKey};

/// A certificate authority that issues for one pod.
///
/// What it issues satisfies the strictest readers: Python 3.13 wants an AuthorityKeyIdentifier on
/// leaves, keyUsage and critical basicConstraints on the CA.
pub struct Authority {
    certificate_pem: String,
    key_pem: String,
    issuer: Issuer<'static, KeyPair>,
}

/// A leaf certificate to be issued.
#[derive(Debug, Clone)]
pub struct LeafRequest {
    /// None for a certificate that names nobody, for negative tests.
    pub common_name: Option<String>,
    pub usage: Usage,
    pub key: KeyAlgorithm,
    pub not_before: OffsetDateTime,
    pub not_after: OffsetDateTime,
}

/// What a leaf is for.
#[derive(Debug, Clone)]
pub enum Usage {
    Client,
    /// A server reachable by these names and addresses.
    Server(Vec<String>),
}

/// Long enough that neither a moved pod clock nor the years get in the way, and still within what
/// a certificate writes as UTCTime.
const NOT_BEFORE: OffsetDateTime = datetime!(2020-01-01 00:00 UTC);
const NOT_AFTER: OffsetDateTime = datetime!(2049-12-31 00:00 UTC);

impl Authority {
    /// Makes a new authority with a key of its own.
    pub fn generate(common_name: &str) -> Result<Self, CertificateError> {
        let key = KeyPair::generate()?;
        let mut params = CertificateParams::default();
        params.distinguished_name = distinguished_name(Some(common_name));
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![
            KeyUsagePurpose::KeyCertSign,
            KeyUsagePurpose::CrlSign,
            KeyUsagePurpose::DigitalSignature,
        ];
        params.not_before = NOT_BEFORE;
        params.not_after = NOT_AFTER;
        let certificate = params.self_signed(&key)?;
        Self::load(certificate.pem(), key.serialize_pem())
    }

    /// Takes up an authority again from its certificate and its private key.
    pub fn load(certificate_pem: String, key_pem: String) -> Result<Self, CertificateError> {
        let issuer = Issuer::from_ca_cert_pem(&certificate_pem, KeyPair::from_pem(&key_pem)?)?;
        Ok(Self { certificate_pem, key_pem, issuer })
    }

    pub fn certificate_pem(&self) -> &str {
        &self.certificate_pem
    }

    pub fn key_pem(&self) -> &str {
        &self.key_pem
    }

    /// Issues a certificate; gives it in PEM, with its private key (PKCS#8 in PEM).
    pub fn issue(&self, request: &LeafRequest) -> Result<(String, String), CertificateError> {
        let key = PrivateKey::generate(request.key)?;
        let mut params = CertificateParams::default();
        params.distinguished_name = distinguished_name(request.common_name.as_deref());
        params.is_ca = IsCa::ExplicitNoCa;
        params.use_authority_key_identifier_extension = true;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.not_before = request.not_before;
        params.not_after = request.not_after;
        match &request.usage {
            Usage::Client => {
                params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
            }
            Usage::Server(names) => {
                params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
                params.subject_alt_names =
                    names.iter().map(|name| subject_alt_name(name)).collect::<Result<_, _>>()?;
            }
        }
        let certificate = params.signed_by(&key, &self.issuer)?;
        Ok((certificate.pem(), key.to_pem()?))
    }
}

impl LeafRequest {
    /// A client's certificate in the common case.
    pub fn client(common_name: &str, key: KeyAlgorithm) -> Self {
        Self {
            common_name: Some(common_name.to_owned()),
            usage: Usage::Client,
            key,
            not_before: NOT_BEFORE,
            not_after: NOT_AFTER,
        }
    }

    /// A server's certificate: for `localhost` and the loopback addresses, and for `names`.
    pub fn server(names: &[String]) -> Self {
        let local = ["localhost", "127.0.0.1", "::1"].map(str::to_owned);
        let mut all = Vec::from(local);
        all.extend(names.iter().filter(|name| !all.contains(name)).cloned().collect::<Vec<_>>());
        Self { usage: Usage::Server(all), ..Self::client("localhost", KeyAlgorithm::P256) }
    }
}

fn distinguished_name(common_name: Option<&str>) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    name.push(DnType::OrganizationName, "symphony-mock-pod");
    if let Some(common_name) = common_name {
        name.push(DnType::CommonName, common_name);
    }
    name
}

fn subject_alt_name(name: &str) -> Result<SanType, CertificateError> {
    if let Ok(address) = name.parse() {
        return Ok(SanType::IpAddress(address));
    }
    let name = name.try_into().map_err(|_| CertificateError::HostName(name.to_owned()))?;
    Ok(SanType::DnsName(name))
}
