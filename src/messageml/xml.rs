//! The XML of a message: text in, a tree of elements with sorted attributes out.
//!
//! `quick-xml` finds the markup; this module adds what it leaves to its users and a pod insists on: well-formedness,
//! the five predefined entities and character references, no DOCTYPE. What is wrong is said in the words of the JDK's
//! parser, which the Agent passes on to bots.
//!
//! The pull parser does not recurse, and the tree is never deeper than [`MAX_DEPTH`], so that whatever walks it later
//! may recurse.

use std::collections::HashSet;
use std::fmt::Write as _;

use quick_xml::errors::{Error, IllFormedError};
use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;

use super::Invalid;

/// How deep elements may nest. Real messages stay below 30; the JDK would answer a deeper one with a stack overflow.
pub(super) const MAX_DEPTH: usize = 200;

/// How many attributes one element may have: the JDK's `elementAttributeLimit`.
const MAX_ATTRIBUTES: usize = 10_000;

#[derive(Debug, Default)]
pub(super) struct Element {
    pub name: String,
    /// In ascending order of the names, as UTF-16: the order in which the Agent looks at them, whatever the order
    /// they were written in.
    pub attributes: Vec<Attribute>,
    pub children: Vec<Node>,
}

#[derive(Debug)]
pub(super) struct Attribute {
    pub name: String,
    pub value: String,
}

#[derive(Debug)]
pub(super) enum Node {
    Element(Element),
    Text(String),
    /// A comment, a processing instruction or a CDATA section, under the name the DOM gives it.
    Other {
        name: String,
        /// Characters it adds to the text content of its parent: those of a CDATA section.
        text: String,
    },
}

impl Element {
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes
            .iter()
            .find(|attribute| attribute.name == name)
            .map(|attribute| attribute.value.as_str())
    }

    pub fn elements(&self) -> impl Iterator<Item = &Element> {
        self.children.iter().filter_map(|node| match node {
            Node::Element(element) => Some(element),
            Node::Text(_) | Node::Other { .. } => None,
        })
    }

    /// The characters of the element and everything below it, markup left out.
    pub fn text_content(&self) -> String {
        fn collect(element: &Element, text: &mut String) {
            for child in &element.children {
                match child {
                    Node::Element(element) => collect(element, text),
                    Node::Text(characters) | Node::Other { text: characters, .. } => {
                        text.push_str(characters);
                    }
                }
            }
        }
        let mut text = String::new();
        collect(self, &mut text);
        text
    }

    fn push_text(&mut self, characters: &str) {
        if let Some(Node::Text(text)) = self.children.last_mut() {
            text.push_str(characters);
        } else if !characters.is_empty() {
            self.children.push(Node::Text(characters.to_owned()));
        }
    }
}

/// Parses a whole document and returns its root element.
///
/// # Errors
///
/// `Invalid messageML: ` and the JDK's text, for the first thing that is not well-formed.
pub(super) fn parse(text: &str) -> Result<Element, Invalid> {
    let decoded = as_declared(text);
    let text = decoded.as_deref().unwrap_or(text);
    let normalised = text.contains('\r').then(|| text.replace("\r\n", "\n").replace('\r', "\n"));
    let text = normalised.as_deref().unwrap_or(text);
    Parser::new(text).run().map_err(|message| Invalid::new(format!("Invalid messageML: {message}")))
}

/// What a declared encoding makes of the text: messages arrive as UTF-8 whatever they declare, and a parser told that
/// they are Latin-1 reads every byte as a character. `None` when nothing changes.
fn as_declared(text: &str) -> Option<String> {
    let declaration = text.strip_prefix("<?xml")?.split("?>").next()?;
    let (_, encoding) = declaration.split_once("encoding")?;
    let encoding = encoding.trim_start_matches([' ', '\t', '\n', '\r', '=']).get(1..)?;
    let latin1 = ["iso-8859-1", "latin1", "iso8859_1", "iso_8859-1"].iter().any(|name| {
        encoding.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name))
    });
    (latin1 && !text.is_ascii()).then(|| text.bytes().map(char::from).collect())
}

