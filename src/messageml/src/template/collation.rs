//! The order of words, as Java's collator for English has it: letters first, then accents, spaces and dashes, then case.
//!
//! Spaces and dashes are told only between words that have the same letters: `ab` is before `a c`. What Java's rules do
//! not name is behind all that they do, by its code. The order was taken from what the JDK's `RuleBasedCollator` answers,
//! and compared with it on random words.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::sync::LazyLock;

/// Signs and digits before the letters.
const MARKS: &str = "_\u{af},;:!\u{a1}?\u{bf}/.\u{b4}`^\u{a8}~\u{b7}\u{b8}'\"\u{ab}\u{bb}()[]{}\u{a7}\u{b6}\u{a9}\u{ae}@\u{a4}\u{e3f}\u{a2}\u{20a1}\u{20a2}$\u{20ab}\u{20ac}\u{20a3}\u{20a4}\u{20a5}\u{20a6}\u{20a7}\u{a3}\u{20a8}\u{20aa}\u{20a9}\u{a5}*\\&#%+\u{b1}\u{f7}\u{d7}<=>\u{ac}|\u{a6}\u{b0}\u{b5}0123456789\u{bc}\u{bd}\u{be}";

/// Spaces, with the places that they have among the accents.
const SPACES: &[(char, u16)] =
    &[(' ', 1), ('\u{a0}', 2), ('\r', 14), ('\t', 15), ('\n', 16), ('\u{c}', 17), ('\u{b}', 18)];

/// Dashes, behind all accents.
const DASHES: &str = "-\u{ad}\u{2010}\u{2011}\u{2012}\u{2013}\u{2014}\u{2015}\u{2212}";
const FIRST_DASH: u16 = 109;

/// What is added to an accent of a letter before it, so that it is behind what no letter has.
const ACCENT: u16 = 1_000;

