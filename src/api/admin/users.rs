//! Accounts: open, change, list and find them, and take them out of use.

use axum::Json;
use serde::{Deserialize, Serialize};

use super::UserProvisioner;
use super::features::{WireFeature, wire_features};
use crate::api::avatars::{AvatarInfo, avatars};
use crate::api::extract::{CurrentPod, JsonBody, PathParameter};
use crate::api::parameters::{Most, Page, Parameters};
use crate::api::shapes::SuccessResponse;
use crate::decode::Both;
use crate::domain::{
    AccountStatus, AccountType, Feature, KeyAction, KeyChange, KeyChanges, Profile, Refusal,
    Suspension, SuspensionEnd, Timestamp, User, UserChange, UserFilter, UserId,
};
use crate::operation::operations;

operations! {
    POST "/pod/v1/admin/user/create" => admin_user_create_v1,
    POST "/pod/v2/admin/user/create" => admin_user_create_v2,
    POST "/pod/v1/admin/user/{uid}/update" => admin_user_update_v1,
    POST "/pod/v2/admin/user/{uid}/update" => admin_user_update_v2,
    GET "/pod/v1/admin/user/{uid}" => admin_user_v1,
    GET "/pod/v2/admin/user/{uid}" => admin_user_v2,
    GET "/pod/v1/admin/user/list" => admin_user_list_v1,
    GET "/pod/v2/admin/user/list" => admin_user_list_v2,
    GET "/pod/v3/admin/user/list" => admin_user_list_v3,
    POST "/pod/v1/admin/user/find" => admin_user_find_v1,
    GET "/pod/v1/admin/user/{uid}/status" => admin_user_status_v1,
    POST "/pod/v1/admin/user/{uid}/status/update" => admin_user_status_update_v1,
    PUT "/pod/v1/admin/user/{userId}/suspension/update" => admin_user_suspension_update_v1,
}

/// `V2UserAttributes` of the pod API, and `UserAttributes`, which has less.
#[derive(Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct UserAttributes {
    #[serde(skip_serializing_if = "Option::is_none")]
    email_address: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_name: Option<String>,
    user_name: Option<String>,
    display_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    company_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    department: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    account_type: Option<AccountType>,
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<String>,
    #[serde(flatten, skip_deserializing)]
    profile: Profile,
    #[serde(skip_serializing_if = "Option::is_none")]
    current_key: Option<UserKey>,
    #[serde(skip_serializing_if = "Option::is_none")]
    previous_key: Option<UserKey>,
}

/// The same as a request has them.
#[derive(Default, Deserialize)]
#[serde(from = "Both<UserAttributes, Profile>")]
struct WrittenAttributes(UserAttributes);

/// `V2UserKeyRequest` of the pod API.
#[derive(Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct UserKey {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Of a previous key: when its grace ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expiration_date: Option<u64>,
    #[serde(skip_serializing)]
    pub action: Option<KeyAction>,
}

/// `V2UserCreate` and `UserCreate` of the pod API. A password is taken and plays no part: nobody
/// logs in with one here.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct UserCreate {
    user_attributes: WrittenAttributes,
    roles: Option<Vec<String>>,
}

/// `UserDetail`, `V2UserDetail` and `V3UserDetail` of the pod API. What lists leave out is there
/// in the details of one user only.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct UserDetail {
    user_attributes: UserAttributes,
    user_system_info: UserSystemInfo,
    #[serde(flatten)]
    beyond_lists: Option<BeyondLists>,
    /// Of the third version, where they are asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    features: Option<Vec<WireFeature>>,
    roles: Vec<String>,
}

/// What else the details have. The ids of features, apps, groups and disclaimers that the API file
/// has beside it are in no example of an answer.
#[derive(Serialize)]
struct BeyondLists {
    /// The first of those that other answers have.
    avatar: Option<AvatarInfo>,
}

