//! Which types of files the pod has for messages, and what administrators make of them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde::{Deserialize, Serialize};

use super::super::audit::Action;
use super::super::{Refusal, Stream, StreamId, Timestamp, UserId, World};

/// The end of a file's name with its dot, in lower case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct FileExtension(Arc<str>);

/// A type of files, and where files of it may be sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(into = "Written")]
#[schemars(with = "Written")]
pub struct AttachmentType {
    pub extension: FileExtension,
    /// Where only the pod's own users are.
    pub internal: bool,
    /// Where users of other pods are.
    pub external: bool,
    /// From users of other pods; they may where nothing is said.
    pub cross_pod: Option<bool>,
    pub source: TypeSource,
}

/// Whose type it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum TypeSource {
    /// Symphony knows files of the type.
    System,
    /// The pod's administrators made it.
    Customer,
}

/// The types in the order in which they are told, each once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "Vec<AttachmentType>", into = "Vec<AttachmentType>")]
#[schemars(with = "Vec<AttachmentType>")]
pub struct AttachmentTypes {
    types: Arc<[AttachmentType]>,
    /// Where among them that of an extension is.
    places: Arc<BTreeMap<Arc<str>, usize>>,
}

/// A type of files: its extension alone, `.pdf` for one, or all that there is to say.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(untagged)]
enum Written {
    Extension(FileExtension),
    Detailed(Detailed),
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Detailed {
    /// The end of a file's name, with its dot.
    extension: FileExtension,
    /// Whether it may be sent where only the pod's own users are.
    #[serde(default = "yes")]
    internal: bool,
    /// Whether it may be sent where users of other pods are.
    #[serde(default = "yes")]
    external: bool,
    /// Whether users of other pods may send it here. By default they may, and the API says nothing of
    /// it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cross_pod: Option<bool>,
    /// By default `SYSTEM` for the types that Symphony knows, `CUSTOMER` for others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    source: Option<TypeSource>,
}

/// Those that samples of `GET /pod/v1/files/allowedTypes` and of its successor,
/// `/pod/file_ext/v1/allowed_extensions`, name.
const KNOWN: [&str; 16] = [
    ".bmp", ".csv", ".doc", ".docx", ".gif", ".jpeg", ".jpg", ".mp4", ".pdf", ".png", ".ppt",
    ".pptx", ".txt", ".xls", ".xlsx", ".zip",
];

impl FileExtension {
    /// In characters, its dot included.
    const LONGEST: usize = 64;

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether Symphony knows files of the type.
    pub fn is_known(&self) -> bool {
        KNOWN.contains(&self.as_str())
    }

    fn ends(&self, name: &str) -> bool {
        name.ends_with(self.as_str())
    }
}

impl fmt::Display for FileExtension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for FileExtension {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if !text.starts_with('.') || text.len() < 2 || text.contains(['/', '\\']) {
            return Err(format!("{text:?} is no end of a file name, expected one like \".pdf\""));
        }
        let length = text.chars().count();
        if length > Self::LONGEST {
            return Err(format!(
                "{text:?} has {length} characters, an end of a file name has {} at most",
                Self::LONGEST
            ));
        }
        Ok(Self(text.to_lowercase().into()))
    }
}

impl From<FileExtension> for String {
    fn from(extension: FileExtension) -> Self {
        extension.as_str().to_owned()
    }
}

impl AttachmentType {
    /// A type that may be sent everywhere.
    pub fn allowed(extension: FileExtension) -> Self {
        let source = match extension.is_known() {
            true => TypeSource::System,
            false => TypeSource::Customer,
        };
        Self { extension, internal: true, external: true, cross_pod: None, source }
    }
}

impl AttachmentTypes {
    fn indexed(types: Vec<AttachmentType>) -> Self {
        let places = types.iter().enumerate().map(|(n, it)| (Arc::clone(&it.extension.0), n));
        Self { places: Arc::new(places.collect()), types: types.into() }
    }

    pub fn iter(&self) -> impl Iterator<Item = &AttachmentType> {
        self.types.iter()
    }

    fn get(&self, extension: &str) -> Option<&AttachmentType> {
        self.types.get(*self.places.get(extension)?)
    }

    /// Puts a type in the place of the one with its extension, or at the end.
    fn put(&mut self, new: AttachmentType) {
        let mut types = self.types.to_vec();
        match self.places.get(new.extension.as_str()) {
            Some(place) => types[*place] = new,
            None => types.push(new),
        }
        *self = Self::indexed(types);
    }

