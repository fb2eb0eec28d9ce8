//! Reading messages: by id, and the history of a stream.

use std::sync::Arc;

use super::super::{MessageId, Refusal, StreamId, Timestamp, UserId, World};
use super::Message;

/// Which part of a stream's history to read. Newest messages come first.
#[derive(Debug, Clone, Copy)]
pub struct History {
    /// First and last moment of interest.
    pub since: Timestamp,
    pub until: Timestamp,
    pub skip: usize,
    pub limit: usize,
}

impl World {
    /// A message, for somebody who may read it; none where there is none of this id, or its
    /// content was suppressed.
    pub fn readable(
        &self,
        caller: UserId,
        id: MessageId,
    ) -> Result<Option<&Arc<Message>>, Refusal> {
        let Some(message) = self.messages.by_id(id) else { return Ok(None) };
        let since = self.check_reads(caller, message.stream)?;
        let shown = message.suppressed.is_none() && message.timestamp >= since;
        Ok(shown.then_some(message))
    }

    /// Part of a stream's messages, newest first, for one of its members.
    ///
    /// The cost is that of the messages skipped and read, however many the stream and the pod
    /// have.
    pub fn history(
        &self,
        caller: UserId,
        stream: StreamId,
        history: History,
    ) -> Result<Vec<&Arc<Message>>, Refusal> {
        let since = history.since.max(self.check_reads(caller, stream)?);
        let Some(log) = self.messages.logs.get(&stream) else { return Ok(Vec::new()) };
        if since > history.until {
            return Ok(Vec::new());
        }
        let range = log.messages.range((since, 0)..=(history.until, u64::MAX));
        let messages = range.rev().filter_map(|(_, id)| self.messages.by_id(*id));
        let shown = messages.filter(|message| message.suppressed.is_none());
        Ok(shown.skip(history.skip).take(history.limit).collect())
    }

    /// What was said in a stream before a message of it, the newest first: what somebody sees who
    /// scrolls back. Many messages may be of one millisecond, so that a moment would not do.
    pub fn history_before(
        &self,
        caller: UserId,
        stream: StreamId,
        before: MessageId,
        limit: usize,
    ) -> Result<Vec<&Arc<Message>>, Refusal> {
        let since = self.check_reads(caller, stream)?;
        let known = self.messages.by_id(before).filter(|message| message.stream == stream);
        let known = known.ok_or(Refusal::MessageUnknown { id: before })?;
        let Some(log) = self.messages.logs.get(&stream).filter(|_| since <= known.timestamp) else {
            return Ok(Vec::new());
        };
        let range = log.messages.range((since, 0)..=(known.timestamp, u64::MAX)).rev();
        let ids = range.map(|(_, id)| *id).skip_while(|id| *id != before).skip(1);
        let messages = ids.filter_map(|id| self.messages.by_id(id));
        Ok(messages.filter(|message| message.suppressed.is_none()).take(limit).collect())
    }

    /// How many of the newest messages of a stream somebody has not read, who is in it: those of
    /// others since the last one that he read or wrote. Counts no further than `most`.
    pub fn unread(&self, user: UserId, stream: StreamId, most: usize) -> usize {
        let Ok(since) = self.check_reads(user, stream) else { return 0 };
        let joined = self.streams.by_id(stream).and_then(|stream| stream.member(user));
        let since = joined.map_or(since, |member| since.max(member.joined));
        let Some(log) = self.messages.logs.get(&stream) else { return 0 };
        let newest = log.messages.range((since, 0)..).rev();
        let shown = newest
            .filter_map(|(_, id)| self.messages.by_id(*id))
            .filter(|message| message.suppressed.is_none() && message.replaced_by.is_none());
        shown
            .take_while(|message| message.author != user && !self.has_read(user, message.id))
            .take(most)
            .count()
    }

    /// Whether somebody has read a message.
    pub fn has_read(&self, user: UserId, id: MessageId) -> bool {
        self.marks_of_user(id, user).is_some_and(|receipt| receipt.read.is_some())
    }

    /// Whether somebody has sent a form of a message.
    pub fn has_submitted(&self, user: UserId, message: MessageId, form: &str) -> bool {
        self.messages.submitted.contains(&(message, form.to_owned(), user))
    }

    /// From when on a user reads a stream: from its beginning, or, where a room does not show its
    /// history to those who come later, from his joining on.
    pub(super) fn check_reads(&self, caller: UserId, id: StreamId) -> Result<Timestamp, Refusal> {
        let stream = self.streams.by_id(id).ok_or(Refusal::StreamUnknown)?;
        let member =
            stream.member(caller).ok_or(Refusal::NotInStream { user: caller, stream: id })?;
        let shows_history = stream.room().is_none_or(|room| room.view_history);
        Ok(if shows_history { Timestamp::from_millis(0) } else { member.joined })
    }
}
