//! The seed document: a pod described in YAML or JSON, and how it becomes a [`World`].

mod document;

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::Arc;

pub use document::{AppSeed, ForeignPodSeed, PodSeed, RoomSeed, Scenario, UserSeed};

use crate::domain::{
    AccountHistory, AccountStatus, App, Chance, Feature, Features, Identity, KeyRing, Manifest,
    PodId, Profile, PublicKey, RoomRequest, StoreListing, Timestamp, User, UserId, World,
};

/// The pod that starts when nobody says otherwise.
const DEFAULT: &str = include_str!("../../fixtures/scenarios/default.yaml");

/// A seed that cannot be used: what is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScenarioError {
    /// It is not YAML or JSON of the right form; the text has line and column.
    #[error("{0}")]
    Syntax(String),
    /// It reads well and contradicts itself.
    #[error("{at}: {problem}")]
    Contradiction {
        /// The place, as a path into the document: `users[2].username`.
        at: String,
        problem: String,
    },
}

impl Scenario {
    /// The pod of the embedded default: `bot`, `bot2`, `app`, `alice`, `bob`, `carol`, `Test Room`.
    pub fn embedded() -> Self {
        Self::parse(DEFAULT).expect("the embedded scenario is checked by a test")
    }

    /// Reads a document in YAML, or in JSON, which is YAML too. Strict: an unknown field is an
    /// error, with line and column.
    pub fn parse(text: &str) -> Result<Self, ScenarioError> {
        serde_saphyr::from_str(text).map_err(|error| ScenarioError::Syntax(error.to_string()))
    }

    /// JSON Schema (draft 2020-12) of the document, for editors.
    pub fn json_schema() -> serde_json::Value {
        schemars::schema_for!(Self).into()
    }

    /// Says whether a pod can be built from the document.
    pub fn check(&self) -> Result<(), ScenarioError> {
        self.build(0, Timestamp::from_millis(0)).map(drop)
    }

    /// Builds the pod that the document describes, as one that begins at `now`.
    pub(crate) fn build(&self, seed: u64, now: Timestamp) -> Result<World, ScenarioError> {
        self.settings.validate().map_err(|problem| contradiction("settings".into(), problem))?;
        Builder::new(self, Chance::from_seed(seed), now)?.build(self)
    }
}

struct Builder {
    world: World,
    now: Timestamp,
    /// The own pod and the foreign ones: their companies, and how many users each has so far.
    pods: HashMap<PodId, Pod>,
}

struct Pod {
    company: String,
    users: u64,
}

impl Builder {
    fn new(scenario: &Scenario, chance: Chance, now: Timestamp) -> Result<Self, ScenarioError> {
        let own = &scenario.pod;
        let id = pod_id("pod.id", own.id)?;
        let identity = Identity {
            id,
            name: own.name.clone(),
            company: own.company.clone(),
            agent_version: own.agent_version.clone(),
            pod_version: own.version.clone(),
        };
        let mut pods = HashMap::from([(id, Pod { company: own.company.clone(), users: 0 })]);
        for (n, foreign) in scenario.foreign_pods.iter().enumerate() {
            let at = format!("foreignPods[{n}].id");
            let pod = Pod { company: foreign.company.clone(), users: 0 };
            if pods.insert(pod_id(&at, foreign.id)?, pod).is_some() {
                return Err(contradiction(at, format!("there is a pod {} already", foreign.id)));
            }
        }
        Ok(Self { world: World::new(identity, scenario.settings.clone(), chance), now, pods })
    }

    fn build(mut self, scenario: &Scenario) -> Result<World, ScenarioError> {
        for (n, app) in scenario.apps.iter().enumerate() {
            self.add_app(&format!("apps[{n}]"), app)?;
        }
        for (n, user) in scenario.users.iter().enumerate() {
            self.add_user(&format!("users[{n}]"), user)?;
        }
        for (n, room) in scenario.rooms.iter().enumerate() {
            self.add_room(&format!("rooms[{n}]"), room)?;
        }
        Ok(self.world)
    }

