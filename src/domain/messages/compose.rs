//! From what a client submits to what the pod stores: conversion and limits.

use std::cell::OnceCell;
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use bytes::Bytes;

use super::super::{Refusal, StreamId, Timestamp, User, UserId, World};
use super::{ScanResult, SenderSession, verbatim};
use crate::domain::Instrument;
use crate::messageml::{
    self, Converted, Directory, Input, InstrumentRequest, MarkdownInput, Person,
};

/// The program that people's messages come from, in the shape of the recorded ones
/// (SymphonyPlatformSolutions/symphony-developers-documentation, bots/datafeed).
const DESKTOP: &str = "DESKTOP-43.0.0-10902-MacOSX-10.14.6-Chrome-83.0.4103.61";

/// How a message is written, which decides what becomes of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Markup {
    /// MessageML, or PresentationML as bots send it: the agent checks and converts it.
    #[default]
    MessageMl,
    /// A text as somebody types it into his client.
    Typed,
    /// PresentationML and EntityJSON as a client stores them. Nobody checks them.
    Verbatim,
}

/// A message as a client submits it.
#[derive(Debug, Clone, Default)]
pub struct Submission {
    pub message: String,
    pub markup: Markup,
    /// EntityJSON.
    pub data: Option<String>,
    /// Of the MessageML.
    pub version: Option<String>,
    pub uploads: Vec<Upload>,
    /// Ids of files that were uploaded to the stream before.
    pub uploaded: Vec<String>,
    /// Whether it is sent in spite of a policy that warns. Clients ask people; service users are not
    /// asked.
    pub ignores_warnings: bool,
    /// The serial of the session in which it is sent; of a person's client, where it is none of a
    /// session of the API.
    pub session: Option<[u8; 16]>,
}

/// What a message was made of, as its author's client sent it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    pub message: String,
    pub markup: Markup,
    pub data: Option<String>,
    pub version: Option<String>,
}

/// A file that comes with a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    pub name: String,
    /// As the client declared it, be it a media type or not.
    pub content_type: String,
    pub bytes: Bytes,
    pub preview: Option<Box<Upload>>,
    /// What the malware scanner told of it, where that is known when it comes.
    pub scanned: Option<ScanResult>,
}

/// What a message may not have too much of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// Characters of the text, once encrypted.
    MessageSize,
    /// Bytes of text and data together.
    TotalSize,
    /// Mentions, hashtags and cashtags.
    Entities,
    /// Bytes of all attachments and previews together.
    Attachments,
    /// Streams of a blast.
    BlastStreams,
}

/// A message that was found to be one, and is not in any stream yet.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    pub source: Arc<Source>,
    pub converted: Converted,
    pub data: String,
    pub uploads: Vec<Upload>,
    pub uploaded: Vec<String>,
    pub ignores_warnings: bool,
    pub user_agent: Arc<str>,
    pub session: SenderSession,
}

/// The users whom a message may mention.
struct Mentionable<'a> {
    world: &'a World,
    /// By their e-mail addresses in lower case, once one is looked for: a message may name thousands,
    /// and a pod have as many users.
    by_email: OnceCell<HashMap<String, UserId>>,
}

impl<'a> Mentionable<'a> {
    fn new(world: &'a World) -> Self {
        Self { world, by_email: OnceCell::new() }
    }
}

impl Limit {
    /// As agents name it in the text of an error. That of the total size was seen, the others are
    /// formed like it.
    pub fn name(self) -> &'static str {
        match self {
            Self::MessageSize => "message-content-max-size",
            Self::TotalSize => "message-content-max-total-size",
            Self::Entities => "message-content-max-entities",
            Self::Attachments => "attachments-max-total-size",
            Self::BlastStreams => "blast-message-max-streams",
        }
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The time as templates see it.
fn millis(now: Timestamp) -> i64 {
    i64::try_from(now.as_millis()).unwrap_or(i64::MAX)
}

impl World {
    /// What a message would become if a service user sent it. Nothing is sent.
    pub fn try_message(
        &self,
        message: &str,
        data: Option<&str>,
        version: Option<&str>,
        now: Timestamp,
    ) -> Result<Converted, messageml::Invalid> {
        let input = Input { data, version, now: millis(now), ..Input::new(message) };
        messageml::convert(&input, &Mentionable::new(self))
    }

