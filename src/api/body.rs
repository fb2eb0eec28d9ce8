use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, header};
use futures_util::StreamExt;

use crate::domain::{Limit, Refusal};
use crate::pod::Pod;

/// A body in the pieces that it came in.
#[derive(Default)]
pub struct Chunks(Vec<Bytes>);

/// Why a body was not read to its end.
#[derive(Debug)]
pub enum Unread {
    /// It is longer than any message can be: how many bytes came, and how many may.
    Form { amount: u64, most: u64 },
    /// It is longer than any other body can be.
    Other,
    /// The connection broke.
    Broken(axum::Error),
}

/// What the parts of a form cost beyond their content.
const OVERHEAD: u64 = 64 << 10;
/// How long a body may be that is no form: a picture of 2 MB in base64 has room in it.
const LONGEST: u64 = 3 << 20;

impl Chunks {
    /// Reads a body up to its limit: that of messages with their attachments where it is a form.
    ///
    /// What comes after them is read to its end and not kept: a client that is still writing does
    /// not listen to the answer. Who writes without end is cut off.
    pub async fn read(body: Body, headers: &HeaderMap, pod: &Pod) -> Result<Self, Unread> {
        let is_form = media_type(headers).starts_with("multipart/");
        let most = match is_form {
            true => most_of_a_form(pod),
            false => LONGEST,
        };
        let (mut body, mut chunks, mut came) = (body.into_data_stream(), Vec::new(), 0_u64);
        while let Some(chunk) = body.next().await {
            let chunk = match chunk {
                Ok(chunk) => chunk,
                // Without its end it is refused as a form.
                Err(_) if is_form => break,
                Err(error) => return Err(Unread::Broken(error)),
            };
            came += chunk.len() as u64;
            if came <= most {
                chunks.push(chunk);
            } else if came >= 2 * most {
                break;
            }
        }
        match (came <= most, is_form) {
            (true, _) => Ok(Self(chunks)),
            (false, true) => Err(Unread::Form { amount: came, most }),
            (false, false) => Err(Unread::Other),
        }
    }

    pub fn into_pieces(self) -> Vec<Bytes> {
        self.0
    }
}

impl From<Unread> for Refusal {
    fn from(unread: Unread) -> Self {
        match unread {
            Unread::Form { amount, most } => {
                Self::LimitReached { limit: Limit::Attachments, amount, most }
            }
            Unread::Other => Self::TooLarge { what: "The body is too large".into() },
            Unread::Broken(error) => {
                Self::Malformed { what: format!("The body cannot be read: {error}") }
            }
        }
    }
}

fn most_of_a_form(pod: &Pod) -> u64 {
    let settings = &pod.world().settings;
    u64::from(settings.attachments_max_size) + u64::from(settings.message_max_size) + OVERHEAD
}

/// The `Content-Type` without its parameters, in lower case.
pub fn media_type(headers: &HeaderMap) -> String {
    let content_type = headers.get(header::CONTENT_TYPE);
    let content_type = content_type.and_then(|value| value.to_str().ok()).unwrap_or_default();
    content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}
