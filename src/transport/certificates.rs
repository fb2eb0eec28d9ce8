use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use time::macros::datetime;

use super::certificate_folder::Folder;
use super::consistency::Pair;
use super::file_names::{file_error, file_name, unusable, write};
use super::identity::{rsa_pairs, truststore};
use super::keys::RsaKeys;
use super::{Authority, Identity, KeyAlgorithm, LeafRequest, PrivateKey};

/// A pod's authority, its server certificate, and an identity for everyone who logs in.
pub struct Certificates {
    authority_pem: String,
    /// None where a folder brought a CA certificate without its key: then nothing can be issued.
    authority: Option<Authority>,
    server: (String, String),
    /// Certificate and RSA key with which the pod signs what others verify.
    signer: (String, String),
    identities: Mutex<BTreeMap<String, Arc<Identity>>>,
    /// How many of the spare RSA keys were given out.
    spares: AtomicUsize,
    folder: Option<PathBuf>,
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

impl Certificates {
    /// The development set that is compiled in.
    pub fn embedded() -> Self {
        let authority = Authority::trusted(
            include_str!("../../certs/ca.pem").into(),
            include_str!("../../certs/ca.key").into(),
        );
        let authority_pem = authority.certificate_pem().to_owned();
        let identities = EMBEDDED
            .map(|(name, [certificate, key, rsa, rsa_public])| {
                let identity = Identity {
                    name: name.to_owned(),
                    certificate_pem: certificate.to_owned(),
                    key_pem: key.to_owned(),
                    authority_pem: authority_pem.clone(),
                    rsa: OnceLock::from((rsa.to_owned(), rsa_public.to_owned())),
                    spare: None,
                };
                (name.to_owned(), Arc::new(identity))
            })
            .into();
        let server = (
            include_str!("../../certs/server.pem").into(),
            include_str!("../../certs/server.key").into(),
        );
        Self {
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
        }
    }

    /// Uses what is in `folder` and makes what is missing: the authority, a server certificate for
    /// `hosts` (beside `localhost` and the loopback addresses), and an identity for each of
    /// `names`. What is there is not overwritten. A certificate whose key is gone, or a key without
    /// its certificate, counts as missing, with everything that was made from the two.
    ///
    /// What is made appears whole or not at all, and several that open the same folder at the same
    /// time, in one process or in many, end up with the same set.
    ///
    /// # Errors
    ///
    /// When files do not belong together: the error names one and what to do about it.
    pub fn open(
        folder: &Path,
        names: &[String],
        hosts: &[String],
        key: KeyAlgorithm,
    ) -> Result<Self, CertificateError> {
        Self::open_with(folder, names, hosts, key, RsaKeys::Secret)
    }

    /// The same as [`open`](Self::open) in no time: the RSA keys that are missing are made of primes
    /// that are built in, and **are as public as those**. They are for this pod and for nothing else.
    ///
    /// # Errors
    ///
    /// Those of [`open`](Self::open).
    pub fn open_at_once(
        folder: &Path,
        names: &[String],
        hosts: &[String],
    ) -> Result<Self, CertificateError> {
        Self::open_with(folder, names, hosts, KeyAlgorithm::P256, RsaKeys::Public)
    }

    fn open_with(
        folder: &Path,
        names: &[String],
        hosts: &[String],
        key: KeyAlgorithm,
        rsa: RsaKeys,
    ) -> Result<Self, CertificateError> {
        std::fs::create_dir_all(folder).map_err(|error| file_error(folder, error))?;
        // Where nothing is missing there is no need to write or to wait for the lock. What looks wrong
        // may be another process in the middle of filling the folder.
        let first = match Self::of_folder(&Folder::complete(folder), names, hosts, key, rsa) {
            Ok(set) => return Ok(set),
            Err(error) => error,
        };
        let to_fill = match (Folder::to_fill(folder), first) {
            (Ok(to_fill), _) => to_fill,
            // A folder that cannot be written, with something in it that cannot be used.
            (Err(_), first @ CertificateError::Unusable { .. }) => return Err(first),
            (Err(error), _) => return Err(error),
        };
        // For hundreds of them it takes seconds.
        let (count, place) = (names.len(), folder.display());
        tracing::info!(
            "adding the certificates and keys that are missing in {place}, for {count} names"
        );
        let set = Self::of_folder(&to_fill, names, hosts, key, rsa)?;
        to_fill.publish()?;
        Ok(set)
    }

