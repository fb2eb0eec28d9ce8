//! Whether `java.util.regex.Pattern` would compile a pattern.
//!
//! A pattern is never run here, only judged: forms carry it to the client. Rust's regex crates speak other dialects
//! (no possessive quantifiers or look-around in one, `\K` in the other), and compiling is where they differ most.

/// How deep groups and classes may nest. Patterns are at most 256 characters long where they are accepted.
const MAX_DEPTH: usize = 128;

/// True if the pattern is valid in Java's syntax.
pub(in super::super) fn is_valid(pattern: &str) -> bool {
    let characters: Vec<char> = unquote(pattern).chars().collect();
    let mut parser = Parser { characters: &characters, at: 0, depth: 0, names: Vec::new() };
    parser.alternatives().is_ok() && parser.at == characters.len()
}

/// Replaces `\Q…\E` by escaped characters.
fn unquote(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len());
    let mut rest = pattern;
    while let Some((before, quoted)) = rest.split_once("\\Q") {
        // An escaped backslash before the Q is no quotation.
        if before.chars().rev().take_while(|c| *c == '\\').count() % 2 == 1 {
            out.push_str(before);
            out.push_str("\\Q");
            rest = quoted;
            continue;
        }
        out.push_str(before);
        let (literal, after) = quoted.split_once("\\E").unwrap_or((quoted, ""));
        for character in literal.chars() {
            if !character.is_alphanumeric() {
                out.push('\\');
            }
            out.push(character);
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

/// How long a match of what was parsed can be; look-behind needs a longest one.
#[derive(Clone, Copy, PartialEq)]
enum Length {
    /// A character, or a place.
    One,
    /// A group around one of those.
    Grouped,
    Bounded,
    Unbounded,
}

struct Parser<'p> {
    characters: &'p [char],
    at: usize,
    depth: usize,
    names: Vec<String>,
}

impl Parser<'_> {
    fn peek(&self) -> Option<char> {
        self.characters.get(self.at).copied()
    }

    fn next(&mut self) -> Result<char, ()> {
        let character = self.peek().ok_or(())?;
        self.at += 1;
        Ok(character)
    }

    fn eat(&mut self, text: &str) -> bool {
        let found = text
            .chars()
            .enumerate()
            .all(|(offset, c)| self.characters.get(self.at + offset) == Some(&c));
        if found {
            self.at += text.chars().count();
        }
        found
    }

    fn alternatives(&mut self) -> Result<Length, ()> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(());
        }
        let (mut bounded, mut one, mut atoms, mut first) = (true, true, 0, true);
        loop {
            match self.peek() {
                None | Some(')') => break,
                Some('|') => {
                    self.at += 1;
                    (one, first) = (false, true);
                }
                Some(_) => {
                    let atom = self.atom()?;
                    let length = self.quantified(atom, first)?;
                    bounded &= length != Length::Unbounded;
                    one &= length == Length::One;
                    atoms += 1;
                    first = false;
                }
            }
        }
        self.depth -= 1;
        Ok(match bounded {
            true if one && atoms == 1 => Length::One,
            true => Length::Bounded,
            false => Length::Unbounded,
        })
    }

    fn atom(&mut self) -> Result<Length, ()> {
        match self.next()? {
            '*' | '+' | '?' => Err(()),
            // A count may stand alone: it counts nothing.
            '{' => {
                self.at -= 1;
                Ok(Length::One)
            }
            '(' => self.group(),
            '[' => self.class().map(|()| Length::One),
            '\\' => {
                let escaped = self.peek();
                self.escape(false)?;
                Ok(match escaped {
                    Some('R' | 'X') => Length::Bounded,
                    Some('1'..='9' | 'k') => Length::Unbounded,
                    _ => Length::One,
                })
            }
            _ => Ok(Length::One),
        }
    }

    /// What follows an atom, which is the first of its sequence or not.
    fn quantified(&mut self, atom: Length, first: bool) -> Result<Length, ()> {
        let endless = match self.peek() {
            Some('?') => false,
            Some('*' | '+') => true,
            Some('{') => {
                self.at += 1;
                let least = self.number()?.ok_or(())?;
                let most = if self.eat(",") { self.number()? } else { Some(least) };
                if self.peek() != Some('}') || most.is_some_and(|most| most < least) {
                    return Err(());
                }
                most.is_none()
            }
            _ => return Ok(atom),
        };
        self.at += 1;
        let plain = !matches!(self.peek(), Some('?' | '+'));
        if !plain {
            self.at += 1;
        }
        Ok(match atom {
            Length::Unbounded => Length::Unbounded,
            _ if !endless => Length::Bounded,
            // Java counts in 32 bits: the largest number of one character is still one that it knows.
            Length::One if plain || first => Length::Bounded,
            Length::Grouped if first => Length::Bounded,
            _ => Length::Unbounded,
        })
    }

    fn number(&mut self) -> Result<Option<i32>, ()> {
        let start = self.at;
        while self.peek().is_some_and(|c| c.is_ascii_digit()) {
            self.at += 1;
        }
        if self.at == start {
            return Ok(None);
        }
        let digits: String = self.characters[start..self.at].iter().collect();
        digits.parse().map(Some).map_err(|_| ())
    }

    fn group(&mut self) -> Result<Length, ()> {
        let mut look_behind = false;
        if self.eat("?") {
            match self.next()? {
                ':' | '=' | '!' | '>' => {}
                '<' if self.eat("=") || self.eat("!") => look_behind = true,
                '<' => {
                    let name = self.group_name()?;
                    if self.names.contains(&name) {
                        return Err(());
                    }
                    self.names.push(name);
                }
                _ => {
                    self.at -= 1;
                    while self.peek().is_some_and(|c| "idmsucxU-".contains(c)) {
                        self.at += 1;
                    }
                    match self.next()? {
                        ')' => return Ok(Length::One),
                        ':' => {}
                        _ => return Err(()),
                    }
                }
            }
        }
        let length = self.alternatives()?;
        if self.next()? != ')' || (look_behind && length == Length::Unbounded) {
            return Err(());
        }
        Ok(if length == Length::One { Length::Grouped } else { length })
    }

    fn group_name(&mut self) -> Result<String, ()> {
        let start = self.at;
        while self.peek().is_some_and(|c| c.is_ascii_alphanumeric()) {
            self.at += 1;
        }
        let name: String = self.characters[start..self.at].iter().collect();
        if !name.starts_with(|c: char| c.is_ascii_alphabetic()) || self.next()? != '>' {
            return Err(());
        }
        Ok(name)
    }

    /// A class after its `[`.
    fn class(&mut self) -> Result<(), ()> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(());
        }
        self.eat("^");
        let mut first = true;
        loop {
            match self.next()? {
                ']' if !first => break,
                '[' => self.class()?,
                '&' if self.eat("&") => {}
                character => {
                    let low = if character == '\\' { self.escape(true)? } else { Some(character) };
                    self.range(low)?;
                }
            }
            first = false;
        }
        self.depth -= 1;
        Ok(())
    }

    /// The rest of `a-b` after its `a`; a minus before `]` or `[` stands for itself.
    fn range(&mut self, low: Option<char>) -> Result<(), ()> {
        let (Some(low), Some('-')) = (low, self.peek()) else { return Ok(()) };
        match self.characters.get(self.at + 1) {
            None => return Err(()),
            Some(']' | '[') => return Ok(()),
            Some(_) => self.at += 1,
        }
        let high = match self.next()? {
            '\\' => self.escape(true)?,
            character => Some(character),
        };
        match high {
            Some(high) if high >= low => Ok(()),
            _ => Err(()),
        }
    }

    /// An escape after its backslash: the character it stands for, `None` for a set, a place or a reference.
    fn escape(&mut self, in_class: bool) -> Result<Option<char>, ()> {
        let character = self.next()?;
        match character {
            't' => Ok(Some('\t')),
            'n' => Ok(Some('\n')),
            'r' => Ok(Some('\r')),
            'f' => Ok(Some('\u{c}')),
            'a' => Ok(Some('\u{7}')),
            'e' => Ok(Some('\u{1b}')),
            'd' | 'D' | 'h' | 'H' | 's' | 'S' | 'v' | 'V' | 'w' | 'W' => Ok(None),
            'b' if !in_class && self.eat("{g}") => Ok(None),
            'A' | 'B' | 'b' | 'G' | 'R' | 'X' | 'Z' | 'z' | '1'..='9' if !in_class => Ok(None),
            'k' if !in_class => {
                let name = if self.eat("<") { self.group_name()? } else { return Err(()) };
                if self.names.contains(&name) { Ok(None) } else { Err(()) }
            }
            'c' => self.next().map(Some),
            '0' => {
                if !matches!(self.peek(), Some('0'..='7')) {
                    return Err(());
                }
                while matches!(self.peek(), Some('0'..='7')) {
                    self.at += 1;
                }
                Ok(None)
            }
            'u' => self.hexadecimal(4).map(char::from_u32),
            'x' if self.eat("{") => {
                let digits = self.until_brace()?;
                u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32).map(Some).ok_or(())
            }
            'x' => self.hexadecimal(2).map(char::from_u32),
            'N' => {
                let name = if self.eat("{") { self.until_brace()? } else { return Err(()) };
                if name.is_empty() { Err(()) } else { Ok(None) }
            }
            'p' | 'P' => {
                let name =
                    if self.eat("{") { self.until_brace()? } else { self.next()?.to_string() };
                if is_property(&name) { Ok(None) } else { Err(()) }
            }
            _ if character.is_ascii_alphanumeric() => Err(()),
            _ => Ok(Some(character)),
        }
    }

    fn hexadecimal(&mut self, digits: usize) -> Result<u32, ()> {
        let mut value = 0;
        for _ in 0..digits {
            value = value * 16 + self.next()?.to_digit(16).ok_or(())?;
        }
        Ok(value)
    }

    fn until_brace(&mut self) -> Result<String, ()> {
        let start = self.at;
        while self.next()? != '}' {}
        Ok(self.characters[start..self.at - 1].iter().collect())
    }
}

