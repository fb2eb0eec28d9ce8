use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use super::roles::{GROUP_MANAGER, ROLES};
use super::{AttachmentTypes, DisclaimerScope, FileExtension, MalwareScan, Protocols};

/// How this pod behaves where real pods differ, are configured, or are not known well enough.
///
/// The defaults are what most real pods were seen to do, and what the SDKs bear.
#[derive(Debug, Clone, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Settings {
    /// How long a session token lives after its login: from `1h` to `14d`, as pod administrators
    /// may choose.
    #[serde(with = "humantime_serde")]
    #[schemars(with = "String")]
    pub session_lifetime: Duration,

    /// What the certificate logins make of a request body or a `Content-Type` header.
    pub authenticate_body: AuthenticateBody,

    /// How strictly the bodies of requests are taken.
    pub request_bodies: RequestBodies,

    /// Refuse client certificates whose RSA modulus has fewer bits, as the documentation says a
    /// pod does with 4096. Elliptic curves count as RSA of comparable strength (NIST SP 800-57):
    /// P-256 as 3072, P-384 as 7680. 0 accepts every key.
    pub minimum_key_bits: u32,

    /// Status for logging out a token that is unknown, expired or already logged out: 400 is what
    /// Symphony's own test stubs show, 401 what most would expect.
    pub logout_unknown_token: RefusalStatus,

    /// Status for a call to the agent without a `sessionToken`: 400 was recorded from a real
    /// agent, other sightings say 401.
    pub agent_missing_token: RefusalStatus,

    /// Whether session tokens say `canUseSimplifiedKeyDelivery`: with an agent of 24.12 or later
    /// both BDKs then skip the key manager.
    pub simplified_key_delivery: bool,

    /// Whether the agent insists on a `keyManagerToken` beside the `sessionToken`, as all agents
    /// did before 25.8. Sessions on behalf of users have none and are let through.
    pub agent_requires_key_manager_token: bool,

    /// Whether a login's answer carries an `authorizationToken`, a short-lived JWT that stands in
    /// for the session token.
    pub authorization_token: bool,

    /// How long such a token, and one from `POST /login/idm/tokens`, is good.
    #[serde(with = "humantime_serde")]
    #[schemars(with = "String")]
    pub access_token_lifetime: Duration,

    /// Whether logging out demands the owner's client certificate, as the documentation says.
    pub logout_requires_certificate: bool,

    /// Whose clock login JWTs are judged by. Clients sign by their machine's, so that a pod whose clock
    /// a test moved refuses them, as a real one would refuse a client whose clock is wrong; `machine`
    /// lets bots with RSA keys log in however far the pod's clock was moved.
    pub jwt_clock: JwtClock,

    /// How long a read of a feed waits for an event: real pods hold an empty read for 20 to 30
    /// seconds. The Java BDK calls itself DOWN when a read of datafeed 2 takes more than 22.
    #[serde(with = "humantime_serde")]
    #[schemars(with = "String")]
    pub datafeed_long_poll: Duration,

    /// How long events that were read from a datafeed 2 or a datahose may stay unacknowledged
    /// before they are handed out again.
    #[serde(with = "humantime_serde")]
    #[schemars(with = "String")]
    pub datafeed_visibility: Duration,

    /// How long a feed lives without being read.
    #[serde(with = "humantime_serde")]
    #[schemars(with = "String")]
    pub datafeed_ttl: Duration,

    /// How many events a read of a datafeed 2 or a datahose hands out at most.
    pub datafeed_batch: u32,

    /// How many datafeeds 2 an account may have; the next one is refused with 403.
    pub datafeed_limit: u32,

    /// Status for deleting a datafeed 2: 200 with a body, which every client bears; or 204 without
    /// one. The API file says 204 and gives it a body, which HTTP has not; the Java BDK takes either,
    /// and symphony-bdk-python 3.0.0 ends its loop at 204 (it looks for the body), so that a feed that
    /// expired would be the end of a bot.
    pub datafeed_delete_status: FeedDeleted,

    /// What callers of deprecated operations of pod and agent are told.
    pub deprecated_operations: DeprecatedOperations,

    /// From when on datafeed 1 is gone (410), as `2026-03-31T00:00:00Z`. Symphony announced its end
    /// for March 2026; by default it goes on.
    #[serde(with = "humantime_serde::option", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub datafeed1_end: Option<SystemTime>,

    /// How many datafeeds 1 an account may have; the next one is refused with 503.
    pub datafeed1_limit: u32,

    /// How many unread events a datafeed 1 holds; the next one makes it expire.
    pub datafeed1_capacity: u32,

    /// How many characters a message may have once it is encrypted (base64 of its PresentationML):
    /// 81,130 as documented, some 60,000 before.
    pub message_max_encrypted: u32,

    /// How many bytes a message and its data may have together: 1.5 MB as documented.
    pub message_max_size: u32,

    /// How many mentions, hashtags and cashtags a message may have: 80 as documented, 40 before
    /// SBE 24.1.
    pub message_max_entities: u32,

    /// How many bytes the attachments of a message may have together, previews included: 30 MB as
    /// documented.
    pub attachments_max_size: u32,

    /// The types of files that `GET /pod/v1/files/allowedTypes` and its successor,
    /// `/pod/file_ext/v1/allowed_extensions`, list: ends of file names, or objects that say where
    /// files of the type may be sent. What administrators change of them by the API stands here too.
    pub attachment_types: AttachmentTypes,

    /// Whether files of other types are refused. By default every file is taken, whatever it is
    /// called.
    pub refuse_other_attachment_types: bool,

    /// Types that are refused where others are taken. `DELETE
    /// /pod/file_ext/v1/allowed_extensions/{extension}` adds to them.
    pub refused_attachment_types: Vec<FileExtension>,

    /// Whether files are scanned for malware, and what counts of those of which no scanner told
    /// anything yet (`PUT /maestro/api/v1/attachments/malware-scan/state`).
    pub malware_scan: MalwareScan,

    /// The schemes that links in messages may have beside `http` and `https`, `mailto` for one:
    /// those that `GET /pod/v1/admin/system/protocols/list` lists, and administrators add and remove.
    pub protocols: Protocols,

    /// The languages that `GET /pod/v1/languages` lists, as tags like `en-US`. The API file has no
    /// example of them: the default is a guess.
    pub languages: Vec<String>,

    /// Whether ids and times in the audit trail are numbers, as in samples of the documentation, of
    /// which symphony-bdk-python 3.0.0 dies; or texts, as the API file has them.
    pub audit_trail_numbers: bool,

    /// Whether a cross-pod room may show its history to new members: the pod's entitlement
    /// `canCreateExternalRoomSharedHistory`.
    pub external_room_shared_history: bool,

    /// Which rooms may not bear the name of another: letter case and white space do not count.
    pub unique_room_names: UniqueRoomNames,

    /// Whether `DELETE /profile-manager/v1/groups/deleteAll` deletes all groups. "Usually disabled",
    /// says the API file.
    pub delete_all_groups: bool,

    /// Id of the role that manages distribution lists, which nobody published.
    pub group_manager_role: String,

    /// Account types beside `NORMAL`, `SYSTEM` and `SDL`, such as pods may have that are newer than a
    /// client. Accounts of seeds and of the administration may have them, and are treated like
    /// people's. A type that is neither is refused: a slip of the pen would make a person of a bot.
    pub other_account_types: Vec<String>,

    /// Roles beside those that the pod knows, for the same end. Every account may have them, and they
    /// open nothing.
    pub other_roles: Vec<String>,

    /// How many streams a blast may go to: 100 is the default of agents.
    pub blast_max_streams: u32,

    /// Status for a user of Community Connect whom there is not: 404 as the API file says, or 400 as
    /// the documentation does.
    pub connect_user_not_found: u16,

    /// How long a company that a partner makes by Connect v2 is STARTED before it is COMPLETED, on the
    /// pod's clock; some `20m` on real pods. By default it is completed when it is asked for next.
    #[serde(with = "humantime_serde")]
    #[schemars(with = "String")]
    pub connect_company_creation: Duration,

    /// Status for bringing together those whom an information barrier keeps apart, 4xx: none is
    /// published but 452 of the profile manager, which stays so.
    pub info_barrier_status: u16,

    /// Where messages carry their authors' disclaimers: in streams with users of other pods, as the
    /// administrators' guide says, or in all.
    pub disclaimer_scope: DisclaimerScope,
}

