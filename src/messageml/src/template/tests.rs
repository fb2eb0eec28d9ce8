//! Templates on their own; messages with templates are in the integration tests.

use serde_json::{Value, json};

use super::super::json::{Json, Object, first_value};
use super::expand;

fn read(json: &Value) -> Object<'static> {
    let Ok(Json::Object(object)) = first_value(json.to_string().leak()) else { panic!("{json}") };
    object
}

fn data() -> Object<'static> {
    read(&json!({
        "name": "World", "n": 1_234_567, "float": 1_234.567_89, "tiny": 0.00001, "yes": true, "nothing": null,
        "list": ["a", "b", "c"], "empty": [], "hash": {"x": 1, "y": {"z": "deep"}}, "markup": "<b>&'\"",
    }))
}

#[track_caller]
fn gives(template: &str, expected: &str) {
    assert_eq!(
        expand(template, &data(), 0).as_deref().map_err(ToString::to_string),
        Ok(expected),
        "{template}"
    );
}

#[track_caller]
fn fails_at(template: &str, line: usize, column: usize) {
    let expected =
        format!("Error parsing Freemarker template: invalid input at line {line}, column {column}");
    assert_eq!(
        expand(template, &data(), 0).map_err(|error| error.to_string()),
        Err(expected),
        "{template}"
    );
}

#[track_caller]
fn is_no_template(template: &str, expected: &str) {
    let error = expand(template, &data(), 0).expect_err(template).to_string();
    assert!(
        error.starts_with(
            "Error parsing EntityJSON: Syntax error in template \"messageML\" in line "
        ),
        "{error}"
    );
    assert!(error.contains(expected), "{error}");
}

#[test]
fn interpolations() {
    gives("no template", "no template");
    gives("Hello ${data.name}!", "Hello World!");
    gives("${entity['hash'].y[\"z\"]}", "deep");
    gives(
        "${data.n} ${data.n?c} ${data.float} ${data.tiny} ${data.float?string('0.0')}",
        "1,234,567 1234567 1,234.568 0 1234.6",
    );
    gives(
        "${data.markup} ${data.markup?html} ${data.markup?xml}",
        "<b>&'\" &lt;b&gt;&amp;&#39;&quot; &lt;b&gt;&amp;&apos;&quot;",
    );
    gives("${1 + 2 * 3 - 4 / 8} ${7 % 4} ${-data.n}", "6.5 3 -1,234,567");
    gives("${'a' + 1} ${\"x${data.name}y\"} ${r'${x}'}", "a1 xWorldy ${x}");
    gives(
        "${(data.list + ['d'])?join('-')} ${data.list[1..]?join('')} ${data.name[0..1]}",
        "a-b-c-d bc Wo",
    );
}

#[test]
fn what_is_missing() {
    gives("${data.gone!'default'}|${data.gone!}|${(data.gone.further)!'x'}", "default||x");
    gives("${(data.gone.further)???c} ${data.name???c} ${data.nothing???c}", "false true false");
    gives(
        "${data.gone?has_content?c}${data.empty?has_content?c}${data.name?has_content?c}",
        "falsefalsetrue",
    );
    fails_at("<messageML>${obj['x'].value}</messageML>", 1, 14);
    fails_at("\n ${data.gone.further!'x'}", 2, 4);
    fails_at("${data.nothing}", 1, 3);
    fails_at(" ${data.yes}", 1, 2);
    fails_at("${data.list}", 1, 3);
}

#[test]
fn conditions() {
    gives("<#if data.yes>a<#else>b</#if>", "a");
    gives("<#if data.n lt 5>a<#elseif data.n gte 5 && !false>b<#else>c</#if>", "b");
    gives(
        "<#if (data.n > 5)>a</#if><#if data.name == 'World'>b</#if><#if data.n != 1>c</#if>",
        "abc",
    );
    gives("<#switch data.name><#case 'x'>1<#case 'World'>2<#break><#default>3</#switch>", "2");
    gives("${data.yes?then('a', 'b')} ${data.yes?string('ja', 'nein')} ${data.yes?c}", "a ja true");
    fails_at("<#if data.name>a</#if>", 1, 6);
}

#[test]
fn lists() {
    gives(
        "<#list data.list as v>${v_index}${v?counter}${v}<#sep>, </#sep></#list>",
        "01a, 12b, 23c",
    );
    gives("<#list data.list as v>${v}<#if v_has_next>;</#if></#list>", "a;b;c");
    gives("<#list data.empty as v>x<#else>none</#list>", "none");
    gives("<#list data.list><ul><#items as v>${v}<#sep>,</#items></ul></#list>", "<ul>a,b,c</ul>");
    gives("<#list data.hash as k, v><#if k == 'x'>${k}=${v}</#if></#list>", "x=1");
    gives("<#list 1..3 as i>${i}<#if i == 2><#break></#if></#list>", "12");
    gives("<#list 3..1 as i>${i}</#list><#list 0..<2 as i>${i}</#list>", "32101");
}

