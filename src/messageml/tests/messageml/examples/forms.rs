//! Forms, buttons, text inputs and choices.

use symphony_messageml::{ControlKind, Input, TextLimits, convert};

use crate::support::{
    OneUser, control_becomes as becomes, control_refused, converted, form, refused,
};

#[test]
fn forms() {
    crate::support::becomes(
        "<form multi-submit=\"no-reset\" id=\"i\"><button name=\"b\">B</button></form>",
        "<form id=\"i\" data-multi-submit=\"no-reset\"><button type=\"action\" name=\"b\">B</button></form>",
    );
    refused("<form id=\"i\"/>", "The form with id 'i' should have at least one action button");
    refused("<form/>", "The attribute \"id\" is required");
    refused("<form id=\"i\" class=\"c\"/>", "Attribute \"class\" is not allowed in \"form\"");
    refused(
        "<form id=\"i\" multi-submit=\"x\"><button name=\"b\">B</button></form>",
        "Attribute \"multi-submit\" of element \"form\" can only be one of the following values: [reset, no-reset].",
    );
    refused(
        &form(&form("")),
        "Element \"form\" cannot be an inner child of the following elements: [form]",
    );
    refused(
        &form("").repeat(2),
        "Elements must have unique ids. The following value is not unique: [f].",
    );
}

#[test]
fn forms_are_for_service_accounts() {
    let message = format!("<messageML>{}</messageML>", form(""));
    let input = Input { forms_allowed: false, ..Input::new(&message) };
    assert!(convert(&input, &OneUser).is_err());
    assert!(convert(&Input { message: "<messageML>x</messageML>", ..input }, &OneUser).is_ok());
}

#[test]
fn buttons() {
    becomes(
        "<button name=\"n\" type=\"cancel\" title=\"t\" formnovalidate=\"x\" icon=\"i\" class=\"secondary-destructive\">x</button>",
        "<button type=\"cancel\" class=\"secondary\" data-icon=\"i\" name=\"n\" data-title=\"t\" data-formnovalidate=\"x\">x</button>",
    );
    refused(
        "<button>x</button>",
        "Element \"button\" can only be a inner child of the following elements: [form, uiaction]",
    );
    control_refused(
        "<button type=\"Action\">x</button>",
        "Attribute \"type\" must be \"action\", \"reset\" or \"cancel\"",
    );
    control_refused(
        "<button name=\"n\"><b>x</b></button>",
        "Element \"b\" is not allowed in \"button\"",
    );
    control_refused(
        "<button data-title=\"x\">x</button>",
        "Attribute \"data-title\" is not allowed in \"button\"",
    );
}

