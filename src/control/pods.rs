//! The pods of one server: the main one, and one for every test that asks for its own.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::http::{HeaderName, Request, Uri, uri};
use dashmap::DashMap;
use ring::digest::{SHA256, digest};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use super::connections::OpenConnections;
use super::faults::Faults;
use super::journal::Journal;
use crate::clock::Clock;
use crate::domain::{
    Certificate, CompanyCertificates, KeyRefusal, NotACertificate, PublicKey, Refusal, SeededRng,
    Signer, unknown_name,
};
use crate::operation::Catalogue;
use crate::pod::{Pod, Snapshot};
use crate::scenario::{Scenario, ScenarioError};
use crate::transport::{CertificateError, Certificates, Listeners, Trust};

/// A pod with everything on its test's side.
#[derive(Debug)]
pub struct Tenant {
    /// What requests call it.
    pub name: Arc<str>,
    pub pod: Arc<Pod>,
    /// What a test plans to go wrong.
    pub faults: Faults,
    pub journal: Arc<Journal>,
    pub connections: OpenConnections,
    /// What it began as.
    seed: Snapshot,
    /// What it was when a test said so, by the test's name for it.
    pub snapshots: Mutex<BTreeMap<String, Arc<Snapshot>>>,
}

/// All pods of a server, by name.
#[derive(Debug)]
pub struct Pods {
    main: Arc<Tenant>,
    named: DashMap<Arc<str>, Arc<Tenant>>,
    factory: Factory,
    seed: u64,
}

/// What a pod is made from.
#[derive(Debug)]
pub enum Origin {
    /// The seed that the server was started with.
    Seed,
    Scenario(Box<Scenario>),
    /// What another pod was, or is.
    Copy(Arc<Snapshot>),
}

/// What requests call the pod that they get when they name none.
pub const MAIN: &str = "main";

/// What the pods of a server have in common, and how one is made.
#[derive(Debug)]
pub struct Factory {
    pub certificates: Arc<Certificates>,
    pub signer: Arc<Signer>,
    pub catalogue: Arc<Catalogue>,
    pub listeners: Arc<Listeners>,
    /// How many bytes the journal of the main pod may take.
    pub journal_bytes: usize,
    pub limits: Limits,
}

/// How many there may be at once.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Named pods of a server.
    pub pods: usize,
    /// Snapshots of a pod.
    pub snapshots: usize,
    /// Faults of a pod.
    pub faults: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { pods: 20_000, snapshots: 1_000, faults: 1_000 }
    }
}

