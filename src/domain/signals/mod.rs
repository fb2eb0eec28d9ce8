//! Signals: standing searches that people subscribe to.

mod query;

use std::sync::Arc;

use imbl::OrdMap;

use super::{
    DlpDataType, DocumentId, Feature, Refusal, Screened, Timestamp, UserId, ViolationSubject, World,
};

pub use query::SignalQuery;

/// A standing search.
#[derive(Debug, Clone)]
pub struct Signal {
    pub id: DocumentId,
    pub name: String,
    pub query: Arc<SignalQuery>,
    pub owner: UserId,
    /// Whether those who look at its owner's profile see it.
    pub visible_on_profile: bool,
    /// Whether everybody of the pod has it, and nobody may leave it.
    pub company_wide: bool,
    pub created: Timestamp,
    subscriptions: OrdMap<u64, Subscription>,
    places: OrdMap<UserId, u64>,
}

/// That somebody sees what a signal shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Subscription {
    pub user: UserId,
    /// Whether he may not leave it.
    pub pushed: bool,
    pub since: Timestamp,
}

/// What a client says of a signal.
#[derive(Debug, Clone, Default)]
pub struct SignalRequest {
    pub name: String,
    pub query: String,
    pub visible_on_profile: bool,
    pub company_wide: bool,
}

/// All signals in the order of their creation.
#[derive(Debug, Clone, Default)]
pub struct Signals {
    by_place: OrdMap<u64, Arc<Signal>>,
    places: OrdMap<DocumentId, u64>,
    made: u64,
}

/// What became of a change for one of several users.
pub type Subscribed = (UserId, Result<(), SubscriptionError>);

/// Why somebody could not be subscribed or unsubscribed. Real pods' codes are not published.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SubscriptionError {
    UserNotFound,
    /// An information barrier keeps him apart from the signal's owner.
    InformationBarrier,
    /// The owner of a signal stays subscribed.
    Owner,
    /// He was subscribed so that he cannot leave.
    Pushed,
}

impl SubscriptionError {
    pub fn code(self) -> &'static str {
        match self {
            Self::UserNotFound => "USER_NOT_FOUND",
            Self::InformationBarrier => "INFO_BARRIER_VIOLATION",
            Self::Owner => "SIGNAL_OWNER",
            Self::Pushed => "PUSHED_SUBSCRIPTION",
        }
    }

    pub fn message(self) -> &'static str {
        match self {
            Self::UserNotFound => "The user does not exist or is not active",
            Self::InformationBarrier => {
                "An information barrier prevents these users from communicating"
            }
            Self::Owner => "The owner of a signal cannot leave it",
            Self::Pushed => "The user cannot leave the signal",
        }
    }
}

impl Signal {
    /// One that its owner alone is subscribed to.
    pub fn new(
        id: DocumentId,
        owner: UserId,
        request: &SignalRequest,
        created: Timestamp,
    ) -> Result<Self, Refusal> {
        let mut signal = Self {
            id,
            name: request.name.clone(),
            query: request.read()?.into(),
            owner,
            visible_on_profile: request.visible_on_profile,
            company_wide: request.company_wide,
            created,
            subscriptions: OrdMap::new(),
            places: OrdMap::new(),
        };
        signal.subscribe(Subscription { user: owner, pushed: false, since: created });
        Ok(signal)
    }

    /// Subscribes somebody. Who is subscribed already stays so, and cannot leave from now on where
    /// that is wanted.
    pub fn subscribe(&mut self, subscription: Subscription) {
        let known = self.places.get(&subscription.user);
        let place = match known {
            Some(place) => *place,
            None => self.subscriptions.get_max().map_or(0, |(last, _)| last + 1),
        };
        self.places.insert(subscription.user, place);
        let held = self.subscriptions.entry(place).or_insert(subscription);
        held.pushed |= subscription.pushed && subscription.user != self.owner;
    }

    fn unsubscribe(&mut self, user: UserId) {
        if let Some(place) = self.places.remove(&user) {
            self.subscriptions.remove(&place);
        }
    }

    /// In the order in which they were made, the owner's first.
    pub fn subscriptions(&self) -> impl ExactSizeIterator<Item = &Subscription> {
        self.subscriptions.values()
    }

    pub fn subscription(&self, user: UserId) -> Option<&Subscription> {
        self.subscriptions.get(self.places.get(&user)?)
    }

