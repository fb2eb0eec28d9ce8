//! What rules about files look at.

use std::cell::{Cell, OnceCell};
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

/// A file while rules look at it: what is the same for all of them is found out once.
pub(super) struct Examined<'f> {
    file: &'f ScreenedFile,
    text: OnceCell<String>,
    lowered: OnceCell<String>,
    protected: OnceCell<bool>,
    /// How many bytes may still be looked at for properties, in all files of the message.
    left: &'f Cell<usize>,
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

impl ExtensionFault {
    /// What the file's name ends in.
    pub fn supplied(&self) -> &str {
        match self {
            Self::Blocked(supplied)
            | Self::NotAllowed(supplied)
            | Self::Mismatched { supplied, .. } => supplied,
        }
    }
}

/// How much of a file is searched.
const SEARCHED: usize = 1 << 20;

/// How many bytes of the files of a message are looked at for properties: for each anew. More of them
/// are looked for in less of long files.
pub(super) const OF_PROPERTIES: usize = 100_000_000;

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
    fn text(&self) -> String {
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
                let listed = listed.trim().trim_start_matches('.').chars();
                listed.flat_map(char::to_lowercase).eq(supplied.trim_start_matches('.').chars())
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
}

impl<'f> Examined<'f> {
    pub fn new(file: &'f ScreenedFile, left: &'f Cell<usize>) -> Self {
        let (text, lowered) = (OnceCell::new(), OnceCell::new());
        Self { file, text, lowered, protected: OnceCell::new(), left }
    }

    pub fn text(&self) -> &str {
        self.text.get_or_init(|| self.file.text())
    }

    /// Whether a password protects it, where that fits the criterion.
    pub fn password(&self, criterion: PasswordCriterion) -> Option<bool> {
        let protected = *self.protected.get_or_init(|| self.file.is_protected());
        let wanted = criterion == PasswordCriterion::PasswordProtected;
        (protected == wanted).then_some(protected)
    }

    /// Which of these properties it has: the name, and soon after it the value.
    pub fn classified(&self, classifiers: &BTreeMap<String, String>) -> BTreeMap<String, String> {
        let text = self.lowered.get_or_init(|| self.text().to_lowercase());
        let has = |name: &str, value: &str| has_near(text, name, value, self.left);
        let classifiers = classifiers.iter();
        let had =
            classifiers.filter(|(name, value)| has(&name.to_lowercase(), &value.to_lowercase()));
        had.map(|(name, value)| (name.clone(), value.clone())).collect()
    }
}

impl std::ops::Deref for Examined<'_> {
    type Target = ScreenedFile;

    fn deref(&self) -> &ScreenedFile {
        self.file
    }
}

/// Whether a text has a name and soon after it a value, as far as so many bytes of it are `left` to look
/// at. It is gone through once, whatever it is.
fn has_near(text: &str, name: &str, value: &str, left: &Cell<usize>) -> bool {
    const NEAR: usize = 200;
    /// What it takes to look at a place, in bytes that are merely passed.
    const PLACE: usize = 100;
    let text = &text.as_bytes()[..text.len().min(left.get())];
    left.set(left.get() - text.len());
    let values = memchr::memmem::Finder::new(value);
    let mut next = None;
    for at in memchr::memmem::find_iter(text, name) {
        let Some(still) = left.get().checked_sub(PLACE) else { return false };
        left.set(still);
        let end = at + name.len();
        if next.is_none_or(|next| next < end) {
            let Some(found) = values.find(&text[end..]) else { return false };
            next = Some(end + found);
        }
        if next.is_some_and(|next| next + value.len() <= end + NEAR) {
            return true;
        }
    }
    false
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
        let left = Cell::new(OF_PROPERTIES);
        let has = |bytes| {
            let file = file("a.pdf", bytes);
            !Examined::new(&file, &left).classified(&classifiers).is_empty()
        };
        assert!(has(b"<< /Class (SECRET) >>"));
        assert!(has(b"class <property name=\"Class\"><vt:lpwstr>Secret</vt:lpwstr></property>"));
        assert!(!has(b"<< /Class (Public) >>"));
        assert!(!has(b"Secret Class"));
        assert!(has(b"Secret Class Class Secret"));

        // The value is looked for behind each name, wherever else it begins.
        let has_near = |text: &str, name, value| has_near(text, name, value, &left);
        assert!(has_near("xaaa", "xa", "aa") && !has_near("xaaa", "xaa", "aa"));
        let far = "y".repeat(200);
        assert!(!has_near(&format!("x{far}z"), "x", "z"));
        assert!(has_near(&format!("x{far}x{}z", &far[1..]), "x", "z"));
    }

    #[test]
    fn places_that_are_looked_at_for_properties_are_bounded() {
        let (left, text) = (Cell::new(1_000), "x".repeat(500));
        assert!(!has_near(&text, "x", "z", &left));
        assert_eq!(left.get(), 400);
        assert!(!has_near(&format!("{text}z"), "x", "x", &left));
        assert_eq!(left.get(), 0);
        let far = format!("{} x z", "y".repeat(2_000));
        assert!(!has_near(&far, "x", "z", &Cell::new(1_000)));
        assert!(has_near(&far, "x", "z", &Cell::new(4_000)));
    }
}
