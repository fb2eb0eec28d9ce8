//! Built-ins: what can stand behind a question mark.
//!
//! All of FreeMarker 2.3.31's are known by both of their names. What a message can never have, such as nodes, fails when
//! it is reached.

mod convert;
mod dates;
mod encode;
mod existence;
mod kinds;
mod lazy;
mod loops;
mod numbers;
mod pattern;
mod sequences;
mod sort;
mod text;
mod truncate;

use std::rc::Rc;

use super::ast::{Expr, Format};
use super::eval::{Fault, Result, Run};
use super::lexer::Convention;
use super::names;
use super::numbers::Number;
use super::token::Place;
use super::value::Value;

/// A built-in, and the format of the output where it depends on that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Builtin {
    name: Name,
    format: Format,
}

/// How a built-in takes its arguments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Arity {
    /// It has none.
    Plain,
    /// It gives something that is called.
    Method,
    /// It stands behind the variable of a loop.
    LoopVariable,
    /// It escapes, which must not happen twice.
    LegacyEscaping,
    /// It needs a format that escapes.
    Markup,
    /// It evaluates its arguments itself.
    Lazy { least: usize, most: usize, lambdas: bool },
}

/// Generates the names.
macro_rules! names {
    ($($variant:ident $snake:literal $arity:expr,)*) => {
        #[expect(clippy::enum_variant_names, reason = "FreeMarker's names")]
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        enum Name { $($variant,)* }

        /// Names in snake case, sorted.
        const ALL: &[(&str, Name, Arity)] = &[$(($snake, Name::$variant, $arity),)*];
    };
}

use Arity::{LegacyEscaping, LoopVariable, Markup, Method, Plain};

const LAMBDA: Arity = Arity::Lazy { least: 1, most: 1, lambdas: true };