/// `UserSystemInfo` of the pod API.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct UserSystemInfo {
    id: u64,
    #[serde(flatten)]
    status: UserStatus,
    #[serde(skip_serializing_if = "Option::is_none")]
    created_date: Option<u64>,
    /// Who opened the account: the pod itself where nobody else is known.
    created_by: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_updated_date: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_login_date: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    deactivated_date: Option<u64>,
}

/// `UserStatus` of the pod API.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct UserStatus {
    status: AccountStatus,
    suspended: bool,
    /// As it was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    suspended_until: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    suspension_reason: Option<String>,
}

/// `UserStatus` of the pod API, as a request has it.
#[derive(Deserialize)]
#[serde(from = "Both<BareStatus, SuspensionChange>")]
struct StatusChange {
    status: AccountStatus,
    suspension: SuspensionChange,
}

#[derive(Deserialize)]
struct BareStatus {
    status: AccountStatus,
}

/// `UserSuspension` of the pod API.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SuspensionChange {
    suspended: Option<bool>,
    /// In seconds or milliseconds.
    suspended_until: Option<u64>,
    suspension_reason: Option<String>,
}

/// `UserFilter` of the pod API.
#[derive(Deserialize)]
struct Filter {
    role: Option<String>,
    feature: Option<String>,
    status: Option<AccountStatus>,
}

type Detail = Result<Json<UserDetail>, Refusal>;
type Details = Result<Json<Vec<UserDetail>>, Refusal>;
type Id = PathParameter<u64>;

async fn admin_user_create_v1(
    pod: CurrentPod,
    UserProvisioner(me): UserProvisioner,
    JsonBody(body): JsonBody<UserCreate>,
) -> Detail {
    let user = pod.create_user(body.user_attributes.0.basic().into(), body.roles, me)?;
    Ok(Json(UserDetail::in_full(&user, pod.clock.now()).basic()))
}

async fn admin_user_create_v2(
    pod: CurrentPod,
    UserProvisioner(me): UserProvisioner,
    JsonBody(body): JsonBody<UserCreate>,
) -> Detail {
    let user = pod.create_user(body.user_attributes.0.into(), body.roles, me)?;
    Ok(Json(UserDetail::in_full(&user, pod.clock.now())))
}

async fn admin_user_update_v1(
    pod: CurrentPod,
    UserProvisioner(me): UserProvisioner,
    PathParameter(id): Id,
    JsonBody(WrittenAttributes(body)): JsonBody<WrittenAttributes>,
) -> Detail {
    let user = pod.update_user(UserId::from_wire(id), body.basic().into(), me)?;
    Ok(Json(UserDetail::in_full(&user, pod.clock.now()).basic()))
}

async fn admin_user_update_v2(
    pod: CurrentPod,
    UserProvisioner(me): UserProvisioner,
    PathParameter(id): Id,
    JsonBody(WrittenAttributes(body)): JsonBody<WrittenAttributes>,
) -> Detail {
    let user = pod.update_user(UserId::from_wire(id), body.into(), me)?;
    Ok(Json(UserDetail::in_full(&user, pod.clock.now())))
}

async fn admin_user_v1(pod: CurrentPod, _: UserProvisioner, PathParameter(id): Id) -> Detail {
    let world = pod.world();
    let user = world.own_user(UserId::from_wire(id))?;
    Ok(Json(UserDetail::in_full(user, pod.clock.now()).basic()))
}

async fn admin_user_v2(pod: CurrentPod, _: UserProvisioner, PathParameter(id): Id) -> Detail {
    let world = pod.world();
    let user = world.own_user(UserId::from_wire(id))?;
    Ok(Json(UserDetail::in_full(user, pod.clock.now())))
}

async fn admin_user_list_v1(pod: CurrentPod, _: UserProvisioner) -> Json<Vec<u64>> {
    Json(pod.world().own_users().map(|user| user.id.as_u64()).collect())
}

async fn admin_user_list_v2(pod: CurrentPod, _: UserProvisioner, query: Parameters) -> Details {
    let (page, now) = (page(&query)?, pod.clock.now());
    Ok(Json(page.of(pod.world().own_users()).map(|user| UserDetail::of(user, now)).collect()))
}

