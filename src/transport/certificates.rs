use std::collections::BTreeMap;
use std::fmt::{self, Write as _};
use std::io;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use p12_keystore::{KeyStore, KeyStoreEntry, PrivateKeyChain};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use time::macros::datetime;

use super::{Authority, KeyAlgorithm, LeafRequest, RsaKeyPair};

/// Password of every keystore that the pod writes: what Java tools assume, and no secret.
pub const PASSWORD: &str = "changeit";

/// A pod's authority, its server certificate, and an identity for everyone who logs in.
pub struct Certificates {
    authority_pem: String,
    /// None where a folder brought a CA certificate without its key: then nothing can be issued.
    authority: Option<Authority>,
    server: (String, String),
    /// Certificate and RSA key with which the pod signs what others verify.
    signer: (String, String),
    identities: Mutex<BTreeMap<String, Arc<Identity>>>,
    /// How many of [`SPARE_RSA`] were given out.
    spares: AtomicUsize,
    folder: Option<PathBuf>,
}

/// What a service user or an app needs to log in, in every format SDKs read.
pub struct Identity {
    name: String,
    certificate_pem: String,
    key_pem: String,
    authority_pem: String,
    /// For logins by JWT. Made when first asked for: it takes a moment.
    rsa: OnceLock<(String, String)>,
}

/// What is wrong with an identity made for a negative test.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Defect {
    /// Valid until the end of 2021.
    Expired,
    /// Valid from 2049.
    NotYetValid,
    /// Issued by an authority that nobody trusts.
    ForeignAuthority,
    /// Its subject has no Common Name.
    NoCommonName,
    /// RSA with 1,024 bits.
    WeakKey,
}

