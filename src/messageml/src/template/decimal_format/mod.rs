//! Java's `DecimalFormat`: patterns such as `#,##0.00`, with FreeMarker's additions behind `;;`.

mod pattern;

use std::str::FromStr as _;

use bigdecimal::{BigDecimal, RoundingMode};

use super::locale::Locale;
use super::numbers::Number;

/// How numbers are printed.
#[derive(Debug, Clone)]
pub(super) struct Pattern {
    positive: Affix,
    negative: Option<Affix>,
    digits: Digits,
    rounding: RoundingMode,
    symbols: Symbols,
}

/// Which digits are printed, of a number and of the power of ten behind it.
#[derive(Debug, Clone, Copy, Default)]
struct Digits {
    least_whole: usize,
    most_whole: usize,
    least_places: usize,
    most_places: usize,
    /// Digits in a group; 0 for none.
    group: usize,
    /// By which power of ten a number is multiplied: percent and per mille.
    shift: i64,
    least_exponent: Option<usize>,
    always_point: bool,
}

impl Digits {
    /// `0.################`
    const COMPUTER: Self = Self {
        least_whole: 1,
        most_whole: usize::MAX,
        least_places: 0,
        most_places: 16,
        group: 0,
        shift: 0,
        least_exponent: None,
        always_point: false,
    };
}

#[derive(Debug, Clone, Default)]
struct Affix {
    prefix: String,
    suffix: String,
}

#[derive(Debug, Clone)]
struct Symbols {
    point: char,
    group: char,
    minus: char,
    percent: String,
    per_mille: String,
    infinity: String,
    nan: String,
    exponent: String,
    zero: char,
}

impl Symbols {
    const PLAIN: Self = Self {
        point: '.',
        group: ',',
        minus: '-',
        percent: String::new(),
        per_mille: String::new(),
        infinity: String::new(),
        nan: String::new(),
        exponent: String::new(),
        zero: '0',
    };

    fn of(locale: &Locale) -> Self {
        Self {
            point: locale.point(),
            group: locale.group(),
            percent: "%".to_owned(),
            per_mille: "\u{2030}".to_owned(),
            infinity: "\u{221e}".to_owned(),
            nan: "NaN".to_owned(),
            exponent: "E".to_owned(),
            ..Self::PLAIN
        }
    }
}

/// How many digits a pattern may ask for: more would be a way to write much with little.
const MOST_DIGITS: usize = 340;

impl Pattern {
    /// `0.################`
    pub const COMPUTER: Self = Self {
        positive: Affix { prefix: String::new(), suffix: String::new() },
        negative: None,
        digits: Digits::COMPUTER,
        rounding: RoundingMode::HalfEven,
        symbols: Symbols::PLAIN,
    };

    /// `#,##0.###`, the format of numbers that no other is asked for.
    pub fn number(locale: &Locale) -> Self {
        let digits = Digits { most_places: 3, group: 3, ..Digits::COMPUTER };
        Self { digits, symbols: Symbols::of(locale), ..Self::COMPUTER }
    }

    /// `#,##0%`
    pub fn percent(locale: &Locale) -> Self {
        let suffix = locale.percent_suffix().to_owned();
        let mut percent = Self::number(locale);
        percent.positive.suffix = suffix;
        percent.digits = Digits { most_places: 0, shift: 2, ..percent.digits };
        percent
    }

    /// An amount of money in the currency of the locale.
    pub fn currency(locale: &Locale) -> Self {
        let (prefix, suffix) = locale.currency();
        let mut currency = Self::number(locale);
        currency.positive = Affix { prefix, suffix };
        currency.digits = Digits { least_places: 2, most_places: 2, ..currency.digits };
        currency
    }

    /// For `#{…}`: no groups.
    pub fn places(locale: &Locale, least: usize, most: usize) -> Self {
        let mut places = Self::number(locale);
        places.digits =
            Digits { least_places: least, most_places: most, group: 0, ..places.digits };
        places
    }

