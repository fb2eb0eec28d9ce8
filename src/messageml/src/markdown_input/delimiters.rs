//! Runs of delimiters: asterisks and underscores around emphasis, and the marks around entities and tables.

use std::collections::HashMap;
use std::sync::LazyLock;

use fancy_regex::Regex;

use super::super::Invalid;
use super::enrich::{CELL, FIELD, MARK, ROW};
use super::inlines::Parser;
use super::nodes::Inline;

/// A delimiter run: signs that may begin or end something.
pub(super) struct Run {
    node: usize,
    sign: char,
    length: usize,
    length_at_first: usize,
    opens: bool,
    closes: bool,
    previous: Option<usize>,
    next: Option<usize>,
}

impl Parser<'_> {
    pub fn run(&mut self, sign: char) -> usize {
        let start = self.at;
        let length = self.text[start..].iter().take_while(|c| **c == sign).count();
        self.at += length;
        let before = start.checked_sub(1).map_or('\n', |before| self.text[before]);
        let after = self.text.get(self.at).copied().unwrap_or('\n');
        let (is_left, is_right) = (
            !is_white(after) && (!is_mark(after) || is_white(before) || is_mark(before)),
            !is_white(before) && (!is_mark(before) || is_white(after) || is_mark(after)),
        );
        let is_in_words = sign == '_';
        let text = self.slice(start, self.at);
        let node = self.add_text(text);
        let id = self.runs.len();
        self.runs.push(Run {
            node,
            sign,
            length,
            length_at_first: length,
            opens: is_left && (!is_in_words || !is_right || is_mark(before)),
            closes: is_right && (!is_in_words || !is_left || is_mark(after)),
            previous: self.last_run,
            next: None,
        });
        if let Some(last) = self.last_run.replace(id) {
            self.runs[last].next = Some(id);
        }
        node
    }

    /// Pairs the runs above one, which are forgotten then.
    pub fn pair(&mut self, bottom: Option<usize>) -> Result<(), Invalid> {
        let mut bottoms: HashMap<char, Option<usize>> = HashMap::new();
        let mut closer = self.last_run.filter(|last| Some(*last) != bottom);
        while let Some(id) = closer
            && self.runs[id].previous != bottom
        {
            closer = self.runs[id].previous;
            self.budget.spend(1)?;
        }
        while let Some(id) = closer {
            if !self.runs[id].closes {
                closer = self.runs[id].next;
                continue;
            }
            let sign = self.runs[id].sign;
            let stop = bottoms.get(&sign).copied().flatten();
            let (mut used, mut was_possible) = (0, false);
            let mut opener = self.runs[id].previous;
            while let Some(candidate) = opener.filter(|c| Some(*c) != bottom && Some(*c) != stop) {
                self.budget.spend(1)?;
                let run = &self.runs[candidate];
                if run.opens && run.sign == sign {
                    was_possible = true;
                    used = uses(run, &self.runs[id]);
                    if used > 0 {
                        break;
                    }
                }
                opener = run.previous;
            }
            let Some(opener) = opener.filter(|_| used > 0) else {
                let next = self.runs[id].next;
                if !was_possible {
                    bottoms.insert(sign, self.runs[id].previous);
                    if !self.runs[id].opens {
                        self.forget(id);
                    }
                }
                closer = next;
                continue;
            };
            for run in [opener, id] {
                self.runs[run].length -= used;
                if let Some(text) = self.nodes.text_mut(self.runs[run].node) {
                    text.truncate(text.len() - used * sign.len_utf8());
                }
            }
            while let Some(between) = self.runs[id].previous.filter(|run| *run != opener) {
                self.forget(between);
            }
            let (from, to) = (self.runs[opener].node, self.runs[id].node);
            self.nodes.merge(self.nodes.0[from].next, Some(to), self.budget)?;
            if sign == MARK {
                self.entity(from)?;
            } else {
                let emphasis =
                    self.nodes.add(if used == 1 { Inline::Italic } else { Inline::Bold });
                while let Some(node) = self.nodes.0[from].next.filter(|node| *node != to) {
                    if matches!(self.nodes.0[node].inline, Inline::Table(_)) {
                        // (The reference fails with an exception.)
                        let message = "Invalid table payload: a table inside emphasis";
                        return Err(Invalid::new(message));
                    }
                    self.nodes.append(emphasis, node);
                }
                self.nodes.insert_after(from, emphasis);
            }
            if self.runs[opener].length == 0 {
                self.nodes.unlink(from);
                self.forget(opener);
            }
            if self.runs[id].length == 0 {
                closer = self.runs[id].next;
                self.nodes.unlink(to);
                self.forget(id);
            }
        }
        while let Some(last) = self.last_run.filter(|last| Some(*last) != bottom) {
            self.forget(last);
        }
        Ok(())
    }

    fn forget(&mut self, id: usize) {
        let Run { previous, next, .. } = self.runs[id];
        if let Some(previous) = previous {
            self.runs[previous].next = next;
        }
        match next {
            Some(next) => self.runs[next].previous = previous,
            None => self.last_run = previous,
        }
    }

    /// Makes the text behind a mark what it says.
    fn entity(&mut self, mark: usize) -> Result<(), Invalid> {
        let Some(node) = self.nodes.0[mark].next else { return Ok(()) };
        let Inline::Text(text) = &self.nodes.0[node].inline else { return Ok(()) };
        let fields = split(text, FIELD);
        let [kind, value, ..] = &fields[..] else {
            self.nodes.unlink(node);
            return Ok(());
        };
        let made = match *kind {
            // (The reference fails with an exception for an empty one.)
            "KEYWORD" if value.is_empty() => {
                return Err(Invalid::new("Invalid entity payload: empty keyword"));
            }
            "KEYWORD" => Inline::Keyword((*value).to_owned()),
            "URL" => Inline::Link((*value).to_owned()),
            "USER_FOLLOW" => match value.parse() {
                Ok(id) => Inline::Mention(id),
                Err(_) => Inline::Text((*value).to_owned()),
            },
            "TABLE" => {
                let row = |row| split(row, CELL).into_iter().map(str::to_owned).collect();
                Inline::Table(split(value, ROW).into_iter().map(row).collect())
            }
            _ => return Ok(()),
        };
        let made = self.nodes.add(made);
        self.nodes.insert_after(mark, made);
        self.nodes.unlink(node);
        Ok(())
    }
}

