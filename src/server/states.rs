use std::collections::BTreeMap;
use std::sync::Arc;

use super::person::stream_called;
use super::{Error, PodHandle};
use crate::control::{Origin, merge, told};
use crate::domain::{SystemEvent, World};
use crate::scenario::Scenario;

/// What the pod is as a whole, besides [`snapshot`](PodHandle::snapshot) and
/// [`reset`](PodHandle::reset).
impl PodHandle {
    /// Another pod of the server that begins as this one is now. One that was called so is gone.
    ///
    /// ```
    /// # tokio::runtime::Runtime::new()?.block_on(async {
    /// # let pod = symphony_mock_pod::MockPod::start().await?;
    /// pod.user("alice").send("Test Room", "before")?;
    /// let other = pod.fork("what-if")?;
    /// other.user("bob").send("Test Room", "only there")?;
    /// assert_eq!(other.user("alice").messages("Test Room")?.len(), 2);
    /// assert_eq!(pod.user("alice").messages("Test Room")?.len(), 1);
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// When no pod can be called so, or there are too many.
    pub fn fork(&self, name: &str) -> Result<Self, Error> {
        let snapshot = Arc::new(self.tenant.pod.snapshot());
        let made = self.server.pods.create(name, Origin::Copy(snapshot));
        let (tenant, _) = made.map_err(|error| Error::PodName(error.to_string()))?;
        Ok(Self { tenant, server: Arc::clone(&self.server) })
    }

    /// Makes the pod what a scenario says. Sessions and feeds end; the clock goes on unless the
    /// scenario sets it.
    ///
    /// # Errors
    ///
    /// When no pod can be built of it.
    pub fn load(&self, scenario: &Scenario) -> Result<(), Error> {
        Ok(self.server.pods.rebuild(&self.tenant, scenario)?)
    }

    /// Adds a document in YAML or JSON: what is new comes, of what is there the fields that it sets
    /// change.
    ///
    /// ```
    /// # tokio::runtime::Runtime::new()?.block_on(async {
    /// # let pod = symphony_mock_pod::MockPod::start().await?;
    /// pod.merge("users: [{ username: dora, firstName: Dora }]")?;
    /// assert!(pod.scenario().users.iter().any(|user| user.username == "dora"));
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Says where the document is wrong.
    pub fn merge(&self, document: &str) -> Result<(), Error> {
        Ok(merge(&self.tenant.pod, &self.server.certificates, document)?)
    }

    /// The pod as a seed that starts it again. Sessions, feeds, company certificates and files of no
    /// message are not part of it.
    pub fn scenario(&self) -> Scenario {
        // A copy costs nothing, and nobody waits until it is told.
        let world = World::clone(&self.tenant.pod.world());
        told(&world, &self.server.certificates)
    }

    /// Lets a system other than the pod make something known in a stream: a `GENERICSYSTEMEVENT`.
    ///
    /// ```
    /// # tokio::runtime::Runtime::new()?.block_on(async {
    /// # let pod = symphony_mock_pod::MockPod::start().await?;
    /// pod.system_event("Test Room", "compliance", "review", [("case", "42")])?;
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// When there is no such stream.
    pub fn system_event<'a>(
        &self,
        stream: &str,
        source_system: &str,
        event_subtype: &str,
        parameters: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<(), Error> {
        let now = self.clock().now();
        let mut world = self.tenant.pod.world();
        let id = stream_called(&world, stream)?;
        let view = world.streams.by_id(id).map(|stream| stream.view());
        let view = view.ok_or_else(|| Error::NoStream(world.no_stream(stream)))?;
        let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        let parameters: BTreeMap<_, _> = parameters.into_iter().map(owned).collect();
        let (source, subtype) = (source_system.to_owned(), event_subtype.to_owned());
        let event = SystemEvent { stream: view, emitted: now, source, subtype, parameters };
        world.emit_system_event(event, now);
        Ok(())
    }
}
