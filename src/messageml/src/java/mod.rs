//! Lexical rules of the Java library that show through in what an Agent accepts: what is blank, a URI, a regular
//! expression, a date. Each is a check of syntax; no crate offers Java's dialect of them.

pub(super) mod regex;
pub(super) mod time;
pub(super) mod uri;

/// `Character.isWhitespace`: no-break spaces are not white.
pub(super) fn is_whitespace(c: char) -> bool {
    match c {
        '\u{a0}' | '\u{2007}' | '\u{202f}' | '\u{85}' => false,
        '\u{1c}'..='\u{1f}' => true,
        _ => c.is_whitespace(),
    }
}

/// Nothing but whitespace, or nothing at all.
pub(super) fn is_blank(text: &str) -> bool {
    text.chars().all(is_whitespace)
}

/// A control character of ASCII other than the tab and ends of lines.
pub(super) fn has_control(text: &str) -> bool {
    let is_control = |byte: &u8| *byte < b' ' && !matches!(byte, b'\n' | b'\r' | b'\t');
    let (words, rest) = text.as_bytes().as_chunks::<8>();
    // Of eight bytes at once: those below 0x20 borrow from the bit above them that they do not have themselves.
    let is_suspect = |word: &&[u8; 8]| {
        let bits = u64::from_ne_bytes(**word);
        bits.wrapping_sub(0x2020_2020_2020_2020) & !bits & 0x8080_8080_8080_8080 != 0
    };
    words.iter().filter(is_suspect).flatten().chain(rest).any(is_control)
}

/// What `String.trim` leaves nothing of.
pub(super) fn trims_to_nothing(text: &str) -> bool {
    text.chars().all(|c| c <= ' ')
}

/// `String.length`: UTF-16 code units.
pub(super) fn length(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.encode_utf16().count() }
}

/// More than `units` UTF-16 code units, without counting a long text that is surely short enough.
pub(super) fn is_longer_than(text: &str, units: usize) -> bool {
    text.len() > units && length(text) > units
}

/// Writes a whole number.
pub(super) fn push_integer(out: &mut String, number: i64) {
    let mut digits = [0; 20];
    let mut first = digits.len();
    let mut left = number.unsigned_abs();
    loop {
        first -= 1;
        digits[first] = b'0' + u8::try_from(left % 10).unwrap_or_default();
        left /= 10;
        if left == 0 {
            break;
        }
    }
    if number < 0 {
        out.push('-');
    }
    out.extend(digits[first..].iter().copied().map(char::from));
}

/// A number with a fraction as `Double.toString` writes it.
pub(super) fn double(value: f64) -> String {
    if value == 0.0 || (1e-3..1e7).contains(&value.abs()) {
        return format!("{value:?}");
    }
    // Two digits at the least: of those that mean the number, the nearest.
    let (short, two) = (format!("{value:e}"), format!("{value:.1e}"));
    let exact = two.parse() == Ok(value);
    let (digits, exponent) = if exact { &two } else { &short }.split_once('e').unwrap_or_default();
    let point = if digits.contains('.') { "" } else { ".0" };
    format!("{digits}{point}E{exponent}")
}

#[cfg(test)]
mod tests {
    #[test]
    fn doubles_are_spelled_as_java_spells_them() {
        for (value, spelled) in [
            (0.0, "0.0"),
            (-0.0, "-0.0"),
            (1.0, "1.0"),
            (99.9, "99.9"),
            (0.001, "0.001"),
            (0.000_1, "1.0E-4"),
            (9_999_999.0, "9999999.0"),
            (1e7, "1.0E7"),
            (12_345_678.9, "1.23456789E7"),
            (-2e22, "-2.0E22"),
            (4.9e-324, "4.9E-324"),
            (f64::MAX, "1.7976931348623157E308"),
        ] {
            assert_eq!(super::double(value), spelled);
        }
    }
}
