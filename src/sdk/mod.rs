//! What SDKs read to find the pod and log in: ready configuration for a bot.

mod kinds;
mod proxy;

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

pub use kinds::{LoadBalancing, Login, Sdk};
pub use proxy::{ProxyCredentials, SdkProxy};

use crate::transport::{ListenerRole, PASSWORD, file_name};

/// Where a pod is, and who wants in.
#[derive(Debug, Clone)]
pub struct SdkConfig {
    /// Name under which clients reach the pod; its certificate must have it.
    pub host: String,
    /// The TLS port that serves everything, or what no other does.
    pub port: u16,
    /// The ports of the listeners that stand for one host of an installation each, in their order.
    pub hosts: Vec<(ListenerRole, u16)>,
    /// How calls are spread over the agents where there are several.
    pub load_balancing: LoadBalancing,
    /// Whether a client that has chosen an agent stays with it, as BDKs do by default.
    pub sticky: bool,
    /// The pod behind a prefix, for example `/t/my-test`.
    pub context: Option<String>,
    /// Name of the bot's user.
    pub bot: String,
    /// An app that acts on behalf of users.
    pub app: Option<String>,
    pub login: Login,
    /// Where the certificates and keys are.
    pub folder: PathBuf,
    /// The forward proxy that the client goes through.
    pub proxy: Option<SdkProxy>,
}

/// Why there is no configuration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SdkConfigError {
    #[error("{0} has no setting for a path prefix: let it use the main pod, or send X-Mock-Pod")]
    NoContext(Sdk),
    #[error("expected a proxy as [NAME:PASSWORD@]HOST:PORT")]
    UnknownProxy,
    #[error("there is no SDK {0:?}, only {all}", all = Sdk::names())]
    Unknown(String),
    #[error("there is no load balancing {0:?}, only roundRobin, random and external")]
    UnknownLoadBalancing(String),
    #[error("a login is by \"certificate\" or by \"rsa\", not by {0:?}")]
    UnknownLogin(String),
}

impl SdkConfig {
    /// The configuration as `sdk` reads it.
    pub fn text(&self, sdk: Sdk) -> Result<String, SdkConfigError> {
        if self.context.is_some() && !sdk.takes_context() {
            return Err(SdkConfigError::NoContext(sdk));
        }
        let text = match sdk {
            Sdk::JavaBdk => yaml(&self.bdk(sdk)),
            Sdk::PythonBdk => yaml(&self.bdk(sdk)),
            Sdk::SpringBoot => yaml(&json!({ "bdk": self.bdk(sdk) })),
            Sdk::LegacyJava | Sdk::LegacyPython | Sdk::LegacyNode => {
                format!("{:#}\n", self.legacy(sdk))
            }
        };
        Ok(text)
    }

    /// The tree that both BDKs share. The Java one reads PKCS#12, the Python one PEM.
    fn bdk(&self, sdk: Sdk) -> Value {
        let python = sdk == Sdk::PythonBdk;
        let credential = |name: &str| match self.login {
            Login::Rsa => ("privateKey", json!({ "path": self.file(name, "-rsa.pem") })),
            Login::Certificate if python => {
                ("certificate", json!({ "path": self.file(name, "-combined.pem") }))
            }
            Login::Certificate => {
                ("certificate", json!({ "path": self.file(name, ".p12"), "password": PASSWORD }))
            }
        };
        let mut tree = self.server(self.port);
        for (role, part) in [
            (ListenerRole::Pod, "pod"),
            (ListenerRole::KeyManager, "keyManager"),
            (ListenerRole::SessionAuth, "sessionAuth"),
        ] {
            if let Some(port) = self.ports(role).next() {
                tree[part] = self.server(port);
            }
        }
        let agents: Vec<_> = self.ports(ListenerRole::Agent).collect();
        match *agents {
            [] => {}
            [first, ..] if python || agents.len() == 1 => tree["agent"] = self.server(first),
            _ => {
                let nodes = match self.load_balancing {
                    LoadBalancing::External => vec![self.port],
                    _ => agents,
                };
                let nodes: Vec<_> = nodes.into_iter().map(|port| self.server(port)).collect();
                tree["agent"] = json!({ "loadBalancing": {
                    "mode": self.load_balancing.name(),
                    "stickiness": self.sticky,
                    "nodes": nodes,
                }});
            }
        }
        let (kind, value) = credential(&self.bot);
        tree["bot"] = json!({ "username": self.bot, kind: value });
        if let Some(app) = &self.app {
            let (kind, value) = credential(app);
            tree["app"] = json!({ "appId": app, kind: value });
        }
        tree["ssl"] = match python {
            true => json!({ "trustStore": { "path": self.path("ca.pem") } }),
            false => json!({
                "trustStore": { "path": self.path("truststore.p12"), "password": PASSWORD },
            }),
        };
        if let Some(proxy) = &self.proxy {
            tree["proxy"] = json!(proxy);
        }
        // The SDKs' own defaults wait up to five minutes, which no test wants to.
        tree["retry"] = json!({
            "maxAttempts": 3,
            "initialIntervalMillis": 20,
            "multiplier": 1.5,
            "maxIntervalMillis": 200,
        });
        tree
    }

