//! Files: what came with messages, and what was uploaded to go with one.

use std::fmt;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use imbl::OrdMap;

use super::super::{MessageId, Refusal, SeededRng, StreamId, Timestamp, UserId, World};
use super::compose::Draft;
use super::{Message, ScanResult, Upload};

/// A file that came with a message, as its message tells of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    pub id: FileId,
    pub name: String,
    /// As the client declared it.
    pub content_type: String,
    /// In bytes.
    pub size: u64,
    pub previews: Vec<Thumbnail>,
}

/// A smaller image of an attachment, which came along with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thumbnail {
    pub id: FileId,
    /// In pixels; none where the file is no image of a known format.
    pub width: Option<u32>,
}

/// `internal_<user>/<16 random bytes in base64>`, as real pods name files. On the wire it is
/// percent-encoded.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(Arc<str>);

/// A file that was uploaded to a stream and may go with a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadedFile {
    pub id: FileId,
    pub name: String,
    pub size: u64,
}

/// A file.
#[derive(Debug, Clone)]
pub struct File {
    pub bytes: Bytes,
    pub name: String,
    pub content_type: String,
    stream: StreamId,
    owner: UserId,
    /// None while it only was uploaded.
    message: Option<MessageId>,
    /// What the malware scanner told of it.
    pub(super) scanned: Option<ScanResult>,
}

/// Which of a stream's attachments to list.
#[derive(Debug, Clone, Copy)]
pub struct AttachmentFilter {
    pub since: Timestamp,
    pub until: Timestamp,
    pub newest_first: bool,
    pub limit: usize,
}

/// All files of the pod.
pub(super) type Files = OrdMap<FileId, Arc<File>>;

impl FileId {
    pub(super) fn new(owner: UserId, rng: &mut SeededRng) -> Self {
        Self(format!("internal_{owner}/{}", STANDARD.encode(rng.bytes::<16>())).into())
    }

    /// Reads an id as a client sends it: percent-encoded as it got it, or decoded already.
    pub fn from_wire(text: &str) -> Self {
        let text = text.replace("%2F", "/").replace("%2f", "/");
        let text = text.replace("%2B", "+").replace("%2b", "+").replace(' ', "+");
        Self(text.replace("%3D", "=").replace("%3d", "=").into())
    }
}

impl fmt::Display for FileId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.replace('/', "%2F").replace('+', "%2B").replace('=', "%3D"))
    }
}

impl World {
    /// Uploads a file to a stream, to go with a message that is sent there later.
    pub fn upload(
        &mut self,
        owner: UserId,
        stream: StreamId,
        upload: Upload,
    ) -> Result<UploadedFile, Refusal> {
        self.check_may_send(owner, stream)?;
        self.check_may_attach(owner, stream)?;
        self.check_attachment_type(owner, stream, &upload.name)?;
        self.check_limit(super::Limit::Attachments, upload.bytes.len())?;
        let uploaded = UploadedFile {
            id: FileId::new(owner, &mut self.rng),
            name: upload.name.clone(),
            size: upload.bytes.len() as u64,
        };
        let file = File {
            bytes: upload.bytes,
            name: upload.name,
            content_type: upload.content_type,
            stream,
            owner,
            message: None,
            scanned: upload.scanned,
        };
        self.messages.files.insert(uploaded.id.clone(), Arc::new(file));
        Ok(uploaded)
    }

    /// A file of a message, for somebody who may read the message.
    pub fn download(
        &self,
        caller: UserId,
        stream: StreamId,
        message: MessageId,
        id: &FileId,
    ) -> Result<&File, Refusal> {
        let unknown = || Refusal::AttachmentUnknown { id: id.to_string() };
        self.check_reads(caller, stream)?;
        self.readable(caller, message)?.ok_or_else(unknown)?;
        let belongs = |file: &&File| file.stream == stream && file.message == Some(message);
        let file = self.messages.files.get(id).map(Arc::as_ref).filter(belongs);
        let file = file.ok_or_else(unknown)?;
        self.check_scanned(file.scanned)?;
        Ok(file)
    }

