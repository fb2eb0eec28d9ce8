//! Messages made to cost more than they should. Each is converted on a small stack; none may take long, which shows
//! when the suite does.

use crate::support::OneUser;
use symphony_messageml::{Input, convert};

/// Half of what an async runtime gives its threads, and unoptimised code needs several times as much as the product.
const STACK: usize = 1024 * 1024;

#[track_caller]
fn converts(message: String, data: Option<String>) -> Result<(), String> {
    let convert = move || {
        let input = Input { data: data.as_deref(), ..Input::new(&message) };
        convert(&input, &OneUser).map(|_| ()).map_err(|invalid| invalid.to_string())
    };
    let thread = std::thread::Builder::new().stack_size(STACK).spawn(convert).expect("a thread");
    thread.join().expect("no panic")
}

#[track_caller]
fn refused(message: String, wanted: &str) {
    let error = converts(message, None).expect_err("a refusal");
    assert!(error.contains(wanted), "{}", error.chars().take(300).collect::<String>());
}

fn nested(depth: usize, open: &str, inside: &str, close: &str) -> String {
    format!("<messageML>{}{inside}{}</messageML>", open.repeat(depth), close.repeat(depth))
}

#[test]
fn nesting_ends_at_a_limit() {
    for (open, inside, close) in [
        ("<div>", "x", "</div>"),
        ("<span><b>", "x", "</b></span>"),
        ("<ul><li>", "x", "</li></ul>"),
        ("<table><tr><td>", "x", "</td></tr></table>"),
        ("<a href=\"https://a.b\">", "x", "</a>"),
        ("<emoji shortcode=\"smiley\">", "<hash tag=\"x\"/>", "</emoji>"),
        ("<div data-generated=\"true\">", "<label for=\"x\"><b>x</b></label>", "</div>"),
        ("<pre><span>", "\n", "</span></pre>"),
        ("<ui-action action=\"open-im\" stream-id=\"x\">", "<button>x</button>", "</ui-action>"),
    ] {
        let levels = open.matches('<').count();
        let deepest = (1000 - 4) / levels;
        let result = converts(nested(deepest, open, inside, close), None);
        assert_eq!(result, Ok(()), "{open}");
        for too_deep in [1001 / levels + 1, 100_000] {
            let error = converts(nested(too_deep, open, inside, close), None).expect_err(open);
            assert!(
                error.contains("exceeds the limit \"1000\" set by \"maxElementDepth\""),
                "{error}"
            );
        }
    }
}

#[test]
fn documents_without_ends() {
    refused("<messageML>".repeat(100_000), "maxElementDepth");
    refused(
        format!("<messageML>{}", "<".repeat(1_000_000)),
        "The content of elements must consist",
    );
    refused(
        format!("<messageML>{}", "&".repeat(1_000_000)),
        "The entity name must immediately follow",
    );
    refused(
        format!("<messageML a=\"{}", "x".repeat(1_000_000)),
        "must start and end within the same entity",
    );
    refused(format!("<messageML>{}", "<b/><!--".repeat(100_000)), "Invalid messageML");
}

#[test]
fn attributes() {
    let many: String = (0..100_000).map(|number| format!(" a{number}=\"x\"")).collect();
    refused(format!("<messageML{many}/>"), "has more than \"10000\" attributes");
    let many: String = (0..9_999).map(|number| format!(" a{number}=\"x\"")).collect();
    refused(
        format!("<messageML><p{many}/></messageML>"),
        "Attribute \"a0\" is not allowed in \"p\"",
    );
    let huge = "x".repeat(1_000_000);
    assert_eq!(converts(format!("<messageML><p class=\"{huge}\"/></messageML>"), None), Ok(()));
    refused(
        format!("<messageML><p style=\"{}\"/></messageML>", "a:b;".repeat(100_000)),
        "Invalid property(s): [a]",
    );
    let distinct: String = (0..50_000).map(|number| format!("a{number}:b;")).collect();
    refused(format!("<messageML><p style=\"{distinct}\"/></messageML>"), "Invalid property(s): [");
    let pattern = "(".repeat(256);
    let field =
        format!("<text-field name=\"t\" pattern=\"{pattern}\" pattern-error-message=\"e\"/>");
    refused(format!("<messageML>{}</messageML>", crate::support::form(&field)), "The regex \"((((");
}

