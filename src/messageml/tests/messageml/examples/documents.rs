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

/// What stands around and in declarations and instructions, told by running the original.
#[test]
fn xml_declarations_and_instructions() {
    const X: &str = "<messageML>x</messageML>";
    let text = |document: &str| converted(document).map(|message| message.markdown);
    for right in ["\u{feff}", "\u{feff}<?xml version=\"1.0\" encoding=\"UTF-8\"?>", "<?xml-a b?>"] {
        assert_eq!(text(&format!("{right}{X}")), Ok("x".to_owned()), "{right}");
    }
    let latin = "\u{feff}<?xml version='1.0' encoding='ISO-8859-1'?><messageML>\u{e9}</messageML>";
    assert_eq!(text(latin), Ok("\u{c3}\u{a9}".to_owned()));
    let windows = "<?xml version='1.0' encoding='windows-1252'?><messageML>\u{20ac}\u{2019}\u{41d}</messageML>";
    assert_eq!(
        text(windows),
        Ok("\u{e2}\u{201a}\u{ac}\u{e2}\u{20ac}\u{2122}\u{d0}\u{fffd}".to_owned())
    );
    let reserved = "The processing instruction target matching \"[xX][mM][lL]\" is not allowed.";
    let in_declaration =
        "An invalid XML character (Unicode: 0xfffe) was found in the XML declaration.";
    let spaces =
        "White space is required before the encoding pseudo attribute in the XML declaration.";
    let comment = "Comment must start with \"<!--\".";
    for (before, after, wanted) in [
        ("<?xml?>", "", reserved),
        ("\u{feff} <?xml version='1.0'?>", "", reserved),
        ("\u{feff}\u{feff}", "", "Content is not allowed in prolog."),
        ("<?xml version='1.0'standalone='yes'?>", "", spaces),
        ("<?xml version='1.0' encoding='UTF-8'standalone='yes'?>", "", spaces),
        (
            "<?xml version='1.0' encoding='UTF-8' encoding='UTF-8'?>",
            "",
            "The standalone name in XML declaration may be misspelled.",
        ),
        ("<?xml version='1.0\u{fffe}'?>", "", in_declaration),
        ("<?xml version='1.0' encoding='UTF-8' encoding='\u{fffe}'?>", "", in_declaration),
        ("<?xml version='1.0' encoding='a b' c?>", "", "A pseudo attribute name is expected."),
        ("<?xml version='1.0' encoding='a b'?>", "", "Invalid encoding name \"a b\"."),
        ("<?xml version='1.0' encoding='UTF-32'?>", "", "Content is not allowed in prolog."),
        (
            "<?xml version='1.0' encoding='US-ASCII'?><!--\u{e9}-->",
            "",
            "Byte \"195\" is not a member of the (7-bit) ASCII character set.",
        ),
        ("<??>", "", "The processing instruction must begin with the name of the target."),
        (
            "",
            "<?a \u{fffe}?>",
            "An invalid XML character (Unicode: 0xfffe) was found in the processing instruction.",
        ),
        ("", "<![CDATA[x]]>", comment),
        ("", "<!DOCTYPE a>", comment),
        (
            "<![CDATA[\u{fffe}]]>",
            "",
            "The markup in the document preceding the root element must be well-formed.",
        ),
    ] {
        let document = format!("{before}{X}{after}");
        let wanted = format!("Invalid messageML: {wanted}");
        assert_eq!(
            text(&document).map_err(|invalid| invalid.to_string()),
            Err(wanted),
            "{document}"
        );
    }
}
