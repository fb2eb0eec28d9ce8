//! The pod as a pure state machine: who exists, who may do what, what happened.
//!
//! Nothing here is async, knows HTTP, reads a clock or draws chance from the system. Time comes in
//! as a [`Timestamp`] argument; chance comes from the world's own seeded generator, so that the
//! same scenario, seed and calls give the same bytes.

mod account_type;
mod answers;
mod app_administration;
mod app_login;
mod apps;
mod audit;
mod avatar;
mod barriers;
mod bot_manifest;
mod certificate;
mod company_certificates;
mod connect;
mod connections;
mod conversations;
mod delegates;
mod directory;
mod disclaimers;
mod dlp;
mod document_id;
mod events;
mod export_files;
mod expression;
mod features;
mod feeds;
mod following;
mod groups;
mod id;
mod instruments;
#[cfg(test)]
mod invariants;
mod jwt;
mod key_changes;
mod keys;
mod login;
mod membership;
mod messages;
mod people;
mod permission;
mod presence;
mod protocols;
mod refusal;
mod register;
mod roles;
mod room_search;
mod rooms;
#[cfg(test)]
mod sample;
mod scopes;
mod seeded_rng;
mod seeding;
mod session;
mod settings;
mod signals;
mod signer;
mod similarity;
mod sso;
mod streams;
mod time;
mod unheard;
mod unknown_names;
mod user_administration;
mod users;
mod witness;

use std::collections::BTreeMap;

pub use account_type::AccountType;
pub use answers::{Answers, Reaction, Script, Trigger};
pub use app_administration::{
    AppChange, AppProperty, Manifest, Notification, Override, PodEntitlement, Product,
    ProductChange, StoreListing, UserEntitlement,
};
pub use app_login::{ExtensionAppTokens, OnBehalfOf};
pub use apps::{App, Apps};
pub use audit::{AuditCategory, AuditEntry, AuditEvent, AuditEventFilter, AuditFilter, AuditTrail};
pub use avatar::{Avatar, avatar_urls};
pub use barriers::{
    BarrierGroup, BarrierMembershipChange, BarrierMembershipFault, BarrierPolicy,
    BarrierPolicyType, Barriers,
};
pub use bot_manifest::check_manifest;
pub use certificate::{Certificate, NotACertificate, common_name};
pub use company_certificates::{
    CertificateChange, CertificateStatus, CertificateType, CompanyCertificate, CompanyCertificates,
    Expired,
};
pub use connect::{
    Connect, ConnectCompany, ConnectRefusal, ConnectStatus, ConnectUserRequest, Onboarded,
    OnboardingRequest, OnboardingStanding, Partner, TakenByOthers, Tenant, TenantRequest,
    TenantUser,
};
pub use connections::{
    Connection, ConnectionFilter, ConnectionRequest, ConnectionStatus, Connections,
};
pub use conversations::{AdminStreamFilter, StreamFilter};
pub use directory::{Reach, UserKeys, UserSearch};
pub use disclaimers::{Disclaimer, DisclaimerScope, Disclaimers};
pub use dlp::{
    DetectedBy, Detection, Dictionary, DictionaryContent, DictionaryKind, DictionaryRef, Dlp,
    DlpAction, DlpDataType, DlpFileType, DlpPart, DlpPolicy, DlpPolicyContent, DlpPolicyPart,
    DlpPolicyRequest, DlpRule, DlpRuleKind, DlpScope, DlpVersion, ExtensionFault, Finding,
    FindingKind, MessageSubject, PasswordCriterion, PolicyVerdict, Screened, ScreenedFile,
    StreamSubject, Verdict, Violation, ViolationFilter, ViolationKind, ViolationSubject,
};
pub use document_id::DocumentId;
pub use events::{
    Audience, ElementsAction, Event, EventId, EventType, FormValue, Payload, RoomView, StreamView,
    SystemEvent,
};
pub use export_files::{ExportFile, ExportFileOrder, ExportFileQuery, ExportFiles, JobType};
pub use expression::Expression;
pub use features::{Feature, Features};
pub use feeds::{
    AckId, DatahoseFilter, DatahoseScope, Feed, FeedId, FeedKind, FeedService, Feeds, Standing,
    Withheld,
};
pub use following::{Cursor, Direction, Following};
pub use groups::{
    Connected, Group, GroupLimits, GroupMember, GroupProfile, GroupRequest, GroupStatus, Groups,
    Restricted, RoomGroup, SeededGroup,
};
pub use id::{MessageId, NotAnId, PodId, StreamId, SystemMessageId, UserId};
pub use instruments::{IDENTIFYING, Instrument, Instruments};
pub use jwt::{JwtFault, LoginJwt};
pub use key_changes::{KeyAction, KeyChange, KeyChanges};
pub use keys::{KeyId, KeyRefusal, KeyRing, PublicKey};
pub use login::{CertificateLogin, JwtLogin};
pub use messages::{
    ARTICLE, Article, Attachment, AttachmentFilter, AttachmentType, AttachmentTypes, FileExtension,
    FileId, FormSubmission, History, ImportedMessage, Limit, MalwareScan, Markup, Message,
    MessageQuery, Messages, Origin, PlannedFindings, Receipt, Relationship, ScanResult, ScanState,
    SeededFile, SeededMessage, Source, Status, Submission, Thumbnail, TypeSource, Upload,
};
pub use permission::AppPermission;
pub use presence::{Presence, PresenceCategory, PresenceChange, Presences};
pub use protocols::Protocols;
pub use refusal::{Refusal, TokenFault, shorten};
pub use roles::{EVERYBODY, ROLES, Role};
pub use room_search::{RoomField, RoomOrder, RoomQuery};
pub use rooms::{RoomAttributes, RoomRequest};
pub use seeded_rng::SeededRng;
pub use seeding::{SeededConnection, SeededStream};
pub use session::{Principal, Session, TokenSpace};
pub use settings::{
    AuthenticateBody, DeprecatedOperations, FeedDeleted, JwtClock, RefusalStatus, RequestBodies,
    Settings, UniqueRoomNames,
};
pub use signals::{Signal, SignalQuery, SignalRequest, Signals, Subscribed, Subscription};
pub use signer::{Jwk, Signer, SignerError};
pub use similarity::likeness;
pub use sso::SsoConfiguration;
pub use streams::{Member, Stream, StreamDetail, StreamKind, Streams};
pub use time::{NotATimestamp, Timestamp};
pub use unknown_names::unknown_name;
pub use user_administration::{Profile, UserChange, UserFilter};
pub use users::{AccountHistory, AccountStatus, Suspension, SuspensionEnd, User, Users};
pub use witness::{Happening, Witness};

