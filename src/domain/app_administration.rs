use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::audit::{Action, Deed};
use super::{
    App, AppPermission, Certificate, KeyChange, KeyChanges, KeyId, KeyRing, PublicKey, Refusal,
    Timestamp, UserId, World,
};

/// What an app's manifest says and the pod itself makes no use of.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Manifest {
    /// Where the app's front end is loaded from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Domain of the app's front end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
    /// Who makes the app.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub publisher: Option<String>,
    /// Where its icon is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub icon_url: Option<String>,
    /// What the app does, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Origins from which the app's front end may call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allow_origins: Option<String>,
    /// As it was given: a certificate, or the public key of JWT logins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certificate: Option<String>,
    /// As they were given, those of the company's own invention included; none where a seed said
    /// it in other words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub permissions: Option<Vec<String>>,
    /// Where the app wants to be called back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notification: Option<Notification>,
    /// What the app's front end is configured with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub properties: Option<Vec<AppProperty>>,
}

/// Where an app wants to be called back.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Notification {
    /// Where to call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// What to show there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api_key: Option<String>,
}

/// What an app's front end is configured with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AppProperty {
    /// Name of the property.
    pub key: String,
    /// Its value.
    pub value: String,
}

/// Who sees an app in the store, and what they bought of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StoreListing {
    pub listed_for_all: bool,
    /// The users for whom it is otherwise.
    pub listed: BTreeMap<UserId, bool>,
    pub products: BTreeMap<UserId, Vec<Product>>,
}

/// A way to have an app, as `Product` of the pod API writes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Product {
    /// Id of the app.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app_id: Option<String>,
    /// What is bought.
    pub name: String,
    /// The number by which it is sold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sku: Option<String>,
    /// Whether the user has it.
    pub subscribed: bool,
    /// `default`, `premium` or whatever else the app sells.
    #[serde(rename = "type")]
    pub kind: String,
}

/// What a request says about an app. What is absent stays as it is.
#[derive(Debug, Clone, Default)]
pub struct AppChange {
    pub id: Option<String>,
    pub name: Option<String>,
    pub manifest: Manifest,
    pub keys: KeyChanges,
}

/// What the company says about an app.
#[derive(Debug, Clone)]
pub struct PodEntitlement {
    pub app: String,
    pub enabled: bool,
    pub listed: bool,
    pub installed: bool,
}

/// What is said about one user's having an app. What is absent stays as it is.
#[derive(Debug, Clone)]
pub struct UserEntitlement {
    pub app: String,
    pub listed: Option<Override>,
    pub installed: Option<Override>,
    pub products: ProductChange,
}

/// What the user has instead of what the company says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Override {
    Value(bool),
    /// What the company says.
    Removed,
}

/// What becomes of the products a user has of an app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProductChange {
    Keep,
    /// All of them.
    Replace(Vec<Product>),
    /// The one of this name.
    Set(Product),
}

impl World {
    /// The app, for whoever administers it.
    pub fn app(&self, id: &str) -> Result<&App, Refusal> {
        self.apps.by_id(id).ok_or_else(|| self.no_such_app(id))
    }

    /// Registers an app. It is neither enabled nor listed nor installed: that is said afterwards,
    /// of the company or of users.
    pub fn create_app(
        &mut self,
        new: AppChange,
        by: UserId,
        now: Timestamp,
    ) -> Result<&App, Refusal> {
        let id = new.id.clone().ok_or_else(|| malformed("applicationInfo.appId is missing"))?;
        self.check_app_id(&id)?;
        let mut app = App {
            id: Arc::from(&*id),
            name: id.clone(),
            enabled: false,
            certificate_login: false,
            keys: KeyRing::default(),
            installed_for_all: false,
            installed: BTreeMap::new(),
            // All apps have it unless they say which they have.
            permissions: vec![AppPermission::ActAsUser.as_str().to_owned()],
            manifest: Manifest::default(),
            store: StoreListing::default(),
        };
        new.apply(&mut app, now)?;
        // The id was looked at above, under the same lock.
        self.apps.insert(app).map_err(|_| Refusal::Bug)?;
        self.record_app(by, Action::AppCreated, &id, None, now);
        self.app(&id)
    }

    /// Changes an app. Gives the keys whose sessions end.
    pub fn update_app(
        &mut self,
        id: &str,
        change: AppChange,
        by: UserId,
        now: Timestamp,
    ) -> Result<Vec<KeyId>, Refusal> {
        let before = self.app(id)?.clone();
        let mut app = before.clone();
        if change.id.as_ref().is_some_and(|other| other != id) {
            return Err(malformed("applicationInfo.appId cannot be changed"));
        }
        let revoked = change.apply(&mut app, now)?;
        if app != before {
            *self.apps.by_id_mut(id).ok_or(Refusal::Bug)? = app;
            self.record_app(by, Action::AppUpdated, id, None, now);
        }
        Ok(revoked)
    }

