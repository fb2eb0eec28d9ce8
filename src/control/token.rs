use std::fmt;

use axum::http::{HeaderMap, header};
use ring::hmac;

/// What whoever uses the control port has to show, where the pod was started with one.
#[derive(Clone)]
pub struct ControlToken {
    key: hmac::Key,
    tag: hmac::Tag,
}

/// The paths that anybody may ask: what supervises containers has no token to show.
pub const FREE: [&str; 2] = ["/livez", "/readyz"];

impl fmt::Debug for ControlToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ControlToken")
    }
}

impl ControlToken {
    pub fn new(token: &str) -> Self {
        let key = hmac::Key::new(hmac::HMAC_SHA256, token.as_bytes());
        let tag = hmac::sign(&key, token.as_bytes());
        Self { key, tag }
    }

    /// Whether a request shows it, as `Authorization: Bearer`. How long the answer takes tells
    /// nothing of the token: digests are compared, and all of them.
    pub fn is_shown_by(&self, headers: &HeaderMap) -> bool {
        let shown = headers.get(header::AUTHORIZATION).and_then(|shown| {
            let (scheme, token) = shown.as_bytes().split_first_chunk::<7>()?;
            scheme.eq_ignore_ascii_case(b"bearer ").then_some(token)
        });
        shown.is_some_and(|token| hmac::verify(&self.key, token, self.tag.as_ref()).is_ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(authorization: &str) -> bool {
        let headers = HeaderMap::from_iter([(
            header::AUTHORIZATION,
            authorization.parse().expect("a header"),
        )]);
        ControlToken::new("open sesame").is_shown_by(&headers)
    }

    #[test]
    fn a_token_is_shown_whole_or_not_at_all() {
        assert!(shown("Bearer open sesame") && shown("bearer open sesame"));
        for wrong in ["", "Bearer", "Bearer ", "Bearer open", "Bearer open sesame!", "open sesame"]
        {
            assert!(!shown(wrong), "{wrong:?}");
        }
        assert!(!ControlToken::new("x").is_shown_by(&HeaderMap::new()));
    }
}
