//! Messages in Markdown, Symphony's first format. What they become was compared with `MarkdownParser` of
//! finos/messageml-utils side by side.

use proptest::prelude::*;
use serde_json::{Value, json};
use symphony_messageml::{Converted, MarkdownInput, convert_markdown};

use crate::support::OneUser;

fn converted_with(message: &str, entities: &Value, media: &Value) -> Result<Converted, String> {
    let input = MarkdownInput { message, entities: Some(entities), media: Some(media) };
    convert_markdown(&input, &OneUser).map_err(|invalid| invalid.to_string())
}

/// The inside of the PresentationML.
#[track_caller]
fn inside(converted: &Converted) -> &str {
    converted
        .presentation_ml
        .strip_prefix("<div data-format=\"PresentationML\" data-version=\"2.0\">")
        .and_then(|rest| rest.strip_suffix("</div>"))
        .expect("the root element")
}

#[track_caller]
fn becomes(message: &str, wanted: &str) {
    let converted = converted_with(message, &Value::Null, &Value::Null).expect("a message");
    assert_eq!(inside(&converted), wanted, "{message}");
}

#[test]
fn text_and_emphasis() {
    becomes("", "");
    becomes("*a* __b__ ***c*** d_e_f", "<i>a</i> <b>b</b> <i><b>c</b></i> d_e_f");
    becomes("a*\u{a7}*b *c\u{a7}*d", "a*\u{a7}*b *c\u{a7}*d");
    becomes("a*\u{20ac}*b", "a<i>\u{20ac}</i>b");
    becomes("a\nb  \nc\\\nd\n\ne", "ab<br/>c<br/>d<br/>e");
    becomes("&copy; &#65; &nope; &NewLine;x \\* <b>", "\u{a9} A &amp;nope;  x * &lt;b&gt;");
    becomes("`a *b*` ``c ` d`` `e", "<code>a *b*</code> <code>c ` d</code> `e");
    becomes("a\u{a0}b", "a b");
}

#[test]
fn blocks() {
    becomes("# no heading\n\n    no code", "# no heading<br/>no code");
    becomes("> a\n> > b\n>\n> c", "ab<br/>c");
    becomes("- a\n- b\n  1. c", "<ul><li>a</li><li>b<ol><li>c</li></ol></li></ul>");
    becomes("a\n***\nb", "a<br/>b");
    becomes("```java\nx < y\n```", "<code data-language=\"java\">x &lt; y</code>");
    becomes("~~~\nx\n~~~", "~~~x~~~");
    becomes("````\nx\n````", "````x````");
}

#[test]
fn links() {
    becomes("[a *b*](http://x.y 'title')", "<a href=\"http://x.y\">a <i>b</i></a>");
    becomes(
        "<http://x.y> <a@b.c>",
        "<a href=\"http://x.y\">http://x.y</a> <a href=\"mailto:a@b.c\">a@b.c</a>",
    );
    becomes(
        "[a]: http://x.y\n[A] [b][a]",
        "<br/><a href=\"http://x.y\">A</a> <a href=\"http://x.y\">b</a>",
    );
    // What leads nowhere is shown in place of its text.
    becomes("[a](b) [c](javascript:d)", "b javascript:d");
    // An image is its text.
    becomes("![a](http://x.y)", "a");
    // The reference loses a parenthesis here.
    becomes("[a](\n\n[a]: http://x.y", "<a href=\"http://x.y\">a</a>");
}

