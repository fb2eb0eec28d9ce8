//! Who has an app, for the app itself.

use std::cmp::Ordering;

use axum::Json;
use serde::Serialize;

use super::extract::{AnySession, CurrentPod, PathParameter};
use super::parameters::{Most, Parameters};
use crate::domain::{App, Principal, Refusal, User};
use crate::operation::operations;

operations! {
    GET "/v5/users/apps/{groupAppId}" => users_apps_v5,
}

/// `AppUsersResponse` of the users API.
#[derive(Serialize)]
struct AppUsersResponse {
    users: Vec<AppUser>,
    page: PageMeta,
}

/// `AppUser` of the users API.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AppUser {
    user_id: u64,
    /// Whether he has the app.
    enable: bool,
    /// Whether he sees it in the store.
    listed: bool,
    product: AppSubscription,
}

/// `AppSubscription` of the users API.
#[derive(Serialize)]
struct AppSubscription {
    name: String,
    #[serde(rename = "type")]
    kind: String,
    subscribed: bool,
}

/// `PageMeta` of the users API.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PageMeta {
    /// How many a page has, as the answer recorded in the Java BDK has it
    /// (`app/list_app_users.json`), and not how many are on this one.
    size: usize,
    number: usize,
    total_elements: usize,
    total_pages: usize,
    first: bool,
    last: bool,
    has_next: bool,
    has_previous: bool,
    sort: Vec<Sort>,
}

/// `Sort` of the users API.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Sort {
    property: Property,
    direction: Direction,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
enum Property {
    UserId,
    Enable,
    Listed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
enum Direction {
    Asc,
    Desc,
}

/// The API file says that the parameters are Spring's: pages count from 0 and have 20 entries
/// unless the request says otherwise, 2,000 at most.
async fn users_apps_v5(
    pod: CurrentPod,
    AnySession(session): AnySession,
    PathParameter(id): PathParameter<String>,
    query: Parameters,
) -> Result<Json<AppUsersResponse>, Refusal> {
    const DEFAULT: usize = 20;
    const MAX: usize = 2_000;
    let world = pod.world();
    let app = world.app(&id)?;
    match &session.principal {
        Principal::App(caller) if *caller == app.id => {}
        _ => return Err(Refusal::NotEntitled { needs: "a session of the app itself" }),
    }
    let only_installed = query.flag("installed")?.unwrap_or(false);
    let page = query.page_named(("page", "size"), DEFAULT, Most::Cut(MAX))?;
    let (number, size) = (page.skip, page.limit);
    let sort = sort(&query)?;

    let now = pod.clock.now();
    let people = world.own_users().filter(|user| !user.is_service_user() && user.is_active(now));
    let mut users: Vec<_> = people.map(|user| AppUser::of(app, user)).collect();
    users.retain(|user| user.enable || !only_installed);
    users.sort_by(|one, other| {
        sort.iter().map(|sort| sort.compare(one, other)).fold(Ordering::Equal, Ordering::then)
    });
    let total = users.len();
    let total_pages = total.div_ceil(size);
    let users = users.into_iter().skip(number.saturating_mul(size)).take(size).collect();
    let has_next = number.saturating_add(1) < total_pages;
    let page = PageMeta {
        size,
        number,
        total_elements: total,
        total_pages,
        first: number == 0,
        last: !has_next,
        has_next,
        has_previous: number > 0,
        sort,
    };
    Ok(Json(AppUsersResponse { users, page }))
}

/// `userId,asc`, the second of which may be left out; by their ids, where there is none.
fn sort(query: &Parameters) -> Result<Vec<Sort>, Refusal> {
    let mut sort = Vec::new();
    for wanted in query.texts("sort") {
        let (property, direction) = wanted.split_once(',').unwrap_or((wanted, "asc"));
        let property = match property.trim() {
            "userId" => Property::UserId,
            "enable" => Property::Enable,
            "listed" => Property::Listed,
            other => {
                let what =
                    format!("sort is by {other:?}, expected one of userId, enable and listed");
                return Err(Refusal::Malformed { what });
            }
        };
        let direction = match direction.trim().to_ascii_lowercase().as_str() {
            "asc" => Direction::Asc,
            "desc" => Direction::Desc,
            other => {
                let what = format!("sort is {other:?}, expected asc or desc");
                return Err(Refusal::Malformed { what });
            }
        };
        sort.push(Sort { property, direction });
    }
    if sort.is_empty() {
        sort.push(Sort { property: Property::UserId, direction: Direction::Asc });
    }
    Ok(sort)
}

impl AppUser {
    /// Whoever bought nothing has what the recorded answer shows of almost everybody.
    fn of(app: &App, user: &User) -> Self {
        let enable = app.is_installed_for(user.id);
        let products = app.store.products.get(&user.id).map_or(&[][..], Vec::as_slice);
        let bought = products.iter().find(|product| product.subscribed).or(products.first());
        let product = match bought {
            Some(bought) => AppSubscription {
                name: bought.name.clone(),
                kind: bought.kind.clone(),
                subscribed: bought.subscribed,
            },
            None => AppSubscription {
                name: "Standard".into(),
                kind: "default".into(),
                subscribed: enable,
            },
        };
        Self { user_id: user.id.as_u64(), enable, listed: app.is_listed_for(user.id), product }
    }
}

impl Sort {
    fn compare(&self, one: &AppUser, other: &AppUser) -> Ordering {
        let ascending = match self.property {
            Property::UserId => one.user_id.cmp(&other.user_id),
            Property::Enable => one.enable.cmp(&other.enable),
            Property::Listed => one.listed.cmp(&other.listed),
        };
        match self.direction {
            Direction::Asc => ascending,
            Direction::Desc => ascending.reverse(),
        }
    }
}
