//! Messages as clients store them: PresentationML and EntityJSON that nobody checks.

use serde_json::{Map, Value};

use crate::messageml::{self, Converted, Directory, Input};

/// What is known of such a message: what it says, and whom and what it names. It need not be
/// well-formed, and its data need not be an object. Forms it has where it is PresentationML by all
/// rules, for bots.
pub(super) fn read(presentation_ml: &str, data: &str, forms: Option<&dyn Directory>) -> Converted {
    let entity_json = match serde_json::from_str(data) {
        Ok(Value::Object(entities)) => entities,
        _ => Map::new(),
    };
    let forms = forms.and_then(|directory| {
        let input = Input { data: Some(data), ..Input::new(presentation_ml) };
        messageml::convert(&input, directory).ok()
    });
    let text = text_of(presentation_ml);
    let tags = |kind| entity_json.values().filter_map(move |entity| value_of(entity, kind));
    let mentions = tags("com.symphony.user.mention").filter_map(|id| id.parse().ok()).collect();
    let hashtags = tags("org.symphonyoss.taxonomy").collect();
    let cashtags = tags("org.symphonyoss.fin.security").collect();
    Converted {
        presentation_ml: presentation_ml.to_owned(),
        markdown: text.clone(),
        entities: Map::new(),
        plain_text: text,
        hashtags,
        cashtags,
        mentions,
        forms: forms.map(|converted| converted.forms).unwrap_or_default(),
        data: data.to_owned(),
    }
}

/// The id of an entity of a type. Clients send numbers too.
fn value_of(entity: &Value, kind: &str) -> Option<String> {
    let is_one = entity.get("type").and_then(Value::as_str) == Some(kind);
    let value = entity.get("id").filter(|_| is_one)?.get(0)?.get("value")?;
    Some(value.as_str().map_or_else(|| value.to_string(), str::to_owned))
}

/// What is between the tags, every paragraph, row and break on a line of its own, the cells of a row
/// with tabs between them.
fn text_of(markup: &str) -> String {
    let mut text = String::new();
    let mut rest = markup;
    while let Some(at) = rest.find(['<', '&']) {
        text.push_str(&rest[..at]);
        rest = &rest[at..];
        let is_tag = rest.starts_with('<');
        let end = if is_tag { rest.find('>') } else { end_of_entity(rest) };
        let Some(end) = end else {
            if is_tag {
                break;
            }
            text.push('&');
            rest = &rest[1..];
            continue;
        };
        if is_tag {
            let name = rest[1..end].trim_matches('/').split([' ', '/', '\n']).next();
            match (name, rest.starts_with("</")) {
                (
                    Some("p" | "div" | "tr" | "li" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6"),
                    true,
                )
                | (Some("br"), _) => end_line(&mut text),
                (Some("td" | "th"), true) => text.push('\t'),
                _ => {}
            }
            rest = &rest[end + 1..];
        } else if let Some(character) = character(&rest[1..end]) {
            text.push(character);
            rest = &rest[end + 1..];
        } else {
            text.push('&');
            rest = &rest[1..];
        }
    }
    text.push_str(rest);
    text.trim_end().to_owned()
}

/// Where an entity ends, which is soon: a text of nothing but `&` is not searched through for each.
fn end_of_entity(text: &str) -> Option<usize> {
    const LONGEST: usize = 16;
    text.bytes().take(LONGEST).position(|byte| byte == b';')
}

/// Paragraphs in one another end together.
fn end_line(text: &mut String) {
    text.truncate(text.trim_end_matches('\t').len());
    text.push('\n');
}

fn character(entity: &str) -> Option<char> {
    match entity {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        "nbsp" => Some('\u{a0}'),
        _ => {
            let number = entity.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hexadecimal) => u32::from_str_radix(hexadecimal, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)
        }
    }
}
