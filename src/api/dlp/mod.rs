//! Data loss prevention: dictionaries, the policies that look for what they list, and what they found.

mod details;
mod dictionaries;
mod policies_v1;
mod policies_v3;
mod rules;
mod violations;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use serde::Serialize;

use super::extract::Session;
use super::parameters::{Most, Page, Parameters};
use crate::domain::{DictionaryRef, Refusal, UserId};
use crate::operation::{Context, Route};

/// The operations of all files of this folder.
pub(super) fn operations() -> impl Iterator<Item = &'static Route> {
    [
        dictionaries::operations(),
        policies_v1::operations(),
        policies_v3::operations(),
        violations::operations(),
    ]
    .into_iter()
    .flatten()
}

/// A caller with the role EF_POLICY_MANAGEMENT.
struct PolicyManager(UserId);

/// `V1DLPDictionaryRef` and `V3DLPDictionaryMeta` of the agent API.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WireDictionaryRef {
    dict_id: String,
    name: String,
    version: String,
}

/// Which page of a list is asked for, `page` counted from 0, and how many there are.
struct ListPage {
    number: usize,
    count: usize,
    part: Page,
}

impl FromRequestParts<Context> for PolicyManager {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, context: &Context) -> Result<Self, Refusal> {
        let caller = Session::from_request_parts(parts, context).await?.user()?;
        context.pod.world().check_role(caller, "EF_POLICY_MANAGEMENT")?;
        Ok(Self(caller))
    }
}

impl ListPage {
    /// 50 entries a page, unless fewer are asked for. A page after the last is empty.
    fn of(query: &Parameters, total: usize) -> Result<Self, Refusal> {
        const LONGEST: usize = 50;
        let Page { skip: number, limit } =
            query.page_named(("page", "limit"), LONGEST, Most::Refused(LONGEST))?;
        let part = Page { skip: number.saturating_mul(limit), limit };
        Ok(Self { number, count: total.div_ceil(limit), part })
    }
}

impl From<&DictionaryRef> for WireDictionaryRef {
    fn from(named: &DictionaryRef) -> Self {
        Self {
            dict_id: named.id.to_string(),
            name: named.name.clone(),
            version: named.version.to_string(),
        }
    }
}