#[test]
fn text_fields() {
    becomes(
        "<text-field auto-submit=\"true\" disabled=\"true\" label=\"L\" masked=\"false\" maxlength=\"9\" minlength=\"1\" name=\"n\" pattern=\"a\" pattern-error-message=\"e\" placeholder=\"p\" readonly=\"false\" required=\"true\" title=\"T\">v</text-field>",
        "<div class=\"textfield-group\" data-generated=\"true\"><label for=\"textfield-{ID:1}\">L</label><span class=\"info-hint\" data-target-id=\"textfield-{ID:1}\" data-title=\"T\"></span><input type=\"text\" name=\"n\" placeholder=\"p\" required=\"true\" data-masked=\"false\" minlength=\"1\" maxlength=\"9\" disabled=\"true\" readonly=\"false\" data-auto-submit=\"true\" value=\"v\" pattern=\"a\" data-pattern-error-message=\"e\" id=\"textfield-{ID:1}\"/></div>",
    );
    becomes(
        "<label for=\"x\">L</label><input type=\"text\" id=\"x\" name=\"n\" value=\"v\"/>",
        "<div class=\"textfield-group\" data-generated=\"true\"><label for=\"textfield-{ID:1}\">L</label><input type=\"text\" name=\"n\" value=\"v\" id=\"textfield-{ID:1}\"/></div>",
    );
    refused(
        "<text-field name=\"n\"/>",
        "Element \"text-field\" can only be a inner child of the following elements: [form]",
    );
    control_refused("<text-field/>", "The attribute \"name\" is required");
    control_refused(
        "<text-field name=\"n\" minlength=\"x\"/>",
        "The attribute \"minlength\" must be a valid number.",
    );
    control_refused(
        "<text-field name=\"n\" maxlength=\"129\"/>",
        "The attribute \"maxlength\" must be between 1 and 128",
    );
    control_refused(
        "<text-field name=\"n\" masked=\"x\"/>",
        "Attribute \"masked\" of element \"text-field\" can only be one of the following values: [true, false].",
    );
    control_refused(
        "<text-field name=\"n\"><b>x</b></text-field>",
        "Element \"b\" is not allowed in \"text-field\"",
    );
    control_refused(
        &format!("<text-field name=\"n\" label=\"{}\"/>", "x".repeat(257)),
        "The attribute label value is too long. Max length is: 256",
    );
    control_refused(
        &format!("<text-field name=\"n\">{}</text-field>", "x".repeat(129)),
        "The length of this text-field's initial value must be between 1 and 128",
    );
    control_refused(
        "<input type=\"text\" name=\"n\" pattern=\"a\"/>",
        "The attribute \"data-pattern-error-message\" is mandatory when attribute \"pattern\" is defined",
    );
    control_refused("<input name=\"n\"/>", "The input type \"\" is not allowed on PresentationML");
    control_refused(
        "<input type=\"file\" name=\"n\"/>",
        "The input type \"file\" is not allowed on PresentationML",
    );
    control_refused(
        "<label for=\"\">x</label>",
        "Invalid MessageML content at element \"for\": 'data-target-id' attribute missing or empty",
    );
    control_refused(
        "<label for=\"a\">x</label><label for=\"a\">y</label>",
        "Invalid MessageML content, multiple splittable elements with the same id created",
    );
}

#[test]
fn text_areas() {
    becomes(
        "<textarea name=\"n\" cols=\"1\" rows=\"2\" formnovalidate=\"true\" readonly=\"true\">a\nb</textarea>",
        "<textarea cols=\"1\" data-formnovalidate=\"true\" name=\"n\" readonly=\"true\" rows=\"2\">a\nb</textarea>",
    );
    becomes(
        "<richtextarea name=\"n\" disabled=\"true\" title=\"T\"/>",
        "<div class=\"richtextarea-group\" data-generated=\"true\"><span class=\"info-hint\" data-target-id=\"richtextarea-{ID:1}\" data-title=\"T\"></span><textarea disabled=\"true\" data-richtext=\"true\" name=\"n\" id=\"richtextarea-{ID:1}\"></textarea></div>",
    );
    control_refused(
        "<textarea name=\"n\" rows=\"-1\"/>",
        "Attribute \"rows\" is not valid, it must be an integer >= 0",
    );
    control_refused(
        "<textarea name=\"n\" formnovalidate=\"x\"/>",
        "Attribute \"data-formnovalidate\" of element \"textarea\" can only be one of the following values: [true, false].",
    );
    control_refused(
        "<textarea name=\"n\" masked=\"true\"/>",
        "Attribute \"masked\" is not allowed in \"textarea\"",
    );
}

#[test]
fn checkboxes_and_radio_buttons() {
    becomes(
        "<checkbox name=\"n\" label=\"unseen\"><i>x</i> y</checkbox>",
        "<div class=\"checkbox-group\"><input type=\"checkbox\" name=\"n\" value=\"on\" id=\"checkbox-group-{ID:1}\"/><label for=\"checkbox-group-{ID:1}\"><i>x</i> y</label></div>",
    );
    becomes(
        "<div class=\"radio-group\"><label>x</label><input type=\"radio\" name=\"n\" checked=\"TRUE\"/></div>",
        "<div class=\"radio-group\"><input type=\"radio\" name=\"n\" checked=\"TRUE\" value=\"on\" id=\"radio-group-{ID:1}\"/><label for=\"radio-group-{ID:1}\">x</label></div>",
    );
    becomes(
        "<input type=\"checkbox\" name=\"n\"/>",
        "<input type=\"checkbox\" name=\"n\" value=\"on\"/>",
    );
    control_refused(
        "<checkbox name=\"n\"><u/></checkbox>",
        "Invalid MessageML content at element \"u\"",
    );
    control_refused("<radio name=\"n\"><p/></radio>", "Element \"p\" is not allowed in \"radio\"");
    for group in [
        "",
        "<input type=\"checkbox\" name=\"n\"/>",
        "<label>x</label><label>y</label>",
        "<input type=\"checkbox\" name=\"n\"/><label/>",
    ] {
        control_refused(
            &format!("<div class=\"checkbox-group\">{group}</div>"),
            "Invalid PresentationML for the \"checkbox\" element",
        );
    }
    control_refused(
        "<input type=\"radio\" name=\"n\"/><label for=\"a\">x</label><label for=\"b\">y</label>",
        "Multiple tag label found for element input but only one is expected",
    );
    control_refused(
        &"<radio name=\"n\"/>".repeat(51),
        "Element \"form\" cannot have more than 50 children of the following elements: [checkbox, radio].",
    );
}

