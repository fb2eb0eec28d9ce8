use std::ops::Bound;
use std::sync::Arc;

use imbl::{OrdMap, OrdSet};

use super::streams::Number;
use super::{RoomAttributes, Stream, UserId, World};

/// What to look for among the rooms.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RoomQuery {
    /// Every word of it must begin a word of the fields searched. Without a word it matches all.
    pub text: String,
    /// Keys of keywords whose values are searched too.
    pub labels: Vec<String>,
    /// The fields to search; none for name and description.
    pub fields: Option<Vec<RoomField>>,
    pub active: Option<bool>,
    pub private: Option<bool>,
    pub owner: Option<UserId>,
    pub creator: Option<UserId>,
    pub member: Option<UserId>,
    pub sort: RoomOrder,
    /// Also rooms that are not discoverable, of which the caller is no member.
    pub hidden: bool,
}

/// What of a room can be searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RoomField {
    Name,
    Description,
    KeywordKeys,
    KeywordValues,
}

/// In which order the rooms found are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RoomOrder {
    /// By their creation.
    Basic,
    /// First those called what was searched for, then those whose names begin so.
    #[default]
    Relevance,
}

/// The rooms found.
#[derive(Debug)]
pub struct RoomsFound<'a> {
    /// How many there are, on whatever page.
    pub count: usize,
    pub page: Vec<&'a Stream>,
    /// How many of them each label matched, in the order of the labels.
    pub facets: Vec<(String, usize)>,
}

/// The words of all rooms' searchable fields, so that a search costs what it finds and not what
/// the pod holds.
#[derive(Debug, Clone, Default)]
pub(super) struct RoomIndex {
    by_word: OrdMap<Arc<str>, OrdSet<Number>>,
}

impl World {
    /// Searches the rooms the caller may see: those he is in, and the discoverable ones.
    pub fn search_rooms(
        &self,
        caller: UserId,
        query: &RoomQuery,
        skip: usize,
        limit: usize,
    ) -> RoomsFound<'_> {
        let sees_hidden = query.hidden && self.provisions_users(caller);
        let words: Vec<_> = words(&query.text).collect();
        let mut facets: Vec<_> = query.labels.iter().map(|label| (label.clone(), 0)).collect();
        let text = query.text.trim().to_lowercase();
        let mut found = Vec::new();
        for number in self.candidates(query, &words) {
            let stream = self.streams.at(number);
            let Some(room) = stream.room() else { continue };
            let visible = room.discoverable || stream.has_member(caller) || sees_hidden;
            if !visible || !query.admits(stream, room) || !query.matches(room, &words) {
                continue;
            }
            for (label, count) in &mut facets {
                *count += usize::from(label_matches(room, label, &words));
            }
            found.push((query.rank(room, &text), number));
        }
        found.sort_unstable();
        let page = found
            .iter()
            .skip(skip)
            .take(limit)
            .map(|(_, number)| self.streams.at(*number))
            .collect();
        RoomsFound { count: found.len(), page, facets }
    }

    /// Numbers of streams among which everything that matches is.
    fn candidates(&self, query: &RoomQuery, words: &[String]) -> Vec<Number> {
        let index = &self.streams.index;
        let rarest = words.iter().min_by_key(|word| index.frequency(word));
        match (rarest, query.member.or(query.owner)) {
            // Punctuation alone is in no index, and is no wish to see everything either.
            (None, _) if !query.text.trim().is_empty() => Vec::new(),
            (Some(word), _) => index.rooms_with(word),
            (None, Some(member)) => self.streams.numbers_of(member).collect(),
            (None, None) => (0..self.streams.len()).collect(),
        }
    }
}

impl RoomQuery {
    fn admits(&self, stream: &Stream, room: &RoomAttributes) -> bool {
        self.active.is_none_or(|active| stream.active == active)
            && self.private.is_none_or(|private| room.public != private)
            && self.owner.is_none_or(|owner| stream.is_owner(owner))
            && self.creator.is_none_or(|creator| stream.creator == creator)
            && self.member.is_none_or(|member| stream.has_member(member))
    }

