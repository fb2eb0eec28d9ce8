//! Looking for the terms of many dictionaries at once.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;
use std::sync::Arc;

use daachorse::DoubleArrayAhoCorasick;

use super::super::DocumentId;
use super::dictionaries::{TermExpression, expression};
use super::text::{Lowered, Text, cut, is_whole, lower};
use super::{DictionaryKind, Dlp, DlpPolicy, DlpPolicyContent};

/// What the enabled policies look for, made ready. It is made when something is looked for the first
/// time since a policy or dictionary changed.
pub(super) struct Matchers {
    pub policies: Vec<Enforced>,
    /// All words of all dictionaries in lower case; none where there are none.
    words: Option<Words>,
    /// Of each word the dictionaries that list it, as they spell it.
    listed: Vec<Vec<(DocumentId, Box<str>)>>,
    /// The number of each word.
    numbers: HashMap<String, u32>,
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
#[derive(Debug)]
pub(super) struct Matches {
    /// In the order of the text, the words first. Not all where there are very many.
    pub hits: Arc<[Hit]>,
    /// The numbers of the different terms.
    different: HashSet<u32>,
}

/// What has been found so far.
#[derive(Debug, Default)]
struct Gathering {
    hits: Vec<Hit>,
    different: HashSet<u32>,
}

/// How much may still be looked at in a message with its files, or in what else is looked at together: so
/// what takes too long is left out, and the same always.
#[derive(Debug)]
pub(super) struct Left {
    /// Places where words might be.
    words: usize,
    /// Bytes that expressions are compiled to, times bytes of text.
    expressions: usize,
    /// As much again for the searches behind matches as for the ones through the whole.
    behind_matches: usize,
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

/// How many places are told of a dictionary in a text.
const TOLD: usize = 100;

/// How many different terms are counted: a rule can ask for so many.
pub(super) const COUNTED: usize = 1_000;

/// How many places are looked at where words might be.
const OF_WORDS: usize = 5_000_000;

/// How many matches of an expression are looked at in a text.
const OF_EXPRESSION: usize = 1_000;

/// What all expressions may cost: bytes that they are compiled to, times bytes of text. More expressions
/// look at less of a long one.
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

        let mut listed: Vec<Vec<(DocumentId, Box<str>)>> = Vec::new();
        let mut expressions = Vec::new();
        let mut numbers: HashMap<String, u32> = HashMap::new();
        for dictionary in wanted.iter().filter_map(|id| dlp.dictionary(*id)) {
            for term in dictionary.latest().terms.iter() {
                if dictionary.kind == DictionaryKind::Regex {
                    // It was read when it was uploaded.
                    expressions.extend(expression(term).ok().map(|it| (dictionary.id, it)));
                    continue;
                }
                let next = listed.len() as u32;
                let number = *numbers.entry(lower(term)).or_insert(next);
                if number == next {
                    listed.push(Vec::new());
                }
                listed[number as usize].push((dictionary.id, term.clone()));
            }
        }
        let words = match numbers.is_empty() {
            true => None,
            false => Words::with_values(numbers.iter().map(|(word, number)| (word, *number))).ok(),
        };
        Self { policies, words, listed, numbers, expressions }
    }

    /// What of all dictionaries is in a text.
    pub fn look_into(&self, text: &Text<'_>, left: &mut Left) -> Found {
        let mut found = BTreeMap::new();
        if let Some(words) = &self.words {
            self.look_for_words(words, text, &mut left.words, &mut found);
        }
        let size: usize = self.expressions.iter().map(|(_, it)| it.size).sum();
        let (searched, _) = cut(&text.visible, left.expressions / size.max(1));
        left.expressions -= searched.len() * size;
        // What expressions find is counted behind the words, unless it is one.
        let mut others: HashMap<String, u32> = HashMap::new();
        for (dictionary, expression) in &self.expressions {
            each_match(expression, searched, &mut left.behind_matches, |start, end| {
                let gathering: &mut Gathering = found.entry(*dictionary).or_default();
                let hit = &searched[start..end];
                if gathering.different.len() < COUNTED {
                    let lowered = lower(hit);
                    let next = (self.listed.len() + others.len()) as u32;
                    let word = self.numbers.get(&lowered).copied();
                    let number = word.unwrap_or_else(|| *others.entry(lowered).or_insert(next));
                    gathering.different.insert(number);
                }
                if !gathering.is_full() {
                    gathering.hits.push(text.hit(hit, (start, end)));
                }
            });
        }
        found.into_iter().map(|(dictionary, gathering)| (dictionary, gathering.into())).collect()
    }

