use std::sync::Arc;

use imbl::OrdMap;
use serde::{Deserialize, Serialize};

use super::certificate::{Certificate, Fingerprint};
use super::{Refusal, Timestamp, UserId};

/// A certificate that the company's administrators, or the pod itself, brought in.
#[derive(Debug, Clone)]
pub struct CompanyCertificate {
    pub certificate: Certificate,
    pub attributes: CertificateAttributes,
    /// Who issued it, if that is one of the company's certificates too.
    pub issuer: Option<Fingerprint>,
    /// Whether it came with the pod.
    pub pod_managed: bool,
    /// When a client last presented it.
    pub last_seen: Option<Timestamp>,
    /// When an administrator last changed it, and who; none for what came with the pod.
    pub updated: Option<(Timestamp, UserId)>,
}

/// What an administrator says about a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateAttributes {
    pub name: String,
    pub kind: CertificateType,
    pub status: CertificateStatus,
}

/// What a request says about a certificate: what is absent stays as it is.
#[derive(Debug, Clone, Default)]
pub struct CertificateChange {
    pub name: Option<String>,
    pub kind: Option<CertificateType>,
    pub status: Option<CertificateStatus>,
}

/// What a certificate is for, spelt as the API spells it. It has no bearing on trust.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum CertificateType {
    /// Issues the certificates of users.
    UserSigning,
    /// A user's own.
    User,
    OperationsSigning,
    OperationsUser,
}

/// How the pod regards a certificate, spelt as the API spells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum CertificateStatus {
    /// A client may present it, or what it issued.
    Trusted,
    /// On record, and no reason for trust: it is good if a trusted certificate vouches for it.
    Known,
    /// Refused, whoever vouches for it.
    Revoked,
    /// Refused for the time being.
    Disabled,
}

/// Whether expired certificates may be brought in: the second version of the operation refuses
/// them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expired {
    Taken,
    Refused,
}

/// The certificates on record by their fingerprints.
#[derive(Debug, Clone, Default)]
pub struct CompanyCertificates(OrdMap<Fingerprint, Arc<CompanyCertificate>>);

impl CompanyCertificates {
    /// Records a certificate that came with the pod, as trusted.
    pub fn seed(&mut self, certificate: Certificate) {
        let attributes = CertificateAttributes {
            name: natural_name(&certificate),
            kind: natural_kind(&certificate),
            status: CertificateStatus::Trusted,
        };
        self.insert(CompanyCertificate {
            certificate,
            attributes,
            issuer: None,
            pod_managed: true,
            last_seen: None,
            updated: None,
        });
    }

    /// Records a certificate in PEM, which must not be on record yet. Its status must be said; name
    /// and type follow from the certificate where they are not.
    pub fn create(
        &mut self,
        pem: &str,
        attributes: CertificateChange,
        expired: Expired,
        by: UserId,
        now: Timestamp,
    ) -> Result<&CompanyCertificate, Refusal> {
        let certificate = Certificate::from_pem(pem).map_err(|problem| Refusal::Malformed {
            what: format!("pem is not a certificate in PEM: {problem}"),
        })?;
        if expired == Expired::Refused && certificate.is_expired(now) {
            return Err(Refusal::Malformed {
                what: format!("The certificate expired on {}", certificate.not_after),
            });
        }
        let status = attributes.status.ok_or_else(|| Refusal::Malformed {
            what: "attributes.status is missing: TRUSTED, KNOWN, REVOKED or DISABLED".into(),
        })?;
        let attributes = CertificateAttributes {
            name: attributes.name.unwrap_or_else(|| natural_name(&certificate)),
            kind: attributes.kind.unwrap_or_else(|| natural_kind(&certificate)),
            status,
        };
        let fingerprint = certificate.fingerprint;
        if self.0.contains_key(&fingerprint) {
            return Err(Refusal::Malformed {
                what: format!("The certificate {fingerprint} exists already"),
            });
        }
        self.insert(CompanyCertificate {
            certificate,
            attributes,
            issuer: None,
            pod_managed: false,
            last_seen: None,
            updated: Some((now, by)),
        });
        self.by_fingerprint(&fingerprint.to_string())
    }

