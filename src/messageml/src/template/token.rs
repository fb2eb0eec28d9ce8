//! The kinds of tokens, in the order of FreeMarker's grammar: the lists of what was expected are sorted by it.

/// Generates the kinds and their images.
macro_rules! kinds {
    ($($name:ident = $image:literal,)*) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub(super) enum Kind { $($name,)* }

        /// How a kind is shown in a list of what was expected.
        pub(super) fn image(kind: Kind) -> &'static str {
            match kind { $(Kind::$name => $image,)* }
        }
    };
}

kinds! {
    Eof = "<EOF>",
    Attempt = "<ATTEMPT>",
    Recover = "<RECOVER>",
    If = "<IF>",
    ElseIf = "<ELSE_IF>",
    List = "<LIST>",
    Items = "<ITEMS>",
    Sep = "<SEP>",
    ForEach = "<FOREACH>",
    Switch = "<SWITCH>",
    Case = "<CASE>",
    Assign = "<ASSIGN>",
    GlobalAssign = "<GLOBALASSIGN>",
    LocalAssign = "<LOCALASSIGN>",
    Include = "<_INCLUDE>",
    Import = "<IMPORT>",
    Function = "<FUNCTION>",
    Macro = "<MACRO>",
    Transform = "<TRANSFORM>",
    Visit = "<VISIT>",
    Stop = "<STOP>",
    Return = "<RETURN>",
    Call = "<CALL>",
    Setting = "<SETTING>",
    OutputFormat = "<OUTPUTFORMAT>",
    AutoEsc = "<AUTOESC>",
    NoAutoEsc = "<NOAUTOESC>",
    Compress = "<COMPRESS>",
    Comment = "<COMMENT>",
    TerseComment = "<TERSE_COMMENT>",
    NoParse = "<NOPARSE>",
    EndIf = "<END_IF>",
    EndList = "<END_LIST>",
    EndItems = "<END_ITEMS>",
    EndSep = "<END_SEP>",
    EndRecover = "<END_RECOVER>",
    EndAttempt = "<END_ATTEMPT>",
    EndForEach = "<END_FOREACH>",
    EndLocal = "<END_LOCAL>",
    EndGlobal = "<END_GLOBAL>",
    EndAssign = "<END_ASSIGN>",
    EndFunction = "<END_FUNCTION>",
    EndMacro = "<END_MACRO>",
    EndOutputFormat = "<END_OUTPUTFORMAT>",
    EndAutoEsc = "<END_AUTOESC>",
    EndNoAutoEsc = "<END_NOAUTOESC>",
    EndCompress = "<END_COMPRESS>",
    EndTransform = "<END_TRANSFORM>",
    EndSwitch = "<END_SWITCH>",
    Else = "<ELSE>",
    Break = "<BREAK>",
    Continue = "<CONTINUE>",
    SimpleReturn = "<SIMPLE_RETURN>",
    Halt = "<HALT>",
    Flush = "<FLUSH>",
    Trim = "<TRIM>",
    LeftTrim = "<LTRIM>",
    RightTrim = "<RTRIM>",
    NoTrim = "<NOTRIM>",
    Default = "<DEFAUL>",
    SimpleNested = "<SIMPLE_NESTED>",
    Nested = "<NESTED>",
    SimpleRecurse = "<SIMPLE_RECURSE>",
    Recurse = "<RECURSE>",
    Fallback = "<FALLBACK>",
    Escape = "<ESCAPE>",
    EndEscape = "<END_ESCAPE>",
    NoEscape = "<NOESCAPE>",
    EndNoEscape = "<END_NOESCAPE>",
    UnifiedCall = "<UNIFIED_CALL>",
    UnifiedCallEnd = "<UNIFIED_CALL_END>",
    FtlHeader = "<FTL_HEADER>",
    TrivialFtlHeader = "<TRIVIAL_FTL_HEADER>",
    TextBlank = "<STATIC_TEXT_WS>",
    Text = "<STATIC_TEXT_NON_WS>",
    TextFalseAlarm = "<STATIC_TEXT_FALSE_ALARM>",
    DollarOpening = "\"${\"",
    HashOpening = "\"#{\"",
    BracketOpening = "\"[=\"",
    StringLiteral = "<STRING_LITERAL>",
    RawString = "<RAW_STRING>",
    False = "\"false\"",
    True = "\"true\"",
    Integer = "<INTEGER>",
    Decimal = "<DECIMAL>",
    Dot = "\".\"",
    DotDot = "\"..\"",
    DotDotLess = "<DOT_DOT_LESS>",
    DotDotAsterisk = "\"..*\"",
    BuiltIn = "\"?\"",
    Exists = "\"??\"",
    Equals = "\"=\"",
    DoubleEquals = "\"==\"",
    NotEquals = "\"!=\"",
    PlusEquals = "\"+=\"",
    MinusEquals = "\"-=\"",
    TimesEquals = "\"*=\"",
    DivEquals = "\"/=\"",
    ModEquals = "\"%=\"",
    PlusPlus = "\"++\"",
    MinusMinus = "\"--\"",
    LessThan = "<LESS_THAN>",
    LessThanEquals = "<LESS_THAN_EQUALS>",
    EscapedGt = "<ESCAPED_GT>",
    EscapedGte = "<ESCAPED_GTE>",
    LambdaArrow = "<LAMBDA_ARROW>",
    Plus = "\"+\"",
    Minus = "\"-\"",
    Times = "\"*\"",
    DoubleStar = "\"**\"",
    Ellipsis = "\"...\"",
    Divide = "\"/\"",
    Percent = "\"%\"",
    And = "<AND>",
    Or = "<OR>",
    Exclam = "\"!\"",
    Comma = "\",\"",
    Semicolon = "\";\"",
    Colon = "\":\"",
    OpenBracket = "\"[\"",
    CloseBracket = "\"]\"",
    OpenParen = "\"(\"",
    CloseParen = "\")\"",
    OpenCurly = "\"{\"",
    CloseCurly = "\"}\"",
    In = "\"in\"",
    As = "\"as\"",
    Using = "\"using\"",
    Id = "<ID>",
    DirectiveEnd = "\">\"",
    EmptyDirectiveEnd = "<EMPTY_DIRECTIVE_END>",
    NaturalGt = "\">\"",
    NaturalGte = "\">=\"",
    TerminatingWhitespace = "<TERMINATING_WHITESPACE>",
    TerminatingExclam = "<TERMINATING_EXCLAM>",
    TerseCommentEnd = "<TERSE_COMMENT_END>",
    MaybeEnd = "<MAYBE_END>",
    KeepGoing = "<KEEP_GOING>",
    LoneLessThanOrDash = "<LONE_LESS_THAN_OR_DASH>",
}

