//! The XML of a message: text in, a tree of elements with sorted attributes out.
//!
//! `markup` takes it apart; this module adds what an Agent insists on: well-formedness,
//! the five predefined entities and character references, no DOCTYPE. What is wrong is said in the words of the JDK's
//! parser, which the Agent passes on to bots.
//!
//! The parser does not recurse, and the tree is never deeper than [`MAX_DEPTH`], so that whatever walks it later
//! may recurse on the stack that [`super::convert`] sees to.

mod declaration;
mod document;
mod encoding;
mod markup;
mod scan;

use std::borrow::Cow;

use super::Invalid;
use document::Stored;
pub(super) use document::{Attribute, Document, Element, Node, Nodes};
pub(super) use encoding::decoded;
use markup::{Fault, Piece, Scanner};
use scan::{
    attributes, broken_reference, cut_off_attributes, invalid_char, is_cut_off_reference, is_space,
    is_xml_char, name_length, resolve, unterminated,
};

/// How deep elements may nest. Real messages stay below 30; the JDK 17 answers one of some thousand levels with a stack
/// overflow, that of 2025 refuses the 201st with the text used here.
pub(super) const MAX_DEPTH: usize = 1000;

/// Parses a whole document, of which [`decoded`] made the text.
///
/// # Errors
///
/// `Invalid messageML: ` and the JDK's text, for the first thing that is not well-formed.
pub(super) fn parse(text: &str) -> Result<Document<'_>, Invalid> {
    let mut parser = Parser::new(text);
    parser.run().map_err(|message| {
        // A mark of the order of bytes in front is no part of what the parser reads.
        let at = text.len() - parser.text.len() + parser.at;
        let open = parser.open.iter().map(|open| open.name);
        Invalid::new(format!("Invalid messageML: {message}")).at_byte(at, open)
    })?;
    Ok(parser.document)
}

const OUTSIDE_PROLOG: &str = "Content is not allowed in prolog.";
const REFERENCE_PROLOG: &str = "Reference is not allowed in prolog.";
const OUTSIDE_TRAILING: &str = "Content is not allowed in trailing section.";
const MARKUP_PROLOG: &str =
    "The markup in the document preceding the root element must be well-formed.";
const MARKUP_CONTENT: &str =
    "The content of elements must consist of well-formed character data or markup.";
const MARKUP_TRAILING: &str =
    "The markup in the document following the root element must be well-formed.";
const COMMENT_START: &str = "Comment must start with \"<!--\".";
const CUT_OFF: &str = "XML document structures must start and end within the same entity.";
const DOCTYPE: &str = "DOCTYPE is disallowed when the feature \"http://apache.org/xml/features/disallow-doctype-decl\" set to true.";
const NO_TARGET: &str = "The processing instruction must begin with the name of the target.";
const RESERVED_TARGET: &str =
    "The processing instruction target matching \"[xX][mM][lL]\" is not allowed.";

struct Parser<'t> {
    text: &'t str,
    document: Document<'t>,
    open: Vec<Open<'t>>,
    /// Whether the piece is the message's last.
    at_end: bool,
    /// Whether characters continue the text in front of them.
    in_text: bool,
    /// The byte at which the piece begins, or at which it is wrong.
    at: usize,
}

/// An element that has not ended.
struct Open<'t> {
    name: &'t str,
    at: usize,
}

impl<'t> Parser<'t> {
    fn new(text: &'t str) -> Self {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        // About as many as there are tags, none of which is shorter than `<a>`.
        let tags = memchr::memchr_iter(b'<', text.as_bytes()).count();
        let stored = Vec::with_capacity(tags.min(text.len() / 3));
        let document = Document { stored, attributes: Vec::new(), depth: 0 };
        Self { text, document, open: Vec::new(), at_end: false, in_text: false, at: 0 }
    }

    fn run(&mut self) -> Result<(), String> {
        let mut scanner = Scanner::new(self.text);
        let mut at_start = true;
        while let Some(piece) = {
            self.at = scanner.at;
            scanner.next()
        } {
            self.at_end = scanner.is_at_end();
            match piece {
                // It was read before.
                Ok(Piece::Instruction(text)) if at_start && is_declaration(text) => {}
                Ok(piece) => self.piece(piece)?,
                Err(Fault::Hyphens) => {
                    return Err("The string \"--\" is not permitted within comments.".to_owned());
                }
                Err(Fault::Unreadable(rest)) => return Err(self.unreadable(rest)),
            }
            at_start = false;
        }
        if !self.open.is_empty() {
            return Err(CUT_OFF.to_owned());
        }
        if !self.has_root() {
            return Err("Premature end of file.".to_owned());
        }
        Ok(())
    }

    /// Whether there is a whole root element, or a part of one.
    fn has_root(&self) -> bool {
        !self.document.stored.is_empty()
    }

