//! How a document becomes a world, or changes one.

mod barriers;
mod connect;
mod dlp;
mod export_files;
mod groups;
mod mistakes;
mod people;
mod streams;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::document::{
    AppSeed, AuditSeed, ConnectionSeed, ForeignPodSeed, KeysSeed, Scenario, UserSeed,
};
use super::merge::overlay;
use super::{ScenarioError, SeedTime, contradiction};
use crate::decode;
use crate::domain::{
    AccountHistory, AccountStatus, AccountType, App, AuditEntry, Avatar, ConnectionRequest,
    Feature, Features, Identity, KeyRing, MessageId, PodId, PublicKey, Role, SeededConnection,
    SeededRng, Settings, StoreListing, Suspension, SuspensionEnd, Timestamp, User, UserId, World,
    check_manifest,
};

pub use mistakes::Mistakes;
use mistakes::all;
pub use streams::{room_key, seeded_file};

pub struct Builder<'a> {
    world: World,
    now: Timestamp,
    /// Which fields the document sets, where it changes a world that was there.
    change: Option<&'a Value>,
    /// How many users of each pod have been counted so far.
    counted: HashMap<PodId, u64>,
    /// The ids that the document gives.
    given: BTreeSet<UserId>,
    /// Messages by what the document calls them.
    messages: HashMap<String, MessageId>,
    mistakes: Mistakes,
    /// What those are called that could not be made: who refers to them makes no mistake.
    lost: HashSet<(Kind, String)>,
    /// Whether there may be others of whom that is not known.
    misses_names: bool,
}

/// What names are of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Kind {
    Account,
    Dictionary,
    BarrierGroup,
    Disclaimer,
    Message,
    Pod,
    Stream,
}

type Built<T> = Result<T, ScenarioError>;

impl<'a> Builder<'a> {
    /// For a new world.
    pub fn found(scenario: &Scenario, rng: SeededRng, now: Timestamp) -> Self {
        let own = &scenario.pod;
        let mut mistakes = Mistakes::default();
        let id = mistakes.note(pod_id("pod.id", own.id));
        let identity = Identity {
            id: id.unwrap_or(PodId(1)),
            name: own.name.clone(),
            company: own.company.clone(),
            agent_version: own.agent_version.clone(),
            pod_version: own.version.clone(),
            foreign_pods: BTreeMap::new(),
        };
        let world = World::new(identity, scenario.settings.clone(), rng);
        let builder = Self { mistakes, ..Self::of(world, None, now) };
        match id {
            Some(_) => builder,
            // Who belongs to which pod is not known either.
            None => builder.missing_names(),
        }
    }

    /// Parts of the document are lost, and with them names that others may refer to.
    pub fn missing_names(self) -> Self {
        Self { misses_names: true, ..self }
    }

    /// For a world that is there. `change` is the document with what it sets and nothing else.
    pub fn change(world: World, change: &'a Value, now: Timestamp) -> Self {
        Self::of(world, Some(change), now)
    }

    fn of(world: World, change: Option<&'a Value>, now: Timestamp) -> Self {
        Self {
            world,
            now,
            change,
            counted: HashMap::new(),
            given: BTreeSet::new(),
            messages: HashMap::new(),
            mistakes: Mistakes::default(),
            lost: HashSet::new(),
            misses_names: false,
        }
    }

    /// Keeps what is wrong with something, and by which names it would have been referred to.
    fn note_named(&mut self, built: Built<()>, kind: Kind, names: &[Option<&str>]) {
        if self.mistakes.note(built).is_none() {
            self.lost.extend(names.iter().flatten().map(|name| (kind, (*name).to_owned())));
        }
    }

    /// Keeps what is wrong with something that nothing refers to.
    fn note(&mut self, built: Built<()>) {
        self.mistakes.note(built);
    }

    /// There is nothing of that name. Nothing to be told where a mistake was told that may be why.
    fn unknown(&self, kind: Kind, name: &str, at: String, problem: String) -> ScenarioError {
        match self.misses_names || self.lost.contains(&(kind, name.to_owned())) {
            true => ScenarioError::Several(Vec::new()),
            false => contradiction(at, problem),
        }
    }

