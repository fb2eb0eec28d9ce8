use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;

use super::session::SessionClaims;
use super::{
    App, AppPermission, CertificateLogin, JwtFault, KeyId, PodId, Principal, Refusal, Session,
    Timestamp, User, UserId, Users, World, avatar_urls,
};

/// In whose name an app wants a session.
#[derive(Debug, Clone, Copy)]
pub enum OnBehalfOf<'a> {
    UserId(u64),
    Username(&'a str),
}

/// What an extension app and the pod have told each other (circle of trust).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExtensionAppTokens {
    pub app: Arc<str>,
    /// The app's own token, as it came.
    pub app_token: String,
    /// The pod's answer to it.
    pub symphony_token: String,
    pub expires: Timestamp,
}

/// The claims with which the pod tells an app's front end who its user is.
#[derive(Debug, Clone, Serialize)]
pub struct IdentityClaims {
    iss: &'static str,
    /// The user's id, as a number: both BDKs bear it, and pods were seen to send it so.
    sub: u64,
    aud: String,
    /// In seconds. The documentation speaks of milliseconds, but both BDKs check it with
    /// libraries that expect seconds.
    exp: u64,
    user: IdentityUser,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct IdentityUser {
    id: u64,
    email_address: String,
    username: String,
    first_name: String,
    last_name: String,
    display_name: String,
    title: String,
    company: String,
    company_id: u32,
    location: String,
    avatar_url: String,
    avatar_small_url: String,
}

/// How long a symphonyToken and an identity JWT are good: "within five minutes", as documented.
const FIVE_MINUTES: Duration = Duration::from_secs(300);

/// Longest app token that a pod takes, as Symphony's own integration bridge says.
const APP_TOKEN_MAX: usize = 1_000;

impl World {
    /// Opens a session for the app whom a client certificate names.
    pub fn log_in_app_with_certificate(
        &mut self,
        login: &CertificateLogin<'_>,
        now: Timestamp,
    ) -> Result<(String, Session), Refusal> {
        let app = Arc::clone(&self.app_of_certificate(login)?.id);
        Ok(self.open_app_session(app, None, now))
    }

    /// Opens a session for the app whose `key` verified a JWT.
    pub fn log_in_app_with_key(
        &mut self,
        app: &str,
        key: KeyId,
        now: Timestamp,
    ) -> Result<(String, Session), Refusal> {
        let app = self.apps.enabled(app)?;
        // The key may have been revoked while the signature was verified.
        if !app.keys.good(now).any(|good| good.id() == key) {
            return Err(Refusal::JwtRefused(JwtFault::NoKey { subject: app.id.to_string() }));
        }
        let app = Arc::clone(&app.id);
        Ok(self.open_app_session(app, Some(key), now))
    }

    fn open_app_session(
        &mut self,
        app: Arc<str>,
        key: Option<KeyId>,
        now: Timestamp,
    ) -> (String, Session) {
        let claims = SessionClaims::new(&app, None, now, &self.settings);
        let (token, serial) = claims.token(&mut self.rng);
        (token, self.session(Principal::App(app), serial, key, now))
    }

    /// Opens a session on behalf of a user for the app whose session `app_session` is.
    ///
    /// The session is independent of the app's: nothing in a recorded token links the two, so
    /// logging the app out leaves it alive.
    pub fn log_in_on_behalf_of(
        &mut self,
        app_session: &Session,
        user: OnBehalfOf<'_>,
        by_certificate: bool,
        now: Timestamp,
    ) -> Result<(String, Session), Refusal> {
        let Principal::App(app) = &app_session.principal else {
            return Err(Refusal::AppSessionExpected);
        };
        let app = self.apps.enabled(app)?;
        let unknown = || Refusal::OnBehalfOfUnknown { user: user.to_string(), by_certificate };
        let user = user.find(&self.users, self.identity.id).ok_or_else(unknown)?;
        let names = || (app.id.to_string(), user.username.clone());
        if !user.is_active(now) {
            return Err(Refusal::OnBehalfOfInactive { username: user.username.clone() });
        }
        if !app.is_installed_for(user.id) {
            let (app, username) = names();
            return Err(Refusal::AppNotInstalled { app, username });
        }
        if !app.may(AppPermission::ActAsUser) {
            let app = app.id.to_string();
            return Err(Refusal::AppLacks { app, needs: vec![AppPermission::ActAsUser] });
        }
        let (app_id, user_id) = (Arc::clone(&app.id), user.id);
        let claims = SessionClaims::new(&user.username, Some(user.id), now, &self.settings);
        let claims = claims.of_app(&app.id, &app.permissions);
        let (token, serial) = claims.token(&mut self.rng);
        let principal = Principal::OnBehalfOf { app: app_id, user: user_id };
        Ok((token, self.session(principal, serial, None, now)))
    }