/// Accents by their place among each other: letters that have one, and the same without it.
const ACCENTS: &[(u16, &str, &str)] = &[
    (
        19,
        "\u{c1}\u{c9}\u{cd}\u{d3}\u{da}\u{dd}\u{e1}\u{e9}\u{ed}\u{f3}\u{fa}\u{fd}\u{106}\u{107}\u{139}\u{13a}\u{143}\u{144}\u{154}\u{155}\u{15a}\u{15b}\u{179}\u{17a}\u{1d7}\u{1d8}\u{1f4}\u{1f5}\u{1fa}\u{1fb}\u{1fc}\u{1fd}\u{1fe}\u{1ff}",
        "AEIOUYaeiouyCcLlNnRrSsZz\u{dc}\u{fc}Gg\u{c5}\u{e5}\u{c6}\u{e6}\u{d8}\u{f8}",
    ),
    (
        20,
        "\u{c0}\u{c8}\u{cc}\u{d2}\u{d9}\u{e0}\u{e8}\u{ec}\u{f2}\u{f9}\u{1db}\u{1dc}\u{1f8}\u{1f9}",
        "AEIOUaeiou\u{dc}\u{fc}Nn",
    ),
    (
        21,
        "\u{102}\u{103}\u{114}\u{115}\u{11e}\u{11f}\u{12c}\u{12d}\u{14e}\u{14f}\u{16c}\u{16d}",
        "AaEeGgIiOoUu",
    ),
    (
        22,
        "\u{c2}\u{ca}\u{ce}\u{d4}\u{db}\u{e2}\u{ea}\u{ee}\u{f4}\u{fb}\u{108}\u{109}\u{11c}\u{11d}\u{124}\u{125}\u{134}\u{135}\u{15c}\u{15d}\u{174}\u{175}\u{176}\u{177}",
        "AEIOUaeiouCcGgHhJjSsWwYy",
    ),
    (
        23,
        "\u{10c}\u{10d}\u{10e}\u{10f}\u{11a}\u{11b}\u{13d}\u{13e}\u{147}\u{148}\u{158}\u{159}\u{160}\u{161}\u{164}\u{165}\u{17d}\u{17e}\u{1cd}\u{1ce}\u{1cf}\u{1d0}\u{1d1}\u{1d2}\u{1d3}\u{1d4}\u{1d9}\u{1da}\u{1e6}\u{1e7}\u{1e8}\u{1e9}\u{1ee}\u{1ef}\u{1f0}\u{21e}\u{21f}",
        "CcDdEeLlNnRrSsTtZzAaIiOoUu\u{dc}\u{fc}GgKk\u{1b7}\u{292}jHh",
    ),
    (24, "\u{c5}\u{e5}\u{16e}\u{16f}", "AaUu"),
    (
        26,
        "\u{c4}\u{cb}\u{cf}\u{d6}\u{dc}\u{e4}\u{eb}\u{ef}\u{f6}\u{fc}\u{ff}\u{178}",
        "AEIOUaeiouyY",
    ),
    (27, "\u{150}\u{151}\u{170}\u{171}", "OoUu"),
    (28, "\u{c3}\u{d1}\u{d5}\u{e3}\u{f1}\u{f5}\u{128}\u{129}\u{168}\u{169}", "ANOanoIiUu"),
    (
        29,
        "\u{10a}\u{10b}\u{116}\u{117}\u{120}\u{121}\u{130}\u{17b}\u{17c}\u{226}\u{227}\u{22e}\u{22f}",
        "CcEeGgIZzAaOo",
    ),
    (
        30,
        "\u{100}\u{101}\u{112}\u{113}\u{12a}\u{12b}\u{14c}\u{14d}\u{16a}\u{16b}\u{1d5}\u{1d6}\u{1de}\u{1df}\u{1e0}\u{1e1}\u{1e2}\u{1e3}\u{1ec}\u{1ed}\u{22a}\u{22b}\u{22c}\u{22d}\u{230}\u{231}\u{232}\u{233}",
        "AaEeIiOoUu\u{dc}\u{fc}\u{c4}\u{e4}\u{226}\u{227}\u{c6}\u{e6}\u{1ea}\u{1eb}\u{d6}\u{f6}\u{d5}\u{f5}\u{22e}\u{22f}Yy",
    ),
    (
        32,
        "\u{c7}\u{e7}\u{122}\u{123}\u{136}\u{137}\u{13b}\u{13c}\u{145}\u{146}\u{156}\u{157}\u{15e}\u{15f}\u{162}\u{163}\u{228}\u{229}",
        "CcGgKkLlNnRrSsTtEe",
    ),
    (33, "\u{104}\u{105}\u{118}\u{119}\u{12e}\u{12f}\u{172}\u{173}\u{1ea}\u{1eb}", "AaEeIiUuOo"),
    (
        39,
        "\u{200}\u{201}\u{204}\u{205}\u{208}\u{209}\u{20c}\u{20d}\u{210}\u{211}\u{214}\u{215}",
        "AaEeIiOoRrUu",
    ),
    (
        41,
        "\u{202}\u{203}\u{206}\u{207}\u{20a}\u{20b}\u{20e}\u{20f}\u{212}\u{213}\u{216}\u{217}",
        "AaEeIiOoRrUu",
    ),
    (51, "\u{1a0}\u{1a1}\u{1af}\u{1b0}", "OoUu"),
    (61, "\u{218}\u{219}\u{21a}\u{21b}", "SsTt"),
];

pub(super) fn compare(left: &str, right: &str) -> Ordering {
    key(left).cmp(&key(right))
}

/// What a text is ordered by.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    letters: Vec<u32>,
    accents: Vec<u16>,
    cases: Vec<u8>,
}

pub(super) fn key(text: &str) -> Key {
    let mut key = Key { letters: Vec::new(), accents: Vec::new(), cases: Vec::new() };
    for character in text.chars() {
        key.push(character);
    }
    key
}

