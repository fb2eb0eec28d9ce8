use super::{Error, PodHandle};

impl PodHandle {
    /// Ends all sessions of a user, those of the key manager too, as if their time were over.
    ///
    /// ```
    /// # tokio::runtime::Runtime::new()?.block_on(async {
    /// # let pod = symphony_mock_pod::MockPod::start().await?;
    /// pod.end_sessions("bot")?;
    /// assert!(pod.end_sessions("nobody").is_err());
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    pub fn end_sessions(&self, user: &str) -> Result<(), Error> {
        let id = {
            let world = self.pod().world();
            world.user_called(user).ok_or_else(|| Error::NoUser(world.no_user(user)))?
        };
        self.pod().end_sessions_of_user(id, "a test");
        Ok(())
    }

    /// Ends the connections over which requests came to this pod and on which none is under way, as
    /// load balancers do after a while: what a client has in its pool is dead. Gives how many there
    /// were, when they are gone.
    ///
    /// ```
    /// # tokio::runtime::Runtime::new()?.block_on(async {
    /// # let pod = symphony_mock_pod::MockPod::start().await?;
    /// assert_eq!(pod.close_idle_connections().await, 0, "nobody has called yet");
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    pub async fn close_idle_connections(&self) -> usize {
        self.tenant.connections.end_idle().await
    }

    /// Ends a feed, by its id, as if its time were over: its next read is told that it does not exist.
    /// [`listening`](PodHandle::listening) gives the id of the feed that a bot reads.
    pub fn lose_feed(&self, feed: &str) -> Result<(), Error> {
        let now = self.clock().now();
        let mut world = self.pod().world();
        let feed = world.feed_called(feed, now).map_err(Error::NoFeed)?;
        world.close_feed(&feed);
        Ok(())
    }
}
