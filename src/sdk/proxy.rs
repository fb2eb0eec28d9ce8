use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::Serialize;

use super::SdkConfigError;

/// A forward proxy that a client goes through, written as `[NAME:PASSWORD@]HOST:PORT`.
///
/// As JSON it is what both BDKs call `proxy`: `BdkProxyConfig` of finos/symphony-bdk-java, and of
/// finos/symphony-bdk-python in `core/config/model/bdk_server_config.py`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SdkProxy {
    pub host: String,
    pub port: u16,
    /// What it demands.
    #[serde(flatten)]
    pub credentials: Option<ProxyCredentials>,
}

/// What a client shows to a forward proxy.
#[derive(Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ProxyCredentials {
    /// Without a colon (RFC 7617).
    pub username: String,
    pub password: String,
}

impl FromStr for SdkProxy {
    type Err = SdkConfigError;

    fn from_str(text: &str) -> Result<Self, SdkConfigError> {
        let read = || {
            // A password may have any character.
            let (credentials, address) = match text.rsplit_once('@') {
                Some((credentials, address)) => (Some(credentials.split_once(':')?), address),
                None => (None, text),
            };
            let (host, port) = address.rsplit_once(':')?;
            let credentials =
                credentials.map(|(name, password)| ProxyCredentials::new(name, password));
            let port = port.parse().ok()?;
            (!host.is_empty()).then(|| Self { host: host.to_owned(), port, credentials })
        };
        read().ok_or(SdkConfigError::UnknownProxy)
    }
}

impl ProxyCredentials {
    pub fn new(username: &str, password: &str) -> Self {
        Self { username: username.to_owned(), password: password.to_owned() }
    }
}

impl fmt::Debug for ProxyCredentials {
    /// Without the password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProxyCredentials").field("username", &self.username).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_is_written_as_credentials_and_address() {
        let proxy: SdkProxy = "ada:p@ss:word@proxy.example:3128".parse().unwrap();
        assert_eq!(proxy.credentials, Some(ProxyCredentials::new("ada", "p@ss:word")));
        assert!(!format!("{proxy:?}").contains("p@ss"));
        assert_eq!("[::1]:8080".parse::<SdkProxy>().unwrap().host, "[::1]");
        for bad in ["", "proxy.example", ":3128", "proxy.example:http", "ada@proxy.example:3128"] {
            assert!(bad.parse::<SdkProxy>().is_err(), "{bad}");
        }
    }
}
