//! The order of words, as Java's collator for English has it: letters first, then accents, then case; punctuation
//! before digits, digits before letters.

use std::cmp::Ordering;

/// Punctuation in the order of `java.text.CollationRules`; white space comes first.
const MARKS: &str = "_\u{203f}-\u{ad}\u{2010}\u{2011}\u{2012}\u{2013}\u{2014}\u{2015}\u{2212},;:!\u{a1}?\u{bf}/.\u{60}\u{b4}\u{2dc}^\u{af}'\u{2018}\u{2019}\u{2039}\u{203a}\"\u{201c}\u{201d}\u{ab}\u{bb}()[]{}\u{a7}\u{b6}\u{a9}\u{ae}@\u{a4}\u{a2}$\u{20ac}\u{a3}\u{a5}*\\&#%\u{2030}+\u{b1}\u{f7}\u{d7}<=>|\u{a6}~";

pub(super) fn compare(left: &str, right: &str) -> Ordering {
    key(left).cmp(&key(right))
}

/// What a text is ordered by: all its letters, then their accents, then their case.
pub(super) fn key(text: &str) -> Vec<u8> {
    let (mut letters, mut accents, mut cases) = (Vec::new(), Vec::new(), Vec::new());
    for character in text.chars() {
        let (base, accent) = decomposed(character);
        let lower = base.to_lowercase().next().unwrap_or(base);
        let weight = weight(lower);
        // White space and controls say nothing to the first comparison in Java's rules but for their place.
        letters.extend_from_slice(&weight.to_be_bytes());
        accents.push(accent);
        cases.push(u8::from(base != lower));
    }
    letters.extend_from_slice(&[0; 4]);
    letters.append(&mut accents);
    letters.push(0);
    letters.append(&mut cases);
    letters
}

fn weight(character: char) -> u32 {
    if let Some(position) = MARKS.chars().position(|mark| mark == character) {
        return 100 + u32::try_from(position).unwrap_or_default();
    }
    match character {
        ' ' | '\t' | '\n' | '\r' | '\u{a0}' => 50,
        '0'..='9' => 1000 + u32::from(character),
        'a'..='z' => 2000 + (u32::from(character) - u32::from('a')) * 4,
        '\u{e6}' => 2001,
        '\u{f0}' => 2000 + 3 * 4 + 1,
        '\u{f8}' => 2000 + 14 * 4 + 1,
        '\u{df}' => 2000 + 18 * 4 + 1,
        '\u{fe}' => 2000 + 19 * 4 + 1,
        other => 10_000 + u32::from(other),
    }
}

/// A letter of Latin-1 and its neighbours without its accent, and which accent it was.
fn decomposed(character: char) -> (char, u8) {
    const TABLE: &[(&str, char, u8)] = &[
        ("\u{c0}\u{c1}\u{c2}\u{c3}\u{c4}\u{c5}", 'A', 0),
        ("\u{e0}\u{e1}\u{e2}\u{e3}\u{e4}\u{e5}", 'a', 0),
        ("\u{c8}\u{c9}\u{ca}", 'E', 0),
        ("\u{e8}\u{e9}\u{ea}", 'e', 0),
        ("\u{cc}\u{cd}\u{ce}", 'I', 0),
        ("\u{ec}\u{ed}\u{ee}", 'i', 0),
        ("\u{d2}\u{d3}\u{d4}\u{d5}\u{d6}", 'O', 0),
        ("\u{f2}\u{f3}\u{f4}\u{f5}\u{f6}", 'o', 0),
        ("\u{d9}\u{da}\u{db}", 'U', 0),
        ("\u{f9}\u{fa}\u{fb}", 'u', 0),
        ("\u{cb}", 'E', 4),
        ("\u{eb}", 'e', 4),
        ("\u{cf}", 'I', 4),
        ("\u{ef}", 'i', 4),
        ("\u{dc}", 'U', 4),
        ("\u{fc}", 'u', 4),
        ("\u{c7}", 'C', 6),
        ("\u{e7}", 'c', 6),
        ("\u{d1}", 'N', 3),
        ("\u{f1}", 'n', 3),
        ("\u{dd}", 'Y', 1),
        ("\u{fd}", 'y', 1),
        ("\u{ff}", 'y', 4),
        ("\u{160}", 'S', 7),
        ("\u{161}", 's', 7),
        ("\u{17d}", 'Z', 7),
        ("\u{17e}", 'z', 7),
    ];
    if character < '\u{c0}' {
        return (character, 1);
    }
    for (letters, base, first) in TABLE {
        if let Some(position) = letters.chars().position(|letter| letter == character) {
            let accent = u8::try_from(position).unwrap_or_default();
            return (*base, 2 + first + accent);
        }
    }
    (character, 1)
}
