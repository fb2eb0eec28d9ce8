use std::collections::HashSet;

use super::{AccountType, PodId, Timestamp, User, UserId, World};

/// How far a look-up reaches: the `local` parameter of the user operations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// The pod's own users only.
    OwnPod,
    /// Also those users of other pods whom this pod knows.
    Directory,
}

/// What users are looked up by: one kind at a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UserKeys {
    Ids(Vec<UserId>),
    /// Letter case does not count.
    Emails(Vec<String>),
    /// Usernames are looked up on the own pod alone: elsewhere they are not unique.
    Usernames(Vec<String>),
}

/// A search as people do it: some words, and properties that narrow it down.
#[derive(Debug, Clone, Default)]
pub struct UserSearch {
    /// Each of its words must occur in a name or the e-mail address, letter case aside.
    pub query: String,
    /// Any of these; empty for the default, which is people and service users, and no groups.
    pub account_types: Vec<AccountType>,
    pub title: Option<String>,
    pub company: Option<String>,
    pub location: Option<String>,
    pub market_coverage: Option<String>,
    pub responsibility: Option<String>,
    pub function: Option<String>,
    pub instrument: Option<String>,
}

impl Reach {
    fn covers(self, own: PodId, user: &User) -> bool {
        self == Self::Directory || user.id.pod() == own
    }
}

impl World {
    /// The users with these keys, each once. Those by id and by username come in the order of the
    /// keys, those by e-mail address in the order of their ids. Whom there is not is left out.
    pub fn look_up(&self, keys: &UserKeys, reach: Reach) -> Vec<&User> {
        let own = self.identity.id;
        let mut seen = HashSet::new();
        let mut keep = |user: &&User| reach.covers(own, user) && seen.insert(user.id);
        match keys {
            UserKeys::Ids(ids) => {
                ids.iter().filter_map(|id| self.users.by_id(*id)).filter(&mut keep).collect()
            }
            UserKeys::Usernames(names) => {
                let user = |name: &String| self.users.by_username(own, name);
                names.iter().filter_map(user).filter(&mut keep).collect()
            }
            UserKeys::Emails(emails) => {
                let wanted: HashSet<_> = emails.iter().map(|email| email.to_lowercase()).collect();
                let has_one = |user: &&User| {
                    user.email.as_ref().is_some_and(|email| wanted.contains(&email.to_lowercase()))
                };
                self.users.iter().filter(has_one).filter(&mut keep).collect()
            }
        }
    }

    /// The active users whom the search finds, in the order of their display names.
    pub fn search_users(&self, search: &UserSearch, reach: Reach, now: Timestamp) -> Vec<&User> {
        let words: Vec<_> = search.query.split_whitespace().map(str::to_lowercase).collect();
        let matches = |user: &&User| {
            user.is_active(now)
                && reach.covers(self.identity.id, user)
                && search.admits(user)
                && has_words(user, &words)
        };
        let mut found: Vec<_> = self.users.iter().filter(matches).collect();
        found.sort_by_cached_key(|user| (user.display_name.to_lowercase(), user.id));
        found
    }
}

impl UserSearch {
    fn admits(&self, user: &User) -> bool {
        let profile = &user.profile;
        let among = |wanted: &Option<String>, has: &Option<Vec<String>>| {
            wanted.as_ref().is_none_or(|wanted| {
                let wanted = wanted.trim().to_lowercase();
                has.iter().flatten().any(|has| has.to_lowercase() == wanted)
            })
        };
        let same = |wanted: &Option<String>, has: Option<&str>| {
            wanted.as_ref().is_none_or(|wanted| {
                has.is_some_and(|has| has.to_lowercase() == wanted.trim().to_lowercase())
            })
        };
        let default = self.account_types.is_empty() && !user.is_group();
        (default || self.account_types.contains(&user.account_type))
            && same(&self.title, user.title.as_deref())
            && same(&self.company, Some(&user.company))
            && same(&self.location, user.location.as_deref())
            && among(&self.market_coverage, &profile.market_coverage)
            && among(&self.responsibility, &profile.responsibility)
            && among(&self.function, &profile.function)
            && among(&self.instrument, &profile.instrument)
    }
}

fn has_words(user: &User, words: &[String]) -> bool {
    if words.is_empty() {
        return true;
    }
    let names = [
        Some(&user.display_name),
        user.first_name.as_ref(),
        user.last_name.as_ref(),
        user.email.as_ref(),
    ];
    let names: Vec<_> = names.into_iter().flatten().map(|name| name.to_lowercase()).collect();
    words.iter().all(|word| names.iter().any(|name| name.contains(word.as_str())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::sample::{AT, Sample};

    #[test]
    fn a_search_filters_by_what_profiles_tell() {
        let Sample { mut world, alice, bob, .. } = Sample::new();
        for (user, markets) in [(alice, ["EMEA", "Americas"]), (bob, ["APAC", "Japan"])] {
            let user = world.users.by_id_mut(user).unwrap();
            user.profile.market_coverage = Some(markets.map(str::to_owned).into());
        }
        let found = |market: &str| {
            let market_coverage = Some(market.to_owned());
            let search = UserSearch { market_coverage, ..UserSearch::default() };
            let users = world.search_users(&search, Reach::Directory, AT);
            users.iter().map(|user| user.id).collect::<Vec<_>>()
        };
        assert_eq!(found("americas"), [alice]);
        assert_eq!(found("Japan"), [bob]);
        assert_eq!(found("Mars"), []);
    }
}
