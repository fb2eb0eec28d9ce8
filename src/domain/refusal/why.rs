//! The texts of refusals.

use std::fmt;

use super::super::{Detection, Screened, StreamId, UserId, World};
use super::{Refusal, TokenFault};

/// What the words call users and streams.
trait Names {
    fn user(&self, id: UserId) -> String;
    fn stream(&self, id: StreamId) -> String;
}

/// As the API's callers know them.
struct ByIds;

impl Names for ByIds {
    fn user(&self, id: UserId) -> String {
        id.to_string()
    }

    fn stream(&self, id: StreamId) -> String {
        id.to_string()
    }
}

/// As people know them: by user names, and rooms by their names.
impl Names for World {
    fn user(&self, id: UserId) -> String {
        let user = self.users.by_id(id);
        user.map_or_else(|| ByIds.user(id), |user| format!("{:?}", user.username))
    }

    fn stream(&self, id: StreamId) -> String {
        let room = self.streams.by_id(id).and_then(|stream| stream.room());
        room.map_or_else(|| ByIds.stream(id), |room| format!("{:?}", &*room.name))
    }
}

impl World {
    /// The decision in the words of those who call users and rooms by their names.
    pub fn why(&self, refusal: &Refusal) -> String {
        refusal.words(self)
    }
}

impl Refusal {
    /// The decision in words, with what the client is not told.
    pub fn why(&self) -> String {
        self.words(&ByIds)
    }