/// How strictly the certificate logins read a request that should have neither body nor
/// `Content-Type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum AuthenticateBody {
    /// Both are ignored. Both BDKs send `Content-Type: application/json` with an empty body.
    Tolerant,
    /// Refused as documented since March 2025. A body was seen answered 401 when it came with a
    /// `Content-Type` (and 500 when it came without one, which is 400 here).
    Strict,
}

/// How strictly the bodies of requests are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum RequestBodies {
    /// As a pod's JAX-RS servers do: 415 for a body of another media type than the operation's
    /// (finos/symphony-api-spec#15), and 400 for an attachment whose part has no file name or no
    /// `Content-Type` (symphonyoss/RestApiClient#38, #43). A JSON body without a `Content-Type` is
    /// taken, for Symphony's .NET client sends none.
    Strict,
    /// Bodies are what the operation makes of them, and messages of version 4 may be JSON, as
    /// csp-adapter-symphony 0.4 sends them.
    Tolerant,
}

/// What callers of deprecated operations are told
/// (SymphonyPlatformSolutions/symphony-developers-documentation,
/// admin-guide/agent-guide/agent-deprecated-endpoints.md).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum DeprecatedOperations {
    /// A header `Warning: 299` comes with every answer, and names what replaces the operation.
    Warn,
    /// The agent's answer 410, as with `agent.endpoints.deprecated.disable`; the pod's warn.
    Gone,
    /// Nothing.
    Silent,
}

