//! Time zones by name.

use jiff::tz::{Offset, TimeZone};

/// The zone of a name as Java knows it: `UTC`, `GMT+2`, `Europe/Berlin`.
pub(super) fn find(name: &str) -> Option<TimeZone> {
    if matches!(name, "UTC" | "GMT" | "Z") {
        return Some(TimeZone::UTC);
    }
    if let Some(offset) = name.strip_prefix("GMT").and_then(offset) {
        return Some(TimeZone::fixed(offset));
    }
    TimeZone::get(name).ok().filter(|zone| zone.iana_name() == Some(name))
}

pub(super) fn is_known(name: &str) -> bool {
    find(name).is_some()
}

/// `+2`, `+02`, `+0230`, `+02:30`
fn offset(text: &str) -> Option<Offset> {
    let (sign, digits) = match text.split_at_checked(1)? {
        ("+", digits) => (1, digits),
        ("-", digits) => (-1, digits),
        _ => return None,
    };
    let (hours, minutes) = match digits.split_once(':') {
        Some(parts) => parts,
        None if digits.len() <= 2 => (digits, "0"),
        None => digits.split_at_checked(digits.len() - 2)?,
    };
    let number = |text: &str, limit: i32| {
        let all_digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        text.parse::<i32>().ok().filter(|number| all_digits && *number <= limit)
    };
    let seconds = number(hours, 23)? * 3600 + number(minutes, 59)? * 60;
    Offset::from_seconds(sign * seconds).ok()
}
