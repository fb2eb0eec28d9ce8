//! What a scalar without quotes is: the core schema of YAML 1.2, section 10.3.

use super::node::Number;

#[derive(Debug, PartialEq)]
pub enum Scalar<'t> {
    Null,
    Bool(bool),
    Number(Number),
    Text(&'t str),
}

/// What it is where nothing is wanted in particular. Of the schema's numbers infinity and what is
/// no number are left out, which JSON has not either: they are texts.
pub fn resolve(text: &str) -> Scalar<'_> {
    if is_null(text) {
        return Scalar::Null;
    }
    match text {
        "true" | "True" | "TRUE" => Scalar::Bool(true),
        "false" | "False" | "FALSE" => Scalar::Bool(false),
        _ => number(text).map_or(Scalar::Text(text), Scalar::Number),
    }
}

pub fn is_null(text: &str) -> bool {
    matches!(text, "" | "~" | "null" | "Null" | "NULL")
}

/// What it is where it must be true or false: there the words of YAML 1.1, which people go on
/// writing, cannot be mistaken for anything else.
pub fn truth(word: &str) -> Option<bool> {
    let is_one_of = |words: [&str; 4]| words.iter().any(|one| word.eq_ignore_ascii_case(one));
    match () {
        () if is_one_of(["true", "yes", "on", "y"]) => Some(true),
        () if is_one_of(["false", "no", "off", "n"]) => Some(false),
        () => None,
    }
}

pub fn number(text: &str) -> Option<Number> {
    // Rust takes a sign there, YAML does not.
    let digits = |prefix| text.strip_prefix(prefix).filter(|digits| !digits.starts_with('+'));
    for (prefix, radix) in [("0x", 16), ("0o", 8)] {
        if let Some(digits) = digits(prefix) {
            return u64::from_str_radix(digits, radix).ok().map(Number::Whole);
        }
    }
    // Rust reads `inf` and `nan` as numbers too, and neither `1_000`.
    if !text.bytes().all(|c| c.is_ascii_digit() || b"+-.eE".contains(&c)) {
        return None;
    }
    if let Ok(whole) = text.parse() {
        return Some(Number::Whole(whole));
    }
    if let Ok(number) = text.parse::<i64>() {
        return Some(u64::try_from(number).map_or(Number::Negative(number), Number::Whole));
    }
    text.parse().ok().filter(|real: &f64| real.is_finite()).map(Number::Real)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scalars_are_what_the_core_schema_says() {
        use Number::{Negative, Real, Whole};
        for (text, number) in [
            ("0", Whole(0)),
            ("007", Whole(7)),
            ("+12", Whole(12)),
            ("-12", Negative(-12)),
            ("0x1F", Whole(31)),
            ("0o17", Whole(15)),
            ("18446744073709551615", Whole(u64::MAX)),
            ("18446744073709551616", Real(18_446_744_073_709_551_616.0)),
            ("1.10", Real(1.1)),
            (".5", Real(0.5)),
            ("-1.", Real(-1.0)),
            ("1e3", Real(1_000.0)),
            ("-0.0", Real(-0.0)),
        ] {
            assert_eq!(resolve(text), Scalar::Number(number), "{text}");
        }
        for text in [
            "yes", "-", "+", ".", "e", "1e", "--1", "+-1", "0x", "0x+1", "0xG", "0o8", "1_000",
            "inf", "nan", ".inf", ".nan", "1e999", "1.2.3", "-0x1", "truE", "nuLL", "12:30",
        ] {
            assert_eq!(resolve(text), Scalar::Text(text));
        }
        for text in ["", "~", "null", "Null", "NULL"] {
            assert_eq!(resolve(text), Scalar::Null, "{text}");
        }
        for (text, value) in [("true", true), ("FALSE", false)] {
            assert_eq!(resolve(text), Scalar::Bool(value));
        }
        for (word, value) in [("yes", Some(true)), ("Off", Some(false)), ("1", None), ("", None)] {
            assert_eq!(truth(word), value, "{word}");
        }
    }
}