    /// Whether a session on behalf of a user may make a call that needs one of `permissions`.
    /// Without any, the call is not open to apps at all.
    pub fn check_on_behalf_of(
        &self,
        app: &str,
        permissions: &[AppPermission],
    ) -> Result<(), Refusal> {
        let allowed = self
            .apps
            .by_id(app)
            .is_some_and(|app| permissions.iter().any(|needed| app.may(*needed)));
        if allowed {
            return Ok(());
        }
        Err(Refusal::AppLacks { app: app.to_owned(), needs: permissions.to_vec() })
    }

    /// Answers an app's token with the pod's own. `app` proved who it is.
    pub fn authenticate_extension_app(
        &mut self,
        app: Arc<str>,
        app_token: String,
        now: Timestamp,
    ) -> Result<ExtensionAppTokens, Refusal> {
        if app_token.is_empty() || app_token.len() > APP_TOKEN_MAX {
            return Err(Refusal::AppTokenLength { length: app_token.len() });
        }
        let symphony_token = self.rng.hex::<64>();
        Ok(ExtensionAppTokens { app, app_token, symphony_token, expires: now.plus(FIVE_MINUTES) })
    }

    /// The app whom a client certificate names, where it may log in so.
    pub fn app_of_certificate(&self, login: &CertificateLogin<'_>) -> Result<&App, Refusal> {
        let common_name = self.common_name(login)?;
        let Some(app) = self.apps.by_id(common_name) else {
            return Err(Refusal::AppUnknown {
                id: common_name.to_owned(),
                nearest: self.apps.nearest_id(common_name).map(str::to_owned),
            });
        };
        if !app.enabled {
            return Err(Refusal::AppDisabled { id: app.id.to_string() });
        }
        if !app.certificate_login {
            return Err(Refusal::AppCertificateNotTrusted { id: app.id.to_string() });
        }
        Ok(app)
    }

    /// What the pod tells the front end of `app` about `user`.
    pub fn identity_claims(
        &self,
        app: &str,
        user: UserId,
        now: Timestamp,
    ) -> Result<IdentityClaims, Refusal> {
        let app = self.apps.enabled(app)?;
        let user = self.users.by_id(user).ok_or_else(|| Refusal::OnBehalfOfUnknown {
            user: user.to_string(),
            by_certificate: false,
        })?;
        let picture = |sizes: [&str; 2]| {
            let mut urls = avatar_urls(user.avatar.as_ref(), user.id).into_iter();
            let url = urls.find(|(size, _)| sizes.contains(size));
            url.map(|(_, url)| url).unwrap_or_default()
        };
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        Ok(IdentityClaims {
            iss: "Symphony Communication Services LLC.",
            sub: user.id.as_u64(),
            aud: app.id.to_string(),
            exp: now.plus(FIVE_MINUTES).as_secs(),
            user: IdentityUser {
                id: user.id.as_u64(),
                email_address: text(&user.email),
                // Since SBE 1.55.3 it holds the e-mail.
                username: user.email.clone().unwrap_or_else(|| user.username.clone()),
                first_name: text(&user.first_name),
                last_name: text(&user.last_name),
                display_name: user.display_name.clone(),
                title: text(&user.title),
                company: user.company.clone(),
                company_id: user.id.pod().0,
                location: text(&user.location),
                avatar_url: picture(["150", "original"]),
                avatar_small_url: picture(["50", "small"]),
            },
        })
    }
}

impl OnBehalfOf<'_> {
    /// The pod's own user who is meant.
    fn find<'u>(&self, users: &'u Users, own: PodId) -> Option<&'u User> {
        match self {
            Self::UserId(id) => {
                users.by_id(UserId::from_wire(*id)).filter(|user| user.id.pod() == own)
            }
            Self::Username(name) => users.by_username(own, name),
        }
    }
}

impl fmt::Display for OnBehalfOf<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UserId(id) => id.fmt(f),
            Self::Username(name) => name.fmt(f),
        }
    }
}