const OUTSIDE_PROLOG: &str = "Content is not allowed in prolog.";
const OUTSIDE_TRAILING: &str = "Content is not allowed in trailing section.";
const MARKUP_PROLOG: &str =
    "The markup in the document preceding the root element must be well-formed.";
const MARKUP_CONTENT: &str =
    "The content of elements must consist of well-formed character data or markup.";
const MARKUP_TRAILING: &str =
    "The markup in the document following the root element must be well-formed.";
const CUT_OFF: &str = "XML document structures must start and end within the same entity.";
const DOCTYPE: &str = "DOCTYPE is disallowed when the feature \"http://apache.org/xml/features/disallow-doctype-decl\" set to true.";
const RESERVED_TARGET: &str =
    "The processing instruction target matching \"[xX][mM][lL]\" is not allowed.";

struct Parser<'a> {
    text: &'a str,
    open: Vec<Element>,
    root: Option<Element>,
}

impl<'a> Parser<'a> {
    fn new(text: &'a str) -> Self {
        Self { text: text.strip_prefix('\u{feff}').unwrap_or(text), open: Vec::new(), root: None }
    }

    fn run(mut self) -> Result<Element, String> {
        let mut reader = Reader::from_str(self.text);
        let config = reader.config_mut();
        config.allow_dangling_amp = true;
        config.allow_unmatched_ends = true;
        config.check_comments = true;
        config.check_end_names = false;
        config.trim_markup_names_in_closing_tags = false;
        loop {
            let at_start = reader.buffer_position() == 0;
            match reader.read_event() {
                Ok(Event::Eof) => break,
                Ok(event) => self.event(event, at_start)?,
                Err(Error::IllFormed(IllFormedError::DoubleHyphenInComment)) => {
                    return Err("The string \"--\" is not permitted within comments.".to_owned());
                }
                Err(_) => {
                    let from = usize::try_from(reader.error_position()).unwrap_or(usize::MAX);
                    return Err(self.unreadable(self.text.get(from..).unwrap_or_default()));
                }
            }
        }
        if !self.open.is_empty() {
            return Err(CUT_OFF.to_owned());
        }
        self.root.ok_or_else(|| "Premature end of file.".to_owned())
    }

    fn event(&mut self, event: Event<'_>, at_start: bool) -> Result<(), String> {
        match event {
            Event::Start(start) => self.start(&start),
            Event::Empty(start) => {
                self.start(&start)?;
                self.close();
                Ok(())
            }
            Event::End(end) => self.end(&end),
            Event::Text(text) => self.text(&text),
            Event::GeneralRef(name) => self.reference(&name),
            Event::CData(section) => {
                if let Some(code) = invalid_char(&section) {
                    return Err(format!(
                        "An invalid XML character (Unicode: 0x{code:x}) was found in the CDATA section."
                    ));
                }
                self.other("#cdata-section", &section, true)
            }
            Event::Comment(comment) => {
                if let Some(code) = invalid_char(&comment) {
                    return Err(format!(
                        "An invalid XML character (Unicode: 0x{code:x}) was found in the comment."
                    ));
                }
                self.other("#comment", "", false)
            }
            Event::PI(instruction) => {
                let target = instruction.target();
                if target.eq_ignore_ascii_case("xml") {
                    return Err(RESERVED_TARGET.to_owned());
                }
                if !target.starts_with(is_name_start) {
                    return Err(
                        "The processing instruction must begin with the name of the target."
                            .to_owned(),
                    );
                }
                self.other(target, "", false)
            }
            Event::Decl(declaration) if at_start => check_declaration(&declaration),
            Event::Decl(_) => Err(RESERVED_TARGET.to_owned()),
            Event::DocType(_) => Err(self.unreadable("<!DOCTYPE")),
            Event::Eof => Ok(()),
        }
    }