    pub fn format(&self, number: &Number) -> String {
        if let Number::Float(float) = number {
            if float.is_nan() {
                return self.symbols.nan.clone();
            }
            if float.is_infinite() {
                return self.framed(*float < 0.0, &self.symbols.infinity);
            }
            if float.abs() < 1e15
                && self.digits.least_exponent.is_none()
                && self.digits.shift == 0
                && self.digits.most_places > 0
                && let Some(text) = self.short(*float)
            {
                return text;
            }
        }
        if let Number::Integer(integer) = number
            && self.digits.least_exponent.is_none()
            && self.digits.shift == 0
        {
            let digits = integer.unsigned_abs().to_string();
            return self.framed(*integer < 0, &self.body(&digits, ""));
        }
        let Some(decimal) = exact(number, self.digits.most_places, self.digits.shift) else {
            return self.symbols.nan.clone();
        };
        let (digits, scale) = decimal.into_bigint_and_exponent();
        let decimal = BigDecimal::new(digits, scale - self.digits.shift);
        let was_negative = match number {
            Number::Float(float) => float.is_sign_negative(),
            _ => decimal.sign() == bigdecimal::num_bigint::Sign::Minus,
        };
        if let Some(least) = self.digits.least_exponent {
            return self.framed(was_negative, &self.scientific(&decimal.abs(), least));
        }
        let places = i64::try_from(self.digits.most_places).unwrap_or(i64::MAX);
        let rounded = if decimal.fractional_digit_count() > places {
            decimal.with_scale_round(places, self.rounding)
        } else {
            decimal
        };
        let text = rounded.abs().to_plain_string();
        let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
        let body = self.body(whole, fraction);
        self.framed(was_negative, &body)
    }

    /// Whether a number is printed as its digits alone, which are these.
    pub fn bare(&self, number: &Number) -> Option<i64> {
        match number {
            Number::Integer(integer) if *integer > 0 => {
                let is_bare = self.digits.least_exponent.is_none()
                    && self.digits.shift == 0
                    && self.is_bare(integer.ilog10() as usize + 1);
                is_bare.then_some(*integer)
            }
            _ => None,
        }
    }

    /// Whether a positive whole number of so many digits is printed as those.
    fn is_bare(&self, digits: usize) -> bool {
        let Affix { prefix, suffix } = &self.positive;
        (self.digits.group == 0 || digits <= self.digits.group)
            && (self.digits.least_whole..=self.digits.most_whole).contains(&digits)
            && self.digits.least_places == 0
            && !self.digits.always_point
            && self.symbols.zero == '0'
            && prefix.is_empty()
            && suffix.is_empty()
    }

    /// A binary number whose digits are few enough to be printed as they are.
    fn short(&self, float: f64) -> Option<String> {
        let text = float.abs().to_string();
        let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
        (fraction.len() <= self.digits.most_places)
            .then(|| self.framed(float.is_sign_negative(), &self.body(whole, fraction)))
    }

    fn framed(&self, negative: bool, body: &str) -> String {
        let Affix { prefix, suffix } = match (&self.negative, negative) {
            (Some(affix), true) => affix,
            _ => &self.positive,
        };
        let mut out = String::with_capacity(prefix.len() + body.len() + suffix.len() + 1);
        if negative && self.negative.is_none() {
            out.push(self.symbols.minus);
        }
        out.push_str(prefix);
        out.push_str(body);
        out.push_str(suffix);
        out
    }

    /// Digits with groups and a point.
    fn body(&self, whole: &str, fraction: &str) -> String {
        let whole = whole.trim_start_matches('0');
        let mut digits = String::new();
        for _ in whole.len()..self.digits.least_whole {
            digits.push('0');
        }
        digits.push_str(whole);
        if digits.len() > self.digits.most_whole {
            digits = digits.split_off(digits.len() - self.digits.most_whole);
        }
        let mut fraction = fraction.trim_end_matches('0').to_owned();
        while fraction.len() < self.digits.least_places {
            fraction.push('0');
        }
        if digits.is_empty() && fraction.is_empty() {
            digits.push('0');
        }
        let mut out = String::with_capacity(digits.len() + digits.len() / 3 + fraction.len() + 1);
        for (position, digit) in digits.chars().enumerate() {
            let left = digits.len() - position;
            if self.digits.group > 0 && position > 0 && left.is_multiple_of(self.digits.group) {
                out.push(self.symbols.group);
            }
            out.push(self.digit(digit));
        }
        if !fraction.is_empty() || self.digits.always_point {
            out.push(self.symbols.point);
            out.extend(fraction.chars().map(|digit| self.digit(digit)));
        }
        out
    }

