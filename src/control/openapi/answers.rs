//! What the control port answers, and what its parameters mean: only its description needs to know.
//! That it does answer so is seen by a test that validates what comes over the wire.

use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value, json};

use super::super::expect::Unmet;
use super::super::journal::{Explanation, Record};
use crate::pod::PartnerToken;
use crate::scenario::Scenario;
use crate::sdk::SdkProxy;

/// An answer: its media type, what it is, and its schema.
pub struct Answer {
    pub content_type: &'static str,
    pub description: &'static str,
    pub schema: Value,
}

macro_rules! answers {
    ($($(#[$doc:meta])* $name:ident { $($(#[$about:meta])* $field:ident: $type:ty),+ $(,)? })+) => {
        $(
            $(#[$doc])*
            #[derive(JsonSchema)]
            #[serde(rename_all = "camelCase")]
            #[expect(dead_code, reason = "it describes what handlers write")]
            struct $name { $($(#[$about])* $field: $type),+ }
        )+
    };
}

answers! {
    /// Whether there is a forward proxy beside the pods.
    ForwardProxy {
        /// None where there is none.
        proxy: Option<SdkProxy>,
    }
    /// What this port is.
    Root {
        /// What requests call the pod that was asked.
        pod: String,
        /// The port, in words.
        what: String,
        /// Paths of this port by what is there.
        links: Map<String, Value>,
    }
    /// The pod's clock.
    ClockReading {
        /// In milliseconds since 1970.
        now: u64,
        /// The same in RFC 3339.
        iso: String,
        /// Whether it stands still.
        frozen: bool,
    }
    /// An operation of Symphony's API.
    OperationRow {
        /// The method of HTTP.
        method: String,
        /// With `{parameters}`.
        path: String,
        /// What `expect`, `requests` and faults call it.
        name: String,
        /// Whether it changes and shows the pod; what is not answers 405.
        modelled: bool,
        /// Whether it is one of the 255 of Symphony's API files, and not in its documentation alone.
        in_api_files: bool,
    }
    /// The TLS ports.
    ListenerList {
        /// The pod's two first.
        listeners: Vec<ListenerRow>,
    }
    /// A TLS port.
    ListenerRow {
        /// What `expect`, `requests` and faults call it.
        name: String,
        /// `all`, or the one part of the API that it serves: `pod`, `agent`, `key-manager` or `session-auth`.
        role: String,
        /// The address that it listens on.
        host: String,
        /// Its port.
        port: u16,
        /// Whether it demands a client certificate in the handshake.
        mtls: bool,
    }
    /// Calls that came as expected.
    Matched {
        /// The calls, the oldest first.
        matched: Vec<Record>,
    }
    /// Connections that were ended.
    ClosedConnections {
        /// How many.
        closed: u64,
    }
    /// What came to the pod.
    RequestList {
        /// The oldest first.
        requests: Vec<Record>,
        /// How many older ones were forgotten to make room.
        dropped: u64,
        /// How many are being answered now.
        under_way: u64,
    }
    /// The planned faults.
    FaultList {
        /// In the order of their planning.
        faults: Vec<FaultRow>,
    }
    /// Faults that go by the name of an incident.
    PackList {
        /// Each with what it does.
        packs: Vec<PackRow>,
    }
    /// A pack.
    PackRow {
        /// Its name.
        pack: String,
        /// What happens, for people.
        what: String,
        /// The fault that it stands for.
        fault: Map<String, Value>,
    }
    /// What to look at.
    HintList {
        /// In words, the surest first.
        hints: Vec<String>,
    }
    /// A signed JWT.
    SignedJwt {
        /// In compact form.
        jwt: String,
    }
    /// The feed that the bot reads.
    ReadFeed {
        /// Its id, for `after`.
        feed: String,
    }
    /// The bot reads no feed.
    NotListening {
        /// What there was instead.
        message: String,
    }
    /// A message as it would be sent.
    ConvertedMessage {
        /// What clients would display.
        #[serde(rename = "presentationML")]
        presentation_ml: String,
        /// EntityJSON.
        entity_json: Map<String, Value>,
        /// What is said, in Markdown.
        text: String,
        /// Links, mentions, hashtags and times with their places in the text.
        entities: Map<String, Value>,
    }
    /// What somebody does by himself.
    AnswerList {
        /// In the order in which they are tried.
        answers: Vec<AnswerRow>,
    }
    /// A scripted answer.
    AnswerRow {
        /// For `DELETE`.
        id: u64,
        /// `message`, `form`, `read` or `join`.
        answer: String,
        /// The regular expression that the message's text must have.
        matches: Option<String>,
        /// How often it is still done; without a limit, null.
        times_left: Option<u32>,
        /// How often it was done.
        done: u64,
        /// Why it could not be done the last time.
        failed: Option<String>,
    }
    /// A scripted answer that was given.
    AnswerId {
        /// For `DELETE`.
        id: u64,
    }
    /// Whether the two are connected now.
    ConnectionState {
        /// Whether they are.
        connected: bool,
    }
    /// A message that was sent.
    SentMessage {
        /// Its id.
        message_id: String,
        /// Where it is.
        stream_id: String,
        /// In milliseconds since 1970, by the pod's clock.
        timestamp: u64,
    }
    /// Messages as somebody sees them.
    MessageList {
        /// The newest at the end.
        messages: Vec<SeenMessage>,
    }
    /// A message as somebody sees it.
    SeenMessage {
        /// Its id.
        message_id: String,
        /// Where it is.
        stream_id: String,
        /// In milliseconds since 1970, by the pod's clock.
        timestamp: u64,
        /// Username.
        author: Option<String>,
        /// What is said, without markup.
        text: String,
        /// PresentationML.
        message: String,
        /// EntityJSON.
        data: Value,
        /// The names of the files.
        attachments: Vec<String>,
        /// The files: `name`, `contentType` and `size` in bytes.
        files: Vec<Map<String, Value>>,
        /// The message that it answers or passes on: `messageId`, `how` (`reply`, `forward`, `form`), `author` and `text`.
        parent: Option<Map<String, Value>>,
        /// The version that it took the place of.
        replaces: Option<String>,
        /// The first version.
        initial: Option<String>,
        /// The version that took its place.
        replaced_by: Option<String>,
        /// Ids of its forms.
        forms: Vec<String>,
        /// What its author's company says under it.
        disclaimer: Option<String>,
        /// Where somebody looks at a stream: whether he has read it.
        read: Option<bool>,
        /// And the ids of those of its forms that he has sent.
        submitted: Option<Vec<String>>,
        /// And who has read it, where he wrote it: usernames.
        read_by: Option<Vec<String>>,
    }
    /// A message with all that there is to know of it.
    InspectedMessage {
        /// As somebody sees it.
        #[serde(flatten)]
        message: SeenMessage,
        /// What it was made of: `markup` (`MessageML`, `text` or `PresentationML`), `message`, `data` and `version`.
        source: Map<String, Value>,
        /// EntityJSON as it was sent, numbers included.
        #[serde(rename = "entityJSON")]
        entity_json: String,
        /// What is said, in Markdown.
        markdown: String,
        /// The program that sent it.
        user_agent: String,
        /// When it was taken back, in milliseconds since 1970.
        suppressed: Option<u64>,
        /// Who got and read it, and when: `user`, `delivered` and `read`.
        receipts: Vec<Map<String, Value>>,
        /// The feeds in which it is not acknowledged: `user`, `id`, and how far its `event` is.
        feeds: Vec<Map<String, Value>>,
    }
    /// Everybody whom the pod knows.
    PersonList {
        /// By their ids.
        people: Vec<PersonRow>,
    }
    /// A person, or a bot.
    PersonRow {
        /// Username.
        username: String,
        /// Of the user.
        id: u64,
        /// As clients show him.
        display_name: String,
        /// Address.
        email: Option<String>,
        /// Whom he works for.
        company: String,
        /// Whether he is a service user.
        bot: bool,
        /// Whether he is of another pod.
        foreign: bool,
        /// Whether he may log in.
        active: bool,
        /// `AVAILABLE`, `BUSY` and so on; null where nobody ever said.
        presence: Option<String>,
    }
    /// The conversations of somebody.
    ConversationList {
        /// Those he is in.
        streams: Vec<ConversationRow>,
        /// Public rooms that he is not in.
        public_rooms: Vec<ConversationRow>,
    }
    /// A room, an IM or a MIM.
    ConversationRow {
        /// Its id.
        stream_id: String,
        /// `IM`, `MIM` or `ROOM`.
        kind: String,
        /// Of a room.
        name: Option<String>,
        /// Of a room.
        description: Option<String>,
        /// Whether everybody may come in.
        public: bool,
        /// Whether owners alone may write.
        read_only: bool,
        /// Whether it reaches other pods.
        external: bool,
        /// Whether it is open.
        active: bool,
        /// Whether he owns it.
        owner: bool,
        /// The first 200: `user`, and whether he is an `owner`.
        members: Vec<Map<String, Value>>,
        /// How many there are.
        member_count: u64,
        /// How many messages he has not read, up to 100.
        unread: u64,
        /// In milliseconds since 1970.
        last_message: Option<u64>,
    }
    /// The sessions of users.
    SessionList {
        /// Those of a user together, the oldest first.
        sessions: Vec<SessionRow>,
    }
    /// A session.
    SessionRow {
        /// Username.
        user: String,
        /// The `sessionId` of its token.
        id: String,
        /// The app that acts on his behalf.
        app: Option<String>,
        /// In milliseconds since 1970.
        created: u64,
        /// From when on it is over.
        expires: u64,
    }
    /// The feeds that are alive.
    FeedList {
        /// Those of a user together.
        feeds: Vec<FeedRow>,
    }
    /// A feed.
    FeedRow {
        /// Username of whoever reads it.
        user: Option<String>,
        /// Its id.
        id: String,
        /// `datafeed 2`, `datafeed 1` or `datahose`.
        kind: String,
        /// The tag that it was opened with.
        tag: Option<String>,
        /// How many events nobody has read.
        waiting: u64,
        /// How many events were handed out and not acknowledged.
        unacknowledged: u64,
        /// In milliseconds since 1970.
        last_read: u64,
        /// Whether a read waits for it.
        being_read: bool,
    }
    /// Messages that a search by meaning finds.
    FoundMessages {
        /// The most fitting first, each with its `score` from 0 to 1.
        messages: Vec<Map<String, Value>>,
    }
    /// How many messages such a search finds from now on.
    PlannedCount {
        /// How many.
        messages: u64,
    }
    /// A stream.
    StreamRef {
        /// Its id.
        stream_id: String,
    }
    /// A signal.
    SignalRef {
        /// Its id.
        signal_id: String,
    }
    /// Whom somebody follows.
    Followed {
        /// Ids of users.
        follows: Vec<u64>,
    }
    /// How present somebody is.
    PresenceShown {
        /// `AVAILABLE`, `BUSY` and so on.
        category: String,
    }
    /// The pods of the server.
    PodList {
        /// The main one first.
        pods: Vec<PodRow>,
    }
    /// A pod.
    PodRow {
        /// What requests call it: `/t/NAME/`.
        name: String,
        /// What it calls itself.
        pod_name: String,
        /// How many users it has.
        users: u64,
    }
    /// What was kept of the pod.
    SnapshotList {
        /// By name.
        snapshots: Vec<SnapshotRow>,
    }
    /// A snapshot.
    SnapshotRow {
        /// Its name.
        name: String,
        /// When it was taken, in milliseconds since 1970, by the pod's clock.
        taken: u64,
    }
    /// What a bot's folder needs.
    FileList {
        /// Configurations of all SDKs, certificates and keys.
        files: Vec<FileRow>,
    }
    /// A file: a text, or bytes in base64.
    FileRow {
        /// Its name.
        name: String,
        /// Its content, where it is a text.
        text: Option<String>,
        /// Its content, where it is none.
        base64: Option<String>,
    }
    /// An entry of the audit trail.
    AuditEntry {
        /// What was done, as the trail names it.
        action_name: String,
        /// In milliseconds since 1970, by the pod's clock.
        timestamp: u64,
    }
    /// What the pod has now.
    PodCounts {
        /// Users of all pods.
        users: u64,
        /// Apps.
        apps: u64,
        /// Rooms and conversations.
        streams: u64,
        /// Messages.
        messages: u64,
    }
}

/// A planned fault: the plan as it was given, and what came of it.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "it describes what handlers write")]
struct FaultRow {
    /// For `DELETE`.
    id: String,
    /// What answers say in `x-mock-fault`.
    name: String,
    /// How many calls it was meant for.
    matched: u64,
    /// How many it hit.
    fired: u64,
    /// The rest of the plan.
    #[serde(flatten)]
    plan: Map<String, Value>,
}

/// What an operation answers when all went well, by the name of its handler.
pub fn of(name: &str, schemas: &mut SchemaGenerator) -> Answer {
    let done = |field: &str, about: &str| {
        let field = json!({ field: { "type": "boolean", "description": about } });
        json!({ "type": "object", "properties": field, "required": field_names(&field) })
    };
    fn json_of<T: JsonSchema>(schemas: &mut SchemaGenerator) -> Value {
        schemas.subschema_for::<T>().into()
    }
    let schema = match name {
        "alive" | "ready" => return text("text/plain", "It is: `ok`"),
        "metrics::read" => return text("text/plain", "Counts in Prometheus' text format"),
        "certificates::download" => {
            return text("application/x-pem-file", "PEM, or PKCS#12 (application/x-pkcs12)");
        }
        "live::listen" => return text("text/event-stream", "Events, each with JSON as its data"),
        "people::attachment" => {
            return text("application/octet-stream", "Its bytes; images have their media type");
        }
        "root" => json_of::<Root>(schemas),
        "openapi::read" => json!({ "type": "object" }),
        "operations" => json!({ "type": "array", "items": json_of::<OperationRow>(schemas) }),
        "listeners" => json_of::<ListenerList>(schemas),
        "clock::read" | "clock::advance" | "clock::freeze" | "clock::run" | "clock::set" => {
            json_of::<ClockReading>(schemas)
        }
        "sdk_config::proxy" => json_of::<ForwardProxy>(schemas),
        "audit::add" => json_of::<AuditEntry>(schemas),
        "partners::mint" => json_of::<PartnerToken>(schemas),
        "connections::close" => json_of::<ClosedConnections>(schemas),
        "expect::expect" => json_of::<Matched>(schemas),
        "faults::list" => json_of::<FaultList>(schemas),
        "faults::inject" => json_of::<FaultRow>(schemas),
        "faults::packs" => json_of::<PackList>(schemas),
        "hints::read" => json_of::<HintList>(schemas),
        "identity::issue" => json_of::<SignedJwt>(schemas),
        "listening::listening" => json_of::<ReadFeed>(schemas),
        "messageml::convert" => json_of::<ConvertedMessage>(schemas),
        "answers::list" => json_of::<AnswerList>(schemas),
        "answers::script" => json_of::<AnswerId>(schemas),
        "people::connect" => json_of::<ConnectionState>(schemas),
        "people::edit" | "people::send" => json_of::<SentMessage>(schemas),
        "people::join" => done("joined", "Always true"),
        "people::leave" => done("left", "Always true"),
        "people::request_to_join" => done("requested", "Always true"),
        "people::submit" => done("submitted", "Always true"),
        "people::system_event" => done("emitted", "Always true"),
        "people::suppress" => done("suppressed", "Always true"),
        "people::invite" => done("member", "Whether he is in it now"),
        "people::list" => json_of::<PersonList>(schemas),
        "people::streams" => json_of::<ConversationList>(schemas),
        "people::one" => json_of::<InspectedMessage>(schemas),
        "sessions::list" => json_of::<SessionList>(schemas),
        "sessions::feeds" => json_of::<FeedList>(schemas),
        "people::read" => done("read", "False where the message was delivered only"),
        "people::subscribe" => done("subscribed", "Whether one is subscribed now"),
        "people::be_present" => json_of::<PresenceShown>(schemas),
        "people::open" => json_of::<StreamRef>(schemas),
        "people::follow" => json_of::<Followed>(schemas),
        "people::signal" => json_of::<SignalRef>(schemas),
        "people::show" | "people::shown_by_signal" => json_of::<MessageList>(schemas),
        "semantic::search" => json_of::<FoundMessages>(schemas),
        "semantic::plan" => json_of::<PlannedCount>(schemas),
        "snapshots::pods" => json_of::<PodList>(schemas),
        "snapshots::create" | "snapshots::reset" => json_of::<PodRow>(schemas),
        "snapshots::list" => json_of::<SnapshotList>(schemas),
        "snapshots::keep" | "snapshots::restore" => json_of::<SnapshotRow>(schemas),
        "journal::routes::list" => json_of::<RequestList>(schemas),
        "journal::routes::one" => json_of::<Record>(schemas),
        "journal::routes::why" | "journal::routes::why_last" => json_of::<Explanation>(schemas),
        "journal::routes::download" => json!({
            "type": "object",
            "properties": { "log": { "type": "object", "description": "HAR 1.2" } },
            "required": ["log"],
        }),
        "sdk_config::configuration" => json!({
            "anyOf": [
                json_of::<FileList>(schemas),
                { "type": "object", "description": "Where an SDK is named that reads JSON: what it reads" },
            ],
        }),
        "scenario::export" => json_of::<Scenario>(schemas),
        "scenario::replace" | "scenario::add" => json_of::<PodCounts>(schemas),
        other => panic!("nobody says what {other} answers"),
    };
    Answer { content_type: "application/json", description: "Done", schema }
}

/// What an operation answers when what was waited for did not come.
pub fn unmet(name: &str, schemas: &mut SchemaGenerator) -> Option<Value> {
    match name {
        "expect::expect" => Some(schemas.subschema_for::<Unmet>().into()),
        "listening::listening" => Some(schemas.subschema_for::<NotListening>().into()),
        _ => None,
    }
}

/// What a parameter means.
pub fn parameter(name: &str) -> (&'static str, Value) {
    let text = json!({ "type": "string" });
    match name {
        "user" => ("Username; where calls are filtered, also the id of an app", text),
        "bot" => ("Username of a service user", text),
        "file" => ("Name of the file", text),
        "id" => (
            "Number of the entry, the answer or the fault; id of the feed, the message or the session",
            text,
        ),
        "name" => ("Name of the pod or of the snapshot", text),
        "message" => ("Id of the message", text),
        "place" => ("Place of the file among those of the message, from 0", text),
        "before" => ("Id of a message of the stream", text),
        "signal" => ("Id of the signal", text),
        "stream" => ("Name of a room, or id of a stream", text),
        "text" => ("What is searched for", text),
        "limit" => {
            ("How many at most, the newest of them", json!({ "type": "integer", "minimum": 0 }))
        }
        "operation" => ("Name of an operation, or its method and path", text),
        "strict" => {
            ("False where the user is one who is not there yet", json!({ "type": "boolean" }))
        }
        "listener" => ("Name of the listener that they came to", text),
        "status" => ("A status, or all of a hundred: 401, 4xx", text),
        "refused" => ("Whether it was refused", json!({ "type": "boolean" })),
        "within" => {
            ("How long to listen, in real time: a duration like 5s; by default on and on", text)
        }
        "since" => ("Id of an entry, or a moment in RFC 3339 or milliseconds", text),
        "client" => {
            ("java-bdk, python-bdk, spring, legacy-java, legacy-python or legacy-node", text)
        }
        "login" => ("certificate or rsa", text),
        "host" => ("Where the client reaches the pod", text),
        "port" => ("TLS port as the client sees it", json!({ "type": "integer" })),
        "context" => ("Path prefix of the pod", text),
        "loadBalancing" => {
            ("roundRobin, random or external: how the Java BDK chooses among several agents", text)
        }
        "sticky" => (
            "Whether a client that has chosen an agent stays with it",
            json!({ "type": "boolean" }),
        ),
        "app" => ("Id of an app that is configured beside the bot", text),
        "proxy" => {
            ("true for the pod's own forward proxy, or another as [NAME:PASSWORD@]HOST:PORT", text)
        }
        "folder" => ("Where the client finds certificates and keys", text),
        "modelled" => ("Whether the pod models them", json!({ "type": "boolean" })),
        "method" => ("Method of HTTP", text),
        "path" => ("Part of the path", text),
        other => panic!("nobody says what the parameter {other} means"),
    }
}

fn text(content_type: &'static str, description: &'static str) -> Answer {
    Answer { content_type, description, schema: json!({ "type": "string" }) }
}

fn field_names(fields: &Value) -> Vec<&String> {
    fields.as_object().into_iter().flat_map(Map::keys).collect()
}
