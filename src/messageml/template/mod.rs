//! FreeMarker templates in messages. Not expanded yet: a message that holds one is refused.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::Invalid;

/// Expands the templates of a message.
///
/// # Errors
///
/// For every message with a template in it.
pub(super) fn expand<'m>(message: &'m str, _data: &Map<String, Value>) -> Result<Cow<'m, str>, Invalid> {
    if ["<#", "<@", "${", "#{"].iter().any(|start| message.contains(start)) {
        return Err(Invalid::new("FreeMarker templates are not supported"));
    }
    Ok(Cow::Borrowed(message))
}
