//! Elements with a generated entity: `hash`, `cash`, `mention`, `emoji`, `tag` and `dateTime`.

use std::borrow::Cow;

use super::check::{self, Checked};
use super::directory::{Directory, Instrument, InstrumentRequest, Person};
use super::json::{Json, Object};
use super::tree::{Detail, Element, Flavour, Kind, NodeId, Tree};
use super::{Invalid, emoji, entity_json, java};

/// What a hashtag must look like: no ASCII whitespace, and a character that is not punctuation. The text is that of
/// the error; the rule is written out in [`is_hashtag`].
const HASHTAG_PATTERN: &str = r#"[\S]*[^\s!@#$%^&*()+=<>,./?`~:;'"\\|-]+[\S]*$"#;

/// What an element knows about its entity.
#[derive(Debug)]
pub(super) struct Entity {
    /// The generated key in EntityJSON.
    pub id: String,
    /// The element the entity is printed as: `span`, or what it was written as.
    pub printed_as: &'static str,
    /// The user a mention was resolved to.
    pub user: Option<Person>,
    /// The instrument a tag was resolved to.
    pub instrument: Option<Instrument>,
}

impl Entity {
    pub fn boxed(id: String, printed_as: &'static str) -> Box<Self> {
        Box::new(Self { id, printed_as, user: None, instrument: None })
    }
}

/// The word before the number in a generated id.
pub(super) fn id_prefix(kind: Kind) -> Option<&'static str> {
    match kind {
        Kind::Hash | Kind::Cash => Some("keyword"),
        Kind::Mention => Some("mention"),
        Kind::Emoji => Some("emoji"),
        Kind::Tag => Some("tag"),
        Kind::DateTime => Some("datetime"),
        Kind::AiContext => Some("sym-ai-context"),
        _ => None,
    }
}

/// The kind of entity, and its value, that EntityJSON describes; `None` for one of the user's own.
pub(super) fn known(value: &Json<'_>) -> Option<(Kind, String)> {
    let Json::Array(ids) = value.get("id")? else { return None };
    let id = ids.first()?.get("value")?;
    let text = match id {
        Json::Text(text) | Json::Huge(text) => text.clone().into_owned(),
        Json::Array(_) | Json::Object(_) => String::new(),
        Json::Number(number) => number.to_string(),
        Json::Bool(boolean) => boolean.to_string(),
        Json::Null => "null".to_owned(),
    };
    match value.get("type")?.as_str()? {
        "org.symphonyoss.fin.security" => Some((Kind::Cash, text)),
        "org.symphonyoss.taxonomy" => Some((Kind::Hash, text)),
        "com.symphony.user.mention" => Some((Kind::Mention, long(id).to_string())),
        _ => None,
    }
}

/// A value as a 64-bit integer, by Jackson's coercions: fractions cut off, and 0 for what is no number.
fn long(value: &Json<'_>) -> i64 {
    #[expect(clippy::cast_possible_truncation, reason = "the cut is Jackson's")]
    let cut = |float: f64| float as i64;
    match value {
        Json::Number(number) => {
            number.as_i64().or_else(|| number.as_f64().map(cut)).unwrap_or_default()
        }
        Json::Text(text) => {
            let text = text.trim();
            text.parse().ok().or_else(|| text.parse().ok().map(cut)).unwrap_or_default()
        }
        Json::Bool(true) => 1,
        _ => 0,
    }
}

/// The key in EntityJSON: the one written on the element, or the generated one.
pub(super) fn id<'e>(element: &'e Element, entity: &'e Entity) -> &'e str {
    element.attributes.get("data-entity-id").unwrap_or(&entity.id)
}

pub(super) fn validate(
    tree: &mut Tree,
    id: NodeId,
    directory: &dyn Directory,
) -> Result<(), Invalid> {
    let this = Checked { tree, id };
    let element = this.element();
    if element.flavour == Flavour::PresentationMl && matches!(element.kind, Kind::Hash | Kind::Cash)
    {
        this.required("data-entity-id")?;
    }
    match element.kind {
        Kind::Hash => {
            let Some(tag) = this.get("tag") else { return Err(check::required("tag")) };
            if !is_hashtag(tag) {
                return Err(Invalid::new(format!(
                    "Values of the attribute 'tag' for the element 'hash' must match the pattern {HASHTAG_PATTERN}."
                )));
            }
            Ok(())
        }
        // Only a missing tag is refused: an empty one shows a lone sign.
        Kind::Cash => this.present("tag"),
        Kind::Mention => {
            let user = resolve_user(element, directory)?;
            if let Detail::Entity(entity) = &mut tree.element_mut(id).detail {
                entity.user = user;
            }
            Ok(())
        }
        Kind::Emoji => {
            let Some(shortcode) = this.get("shortcode") else {
                return Err(Invalid::new(
                    "Either the attribute \"shortcode\" or \"annotation\" are required",
                ));
            };
            if !shortcode
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'+' | b'-'))
            {
                return Err(Invalid::new(
                    "Shortcode or Annotation parameter may only contain alphanumeric characters, underscore, plus \
                     sign and dash",
                ));
            }
            this.phrasing()
        }
        Kind::Tag => validate_tag(this),
        _ => {
            this.required("value")?;
            if !this.get("value").is_some_and(java::time::is_offset_date_time) {
                return Err(check::bad_date("value"));
            }
            this.one_of("format", &["date_time", "date", "time", "time_secs"])
        }
    }
}

