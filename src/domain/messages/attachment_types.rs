//! Which types of files the pod has for messages.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::super::{Refusal, World};

/// Ends of file names with their dot, in lower case, in the order in which they are told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(try_from = "Vec<String>", into = "Vec<String>")]
#[schemars(with = "Vec<String>")]
pub struct AttachmentTypes(Arc<[String]>);

impl AttachmentTypes {
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// Whether a file called so is of one of these types. A name without an end has no type that
    /// could be wrong.
    fn allow(&self, name: &str) -> bool {
        let name = name.to_lowercase();
        extension(&name).is_none() || self.iter().any(|allowed| name.ends_with(allowed))
    }
}

/// Those that samples of `GET /pod/v1/files/allowedTypes` and of its successor,
/// `/pod/file_ext/v1/allowed_extensions`, name.
impl Default for AttachmentTypes {
    fn default() -> Self {
        const KNOWN: [&str; 16] = [
            ".bmp", ".csv", ".doc", ".docx", ".gif", ".jpeg", ".jpg", ".mp4", ".pdf", ".png",
            ".ppt", ".pptx", ".txt", ".xls", ".xlsx", ".zip",
        ];
        Self(KNOWN.map(str::to_owned).into())
    }
}

impl TryFrom<Vec<String>> for AttachmentTypes {
    type Error = String;

    fn try_from(types: Vec<String>) -> Result<Self, String> {
        for kind in &types {
            if !kind.starts_with('.') || kind.len() < 2 || kind.contains(['/', '\\']) {
                return Err(format!(
                    "{kind:?} is no end of a file name, expected one like \".pdf\""
                ));
            }
        }
        Ok(Self(types.iter().map(|kind| kind.to_lowercase()).collect()))
    }
}

impl From<AttachmentTypes> for Vec<String> {
    fn from(types: AttachmentTypes) -> Self {
        types.0.to_vec()
    }
}

impl World {
    /// That a file called so may be sent. Neither status nor text of a real pod's refusal is
    /// published.
    pub(super) fn check_attachment_type(&self, name: &str) -> Result<(), Refusal> {
        let settings = &self.settings;
        if !settings.refuse_other_attachment_types || settings.attachment_types.allow(name) {
            return Ok(());
        }
        let extension = extension(name).unwrap_or_default().to_owned();
        Err(Refusal::AttachmentTypeNotAllowed { extension })
    }
}

/// The end of a file's name, with its dot.
fn extension(name: &str) -> Option<&str> {
    let dot = name.rfind('.').filter(|dot| dot + 1 < name.len())?;
    Some(&name[dot..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_name_counts_and_letter_case_does_not() {
        let types = vec![".PDF".to_owned(), ".tar.gz".to_owned()];
        let types = AttachmentTypes::try_from(types).expect("types");
        for name in ["a.pdf", "a.Pdf", "a.b.PDF", "all.tar.gz", "README", ".pdf", "dot.", ""] {
            assert!(types.allow(name), "{name}");
        }
        for name in ["a.exe", "a.pdf.exe", "a.gz", "apdf.x", "a.pdf ", ".exe", ".profile"] {
            assert!(!types.allow(name), "{name}");
        }
        for wrong in ["pdf", ".", "", "./x"] {
            AttachmentTypes::try_from(vec![wrong.to_owned()]).expect_err(wrong);
        }
    }
}
