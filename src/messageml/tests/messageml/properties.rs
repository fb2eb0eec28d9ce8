//! What holds for every message.

use proptest::prelude::*;
use symphony_messageml::{Input, convert};

use crate::support::OneUser;

/// Text as it stands in a document: any characters, the special ones escaped.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[ a-zA-Z0-9_*`+.,:/#$@-]{0,12}",
        Just("\n\n  ".to_owned()),
        Just("&lt;b&gt; &amp; \" ' &#10;".to_owned()),
        "\\PC{0,6}"
            .prop_map(|text| text.replace('&', "&amp;").replace('<', "&lt;").replace("]]>", "")),
    ]
    .prop_filter("no templates", |text| {
        !["<#", "<@", "${", "#{"].iter().any(|start| text.contains(start))
    })
}

fn leaf() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => text(),
        1 => "[a-z0-9_]{1,8}".prop_map(|tag| format!("<hash tag=\"{tag}\"/>")),
        1 => "[a-z0-9 _.]{1,8}[a-z]".prop_map(|tag| format!("<cash tag=\"{tag}\"/>")),
        1 => Just("<mention uid=\"7\"/>".to_owned()),
        1 => Just("<mention email=\"ada@example.com\">ignored</mention>".to_owned()),
        1 => Just("<mention email=\"nobody@example.com\" strict=\"false\"/>".to_owned()),
        1 => Just("<emoji shortcode=\"smiley\"/>".to_owned()),
        1 => Just("<emoji annotation=\"unknown\"><b>x</b></emoji>".to_owned()),
        1 => Just("<br/>".to_owned()),
        1 => Just("<img src=\"x&quot;.png\" class=\"c\"/>".to_owned()),
        1 => text().prop_map(|text| format!("<a href=\"https://example.com/?a=b&amp;c\">{text}</a>")),
        1 => Just("<a href=\"https://example.com\"/>".to_owned()),
    ]
}

/// What may stand in a line.
fn inline() -> impl Strategy<Value = String> {
    leaf().prop_recursive(3, 12, 3, |inner| {
        (
            prop_oneof![Just("b"), Just("i"), Just("sub"), Just("sup"), Just("span")],
            prop::collection::vec(inner, 0..3),
        )
            .prop_map(|(tag, inner)| format!("<{tag}>{}</{tag}>", inner.concat()))
    })
}

fn control() -> impl Strategy<Value = String> {
    let label = prop_oneof![
        Just(String::new()),
        Just(" label=\"L &amp; M\"".to_owned()),
        Just(" title=\"a 'tip'\"".to_owned()),
        Just(" label=\"L\" title=\"T\"".to_owned()),
    ];
    let kind = prop_oneof![
        Just("<text-field name=\"t\" maxlength=\"20\"LABEL>value</text-field>"),
        Just(
            "<text-field name=\"t\" masked=\"true\" pattern=\"^a$\" pattern-error-message=\"no\"LABEL/>"
        ),
        Just("<textarea name=\"t\" rows=\"2\" disabled=\"true\"LABEL>two\nlines</textarea>"),
        Just("<checkbox name=\"c\" checked=\"true\"><b>yes</b> or no</checkbox>"),
        Just("<radio name=\"r\" value=\"1\" readonly=\"true\">one</radio>"),
        Just("<radio name=\"r\"/>"),
        Just(
            "<select name=\"s\" required=\"true\"LABEL><option value=\"1\" selected=\"true\">one</option></select>"
        ),
        Just("<person-selector name=\"p\" value=\"[7]\"LABEL/>"),
        Just("<room-selector name=\"p\" placeholder=\"&lt;room&gt;\"LABEL/>"),
        Just("<date-selector name=\"d\" required=\"false\"/>"),
        Just("<date-picker name=\"d\" value=\"2020-02-29\" format=\"dd/MM/yyyy\"LABEL/>"),
        Just("<time-picker name=\"t\" min=\"08:00:00\" step=\"600\" strict=\"true\"LABEL/>"),
        Just(
            "<timezone-picker name=\"z\" value=\"Europe/Paris\" disabled-timezone='[\"UTC\"]'LABEL/>"
        ),
        Just("<button type=\"reset\" class=\"primary\" title=\"T\">R</button>"),
        Just("<table><tr><td><input type=\"checkbox\" name=\"x\"/></td></tr></table>"),
    ];
    (kind, label).prop_map(|(kind, label)| kind.replace("LABEL", &label))
}

fn block() -> impl Strategy<Value = String> {
    let many = |strategy: BoxedStrategy<String>| {
        prop::collection::vec(strategy, 0..4).prop_map(|parts| parts.concat())
    };
    let block = prop_oneof![
        inline(),
        Just("<hr/>".to_owned()),
        text().prop_map(|text| format!("<code language=\"java\">{text}</code>")),
        many(inline().boxed()).prop_map(|inner| format!("<pre>{inner}</pre>")),
        many(inline().boxed()).prop_map(|inner| format!("<h2 style=\"color:red\">{inner}</h2>")),
        many(control().boxed())
            .prop_map(|inner| crate::support::form(&inner))
            .prop_map(|form| form + "<p/>"),
    ];
    block.prop_recursive(4, 24, 3, move |inner| {
        let inner = prop::collection::vec(inner, 0..3).prop_map(|parts| parts.concat());
        (0..7, inner).prop_map(|(kind, inner)| match kind {
            0 => format!("<p class=\"a\">{inner}</p>"),
            1 => format!("<div style=\"color: red\">{inner}</div>"),
            2 => format!("<ul><li>{inner}</li> <li/></ul>"),
            3 => format!("<ol><li>{inner}</li></ol>"),
            4 => format!("<table><thead><tr><th>{inner}</th></tr></thead><tr><td colspan=\"+2\">x</td></tr></table>"),
            5 => format!("<card iconSrc=\"i\" class=\"c\"><header>{inner}</header><body>x</body></card>"),
            _ => format!("<expandable-card state=\"collapsed\"><header>h</header><body variant=\"error\">{inner}</body></expandable-card>"),
        })
    })
}