    /// Takes an app off the pod, with everybody's entitlements to it.
    pub fn delete_app(&mut self, id: &str, by: UserId, now: Timestamp) -> Result<App, Refusal> {
        self.app(id)?;
        self.record_app(by, Action::AppDeleted, id, None, now);
        self.apps.remove(id).ok_or(Refusal::Bug)
    }

    /// Says what the company says of these apps; of others nothing changes.
    pub fn entitle_pod(
        &mut self,
        entitlements: &[PodEntitlement],
        by: UserId,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        for entitlement in entitlements {
            self.app(&entitlement.app)?;
        }
        for entitlement in entitlements {
            let Some(app) = self.apps.by_id_mut(&entitlement.app) else { continue };
            let wanted = (entitlement.enabled, entitlement.installed, entitlement.listed);
            if wanted != (app.enabled, app.installed_for_all, app.store.listed_for_all) {
                (app.enabled, app.installed_for_all, app.store.listed_for_all) = wanted;
                let action = Action::PodAppEntitlementUpdate;
                self.record_app(by, action, &entitlement.app, None, now);
            }
        }
        Ok(())
    }

    /// Says what one user has of these apps; of others nothing changes.
    pub fn entitle_user(
        &mut self,
        user: UserId,
        entitlements: Vec<UserEntitlement>,
        by: UserId,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        self.own_user(user)?;
        for entitlement in &entitlements {
            self.app(&entitlement.app)?;
        }
        for entitlement in entitlements {
            let Some(app) = self.apps.by_id_mut(&entitlement.app) else { continue };
            let in_store =
                |app: &App| (app.is_listed_for(user), app.store.products.get(&user).cloned());
            let (id, had, before) =
                (Arc::clone(&app.id), app.is_installed_for(user), in_store(app));
            entitlement.apply(app, user);
            let (has, after) = (app.is_installed_for(user), in_store(app));
            if has != had {
                let action = match has {
                    true => Action::UserAppEntitlementInstall,
                    false => Action::UserAppEntitlementUninstall,
                };
                self.record_app(by, action, &id, Some(user), now);
            }
            if after != before {
                let action = Action::UserAppEntitlementUpdate;
                self.record_app(by, action, &id, Some(user), now);
            }
        }
        Ok(())
    }

    fn record_app(
        &mut self,
        by: UserId,
        action: Action,
        id: &str,
        of: Option<UserId>,
        now: Timestamp,
    ) {
        let name = self.apps.by_id(id).map(|app| app.name.clone()).unwrap_or_default();
        let deed = action.deed().with("appId", id).with("appName", name);
        self.record_deed(by, of.into_iter().fold(deed, Deed::to), now);
    }

    fn no_such_app(&self, id: &str) -> Refusal {
        let nearest = self.apps.nearest_id(id).map(str::to_owned);
        Refusal::AppNotRegistered { id: id.to_owned(), nearest }
    }

    /// Letters, digits, `_` and `-`; and neither an app nor a user is called so.
    fn check_app_id(&self, id: &str) -> Result<(), Refusal> {
        let is_id = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        if !(1..=256).contains(&id.len()) || !id.chars().all(is_id) {
            let what = "applicationInfo.appId must have 1 to 256 letters, digits, _ and -";
            return Err(malformed(what));
        }
        if self.apps.by_id(id).is_some() {
            return Err(Refusal::AppIdTaken { id: id.to_owned(), by_user: false });
        }
        if self.users.by_username(self.identity.id, id).is_some() {
            return Err(Refusal::AppIdTaken { id: id.to_owned(), by_user: true });
        }
        Ok(())
    }
}

impl App {
    /// Whether the user sees it in the store.
    pub fn is_listed_for(&self, user: UserId) -> bool {
        self.store.listed.get(&user).copied().unwrap_or(self.store.listed_for_all)
    }

    /// What it may do, as its manifest writes it.
    pub fn declared_permissions(&self) -> Vec<String> {
        self.manifest.permissions.clone().unwrap_or_else(|| self.permissions.clone())
    }
}

