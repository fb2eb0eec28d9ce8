//! Data loss prevention (Symphony's expression filters): dictionaries of what must not be said, and the
//! policies that look for it.
//!
//! Versions 1 and 3 of the API are two views of the same policies.

mod dictionaries;
mod files;
mod limits;
mod matching;
mod policies;
mod screening;
mod text;
mod violations;

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use imbl::Vector;
use serde::{Deserialize, Serialize};

use super::register::{Register, Registered};
use super::{DocumentId, NotAnId, Refusal};

pub use dictionaries::{Dictionary, DictionaryContent, DictionaryKind};
pub use policies::{
    DictionaryRef, DlpAction, DlpDataType, DlpFileType, DlpPolicy, DlpPolicyContent, DlpPolicyPart,
    DlpPolicyRequest, DlpRule, DlpRuleKind, DlpScope, PasswordCriterion,
};

pub use files::{ExtensionFault, ScreenedFile};
pub use screening::{
    DetectedBy, Detection, DlpPart, Finding, FindingKind, PolicyVerdict, Screened, Verdict,
};
pub use violations::{
    MessageSubject, StreamSubject, Violation, ViolationFilter, ViolationKind, ViolationSubject,
    Violations,
};

use matching::Matchers;

/// The role of those who manage dictionaries and policies.
pub(super) const EF_POLICY_MANAGEMENT: &str = "EF_POLICY_MANAGEMENT";

/// All dictionaries and policies, in the order of their creation.
#[derive(Debug, Clone, Default)]
pub struct Dlp {
    dictionaries: Register<Dictionary>,
    policies: Register<DlpPolicy>,
    pub violations: Violations,
    /// None where policies or dictionaries changed since something was looked for.
    matchers: Option<Arc<Matchers>>,
}

/// The version of a dictionary or policy: `major.minor`.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct DlpVersion {
    major: u16,
    minor: u16,
}

/// What is kept of something that changes: its versions, the latest last.
#[derive(Debug, Clone)]
pub(super) struct Versions<T>(Vector<T>);

/// How many versions of a dictionary or a policy can be read.
const KEPT: usize = 100;

impl Dlp {
    pub fn dictionaries(&self) -> impl ExactSizeIterator<Item = &Dictionary> {
        self.dictionaries.iter()
    }

    pub fn policies(&self) -> impl ExactSizeIterator<Item = &DlpPolicy> {
        self.policies.iter()
    }

    pub fn dictionary(&self, id: DocumentId) -> Option<&Dictionary> {
        self.dictionaries.by_id(&id)
    }

    pub fn dictionary_called(&self, name: &str) -> Option<&Dictionary> {
        self.dictionaries.called(name)
    }

    pub fn policy(&self, id: DocumentId) -> Option<&DlpPolicy> {
        self.policies.by_id(&id)
    }

    pub fn policy_called(&self, name: &str) -> Option<&DlpPolicy> {
        self.policies.called(name)
    }

    /// Adds a dictionary, or puts it in the place of the one that has its id.
    pub fn put_dictionary(&mut self, dictionary: Dictionary) {
        self.matchers = None;
        self.dictionaries.put(dictionary);
    }

    /// Changes something, unless the enabled policies look for too much then.
    fn try_change(&mut self, change: impl FnOnce(&mut Self)) -> Result<(), Refusal> {
        let mut changed = self.clone();
        change(&mut changed);
        changed.check_enabled()?;
        *self = changed;
        Ok(())
    }

    /// Adds a policy, or puts it in the place of the one that has its id.
    pub fn put_policy(&mut self, policy: DlpPolicy) {
        self.matchers = None;
        self.policies.put(policy);
    }
}

impl Registered for Dictionary {
    type Id = DocumentId;
    /// That of its latest version.
    type Name = String;

    fn id(&self) -> DocumentId {
        self.id
    }

    fn name(&self) -> String {
        self.latest().name.clone()
    }
}

impl Registered for DlpPolicy {
    type Id = DocumentId;
    /// That of its latest version.
    type Name = String;

    fn id(&self) -> DocumentId {
        self.id
    }

    fn name(&self) -> String {
        self.latest().name.clone()
    }
}

impl DlpVersion {
    pub const fn new(major: u16, minor: u16) -> Self {
        Self { major, minor }
    }

    /// The minor number counts to 999, then the major one does.
    fn next(self) -> Self {
        const LAST: u16 = 999;
        match (self.major, self.minor) {
            (major, minor) if minor < LAST => Self::new(major, minor + 1),
            (major, _) if major < LAST => Self::new(major + 1, 0),
            _ => self,
        }
    }
}

impl fmt::Display for DlpVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

impl FromStr for DlpVersion {
    type Err = NotAnId;

    fn from_str(text: &str) -> Result<Self, NotAnId> {
        let (major, minor) = text.trim().split_once('.').ok_or(NotAnId)?;
        let number = |text: &str| text.parse().map_err(|_| NotAnId);
        Ok(Self::new(number(major)?, number(minor)?))
    }
}

impl TryFrom<String> for DlpVersion {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse().map_err(|_| format!("{text:?} is no version such as 1.0"))
    }
}

impl From<DlpVersion> for String {
    fn from(version: DlpVersion) -> Self {
        version.to_string()
    }
}

impl<T> Versions<T>
where
    T: Clone,
{
    fn new(first: T) -> Self {
        Self(Vector::unit(first))
    }

    /// There is one always.
    fn latest(&self) -> &T {
        &self.0[self.0.len() - 1]
    }

    fn iter(&self) -> impl Iterator<Item = &T> {
        self.0.iter()
    }

    fn push(&mut self, latest: T) {
        self.0.push_back(latest);
        if self.0.len() > KEPT {
            self.0.pop_front();
        }
    }
}

/// The name of a dictionary or policy, as it is kept.
fn checked_name(what: &str, name: &str) -> Result<String, Refusal> {
    const LONGEST: usize = 30;
    let name = name.trim();
    let length = name.chars().count();
    if length == 0 || length > LONGEST {
        let what = format!("The name of a {what} has 1 to {LONGEST} characters, this one {length}");
        return Err(Refusal::Malformed { what });
    }
    Ok(name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_count_to_999() {
        let next = |text: &str| text.parse::<DlpVersion>().unwrap().next().to_string();
        assert_eq!(next("1.0"), "1.1");
        assert_eq!(next("3.999"), "4.0");
        assert_eq!(next("999.999"), "999.999");
        for none in ["", "1", "1.", ".1", "1.x", "1.2.3", "-1.0"] {
            assert_eq!(none.parse::<DlpVersion>(), Err(NotAnId), "{none}");
        }
    }

    #[test]
    fn of_many_versions_the_latest_are_kept() {
        let mut versions = Versions::new(0);
        (1..=KEPT).for_each(|n| versions.push(n));
        assert_eq!((versions.iter().count(), versions.latest()), (KEPT, &KEPT));
        assert_eq!(versions.iter().next(), Some(&1));
    }
}