fn is_hashtag(tag: &str) -> bool {
    let is_space = |c: char| matches!(c, ' ' | '\t' | '\n' | '\u{b}' | '\u{c}' | '\r');
    let is_punctuation = |c: char| "!@#$%^&*()+=<>,./?`~:;'\"\\|-".contains(c);
    !tag.contains(is_space) && tag.contains(|c| !is_punctuation(c))
}

/// The user a mention means. `None` for one that need not exist.
fn resolve_user(mention: &Element, directory: &dyn Directory) -> Result<Option<Person>, Invalid> {
    let attributes = &mention.attributes;
    let soft = attributes.get("strict").is_some() && !attributes.is_true("strict");
    let (user, asked) = match (attributes.get("uid"), attributes.get("email")) {
        (Some(uid), _) => (uid.parse().ok().and_then(|id| directory.user_by_id(id)), uid),
        (None, Some(email)) => (directory.user_by_email(email), email),
        (None, None) => return Ok(None),
    };
    if user.is_none() && !soft {
        return Err(Invalid::new(format!("Failed to lookup user \"{asked}\"")));
    }
    Ok(user)
}

/// Mentions of nobody, which only the conversion to text finds.
pub(super) fn check_mentions(tree: &Tree) -> Result<(), Invalid> {
    let of_nobody = |element: &Element| {
        element.kind == Kind::Mention
            && element.attributes.get("uid").is_none()
            && element.attributes.get("email").is_none()
    };
    if tree.has_entities && tree.descendants(NodeId::ROOT).any(|(_, element)| of_nobody(element)) {
        return Err(Invalid::new("Error processing user mention. No id or email provided"));
    }
    Ok(())
}

fn validate_tag(this: Checked<'_>) -> Result<(), Invalid> {
    const CLASSES: &[&str] = &["equity", "index", "fxcross"];
    const SECTORS: &[&str] =
        &["Equity", "Comdty", "Corp", "Curncy", "Govt", "Index", "Mmkt", "Mtge", "Muni", "Pfd"];
    for (name, values) in [("instrument-class", CLASSES), ("bbgmarket-sector", SECTORS)] {
        if this.get(name).is_some_and(|value| !values.contains(&value)) {
            return Err(Invalid::new(format!(
                "the attribute \"{name}\" must be one of those values [{}]",
                values.join(", ")
            )));
        }
    }
    Ok(())
}

/// Resolves the financial tags of the whole message.
///
/// # Errors
///
/// For a tag without instrument and without `fallback-ticker`.
pub(super) fn resolve_tags(tree: &mut Tree, directory: &dyn Directory) -> Result<(), Invalid> {
    if !tree.has_entities {
        return Ok(());
    }
    for (index, id) in tags(tree).into_iter().enumerate() {
        let element = tree.element_mut(id);
        let request = InstrumentRequest { index, attributes: &element.attributes };
        let instrument = directory.instrument(&request);
        if instrument.is_none()
            && element.attributes.get("fallback-ticker").is_none_or(java::is_blank)
        {
            return Err(Invalid::new(
                "No instrument found , \"fallback-ticker\" attribute is required",
            ));
        }
        if let Detail::Entity(entity) = &mut element.detail {
            entity.instrument = instrument;
        }
    }
    Ok(())
}

/// The tags of a message, elements before their children and among siblings the last first.
fn tags(tree: &Tree) -> Vec<NodeId> {
    let mut found = Vec::new();
    let mut waiting = vec![NodeId::ROOT];
    while let Some(id) = waiting.pop() {
        if tree.element(id).kind == Kind::Tag {
            found.push(id);
        }
        waiting.extend(tree.child_elements(id).map(|(id, _)| id));
    }
    found
}

/// The text of the entity in the message, its sign included; empty for a user without a name.
pub(super) fn text(element: &Element, entity: &Entity) -> String {
    let attribute = |name| element.attributes.get(name).unwrap_or_default();
    match element.kind {
        Kind::Hash => format!("#{}", attribute("tag")),
        Kind::Cash => format!("${}", attribute("tag")),
        Kind::Tag => format!("${}", ticker(element, entity)),
        Kind::DateTime => attribute("value").to_owned(),
        Kind::AiContext => String::new(),
        Kind::Mention => match &entity.user {
            Some(user) if java::is_blank(&user.display_name) => String::new(),
            Some(user) => format!("@{}", user.display_name),
            None => attribute("uid").to_owned(),
        },
        _ => {
            let shortcode = attribute("shortcode");
            emoji::unicode(shortcode).map_or_else(|| format!(":{shortcode}:"), str::to_owned)
        }
    }
}

/// What a financial tag is known by.
pub(super) fn ticker<'e>(element: &'e Element, entity: &'e Entity) -> &'e str {
    match &entity.instrument {
        Some(instrument) => &instrument.root_bbg_comp_ticker,
        None => element.attributes.get("fallback-ticker").unwrap_or_default(),
    }
}

