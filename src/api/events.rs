//! Events as datafeeds write them: `V4Event` and what it is made of.

use std::collections::BTreeMap;

use serde::Serialize;

use super::v4_message::V4Message;
use crate::domain::{Event, FormValue, Payload, RoomView, StreamKind, StreamView, UserId, World};

/// `V4Event` of the agent API.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct V4Event {
    id: String,
    message_id: String,
    timestamp: u64,
    #[serde(rename = "type")]
    event_type: &'static str,
    initiator: V4Initiator,
    payload: V4Payload,
}

#[derive(Debug, Serialize)]
struct V4Initiator {
    user: V4User,
}

/// `V4User` of the agent API.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct V4User {
    user_id: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    display_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    /// Of the pod's own users alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    username: Option<String>,
}

/// `V4Stream` of the agent API.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct V4Stream {
    stream_id: String,
    stream_type: StreamKind,
    #[serde(skip_serializing_if = "Option::is_none")]
    room_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    members: Option<Vec<V4User>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    external: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cross_pod: Option<bool>,
    /// Of messages in real time alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    recipient_tenant_ids: Option<Vec<u32>>,
}

/// `V4Payload`: an object with one key, which names the type of the event.
#[derive(Debug, Serialize)]
#[expect(clippy::large_enum_variant, reason = "it is written as soon as it is made")]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
enum V4Payload {
    MessageSent {
        message: V4Message,
    },
    SharedPost {
        message: V4Message,
        shared_message: V4Message,
    },
    InstantMessageCreated {
        stream: V4Stream,
    },
    RoomCreated {
        stream: V4Stream,
        room_properties: V4RoomProperties,
    },
    RoomUpdated {
        stream: V4Stream,
        new_room_properties: V4RoomProperties,
    },
    RoomDeactivated {
        stream: V4Stream,
    },
    RoomReactivated {
        stream: V4Stream,
    },
    UserJoinedRoom {
        stream: V4Stream,
        affected_user: V4User,
    },
    UserLeftRoom {
        stream: V4Stream,
        affected_user: V4User,
    },
    UserRequestedToJoinRoom {
        stream: V4Stream,
        affected_users: Vec<V4User>,
    },
    RoomMemberPromotedToOwner {
        stream: V4Stream,
        affected_user: V4User,
    },
    RoomMemberDemotedFromOwner {
        stream: V4Stream,
        affected_user: V4User,
    },
    ConnectionRequested {
        to_user: V4User,
    },
    ConnectionAccepted {
        from_user: V4User,
    },
    MessageSuppressed {
        message_id: String,
        stream: V4Stream,
    },
    SymphonyElementsAction {
        stream: V4Stream,
        form_message_id: String,
        form_id: String,
        form_values: BTreeMap<String, WireFormValue>,
    },
    GenericSystemEvent {
        stream: V4Stream,
        event_timestamp: u64,
        source_system: String,
        event_subtype: String,
        parameters: BTreeMap<String, String>,
    },
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
enum WireFormValue {
    Text(String),
    Texts(Vec<String>),
    Users(Vec<u64>),
}

/// `V4RoomProperties` of the agent API.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct V4RoomProperties {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    creator_user: V4User,
    created_date: u64,
    external: bool,
    cross_pod: bool,
    public: bool,
    copy_protected: bool,
    read_only: bool,
    discoverable: bool,
    members_can_invite: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    keywords: Vec<V4KeyValuePair>,
    can_view_history: bool,
}

#[derive(Debug, Serialize)]
struct V4KeyValuePair {
    key: String,
    value: String,
}

impl V4Event {
    pub fn new(world: &World, event: &Event) -> Self {
        let message_id = match &event.payload {
            Payload::MessageSent { message, .. } | Payload::SharedPost { message, .. } => {
                message.id.to_string()
            }
            _ => event.system_message.to_string(),
        };
        let initiator = match event.payload {
            // Seen with nothing but the id.
            Payload::MessageSuppressed { .. } => V4User::id_alone(event.initiator),
            _ => V4User::new(world, event.initiator),
        };
        Self {
            id: event.id.to_string(),
            message_id,
            timestamp: event.timestamp.as_millis(),
            event_type: event.event_type().name(),
            initiator: V4Initiator { user: initiator },
            payload: V4Payload::new(world, &event.payload),
        }
    }
}

