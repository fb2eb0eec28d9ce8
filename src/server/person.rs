use std::sync::Arc;

use super::{Answer, Error, FormInput, Wording};
use crate::control::{Tenant, add_answer};
use crate::domain::{
    FormSubmission, History, Message, MessageId, PresenceCategory, Refusal, Relationship,
    RoomRequest, StreamId, Timestamp, UserId, World,
};

/// Somebody who does in his client what no public operation offers, and what would take a login.
///
/// Whether he is there is found out when he does something. Streams go by the name of a room or by
/// their id, people by their user names; those of other pods act too.
///
/// ```
/// # tokio::runtime::Runtime::new()?.block_on(async {
/// use symphony_mock_pod::MockPod;
///
/// let pod = MockPod::start().await?;
/// let question = pod.user("alice").send("Test Room", "What time is it?")?;
/// pod.user("bob").reply(&question.id, "Time for tea.")?;
///
/// let said = pod.user("alice").messages("Test Room")?;
/// assert_eq!(said.last().unwrap().text, "Time for tea.");
/// assert_eq!(said.last().unwrap().author, "bob");
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Person {
    pub(super) tenant: Arc<Tenant>,
    pub(super) name: String,
}

/// A message as people see it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ChatMessage {
    pub id: String,
    pub stream: String,
    /// The user name of whoever sent it.
    pub author: String,
    /// What is said, without any markup.
    pub text: String,
    pub presentation_ml: String,
    /// EntityJSON.
    pub data: String,
    pub timestamp: Timestamp,
}

impl Person {
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Says something: a text as he types it into his client, or whatever else a [`Wording`] holds.
    ///
    /// ```
    /// # tokio::runtime::Runtime::new()?.block_on(async {
    /// use symphony_mock_pod::{MockPod, Wording};
    ///
    /// let pod = MockPod::start().await?;
    /// let alice = pod.user("alice");
    /// let asked = alice.send("Test Room", "@bot /help")?;
    /// assert_eq!(asked.text, "@Test Bot /help");
    ///
    /// let odd = "<div data-format=\"PresentationML\" data-version=\"2.0\">a&nbsp;b</div>";
    /// let odd = alice.send("Test Room", Wording::presentation_ml(odd))?;
    /// assert!(odd.presentation_ml.contains("&nbsp;"));
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    pub fn send(&self, stream: &str, message: impl Into<Wording>) -> Result<ChatMessage, Error> {
        let Wording(submission) = message.into();
        self.act(|world, me, now| {
            let stream = stream_called(world, stream)?;
            let sent = world.send_message(me, stream, submission, now);
            let sent = sent.map_err(|refusal| self.refused(world, &refusal))?;
            world.note_unheard(&sent);
            Ok(ChatMessage::of(world, &sent))
        })
    }

    /// Answers a message, in its stream.
    pub fn reply(&self, message: &str, answer: impl Into<Wording>) -> Result<ChatMessage, Error> {
        self.relate(message, answer.into(), Relationship::Reply)
    }

    /// Forwards a message into a stream, with something to say about it.
    pub fn forward(
        &self,
        message: &str,
        stream: &str,
        comment: impl Into<Wording>,
    ) -> Result<ChatMessage, Error> {
        let (id, Wording(submission)) = (message_id(message)?, comment.into());
        self.act(|world, me, now| {
            let stream = stream_called(world, stream)?;
            let parent = (id, Relationship::Forward);
            let sent = world.send_related_message(me, stream, submission, parent, now);
            let sent = sent.map_err(|refusal| self.refused(world, &refusal))?;
            world.note_unheard(&sent);
            Ok(ChatMessage::of(world, &sent))
        })
    }

    /// Changes a message of his own; the new version has an id of its own.
    pub fn edit(&self, message: &str, text: impl Into<Wording>) -> Result<ChatMessage, Error> {
        let (id, Wording(submission)) = (message_id(message)?, text.into());
        self.act(|world, me, now| {
            let stream = self.stream_of(world, id)?;
            let edited = world.update_message(me, stream, id, submission, false, now);
            Ok(ChatMessage::of(world, &*edited.map_err(|refusal| self.refused(world, &refusal))?))
        })
    }

    /// Takes a message of his own back.
    pub fn suppress(&self, message: &str) -> Result<(), Error> {
        let id = message_id(message)?;
        self.do_it(|world, me, now| world.suppress_message(me, id, now).map(drop))
    }

    /// All messages of a stream that he may read, the oldest first.
    pub fn messages(&self, stream: &str) -> Result<Vec<ChatMessage>, Error> {
        self.act(|world, me, _| {
            let everything = History {
                since: Timestamp::from_millis(0),
                until: Timestamp::from_millis(u64::MAX),
                skip: 0,
                limit: usize::MAX,
            };
            let messages = world.history(me, stream_called(world, stream)?, everything);
            let messages = messages.map_err(|refusal| self.refused(world, &refusal))?;
            Ok(messages.into_iter().rev().map(|message| ChatMessage::of(world, message)).collect())
        })
    }

