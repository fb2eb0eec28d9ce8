//! How a document becomes a world, or changes one.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::document::{
    AppSeed, AttachmentSeed, ConnectionSeed, ConversationSeed, KeysSeed, MessageSeed, RoomSeed,
    Scenario, UserSeed,
};
use super::merge::overlay;
use super::{Moment, ScenarioError, StreamSeed, contradiction};
use crate::domain::{
    AccountHistory, AccountStatus, App, Chance, ConnectionRequest, Feature, Features, FileId,
    FoundedConnection, FoundedFile, FoundedMessage, FoundedStream, Identity, KeyRing, Member,
    MessageId, PodId, Profile, PublicKey, Receipt, Relationship, RoomRequest, Source, StoreListing,
    StreamId, Suspension, SuspensionEnd, Timestamp, Upload, User, UserId, World, as_message_ml,
};
use crate::reading::{self, Misread};

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
}

type Built<T> = Result<T, ScenarioError>;

impl<'a> Builder<'a> {
    /// For a new world.
    pub fn found(scenario: &Scenario, chance: Chance, now: Timestamp) -> Built<Self> {
        let own = &scenario.pod;
        let identity = Identity {
            id: pod_id("pod.id", own.id)?,
            name: own.name.clone(),
            company: own.company.clone(),
            agent_version: own.agent_version.clone(),
            pod_version: own.version.clone(),
            foreign_pods: BTreeMap::new(),
        };
        let world = World::new(identity, scenario.settings.clone(), chance);
        Ok(Self::of(world, None, now))
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
        }
    }

    pub fn build(mut self, scenario: &Scenario) -> Built<World> {
        if self.change.is_some() {
            self.change_pod()?;
        }
        let settings = self.world.settings.validate();
        settings.map_err(|problem| contradiction("settings".into(), problem))?;
        for (n, foreign) in scenario.foreign_pods.iter().enumerate() {
            let at = format!("foreignPods[{n}].id");
            let id = pod_id(&at, foreign.id)?;
            let known = &mut self.world.identity.foreign_pods;
            let before = known.insert(id, foreign.company.clone());
            if id == self.world.identity.id || before.is_some() && self.change.is_none() {
                return Err(contradiction(at, format!("there is a pod {} already", foreign.id)));
            }
        }
        self.given =
            scenario.users.iter().filter_map(|user| user.id).map(UserId::from_wire).collect();
        for (n, user) in scenario.users.iter().enumerate() {
            self.add_user(n, user)?;
        }
        for (n, user) in scenario.users.iter().enumerate() {
            self.say_who_opened(&format!("users[{n}].history.createdBy"), user)?;
        }
        for (n, app) in scenario.apps.iter().enumerate() {
            self.add_app(n, app)?;
        }
        self.add_streams(scenario)?;
        for (n, connection) in scenario.connections.iter().enumerate() {
            self.add_connection(&format!("connections[{n}]"), connection)?;
        }
        for (n, message) in scenario.messages.iter().enumerate() {
            self.add_message(&format!("messages[{n}]"), message)?;
        }
        for (n, room) in scenario.rooms.iter().enumerate() {
            let stream = self.world.streams.room_called(&room.name).map(|room| room.id);
            self.pin(&format!("rooms[{n}].pinned"), stream, room.pinned.as_deref())?;
        }
        for (n, conversation) in scenario.conversations.iter().enumerate() {
            let at = format!("conversations[{n}]");
            let members = self.members(&format!("{at}.members"), &conversation.members)?;
            let members: Vec<_> =
                members.into_iter().collect::<BTreeSet<_>>().into_iter().collect();
            let stream = self.world.streams.conversation(&members).map(|stream| stream.id);
            self.pin(&format!("{at}.pinned"), stream, conversation.pinned.as_deref())?;
        }
        Ok(self.world)
    }

    /// What the pod is called and how it behaves, where there is one already.
    fn change_pod(&mut self) -> Built<()> {
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
        reading::value(value).map_err(|error| misread_at(&at, error))
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
            users.iter().map(|(user, value)| Ok((self.member(&at, user)?, *value))).collect()
        };
        let products = seed.products.iter().map(|(user, products)| {
            Ok((self.member(&format!("{at}.products"), user)?, products.clone()))
        });
        Ok(App {
            id: Arc::from(&*seed.id),
            name: seed.name.clone().unwrap_or_else(|| seed.id.clone()),
            enabled: seed.enabled,
            certificate_login: seed.certificate_login,
            keys: self.key_ring(at, seed.public_key.as_deref(), seed.keys.as_ref())?,
            installed_for_all: seed.installed_for_all,
            installed: for_users("installed", &seed.installed)?,
            permissions: seed.permissions.clone(),
            manifest: seed.manifest.clone().unwrap_or_default(),
            store: StoreListing {
                listed_for_all: seed.listed_for_all,
                listed: for_users("listed", &seed.listed)?,
                products: products.collect::<Built<_>>()?,
            },
        })
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
            return Err(contradiction(format!("{at}.pod"), problem));
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
            return Err(contradiction(format!("{at}.id"), problem));
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
        let moment = |moment: Option<Moment>| moment.map(|moment| moment.resolve(self.now));
        let history = &seed.history;
        Ok(User {
            id,
            username: seed.username.clone(),
            account_type: seed.account_type,
            status: if seed.enabled { AccountStatus::Enabled } else { AccountStatus::Disabled },
            display_name: seed.display_name(),
            first_name: seed.first_name.clone(),
            last_name: seed.last_name.clone(),
            email: seed.email.clone(),
            company: seed.company.as_deref().or(self.company(id.pod())).unwrap_or_default().into(),
            title: seed.title.clone(),
            department: seed.department.clone(),
            location: seed.location.clone(),
            roles: seed.roles.clone().unwrap_or_else(|| vec!["INDIVIDUAL".into()]),
            features: features(&format!("{at}.features"), seed)?,
            certificate_login: seed.certificate_login,
            keys: self.key_ring(at, seed.public_key.as_deref(), seed.keys.as_ref())?,
            suspension: seed.suspension.as_ref().map(|suspension| Suspension {
                until: suspension.until.map(SuspensionEnd),
                reason: suspension.reason.clone(),
            }),
            profile: profile(&format!("{at}.profile"), seed)?,
            history: AccountHistory {
                created: moment(history.created),
                created_by: None,
                updated: moment(history.updated),
                last_login: moment(history.last_login),
                deactivated: moment(history.deactivated),
            },
        })
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
            self.world.presences.found(id, category, since);
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
        Ok(KeyRing::restored(current, previous, used.collect::<Built<_>>()?))
    }

    /// Rooms and conversations in the order of their creation.
    fn add_streams(&mut self, scenario: &Scenario) -> Built<()> {
        enum Seed<'s> {
            Room(usize, &'s RoomSeed),
            Conversation(usize, &'s ConversationSeed),
        }
        let mut seeds: Vec<_> = Vec::new();
        for (n, room) in scenario.rooms.iter().enumerate() {
            seeds.push((room.created, Seed::Room(n, room)));
        }
        for (n, conversation) in scenario.conversations.iter().enumerate() {
            seeds.push((conversation.created, Seed::Conversation(n, conversation)));
        }
        seeds.sort_by_key(|(created, _)| created.map_or(self.now, |it| it.resolve(self.now)));
        for (_, seed) in seeds {
            match seed {
                Seed::Room(n, room) => self.add_room(n, room)?,
                Seed::Conversation(n, conversation) => {
                    self.add_conversation(&format!("conversations[{n}]"), conversation)?;
                }
            }
        }
        Ok(())
    }

    fn add_room(&mut self, n: usize, seed: &RoomSeed) -> Built<()> {
        let at = format!("rooms[{n}]");
        let known = self.world.streams.room_called(&seed.name);
        if let Some(known) = known.filter(|_| self.change.is_some()) {
            return self.change_room(n, seed, known.id);
        }
        let created = seed.created.map_or(self.now, |created| created.resolve(self.now));
        let members = self.room_members(&at, seed, created)?;
        let past_members = seed.past_members.iter().map(|member| {
            let user = self.member(&format!("{at}.pastMembers"), member.user())?;
            let joined = member.joined().map_or(created, |joined| joined.resolve(self.now));
            Ok(Member { user, owner: false, joined })
        });
        let past_members = past_members.collect::<Built<Vec<_>>>()?;
        let creator = match (&seed.creator, members.iter().find(|member| member.owner)) {
            (Some(creator), _) => self.member(&format!("{at}.creator"), creator)?,
            (None, Some(owner)) => owner.user,
            (None, None) => {
                return Err(contradiction(format!("{at}.owners"), "a room has an owner".into()));
            }
        };
        let id = stream_id(&at, seed.id.as_deref())?;
        let wish = room_request(seed, self.reaches_out(&members, creator));
        let modified = seed.modified.map(|modified| modified.resolve(self.now));
        let active = seed.active;
        let stream =
            FoundedStream { id, creator, created, active, members, past_members, modified };
        let made = self.world.found_room(&wish, stream);
        made.map(drop).map_err(|refusal| contradiction(at, refusal.why()))
    }

    /// Attributes that the document sets are set, and members it names are let in.
    fn change_room(&mut self, n: usize, seed: &RoomSeed, id: StreamId) -> Built<()> {
        let at = format!("rooms[{n}]");
        let members = self.room_members(&at, seed, self.now)?;
        let Some(current) = self.world.streams.by_id(id) else { return Ok(()) };
        let current = super::export::room(&self.world, current);
        let changed = self.changed("rooms", Some(n), current)?;
        let wish = room_request(&changed, false);
        let made = self.world.refound_room(id, &wish, &members);
        made.map_err(|refusal| contradiction(at, refusal.why()))?;
        if let Some(stream) = self.world.streams.by_id_mut(id) {
            stream.active = changed.active;
        }
        Ok(())
    }

    /// Owners and members in the order in which they joined.
    fn room_members(&self, at: &str, seed: &RoomSeed, created: Timestamp) -> Built<Vec<Member>> {
        let mut members = Vec::new();
        for (field, seeds, owner) in
            [("owners", &seed.owners, true), ("members", &seed.members, false)]
        {
            for seed in seeds {
                let user = self.member(&format!("{at}.{field}"), seed.user())?;
                let joined = seed.joined().map_or(created, |joined| joined.resolve(self.now));
                members.push(Member { user, owner, joined });
            }
        }
        members.sort_by_key(|member| member.joined);
        Ok(members)
    }

    fn reaches_out(&self, members: &[Member], creator: UserId) -> bool {
        let own = self.world.identity.id;
        creator.pod() != own || members.iter().any(|member| member.user.pod() != own)
    }

    fn add_conversation(&mut self, at: &str, seed: &ConversationSeed) -> Built<()> {
        let users = self.members(&format!("{at}.members"), &seed.members)?;
        let created = seed.created.map_or(self.now, |created| created.resolve(self.now));
        let creator = match &seed.creator {
            Some(creator) => Some(self.member(&format!("{at}.creator"), creator)?),
            None => users.first().copied(),
        };
        let Some(creator) = creator else {
            return Err(contradiction(format!("{at}.members"), "nobody is in it".into()));
        };
        let id = stream_id(at, seed.id.as_deref())?;
        self.converse(at, id, creator, users, created, seed.active).map(drop)
    }

    fn converse(
        &mut self,
        at: &str,
        id: Option<StreamId>,
        creator: UserId,
        users: Vec<UserId>,
        created: Timestamp,
        active: bool,
    ) -> Built<StreamId> {
        let member = |user| Member { user, owner: false, joined: created };
        let members = users.into_iter().map(member).collect();
        let (past_members, modified) = (Vec::new(), None);
        let stream =
            FoundedStream { id, creator, created, active, members, past_members, modified };
        let made = self.world.found_conversation(stream);
        made.map_err(|refusal| contradiction(at.to_owned(), refusal.why()))
    }

    fn add_connection(&mut self, at: &str, seed: &ConnectionSeed) -> Built<()> {
        let from = self.member(&format!("{at}.from"), &seed.from)?;
        let to = self.member(&format!("{at}.to"), &seed.to)?;
        if from.pod() == to.pod() {
            let problem = "both are of one pod, whose users are connected from the start".into();
            return Err(contradiction(at.to_owned(), problem));
        }
        let moment = |moment: Option<Moment>| moment.map(|moment| moment.resolve(self.now));
        let updated_at = moment(seed.updated).unwrap_or(self.now);
        let first_at = moment(seed.first_asked).unwrap_or(updated_at);
        let count = seed.asked.unwrap_or(1);
        let request = ConnectionRequest { first_at, updated_at, count };
        let status = seed.status.into();
        self.world.connections.found(FoundedConnection { from, to, status, request });
        Ok(())
    }

    fn add_message(&mut self, at: &str, seed: &MessageSeed) -> Built<()> {
        let author = self.member(&format!("{at}.from"), &seed.from)?;
        let now = self.now;
        let moment = |moment: Option<Moment>| moment.map(|moment| moment.resolve(now));
        let sent = moment(seed.at);
        let stream =
            self.stream(&format!("{at}.stream"), seed, author, sent.unwrap_or(self.now))?;
        let known = |field: &str, reference: &Option<String>| -> Built<Option<MessageId>> {
            let at = format!("{at}.{field}");
            reference.as_deref().map(|it| self.message(&at, it)).transpose()
        };
        let replies_to = known("replyTo", &seed.reply_to)?.map(|id| (id, Relationship::Reply));
        let forwards = known("forwards", &seed.forwards)?.map(|id| (id, Relationship::Forward));
        let replacing = known("replaces", &seed.replaces)?.map(|id| (id, seed.silent));
        let id = seed.id.as_deref().map(|id| {
            let problem = || contradiction(format!("{at}.id"), format!("{id:?} is no message id"));
            id.parse().map_err(|_| problem())
        });
        let data = seed.data.as_ref();
        let data = data.map(|data| data.as_str().map_or_else(|| data.to_string(), str::to_owned));
        let files = seed.attachments.iter().enumerate();
        let files = files.map(|(n, seed)| founded_file(&format!("{at}.attachments[{n}]"), seed));
        let receipts = seed.receipts.iter().map(|receipt| {
            let user = self.member(&format!("{at}.receipts"), &receipt.user)?;
            Ok(Receipt { user, delivered: moment(receipt.delivered), read: moment(receipt.read) })
        });
        let message = FoundedMessage {
            id: id.transpose()?,
            author,
            stream,
            at: sent,
            source: Source {
                message: as_message_ml(seed.message.clone()),
                data,
                version: seed.version.clone(),
            },
            files: files.collect::<Built<_>>()?,
            parent: replies_to.or(forwards),
            replacing,
            suppressed: moment(seed.suppressed),
            receipts: receipts.collect::<Built<_>>()?,
        };
        let kept = self.world.found_message(message, self.now);
        let kept = kept.map_err(|refusal| contradiction(at.to_owned(), refusal.why()))?;
        if let Some(key) = &seed.key
            && self.messages.insert(key.clone(), kept.id).is_some()
        {
            let problem = format!("there is a message {key:?} already");
            return Err(contradiction(format!("{at}.key"), problem));
        }
        Ok(())
    }

    fn stream(
        &mut self,
        at: &str,
        seed: &MessageSeed,
        author: UserId,
        sent: Timestamp,
    ) -> Built<StreamId> {
        match &seed.stream {
            StreamSeed::Named(name) => {
                let streams = &self.world.streams;
                let room = streams.room_called(name).map(|room| room.id);
                let known = |id: &StreamId| streams.by_id(*id).is_some();
                room.or_else(|| name.parse().ok().filter(known)).ok_or_else(|| {
                    let problem = format!("there is no room and no stream {name:?}");
                    contradiction(at.to_owned(), problem)
                })
            }
            StreamSeed::Between(names) => {
                let mut users = self.members(at, names)?;
                if !users.contains(&author) {
                    users.push(author);
                }
                self.converse(at, None, author, users, sent, true)
            }
        }
    }

    fn message(&self, at: &str, reference: &str) -> Built<MessageId> {
        let known = self.messages.get(reference).copied();
        known.or_else(|| reference.parse().ok()).ok_or_else(|| {
            let problem = format!("no message before has the key or the id {reference:?}");
            contradiction(at.to_owned(), problem)
        })
    }

    fn pin(&mut self, at: &str, stream: Option<StreamId>, pinned: Option<&str>) -> Built<()> {
        let Some(pinned) = pinned else { return Ok(()) };
        let pinned = self.message(at, pinned)?;
        if let Some(stream) = stream.and_then(|id| self.world.streams.by_id_mut(id)) {
            stream.pinned = Some(pinned);
        }
        Ok(())
    }

    fn members(&self, at: &str, usernames: &[String]) -> Built<Vec<UserId>> {
        usernames.iter().map(|username| self.member(at, username)).collect()
    }

    /// The user called so: of the own pod if it has one, else of any other; or with this id.
    fn member(&self, at: &str, username: &str) -> Built<UserId> {
        let user = self.world.user_called(username);
        user.ok_or_else(|| contradiction(at.into(), format!("there is no user {username:?}")))
    }
}