names! {
    Abs "abs" Plain,
    AbsoluteTemplateName "absolute_template_name" Method,
    Ancestors "ancestors" Plain,
    Api "api" Plain,
    Boolean "boolean" Plain,
    Byte "byte" Plain,
    C "c" Plain,
    CapFirst "cap_first" Plain,
    Capitalize "capitalize" Plain,
    Ceiling "ceiling" Plain,
    Children "children" Plain,
    ChopLinebreak "chop_linebreak" Plain,
    Chunk "chunk" Method,
    Contains "contains" Method,
    Counter "counter" LoopVariable,
    Date "date" Method,
    DateIfUnknown "date_if_unknown" Plain,
    Datetime "datetime" Method,
    DatetimeIfUnknown "datetime_if_unknown" Plain,
    Default "default" Method,
    Double "double" Plain,
    DropWhile "drop_while" LAMBDA,
    EndsWith "ends_with" Method,
    EnsureEndsWith "ensure_ends_with" Method,
    EnsureStartsWith "ensure_starts_with" Method,
    Esc "esc" Markup,
    Eval "eval" Plain,
    EvalJson "eval_json" Plain,
    Exists "exists" Plain,
    Filter "filter" LAMBDA,
    First "first" Plain,
    Float "float" Plain,
    Floor "floor" Plain,
    Groups "groups" Plain,
    HasApi "has_api" Plain,
    HasContent "has_content" Plain,
    HasNext "has_next" LoopVariable,
    Html "html" LegacyEscaping,
    IfExists "if_exists" Plain,
    Index "index" LoopVariable,
    IndexOf "index_of" Method,
    Int "int" Plain,
    Interpret "interpret" Plain,
    IsBoolean "is_boolean" Plain,
    IsCollection "is_collection" Plain,
    IsCollectionEx "is_collection_ex" Plain,
    IsDate "is_date" Plain,
    IsDateLike "is_date_like" Plain,
    IsDateOnly "is_date_only" Plain,
    IsDatetime "is_datetime" Plain,
    IsDirective "is_directive" Plain,
    IsEnumerable "is_enumerable" Plain,
    IsEvenItem "is_even_item" LoopVariable,
    IsFirst "is_first" LoopVariable,
    IsHash "is_hash" Plain,
    IsHashEx "is_hash_ex" Plain,
    IsIndexable "is_indexable" Plain,
    IsInfinite "is_infinite" Plain,
    IsLast "is_last" LoopVariable,
    IsMacro "is_macro" Plain,
    IsMarkupOutput "is_markup_output" Plain,
    IsMethod "is_method" Plain,
    IsNan "is_nan" Plain,
    IsNode "is_node" Plain,
    IsNumber "is_number" Plain,
    IsOddItem "is_odd_item" LoopVariable,
    IsSequence "is_sequence" Plain,
    IsString "is_string" Plain,
    IsTime "is_time" Plain,
    IsTransform "is_transform" Plain,
    IsUnknownDateLike "is_unknown_date_like" Plain,
    Iso "iso" Method,
    IsoH "iso_h" Method,
    IsoHNz "iso_h_nz" Method,
    IsoLocal "iso_local" Plain,
    IsoLocalH "iso_local_h" Plain,
    IsoLocalHNz "iso_local_h_nz" Plain,
    IsoLocalM "iso_local_m" Plain,
    IsoLocalMNz "iso_local_m_nz" Plain,
    IsoLocalMs "iso_local_ms" Plain,
    IsoLocalMsNz "iso_local_ms_nz" Plain,
    IsoLocalNz "iso_local_nz" Plain,
    IsoM "iso_m" Method,
    IsoMNz "iso_m_nz" Method,
    IsoMs "iso_ms" Method,
    IsoMsNz "iso_ms_nz" Method,
    IsoNz "iso_nz" Method,
    IsoUtc "iso_utc" Plain,
    IsoUtcFz "iso_utc_fz" Plain,
    IsoUtcH "iso_utc_h" Plain,
    IsoUtcHNz "iso_utc_h_nz" Plain,
    IsoUtcM "iso_utc_m" Plain,
    IsoUtcMNz "iso_utc_m_nz" Plain,
    IsoUtcMs "iso_utc_ms" Plain,
    IsoUtcMsNz "iso_utc_ms_nz" Plain,
    IsoUtcNz "iso_utc_nz" Plain,
    ItemCycle "item_cycle" LoopVariable,
    ItemParity "item_parity" LoopVariable,
    ItemParityCap "item_parity_cap" LoopVariable,
    JString "j_string" Plain,
    Join "join" Method,
    JsString "js_string" Plain,
    JsonString "json_string" Plain,
    KeepAfter "keep_after" Method,
    KeepAfterLast "keep_after_last" Method,
    KeepBefore "keep_before" Method,
    KeepBeforeLast "keep_before_last" Method,
    Keys "keys" Plain,
    Last "last" Plain,
    LastIndexOf "last_index_of" Method,
    LeftPad "left_pad" Method,
    Length "length" Plain,
    Long "long" Plain,
    LowerAbc "lower_abc" Plain,
    LowerCase "lower_case" Plain,
    Map "map" LAMBDA,
    MarkupString "markup_string" Plain,
    Matches "matches" Method,
    Max "max" Plain,
    Min "min" Plain,
    Namespace "namespace" Plain,
    New "new" Method,
    NextSibling "next_sibling" Plain,
    NoEsc "no_esc" Markup,
    NodeName "node_name" Plain,
    NodeNamespace "node_namespace" Plain,
    NodeType "node_type" Plain,
    Number "number" Plain,
    NumberToDate "number_to_date" Plain,
    NumberToDatetime "number_to_datetime" Plain,
    NumberToTime "number_to_time" Plain,
    Parent "parent" Plain,
    PreviousSibling "previous_sibling" Plain,
    RemoveBeginning "remove_beginning" Method,
    RemoveEnding "remove_ending" Method,
    Replace "replace" Method,
    Reverse "reverse" Plain,
    RightPad "right_pad" Method,
    Root "root" Plain,
    Round "round" Plain,
    Rtf "rtf" LegacyEscaping,
    SeqContains "seq_contains" Method,
    SeqIndexOf "seq_index_of" Method,
    SeqLastIndexOf "seq_last_index_of" Method,
    Sequence "sequence" Plain,
    Short "short" Plain,
    Size "size" Plain,
    Sort "sort" Plain,
    SortBy "sort_by" Method,
    Split "split" Method,
    StartsWith "starts_with" Method,
    String "string" Method,
    Substring "substring" Method,
    Switch "switch" Arity::Lazy { least: 2, most: usize::MAX, lambdas: false },
    TakeWhile "take_while" LAMBDA,
    Then "then" Arity::Lazy { least: 2, most: 2, lambdas: false },
    Time "time" Method,
    TimeIfUnknown "time_if_unknown" Plain,
    Trim "trim" Plain,
    Truncate "truncate" Method,
    TruncateC "truncate_c" Method,
    TruncateCM "truncate_c_m" Method,
    TruncateM "truncate_m" Method,
    TruncateW "truncate_w" Method,
    TruncateWM "truncate_w_m" Method,
    UncapFirst "uncap_first" Plain,
    UpperAbc "upper_abc" Plain,
    UpperCase "upper_case" Plain,
    Url "url" Method,
    UrlPath "url_path" Method,
    Values "values" Plain,
    WebSafe "web_safe" LegacyEscaping,
    WithArgs "with_args" Method,
    WithArgsLast "with_args_last" Method,
    WordList "word_list" Plain,
    Xhtml "xhtml" LegacyEscaping,
    Xml "xml" LegacyEscaping,
}

