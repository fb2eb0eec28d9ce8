//! Printing dates by patterns.

use jiff::Timestamp;

use super::super::language::Language;
use super::pattern::{Field, fields};
use super::{Date, offset_text};

impl Date {
    /// By a pattern of Java's `SimpleDateFormat`.
    pub(super) fn by_pattern(
        self,
        pattern: &str,
        zone: &str,
        language: Language,
    ) -> Option<String> {
        let (at, tz, offset) = self.zoned(zone)?;
        let mut out = String::new();
        let fields = fields(pattern)?;
        // A month that is all there is has the form of one that stands alone.
        let is_letter = |field: &&Field| matches!(field, Field::Letter(..));
        let is_all = fields.iter().filter(is_letter).count() == 1;
        for field in fields {
            let (letter, count) = match field {
                Field::Literal(text) => {
                    out.push_str(&text);
                    continue;
                }
                Field::Letter(letter, count) => (letter, count),
            };
            let number = |number: i64, out: &mut String| out.push_str(&format!("{number:0count$}"));
            match letter {
                'y' | 'Y' => {
                    let year = match letter {
                        'Y' => language.week.of_year(at.date())?.0,
                        _ => i64::from(at.year()),
                    };
                    let year = if year <= 0 { 1 - year } else { year };
                    if count == 2 {
                        out.push_str(&format!("{:02}", year % 100))
                    } else {
                        number(year, &mut out)
                    }
                }
                'M' | 'L' if count <= 2 => number(i64::from(at.month()), &mut out),
                'M' | 'L' => {
                    let index = usize::try_from(at.month() - 1).ok()?;
                    out.push_str(language.month(index, count == 3, is_all || letter == 'L'));
                }
                'd' => number(i64::from(at.day()), &mut out),
                'D' => number(i64::from(at.day_of_year()), &mut out),
                'F' => number(i64::from((at.day() - 1) / 7 + 1), &mut out),
                'E' => {
                    let index = usize::try_from(at.weekday().to_monday_zero_offset()).ok()?;
                    out.push_str(language.day(index, count <= 3));
                }
                'u' => number(i64::from(at.weekday().to_monday_one_offset()), &mut out),
                'a' => out.push_str(language.half(usize::from(at.hour() >= 12))),
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
                'w' => number(language.week.of_year(at.date())?.1, &mut out),
                'W' => number(language.week.of_month(at.date()), &mut out),
                'G' => out.push_str(language.era(usize::from(at.year() > 0))),
                'z' => {
                    let timestamp = Timestamp::from_millisecond(self.millis).ok()?;
                    let name = tz.to_offset_info(timestamp).abbreviation().to_owned();
                    let is_utc = offset == 0 && matches!(zone, "UTC" | "GMT" | "Z");
                    match (count, is_utc) {
                        (4.., true) if zone == "GMT" => out.push_str("Greenwich Mean Time"),
                        (4.., true) => out.push_str(language.utc()),
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
}
