//! People whose answers are scripted: what they do when a bot sends something.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::{
    Expression, FormSubmission, FormValue, Message, MessageId, Refusal, StreamId, Submission,
    Timestamp, UserId, World,
};

/// The scripts of all people, and what is still to be done.
#[derive(Debug, Clone, Default)]
pub struct Answers {
    /// In the order in which they were given, which is that in which they are tried.
    scripts: BTreeMap<u64, Script>,
    given: u64,
    /// In the order in which they fall due; those of one moment in that of the messages.
    due: BTreeMap<(Timestamp, u64), Due>,
    queued: u64,
    /// When something was queued since somebody last asked.
    queued_at: Option<Timestamp>,
}

/// What somebody does when a bot sends a message that fits.
#[derive(Debug, Clone)]
pub struct Script {
    pub person: UserId,
    pub when: Trigger,
    pub reaction: Reaction,
    /// How often he still does it; without a limit, always.
    pub left: Option<u32>,
    /// How long he takes.
    pub after: Duration,
    /// How often he did it.
    pub done: u64,
    /// Why he could not do it the last time, where he could not.
    pub failed: Option<String>,
}

/// Which messages fit. What is absent restricts nothing.
#[derive(Debug, Clone, Default)]
pub struct Trigger {
    pub stream: Option<StreamId>,
    pub from: Option<UserId>,
    /// Found in the beginning of what the message says, without its markup.
    pub matches: Option<Expression>,
    /// The id of a form in the message.
    pub form: Option<String>,
}

/// What somebody does.
#[derive(Debug, Clone)]
pub enum Reaction {
    /// Says something in the stream.
    Say(Submission),
    /// Fills in the message's form.
    Submit { form: Option<String>, button: Option<String>, values: BTreeMap<String, FormValue> },
    /// Reads the message.
    Read,
    /// Goes into a public room.
    Join(StreamId),
}

#[derive(Debug, Clone)]
struct Due {
    script: u64,
    message: MessageId,
    stream: StreamId,
}

impl Answers {
    /// Adds a script. Gives its id.
    pub fn add(&mut self, script: Script) -> u64 {
        self.given += 1;
        self.scripts.insert(self.given, script);
        self.given
    }

    /// How many scripts there are.
    pub fn count(&self) -> usize {
        self.scripts.len()
    }

    /// What the expressions of all scripts are compiled to, in bytes: each is looked for in every message
    /// of a service user, until one of somebody's is found.
    pub fn expressions_size(&self) -> usize {
        self.scripts.values().filter_map(|it| it.when.matches.as_ref()).map(Expression::size).sum()
    }

    /// Somebody's scripts with their ids.
    pub fn of(&self, person: UserId) -> impl Iterator<Item = (u64, &Script)> {
        let scripts = self.scripts.iter().filter(move |(_, script)| script.person == person);
        scripts.map(|(id, script)| (*id, script))
    }

    /// Drops somebody's script, or all of his. What is due of it is not done any more. Gives how
    /// many there were.
    pub fn remove(&mut self, person: UserId, id: Option<u64>) -> usize {
        let before = self.scripts.len();
        self.scripts.retain(|known, script| {
            script.person != person || id.is_some_and(|wanted| wanted != *known)
        });
        self.due.retain(|_, due| self.scripts.contains_key(&due.script));
        before - self.scripts.len()
    }

    /// When the next answer falls due.
    pub fn next_due(&self) -> Option<Timestamp> {
        self.due.keys().next().map(|(due, _)| *due)
    }

    /// When an answer was queued, if one was since the last time this was asked.
    pub fn take_queued(&mut self) -> Option<Timestamp> {
        self.queued_at.take()
    }
}

/// What of a message is looked at: as much as a person takes in, and not the time that a regular
/// expression takes over a whole book.
fn beginning(message: &Message) -> &str {
    const MOST: usize = 4_096;
    let text = &message.plain_text;
    &text[..text.floor_char_boundary(MOST)]
}

impl Trigger {
    fn fits(&self, message: &Message) -> bool {
        self.stream.is_none_or(|stream| stream == message.stream)
            && self.from.is_none_or(|from| from == message.author)
            && self.matches.as_ref().is_none_or(|wanted| wanted.is_found_in(beginning(message)))
            && self
                .form
                .as_ref()
                .is_none_or(|wanted| message.forms.iter().any(|form| form.id == *wanted))
    }
}

impl World {
    /// Queues what people answer to a message: each who is in the stream what the first of his
    /// scripts says that fits.
    ///
    /// Only what service users send is answered, and people never answer themselves: two scripted
    /// people cannot keep each other busy.
    pub(super) fn queue_answers(&mut self, message: &Arc<Message>, now: Timestamp) {
        if self.answers.scripts.is_empty() {
            return;
        }
        let by_bot =
            self.users.by_id(message.author).is_some_and(|author| author.is_service_user());
        let Some(stream) = self.streams.by_id(message.stream).filter(|_| by_bot) else { return };
        let mut answering = Vec::new();
        for (id, script) in &mut self.answers.scripts {
            let person = script.person;
            let is_bot = self.users.by_id(person).is_none_or(|user| user.is_service_user());
            if is_bot
                || script.left == Some(0)
                || answering.contains(&person)
                || !stream.has_member(person)
                || !script.when.fits(message)
            {
                continue;
            }
            answering.push(person);
            script.left = script.left.map(|left| left - 1);
            self.answers.queued += 1;
            let due = Due { script: *id, message: message.id, stream: message.stream };
            self.answers.due.insert((now.plus(script.after), self.answers.queued), due);
            self.answers.queued_at = Some(now);
        }
    }

    /// Lets people do what is due at `now`, each thing at the moment it fell due.
    pub fn answer_due(&mut self, now: Timestamp) {
        while let Some(entry) = self.answers.due.first_entry().filter(|it| it.key().0 <= now) {
            let ((at, _), due) = entry.remove_entry();
            let Some(script) = self.answers.scripts.get(&due.script) else { continue };
            let (person, reaction) = (script.person, script.reaction.clone());
            let done = self.react(person, reaction, &due, at).map_err(|refusal| self.why(&refusal));
            if let Some(script) = self.answers.scripts.get_mut(&due.script) {
                script.done += u64::from(done.is_ok());
                script.failed = done.err();
            }
        }
    }

    fn react(
        &mut self,
        person: UserId,
        reaction: Reaction,
        due: &Due,
        at: Timestamp,
    ) -> Result<(), Refusal> {
        match reaction {
            Reaction::Say(submission) => {
                self.send_message(person, due.stream, submission, at).map(drop)
            }
            Reaction::Submit { form, button, values } => {
                let submission =
                    FormSubmission { message: due.message, form, button, values, force: false };
                self.submit_form(person, submission, at)
            }
            Reaction::Read => self.mark_read(person, due.message, at),
            Reaction::Join(room) => self.add_member(person, room, person, at),
        }
    }
}