    /// A host of the installation.
    fn server(&self, port: u16) -> Value {
        let mut server = json!({ "host": self.host, "port": port });
        // With a slash at its end it would give paths with two.
        let context = self.context.as_deref().unwrap_or_default().trim_end_matches('/');
        if !context.is_empty() {
            server["context"] = context.into();
        }
        server
    }

    /// The ports of the listeners that stand for one part.
    fn ports(&self, part: ListenerRole) -> impl Iterator<Item = u16> {
        self.hosts.iter().filter(move |(role, _)| *role == part).map(|(_, port)| *port)
    }

    fn legacy(&self, sdk: Sdk) -> Value {
        // The Node client puts path and name together as they are.
        let mut folder = self.folder.display().to_string();
        if !folder.ends_with('/') {
            folder.push('/');
        }
        let mut config = json!({ "botUsername": self.bot });
        for (component, role) in [
            ("sessionAuth", ListenerRole::SessionAuth),
            ("keyAuth", ListenerRole::KeyManager),
            ("pod", ListenerRole::Pod),
            ("agent", ListenerRole::Agent),
        ] {
            let port = self.ports(role).next().unwrap_or(self.port);
            config[format!("{component}Host")] = self.host.as_str().into();
            config[format!("{component}Port")] = port.into();
        }
        match self.login {
            Login::Certificate => {
                config["authType"] = "certificate".into();
                config["botCertPath"] = folder.into();
                config["botCertName"] = format!("{}.p12", file_name(&self.bot)).into();
                config["botCertPassword"] = PASSWORD.into();
            }
            Login::Rsa => {
                config["authType"] = "rsa".into();
                config["botPrivateKeyPath"] = folder.into();
                config["botPrivateKeyName"] = format!("{}-rsa.pem", file_name(&self.bot)).into();
            }
        }
        // As `SymConfigLoader` of symphony-api-client-node and `configure.py` of sym-api-client-python
        // read it, and `SymConfig` of symphony-api-client-java has it.
        if let Some(proxy) = &self.proxy {
            config["proxyURL"] = format!("http://{}:{}", proxy.host, proxy.port).into();
            if let Some(ProxyCredentials { username, password }) = &proxy.credentials {
                config["proxyUsername"] = username.as_str().into();
                config["proxyPassword"] = password.as_str().into();
            }
        }
        match sdk {
            Sdk::LegacyPython => config["truststorePath"] = self.path("ca.pem").into(),
            Sdk::LegacyJava => {
                config["truststorePath"] = self.path("truststore.p12").into();
                config["truststorePassword"] = PASSWORD.into();
            }
            // It trusts whom Node trusts: NODE_EXTRA_CA_CERTS names the authority's certificate.
            _ => config["nodeTlsRejectUnauthorized"] = 1.into(),
        }
        config
    }

    fn file(&self, name: &str, suffix: &str) -> String {
        self.path(&format!("{}{suffix}", file_name(name)))
    }

    fn path(&self, file: &str) -> String {
        Path::new(&self.folder).join(file).display().to_string()
    }
}

/// A tree in YAML, in blocks. Strings are written as JSON writes them, which YAML reads alike.
fn yaml(tree: &Value) -> String {
    let mut text = String::new();
    write_yaml(&mut text, tree, 0);
    text
}