/// Names `\p{…}` knows. Blocks and scripts are taken at their word: their lists are Unicode's and grow every year.
fn is_property(name: &str) -> bool {
    const CATEGORIES: &[&str] = &[
        "Cn", "Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Me", "Mc", "Nd", "Nl", "No", "Zs", "Zl", "Zp",
        "Cc", "Cf", "Co", "Cs", "Pd", "Ps", "Pe", "Pc", "Po", "Sm", "Sc", "Sk", "So", "Pi", "Pf",
        "L", "M", "N", "Z", "C", "P", "S", "LC", "LD", "L1", "all",
    ];
    const CLASSES: &[&str] = &[
        "ASCII", "Alnum", "Alpha", "Blank", "Cntrl", "Digit", "Graph", "Lower", "Print", "Punct",
        "Space", "Upper", "XDigit",
    ];
    let word = |text: &str| {
        !text.is_empty()
            && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | ' ' | '-'))
    };
    if let Some((key, value)) = name.split_once('=') {
        let key = key.to_ascii_lowercase();
        return match key.as_str() {
            "gc" | "general_category" => CATEGORIES.contains(&value),
            "sc" | "script" | "blk" | "block" => word(value),
            _ => false,
        };
    }
    CATEGORIES.contains(&name)
        || CLASSES.contains(&name)
        || name.strip_prefix("Is").or_else(|| name.strip_prefix("In")).is_some_and(word)
        || name
            .strip_prefix("java")
            .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_uppercase()))
}

