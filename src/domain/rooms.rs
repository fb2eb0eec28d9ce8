use std::sync::Arc;

use super::audit::Action;
use super::streams::Member;
use super::{
    Audience, DlpDataType, Feature, MessageId, Payload, Refusal, RoomView, Screened, Stream,
    StreamDetail, StreamId, StreamSubject, Timestamp, UniqueRoomNames, UserId, ViolationSubject,
    World,
};

/// The role of those who administer users, rooms and streams.
pub(super) const USER_PROVISIONING: &str = "USER_PROVISIONING";

/// What a room is and allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoomAttributes {
    /// Letter case and white space aside, which of the names of rooms are unique a setting says.
    pub name: Arc<str>,
    pub description: Option<String>,
    /// Pairs of key and value, in the order in which they were given.
    pub keywords: Vec<(String, String)>,
    /// Whether every member may add others, or owners alone.
    pub members_can_invite: bool,
    /// Whether those who are not in it find it.
    pub discoverable: bool,
    pub public: bool,
    /// Whether owners alone may send.
    pub read_only: bool,
    /// For clients: whether they should switch off the clipboard.
    pub copy_protected: bool,
    /// Whether users of other pods may be in it.
    pub cross_pod: bool,
    /// Whether new members see what was said before.
    pub view_history: bool,
    /// Whether users of more than two companies may be in it.
    pub multilateral: bool,
    pub scheduled_meeting: bool,
    /// Whether only feeds hear of it that ask for what is invisible.
    pub invisible: bool,
}

/// A wish for a room's attributes. What is absent keeps its value, or gets its default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RoomRequest {
    pub name: Option<String>,
    pub description: Option<String>,
    pub keywords: Option<Vec<(String, String)>>,
    pub members_can_invite: Option<bool>,
    pub discoverable: Option<bool>,
    pub public: Option<bool>,
    pub read_only: Option<bool>,
    pub copy_protected: Option<bool>,
    pub cross_pod: Option<bool>,
    pub view_history: Option<bool>,
    pub multilateral: Option<bool>,
    pub scheduled_meeting: Option<bool>,
    pub invisible: Option<bool>,
    /// The message to pin; `Some(None)` unpins.
    pub pinned: Option<Option<MessageId>>,
}

impl RoomAttributes {
    /// A private room called nothing, where owners alone may do anything.
    fn unnamed() -> Self {
        Self {
            name: Arc::from(""),
            description: None,
            keywords: Vec::new(),
            members_can_invite: false,
            discoverable: false,
            public: false,
            read_only: false,
            copy_protected: false,
            cross_pod: false,
            view_history: false,
            multilateral: false,
            scheduled_meeting: false,
            invisible: false,
        }
    }

    /// The attributes as wished, where the wish keeps the rules between them.
    ///
    /// The rules are those of the documentation of room creation: a public room shows its history,
    /// is discoverable and lets its members invite; a cross-pod room is neither read-only, public
    /// nor discoverable.
    fn with(&self, wish: &RoomRequest) -> Result<Self, Refusal> {
        let broken = |what: &str| Err(Refusal::RoomRuleBroken { what: what.into() });
        let mut room = self.clone();
        if let Some(name) = &wish.name {
            room.name = Arc::from(checked_name(name)?);
        }
        if let Some(description) = &wish.description {
            room.description = Some(description.clone());
        }
        if let Some(keywords) = &wish.keywords {
            room.keywords = keywords.clone();
        }
        let set = |value: &mut bool, wish: Option<bool>| *value = wish.unwrap_or(*value);
        set(&mut room.public, wish.public);
        // What is public implies the others where nobody says otherwise.
        for implied in
            [&mut room.members_can_invite, &mut room.discoverable, &mut room.view_history]
        {
            *implied |= room.public;
        }
        set(&mut room.members_can_invite, wish.members_can_invite);
        set(&mut room.discoverable, wish.discoverable);
        set(&mut room.view_history, wish.view_history);
        set(&mut room.read_only, wish.read_only);
        set(&mut room.copy_protected, wish.copy_protected);
        set(&mut room.cross_pod, wish.cross_pod);
        set(&mut room.multilateral, wish.multilateral);
        set(&mut room.scheduled_meeting, wish.scheduled_meeting);
        set(&mut room.invisible, wish.invisible);
        if room.public && !(room.view_history && room.discoverable && room.members_can_invite) {
            return broken(
                "viewHistory, discoverable and membersCanInvite cannot be false in a public room",
            );
        }
        if room.cross_pod && (room.read_only || room.public || room.discoverable) {
            return broken("readOnly, public and discoverable cannot be true in a cross-pod room");
        }
        Ok(room)
    }
}

