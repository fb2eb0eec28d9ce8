//! Finding users: look-up by id, e-mail address or username, and search.

use serde::{Deserialize, Serialize};

use super::extract::{CurrentPod, JsonBody, PathParameter, Session};
use super::parameters::{Most, Parameters};
use super::shapes::{Found, UserV2};
use crate::domain::{
    AccountType, PodId, Reach, Refusal, Settings, User, UserId, UserKeys, UserSearch,
};
use crate::operation::operations;

operations! {
    GET "/pod/v1/user" => user_v1 [GetBasicContactInfo],
    GET "/pod/v1/user/name/{userName}/get" => user_by_name_v1 [GetBasicContactInfo],
    POST "/pod/v1/user/search" => search_users_v1 [GetBasicContactInfo],
    GET "/pod/v2/user" => user_v2 [GetBasicContactInfo, SendMessages],
    GET "/pod/v3/users" => users_v3 [GetBasicContactInfo, GetExtendedUserInfo],
}

/// `User` of the pod API, the first version.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct UserV1 {
    id: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    email_address: Option<String>,
}

/// `V2UserList` of the pod API.
#[derive(Serialize)]
struct UserList {
    users: Vec<UserV2>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<UserError>,
}

/// `UserError` of the pod API. The id is a string, as the API file says and the Python BDK
/// demands; recorded answers have a number.
#[derive(Serialize)]
struct UserError {
    error: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
}

/// `UserSearchQuery` of the pod API. The Node SDK spells `filters` without its last letter.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct UserSearchQuery {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    query: Option<String>,
    #[serde(default, alias = "filter", skip_serializing_if = "Option::is_none")]
    filters: Option<UserSearchFilter>,
}

/// `UserSearchFilter` of the pod API.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct UserSearchFilter {
    #[serde(skip_serializing_if = "Option::is_none")]
    account_types: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    company: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    market_coverage: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    responsibility: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    function: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    instrument: Option<String>,
}

/// `UserSearchResults` of the pod API.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct UserSearchResults {
    count: usize,
    skip: usize,
    limit: usize,
    search_query: UserSearchQuery,
    users: Vec<UserV2>,
}

async fn user_v1(
    pod: CurrentPod,
    me: Session,
    query: Parameters,
) -> Result<Found<UserV1>, Refusal> {
    me.user()?;
    let email = query.text("email").ok_or_else(|| malformed("The parameter email is missing"))?;
    let keys = UserKeys::Emails(vec![email_address(email)]);
    Ok(Found(pod.world().look_up(&keys, reach(&query)?).first().copied().map(UserV1::from)))
}

async fn user_by_name_v1(
    pod: CurrentPod,
    me: Session,
    PathParameter(name): PathParameter<String>,
) -> Result<Found<UserV1>, Refusal> {
    me.user()?;
    let keys = UserKeys::Usernames(vec![name]);
    Ok(Found(pod.world().look_up(&keys, Reach::OwnPod).first().copied().map(UserV1::from)))
}

async fn user_v2(
    pod: CurrentPod,
    me: Session,
    query: Parameters,
) -> Result<Found<UserV2>, Refusal> {
    let me = me.user()?;
    let reach = reach(&query)?;
    let keys = match (query.text("uid"), query.text("email"), query.text("username")) {
        (Some(_), None, None) => UserKeys::Ids(query.users("uid")?),
        (None, Some(email), None) => UserKeys::Emails(vec![email_address(email)]),
        (None, None, Some(_)) if reach == Reach::Directory => {
            return Err(malformed("A search by username requires local=true"));
        }
        (None, None, Some(name)) => UserKeys::Usernames(vec![name.to_owned()]),
        _ => return Err(malformed("Exactly one of uid, email and username is expected")),
    };
    let world = pod.world();
    let user = world.look_up(&keys, reach).first().copied();
    Ok(Found(user.map(|user| UserV2::seen_from(me.pod(), user))))
}

async fn users_v3(
    pod: CurrentPod,
    me: Session,
    query: Parameters,
) -> Result<Found<UserList>, Refusal> {
    let me = me.user()?;
    let now = pod.clock.now();
    let (keys, errors) = keys(&query)?;
    let active = query.flag("active")?;
    let wanted = |user: &&User| active.is_none_or(|active| user.is_active(now) == active);
    let world = pod.world();
    let users = world.look_up(&keys, reach(&query)?).into_iter().filter(wanted);
    let users = users.map(|user| UserV2::seen_from(me.pod(), user)).collect();
    Ok(UserList { users, errors }.found())
}

