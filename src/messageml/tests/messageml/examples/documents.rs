//! Whole documents: their root, their XML, their templates.

use symphony_messageml::{Input, convert};

use crate::support::{OneUser, becomes, converted, refused};

#[track_caller]
fn document_refused(message: &str, wanted: &str) {
    match converted(message) {
        Ok(message) => panic!("{}", message.presentation_ml),
        Err(error) => assert_eq!(error, wanted, "{message}"),
    }
}

#[test]
fn roots_and_versions() {
    let version = |message: &str, version: Option<&str>| {
        convert(&Input { version, ..Input::new(message) }, &OneUser)
            .map(|message| message.presentation_ml)
            .map_err(|error| error.to_string())
    };
    let pml = |version: &str| {
        Ok(format!("<div data-format=\"PresentationML\" data-version=\"{version}\"></div>"))
    };
    assert_eq!(version("<messageML/>", None), pml("2.0"));
    assert_eq!(version("<messageML/>", Some(" ")), pml("2.0"));
    assert_eq!(version("<messageML xmlns=\"x\"/>", Some("9 &lt;")), pml("9 &amp;lt;"));
    assert_eq!(
        version(
            "<div data-format=\"presentationml\" data-version=\"3\" class=\"c\"/>",
            Some("2.0")
        ),
        pml("3")
    );
    assert_eq!(version("<div data-format=\"PresentationML\"/>", Some("")), pml(""));
    let malformed = "Malformed PresentationML. The attributes \"data-format\" and \"data-version\" are required.";
    assert_eq!(version("<div data-format=\"PresentationML\"/>", None), Err(malformed.to_owned()));
    assert_eq!(version("<div/>", Some("2.0")), Err(malformed.to_owned()));
    document_refused("<messageML class=\"c\"/>", "Element \"messageML\" may not have attributes");
    document_refused(
        "<messageML data-version=\"1\"/>",
        "Attribute \"data-version\" is not allowed in \"messageML\"",
    );
    document_refused("<div id=\"x\"/>", "Attribute \"id\" is not allowed in \"messageML\"");
    document_refused("<p/>", "Root tag must be <messageML> or <div>");
    document_refused(" \u{2003}\n", "Error parsing message: the message cannot be null or empty");
    document_refused("<messageML>\u{1}</messageML>", "Invalid control characters in message");
}

#[test]
fn shorthand_in_presentation_ml() {
    for tag in ["chime", "hash", "cash", "mention", "card", "expandable-card", "header", "body"] {
        document_refused(
            &format!(
                "<div data-format=\"PresentationML\" data-version=\"2.0\"><p><{tag}/></p></div>"
            ),
            &format!("Shorthand tag \"{tag}\" is not allowed in PresentationML"),
        );
    }
    let emoji = converted(
        "<div data-format=\"PresentationML\" data-version=\"2.0\"><emoji shortcode=\"x\"/></div>",
    );
    assert!(emoji.is_ok());
}

