use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::digest::{SHA256, digest};
use x509_parser::prelude::FromDer;
use x509_parser::public_key::PublicKey as Parsed;
use x509_parser::x509::SubjectPublicKeyInfo;

use super::{NotAnId, Timestamp};

/// An RSA public key imported for a service user or an app, with which its JWTs are verified.
#[derive(Clone, PartialEq, Eq)]
pub struct PublicKey {
    /// As it was imported.
    pem: Arc<str>,
    /// `RSAPublicKey` in DER, as signatures are verified with it.
    der: Arc<[u8]>,
    id: KeyId,
}

/// Tells the keys of one account apart: the beginning of the key's SHA-256.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyId(u64);

/// The keys of one account: the current one, and for a while the one it replaced.
///
/// Rules and grace are those of the documentation's page on RSA authentication ("Replace/Revoke
/// Key"): at most one previous key, good for 72 hours more, extendable by 72 hours.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeyRing {
    current: Option<PublicKey>,
    previous: Option<Previous>,
    /// Ids of all keys that were ever in the ring: an old key may not come back.
    used: Vec<KeyId>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Previous {
    key: PublicKey,
    expires: Timestamp,
}

/// Why a change of keys is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyRefusal {
    /// It is no RSA public key in PEM of 2,048 bits or more.
    Unreadable(String),
    /// SAVE of the key that is current.
    SameAsCurrent,
    /// SAVE of a key that was current before.
    UsedBefore,
    /// SAVE while current and previous key are both good.
    TwoGoodKeys,
    /// REVOKE of a key that is not there.
    NothingToRevoke,
    /// EXTEND of a previous key that is missing or expired, or of the current one.
    NothingToExtend,
}

/// How long a replaced key stays good, and by how much EXTEND prolongs it.
pub const GRACE: Duration = Duration::from_secs(72 * 60 * 60);

impl PublicKey {
    /// Reads a PEM: SubjectPublicKeyInfo, `RSAPublicKey`, or a certificate whose key it takes.
    ///
    /// Line breaks may be written as `\n` in two characters, as they are in JSON samples.
    pub fn from_pem(text: &str) -> Result<Self, KeyRefusal> {
        let unreadable = |what: &str| KeyRefusal::Unreadable(what.to_owned());
        let text = text.replace("\\n", "\n");
        let (label, content) = pem_block(&text).ok_or_else(|| unreadable("it is not PEM"))?;
        let der = match label {
            "RSA PUBLIC KEY" => content,
            "PUBLIC KEY" => {
                let (_, info) = SubjectPublicKeyInfo::from_der(&content)
                    .map_err(|_| unreadable("it is not a SubjectPublicKeyInfo"))?;
                rsa_der(&info)?
            }
            "CERTIFICATE" => {
                let (_, certificate) = x509_parser::parse_x509_certificate(&content)
                    .map_err(|_| unreadable("it is not a certificate"))?;
                rsa_der(certificate.public_key())?
            }
            other => return Err(KeyRefusal::Unreadable(format!("it is a {other}"))),
        };
        // Better told here than at the first login: the verifier takes no other sizes.
        let bits = modulus_bits(&der).ok_or_else(|| unreadable("it is not an RSA key"))?;
        if !(2_048..=8_192).contains(&bits) {
            return Err(KeyRefusal::Unreadable(format!(
                "it has {bits} bits, expected 2048 to 8192"
            )));
        }
        let id = KeyId::of(&der);
        Ok(Self { pem: text.into(), der: der.into(), id })
    }

    pub fn pem(&self) -> &str {
        &self.pem
    }

    pub fn id(&self) -> KeyId {
        self.id
    }

    /// Whether `signature` is RSASSA-PKCS1-v1_5 with SHA-512 over `message` by this key.
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        let algorithm = &ring::signature::RSA_PKCS1_2048_8192_SHA512;
        let key = ring::signature::UnparsedPublicKey::new(algorithm, &*self.der);
        key.verify(message, signature).is_ok()
    }
}

