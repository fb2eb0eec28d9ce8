//! Community Connect: what partners ask about people, and do to the accounts of those whom they bring.
//!
//! A partner shows an access token, for which he shows his client id and secret at `/oauth/token`. On
//! Symphony's side that is another host (`us-auth.prod.symphony.com`).

use axum::Json;
use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use serde::{Deserialize, Serialize};

use super::extract::{BaseUrl, CurrentPod, JsonBody, PathParameters, bearer};
use super::parameters::Parameters;
use crate::domain::{
    ConnectCompany, ConnectUserRequest, Onboarded, OnboardingRequest, OnboardingStanding, PodId,
    Refusal, User, UserId, World,
};
use crate::operation::{Context, operations};
use crate::pod::PartnerToken;

operations! {
    GET "/connect-service/v1/onboarding/tenant" => onboarding_tenant_v1,
    POST "/connect-service/v1/channelco/user" => channelco_user_create_v1,
    GET "/connect-service/v1/channelco/user" => channelco_user_list_v1,
    GET "/connect-service/v1/channelco/company/{companyId}/user/{userId}" => channelco_company_user_get_v1,
    PUT "/connect-service/v1/channelco/company/{companyId}/user/{userId}" => channelco_company_user_replace_v1,
    DELETE "/connect-service/v1/channelco/company/{companyId}/user/{userId}" => channelco_company_user_delete_v1,
    POST "/connect-service/v1/channelco/company/{companyId}/user/{userId}/roles/add" => channelco_company_user_roles_add_v1,
}

/// The name of a partner who shows his access token.
pub(super) struct ByPartner(pub(super) String);

/// Somebody who shows a partner's access token, or a partner's API key as `token`.
struct ByKeyOrPartner;

/// `ChannelCoUserRequest` and `UpdateChannelCoUserRequest` of the community connect API, and what a
/// partner says in a `User` of Connect v2.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct WireUser {
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    display_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    department: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone_number: Option<String>,
}

/// `ChannelCoUser`, `ChannelCoUserAndCompany`, `ChannelCoUserResponse` and
/// `ChannelCoUserErrorResponse`.
#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct ChannelCoUser {
    #[serde(flatten)]
    user: WireUser,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_id: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    username: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    company_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    company_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
}

/// `ChannelCoUsersListRequest`.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct UsersListRequest {
    company_name: Option<String>,
    users: Vec<WireUser>,
}

/// `ChannelCoUsersListResponse`. There is a company where somebody was added.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct UsersListResponse {
    #[serde(skip_serializing_if = "Option::is_none")]
    company_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    company_name: Option<String>,
    success: Vec<ChannelCoUser>,
    errors: Vec<ChannelCoUser>,
}

/// `ApiInfo`, and `UserOnboardingAvaibilityResponse`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ApiInfo {
    code: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pod_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'static str>,
}

/// `Role`.
#[derive(Deserialize)]
struct Role {
    id: String,
}

/// What RFC 6749 (4.4.2) has a client send, in JSON as Symphony's documentation shows it.
#[derive(Deserialize)]
pub(super) struct TokenRequest {
    grant_type: Option<String>,
    client_id: Option<String>,
    client_secret: Option<String>,
}

/// `/oauth/token`.
pub(super) async fn partner_token(
    pod: CurrentPod,
    JsonBody(request): JsonBody<TokenRequest>,
) -> Result<Json<PartnerToken>, Refusal> {
    if request.grant_type.as_deref() != Some("client_credentials") {
        let given = request.grant_type.unwrap_or_default();
        return Err(Refusal::GrantTypeUnsupported { given });
    }
    let (id, secret) = request.client_id.zip(request.client_secret).unwrap_or_default();
    let mut world = pod.world();
    let partner = world.connect.client(&id, &secret).cloned();
    let partner = partner.ok_or(Refusal::ClientUnknown { id })?;
    Ok(Json(pod.partner_token(&mut world, &partner)))
}

