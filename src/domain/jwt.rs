use std::fmt;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use memchr::{memchr, memchr3};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::{PublicKey, Timestamp};
use crate::decode;

/// The JWT (RFC 7519) of a login: RS512 over `sub` and `exp`.
///
/// Read by hand, because a library that reads JWTs verifies them against the machine's clock, and
/// this one goes by the pod's.
#[derive(Debug)]
pub struct LoginJwt<'a> {
    /// Header and payload as they were signed.
    signed: &'a str,
    signature: Vec<u8>,
    /// Username, or app id.
    pub subject: String,
    /// Seconds since the epoch.
    expires: f64,
    /// The latest of `nbf` and `iat`, where there are any, by their names.
    begins: Option<(&'static str, f64)>,
}

/// What is the matter with a login's JWT. Each is a 401.
#[derive(Debug, Clone, PartialEq)]
pub enum JwtFault {
    Malformed(String),
    Algorithm(String),
    /// The header says in `crit` what a reader must understand, and the pod does not.
    Critical(String),
    /// Nobody is called what `sub` says.
    SubjectUnknown {
        subject: String,
        nearest: Option<String>,
    },
    /// The subject has no key that is good now.
    NoKey {
        subject: String,
    },
    /// None of the subject's keys made the signature.
    Signature {
        subject: String,
    },
    /// `exp` is over.
    Expired {
        by: Duration,
    },
    /// `exp` lies more than five minutes ahead.
    TooFar {
        by: Duration,
    },
    /// `nbf` or `iat` is still to come.
    TooEarly {
        claim: &'static str,
        by: Duration,
    },
    /// The account or app is not active.
    Inactive {
        subject: String,
    },
}

/// How far ahead `exp` may lie: a clock that runs a second fast is refused, which is why the BDKs
/// ask for four minutes only.
const HORIZON: Duration = Duration::from_secs(300);

/// How far ahead `nbf` and `iat` may lie, which RFC 7519 (4.1.5) leaves open. Neither BDK sends them;
/// who does takes them from a clock that may run seconds before the pod's.
const LEEWAY: Duration = Duration::from_secs(10);

#[derive(Deserialize)]
struct Header {
    alg: String,
    /// Whatever it is: `null` is none of the lists that it may be.
    #[serde(default, deserialize_with = "present")]
    crit: Option<Value>,
}

#[derive(Deserialize)]
struct Claims {
    sub: String,
    exp: f64,
    nbf: Option<f64>,
    iat: Option<f64>,
}

impl<'a> LoginJwt<'a> {
    /// Takes the token apart. Whether it is good is for [`verify`](Self::verify) to say.
    pub fn parse(token: &'a str) -> Result<Self, JwtFault> {
        let malformed = |what: &str| JwtFault::Malformed(what.to_owned());
        let token = token.trim();
        let (signed, signature) =
            token.rsplit_once('.').ok_or_else(|| malformed("it has not three parts"))?;
        let (header, payload) =
            signed.split_once('.').ok_or_else(|| malformed("it has not three parts"))?;
        let header: Header =
            json(header).map_err(|what| JwtFault::Malformed(format!("header: {what}")))?;
        if header.alg != "RS512" {
            return Err(JwtFault::Algorithm(header.alg));
        }
        // RFC 7515, 4.1.11: whoever does not understand all that is in it refuses.
        if let Some(critical) = header.crit {
            return Err(JwtFault::Critical(critical.to_string()));
        }
        let claims: Claims =
            json(payload).map_err(|what| JwtFault::Malformed(format!("payload: {what}")))?;
        let signature =
            base64(signature).ok_or_else(|| malformed("the signature is not base64"))?;
        let begins = [("nbf", claims.nbf), ("iat", claims.iat)]
            .into_iter()
            .filter_map(|(name, moment)| Some((name, moment?)))
            .max_by(|(_, a), (_, b)| a.total_cmp(b));
        Ok(Self { signed, signature, subject: claims.sub, expires: claims.exp, begins })
    }

    /// Whether one of `keys` signed it, `exp` lies within five minutes from `now`, and `nbf` and `iat`
    /// do not lie ahead. Gives the key. The same JWT twice is fine: clients post one to the pod and to the key manager.
    pub fn verify<'k>(
        &self,
        keys: &'k [PublicKey],
        now: Timestamp,
    ) -> Result<&'k PublicKey, JwtFault> {
        let subject = || self.subject.clone();
        if keys.is_empty() {
            return Err(JwtFault::NoKey { subject: subject() });
        }
        let key = keys.iter().find(|key| key.verifies(self.signed.as_bytes(), &self.signature));
        let key = key.ok_or_else(|| JwtFault::Signature { subject: subject() })?;
        let now = now.as_millis() as f64 / 1_000.0;
        let ahead = self.expires - now;
        if ahead.is_nan() || ahead <= 0.0 {
            return Err(JwtFault::Expired { by: seconds(-ahead) });
        }
        if ahead > HORIZON.as_secs_f64() {
            return Err(JwtFault::TooFar { by: seconds(ahead) - HORIZON });
        }
        if let Some((claim, moment)) = self.begins
            && moment - now > LEEWAY.as_secs_f64()
        {
            return Err(JwtFault::TooEarly { claim, by: seconds(moment - now) });
        }
        Ok(key)
    }
}

