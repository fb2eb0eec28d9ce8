//! Financial instruments: the pod's reference data, in which a `<tag/>` finds what it means.

use std::collections::HashMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::World;
use crate::messageml::{self, InstrumentRequest};

/// A financial instrument, by the names that messages have for its codes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Instrument {
    /// Bloomberg's root ticker, such as `IBM`: what messages show, behind a `$`.
    pub root_bbg_comp_ticker: String,
    /// Bloomberg's unique id; `unique-id` of a tag.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unique_id: Option<String>,
    /// Bloomberg's whole composite ticker, such as `IBM US Equity`; `fullbbgcompticker` of a tag.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub full_bbg_comp_ticker: Option<String>,
    /// Bloomberg's composite ticker, such as `IBM US`; `bbgcompticker` of a tag.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bbg_comp_ticker: Option<String>,
    /// International Securities Identification Number (ISO 6166).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub isin: Option<String>,
    /// Financial Instrument Global Identifier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub figi: Option<String>,
    /// The ticker that goes with the FIGI; `figi-ticker` of a tag.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub figi_ticker: Option<String>,
    /// The code of the instrument in the United States (CUSIP); `us-code` of a tag.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub us_code: Option<String>,
    /// The code of the instrument at its exchange; `local-code` of a tag.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub local_code: Option<String>,
    /// Market Identifier Code (ISO 10383) of the exchange; `operational-mic` of a tag.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operational_mic: Option<String>,
    /// Country of the listing (ISO 3166-1 alpha-2); `country-code` of a tag.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country_code: Option<String>,
    /// The country's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country_name: Option<String>,
    /// The exchange's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exchange_name: Option<String>,
    /// The instrument's name, as people are shown it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// Currency of the listing (ISO 4217).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// Code of the kind of instrument.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instrument_type_code: Option<String>,
    /// Name of the kind of instrument.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instrument_type_name: Option<String>,
    /// `equity`, `index` or `fxcross`; `instrument-class` of a tag.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instrument_class: Option<String>,
    /// Bloomberg's market sector, such as `Equity`; `bbgmarket-sector` of a tag.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bbg_market_sector: Option<String>,
    /// Whether this is the main listing of its ISIN: what a tag means that says no more than that,
    /// and what `return-main-listing` leads to.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub main_listing: bool,
}

/// By which of its codes an instrument is known again, the surest first.
pub const IDENTIFYING: [&str; 5] =
    ["uniqueId", "fullBbgCompTicker", "figi", "bbgCompTicker", "isin"];

/// In the order of the documents.
#[derive(Debug, Clone, Default)]
pub struct Instruments(Arc<Register>);

#[derive(Debug, Clone, Default)]
struct Register {
    all: Vec<Instrument>,
    /// Places of those that have a code, or had it before they were changed.
    by_code: HashMap<Code, Vec<usize>>,
}

/// A code with its place in [`IDENTIFYING`]. An ISIN is that of all listings, which are told apart by
/// their exchanges.
type Code = (usize, String, Option<String>);

impl Register {
    /// Where the one stands that the other is known again as: one that has the surest code of the
    /// other's.
    fn place_of(&self, other: &Instrument) -> Option<usize> {
        let surest = other.codes().next()?;
        let places = self.by_code.get(&surest)?;
        places.iter().copied().find(|place| self.all[*place].codes().any(|own| own == surest))
    }
}

impl Instruments {
    pub fn iter(&self) -> impl Iterator<Item = &Instrument> {
        self.0.all.iter()
    }

    /// The one that the other is known again as.
    pub fn same_as(&self, other: &Instrument) -> Option<&Instrument> {
        self.0.place_of(other).map(|place| &self.0.all[place])
    }

