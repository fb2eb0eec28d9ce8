//! Templates by chance: made from the grammar of FreeMarker, right and wrong, with elements between them.
//!
//! `FUZZ_SECONDS` (5) and `FUZZ_SEED` (1) say for how long, and with which chance, [`by_chance`] goes on.

#![allow(
    clippy::disallowed_methods,
    reason = "it goes on for as long as it is told to from outside"
)]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use symphony_messageml::{Input, convert};

use crate::support::OneUser;

/// What the templates see.
const DATA: &str = r#"{"s": "Hello World", "e": "", "n": 1234567, "f": 99.9, "neg": -3, "big": 123456789012345678901234567890,
    "t": true, "nul": null, "l": ["a", "b", "C"], "nums": [3, 1, 2], "em": [], "h": {"x": 1, "y": {"z": "deep"}},
    "rows": [{"n": "x", "v": 2}, {"n": "y", "v": 1}], "m": "<b>&'\"", "d": "2020-01-31T10:20:30Z", "u": "é😀", "w": " a  b\n c "}"#;

/// How many bytes of a message a template may make of a short one: the budget of steps pays for every one of them.
const MOST: usize = 64 * 1024 * 1024;

fn known(list: &'static [&'static str]) -> impl Strategy<Value = String> {
    prop::sample::select(list).prop_map(str::to_owned)
}

fn operand() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => known(&[
            "data.s", "data.e", "data.n", "data.f", "data.neg", "data.big", "data.t", "data.nul", "data.l", "data.nums",
            "data.em", "data.h", "data.rows", "data.m", "data.d", "data.u", "data.w", "data.h.y.z", "data.rows[0].n",
            "data.gone", "gone", "data", "entity", "v", "x",
        ]),
        3 => known(&[
            "\"Hello World\"", "'o'", "\"\"", "\"l+\"", "\"(\\\\w)o\"", "\"2020-01-31\"", "\"yyyy-MM-dd\"", "\"0.00\"",
            "\"#,##0.0##\"", "\"1,2\"", "\"true\"", "\"${data.s}\"", "r\"\\d\"", "\"{\\\"a\\\": [1]}\"", "\"1 + 2\"", "\"é😀\"",
        ]),
        3 => known(&[
            "0", "1", "2", "5", "1.5", "0.1", "99.9", "1234567", "12345678901234567890", "0.000001", "true", "false",
        ]),
        1 => known(&[
            ".version", ".locale", ".now", ".globals", ".data_model", ".vars", ".output_format", ".main", ".error",
            ".args", ".time_zone", ".nosuch",
        ]),
    ]
}

const BUILT_INS: &[&str] = &[
    "abs",
    "ancestors",
    "api",
    "boolean",
    "byte",
    "c",
    "cap_first",
    "capitalize",
    "ceiling",
    "chop_linebreak",
    "chunk(2)",
    "contains(\"o\")",
    "counter",
    "date",
    "datetime",
    "date(\"yyyy-MM-dd\")",
    "default(1)",
    "double",
    "drop_while(x -> x == 'a')",
    "ends_with(\"d\")",
    "ensure_ends_with(\"/\")",
    "ensure_starts_with(\"[a-z]+:\", \"x\")",
    "esc",
    "eval",
    "eval_json",
    "exists",
    "filter(x -> x?has_content)",
    "first",
    "float",
    "floor",
    "groups",
    "has_content",
    "has_next",
    "html",
    "if_exists",
    "index",
    "index_of(\"o\", 5)",
    "int",
    "interpret",
    "is_date",
    "is_hash",
    "is_infinite",
    "is_last",
    "is_markup_output",
    "is_method",
    "is_nan",
    "is_number",
    "is_sequence",
    "is_string",
    "iso_utc",
    "item_cycle(1, 2)",
    "item_parity",
    "join(\", \")",
    "join(\"-\", \"none\", \"!\")",
    "js_string",
    "json_string",
    "keep_after(\"o\")",
    "keep_before_last(\"[,;]\", \"r\")",
    "keys",
    "last",
    "last_index_of(\"o\")",
    "left_pad(9, \"ab\")",
    "length",
    "long",
    "lower_abc",
    "lower_case",
    "map(x -> x)",
    "map(r -> r.n)",
    "matches(\"(\\\\w)(\\\\w+)\")",
    "max",
    "min",
    "namespace",
    "new()",
    "no_esc",
    "number",
    "number_to_date",
    "number_to_datetime",
    "parent",
    "remove_beginning(\"H\")",
    "replace(\"o\", \"0\")",
    "replace(\"(l+)\", \"<$1>\", \"r\")",
    "reverse",
    "right_pad(12)",
    "round",
    "rtf",
    "seq_contains(\"a\")",
    "seq_index_of(1)",
    "sequence",
    "short",
    "size",
    "sort",
    "sort_by(\"v\")",
    "split(\"\")",
    "split(\"[,;]\", \"r\")",
    "starts_with(\"H\")",
    "string",
    "string(\"0.##E0\")",
    "string[\"000;(0)\"]",
    "string.short",
    "string(\"EEEE, d MMM yyyy HH:mm\")",
    "string.iso",
    "string.percent",
    "string.currency",
    "string(\"a\", \"b\")",
    "substring(1, 3)",
    "substring(50)",
    "switch(1, 2, 3)",
    "take_while(x -> x != 'b')",
    "then(1, 2)",
    "time",
    "trim",
    "truncate(5)",
    "truncate_c(3, \"..\")",
    "truncate_m(4)",
    "uncap_first",
    "upper_abc",
    "upper_case",
    "url(\"UTF-8\")",
    "url_path",
    "values",
    "with_args([1])",
    "word_list",
    "xhtml",
    "xml",
    "nosuch",
    "isLast",
    "upperCase",
    "sortBy(\"n\")",
];

