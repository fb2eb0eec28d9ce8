//! What rules about files look at.

use std::collections::BTreeMap;

use bytes::Bytes;

use super::{DlpFileType, PasswordCriterion};

/// A file that comes with a message.
#[derive(Debug, Clone)]
pub struct ScreenedFile {
    pub name: String,
    pub content_type: String,
    pub bytes: Bytes,
}

/// Why a file's name is not allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExtensionFault {
    /// The list of those that are refused has it.
    Blocked(String),
    /// The list of those that are allowed does not have it.
    NotAllowed(String),
    /// The content is of another type than the name says: its extension and media type.
    Mismatched { supplied: String, expected: [&'static str; 2] },
}

/// How much of a file is searched.
const SEARCHED: usize = 1 << 20;

impl ScreenedFile {
    /// By the end of its name.
    fn kind(&self) -> Option<DlpFileType> {
        Some(match &*self.extension() {
            ".pdf" => DlpFileType::Pdf,
            ".doc" | ".docm" | ".docx" | ".dot" | ".dotx" | ".rtf" => DlpFileType::Word,
            ".xls" | ".xlsb" | ".xlsm" | ".xlsx" => DlpFileType::Excel,
            ".ppt" | ".pptm" | ".pptx" => DlpFileType::PowerPoint,
            ".zip" => DlpFileType::Zip,
            ".csv" => DlpFileType::Csv,
            ".txt" => DlpFileType::Txt,
            _ => return None,
        })
    }

    /// Whether a rule for files of these types is about it; without types a rule is about all.
    pub fn is_one_of(&self, types: &[DlpFileType]) -> bool {
        types.is_empty() || self.kind().is_some_and(|kind| types.contains(&kind))
    }

    /// What can be read in the beginning of it as it is: what is compressed, as most of what office
    /// programs write, is not unpacked.
    pub fn text(&self) -> String {
        let beginning = &self.bytes[..self.bytes.len().min(SEARCHED)];
        String::from_utf8_lossy(beginning).into_owned()
    }

    /// `.txt` for `Notes.TXT`; empty where there is none.
    fn extension(&self) -> String {
        let dot = self.name.rfind('.');
        dot.map(|dot| self.name[dot..].to_lowercase()).unwrap_or_default()
    }

    pub fn megabytes(&self) -> f32 {
        const MEGABYTE: f32 = (1 << 20) as f32;
        self.bytes.len() as f32 / MEGABYTE
    }

    pub fn extension_fault(
        &self,
        allowed: &[String],
        blocked: &[String],
    ) -> Option<ExtensionFault> {
        let supplied = self.extension();
        let has = |list: &[String]| {
            let same = |listed: &String| {
                let listed = listed.trim().trim_start_matches('.').to_lowercase();
                listed == supplied.trim_start_matches('.')
            };
            list.iter().any(same)
        };
        if has(blocked) {
            return Some(ExtensionFault::Blocked(supplied));
        }
        if !allowed.is_empty() && !has(allowed) {
            return Some(ExtensionFault::NotAllowed(supplied));
        }
        let known = SIGNATURES.iter().find(|(signature, ..)| self.bytes.starts_with(signature));
        known.filter(|(_, names, _)| !names.contains(&&*supplied)).map(|(_, names, media)| {
            ExtensionFault::Mismatched { supplied, expected: [names[0], media] }
        })
    }

    /// Whether a password protects it, where that fits the criterion.
    pub fn password(&self, criterion: PasswordCriterion) -> Option<bool> {
        let protected = self.is_protected();
        let wanted = criterion == PasswordCriterion::PasswordProtected;
        (protected == wanted).then_some(protected)
    }

    fn is_protected(&self) -> bool {
        const ZIP: &[u8] = b"PK\x03\x04";
        const COMPOUND: &[u8] = b"\xd0\xcf\x11\xe0";
        let bytes = &self.bytes;
        let has = |part: &[u8]| memchr::memmem::find(bytes, part).is_some();
        if bytes.starts_with(b"%PDF-") {
            return has(b"/Encrypt");
        }
        if bytes.starts_with(ZIP) {
            // Bit 0 of the flags of the first entry (APPNOTE.TXT of PKWARE, 4.4.4).
            return bytes.get(6).is_some_and(|flags| flags & 1 == 1);
        }
        // Office documents with a password are compound files with this stream (MS-OFFCRYPTO, 2.3.4).
        let name: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
        bytes.starts_with(COMPOUND) && has(&name)
    }

    /// Which of these properties it has: the name, and soon after it the value.
    pub fn classified(&self, classifiers: &BTreeMap<String, String>) -> BTreeMap<String, String> {
        const NEAR: usize = 200;
        let text = self.text().to_lowercase();
        let has = |name: &str, value: &str| {
            let mut rest = text.as_str();
            while let Some(at) = rest.find(name) {
                rest = &rest[at + name.len()..];
                let near = &rest[..rest.floor_char_boundary(NEAR)];
                if near.contains(value) {
                    return true;
                }
            }
            false
        };
        let classifiers = classifiers.iter();
        let had =
            classifiers.filter(|(name, value)| has(&name.to_lowercase(), &value.to_lowercase()));
        had.map(|(name, value)| (name.clone(), value.clone())).collect()
    }
}

/// How files begin, what their names end in, and their media type.
const SIGNATURES: [(&[u8], &[&str], &str); 4] = [
    (b"%PDF-", &[".pdf"], "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", &[".png"], "image/png"),
    (b"\xff\xd8\xff", &[".jpg", ".jpeg"], "image/jpeg"),
    (b"GIF8", &[".gif"], "image/gif"),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, bytes: &'static [u8]) -> ScreenedFile {
        let content_type = "application/octet-stream".into();
        ScreenedFile { name: name.into(), content_type, bytes: Bytes::from_static(bytes) }
    }

    #[test]
    fn the_end_of_a_name_is_held_against_lists_and_content() {
        let fault = |name, bytes, allowed: &[&str], blocked: &[&str]| {
            let list = |list: &[&str]| list.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>();
            file(name, bytes).extension_fault(&list(allowed), &list(blocked))
        };
        let exe = Some(ExtensionFault::Blocked(".exe".into()));
        assert_eq!(fault("a.EXE", b"", &[], &["exe"]), exe);
        assert_eq!(fault("a.exe", b"", &[".exe"], &[".exe"]), exe);
        let yaml = Some(ExtensionFault::NotAllowed(".yaml".into()));
        assert_eq!(fault("a.yaml", b"", &[".pdf"], &[]), yaml);
        assert_eq!(fault("a.pdf", b"%PDF-1.7", &[".pdf"], &[]), None);
        let expected = [".pdf", "application/pdf"];
        let mismatched = ExtensionFault::Mismatched { supplied: ".doc".into(), expected };
        assert_eq!(fault("a.doc", b"%PDF-1.7", &[], &[]), Some(mismatched));
        assert_eq!(fault("none", b"", &[], &["exe"]), None);
    }

    #[test]
    fn passwords_are_seen() {
        let protected = |name, bytes| file(name, bytes).is_protected();
        assert!(protected("a.pdf", b"%PDF-1.7 trailer << /Encrypt 5 0 R >>"));
        assert!(!protected("a.pdf", b"%PDF-1.7 trailer << >>"));
        assert!(protected("a.zip", b"PK\x03\x04\x14\x00\x01\x00"));
        assert!(!protected("a.zip", b"PK\x03\x04\x14\x00\x00\x00"));
        assert!(protected(
            "a.docx",
            b"\xd0\xcf\x11\xe0..E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e\0"
        ));
        assert!(!protected("a.txt", b"/Encrypt"));
    }

    #[test]
    fn properties_are_found_with_their_values() {
        let classifiers = BTreeMap::from([("Class".into(), "Secret".into())]);
        let has = |bytes| !file("a.pdf", bytes).classified(&classifiers).is_empty();
        assert!(has(b"<< /Class (SECRET) >>"));
        assert!(has(b"class <property name=\"Class\"><vt:lpwstr>Secret</vt:lpwstr></property>"));
        assert!(!has(b"<< /Class (Public) >>"));
        assert!(!has(b"Secret Class"));
    }
}
