//! Expressions of templates.

use super::value::Number;
use super::{MAX_NESTING, SyntaxError};

#[derive(Debug)]
pub(super) struct Expression<'t> {
    /// Where it begins in the template: the place errors at run time name.
    pub at: usize,
    pub kind: Kind<'t>,
    /// How many expressions are inside one another: evaluation recurses as deep.
    height: usize,
}

impl<'t> Expression<'t> {
    pub fn new(at: usize, kind: Kind<'t>) -> Result<Self, SyntaxError> {
        let height = 1 + kind.inner_height();
        if height > MAX_NESTING {
            return Err(too_deep(at));
        }
        Ok(Self { at, kind, height })
    }
}

impl Kind<'_> {
    fn inner_height(&self) -> usize {
        let highest = |items: &[Expression<'_>]| {
            items.iter().map(|item| item.height).max().unwrap_or_default()
        };
        match self {
            Self::Number(_) | Self::Boolean(_) | Self::Variable(_) => 0,
            Self::Text(parts) => parts
                .iter()
                .map(|part| match part {
                    Part::Literal(_) => 0,
                    Part::Interpolation(inner) => inner.height,
                })
                .max()
                .unwrap_or_default(),
            Self::List(items) => highest(items),
            Self::Hash(entries) => entries
                .iter()
                .map(|(key, value)| key.height.max(value.height))
                .max()
                .unwrap_or_default(),
            Self::Group(of)
            | Self::Member(of, _)
            | Self::Exists(of)
            | Self::Not(of)
            | Self::Negative(of)
            | Self::Default(of, None)
            | Self::Range { from: of, to: None, .. } => of.height,
            Self::Index(left, right)
            | Self::Default(left, Some(right))
            | Self::Range { from: left, to: Some(right), .. }
            | Self::Binary(_, left, right) => left.height.max(right.height),
            Self::Builtin { of, arguments, .. } => of.height.max(highest(arguments)),
        }
    }
}

pub(super) fn too_deep(at: usize) -> SyntaxError {
    SyntaxError::new(at, "The expression is nested too deeply.")
}

type Boxed<'t> = Box<Expression<'t>>;

#[derive(Debug)]
pub(super) enum Kind<'t> {
    Number(Number),
    Boolean(bool),
    /// A string, with what is interpolated into it.
    Text(Vec<Part<'t>>),
    Variable(&'t str),
    List(Vec<Expression<'t>>),
    Hash(Vec<(Expression<'t>, Expression<'t>)>),
    /// In parentheses: `!`, `??` and some built-ins forgive whatever is missing inside.
    Group(Boxed<'t>),
    Member(Boxed<'t>, &'t str),
    Index(Boxed<'t>, Boxed<'t>),
    Builtin {
        of: Boxed<'t>,
        name: &'t str,
        arguments: Vec<Expression<'t>>,
    },
    /// `a!b` or `a!`
    Default(Boxed<'t>, Option<Boxed<'t>>),
    /// `a??`
    Exists(Boxed<'t>),
    Not(Boxed<'t>),
    Negative(Boxed<'t>),
    /// `a..b`, `a..<b`; without an end, `a..`
    Range {
        from: Boxed<'t>,
        to: Option<Boxed<'t>>,
        exclusive: bool,
    },
    Binary(Operator, Boxed<'t>, Boxed<'t>),
}

#[derive(Debug)]
pub(super) enum Part<'t> {
    Literal(String),
    Interpolation(Expression<'t>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Or,
    And,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}