#[test]
fn documents_that_are_not_well_formed() {
    for (message, wanted) in [
        ("x<messageML/>", "Content is not allowed in prolog."),
        ("&lt;<messageML/>", "Reference is not allowed in prolog."),
        ("<?xml version=\"1.0\"?>", "Premature end of file."),
        ("<!-- x -->", "Premature end of file."),
        ("<messageML>", "XML document structures must start and end within the same entity."),
        ("<messageML><p", "XML document structures must start and end within the same entity."),
        (
            "<messageML><p class=\"",
            "XML document structures must start and end within the same entity.",
        ),
        (
            "<messageML><b><i></b></i></messageML>",
            "The element type \"i\" must be terminated by the matching end-tag \"</i>\".",
        ),
        (
            "<messageML></messageML x>",
            "The end-tag for element type \"messageML\" must end with a '>' delimiter.",
        ),
        ("<messageML>&nbsp;</messageML>", "The entity \"nbsp\" was referenced, but not declared."),
        (
            "<messageML>a & b</messageML>",
            "The entity name must immediately follow the '&' in the entity reference.",
        ),
        (
            "<messageML>&amp</messageML>",
            "The reference to entity \"amp\" must end with the ';' delimiter.",
        ),
        (
            "<messageML><p class=\"&x y;\"/></messageML>",
            "The reference to entity \"x\" must end with the ';' delimiter.",
        ),
        (
            "<messageML>1 < 2</messageML>",
            "The content of elements must consist of well-formed character data or markup.",
        ),
        (
            "<messageML><1/></messageML>",
            "The content of elements must consist of well-formed character data or markup.",
        ),
        (
            "<messageML><!x></messageML>",
            "The content of elements must consist of well-formed character data or markup.",
        ),
        (
            "<messageML><p class=\"a<b\"/></messageML>",
            "The value of attribute \"class\" associated with an element type \"p\" must not contain the '<' character.",
        ),
        (
            "<messageML><p class=a/></messageML>",
            "Open quote is expected for attribute \"class\" associated with an  element type  \"p\".",
        ),
        (
            "<messageML><p class/></messageML>",
            "Attribute name \"class\" associated with an element type \"p\" must be followed by the ' = ' character.",
        ),
        (
            "<messageML><p a=\"1\"b=\"2\"/></messageML>",
            "Element type \"p\" must be followed by either attribute specifications, \">\" or \"/>\".",
        ),
        (
            "<messageML><p a=\"1\" a=\"2\"/></messageML>",
            "Attribute \"a\" was already specified for element \"p\".",
        ),
        (
            "<messageML/><messageML/>",
            "The markup in the document following the root element must be well-formed.",
        ),
        ("<messageML/>x", "Content is not allowed in trailing section."),
        (
            "<messageML>]]></messageML>",
            "The character sequence \"]]>\" must not appear in content unless used to mark the end of a CDATA section.",
        ),
        ("<messageML>&#8;</messageML>", "Character reference \"&#8\" is an invalid XML character."),
        (
            "<messageML>&#xFFFE;</messageML>",
            "Character reference \"&#xFFFE\" is an invalid XML character.",
        ),
        (
            "<messageML>\u{fffe}</messageML>",
            "An invalid XML character (Unicode: 0xfffe) was found in the element content of the document.",
        ),
        (
            "<!DOCTYPE x><messageML/>",
            "DOCTYPE is disallowed when the feature \"http://apache.org/xml/features/disallow-doctype-decl\" set to true.",
        ),
        (
            "<messageML><!-- a -- b --></messageML>",
            "The string \"--\" is not permitted within comments.",
        ),
        (
            " <?xml version=\"1.0\"?><messageML/>",
            "The processing instruction target matching \"[xX][mM][lL]\" is not allowed.",
        ),
    ] {
        document_refused(message, &format!("Invalid messageML: {wanted}"));
    }
}

#[test]
fn what_xml_has_besides_elements() {
    refused("<!-- x -->", "Invalid element \"#comment\"");
    refused("<![CDATA[x]]>", "Invalid element \"#cdata-section\"");
    refused("<?target x?>", "Invalid element \"target\"");
    becomes("<p class='a&#10;b\nc\"'/>", "<p class=\"a\nb c&quot;\"></p>");
    assert!(
        converted("\u{feff}<?xml version=\"1.0\" encoding=\"UTF-8\"?><?x?><!-- y --><messageML/> ")
            .is_ok()
    );
    let garbled =
        converted("<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><messageML>é</messageML>")
            .unwrap();
    assert_eq!(garbled.plain_text, "Ã©");
    // The order of attributes in a document does not matter, that of their names does.
    refused("<p z=\"1\" A=\"1\" b=\"1\"/>", "Attribute \"A\" is not allowed in \"p\"");
}

#[test]
fn templates() {
    let message = "<messageML><#list data.items as item><p>${item.name?html}<#sep>,</#sep></p></#list></messageML>";
    let data = "{\"items\":[{\"name\":\"<a>\"},{\"name\":\"b\"}]}";
    let converted =
        convert(&Input { data: Some(data), ..Input::new(message) }, &OneUser).expect("a message");
    assert_eq!(converted.plain_text, "<a>,b");
    document_refused(
        "<messageML>${data.x}</messageML>",
        "Error parsing Freemarker template: invalid input at line 1, column 14",
    );
}

#[test]
fn ids_come_from_the_seed() {
    let message = format!(
        "<messageML>{}</messageML>",
        crate::support::form("<checkbox name=\"c\">x</checkbox>")
    );
    let with = |id_seed| {
        convert(&Input { id_seed, ..Input::new(&message) }, &OneUser)
            .expect("a form")
            .presentation_ml
    };
    assert_eq!(with(1), with(1));
    assert_ne!(with(1), with(2));
}