    fn add_app(&mut self, at: &str, seed: &AppSeed) -> Result<(), ScenarioError> {
        let is_id = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        if seed.id.is_empty() || !seed.id.chars().all(is_id) {
            let problem = format!("{:?} is no app id: letters, digits, `_` and `-` only", seed.id);
            return Err(contradiction(format!("{at}.id"), problem));
        }
        let app = App {
            id: Arc::from(&*seed.id),
            name: seed.name.clone().unwrap_or_else(|| seed.id.clone()),
            enabled: seed.enabled,
            certificate_login: seed.certificate_login,
            keys: key_ring(&format!("{at}.publicKey"), seed.public_key.as_deref())?,
            installed_for_all: seed.installed_for_all,
            installed: BTreeMap::new(),
            permissions: seed.permissions.clone(),
            manifest: Manifest::default(),
            store: StoreListing { listed_for_all: true, ..StoreListing::default() },
        };
        self.world.apps.insert(app).map_err(|app| {
            contradiction(format!("{at}.id"), format!("there is an app {:?} already", &*app.id))
        })
    }

    fn add_user(&mut self, at: &str, seed: &UserSeed) -> Result<(), ScenarioError> {
        if seed.username.trim().is_empty() {
            return Err(contradiction(format!("{at}.username"), "is empty".into()));
        }
        let pod_id = seed.pod.map_or(self.world.identity.id, PodId);
        let Some(pod) = self.pods.get_mut(&pod_id) else {
            let problem = format!("there is no pod {}; declare it under foreignPods", pod_id.0);
            return Err(contradiction(format!("{at}.pod"), problem));
        };
        pod.users += 1;
        let id = match seed.id {
            None => UserId::new(pod_id, pod.users),
            Some(id) if UserId::from_wire(id).pod() == pod_id => UserId::from_wire(id),
            Some(id) => {
                let (of, first) = (UserId::from_wire(id).pod().0, UserId::new(pod_id, 1));
                let problem =
                    format!("{id} belongs to pod {of}; ids of pod {} begin at {first}", pod_id.0);
                return Err(contradiction(format!("{at}.id"), problem));
            }
        };
        let mut features = Features::default();
        for (name, &on) in &seed.features {
            let at = format!("{at}.features");
            let feature = Feature::from_wire(name).map_err(|no| contradiction(at, no.why()))?;
            features.set(feature, on);
        }
        let user = User {
            id,
            username: seed.username.clone(),
            account_type: seed.account_type,
            status: if seed.enabled { AccountStatus::Enabled } else { AccountStatus::Disabled },
            display_name: seed.display_name(),
            first_name: seed.first_name.clone(),
            last_name: seed.last_name.clone(),
            email: seed.email.clone(),
            company: seed.company.clone().unwrap_or_else(|| pod.company.clone()),
            title: seed.title.clone(),
            department: seed.department.clone(),
            location: seed.location.clone(),
            roles: seed.roles.clone().unwrap_or_else(|| vec!["INDIVIDUAL".into()]),
            features,
            certificate_login: seed.certificate_login,
            keys: key_ring(&format!("{at}.publicKey"), seed.public_key.as_deref())?,
            suspension: None,
            profile: Profile::default(),
            history: AccountHistory::default(),
        };
        self.world.users.insert(user).map_err(|user| {
            let problem = format!(
                "pod {} has the user {:?} or the id {} already",
                pod_id.0, user.username, user.id
            );
            contradiction(format!("{at}.username"), problem)
        })
    }

    fn add_room(&mut self, at: &str, seed: &RoomSeed) -> Result<(), ScenarioError> {
        let member =
            |field: &str, username: &String| self.member(&format!("{at}.{field}"), username);
        let owners: Vec<_> =
            seed.owners.iter().map(|name| member("owners", name)).collect::<Result<_, _>>()?;
        let Some((&creator, other_owners)) = owners.split_first() else {
            return Err(contradiction(format!("{at}.owners"), "a room has an owner".into()));
        };
        let mut others: Vec<_> = other_owners.iter().map(|owner| (*owner, true)).collect();
        for name in &seed.members {
            others.push((member("members", name)?, false));
        }
        let own = self.world.identity.id;
        let foreign = others.iter().any(|(user, _)| user.pod() != own) || creator.pod() != own;
        let wish = RoomRequest {
            name: Some(seed.name.clone()),
            description: seed.description.clone(),
            cross_pod: Some(foreign),
            ..RoomRequest::default()
        };
        let made = self.world.create_room(creator, &wish, &others, self.now);
        made.map(drop).map_err(|refusal| contradiction(at.to_owned(), refusal.why()))
    }

