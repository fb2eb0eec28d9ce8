//! Searching messages: in the streams the searcher is in, as far back as he reads them.

use std::sync::Arc;

use super::super::{Refusal, SignalQuery, StreamId, StreamKind, Timestamp, UserId, World};
use super::Message;

/// Which messages to find: those that meet every criterion. The default finds all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MessageQuery {
    /// Part of what is said, in any letter case. It takes a stream.
    pub text: Option<String>,
    pub stream: Option<StreamId>,
    /// The kinds of streams to look into.
    pub kinds: Option<&'static [StreamKind]>,
    pub author: Option<UserId>,
    /// With or without its `#`.
    pub hashtag: Option<String>,
    /// With or without its `$`.
    pub cashtag: Option<String>,
    pub mention: Option<UserId>,
    /// The signal that is to show it.
    pub signal: Option<Arc<SignalQuery>>,
    /// The first moment of interest.
    pub from: Option<Timestamp>,
    /// The first moment that no longer is.
    pub to: Option<Timestamp>,
}

impl World {
    /// Messages that meet a query, oldest first. Suppressed messages are not found, nor are
    /// versions that were replaced.
    ///
    /// The cost is that of all messages of the streams and the time in question.
    pub fn search_messages(
        &self,
        caller: UserId,
        query: &MessageQuery,
    ) -> Result<Vec<&Arc<Message>>, Refusal> {
        query.check()?;
        let streams: Vec<StreamId> = match query.stream {
            Some(stream) => vec![stream],
            None => {
                let mine = self.streams.of_user(caller);
                mine.filter(|stream| stream.has_member(caller)).map(|stream| stream.id).collect()
            }
        };
        let from = query.from.unwrap_or(Timestamp::from_millis(0));
        let to = query.to.unwrap_or(Timestamp::from_millis(u64::MAX));
        let wanted = query.folded();
        let mut found = Vec::new();
        for id in streams {
            let since = from.max(self.check_reads(caller, id)?);
            let stream = self.streams.by_id(id).ok_or(Refusal::StreamUnknown)?;
            let of_kind = query.kinds.is_none_or(|kinds| kinds.contains(&stream.kind()));
            let Some(log) = self.messages.logs.get(&id) else { continue };
            if !of_kind || since >= to {
                continue;
            }
            let messages = log.messages.range((since, 0)..(to, 0));
            let messages = messages.filter_map(|(at, id)| Some((at, self.messages.by_id(*id)?)));
            let kind = stream.kind();
            found.extend(messages.filter(|(_, message)| wanted.is_met_by(message, kind)));
        }
        found.sort_by_key(|(place, _)| **place);
        Ok(found.into_iter().map(|(_, message)| message).collect())
    }
}

impl MessageQuery {
    fn check(&self) -> Result<(), Refusal> {
        let malformed = |what: &str| Err(Refusal::Malformed { what: what.into() });
        if self.text.is_some() && self.stream.is_none() {
            return malformed("A search for text requires a streamId");
        }
        if let (Some(from), Some(to)) = (self.from, self.to)
            && from >= to
        {
            return malformed("fromDate is not before toDate");
        }
        Ok(())
    }

    /// The same with texts as they are compared.
    fn folded(&self) -> Self {
        let tag = |tag: &Option<String>, sign| {
            tag.as_ref().map(|tag| tag.strip_prefix(sign).unwrap_or(tag).to_lowercase())
        };
        Self {
            text: self.text.as_ref().map(|text| text.to_lowercase()),
            hashtag: tag(&self.hashtag, '#'),
            cashtag: tag(&self.cashtag, '$'),
            ..self.clone()
        }
    }

    /// Whether a message meets this folded query. Its stream and time were seen to before.
    fn is_met_by(&self, message: &Message, kind: StreamKind) -> bool {
        let among = |wanted: &Option<String>, tags: &[String]| {
            wanted
                .as_ref()
                .is_none_or(|wanted| tags.iter().any(|tag| tag.to_lowercase() == *wanted))
        };
        message.suppressed.is_none()
            && message.replaced_by.is_none()
            && self.author.is_none_or(|author| message.author == author)
            && self.mention.is_none_or(|user| message.mentions.contains(&user))
            && self.signal.as_ref().is_none_or(|signal| signal.is_met_by(message, kind))
            && among(&self.hashtag, &message.hashtags)
            && among(&self.cashtag, &message.cashtags)
            && self
                .text
                .as_ref()
                .is_none_or(|text| message.plain_text.to_lowercase().contains(text.as_str()))
    }
}
