//! A body in words.

use axum::body::Bytes;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures_util::{FutureExt, stream};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::{Captured, redact};

/// What passed as a body.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Body {
    /// Its whole length.
    pub bytes: u64,
    /// Whether `content` is its beginning only.
    pub truncated: bool,
    /// Whether some of it was not read: the pod had its answer before, or the client left.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[schemars(default)]
    pub unread: bool,
    #[serde(flatten)]
    pub content: Option<Content>,
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Content {
    Json(Value),
    Text(String),
    /// The parts of a form.
    Parts(Vec<Part>),
    Base64(String),
}

/// A part of a multipart body.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Part {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    pub bytes: usize,
    /// None for what is no text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

impl Body {
    /// None where there was none.
    pub(super) fn read(content_type: Option<&str>, body: &Captured) -> Option<Self> {
        if body.length == 0 && body.ended {
            return None;
        }
        let truncated = body.is_truncated();
        let content = Content::read(content_type, &body.bytes(), truncated);
        Some(Self { bytes: body.length, truncated, unread: !body.ended, content })
    }
}

impl Content {
    fn read(content_type: Option<&str>, bytes: &[u8], truncated: bool) -> Option<Self> {
        /// Of what is no text, so much is shown.
        const LONGEST_BASE64: usize = 4 << 10;
        if bytes.is_empty() {
            return None;
        }
        if let Some(parts) = content_type.and_then(|content_type| parts(content_type, bytes)) {
            return Some(Self::Parts(parts));
        }
        if let Ok(mut value) = serde_json::from_slice::<Value>(bytes)
            && !truncated
        {
            redact::json(&mut value);
            return Some(Self::Json(value));
        }
        match text(bytes, truncated) {
            Some(text) => Some(Self::Text(fields(content_type, text))),
            None if truncated || bytes.len() > LONGEST_BASE64 => None,
            None => Some(Self::Base64(STANDARD.encode(bytes))),
        }
    }
}

/// A form's fields may be secrets by their names.
fn fields(content_type: Option<&str>, text: &str) -> String {
    match content_type {
        Some(form) if form.starts_with("application/x-www-form-urlencoded") => {
            redact::target(&format!("?{text}")).split_off(1)
        }
        _ => redact::text(text),
    }
}

/// The text that it is; of a truncated one the last character may be half there.
fn text(bytes: &[u8], truncated: bool) -> Option<&str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Some(text),
        Err(error) if truncated && error.error_len().is_none() => {
            std::str::from_utf8(&bytes[..error.valid_up_to()]).ok()
        }
        Err(_) => None,
    }
}

/// The parts that are there whole.
fn parts(content_type: &str, bytes: &[u8]) -> Option<Vec<Part>> {
    let boundary = multer::parse_boundary(content_type).ok()?;
    let whole = Ok::<_, std::convert::Infallible>(Bytes::copy_from_slice(bytes));
    let mut form = multer::Multipart::new(stream::iter([whole]), boundary);
    let reading = async {
        let mut parts = Vec::new();
        while let Ok(Some(field)) = form.next_field().await {
            let name = field.name().map(str::to_owned);
            let file_name = field.file_name().map(str::to_owned);
            let content_type = field.content_type().map(ToString::to_string);
            let Ok(bytes) = field.bytes().await else {
                break;
            };
            let text = std::str::from_utf8(&bytes).ok().map(redact::text);
            parts.push(Part { name, file_name, content_type, bytes: bytes.len(), text });
        }
        parts
    };
    // All of it is there: nothing waits.
    reading.now_or_never()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORM: &str = "--x\r\ncontent-disposition: form-data; name=\"message\"\r\n\r\n<b>hi</b>\r\n\
                        --x\r\ncontent-disposition: form-data; name=\"attachment\"; filename=\"a.bin\"\r\n\
                        content-type: application/octet-stream\r\n\r\nabc\r\n--x--\r\n";

    fn shown(content_type: &str, bytes: &[u8], truncated: bool) -> Value {
        serde_json::to_value(Content::read(Some(content_type), bytes, truncated)).unwrap()
    }

    #[test]
    fn a_form_is_shown_by_its_parts_as_far_as_they_are_whole() {
        let multipart = "multipart/form-data; boundary=x";
        let parts = shown(multipart, FORM.as_bytes(), false);
        assert_eq!(parts["parts"][0]["text"], "<b>hi</b>");
        assert_eq!(parts["parts"][1]["fileName"], "a.bin");
        assert_eq!(parts["parts"][1]["bytes"], 3);
        let cut = shown(multipart, &FORM.as_bytes()[..FORM.len() - 12], true);
        assert_eq!(cut["parts"].as_array().unwrap().len(), 1);
    }

    #[test]
    fn everything_else_is_json_text_or_base64() {
        assert_eq!(shown("", b"{\"a\":1}", false)["json"]["a"], 1);
        assert_eq!(shown("application/json", b"{\"a\":1", false)["text"], "{\"a\":1");
        assert_eq!(shown("application/json", b"{\"a\":", true)["text"], "{\"a\":");
        assert_eq!(shown("text/plain", "Zoë".as_bytes().split_at(3).0, true)["text"], "Zo");
        assert_eq!(shown("image/png", b"\xff\x00", false)["base64"], "/wA=");
        assert_eq!(shown("image/png", b"\xff\x00", true), Value::Null);
        let form = "application/x-www-form-urlencoded";
        let text = shown(form, b"scope=a&token=b", false)["text"].as_str().unwrap().to_owned();
        assert!(text.starts_with("scope=a&token=redacted:"), "{text}");
    }
}