/// A place in a template. Columns count UTF-16 units, and a tab reaches to the next multiple of eight, as in FreeMarker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Place {
    /// From 1; 0 if the place is in something that was made at run time.
    pub line: u32,
    pub column: u32,
}

/// From the first character to the last, inclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Span {
    pub begin: Place,
    pub end: Place,
}

impl Span {
    pub fn to(self, end: Self) -> Self {
        Self { begin: self.begin, end: end.end }
    }
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Token<'t> {
    pub kind: Kind,
    /// As written.
    pub image: &'t str,
    pub span: Span,
}

/// What closes a construct, in FreeMarker's words; `None` for all other kinds.
pub(super) fn closes(kind: Kind) -> Option<&'static str> {
    Some(match kind {
        Kind::EndForEach => "#foreach",
        Kind::EndList => "#list",
        Kind::EndSep => "#sep",
        Kind::EndItems => "#items",
        Kind::EndSwitch => "#switch",
        Kind::EndIf => "#if",
        Kind::EndCompress => "#compress",
        Kind::EndMacro | Kind::EndFunction => "#macro or #function",
        Kind::EndTransform => "#transform",
        Kind::EndEscape => "#escape",
        Kind::EndNoEscape => "#noescape",
        Kind::EndAssign | Kind::EndGlobal | Kind::EndLocal => "#assign or #local or #global",
        Kind::EndAttempt => "#attempt",
        Kind::CloseCurly => "\"{\"",
        Kind::CloseBracket => "\"[\"",
        Kind::CloseParen => "\"(\"",
        Kind::UnifiedCallEnd => "@...",
        _ => return None,
    })
}
