//! Directives: from the pieces of a template to what is run.

use std::rc::Rc;

use super::expression::Expression;
use super::read::Reader;
use super::scan::{self, Inner, Piece, PieceKind};
use super::{MAX_NESTING, SyntaxError};

/// Something a template does.
#[derive(Debug)]
pub(super) enum Step<'t> {
    Text(&'t str),
    /// `${…}`, at the offset of the dollar sign, and the escapes around it, the innermost first.
    Print {
        at: usize,
        value: Expression<'t>,
        escapes: Vec<Rc<Escape<'t>>>,
    },
    /// The first branch whose condition holds; one without a condition always does.
    If(Vec<(Option<Expression<'t>>, Vec<Step<'t>>)>),
    List(Box<List<'t>>),
    /// The loop of a list whose variables are named inside.
    Items {
        at: usize,
        names: Names<'t>,
        body: Vec<Step<'t>>,
    },
    /// What stands between the elements of a list.
    Separator(Vec<Step<'t>>),
    Assign {
        name: &'t str,
        value: Expression<'t>,
    },
    /// What is printed inside becomes the value.
    Capture {
        name: &'t str,
        body: Vec<Step<'t>>,
    },
    Switch {
        value: Expression<'t>,
        cases: Vec<(Option<Expression<'t>>, Vec<Step<'t>>)>,
    },
    Break,
    Continue,
    /// Whitespace of the output is made single.
    Compress(Vec<Step<'t>>),
    /// Something that cannot succeed in a message.
    Fail {
        at: usize,
    },
}

#[derive(Debug)]
pub(super) struct List<'t> {
    pub sequence: Expression<'t>,
    /// `None` if `items` names them.
    pub names: Option<Names<'t>>,
    pub body: Vec<Step<'t>>,
    pub otherwise: Vec<Step<'t>>,
}

/// The loop variables: the element, or key and value.
#[derive(Debug, Clone, Copy)]
pub(super) struct Names<'t> {
    pub first: &'t str,
    pub second: Option<&'t str>,
}

/// `<#escape name as value>`
#[derive(Debug)]
pub(super) struct Escape<'t> {
    pub name: &'t str,
    pub value: Expression<'t>,
}

pub(super) fn parse(template: &str) -> Result<Vec<Step<'_>>, SyntaxError> {
    let pieces = scan::pieces(template)?;
    let mut parser = Parser { template, pieces, next: 0, escapes: Vec::new(), depth: 0 };
    let (steps, end) = parser.block(&[])?;
    match end {
        None => Ok(steps),
        Some(tag) => Err(tag.unexpected()),
    }
}

struct Parser<'t> {
    template: &'t str,
    pieces: Vec<Piece<'t>>,
    /// The piece to be read next.
    next: usize,
    escapes: Vec<Rc<Escape<'t>>>,
    depth: usize,
}

/// A tag that ends a block: an end tag, or one such as `else`.
#[derive(Debug, Clone, Copy)]
struct Tag<'t> {
    at: usize,
    name: &'t str,
    /// The inside of a start tag; `None` for an end tag.
    inner: Option<Inner<'t>>,
}

impl Tag<'_> {
    fn unexpected(self) -> SyntaxError {
        let slash = if self.inner.is_some() { "" } else { "/" };
        SyntaxError::new(
            self.at,
            format!(
                "Unexpected directive, \"<{slash}#{}>\". Check if you have a valid #if-#elseif-#else or #list-#else \
                 structure.",
                self.name
            ),
        )
    }
}