impl V4Payload {
    fn new(world: &World, payload: &Payload) -> Self {
        let user = |id: &UserId| V4User::new(world, *id);
        let room = |room: &RoomView| V4RoomProperties::new(world, room);
        match payload {
            Payload::MessageSent { message, stream } => {
                Self::MessageSent { message: V4Message::in_real_time(world, message, stream) }
            }
            Payload::SharedPost { message, shared, stream } => Self::SharedPost {
                message: V4Message::in_real_time(world, message, stream),
                shared_message: V4Message::in_real_time(world, shared, stream),
            },
            Payload::InstantMessageCreated { stream, members } => {
                // Of the members, their ids alone are told.
                let members = members.iter().map(|member| V4User::id_alone(*member)).collect();
                let stream = V4Stream { members: Some(members), ..V4Stream::new(stream) };
                Self::InstantMessageCreated { stream }
            }
            Payload::RoomCreated { stream, room: view } => {
                Self::RoomCreated { stream: V4Stream::new(stream), room_properties: room(view) }
            }
            Payload::RoomUpdated { stream, room: view } => {
                Self::RoomUpdated { stream: V4Stream::new(stream), new_room_properties: room(view) }
            }
            Payload::RoomDeactivated { stream } => {
                // It has no name and no `external`, unlike its opposite.
                let stream = V4Stream { room_name: None, external: None, ..V4Stream::new(stream) };
                Self::RoomDeactivated { stream }
            }
            Payload::RoomReactivated { stream } => {
                Self::RoomReactivated { stream: V4Stream::new(stream) }
            }
            Payload::UserJoinedRoom { stream, affected } => Self::UserJoinedRoom {
                stream: V4Stream::new(stream),
                affected_user: user(affected),
            },
            Payload::UserLeftRoom { stream, affected, .. } => {
                Self::UserLeftRoom { stream: V4Stream::new(stream), affected_user: user(affected) }
            }
            Payload::UserRequestedToJoinRoom { stream, owners } => Self::UserRequestedToJoinRoom {
                stream: V4Stream::new(stream),
                affected_users: owners.iter().map(user).collect(),
            },
            Payload::RoomMemberPromotedToOwner { stream, affected } => {
                let stream = V4Stream::new(stream);
                Self::RoomMemberPromotedToOwner { stream, affected_user: user(affected) }
            }
            Payload::RoomMemberDemotedFromOwner { stream, affected } => {
                let stream = V4Stream::new(stream);
                Self::RoomMemberDemotedFromOwner { stream, affected_user: user(affected) }
            }
            Payload::ConnectionRequested { to } => {
                // The address is not told before the connection is accepted.
                Self::ConnectionRequested { to_user: V4User { email: None, ..user(to) } }
            }
            Payload::ConnectionAccepted { from } => {
                Self::ConnectionAccepted { from_user: user(from) }
            }
            Payload::MessageSuppressed { message, stream } => Self::MessageSuppressed {
                message_id: message.to_string(),
                stream: V4Stream::new(stream),
            },
            Payload::SymphonyElementsAction(action) => Self::SymphonyElementsAction {
                stream: V4Stream::new(&action.stream),
                form_message_id: action.form_message.to_string(),
                form_id: action.form_id.clone(),
                form_values: action
                    .values
                    .iter()
                    .map(|(name, value)| (name.clone(), WireFormValue::from(value)))
                    .collect(),
            },
            Payload::GenericSystemEvent(event) => Self::GenericSystemEvent {
                stream: V4Stream::new(&event.stream),
                event_timestamp: event.emitted.as_millis(),
                source_system: event.source.clone(),
                event_subtype: event.subtype.clone(),
                parameters: event.parameters.clone(),
            },
        }
    }
}

impl V4User {
    pub fn new(world: &World, id: UserId) -> Self {
        let Some(user) = world.users.by_id(id) else { return Self::id_alone(id) };
        let own = id.pod() == world.identity.id;
        Self {
            user_id: id.as_u64(),
            first_name: user.first_name.clone(),
            last_name: user.last_name.clone(),
            display_name: Some(user.display_name.clone()),
            email: user.email.clone(),
            username: own.then(|| user.username.clone()),
        }
    }

    fn id_alone(id: UserId) -> Self {
        Self { user_id: id.as_u64(), ..Self::default() }
    }
}

impl V4Stream {
    pub fn new(stream: &StreamView) -> Self {
        Self {
            stream_id: stream.id.to_string(),
            stream_type: stream.kind,
            room_name: stream.name.as_deref().map(str::to_owned),
            members: None,
            external: Some(stream.external),
            cross_pod: Some(stream.external),
            recipient_tenant_ids: None,
        }
    }

    /// Nothing but the id and the type.
    pub fn only_named(self) -> Self {
        Self { room_name: None, external: None, cross_pod: None, ..self }
    }

    /// The same stream with the pods it reaches, as messages in real time name them.
    pub fn in_real_time(self, stream: &StreamView) -> Self {
        let pods = stream.pods.iter().map(|pod| pod.0).collect();
        Self { recipient_tenant_ids: Some(pods), ..self }
    }
}

impl V4RoomProperties {
    fn new(world: &World, view: &RoomView) -> Self {
        let room = &view.attributes;
        let keyword = |(key, value): &(String, String)| V4KeyValuePair {
            key: key.clone(),
            value: value.clone(),
        };
        Self {
            name: room.name.to_string(),
            description: room.description.clone(),
            creator_user: V4User::new(world, view.creator),
            created_date: view.created.as_millis(),
            external: room.cross_pod,
            cross_pod: room.cross_pod,
            public: room.public,
            copy_protected: room.copy_protected,
            read_only: room.read_only,
            discoverable: room.discoverable,
            members_can_invite: room.members_can_invite,
            keywords: room.keywords.iter().map(keyword).collect(),
            can_view_history: room.view_history,
        }
    }
}

impl From<&FormValue> for WireFormValue {
    fn from(value: &FormValue) -> Self {
        match value {
            FormValue::Text(text) => Self::Text(text.clone()),
            FormValue::Texts(texts) => Self::Texts(texts.clone()),
            FormValue::Users(users) => Self::Users(users.iter().map(|id| id.as_u64()).collect()),
        }
    }
}
