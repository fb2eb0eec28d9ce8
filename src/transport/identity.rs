use std::fmt;
use std::path::Path;
use std::sync::OnceLock;

use p12_keystore::{KeyStore, KeyStoreEntry, PrivateKeyChain};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::files::{file_name, read, read_bytes, unusable, write};
use super::{Authority, CertificateError, LeafRequest, RsaKeyPair};

/// Password of every keystore that the pod writes: what Java tools assume, and no secret.
pub const PASSWORD: &str = "changeit";

/// What a service user or an app needs to log in, in every format SDKs read.
pub struct Identity {
    pub(super) name: String,
    pub(super) certificate_pem: String,
    pub(super) key_pem: String,
    pub(super) authority_pem: String,
    /// For logins by JWT. Made when first asked for: it takes a moment.
    pub(super) rsa: OnceLock<(String, String)>,
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
        let made = new_rsa_pair()?;
        Ok(self.rsa.get_or_init(|| made))
    }

    /// Completes a folder with the formats that follow from certificate and keys.
    pub(super) fn write_derived(&self, folder: &Path) -> Result<(), CertificateError> {
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

/// 2,048 bits: what the BDKs' JWT libraries ask for at least, and seconds faster to make than the
/// 4,096 of the documentation.
fn new_rsa_pair() -> Result<(String, String), CertificateError> {
    let key = RsaKeyPair::generate(2048)?;
    Ok((key.private_pem()?, key.public_pem()?))
}

/// Private and public key from the folder, made where they are missing.
pub(super) fn rsa_pair(folder: &Path, name: &str) -> Result<(String, String), CertificateError> {
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
pub(super) fn truststore(authority_pem: &str) -> Result<Vec<u8>, CertificateError> {
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
