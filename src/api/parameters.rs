//! Parameters in the query, as unlike as the SDKs send them.

use std::str::FromStr;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use super::extract::QueryParameters;
use crate::domain::{Refusal, Timestamp, UserId};
use crate::operation::Context;

/// The query's parameters. An empty one is an absent one; unknown ones are ignored, as pods do.
pub struct Parameters(Vec<(String, String)>);

/// Which part of a list is asked for: `skip` and `limit`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    pub skip: usize,
    pub limit: usize,
}

/// The greatest limit of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Most {
    /// What exceeds it is refused: so it is where the documentation says what the greatest is.
    Refused(usize),
    /// What exceeds it is cut to it: so it is mostly where the greatest is the pod's own.
    Cut(usize),
    /// There is none.
    Unbounded,
}

impl Parameters {
    pub fn text(&self, name: &str) -> Option<&str> {
        let (_, value) = self.0.iter().find(|(key, value)| key == name && !value.is_empty())?;
        Some(value)
    }

    /// The values of a parameter that may come several times.
    pub fn texts<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let values = self.0.iter().filter(move |(key, value)| key == name && !value.is_empty());
        values.map(|(_, value)| value.as_str())
    }

    /// `true` or `false` in any letter case: the Python SDKs send `True`.
    pub fn flag(&self, name: &str) -> Result<Option<bool>, Refusal> {
        let Some(value) = self.text(name) else { return Ok(None) };
        match value.to_ascii_lowercase().as_str() {
            "true" => Ok(Some(true)),
            "false" => Ok(Some(false)),
            _ => Err(malformed(name, value, "true or false")),
        }
    }

    /// The same, where the operation cannot do without.
    pub fn required_flag(&self, name: &str) -> Result<bool, Refusal> {
        self.flag(name)?.ok_or_else(|| Refusal::Malformed {
            what: format!("The parameter {name} is missing, expected true or false"),
        })
    }

    /// A whole number that is not negative.
    pub fn number(&self, name: &str) -> Result<Option<u64>, Refusal> {
        let Some(value) = self.text(name) else { return Ok(None) };
        let number = value.parse().map_err(|_| malformed(name, value, "a number from 0 on"))?;
        Ok(Some(number))
    }

    /// Values separated by commas; lists may be sent in several parameters of the name too.
    pub fn list(&self, name: &str) -> Vec<&str> {
        let values = self.0.iter().filter(|(key, _)| key == name);
        let parts = values.flat_map(|(_, value)| value.split(','));
        parts.map(str::trim).filter(|part| !part.is_empty()).collect()
    }

    /// Users' ids separated by commas.
    pub fn users(&self, name: &str) -> Result<Vec<UserId>, Refusal> {
        let id = |text: &str| {
            let id = text.parse().map_err(|_| malformed(name, text, "the id of a user"))?;
            Ok(UserId::from_wire(id))
        };
        self.list(name).into_iter().map(id).collect()
    }

    /// A moment, in milliseconds since 1970.
    pub fn moment(&self, name: &str) -> Result<Option<Timestamp>, Refusal> {
        Ok(self.number(name)?.map(Timestamp::from_millis))
    }

    /// `skip` and `limit`, which is `default` unless the request says.
    pub fn page(&self, default: usize, most: Most) -> Result<Page, Refusal> {
        self.page_named(("skip", "limit"), default, most)
    }

    /// The same under other names: the first versions of some operations have them.
    pub fn page_named(
        &self,
        (skip, limit): (&str, &str),
        default: usize,
        most: Most,
    ) -> Result<Page, Refusal> {
        let size = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        let skip = self.number(skip)?.map_or(0, size);
        let name = limit;
        let limit = self.number(name)?.map_or(default, size);
        let limit = match most {
            Most::Refused(most) if !(1..=most).contains(&limit) => {
                let expected = format!("a number from 1 to {most}");
                return Err(malformed(name, &limit.to_string(), &expected));
            }
            _ if limit == 0 => return Err(malformed(name, "0", "a number from 1 on")),
            Most::Cut(most) => limit.min(most),
            Most::Refused(_) | Most::Unbounded => limit,
        };
        Ok(Page { skip, limit })
    }
}

impl Page {
    /// The part of `all` that is asked for.
    pub fn of<T>(self, all: impl IntoIterator<Item = T>) -> impl Iterator<Item = T> {
        all.into_iter().skip(self.skip).take(self.limit)
    }
}

impl FromRequestParts<Context> for Parameters {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, context: &Context) -> Result<Self, Refusal> {
        let QueryParameters(pairs) = QueryParameters::from_request_parts(parts, context).await?;
        Ok(Self(pairs))
    }
}

/// The id of a stream or a message, in either spelling of base64.
pub fn object_id<T: FromStr>(what: &str, text: &str) -> Result<T, Refusal> {
    text.trim().parse().map_err(|_| Refusal::Malformed {
        what: format!("The {what} {text:?} is not the id of one"),
    })
}

fn malformed(name: &str, value: &str, expected: &str) -> Refusal {
    Refusal::Malformed { what: format!("The parameter {name} is {value:?}, expected {expected}") }
}

#[cfg(test)]
mod tests {
    use axum::extract::Query;

    use super::*;

    fn parameters(query: &str) -> Parameters {
        let uri = format!("/path?{query}").parse().unwrap();
        Parameters(Query::try_from_uri(&uri).unwrap().0)
    }

    #[test]
    fn flags_come_in_every_letter_case_and_nothing_else() {
        assert_eq!(parameters("local=True").flag("local"), Ok(Some(true)));
        assert_eq!(parameters("local=false").flag("local"), Ok(Some(false)));
        assert_eq!(parameters("local=&x=1").flag("local"), Ok(None));
        assert!(parameters("local=1").flag("local").is_err());
    }

    #[test]
    fn lists_are_separated_by_commas_encoded_or_not() {
        assert_eq!(parameters("uid=1,2%2C3&uid=4").list("uid"), ["1", "2", "3", "4"]);
        assert!(parameters("uid=1,x").users("uid").is_err());
    }

    #[test]
    fn a_page_is_never_empty_and_at_most_as_long_as_the_greatest_limit() {
        let (cut, refused) = (Most::Cut(100), Most::Refused(100));
        for most in [cut, refused, Most::Unbounded] {
            assert_eq!(parameters("").page(50, most), Ok(Page { skip: 0, limit: 50 }));
            assert!(parameters("limit=0").page(50, most).is_err());
            assert!(parameters("skip=-1").page(50, most).is_err());
        }
        let page = |most| parameters("skip=2&limit=500").page(50, most);
        assert_eq!(page(cut), Ok(Page { skip: 2, limit: 100 }));
        assert_eq!(page(Most::Unbounded), Ok(Page { skip: 2, limit: 500 }));
        assert!(page(refused).is_err());
        assert_eq!(Page { skip: 1, limit: 2 }.of([1, 2, 3, 4]).collect::<Vec<_>>(), [2, 3]);
    }
}
