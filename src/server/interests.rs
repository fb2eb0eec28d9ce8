//! What people want to hear of.

use std::sync::Arc;

use super::Error;
use super::person::{ChatMessage, Person, stream_called};
use crate::domain::{MessageQuery, SignalRequest, Subscribed};

impl Person {
    /// Follows somebody.
    pub fn follow(&self, whom: &str) -> Result<(), Error> {
        self.with(whom, |world, me, other, _| {
            world.follow(me, other, true);
            Ok(())
        })
    }

    /// Follows somebody no longer.
    pub fn unfollow(&self, whom: &str) -> Result<(), Error> {
        self.with(whom, |world, me, other, _| {
            world.follow(me, other, false);
            Ok(())
        })
    }

    /// Makes a signal: a standing search that people subscribe to. Gives its id.
    ///
    /// ```
    /// # tokio::runtime::Runtime::new()?.block_on(async {
    /// # let pod = symphony_mock_pod::MockPod::start().await?;
    /// let alice = pod.user("alice");
    /// let gold = alice.create_signal("Gold", "HASHTAG:gold", true)?;
    /// pod.user("bob").subscribe(&gold)?;
    /// alice.send("Test Room", "up again #gold")?;
    /// assert_eq!(pod.user("bob").shown_by_signal(&gold)?.len(), 1);
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    pub fn create_signal(
        &self,
        name: &str,
        query: &str,
        company_wide: bool,
    ) -> Result<String, Error> {
        let request = SignalRequest {
            name: name.to_owned(),
            query: query.to_owned(),
            visible_on_profile: false,
            company_wide,
        };
        self.act(|world, me, now| {
            let made = world.create_signal(me, &request, now);
            Ok(made.map_err(|refusal| self.refused(world, &refusal))?.id.to_string())
        })
    }

    /// Subscribes to a signal that he sees.
    pub fn subscribe(&self, signal: &str) -> Result<(), Error> {
        self.act(|world, me, now| {
            let done = world.subscribe(me, signal, None, false, now);
            self.subscribed(done.map_err(|refusal| self.refused(world, &refusal))?)
        })
    }

    /// Leaves a signal.
    pub fn unsubscribe(&self, signal: &str) -> Result<(), Error> {
        self.act(|world, me, _| {
            let done = world.unsubscribe(me, signal, None);
            self.subscribed(done.map_err(|refusal| self.refused(world, &refusal))?)
        })
    }

    /// What a signal shows him, the newest at the end.
    pub fn shown_by_signal(&self, signal: &str) -> Result<Vec<ChatMessage>, Error> {
        self.act(|world, me, _| {
            let signal =
                world.signal(me, signal).map_err(|refusal| self.refused(world, &refusal))?;
            let signal = Some(Arc::clone(&signal.query));
            let query = MessageQuery { signal, ..MessageQuery::default() };
            let found = world.search_messages(me, &query);
            let found = found.map_err(|refusal| self.refused(world, &refusal))?;
            Ok(found.into_iter().map(|message| ChatMessage::of(world, message)).collect())
        })
    }

    /// What he finds by meaning, in all his streams or in one, the most fitting first.
    ///
    /// ```
    /// # tokio::runtime::Runtime::new()?.block_on(async {
    /// # let pod = symphony_mock_pod::MockPod::start().await?;
    /// let alice = pod.user("alice");
    /// let lunch = alice.send("Test Room", "lunches are served")?;
    /// let found = alice.search_by_meaning("lunch", Some("Test Room"))?;
    /// assert_eq!(found[0].id, lunch.id);
    ///
    /// pod.plan_semantic_search("food", &[&lunch.id])?;
    /// assert_eq!(alice.search_by_meaning("food", None)?.len(), 1);
    /// pod.forget_semantic_searches();
    /// assert!(alice.search_by_meaning("food", None)?.is_empty());
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    pub fn search_by_meaning(
        &self,
        text: &str,
        stream: Option<&str>,
    ) -> Result<Vec<ChatMessage>, Error> {
        self.act(|world, me, _| {
            let stream = stream.map(|stream| stream_called(world, stream)).transpose()?;
            let found = world.search_semantically(me, text, stream);
            let found = found.map_err(|refusal| self.refused(world, &refusal))?;
            Ok(found.into_iter().map(|hit| ChatMessage::of(world, hit.message)).collect())
        })
    }

    fn subscribed(&self, done: Vec<Subscribed>) -> Result<(), Error> {
        match done.into_iter().find_map(|(_, outcome)| outcome.err()) {
            Some(error) => {
                let (user, why) = (self.name.clone(), error.message().to_owned());
                Err(Error::Refused { user, why })
            }
            None => Ok(()),
        }
    }
}