async fn search_users_v1(
    pod: CurrentPod,
    me: Session,
    query: Parameters,
    JsonBody(search_query): JsonBody<UserSearchQuery>,
) -> Result<Found<UserSearchResults>, Refusal> {
    const DEFAULT: usize = 50;
    const MAX: usize = 1_000;
    let me = me.user()?;
    let page = query.page(DEFAULT, Most::Cut(MAX))?;
    let now = pod.clock.now();
    let reach = reach(&query)?;
    let world = pod.world();
    let found = world.search_users(&search_query.search(&world.settings)?, reach, now);
    let count = found.len();
    let users = page.of(found).map(|user| UserV2::seen_from(me.pod(), user)).collect();
    let results =
        UserSearchResults { count, skip: page.skip, limit: page.limit, search_query, users };
    Ok(Found((count > 0).then_some(results)))
}

impl From<&User> for UserV1 {
    fn from(user: &User) -> Self {
        Self { id: user.id.as_u64(), email_address: user.email.clone() }
    }
}

impl UserList {
    fn found(self) -> Found<Self> {
        Found((!self.users.is_empty() || !self.errors.is_empty()).then_some(self))
    }
}

impl UserSearchQuery {
    /// The search that is meant.
    fn search(&self, settings: &Settings) -> Result<UserSearch, Refusal> {
        let filters = self.filters.clone().unwrap_or_default();
        let query = self.query.clone().unwrap_or_default();
        if query.trim().is_empty() && filters.is_empty() {
            return Err(malformed("The search has neither a query nor a filter"));
        }
        let mut account_types = Vec::new();
        for name in filters.account_types.iter().flatten() {
            let account_type = match AccountType::from(&*name.to_ascii_uppercase()) {
                AccountType::Other(_) => AccountType::from(&**name),
                known => known,
            };
            account_type.check(settings)?;
            account_types.push(account_type);
        }
        let search = UserSearch {
            query,
            account_types,
            title: filters.title,
            company: filters.company,
            location: filters.location,
            market_coverage: filters.market_coverage,
            responsibility: filters.responsibility,
            function: filters.function,
            instrument: filters.instrument,
        };
        Ok(search)
    }
}

impl UserSearchFilter {
    fn is_empty(&self) -> bool {
        let texts = [
            &self.title,
            &self.company,
            &self.location,
            &self.market_coverage,
            &self.responsibility,
            &self.function,
            &self.instrument,
        ];
        texts.into_iter().all(Option::is_none)
            && self.account_types.as_ref().is_none_or(Vec::is_empty)
    }
}

/// What version 3 looks up: one list, of 100 at most. What cannot be a key is an error by itself.
fn keys(query: &Parameters) -> Result<(UserKeys, Vec<UserError>), Refusal> {
    const MAX: usize = 100;
    const FORMAT: &str = "invalid.format";
    let (ids, emails, names) = (query.list("uid"), query.list("email"), query.list("username"));
    let lists = [&ids, &emails, &names];
    if lists.iter().filter(|list| !list.is_empty()).count() != 1 {
        return Err(malformed("Exactly one of uid, email and username is expected"));
    }
    if lists.iter().any(|list| list.len() > MAX) {
        return Err(malformed("A search list has more than 100 elements"));
    }
    let mut errors = Vec::new();
    if !ids.is_empty() {
        let mut known = Vec::new();
        for text in ids {
            // An id without a pod in its high bits was seen answered so.
            match text.parse().map(UserId::from_wire) {
                Ok(id) if id.pod() != PodId(0) => known.push(id),
                _ => {
                    let id = Some(text.to_owned());
                    errors.push(UserError { error: FORMAT, email: None, id });
                }
            }
        }
        return Ok((UserKeys::Ids(known), errors));
    }
    if !names.is_empty() {
        return Ok((UserKeys::Usernames(names.into_iter().map(str::to_owned).collect()), errors));
    }
    let (known, unknown): (Vec<_>, Vec<_>) =
        emails.into_iter().map(email_address).partition(|email| is_email_address(email));
    errors.extend(unknown.into_iter().map(|email| UserError {
        error: FORMAT,
        email: Some(email),
        id: None,
    }));
    Ok((UserKeys::Emails(known), errors))
}

fn reach(query: &Parameters) -> Result<Reach, Refusal> {
    let local = query.flag("local")?.unwrap_or(false);
    Ok(if local { Reach::OwnPod } else { Reach::Directory })
}

/// The Node SDK sends the `+` of an address as it is, which a query reads as a space.
fn email_address(text: &str) -> String {
    text.replace(' ', "+")
}

fn is_email_address(text: &str) -> bool {
    text.split_once('@').is_some_and(|(name, host)| !name.is_empty() && !host.is_empty())
}

fn malformed(what: &str) -> Refusal {
    Refusal::Malformed { what: what.into() }
}
