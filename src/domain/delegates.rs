//! Who may act for whom in Symphony's clients. No operation of the API makes use of it.

use super::{Feature, Refusal, Timestamp, UserId, World};

impl World {
    /// Makes somebody the delegate of a user, or no longer. What is so already stays so.
    pub fn set_delegate(
        &mut self,
        owner: UserId,
        delegate: UserId,
        on: bool,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        self.own_user(owner)?;
        self.check_feature(owner, Feature::Delegates)?;
        if on {
            if owner == delegate {
                let what = "userId: nobody is his own delegate".into();
                return Err(Refusal::Malformed { what });
            }
            if !self.own_user(delegate)?.is_active(now) {
                return Err(Refusal::UserUnavailable { user: delegate });
            }
        }
        let user = self.own_user_mut(owner)?;
        match on {
            true if user.delegates.contains(&delegate) => {}
            true => user.delegates.push(delegate),
            false => user.delegates.retain(|held| *held != delegate),
        }
        user.history.updated = Some(now);
        Ok(())
    }
}
