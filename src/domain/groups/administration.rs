//! What group managers do to groups.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::super::{
    AccountHistory, AccountStatus, AccountType, Avatar, Features, KeyRing, Profile, Refusal,
    Timestamp, User, UserId, World,
};
use super::{Group, GroupLimits, GroupMember, GroupProfile, GroupStatus, group_id};

/// A group as it is wished. The whole of it: what is absent is not there afterwards.
#[derive(Debug, Clone, Default)]
pub struct GroupRequest {
    pub name: String,
    /// With the pod that each is said to be of.
    pub members: Vec<(UserId, Option<u32>)>,
    pub profile: GroupProfile,
    pub limits: GroupLimits,
}

/// A group of a seed, as it is to be.
#[derive(Debug, Clone)]
pub struct SeededGroup {
    /// By default the next free one.
    pub account: Option<UserId>,
    /// By default what a group of this name is called.
    pub id: Option<String>,
    pub name: String,
    pub status: GroupStatus,
    /// By default a new one.
    pub e_tag: Option<String>,
    pub members: Vec<GroupMember>,
    pub profile: GroupProfile,
    pub limits: GroupLimits,
    pub avatar: Option<Avatar>,
    pub created: Timestamp,
    pub created_by: Option<UserId>,
    pub updated: Timestamp,
    pub updated_by: Option<UserId>,
}

impl World {
    /// Makes a group.
    pub fn create_group(
        &mut self,
        by: UserId,
        wish: GroupRequest,
        now: Timestamp,
    ) -> Result<&Group, Refusal> {
        self.check_group(&wish, None)?;
        let members = wish.members.iter().map(|(user, _)| GroupMember { user: *user, added: now });
        let account = self.seed_group(SeededGroup {
            account: None,
            id: None,
            name: wish.name,
            status: GroupStatus::Active,
            e_tag: None,
            members: members.collect(),
            profile: wish.profile,
            limits: wish.limits,
            avatar: None,
            created: now,
            created_by: Some(by),
            updated: now,
            updated_by: Some(by),
        })?;
        self.groups.by_account(account).ok_or(Refusal::Bug)
    }

    /// Makes a group whatever its members are.
    ///
    /// # Errors
    /// An id or the name is taken.
    pub fn seed_group(&mut self, group: SeededGroup) -> Result<UserId, Refusal> {
        let own = self.identity.id;
        let account = group.account.unwrap_or_else(|| self.users.next_id(own));
        let id = group.id.unwrap_or_else(|| self.free_group_id(&group.name));
        let taken = |what: String| Err(Refusal::Malformed { what });
        if self.groups.by_id(&id).is_some() {
            return taken(format!("there is a group {id} already"));
        }
        let user = User {
            id: account,
            username: id.clone(),
            account_type: AccountType::Sdl,
            status: AccountStatus::Enabled,
            display_name: String::new(),
            first_name: None,
            last_name: None,
            email: None,
            company: String::new(),
            title: None,
            department: None,
            location: None,
            roles: Vec::new(),
            features: Features::default(),
            certificate_login: false,
            keys: KeyRing::default(),
            suspension: None,
            profile: Profile::default(),
            delegates: Vec::new(),
            disclaimer: None,
            manifest: None,
            avatar: group.avatar,
            history: AccountHistory {
                created: Some(group.created),
                created_by: group.created_by,
                ..AccountHistory::default()
            },
        };
        if self.users.insert(user).is_err() {
            return taken(format!("the pod has the id {account} or the username {id} already"));
        }
        let e_tag = group.e_tag.unwrap_or_else(|| self.rng.uuid());
        self.keep_group(Group {
            account,
            id: Arc::from(id),
            name: group.name,
            status: group.status,
            e_tag,
            members: group.members,
            profile: group.profile,
            limits: group.limits,
            created: group.created,
            created_by: group.created_by,
            updated: group.updated,
            updated_by: group.updated_by,
        });
        Ok(account)
    }

