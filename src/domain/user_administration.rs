use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::audit::Action;
use super::roles::Role;
use super::users::{AccountHistory, Suspension};
use super::{
    AccountStatus, AccountType, Feature, Features, KeyChanges, KeyId, KeyRefusal, KeyRing, Refusal,
    Timestamp, User, UserId, World,
};

/// What the directory has about a user and the pod itself makes no use of, under the names of the
/// API. What is absent was never said.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Profile {
    /// Division of the company.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub division: Option<String>,
    /// Phone at work.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub work_phone_number: Option<String>,
    /// Mobile phone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mobile_phone_number: Option<String>,
    /// Phone of the second factor of a login.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub two_factor_auth_phone: Option<String>,
    /// Phone that gets short messages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sms_number: Option<String>,
    /// Language of the user's client, `en-US` for one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recommended_language: Option<String>,
    /// What the user does, of a list that pods share.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub job_function: Option<String>,
    /// Asset classes of interest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asset_classes: Option<Vec<String>>,
    /// Industries of interest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub industries: Option<Vec<String>>,
    /// Markets that the user covers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub market_coverage: Option<Vec<String>>,
    /// What the user answers for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub responsibility: Option<Vec<String>>,
    /// Functions of the job.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub function: Option<Vec<String>>,
    /// Financial instruments of interest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instrument: Option<Vec<String>>,
    /// Whatever the company keeps of the user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_metadata: Option<Map<String, Value>>,
}

/// What a request says about an account. What is absent stays as it is.
#[derive(Debug, Clone, Default)]
pub struct UserChange {
    pub username: Option<String>,
    pub account_type: Option<AccountType>,
    pub display_name: Option<String>,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    pub email: Option<String>,
    pub company: Option<String>,
    pub title: Option<String>,
    pub department: Option<String>,
    pub location: Option<String>,
    pub profile: Profile,
    pub keys: KeyChanges,
}

/// Which accounts an administrator looks for.
#[derive(Debug, Clone, Default)]
pub struct UserFilter {
    pub role: Option<String>,
    pub feature: Option<Feature>,
    pub status: Option<AccountStatus>,
}

impl World {
    /// The account of one of the pod's own users.
    pub fn own_user(&self, id: UserId) -> Result<&User, Refusal> {
        let unknown = Refusal::UserUnknown { id: id.as_u64() };
        let is_own = |user: &&User| user.id.pod() == self.identity.id && !user.is_group();
        self.users.by_id(id).filter(is_own).ok_or(unknown)
    }

    /// The pod's own users in the order of their ids.
    pub fn own_users(&self) -> impl Iterator<Item = &User> {
        self.users.iter().filter(|user| user.id.pod() == self.identity.id && !user.is_group())
    }

    /// The pod's own users who match, in the order of their ids.
    pub fn find_users(&self, filter: &UserFilter) -> impl Iterator<Item = &User> {
        self.own_users().filter(|user| {
            filter.role.as_ref().is_none_or(|role| user.has_role(role))
                && filter.feature.is_none_or(|feature| user.features.has(feature))
                && filter.status.is_none_or(|status| user.status == status)
        })
    }

    /// Says that the accounts there are were made at `now`: a seed does not say when.
    pub fn seed_accounts(&mut self, now: Timestamp) {
        let lacks = |user: &User| user.history.created.is_none() || user.history.updated.is_none();
        self.users.change_those(lacks, |user| {
            user.history.created.get_or_insert(now);
            user.history.updated.get_or_insert(now);
        });
    }

