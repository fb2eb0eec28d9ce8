use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};

use super::Error;
use crate::sdk::{LoadBalancing, Login, Sdk, SdkConfig};
use crate::transport::{Certificates, Identity, ListenerRole};

/// A service user or an app, with all that a client needs to log in as it.
///
/// ```
/// # tokio::runtime::Runtime::new()?.block_on(async {
/// use symphony_mock_pod::MockPod;
///
/// let pod = MockPod::start().await?;
/// let bot = pod.bot("bot")?;
///
/// // Any client that speaks rustls: this one has the certificate, and trusts the pod.
/// let http = reqwest::Client::builder().tls_backend_preconfigured(bot.tls_config()?).build()?;
/// let login = http.post(format!("{}/sessionauth/v1/authenticate", bot.url())).send().await?;
/// assert_eq!(login.status(), 200);
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Bot {
    pub(super) identity: Arc<Identity>,
    pub(super) certificates: Arc<Certificates>,
    pub(super) url: String,
    pub(super) port: u16,
    pub(super) hosts: Vec<(ListenerRole, u16)>,
    /// The prefix of a named pod.
    pub(super) context: Option<String>,
}

impl Bot {
    /// The name of the user, or the id of the app.
    pub fn name(&self) -> &str {
        self.identity.name()
    }

    /// Where to log in and call everything.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Certificate of the authority that a client must trust, in PEM.
    pub fn ca_pem(&self) -> &str {
        self.certificates.authority_pem()
    }

    /// Certificate and private key in one, in PEM.
    pub fn identity_pem(&self) -> String {
        self.identity.combined_pem()
    }

    /// Certificate and private key in PKCS#12; its password is [`PASSWORD`](crate::PASSWORD).
    ///
    /// # Errors
    ///
    /// When the machine has no randomness to give.
    pub fn pkcs12(&self) -> Result<Vec<u8>, Error> {
        Ok(self.identity.pkcs12()?)
    }

    /// The private RSA key that signs login JWTs, in PEM. The pod knows the public half. It is made
    /// when it is asked for first, which takes a moment.
    ///
    /// # Errors
    ///
    /// When the machine has no randomness to give.
    pub fn rsa_pem(&self) -> Result<&str, Error> {
        Ok(self.identity.rsa_pem()?)
    }

    /// All formats of the certificate and keys.
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// The client's side of mutual TLS, for reqwest, hyper, or whatever takes a rustls
    /// configuration: it shows the certificate, trusts the pod's authority and nothing else, and
    /// offers no application protocol.
    ///
    /// # Errors
    ///
    /// When the certificates the pod was started with are none that rustls takes.
    pub fn tls_config(&self) -> Result<ClientConfig, Error> {
        let bad = |error: &dyn std::fmt::Display| Error::Tls(error.to_string());
        let read = |pem: &str| {
            let certificates = CertificateDer::pem_slice_iter(pem.as_bytes());
            certificates.collect::<Result<Vec<_>, _>>().map_err(|error| bad(&error))
        };
        let mut roots = RootCertStore::empty();
        for authority in read(self.ca_pem())? {
            roots.add(authority).map_err(|error| bad(&error))?;
        }
        let key = PrivateKeyDer::from_pem_slice(self.identity.key_pem().as_bytes());
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| bad(&error))?
            .with_root_certificates(roots)
            .with_client_auth_cert(
                read(self.identity.certificate_pem())?,
                key.map_err(|error| bad(&error))?,
            );
        config.map_err(|error| bad(&error))
    }

    /// What SDKs read to find the pod and log in, with the files in `folder`.
    pub fn sdk_config(&self, folder: impl AsRef<Path>) -> SdkConfig {
        SdkConfig {
            host: "localhost".into(),
            port: self.port,
            hosts: self.hosts.clone(),
            load_balancing: LoadBalancing::default(),
            sticky: true,
            context: self.context.clone(),
            bot: self.name().to_owned(),
            app: None,
            login: Login::Certificate,
            folder: folder.as_ref().to_owned(),
            proxy: None,
        }
    }

    /// Writes the configuration of one SDK into a folder, and the certificates and keys that it
    /// names. A folder that is not there is made.
    ///
    /// ```
    /// # tokio::runtime::Runtime::new()?.block_on(async {
    /// # let folder = std::env::temp_dir().join(format!("symphony-mock-pod-{}", std::process::id()));
    /// use symphony_mock_pod::{MockPod, Sdk};
    ///
    /// let pod = MockPod::start().await?;
    /// pod.bot("bot")?.write_sdk_config(Sdk::JavaBdk, &folder)?;
    /// assert!(folder.join("java-bdk.yaml").is_file() && folder.join("bot.p12").is_file());
    /// # std::fs::remove_dir_all(folder)?;
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// When a file cannot be written, or the SDK cannot be told of a named pod.
    pub fn write_sdk_config(&self, sdk: Sdk, folder: impl AsRef<Path>) -> Result<(), Error> {
        let folder = folder.as_ref();
        let failed = |path: &Path, error| Error::File { path: path.to_owned(), error };
        let folder = std::path::absolute(folder).map_err(|error| failed(folder, error))?;
        let text = self.sdk_config(&folder).text(sdk)?;
        std::fs::create_dir_all(&folder).map_err(|error| failed(&folder, error))?;
        for (name, content) in [
            (sdk.file_name(), text.as_bytes()),
            ("ca.pem", self.ca_pem().as_bytes()),
            ("truststore.p12", &*self.certificates.truststore()?),
        ] {
            let path = folder.join(name);
            std::fs::write(&path, content).map_err(|error| failed(&path, error))?;
        }
        self.identity.write_to(&folder, self.name())?;
        Ok(())
    }
}