impl AppChange {
    /// Writes all of it or nothing.
    fn apply(mut self, app: &mut App, now: Timestamp) -> Result<Vec<KeyId>, Refusal> {
        self.manifest.check()?;
        let mut changed = app.clone();
        let mut revoked = Vec::new();
        if let Some(pem) = &self.manifest.certificate
            && Some(pem) != changed.manifest.certificate.as_ref()
        {
            changed.certificate_login = Certificate::from_pem(pem).is_ok();
            // The field takes the public key of JWT logins as well, and the API file's example
            // has one.
            if !changed.certificate_login && !pem.is_empty() {
                let key = PublicKey::from_pem(pem).map_err(Refusal::KeyRefused)?;
                let is_current = changed.keys.current().is_some_and(|held| held.id() == key.id());
                if !is_current && self.keys.current.is_none() {
                    self.keys.current = Some(KeyChange { key: Some(pem.clone()), action: None });
                }
            }
        }
        revoked.extend(self.keys.apply(&mut changed.keys, now).map_err(Refusal::KeyRefused)?);
        if let Some(declared) = &self.manifest.permissions {
            changed.permissions.clone_from(declared);
        }
        changed.name = self.name.unwrap_or(changed.name);
        changed.manifest = self.manifest.or(changed.manifest);
        changed.manifest.check_domain()?;
        *app = changed;
        Ok(revoked)
    }
}

impl Manifest {
    /// What this says, and what `other` says beyond it.
    fn or(self, other: Self) -> Self {
        Self {
            url: self.url.or(other.url),
            domain: self.domain.or(other.domain),
            publisher: self.publisher.or(other.publisher),
            icon_url: self.icon_url.or(other.icon_url),
            description: self.description.or(other.description),
            allow_origins: self.allow_origins.or(other.allow_origins),
            certificate: self.certificate.or(other.certificate),
            permissions: self.permissions.or(other.permissions),
            notification: self.notification.or(other.notification),
            properties: self.properties.or(other.properties),
        }
    }

    /// The limits that the API file sets.
    fn check(&self) -> Result<(), Refusal> {
        for (field, url) in [("appUrl", &self.url), ("iconUrl", &self.icon_url)] {
            if url.as_ref().is_some_and(|url| !url.is_empty() && !url.starts_with("https://")) {
                return Err(malformed(&format!("{field} must start with https://")));
            }
        }
        let is_name = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
        for permission in self.permissions.iter().flatten() {
            if !(1..=64).contains(&permission.len()) || !permission.chars().all(is_name) {
                let what = format!(
                    "the permission {permission:?} must have 1 to 64 upper-case letters, digits \
                     and _"
                );
                return Err(Refusal::Malformed { what });
            }
        }
        let mut keys = HashSet::new();
        for property in self.properties.iter().flatten() {
            let (key, value) = (&property.key, &property.value);
            if !(1..=1_024).contains(&key.chars().count()) || value.chars().count() > 4_096 {
                let what = "a property has a key of 1 to 1024 and a value of up to 4096 characters";
                return Err(malformed(what));
            }
            if !keys.insert(key) {
                return Err(malformed(&format!("there are two properties {key:?}")));
            }
        }
        Ok(())
    }

    /// The domain must be that of the app's URL.
    fn check_domain(&self) -> Result<(), Refusal> {
        let (Some(url), Some(domain)) = (&self.url, &self.domain) else {
            return Ok(());
        };
        let authority = url.trim_start_matches("https://").split(['/', '?', '#']).next();
        let host = authority.and_then(|authority| authority.split(':').next()).unwrap_or_default();
        let domain = domain.trim_start_matches('.');
        let is_within =
            host == domain || host.strip_suffix(domain).is_some_and(|it| it.ends_with('.'));
        if url.is_empty() || domain.is_empty() || is_within {
            return Ok(());
        }
        Err(malformed(&format!("the domain {domain:?} does not match the appUrl {url:?}")))
    }
}

impl UserEntitlement {
    fn apply(self, app: &mut App, user: UserId) {
        for (change, overrides) in
            [(self.listed, &mut app.store.listed), (self.installed, &mut app.installed)]
        {
            match change {
                Some(Override::Value(value)) => drop(overrides.insert(user, value)),
                Some(Override::Removed) => drop(overrides.remove(&user)),
                None => {}
            }
        }
        match self.products {
            ProductChange::Keep => {}
            ProductChange::Replace(products) => drop(app.store.products.insert(user, products)),
            ProductChange::Set(product) => {
                let held = app.store.products.entry(user).or_default();
                match held.iter_mut().find(|held| held.name == product.name) {
                    Some(held) => *held = product,
                    None => held.push(product),
                }
            }
        }
    }
}

fn malformed(what: &str) -> Refusal {
    Refusal::Malformed { what: what.to_owned() }
}
