//! Checks that the files of a folder belong together. A pod that started with files that do not
//! would say that it is ready, and no client could log in.

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::sign::CertifiedKey;
use webpki::{
    EndEntityCert, ExtendedKeyUsageValidator, KeyPurposeIdIter, anchor_from_trusted_cert,
};
use x509_parser::der_parser::asn1_rs::Any;
use x509_parser::prelude::{FromDer, X509Certificate};

use super::CertificateError;
use super::certificate_folder::Folder;
use super::file_names::unusable;
use super::tls::crypto_provider;
use crate::domain::PublicKey;

/// A certificate and its key, in two files of one name (`bot.pem`, `bot.key`).
pub(super) struct Pair<'a> {
    /// Without a suffix.
    pub file: &'a str,
    pub certificate: &'a str,
    pub key: &'a str,
}

impl Folder<'_> {
    /// Checks that there is one authority certificate and that the key belongs to it.
    pub fn check_authority(
        &self,
        certificate: &str,
        key: Option<&str>,
    ) -> Result<(), CertificateError> {
        let chain = self.certificates("ca.pem", certificate)?;
        if !chain.iter().all(is_authority) {
            let what = "holds a certificate that is no authority (basicConstraints CA:TRUE): bring \
                        the one that issued the others, or remove ca.pem and ca.key";
            return Err(unusable(&self.path("ca.pem"), what));
        }
        match key {
            Some(key) => self.check_key(&Pair { file: "ca", certificate, key }),
            None => Ok(()),
        }
    }

    /// Checks that the key belongs to the certificate.
    pub fn check_key(&self, pair: &Pair<'_>) -> Result<(), CertificateError> {
        let (pem_file, key_file) = (format!("{}.pem", pair.file), format!("{}.key", pair.file));
        let remedy = format!("remove {pem_file} and {key_file}, and both are made anew");
        let chain = self.certificates(&pem_file, pair.certificate)?;
        let of_key = |what: &str| unusable(&self.path(&key_file), format!("{what}: {remedy}"));
        if pair.key.contains("BEGIN ENCRYPTED PRIVATE KEY") || pair.key.contains("4,ENCRYPTED") {
            let what = format!(
                "is encrypted, and nobody is there to give its password: openssl pkey -in {key_file} \
                 -out {key_file}"
            );
            return Err(unusable(&self.path(&key_file), what));
        }
        let key = PrivateKeyDer::from_pem_slice(pair.key.as_bytes())
            .map_err(|_| of_key("is no private key in PEM, or not all of one"))?;
        let key = match crypto_provider().key_provider.load_private_key(key) {
            Ok(key) => key,
            // Not an error: only the client needs its key.
            Err(_) if chain.first().is_some_and(is_on_p521) => return Ok(()),
            Err(error) => return Err(of_key(&format!("cannot be used ({error})"))),
        };
        match CertifiedKey::new(chain, key).keys_match() {
            Err(rustls::Error::InconsistentKeys(rustls::InconsistentKeys::KeyMismatch)) => {
                Err(of_key(&format!("is not the key of {pem_file}")))
            }
            Err(rustls::Error::InconsistentKeys(_)) | Ok(()) => Ok(()),
            Err(error) => {
                let what = format!("cannot be read ({error}): {remedy}");
                Err(unusable(&self.path(&pem_file), what))
            }
        }
    }

    /// Checks that the key belongs to the certificate and that the authority issued it.
    pub fn check_pair(&self, pair: &Pair<'_>, authority: &str) -> Result<(), CertificateError> {
        self.check_key(pair)?;
        let pem_file = format!("{}.pem", pair.file);
        let roots = self.certificates("ca.pem", authority)?;
        let chain = self.certificates(&pem_file, pair.certificate)?;
        let Err(error) = is_issued(&chain, &roots) else {
            return Ok(());
        };
        if error == webpki::Error::NameConstraintViolation {
            let what = format!(
                "may not issue {pem_file} for its names (nameConstraints): start with another folder, \
                 or empty this one, and name all hosts with --dns from the first time on"
            );
            return Err(unusable(&self.path("ca.pem"), what));
        }
        let what = format!(
            "was not issued by ca.pem ({error}): bring the ca.pem that belongs to it, or remove \
             {pem_file} and {}.key, and both are made anew",
            pair.file
        );
        Err(unusable(&self.path(&pem_file), what))
    }

    /// Checks that the server's certificate covers these hosts.
    pub fn check_hosts(&self, certificate: &str, hosts: &[String]) -> Result<(), CertificateError> {
        let chain = self.certificates("server.pem", certificate)?;
        let parsed = chain.first().and_then(|der| EndEntityCert::try_from(der).ok());
        for host in hosts {
            // A wildcard is checked with a name in its place.
            let name = host.replacen('*', "any", 1);
            let name = ServerName::try_from(name.as_str())
                .map_err(|_| CertificateError::HostName(host.clone()))?;
            let is_for =
                |parsed: &EndEntityCert<'_>| parsed.verify_is_valid_for_subject_name(&name).is_ok();
            if !parsed.as_ref().is_some_and(is_for) {
                let what = format!(
                    "is not for {host}: remove server.pem and server.key, and both are made anew"
                );
                return Err(unusable(&self.path("server.pem"), what));
            }
        }
        Ok(())
    }

    /// Checks that an RSA private and public key belong together.
    pub fn check_rsa(
        &self,
        name: &str,
        derived: &str,
        public: &str,
    ) -> Result<(), CertificateError> {
        let file = format!("{name}-rsa.pub.pem");
        let id = |pem: &str| PublicKey::from_pem(pem).map(|key| key.id()).ok();
        match id(public) {
            Some(own) if Some(own) == id(derived) => Ok(()),
            _ => {
                let what = format!(
                    "is not the public key of {name}-rsa.pem: remove it, and it is made anew"
                );
                Err(unusable(&self.path(&file), what))
            }
        }
    }

    /// Checks that a keystore is complete, as far as that can be seen without its password.
    pub fn check_keystore(&self, name: &str, content: &[u8]) -> Result<(), CertificateError> {
        /// Some tools write BER of indefinite length, which does not tell how long it is.
        const OF_UNKNOWN_LENGTH: [u8; 2] = [0x30, 0x80];
        match der_length(content) {
            _ if content.starts_with(&OF_UNKNOWN_LENGTH) => Ok(()),
            Some(length) if length == content.len() => Ok(()),
            _ => {
                let what = "is no PKCS#12, or not all of one: remove it, and it is made anew";
                Err(unusable(&self.path(name), what))
            }
        }
    }

    /// The copy of a certificate and its key in one file.
    pub fn check_combined(
        &self,
        name: &str,
        content: &str,
        pair: &Pair<'_>,
    ) -> Result<(), CertificateError> {
        match content.contains(pair.certificate.trim()) && content.contains(pair.key.trim()) {
            true => Ok(()),
            false => {
                let what = format!(
                    "does not hold {0}.pem and {0}.key: remove it, and it is made anew",
                    pair.file
                );
                Err(unusable(&self.path(name), what))
            }
        }
    }

    fn certificates(
        &self,
        name: &str,
        pem: &str,
    ) -> Result<Vec<CertificateDer<'static>>, CertificateError> {
        let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem.as_bytes()).collect();
        let whole = chain.ok().filter(|chain| {
            let is_whole = |der: &CertificateDer<'_>| X509Certificate::from_der(der).is_ok();
            !chain.is_empty() && chain.iter().all(is_whole)
        });
        whole.ok_or_else(|| {
            let stem = name.trim_end_matches(".pem");
            let what = format!(
                "is no certificate in PEM, or not all of one: remove it and {stem}.key, and both are \
                 made anew, or convert it (openssl x509, openssl pkcs12)"
            );
            unusable(&self.path(name), what)
        })
    }
}

