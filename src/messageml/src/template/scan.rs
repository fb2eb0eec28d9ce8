//! The pieces of a template: text, directives, interpolations; and the white-space around directives.

use super::SyntaxError;

/// A piece of a template. Offsets are those of the template, in bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Piece<'t> {
    pub at: usize,
    pub kind: PieceKind<'t>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PieceKind<'t> {
    Text(&'t str),
    /// `<#name …>`
    Start {
        name: &'t str,
        inner: Inner<'t>,
    },
    /// `</#name>`
    End {
        name: &'t str,
    },
    Comment,
    /// `${…}` or `#{…}`
    Interpolation(Inner<'t>),
    /// `<@…>` or `</@…>`
    Call,
}

/// The inside of a directive or interpolation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Inner<'t> {
    pub at: usize,
    pub text: &'t str,
}

/// Cuts a template into pieces and strips the white-space of lines that hold directives only.
pub(super) fn pieces(template: &str) -> Result<Vec<Piece<'_>>, SyntaxError> {
    let mut pieces = Vec::new();
    let mut text_start = 0;
    let mut at = 0;
    while let Some(found) = template[at..].find(['<', '$', '#']) {
        at += found;
        let Some((piece, end)) = piece(template, at)? else {
            at += 1;
            continue;
        };
        push_text(&mut pieces, template, text_start, at);
        pieces.push(Piece { at, kind: piece });
        at = end;
        text_start = end;
        if let PieceKind::Start { name: "noparse", .. } = piece {
            let rest = &template[end..];
            let length = rest.find("</#noparse>").ok_or_else(|| unclosed(template, "#noparse"))?;
            at = end + length;
        }
    }
    push_text(&mut pieces, template, text_start, template.len());
    Ok(strip(pieces))
}

/// FreeMarker's words for a template that ends too early.
pub(super) fn unclosed(template: &str, what: &str) -> SyntaxError {
    SyntaxError::new(
        template.len(),
        format!(
            "Unexpected end of file reached. You have an unclosed {what}. Check if the FreeMarker tags are correctly \
             nested and closed."
        ),
    )
}

fn push_text<'t>(pieces: &mut Vec<Piece<'t>>, template: &'t str, start: usize, end: usize) {
    if start < end {
        pieces.push(Piece { at: start, kind: PieceKind::Text(&template[start..end]) });
    }
}

/// The piece that begins at `at` and the offset after it; `None` if it is text.
fn piece(template: &str, at: usize) -> Result<Option<(PieceKind<'_>, usize)>, SyntaxError> {
    let rest = &template[at..];
    if rest.starts_with("<#--") {
        let length = rest.find("-->").ok_or_else(|| unclosed(template, "comment"))?;
        return Ok(Some((PieceKind::Comment, at + length + 3)));
    }
    if rest.starts_with("${") || rest.starts_with("#{") {
        let end = end_of(template, at + 2, '}').ok_or_else(|| unclosed(template, "\"{\""))?;
        let inner = Inner { at: at + 2, text: &template[at + 2..end] };
        return Ok(Some((PieceKind::Interpolation(inner), end + 1)));
    }
    if rest.starts_with("<@") || rest.starts_with("</@") {
        let end = end_of(template, at + 2, '>').ok_or_else(|| unclosed(template, "\"@\""))?;
        return Ok(Some((PieceKind::Call, end + 1)));
    }
    let (is_end, name_at) = match (rest.starts_with("</#"), rest.starts_with("<#")) {
        (true, _) => (true, at + 3),
        (_, true) => (false, at + 2),
        _ => return Ok(None),
    };
    let length = template[name_at..]
        .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
        .unwrap_or(template.len() - name_at);
    if length == 0 {
        return Ok(None);
    }
    let name = &template[name_at..name_at + length];
    let inner_at = name_at + length;
    let end =
        end_of(template, inner_at, '>').ok_or_else(|| unclosed(template, &format!("#{name}")))?;
    let text = &template[inner_at..end];
    let kind = if is_end {
        PieceKind::End { name }
    } else {
        let text = text.strip_suffix('/').unwrap_or(text);
        PieceKind::Start { name, inner: Inner { at: inner_at, text } }
    };
    Ok(Some((kind, end + 1)))
}

/// The offset of the `closing` character that is neither in a string nor in brackets.
fn end_of(template: &str, start: usize, closing: char) -> Option<usize> {
    let mut depth = 0_usize;
    let mut quote = None;
    let mut escaped = false;
    let mut raw = false;
    let mut previous = ' ';
    for (offset, character) in template[start..].char_indices() {
        match quote {
            Some(open) => {
                if escaped {
                    escaped = false;
                } else if character == '\\' && !raw {
                    escaped = true;
                } else if character == open {
                    quote = None;
                }
            }
            None if character == closing && depth == 0 => return Some(start + offset),
            None => match character {
                '"' | '\'' => {
                    quote = Some(character);
                    raw = previous == 'r';
                }
                '(' | '[' | '{' => depth += 1,
                ')' | ']' | '}' => depth = depth.saturating_sub(1),
                _ => {}
            },
        }
        previous = character;
    }
    None
}

/// Removes the blanks and the line break of every line that holds directives and blanks only. The first text of a
/// template is left alone, as in FreeMarker.
fn strip(pieces: Vec<Piece<'_>>) -> Vec<Piece<'_>> {
    let mut out = Vec::with_capacity(pieces.len());
    let mut line: Vec<(Piece<'_>, bool)> = Vec::new();
    for (index, piece) in pieces.into_iter().enumerate() {
        let PieceKind::Text(text) = piece.kind else {
            line.push((piece, false));
            continue;
        };
        let mut at = piece.at;
        for part in text.split_inclusive('\n') {
            line.push((Piece { at, kind: PieceKind::Text(part) }, index == 0));
            at += part.len();
            if part.ends_with('\n') {
                finish(&mut line, &mut out);
            }
        }
    }
    finish(&mut line, &mut out);
    out
}

/// Moves a line to the output, without its white-space if it holds directives only.
fn finish<'t>(line: &mut Vec<(Piece<'t>, bool)>, out: &mut Vec<Piece<'t>>) {
    let has_directive = line.iter().any(|(piece, _)| {
        matches!(piece.kind, PieceKind::Start { .. } | PieceKind::End { .. } | PieceKind::Comment)
    });
    let nothing_else = line.iter().all(|(piece, _)| match piece.kind {
        PieceKind::Text(text) => text.bytes().all(|b| b.is_ascii_whitespace()),
        PieceKind::Interpolation(_) | PieceKind::Call => false,
        PieceKind::Start { .. } | PieceKind::End { .. } | PieceKind::Comment => true,
    });
    for (piece, is_first_text) in line.drain(..) {
        let is_text = matches!(piece.kind, PieceKind::Text(_));
        if is_first_text || !(is_text && has_directive && nothing_else) {
            out.push(piece);
        }
    }
}
