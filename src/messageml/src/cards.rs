//! Cards and expandable cards.

use super::Invalid;
use super::check::Checked;
use super::tree::Kind;

pub(super) fn validate(this: Checked<'_>) -> Result<(), Invalid> {
    match this.element().kind {
        Kind::CardHeader | Kind::CardBody => this.child_of(&[Kind::Card]),
        Kind::ExpandableCard => {
            this.required("state")?;
            this.one_of("state", &["collapsed", "cropped", "expanded"])
        }
        Kind::ExpandableHeader => this.child_of(&[Kind::ExpandableCard]),
        Kind::ExpandableBody => {
            this.child_of(&[Kind::ExpandableCard])?;
            this.one_of("variant", &["default", "error"])
        }
        // Anything goes in a card.
        _ => Ok(()),
    }
}
