use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, header};
use futures_util::StreamExt;
use hyper::body::Body as _;
use serde::de::DeserializeOwned;

use super::{Port, Reads, Unreadable};
use crate::decode;

/// A JSON body. What its `Content-Type` has to say is the port's affair: [`Port::demands_json`].
pub struct JsonBody<T>(pub T);

/// The same, or the default where no body came.
pub struct OptionalJsonBody<T>(pub T);

/// The body as it came.
pub struct RawBody(pub Bytes);

/// A body in the pieces that it came in.
pub struct Body {
    pub pieces: Vec<Bytes>,
    /// How many bytes came. Where that is more than the limit, no pieces were kept.
    pub length: u64,
}

/// How long a body may be: a picture of 2 MB in base64 has room in it.
const LONGEST: u64 = 3 << 20;

impl Body {
    /// Reads a request's body, which may be as long as `longest`.
    ///
    /// The rest of a longer one is read and dropped, within bounds: a client that is still writing does
    /// not read the answer.
    ///
    /// # Errors
    /// The connection broke.
    pub async fn read(request: Request, longest: u64) -> Result<Self, Unreadable> {
        let (mut pieces, mut length) = (Vec::new(), 0);
        let asks = request.headers().contains_key(header::EXPECT);
        let body = request.into_body();
        let announced = body.size_hint().lower();
        if asks && announced > longest {
            // A client that asks whether it should send need not be told to.
            return Ok(Self { pieces, length: announced });
        }
        if body.is_end_stream() {
            return Ok(Self { pieces, length });
        }
        let mut body = body.into_data_stream();
        while let Some(piece) = body.next().await {
            let piece = piece.map_err(Unreadable::Broken)?;
            length += piece.len() as u64;
            if length <= longest {
                pieces.push(piece);
            } else {
                pieces.clear();
                if length >= 2 * longest {
                    break;
                }
            }
        }
        Ok(Self { pieces, length })
    }

    async fn whole(request: Request) -> Result<Bytes, Unreadable> {
        let Self { mut pieces, length } = Self::read(request, LONGEST).await?;
        match pieces.len() {
            _ if length > LONGEST => Err(Unreadable::TooLarge),
            0 | 1 => Ok(pieces.pop().unwrap_or_default()),
            _ => Ok(pieces.concat().into()),
        }
    }
}

impl<S: Port> FromRequest<S> for RawBody {
    type Rejection = S::Refusal;

    async fn from_request(request: Request, _: &S) -> Result<Self, S::Refusal> {
        Ok(Self(Body::whole(request).await?))
    }
}

impl<S: Reads<T>, T: DeserializeOwned> FromRequest<S> for JsonBody<T> {
    type Rejection = S::Refusal;

    async fn from_request(request: Request, port: &S) -> Result<Self, S::Refusal> {
        check_media_type(port, request.headers())?;
        Ok(Self(json(&Body::whole(request).await?, S::EXPECTED)?))
    }
}

impl<S: Reads<T>, T: DeserializeOwned + Default> FromRequest<S> for OptionalJsonBody<T> {
    type Rejection = S::Refusal;

    async fn from_request(request: Request, port: &S) -> Result<Self, S::Refusal> {
        let media_type = check_media_type(port, request.headers());
        let body = Body::whole(request).await?;
        if body.is_empty() {
            return Ok(Self(T::default()));
        }
        media_type?;
        // A body of `null` is none.
        Ok(Self(json::<Option<T>>(&body, S::EXPECTED)?.unwrap_or_default()))
    }
}

/// Refuses a body that calls itself something else than JSON, where the port minds.
///
/// # Errors
/// [`Unreadable::MediaType`].
pub fn check_media_type(port: &impl Port, headers: &HeaderMap) -> Result<(), Unreadable> {
    const EXPECTED: &str = "application/json";
    if !port.demands_json() {
        return Ok(());
    }
    let came = media_type(headers);
    match came.as_str() {
        "" | EXPECTED => Ok(()),
        json if json.starts_with("application/") && json.ends_with("+json") => Ok(()),
        _ => Err(Unreadable::MediaType { came, expected: EXPECTED }),
    }
}

/// What the `Content-Type` calls the body, without parameters and in lower case; nothing where there
/// is none.
pub fn media_type(headers: &HeaderMap) -> String {
    let content_type = headers.get(header::CONTENT_TYPE);
    let content_type = content_type.and_then(|value| value.to_str().ok()).unwrap_or_default();
    content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// The one place where JSON bodies are read.
fn json<T: DeserializeOwned>(body: &[u8], expected: Option<&'static str>) -> Result<T, Unreadable> {
    decode::json(body).map_err(|error| Unreadable::Json { error: error.to_string(), expected })
}
