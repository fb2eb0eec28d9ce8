//! What people said to bots before those listened: the first mistake of a test, and a silent one.

use std::collections::VecDeque;

use super::{Message, MessageId, UserId, World};

/// The last things that were said to bots without a feed, for the hints of a failing test.
#[derive(Debug, Clone, Default)]
pub struct Unheard(VecDeque<Said>);

#[derive(Debug, Clone)]
struct Said {
    message: MessageId,
    author: UserId,
    bots: Vec<UserId>,
    text: String,
}

/// How many messages are kept, and how many bots of each.
const MOST: usize = 10;
/// How much of a text is shown, in characters.
const LONGEST: usize = 40;

impl World {
    /// Notes which service users of the stream have no feed at this moment: they never hear of the
    /// message, unless they read the datahose or the stream itself.
    pub fn note_unheard(&mut self, message: &Message) {
        let Some(stream) = self.streams.by_id(message.stream) else { return };
        let is_deaf = |id: &UserId| {
            *id != message.author
                && self.users.by_id(*id).is_some_and(|user| user.is_service_user())
                && !self.feeds.listens(*id)
                && self.datahoses_of(*id).is_empty()
        };
        let members = stream.members().map(|member| member.user);
        let bots: Vec<_> = members.filter(is_deaf).take(MOST).collect();
        if bots.is_empty() {
            return;
        }
        let mut text: String = message.plain_text.chars().take(LONGEST).collect();
        if text.len() < message.plain_text.len() {
            text.push('…');
        }
        let Unheard(said) = &mut self.unheard;
        if said.len() == MOST {
            said.pop_front();
        }
        said.push_back(Said { message: message.id, author: message.author, bots, text });
    }

    /// What was said to bots that logged in, then or later, and had no feed at the time: one line for
    /// each.
    pub fn unheard_in_words(&self) -> Vec<String> {
        let name = |id: UserId| self.users.by_id(id).map(|user| user.username.as_str());
        let logged_in = |id: &UserId| {
            self.users.by_id(*id).is_some_and(|user| user.history.last_login.is_some())
        };
        let Unheard(said) = &self.unheard;
        let lines = said.iter().flat_map(|said| {
            said.bots.iter().copied().filter(logged_in).map(move |bot| {
                format!(
                    "no feed of {:?} existed when {:?} wrote {:?} (message {}), which it never \
                     hears: wait for the bot before somebody speaks (pod.listening, or POST \
                     /_mock/listening)",
                    name(bot).unwrap_or_default(),
                    name(said.author).unwrap_or_default(),
                    said.text,
                    said.message,
                )
            })
        });
        lines.collect()
    }
}