    fn of_folder(
        folder: &Folder<'_>,
        names: &[String],
        hosts: &[String],
        key: KeyAlgorithm,
        rsa: RsaKeys,
    ) -> Result<Self, CertificateError> {
        let authority = match (folder.read("ca.pem")?, folder.read("ca.key")?) {
            (Some(certificate), key) => {
                folder.check_authority(&certificate, key.as_deref())?;
                let unusable = |error| unusable(&folder.path("ca.pem"), error);
                let load = |key| Authority::load(certificate.clone(), key).map_err(unusable);
                (certificate.clone(), key.map(load).transpose()?)
            }
            (None, _) => {
                folder.may_make("ca.pem")?;
                let authority = Authority::generate(AUTHORITY_NAME, hosts)?;
                folder.make("ca.key", authority.key_pem().as_bytes())?;
                folder.make("ca.pem", authority.certificate_pem().as_bytes())?;
                (authority.certificate_pem().to_owned(), Some(authority))
            }
        };
        let (authority_pem, authority) = authority;
        let pair = |file: &str, name: &str, request: &LeafRequest| {
            let (pem, key) = (format!("{file}.pem"), format!("{file}.key"));
            if let (Some(pem), Some(key)) = (folder.read(&pem)?, folder.read(&key)?) {
                return Ok((pem, key, false));
            }
            folder.may_make(&pem)?;
            let Some(authority) = &authority else {
                let (folder, name) = (folder.path(""), name.to_owned());
                return Err(CertificateError::NoAuthorityKey { folder, name });
            };
            let issued = match request.key {
                KeyAlgorithm::P256 => authority.issue(request)?,
                KeyAlgorithm::Rsa2048 if rsa == RsaKeys::Public => {
                    authority.issue_for(request, &PrivateKey::Rsa(Box::new(rsa.signer()?)))?
                }
                slow => {
                    tracing::info!("making a key for the certificate of {name} ({slow})");
                    authority.issue(request)?
                }
            };
            folder.make(&key, issued.1.as_bytes())?;
            folder.make(&pem, issued.0.as_bytes())?;
            Ok((issued.0, issued.1, true))
        };
        match folder.read_bytes("truststore.p12")? {
            Some(store) => folder.check_keystore("truststore.p12", &store)?,
            None => {
                folder.may_make("truststore.p12")?;
                folder.make("truststore.p12", &truststore(&authority_pem)?)?;
            }
        }
        let (certificate, key_pem, _) = pair("server", "server", &LeafRequest::server(hosts))?;
        let server = Pair { file: "server", certificate: &certificate, key: &key_pem };
        folder.check_pair(&server, &authority_pem)?;
        folder.check_hosts(&certificate, hosts)?;
        let server = (certificate, key_pem);
        let request = LeafRequest::client(SIGNER_NAME, KeyAlgorithm::Rsa2048);
        let (certificate, key_pem, _) = pair("pod", SIGNER_NAME, &request)?;
        folder.check_key(&Pair { file: "pod", certificate: &certificate, key: &key_pem })?;
        let signer = (certificate, key_pem);

        let mut identities = BTreeMap::new();
        for name in names {
            let file = file_name(name);
            let (certificate_pem, key_pem, is_new) =
                pair(&file, name, &LeafRequest::client(name, key))?;
            let own = Pair { file: &file, certificate: &certificate_pem, key: &key_pem };
            folder.check_pair(&own, &authority_pem)?;
            let identity = Identity {
                name: name.clone(),
                certificate_pem,
                key_pem,
                authority_pem: authority_pem.clone(),
                rsa: OnceLock::new(),
                spare: None,
            };
            identity.complete(folder, is_new)?;
            identities.insert(name.clone(), identity);
        }
        rsa_pairs(folder, identities.values(), rsa)?;
        let identities = identities.into_iter().map(|(name, own)| (name, Arc::new(own))).collect();
        let (identities, spares) = (Mutex::new(identities), AtomicUsize::new(0));
        let folder = Some(folder.path(""));
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

    /// Whether this is the development set that is compiled in, which tests hold to be sound.
    pub fn are_embedded(&self) -> bool {
        self.folder.is_none()
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
        let mut identity = self.issue(name, &LeafRequest::client(name, KeyAlgorithm::P256))?;
        let mut known = self.known();
        // Somebody else may have asked for it meanwhile: one certificate is for one key.
        let identity = known.entry(name.to_owned()).or_insert_with(|| {
            identity.spare = Some(self.spares.fetch_add(1, Ordering::Relaxed));
            Arc::new(identity)
        });
        Ok(Arc::clone(identity))
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
        Identity::issued_by(authority, name, request)
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
                return Identity::issued_by(
                    &Authority::generate(FOREIGN_NAME, &[])?,
                    name,
                    &request,
                );
            }
        }
        self.issue(name, &request)
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::sync::Barrier;

    use super::*;

    #[test]
    fn whoever_asks_at_the_same_time_gets_the_same_identity() {
        let certificates = Certificates::embedded();
        let together = Barrier::new(4);
        let ask = || {
            together.wait();
            certificates.identity("new-bot").map(|identity| identity.key_pem().to_owned()).unwrap()
        };
        let keys = std::thread::scope(|scope| {
            let asking: Vec<_> = (0..4).map(|_| scope.spawn(ask)).collect();
            asking.into_iter().map(|asks| asks.join().unwrap()).collect::<BTreeSet<_>>()
        });
        assert_eq!(keys.len(), 1);
    }
}
