use std::collections::BTreeSet;
use std::fmt;

use super::similarity::nearest;
use super::{Refusal, Timestamp, UserId, World};

/// A feature entitlement: something that an administrator may take from a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Feature {
    /// What he sends no policy looks at ("Bypass DLP" of the administrators' portal, Agent 20.12; the name on
    /// the wire is not published).
    BypassDlp,
    CreateDatahose,
    CreateMultilateralRoom,
    CreatePublicRoom,
    CreatePushedSignals,
    Delegates,
    ManageSignalSubscription,
    /// Governs what only Symphony's own clients do.
    OfClients(&'static str),
    ReadDatahose,
    ShareFilesExternally,
    SuppressMessage,
    UpdateAvatar,
    UpdateMessage,
    ExternalIm,
    ExternalRoom,
    SendFiles,
}

/// What a user may and may not. Until an administrator says otherwise everybody may everything but
/// bypass policies.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Features {
    /// Those that are not what they are by default.
    changed: BTreeSet<Feature>,
}

impl Feature {
    /// All there are, in the order of their names, as lists have had them since SBE 20.6. The names
    /// are those that `EntitlementsFeatures` of the legacy Java SDK has, and the documentation of
    /// single operations.
    pub const ALL: [Self; 32] = [
        Self::BypassDlp,
        Self::CreateDatahose,
        Self::CreateMultilateralRoom,
        Self::CreatePublicRoom,
        Self::CreatePushedSignals,
        Self::OfClients("canIntegrateEmail"),
        Self::OfClients("canJoinMultiLateralRoom"),
        Self::ManageSignalSubscription,
        Self::OfClients("canProjectInternalScreenShare"),
        Self::OfClients("canProjectInternalScreenShareMobile"),
        Self::ReadDatahose,
        Self::ShareFilesExternally,
        Self::SuppressMessage,
        Self::OfClients("canSwitchToClient20"),
        Self::UpdateAvatar,
        Self::UpdateMessage,
        Self::OfClients("canUpdateRoomHistoryProperty"),
        Self::OfClients("canUseCompactMode"),
        Self::OfClients("canUseFirehose"),
        Self::OfClients("canUseInternalAudio"),
        Self::OfClients("canUseInternalAudioMobile"),
        Self::OfClients("canUseInternalVideo"),
        Self::OfClients("canUseInternalVideoMobile"),
        Self::OfClients("canViewInternalScreenShare"),
        Self::OfClients("canViewInternalScreenShareMobile"),
        Self::Delegates,
        Self::ExternalIm,
        Self::ExternalRoom,
        Self::OfClients("mustBeRecorded"),
        Self::OfClients("postReadEnabled"),
        Self::OfClients("postWriteEnabled"),
        Self::SendFiles,
    ];

    /// As it is written on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::BypassDlp => "canBypassDLP",
            Self::CreateDatahose => "canCreateDatahose",
            Self::CreateMultilateralRoom => "canCreateMultiLateralRoom",
            Self::CreatePublicRoom => "canCreatePublicRoom",
            Self::CreatePushedSignals => "canCreatePushedSignals",
            Self::Delegates => "delegatesEnabled",
            Self::ManageSignalSubscription => "canManageSignalSubscription",
            Self::OfClients(name) => name,
            Self::ReadDatahose => "canReadDatahose",
            Self::ShareFilesExternally => "canShareFilesExternally",
            Self::SuppressMessage => "canSuppressMessage",
            Self::UpdateAvatar => "canUpdateAvatar",
            Self::UpdateMessage => "canUpdateMessage",
            Self::ExternalIm => "isExternalIMEnabled",
            Self::ExternalRoom => "isExternalRoomEnabled",
            Self::SendFiles => "sendFilesEnabled",
        }
    }

    /// Whether everybody has it of whom nobody says otherwise.
    pub fn is_on_by_default(self) -> bool {
        self != Self::BypassDlp
    }

    /// The feature called so.
    pub fn from_wire(name: &str) -> Result<Self, Refusal> {
        let names = || Self::ALL.iter().map(|feature| feature.as_str());
        Self::ALL.into_iter().find(|feature| feature.as_str() == name).ok_or_else(|| {
            let nearest = nearest(names(), name).map(str::to_owned);
            Refusal::FeatureUnknown { name: name.to_owned(), nearest }
        })
    }
}

impl fmt::Display for Feature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Features {
    pub fn has(&self, feature: Feature) -> bool {
        self.changed.contains(&feature) != feature.is_on_by_default()
    }

    pub fn set(&mut self, feature: Feature, on: bool) {
        match on == feature.is_on_by_default() {
            true => drop(self.changed.remove(&feature)),
            false => drop(self.changed.insert(feature)),
        }
    }

    /// Every feature there is and whether the user has it, in the order of their names.
    pub fn iter(&self) -> impl Iterator<Item = (Feature, bool)> {
        Feature::ALL.into_iter().map(|feature| (feature, self.has(feature)))
    }
}

impl World {
    /// That nobody took the feature from the user.
    pub fn check_feature(&self, user: UserId, feature: Feature) -> Result<(), Refusal> {
        match self.users.by_id(user) {
            Some(held) if !held.features.has(feature) => Err(Refusal::FeatureOff { user, feature }),
            _ => Ok(()),
        }
    }

    /// Gives features to a user or takes them from him. What is not named stays as it is.
    pub fn set_features(
        &mut self,
        id: UserId,
        changes: &[(Feature, bool)],
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let user = self.own_user_mut(id)?;
        for &(feature, on) in changes {
            user.features.set(feature, on);
        }
        user.history.updated = Some(now);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn features_stand_by_name_and_each_once() {
        let names: Vec<_> = Feature::ALL.iter().map(|feature| feature.as_str()).collect();
        assert!(names.is_sorted_by(|a, b| a < b), "{names:?}");
        for feature in Feature::ALL {
            assert_eq!(Feature::from_wire(feature.as_str()).unwrap(), feature);
        }
    }

    #[test]
    fn what_is_taken_can_be_given_back() {
        let mut features = Features::default();
        features.set(Feature::SendFiles, false);
        features.set(Feature::BypassDlp, true);
        let changed: Vec<_> =
            features.iter().filter(|(feature, on)| *on != feature.is_on_by_default()).collect();
        assert_eq!(changed, [(Feature::BypassDlp, true), (Feature::SendFiles, false)]);
        features.set(Feature::SendFiles, true);
        features.set(Feature::BypassDlp, false);
        assert_eq!(features, Features::default());
    }
}
