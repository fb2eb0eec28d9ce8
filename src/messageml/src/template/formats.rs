//! Formats of output, and how plain text is escaped in them.

use super::ast::Format;
use super::names;

impl Format {
    pub fn find(name: &str) -> Option<Self> {
        Some(match name {
            "undefined" => Self::Undefined,
            "HTML" => Self::Html,
            "XHTML" => Self::Xhtml,
            "XML" => Self::Xml,
            "RTF" => Self::Rtf,
            "plainText" => Self::PlainText,
            "CSS" => Self::Css,
            "JavaScript" => Self::JavaScript,
            "JSON" => Self::Json,
            _ => return None,
        })
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Undefined => "undefined",
            Self::Html => "HTML",
            Self::Xhtml => "XHTML",
            Self::Xml => "XML",
            Self::Rtf => "RTF",
            Self::PlainText => "plainText",
            Self::Css => "CSS",
            Self::JavaScript => "JavaScript",
            Self::Json => "JSON",
        }
    }

    /// Whether text can be escaped in it.
    pub fn is_markup(self) -> bool {
        matches!(self, Self::Html | Self::Xhtml | Self::Xml | Self::Rtf)
    }

    pub fn escapes_by_default(self) -> bool {
        self.is_markup()
    }

    /// As an error shows it.
    pub fn shown(self) -> String {
        let (mime, class) = match self {
            Self::Undefined => ("null", "UndefinedOutputFormat"),
            Self::Html => ("\"text/html\"", "HTMLOutputFormat"),
            Self::Xhtml => ("\"application/xhtml+xml\"", "XHTMLOutputFormat"),
            Self::Xml => ("\"application/xml\"", "XMLOutputFormat"),
            Self::Rtf => ("\"application/rtf\"", "RTFOutputFormat"),
            Self::PlainText => ("\"text/plain\"", "PlainTextOutputFormat"),
            Self::Css => ("\"text/css\"", "CSSOutputFormat"),
            Self::JavaScript => ("\"application/javascript\"", "JavaScriptOutputFormat"),
            Self::Json => ("\"application/json\"", "JSONOutputFormat"),
        };
        format!("{}(mimeType={mime}, class=f.c.{class})", self.name())
    }

    /// FreeMarker's words for a name that is none of a format.
    pub fn unregistered(name: &str) -> String {
        format!(
            "Unregistered output format name, {}. The output formats registered in the Configuration are: \"CSS\", \
             \"HTML\", \"JSON\", \"JavaScript\", \"RTF\", \"XHTML\", \"XML\", \"plainText\", \"undefined\"",
            names::quoted(name)
        )
    }

    /// Escapes plain text.
    pub fn escape(self, text: &str) -> String {
        match self {
            Self::Xml => escaped(text, "&apos;"),
            Self::Html | Self::Xhtml => escaped(text, "&#39;"),
            Self::Rtf => text.replace('\\', "\\\\").replace('{', "\\{").replace('}', "\\}"),
            _ => text.to_owned(),
        }
    }
}

/// Escapes what is markup in HTML and XML.
pub(super) fn escaped(text: &str, apostrophe: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.bytes().position(is_escaped) {
        out.push_str(&rest[..at]);
        out.push_str(match rest.as_bytes()[at] {
            b'<' => "&lt;",
            b'>' => "&gt;",
            b'&' => "&amp;",
            b'"' => "&quot;",
            _ => apostrophe,
        });
        rest = &rest[at + 1..];
    }
    out.push_str(rest);
    out
}

/// Whether [`escaped`] writes something else in its place.
pub(super) fn is_escaped(byte: u8) -> bool {
    matches!(byte, b'<' | b'>' | b'&' | b'"' | b'\'')
}
