//! How long the texts of a refusal are: a request may quote a megabyte, and its refusal is kept.

use super::Refusal;
use crate::domain::{ConnectRefusal, JwtFault, KeyRefusal};

/// The longest text of a refusal, in bytes.
const LONGEST: usize = 1_000;

impl Refusal {
    /// The same refusal, with texts that are short enough to be logged, kept and sent.
    pub fn shortened(mut self) -> Self {
        for text in self.texts_mut().into_iter().flatten() {
            shorten(text, LONGEST);
        }
        self
    }

    /// What the request, or the pod in its answer to it, put into words. Names that the pod knows
    /// are not among them: they are short.
    fn texts_mut(&mut self) -> [Option<&mut String>; 2] {
        match self {
            Self::FormInvalid { why: text }
            | Self::CertificateRefused { why: text }
            | Self::Unavailable { why: text }
            | Self::CommonNameMissing { subject: text }
            | Self::CommonNameUnknown { common_name: text, .. }
            | Self::UserInactive { username: text }
            | Self::OnBehalfOfInactive { username: text }
            | Self::UserNotServiceUser { username: text }
            | Self::CertificateLoginSwitchedOff { username: text }
            | Self::AppClaimsName { username: text }
            | Self::KeyTooWeak { algorithm: text, .. }
            | Self::AppUnknown { id: text, .. }
            | Self::AppDisabled { id: text }
            | Self::AppCertificateNotTrusted { id: text }
            | Self::AppSessionIsNoUser { app: text }
            | Self::OnBehalfOfUnknown { user: text, .. }
            | Self::AppLacks { app: text, .. }
            | Self::SessionIdUnknown { id: text }
            | Self::FeatureUnknown { name: text, .. }
            | Self::PresenceFeedUnknown { id: text }
            | Self::RoomRuleBroken { what: text }
            | Self::RoomNameTaken { name: text }
            | Self::AckMalformed { ack: text }
            | Self::UserExists { value: text, .. }
            | Self::AppNotRegistered { id: text, .. }
            | Self::AppIdTaken { id: text, .. }
            | Self::AccountTypeUnknown { name: text, .. }
            | Self::RoleUnknown { id: text, .. }
            | Self::CertificateUnknown { fingerprint: text }
            | Self::MessageInvalid { why: text }
            | Self::ViolationFileUnknown { id: text }
            | Self::DictionaryUnknown { id: text }
            | Self::DlpPolicyUnknown { id: text }
            | Self::BarrierGroupUnknown { id: text, .. }
            | Self::ExportFileUnknown { id: text }
            | Self::SignedUrlInvalid { why: text }
            | Self::ClientUnknown { id: text }
            | Self::GrantTypeUnsupported { given: text }
            | Self::AttachmentUnknown { id: text }
            | Self::Malformed { what: text }
            | Self::MediaTypeUnsupported { what: text }
            | Self::TooLarge { what: text }
            | Self::MethodNotAllowed { allowed: text }
            | Self::Injected { fault: text, .. } => [Some(text), None],
            Self::AppNotInstalled { app: one, username: other }
            | Self::AttachmentTypeNotAllowed { extension: one, why: other }
            | Self::CertificateOfAnother { common_name: one, owner: other } => {
                [Some(one), Some(other)]
            }
            Self::InformationBarrier { groups: [one, other], .. } => [Some(one), Some(other)],
            Self::Connect(refusal) => {
                let ConnectRefusal { message, context, .. } = &mut **refusal;
                [Some(message), context.as_mut().map(|(_, value)| value)]
            }
            Self::JwtRefused(fault) => [fault.text_mut(), None],
            Self::KeyRefused(KeyRefusal::Unreadable(text)) => [Some(text), None],
            _ => [None, None],
        }
    }
}

impl JwtFault {
    fn text_mut(&mut self) -> Option<&mut String> {
        match self {
            Self::Malformed(text)
            | Self::Algorithm(text)
            | Self::SubjectUnknown { subject: text, .. }
            | Self::NoKey { subject: text }
            | Self::Signature { subject: text }
            | Self::Inactive { subject: text } => Some(text),
            Self::Critical(names) => Some(names),
            Self::Expired { .. } | Self::TooFar { .. } | Self::TooEarly { .. } => None,
        }
    }
}

/// Cuts a text to so many bytes, and says so with an ellipsis.
pub fn shorten(text: &mut String, longest: usize) {
    if text.len() > longest {
        text.truncate(text.floor_char_boundary(longest));
        text.push('…');
        text.shrink_to_fit();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_are_cut_between_characters() {
        let mut text = "ä".repeat(600);
        shorten(&mut text, 1_001);
        assert_eq!(text, format!("{}…", "ä".repeat(500)));
        let short = Refusal::RoomNameTaken { name: "A".into() };
        assert_eq!(short.clone().shortened(), short);
        let long = Refusal::CertificateOfAnother {
            common_name: "c".repeat(1 << 20),
            owner: "o".repeat(1 << 20),
        };
        assert!(long.shortened().why().len() < 2_200);
    }
}
