//! The seed document: a pod described in YAML or JSON, and how it becomes a [`World`].

mod audit;
mod build;
mod dlp;
mod document;
mod export;
#[cfg(test)]
pub(crate) mod generated_files;
mod merge;
mod seed_time;
mod shorthand;
mod yaml;

use std::fmt;

use build::Builder;
pub(crate) use build::seeded_file;
pub use dlp::{
    DlpDictionarySeed, DlpFileClassifierSeed, DlpFileExtensionSeed, DlpFilePasswordSeed,
    DlpPolicyPartSeed, DlpPolicySeed, DlpRuleSeed, DlpTextMatchSeed,
};
pub use document::{
    AppSeed, AttachmentSeed, AuditSeed, ClockSeed, ConnectionSeed, ConnectionState,
    ConversationSeed, DisclaimerSeed, FollowSeed, ForeignPodSeed, GroupSeed, HistorySeed, KeysSeed,
    KeywordSeed, MessageSeed, OriginSeed, PodSeed, ReceiptSeed, RoomGroupSeed, RoomSeed, Scenario,
    SignalSeed, SuspensionSeed, UserSeed,
};
pub use merge::Document;
pub use seed_time::SeedTime;
pub use shorthand::{MemberSeed, StreamSeed, SubscriberSeed};
pub use yaml::to_yaml;

use crate::decode;
use crate::domain::{SeededRng, Timestamp, World};

/// The pod that starts when nobody says otherwise: `fixtures/scenarios/default.yaml`, as JSON. Reading
/// the YAML took a fifth of a start.
const DEFAULT: &str = include_str!("../../fixtures/default-scenario.json");

/// Made by a test, which says when the file no longer is what it makes.
const SCHEMA: &str = include_str!("../../fixtures/scenario.schema.json");

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
    /// Which of several files it is in.
    #[error("{file}: {error}")]
    InFile { file: String, error: Box<ScenarioError> },
    /// All of several mistakes, each on a line of its own.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Several(Vec<ScenarioError>),
}

impl ScenarioError {
    /// One error for all of them.
    fn all(mut errors: Vec<Self>) -> Self {
        match errors.len() {
            1 => errors.remove(0),
            _ => Self::Several(errors),
        }
    }

    /// The mistakes one by one.
    pub fn each(self) -> Vec<Self> {
        match self {
            Self::Several(errors) => errors.into_iter().flat_map(Self::each).collect(),
            other => vec![other],
        }
    }
}

impl Scenario {
    /// The pod of the embedded default: `bot`, `bot2`, `app`, `alice`, `bob`, `carol`, `Test Room`.
    pub fn embedded() -> Self {
        let tree =
            serde_json::from_str(DEFAULT).expect("the embedded scenario is checked by a test");
        decode::value(tree).expect("the embedded scenario is checked by a test")
    }

    /// Reads a document in YAML, or in JSON, which is YAML too. Strict: an unknown field is an
    /// error, with line and column. All mistakes are told at once.
    ///
    /// ```
    /// use symphony_mock_pod::{MockPod, Scenario};
    ///
    /// let scenario = Scenario::parse(
    ///     "
    ///     users:
    ///       - username: weather-bot
    ///         accountType: SYSTEM
    ///       - username: dora
    ///     rooms:
    ///       - name: Harbour
    ///         owners: [dora]
    ///         members: [weather-bot]
    ///     ",
    /// )?;
    /// scenario.check()?;
    /// let pod = MockPod::builder().scenario(scenario);
    ///
    /// let error = Scenario::parse("rooms:\n  - nam: Harbour").unwrap_err();
    /// assert!(error.to_string().starts_with("line 2 column 5: rooms[0].nam: "), "{error}");
    /// # Ok::<_, symphony_mock_pod::ScenarioError>(())
    /// ```
    pub fn parse(text: &str) -> Result<Self, ScenarioError> {
        let partial = decode::partial(text);
        match partial.read {
            Some(read) if partial.mistakes.is_empty() => Ok(read),
            _ => Err(misread(text, &partial.mistakes)),
        }
    }

    /// JSON Schema (draft 2020-12) of the document, for editors.
    pub fn json_schema() -> serde_json::Value {
        serde_json::from_str(SCHEMA).expect("the schema is checked by a test")
    }

