//! How languages name months and days and order dates: from Unicode's CLDR as Java 17 has it, in `data/dates.tsv`.
//!
//! A line of the table is a language, or a country that differs from its language (`=`: as the language). Its columns: months and
//! their short forms, the same standing alone (empty: no other), days from Monday and their short forms, the halves of the day, the eras, the
//! patterns of dates and of times from short to full, what joins the two, and the name of Coordinated Universal Time.

use super::locale::Locale;

const TABLE: &str = include_str!("../../data/dates.tsv");

/// The columns of the table, behind the name.
#[derive(Clone, Copy)]
enum Column {
    Months,
    ShortMonths,
    MonthsAlone,
    ShortMonthsAlone,
    Days,
    ShortDays,
    Halves,
    Eras,
    Dates,
    Times,
    Joints,
    Utc,
}

/// The names and patterns of a locale. Languages that are not in the table have those of no language, which are English and short.
#[derive(Clone, Copy)]
pub(super) struct Language {
    own: &'static str,
    general: &'static str,
    /// The first day of the week, from Sunday, and how many days of a year or month its first week has at least.
    pub week: Week,
}

#[derive(Clone, Copy)]
pub(super) struct Week {
    pub first_day: i64,
    pub least_days: i64,
}

impl Language {
    pub fn of(locale: &Locale) -> Self {
        let line =
            |name: &str| TABLE.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('\t'));
        let language = match locale.language() {
            "no" => "nb",
            other => other,
        };
        let general = line(language).or_else(|| line("und")).unwrap_or_default();
        let own = line(locale.name()).unwrap_or(general);
        Self { own, general, week: week(locale.country()) }
    }

    fn column(self, column: Column) -> &'static str {
        let cell = |line: &'static str| line.split('\t').nth(column as usize).unwrap_or_default();
        match cell(self.own) {
            "=" => cell(self.general),
            own => own,
        }
    }

    fn items(self, column: Column) -> impl Iterator<Item = &'static str> {
        self.column(column).split('|')
    }

    fn item(self, column: Column, index: usize) -> &'static str {
        self.items(column).nth(index).unwrap_or_default()
    }

    /// Where a form of its own for a month that stands alone is, or the common one.
    fn month_column(self, is_short: bool, is_alone: bool) -> Column {
        let (common, alone) = match is_short {
            true => (Column::ShortMonths, Column::ShortMonthsAlone),
            false => (Column::Months, Column::MonthsAlone),
        };
        if is_alone && !self.column(alone).is_empty() { alone } else { common }
    }

    /// A month, from 0.
    pub fn month(self, index: usize, is_short: bool, is_alone: bool) -> &'static str {
        self.item(self.month_column(is_short, is_alone), index)
    }

    /// A day of the week, from 0 for Monday.
    pub fn day(self, index: usize, is_short: bool) -> &'static str {
        self.item(if is_short { Column::ShortDays } else { Column::Days }, index)
    }

    /// The first or second half of the day.
    pub fn half(self, index: usize) -> &'static str {
        self.item(Column::Halves, index)
    }

    /// The era before or after the first year.
    pub fn era(self, index: usize) -> &'static str {
        self.item(Column::Eras, index)
    }

    /// The pattern of a style of dates, from 0 for short to 3 for full.
    pub fn date(self, style: usize) -> &'static str {
        self.item(Column::Dates, style)
    }

    pub fn time(self, style: usize) -> &'static str {
        self.item(Column::Times, style)
    }

    /// What stands between a date and a time of these styles: the shorter decides.
    pub fn joint(self, date: usize, time: usize) -> &'static str {
        self.item(Column::Joints, date.min(time))
    }

    /// Coordinated Universal Time.
    pub fn utc(self) -> &'static str {
        self.column(Column::Utc)
    }

    /// The month that a text begins with, from 0, and the length of its name.
    pub fn find_month(self, text: &str) -> Option<(usize, usize)> {
        let columns = [(false, false), (true, false), (false, true), (true, true)];
        longest(columns.map(|(short, alone)| self.month_column(short, alone)), self, text)
    }

    /// The day of the week that a text begins with, from 0 for Monday.
    pub fn find_day(self, text: &str) -> Option<(usize, usize)> {
        longest([Column::Days, Column::ShortDays], self, text)
    }

    pub fn find_half(self, text: &str) -> Option<(usize, usize)> {
        longest([Column::Halves], self, text)
    }

    pub fn find_era(self, text: &str) -> Option<(usize, usize)> {
        longest([Column::Eras], self, text)
    }
}

/// The longest name that a text begins with, whatever the case.
fn longest<const N: usize>(
    columns: [Column; N],
    language: Language,
    text: &str,
) -> Option<(usize, usize)> {
    let begins = |name: &str| {
        let mut rest = text.chars();
        let same =
            |c: char| rest.next().is_some_and(|d| c == d || c.to_lowercase().eq(d.to_lowercase()));
        let is_same = name.chars().all(same);
        (is_same && !name.is_empty()).then(|| text.len() - rest.as_str().len())
    };
    let found = columns.into_iter().flat_map(|column| language.items(column).enumerate());
    found
        .filter_map(|(index, name)| Some((index, begins(name)?)))
        .reduce(|best, next| if next.1 > best.1 { next } else { best })
}

/// Weeks of a country, as Java 17 counts them. Without a country, and in most of America and Asia, they begin on Sunday.
fn week(country: &str) -> Week {
    let (first_day, least_days) = match country {
        "PT" => (0, 4),
        "AD" | "AT" | "AX" | "BE" | "BG" | "CH" | "CZ" | "DE" | "DK" | "EE" | "ES" | "FI"
        | "FJ" | "FO" | "FR" | "GB" | "GF" | "GG" | "GI" | "GP" | "GR" | "HU" | "IE" | "IM"
        | "IS" | "IT" | "JE" | "LI" | "LT" | "LU" | "MC" | "MQ" | "NL" | "NO" | "PL" | "RE"
        | "RU" | "SE" | "SJ" | "SK" | "SM" | "VA" => (1, 4),
        "" | "AG" | "AS" | "AU" | "BD" | "BR" | "BS" | "BT" | "BW" | "BZ" | "CA" | "CN" | "CO"
        | "DM" | "DO" | "ET" | "GT" | "GU" | "HK" | "HN" | "ID" | "IL" | "IN" | "JM" | "JP"
        | "KE" | "KH" | "KR" | "LA" | "MH" | "MM" | "MO" | "MT" | "MX" | "MZ" | "NI" | "NP"
        | "PA" | "PE" | "PH" | "PK" | "PR" | "PY" | "SA" | "SG" | "SV" | "TH" | "TT" | "TW"
        | "UM" | "US" | "VE" | "VI" | "WS" | "YE" | "ZA" | "ZW" => (0, 1),
        "MV" => (5, 1),
        "AE" | "AF" | "BH" | "DJ" | "DZ" | "EG" | "IQ" | "IR" | "JO" | "KW" | "LY" | "OM"
        | "QA" | "SD" | "SY" => (6, 1),
        _ => (1, 1),
    };
    Week { first_day, least_days }
}
