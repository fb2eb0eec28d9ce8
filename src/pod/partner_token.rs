//! Access tokens of partners of Community Connect, as Symphony's authorization server gives them.

use std::time::Duration;

use serde::Serialize;

use super::Pod;
use crate::domain::{Partner, World};

/// An access token, as RFC 6749 (5.1) has it.
#[derive(Serialize, schemars::JsonSchema)]
pub struct PartnerToken {
    /// What goes into `Authorization`.
    pub access_token: String,
    /// `Bearer`.
    token_type: &'static str,
    /// In seconds.
    expires_in: u64,
    /// What it opens.
    scope: &'static str,
}

/// What a partner's token says.
#[derive(Serialize)]
struct Claims<'a> {
    #[serde(rename = "https://auth.symphony.com/partner_id")]
    partner: &'a str,
    iss: String,
    sub: String,
    aud: &'static str,
    iat: u64,
    exp: u64,
    azp: &'a str,
    scope: &'static str,
    gty: &'static str,
}

impl Pod {
    /// A new access token of a partner's, which is good on this pod.
    pub fn partner_token(&self, world: &mut World, partner: &Partner) -> PartnerToken {
        /// That of the documentation's sample is good for a day.
        const LIFETIME: Duration = Duration::from_secs(24 * 60 * 60);
        const SCOPE: &str = "community:accounts:onboard";
        let now = self.clock.now();
        let end = now.plus(LIFETIME);
        let access_token = self.signer.sign(&Claims {
            partner: &partner.name,
            iss: "https://us-auth.prod.symphony.com/".into(),
            sub: format!("{}@clients", partner.client_id),
            aud: "https://api.symphony.com/partners",
            iat: now.as_secs(),
            exp: end.as_secs(),
            azp: &partner.client_id,
            scope: SCOPE,
            gty: "client-credentials",
        });
        world.connect.give_token(&access_token, &partner.name, end, now);
        let expires_in = LIFETIME.as_secs();
        PartnerToken { access_token, token_type: "Bearer", expires_in, scope: SCOPE }
    }
}
