//! Accounts of people and of bots.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::mistakes::all;
use super::{Builder, Built, Kind, Mistakes, misread_at};
use crate::decode;
use crate::domain::{
    AccountHistory, AccountStatus, AccountType, Avatar, Feature, Features, PodId, Role, Settings,
    Suspension, SuspensionEnd, User, UserId, check_manifest,
};
use crate::scenario::document::UserSeed;
use crate::scenario::{SeedTime, contradiction, export};

impl Builder<'_> {
    pub(super) fn add_user(&mut self, n: usize, seed: &UserSeed) -> Built<()> {
        let at = format!("users[{n}]");
        if seed.username.trim().is_empty() {
            return Err(contradiction(format!("{at}.username"), "is empty".into()));
        }
        let pod = seed.pod.map_or(self.world.identity.id, PodId);
        let known = self.world.users.by_username(pod, &seed.username);
        if let Some(known) = known.filter(|_| self.change.is_some()) {
            let id = known.id;
            let seed = self.changed("users", Some(n), export::user(&self.world, known))?;
            if seed.id != Some(id.as_u64()) {
                let problem = format!("the id is {id} and stays so");
                return Err(contradiction(format!("{at}.id"), problem));
            }
            let mut user = self.user(&at, &seed, id)?;
            if let Some(known) = self.world.users.by_id_mut(id) {
                user.history.created_by = known.history.created_by;
                user.delegates = std::mem::take(&mut known.delegates);
                *known = user;
            }
            self.set_presence(&seed, id);
            return Ok(());
        }
        let id = self.user_id(&at, seed, pod)?;
        let user = self.user(&at, seed, id)?;
        self.world.users.insert(user).map_err(|user| {
            let problem = format!(
                "pod {} has the user {:?} or the id {} already",
                pod.0, user.username, user.id
            );
            contradiction(format!("{at}.username"), problem)
        })?;
        self.set_presence(seed, id);
        Ok(())
    }

    fn user_id(&mut self, at: &str, seed: &UserSeed, pod: PodId) -> Built<UserId> {
        if self.company(pod).is_none() {
            let problem = format!("there is no pod {}; declare it under foreignPods", pod.0);
            let at = format!("{at}.pod");
            return Err(self.unknown(Kind::Pod, &pod.0.to_string(), at, problem));
        }
        let counted = self.counted.entry(pod).or_default();
        *counted += 1;
        if let Some(id) = seed.id {
            let id = UserId::from_wire(id);
            if id.pod() == pod {
                return Ok(id);
            }
            let (of, first) = (id.pod().0, UserId::new(pod, 1));
            let problem =
                format!("{id} belongs to pod {of}; ids of pod {} begin at {first}", pod.0);
            let at = format!("{at}.id");
            return Err(self.unknown(Kind::Pod, &pod.0.to_string(), at, problem));
        }
        loop {
            let id = UserId::new(pod, *counted);
            if !self.given.contains(&id) && self.world.users.by_id(id).is_none() {
                return Ok(id);
            }
            *counted += 1;
        }
    }

    fn user(&self, at: &str, seed: &UserSeed, id: UserId) -> Built<User> {
        let moment = |moment: Option<SeedTime>| moment.map(|moment| moment.resolve(self.now));
        let history = &seed.history;
        let mut mistakes = Mistakes::default();
        let account_type = account_type(&format!("{at}.accountType"), seed, &self.world.settings);
        let account_type = mistakes.note(account_type);
        let roles = mistakes.note(roles(&format!("{at}.roles"), seed, &self.world.settings));
        let features = mistakes.note(features(&format!("{at}.features"), seed));
        let keys = self.key_ring(at, seed.public_key.as_deref(), seed.keys.as_ref());
        let keys = mistakes.note(keys);
        let profile = mistakes.note(profile(&format!("{at}.profile"), &seed.profile));
        let avatar = mistakes.note(avatar(&format!("{at}.avatar"), seed.avatar.as_deref()));
        let disclaimer = seed.disclaimer.as_deref();
        let disclaimer = disclaimer.map(|name| self.disclaimer_called(at, name)).transpose();
        let disclaimer = mistakes.note(disclaimer);
        let manifest = mistakes.note(manifest(&format!("{at}.manifest"), seed));
        let user = User {
            id,
            username: seed.username.clone(),
            account_type: account_type.unwrap_or(AccountType::Normal),
            status: if seed.enabled { AccountStatus::Enabled } else { AccountStatus::Disabled },
            display_name: seed.display_name(),
            first_name: seed.first_name.clone(),
            last_name: seed.last_name.clone(),
            email: seed.email.clone(),
            company: seed.company.as_deref().or(self.company(id.pod())).unwrap_or_default().into(),
            title: seed.title.clone(),
            department: seed.department.clone(),
            location: seed.location.clone(),
            roles: roles.unwrap_or_default(),
            features: features.unwrap_or_default(),
            certificate_login: seed.certificate_login,
            keys: keys.unwrap_or_default(),
            suspension: seed.suspension.as_ref().map(|suspension| Suspension {
                until: suspension.until.map(SuspensionEnd),
                reason: suspension.reason.clone(),
            }),
            profile: profile.unwrap_or_default(),
            avatar: avatar.flatten(),
            delegates: Vec::new(),
            disclaimer: disclaimer.flatten(),
            manifest: manifest.flatten(),
            history: AccountHistory {
                created: moment(history.created),
                created_by: None,
                updated: moment(history.updated),
                last_login: moment(history.last_login),
                deactivated: moment(history.deactivated),
            },
        };
        mistakes.unless_any(user)
    }

    /// Once everybody is there.
    pub(super) fn say_who_opened(&mut self, at: &str, seed: &UserSeed) -> Built<()> {
        let Some(by) = &seed.history.created_by else { return Ok(()) };
        let by = self.member(at, by)?;
        let pod = seed.pod.map_or(self.world.identity.id, PodId);
        let opened = self.world.users.by_username(pod, &seed.username).map(|user| user.id);
        if let Some(opened) = opened.and_then(|id| self.world.users.by_id_mut(id)) {
            opened.history.created_by = Some(by);
        }
        Ok(())
    }

    fn set_presence(&mut self, seed: &UserSeed, id: UserId) {
        if let Some(category) = seed.presence {
            let since = seed.presence_since.map_or(self.now, |since| since.resolve(self.now));
            self.world.presences.seed(id, category, since);
        }
    }
}

