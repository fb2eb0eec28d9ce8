use std::fmt;

/// What an app may do in its users' names, as far as operations of the API ask for it. Apps may have
/// others: there are new ones every year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
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
    CreateUserStream,
    ManageSignals,
    ManageUserFollowing,
    /// "Get user messages" in the documentation of AI agents, which does not give its id.
    GetUserMessages,
    /// "Get Extended User Info", of which the id is not published either.
    GetExtendedUserInfo,
}

impl AppPermission {
    /// All that operations ask for, in the order of the documentation.
    pub const ALL: [Self; 16] = [
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
        Self::CreateUserStream,
        Self::ManageSignals,
        Self::ManageUserFollowing,
        Self::GetUserMessages,
        Self::GetExtendedUserInfo,
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
            Self::CreateUserStream => "CREATE_USER_STREAM",
            Self::ManageSignals => "MANAGE_SIGNALS",
            Self::ManageUserFollowing => "MANAGE_USER_FOLLOWING",
            Self::GetUserMessages => "GET_USER_MESSAGES",
            Self::GetExtendedUserInfo => "GET_EXTENDED_USER_INFO",
        }
    }
}

impl fmt::Display for AppPermission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
