use axum::http::{HeaderMap, Uri};

/// What stands in front of the bodies of a request and its answer: the target and the headers of
/// both.
///
/// Packed into one piece of memory. The values of a request's headers are slices of the buffer that
/// its connection reads into, so keeping them as they are would keep the whole buffer.
#[derive(Debug, Default)]
pub struct Head {
    packed: Vec<u8>,
    /// Where the target ends and the request's headers begin.
    target: usize,
    /// Where the request's headers end and the answer's begin.
    request: usize,
}

/// How many bytes of headers are kept on either side: hyper takes 400 KB of them.
const LONGEST: usize = 16 << 10;
/// What the headers of an answer take up, more or less.
const ANSWER: usize = 192;

impl Head {
    pub fn of_request(uri: &Uri, headers: &HeaderMap) -> Self {
        Self::new(uri.path_and_query().map_or("/", |target| target.as_str()), headers)
    }

    pub fn new(target: &str, headers: &HeaderMap) -> Self {
        let size = |(name, value): (&axum::http::HeaderName, &axum::http::HeaderValue)| {
            name.as_str().len() + value.len() + 4
        };
        let room = target.len() + headers.iter().map(size).sum::<usize>() + ANSWER;
        let mut head =
            Self { packed: Vec::with_capacity(room.min(2 * LONGEST)), ..Self::default() };
        head.packed.extend_from_slice(&target.as_bytes()[..target.len().min(LONGEST)]);
        head.target = head.packed.len();
        head.pack(headers);
        head.request = head.packed.len();
        head
    }

    pub fn answered(&mut self, headers: &HeaderMap) {
        self.pack(headers);
    }

    /// Path and query.
    pub fn target(&self) -> &str {
        // It came as text, of which the end may be missing.
        let target = &self.packed[..self.target];
        std::str::from_utf8(target).unwrap_or_default()
    }

    pub fn request_headers(&self) -> Headers<'_> {
        Headers(&self.packed[self.target..self.request])
    }

    pub fn response_headers(&self) -> Headers<'_> {
        Headers(&self.packed[self.request..])
    }

    /// How much memory it takes.
    pub fn size(&self) -> usize {
        self.packed.capacity()
    }

    fn pack(&mut self, headers: &HeaderMap) {
        let end = self.packed.len() + LONGEST;
        for (name, value) in headers {
            let (name, value) = (name.as_str().as_bytes(), value.as_bytes());
            let left = end.saturating_sub(self.packed.len() + 4 + name.len());
            let value = &value[..value.len().min(left)];
            let (Ok(name_length), Ok(value_length)) =
                (u16::try_from(name.len()), u16::try_from(value.len()))
            else {
                return;
            };
            if left == 0 {
                return;
            }
            self.packed.extend_from_slice(&name_length.to_le_bytes());
            self.packed.extend_from_slice(&value_length.to_le_bytes());
            self.packed.extend_from_slice(name);
            self.packed.extend_from_slice(value);
        }
    }
}

/// Headers in the order they came, by their names in lower case.
#[derive(Clone, Copy)]
pub struct Headers<'a>(&'a [u8]);

impl<'a> Headers<'a> {
    /// The first value of a header, if it is text.
    pub fn value(mut self, wanted: &str) -> Option<&'a str> {
        let (_, value) = self.find(|(name, _)| *name == wanted)?;
        std::str::from_utf8(value).ok()
    }
}

impl<'a> Iterator for Headers<'a> {
    type Item = (&'a str, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let (name_length, rest) = self.0.split_first_chunk::<2>()?;
        let (value_length, rest) = rest.split_first_chunk::<2>()?;
        let (name, rest) = rest.split_at_checked(u16::from_le_bytes(*name_length).into())?;
        let (value, rest) = rest.split_at_checked(u16::from_le_bytes(*value_length).into())?;
        self.0 = rest;
        Some((std::str::from_utf8(name).unwrap_or_default(), value))
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn headers_come_back_as_they_went_in() {
        let mut request = HeaderMap::new();
        request.append("x-one", HeaderValue::from_static("1"));
        request.append("x-two", HeaderValue::from_bytes(b"\xff").unwrap());
        request.append("x-one", HeaderValue::from_static(""));
        let mut answer = HeaderMap::new();
        answer.append("x-three", HeaderValue::from_static("3"));
        let mut head = Head::of_request(&Uri::from_static("/a/b?c=d"), &request);
        head.answered(&answer);
        assert_eq!(head.target(), "/a/b?c=d");
        let headers: Vec<_> = head.request_headers().collect();
        assert_eq!(headers, [("x-one", &b"1"[..]), ("x-one", b""), ("x-two", b"\xff")]);
        assert_eq!(head.response_headers().value("x-three"), Some("3"));
        assert_eq!(head.response_headers().count(), 1);
    }

    #[test]
    fn endless_headers_are_cut() {
        let mut request = HeaderMap::new();
        for _ in 0..100 {
            request.append("x-long", HeaderValue::from_str(&"x".repeat(1 << 12)).unwrap());
        }
        let head = Head::of_request(&Uri::from_static("/"), &request);
        assert!(head.size() <= 2 * LONGEST);
        let length: usize =
            head.request_headers().map(|(name, value)| name.len() + value.len()).sum();
        assert!((LONGEST - 100..=LONGEST).contains(&length), "{length}");
    }
}