/// Whose names are unique among rooms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum UniqueRoomNames {
    /// Public rooms alone. Symphony's own test of its Python BDK makes a private room called "New
    /// fancy room" whenever it runs against a pod (finos/symphony-bdk-python,
    /// tests/bdk/integration/e2e_test.py), which works but once otherwise.
    Public,
    /// Every room, as the description of the operation reads.
    All,
}

/// The clock by which the `exp`, `iat` and `nbf` of a login JWT are judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum JwtClock {
    /// The pod's own, as everything else.
    Pod,
    /// That of the machine, by which clients sign.
    Machine,
}

/// One of the two statuses between which the sources disagree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefusalStatus {
    BadRequest,
    Unauthorized,
}

/// The status with which a feed's deletion is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FeedDeleted {
    NoContent,
    Ok,
}

impl Settings {
    pub const SESSION_LIFETIME_MIN: Duration = Duration::from_secs(60 * 60);
    pub const SESSION_LIFETIME_MAX: Duration = Duration::from_secs(14 * 24 * 60 * 60);

    /// Says which settings are out of their ranges.
    pub fn validate(&self) -> Vec<String> {
        let mut wrong = Vec::new();
        let lifetimes = Self::SESSION_LIFETIME_MIN..=Self::SESSION_LIFETIME_MAX;
        if !lifetimes.contains(&self.session_lifetime) {
            wrong.push(format!(
                "settings.sessionLifetime is {}, expected from 1h to 14d; to age a session sooner, move the pod's clock",
                humantime::format_duration(self.session_lifetime)
            ));
        }
        let role = &*self.group_manager_role;
        let is_id =
            |id: &str| !id.is_empty() && id.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        for (setting, names) in
            [("otherAccountTypes", &self.other_account_types), ("otherRoles", &self.other_roles)]
        {
            for name in names.iter().filter(|name| !is_id(name)) {
                wrong.push(format!(
                    "settings.{setting} has {name:?}, expected letters, digits and _"
                ));
            }
        }
        if !is_id(role) {
            wrong.push(format!(
                "settings.groupManagerRole is {role:?}, expected letters, digits and _"
            ));
        } else if role != GROUP_MANAGER && ROLES.iter().any(|known| known.id == role) {
            wrong.push(format!("settings.groupManagerRole is {role:?}, which is another role"));
        }
        if ![400, 404].contains(&self.connect_user_not_found) {
            wrong.push(format!(
                "settings.connectUserNotFound is {}, expected 400 or 404",
                self.connect_user_not_found
            ));
        }
        if !(400..500).contains(&self.info_barrier_status) {
            wrong.push(format!(
                "settings.infoBarrierStatus is {}, expected 400 to 499",
                self.info_barrier_status
            ));
        }
        if self.datafeed_batch == 0 {
            wrong.push("settings.datafeedBatch is 0: no read would ever get an event".into());
        }
        wrong
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            session_lifetime: Self::SESSION_LIFETIME_MAX,
            authenticate_body: AuthenticateBody::Tolerant,
            request_bodies: RequestBodies::Strict,
            minimum_key_bits: 0,
            logout_unknown_token: RefusalStatus::BadRequest,
            agent_missing_token: RefusalStatus::BadRequest,
            simplified_key_delivery: false,
            agent_requires_key_manager_token: false,
            authorization_token: false,
            access_token_lifetime: Duration::from_secs(300),
            logout_requires_certificate: true,
            jwt_clock: JwtClock::Pod,
            datafeed_long_poll: Duration::from_secs(20),
            datafeed_visibility: Duration::from_secs(30),
            datafeed_ttl: Duration::from_secs(30 * 60),
            datafeed_batch: 100,
            datafeed_limit: 20,
            datafeed_delete_status: FeedDeleted::Ok,
            deprecated_operations: DeprecatedOperations::Warn,
            datafeed1_end: None,
            datafeed1_limit: 5,
            datafeed1_capacity: 250,
            message_max_encrypted: 81_130,
            message_max_size: 3 << 19,
            message_max_entities: 80,
            attachments_max_size: 30 << 20,
            attachment_types: AttachmentTypes::default(),
            refuse_other_attachment_types: false,
            refused_attachment_types: Vec::new(),
            malware_scan: MalwareScan::Off,
            protocols: Protocols::default(),
            languages: ["en-US", "fr-FR", "ja-JP"].map(str::to_owned).into(),
            audit_trail_numbers: false,
            external_room_shared_history: true,
            unique_room_names: UniqueRoomNames::Public,
            delete_all_groups: false,
            group_manager_role: GROUP_MANAGER.into(),
            other_account_types: Vec::new(),
            other_roles: Vec::new(),
            blast_max_streams: 100,
            connect_user_not_found: 404,
            connect_company_creation: Duration::ZERO,
            info_barrier_status: 403,
            disclaimer_scope: DisclaimerScope::External,
        }
    }
}

impl Serialize for RefusalStatus {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u16(match self {
            Self::BadRequest => 400,
            Self::Unauthorized => 401,
        })
    }
}

impl<'de> Deserialize<'de> for RefusalStatus {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match u16::deserialize(deserializer)? {
            400 => Ok(Self::BadRequest),
            401 => Ok(Self::Unauthorized),
            other => Err(serde::de::Error::custom(format_args!("{other} is neither 400 nor 401"))),
        }
    }
}

impl schemars::JsonSchema for RefusalStatus {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "RefusalStatus".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "integer", "enum": [400, 401] })
    }
}

impl Serialize for FeedDeleted {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u16(match self {
            Self::NoContent => 204,
            Self::Ok => 200,
        })
    }
}

impl<'de> Deserialize<'de> for FeedDeleted {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match u16::deserialize(deserializer)? {
            204 => Ok(Self::NoContent),
            200 => Ok(Self::Ok),
            other => Err(serde::de::Error::custom(format_args!("{other} is neither 204 nor 200"))),
        }
    }
}

impl schemars::JsonSchema for FeedDeleted {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "FeedDeleted".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "integer", "enum": [204, 200] })
    }
}
