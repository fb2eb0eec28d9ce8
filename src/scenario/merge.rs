//! Several documents as one: what later ones say is added, or replaces what earlier ones said of the
//! same thing, field by field.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::build::{Mistakes, room_key};
use super::document::Scenario;
use super::{ScenarioError, misread};
use crate::decode::{self, Partial, Skips, Step};
use crate::domain::IDENTIFYING;

/// A document together with which of its fields are set: the others are not defaults, they are
/// somebody else's.
#[derive(Debug)]
pub struct Document {
    pub scenario: Scenario,
    /// What is set, and nothing else. What is set to its default may be null.
    pub set: Value,
    /// What could not be read.
    skips: Skips,
}

/// All lists of a document. Entries of most have names, by which later ones change earlier ones.
const LISTS: [&str; 18] = [
    "foreignPods",
    "users",
    "groups",
    "apps",
    "rooms",
    "conversations",
    "connections",
    "follows",
    "disclaimers",
    "informationBarrierGroups",
    "informationBarrierPolicies",
    "contentExports",
    "signals",
    "dlpDictionaries",
    "dlpPolicies",
    "instruments",
    "messages",
    "auditTrail",
];

impl Document {
    pub fn parse(text: &str) -> Result<Self, ScenarioError> {
        match Self::partial(text) {
            (Some(read), None) => Ok(read),
            (_, mistakes) => Err(mistakes.unwrap_or_else(|| ScenarioError::all(Vec::new()))),
        }
    }

    /// What can be read of a document, and all that cannot.
    fn partial(text: &str) -> (Option<Self>, Option<ScenarioError>) {
        let Partial { read, mistakes, skips } = decode::partial::<Scenario>(text);
        let mistakes = (!mistakes.is_empty()).then(|| misread(text, &mistakes));
        let Some(scenario) = read else { return (None, mistakes) };
        match Self::new(text, scenario, skips) {
            Ok(document) => (Some(document), mistakes),
            Err(error) => (None, Some(mistakes.unwrap_or(error))),
        }
    }

    fn new(text: &str, scenario: Scenario, skips: Skips) -> Result<Self, ScenarioError> {
        let written = decode::document::<Value>(text, &skips);
        let written = written.map_err(|error| misread(text, &[error]))?;
        let mut set = serde_json::to_value(&scenario)
            .map_err(|error| ScenarioError::Syntax(error.to_string()))?;
        match written.is_object() {
            true => keep_written(&mut set, &written),
            // Nothing is written.
            false => set = Map::new().into(),
        }
        if let (Value::Object(set), Value::Object(written)) = (&mut set, &written) {
            for (section, written) in written {
                match (set.get_mut(section), written) {
                    (Some(Value::Array(set)), Value::Array(written)) => {
                        set.iter_mut().zip(written).for_each(|(set, it)| keep_written(set, it));
                    }
                    (Some(set @ Value::Object(_)), written) => keep_written(set, written),
                    _ => {}
                }
            }
        }
        Ok(Self { scenario, set, skips })
    }

    /// Whether names may be missing, since parts of the document could not be read.
    fn has_lost_names(&self) -> bool {
        const NAMES: [&str; 6] = ["username", "name", "id", "profileId", "key", "pod"];
        self.skips.wholes().iter().any(|steps| match steps.as_slice() {
            [Step::Key(section), Step::Key(_), ..] => section == "pod",
            [Step::Key(_), Step::Index(_), Step::Key(field), ..] => NAMES.contains(&field.as_str()),
            _ => true,
        })
    }

    /// Where in its list an entry is written.
    fn place(&self, section: &str, n: usize) -> usize {
        self.skips.at_key(section).map_or(n, |skips| skips.place(n))
    }
}