    /// Makes a group what a seed says, whatever it was. Its ids stay, and so do the rooms it is in.
    pub fn reseed_group(&mut self, account: UserId, group: SeededGroup) {
        let Some(known) = self.groups.by_account(account).cloned() else { return };
        if let Some(account) = self.users.by_id_mut(account) {
            account.avatar = group.avatar;
        }
        self.keep_group(Group {
            name: group.name,
            status: group.status,
            e_tag: group.e_tag.unwrap_or_else(|| known.e_tag.clone()),
            members: group.members,
            profile: group.profile,
            limits: group.limits,
            created: group.created,
            created_by: group.created_by,
            updated: group.updated,
            updated_by: group.updated_by,
            ..known
        });
    }

    /// Writes a group anew, for somebody who knows its last version by its eTag. Without a status it
    /// keeps the one it has.
    pub fn update_group(
        &mut self,
        by: UserId,
        id: &str,
        e_tag: &str,
        wish: GroupRequest,
        status: Option<GroupStatus>,
        now: Timestamp,
    ) -> Result<&Group, Refusal> {
        let mut group = self.group(id)?.clone();
        if group.e_tag != e_tag {
            let (held, shown) = (group.e_tag, e_tag.to_owned());
            return Err(Refusal::GroupChanged { held, shown });
        }
        self.check_group(&wish, Some(group.account))?;
        let before: Vec<_> = active_members(&group);
        let held: BTreeMap<_, _> = group.members.iter().map(|held| (held.user, *held)).collect();
        let wished = wish.members.iter().map(|(user, _)| {
            held.get(user).copied().unwrap_or(GroupMember { user: *user, added: now })
        });
        group.members = wished.collect();
        (group.name, group.profile, group.limits) = (wish.name, wish.profile, wish.limits);
        group.status = status.unwrap_or(group.status);
        self.change_group(by, group, &before, now)
    }

    /// Adds somebody to a group.
    pub fn add_group_member(
        &mut self,
        by: UserId,
        id: &str,
        member: (UserId, Option<u32>),
        now: Timestamp,
    ) -> Result<&Group, Refusal> {
        let mut group = self.group(id)?.clone();
        if !group.is_active() {
            return Err(Refusal::Malformed { what: format!("the group {id} is deleted") });
        }
        self.check_group_member(member)?;
        let (user, _) = member;
        if group.has_member(user) {
            let what = format!("member: {user} is in the group already");
            return Err(Refusal::Malformed { what });
        }
        let before = active_members(&group);
        group.members.push(GroupMember { user, added: now });
        let members: Vec<_> = group.members.iter().map(|member| member.user).collect();
        self.check_barriers_among(&members)?;
        self.change_group(by, group, &before, now)
    }

    /// Gives a group a picture.
    pub fn set_group_avatar(
        &mut self,
        by: UserId,
        id: &str,
        avatar: Avatar,
        now: Timestamp,
    ) -> Result<&Group, Refusal> {
        let group = self.group(id)?.clone();
        let account = self.users.by_id_mut(group.account).ok_or(Refusal::Bug)?;
        account.avatar = Some(avatar);
        let members = active_members(&group);
        self.change_group(by, group, &members, now)
    }

    /// Takes all groups off the pod, where the settings let anybody do so.
    pub fn delete_all_groups(&mut self, by: UserId, now: Timestamp) -> Result<(), Refusal> {
        if !self.settings.delete_all_groups {
            return Err(Refusal::NotEntitled { needs: "settings.deleteAllGroups to be true" });
        }
        let groups: Vec<_> = self.groups.iter().cloned().collect();
        for group in groups {
            let left = active_members(&group);
            self.groups.remove(group.account);
            self.follow_group(by, group.account, &[], &left, now);
            self.users.remove(group.account);
            self.streams.forget_group(group.account);
        }
        Ok(())
    }

