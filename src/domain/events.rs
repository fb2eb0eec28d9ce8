use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use super::{
    Happening, Message, MessageId, PodId, RoomAttributes, SeededRng, StreamId, StreamKind,
    SystemMessageId, Timestamp, UserId, World,
};

/// Something that happened, as datafeeds tell of it. Written once and read by many.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    pub id: EventId,
    /// What an event that is about no message has in place of a message id.
    pub system_message: SystemMessageId,
    pub timestamp: Timestamp,
    pub initiator: UserId,
    pub payload: Payload,
}

/// Six random letters and digits, unique but for events that one operation caused together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct EventId([u8; 6]);

/// What happened: one variant for each of the 17 types of real-time events.
#[derive(Debug, Clone, PartialEq)]
pub enum Payload {
    MessageSent {
        message: Arc<Message>,
        stream: StreamView,
    },
    SharedPost {
        message: Arc<Message>,
        shared: Arc<Message>,
        stream: StreamView,
    },
    InstantMessageCreated {
        stream: StreamView,
        members: Vec<UserId>,
    },
    RoomCreated {
        stream: StreamView,
        room: Box<RoomView>,
    },
    RoomUpdated {
        stream: StreamView,
        room: Box<RoomView>,
    },
    RoomDeactivated {
        stream: StreamView,
    },
    RoomReactivated {
        stream: StreamView,
    },
    UserJoinedRoom {
        stream: StreamView,
        affected: UserId,
    },
    /// `by_barrier` where an information barrier took him out.
    UserLeftRoom {
        stream: StreamView,
        affected: UserId,
        by_barrier: bool,
    },
    /// `owners` are those who may let the initiator in.
    UserRequestedToJoinRoom {
        stream: StreamView,
        owners: Vec<UserId>,
    },
    RoomMemberPromotedToOwner {
        stream: StreamView,
        affected: UserId,
    },
    RoomMemberDemotedFromOwner {
        stream: StreamView,
        affected: UserId,
    },
    ConnectionRequested {
        to: UserId,
    },
    ConnectionAccepted {
        from: UserId,
    },
    MessageSuppressed {
        message: MessageId,
        stream: StreamView,
    },
    SymphonyElementsAction(Box<ElementsAction>),
    GenericSystemEvent(Box<SystemEvent>),
}

/// The name of a type of event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EventType {
    MessageSent,
    SharedPost,
    InstantMessageCreated,
    RoomCreated,
    RoomUpdated,
    RoomDeactivated,
    RoomReactivated,
    UserJoinedRoom,
    UserLeftRoom,
    UserRequestedToJoinRoom,
    RoomMemberPromotedToOwner,
    RoomMemberDemotedFromOwner,
    ConnectionRequested,
    ConnectionAccepted,
    MessageSuppressed,
    SymphonyElementsAction,
    GenericSystemEvent,
}

/// A form that was submitted.
#[derive(Debug, Clone, PartialEq)]
pub struct ElementsAction {
    pub stream: StreamView,
    /// The message with the form.
    pub form_message: MessageId,
    pub form_id: String,
    /// By the names of the form's elements, `action` (the button pressed) among them.
    pub values: BTreeMap<String, FormValue>,
}

/// What was entered into an element of a form.
#[derive(Debug, Clone, PartialEq)]
pub enum FormValue {
    Text(String),
    /// Checkboxes and multi-selects.
    Texts(Vec<String>),
    /// Person selectors.
    Users(Vec<UserId>),
}

/// What a system other than the pod itself made known.
#[derive(Debug, Clone, PartialEq)]
pub struct SystemEvent {
    pub stream: StreamView,
    pub emitted: Timestamp,
    pub source: String,
    pub subtype: String,
    pub parameters: BTreeMap<String, String>,
}

/// A stream at the moment of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamView {
    pub id: StreamId,
    pub kind: StreamKind,
    /// The room's, where it is one.
    pub name: Option<Arc<str>>,
    /// Whether it reaches beyond this pod.
    pub external: bool,
    /// The pods its members belong to, in the order of their numbers.
    pub pods: Vec<PodId>,
}

