//! Connect v2: companies that partners sponsor, each with a name of its own and several domains.
//!
//! Documented in SymphonyPlatformSolutions/symphony-developers-documentation,
//! symphony-rest-api/channel-connect.md and .gitbook/assets/Connect_API.yaml. A real company gets a pod
//! of its own; here its people are of the pod that companies without one share.

use std::collections::{BTreeSet, HashSet};

use imbl::{OrdMap, Vector};

use super::super::{AccountStatus, PodId, Refusal, Timestamp, User, UserId, World};
use super::onboarding::{domain_of, has_email, is_public};
use super::{ConnectRefusal, ConnectUserRequest};

/// A company that a partner sponsors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tenant {
    pub id: String,
    /// Unique, in any letter case.
    pub name: String,
    /// Unique; what its URL begins with.
    pub vanity_name: String,
    /// What the e-mail addresses of its people end in, in lower case.
    pub domains: Vec<String>,
    /// Name of the partner who sponsors it.
    pub partner: String,
    pub created: Timestamp,
    pub updated: Timestamp,
    /// When it is ready for users.
    pub completed: Timestamp,
    /// In the order in which they came.
    pub users: Vector<TenantUser>,
}

/// Somebody of such a company.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TenantUser {
    /// Connect's own, beside that of the account.
    pub id: String,
    pub user: UserId,
}

/// All of them, by their ids and by what only one may have.
#[derive(Debug, Clone, Default)]
pub(super) struct Tenants {
    all: OrdMap<String, Tenant>,
    /// Their ids, by names in lower case.
    names: OrdMap<String, String>,
    vanity_names: OrdMap<String, String>,
    domains: OrdMap<String, String>,
}

/// What others have already, of which there may be many: gone through once, however many companies
/// are to be checked.
#[derive(Debug, Default)]
pub struct TakenByOthers {
    /// Names of the pod's company and of those of Community Connect, in lower case.
    names: HashSet<String>,
    /// Domains of the e-mail addresses of other pods' accounts, in lower case.
    domains: HashSet<String>,
}

/// A company as a partner describes it.
#[derive(Debug, Clone, Default)]
pub struct TenantRequest {
    pub name: String,
    pub vanity_name: String,
    pub domains: Vec<String>,
}

/// The most domains that a company has.
const DOMAINS: usize = 10;

/// The most users that come at once.
const USERS: usize = 20;

impl Tenant {
    pub fn is_completed(&self, now: Timestamp) -> bool {
        now >= self.completed
    }

    pub fn has_domain(&self, domain: &str) -> bool {
        self.domains.iter().any(|own| own.eq_ignore_ascii_case(domain))
    }
}

impl TenantRequest {
    /// What the schema demands.
    fn check(&self) -> Result<(), Refusal> {
        let malformed = |what: &str| Err(Refusal::Malformed { what: what.to_owned() });
        if !(2..=100).contains(&self.name.chars().count()) {
            return malformed("name: size must be between 2 and 100");
        }
        let vanity = self.vanity_name.as_str();
        let is_label = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let is_bounded = !vanity.starts_with('-') && !vanity.ends_with('-');
        if !(2..=63).contains(&vanity.len()) || !vanity.chars().all(is_label) || !is_bounded {
            return malformed(
                "vanityName: expected 2 to 63 lower case letters, digits and hyphens, none of the \
                 hyphens at an end",
            );
        }
        check_domains(&self.domains)
    }
}

fn check_domains(domains: &[String]) -> Result<(), Refusal> {
    let malformed = |what: String| Err(Refusal::Malformed { what });
    if !(1..=DOMAINS).contains(&domains.len()) {
        return malformed(format!("emailDomains: size must be between 1 and {DOMAINS}"));
    }
    for domain in domains {
        if domain_of(&format!("x@{domain}")).is_err() || is_public(domain) {
            return malformed(format!("emailDomains: {domain:?} is no domain of a company"));
        }
    }
    Ok(())
}

impl World {
    /// Starts to make a company.
    pub fn create_tenant(
        &mut self,
        partner: &str,
        request: TenantRequest,
        now: Timestamp,
    ) -> Result<Tenant, Refusal> {
        self.check_tenant(&request, &self.taken_by_others())?;
        let tenant = Tenant {
            id: self.rng.uuid(),
            name: request.name,
            vanity_name: request.vanity_name,
            domains: lower(&request.domains),
            partner: partner.to_owned(),
            created: now,
            updated: now,
            completed: now.plus(self.settings.connect_company_creation),
            users: Vector::new(),
        };
        self.connect.put_tenant(tenant.clone());
        Ok(tenant)
    }