impl Key {
    fn push(&mut self, character: char) {
        if let Some((_, place)) = SPACES.iter().find(|(space, _)| *space == character) {
            self.accents.push(ACCENT + place);
        } else if let Some(place) = position(DASHES, character) {
            self.accents.push(ACCENT + FIRST_DASH + u16::try_from(place).unwrap_or_default());
            // (Java's rules make a difference of case of it, too.)
            self.cases.extend((character == '-').then_some(101));
        } else if let Some((accent, base)) = decomposed(character) {
            self.push(base);
            self.accents.push(ACCENT + accent);
        } else {
            self.push_plain(character);
        }
    }

    fn push_plain(&mut self, character: char) {
        const LETTERS: u32 = 1_000;
        const UNNAMED: u32 = 32_767;
        let letter = |letter: char| {
            // Eth is behind d.
            let place = u32::from(letter) - u32::from('a');
            LETTERS + place + u32::from(letter > 'd')
        };
        let (lower, upper_case) = (character.to_ascii_lowercase(), character.is_ascii_uppercase());
        match character {
            'A'..='Z' | 'a'..='z' => self.element(letter(lower), u8::from(upper_case)),
            '\u{f0}' => self.element(letter('d') + 1, 0),
            '\u{d0}' => self.element(letter('d') + 1, 1),
            '\u{df}' => self.pair(letter('s'), letter('s'), 2),
            '\u{e6}' => self.pair(letter('a'), letter('e'), 2),
            '\u{c6}' => self.pair(letter('a'), letter('e'), 3),
            '\u{153}' => self.pair(letter('o'), letter('e'), 2),
            '\u{152}' => self.pair(letter('o'), letter('e'), 3),
            '\u{fe}' => self.pair(letter('t'), letter('h'), 2),
            '\u{de}' => self.pair(letter('t'), letter('h'), 3),
            '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{200b}'..='\u{200f}' => {}
            _ => match position(MARKS, character) {
                Some(place) => self.element(1 + u32::try_from(place).unwrap_or_default(), 0),
                None => {
                    self.element(UNNAMED, 0);
                    self.element(u32::from(character), 0);
                }
            },
        }
    }

    fn element(&mut self, letter: u32, case: u8) {
        self.letters.push(letter);
        self.accents.push(0);
        self.cases.push(case);
    }

    /// A sign that is two letters, the second of which Java's rules take for a capital.
    fn pair(&mut self, first: u32, second: u32, case: u8) {
        self.element(first, case);
        self.element(second, 1);
    }
}

fn position(signs: &str, character: char) -> Option<usize> {
    signs.chars().position(|sign| sign == character)
}

/// The accent of a letter, and what it is without it.
fn decomposed(character: char) -> Option<(u16, char)> {
    static TABLE: LazyLock<HashMap<char, (u16, char)>> = LazyLock::new(|| {
        let row = |(accent, letters, bases): &(u16, &'static str, &'static str)| {
            let accent = *accent;
            letters.chars().zip(bases.chars()).map(move |(letter, base)| (letter, (accent, base)))
        };
        ACCENTS.iter().flat_map(row).collect()
    });
    if character < '\u{c0}' { None } else { TABLE.get(&character).copied() }
}

#[cfg(test)]
mod tests {
    use std::cmp::Ordering;

    use super::{compare, key};

    /// As the JDK orders them.
    #[test]
    fn words_are_in_order() {
        for words in [
            vec!["_a", ",a", "(a", "$a", "1", "10", "9", "a", "A", "ab", "a b", "z"],
            vec!["Dean", "devries", "de Vries", "Devries z"],
            vec!["ab", "Ab", "a b", "\u{e1}b", "a-b", "a c", "a-d"],
            vec!["resume", "Resume", "resum\u{e9}", "r\u{e9}sume", "r\u{e9}sum\u{e9}", "resumes"],
            vec!["d", "\u{f0}", "e", "z", "\u{142}", "\u{3b1}", "\u{430}"],
            vec!["strasse", "stra\u{df}e", "strata"],
        ] {
            for pair in words.windows(2) {
                assert_eq!(compare(pair[0], pair[1]), Ordering::Less, "{pair:?}");
            }
        }
        assert_eq!(key("a\u{1}b"), key("ab"));
        assert_eq!(compare("a", "a"), Ordering::Equal);
    }
}
