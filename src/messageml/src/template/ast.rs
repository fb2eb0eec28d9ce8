//! What a template is made of: expressions, and a tree of elements.

use std::rc::Rc;

use super::builtins::Builtin;
use super::numbers::Number;
use super::token::{Place, Span};

/// An expression and where it stands.
#[derive(Debug)]
pub(super) struct Expr {
    pub kind: ExprKind,
    pub span: Span,
}

#[derive(Debug)]
pub(super) enum ExprKind {
    Text(Rc<str>),
    /// A string literal with interpolations.
    Dynamic(Vec<Part>),
    Number(Number),
    Boolean(bool),
    List(Vec<Expr>),
    Hash(Vec<(Expr, Expr)>),
    Variable(Rc<str>),
    /// `.name`
    Special(Special),
    Group(Box<Expr>),
    Not(Box<Expr>),
    Sign {
        negative: bool,
        of: Box<Expr>,
    },
    /// Operators of one level, from left to right: long chains nest no deeper than short ones.
    Chain {
        first: Box<Expr>,
        rest: Vec<(Operator, Expr)>,
    },
    Range {
        from: Box<Expr>,
        to: Option<Box<Expr>>,
        end: RangeEnd,
    },
    /// What stands behind an operand: members, calls, built-ins, defaults.
    Postfix {
        of: Box<Expr>,
        steps: Vec<Step>,
    },
    /// `x -> …`, an argument of some built-ins only.
    Lambda {
        parameters: Vec<Rc<str>>,
        body: Rc<Expr>,
    },
    /// An expression in the body of `escape`: `by`, in which `name` stands for `value`.
    Escaped {
        name: Rc<str>,
        by: Rc<Expr>,
        value: Rc<Expr>,
    },
}

/// A part of a string literal.
#[derive(Debug)]
pub(super) enum Part {
    Literal(Rc<str>),
    Interpolation { value: Expr, format: Option<(usize, usize)>, is_numeric: bool },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RangeEnd {
    Inclusive,
    Exclusive,
    SizeLimited,
    Unbounded,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    And,
    Or,
}

/// A step behind an operand, and where it ends.
#[derive(Debug)]
pub(super) struct Step {
    pub kind: StepKind,
    pub end: Place,
}

#[derive(Debug)]
pub(super) enum StepKind {
    Member(Rc<str>),
    Index(Expr),
    Call(Vec<Expr>),
    Builtin { builtin: Builtin, name: Rc<str>, arguments: Option<Vec<Expr>> },
    Default(Option<Box<Expr>>),
    Exists,
}

/// `.name`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Special {
    Args,
    AutoEsc(bool),
    CallerTemplateName,
    CurrentNode,
    CurrentTemplateName,
    DataModel,
    Error,
    GetOptionalTemplate,
    Globals,
    IncompatibleImprovements,
    Lang,
    Locale,
    LocaleObject,
    Locals,
    Main,
    MainTemplateName,
    Namespace,
    Now,
    OutputEncoding,
    OutputFormat(Format),
    Pass,
    TemplateName,
    TimeZone,
    UrlEscapingCharset,
    Vars,
    Version,
}

/// What a template writes, and so how plain text is escaped in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Undefined,
    Html,
    Xhtml,
    Xml,
    Rtf,
    PlainText,
    Css,
    JavaScript,
    Json,
}

pub(super) type Id = usize;

/// A node of the tree, `Template::elements` by its id.
#[derive(Debug)]
pub(super) struct Element {
    pub kind: ElementKind,
    pub span: Span,
    pub parent: Option<Id>,
    pub children: Vec<Id>,
    /// The siblings, as long as white space is being stripped.
    pub previous: Option<Id>,
    pub next: Option<Id>,
}

#[derive(Debug)]
pub(super) enum ElementKind {
    Text(String),
    Mixed,
    Comment,
    /// `${…}`; `None` for a format that escapes nothing.
    Interpolation {
        value: Expr,
        escaping: Option<Format>,
    },
    /// `#{…}` with its least and most digits.
    Numeric {
        value: Expr,
        digits: Option<(usize, usize)>,
    },
    If,
    /// A branch; `else` has no condition.
    Branch(Option<Expr>),
    ListWithElse,
    List(Loop),
    /// What comes instead of an empty list.
    ElseOfList,
    Items(Names),
    Sep,
    Attempt,
    Recover,
    Assign(Assignment),
    AssignAll {
        namespace: Option<Expr>,
        all: Vec<(Assignment, Span)>,
    },
    Capture {
        name: Rc<str>,
        scope: Scope,
        namespace: Option<Expr>,
        format: Option<Format>,
    },
    Include {
        name: Expr,
        parse: Option<Expr>,
        encoding: Option<Expr>,
        ignore_missing: Option<Expr>,
    },
    Import(Expr),
    Macro,
    Compress,
    Call {
        callee: Expr,
        arguments: Arguments,
        body: Option<Vec<Rc<str>>>,
        has_body: bool,
    },
    Transform {
        callee: Expr,
    },
    Switch(Expr),
    Case(Option<Expr>),
    Setting {
        name: &'static str,
        value: Expr,
    },
    Break,
    Continue,
    Return(Option<Expr>),
    Stop(Option<Expr>),
    Flush,
    Trim {
        left: bool,
        right: bool,
    },
    Nested(Vec<Expr>),
    Escape,
    NoEscape,
    Visit {
        node: Expr,
    },
    Recurse {
        node: Option<Expr>,
    },
    Fallback,
    OutputFormat,
    AutoEscape,
    NoAutoEscape,
}

#[derive(Debug)]
pub(super) struct Loop {
    pub of: Expr,
    /// `None` if `items` names them.
    pub names: Option<Names>,
    pub is_hash: bool,
}

/// The loop variables: the element, or key and value.
#[derive(Debug, Clone)]
pub(super) struct Names {
    pub first: Rc<str>,
    pub second: Option<Rc<str>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    Namespace,
    Local,
    Global,
}

#[derive(Debug)]
pub(super) struct Assignment {
    pub name: Rc<str>,
    pub scope: Scope,
    pub operator: AssignOperator,
    pub namespace: Option<Expr>,
}

#[derive(Debug)]
pub(super) enum AssignOperator {
    Set(Expr),
    /// `+=` and its like.
    Change(Operator, Expr),
    /// `++` and `--`
    Step {
        up: bool,
    },
}

#[derive(Debug)]
pub(super) enum Arguments {
    Named(Vec<(Rc<str>, Expr)>),
    Positional(Vec<Expr>),
}

/// A macro or function.
#[derive(Debug)]
pub(super) struct Macro {
    pub name: Rc<str>,
    pub parameters: Vec<(Rc<str>, Option<Expr>)>,
    pub catch_all: Option<Rc<str>>,
    pub is_function: bool,
    pub wants_args: bool,
    pub element: Id,
    pub span: Span,
}

/// A parsed template.
#[derive(Debug)]
pub(super) struct Template {
    pub elements: Vec<Element>,
    pub root: Id,
    pub macros: Vec<Rc<Macro>>,
}
