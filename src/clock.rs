//! The pod's one clock, running or frozen. Everything that depends on time asks it.
//!
//! This is the only place of the library that reads the machine's clocks or sleeps on them, which
//! `clippy.toml` sees to.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use tokio::sync::watch;

use crate::domain::Timestamp;

/// A clock that a test may freeze, set and advance.
///
/// Waits on it ([`sleep_until`](Clock::sleep_until)) are woken when the clock is moved, so an advance
/// completes those whose deadline it passes.
#[derive(Debug)]
pub struct Clock {
    state: Mutex<State>,
    /// Where it began; none for one that began with the machine's time.
    origin: Option<Origin>,
    /// Counts the moves of the clock; waits check their deadline again whenever it changes.
    moves: watch::Sender<u64>,
}

/// Measures how long the machine took over something, whatever the pod's time does.
#[derive(Debug, Clone, Copy)]
pub struct Stopwatch(Instant);

/// How a clock was made.
#[derive(Debug, Clone, Copy)]
struct Origin {
    at: Timestamp,
    frozen: bool,
}

#[derive(Debug, Clone, Copy)]
enum State {
    /// It was `at` when the machine's monotonic clock read `since`.
    Running {
        at: Timestamp,
        since: Instant,
    },
    Frozen {
        at: Timestamp,
    },
}

#[allow(clippy::disallowed_methods, reason = "this is the one clock the others must ask")]
impl Clock {
    /// A clock that runs, from the machine's time of day.
    pub fn system() -> Self {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let at = Timestamp::from_millis(0).plus(since_epoch);
        Self::new(State::Running { at, since: Instant::now() }, None)
    }

    /// A clock that stands still at `at`.
    pub fn frozen_at(at: Timestamp) -> Self {
        Self::new(State::Frozen { at }, Some(Origin { at, frozen: true }))
    }

    /// A clock that runs, from `at` on.
    pub fn running_from(at: Timestamp) -> Self {
        let state = State::Running { at, since: Instant::now() };
        Self::new(state, Some(Origin { at, frozen: false }))
    }

    /// A separate clock with this one's time, running or frozen as this one is now.
    pub(crate) fn fork(&self) -> Self {
        Self::new(*self.state(), self.origin)
    }

    /// Takes the time of `other`, running or frozen as it is now.
    pub(crate) fn follow(&self, other: &Self) {
        let state = *other.state();
        self.change(|_| state);
    }

    /// A new clock as this one was when it was made.
    pub(crate) fn like_new(&self) -> Self {
        match self.origin {
            None => Self::system(),
            Some(Origin { at, frozen: true }) => Self::frozen_at(at),
            Some(Origin { at, frozen: false }) => Self::running_from(at),
        }
    }

    fn new(state: State, origin: Option<Origin>) -> Self {
        Self { state: Mutex::new(state), origin, moves: watch::Sender::new(0) }
    }

    pub fn now(&self) -> Timestamp {
        self.state().now()
    }

    pub fn is_frozen(&self) -> bool {
        matches!(*self.state(), State::Frozen { .. })
    }

    /// Stops the clock where it is.
    pub fn freeze(&self) {
        self.change(|state| State::Frozen { at: state.now() });
    }

    /// Lets the clock run on from where it is.
    pub fn run(&self) {
        self.change(|state| State::Running { at: state.now(), since: Instant::now() });
    }

    /// Moves the clock to `at`, back or forth; it goes on running or stays frozen as it was.
    pub fn set(&self, at: Timestamp) {
        self.change(|state| match state {
            State::Running { .. } => State::Running { at, since: Instant::now() },
            State::Frozen { .. } => State::Frozen { at },
        });
    }

    /// Moves the clock forward by `by`.
    pub fn advance(&self, by: Duration) {
        self.change(|state| match state {
            State::Running { at, since } => State::Running { at: at.plus(by), since },
            State::Frozen { at } => State::Frozen { at: at.plus(by) },
        });
    }

    /// Returns once the clock reads `deadline` or later.
    pub async fn sleep_until(&self, deadline: Timestamp) {
        let mut moves = self.moves.subscribe();
        loop {
            let state = *self.state();
            let left = deadline.since(state.now());
            if left.is_zero() {
                return;
            }
            match state {
                State::Frozen { .. } => drop(moves.changed().await),
                State::Running { .. } => {
                    tokio::select! {
                        () = tokio::time::sleep(left) => {}
                        _ = moves.changed() => {}
                    }
                }
            }
        }
    }

    /// How often the clock was moved by hand.
    pub fn moves(&self) -> u64 {
        *self.moves.borrow()
    }

    /// Returns once the clock was moved by hand more often than that.
    pub async fn moved(&self, moves: u64) {
        // The sender lives as long as the clock.
        drop(self.moves.subscribe().wait_for(|count| *count != moves).await);
    }

    fn change(&self, change: impl FnOnce(State) -> State) {
        {
            let mut state = self.state();
            *state = change(*state);
        }
        self.moves.send_modify(|count| *count += 1);
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        // The state is a plain value that is replaced whole: a panic elsewhere cannot half-write it.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[allow(clippy::disallowed_methods, reason = "about the machine, not about the pod's time")]
impl Stopwatch {
    pub fn start() -> Self {
        Self(Instant::now())
    }

    pub fn elapsed(self) -> Duration {
        self.0.elapsed()
    }
}

/// The result of `wait`, or none once `limit` has passed on the machine's clock. For waiting on
/// clients, which live in real time whatever the pod's clock says.
pub async fn patience<T>(limit: Duration, wait: impl Future<Output = T>) -> Option<T> {
    tokio::time::timeout(limit, wait).await.ok()
}

impl State {
    fn now(self) -> Timestamp {
        match self {
            Self::Running { at, since } => at.plus(since.elapsed()),
            Self::Frozen { at } => at,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    const NOON: Timestamp = Timestamp::from_millis(1_750_000_000_000);

    #[test]
    fn a_frozen_clock_moves_only_by_hand() {
        let clock = Clock::frozen_at(NOON);
        clock.advance(Duration::from_secs(60));
        assert_eq!(clock.now(), NOON.plus(Duration::from_secs(60)));
        clock.set(NOON);
        assert_eq!(clock.now(), NOON);
        clock.run();
        assert!(!clock.is_frozen() && clock.now() >= NOON);
        clock.freeze();
        assert_eq!(clock.now(), clock.now());
    }

    #[test]
    fn a_fork_goes_its_own_way_and_can_be_gone_back_to() {
        let clock = Clock::frozen_at(NOON);
        let fork = clock.fork();
        clock.advance(Duration::from_secs(60));
        assert_eq!(fork.now(), NOON);
        let moves = clock.moves();
        clock.follow(&fork);
        assert!(clock.now() == NOON && clock.is_frozen() && clock.moves() > moves);
        fork.run();
        assert!(clock.is_frozen());
    }

    #[tokio::test]
    async fn advancing_completes_the_waits_whose_time_has_come_and_no_other() {
        let clock = Arc::new(Clock::frozen_at(NOON));
        let wait = |secs| {
            let clock = Arc::clone(&clock);
            tokio::spawn(
                async move { clock.sleep_until(NOON.plus(Duration::from_secs(secs))).await },
            )
        };
        let (soon, late) = (wait(10), wait(20));
        clock.advance(Duration::from_secs(10));
        soon.await.unwrap();
        assert!(!late.is_finished());
        clock.advance(Duration::from_secs(10));
        late.await.unwrap();
    }
}