/// A room's properties at the moment of an event.
#[derive(Debug, Clone, PartialEq)]
pub struct RoomView {
    pub attributes: RoomAttributes,
    pub creator: UserId,
    pub created: Timestamp,
}

/// Who is told of an event.
#[derive(Debug, Clone, Copy)]
pub enum Audience<'a> {
    /// The members of a stream, as they are now.
    Members(StreamId),
    /// The same, and one more: who has just left, for one.
    MembersAnd(StreamId, UserId),
    /// Exactly these, each once.
    Users(&'a [UserId]),
}

impl EventId {
    pub fn new(rng: &mut SeededRng) -> Self {
        Self(rng.alphanumerics())
    }
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(std::str::from_utf8(&self.0).unwrap_or_default())
    }
}

impl Event {
    pub fn event_type(&self) -> EventType {
        match self.payload {
            Payload::MessageSent { .. } => EventType::MessageSent,
            Payload::SharedPost { .. } => EventType::SharedPost,
            Payload::InstantMessageCreated { .. } => EventType::InstantMessageCreated,
            Payload::RoomCreated { .. } => EventType::RoomCreated,
            Payload::RoomUpdated { .. } => EventType::RoomUpdated,
            Payload::RoomDeactivated { .. } => EventType::RoomDeactivated,
            Payload::RoomReactivated { .. } => EventType::RoomReactivated,
            Payload::UserJoinedRoom { .. } => EventType::UserJoinedRoom,
            Payload::UserLeftRoom { .. } => EventType::UserLeftRoom,
            Payload::UserRequestedToJoinRoom { .. } => EventType::UserRequestedToJoinRoom,
            Payload::RoomMemberPromotedToOwner { .. } => EventType::RoomMemberPromotedToOwner,
            Payload::RoomMemberDemotedFromOwner { .. } => EventType::RoomMemberDemotedFromOwner,
            Payload::ConnectionRequested { .. } => EventType::ConnectionRequested,
            Payload::ConnectionAccepted { .. } => EventType::ConnectionAccepted,
            Payload::MessageSuppressed { .. } => EventType::MessageSuppressed,
            Payload::SymphonyElementsAction(_) => EventType::SymphonyElementsAction,
            Payload::GenericSystemEvent(_) => EventType::GenericSystemEvent,
        }
    }

    /// The stream it happened in; none for what is between two people.
    pub fn stream(&self) -> Option<&StreamView> {
        match &self.payload {
            Payload::MessageSent { stream, .. }
            | Payload::SharedPost { stream, .. }
            | Payload::InstantMessageCreated { stream, .. }
            | Payload::RoomCreated { stream, .. }
            | Payload::RoomUpdated { stream, .. }
            | Payload::RoomDeactivated { stream }
            | Payload::RoomReactivated { stream }
            | Payload::UserJoinedRoom { stream, .. }
            | Payload::UserLeftRoom { stream, .. }
            | Payload::UserRequestedToJoinRoom { stream, .. }
            | Payload::RoomMemberPromotedToOwner { stream, .. }
            | Payload::RoomMemberDemotedFromOwner { stream, .. }
            | Payload::MessageSuppressed { stream, .. } => Some(stream),
            Payload::SymphonyElementsAction(action) => Some(&action.stream),
            Payload::GenericSystemEvent(event) => Some(&event.stream),
            Payload::ConnectionRequested { .. } | Payload::ConnectionAccepted { .. } => None,
        }
    }
}

