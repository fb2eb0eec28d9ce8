//! The control port's table: what is served stands here once, and its description is made of it.
//!
//! Made by a test, see [`super::openapi`]: what only the description needs is left out of the pod.

use axum::Router;
#[cfg(test)]
use axum::http::Method;
use axum::routing::MethodRouter;
#[cfg(test)]
use schemars::{Schema, SchemaGenerator};

#[cfg(test)]
use super::extract::Expected;
use super::{
    Control, answers, audit, certificates, clock, connections, expect, faults, hints, identity,
    journal, listening, live, messageml, metrics, openapi, partners, people, scenario, sdk_config,
    semantic, sessions, snapshots,
};
use super::{alive, listeners, operations, ready, root};
#[cfg(test)]
use crate::scenario::Scenario;

/// One operation of the control port.
pub struct Route {
    #[cfg(test)]
    pub method: Method,
    /// With `{parameters}`.
    pub path: &'static str,
    /// The name of its handler, module included, which is unique.
    #[cfg(test)]
    pub name: &'static str,
    #[cfg(test)]
    pub summary: &'static str,
    #[cfg(test)]
    pub body: Option<Body>,
    /// The names of its query parameters, none of which is demanded.
    #[cfg(test)]
    pub query: &'static [&'static str],
    /// Its answer when all went well.
    #[cfg(test)]
    pub status: u16,
    handler: MethodRouter<Control>,
}

/// The body that an operation reads.
#[cfg(test)]
pub struct Body {
    pub required: bool,
    /// Whether it may be YAML as well as JSON.
    pub yaml: bool,
    pub schema: fn(&mut SchemaGenerator) -> Schema,
    /// What whoever sends something else is told to send.
    pub example: &'static str,
}

/// One row a line: method, path, what its JSON body is read into, handler, summary.
///
/// `body(Type)` is demanded, `maybe(Type)` may be left out, and `document(Type)` may be YAML; `query[a, b]` names parameters, and a
/// number after the handler is the status of success where it is not 200.
macro_rules! routes {
    ($(
        $method:ident $path:literal
        $(body($body:ty))? $(maybe($maybe:ty))? $(document($document:ty))? $(query[$($query:ident),+])?
        => $handler:path $(, $status:literal)? : $summary:literal;
    )*) => {
        vec![$(Route {
            #[cfg(test)]
            method: Method::$method,
            path: $path,
            #[cfg(test)]
            name: stringify!($handler),
            #[cfg(test)]
            summary: $summary,
            #[cfg(test)]
            body: None
                $(.or(Some(Body {
                    required: true,
                    yaml: false,
                    schema: SchemaGenerator::subschema_for::<$body>,
                    example: <$body as Expected>::EXPECTED,
                })))?
                $(.or(Some(Body {
                    required: false,
                    yaml: false,
                    schema: SchemaGenerator::subschema_for::<$maybe>,
                    example: <$maybe as Expected>::EXPECTED,
                })))?
                $(.or(Some(Body {
                    required: true,
                    yaml: true,
                    schema: SchemaGenerator::subschema_for::<$document>,
                    example: r#"{"users": [{"username": "dora", "firstName": "Dora"}]}"#,
                })))?,
            #[cfg(test)]
            query: &[$($(stringify!($query)),+)?],
            #[cfg(test)]
            status: [200 $(, $status)?].into_iter().last().unwrap_or(200),
            handler: axum::routing::on(axum::routing::MethodFilter::$method, $handler),
        }),*]
    };
}

