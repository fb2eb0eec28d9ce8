//! How a document becomes a world, or changes one.

mod apps;
mod barriers;
mod connect;
mod connections;
mod dlp;
mod export_files;
mod groups;
mod mistakes;
mod people;
mod streams;
mod users;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::document::{AuditSeed, ForeignPodSeed, KeysSeed, Scenario};
use super::merge::overlay;
use super::{ScenarioError, contradiction};
use crate::decode;
use crate::domain::{
    AuditEntry, Identity, KeyRing, MessageId, PodId, PublicKey, SeededRng, Timestamp, UserId, World,
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

fn pod_id(at: &str, id: u32) -> Built<PodId> {
    if (1..=PodId::MAX).contains(&id) {
        return Ok(PodId(id));
    }
    Err(contradiction(at.into(), format!("{id} is not between 1 and {}", PodId::MAX)))
}
