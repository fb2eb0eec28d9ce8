//! The language in which a signal says which messages it shows.

use std::fmt;

use super::super::{Message, StreamKind, UserId};

/// What a signal shows: `HASHTAG:gold AND (AUTHOR:1 OR CASHTAG:xau)`.
///
/// Fields are those of the documentation ("Signal Object"): HASHTAG, CASHTAG, AUTHOR and POSTEDBY, in
/// any letter case. AND binds tighter than OR; parentheses and quoted values are taken, although the
/// documentation shows none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignalQuery {
    /// As its author wrote it.
    text: String,
    condition: Condition,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Condition {
    /// In lower case, without its sign.
    Hashtag(String),
    Cashtag(String),
    Author(UserId),
    /// Of posts on walls alone.
    PostedBy(UserId),
    All(Vec<Condition>),
    Any(Vec<Condition>),
}

/// How deep parentheses may be in parentheses.
const MAX_DEPTH: usize = 32;

impl SignalQuery {
    /// Reads a query, or says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut parser = Parser { rest: text, depth: 0 };
        let condition = parser.any()?;
        parser.skip_blanks();
        if !parser.rest.is_empty() {
            return Err(format!("expected AND or OR instead of {:?}", parser.rest));
        }
        if !condition.names_a_tag() {
            return Err("expected a HASHTAG or CASHTAG at least".into());
        }
        Ok(Self { text: text.to_owned(), condition })
    }

    /// Whether a message in a stream of this kind is one that it shows.
    pub fn is_met_by(&self, message: &Message, kind: StreamKind) -> bool {
        self.condition.is_met_by(message, kind)
    }
}

impl fmt::Display for SignalQuery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Condition {
    fn is_met_by(&self, message: &Message, kind: StreamKind) -> bool {
        let among = |tags: &[String], tag: &str| tags.iter().any(|it| it.to_lowercase() == *tag);
        match self {
            Self::Hashtag(tag) => among(&message.hashtags, tag),
            Self::Cashtag(tag) => among(&message.cashtags, tag),
            Self::Author(user) => message.author == *user,
            Self::PostedBy(user) => kind == StreamKind::Post && message.author == *user,
            Self::All(all) => all.iter().all(|one| one.is_met_by(message, kind)),
            Self::Any(any) => any.iter().any(|one| one.is_met_by(message, kind)),
        }
    }

    fn names_a_tag(&self) -> bool {
        match self {
            Self::Hashtag(_) | Self::Cashtag(_) => true,
            Self::Author(_) | Self::PostedBy(_) => false,
            Self::All(parts) | Self::Any(parts) => parts.iter().any(Self::names_a_tag),
        }
    }
}

struct Parser<'q> {
    rest: &'q str,
    depth: usize,
}

