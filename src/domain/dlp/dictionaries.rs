//! Dictionaries: lists of words or expressions.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::super::audit::Action;
use super::super::expression::compiled;
use super::super::{DocumentId, Refusal, Timestamp, UserId, World};
use super::{Dlp, DlpVersion, EF_POLICY_MANAGEMENT, Versions, checked_name};

/// What a dictionary lists.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema,
)]
pub enum DictionaryKind {
    /// Words and phrases, which are found whole and in any letter case.
    #[default]
    Word,
    /// Regular expressions.
    Regex,
}

/// A list of words or expressions.
#[derive(Debug, Clone)]
pub struct Dictionary {
    pub id: DocumentId,
    pub kind: DictionaryKind,
    /// None where a seed does not say.
    pub creator: Option<UserId>,
    pub created: Timestamp,
    versions: Versions<Arc<DictionaryContent>>,
}

/// A version of a dictionary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DictionaryContent {
    pub version: DlpVersion,
    pub name: String,
    pub terms: Terms,
    pub updated: Timestamp,
}

/// What a dictionary lists: in the order of the upload, each once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Terms {
    list: Arc<[Box<str>]>,
    weight: usize,
}

impl Dictionary {
    /// How long an upload may be, in bytes. Real pods' limit is not published.
    pub const LONGEST: usize = 1 << 20;

    /// How long a word or phrase may be, in characters.
    pub const LONGEST_WORD: usize = 256;

    /// How many expressions a dictionary may have: each is looked for by itself.
    pub const MOST_EXPRESSIONS: usize = 1_000;

    /// What its expressions are compiled to at most together, in bytes.
    pub(super) const LARGEST_EXPRESSIONS: usize = 1 << 20;

    /// The version that a new one has.
    pub const FIRST: DlpVersion = DlpVersion::new(1, 0);

    pub fn new(
        id: DocumentId,
        kind: DictionaryKind,
        creator: Option<UserId>,
        created: Timestamp,
        content: DictionaryContent,
    ) -> Self {
        Self { id, kind, creator, created, versions: Versions::new(Arc::new(content)) }
    }

    pub fn latest(&self) -> &Arc<DictionaryContent> {
        self.versions.latest()
    }

    /// The version called so, or the latest where none is called.
    pub fn version(&self, version: Option<&str>) -> Result<&Arc<DictionaryContent>, Refusal> {
        let Some(version) = version else { return Ok(self.latest()) };
        let mut kept = self.versions.iter();
        let wanted = version.parse().ok();
        kept.find(|content| Some(content.version) == wanted).ok_or_else(|| Refusal::Malformed {
            what: format!("The dictionary has no version {version:?}"),
        })
    }

    /// Adds a version after the latest.
    pub fn change(&mut self, now: Timestamp, change: impl FnOnce(&mut DictionaryContent)) {
        let mut content = DictionaryContent::clone(self.latest());
        content.version = content.version.next();
        content.updated = now;
        change(&mut content);
        self.versions.push(Arc::new(content));
    }
}

impl Terms {
    /// The bytes of words, or of what expressions are compiled to.
    pub(super) fn weight(&self) -> usize {
        self.weight
    }
}

impl std::ops::Deref for Terms {
    type Target = [Box<str>];

    fn deref(&self) -> &Self::Target {
        &self.list
    }
}

impl DictionaryKind {
    /// Reads an upload: a term a line. Blank lines, blanks around terms and repeated terms do not
    /// count.
    pub fn read(self, upload: &[u8]) -> Result<Terms, Refusal> {
        let refused = |what: String| Err(Refusal::Malformed { what });
        if upload.len() > Dictionary::LONGEST {
            let (length, most) = (upload.len(), Dictionary::LONGEST);
            return refused(format!("The content has {length} bytes, expected {most} at most"));
        }
        let Ok(text) = std::str::from_utf8(upload) else {
            return refused("The content is not UTF-8".into());
        };
        self.check(text.trim_start_matches('\u{feff}').lines())
    }