    fn look_for_words(
        &self,
        words: &Words,
        text: &Text<'_>,
        left: &mut usize,
        found: &mut BTreeMap<DocumentId, Gathering>,
    ) {
        let lowered = Lowered::of(&text.visible);
        // Words of which no dictionary tells more.
        let mut told = HashSet::new();
        for hit in words.find_overlapping_iter(&lowered.text) {
            let Some(still) = left.checked_sub(1) else { return };
            *left = still;
            let (number, start, end) = (hit.value(), hit.start(), hit.end());
            if told.contains(&number) || !is_whole(&lowered.text, start, end) {
                continue;
            }
            let mut all_full = true;
            for (dictionary, term) in &self.listed[number as usize] {
                let gathering = found.entry(*dictionary).or_default();
                if gathering.different.len() < COUNTED {
                    gathering.different.insert(number);
                }
                if !gathering.is_full() {
                    let place = lowered.origin(&text.visible, (start, end));
                    gathering.hits.push(text.hit(term, place));
                }
                all_full &= gathering.is_full();
            }
            if all_full {
                told.insert(number);
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

impl Default for Left {
    fn default() -> Self {
        Self { words: OF_WORDS, expressions: OF_EXPRESSIONS, behind_matches: OF_EXPRESSIONS }
    }
}

impl Gathering {
    fn is_full(&self) -> bool {
        self.hits.len() >= TOLD
    }
}

impl From<Gathering> for Matches {
    fn from(all: Gathering) -> Self {
        Self { hits: all.hits.into(), different: all.different }
    }
}

impl Matches {
    /// The different terms that were found, letter case aside, by numbers which all dictionaries share.
    pub fn different(&self) -> impl Iterator<Item = u32> {
        self.different.iter().copied()
    }
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
        let found = matchers.look_into(text, &mut Left::default());
        let hits = found.get(&id).map_or(&[][..], |found| &*found.hits);
        hits.iter().map(|hit| ((*hit.text).into(), hit.start, hit.end)).collect()
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
    fn of_two_mentions_at_a_place_the_first_counts() {
        let said = |mentions: &[&str]| {
            let mentions: Vec<_> = mentions.iter().map(|it| (*it).to_owned()).collect();
            let text = Text::of_message("@Ann Lee, @Ann bake", &mentions);
            found(DictionaryKind::Word, &["lee", "ann"], &text).len()
        };
        assert_eq!(said(&["@Ann Lee", "@Ann", "@Ann"]), 0);
        assert_eq!(said(&["@Ann", "@Ann Lee"]), 1);
        assert_eq!(said(&["@Ann Lee"]), 1);
        assert_eq!(said(&[]), 3);
    }

    /// What is looked at is counted for all texts together.
    #[test]
    fn places_where_words_might_be_are_bounded() {
        let nested: Vec<_> = (1..=100).map(|n| vec!["a"; n].join(" ")).collect();
        let nested: Vec<_> = nested.iter().map(String::as_str).collect();
        let (matchers, id) = matchers(DictionaryKind::Word, &nested);
        let text = "a ".repeat(1_000);
        let mut left = Left { words: 100_000, ..Left::default() };
        let found = matchers.look_into(&Text::plain(&text), &mut left);
        assert_eq!(found[&id].hits.len(), TOLD);
        assert_eq!(found[&id].different().count(), 100);
        // 1 + 2 + … + 100 at the first places, and 100 at each of the others.
        assert_eq!(left.words, 100_000 - 5_050 - 900 * 100);
        let found = matchers.look_into(&Text::plain(&text), &mut left);
        assert_eq!((left.words, found[&id].different().count()), (0, 99));
        assert!(matchers.look_into(&Text::plain(&text), &mut left).is_empty());
    }

    #[test]
    fn a_word_and_an_expression_that_find_the_same_count_once() {
        let text = Text::plain("Bake bake cake");
        let (words, word) = matchers(DictionaryKind::Word, &["bake"]);
        let mut both = Arc::into_inner(words).expect("nobody else has them");
        let cake = super::expression("[bcB]ake").unwrap();
        let expression = DocumentId::new(AT, &mut SeededRng::from_seed(2));
        both.expressions.push((expression, cake));
        let found = both.look_into(&text, &mut Left::default());
        let different = |id: &DocumentId| found[id].different().collect::<HashSet<_>>();
        assert_eq!((different(&word).len(), different(&expression).len()), (1, 2));
        assert!(different(&word).is_subset(&different(&expression)));
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
        let found = matchers.look_into(&Text::plain(&text), &mut Left::default());
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
