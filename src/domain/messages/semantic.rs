//! The search for messages by what they are about.
//!
//! Real pods ask a language model. Here a message is about what a text is about as far as the two
//! share words: the same for the same messages, and explained by a number.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use imbl::OrdMap;
use rust_stemmers::{Algorithm, Stemmer};

use super::super::{MessageId, Refusal, StreamId, Timestamp, UserId, World};
use super::Message;

/// A message that was found.
#[derive(Debug, Clone)]
pub struct Hit<'a> {
    pub message: &'a Arc<Message>,
    /// Above 0 and up to 1, which is all that was asked for, to the letter; none where a test said
    /// what is found.
    pub score: Option<f64>,
}

/// What tests said that searches find, by the texts that are searched for.
#[derive(Debug, Clone, Default)]
pub struct PlannedFindings(OrdMap<String, Arc<[MessageId]>>);

/// What words are searched for.
struct Terms {
    stemmer: Stemmer,
    /// By their stems. Words that have the same are one.
    terms: BTreeMap<String, Term>,
}

struct Term {
    words: BTreeSet<String>,
    place: usize,
}

/// How much a word counts that is like one of those searched for and not the same.
const LIKE: f64 = 0.8;

/// English words that say nothing of what a text is about.
const EMPTY: [&str; 62] = [
    "a", "about", "all", "an", "and", "any", "are", "as", "at", "be", "been", "but", "by", "can",
    "did", "do", "does", "for", "from", "had", "has", "have", "he", "her", "his", "how", "i", "if",
    "in", "is", "it", "its", "me", "my", "no", "not", "of", "on", "or", "our", "she", "so", "that",
    "the", "their", "there", "they", "this", "to", "us", "was", "we", "were", "what", "when",
    "where", "which", "who", "why", "will", "with", "you",
];

impl PlannedFindings {
    /// Says what a search for a text finds. Letter case and blanks around it do not count.
    pub fn plan(&mut self, text: &str, found: Vec<MessageId>) {
        self.0.insert(folded(text), found.into());
    }

    pub fn clear(&mut self) {
        self.0.clear();
    }
}

impl World {
    /// Messages about what a text is about, those most like it first, of messages alike the newest
    /// first: in one stream, or in all that the searcher is in. Suppressed messages are not found,
    /// nor are versions that were replaced.
    ///
    /// The score is the part of the text's words that a message has, in which words count for more
    /// the fewer messages have them (their inverse document frequency), and for less where only
    /// their stems are the same: Snowball's for English. Words like "the" do not count, unless there
    /// are no others. What a test planned is found instead.
    ///
    /// The cost is that of all messages of the streams in question.
    pub fn search_semantically(
        &self,
        caller: UserId,
        text: &str,
        stream: Option<StreamId>,
    ) -> Result<Vec<Hit<'_>>, Refusal> {
        if text.trim().is_empty() {
            return Err(Refusal::Malformed { what: "The text to search for is missing".into() });
        }
        let streams: Vec<StreamId> = match stream {
            Some(stream) => vec![stream],
            None => {
                let mine = self.streams.of_user(caller);
                mine.filter(|stream| stream.has_member(caller)).map(|stream| stream.id).collect()
            }
        };
        let mut since = BTreeMap::new();
        for stream in streams {
            since.insert(stream, self.check_reads(caller, stream)?);
        }
        if let Some(planned) = self.planned_findings.0.get(&folded(text)) {
            let visible = |message: &&Arc<Message>| {
                let since = since.get(&message.stream);
                is_shown(message) && since.is_some_and(|since| message.timestamp >= *since)
            };
            let found = planned.iter().filter_map(|id| self.messages.by_id(*id)).filter(visible);
            return Ok(found.map(|message| Hit { message, score: None }).collect());
        }
        Ok(self.rank(&Terms::of(text), &since))
    }

    fn rank(&self, terms: &Terms, since: &BTreeMap<StreamId, Timestamp>) -> Vec<Hit<'_>> {
        let mut looked_at = 0_usize;
        let mut having = vec![0_usize; terms.terms.len()];
        let mut found = Vec::new();
        for (stream, since) in since {
            let Some(log) = self.messages.logs.get(stream) else { continue };
            for (place, id) in log.messages.range((*since, 0)..) {
                let message = self.messages.by_id(*id).filter(|message| is_shown(message));
                let Some(message) = message else { continue };
                looked_at += 1;
                let shared = terms.shared_with(&message.plain_text);
                for (count, share) in having.iter_mut().zip(&shared) {
                    *count += usize::from(*share > 0.0);
                }
                if shared.iter().any(|share| *share > 0.0) {
                    found.push((message, *place, shared));
                }
            }
        }
        let weight = |having: &usize| (1.0 + looked_at as f64 / (*having as f64 + 1.0)).ln();
        let weights: Vec<_> = having.iter().map(weight).collect();
        let all: f64 = weights.iter().sum();
        let score = |shared: &[f64]| {
            shared.iter().zip(&weights).map(|(share, weight)| share * weight).sum::<f64>() / all
        };
        let mut found: Vec<_> = found
            .into_iter()
            .map(|(message, place, shared)| (score(&shared), place, message))
            .collect();
        found.sort_by(|(a, a_place, _), (b, b_place, _)| {
            b.total_cmp(a).then_with(|| b_place.cmp(a_place))
        });
        found.into_iter().map(|(score, _, message)| Hit { message, score: Some(score) }).collect()
    }
}

