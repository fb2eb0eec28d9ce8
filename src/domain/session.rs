use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;

use super::seeded_rng::hex;
use super::{KeyId, SeededRng, Settings, Timestamp, UserId, jwt};

/// What a token stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    pub principal: Principal,
    /// From which the session's id is made; see [`Session::id`].
    pub serial: [u8; 16],
    /// The RSA key whose JWT opened it: revoking that key ends it.
    pub key: Option<KeyId>,
    pub created: Timestamp,
    /// First moment at which the token is no longer good.
    pub expires: Timestamp,
}

/// In whose name a session acts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Principal {
    /// A user by himself.
    User(UserId),
    /// An application, before it acts for anybody.
    App(Arc<str>),
    /// An application on behalf of a user.
    OnBehalfOf { app: Arc<str>, user: UserId },
}

/// Pod and key manager keep their sessions apart: two tokens, two lives, two logouts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenSpace {
    Pod,
    KeyManager,
}

impl Session {
    /// The id under which the session is listed and ended: the `sessionId` in its token.
    pub fn id(&self) -> String {
        let mut id = String::with_capacity(128);
        hex(&mut id, &session_id(&self.serial, self.created, self.principal.user()));
        id
    }
}

impl Principal {
    /// The user in whose name calls are made; none for a bare app session.
    pub fn user(&self) -> Option<UserId> {
        match self {
            Self::User(user) | Self::OnBehalfOf { user, .. } => Some(*user),
            Self::App(_) => None,
        }
    }

    /// The app that makes the calls, if one does.
    pub fn app(&self) -> Option<&str> {
        match self {
            Self::App(app) | Self::OnBehalfOf { app, .. } => Some(app),
            Self::User(_) => None,
        }
    }
}

impl TokenSpace {
    /// The `name` beside the token in a login's answer: the header in which to present it.
    pub fn token_name(self) -> &'static str {
        match self {
            Self::Pod => "sessionToken",
            Self::KeyManager => "keyManagerToken",
        }
    }
}

/// `{"alg":"RS512"}` and the dot after it, as every token begins.
const HEADER: &str = "eyJhbGciOiJSUzUxMiJ9.";

/// What a session token says.
pub(super) struct SessionClaims<'a> {
    subject: &'a str,
    user: Option<UserId>,
    app: Option<(&'a str, &'a [String])>,
    created: Timestamp,
    simplified_key_delivery: bool,
}

/// The claims in the order that recorded tokens have them.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Payload<'a> {
    sub: &'a str,
    iss: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    app_permissions: Option<&'a [String]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    app_group_id: Option<&'a str>,
    session_id: String,
    /// A string, in every recorded token.
    #[serde(skip_serializing_if = "Option::is_none")]
    user_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    can_use_simplified_key_delivery: Option<bool>,
}

impl<'a> SessionClaims<'a> {
    /// `subject` is the username, or the app id for an app's own session, which has no user.
    pub fn new(
        subject: &'a str,
        user: Option<UserId>,
        created: Timestamp,
        settings: &Settings,
    ) -> Self {
        let simplified_key_delivery = settings.simplified_key_delivery;
        Self { subject, user, app: None, created, simplified_key_delivery }
    }

    /// The claims of a session that an app opens on behalf of the user.
    pub fn of_app(self, app: &'a str, permissions: &'a [String]) -> Self {
        Self { app: Some((app, permissions)), ..self }
    }

    /// Writes a session token as real pods issue them: an RS512 JWT whose life is kept on the
    /// server (no `exp`, no `iat`). Gives the session's serial with it.
    ///
    /// The signature is 256 random bytes. Clients treat the token as opaque, no endpoint hands out
    /// a key that would verify it, and the pod finds the session by the token's digest: a true
    /// RSA signature would cost a login most of its time and buy nothing.
    pub fn token(&self, rng: &mut SeededRng) -> (String, [u8; 16]) {
        let serial = rng.bytes();
        let mut session_id_hex = String::with_capacity(128);
        hex(&mut session_id_hex, &session_id(&serial, self.created, self.user));
        let payload = Payload {
            sub: self.subject,
            iss: "symphony",
            app_permissions: self.app.map(|(_, permissions)| permissions),
            app_group_id: self.app.map(|(app, _)| app),
            session_id: session_id_hex,
            user_id: self.user.map(|user| user.to_string()),
            can_use_simplified_key_delivery: self.simplified_key_delivery.then_some(true),
        };
        let mut token = String::with_capacity(768);
        token.push_str(HEADER);
        jwt::push_payload(&mut token, &payload);
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(rng.bytes::<256>(), &mut token);
        (token, serial)
    }
}

