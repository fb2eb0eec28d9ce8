//! Logins by JWT, signed with a key that is good or nearly so, and what is to become of each.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::hmac;
use ring::rand::SystemRandom;
use ring::rsa::KeyPair;
use ring::signature::{
    RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RSA_PSS_SHA512, RsaEncoding,
};
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::pki_types::pem::PemObject;
use serde_json::{Value, json};
use symphony_mock_pod::Certificates;

use crate::chance::Chance;
use crate::target::NOW;

/// What is to become of a login. Several count as the strictest among them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    Admitted,
    /// Standards leave it open: no wrong name and no crash, whatever it is.
    Open,
    Refused,
}

/// One login.
pub struct Token {
    pub path: &'static str,
    pub token: String,
    /// Whose session it is to be.
    pub subject: &'static str,
    pub verdict: Verdict,
}

/// The keys of a bot and of the app.
pub struct Tokens {
    bot: KeyPair,
    app: KeyPair,
    /// The bot's public key: what it signs as if it were a secret (CVE-2015-9235) is nothing.
    public: String,
}

use Verdict::{Admitted, Open, Refused};

impl Tokens {
    pub fn new() -> Self {
        let certificates = Certificates::embedded();
        let identity = |name: &str| certificates.identity(name).expect("it is one of them");
        let key = |name: &str| {
            let identity = identity(name);
            let pem = identity.rsa_pem().expect("an RSA key").as_bytes();
            let der = PrivatePkcs8KeyDer::from_pem_slice(pem).expect("PKCS#8");
            KeyPair::from_pkcs8(der.secret_pkcs8_der()).expect("RSA")
        };
        let public = identity("bot").rsa_public_pem().expect("an RSA key").to_owned();
        Self { bot: key("bot"), app: key("app"), public }
    }

    pub fn next(&self, chance: &mut Chance) -> Token {
        let (path, subject) = *chance.of(&[
            ("/login/pubkey/authenticate", "bot"),
            ("/relay/pubkey/authenticate", "bot"),
            ("/login/pubkey/app/authenticate", "app"),
        ]);
        let (header, header_verdict, algorithm) = header(chance);
        let (claims, claims_verdict) = claims(chance, subject);
        let mut verdict = header_verdict.max(claims_verdict);
        let encode = |text: &str| URL_SAFE_NO_PAD.encode(text);
        let mut signed = format!("{}.{}", encode(&header), encode(&claims));
        if chance.one_in(12) {
            signed = format!("{}.{}", STANDARD.encode(&header), STANDARD.encode(&claims));
            verdict = verdict.max(Open);
        }
        let (own, another) =
            if subject == "app" { (&self.app, &self.bot) } else { (&self.bot, &self.app) };
        let key = if chance.one_in(8) {
            verdict = Refused;
            another
        } else {
            own
        };
        let mut signature = match algorithm {
            Some(algorithm) => rsa(key, algorithm, signed.as_bytes()),
            None => {
                let key = hmac::Key::new(hmac::HMAC_SHA512, self.public.as_bytes());
                hmac::sign(&key, signed.as_bytes()).as_ref().to_vec()
            }
        };
        if chance.one_in(10) {
            verdict = Refused;
            let at = chance.below(signature.len());
            match chance.below(4) {
                0 => signature[at] ^= 1 << chance.below(8),
                1 => signature.truncate(at),
                2 => signature.insert(0, 0),
                _ => signature.push(0),
            }
        }
        let mut token = format!("{signed}.{}", URL_SAFE_NO_PAD.encode(&signature));
        if chance.one_in(10) {
            verdict = Refused;
            spoil(chance, &mut token);
        } else if chance.one_in(20) {
            verdict = verdict.max(Open);
            token = format!(" {token}\n");
        }
        Token { path, token, subject, verdict }
    }
}

/// One character more, less or other: what is signed is another text, or the signature is.
fn spoil(chance: &mut Chance, token: &mut String) {
    let at = chance.below(token.len());
    let other = *chance.of(&["A", "_", ".", "=", "+", "é", "\0"]);
    match chance.below(3) {
        0 => drop(token.remove(at)),
        1 => token.insert_str(at, other),
        _ if token[at..].starts_with(other) => token.truncate(at),
        _ => token.replace_range(at..=at, other),
    }
}

fn rsa(key: &KeyPair, algorithm: &'static dyn RsaEncoding, signed: &[u8]) -> Vec<u8> {
    let mut signature = vec![0; key.public().modulus_len()];
    key.sign(algorithm, &SystemRandom::new(), signed, &mut signature).expect("it is long enough");
    signature
}

