mod length;
mod why;

pub use length::shorten;

use super::{
    AccountType, AppPermission, ConnectRefusal, Detection, DocumentId, Feature, JwtFault,
    KeyRefusal, Limit, MessageId, ScanState, Screened, StreamId, Timestamp, UserId,
};

/// Why the pod does not do what it was asked: reasons only, no statuses and no bodies.
///
/// One place at the border (`api::answer`) turns a refusal into what the client gets, which is
/// what a real pod says. What the refusal knew beyond that is its [`why`](Refusal::why): it goes
/// to the log and the journal, never to the client.
#[derive(Debug, Clone, PartialEq)]
pub enum Refusal {
    /// A form cannot be submitted so.
    FormInvalid {
        why: String,
    },
    /// The operation wants a session and no token came.
    SessionTokenMissing,
    /// A token came, and it is not good.
    SessionInvalid(TokenFault),

    /// The operation identifies its caller by a client certificate and none was presented.
    CertificateMissing,
    /// A client certificate came, and this pod does not take it.
    CertificateRefused {
        why: String,
    },
    /// The certificate's subject has no Common Name.
    CommonNameMissing {
        subject: String,
    },
    /// No user of the pod is called what the Common Name says.
    CommonNameUnknown {
        common_name: String,
        nearest: Option<String>,
    },
    /// The user on whose behalf an app wants a session is not active.
    OnBehalfOfInactive {
        username: String,
    },
    /// The user is not active.
    UserInactive {
        username: String,
    },
    /// People's accounts may not log in with certificates.
    UserNotServiceUser {
        username: String,
    },
    /// This service user may not log in with certificates.
    CertificateLoginSwitchedOff {
        username: String,
    },
    /// An enabled app with a certificate goes by the bot's name.
    AppClaimsName {
        username: String,
    },
    /// The key is shorter than the setting demands.
    KeyTooWeak {
        algorithm: String,
        strength: u32,
        minimum: u32,
    },
    /// A login that should have no body has one.
    AuthenticateWithBody {
        content_type: bool,
    },
    /// A login that should have no `Content-Type` has one.
    AuthenticateWithContentType,

    /// A login by JWT that is not good.
    JwtRefused(JwtFault),
    /// No app has the id that the Common Name says.
    AppUnknown {
        id: String,
        nearest: Option<String>,
    },
    /// The app is not enabled on the pod.
    AppDisabled {
        id: String,
    },
    /// The app's manifest has no certificate.
    AppCertificateNotTrusted {
        id: String,
    },
    /// A session on behalf of a user is opened with an app's session, and this is another one.
    AppSessionExpected,
    /// An app's own session is used where a user is asked for.
    AppSessionIsNoUser {
        app: String,
    },
    /// Nobody of the pod is the user on whose behalf a session is wanted.
    OnBehalfOfUnknown {
        user: String,
        by_certificate: bool,
    },
    /// The user does not have the app.
    AppNotInstalled {
        app: String,
        username: String,
    },
    /// The app has none of the permissions that the call needs; none can be had for a call that
    /// is not open to apps.
    AppLacks {
        app: String,
        needs: Vec<AppPermission>,
    },
    /// An app's token is empty or too long.
    AppTokenLength {
        length: usize,
    },
    /// A change of an account's or an app's keys that the rules forbid.
    KeyRefused(KeyRefusal),
    /// The agent insists on a key manager token and none came.
    KeyManagerTokenMissing,
    /// A key manager token came, and it is not good.
    KeyManagerTokenInvalid(TokenFault),
    /// No session of the user has this id.
    SessionIdUnknown {
        id: String,
    },
    /// The caller's account lacks the role that the call needs.
    RoleMissing {
        role: &'static str,
    },
    /// An administrator took the feature from the user.
    FeatureOff {
        user: UserId,
        feature: Feature,
    },
    /// There is no feature called so.
    FeatureUnknown {
        name: String,
        nearest: Option<String>,
    },

