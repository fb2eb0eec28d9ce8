//! What a client makes of what somebody types into it.
//!
//! A client does not send MessageML: it marks the text up itself, and agents hand on what it made.
//! Recorded messages show how: `data-version="2.0" class="wysiwyg"` around a paragraph for every
//! line (finos/symphony-bdk-java issue 645), entities numbered by kind, mentions first
//! (`TestMessageMLParser` of finos/spring-bot), in data whose ids are texts
//! (`message_entity_data.json` of finos/symphony-bdk-java), and tables as they were pasted, in the
//! class `pasted-table` (finos/spring-bot again).

use std::fmt::{self, Write as _};

use serde_json::{Map, Value, json};

use super::super::{Refusal, StreamId, World};
use super::Limit;
use super::compose::encrypted_length;
use super::mentions::Names;
use crate::messageml;

/// A line with what the client's type-ahead found in it.
type Line<'a> = Vec<Piece<'a>>;

enum Piece<'a> {
    Text(&'a str),
    Link(&'a str),
    Entity(Entity),
}

struct Entity {
    kind: Kind,
    /// Its key in the data.
    id: String,
    text: String,
    value: Value,
}

/// In the order in which clients number entities.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Mention,
    Hashtag,
    Cashtag,
    Emoji,
}

/// A paragraph, or the lines of a table.
enum Block<'a> {
    Line(Line<'a>),
    Table(Vec<Vec<Line<'a>>>),
}

/// A text on its way, with what of it counts against limits: one that has too much of something is
/// given up before the rest of it is marked up.
struct Typing<'w> {
    world: &'w World,
    names: Names,
    /// Mentions, hashtags and cashtags so far.
    entities: usize,
    /// What the PresentationML has at least so far, in bytes.
    length: usize,
}

impl World {
    /// The PresentationML and the EntityJSON of a text that somebody typed into a stream, or that
    /// he pasted: `@name` of whoever is called or displayed so, `#tag`, `$cash`, `:emoji:` and links
    /// are marked up, every line is a paragraph, and lines with tabs between columns are a table.
    /// What data is given already stays.
    ///
    /// # Errors
    ///
    /// For a text with control characters or with more of something than a message may have, and for
    /// data that is no JSON object.
    pub(super) fn type_out<'a>(
        &self,
        text: &'a str,
        data: Option<&str>,
        stream: Option<StreamId>,
    ) -> Result<(String, String), Refusal> {
        let why = |why: &str| Refusal::MessageInvalid { why: why.to_owned() };
        if text.contains(|c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
            return Err(why("nobody can type control characters: presentationML takes them"));
        }
        let data = data.unwrap_or("{}");
        let mut data: Map<String, Value> = serde_json::from_str(data)
            .map_err(|_| why("data is no JSON object: beside presentationML it may be anything"))?;
        let names = Names::of(self, text, stream);
        let mut typing = Typing { world: self, names, entities: 0, length: 0 };
        let mut blocks = Vec::new();
        let lines: Vec<_> = text.lines().collect();
        let mut rest = lines.as_slice();
        while let Some((first, after)) = rest.split_first() {
            let rows = rows_of_table(rest);
            if rows > 1 {
                let (table, after) = rest.split_at(rows);
                let row = |row: &&'a str| row.split('\t').map(|cell| typing.pieces(cell)).collect();
                blocks.push(Block::Table(table.iter().map(row).collect::<Result<_, _>>()?));
                rest = after;
            } else {
                blocks.push(Block::Line(typing.pieces(first)?));
                rest = after;
            }
        }
        number(&mut blocks, &mut data);
        let mut out = String::from(
            r#"<div data-format="PresentationML" data-version="2.0" class="wysiwyg">"#,
        );
        for block in &blocks {
            // Writing into a text does not fail.
            let _ = write!(out, "{block}");
        }
        out.push_str("</div>");
        Ok((out, Value::Object(data).to_string()))
    }
}

