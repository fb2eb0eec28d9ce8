//! Who am I: the caller's own record.

use axum::Json;
use serde::Serialize;

use super::extract::{CurrentPod, Session};
use crate::domain::{AccountType, Refusal, User};
use crate::operation::operations;

operations! {
    GET "/pod/v2/sessioninfo" => sessioninfo_v2 [GetBasicUserInfo],
}

/// `UserV2` of the pod API.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct UserV2 {
    id: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    email_address: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_name: Option<String>,
    display_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    company: String,
    username: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    department: Option<String>,
    account_type: AccountType,
    avatars: [(); 0],
    roles: Vec<String>,
}

async fn sessioninfo_v2(pod: CurrentPod, me: Session) -> Result<Json<UserV2>, Refusal> {
    let world = pod.world();
    let user = world.users.by_id(me.user()?).ok_or(Refusal::Bug)?;
    Ok(Json(UserV2::from(user)))
}

impl From<&User> for UserV2 {
    fn from(user: &User) -> Self {
        let user = user.clone();
        Self {
            id: user.id.as_u64(),
            email_address: user.email,
            first_name: user.first_name,
            last_name: user.last_name,
            display_name: user.display_name,
            title: user.title,
            company: user.company,
            username: user.username,
            location: user.location,
            department: user.department,
            account_type: user.account_type,
            avatars: [],
            roles: user.roles,
        }
    }
}