#[test]
fn entities_are_not_expanded() {
    let bomb =
        "<!DOCTYPE b [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]><messageML>&b;</messageML>";
    refused(bomb.to_owned(), "DOCTYPE is disallowed");
    refused(
        "<messageML>&b;</messageML>".to_owned(),
        "The entity \"b\" was referenced, but not declared.",
    );
    assert_eq!(
        converts(format!("<messageML>{}</messageML>", "&lt;".repeat(100_000)), None),
        Ok(())
    );
}

#[test]
fn many_of_everything() {
    for piece in [
        "<p>x</p>",
        "<hash tag=\"x\"/>",
        "<mention uid=\"7\"/>",
        "<a href=\"https://a.b\"/>",
        "<tag fallback-ticker=\"x\"/>",
        "<input type=\"text\"/>",
        "<label for=\"x\">x</label>",
    ] {
        let _ = converts(format!("<messageML>{}</messageML>", piece.repeat(10_000)), None);
    }
    let radios = "<input type=\"radio\" name=\"r\"/>".repeat(50_000);
    refused(
        format!("<messageML>{}</messageML>", crate::support::form(&radios)),
        "more than 50 children",
    );
    let dialogs: String = (0..1_000)
        .map(|id| {
            format!(
                "<ui-action action=\"open-dialog\" target-id=\"d{id}\"><button>x</button></ui-action><dialog \
                 id=\"d{id}\"><title>x</title><body>x</body></dialog>"
            )
        })
        .collect();
    assert_eq!(converts(format!("<messageML>{dialogs}</messageML>"), None), Ok(()));
}

#[test]
fn data() {
    let deep = format!("{}{}", "{\"a\":".repeat(100_000), "}".repeat(100_000));
    assert!(converts("<messageML/>".to_owned(), Some(deep)).is_err());
    assert!(converts("<messageML/>".to_owned(), Some("[".repeat(1_000_000))).is_err());
    assert!(
        converts("<messageML/>".to_owned(), Some(format!("{{\"a\":\"{}", "x".repeat(1_000_000))))
            .is_err()
    );
    // Every element names an entity of a large object.
    let data: String = (0..5_000).map(|key| format!("\"k{key}\":{{\"x\":1}},")).collect();
    let spans: String = (0..5_000)
        .map(|key| format!("<span class=\"entity\" data-entity-id=\"k{key}\"/>"))
        .collect();
    let data = format!("{{{data}\"z\":1}}");
    assert_eq!(converts(format!("<messageML>{spans}</messageML>"), Some(data)), Ok(()));
}

