use std::fmt;
use std::sync::{Arc, LazyLock};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::digest::{SHA256, digest};
use time::OffsetDateTime;
use x509_parser::certificate::X509Certificate;
use x509_parser::der_parser::asn1_rs::Any;
use x509_parser::oid_registry::OidRegistry;
use x509_parser::prelude::FromDer;
use x509_parser::time::ASN1Time;
use x509_parser::x509::X509Name;

use super::Timestamp;

/// An X.509 certificate and what a pod tells about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    pub der: Arc<[u8]>,
    pub fingerprint: Fingerprint,
    /// The last Common Name of the subject, which is the most specific one.
    pub common_name: Option<String>,
    /// Whether it may issue others.
    pub is_authority: bool,
    pub subject: String,
    pub issuer: String,
    /// As Java names it: `SHA256withRSA`.
    pub signature_algorithm: String,
    /// As Java names it: `RSA`, `EC`.
    pub key_algorithm: String,
    pub not_before: ValidityBound,
    pub not_after: ValidityBound,
}

/// What tells certificates apart: SHA-256 of the whole certificate.
///
/// Which digest real pods take is not documented; their samples are lower-case hex.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint([u8; 32]);

/// A bound of a certificate's validity, to the second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ValidityBound(OffsetDateTime);

/// A text is not a certificate: what is wrong with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotACertificate(&'static str);

impl Certificate {
    /// Reads the first certificate of a text in PEM.
    ///
    /// Line breaks may be missing, as in the API file's example, or be the two characters `\n`.
    pub fn from_pem(text: &str) -> Result<Self, NotACertificate> {
        const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
        const END: &str = "-----END CERTIFICATE-----";
        let text = text.replace("\\n", "\n");
        let (_, rest) = text
            .split_once(BEGIN)
            .ok_or(NotACertificate("it does not have -----BEGIN CERTIFICATE-----"))?;
        let (body, _) = rest
            .split_once(END)
            .ok_or(NotACertificate("it does not have -----END CERTIFICATE-----"))?;
        let body: String = body.split_whitespace().collect();
        let der = STANDARD.decode(body).map_err(|_| NotACertificate("it is not base64"))?;
        Self::from_der(&der)
    }

    pub fn from_der(der: &[u8]) -> Result<Self, NotACertificate> {
        let (rest, parsed) = X509Certificate::from_der(der)
            .map_err(|_| NotACertificate("it is not an X.509 certificate"))?;
        if !rest.is_empty() {
            return Err(NotACertificate("something follows the certificate"));
        }
        let algorithm = parsed.signature_algorithm.algorithm.to_id_string();
        let key = parsed.public_key().algorithm.algorithm.to_id_string();
        Ok(Self {
            der: der.into(),
            fingerprint: Fingerprint::of(der),
            common_name: common_name(parsed.subject()),
            is_authority: parsed.is_ca(),
            subject: name_of(parsed.subject()),
            issuer: name_of(parsed.issuer()),
            signature_algorithm: java_signature_name(&algorithm).map_or(algorithm, str::to_owned),
            key_algorithm: java_key_name(&key).map_or(key, str::to_owned),
            not_before: ValidityBound::from(parsed.validity().not_before),
            not_after: ValidityBound::from(parsed.validity().not_after),
        })
    }

    /// Whether `issuer` signed this certificate. Nobody counts as his own issuer.
    pub fn is_issued_by(&self, issuer: &Self) -> bool {
        if self.fingerprint == issuer.fingerprint || !issuer.is_authority {
            return false;
        }
        let (Ok((_, own)), Ok((_, issuer))) =
            (X509Certificate::from_der(&self.der), X509Certificate::from_der(&issuer.der))
        else {
            return false;
        };
        own.issuer() == issuer.subject() && own.verify_signature(Some(issuer.public_key())).is_ok()
    }

    pub fn is_expired(&self, now: Timestamp) -> bool {
        self.not_after.timestamp() < now
    }
}

impl Fingerprint {
    pub fn of(der: &[u8]) -> Self {
        let mut fingerprint = [0; 32];
        fingerprint.copy_from_slice(digest(&SHA256, der).as_ref());
        Self(fingerprint)
    }