/// Certificates cannot be made, read or written.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    #[error("making a certificate: {0}")]
    Issue(#[from] rcgen::Error),
    #[error("a private key: {0}")]
    Key(String),
    #[error("a keystore: {0}")]
    Keystore(#[from] p12_keystore::error::Error),
    #[error("{0:?} is neither a host name nor an address")]
    HostName(String),
    #[error("{path}: {error}")]
    File { path: PathBuf, error: io::Error },
    #[error("{path}: {problem}")]
    Unusable { path: PathBuf, problem: String },
    #[error("{folder} has a ca.pem without ca.key: {name} cannot be issued there")]
    NoAuthorityKey { folder: PathBuf, name: String },
}

const AUTHORITY_NAME: &str = "symphony-mock-pod development CA";
const SIGNER_NAME: &str = "symphony-mock-pod signer";
const FOREIGN_NAME: &str = "symphony-mock-pod foreign CA";

macro_rules! embedded_identity {
    ($name:literal) => {
        [
            include_str!(concat!("../../certs/", $name, ".pem")),
            include_str!(concat!("../../certs/", $name, ".key")),
            include_str!(concat!("../../certs/", $name, "-rsa.pem")),
            include_str!(concat!("../../certs/", $name, "-rsa.pub.pem")),
        ]
    };
}

/// The development identities of `certs/`. Their private keys are public.
const EMBEDDED: [(&str, [&str; 4]); 3] = [
    ("bot", embedded_identity!("bot")),
    ("bot2", embedded_identity!("bot2")),
    ("app", embedded_identity!("app")),
];

/// RSA keys for identities issued while the pod runs: making one takes up to a second.
const SPARE_RSA: [&str; 6] = [
    include_str!("../../certs/spare-1-rsa.pem"),
    include_str!("../../certs/spare-2-rsa.pem"),
    include_str!("../../certs/spare-3-rsa.pem"),
    include_str!("../../certs/spare-4-rsa.pem"),
    include_str!("../../certs/spare-5-rsa.pem"),
    include_str!("../../certs/spare-6-rsa.pem"),
];

impl Certificates {
    /// The development set that is compiled in.
    pub fn embedded() -> Result<Self, CertificateError> {
        let authority = Authority::load(
            include_str!("../../certs/ca.pem").into(),
            include_str!("../../certs/ca.key").into(),
        )?;
        let authority_pem = authority.certificate_pem().to_owned();
        let identities = EMBEDDED
            .map(|(name, [certificate, key, rsa, rsa_public])| {
                let identity = Identity {
                    name: name.to_owned(),
                    certificate_pem: certificate.to_owned(),
                    key_pem: key.to_owned(),
                    authority_pem: authority_pem.clone(),
                    rsa: OnceLock::from((rsa.to_owned(), rsa_public.to_owned())),
                };
                (name.to_owned(), Arc::new(identity))
            })
            .into();
        let server = (
            include_str!("../../certs/server.pem").into(),
            include_str!("../../certs/server.key").into(),
        );
        Ok(Self {
            authority_pem,
            authority: Some(authority),
            server,
            signer: (
                include_str!("../../certs/pod.pem").into(),
                include_str!("../../certs/pod.key").into(),
            ),
            identities: Mutex::new(identities),
            spares: AtomicUsize::new(0),
            folder: None,
        })
    }

    /// Uses what is in `folder` and makes what is missing: the authority, a server certificate for
    /// `hosts` (beside `localhost` and the loopback addresses), and an identity for each of
    /// `names`. What is there is not overwritten, so that a run cut short is simply completed by
    /// the next. A certificate whose key is gone, or a key without its certificate, counts as
    /// missing, with everything that was made from the two.
    pub fn open(
        folder: &Path,
        names: &[String],
        hosts: &[String],
        key: KeyAlgorithm,
    ) -> Result<Self, CertificateError> {
        std::fs::create_dir_all(folder).map_err(|error| file_error(folder, error))?;
        let authority = match (read(folder, "ca.pem")?, read(folder, "ca.key")?) {
            (Some(certificate), Some(key)) => Some(
                Authority::load(certificate, key)
                    .map_err(|error| unusable(&folder.join("ca.pem"), &error))?,
            ),
            (Some(_), None) => None,
            (None, _) => {
                let authority = Authority::generate(AUTHORITY_NAME)?;
                write(folder, "ca.key", authority.key_pem().as_bytes())?;
                write(folder, "ca.pem", authority.certificate_pem().as_bytes())?;
                Some(authority)
            }
        };
        let authority_pem = read(folder, "ca.pem")?.unwrap_or_default();
        let issue = |name: &str, request: &LeafRequest| match &authority {
            Some(authority) => authority.issue(request),
            None => Err(CertificateError::NoAuthorityKey {
                folder: folder.into(),
                name: name.to_owned(),
            }),
        };
        let pair = |name: &str, request: &LeafRequest| {
            let (pem, key) = (format!("{name}.pem"), format!("{name}.key"));
            if let (Some(pem), Some(key)) = (read(folder, &pem)?, read(folder, &key)?) {
                return Ok((pem, key));
            }
            let issued = issue(name, request)?;
            for copy in [format!("{name}-combined.pem"), format!("{name}.p12")] {
                remove(folder, &copy)?;
            }
            write(folder, &key, issued.1.as_bytes())?;
            write(folder, &pem, issued.0.as_bytes())?;
            Ok::<_, CertificateError>(issued)
        };
        if read_bytes(folder, "truststore.p12")?.is_none() {
            let store = truststore(&authority_pem)
                .map_err(|error| unusable(&folder.join("ca.pem"), &error))?;
            write(folder, "truststore.p12", &store)?;
        }
        let server = pair("server", &LeafRequest::server(hosts))?;
        let signer = pair("pod", &LeafRequest::client(SIGNER_NAME, KeyAlgorithm::Rsa2048))?;
        let mut identities = BTreeMap::new();
        for name in names {
            let file = file_name(name);
            let (certificate_pem, key_pem) = pair(&file, &LeafRequest::client(name, key))?;
            let rsa = rsa_pair(folder, &file)?;
            let identity = Identity {
                name: name.clone(),
                certificate_pem,
                key_pem,
                authority_pem: authority_pem.clone(),
                rsa: OnceLock::from(rsa),
            };
            identity.write_derived(folder)?;
            identities.insert(name.clone(), Arc::new(identity));
        }
        let (identities, folder) = (Mutex::new(identities), Some(folder.to_owned()));
        let spares = AtomicUsize::new(0);
        Ok(Self { authority_pem, authority, server, signer, identities, spares, folder })
    }

    /// Writes the set into a folder, all formats of all identities.
    pub fn write_to(&self, folder: &Path) -> Result<(), CertificateError> {
        std::fs::create_dir_all(folder).map_err(|error| file_error(folder, error))?;
        if let Some(authority) = &self.authority {
            write(folder, "ca.key", authority.key_pem().as_bytes())?;
        }
        write(folder, "ca.pem", self.authority_pem.as_bytes())?;
        write(folder, "truststore.p12", &self.truststore()?)?;
        write(folder, "server.pem", self.server.0.as_bytes())?;
        write(folder, "server.key", self.server.1.as_bytes())?;
        write(folder, "pod.pem", self.signer.0.as_bytes())?;
        write(folder, "pod.key", self.signer.1.as_bytes())?;
        for identity in self.known().values() {
            for (name, content) in identity.files()? {
                write(folder, &name, &content)?;
            }
        }
        Ok(())
    }

    /// The authority's certificate in PEM: what a client must trust.
    pub fn authority_pem(&self) -> &str {
        &self.authority_pem
    }

    /// The authority's certificate in a PKCS#12 truststore that Java reads trust anchors from.
    pub fn truststore(&self) -> Result<Vec<u8>, CertificateError> {
        truststore(&self.authority_pem)
    }

    /// Certificate and key of the server, in PEM.
    pub fn server(&self) -> (&str, &str) {
        (&self.server.0, &self.server.1)
    }

    /// Certificate and RSA key with which the pod signs what others verify, in PEM.
    pub fn signer(&self) -> (&str, &str) {
        (&self.signer.0, &self.signer.1)
    }

    /// Where `ca.pem` is on disk, if it is.
    pub fn authority_path(&self) -> Option<PathBuf> {
        self.folder.as_ref().map(|folder| folder.join("ca.pem"))
    }

    /// The identity of a service user or app. One that is not there yet is issued.
    pub fn identity(&self, name: &str) -> Result<Arc<Identity>, CertificateError> {
        if let Some(identity) = self.known().get(name) {
            return Ok(Arc::clone(identity));
        }
        let identity = self.issue(name, &LeafRequest::client(name, KeyAlgorithm::P256))?;
        if let Some(spare) = SPARE_RSA.get(self.spares.fetch_add(1, Ordering::Relaxed)) {
            let public = RsaKeyPair::from_pem(spare)?.public_pem()?;
            drop(identity.rsa.set(((*spare).to_owned(), public)));
        }
        let identity = Arc::new(identity);
        self.known().insert(name.to_owned(), Arc::clone(&identity));
        Ok(identity)
    }

    /// The identities that are there already, by name.
    pub fn known_identities(&self) -> Vec<Arc<Identity>> {
        self.known().values().cloned().collect()
    }

    /// Issues an identity as `request` says, without keeping it.
    pub fn issue(&self, name: &str, request: &LeafRequest) -> Result<Identity, CertificateError> {
        let Some(authority) = &self.authority else {
            let folder = self.folder.clone().unwrap_or_default();
            return Err(CertificateError::NoAuthorityKey { folder, name: name.to_owned() });
        };
        self.issue_by(authority, name, request)
    }

    /// Issues an identity with a defect, for a negative test.
    pub fn issue_defective(
        &self,
        name: &str,
        defect: Defect,
    ) -> Result<Identity, CertificateError> {
        let mut request = LeafRequest::client(name, KeyAlgorithm::P256);
        match defect {
            Defect::Expired => request.not_after = datetime!(2021-12-31 00:00 UTC),
            Defect::NotYetValid => request.not_before = datetime!(2049-01-01 00:00 UTC),
            Defect::NoCommonName => request.common_name = None,
            Defect::WeakKey => request.key = KeyAlgorithm::Rsa1024,
            Defect::ForeignAuthority => {
                return self.issue_by(&Authority::generate(FOREIGN_NAME)?, name, &request);
            }
        }
        self.issue(name, &request)
    }

    fn issue_by(
        &self,
        authority: &Authority,
        name: &str,
        request: &LeafRequest,
    ) -> Result<Identity, CertificateError> {
        let (certificate_pem, key_pem) = authority.issue(request)?;
        Ok(Identity {
            name: name.to_owned(),
            certificate_pem,
            key_pem,
            authority_pem: authority.certificate_pem().to_owned(),
            rsa: OnceLock::new(),
        })
    }

    fn known(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Arc<Identity>>> {
        self.identities.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Certificates {
    /// Without the keys.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificates").field("folder", &self.folder).finish_non_exhaustive()
    }
}

impl fmt::Debug for Identity {
    /// Without the keys.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Identity {
    /// Username or app id.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The certificate, in PEM.
    pub fn certificate_pem(&self) -> &str {
        &self.certificate_pem
    }

    /// The certificate's private key: PKCS#8 in PEM.
    pub fn key_pem(&self) -> &str {
        &self.key_pem
    }

    /// Key and certificate in one PEM, as the Python BDK wants them.
    pub fn combined_pem(&self) -> String {
        format!("{}{}", self.key_pem, self.certificate_pem)
    }

    /// Key, certificate and authority as PKCS#12 under [`PASSWORD`], as the Java BDK wants them.
    pub fn pkcs12(&self) -> Result<Vec<u8>, CertificateError> {
        let key = PrivateKeyDer::from_pem_slice(self.key_pem.as_bytes())
            .map_err(|error| CertificateError::Key(error.to_string()))?;
        let key = p12_keystore::PrivateKey::from_der(key.secret_der())?;
        let chain = [
            keystore_certificate(&self.certificate_pem)?,
            keystore_certificate(&self.authority_pem)?,
        ];
        let chain = PrivateKeyChain::new(vec![1], key, chain);
        let mut store = KeyStore::new();
        store.add_entry(&self.name, KeyStoreEntry::PrivateKeyChain(chain));
        Ok(store.writer(PASSWORD).write()?)
    }

    /// Private key for logins by JWT: PKCS#8 in PEM. Made when first asked for.
    pub fn rsa_pem(&self) -> Result<&str, CertificateError> {
        self.rsa().map(|(private, _)| private.as_str())
    }

    /// Public key for logins by JWT, in PEM.
    pub fn rsa_public_pem(&self) -> Result<&str, CertificateError> {
        self.rsa().map(|(_, public)| public.as_str())
    }

    /// Every format under its file name.
    pub fn files(&self) -> Result<Vec<(String, Vec<u8>)>, CertificateError> {
        let name = file_name(&self.name);
        Ok(vec![
            (format!("{name}.pem"), self.certificate_pem.clone().into()),
            (format!("{name}.key"), self.key_pem.clone().into()),
            (format!("{name}-combined.pem"), self.combined_pem().into()),
            (format!("{name}.p12"), self.pkcs12()?),
            (format!("{name}-rsa.pem"), self.rsa_pem()?.into()),
            (format!("{name}-rsa.pub.pem"), self.rsa_public_pem()?.into()),
        ])
    }

    /// Writes every format into `folder` as `STEM.pem` and so on.
    pub fn write_to(&self, folder: &Path, stem: &str) -> Result<(), CertificateError> {
        let name = file_name(&self.name);
        for (file, content) in self.files()? {
            let suffix = file.strip_prefix(&name).unwrap_or(&file);
            write(folder, &format!("{}{suffix}", file_name(stem)), &content)?;
        }
        Ok(())
    }

    fn rsa(&self) -> Result<&(String, String), CertificateError> {
        if let Some(rsa) = self.rsa.get() {
            return Ok(rsa);
        }
        let made = new_rsa_pair()?;
        Ok(self.rsa.get_or_init(|| made))
    }

    /// Completes a folder with the formats that follow from certificate and keys.
    fn write_derived(&self, folder: &Path) -> Result<(), CertificateError> {
        let name = file_name(&self.name);
        let combined = format!("{name}-combined.pem");
        if read_bytes(folder, &combined)?.is_none() {
            write(folder, &combined, self.combined_pem().as_bytes())?;
        }
        let keystore = format!("{name}.p12");
        if read_bytes(folder, &keystore)?.is_none() {
            write(folder, &keystore, &self.pkcs12()?)?;
        }
        Ok(())
    }
}

impl FromStr for Defect {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "expired" => Ok(Self::Expired),
            "not-yet-valid" => Ok(Self::NotYetValid),
            "foreign-ca" => Ok(Self::ForeignAuthority),
            "no-cn" => Ok(Self::NoCommonName),
            "weak-key" => Ok(Self::WeakKey),
            other => Err(format!(
                "{other:?} is none of expired, not-yet-valid, foreign-ca, no-cn, weak-key"
            )),
        }
    }
}

impl fmt::Display for Defect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Expired => "expired",
            Self::NotYetValid => "not-yet-valid",
            Self::ForeignAuthority => "foreign-ca",
            Self::NoCommonName => "no-cn",
            Self::WeakKey => "weak-key",
        })
    }
}

