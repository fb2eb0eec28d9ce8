//! Java's regular expressions, in the syntax of the engine that runs them, at what they may cost.

mod class;
mod price;
mod translate;

use std::cell::RefCell;
use std::rc::Rc;

use fancy_regex::{Expr, RuntimeError};

use super::super::java;
use super::eval::{Fault, Result, Run};
use super::value::Value;

use price::Price;

/// How often a match may go back, at first and each time it is tried again: the engine does not tell how often it did,
/// and so a match pays for what it was allowed.
const BACKTRACKS: [usize; 4] = [1, 100, 4_000, 200_000];

/// Patterns that a run keeps. One that takes new ones all the time pays for reading each.
const KEPT: usize = 64;

/// The patterns that a run has read, with their modes.
pub(super) type Patterns = std::collections::HashMap<String, Rc<Regex>>;

/// Where a match has to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Anchors {
    None,
    Start,
    Whole,
}

#[derive(Debug)]
pub(super) struct Regex {
    /// In the engine's syntax.
    pattern: String,
    price: Price,
    /// Made when they are first needed: most patterns take one.
    engines: RefCell<Vec<(Anchors, usize, Rc<fancy_regex::Regex>)>>,
    names: Vec<Option<String>>,
}

/// Groups of a match by their bytes; a group may have taken no part.
pub(super) type Groups = Vec<Option<(usize, usize)>>;

impl Regex {
    /// The pattern of this text and these modes, read once in a run.
    ///
    /// # Errors
    ///
    /// What Java would not take or the engine cannot run.
    pub fn new(run: &mut Run<'_>, pattern: &str, modes: &str) -> Result<Rc<Self>> {
        run.spend(pattern.len())?;
        let mut key = String::with_capacity(modes.len() + 4 + pattern.len());
        if !modes.is_empty() {
            key.push_str("(?");
            key.push_str(modes);
            key.push(')');
        }
        key.push_str(pattern);
        if let Some(known) = run.patterns.get(&key) {
            return Ok(Rc::clone(known));
        }
        run.spend(price::READING + pattern.len().saturating_mul(16))?;
        if !java::regex::is_valid(pattern) {
            return Err(run.fail());
        }
        let translated =
            format!("{}{}", &key[..key.len() - pattern.len()], translate::translate(pattern));
        let tree = Expr::parse_tree(&translated).map_err(|_| run.fail())?;
        let mut regex = Self {
            pattern: translated,
            price: Price::of(&tree.expr),
            engines: RefCell::default(),
            names: Vec::new(),
        };
        let engine = regex.engine(run, Anchors::None, BACKTRACKS[0])?;
        regex.names = engine.capture_names().map(|name| name.map(str::to_owned)).collect();
        let regex = Rc::new(regex);
        if run.patterns.len() == KEPT {
            run.patterns.clear();
        }
        run.patterns.insert(key, Rc::clone(&regex));
        Ok(regex)
    }

    fn engine(
        &self,
        run: &mut Run<'_>,
        anchors: Anchors,
        backtracks: usize,
    ) -> Result<Rc<fancy_regex::Regex>> {
        let known = self.engines.borrow().iter().find_map(|(a, b, engine)| {
            (*a == anchors && *b == backtracks).then(|| Rc::clone(engine))
        });
        if let Some(known) = known {
            return Ok(known);
        }
        run.spend(self.price.of_making())?;
        let pattern = &self.pattern;
        let anchored = match anchors {
            Anchors::None => pattern.clone(),
            Anchors::Start => format!("\\A(?:{pattern})"),
            Anchors::Whole => format!("\\A(?:{pattern})\\z"),
        };
        let engine = fancy_regex::RegexBuilder::new(&anchored)
            .backtrack_limit(backtracks)
            .delegate_size_limit(1 << 20)
            .delegate_dfa_size_limit(1 << 20)
            .build()
            .map_err(|_| run.fail())?;
        let engine = Rc::new(engine);
        self.engines.borrow_mut().push((anchors, backtracks, Rc::clone(&engine)));
        Ok(engine)
    }

    /// Runs a search of the text from a place on, with as many backtracks as it needs. It is paid for beforehand; where
    /// a match shows that less was looked at, some of it is given back.
    fn search<T>(
        &self,
        run: &mut Run<'_>,
        (anchors, text, from): (Anchors, &str, usize),
        search: impl Fn(&fancy_regex::Regex) -> fancy_regex::Result<Option<T>>,
        end: impl Fn(&T) -> usize,
    ) -> Result<Option<T>> {
        let rest = text.len().saturating_sub(from);
        for backtracks in BACKTRACKS {
            let price = self.price.of_search(rest, backtracks);
            run.spend(price)?;
            let engine = self.engine(run, anchors, backtracks)?;
            let found = match search(&engine) {
                Err(fancy_regex::Error::RuntimeError(RuntimeError::BacktrackLimitExceeded)) => {
                    continue;
                }
                found => found.map_err(|_| Fault::Exhausted(run.at))?,
            };
            let seen = self.price.seen(rest, found.as_ref().map(|found| end(found) - from));
            run.give_back(price - self.price.of_search(seen, backtracks));
            return Ok(found);
        }
        Err(Fault::Exhausted(run.at))
    }

