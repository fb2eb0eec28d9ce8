//! Whom the calls that a test asks for are of.

use crate::domain::World;

/// That a user of the pod or an app is called so. A name that nobody has would never match, and
/// turn every test green which says that something must not come.
///
/// # Errors
/// Says so, with the nearest name and the way to name somebody who is still to come.
pub fn check_caller(world: &World, name: &str) -> Result<(), String> {
    match world.has_caller(name) {
        true => Ok(()),
        false => Err(format!(
            "{}; \"strict\": false takes the name of somebody who is not there yet",
            world.no_caller(name)
        )),
    }
}