#[test]
fn variables_and_text() {
    gives("<#assign a = 1, b = a + 1>${a}${b}<#assign c>x${b}</#assign>${c}", "12x2");
    gives("<#noparse>${x} <#if></#noparse><#-- gone -->", "${x} <#if>");
    gives(
        "<#escape x as x?html>${data.markup}<#noescape>${data.markup}</#noescape></#escape>",
        "&lt;b&gt;&amp;&#39;&quot;<b>&'\"",
    );
}

#[test]
fn white_space_of_directives_goes() {
    gives("A\n  <#if true>\n  in\n  </#if>\nB", "A\n    in\nB");
    gives("<#list 1..2 as i>\n  ${i}\n</#list>\nend", "  1\n  2\nend");
}

#[test]
fn syntax_errors() {
    is_no_template(
        "<messageML>${}</messageML>",
        "line 1, column 14:\nEncountered \"}\", but was expecting one of these",
    );
    is_no_template("<#invalid>", "Unknown directive: #invalid. Help");
    is_no_template("<#if true>", "Unexpected end of file reached. You have an unclosed #if.");
    is_no_template("${data.name?nope}", "Unknown built-in: \"nope\"");
    is_no_template(
        "${data.name?esc}",
        "?esc can't be used here, as the current output format isn't a markup",
    );
    is_no_template(
        "${1}</#if>",
        "Encountered \"</#if>\", but was expecting one of these patterns:",
    );
    is_no_template("${data.name", "Unexpected end of file reached");
}

#[test]
fn what_cannot_work_fails_when_it_is_reached() {
    fails_at("a<#stop>", 1, 2);
    fails_at("<@unknown/>", 1, 3);
    gives("<#if false><#include 'x'></#if>", "");
}

/// What a pattern costs leaves room for what people do with one.
#[test]
fn patterns_work_through_long_texts_and_often() {
    let lines = "<#assign s='a line of a log, with numbers 12 and 345 <b>\n'><#list 1..9 as i><#assign s=s+s></#list>";
    for (use_of, expected) in [
        ("${s?replace('\\\\n', '|', 'r')?length?c}", "23040"),
        ("${s?split('\\\\s+', 'r')?size?c}", "5632"),
        ("${s?matches('<[^>]*>')?size?c}", "512"),
        ("<#list 1..2000 as i><#if ('ID-' + i)?matches('ID-(\\\\d+)')>${''}</#if></#list>", ""),
        (
            "<#list 1..500 as i><#assign x='1234567'?replace('(?<=\\\\d)(?=(\\\\d{3})+$)', ',', 'r')></#list>${x}",
            "1,234,567",
        ),
    ] {
        gives(&format!("{lines}{use_of}"), expected);
    }
}

#[test]
fn programs_end() {
    assert!(expand("<#list 1..1000000000 as i>x</#list>", &data(), 0).is_err());
    let doubling =
        "<#assign s = 'xxxxxxxxxxxxxxxx'><#list 1..64 as i><#assign s = s + s></#list>${s}";
    assert!(expand(doubling, &data(), 0).is_err());
    let nesting = "<#assign l = []><#list 1..100000 as i><#assign l = [l]></#list>";
    assert!(expand(nesting, &data(), 0).is_err());
    assert!(
        expand(&format!("${{{}1{}}}", "(".repeat(5000), ")".repeat(5000)), &data(), 0).is_err()
    );
    assert!(expand(&format!("${{{}1}}", "-".repeat(5000)), &data(), 0).is_err());
    // Long chains nest no deeper than short ones.
    gives(&format!("${{1{}}}", "+1".repeat(5000)), "5,001");
    for (digits, is_enough) in [(10_000, true), (10_001, false)] {
        let number = "9".repeat(digits);
        for template in [
            format!("<#assign a = {number}>"),
            format!("<#assign a = \"{number}\"?number>"),
            format!("<#assign a = \"{number}\"?eval>"),
        ] {
            assert_eq!(
                expand(&template, &data(), 0).is_ok(),
                is_enough,
                "{digits}: {template:.30}"
            );
        }
    }
    assert!(expand(&"<#if true>".repeat(5000), &data(), 0).is_err());
    assert!(expand(&"<#list 1..9 as x><#sep>".repeat(5000), &data(), 0).is_err());
}

/// A template, and what FreeMarker 2.3.31 makes of it.
struct Example {
    template: String,
    expected: Result<String, String>,
}

/// At least one for each directive and built-in; their results were told by running the original.
fn examples() -> (Object<'static>, Vec<Example>) {
    let mut lines = include_str!("examples.jsonl").lines().map(|line| {
        let Ok(Value::Object(line)) = serde_json::from_str(line) else { panic!("{line}") };
        line
    });
    let first = lines.next().expect("the data");
    let data = read(&first["data"]);
    let examples = lines.map(|line| {
        let text = |name: &str| line.get(name).and_then(Value::as_str).map(str::to_owned);
        Example {
            template: text("template").expect("a template"),
            expected: text("becomes").ok_or_else(|| text("error").expect("an outcome")),
        }
    });
    (data, examples.collect())
}

