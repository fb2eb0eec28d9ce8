//! Reading dates.

use jiff::civil;

use super::super::language::Language;
use super::super::zones;
use super::calendar::{Field as Read, Fields};
use super::pattern::{Field, fields};
use super::{Date, DateKind};

fn in_zone(at: civil::DateTime, zone: &str, offset: Option<i32>) -> Option<i64> {
    let timestamp = match offset {
        Some(seconds) => jiff::tz::Offset::from_seconds(seconds).ok()?.to_timestamp(at).ok()?,
        None => at.to_zoned(zones::find(zone)?).ok()?.timestamp(),
    };
    Some(timestamp.as_millisecond())
}

pub(super) fn parse_iso(text: &str, kind: DateKind, zone: &str) -> Option<Date> {
    let (date, time) = match kind {
        DateKind::Date => (text, None),
        DateKind::Time => ("1970-01-01", Some(text.strip_prefix('T').unwrap_or(text))),
        _ => match text.split_once('T') {
            Some((date, time)) => (date, Some(time)),
            None => return None,
        },
    };
    let (date, mut offset) = match (kind, date.strip_suffix('Z')) {
        (DateKind::Date, Some(date)) => (date, Some(0)),
        _ => (date, None),
    };
    let digits: String = date.chars().filter(|c| *c != '-').collect();
    let well_formed = digits.len() == 8 && digits.bytes().all(|b| b.is_ascii_digit());
    if !well_formed || !(date.len() == 8 || (date.len() == 10 && date.as_bytes()[4] == b'-')) {
        return None;
    }
    let date = civil::Date::new(
        digits[..4].parse().ok()?,
        digits[4..6].parse().ok()?,
        digits[6..].parse().ok()?,
    )
    .ok()?;
    let mut at = date.at(0, 0, 0, 0);
    if let Some(time) = time {
        let zone_at = time.find(['Z', '+', '-']).unwrap_or(time.len());
        let (clock, suffix) = time.split_at(zone_at);
        if !suffix.is_empty() {
            offset = Some(parse_offset(suffix)?);
        }
        let (clock, fraction) = match clock.find(['.', ',']) {
            Some(point) => (&clock[..point], &clock[point + 1..]),
            None => (clock, ""),
        };
        let digits: String = clock.chars().filter(|c| *c != ':').collect();
        if !matches!(digits.len(), 2 | 4 | 6) || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let part = |index: usize| digits.get(index..index + 2).map_or(Ok(0), str::parse::<i8>);
        let (hour, minute, second) = (part(0).ok()?, part(2).ok()?, part(4).ok()?);
        if !fraction.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let millis: i32 = format!("{fraction:0<3}").get(..3)?.parse().ok()?;
        if hour == 24 && minute == 0 && second == 0 {
            at = date.tomorrow().ok()?.at(0, 0, 0, 0);
        } else {
            at = civil::Time::new(hour, minute, second, millis * 1_000_000).ok()?.to_datetime(date);
        }
    }
    Some(Date { millis: in_zone(at, zone, offset)?, kind })
}

/// `Z`, `+02`, `+0200`, `+02:00`
fn parse_offset(text: &str) -> Option<i32> {
    if text == "Z" {
        return Some(0);
    }
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let digits: String = text.get(1..)?.chars().filter(|c| *c != ':').collect();
    if !matches!(digits.len(), 2 | 4) || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let hours: i32 = digits[..2].parse().ok()?;
    let minutes: i32 = digits.get(2..).filter(|m| !m.is_empty()).map_or(Ok(0), str::parse).ok()?;
    Some(sign * (hours * 3600 + minutes * 60))
}