impl Parser<'_> {
    fn any(&mut self) -> Result<Condition, String> {
        let mut parts = vec![self.all()?];
        while self.takes_word("OR") {
            parts.push(self.all()?);
        }
        Ok(joined(parts, Condition::Any))
    }

    fn all(&mut self) -> Result<Condition, String> {
        let mut parts = vec![self.one()?];
        while self.takes_word("AND") {
            parts.push(self.one()?);
        }
        Ok(joined(parts, Condition::All))
    }

    fn one(&mut self) -> Result<Condition, String> {
        self.skip_blanks();
        if !self.takes("(") {
            return self.pair();
        }
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(format!("parentheses are more than {MAX_DEPTH} deep"));
        }
        let inner = self.any()?;
        self.depth -= 1;
        self.skip_blanks();
        if !self.takes(")") {
            return Err("expected a closing parenthesis".into());
        }
        Ok(inner)
    }

    /// `field:value`.
    fn pair(&mut self) -> Result<Condition, String> {
        let end = self.rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(self.rest.len());
        let (field, rest) = self.rest.split_at(end);
        self.rest = rest;
        if field.is_empty() || !self.takes(":") {
            return Err(format!("expected field:value instead of {:?}", format!("{field}{rest}")));
        }
        let value = self.value()?;
        let tag = |sign| {
            let tag = value.strip_prefix(sign).unwrap_or(&value).to_lowercase();
            if tag.is_empty() { Err(format!("{field} has no value")) } else { Ok(tag) }
        };
        let user = || {
            let id = value.parse().map_err(|_| format!("{field} is {value:?}, no user's id"))?;
            Ok(UserId::from_wire(id))
        };
        match field.to_ascii_uppercase().as_str() {
            "HASHTAG" => tag('#').map(Condition::Hashtag),
            "CASHTAG" => tag('$').map(Condition::Cashtag),
            "AUTHOR" => user().map(Condition::Author),
            "POSTEDBY" => user().map(Condition::PostedBy),
            _ => Err(format!(
                "the field {field:?} is unknown, expected HASHTAG, CASHTAG, AUTHOR or POSTEDBY"
            )),
        }
    }

    fn value(&mut self) -> Result<String, String> {
        self.skip_blanks();
        if self.takes("\"") {
            let (value, rest) = self.rest.split_once('"').ok_or("a quoted value has no end")?;
            self.rest = rest;
            return Ok(value.to_owned());
        }
        let end = self.rest.find(|c: char| c.is_whitespace() || c == ')');
        let (value, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        self.rest = rest;
        Ok(value.to_owned())
    }

    fn takes_word(&mut self, word: &str) -> bool {
        self.skip_blanks();
        let Some((head, rest)) = self.rest.split_at_checked(word.len()) else { return false };
        let ends = rest.chars().next().is_none_or(|c| c.is_whitespace() || c == '(');
        let is_it = head.eq_ignore_ascii_case(word) && ends;
        if is_it {
            self.rest = rest;
        }
        is_it
    }

    fn takes(&mut self, sign: &str) -> bool {
        let rest = self.rest.strip_prefix(sign);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn skip_blanks(&mut self) {
        self.rest = self.rest.trim_start();
    }
}

fn joined(mut parts: Vec<Condition>, join: fn(Vec<Condition>) -> Condition) -> Condition {
    match parts.len() {
        1 => parts.remove(0),
        _ => join(parts),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Condition::{All, Any, Author, Cashtag, Hashtag};

    fn condition(text: &str) -> Condition {
        SignalQuery::parse(text).unwrap().condition
    }

    #[test]
    fn and_binds_tighter_than_or_and_parentheses_tighter_still() {
        let [a, b, c] = ["a", "b", "c"].map(|tag| Hashtag(tag.into()));
        let all = |parts: &[&Condition]| All(parts.iter().map(|it| (*it).clone()).collect());
        let any = |parts: &[&Condition]| Any(parts.iter().map(|it| (*it).clone()).collect());
        assert_eq!(condition("hashtag:a OR HASHTAG:B AND hashtag:#c"), any(&[&a, &all(&[&b, &c])]));
        assert_eq!(
            condition("(hashtag:a or HASHTAG:\"b\")and hashtag:c"),
            all(&[&any(&[&a, &b]), &c])
        );
    }

    #[test]
    fn values_are_what_the_documentation_shows() {
        assert_eq!(condition("CASHTAG:*122450"), Cashtag("*122450".into()));
        assert_eq!(condition("CASHTAG:$*122450"), Cashtag("*122450".into()));
        let author = Author(UserId::from_wire(68_719_476_742));
        let both = All(vec![Hashtag("or".into()), author]);
        assert_eq!(condition("HASHTAG:or AND AUTHOR:68719476742"), both);
    }

    #[test]
    fn what_is_no_query_says_why() {
        for (text, why) in [
            ("", "expected field:value"),
            ("hash", "expected field:value"),
            ("HASHTAG:", "has no value"),
            ("HASHTAG:#", "has no value"),
            ("HASHTAG:\"a", "no end"),
            ("AUTHOR:1", "HASHTAG or CASHTAG"),
            ("HASHTAG:a AND AUTHOR:bob", "no user's id"),
            ("HASHTAG:a TEXT:b", "expected AND or OR"),
            ("HASHTAG:a AND TEXT:b", "unknown"),
            ("HASHTAG:a AND", "expected field:value"),
            ("(HASHTAG:a", "closing parenthesis"),
            ("HASHTAG:a)", "expected AND or OR"),
        ] {
            let error = SignalQuery::parse(text).unwrap_err();
            assert!(error.contains(why), "{text}: {error}");
        }
        let deep = format!("{}HASHTAG:a{}", "(".repeat(100_000), ")".repeat(100_000));
        assert!(SignalQuery::parse(&deep).unwrap_err().contains("deep"));
    }
}
