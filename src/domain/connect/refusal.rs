use super::super::Refusal;

/// Why a partner does not get what he asked for, in the words of the documentation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectRefusal {
    pub code: &'static str,
    pub message: String,
    /// What it is about: the name of it, and the value.
    pub context: Option<(&'static str, String)>,
    pub status: ConnectStatus,
}

/// The status of such an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConnectStatus {
    BadRequest,
    NotFound,
    /// Of which the documentation says 400, and the API file 404: a setting decides.
    NotFoundBySetting,
}

impl ConnectRefusal {
    fn bad(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), context: None, status: ConnectStatus::BadRequest }
    }

    fn about(self, name: &'static str, value: impl Into<String>) -> Self {
        Self { context: Some((name, value.into())), ..self }
    }

    pub(super) fn invalid_email(email: &str) -> Self {
        let message = format!("Invalid user email: {email}.");
        Self::bad("INVALID_USER_EMAIL", message).about("invalidEmail", email)
    }

    pub(super) fn public_domain() -> Self {
        Self::bad("EMAIL_DOMAIN_NOT_ALLOWED", "Only corporate email domains are allowed.")
    }

    pub(super) fn public_domains(domains: &[&str]) -> Self {
        let message = "Public email domains are not allowed. Only business email domains will be \
                       accepted";
        Self::bad("PUBLIC_EMAIL_DOMAIN_NOT_ALLOWED", message)
            .about("unallowedEmailDomains", format!("[{}]", domains.join(", ")))
    }

    pub(super) fn several_domains() -> Self {
        let message = "Accounts not created. Users must have the same email domain.";
        Self::bad("USERS_MUST_HAVE_THE_SAME_DOMAIN", message)
    }

    pub(super) fn nobody() -> Self {
        Self::bad("USER_LIST_IS_EMPTY", "User list must contain at least one person")
    }

    pub(super) fn same_email() -> Self {
        let message = "Each user must have a unique email address";
        Self::bad("USERS_CANNOT_HAVE_THE_SAME_EMAIL_ADDRESS", message)
    }

    pub(super) fn missing(field: &str) -> Self {
        let message = format!("The field '{field}' is required");
        Self::bad("MISSING_REQUIRED_FIELD", message).about("fieldName", field)
    }

    /// The lengths are those of the API file; code and words are made like the others.
    pub(super) fn too_long(field: &str, most: usize) -> Self {
        let message = format!("The field '{field}' has more than {most} characters");
        Self::bad("FIELD_TOO_LONG", message).about("fieldName", field)
    }

    pub(super) fn nothing_to_update() -> Self {
        let message = "Profile not updated. At least one of the following is required: First name, \
                       Last name, or Email.";
        Self::bad("MISSING_REQUIRED_FIELDS", message)
    }

    pub(super) fn user_not_found(status: ConnectStatus) -> Self {
        Self { status, ..Self::bad("USER_NOT_FOUND", "No profile found") }
    }

    pub(super) fn other_domain(domain: &str) -> Self {
        let message = format!(
            "Profile not updated. Email domain must match any of these domains: '{domain}'."
        );
        Self::bad("USER_EMAIL_DOMAIN_DIFFERENT_FROM_COMPANY", message)
    }

    pub(super) fn email_in_use() -> Self {
        let message = "Profile not updated. A user with that email already exists.";
        Self::bad("REQUESTED_EMAIL_ALREADY_IN_USE", message)
    }

    pub(super) fn of_another_partner() -> Self {
        let message = "User profile can only be accessed or updated by the administrator that \
                       created it";
        Self::bad("PROFILE_ACCESS_OR_UPDATES_NOT_AUTHORIZED", message)
    }

    pub(super) fn not_to_be_disabled() -> Self {
        let message = "User can be read or updated only by the administrator that created it";
        Self::bad("PARTNER_NOT_ALLOWED_TO_ACCESS_USER", message)
    }

    pub(super) fn no_role_by_another_partner() -> Self {
        let message = "Profile not updated. Changes can only be made by the administrator that \
                       created this user profile.";
        Self::bad("PARTNER_NOT_ALLOWED_TO_ACCESS_USER", message)
    }

    pub(super) fn other_company() -> Self {
        let message = "Profile not updated. Changes to this Symphony profile require the user to \
                       contact their Symphony administrator.";
        Self::bad("USER_DOES_NOT_BELONG_TO_COMPANY", message)
    }

    /// Of Connect v2, whose codes are numbers. Those of 40001 on are documented; that of names which
    /// are taken is not.
    pub(super) fn tenant_taken(field: &str, value: &str) -> Self {
        let message = format!("There is already a company with the same {field}: {value}");
        Self::bad("40104", message)
    }

    pub(super) fn domains_taken() -> Self {
        let message = "Company email domains are already taken.";
        Self { status: ConnectStatus::NotFound, ..Self::bad("40103", message) }
    }

    pub(super) fn tenant_not_found() -> Self {
        let message = "Company is not found, or is not in 'completed' state.";
        Self { status: ConnectStatus::NotFound, ..Self::bad("40102", message) }
    }

    pub(super) fn tenant_user_not_found() -> Self {
        let message = "User is not found, or does not belong to the company.";
        Self { status: ConnectStatus::NotFound, ..Self::bad("40106", message) }
    }

    pub(super) fn domain_not_of_tenant(domains: &[String]) -> Self {
        let message = format!(
            "User's email address is not allowed for this company. It must be one of: {}",
            domains.join(", ")
        );
        Self::bad("40001", message)
    }

    pub(super) fn tenant_user_exists() -> Self {
        Self::bad("40002", "A user with the same email address already exists.")
    }

    /// The same with 400: users in a company that is not there are documented so.
    pub fn as_bad_request(refusal: Refusal) -> Refusal {
        match refusal {
            Refusal::Connect(refusal) => {
                Refusal::Connect(Box::new(Self { status: ConnectStatus::BadRequest, ..*refusal }))
            }
            other => other,
        }
    }

    /// That there is one role is documented; what is said of others is not.
    pub(super) fn other_role(role: &str) -> Self {
        let message = format!("Only the role COMPLIANCE_OFFICER can be added, not '{role}'");
        Self::bad("ROLE_NOT_ALLOWED", message).about("role", role)
    }
}

impl From<ConnectRefusal> for Refusal {
    fn from(refusal: ConnectRefusal) -> Self {
        Self::Connect(Box::new(refusal))
    }
}