    fn words(&self, names: &impl Names) -> String {
        match self {
            Self::SessionTokenMissing => "no sessionToken header came".into(),
            Self::SessionInvalid(fault) => format!("the sessionToken {fault}"),
            Self::CertificateMissing => {
                "the TLS connection has no client certificate: the client was not configured with \
                 one, or does not present it on this port"
                    .into()
            }
            Self::CertificateRefused { why } => {
                format!("the pod does not take the client certificate: {why}")
            }
            Self::CommonNameMissing { subject } => {
                format!("the client certificate's subject [{subject}] has no Common Name")
            }
            Self::CommonNameUnknown { common_name, nearest: Some(nearest) } => format!(
                "no user is called {common_name:?} (letter case counts); the nearest is {nearest:?}"
            ),
            Self::CommonNameUnknown { common_name, nearest: None } => {
                format!("no user is called {common_name:?}, nor anything like it")
            }
            Self::UserInactive { username } | Self::OnBehalfOfInactive { username } => format!("the user {username:?} is not active"),
            Self::UserNotServiceUser { username } => {
                format!(
                    "{username:?} is a person's account; only service users log in by certificate"
                )
            }
            Self::CertificateLoginSwitchedOff { username } => {
                format!("certificateLogin is off for the user {username:?}")
            }
            Self::AppClaimsName { username } => {
                format!("an enabled app with a certificate is called {username:?} too")
            }
            Self::KeyTooWeak { algorithm, strength, minimum } => format!(
                "the certificate's {algorithm} key counts as {strength} bits, settings.minimumKeyBits is {minimum}"
            ),
            Self::AuthenticateWithBody { content_type: true } => {
                "a body came with a Content-Type, settings.authenticateBody is strict".into()
            }
            Self::AuthenticateWithBody { content_type: false } => {
                "a body came without a Content-Type, settings.authenticateBody is strict".into()
            }
            Self::AuthenticateWithContentType => {
                "a Content-Type header came, settings.authenticateBody is strict".into()
            }
            Self::JwtRefused(fault) => format!("the JWT {fault}"),
            Self::AppUnknown { id, nearest: Some(nearest) } => {
                format!("no app has the id {id:?}; the nearest is {nearest:?}")
            }
            Self::AppUnknown { id, nearest: None } => {
                format!("no app has the id {id:?}, nor anything like it")
            }
            Self::AppDisabled { id } => format!("the app {id:?} is not enabled"),
            Self::AppCertificateNotTrusted { id } => {
                format!("certificateLogin is off for the app {id:?}")
            }
            Self::AppSessionExpected => "the sessionToken is not that of an app".into(),
            Self::AppSessionIsNoUser { app } => format!(
                "the sessionToken is the app {app:?}'s own; calls are made on behalf of a user"
            ),
            Self::OnBehalfOfUnknown { user, .. } => format!("the pod has no user {user:?}"),
            Self::AppNotInstalled { app, username } => {
                format!("the app {app:?} is not installed for {username:?}")
            }
            Self::AppLacks { app, needs } if needs.is_empty() => {
                format!("the call is not open to apps on behalf of users, which {app:?} is")
            }
            Self::AppLacks { app, needs } => {
                let needs: Vec<_> = needs.iter().map(|needed| needed.as_str()).collect();
                format!("the app {app:?} lacks the permission {}", needs.join(" or "))
            }
            Self::AppTokenLength { length } => {
                format!("the appToken has {length} characters, expected 1 to 1000")
            }
            Self::KeyRefused(refusal) => format!("the key {refusal}"),
            Self::KeyManagerTokenMissing => {
                "no keyManagerToken came, settings.agentRequiresKeyManagerToken is on".into()
            }
            Self::KeyManagerTokenInvalid(fault) => format!("the keyManagerToken {fault}"),
            Self::SessionIdUnknown { id } => format!("the user has no session {id:?}"),
            Self::RoleMissing { role } => format!("the caller lacks the role {role}"),
            Self::FeatureOff { user, feature } => format!(
                "{feature} is off for the user {}: POST /pod/v1/admin/user/{user}/features/update, or \
                 `features` of the user in the scenario",
                names.user(*user)
            ),
            Self::FeatureUnknown { name, nearest: Some(nearest) } => {
                format!("there is no feature {name:?}; the nearest is {nearest:?}")
            }
            Self::FeatureUnknown { name, nearest: None } => {
                format!("there is no feature {name:?}")
            }
            Self::LogoutTokenMissing => "no token came to log out".into(),
            Self::LogoutTokenInvalid(fault) => format!("the token to log out {fault}"),
            Self::CertificateOfAnother { common_name, owner } => format!(
                "the client certificate's Common Name is {common_name:?}, the token belongs to {owner:?}"
            ),
            Self::ConnectionUnknown { user } => {
                let user = names.user(*user);
                format!("there is no such connection or request between the caller and {user}")
            }
            Self::ConnectionImplicit { user } => {
                let user = names.user(*user);
                format!("{user} is on the caller's own pod: the two are always connected")
            }
            Self::ConnectionWithOneself => "the caller named himself".into(),
            Self::PresenceNotSettable { category } => {
                format!("version 1 does not set the presence {category} of a user")
            }
            Self::PresenceFeedUnknown { id } => {
                format!("the caller has no presence feed {id:?}")
            }
            Self::NotEntitled { needs } => format!("the caller would need {needs}"),
            Self::UserUnavailable { user } => {
                let user = names.user(*user);
                format!("there is no user {user}, or the account is not active")
            }
            Self::NotConnected { user } => format!(
                "the user {} belongs to another pod, and the caller is not connected with him",
                names.user(*user)
            ),
            Self::TooFewMembers => {
                "there is nobody to talk to: one other user is needed at least".into()
            }
            Self::StreamUnknown => "there is no such stream, or the caller is not in it".into(),
            Self::NotAConversation => {
                "there is no such stream, it is a room, or the caller is not in it".into()
            }
            Self::NotARoom => "there is no such stream, it is no room, or it is neither public nor discoverable and the caller is not in it"
                .into(),
            Self::NeitherAdminNorMember { user } => {
                let user = names.user(*user);
                format!("the caller {user} is not in the room and has no role to look inside")
            }
            Self::RoomRuleBroken { what } => what.clone(),
            Self::RoomNameTaken { name } => format!(
                "another room is called {name:?} (letter case and white space do not count)"
            ),
            Self::RoomInactive => "the room is not active".into(),
            Self::RoomNotCrossPod { user } => {
                let user = names.user(*user);
                format!("the user {user} belongs to another pod, and the room is not cross-pod")
            }
            Self::NotInRoom { user } => {
                format!("the user {} is not in the room", names.user(*user))
            }
            Self::LastOwner => "it would leave the room without an owner".into(),
            Self::FeedUnknown | Self::LegacyFeedUnknown => {
                "the caller has no such feed (any more): feeds expire when they are not read. SDKs \
                 delete it next; with settings.datafeedDeleteStatus 204 symphony-bdk-python 3.0.0 \
                 dies of the answer"
                    .into()
            }
            Self::TooManyFeeds { limit } => format!(
                "the account has {limit} datafeeds already, which is settings.datafeedLimit"
            ),
            Self::TooManyLegacyFeeds { limit } => format!(
                "the account has {limit} datafeeds already, which is settings.datafeed1Limit"
            ),
            Self::AckMalformed { ack } => format!("{ack:?} is no ackId that a read ever gave"),
            Self::UserUnknown { id } | Self::UserNotFound { id } => {
                format!("the pod has no user {id} of its own")
            }
            Self::UserExists { field, value } => {
                format!("another account has the {field} {value:?}")
            }
            Self::AppNotRegistered { id, nearest: Some(nearest) } => {
                format!("no app has the id {id:?}; the nearest is {nearest:?}")
            }
            Self::AppNotRegistered { id, nearest: None } => format!("no app has the id {id:?}"),
            Self::AppIdTaken { id, by_user: false } => format!("there is an app {id:?} already"),
            Self::AppIdTaken { id, by_user: true } => format!("a user is called {id:?}"),
            Self::AccountTypeUnknown { name, nearest } => {
                let near = nearest.as_ref().map(|near| format!("; the nearest is {near:?}"));
                format!(
                    "there is no account type {name:?}{}; settings.otherAccountTypes names further ones",
                    near.unwrap_or_default()
                )
            }
            Self::RoleUnknown { id, nearest: Some(nearest) } => {
                format!("there is no role {id:?}; the nearest is {nearest:?}")
            }
            Self::RoleUnknown { id, nearest: None } => format!("there is no role {id:?}"),
            Self::RoleNotForAccount { role, account_type } => {
                format!("the role {role} is not for accounts of type {}", account_type.as_str())
            }
            Self::FollowersUnknown { ids } => {
                format!("the pod has no users {ids:?} of its own; all others are done")
            }
            Self::DisclaimerUnknown { id } => format!("no disclaimer has the id {id:?}"),
            Self::InformationBarrier { one, other, policy, groups: [here, there] } => format!(
                "the policy {policy} of information barriers keeps the groups {here:?} and {there:?} \
                 apart: the user {} is in the one, {} in the other",
                names.user(*one),
                names.user(*other)
            ),
            Self::BarrierGroupUnknown { id, .. } => {
                format!("no group of information barriers has the id {id:?}")
            }
            Self::ExportFileUnknown { id } => {
                format!("no file of content exports has the id {id:?}")
            }
            Self::SignedUrlInvalid { why } => format!("the signed URL is not good: {why}"),
            Self::Connect(refusal) => format!("{}: {}", refusal.code, refusal.message),
            Self::PartnerTokenInvalid => {
                "the access token is none that POST /oauth/token or POST /_mock/partners/NAME/token \
                 gave not long ago, or the key is no partner's apiKey"
                    .into()
            }
            Self::ClientUnknown { id } => format!(
                "no partner has the client id {id:?} with that secret: communityConnect.partners of \
                 the scenario names them"
            ),
            Self::GrantTypeUnsupported { given } => {
                format!("grant_type is {given:?}, expected \"client_credentials\"")
            }
            Self::SignalUnknown { id } => format!("no signal has the id {id:?}"),
            Self::ComplianceIssues { screened, details } => compliance(*screened, details),
            Self::ViolationFileUnknown { id } => {
                format!("there is no such violation, or no file {id:?} in it")
            }
            Self::DictionaryUnknown { id } => format!("no dictionary has the id {id:?}"),
            Self::DlpPolicyUnknown { id } => format!("no policy has the id {id:?}"),
            Self::CertificateUnknown { fingerprint } => {
                format!("no company certificate has the fingerprint {fingerprint:?}")
            }
            Self::MessageInvalid { why }
            | Self::AttachmentTypeNotAllowed { why, .. }
            | Self::FormInvalid { why }
            | Self::Unavailable { why } => why.clone(),
            Self::LimitReached { limit, amount, most } => {
                format!("the limit {limit} is {most}, this has {amount}")
            }
            Self::NotInStream { user, stream } => {
                let (user, stream) = (names.user(*user), names.stream(*stream));
                format!("the user {user} is not in the stream {stream}")
            }
            Self::MessageUnknown { id } | Self::MessageNotFound { id } => {
                format!("there is no message {id}, or not in that stream")
            }
            Self::StreamNotFound { stream } => {
                format!("there is no stream {}", names.stream(*stream))
            }
            Self::MessageOfAnother { id } => format!("the message {id} is not the caller's"),
            Self::MessageSuppressed { id } => format!("the message {id} is suppressed"),
            Self::AttachmentUnknown { id } => {
                format!("there is no file {id:?} in that message or stream")
            }
            Self::MalwareScanOff => {
                "files are not scanned for malware here: the setting malwareScan is off".into()
            }
            Self::FileNotClean { state } => {
                format!("the file's malware scan state is {}, expected OK", state.as_str())
            }
            Self::AuditPeriodTooLong => {
                "startTimestamp and endTimestamp are more than 30 days apart".into()
            }
            Self::RangeTooLong => "since and to are more than 24 hours apart".into(),
            Self::GroupUnknown { id } => format!("there is no group {id:?}"),
            Self::GroupTypeUnknown { id } => {
                format!("there is no type of groups {id:?}; there is SDL")
            }
            Self::GroupChanged { held, shown } => {
                format!("If-Match is {shown:?}, and the group's eTag is {held:?}")
            }
            Self::ScopeMissing { scope } => format!(
                "the access token was not granted the scope {scope}: it is granted to those whose \
                 account has the role for it when they ask for the token"
            ),
            Self::Malformed { what } | Self::TooLarge { what } => what.clone(),
            Self::Gone { .. } => "the operation is deprecated: settings.deprecatedOperations is gone, \
                                  or settings.datafeed1End is over"
                .into(),
            Self::MediaTypeUnsupported { what } => {
                format!("{what}: settings.requestBodies is strict")
            }
            Self::PathUnknown { nearest: Some(nearest) } => {
                format!("no operation has this path; the nearest is {nearest}")
            }
            Self::PathUnknown { nearest: None } => "no operation has this path".into(),
            Self::ServedElsewhere { listener, role, elsewhere } => format!(
                "the listener {listener:?} stands for the {role}, which does not serve this path; \
                 {elsewhere} does"
            ),
            Self::MethodNotAllowed { allowed } => format!("the path takes {allowed}"),
            Self::Injected { fault, .. } => format!("the injected fault {fault}"),
            Self::Bug => "a bug in the mock pod; the log has it".into(),
        }
    }
}

