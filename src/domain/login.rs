use super::session::{SessionClaims, key_manager_token};
use super::{AuthenticateBody, Principal, Refusal, Session, Timestamp, TokenSpace, UserId, World};

/// A login by client certificate, as the request presents it.
///
/// The chain was verified by the TLS layer; here it is about whom the certificate names.
#[derive(Debug, Clone, Copy)]
pub struct CertificateLogin<'a> {
    /// Of the certificate's subject; none where the subject has none.
    pub common_name: Option<&'a str>,
    /// The whole subject, for the sake of a helpful refusal.
    pub subject: &'a str,
    /// Name and strength of the certificate's key, in bits of a comparable RSA modulus.
    pub key: (&'a str, u32),
    pub has_body: bool,
    pub has_content_type: bool,
}

impl World {
    /// Opens a session for the service user whom a client certificate names, and writes its token.
    ///
    /// Every login is a new session; older ones live on, as several instances of one bot show.
    pub fn log_in_with_certificate(
        &mut self,
        login: &CertificateLogin<'_>,
        space: TokenSpace,
        now: Timestamp,
    ) -> Result<(String, Session), Refusal> {
        self.check_request(login)?;
        let user = self.user_of_certificate(login)?;
        Ok(self.open_user_session(user, space, now))
    }

    /// Whether the holder of a certificate may log out a session of this principal.
    ///
    /// An app logs out the sessions it opened on behalf of users, and so may the user.
    pub fn check_logout(&self, common_name: &str, principal: &Principal) -> Result<(), Refusal> {
        let username = principal
            .user()
            .and_then(|user| self.users.by_id(user))
            .map(|user| user.username.as_str());
        let app = match principal {
            Principal::App(app) | Principal::OnBehalfOf { app, .. } => Some(&**app),
            Principal::User(_) => None,
        };
        if username == Some(common_name) || app == Some(common_name) {
            return Ok(());
        }
        Err(Refusal::LogoutByAnother {
            common_name: common_name.to_owned(),
            owner: username.or(app).unwrap_or("nobody any more").to_owned(),
        })
    }

    fn check_request(&self, login: &CertificateLogin<'_>) -> Result<(), Refusal> {
        if self.settings.authenticate_body == AuthenticateBody::Tolerant {
            return Ok(());
        }
        match (login.has_body, login.has_content_type) {
            (true, content_type) => Err(Refusal::AuthenticateWithBody { content_type }),
            (false, true) => Err(Refusal::AuthenticateWithContentType),
            (false, false) => Ok(()),
        }
    }

    /// The outcome table of certificate logins, each row after those that real pods check first.
    fn user_of_certificate(&self, login: &CertificateLogin<'_>) -> Result<UserId, Refusal> {
        let minimum = self.settings.minimum_key_bits;
        let (algorithm, strength) = login.key;
        if strength < minimum {
            let algorithm = algorithm.to_owned();
            return Err(Refusal::KeyTooWeak { algorithm, strength, minimum });
        }
        let Some(common_name) = login.common_name else {
            return Err(Refusal::CommonNameMissing { subject: login.subject.to_owned() });
        };
        let Some(user) = self.users.by_username(self.identity.id, common_name) else {
            let nearest = self.users.nearest_username(self.identity.id, common_name);
            return Err(Refusal::CommonNameUnknown {
                common_name: common_name.to_owned(),
                nearest: nearest.map(str::to_owned),
            });
        };
        let username = || user.username.clone();
        if !user.is_active() {
            return Err(Refusal::UserInactive { username: username() });
        }
        if !user.is_service_user() {
            return Err(Refusal::UserNotServiceUser { username: username() });
        }
        if !user.certificate_login {
            return Err(Refusal::CertificateLoginSwitchedOff { username: username() });
        }
        if self.apps.by_id(common_name).is_some_and(|app| app.enabled && app.certificate_login) {
            return Err(Refusal::AppClaimsName { username: username() });
        }
        Ok(user.id)
    }

    fn open_user_session(
        &mut self,
        user: UserId,
        space: TokenSpace,
        now: Timestamp,
    ) -> (String, Session) {
        let token = match space {
            TokenSpace::KeyManager => key_manager_token(&mut self.chance),
            TokenSpace::Pod => {
                let subject = self.users.by_id(user).map_or("", |user| user.username.as_str());
                SessionClaims { subject, user, app: None, created: now }.token(&mut self.chance)
            }
        };
        let session = Session {
            principal: Principal::User(user),
            created: now,
            expires: now.plus(self.settings.session_lifetime),
        };
        (token, session)
    }
}
