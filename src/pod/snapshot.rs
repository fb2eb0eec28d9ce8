//! Snapshots: the state of a pod at a moment, to return to or to make other pods from.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use super::Pod;
use super::long_poll::Waiting;
use super::watchers::{News, Watchers};
use crate::domain::Timestamp;

/// The state of a pod at a moment: its world, sessions, clock and trust.
///
/// Taking one costs the same however much the pod holds, but for its sessions, which are copied. A
/// snapshot, its pod and pods that are made from it share what none of them has changed since.
pub struct Snapshot {
    /// Never changed, and no read waits in it.
    at_rest: Pod,
    taken: Timestamp,
}

impl fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Snapshot").field("taken", &self.taken).finish_non_exhaustive()
    }
}

impl Snapshot {
    /// When it was taken, by the pod's clock.
    pub fn taken(&self) -> Timestamp {
        self.taken
    }

    /// A new pod that is what the other was then. It has a clock of its own, which goes on or
    /// stands as the other's did; its chance goes on as the other's did too, so that the same
    /// calls give the same ids and tokens in both.
    #[allow(dead_code, reason = "for whoever keeps several pods")]
    pub(crate) fn pod(&self) -> Pod {
        self.at_rest.fork()
    }
}

impl Pod {
    /// The state of the pod now, without the reads of feeds that wait.
    pub fn snapshot(&self) -> Snapshot {
        let at_rest = self.fork();
        Snapshot { taken: at_rest.clock.now(), at_rest }
    }

    /// A separate pod with the state of this one, and with a clock of its own.
    pub fn fork(&self) -> Self {
        // Locked until all is copied: a session that is in the store is one of this world.
        let world = self.world();
        Self {
            world: Mutex::new(world.clone()),
            clock: Arc::new(self.clock.fork()),
            trust: Arc::new(self.trust.fork()),
            signer: Arc::clone(&self.signer),
            pod_sessions: self.pod_sessions.fork(),
            key_manager_sessions: self.key_manager_sessions.fork(),
            access_tokens: self.access_tokens.fork(),
            waiting: Waiting::default(),
            read_begun: tokio::sync::Notify::new(),
            revision: AtomicU64::new(0),
            restored: AtomicU64::new(0),
            reads_ended: AtomicU64::new(0),
            closing: AtomicBool::new(false),
            watchers: Watchers::default(),
        }
    }

    /// Becomes what it was then, clock and chance included. Sessions opened since end, and those
    /// ended since are good again.
    ///
    /// Reads that wait end at once, with nothing: see [`read_feed`](Pod::read_feed).
    pub fn restore(&self, snapshot: &Snapshot) {
        const BY: &str = "the restoring of a snapshot";
        let then = &snapshot.at_rest;
        let mut restored = then.world().clone();
        let mut world = self.world();
        let now = self.clock.now();
        restored.feeds.take_over_readers(&mut world.feeds);
        let before = std::mem::replace(&mut *world, restored);
        self.restored.fetch_add(1, Ordering::Relaxed);
        let stores = [
            (&self.pod_sessions, &then.pod_sessions),
            (&self.key_manager_sessions, &then.key_manager_sessions),
            (&self.access_tokens, &then.access_tokens),
        ];
        for (sessions, then) in stores {
            sessions.restore(then, now, BY);
        }
        self.trust.follow_trust(&then.trust);
        self.clock.follow(&then.clock);
        self.watchers.tell(News::Restored);
        // Unlocked first: dropping the old state may take a while.
        drop(world);
        drop(before);
    }
}

#[cfg(test)]
mod tests {
    use std::future::{Future, poll_fn};
    use std::pin::pin;
    use std::task::Poll;

    use rustls::pki_types::pem::PemObject;
    use rustls::pki_types::{CertificateDer, UnixTime};

    use super::*;
    use crate::clock::Clock;
    use crate::domain::{
        Certificate, CertificateChange, CertificateLogin, CertificateStatus, FeedId, Refusal,
        Signer, Submission, TokenFault, TokenSpace, UserId,
    };
    use crate::scenario::Scenario;
    use crate::transport::{Certificates, Trust};

