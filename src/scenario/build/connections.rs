//! Connections between people of different pods.

use super::{Builder, Built};
use crate::domain::{ConnectionRequest, SeededConnection};
use crate::scenario::document::ConnectionSeed;
use crate::scenario::{SeedTime, contradiction, export};

impl Builder<'_> {
    pub(super) fn add_connection(&mut self, n: usize, seed: &ConnectionSeed) -> Built<()> {
        let at = format!("connections[{n}]");
        let (from, to) =
            self.two((&format!("{at}.from"), &seed.from), (&format!("{at}.to"), &seed.to))?;
        if from.pod() == to.pod() {
            let problem = "both are of one pod, whose users are connected from the start".into();
            return Err(contradiction(at, problem));
        }
        let known = self.world.connections.of(from, to).filter(|_| self.change.is_some());
        let changed = known.map(|known| -> Built<_> {
            let current = export::connection(&self.world, known);
            let changed = self.changed("connections", Some(n), current.clone())?;
            // Whoever says what came of it and not when, means now.
            let updated = match changed.status == current.status {
                true => changed.updated,
                false => seed.updated,
            };
            Ok(ConnectionSeed { updated, ..changed })
        });
        let changed = changed.transpose()?;
        let seed = changed.as_ref().unwrap_or(seed);
        let moment = |moment: Option<SeedTime>| moment.map(|moment| moment.resolve(self.now));
        let updated_at = moment(seed.updated).unwrap_or(self.now);
        let first_at = moment(seed.first_asked).unwrap_or(updated_at);
        let count = seed.asked.unwrap_or(1);
        let request = ConnectionRequest { first_at, updated_at, count };
        let status = seed.status.into();
        self.world.connections.seed(SeededConnection { from, to, status, request });
        Ok(())
    }
}
