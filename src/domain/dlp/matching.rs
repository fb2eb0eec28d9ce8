//! Looking for the terms of many dictionaries at once.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;
use std::sync::Arc;

use daachorse::DoubleArrayAhoCorasick;

use super::super::DocumentId;
use super::dictionaries::{TermExpression, expression};
use super::{DictionaryKind, Dlp, DlpPolicy, DlpPolicyContent};

/// What the enabled policies look for, made ready. It is made when something is looked for the first
/// time since a policy or dictionary changed.
pub(super) struct Matchers {
    pub policies: Vec<Enforced>,
    /// All words of all dictionaries in lower case; none where there are none.
    words: Option<Words>,
    /// Of each word the dictionaries that list it, as they spell it.
    listed: Vec<Vec<(DocumentId, Box<str>)>>,
    expressions: Vec<(DocumentId, TermExpression)>,
}

/// An automaton that is made in time in proportion to the words, and finds the numbers of all of them.
type Words = DoubleArrayAhoCorasick<u32>;

/// A policy that is enabled.
#[derive(Debug)]
pub(super) struct Enforced {
    pub id: DocumentId,
    pub content: Arc<DlpPolicyContent>,
}

/// What was found of each dictionary in a text.
pub(super) type Found = BTreeMap<DocumentId, Matches>;

/// What was found of a dictionary in a text.
#[derive(Debug, Default)]
pub(super) struct Matches {
    /// In the order of the text, the words first. Not all where there are very many.
    pub hits: Vec<Hit>,
    /// In lower case.
    different: HashSet<Box<str>>,
}

/// A place in a text where a term was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// A word as its dictionary spells it, or what an expression found.
    pub term: Box<str>,
    /// What stands there.
    pub text: Box<str>,
    /// In UTF-16 units of the text as it was given.
    pub start: usize,
    pub end: usize,
}

/// A text to look into.
#[derive(Debug)]
pub(super) struct Text<'t> {
    /// As it was given.
    given: &'t str,
    /// What of it does not count.
    hidden: Hidden<'t>,
    /// What counts of it.
    visible: String,
}

/// What of a text does not count.
#[derive(Debug, Clone, Copy)]
pub(super) enum Hidden<'t> {
    Nothing,
    /// Of a message in Markdown: its escapes, and whom it mentions, by `@` and name.
    OfMarkdown {
        mentions: &'t [String],
    },
}

/// How many places are told of a dictionary in a text.
const TOLD: usize = 100;

/// How many different terms are counted.
const COUNTED: usize = 10_000;

/// How many places are looked at where words might be: a text of nothing but such places ends here.
/// Messages stay far below, whatever the dictionaries list.
const LOOKED_AT: usize = 20_000_000;

/// How many matches of an expression are looked at in a text.
const OF_EXPRESSION: usize = 1_000;

/// What all expressions may cost in a text: bytes that they are compiled to, times bytes of the text. More
/// expressions look at less of a long one.
const OF_EXPRESSIONS: usize = 1_000_000_000;

/// What is looked through at once for the matches of an expression, in bytes at most.
const PIECE: usize = 8 << 10;

impl Dlp {
    /// Whether no policy is enabled.
    pub(super) fn is_idle(&self) -> bool {
        !self.policies().any(|policy| policy.active)
    }

    pub(super) fn matchers(&mut self) -> Arc<Matchers> {
        if let Some(ready) = &self.matchers {
            return Arc::clone(ready);
        }
        let ready = Arc::new(Matchers::of(self));
        self.matchers = Some(Arc::clone(&ready));
        ready
    }
}

impl fmt::Debug for Matchers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Matchers").field("policies", &self.policies).finish_non_exhaustive()
    }
}

