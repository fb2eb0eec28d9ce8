use super::roles::{GROUP_MANAGER, role_id};
use super::{Principal, User, World};

/// The scopes of access tokens that there are, with the role that each asks for. An app has none of
/// them, and nobody has one on behalf of somebody else.
const SCOPES: [(&str, &str); 3] = [
    ("at2", "AUDIT_TRAIL_MANAGEMENT"),
    ("profile-manager", GROUP_MANAGER),
    ("sym-files", "CONTENT_EXPORT_READER"),
];

impl World {
    /// Those of the scopes, separated by spaces, that the caller may have.
    pub fn granted_scopes(&self, caller: &Principal, wanted: &str) -> String {
        let Principal::User(user) = caller else { return String::new() };
        let user = self.users.by_id(*user);
        let may_have = |user: &User, wanted: &str| {
            SCOPES
                .iter()
                .filter(|(scope, _)| *scope == wanted)
                .any(|(_, role)| user.has_role(role_id(role, &self.settings)))
        };
        let granted = wanted
            .split_ascii_whitespace()
            .filter(|scope| user.is_some_and(|user| may_have(user, scope)));
        granted.collect::<Vec<_>>().join(" ")
    }
}