    pub fn build(mut self, scenario: &Scenario) -> Built<World> {
        if self.change.is_some() {
            let changed = self.change_pod();
            self.note(changed);
        }
        for problem in self.world.settings.validate() {
            self.note(Err(contradiction("settings".into(), problem)));
        }
        for (n, foreign) in scenario.foreign_pods.iter().enumerate() {
            let added = self.add_foreign_pod(&format!("foreignPods[{n}].id"), foreign);
            self.note(added);
        }
        self.add_disclaimers(scenario);
        self.given =
            scenario.users.iter().filter_map(|user| user.id).map(UserId::from_wire).collect();
        self.given
            .extend(scenario.groups.iter().filter_map(|group| group.id).map(UserId::from_wire));
        for (n, user) in scenario.users.iter().enumerate() {
            let added = self.add_user(n, user);
            let id = user.id.map(|id| id.to_string());
            self.note_named(added, Kind::Account, &[Some(&user.username), id.as_deref()]);
        }
        for (n, user) in scenario.users.iter().enumerate() {
            let opened = self.say_who_opened(&format!("users[{n}].history.createdBy"), user);
            self.note(opened);
            let pod = user.pod.map_or(self.world.identity.id, PodId);
            let id = self.world.users.by_username(pod, &user.username).map(|user| user.id);
            let named = id.map_or(Ok(()), |id| self.name_delegates(n, user, id));
            self.note(named);
        }
        for (n, group) in scenario.groups.iter().enumerate() {
            let added = self.add_group(n, group);
            let id = group.id.map(|id| id.to_string());
            let names = [Some(&*group.name), id.as_deref(), group.profile_id.as_deref()];
            self.note_named(added, Kind::Account, &names);
        }
        for (n, app) in scenario.apps.iter().enumerate() {
            let added = self.add_app(n, app);
            self.note(added);
        }
        self.add_barriers(scenario);
        self.add_export_files(scenario);
        let connected = self.set_up_connect(scenario);
        self.note(connected);
        self.add_instruments(scenario);
        let configured = self.configure_sso(scenario);
        self.note(configured);
        self.add_streams(scenario);
        for (n, connection) in scenario.connections.iter().enumerate() {
            let added = self.add_connection(n, connection);
            self.note(added);
        }
        for (n, follow) in scenario.follows.iter().enumerate() {
            let added = self.add_follow(&format!("follows[{n}]"), follow);
            self.note(added);
        }
        for (n, signal) in scenario.signals.iter().enumerate() {
            let added = self.add_signal(n, signal);
            self.note(added);
        }
        self.add_dlp(scenario);
        for (n, entry) in scenario.audit_trail.iter().enumerate() {
            let entry = self.audit_entry(&format!("auditTrail[{n}]"), entry);
            let added = entry.map(|entry| self.world.audit.put(entry));
            self.note(added);
        }
        for (n, message) in scenario.messages.iter().enumerate() {
            let added = self.add_message(&format!("messages[{n}]"), message);
            let names = [message.key.as_deref(), message.id.as_deref()];
            self.note_named(added, Kind::Message, &names);
        }
        self.pin_messages(scenario);
        self.mistakes.unless_any(self.world)
    }

    fn add_foreign_pod(&mut self, at: &str, foreign: &ForeignPodSeed) -> Built<()> {
        let id = pod_id(at, foreign.id)?;
        let known = &mut self.world.identity.foreign_pods;
        let before = known.insert(id, foreign.company.clone());
        if id == self.world.identity.id || before.is_some() && self.change.is_none() {
            let problem = format!("there is a pod {} already", foreign.id);
            return Err(contradiction(at.to_owned(), problem));
        }
        Ok(())
    }

    fn audit_entry(&self, at: &str, seed: &AuditSeed) -> Built<AuditEntry> {
        seed.resolve(&self.world, self.now).map_err(|(field, problem)| {
            let at = format!("{at}.{field}");
            let named = match field {
                "initiator" => Some(&seed.initiator),
                _ => seed.affected.as_ref().filter(|_| field == "affected"),
            };
            match named {
                Some(user) => self.unknown(Kind::Account, user, at, problem),
                None => contradiction(at, problem),
            }
        })
    }

    /// What the pod is called and how it behaves, where there is one already.
    fn change_pod(&mut self) -> Built<()> {
        if self.change.and_then(|change| change.get("clock")).is_some() {
            let problem = "the pod's clock goes on: POST /_mock/clock/set moves it, a document that \
                           replaces the pod (PUT) may set it anew";
            return Err(contradiction("clock".into(), problem.into()));
        }
        let identity = &self.world.identity;
        let pod = self.changed("pod", None, super::export::pod(identity))?;
        if PodId(pod.id) != identity.id {
            let problem = format!("the pod is {} and stays so", identity.id.0);
            return Err(contradiction("pod.id".into(), problem));
        }
        self.world.settings = self.changed("settings", None, self.world.settings.clone())?;
        let identity = &mut self.world.identity;
        (identity.name, identity.company) = (pod.name, pod.company);
        (identity.agent_version, identity.pod_version) = (pod.agent_version, pod.version);
        Ok(())
    }