impl Matchers {
    fn of(dlp: &Dlp) -> Self {
        let active = dlp.policies().filter(|policy| policy.active);
        let enforced =
            |policy: &DlpPolicy| Enforced { id: policy.id, content: Arc::clone(policy.latest()) };
        let policies: Vec<_> = active.map(enforced).collect();
        let mut wanted: Vec<_> = policies
            .iter()
            .flat_map(|policy| policy.content.dictionaries())
            .map(|it| it.id)
            .collect();
        wanted.sort_unstable();
        wanted.dedup();

        let mut words: Vec<String> = Vec::new();
        let mut listed: Vec<Vec<(DocumentId, Box<str>)>> = Vec::new();
        let mut expressions = Vec::new();
        let mut places: HashMap<String, usize> = HashMap::new();
        for dictionary in wanted.iter().filter_map(|id| dlp.dictionary(*id)) {
            for term in dictionary.latest().terms.iter() {
                if dictionary.kind == DictionaryKind::Regex {
                    // It was read when it was uploaded.
                    expressions.extend(expression(term).ok().map(|it| (dictionary.id, it)));
                    continue;
                }
                let word = lower(term);
                let place = *places.entry(word).or_insert_with_key(|word| {
                    words.push(word.clone());
                    listed.push(Vec::new());
                    words.len() - 1
                });
                listed[place].push((dictionary.id, term.clone()));
            }
        }
        let words = match words.is_empty() {
            true => None,
            false => Words::with_values(words.iter().zip(0..)).ok(),
        };
        Self { policies, words, listed, expressions }
    }

    /// What of all dictionaries is in a text.
    pub fn look_into(&self, text: &Text<'_>) -> Found {
        let mut found = Found::new();
        if let Some(words) = &self.words {
            self.look_for_words(words, text, &mut found);
        }
        let size: usize = self.expressions.iter().map(|(_, it)| it.size).sum();
        let (searched, _) = cut(&text.visible, OF_EXPRESSIONS / size.max(1));
        // As much again for the searches behind matches as for the ones through the whole.
        let mut left = OF_EXPRESSIONS;
        for (dictionary, expression) in &self.expressions {
            each_match(expression, searched, &mut left, |start, end| {
                let matches = found.entry(*dictionary).or_default();
                let hit = &searched[start..end];
                matches.add(text, &lower(hit), hit, || (start, end));
            });
        }
        found
    }

    fn look_for_words(&self, words: &Words, text: &Text<'_>, found: &mut Found) {
        let searched = lower(&text.visible);
        for hit in words.find_overlapping_iter(&searched).take(LOOKED_AT) {
            let (start, end) = (hit.start(), hit.end());
            if !is_whole(&searched, start, end) {
                continue;
            }
            for (dictionary, term) in &self.listed[hit.value() as usize] {
                let matches = found.entry(*dictionary).or_default();
                matches.add(text, &searched[start..end], term, || {
                    place_before_lowering(&text.visible, &searched, (start, end))
                });
            }
        }
    }
}

/// Tells where an expression matches in a text, by bytes. A long text is looked through in pieces, for the
/// search for the next match begins anew behind the last, and may look as far as the end every time: so
/// much of it as is `left` for all expressions, in bytes of either times bytes of the text.
fn each_match(
    expression: &TermExpression,
    text: &str,
    left: &mut usize,
    mut found: impl FnMut(usize, usize),
) {
    let (mut before, mut rest, mut count) = (0, text, 0);
    while !rest.is_empty() {
        let (piece, behind) = piece(rest);
        for hit in expression.regex.find_iter(piece) {
            if !hit.is_empty() {
                found(before + hit.start(), before + hit.end());
                count += 1;
            }
            let Some(still) = left.checked_sub(expression.size * (piece.len() - hit.end())) else {
                break;
            };
            *left = still;
            if count == OF_EXPRESSION {
                return;
            }
        }
        before += piece.len();
        rest = behind;
    }
}

/// The beginning of a text that is looked through at once, up to the end of a line or word, and the rest.
fn piece(text: &str) -> (&str, &str) {
    let (most, _) = cut(text, PIECE);
    if most.len() == text.len() {
        return (text, "");
    }
    let end = |is_end: fn(char) -> bool| {
        let found = most.char_indices().rfind(|(_, character)| is_end(*character));
        found.map(|(at, character)| at + character.len_utf8())
    };
    text.split_at(end(|it| it == '\n').or_else(|| end(char::is_whitespace)).unwrap_or(most.len()))
}

/// A text up to so many bytes, and the rest.
fn cut(text: &str, most: usize) -> (&str, &str) {
    text.split_at(text.floor_char_boundary(most))
}

impl Matches {
    /// Says that a term stands at a place of the visible text, in bytes.
    fn add(
        &mut self,
        text: &Text<'_>,
        lowered: &str,
        term: &str,
        place: impl FnOnce() -> (usize, usize),
    ) {
        if self.different.len() < COUNTED && !self.different.contains(lowered) {
            self.different.insert(lowered.into());
        }
        if self.hits.len() < TOLD {
            let (start, end) = place();
            let shown = &text.visible[start..end];
            let (start, end) = (text.place(start), text.place(end));
            self.hits.push(Hit { term: term.into(), text: shown.into(), start, end });
        }
    }

