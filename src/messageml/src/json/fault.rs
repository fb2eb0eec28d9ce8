//! What is wrong with a text that is no JSON, in Jackson's words. The text is walked without recursion.

use std::borrow::Cow;

/// How much of a text Jackson quotes in an error, in UTF-16 units.
const QUOTED: usize = 500;

/// Where in `text` a fault at the byte `at` lies, as Jackson writes it.
pub(crate) fn location(text: &str, at: usize) -> String {
    located(text, at, 0)
}

/// The same `columns` further on in the line.
fn located(text: &str, at: usize, columns: usize) -> String {
    let before = &text[..at];
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().encode_utf16().count() + 1;
    format!("[Source: (String){}; line: {line}, column: {}]", quoted(text), column + columns)
}

fn quoted(text: &str) -> String {
    let mut units = 0;
    let cut = text.char_indices().find(|(_, character)| {
        units += character.len_utf16();
        units > QUOTED
    });
    match cut {
        None => format!("\"{}\"", visible(text)),
        Some((at, _)) => {
            let left = text[at..].encode_utf16().count();
            format!("\"{}\"[truncated {left} chars]", visible(&text[..at]))
        }
    }
}

/// The text with its control characters spelled out, line ends apart.
fn visible(text: &str) -> Cow<'_, str> {
    let is_hidden = |c: char| c.is_control() && c != '\n' && c != '\r';
    if !text.contains(is_hidden) {
        return Cow::Borrowed(text);
    }
    let spelled = |c: char| match is_hidden(c) {
        true => format!("\\u{:04x}", u32::from(c)),
        false => c.to_string(),
    };
    Cow::Owned(text.chars().map(spelled).collect())
}

const VALUE_EXPECTED: &str =
    "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')";

/// What comes next while a text is walked.
#[derive(Clone, Copy, PartialEq)]
enum Expect {
    Value,
    /// A value or, right after `[`, the end of the array.
    FirstItem,
    /// A field name or, right after `{`, the end of the object.
    FirstName,
    Name,
    Colon,
    /// A comma or the end of what is open.
    Separator,
}

/// A step from a value to one in it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Step {
    Item(usize),
    Field(String),
}

/// A value that a walk came across.
pub(crate) struct Seen {
    pub path: Vec<Step>,
    /// Its first byte.
    pub start: usize,
    /// The byte behind a number or literal, behind the first byte of any other.
    pub token_end: usize,
}

/// What a walk through a text finds.
#[derive(Default)]
pub(crate) struct Walk {
    /// The values that begin before the fault, in order.
    pub seen: Vec<Seen>,
    /// The first fault in Jackson's words, and what it lies in.
    pub fault: Option<(String, Vec<Step>)>,
}

/// The first fault of a malformed text, in Jackson's words. `None` when the walk finds none.
pub(super) fn fault(text: &str) -> Option<String> {
    walk_noting(text, false).fault.map(|(message, _)| message)
}

/// An array or object that the walk is in.
struct Open {
    marker: u8,
    start: usize,
    /// The item or field that the walk is at.
    step: Step,
}

/// Walks through the first value of a text.
pub(crate) fn walk(text: &str) -> Walk {
    walk_noting(text, true)
}

/// The same. Where values are in a text that is long and deep takes far more memory than the text.
fn walk_noting(text: &str, notes: bool) -> Walk {
    let mut walk = Walk::default();
    let mut open = Vec::new();
    let in_string = match walk_into(text, &mut open, notes.then_some(&mut walk.seen)) {
        Ok(()) => return walk,
        Err((message, in_string)) => {
            walk.fault = Some((message, Vec::new()));
            in_string
        }
    };
    // A field is given a value only once the value is read: a string, while it is.
    let innermost = open.len();
    let path = open.into_iter().enumerate().filter_map(|(depth, open)| {
        let counts = open.marker == b'[' || depth + 1 < innermost || in_string;
        counts.then_some(open.step)
    });
    if let Some((_, fault_path)) = &mut walk.fault {
        *fault_path = path.collect();
    }
    walk
}

