//! Dates and times: Java's patterns and styles, ISO 8601 and XML Schema.

use jiff::Timestamp;
use jiff::civil;
use jiff::tz::TimeZone;

use super::locale::Locale;
use super::zones;

/// A point in time, and what of it is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Date {
    /// Since 1970.
    pub millis: i64,
    pub kind: DateKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DateKind {
    Date,
    Time,
    DateTime,
    /// It was never said.
    Unknown,
}

/// How a date is written by ISO 8601.
#[derive(Debug, Clone, Copy)]
pub(super) struct IsoOptions {
    /// 0 for hours, 1 for minutes, 2 for seconds, 3 for milliseconds if there are any, 4 for all three digits.
    pub digits: u8,
    pub shows_zone: bool,
    pub is_local: bool,
    pub forces_zone: bool,
}

/// Long patterns would write much with little.
const LONGEST_PATTERN: usize = 1000;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const DAYS: [&str; 7] =
    ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

impl Date {
    pub fn compare(&self, other: &Self) -> Option<std::cmp::Ordering> {
        let comparable = self.kind == other.kind && self.kind != DateKind::Unknown;
        comparable.then(|| self.millis.cmp(&other.millis))
    }

    fn zoned(self, zone: &str) -> Option<(civil::DateTime, TimeZone, i32)> {
        let zone = zones::find(zone)?;
        let timestamp = Timestamp::from_millisecond(self.millis).ok()?;
        let offset = zone.to_offset(timestamp);
        Some((offset.to_datetime(timestamp), zone, offset.seconds()))
    }

    /// The date by a style (`short`, `medium_long`), `iso`, `xs` or a pattern; `None` for a wrong one.
    pub fn format(self, format: &str, zone: &str, _locale: &Locale) -> Option<String> {
        if let Some(options) = iso_format(format, "iso") {
            return self.iso_style(options, zone, false);
        }
        if let Some(options) = iso_format(format, "xs") {
            return self.iso_style(options, zone, true);
        }
        if format.starts_with('@') {
            return None;
        }
        let pattern = match style(format, self.kind) {
            Some(pattern) => pattern,
            None if format.len() > LONGEST_PATTERN => return None,
            None => format.to_owned(),
        };
        self.by_pattern(&pattern, zone)
    }

    fn iso_style(self, options: IsoStyle, zone: &str, is_xs: bool) -> Option<String> {
        if self.kind == DateKind::Unknown {
            return None;
        }
        let zone = if options.utc == Some(true) { "UTC" } else { zone };
        let shows_zone =
            options.zone.unwrap_or(if is_xs { true } else { self.kind != DateKind::Date });
        let shows_zone = shows_zone && (self.kind != DateKind::Date || is_xs);
        let iso = IsoOptions {
            digits: options.digits,
            shows_zone,
            is_local: true,
            forces_zone: is_xs && shows_zone,
        };
        self.iso(iso, zone)
    }

    /// By ISO 8601.
    pub fn iso(self, options: IsoOptions, zone: &str) -> Option<String> {
        let (at, _, offset) = self.zoned(zone)?;
        let mut out = String::new();
        if matches!(self.kind, DateKind::Date | DateKind::DateTime) {
            out.push_str(&format!("{:04}-{:02}-{:02}", at.year(), at.month(), at.day()));
        }
        let has_time = matches!(self.kind, DateKind::Time | DateKind::DateTime);
        if has_time {
            if self.kind == DateKind::DateTime {
                out.push('T');
            }
            out.push_str(&format!("{:02}", at.hour()));
            if options.digits >= 1 {
                out.push_str(&format!(":{:02}", at.minute()));
            }
            if options.digits >= 2 {
                out.push_str(&format!(":{:02}", at.second()));
                let millis = at.millisecond();
                if options.digits == 4 {
                    out.push_str(&format!(".{millis:03}"));
                } else if options.digits == 3 && millis != 0 {
                    out.push_str(format!(".{millis:03}").trim_end_matches('0'));
                }
            }
        }
        if options.shows_zone && (has_time || options.forces_zone) {
            out.push_str(&offset_text(offset, true));
        }
        Some(out)
    }

