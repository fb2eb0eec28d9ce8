//! The pods of one server: the main one, and one for every test that asks for its own.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use axum::http::{HeaderName, Request, Uri, uri};
use dashmap::DashMap;
use dashmap::mapref::entry::Entry;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use crate::clock::Clock;
use crate::domain::{
    Certificate, CompanyCertificates, KeyRefusal, NotACertificate, PublicKey, Refusal, Signer,
};
use crate::pod::Pod;
use crate::scenario::{Scenario, ScenarioError};
use crate::transport::{CertificateError, Certificates, Trust};

/// A pod with everything on its test's side.
#[derive(Debug)]
pub struct Tenant {
    /// What requests call it; the main pod has no name.
    pub name: Option<Arc<str>>,
    pub pod: Arc<Pod>,
}

/// All pods of a server, by name.
#[derive(Debug)]
pub struct Pods {
    main: Arc<Tenant>,
    named: DashMap<Arc<str>, Arc<Tenant>>,
    factory: Factory,
    scenario: Scenario,
    seed: u64,
}

/// What the pods of a server have in common, and how one is made.
#[derive(Debug)]
pub struct Factory {
    pub certificates: Arc<Certificates>,
    pub signer: Arc<Signer>,
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
        let main = Arc::new(Tenant { name: None, pod: Arc::new(pod) });
        Ok(Self { main, named: DashMap::new(), factory, scenario, seed })
    }

    pub fn main(&self) -> &Arc<Tenant> {
        &self.main
    }

    /// The pod that a request is for: `/t/<name>/` in front of its path says which, or the header
    /// `X-Mock-Pod`; without either it is the main one. A name that is new makes a pod. The prefix
    /// is gone from the request afterwards.
    pub fn select<B>(&self, request: &mut Request<B>) -> Result<Arc<Tenant>, Refusal> {
        if let Some(name) = take_prefix(request.uri_mut()) {
            return self.named(&name);
        }
        match request.headers().get(POD).map(|name| name.to_str()) {
            None | Some(Ok("")) => Ok(Arc::clone(&self.main)),
            Some(Ok(name)) => self.named(name),
            Some(Err(_)) => Err(no_name()),
        }
    }

    /// The pod called so, which is made from the seed if there is none.
    pub fn named(&self, name: &str) -> Result<Arc<Tenant>, Refusal> {
        if let Some(tenant) = self.named.get(name) {
            return Ok(Arc::clone(&tenant));
        }
        if !is_name(name) {
            return Err(no_name());
        }
        // Of two first requests at the same time one makes the pod, and the other waits for it.
        match self.named.entry(Arc::from(name)) {
            Entry::Occupied(tenant) => Ok(Arc::clone(tenant.get())),
            Entry::Vacant(place) => {
                let made = self.make(Arc::clone(place.key())).map_err(|error| {
                    // It made the main pod before.
                    tracing::error!("pod {name}: {error}");
                    Refusal::Bug
                })?;
                Ok(Arc::clone(&place.insert(Arc::new(made))))
            }
        }
    }

    /// Makes a pod what a document says. Its clock goes on, its sessions and feeds end.
    pub fn rebuild(&self, tenant: &Tenant, scenario: &Scenario) -> Result<(), FactoryError> {
        let pod = &tenant.pod;
        let seed = u64::from_be_bytes(pod.world().chance.bytes());
        let (clock, trust) = (Arc::new(pod.clock.fork()), Arc::new(pod.trust.beside()));
        let made = self.factory.make(scenario, seed, clock, trust)?;
        pod.restore(&made.snapshot());
        Ok(())
    }

    fn make(&self, name: Arc<str>) -> Result<Tenant, FactoryError> {
        // Chance of its own, which is the same in every run: no pod's tokens are another's.
        let mut seed = DefaultHasher::new();
        (self.seed, &name).hash(&mut seed);
        let trust = Arc::new(self.main.pod.trust.beside());
        let clock = Arc::new(self.main.pod.clock.like_new());
        let pod = self.factory.make(&self.scenario, seed.finish(), clock, trust)?;
        Ok(Tenant { name: Some(name), pod: Arc::new(pod) })
    }
}

impl Factory {
    fn make(
        &self,
        scenario: &Scenario,
        seed: u64,
        clock: Arc<Clock>,
        trust: Arc<Trust>,
    ) -> Result<Pod, FactoryError> {
        let mut world = scenario.build(seed, clock.now())?;
        world.found_accounts(clock.now());
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

fn is_name(name: &str) -> bool {
    const LONGEST: usize = 100;
    let allowed = |c: u8| c.is_ascii_alphanumeric() || b"-_.~".contains(&c);
    (1..=LONGEST).contains(&name.len()) && name.bytes().all(allowed)
}

fn no_name() -> Refusal {
    let what = "The name of a pod has from 1 to 100 letters, digits and any of -_.~";
    Refusal::Malformed { what: what.to_owned() }
}