/// Everything the pod knows, apart from its session tokens.
///
/// Tokens live beside the world, in the pod's own store: every request reads exactly one of them,
/// and none of the world's invariants depends on them.
///
/// What grows is kept in persistent collections: a copy costs the same however much there is, and
/// original and copy share what neither of them has changed since. Those collections are ordered
/// ones throughout, so that what is iterated comes in the same order in every run.
#[derive(Debug, Clone)]
pub struct World {
    pub identity: Identity,
    pub settings: Settings,
    pub users: Users,
    pub groups: Groups,
    pub apps: Apps,
    pub connections: Connections,
    pub presences: Presences,
    pub following: Following,
    pub disclaimers: Disclaimers,
    /// Who may not be together with whom.
    pub barriers: Barriers,
    pub signals: Signals,
    /// What must not be said.
    pub dlp: Dlp,
    /// What tags of messages mean.
    pub instruments: Instruments,
    /// What was exported of its content.
    pub exports: ExportFiles,
    /// Who brings people of companies without a pod.
    pub connect: Connect,
    /// How people log in, once somebody configured it.
    pub sso: Option<SsoConfiguration>,
    pub streams: Streams,
    pub messages: Messages,
    /// What tests said that searches by meaning find.
    pub planned_findings: PlannedFindings,
    pub feeds: Feeds,
    /// Whose client certificates are good.
    pub company_certificates: CompanyCertificates,
    /// What people did by their roles.
    pub audit: AuditTrail,
    pub rng: SeededRng,
    /// What people do by themselves.
    pub answers: Answers,
    /// What bots never heard of.
    unheard: unheard::Unheard,
    /// What whoever watches the pod is told.
    pub witness: Witness,
}

/// What the pod calls itself.
#[derive(Debug, Clone)]
pub struct Identity {
    /// Number of the pod; the high bits of its users' ids.
    pub id: PodId,
    /// Name shown to people.
    pub name: String,
    /// Company its own users work for unless they say otherwise.
    pub company: String,
    /// What `GET /agent/v1/info` reports, for example `Agent-24.1.0-1-Linux-mock`.
    ///
    /// Both BDKs read `Agent-<major>.<minor>.` from it to decide on simplified key delivery.
    pub agent_version: String,
    /// What the pod component reports in the extended health check.
    pub pod_version: String,
    /// The other pods that it knows, with the companies that their users work for unless they say
    /// otherwise.
    pub foreign_pods: BTreeMap<PodId, String>,
}

impl World {
    /// A pod without users, apps and streams.
    pub fn new(identity: Identity, settings: Settings, rng: SeededRng) -> Self {
        Self {
            connect: Connect::beside(identity.id),
            identity,
            settings,
            users: Users::default(),
            groups: Groups::default(),
            apps: Apps::default(),
            connections: Connections::default(),
            presences: Presences::default(),
            following: Following::default(),
            disclaimers: Disclaimers::default(),
            barriers: Barriers::default(),
            signals: Signals::default(),
            dlp: Dlp::default(),
            instruments: Instruments::default(),
            exports: ExportFiles::default(),
            sso: None,
            streams: Streams::default(),
            messages: Messages::default(),
            planned_findings: PlannedFindings::default(),
            feeds: Feeds::default(),
            company_certificates: CompanyCertificates::default(),
            audit: AuditTrail::default(),
            rng,
            answers: Answers::default(),
            unheard: unheard::Unheard::default(),
            witness: Witness::default(),
        }
    }
}