    fn configure_sso(&mut self, scenario: &Scenario) -> Built<()> {
        let Some(seed) = &scenario.sso else { return Ok(()) };
        let current = self.world.sso.clone().unwrap_or_default();
        let configuration = match self.change {
            Some(_) => self.changed("sso", None, current)?,
            None => seed.clone(),
        };
        configuration.check().map_err(|problem| contradiction("sso".into(), problem))?;
        self.world.sso = Some(configuration);
        Ok(())
    }

    /// What the document makes of what is there.
    fn changed<T: Serialize + DeserializeOwned>(
        &self,
        section: &str,
        n: Option<usize>,
        current: T,
    ) -> Built<T> {
        let change = self.change.and_then(|change| change.get(section));
        let change = n.map_or(change, |n| change.and_then(|change| change.get(n)));
        let Some(change) = change else { return Ok(current) };
        let at = n.map_or_else(|| section.to_owned(), |n| format!("{section}[{n}]"));
        let mut value = serde_json::to_value(current)
            .map_err(|error| contradiction(at.clone(), error.to_string()))?;
        overlay(&mut value, change);
        decode::value(value).map_err(|error| misread_at(&at, error))
    }

    fn add_app(&mut self, n: usize, seed: &AppSeed) -> Built<()> {
        let at = format!("apps[{n}]");
        let is_id = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        if seed.id.is_empty() || !seed.id.chars().all(is_id) {
            let problem = format!("{:?} is no app id: letters, digits, `_` and `-` only", seed.id);
            return Err(contradiction(format!("{at}.id"), problem));
        }
        let known = self.world.apps.by_id(&seed.id).filter(|_| self.change.is_some());
        if let Some(known) = known {
            let seed = self.changed("apps", Some(n), super::export::app(&self.world, known))?;
            let app = self.app(&at, &seed)?;
            if let Some(known) = self.world.apps.by_id_mut(&seed.id) {
                *known = app;
            }
            return Ok(());
        }
        let app = self.app(&at, seed)?;
        self.world.apps.insert(app).map_err(|app| {
            contradiction(format!("{at}.id"), format!("there is an app {:?} already", &*app.id))
        })
    }

    fn app(&self, at: &str, seed: &AppSeed) -> Built<App> {
        let for_users = |field: &str, users: &BTreeMap<String, bool>| -> Built<_> {
            let at = format!("{at}.{field}");
            all(users.iter().map(|(user, value)| Ok((self.member(&at, user)?, *value))))
        };
        let products = seed.products.iter().map(|(user, products)| {
            Ok((self.member(&format!("{at}.products"), user)?, products.clone()))
        });
        let mut mistakes = Mistakes::default();
        let keys = self.key_ring(at, seed.public_key.as_deref(), seed.keys.as_ref());
        let app = App {
            id: Arc::from(&*seed.id),
            name: seed.name.clone().unwrap_or_else(|| seed.id.clone()),
            enabled: seed.enabled,
            certificate_login: seed.certificate_login,
            keys: mistakes.note(keys).unwrap_or_default(),
            installed_for_all: seed.installed_for_all,
            installed: mistakes.note(for_users("installed", &seed.installed)).unwrap_or_default(),
            permissions: seed.permissions.clone(),
            manifest: seed.manifest.clone().unwrap_or_default(),
            store: StoreListing {
                listed_for_all: seed.listed_for_all,
                listed: mistakes.note(for_users("listed", &seed.listed)).unwrap_or_default(),
                products: mistakes.note(all(products)).unwrap_or_default(),
            },
        };
        mistakes.unless_any(app)
    }