    /// The first match from a place on.
    pub fn find(
        &self,
        run: &mut Run<'_>,
        text: &str,
        from: usize,
    ) -> Result<Option<(usize, usize)>> {
        self.search(
            run,
            (Anchors::None, text, from),
            |engine| {
                let found = engine.find_from_pos(text, from)?;
                Ok(found.map(|found| (found.start(), found.end())))
            },
            |(_, end)| *end,
        )
    }

    /// Whether the text begins with a match.
    pub fn starts(&self, run: &mut Run<'_>, text: &str) -> Result<bool> {
        let found = self.search(
            run,
            (Anchors::Start, text, 0),
            |engine| Ok(engine.find(text)?.map(|found| found.end())),
            |end| *end,
        )?;
        Ok(found.is_some())
    }

    /// The groups of the first match from a place on.
    pub fn captures(&self, run: &mut Run<'_>, text: &str, from: usize) -> Result<Option<Groups>> {
        self.groups(run, (Anchors::None, text, from))
    }

    fn groups(&self, run: &mut Run<'_>, place: (Anchors, &str, usize)) -> Result<Option<Groups>> {
        let (_, text, from) = place;
        let groups = self.search(
            run,
            place,
            |engine| Ok(engine.captures_from_pos(text, from)?.map(|groups| all(&groups))),
            |groups| span(groups).1,
        )?;
        if let Some(groups) = &groups {
            let (start, end) = span(groups);
            run.spend(self.price.of_groups(end - start, groups.len()))?;
        }
        Ok(groups)
    }

    /// `$1`, `${name}` and `\$` in a replacement; `None` for a wrong one.
    pub fn expand(
        &self,
        replacement: &str,
        text: &str,
        groups: &Groups,
        out: &mut String,
    ) -> Option<()> {
        let mut characters = replacement.chars().peekable();
        while let Some(character) = characters.next() {
            match character {
                '\\' => out.push(characters.next()?),
                '$' => {
                    let index = if characters.peek() == Some(&'{') {
                        characters.next();
                        let mut name = String::new();
                        loop {
                            match characters.next()? {
                                '}' => break,
                                c if c.is_ascii_alphanumeric() => name.push(c),
                                _ => return None,
                            }
                        }
                        self.names.iter().position(|known| known.as_deref() == Some(&name))?
                    } else {
                        let first = characters.next()?.to_digit(10)? as usize;
                        if first >= groups.len() {
                            return None;
                        }
                        let mut index = first;
                        while let Some(digit) = characters.peek().and_then(|c| c.to_digit(10)) {
                            let longer = index * 10 + digit as usize;
                            if longer >= groups.len() {
                                break;
                            }
                            index = longer;
                            characters.next();
                        }
                        index
                    };
                    if let Some((start, end)) = groups.get(index).copied().flatten() {
                        out.push_str(&text[start..end]);
                    }
                }
                other => out.push(other),
            }
        }
        Some(())
    }
}

/// Where a match is.
fn span(groups: &Groups) -> (usize, usize) {
    groups.first().copied().flatten().unwrap_or_default()
}

fn all(groups: &fancy_regex::Captures<'_, str>) -> Groups {
    groups.iter().map(|group| group.map(|group| (group.start(), group.end()))).collect()
}

/// What `?matches` found.
#[derive(Debug)]
pub(super) struct Matches {
    text: String,
    all: Vec<Groups>,
    whole: Option<Groups>,
}

impl Matches {
    pub fn new(run: &mut Run<'_>, regex: &Regex, text: &str) -> Result<Self> {
        let whole = regex.groups(run, (Anchors::Whole, text, 0))?;
        let mut all = Vec::new();
        let mut from = 0;
        while from <= text.len() {
            let Some(groups) = regex.captures(run, text, from)? else { break };
            let (start, end) = span(&groups);
            from = if end > start { end } else { text.ceil_char_boundary(end + 1).max(end + 1) };
            all.push(groups);
        }
        run.spend(text.len())?;
        Ok(Self { text: text.to_owned(), all, whole })
    }

    pub fn is_match(&self) -> bool {
        self.whole.is_some()
    }

    pub fn count(&self) -> usize {
        self.all.len()
    }

    pub fn text_of(&self, index: usize) -> Option<&str> {
        let (start, end) = self.all.get(index)?.first().copied().flatten()?;
        self.text.get(start..end)
    }

    pub fn groups<'d>(&self, index: usize) -> Option<Value<'d>> {
        self.list(self.all.get(index)?)
    }

    /// The groups of a match of the whole text, if it is one.
    pub fn whole_groups<'d>(&self) -> Option<Value<'d>> {
        self.list(self.whole.as_ref()?)
    }

    fn list<'d>(&self, groups: &Groups) -> Option<Value<'d>> {
        let items = groups.iter().map(|group| {
            group
                .and_then(|(start, end)| self.text.get(start..end))
                .map(|text| Value::made(Rc::<str>::from(text)))
        });
        Value::list(items.collect())
    }
}
