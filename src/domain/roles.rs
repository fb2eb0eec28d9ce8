use super::similarity::nearest;
use super::{AccountType, Refusal, Settings};

/// Who manages distribution lists, unless the settings say otherwise.
pub(super) const GROUP_MANAGER: &str = "GROUP_MANAGER";

/// A role of the pod: what its holders may do beyond being on the pod.
#[derive(Debug, Clone, Copy)]
pub struct Role {
    /// As a pod spells it; that of one of them is a setting, see [`Role::id_by`].
    pub id: &'static str,
    pub name: &'static str,
    /// Who may have it.
    pub account_types: &'static [AccountType],
    /// What may be switched on in addition.
    pub optional_actions: &'static [&'static str],
}

const PEOPLE: &[AccountType] = &[AccountType::Normal];
const BOTS: &[AccountType] = &[AccountType::System];
pub const EVERYBODY: &[AccountType] = &[AccountType::System, AccountType::Normal];

/// The roles that the documentation and `RoleId` of the Java BDK name, with the account types that
/// real pods were seen to list. Nobody published the ids of the Distribution List Manager and of the
/// Content Export Reader.
pub const ROLES: &[Role] = &[
    role("ADMINISTRATOR", "Administrator", PEOPLE),
    role("AGENT", "Agent", BOTS),
    role("AUDIT_TRAIL_MANAGEMENT", "Audit Trail Management", BOTS),
    role("CEP_VISIBILITY_GROUP_MANAGEMENT", "CEP Visibility Group Management", BOTS),
    Role {
        optional_actions: &[
            "BAN_AND_UNBAN_ROOM_MEMBER",
            "LOCK_AND_UNLOCK_ROOM",
            "MONITOR_ROOMS",
            "MONITOR_WALL_POSTS",
        ],
        ..role("COMPLIANCE_OFFICER", "Compliance Officer", PEOPLE)
    },
    role("CONTENT_EXPORT_READER", "Content Export Reader", BOTS),
    role("CONTENT_EXPORT_SERVICE", "Content Export Service", BOTS),
    Role {
        optional_actions: &["MONITOR_ROOMS"],
        ..role("CONTENT_MANAGEMENT", "Content Management", EVERYBODY)
    },
    role("EF_POLICY_MANAGEMENT", "Expression Filter Policy Management", BOTS),
    role(GROUP_MANAGER, "Distribution List Manager", EVERYBODY),
    role("INDIVIDUAL", "Individual", EVERYBODY),
    role("KEY_MANAGER", "Key Manager", BOTS),
    role("L1_SUPPORT", "L1 Support", PEOPLE),
    role("L2_SUPPORT", "L2 Support", PEOPLE),
    role("MALWARE_SCAN_MANAGER", "Malware Scan Manager", BOTS),
    role("MALWARE_SCAN_STATE_USER", "Malware Scan State User", BOTS),
    role("SCOPE_MANAGEMENT", "Scope Management", BOTS),
    role("SUPER_ADMINISTRATOR", "Super Administrator", PEOPLE),
    role("SUPER_COMPLIANCE_OFFICER", "Super Compliance Officer", PEOPLE),
    role("SYMPHONY_ADMIN", "Symphony Admin", PEOPLE),
    role("USER_PRESENCE_UPDATE", "User Presence Update", BOTS),
    role("USER_PROVISIONING", "User Provisioning", BOTS),
];

impl Role {
    /// The role with this id.
    pub fn called(id: &str, settings: &Settings) -> Result<&'static Self, Refusal> {
        ROLES.iter().find(|role| role.id_by(settings) == id).ok_or_else(|| {
            let ids = ROLES.iter().map(|role| role.id_by(settings));
            let ids = ids.chain(settings.other_roles.iter().map(String::as_str));
            let nearest = nearest(ids, id).map(str::to_owned);
            Refusal::RoleUnknown { id: id.to_owned(), nearest }
        })
    }

    /// Whether accounts of this type may have the role with this id.
    pub fn check(id: &str, account_type: &AccountType, settings: &Settings) -> Result<(), Refusal> {
        if settings.other_roles.iter().any(|other| other == id) {
            return Ok(());
        }
        let role = Self::called(id, settings)?;
        let like = if account_type.is_of_people() { &AccountType::Normal } else { account_type };
        if !role.account_types.contains(like) {
            let account_type = account_type.clone();
            return Err(Refusal::RoleNotForAccount { role: role.id, account_type });
        }
        Ok(())
    }

    /// Its id on a pod with these settings.
    pub fn id_by<'a>(&self, settings: &'a Settings) -> &'a str {
        role_id(self.id, settings)
    }
}

/// What the role with this id is called on a pod with these settings.
pub(super) fn role_id<'a>(id: &'a str, settings: &'a Settings) -> &'a str {
    match id {
        GROUP_MANAGER => &settings.group_manager_role,
        id => id,
    }
}

const fn role(id: &'static str, name: &'static str, account_types: &'static [AccountType]) -> Role {
    Role { id, name, account_types, optional_actions: &[] }
}
