//! The `Content-Disposition` of a part, as RFC 6266 and RFC 8187 have it.

use percent_encoding::percent_decode_str;

/// What a part says of itself.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct ContentDisposition {
    pub name: String,
    pub file_name: Option<String>,
}

impl ContentDisposition {
    /// Reads the header. Names of parameters have no case; `filename*` wins over `filename`, and of
    /// two of one name the first.
    pub fn parse(header: &[u8]) -> Self {
        // Browsers and SDKs write names in bare UTF-8.
        let header = String::from_utf8_lossy(header);
        let parameters = parameters(&header);
        let find = |wanted: &str| {
            let mut found = parameters.iter().filter(|(name, _)| name == wanted);
            found.next().map(|(_, value)| value.clone())
        };
        // One that cannot be read or says nothing is as if it were not there.
        let extended = |wanted: &str| {
            let decoded = find(&format!("{wanted}*")).and_then(|value| decode(&value));
            decoded.filter(|value| !value.is_empty())
        };
        let value = |wanted: &str| extended(wanted).or_else(|| find(wanted));
        Self { name: value("name").unwrap_or_default(), file_name: value("filename") }
    }
}

/// The parameters behind the first semicolon: names in lower case, and values.
fn parameters(header: &str) -> Vec<(String, String)> {
    let mut parameters = Vec::new();
    let mut rest = header.split_once(';').map_or("", |(_, rest)| rest);
    while let Some((name, after)) = rest.split_once('=') {
        let (value, after) = value(after.trim_start());
        parameters.push((name.trim().to_ascii_lowercase(), value));
        rest = after.split_once(';').map_or("", |(_, rest)| rest);
    }
    parameters
}

/// The value that a text begins with, and what is behind it.
fn value(text: &str) -> (String, &str) {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find(';').unwrap_or(text.len());
        return (text[..end].trim_end().to_owned(), &text[end..]);
    };
    let mut value = String::new();
    let mut characters = quoted.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return (value, &quoted[at + 1..]),
            // Some clients send `C:\folder\file` with its backslashes as they are.
            '\\' => match characters.next_if(|(_, next)| matches!(next, '"' | '\\')) {
                Some((_, escaped)) => value.push(escaped),
                None => value.push('\\'),
            },
            other => value.push(other),
        }
    }
    (value, "")
}

/// `UTF-8'en'%e2%82%ac` as a text; nothing where it is none of the two charsets that RFC 8187 and its
/// predecessor demand, or a `%` stands before anything but two digits.
fn decode(extended: &str) -> Option<String> {
    let (charset, rest) = extended.split_once('\'')?;
    let (_, encoded) = rest.split_once('\'')?;
    let mut escapes = encoded.split('%').skip(1);
    let is_escape =
        |it: &str| it.len() >= 2 && it.bytes().take(2).all(|digit| digit.is_ascii_hexdigit());
    if !escapes.all(is_escape) {
        return None;
    }
    let bytes = percent_decode_str(encoded);
    match charset.to_ascii_lowercase().as_str() {
        "utf-8" => Some(bytes.decode_utf8().ok()?.into_owned()),
        "iso-8859-1" => Some(bytes.map(char::from).collect()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_has_the_name_that_its_header_gives_it() {
        for (header, name, file_name) in [
            ("form-data; name=\"a\"; filename=\"b.txt\"", "a", Some("b.txt")),
            ("form-data; Name=a; FileName=b.txt", "a", Some("b.txt")),
            ("form-data; filename=\"b; c=\\\"d\\\".txt\"; name=a", "a", Some("b; c=\"d\".txt")),
            ("form-data; name=a; filename=\"C:\\dir\\b.txt\"", "a", Some("C:\\dir\\b.txt")),
            ("form-data; name=a; filename=x; filename*=UTF-8''%e2%82%ac.txt", "a", Some("€.txt")),
            ("form-data; name=a; filename*=iso-8859-1'en'%A3; filename=x", "a", Some("£")),
            ("form-data; name=a; filename*=utf-16''x; filename=y", "a", Some("y")),
            ("form-data; name=a; filename*=UTF-8''%ff; filename=y", "a", Some("y")),
            ("form-data; name=a; filename*=UTF-8''%ZZ; filename=y", "a", Some("y")),
            ("form-data; name=a; filename*=UTF-8''x%4; filename=y", "a", Some("y")),
            ("form-data; name=a; filename*=UTF-8''; filename=y", "a", Some("y")),
            ("form-data; name=\"a", "a", None),
            ("form-data; name=a; name=b; x", "a", None),
            ("form-data; filename=\"\"", "", Some("")),
            ("form-data", "", None),
            ("", "", None),
            (";=;=\"", "", None),
        ] {
            let parsed = ContentDisposition::parse(header.as_bytes());
            let file_name = file_name.map(str::to_owned);
            assert_eq!(parsed, ContentDisposition { name: name.into(), file_name }, "{header}");
        }
    }
}
