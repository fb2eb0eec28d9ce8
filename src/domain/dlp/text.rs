//! Texts that are looked into, and where in them something stands.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::HashSet;

use daachorse::{DoubleArrayAhoCorasickBuilder, MatchKind};

use super::matching::Hit;

/// A text to look into.
#[derive(Debug)]
pub(super) struct Text<'t> {
    /// As it was given.
    given: &'t str,
    /// What of it does not count.
    hidden: Hidden,
    /// What counts of it.
    pub visible: Cow<'t, str>,
    /// Of each byte of that, where its character is in UTF-16 units of the text that was given; and the
    /// end. Made when something was found.
    places: OnceCell<Vec<u32>>,
}

/// What of a text does not count.
#[derive(Debug)]
enum Hidden {
    Nothing,
    /// Of a message in Markdown: its escapes, and whom it mentions: where those begin and end.
    OfMarkdown {
        mentions: Vec<(usize, usize)>,
    },
}

/// A text in lower case.
pub(super) struct Lowered {
    pub text: String,
    /// Of each byte the place of the character that it comes from; none where that is the same.
    origins: Option<Vec<u32>>,
}

/// How much is told of what stands at a place, in bytes.
const SHOWN: usize = 1_000;

impl<'t> Text<'t> {
    pub fn plain(given: &'t str) -> Self {
        let (hidden, visible) = (Hidden::Nothing, given.into());
        Self { given, hidden, visible, places: OnceCell::new() }
    }

    /// The text of a message, which mentions those of these names.
    pub fn of_message(given: &'t str, mentions: &[String]) -> Self {
        let hidden = Hidden::OfMarkdown { mentions: mentioned(given, mentions) };
        let visible = visible(given, &hidden).map(|(_, character)| character).collect();
        Self { given, hidden, visible, places: OnceCell::new() }
    }

    /// A term at a place of the visible text, in bytes.
    pub fn hit(&self, term: &str, (start, end): (usize, usize)) -> Hit {
        let (shown, _) = cut(&self.visible[start..end], SHOWN);
        let (term, _) = cut(term, SHOWN);
        let places = self.places();
        let place = |visible: usize| places[visible] as usize;
        Hit { term: term.into(), text: shown.into(), start: place(start), end: place(end) }
    }

    fn places(&self) -> &[u32] {
        self.places.get_or_init(|| {
            let mut places = Vec::with_capacity(self.visible.len() + 1);
            let units = |part: &str| part.encode_utf16().count() as u32;
            let (mut passed, mut place) = (0, 0);
            for (begin, character) in visible(self.given, &self.hidden) {
                place += units(&self.given[passed..begin]);
                passed = begin;
                places.extend(std::iter::repeat_n(place, character.len_utf8()));
            }
            places.push(place + units(&self.given[passed..]));
            places
        })
    }
}

/// Where a text mentions somebody, by `@` and name. Of two names that begin at a place the first counts.
fn mentioned(text: &str, mentions: &[String]) -> Vec<(usize, usize)> {
    let mut known = HashSet::new();
    let names: Vec<_> = mentions.iter().filter(|name| known.insert(*name)).zip(0..).collect();
    if names.is_empty() {
        return Vec::new();
    }
    let builder = DoubleArrayAhoCorasickBuilder::new().match_kind(MatchKind::LeftmostFirst);
    let Ok(names) = builder.build_with_values::<_, _, u32>(names) else { return Vec::new() };
    names.leftmost_find_iter(text).map(|mention| (mention.start(), mention.end())).collect()
}

/// The characters that count and the places where they begin; a mention counts as one that is part
/// of no word.
fn visible<'t>(given: &'t str, hidden: &'t Hidden) -> impl Iterator<Item = (usize, char)> + 't {
    const ESCAPED: [char; 5] = ['_', '*', '-', '+', '`'];
    let mut place = 0;
    let (is_markdown, mentions) = match hidden {
        Hidden::Nothing => (false, &[][..]),
        Hidden::OfMarkdown { mentions } => (true, mentions.as_slice()),
    };
    let mut mentions = mentions.iter().peekable();
    std::iter::from_fn(move || {
        let begin = place;
        if let Some((_, end)) = mentions.next_if(|(start, _)| *start == begin) {
            place = *end;
            return Some((begin, char::REPLACEMENT_CHARACTER));
        }
        let rest = &given[begin..];
        let character = rest.chars().next()?;
        if is_markdown
            && character == '\\'
            && let Some(escaped) = rest[1..].chars().next().filter(|it| ESCAPED.contains(it))
        {
            place += 1 + escaped.len_utf8();
            return Some((begin, escaped));
        }
        place += character.len_utf8();
        Some((begin, character))
    })
}

pub(super) fn lower(text: &str) -> String {
    match text.is_ascii() {
        true => text.to_ascii_lowercase(),
        false => text.chars().flat_map(char::to_lowercase).collect(),
    }
}

impl Lowered {
    /// Character by character, as [`lower`] does it.
    pub fn of(text: &str) -> Self {
        if text.is_ascii() {
            return Self { text: lower(text), origins: None };
        }
        let mut lowered = Self { text: String::with_capacity(text.len()), origins: None };
        let mut origins = Vec::with_capacity(text.len());
        for (place, character) in text.char_indices() {
            lowered.text.extend(character.to_lowercase());
            origins.resize(lowered.text.len(), place as u32);
        }
        lowered.origins = Some(origins);
        lowered
    }

    /// Where in the text something is that was found in the same text in lower case.
    pub fn origin(&self, text: &str, (start, end): (usize, usize)) -> (usize, usize) {
        let Some(origins) = &self.origins else { return (start, end) };
        let (first, last) = (origins[start] as usize, origins[end - 1] as usize);
        (first, last + text[last..].chars().next().map_or(0, char::len_utf8))
    }
}

/// Whether no word goes on over the ends of a part of a text.
pub(super) fn is_whole(text: &str, start: usize, end: usize) -> bool {
    let ends = |character: Option<char>| !character.is_some_and(char::is_alphanumeric);
    ends(text[..start].chars().next_back()) && ends(text[end..].chars().next())
}

/// A text up to so many bytes, and the rest.
pub(super) fn cut(text: &str, most: usize) -> (&str, &str) {
    text.split_at(text.floor_char_boundary(most))
}