    /// An account that is out of use is in no group.
    pub(in crate::domain) fn leave_groups(&mut self, user: UserId, now: Timestamp) {
        let of_user = self.groups.iter().filter(|group| group.has_member(user));
        for mut group in of_user.cloned().collect::<Vec<_>>() {
            let before = active_members(&group);
            group.members.retain(|member| member.user != user);
            let by = group.updated_by.unwrap_or(user);
            // The group is there.
            drop(self.change_group(by, group, &before, now));
        }
    }

    fn change_group(
        &mut self,
        by: UserId,
        mut group: Group,
        before: &[UserId],
        now: Timestamp,
    ) -> Result<&Group, Refusal> {
        group.e_tag = self.rng.uuid();
        (group.updated, group.updated_by) = (now, Some(by));
        let (account, after) = (group.account, active_members(&group));
        self.keep_group(group);
        let but = |these: &[UserId], those: &[UserId]| -> Vec<_> {
            let those: BTreeSet<_> = those.iter().collect();
            these.iter().copied().filter(|user| !those.contains(user)).collect()
        };
        self.follow_group(by, account, &but(&after, before), &but(before, &after), now);
        self.groups.by_account(account).ok_or(Refusal::Bug)
    }

    /// Puts a group in its place, and says of its account what it says.
    fn keep_group(&mut self, group: Group) {
        let company = self.identity.company.clone();
        if let Some(account) = self.users.by_id_mut(group.account) {
            let profile = &group.profile;
            account.display_name = group.display_name().to_owned();
            account.company = profile.company_name.clone().unwrap_or(company);
            account.email.clone_from(&profile.email);
            account.title.clone_from(&profile.job_title);
            account.department.clone_from(&profile.job_department);
            account.location.clone_from(&profile.job_city);
            account.history.updated = Some(group.updated);
            account.status = match group.status {
                GroupStatus::Active => AccountStatus::Enabled,
                GroupStatus::Deleted => AccountStatus::Disabled,
            };
        }
        self.groups.insert(group);
    }

    fn check_group(&self, wish: &GroupRequest, of: Option<UserId>) -> Result<(), Refusal> {
        let refused = |what: String| Err(Refusal::Malformed { what });
        if wish.name.trim().is_empty() {
            return refused("name is missing".into());
        }
        if wish.profile.display_name.as_ref().is_none_or(|name| name.trim().is_empty()) {
            return refused("profile.displayName is missing".into());
        }
        let other = self.groups.called(&wish.name).filter(|other| other.is_active());
        if other.is_some_and(|other| Some(other.account) != of) {
            return refused(format!("name: there is a group {:?} already", wish.name));
        }
        let mut named = BTreeSet::new();
        for member in &wish.members {
            self.check_group_member(*member)?;
            if !named.insert(member.0) {
                return refused(format!("members: {} is there twice", member.0));
            }
        }
        self.check_barriers_among(&named.into_iter().collect::<Vec<_>>())
    }

    fn check_group_member(&self, (user, tenant): (UserId, Option<u32>)) -> Result<(), Refusal> {
        let refused = |what: String| Err(Refusal::Malformed { what });
        if tenant.is_some_and(|tenant| tenant != user.pod().0) {
            return refused(format!("member: {user} is of pod {}", user.pod().0));
        }
        self.check_exists(user)
    }

    fn free_group_id(&self, name: &str) -> String {
        let own = self.identity.id;
        let mut id = group_id(own, name);
        let mut n = 1;
        while self.groups.by_id(&id).is_some() {
            n += 1;
            id = group_id(own, &format!("{name} {n}"));
        }
        id
    }
}

/// Those whom rooms see in a group: nobody, where it is deleted.
fn active_members(group: &Group) -> Vec<UserId> {
    let members = group.members.iter().filter(|_| group.is_active());
    members.map(|member| member.user).collect()
}
