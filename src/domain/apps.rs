use std::collections::BTreeMap;
use std::sync::Arc;

use imbl::OrdMap;

use super::similarity::nearest;
use super::{AppPermission, KeyRing, Manifest, Refusal, StoreListing, UserId};

/// An application registered on the pod.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct App {
    /// The `appGroupId`: also the Common Name of the app's certificate and the `sub` of its JWTs.
    pub id: Arc<str>,
    pub name: String,
    pub enabled: bool,
    /// Whether the app's manifest carries a certificate, with which it may log in.
    pub certificate_login: bool,
    /// The RSA keys of its JWT logins.
    pub keys: KeyRing,
    /// Whether every user of the pod has it unless told otherwise.
    pub installed_for_all: bool,
    /// The users who were told otherwise, and what.
    pub installed: BTreeMap<UserId, bool>,
    /// What it may do in its users' names: permissions as manifests write them, those included that
    /// no operation asks for.
    pub permissions: Vec<String>,
    pub manifest: Manifest,
    pub store: StoreListing,
}

/// The pod's applications by id.
#[derive(Debug, Clone, Default)]
pub struct Apps(OrdMap<Arc<str>, Arc<App>>);

impl App {
    pub fn is_installed_for(&self, user: UserId) -> bool {
        self.installed.get(&user).copied().unwrap_or(self.installed_for_all)
    }

    pub fn may(&self, permission: AppPermission) -> bool {
        self.permissions.iter().any(|held| held == permission.as_str())
    }
}

impl Apps {
    /// Adds `app`, or gives it back when its id is taken.
    pub fn insert(&mut self, app: App) -> Result<(), Box<App>> {
        if self.0.contains_key(&app.id) {
            return Err(Box::new(app));
        }
        self.0.insert(Arc::clone(&app.id), Arc::new(app));
        Ok(())
    }

    pub fn by_id(&self, id: &str) -> Option<&App> {
        self.0.get(id).map(Arc::as_ref)
    }

    /// The app with this id, if it may do anything.
    pub fn enabled(&self, id: &str) -> Result<&App, Refusal> {
        match self.by_id(id) {
            Some(app) if app.enabled => Ok(app),
            Some(app) => Err(Refusal::AppDisabled { id: app.id.to_string() }),
            None => Err(Refusal::AppUnknown { id: id.to_owned(), nearest: None }),
        }
    }

    pub fn by_id_mut(&mut self, id: &str) -> Option<&mut App> {
        self.0.get_mut(id).map(Arc::make_mut)
    }

    pub fn remove(&mut self, id: &str) -> Option<App> {
        self.0.remove(id).map(Arc::unwrap_or_clone)
    }

    /// The apps in the order of their ids.
    pub fn iter(&self) -> impl Iterator<Item = &App> {
        self.0.values().map(Arc::as_ref)
    }

    /// The app id most like `id`, for the sake of a helpful refusal.
    pub fn nearest_id(&self, id: &str) -> Option<&str> {
        nearest(self.0.keys().map(|known| &**known), id)
    }
}
