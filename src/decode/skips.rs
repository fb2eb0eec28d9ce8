//! What of a document is passed over while it is read, so that one mistake does not hide the others.

use std::collections::BTreeMap;

use serde_path_to_error::{Path, Segment};

/// A step from a value to one in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    Key(String),
    Index(usize),
}

/// Parts of a document, as a tree of the ways to them.
#[derive(Debug, Default)]
pub struct Skips {
    whole: bool,
    keys: BTreeMap<String, Skips>,
    items: BTreeMap<usize, Skips>,
    repeated_keys: bool,
}

impl Skips {
    /// Whether this is passed over, and not only something in it.
    pub fn is_whole(&self) -> bool {
        self.whole
    }

    pub fn at_key(&self, key: &str) -> Option<&Self> {
        self.keys.get(key)
    }

    pub fn at_index(&self, index: usize) -> Option<&Self> {
        self.items.get(&index)
    }

    /// Whether a key that is in an object again is passed over. Of the whole document.
    pub fn passes_over_repeated_keys(&self) -> bool {
        self.repeated_keys
    }

    /// False where they were already.
    pub fn pass_over_repeated_keys(&mut self) -> bool {
        !std::mem::replace(&mut self.repeated_keys, true)
    }

    fn at(&self, step: &Step) -> Option<&Self> {
        match step {
            Step::Key(key) => self.at_key(key),
            Step::Index(index) => self.at_index(*index),
        }
    }

    /// Whether the entry of that key, in the object that the steps lead to, is passed over.
    pub fn covers(&self, steps: &[Step], key: &str) -> bool {
        let object = steps.iter().try_fold(self, |skips, step| skips.at(step));
        object.and_then(|skips| skips.at_key(key)).is_some_and(Self::is_whole)
    }

    /// Passes over what the steps lead to from now on. False where it was already.
    pub fn add(&mut self, steps: &[Step]) -> bool {
        let mut skips = self;
        for step in steps {
            skips = match step {
                Step::Key(key) => skips.keys.entry(key.clone()).or_default(),
                Step::Index(index) => skips.items.entry(*index).or_default(),
            };
        }
        !std::mem::replace(&mut skips.whole, true)
    }

    /// The ways to all that is passed over.
    pub fn wholes(&self) -> Vec<Vec<Step>> {
        if self.whole {
            return vec![Vec::new()];
        }
        let keys = self.keys.iter().map(|(key, skips)| (Step::Key(key.clone()), skips));
        let items = self.items.iter().map(|(index, skips)| (Step::Index(*index), skips));
        let mut wholes = Vec::new();
        for (step, skips) in keys.chain(items) {
            for mut steps in skips.wholes() {
                steps.insert(0, step.clone());
                wholes.push(steps);
            }
        }
        wholes
    }

    /// The place in its list of what is the n-th of those that were not passed over.
    pub fn place(&self, n: usize) -> usize {
        let before = self.items.iter().filter(|(_, skips)| skips.is_whole());
        before.fold(n, |place, (index, _)| place + usize::from(*index <= place))
    }

    /// The steps of a path in whose lists nothing that was passed over was counted.
    pub fn steps(&self, path: &Path) -> Vec<Step> {
        let mut skips = Some(self);
        let mut steps = Vec::new();
        for segment in path {
            let step = match segment {
                Segment::Seq { index } => {
                    Step::Index(skips.map_or(*index, |skips| skips.place(*index)))
                }
                Segment::Map { key: name } | Segment::Enum { variant: name } => {
                    Step::Key(name.clone())
                }
                Segment::Unknown => continue,
            };
            skips = skips.and_then(|skips| skips.at(&step));
            steps.push(step);
        }
        steps
    }
}
