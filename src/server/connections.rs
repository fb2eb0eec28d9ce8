use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde_json::json;
use tokio::io::AsyncReadExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, mpsc, watch};

use super::Stop;
use super::connection_limit::ConnectionLimit;
use super::drain::ReadToTheEnd;
use super::service::ApiService;
use crate::control::{Connection, ControlService, EndIfIdle, KeptOut, handshake_hint};
use crate::transport::{
    Break, BreakableStream, Breaker, HandshakeFailure, HttpErrors, MonitoredStream, Progress, Tls,
};

/// Counts the connections that are open, so that an orderly end can wait for them.
#[derive(Clone)]
pub(super) struct Connections(watch::Sender<()>);

/// How long a client may take over its handshake. It is about resources, not about the pod's time.
const HANDSHAKE: Duration = Duration::from_secs(10);

impl Default for Connections {
    fn default() -> Self {
        Self(watch::Sender::new(()))
    }
}

impl Connections {
    /// Returns when no connection is open any more.
    pub async fn finished(&self) {
        self.0.closed().await;
    }

    /// Open as long as this lives.
    fn opened(&self) -> watch::Receiver<()> {
        self.0.subscribe()
    }
}

/// A TLS port and what serves the connections that come to it.
#[derive(Clone)]
pub(super) struct TlsPort {
    pub tls: Arc<Tls>,
    pub service: ApiService,
    /// How long the head of a request may take.
    pub patience: Duration,
    pub stop: watch::Receiver<Stop>,
}

/// Gives each connection of a listener, with its place, to `serve` until told to stop.
pub(super) async fn serve_places<F: Future<Output = ()> + Send + 'static>(
    listener: TcpListener,
    limit: ConnectionLimit,
    connections: Connections,
    mut stop: watch::Receiver<Stop>,
    serve: impl Fn(TcpStream, Option<OwnedSemaphorePermit>) -> F,
) {
    loop {
        let place = tokio::select! {
            place = limit.place() => place,
            _ = stop.wait_for(|stop| *stop != Stop::No) => return,
        };
        let Some(stream) = accept(&listener, &mut stop).await else {
            return;
        };
        let (serving, open) = (serve(stream, place), connections.opened());
        // A task of its own from the first byte: a client that is silent in its handshake holds
        // up nobody.
        tokio::spawn(async move {
            let _open = open;
            serving.await;
        });
    }
}

impl TlsPort {
    /// Serves a connection from its handshake on. `place` is its own as long as it is open.
    pub async fn serve(self, stream: TcpStream, place: Option<OwnedSemaphorePermit>) {
        let Self { tls, service, patience, stop } = self;
        let listener = service.listener().clone();
        // Before it is asked whether a fault keeps connections out: one of the two ends it.
        let cuts = listener.cuts();
        if let Some(how) = service.keeps_out() {
            return keep_out(stream, how).await;
        }
        let (port, name) = (listener.port(), listener.name());
        let peer = stream.peer_addr();
        let failure = match tokio::time::timeout(HANDSHAKE, tls.accept(stream, place)).await {
            Ok(Ok((stream, certificate, _place))) => {
                let h2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
                let service = service.for_connection(certificate);
                let http_errors = ApiService::http_errors(patience, h2);
                return serve_requests(stream, service, http_errors, cuts, stop).await;
            }
            Ok(Err(HandshakeFailure::Io(error))) => {
                // Port scans and health checks open and close connections all day.
                return tracing::debug!(port, "a connection broke in its handshake: {error}");
            }
            Ok(Err(failure)) => failure.to_string(),
            Err(_) => format!("the client did not finish it in {} s", HANDSHAKE.as_secs()),
        };
        let peer = peer.map_or_else(|_| "?".into(), |peer| peer.to_string());
        let hint = handshake_hint(&failure);
        let told = hint.as_ref().map(|hint| format!(" – {hint}")).unwrap_or_default();
        tracing::warn!(
            peer,
            port,
            listener = name,
            hint,
            why = failure,
            "TLS handshake failed: {failure}{told}"
        );
        service.handshake_failed(failure);
    }
}

/// Ends a connection that a fault keeps out.
async fn keep_out(mut stream: TcpStream, how: KeptOut) {
    match how {
        // A socket that closes without time to linger resets its connection.
        KeptOut::Refused => drop(stream.set_zero_linger()),
        KeptOut::InHandshake => {
            // What is not read when a socket closes makes it reset the connection.
            let mut hello = [0; 4_096];
            drop(tokio::time::timeout(HANDSHAKE, stream.read(&mut hello)).await);
        }
    }
}

