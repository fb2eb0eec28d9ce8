//! YAML as nodes.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, ScanError, Tag};

use super::node::{Key, Kind, Node};
use super::plain::{self, Scalar};
use super::{DEEPEST, Misread, Place};

/// How many nodes aliases may stand for in all. Ten lists of ten aliases each of the list before
/// would be ten thousand million.
const MOST_COPIES: usize = 100_000;

/// Reads one document.
pub fn read(text: &str) -> Result<Node, Misread> {
    check_characters(text)?;
    let mut tree = Tree::default();
    let mut parser = Parser::new_from_str(text);
    while let Some(event) = parser.next_event() {
        let (event, span) = event.map_err(|error| tree.broken(text, &error))?;
        tree.add(event, span.start)?;
    }
    Ok(match tree.root {
        Some(root) if !matches!(&root.kind, Kind::Plain(text) if text.is_empty()) => root,
        // Nothing is written, or comments alone.
        _ => Kind::Mapping(Vec::new()).into(),
    })
}

/// The parser lets characters through that are in no YAML.
fn check_characters(text: &str) -> Result<(), Misread> {
    let is_none = |c: char| {
        c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\u{85}')
            || matches!(c, '\u{fffe}' | '\u{ffff}')
    };
    for (n, line) in text.lines().enumerate() {
        if let Some((column, c)) = line.chars().enumerate().find(|(_, c)| is_none(*c)) {
            let at = Marker::new(0, n + 1, column);
            return Err(wrong(at, &format!("the character {c:?} has to be escaped")));
        }
    }
    Ok(())
}

#[derive(Default)]
struct Tree {
    root: Option<Node>,
    /// From the outside in.
    open: Vec<Open>,
    /// Complete ones by their number, with their sizes.
    anchored: BTreeMap<usize, (Rc<Node>, usize)>,
    copies: usize,
}

/// A list or mapping whose end has not come.
struct Open {
    content: Content,
    place: Place,
    anchor: usize,
    /// How many nodes it is, those that aliases stand for counted every time.
    size: usize,
}

enum Content {
    List(Vec<Node>),
    Mapping {
        entries: Vec<(Key, Node)>,
        /// What stands behind `<<`.
        merged: Vec<Node>,
        key: Option<Name>,
    },
}

enum Name {
    Key(Key),
    Merge,
}

impl Tree {
    fn add(&mut self, event: Event<'_>, at: Marker) -> Result<(), Misread> {
        match event {
            Event::Nothing | Event::StreamStart | Event::DocumentEnd | Event::StreamEnd => Ok(()),
            Event::DocumentStart(_) => match self.root {
                None => Ok(()),
                Some(_) => Err(wrong(at, "a second document begins, and one is read")),
            },
            Event::Alias(anchor) => {
                let Some((node, size)) = self.anchored.get(&anchor) else {
                    return Err(wrong(at, "the alias stands for something that it is part of"));
                };
                let (node, size) = (Rc::clone(node), *size);
                self.copies += size;
                if self.copies > MOST_COPIES {
                    return Err(wrong(at, "aliases stand for too much"));
                }
                self.put(Node { kind: Kind::Shared(node), place: place(at) }, 0, size)
            }
            Event::Scalar(text, style, anchor, tag) => {
                let kind = scalar(text.into_owned(), style, tag.as_deref(), at)?;
                self.put(Node { kind, place: place(at) }, anchor, 1)
            }
            Event::SequenceStart(anchor, _) => self.begin(Content::List(Vec::new()), anchor, at),
            Event::MappingStart(anchor, _) => {
                let (entries, merged, key) = (Vec::new(), Vec::new(), None);
                self.begin(Content::Mapping { entries, merged, key }, anchor, at)
            }
            Event::SequenceEnd | Event::MappingEnd => match self.open.pop() {
                Some(Open { content, place, anchor, size }) => {
                    let kind = match content {
                        Content::List(list) => Kind::List(list),
                        Content::Mapping { entries, merged, .. } => mapping(entries, merged)?,
                    };
                    self.put(Node { kind, place }, anchor, size)
                }
                None => Err(wrong(at, "an end without a beginning")),
            },
        }
    }

    /// What the parser says, with the bracket that may want another.
    fn broken(&self, text: &str, error: &ScanError) -> Misread {
        let mut at = place(*error.marker());
        // What ends too soon ends on a line that is not there.
        if let Some((n, last)) = text.trim_end().lines().enumerate().last()
            && at.line as usize > n + 1
        {
            at = place(Marker::new(0, n + 1, last.chars().count()));
        }
        let mut what = error.info().to_owned();
        if let Some(Place { line, column }) = self.open.last().map(|open| open.place)
            && let Some(source) = text.lines().nth(line as usize - 1)
            && let Some(bracket @ ('[' | '{')) = source.chars().nth(column as usize - 1)
        {
            what.push_str(&format!("; the {bracket} of line {line} column {column} is open"));
        }
        Misread::new(at, what)
    }

