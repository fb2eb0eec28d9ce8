//! Days by the rules of Java's `GregorianCalendar`: weeks of years and months, and the day that some fields of a date mean. Days are counted
//! from that of 1970, days of the week from 0 for Sunday.

use jiff::civil;

use super::super::language::Week;

const EPOCH: civil::Date = civil::date(1970, 1, 1);

/// The number of the day.
fn number(date: civil::Date) -> i64 {
    (date - EPOCH).get_days().into()
}

fn first_of(year: i64, month: i64) -> Option<civil::Date> {
    civil::Date::new(i16::try_from(year).ok()?, i8::try_from(month + 1).ok()?, 1).ok()
}

/// The last such day of the week up to a day.
fn on_or_before(day: i64, weekday: i64) -> i64 {
    // The first day of 1970 was a Thursday.
    day - (day + 4 - weekday).rem_euclid(7)
}

impl Week {
    /// The first day of the first week of the year or month that begins on a day.
    fn first_of(self, begin: i64) -> i64 {
        let first = on_or_before(begin + 6, self.first_day);
        if first - begin >= self.least_days { first - 7 } else { first }
    }

    fn number_in(self, begin: i64, day: i64) -> i64 {
        (day - self.first_of(begin)).div_euclid(7) + 1
    }

    pub fn of_month(self, date: civil::Date) -> i64 {
        self.number_in(number(date.first_of_month()), number(date))
    }

    /// The year of the week that a day is in, and the number of the week in it. `None` at the end of time.
    pub fn of_year(self, date: civil::Date) -> Option<(i64, i64)> {
        let (year, day) = (i64::from(date.year()), number(date));
        let begin = |year: i64| first_of(year, 0).map(number);
        if day >= self.first_of(begin(year + 1)?) {
            return Some((year + 1, 1));
        }
        let week = self.number_in(begin(year)?, day);
        if week > 0 {
            return Some((year, week));
        }
        Some((year - 1, self.number_in(begin(year - 1)?, day)))
    }
}

/// A field of a date that was read, and when: of two that say different things the later counts.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Field {
    pub value: i64,
    /// From 1; 0 for a field that was not read.
    pub stamp: usize,
}

impl Field {
    fn is_set(self) -> bool {
        self.stamp > 0
    }

    fn or(self, other: i64) -> i64 {
        if self.is_set() { self.value } else { other }
    }
}

/// The fields of a day.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Fields {
    pub is_before_first_year: bool,
    pub year: Field,
    pub week_year: Field,
    /// From 0.
    pub month: Field,
    pub day_of_month: Field,
    pub day_of_year: Field,
    pub week_of_month: Field,
    pub week_of_year: Field,
    /// From 0 for Sunday; others than those of a week count on.
    pub weekday: Field,
    /// The how manyeth such day of the week of the month it is.
    pub weekday_in_month: Field,
}

impl Fields {
    /// The day that is meant; `None` for one beyond the years that there are.
    pub fn day(&self, week: Week) -> Option<civil::Date> {
        let number = match self.week_year.stamp > self.year.stamp {
            true => {
                let begin = number(first_of(self.week_year.value, 0)?);
                // Others than those of a week count from Monday, and on into other weeks.
                let (weekday, weeks) = match self.weekday.or(week.first_day) {
                    weekday @ 0..=6 => (weekday, 0),
                    other => ((other.rem_euclid(7) + 1) % 7, other.div_euclid(7)),
                };
                let days = (weekday - week.first_day).rem_euclid(7);
                let weeks = self.week_of_year.or(1).checked_add(weeks)?;
                week.first_of(begin).checked_add(weeks.checked_sub(1)?.checked_mul(7)?)? + days
            }
            false => self.number(week)?,
        };
        let span = jiff::Span::new().try_days(number).ok()?;
        EPOCH.checked_add(span).ok()
    }

    fn number(&self, week: Week) -> Option<i64> {
        let year = self.year.or(1970);
        let year = if self.is_before_first_year { 1_i64.checked_sub(year)? } else { year };
        let both = |one: Field, other: Field| match one.is_set() && other.is_set() {
            true => one.stamp.max(other.stamp),
            false => 0,
        };
        let mut day_of_month = self.day_of_month.stamp;
        let mut week_of_month = both(self.week_of_month, self.weekday);
        let mut in_month = both(self.weekday_in_month, self.weekday);
        let week_of_year = both(self.week_of_year, self.weekday);
        let mut best =
            [day_of_month, week_of_month, in_month, self.day_of_year.stamp, week_of_year]
                .into_iter()
                .max()
                .unwrap_or_default();
        if best == 0 {
            // No combination is complete.
            week_of_month = self.week_of_month.stamp;
            in_month = self.weekday_in_month.stamp.max(self.weekday.stamp);
            best = week_of_month.max(in_month).max(self.week_of_year.stamp);
            if best == 0 {
                day_of_month = self.month.stamp;
                best = day_of_month;
            }
        }
        let later = |field: Field| field.stamp >= self.week_of_year.stamp;
        let by_month = best == day_of_month
            || (best == week_of_month && later(self.week_of_month))
            || (best == in_month && later(self.weekday_in_month));
        let month = if by_month { self.month.or(0) } else { 0 };
        let year = year.checked_add(month.div_euclid(12))?;
        let first = first_of(year, month.rem_euclid(12))?;
        let begin = number(first);
        let weekday =
            if self.weekday.is_set() { self.weekday.value.rem_euclid(7) } else { week.first_day };
        let in_week = |number: i64| {
            let first = week.first_of(begin);
            let day = if self.weekday.is_set() { on_or_before(first + 6, weekday) } else { first };
            day.checked_add(number.checked_sub(1)?.checked_mul(7)?)
        };
        let is_week_of_month = match week_of_month == in_month {
            true => self.week_of_month.stamp >= self.weekday_in_month.stamp,
            false => best == week_of_month,
        };
        if by_month && best == day_of_month {
            begin.checked_add(self.day_of_month.or(1).checked_sub(1)?)
        } else if by_month && is_week_of_month {
            in_week(self.week_of_month.value)
        } else if by_month {
            let weeks = self.weekday_in_month.or(1);
            let from = match weeks >= 0 {
                true => weeks.checked_mul(7)?,
                false => i64::from(first.days_in_month()) + weeks.checked_add(1)?.checked_mul(7)?,
            };
            Some(on_or_before(begin.checked_add(from)?.checked_sub(1)?, weekday))
        } else if best == self.day_of_year.stamp {
            begin.checked_add(self.day_of_year.value.checked_sub(1)?)
        } else {
            in_week(self.week_of_year.value)
        }
    }
}
