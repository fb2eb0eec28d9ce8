use std::sync::Arc;

use super::{FaultPlan, PlanError, Tally};
use crate::control::Tenant;

/// A fault that is planned. Dropping this removes it, and ends what it makes wait.
#[derive(Debug)]
#[must_use = "the fault is removed when this value is dropped"]
pub struct FaultGuard {
    tenant: Arc<Tenant>,
    id: u64,
}

impl FaultGuard {
    /// Plans a fault for as long as the guard lives.
    pub(crate) fn plan(tenant: &Arc<Tenant>, plan: FaultPlan) -> Result<Self, PlanError> {
        let id = tenant.faults.plan(plan, &tenant.pod)?;
        Ok(Self { tenant: Arc::clone(tenant), id })
    }

    /// How many calls it was meant for: those of its operations and its user, hit or not.
    pub fn matched(&self) -> u64 {
        self.tally().matched
    }

    /// How many calls it hit.
    pub fn fired(&self) -> u64 {
        self.tally().fired
    }

    fn tally(&self) -> Tally {
        // The control port may have removed it.
        self.tenant.faults.tally(self.id).unwrap_or(Tally { matched: 0, fired: 0 })
    }
}

impl Drop for FaultGuard {
    fn drop(&mut self) {
        self.tenant.faults.remove(self.id, &self.tenant.pod);
    }
}