    /// How many different terms were found, letter case aside.
    pub fn different(&self) -> impl Iterator<Item = &str> {
        self.different.iter().map(|text| &**text)
    }
}

impl<'t> Text<'t> {
    pub fn plain(given: &'t str) -> Self {
        Self { given, hidden: Hidden::Nothing, visible: given.to_owned() }
    }

    /// The text of a message, which mentions those of these names.
    pub fn of_message(given: &'t str, mentions: &'t [String]) -> Self {
        let hidden = Hidden::OfMarkdown { mentions };
        let visible = visible(given, hidden).map(|(_, character)| character).collect();
        Self { given, hidden, visible }
    }

    /// Where something in the visible text is, in UTF-16 units of the one that was given.
    fn place(&self, visible_place: usize) -> usize {
        let before = match self.hidden {
            Hidden::Nothing => visible_place,
            hidden => {
                let mut passed = 0;
                let next = visible(self.given, hidden).find(|(_, character)| {
                    let there = passed >= visible_place;
                    passed += character.len_utf8();
                    there
                });
                next.map_or(self.given.len(), |(place, _)| place)
            }
        };
        self.given[..before].encode_utf16().count()
    }
}

/// The characters that count and the places where they begin; a mention counts as one that is part
/// of no word.
fn visible<'t>(given: &'t str, hidden: Hidden<'t>) -> impl Iterator<Item = (usize, char)> + 't {
    const ESCAPED: [char; 5] = ['_', '*', '-', '+', '`'];
    let mut place = 0;
    std::iter::from_fn(move || {
        let rest = &given[place..];
        let character = rest.chars().next()?;
        let Hidden::OfMarkdown { mentions } = hidden else {
            place += character.len_utf8();
            return Some((place - character.len_utf8(), character));
        };
        let begin = place;
        if character == '@'
            && let Some(mention) = mentions.iter().find(|mention| rest.starts_with(&***mention))
        {
            place += mention.len();
            return Some((begin, char::REPLACEMENT_CHARACTER));
        }
        if character == '\\'
            && let Some(escaped) = rest[1..].chars().next().filter(|it| ESCAPED.contains(it))
        {
            place += 1 + escaped.len_utf8();
            return Some((begin, escaped));
        }
        place += character.len_utf8();
        Some((begin, character))
    })
}

/// Character by character, so that a place can be found again.
fn lower(text: &str) -> String {
    match text.is_ascii() {
        true => text.to_ascii_lowercase(),
        false => text.chars().flat_map(char::to_lowercase).collect(),
    }
}

/// Where in a text something is that was found in the same text in lower case.
fn place_before_lowering(
    text: &str,
    lowered: &str,
    (start, end): (usize, usize),
) -> (usize, usize) {
    if lowered.len() == text.len() && text.is_ascii() {
        return (start, end);
    }
    let mut passed = 0;
    let mut place = (text.len(), text.len());
    for (here, character) in text.char_indices() {
        if passed <= start {
            place.0 = here;
        }
        if passed >= end {
            place.1 = here;
            break;
        }
        passed += character.to_lowercase().map(char::len_utf8).sum::<usize>();
    }
    place
}

