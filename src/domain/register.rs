//! What a pod keeps in the order in which it came, and finds by id and by name.

use std::borrow::Borrow;

use imbl::OrdMap;

/// What a [`Register`] keeps.
pub trait Registered: Clone {
    type Id: Ord + Clone;
    /// What it goes by beside its id, and need not be the only one to.
    type Name: Ord + Clone;

    fn id(&self) -> Self::Id;
    fn name(&self) -> Self::Name;
}

/// All there are of a kind, in the order in which they came. Ids are unique.
#[derive(Debug, Clone)]
pub struct Register<T: Registered> {
    all: OrdMap<usize, T>,
    /// How many have come, those included that are gone.
    counted: usize,
    by_id: OrdMap<T::Id, usize>,
    /// Where those stand that go by a name, in their order.
    by_name: OrdMap<T::Name, Vec<usize>>,
}

impl<T: Registered> Register<T> {
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &T> {
        self.all.values()
    }

    pub fn by_id<Q: Ord + ?Sized>(&self, id: &Q) -> Option<&T>
    where
        T::Id: Borrow<Q>,
    {
        self.at(self.place(id)?)
    }

    /// Where among all it stands, which never changes.
    pub fn place<Q: Ord + ?Sized>(&self, id: &Q) -> Option<usize>
    where
        T::Id: Borrow<Q>,
    {
        self.by_id.get(id).copied()
    }

    pub fn at(&self, place: usize) -> Option<&T> {
        self.all.get(&place)
    }

    /// The first that goes by a name.
    pub fn called<Q: Ord + ?Sized>(&self, name: &Q) -> Option<&T>
    where
        T::Name: Borrow<Q>,
    {
        self.all_called(name).next()
    }

    /// Those that go by a name, in their order.
    pub fn all_called<Q: Ord + ?Sized>(&self, name: &Q) -> impl Iterator<Item = &T>
    where
        T::Name: Borrow<Q>,
    {
        self.by_name.get(name).into_iter().flatten().filter_map(|place| self.at(*place))
    }

    /// Adds one, or puts it in the place of the one that has its id, which it gives.
    pub fn put(&mut self, new: T) -> Option<T> {
        let (id, name) = (new.id(), new.name());
        let place = self.place(&id).unwrap_or(self.counted);
        let before = self.all.insert(place, new);
        match &before {
            Some(before) => self.forget_name(&before.name(), place),
            None => self.counted += 1,
        }
        let named = self.by_name.entry(name).or_default();
        named.insert(named.partition_point(|other| *other < place), place);
        self.by_id.insert(id, place);
        before
    }

    /// Takes one away, and gives it.
    pub fn remove<Q: Ord + ?Sized>(&mut self, id: &Q) -> Option<T>
    where
        T::Id: Borrow<Q>,
    {
        let place = self.by_id.remove(id)?;
        let gone = self.all.remove(&place)?;
        self.forget_name(&gone.name(), place);
        Some(gone)
    }

    fn forget_name(&mut self, name: &T::Name, place: usize) {
        if let Some(named) = self.by_name.get_mut(name) {
            named.retain(|other| *other != place);
            if named.is_empty() {
                self.by_name.remove(name);
            }
        }
    }

    /// Changes what is neither id nor name of one. Gives whether there is one of the id.
    pub fn change<Q: Ord + ?Sized>(&mut self, id: &Q, change: impl FnOnce(&mut T)) -> bool
    where
        T::Id: Borrow<Q>,
    {
        let known = self.place(id).and_then(|place| self.all.get_mut(&place));
        known.map(change).is_some()
    }
}

impl<T: Registered> Default for Register<T> {
    fn default() -> Self {
        Self { all: OrdMap::new(), counted: 0, by_id: OrdMap::new(), by_name: OrdMap::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Named = (u8, &'static str);

    impl Registered for Named {
        type Id = u8;
        type Name = &'static str;

        fn id(&self) -> u8 {
            self.0
        }

        fn name(&self) -> &'static str {
            self.1
        }
    }

    #[test]
    fn one_that_is_put_in_the_place_of_another_goes_by_its_own_name() {
        let mut register = Register::<Named>::default();
        assert_eq!((register.put((7, "a")), register.put((3, "a"))), (None, None));
        assert_eq!(register.called("a"), Some(&(7, "a")));
        assert_eq!(register.put((7, "b")), Some((7, "a")));
        assert_eq!(
            (register.called("a"), register.called("b")),
            (Some(&(3, "a")), Some(&(7, "b")))
        );
        assert_eq!(register.put((7, "a")), Some((7, "b")));
        assert_eq!((register.called("a"), register.called("b")), (Some(&(7, "a")), None));
        assert_eq!(register.all_called("a").collect::<Vec<_>>(), [&(7, "a"), &(3, "a")]);
        assert_eq!(register.iter().collect::<Vec<_>>(), [&(7, "a"), &(3, "a")]);
        assert_eq!((register.by_id(&3), register.by_id(&4)), (Some(&(3, "a")), None));
    }

    #[test]
    fn one_that_is_gone_leaves_its_name_and_the_places_of_others() {
        let mut register = Register::<Named>::default();
        assert_eq!([(7, "a"), (3, "b"), (5, "a")].map(|it| register.put(it)), [None; 3]);
        assert_eq!((register.remove(&7), register.remove(&7)), (Some((7, "a")), None));
        assert_eq!((register.by_id(&7), register.called("a")), (None, Some(&(5, "a"))));
        assert_eq!((register.place(&5), register.put((7, "b"))), (Some(2), None));
        assert_eq!(register.iter().collect::<Vec<_>>(), [&(3, "b"), &(5, "a"), &(7, "b")]);
        assert_eq!(register.all_called("b").collect::<Vec<_>>(), [&(3, "b"), &(7, "b")]);
    }
}