/// Appends a part of a JWT: JSON in base64url, which never needs `-` or `_`.
///
/// The Java BDK decodes a token's payload with the decoder for standard base64 and crashes on
/// those two characters. Only `>`, `?`, `~`, DEL and what is not ASCII can bring them about; those
/// stand in strings alone, where JSON lets them be written as escapes.
pub(super) fn push_payload(token: &mut String, claims: &impl Serialize) {
    // Claims are plain structs with text keys: they always serialise.
    let json = serde_json::to_string(claims).unwrap_or_default();
    let plain = |byte: u8| byte.is_ascii() && !matches!(byte, b'>' | b'?' | b'~' | 0x7f);
    // Byte by byte, this was a twentieth of a login.
    let bytes = json.as_bytes();
    if bytes.is_ascii() && memchr3(b'>', b'?', b'~', bytes).or(memchr(0x7f, bytes)).is_none() {
        return URL_SAFE_NO_PAD.encode_string(json, token);
    }
    let mut escaped = String::with_capacity(json.len() + 32);
    for c in json.chars() {
        if u8::try_from(c).is_ok_and(plain) {
            escaped.push(c);
        } else {
            for unit in c.encode_utf16(&mut [0; 2]) {
                escaped.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    URL_SAFE_NO_PAD.encode_string(escaped, token);
}

/// Both alphabets, with padding or without: clients sign with whatever library they have, and
/// signatures in standard base64 were seen.
fn base64(text: &str) -> Option<Vec<u8>> {
    let text = text.trim_end_matches('=');
    URL_SAFE_NO_PAD.decode(text).or_else(|_| STANDARD_NO_PAD.decode(text)).ok()
}

fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

fn json<T: DeserializeOwned>(part: &str) -> Result<T, String> {
    let json = base64(part).ok_or("it is not base64")?;
    decode::json(&json).map_err(|error| error.to_string())
}

/// Saturating: `exp` is whatever the client wrote.
fn seconds(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds.max(0.0)).unwrap_or(Duration::MAX)
}

impl fmt::Display for JwtFault {
    /// Completes a sentence whose subject is the JWT.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |by: &Duration| {
            humantime::format_duration(Duration::from_secs(by.as_secs())).to_string()
        };
        match self {
            Self::Malformed(what) => write!(f, "cannot be read: {what}"),
            Self::Algorithm(algorithm) => write!(f, "is signed with {algorithm}, expected RS512"),
            Self::Critical(names) => {
                write!(
                    f,
                    "has a header whose crit, {names}, asks for what the pod does not understand"
                )
            }
            Self::SubjectUnknown { subject, nearest: Some(nearest) } => {
                write!(f, "is of {subject:?}, whom nobody knows; the nearest is {nearest:?}")
            }
            Self::SubjectUnknown { subject, nearest: None } => {
                write!(f, "is of {subject:?}, whom nobody knows, nor anyone called alike")
            }
            Self::NoKey { subject } => write!(f, "is of {subject:?}, who has no valid RSA key"),
            Self::Signature { subject } => {
                write!(
                    f,
                    "was not signed with the private key that belongs to a key of {subject:?}"
                )
            }
            Self::Expired { by } => write!(f, "expired {} ago on the pod's clock", shown(by)),
            Self::TooFar { by } => {
                write!(
                    f,
                    "expires {} later than the 5 minutes from now that are allowed, on the pod's clock",
                    shown(by)
                )
            }
            Self::TooEarly { claim, by } => {
                write!(
                    f,
                    "is not good before its {claim}, {} from now on the pod's clock",
                    shown(by)
                )
            }
            Self::Inactive { subject } => write!(f, "is of {subject:?}, who is not active"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_brings_the_two_url_safe_characters_into_a_payload() {
        for text in ["a?b", "??>>~~", "Zoë", "\u{7f}", "😀", "a\"b\\c\n"] {
            let mut payload = String::new();
            push_payload(&mut payload, &text);
            assert!(!payload.contains(['-', '_']), "{text}: {payload}");
            let read: String = json(&payload).unwrap();
            assert_eq!(read, text);
        }
    }

    #[test]
    fn what_is_no_jwt_is_refused_with_the_reason() {
        for bad in [
            "",
            "a",
            "a.b",
            "a.b.c",
            "....",
            "eyJhbGciOiJSUzUxMiJ9.e30.",
            "eyJhbGciOiJSUzUxMiJ9.!!.AA",
        ] {
            assert!(matches!(LoginJwt::parse(bad), Err(JwtFault::Malformed(_))), "{bad}");
        }
        let hs256 = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJib3QiLCJleHAiOjF9.AA";
        assert_eq!(LoginJwt::parse(hs256).unwrap_err(), JwtFault::Algorithm("HS256".into()));
    }

    #[test]
    fn an_absurd_exp_is_refused_and_not_computed_with() {
        let payload = URL_SAFE_NO_PAD.encode(r#"{"sub":"bot","exp":1e300}"#);
        let token = format!("eyJhbGciOiJSUzUxMiJ9.{payload}.AA");
        let jwt = LoginJwt::parse(&token).unwrap();
        let now = Timestamp::from_millis(1_750_000_000_000);
        assert!(matches!(jwt.verify(&[], now), Err(JwtFault::NoKey { .. })));
        assert_eq!(seconds(jwt.expires), Duration::MAX);
        assert_eq!(seconds(f64::NAN), Duration::ZERO);
    }
}
