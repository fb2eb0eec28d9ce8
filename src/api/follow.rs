//! Following: who hears in his client of what somebody posts.

use axum::Json;
use serde::{Deserialize, Serialize};

use super::extract::{CurrentPod, JsonBody, PathParameter, Session};
use super::parameters::{Most, Parameters};
use super::shapes::SuccessResponse;
use crate::domain::{Cursor, Direction, Refusal, UserId};
use crate::operation::operations;
use crate::pod::Pod;

operations! {
    POST "/pod/v1/user/{uid}/follow" => user_follow_v1 [ManageUserFollowing],
    POST "/pod/v1/user/{uid}/unfollow" => user_unfollow_v1 [ManageUserFollowing],
    GET "/pod/v1/user/{uid}/followers" => user_followers_v1,
    GET "/pod/v1/user/{uid}/following" => user_following_v1,
}

/// `FollowersList` of the pod API.
#[derive(Deserialize)]
struct FollowersList {
    followers: Vec<u64>,
}

/// `FollowersListResponse` and `FollowingListResponse` of the pod API.
#[derive(Serialize)]
struct Listed {
    /// How many there are on all pages.
    count: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    followers: Option<Vec<u64>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    following: Option<Vec<u64>>,
    pagination: Pagination,
}

/// `Pagination` of the pod API.
#[derive(Serialize)]
struct Pagination {
    cursors: Cursors,
}

/// Ranks, as texts: symphony-bdk-python 3.0.0 reads no numbers, and refuses cursors without
/// `before`. There is no `after` on the last page, which is where SDKs stop.
#[derive(Serialize)]
struct Cursors {
    /// How many there are in front of this page.
    before: String,
    /// The rank of the last one on it.
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<String>,
}

async fn user_follow_v1(
    pod: CurrentPod,
    me: Session,
    PathParameter(user): PathParameter<u64>,
    JsonBody(body): JsonBody<FollowersList>,
) -> Result<Json<SuccessResponse>, Refusal> {
    change(&pod, &me, user, body, true)?;
    Ok(SuccessResponse::text("User(s) successfully added in the list of followers"))
}

async fn user_unfollow_v1(
    pod: CurrentPod,
    me: Session,
    PathParameter(user): PathParameter<u64>,
    JsonBody(body): JsonBody<FollowersList>,
) -> Result<Json<SuccessResponse>, Refusal> {
    change(&pod, &me, user, body, false)?;
    Ok(SuccessResponse::text("User(s) successfully removed from the list of followers"))
}

async fn user_followers_v1(
    pod: CurrentPod,
    me: Session,
    PathParameter(user): PathParameter<u64>,
    query: Parameters,
) -> Result<Json<Listed>, Refusal> {
    let listed = list(&pod, &me, user, Direction::Followers, &query)?;
    Ok(Json(Listed { followers: Some(listed.0), ..listed.1 }))
}

async fn user_following_v1(
    pod: CurrentPod,
    me: Session,
    PathParameter(user): PathParameter<u64>,
    query: Parameters,
) -> Result<Json<Listed>, Refusal> {
    let listed = list(&pod, &me, user, Direction::Followed, &query)?;
    Ok(Json(Listed { following: Some(listed.0), ..listed.1 }))
}

/// It takes a user administrator, even for oneself; who acts by an app acts for himself alone.
fn change(
    pod: &Pod,
    me: &Session,
    followed: u64,
    body: FollowersList,
    on: bool,
) -> Result<(), Refusal> {
    let caller = me.user()?;
    let followers: Vec<_> = body.followers.into_iter().map(UserId::from_wire).collect();
    let mut world = pod.world();
    let by_role = match me.is_on_behalf() {
        true if followers.iter().any(|follower| *follower != caller) => {
            return Err(Refusal::NotEntitled { needs: "to name nobody but the app's user" });
        }
        true => None,
        false => {
            world.check_role(caller, "USER_PROVISIONING")?;
            Some(caller)
        }
    };
    let (followed, now) = (UserId::from_wire(followed), pod.clock.now());
    let unknown = world.set_following(followed, &followers, on, by_role, now)?;
    match unknown.is_empty() {
        true => Ok(()),
        false => {
            let ids = unknown.into_iter().map(UserId::as_u64).collect();
            Err(Refusal::FollowersUnknown { ids })
        }
    }
}

fn list(
    pod: &Pod,
    me: &Session,
    user: u64,
    direction: Direction,
    query: &Parameters,
) -> Result<(Vec<u64>, Listed), Refusal> {
    const DEFAULT: usize = 100;
    const MAX: usize = 1_000;
    me.user()?;
    let limit = query.page(DEFAULT, Most::Cut(MAX))?.limit;
    let rank = |name| -> Result<Option<usize>, Refusal> {
        let rank = query.number(name)?;
        Ok(rank.map(|rank| usize::try_from(rank).unwrap_or(usize::MAX)))
    };
    // Both at once is nowhere documented. The Java BDK cannot send one without the other, and its own
    // examples ask for what is after 0 and before 4 (`CursorPaginationAttribute`,
    // `ServiceExampleMain` in finos/symphony-bdk-java): both hold.
    let cursor = match (rank("before")?, rank("after")?) {
        (None, after) => Cursor::After(after.unwrap_or(0)),
        (Some(before), None) => Cursor::Before(before),
        (Some(before), Some(after)) => Cursor::Between { after, before },
    };
    let listed = pod.world().following_of(UserId::from_wire(user), direction)?;
    let count = listed.len();
    let page = cursor.page(count, limit);
    let cursors = Cursors {
        before: page.start.to_string(),
        after: (page.end < count).then(|| page.end.to_string()),
    };
    let users = listed[page].iter().map(|user| user.as_u64()).collect();
    let pagination = Pagination { cursors };
    Ok((users, Listed { count, followers: None, following: None, pagination }))
}
