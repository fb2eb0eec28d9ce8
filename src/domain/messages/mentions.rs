//! Whom a text names: what a client's type-ahead finds after an `@`.

use std::cmp::Reverse;
use std::collections::HashSet;

use super::super::{StreamId, User, UserId, World};

/// The names of whoever a text may mention, sorted, so that a step along the text leaves those that go
/// on like it: however many users there are, a mention costs no more than its length.
pub(super) struct Names {
    /// Folded, each once: of several users of one name, whoever is in the stream, and of the own pod.
    sorted: Vec<(Box<[char]>, UserId)>,
}

/// The longest name that is looked for, in characters; nobody types a longer one.
const LONGEST: usize = 256;

impl Names {
    /// Of those whose names begin with what stands behind some `@` of the text.
    pub fn of(world: &World, text: &str, stream: Option<StreamId>) -> Self {
        let start = |text: &str| {
            let mut characters = text.chars().map(fold);
            characters.next().map(|first| (first, characters.next()))
        };
        let starts: HashSet<_> = text.split('@').skip(1).filter_map(start).collect();
        let firsts: HashSet<_> = starts.iter().map(|(first, _)| *first).collect();
        if starts.is_empty() {
            return Self { sorted: Vec::new() };
        }
        let may_follow = |name: &&str| match start(name) {
            Some((first, None)) => firsts.contains(&first),
            Some(both) => starts.contains(&both),
            None => false,
        };
        let stream = stream.and_then(|stream| world.streams.by_id(stream));
        let mut named: Vec<_> = (world.users.iter())
            .flat_map(|user| {
                names_of(user).into_iter().filter(may_follow).map(move |name| (name, user))
            })
            .filter(|(name, _)| name.chars().nth(LONGEST).is_none())
            .map(|(name, user)| {
                let is_there = stream.is_some_and(|stream| stream.has_member(user.id));
                let is_own = user.id.pod() == world.identity.id;
                let folded: Box<[char]> = name.chars().map(fold).collect();
                (folded, Reverse(is_there), Reverse(is_own), user.id)
            })
            .collect();
        named.sort_unstable();
        named.dedup_by(|next, kept| next.0 == kept.0);
        Self { sorted: named.into_iter().map(|(name, _, _, user)| (name, user)).collect() }
    }

    /// Whoever has the longest name that a text begins with, whatever the letter case, where it does
    /// not go on with the same word; and how many bytes of it the name takes.
    pub fn longest_at(&self, text: &str) -> Option<(usize, UserId)> {
        let mut left = self.sorted.as_slice();
        let mut found = None;
        for (depth, (at, character)) in text.char_indices().enumerate() {
            let typed = Some(fold(character));
            let next = |(name, _): &(Box<[char]>, UserId)| name.get(depth).copied();
            let first = left.partition_point(|name| next(name) < typed);
            let end = left.partition_point(|name| next(name) <= typed);
            left = &left[first..end];
            // What all of them begin with is the first of them, where it is one.
            let Some((name, user)) = left.first() else { break };
            let length = at + character.len_utf8();
            if name.len() == depth + 1 && !goes_on(&text[length..]) {
                found = Some((length, *user));
            }
        }
        found
    }
}

fn names_of(user: &User) -> [&str; 2] {
    [user.display_name.as_str(), user.username.as_str()]
}

/// Characters that differ in letter case alone are the same.
fn fold(character: char) -> char {
    let mut lower = character.to_lowercase();
    match (lower.next(), lower.next()) {
        (Some(one), None) => one,
        _ => character,
    }
}

/// Whether what follows a name still belongs to its word.
fn goes_on(text: &str) -> bool {
    let mut after = text.chars();
    match after.next() {
        Some('.' | '-' | '@') => after.next().is_some_and(char::is_alphanumeric),
        Some(next) => next.is_alphanumeric() || next == '_',
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::sample::Sample;

    #[test]
    fn the_longest_name_that_ends_with_its_word_is_found() {
        let Sample { mut world, alice, bob, carol, .. } = Sample::new();
        for (user, name) in [(alice, "Al"), (bob, "Al Bundy"), (carol, "İal")] {
            world.users.by_id_mut(user).unwrap().display_name = name.to_owned();
        }
        for (text, expected) in [
            ("al bundy!", Some((8, bob))),
            ("AL BUNDYS", Some((2, alice))),
            ("al. Bye", Some((2, alice))),
            ("al.b", None),
            ("al", Some((2, alice))),
            ("a", None),
            ("İAL", Some((4, carol))),
            ("", None),
        ] {
            let names = Names::of(&world, &format!("@{text}"), None);
            assert_eq!(names.longest_at(text), expected, "{text:?}");
        }
    }

    #[test]
    fn names_that_nothing_typed_begins_like_are_not_sorted() {
        let Sample { world, .. } = Sample::new();
        assert!(Names::of(&world, "nobody is named: a@", None).sorted.is_empty());
        assert!(Names::of(&world, "@x @q", None).sorted.is_empty());
        assert!(!Names::of(&world, "@al", None).sorted.is_empty());
    }
}
