//! Dialogs and actions.

use crate::support::{becomes, converted, refused};

const PARTS: &str = "<title>t</title><body>b</body>";

#[test]
fn dialogs() {
    becomes(
        &format!(
            "<dialog id=\"d\" state=\"OPEN\" data-width=\"large\">{PARTS}<footer>f</footer></dialog>"
        ),
        "<dialog data-width=\"large\" data-state=\"OPEN\" id=\"{ID:1}-d\" open=\"\"><div class=\"dialog-title\">t</div><div class=\"dialog-body\">b</div><div class=\"dialog-footer\">f</div></dialog>",
    );
    let message =
        converted(&format!("<messageML>a<dialog id=\"d\">{PARTS}</dialog></messageML>")).unwrap();
    assert_eq!(message.markdown, "a---\n**Dialog**\nt\n\nb\n\n---\n");
    refused(
        &format!("<dialog id=\"d d\">{PARTS}</dialog>"),
        "The attribute \"id\" is required and must not contain any whitespace",
    );
    refused(
        &format!("<dialog id=\"d\" open=\"\">{PARTS}</dialog>"),
        "Attribute \"open\" is not allowed in \"dialog\"",
    );
    refused(
        &format!("<dialog id=\"d\">{PARTS}x</dialog>"),
        "Element \"null\" is not allowed in \"dialog\"",
    );
    refused(
        "<dialog id=\"d\"><title class=\"c\">t</title></dialog>",
        "Element \"title\" may not have attributes",
    );
    refused(
        "<title>t</title>",
        "Element \"title\" can only be a child of the following elements: [dialog]",
    );
    refused(
        "<form id=\"f\"><footer/></form>",
        "Element \"footer\" can only be a child of the following elements: [dialog]",
    );
}

#[test]
fn dialogs_in_presentation_ml() {
    let convert = |inside: &str| {
        converted(&format!(
            "<div data-format=\"PresentationML\" data-version=\"2.0\"><dialog id=\"d\">{inside}</dialog></div>"
        ))
    };
    assert!(
        convert("<div class=\"dialog-title\">t</div>")
            .unwrap()
            .presentation_ml
            .contains("-d\"><div class=\"dialog-title\">t</div></dialog>")
    );
    assert!(convert("<form id=\"f\"><div class=\"dialog-body\">t</div></form>").is_ok());
    assert_eq!(
        convert("<p/>").unwrap_err(),
        "The \"dialog\" element must have at least one child that is any of the following elements: [title,body]."
    );
    assert_eq!(
        convert("<div class=\"dialog-body\"/><p/>").unwrap_err(),
        "Element \"p\" is not allowed in \"dialog\""
    );
}

#[test]
fn actions() {
    becomes(
        "<ui-action side-by-side=\"TRUE\" stream-id=\"s\" action=\"open-im\"><button class=\"primary\">x</button></ui-action>",
        "<div class=\"ui-action\" data-action=\"open-im\" data-trigger=\"click\" data-stream-id=\"s\" data-side-by-side=\"TRUE\"><button class=\"primary\">x</button></div>",
    );
    becomes(
        &format!(
            "<dialog id=\"d\">{PARTS}</dialog> <div class=\"ui-action\" data-action=\"open-dialog\" data-target-id=\"d\"><button>x</button></div>"
        ),
        "<dialog data-width=\"medium\" data-state=\"close\" id=\"{ID:1}-d\" open=\"\"><div class=\"dialog-title\">t</div><div class=\"dialog-body\">b</div></dialog> <div class=\"ui-action\" data-action=\"open-dialog\" data-trigger=\"click\" data-target-id=\"{ID:1}-d\"><button>x</button></div>",
    );
    let with = |attributes: &str| format!("<ui-action {attributes}><button>x</button></ui-action>");
    refused(
        &with("action=\"open-im\" stream-id=\"s\" user-ids=\"[1]\""),
        "Only one between \"stream-id\" and \"user-ids\" is allowed",
    );
    refused(
        &with("action=\"open-im\" user-ids=\"null\""),
        "Attribute \"user-ids\" contains an unsupported format, should be an array of user ids",
    );
    refused(
        &with("action=\"open-dialog\" target-id=\"a b\""),
        "The attribute \"target-id\" is required and must not contain any whitespace",
    );
    refused(
        &with("action=\"open-im\" stream-id=\"s\" target-id=\"t\""),
        "ui-action with a target-id must have only one dialog sibling with a matching id",
    );
    refused(
        "<ui-action action=\"open-im\">x<button>x</button></ui-action>",
        "Element \"null\" is not allowed in \"ui-action\"",
    );
}