async fn onboarding_tenant_v1(
    pod: CurrentPod,
    _: ByKeyOrPartner,
    base_url: BaseUrl,
    query: Parameters,
) -> Result<Json<ApiInfo>, Refusal> {
    let world = pod.world();
    let url = |pod| Some(pod_url(&world, &base_url, pod));
    Ok(Json(match world.onboarding_standing(query.text("email").unwrap_or_default())? {
        OnboardingStanding::Exists(pod) => {
            ApiInfo { code: "USER_EXISTS", pod_url: url(pod), message: None }
        }
        OnboardingStanding::NeedsAccess(pod) => ApiInfo {
            code: "USER_NEEDS_ACCESS",
            pod_url: url(pod),
            message: Some(
                "This company is on Symphony, but this user requires an account. They should ask \
                 their Symphony administrator for access.",
            ),
        },
        OnboardingStanding::Eligible => ApiInfo {
            code: "USER_ELIGIBLE_FOR_NEW_ACCOUNT",
            pod_url: url(world.connect.pod),
            message: Some(
                "This user is eligible for an account; you can add one through the create user API.",
            ),
        },
    }))
}

/// The API file says 201, where the documentation's samples have 200.
async fn channelco_user_create_v1(
    pod: CurrentPod,
    ByPartner(partner): ByPartner,
    base_url: BaseUrl,
    JsonBody(body): JsonBody<UsersListRequest>,
) -> Result<(StatusCode, Json<UsersListResponse>), Refusal> {
    let users = body.users.iter().cloned().map(ConnectUserRequest::from).collect();
    let request = OnboardingRequest { company: body.company_name, users };
    let mut world = pod.world();
    let done = world.onboard(&partner, &request, pod.clock.now())?;
    let mut answer = UsersListResponse {
        company_id: None,
        company_name: None,
        success: Vec::new(),
        errors: Vec::new(),
    };
    for (asked, outcome) in body.users.into_iter().zip(done) {
        let (code, message) = words(&world, &base_url, &outcome);
        let said = ChannelCoUser { code: Some(code), message: Some(message), ..Default::default() };
        let added = match outcome {
            Onboarded::NewCompany(user)
            | Onboarded::ExistingCompany(user)
            | Onboarded::OtherName(user, _) => world.users.by_id(user),
            _ => None,
        };
        match added {
            Some(user) => {
                let company = world.connect.company_of(user.id);
                answer.company_id = company.map(|company| company.id.clone());
                answer.company_name = company.map(|company| company.name.clone());
                answer.success.push(ChannelCoUser {
                    code: said.code,
                    message: said.message,
                    ..ChannelCoUser::from(user)
                });
            }
            None => answer.errors.push(ChannelCoUser { user: asked, ..said }),
        }
    }
    Ok((StatusCode::CREATED, Json(answer)))
}

async fn channelco_user_list_v1(
    pod: CurrentPod,
    ByPartner(partner): ByPartner,
    query: Parameters,
) -> Result<Json<ChannelCoUser>, Refusal> {
    let world = pod.world();
    let email = query.text("email").unwrap_or_default();
    let (user, company) = world.connect_user_by_email(&partner, email)?;
    Ok(Json(ChannelCoUser::from(user).of(company)))
}

async fn channelco_company_user_get_v1(
    pod: CurrentPod,
    ByPartner(partner): ByPartner,
    PathParameters(company, user): PathParameters<String, u64>,
) -> Result<Json<ChannelCoUser>, Refusal> {
    let world = pod.world();
    let (user, company) = world.connect_user(&partner, &company, UserId::from_wire(user))?;
    Ok(Json(ChannelCoUser::from(user).of(company)))
}

async fn channelco_company_user_replace_v1(
    pod: CurrentPod,
    ByPartner(partner): ByPartner,
    PathParameters(company, user): PathParameters<String, u64>,
    JsonBody(change): JsonBody<WireUser>,
) -> Result<Json<ChannelCoUser>, Refusal> {
    let (user, now, mut world) = (UserId::from_wire(user), pod.clock.now(), pod.world());
    let user = world.update_connect_user(&partner, &company, user, &change.into(), now)?;
    Ok(Json(ChannelCoUser::from(user)))
}

