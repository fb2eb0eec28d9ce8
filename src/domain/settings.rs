use std::time::Duration;

use serde::{Deserialize, Serialize};

/// How this pod behaves where real pods differ, are configured, or are not known well enough.
///
/// The defaults are what most real pods were seen to do, and what the SDKs bear.
#[derive(Debug, Clone, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Settings {
    /// How long a session token lives after its login: from `1h` to `14d`, as pod administrators
    /// may choose.
    #[serde(with = "humantime_serde")]
    #[schemars(with = "String")]
    pub session_lifetime: Duration,

    /// What the certificate logins make of a request body or a `Content-Type` header.
    pub authenticate_body: AuthenticateBody,

    /// Refuse client certificates whose RSA modulus has fewer bits, as the documentation says a
    /// pod does with 4096. Elliptic curves count as RSA of comparable strength (NIST SP 800-57):
    /// P-256 as 3072, P-384 as 7680. 0 accepts every key.
    pub minimum_key_bits: u32,

    /// Status for logging out a token that is unknown, expired or already logged out: 400 is what
    /// Symphony's own test stubs show, 401 what most would expect.
    pub logout_unknown_token: RefusalStatus,

    /// Status for a call to the agent without a `sessionToken`: 400 was recorded from a real
    /// agent, other sightings say 401.
    pub agent_missing_token: RefusalStatus,

    /// Whether session tokens say `canUseSimplifiedKeyDelivery`: with an agent of 24.12 or later
    /// both BDKs then skip the key manager.
    pub simplified_key_delivery: bool,

    /// Whether the agent insists on a `keyManagerToken` beside the `sessionToken`, as all agents
    /// did before 25.8. Sessions on behalf of users have none and are let through.
    pub agent_requires_key_manager_token: bool,

    /// Whether a login's answer carries an `authorizationToken`, a short-lived JWT that stands in
    /// for the session token.
    pub authorization_token: bool,

    /// How long such a token, and one from `POST /login/idm/tokens`, is good.
    #[serde(with = "humantime_serde")]
    #[schemars(with = "String")]
    pub access_token_lifetime: Duration,

    /// Whether logging out demands the owner's client certificate, as the documentation says.
    pub logout_requires_certificate: bool,
}

/// How strictly the certificate logins read a request that should have neither body nor
/// `Content-Type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum AuthenticateBody {
    /// Both are ignored. Both BDKs send `Content-Type: application/json` with an empty body.
    Tolerant,
    /// Refused as documented since March 2025. A body was seen answered 401 when it came with a
    /// `Content-Type` (and 500 when it came without one, which is 400 here).
    Strict,
}

/// One of the two statuses between which the sources disagree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefusalStatus {
    BadRequest,
    Unauthorized,
}

impl Settings {
    pub const SESSION_LIFETIME_MIN: Duration = Duration::from_secs(60 * 60);
    pub const SESSION_LIFETIME_MAX: Duration = Duration::from_secs(14 * 24 * 60 * 60);

    /// Says which setting is out of its range, if one is.
    pub fn validate(&self) -> Result<(), String> {
        let lifetimes = Self::SESSION_LIFETIME_MIN..=Self::SESSION_LIFETIME_MAX;
        if !lifetimes.contains(&self.session_lifetime) {
            return Err(format!(
                "settings.sessionLifetime is {}, expected from 1h to 14d; to age a session sooner, move the pod's clock",
                humantime::format_duration(self.session_lifetime)
            ));
        }
        Ok(())
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            session_lifetime: Self::SESSION_LIFETIME_MAX,
            authenticate_body: AuthenticateBody::Tolerant,
            minimum_key_bits: 0,
            logout_unknown_token: RefusalStatus::BadRequest,
            agent_missing_token: RefusalStatus::BadRequest,
            simplified_key_delivery: false,
            agent_requires_key_manager_token: false,
            authorization_token: false,
            access_token_lifetime: Duration::from_secs(300),
            logout_requires_certificate: true,
        }
    }
}

impl Serialize for RefusalStatus {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u16(match self {
            Self::BadRequest => 400,
            Self::Unauthorized => 401,
        })
    }
}

impl<'de> Deserialize<'de> for RefusalStatus {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match u16::deserialize(deserializer)? {
            400 => Ok(Self::BadRequest),
            401 => Ok(Self::Unauthorized),
            other => Err(serde::de::Error::custom(format_args!("{other} is neither 400 nor 401"))),
        }
    }
}

impl schemars::JsonSchema for RefusalStatus {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "RefusalStatus".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "integer", "enum": [400, 401] })
    }
}
