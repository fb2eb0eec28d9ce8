//! What has an id and a name of its own.

use imbl::OrdMap;

use super::super::DocumentId;
use super::{Dictionary, DlpPolicy};

/// All dictionaries, or all policies, in the order of their creation.
#[derive(Debug, Clone)]
pub(super) struct Named<T> {
    all: OrdMap<u64, T>,
    ids: OrdMap<DocumentId, u64>,
    names: OrdMap<String, u64>,
    counted: u64,
}

/// The id and the name, which no other has at the time.
pub(super) trait HasName: Clone {
    fn id(&self) -> DocumentId;
    fn name(&self) -> &str;
}

impl HasName for Dictionary {
    fn id(&self) -> DocumentId {
        self.id
    }

    fn name(&self) -> &str {
        &self.latest().name
    }
}

impl HasName for DlpPolicy {
    fn id(&self) -> DocumentId {
        self.id
    }

    fn name(&self) -> &str {
        &self.latest().name
    }
}

impl<T> Named<T>
where
    T: HasName,
{
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &T> {
        self.all.values()
    }

    pub fn get(&self, id: DocumentId) -> Option<&T> {
        self.all.get(self.ids.get(&id)?)
    }

    pub fn called(&self, name: &str) -> Option<&T> {
        self.all.get(self.names.get(name)?)
    }

    /// Adds it, or puts it in the place of the one that has its id.
    pub fn put(&mut self, item: T) {
        let known = self.ids.get(&item.id()).copied();
        let place = known.unwrap_or(self.counted);
        match self.all.get(&place) {
            Some(before) => {
                self.names.remove(before.name());
            }
            None => self.counted += 1,
        }
        self.ids.insert(item.id(), place);
        self.names.insert(item.name().to_owned(), place);
        self.all.insert(place, item);
    }

    pub fn remove(&mut self, id: DocumentId) {
        let place = self.ids.remove(&id);
        if let Some(item) = place.and_then(|place| self.all.remove(&place)) {
            self.names.remove(item.name());
        }
    }
}

impl<T> Default for Named<T> {
    fn default() -> Self {
        let (all, ids, names) = (OrdMap::new(), OrdMap::new(), OrdMap::new());
        Self { all, ids, names, counted: 0 }
    }
}