async fn admin_user_list_v3(pod: CurrentPod, _: UserProvisioner, query: Parameters) -> Details {
    let (page, now) = (page(&query)?, pod.clock.now());
    let with_features = query.flag("includeFeatures")?.unwrap_or(false);
    let detail = |user: &User| UserDetail {
        features: with_features.then(|| wire_features(&user.features)),
        ..UserDetail::of(user, now)
    };
    Ok(Json(page.of(pod.world().own_users()).map(detail).collect()))
}

async fn admin_user_find_v1(
    pod: CurrentPod,
    _: UserProvisioner,
    query: Parameters,
    JsonBody(filter): JsonBody<Filter>,
) -> Details {
    let feature = filter.feature.filter(|feature| !feature.is_empty());
    let filter = UserFilter {
        role: filter.role.filter(|role| !role.is_empty()),
        feature: feature.as_deref().map(Feature::from_wire).transpose()?,
        status: filter.status,
    };
    let (page, now) = (page(&query)?, pod.clock.now());
    let world = pod.world();
    let found = page.of(world.find_users(&filter));
    Ok(Json(found.map(|user| UserDetail::of(user, now).basic()).collect()))
}

async fn admin_user_status_v1(
    pod: CurrentPod,
    _: UserProvisioner,
    PathParameter(id): Id,
) -> Result<Json<UserStatus>, Refusal> {
    Ok(Json(UserStatus::of(pod.world().own_user(UserId::from_wire(id))?)))
}

async fn admin_user_status_update_v1(
    pod: CurrentPod,
    UserProvisioner(me): UserProvisioner,
    PathParameter(id): Id,
    JsonBody(change): JsonBody<StatusChange>,
) -> Result<Json<SuccessResponse>, Refusal> {
    let id = UserId::from_wire(id);
    pod.set_user_status(id, change.status, me)?;
    if let Some(suspended) = change.suspension.suspended {
        pod.set_user_suspension(id, change.suspension.into_suspension(suspended), me)?;
    }
    Ok(SuccessResponse::text("OK"))
}

async fn admin_user_suspension_update_v1(
    pod: CurrentPod,
    UserProvisioner(me): UserProvisioner,
    PathParameter(id): Id,
    JsonBody(change): JsonBody<SuspensionChange>,
) -> Result<Json<SuccessResponse>, Refusal> {
    let Some(suspended) = change.suspended else {
        return Err(Refusal::Malformed { what: "suspended is missing: true or false".into() });
    };
    pod.set_user_suspension(UserId::from_wire(id), change.into_suspension(suspended), me)?;
    Ok(SuccessResponse::text(match suspended {
        true => "User suspended with success",
        false => "User unsuspended with success",
    }))
}

fn page(query: &Parameters) -> Result<Page, Refusal> {
    query.page(100, Most::Refused(1_000))
}

impl UserDetail {
    /// As lists have it.
    fn of(user: &User, now: Timestamp) -> Self {
        Self {
            user_attributes: UserAttributes::of(user, now),
            user_system_info: UserSystemInfo::of(user),
            beyond_lists: None,
            features: None,
            roles: user.roles.clone(),
        }
    }

    /// As it is told of one user.
    fn in_full(user: &User, now: Timestamp) -> Self {
        let avatar = avatars(user.avatar.as_ref(), user.id).into_iter().next();
        Self { beyond_lists: Some(BeyondLists { avatar }), ..Self::of(user, now) }
    }

    /// With the attributes of the first version.
    fn basic(self) -> Self {
        Self { user_attributes: self.user_attributes.basic(), ..self }
    }
}

