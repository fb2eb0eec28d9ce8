//! Hashtags, cashtags, mentions, emoji, tags and times.

use serde_json::json;
use symphony_messageml::{Input, convert};

use crate::support::{OneUser, becomes, converted, refused};

#[test]
fn hashtags_and_cashtags() {
    becomes(
        "<hash tag=\"a\"/><cash tag=\"b c\"/>",
        "<span class=\"entity\" data-entity-id=\"keyword1\">#a</span><span class=\"entity\" data-entity-id=\"keyword2\">$b c</span>",
    );
    let message =
        converted("<messageML><hash tag=\"a\"/> <cash tag=\"b\"/> <hash tag=\"a\"/></messageML>")
            .unwrap();
    assert_eq!(
        (message.hashtags.clone(), message.cashtags.clone()),
        (vec!["a".to_owned(), "a".to_owned()], vec!["b".to_owned()])
    );
    assert_eq!(message.plain_text, "#a $b #a");
    assert_eq!(
        message.entity_json()["keyword2"],
        json!({"type": "org.symphonyoss.fin.security", "version": "1.0",
            "id": [{"type": "org.symphonyoss.fin.security.id.ticker", "value": "b"}]})
    );
    assert_eq!(
        message.entities["hashtags"][1],
        json!({"id": "$b", "text": "$b", "indexStart": 3, "indexEnd": 5, "type": "KEYWORD"})
    );
    let pattern = "Values of the attribute 'tag' for the element 'hash' must match the pattern \
                   [\\S]*[^\\s!@#$%^&*()+=<>,./?`~:;'\"\\\\|-]+[\\S]*$.";
    refused("<hash tag=\"\"/>", pattern);
    refused("<hash tag=\"#!\"/>", pattern);
    refused("<hash tag=\"a b\"/>", pattern);
    refused("<hash/>", "The attribute \"tag\" is required");
    refused("<cash/>", "The attribute \"tag\" is required");
    refused(
        "<hash tag=\"a\" style=\"color:red\"/>",
        "Attribute \"style\" is not allowed in \"hash\"",
    );
}

#[test]
fn mentions() {
    let ada = "<span class=\"entity\" data-entity-id=\"mention1\">@Ada Lovelace</span>";
    becomes("<mention uid=\"7\"/>", ada);
    becomes("<mention email=\"ada@example.com\" strict=\"false\">x</mention>", ada);
    becomes("<mention uid=\"007\"/>", ada);
    becomes(
        "<mention uid=\"8\" strict=\"no\"/>",
        "<span class=\"entity\" data-entity-id=\"mention1\">8</span>",
    );
    becomes(
        "<mention email=\"x@y.z\" strict=\"\"><b>X</b></mention>",
        "<a href=\"mailto:x@y.z\"><b>X</b></a>",
    );
    let message = converted("<messageML><mention email=\"ada@example.com\"/></messageML>").unwrap();
    assert_eq!(message.mentions, [7]);
    assert_eq!(message.entity_json()["mention1"]["id"][0]["value"], "7");
    refused("<mention uid=\"8\"/>", "Failed to lookup user \"8\"");
    refused("<mention email=\"x@y.z\" strict=\"TRUE\"/>", "Failed to lookup user \"x@y.z\"");
    refused("<mention uid=\"x\"/>", "Invalid input: uid must be a int64 value not \"x\"");
    refused("<mention/>", "Error processing user mention. No id or email provided");
}

#[test]
fn emoji() {
    becomes(
        "<emoji shortcode=\"+1\"/>",
        "<span class=\"entity\" data-entity-id=\"emoji1\">👍</span>",
    );
    becomes(
        "<emoji annotation=\"nope\"/>",
        "<span class=\"entity\" data-entity-id=\"emoji1\">:nope:</span>",
    );
    let message = converted("<messageML><emoji annotation=\"a\" shortcode=\"b\" size=\"big\"><hash tag=\"x\"/></emoji></messageML>").unwrap();
    assert_eq!(message.markdown, ":b:");
    assert_eq!(message.entity_json()["emoji1"]["data"]["shortcode"], "b");
    assert_eq!(message.entity_json()["emoji1"]["keyword2"]["id"][0]["value"], "x");
    refused("<emoji/>", "Either the attribute \"shortcode\" or \"annotation\" are required");
    refused(
        "<emoji shortcode=\"a b\"/>",
        "Shortcode or Annotation parameter may only contain alphanumeric characters, underscore, plus sign and dash",
    );
    refused("<emoji shortcode=\"a\"><div/></emoji>", "Element \"div\" is not allowed in \"emoji\"");
}