fn expression() -> impl Strategy<Value = String> {
    operand().prop_recursive(4, 16, 3, |inner| {
        let pair = (inner.clone(), inner.clone());
        prop_oneof![
            5 => (inner.clone(), prop::sample::select(BUILT_INS)).prop_map(|(of, name)| format!("{of}?{name}")),
            3 => (pair.clone(), known(&[" + ", " - ", " * ", " / ", " % ", " == ", " != ", " lt ", " gte ", " && ", " || "]))
                .prop_map(|((left, right), operator)| format!("{left}{operator}{right}")),
            1 => inner.clone().prop_map(|inner| format!("({inner})")),
            1 => (inner.clone(), known(&["!", "!\"d\"", "??", "!0", "[0]", "[1..]", "[0..<2]", "[0..*3]", ".x", "[\"x\"]", "(1)"]))
                .prop_map(|(inner, after)| inner + &after),
            1 => (known(&["!", "-", "+"]), inner.clone()).prop_map(|(sign, of)| sign + &of),
            1 => pair.clone().prop_map(|(first, second)| format!("[{first}, {second}]")),
            1 => pair.clone().prop_map(|(first, second)| format!("{{\"a\": {first}, \"b\": {second}}}")),
            1 => (pair.clone(), known(&["..", "..<", "..*"])).prop_map(|((from, to), dots)| format!("{from}{dots}{to}")),
            1 => pair.prop_map(|(of, index)| format!("{of}[{index}]")),
        ]
    })
}

fn element() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        3 => known(&["x", " ", "\n", "\n  ", "é", "<br/>", "<p>a</p>", "<b>b</b>", "<hash tag=\"t\"/>", "&amp;", "&gt;"]),
        4 => expression().prop_map(|of| format!("${{{of}}}")),
        1 => known(&["#{data.f; m2}", "#{data.n; M1}", "#{1/3}", "<#t>", "<#lt>", "<#-- c -->", "<#stop \"m\">", "<#return>",
            "<#break>", "<#continue>", "<#nested>", "<#flush>", "<#ftl>", "<#sep>, ", "<#else>", "<#recover>"]),
        1 => (known(&["a", "x", "v"]), known(&["=", "+=", "-=", "*="]), expression())
            .prop_map(|(name, operator, value)| format!("<#assign {name} {operator} {value}>")),
        1 => known(&[
            "<#setting number_format=\"0.00\">", "<#setting locale=\"de_DE\">", "<#setting boolean_format=\"yes,no\">",
            "<#setting time_zone=\"America/New_York\">", "<#macro m a b=2 c...>[${a}${b}]<#nested 1></#macro>",
            "<@m 1/>", "<@m a=1 b=x/>", "<@m 1; v>${v}</@m>", "<#function f x><#return x></#function>", "${f(1)}",
            "<#macro r><@r/></#macro><@r/>", "<#function g n><#if n == 0><#return 1></#if><#return n * g(n - 1)></#function>${g(20)}",
            "<@\"${data.s}<#if true>y</#if>\"?interpret/>", "<@data.s/>", "<#visit data>", "<#import \"x\" as y>",
        ]),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        let inside = prop::collection::vec(inner, 0..4).prop_map(|parts| parts.concat());
        let blocks = (inside.clone(), inside.clone(), expression(), expression());
        (0..14, blocks).prop_map(|(kind, (first, second, one, two))| match kind {
            0 => format!("<#if {one}>{first}</#if>"),
            1 => format!("<#if {one}>{first}<#elseif {two}>{second}<#else>{first}</#if>"),
            2 => format!("<#list {one} as v>{first}<#sep>, </#list>"),
            3 => format!("<#list data.h as k, v>{first}${{k}}</#list>"),
            4 => {
                format!("<#list {one}>{first}<#items as v>{second}</#items><#else>{second}</#list>")
            }
            5 => format!("<#switch {one}><#case {two}>{first}<#break><#default>{second}</#switch>"),
            6 => format!("<#attempt>{first}${{{one}}}<#recover>{second}</#attempt>"),
            7 => format!("<#assign x>{first}</#assign>${{x}}"),
            8 => format!("<#compress>{first}</#compress>"),
            9 => format!("<#escape x as x?html>{first}<#noescape>{second}</#noescape></#escape>"),
            10 => format!("<#outputformat \"HTML\">{first}${{{one}}}</#outputformat>"),
            11 => format!("<#macro m a b=1>{first}<#nested></#macro><@m {one}>{second}</@m>"),
            12 => format!("<#noparse>{first}</#noparse>"),
            _ => format!("\n<#list 1..3 as v>\n  {first}\n</#list>\n"),
        })
    })
}

