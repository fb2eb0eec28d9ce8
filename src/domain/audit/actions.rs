//! What there is to do by a role, and what it is called.

use super::AuditCategory;

/// The actions, each with its category, its name, and what it is called in words.
macro_rules! actions {
    ($(#[$documented:meta])* $($action:ident: $category:ident, $name:literal, $words:literal;)+) => {
        $(#[$documented])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Action {
            $($action),+
        }

        impl Action {
            /// Its name, and what it is called in words.
            pub(super) fn names(self) -> (&'static str, &'static str) {
                match self {
                    $(Self::$action => ($name, $words)),+
                }
            }

            /// What the action of this name is about. None where nothing of the API does what is called so.
            pub(super) fn category_of(name: &str) -> Option<AuditCategory> {
                match name {
                    $($name => Some(AuditCategory::$category),)+
                    _ => None,
                }
            }
        }
    };
}

actions! {
    /// What there is to do by a role.
    ///
    /// Published are the names of `createUser`, `createServiceAccount`, `profileInfoUpdate`,
    /// `rsaKeyAdded`, `addedMember`, `enabledEfEnforcement` and `userAppEntitlementInstall` (REST API
    /// documentation, "List Audit Trail"; `tests/resources/user` of finos/symphony-bdk-python). The others
    /// are made like them.
    CreateUser: User, "createUser", "End-user account created";
    CreateServiceAccount: User, "createServiceAccount", "Service Account Created";
    ProfileInfoUpdate: User, "profileInfoUpdate", "Profile info update";
    RsaKeyAdded: User, "rsaKeyAdded", "RSA Key Added";
    RsaKeyRevoked: User, "rsaKeyRevoked", "RSA Key Revoked";
    DelegateAdded: User, "delegateAdded", "Delegate Added";
    DelegateRemoved: User, "delegateRemoved", "Delegate Removed";
    DisclaimerAssigned: Disclaimer, "disclaimerAssigned", "Disclaimer Assigned";
    DisclaimerRemoved: Disclaimer, "disclaimerRemoved", "Disclaimer Removed";
    FollowersAdded: User, "followersAdded", "Followers Added";
    FollowersRemoved: User, "followersRemoved", "Followers Removed";
    PresenceUpdated: User, "presenceUpdated", "Presence Updated";
    ProtocolAdded: Settings, "protocolAdded", "Protocol Added";
    ProtocolRemoved: Settings, "protocolRemoved", "Protocol Removed";
    FileExtensionAdded: Settings, "fileExtensionAdded", "File Extension Added";
    FileExtensionUpdated: Settings, "fileExtensionUpdated", "File Extension Updated";
    FileExtensionRemoved: Settings, "fileExtensionRemoved", "File Extension Removed";
    SsoConfigurationUpdated: Settings, "ssoConfigurationUpdated", "SSO Configuration Updated";
    BarrierMemberAdded: InfoBarrier, "informationBarrierMemberAdded", "Information Barrier Member Added";
    BarrierMemberRemoved: InfoBarrier, "informationBarrierMemberRemoved", "Information Barrier Member Removed";
    UserSessionsEnded: User, "userSessionsEnded", "User Sessions Ended";
    AppCreated: Application, "appCreated", "App created";
    AppUpdated: Application, "appUpdated", "App updated";
    AppDeleted: Application, "appDeleted", "App deleted";
    PodAppEntitlementUpdate: Application, "podAppEntitlementUpdate", "App entitlement of the pod updated";
    UserAppEntitlementInstall: Application, "userAppEntitlementInstall", "App installed";
    UserAppEntitlementUninstall: Application, "userAppEntitlementUninstall", "App uninstalled";
    UserAppEntitlementUpdate: Application, "userAppEntitlementUpdate", "App entitlement updated";
    CompanyCertAdded: Certificate, "companyCertAdded", "Company Certificate Added";
    CompanyCertUpdated: Certificate, "companyCertUpdated", "Company Certificate Updated";
    CompanyCertRemoved: Certificate, "companyCertRemoved", "Company Certificate Removed";
    ConversationCreated: Conversation, "conversationCreated", "Conversation Created";
    RoomDeactivated: Conversation, "roomDeactivated", "Room Deactivated";
    RoomReactivated: Conversation, "roomReactivated", "Room Reactivated";
    AddedMember: Conversation, "addedMember", "Added Member";
    RemovedMember: Conversation, "removedMember", "Removed Member";
    PromotedToOwner: Conversation, "promotedToOwner", "Promoted To Owner";
    DemotedFromOwner: Conversation, "demotedFromOwner", "Demoted From Owner";
    MessageSuppressed: Message, "messageSuppressed", "Message Suppressed";
    MessageImported: Message, "messageImported", "Message Imported";
    MalwareScanStateUpdated: MalwareScan, "malwareScanStateUpdated", "Malware Scan State Updated";
    EfDictionaryCreated: ExpressionFilter, "efDictionaryCreated", "EF Dictionary Created";
    EfDictionaryUpdated: ExpressionFilter, "efDictionaryUpdated", "EF Dictionary Updated";
    EfDictionaryUploaded: ExpressionFilter, "efDictionaryUploaded", "EF Dictionary Uploaded";
    EfDictionaryDeleted: ExpressionFilter, "efDictionaryDeleted", "EF Dictionary Deleted";
    EfPolicyCreated: ExpressionFilter, "efPolicyCreated", "EF Policy Created";
    EfPolicyUpdated: ExpressionFilter, "efPolicyUpdated", "EF Policy Updated";
    EfPolicyDeleted: ExpressionFilter, "efPolicyDeleted", "EF Policy Deleted";
    EnabledEfEnforcement: ExpressionFilter, "enabledEfEnforcement", "Enabled EF Enforcement";
    DisabledEfEnforcement: ExpressionFilter, "disabledEfEnforcement", "Disabled EF Enforcement";
}
