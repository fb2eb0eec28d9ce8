//! What printing knows of languages: the marks in numbers, and the currency of a country.

/// A locale such as `en_US`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Locale {
    name: String,
}

impl Default for Locale {
    fn default() -> Self {
        Self { name: "en".to_owned() }
    }
}

impl Locale {
    /// A locale by its name as `#setting` takes it.
    pub fn named(name: &str) -> Self {
        let mut parts = name.split(['_', '-']);
        let language = parts.next().unwrap_or_default().to_ascii_lowercase();
        let mut out = language;
        if let Some(country) = parts.next() {
            out.push('_');
            out.push_str(&country.to_ascii_uppercase());
        }
        for variant in parts {
            out.push('_');
            out.push_str(variant);
        }
        Self { name: out }
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn language(&self) -> &str {
        self.name.split('_').next().unwrap_or_default()
    }

    pub fn country(&self) -> &str {
        self.name.split('_').nth(1).unwrap_or_default()
    }

    /// Marks of Unicode's CLDR, as Java 17 has them: between whole and fraction, and between groups.
    fn marks(&self) -> (char, char) {
        match (self.language(), self.country()) {
            ("de", "CH" | "LI") => ('.', '\u{2019}'),
            ("de", "AT") => (',', '\u{a0}'),
            ("de" | "it" | "nl" | "da" | "tr" | "id" | "el" | "hr" | "ro" | "sl", _) => (',', '.'),
            ("es", "MX" | "US" | "PR" | "GT" | "HN" | "NI" | "PA" | "PE" | "SV" | "DO") => {
                ('.', ',')
            }
            ("es" | "pt", "PT") => (',', '\u{a0}'),
            ("es" | "pt" | "ca" | "gl", _) => (',', '.'),
            ("fr", "CH") => (',', '\u{202f}'),
            ("fr", "CA") => (',', '\u{a0}'),
            ("fr", _) => (',', '\u{202f}'),
            (
                "ru" | "uk" | "pl" | "cs" | "sk" | "hu" | "bg" | "sv" | "fi" | "nb" | "no" | "nn"
                | "et" | "lt" | "lv",
                _,
            ) => (',', '\u{a0}'),
            _ => ('.', ','),
        }
    }

    pub fn point(&self) -> char {
        self.marks().0
    }

    pub fn group(&self) -> char {
        self.marks().1
    }

    pub fn percent_suffix(&self) -> &'static str {
        match self.language() {
            "de" | "sv" | "fi" | "nb" | "no" | "cs" | "sk" | "ru" | "da" | "es" => "\u{a0}%",
            "fr" => "\u{a0}%",
            _ => "%",
        }
    }

    /// The sign of the currency of the country, before or behind an amount.
    pub fn currency(&self) -> (String, String) {
        let symbol = self.currency_symbol();
        match self.language() {
            "en" | "ja" | "zh" | "ko" | "" => (symbol, String::new()),
            "nl" => (format!("{symbol}\u{a0}"), String::new()),
            _ => (String::new(), format!("\u{a0}{symbol}")),
        }
    }

    pub fn currency_symbol(&self) -> String {
        match self.country() {
            "US" => "$",
            "GB" => "\u{a3}",
            "JP" => "\u{ffe5}",
            "DE" | "FR" | "IT" | "ES" | "NL" | "AT" | "BE" | "FI" | "IE" | "PT" | "GR" => {
                "\u{20ac}"
            }
            "CH" => "CHF",
            _ => "\u{a4}",
        }
        .to_owned()
    }

    /// The sign of a currency by its code; `None` for what is no code.
    pub fn symbol_of(&self, code: &str) -> Option<String> {
        if code.len() != 3 || !code.bytes().all(|b| b.is_ascii_uppercase()) {
            return None;
        }
        Some(match code {
            "USD" => "$".to_owned(),
            "EUR" => "\u{20ac}".to_owned(),
            "GBP" => "\u{a3}".to_owned(),
            "JPY" => "\u{a5}".to_owned(),
            other => other.to_owned(),
        })
    }
}
