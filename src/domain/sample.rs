//! A small pod for the tests of the domain.

use super::users::AccountHistory;
use super::{
    AccountStatus, AccountType, Features, Identity, KeyRing, PodId, Profile, SeededRng, Settings,
    Timestamp, User, UserId, World,
};

/// When the tests of the domain begin.
pub const AT: Timestamp = Timestamp::from_millis(1_750_000_000_000);

/// A minute later.
pub const LATER: Timestamp = Timestamp::from_millis(1_750_000_060_000);

/// The service user `bot` and the people `alice` and `bob` of pod 1, and `carol` of pod 2.
pub struct Sample {
    pub world: World,
    pub bot: UserId,
    pub alice: UserId,
    pub bob: UserId,
    pub carol: UserId,
}

impl Sample {
    pub fn new() -> Self {
        let identity = Identity {
            id: PodId(1),
            name: "Sample Pod".into(),
            company: "Sample Company".into(),
            agent_version: "Agent-24.8.0-1-Linux-mock".into(),
            pod_version: "25.8.1".into(),
            foreign_pods: Default::default(),
        };
        let mut world = World::new(identity, Settings::default(), SeededRng::from_seed(1));
        let mut add = |pod, number, username: &str, account_type| {
            let user = user(UserId::new(PodId(pod), number), username, account_type);
            let id = user.id;
            world.users.insert(user).expect("names and ids differ");
            id
        };
        let bot = add(1, 1, "bot", AccountType::System);
        let alice = add(1, 2, "alice", AccountType::Normal);
        let bob = add(1, 3, "bob", AccountType::Normal);
        let carol = add(2, 1, "carol", AccountType::Normal);
        Self { world, bot, alice, bob, carol }
    }
}

/// A user with nothing special about him.
pub fn user(id: UserId, username: &str, account_type: AccountType) -> User {
    User {
        id,
        username: username.into(),
        account_type,
        status: AccountStatus::Enabled,
        display_name: username.to_uppercase(),
        first_name: None,
        last_name: None,
        email: Some(format!("{username}@sample.example")),
        company: "Sample Company".into(),
        title: None,
        department: None,
        location: None,
        roles: vec!["INDIVIDUAL".into()],
        features: Features::default(),
        certificate_login: true,
        keys: KeyRing::default(),
        suspension: None,
        profile: Profile::default(),
        avatar: None,
        delegates: Vec::new(),
        disclaimer: None,
        manifest: None,
        history: AccountHistory::default(),
    }
}