    /// That there can be such a company beside those there are.
    pub fn check_tenant(
        &self,
        request: &TenantRequest,
        others: &TakenByOthers,
    ) -> Result<(), Refusal> {
        request.check()?;
        let (tenants, name) = (&self.connect.tenants, request.name.to_ascii_lowercase());
        tenants.check_domains_free(None, &lower(&request.domains))?;
        self.check_domains_elsewhere(&lower(&request.domains), others)?;
        if tenants.names.contains_key(&name) || others.names.contains(&name) {
            return Err(ConnectRefusal::tenant_taken("name", &request.name).into());
        }
        if tenants.vanity_names.contains_key(&request.vanity_name) {
            return Err(ConnectRefusal::tenant_taken("vanityName", &request.vanity_name).into());
        }
        Ok(())
    }

    /// What companies of Connect v2 may not have.
    pub fn taken_by_others(&self) -> TakenByOthers {
        let companies = self.connect.companies().map(|company| &*company.name);
        let names = companies.chain([&*self.identity.company]).map(str::to_ascii_lowercase);
        let others = self.accounts().filter(|user| user.id.pod() != self.connect.pod);
        let domains = others.filter_map(|user| domain_of(user.email.as_deref()?).ok());
        let domains = domains.map(|domain| domain.to_ascii_lowercase());
        TakenByOthers { names: names.collect(), domains: domains.collect() }
    }

    /// The companies of a partner, the eldest first.
    pub fn tenants_of(&self, partner: &str) -> Vec<&Tenant> {
        let own = self.connect.tenants().filter(|tenant| tenant.partner == partner);
        let mut own: Vec<_> = own.collect();
        own.sort_by(|one, other| (one.created, &one.id).cmp(&(other.created, &other.id)));
        own
    }

    pub fn tenant(&self, partner: &str, id: &str) -> Result<&Tenant, Refusal> {
        let tenant = self.connect.tenant(id).filter(|tenant| tenant.partner == partner);
        Ok(tenant.ok_or_else(ConnectRefusal::tenant_not_found)?)
    }

    fn completed_tenant(
        &self,
        partner: &str,
        id: &str,
        now: Timestamp,
    ) -> Result<&Tenant, Refusal> {
        let tenant = self.tenant(partner, id)?;
        match tenant.is_completed(now) {
            true => Ok(tenant),
            false => Err(ConnectRefusal::tenant_not_found().into()),
        }
    }

    /// Adds domains to a company. Tells whether there were any new ones.
    pub fn add_tenant_domains(
        &mut self,
        partner: &str,
        id: &str,
        domains: &[String],
        now: Timestamp,
    ) -> Result<bool, Refusal> {
        check_domains(domains)?;
        let mut tenant = self.completed_tenant(partner, id, now)?.clone();
        let new: Vec<_> =
            lower(domains).into_iter().filter(|domain| !tenant.has_domain(domain)).collect();
        self.connect.tenants.check_domains_free(Some(id), &new)?;
        self.check_domains_elsewhere(&new, &self.taken_by_others())?;
        if new.is_empty() {
            return Ok(false);
        }
        tenant.domains.extend(new);
        check_domains(&tenant.domains)?;
        tenant.updated = now;
        self.connect.put_tenant(tenant);
        Ok(true)
    }

    /// Makes accounts in a company, or tells of each why there is none.
    ///
    /// # Errors
    /// The request as a whole is not one.
    pub fn create_tenant_users(
        &mut self,
        partner: &str,
        id: &str,
        users: &[ConnectUserRequest],
        now: Timestamp,
    ) -> Result<Vec<Result<TenantUser, ConnectRefusal>>, Refusal> {
        if !(1..=USERS).contains(&users.len()) {
            let what = format!("createUsers: size must be between 1 and {USERS}");
            return Err(Refusal::Malformed { what });
        }
        for user in users {
            user.complete()?;
        }
        let tenant = self.completed_tenant(partner, id, now)?;
        let (name, domains) = (tenant.name.clone(), tenant.domains.clone());
        let done =
            users.iter().map(|user| self.create_tenant_user(id, (&name, &domains), user, now));
        done.collect()
    }

