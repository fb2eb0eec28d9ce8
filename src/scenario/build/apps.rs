//! Extension apps.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::mistakes::all;
use super::{Builder, Built, Mistakes};
use crate::domain::{App, StoreListing};
use crate::scenario::document::AppSeed;
use crate::scenario::{contradiction, export};

impl Builder<'_> {
    pub(super) fn add_app(&mut self, n: usize, seed: &AppSeed) -> Built<()> {
        let at = format!("apps[{n}]");
        let is_id = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        if seed.id.is_empty() || !seed.id.chars().all(is_id) {
            let problem = format!("{:?} is no app id: letters, digits, `_` and `-` only", seed.id);
            return Err(contradiction(format!("{at}.id"), problem));
        }
        let known = self.world.apps.by_id(&seed.id).filter(|_| self.change.is_some());
        if let Some(known) = known {
            let seed = self.changed("apps", Some(n), export::app(&self.world, known))?;
            let app = self.app(&at, &seed)?;
            if let Some(known) = self.world.apps.by_id_mut(&seed.id) {
                *known = app;
            }
            return Ok(());
        }
        let app = self.app(&at, seed)?;
        self.world.apps.insert(app).map_err(|app| {
            contradiction(format!("{at}.id"), format!("there is an app {:?} already", &*app.id))
        })
    }

    fn app(&self, at: &str, seed: &AppSeed) -> Built<App> {
        let for_users = |field: &str, users: &BTreeMap<String, bool>| -> Built<_> {
            let at = format!("{at}.{field}");
            all(users.iter().map(|(user, value)| Ok((self.member(&at, user)?, *value))))
        };
        let products = seed.products.iter().map(|(user, products)| {
            Ok((self.member(&format!("{at}.products"), user)?, products.clone()))
        });
        let mut mistakes = Mistakes::default();
        let keys = self.key_ring(at, seed.public_key.as_deref(), seed.keys.as_ref());
        let app = App {
            id: Arc::from(&*seed.id),
            name: seed.name.clone().unwrap_or_else(|| seed.id.clone()),
            enabled: seed.enabled,
            certificate_login: seed.certificate_login,
            keys: mistakes.note(keys).unwrap_or_default(),
            installed_for_all: seed.installed_for_all,
            installed: mistakes.note(for_users("installed", &seed.installed)).unwrap_or_default(),
            permissions: seed.permissions.clone(),
            manifest: seed.manifest.clone().unwrap_or_default(),
            store: StoreListing {
                listed_for_all: seed.listed_for_all,
                listed: mistakes.note(for_users("listed", &seed.listed)).unwrap_or_default(),
                products: mistakes.note(all(products)).unwrap_or_default(),
            },
        };
        mistakes.unless_any(app)
    }
}