    fn is_for(&self, user: UserId) -> bool {
        self.company_wide || self.places.contains_key(&user)
    }
}

impl SignalRequest {
    /// The query, where everything is as it should be.
    fn read(&self) -> Result<SignalQuery, Refusal> {
        const LONGEST: usize = 50;
        let length = self.name.trim().chars().count();
        if length == 0 || length > LONGEST {
            let what = format!("The name has {length} characters, expected 1 to {LONGEST}");
            return Err(Refusal::Malformed { what });
        }
        SignalQuery::parse(&self.query)
            .map_err(|why| Refusal::Malformed { what: format!("The query of the signal: {why}") })
    }
}

impl Signals {
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Signal>> {
        self.by_place.values()
    }

    pub fn by_id(&self, id: DocumentId) -> Option<&Arc<Signal>> {
        self.by_place.get(self.places.get(&id)?)
    }

    /// Adds a signal, or puts it in the place of the one that has its id.
    pub fn put(&mut self, signal: Signal) {
        let place = self.places.get(&signal.id).copied().unwrap_or(self.made);
        self.made = self.made.max(place + 1);
        self.places.insert(signal.id, place);
        self.by_place.insert(place, Arc::new(signal));
    }

    fn change(&mut self, id: DocumentId, change: impl FnOnce(&mut Signal)) {
        let signal = self.places.get(&id).and_then(|place| self.by_place.get_mut(place));
        if let Some(signal) = signal {
            change(Arc::make_mut(signal));
        }
    }

    fn remove(&mut self, id: DocumentId) {
        if let Some(place) = self.places.remove(&id) {
            self.by_place.remove(&place);
        }
    }
}

impl World {
    /// The signals that a user has: his own, and those to which he is subscribed.
    pub fn signals_of(&self, user: UserId) -> impl Iterator<Item = &Arc<Signal>> {
        self.signals.iter().filter(move |signal| signal.is_for(user))
    }

    /// A signal, for somebody who may look at it: he has it, or everybody may see it.
    pub fn signal(&self, caller: UserId, id: &str) -> Result<&Arc<Signal>, Refusal> {
        let signal = self.any_signal(id)?;
        if signal.visible_on_profile || signal.is_for(caller) {
            return Ok(signal);
        }
        Err(Refusal::NotEntitled { needs: "to be subscribed to the signal" })
    }

    fn any_signal(&self, id: &str) -> Result<&Arc<Signal>, Refusal> {
        let known = id.trim().parse().ok().and_then(|id| self.signals.by_id(id));
        known.ok_or_else(|| Refusal::SignalUnknown { id: id.to_owned() })
    }

    pub fn create_signal(
        &mut self,
        owner: UserId,
        request: &SignalRequest,
        now: Timestamp,
    ) -> Result<Arc<Signal>, Refusal> {
        if request.company_wide {
            self.check_feature(owner, Feature::CreatePushedSignals)?;
        }
        let id = DocumentId::new(now, &mut self.rng);
        let signal = Signal::new(id, owner, request, now)?;
        self.screen_signal(owner, id, request, now)?;
        self.signals.put(signal);
        self.signals.by_id(id).cloned().ok_or(Refusal::Bug)
    }

    /// Makes a signal what a client says. Its owner may, and with a company-wide one whoever may
    /// make such.
    pub fn update_signal(
        &mut self,
        caller: UserId,
        id: &str,
        request: &SignalRequest,
        now: Timestamp,
    ) -> Result<Arc<Signal>, Refusal> {
        let signal = self.any_signal(id)?;
        let id = signal.id;
        if !signal.company_wide && signal.owner != caller {
            return Err(Refusal::NotEntitled { needs: "to be the owner of the signal" });
        }
        if signal.company_wide || request.company_wide {
            self.check_feature(caller, Feature::CreatePushedSignals)?;
        }
        let query = Arc::new(request.read()?);
        self.screen_signal(caller, id, request, now)?;
        self.signals.change(id, |signal| {
            signal.name.clone_from(&request.name);
            signal.query = query;
            signal.visible_on_profile = request.visible_on_profile;
            signal.company_wide = request.company_wide;
        });
        self.signals.by_id(id).cloned().ok_or(Refusal::Bug)
    }

