//! What a pattern costs, in steps of a template's budget, told from its syntax before it runs.

use fancy_regex::{Assertion, Expr};

use super::class::Class;

/// Reading a pattern, whatever its length.
pub(super) const READING: usize = 500;

/// What an engine looks at is compiled into an automaton whose states are sets of places in the pattern: with so few
/// places they are few enough to be kept, and a byte is one look into a table. With more of them a text can be made that
/// needs a new state at each byte.
const TAME: usize = 12;

/// Bytes that a tame pattern passes in a step.
const PASSED: usize = 16;

/// A search, whatever it looks through.
const SEARCHING: usize = 16;

/// Places of a pattern that are followed at once in a step, where they are followed one by one.
const FOLLOWED: usize = 4;

/// Compiling an engine, whatever its pattern.
const MAKING: usize = 5_000;

/// Characters whose other cases are looked for in a step.
const FOLDED: usize = 2;

/// What the engine's own machine does in a round of a loop.
const ROUND: usize = 2;

#[derive(Debug, Clone, Copy)]
pub(super) struct Price {
    /// Places in the pattern, repetitions written out.
    places: usize,
    /// States of the automaton that is made of it, repetitions written out.
    states: usize,
    /// Characters that are looked through for those that differ from them by case alone.
    folded: usize,
    /// Those where a text may go on in more than one way.
    choices: usize,
    /// How many bytes are looked at beyond the end of a match, at most; `usize::MAX` where nothing says so.
    longest: usize,
    /// Whether the engine may have to go back.
    goes_back: bool,
    /// How the engine goes in rounds where it goes back.
    rounds: Rounds,
}

/// How often the engine's own machine goes round a loop: a way back is left at each round, and so the ways that were
/// gone back pay for all but those of the match itself.
#[derive(Debug, Clone, Copy, Default)]
struct Rounds {
    any: bool,
    /// Whether a round may look through all that follows.
    far: bool,
    /// Whether the ways back are thrown away, by an atomic group or a look around: the loop may be gone through after
    /// each of the others.
    forgotten: bool,
}

impl Price {
    pub fn of(tree: &Expr) -> Self {
        Self::of_part(tree, true)
    }

