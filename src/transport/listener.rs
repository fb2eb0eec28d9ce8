//! The pod's TLS ports: two that serve everything, and further ones that stand for a host of an
//! installation each and serve its part alone.

use std::net::{IpAddr, SocketAddr};
use std::ops::Deref;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};
use tokio::sync::watch;

use super::listen::check_name;
use super::{Break, ClientAuth, Listen, ListenError, ListenerRole};

/// A TLS port of a running pod.
#[derive(Debug)]
pub struct Listener {
    name: String,
    role: ListenerRole,
    client_auth: ClientAuth,
    host: Option<IpAddr>,
    wanted_port: u16,
    address: OnceLock<SocketAddr>,
    /// Whether a fault keeps connections out.
    down: AtomicBool,
    /// Ends the connections that are open.
    cut: watch::Sender<Break>,
}

/// All TLS ports of a server.
#[derive(Debug)]
pub struct Listeners {
    all: Box<[Listener]>,
    /// Whether a forward proxy leads to them.
    behind_proxy: bool,
    /// How often the load balancer has chosen an agent.
    turns: AtomicUsize,
}

/// The place of a listener among those of its server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListenerId(u8);

/// A listener with those beside it.
#[derive(Debug, Clone)]
pub struct ListenerRef {
    listeners: Arc<Listeners>,
    id: ListenerId,
}

impl Listener {
    fn new(name: String, of: Listen) -> Self {
        Self {
            name,
            role: of.role,
            client_auth: of.client_auth,
            host: of.host,
            wanted_port: of.port,
            address: OnceLock::new(),
            down: AtomicBool::new(false),
            cut: watch::Sender::new(Break::Close),
        }
    }

    /// What faults, journal and log call it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The part that it serves.
    pub fn role(&self) -> ListenerRole {
        self.role
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.address.get().map_or(self.wanted_port, SocketAddr::port)
    }

    /// Whether it demands a client certificate in the handshake.
    pub fn demands_client_certificate(&self) -> bool {
        self.client_auth == ClientAuth::Required
    }

    pub(crate) fn client_auth(&self) -> ClientAuth {
        self.client_auth
    }

    /// Where it is to listen.
    pub(crate) fn wanted(&self, host: IpAddr) -> SocketAddr {
        SocketAddr::new(self.host.unwrap_or(host), self.wanted_port)
    }

    /// Says where it listens, once.
    pub(crate) fn bound(&self, address: SocketAddr) {
        // A listener is bound once.
        let _ = self.address.set(address);
    }

    /// Whether connections are kept out.
    pub(crate) fn is_down(&self) -> bool {
        self.down.load(Ordering::Acquire)
    }

    pub(crate) fn set_down(&self, down: bool) {
        self.down.store(down, Ordering::Release);
    }

    /// Ends the connections that are open.
    pub(crate) fn cut(&self, how: Break) {
        self.cut.send_replace(how);
    }

    /// Tells of every [`cut`](Self::cut) from now on.
    pub(crate) fn cuts(&self) -> watch::Receiver<Break> {
        self.cut.subscribe()
    }
}

impl Serialize for Listener {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut listener = serializer.serialize_struct("Listener", 5)?;
        listener.serialize_field("name", &self.name)?;
        listener.serialize_field("role", self.role.name())?;
        listener.serialize_field("host", &self.address.get().map(SocketAddr::ip))?;
        listener.serialize_field("port", &self.port())?;
        listener.serialize_field("mtls", &self.demands_client_certificate())?;
        listener.end()
    }
}

impl Listeners {
    /// How many there may be.
    pub(crate) const MOST: usize = 100;
    pub(crate) const MAIN: &str = "main";
    pub(crate) const MTLS: &str = "mtls";
    /// What faults call the forward proxy, which is none of them.
    pub(crate) const PROXY: &str = "proxy";

    /// The pod's two ports, and the further ones; behind no forward proxy.
    ///
    /// # Errors
    /// A name is none, or that of two; or there are too many.
    pub(crate) fn new(
        port: u16,
        mtls_port: u16,
        further: Vec<Listen>,
    ) -> Result<Self, ListenError> {
        let roles: Vec<_> = further.iter().map(|listen| listen.role).collect();
        let further = further.into_iter().enumerate().map(|(place, listen)| {
            let given = listen.name.clone();
            (given.unwrap_or_else(|| numbered(listen.role, &roles, place)), listen)
        });
        let main = Listen::new(ListenerRole::All).port(port);
        let mtls = Listen::new(ListenerRole::All).port(mtls_port).demand_client_certificate();
        let own = [(Self::MAIN.to_owned(), main), (Self::MTLS.to_owned(), mtls)];
        let mut all = Vec::<Listener>::new();
        for (name, listen) in own.into_iter().chain(further) {
            check_name(&name)?;
            if name == Self::PROXY {
                return Err(ListenError::Reserved);
            }
            if all.iter().any(|other| other.name == name) {
                return Err(ListenError::Twice(name));
            }
            all.push(Listener::new(name, listen));
        }
        match all.len() <= Self::MOST {
            true => Ok(Self { all: all.into(), behind_proxy: false, turns: AtomicUsize::new(0) }),
            false => Err(ListenError::TooMany(all.len())),
        }
    }

    /// The same, where a forward proxy leads to them or none does.
    pub(crate) fn behind_proxy(self, behind_proxy: bool) -> Self {
        Self { behind_proxy, ..self }
    }

