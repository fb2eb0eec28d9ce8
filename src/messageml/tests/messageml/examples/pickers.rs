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

/// What does not fit is named, with the way to it.
#[test]
fn intervals_that_are_no_intervals() {
    const DATE: &str = "org.finos.symphony.messageml.messagemlutils.util.pojo.DateInterval";
    for (dates, what, column, chain) in [
        (
            "2020-01-01",
            "Unexpected character ('-' (code 45)): Expected space separating root-level values".to_owned(),
            6,
            String::new(),
        ),
        ("", "No content to map due to end-of-input".to_owned(), 0, String::new()),
        (
            "[\"x\"]",
            format!(
                "Cannot construct instance of `{DATE}` (although at least one Creator exists): no String-argument \
                 constructor/factory method to deserialize from String value ('x')"
            ),
            2,
            "[0]".to_owned(),
        ),
        (
            "[{\"day\":\"2020-01-01\"},{\"daysOfWeek\":[1,true]}]",
            "Cannot deserialize value of type `java.lang.Integer` from Boolean value (token `JsonToken.VALUE_TRUE`)"
                .to_owned(),
            40,
            format!("[1]->{DATE}[\"daysOfWeek\"]->java.lang.Object[][1]"),
        ),
        (
            "[{day: 1}]",
            "Unexpected character ('d' (code 100)): was expecting double-quote to start field name".to_owned(),
            4,
            "[0]".to_owned(),
        ),
        (
            "[{\"day\":[1]}]",
            "Cannot deserialize value of type `java.lang.String` from Array value (token `JsonToken.START_ARRAY`)"
                .to_owned(),
            9,
            format!("[0]->{DATE}[\"day\"]"),
        ),
    ] {
        let chain = match chain.as_str() {
            "" => chain,
            chain => format!(" (through reference chain: java.lang.Object[]{chain})"),
        };
        control_refused(
            &format!("<date-picker name=\"d\" disabled-date='{dates}'/>"),
            &format!(
                "Error parsing json in attribute \"disabled-date\": {what}\n at [Source: (String)\"{dates}\"; line: 1, \
                 column: {column}]{chain}"
            ),
        );
    }
}
