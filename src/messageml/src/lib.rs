//! MessageML as the Agent reads it: what a bot sends in, PresentationML, EntityJSON and text out.
//!
//! [`convert`] takes a message in MessageML (`<messageML>…</messageML>`) or PresentationML (`<div
//! data-format="PresentationML" …>`), expands the FreeMarker templates in it, and either converts it or says why it is
//! no message, in the words of the Agent. The words and the order of checks are those of the reference implementation,
//! `finos/messageml-utils` 1.1.3.
//!
//! ```
//! use symphony_messageml::{Directory, Input, Person, convert};
//!
//! struct Nobody;
//!
//! impl Directory for Nobody {
//!     fn user_by_id(&self, _: i64) -> Option<Person> {
//!         None
//!     }
//!     fn user_by_email(&self, _: &str) -> Option<Person> {
//!         None
//!     }
//! }
//!
//! let message = convert(&Input::new("<messageML>Hello <hash tag=\"world\"/></messageML>"), &Nobody)?;
//! assert_eq!(message.markdown, "Hello #world");
//! assert_eq!(message.hashtags, ["world"]);
//!
//! let refused = convert(&Input::new("<messageML><marquee/></messageML>"), &Nobody).unwrap_err();
//! assert_eq!(refused.to_string(), "Invalid MessageML content at element \"marquee\"");
//! # Ok::<(), symphony_messageml::Invalid>(())
//! ```
//!
//! [`convert_markdown`] takes a message of Symphony's first format: Markdown, with mentions, hashtags and tables beside it.
//!
//! The crate is pure: no I/O, no clock, no state. Chance comes from [`Input::id_seed`].
//!
//! # How it works
//!
//! `template` expands, `xml` parses, `build` makes the `tree` of Symphony's elements and checks it on the way;
//! `pml`, `entity_json` and `markdown` print it. `markdown_input` makes the tree of Markdown. Elements live in files by family: `text`, `cards`,
//! `entities`, `forms`, `dialog`.
//!
//! # Templates
//!
//! A message is a FreeMarker template if it contains `<#`, `<@`, `${` or `#{`. It sees two variables, `data` and
//! `entity`, both the EntityJSON of the message.
//!
//! The whole language of FreeMarker 2.3.31 is expanded: directives with macros and functions, all built-ins by both
//! their names, decimals that are exact, dates, number and date formats, regular expressions, output formats. Errors
//! have FreeMarker's words and places.
//!
//! What a message has none of fails when it is reached, as in the Agent: `include` and `import` of other templates,
//! nodes, `?new` and `?api`. `.now` is [`Input::now`], the time zone UTC, the locale `en` (money without a country is ¤), unless a template sets
//! others. Square brackets are no tags. `.error` tells the place, not the whole of FreeMarker's text.
//!
//! # Hostile input
//!
//! Cost is bounded by the size of the message: elements and JSON nest 1000 deep at most,
//! templates run for a limited number of steps and write a limited amount, there are no entities to expand, and no
//! check looks at the whole message once per element.
//!
//! # Where it differs from the reference
//!
//! - What makes the reference fail with a runtime exception is an [`Invalid`] here: a `<hash/>` without `tag`, an
//!   entity that is not inside the one around it, `user-ids="null"`, a malformed `data-disabled-timezone`.
//! - `data-formnovalidate` of a date picker in PresentationML is printed with its value, not as invalid XML.
//! - Names of Unicode blocks and scripts in patterns are not checked.
//! - Dates before 1582 are Gregorian; countries beyond those of `data/dates.tsv` have the dates of their language.
//! - Declared encodings other than Latin-1, Windows-1252 and US-ASCII are taken for UTF-8. XML 1.1 is read by the rules of 1.0.
//! - Of Jackson's texts the common ones are exact; so are FreeMarker's.
//! - The "entities" object does not repeat the instrument of a resolved `tag`.

mod ai_context;
mod attributes;
mod build;
mod cards;
mod check;
mod dialog;
mod directory;
mod emoji;
mod entities;
mod entity_json;
mod form;
mod forms;
mod ids;
mod invalid;
mod java;
mod json;
mod markdown;
mod markdown_input;
mod pml;
mod style;
mod table;
mod template;
mod text;
mod tree;
mod xml;

use serde_json::{Map, Value};

pub use directory::{Directory, Instrument, InstrumentRequest, Person};
pub use emoji::unicode as emoji;
pub use form::{Control, ControlKind, Form, TextLimits};
pub use invalid::{Invalid, Place};
pub use markdown_input::{MarkdownInput, convert_markdown};

