//! Where markup begins and ends.

use memchr::{memchr, memchr2, memchr3, memmem};

/// A piece of a document. The texts are what stands between the signs that set it apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece<'t> {
    /// `<name …>`
    Start(&'t str),
    /// `<name …/>`
    Empty(&'t str),
    /// `</name>`
    End(&'t str),
    /// Characters; an `&` in front is one that begins no reference.
    Text(&'t str),
    /// `&name;`
    Reference(&'t str),
    CData(&'t str),
    Comment(&'t str),
    /// `<?target …?>`
    Instruction(&'t str),
}

/// Why there is no piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault<'t> {
    /// `--` in a comment.
    Hyphens,
    /// No markup, or one without an end: it begins with this.
    Unreadable(&'t str),
}

/// Takes a document apart. It keeps no account of what is open.
#[derive(Debug)]
pub(super) struct Scanner<'t> {
    text: &'t str,
    /// The byte that comes next.
    pub at: usize,
}

impl<'t> Scanner<'t> {
    pub fn new(text: &'t str) -> Self {
        Self { text, at: 0 }
    }

    pub fn is_at_end(&self) -> bool {
        self.at == self.text.len()
    }

    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    /// The next piece; `None` behind the last.
    pub fn next(&mut self) -> Option<Result<Piece<'t>, Fault<'t>>> {
        let rest = self.rest();
        match rest.as_bytes() {
            [] => None,
            [b'<', ..] => Some(self.markup(rest)),
            [b'&', after @ ..] => match memchr3(b';', b'&', b'<', after) {
                Some(length) if after[length] == b';' => {
                    self.at += length + 2;
                    Some(Ok(Piece::Reference(&rest[1..=length])))
                }
                other => Some(Ok(self.text(other.map(|length| length + 1)))),
            },
            bytes => Some(Ok(self.text(memchr2(b'<', b'&', bytes)))),
        }
    }

    /// Characters, `length` bytes of them or all.
    fn text(&mut self, length: Option<usize>) -> Piece<'t> {
        let rest = self.rest();
        let text = length.map_or(rest, |length| &rest[..length]);
        self.at += text.len();
        Piece::Text(text)
    }

    /// What `rest`, which begins with `<`, begins with.
    fn markup(&mut self, rest: &'t str) -> Result<Piece<'t>, Fault<'t>> {
        let unreadable = Fault::Unreadable(rest);
        match rest.as_bytes()[1..] {
            [b'!', ..] => {
                if let Some(comment) = rest.strip_prefix("<!--") {
                    let text = self.delimited(comment, "-->").ok_or(unreadable)?;
                    // The hyphen in front of the end is one too many as well.
                    let is_clean = !text.contains("--") && !text.ends_with('-');
                    return is_clean.then_some(Piece::Comment(text)).ok_or(Fault::Hyphens);
                }
                let section = rest.strip_prefix("<![CDATA[").ok_or(unreadable)?;
                self.delimited(section, "]]>").map(Piece::CData).ok_or(unreadable)
            }
            [b'?', ..] => {
                self.delimited(&rest[2..], "?>").map(Piece::Instruction).ok_or(unreadable)
            }
            [b'/', ..] => self.tag(&rest[2..]).map(Piece::End).ok_or(unreadable),
            _ => {
                let tag = self.tag(&rest[1..]).ok_or(unreadable)?;
                Ok(match tag.as_bytes().last() {
                    Some(b'/') => Piece::Empty(&tag[..tag.len() - 1]),
                    _ => Piece::Start(tag),
                })
            }
        }
    }

    /// What stands in `from`, which is in the document, before `end`.
    fn delimited(&mut self, from: &'t str, end: &str) -> Option<&'t str> {
        let length = memmem::find(from.as_bytes(), end.as_bytes())?;
        self.at = self.text.len() - from.len() + length + end.len();
        Some(&from[..length])
    }

    /// The same up to a `>` outside quotes.
    fn tag(&mut self, from: &'t str) -> Option<&'t str> {
        let bytes = from.as_bytes();
        let mut length = 0;
        // Tags are too short for a search that looks at many bytes at once; values need not be.
        loop {
            match *bytes.get(length)? {
                b'>' => {
                    self.at = self.text.len() - from.len() + length + 1;
                    return Some(&from[..length]);
                }
                quote @ (b'"' | b'\'') => {
                    length += 2 + memchr(quote, &bytes[length + 1..])?;
                }
                _ => length += 1,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Fault, Piece, Scanner};

    #[test]
    fn takes_a_document_apart() {
        use Piece::{CData, Comment, Empty, End, Instruction, Reference, Start, Text};
        let mut scanner = Scanner::new(
            "<?xml version='1.0'?><a b='>' c=\"/>\">x &amp; y& z<br/><!-- > --><![CDATA[<]]></a >",
        );
        let pieces: Vec<_> = std::iter::from_fn(|| scanner.next()).map(Result::unwrap).collect();
        assert_eq!(
            pieces,
            [
                Instruction("xml version='1.0'"),
                Start("a b='>' c=\"/>\""),
                Text("x "),
                Reference("amp"),
                Text(" y"),
                Text("& z"),
                Empty("br"),
                Comment(" > "),
                CData("<"),
                End("a "),
            ]
        );
        assert!(scanner.is_at_end());
    }

    #[test]
    fn says_what_it_cannot_read() {
        for unreadable in [
            "<",
            "<a",
            "<a b='>",
            "</a",
            "<!",
            "<!-",
            "<!--",
            "<!-->",
            "<!DOCTYPE a>",
            "<![CDATA[",
            "<?",
            "<?>",
        ] {
            let fault = Scanner::new(unreadable).next();
            assert_eq!(fault, Some(Err(Fault::Unreadable(unreadable))));
        }
        for hyphens in ["<!-- -- -->", "<!-- --->"] {
            assert_eq!(Scanner::new(hyphens).next(), Some(Err(Fault::Hyphens)), "{hyphens}");
        }
    }
}