    /// The user called so: of the own pod if it has one, else of any other.
    fn member(&self, at: &str, username: &str) -> Result<UserId, ScenarioError> {
        let users = &self.world.users;
        let own = users.by_username(self.world.identity.id, username);
        own.or_else(|| users.iter().find(|user| user.username == username))
            .map(|user| user.id)
            .ok_or_else(|| contradiction(at.into(), format!("there is no user {username:?}")))
    }
}

fn pod_id(at: &str, id: u32) -> Result<PodId, ScenarioError> {
    if (1..=PodId::MAX).contains(&id) {
        return Ok(PodId(id));
    }
    Err(contradiction(at.into(), format!("{id} is not between 1 and {}", PodId::MAX)))
}

fn key_ring(at: &str, pem: Option<&str>) -> Result<KeyRing, ScenarioError> {
    let Some(pem) = pem else {
        return Ok(KeyRing::default());
    };
    let key = PublicKey::from_pem(pem);
    key.map(KeyRing::with).map_err(|problem| contradiction(at.into(), problem.to_string()))
}

fn contradiction(at: String, problem: String) -> ScenarioError {
    ScenarioError::Contradiction { at, problem }
}

impl fmt::Display for Scenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} ({} users, {} apps, {} rooms)",
            self.pod.name,
            self.users.len(),
            self.apps.len(),
            self.rooms.len()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_scenario_is_the_pod_the_readme_promises() {
        let world = Scenario::embedded().build(1, Timestamp::from_millis(0)).unwrap();
        let own = world.identity.id;
        for bot in ["bot", "bot2"] {
            assert!(world.users.by_username(own, bot).unwrap().is_service_user());
        }
        for person in ["alice", "bob"] {
            assert!(!world.users.by_username(own, person).unwrap().is_service_user());
        }
        let carol = world.users.iter().find(|user| user.username == "carol").unwrap();
        assert_ne!(carol.id.pod(), own);
        assert!(world.apps.by_id("app").unwrap().installed_for_all);
        let room = world.streams.room_called("test room").unwrap();
        let members: Vec<_> = room.members().collect();
        assert!(members.len() == 3 && members[0].owner && !members[1].owner);
    }

    #[test]
    fn errors_of_form_have_line_and_column() {
        let error = Scenario::parse("pod:\n  name: A\n  nmae: B\n").unwrap_err().to_string();
        assert!(error.contains("line 3") && error.contains("nmae"), "{error}");
        let error = Scenario::parse("{\"users\": [{\"username\": 7x}]").unwrap_err().to_string();
        assert!(error.contains("line 1"), "{error}");
    }

    #[test]
    fn contradictions_name_their_place() {
        let problem = |text| {
            Scenario::parse(text)
                .unwrap()
                .build(1, Timestamp::from_millis(0))
                .err()
                .unwrap()
                .to_string()
        };
        assert!(problem("users: [{username: a}, {username: a}]").starts_with("users[1].username"));
        assert!(problem("users: [{username: a, pod: 9}]").starts_with("users[0].pod"));
        assert!(problem("users: [{username: a, id: 5}]").starts_with("users[0].id"));
        assert!(problem("apps: [{id: 'a:b'}]").starts_with("apps[0].id"));
        assert!(problem("rooms: [{name: R, owners: [x]}]").starts_with("rooms[0].owners"));
        let twice =
            "users: [{username: a}]\nrooms: [{name: R, owners: [a]}, {name: r, owners: [a]}]";
        assert!(problem(twice).starts_with("rooms[1]"));
        assert!(problem("pod: {id: 0}").starts_with("pod.id"));
        assert!(problem("settings: {sessionLifetime: 5m}").contains("settings.sessionLifetime"));
    }
}