/// The name in camel case; abbreviations at its end stay capital.
fn camel_case(snake: &str) -> String {
    match snake {
        "iso_utc_fz" => return "isoUtcFZ".to_owned(),
        _ if snake.starts_with("iso_") && snake.ends_with("_nz") => {
            return format!("{}NZ", camel_case(&snake[..snake.len() - 3]));
        }
        _ => {}
    }
    let mut out = String::with_capacity(snake.len());
    let mut upper = false;
    for character in snake.chars() {
        if character == '_' {
            upper = true;
        } else if std::mem::take(&mut upper) {
            out.push(character.to_ascii_uppercase());
        } else {
            out.push(character);
        }
    }
    out
}

pub(super) fn find(name: &str) -> Option<Builtin> {
    let known = |name: Name| Builtin { name, format: Format::Undefined };
    if let Ok(index) = ALL.binary_search_by(|(snake, ..)| (*snake).cmp(name)) {
        return Some(known(ALL[index].1));
    }
    if !name.bytes().any(|b| b.is_ascii_uppercase()) {
        return None;
    }
    ALL.iter().find(|(snake, ..)| camel_case(snake) == name).map(|(_, found, _)| known(*found))
}

/// FreeMarker's words for a name that is none: a list of all.
pub(super) fn unknown(name: &str, convention: Option<Convention>) -> String {
    let camel = convention == Some(Convention::CamelCase);
    let mut all: Vec<String> = ALL
        .iter()
        .map(|(snake, ..)| if camel { camel_case(snake) } else { (*snake).to_owned() })
        .collect();
    all.sort_unstable();
    let mut list = String::new();
    let mut letter = None;
    for (index, known) in all.iter().enumerate() {
        if index > 0 {
            list.push_str(", ");
        }
        let first = known.chars().next();
        if first != letter {
            letter = first;
            list.push('\n');
        }
        list.push_str(known);
    }
    format!(
        "Unknown built-in: {}. Help (latest version): https://freemarker.apache.org/docs/ref_builtins.html; you're using \
         FreeMarker 2.3.31.\nThe alphabetical list of built-ins:{list}",
        names::quoted(name)
    )
}

