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