    /// Changes what administrators say about a certificate.
    pub fn update(
        &mut self,
        fingerprint: &str,
        change: CertificateChange,
        by: UserId,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let found = Fingerprint::parse(fingerprint).and_then(|key| self.0.get_mut(&key));
        let found = Arc::make_mut(found.ok_or_else(|| unknown(fingerprint))?);
        let attributes = &mut found.attributes;
        attributes.name = change.name.unwrap_or_else(|| attributes.name.clone());
        attributes.kind = change.kind.unwrap_or(attributes.kind);
        attributes.status = change.status.unwrap_or(attributes.status);
        found.updated = Some((now, by));
        Ok(())
    }

    /// Takes a certificate off the record. What it issued stays, with an issuer unknown.
    pub fn delete(&mut self, fingerprint: &str) -> Result<(), Refusal> {
        let removed = Fingerprint::parse(fingerprint).and_then(|key| self.0.remove(&key));
        let removed = removed.ok_or_else(|| unknown(fingerprint))?.certificate.fingerprint;
        let issued = self.iter().filter(|other| other.issuer == Some(removed));
        let issued: Vec<_> = issued.map(|other| other.certificate.fingerprint).collect();
        for key in issued {
            self.set_issuer(key, None);
        }
        Ok(())
    }

    pub fn by_fingerprint(&self, fingerprint: &str) -> Result<&CompanyCertificate, Refusal> {
        let found = Fingerprint::parse(fingerprint).and_then(|key| self.0.get(&key));
        found.map(Arc::as_ref).ok_or_else(|| unknown(fingerprint))
    }

    /// What a certificate on record issued.
    pub fn issued_by(
        &self,
        fingerprint: &str,
    ) -> Result<impl Iterator<Item = &CompanyCertificate>, Refusal> {
        let issuer = self.by_fingerprint(fingerprint)?.certificate.fingerprint;
        Ok(self.iter().filter(move |other| other.issuer == Some(issuer)))
    }

    /// The certificates in the order of their fingerprints.
    pub fn iter(&self) -> impl Iterator<Item = &CompanyCertificate> {
        self.0.values().map(Arc::as_ref)
    }

    /// A client presented this certificate, in DER.
    pub fn seen(&mut self, der: &[u8], now: Timestamp) {
        if let Some(seen) = self.0.get_mut(&Fingerprint::of(der)) {
            Arc::make_mut(seen).last_seen = Some(now);
        }
    }

    /// Records a certificate and links it with its issuer and with what it issued.
    fn insert(&mut self, mut new: CompanyCertificate) {
        let key = new.certificate.fingerprint;
        let issuer = self.iter().find(|other| new.certificate.is_issued_by(&other.certificate));
        new.issuer = issuer.map(|issuer| issuer.certificate.fingerprint);
        let orphans = self.iter().filter(|other| other.issuer.is_none());
        let issued = orphans.filter(|other| other.certificate.is_issued_by(&new.certificate));
        let issued: Vec<_> = issued.map(|other| other.certificate.fingerprint).collect();
        for issued in issued {
            self.set_issuer(issued, Some(key));
        }
        self.0.insert(key, Arc::new(new));
    }

    fn set_issuer(&mut self, of: Fingerprint, issuer: Option<Fingerprint>) {
        if let Some(certificate) = self.0.get_mut(&of) {
            Arc::make_mut(certificate).issuer = issuer;
        }
    }
}

impl CompanyCertificate {
    /// Whether a client may present it, or what it issued.
    pub fn is_trusted(&self) -> bool {
        self.attributes.status == CertificateStatus::Trusted
    }

    /// Whether it is refused even where a trusted certificate vouches for it.
    pub fn is_barred(&self) -> bool {
        matches!(self.attributes.status, CertificateStatus::Revoked | CertificateStatus::Disabled)
    }
}

fn natural_name(certificate: &Certificate) -> String {
    certificate.common_name.clone().unwrap_or_else(|| certificate.subject.clone())
}

fn natural_kind(certificate: &Certificate) -> CertificateType {
    match certificate.is_authority {
        true => CertificateType::UserSigning,
        false => CertificateType::User,
    }
}

fn unknown(fingerprint: &str) -> Refusal {
    Refusal::CertificateUnknown { fingerprint: fingerprint.to_owned() }
}