/// A message that is right except that it may hold several forms of one id, or one in another.
fn message() -> impl Strategy<Value = String> {
    prop::collection::vec(block(), 0..4)
        .prop_map(|blocks| format!("<messageML>{}</messageML>", blocks.concat()))
}

/// Scraps of messages: put together they get further into the converter than random characters.
fn scrap() -> impl Strategy<Value = String> {
    let known = prop::sample::select(vec![
        "<messageML>",
        "</messageML>",
        "<div data-format=\"PresentationML\" data-version=\"2.0\">",
        "</div>",
        "<div",
        " class=\"entity\"",
        " data-entity-id=\"a\"",
        ">",
        "/>",
        "<",
        "&",
        "&#x",
        "&#1;",
        ";",
        "\"",
        "'",
        "=",
        "<!--",
        "-->",
        "<![CDATA[",
        "]]>",
        "<?x",
        "?>",
        "<!DOCTYPE",
        "<?xml version=\"1.0\"?>",
        "<form id=\"f\">",
        "</form>",
        "<button name=\"b\">",
        "</button>",
        "<input type=\"checkbox\"",
        "<label for=\"x\">",
        "</label>",
        "<div data-generated=\"\">",
        "<dialog id=\"d\">",
        "</dialog>",
        "<title>",
        "</title>",
        "<body>",
        "</body>",
        "<ui-action action=\"open-dialog\" target-id=\"d\">",
        "</ui-action>",
        "<mention/>",
        "<mention uid=\"7\"/>",
        "<hash tag=\"x\"/>",
        "<emoji shortcode=\"a_tone9\"/>",
        "<date-picker name=\"n\" disabled-date='[{\"day\":1}]'/>",
        "<time-picker name=\"n\" format=\"\u{e9}\"/>",
        "<select name=\"s\">",
        "</select>",
        "<option value=\"\">",
        "</option>",
        "<td colspan=\"1\">",
        "</td>",
        " style=\"a;base64,\"",
        "${",
        "}",
        "<#if ",
        "</#if>",
        "<#else>",
        "<#list 1..3 as x>",
        "</#list>",
        "<#sep>",
        "<#items as y>",
        "<#assign x = ",
        "data.a",
        "data['a'][0..]",
        "x!",
        "??",
        "?size",
        "?c",
        "?string('0.0')",
        "?substring(1)",
        "?left_pad(3, 'é')",
        "?split('')",
        "(",
        ")",
        "[",
        "]",
        "{",
        "..",
        "<#--",
        "<#noparse>",
        "<#switch x>",
        "<#case 1>",
        "<@x",
        "#{",
    ])
    .prop_map(str::to_owned);
    prop_oneof![6 => known, 1 => "\\PC{0,4}", 1 => ".{0,4}"]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn presentation_ml_converts_to_itself(message in message()) {
        let input = Input::new(&message);
        let Ok(first) = convert(&input, &OneUser) else {
            // Two forms of one id, or a form in a form: nothing else is wrong with these messages.
            prop_assert!(message.matches("<form").count() > 1, "{}", convert(&input, &OneUser).unwrap_err());
            return Ok(());
        };
        let data = &first.data;
        let again = Input { data: Some(data), ..Input::new(&first.presentation_ml) };
        let second = convert(&again, &OneUser);
        prop_assert!(second.is_ok(), "{:?}\nof {}\nfrom {}", second, first.presentation_ml, message);
        let second = second.expect("checked");
        prop_assert_eq!(&second.presentation_ml, &first.presentation_ml);
        prop_assert_eq!(second.entity_json(), first.entity_json());
        prop_assert_eq!(&second.plain_text, &first.plain_text);
    }

    #[test]
    fn presentation_ml_is_well_formed(message in message()) {
        if let Ok(converted) = convert(&Input::new(&message), &OneUser) {
            let document = roxmltree::Document::parse(&converted.presentation_ml);
            prop_assert!(document.is_ok(), "{:?} in {}", document.err(), converted.presentation_ml);
            let texts: String =
                document.expect("checked").descendants().filter(roxmltree::Node::is_text).filter_map(|node| node.text()).collect();
            prop_assert_eq!(texts, converted.plain_text);
        }
    }

    #[test]
    fn nothing_panics(scraps in prop::collection::vec(scrap(), 0..40), data in prop::option::of(scraps_of_json())) {
        let message = scraps.concat();
        let _ = convert(&Input { data: data.as_deref(), ..Input::new(&message) }, &OneUser);
        let wrapped = format!("<messageML>{message}</messageML>");
        let _ = convert(&Input { data: data.as_deref(), ..Input::new(&wrapped) }, &OneUser);
    }
}

fn scraps_of_json() -> impl Strategy<Value = String> {
    let scrap = prop::sample::select(vec![
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\"a\"",
        "\"",
        "1",
        "-",
        "1e999",
        "null",
        "true",
        "tru",
        "\\",
        "\u{1}",
        "é",
        " ",
        "{\"a\":[{\"a\":{\"b\":null}}]}",
        "{\"a\":{\"type\":\"org.symphonyoss.taxonomy\",\"id\":[{\"value\":\"x\"}]}}",
    ]);
    prop::collection::vec(scrap, 0..12).prop_map(|scraps| scraps.concat())
}