impl Typing<'_> {
    /// What a line is made of, or a cell of a table.
    fn pieces<'a>(&mut self, line: &'a str) -> Result<Line<'a>, Refusal> {
        let mut pieces = Vec::new();
        self.length += "<p></p>".len() + line.len();
        let (mut plain, mut at) = (0, 0);
        let mut before = None;
        while let Some(character) = line[at..].chars().next() {
            let rest = &line[at..];
            let begins_word = before.is_none_or(|c: char| !c.is_alphanumeric() && c != '_');
            let found = match character {
                '@' if begins_word => self.mention(rest),
                '#' if begins_word => hashtag(rest),
                '$' if begins_word => cashtag(rest),
                ':' => emoji(rest),
                'h' | 'H' if begins_word => link(rest),
                _ => None,
            };
            if let Some((length, piece)) = found {
                if plain < at {
                    pieces.push(Piece::Text(&line[plain..at]));
                }
                self.count(&piece, length)?;
                pieces.push(piece);
                at += length;
                plain = at;
                before = line[..at].chars().next_back();
            } else {
                at += character.len_utf8();
                before = Some(character);
            }
        }
        if plain < line.len() {
            pieces.push(Piece::Text(&line[plain..]));
        }
        self.world.check_limit(Limit::MessageSize, encrypted_length(self.length))?;
        Ok(pieces)
    }

    /// Counts what a message may not have too much of, where so many bytes of the line became it.
    fn count(&mut self, piece: &Piece<'_>, typed: usize) -> Result<(), Refusal> {
        let Piece::Entity(entity) = piece else { return Ok(()) };
        // As `print_line` writes it.
        self.length += r#"<span class="entity" data-entity-id=""></span>"#.len();
        self.length = (self.length + entity.text.len()).saturating_sub(typed);
        self.world.check_limit(Limit::MessageSize, encrypted_length(self.length))?;
        self.entities += usize::from(entity.kind != Kind::Emoji);
        self.world.check_limit(Limit::Entities, self.entities)
    }

    /// Whoever has the longest name that follows the `@`; of several of one name, one who is in the
    /// stream, and of the own pod.
    fn mention(&self, rest: &str) -> Option<(usize, Piece<'static>)> {
        let (length, id) = self.names.longest_at(&rest[1..])?;
        let name = &self.world.users.by_id(id)?.display_name;
        let id = json!([{ "type": "com.symphony.user.userId", "value": id.to_string() }]);
        let value = json!({ "id": id, "type": "com.symphony.user.mention" });
        Some((1 + length, entity(Kind::Mention, format!("@{name}"), value)))
    }
}

/// The tag that a text begins with: letters, digits, `_`, `.` and `-`, as the documentation has it
/// (SymphonyPlatformSolutions/symphony-developers-documentation, bots/messages), and not the full
/// stop behind it.
fn tag(text: &str) -> Option<&str> {
    let star = usize::from(text.starts_with('*'));
    let belongs = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '-');
    let end = text[star..].find(|c| !belongs(c)).map_or(text.len(), |end| star + end);
    let tag = text[..end].trim_end_matches(['.', '-']);
    tag.contains(char::is_alphanumeric).then_some(tag)
}

fn hashtag(rest: &str) -> Option<(usize, Piece<'static>)> {
    let tag = tag(&rest[1..])?;
    let id = json!([{ "type": "org.symphonyoss.taxonomy.hashtag", "value": tag }]);
    let value = json!({ "id": id, "type": "org.symphonyoss.taxonomy", "version": "1.0" });
    Some((1 + tag.len(), entity(Kind::Hashtag, format!("#{tag}"), value)))
}

/// Those of digits take a `*` in front: `$100` is an amount.
fn cashtag(rest: &str) -> Option<(usize, Piece<'static>)> {
    let tag =
        tag(&rest[1..]).filter(|tag| tag.starts_with(|c: char| c.is_alphabetic() || c == '*'))?;
    let id = json!([{ "type": "org.symphonyoss.fin.security.id.ticker", "value": tag }]);
    let value = json!({ "id": id, "type": "org.symphonyoss.fin.security", "version": "1.0" });
    Some((1 + tag.len(), entity(Kind::Cashtag, format!("${tag}"), value)))
}