/// The id of the mentioned user, if it is known: the one written wins over the one found.
pub(super) fn user_id(element: &Element, entity: &Entity) -> Option<String> {
    match (element.attributes.get("uid"), &entity.user) {
        (Some(uid), _) => Some(uid.to_owned()),
        (None, user) => user.as_ref().map(|user| user.id.to_string()),
    }
}

/// The entity as EntityJSON; `None` for a mention nobody is known for.
pub(super) fn json(element: &Element, entity: &Entity) -> Option<Json<'static>> {
    const SECURITY: &str = "org.symphonyoss.fin.security";
    const TICKER: &str = "org.symphonyoss.fin.security.id.ticker";
    let attribute = |name| element.attributes.get(name).unwrap_or_default().to_owned();
    let value = match element.kind {
        Kind::Hash => entity_json::node(
            "org.symphonyoss.taxonomy",
            "1.0",
            [("org.symphonyoss.taxonomy.hashtag", attribute("tag"))],
        ),
        Kind::Cash => entity_json::node(SECURITY, "1.0", [(TICKER, attribute("tag"))]),
        Kind::Mention => entity_json::node(
            "com.symphony.user.mention",
            "1.0",
            [("com.symphony.user.userId", user_id(element, entity)?)],
        ),
        Kind::Tag => match &entity.instrument {
            Some(instrument) => entity_json::node(SECURITY, "2.0", instrument_ids(instrument)),
            None => {
                entity_json::node(SECURITY, "1.0", [(TICKER, ticker(element, entity).to_owned())])
            }
        },
        Kind::DateTime => {
            let data = [
                ("value", attribute("value").into()),
                ("type", "org.symphonyoss.datetime".into()),
                ("format", element.attributes.get("format").into()),
            ];
            let entity = [
                ("type", "org.symphonyoss".into()),
                ("version", "1.0".into()),
                ("data", data.into()),
            ];
            entity.into()
        }
        _ => {
            let shortcode = attribute("shortcode");
            let size = element.attributes.get("size").unwrap_or("normal");
            let mut data = Object::from_iter([
                (Cow::Borrowed("shortcode"), shortcode.clone().into()),
                (Cow::Borrowed("annotation"), shortcode.clone().into()),
                (Cow::Borrowed("size"), size.to_owned().into()),
            ]);
            if let Some(unicode) = emoji::unicode(&shortcode) {
                data.insert(Cow::Borrowed("unicode"), unicode.into());
            }
            if let Some(family) = element.attributes.get("family") {
                data.insert(Cow::Borrowed("family"), family.to_owned().into());
            }
            let entity = [
                ("type", "com.symphony.emoji".into()),
                ("version", "1.0".into()),
                ("data", Json::Object(data)),
            ];
            entity.into()
        }
    };
    Some(value)
}

/// The ids of a resolved tag, all of them even without a value.
fn instrument_ids(instrument: &Instrument) -> [(&'static str, Option<&str>); 17] {
    let Instrument {
        root_bbg_comp_ticker,
        unique_id,
        full_bbg_comp_ticker,
        bbg_comp_ticker,
        isin,
        figi,
        figi_ticker,
        local_code,
        operational_mic,
        country_code,
        country_name,
        exchange_name,
        display_name,
        currency,
        instrument_type_code,
        instrument_type_name,
    } = instrument;
    [
        ("org.symphonyoss.fin.security.id.ticker", Some(root_bbg_comp_ticker)),
        ("org.symphonyoss.fin.security.id.uniqueId", unique_id.as_ref()),
        ("org.symphonyoss.fin.security.id.fullBbgTicker", full_bbg_comp_ticker.as_ref()),
        ("org.symphonyoss.fin.security.bbgcompticker", bbg_comp_ticker.as_ref()),
        ("org.symphonyoss.fin.security.id.isin", isin.as_ref()),
        ("org.symphonyoss.fin.security.id.figi", figi.as_ref()),
        ("org.symphonyoss.fin.security.id.figiTicker", figi_ticker.as_ref()),
        // The reference gives the ticker as the LEI too.
        ("org.symphonyoss.fin.security.id.lei", figi_ticker.as_ref()),
        ("org.symphonyoss.fin.security.id.localCode", local_code.as_ref()),
        ("org.symphonyoss.fin.security.id.operationalMic", operational_mic.as_ref()),
        ("org.symphonyoss.fin.security.countryCode", country_code.as_ref()),
        ("org.symphonyoss.fin.security.countryName", country_name.as_ref()),
        ("org.symphonyoss.fin.security.exchangeName", exchange_name.as_ref()),
        ("org.symphonyoss.fin.security.displayName", display_name.as_ref()),
        ("org.symphonyoss.fin.security.currency", currency.as_ref()),
        ("org.symphonyoss.fin.security.instrumentTypeCode", instrument_type_code.as_ref()),
        ("org.symphonyoss.fin.security.instrumentTypeName", instrument_type_name.as_ref()),
    ]
    .map(|(kind, value)| (kind, value.map(String::as_str)))
}
