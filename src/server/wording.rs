//! What people say.

use crate::domain::{Markup, Submission};

/// What somebody says, and in which form.
///
/// A text is one that he types or pastes into his client, which marks up mentions (`@name`), hashtags,
/// cashtags, emoji, links and tables. MessageML, root and all, is taken for that.
#[derive(Debug, Clone)]
pub struct Wording(pub(super) Submission);

impl Wording {
    /// MessageML, as bots send it.
    pub fn message_ml(message: impl Into<String>) -> Self {
        Self(Submission { message: message.into(), ..Submission::default() })
    }

    /// What is sent exactly so and checked by nobody: clients and agents send more than their rules
    /// allow.
    pub fn presentation_ml(message: impl Into<String>) -> Self {
        let Self(submission) = Self::message_ml(message);
        Self(Submission { markup: Markup::Verbatim, ..submission })
    }

    /// With EntityJSON: the text of an object, and beside PresentationML any text.
    pub fn data(self, data: impl Into<String>) -> Self {
        Self(Submission { data: Some(data.into()), ..self.0 })
    }

    /// Sent although a policy warns of it: what his client asks him.
    pub fn ignoring_warnings(self) -> Self {
        Self(Submission { ignores_warnings: true, ..self.0 })
    }
}

impl From<&str> for Wording {
    fn from(text: &str) -> Self {
        Self(Submission::written(Some(text.to_owned()), None, None).unwrap_or_default())
    }
}

impl From<String> for Wording {
    fn from(text: String) -> Self {
        Self::from(text.as_str())
    }
}

impl From<&String> for Wording {
    fn from(text: &String) -> Self {
        Self::from(text.as_str())
    }
}