impl KeyId {
    fn of(der: &[u8]) -> Self {
        let digest = digest(&SHA256, der);
        let mut bytes = [0; 8];
        bytes.copy_from_slice(&digest.as_ref()[..8]);
        Self(u64::from_be_bytes(bytes))
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl FromStr for KeyId {
    type Err = NotAnId;

    fn from_str(text: &str) -> Result<Self, NotAnId> {
        u64::from_str_radix(text, 16).map(Self).map_err(|_| NotAnId)
    }
}

impl KeyRing {
    /// A ring with one key, as a seed has it.
    pub fn with(key: PublicKey) -> Self {
        Self { used: vec![key.id], current: Some(key), previous: None }
    }

    /// A ring as it was left: its keys, when the grace of the previous one ends, and every key that
    /// was ever in it besides.
    pub fn restored(
        current: Option<PublicKey>,
        previous: Option<(PublicKey, Timestamp)>,
        used: Vec<KeyId>,
    ) -> Self {
        let previous = previous.map(|(key, expires)| Previous { key, expires });
        let mut ring = Self { current, previous, used };
        let present = ring.previous.iter().map(|previous| previous.key.id);
        for id in present.chain(ring.current.iter().map(|key| key.id)).collect::<Vec<_>>() {
            if !ring.used.contains(&id) {
                ring.used.push(id);
            }
        }
        ring
    }

    /// Every key that was ever in the ring, the oldest first.
    pub fn used(&self) -> &[KeyId] {
        &self.used
    }

    pub fn current(&self) -> Option<&PublicKey> {
        self.current.as_ref()
    }

    /// The replaced key and the moment its grace ends, which may be over.
    pub fn previous(&self) -> Option<(&PublicKey, Timestamp)> {
        self.previous.as_ref().map(|previous| (&previous.key, previous.expires))
    }

    /// The keys that verify a login at `now`.
    pub fn good(&self, now: Timestamp) -> impl Iterator<Item = &PublicKey> {
        let previous = self.previous.as_ref().filter(move |previous| now < previous.expires);
        self.current.iter().chain(previous.map(|previous| &previous.key))
    }

    /// SAVE: `key` becomes current; the one it replaces stays good for [`GRACE`].
    pub fn save(&mut self, key: PublicKey, now: Timestamp) -> Result<(), KeyRefusal> {
        if self.current.as_ref().is_some_and(|current| current.id == key.id) {
            return Err(KeyRefusal::SameAsCurrent);
        }
        if self.used.contains(&key.id) {
            return Err(KeyRefusal::UsedBefore);
        }
        if self.good(now).count() == 2 {
            return Err(KeyRefusal::TwoGoodKeys);
        }
        self.used.push(key.id);
        if let Some(replaced) = self.current.replace(key) {
            self.previous = Some(Previous { key: replaced, expires: now.plus(GRACE) });
        }
        Ok(())
    }

    /// REVOKE of the current key: the previous one takes its place if it is still good. Gives the
    /// key whose sessions end.
    pub fn revoke_current(&mut self, now: Timestamp) -> Result<KeyId, KeyRefusal> {
        let revoked = self.current.take().ok_or(KeyRefusal::NothingToRevoke)?;
        if let Some(previous) = self.previous.take_if(|previous| now < previous.expires) {
            self.current = Some(previous.key);
        }
        Ok(revoked.id)
    }

    /// REVOKE of the previous key. Gives the key whose sessions end.
    pub fn revoke_previous(&mut self) -> Result<KeyId, KeyRefusal> {
        let revoked = self.previous.take().ok_or(KeyRefusal::NothingToRevoke)?;
        Ok(revoked.key.id)
    }

    /// EXTEND: the previous key is good for [`GRACE`] longer.
    pub fn extend_previous(&mut self, now: Timestamp) -> Result<(), KeyRefusal> {
        let good = self.previous.as_mut().filter(|previous| now < previous.expires);
        let previous = good.ok_or(KeyRefusal::NothingToExtend)?;
        previous.expires = previous.expires.plus(GRACE);
        Ok(())
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({:016x})", self.id.0)
    }
}

impl std::error::Error for KeyRefusal {}

impl fmt::Display for KeyRefusal {
    /// Completes a sentence that begins with the key's name.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(what) => write!(f, "cannot be used: {what}"),
            Self::SameAsCurrent => f.write_str("is the current key already"),
            Self::UsedBefore => f.write_str("was used before"),
            Self::TwoGoodKeys => {
                f.write_str("cannot be saved while the current and the previous key are both valid")
            }
            Self::NothingToRevoke => f.write_str("does not exist, so it cannot be revoked"),
            Self::NothingToExtend => {
                f.write_str("is not an unexpired previous key, so it cannot be extended")
            }
        }
    }
}

