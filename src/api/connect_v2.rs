//! Connect v2: the companies that partners sponsor, and the people in them.
//!
//! Documented, and in none of the API files: SymphonyPlatformSolutions/
//! symphony-developers-documentation, .gitbook/assets/Connect_API.yaml.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use super::community_connect::{ByPartner, WireUser};
use super::extract::{CurrentPod, JsonBody, PathParameter, PathParameters};
use super::parameters::Parameters;
use crate::domain::{
    AccountStatus, ConnectRefusal, ConnectUserRequest, Refusal, Tenant, TenantRequest, TenantUser,
    Timestamp, User,
};
use crate::operation::operations;

operations! {
    GET "/api/v2/companies" => companies_list_v2,
    POST "/api/v2/companies" => companies_create_v2,
    GET "/api/v2/companies/{companyId}" => companies_get_v2,
    PATCH "/api/v2/companies/{companyId}" => companies_update_v2,
    GET "/api/v2/companies/{companyId}/users" => companies_users_list_v2,
    POST "/api/v2/companies/{companyId}/users" => companies_users_create_v2,
    GET "/api/v2/companies/{companyId}/users/{userId}" => companies_users_get_v2,
    PATCH "/api/v2/companies/{companyId}/users/{userId}" => companies_users_update_v2,
}

/// `Company`, as it is asked for.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CompanyRequest {
    name: String,
    vanity_name: String,
    email_domains: Vec<String>,
}

/// `Company`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Company {
    id: String,
    created_at: String,
    updated_at: String,
    name: String,
    vanity_name: String,
    email_domains: Vec<String>,
    public_url: String,
    state: &'static str,
}

/// `CompanyUpdate`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CompanyUpdate {
    email_domains: Vec<String>,
}

/// `User`.
#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct CompanyUser {
    id: Option<String>,
    created_at: Option<String>,
    updated_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    symphony_user_id: Option<u64>,
    active: Option<bool>,
    #[serde(flatten)]
    user: WireUser,
    /// Of him alone, where several are made at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Problem>,
}

/// `ProblemDetail`, as it is told of one of several users.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Problem {
    title: &'static str,
    status: u16,
    detail: String,
    detail_error_code: &'static str,
}

/// `UserPage`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct UserPage {
    total: usize,
    page_size: usize,
    current_page: usize,
    users: Vec<CompanyUser>,
}

/// `UserUpdate`.
#[derive(Deserialize)]
struct UserUpdate {
    active: bool,
}

async fn companies_list_v2(
    pod: CurrentPod,
    ByPartner(partner): ByPartner,
    query: Parameters,
) -> Json<Vec<Company>> {
    let (world, now) = (pod.world(), pod.clock.now());
    let wanted = query.text("vanityName");
    let tenants = world.tenants_of(&partner).into_iter();
    let tenants = tenants.filter(|tenant| wanted.is_none_or(|name| tenant.vanity_name == name));
    Json(tenants.map(|tenant| Company::of(tenant, now)).collect())
}

/// A company that is made is STARTED, and polled for.
async fn companies_create_v2(
    pod: CurrentPod,
    ByPartner(partner): ByPartner,
    JsonBody(request): JsonBody<CompanyRequest>,
) -> Result<(StatusCode, Json<Company>), Refusal> {
    let CompanyRequest { name, vanity_name, email_domains: domains } = request;
    let (now, request) = (pod.clock.now(), TenantRequest { name, vanity_name, domains });
    let tenant = pod.world().create_tenant(&partner, request, now)?;
    let company = Company { state: "STARTED", ..Company::of(&tenant, now) };
    Ok((StatusCode::ACCEPTED, Json(company)))
}

async fn companies_get_v2(
    pod: CurrentPod,
    ByPartner(partner): ByPartner,
    PathParameter(id): PathParameter<String>,
) -> Result<Json<Company>, Refusal> {
    let (world, now) = (pod.world(), pod.clock.now());
    Ok(Json(Company::of(world.tenant(&partner, &id)?, now)))
}

async fn companies_update_v2(
    pod: CurrentPod,
    ByPartner(partner): ByPartner,
    PathParameter(id): PathParameter<String>,
    JsonBody(update): JsonBody<CompanyUpdate>,
) -> Result<StatusCode, Refusal> {
    let now = pod.clock.now();
    let changed = pod.world().add_tenant_domains(&partner, &id, &update.email_domains, now)?;
    Ok(if changed { StatusCode::OK } else { StatusCode::NOT_MODIFIED })
}

