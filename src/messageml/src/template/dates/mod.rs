//! Dates and times: Java's patterns and styles, ISO 8601 and XML Schema.

mod calendar;
mod pattern;
mod print;
mod read;

use jiff::Timestamp;
use jiff::civil;
use jiff::tz::TimeZone;

use super::language::Language;
use super::locale::Locale;
use super::zones;
use read::{parse_iso, parse_pattern};

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
    pub fn format(self, format: &str, zone: &str, locale: &Locale) -> Option<String> {
        if let Some(options) = iso_format(format, "iso") {
            return self.iso_style(options, zone, false);
        }
        if let Some(options) = iso_format(format, "xs") {
            return self.iso_style(options, zone, true);
        }
        if format.starts_with('@') {
            return None;
        }
        let language = Language::of(locale);
        let pattern = match style(format, self.kind, language) {
            Some(pattern) => pattern,
            None if format.len() > LONGEST_PATTERN => return None,
            None => format.to_owned(),
        };
        self.by_pattern(&pattern, zone, language)
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

    /// Reads a date; `None` if the text is not of the format.
    pub fn parse(
        text: &str,
        kind: DateKind,
        format: &str,
        zone: &str,
        locale: &Locale,
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
        let language = Language::of(locale);
        let pattern = style(format, kind, language).unwrap_or_else(|| format.to_owned());
        parse_pattern(text, kind, &pattern, zone, language)
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

/// The pattern of a style: `short`, `medium`, `long`, `full`, and two of them for date and time.
fn style(format: &str, kind: DateKind, language: Language) -> Option<String> {
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
    Some(match kind {
        DateKind::Date => language.date(first).to_owned(),
        DateKind::Time => language.time(first).to_owned(),
        DateKind::DateTime => {
            let joint = language.joint(first, second);
            format!("{}{joint}{}", language.date(first), language.time(second))
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
