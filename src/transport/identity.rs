use std::collections::HashSet;
use std::fmt;
use std::path::Path;
use std::sync::OnceLock;

use cms::content_info::ContentInfo;
use der::asn1::OctetString;
use der::{Any, Decode, Encode};
use p12_keystore::{KeyStore, KeyStoreEntry, PrivateKeyChain};
use pkcs12::kdf::{Pkcs12KeyType, derive_key_utf8};
use pkcs12::pfx::Pfx;
use ring::hmac;
use rsa::sha2::Sha256;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::certificate_folder::Folder;
use super::consistency::Pair;
use super::file_names::{file_name, unusable, write};
use super::keys::RsaKeys;
use super::{Authority, CertificateError, LeafRequest, RsaKeyPair};

/// Password of every keystore that the pod writes: what Java tools assume, and no secret.
pub const PASSWORD: &str = "changeit";

const ENCRYPTED_DATA: der::oid::ObjectIdentifier =
    der::oid::ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.6");

/// What a service user or an app needs to log in, in every format SDKs read.
pub struct Identity {
    pub(super) name: String,
    pub(super) certificate_pem: String,
    pub(super) key_pem: String,
    pub(super) authority_pem: String,
    /// For logins by JWT. Made when first asked for: it takes a moment.
    pub(super) rsa: OnceLock<(String, String)>,
    /// Which of the spare RSA keys belongs to it, where none was made for it.
    pub(super) spare: Option<usize>,
}

impl fmt::Debug for Identity {
    /// Without the keys.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Identity {
    pub(super) fn issued_by(
        authority: &Authority,
        name: &str,
        request: &LeafRequest,
    ) -> Result<Self, CertificateError> {
        let (certificate_pem, key_pem) = authority.issue(request)?;
        Ok(Self {
            name: name.to_owned(),
            certificate_pem,
            key_pem,
            authority_pem: authority.certificate_pem().to_owned(),
            rsa: OnceLock::new(),
            spare: None,
        })
    }

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
        let spare = self.spare.and_then(RsaKeyPair::spare).transpose()?;
        let made = match spare {
            Some(key) => (key.private_pem()?, key.public_pem()?),
            None => new_rsa_pair()?,
        };
        Ok(self.rsa.get_or_init(|| made))
    }

    /// Completes a folder with the formats that follow from certificate and key. Those of a new
    /// certificate are made whether they are there or not.
    pub(super) fn complete(
        &self,
        folder: &Folder<'_>,
        is_new: bool,
    ) -> Result<(), CertificateError> {
        let file = file_name(&self.name);
        let (combined, keystore) = (format!("{file}-combined.pem"), format!("{file}.p12"));
        let pair = Pair { file: &file, certificate: &self.certificate_pem, key: &self.key_pem };
        match folder.read(&combined)? {
            Some(content) if !is_new => folder.check_combined(&combined, &content, &pair)?,
            _ => folder.make(&combined, self.combined_pem().as_bytes())?,
        }
        match folder.read_bytes(&keystore)? {
            Some(content) if !is_new => folder.check_keystore(&keystore, &content)?,
            _ => {
                folder.may_make(&keystore)?;
                folder.make(&keystore, &self.pkcs12()?)?;
            }
        }
        Ok(())
    }
}

/// 2,048 bits: what the BDKs' JWT libraries ask for at least, and seconds faster to make than the
/// 4,096 of the documentation.
fn new_rsa_pair() -> Result<(String, String), CertificateError> {
    let key = RsaKeyPair::generate(2048)?;
    Ok((key.private_pem()?, key.public_pem()?))
}

