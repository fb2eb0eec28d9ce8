//! Selectors and pickers.

use crate::support::{control_becomes as becomes, control_refused};

#[test]
fn selectors_of_people_and_rooms() {
    becomes(
        "<person-selector name=\"n\" value='[\"1\", 2.5, null, \"\"] rest' formnovalidate=\"true\"/>",
        "<div class=\"person-selector\" data-name=\"n\" data-value=\"[&quot;1&quot;, 2.5, null, &quot;&quot;] rest\" data-formnovalidate=\"true\"></div>",
    );
    becomes(
        "<span class=\"info-hint\" data-target-id=\"x\" data-title=\"T\"/><div class=\"room-selector\" data-name=\"n\" id=\"x\"/>",
        "<div class=\"room-selector-group\" data-generated=\"true\"><span class=\"info-hint\" data-target-id=\"room-selector-{ID:1}\" data-title=\"T\"></span><div class=\"room-selector\" data-name=\"n\" id=\"room-selector-{ID:1}\"></div></div>",
    );
    for value in ["[true]", "[[1]]", "[99999999999999999999]", "{}", "1", ""] {
        control_refused(
            &format!("<person-selector name=\"n\" value=\"{value}\"/>"),
            "Attribute \"value\" contains an unsupported format, should be an array of user ids",
        );
    }
    control_refused(
        "<room-selector name=\"n\" value=\"[[]]\"/>",
        "Attribute \"value\" contains an unsupported format, should be an array of room ids",
    );
    control_refused("<div class=\"person-selector\"/>", "The attribute \"name\" is required");
    control_refused(
        "<div class=\"person-selector x\" data-name=\"n\"/>",
        "Attribute \"class\" is not allowed in \"person-selector\"",
    );
    control_refused(
        "<person-selector name=\"n\" id=\"i\"/>",
        "Attribute \"id\" is not allowed in \"person-selector\"",
    );
    control_refused(
        "<date-selector name=\"n\" label=\"L\"/>",
        "Attribute \"label\" is not allowed in \"date-selector\"",
    );
}

#[test]
fn date_pickers() {
    becomes(
        "<date-picker name=\"n\" disabled-date='[ {\"to\":\"2020-01-02\",\"from\":\"2020-01-01\"} , {\"daysOfWeek\":[0]}]'>ignored</date-picker>",
        "<input type=\"date\" name=\"n\" data-disabled-date='[{\"type\":\"range\",\"from\":\"2020-01-01\",\"to\":\"2020-01-02\"},{\"type\":\"weekdays\",\"daysOfWeek\":[0]}]'></input>",
    );
    becomes(
        "<input type=\"date\" name=\"n\" data-disabled-date=\"[x]\" data-format=\"anything\"/>",
        "<input type=\"date\" name=\"n\" data-disabled-date=\"[x]\" data-format=\"anything\"></input>",
    );
    let refused = |attributes: &str, wanted: &str| {
        control_refused(&format!("<date-picker name=\"n\" {attributes}/>"), wanted);
    };
    refused("value=\"2021-02-29\"", "Attribute \"value\" has invalid date format");
    refused("max=\"1.1.2020\"", "Attribute \"max\" has invalid date format");
    refused("format=\"MMMMMM\"", "Attribute \"format\" contains an invalid date format");
    refused("format=\"d'd\"", "Attribute \"format\" contains an invalid date format");
    refused(
        "title=\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"",
        "The attribute \"title\" length is bigger than maximum allowed [64]",
    );
    refused("disabled-date='[{}]'", "Date interval 'type' is unknown or null");
    refused("disabled-date='[{\"daysOfWeek\":[7]}]'", "'daysOfWeek' out of range [0-6]");
    refused("highlighted-date='[{\"day\":\"x\"}]'", "\"x\" is not a valid date in ISO_8601 format");
    refused(
        &format!("disabled-date='{}'", " ".repeat(1025)),
        "Attribute \"disabled-date\" exceed maximum allowed length (1024)",
    );
    refused("data-format=\"d\"", "Attribute \"data-format\" is not allowed in \"date-picker\"");
}

#[test]
fn time_pickers() {
    becomes(
        "<time-picker name=\"n\" value=\"24:00:00\" disabled-time='[{\"time\":\"08:00:00\"}]' readonly=\"true\"/>",
        "<input type=\"time\" name=\"n\" value=\"24:00:00\" data-disabled-time='[{\"type\":\"time\",\"time\":\"08:00:00\"}]' readonly=\"true\"/>",
    );
    becomes(
        "<input type=\"time\" name=\"n\" data-strict=\"x\"/>",
        "<input type=\"time\" name=\"n\" data-strict=\"x\"/>",
    );
    let refused = |attributes: &str, wanted: &str| {
        control_refused(&format!("<time-picker name=\"n\" {attributes}/>"), wanted);
    };
    refused(
        "step=\"599\"",
        "Attribute \"step\" must be less than \"43200\" and more than \"600\".",
    );
    refused("step=\"1.5\"", "Attribute \"step\" should be a number.");
    refused("format=\"hhh\"", "Attribute \"format\" contains an invalid time format");
    refused(
        "value=\"8:00:00\"",
        "Attribute \"value\" has invalid time format, only HH:mm:ss format is allowed",
    );
    refused("disabled-time='[{\"from\":\"08:00:00\"}]'", "Time interval 'type' is unknown or null");
    refused(
        "strict=\"x\"",
        "Attribute \"strict\" of element \"time-picker\" can only be one of the following values: [true, false].",
    );
}

#[test]
fn timezone_pickers() {
    becomes(
        "<timezone-picker name=\"n\" value=\"+02:00\" disabled-timezone='[ \"UTC\", \"GMT+1\" ]'/>",
        "<div class=\"timezone-picker\" data-name=\"n\" data-value=\"+02:00\" data-disabled-timezone='[\"UTC\",\"GMT+1\"]'></div>",
    );
    becomes(
        "<div class=\"timezone-picker\" data-name=\"n\" data-value=\"unchecked\" data-required=\"x\"/>",
        "<div class=\"timezone-picker\" data-name=\"n\" data-value=\"unchecked\" data-required=\"x\"></div>",
    );
    control_refused(
        "<timezone-picker name=\"n\" disabled-timezone='[\"Mars\"]'/>",
        "Attribute \"disabled-timezone\" contains an invalid timezone: Mars",
    );
    control_refused(
        "<div class=\"timezone-picker\" name=\"n\"/>",
        "The attribute \"data-name\" is required",
    );
}