async fn channelco_company_user_delete_v1(
    pod: CurrentPod,
    ByPartner(partner): ByPartner,
    PathParameters(company, user): PathParameters<String, u64>,
) -> Result<StatusCode, Refusal> {
    let (user, now) = (UserId::from_wire(user), pod.clock.now());
    pod.world().disable_connect_user(&partner, &company, user, now)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn channelco_company_user_roles_add_v1(
    pod: CurrentPod,
    ByPartner(partner): ByPartner,
    PathParameters(company, user): PathParameters<String, u64>,
    JsonBody(role): JsonBody<Role>,
) -> Result<Json<ApiInfo>, Refusal> {
    let user = UserId::from_wire(user);
    pod.world().add_connect_role(&partner, &company, user, &role.id)?;
    Ok(Json(ApiInfo { code: "ROLE_ADDED", pod_url: None, message: Some("Role added") }))
}

/// Code and text for one of those whom a partner brings.
fn words(world: &World, base_url: &BaseUrl, outcome: &Onboarded) -> (&'static str, String) {
    let added = || "User added successfully".to_owned();
    match outcome {
        Onboarded::NewCompany(_) => ("USER_ADDED_NEW_COMPANY", added()),
        Onboarded::ExistingCompany(_) => ("USER_ADDED_EXISTING_COMPANY", added()),
        Onboarded::OtherName(_, name) => (
            "USER_ADDED_TO_DIFFERENT_COMPANY_NAME",
            format!(
                "The user was added to a company named :{name} because they share the same email \
                 domain"
            ),
        ),
        Onboarded::Exists(pod) => {
            let url = pod_url(world, base_url, *pod);
            ("USER_ALREADY_EXISTS", format!("The user already exists on this pod: {url}"))
        }
        Onboarded::NeedsAccess => (
            "COMPANY_ALREADY_EXISTS_USER_NEEDS_ACCESS",
            "The user belongs to an existing Symphony company but needs access. They should ask \
             their Symphony administrator for access."
                .to_owned(),
        ),
        Onboarded::OfAnotherPartner => (
            "COMCO_COMPANY_ALREADY_EXISTS_USER_NEED_ACCESS",
            "The user belongs to a company that another partner added, and needs access".to_owned(),
        ),
    }
}

/// Where a pod is, without a scheme as in the API file's example. Where others than this one are,
/// nobody says.
fn pod_url(world: &World, BaseUrl(base_url): &BaseUrl, pod: PodId) -> String {
    match pod == world.identity.id {
        true => base_url.trim_start_matches("https://").to_owned(),
        false => format!("pod-{}.symphony.example", pod.0),
    }
}

impl ChannelCoUser {
    fn of(self, company: &ConnectCompany) -> Self {
        Self {
            company_id: Some(company.id.clone()),
            company_name: Some(company.name.clone()),
            ..self
        }
    }
}

impl From<&User> for ChannelCoUser {
    fn from(user: &User) -> Self {
        Self {
            user: WireUser::from(user),
            user_id: Some(user.id.as_u64()),
            username: Some(user.username.clone()),
            ..Self::default()
        }
    }
}

impl From<&User> for WireUser {
    fn from(user: &User) -> Self {
        Self {
            email: user.email.clone(),
            first_name: user.first_name.clone(),
            last_name: user.last_name.clone(),
            display_name: Some(user.display_name.clone()),
            title: user.title.clone(),
            department: user.department.clone(),
            location: user.location.clone(),
            phone_number: user.profile.work_phone_number.clone(),
        }
    }
}

impl From<WireUser> for ConnectUserRequest {
    fn from(user: WireUser) -> Self {
        Self {
            email: user.email,
            first_name: user.first_name,
            last_name: user.last_name,
            display_name: user.display_name,
            title: user.title,
            department: user.department,
            location: user.location,
            phone: user.phone_number,
        }
    }
}

impl FromRequestParts<Context> for ByPartner {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, context: &Context) -> Result<Self, Refusal> {
        let token = bearer(&parts.headers).ok_or(Refusal::SessionTokenMissing)?;
        let (world, now) = (context.pod.world(), context.pod.clock.now());
        let partner = world.connect.partner_of_token(token, now);
        let partner = partner.ok_or(Refusal::PartnerTokenInvalid)?;
        Ok(Self(partner.name.clone()))
    }
}

impl FromRequestParts<Context> for ByKeyOrPartner {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, context: &Context) -> Result<Self, Refusal> {
        let query = Parameters::from_request_parts(parts, context).await?;
        match query.text("token") {
            Some(key) if context.pod.world().connect.partner_of_key(key).is_some() => Ok(Self),
            Some(_) => Err(Refusal::PartnerTokenInvalid),
            None => ByPartner::from_request_parts(parts, context).await.map(|_| Self),
        }
    }
}
