use std::collections::BTreeSet;

use imbl::{OrdMap, OrdSet};

use super::{Audience, Payload, Refusal, SeededConnection, Timestamp, UserId, World};

/// Who asked whom for a connection, and what became of it.
///
/// Users of one pod need none: they are connected from the start.
#[derive(Debug, Clone, Default)]
pub struct Connections {
    edges: OrdMap<Pair, Edge>,
    /// Every edge from both ends, so that a user's are beside each other.
    peers: OrdSet<(UserId, UserId)>,
}

/// A connection as one of its two ends sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connection {
    /// The other end.
    pub user: UserId,
    pub status: ConnectionStatus,
    /// None for users of one pod, who never had to ask.
    pub request: Option<ConnectionRequest>,
}

/// The request behind a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConnectionRequest {
    pub first_at: Timestamp,
    pub updated_at: Timestamp,
    /// How often it was made.
    pub count: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConnectionStatus {
    PendingIncoming,
    PendingOutgoing,
    Accepted,
    Rejected,
}

/// Which of a user's connections are listed.
#[derive(Debug, Clone, Default)]
pub struct ConnectionFilter {
    /// Any of these; none for every status.
    pub statuses: Option<Vec<ConnectionStatus>>,
    /// Only those with these users. Connections within the pod are listed only when named here.
    pub users: Option<Vec<UserId>>,
}

/// The two ends, the lower id first.
type Pair = (UserId, UserId);

#[derive(Debug, Clone, Copy)]
struct Edge {
    /// Who asked last.
    from: UserId,
    state: State,
    request: ConnectionRequest,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Pending,
    Accepted,
    Rejected,
}

impl Connections {
    /// All of them, in the order of their users' ids.
    pub fn iter(&self) -> impl Iterator<Item = SeededConnection> {
        self.edges.iter().map(|(pair, edge)| edge.seeded(*pair))
    }

    /// How these two stand to each other, if one of them ever asked.
    pub fn of(&self, one: UserId, other: UserId) -> Option<SeededConnection> {
        self.between(one, other).map(|edge| edge.seeded(pair(one, other)))
    }

    /// Says how two users of different pods stand to each other.
    pub fn seed(&mut self, seeded: SeededConnection) {
        let SeededConnection { from, to, status, request } = seeded;
        let state = match status {
            ConnectionStatus::PendingIncoming | ConnectionStatus::PendingOutgoing => State::Pending,
            ConnectionStatus::Accepted => State::Accepted,
            ConnectionStatus::Rejected => State::Rejected,
        };
        self.put(from, to, Edge { from, state, request });
    }

    fn between(&self, one: UserId, other: UserId) -> Option<&Edge> {
        self.edges.get(&pair(one, other))
    }

    fn put(&mut self, one: UserId, other: UserId, edge: Edge) {
        self.edges.insert(pair(one, other), edge);
        self.peers.insert((one, other));
        self.peers.insert((other, one));
    }

    fn remove(&mut self, one: UserId, other: UserId) -> Option<Edge> {
        let edge = self.edges.remove(&pair(one, other))?;
        self.peers.remove(&(one, other));
        self.peers.remove(&(other, one));
        Some(edge)
    }

    fn peers(&self, user: UserId) -> impl Iterator<Item = UserId> {
        let (first, last) = (UserId::from_wire(0), UserId::from_wire(u64::MAX));
        self.peers.range((user, first)..=(user, last)).map(|(_, peer)| *peer)
    }
}

impl Edge {
    fn seeded(&self, (one, other): Pair) -> SeededConnection {
        let to = if self.from == one { other } else { one };
        let status = self.seen_by(self.from, to).status;
        SeededConnection { from: self.from, to, status, request: self.request }
    }

    fn seen_by(&self, me: UserId, other: UserId) -> Connection {
        let status = match self.state {
            State::Pending if self.from == me => ConnectionStatus::PendingOutgoing,
            State::Pending => ConnectionStatus::PendingIncoming,
            State::Accepted => ConnectionStatus::Accepted,
            State::Rejected => ConnectionStatus::Rejected,
        };
        Connection { user: other, status, request: Some(self.request) }
    }
}