    fn create_tenant_user(
        &mut self,
        id: &str,
        (company, domains): (&str, &[String]),
        request: &ConnectUserRequest,
        now: Timestamp,
    ) -> Result<Result<TenantUser, ConnectRefusal>, Refusal> {
        let email = request.complete()?;
        let is_own = domain_of(email)
            .is_ok_and(|domain| domains.iter().any(|own| own.eq_ignore_ascii_case(domain)));
        if !is_own {
            return Ok(Err(ConnectRefusal::domain_not_of_tenant(domains)));
        }
        if self.accounts().any(|user| has_email(user, email)) {
            return Ok(Err(ConnectRefusal::tenant_user_exists()));
        }
        let Ok(user) = self.open_account(request, email, None, company, now) else {
            return Ok(Err(ConnectRefusal::tenant_user_exists()));
        };
        let user = TenantUser { id: self.rng.uuid(), user };
        self.connect.hire(id, user.clone());
        Ok(Ok(user))
    }

    /// Somebody of a company.
    pub fn tenant_user(
        &self,
        partner: &str,
        company: &str,
        id: &str,
        now: Timestamp,
    ) -> Result<(&TenantUser, &User), Refusal> {
        let tenant = self.completed_tenant(partner, company, now)?;
        let user = tenant.users.iter().find(|user| user.id == id);
        let found = user.and_then(|user| Some((user, self.users.by_id(user.user)?)));
        Ok(found.ok_or_else(ConnectRefusal::tenant_user_not_found)?)
    }

    /// Takes an account out of use, or back into it.
    pub fn set_tenant_user_active(
        &mut self,
        partner: &str,
        company: &str,
        id: &str,
        active: bool,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let (found, _) = self.tenant_user(partner, company, id, now)?;
        let user = found.user;
        let user = self.users.by_id_mut(user).ok_or(Refusal::Bug)?;
        user.status = if active { AccountStatus::Enabled } else { AccountStatus::Disabled };
        user.history.updated = Some(now);
        if !active {
            user.history.deactivated = Some(now);
        }
        Ok(())
    }

    /// That no company of Community Connect, and nobody's account elsewhere, has these domains.
    fn check_domains_elsewhere(
        &self,
        domains: &[String],
        others: &TakenByOthers,
    ) -> Result<(), Refusal> {
        let is_taken = |domain: &String| {
            others.domains.contains(domain) || self.connect.company_of_domain(domain).is_some()
        };
        match domains.iter().any(is_taken) {
            true => Err(ConnectRefusal::domains_taken().into()),
            false => Ok(()),
        }
    }
}

impl Tenants {
    /// That no other of them has these domains.
    fn check_domains_free(&self, own: Option<&str>, domains: &[String]) -> Result<(), Refusal> {
        let is_taken = |domain| self.domains.get(domain).is_some_and(|id| Some(id.as_str()) != own);
        match domains.iter().any(is_taken) {
            true => Err(ConnectRefusal::domains_taken().into()),
            false => Ok(()),
        }
    }

    fn put(&mut self, tenant: Tenant) {
        if let Some(before) = self.all.get(&tenant.id).cloned() {
            self.names.remove(&before.name.to_ascii_lowercase());
            self.vanity_names.remove(&before.vanity_name);
            before.domains.iter().for_each(|domain| drop(self.domains.remove(domain)));
        }
        let id = || tenant.id.clone();
        self.names.insert(tenant.name.to_ascii_lowercase(), id());
        self.vanity_names.insert(tenant.vanity_name.clone(), id());
        self.domains.extend(tenant.domains.iter().map(|domain| (domain.clone(), id())));
        self.all.insert(id(), tenant);
    }
}

/// In lower case, each once.
fn lower(domains: &[String]) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let lower = domains.iter().map(|domain| domain.to_ascii_lowercase());
    lower.filter(|domain| seen.insert(domain.clone())).collect()
}

impl super::Connect {
    pub fn tenants(&self) -> impl Iterator<Item = &Tenant> {
        self.tenants.all.values()
    }

    pub fn tenant(&self, id: &str) -> Option<&Tenant> {
        self.tenants.all.get(id)
    }

    /// Adds a company, or puts it in the place of the one that has its id.
    pub fn put_tenant(&mut self, tenant: Tenant) {
        self.tenants.put(tenant);
    }

    fn hire(&mut self, tenant: &str, user: TenantUser) {
        if let Some(tenant) = self.tenants.all.get_mut(tenant) {
            tenant.users.push_back(user);
        }
    }

    /// The pod of the company with this domain.
    pub(super) fn pod_of_tenant(&self, domain: &str) -> Option<PodId> {
        self.tenants.domains.contains_key(&domain.to_ascii_lowercase()).then_some(self.pod)
    }
}