    /// That no policy has anything against what a signal is called.
    fn screen_signal(
        &mut self,
        user: UserId,
        id: DocumentId,
        request: &SignalRequest,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let text = (DlpDataType::SignalMeta, request.name.as_str(), &[][..]);
        let Some(verdict) = self.screen(user, false, text, &[]) else { return Ok(()) };
        let passes = verdict.lets_pass(false);
        let refusal = verdict.refusal(Screened::Signal, &[]);
        let (name, query) = (request.name.clone(), request.query.clone());
        let subject = ViolationSubject::Signal { id, name, query };
        self.record_violation(user, verdict, passes, subject, now);
        if passes { Ok(()) } else { Err(refusal) }
    }

    pub fn delete_signal(&mut self, caller: UserId, id: &str) -> Result<DocumentId, Refusal> {
        let signal = self.any_signal(id)?;
        if signal.owner != caller {
            return Err(Refusal::NotEntitled { needs: "to be the owner of the signal" });
        }
        let id = signal.id;
        self.signals.remove(id);
        Ok(id)
    }

    /// Subscribes the caller to a signal, or others where he names some.
    pub fn subscribe(
        &mut self,
        caller: UserId,
        id: &str,
        others: Option<&[UserId]>,
        pushed: bool,
        now: Timestamp,
    ) -> Result<Vec<Subscribed>, Refusal> {
        let signal = self.signal(caller, id)?;
        let (id, owner) = (signal.id, signal.owner);
        if others.is_some() {
            self.check_feature(caller, Feature::ManageSignalSubscription)?;
        }
        let pushed = pushed && others.is_some();
        let mut done = Vec::new();
        for &user in others.unwrap_or(&[caller]) {
            let known = self.own_user(user).is_ok_and(|user| user.is_active(now));
            let outcome = match known {
                false => Err(SubscriptionError::UserNotFound),
                true if self.barriers.between(user, owner) => {
                    Err(SubscriptionError::InformationBarrier)
                }
                true => Ok(()),
            };
            if outcome.is_ok() {
                let subscription = Subscription { user, pushed, since: now };
                self.signals.change(id, |signal| signal.subscribe(subscription));
            }
            done.push((user, outcome));
        }
        Ok(done)
    }

    /// Unsubscribes the caller from a signal, or others where he names some. What everybody has
    /// nobody leaves.
    pub fn unsubscribe(
        &mut self,
        caller: UserId,
        id: &str,
        others: Option<&[UserId]>,
    ) -> Result<Vec<Subscribed>, Refusal> {
        let signal = Arc::clone(self.signal(caller, id)?);
        if others.is_some() {
            self.check_feature(caller, Feature::ManageSignalSubscription)?;
        }
        if signal.company_wide {
            return Err(Refusal::NotEntitled { needs: "a signal that is not company-wide" });
        }
        let stays = |user: UserId| {
            let pushed = signal.subscription(user).is_some_and(|held| held.pushed);
            if user == signal.owner {
                return Some(SubscriptionError::Owner);
            }
            (pushed && user == caller).then_some(SubscriptionError::Pushed)
        };
        if let (None, Some(error)) = (others, stays(caller)) {
            let needs = match error {
                SubscriptionError::Owner => "not to be the owner of the signal",
                _ => "a subscription that nobody pushed",
            };
            return Err(Refusal::NotEntitled { needs });
        }
        let mut done = Vec::new();
        for &user in others.unwrap_or(&[caller]) {
            let outcome = match self.own_user(user) {
                Err(_) => Err(SubscriptionError::UserNotFound),
                Ok(_) => stays(user).map_or(Ok(()), Err),
            };
            if outcome.is_ok() {
                self.signals.change(signal.id, |signal| signal.unsubscribe(user));
            }
            done.push((user, outcome));
        }
        Ok(done)
    }

    /// Who sees what a signal shows, its owner first: of a company-wide one that is everybody.
    pub fn subscribers(
        &self,
        caller: UserId,
        id: &str,
        now: Timestamp,
    ) -> Result<Vec<Subscription>, Refusal> {
        let signal = self.signal(caller, id)?;
        let mut all: Vec<_> = signal.subscriptions().copied().collect();
        if signal.company_wide {
            for held in all.iter_mut().filter(|held| held.user != signal.owner) {
                held.pushed = true;
            }
            let others = self.own_users().filter(|user| user.is_active(now));
            let others = others.filter(|user| signal.subscription(user.id).is_none());
            let since = signal.created;
            all.extend(others.map(|user| Subscription { user: user.id, pushed: true, since }));
        }
        Ok(all)
    }
}