use check::Checked;
use json::Object;
use tree::{Detail, Flavour, Kind, NodeId, Tree};

/// A message as a client sends it.
#[derive(Debug, Clone, Copy)]
pub struct Input<'a> {
    /// MessageML or PresentationML.
    pub message: &'a str,
    /// EntityJSON, the `data` of a message.
    pub data: Option<&'a str>,
    /// The version of MessageML. It is written into the PresentationML and not interpreted; MessageML without one
    /// gets `2.0`, PresentationML has to bring its own.
    pub version: Option<&'a str>,
    /// Whether the sender may send forms: Symphony lets service accounts only.
    pub forms_allowed: bool,
    /// Whether the message may say `beta="true"`, which lets `sym-ai-context` into it.
    pub beta_allowed: bool,
    /// Where the random ids of controls and dialogs come from. The same input has the same result; messages of one
    /// system should differ in it.
    pub id_seed: u64,
    /// The time that templates see as `.now`, in milliseconds since 1970.
    pub now: i64,
}

impl<'a> Input<'a> {
    /// A message without data from a sender who may send forms.
    pub fn new(message: &'a str) -> Self {
        Self {
            message,
            data: None,
            version: None,
            forms_allowed: true,
            beta_allowed: true,
            id_seed: 0,
            now: 0,
        }
    }
}

/// A message as it is stored and sent.
#[derive(Debug, Clone, PartialEq)]
pub struct Converted {
    pub presentation_ml: String,
    /// The EntityJSON that an Agent sends along with the message, with what the message's entities add to it: without blanks, and numbers
    /// with a fraction as Java spells them (`1.0E10`).
    pub data: String,
    /// The text form: Markdown.
    pub markdown: String,
    /// The "entities" of Symphony's first message format: links, mentions, hashtags and times with their places in
    /// the Markdown, in UTF-16 units. Agents no longer send it.
    pub entities: Map<String, Value>,
    /// The text content of the PresentationML, for searches.
    pub plain_text: String,
    /// Without the `#`, in document order, repeated if the message repeats them.
    pub hashtags: Vec<String>,
    /// Tickers without the `$`, of `cash` and `tag` elements, likewise.
    pub cashtags: Vec<String>,
    /// Ids of the users mentioned, likewise.
    pub mentions: Vec<i64>,
    pub forms: Vec<Form>,
}

impl Converted {
    /// The EntityJSON as values. Integers beyond 64 bits are doubles here.
    pub fn entity_json(&self) -> Map<String, Value> {
        match json::first_value(&self.data) {
            Ok(json::Json::Object(object)) => object.into(),
            _ => Map::new(),
        }
    }
}

/// Converts a message.
///
/// # Errors
///
/// The first thing wrong with it.
pub fn convert(input: &Input<'_>, directory: &dyn Directory) -> Result<Converted, Invalid> {
    let inner = input.data.and_then(entity_json::in_string);
    let of_inner = Input { data: inner.as_deref().or(input.data), ..*input };
    let run = || convert_here(&of_inner, inner.is_some(), directory);
    if of_inner.data.is_some_and(|data| json::nesting(data) > SHALLOW) {
        return stacker::maybe_grow(DEEP_STACK, DEEP_STACK, run);
    }
    run()
}

/// Elements and data that nest no deeper than this may be walked on any stack: whatever walks them recurses.
const SHALLOW: usize = 128;

/// What the deepest nesting takes of the stack, in bytes and with ample room: unoptimised code needs the most.
const DEEP_STACK: usize = 16 * 1024 * 1024;

fn convert_here(
    input: &Input<'_>,
    data_was_in_string: bool,
    directory: &dyn Directory,
) -> Result<Converted, Invalid> {
    if java::is_blank(input.message) {
        return Err(Invalid::new("Error parsing message: the message cannot be null or empty"));
    }
    let entity_json = entity_json::parse(input.data, data_was_in_string)?;
    let expanded = template::expand(input.message, &entity_json, input.now)?;
    if java::has_control(&expanded) {
        return Err(Invalid::new("Invalid control characters in message"));
    }
    let decoded = xml::decoded(&expanded)?;
    let placed = |invalid: Invalid| invalid.placed(&decoded, expanded != input.message);
    let document = xml::parse(&decoded).map_err(placed)?;
    let assembled = || assemble(&document, &expanded, entity_json, input, directory);
    let assembled = if document.depth > SHALLOW {
        stacker::maybe_grow(DEEP_STACK, DEEP_STACK, assembled)
    } else {
        assembled()
    };
    assembled.map_err(placed)
}