impl World {
    /// Makes a room with its creator as its owner and first member.
    ///
    /// `others` are in it from the beginning; those marked so are owners too. The creator hears of
    /// the room, the others that they were added, all under one event id: it is one operation.
    pub fn create_room(
        &mut self,
        creator: UserId,
        wish: &RoomRequest,
        others: &[(UserId, bool)],
        now: Timestamp,
    ) -> Result<StreamId, Refusal> {
        let attributes = checked_room(wish)?;
        self.check_features_for(creator, &RoomAttributes::unnamed(), &attributes)?;
        self.check_name_is_free(&attributes, None)?;
        let foreign = |user: &UserId| user.pod() != self.identity.id;
        if !attributes.cross_pod
            && let Some(stranger) = others.iter().map(|(user, _)| *user).find(foreign)
        {
            return Err(Refusal::RoomNotCrossPod { user: stranger });
        }

        let mut together: Vec<_> = others.iter().map(|(user, _)| *user).collect();
        together.push(creator);
        self.check_barriers_among(&together)?;
        let id = StreamId::new(now, &mut self.rng);
        self.screen_room(creator, id, &attributes, Screened::RoomCreation, now)?;
        self.streams.insert(id, StreamDetail::Room(Arc::new(attributes)), creator, now);
        let first = Member { user: creator, owner: true, joined: now };
        self.streams.join(id, first, self.feeds.listens(creator));
        let operation = self.event_id();
        if let Some(stream) = self.streams.by_id(id) {
            let (stream, room) = (stream.view(), room_view(stream));
            let payload = Payload::RoomCreated { stream, room };
            self.record(operation, creator, payload, Audience::Users(&[creator]), now);
        }
        for &(user, owner) in others {
            self.seat(operation, id, creator, Member { user, owner, joined: now });
        }
        Ok(id)
    }

    /// Changes a room's attributes. Owners may.
    pub fn update_room(
        &mut self,
        caller: UserId,
        id: StreamId,
        wish: &RoomRequest,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let stream = self.room_for(caller, id)?;
        let Some(room) = stream.room() else { return Err(Refusal::NotARoom) };
        if !stream.is_owner(caller) {
            return Err(Refusal::NotEntitled { needs: "to be an owner of the room" });
        }
        if wish.cross_pod.is_some_and(|wish| wish != room.cross_pod) {
            let what = "crossPod cannot be changed after the creation of a room".into();
            return Err(Refusal::RoomRuleBroken { what });
        }
        let attributes = room.with(wish)?;
        self.check_features_for(caller, room, &attributes)?;
        self.check_name_is_free(&attributes, Some(id))?;
        self.check_pinnable(id, wish.pinned.flatten())?;
        if wish.name.is_some() || wish.description.is_some() {
            self.screen_room(caller, id, &attributes, Screened::RoomUpdate, now)?;
        }

        self.streams.set_room(id, attributes);
        if let (Some(pinned), Some(stream)) = (wish.pinned, self.streams.by_id_mut(id)) {
            stream.pinned = pinned;
        }
        let operation = self.event_id();
        if let Some(stream) = self.streams.by_id(id) {
            let payload = Payload::RoomUpdated { stream: stream.view(), room: room_view(stream) };
            self.record(operation, caller, payload, Audience::Members(id), now);
        }
        Ok(())
    }

    /// Opens or closes a room. Owners may; `as_admin`, those who provision users.
    ///
    /// Who asks for what is already so gets it, and nobody hears of it.
    pub fn set_room_active(
        &mut self,
        caller: UserId,
        id: StreamId,
        active: bool,
        as_admin: bool,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        if as_admin {
            self.check_role(caller, USER_PROVISIONING)?;
        }
        let stream = self.room_for(caller, id)?;
        if !as_admin && !stream.is_owner(caller) {
            return Err(Refusal::NotEntitled { needs: "to be an owner of the room" });
        }
        if stream.active == active {
            return Ok(());
        }
        let role = as_admin.then_some(USER_PROVISIONING);
        let view = stream.view();
        if let Some(stream) = self.streams.by_id_mut(id) {
            stream.active = active;
        }
        let payload = match active {
            true => Payload::RoomReactivated { stream: view },
            false => Payload::RoomDeactivated { stream: view },
        };
        let operation = self.event_id();
        self.record(operation, caller, payload, Audience::Members(id), now);
        let action = if active { Action::RoomReactivated } else { Action::RoomDeactivated };
        self.record_in_stream(caller, role, action, id, None, now);
        Ok(())
    }