/// A message of them, one in four damaged.
fn message() -> impl Strategy<Value = String> {
    let whole = prop::collection::vec(element(), 1..5)
        .prop_map(|elements| format!("<messageML>{}</messageML>", elements.concat()));
    let place = any::<prop::sample::Index>();
    let scrap = known(&[
        "}", "{", ">", "<", "\"", "(", ")", "[", "]", "?", "!", ".", "<#if ", "</#if>", "${",
        "</#list>", "</@>",
    ]);
    (whole, place, scrap, 0..8).prop_map(|(whole, place, scrap, damage)| {
        let at = whole.floor_char_boundary(place.index(whole.len()));
        match damage {
            0 => format!("{}{scrap}{}", &whole[..at], &whole[at..]),
            1 => whole[..at].to_owned(),
            _ => whole,
        }
    })
}

/// The same message has the same result, which is bounded, and what was made of it is read without a panic.
fn check(message: &str) -> Result<(), String> {
    let input = Input { data: Some(DATA), ..Input::new(message) };
    let run = || catch_unwind(AssertUnwindSafe(|| convert(&input, &OneUser)));
    let (Ok(first), Ok(second)) = (run(), run()) else { return Err("a panic".to_owned()) };
    if first != second {
        return Err(format!("{first:?}\nand then {second:?}"));
    }
    let Ok(converted) = first else { return Ok(()) };
    let made = converted.presentation_ml.len();
    if made > MOST {
        return Err(format!("{made} bytes"));
    }
    let data = converted.data;
    let again = Input { data: Some(&data), ..Input::new(&converted.presentation_ml) };
    match catch_unwind(AssertUnwindSafe(|| convert(&again, &OneUser))) {
        Ok(_) => Ok(()),
        Err(_) => Err("a panic over what was made of it".to_owned()),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn no_template_panics_or_has_no_end(message in message()) {
        let checked = check(&message);
        prop_assert!(checked.is_ok(), "{:?}: {}", checked, message);
    }
}

/// The same from a seed, for as long as is wanted: CI gives it a minute.
#[test]
fn by_chance() {
    let number = |name: &str, default: u64| {
        std::env::var(name).map_or(default, |value| value.parse().expect("a number"))
    };
    let (seconds, seed) = (number("FUZZ_SECONDS", 5), number("FUZZ_SEED", 1));
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let chance = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let mut runner = TestRunner::new_with_rng(Config::default(), chance);
    let strategy = message();
    let end = Instant::now() + Duration::from_secs(seconds);
    let (mut messages, mut slowest) = (0, Duration::ZERO);
    while Instant::now() < end {
        let message = strategy.new_tree(&mut runner).expect("a message").current();
        let start = Instant::now();
        if let Err(problem) = check(&message) {
            panic!("seed {seed}, message {messages}: {problem}\n{message}");
        }
        slowest = slowest.max(start.elapsed());
        messages += 1;
    }
    println!(
        "seed {seed}, {seconds} s: {messages} messages, the slowest three conversions took {slowest:?}"
    );
}