fn room_request(seed: &RoomSeed, reaches_out: bool) -> RoomRequest {
    let keywords = seed.keywords.as_ref().map(|keywords| {
        keywords.iter().map(|keyword| (keyword.key.clone(), keyword.value.clone())).collect()
    });
    RoomRequest {
        name: Some(seed.name.clone()),
        description: seed.description.clone(),
        keywords,
        members_can_invite: seed.members_can_invite,
        discoverable: seed.discoverable,
        public: seed.public,
        read_only: seed.read_only,
        copy_protected: seed.copy_protected,
        cross_pod: seed.cross_pod.or(Some(reaches_out)),
        view_history: seed.view_history,
        multilateral: seed.multilateral,
        scheduled_meeting: seed.scheduled_meeting,
        pinned: None,
    }
}

/// The file that a document describes.
pub fn founded_file(at: &str, seed: &AttachmentSeed) -> Built<FoundedFile> {
    let (bytes, default_type) = match (&seed.text, &seed.base64) {
        (Some(text), None) => (text.clone().into_bytes(), "text/plain"),
        (None, Some(base64)) => {
            let problem = |_| contradiction(format!("{at}.base64"), "is not base64".into());
            (STANDARD.decode(base64).map_err(problem)?, "application/octet-stream")
        }
        _ => {
            let problem = "a file has a text or is given in base64, one of them".into();
            return Err(contradiction(at.to_owned(), problem));
        }
    };
    let preview = seed
        .preview
        .as_ref()
        .map(|preview| founded_file(&format!("{at}.preview"), preview).map(Box::new));
    Ok(FoundedFile {
        id: seed.id.as_deref().map(FileId::from_wire),
        file: Upload {
            name: seed.name.clone(),
            content_type: seed.content_type.clone().unwrap_or_else(|| default_type.into()),
            bytes: bytes.into(),
            preview: None,
        },
        preview: preview.transpose()?,
    })
}

