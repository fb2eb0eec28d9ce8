//! What administrators do to accounts, and what becomes of their sessions.

use std::sync::Arc;

use super::{Owner, Pod};
use crate::domain::{
    AccountStatus, App, AppChange, Refusal, Session, Suspension, User, UserChange, UserId,
};

impl Pod {
    /// Opens an account. Gives it as it is then.
    pub fn create_user(
        &self,
        new: UserChange,
        roles: Option<Vec<String>>,
        by: UserId,
    ) -> Result<User, Refusal> {
        self.world().create_user(new, roles, by, self.clock.now()).cloned()
    }

    /// Changes an account. Sessions that were opened with a key that this revokes end.
    pub fn update_user(&self, id: UserId, change: UserChange, by: UserId) -> Result<User, Refusal> {
        let (user, revoked) = {
            let (mut world, now) = (self.world(), self.clock.now());
            let revoked =
                world.administer_user(by, id, now, |world| world.update_user(id, change, now))?;
            (world.own_user(id)?.clone(), revoked)
        };
        for key in revoked {
            self.end_sessions_of_key(&Owner::User(id), key, "the revocation of its key");
        }
        Ok(user)
    }

    /// Takes an account into or out of use; out of use, all its sessions end.
    pub fn set_user_status(
        &self,
        id: UserId,
        status: AccountStatus,
        by: UserId,
    ) -> Result<(), Refusal> {
        let now = self.clock.now();
        self.world()
            .administer_user(by, id, now, |world| world.set_user_status(id, status, now))?;
        self.end_sessions_of_the_inactive(id, "the deactivation of the account");
        Ok(())
    }

    /// Suspends an account, which ends all its sessions, or ends its suspension.
    pub fn set_user_suspension(
        &self,
        id: UserId,
        suspension: Option<Suspension>,
        by: UserId,
    ) -> Result<(), Refusal> {
        let now = self.clock.now();
        self.world()
            .administer_user(by, id, now, |world| world.set_user_suspension(id, suspension, now))?;
        self.end_sessions_of_the_inactive(id, "the suspension of the account");
        Ok(())
    }

    /// Changes an app. Sessions that were opened with a key that this revokes end.
    pub fn update_app(&self, id: &str, change: AppChange, by: UserId) -> Result<App, Refusal> {
        let (app, revoked) = {
            let mut world = self.world();
            let revoked = world.update_app(id, change, by, self.clock.now())?;
            (world.app(id)?.clone(), revoked)
        };
        for key in revoked {
            let owner = Owner::App(Arc::clone(&app.id));
            self.end_sessions_of_key(&owner, key, "the revocation of its key");
        }
        Ok(app)
    }

    /// Takes an app off the pod, and ends its own sessions. Those it has on behalf of users are
    /// good for nothing from then on.
    pub fn delete_app(&self, id: &str, by: UserId) -> Result<(), Refusal> {
        let app = self.world().delete_app(id, by, self.clock.now())?;
        self.end_sessions(&Owner::App(app.id), "the removal of the app", |_| true);
        Ok(())
    }

    /// A user's sessions, the oldest first, for somebody who may see them: everybody sees his own,
    /// and those who administer users see all. None where there is no such user.
    pub fn sessions_for(&self, by: UserId, user: UserId) -> Result<Option<Vec<Session>>, Refusal> {
        self.check_sessions_of(user, by)?;
        let is_known = self.world().users.person(user).is_some();
        Ok(is_known.then(|| self.sessions_of_user(user)))
    }

    /// Ends all sessions of a user. The audit trail tells of it if it was done to somebody else.
    pub fn log_user_out(&self, by: UserId, user: UserId) -> Result<(), Refusal> {
        self.check_sessions_of(user, by)?;
        let ended = self.end_sessions_of_user(user, "a logout of all the user's sessions");
        if ended > 0 && by != user {
            self.world().record_ended_sessions(by, user, self.clock.now());
        }
        Ok(())
    }

    /// Ends one session of a user, likewise.
    ///
    /// # Errors
    /// He has none of this id.
    pub fn end_session_for(&self, by: UserId, user: UserId, id: &str) -> Result<(), Refusal> {
        self.check_sessions_of(user, by)?;
        if !self.end_session_of_user(user, id, "a logout of this session by its id") {
            return Err(Refusal::SessionIdUnknown { id: id.to_owned() });
        }
        if by != user {
            self.world().record_ended_sessions(by, user, self.clock.now());
        }
        Ok(())
    }

    /// That somebody may see and end a user's sessions.
    fn check_sessions_of(&self, user: UserId, by: UserId) -> Result<(), Refusal> {
        match by == user {
            true => Ok(()),
            false => self.world().check_role(by, "USER_PROVISIONING"),
        }
    }

    /// Ends the sessions of all accounts that are out of use: a document may have taken them so.
    pub fn end_sessions_of_all_inactive(&self) {
        let now = self.clock.now();
        let inactive: Vec<_> = {
            let world = self.world();
            let inactive = world.users.iter().filter(|user| !user.is_active(now));
            inactive.map(|user| user.id).collect()
        };
        for user in inactive {
            self.end_sessions_of_user(user, "the deactivation of the account");
        }
    }

    fn end_sessions_of_the_inactive(&self, id: UserId, by: &'static str) {
        let now = self.clock.now();
        let is_active = self.world().users.by_id(id).is_some_and(|user| user.is_active(now));
        if !is_active {
            self.end_sessions_of_user(id, by);
        }
    }
}