/// 2,048 bits: what the BDKs' JWT libraries ask for at least, and seconds faster to make than the
/// 4,096 of the documentation.
fn new_rsa_pair() -> Result<(String, String), CertificateError> {
    let key = RsaKeyPair::generate(2048)?;
    Ok((key.private_pem()?, key.public_pem()?))
}

/// Private and public key from the folder, made where they are missing.
fn rsa_pair(folder: &Path, name: &str) -> Result<(String, String), CertificateError> {
    let (private_file, public_file) = (format!("{name}-rsa.pem"), format!("{name}-rsa.pub.pem"));
    let private = read(folder, &private_file)?;
    match (private, read(folder, &public_file)?) {
        (Some(private), Some(public)) => Ok((private, public)),
        (Some(private), None) => {
            let key = RsaKeyPair::from_pem(&private)
                .map_err(|error| unusable(&folder.join(&private_file), &error))?;
            let public = key.public_pem()?;
            write(folder, &public_file, public.as_bytes())?;
            Ok((private, public))
        }
        (None, _) => {
            let (private, public) = new_rsa_pair()?;
            write(folder, &private_file, private.as_bytes())?;
            write(folder, &public_file, public.as_bytes())?;
            Ok((private, public))
        }
    }
}

/// A truststore whose entry carries Oracle's `trustedKeyUsage` attribute: without it (as `openssl
/// pkcs12 -nokeys` writes) Java loads the store and finds no trust anchor in it.
fn truststore(authority_pem: &str) -> Result<Vec<u8>, CertificateError> {
    let mut store = KeyStore::new();
    let certificate = keystore_certificate(authority_pem)?;
    store.add_entry("symphony-mock-pod-ca", KeyStoreEntry::Certificate(certificate));
    Ok(store.writer(PASSWORD).write()?)
}

