//! What to say of a name that nobody and nothing has: every refusal of the test's side says the
//! nearest that there is.

use super::similarity::nearest;
use super::{StreamId, World};

/// `there is no KIND "NAME"; the nearest is "NEAR"`.
pub fn unknown_name<'a>(
    kind: &str,
    name: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> String {
    let near = nearest(known.into_iter(), name);
    let near = near.map(|near| format!("; the nearest is {near:?}")).unwrap_or_default();
    format!("there is no {kind} {name:?}{near}")
}

impl World {
    /// Of a name that no user has, on this pod or a foreign one.
    pub fn no_user(&self, name: &str) -> String {
        unknown_name("user", name, self.users.iter().map(|user| user.username.as_str()))
    }

    /// Of a name that neither a user of this pod nor an app has.
    pub fn no_caller(&self, name: &str) -> String {
        unknown_name("user and no app", name, self.callers())
    }

    /// Whether a user of this pod or an app is called so: whoever may call it.
    pub fn has_caller(&self, name: &str) -> bool {
        self.users.by_username(self.identity.id, name).is_some() || self.apps.by_id(name).is_some()
    }

    /// Of a name that no account has which logs in by itself.
    pub fn no_service_user(&self, name: &str) -> String {
        let own = self.users.iter().filter(|user| user.id.pod() == self.identity.id);
        let bots = own.filter(|user| user.is_service_user()).map(|user| user.username.as_str());
        unknown_name("service user and no app", name, bots.chain(self.app_ids()))
    }

    /// Of an id that no app has.
    pub fn no_app(&self, id: &str) -> String {
        unknown_name("app", id, self.app_ids())
    }

    /// The room that goes by this name, or the stream with this id. Of several rooms of one name it is the
    /// one that is active.
    ///
    /// # Errors
    /// Says that there is none, with the nearest name; or that several are active, with their ids.
    pub fn stream_called(&self, wanted: &str) -> Result<StreamId, String> {
        let rooms = || self.streams.rooms_called(wanted);
        let active: Vec<_> = rooms().filter(|room| room.active).map(|room| room.id).collect();
        let known = || wanted.parse().ok().filter(|id| self.streams.by_id(*id).is_some());
        match active.as_slice() {
            [] => rooms()
                .next()
                .map(|room| room.id)
                .or_else(known)
                .ok_or_else(|| self.no_stream(wanted)),
            [one] => Ok(*one),
            [one, other, ..] => Err(format!(
                "{} rooms are called {wanted:?}: say which by its id, such as {one} or {other}",
                active.len()
            )),
        }
    }

    /// Of what is neither the name of a room nor the id of a stream.
    pub fn no_stream(&self, wanted: &str) -> String {
        unknown_name(
            "room and no stream",
            wanted,
            self.streams.iter().filter_map(|it| it.room()).map(|it| &*it.name),
        )
    }

    fn callers(&self) -> impl Iterator<Item = &str> {
        let own = self.users.iter().filter(|user| user.id.pod() == self.identity.id);
        own.map(|user| user.username.as_str()).chain(self.app_ids())
    }

    fn app_ids(&self) -> impl Iterator<Item = &str> {
        self.apps.iter().map(|app| &*app.id)
    }
}