#[test]
fn financial_tags() {
    becomes(
        "<tag isin=\"x\" fallback-ticker=\"y\"/>",
        "<span class=\"entity\" data-entity-id=\"tag1\">$y</span>",
    );
    refused("<tag isin=\"x\"/>", "No instrument found , \"fallback-ticker\" attribute is required");
    refused(
        "<tag instrument-class=\"Equity\"/>",
        "the attribute \"instrument-class\" must be one of those values [equity, index, fxcross]",
    );
    refused(
        "<tag bbgmarket-sector=\"equity\"/>",
        "the attribute \"bbgmarket-sector\" must be one of those values [Equity, Comdty, Corp, Curncy, Govt, Index, \
         Mmkt, Mtge, Muni, Pfd]",
    );
}

#[test]
fn times() {
    becomes(
        "<dateTime value=\"2024-12-31T09:29:47Z\" format=\"DATE\"/>",
        "<span><time data-entity-id=\"datetime1\" datetime=\"2024-12-31T09:29:47Z\" data-format=\"DATE\">2024-12-31T09:29:47Z</time></span>",
    );
    refused("<dateTime/>", "The attribute \"value\" is required");
    refused(
        "<dateTime value=\"2024-12-31T25:00Z\"/>",
        "Attribute \"value\" has invalid date format",
    );
}

fn with_data(content: &str, data: &str) -> Result<(String, String), String> {
    let message = format!("<messageML>{content}</messageML>");
    convert(&Input { data: Some(data), ..Input::new(&message) }, &OneUser)
        .map(|message| (message.presentation_ml, message.data))
        .map_err(|invalid| invalid.to_string())
}

#[test]
fn entities_of_the_sender() {
    let data = "{\"o\":{\"type\":\"x\",\"version\":\"1\"},\"m\":{\"type\":\"com.symphony.user.mention\",\"id\":[{\"value\":\"7\"}]}}";
    let (pml, json) =
        with_data("<div class=\"entity\" data-entity-id=\"o\"><hash tag=\"t\"/></div>", data)
            .unwrap();
    assert!(pml.contains("<div class=\"entity\" data-entity-id=\"o\"><span class=\"entity\" data-entity-id=\"keyword1\">#t</span></div>"));
    assert!(
        json.starts_with("{\"o\":{\"type\":\"x\",\"version\":\"1\",\"keyword1\":{\"type\":"),
        "{json}"
    );
    let (pml, _) =
        with_data("<div class=\"entity\" data-entity-id=\"m\">old text</div>", data).unwrap();
    assert!(
        pml.contains("<div class=\"entity\" data-entity-id=\"m\">@Ada Lovelace</div>"),
        "{pml}"
    );

    let refused = |content: &str, data: &str, wanted: &str| {
        assert_eq!(with_data(content, data), Err(wanted.to_owned()), "{content}");
    };
    let span = "<span class=\"entity\" data-entity-id=\"x\"/>";
    refused(
        span,
        "{}",
        "Error processing EntityJSON: no entity data provided for \"data-entity-id\"=\"x\"",
    );
    refused(span, "{\"x\":1}", "Error processing EntityJSON: the node \"x\" has to be an object");
    refused(
        span,
        "{\"a\":{\"x\":{}},\"b\":{\"x\":{}}}",
        "Duplicate \"data-entity-id\"=\"x\" in entityJSON",
    );
    refused("<span class=\"entity\"/>", "{}", "The attribute \"data-entity-id\" is required");
    refused(
        "<p data-entity-id=\"x\"/>",
        "{\"x\":{}}",
        "Attribute \"data-entity-id\" is not allowed in \"p\"",
    );
    refused(
        "<div class=\"entities\" data-entity-id=\"x\"/>",
        "{\"x\":{}}",
        "The attribute \"data-entity-id\" is only allowed if the element class is \"entity\".",
    );
    refused("x", "[1]", "Error parsing EntityJSON: provided content is not a JSON object");
    refused(
        "x",
        "{\"a\" 1}",
        "Error parsing EntityJSON: Unexpected character ('1' (code 49)): was expecting a colon to separate field name \
         and value\n at [Source: (String)\"{\"a\" 1}\"; line: 1, column: 7]",
    );
    refused(
        "x",
        "{\n",
        "Error parsing EntityJSON: Unexpected end-of-input: expected close marker for Object (start marker at [Source: \
         (String)\"{\n\"; line: 1, column: 1])\n at [Source: (String)\"{\n\"; line: 2, column: 1]",
    );
}