    /// What a message in Markdown, Symphony's first format, would become. Nothing is sent.
    pub fn try_markdown(&self, input: &MarkdownInput<'_>) -> Result<Converted, messageml::Invalid> {
        messageml::convert_markdown(input, &Mentionable::new(self))
    }

    /// Reads a submission as its author's message, or says why it is none.
    pub(super) fn draft(
        &mut self,
        author: UserId,
        stream: Option<StreamId>,
        submission: Submission,
        now: Timestamp,
    ) -> Result<Draft, Refusal> {
        let id_seed = u64::from_be_bytes(self.rng.bytes());
        let is_service_user = self.users.by_id(author).is_some_and(User::is_service_user);
        let submission = match submission.markup {
            // A bot has no client that would mark up what it types.
            Markup::Typed if is_service_user => submission.wrapped(),
            _ => submission,
        };
        let sent = submission.message.len() + submission.data.as_ref().map_or(0, String::len);
        self.check_limit(Limit::TotalSize, sent)?;
        if matches!(submission.markup, Markup::Typed | Markup::Verbatim) {
            // Before it is marked up, which makes it longer.
            self.check_limit(Limit::MessageSize, encrypted_length(submission.message.len()))?;
        }
        let attached: usize = submission.uploads.iter().map(Upload::size).sum();
        self.check_limit(Limit::Attachments, attached)?;

        let (converted, data) = match submission.markup {
            Markup::MessageMl => {
                let input = Input {
                    message: &submission.message,
                    data: submission.data.as_deref(),
                    version: submission.version.as_deref(),
                    forms_allowed: is_service_user,
                    beta_allowed: true,
                    id_seed,
                    now: millis(now),
                };
                let mut converted =
                    messageml::convert(&input, &Mentionable::new(self)).map_err(invalid)?;
                let data = std::mem::take(&mut converted.data);
                (converted, data)
            }
            Markup::Typed => {
                let Submission { message, data, uploads, .. } = &submission;
                if message.trim().is_empty() && uploads.is_empty() {
                    let why = "a client sends no message without a text or a file".into();
                    return Err(Refusal::MessageInvalid { why });
                }
                let (presentation_ml, data) = self.type_out(message, data.as_deref(), stream)?;
                (verbatim::read(&presentation_ml, &data, None), data)
            }
            Markup::Verbatim => {
                let data = submission.data.clone().unwrap_or_else(|| "{}".to_owned());
                let mentionable = Mentionable::new(self);
                let directory = is_service_user.then_some(&mentionable as &dyn Directory);
                (verbatim::read(&submission.message, &data, directory), data)
            }
        };
        let stored = converted.presentation_ml.len();
        self.check_limit(Limit::MessageSize, encrypted_length(stored))?;
        self.check_limit(Limit::TotalSize, stored + data.len())?;
        let entities =
            converted.mentions.len() + converted.hashtags.len() + converted.cashtags.len();
        self.check_limit(Limit::Entities, entities)?;
        let by_client = !is_service_user && submission.markup != Markup::MessageMl;
        let user_agent = if by_client { DESKTOP } else { self.identity.agent_version.as_str() };
        let user_agent = Arc::from(user_agent);
        let session = SenderSession::of(author, submission.session);
        let ignores_warnings = submission.ignores_warnings;
        let Submission { message, markup, data: sent, version, uploads, uploaded, .. } = submission;

        Ok(Draft {
            source: Arc::new(Source { message, markup, data: sent, version }),
            converted,
            data,
            uploads,
            uploaded,
            ignores_warnings,
            user_agent,
            session,
        })
    }

