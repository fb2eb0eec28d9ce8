use std::collections::BTreeMap;
use std::sync::Arc;

/// An application registered on the pod.
#[derive(Debug, Clone)]
pub struct App {
    /// The `appGroupId`: also the Common Name of the app's certificate and the `sub` of its JWTs.
    pub id: Arc<str>,
    pub name: String,
    pub enabled: bool,
    /// Whether the app's manifest carries a certificate, with which it may log in.
    pub certificate_login: bool,
    /// Whether every user of the pod has it unless told otherwise.
    pub installed_for_all: bool,
    /// What it may do in its users' names, `ACT_AS_USER` for one.
    pub permissions: Vec<String>,
}

/// The pod's applications by id.
#[derive(Debug, Clone, Default)]
pub struct Apps(BTreeMap<Arc<str>, App>);

impl Apps {
    /// Adds `app`, or gives it back when its id is taken.
    pub fn insert(&mut self, app: App) -> Result<(), App> {
        if self.0.contains_key(&app.id) {
            return Err(app);
        }
        self.0.insert(Arc::clone(&app.id), app);
        Ok(())
    }

    pub fn by_id(&self, id: &str) -> Option<&App> {
        self.0.get(id)
    }

    pub fn by_id_mut(&mut self, id: &str) -> Option<&mut App> {
        self.0.get_mut(id)
    }

    /// The apps in the order of their ids.
    pub fn iter(&self) -> impl Iterator<Item = &App> {
        self.0.values()
    }
}