fn keystore_certificate(pem: &str) -> Result<p12_keystore::Certificate, CertificateError> {
    let der = CertificateDer::from_pem_slice(pem.as_bytes())
        .map_err(|error| CertificateError::Key(error.to_string()))?;
    Ok(p12_keystore::Certificate::from_der(&der)?)
}

/// A username as a file name: anything but the characters that are safe everywhere is written as
/// `%` and two hex digits, so that no username leads out of the folder. So is the first character
/// of a name whose files would be others' otherwise.
pub fn file_name(name: &str) -> String {
    const OF_THE_POD: [&str; 4] = ["ca", "pod", "server", "truststore"];
    const OF_ANOTHER: [&str; 3] = ["-combined", "-rsa", "-rsa.pub"];
    let taken = name.starts_with('.')
        || OF_THE_POD.contains(&name)
        || OF_ANOTHER.iter().any(|suffix| name.ends_with(suffix));
    let mut file = String::with_capacity(name.len());
    for (n, byte) in name.bytes().enumerate() {
        match byte {
            _ if taken && n == 0 => drop(write!(file, "%{byte:02X}")),
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'@' | b'+' => {
                file.push(char::from(byte));
            }
            _ => drop(write!(file, "%{byte:02X}")),
        }
    }
    file
}

fn read(folder: &Path, name: &str) -> Result<Option<String>, CertificateError> {
    let Some(bytes) = read_bytes(folder, name)? else {
        return Ok(None);
    };
    String::from_utf8(bytes)
        .map(Some)
        .map_err(|_| unusable(&folder.join(name), "is not text, and so not PEM"))
}

