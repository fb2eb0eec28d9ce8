//! `java.net.URI`: RFC 2396 with IPv6 literals and, where escapes may stand, any non-ASCII character that is neither a
//! space nor a control.

/// Where the characters being checked stand.
#[derive(Clone, Copy)]
enum Part {
    Path,
    /// Query, fragment and the scheme-specific part of an opaque URI.
    Rest,
    /// An authority that is not taken apart.
    Authority,
}

/// Parses a URI and returns its scheme, `None` for a relative one.
///
/// # Errors
///
/// When `new URI(text)` would throw.
pub(in super::super) fn scheme(text: &str) -> Result<Option<&str>, ()> {
    let (body, fragment) = match text.split_once('#') {
        Some((body, fragment)) => (body, Some(fragment)),
        None => (text, None),
    };
    check(fragment.unwrap_or_default(), Part::Rest)?;
    let colon = body.find([':', '/', '?']).filter(|at| body.as_bytes()[*at] == b':');
    let Some(colon) = colon else {
        hierarchical(body)?;
        return Ok(None);
    };
    let (scheme, specific) = (&body[..colon], &body[colon + 1..]);
    let mut characters = scheme.chars();
    if !characters.next().is_some_and(|c| c.is_ascii_alphabetic())
        || !characters.all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
    {
        return Err(());
    }
    if specific.starts_with('/') {
        hierarchical(specific)?;
    } else if specific.is_empty() {
        return Err(());
    } else {
        check(specific, Part::Rest)?;
    }
    Ok(Some(scheme))
}

fn hierarchical(text: &str) -> Result<(), ()> {
    let (location, query) = text.split_once('?').unwrap_or((text, ""));
    check(query, Part::Rest)?;
    let path = match location.strip_prefix("//") {
        None => location,
        Some(rest) => {
            let end = rest.find('/').unwrap_or(rest.len());
            if end > 0 {
                authority(&rest[..end])?;
            } else if rest.is_empty() && !text.contains('?') {
                return Err(());
            }
            &rest[end..]
        }
    };
    check(path, Part::Path)
}

fn authority(text: &str) -> Result<(), ()> {
    if !text.contains(['[', ']']) {
        return check(text, Part::Authority);
    }
    let (user, host) = text.rsplit_once('@').unwrap_or(("", text));
    check(user, Part::Authority)?;
    let (address, port) = host.strip_prefix('[').and_then(|host| host.split_once(']')).ok_or(())?;
    let address = address.split_once('%').map_or(address, |(address, _zone)| address);
    let port = port.strip_prefix(':').unwrap_or(port);
    if address.parse::<std::net::Ipv6Addr>().is_err() || !port.bytes().all(|b| b.is_ascii_digit()) {
        return Err(());
    }
    Ok(())
}

fn check(text: &str, part: Part) -> Result<(), ()> {
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        let allowed = match character {
            '%' => {
                let mut digit = || characters.next().is_some_and(|c| c.is_ascii_hexdigit());
                digit() && digit()
            }
            'a'..='z' | 'A'..='Z' | '0'..='9' => true,
            '_' | '-' | '!' | '.' | '~' | '\'' | '(' | ')' | '*' => true,
            ':' | '@' | '&' | '=' | '+' | '$' | ',' | ';' => true,
            '/' => !matches!(part, Part::Authority),
            '?' | '[' | ']' => matches!(part, Part::Rest),
            _ => !character.is_ascii() && !character.is_control() && !is_space(character),
        };
        if !allowed {
            return Err(());
        }
    }
    Ok(())
}

/// `Character.isSpaceChar`.
fn is_space(c: char) -> bool {
    matches!(
        c,
        ' ' | '\u{a0}' | '\u{1680}' | '\u{2000}'
            ..='\u{200a}' | '\u{2028}' | '\u{2029}' | '\u{202f}' | '\u{205f}' | '\u{3000}'
    )
}

#[cfg(test)]
mod tests {
    use super::scheme;

    #[test]
    fn takes_what_java_takes() {
        for (text, expected) in [
            ("https://hello.org", Some("https")),
            ("http:google.com", Some("http")),
            ("example.com", None),
            ("", None),
            ("HTTPS://u:p@[::1]:80/a;b?c[d]#e", Some("HTTPS")),
            ("https://grüße.de/straße", Some("https")),
            ("mailto:a@b.c", Some("mailto")),
            ("file:///x", Some("file")),
        ] {
            assert_eq!(scheme(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn refuses_what_java_refuses() {
        for text in [
            "[invalid]",
            "a b",
            "https://",
            "mailto:",
            "https:",
            "1a:b",
            ":a",
            "https://a/%zz",
            "https://a/#b#c",
            "https://a/[b]",
            "https://a/\u{a0}",
            "https://a/^",
            "https://[::zz]/",
        ] {
            assert_eq!(scheme(text), Err(()), "{text}");
        }
    }
}
