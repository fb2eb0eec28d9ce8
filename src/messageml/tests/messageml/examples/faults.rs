//! What is cut off, broken or unusual: the words and the forms are those that the original prints.

use symphony_messageml::{Input, convert};

use crate::support::{OneUser, control_becomes, control_refused, converted};

#[track_caller]
fn not_well_formed(message: &str, why: &str) {
    let wanted = format!("Invalid messageML: {why}");
    assert_eq!(converted(message).map(|message| message.presentation_ml), Err(wanted), "{message}");
}

fn with_data(data: &str) -> Result<String, String> {
    let input = Input { data: Some(data), ..Input::new("<messageML>x</messageML>") };
    convert(&input, &OneUser).map(|message| message.data).map_err(|error| error.to_string())
}

#[track_caller]
fn data_refused(data: &str, why: &str, column: usize) {
    let shown = data.replace('\t', "\\u0009").replace('\u{1}', "\\u0001");
    let wanted = format!(
        "Error parsing EntityJSON: {why}\n at [Source: (String)\"{shown}\"; line: 1, column: {column}]"
    );
    assert_eq!(with_data(data), Err(wanted));
}

#[test]
fn messages_that_are_cut_off() {
    let whole = "XML document structures must start and end within the same entity.";
    for message in [
        "<messageML>x",
        "<messageML><b",
        "<messageML><b c",
        "<messageML><b c=",
        "<messageML><b c='d",
        "<messageML><b/",
        "<messageML>&",
        "<messageML>&am",
        "<messageML>&#x1",
        "<messageML><b c='&am",
        "<messageML>x</messageML",
    ] {
        not_well_formed(message, whole);
    }
    let unmatched = "The element type \"messageML\" must be terminated by the matching end-tag \"</messageML>\".";
    for message in ["<messageML></", "<messageML>x</mess", "<messageML>x</messageM"] {
        not_well_formed(message, unmatched);
    }
}

#[test]
fn broken_markup() {
    not_well_formed(
        "<messageML>&#x;</messageML>",
        "A hexadecimal representation must immediately follow the \"&#x\" in a character reference.",
    );
    not_well_formed(
        "<messageML>&#;</messageML>",
        "A decimal representation must immediately follow the \"&#\" in a character reference.",
    );
    not_well_formed("<messageML><!DOCTYPE x></messageML>", "Scanner State 24 not Recognized ");
    not_well_formed("<messageML><!- x --></messageML>", "Comment must start with \"<!--\".");
}

#[test]
fn declarations() {
    for good in [
        "version=\"1.0\"",
        "version='1.1' encoding='utf-8'",
        "version=\"1.0\" standalone=\"no\" ",
        "version=\"1.0\" encoding=\"windows-1252\" standalone=\"yes\"",
    ] {
        assert!(converted(&format!("<?xml {good}?><messageML>x</messageML>")).is_ok(), "{good}");
    }
    for (bad, why) in [
        ("", "The version is required in the XML declaration."),
        ("encoding=\"UTF-8\"", "The version is required in the XML declaration."),
        ("version=\"2.0\"", "XML version \"2.0\" is not supported, only XML 1.0 is supported."),
        ("versio=\"1.0\"", "A pseudo attribute name is expected."),
        ("version \"1.0\"", "The ' = ' character must follow \"version\" in the XML declaration."),
        (
            "version=1.0",
            "The value following \"version\" in the XML declaration must be a quoted string.",
        ),
        (
            "version=\"1.0\"encoding=\"UTF-8\"",
            "White space is required before the encoding pseudo attribute in the XML declaration.",
        ),
        ("version=\"1.0\" encoding=\"U F\"", "Invalid encoding name \"U F\"."),
        ("version=\"1.0\" encoding=\"UTF-16\"", "Content is not allowed in prolog."),
        (
            "version=\"1.0\" standalone=\"maybe\"",
            "The standalone document declaration value must be \"yes\" or \"no\", not \"maybe\".",
        ),
    ] {
        not_well_formed(&format!("<?xml {bad}?><messageML>x</messageML>"), why);
    }
    let unknown = "<?xml version=\"1.0\" encoding=\"foo\"?><messageML>x</messageML>";
    assert_eq!(converted(unknown).unwrap_err(), "Failed to parse messageML");
}