fn write_yaml(text: &mut String, tree: &Value, depth: usize) {
    let Value::Object(members) = tree else {
        return;
    };
    for (name, value) in members {
        text.push_str(&"  ".repeat(depth));
        text.push_str(name);
        text.push(':');
        if value.is_object() {
            text.push('\n');
            write_yaml(text, value, depth + 1);
        } else {
            text.push(' ');
            text.push_str(&value.to_string());
            text.push('\n');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(login: Login) -> SdkConfig {
        SdkConfig {
            host: "localhost".into(),
            port: 8443,
            hosts: Vec::new(),
            load_balancing: LoadBalancing::default(),
            sticky: true,
            context: Some("/t/one/".into()),
            bot: "bot".into(),
            app: Some("app".into()),
            login,
            folder: "certs".into(),
            proxy: None,
        }
    }

    #[test]
    fn every_sdk_is_told_of_a_proxy() {
        let proxy: SdkProxy = "ada:p@ss:word@proxy.example:3128".parse().unwrap();
        let config = SdkConfig { proxy: Some(proxy), context: None, ..config(Login::Rsa) };
        let told = json!({
            "host": "proxy.example", "port": 3128, "username": "ada", "password": "p@ss:word",
        });
        for sdk in Sdk::ALL {
            let text = config.text(sdk).unwrap();
            let tree: Value = serde_saphyr::from_str(&text).unwrap();
            match sdk {
                Sdk::SpringBoot => assert_eq!(tree["bdk"]["proxy"], told),
                Sdk::JavaBdk | Sdk::PythonBdk => assert_eq!(tree["proxy"], told),
                Sdk::LegacyJava | Sdk::LegacyPython | Sdk::LegacyNode => {
                    assert_eq!(tree["proxyURL"], "http://proxy.example:3128");
                    assert_eq!(tree["proxyUsername"], "ada");
                    assert_eq!(tree["proxyPassword"], "p@ss:word");
                }
            }
        }
    }

    #[test]
    fn yaml_is_what_the_bdks_document() {
        let text = config(Login::Certificate).text(Sdk::SpringBoot).unwrap();
        let tree: Value = serde_saphyr::from_str(&text).unwrap();
        let bdk = &tree["bdk"];
        assert_eq!(bdk["context"], "/t/one");
        assert_eq!(bdk["bot"]["certificate"]["path"], "certs/bot.p12");
        assert_eq!(
            bdk["app"],
            json!({ "appId": "app", "certificate": { "path": "certs/app.p12", "password": "changeit" } })
        );
        let text = config(Login::Rsa).text(Sdk::PythonBdk).unwrap();
        let tree: Value = serde_saphyr::from_str(&text).unwrap();
        assert_eq!(
            tree["bot"],
            json!({ "username": "bot", "privateKey": { "path": "certs/bot-rsa.pem" } })
        );
        assert_eq!(tree["ssl"]["trustStore"]["path"], "certs/ca.pem");
    }

    #[test]
    fn hosts_are_told_as_each_sdk_reads_them() {
        use ListenerRole::{Agent, KeyManager, Pod, SessionAuth};
        let hosts = vec![(SessionAuth, 1), (KeyManager, 2), (Pod, 3), (Agent, 4), (Agent, 5)];
        let mut config = SdkConfig { hosts, ..config(Login::Certificate) };
        let read = |config: &SdkConfig, sdk| -> Value {
            serde_saphyr::from_str(&config.text(sdk).unwrap()).unwrap()
        };
        let at = |port| json!({ "host": "localhost", "port": port, "context": "/t/one" });
        for sdk in [Sdk::JavaBdk, Sdk::PythonBdk] {
            let tree = read(&config, sdk);
            assert_eq!(
                [&tree["sessionAuth"], &tree["keyManager"], &tree["pod"]],
                [&at(1), &at(2), &at(3)]
            );
        }
        assert_eq!(read(&config, Sdk::PythonBdk)["agent"], at(4));
        assert_eq!(
            read(&config, Sdk::JavaBdk)["agent"]["loadBalancing"],
            json!({ "mode": "roundRobin", "stickiness": true, "nodes": [at(4), at(5)] })
        );
        (config.load_balancing, config.sticky) = (LoadBalancing::External, false);
        assert_eq!(
            read(&config, Sdk::SpringBoot)["bdk"]["agent"]["loadBalancing"],
            json!({ "mode": "external", "stickiness": false, "nodes": [at(8443)] })
        );
        config.context = None;
        let tree = read(&config, Sdk::LegacyJava);
        let ports = ["sessionAuth", "keyAuth", "pod", "agent"].map(|it| &tree[format!("{it}Port")]);
        assert_eq!(ports, [1, 2, 3, 4].map(Value::from).each_ref());
        config.hosts.truncate(4);
        let agent = &read(&config, Sdk::JavaBdk)["agent"];
        assert_eq!(agent, &json!({ "host": "localhost", "port": 4 }));
    }

    #[test]
    fn legacy_clients_have_no_context() {
        let mut config = config(Login::Certificate);
        assert_eq!(config.text(Sdk::LegacyNode), Err(SdkConfigError::NoContext(Sdk::LegacyNode)));
        config.context = None;
        let tree: Value = serde_json::from_str(&config.text(Sdk::LegacyNode).unwrap()).unwrap();
        assert_eq!((&tree["podHost"], &tree["agentPort"]), (&json!("localhost"), &json!(8443)));
        assert_eq!(
            (&tree["botCertPath"], &tree["botCertName"]),
            (&json!("certs/"), &json!("bot.p12"))
        );
    }
}
