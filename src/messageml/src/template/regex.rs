//! Java's regular expressions, in the syntax of the engine that runs them. An engine that goes back is bounded by how
//! often it may.

use std::rc::Rc;

use super::super::java;
use super::value::Value;

/// How often a match may go back.
const BACKTRACKS: usize = 200_000;

#[derive(Debug)]
pub(super) struct Regex {
    inner: fancy_regex::Regex,
    /// The same, for the whole of a text.
    whole: fancy_regex::Regex,
    start: fancy_regex::Regex,
    names: Vec<Option<String>>,
}

/// Groups of a match by their bytes; a group may have taken no part.
pub(super) type Groups = Vec<Option<(usize, usize)>>;

impl Regex {
    /// Reads a pattern; `None` for what Java would not take or the engine cannot run.
    pub fn new(pattern: &str, modes: &str) -> Option<Self> {
        if !java::regex::is_valid(pattern) {
            return None;
        }
        let translated = translate(pattern);
        let modes = if modes.is_empty() { String::new() } else { format!("(?{modes})") };
        let build = |pattern: &str| {
            fancy_regex::RegexBuilder::new(pattern)
                .backtrack_limit(BACKTRACKS)
                .delegate_size_limit(1 << 20)
                .delegate_dfa_size_limit(1 << 20)
                .build()
                .ok()
        };
        let inner = build(&format!("{modes}{translated}"))?;
        let whole = build(&format!("\\A(?:{modes}{translated})\\z"))?;
        let start = build(&format!("\\A(?:{modes}{translated})"))?;
        let names = inner.capture_names().map(|name| name.map(str::to_owned)).collect();
        Some(Self { inner, whole, start, names })
    }

    pub fn find(&self, text: &str, from: usize) -> Result<Option<(usize, usize)>, ()> {
        let found = self.inner.find_from_pos(text, from).map_err(|_| ())?;
        Ok(found.map(|found| (found.start(), found.end())))
    }

    pub fn starts(&self, text: &str) -> Result<bool, ()> {
        self.start.is_match(text).map_err(|_| ())
    }

    pub fn captures(&self, text: &str, from: usize) -> Result<Option<Groups>, ()> {
        let found = self.inner.captures_from_pos(text, from).map_err(|_| ())?;
        Ok(found.map(|groups| all(&groups)))
    }

    fn whole(&self, text: &str) -> Result<Option<Groups>, ()> {
        let found = self.whole.captures(text).map_err(|_| ())?;
        Ok(found.map(|groups| all(&groups)))
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

fn all(groups: &fancy_regex::Captures<'_, str>) -> Groups {
    groups.iter().map(|group| group.map(|group| (group.start(), group.end()))).collect()
}

/// What Java writes otherwise than the engine: classes of ASCII, ends of lines, quoted text.
fn translate(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len());
    let mut characters = pattern.chars().peekable();
    let mut in_class = 0_usize;
    while let Some(character) = characters.next() {
        match character {
            '\\' => {
                let Some(escape) = characters.next() else { break };
                let (open, close) = if in_class > 0 { ("", "") } else { ("[", "]") };
                match escape {
                    'd' => out.push_str(&format!("{open}0-9{close}")),
                    'w' => out.push_str(&format!("{open}a-zA-Z_0-9{close}")),
                    's' => out.push_str(&format!("{open} \\t\\n\\x0B\\f\\r{close}")),
                    'h' => out.push_str(&format!("{open} \\t\\xA0{close}")),
                    'D' => out.push_str("[^0-9]"),
                    'W' => out.push_str("[^a-zA-Z_0-9]"),
                    'S' => out.push_str("[^ \\t\\n\\x0B\\f\\r]"),
                    'R' => out.push_str("(?:\\r\\n|[\\n\\x0B\\f\\r\\x85\\u{2028}\\u{2029}])"),
                    'Z' => out.push_str("(?=(?:\\r\\n|[\\n\\r])?\\z)"),
                    'Q' => {
                        let mut quoted = String::new();
                        while let Some(next) = characters.next() {
                            if next == '\\' && characters.peek() == Some(&'E') {
                                characters.next();
                                break;
                            }
                            quoted.push(next);
                        }
                        out.push_str(&fancy_regex::escape(&quoted));
                    }
                    'u' => {
                        let code: String = characters.by_ref().take(4).collect();
                        out.push_str(&format!("\\u{{{code}}}"));
                    }
                    'e' => out.push_str("\\x1B"),
                    '0' => {
                        // Three digits at most, up to 377: what follows stands for itself.
                        let mut code = 0;
                        for _ in 0..3 {
                            match characters.peek().and_then(|c| c.to_digit(8)) {
                                Some(digit) if code * 8 + digit <= 0o377 => code = code * 8 + digit,
                                _ => break,
                            }
                            characters.next();
                        }
                        out.push_str(&format!("\\x{{{code:X}}}"));
                    }
                    other if other.is_ascii_alphanumeric() || !other.is_ascii() => {
                        out.extend(['\\', other]);
                    }
                    other => out.push_str(&fancy_regex::escape(other.encode_utf8(&mut [0; 4]))),
                }
            }
            '[' => {
                in_class += 1;
                out.push('[');
                if characters.peek() == Some(&'^') {
                    characters.next();
                    out.push('^');
                }
            }
            ']' if in_class > 0 => {
                in_class -= 1;
                out.push(']');
            }
            // The end, or a line break that ends the text.
            '$' if in_class == 0 => out.push_str("(?:$|(?=\\n\\z))"),
            // Java closes what it did not open.
            ']' | '}' if in_class == 0 && character == ']' => out.push_str("\\]"),
            other => out.push(other),
        }
    }
    out
}

/// What `?matches` found.
#[derive(Debug)]
pub(super) struct Matches {
    text: String,
    all: Vec<Groups>,
    whole: Option<Groups>,
    groups: usize,
}

impl Matches {
    pub fn of(regex: &Regex, text: &str) -> Result<Self, ()> {
        let whole = regex.whole(text)?;
        let mut all = Vec::new();
        let mut from = 0;
        while from <= text.len() {
            let Some(groups) = regex.captures(text, from)? else { break };
            let Some((start, end)) = groups.first().copied().flatten() else { break };
            from = if end > start { end } else { text.ceil_char_boundary(end + 1).max(end + 1) };
            all.push(groups);
            // Each match looks at the rest of the text.
            if all.len() > 100_000 {
                return Err(());
            }
        }
        let groups = regex.names.len();
        Ok(Self { text: text.to_owned(), all, whole, groups })
    }

    pub fn is_match(&self) -> bool {
        self.whole.is_some()
    }

    pub fn count(&self) -> usize {
        self.all.len()
    }

    /// How much was found, for the budget.
    pub fn size(&self) -> usize {
        self.all.len().saturating_mul(self.groups)
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