    /// Says whether a pod can be built from the document, and all that is against it.
    pub fn check(&self) -> Result<(), ScenarioError> {
        self.build(0, Timestamp::from_millis(0)).map(drop)
    }

    /// Builds the pod that the document describes, as one that begins at `now`.
    pub(crate) fn build(&self, seed: u64, now: Timestamp) -> Result<World, ScenarioError> {
        Builder::found(self, SeededRng::from_seed(seed), now).build(self)
    }

    /// Says what contradicts what in a document of which parts were lost because they could not be
    /// read: nobody is missed who may have been in them.
    fn check_rest(&self) -> Result<(), ScenarioError> {
        let builder = Builder::found(self, SeededRng::from_seed(0), Timestamp::from_millis(0));
        match builder.missing_names().build(self) {
            Err(ScenarioError::Several(none)) if none.is_empty() => Ok(()),
            built => built.map(drop),
        }
    }

    /// What a world is, as a document from which another like it can be built.
    pub(crate) fn of(world: &World) -> Self {
        export::scenario(world)
    }
}

impl Document {
    /// What becomes of a world when the document is added to it: who and what is not there comes,
    /// of what is there the fields that are set change. Users and streams keep their ids.
    ///
    /// Messages without a time are sent now, and heard by those who listen. Of everything else
    /// nobody hears.
    pub(crate) fn add_to(&self, world: &World, now: Timestamp) -> Result<World, ScenarioError> {
        let mut world = Builder::change(world.clone(), &self.set, now).build(&self.scenario)?;
        world.seed_accounts(now);
        Ok(world)
    }
}

