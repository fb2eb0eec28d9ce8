//! `/_mock/hints`: what a test that fails should look at, whether or not anything was refused.

use axum::Json;
use serde_json::{Value, json};

use super::Tenant;
use super::extract::CurrentTenant;

/// Known mistakes, the surest first.
pub async fn read(tenant: CurrentTenant) -> Json<Value> {
    Json(json!({ "hints": tenant.hints() }))
}

impl Tenant {
    /// What went wrong without any refusal that would tell of it.
    pub fn hints(&self) -> Vec<String> {
        let mut hints: Vec<_> = self.journal.deadly_deletion().into_iter().collect();
        hints.extend(self.pod.world().unheard_in_words());
        hints
    }
}
