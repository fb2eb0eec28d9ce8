//! What partners do to the accounts of those whom they bring.

use std::collections::{BTreeSet, HashMap};

use super::super::{
    AccountHistory, AccountStatus, AccountType, Features, KeyRing, PodId, Profile, Refusal,
    Timestamp, User, UserId, World,
};
use super::{ConnectCompany, ConnectRefusal, ConnectStatus};

/// The one role that partners may give.
const COMPLIANCE_OFFICER: &str = "COMPLIANCE_OFFICER";

/// Domains of e-mail addresses that are nobody's company. Which ones a real pod knows is not published.
const PUBLIC_DOMAINS: [&str; 20] = [
    "126.com",
    "163.com",
    "aol.com",
    "gmail.com",
    "gmx.com",
    "gmx.de",
    "gmx.net",
    "googlemail.com",
    "hotmail.com",
    "icloud.com",
    "live.com",
    "mail.com",
    "me.com",
    "msn.com",
    "outlook.com",
    "proton.me",
    "protonmail.com",
    "qq.com",
    "yahoo.com",
    "yandex.com",
];

/// What stands in the way of an account for somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnboardingStanding {
    /// There is one, on this pod.
    Exists(PodId),
    /// His company has a pod, whose administrators give him one.
    NeedsAccess(PodId),
    /// A partner may make one.
    Eligible,
}

/// People whom a partner brings, all of one company.
#[derive(Debug, Clone, Default)]
pub struct OnboardingRequest {
    pub company: Option<String>,
    pub users: Vec<ConnectUserRequest>,
}

/// Somebody as a partner describes him.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ConnectUserRequest {
    pub email: Option<String>,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    pub display_name: Option<String>,
    pub title: Option<String>,
    pub department: Option<String>,
    pub location: Option<String>,
    pub phone: Option<String>,
}

/// The same, where what is absent stays as it is.
type ConnectUserChange = ConnectUserRequest;

/// What became of one of those whom a partner brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Onboarded {
    NewCompany(UserId),
    ExistingCompany(UserId),
    /// In a company that is called otherwise than the partner says.
    OtherName(UserId, String),
    /// He has an account already, on this pod.
    Exists(PodId),
    /// His company has a pod of its own.
    NeedsAccess,
    /// Another partner brought his company.
    OfAnotherPartner,
}

impl ConnectUserRequest {
    /// That nothing is longer than the API file lets it be.
    fn check_lengths(&self) -> Result<(), ConnectRefusal> {
        for (field, value, most) in [
            ("firstName", &self.first_name, 64),
            ("lastName", &self.last_name, 64),
            ("displayName", &self.display_name, 128),
            ("title", &self.title, 256),
            ("department", &self.department, 256),
        ] {
            if value.as_ref().is_some_and(|value| value.chars().count() > most) {
                return Err(ConnectRefusal::too_long(field, most));
            }
        }
        Ok(())
    }

    /// The e-mail address of somebody of whom everything is said that must be.
    pub(super) fn complete(&self) -> Result<&str, ConnectRefusal> {
        for (field, value) in
            [("firstName", &self.first_name), ("lastName", &self.last_name), ("email", &self.email)]
        {
            if value.as_ref().is_none_or(|value| value.trim().is_empty()) {
                return Err(ConnectRefusal::missing(field));
            }
        }
        self.check_lengths()?;
        Ok(self.email.as_deref().unwrap_or_default())
    }

    fn write_to(&self, user: &mut User) {
        let set = |field: &mut Option<String>, value: &Option<String>| {
            if value.is_some() {
                field.clone_from(value);
            }
        };
        set(&mut user.first_name, &self.first_name);
        set(&mut user.last_name, &self.last_name);
        set(&mut user.email, &self.email);
        set(&mut user.title, &self.title);
        set(&mut user.department, &self.department);
        set(&mut user.location, &self.location);
        set(&mut user.profile.work_phone_number, &self.phone);
        if let Some(name) = &self.display_name {
            user.display_name.clone_from(name);
        }
    }
}

impl World {
    /// What stands in the way of an account for somebody with this e-mail address.
    pub fn onboarding_standing(&self, email: &str) -> Result<OnboardingStanding, Refusal> {
        let domain = corporate_domain(email)?;
        Ok(self.standing(email, domain))
    }