impl Scenario {
    /// Reads the files, and the `*.yaml`, `*.yml` and `*.json` of folders in the order of their
    /// names, as one document, and checks it.
    ///
    /// What later files say is added to what earlier ones said: users by their names, apps by their
    /// ids, rooms by their names. Of what is there already the fields they set are replaced.
    ///
    /// # Errors
    ///
    /// Files that cannot be read, are no documents, or contradict themselves or one another: all
    /// mistakes at once, each with the file and the place in it.
    pub fn read(paths: &[PathBuf]) -> Result<Self, ScenarioError> {
        let mut files = Vec::new();
        for path in paths {
            let listed = list(path).map_err(|error| unreadable(path, error))?;
            if listed.is_empty() {
                let problem = "there is no *.yaml, *.yml or *.json in the folder";
                return Err(in_file(path, ScenarioError::Syntax(problem.into())));
            }
            files.extend(listed);
        }
        let (mut documents, mut mistakes) = (Vec::new(), Mistakes::default());
        let count = files.len();
        for file in files {
            let text = std::fs::read_to_string(&file).map_err(|error| unreadable(&file, error))?;
            let (document, error) = Document::partial(&text);
            mistakes.note(error.map_or(Ok(()), |error| Err(in_file(&file, error))));
            documents.extend(document.map(|document| (file, document)));
        }
        // What a file that is no document would have said is not known.
        if documents.len() < count {
            return mistakes.unless_any(Self::default());
        }
        let mut merged = Merged::default();
        for (file, document) in &documents {
            mistakes.note(merged.add(file, document));
        }
        let Merged { document, origins, .. } = merged;
        let scenario: Self = decode::value(document.into())
            .map_err(|error| ScenarioError::Syntax(error.to_string()))?;
        let last = documents.last().map_or_else(PathBuf::new, |(file, _)| file.clone());
        let checked = match documents.iter().any(|(_, document)| document.has_lost_names()) {
            true => scenario.check_rest(),
            false => scenario.check(),
        };
        mistakes.note(checked.map_err(|error| {
            let located = error.each().into_iter().map(|error| locate(&origins, &last, error));
            ScenarioError::all(located.collect())
        }));
        mistakes.unless_any(scenario)
    }
}

/// Sets the fields of `value` that `change` sets, and takes away those that it sets to null.
pub fn overlay(value: &mut Value, change: &Value) {
    let (Value::Object(value), Value::Object(change)) = (value, change) else { return };
    for (one, other) in [("publicKey", "keys"), ("keys", "publicKey")] {
        if change.contains_key(one) {
            value.remove(other);
        }
    }
    for (field, change) in change {
        match change {
            Value::Null => drop(value.remove(field)),
            change => drop(value.insert(field.clone(), change.clone())),
        }
    }
}

