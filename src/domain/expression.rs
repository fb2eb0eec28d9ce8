//! Regular expressions that people give the pod, and what looking for them costs at most.

use regex_lite::{Error, Regex, RegexBuilder, escape};

/// What is looked for in a text: a regular expression, or a text that is meant as it is.
#[derive(Debug, Clone)]
pub struct Expression {
    pattern: Box<str>,
    /// None where nothing in it means anything but itself.
    regex: Option<Regex>,
    size: usize,
}

impl Expression {
    /// Compiles a pattern to at most so many bytes.
    pub fn new(pattern: &str, most: usize) -> Result<Self, Error> {
        let pattern = Box::from(pattern);
        if escape(&pattern) == *pattern {
            return Ok(Self { pattern, regex: None, size: 0 });
        }
        let (regex, enough) = compiled(&pattern, most)?;
        let size = least(enough, |size| build(&pattern, size).is_ok());
        Ok(Self { pattern, regex: Some(regex), size })
    }

    pub fn as_str(&self) -> &str {
        &self.pattern
    }

    /// What it is compiled to, in bytes: each character of a text costs at most a step for each few of
    /// them. A plain text has none, and costs next to nothing.
    pub fn size(&self) -> usize {
        self.size
    }

    pub fn is_found_in(&self, text: &str) -> bool {
        match &self.regex {
            Some(regex) => regex.is_match(text),
            None => text.contains(&*self.pattern),
        }
    }
}

/// Compiles a pattern to at most so many bytes, and tells how many are enough: less than twice as
/// many as it takes, of small ones 256. The engine tells whether an expression is too large, and not
/// how large it is.
pub(super) fn compiled(pattern: &str, most: usize) -> Result<(Regex, usize), Error> {
    const SMALLEST: usize = 256;
    let mut size = SMALLEST.min(most);
    loop {
        match build(pattern, size) {
            Ok(regex) => return Ok((regex, size)),
            Err(error) if size == most => return Err(error),
            Err(_) => size = most.min(2 * size),
        }
    }
}

fn build(pattern: &str, most: usize) -> Result<Regex, Error> {
    RegexBuilder::new(pattern).size_limit(most).build()
}

/// The least number up to `most` that is enough.
fn least(most: usize, is_enough: impl Fn(usize) -> bool) -> usize {
    let (mut too_few, mut enough) = (0, most);
    while too_few + 1 < enough {
        let middle = too_few.midpoint(enough);
        if is_enough(middle) {
            enough = middle;
        } else {
            too_few = middle;
        }
    }
    enough
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_size_is_the_least_that_is_enough() {
        for pattern in ["(?i)lunch", "a{300}", "(a|b)*c", "^$"] {
            let size = Expression::new(pattern, 32 << 10).unwrap().size();
            assert!(Expression::new(pattern, size).is_ok(), "{pattern}: {size}");
            assert!(Expression::new(pattern, size - 1).is_err(), "{pattern}: {size}");
        }
        let size = |pattern| Expression::new(pattern, 32 << 10).unwrap().size();
        assert!(size("a{300}") > 10 * size("a{20}"));
    }

    #[test]
    fn a_plain_text_has_no_size_and_is_found_as_an_expression_is() {
        for (pattern, is_plain) in
            [("", true), ("lunch", true), ("50 % é", true), ("a.c", false), ("a$", false)]
        {
            let expression = Expression::new(pattern, 1_000).unwrap();
            assert_eq!(expression.size() == 0, is_plain, "{pattern:?}");
            let regex = Regex::new(pattern).unwrap();
            for text in ["", "lunch", "Lunch", "a.c, abc", "a$", "50 % éa"] {
                let expected = regex.is_match(text);
                assert_eq!(expression.is_found_in(text), expected, "{pattern:?} in {text:?}");
            }
        }
    }
}