impl EventType {
    const ALL: [(Self, &'static str); 17] = [
        (Self::MessageSent, "MESSAGESENT"),
        (Self::SharedPost, "SHAREDPOST"),
        (Self::InstantMessageCreated, "INSTANTMESSAGECREATED"),
        (Self::RoomCreated, "ROOMCREATED"),
        (Self::RoomUpdated, "ROOMUPDATED"),
        (Self::RoomDeactivated, "ROOMDEACTIVATED"),
        (Self::RoomReactivated, "ROOMREACTIVATED"),
        (Self::UserJoinedRoom, "USERJOINEDROOM"),
        (Self::UserLeftRoom, "USERLEFTROOM"),
        (Self::UserRequestedToJoinRoom, "USERREQUESTEDTOJOINROOM"),
        (Self::RoomMemberPromotedToOwner, "ROOMMEMBERPROMOTEDTOOWNER"),
        (Self::RoomMemberDemotedFromOwner, "ROOMMEMBERDEMOTEDFROMOWNER"),
        (Self::ConnectionRequested, "CONNECTIONREQUESTED"),
        (Self::ConnectionAccepted, "CONNECTIONACCEPTED"),
        (Self::MessageSuppressed, "MESSAGESUPPRESSED"),
        (Self::SymphonyElementsAction, "SYMPHONYELEMENTSACTION"),
        (Self::GenericSystemEvent, "GENERICSYSTEMEVENT"),
    ];

    /// As it is spelt on the wire.
    pub fn name(self) -> &'static str {
        // The table is in the order of the variants, which a test sees to.
        Self::ALL[self as usize].1
    }

    /// The type with this name, upper case as on the wire.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(_, known)| *known == name).map(|(event_type, _)| event_type)
    }
}

impl World {
    /// Writes an event down and puts it into the feeds of everybody in `audience` who listens, and
    /// into every datahose that wants it.
    ///
    /// Every domain call that changes something others hear of ends here. The feeds that gained
    /// something are woken when the pod lets go of the world. The initiator is told too if he is in
    /// the audience: a bot receives its own messages and actions, and its SDK drops them.
    ///
    /// `id` comes from [`event_id`](World::event_id), one for each operation: two events that one
    /// operation causes share theirs.
    pub fn record(
        &mut self,
        id: EventId,
        initiator: UserId,
        payload: Payload,
        audience: Audience<'_>,
        now: Timestamp,
    ) {
        let system_message = SystemMessageId::new(now, &mut self.rng);
        let event = Arc::new(Event { id, system_message, timestamp: now, initiator, payload });
        let room = event.stream().and_then(|stream| self.streams.by_id(stream.id)?.room());
        let is_invisible = room.is_some_and(|room| room.invisible);
        let ttl = self.settings.datafeed_ttl;
        let capacity = self.settings.datafeed1_capacity as usize;
        let members = match audience {
            Audience::Members(stream) | Audience::MembersAnd(stream, _) => Some(stream),
            Audience::Users(_) => None,
        };
        let mut tell: Vec<UserId> = members
            .and_then(|stream| self.streams.by_id(stream))
            .map(|stream| stream.listeners().collect())
            .unwrap_or_default();
        match audience {
            Audience::Members(_) => {}
            Audience::MembersAnd(_, also) => {
                if !tell.contains(&also) {
                    tell.push(also);
                }
            }
            Audience::Users(users) => tell.extend_from_slice(users),
        }
        for user in tell {
            let listened = self.feeds.listens(user);
            if listened && !self.feeds.deliver(user, &event, is_invisible, ttl, capacity) {
                self.streams.stop_listening(user);
            }
        }
        self.feeds.deliver_to_datahoses(&event, ttl);
        self.witness.note(|| Happening::Event(event));
    }

    /// A new id for the events of one operation.
    pub fn event_id(&mut self) -> EventId {
        EventId::new(&mut self.rng)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_of_event_has_its_own_name_and_reads_back() {
        for (place, (event_type, name)) in EventType::ALL.into_iter().enumerate() {
            assert_eq!(event_type as usize, place);
            assert_eq!(event_type.name(), name);
            assert_eq!(EventType::of_name(name), Some(event_type));
        }
        assert_eq!(EventType::of_name("MESSAGE_SENT"), None);
    }
}