    fn is_behind_root(&self) -> bool {
        self.has_root() && self.open.is_empty()
    }

    fn piece(&mut self, piece: Piece<'t>) -> Result<(), String> {
        match piece {
            Piece::Start(tag) => self.start(tag),
            Piece::Empty(tag) => {
                self.start(tag)?;
                self.close();
                Ok(())
            }
            Piece::End(tag) => self.end(tag),
            Piece::Text(text) => self.text(text),
            Piece::Reference(name) => self.reference(name),
            Piece::CData(_) if self.open.is_empty() => Err(self.misplaced_section().to_owned()),
            Piece::CData(section) => {
                if let Some(code) = invalid_char(section) {
                    return Err(format!(
                        "An invalid XML character (Unicode: 0x{code:x}) was found in the CDATA section."
                    ));
                }
                self.other("#cdata-section", section);
                Ok(())
            }
            Piece::Comment(comment) => {
                if let Some(code) = invalid_char(comment) {
                    return Err(format!(
                        "An invalid XML character (Unicode: 0x{code:x}) was found in the comment."
                    ));
                }
                self.other("#comment", "");
                Ok(())
            }
            Piece::Instruction(instruction) => {
                if instruction.is_empty() {
                    return Err(NO_TARGET.to_owned());
                }
                let target = instruction_target(instruction).map_err(str::to_owned)?;
                if let Some(code) = invalid_char(instruction) {
                    return Err(in_instruction(code));
                }
                self.other(target, "");
                Ok(())
            }
        }
    }

    fn start(&mut self, tag: &'t str) -> Result<(), String> {
        if self.is_behind_root() {
            return Err(MARKUP_TRAILING.to_owned());
        }
        let name = self.name(tag)?;
        let depth = self.open.len() + 1;
        if depth > MAX_DEPTH {
            return Err(format!(
                "JAXP00010006: The element \"{name}\" has a depth of \"{depth}\" that exceeds the limit \
                 \"{MAX_DEPTH}\" set by \"maxElementDepth\"."
            ));
        }
        self.document.depth = self.document.depth.max(depth);
        let first = self.document.attributes.len();
        if tag.len() > name.len() {
            attributes(name, &tag[name.len()..], &mut self.document.attributes)?;
            self.document.attributes[first..]
                .sort_by(|a, b| a.name.encode_utf16().cmp(b.name.encode_utf16()));
        }
        let attributes = first..self.document.attributes.len();
        let at = self.document.stored.len();
        self.document.stored.push(Stored::Element { name, attributes, end: at + 1 });
        self.open.push(Open { name, at });
        self.in_text = false;
        Ok(())
    }

    /// The element name a tag begins with.
    fn name(&self, tag: &'t str) -> Result<&'t str, String> {
        let name = &tag[..name_length(tag)];
        if name.is_empty() {
            return Err(self.markup_error().to_owned());
        }
        if tag[name.len()..].starts_with(|c| !is_space(c)) {
            return Err(unterminated(name));
        }
        Ok(name)
    }

    /// What the JDK takes a CDATA section or a declaration for where no element is open.
    fn misplaced_section(&self) -> &'static str {
        if self.is_behind_root() { COMMENT_START } else { MARKUP_PROLOG }
    }