fn read_bytes(folder: &Path, name: &str) -> Result<Option<Vec<u8>>, CertificateError> {
    let path = folder.join(name);
    match std::fs::read(&path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(file_error(&path, error)),
    }
}

fn remove(folder: &Path, name: &str) -> Result<(), CertificateError> {
    let path = folder.join(name);
    match std::fs::remove_file(&path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(file_error(&path, error)),
        _ => Ok(()),
    }
}

/// Writes whole or not at all: a full disk or a killed process leaves no half file behind.
///
/// The files are readable by everybody. They identify nobody outside tests, and a folder shared
/// with a container is read by another user than the one who wrote it.
fn write(folder: &Path, name: &str, content: &[u8]) -> Result<(), CertificateError> {
    let path = folder.join(name);
    let draft = folder.join(format!(".{name}.{}", std::process::id()));
    let written = std::fs::write(&draft, content).and_then(|()| std::fs::rename(&draft, &path));
    written.map_err(|error| {
        drop(std::fs::remove_file(&draft));
        file_error(&path, error)
    })
}

fn file_error(path: &Path, error: io::Error) -> CertificateError {
    CertificateError::File { path: path.into(), error }
}

fn unusable(path: &Path, problem: impl ToString) -> CertificateError {
    CertificateError::Unusable { path: path.into(), problem: problem.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_username_leads_out_of_the_folder() {
        assert_eq!(file_name("bot"), "bot");
        assert_eq!(file_name("john.doe@bank"), "john.doe@bank");
        assert_eq!(file_name("../../etc/x"), "%2E.%2F..%2Fetc%2Fx");
        assert_eq!(file_name("Zoë b"), "Zo%C3%AB%20b");
    }

    #[test]
    fn no_username_takes_the_files_of_something_else() {
        assert_eq!(file_name("ca"), "%63a");
        assert_eq!(file_name("bot-rsa"), "%62ot-rsa");
        assert_eq!(file_name("rsa-bot"), "rsa-bot");
    }
}
