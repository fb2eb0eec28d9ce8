//! Reading patterns.

use bigdecimal::RoundingMode;

use super::super::locale::Locale;
use super::{Affix, Digits, MOST_DIGITS, Pattern, Symbols};

impl Pattern {
    /// Reads a pattern; `None` for a wrong one.
    pub fn parse(pattern: &str, locale: &Locale) -> Option<Self> {
        let (pattern, options) = match pattern.find(";;") {
            Some(at) => (&pattern[..at], &pattern[at + 2..]),
            None => (pattern, ""),
        };
        let mut symbols = Symbols::of(locale);
        let mut out = Self { rounding: RoundingMode::HalfEven, ..Self::COMPUTER };
        let mut multiplier = None;
        let mut currency = locale.currency_symbol();
        for (name, value) in read_options(options)? {
            let one = || value.chars().next().filter(|c| c.len_utf8() == value.len());
            match name.as_str() {
                "roundingMode" => out.rounding = rounding(&value)?,
                "multipier" | "multiplier" => multiplier = Some(value.parse::<i64>().ok()?),
                "decimalSeparator" | "monetaryDecimalSeparator" => symbols.point = one()?,
                "groupingSeparator" => symbols.group = one()?,
                "exponentSeparator" => symbols.exponent = value,
                "minusSign" => symbols.minus = one()?,
                "infinity" => symbols.infinity = value,
                "nan" => symbols.nan = value,
                "percent" => symbols.percent = one()?.to_string(),
                "perMill" => symbols.per_mille = one()?.to_string(),
                "zeroDigit" => symbols.zero = one()?,
                "currencyCode" => currency = locale.symbol_of(&value)?,
                "currencySymbol" => currency = value,
                _ => return None,
            }
        }
        let mut characters: Vec<char> = pattern.chars().collect();
        if characters.is_empty() {
            // The empty pattern prints all digits.
            out.digits.most_places = MOST_DIGITS;
            return Some(Self { symbols, ..out });
        }
        characters.push('\0');
        let mut reader = Reader { characters: &characters, at: 0 };
        let positive = reader.half(&symbols, &currency)?;
        out.symbols = symbols;
        out.positive = positive.affix;
        out.digits = positive.digits;
        if reader.characters[reader.at] == ';' {
            reader.at += 1;
            let negative = reader.half(&out.symbols, &currency)?;
            let same = negative.affix.prefix == out.positive.prefix
                && negative.affix.suffix == out.positive.suffix;
            if !same {
                out.negative = Some(negative.affix);
            }
        }
        if reader.characters[reader.at] != '\0' {
            return None;
        }
        if let Some(multiplier) = multiplier {
            // Only powers of ten are of use; others have no exact place in the digits.
            let shift = (0..18).find(|power| 10_i64.pow(*power) == multiplier)?;
            out.digits.shift = i64::from(shift);
        }
        let sane = out.digits.least_whole <= MOST_DIGITS && out.digits.most_places <= MOST_DIGITS;
        sane.then_some(out)
    }
}

fn rounding(name: &str) -> Option<RoundingMode> {
    Some(match name {
        "up" => RoundingMode::Up,
        "down" => RoundingMode::Down,
        "ceiling" => RoundingMode::Ceiling,
        "floor" => RoundingMode::Floor,
        "halfDown" => RoundingMode::HalfDown,
        "halfEven" => RoundingMode::HalfEven,
        "halfUp" => RoundingMode::HalfUp,
        _ => return None,
    })
}

/// `name=value name2='value 2'`
fn read_options(text: &str) -> Option<Vec<(String, String)>> {
    let mut options = Vec::new();
    let mut rest = text.trim_start_matches([' ', ',', '\t', '\n', '\r']);
    while !rest.is_empty() {
        let (name, after) = rest.split_once('=')?;
        let after = after.trim_start();
        let (value, end) = match after.chars().next()? {
            quote @ ('"' | '\'') => {
                let end = after[1..].find(quote)? + 1;
                (after[1..end].to_owned(), end + 1)
            }
            _ => {
                let end = after.find([' ', ',', '\t', '\n']).unwrap_or(after.len());
                (after[..end].to_owned(), end)
            }
        };
        options.push((name.trim().to_owned(), value));
        rest = after[end..].trim_start_matches([' ', ',', '\t', '\n', '\r']);
    }
    Some(options)
}