    fn start(&mut self, start: &BytesStart<'_>) -> Result<(), String> {
        let name = self.name(start)?;
        if self.root.is_some() {
            return Err(MARKUP_TRAILING.to_owned());
        }
        let depth = self.open.len() + 1;
        if depth > MAX_DEPTH {
            return Err(format!(
                "JAXP00010006: The element \"{name}\" has a depth of \"{depth}\" that exceeds the limit \
                 \"{MAX_DEPTH}\" set by \"maxElementDepth\"."
            ));
        }
        let (mut attributes, _) = attributes(name, &start[name.len()..])?;
        attributes.sort_by(|a, b| a.name.encode_utf16().cmp(b.name.encode_utf16()));
        self.open.push(Element { name: name.to_owned(), attributes, children: Vec::new() });
        Ok(())
    }

    /// The element name a tag begins with.
    fn name<'t>(&self, tag: &'t str) -> Result<&'t str, String> {
        let name = &tag[..name_length(tag)];
        if name.is_empty() {
            return Err(self.markup_error().to_owned());
        }
        if tag[name.len()..].starts_with(|c| !is_space(c)) {
            return Err(unterminated(name));
        }
        Ok(name)
    }

    fn markup_error(&self) -> &'static str {
        match (&self.root, self.open.is_empty()) {
            (Some(_), _) => MARKUP_TRAILING,
            (None, true) => MARKUP_PROLOG,
            (None, false) => MARKUP_CONTENT,
        }
    }

    fn end(&mut self, tag: &str) -> Result<(), String> {
        let Some(element) = self.open.last() else {
            return Err(self.markup_error().to_owned());
        };
        let name = &element.name;
        let Some(rest) = tag.strip_prefix(name.as_str()) else {
            return Err(format!(
                "The element type \"{name}\" must be terminated by the matching end-tag \"</{name}>\"."
            ));
        };
        if !rest.trim_matches(is_space).is_empty() {
            return Err(format!(
                "The end-tag for element type \"{name}\" must end with a '>' delimiter."
            ));
        }
        self.close();
        Ok(())
    }

    fn close(&mut self) {
        let Some(element) = self.open.pop() else { return };
        match self.open.last_mut() {
            Some(parent) => parent.children.push(Node::Element(element)),
            None => self.root = Some(element),
        }
    }

    fn text(&mut self, text: &str) -> Result<(), String> {
        if self.open.is_empty() {
            return self.outside(text.trim_matches(is_space).is_empty());
        }
        for (at, character) in text.char_indices() {
            match character {
                // The reader hands out references as events of their own: this one has no end.
                '&' => return Err(broken_reference(&text[at + 1..])),
                ']' if text[at..].starts_with("]]>") => {
                    return Err("The character sequence \"]]>\" must not appear in content unless used to mark the \
                                end of a CDATA section."
                        .to_owned());
                }
                _ if !is_xml_char(character) => {
                    return Err(format!(
                        "An invalid XML character (Unicode: 0x{:x}) was found in the element content of the \
                         document.",
                        u32::from(character)
                    ));
                }
                _ => {}
            }
        }
        if let Some(element) = self.open.last_mut() {
            element.push_text(text);
        }
        Ok(())
    }

    fn reference(&mut self, name: &str) -> Result<(), String> {
        self.outside(!self.open.is_empty())?;
        let character = resolve(name)?;
        if let Some(element) = self.open.last_mut() {
            element.push_text(character.encode_utf8(&mut [0; 4]));
        }
        Ok(())
    }

    /// Characters outside the root element: only blanks may stand there.
    fn outside(&self, allowed: bool) -> Result<(), String> {
        match (allowed, &self.root) {
            (true, _) => Ok(()),
            (false, None) => Err(OUTSIDE_PROLOG.to_owned()),
            (false, Some(_)) => Err(OUTSIDE_TRAILING.to_owned()),
        }
    }

    fn other(&mut self, name: &str, text: &str, content_only: bool) -> Result<(), String> {
        if let Some(element) = self.open.last_mut() {
            element.children.push(Node::Other { name: name.to_owned(), text: text.to_owned() });
        } else if content_only {
            return Err(self.markup_error().to_owned());
        }
        Ok(())
    }

    /// Why the reader could not make out the markup that `rest` begins with.
    fn unreadable(&self, rest: &str) -> String {
        if rest.starts_with("<!DOCTYPE") && self.open.is_empty() && self.root.is_none() {
            return DOCTYPE.to_owned();
        }
        if rest.starts_with("<!") && !rest.starts_with("<!--") && !rest.starts_with("<![CDATA[") {
            return self.markup_error().to_owned();
        }
        let Some(tag) = rest.strip_prefix('<').filter(|tag| !tag.starts_with(['!', '?', '/']))
        else {
            return CUT_OFF.to_owned();
        };
        // A tag without an end: the JDK reads on and may find something else wrong with it first.
        if tag.is_empty() {
            return CUT_OFF.to_owned();
        }
        let name = &tag[..name_length(tag)];
        if name.is_empty() {
            return self.markup_error().to_owned();
        }
        match attributes(name, &tag[name.len()..]) {
            Err(message) => message,
            Ok(_) => CUT_OFF.to_owned(),
        }
    }
}