    /// Opens an account.
    pub fn create_user(
        &mut self,
        new: UserChange,
        roles: Option<Vec<String>>,
        by: UserId,
        now: Timestamp,
    ) -> Result<&User, Refusal> {
        let missing = |what: &str| Refusal::Malformed { what: format!("{what} is missing") };
        let username = new.username.clone().ok_or_else(|| missing("userAttributes.userName"))?;
        self.check_username(None, &username)?;
        self.check_email(None, new.email.as_deref())?;
        let account_type = new.account_type.clone().unwrap_or(AccountType::Normal);
        account_type.check(&self.settings)?;
        if account_type == AccountType::Sdl {
            let what = "userAttributes.accountType is SDL: groups are made by the profile manager";
            return Err(Refusal::Malformed { what: what.to_owned() });
        }
        let mut roles = roles.unwrap_or_else(|| vec!["INDIVIDUAL".into()]);
        let mut named = BTreeSet::new();
        roles.retain(|role| named.insert(role.clone()));
        for role in &roles {
            Role::check(role, &account_type, &self.settings)?;
        }
        let mut keys = KeyRing::default();
        apply_keys(&new.keys, &mut keys, &account_type, now)?;
        let mut user = User {
            id: self.users.next_id(self.identity.id),
            display_name: display_name(&new, &username),
            username,
            account_type,
            status: AccountStatus::Enabled,
            first_name: None,
            last_name: None,
            email: None,
            company: self.identity.company.clone(),
            title: None,
            department: None,
            location: None,
            roles,
            features: Features::default(),
            certificate_login: true,
            keys,
            suspension: None,
            profile: Profile::default(),
            avatar: None,
            delegates: Vec::new(),
            disclaimer: None,
            manifest: None,
            history: AccountHistory {
                created: Some(now),
                created_by: Some(by),
                updated: Some(now),
                ..AccountHistory::default()
            },
        };
        new.write_to(&mut user);
        let id = user.id;
        let action = match user.is_service_user() {
            true => Action::CreateServiceAccount,
            false => Action::CreateUser,
        };
        // Name and id were looked at above, under the same lock.
        self.users.insert(user).map_err(|_| Refusal::Bug)?;
        self.record_deed(by, action.deed().to(id), now);
        self.own_user(id)
    }

    /// Changes an account. Gives the keys whose sessions end.
    pub fn update_user(
        &mut self,
        id: UserId,
        change: UserChange,
        now: Timestamp,
    ) -> Result<Vec<KeyId>, Refusal> {
        let user = self.own_user(id)?;
        if change.account_type.as_ref().is_some_and(|wanted| *wanted != user.account_type) {
            let what = "accountType cannot be changed".to_owned();
            return Err(Refusal::Malformed { what });
        }
        if let Some(username) = &change.username {
            self.check_username(Some(id), username)?;
        }
        self.check_email(Some(id), change.email.as_deref())?;
        let mut keys = user.keys.clone();
        let revoked = apply_keys(&change.keys, &mut keys, &user.account_type, now)?;
        if let Some(username) = &change.username {
            self.users.rename(id, username);
        }
        let user = self.users.by_id_mut(id).ok_or(Refusal::Bug)?;
        change.write_to(user);
        user.keys = keys;
        user.history.updated = Some(now);
        Ok(revoked)
    }

    /// Takes an account into or out of use. Whose account is out of use has no sessions.
    pub fn set_user_status(
        &mut self,
        id: UserId,
        status: AccountStatus,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let user = self.own_user_mut(id)?;
        if user.status != status {
            user.history.deactivated = match status {
                AccountStatus::Enabled => None,
                AccountStatus::Disabled => Some(now),
            };
        }
        user.status = status;
        user.history.updated = Some(now);
        if status == AccountStatus::Disabled {
            self.leave_groups(id, now);
        }
        Ok(())
    }

    /// Suspends an account, or ends its suspension where there is none to be.
    pub fn set_user_suspension(
        &mut self,
        id: UserId,
        suspension: Option<Suspension>,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let user = self.own_user_mut(id)?;
        user.suspension = suspension;
        user.history.updated = Some(now);
        Ok(())
    }

    /// Gives a user a role. To give it twice is to give it once.
    pub fn add_role(&mut self, id: UserId, role: &str, now: Timestamp) -> Result<(), Refusal> {
        Role::check(role, &self.own_user(id)?.account_type, &self.settings)?;
        let user = self.own_user_mut(id)?;
        if !user.has_role(role) {
            user.roles.push(role.to_owned());
        }
        user.history.updated = Some(now);
        Ok(())
    }