fn rsa_der(info: &SubjectPublicKeyInfo<'_>) -> Result<Vec<u8>, KeyRefusal> {
    match info.parsed() {
        Ok(Parsed::RSA(_)) => Ok(info.subject_public_key.data.to_vec()),
        _ => Err(KeyRefusal::Unreadable("it is not an RSA key".into())),
    }
}

/// Length of the modulus of an `RSAPublicKey`.
fn modulus_bits(der: &[u8]) -> Option<u32> {
    use x509_parser::der_parser::asn1_rs::{Integer, Sequence};
    let (_, sequence) = Sequence::from_der(der).ok()?;
    let (_, modulus) = Integer::from_der(&sequence.content).ok()?;
    let significant = modulus.as_ref().iter().skip_while(|byte| **byte == 0);
    let (first, bytes) = (significant.clone().next()?, significant.count());
    Some(u32::try_from(bytes).ok()? * 8 - first.leading_zeros())
}

/// Label and content of the first block. Whatever white space the base64 has is passed over.
fn pem_block(text: &str) -> Option<(&str, Vec<u8>)> {
    let (_, rest) = text.split_once("-----BEGIN ")?;
    let (label, rest) = rest.split_once("-----")?;
    let (body, _) = rest.split_once("-----END ")?;
    let body: String = body.split_whitespace().collect();
    Some((label, STANDARD.decode(body).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_750_000_000_000);

    fn key(name: &str) -> PublicKey {
        PublicKey::from_pem(match name {
            "bot" => include_str!("../../certs/bot-rsa.pub.pem"),
            "bot2" => include_str!("../../certs/bot2-rsa.pub.pem"),
            _ => include_str!("../../certs/app-rsa.pub.pem"),
        })
        .unwrap()
    }

    fn good(ring: &KeyRing, now: Timestamp) -> Vec<KeyId> {
        ring.good(now).map(PublicKey::id).collect()
    }

    #[test]
    fn a_replaced_key_is_good_for_72_hours_and_another_72_when_extended() {
        let mut ring = KeyRing::with(key("bot"));
        ring.save(key("bot2"), NOW).unwrap();
        let (old, new) = (key("bot").id(), key("bot2").id());
        assert_eq!(good(&ring, NOW.plus(GRACE).minus(Duration::from_millis(1))), [new, old]);
        assert_eq!(good(&ring, NOW.plus(GRACE)), [new]);
        ring.extend_previous(NOW).unwrap();
        assert_eq!(good(&ring, NOW.plus(GRACE)), [new, old]);
        assert_eq!(good(&ring, NOW.plus(GRACE + GRACE)), [new]);
        assert_eq!(ring.extend_previous(NOW.plus(GRACE + GRACE)), Err(KeyRefusal::NothingToExtend));
    }

    #[test]
    fn revoking_the_current_key_brings_a_good_previous_one_back() {
        let mut ring = KeyRing::with(key("bot"));
        ring.save(key("bot2"), NOW).unwrap();
        assert_eq!(ring.revoke_current(NOW), Ok(key("bot2").id()));
        assert_eq!(good(&ring, NOW), [key("bot").id()]);
        assert_eq!(ring.revoke_current(NOW), Ok(key("bot").id()));
        assert_eq!(ring.revoke_current(NOW), Err(KeyRefusal::NothingToRevoke));
        assert_eq!(ring.revoke_previous(), Err(KeyRefusal::NothingToRevoke));
    }

    #[test]
    fn saves_that_the_documentation_forbids_are_refused() {
        let mut ring = KeyRing::with(key("bot"));
        assert_eq!(ring.save(key("bot"), NOW), Err(KeyRefusal::SameAsCurrent));
        ring.save(key("bot2"), NOW).unwrap();
        assert_eq!(ring.save(key("bot"), NOW), Err(KeyRefusal::UsedBefore));
        assert_eq!(ring.save(key("app"), NOW), Err(KeyRefusal::TwoGoodKeys));
        ring.save(key("app"), NOW.plus(GRACE)).unwrap();
    }

    #[test]
    fn what_is_no_rsa_key_is_refused_with_the_reason() {
        for bad in
            ["", "bot", include_str!("../../certs/bot.pem"), include_str!("../../certs/bot.key")]
        {
            assert!(matches!(PublicKey::from_pem(bad), Err(KeyRefusal::Unreadable(_))), "{bad}");
        }
        let escaped = include_str!("../../certs/bot-rsa.pub.pem").replace('\n', "\\n");
        assert_eq!(PublicKey::from_pem(&escaped).unwrap().id(), key("bot").id());
    }
}