    pub(super) fn check_limit(&self, limit: Limit, amount: usize) -> Result<(), Refusal> {
        let settings = &self.settings;
        let most = match limit {
            Limit::MessageSize => settings.message_max_encrypted,
            Limit::TotalSize => settings.message_max_size,
            Limit::Entities => settings.message_max_entities,
            Limit::Attachments => settings.attachments_max_size,
            Limit::BlastStreams => settings.blast_max_streams,
        };
        if amount <= most as usize {
            return Ok(());
        }
        Err(Refusal::LimitReached { limit, amount: amount as u64, most: u64::from(most) })
    }
}

impl Draft {
    /// The users whom it mentions.
    pub fn mentioned(&self) -> impl Iterator<Item = UserId> {
        let ids = self.converted.mentions.iter().filter_map(|id| u64::try_from(*id).ok());
        ids.map(UserId::from_wire)
    }
}

impl Submission {
    /// A message in one of the ways in which a person's may be given: what he types, MessageML, or
    /// what his client is to store as it is. None of them, or several, is no message.
    ///
    /// A document of MessageML or PresentationML, root and all, is taken for one wherever it stands.
    pub fn written(
        typed: Option<String>,
        message_ml: Option<String>,
        presentation_ml: Option<String>,
    ) -> Option<Self> {
        let (message, markup) = match (typed, message_ml, presentation_ml) {
            (Some(text), None, None) if is_document(&text) => (text, Markup::MessageMl),
            (Some(text), None, None) => (text, Markup::Typed),
            (None, Some(text), None) => (text, Markup::MessageMl),
            (None, None, Some(text)) => (text, Markup::Verbatim),
            _ => return None,
        };
        Some(Self { message, markup, ..Self::default() })
    }

    /// The same as MessageML that says it.
    fn wrapped(self) -> Self {
        let text = self.message.replace('&', "&amp;").replace('<', "&lt;");
        let message = format!("<messageML>{text}</messageML>");
        Self { message, markup: Markup::MessageMl, ..self }
    }
}

fn is_document(text: &str) -> bool {
    let text = text.trim_start();
    text.starts_with("<messageML") || text.starts_with("<div data-format=")
}

fn invalid(invalid: messageml::Invalid) -> Refusal {
    Refusal::MessageInvalid { why: invalid.message().to_owned() }
}

impl Upload {
    /// In bytes, its preview included.
    fn size(&self) -> usize {
        self.bytes.len() + self.preview.as_ref().map_or(0, |preview| preview.size())
    }
}

impl Directory for Mentionable<'_> {
    fn user_by_id(&self, id: i64) -> Option<Person> {
        let id = UserId::from_wire(u64::try_from(id).ok()?);
        self.world.users.by_id(id).map(person)
    }

    fn user_by_email(&self, email: &str) -> Option<Person> {
        let known = self.by_email.get_or_init(|| {
            let mut known = HashMap::new();
            for user in self.world.users.iter() {
                if let Some(email) = &user.email {
                    known.entry(email.to_lowercase()).or_insert(user.id);
                }
            }
            known
        });
        let id = known.get(&email.to_lowercase())?;
        self.world.users.by_id(*id).map(person)
    }

    fn allows_scheme(&self, scheme: &str) -> bool {
        self.world.settings.protocols.allow(scheme)
    }

    fn instrument(&self, tag: &InstrumentRequest<'_>) -> Option<messageml::Instrument> {
        self.world.instrument(tag).map(Instrument::entity)
    }
}

fn person(user: &User) -> Person {
    Person {
        // Ids have 53 bits at most.
        id: user.id.as_u64() as i64,
        screen_name: user.username.clone(),
        display_name: user.display_name.clone(),
        email: user.email.clone().unwrap_or_default(),
    }
}

/// Messages are stored encrypted, in base64: four characters for every three bytes.
pub(super) fn encrypted_length(bytes: usize) -> usize {
    bytes.div_ceil(3) * 4
}