fn emoji(rest: &str) -> Option<(usize, Piece<'static>)> {
    let (shortcode, _) = rest[1..].split_once(':')?;
    let unicode = messageml::emoji(shortcode)?;
    let data = json!({
        "shortcode": shortcode,
        "annotation": shortcode,
        "family": "",
        "size": "normal",
        "unicode": unicode,
    });
    let value = json!({ "type": "com.symphony.emoji", "version": "1.0", "data": data });
    Some((shortcode.len() + 2, entity(Kind::Emoji, unicode.to_owned(), value)))
}

fn entity(kind: Kind, text: String, value: Value) -> Piece<'static> {
    Piece::Entity(Entity { kind, id: String::new(), text, value })
}

fn link(rest: &str) -> Option<(usize, Piece<'_>)> {
    let scheme = ["http://", "https://"].into_iter().find(|scheme| {
        rest.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    })?;
    let end = rest.find(|c: char| c.is_whitespace() || "<>\"".contains(c)).unwrap_or(rest.len());
    let link = rest[..end].trim_end_matches(['.', ',', ';', ':', '!', '?', '\'', ')', ']', '}']);
    (link.len() > scheme.len()).then(|| (link.len(), Piece::Link(link)))
}

/// How many of the first lines are the rows of one table: each has as many tabs as the first.
fn rows_of_table(lines: &[&str]) -> usize {
    let tabs = |line: &&str| line.matches('\t').count();
    let columns = lines.first().map_or(0, tabs);
    if columns == 0 { 0 } else { lines.iter().take_while(|line| tabs(line) == columns).count() }
}

/// Gives the entities their numbers, by kind and in the order in which they stand, and puts them
/// into the data.
fn number(blocks: &mut [Block<'_>], data: &mut Map<String, Value>) {
    let mut next = 0;
    for kind in [Kind::Mention, Kind::Hashtag, Kind::Cashtag, Kind::Emoji] {
        for piece in blocks.iter_mut().flat_map(Block::lines).flatten() {
            let Piece::Entity(entity) = piece else { continue };
            if entity.kind != kind {
                continue;
            }
            while data.contains_key(&next.to_string()) {
                next += 1;
            }
            entity.id = next.to_string();
            data.insert(entity.id.clone(), entity.value.take());
        }
    }
}

impl<'a> Block<'a> {
    fn lines(&mut self) -> Box<dyn Iterator<Item = &mut Line<'a>> + '_> {
        match self {
            Self::Line(line) => Box::new(std::iter::once(line)),
            Self::Table(rows) => Box::new(rows.iter_mut().flatten()),
        }
    }
}

impl fmt::Display for Block<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("<p>")?;
        match self {
            Self::Line(line) => print_line(out, line)?,
            Self::Table(rows) => {
                out.write_str(r#"<table class="pasted-table">"#)?;
                let (head, body) = rows.split_at(1);
                for (part, cell, rows) in [("thead", "th", head), ("tbody", "td", body)] {
                    write!(out, "<{part}>")?;
                    for row in rows {
                        out.write_str("<tr>")?;
                        for line in row {
                            write!(out, "<{cell}>")?;
                            match line.is_empty() {
                                // finos/symphony-bdk-python#207: what XML parsers do not know.
                                true => out.write_str("&nbsp;")?,
                                false => print_line(out, line)?,
                            }
                            write!(out, "</{cell}>")?;
                        }
                        out.write_str("</tr>")?;
                    }
                    write!(out, "</{part}>")?;
                }
                out.write_str("</table>")?;
            }
        }
        out.write_str("</p>")
    }
}

fn print_line(out: &mut fmt::Formatter<'_>, line: &Line<'_>) -> fmt::Result {
    for piece in line {
        match piece {
            Piece::Text(text) => out.write_str(&escaped(text))?,
            Piece::Link(link) => {
                let link = escaped(link);
                write!(out, r#"<a href="{link}">{link}</a>"#)?;
            }
            Piece::Entity(Entity { id, text, .. }) => {
                let text = escaped(text);
                write!(out, r#"<span class="entity" data-entity-id="{id}">{text}</span>"#)?;
            }
        }
    }
    Ok(())
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