    fn standing(&self, email: &str, domain: &str) -> OnboardingStanding {
        let mut known = self.accounts().filter(|user| has_email(user, email));
        match known.find(|user| is_enabled(user)) {
            Some(user) => OnboardingStanding::Exists(user.id.pod()),
            None => self.standing_of_company(domain),
        }
    }

    /// What stands in the way of those at this domain who have no account.
    fn standing_of_company(&self, domain: &str) -> OnboardingStanding {
        if self.connect.company_of_domain(domain).is_some() {
            return OnboardingStanding::Eligible;
        }
        if let Some(pod) = self.connect.pod_of_tenant(domain) {
            return OnboardingStanding::NeedsAccess(pod);
        }
        let of_company = |user: &&User| {
            let domain_of = user.email.as_deref().and_then(|email| domain_of(email).ok());
            user.id.pod() != self.connect.pod
                && domain_of.is_some_and(|it| it.eq_ignore_ascii_case(domain))
        };
        match self.accounts().find(of_company) {
            Some(colleague) => OnboardingStanding::NeedsAccess(colleague.id.pod()),
            None => OnboardingStanding::Eligible,
        }
    }

    /// Makes accounts for those whom a partner brings, and their company where there is none. Tells of
    /// each what became of him: the others are done all the same.
    ///
    /// # Errors
    /// The request as a whole is not one.
    pub fn onboard(
        &mut self,
        partner: &str,
        request: &OnboardingRequest,
        now: Timestamp,
    ) -> Result<Vec<Onboarded>, Refusal> {
        let missing = || ConnectRefusal::missing("companyName");
        let company = request.company.as_deref().map(str::trim).filter(|name| !name.is_empty());
        let company = company.ok_or_else(missing)?;
        if company.chars().count() > 64 {
            return Err(ConnectRefusal::too_long("companyName", 64).into());
        }
        let domain = checked_domain(&request.users)?;
        // None of these has the address of another, nor does an account that one of them gets make
        // his company one that has a pod.
        let (known, standing) = (self.addresses(), self.standing_of_company(&domain));
        let done = request.users.iter().map(|user| {
            let email = user.complete()?;
            let known = known.get(&email.to_ascii_lowercase()).map_or(&[][..], Vec::as_slice);
            let enabled = |id: &&UserId| self.users.by_id(**id).is_some_and(is_enabled);
            if let Some(id) = known.iter().find(enabled) {
                return Ok(Onboarded::Exists(id.pod()));
            }
            if let OnboardingStanding::NeedsAccess(_) = standing {
                return Ok(Onboarded::NeedsAccess);
            }
            let former = known.iter().copied().find(|id| id.pod() == self.connect.pod);
            self.onboard_one(partner, company, &domain, (user, email, former), now)
        });
        done.collect()
    }

    /// The accounts that have an e-mail address, in the order of their ids, by the address in lower
    /// case.
    fn addresses(&self) -> HashMap<String, Vec<UserId>> {
        let mut addresses = HashMap::<_, Vec<_>>::new();
        for user in self.accounts() {
            if let Some(email) = &user.email {
                addresses.entry(email.to_ascii_lowercase()).or_default().push(user.id);
            }
        }
        addresses
    }

    /// Of whom is told what a partner says of him, his e-mail address and the account that he had.
    fn onboard_one(
        &mut self,
        partner: &str,
        company: &str,
        domain: &str,
        (request, email, former): (&ConnectUserRequest, &str, Option<UserId>),
        now: Timestamp,
    ) -> Result<Onboarded, Refusal> {
        let known = self.connect.company_of_domain(domain);
        if known.is_some_and(|known| known.partner != partner) {
            return Ok(Onboarded::OfAnotherPartner);
        }
        let is_new = known.is_none_or(|known| known.users.is_empty());
        let (id, name) = match known {
            Some(known) => (known.id.clone(), known.name.clone()),
            None => (self.connect.free_company_id(), company.to_owned()),
        };
        let is_known = known.is_some();
        let user = self.open_account(request, email, former, &name, now)?;
        if !is_known {
            self.connect.put_company(ConnectCompany {
                id: id.clone(),
                name: name.clone(),
                domain: domain.to_owned(),
                partner: partner.to_owned(),
                users: imbl::Vector::new(),
            });
        }
        self.connect.employ(&id, user);
        Ok(match (is_new, name == company) {
            (true, _) => Onboarded::NewCompany(user),
            (false, true) => Onboarded::ExistingCompany(user),
            (false, false) => Onboarded::OtherName(user, name),
        })
    }