/// Serves the control port until told to stop.
pub(super) async fn serve_control(
    listener: TcpListener,
    entrance: ControlService,
    patience: Duration,
    connections: Connections,
    mut stop: watch::Receiver<Stop>,
) {
    while let Some(stream) = accept(&listener, &mut stop).await {
        let (entrance, mut stop, open) = (entrance.clone(), stop.clone(), connections.opened());
        tokio::spawn(async move {
            let _open = open;
            let progress = Progress::default();
            let http_errors = HttpErrors {
                headers: "",
                body: |_, message| json!({ "error": message }).to_string(),
                patience,
                h2: false,
            };
            let stream = TokioIo::new(MonitoredStream::new(stream, http_errors, progress.clone()));
            let requests = progress.clone();
            let service = hyper::service::service_fn(move |request| {
                let (request, farewell) = ReadToTheEnd::of(request, &requests);
                let answer = entrance.clone().pass(request);
                async move {
                    let mut response = answer.await?;
                    farewell.say(&mut response);
                    Ok::<_, Infallible>(response)
                }
            });
            let connection = http1::Builder::new().serve_connection(stream, service);
            let mut connection = std::pin::pin!(connection);
            let stopping = async { drop(stop.wait_for(|stop| *stop != Stop::No).await) };
            tokio::select! {
                _ = connection.as_mut() => {}
                () = stopping => {
                    connection.as_mut().graceful_shutdown();
                    drop(connection.await);
                }
            }
            if let Some((status, why)) = progress.unreadable() {
                tracing::info!("{status} on the control port: {why}");
            }
        });
    }
}

/// The next connection; none when the pod stops.
async fn accept(listener: &TcpListener, stop: &mut watch::Receiver<Stop>) -> Option<TcpStream> {
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stop.wait_for(|stop| *stop != Stop::No) => return None,
        };
        match accepted {
            Ok((stream, _)) => {
                // Without it every new connection waits 44 ms for a delayed acknowledgement.
                drop(stream.set_nodelay(true));
                return Some(stream);
            }
            Err(error) => {
                // Out of file descriptors, most likely: the waiting connections keep, and a
                // descriptor may come free.
                tracing::warn!("a connection could not be accepted: {error}");
                pause().await;
            }
        }
    }
}

#[allow(clippy::disallowed_methods, reason = "about the machine's resources, not the pod's time")]
async fn pause() {
    tokio::time::sleep(Duration::from_millis(50)).await;
}

async fn serve_requests(
    stream: crate::transport::TlsStream,
    service: ApiService,
    http_errors: HttpErrors,
    cuts: watch::Receiver<Break>,
    stop: watch::Receiver<Stop>,
) {
    let (breaker, progress) = (Breaker::new(), Progress::default());
    let (connection, asked) = Connection::new();
    let service = service.on_connection(breaker.clone(), progress.clone(), connection);
    let service = Arc::new(service);
    let for_requests = Arc::clone(&service);
    let requests =
        hyper::service::service_fn(move |request| Arc::clone(&for_requests).pass(request));
    let stream = BreakableStream::new(stream, breaker.clone());
    let stream = TokioIo::new(MonitoredStream::new(stream, http_errors, progress.clone()));
    let idle = || progress.is_idle();
    let ends = Ends { breaker, cuts, stop, asked, idle, http2: http_errors.h2 };
    // Errors here are the client's leaving in the middle, and there is nobody to tell; or what is no
    // request, of which `progress` knows.
    if http_errors.h2 {
        let executor = TokioExecutor::new();
        let connection = http2::Builder::new(executor).serve_connection(stream, requests);
        ends.of(connection, |connection| connection.graceful_shutdown()).await;
    } else {
        let connection = http1::Builder::new().serve_connection(stream, requests);
        ends.of(connection, |connection| connection.graceful_shutdown()).await;
    }
    if let Some((status, why)) = progress.unreadable() {
        service.unreadable(status, why);
    }
}

/// What ends a connection, beside its client.
struct Ends<I> {
    /// A fault that one of its requests meets.
    breaker: Breaker,
    /// A fault of its listener.
    cuts: watch::Receiver<Break>,
    /// The pod's own end.
    stop: watch::Receiver<Stop>,
    /// The end of what is idle.
    asked: mpsc::UnboundedReceiver<EndIfIdle>,
    /// Whether it is.
    idle: I,
    /// Whether the client is told to leave (GOAWAY), and does so in its own time.
    http2: bool,
}

impl<I: Fn() -> bool> Ends<I> {
    /// Serves a connection to its end. `wind_up` lets it finish what is under way, and nothing after.
    async fn of<C: Future>(self, connection: C, wind_up: impl Fn(Pin<&mut C>)) {
        let Self { breaker, mut cuts, mut stop, mut asked, idle, http2 } = self;
        let mut ended = Vec::new();
        {
            let mut connection = std::pin::pin!(connection);
            let mut broken = std::pin::pin!(breaker.ended());
            let (mut stopping, mut leaving) = (false, false);
            loop {
                tokio::select! {
                    _ = connection.as_mut() => break,
                    () = broken.as_mut() => break,
                    Ok(()) = cuts.changed() => {
                        breaker.end(*cuts.borrow());
                        break;
                    }
                    _ = stop.wait_for(|stop| *stop != Stop::No), if !stopping => {
                        stopping = true;
                        wind_up(connection.as_mut());
                    }
                    Some(answer) = asked.recv() => if !leaving && idle() {
                        leaving = true;
                        wind_up(connection.as_mut());
                        match http2 {
                            true => tell(answer),
                            false => ended.push(answer),
                        }
                    }
                }
            }
        }
        ended.into_iter().for_each(tell);
    }
}

/// Tells whoever asked, if he is still there, that the connection has ended.
fn tell(answer: EndIfIdle) {
    let _ = answer.send(());
}
