//! How an operation is served: its handler is a function of what it needs of a call.
//!
//! The signatures are those that axum's extractors would make. axum's own handlers are each a state
//! machine that takes a request apart and awaits one extractor after the other; with 184 of them
//! that was a tenth of the program. Here a handler that needs a body which is not read yet says
//! so and is asked again, and only reads of feeds, which wait for events, are left to await.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Uri};
use axum::response::{IntoResponse, Response};
use hyper::body::Body as _;

use super::body::{Chunks, Unread};
use crate::domain::Refusal;
use crate::operation::{Answer, Asked, Context};
use crate::pod::Pod;
use crate::transport::ClientCertificate;

/// A request, of which the body may not be read yet: who is refused without is refused at once.
pub struct Call {
    context: Context,
    parts: Parts,
    body: Payload,
}

enum Payload {
    Unread(Body),
    Read(Result<Chunks, Unread>),
}

/// What can be had of a call. A call whose body was not read yet may be asked a second time.
pub(super) trait FromCall: Sized {
    fn from_call(call: &mut Call) -> Result<Self, Stop>;
}

/// Why a handler does not run.
pub(super) enum Stop {
    Refused(Refusal),
    /// It needs the body, which is not read yet.
    NeedsBody,
}

/// What a handler gives.
pub enum Outcome {
    Now(Response),
    Later(Answer),
    /// Nothing before the body is read.
    NeedsBody,
}

/// A function from what can be had of a call to its response. `M` tells functions that answer from
/// functions that will.
pub(super) trait Handler<M> {
    fn handle(self, call: &mut Call) -> Outcome;
}

/// Answers a request by a handler.
pub(super) fn serve(
    context: Context,
    request: Request,
    handler: fn(&mut Call) -> Outcome,
) -> Answer {
    let mut call = Call::of(context, request);
    Box::pin(async move {
        loop {
            match handler(&mut call) {
                Outcome::Now(response) => return response,
                Outcome::Later(answer) => return answer.await,
                Outcome::NeedsBody => call.read_body().await,
            }
        }
    })
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<Stop> for Outcome {
    fn from(stop: Stop) -> Self {
        match stop {
            Stop::Refused(refusal) => Self::Now(refusal.into_response()),
            Stop::NeedsBody => Self::NeedsBody,
        }
    }
}

impl Call {
    fn of(context: Context, request: Request) -> Self {
        let (parts, body) = request.into_parts();
        let body = match body.is_end_stream() {
            true => Payload::Read(Ok(Chunks::default())),
            false => Payload::Unread(body),
        };
        Self { context, parts, body }
    }

    async fn read_body(&mut self) {
        if let Payload::Unread(body) = &mut self.body {
            let body = std::mem::take(body);
            let read = Chunks::read(body, &self.parts.headers, &self.context.pod).await;
            self.body = Payload::Read(read);
        }
    }

    pub fn pod(&self) -> &Arc<Pod> {
        &self.context.pod
    }

    /// How often the pod had ended reads when the request came.
    pub fn reads_ended(&self) -> u64 {
        self.context.reads_ended
    }

    pub fn asked(&self) -> &Asked {
        &self.context.asked
    }

    /// The client certificate of the connection.
    pub fn certificate(&self) -> Option<&Arc<ClientCertificate>> {
        self.context.certificate.as_ref()
    }

    pub fn headers(&self) -> &HeaderMap {
        &self.parts.headers
    }

    pub fn uri(&self) -> &Uri {
        &self.parts.uri
    }

    /// The body in the pieces that it came in; it is gone afterwards.
    pub(super) fn take_chunks(&mut self) -> Result<Vec<Bytes>, Stop> {
        match &mut self.body {
            Payload::Unread(_) => Err(Stop::NeedsBody),
            Payload::Read(body) => {
                let body = std::mem::replace(body, Ok(Chunks::default()));
                Ok(body.map_err(Refusal::from)?.into_pieces())
            }
        }
    }

    /// The body in one piece; it is gone afterwards.
    pub(super) fn take_body(&mut self) -> Result<Bytes, Stop> {
        let mut pieces = self.take_chunks()?;
        Ok(match pieces.len() {
            0 | 1 => pieces.pop().unwrap_or_default(),
            _ => pieces.concat().into(),
        })
    }
}

impl FromCall for HeaderMap {
    fn from_call(call: &mut Call) -> Result<Self, Stop> {
        Ok(call.headers().clone())
    }
}

impl FromCall for Uri {
    fn from_call(call: &mut Call) -> Result<Self, Stop> {
        Ok(call.uri().clone())
    }
}

/// What a handler returns. `M` is [`AtOnce`] or [`InTime`].
pub(super) trait Reply<M> {
    fn outcome(self) -> Outcome;
}

/// Marks handlers that answer.
pub(super) struct AtOnce;
/// Marks handlers that will answer.
pub(super) struct InTime;

impl<R: IntoResponse> Reply<AtOnce> for R {
    fn outcome(self) -> Outcome {
        Outcome::Now(self.into_response())
    }
}

impl<R: Future<Output: IntoResponse> + Send + 'static> Reply<InTime> for R {
    fn outcome(self) -> Outcome {
        Outcome::Later(Box::pin(async { self.await.into_response() }))
    }
}

macro_rules! handlers {
    ($($part:ident)*) => {
        impl<F, R, M, $($part),*> Handler<(M, $($part,)*)> for F
        where
            F: FnOnce($($part),*) -> R,
            R: Reply<M>,
            $($part: FromCall,)*
        {
            #[allow(non_snake_case, unused_variables, reason = "parts of a tuple")]
            fn handle(self, call: &mut Call) -> Outcome {
                $(let $part = match $part::from_call(call) {
                    Ok(part) => part,
                    Err(stop) => return stop.into(),
                };)*
                self($($part),*).outcome()
            }
        }
    };
}

handlers!();
handlers!(A);
handlers!(A B);
handlers!(A B C);
handlers!(A B C D);
handlers!(A B C D E);

/// Makes the table of a capability: `POST "/whole/path" => handler,` a line, followed by the
/// permissions that open it to apps: `=> handler [SendMessages],`.
macro_rules! operations {
    ($($method:ident $path:literal => $handler:ident $([$($permission:ident),+])?),* $(,)?) => {
        pub(super) const fn operations() -> &'static [$crate::operation::Route] {
            const TABLE: &[$crate::operation::Route] = &[$($crate::operation::Route {
                operation: $crate::operation::Operation {
                    method: axum::http::Method::$method,
                    path: $path,
                    name: stringify!($handler),
                    depth: $crate::operation::Depth::Stateful,
                    on_behalf_of: $crate::operation::OnBehalfOf(
                        &[$($($crate::domain::AppPermission::$permission),+)?],
                    ),
                },
                handler: |context, request| $crate::api::call::serve(context, request, |call| {
                    $crate::api::call::Handler::handle($handler, call)
                }),
            }),*];
            TABLE
        }
    };
}
pub(super) use operations;