    fn matches(&self, room: &RoomAttributes, words: &[String]) -> bool {
        const DEFAULT: &[RoomField] = &[RoomField::Name, RoomField::Description];
        let fields = self.fields.as_deref().unwrap_or(DEFAULT);
        words.iter().all(|word| {
            let word = std::slice::from_ref(word);
            fields.iter().any(|field| match field {
                RoomField::Name => matches(&room.name, word),
                RoomField::Description => {
                    room.description.as_deref().is_some_and(|text| matches(text, word))
                }
                RoomField::KeywordKeys => room.keywords.iter().any(|(key, _)| matches(key, word)),
                RoomField::KeywordValues => {
                    room.keywords.iter().any(|(_, value)| matches(value, word))
                }
            }) || self.labels.iter().any(|label| label_matches(room, label, word))
        })
    }

    /// `text` is that of the query, in lower case.
    fn rank(&self, room: &RoomAttributes, text: &str) -> u8 {
        if self.sort == RoomOrder::Basic {
            return 0;
        }
        match begins(&room.name, text) {
            // What also ends with it is it: lower case has the length of ASCII.
            true if room.name.is_ascii() && room.name.len() == text.len() => 0,
            true if !room.name.is_ascii() && room.name.to_lowercase() == text => 0,
            true => 1,
            false => 2,
        }
    }
}

impl RoomIndex {
    pub fn insert(&mut self, number: Number, room: &RoomAttributes) {
        for word in words_of(room) {
            self.by_word.entry(word.into()).or_default().insert(number);
        }
    }

    pub fn remove(&mut self, number: Number, room: &RoomAttributes) {
        for word in words_of(room) {
            if let Some(rooms) = self.by_word.get_mut(word.as_str()) {
                rooms.remove(&number);
                if rooms.is_empty() {
                    self.by_word.remove(word.as_str());
                }
            }
        }
    }

    /// How many entries words with this beginning have.
    fn frequency(&self, beginning: &str) -> usize {
        self.with_beginning(beginning).map(OrdSet::len).sum()
    }

    fn rooms_with(&self, beginning: &str) -> Vec<Number> {
        let mut rooms: Vec<_> = self.with_beginning(beginning).flatten().copied().collect();
        rooms.sort_unstable();
        rooms.dedup();
        rooms
    }

    fn with_beginning<'a>(
        &'a self,
        beginning: &'a str,
    ) -> impl Iterator<Item = &'a OrdSet<Number>> {
        self.by_word
            .range::<_, str>((Bound::Included(beginning), Bound::Unbounded))
            .take_while(move |(word, _)| word.starts_with(beginning))
            .map(|(_, rooms)| rooms)
    }
}

fn label_matches(room: &RoomAttributes, label: &str, words: &[String]) -> bool {
    room.keywords.iter().any(|(key, value)| key == label && matches(value, words))
}

/// Whether every one of `wanted`, which are in lower case, begins a word of `text`.
fn matches(text: &str, wanted: &[String]) -> bool {
    wanted.iter().all(|wanted| words_as_written(text).any(|word| begins(word, wanted)))
}

/// Whether a text in whatever case begins with one in lower case.
fn begins(text: &str, beginning: &str) -> bool {
    // A word that all rooms have is compared a hundred thousand times: most texts are ASCII, and
    // need no copy in lower case.
    match text.is_ascii() {
        true => {
            let start = text.as_bytes().get(..beginning.len());
            start.is_some_and(|start| start.eq_ignore_ascii_case(beginning.as_bytes()))
        }
        false => text.to_lowercase().starts_with(beginning),
    }
}

fn words_of(room: &RoomAttributes) -> impl Iterator<Item = String> {
    let keywords = room.keywords.iter().flat_map(|(key, value)| [key.as_str(), value.as_str()]);
    [&*room.name, room.description.as_deref().unwrap_or_default()]
        .into_iter()
        .chain(keywords)
        .flat_map(words)
}

/// The words of a text, in lower case: runs of letters and digits.
fn words(text: &str) -> impl Iterator<Item = String> {
    words_as_written(text).map(str::to_lowercase)
}

fn words_as_written(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_begin_alike_whatever_their_case_and_script() {
        for (text, wanted) in
            [("Room 7", "ro"), ("ROOM", "room"), ("Die Übung", "übu"), ("ΟΔΟΣ", "οδο")]
        {
            assert!(matches(text, &[wanted.to_owned()]), "{text} {wanted}");
        }
        for (text, wanted) in [("Room 7", "oom"), ("Ro", "room"), ("Ubung", "übu"), ("", "a")] {
            assert!(!matches(text, &[wanted.to_owned()]), "{text} {wanted}");
        }
    }
}