    fn markup_error(&self) -> &'static str {
        match (self.is_behind_root(), self.open.is_empty()) {
            (true, _) => MARKUP_TRAILING,
            (false, true) => MARKUP_PROLOG,
            (false, false) => MARKUP_CONTENT,
        }
    }

    fn end(&mut self, tag: &str) -> Result<(), String> {
        let Some(Open { name, .. }) = self.open.last() else {
            return Err(self.markup_error().to_owned());
        };
        let Some(rest) = tag.strip_prefix(name) else {
            return Err(unmatched(name));
        };
        if !rest.trim_matches(is_space).is_empty() {
            return Err(unended(name));
        }
        self.close();
        Ok(())
    }

    fn close(&mut self) {
        let behind = self.document.stored.len();
        let open = self.open.pop();
        if let Some(Stored::Element { end, .. }) =
            open.and_then(|open| self.document.stored.get_mut(open.at))
        {
            *end = behind;
        }
        self.in_text = false;
    }

    fn text(&mut self, text: &'t str) -> Result<(), String> {
        if self.open.is_empty() {
            return self.outside(text.trim_start_matches(is_space));
        }
        let needs_a_look = |byte: u8| {
            matches!(byte, b'&' | b']' | 0xef) || byte < b' ' && byte != b'\n' && byte != b'\t'
        };
        if text.bytes().any(needs_a_look) {
            self.check_text(text)?;
        }
        if let (true, Some(Stored::Text(before))) = (self.in_text, self.document.stored.last_mut())
        {
            before.to_mut().push_str(text);
        } else {
            self.document.stored.push(Stored::Text(Cow::Borrowed(text)));
            self.in_text = true;
        }
        Ok(())
    }

    fn check_text(&mut self, text: &str) -> Result<(), String> {
        for (at, character) in text.char_indices() {
            let rest = &text[at..];
            let fault = match character {
                // The references that have an end are pieces of their own.
                '&' if self.at_end && is_cut_off_reference(&rest[1..]) => CUT_OFF.to_owned(),
                '&' => broken_reference(&rest[1..]),
                ']' if rest.starts_with("]]>") => {
                    "The character sequence \"]]>\" must not appear in content unless used to mark the end of a CDATA \
                     section."
                        .to_owned()
                }
                _ if !is_xml_char(character) => format!(
                    "An invalid XML character (Unicode: 0x{:x}) was found in the element content of the document.",
                    u32::from(character)
                ),
                _ => continue,
            };
            self.at += at;
            return Err(fault);
        }
        Ok(())
    }

    fn reference(&mut self, name: &str) -> Result<(), String> {
        if self.open.is_empty() {
            self.outside("&")?;
        }
        let character = resolve(name)?;
        if let (true, Some(Stored::Text(before))) = (self.in_text, self.document.stored.last_mut())
        {
            before.to_mut().push(character);
        } else {
            self.document.stored.push(Stored::Text(Cow::Owned(character.to_string())));
            self.in_text = true;
        }
        Ok(())
    }

    /// Characters outside the root element: only the blanks that `text` had in front may stand there.
    fn outside(&self, text: &str) -> Result<(), String> {
        match (text.chars().next(), self.is_behind_root()) {
            (None, _) => Ok(()),
            (Some('&'), false) => Err(REFERENCE_PROLOG.to_owned()),
            (Some(_), false) => Err(OUTSIDE_PROLOG.to_owned()),
            (Some(_), true) => Err(OUTSIDE_TRAILING.to_owned()),
        }
    }

    fn other(&mut self, name: &'t str, text: &'t str) {
        self.in_text = false;
        if !self.open.is_empty() {
            self.document.stored.push(Stored::Other { name, text });
        }
    }

    /// Why the reader could not make out the markup that `rest` begins with.
    fn unreadable(&self, rest: &str) -> String {
        if self.is_behind_root() && rest.starts_with("<!") && !rest.starts_with("<!--") {
            return COMMENT_START.to_owned();
        }
        if self.open.is_empty() && rest.starts_with("<![CDATA[") {
            return self.misplaced_section().to_owned();
        }
        if rest.starts_with("<!DOCTYPE") {
            let in_content = !self.open.is_empty();
            // The JDK's scanner is in none of its states then.
            return if in_content { "Scanner State 24 not Recognized " } else { DOCTYPE }
                .to_owned();
        }
        if let (Some(end), Some(open)) = (rest.strip_prefix("</"), self.open.last()) {
            let Some(behind) = end.strip_prefix(open.name) else { return unmatched(open.name) };
            if !behind.trim_start_matches(is_space).is_empty() {
                return unended(open.name);
            }
        }
        if let Some(instruction) = rest.strip_prefix("<?") {
            return match (instruction_target(instruction), invalid_char(instruction)) {
                (Err(fault), _) => fault.to_owned(),
                (Ok(_), Some(code)) => in_instruction(code),
                (Ok(_), None) => CUT_OFF.to_owned(),
            };
        }
        if rest.starts_with("<!-") && !rest.starts_with("<!--") {
            return if rest == "<!-" { CUT_OFF } else { COMMENT_START }.to_owned();
        }
        if let Some(comment) = rest.strip_prefix("<!--")
            && let Some(code) = invalid_char(comment)
        {
            return format!(
                "An invalid XML character (Unicode: 0x{code:x}) was found in the comment."
            );
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

fn in_instruction(code: u32) -> String {
    format!(
        "An invalid XML character (Unicode: 0x{code:x}) was found in the processing instruction."
    )
}

/// Whether a processing instruction is the declaration of XML.
fn is_declaration(instruction: &str) -> bool {
    instruction.strip_prefix("xml").is_some_and(|after| after.starts_with(is_space))
}

/// The target of a processing instruction, of what stands behind its `<?`.
fn instruction_target(instruction: &str) -> Result<&str, &'static str> {
    let target = &instruction[..name_length(instruction)];
    match instruction[target.len()..].chars().next() {
        Some(_) if target.is_empty() => Err(NO_TARGET),
        _ if target.eq_ignore_ascii_case("xml") => Err(RESERVED_TARGET),
        Some(next) if !is_space(next) => {
            Err("White space is required between the processing instruction target and data.")
        }
        _ => Ok(target),
    }
}

fn unended(name: &str) -> String {
    format!("The end-tag for element type \"{name}\" must end with a '>' delimiter.")
}

fn unmatched(name: &str) -> String {
    format!("The element type \"{name}\" must be terminated by the matching end-tag \"</{name}>\".")
}
