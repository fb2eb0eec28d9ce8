//! Cards.

use crate::support::{becomes, converted, refused};

#[test]
fn cards() {
    becomes(
        "<card accent=\"blue\" class=\"a\" iconSrc=\"i\" style=\"color:red\">x<header>h</header><body>b</body></card>",
        "<div class=\"card a\" data-icon-src=\"i\" data-accent-color=\"blue\">x<div class=\"cardHeader\">h</div><div class=\"cardBody\">b</div></div>",
    );
    becomes(
        "<div class=\"a card b\" data-icon-src=\"i\"><div class=\"cardHeader\"/></div>",
        "<div class=\"card a b\" data-icon-src=\"i\"><div class=\"cardHeader\"></div></div>",
    );
    refused(
        "<header>x</header>",
        "Element \"header\" can only be a child of the following elements: [card]",
    );
    refused(
        "<div class=\"cardBody\"/>",
        "Element \"body\" can only be a child of the following elements: [card]",
    );
    refused(
        "<card><p><body/></p></card>",
        "Element \"body\" can only be a child of the following elements: [card]",
    );
    refused("<card title=\"x\"/>", "Attribute \"title\" is not allowed in \"card\"");
}

#[test]
fn expandable_cards() {
    becomes(
        "<expandable-card state=\"Cropped\"><header>h</header><body variant=\"error\">b</body></expandable-card>",
        "<div class=\"expandable-card\" data-state=\"Cropped\"><div class=\"expandableCardHeader\">h</div><div class=\"expandableCardBody\" data-variant=\"error\">b</div></div>",
    );
    refused("<expandable-card/>", "The attribute \"state\" is required");
    refused(
        "<expandable-card state=\"open\"/>",
        "Attribute \"state\" of element \"expandable-card\" can only be one of the following values: [collapsed, \
         cropped, expanded].",
    );
    refused(
        "<expandable-card state=\"cropped\"><body variant=\"x\"/></expandable-card>",
        "Attribute \"variant\" of element \"body\" can only be one of the following values: [default, error].",
    );
    refused(
        "<div class=\"expandableCardHeader\"/>",
        "Element \"header\" can only be a child of the following elements: [expandablecard]",
    );
    let message = converted("<messageML><expandable-card state=\"cropped\"><body>b</body></expandable-card></messageML>").unwrap();
    assert_eq!(message.markdown, "b\n\n");
}

#[test]
fn attributes_of_cards_need_the_class_of_a_card() {
    refused(
        "<div class=\"a\" data-accent-color=\"b\"/>",
        "The attribute \"data-accent-color\" is only allowed if the element class is \"card\".",
    );
    refused(
        "<div data-state=\"b\"/>",
        "The attribute \"data-state\" is only allowed if the element class is \"expandable-card\".",
    );
    refused(
        "<div data-variant=\"b\"/>",
        "The attribute \"data-variant\" is only allowed if the element class is \"expandableCardBody\".",
    );
}
