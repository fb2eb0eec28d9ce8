//! The XML of a message: text in, a tree of elements with sorted attributes out.
//!
//! `quick-xml` finds the markup; this module adds what it leaves to its users and an Agent insists on: well-formedness,
//! the five predefined entities and character references, no DOCTYPE. What is wrong is said in the words of the JDK's
//! parser, which the Agent passes on to bots.
//!
//! The pull parser does not recurse, and the tree is never deeper than [`MAX_DEPTH`], so that whatever walks it later
//! may recurse on the stack that [`super::convert`] sees to.

mod declaration;
mod scan;

use quick_xml::errors::{Error, IllFormedError};
use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;

use super::Invalid;
use scan::{
    attributes, broken_reference, cut_off_attributes, invalid_char, is_cut_off_reference, is_space,
    is_xml_char, name_length, resolve, unterminated,
};

/// How deep elements may nest. Real messages stay below 30; the JDK 17 answers one of some thousand levels with a stack
/// overflow, that of 2025 refuses the 201st with the text used here.
pub(super) const MAX_DEPTH: usize = 1000;

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

/// Parses a whole document and returns its root element, and how deep its elements nest.
///
/// # Errors
///
/// `Invalid messageML: ` and the JDK's text, for the first thing that is not well-formed.
pub(super) fn parse(text: &str) -> Result<(Element, usize), Invalid> {
    let decoded = as_declared(text)?;
    let text = decoded.as_deref().unwrap_or(text);
    let normalised = text.contains('\r').then(|| text.replace("\r\n", "\n").replace('\r', "\n"));
    let text = normalised.as_deref().unwrap_or(text);
    Parser::new(text).run().map_err(|message| Invalid::new(format!("Invalid messageML: {message}")))
}

/// What a declared encoding makes of the text: messages arrive as UTF-8 whatever they declare, and a parser told that
/// they are Latin-1 reads every byte as a character. `None` when nothing changes.
///
/// # Errors
///
/// For a declaration that is not well-formed, for what cannot be read so, and for an encoding that the JDK does not know.
fn as_declared(text: &str) -> Result<Option<String>, Invalid> {
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
        "utf-16" | "utf-16le" | "utf-16be" | "iso-10646-ucs-2" | "iso-10646-ucs-4" | "ucs-4" => {
            Err(Invalid::new(format!("Invalid messageML: {OUTSIDE_PROLOG}")))
        }
        _ if KNOWN_ENCODINGS.iter().any(|known| encoding.starts_with(known)) => Ok(None),
        _ => Err(Invalid::new("Failed to parse messageML")),
    }
}

/// What the names of the encodings begin with that the JDK reads as text of single bytes, or as UTF-8.
const KNOWN_ENCODINGS: [&str; 14] = [
    "utf-8",
    "utf8",
    "us-ascii",
    "ascii",
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

const OUTSIDE_PROLOG: &str = "Content is not allowed in prolog.";
const REFERENCE_PROLOG: &str = "Reference is not allowed in prolog.";
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
    /// Of the deepest element so far.
    depth: usize,
    /// Whether the event is the message's last.
    at_end: bool,
}

impl<'a> Parser<'a> {
    fn new(text: &'a str) -> Self {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        Self { text, open: Vec::new(), root: None, depth: 0, at_end: false }
    }

    fn run(mut self) -> Result<(Element, usize), String> {
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
                Ok(event) => {
                    self.at_end = reader.buffer_position() == self.text.len() as u64;
                    self.event(event, at_start)?;
                }
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
        let root = self.root.ok_or_else(|| "Premature end of file.".to_owned())?;
        Ok((root, self.depth))
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
                let target = instruction_target(&instruction).map_err(str::to_owned)?;
                self.other(target, "", false)
            }
            // It was read before.
            Event::Decl(_) if at_start => Ok(()),
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
        self.depth = self.depth.max(depth);
        let mut attributes = attributes(name, &start[name.len()..])?;
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
            return Err(unmatched(name));
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
            return self.outside(text.trim_start_matches(is_space));
        }
        for (at, character) in text.char_indices() {
            match character {
                // The reader hands out references as events of their own: this one has no end.
                '&' if self.at_end && is_cut_off_reference(&text[at + 1..]) => {
                    return Err(CUT_OFF.to_owned());
                }
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
        if self.open.is_empty() {
            self.outside("&")?;
        }
        let character = resolve(name)?;
        if let Some(element) = self.open.last_mut() {
            element.push_text(character.encode_utf8(&mut [0; 4]));
        }
        Ok(())
    }

    /// Characters outside the root element: only the blanks that `text` had in front may stand there.
    fn outside(&self, text: &str) -> Result<(), String> {
        match (text.chars().next(), &self.root) {
            (None, _) => Ok(()),
            (Some('&'), None) => Err(REFERENCE_PROLOG.to_owned()),
            (Some(_), None) => Err(OUTSIDE_PROLOG.to_owned()),
            (Some(_), Some(_)) => Err(OUTSIDE_TRAILING.to_owned()),
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
        if rest.starts_with("<!DOCTYPE") && self.root.is_none() {
            let in_content = !self.open.is_empty();
            // The JDK's scanner is in none of its states then.
            return if in_content { "Scanner State 24 not Recognized " } else { DOCTYPE }
                .to_owned();
        }
        if let (Some(end), Some(element)) = (rest.strip_prefix("</"), self.open.last())
            && !end.starts_with(&element.name)
        {
            return unmatched(&element.name);
        }
        if let Some(instruction) = rest.strip_prefix("<?") {
            return instruction_target(instruction).err().unwrap_or(CUT_OFF).to_owned();
        }
        if rest.starts_with("<!-") && !rest.starts_with("<!--") {
            return "Comment must start with \"<!--\".".to_owned();
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
        cut_off_attributes(name, &tag[name.len()..])
    }
}

/// The target of a processing instruction, of what stands behind its `<?`.
fn instruction_target(instruction: &str) -> Result<&str, &'static str> {
    let target = &instruction[..name_length(instruction)];
    match instruction[target.len()..].chars().next() {
        Some(_) if target.is_empty() => {
            Err("The processing instruction must begin with the name of the target.")
        }
        _ if target.eq_ignore_ascii_case("xml") => Err(RESERVED_TARGET),
        Some(next) if !is_space(next) => {
            Err("White space is required between the processing instruction target and data.")
        }
        _ => Ok(target),
    }
}

fn unmatched(name: &str) -> String {
    format!("The element type \"{name}\" must be terminated by the matching end-tag \"</{name}>\".")
}
