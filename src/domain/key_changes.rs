use serde::Deserialize;

use super::{KeyId, KeyRefusal, KeyRing, PublicKey, Timestamp};

/// What an administrator wants done to the keys of an account or an app.
#[derive(Debug, Clone, Default)]
pub struct KeyChanges {
    pub current: Option<KeyChange>,
    pub previous: Option<KeyChange>,
}

/// What is wanted of one key.
#[derive(Debug, Clone, Default)]
pub struct KeyChange {
    /// In PEM. Where it is there, it must be the key that the action is about.
    pub key: Option<String>,
    /// Without one, a key that is there already changes nothing, as when a client sends back what
    /// it got; and a new one is saved.
    pub action: Option<KeyAction>,
}

/// Spelt as the API spells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum KeyAction {
    Save,
    Revoke,
    Extend,
}

impl KeyChanges {
    pub fn is_empty(&self) -> bool {
        self.current.is_none() && self.previous.is_none()
    }

    /// Does all of it or nothing. Gives the keys whose sessions end.
    ///
    /// The previous key comes first: so one call can revoke both, or revoke the previous one to
    /// make room for a new one.
    pub fn apply(&self, ring: &mut KeyRing, now: Timestamp) -> Result<Vec<KeyId>, KeyRefusal> {
        let mut changed = ring.clone();
        let mut revoked = Vec::new();
        if let Some(change) = &self.previous {
            revoked.extend(change.apply_to_previous(&mut changed, now)?);
        }
        if let Some(change) = &self.current {
            revoked.extend(change.apply_to_current(&mut changed, now)?);
        }
        *ring = changed;
        Ok(revoked)
    }
}

impl KeyChange {
    fn apply_to_current(
        &self,
        ring: &mut KeyRing,
        now: Timestamp,
    ) -> Result<Option<KeyId>, KeyRefusal> {
        let held = ring.current().map(PublicKey::id);
        let named = self.named()?;
        let is_held = named.as_ref().is_none_or(|named| Some(named.id()) == held);
        match self.action {
            None if is_held => Ok(None),
            None | Some(KeyAction::Save) => {
                let missing = || KeyRefusal::Unreadable("it is missing".into());
                ring.save(named.ok_or_else(missing)?, now).map(|()| None)
            }
            Some(KeyAction::Revoke) if is_held => ring.revoke_current(now).map(Some),
            Some(KeyAction::Revoke) => Err(KeyRefusal::NothingToRevoke),
            Some(KeyAction::Extend) => Err(KeyRefusal::NothingToExtend),
        }
    }

    fn apply_to_previous(
        &self,
        ring: &mut KeyRing,
        now: Timestamp,
    ) -> Result<Option<KeyId>, KeyRefusal> {
        let held = ring.previous().map(|(key, _)| key.id());
        let is_held = self.named()?.is_none_or(|named| Some(named.id()) == held);
        match self.action {
            None if is_held => Ok(None),
            // Only replacing the current key makes a previous one.
            None | Some(KeyAction::Save) => Err(KeyRefusal::UsedBefore),
            Some(KeyAction::Revoke) if is_held => ring.revoke_previous().map(Some),
            Some(KeyAction::Revoke) => Err(KeyRefusal::NothingToRevoke),
            Some(KeyAction::Extend) if is_held => ring.extend_previous(now).map(|()| None),
            Some(KeyAction::Extend) => Err(KeyRefusal::NothingToExtend),
        }
    }

    fn named(&self) -> Result<Option<PublicKey>, KeyRefusal> {
        self.key.as_deref().map(PublicKey::from_pem).transpose()
    }
}