    fn digit(&self, digit: char) -> char {
        if self.symbols.zero == '0' {
            return digit;
        }
        let value = digit.to_digit(10).unwrap_or_default();
        char::from_u32(u32::from(self.symbols.zero) + value).unwrap_or(digit)
    }

    /// Digits with an exponent.
    fn scientific(&self, decimal: &BigDecimal, least: usize) -> String {
        let (digits, scale) = decimal.normalized().into_bigint_and_exponent();
        let text = digits.to_string();
        let is_zero = text == "0";
        let length = i64::try_from(text.len()).unwrap_or(i64::MAX);
        // The number is 0.TEXT times ten to the power of this.
        let mut point = if is_zero { 0 } else { length - scale };
        let repeat = i64::try_from(self.digits.most_whole.min(MOST_DIGITS)).unwrap_or(1);
        let least_whole = i64::try_from(self.digits.least_whole).unwrap_or(1);
        let engineering = repeat > 1 && repeat > least_whole;
        let adjust = |point: i64| {
            if engineering {
                (if point >= 1 {
                    (point - 1).div_euclid(repeat)
                } else {
                    (point - repeat).div_euclid(repeat)
                        + i64::from((point - repeat).rem_euclid(repeat) != 0)
                }) * repeat
            } else {
                let minimum =
                    if least_whole > 0 || self.digits.least_places > 0 { least_whole } else { 1 };
                point - minimum
            }
        };
        let least_digits = self.digits.least_whole + self.digits.least_places;
        let wanted = if engineering {
            self.digits.most_whole.min(MOST_DIGITS) + self.digits.most_places
        } else {
            self.digits.least_whole + self.digits.most_places
        };
        let places = i64::try_from(wanted).unwrap_or(MOST_DIGITS as i64);
        let mut digits = text;
        if !is_zero && length > places && places > 0 {
            let rounded = BigDecimal::from_str(&format!("0.{digits}"))
                .unwrap_or_default()
                .with_scale_round(places, self.rounding)
                .to_plain_string();
            if rounded.starts_with('1') {
                point += 1;
                digits = "1".to_owned();
            } else {
                digits = rounded.split_once('.').map_or("0", |(_, digits)| digits).to_owned();
            }
        }
        let exponent = if is_zero { 0 } else { adjust(point) };
        let whole_length =
            usize::try_from(if is_zero { least_whole } else { point - exponent }).unwrap_or(0);
        let mut digits = digits.trim_end_matches('0').to_owned();
        while digits.len() < whole_length.max(least_digits) {
            digits.push('0');
        }
        let (whole, fraction) = digits.split_at(whole_length.min(digits.len()));
        let mut out: String = whole.chars().map(|digit| self.digit(digit)).collect();
        if !fraction.is_empty() || self.digits.always_point {
            out.push(self.symbols.point);
            out.extend(fraction.chars().map(|digit| self.digit(digit)));
        }
        out.push_str(&self.symbols.exponent);
        if exponent < 0 {
            out.push(self.symbols.minus);
        }
        let text = exponent.unsigned_abs().to_string();
        for _ in text.len()..least {
            out.push(self.digit('0'));
        }
        out.extend(text.chars().map(|digit| self.digit(digit)));
        out
    }
}

/// The exact value, or that of the shortest digits where they are enough: Java prints a binary number by its shortest
/// digits, and looks at the exact value where those would be rounded.
fn exact(number: &Number, most_places: usize, shift: i64) -> Option<BigDecimal> {
    let Number::Float(float) = number else { return number.to_decimal() };
    let shortest = number.to_decimal()?;
    let places = i64::try_from(most_places).unwrap_or(i64::MAX);
    if shortest.fractional_digit_count() - shift <= places {
        return Some(shortest);
    }
    BigDecimal::try_from(*float).ok()
}