    /// The room, if the caller may know of it: its members, those who provision users, and
    /// everybody where it is public or discoverable.
    ///
    /// Whether it does not exist, is no room or is none of the caller's business: the answer is
    /// the same, as seen on a real pod.
    pub fn room_for(&self, caller: UserId, id: StreamId) -> Result<&Stream, Refusal> {
        let stream = self.streams.by_id(id).ok_or(Refusal::NotARoom)?;
        let room = stream.room().ok_or(Refusal::NotARoom)?;
        let knows = room.public
            || room.discoverable
            || stream.has_member(caller)
            || self.provisions_users(caller);
        if knows { Ok(stream) } else { Err(Refusal::NotARoom) }
    }

    /// Whether a user administers other users, rooms and streams.
    pub fn provisions_users(&self, user: UserId) -> bool {
        self.check_role(user, USER_PROVISIONING).is_ok()
    }

    /// That no policy has anything against what a room is called and said to be for.
    fn screen_room(
        &mut self,
        user: UserId,
        id: StreamId,
        room: &RoomAttributes,
        screened: Screened,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let text = [Some(&*room.name), room.description.as_deref()];
        let text = text.into_iter().flatten().collect::<Vec<_>>().join("\n");
        let text = (DlpDataType::RoomMeta, text.as_str(), &[][..]);
        let Some(verdict) = self.screen(user, room.cross_pod, text, &[]) else { return Ok(()) };
        let passes = verdict.lets_pass(false);
        let refusal = verdict.refusal(screened, &[]);
        let known = self.streams.by_id(id);
        let subject = StreamSubject {
            id,
            room: room.clone(),
            creator: known.map_or(user, |stream| stream.creator),
            active: known.is_none_or(|stream| stream.active),
        };
        let subject = ViolationSubject::Stream(Box::new(subject));
        self.record_violation(user, verdict, passes, subject, now);
        if passes { Ok(()) } else { Err(refusal) }
    }

    /// That a message can be pinned in a stream: it was sent there, and has its content still.
    pub(super) fn check_pinnable(
        &self,
        stream: StreamId,
        message: Option<MessageId>,
    ) -> Result<(), Refusal> {
        let Some(id) = message else { return Ok(()) };
        let there = self
            .messages
            .by_id(id)
            .is_some_and(|message| message.stream == stream && message.suppressed.is_none());
        if there { Ok(()) } else { Err(Refusal::MessageUnknown { id }) }
    }

    /// That the pod and the user have the features which a room asks for that was another before.
    fn check_features_for(
        &self,
        user: UserId,
        before: &RoomAttributes,
        room: &RoomAttributes,
    ) -> Result<(), Refusal> {
        if room.cross_pod && room.view_history && !self.settings.external_room_shared_history {
            let what = "viewHistory cannot be true in a cross-pod room of this pod".into();
            return Err(Refusal::RoomRuleBroken { what });
        }
        for (wanted, had, feature) in [
            (room.public, before.public, Feature::CreatePublicRoom),
            (room.cross_pod, before.cross_pod, Feature::ExternalRoom),
            (room.multilateral, before.multilateral, Feature::CreateMultilateralRoom),
        ] {
            if wanted && !had {
                self.check_feature(user, feature)?;
            }
        }
        Ok(())
    }

    pub(super) fn check_name_is_free(
        &self,
        room: &RoomAttributes,
        but_for: Option<StreamId>,
    ) -> Result<(), Refusal> {
        let is_other = |other: &Stream| Some(other.id) != but_for;
        let taken = match self.settings.unique_room_names {
            UniqueRoomNames::All => self.streams.rooms_called(&room.name).any(is_other),
            UniqueRoomNames::Public => {
                room.public && self.streams.public_rooms_called(&room.name).any(is_other)
            }
        };
        match taken {
            true => Err(Refusal::RoomNameTaken { name: room.name.to_string() }),
            false => Ok(()),
        }
    }
}

/// The attributes of a new room that is wished so.
pub(super) fn checked_room(wish: &RoomRequest) -> Result<RoomAttributes, Refusal> {
    if wish.name.is_none() {
        return Err(Refusal::RoomRuleBroken { what: "A room must have a name".into() });
    }
    RoomAttributes::unnamed().with(wish)
}

fn checked_name(name: &str) -> Result<&str, Refusal> {
    // "Fewer than 50", says the documentation.
    const LIMIT: usize = 50;
    let broken = |what: String| Err(Refusal::RoomRuleBroken { what });
    let name = name.trim();
    match name.chars().count() {
        0 => broken("A room must have a name".into()),
        length if length >= LIMIT => broken(format!(
            "A room's name has fewer than {LIMIT} characters, this one has {length}"
        )),
        _ => Ok(name),
    }
}

fn room_view(stream: &Stream) -> Box<RoomView> {
    let attributes = stream.room().cloned().unwrap_or_else(RoomAttributes::unnamed);
    Box::new(RoomView { attributes, creator: stream.creator, created: stream.created })
}
