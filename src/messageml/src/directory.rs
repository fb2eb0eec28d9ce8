//! What a conversion asks its surroundings: who is mentioned, where links may lead, which instrument a tag means.

/// Who and what is known where a message is sent, as far as it needs that.
pub trait Directory {
    /// The user with this id, for `<mention uid="…"/>`.
    fn user_by_id(&self, id: i64) -> Option<Person>;

    /// The user with this e-mail address, for `<mention email="…"/>`. Symphony compares addresses without case.
    fn user_by_email(&self, email: &str) -> Option<Person>;

    /// Whether links may use the scheme, which comes as written. Symphony allows `http` and `https` unless configured
    /// otherwise.
    fn allows_scheme(&self, scheme: &str) -> bool {
        scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https")
    }

    /// The financial instrument a `<tag/>` describes. Without one the tag needs a `fallback-ticker`.
    fn instrument(&self, request: &InstrumentRequest<'_>) -> Option<Instrument> {
        let _ = request;
        None
    }
}

/// A user, as a mention shows one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    pub id: i64,
    pub screen_name: String,
    /// What follows the `@`.
    pub display_name: String,
    pub email: String,
}

/// What a `<tag/>` says about the instrument it means.
#[derive(Debug, Clone, Copy)]
pub struct InstrumentRequest<'a> {
    /// The number of the request in the message: tags are counted from 0, elements before their children, and among
    /// siblings the last one first.
    pub index: usize,
    pub(super) attributes: &'a super::tree::Attributes<'a>,
}

impl InstrumentRequest<'_> {
    /// An attribute of the tag, such as `isin`, `figi`, `fullbbgcompticker` or `country-code`.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.get(name)
    }
}

/// A financial instrument. Fields without a value become `null` in EntityJSON.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Instrument {
    /// The ticker shown in the message.
    pub root_bbg_comp_ticker: String,
    pub unique_id: Option<String>,
    pub full_bbg_comp_ticker: Option<String>,
    pub bbg_comp_ticker: Option<String>,
    pub isin: Option<String>,
    pub figi: Option<String>,
    pub figi_ticker: Option<String>,
    pub local_code: Option<String>,
    pub operational_mic: Option<String>,
    pub country_code: Option<String>,
    pub country_name: Option<String>,
    pub exchange_name: Option<String>,
    pub display_name: Option<String>,
    pub currency: Option<String>,
    pub instrument_type_code: Option<String>,
    pub instrument_type_name: Option<String>,
}