/// Everything the control port serves.
pub fn routes() -> Vec<Route> {
    routes! {
        GET "/" => root: "Where what is; to browsers, which ask for text/html, a page that shows it";
        GET "/livez" => alive: "Whether the process lives; needs no token";
        GET "/readyz" => ready: "Whether the pod is ready; needs no token";
        GET "/metrics" => metrics::read: "Counts of what happened, as Prometheus reads them";
        GET "/_mock/openapi.json" => openapi::read: "This document";
        POST "/_mock/audit" body(crate::scenario::AuditSeed) => audit::add, 201: "Add to the audit trail what somebody did by a role, in the administrators' portal for one";
        GET "/_mock/listeners" => listeners: "The TLS ports: what each is called, and which part of the API it serves";
        GET "/_mock/operations" query[name, method, path, modelled] => operations: "The operations of Symphony's API, and which of them are modelled";
        GET "/_mock/certs/{file}" => certificates::download: "The authority (ca.pem, truststore.p12), or NAME.pem, NAME.key, NAME-combined.pem, NAME.p12, NAME-rsa.pem, NAME-rsa.pub.pem of a service user or app";
        GET "/_mock/clock" => clock::read: "The pod's time, and whether it stands still";
        POST "/_mock/clock/advance" body(clock::Advance) => clock::advance: "Move the clock forward";
        POST "/_mock/clock/freeze" => clock::freeze: "Stop the clock";
        POST "/_mock/clock/run" => clock::run: "Let the clock run on";
        POST "/_mock/clock/set" body(clock::Set) => clock::set: "Move the clock to a moment, back or forth";
        POST "/_mock/connections/close" => connections::close: "End the connections of this pod's clients on which nothing is under way, as load balancers do";
        POST "/_mock/expect" body(expect::Request) => expect::expect: "Wait for calls; 417 with the nearest misses if they do not come";
        GET "/_mock/faults" => faults::list: "The planned faults, with how often each matched and hit";
        POST "/_mock/faults" body(faults::FaultDocument) => faults::inject, 201: "Plan a fault, or a pack: which calls go wrong, for whom, how often and how";
        DELETE "/_mock/faults" => faults::clear, 204: "Remove all faults, and end what they make wait";
        GET "/_mock/faults/packs" => faults::packs: "Faults that go by the name of an incident";
        DELETE "/_mock/faults/{id}" => faults::remove, 204: "Remove a fault, and end what it makes wait";
        GET "/_mock/feeds" => sessions::feeds: "The feeds that are alive: whose they are, and what waits in them";
        DELETE "/_mock/feeds/{id}" => sessions::lose_feed, 204: "End a feed, as if its time were over";
        GET "/_mock/hints" => hints::read: "What a failing test should look at although nothing was refused: messages that no bot heard, a feed whose deletion killed the bot";
        POST "/_mock/identity-jwt" body(identity::IdentityJwt) => identity::issue: "What the pod would tell an extension app's front end about its user";
        POST "/_mock/listening" body(listening::Listening) => listening::listening: "Wait until a bot reads its feed, from which on it hears what is said; 417 if it does not";
        GET "/_mock/live" query[since, within] => live::listen: "What happens, as server-sent events: `hello`, and from then on `request` (an entry of the journal, without its bodies), `event` (what feeds tell of, to whomever), `receipt`, `presence`, `clock`, `faults`, `cleared` (of the journal), `restored` (all else is void), `lagged` (how much a slow listener missed), `over` (nothing follows). Ids are those of the journal's entries: Last-Event-ID or since go on from one";
        POST "/_mock/messageml" body(messageml::Draft) => messageml::convert: "Convert a message as if a service user had sent it, and send nothing";
        GET "/_mock/messages/{id}" => people::one: "All there is to know of a message: what it was made of, what became of it, who read it, and in which feeds it is";
        POST "/_mock/partners/{name}/token" => partners::mint: "Give a partner of Community Connect an access token, as Symphony's authorization server does; whoever is no partner yet becomes one";
        GET "/_mock/people" => people::list: "Everybody whom the pod knows, with his presence";
        GET "/_mock/people/{user}/answers" => answers::list: "What somebody does by himself when a bot sends something";
        POST "/_mock/people/{user}/answers" body(answers::Scripting) => answers::script, 201: "Let somebody answer by himself: when a service user sends what fits, he says something, fills in the form, reads, or goes into a room";
        DELETE "/_mock/people/{user}/answers" => answers::forget_all, 204: "Forget all answers of somebody's";
        DELETE "/_mock/people/{user}/answers/{id}" => answers::forget, 204: "Forget one";
        GET "/_mock/people/{user}/attachments/{message}" query[place] => people::attachment: "A file of a message that somebody sees, the first unless a place says which";
        POST "/_mock/people/{user}/connections" body(people::Connecting) => people::connect: "Ask for a connection, answer such a question, or end a connection";
        POST "/_mock/people/{user}/edits" body(people::messages::Editing) => people::edit: "Change a message of one's own";
        POST "/_mock/people/{user}/joins" body(people::rooms::Joining) => people::join: "Go into a public room";
        POST "/_mock/people/{user}/leaves" body(people::rooms::Joining) => people::leave: "Leave a room";
        POST "/_mock/people/{user}/members" body(people::streams::Inviting) => people::invite: "Let somebody else into a room, or send him out of it";
        POST "/_mock/people/{user}/presence" body(people::BeingPresent) => people::be_present: "Say how present one is";
        POST "/_mock/people/{user}/rooms" body(people::rooms::Opening) => people::open: "Make a room with a name, or begin an IM or MIM with others";
        POST "/_mock/people/{user}/follows" body(people::interests::FollowingSomebody) => people::follow: "Follow somebody, or follow him no longer";
        POST "/_mock/people/{user}/forms" body(people::messages::Submitting) => people::submit: "Fill in a form and press one of its buttons";
        GET "/_mock/people/{user}/messages" query[stream, limit, before] => people::show: "What somebody sees in a stream, the newest at the end; with before what was said before that message";
        POST "/_mock/people/{user}/messages" body(people::messages::Sending) => people::send: "Send a message";
        POST "/_mock/people/{user}/reads" body(people::messages::Reading) => people::read: "Read a message, or let it be delivered";
        POST "/_mock/people/{user}/requests-to-join" body(people::rooms::Joining) => people::request_to_join: "Ask the owners of a room to be let in";
        POST "/_mock/people/{user}/signals" body(people::interests::MakingASignal) => people::signal: "Make a signal: a standing search that people subscribe to";
        GET "/_mock/people/{user}/signals/{signal}/messages" => people::shown_by_signal: "What a signal shows somebody, the newest at the end";
        GET "/_mock/people/{user}/streams" => people::streams: "The rooms, IMs and MIMs that somebody is in, with what he has not read, and the public rooms that he is not in";
        POST "/_mock/people/{user}/subscriptions" body(people::interests::Subscribing) => people::subscribe: "Subscribe to a signal, or leave it";
        POST "/_mock/people/{user}/suppressions" body(people::messages::Suppressing) => people::suppress: "Take a message of one's own back";
        GET "/_mock/people/{user}/semantic-search" query[text, stream] => semantic::search: "What somebody finds by meaning, with scores from 0 to 1: the part of the text's words that a message has, of words of the same stem four fifths";
        GET "/_mock/pods" => snapshots::pods: "The pods of this server";
        PUT "/_mock/pods/{name}" maybe(snapshots::Making) => snapshots::create, 201: "Make a pod, or make it anew: from the seed, a scenario, a snapshot, or another pod";
        DELETE "/_mock/pods/{name}" => snapshots::remove, 204: "Drop a pod";
        GET "/_mock/requests" query[operation, user, strict, status, listener, refused, since, limit] => journal::routes::list: "What came to the pod, and what it answered";
        DELETE "/_mock/requests" => journal::routes::clear, 204: "Forget what came";
        GET "/_mock/requests/{id}" => journal::routes::one: "One request, with headers and bodies";
        GET "/_mock/requests/{id}/why" => journal::routes::why: "The decision about a request, in steps";
        GET "/_mock/requests.har" query[operation, user, strict, status, listener, refused, since, limit] => journal::routes::download: "The journal as an HTTP archive (HAR 1.2)";
        POST "/_mock/reset" => snapshots::reset: "Go back to the seed";
        GET "/_mock/proxy" => sdk_config::proxy: "The forward proxy beside the pods, as the BDKs' configuration has it";
        GET "/_mock/sdk-config/{bot}" query[client, login, host, port, context, loadBalancing, sticky, app, folder, proxy] => sdk_config::configuration: "What an SDK reads to log the bot in; of all SDKs, with certificates and keys, where none is named";
        POST "/_mock/semantic-searches" body(semantic::PlannedSearch) => semantic::plan: "Say what a search by meaning finds instead of what shares words with its text";
        DELETE "/_mock/semantic-searches" => semantic::forget, 204: "Let searches by meaning rank messages again";
        GET "/_mock/sessions" => sessions::list: "The sessions of users that are good now";
        DELETE "/_mock/sessions/{user}" query[id] => sessions::end, 204: "End all sessions of a user, as if their time were over; with an id that one of the pod";
        GET "/_mock/snapshots" => snapshots::list: "What was kept of the pod";
        POST "/_mock/snapshots" maybe(snapshots::Keeping) => snapshots::keep, 201: "Keep what the pod is now";
        DELETE "/_mock/snapshots/{name}" => snapshots::forget, 204: "Forget what was kept";
        POST "/_mock/snapshots/{name}/restore" => snapshots::restore: "Make the pod what it was";
        GET "/_mock/scenario" => scenario::export: "The pod as a seed that starts it again; YAML with Accept: application/yaml. Sessions, feeds, company certificates and files of no message are not part of it";
        PUT "/_mock/scenario" document(Scenario) => scenario::replace: "Make the pod what a document says; sessions and feeds end, the clock goes on";
        POST "/_mock/scenario" document(Scenario) => scenario::add: "Add a document to the pod: what is new comes, of what is there the fields it sets change. Messages without a time are sent now and heard, of all else nobody hears";
        POST "/_mock/system-events" body(people::Emitting) => people::system_event: "Let a system other than the pod make something known in a stream";
        GET "/_mock/why" => journal::routes::why_last: "The decision about the last request that was refused, in steps";
    }
}

/// The table as a router. A path may have several rows, one for each method.
pub fn router() -> Router<Control> {
    routes()
        .into_iter()
        .fold(Router::new(), |router, route| router.route(route.path, route.handler))
}