    /// Nothing to log out: no token came.
    LogoutTokenMissing,
    /// The token to log out is not a live one.
    LogoutTokenInvalid(TokenFault),
    /// The certificate is not that of the token's owner.
    CertificateOfAnother {
        common_name: String,
        owner: String,
    },

    /// There is no connection with that user, or none in the state that the operation is for.
    ConnectionUnknown {
        user: UserId,
    },
    /// The two users are on one pod: that connection cannot be undone.
    ConnectionImplicit {
        user: UserId,
    },
    ConnectionWithOneself,
    /// Version 1 of setting somebody's presence takes some categories only.
    PresenceNotSettable {
        category: &'static str,
    },
    /// The caller has no presence feed of this id.
    PresenceFeedUnknown {
        id: String,
    },

    /// The caller may not do this: what he would have needed.
    NotEntitled {
        needs: &'static str,
    },
    /// No user has this id, or the user is not active.
    UserUnavailable {
        user: UserId,
    },
    /// A user of another pod with whom the caller is not connected.
    NotConnected {
        user: UserId,
    },
    /// A conversation is between two at least.
    TooFewMembers,
    /// There is no such stream, as far as the caller may know.
    StreamUnknown,
    /// There is no such IM or MIM, as far as the caller may know.
    NotAConversation,
    /// There is no such room, as far as the caller may know.
    NotARoom,
    /// Only those inside see who is in a room.
    NeitherAdminNorMember {
        user: UserId,
    },
    /// The attributes of a room contradict each other or a rule: which.
    RoomRuleBroken {
        what: String,
    },
    /// Another room goes by this name.
    RoomNameTaken {
        name: String,
    },
    /// The room is closed: its membership is locked, and nothing can be sent.
    RoomInactive,
    /// A user of another pod in a room that is not cross-pod.
    RoomNotCrossPod {
        user: UserId,
    },
    /// The user is not in the room.
    NotInRoom {
        user: UserId,
    },
    /// A room keeps its last owner.
    LastOwner,
    /// There is no such feed, or it has expired, or it is somebody else's.
    FeedUnknown,
    /// The same, of a datafeed 1.
    LegacyFeedUnknown,
    /// The account has as many datafeeds 2 as it may have.
    TooManyFeeds {
        limit: u32,
    },
    /// The account has as many datafeeds 1 as it may have.
    TooManyLegacyFeeds {
        limit: u32,
    },
    /// No read ever gave this `ackId`: it is not even of the right form.
    AckMalformed {
        ack: String,
    },
    /// None of the pod's own users has this id.
    UserUnknown {
        id: u64,
    },
    /// The same, where the operation says 404.
    UserNotFound {
        id: u64,
    },
    /// Another account has this user name or e-mail address.
    UserExists {
        field: &'static str,
        value: String,
    },
    /// No app has this id, an administrator hears.
    AppNotRegistered {
        id: String,
        nearest: Option<String>,
    },
    /// A new app's id is that of another app, or the name of a user.
    AppIdTaken {
        id: String,
        by_user: bool,
    },
    /// The pod has no accounts of this type.
    AccountTypeUnknown {
        name: String,
        nearest: Option<String>,
    },
    /// No role has this id.
    RoleUnknown {
        id: String,
        nearest: Option<String>,
    },
    /// Accounts of this type cannot have the role.
    RoleNotForAccount {
        role: &'static str,
        account_type: AccountType,
    },
    /// No group has this id.
    GroupUnknown {
        id: String,
    },
    /// There is no such type of groups.
    GroupTypeUnknown {
        id: String,
    },
    /// Somebody changed the group since the caller read it.
    GroupChanged {
        held: String,
        shown: String,
    },
    /// The access token was not granted the scope.
    ScopeMissing {
        scope: &'static str,
    },
    /// None of these is one of the pod's own users.
    FollowersUnknown {
        ids: Vec<u64>,
    },
    /// No disclaimer has this id.
    DisclaimerUnknown {
        id: String,
    },
    /// An information barrier keeps two users apart: the policy, and the group of each.
    InformationBarrier {
        one: UserId,
        other: UserId,
        policy: DocumentId,
        groups: [String; 2],
    },
    /// No group of information barriers has this id. Reading says 404 of it, and changing 400.
    BarrierGroupUnknown {
        id: String,
        listed: bool,
    },
    /// No file of content exports has this id.
    ExportFileUnknown {
        id: String,
    },
    /// A URL was not signed so, or its time is over.
    SignedUrlInvalid {
        why: String,
    },
    /// What a partner asked for and does not get.
    Connect(Box<ConnectRefusal>),
    /// An access token or a key that no partner has.
    PartnerTokenInvalid,
    /// Nobody has this client id with this secret.
    ClientUnknown {
        id: String,
    },
    /// A client asks for an access token in a way that it cannot get one.
    GrantTypeUnsupported {
        given: String,
    },
    /// No signal has this id.
    SignalUnknown {
        id: String,
    },
    /// No dictionary has this id.
    DictionaryUnknown {
        id: String,
    },
    /// No policy has this id.
    DlpPolicyUnknown {
        id: String,
    },
    /// No company certificate has this fingerprint.
    CertificateUnknown {
        fingerprint: String,
    },