/// The walk itself. An error says whether the fault is in a string that is a value.
fn walk_into(
    text: &str,
    open: &mut Vec<Open>,
    mut seen: Option<&mut Vec<Seen>>,
) -> Result<(), (String, bool)> {
    let mut expect = Expect::Value;
    let mut at = 0;
    let bytes = text.as_bytes();
    let elsewhere = |fault: String| (fault, false);
    loop {
        while bytes.get(at).is_some_and(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r')) {
            at += 1;
        }
        let Some(character) = text[at..].chars().next() else {
            return Err(elsewhere(cut_off(text, at, expect, open.last())));
        };
        let unexpected = |expectation: &str| Err(elsewhere(unexpected(text, at, 1, expectation)));
        let is_value = matches!(expect, Expect::Value | Expect::FirstItem);
        let next = match (expect, character) {
            (_, '\0'..='\x1f') => return Err(elsewhere(illegal(text, at, character))),
            (_, '/') => {
                return unexpected(
                    ": maybe a (non-standard) comment? (not recognized as one since Feature 'ALLOW_COMMENTS' not \
                     enabled for parser)",
                );
            }
            (Expect::FirstName | Expect::FirstItem | Expect::Separator, '}' | ']') => {
                let Some(Open { marker, start, .. }) = open.pop() else { return Ok(()) };
                if (marker == b'{') != (character == '}') {
                    let wanted = if marker == b'{' { '}' } else { ']' };
                    return Err(elsewhere(format!(
                        "Unexpected close marker '{character}': expected '{wanted}' (for {} starting at {})\n at {}",
                        kind_of(marker),
                        location(text, start),
                        location(text, at + 1)
                    )));
                }
                Ok((at + 1, Expect::Separator))
            }
            (Expect::FirstName | Expect::Name, '"') => string_end(text, at, true).map(|end| {
                if let Some(open) = open.last_mut() {
                    open.step = Step::Field(text[at + 1..end - 1].to_owned());
                }
                (end, Expect::Colon)
            }),
            (Expect::FirstName | Expect::Name, _) => {
                return unexpected(": was expecting double-quote to start field name");
            }
            (Expect::Colon, ':') => Ok((at + 1, Expect::Value)),
            (Expect::Colon, _) => {
                return unexpected(": was expecting a colon to separate field name and value");
            }
            (Expect::Separator, ',') => {
                let in_array = open.last().is_some_and(|open| open.marker == b'[');
                Ok((at + 1, if in_array { Expect::Value } else { Expect::Name }))
            }
            (Expect::Separator, _) => {
                let kind = open.last().map_or("root", |open| kind_of(open.marker));
                return unexpected(&format!(": was expecting comma to separate {kind} entries"));
            }
            (_, '{' | '[' | '"') => {
                if let Some(seen) = &mut seen {
                    seen.push(Seen { path: path_of(open), start: at, token_end: at + 1 });
                }
                if character == '"' {
                    let end = string_end(text, at, false).map_err(|fault| (fault, true))?;
                    Ok((end, Expect::Separator))
                } else if character == '{' {
                    let step = Step::Field(String::new());
                    open.push(Open { marker: b'{', start: at, step });
                    Ok((at + 1, Expect::FirstName))
                } else {
                    open.push(Open { marker: b'[', start: at, step: Step::Item(0) });
                    Ok((at + 1, Expect::FirstItem))
                }
            }
            (_, '-' | '+' | '0'..='9') => number_end(text, at).map(|end| (end, Expect::Separator)),
            (_, first) if is_token(first) => {
                token_end(text, at).map(|end| (end, Expect::Separator))
            }
            _ => return unexpected(&format!(": expected a valid value {VALUE_EXPECTED}")),
        };
        let (end, after) = next.map_err(elsewhere)?;
        let start = at;
        (at, expect) = (end, after);
        if open.is_empty() && expect == Expect::Separator {
            // Behind a number, which only a blank ends, and nothing else is looked at.
            let ends_in_digit = text[..at].ends_with(|c: char| c.is_ascii_digit());
            let is_blank = |c: char| matches!(c, ' ' | '\t' | '\n' | '\r');
            if ends_in_digit && text[at..].starts_with(|c| !is_blank(c)) {
                let why = ": Expected space separating root-level values";
                return Err(elsewhere(self::unexpected(text, at, 1, why)));
            }
        }
        if let Some(seen) = &mut seen
            && is_value
            && after == Expect::Separator
            && !matches!(character, '"' | '}' | ']')
        {
            seen.push(Seen { path: path_of(open), start, token_end: end });
        }
        if let (Expect::Separator, Some(Open { step: Step::Item(index), .. })) =
            (after, open.last_mut())
        {
            *index += 1;
        }
        if open.is_empty() && expect == Expect::Separator {
            return Ok(());
        }
    }
}

