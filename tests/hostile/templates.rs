//! FreeMarker by chance: what a template may make long, deep or large.

use crate::chance::Chance;

/// A piece of a template, with others inside down to `depth`.
pub fn part(chance: &mut Chance, depth: usize) -> String {
    if depth == 0 {
        return format!("${{{}}}", expression(chance, 2));
    }
    let inner = part(chance, depth - 1);
    let value = expression(chance, 2);
    match chance.below(13) {
        0 => format!("<#list {} as x>{inner}</#list>", list(chance)),
        1 => format!("<#if {value}??>{inner}<#else>-</#if>"),
        2 => format!("<#assign a = {value}>{inner}"),
        3 => format!("<#macro m x=1>{inner}<@m x=x+1/></#macro><@m/>"),
        4 => format!("<#function f n><#return f(n+1)></#function>${{f(1)}}{inner}"),
        5 => format!("<#attempt>${{{value}}}<#recover>{inner}</#attempt>"),
        6 => format!("<#switch {value}><#case 1>{inner}<#break><#default>-</#switch>"),
        7 => format!("<#assign a>{inner}</#assign>${{a}}${{a?length}}"),
        8 => format!(
            "<#list 1..99999999 as i>${{({value})?string?matches({})?string}}</#list>",
            chance.of(&[
                "\"(?=a)(a|aa)+b\"",
                "\"[a-z]{5}b\"",
                "\"([a-z]{50}b){50}\" + i",
                "\"(.*)(.*)b\" + a!\"\""
            ])
        ),
        9 => format!(
            "<#assign a = a!\"\" + a!\"x\"><#list 1..40 as i><#assign a = a + a></#list>{inner}"
        ),
        10 => format!("<b>{inner}</b>"),
        11 => format!("<#noparse>{inner}</#noparse><#-- {inner} -->"),
        _ => format!("${{{value}}}{inner}"),
    }
}

fn list(chance: &mut Chance) -> String {
    let lists = [
        "1..9",
        "1..<100000",
        "1..1000000000",
        "0..",
        "1..*99999999",
        "-5..-9",
        "[1, [2, 3], {\"a\": 1}]",
        "\"a,b,c\"?split(\",\")",
        "(1..100)?chunk(3)",
        "entity",
        ".data_model?keys",
    ];
    (*chance.of(&lists)).to_owned()
}

fn expression(chance: &mut Chance, depth: usize) -> String {
    const LEAVES: [&str; 16] = [
        "1",
        "1e9",
        "0.1",
        "99999999999999999999999999999999",
        "\"abc\"",
        "\"\\x0\"",
        "a",
        "x",
        "entity",
        "entity['a'].b",
        ".now",
        "true",
        "[1, 2, 3]",
        "{\"a\": 1}",
        "r\"(a?){50}a{50}\"",
        "1..1000000000",
    ];
    const BUILT_INS: [&str; 39] = [
        "?upper_case",
        "?string",
        "?string(\"0.################################\")",
        "?string(\"#,##0.00;(#)\")",
        "?string.percent",
        "?c",
        "?html",
        "?xml",
        "?json_string",
        "?url",
        "?size",
        "?length",
        "?keys",
        "?join(\", \")",
        "?reverse",
        "?sort",
        "?sort_by(\"a\")",
        "?first",
        "?left_pad(1000000000)",
        "?right_pad(9999, \"ab\")",
        "?replace(\"\", \"xxxxxxxxxxxxxxxx\")",
        "?replace(\"(a*)*b\", \"\", \"r\")",
        "?matches(\"(a|a)*b\")",
        "?matches(\"((((((a{9}){9}){9}){9}){9}){9})\")",
        "?matches(\"(?=a)(a|aa)+b\")",
        "?matches(\"[ab]*a[ab]{20}c|a\")",
        "?matches(\"(?=([ab]*)(x*)c)z\")",
        "?replace(\"a(.*z)?\", \"$0\", \"r\")",
        "?split(\"(?<=a{1,30})b\", \"r\")",
        "?split(\"\")",
        "?word_list",
        "?eval",
        "?interpret",
        "?number",
        "?date(\"yyyy-MM-dd\")",
        "?datetime.iso",
        "?iso_utc",
        "?then(1, 2)",
        "?map(it -> it * it)",
    ];
    if depth == 0 {
        return (*chance.of(&LEAVES)).to_owned();
    }
    let (left, right) = (expression(chance, depth - 1), expression(chance, depth - 1));
    match chance.below(10) {
        0 => format!("({left} + {right})"),
        1 => format!("({left} * {right})"),
        2 => format!("({left} / {right})"),
        3 => format!("({left} == {right})"),
        4 => format!("({left})[{right}]"),
        5 => format!("({left})!{right}"),
        _ => format!("({left}){}{}", chance.of(&BUILT_INS), chance.of(&["", "", "!\"-\""])),
    }
}