    /// Looks at a message, which marks it as read.
    pub fn read(&self, message: &str) -> Result<(), Error> {
        let id = message_id(message)?;
        self.do_it(|world, me, now| world.mark_read(me, id, now).map(drop))
    }

    /// His client gets a message, and he has not looked yet.
    pub fn receive(&self, message: &str) -> Result<(), Error> {
        let id = message_id(message)?;
        self.do_it(|world, me, now| world.mark_delivered(me, id, now).map(drop))
    }

    /// Fills in a form of a message that he sees, and presses one of its buttons.
    ///
    /// ```
    /// # tokio::runtime::Runtime::new()?.block_on(async {
    /// use symphony_mock_pod::{FormInput, MockPod};
    ///
    /// let pod = MockPod::start().await?;
    /// let asked = pod.user("bot").send(
    ///     "Test Room",
    ///     r#"<messageML><form id="ticket"><text-field name="title"/>
    ///         <button name="ok" type="action">Create</button></form></messageML>"#,
    /// )?;
    /// let input = FormInput::of(&asked.id).text("title", "It is broken").button("ok");
    /// pod.user("alice").submit_form(input)?;
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    pub fn submit_form(&self, input: FormInput) -> Result<(), Error> {
        let message = message_id(&input.message)?;
        let FormInput { form, button, values, force, .. } = input;
        let submission = FormSubmission { message, form, button, values, force };
        self.do_it(|world, me, now| world.submit_form(me, submission, now))
    }

    /// Answers by himself from now on whenever a service user sends what fits. Gives the number of
    /// the script; of several that fit the first is done.
    ///
    /// ```
    /// # tokio::runtime::Runtime::new()?.block_on(async {
    /// use symphony_mock_pod::{Answer, MockPod};
    ///
    /// let pod = MockPod::start().await?;
    /// pod.user("alice").answer(Answer::say("yes").matches("(?i)lunch"))?;
    /// pod.user("bot").send("Test Room", "Lunch?")?;
    /// let said = pod.user("bob").messages("Test Room")?;
    /// assert_eq!(said.last().map(|said| said.text.as_str()), Some("yes"));
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    pub fn answer(&self, answer: Answer) -> Result<u64, Error> {
        let Answer { to, with, times, after } = answer;
        let added = add_answer(&self.tenant, &self.name, to, with, times, after);
        added.map_err(|refusal| Error::Refused {
            user: self.name.clone(),
            why: refusal.error().to_owned(),
        })
    }

    /// Answers by himself no longer.
    pub fn forget_answers(&self) -> Result<(), Error> {
        self.act(|world, me, _| {
            world.answers.remove(me, None);
            Ok(())
        })
    }

    /// Says how present he is.
    pub fn be(&self, presence: PresenceCategory) -> Result<(), Error> {
        self.act(|world, me, now| {
            world.presences.seed(me, presence, now);
            Ok(())
        })
    }

    /// Begins to talk with others: an IM with one, a MIM with several. Gives the stream's id.
    pub fn talk_to(&self, others: &[&str]) -> Result<String, Error> {
        self.act(|world, me, now| {
            let others = users_called(world, others)?;
            let stream = world.converse(me, &others, now);
            Ok(stream.map_err(|refusal| self.refused(world, &refusal))?.to_string())
        })
    }

    /// Makes a private room with these members, and gives its id.
    ///
    /// ```
    /// # tokio::runtime::Runtime::new()?.block_on(async {
    /// # let pod = symphony_mock_pod::MockPod::start().await?;
    /// pod.user("alice").open_room("Lunch", &["bot", "bob"])?;
    /// pod.user("bob").send("Lunch", "soup or stew?")?;
    /// let im = pod.user("alice").talk_to(&["bot"])?;
    /// pod.user("alice").send(&im, "between us")?;
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    pub fn open_room(&self, name: &str, members: &[&str]) -> Result<String, Error> {
        self.act(|world, me, now| {
            let members = users_called(world, members)?.into_iter().map(|user| (user, false));
            let members: Vec<_> = members.collect();
            let wish = RoomRequest { name: Some(name.to_owned()), ..RoomRequest::default() };
            let room = world.create_room(me, &wish, &members, now);
            Ok(room.map_err(|refusal| self.refused(world, &refusal))?.to_string())
        })
    }

    /// Goes into a public room.
    pub fn join(&self, room: &str) -> Result<(), Error> {
        self.act(|world, me, now| {
            let room = stream_called(world, room)?;
            world.add_member(me, room, me, now).map_err(|refusal| self.refused(world, &refusal))
        })
    }

    /// Goes out of a room.
    pub fn leave(&self, room: &str) -> Result<(), Error> {
        self.act(|world, me, now| {
            let room = stream_called(world, room)?;
            world.remove_member(me, room, me, now).map_err(|refusal| self.refused(world, &refusal))
        })
    }