/// Says what is wrong with a document, and shows where.
fn misread(text: &str, mistakes: &[decode::Error]) -> ScenarioError {
    let errors = mistakes.iter().map(|error| ScenarioError::Syntax(error.shown(text)));
    ScenarioError::all(errors.collect())
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

    const DEFAULT_FILE: &str = "fixtures/default-scenario.json";

    const WRITTEN: &str = include_str!("../../fixtures/scenarios/default.yaml");

    fn written() -> serde_json::Value {
        decode::document(WRITTEN, &decode::Skips::default()).unwrap()
    }

    #[test]
    fn the_embedded_scenario_is_the_one_to_copy() {
        generated_files::check(DEFAULT_FILE, DEFAULT, &written());
        let told = |scenario: &Scenario| serde_json::to_value(scenario).unwrap();
        assert_eq!(told(&Scenario::embedded()), told(&Scenario::parse(WRITTEN).unwrap()));
    }

    #[test]
    #[ignore = "writes the file"]
    fn write_the_embedded_scenario() {
        generated_files::write(DEFAULT_FILE, &written());
    }

    const SCHEMA_FILE: &str = "fixtures/scenario.schema.json";

    /// With the address by which other schemas may refer to it.
    fn schema() -> serde_json::Value {
        let mut schema = schemars::schema_for!(Scenario);
        let id = concat!(env!("CARGO_PKG_REPOSITORY"), "/fixtures/scenario.schema.json");
        schema.insert("$id".to_owned(), id.into());
        schema.into()
    }

    #[test]
    fn the_schema_is_what_the_types_say() {
        generated_files::check(SCHEMA_FILE, SCHEMA, &schema());
        assert_eq!(Scenario::json_schema(), schema());
    }

    #[test]
    #[ignore = "writes the file"]
    fn write_the_schema() {
        generated_files::write(SCHEMA_FILE, &schema());
    }

    #[test]
    fn every_property_of_the_schema_is_described() {
        fn described(schema: &serde_json::Value, at: &str) -> usize {
            let properties = schema.get("properties").and_then(|it| it.as_object());
            let own = properties.into_iter().flatten().map(|(name, property)| {
                let has = property.get("description").is_some();
                assert!(has, "{at}.{name} has no description");
                1 + described(property, &format!("{at}.{name}"))
            });
            let of = |part: &serde_json::Value| described(part, at);
            let choices = schema.get("anyOf").and_then(|it| it.as_array()).into_iter().flatten();
            own.sum::<usize>() + choices.map(of).sum::<usize>()
        }
        let schema = schema();
        let parts = schema["$defs"].as_object().unwrap().iter();
        let parts = parts.map(|(name, part)| described(part, name)).sum::<usize>();
        assert!(described(&schema, "Scenario") + parts > 200);
    }

    #[test]
    fn errors_of_form_have_line_and_column() {
        let error = Scenario::parse("pod:\n  name: A\n  nmae: B\n").unwrap_err().to_string();
        assert!(error.contains("line 3") && error.contains("nmae"), "{error}");
        let text = "rooms:\n  - name: R\n    members:\n      - a\n      - {user: b, joind: -4s}\n";
        let error = Scenario::parse(text).unwrap_err().to_string();
        assert!(error.starts_with("line 5 column 19: rooms[0].members[1].joind: "), "{error}");
        assert!(
            error.contains("unknown field `joind`, expected one of `user`, `joined`"),
            "{error}"
        );
        let text = "messages: [{from: a, message: b, stream: {c: d}}]";
        let error = Scenario::parse(text).unwrap_err().to_string();
        assert!(error.starts_with("line 1 column 42: messages[0].stream: "), "{error}");
        assert!(error.contains("expected a room's name, a stream's id"), "{error}");
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
        let twice = "users: [{username: a}]\nrooms: [{name: R, public: true, owners: [a]}, {name: r, public: true, owners: [a]}]";
        assert!(problem(twice).starts_with("rooms[1]"));
        assert!(problem("pod: {id: 0}").starts_with("pod.id"));
        let role = problem("users: [{username: a, roles: [INDIVIDUAL, USER_PROVISIONNING]}]");
        assert!(role.starts_with("users[0].roles[1]: ") && role.contains("USER_PROVISIONING"));
        let role = problem("users: [{username: a, roles: [USER_PROVISIONING]}]");
        assert!(role.contains("is not for accounts of type NORMAL"), "{role}");
        assert!(problem("settings: {sessionLifetime: 5m}").contains("settings.sessionLifetime"));
    }

    #[test]
    fn all_contradictions_are_told_at_once() {
        let text = "
pod: { id: 5 }
settings: { sessionLifetime: 5m, datafeedBatch: 0 }
foreignPods: [{ id: 5, company: A }, { id: 6, company: B }, { id: 6, company: C }]
users:
  - { username: a, roles: [NONE, INDIVIDUAL, NEITHER], features: { flies: true } }
  - { username: b }
  - { username: b }
  - { username: c, pod: 9 }
  - { username: d }
groups: [{ name: G, members: [x, b, b] }]
apps: [{ id: 'a:b' }, { id: c, installed: { y: true, z: true } }]
rooms:
  - { name: R, owners: [a], members: [v, w] }
  - { name: S, owners: [b], groups: [{ group: H }] }
conversations: [{ members: [b, u], pinned: m }]
connections: [{ from: s, to: t, status: PENDING }]
follows: [{ follower: q, followed: r }]
messages:
  - { from: a, stream: r, message: to a room that was not made }
  - { from: b, stream: Nowhere, message: hello, key: m }
  - { from: b, stream: [b, d], message: hello, replyTo: n }
";
        let error = Scenario::parse(text).unwrap().check().unwrap_err();
        let told: Vec<_> = error.each().iter().map(ToString::to_string).collect();
        let places: Vec<_> =
            told.iter().map(|told| told.split_once(": ").unwrap().0.to_owned()).collect();
        assert_eq!(
            places,
            [
                "settings",
                "settings",
                "foreignPods[0].id",
                "foreignPods[2].id",
                "users[0].roles[0]",
                "users[0].roles[2]",
                "users[0].features",
                "users[2].username",
                "users[3].pod",
                "groups[0].members",
                "groups[0].members",
                "apps[0].id",
                "apps[1].installed",
                "apps[1].installed",
                "rooms[0].members",
                "rooms[0].members",
                "rooms[1].groups[0].group",
                "conversations[0].members",
                "connections[0].from",
                "connections[0].to",
                "follows[0].follower",
                "follows[0].followed",
                "messages[1].stream",
                "messages[2].replyTo",
            ],
            "{told:#?}"
        );
    }
}