    /// The terms, where they are what this kind lists.
    pub fn check<'t>(self, terms: impl Iterator<Item = &'t str>) -> Result<Terms, Refusal> {
        let mut known = std::collections::HashSet::new();
        let terms = terms.map(str::trim).filter(|term| !term.is_empty());
        let terms: Vec<_> = terms.filter(|term| known.insert(*term)).collect();
        let weight = match self {
            Self::Word => check_words(&terms),
            Self::Regex => check_expressions(&terms),
        };
        let weight = weight.map_err(|what| Refusal::Malformed { what })?;
        Ok(Terms { list: terms.into_iter().map(Box::from).collect(), weight })
    }
}

/// The bytes that they have.
fn check_words(words: &[&str]) -> Result<usize, String> {
    const MOST: usize = Dictionary::LONGEST_WORD;
    for (n, word) in words.iter().enumerate() {
        let length = word.chars().count();
        if length > MOST {
            let n = n + 1;
            return Err(format!("The term {n} has {length} characters, expected {MOST} at most"));
        }
    }
    Ok(words.iter().map(|word| word.len()).sum())
}

/// The bytes that they are compiled to.
fn check_expressions(expressions: &[&str]) -> Result<usize, String> {
    if expressions.len() > Dictionary::MOST_EXPRESSIONS {
        let (count, most) = (expressions.len(), Dictionary::MOST_EXPRESSIONS);
        return Err(format!("There are {count} expressions, expected {most} at most"));
    }
    let mut size = 0;
    for (n, term) in expressions.iter().enumerate() {
        let n = n + 1;
        let compiled = expression(term);
        size += compiled.map_err(|no| format!("The expression {n}, {term:?}, is none: {no}"))?.size;
        if size > Dictionary::LARGEST_EXPRESSIONS {
            return Err(format!("The first {n} expressions are too large together"));
        }
    }
    Ok(size)
}

/// A regular expression that takes time in proportion to the text and to its own size, whatever it
/// is: without look-around and back-references, which a real pod's Java has. Classes such as `\w`
/// and letter case are those of ASCII, as they are in Java unless flags say otherwise.
#[derive(Debug)]
pub(super) struct TermExpression {
    pub regex: regex_lite::Regex,
    /// What it is compiled to, in bytes, up to twice that.
    pub size: usize,
}

pub(super) fn expression(term: &str) -> Result<TermExpression, regex_lite::Error> {
    let (regex, size) = compiled(term, 64 << 10)?;
    Ok(TermExpression { regex, size })
}

impl Dlp {
    /// Changes what a dictionary lists or is called, and what policies say of it.
    fn change_dictionary(
        &mut self,
        id: DocumentId,
        now: Timestamp,
        change: impl FnOnce(&mut DictionaryContent),
    ) {
        if let Some(mut dictionary) = self.dictionary(id).cloned() {
            dictionary.change(now, change);
            self.put_dictionary(dictionary);
            self.follow_dictionary(id, now);
        }
    }
}

impl World {
    /// A dictionary, for somebody who manages them.
    pub fn dictionary(&self, id: &str) -> Result<&Dictionary, Refusal> {
        let known = id.trim().parse().ok().and_then(|id| self.dlp.dictionary(id));
        known.ok_or_else(|| Refusal::DictionaryUnknown { id: id.to_owned() })
    }

    /// Makes an empty dictionary.
    pub fn create_dictionary(
        &mut self,
        by: UserId,
        name: &str,
        kind: DictionaryKind,
        now: Timestamp,
    ) -> Result<&Dictionary, Refusal> {
        let name = self.checked_dictionary_name(name, None)?;
        let id = DocumentId::new(now, &mut self.rng);
        let content = DictionaryContent {
            version: Dictionary::FIRST,
            name,
            terms: Terms::default(),
            updated: now,
        };
        self.dlp.put_dictionary(Dictionary::new(id, kind, Some(by), now, content));
        self.record_dictionary(by, Action::EfDictionaryCreated, id, now);
        self.dlp.dictionary(id).ok_or(Refusal::Bug)
    }