fn misread_at(at: &str, error: Misread) -> ScenarioError {
    let (at, problem) = error.below(at);
    contradiction(at, problem)
}

/// Strict too: what the directory does not have is an error.
fn profile(at: &str, seed: &UserSeed) -> Built<Profile> {
    let given: serde_json::Map<_, _> = seed
        .profile
        .iter()
        .filter(|(_, value)| !value.is_null())
        .map(|(k, v)| (k.clone(), v.clone()))
        .collect();
    let names: Vec<_> = given.keys().cloned().collect();
    let profile: Profile = reading::value(given.into()).map_err(|error| misread_at(at, error))?;
    let known = serde_json::to_value(&profile)
        .map_err(|error| contradiction(at.into(), error.to_string()))?;
    match names.iter().find(|name| known.get(name).is_none()) {
        Some(name) => Err(contradiction(format!("{at}.{name}"), "there is no such field".into())),
        None => Ok(profile),
    }
}

fn features(at: &str, seed: &UserSeed) -> Built<Features> {
    let mut features = Features::default();
    for (name, &on) in &seed.features {
        let feature = Feature::from_wire(name);
        features.set(feature.map_err(|no| contradiction(at.into(), no.why()))?, on);
    }
    Ok(features)
}

fn stream_id(at: &str, id: Option<&str>) -> Built<Option<StreamId>> {
    let read = |id: &str| {
        let problem = || contradiction(format!("{at}.id"), format!("{id:?} is no stream id"));
        id.parse().map_err(|_| problem())
    };
    id.map(read).transpose()
}

fn pod_id(at: &str, id: u32) -> Built<PodId> {
    if (1..=PodId::MAX).contains(&id) {
        return Ok(PodId(id));
    }
    Err(contradiction(at.into(), format!("{id} is not between 1 and {}", PodId::MAX)))
}