    /// By a pattern of Java's `SimpleDateFormat`.
    fn by_pattern(self, pattern: &str, zone: &str) -> Option<String> {
        let (at, tz, offset) = self.zoned(zone)?;
        let mut out = String::new();
        for field in fields(pattern)? {
            let (letter, count) = match field {
                Field::Literal(text) => {
                    out.push_str(&text);
                    continue;
                }
                Field::Letter(letter, count) => (letter, count),
            };
            let number = |number: i64, out: &mut String| out.push_str(&format!("{number:0count$}"));
            match letter {
                'y' | 'Y' | 'u' if letter != 'u' => {
                    let year =
                        if letter == 'Y' { i64::from(week_year(at)) } else { i64::from(at.year()) };
                    let year = if year <= 0 { 1 - year } else { year };
                    if count == 2 {
                        out.push_str(&format!("{:02}", year % 100))
                    } else {
                        number(year, &mut out)
                    }
                }
                'M' | 'L' => {
                    let index = usize::try_from(at.month() - 1).ok()?;
                    match count {
                        1 | 2 => number(i64::from(at.month()), &mut out),
                        3 => out.push_str(&MONTHS[index][..3]),
                        _ => out.push_str(MONTHS[index]),
                    }
                }
                'd' => number(i64::from(at.day()), &mut out),
                'D' => number(i64::from(at.day_of_year()), &mut out),
                'F' => number(i64::from((at.day() - 1) / 7 + 1), &mut out),
                'E' => {
                    let index = usize::try_from(at.weekday().to_monday_zero_offset()).ok()?;
                    out.push_str(if count >= 4 { DAYS[index] } else { &DAYS[index][..3] });
                }
                'u' => number(i64::from(at.weekday().to_monday_one_offset()), &mut out),
                'a' => out.push_str(if at.hour() < 12 { "AM" } else { "PM" }),
                'H' => number(i64::from(at.hour()), &mut out),
                'k' => number(i64::from(if at.hour() == 0 { 24 } else { at.hour() }), &mut out),
                'K' => number(i64::from(at.hour() % 12), &mut out),
                'h' => number(
                    i64::from(if at.hour() % 12 == 0 { 12 } else { at.hour() % 12 }),
                    &mut out,
                ),
                'm' => number(i64::from(at.minute()), &mut out),
                's' => number(i64::from(at.second()), &mut out),
                'S' => number(i64::from(at.millisecond()), &mut out),
                'w' => number(i64::from(week_of_year(at)), &mut out),
                'W' => {
                    let first = at.date().first_of_month().weekday().to_sunday_zero_offset();
                    number(i64::from((at.day() - 1 + first) / 7 + 1), &mut out);
                }
                'G' => out.push_str(if at.year() <= 0 { "BC" } else { "AD" }),
                'z' => {
                    let timestamp = Timestamp::from_millisecond(self.millis).ok()?;
                    let name = tz.to_offset_info(timestamp).abbreviation().to_owned();
                    let is_utc = offset == 0 && matches!(zone, "UTC" | "GMT" | "Z");
                    match (count, is_utc) {
                        (4.., true) if zone == "GMT" => out.push_str("Greenwich Mean Time"),
                        (4.., true) => out.push_str("Coordinated Universal Time"),
                        (_, true) => out.push_str(zone),
                        _ => out.push_str(&name),
                    }
                }
                'Z' => out
                    .push_str(&offset_text(offset, false).replace(['Z'], "+0000").replace(':', "")),
                'X' => match count {
                    _ if offset == 0 => out.push('Z'),
                    1 => out.push_str(&offset_text(offset, true)[..3]),
                    2 => out.push_str(&offset_text(offset, true).replace(':', "")),
                    3 => out.push_str(&offset_text(offset, true)),
                    _ => return None,
                },
                _ => return None,
            }
        }
        Some(out)
    }

    /// Reads a date; `None` if the text is not of the format.
    pub fn parse(
        text: &str,
        kind: DateKind,
        format: &str,
        zone: &str,
        _locale: &Locale,
    ) -> Option<Self> {
        let is_iso = iso_format(format, "iso").is_some();
        if is_iso || iso_format(format, "xs").is_some() {
            let options = iso_format(format, if is_iso { "iso" } else { "xs" })?;
            let zone = if options.utc == Some(true) { "UTC" } else { zone };
            return parse_iso(text, kind, zone);
        }
        if format.starts_with('@') || format.len() > LONGEST_PATTERN {
            return None;
        }
        let pattern = style(format, kind).unwrap_or_else(|| format.to_owned());
        parse_pattern(text, kind, &pattern, zone)
    }
}

fn offset_text(seconds: i32, colon: bool) -> String {
    if seconds == 0 {
        return if colon { "Z".to_owned() } else { "+0000".to_owned() };
    }
    let sign = if seconds < 0 { '-' } else { '+' };
    let minutes = seconds.unsigned_abs() / 60;
    let colon = if colon { ":" } else { "" };
    format!("{sign}{:02}{colon}{:02}", minutes / 60, minutes % 60)
}

/// Weeks begin on Sunday, and the first is that of January 1st.
fn week_of_year(at: civil::DateTime) -> i16 {
    if week_year(at) != at.year() {
        return 1;
    }
    let first = i16::from(at.date().first_of_year().weekday().to_sunday_zero_offset());
    (at.day_of_year() - 1 + first) / 7 + 1
}

