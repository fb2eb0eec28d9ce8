//! How the pod's people log in: single sign-on by SAML 2.0. What is configured is kept and told; logins
//! of service users and apps have nothing to do with it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::audit::Action;
use super::rooms::USER_PROVISIONING;
use super::{Certificate, Refusal, Timestamp, UserId, World};

/// Who may configure it. The documentation names the privilege MANAGE_SSO_FOR_POD, which super
/// administrators have; that those who provision users have it too is inferred from the other
/// operations of the pod's administration.
const MAY_CONFIGURE: [&str; 2] = ["SUPER_ADMINISTRATOR", USER_PROVISIONING];

/// The configuration, under the names of the pod API's `SsoConfiguration`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct SsoConfiguration {
    /// Whether people log in by it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sso_enabled: Option<bool>,
    /// What the identity provider calls itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub idp_entity_id: Option<String>,
    /// Where people log in: an `https` URL.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub idp_sso_endpoint: Option<String>,
    /// The provider's X.509 certificate in PEM, with or without line breaks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub idp_signing_certificate: Option<String>,
    /// Where the provider sends people back to; by default `/login/sso/acs` of the pod.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub symphony_acs_url: Option<String>,
    /// What the pod calls itself; by default its base URL.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub symphony_entity_id: Option<String>,
    /// Whether the provider asks people again who have a session with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub force_authn: Option<bool>,
}

impl SsoConfiguration {
    /// The whole of it, with what follows from where the pod is: `https://pod.example`.
    pub fn completed(self, base_url: &str) -> Self {
        let or = |given: Option<String>, default: String| given.or(Some(default));
        Self {
            sso_enabled: self.sso_enabled.or(Some(false)),
            symphony_acs_url: or(self.symphony_acs_url, format!("{base_url}/login/sso/acs")),
            symphony_entity_id: or(self.symphony_entity_id, base_url.to_owned()),
            force_authn: self.force_authn.or(Some(false)),
            ..self
        }
    }

    /// What `change` says, and of all else what was there.
    pub fn changed(self, change: Self) -> Self {
        Self {
            sso_enabled: change.sso_enabled.or(self.sso_enabled),
            idp_entity_id: change.idp_entity_id.or(self.idp_entity_id),
            idp_sso_endpoint: change.idp_sso_endpoint.or(self.idp_sso_endpoint),
            idp_signing_certificate: change
                .idp_signing_certificate
                .or(self.idp_signing_certificate),
            symphony_acs_url: change.symphony_acs_url.or(self.symphony_acs_url),
            symphony_entity_id: change.symphony_entity_id.or(self.symphony_entity_id),
            force_authn: change.force_authn.or(self.force_authn),
        }
    }

    /// What is wrong with the whole of it.
    ///
    /// No rule is published: where people log in by it nothing of the provider's may be missing, and
    /// what is given must be what it says.
    pub fn check(&self) -> Result<(), String> {
        let of_provider = [
            ("idpEntityId", &self.idp_entity_id),
            ("idpSsoEndpoint", &self.idp_sso_endpoint),
            ("idpSigningCertificate", &self.idp_signing_certificate),
        ];
        let given =
            |value: &Option<String>| value.as_ref().is_some_and(|value| !value.trim().is_empty());
        let missing: Vec<_> = of_provider
            .iter()
            .filter(|(_, value)| self.sso_enabled == Some(true) && !given(value))
            .map(|(name, _)| *name)
            .collect();
        if !missing.is_empty() {
            return Err(format!("ssoEnabled is true, and {} is missing", missing.join(", ")));
        }
        for (name, url) in
            [("idpSsoEndpoint", &self.idp_sso_endpoint), ("symphonyAcsUrl", &self.symphony_acs_url)]
        {
            if let Some(url) = url.as_ref().filter(|url| !is_https(url)) {
                return Err(format!("{name} is {url:?}, expected an https URL"));
            }
        }
        for (name, id) in
            [("idpEntityId", &self.idp_entity_id), ("symphonyEntityId", &self.symphony_entity_id)]
        {
            if id.is_some() && !given(id) {
                return Err(format!("{name} is empty"));
            }
        }
        match self.idp_signing_certificate.as_deref().map(Certificate::from_pem) {
            Some(Err(problem)) => {
                Err(format!("idpSigningCertificate is no certificate: {problem}"))
            }
            _ => Ok(()),
        }
    }

    fn attributes(&self) -> BTreeMap<String, String> {
        let Ok(serde_json::Value::Object(fields)) = serde_json::to_value(self) else {
            return BTreeMap::new();
        };
        let text = |value: serde_json::Value| match value {
            serde_json::Value::String(text) => text,
            other => other.to_string(),
        };
        fields.into_iter().map(|(name, value)| (name, text(value))).collect()
    }
}

fn is_https(url: &str) -> bool {
    let rest = url.split_once("://").filter(|(scheme, _)| scheme.eq_ignore_ascii_case("https"));
    let host = rest.and_then(|(_, rest)| rest.split(['/', '?', '#', ':']).next());
    let is_odd = |c: char| c.is_whitespace() || c.is_control();
    host.is_some_and(|host| !host.is_empty()) && !url.contains(is_odd)
}

impl World {
    /// The role by which somebody may see and change the configuration.
    ///
    /// # Errors
    /// He has none.
    pub fn check_configures_sso(&self, caller: UserId) -> Result<&'static str, Refusal> {
        let held = MAY_CONFIGURE.into_iter().find(|role| self.check_role(caller, role).is_ok());
        held.ok_or(Refusal::RoleMissing { role: MAY_CONFIGURE[0] })
    }

    /// Keeps a configuration, the whole of it.
    ///
    /// # Errors
    /// The caller may not, or something is missing or wrong.
    pub fn configure_sso(
        &mut self,
        caller: UserId,
        new: SsoConfiguration,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let role = self.check_configures_sso(caller)?;
        new.check().map_err(|what| Refusal::Malformed { what })?;
        let old = self.sso.replace(new.clone()).unwrap_or_default();
        let (old, new) = (old.attributes(), new.attributes());
        for name in old.keys().chain(new.keys().filter(|name| !old.contains_key(*name))) {
            let value = |of: &BTreeMap<String, String>| of.get(name).cloned().unwrap_or_default();
            if value(&old) != value(&new) {
                let deed = Action::SsoConfigurationUpdated.deed().by(role);
                let deed = deed.with("attribute", name).with("oldValue", value(&old));
                self.record_deed(caller, deed.with("newValue", value(&new)), now);
            }
        }
        Ok(())
    }
}
