//! `<#ftl …>` at the beginning of a template.

use super::super::SyntaxError;
use super::super::ast::{Expr, ExprKind, Format};
use super::super::canonical::canonical;
use super::super::names;
use super::super::token::{Kind, Token};
use super::{Escaping, Parser, Result, wrong};

impl Parser<'_> {
    /// Takes the header, if there is one.
    pub(super) fn header(&mut self) -> Result<()> {
        const HEADER: &[Kind] = &[Kind::FtlHeader, Kind::TrivialFtlHeader];
        let index = usize::from(self.peek()? == Kind::TextBlank);
        if !HEADER.contains(&self.look(index)?.kind) {
            return Ok(());
        }
        if index == 1 {
            self.next()?;
        }
        if self.next()?.kind == Kind::TrivialFtlHeader {
            return Ok(());
        }
        let mut wants_escaping = None;
        while self.is(&[Kind::Id])? {
            let key = self.next()?;
            self.take(Kind::Equals)?;
            let value = self.expression()?;
            self.lexer.check_name(&key)?;
            if self.parameter(&key, &value)? {
                wants_escaping = Some(key);
            }
        }
        if let Some(key) = wants_escaping
            && !self.format.is_markup()
        {
            return Err(SyntaxError::new(
                key.span.begin,
                format!("The current output format can't do escaping: {}", self.format.shown()),
            ));
        }
        self.loose_end()?;
        Ok(())
    }

    /// Takes a parameter; whether it asks for escaping.
    fn parameter(&mut self, key: &Token<'_>, value: &Expr) -> Result<bool> {
        let image = names::unescaped(key.image);
        let text = match &value.kind {
            ExprKind::Text(text) => Some(text.to_string()),
            _ => None,
        };
        let wanted_text = || wrong(value, format!("Expected a string constant for \"{image}\"."));
        match image.to_ascii_lowercase().replace('_', "").as_str() {
            "encoding" => {
                text.ok_or_else(wanted_text)?;
            }
            "stripwhitespace" => self.strip_white_space = boolean(value, true)?,
            "striptext" => self.strip_text = boolean(value, true)?,
            "strictsyntax" => {
                boolean(value, true)?;
            }
            "autoesc" if image != "autoesc" => {
                let on = boolean(value, false)?;
                self.escaping = if on { Escaping::IfSupported } else { Escaping::Off };
                return Ok(on);
            }
            "outputformat" => {
                let name = text.ok_or_else(wanted_text)?;
                self.format =
                    Format::find(&name).ok_or_else(|| wrong(value, Format::unregistered(&name)))?;
            }
            "nsprefixes" => {
                if !matches!(value.kind, ExprKind::Hash(_)) {
                    return Err(wrong(value, "Expecting a hash of prefixes to namespace URI's."));
                }
            }
            "attributes" => {
                if !matches!(value.kind, ExprKind::Hash(_)) {
                    return Err(wrong(value, "Expecting a hash of attribute names to values."));
                }
            }
            _ => {
                let meant = match image.as_str() {
                    "charset" => ". You may meant: encoding",
                    "xmlns" => ". You may meant: ns_prefixes",
                    "auto_escape" | "auto_escaping" | "autoesc" => ". You may meant: auto_esc",
                    "autoEscape" | "autoEscaping" => ". You may meant: autoEsc",
                    _ => "",
                };
                return Err(SyntaxError::new(
                    key.span.begin,
                    format!("Unknown FTL header parameter: {image}{meant}"),
                ));
            }
        }
        Ok(false)
    }
}

fn boolean(value: &Expr, or_text: bool) -> Result<bool> {
    match &value.kind {
        ExprKind::Boolean(on) => Ok(*on),
        ExprKind::Text(text) if or_text => match text.to_ascii_lowercase().as_str() {
            "n" | "no" | "f" | "false" => Ok(false),
            "y" | "yes" | "t" | "true" => Ok(true),
            _ => Err(wrong(
                value,
                format!(
                    "Illegal boolean value: {text}\nExpecting boolean (true/false), found: {}",
                    canonical(value)
                ),
            )),
        },
        _ => Err(wrong(value, "Expecting boolean (true/false) parameter")),
    }
}
