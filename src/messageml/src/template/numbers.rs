//! Numbers as FreeMarker computes them: exactly, in decimals; quotients to twelve places.

use std::cmp::Ordering;
use std::rc::Rc;
use std::str::FromStr as _;

use bigdecimal::num_bigint::BigInt;
use bigdecimal::num_traits::{Signed as _, ToPrimitive as _, Zero as _};
use bigdecimal::{BigDecimal, RoundingMode};

/// Places that products keep, and quotients have.
const PLACES: i64 = 12;

#[derive(Debug, Clone)]
pub(super) enum Number {
    /// A whole number that fits.
    Integer(i64),
    /// A binary number: those of the data.
    Float(f64),
    Decimal(Rc<BigDecimal>),
}

impl Number {
    /// How many digits a number is written with at most. FreeMarker has no limit; reading and writing
    /// takes time with the square of them.
    pub const MOST_DIGITS: usize = 10_000;

    /// A number of digits and at most one point.
    pub fn literal(text: &str) -> Self {
        if text.contains(['e', 'E']) {
            return Self::parse(text).unwrap_or(Self::Float(f64::NAN));
        }
        text.parse().map(Self::Integer).unwrap_or_else(|_| {
            BigDecimal::from_str(text).map_or(Self::Float(f64::NAN), Self::decimal)
        })
    }