/// Why a pod cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum FactoryError {
    #[error("the scenario: {0}")]
    Scenario(#[from] ScenarioError),
    #[error("the certificates: {0}")]
    Certificates(#[from] CertificateError),
    #[error("the authority's certificate: {0}")]
    Authority(NotACertificate),
    #[error("the authority's certificate is not PEM: {0}")]
    Pem(#[from] rustls::pki_types::pem::Error),
    #[error("a public key: {0}")]
    Key(#[from] KeyRefusal),
    #[error("the authority cannot be used: {0}")]
    Tls(#[from] rustls::Error),
}

/// Why there is no such pod now.
#[derive(Debug)]
pub enum MakingError {
    Name(Refusal),
    /// The main pod is there as long as the server is.
    Main,
    Factory(FactoryError),
}

impl std::fmt::Display for MakingError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Name(refusal) => f.write_str(&refusal.why()),
            Self::Main => f.write_str("the main pod is there as long as the server is"),
            Self::Factory(error) => error.fmt(f),
        }
    }
}

impl From<FactoryError> for MakingError {
    fn from(error: FactoryError) -> Self {
        Self::Factory(error)
    }
}

/// Names the pod that a request is for, where its path cannot.
const POD: HeaderName = HeaderName::from_static("x-mock-pod");

impl Pods {
    /// A server with its main pod, which goes by `clock`.
    pub fn new(
        factory: Factory,
        scenario: Scenario,
        seed: u64,
        clock: Arc<Clock>,
        trust: Arc<Trust>,
    ) -> Result<Self, FactoryError> {
        let pod = factory.make(&scenario, seed, clock, trust)?;
        let journal = factory.journal(MAIN.into(), factory.journal_bytes);
        let faults = factory.faults(seed, true);
        let main = Arc::new(Tenant::new(Arc::from(MAIN), pod, journal, faults));
        Ok(Self { main, named: DashMap::new(), factory, seed })
    }

    pub fn main(&self) -> &Arc<Tenant> {
        &self.main
    }

    pub fn limits(&self) -> Limits {
        self.factory.limits
    }

    /// Whether there may be one more. Some more may slip in where many are made at one time.
    fn check_room(&self) -> Result<(), Refusal> {
        let most = self.factory.limits.pods;
        if self.named.len() < most {
            return Ok(());
        }
        let what = format!(
            "There are {most} named pods, which is the most (--max-pods): DELETE \
             /_mock/pods/NAME on the control port drops one"
        );
        Err(Refusal::Malformed { what })
    }

    /// How many pods there are.
    pub fn count(&self) -> usize {
        1 + self.named.len()
    }

    /// The pod that a request is for: `/t/<name>/` in front of its path says which, or the header
    /// `X-Mock-Pod`; without either it is the main one. A name that is new makes a pod. The prefix
    /// is gone from the request afterwards.
    pub fn select<B>(&self, request: &mut Request<B>) -> Result<Arc<Tenant>, Refusal> {
        match take_name(request)? {
            None => Ok(Arc::clone(&self.main)),
            Some(name) => self.named(&name),
        }
    }

    /// The same for a question about what became of a pod: it makes none, for nothing can have come to one
    /// that is not there, and a mistyped name would look like a pod at peace.
    ///
    /// # Errors
    /// There is no such pod; in words, with the nearest name.
    pub fn select_known<B>(&self, request: &mut Request<B>) -> Result<Arc<Tenant>, String> {
        let Some(name) = take_name(request).map_err(|refusal| refusal.why())? else {
            return Ok(Arc::clone(&self.main));
        };
        self.find(&name).ok_or_else(|| {
            format!(
                "{}, and to ask what came to it makes none: any request of a client to it does, and \
                 PUT /_mock/pods/{name}",
                self.no_pod(&name)
            )
        })
    }

    /// What to say of a name that no pod has.
    pub fn no_pod(&self, name: &str) -> String {
        let known: Vec<_> = self.named.iter().map(|pod| Arc::clone(pod.key())).collect();
        unknown_name("pod", name, known.iter().map(|name| &**name))
    }

    /// The pod called so, which is made from the seed if there is none.
    pub fn named(&self, name: &str) -> Result<Arc<Tenant>, Refusal> {
        if let Some(tenant) = self.find(name) {
            return Ok(tenant);
        }
        let name = pod_name(name)?;
        self.check_room()?;
        // Of two first requests at the same time one makes the pod, and the other waits for it.
        let made = self.named.entry(Arc::clone(&name)).or_insert_with(|| {
            let pod = self.seeded(&name);
            self.tenant(name, pod)
        });
        Ok(Arc::clone(&made))
    }

    /// The pod called so, if there is one.
    pub fn find(&self, name: &str) -> Option<Arc<Tenant>> {
        if name == MAIN {
            return Some(Arc::clone(&self.main));
        }
        self.named.get(name).map(|tenant| Arc::clone(&tenant))
    }

    /// All pods, the main one first and the others by their names.
    pub fn list(&self) -> Vec<Arc<Tenant>> {
        let mut named: Vec<_> = self.named.iter().map(|tenant| Arc::clone(&tenant)).collect();
        named.sort_unstable_by(|a, b| a.name.cmp(&b.name));
        std::iter::once(Arc::clone(&self.main)).chain(named).collect()
    }

    /// Makes a pod on purpose. One that was called so is gone afterwards; whether there was one
    /// comes with the new pod.
    pub fn create(&self, name: &str, origin: Origin) -> Result<(Arc<Tenant>, bool), MakingError> {
        let name = pod_name(name).map_err(MakingError::Name)?;
        if &*name == MAIN {
            return Err(MakingError::Main);
        }
        if self.find(&name).is_none() {
            self.check_room().map_err(MakingError::Name)?;
        }
        let pod = match origin {
            Origin::Seed => self.seeded(&name),
            Origin::Copy(snapshot) => snapshot.pod(),
            Origin::Scenario(scenario) => {
                let trust = Arc::new(self.main.pod.trust.beside());
                let clock = clock_of(&scenario).unwrap_or_else(|| self.main.pod.clock.like_new());
                let clock = Arc::new(clock);
                self.factory.make(&scenario, self.seed_of(&name), clock, trust)?
            }
        };
        let made = self.tenant(Arc::clone(&name), pod);
        let before = self.named.insert(name, Arc::clone(&made));
        if let Some(before) = &before {
            before.let_go();
        }
        Ok((made, before.is_some()))
    }

    /// Drops a pod; gives whether there was one. Requests under way finish on it.
    pub fn remove(&self, name: &str) -> Result<bool, MakingError> {
        if name == MAIN {
            return Err(MakingError::Main);
        }
        let removed = self.named.remove(name).map(|(_, tenant)| tenant);
        if let Some(tenant) = &removed {
            tenant.let_go();
        }
        Ok(removed.is_some())
    }

    /// Ends all that waits in any pod: reads of feeds with no events, expectations with their
    /// misses, and what faults hold up as if they had not. Nothing waits from now on.
    pub fn close(&self) {
        for tenant in self.list() {
            tenant.faults.clear(&tenant.pod);
            tenant.pod.close();
            tenant.journal.close();
        }
    }

    /// Makes a pod what a document says. Its clock goes on unless the document sets it, its
    /// sessions and feeds end.
    pub fn rebuild(&self, tenant: &Tenant, scenario: &Scenario) -> Result<(), FactoryError> {
        let pod = &tenant.pod;
        let seed = u64::from_be_bytes(pod.world().rng.bytes());
        let clock = clock_of(scenario).unwrap_or_else(|| pod.clock.fork());
        let (clock, trust) = (Arc::new(clock), Arc::new(pod.trust.beside()));
        let made = self.factory.make(scenario, seed, clock, trust)?;
        pod.restore(&made.snapshot());
        Ok(())
    }

    fn tenant(&self, name: Arc<str>, pod: Pod) -> Arc<Tenant> {
        pod.trust.join(&self.main.pod.trust);
        // Smaller, for there may be ten thousand of them.
        let journal = self.factory.journal(Arc::clone(&name), self.factory.journal_bytes / 32);
        let faults = self.factory.faults(self.seed_of(&name), false);
        Arc::new(Tenant::new(name, pod, journal, faults))
    }

    fn seeded(&self, name: &str) -> Pod {
        let pod = self.main.seed.pod();
        pod.clock.follow(&self.main.pod.clock.like_new());
        pod.world().rng = SeededRng::from_seed(self.seed_of(name));
        pod
    }

    /// A pod's chance is its own, so that no pod's tokens are another's, and the same in each run.
    fn seed_of(&self, name: &str) -> u64 {
        let digest = digest(&SHA256, format!("{} {name}", self.seed).as_bytes());
        digest.as_ref().iter().take(8).fold(0, |seed, byte| seed << 8 | u64::from(*byte))
    }
}

impl Tenant {
    fn new(name: Arc<str>, pod: Pod, journal: Journal, faults: Faults) -> Self {
        let seed = pod.snapshot();
        Self {
            name,
            pod: Arc::new(pod),
            faults,
            journal: Arc::new(journal),
            connections: OpenConnections::default(),
            seed,
            snapshots: Mutex::default(),
        }
    }

    pub fn is_main(&self) -> bool {
        &*self.name == MAIN
    }

    /// Ends what its faults make wait: nobody could remove them any more.
    fn let_go(&self) {
        self.faults.clear(&self.pod);
        self.pod.dismiss_watchers();
    }

    /// Makes the pod what it began as, on a clock that runs or stands as it did then, with no fault
    /// planned and an empty journal. Its snapshots stay.
    pub fn reset(&self) {
        self.faults.reset(&self.pod);
        self.pod.restore(&self.seed);
        self.pod.clock.follow(&self.pod.clock.like_new());
        self.journal.clear();
    }
}

impl Factory {
    fn journal(&self, name: Arc<str>, bytes: usize) -> Journal {
        Journal::new(name, Arc::clone(&self.catalogue), Arc::clone(&self.listeners), bytes)
    }

    /// No faults yet of a pod that is the main one or not.
    fn faults(&self, seed: u64, of_main: bool) -> Faults {
        let listeners = Arc::clone(&self.listeners);
        Faults::new(Arc::clone(&self.catalogue), listeners, seed, self.limits.faults, of_main)
    }

    fn make(
        &self,
        scenario: &Scenario,
        seed: u64,
        clock: Arc<Clock>,
        trust: Arc<Trust>,
    ) -> Result<Pod, FactoryError> {
        let mut world = scenario.build(seed, clock.now())?;
        world.seed_accounts(clock.now());
        self.record_authority(&mut world.company_certificates)?;
        trust.follow(&world.company_certificates)?;
        let pod = Pod::new(world, clock, Arc::clone(&self.signer), trust);
        // Every service user and app whose identity is there already has its public key.
        for identity in self.certificates.known_identities() {
            pod.adopt_key(identity.name(), PublicKey::from_pem(identity.rsa_public_pem()?)?);
        }
        Ok(pod)
    }

    /// The pod's own authority is the first of the company's certificates: an administrator sees
    /// it, and may end the trust in it.
    fn record_authority(&self, company: &mut CompanyCertificates) -> Result<(), FactoryError> {
        let pem = self.certificates.authority_pem().as_bytes();
        for der in CertificateDer::pem_slice_iter(pem) {
            company.seed(Certificate::from_der(&der?).map_err(FactoryError::Authority)?);
        }
        Ok(())
    }
}

/// The clock that a document describes, if it does.
pub fn clock_of(scenario: &Scenario) -> Option<Clock> {
    let seed = scenario.clock.as_ref()?;
    let machine = Clock::system().now();
    let at = seed.start.map_or(machine, |start| start.resolve(machine));
    Some(match seed.frozen {
        true => Clock::frozen_at(at),
        false => Clock::running_from(at),
    })
}

/// Whichever pod a request names.
fn take_name<B>(request: &mut Request<B>) -> Result<Option<String>, Refusal> {
    if let Some(name) = take_prefix(request.uri_mut()) {
        return Ok(Some(name));
    }
    match request.headers().get(POD).map(|name| name.to_str()) {
        None | Some(Ok("")) => Ok(None),
        Some(Ok(name)) => Ok(Some(name.to_owned())),
        Some(Err(_)) => Err(no_name()),
    }
}

/// Takes `/t/<name>` off the front of a path.
fn take_prefix(uri: &mut Uri) -> Option<String> {
    let rest = uri.path().strip_prefix("/t/")?;
    let (name, rest) = rest.split_once('/').unwrap_or((rest, ""));
    let name = name.to_owned();
    let mut path = format!("/{rest}");
    if let Some(query) = uri.query() {
        path.push('?');
        path.push_str(query);
    }
    let mut parts = uri.clone().into_parts();
    // Part of a valid path: this cannot fail.
    parts.path_and_query = Some(uri::PathAndQuery::try_from(path).ok()?);
    *uri = Uri::from_parts(parts).ok()?;
    Some(name)
}

fn pod_name(name: &str) -> Result<Arc<str>, Refusal> {
    const LONGEST: usize = 100;
    let allowed = |c: u8| c.is_ascii_alphanumeric() || b"-_.~".contains(&c);
    let is_path = matches!(name, "." | "..");
    let good = (1..=LONGEST).contains(&name.len()) && name.bytes().all(allowed) && !is_path;
    good.then(|| Arc::from(name)).ok_or_else(no_name)
}

fn no_name() -> Refusal {
    let what = "The name of a pod has from 1 to 100 letters, digits and any of -_.~, and is neither . nor ..";
    Refusal::Malformed { what: what.to_owned() }
}
