//! All kinds of login: each asks the world for permission and opens a session.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use super::Pod;
use crate::clock::Clock;
use crate::domain::{
    CertificateLogin, ExtensionAppTokens, JwtClock, JwtFault, JwtLogin, KeyId, LoginJwt,
    OnBehalfOf, Principal, Refusal, Session, Timestamp, TokenSpace, UserId, World,
};

/// A short-lived access token, as OAuth 2 hands it out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessToken {
    pub token: String,
    /// In seconds.
    pub expires_in: u64,
}

/// The claim of an access token that decides what it opens.
#[derive(Deserialize)]
struct Granted {
    scope: String,
}

/// The claims of an access token.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AccessClaims<'a> {
    iss: &'static str,
    sub: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_id: Option<u64>,
    scope: &'a str,
    iat: u64,
    /// In seconds: the Java BDK gives it up and refreshes when it is over.
    exp: u64,
    /// Makes tokens of the same second different.
    jti: String,
}

impl Pod {
    /// Logs a service user in by client certificate. Answers with the new token.
    pub fn log_in_with_certificate(
        &self,
        login: &CertificateLogin<'_>,
        space: TokenSpace,
    ) -> Result<String, Refusal> {
        let now = self.clock.now();
        self.open(space, |world| world.log_in_with_certificate(login, space, now))
    }

    /// Logs a service user in by a JWT signed with his RSA key. Answers with the new token.
    pub fn log_in_with_jwt(&self, jwt: &str, space: TokenSpace) -> Result<String, Refusal> {
        let now = self.clock.now();
        let (subject, key) = self.verify(jwt, JwtLogin::ServiceUser, now)?;
        self.open(space, |world| world.log_in_with_key(&subject, key, space, now))
    }

    /// Logs an app in by client certificate. Answers with the new token.
    pub fn log_in_app_with_certificate(
        &self,
        login: &CertificateLogin<'_>,
    ) -> Result<String, Refusal> {
        let now = self.clock.now();
        self.open(TokenSpace::Pod, |world| world.log_in_app_with_certificate(login, now))
    }

    /// Logs an app in by a JWT signed with its RSA key. Answers with the new token.
    pub fn log_in_app_with_jwt(&self, jwt: &str) -> Result<String, Refusal> {
        let now = self.clock.now();
        let (app, key) = self.verify(jwt, JwtLogin::App, now)?;
        self.open(TokenSpace::Pod, |world| world.log_in_app_with_key(&app, key, now))
    }

    /// Opens a session on behalf of a user with an app's session token. Answers with its token.
    ///
    /// `common_name` is that of the client certificate where the login is by certificate: it must
    /// be the app's.
    pub fn log_in_on_behalf_of(
        &self,
        app_token: &str,
        user: OnBehalfOf<'_>,
        common_name: Option<&str>,
    ) -> Result<String, Refusal> {
        let now = self.clock.now();
        let app_session = self.session(app_token, TokenSpace::Pod)?;
        self.open(TokenSpace::Pod, |world| {
            if let Some(common_name) = common_name {
                world.check_owner(common_name, &app_session.principal)?;
            }
            world.log_in_on_behalf_of(&app_session, user, common_name.is_some(), now)
        })
    }

    /// Answers an extension app's token. `jwt` is signed with the app's RSA key.
    pub fn authenticate_extension_app(
        &self,
        app_token: String,
        jwt: &str,
    ) -> Result<ExtensionAppTokens, Refusal> {
        let now = self.clock.now();
        let (app, _) = self.verify(jwt, JwtLogin::App, now)?;
        self.world().authenticate_extension_app(app.into(), app_token, now)
    }

    /// Answers the token of an extension app that shows its client certificate.
    pub fn authenticate_extension_app_with_certificate(
        &self,
        app_token: String,
        login: &CertificateLogin<'_>,
    ) -> Result<ExtensionAppTokens, Refusal> {
        let mut world = self.world();
        let app = std::sync::Arc::clone(&world.app_of_certificate(login)?.id);
        world.authenticate_extension_app(app, app_token, self.clock.now())
    }

