//! Groups of accounts: Symphony's distribution lists (SDL), which are accounts themselves.

mod administration;
mod in_rooms;

use std::sync::Arc;

use imbl::OrdMap;
use serde::{Deserialize, Serialize};

use super::{PodId, Refusal, Timestamp, UserId, World};

pub use administration::{GroupRequest, SeededGroup};
pub use in_rooms::RoomGroup;

/// A group.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// Its account: what rooms, look-ups and the users API know it by.
    pub account: UserId,
    /// What the profile manager calls it: base64url of `[pod][type][name]`, as in the API file's
    /// example. It stays when the group is renamed.
    pub id: Arc<str>,
    /// Unique among the groups that are not deleted.
    pub name: String,
    pub status: GroupStatus,
    /// Another one after every change.
    pub e_tag: String,
    /// In the order in which they were added.
    pub members: Vec<GroupMember>,
    pub profile: GroupProfile,
    pub limits: GroupLimits,
    pub created: Timestamp,
    /// None for a seeded one.
    pub created_by: Option<UserId>,
    pub updated: Timestamp,
    pub updated_by: Option<UserId>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GroupMember {
    pub user: UserId,
    pub added: Timestamp,
}

/// Deleted groups stay readable.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "UPPERCASE")]
pub enum GroupStatus {
    #[default]
    Active,
    Deleted,
}

/// What the directory tells of a group, under the names of the profile manager's API.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct GroupProfile {
    /// Shown in the directory.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// Company that it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub company_name: Option<String>,
    /// Where mail to it goes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Mobile phone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mobile: Option<String>,
    /// Job title of those in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub job_title: Option<String>,
    /// Role of those in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub job_role: Option<String>,
    /// Department of those in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub job_department: Option<String>,
    /// Division of those in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub job_division: Option<String>,
    /// Phone at work.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub job_phone: Option<String>,
    /// Where those in it work.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub job_city: Option<String>,
    /// Industries of interest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub industry_of_interest: Option<Vec<String>>,
    /// Asset classes of interest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asset_classes_of_interest: Option<Vec<String>>,
    /// Markets that are covered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub market_coverage: Option<Vec<String>>,
    /// What those in it answer for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub responsibility: Option<Vec<String>>,
    /// Functions of the job.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub function: Option<Vec<String>>,
    /// Financial instruments of interest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instrument: Option<Vec<String>>,
}

/// Who sees a group, is connected with it and gets what it is sent. The pod keeps them; only
/// Symphony's clients act on them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct GroupLimits {
    /// The only ones who see it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub visibility_restriction: Option<Restricted>,
    /// Those who are connected with its members without asking.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub implicit_connection: Option<Connected>,
    /// The only ones from whom it gets anything.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interaction_transfer: Option<Restricted>,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Restricted {
    /// Numbers of pods.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub restricted_tenants_list: Option<Vec<u32>>,
    /// Ids of users.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub restricted_users_list: Option<Vec<u64>>,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Connected {
    /// Numbers of pods.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connected_tenants_list: Option<Vec<u32>>,
    /// Ids of users.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connected_users_list: Option<Vec<u64>>,
}

/// All groups of the pod, in the order of their accounts' ids, which is that of their making.
#[derive(Debug, Clone, Default)]
pub struct Groups {
    by_account: OrdMap<UserId, Arc<Group>>,
    by_id: OrdMap<Arc<str>, UserId>,
    /// The accounts of those that go by a name, deleted ones among them, in their order.
    by_name: OrdMap<Arc<str>, Vec<UserId>>,
}

impl Group {
    /// The one type of groups that pods have.
    pub const TYPE: &'static str = "SDL";

    pub fn is_active(&self) -> bool {
        self.status == GroupStatus::Active
    }

    pub fn has_member(&self, user: UserId) -> bool {
        self.members.iter().any(|member| member.user == user)
    }

    pub fn display_name(&self) -> &str {
        self.profile.display_name.as_deref().unwrap_or(&self.name)
    }
}

impl Groups {
    pub fn by_account(&self, account: UserId) -> Option<&Group> {
        self.by_account.get(&account).map(Arc::as_ref)
    }

    /// The group of this id: the profile manager's, or the number of its account.
    pub fn by_id(&self, id: &str) -> Option<&Group> {
        let account = self.by_id.get(id).copied();
        let account = account.or_else(|| id.parse().ok().map(UserId::from_wire))?;
        self.by_account(account)
    }

    /// The group that goes by this name, of deleted ones the newest.
    pub fn called(&self, name: &str) -> Option<&Group> {
        let accounts = self.by_name.get(name)?;
        let named = || accounts.iter().filter_map(|account| self.by_account(*account));
        named().find(|group| group.is_active()).or_else(|| named().next_back())
    }

    /// The groups in the order of their accounts' ids.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Group> {
        self.by_account.values().map(Arc::as_ref)
    }

    fn remove(&mut self, account: UserId) {
        let Some(group) = self.by_account.remove(&account) else { return };
        self.by_id.remove(&group.id);
        if let Some(named) = self.by_name.get_mut(&*group.name) {
            named.retain(|other| *other != account);
        }
    }

    /// Adds a group, or puts it in the place of the one of its account.
    fn insert(&mut self, group: Group) {
        let account = group.account;
        self.remove(account);
        let named = self.by_name.entry(Arc::from(&*group.name)).or_default();
        named.insert(named.partition_point(|other| *other < account), account);
        self.by_id.insert(Arc::clone(&group.id), account);
        self.by_account.insert(account, Arc::new(group));
    }
}

impl World {
    /// The group of this id, in whichever of its two forms.
    ///
    /// # Errors
    /// There is none.
    pub fn group(&self, id: &str) -> Result<&Group, Refusal> {
        self.groups.by_id(id).ok_or_else(|| Refusal::GroupUnknown { id: id.to_owned() })
    }
}

/// What the profile manager calls a new group.
fn group_id(pod: PodId, name: &str) -> String {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    URL_SAFE_NO_PAD.encode(format!("[{}][{}][{name}]", pod.0, Group::TYPE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_that_of_the_api_files_example() {
        assert_eq!(group_id(PodId(100), "Test Group"), "WzEwMF1bU0RMXVtUZXN0IEdyb3VwXQ");
    }
}
