//! What to do about a refusal, where one can be sure of it.

use std::time::Duration;

use super::record::{Claims, login_jwt, session_token};
use super::{Entry, Event, Journal, TunnelRefusal};
use crate::clock::Clock;
use crate::domain::{JwtFault, Refusal, TokenFault};

/// Known mistakes, the surest first.
pub(super) fn hints(
    entry: &Entry,
    journal: &Journal,
    user: Option<&str>,
    clock: &Clock,
) -> Vec<String> {
    let mut hints = Vec::new();
    match (&entry.event, entry.refusal()) {
        (Event::Handshake { reason }, _) => hints.extend(of_handshake(reason)),
        (Event::Request { head, .. }, Some(refusal)) => {
            hints.extend(of_refusal(refusal, journal.listener_of(entry).port(), user));
            if let Refusal::JwtRefused(fault) = refusal {
                hints.extend(of_jwt(fault, entry, clock));
            }
            if let Some(token) = session_token(head.request_headers()) {
                hints.extend(of_token(refusal, token));
            }
        }
        (Event::Tunnel { outcome, .. }, _) => {
            let hint = outcome.refusal().and_then(TunnelRefusal::hint);
            hints.extend(hint.map(str::to_owned));
        }
        (Event::Request { .. }, None) | (Event::Unreadable { .. }, _) => {}
    }
    hints
}

fn of_refusal(refusal: &Refusal, port: u16, user: Option<&str>) -> Option<String> {
    let hint = match refusal {
        Refusal::CertificateMissing => format!(
            "port {port} takes connections without a client certificate; give the client its \
             certificate and its key for this endpoint too (GET /_mock/certs/bot.p12 or \
             bot-combined.pem has both)"
        ),
        Refusal::CommonNameUnknown { common_name, nearest: Some(nearest) }
        | Refusal::AppUnknown { id: common_name, nearest: Some(nearest) } => {
            of_case(common_name, nearest)?
        }
        Refusal::JwtRefused(JwtFault::SubjectUnknown { subject, nearest: Some(nearest) }) => {
            of_case(subject, nearest)?
        }
        Refusal::UserNotServiceUser { username } => format!(
            "bots have service accounts: accountType SYSTEM in the scenario is what {username:?} \
             lacks"
        ),
        Refusal::AppSessionIsNoUser { app } => format!(
            "open a session on behalf of a user first, with the session of {app:?}: POST \
             /login/pubkey/app/username/{{username}}/authenticate"
        ),
        Refusal::AppLacks { app, needs } if !needs.is_empty() => {
            let needs: Vec<_> = needs.iter().map(|needed| needed.as_str()).collect();
            format!("give the app {app:?} the permission {}", needs.join(" or "))
        }
        Refusal::RoleMissing { role } => match user {
            Some(user) => format!("give {user:?} the role {role} in the scenario"),
            None => return None,
        },
        _ => return None,
    };
    Some(hint)
}

fn of_case(name: &str, nearest: &str) -> Option<String> {
    (name != nearest && name.to_lowercase() == nearest.to_lowercase())
        .then(|| format!("{name:?} and {nearest:?} differ in letter case only, and case counts"))
}

fn of_jwt(fault: &JwtFault, entry: &Entry, clock: &Clock) -> Vec<String> {
    /// In seconds it is the year 5138.
    const MILLISECONDS: f64 = 100_000_000_000.0;
    let mut hints = Vec::new();
    match fault {
        JwtFault::TooFar { .. } => {
            let jwt = login_jwt(entry);
            let expires = jwt.and_then(|jwt| Claims::of(&jwt)?.number("exp"));
            hints.push(match expires {
                Some(expires) if expires > MILLISECONDS => {
                    "exp is in milliseconds; JWTs count seconds".to_owned()
                }
                _ => "exp may lie 5 minutes ahead at most: sign for 4 minutes, as the BDKs do"
                    .to_owned(),
            });
        }
        JwtFault::NoKey { subject } => hints.push(format!(
            "import the public key of {subject:?} first: in the scenario, or as an administrator"
        )),
        JwtFault::Signature { subject } => hints.push(format!(
            "the private key is that of another identity or older than the public key that was \
             imported; GET /_mock/certs/{subject}-rsa.pem is the one that the pod made"
        )),
        JwtFault::Algorithm(algorithm) => {
            hints.push(format!("sign with RS512 instead of {algorithm}"));
        }
        _ => {}
    }
    let of_time = matches!(
        fault,
        JwtFault::TooFar { .. } | JwtFault::Expired { .. } | JwtFault::TooEarly { .. }
    );
    if of_time {
        hints.extend(of_moved_clock(clock));
    }
    hints
}

/// That clients sign by the machine's clock, and the pod's is elsewhere.
fn of_moved_clock(clock: &Clock) -> Option<String> {
    /// JWTs of the BDKs live for 4 or 5 minutes; less than one is no move.
    const MOVED: Duration = Duration::from_secs(60);
    let (pod, machine) = (clock.now(), Clock::system().now());
    let (apart, where_to) = match pod > machine {
        true => (pod.since(machine), "ahead of"),
        false => (machine.since(pod), "behind"),
    };
    if !clock.is_frozen() && apart < MOVED {
        return None;
    }
    let apart = humantime::format_duration(Duration::from_secs(apart.as_secs()));
    let frozen = if clock.is_frozen() { "frozen, " } else { "" };
    Some(format!(
        "clients sign by the machine's clock, and the pod's is {frozen}{apart} {where_to} it: the \
         setting jwtClock: machine judges JWTs by the machine's; a login by certificate needs no \
         clock; POST /_mock/clock/set and /_mock/clock/run bring the pod's back"
    ))
}

fn of_token(refusal: &Refusal, token: &str) -> Option<String> {
    let is_invalid = matches!(
        refusal,
        Refusal::SessionInvalid(TokenFault::Unknown)
            | Refusal::LogoutTokenInvalid(TokenFault::Unknown)
    );
    if !is_invalid {
        return None;
    }
    let is_hexadecimal = token.bytes().all(|digit| digit.is_ascii_hexdigit());
    if token.starts_with("0100") && is_hexadecimal {
        return Some("it is a keyManagerToken: it belongs into the header of that name".to_owned());
    }
    Claims::of(token).and_then(|claims| claims.text("sub").map(str::to_owned)).map(|_| {
        "it looks like a session token of another pod, or of this one before a restart or a reset: \
         tokens do not outlive their pod"
            .to_owned()
    })
}

/// Of what TLS libraries say.
pub fn of_handshake(reason: &str) -> Option<String> {
    let says = |words: &[&str]| words.iter().any(|word| reason.contains(word));
    let hint = if says(&["received fatal alert"])
        && says(&["UnknownCA", "CertificateUnknown", "BadCertificate", "DecryptError"])
    {
        "the client does not trust the pod: give it the authority's certificate (GET \
         /_mock/certs/ca.pem, or truststore.p12)"
    } else if says(&["peer sent no certificates"]) {
        "this port demands a client certificate, and the client has none for it (GET \
         /_mock/certs/bot.p12 or bot-combined.pem)"
    } else if says(&["trusts neither it nor its issuer"]) {
        "the certificate is of another authority: use one of GET /_mock/certs/, make one with \
         `symphony-mock-pod certs`, or import the authority as an administrator"
    } else if says(&["certificate expired", "not valid yet"]) {
        "certificates are judged by the pod's clock: GET /_mock/clock says what it shows"
    } else if says(&["corrupt message"]) {
        "this port speaks TLS, and the client did not: its URL begins with https://"
    } else {
        return None;
    };
    Some(hint.to_owned())
}