    /// Lets somebody else into a room.
    pub fn invite(&self, room: &str, other: &str) -> Result<(), Error> {
        self.act(|world, me, now| {
            let (room, other) = (stream_called(world, room)?, user_called(world, other)?);
            world.add_member(me, room, other, now).map_err(|refusal| self.refused(world, &refusal))
        })
    }

    /// Sends somebody else out of a room.
    pub fn remove_member(&self, room: &str, other: &str) -> Result<(), Error> {
        self.act(|world, me, now| {
            let (room, other) = (stream_called(world, room)?, user_called(world, other)?);
            world
                .remove_member(me, room, other, now)
                .map_err(|refusal| self.refused(world, &refusal))
        })
    }

    /// Asks the owners of a room to be let in.
    pub fn request_to_join(&self, room: &str) -> Result<(), Error> {
        self.act(|world, me, now| {
            let room = stream_called(world, room)?;
            let asked = world.request_to_join(me, room, now).map(drop);
            asked.map_err(|refusal| self.refused(world, &refusal))
        })
    }

    /// Asks somebody for a connection.
    pub fn request_connection(&self, with: &str) -> Result<(), Error> {
        self.with(with, |world, me, other, now| world.request_connection(me, other, now).map(drop))
    }

    /// Says yes to somebody who asked for a connection.
    pub fn accept_connection(&self, with: &str) -> Result<(), Error> {
        self.with(with, |world, me, other, now| world.accept_connection(me, other, now).map(drop))
    }

    /// Says no to somebody who asked for a connection.
    pub fn reject_connection(&self, with: &str) -> Result<(), Error> {
        self.with(with, |world, me, other, now| world.reject_connection(me, other, now).map(drop))
    }

    /// Ends a connection.
    pub fn remove_connection(&self, with: &str) -> Result<(), Error> {
        self.with(with, |world, me, other, _| world.remove_connection(me, other).map(drop))
    }

    fn relate(
        &self,
        to: &str,
        Wording(submission): Wording,
        how: Relationship,
    ) -> Result<ChatMessage, Error> {
        let id = message_id(to)?;
        self.act(|world, me, now| {
            let stream = self.stream_of(world, id)?;
            let sent = world.send_related_message(me, stream, submission, (id, how), now);
            let sent = sent.map_err(|refusal| self.refused(world, &refusal))?;
            world.note_unheard(&sent);
            Ok(ChatMessage::of(world, &sent))
        })
    }

    pub(super) fn with(
        &self,
        other: &str,
        verb: impl FnOnce(&mut World, UserId, UserId, Timestamp) -> Result<(), Refusal>,
    ) -> Result<(), Error> {
        self.act(|world, me, now| {
            let other = user_called(world, other)?;
            verb(world, me, other, now).map_err(|refusal| self.refused(world, &refusal))
        })
    }

    fn do_it(
        &self,
        verb: impl FnOnce(&mut World, UserId, Timestamp) -> Result<(), Refusal>,
    ) -> Result<(), Error> {
        self.act(|world, me, now| {
            verb(world, me, now).map_err(|refusal| self.refused(world, &refusal))
        })
    }

    pub(super) fn act<T>(
        &self,
        verb: impl FnOnce(&mut World, UserId, Timestamp) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let now = self.tenant.pod.clock.now();
        let mut world = self.tenant.pod.world();
        let me = user_called(&world, &self.name)?;
        verb(&mut world, me, now)
    }

    fn stream_of(&self, world: &World, message: MessageId) -> Result<StreamId, Error> {
        let message_of = world.messages.by_id(message).map(|message| message.stream);
        message_of.ok_or_else(|| self.refused(world, &Refusal::MessageUnknown { id: message }))
    }

    pub(super) fn refused(&self, world: &World, refusal: &Refusal) -> Error {
        Error::Refused { user: self.name.clone(), why: world.why(refusal) }
    }
}

impl ChatMessage {
    pub(super) fn of(world: &World, message: &Message) -> Self {
        let author = world.users.by_id(message.author).map(|author| author.username.clone());
        Self {
            id: message.id.to_string(),
            stream: message.stream.to_string(),
            author: author.unwrap_or_default(),
            text: message.plain_text.clone(),
            presentation_ml: message.presentation_ml.clone(),
            data: message.data.clone(),
            timestamp: message.timestamp,
        }
    }
}

/// Whoever is called so on the own pod, else on any other.
fn user_called(world: &World, name: &str) -> Result<UserId, Error> {
    world.user_called(name).ok_or_else(|| Error::NoUser(world.no_user(name)))
}

fn users_called(world: &World, names: &[&str]) -> Result<Vec<UserId>, Error> {
    names.iter().map(|name| user_called(world, name)).collect()
}

pub(super) fn stream_called(world: &World, wanted: &str) -> Result<StreamId, Error> {
    world.stream_called(wanted).map_err(Error::NoStream)
}

fn message_id(id: &str) -> Result<MessageId, Error> {
    id.parse().map_err(|_| Error::NoMessageId(id.to_owned()))
}