impl Builtin {
    pub fn arity(self) -> Arity {
        ALL[self.name as usize].2
    }

    /// Whether a missing operand in parentheses is all right.
    pub fn forgives(self) -> bool {
        matches!(self.name, Name::Default | Name::Exists | Name::HasContent | Name::IfExists)
    }

    pub fn bound_to(self, format: Format) -> Self {
        Self { format, ..self }
    }
}

/// What stands before the question mark.
pub(super) struct Target<'d> {
    pub value: Option<Value<'d>>,
    pub begin: Place,
    /// If it is nothing but a variable.
    pub name: Option<Rc<str>>,
}

impl<'d> Target<'d> {
    fn required(&self) -> Result<Value<'d>> {
        self.value.clone().ok_or(Fault::Missing(self.begin))
    }
}

/// Applies a built-in, with its arguments if they follow at once.
pub(super) fn apply<'d>(
    run: &mut Run<'d>,
    builtin: Builtin,
    target: Target<'d>,
    arguments: Option<&[Expr]>,
) -> Result<Option<Value<'d>>> {
    match builtin.arity() {
        Arity::LoopVariable => return loops::apply(run, builtin.name, &target),
        Arity::Lazy { .. } => {
            return lazy::apply(run, builtin.name, &target, arguments.unwrap_or_default());
        }
        _ => {}
    }
    if builtin.forgives() {
        return existence::apply(run, builtin.name, target, arguments);
    }
    let begin = target.begin;
    let mut target = target;
    let mut value = Some(target.required()?);
    if let Some(Value::Unparsed(unparsed)) = &value {
        if arguments.is_none() && dates::is_of(builtin.name, unparsed.0) {
            return Ok(value);
        }
        value = Some(Value::Date(run.date(value, begin)?));
        target.value.clone_from(&value);
    }
    if builtin.arity() != Method {
        return plain(run, builtin, target, value).map(Some);
    }
    let value = method_target(run, builtin.name, value, begin)?;
    match arguments {
        None => convert::uncalled(run, builtin, value, begin).map(Some),
        Some(arguments) => {
            let mut values = Vec::with_capacity(arguments.len());
            for argument in arguments {
                values.push(if wants_texts(builtin.name) {
                    Some(run.text(argument)?)
                } else {
                    run.eval(argument)?
                });
            }
            call(run, builtin, Some(value), values, begin)
        }
    }
}

/// FreeMarker's older methods take whatever can become a string.
fn wants_texts(name: Name) -> bool {
    matches!(
        name,
        Name::String
            | Name::Split
            | Name::Replace
            | Name::Matches
            | Name::Date
            | Name::Time
            | Name::Datetime
    )
}

/// The operand of a method, as what the method works on.
fn method_target<'d>(
    run: &mut Run<'d>,
    name: Name,
    value: Option<Value<'d>>,
    at: Place,
) -> Result<Value<'d>> {
    let value = value.ok_or(Fault::Missing(at))?;
    match name {
        Name::Contains
        | Name::EndsWith
        | Name::EnsureEndsWith
        | Name::EnsureStartsWith
        | Name::IndexOf
        | Name::KeepAfter
        | Name::KeepAfterLast
        | Name::KeepBefore
        | Name::KeepBeforeLast
        | Name::LastIndexOf
        | Name::LeftPad
        | Name::Matches
        | Name::New
        | Name::RemoveBeginning
        | Name::RemoveEnding
        | Name::Replace
        | Name::RightPad
        | Name::Split
        | Name::StartsWith
        | Name::Substring
        | Name::Truncate
        | Name::TruncateC
        | Name::TruncateCM
        | Name::TruncateM
        | Name::TruncateW
        | Name::TruncateWM
        | Name::Url
        | Name::UrlPath
        | Name::AbsoluteTemplateName => run.coerce(Some(value), at),
        Name::Chunk | Name::SortBy if value.is_sequence() => Ok(value),
        Name::Join | Name::SeqContains | Name::SeqIndexOf | Name::SeqLastIndexOf
            if value.length().is_some() =>
        {
            Ok(value)
        }
        Name::Chunk
        | Name::SortBy
        | Name::Join
        | Name::SeqContains
        | Name::SeqIndexOf
        | Name::SeqLastIndexOf => Err(Fault::Failed(at)),
        Name::WithArgs | Name::WithArgsLast => match value {
            Value::Macro(..) | Value::WithArguments(_) | Value::Method(_) => Ok(value),
            _ => Err(Fault::Failed(at)),
        },
        _ => Ok(value),
    }
}