fn path_of(open: &[Open]) -> Vec<Step> {
    open.iter().map(|open| open.step.clone()).collect()
}

/// What is wrong with a text that ends at `at`.
fn cut_off(text: &str, at: usize, expect: Expect, innermost: Option<&Open>) -> String {
    let end = location(text, at);
    let Some(Open { marker, start, .. }) = innermost else {
        // An empty text has no first column.
        let place = match text {
            "" => "[Source: (String)\"\"; line: 1, column: 0]",
            _ => &end,
        };
        return format!("No content to map due to end-of-input\n at {place}");
    };
    let kind = kind_of(*marker);
    match expect {
        Expect::Value | Expect::Name | Expect::Colon => {
            format!("Unexpected end-of-input within/between {kind} entries\n at {end}")
        }
        _ => format!(
            "Unexpected end-of-input: expected close marker for {kind} (start marker at {})\n at {end}",
            location(text, *start)
        ),
    }
}

fn kind_of(marker: u8) -> &'static str {
    if marker == b'{' { "Object" } else { "Array" }
}

/// A character that cannot stand at `at`; Jackson says that it is `columns` further on.
fn unexpected(text: &str, at: usize, columns: usize, why: &str) -> String {
    unexpected_at(text, at, &located(text, at, columns), why)
}

/// The same at a place that Jackson finds elsewhere.
fn unexpected_at(text: &str, at: usize, place: &str, why: &str) -> String {
    let character = text[at..].chars().next().unwrap_or_default();
    let code = u32::from(character);
    let code = if code > 255 { format!("{code} / 0x{code:x}") } else { code.to_string() };
    format!("Unexpected character ('{character}' (code {code})){why}\n at {place}")
}

fn illegal(text: &str, at: usize, character: char) -> String {
    format!(
        "Illegal character ((CTRL-CHAR, code {})): only regular white space (\\r, \\n, \\t) is allowed between \
         tokens\n at {}",
        u32::from(character),
        located(text, at, 1)
    )
}

pub(super) fn is_token(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '$')
}

/// The byte after `true`, `false` or `null`, which alone may be written without quotes.
fn token_end(text: &str, start: usize) -> Result<usize, String> {
    let signed = usize::from(text[start..].starts_with(['-', '+']));
    let length = text[start + signed..].find(|c| !is_token(c));
    let end = length.map_or(text.len(), |length| start + signed + length);
    let token = &text[start..end];
    let place = || location(text, end);
    match token {
        "true" | "false" | "null" => Ok(end),
        "NaN" | "Infinity" | "-Infinity" | "+Infinity" => Err(format!(
            "Non-standard token '{token}': enable `JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS` to allow\n at {}",
            place()
        )),
        _ => Err(format!(
            "Unrecognized token '{token}': was expecting {VALUE_EXPECTED}\n at {}",
            place()
        )),
    }
}