    /// It is no MessageML, or a template or data that do not fit: what the Agent says of it.
    MessageInvalid {
        why: String,
    },
    /// Policies found something that must not be said.
    ComplianceIssues {
        screened: Screened,
        details: Vec<Detection>,
    },
    /// No such file came with what a violation is about.
    ViolationFileUnknown {
        id: String,
    },
    /// More than a message may have.
    LimitReached {
        limit: Limit,
        amount: u64,
        most: u64,
    },
    /// Who is not in a stream neither writes nor reads there.
    NotInStream {
        user: UserId,
        stream: StreamId,
    },
    /// There is no such message in the stream.
    MessageUnknown {
        id: MessageId,
    },
    /// The same, where the API says 404.
    MessageNotFound {
        id: MessageId,
    },
    /// There is no such stream, where the API says 404.
    StreamNotFound {
        stream: StreamId,
    },
    /// Messages are updated by their authors.
    MessageOfAnother {
        id: MessageId,
    },
    /// What was suppressed stays so.
    MessageSuppressed {
        id: MessageId,
    },
    /// There is no such file in the message, or in the stream.
    AttachmentUnknown {
        id: String,
    },
    /// The pod does not have files scanned for malware.
    MalwareScanOff,
    /// A file that was found to be malware, or waits for the scanner.
    FileNotClean {
        state: ScanState,
    },
    /// The pod does not take files whose names end so.
    AttachmentTypeNotAllowed {
        extension: String,
        why: String,
    },
    /// More of the audit trail than may be asked for at once.
    AuditPeriodTooLong,
    /// The times between which messages are looked for are too far apart.
    RangeTooLong,

    /// The request cannot be read: what is wrong with it, and what was expected.
    Malformed {
        what: String,
    },
    /// The body is of a media type that the operation does not take.
    MediaTypeUnsupported {
        what: String,
    },
    /// The body is larger than the operation takes.
    TooLarge {
        what: String,
    },
    /// Not now: what the pod would need is taken by others.
    Unavailable {
        why: String,
    },
    /// No operation has this path. `nearest` is one whose path is alike.
    PathUnknown {
        nearest: Option<String>,
    },
    /// The listener stands for a host that does not serve the path; others do, as texts for people.
    ServedElsewhere {
        listener: String,
        role: &'static str,
        elsewhere: String,
    },
    /// The path exists, with other methods.
    MethodNotAllowed {
        allowed: String,
    },
    /// The operation is deprecated, and switched off: path and method of what replaces it.
    Gone {
        replacement: Option<String>,
    },
    /// A test planned that the call fails.
    Injected {
        fault: String,
        status: u16,
    },
    /// A bug in the pod.
    Bug,
}

/// What is the matter with a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenFault {
    /// Not one of the live tokens, nor of those that ended lately.
    Unknown,
    /// Its life was over.
    Expired { at: Timestamp },
    /// A call ended it.
    Ended { by: &'static str, at: Timestamp },
}
