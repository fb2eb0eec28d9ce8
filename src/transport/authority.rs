use std::net::IpAddr;
use std::sync::OnceLock;

use rcgen::{
    BasicConstraints, CertificateParams, CidrSubnet, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, GeneralSubtree, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    NameConstraints, SanType,
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
    /// Read when it first issues, where it is known to be sound: few pods issue anything.
    issuer: OnceLock<Issuer<'static, KeyPair>>,
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
    /// Makes a new authority with a key of its own, which may speak for `localhost`, the loopback
    /// addresses and `hosts`, and for no other server: whoever comes to trust it elsewhere, in a
    /// browser or an operating system, trusts it for no more than that (RFC 5280, 4.2.1.10).
    pub fn generate(common_name: &str, hosts: &[String]) -> Result<Self, CertificateError> {
        let key = KeyPair::generate()?;
        let mut params = CertificateParams::default();
        params.distinguished_name = distinguished_name(Some(common_name));
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![
            KeyUsagePurpose::KeyCertSign,
            KeyUsagePurpose::CrlSign,
            KeyUsagePurpose::DigitalSignature,
        ];
        params.name_constraints = Some(NameConstraints {
            permitted_subtrees: all_hosts(hosts).iter().map(|host| subtree(host)).collect(),
            excluded_subtrees: Vec::new(),
        });
        params.not_before = NOT_BEFORE;
        params.not_after = NOT_AFTER;
        let certificate = params.self_signed(&key)?;
        Self::load(certificate.pem(), key.serialize_pem())
    }

    /// Takes up an authority again from its certificate and its private key.
    pub fn load(certificate_pem: String, key_pem: String) -> Result<Self, CertificateError> {
        let authority = Self::trusted(certificate_pem, key_pem);
        authority.issuer()?;
        Ok(authority)
    }

    /// The same, for a pair that is known to be sound and is read when it is needed.
    pub fn trusted(certificate_pem: String, key_pem: String) -> Self {
        Self { certificate_pem, key_pem, issuer: OnceLock::new() }
    }

    fn issuer(&self) -> Result<&Issuer<'static, KeyPair>, CertificateError> {
        if let Some(issuer) = self.issuer.get() {
            return Ok(issuer);
        }
        let key = KeyPair::from_pem(&self.key_pem)?;
        let issuer = Issuer::from_ca_cert_pem(&self.certificate_pem, key)?;
        Ok(self.issuer.get_or_init(|| issuer))
    }

    pub fn certificate_pem(&self) -> &str {
        &self.certificate_pem
    }

    pub fn key_pem(&self) -> &str {
        &self.key_pem
    }

    /// Issues a certificate; gives it in PEM, with its private key (PKCS#8 in PEM).
    pub fn issue(&self, request: &LeafRequest) -> Result<(String, String), CertificateError> {
        self.issue_for(request, &PrivateKey::generate(request.key)?)
    }

    /// The same for a key that is there already, whatever the request says of it.
    pub fn issue_for(
        &self,
        request: &LeafRequest,
        key: &PrivateKey,
    ) -> Result<(String, String), CertificateError> {
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
        let certificate = params.signed_by(key, self.issuer()?)?;
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
        let usage = Usage::Server(all_hosts(names));
        Self { usage, ..Self::client("localhost", KeyAlgorithm::P256) }
    }
}

/// `localhost`, the loopback addresses, and these.
fn all_hosts(hosts: &[String]) -> Vec<String> {
    let mut all = Vec::from(["localhost", "127.0.0.1", "::1"].map(str::to_owned));
    all.extend(hosts.iter().filter(|host| !all.contains(host)).cloned().collect::<Vec<_>>());
    all
}

/// What an authority may speak for so that it may for a host, or for all that a pattern matches.
fn subtree(host: &str) -> GeneralSubtree {
    match host.parse() {
        Ok(IpAddr::V4(address)) => {
            GeneralSubtree::IpAddress(CidrSubnet::V4(address.octets(), [0xff; 4]))
        }
        Ok(IpAddr::V6(address)) => {
            GeneralSubtree::IpAddress(CidrSubnet::V6(address.octets(), [0xff; 16]))
        }
        Err(_) => GeneralSubtree::DnsName(host.trim_start_matches("*.").to_owned()),
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