    /// A new account, or that of somebody who was disabled.
    pub(super) fn open_account(
        &mut self,
        request: &ConnectUserRequest,
        email: &str,
        former: Option<UserId>,
        company: &str,
        now: Timestamp,
    ) -> Result<UserId, Refusal> {
        let pod = self.connect.pod;
        let companies = "Community Connect".to_owned();
        self.identity.foreign_pods.entry(pod).or_insert(companies);
        let name =
            [&request.first_name, &request.last_name].map(|it| it.as_deref().unwrap_or_default());
        let display_name = name.join(" ");
        let id = match former {
            Some(id) => id,
            None => {
                let id = self.users.next_id(pod);
                let user = account(id, email, company, now);
                self.users.insert(user).map_err(|_| ConnectRefusal::email_in_use())?;
                id
            }
        };
        let user = self.users.by_id_mut(id).ok_or(Refusal::Bug)?;
        user.status = AccountStatus::Enabled;
        user.display_name = display_name;
        user.history.updated = Some(now);
        request.write_to(user);
        Ok(id)
    }

    /// An account that a partner brought, found by its e-mail address, and its company.
    pub fn connect_user_by_email(
        &self,
        partner: &str,
        email: &str,
    ) -> Result<(&User, &ConnectCompany), Refusal> {
        corporate_domain(email)?;
        let status = ConnectStatus::NotFoundBySetting;
        let user = self.accounts().find(|user| has_email(user, email) && is_enabled(user));
        let user = user.ok_or_else(|| ConnectRefusal::user_not_found(status))?;
        let company = self.connect.company_of(user.id).filter(|it| it.partner == partner);
        Ok((user, company.ok_or_else(ConnectRefusal::of_another_partner)?))
    }

    /// An account that a partner brought, in its company.
    pub fn connect_user(
        &self,
        partner: &str,
        company: &str,
        user: UserId,
    ) -> Result<(&User, &ConnectCompany), Refusal> {
        let status = ConnectStatus::NotFoundBySetting;
        let of_another = ConnectRefusal::of_another_partner;
        let (user, of) = self.brought(partner, user, status, of_another)?;
        match of.id == company {
            true => Ok((user, of)),
            false => Err(ConnectRefusal::user_not_found(status).into()),
        }
    }

    /// Changes what is said of an account.
    pub fn update_connect_user(
        &mut self,
        partner: &str,
        company: &str,
        user: UserId,
        change: &ConnectUserChange,
        now: Timestamp,
    ) -> Result<&User, Refusal> {
        let (id, domain) = {
            let (user, company) = self.connect_user(partner, company, user)?;
            (user.id, company.domain.clone())
        };
        let is_said = |it: &Option<String>| it.as_ref().is_some_and(|it| !it.trim().is_empty());
        if ![&change.first_name, &change.last_name, &change.email].into_iter().any(is_said) {
            return Err(ConnectRefusal::nothing_to_update().into());
        }
        change.check_lengths()?;
        if let Some(email) = &change.email {
            let wanted = domain_of(email)?;
            if !wanted.eq_ignore_ascii_case(&domain) {
                return Err(ConnectRefusal::other_domain(&domain).into());
            }
            let is_other = |user: &User| user.id != id && has_email(user, email);
            let pod = self.connect.pod;
            let name_taken = self.users.by_username(pod, email).is_some_and(|it| it.id != id);
            if name_taken || self.accounts().any(is_other) {
                return Err(ConnectRefusal::email_in_use().into());
            }
            self.users.rename(id, email);
        }
        let user = self.users.by_id_mut(id).ok_or(Refusal::Bug)?;
        change.write_to(user);
        user.history.updated = Some(now);
        self.users.by_id(id).ok_or(Refusal::Bug)
    }

    /// Takes an account out of use.
    pub fn disable_connect_user(
        &mut self,
        partner: &str,
        company: &str,
        user: UserId,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let status = ConnectStatus::NotFoundBySetting;
        let of_another = ConnectRefusal::not_to_be_disabled;
        let (_, of) = self.brought(partner, user, status, of_another)?;
        if of.id != company {
            return Err(ConnectRefusal::user_not_found(status).into());
        }
        let user = self.users.by_id_mut(user).ok_or(Refusal::Bug)?;
        user.status = AccountStatus::Disabled;
        user.history.updated = Some(now);
        user.history.deactivated = Some(now);
        Ok(())
    }