/// Gives identities the RSA pairs of a folder, made where they are missing: all at the same time,
/// for each takes a moment.
pub(super) fn rsa_pairs<'i>(
    folder: &Folder<'_>,
    identities: impl Iterator<Item = &'i Identity>,
    rsa: RsaKeys,
) -> Result<(), CertificateError> {
    let (mut missing, mut taken) = (Vec::new(), HashSet::new());
    for identity in identities {
        let file = file_name(&identity.name);
        let (private_file, public_file) =
            (format!("{file}-rsa.pem"), format!("{file}-rsa.pub.pem"));
        let Some(private) = folder.read(&private_file)? else {
            folder.may_make(&private_file)?;
            missing.push((identity, private_file, public_file));
            continue;
        };
        let key = RsaKeyPair::from_pem(&private).map_err(|error| {
            let remedy = "remove it, and it is made anew";
            unusable(&folder.path(&private_file), format!("{error}: {remedy}"))
        })?;
        let public = match folder.read(&public_file)? {
            Some(public) => {
                folder.check_rsa(&file, &key.public_pem()?, &public)?;
                public
            }
            None => {
                let public = key.public_pem()?;
                folder.make(&public_file, public.as_bytes())?;
                public
            }
        };
        taken.insert(public.clone());
        drop(identity.rsa.set((private, public)));
    }
    // The first of the spare ones is the pod's own.
    let mut spares = (1..).map_while(|number| rsa.spare(number));
    let mut slow = Vec::new();
    for (identity, private_file, public_file) in missing {
        let pair = loop {
            let Some(key) = spares.next().transpose()? else { break None };
            let pair = (key.private_pem()?, key.public_pem()?);
            if taken.insert(pair.1.clone()) {
                break Some(pair);
            }
        };
        let Some((private, public)) = pair else {
            slow.push((identity, private_file, public_file));
            continue;
        };
        folder.make(&private_file, private.as_bytes())?;
        folder.make(&public_file, public.as_bytes())?;
        drop(identity.rsa.set((private, public)));
    }
    let missing = slow;
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    for (n, some) in missing.chunks(threads).enumerate() {
        let names: Vec<_> = some.iter().map(|(identity, ..)| identity.name()).collect();
        let (made, all) = (n * threads, missing.len());
        tracing::info!("making RSA keys for {} ({made} of {all} made)", names.join(", "));
        let pairs: Vec<_> = std::thread::scope(|scope| {
            let makers: Vec<_> = some.iter().map(|_| scope.spawn(new_rsa_pair)).collect();
            makers.into_iter().map(std::thread::ScopedJoinHandle::join).collect()
        });
        for ((identity, private_file, public_file), pair) in some.iter().zip(pairs) {
            let gone = |_| CertificateError::Key("the thread that made one is gone".to_owned());
            let (private, public) = pair.map_err(gone)??;
            folder.make(private_file, private.as_bytes())?;
            folder.make(public_file, public.as_bytes())?;
            drop(identity.rsa.set((private, public)));
        }
    }
    Ok(())
}

/// A truststore whose entry carries Oracle's `trustedKeyUsage` attribute: without it (as `openssl
/// pkcs12 -nokeys` writes) Java loads the store and finds no trust anchor in it.
pub(super) fn truststore(authority_pem: &str) -> Result<Vec<u8>, CertificateError> {
    let mut store = KeyStore::new();
    let certificate = keystore_certificate(authority_pem)?;
    store.add_entry("symphony-mock-pod-ca", KeyStoreEntry::Certificate(certificate));
    certificates_alone(&store.writer(PASSWORD).write()?)
}

/// A keystore without the safe for keys, of which there are none: keytool writes it so, and Go's
/// `pkcs12.DecodeTrustStore` (software.sslmate.com/src/go-pkcs12) reads no other.
fn certificates_alone(store: &[u8]) -> Result<Vec<u8>, CertificateError> {
    let failed = |error: der::Error| CertificateError::Key(format!("a truststore: {error}"));
    let mut store = Pfx::from_der(store).map_err(failed)?;
    let content = store.auth_safe.content.decode_as::<OctetString>().map_err(failed)?;
    let mut safes = Vec::<ContentInfo>::from_der(content.as_bytes()).map_err(failed)?;
    safes.retain(|safe| safe.content_type == ENCRYPTED_DATA);
    let safes = safes.to_der().map_err(failed)?;
    let mac = store.mac_data.as_mut().ok_or_else(|| failed(der::ErrorKind::Failed.into()))?;
    let key = derive_key_utf8::<Sha256>(
        PASSWORD,
        mac.mac_salt.as_bytes(),
        Pkcs12KeyType::Mac,
        mac.iterations,
        ring::digest::SHA256_OUTPUT_LEN,
    );
    let key = hmac::Key::new(hmac::HMAC_SHA256, &key.map_err(failed)?);
    let tag = hmac::sign(&key, &safes);
    mac.mac.digest = OctetString::new(tag.as_ref()).map_err(failed)?;
    let content = OctetString::new(safes).map_err(failed)?;
    store.auth_safe.content = Any::encode_from(&content).map_err(failed)?;
    store.to_der().map_err(failed)
}

fn keystore_certificate(pem: &str) -> Result<p12_keystore::Certificate, CertificateError> {
    let der = CertificateDer::from_pem_slice(pem.as_bytes())
        .map_err(|error| CertificateError::Key(error.to_string()))?;
    Ok(p12_keystore::Certificate::from_der(&der)?)
}