#[cfg(test)]
mod tests {
    use super::is_valid;

    #[test]
    fn takes_what_java_compiles() {
        for pattern in [
            "",
            "regex",
            "^[a-zA-Z]{3,}$",
            "a|",
            "(?<=ab{1,3})c",
            "(?i)x",
            "(?<n>a)\\k<n>",
            "[a-z&&[^bc]]",
            "a*+",
            "(?>a)",
            "]",
            "}",
            "\\Q[\\E",
            "[]a]",
            "\\p{L}\\p{IsGreek}\\p{javaLowerCase}",
            "[a-]",
            "\\x{1F600}",
            "x{2}?",
            "{3}",
            "a{1,2}{3}",
            "\\b{g}",
            "(?<=a*)b",
            "(?<=x\\d+)b",
            "(?<=(?:a)*)b",
        ] {
            assert!(is_valid(pattern), "{pattern}");
        }
    }

    #[test]
    fn refuses_what_java_refuses() {
        for pattern in [
            "[abc+",
            "(",
            ")",
            "*a",
            "a**",
            "a{2",
            "a{,3}",
            "a{3,2}",
            "\\K",
            "\\",
            "(?<=(ab)*)c",
            "(?<=xa+?)c",
            "(a)(?<=\\1)c",
            "\\b{x}",
            "[z-a]",
            "\\p{Foo}",
            "(?<1>a)",
            "(?z)",
            "\\k<x>",
            "\\u12",
            "{",
        ] {
            assert!(!is_valid(pattern), "{pattern}");
        }
    }

    #[test]
    fn nesting_is_bounded() {
        assert!(!is_valid(&"(".repeat(100_000)));
        assert!(!is_valid(&"[".repeat(100_000)));
    }
}