/// Which policies found what, and where.
fn compliance(screened: Screened, details: &[Detection]) -> String {
    let mut found = Vec::new();
    for detection in details {
        let place = match &detection.file {
            Some(file) => format!(" in the file {file:?}"),
            None if screened == Screened::Message => " in the text".to_owned(),
            None => String::new(),
        };
        for policy in &detection.policies {
            let about_file = detection.file.is_some();
            let words = policy.reasons.iter().map(|reason| format!("{reason:?}"));
            let words = words.collect::<Vec<_>>().join(", ");
            let what = match (about_file, policy.reasons.len()) {
                (true, _) => "something".to_owned(),
                (false, 1) => format!("the word {words}"),
                (false, _) => format!("the words {words}"),
            };
            found.push(format!(
                "policy {:?} ({:?}) matched {what}{place}",
                policy.name, policy.action
            ));
        }
    }
    found.join("; ")
}

impl fmt::Display for TokenFault {
    /// Completes a sentence whose subject is the token.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => f.write_str(
                "is none that this pod issued (or it ended so long ago that nobody remembers)",
            ),
            Self::Expired { at } => {
                write!(f, "expired at {} ms on the pod's clock", at.as_millis())
            }
            Self::Ended { by, at } => {
                write!(f, "was ended by {by} at {} ms on the pod's clock", at.as_millis())
            }
        }
    }
}
