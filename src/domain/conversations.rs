use super::audit::Action;
use super::rooms::USER_PROVISIONING;
use super::streams::Member;
use super::{
    Audience, Feature, MessageId, Payload, Refusal, Stream, StreamDetail, StreamId, StreamKind,
    Timestamp, UserId, World,
};

/// Which of a user's streams to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StreamFilter {
    /// Of these kinds; of all kinds where none is named.
    pub kinds: Vec<StreamKind>,
    /// Whether to list closed ones too.
    pub inactive: bool,
}

/// Which of the pod's streams to list. What is absent restricts nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AdminStreamFilter {
    pub kinds: Vec<StreamKind>,
    /// Whether it reaches beyond the pod.
    pub external: Option<bool>,
    /// Whether its creator is of another pod.
    pub of_foreign_origin: Option<bool>,
    pub active: Option<bool>,
    pub public: Option<bool>,
    /// When the membership last changed: no earlier, and no later.
    pub since: Option<Timestamp>,
    pub until: Option<Timestamp>,
}

impl World {
    /// The IM or MIM between the caller and others: the one there is, or a new one.
    pub fn converse(
        &mut self,
        caller: UserId,
        others: &[UserId],
        now: Timestamp,
    ) -> Result<StreamId, Refusal> {
        for &user in others {
            if user.pod() != caller.pod() {
                self.check_feature(caller, Feature::ExternalIm)?;
            }
            self.check_reachable(caller, user)?;
        }
        let mut members = others.to_vec();
        members.push(caller);
        self.conversation_between(caller, members, now)
    }

    /// The IM or MIM between users of whom the caller need not be one. Those who provision users
    /// may.
    pub fn converse_as_admin(
        &mut self,
        caller: UserId,
        members: &[UserId],
        now: Timestamp,
    ) -> Result<StreamId, Refusal> {
        self.check_role(caller, USER_PROVISIONING)?;
        for &user in members {
            self.check_exists(user)?;
        }
        let known = self.streams.count();
        let id = self.conversation_between(caller, members.to_vec(), now)?;
        if self.streams.count() > known {
            let role = Some(USER_PROVISIONING);
            self.record_in_stream(caller, role, Action::ConversationCreated, id, None, now);
        }
        Ok(id)
    }

    /// An IM or MIM, for one of its members.
    pub fn conversation_for(&self, caller: UserId, id: StreamId) -> Result<&Stream, Refusal> {
        self.streams
            .by_id(id)
            .filter(|stream| stream.room().is_none() && stream.has_member(caller))
            .ok_or(Refusal::NotAConversation)
    }

    /// Pins a message in an IM or MIM, or unpins what is pinned.
    pub fn pin_in_conversation(
        &mut self,
        caller: UserId,
        id: StreamId,
        pinned: Option<MessageId>,
    ) -> Result<(), Refusal> {
        self.conversation_for(caller, id)?;
        self.check_pinnable(id, pinned)?;
        if let Some(stream) = self.streams.by_id_mut(id) {
            stream.pinned = pinned;
        }
        Ok(())
    }

    /// A stream of any kind, for somebody who may know of it: its members, and those who
    /// provision users.
    pub fn stream_for(&self, caller: UserId, id: StreamId) -> Result<&Stream, Refusal> {
        self.streams
            .by_id(id)
            .filter(|stream| stream.has_member(caller) || self.provisions_users(caller))
            .ok_or(Refusal::StreamUnknown)
    }

    /// The streams a user is in, in the order of their creation.
    pub fn streams_of<'a>(
        &'a self,
        user: UserId,
        filter: &'a StreamFilter,
    ) -> impl Iterator<Item = &'a Stream> {
        self.streams.of_user(user).filter(|stream| {
            (filter.inactive || stream.active)
                && (filter.kinds.is_empty() || filter.kinds.contains(&stream.kind()))
        })
    }

    /// The streams another user is in. Those who provision users may ask.
    pub fn streams_of_as_admin<'a>(
        &'a self,
        caller: UserId,
        user: UserId,
        filter: &'a StreamFilter,
    ) -> Result<impl Iterator<Item = &'a Stream>, Refusal> {
        self.check_role(caller, USER_PROVISIONING)?;
        self.users.by_id(user).ok_or(Refusal::UserUnknown { id: user.as_u64() })?;
        Ok(self.streams_of(user, filter))
    }

    /// The pod's streams in the order of their creation. Those who provision users may ask.
    pub fn all_streams<'a>(
        &'a self,
        caller: UserId,
        filter: &'a AdminStreamFilter,
    ) -> Result<impl Iterator<Item = &'a Stream>, Refusal> {
        self.check_role(caller, USER_PROVISIONING)?;
        let own = self.identity.id;
        Ok(self.streams.iter().filter(move |stream| {
            let is =
                |wanted: Option<bool>, value: bool| wanted.is_none_or(|wanted| wanted == value);
            let public = stream.room().is_some_and(|room| room.public);
            (filter.kinds.is_empty() || filter.kinds.contains(&stream.kind()))
                && is(filter.external, stream.is_external())
                && is(filter.of_foreign_origin, stream.creator.pod() != own)
                && is(filter.active, stream.active)
                && is(filter.public, public)
                && filter.since.is_none_or(|since| stream.modified >= since)
                && filter.until.is_none_or(|until| stream.modified <= until)
        }))
    }

    fn conversation_between(
        &mut self,
        caller: UserId,
        mut members: Vec<UserId>,
        now: Timestamp,
    ) -> Result<StreamId, Refusal> {
        members.sort_unstable();
        members.dedup();
        if members.len() < 2 {
            return Err(Refusal::TooFewMembers);
        }
        self.check_barriers_among(&members)?;
        if let Some(stream) = self.streams.conversation(&members) {
            return Ok(stream.id);
        }

        let id = StreamId::new(now, &mut self.rng);
        let detail = if members.len() == 2 { StreamDetail::Im } else { StreamDetail::Mim };
        self.streams.insert(id, detail, caller, now);
        for &user in &members {
            let member = Member { user, owner: false, joined: now };
            self.streams.join(id, member, self.feeds.listens(user));
        }
        self.streams.remember_conversation(id, members.clone());
        let operation = self.event_id();
        if let Some(stream) = self.streams.by_id(id).map(Stream::view) {
            let payload = Payload::InstantMessageCreated { stream, members };
            self.record(operation, caller, payload, Audience::Members(id), now);
        }
        Ok(id)
    }
}