/// Calls the method of a built-in. Errors of arguments are those of the element.
pub(super) fn call<'d>(
    run: &mut Run<'d>,
    builtin: Builtin,
    target: Option<Value<'d>>,
    arguments: Vec<Option<Value<'d>>>,
    at: Place,
) -> Result<Option<Value<'d>>> {
    let name = builtin.name;
    if name == Name::Default {
        return existence::default(run, target, &arguments);
    }
    let target = target.ok_or(Fault::Missing(at))?;
    let arguments = Given { at: run.at, values: arguments };
    Ok(Some(match name {
        Name::Chunk | Name::Join | Name::SeqContains | Name::SeqIndexOf | Name::SeqLastIndexOf => {
            return sequences::call(run, name, &target, &arguments).map(Some);
        }
        Name::SortBy => sort::by(run, &target, &arguments)?,
        Name::String | Name::WithArgs | Name::WithArgsLast | Name::New => {
            convert::call(run, name, target, &arguments, at)?
        }
        Name::Date | Name::Time | Name::Datetime => {
            dates::parse_call(run, name, &target, &arguments, at)?
        }
        Name::Iso
        | Name::IsoH
        | Name::IsoHNz
        | Name::IsoM
        | Name::IsoMNz
        | Name::IsoMs
        | Name::IsoMsNz
        | Name::IsoNz => dates::iso_call(run, name, &target, &arguments, at)?,
        Name::Matches | Name::Replace | Name::Split => {
            pattern::call(run, name, &target, &arguments)?
        }
        Name::AbsoluteTemplateName => convert::absolute_call(&target, &arguments)?,
        Name::Url | Name::UrlPath => encode::url_call(run, name, &target, &arguments)?,
        Name::Truncate
        | Name::TruncateC
        | Name::TruncateCM
        | Name::TruncateM
        | Name::TruncateW
        | Name::TruncateWM => truncate::call(run, name, &target, &arguments)?,
        Name::ItemCycle => return Err(run.fail()),
        _ => text::call(run, name, &target, &arguments)?,
    }))
}

/// The arguments of a method.
pub(super) struct Given<'d> {
    /// Where errors in them are.
    at: Place,
    values: Vec<Option<Value<'d>>>,
}

impl<'d> Given<'d> {
    /// Checks how many there are.
    fn count(&self, least: usize, most: usize) -> Result<()> {
        if (least..=most).contains(&self.values.len()) { Ok(()) } else { Err(self.fail()) }
    }

    fn fail(&self) -> Fault {
        Fault::Failed(self.at)
    }

    fn len(&self) -> usize {
        self.values.len()
    }

    fn get(&self, index: usize) -> Result<&Value<'d>> {
        self.values.get(index).and_then(Option::as_ref).ok_or_else(|| self.fail())
    }

    /// A string; numbers are none.
    fn text(&self, index: usize) -> Result<&str> {
        self.get(index)?.string().ok_or_else(|| self.fail())
    }

    fn number(&self, index: usize) -> Result<&Number> {
        match self.get(index)? {
            Value::Number(number) => Ok(number),
            _ => Err(self.fail()),
        }
    }
}