async fn companies_users_list_v2(
    pod: CurrentPod,
    ByPartner(partner): ByPartner,
    PathParameter(id): PathParameter<String>,
    query: Parameters,
) -> Result<Json<UserPage>, Refusal> {
    const MAX: u64 = 100;
    let page_size = query.number("pageSize")?.unwrap_or(MAX);
    if !(1..=MAX).contains(&page_size) {
        let what = format!("getUsers.arg2: page size must be between 1 and {MAX}");
        return Err(Refusal::Malformed { what });
    }
    let current_page = query.number("currentPage")?.unwrap_or(0);
    let number = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    let (page_size, current_page) = (number(page_size), number(current_page));
    let world = pod.world();
    let tenant = world.tenant(&partner, &id)?;
    let shown = tenant.users.iter().skip(current_page.saturating_mul(page_size)).take(page_size);
    let users = shown.filter_map(|it| Some(CompanyUser::of(it, world.users.by_id(it.user)?)));
    let users = users.collect();
    Ok(Json(UserPage { total: tenant.users.len(), page_size, current_page, users }))
}

/// 207 where somebody got no account.
async fn companies_users_create_v2(
    pod: CurrentPod,
    ByPartner(partner): ByPartner,
    PathParameter(id): PathParameter<String>,
    JsonBody(asked): JsonBody<Vec<WireUser>>,
) -> Result<Response, Refusal> {
    let requests: Vec<_> = asked.iter().cloned().map(ConnectUserRequest::from).collect();
    let mut world = pod.world();
    let done = world.create_tenant_users(&partner, &id, &requests, pod.clock.now());
    let done = done.map_err(ConnectRefusal::as_bad_request)?;
    let all = done.iter().all(Result::is_ok);
    let users = asked.into_iter().zip(done).map(|(asked, outcome)| match outcome {
        Ok(made) => match world.users.by_id(made.user) {
            Some(user) => CompanyUser { status: Some(201), ..CompanyUser::of(&made, user) },
            None => CompanyUser::default(),
        },
        Err(refusal) => CompanyUser::refused(asked, refusal),
    });
    let users: Vec<_> = users.collect();
    let status = if all { StatusCode::CREATED } else { StatusCode::MULTI_STATUS };
    Ok((status, Json(users)).into_response())
}

async fn companies_users_get_v2(
    pod: CurrentPod,
    ByPartner(partner): ByPartner,
    PathParameters(company, user): PathParameters<String, String>,
) -> Result<Json<CompanyUser>, Refusal> {
    let (world, now) = (pod.world(), pod.clock.now());
    let (found, user) = world.tenant_user(&partner, &company, &user, now)?;
    Ok(Json(CompanyUser::of(found, user)))
}

async fn companies_users_update_v2(
    pod: CurrentPod,
    ByPartner(partner): ByPartner,
    PathParameters(company, user): PathParameters<String, String>,
    JsonBody(update): JsonBody<UserUpdate>,
) -> Result<StatusCode, Refusal> {
    let now = pod.clock.now();
    pod.world().set_tenant_user_active(&partner, &company, &user, update.active, now)?;
    Ok(StatusCode::OK)
}

impl Company {
    fn of(tenant: &Tenant, now: Timestamp) -> Self {
        Self {
            id: tenant.id.clone(),
            created_at: tenant.created.iso(),
            updated_at: tenant.updated.iso(),
            name: tenant.name.clone(),
            vanity_name: tenant.vanity_name.clone(),
            email_domains: tenant.domains.clone(),
            public_url: format!("https://{}.on.symphony.example", tenant.vanity_name),
            state: if tenant.is_completed(now) { "COMPLETED" } else { "STARTED" },
        }
    }
}

impl CompanyUser {
    fn of(found: &TenantUser, user: &User) -> Self {
        let history = &user.history;
        Self {
            id: Some(found.id.clone()),
            created_at: history.created.map(Timestamp::iso),
            updated_at: history.updated.or(history.created).map(Timestamp::iso),
            symphony_user_id: Some(user.id.as_u64()),
            active: Some(user.status == AccountStatus::Enabled),
            user: WireUser::from(user),
            status: None,
            error: None,
        }
    }

    fn refused(user: WireUser, refusal: ConnectRefusal) -> Self {
        let status = StatusCode::BAD_REQUEST;
        let error = Problem {
            title: status.canonical_reason().unwrap_or_default(),
            status: status.as_u16(),
            detail: refusal.message,
            detail_error_code: refusal.code,
        };
        Self { user, status: Some(error.status), error: Some(error), ..Self::default() }
    }
}