    /// The JWT with which the pod tells an app's front end who its user is.
    pub fn identity_jwt(&self, app: &str, user: UserId) -> Result<String, Refusal> {
        let claims = self.world().identity_claims(app, user, self.clock.now())?;
        Ok(self.signer.sign(&claims))
    }

    /// Exchanges a session for a short-lived access token. Of the scopes that are asked for,
    /// separated by spaces, it is granted those that the caller may have (RFC 6749, 3.3).
    pub fn access_token(&self, session: &Session, scope: &str) -> AccessToken {
        let now = self.clock.now();
        let (subject, lifetime, jti, scope) = {
            let mut world = self.world();
            let scope = world.granted_scopes(&session.principal, scope);
            let user = session.principal.user().and_then(|user| world.users.by_id(user));
            let name = user.map(|user| user.username.as_str()).or(session.principal.app());
            let name = name.unwrap_or_default().to_owned();
            (name, world.settings.access_token_lifetime, world.rng.hex::<16>(), scope)
        };
        let expires = now.plus(lifetime);
        let token = self.signer.sign(&AccessClaims {
            iss: "symphony",
            sub: &subject,
            user_id: session.principal.user().map(UserId::as_u64),
            scope: &scope,
            iat: now.as_secs(),
            exp: expires.as_secs(),
            jti,
        });
        self.access_tokens.open(&token, Session { created: now, expires, ..session.clone() });
        AccessToken { token, expires_in: lifetime.as_secs() }
    }

    /// The session behind an access token that was granted a scope.
    pub fn session_of_scope(&self, token: &str, scope: &'static str) -> Result<Session, Refusal> {
        let session = self.session_of_access_token(token)?;
        // It is one of ours, and says itself what it was granted.
        let claims = token.split('.').nth(1).and_then(|claims| URL_SAFE_NO_PAD.decode(claims).ok());
        let claims = claims.and_then(|claims| serde_json::from_slice::<Granted>(&claims).ok());
        let granted = claims.map(|claims| claims.scope).unwrap_or_default();
        match granted.split_ascii_whitespace().any(|granted| granted == scope) {
            true => Ok(session),
            false => Err(Refusal::ScopeMissing { scope }),
        }
    }

    /// Opens the session that a login grants, and gives its token.
    ///
    /// The world stays locked until the session is in the store. Suspending the account or revoking
    /// the key at the same moment then either prevents the login or finds the session and ends it.
    fn open(
        &self,
        space: TokenSpace,
        log_in: impl FnOnce(&mut World) -> Result<(String, Session), Refusal>,
    ) -> Result<String, Refusal> {
        let mut world = self.world();
        let (token, session) = log_in(&mut world)?;
        self.sessions(space).open(&token, session);
        Ok(token)
    }

    /// Whose JWT it is, and which key it was signed with.
    fn verify(
        &self,
        jwt: &str,
        login: JwtLogin,
        now: Timestamp,
    ) -> Result<(String, KeyId), Refusal> {
        let verified = || {
            let jwt = LoginJwt::parse(jwt)?;
            // Its own statement, so that the world is not locked while the signature is verified.
            let (keys, clock) = {
                let world = self.world();
                (world.jwt_keys(login, &jwt.subject, now)?, world.settings.jwt_clock)
            };
            let now = match clock {
                JwtClock::Pod => now,
                JwtClock::Machine => Clock::system().now(),
            };
            let key = jwt.verify(&keys, now)?.id();
            Ok((jwt.subject, key))
        };
        verified().map_err(|fault: JwtFault| Refusal::JwtRefused(fault))
    }

    /// The `authorizationToken` of a login's answer, where the settings want one.
    pub fn authorization_token(&self, session_token: &str) -> Option<String> {
        if !self.world().settings.authorization_token {
            return None;
        }
        let session = self.session(session_token, TokenSpace::Pod).ok()?;
        matches!(session.principal, Principal::User(_))
            .then(|| format!("Bearer {}", self.access_token(&session, "").token))
    }
}