/// Whether no word goes on over the ends of a part of a text.
fn is_whole(text: &str, start: usize, end: usize) -> bool {
    let ends = |character: Option<char>| !character.is_some_and(char::is_alphanumeric);
    ends(text[..start].chars().next_back()) && ends(text[end..].chars().next())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        Dictionary, DictionaryContent, DlpAction, DlpDataType, DlpPolicyPart, DlpScope, DlpVersion,
        SeededRng, Timestamp,
    };

    const AT: Timestamp = Timestamp::from_millis(1_750_000_000_000);

    fn matchers(kind: DictionaryKind, terms: &[&str]) -> (Arc<Matchers>, DocumentId) {
        let mut rng = SeededRng::from_seed(1);
        let mut dlp = Dlp::default();
        let id = DocumentId::new(AT, &mut rng);
        let content = DictionaryContent {
            version: Dictionary::FIRST,
            name: "D".into(),
            terms: kind.check(terms.iter().copied()).unwrap(),
            updated: AT,
        };
        let named = content.named(id);
        dlp.put_dictionary(Dictionary::new(id, kind, None, AT, content));
        let part = DlpPolicyPart::of_terms(DlpDataType::Messages, DlpAction::Block, vec![named]);
        let content = DlpPolicyContent {
            version: DlpVersion::new(3, 0),
            name: "P".into(),
            scopes: [DlpScope::Internal].into(),
            parts: vec![part],
            updated: AT,
        };
        let mut policy = DlpPolicy::new(DocumentId::new(AT, &mut rng), None, AT, content);
        policy.active = true;
        dlp.put_policy(policy);
        (dlp.matchers(), id)
    }

    fn found(kind: DictionaryKind, terms: &[&str], text: &Text<'_>) -> Vec<(String, usize, usize)> {
        let (matchers, id) = matchers(kind, terms);
        let found = matchers.look_into(text).remove(&id).unwrap_or_default();
        found.hits.into_iter().map(|hit| (hit.text.into(), hit.start, hit.end)).collect()
    }

    fn words(terms: &[&str], text: &str) -> Vec<String> {
        let found = found(DictionaryKind::Word, terms, &Text::plain(text));
        found.into_iter().map(|(text, ..)| text).collect()
    }

    #[test]
    fn words_are_found_whole_in_any_letter_case_and_in_one_another() {
        // The documentation's sample of a violation.
        let terms = ["facebook", "facebook-IPO"];
        let text = "There is facebook-IPO next month";
        assert_eq!(words(&terms, text), ["facebook", "facebook-IPO"]);
        assert_eq!(words(&["bake"], "Baked, bakery, BAKE! unbake bake_"), ["BAKE", "bake"]);
        assert_eq!(
            words(&["c++", "two words"], "C++, Two Words, c+++1"),
            ["C++", "Two Words", "c++"]
        );
        assert_eq!(words(&["straße", "ІПО"], "STRAßE straßen іпо"), ["STRAßE", "іпо"]);
        assert!(words(&[], "anything").is_empty());
    }

    #[test]
    fn places_are_those_of_the_text_that_was_given() {
        let found_in = |text: &Text<'_>| found(DictionaryKind::Word, &["dlp_test"], text);
        let sample = Text::of_message(r"dlp\_test", &[]);
        assert_eq!(found_in(&sample), [("dlp_test".to_owned(), 0, 9)]);
        let mentions = ["@dlp_test Ann".to_owned()];
        let message = Text::of_message(r"İ😀 @dlp_test Ann: DLP\_test.", &mentions);
        assert_eq!(found_in(&message), [("DLP_test".to_owned(), 19, 28)]);
    }

    #[test]
    fn expressions_find_what_they_say() {
        let cards = ["[0-9]{4}(-[0-9]{4}){3}", "(?i)top.secret", "x*"];
        let text = Text::plain("é 1234-1234-1234-1234 is TOP secret");
        let found = found(DictionaryKind::Regex, &cards, &text);
        assert_eq!(
            found,
            [("1234-1234-1234-1234".to_owned(), 2, 21), ("TOP secret".to_owned(), 25, 35)]
        );
    }

    #[test]
    fn what_is_told_of_a_text_is_limited() {
        let text = "bake ".repeat(5_000);
        let (matchers, id) = matchers(DictionaryKind::Word, &["bake", "bake bake"]);
        let found = matchers.look_into(&Text::plain(&text));
        assert_eq!(found[&id].hits.len(), TOLD);
        assert_eq!(found[&id].different().count(), 2);
    }

    #[test]
    fn expressions_are_looked_for_in_all_of_a_text_that_is_not_too_long_for_them() {
        let text = format!("{}\n4711 {}4712", "long ".repeat(4_000), "é".repeat(9_000));
        let places = found(DictionaryKind::Regex, &["[0-9]{4}"], &Text::plain(&text));
        let places: Vec<_> = places.into_iter().map(|(text, start, _)| (text, start)).collect();
        assert_eq!(places, [("4711".to_owned(), 20_001), ("4712".to_owned(), 29_006)]);

        // 64 kB of an expression, of which little is read.
        let text = format!("4711 {} 4712", "a".repeat(100_000));
        let large = ["[0-9]{4}", "x[a-z]{300}"];
        assert_eq!(found(DictionaryKind::Regex, &large, &Text::plain(&text)).len(), 1);
    }

    /// Each search for the next match looks at all that is left.
    #[test]
    fn searches_that_look_far_ahead_are_bounded() {
        let text = "ab".repeat(50_000);
        let found = found(DictionaryKind::Regex, &["a(.*x)?"], &Text::plain(&text));
        assert!(!found.is_empty() && found.len() <= TOLD);
    }
}