impl Terms {
    fn of(text: &str) -> Self {
        let stemmer = Stemmer::create(Algorithm::English);
        let all: Vec<_> = words(text).collect();
        let telling: Vec<_> =
            all.iter().filter(|word| !EMPTY.contains(&word.as_str())).cloned().collect();
        let mut terms = BTreeMap::<String, Term>::new();
        for word in if telling.is_empty() { all } else { telling } {
            let stem = stemmer.stem(&word).into_owned();
            let place = terms.len();
            let term = terms.entry(stem).or_insert(Term { words: BTreeSet::new(), place });
            term.words.insert(word);
        }
        Self { stemmer, terms }
    }

    /// How much of each term a text has, from 0 to 1.
    fn shared_with(&self, text: &str) -> Vec<f64> {
        let mut shared = vec![0.0_f64; self.terms.len()];
        for word in words(text) {
            // Stemming is what takes time, and leaves the beginnings of words as they are.
            let may_be = |stem: &String| stem.chars().next() == word.chars().next();
            if !self.terms.keys().any(may_be) {
                continue;
            }
            if let Some(term) = self.terms.get(&*self.stemmer.stem(&word)) {
                let share = if term.words.contains(&word) { 1.0 } else { LIKE };
                shared[term.place] = shared[term.place].max(share);
            }
        }
        shared
    }
}

fn is_shown(message: &Message) -> bool {
    message.suppressed.is_none() && message.replaced_by.is_none()
}

/// The words of a text, in lower case.
fn words(text: &str) -> impl Iterator<Item = String> + '_ {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_lowercase)
}

fn folded(text: &str) -> String {
    text.trim().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_shared_as_they_are_or_by_their_stems() {
        let terms = Terms::of("Who is ordering the lunches?");
        let stems: Vec<_> = terms.terms.keys().map(String::as_str).collect();
        assert_eq!(stems, ["lunch", "order"]);
        let shared = |text: &str| {
            let shared = terms.shared_with(text);
            ["lunch", "order"].map(|stem| shared[terms.terms[stem].place])
        };
        assert_eq!(shared("LUNCHES are ordered."), [1.0, LIKE]);
        assert_eq!(shared("who is the one?"), [0.0, 0.0]);
        assert_eq!(Terms::of("to be or not to be").terms.len(), 4);
        assert!(EMPTY.is_sorted());
    }
}