    /// Of a part of a pattern, which may be its end.
    fn of_part(tree: &Expr, is_end: bool) -> Self {
        let mut price = Self {
            places: 1,
            states: 1,
            choices: 0,
            longest: 0,
            folded: 0,
            goes_back: false,
            rounds: Rounds::default(),
        };
        match tree {
            Expr::Empty | Expr::Concat(_) | Expr::Alt(_) | Expr::Group(_) | Expr::Repeat { .. } => {
            }
            Expr::Literal { val, casei } => {
                price.places = val.len();
                price.states = val.len().saturating_mul(if *casei { 4 } else { 1 });
                price.choices = 1;
                price.longest = val.len();
            }
            // A character that is told by what it is not may have several bytes.
            _ if is_character(tree) || matches!(tree, Expr::GeneralNewline { .. }) => {
                let is_ascii = matches!(tree, Expr::Delegate { inner, casei: false }
                    if inner.is_ascii() && !inner.contains(['^', '&']));
                price.places = if is_ascii { 1 } else { 8 };
                price.states = price.places;
                if let Expr::Delegate { inner, casei } = tree {
                    let class = Class::of(inner);
                    price.states = price.states.max(class.ranges);
                    price.folded = if *casei { class.folded } else { 0 };
                }
                price.choices = 1;
                price.longest = 4;
            }
            Expr::Assertion(
                Assertion::StartText
                | Assertion::EndText
                | Assertion::StartLine { .. }
                | Assertion::EndLine { .. },
            ) => {}
            // By sets of places there is no telling the edge of a word beyond ASCII.
            Expr::Assertion(_) => price.choices = TAME + 1,
            // Look-around, references, atomic groups: what no automaton does.
            _ => price.goes_back = true,
        }
        if matches!(tree, Expr::Backref { .. }) {
            price.longest = usize::MAX;
        }
        let is_cut = matches!(tree, Expr::AtomicGroup(_) | Expr::LookAround(..));
        let children: Vec<&Expr> = tree.children_iter().collect();
        for (index, child) in children.iter().enumerate() {
            let may_end = match tree {
                Expr::Concat(_) => index + 1 == children.len(),
                Expr::Alt(_) | Expr::Group(_) => true,
                _ => false,
            };
            let child = Self::of_part(child, is_end && may_end);
            price.places = price.places.saturating_add(child.places);
            price.states = price.states.saturating_add(child.states);
            price.folded = price.folded.saturating_add(child.folded);
            price.choices = price.choices.saturating_add(child.choices);
            price.longest = price.longest.saturating_add(child.longest);
            price.goes_back |= child.goes_back;
            if is_cut && !child.goes_back {
                // An automaton does all of it.
                continue;
            }
            price.rounds.any |= child.rounds.any;
            price.rounds.far |= child.rounds.far;
            price.rounds.forgotten |= child.rounds.forgotten;
        }
        price.rounds.forgotten |= is_cut && price.rounds.any;
        if let Expr::Repeat { lo, hi, .. } = tree {
            let times = if *hi == usize::MAX { *lo } else { *hi }.max(1);
            price.places = price.places.saturating_mul(times);
            price.states = price.states.saturating_mul(times);
            price.folded = price.folded.saturating_mul(times);
            price.choices = price.choices.saturating_mul(times);
            // With each further character of its kind the match is longer, and it ends before the first of another.
            let grows = is_end && children.iter().all(|child| is_character(child));
            let most = if grows && *hi == usize::MAX { (*lo).max(1) } else { *hi };
            if *hi == usize::MAX && !children.iter().all(|child| is_character(child)) {
                price.rounds.any = true;
                price.rounds.far |= price.goes_back && price.longest == usize::MAX;
            }
            price.longest = price.longest.saturating_mul(most);
        }
        price
    }

    /// Of compiling it.
    pub fn of_making(self) -> usize {
        MAKING
            .saturating_add(self.places.max(self.states).saturating_mul(64))
            .saturating_add(self.folded / FOLDED)
    }

    /// How much of the rest of a text is looked at if a match ends after so many bytes of it. A pattern that may go on
    /// for ever looks at all of it, though the match may be short.
    pub fn seen(self, rest: usize, end: Option<usize>) -> usize {
        match end {
            Some(end) if !self.goes_back => end.saturating_add(self.longest).min(rest),
            _ => rest,
        }
    }

    /// Of looking through so many bytes, and going back so often.
    pub fn of_search(self, length: usize, backtracks: usize) -> usize {
        let once = if self.choices <= TAME { length / PASSED } else { self.of_following(length) };
        let once = once.saturating_add(SEARCHING);
        if self.goes_back || backtracks > 1 {
            // Each time through the rest, by steps of the engine's own.
            let once = once.saturating_add(length / 4);
            let Rounds { any, far, forgotten } = self.rounds;
            let round = if far { once } else { ROUND };
            let rounds = if any { length.saturating_mul(round) } else { 0 };
            if forgotten {
                once.max(rounds).saturating_mul(backtracks)
            } else {
                once.saturating_mul(backtracks).saturating_add(rounds)
            }
        } else {
            once
        }
    }

    /// Of following the places of the pattern one by one through so many bytes, as is done to tell the groups of a match.
    pub fn of_following(self, length: usize) -> usize {
        length.saturating_mul(self.places.div_ceil(FOLLOWED))
    }

    /// Of telling so many groups of a match of so many bytes.
    pub fn of_groups(self, length: usize, groups: usize) -> usize {
        self.of_following(length).saturating_add(groups.saturating_mul(8))
    }
}

/// Whether a part of a pattern is one character of several.
fn is_character(part: &Expr) -> bool {
    matches!(part, Expr::Any { .. } | Expr::Delegate { .. })
}