    /// Takes a role from a user, if he has it.
    pub fn remove_role(&mut self, id: UserId, role: &str, now: Timestamp) -> Result<(), Refusal> {
        // Of all operations on an account this alone is documented to answer 404.
        let missing = |_| Refusal::UserNotFound { id: id.as_u64() };
        let account_type = &self.own_user(id).map_err(missing)?.account_type;
        Role::check(role, account_type, &self.settings)?;
        let user = self.own_user_mut(id)?;
        user.roles.retain(|held| held != role);
        user.history.updated = Some(now);
        Ok(())
    }

    pub(super) fn own_user_mut(&mut self, id: UserId) -> Result<&mut User, Refusal> {
        self.own_user(id)?;
        self.users.by_id_mut(id).ok_or(Refusal::Bug)
    }

    fn check_username(&self, of: Option<UserId>, username: &str) -> Result<(), Refusal> {
        if username.trim().is_empty() {
            return Err(Refusal::Malformed { what: "userName is empty".into() });
        }
        match self.users.by_username(self.identity.id, username) {
            Some(other) if Some(other.id) != of => {
                Err(Refusal::UserExists { field: "userName", value: username.to_owned() })
            }
            _ => Ok(()),
        }
    }

    /// E-mail addresses are unique on the pod; letter case does not count.
    fn check_email(&self, of: Option<UserId>, email: Option<&str>) -> Result<(), Refusal> {
        let Some(email) = email.filter(|email| !email.is_empty()) else {
            return Ok(());
        };
        let has_it = |user: &User| {
            user.email.as_ref().is_some_and(|other| other.to_lowercase() == email.to_lowercase())
        };
        match self.own_users().any(|user| Some(user.id) != of && has_it(user)) {
            true => Err(Refusal::UserExists { field: "emailAddress", value: email.to_owned() }),
            false => Ok(()),
        }
    }
}

impl UserChange {
    fn write_to(self, user: &mut User) {
        user.display_name = self.display_name.unwrap_or_else(|| user.display_name.clone());
        user.company = self.company.unwrap_or_else(|| user.company.clone());
        for (new, held) in [
            (self.first_name, &mut user.first_name),
            (self.last_name, &mut user.last_name),
            (self.email, &mut user.email),
            (self.title, &mut user.title),
            (self.department, &mut user.department),
            (self.location, &mut user.location),
        ] {
            *held = new.or_else(|| held.take());
        }
        user.profile = self.profile.or(std::mem::take(&mut user.profile));
    }
}

impl Profile {
    /// What this says, and what `other` says beyond it.
    fn or(self, other: Self) -> Self {
        Self {
            division: self.division.or(other.division),
            work_phone_number: self.work_phone_number.or(other.work_phone_number),
            mobile_phone_number: self.mobile_phone_number.or(other.mobile_phone_number),
            two_factor_auth_phone: self.two_factor_auth_phone.or(other.two_factor_auth_phone),
            sms_number: self.sms_number.or(other.sms_number),
            recommended_language: self.recommended_language.or(other.recommended_language),
            job_function: self.job_function.or(other.job_function),
            asset_classes: self.asset_classes.or(other.asset_classes),
            industries: self.industries.or(other.industries),
            market_coverage: self.market_coverage.or(other.market_coverage),
            responsibility: self.responsibility.or(other.responsibility),
            function: self.function.or(other.function),
            instrument: self.instrument.or(other.instrument),
            user_metadata: self.user_metadata.or(other.user_metadata),
        }
    }
}

/// Keys are for service users: people log in with passwords.
fn apply_keys(
    changes: &KeyChanges,
    keys: &mut KeyRing,
    account_type: &AccountType,
    now: Timestamp,
) -> Result<Vec<KeyId>, Refusal> {
    if changes.is_empty() {
        return Ok(Vec::new());
    }
    if account_type.is_of_people() {
        return Err(Refusal::KeyRefused(KeyRefusal::Unreadable(
            "only service users (accountType SYSTEM) have RSA keys".into(),
        )));
    }
    changes.apply(keys, now).map_err(Refusal::KeyRefused)
}

fn display_name(new: &UserChange, username: &str) -> String {
    let names: Vec<_> =
        [&new.first_name, &new.last_name].into_iter().flatten().map(String::as_str).collect();
    match (&new.display_name, names.is_empty()) {
        (Some(name), _) => name.clone(),
        (None, false) => names.join(" "),
        (None, true) => username.to_owned(),
    }
}