impl<'t> Parser<'t> {
    /// Steps up to an end tag or one of `middles`, which is taken and returned.
    fn block(&mut self, middles: &[&str]) -> Result<(Vec<Step<'t>>, Option<Tag<'t>>), SyntaxError> {
        self.depth += 1;
        if self.depth > MAX_NESTING {
            let at = self.pieces.get(self.next).map_or(self.template.len(), |piece| piece.at);
            return Err(SyntaxError::new(at, "The directives are nested too deeply."));
        }
        let mut steps = Vec::new();
        let mut end = None;
        while let Some(Piece { at, kind }) = self.pieces.get(self.next).copied() {
            self.next += 1;
            match kind {
                PieceKind::Text(text) => steps.push(Step::Text(text)),
                PieceKind::Comment => {}
                PieceKind::Call => steps.push(Step::Fail { at }),
                PieceKind::Interpolation(inner) => {
                    let value = whole(inner, "}")?;
                    let escapes = self.escapes.iter().rev().cloned().collect();
                    steps.push(Step::Print { at, value, escapes });
                }
                PieceKind::End { name } => {
                    end = Some(Tag { at, name, inner: None });
                    break;
                }
                PieceKind::Start { name, inner } if middles.contains(&name) => {
                    end = Some(Tag { at, name, inner: Some(inner) });
                    break;
                }
                PieceKind::Start { name, inner } => self.directive(at, name, inner, &mut steps)?,
            }
        }
        self.depth -= 1;
        Ok((steps, end))
    }