/// Built-ins without arguments.
fn plain<'d>(
    run: &mut Run<'d>,
    builtin: Builtin,
    target: Target<'d>,
    value: Option<Value<'d>>,
) -> Result<Value<'d>> {
    let at = target.begin;
    let name = builtin.name;
    if let Some(value) = &value
        && let Some(is) = kinds::is(name, value)
    {
        return Ok(Value::Boolean(is));
    }
    match name {
        Name::Abs
        | Name::Ceiling
        | Name::Floor
        | Name::Round
        | Name::Int
        | Name::Long
        | Name::Short
        | Name::Byte
        | Name::Double
        | Name::Float
        | Name::IsNan
        | Name::IsInfinite
        | Name::LowerAbc
        | Name::UpperAbc
        | Name::NumberToDate
        | Name::NumberToDatetime
        | Name::NumberToTime => {
            if let (Name::Long, Some(Value::Date(date))) = (name, &value) {
                return Ok(Value::Number(Number::Integer(date.millis)));
            }
            let number = run.as_number(value, at)?;
            numbers::apply(run, name, number)
        }
        Name::First
        | Name::Last
        | Name::Reverse
        | Name::Size
        | Name::Keys
        | Name::Values
        | Name::Sequence
        | Name::Min
        | Name::Max => sequences::apply(run, name, value.ok_or(Fault::Missing(at))?, at),
        Name::Sort => sort::plain(run, &value.ok_or(Fault::Missing(at))?, at),
        Name::C
        | Name::Number
        | Name::Boolean
        | Name::Eval
        | Name::EvalJson
        | Name::Interpret
        | Name::Api
        | Name::Namespace
        | Name::Groups => convert::apply(run, name, target, at),
        Name::Esc | Name::NoEsc | Name::MarkupString => {
            encode::markup(run, name, builtin.format, value, at)
        }
        Name::DateIfUnknown | Name::DatetimeIfUnknown | Name::TimeIfUnknown => {
            dates::if_unknown(run, name, value, at)
        }
        Name::IsoUtc
        | Name::IsoUtcFz
        | Name::IsoUtcH
        | Name::IsoUtcHNz
        | Name::IsoUtcM
        | Name::IsoUtcMNz
        | Name::IsoUtcMs
        | Name::IsoUtcMsNz
        | Name::IsoUtcNz
        | Name::IsoLocal
        | Name::IsoLocalH
        | Name::IsoLocalHNz
        | Name::IsoLocalM
        | Name::IsoLocalMNz
        | Name::IsoLocalMs
        | Name::IsoLocalMsNz
        | Name::IsoLocalNz => dates::iso(run, name, value, at),
        Name::Ancestors
        | Name::Children
        | Name::NextSibling
        | Name::NodeName
        | Name::NodeNamespace
        | Name::NodeType
        | Name::Parent
        | Name::PreviousSibling
        | Name::Root => Err(Fault::Failed(at)),
        _ => {
            let text = run.coerce(value, at)?;
            text::plain(run, name, &text, at)
        }
    }
}

/// `x?string.name`: another format of what was formatted.
pub(super) fn formatted<'d>(
    run: &mut Run<'d>,
    of: &Value<'d>,
    format: &str,
    at: Place,
) -> Result<Value<'d>> {
    match of {
        Value::Number(number) => convert::format_number(run, number, format),
        Value::Date(date) => run.format_date(*date, format).map(Value::made),
        _ => Err(Fault::Failed(at)),
    }
}

/// `f(…)` where `f` is what `?string` gave.
pub(super) fn format_call<'d>(
    run: &mut Run<'d>,
    of: Value<'d>,
    arguments: Vec<Option<Value<'d>>>,
    at: Place,
) -> Result<Value<'d>> {
    let mut texts = Vec::with_capacity(arguments.len());
    for argument in arguments {
        texts.push(Some(run.coerce(argument, at)?));
    }
    let given = Given { at: run.at, values: texts };
    convert::string(run, of, &given, at)
}