    /// Gives an account the one role that partners may give.
    pub fn add_connect_role(
        &mut self,
        partner: &str,
        company: &str,
        user: UserId,
        role: &str,
    ) -> Result<(), Refusal> {
        let of_another = ConnectRefusal::no_role_by_another_partner;
        let (user, of) = self.brought(partner, user, ConnectStatus::NotFound, of_another)?;
        if of.id != company {
            return Err(ConnectRefusal::other_company().into());
        }
        if role != COMPLIANCE_OFFICER {
            return Err(ConnectRefusal::other_role(role).into());
        }
        let id = user.id;
        let user = self.users.by_id_mut(id).ok_or(Refusal::Bug)?;
        if !user.has_role(role) {
            user.roles.push(role.to_owned());
        }
        Ok(())
    }

    /// An account in use that the partner brought, and its company.
    fn brought(
        &self,
        partner: &str,
        user: UserId,
        not_found: ConnectStatus,
        of_another: fn() -> ConnectRefusal,
    ) -> Result<(&User, &ConnectCompany), Refusal> {
        let user = self.users.person(user).filter(|user| is_enabled(user));
        let user = user.ok_or_else(|| ConnectRefusal::user_not_found(not_found))?;
        let company = self.connect.company_of(user.id).filter(|it| it.partner == partner);
        Ok((user, company.ok_or_else(of_another)?))
    }

    pub(super) fn accounts(&self) -> impl Iterator<Item = &User> {
        self.users.iter().filter(|user| !user.is_group())
    }
}

/// The one domain of people's e-mail addresses.
fn checked_domain(users: &[ConnectUserRequest]) -> Result<String, ConnectRefusal> {
    if users.is_empty() {
        return Err(ConnectRefusal::nobody());
    }
    let (mut emails, mut domains) = (BTreeSet::new(), BTreeSet::new());
    for user in users {
        let email = user.complete()?.to_lowercase();
        domains.insert(domain_of(&email)?.to_owned());
        if !emails.insert(email) {
            return Err(ConnectRefusal::same_email());
        }
    }
    let public: Vec<_> = domains.iter().map(String::as_str).filter(|it| is_public(it)).collect();
    if !public.is_empty() {
        return Err(ConnectRefusal::public_domains(&public));
    }
    match domains.len() {
        1 => Ok(domains.pop_first().unwrap_or_default()),
        _ => Err(ConnectRefusal::several_domains()),
    }
}

fn corporate_domain(email: &str) -> Result<&str, ConnectRefusal> {
    let domain = domain_of(email)?;
    if is_public(domain) { Err(ConnectRefusal::public_domain()) } else { Ok(domain) }
}

pub(super) fn is_public(domain: &str) -> bool {
    PUBLIC_DOMAINS.iter().any(|public| public.eq_ignore_ascii_case(domain))
}

/// What an e-mail address ends in.
pub(super) fn domain_of(email: &str) -> Result<&str, ConnectRefusal> {
    let is_odd = |c: char| c.is_whitespace() || c.is_control() || c == '@';
    let parts = email.split_once('@').filter(|(name, domain)| {
        let labels = || domain.split('.');
        !name.is_empty()
            && !name.contains(is_odd)
            && !domain.contains(is_odd)
            && labels().count() > 1
            && labels().all(|label| !label.is_empty())
    });
    parts.map(|(_, domain)| domain).ok_or_else(|| ConnectRefusal::invalid_email(email))
}

pub(super) fn has_email(user: &User, email: &str) -> bool {
    user.email.as_deref().is_some_and(|known| known.eq_ignore_ascii_case(email))
}

fn is_enabled(user: &User) -> bool {
    user.status == AccountStatus::Enabled
}

/// An account of which nothing is said yet but who it is for.
fn account(id: UserId, email: &str, company: &str, now: Timestamp) -> User {
    User {
        id,
        username: email.to_owned(),
        account_type: AccountType::Normal,
        status: AccountStatus::Enabled,
        display_name: String::new(),
        first_name: None,
        last_name: None,
        email: None,
        company: company.to_owned(),
        title: None,
        department: None,
        location: None,
        roles: vec!["INDIVIDUAL".into()],
        features: Features::default(),
        certificate_login: false,
        keys: KeyRing::default(),
        suspension: None,
        profile: Profile::default(),
        avatar: None,
        delegates: Vec::new(),
        disclaimer: None,
        manifest: None,
        history: AccountHistory { created: Some(now), ..AccountHistory::default() },
    }
}