    /// A block that only the end tag of `name` ends.
    fn body(&mut self, name: &str) -> Result<Vec<Step<'t>>, SyntaxError> {
        let (steps, end) = self.block(&[])?;
        self.ended(name, end)?;
        Ok(steps)
    }

    fn ended(&self, name: &str, end: Option<Tag<'t>>) -> Result<(), SyntaxError> {
        match end {
            Some(tag) if tag.name == name && tag.inner.is_none() => Ok(()),
            Some(tag) => Err(tag.unexpected()),
            None => Err(scan::unclosed(self.template, &format!("#{name}"))),
        }
    }

    fn directive(
        &mut self,
        at: usize,
        name: &'t str,
        inner: Inner<'t>,
        steps: &mut Vec<Step<'t>>,
    ) -> Result<(), SyntaxError> {
        let mut reader = Reader::new(inner, ">");
        match name {
            "if" => {
                let step = self.conditional(inner)?;
                steps.push(step);
            }
            "list" | "foreach" => {
                let step = self.list(name, inner)?;
                steps.push(step);
            }
            "items" => {
                if !reader.eat("as") {
                    return Err(reader.unexpected("\"as\""));
                }
                let names = loop_names(&mut reader)?;
                let body = self.body("items")?;
                steps.push(Step::Items { at, names, body });
            }
            "sep" => {
                // The end tag may be missing: then it reaches to the end of the list, whose tag is not ours.
                let (body, end) = self.block(&["else"])?;
                if !matches!(end, Some(Tag { name: "sep", inner: None, .. })) {
                    self.next -= usize::from(end.is_some());
                }
                steps.push(Step::Separator(body));
            }
            "assign" | "local" | "global" => self.assign(name, inner, steps)?,
            "switch" => {
                let step = self.switch(inner)?;
                steps.push(step);
            }
            "break" => steps.push(Step::Break),
            "continue" => steps.push(Step::Continue),
            "noparse" => {
                // The scanner leaves nothing but text in there.
                let body = self.body("noparse")?;
                steps.extend(body);
            }
            "escape" => {
                let variable = reader.name().ok_or_else(|| reader.unexpected("<ID>"))?;
                if !reader.eat("as") {
                    return Err(reader.unexpected("\"as\""));
                }
                let value = reader.expression()?;
                reader.finish()?;
                self.escapes.push(Rc::new(Escape { name: variable, value }));
                let body = self.body("escape");
                self.escapes.pop();
                steps.extend(body?);
            }
            "noescape" => {
                let innermost = self.escapes.pop();
                let body = self.body("noescape");
                self.escapes.extend(innermost);
                steps.extend(body?);
            }
            "compress" => {
                let body = self.body("compress")?;
                steps.push(Step::Compress(body));
            }
            "stop" | "include" | "import" => steps.push(Step::Fail { at }),
            "else" | "elseif" | "elseIf" | "case" | "default" => {
                return Err(Tag { at, name, inner: Some(inner) }.unexpected());
            }
            "macro" | "function" | "nested" | "return" | "ftl" | "setting" | "attempt"
            | "recover" | "visit" | "recurse" | "fallback" | "transform" | "outputformat"
            | "autoesc" | "noautoesc" | "t" | "lt" | "rt" | "nt" | "flush" => {
                return Err(SyntaxError::new(
                    at,
                    format!("The directive #{name} is not supported."),
                ));
            }
            _ => {
                return Err(SyntaxError::new(
                    at,
                    format!(
                        "Unknown directive: #{name}. Help (latest version): \
                         http://freemarker.org/docs/ref_directive_alphaidx.html; you're using FreeMarker 2.3.31"
                    ),
                ));
            }
        }
        Ok(())
    }

    fn conditional(&mut self, inner: Inner<'t>) -> Result<Step<'t>, SyntaxError> {
        let mut branches = Vec::new();
        let mut condition = Some(whole(inner, ">")?);
        loop {
            let is_else = condition.is_none();
            let middles: &[&str] = if is_else { &[] } else { &["else", "elseif", "elseIf"] };
            let (body, end) = self.block(middles)?;
            branches.push((condition, body));
            match end {
                Some(Tag { name: "else", inner: Some(_), .. }) => condition = None,
                Some(Tag { inner: Some(inner), .. }) => condition = Some(whole(inner, ">")?),
                end => {
                    self.ended("if", end)?;
                    return Ok(Step::If(branches));
                }
            }
        }
    }

    fn list(&mut self, name: &str, inner: Inner<'t>) -> Result<Step<'t>, SyntaxError> {
        let mut reader = Reader::new(inner, ">");
        let (sequence, names) = if name == "foreach" {
            let first = reader.name().ok_or_else(|| reader.unexpected("<ID>"))?;
            if !reader.eat("in") {
                return Err(reader.unexpected("\"in\""));
            }
            (reader.expression()?, Some(Names { first, second: None }))
        } else {
            let sequence = reader.expression()?;
            let names = if reader.eat("as") { Some(loop_names(&mut reader)?) } else { None };
            (sequence, names)
        };
        reader.finish()?;
        let (body, end) = self.block(&["else"])?;
        let otherwise = match end {
            Some(Tag { inner: Some(_), .. }) => self.body(name)?,
            end => {
                self.ended(name, end)?;
                Vec::new()
            }
        };
        Ok(Step::List(Box::new(List { sequence, names, body, otherwise })))
    }

    fn assign(
        &mut self,
        directive: &str,
        inner: Inner<'t>,
        steps: &mut Vec<Step<'t>>,
    ) -> Result<(), SyntaxError> {
        let mut reader = Reader::new(inner, ">");
        loop {
            let name =
                reader.name().ok_or_else(|| reader.unexpected("<ID>\n    <STRING_LITERAL>"))?;
            if reader.is_done() {
                let body = self.body(directive)?;
                steps.push(Step::Capture { name, body });
                return Ok(());
            }
            if !reader.eat("=") {
                return Err(reader.unexpected("\"=\""));
            }
            let value = reader.expression()?;
            steps.push(Step::Assign { name, value });
            reader.eat(",");
            if reader.is_done() {
                return Ok(());
            }
        }
    }

    fn switch(&mut self, inner: Inner<'t>) -> Result<Step<'t>, SyntaxError> {
        let value = whole(inner, ">")?;
        let mut cases = Vec::new();
        // What stands before the first case is never run.
        let (_, mut end) = self.block(&["case", "default"])?;
        loop {
            let condition = match end {
                Some(Tag { name: "case", inner: Some(inner), .. }) => Some(whole(inner, ">")?),
                Some(Tag { inner: Some(_), .. }) => None,
                end => {
                    self.ended("switch", end)?;
                    return Ok(Step::Switch { value, cases });
                }
            };
            let (body, next) = self.block(&["case", "default"])?;
            cases.push((condition, body));
            end = next;
        }
    }
}

/// An expression that fills the inside of a tag.
fn whole<'t>(inner: Inner<'t>, closing: &'static str) -> Result<Expression<'t>, SyntaxError> {
    let mut reader = Reader::new(inner, closing);
    let expression = reader.expression()?;
    reader.finish()?;
    Ok(expression)
}

fn loop_names<'t>(reader: &mut Reader<'t>) -> Result<Names<'t>, SyntaxError> {
    let first = reader.name().ok_or_else(|| reader.unexpected("<ID>"))?;
    let second = if reader.eat(",") {
        Some(reader.name().ok_or_else(|| reader.unexpected("<ID>"))?)
    } else {
        None
    };
    reader.finish()?;
    Ok(Names { first, second })
}