/// The attributes written in `source`, what follows the name of an element in its tag, and what is left after the last
/// one.
fn attributes<'s>(element: &str, source: &'s str) -> Result<(Vec<Attribute>, &'s str), String> {
    let mut attributes = Vec::new();
    let mut seen = HashSet::new();
    let mut rest = source;
    loop {
        let trimmed = rest.trim_start_matches(is_space);
        if trimmed.is_empty() {
            return Ok((attributes, trimmed));
        }
        let name = &trimmed[..name_length(trimmed)];
        if name.is_empty() || trimmed.len() == rest.len() {
            return Err(unterminated(element));
        }
        if attributes.len() == MAX_ATTRIBUTES {
            return Err(format!(
                "JAXP00010002: The element \"{element}\" has more than \"{MAX_ATTRIBUTES}\" attributes, \
                 \"{MAX_ATTRIBUTES}\" is the limit imposed by the JDK."
            ));
        }
        let Some(quoted) = trimmed[name.len()..].trim_start_matches(is_space).strip_prefix('=')
        else {
            return Err(format!(
                "Attribute name \"{name}\" associated with an element type \"{element}\" must be followed by the \
                 ' = ' character."
            ));
        };
        let quoted = quoted.trim_start_matches(is_space);
        let Some(quote) = quoted.chars().next().filter(|c| matches!(c, '"' | '\'')) else {
            // The two double spaces are the JDK's.
            return Err(format!(
                "Open quote is expected for attribute \"{name}\" associated with an  element type  \"{element}\"."
            ));
        };
        let (value, after) = attribute_value(element, name, &quoted[1..], quote)?;
        if !seen.insert(name) {
            return Err(format!(
                "Attribute \"{name}\" was already specified for element \"{element}\"."
            ));
        }
        attributes.push(Attribute { name: name.to_owned(), value });
        rest = after;
    }
}

/// The value up to the closing quote, references resolved and blanks made spaces, and what follows the quote.
fn attribute_value<'s>(
    element: &str,
    name: &str,
    source: &'s str,
    quote: char,
) -> Result<(String, &'s str), String> {
    let mut value = String::new();
    let mut rest = source;
    loop {
        let Some(character) = rest.chars().next() else {
            return Err(CUT_OFF.to_owned());
        };
        let after = &rest[character.len_utf8()..];
        rest = match character {
            _ if character == quote => return Ok((value, after)),
            '<' => {
                return Err(format!(
                    "The value of attribute \"{name}\" associated with an element type \"{element}\" must not \
                     contain the '<' character."
                ));
            }
            '&' => match after.split_once(';') {
                Some((reference, after)) => {
                    value.push(resolve(reference)?);
                    after
                }
                None => return Err(broken_reference(after)),
            },
            '\t' | '\n' => {
                value.push(' ');
                after
            }
            _ if !is_xml_char(character) => {
                return Err(format!(
                    "An invalid XML character (Unicode: 0x{:x}) was found in the value of attribute \"{name}\" and \
                     element is \"{element}\".",
                    u32::from(character)
                ));
            }
            _ => {
                value.push(character);
                after
            }
        };
    }
}