    /// `?number`: what Java's `BigDecimal` and the names of infinity and NaN allow.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "NaN" => return Some(Self::Float(f64::NAN)),
            "INF" | "Infinity" => return Some(Self::Float(f64::INFINITY)),
            "-INF" | "-Infinity" => return Some(Self::Float(f64::NEG_INFINITY)),
            _ => {}
        }
        let (mantissa, exponent) = match text.find(['e', 'E']) {
            Some(at) => {
                let exponent = &text[at + 1..];
                let digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
                if digits.is_empty()
                    || digits.len() > 10
                    || !digits.bytes().all(|b| b.is_ascii_digit())
                {
                    return None;
                }
                (&text[..at], exponent.parse::<i64>().ok()?)
            }
            None => (text, 0),
        };
        let unsigned = mantissa.strip_prefix(['+', '-']).unwrap_or(mantissa);
        let digits = unsigned.bytes().filter(u8::is_ascii_digit).count();
        if digits == 0
            || digits > Self::MOST_DIGITS
            || !unsigned.bytes().all(|b| b.is_ascii_digit() || b == b'.')
            || unsigned.matches('.').count() > 1
        {
            return None;
        }
        // What would take more memory than its text is refused: nobody prints such numbers.
        if exponent.abs() > 4000 {
            return None;
        }
        let mantissa = BigDecimal::from_str(mantissa.strip_prefix('+').unwrap_or(mantissa)).ok()?;
        let (digits, scale) = mantissa.into_bigint_and_exponent();
        Some(Self::decimal(BigDecimal::new(digits, scale - exponent)))
    }

    pub fn decimal(decimal: BigDecimal) -> Self {
        if decimal.fractional_digit_count() == 0
            && let Some(integer) = decimal.to_i64()
        {
            return Self::Integer(integer);
        }
        Self::Decimal(Rc::new(decimal))
    }

    /// The number in decimals; `None` for infinity and NaN.
    pub fn to_decimal(&self) -> Option<BigDecimal> {
        match self {
            Self::Integer(integer) => Some(BigDecimal::from(*integer)),
            Self::Decimal(decimal) => Some((**decimal).clone()),
            Self::Float(float) if float.is_finite() => {
                BigDecimal::from_str(&float.to_string()).ok()
            }
            Self::Float(_) => None,
        }
    }

    /// How many digits there are to compute with, about.
    pub fn size(&self) -> usize {
        match self {
            Self::Integer(_) | Self::Float(_) => 1,
            Self::Decimal(decimal) => {
                usize::try_from(decimal.as_bigint_and_exponent().0.bits() / 64)
                    .unwrap_or(usize::MAX)
                    + 1
            }
        }
    }

    pub fn float(&self) -> f64 {
        match self {
            #[expect(clippy::cast_precision_loss, reason = "what a float is for")]
            Self::Integer(integer) => *integer as f64,
            Self::Float(float) => *float,
            Self::Decimal(decimal) => decimal.to_f64().unwrap_or(f64::NAN),
        }
    }

    /// `Number.longValue`: without the fraction, and of large numbers the low bits.
    pub fn to_long(&self) -> i64 {
        match self {
            Self::Integer(integer) => *integer,
            #[expect(
                clippy::cast_possible_truncation,
                reason = "as Java does it: to the nearest that there is"
            )]
            Self::Float(float) => *float as i64,
            Self::Decimal(decimal) => {
                let whole =
                    decimal.with_scale_round(0, RoundingMode::Down).into_bigint_and_exponent().0;
                let low: BigInt = whole & BigInt::from(u64::MAX);
                low.to_u64().unwrap_or_default().cast_signed()
            }
        }
    }

    /// `Number.intValue`
    pub fn to_int(&self) -> i32 {
        match self {
            #[expect(
                clippy::cast_possible_truncation,
                reason = "as Java does it: to the nearest that there is"
            )]
            Self::Float(float) => *float as i32,
            #[expect(clippy::cast_possible_truncation, reason = "as Java does it: the low bits")]
            other => other.to_long() as i32,
        }
    }

    pub fn sign(&self) -> Ordering {
        match self {
            Self::Integer(integer) => integer.cmp(&0),
            Self::Float(float) => float.partial_cmp(&0.0).unwrap_or(Ordering::Equal),
            Self::Decimal(decimal) => decimal.sign().cmp(&bigdecimal::num_bigint::Sign::NoSign),
        }
    }

    pub fn compare(&self, other: &Self) -> Option<Ordering> {
        if let (Self::Integer(a), Self::Integer(b)) = (self, other) {
            return Some(a.cmp(b));
        }
        let (a, b) = (self.sign(), other.sign());
        if a != b {
            return Some(a.cmp(&b));
        }
        if let (Self::Float(a), Self::Float(b)) = (self, other) {
            return a.partial_cmp(b);
        }
        match (self.to_decimal(), other.to_decimal()) {
            (Some(a), Some(b)) => Some(a.cmp(&b)),
            _ => self.float().partial_cmp(&other.float()),
        }
    }

    pub fn add(&self, other: &Self) -> Option<Self> {
        if let (Self::Integer(a), Self::Integer(b)) = (self, other)
            && let Some(sum) = a.checked_add(*b)
        {
            return Some(Self::Integer(sum));
        }
        Some(Self::decimal(self.to_decimal()? + other.to_decimal()?))
    }

    pub fn subtract(&self, other: &Self) -> Option<Self> {
        if let (Self::Integer(a), Self::Integer(b)) = (self, other)
            && let Some(difference) = a.checked_sub(*b)
        {
            return Some(Self::Integer(difference));
        }
        Some(Self::decimal(self.to_decimal()? - other.to_decimal()?))
    }

    pub fn multiply(&self, other: &Self) -> Option<Self> {
        if let (Self::Integer(a), Self::Integer(b)) = (self, other)
            && let Some(product) = a.checked_mul(*b)
        {
            return Some(Self::Integer(product));
        }
        /// How many zeros a number may end in that are not written: adding to it or printing it writes them.
        const MOST_ZEROS: i64 = 10_000;
        let (left, right) = (self.to_decimal()?, other.to_decimal()?);
        if left.fractional_digit_count() + right.fractional_digit_count() < -MOST_ZEROS {
            return None;
        }
        let product = left * right;
        Some(Self::decimal(if product.fractional_digit_count() > PLACES {
            product.with_scale_round(PLACES, RoundingMode::HalfUp)
        } else {
            product
        }))
    }

    /// `None` for a divisor of zero.
    pub fn divide(&self, other: &Self) -> Option<Self> {
        let (left, left_scale) = self.to_decimal()?.into_bigint_and_exponent();
        let (right, right_scale) = other.to_decimal()?.into_bigint_and_exponent();
        if right.is_zero() {
            return None;
        }
        let scale = PLACES.max(left_scale).max(right_scale);
        let shift = scale - left_scale + right_scale;
        let power = BigInt::from(10).pow(u32::try_from(shift.unsigned_abs()).ok()?);
        let (dividend, divisor) =
            if shift >= 0 { (left * power, right) } else { (left, right * power) };
        let quotient = &dividend / &divisor;
        let rest = (&dividend % &divisor).abs() * 2;
        let mut quotient = quotient;
        if rest >= divisor.abs() {
            let up = dividend.is_negative() == divisor.is_negative();
            quotient += if up { 1 } else { -1 };
        }
        let result = BigDecimal::new(quotient, scale);
        Some(Self::decimal(result.normalized()))
    }

    pub fn remainder(&self, other: &Self) -> Option<Self> {
        self.to_long().checked_rem(other.to_long()).map(Self::Integer)
    }

    pub fn negated(&self) -> Self {
        match self {
            Self::Integer(integer) => integer
                .checked_neg()
                .map_or_else(|| Self::decimal(-BigDecimal::from(*integer)), Self::Integer),
            Self::Float(float) => Self::Float(-float),
            Self::Decimal(decimal) => Self::decimal(-(**decimal).clone()),
        }
    }

    /// The number without a fraction.
    pub fn rounded(&self, mode: RoundingMode) -> Self {
        match self.to_decimal() {
            Some(decimal) => Self::decimal(decimal.with_scale_round(0, mode)),
            None => self.clone(),
        }
    }

    /// `Number.toString`
    pub fn written(&self) -> String {
        match self {
            Self::Integer(integer) => integer.to_string(),
            Self::Decimal(decimal) => decimal.to_plain_string(),
            Self::Float(float) if float.is_nan() => "NaN".to_owned(),
            Self::Float(float) if float.is_infinite() => {
                if *float > 0.0 { "Infinity" } else { "-Infinity" }.to_owned()
            }
            Self::Float(float) => double(*float),
        }
    }

    /// As computers read it: no grouping, at most sixteen places.
    pub fn plain(&self) -> String {
        match self {
            Self::Integer(integer) => integer.to_string(),
            Self::Float(float) if float.is_nan() => "NaN".to_owned(),
            Self::Float(float) if float.is_infinite() => {
                if *float > 0.0 { "INF" } else { "-INF" }.to_owned()
            }
            other => super::decimal_format::Pattern::COMPUTER.format(other),
        }
    }
}

/// `Double.toString`
pub(super) fn double(float: f64) -> String {
    let magnitude = float.abs();
    if magnitude == 0.0 || (1e-3..1e7).contains(&magnitude) {
        return format!("{float:?}");
    }
    let text = format!("{float:e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let point = if mantissa.contains('.') { "" } else { ".0" };
    format!("{mantissa}{point}E{exponent}")
}
