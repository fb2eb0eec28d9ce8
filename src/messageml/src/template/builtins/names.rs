//! The names of built-ins, and how each takes its arguments.

use super::super::ast::Format;
use super::super::lexer::Convention;
use super::super::names::quoted;

/// A built-in, and the format of the output where it depends on that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) struct Builtin {
    pub(super) name: Name,
    pub(super) format: Format,
}

/// How a built-in takes its arguments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Arity {
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
        pub(super) enum Name { $($variant,)* }

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

pub(in super::super) fn find(name: &str) -> Option<Builtin> {
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
pub(in super::super) fn unknown(name: &str, convention: Option<Convention>) -> String {
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
        quoted(name)
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

    /// Whether the operand is a condition.
    pub fn takes_condition(self) -> bool {
        self.name == Name::Then
    }

    pub fn bound_to(self, format: Format) -> Self {
        Self { format, ..self }
    }
}
