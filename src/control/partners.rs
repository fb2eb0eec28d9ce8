//! Partners of Community Connect: access tokens, as Symphony's authorization server gives them.

use axum::Json;

use super::ControlRefusal;
use super::extract::{CurrentTenant, PathParameter};
use crate::pod::PartnerToken;

/// Gives a partner an access token. Whoever is no partner yet becomes one.
pub async fn mint(
    tenant: CurrentTenant,
    PathParameter(name): PathParameter<String>,
) -> Result<Json<PartnerToken>, ControlRefusal> {
    if name.trim().is_empty() {
        return Err(ControlRefusal::field("name", "is empty"));
    }
    let mut world = tenant.pod.world();
    let partner = world.partner_called(&name);
    Ok(Json(tenant.pod.partner_token(&mut world, &partner)))
}