    /// Gives a dictionary another name.
    pub fn rename_dictionary(
        &mut self,
        by: UserId,
        id: &str,
        name: &str,
        now: Timestamp,
    ) -> Result<&Dictionary, Refusal> {
        let id = self.dictionary(id)?.id;
        let name = self.checked_dictionary_name(name, Some(id))?;
        self.dlp.change_dictionary(id, now, |content| content.name = name);
        self.record_dictionary(by, Action::EfDictionaryUpdated, id, now);
        self.dlp.dictionary(id).ok_or(Refusal::Bug)
    }

    /// Puts other terms in the place of a dictionary's.
    pub fn fill_dictionary(
        &mut self,
        by: UserId,
        id: &str,
        upload: &[u8],
        now: Timestamp,
    ) -> Result<&Dictionary, Refusal> {
        let dictionary = self.dictionary(id)?;
        let (id, terms) = (dictionary.id, dictionary.kind.read(upload)?);
        self.dlp.try_change(|dlp| {
            dlp.change_dictionary(id, now, |content| content.terms = terms);
        })?;
        self.record_dictionary(by, Action::EfDictionaryUploaded, id, now);
        self.dlp.dictionary(id).ok_or(Refusal::Bug)
    }

    /// Takes a dictionary away, also from the policies that look for its terms; one that has nothing
    /// to look for then is disabled.
    pub fn delete_dictionary(
        &mut self,
        by: UserId,
        id: &str,
        now: Timestamp,
    ) -> Result<Dictionary, Refusal> {
        let dictionary = self.dictionary(id)?.clone();
        let id = dictionary.id;
        self.record_dictionary(by, Action::EfDictionaryDeleted, id, now);
        self.dlp.dictionaries.remove(&id);
        self.dlp.follow_dictionary(id, now);
        Ok(dictionary)
    }

    /// Puts other terms in the place of a dictionary's, for a document that says so.
    pub fn set_terms(&mut self, id: DocumentId, terms: Terms, now: Timestamp) {
        self.dlp.change_dictionary(id, now, |content| content.terms = terms);
    }

    pub fn checked_dictionary_name(
        &self,
        name: &str,
        of: Option<DocumentId>,
    ) -> Result<String, Refusal> {
        let name = checked_name("dictionary", name)?;
        let taken = self.dlp.dictionary_called(&name).is_some_and(|other| Some(other.id) != of);
        match taken {
            true => Err(Refusal::Malformed { what: format!("There is a dictionary {name:?}") }),
            false => Ok(name),
        }
    }

    fn record_dictionary(&mut self, by: UserId, action: Action, id: DocumentId, now: Timestamp) {
        let name = self.dlp.dictionary(id).map(|it| it.latest().name.clone()).unwrap_or_default();
        let deed = action.deed().by(EF_POLICY_MANAGEMENT).with("dictionaryName", name);
        self.record_deed(by, deed, now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_upload_has_a_term_a_line() {
        let read = |text: &str| DictionaryKind::Word.read(text.as_bytes()).unwrap().join("|");
        assert_eq!(read("\u{feff}one\r\n  two words \n\none\nC++"), "one|two words|C++");
        assert_eq!(read(""), "");
        assert_eq!(read(&"é".repeat(256)).chars().count(), 256);
        assert!(DictionaryKind::Word.read("é".repeat(257).as_bytes()).is_err());
        assert!(DictionaryKind::Word.read(&[0xff]).is_err());
        assert!(DictionaryKind::Word.read(&vec![b'a'; Dictionary::LONGEST + 1]).is_err());
    }

    #[test]
    fn expressions_are_bounded() {
        let read = |text: &str| DictionaryKind::Regex.read(text.as_bytes());
        assert!(read("[0-9]{4}(-[0-9]{4}){3}\n(?i)secret\\b").is_ok());
        for bad in ["(", "(?=a)a", "a{1000}{1000}", r"(a)\1"] {
            let refused = read(bad).unwrap_err();
            assert!(matches!(refused, Refusal::Malformed { .. }), "{bad}");
        }
        let large: String = (0..200).map(|n| format!("[a-z]{{300}}{n}\n")).collect();
        assert!(read(&large).is_err());
        let many: String = (0..=Dictionary::MOST_EXPRESSIONS).map(|n| format!("{n}\n")).collect();
        assert!(read(&many).is_err());
        assert!(DictionaryKind::Word.read(many.as_bytes()).is_ok());
    }
}