impl World {
    /// Whether two users may message each other: they share a pod, or one accepted the other.
    pub fn are_connected(&self, one: UserId, other: UserId) -> bool {
        one.pod() == other.pod()
            || self
                .connections
                .between(one, other)
                .is_some_and(|edge| edge.state == State::Accepted)
    }

    /// `me` asks `other` for a connection, of which both hear. Asking again counts on; asking whom
    /// one is connected to, or who asked first, changes nothing.
    pub fn request_connection(
        &mut self,
        me: UserId,
        other: UserId,
        now: Timestamp,
    ) -> Result<Connection, Refusal> {
        if let Some(implicit) = self.implicit_connection(me, other)? {
            return Ok(implicit);
        }
        let edge = match self.connections.between(me, other).copied() {
            Some(edge)
                if edge.state == State::Accepted
                    || edge.state == State::Pending && edge.from != me =>
            {
                return Ok(edge.seen_by(me, other));
            }
            Some(Edge { request, .. }) => {
                let count = request.count.saturating_add(1);
                let request = ConnectionRequest { count, updated_at: now, ..request };
                Edge { from: me, state: State::Pending, request }
            }
            None => {
                let request = ConnectionRequest { first_at: now, updated_at: now, count: 1 };
                Edge { from: me, state: State::Pending, request }
            }
        };
        self.connections.put(me, other, edge);
        let operation = self.event_id();
        let payload = Payload::ConnectionRequested { to: other };
        self.record(operation, me, payload, Audience::Users(&[me, other]), now);
        Ok(edge.seen_by(me, other))
    }

    /// `me` accepts what `other` asked for, of which both hear. Accepting twice changes nothing.
    pub fn accept_connection(
        &mut self,
        me: UserId,
        other: UserId,
        now: Timestamp,
    ) -> Result<Connection, Refusal> {
        if let Some(implicit) = self.implicit_connection(me, other)? {
            return Ok(implicit);
        }
        self.answer_request(me, other, State::Accepted, now)
    }

    /// `me` rejects what `other` asked for. Rejecting twice changes nothing; what was accepted is
    /// not rejected but removed.
    pub fn reject_connection(
        &mut self,
        me: UserId,
        other: UserId,
        now: Timestamp,
    ) -> Result<Connection, Refusal> {
        if self.implicit_connection(me, other)?.is_some() {
            return Err(Refusal::ConnectionImplicit { user: other });
        }
        self.answer_request(me, other, State::Rejected, now)
    }

    /// Ends the connection between `me` and `other`, or takes a request back.
    pub fn remove_connection(&mut self, me: UserId, other: UserId) -> Result<(), Refusal> {
        if self.implicit_connection(me, other)?.is_some() {
            return Err(Refusal::ConnectionImplicit { user: other });
        }
        let removed = self.connections.remove(me, other);
        removed.map(drop).ok_or(Refusal::ConnectionUnknown { user: other })
    }

    /// How `me` stands to `other`.
    pub fn connection(&self, me: UserId, other: UserId) -> Result<Connection, Refusal> {
        if let Some(implicit) = self.implicit_connection(me, other)? {
            return Ok(implicit);
        }
        let edge = self.connections.between(me, other);
        edge.map(|edge| edge.seen_by(me, other)).ok_or(Refusal::ConnectionUnknown { user: other })
    }

    /// The connections of `me` that the filter lets through, in the order of the users' ids.
    pub fn connections_of(&self, me: UserId, filter: &ConnectionFilter) -> Vec<Connection> {
        let users: BTreeSet<_> = match &filter.users {
            Some(users) => users.iter().copied().filter(|user| *user != me).collect(),
            None => self.connections.peers(me).collect(),
        };
        let wanted = |connection: &Connection| match &filter.statuses {
            Some(statuses) => statuses.contains(&connection.status),
            None => true,
        };
        users.into_iter().filter_map(|user| self.connection(me, user).ok()).filter(wanted).collect()
    }

    /// The connection that two users of one pod have without asking.
    fn implicit_connection(
        &self,
        me: UserId,
        other: UserId,
    ) -> Result<Option<Connection>, Refusal> {
        if self.users.person(other).is_none() {
            return Err(Refusal::UserNotFound { id: other.as_u64() });
        }
        if me == other {
            return Err(Refusal::ConnectionWithOneself);
        }
        let status = ConnectionStatus::Accepted;
        let implicit = Connection { user: other, status, request: None };
        Ok((me.pod() == other.pod()).then_some(implicit))
    }