    fn begin(&mut self, content: Content, anchor: usize, at: Marker) -> Result<(), Misread> {
        if self.open.len() == DEEPEST {
            return Err(wrong(at, "too deep: recursion limit exceeded"));
        }
        self.open.push(Open { content, place: place(at), anchor, size: 1 });
        Ok(())
    }

    /// Puts a complete node where it belongs.
    fn put(&mut self, mut node: Node, anchor: usize, size: usize) -> Result<(), Misread> {
        if anchor > 0 {
            let place = node.place;
            let shared = Rc::new(node);
            self.anchored.insert(anchor, (Rc::clone(&shared), size));
            node = Node { kind: Kind::Shared(shared), place };
        }
        let Some(open) = self.open.last_mut() else {
            self.root = Some(node);
            return Ok(());
        };
        open.size += size;
        match &mut open.content {
            Content::List(list) => list.push(node),
            Content::Mapping { entries, merged, key } => match key.take() {
                None => *key = Some(name(&node)?),
                Some(Name::Key(key)) => entries.push((key, node)),
                Some(Name::Merge) => merged.push(node),
            },
        }
        Ok(())
    }
}

/// What a scalar is. Of the tags those of the core schema count; all others are for programs that
/// know them.
fn scalar(
    text: String,
    style: ScalarStyle,
    tag: Option<&Tag>,
    at: Marker,
) -> Result<Kind, Misread> {
    let tag = tag.map(|tag| match tag.is_yaml_core_schema() {
        true => tag.suffix.as_str(),
        // The tag `!` by itself says that the quotes do not matter.
        false if tag.handle.len() + tag.suffix.len() == 1 => "str",
        false => "",
    });
    let typed = match (tag, plain::resolve(&text)) {
        (Some("str"), _) => Some(Kind::Text(text.clone())),
        (Some("null"), Scalar::Null) => Some(Kind::Null),
        (Some("bool"), Scalar::Bool(value)) => Some(Kind::Bool(value)),
        (Some("int" | "float"), Scalar::Number(number)) => Some(Kind::Number(number)),
        (Some("null" | "bool" | "int" | "float" | "binary"), _) => None,
        (_, _) if style == ScalarStyle::Plain => Some(Kind::Plain(text.clone())),
        (_, _) => Some(Kind::Text(text.clone())),
    };
    let tag = tag.unwrap_or_default();
    typed.ok_or_else(|| wrong(at, &format!("{text:?} cannot be read as !!{tag}")))
}

fn name(node: &Node) -> Result<Name, Misread> {
    let place = node.place;
    match node.kind() {
        Kind::Plain(text) if text == "<<" => Ok(Name::Merge),
        Kind::Plain(text) if plain::is_null(text) => {
            Err(Misread::new(place, "a key is missing".into()))
        }
        Kind::Plain(text) | Kind::Text(text) => Ok(Name::Key(Key { text: text.clone(), place })),
        _ => Err(Misread::new(place, "the key is no text".into())),
    }
}

/// A mapping with what is merged into it. Its own entries go first, and of what is merged the
/// earlier.
fn mapping(mut entries: Vec<(Key, Node)>, merged: Vec<Node>) -> Result<Kind, Misread> {
    let mut seen = BTreeSet::new();
    for (key, _) in &entries {
        if !seen.insert(key.text.as_str()) {
            return Err(Misread::new(key.place, format!("the key {:?} is here twice", key.text)));
        }
    }
    let mut seen: BTreeSet<String> = match merged.is_empty() {
        true => return Ok(Kind::Mapping(entries)),
        false => seen.into_iter().map(str::to_owned).collect(),
    };
    for Node { kind, place } in merged {
        let sources = match own(kind) {
            Kind::List(list) => list,
            kind => vec![Node { kind, place }],
        };
        for source in sources {
            let Kind::Mapping(source) = own(source.kind) else {
                let what = "only mappings can be merged with <<";
                return Err(Misread::new(place, what.into()));
            };
            entries.extend(source.into_iter().filter(|(key, _)| seen.insert(key.text.clone())));
        }
    }
    Ok(Kind::Mapping(entries))
}

/// The kind itself, copied where others have it too.
fn own(kind: Kind) -> Kind {
    match kind {
        Kind::Shared(node) => node.kind().clone(),
        kind => kind,
    }
}

fn place(at: Marker) -> Place {
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    Place { line: count(at.line()), column: count(at.col() + 1) }
}

#[cold]
fn wrong(at: Marker, what: &str) -> Misread {
    Misread::new(place(at), what.to_owned())
}