    const AT: Timestamp = Timestamp::from_millis(1_750_000_000_000);
    const BOT: &CertificateLogin<'_> = &CertificateLogin {
        common_name: Some("bot"),
        subject: "CN=bot",
        key: ("EC", 3_072),
        has_body: false,
        has_content_type: false,
    };

    /// The default pod, which trusts its own authority, with its clock standing still.
    fn pod() -> Pod {
        let certificates = Certificates::embedded();
        let (pem, key) = certificates.signer();
        let signer = Arc::new(Signer::new(pem, key).unwrap());
        let mut world = Scenario::embedded().build(7, AT).unwrap();
        let authority = CertificateDer::from_pem_slice(certificates.authority_pem().as_bytes());
        world.company_certificates.seed(Certificate::from_der(&authority.unwrap()).unwrap());
        let trust = Trust::new(Arc::new(rustls::crypto::ring::default_provider()));
        trust.follow(&world.company_certificates).unwrap();
        Pod::new(world, Arc::new(Clock::frozen_at(AT)), signer, Arc::new(trust))
    }

    fn log_in(pod: &Pod) -> String {
        pod.log_in_with_certificate(BOT, TokenSpace::Pod).unwrap()
    }

    fn log_out(pod: &Pod, token: &str) {
        pod.log_out(token, TokenSpace::Pod, None, "a logout").unwrap();
    }

    fn user(pod: &Pod, name: &str) -> UserId {
        let world = pod.world();
        world.users.by_username(world.identity.id, name).unwrap().id
    }

    fn say(pod: &Pod, text: &str) {
        let author = user(pod, "alice");
        let mut world = pod.world();
        let room = world.streams.room_called("Test Room").unwrap().id;
        let message = format!("<messageML>{text}</messageML>");
        let submission = Submission { message, ..Submission::default() };
        world.send_message(author, room, submission, AT).unwrap();
    }

    fn open_feed(pod: &Pod) -> FeedId {
        let bot = user(pod, "bot");
        let mut world = pod.world();
        world.open_datafeed(bot, None, false, AT).unwrap().id.clone()
    }

    async fn is_waiting(read: std::pin::Pin<&mut impl Future>) -> bool {
        let mut read = Some(read);
        poll_fn(|context| Poll::Ready(read.take().unwrap().poll(context).is_pending())).await
    }

    /// A merge is begun anew when the world has changed meanwhile.
    #[test]
    fn who_looks_at_a_world_does_not_change_it() {
        let pod = pod();
        let revision = pod.world().revision();
        assert_eq!(user(&pod, "alice"), user(&pod, "alice"));
        assert_eq!(pod.world().revision(), revision);
        say(&pod, "hello");
        assert_ne!(pod.world().revision(), revision);
    }

    #[test]
    fn what_was_is_again_and_what_came_later_is_gone() {
        let pod = pod();
        let (kept, ended) = (log_in(&pod), log_in(&pod));
        let then = pod.snapshot();
        let world = format!("{:?}", *pod.world());
        log_out(&pod, &ended);
        let later = log_in(&pod);
        let feed = open_feed(&pod);
        say(&pod, "Hello");
        pod.clock.advance(std::time::Duration::from_secs(60));
        pod.restore(&then);

        assert_eq!(format!("{:?}", *pod.world()), world);
        assert_eq!(pod.clock.now(), then.taken());
        let good = |token: &str| pod.session(token, TokenSpace::Pod);
        assert!(good(&kept).is_ok() && good(&ended).is_ok());
        assert_eq!(pod.sessions_of_user(user(&pod, "bot")).len(), 2);
        let Err(Refusal::SessionInvalid(TokenFault::Ended { by, .. })) = good(&later) else {
            panic!("the later session is good: {:?}", good(&later));
        };
        assert!(by.contains("snapshot"), "{by}");
        assert_eq!(pod.world().check_feed(&feed), Err(Refusal::FeedUnknown));
        // Chance is what it was: the same call has the same outcome.
        assert_eq!(log_in(&pod), later);
        assert!(good(&later).is_ok());
    }

    #[test]
    fn a_snapshot_can_be_gone_back_to_again_and_again_and_in_any_order() {
        let pod = pod();
        let before = pod.snapshot();
        let token = log_in(&pod);
        let after = pod.snapshot();
        for _ in 0..3 {
            pod.restore(&before);
            assert!(pod.session(&token, TokenSpace::Pod).is_err());
            pod.restore(&after);
            assert!(pod.session(&token, TokenSpace::Pod).is_ok());
            log_out(&pod, &token);
        }
    }

    #[tokio::test]
    async fn a_read_that_waits_ends_when_the_pod_is_restored() {
        let pod = pod();
        let feed = open_feed(&pod);
        let then = pod.snapshot();
        let later = open_feed(&pod);
        let mut read = pin!(pod.read_feed(&feed, None, 10, false, 0));
        let mut gone = pin!(pod.read_feed(&later, None, 10, false, 0));
        assert!(is_waiting(read.as_mut()).await && is_waiting(gone.as_mut()).await);
        pod.restore(&then);
        assert_eq!(read.await.unwrap().0, []);
        assert_eq!(gone.await.unwrap_err(), Refusal::FeedUnknown);

        // The next read is one like any other.
        let mut read = pin!(pod.read_feed(&feed, None, 10, false, 0));
        assert!(is_waiting(read.as_mut()).await);
        say(&pod, "Hello");
        assert_eq!(read.await.unwrap().0.len(), 1);
    }

    #[tokio::test]
    async fn a_read_that_waits_keeps_its_feed_alive_in_the_original_and_not_in_a_fork() {
        let pod = pod();
        let feed = open_feed(&pod);
        let mut read = pin!(pod.read_feed(&feed, None, 10, false, 0));
        assert!(is_waiting(read.as_mut()).await);
        let fork = pod.fork();
        let over = AT.plus(pod.world().settings.datafeed_ttl);
        assert_eq!(pod.world().feeds_of(feed.owner, over).count(), 1);
        assert_eq!(fork.world().feeds_of(feed.owner, over).count(), 0);
    }

    #[tokio::test]
    async fn a_fork_lives_a_life_of_its_own() {
        let original = pod();
        let token = log_in(&original);
        let feed = open_feed(&original);
        let fork = original.snapshot().pod();
        let mut read = pin!(fork.read_feed(&feed, None, 10, false, 0));
        assert!(is_waiting(read.as_mut()).await);
        say(&original, "To those here");
        assert!(is_waiting(read.as_mut()).await);
        say(&fork, "To those there");
        assert_eq!(read.await.unwrap().0.len(), 1);

        log_out(&original, &token);
        assert!(fork.session(&token, TokenSpace::Pod).is_ok());
        original.clock.run();
        assert!(fork.clock.is_frozen());
    }

    #[test]
    fn trust_follows() {
        let certificates = Certificates::embedded();
        let pem = certificates.identity("bot").unwrap();
        let bot = CertificateDer::from_pem_slice(pem.certificate_pem().as_bytes()).unwrap();
        let now = UnixTime::since_unix_epoch(std::time::Duration::from_millis(AT.as_millis()));
        let trusts = |pod: &Pod| pod.trust.admit(&bot, &[], now).is_ok();
        let pod = pod();
        let then = pod.snapshot();
        let fork = pod.fork();
        let admin = user(&pod, "alice");
        let revoke = |pod: &Pod| {
            pod.change_certificates(admin, |certificates, now| {
                let known = certificates.iter().next().unwrap();
                let fingerprint = known.certificate.fingerprint.to_string();
                let status = Some(CertificateStatus::Revoked);
                let change = CertificateChange { status, ..CertificateChange::default() };
                certificates.update(&fingerprint, change, admin, now)
            })
            .unwrap();
        };
        assert!(trusts(&pod) && trusts(&fork));
        revoke(&pod);
        assert!(!trusts(&pod) && trusts(&fork));
        let epoch = pod.trust.epoch();
        pod.restore(&then);
        assert!(trusts(&pod) && pod.trust.epoch() > epoch);
        revoke(&fork);
        assert!(trusts(&pod) && !trusts(&fork));
    }
}
