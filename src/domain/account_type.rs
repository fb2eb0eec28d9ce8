use std::borrow::Cow;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::similarity::nearest;
use super::{Refusal, Settings};

/// What kind of account it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AccountType {
    /// A person.
    Normal,
    /// A service user: a bot.
    System,
    /// A group: a distribution list. Nobody logs in with it.
    Sdl,
    /// One that pods of today do not have (finos/symphony-bdk-java#592 met such a one); its accounts
    /// are treated like people's.
    Other(Arc<str>),
}

/// Those of today, with what they mean.
const KNOWN: [(AccountType, &str, &str); 3] = [
    (AccountType::Normal, "NORMAL", "A person."),
    (AccountType::System, "SYSTEM", "A service user: a bot."),
    (AccountType::Sdl, "SDL", "A group: a distribution list. Nobody logs in with it."),
];

impl AccountType {
    /// As the API spells it.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Other(name) => name,
            known => KNOWN.iter().find(|(it, ..)| it == known).map_or("", |(_, name, _)| name),
        }
    }

    /// Whether its accounts are people's.
    pub fn is_of_people(&self) -> bool {
        matches!(self, Self::Normal | Self::Other(_))
    }

    /// Whether a pod with these settings has it: a misspelt one would quietly make a person of a bot.
    pub fn check(&self, settings: &Settings) -> Result<(), Refusal> {
        let Self::Other(name) = self else { return Ok(()) };
        let others = &settings.other_account_types;
        if others.iter().any(|other| **other == **name) {
            return Ok(());
        }
        let known = KNOWN.iter().map(|(_, name, _)| *name).chain(others.iter().map(String::as_str));
        let nearest = nearest(known, name).map(str::to_owned);
        Err(Refusal::AccountTypeUnknown { name: (**name).to_owned(), nearest })
    }
}

impl From<&str> for AccountType {
    fn from(name: &str) -> Self {
        let known = KNOWN.iter().find(|(_, known, _)| *known == name);
        known.map_or_else(|| Self::Other(name.into()), |(known, ..)| known.clone())
    }
}

impl Serialize for AccountType {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for AccountType {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::from(&*Cow::<str>::deserialize(deserializer)?))
    }
}

impl schemars::JsonSchema for AccountType {
    fn schema_name() -> Cow<'static, str> {
        "AccountType".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let known = KNOWN.map(|(_, name, meaning)| {
            serde_json::json!({ "type": "string", "const": name, "description": meaning })
        });
        let other = serde_json::json!({
            "type": "string",
            "description": "One of `settings.otherAccountTypes`; its accounts are treated like people's.",
        });
        let any: Vec<_> = known.into_iter().chain([other]).collect();
        schemars::json_schema!({
            "description": "What kind of account it is, spelt as the API spells it.",
            "anyOf": any,
        })
    }
}