#[test]
fn entities_in_the_text() {
    let entities = json!({ "any": [
        { "type": "KEYWORD", "id": "#fx", "indexStart": 0, "indexEnd": 3 },
        { "type": "user_follow", "id": 7, "indexStart": 4, "indexEnd": 8 },
        { "type": "USER_FOLLOW", "id": 8, "indexStart": 9, "indexEnd": 10 },
        { "type": "URL", "id": "http://x.y", "indexStart": 11, "indexEnd": 12 },
        { "type": "KEYWORD", "id": "$ibm", "indexStart": 14, "indexEnd": 15 },
    ] });
    let converted = converted_with("#FX @Ada ? u", &entities, &Value::Null).expect("a message");
    assert_eq!(
        inside(&converted),
        "<span class=\"entity\" data-entity-id=\"keyword1\">#fx</span> \
         <span class=\"entity\" data-entity-id=\"mention2\">@Ada Lovelace</span> \
         <span class=\"entity\" data-entity-id=\"mention3\">8</span> \
         <a href=\"http://x.y\">http://x.y</a>  \
         <span class=\"entity\" data-entity-id=\"keyword4\">$ibm</span>"
    );
    assert_eq!(converted.markdown, "#fx @Ada Lovelace 8 [ http://x.y ](http://x.y)  $ibm");
    assert_eq!(converted.hashtags, ["fx"]);
    assert_eq!(converted.cashtags, ["ibm"]);
    assert_eq!(converted.mentions, [7, 8]);
    let keys: Vec<String> = converted.entity_json().keys().cloned().collect();
    assert_eq!(keys, ["keyword1", "mention2", "mention3", "keyword4"]);
    // One in a link to nowhere is described, though nobody sees it.
    let tag = json!({ "type": "KEYWORD", "id": "#fx", "indexStart": 1, "indexEnd": 2 });
    let converted = converted_with("[x](y)", &tag, &Value::Null).expect("a message");
    assert_eq!(inside(&converted), "y");
    assert_eq!(converted.entity_json()["keyword1"]["id"][0]["value"], "fx");
}

#[test]
fn tables() {
    let media = json!([{ "index": 2, "text": [["a", 1.5], ["*b*"]] }]);
    let converted = converted_with("x y", &Value::Null, &media).expect("a message");
    assert_eq!(
        inside(&converted),
        // Markdown in a cell parts the table.
        "x <table><tr><td>a</td><td>1.5</td></tr></table><i>b</i>\u{1e}\u{1d}y"
    );
}

#[test]
fn what_is_wrong_beside_the_text() {
    for (entities, media, wanted) in [
        (
            json!({ "indexStart": 1 }),
            Value::Null,
            "Required field \"indexEnd\" missing from the entity payload",
        ),
        (
            json!({ "indexStart": 2, "indexEnd": 2, "id": "#x", "type": "KEYWORD" }),
            Value::Null,
            "Invalid entity payload: #x (start index: 2, end index: 2)",
        ),
        (
            json!({ "indexStart": 0, "indexEnd": 2, "id": "\u{92}x", "type": "KEYWORD" }),
            Value::Null,
            "Invalid entity payload: empty keyword",
        ),
        (
            json!({ "indexStart": i32::MAX, "indexEnd": 2, "id": "", "type": "KEYWORD" }),
            Value::Null,
            "Invalid entity payload:  (start index: 2147483647, end index: 2)",
        ),
        (
            Value::Null,
            json!({ "index": 2_000_000_000, "text": [[]] }),
            "Invalid entity payload: index 2000000000 is too large",
        ),
        (Value::Null, json!({ "index": 1, "text": "x" }), "Invalid table payload: x (index: 1)"),
        (Value::Null, json!({ "index": 1 }), "Invalid table payload:  (index: 1)"),
        (
            Value::Null,
            json!({ "index": 2, "text": [["x"]] }),
            "Invalid table payload: a table inside emphasis",
        ),
    ] {
        assert_eq!(converted_with("*abc*", &entities, &media).unwrap_err(), wanted);
    }
}