/// `String.split`: empty pieces at the end are left off.
fn split(text: &str, separator: char) -> Vec<&str> {
    let mut pieces: Vec<&str> = text.split(separator).collect();
    if pieces.len() > 1 {
        while pieces.last().is_some_and(|piece| piece.is_empty()) {
            pieces.pop();
        }
    }
    pieces
}

/// How many signs of two runs make a pair.
fn uses(opener: &Run, closer: &Run) -> usize {
    if closer.sign == MARK {
        return usize::from(opener.length >= 1 && closer.length >= 1);
    }
    let is_of_three = (opener.closes || closer.opens)
        && !closer.length_at_first.is_multiple_of(3)
        && (opener.length_at_first + closer.length_at_first).is_multiple_of(3);
    match (is_of_three, opener.length >= 2 && closer.length >= 2) {
        (true, _) => 0,
        (false, true) => 2,
        (false, false) => 1,
    }
}

/// A space as Unicode knows them, or an end of a line.
fn is_white(character: char) -> bool {
    matches!(
        character,
        '\t' | '\r' | '\n' | '\u{c}' | ' ' | '\u{a0}' | '\u{1680}' | '\u{2000}'
            ..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}'
    )
}

/// Punctuation, of the first plane: the reference looks at single units of UTF-16.
fn is_mark(character: char) -> bool {
    static PUNCTUATION: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\p{P}").ok());
    if character.is_ascii() {
        return character.is_ascii_punctuation();
    }
    let is_match =
        |regex: &Regex| regex.is_match(character.encode_utf8(&mut [0; 4])).unwrap_or_default();
    character <= '\u{ffff}' && PUNCTUATION.as_ref().is_some_and(is_match)
}
