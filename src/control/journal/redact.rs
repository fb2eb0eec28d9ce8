//! Secrets do not leave the journal. What stands in their place is the same wherever the same
//! secret stood, so that one sees which requests use one token.

use ring::digest::{SHA256, digest};
use serde_json::Value;

/// What stands in place of a secret: `redacted:` and eight digits of its SHA-256.
pub fn secret(secret: &str) -> String {
    let digest = digest(&SHA256, secret.trim().as_bytes());
    let digits: String = digest.as_ref()[..4].iter().map(|byte| format!("{byte:02x}")).collect();
    format!("redacted:{digits}")
}

/// The value of a header, whose name is in lower case.
pub fn header(name: &str, value: &str) -> String {
    match name {
        "authorization" | "proxy-authorization" => match value.split_once(' ') {
            Some((scheme, credentials)) => format!("{scheme} {}", secret(credentials)),
            None => secret(value),
        },
        "cookie" | "set-cookie" => secret(value),
        name if is_secret(name) => match value.trim() {
            "" => String::new(),
            token => secret(token),
        },
        _ => text(value),
    }
}

/// A path and its query.
pub fn target(target: &str) -> String {
    let Some((path, query)) = target.split_once('?') else {
        return text(target);
    };
    let pairs = query.split('&').map(|pair| match pair.split_once('=') {
        Some((name, value)) if is_secret(name) => format!("{name}={}", secret(value)),
        _ => text(pair),
    });
    format!("{}?{}", text(path), pairs.collect::<Vec<_>>().join("&"))
}

/// JSON: the values of fields that are called like secrets, and tokens wherever they are.
pub fn json(value: &mut Value) {
    match value {
        Value::String(string) => *string = text(string),
        Value::Array(values) => values.iter_mut().for_each(json),
        Value::Object(fields) => {
            for (name, value) in fields {
                match value {
                    Value::String(string) if is_secret(name) => *string = bearer(string),
                    other => json(other),
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Tokens in any text: JWTs, and the long hexadecimal numbers that key manager tokens are.
pub fn text(text: &str) -> String {
    let mut redacted = String::new();
    let mut rest = text;
    while let Some((start, end)) = token(rest) {
        redacted.push_str(&rest[..start]);
        redacted.push_str(&secret(&rest[start..end]));
        rest = &rest[end..];
    }
    if redacted.is_empty() {
        return rest.to_owned();
    }
    redacted + rest
}

/// An `authorizationToken` says in front how it is to be shown.
fn bearer(value: &str) -> String {
    match value.strip_prefix("Bearer ") {
        Some(token) => format!("Bearer {}", secret(token)),
        None => secret(value),
    }
}

fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.ends_with("token") || name.ends_with("password") || ["jwt", "secret"].contains(&&*name)
}

/// Where the first token begins and ends.
fn token(text: &str) -> Option<(usize, usize)> {
    /// Key manager tokens have 370 digits, fingerprints 64 and session ids 128.
    const LONG_NUMBER: usize = 300;
    const SHORTEST_JWT: usize = 40;
    let in_token = |c: char| c.is_ascii_alphanumeric() || "-_.=+/".contains(c);
    let mut from = 0;
    while let Some(at) = text[from..].find(|c: char| c.is_ascii_alphanumeric()) {
        let start = from + at;
        let word = &text[start..];
        let end = word.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(word.len());
        if word.starts_with("eyJ") {
            let long = word.find(|c: char| !in_token(c)).unwrap_or(word.len());
            // One that was cut short has lost its dots, perhaps.
            let is_jwt = word[..long].contains('.') || start + long == text.len();
            if long >= SHORTEST_JWT && is_jwt {
                return Some((start, start + long));
            }
        }
        if end >= LONG_NUMBER && word[..end].bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return Some((start, start + end));
        }
        from = start + end;
    }
    None
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const JWT: &str = "eyJhbGciOiJSUzUxMiJ9.eyJzdWIiOiJib3QiLCJleHAiOjF9.c2lnbmF0dXJl";

    #[test]
    fn a_token_has_one_stand_in_wherever_it_is() {
        let stand_in = secret(JWT);
        assert_eq!(header("sessiontoken", JWT), stand_in);
        assert_eq!(header("authorization", &format!("Bearer {JWT}")), format!("Bearer {stand_in}"));
        assert_eq!(target(&format!("/a?x=1&token={JWT}")), format!("/a?x=1&token={stand_in}"));
        assert_eq!(
            text(&format!("it is {JWT}, is it not")),
            format!("it is {stand_in}, is it not")
        );
        let mut value = json!({ "name": "sessionToken", "token": JWT, "deep": [{ "x": JWT }] });
        json(&mut value);
        let wanted =
            json!({ "name": "sessionToken", "token": stand_in, "deep": [{ "x": stand_in }] });
        assert_eq!(value, wanted);
        assert_ne!(secret("another"), stand_in);
    }

    #[test]
    fn what_is_no_secret_stays() {
        for plain in ["", "Hello", "eyJ", "a.b.c", &"a1".repeat(64), "Zoë eyJ😀"] {
            assert_eq!(text(plain), plain);
        }
        assert_eq!(header("user-agent", "x/1.0"), "x/1.0");
        assert_eq!(target("/pod/v1/user?email=a@b.c"), "/pod/v1/user?email=a@b.c");
        assert_eq!(header("keymanagertoken", ""), "");
    }

    #[test]
    fn long_numbers_and_tokens_cut_short_are_secrets() {
        assert!(text(&format!("x {} y", "0100ab".repeat(60))).starts_with("x redacted:"));
        assert!(text(&format!("{{\"token\":\"{}", &JWT[..50])).ends_with(&secret(&JWT[..50])));
    }
}