/// Strict too: what the directory does not have is an error.
pub(super) fn profile<T: Serialize + DeserializeOwned>(
    at: &str,
    profile: &serde_json::Map<String, Value>,
) -> Built<T> {
    let given: serde_json::Map<_, _> = profile
        .iter()
        .filter(|(_, value)| !value.is_null())
        .map(|(k, v)| (k.clone(), v.clone()))
        .collect();
    let names: Vec<_> = given.keys().cloned().collect();
    let profile: T = decode::value(given.into()).map_err(|error| misread_at(at, error))?;
    let known = serde_json::to_value(&profile)
        .map_err(|error| contradiction(at.into(), error.to_string()))?;
    match names.iter().find(|name| known.get(name).is_none()) {
        Some(name) => Err(contradiction(format!("{at}.{name}"), "there is no such field".into())),
        None => Ok(profile),
    }
}

pub(super) fn avatar(at: &str, image: Option<&str>) -> Built<Option<Avatar>> {
    let avatar = image.map(Avatar::from_base64).transpose();
    avatar.map_err(|no| contradiction(at.into(), no.why()))
}

fn account_type(at: &str, seed: &UserSeed, settings: &Settings) -> Built<AccountType> {
    let known = seed.account_type.check(settings);
    known.map_err(|no| contradiction(at.into(), no.why()))?;
    Ok(seed.account_type.clone())
}

/// By default the one role that everybody has.
fn roles(at: &str, seed: &UserSeed, settings: &Settings) -> Built<Vec<String>> {
    let Some(roles) = &seed.roles else { return Ok(vec!["INDIVIDUAL".into()]) };
    all(roles.iter().enumerate().map(|(n, role)| {
        let known = Role::check(role, &seed.account_type, settings);
        known.map_err(|no| contradiction(format!("{at}[{n}]"), no.why()))?;
        Ok(role.clone())
    }))
}

fn manifest(at: &str, seed: &UserSeed) -> Built<Option<String>> {
    let text = |it: &Value| it.as_str().map_or_else(|| it.to_string(), str::to_owned);
    let Some(manifest) = seed.manifest.as_ref().map(text) else { return Ok(None) };
    if seed.account_type != AccountType::System {
        return Err(contradiction(at.into(), "only service users have one".into()));
    }
    check_manifest(&manifest).map_err(|no| contradiction(at.into(), no.why()))?;
    Ok(Some(manifest))
}

fn features(at: &str, seed: &UserSeed) -> Built<Features> {
    let (mut features, mut mistakes) = (Features::default(), Mistakes::default());
    for (name, &on) in &seed.features {
        let feature = Feature::from_wire(name).map_err(|no| contradiction(at.into(), no.why()));
        if let Some(feature) = mistakes.note(feature) {
            features.set(feature, on);
        }
    }
    mistakes.unless_any(features)
}