#[test]
fn templates() {
    for program in [
        "<#list 1..1000000000 as i><#list 1..1000000000 as j></#list></#list>",
        "<#list 1..1000000000 as i>xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx</#list>",
        "<#assign s='xxxxxxxxxxxxxxxx'><#list 1..99 as i><#assign s=s+s></#list>${s}",
        "<#assign s='xxxxxxxxxxxxxxxx'><#list 1..99 as i><#assign s=s?replace('x', s)></#list>${s}",
        "<#assign l=['x']><#list 1..99 as i><#assign l=l+l></#list>${l?join(l?join(''))}",
        "<#assign l=[]><#list 1..1000000 as i><#assign l=[l]></#list>",
        "<#list 1..1000000 as i>${'x'?left_pad(100000000)}</#list>",
        "${(0..)?join(',')}",
        "${(1..1000000000)?sort?size}",
    ] {
        refused(format!("<messageML>{program}</messageML>"), "Error parsing Freemarker template");
    }
    // Each comment ends at its own end, and is looked at once.
    let comments = format!("<messageML>${{{}1}}</messageML>", "<!---->".repeat(200_000));
    let _ = converts(comments, None);
    // A chain is long, not deep.
    let chain = format!("<messageML>${{1{}}}</messageML>", " + 1".repeat(100_000));
    assert_eq!(converts(chain, None), Ok(()));
    let nestings: [fn(usize) -> String; 7] = [
        |depth| format!("${{{}1{}}}", "(".repeat(depth), ")".repeat(depth)),
        |depth| format!("${{({}true)?c}}", "!".repeat(depth)),
        |depth| format!("${{{}1{}}}", "-(".repeat(depth), ")".repeat(depth)),
        |depth| format!("${{({}true{})?c}}", "!!!(".repeat(depth), ")".repeat(depth)),
        |depth| format!("${{{}1{}?size}}", "[".repeat(depth), "]".repeat(depth)),
        |depth| format!("{}x{}", "<#if true>".repeat(depth), "</#if>".repeat(depth)),
        |depth| format!("<#list 1..1 as x>{}</#list>", "<#sep>".repeat(depth)),
    ];
    for nesting in nestings {
        assert_eq!(converts(format!("<messageML>{}</messageML>", nesting(20)), None), Ok(()));
        let _ = converts(format!("<messageML>{}</messageML>", nesting(49)), None);
        refused(format!("<messageML>{}</messageML>", nesting(100_000)), "nested too deeply");
    }
}

/// What grows by itself, or by a library's work: each ends at a limit.
#[test]
fn templates_that_grow() {
    let long =
        "<#assign s='aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'><#list 1..9 as i><#assign s=s+s></#list>";
    let deep = format!("{}<@m/>{}", "<#if true>".repeat(400), "</#if>".repeat(400));
    for program in [
        "<#assign s='x'><#list 1..99 as i><#assign s>${s}${s}</#assign></#list>${s}".to_owned(),
        "<#assign n=3><#list 1..99 as i><#assign n=n*n></#list>${n}".to_owned(),
        "<#macro m><@m/></#macro><@m/>".to_owned(),
        format!("<#macro m>{deep}</#macro><@m/>"),
        "<#function f n><#return f(n + 1)></#function>${f(1)}".to_owned(),
        "<#assign s='<@s?interpret/>'><@s?interpret/>".to_owned(),
        "<#assign s='s?eval'>${s?eval}".to_owned(),
        "<#assign s='(1 + (s?eval))?c?eval'>${s?eval}".to_owned(),
        format!("{long}<#list 1..9999999 as i><#assign x=s?matches('(a*)*b')></#list>"),
        format!("{long}<#list 1..9999999 as i><#assign x=s?replace('a|aa', 'bbbb', 'r')></#list>"),
        format!("{long}<#list 1..9999999 as i>${{s?upper_case?url?length}}</#list>"),
        format!("{long}<#list 1..9999999 as i>${{s?word_list?join(s)?html}}</#list>"),
        format!("{long}<#list 1..9999999 as i>${{i?string(s?replace('a', '0'))}}</#list>"),
        format!("<#list 1..9999999 as i>${{'x'?right_pad({}, 'yz')}}</#list>", i32::MAX),
        format!(
            "{}<#list 1..999999 as i><#macro z></#macro></#list>",
            "<#macro y></#macro>".repeat(20_000)
        ),
        format!("<#assign {0}=1><#list 1..500000 as i>${{{0}?c}}</#list>", "n".repeat(500_000)),
        "<#assign f=1><#list 1..500000 as i><#assign f=f?default></#list>".to_owned(),
        "<#macro m></#macro><#assign f=m><#list 1..500000 as i><#assign f=f?with_args([])></#list>"
            .to_owned(),
        "<#assign n='1e4000'?number><#list 1..40 as i><#assign n=n*n></#list>${n}".to_owned(),
        format!("{long}<#assign l=(1..200000)?map(i -> s?string)>"),
        format!("{long}<#list 1..200000 as i><#if 'a' == s></#if></#list>"),
        "<#list 1..99999999 as i><#if 'aaaaaaaaaaaa'?matches('(?=a)(a|aa)+b')></#if></#list>".to_owned(),
        "<#list 1..99999999 as i><#if 'a'?matches('([a-z]{50}b){50}' + i)></#if></#list>".to_owned(),
        "<#list 1..99999999 as i><#attempt>${'a'?matches('([^a-z]{50}b){99}' + i)?c}<#recover></#attempt></#list>".to_owned(),
        format!("{long}<#if s?matches('[ab]*a[ab]{{20}}c|a')></#if>"),
        format!("{long}<#if s?matches('(?=([ab]*)(x*)c)z')></#if>"),
        format!("{long}<#if s?matches('a(.*z)?')></#if>"),
    ] {
        let message = format!("<messageML>{program}</messageML>");
        refused(message, "Error parsing Freemarker template");
    }
}

