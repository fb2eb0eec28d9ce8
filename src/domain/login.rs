use super::session::{SessionClaims, key_manager_token};
use super::{
    AuthenticateBody, JwtFault, KeyId, Principal, PublicKey, Refusal, Session, Timestamp,
    TokenSpace, User, UserId, World,
};

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

/// Who says with a JWT that he is he.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JwtLogin {
    ServiceUser,
    App,
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
        let user = self.user_of_certificate(login, now)?;
        Ok(self.open_user_session(user, space, None, now))
    }

    /// The keys that verify a JWT whose `sub` is `subject`.
    ///
    /// Verifying takes longer than everything else a login does; the caller does it while the
    /// world goes on.
    pub fn jwt_keys(
        &self,
        login: JwtLogin,
        subject: &str,
        now: Timestamp,
    ) -> Result<Vec<PublicKey>, JwtFault> {
        let unknown = |nearest: Option<&str>| JwtFault::SubjectUnknown {
            subject: subject.to_owned(),
            nearest: nearest.map(str::to_owned),
        };
        let inactive = || JwtFault::Inactive { subject: subject.to_owned() };
        let keys = match login {
            JwtLogin::ServiceUser => {
                let own = self.identity.id;
                let user = self.users.by_username(own, subject);
                let user =
                    user.ok_or_else(|| unknown(self.users.nearest_username(own, subject)))?;
                if !user.is_active(now) {
                    return Err(inactive());
                }
                &user.keys
            }
            JwtLogin::App => {
                let app = self.apps.by_id(subject);
                let app = app.ok_or_else(|| unknown(self.apps.nearest_id(subject)))?;
                if !app.enabled {
                    return Err(inactive());
                }
                &app.keys
            }
        };
        Ok(keys.good(now).cloned().collect())
    }

    /// Opens a session for the user whose `key` verified a JWT.
    pub fn log_in_with_key(
        &mut self,
        username: &str,
        key: KeyId,
        space: TokenSpace,
        now: Timestamp,
    ) -> Result<(String, Session), Refusal> {
        // The key may have been revoked while the signature was verified.
        let user = self
            .users
            .by_username(self.identity.id, username)
            .filter(|user| user.is_active(now) && user.keys.good(now).any(|good| good.id() == key))
            .ok_or_else(|| Refusal::JwtRefused(JwtFault::NoKey { subject: username.to_owned() }))?
            .id;
        Ok(self.open_user_session(user, space, Some(key), now))
    }

    /// Whether a session of this principal is the certificate holder's to use and to end.
    ///
    /// An app logs out the sessions it opened on behalf of users, and so may the user.
    pub fn check_owner(&self, common_name: &str, principal: &Principal) -> Result<(), Refusal> {
        let username = principal
            .user()
            .and_then(|user| self.users.by_id(user))
            .map(|user| user.username.as_str());
        let app = principal.app();
        if username == Some(common_name) || app == Some(common_name) {
            return Ok(());
        }
        Err(Refusal::CertificateOfAnother {
            common_name: common_name.to_owned(),
            owner: username.or(app).unwrap_or("nobody any more").to_owned(),
        })
    }

    /// The Common Name of a certificate whose key is long enough.
    pub(super) fn common_name<'a>(&self, login: &CertificateLogin<'a>) -> Result<&'a str, Refusal> {
        let minimum = self.settings.minimum_key_bits;
        let (algorithm, strength) = login.key;
        if strength < minimum {
            let algorithm = algorithm.to_owned();
            return Err(Refusal::KeyTooWeak { algorithm, strength, minimum });
        }
        let missing = || Refusal::CommonNameMissing { subject: login.subject.to_owned() };
        login.common_name.ok_or_else(missing)
    }

    /// A session that begins now and lives as long as the settings say.
    pub(super) fn session(
        &self,
        principal: Principal,
        serial: [u8; 16],
        key: Option<KeyId>,
        now: Timestamp,
    ) -> Session {
        let expires = now.plus(self.settings.session_lifetime);
        Session { principal, serial, key, created: now, expires }
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
    fn user_of_certificate(
        &self,
        login: &CertificateLogin<'_>,
        now: Timestamp,
    ) -> Result<UserId, Refusal> {
        let common_name = self.common_name(login)?;
        let Some(user) = self.users.by_username(self.identity.id, common_name) else {
            let nearest = self.users.nearest_username(self.identity.id, common_name);
            return Err(Refusal::CommonNameUnknown {
                common_name: common_name.to_owned(),
                nearest: nearest.map(str::to_owned),
            });
        };
        let username = || user.username.clone();
        if !user.is_active(now) {
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
        key: Option<KeyId>,
        now: Timestamp,
    ) -> (String, Session) {
        if let Some(user) = self.users.by_id_mut(user) {
            user.note_login(now);
        }
        let (token, serial) = match space {
            TokenSpace::KeyManager => (key_manager_token(&mut self.rng), self.rng.bytes()),
            TokenSpace::Pod => {
                let subject = self.users.by_id(user).map_or("", |user: &User| &user.username);
                let claims = SessionClaims::new(subject, Some(user), now, &self.settings);
                claims.token(&mut self.rng)
            }
        };
        (token, self.session(Principal::User(user), serial, key, now))
    }
}
