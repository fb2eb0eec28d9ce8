//! How the groups of a document are made.

use super::users::{avatar, profile};
use super::{Builder, Built, Kind, Mistakes};
use crate::domain::{GroupMember, SeededGroup, UserId};
use crate::scenario::document::GroupSeed;
use crate::scenario::{SeedTime, contradiction, export};

impl Builder<'_> {
    pub(super) fn add_group(&mut self, n: usize, seed: &GroupSeed) -> Built<()> {
        let at = format!("groups[{n}]");
        let known = self.world.groups.called(&seed.name);
        if let Some(known) = known.filter(|_| self.change.is_some()) {
            let account = known.account;
            let seed = self.changed("groups", Some(n), export::group(&self.world, known))?;
            let group = self.group(&at, &seed)?;
            self.world.reseed_group(account, group);
            return Ok(());
        }
        if known.is_some_and(|known| known.is_active() && seed.status == known.status) {
            let problem = format!("there is a group {:?} already", seed.name);
            return Err(contradiction(format!("{at}.name"), problem));
        }
        let group = self.group(&at, seed)?;
        let made = self.world.seed_group(group);
        made.map(drop).map_err(|refusal| contradiction(at, refusal.why()))
    }

    fn group(&self, at: &str, seed: &GroupSeed) -> Built<SeededGroup> {
        if seed.name.trim().is_empty() {
            return Err(contradiction(format!("{at}.name"), "is empty".into()));
        }
        let account = seed.id.map(UserId::from_wire);
        if let Some(stranger) = account.filter(|it| it.pod() != self.world.identity.id) {
            let problem = format!("{stranger} belongs to pod {}", stranger.pod().0);
            let (at, pod) = (format!("{at}.id"), stranger.pod().0.to_string());
            return Err(self.unknown(Kind::Pod, &pod, at, problem));
        }
        let moment = |moment: Option<SeedTime>| moment.map(|moment| moment.resolve(self.now));
        let created = moment(seed.created).unwrap_or(self.now);
        let user = |field: &str, name: &Option<String>| {
            let at = format!("{at}.{field}");
            name.as_deref().map(|name| self.member(&at, name)).transpose()
        };
        let (mut members, mut mistakes) = (Vec::<GroupMember>::new(), Mistakes::default());
        for member in &seed.members {
            let at = format!("{at}.members");
            let Some(user) = mistakes.note(self.member(&at, member.user())) else { continue };
            if members.iter().any(|member| member.user == user) {
                let problem = format!("{:?} is there twice", member.user());
                mistakes.note::<()>(Err(contradiction(at, problem)));
            }
            members.push(GroupMember { user, added: moment(member.joined()).unwrap_or(created) });
        }
        let members = mistakes.unless_any(members)?;
        let mut told: crate::domain::GroupProfile =
            profile(&format!("{at}.profile"), &seed.profile)?;
        told.display_name.get_or_insert_with(|| seed.name.clone());
        Ok(SeededGroup {
            account,
            id: seed.profile_id.clone(),
            name: seed.name.clone(),
            status: seed.status,
            e_tag: seed.e_tag.clone(),
            members,
            profile: told,
            limits: seed.limits.clone().unwrap_or_default(),
            avatar: avatar(&format!("{at}.avatar"), seed.avatar.as_deref())?,
            created,
            created_by: user("createdBy", &seed.created_by)?,
            updated: moment(seed.updated).unwrap_or(created),
            updated_by: user("updatedBy", &seed.updated_by)?,
        })
    }
}