fn week_year(at: civil::DateTime) -> i16 {
    let days_left = at.date().days_in_year() - at.day_of_year();
    let to_saturday = 6 - i16::from(at.weekday().to_sunday_zero_offset());
    if days_left < to_saturday { at.year() + 1 } else { at.year() }
}

enum Field {
    Literal(String),
    Letter(char, usize),
}

/// The fields of a pattern; `None` for a letter that is none, or an open quotation.
fn fields(pattern: &str) -> Option<Vec<Field>> {
    let characters: Vec<char> = pattern.chars().collect();
    let mut fields: Vec<Field> = Vec::new();
    let mut index = 0;
    let mut literal = String::new();
    while let Some(character) = characters.get(index).copied() {
        if character == '\'' {
            if characters.get(index + 1) == Some(&'\'') {
                literal.push('\'');
                index += 2;
                continue;
            }
            index += 1;
            loop {
                match characters.get(index) {
                    None => return None,
                    Some('\'') if characters.get(index + 1) == Some(&'\'') => {
                        literal.push('\'');
                        index += 2;
                    }
                    Some('\'') => break,
                    Some(other) => {
                        literal.push(*other);
                        index += 1;
                    }
                }
            }
            index += 1;
        } else if character.is_ascii_alphabetic() {
            if !"GyYMLwWDdFEuaHkKhmsSzZX".contains(character) {
                return None;
            }
            if !literal.is_empty() {
                fields.push(Field::Literal(std::mem::take(&mut literal)));
            }
            let count = characters[index..].iter().take_while(|c| **c == character).count();
            fields.push(Field::Letter(character, count));
            index += count;
        } else {
            literal.push(character);
            index += 1;
        }
    }
    if !literal.is_empty() {
        fields.push(Field::Literal(literal));
    }
    Some(fields)
}

/// The pattern of a style of American English: `short`, `medium`, `long`, `full`, and two of them for date and time.
fn style(format: &str, kind: DateKind) -> Option<String> {
    let index = |name: &str| match name {
        "" | "medium" => Some(1),
        "short" => Some(0),
        "long" => Some(2),
        "full" => Some(3),
        _ => None,
    };
    let (first, second) = match format.split_once('_') {
        Some((first, second)) => (index(first)?, index(second)?),
        None => (index(format)?, index(format)?),
    };
    const DATE: [&str; 4] = ["M/d/yy", "MMM d, y", "MMMM d, y", "EEEE, MMMM d, y"];
    const TIME: [&str; 4] = ["h:mm a", "h:mm:ss a", "h:mm:ss a z", "h:mm:ss a zzzz"];
    Some(match kind {
        DateKind::Date => DATE[first].to_owned(),
        DateKind::Time => TIME[first].to_owned(),
        DateKind::DateTime => {
            let joined = if first >= 2 { " 'at' " } else { ", " };
            format!("{}{joined}{}", DATE[first], TIME[second])
        }
        DateKind::Unknown => return None,
    })
}

/// What stands behind `iso` or `xs`: `_ms_u` for example.
#[derive(Clone, Copy)]
struct IsoStyle {
    digits: u8,
    zone: Option<bool>,
    utc: Option<bool>,
}

fn iso_format(format: &str, name: &str) -> Option<IsoStyle> {
    let rest = format.strip_prefix(name)?;
    if !rest.is_empty() && !rest.starts_with(['_', ' ']) {
        return None;
    }
    let mut style = IsoStyle { digits: 3, zone: None, utc: None };
    for option in rest.split(['_', ' ']).filter(|option| !option.is_empty()) {
        match option {
            "h" => style.digits = 0,
            "m" => style.digits = 1,
            "s" => style.digits = 2,
            "ms" => style.digits = 4,
            "nz" => style.zone = Some(false),
            "fz" => style.zone = Some(true),
            "u" => style.utc = Some(true),
            _ => return None,
        }
    }
    Some(style)
}

fn in_zone(at: civil::DateTime, zone: &str, offset: Option<i32>) -> Option<i64> {
    let timestamp = match offset {
        Some(seconds) => jiff::tz::Offset::from_seconds(seconds).ok()?.to_timestamp(at).ok()?,
        None => at.to_zoned(zones::find(zone)?).ok()?.timestamp(),
    };
    Some(timestamp.as_millisecond())
}

fn parse_iso(text: &str, kind: DateKind, zone: &str) -> Option<Date> {
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
    let digits: String = text[1..].chars().filter(|c| *c != ':').collect();
    if !matches!(digits.len(), 2 | 4) || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let hours: i32 = digits[..2].parse().ok()?;
    let minutes: i32 = digits.get(2..).filter(|m| !m.is_empty()).map_or(Ok(0), str::parse).ok()?;
    Some(sign * (hours * 3600 + minutes * 60))
}