    fn add_user(&mut self, n: usize, seed: &UserSeed) -> Built<()> {
        let at = format!("users[{n}]");
        if seed.username.trim().is_empty() {
            return Err(contradiction(format!("{at}.username"), "is empty".into()));
        }
        let pod = seed.pod.map_or(self.world.identity.id, PodId);
        let known = self.world.users.by_username(pod, &seed.username);
        if let Some(known) = known.filter(|_| self.change.is_some()) {
            let id = known.id;
            let seed = self.changed("users", Some(n), super::export::user(&self.world, known))?;
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
    fn say_who_opened(&mut self, at: &str, seed: &UserSeed) -> Built<()> {
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

    fn company(&self, pod: PodId) -> Option<&str> {
        let identity = &self.world.identity;
        match pod == identity.id {
            true => Some(&identity.company),
            false => identity.foreign_pods.get(&pod).map(String::as_str),
        }
    }

    fn key_ring(
        &self,
        at: &str,
        public_key: Option<&str>,
        keys: Option<&KeysSeed>,
    ) -> Built<KeyRing> {
        let read = |field: &str, pem: &str| {
            let key = PublicKey::from_pem(pem);
            key.map_err(|problem| contradiction(format!("{at}.{field}"), problem.to_string()))
        };
        let keys = match (public_key, keys) {
            (None, None) => return Ok(KeyRing::default()),
            (Some(pem), None) => return Ok(KeyRing::with(read("publicKey", pem)?)),
            (None, Some(keys)) => keys,
            (Some(_), Some(_)) => {
                let problem = "there is a publicKey too: say one of them".into();
                return Err(contradiction(format!("{at}.keys"), problem));
            }
        };
        let current = keys.current.as_deref().map(|pem| read("keys.current", pem)).transpose()?;
        let previous = match (&keys.previous, keys.previous_expires) {
            (Some(pem), Some(expires)) => {
                Some((read("keys.previous", pem)?, expires.resolve(self.now)))
            }
            (None, None) => None,
            _ => {
                let problem = "previous and previousExpires go together".into();
                return Err(contradiction(format!("{at}.keys"), problem));
            }
        };
        let used = keys.used.iter().map(|id| {
            let at = || format!("{at}.keys.used");
            id.parse().map_err(|_| contradiction(at(), format!("{id:?} is no id of a key")))
        });
        Ok(KeyRing::restored(current, previous, all(used)?))
    }

    fn add_connection(&mut self, n: usize, seed: &ConnectionSeed) -> Built<()> {
        let at = format!("connections[{n}]");
        let (from, to) =
            self.two((&format!("{at}.from"), &seed.from), (&format!("{at}.to"), &seed.to))?;
        if from.pod() == to.pod() {
            let problem = "both are of one pod, whose users are connected from the start".into();
            return Err(contradiction(at, problem));
        }
        let known = self.world.connections.of(from, to).filter(|_| self.change.is_some());
        let changed = known.map(|known| -> Built<_> {
            let current = super::export::connection(&self.world, known);
            let changed = self.changed("connections", Some(n), current.clone())?;
            // Whoever says what came of it and not when, means now.
            let updated = match changed.status == current.status {
                true => changed.updated,
                false => seed.updated,
            };
            Ok(ConnectionSeed { updated, ..changed })
        });
        let changed = changed.transpose()?;
        let seed = changed.as_ref().unwrap_or(seed);
        let moment = |moment: Option<SeedTime>| moment.map(|moment| moment.resolve(self.now));
        let updated_at = moment(seed.updated).unwrap_or(self.now);
        let first_at = moment(seed.first_asked).unwrap_or(updated_at);
        let count = seed.asked.unwrap_or(1);
        let request = ConnectionRequest { first_at, updated_at, count };
        let status = seed.status.into();
        self.world.connections.seed(SeededConnection { from, to, status, request });
        Ok(())
    }

    fn members(&self, at: &str, usernames: &[String]) -> Built<Vec<UserId>> {
        all(usernames.iter().map(|username| self.member(at, username)))
    }

    /// Both users, each with the place where he is named.
    fn two(&self, one: (&str, &str), other: (&str, &str)) -> Built<(UserId, UserId)> {
        let mut mistakes = Mistakes::default();
        let users = [one, other].map(|(at, name)| mistakes.note(self.member(at, name)));
        match users {
            [Some(one), Some(other)] => Ok((one, other)),
            _ => mistakes.unless_any((UserId::from_wire(0), UserId::from_wire(0))),
        }
    }

    /// The user called so: of the own pod if it has one, else of any other; or with this id.
    fn member(&self, at: &str, username: &str) -> Built<UserId> {
        let user = self.world.user_called(username);
        user.ok_or_else(|| {
            let problem = format!("there is no user {username:?}");
            self.unknown(Kind::Account, username, at.into(), problem)
        })
    }
}

fn misread_at(at: &str, error: decode::Error) -> ScenarioError {
    let (at, problem) = error.below(at);
    contradiction(at, problem)
}

/// Strict too: what the directory does not have is an error.
fn profile<T: Serialize + DeserializeOwned>(
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

fn avatar(at: &str, image: Option<&str>) -> Built<Option<Avatar>> {
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

fn pod_id(at: &str, id: u32) -> Built<PodId> {
    if (1..=PodId::MAX).contains(&id) {
        return Ok(PodId(id));
    }
    Err(contradiction(at.into(), format!("{id} is not between 1 and {}", PodId::MAX)))
}
