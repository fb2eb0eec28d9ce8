//! How the streams of a document are made, and what was said in them.

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::{Builder, Built, Kind, Mistakes, all};
use crate::domain::{
    FileId, Member, MessageId, Origin, Receipt, Relationship, RoomGroup, RoomRequest, SeededFile,
    SeededMessage, SeededStream, Source, Stream, StreamId, Submission, Timestamp, Upload, UserId,
};
use crate::scenario::document::{
    AttachmentSeed, ConversationSeed, MessageSeed, RoomSeed, Scenario,
};
use crate::scenario::{MemberSeed, ScenarioError, SeedTime, StreamSeed, contradiction, export};

impl Builder<'_> {
    /// Rooms and conversations in the order of their creation.
    pub(super) fn add_streams(&mut self, scenario: &Scenario) {
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
                Seed::Room(n, room) => {
                    let added = self.add_room(n, room);
                    let name = room_key(&room.name);
                    self.note_named(added, Kind::Stream, &[Some(&name), room.id.as_deref()]);
                }
                Seed::Conversation(n, conversation) => {
                    let added = self.add_conversation(n, conversation);
                    self.note_named(added, Kind::Stream, &[conversation.id.as_deref()]);
                }
            }
        }
    }

    fn add_room(&mut self, n: usize, seed: &RoomSeed) -> Built<()> {
        let at = format!("rooms[{n}]");
        let known = self.room_of(seed);
        if let Some(known) = known.filter(|_| self.change.is_some()) {
            return self.change_room(n, seed, known.id);
        }
        let created = seed.created.map_or(self.now, |created| created.resolve(self.now));
        let members = self.room_members(&at, seed, created)?;
        let at_past = format!("{at}.pastMembers");
        let past_members = seed.past_members.iter();
        let past_members =
            past_members.map(|seed| self.room_member(&at_past, seed, false, created));
        let past_members = all(past_members)?;
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
        let stream = SeededStream { id, creator, created, active, members, past_members, modified };
        let made = self.world.seed_room(&wish, stream);
        let id = made.map_err(|refusal| contradiction(at.clone(), refusal.why()))?;
        self.add_groups_to_room(&at, seed, id, creator)
    }

    fn add_groups_to_room(
        &mut self,
        at: &str,
        seed: &RoomSeed,
        id: StreamId,
        creator: UserId,
    ) -> Built<()> {
        let mut groups = Vec::new();
        for (n, added) in seed.groups.iter().enumerate() {
            let at = format!("{at}.groups[{n}]");
            let known = &self.world.groups;
            let group = known.called(&added.group).or_else(|| known.by_id(&added.group));
            let problem = || {
                let problem = format!("there is no group {:?}", added.group);
                self.unknown(Kind::Account, &added.group, format!("{at}.group"), problem)
            };
            let group = group.ok_or_else(problem)?.account;
            let by = added.added_by.as_ref();
            let by = by.map(|by| self.member(&format!("{at}.addedBy"), by)).transpose()?;
            groups.push(RoomGroup { group, added_by: by.unwrap_or(creator) });
        }
        let by_group = seed.members_by_group.as_ref();
        let by_group = by_group
            .map(|users| self.members(&format!("{at}.membersByGroup"), users))
            .transpose()?;
        self.world.found_groups_in_room(id, &groups, by_group.as_deref());
        Ok(())
    }

    /// The room that a seed is about: of several with one name, the id tells which.
    fn room_of(&self, seed: &RoomSeed) -> Option<&Stream> {
        let streams = &self.world.streams;
        let by_id = seed.id.as_deref().and_then(|id| streams.by_id(id.parse().ok()?));
        by_id.or_else(|| streams.room_called(&seed.name))
    }

    /// Attributes that the document sets are set, members it names are let in, and those it names as
    /// past ones are not in it any more.
    fn change_room(&mut self, n: usize, seed: &RoomSeed, id: StreamId) -> Built<()> {
        let at = format!("rooms[{n}]");
        let members = self.room_members(&at, seed, self.now)?;
        let Some(current) = self.world.streams.by_id(id) else { return Ok(()) };
        let at_past = format!("{at}.pastMembers");
        let mut past = Vec::new();
        for seed in &seed.past_members {
            let member = self.room_member(&at_past, seed, false, current.created)?;
            // Of whom it is not said when he came, it is enough that he was there.
            let is_over = seed.joined().is_none() && current.member(member.user).is_none();
            if !(is_over && current.past_members().any(|past| past.user == member.user)) {
                past.push(member);
            }
        }
        // Who left may have come again.
        past.retain(|past| !members.iter().any(|member| member.user == past.user));
        let creator = seed.creator.as_ref();
        let creator = creator.map(|it| self.member(&format!("{at}.creator"), it)).transpose()?;
        let current = export::room(&self.world, current);
        let changed = self.changed("rooms", Some(n), current)?;
        let wish = room_request(&changed, false);
        let made = self.world.reseed_room(id, &wish, &members, &past, self.now);
        made.map_err(|refusal| contradiction(at.clone(), refusal.why()))?;
        let moment = |moment: Option<SeedTime>| moment.map(|moment| moment.resolve(self.now));
        let (created, modified) = (moment(seed.created), moment(seed.modified));
        let Some(stream) = self.world.streams.by_id_mut(id) else { return Ok(()) };
        stream.active = changed.active;
        stream.creator = creator.unwrap_or(stream.creator);
        stream.created = created.unwrap_or(stream.created);
        stream.modified = modified.unwrap_or(stream.modified);
        let creator = stream.creator;
        self.add_groups_to_room(&at, seed, id, creator)
    }

    /// Owners and members in the order in which they joined.
    fn room_members(&self, at: &str, seed: &RoomSeed, created: Timestamp) -> Built<Vec<Member>> {
        let (mut members, mut mistakes) = (Vec::new(), Mistakes::default());
        for (field, seeds, owner) in
            [("owners", &seed.owners, true), ("members", &seed.members, false)]
        {
            let at = format!("{at}.{field}");
            for seed in seeds {
                members.extend(mistakes.note(self.room_member(&at, seed, owner, created)));
            }
        }
        members.sort_by_key(|member| member.joined);
        mistakes.unless_any(members)
    }

    fn room_member(
        &self,
        at: &str,
        seed: &MemberSeed,
        owner: bool,
        created: Timestamp,
    ) -> Built<Member> {
        let user = self.member(at, seed.user())?;
        let joined = seed.joined().map_or(created, |joined| joined.resolve(self.now));
        Ok(Member { user, owner, joined })
    }

    fn reaches_out(&self, members: &[Member], creator: UserId) -> bool {
        let own = self.world.identity.id;
        creator.pod() != own || members.iter().any(|member| member.user.pod() != own)
    }

    fn add_conversation(&mut self, n: usize, seed: &ConversationSeed) -> Built<()> {
        let at = &format!("conversations[{n}]");
        let users = self.members(&format!("{at}.members"), &seed.members)?;
        if self.change.is_some() {
            let sorted: BTreeSet<_> = users.iter().copied().collect();
            let sorted: Vec<_> = sorted.into_iter().collect();
            if let Some(known) = self.world.streams.conversation(&sorted).map(|known| known.id) {
                return self.change_conversation(n, seed, known);
            }
        }
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

    fn change_conversation(
        &mut self,
        n: usize,
        seed: &ConversationSeed,
        id: StreamId,
    ) -> Built<()> {
        let Some(current) = self.world.streams.by_id(id) else { return Ok(()) };
        let current = export::conversation(&self.world, current);
        let changed: ConversationSeed = self.changed("conversations", Some(n), current)?;
        let at = format!("conversations[{n}].creator");
        let creator = seed.creator.as_ref().map(|it| self.member(&at, it)).transpose()?;
        let created = seed.created.map(|created| created.resolve(self.now));
        let Some(stream) = self.world.streams.by_id_mut(id) else { return Ok(()) };
        stream.active = changed.active;
        stream.creator = creator.unwrap_or(stream.creator);
        stream.created = created.unwrap_or(stream.created);
        Ok(())
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
        let stream = SeededStream { id, creator, created, active, members, past_members, modified };
        let made = self.world.seed_conversation(stream);
        made.map_err(|refusal| contradiction(at.to_owned(), refusal.why()))
    }

    pub(super) fn add_message(&mut self, at: &str, seed: &MessageSeed) -> Built<()> {
        let author = self.member(&format!("{at}.from"), &seed.from)?;
        let now = self.now;
        let moment = |moment: Option<SeedTime>| moment.map(|moment| moment.resolve(now));
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
        let said = (seed.message.clone(), seed.message_ml.clone(), seed.presentation_ml.clone());
        let said = Submission::written(said.0, said.1, said.2);
        let Submission { message: text, markup, .. } = said.ok_or_else(|| {
            let problem = "says one of message, messageML and presentationML".to_owned();
            contradiction(at.to_owned(), problem)
        })?;
        let files = seed.attachments.iter().enumerate();
        let files = files.map(|(n, seed)| seeded_file(&format!("{at}.attachments[{n}]"), seed));
        let receipts = seed.receipts.iter().map(|receipt| {
            let user = self.member(&format!("{at}.receipts"), &receipt.user)?;
            Ok(Receipt { user, delivered: moment(receipt.delivered), read: moment(receipt.read) })
        });
        let message = SeededMessage {
            id: id.transpose()?,
            author,
            stream,
            at: sent,
            source: Source { message: text, markup, data, version: seed.version.clone() },
            files: all(files)?,
            parent: replies_to.or(forwards),
            replacing,
            suppressed: moment(seed.suppressed),
            disclaimer: seed.disclaimer.as_deref().map(Into::into),
            origin: seed
                .origin
                .as_ref()
                .map(|origin| Origin { system: origin.system.clone(), id: origin.id.clone() }),
            receipts: all(receipts)?,
        };
        let kept = self.world.seed_message(message, self.now);
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
                    let by_id = self.unknown(Kind::Stream, name, at.to_owned(), problem.clone());
                    match by_id {
                        ScenarioError::Several(_) => by_id,
                        _ => self.unknown(Kind::Stream, &room_key(name), at.to_owned(), problem),
                    }
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
            self.unknown(Kind::Message, reference, at.to_owned(), problem)
        })
    }

    pub(super) fn pin_messages(&mut self, scenario: &Scenario) {
        for (n, room) in scenario.rooms.iter().enumerate() {
            let stream = self.room_of(room).map(|room| room.id);
            let pinned = self.pin(&format!("rooms[{n}].pinned"), stream, room.pinned.as_deref());
            self.note(pinned);
        }
        for (n, conversation) in scenario.conversations.iter().enumerate() {
            let pinned = self.pin_in_conversation(&format!("conversations[{n}]"), conversation);
            self.note(pinned);
        }
    }

    fn pin_in_conversation(&mut self, at: &str, seed: &ConversationSeed) -> Built<()> {
        let members = self.members(&format!("{at}.members"), &seed.members)?;
        let members: Vec<_> = members.into_iter().collect::<BTreeSet<_>>().into_iter().collect();
        let stream = self.world.streams.conversation(&members).map(|stream| stream.id);
        self.pin(&format!("{at}.pinned"), stream, seed.pinned.as_deref())
    }

    fn pin(&mut self, at: &str, stream: Option<StreamId>, pinned: Option<&str>) -> Built<()> {
        let Some(pinned) = pinned else { return Ok(()) };
        let pinned = self.message(at, pinned)?;
        if let Some(stream) = stream.and_then(|id| self.world.streams.by_id_mut(id)) {
            stream.pinned = Some(pinned);
        }
        Ok(())
    }
}

/// As names of rooms are compared.
pub fn room_key(name: &str) -> String {
    name.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect()
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
        invisible: seed.invisible,
        pinned: None,
    }
}

/// The file that a document describes.
pub fn seeded_file(at: &str, seed: &AttachmentSeed) -> Built<SeededFile> {
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
        .map(|preview| seeded_file(&format!("{at}.preview"), preview).map(Box::new));
    Ok(SeededFile {
        id: seed.id.as_deref().map(FileId::from_wire),
        file: Upload {
            name: seed.name.clone(),
            content_type: seed.content_type.clone().unwrap_or_else(|| default_type.into()),
            bytes: bytes.into(),
            preview: None,
            scanned: seed.malware_scan,
        },
        preview: preview.transpose()?,
    })
}

fn stream_id(at: &str, id: Option<&str>) -> Built<Option<StreamId>> {
    let read = |id: &str| {
        let problem = || contradiction(format!("{at}.id"), format!("{id:?} is no stream id"));
        id.parse().map_err(|_| problem())
    };
    id.map(read).transpose()
}