/// Patterns that take more time than their length or the text's tells: few of them are enough to be refused, and a few of
/// their harmless kin are not.
#[test]
fn patterns_pay_for_what_they_cost() {
    let program = |times: usize, pattern: &str, flags: &str| {
        format!(
            "<messageML><#assign s='abababababababab'><#list 1..8 as i><#assign s=s+s></#list><#list 1..{times} as \
             i><#assign x=s?matches('{pattern}|' + i, '{flags}')></#list></messageML>"
        )
    };
    // A look at all that follows, in each round of a loop.
    refused(program(1, "(?:(?=[ab]*)[ab])*", ""), "Error parsing Freemarker template");
    refused(program(1, "(?>(?:(?=[ab]*)[ab])*)", ""), "Error parsing Freemarker template");
    refused(program(1, "(a)?(?:(?=\\\\1*)[ab])*", ""), "Error parsing Freemarker template");
    // Many ranges, and many characters that may have another case.
    refused(program(9, "\\\\p{L}{20}", ""), "Error parsing Freemarker template");
    refused(program(9, "[\\\\x{80}-\\\\x{10FFFF}]", "i"), "Error parsing Freemarker template");
    refused(program(9, "[a[b[c[d[^e]]]]]", "i"), "Error parsing Freemarker template");
    for (pattern, flags) in [
        ("(?=[ab]*)[ab]*", ""),
        ("\\\\p{L}+", ""),
        ("[\u{e0}-\u{ff}]+", "i"),
        ("[^a-z]+|[ab]*", "i"),
    ] {
        assert_eq!(converts(program(9, pattern, flags), None), Ok(()), "{pattern}");
    }
}

/// Where it is cut off is told, in memory that the text's length bounds and not its depth as well.
#[test]
fn deep_data_that_is_cut_off() {
    let data = format!("{{\"a\": {}{}", "[".repeat(900), "true, ".repeat(100_000));
    let error = converts("<messageML>x</messageML>".to_owned(), Some(data)).expect_err("a refusal");
    assert!(error.contains("Unexpected end-of-input"), "{error:.300}");
}

#[test]
fn parameters_of_macros_are_not_without_number() {
    let names =
        |form: &str| (0..100_000).map(|n| form.replace('#', &n.to_string())).collect::<String>();
    let call = format!("<messageML><@m {}/></messageML>", names("a#=1 "));
    refused(call, "The call has too many parameters");
    let definition = format!("<messageML><#macro m {}></#macro></messageML>", names("a# "));
    refused(definition, "The macro has too many parameters");
}

/// The label beside many controls is read once, and copied so often and no more.
#[test]
fn one_label_for_many_controls() {
    let control = "<input type=\"checkbox\" name=\"a\"/>".repeat(20_000);
    let long = format!(
        "<messageML><form id=\"f\">{control}<label>{}</label></form></messageML>",
        "<b>x</b>".repeat(60_000)
    );
    assert!(converts(long, None).is_err());
}

/// Data may be a string with an object in it, whose nesting nobody sees in the text.
#[test]
fn deep_data_in_a_string() {
    let (open, close) = ("\\u005b".repeat(990), "\\u005d".repeat(990));
    let data = format!("\"\\u007b\\\"a\\\": {open}{close}\\u007d\"");
    let _ = converts("<messageML>${data.a?size}</messageML>".to_owned(), Some(data));
}