/// The byte after the number that starts at `start`.
fn number_end(text: &str, start: usize) -> Result<usize, String> {
    let digits = |from: usize| {
        text[from..].find(|c: char| !c.is_ascii_digit()).map_or(text.len(), |length| from + length)
    };
    let sign = text[start..].starts_with(['-', '+']);
    let first = start + usize::from(sign);
    let is_negative = text[start..].starts_with('-');
    if sign && text[first..].starts_with('I') {
        return token_end(text, start);
    }
    if sign && !is_negative {
        return Err(unexpected(
            text,
            start,
            2,
            " in numeric value: JSON spec does not allow numbers to have plus signs: enable \
             `JsonReadFeature.ALLOW_LEADING_PLUS_SIGN_FOR_NUMBERS` to allow",
        ));
    }
    let cut_off = || {
        let place = location(text, text.len());
        format!("Unexpected end-of-input in a Number value\n at {place}")
    };
    let mut end = digits(first);
    if end == first {
        if end == text.len() {
            return Err(cut_off());
        }
        let why =
            " in numeric value: expected digit (0-9) to follow minus sign, for valid numeric value";
        return Err(unexpected(text, end, 1, why));
    }
    if end > first + 1 && text[first..].starts_with('0') {
        let place = location(text, first + 1);
        return Err(format!("Invalid numeric value: Leading zeroes not allowed\n at {place}"));
    }
    let part = |end: usize, signed: bool, what: &str| {
        let digit = end + usize::from(signed);
        match digits(digit) {
            after if after > digit => Ok(after),
            after if after == text.len() => Err(cut_off()),
            after => {
                let why = format!(" in numeric value: {what} not followed by a digit");
                // The place does not count a sign.
                Err(unexpected_at(text, after, &location(text, end), &why))
            }
        }
    };
    if text[end..].starts_with('.') {
        end = part(end + 1, false, "Decimal point")?;
    }
    if text[end..].starts_with(['e', 'E']) {
        let signed = text[end + 1..].starts_with(['-', '+']);
        end = part(end + 1, signed, "Exponent indicator")?;
    }
    Ok(end)
}

/// The byte after the string that starts at `start`.
fn string_end(text: &str, start: usize, is_name: bool) -> Result<usize, String> {
    let (mut escaped, mut hex) = (false, 0);
    for (offset, character) in text[start + 1..].char_indices() {
        let at = start + 1 + offset;
        let end = at + character.len_utf8();
        if hex > 0 {
            if !character.is_ascii_hexdigit() {
                let why = ": expected a hex-digit for character escape sequence";
                return Err(unexpected(text, at, 1, why));
            }
            hex -= 1;
            continue;
        }
        if escaped {
            hex = if character == 'u' { 4 } else { 0 };
            if !matches!(character, '"' | '\\' | '/' | 'b' | 'f' | 'n' | 'r' | 't' | 'u') {
                return Err(format!(
                    "Unrecognized character escape '{character}' (code {})\n at {}",
                    u32::from(character),
                    location(text, end)
                ));
            }
            escaped = false;
            continue;
        }
        match character {
            '\\' => escaped = true,
            '"' => return Ok(end),
            '\0'..='\x1f' => {
                return Err(format!(
                    "Illegal unquoted character ((CTRL-CHAR, code {})): has to be escaped using backslash to be \
                     included in {}\n at {}",
                    u32::from(character),
                    if is_name { "name" } else { "string value" },
                    located(text, at, 1)
                ));
            }
            _ => {}
        }
    }
    let place = location(text, text.len());
    Err(match escaped || hex > 0 {
        true => format!("Unexpected end-of-input in character escape sequence\n at {place}"),
        false if is_name => format!("Unexpected end-of-input in field name\n at {place}"),
        false => format!(
            "Unexpected end-of-input: was expecting closing quote for a string value\n at {place}"
        ),
    })
}
