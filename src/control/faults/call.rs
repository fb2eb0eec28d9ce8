use std::sync::Arc;

use axum::body::Body;
use axum::http::{HeaderMap, Request};
use serde::Deserialize;

use crate::decode;
use crate::domain::{FeedId, FeedService, LoginJwt, Principal, TokenSpace, UserId};
use crate::operation::{Context, RouteMatch};
use crate::pod::Pod;
use crate::transport::ListenerId;

/// A request, as far as faults are concerned.
#[derive(Debug)]
pub struct Call {
    /// Its operation's place in the catalogue.
    pub place: u16,
    /// The listener that it came to.
    pub listener: ListenerId,
    pub caller: Caller,
    /// The session that it shows and that is good.
    pub session: Option<ShownSession>,
    /// The feeds that it is about: that of its path, or the datahoses of a caller who reads one.
    pub feeds: Vec<FeedId>,
}

/// Who makes a call, as far as it can be told.
#[derive(Debug, Default)]
pub struct Caller {
    pub user: Option<UserId>,
    pub app: Option<Arc<str>>,
    /// What a login calls him: the certificate's Common Name, or the JWT's subject.
    pub name: Option<String>,
}

/// A token that a call shows.
#[derive(Debug, Clone)]
pub struct ShownSession {
    pub token: String,
    /// Whether it is an access token, from the `Authorization` header.
    pub access: bool,
    pub user: Option<UserId>,
}

/// The operations that hand out events.
pub const READS: [&str; 5] = [
    "datafeeds_read_v5",
    "events_read_v5",
    "datafeed_read_v1",
    "datafeed_read_v2",
    "datafeed_read_v4",
];
/// The operations that are about one feed, which is all that their paths name.
pub const OF_A_FEED: [&str; 5] = [
    "datafeeds_read_v5",
    "datafeeds_delete_v5",
    "datafeed_read_v1",
    "datafeed_read_v2",
    "datafeed_read_v4",
];

/// The longest body that is looked into for whose JWT it has.
const LONGEST_LOGIN: usize = 64 * 1_024;

impl Call {
    /// Reads a request; none if it is for no operation.
    ///
    /// The body is read for logins by JWT alone, and only when `whose` is asked; it is as it was
    /// afterwards.
    pub async fn read(
        context: Context,
        request: Request<Body>,
        whose: bool,
    ) -> (Option<Self>, Request<Body>) {
        let Context { pod, certificate, listener, asked, .. } = context;
        let Some(place) = asked.place else { return (None, request) };
        let (session, mut caller) = session(&pod, request.headers());
        let mut request = request;
        if caller.user.is_none() && caller.app.is_none() {
            if whose && asked.operation().path.contains("/pubkey/") {
                (caller.name, request) = subject(request).await;
            }
            if caller.name.is_none() {
                caller.name = certificate.and_then(|certificate| certificate.common_name.clone());
            }
        } else if whose && let Some(user) = caller.user {
            // A plan may be for somebody who was not there yet when it was made.
            caller.name = pod.world().users.by_id(user).map(|user| user.username.clone());
        }
        let reader = session.as_ref().and_then(|session| session.user);
        let feeds = reader.map(|reader| feeds(&pod, &asked, reader));
        let feeds = feeds.unwrap_or_default();
        (Some(Self { place, listener: listener.id(), caller, session, feeds }), request)
    }
}

fn feeds(pod: &Pod, asked: &RouteMatch, owner: UserId) -> Vec<FeedId> {
    let operation = asked.operation();
    if OF_A_FEED.contains(&operation.name) {
        let two = operation.path.contains("/v5/");
        let service = if two { FeedService::Two } else { FeedService::One };
        // A name that cannot be read is that of no feed.
        let name = asked.parameters().next().and_then(Result::ok);
        name.map(|name| FeedId { owner, service, name: name.into() }).into_iter().collect()
    } else if READS.contains(&operation.name) {
        pod.world().datahoses_of(owner)
    } else {
        Vec::new()
    }
}

/// The session that a call shows if it is good, and whose it is.
fn session(pod: &Pod, headers: &HeaderMap) -> (Option<ShownSession>, Caller) {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    let text = |name: &str| text(name).filter(|value| !value.is_empty());
    let found = if let Some(token) = text("sessionToken") {
        let session = pod.session(token, TokenSpace::Pod).ok();
        // A key manager token comes in this header too, at its logout.
        session.map(|session| (session, token, false))
    } else if let Some(authorization) = text("authorization") {
        let token = match authorization.split_once(' ') {
            Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim(),
            _ => authorization,
        };
        pod.session_of_access_token(token).ok().map(|session| (session, token, true))
    } else {
        None
    };
    if let Some((session, token, access)) = found {
        let user = session.principal.user();
        let shown = ShownSession { token: token.to_owned(), access, user };
        return (Some(shown), Caller::of(&session.principal));
    }
    let key_manager = text("keyManagerToken").or(text("sessionToken"));
    let key_manager = key_manager.and_then(|token| pod.session(token, TokenSpace::KeyManager).ok());
    (None, key_manager.map(|session| Caller::of(&session.principal)).unwrap_or_default())
}

/// The subject of the JWT in a login's body. It is not verified: whoever claims a name meets the
/// faults that are planned for it.
async fn subject(request: Request<Body>) -> (Option<String>, Request<Body>) {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Login {
        #[serde(alias = "authToken")]
        token: String,
    }
    let small = |length: &str| length.parse().is_ok_and(|length: usize| length <= LONGEST_LOGIN);
    let length = request.headers().get("content-length").and_then(|value| value.to_str().ok());
    // A client that sends in chunks does not say how long it gets: no login needs that many.
    if length.is_some_and(|length| !small(length)) {
        return (None, request);
    }
    let (parts, body) = request.into_parts();
    let Ok(bytes) = axum::body::to_bytes(body, LONGEST_LOGIN).await else {
        // Longer than it said, or broken off in the middle: there is no login in it.
        return (None, Request::from_parts(parts, Body::empty()));
    };
    let login: Option<Login> = decode::json(&bytes).ok();
    let subject = login.and_then(|login| Some(LoginJwt::parse(&login.token).ok()?.subject));
    (subject, Request::from_parts(parts, Body::from(bytes)))
}

impl Caller {
    fn of(principal: &Principal) -> Self {
        Self { user: principal.user(), app: principal.app().map(Arc::from), name: None }
    }
}