    pub(crate) fn are_behind_proxy(&self) -> bool {
        self.behind_proxy
    }

    pub(crate) fn all(&self) -> &[Listener] {
        &self.all
    }

    /// Those that stand for one host of an installation each: what they serve, and their ports.
    pub(crate) fn hosts(&self) -> Vec<(ListenerRole, u16)> {
        let hosts = self.all.iter().filter(|listener| listener.role != ListenerRole::All);
        hosts.map(|listener| (listener.role, listener.port())).collect()
    }

    pub(crate) fn ids(&self) -> impl Iterator<Item = ListenerId> + use<> {
        // There are no more than `MOST`.
        (0..=u8::MAX).take(self.all.len()).map(ListenerId)
    }

    pub(crate) fn get(&self, id: ListenerId) -> &Listener {
        &self.all[usize::from(id.0)]
    }

    /// The listener called so.
    pub(crate) fn named(&self, name: &str) -> Option<ListenerId> {
        self.ids().find(|id| self.get(*id).name == name)
    }

    /// The listener called so, or else the first whose role is called so.
    pub(crate) fn meant(&self, name: &str) -> Option<ListenerId> {
        self.named(name).or_else(|| self.ids().find(|id| self.get(*id).role.name() == name))
    }

    /// The agent that a load balancer in front of all chooses: each in turn, but none that is down
    /// as long as another is not.
    fn agent_in_turn(&self) -> Option<&Listener> {
        let agents = || self.all.iter().filter(|listener| listener.role == ListenerRole::Agent);
        let up = || agents().filter(|agent| !agent.is_down());
        let turn = |count: usize| self.turns.fetch_add(1, Ordering::Relaxed) % count;
        match (up().count(), agents().count()) {
            (0, 0) => None,
            (0, all) => agents().nth(turn(all)),
            (some, _) => up().nth(turn(some)),
        }
    }
}

/// The name of a listener that was given none.
fn numbered(role: ListenerRole, roles: &[ListenerRole], place: usize) -> String {
    let alike = |roles: &[ListenerRole]| roles.iter().filter(|other| **other == role).count();
    match alike(roles) {
        ..=1 => role.name().to_owned(),
        _ => format!("{role}-{}", alike(&roles[..=place])),
    }
}

impl ListenerId {
    /// The pod's own port, which is always there.
    pub(crate) const MAIN: Self = Self(0);
}

impl ListenerRef {
    pub(crate) fn new(listeners: Arc<Listeners>, id: ListenerId) -> Self {
        Self { listeners, id }
    }

    pub(crate) fn id(&self) -> ListenerId {
        self.id
    }

    /// The port of the agent whom a question about the agent reaches: this one's, or that of the
    /// agent that the load balancer chooses. None where it is whoever was asked.
    pub(crate) fn port_of_agent(&self) -> Option<u16> {
        match self.role {
            ListenerRole::All => self.listeners.agent_in_turn().map(Listener::port),
            _ => None,
        }
    }

    /// The listeners that serve a path which this one does not, those of its part first.
    pub(crate) fn elsewhere(&self, path: &str) -> Vec<&Listener> {
        let mut serving: Vec<_> =
            self.listeners.all.iter().filter(|other| other.role.serves(path)).collect();
        serving.sort_by_key(|other| other.role == ListenerRole::All);
        serving
    }
}

impl Deref for ListenerRef {
    type Target = Listener;

    fn deref(&self) -> &Listener {
        self.listeners.get(self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn listeners_have_names_of_their_own() {
        let names = |further: &[&str]| {
            let further = further.iter().map(|text| text.parse().unwrap()).collect();
            let listeners = Listeners::new(0, 0, further)?;
            Ok(listeners.all().iter().map(|it| it.name.clone()).collect::<Vec<_>>().join(" "))
        };
        assert_eq!(names(&[]), Ok("main mtls".into()));
        assert_eq!(
            names(&["agent", "pod", "agent", "session-auth=sa"]),
            Ok("main mtls agent-1 pod agent-2 sa".into())
        );
        for (twice, name) in [(["pod=main", "agent"], "main"), (["agent=pod", "pod"], "pod")] {
            assert_eq!(names(&twice), Err(ListenError::Twice(name.into())));
        }
        assert_eq!(names(&["agent=proxy"]), Err(ListenError::Reserved));
        assert_eq!(names(&["all"; 99]), Err(ListenError::TooMany(101)));
    }

    #[test]
    fn the_load_balancer_takes_the_agents_in_turn_and_none_that_is_down() {
        let further = ["agent@1", "agent@2"].map(|text| text.parse().unwrap());
        let listeners = Arc::new(Listeners::new(0, 0, further.into()).unwrap());
        let ask = |name: &str| {
            let id = listeners.named(name).unwrap();
            ListenerRef::new(Arc::clone(&listeners), id).port_of_agent()
        };
        assert_eq!([ask("main"), ask("mtls"), ask("main")], [Some(1), Some(2), Some(1)]);
        assert_eq!(ask("agent-1"), None);
        let first = listeners.get(listeners.meant("agent").unwrap());
        first.set_down(true);
        assert_eq!([ask("main"), ask("main")], [Some(2), Some(2)]);
        first.set_down(false);
        assert_ne!(ask("main"), ask("main"));
    }
}