/// 48 random bytes, the creation time in milliseconds, the user's id: the layout of every session
/// id decoded from a recorded token.
///
/// The random bytes follow from 16, so that a store of a million sessions need not keep the rest.
fn session_id(serial: &[u8; 16], created: Timestamp, user: Option<UserId>) -> [u8; 64] {
    let mut id = [0; 64];
    let (one, other) = serial.split_at(8);
    for (half, words) in [(one, 0..24), (other, 24..48)] {
        let mut state = half.iter().fold(0, |state, byte| state << 8 | u64::from(*byte));
        id[words].chunks_exact_mut(8).for_each(|word| {
            word.copy_from_slice(&split_mix(&mut state).to_be_bytes());
        });
    }
    id[48..56].copy_from_slice(&created.as_millis().to_be_bytes());
    id[56..].copy_from_slice(&user.map_or(0, UserId::as_u64).to_be_bytes());
    id
}

/// The next number of SplitMix64 (Steele, Lea and Flood, 2014), which gives each once.
fn split_mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (*state ^ *state >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ z >> 31
}

/// A key manager token: lower-case hex that begins with `0100`, 370 digits like the longest one
/// recorded.
pub(super) fn key_manager_token(rng: &mut SeededRng) -> String {
    let mut token = String::with_capacity(370);
    token.push_str("0100");
    hex(&mut token, &rng.bytes::<183>());
    token
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::PodId;

    fn claims(subject: &str) -> SessionClaims<'_> {
        let created = Timestamp::from_millis(1_570_606_397_685);
        let user = UserId::new(PodId(105), 9);
        SessionClaims::new(subject, Some(user), created, &Settings::default())
    }

    fn payload(token: &str) -> String {
        let payload = token.split('.').nth(1).unwrap();
        String::from_utf8(URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
    }

    #[test]
    fn a_token_has_the_claims_of_a_recorded_one_in_their_order() {
        let (token, _) = claims("bot").token(&mut SeededRng::from_seed(1));
        let parts: Vec<_> = token.split('.').collect();
        assert_eq!(parts.len(), 3);
        assert_eq!(parts[0], "eyJhbGciOiJSUzUxMiJ9");
        let session_id = payload(&token)
            .strip_prefix(r#"{"sub":"bot","iss":"symphony","sessionId":""#)
            .and_then(|rest| rest.strip_suffix(r#"","userId":"7215545057289"}"#))
            .unwrap()
            .to_owned();
        assert_eq!(session_id.len(), 128);
        assert!(session_id.ends_with("0000016daf6fb8f50000069000000009"));
        assert_eq!(URL_SAFE_NO_PAD.decode(parts[2]).unwrap().len(), 256);
    }

    #[test]
    fn a_session_on_behalf_of_a_user_names_app_and_permissions() {
        let permissions = ["ACT_AS_USER", "SEND_MESSAGES"].map(str::to_owned);
        let (token, _) =
            claims("alice").of_app("app", &permissions).token(&mut SeededRng::from_seed(3));
        let wanted = r#""appPermissions":["ACT_AS_USER","SEND_MESSAGES"],"appGroupId":"app""#;
        assert!(payload(&token).contains(wanted));
    }

    #[test]
    fn a_session_is_listed_under_the_id_in_its_token() {
        let claims = claims("bot");
        let (token, serial) = claims.token(&mut SeededRng::from_seed(4));
        let (created, user) = (claims.created, claims.user.unwrap());
        let principal = Principal::User(user);
        let session = Session { principal, serial, key: None, created, expires: created };
        assert!(payload(&token).contains(&session.id()));
    }

    #[test]
    fn a_key_manager_token_is_hex() {
        let token = key_manager_token(&mut SeededRng::from_seed(4));
        assert_eq!(token.len(), 370);
        assert!(token.starts_with("0100") && token.bytes().all(|b| b.is_ascii_hexdigit()));
    }
}
