use std::sync::Arc;

use super::Error;
use crate::control::Tenant;
use crate::domain::{
    FormSubmission, FormValue, History, Message, MessageId, Refusal, Relationship, StreamId,
    Submission, Timestamp, UserId, World, as_message_ml,
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

/// What somebody enters into a form before he sends it.
#[derive(Debug, Clone, PartialEq)]
#[must_use = "a form is entered by Person::submit_form"]
pub struct FormInput {
    message: String,
    form: Option<String>,
    button: Option<String>,
    values: std::collections::BTreeMap<String, FormValue>,
}

impl Person {
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Says something: MessageML, PresentationML, or plain text, which is wrapped.
    pub fn send(&self, stream: &str, message: &str) -> Result<ChatMessage, Error> {
        let submission = submission(message);
        self.act(|world, me, now| {
            let stream = stream_called(world, stream)?;
            let sent = world.send_message(me, stream, submission, now);
            Ok(ChatMessage::of(world, &*sent.map_err(|refusal| self.refused(&refusal))?))
        })
    }

    /// Answers a message, in its stream.
    pub fn reply(&self, message: &str, answer: &str) -> Result<ChatMessage, Error> {
        self.relate(message, answer, Relationship::Reply)
    }

    /// Changes a message of his own; the new version has an id of its own.
    pub fn edit(&self, message: &str, text: &str) -> Result<ChatMessage, Error> {
        let (id, submission) = (message_id(message)?, submission(text));
        self.act(|world, me, now| {
            let stream = self.stream_of(world, id)?;
            let edited = world.update_message(me, stream, id, submission, false, now);
            Ok(ChatMessage::of(world, &*edited.map_err(|refusal| self.refused(&refusal))?))
        })
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
            let messages = messages.map_err(|refusal| self.refused(&refusal))?;
            Ok(messages.into_iter().rev().map(|message| ChatMessage::of(world, message)).collect())
        })
    }

    /// Looks at a message, which marks it as read.
    pub fn read(&self, message: &str) -> Result<(), Error> {
        let id = message_id(message)?;
        self.do_it(|world, me, now| world.mark_read(me, id, now).map(drop))
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
        let FormInput { form, button, values, .. } = input;
        let submission = FormSubmission { message, form, button, values };
        self.do_it(|world, me, now| world.submit_form(me, submission, now))
    }

    /// Goes into a public room.
    pub fn join(&self, room: &str) -> Result<(), Error> {
        self.act(|world, me, now| {
            let room = stream_called(world, room)?;
            world.add_member(me, room, me, now).map_err(|refusal| self.refused(&refusal))
        })
    }

    /// Goes out of a room.
    pub fn leave(&self, room: &str) -> Result<(), Error> {
        self.act(|world, me, now| {
            let room = stream_called(world, room)?;
            world.remove_member(me, room, me, now).map_err(|refusal| self.refused(&refusal))
        })
    }

    /// Asks the owners of a room to be let in.
    pub fn request_to_join(&self, room: &str) -> Result<(), Error> {
        self.act(|world, me, now| {
            let room = stream_called(world, room)?;
            let asked = world.request_to_join(me, room, now).map(drop);
            asked.map_err(|refusal| self.refused(&refusal))
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

    fn relate(&self, to: &str, text: &str, how: Relationship) -> Result<ChatMessage, Error> {
        let (id, submission) = (message_id(to)?, submission(text));
        self.act(|world, me, now| {
            let stream = self.stream_of(world, id)?;
            let sent = world.send_related_message(me, stream, submission, (id, how), now);
            Ok(ChatMessage::of(world, &*sent.map_err(|refusal| self.refused(&refusal))?))
        })
    }

    fn with(
        &self,
        other: &str,
        verb: impl FnOnce(&mut World, UserId, UserId, Timestamp) -> Result<(), Refusal>,
    ) -> Result<(), Error> {
        self.act(|world, me, now| {
            let other = user_called(world, other)?;
            verb(world, me, other, now).map_err(|refusal| self.refused(&refusal))
        })
    }

    fn do_it(
        &self,
        verb: impl FnOnce(&mut World, UserId, Timestamp) -> Result<(), Refusal>,
    ) -> Result<(), Error> {
        self.act(|world, me, now| verb(world, me, now).map_err(|refusal| self.refused(&refusal)))
    }

    fn act<T>(
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
        message_of.ok_or_else(|| self.refused(&Refusal::MessageUnknown { id: message }))
    }

    fn refused(&self, refusal: &Refusal) -> Error {
        Error::Refused { user: self.name.clone(), why: refusal.why() }
    }
}

impl ChatMessage {
    fn of(world: &World, message: &Message) -> Self {
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

impl FormInput {
    /// For the form of this message.
    pub fn of(message: &str) -> Self {
        Self { message: message.to_owned(), form: None, button: None, values: Default::default() }
    }

    /// Which form, where the message has several.
    pub fn form(self, id: &str) -> Self {
        Self { form: Some(id.to_owned()), ..self }
    }

    /// Which button, where the form has several that send it.
    pub fn button(self, name: &str) -> Self {
        Self { button: Some(name.to_owned()), ..self }
    }

    /// Enters a text, or chooses one of several options.
    pub fn text(self, control: &str, text: &str) -> Self {
        self.enter(control, FormValue::Text(text.to_owned()))
    }

    /// Chooses several options.
    pub fn texts<'a>(self, control: &str, texts: impl IntoIterator<Item = &'a str>) -> Self {
        self.enter(control, FormValue::Texts(texts.into_iter().map(str::to_owned).collect()))
    }

    /// Chooses people, by their ids.
    pub fn users(self, control: &str, ids: impl IntoIterator<Item = u64>) -> Self {
        self.enter(control, FormValue::Users(ids.into_iter().map(UserId::from_wire).collect()))
    }

    fn enter(mut self, control: &str, value: FormValue) -> Self {
        self.values.insert(control.to_owned(), value);
        self
    }
}

fn submission(message: &str) -> Submission {
    Submission { message: as_message_ml(message.to_owned()), ..Submission::default() }
}

/// Whoever is called so on the own pod, else on any other.
fn user_called(world: &World, name: &str) -> Result<UserId, Error> {
    world.user_called(name).ok_or_else(|| Error::NoUser(name.to_owned()))
}

fn stream_called(world: &World, wanted: &str) -> Result<StreamId, Error> {
    if let Some(room) = world.streams.room_called(wanted) {
        return Ok(room.id);
    }
    let known = wanted.parse::<StreamId>().ok().filter(|id| world.streams.by_id(*id).is_some());
    known.ok_or_else(|| Error::NoStream(wanted.to_owned()))
}

fn message_id(id: &str) -> Result<MessageId, Error> {
    id.parse().map_err(|_| Error::NoMessageId(id.to_owned()))
}