/// The character that `&name;` stands for.
fn resolve(name: &str) -> Result<char, String> {
    match name {
        "lt" => return Ok('<'),
        "gt" => return Ok('>'),
        "amp" => return Ok('&'),
        "quot" => return Ok('"'),
        "apos" => return Ok('\''),
        _ => {}
    }
    let Some(number) = name.strip_prefix('#') else {
        let length = name_length(name);
        if length < name.len() || name.is_empty() {
            return Err(broken_reference(name));
        }
        return Err(format!("The entity \"{name}\" was referenced, but not declared."));
    };
    let (digits, radix) = match number.strip_prefix('x') {
        Some(digits) => (digits, 16),
        None => (number, 10),
    };
    let length = digits.find(|c: char| !c.is_digit(radix)).unwrap_or(digits.len());
    if length == 0 {
        return Err(if radix == 16 {
            "A hexadecimal representation must immediately follow the '&#x' in a character reference."
        } else {
            "A decimal representation must immediately follow the '&#' in a character reference."
        }
        .to_owned());
    }
    if length < digits.len() {
        return Err("The character reference must end with the ';' delimiter.".to_owned());
    }
    u32::from_str_radix(digits, radix)
        .ok()
        .and_then(char::from_u32)
        .filter(|c| is_xml_char(*c))
        .ok_or_else(|| format!("Character reference \"&{name}\" is an invalid XML character."))
}

/// What is wrong with a reference whose text after the `&` is `rest`.
fn broken_reference(rest: &str) -> String {
    if rest.starts_with('#') {
        let end =
            rest[1..].find(|c: char| !c.is_ascii_alphanumeric()).map_or(rest.len(), |at| at + 1);
        return match resolve(&rest[..end]) {
            Err(message) if !message.starts_with("Character reference") => message,
            _ => "The character reference must end with the ';' delimiter.".to_owned(),
        };
    }
    match &rest[..name_length(rest)] {
        "" => "The entity name must immediately follow the '&' in the entity reference.".to_owned(),
        name => format!("The reference to entity \"{name}\" must end with the ';' delimiter."),
    }
}

fn check_declaration(declaration: &str) -> Result<(), String> {
    let Some((_, version)) = declaration.split_once("version") else {
        return Err("The version is required in the XML declaration.".to_owned());
    };
    let version = version.trim_start_matches(|c| is_space(c) || c == '=');
    let quote = version.chars().next().filter(|c| matches!(c, '"' | '\''));
    let version = quote.and_then(|quote| version[1..].split(quote).next()).unwrap_or_default();
    if matches!(version, "1.0" | "1.1") {
        return Ok(());
    }
    let mut message = String::new();
    let _ =
        write!(message, "XML version \"{version}\" is not supported, only XML 1.0 is supported.");
    Err(message)
}

fn unterminated(element: &str) -> String {
    format!(
        "Element type \"{element}\" must be followed by either attribute specifications, \">\" or \"/>\"."
    )
}

fn invalid_char(text: &str) -> Option<u32> {
    text.chars().find(|c| !is_xml_char(*c)).map(u32::from)
}

/// Length in bytes of the XML name that `text` begins with; 0 when it begins with none.
fn name_length(text: &str) -> usize {
    if !text.starts_with(is_name_start) {
        return 0;
    }
    text.find(|c| !is_name_char(c)).unwrap_or(text.len())
}

fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r')
}

fn is_xml_char(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{fffd}' | '\u{10000}'..='\u{10ffff}')
}

fn is_name_start(c: char) -> bool {
    matches!(c, ':' | '_' | 'a'..='z' | 'A'..='Z'
        | '\u{c0}'..='\u{d6}' | '\u{d8}'..='\u{f6}' | '\u{f8}'..='\u{2ff}' | '\u{370}'..='\u{37d}'
        | '\u{37f}'..='\u{1fff}' | '\u{200c}'..='\u{200d}' | '\u{2070}'..='\u{218f}' | '\u{2c00}'..='\u{2fef}'
        | '\u{3001}'..='\u{d7ff}' | '\u{f900}'..='\u{fdcf}' | '\u{fdf0}'..='\u{fffd}'
        | '\u{10000}'..='\u{effff}')
}

fn is_name_char(c: char) -> bool {
    is_name_start(c)
        || matches!(c, '-' | '.' | '0'..='9' | '\u{b7}' | '\u{300}'..='\u{36f}' | '\u{203f}'..='\u{2040}')
}