/// Numbers are as large in templates and in what is sent along as they were written.
#[test]
fn numbers_that_no_machine_word_holds() {
    let sent = |data: &str| {
        let input = Input {
            data: Some(data),
            ..Input::new("<messageML>${data.a} ${data.a?c}</messageML>")
        };
        convert(&input, &OneUser).map(|message| (message.data, message.markdown)).expect("data")
    };
    let large = "123456789012345678901234567890";
    assert_eq!(
        sent(&format!("{{\"a\":{large},\"b\":[{{\"c\":-{large}}}]}}")),
        (
            format!("{{\"a\":{large},\"b\":[{{\"c\":-{large}}}]}}"),
            "123,456,789,012,345,678,901,234,567,890 123456789012345678901234567890".to_owned(),
        )
    );
    assert_eq!(sent("{\"a\":-0}").0, "{\"a\":0}");
    assert_eq!(sent("{\"a\":1e10}").0, "{\"a\":1.0E10}");
    assert_eq!(sent("{\"a\":18446744073709551615}").0, "{\"a\":18446744073709551615}");
    assert_eq!(sent("{\"a\":1e400}").0, "{\"a\":\"Infinity\"}");
    let data = format!("{{\"a\":{large}}}");
    let input = Input { data: Some(&data), ..Input::new("<messageML>x</messageML>") };
    let values = convert(&input, &OneUser).expect("data").entity_json();
    assert_eq!(values["a"].to_string(), "1.2345678901234568e+29");
}

