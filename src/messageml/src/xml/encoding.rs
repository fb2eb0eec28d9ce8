//! What a declared encoding makes of a message.

use std::borrow::Cow;

use super::super::Invalid;
use super::{OUTSIDE_PROLOG, declaration};

/// The characters that a parser reads of a message, which it has to be told of an encoding and of line ends.
///
/// # Errors
///
/// Those of a declaration.
pub(in super::super) fn decoded(text: &str) -> Result<Cow<'_, str>, Invalid> {
    let decoded = as_declared(text)?.map_or(Cow::Borrowed(text), Cow::Owned);
    Ok(match decoded.contains('\r') {
        true => Cow::Owned(decoded.replace("\r\n", "\n").replace('\r', "\n")),
        false => decoded,
    })
}

/// What a declared encoding makes of the text: messages arrive as UTF-8 whatever they declare, and a parser told that
/// they are Latin-1 reads every byte as a character. `None` when nothing changes.
///
/// # Errors
///
/// For a declaration that is not well-formed, for what cannot be read so, and for an encoding that the JDK does not know.
fn as_declared(text: &str) -> Result<Option<String>, Invalid> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let declaration = declaration::read(text)
        .map_err(|message| Invalid::new(format!("Invalid messageML: {message}")))?;
    let Some(encoding) = declaration.and_then(|declaration| declaration.encoding) else {
        return Ok(None);
    };
    let encoding = encoding.to_ascii_lowercase().replace('_', "-");
    match encoding.as_str() {
        "iso-8859-1" | "latin1" | "iso8859-1" => {
            Ok((!text.is_ascii()).then(|| text.bytes().map(char::from).collect()))
        }
        "windows-1252" | "cp1252" => {
            let character = |byte: u8| match byte {
                0x80..=0x9f => WINDOWS_1252[usize::from(byte - 0x80)],
                _ => char::from(byte),
            };
            Ok((!text.is_ascii()).then(|| text.bytes().map(character).collect()))
        }
        "us-ascii" | "ascii" | "iso646-us" => match text.bytes().find(|byte| !byte.is_ascii()) {
            Some(byte) => Err(Invalid::new(format!(
                "Invalid messageML: Byte \"{byte}\" is not a member of the (7-bit) ASCII character set."
            ))),
            None => Ok(None),
        },
        "utf-16" | "utf-16le" | "utf-16be" | "utf-32" | "utf-32le" | "utf-32be"
        | "iso-10646-ucs-2" | "iso-10646-ucs-4" | "ucs-4" | "cp037" | "ibm037" => {
            Err(Invalid::new(format!("Invalid messageML: {OUTSIDE_PROLOG}")))
        }
        _ if KNOWN_ENCODINGS.iter().any(|known| encoding.starts_with(known)) => Ok(None),
        _ => Err(Invalid::new("Failed to parse messageML")),
    }
}

/// The characters of the bytes from 0x80 to 0x9f; those that are none become U+FFFD.
const WINDOWS_1252: [char; 32] = [
    '\u{20ac}', '\u{fffd}', '\u{201a}', '\u{192}', '\u{201e}', '\u{2026}', '\u{2020}', '\u{2021}',
    '\u{2c6}', '\u{2030}', '\u{160}', '\u{2039}', '\u{152}', '\u{fffd}', '\u{17d}', '\u{fffd}',
    '\u{fffd}', '\u{2018}', '\u{2019}', '\u{201c}', '\u{201d}', '\u{2022}', '\u{2013}', '\u{2014}',
    '\u{2dc}', '\u{2122}', '\u{161}', '\u{203a}', '\u{153}', '\u{fffd}', '\u{17e}', '\u{178}',
];

/// What the names of the encodings begin with that the JDK reads as text of single bytes, or as UTF-8.
const KNOWN_ENCODINGS: [&str; 12] = [
    "utf-8",
    "utf8",
    "iso-8859-",
    "iso8859-",
    "windows-125",
    "cp125",
    "ibm",
    "koi8-",
    "shift-jis",
    "euc-",
    "gb",
    "big5",
];