/// The message that a document makes.
fn assemble(
    document: &xml::Document<'_>,
    expanded: &str,
    mut entity_json: Object<'_>,
    input: &Input<'_>,
    directory: &dyn Directory,
) -> Result<Converted, Invalid> {
    let mut ids = ids::Ids::new(input.id_seed);
    let Some(root) = document.root() else {
        return Err(Invalid::new("Root tag must be <messageML> or <div>"));
    };
    let mut tree = tree_of(root, expanded, &entity_json, input, directory, &mut ids)?;
    entities::resolve_tags(&mut tree, directory)
        .and_then(|()| text::validate_root(Checked { tree: &tree, id: NodeId::ROOT }))
        .and_then(|()| dialog::connect(&mut tree))
        .and_then(|()| match tree.has_entities {
            true => entity_json::generate(&tree, NodeId::ROOT, &mut entity_json),
            false => Ok(()),
        })
        .and_then(|()| entities::check_mentions(&tree))
        .and_then(|()| if input.forms_allowed { Ok(()) } else { refuse_forms(&tree) })
        .map_err(|invalid| invalid.inside_root(root))?;
    Ok(written(&tree, &entity_json, expanded.len(), input.data.map_or(2, str::len), &mut ids))
}

/// All that is made of a complete message. The sizes are about those of its text and of its EntityJSON.
fn written(
    tree: &Tree<'_>,
    entity_json: &Object<'_>,
    size: usize,
    data_size: usize,
    ids: &mut ids::Ids,
) -> Converted {
    let (markdown, entities) = markdown::render(tree, size / 4);
    let mut writer = pml::Writer::new(tree, ids, size + 64);
    writer.document();
    let (presentation_ml, plain_text) = (writer.out, writer.plain);
    let (hashtags, cashtags, mentions) = found(tree);
    Converted {
        presentation_ml,
        data: json::spelled(entity_json, data_size),
        markdown,
        entities,
        plain_text,
        hashtags,
        cashtags,
        mentions,
        forms: form::forms(tree),
    }
}

/// The elements of a parsed document, its root still unchecked.
fn tree_of<'x>(
    root: xml::Element<'x>,
    expanded: &str,
    entity_json: &Object<'_>,
    input: &Input<'_>,
    directory: &dyn Directory,
    ids: &mut ids::Ids,
) -> Result<Tree<'x>, Invalid> {
    let index = if expanded.contains("data-entity-id") {
        let index = entity_json::Index::new(entity_json);
        index.check(root)?;
        index
    } else {
        entity_json::Index::default()
    };
    let (flavour, version) = match root.name {
        "messageML" => {
            let version = input.version.filter(|version| !java::is_blank(version));
            (Flavour::MessageMl, Some(version.unwrap_or("2.0")))
        }
        "div" => (Flavour::PresentationMl, input.version),
        _ => return Err(Invalid::new("Root tag must be <messageML> or <div>").inside_root(root)),
    };
    build::build(root, flavour, version, index, directory, ids, input.beta_allowed)
}

/// Forms are for service accounts. No Agent's text is known for this; one of our own is chosen.
fn refuse_forms(tree: &Tree) -> Result<(), Invalid> {
    if tree.has_forms {
        return Err(Invalid::new("Element \"form\" can only be sent by service accounts"));
    }
    Ok(())
}

/// The hashtags, tickers and mentioned users of a message, in document order.
fn found(tree: &Tree) -> (Vec<String>, Vec<String>, Vec<i64>) {
    let (mut hashtags, mut cashtags, mut mentions) = (Vec::new(), Vec::new(), Vec::new());
    if !tree.has_entities {
        return (hashtags, cashtags, mentions);
    }
    for (_, element) in tree.descendants(NodeId::ROOT) {
        let Detail::Entity(entity) = &element.detail else { continue };
        match element.kind {
            Kind::Hash => hashtags.extend(element.attributes.get("tag").map(str::to_owned)),
            Kind::Cash => cashtags.extend(element.attributes.get("tag").map(str::to_owned)),
            Kind::Tag => cashtags.push(entities::ticker(element, entity).to_owned()),
            Kind::Mention => {
                mentions.extend(
                    entities::user_id(element, entity).and_then(|id| id.parse::<i64>().ok()),
                );
            }
            _ => {}
        }
    }
    (hashtags, cashtags, mentions)
}