    fn answer_request(
        &mut self,
        me: UserId,
        other: UserId,
        answer: State,
        now: Timestamp,
    ) -> Result<Connection, Refusal> {
        let unknown = Refusal::ConnectionUnknown { user: other };
        let edge = self.connections.between(me, other).copied().ok_or(unknown.clone())?;
        if edge.state == answer {
            return Ok(edge.seen_by(me, other));
        }
        if edge.state != State::Pending || edge.from == me {
            return Err(unknown);
        }
        let request = ConnectionRequest { updated_at: now, ..edge.request };
        let edge = Edge { state: answer, request, ..edge };
        self.connections.put(me, other, edge);
        if answer == State::Accepted {
            let operation = self.event_id();
            let payload = Payload::ConnectionAccepted { from: other };
            self.record(operation, me, payload, Audience::Users(&[me, other]), now);
        }
        Ok(edge.seen_by(me, other))
    }
}

fn pair(one: UserId, other: UserId) -> Pair {
    (one.min(other), one.max(other))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::sample::{AT, LATER, Sample};

    #[test]
    fn a_request_is_seen_from_both_ends_and_accepted_by_the_one_who_was_asked() {
        let Sample { mut world, bot, carol, .. } = Sample::new();
        let asked = world.request_connection(bot, carol, AT).unwrap();
        assert_eq!((asked.user, asked.status), (carol, ConnectionStatus::PendingOutgoing));
        let incoming = world.connection(carol, bot).unwrap();
        assert_eq!((incoming.user, incoming.status), (bot, ConnectionStatus::PendingIncoming));
        assert!(!world.are_connected(bot, carol));

        let unknown = Refusal::ConnectionUnknown { user: carol };
        assert_eq!(world.accept_connection(bot, carol, LATER), Err(unknown));
        let accepted = world.accept_connection(carol, bot, LATER).unwrap();
        assert_eq!(accepted.status, ConnectionStatus::Accepted);
        let request = ConnectionRequest { first_at: AT, updated_at: LATER, count: 1 };
        assert_eq!(accepted.request, Some(request));
        assert!(world.are_connected(bot, carol) && world.are_connected(carol, bot));
    }

    #[test]
    fn a_rejected_request_may_be_made_again_and_counts() {
        let Sample { mut world, bot, carol, .. } = Sample::new();
        world.request_connection(bot, carol, AT).unwrap();
        let rejected = world.reject_connection(carol, bot, AT).unwrap();
        assert_eq!(rejected.status, ConnectionStatus::Rejected);
        let again = world.request_connection(bot, carol, LATER).unwrap();
        assert_eq!(again.status, ConnectionStatus::PendingOutgoing);
        assert_eq!(again.request.unwrap().count, 2);
    }

    #[test]
    fn users_of_one_pod_are_connected_and_stay_so() {
        let Sample { mut world, bot, alice, .. } = Sample::new();
        assert!(world.are_connected(bot, alice));
        let implicit = world.request_connection(bot, alice, AT).unwrap();
        assert_eq!((implicit.status, implicit.request), (ConnectionStatus::Accepted, None));
        let refused = Err(Refusal::ConnectionImplicit { user: alice });
        assert_eq!(world.remove_connection(bot, alice), refused);
        assert!(world.reject_connection(bot, alice, AT).is_err());
        assert_eq!(world.connections_of(bot, &ConnectionFilter::default()), []);
        let named = ConnectionFilter { users: Some(vec![alice]), ..Default::default() };
        assert_eq!(world.connections_of(bot, &named), [implicit]);
    }

    #[test]
    fn a_removed_connection_leaves_nothing_behind() {
        let Sample { mut world, bot, carol, .. } = Sample::new();
        world.request_connection(carol, bot, AT).unwrap();
        world.accept_connection(bot, carol, AT).unwrap();
        world.remove_connection(bot, carol).unwrap();
        assert!(!world.are_connected(bot, carol));
        for end in [bot, carol] {
            assert_eq!(world.connections_of(end, &ConnectionFilter::default()), []);
        }
        let unknown = Refusal::ConnectionUnknown { user: carol };
        assert_eq!(world.remove_connection(bot, carol), Err(unknown));
    }
}