    /// Gives whether it was there.
    fn remove(&mut self, extension: &FileExtension) -> bool {
        let is_there = self.get(extension.as_str()).is_some();
        if is_there {
            let others = self.iter().filter(|known| known.extension != *extension);
            *self = Self::indexed(others.cloned().collect());
        }
        is_there
    }

    /// The type of a file called so, which is the longest end of its name.
    fn of(&self, name: &str) -> Option<&AttachmentType> {
        // In lower case a character may be two.
        let dots = name.char_indices().rev().take(2 * FileExtension::LONGEST);
        let dots = dots.filter(|(_, c)| *c == '.').filter_map(|(dot, _)| self.get(&name[dot..]));
        dots.last()
    }
}

impl Default for AttachmentTypes {
    fn default() -> Self {
        let extensions = KNOWN.map(|known| FileExtension(known.into()));
        Self::indexed(extensions.map(AttachmentType::allowed).into())
    }
}

impl TryFrom<Vec<AttachmentType>> for AttachmentTypes {
    type Error = String;

    fn try_from(types: Vec<AttachmentType>) -> Result<Self, String> {
        let mut extensions = BTreeSet::new();
        match types.iter().find(|it| !extensions.insert(it.extension.as_str())) {
            Some(twice) => Err(format!("{:?} is there twice", twice.extension.as_str())),
            None => Ok(Self::indexed(types)),
        }
    }
}

impl From<AttachmentTypes> for Vec<AttachmentType> {
    fn from(types: AttachmentTypes) -> Self {
        types.types.to_vec()
    }
}

impl From<AttachmentType> for Written {
    fn from(kind: AttachmentType) -> Self {
        let plain = AttachmentType::allowed(kind.extension.clone());
        if kind == plain {
            return Self::Extension(kind.extension);
        }
        Self::Detailed(Detailed {
            internal: kind.internal,
            external: kind.external,
            cross_pod: kind.cross_pod,
            source: (kind.source != plain.source).then_some(kind.source),
            extension: kind.extension,
        })
    }
}

impl<'de> Deserialize<'de> for AttachmentType {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = AttachmentType;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(
                    "an end of a file name, or an object with `extension`, `internal`, `external`, \
                     `crossPod` and `source`",
                )
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<AttachmentType, E> {
                let extension = FileExtension::try_from(text.to_owned());
                extension.map(AttachmentType::allowed).map_err(E::custom)
            }

            fn visit_map<A: MapAccess<'de>>(self, fields: A) -> Result<AttachmentType, A::Error> {
                let detailed = Detailed::deserialize(MapAccessDeserializer::new(fields))?;
                let plain = AttachmentType::allowed(detailed.extension);
                Ok(AttachmentType {
                    internal: detailed.internal,
                    external: detailed.external,
                    cross_pod: detailed.cross_pod,
                    source: detailed.source.unwrap_or(plain.source),
                    ..plain
                })
            }
        }
        deserializer.deserialize_any(Reader)
    }
}

impl World {
    /// That somebody may send a file called so to a stream. Neither status nor text of a real pod's
    /// refusal is published.
    pub(super) fn check_attachment_type(
        &self,
        author: UserId,
        stream: StreamId,
        name: &str,
    ) -> Result<(), Refusal> {
        let settings = &self.settings;
        let lower = name.to_lowercase();
        let listed = settings.attachment_types.of(&lower);
        let refused = settings.refused_attachment_types.iter().filter(|it| it.ends(&lower));
        let refused = refused.max_by_key(|it| it.as_str().len()).filter(|refused| {
            listed.is_none_or(|it| it.extension.as_str().len() < refused.as_str().len())
        });
        let why = match (listed, refused) {
            (_, Some(refused)) => format!("settings.refusedAttachmentTypes has {refused}"),
            (Some(listed), None) => {
                let external = self.streams.by_id(stream).is_some_and(Stream::is_external);
                let (allowed, field, wire) = match external {
                    _ if author.pod() != self.identity.id => {
                        (listed.cross_pod != Some(false), "crossPod", "scope_xpod")
                    }
                    true => (listed.external, "external", "scope_external"),
                    false => (listed.internal, "internal", "scope_internal"),
                };
                if allowed {
                    return Ok(());
                }
                let extension = &listed.extension;
                format!("{field} ({wire}) is false of {extension} in settings.attachmentTypes")
            }
            // A name without an end has no type that could be wrong.
            (None, None) => match extension(name) {
                Some(extension) if settings.refuse_other_attachment_types => format!(
                    "settings.refuseOtherAttachmentTypes is on and settings.attachmentTypes has no \
                     {extension:?}"
                ),
                _ => return Ok(()),
            },
        };
        let extension = extension(name).unwrap_or_default().to_owned();
        Err(Refusal::AttachmentTypeNotAllowed { extension, why })
    }