    /// The messages of a stream that have attachments, each with one of them, for one of its
    /// members.
    pub fn attachments_of(
        &self,
        caller: UserId,
        stream: StreamId,
        filter: AttachmentFilter,
    ) -> Result<Vec<(&Message, &Attachment)>, Refusal> {
        let since = filter.since.max(self.check_reads(caller, stream)?);
        if since > filter.until {
            return Ok(Vec::new());
        }
        let Some(log) = self.messages.logs.get(&stream) else { return Ok(Vec::new()) };
        let places = log.with_attachments.range((since, 0)..=(filter.until, u64::MAX));
        let attachments = |place| {
            let message = log.messages.get(place).and_then(|id| self.messages.by_id(*id));
            let message = message.filter(|message| message.suppressed.is_none());
            message.into_iter().flat_map(|message| {
                message.attachments.iter().map(move |attachment| (&**message, attachment))
            })
        };
        Ok(match filter.newest_first {
            true => places.rev().flat_map(attachments).take(filter.limit).collect(),
            false => places.flat_map(attachments).take(filter.limit).collect(),
        })
    }

    /// That files were uploaded to this stream by this user, and went with no message yet.
    pub(super) fn check_uploaded(
        &self,
        owner: UserId,
        stream: StreamId,
        uploaded: &[String],
    ) -> Result<(), Refusal> {
        for id in uploaded {
            let file = self.messages.files.get(&FileId::from_wire(id));
            let ready = file.is_some_and(|file| {
                file.owner == owner && file.stream == stream && file.message.is_none()
            });
            if !ready {
                return Err(Refusal::AttachmentUnknown { id: id.clone() });
            }
        }
        Ok(())
    }

    /// Stores the files of a message.
    pub(super) fn attach(
        &mut self,
        owner: UserId,
        stream: StreamId,
        message: MessageId,
        draft: &Draft,
    ) -> Vec<Attachment> {
        let mut attachments = Vec::new();
        for id in &draft.uploaded {
            let id = FileId::from_wire(id);
            if let Some(file) = self.messages.files.get_mut(&id).map(Arc::make_mut) {
                file.message = Some(message);
                attachments.push(Attachment {
                    id,
                    name: file.name.clone(),
                    content_type: file.content_type.clone(),
                    size: file.bytes.len() as u64,
                    previews: Vec::new(),
                });
            }
        }
        for upload in &draft.uploads {
            let id = self.keep(owner, stream, message, upload);
            let preview = upload.preview.as_ref().map(|preview| Thumbnail {
                id: self.keep(owner, stream, message, preview),
                width: image_width(&preview.bytes),
            });
            attachments.push(Attachment {
                id,
                name: upload.name.clone(),
                content_type: upload.content_type.clone(),
                size: upload.bytes.len() as u64,
                previews: preview.into_iter().collect(),
            });
        }
        attachments
    }

    fn keep(
        &mut self,
        owner: UserId,
        stream: StreamId,
        message: MessageId,
        upload: &Upload,
    ) -> FileId {
        self.keep_as(None, owner, stream, message, upload)
    }

    pub(super) fn keep_as(
        &mut self,
        id: Option<FileId>,
        owner: UserId,
        stream: StreamId,
        message: MessageId,
        upload: &Upload,
    ) -> FileId {
        let id = id.unwrap_or_else(|| FileId::new(owner, &mut self.rng));
        let file = File {
            bytes: upload.bytes.clone(),
            name: upload.name.clone(),
            content_type: upload.content_type.clone(),
            stream,
            owner,
            message: Some(message),
            scanned: upload.scanned,
        };
        self.messages.files.insert(id.clone(), Arc::new(file));
        id
    }
}

/// Width of an image in pixels, out of its header.
pub(super) fn image_width(bytes: &[u8]) -> Option<u32> {
    let size = imagesize::blob_size(bytes).ok()?;
    u32::try_from(size.width).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_id_is_read_however_often_it_was_decoded() {
        let id = FileId("internal_68719476737/ab+/==".into());
        assert_eq!(id.to_string(), "internal_68719476737%2Fab%2B%2F%3D%3D");
        for text in [id.to_string(), id.0.to_string(), "internal_68719476737/ab /==".into()] {
            assert_eq!(FileId::from_wire(&text), id, "{text}");
        }
    }
}