/// One side of the semicolon in a pattern.
#[derive(Default)]
struct Half {
    affix: Affix,
    digits: Digits,
}

struct Reader<'c> {
    /// With a NUL at the end.
    characters: &'c [char],
    at: usize,
}

impl Reader<'_> {
    fn half(&mut self, symbols: &Symbols, currency: &str) -> Option<Half> {
        let mut half = Half::default();
        let (prefix, shift) = self.affix(symbols, currency)?;
        let mut whole_hashes = 0_usize;
        let (mut zeros, mut places_hashes) = (0_usize, 0_usize);
        let mut group: Option<usize> = None;
        let mut point = false;
        let mut whole_zeros = 0_usize;
        loop {
            match self.characters[self.at] {
                '#' if point => places_hashes += 1,
                '#' if whole_zeros > 0 => return None,
                '#' => {
                    whole_hashes += 1;
                    if let Some(group) = &mut group {
                        *group += 1;
                    }
                }
                '0'..='9' if point && places_hashes > 0 => return None,
                '0'..='9' if point => zeros += 1,
                '0'..='9' => {
                    whole_zeros += 1;
                    if let Some(group) = &mut group {
                        *group += 1;
                    }
                }
                ',' if point => return None,
                ',' => group = Some(0),
                '.' if point => return None,
                '.' => point = true,
                _ => break,
            }
            self.at += 1;
        }
        if group == Some(0) {
            return None;
        }
        if self.characters[self.at] == 'E' {
            self.at += 1;
            let start = self.at;
            while self.characters[self.at] == '0' {
                self.at += 1;
            }
            if self.at == start || whole_zeros + whole_hashes < 1 {
                return None;
            }
            half.digits.least_exponent = Some(self.at - start);
        }
        if point && whole_zeros == 0 && zeros == 0 && whole_hashes + places_hashes > 0 {
            // Java wants one digit at least: in `#.##` the last before the point, in `.##` the first behind it.
            if whole_hashes > 0 {
                whole_hashes -= 1;
                whole_zeros = 1;
            } else {
                places_hashes -= 1;
                zeros = 1;
            }
        }
        let (suffix, suffix_shift) = self.affix(symbols, currency)?;
        half.affix = Affix { prefix, suffix };
        half.digits.shift = shift.max(suffix_shift);
        half.digits.least_whole = whole_zeros;
        half.digits.most_whole = if half.digits.least_exponent.is_some() {
            whole_hashes + whole_zeros
        } else {
            usize::MAX
        };
        half.digits.least_places = zeros;
        half.digits.most_places = zeros + places_hashes;
        half.digits.group = group.unwrap_or(0);
        half.digits.always_point = point && zeros + places_hashes == 0;
        Some(half)
    }

    /// Literal text, with the sign of percent and of the currency.
    fn affix(&mut self, symbols: &Symbols, currency: &str) -> Option<(String, i64)> {
        let (mut out, mut shift, mut quoted) = (String::new(), 0, false);
        loop {
            let character = self.characters[self.at];
            match character {
                '\0' => return Some((out, shift)),
                '\'' => {
                    if self.characters[self.at + 1] == '\'' {
                        out.push('\'');
                        self.at += 1;
                    } else {
                        quoted = !quoted;
                    }
                }
                other if quoted => out.push(other),
                '#' | '0'..='9' | ',' | '.' => return Some((out, shift)),
                ';' => return Some((out, shift)),
                '%' => {
                    if shift != 0 {
                        return None;
                    }
                    shift = 2;
                    out.push_str(&symbols.percent);
                }
                '\u{2030}' => {
                    if shift != 0 {
                        return None;
                    }
                    shift = 3;
                    out.push_str(&symbols.per_mille);
                }
                '\u{a4}' => {
                    out.push_str(currency);
                    if self.characters[self.at + 1] == '\u{a4}' {
                        self.at += 1;
                    }
                }
                '-' => out.push(symbols.minus),
                other => out.push(other),
            }
            self.at += 1;
        }
    }
}