    /// Says of a type of files where it may be sent, for somebody who manages filters.
    pub fn allow_attachment_type(
        &mut self,
        by: UserId,
        kind: AttachmentType,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        self.check_role(by, POLICY_MANAGER)?;
        let extension = kind.extension.clone();
        if kind.source == TypeSource::System && !extension.is_known() {
            let what = format!("source: {extension} is not known to the system, expected CUSTOMER");
            return Err(Refusal::Malformed { what });
        }
        let known = self.settings.attachment_types.get(extension.as_str());
        let action = match known {
            Some(known) if *known == kind => return Ok(()),
            Some(_) => Action::FileExtensionUpdated,
            None => Action::FileExtensionAdded,
        };
        self.settings.attachment_types.put(kind);
        self.settings.refused_attachment_types.retain(|refused| *refused != extension);
        let deed = action.deed().by(POLICY_MANAGER).with("fileExtension", extension);
        self.record_deed(by, deed, now);
        Ok(())
    }

    /// Takes a type of files off the list: from now on it is refused, whatever becomes of types that
    /// never were on it.
    pub fn refuse_attachment_type(
        &mut self,
        by: UserId,
        extension: FileExtension,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        self.check_role(by, POLICY_MANAGER)?;
        let listed = self.settings.attachment_types.remove(&extension);
        let refused = &mut self.settings.refused_attachment_types;
        let is_new = !refused.contains(&extension);
        if is_new {
            refused.push(extension.clone());
        }
        if listed || is_new {
            let deed = Action::FileExtensionRemoved.deed().by(POLICY_MANAGER);
            self.record_deed(by, deed.with("fileExtension", extension), now);
        }
        Ok(())
    }
}

/// Who manages filters of content, of which the types of files are a part.
const POLICY_MANAGER: &str = "EF_POLICY_MANAGEMENT";

fn yes() -> bool {
    true
}

/// The end of a file's name, with its dot.
fn extension(name: &str) -> Option<&str> {
    let dot = name.rfind('.').filter(|dot| dot + 1 < name.len())?;
    Some(&name[dot..])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::sample::{AT, Sample};

    #[test]
    fn the_end_of_a_name_counts_and_letter_case_does_not() {
        let Sample { mut world, bot, alice, .. } = Sample::new();
        let im = world.converse(bot, &[alice], AT).expect("an IM");
        let extension = |text: &str| FileExtension::try_from(text.to_owned());
        let types = [".PDF", ".tar.gz"].map(|it| AttachmentType::allowed(extension(it).unwrap()));
        world.settings.attachment_types = types.to_vec().try_into().expect("types");
        world.settings.refuse_other_attachment_types = true;
        for name in ["a.pdf", "a.Pdf", "a.b.PDF", "all.tar.gz", "README", ".pdf", "dot.", ""] {
            world.check_attachment_type(bot, im, name).expect(name);
        }
        for name in ["a.exe", "a.pdf.exe", "a.gz", "apdf.x", "a.pdf ", ".exe", ".profile"] {
            world.check_attachment_type(bot, im, name).expect_err(name);
        }
        let types = &mut world.settings.attachment_types;
        types.put(AttachmentType::allowed(extension(".gz").unwrap()));
        assert!(types.remove(&extension(".PDF").unwrap()));
        assert!(!types.remove(&extension(".pdf").unwrap()));
        let found = ["a.tar.gz", "a.gz", "a.pdf"]
            .map(|name| types.of(name).map(|it| it.extension.as_str()));
        assert_eq!(found, [Some(".tar.gz"), Some(".gz"), None]);
        assert!(types.remove(&extension(".gz").unwrap()));
        world.settings.refuse_other_attachment_types = false;
        world.settings.refused_attachment_types = vec![extension(".GZ").unwrap()];
        world.check_attachment_type(bot, im, "all.tar.gz").expect("the longest end counts");
        world.check_attachment_type(bot, im, "all.gz").expect_err("refused");
        world.check_attachment_type(bot, im, "all.exe").expect("another");
        let long = format!(".{}", "x".repeat(64));
        for wrong in ["pdf", ".", "", "./x", &long] {
            extension(wrong).expect_err(wrong);
        }
        extension(&long[..64]).expect("the longest");
    }
}