    /// Adds an instrument, or puts it in the place of the one that it is known again as.
    pub fn put(&mut self, instrument: Instrument) {
        let register = Arc::make_mut(&mut self.0);
        let place = register.place_of(&instrument).unwrap_or(register.all.len());
        for code in instrument.codes() {
            let places = register.by_code.entry(code).or_default();
            if !places.contains(&place) {
                places.push(place);
            }
        }
        match register.all.get_mut(place) {
            Some(known) => *known = instrument,
            None => register.all.push(instrument),
        }
    }
}

impl World {
    /// What a tag means: an instrument that has every code and every place that the tag names. A tag
    /// that names no code means none. Among several it is the main listing, or the first.
    pub(super) fn instrument(&self, tag: &InstrumentRequest<'_>) -> Option<&Instrument> {
        let mut meant = self.instruments.iter().filter(|instrument| instrument.is_meant(tag));
        let first = meant.next()?;
        let main = std::iter::once(first).chain(meant).find(|instrument| instrument.main_listing);
        let found = main.unwrap_or(first);
        if found.main_listing || tag.attribute("return-main-listing") != Some("true") {
            return Some(found);
        }
        let same = |other: &&Instrument| other.isin.is_some() && other.isin == found.isin;
        let main = self.instruments.iter().filter(same).find(|other| other.main_listing);
        Some(main.unwrap_or(found))
    }
}

impl Instrument {
    /// Whether it has a code that it is known again by.
    pub fn is_identified(&self) -> bool {
        self.codes().next().is_some()
    }

    /// The codes that it is known again by, the surest first.
    fn codes(&self) -> impl Iterator<Item = Code> {
        self.identifying().into_iter().enumerate().filter_map(|(n, code)| {
            let is_isin = n + 1 == IDENTIFYING.len();
            let exchange = self.operational_mic.clone().filter(|_| is_isin);
            Some((n, code?.to_owned(), exchange))
        })
    }

    /// The codes as [`IDENTIFYING`] names them.
    fn identifying(&self) -> [Option<&str>; 5] {
        [&self.unique_id, &self.full_bbg_comp_ticker, &self.figi, &self.bbg_comp_ticker, &self.isin]
            .map(Option::as_deref)
    }

    fn is_meant(&self, tag: &InstrumentRequest<'_>) -> bool {
        let codes = [
            ("fullbbgcompticker", &self.full_bbg_comp_ticker),
            ("unique-id", &self.unique_id),
            ("figi", &self.figi),
            ("bbgcompticker", &self.bbg_comp_ticker),
            ("figi-ticker", &self.figi_ticker),
            ("us-code", &self.us_code),
            ("isin", &self.isin),
            ("local-code", &self.local_code),
        ];
        let places = [
            ("country-code", &self.country_code),
            ("operational-mic", &self.operational_mic),
            ("instrument-class", &self.instrument_class),
            ("bbgmarket-sector", &self.bbg_market_sector),
        ];
        let agrees = |(name, code): &(&str, &Option<String>)| {
            tag.attribute(name).is_none_or(|wanted| code.as_deref() == Some(wanted))
        };
        codes.iter().any(|(name, _)| tag.attribute(name).is_some())
            && codes.iter().chain(&places).all(agrees)
    }

    /// As messages have it.
    pub(super) fn entity(&self) -> messageml::Instrument {
        let own = self.clone();
        messageml::Instrument {
            root_bbg_comp_ticker: own.root_bbg_comp_ticker,
            unique_id: own.unique_id,
            full_bbg_comp_ticker: own.full_bbg_comp_ticker,
            bbg_comp_ticker: own.bbg_comp_ticker,
            isin: own.isin,
            figi: own.figi,
            figi_ticker: own.figi_ticker,
            local_code: own.local_code,
            operational_mic: own.operational_mic,
            country_code: own.country_code,
            country_name: own.country_name,
            exchange_name: own.exchange_name,
            display_name: own.display_name,
            currency: own.currency,
            instrument_type_code: own.instrument_type_code,
            instrument_type_name: own.instrument_type_name,
        }
    }
}