/// What takes long, or much of the stack, where it is read without care. None may take long, which shows when the suite does.
#[test]
fn messages_made_to_do_harm() {
    let deep =
        |open: &str, close: &str, times: usize| open.repeat(times) + "x" + &close.repeat(times);
    let messages = [
        deep("**a ", " b**", 20_000),
        deep("*a **b ", " c** d*", 10_000),
        deep("[", "](http://x.y)", 20_000),
        deep("![", "](x)", 20_000),
        deep("[", "](", 20_000),
        deep("\u{91}", "\u{91}", 60_000),
        "\u{91}".repeat(40_000) + &"a&amp;".repeat(20_000) + &"\u{91}".repeat(40_000),
        "> ".repeat(60_000) + "x",
        "- ".repeat(60_000) + "x",
        "1. ".repeat(999) + "x\n" + &" ".repeat(100_000) + "y",
        "- ".repeat(900) + "x\n" + &(" ".repeat(100_000) + "y\n"),
        "- x\n".repeat(40_000),
        (0..900).map(|depth| " ".repeat(2 * depth) + "- x\n").collect(),
        (1..1_200).map(|length| "`".repeat(length) + " ").collect(),
        "<?".repeat(60_000) + "\n?>",
        "<!--".repeat(40_000),
        "<a b=\"".repeat(40_000),
        "<a ".repeat(40_000),
        "<![CDATA[".repeat(20_000),
        "[a](<b".repeat(20_000),
        "[a](b 'c".repeat(20_000),
        "[a](".repeat(40_000),
        "[a]: b\n".repeat(20_000),
        "[\n".repeat(60_000),
        "&".repeat(100_000),
        "\\".repeat(100_000),
        "a_b ".repeat(40_000),
        "*a_ ".repeat(30_000),
        "**x* ".repeat(30_000),
    ];
    for message in messages {
        let convert = move || converted_with(&message, &Value::Null, &Value::Null).map(|_| ());
        let thread = std::thread::Builder::new().stack_size(1024 * 1024).spawn(convert);
        let _ = thread.expect("a thread").join().expect("no panic");
    }
}

/// Scraps of Markdown: put together they get further into the parser than random characters.
fn scrap() -> impl Strategy<Value = String> {
    let known = prop::sample::select(vec![
        "*",
        "**",
        "_",
        "`",
        "```",
        "~~~",
        "\n",
        "\n\n",
        "  \n",
        "\r",
        "> ",
        "- ",
        "1. ",
        "10) ",
        "    ",
        "\t",
        "[",
        "![",
        "]",
        "](",
        "](http://x.y)",
        "[x]: http://x.y\n",
        "[x]",
        "(",
        ")",
        "<",
        ">",
        "<b>",
        "<!--",
        "-->",
        "<?",
        "?>",
        "<http://x.y>",
        "&amp;",
        "&",
        "\\",
        "\"",
        "'",
        "\u{91}",
        "\u{92}",
        "\u{91}KEYWORD\u{92}#a\u{91}",
        "\u{91}TABLE\u{92}a\u{1e}\u{1d}\u{91}",
        "---",
        "\0",
        "\u{1f600}",
        "\u{2014}",
    ]);
    prop_oneof![4 => known.prop_map(str::to_owned), 1 => "\\PC{0,4}"]
}

fn beside() -> impl Strategy<Value = Value> {
    let place =
        prop_oneof![(-2_i64..40).prop_map(Value::from), Just(json!(1.5)), Just(Value::Null)];
    let id = prop::sample::select(vec![
        json!("#a"),
        json!(7),
        json!("http://x.y"),
        json!(""),
        json!([]),
    ]);
    let kind = prop::sample::select(vec!["KEYWORD", "USER_FOLLOW", "URL", "TABLE", "x"]);
    let rows = prop::sample::select(vec![
        json!([["a", "*b*"], []]),
        json!([]),
        json!("x"),
        json!([["\u{1e}"]]),
    ]);
    (place.clone(), place, id, kind, rows).prop_map(|(start, end, id, kind, rows)| {
        json!({ "indexStart": start, "indexEnd": end, "id": id, "type": kind, "index": start, "text": rows })
    })
}

proptest! {
    /// No message panics, and what comes of one is XML.
    #[test]
    fn no_message_panics(
        scraps in prop::collection::vec(scrap(), 0..40),
        beside in prop::collection::vec(beside(), 0..3),
    ) {
        let beside = Value::from(beside);
        for (entities, media) in
            [(&Value::Null, &Value::Null), (&beside, &Value::Null), (&Value::Null, &beside)]
        {
            let Ok(converted) = converted_with(&scraps.concat(), entities, media) else { continue };
            let is_xml = |c: char| c >= ' ' || matches!(c, '\t' | '\n' | '\r');
            let printable: String = converted
                .presentation_ml
                .chars()
                .map(|c| if is_xml(c) && !matches!(c, '\u{fffe}' | '\u{ffff}') { c } else { ' ' })
                .collect();
            prop_assert!(roxmltree::Document::parse(&printable).is_ok(), "{printable}");
        }
    }
}