impl UserAttributes {
    fn of(user: &User, now: Timestamp) -> Self {
        let user = user.clone();
        let current_key = user.keys.current().map(|key| UserKey::of(key.pem(), None));
        let previous_key = user.keys.previous().filter(|(_, expires)| now < *expires);
        let previous_key = previous_key.map(|(key, at)| UserKey::of(key.pem(), Some(at)));
        Self {
            email_address: user.email,
            first_name: user.first_name,
            last_name: user.last_name,
            user_name: Some(user.username),
            display_name: Some(user.display_name),
            company_name: Some(user.company),
            department: user.department,
            title: user.title,
            profile: interested(&user.account_type, user.profile),
            account_type: Some(user.account_type),
            location: user.location,
            current_key,
            previous_key,
        }
    }

    /// What the first version has of it.
    fn basic(self) -> Self {
        let profile = Profile {
            two_factor_auth_phone: None,
            recommended_language: None,
            market_coverage: None,
            responsibility: None,
            function: None,
            instrument: None,
            user_metadata: None,
            ..self.profile
        };
        Self { profile, current_key: None, previous_key: None, ..self }
    }
}

/// People are asked for their interests, and have lists of them, be they empty.
fn interested(account_type: &AccountType, profile: Profile) -> Profile {
    if !account_type.is_of_people() {
        return profile;
    }
    let Profile { asset_classes, industries, .. } = profile;
    let asset_classes = asset_classes.or_else(|| Some(Vec::new()));
    Profile { asset_classes, industries: industries.or_else(|| Some(Vec::new())), ..profile }
}

impl From<Both<UserAttributes, Profile>> for WrittenAttributes {
    fn from(Both(attributes, profile): Both<UserAttributes, Profile>) -> Self {
        Self(UserAttributes { profile, ..attributes })
    }
}

impl From<Both<BareStatus, SuspensionChange>> for StatusChange {
    fn from(Both(BareStatus { status }, suspension): Both<BareStatus, SuspensionChange>) -> Self {
        Self { status, suspension }
    }
}

impl UserKey {
    pub(super) fn of(pem: &str, expires: Option<Timestamp>) -> Self {
        let expiration_date = expires.map(Timestamp::as_millis);
        Self { key: Some(pem.to_owned()), expiration_date, action: None }
    }
}

impl UserSystemInfo {
    fn of(user: &User) -> Self {
        let history = &user.history;
        let millis = |at: Option<Timestamp>| at.map(Timestamp::as_millis);
        Self {
            id: user.id.as_u64(),
            status: UserStatus::of(user),
            created_date: millis(history.created),
            created_by: history.created_by.unwrap_or(UserId::new(user.id.pod(), 0)).to_string(),
            last_updated_date: millis(history.updated),
            last_login_date: millis(history.last_login),
            deactivated_date: millis(history.deactivated),
        }
    }
}

impl UserStatus {
    fn of(user: &User) -> Self {
        let suspension = user.suspension.as_ref();
        Self {
            status: user.status,
            suspended: suspension.is_some(),
            suspended_until: suspension.and_then(|it| it.until).map(|until| until.0),
            suspension_reason: suspension.and_then(|it| it.reason.clone()),
        }
    }
}

impl SuspensionChange {
    fn into_suspension(self, suspended: bool) -> Option<Suspension> {
        let until = self.suspended_until.map(SuspensionEnd);
        suspended.then_some(Suspension { until, reason: self.suspension_reason })
    }
}

impl From<UserAttributes> for UserChange {
    fn from(wire: UserAttributes) -> Self {
        Self {
            username: wire.user_name,
            account_type: wire.account_type,
            display_name: wire.display_name,
            first_name: wire.first_name,
            last_name: wire.last_name,
            email: wire.email_address,
            company: wire.company_name,
            title: wire.title,
            department: wire.department,
            location: wire.location,
            profile: wire.profile,
            keys: KeyChanges {
                current: wire.current_key.map(KeyChange::from),
                previous: wire.previous_key.map(KeyChange::from),
            },
        }
    }
}

impl From<UserKey> for KeyChange {
    fn from(wire: UserKey) -> Self {
        Self { key: wire.key.filter(|key| !key.trim().is_empty()), action: wire.action }
    }
}