#[test]
fn broken_data() {
    let value = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')";
    data_refused("{\"a\":", "Unexpected end-of-input within/between Object entries", 6);
    data_refused("{\"a", "Unexpected end-of-input in field name", 4);
    data_refused("{\"a\"", "Unexpected end-of-input within/between Object entries", 5);
    data_refused("[1,", "Unexpected end-of-input within/between Array entries", 4);
    data_refused("{\"a\":01}", "Invalid numeric value: Leading zeroes not allowed", 7);
    let digit =
        "in numeric value: expected digit (0-9) to follow minus sign, for valid numeric value";
    data_refused("{\"a\":-}", &format!("Unexpected character ('}}' (code 125)) {digit}"), 8);
    let point = "in numeric value: Decimal point not followed by a digit";
    data_refused("{\"a\":1.}", &format!("Unexpected character ('}}' (code 125)) {point}"), 8);
    let exponent = "in numeric value: Exponent indicator not followed by a digit";
    data_refused("{\"a\":1e+}", &format!("Unexpected character ('}}' (code 125)) {exponent}"), 8);
    let token = "enable `JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS` to allow";
    data_refused("{\"a\":NaN}", &format!("Non-standard token 'NaN': {token}"), 9);
    data_refused("{\"a\":-Infinity}", &format!("Non-standard token '-Infinity': {token}"), 15);
    data_refused("{\"a\":é}", &format!("Unrecognized token 'é': was expecting {value}"), 7);
    data_refused(
        "/*x*/{}",
        "Unexpected character ('/' (code 47)): maybe a (non-standard) comment? (not recognized as one since Feature \
         'ALLOW_COMMENTS' not enabled for parser)",
        2,
    );
    data_refused(
        "{\u{1}}",
        "Illegal character ((CTRL-CHAR, code 1)): only regular white space (\\r, \\n, \\t) is allowed between tokens",
        3,
    );
    data_refused(
        "{\"a\":\"x\ty\"}",
        "Illegal unquoted character ((CTRL-CHAR, code 9)): has to be escaped using backslash to be included in \
         string value",
        9,
    );
    data_refused(
        "{\"a\":\"\\u12G4\"}",
        "Unexpected character ('G' (code 71)): expected a hex-digit for character escape sequence",
        12,
    );
    data_refused("{\"a\":\"\\", "Unexpected end-of-input in character escape sequence", 8);
    assert_eq!(
        with_data("\"\"").unwrap_err(),
        "Error parsing EntityJSON: provided content is not a JSON object"
    );
}

#[test]
fn numbers_in_data_are_spelled_as_java_spells_them() {
    let given = r#"{"a":1e10,"b":0.00001,"c":99.9,"d":12345678.9,"e":7,"f":9007199254740993.0}"#;
    let spelled =
        r#"{"a":1.0E10,"b":1.0E-5,"c":99.9,"d":1.23456789E7,"e":7,"f":9.007199254740992E15}"#;
    assert_eq!(with_data(given).as_deref(), Ok(spelled));
}

#[test]
fn intervals_that_are_none() {
    let refused = |dates: &str, why: &str| {
        let why = format!("Error parsing json in attribute \"disabled-date\": {why}");
        control_refused(&format!("<date-picker name=\"d\" disabled-date='{dates}'/>"), &why);
    };
    let class = "org.finos.symphony.messageml.messagemlutils.util.pojo.DateInterval";
    refused(
        "[{\"foo\":1}]",
        &format!(
            "Unrecognized field \"foo\" (class {class}), not marked as ignorable (4 known properties: \"from\", \
             \"to\", \"day\", \"daysOfWeek\"])\n at [Source: (String)\"[{{\"foo\":1}}]\"; line: 1, column: 10] \
             (through reference chain: java.lang.Object[][0]->{class}[\"foo\"])"
        ),
    );
    refused(
        "{}",
        &format!(
            "Cannot deserialize value of type `[L{class};` from Object value (token `JsonToken.START_OBJECT`)\n at \
             [Source: (String)\"{{}}\"; line: 1, column: 1]"
        ),
    );
    control_becomes(
        "<date-picker name=\"d\" disabled-date='[{\"daysOfWeek\":[1.5,\"2\"]}]'/>",
        "<input type=\"date\" name=\"d\" data-disabled-date='[{\"type\":\"weekdays\",\"daysOfWeek\":[1,2]}]'></input>",
    );
}

#[test]
fn keywords_without_a_text() {
    let cash = converted("<messageML><cash tag=\"\"/></messageML>").unwrap();
    assert_eq!(cash.markdown, "$");
    for ticker in ["", " "] {
        assert_eq!(
            converted(&format!("<messageML><tag fallback-ticker=\"{ticker}\"/></messageML>"))
                .unwrap_err(),
            "No instrument found , \"fallback-ticker\" attribute is required"
        );
    }
}

#[test]
fn text_of_nested_lists_and_of_links_in_code() {
    let text =
        |content: &str| converted(&format!("<messageML>{content}</messageML>")).unwrap().markdown;
    // A bulleted list within a numbered one counts the numbers on.
    assert_eq!(
        text(
            "<ol><li>a<ul><li>b</li><li>c</li></ul></li><li>d<ol><li>e</li></ol></li><li>f</li></ol>"
        ),
        "1. a\n1. b\n2. c\n4. d\n  1. e\n5. f\n"
    );
    assert_eq!(
        text("<code>see <a href=\"https://x.y\"><b>this</b></a> now</code>"),
        "```\nsee this now\n```\n"
    );
    // Of what is in such a link, blocks and what has an entity are left out.
    assert_eq!(
        text("<code><a href=\"https://x.y\">a<hash tag=\"b\"/><p>c</p> d</a>e</code>"),
        "```\na de\n```\n"
    );
}

