use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::{Chance, Timestamp, UserId};

/// What a token stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    pub principal: Principal,
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

impl Principal {
    /// The user in whose name calls are made; none for a bare app session.
    pub fn user(&self) -> Option<UserId> {
        match self {
            Self::User(user) | Self::OnBehalfOf { user, .. } => Some(*user),
            Self::App(_) => None,
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

/// The claims of a session token, in the order that recorded tokens have them.
pub(super) struct SessionClaims<'a> {
    /// Username, or app id for an app's own session.
    pub subject: &'a str,
    pub user: UserId,
    /// Set in sessions on behalf of a user: the app and what it may do.
    pub app: Option<(&'a str, &'a [String])>,
    pub created: Timestamp,
}

impl SessionClaims<'_> {
    /// Writes a session token as real pods issue them: an RS512 JWT whose life is kept on the
    /// server (no `exp`, no `iat`), with `userId` as a string.
    ///
    /// The signature is 256 random bytes. Clients treat the token as opaque, no endpoint hands out
    /// a key that would verify it, and the pod finds the session by the token's digest: a true
    /// RSA signature would cost a login most of its time and buy nothing.
    pub fn token(&self, chance: &mut Chance) -> String {
        const HEADER: &str = r#"{"alg":"RS512"}"#;
        let mut token = String::with_capacity(768);
        URL_SAFE_NO_PAD.encode_string(HEADER, &mut token);
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(self.json(chance), &mut token);
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(chance.bytes::<256>(), &mut token);
        token
    }

    fn json(&self, chance: &mut Chance) -> String {
        let mut json = String::with_capacity(320);
        json.push_str(r#"{"sub":"#);
        push_json_string(&mut json, self.subject);
        json.push_str(r#","iss":"symphony""#);
        if let Some((app, permissions)) = self.app {
            json.push_str(r#","appPermissions":["#);
            for (n, permission) in permissions.iter().enumerate() {
                if n > 0 {
                    json.push(',');
                }
                push_json_string(&mut json, permission);
            }
            json.push_str(r#"],"appGroupId":"#);
            push_json_string(&mut json, app);
        }
        json.push_str(r#","sessionId":""#);
        push_hex(&mut json, &self.session_id(chance));
        json.push_str(r#"","userId":""#);
        json.push_str(&self.user.to_string());
        json.push_str(r#""}"#);
        json
    }

    /// 48 random bytes, the creation time in milliseconds, the user's id: the layout of every
    /// session id decoded from a recorded token.
    fn session_id(&self, chance: &mut Chance) -> [u8; 64] {
        let mut id = [0; 64];
        chance.fill(&mut id[..48]);
        id[48..56].copy_from_slice(&self.created.as_millis().to_be_bytes());
        id[56..].copy_from_slice(&self.user.as_u64().to_be_bytes());
        id
    }
}

/// A key manager token: lower-case hex that begins with `0100`, 370 digits like the longest one
/// recorded.
pub(super) fn key_manager_token(chance: &mut Chance) -> String {
    let mut token = String::with_capacity(370);
    token.push_str("0100");
    push_hex(&mut token, &chance.bytes::<183>());
    token
}

/// Escapes so that base64url of the text never needs `-` or `_`.
///
/// The Java BDK decodes a token's payload with the decoder for standard base64 and crashes on
/// those two. In ASCII text only `>`, `?`, `~` and DEL can bring them about.
fn push_json_string(json: &mut String, text: &str) {
    json.push('"');
    for unit in text.encode_utf16() {
        match u8::try_from(unit) {
            Ok(b @ (b'"' | b'\\')) => json.extend(['\\', char::from(b)]),
            Ok(b @ b' '..=b'}') if b != b'>' && b != b'?' => json.push(char::from(b)),
            _ => json.push_str(&format!("\\u{unit:04x}")),
        }
    }
    json.push('"');
}

fn push_hex(text: &mut String, bytes: &[u8]) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    for byte in bytes {
        text.push(char::from(DIGITS[usize::from(byte >> 4)]));
        text.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::PodId;

    fn claims(subject: &str) -> SessionClaims<'_> {
        SessionClaims {
            subject,
            user: UserId::new(PodId(105), 9),
            app: None,
            created: Timestamp::from_millis(1_570_614_178_037),
        }
    }

    #[test]
    fn a_token_has_the_claims_of_a_recorded_one_in_their_order() {
        let token = claims("bot").token(&mut Chance::from_seed(1));
        let parts: Vec<_> = token.split('.').collect();
        assert_eq!(parts.len(), 3);
        assert_eq!(parts[0], "eyJhbGciOiJSUzUxMiJ9");
        let payload = String::from_utf8(URL_SAFE_NO_PAD.decode(parts[1]).unwrap()).unwrap();
        let session_id = payload
            .strip_prefix(r#"{"sub":"bot","iss":"symphony","sessionId":""#)
            .and_then(|rest| rest.strip_suffix(r#"","userId":"7215545057289"}"#))
            .unwrap();
        assert_eq!(session_id.len(), 128);
        assert!(session_id.ends_with("0000016daf6fb8f50000069000000009"));
        assert_eq!(URL_SAFE_NO_PAD.decode(parts[2]).unwrap().len(), 256);
    }

    #[test]
    fn no_subject_brings_the_two_url_safe_characters_into_the_payload() {
        for subject in ["a?b", "??>>~~", "Zoë", "\u{7f}", "😀", "a\"b\\c\n"] {
            let json = claims(subject).json(&mut Chance::from_seed(2));
            let payload = URL_SAFE_NO_PAD.encode(&json);
            assert!(!payload.contains(['-', '_']), "{subject}: {payload}");
            let read: serde_json::Value = serde_json::from_str(&json).unwrap();
            assert_eq!(read["sub"], subject);
        }
    }

    #[test]
    fn a_session_on_behalf_of_a_user_names_app_and_permissions() {
        let permissions = ["ACT_AS_USER".to_owned(), "SEND_MESSAGES".to_owned()];
        let claims = SessionClaims { app: Some(("app", &permissions)), ..claims("alice") };
        let json = claims.json(&mut Chance::from_seed(3));
        assert!(
            json.contains(r#""appPermissions":["ACT_AS_USER","SEND_MESSAGES"],"appGroupId":"app""#)
        );
    }

    #[test]
    fn a_key_manager_token_is_hex() {
        let token = key_manager_token(&mut Chance::from_seed(4));
        assert_eq!(token.len(), 370);
        assert!(token.starts_with("0100") && token.bytes().all(|b| b.is_ascii_hexdigit()));
    }
}
