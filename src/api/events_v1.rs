//! Events as the first two versions of the datafeed wrote them, before there was `V4Event`.

use serde::Serialize;

use super::v4_message::{AttachmentInfo, message_ml};
use crate::domain::{Event, Message, Payload};

/// `Message` of the agent API: version 1 knows messages alone.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct V1Message {
    id: String,
    /// In milliseconds, declared as a string.
    timestamp: String,
    message_type: &'static str,
    stream_id: String,
    message: String,
    from_user_id: u64,
}

/// `V2BaseMessage` of the agent API with what each type adds to it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct V2Event {
    id: String,
    timestamp: String,
    stream_id: String,
    #[serde(flatten)]
    detail: V2Detail,
}

#[derive(Debug, Serialize)]
#[serde(tag = "v2messageType", rename_all_fields = "camelCase")]
#[expect(clippy::enum_variant_names, reason = "the names are those on the wire")]
enum V2Detail {
    V2Message {
        message: String,
        from_user_id: u64,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        attachments: Vec<AttachmentInfo>,
    },
    RoomCreatedMessage {
        creation_date: u64,
        name: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        description: Option<String>,
        created_by_user_id: u64,
        read_only: bool,
        discoverable: bool,
        public: bool,
        members_can_invite: bool,
        copy_protected: bool,
    },
    RoomUpdatedMessage {
        new_name: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        new_description: Option<String>,
        members_can_invite: bool,
        discoverable: bool,
        read_only: bool,
        copy_protected: bool,
    },
    RoomDeactivatedMessage {
        deactivated_by_user_id: u64,
    },
    RoomReactivatedMessage {
        reactivated_by_user_id: u64,
    },
    UserJoinedRoomMessage {
        added_by_user_id: u64,
        member_added_user_id: u64,
    },
    UserLeftRoomMessage {
        removed_by_user_id: u64,
        member_left_user_id: u64,
        #[serde(skip_serializing_if = "Option::is_none")]
        information_barrier_remediation: Option<bool>,
    },
    RoomMemberPromotedToOwnerMessage {
        promoted_by_user_id: u64,
        promoted_user_id: u64,
    },
    RoomMemberDemotedFromOwnerMessage {
        demoted_by_user_id: u64,
        demoted_user_id: u64,
    },
}

impl V1Message {
    /// The event, if it is a message.
    pub fn of(event: &Event) -> Option<Self> {
        let Payload::MessageSent { message, .. } = &event.payload else { return None };
        Some(Self::new(message))
    }

    pub fn new(message: &Message) -> Self {
        Self {
            id: message.id.to_string(),
            timestamp: message.timestamp.as_millis().to_string(),
            message_type: "Message",
            stream_id: message.stream.to_string(),
            message: message_ml(message),
            from_user_id: message.author.as_u64(),
        }
    }
}

impl V2Event {
    /// `V2Message`: a message outside an event.
    pub fn of_message(message: &Message) -> Self {
        Self {
            id: message.id.to_string(),
            timestamp: message.timestamp.as_millis().to_string(),
            stream_id: message.stream.to_string(),
            detail: V2Detail::message(message),
        }
    }

    /// The event, if version 2 knows its type.
    pub fn of(event: &Event) -> Option<Self> {
        let by = event.initiator.as_u64();
        let detail = match &event.payload {
            Payload::MessageSent { message, .. } => V2Detail::message(message),
            Payload::RoomCreated { room, .. } => V2Detail::RoomCreatedMessage {
                creation_date: room.created.as_millis(),
                name: room.attributes.name.to_string(),
                description: room.attributes.description.clone(),
                created_by_user_id: room.creator.as_u64(),
                read_only: room.attributes.read_only,
                discoverable: room.attributes.discoverable,
                public: room.attributes.public,
                members_can_invite: room.attributes.members_can_invite,
                copy_protected: room.attributes.copy_protected,
            },
            Payload::RoomUpdated { room, .. } => V2Detail::RoomUpdatedMessage {
                new_name: room.attributes.name.to_string(),
                new_description: room.attributes.description.clone(),
                members_can_invite: room.attributes.members_can_invite,
                discoverable: room.attributes.discoverable,
                read_only: room.attributes.read_only,
                copy_protected: room.attributes.copy_protected,
            },
            Payload::RoomDeactivated { .. } => {
                V2Detail::RoomDeactivatedMessage { deactivated_by_user_id: by }
            }
            Payload::RoomReactivated { .. } => {
                V2Detail::RoomReactivatedMessage { reactivated_by_user_id: by }
            }
            Payload::UserJoinedRoom { affected, .. } => V2Detail::UserJoinedRoomMessage {
                added_by_user_id: by,
                member_added_user_id: affected.as_u64(),
            },
            Payload::UserLeftRoom { affected, by_barrier, .. } => V2Detail::UserLeftRoomMessage {
                removed_by_user_id: by,
                member_left_user_id: affected.as_u64(),
                information_barrier_remediation: by_barrier.then_some(true),
            },
            Payload::RoomMemberPromotedToOwner { affected, .. } => {
                V2Detail::RoomMemberPromotedToOwnerMessage {
                    promoted_by_user_id: by,
                    promoted_user_id: affected.as_u64(),
                }
            }
            Payload::RoomMemberDemotedFromOwner { affected, .. } => {
                V2Detail::RoomMemberDemotedFromOwnerMessage {
                    demoted_by_user_id: by,
                    demoted_user_id: affected.as_u64(),
                }
            }
            _ => return None,
        };
        let id = match &event.payload {
            Payload::MessageSent { message, .. } => message.id.to_string(),
            _ => event.system_message.to_string(),
        };
        Some(Self {
            id,
            timestamp: event.timestamp.as_millis().to_string(),
            stream_id: event.stream()?.id.to_string(),
            detail,
        })
    }
}

impl V2Detail {
    fn message(message: &Message) -> Self {
        Self::V2Message {
            message: message_ml(message),
            from_user_id: message.author.as_u64(),
            attachments: message.attachments.iter().map(AttachmentInfo::from).collect(),
        }
    }
}