#[test]
fn data_that_reaches_limits() {
    let nested = |depth: usize| format!("{{\"a\":{}{}}}", "[".repeat(depth), "]".repeat(depth));
    assert!(with_data("x", &nested(999)).is_ok());
    assert_eq!(
        with_data("x", &nested(1000)),
        Err("Error parsing EntityJSON: Depth (1001) exceeds the maximum allowed nesting depth (1000)".to_owned())
    );
    assert!(with_data("x", &format!("{{\"a\":{}}}", "9".repeat(1000))).is_ok());
    assert_eq!(
        with_data("x", &format!("{{\"a\":{}}}", "9".repeat(1001))),
        Err("Error parsing EntityJSON: Number length (1001) exceeds the maximum length (1000)"
            .to_owned())
    );
    let (_, json) = with_data("x", r#"{"a":"\ud83d\ude00 \ud83dx"}"#).expect("data");
    assert_eq!(json, "{\"a\":\"\u{1f600} ?x\"}");
}

/// As `finos/messageml-utils` tests it.
#[test]
fn contexts_for_an_assistant() {
    let sent = |message: &str| {
        convert(&Input::new(message), &OneUser)
            .map(|message| (message.presentation_ml.clone(), message.data, message.markdown))
            .map_err(|invalid| invalid.to_string())
    };
    assert_eq!(
        sent("<messageML beta=\"true\"><sym-ai-context><sym-ai-stream id=\"s1\" to=\"2\" from=\"1\"/><sym-ai-stream id=\"s3\"/>\
              <sym-ai-message id=\"m1\"/><sym-ai-attachment streamId=\"s2\" messageId=\"m2\" fileId=\"f1\"/>\
              </sym-ai-context>Why?</messageML>"),
        Ok((
            "<div data-format=\"PresentationML\" data-version=\"2.0\"><span class=\"entity\" \
             data-entity-id=\"sym-ai-context1\"></span>Why?</div>"
                .to_owned(),
            "{\"sym-ai-context1\":{\"type\":\"com.symphony.ai.context\",\"version\":\"1.0\",\
             \"messages\":[{\"id\":\"m1\"}],\"streams\":[{\"id\":\"s1\",\"from\":\"1\",\"to\":\"2\"},{\"id\":\"s3\"}],\
             \"attachments\":[{\"id\":\"f1\",\"streamId\":\"s2\",\"messageId\":\"m2\"}]}}"
                .to_owned(),
            "Attachment(streamdId=s2, messageId=m2, fileId=f1)Why?".to_owned(),
        ))
    );
    let only_beta = "Element \"sym-ai-context\" is only allowed when messageML has beta=\"true\"";
    for (message, wanted) in [
        ("<messageML><sym-ai-context/></messageML>", only_beta),
        ("<messageML beta=\"false\"><sym-ai-context/></messageML>", only_beta),
        (
            "<messageML beta=\"yes\"/>",
            "Attribute \"beta\" of element \"messageML\" can only be one of the following values: [true, false].",
        ),
        (
            "<messageML beta=\"true\"><sym-ai-context>text</sym-ai-context></messageML>",
            "Element \"sym-ai-context\" may not have text content",
        ),
        (
            "<messageML beta=\"true\"><sym-ai-context><p>x</p></sym-ai-context></messageML>",
            "Element 'p' is not allowed in 'sym-ai-context'. Allowed elements are: [sym-ai-stream, sym-ai-message, \
             sym-ai-attachment]",
        ),
        (
            "<messageML beta=\"true\"><sym-ai-context> <sym-ai-message id=\"m\"/></sym-ai-context></messageML>",
            "Element 'null' is not allowed in 'sym-ai-context'. Allowed elements are: [sym-ai-stream, sym-ai-message, \
             sym-ai-attachment]",
        ),
        (
            "<messageML beta=\"true\"><sym-ai-context><sym-ai-message/></sym-ai-context></messageML>",
            "The attribute 'id' is required for the element 'sym-ai-message'.",
        ),
    ] {
        assert_eq!(sent(message), Err(wanted.to_owned()), "{message}");
    }
    let input = Input { beta_allowed: false, ..Input::new("<messageML beta=\"true\"/>") };
    assert_eq!(
        convert(&input, &OneUser).map_err(|invalid| invalid.to_string()).unwrap_err(),
        "Attribute \"beta\" on element \"messageML\" is only allowed when MessageMLContext is initialized with beta=true"
    );
}

/// Jackson's letters in escapes are large; it escapes no slash and nothing behind the ASCII controls.
#[test]
fn texts_in_data_are_escaped_as_by_jackson() {
    let data = r#"{"a\\\"\/": "\b\f\n\r\t\u0000\u001f\u007f\u00e9\u2028<\/", "b": [[], {}, null, true, -1.5e-7]}"#;
    let input = Input { data: Some(data), ..Input::new("<messageML>x</messageML>") };
    let spelled = convert(&input, &OneUser).expect("data").data;
    assert_eq!(
        spelled,
        "{\"a\\\\\\\"/\":\"\\b\\f\\n\\r\\t\\u0000\\u001F\u{7f}\u{e9}\u{2028}</\",\"b\":[[],{},null,true,-1.5E-7]}"
    );
}

/// An object may come in a string; so may nothing else, and no string in a string.
#[test]
fn data_in_a_string() {
    let sent = |data: &str| {
        let input = Input { data: Some(data), ..Input::new("<messageML>${data.a}</messageML>") };
        convert(&input, &OneUser).map(|message| (message.data, message.markdown))
    };
    let got = sent(r#" "{\"a\": \"b\"}" "#).expect("data");
    assert_eq!(got, ("{\"a\":\"b\"}".to_owned(), "b".to_owned()));
    for other in [r#""""#, r#""[]""#, r#""\"{}\"""#] {
        let refused = sent(other).expect_err("no object").to_string();
        assert_eq!(refused, "Error parsing EntityJSON: provided content is not a JSON object");
    }
}

/// An object of many values is searched by an index; a name that comes again keeps its first place.
#[test]
fn objects_of_many_values() {
    let fields: Vec<String> = (0..40).map(|n| format!("\"k{}\":{n}", n % 30)).collect();
    let data = format!("{{{}}}", fields.join(","));
    let message = "<messageML>${data.k0} ${data.k29} ${data?size} ${data.k30!'none'}</messageML>";
    let input = Input { data: Some(&data), ..Input::new(message) };
    let made = convert(&input, &OneUser).expect("data");
    assert_eq!(made.markdown, "30 29 30 none");
    assert!(made.data.starts_with("{\"k0\":30,\"k1\":31,"), "{}", made.data);
}