/// Reads a text by a pattern, as leniently as Java: 13 months are a year and a month.
fn parse_pattern(text: &str, kind: DateKind, pattern: &str, zone: &str) -> Option<Date> {
    let fields = fields(pattern)?;
    let mut rest = text;
    let (mut year, mut month, mut day) = (1970_i64, 1_i64, 1_i64);
    let (mut hour, mut minute, mut second, mut millis) = (0_i64, 0_i64, 0_i64, 0_i64);
    let (mut half, mut offset, mut is_half_day) = (None, None, false);
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
        match letter {
            'y' | 'Y' => {
                let (value, digits) = number(&mut rest)?;
                year = if count <= 2 && digits == 2 { two_digit_year(value) } else { value };
            }
            'M' | 'L' if count >= 3 => {
                let found = MONTHS.iter().enumerate().find_map(|(index, name)| {
                    [*name, &name[..3]].into_iter().find_map(|name| {
                        let head = rest.get(..name.len())?;
                        head.eq_ignore_ascii_case(name).then_some((index, name.len()))
                    })
                })?;
                month = i64::try_from(found.0).ok()? + 1;
                rest = &rest[found.1..];
            }
            'M' | 'L' => month = number(&mut rest)?.0,
            'd' => day = number(&mut rest)?.0,
            'E' => {
                let length = DAYS.iter().find_map(|name| {
                    [*name, &name[..3]].into_iter().find_map(|name| {
                        rest.get(..name.len())?.eq_ignore_ascii_case(name).then_some(name.len())
                    })
                })?;
                rest = &rest[length..];
            }
            'H' => hour = number(&mut rest)?.0,
            'k' => hour = number(&mut rest)?.0 % 24,
            'K' => {
                hour = number(&mut rest)?.0;
                is_half_day = true;
            }
            'h' => {
                hour = number(&mut rest)?.0 % 12;
                is_half_day = true;
            }
            'm' => minute = number(&mut rest)?.0,
            's' => second = number(&mut rest)?.0,
            'S' => millis = number(&mut rest)?.0,
            'a' => {
                let word = rest.get(..2)?.to_ascii_uppercase();
                half = Some(match word.as_str() {
                    "AM" => 0,
                    "PM" => 12,
                    _ => return None,
                });
                rest = &rest[2..];
            }
            'z' | 'Z' | 'X' => {
                let length = rest
                    .find(|c: char| {
                        !(c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | ':' | '/' | '_'))
                    })
                    .unwrap_or(rest.len());
                let word = &rest[..length];
                offset = Some(parse_offset_or_name(word)?);
                rest = &rest[length..];
            }
            _ => {
                number(&mut rest)?;
            }
        }
    }
    // What follows is left over, as in Java.
    if is_half_day {
        hour += half.unwrap_or(0);
    }
    let months = (year.checked_mul(12)?).checked_add(month - 1)?;
    let year = i16::try_from(months.div_euclid(12)).ok()?;
    let month = i8::try_from(months.rem_euclid(12)).ok()? + 1;
    let first = civil::Date::new(year, month, 1).ok()?.at(0, 0, 0, 0);
    let span = jiff::SignedDuration::from_millis(
        (day - 1)
            .checked_mul(86_400_000)?
            .checked_add(hour.checked_mul(3_600_000)?)?
            .checked_add(minute.checked_mul(60_000)?)?
            .checked_add(second.checked_mul(1000)?)?
            .checked_add(millis)?,
    );
    let at = first.checked_add(span).ok()?;
    Some(Date { millis: in_zone(at, zone, offset)?, kind })
}

fn parse_offset_or_name(word: &str) -> Option<i32> {
    match word {
        "UTC" | "GMT" | "Z" => Some(0),
        "EST" => Some(-5 * 3600),
        "EDT" | "CST" => Some(if word == "EDT" { -4 * 3600 } else { -6 * 3600 }),
        "CDT" | "MST" => Some(if word == "CDT" { -5 * 3600 } else { -7 * 3600 }),
        "MDT" | "PST" => Some(if word == "MDT" { -6 * 3600 } else { -8 * 3600 }),
        "PDT" => Some(-7 * 3600),
        "CET" => Some(3600),
        "CEST" => Some(7200),
        _ if word.starts_with(['+', '-']) => parse_offset(word),
        _ => parse_offset(word.strip_prefix("GMT")?),
    }
}

/// Years of two digits are those from eighty years ago to twenty ahead.
fn two_digit_year(year: i64) -> i64 {
    if year < 50 { 2000 + year } else { 1900 + year }
}