#[test]
fn controls_of_presentation_ml() {
    let document = |control: &str| {
        let form =
            format!("<form id=\"f\">{control}<button name=\"b\" type=\"action\">s</button></form>");
        let document =
            format!("<div data-format=\"PresentationML\" data-version=\"2.0\">{form}</div>");
        converted(&document).map(|message| message.presentation_ml)
    };
    for kind in ["checkbox", "radio"] {
        assert_eq!(
            document(&format!("<{kind} name=\"c\" value=\"v\">x</{kind}>")).unwrap_err(),
            format!("Invalid PresentationML for the \"{kind}\" element")
        );
    }
    for kind in ["person-selector", "room-selector", "date-selector"] {
        assert_eq!(
            document(&format!("<{kind} name=\"c\"/>")).unwrap_err(),
            "The attribute \"name\" is required"
        );
        let printed = document(&format!("<{kind} data-name=\"c\"/>")).unwrap();
        let wanted = format!("<div class=\"{kind}\" data-name=\"c\"></div>");
        assert!(printed.contains(&wanted), "{printed}");
    }
    let time =
        document("<input type=\"time\" name=\"n\" data-format=\"hh:mm a\" required=\"true\"/>");
    let wanted = "<input type=\"time\" name=\"n\" required=\"true\" data-format=\"hh:mm a\"/>";
    assert!(time.as_ref().is_ok_and(|time| time.contains(wanted)), "{time:?}");
}

#[test]
fn a_rich_text_area_is_marked_behind_its_first_attribute() {
    control_becomes(
        "<richtextarea name=\"n\" placeholder=\"p\"/>",
        "<textarea name=\"n\" data-richtext=\"true\" placeholder=\"p\"></textarea>",
    );
    let labelled = "<richtextarea name=\"n\" label=\"L\"/>";
    let printed = converted(&format!(
        "<messageML><form id=\"f\">{labelled}<button name=\"b\" type=\"action\">s</button></form></messageML>"
    ));
    let printed = printed.unwrap().presentation_ml;
    assert!(printed.contains("<textarea data-richtext=\"true\" name=\"n\" id="), "{printed}");
}

/// Where it is, which no Agent tells.
#[test]
fn places_of_faults() {
    let place = |message: &str, data: Option<&str>| {
        let invalid = convert(&Input { data, ..Input::new(message) }, &OneUser).unwrap_err();
        invalid
            .place()
            .map(|place| (place.line, place.column, place.element.clone(), place.expanded))
    };
    for (message, line, column, element) in [
        ("<messageML>\n  <p>x</p>\n  <marquee/></messageML>", 3, 3, "/messageML/marquee"),
        (
            "<messageML>é<p/><p><b>1</b><b foo=\"x\"/></p></messageML>",
            1,
            28,
            "/messageML/p[2]/b[2]",
        ),
        (
            "<messageML>\r\n<form id=\"f\">\r\n<text-field/></form></messageML>",
            3,
            1,
            "/messageML/form/text-field",
        ),
        ("<messageML><mention uid=\"8\"/></messageML>", 1, 12, "/messageML/mention"),
        ("<messageML foo=\"1\"/>", 1, 1, "/messageML"),
        ("<p/>", 1, 1, "/p"),
        ("<messageML><b>x</i></messageML>", 1, 16, "/messageML/b"),
        ("<messageML>a\n &nbsp;</messageML>", 2, 2, "/messageML"),
        ("<messageML>a\n b & c</messageML>", 2, 4, "/messageML"),
        ("<messageML><p>", 1, 15, "/messageML/p"),
        ("x", 1, 1, ""),
        ("<messageML>\n${data.gone}</messageML>", 2, 3, ""),
        ("<messageML>\n<#if></messageML>", 2, 2, ""),
    ] {
        assert_eq!(
            place(message, None),
            Some((line, column, element.to_owned(), false)),
            "{message}"
        );
    }
    let element = "/messageML/u".to_owned();
    assert_eq!(
        place("<messageML>${data.a}<u/></messageML>", Some("{\"a\":\"x\\ny\"}")),
        Some((2, 2, element, true))
    );
    assert_eq!(place("<messageML/>", Some("{")), None);
    assert_eq!(place(" ", None), None);
}

#[test]
fn end_tags_that_do_not_end() {
    for cut in
        ["<messageML>x</messageML'>", "<messageML>x</messageML]", "<messageML>x</messageML\""]
    {
        not_well_formed(
            cut,
            "The end-tag for element type \"messageML\" must end with a '>' delimiter.",
        );
    }
}