/// Reads a text by a pattern, as leniently as Java: 13 months are a year and a month.
pub(super) fn parse_pattern(
    text: &str,
    kind: DateKind,
    pattern: &str,
    zone: &str,
    language: Language,
) -> Option<Date> {
    let fields = fields(pattern)?;
    let mut rest = text;
    let mut day = Fields::default();
    let (mut hour_of_day, mut hour, mut half) = (Read::default(), Read::default(), Read::default());
    let (mut minute, mut second, mut millis) = (0_i64, 0_i64, 0_i64);
    let mut offset = None;
    for (index, field) in fields.iter().enumerate() {
        let (letter, count) = match field {
            Field::Literal(literal) => {
                for character in literal.chars() {
                    if character == ' ' {
                        rest = rest.trim_start_matches([' ', '\t']);
                    } else {
                        rest = rest.strip_prefix(character)?;
                    }
                }
                continue;
            }
            Field::Letter(letter, count) => (*letter, *count),
        };
        rest = rest.trim_start_matches([' ', '\t']);
        // Fields side by side have as many digits as letters.
        let adjoins = matches!(fields.get(index + 1), Some(Field::Letter(..)));
        let number = |rest: &mut &str| -> Option<(i64, usize)> {
            let sign = usize::from(rest.starts_with('-'));
            let most = if adjoins { count } else { 18 };
            let digits = rest[sign..].bytes().take(most).take_while(u8::is_ascii_digit).count();
            let value = rest[..sign + digits].parse().ok().filter(|_| digits > 0)?;
            *rest = &rest[sign + digits..];
            Some((value, digits))
        };
        let name = |found: Option<(usize, usize)>, rest: &mut &str| -> Option<i64> {
            let (index, length) = found?;
            *rest = &rest[length..];
            i64::try_from(index).ok()
        };
        let read = |value: i64| Read { value, stamp: index + 1 };
        match letter {
            'y' | 'Y' => {
                let (value, digits) = number(&mut rest)?;
                let year = if count <= 2 && digits == 2 { two_digit_year(value) } else { value };
                if letter == 'y' { day.year = read(year) } else { day.week_year = read(year) }
            }
            'M' | 'L' if count >= 3 => {
                day.month = read(name(language.find_month(rest), &mut rest)?);
            }
            'M' | 'L' => day.month = read(number(&mut rest)?.0.checked_sub(1)?),
            'd' => day.day_of_month = read(number(&mut rest)?.0),
            'D' => day.day_of_year = read(number(&mut rest)?.0),
            'F' => day.weekday_in_month = read(number(&mut rest)?.0),
            'w' => day.week_of_year = read(number(&mut rest)?.0),
            'W' => day.week_of_month = read(number(&mut rest)?.0),
            'E' => {
                let from_monday = name(language.find_day(rest), &mut rest)?;
                day.weekday = read((from_monday + 1) % 7);
            }
            'u' => {
                day.weekday = read(match number(&mut rest)?.0 {
                    value @ 1..=7 => value % 7,
                    other => other.checked_sub(1)?,
                });
            }
            'G' => day.is_before_first_year = name(language.find_era(rest), &mut rest)? == 0,
            'H' => hour_of_day = read(number(&mut rest)?.0),
            'k' => {
                let value = number(&mut rest)?.0;
                hour_of_day = read(if value == 24 { 0 } else { value });
            }
            'K' => hour = read(number(&mut rest)?.0),
            'h' => {
                let value = number(&mut rest)?.0;
                hour = read(if value == 12 { 0 } else { value });
            }
            'm' => minute = number(&mut rest)?.0,
            's' => second = number(&mut rest)?.0,
            'S' => millis = number(&mut rest)?.0,
            'a' => half = read(name(language.find_half(rest), &mut rest)?),
            'z' | 'Z' | 'X' => {
                let (seconds, length) = match letter {
                    'X' => iso_zone(rest, count)?,
                    _ => named_zone(rest)?,
                };
                offset = Some(seconds);
                rest = &rest[length..];
            }
            _ => return None,
        }
    }
    // What follows is left over, as in Java. Of two hours the later counts, but one of half a day only with the half.
    let of_half = if hour.stamp > 0 && half.stamp > 0 { hour.stamp.max(half.stamp) } else { 0 };
    let by_half = match (hour_of_day.stamp, of_half) {
        (0, 0) => true,
        (of_day, of_half) => of_half > of_day,
    };
    let hour = match by_half {
        true => hour.value.checked_add(half.value.checked_mul(12)?)?,
        false => hour_of_day.value,
    };
    let first = day.day(language.week)?.at(0, 0, 0, 0);
    let span = jiff::SignedDuration::from_millis(
        hour.checked_mul(3_600_000)?
            .checked_add(minute.checked_mul(60_000)?)?
            .checked_add(second.checked_mul(1000)?)?
            .checked_add(millis)?,
    );
    let at = first.checked_add(span).ok()?;
    Some(Date { millis: in_zone(at, zone, offset)?, kind })
}

/// The zone that a text begins with, as a distance in seconds, and its length: `Z`, or hours and, with more than one letter, minutes.
fn iso_zone(text: &str, letters: usize) -> Option<(i32, usize)> {
    if text.starts_with('Z') {
        return Some((0, 1));
    }
    let length = match letters {
        1 => 3,
        2 => 5,
        _ => 6,
    };
    let colons = text.get(1..length)?.matches(':').count();
    (colons == usize::from(letters == 3)).then_some((parse_offset(text.get(..length)?)?, length))
}

/// The same with a name in front of the distance or in its place.
fn named_zone(text: &str) -> Option<(i32, usize)> {
    // `+1`, `+01`, `+0100` or `+1:00`
    let distance = |text: &str| {
        let sign = if text.starts_with('-') { -1 } else { 1 };
        let digits = |from: usize, most: usize| {
            let digits = text.bytes().skip(from).take(most).take_while(u8::is_ascii_digit);
            digits.fold((0, 0), |(number, length), digit| {
                (number * 10 + i32::from(digit - b'0'), length + 1)
            })
        };
        let (whole, length) = digits(1, 4);
        let end = 1 + length;
        let (minutes, end) = match (length, digits(end + 1, 2)) {
            (1 | 2, (minutes, 2)) if text.as_bytes().get(end) == Some(&b':') => {
                (whole * 60 + minutes, end + 3)
            }
            (1 | 2, _) => (whole * 60, end),
            (3 | 4, _) => (whole / 100 * 60 + whole % 100, end),
            _ => return None,
        };
        text.starts_with(['+', '-']).then_some((sign * minutes * 60, end))
    };
    if text.starts_with(['+', '-']) {
        return distance(text);
    }
    let length = text.bytes().take_while(u8::is_ascii_alphabetic).count();
    let hours = match &text[..length] {
        "UTC" | "Z" | "WET" => 0,
        "GMT" => {
            return Some(match distance(&text[length..]) {
                Some((seconds, further)) => (seconds, length + further),
                None => (0, length),
            });
        }
        "EST" | "CDT" => -5,
        "EDT" => -4,
        "CST" | "MDT" => -6,
        "MST" | "PDT" => -7,
        "PST" => -8,
        "CET" | "WEST" | "BST" => 1,
        "CEST" | "EET" => 2,
        "EEST" | "MSK" => 3,
        "JST" => 9,
        _ => return None,
    };
    Some((hours * 3600, length))
}

/// Years of two digits are those from eighty years ago to twenty ahead.
fn two_digit_year(year: i64) -> i64 {
    if year < 50 { 2000 + year } else { 1900 + year }
}
