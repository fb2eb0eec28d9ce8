use std::time::Duration;

use super::Wording;
use crate::control::{AnswerTo, AnswerWith};
use crate::domain::FormValue;

/// What somebody does by himself when a bot sends something: see
/// [`Person::answer`](super::Person::answer).
///
/// It begins with what he does, and is narrowed down to the messages that he does it for; without
/// more it is every message of a service user that he sees.
///
/// ```
/// use symphony_mock_pod::Answer;
///
/// let lunch = Answer::say("yes").matches("(?i)lunch").from("bot").times(1);
/// let order = Answer::form([("dish", "soup")]).button("send").to_form("order");
/// let in_a_while = Answer::read().after(std::time::Duration::from_secs(5));
/// ```
#[derive(Debug, Clone)]
#[must_use = "an answer is given by Person::answer"]
pub struct Answer {
    pub(super) to: AnswerTo,
    pub(super) with: AnswerWith,
    pub(super) times: Option<u32>,
    pub(super) after: Duration,
}

impl Answer {
    fn with(with: AnswerWith) -> Self {
        Self { to: AnswerTo::default(), with, times: None, after: Duration::ZERO }
    }

    /// He says something in the stream.
    pub fn say(message: impl Into<Wording>) -> Self {
        let Wording(submission) = message.into();
        Self::with(AnswerWith::Say(submission))
    }

    /// He fills in the message's form, control by control.
    pub fn form<'a>(values: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let values = values.into_iter();
        let values = values
            .map(|(name, value)| (name.to_owned(), FormValue::Text(value.to_owned())))
            .collect();
        Self::with(AnswerWith::Form { button: None, values })
    }

    /// He reads the message.
    pub fn read() -> Self {
        Self::with(AnswerWith::Read)
    }

    /// He goes into a public room, by its name or id.
    pub fn join(room: impl Into<String>) -> Self {
        Self::with(AnswerWith::Join(room.into()))
    }

    /// The button of the form, where it has several that send it.
    pub fn button(self, name: impl Into<String>) -> Self {
        let with = match self.with {
            AnswerWith::Form { values, .. } => {
                AnswerWith::Form { button: Some(name.into()), values }
            }
            other => other,
        };
        Self { with, ..self }
    }

    /// Only messages whose text has this regular expression in its first 4,096 bytes.
    pub fn matches(self, expression: impl Into<String>) -> Self {
        Self { to: AnswerTo { matches: Some(expression.into()), ..self.to }, ..self }
    }

    /// Only messages of this service user.
    pub fn from(self, bot: impl Into<String>) -> Self {
        Self { to: AnswerTo { from: Some(bot.into()), ..self.to }, ..self }
    }

    /// Only messages in this room or stream, by its name or id.
    pub fn in_stream(self, stream: impl Into<String>) -> Self {
        Self { to: AnswerTo { stream: Some(stream.into()), ..self.to }, ..self }
    }

    /// Only messages with this form.
    pub fn to_form(self, id: impl Into<String>) -> Self {
        Self { to: AnswerTo { form: Some(id.into()), ..self.to }, ..self }
    }

    /// So often at most.
    pub fn times(self, times: u32) -> Self {
        Self { times: Some(times), ..self }
    }

    /// So much later, by the pod's clock.
    pub fn after(self, delay: Duration) -> Self {
        Self { after: delay, ..self }
    }
}
