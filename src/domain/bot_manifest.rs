//! What a bot says of itself: the commands that clients offer their users.

use serde_json::Value;

use super::{Refusal, UserId, World};

/// `maxLength` of `ServiceAccountManifest` in the pod API.
const LONGEST: usize = 6_144;

/// That a text is a manifest. That it is JSON is all the pod wants: what is wrong beyond that
/// clients say, on their consoles.
pub fn check_manifest(manifest: &str) -> Result<(), Refusal> {
    let length = manifest.chars().count();
    let what = if length > LONGEST {
        format!("The manifest has {length} characters, expected {LONGEST} at most")
    } else if let Err(error) = serde_json::from_str::<Value>(manifest) {
        format!("The manifest is not JSON: {error}")
    } else {
        return Ok(());
    };
    Err(Refusal::Malformed { what })
}

impl World {
    /// Says what a bot's manifest is.
    pub fn set_bot_manifest(&mut self, bot: UserId, manifest: String) -> Result<(), Refusal> {
        check_manifest(&manifest)?;
        let user = self.users.by_id_mut(bot).filter(|user| user.is_service_user());
        let user = user.ok_or(Refusal::NotEntitled { needs: "to be a service user" })?;
        user.manifest = Some(manifest);
        Ok(())
    }

    /// A bot's manifest, which is empty until there is one.
    pub fn bot_manifest(&self, bot: UserId) -> Result<&str, Refusal> {
        let user = self.users.by_id(bot).filter(|user| user.is_service_user());
        let user = user.ok_or(Refusal::NotEntitled { needs: "to be a service user" })?;
        Ok(user.manifest.as_deref().unwrap_or_default())
    }
}
