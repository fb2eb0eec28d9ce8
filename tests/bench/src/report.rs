//! The figures beside what they should be.

use std::fmt::Write as _;

/// What a figure must not exceed or fall below.
#[derive(Clone, Copy, Debug)]
pub enum Aim {
    /// At most this.
    Most(f64),
    /// At least this.
    Least(f64),
}

/// Collects lines and prints them as they come.
#[derive(Default)]
pub struct Report {
    missed: Vec<String>,
    judged: usize,
}

impl Report {
    /// A heading above figures of one kind.
    pub fn section(&mut self, title: &str) {
        println!("\n{title}\n{}", "-".repeat(title.len()));
    }

    /// A line without judgement.
    pub fn note(&mut self, text: &str) {
        println!("  {text}");
    }

    /// The figures behind a ratio: medians by server.
    pub fn medians(&mut self, what: &str, unit: &str, digits: usize, by_server: &[(&str, f64)]) {
        let mut line = format!("  {what:<42}");
        for (server, value) in by_server {
            let _ = write!(line, "  {server} {value:.digits$} {unit}");
        }
        println!("{line}");
    }

    /// One figure that has an aim; `spread` are its lowest and highest rounds.
    pub fn figure(
        &mut self,
        what: &str,
        value: f64,
        unit: &str,
        spread: Option<(f64, f64)>,
        aim: Aim,
    ) {
        let (met, text) = match aim {
            Aim::Most(limit) => (value <= limit, format!("<= {limit:.2} {unit}")),
            Aim::Least(limit) => (value >= limit, format!(">= {limit:.2} {unit}")),
        };
        let spread =
            spread.map(|(low, high)| format!("({low:.2} to {high:.2})")).unwrap_or_default();
        let verdict = if met { "pass" } else { "MISS" };
        println!("  {what:<42}  {value:>8.2} {unit:<4} {spread:<18} aim {text:<14} {verdict}");
        self.judged += 1;
        if !met {
            self.missed.push(what.to_owned());
        }
    }

    /// How many aims were met, and which were not.
    pub fn summary(&self) {
        println!("\n{} of {} aims met", self.judged - self.missed.len(), self.judged);
        for missed in &self.missed {
            println!("  missed: {missed}");
        }
    }
}

/// The middle value, or the mean of the two in the middle; NaN of nothing.
pub fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    match (values.len(), values.len() / 2) {
        (0, _) => f64::NAN,
        (length, middle) if length % 2 == 1 => values[middle],
        (_, middle) => f64::midpoint(values[middle - 1], values[middle]),
    }
}

/// The ratios of paired rounds: their median, and the lowest and highest.
pub fn ratios(over: &[f64], under: &[f64]) -> (f64, (f64, f64)) {
    let each = || over.iter().zip(under).map(|(over, under)| over / under);
    let low = each().fold(f64::INFINITY, f64::min);
    let high = each().fold(f64::NEG_INFINITY, f64::max);
    (median(each()), (low, high))
}

#[cfg(test)]
mod tests {
    use super::{median, ratios};

    #[test]
    fn the_median_does_not_depend_on_the_order() {
        assert_eq!(median([3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median([4.0, 1.0, 3.0, 2.0]), 2.5);
        assert!(median([]).is_nan());
    }

    #[test]
    fn a_ratio_pairs_the_rounds() {
        assert_eq!(ratios(&[2.0, 9.0, 4.0], &[1.0, 3.0, 1.0]), (3.0, (2.0, 4.0)));
    }
}