/// Any: the purpose of a certificate is checked in the handshake.
struct AnyPurpose;

impl ExtendedKeyUsageValidator for AnyPurpose {
    fn validate(&self, _: KeyPurposeIdIter<'_, '_>) -> Result<(), webpki::Error> {
        Ok(())
    }
}

/// Whether a chain leads to one of `roots` at a time when all its certificates are valid. Validity now
/// is checked in the handshake, by the pod's clock.
fn is_issued(
    chain: &[CertificateDer<'_>],
    roots: &[CertificateDer<'_>],
) -> Result<(), webpki::Error> {
    let Some((end_entity, intermediates)) = chain.split_first() else {
        return Err(webpki::Error::BadDer);
    };
    let begin = |der: &CertificateDer<'_>| {
        let (_, certificate) = X509Certificate::from_der(der).ok()?;
        u64::try_from(certificate.validity().not_before.timestamp()).ok()
    };
    let latest = chain.iter().filter_map(begin).max().unwrap_or_default();
    let now = UnixTime::since_unix_epoch(std::time::Duration::from_secs(latest));
    let anchors: Vec<_> =
        roots.iter().filter_map(|der| anchor_from_trusted_cert(der).ok()).collect();
    let algorithms = crypto_provider().signature_verification_algorithms.all;
    let parsed = EndEntityCert::try_from(end_entity)?;
    parsed
        .verify_for_usage(algorithms, &anchors, intermediates, now, AnyPurpose, None, None)
        .map(drop)
}

fn is_authority(der: &CertificateDer<'static>) -> bool {
    X509Certificate::from_der(der).is_ok_and(|(_, parsed)| parsed.is_ca())
}

fn is_on_p521(der: &CertificateDer<'static>) -> bool {
    super::ClientCertificate::parse(der, &[]).is_some_and(|parsed| parsed.key_algorithm == "P-521")
}

/// How long the DER at the beginning of `content` says that it is, in bytes.
fn der_length(content: &[u8]) -> Option<usize> {
    let (rest, _) = Any::from_der(content).ok()?;
    Some(content.len() - rest.len())
}