    /// Reads hex, in the writing of `openssl x509 -fingerprint` too: upper case, with colons.
    pub fn parse(text: &str) -> Option<Self> {
        let digits: Vec<u8> = text
            .bytes()
            .filter(|byte| *byte != b':')
            .map(|byte| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
            .collect::<Option<_>>()?;
        let bytes: Vec<u8> =
            digits.chunks(2).map(|pair| pair.iter().fold(0, |b, d| b << 4 | d)).collect();
        (digits.len() == 64).then(|| bytes.try_into().ok().map(Self))?
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl ValidityBound {
    /// The epoch for what was before it.
    pub fn timestamp(self) -> Timestamp {
        let seconds = u64::try_from(self.0.unix_timestamp()).unwrap_or(0);
        Timestamp::from_millis(seconds.saturating_mul(1_000))
    }
}

impl From<ASN1Time> for ValidityBound {
    fn from(time: ASN1Time) -> Self {
        Self(time.to_datetime())
    }
}

impl fmt::Display for ValidityBound {
    /// As Java writes a date: `Mon Jan 15 20:56:05 UTC 2018`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (weekday, month) = (self.0.weekday().to_string(), self.0.month().to_string());
        let (hour, minute, second) = self.0.to_hms();
        write!(
            f,
            "{weekday:.3} {month:.3} {:02} {hour:02}:{minute:02}:{second:02} UTC {}",
            self.0.day(),
            self.0.year()
        )
    }
}

impl fmt::Display for NotACertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// The last Common Name of a name, which is the most specific one in the order that certificates
/// write them.
pub fn common_name(name: &X509Name<'_>) -> Option<String> {
    name.iter_common_name().last().and_then(|name| directory_string(name.attr_value()))
}

/// The strings that X.520 allows in a name.
fn directory_string(value: &Any<'_>) -> Option<String> {
    const TELETEX: u32 = 20;
    const BMP: u32 = 30;
    match value.tag().0 {
        BMP => {
            let units =
                value.data.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
            char::decode_utf16(units).collect::<Result<_, _>>().ok()
        }
        // T.61 was hardly ever meant: those who write this tag write Latin-1.
        TELETEX => Some(value.data.iter().copied().map(char::from).collect()),
        _ => std::str::from_utf8(value.data).ok().map(str::to_owned),
    }
}

/// A name as pods write it, its parts apart by spaces: `C=US O=Symphony CN=bot`.
fn name_of(name: &X509Name<'_>) -> String {
    /// What names are made of. The whole registry takes a tenth of a millisecond to fill.
    static REGISTRY: LazyLock<OidRegistry<'static>> =
        LazyLock::new(|| OidRegistry::default().with_x509().with_pkcs9());
    let parts: Vec<_> = name
        .iter_attributes()
        .map(|part| {
            let kind = x509_parser::objects::oid2abbrev(part.attr_type(), &REGISTRY)
                .map_or_else(|_| part.attr_type().to_id_string(), str::to_owned);
            format!("{kind}={}", directory_string(part.attr_value()).unwrap_or_default())
        })
        .collect();
    parts.join(" ")
}

fn java_signature_name(oid: &str) -> Option<&'static str> {
    Some(match oid {
        "1.2.840.113549.1.1.5" => "SHA1withRSA",
        "1.2.840.113549.1.1.10" => "RSASSA-PSS",
        "1.2.840.113549.1.1.11" => "SHA256withRSA",
        "1.2.840.113549.1.1.12" => "SHA384withRSA",
        "1.2.840.113549.1.1.13" => "SHA512withRSA",
        "1.2.840.10045.4.3.2" => "SHA256withECDSA",
        "1.2.840.10045.4.3.3" => "SHA384withECDSA",
        "1.2.840.10045.4.3.4" => "SHA512withECDSA",
        "1.3.101.112" => "Ed25519",
        _ => return None,
    })
}

fn java_key_name(oid: &str) -> Option<&'static str> {
    Some(match oid {
        "1.2.840.113549.1.1.1" => "RSA",
        "1.2.840.10045.2.1" => "EC",
        "1.3.101.112" => "Ed25519",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const CA: &str = include_str!("../../certs/ca.pem");
    const BOT: &str = include_str!("../../certs/bot.pem");

    #[test]
    fn a_certificate_is_told_about_as_a_pod_does() {
        let bot = Certificate::from_pem(BOT).unwrap();
        assert_eq!(bot.common_name.as_deref(), Some("bot"));
        assert_eq!(bot.subject, "O=symphony-mock-pod CN=bot");
        assert_eq!((&*bot.signature_algorithm, &*bot.key_algorithm), ("SHA256withECDSA", "EC"));
        assert_eq!(bot.not_before.to_string(), "Wed Jan 01 00:00:00 UTC 2020");
        assert_eq!(bot.not_before.timestamp(), Timestamp::from_millis(1_577_836_800_000));
    }

    #[test]
    fn pem_without_line_breaks_is_read_and_what_is_not_pem_is_refused() {
        let bot = Certificate::from_pem(BOT).unwrap();
        for same in [BOT.replace('\n', ""), BOT.replace('\n', "\\n"), format!("x\n{BOT}{CA}")] {
            assert_eq!(Certificate::from_pem(&same).as_ref(), Ok(&bot));
        }
        let (begin, end) = ("-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----");
        let short = format!("{begin}MIIB{end}");
        let noise = format!("{begin}@@{end}");
        for bad in ["", "bot", begin, &short, &noise, include_str!("../../certs/bot.key")] {
            assert!(Certificate::from_pem(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn issuing_is_a_matter_of_signatures() {
        let (ca, bot) = (Certificate::from_pem(CA).unwrap(), Certificate::from_pem(BOT).unwrap());
        assert!(ca.is_authority && !bot.is_authority);
        assert!(bot.is_issued_by(&ca));
        assert!(!ca.is_issued_by(&ca) && !ca.is_issued_by(&bot) && !bot.is_issued_by(&bot));
    }

    #[test]
    fn fingerprints_are_read_as_they_are_written() {
        let fingerprint = Certificate::from_pem(BOT).unwrap().fingerprint;
        let text = fingerprint.to_string();
        assert_eq!(text.len(), 64);
        assert_eq!(Fingerprint::parse(&text), Some(fingerprint));
        let openssl: Vec<_> =
            text.as_bytes().chunks(2).map(|b| str::from_utf8(b).unwrap()).collect();
        assert_eq!(Fingerprint::parse(&openssl.join(":").to_uppercase()), Some(fingerprint));
        for bad in ["", "ab", &text[1..], &format!("{text}00"), &text.replace(|_| true, "g")] {
            assert_eq!(Fingerprint::parse(bad), None, "{bad}");
        }
    }
}