#[test]
fn examples_are_expanded_as_by_the_original() {
    let (data, examples) = examples();
    let wrong: Vec<String> = examples
        .iter()
        .filter_map(|Example { template, expected }| {
            let got = expand(template, &data, 0).map(|text| text.into_owned());
            let got = got.map_err(|error| error.to_string());
            (got != *expected).then(|| format!("{template}\n  {expected:?}\n  {got:?}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), examples.len(), wrong.join("\n"));
}

/// Pieces of the examples, cut and put together anyhow: an answer each time, and the same each time.
#[test]
fn no_template_does_harm() {
    let (data, examples) = examples();
    // A generator of its own (SplitMix64), so that a failure comes again.
    let mut state = 0x5eed_u64;
    let mut below = |limit: usize| {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % limit.max(1) as u64).unwrap_or_default()
    };
    for _ in 0..3000 {
        let mut template = String::new();
        for _ in 0..=below(3) {
            let piece = &examples[below(examples.len())].template;
            let start =
                piece.floor_char_boundary(if below(3) == 0 { below(piece.len()) } else { 0 });
            let end = piece.ceil_char_boundary(if below(3) == 0 {
                start + below(piece.len() - start)
            } else {
                piece.len()
            });
            let at = template.floor_char_boundary(below(template.len() + 1));
            template.insert_str(at, &piece[start..end]);
        }
        let once = expand(&template, &data, 0).map(|text| text.into_owned());
        let twice = expand(&template, &data, 0).map(|text| text.into_owned());
        assert_eq!(once, twice, "{template}");
    }
}

#[test]
fn recover_handles_a_stop() {
    gives("<#attempt>a<#stop \"no\"><#recover>b</#attempt>c", "bc");
    gives("<#attempt><#macro m><#stop></#macro><@m/><#recover>b</#attempt>", "b");
    fails_at("<#attempt>a<#recover>b</#attempt><#stop>", 1, 34);
}

#[test]
fn names_of_templates_are_made_absolute() {
    gives(
        "${'x'?absolute_template_name} ${'x'?absolute_template_name('a/b')} ${'/x'?absolute_template_name('a/')}",
        "/x /a/x /x",
    );
    gives(
        "${'f://x'?absolute_template_name('a/')} ${'x'?absolute_template_name('f://a/b')}",
        "f://x f://a/x",
    );
    gives("${'/x'?absolute_template_name('f://a/b')}", "f://x");
}

#[test]
fn what_an_empty_list_has_none_of() {
    gives(
        "${data.empty?first!'none'} ${[]?last!'none'} ${[]?min!'none'} ${[]?max???c}",
        "none none none false",
    );
    gives("${'gone'?eval!'none'} ${data.list?first!'none'}", "none a");
    fails_at("${data.empty?first}", 1, 3);
    fails_at("${'1 + gone'?eval}", 1, 1);
}

#[test]
fn matches_as_booleans() {
    gives("${'foo'?matches('f.*')?string('y', 'n')} ${'foo'?matches('o')?string}", "y false");
}

#[test]
fn variables_of_all_kinds() {
    gives(
        "${.data_model?is_hash_ex?c} ${.globals?is_hash_ex?c} ${.data_model?size}",
        "true false 2",
    );
    fails_at("${.globals?keys?size}", 1, 3);
}

#[test]
fn c_is_a_pattern() {
    gives("${5?string('c')} ${5?string.c} ${5?string.computer}", "c5 c5 5");
}

#[test]
fn short_literals_open_nothing() {
    gives("${'${'}${'a${'}${'${,'}${'#{x'}", "${a${${,#{x");
    gives("${'${1}'}", "1");
}

#[test]
fn places_of_operands() {
    fails_at(" ${('x')?then(1, 2)}", 1, 5);
    fails_at(" ${true?interpret}", 1, 4);
    fails_at(" ${data.list?time('a', 'b')}", 1, 4);
    fails_at(" ${'x'?switch(1, 2)}", 1, 4);
    fails_at("<#escape x as x?html>${data.list}</#escape>", 1, 24);
    is_no_template(
        "${data.name?left_pad(6}",
        "\"{\"\n    <ID>\n    <TERMINATING_EXCLAM>\n    \"+\"\n    \"-\"",
    );
}

#[test]
fn texts_look_into_what_comes_after_them() {
    gives("${1}\n  <#list 1..3 as i><#rt>y</#list>\n", "1\n  yyy\n");
    gives("a\n  <#if true><#if false> <#t><br/></#if><i>f</i>\n</#if>", "a\n<i>f</i>\n");
}