#[test]
fn drop_down_lists() {
    becomes(
        "<select name=\"n\" multiple=\"true\" min=\"1\" max=\"2\" auto-submit=\"true\" data-placeholder=\"p\" label=\"L\"> <option selected=\"true\" value=\"\">x</option></select>",
        "<div class=\"dropdown-group\" data-generated=\"true\"><label for=\"dropdown-{ID:1}\">L</label><select data-auto-submit=\"true\" data-placeholder=\"p\" data-max=\"2\" data-min=\"1\" multiple=\"true\" name=\"n\" id=\"dropdown-{ID:1}\"> <option selected=\"true\" value=\"\">x</option></select></div>",
    );
    control_refused(
        "<select name=\"n\"/>",
        "The \"select\" element must have at least one child that is any of the following elements: [option].",
    );
    control_refused(
        "<select name=\"n\">x</select>",
        "Element \"null\" is not allowed in \"select\"",
    );
    control_refused(
        "<select name=\"n\"><option>x</option></select>",
        "The attribute \"value\" is required",
    );
    control_refused(
        "<select name=\"n\"><option value=\"\"/></select>",
        "The \"option\" element must have at least one child that is any of the following elements: [text content].",
    );
    control_refused(
        "<option value=\"1\">x</option>",
        "Element \"option\" can only be a child of the following elements: [select]",
    );
    control_refused(
        "<select name=\"n\" max=\"1\"><option value=\"\">x</option></select>",
        "Attribute \"max\" is not allowed. Attribute \"multiple\" missing",
    );
}

#[test]
fn what_a_form_asks_for() {
    let controls = "<text-field name=\"t\" required=\"true\">x</text-field><checkbox name=\"c\" checked=\"true\">C</checkbox>\
                    <select name=\"s\"><option value=\"1\">a</option><option value=\"2\" selected=\"true\">b</option></select>\
                    <timezone-picker name=\"z\" disabled-timezone='[\"UTC\"]'/>";
    let message = converted(&format!("<messageML>{}</messageML>", form(controls))).expect("a form");
    let again = converted(&message.presentation_ml).expect("the same form");
    assert_eq!(again.forms, message.forms);
    let [form] = message.forms.as_slice() else { panic!("{:?}", message.forms) };
    assert_eq!(form.id, "f");
    let kinds: Vec<(&str, &ControlKind, bool, &[String])> = form
        .controls
        .iter()
        .map(|control| {
            (control.name.as_str(), &control.kind, control.required, control.initial.as_slice())
        })
        .collect();
    let text = |text: &str| vec![text.to_owned()];
    let limits = TextLimits { least: 1, most: 128, pattern: None, complaint: None };
    assert_eq!(
        kinds,
        [
            (
                "t",
                &ControlKind::TextField { masked: false, limits: limits.clone() },
                true,
                text("x").as_slice()
            ),
            ("c", &ControlKind::Checkbox { value: "on".to_owned() }, false, text("on").as_slice()),
            (
                "s",
                &ControlKind::Select {
                    options: vec!["1".to_owned(), "2".to_owned()],
                    multiple: false,
                    least: None,
                    most: None,
                },
                false,
                text("2").as_slice()
            ),
            ("z", &ControlKind::TimezonePicker { disabled: text("UTC") }, false, [].as_slice()),
            (
                "b",
                &ControlKind::Button { r#type: "action".to_owned(), validates: true },
                false,
                [].as_slice()
            ),
        ]
    );
}