/// A header, and what it is signed with; none is a secret that everybody knows.
fn header(chance: &mut Chance) -> (String, Verdict, Option<&'static dyn RsaEncoding>) {
    let good: &'static dyn RsaEncoding = &RSA_PKCS1_SHA512;
    let (named, verdict, algorithm): (Value, _, _) = match chance.below(24) {
        0 => (json!("none"), Refused, Some(good)),
        1 => (json!("RS256"), Refused, Some(&RSA_PKCS1_SHA256 as &dyn RsaEncoding)),
        2 => (json!("RS512"), Refused, Some(&RSA_PKCS1_SHA384 as &dyn RsaEncoding)),
        3 => (json!("RS512"), Refused, Some(&RSA_PSS_SHA512 as &dyn RsaEncoding)),
        4 => (json!("HS512"), Refused, None),
        5 => (json!("RS512"), Refused, None),
        6 => (json!("rs512"), Refused, Some(good)),
        7 => (json!(["RS512"]), Refused, Some(good)),
        8 => (json!("PS512"), Refused, Some(&RSA_PSS_SHA512 as &dyn RsaEncoding)),
        _ => (json!("RS512"), Admitted, Some(good)),
    };
    let mut header = json!({ "alg": named });
    let mut verdict = verdict;
    // What a header says of keys is nobody's word but the client's.
    for (name, value) in [
        ("typ", json!("JWT")),
        ("kid", json!("../../etc/passwd")),
        ("jwk", json!({ "kty": "RSA", "n": "AQAB", "e": "AQAB" })),
        ("jku", json!("http://127.0.0.1:1/keys")),
        ("x5c", json!(["MIIB", null])),
        ("b64", json!(false)),
    ] {
        if chance.one_in(8) {
            header[name] = value;
        }
    }
    if chance.one_in(10) {
        let critical = [json!(["b64"]), json!(["exp"]), json!([]), json!("x"), json!(null)];
        header["crit"] = chance.of(&critical).clone();
        verdict = Refused;
    }
    let mut text = header.to_string();
    if chance.one_in(20) {
        // Twice the same name (RFC 7515, 4): the second may not be the one that counts.
        text = text.replacen('{', r#"{"alg":"none","#, 1);
        verdict = Refused;
    }
    (text, verdict, algorithm)
}

fn claims(chance: &mut Chance, subject: &str) -> (String, Verdict) {
    let now = NOW.unix_timestamp();
    let mut claims = json!({ "sub": subject, "exp": now + 240 });
    let mut verdict = Admitted;
    if chance.one_in(6) {
        let others = [
            json!("bot2"),
            json!("alice"),
            json!("Bot"),
            json!(format!("{subject}\0")),
            json!(format!(" {subject}")),
            json!(""),
            json!(null),
            json!([subject]),
            json!({ "sub": subject }),
            json!(1),
            json!("x".repeat(100_000)),
        ];
        claims["sub"] = chance.of(&others).clone();
        verdict = Refused;
    }
    if chance.one_in(2) {
        let (exp, is) = chance
            .of(&[
                (json!(now + 1), Admitted),
                (json!(now + 300), Admitted),
                (json!(now as f64 + 0.5), Admitted),
                (json!(now), Refused),
                (json!(now - 1), Refused),
                (json!(now + 301), Refused),
                (json!(now as f64 + 300.01), Refused),
                (json!((now + 240) * 1_000), Refused),
                (json!((now + 240).to_string()), Refused),
                (json!(-1), Refused),
                (json!(0), Refused),
                (json!(1e308), Refused),
                (json!(u64::MAX), Refused),
                (json!(null), Refused),
                (json!([now + 240]), Refused),
            ])
            .clone();
        claims["exp"] = exp;
        verdict = verdict.max(is);
    }
    for name in ["nbf", "iat"] {
        if chance.one_in(4) {
            let (moment, is) = chance
                .of(&[
                    (json!(now), Admitted),
                    (json!(now + 10), Admitted),
                    (json!(-1e300), Admitted),
                    (json!(0), Admitted),
                    (json!(now + 11), Refused),
                    (json!(now as f64 + 10.5), Refused),
                    (json!(1e308), Refused),
                    (json!("now"), Refused),
                    (json!([]), Refused),
                    (json!(null), Open),
                ])
                .clone();
            claims[name] = moment;
            verdict = verdict.max(is);
        }
    }
    if chance.one_in(10) {
        claims["aud"] = json!(["x".repeat(chance.below(50_000)), { "exp": now - 1 }]);
    }
    let mut text = claims.to_string();
    match chance.below(40) {
        0 => {
            text = text.replacen('{', r#"{"sub":"alice","#, 1);
            verdict = verdict.max(Open);
        }
        1 => {
            let depth = chance.below(20_000);
            let deep = format!("{{\"x\":{}{},", "[".repeat(depth), "]".repeat(depth));
            text = text.replacen('{', &deep, 1);
            verdict = verdict.max(Open);
        }
        2 => {
            text.push_str("{}");
            verdict = Refused;
        }
        3 => {
            text.truncate(chance.below(text.len()));
            verdict = Refused;
        }
        _ => {}
    }
    (text, verdict)
}
