use std::fmt;

use serde::{Deserialize, Serialize};

/// What an app may do in its users' names.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AppPermission {
    ActAsUser,
    SendMessages,
    SuppressMessages,
    GetUserConnections,
    RequestUserConnections,
    GetPresence,
    SetPresence,
    GetBasicUserInfo,
    GetBasicContactInfo,
    ListUserStreams,
    ManageRooms,
}

impl AppPermission {
    /// All there are, in the order of the documentation.
    pub const ALL: [Self; 11] = [
        Self::ActAsUser,
        Self::SendMessages,
        Self::SuppressMessages,
        Self::GetUserConnections,
        Self::RequestUserConnections,
        Self::GetPresence,
        Self::SetPresence,
        Self::GetBasicUserInfo,
        Self::GetBasicContactInfo,
        Self::ListUserStreams,
        Self::ManageRooms,
    ];

    /// As it is written on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ActAsUser => "ACT_AS_USER",
            Self::SendMessages => "SEND_MESSAGES",
            Self::SuppressMessages => "SUPPRESS_MESSAGES",
            Self::GetUserConnections => "GET_USER_CONNECTIONS",
            Self::RequestUserConnections => "REQUEST_USER_CONNECTIONS",
            Self::GetPresence => "GET_PRESENCE",
            Self::SetPresence => "SET_PRESENCE",
            Self::GetBasicUserInfo => "GET_BASIC_USER_INFO",
            Self::GetBasicContactInfo => "GET_BASIC_CONTACT_INFO",
            Self::ListUserStreams => "LIST_USER_STREAMS",
            Self::ManageRooms => "MANAGE_ROOMS",
        }
    }

    /// The permission written so, if there is one.
    pub fn from_wire(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|permission| permission.as_str() == text)
    }
}

impl fmt::Display for AppPermission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
