//! All that is wrong with a document, instead of the first.

use super::Built;
use crate::scenario::ScenarioError;

/// How many are told: each is compared with those before it, and nobody reads more at once.
const MOST: usize = 100;

/// What was found so far.
#[derive(Default)]
pub struct Mistakes {
    told: Vec<ScenarioError>,
    any: bool,
}

impl Mistakes {
    /// What was built, if it was; otherwise why not is kept.
    pub fn note<T>(&mut self, built: Built<T>) -> Option<T> {
        let error = match built {
            Ok(built) => return Some(built),
            Err(error) => error,
        };
        self.any = true;
        for error in error.each() {
            // What two parts of a document refer to is missed by both.
            if self.told.len() < MOST && !self.told.contains(&error) {
                self.told.push(error);
            }
        }
        None
    }

    /// The value, if nothing was wrong.
    pub fn unless_any<T>(self, value: T) -> Built<T> {
        match self.any {
            true => Err(ScenarioError::all(self.told)),
            false => Ok(value),
        }
    }
}

/// All that is to be built, or all that is wrong with it.
pub fn all<T, C: FromIterator<T>>(built: impl IntoIterator<Item = Built<T>>) -> Built<C> {
    let mut mistakes = Mistakes::default();
    let good = built.into_iter().filter_map(|built| mistakes.note(built)).collect();
    mistakes.unless_any(good)
}
