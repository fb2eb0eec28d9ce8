//! Reads the head of a request and not a byte more: what follows a `CONNECT` is another protocol's.
//! hyper would read ahead, and TLS takes its socket as the client left it: some begin it before the answer.

use std::io;

use axum::http::{HeaderName, HeaderValue, Method, Request, Uri, Version};
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;

use super::monitored::TLS_HANDSHAKE;

/// How many bytes a head may have.
const LONGEST: usize = 16 << 10;
/// How many headers.
const MOST: usize = 100;
/// How much is looked at at once.
const PIECE: usize = 2 << 10;

/// Why there is no head.
#[derive(Debug, thiserror::Error)]
pub enum HeadError {
    /// The connection broke, or ended in the middle of the head.
    #[error("the connection broke: {0}")]
    Io(#[from] io::Error),
    /// The client began with a TLS handshake.
    #[error("TLS came where plain HTTP is spoken")]
    Tls,
    #[error("the head has more than {LONGEST} bytes or {MOST} headers")]
    TooLarge,
    #[error("the request cannot be read as HTTP")]
    Unreadable,
}

/// Reads a head into `heard`, which is empty at first and tells afterwards whether anything came. None where the client
/// ended the connection instead.
pub async fn read_head(
    stream: &mut TcpStream,
    heard: &mut Vec<u8>,
) -> Result<Option<Request<()>>, HeadError> {
    let mut piece = [0; PIECE];
    loop {
        let before = heard.len();
        // Only looked at, for it may go beyond the end of the head.
        let length = stream.peek(&mut piece).await?;
        if length == 0 {
            return match before {
                0 => Ok(None),
                _ => Err(io::Error::from(io::ErrorKind::UnexpectedEof).into()),
            };
        }
        heard.extend_from_slice(&piece[..length]);
        if heard[0] == TLS_HANDSHAKE {
            return Err(HeadError::Tls);
        }
        let parsed = parse(heard)?;
        let end = parsed.as_ref().map_or(heard.len(), |(_, end)| *end);
        heard.truncate(end);
        stream.read_exact(&mut piece[..end - before]).await?;
        if let Some((request, _)) = parsed {
            return Ok(Some(request));
        }
        if heard.len() >= LONGEST {
            return Err(HeadError::TooLarge);
        }
    }
}

/// The head that these bytes begin with, and where it ends. None as long as its end is missing.
fn parse(bytes: &[u8]) -> Result<Option<(Request<()>, usize)>, HeadError> {
    let mut headers = [httparse::EMPTY_HEADER; MOST];
    let mut head = httparse::Request::new(&mut headers);
    let end = match head.parse(bytes) {
        Ok(httparse::Status::Complete(end)) => end,
        Ok(httparse::Status::Partial) => return Ok(None),
        Err(httparse::Error::TooManyHeaders) => return Err(HeadError::TooLarge),
        Err(_) => return Err(HeadError::Unreadable),
    };
    let request = read(&head).ok_or(HeadError::Unreadable)?;
    Ok(Some((request, end)))
}

fn read(head: &httparse::Request<'_, '_>) -> Option<Request<()>> {
    let mut request = Request::new(());
    *request.method_mut() = Method::from_bytes(head.method?.as_bytes()).ok()?;
    *request.uri_mut() = Uri::try_from(head.path?).ok()?;
    *request.version_mut() = match head.version? {
        0 => Version::HTTP_10,
        _ => Version::HTTP_11,
    };
    for header in &*head.headers {
        let name = HeaderName::from_bytes(header.name.as_bytes()).ok()?;
        let value = HeaderValue::from_bytes(header.value).ok()?;
        request.headers_mut().append(name, value);
    }
    Some(request)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_ends_where_it_ends() {
        let head = b"CONNECT pod.example:443 HTTP/1.1\r\nHost: pod.example:443\r\n\r\n";
        let with_more = [&head[..], b"\x16\x03\x01"].concat();
        let (request, end) = parse(&with_more).unwrap().unwrap();
        assert_eq!(end, head.len());
        assert_eq!(request.method(), Method::CONNECT);
        assert_eq!(request.uri().authority().unwrap(), "pod.example:443");
        assert!(parse(&head[..head.len() - 1]).unwrap().is_none());
        assert!(matches!(parse(b"\0\0\0"), Err(HeadError::Unreadable)));
    }
}