#[derive(Default)]
struct Merged<'a> {
    document: Map<String, Value>,
    /// Of each part of the document, `users[3]` for one, the file that had the last word, and the
    /// part's place there.
    origins: HashMap<String, (&'a Path, String)>,
    /// Places in the lists by the names of their entries.
    places: HashMap<(&'static str, String), usize>,
}

impl<'a> Merged<'a> {
    /// Adds a document, but for entries that are in it twice: those are mistakes.
    fn add(&mut self, file: &'a Path, document: &Document) -> Result<(), ScenarioError> {
        let mut mistakes = Mistakes::default();
        for section in ["pod", "settings", "clock", "sso", "communityConnect"] {
            if let Some(set) = document.set.get(section) {
                overlay(self.document.entry(section).or_insert_with(|| Map::new().into()), set);
                self.origins.insert(section.to_owned(), (file, section.to_owned()));
            }
        }
        for section in LISTS {
            let mut named_here = BTreeSet::new();
            let entries = document.set.get(section).and_then(Value::as_array);
            for (n, set) in entries.into_iter().flatten().enumerate() {
                let here = format!("{section}[{}]", document.place(section, n));
                let name = name(section, set);
                if name.as_ref().is_some_and(|name| !named_here.insert(name.clone())) {
                    let field = match section {
                        "users" => ".username",
                        "rooms"
                        | "groups"
                        | "disclaimers"
                        | "dlpDictionaries"
                        | "dlpPolicies"
                        | "informationBarrierGroups"
                        | "contentExports" => ".name",
                        "connections"
                        | "follows"
                        | "instruments"
                        | "informationBarrierPolicies" => "",
                        _ => ".id",
                    };
                    let problem = "the file has this one already".to_owned();
                    let at = format!("{here}{field}");
                    let error = ScenarioError::Contradiction { at, problem };
                    mistakes.note::<()>(Err(in_file(file, error)));
                    continue;
                }
                let place = self.place(section, name);
                let list = self.document.entry(section).or_insert_with(|| Value::Array(Vec::new()));
                let Value::Array(list) = list else { continue };
                if place == list.len() {
                    list.push(Map::new().into());
                }
                overlay(&mut list[place], set);
                self.origins.insert(format!("{section}[{place}]"), (file, here));
            }
        }
        mistakes.unless_any(())
    }

    /// Where in a list an entry is, or where it goes: at the end.
    fn place(&mut self, section: &'static str, name: Option<String>) -> usize {
        let end = self.document.get(section).and_then(Value::as_array).map_or(0, Vec::len);
        match name {
            Some(name) => *self.places.entry((section, name)).or_insert(end),
            None => end,
        }
    }
}

/// What makes two entries of a list the same one; nothing where each is one of its own.
fn name(section: &str, entry: &Value) -> Option<String> {
    let text =
        |field: &str| entry.get(field).filter(|value| !value.is_null()).map(Value::to_string);
    match section {
        "foreignPods" | "apps" => text("id"),
        "groups" => text("name"),
        "users" => Some(format!("{:?} {:?}", text("pod"), text("username"))),
        "rooms" => entry.get("name").and_then(Value::as_str).map(room_key),
        "disclaimers"
        | "dlpDictionaries"
        | "dlpPolicies"
        | "informationBarrierGroups"
        | "contentExports" => text("name"),
        "informationBarrierPolicies" => {
            let groups = entry.get("groups").and_then(Value::as_array)?;
            let mut groups: Vec<_> = groups.iter().map(Value::to_string).collect();
            groups.sort_unstable();
            let kind = text("type").unwrap_or_else(|| "\"BLOCK\"".to_owned());
            Some(format!("{kind} {}", groups.join(" ")))
        }
        "instruments" => {
            let code = |name: &str| Some((name.to_owned(), text(name)?));
            let (name, code) = IDENTIFYING.iter().find_map(|name| code(name))?;
            let place = text("operationalMic").filter(|_| name == "isin");
            Some(format!("{name} {code} {}", place.unwrap_or_default()))
        }
        "connections" => {
            let mut ends = [text("from")?, text("to")?];
            ends.sort_unstable();
            Some(ends.join(" "))
        }
        "follows" => Some(format!("{} {}", text("follower")?, text("followed")?)),
        "messages" => text("id").or_else(|| text("key")),
        _ => text("id"),
    }
}

/// Drops the fields of an object that were not written, and adds those as null that were and were
/// left out as defaults.
fn keep_written(set: &mut Value, written: &Value) {
    let (Value::Object(set), Value::Object(written)) = (set, written) else { return };
    set.retain(|field, _| written.contains_key(field));
    for field in written.keys() {
        set.entry(field.clone()).or_insert(Value::Null);
    }
}

fn list(path: &Path) -> std::io::Result<Vec<PathBuf>> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let is_document = |file: &PathBuf| {
        let extension = file.extension().and_then(|extension| extension.to_str());
        extension.is_some_and(|extension| ["yaml", "yml", "json"].contains(&extension))
    };
    let entries = std::fs::read_dir(path)?;
    let mut files = entries.map(|entry| Ok(entry?.path())).collect::<std::io::Result<Vec<_>>>()?;
    files.retain(|file| is_document(file) && file.is_file());
    files.sort_unstable();
    Ok(files)
}

/// Says of a contradiction in the whole which file it is in, and where there.
fn locate(
    origins: &HashMap<String, (&Path, String)>,
    last: &Path,
    error: ScenarioError,
) -> ScenarioError {
    let ScenarioError::Contradiction { at, problem } = error else { return in_file(last, error) };
    let part = at.split('.').next().unwrap_or(&at);
    let Some((file, here)) = origins.get(part) else {
        return in_file(last, ScenarioError::Contradiction { at, problem });
    };
    let at = format!("{here}{}", &at[part.len()..]);
    in_file(file, ScenarioError::Contradiction { at, problem })
}

fn in_file(file: &Path, error: ScenarioError) -> ScenarioError {
    let in_file =
        |error| ScenarioError::InFile { file: file.display().to_string(), error: Box::new(error) };
    ScenarioError::all(error.each().into_iter().map(in_file).collect())
}

fn unreadable(path: &Path, error: std::io::Error) -> ScenarioError {
    in_file(path, ScenarioError::Syntax(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_list_of_a_document_is_merged() {
        let schema = include_str!("../../fixtures/scenario.schema.json");
        let schema: Value = serde_json::from_str(schema).unwrap();
        let properties = schema["properties"].as_object().unwrap();
        let lists = properties.iter().filter(|(_, property)| property["type"] == "array");
        let lists: BTreeSet<_> = lists.map(|(name, _)| name.as_str()).collect();
        assert_eq!(lists, BTreeSet::from(LISTS));
    }
}
