//! Reads JSON and YAML into types, with errors that tell the place.
//!
//! JSON is read by serde_json, YAML by serde-saphyr. Around either are [`Strict`], which narrows the
//! forms that a value may have, and serde_path_to_error, which tells the path of a mistake.

mod erased;
mod error;
mod place;
mod skips;
mod strict;
mod tree;
mod yaml;

pub use error::Error;
pub use place::Place;
pub use skips::{Skips, Step};

use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer, Error as _, IgnoredAny};
use serde_json::Value;
use strict::Strict;
use tree::Tree;

/// Reads JSON.
///
/// # Errors
///
/// Invalid JSON has serde_json's line and column; a value of the wrong type has its path.
pub fn json<T: DeserializeOwned>(json: &[u8]) -> Result<T, Error> {
    let mut reader = serde_json::Deserializer::from_slice(json);
    let read = tracked(Strict::json(&mut reader), &Skips::default())?;
    reader.end().map_err(|error| Error::of_json(Vec::new(), &error))?;
    Ok(read)
}

/// Reads a type from a `serde_json::Value`.
///
/// # Errors
///
/// A value of the wrong type has its path.
pub fn value<T: DeserializeOwned>(value: Value) -> Result<T, Error> {
    tracked(Strict::json(value), &Skips::default())
}

/// Reads YAML, or JSON, which is YAML too, and more where it has characters that YAML does not let
/// through, as if parts of it were not there. An empty document is an empty mapping.
///
/// # Errors
///
/// All have line and column.
pub fn document<T: DeserializeOwned>(text: &str, skips: &Skips) -> Result<T, Error> {
    // A quarter of the time. What is wrong with it is told by the reader of YAML, which lets more
    // through: a number where a text is wanted, for one.
    if may_be_plain_json(text)
        && let Ok(read) = json_document(text, skips)
    {
        return Ok(read);
    }
    yaml::read(text, skips).or_else(|error| match error.is_unread() && is_json(text) {
        true => json_document(text, skips),
        false => Err(error),
    })
}

/// What could be read of a document.
pub struct Partial<T> {
    /// Nothing where a mistake is of the whole: what is no YAML, for one, cannot be passed over.
    pub read: Option<T>,
    /// In the order of the document. Empty where it was read whole.
    pub mistakes: Vec<Error>,
    /// What was passed over because of them.
    pub skips: Skips,
}

/// After how many mistakes a document is given up.
const MOST_MISTAKES: usize = 100;

/// How much is read in search of mistakes, in bytes: a large document is given up after fewer of them, for
/// it is read again after each.
const MOST_READ: usize = 2 << 20;

/// Reads a document in spite of mistakes, and tells all of them: it is read again without what was
/// wrong until nothing is.
pub fn partial<T: DeserializeOwned>(text: &str) -> Partial<T> {
    let (mut mistakes, mut skips) = (Vec::new(), Skips::default());
    let most = (MOST_READ / text.len().max(1)).clamp(2, MOST_MISTAKES);
    while mistakes.len() < most {
        let error = match document(text, &skips) {
            Ok(read) => return Partial { read: Some(read), mistakes, skips },
            Err(error) => error,
        };
        let goes_on = if error.is_repeated_key() {
            skips.pass_over_repeated_keys()
        } else {
            !error.is_unread() && !error.steps().is_empty() && skips.add(error.steps())
        };
        // A field that was wrong is not missing.
        let missing = error.missing_field();
        if !missing.is_some_and(|field| skips.covers(error.steps(), field)) {
            mistakes.push(error);
        }
        if !goes_on {
            break;
        }
    }
    Partial { read: None, mistakes, skips }
}

/// By way of a tree, which has a reader for every type anyway.
fn json_document<T: DeserializeOwned>(text: &str, skips: &Skips) -> Result<T, Error> {
    let Tree(tree) = serde_json::from_str(text).map_err(|error| {
        let place = Place { line: error.line(), column: error.column() };
        Error::of_json(Vec::new(), &error).at(Some(place))
    })?;
    tracked(Strict::json(tree), skips).map_err(|error| {
        let place = Place::in_json(text, error.steps());
        error.at(place)
    })
}

/// Whether it begins as JSON does, and no key of it is an instruction to a reader of YAML.
fn may_be_plain_json(text: &str) -> bool {
    text.trim_start().starts_with(['{', '[']) && !text.contains("\"<<\"")
}

fn is_json(text: &str) -> bool {
    text.trim_start().starts_with(['{', '[']) && serde_json::from_str::<IgnoredAny>(text).is_ok()
}

fn tracked<'de, T, D>(reader: Strict<'_, D>, skips: &Skips) -> Result<T, Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de, Error = serde_json::Error>,
{
    serde_path_to_error::deserialize(reader.passing_over(skips))
        .map_err(|error| Error::of_json(skips.steps(error.path()), error.inner()))
}

/// Two types that are read from the same object, each its fields.
///
/// `#[serde(flatten)]` would do the same, by way of a copy of serde's own in which the path of a
/// mistake is lost.
pub struct Both<A, B>(pub A, pub B);

impl<'de, A: DeserializeOwned, B: DeserializeOwned> Deserialize<'de> for Both<A, B> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let object = Value::deserialize(deserializer)?;
        let both = || Ok(Self(value(object.clone())?, value(object)?));
        both().map_err(|error: Error| D::Error::custom(error))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;
    use serde::Deserialize;
    use serde_json::json;

    use super::*;

    #[derive(Debug, Default, PartialEq, Deserialize)]
    #[serde(default, deny_unknown_fields)]
    struct Thing {
        text: String,
        number: i16,
        ratio: f64,
        switch: bool,
        maybe: Option<String>,
        kind: Kind,
        things: Vec<Thing>,
        named: BTreeMap<String, Thing>,
        any: Value,
    }

    #[derive(Debug, Default, PartialEq, Deserialize)]
    #[serde(rename_all = "UPPERCASE")]
    enum Kind {
        #[default]
        Small,
        Large,
    }

    fn yaml<T: DeserializeOwned>(text: &str) -> Result<T, Error> {
        document(text, &Skips::default())
    }

    fn tree(text: &str) -> Value {
        yaml(text).unwrap_or_else(|error| panic!("{}", error.shown(text)))
    }

    fn refused(text: &str) -> String {
        yaml::<Value>(text).unwrap_err().shown(text)
    }

    #[test]
    fn yaml_and_json_make_the_same_of_a_type() {
        let one = yaml::<Thing>(
            "text: 007\nnumber: -3\nratio: 2\nswitch: yes\nmaybe: ~\nkind: LARGE\nthings: [{text: \
             1.10}]\nnamed: {true: {number: 0x10}}\nany: {a: [1, 2.5, null, no, \"1\"]}\n",
        );
        let other = json::<Thing>(
            br#"{"text": "007", "number": -3, "ratio": 2, "switch": true, "maybe": null,
                "kind": "LARGE", "things": [{"text": "1.10"}], "named": {"true": {"number": 16}},
                "any": {"a": [1, 2.5, null, "no", "1"]}}"#,
        );
        assert_eq!(one.unwrap(), other.unwrap());
    }

    #[test]
    fn json_has_to_be_of_the_right_type() {
        for (bad, expected) in [
            (json!({ "text": 7 }), "text: invalid type: integer `7`, expected a string"),
            (json!({ "text": null }), "text: invalid type: null, expected a string"),
            (
                json!({ "number": "7" }),
                "number: invalid type: string \"7\", expected a whole number",
            ),
            (
                json!({ "number": 1.5 }),
                "number: invalid type: floating point `1.5`, expected a whole number",
            ),
            (
                json!({ "number": 70_000 }),
                "number: invalid value: integer `70000`, expected a whole number",
            ),
            (
                json!({ "switch": "true" }),
                "switch: invalid type: string \"true\", expected a boolean",
            ),
            (json!({ "things": {} }), "things: invalid type: object, expected a list"),
            (json!({ "things": [{}, []] }), "things[1]: invalid type: list, expected an object"),
            (json!({ "kind": "BIG" }), "kind: unknown variant `BIG`, expected `SMALL` or `LARGE`"),
            (json!({ "kind": { "LARGE": null } }), "kind: invalid type: object, expected a string"),
            (
                json!({ "named": { "a": { "b": 1 } } }),
                "named.a.b: unknown field `b`, expected one of",
            ),
        ] {
            let error = value::<Thing>(bad.clone()).unwrap_err().to_string();
            assert!(error.starts_with(expected), "{bad}: {error}");
            let error = json::<Thing>(bad.to_string().as_bytes()).unwrap_err().to_string();
            assert!(error.starts_with(expected), "{bad}: {error}");
        }
        let error = json::<Thing>(b"{\"text\": \"a\",\n \"text\": \"b\"}").unwrap_err();
        assert!(error.to_string().contains("duplicate field `text`"), "{error}");
        let error = json::<Thing>(b"{\"text\":\n x}").unwrap_err();
        assert!(error.to_string().contains("line 2 column 2"), "{error}");
    }

    #[test]
    fn yaml_has_to_be_of_the_right_type() {
        for (bad, expected) in [
            (
                "number: \"7\"",
                "line 1 column 1: number: invalid type: string \"7\", expected a whole number",
            ),
            (
                "number: 007",
                "line 1 column 1: number: invalid type: string \"007\", expected a whole",
            ),
            ("number: 1_000", "line 1 column 1: number: invalid type: string \"1_000\", expected"),
            ("ratio: .inf", "line 1 column 8: ratio: value `.inf` is not a finite number"),
            ("any: 1e999", "line 1 column 6: any: value `1e999` is not a finite number"),
            (
                "switch: \"true\"",
                "line 1 column 1: switch: invalid type: string \"true\", expected a bool",
            ),
            ("switch: 1", "line 1 column 1: switch: invalid type: integer `1`, expected a boolean"),
            ("kind: {LARGE: 1}", "line 1 column 7: kind: expected a string"),
            (
                "kind: BIG",
                "line 1 column 1: kind: unknown variant `BIG`, expected one of `SMALL`, `",
            ),
            ("things:\n- {}\n- []", "line 3 column 3: things[1]: expected an object"),
            ("things:", "line 1 column 7: things: expected a list"),
            ("text: ~", "line 1 column 7: text: invalid type: null, expected a string"),
            ("text: {}", "line 1 column 7: text: expected a string"),
            ("- a", "line 1 column 1: expected an object"),
            ("&a {things: [*b]}", "line 1 column 14: things: reference to unknown value"),
        ] {
            let error = yaml::<Thing>(bad).unwrap_err().shown(bad);
            assert!(error.starts_with(expected), "{bad:?}: {error}");
        }
    }

    #[test]
    fn what_is_wrong_is_shown_in_its_line() {
        let text = "text: a\nthings:\n  - text: b\n  - named:\n      c: {nmae: d}\n";
        let error = yaml::<Thing>(text).unwrap_err().shown(text);
        let (first, shown) = error.split_once('\n').unwrap();
        assert!(
            first.starts_with("line 5 column 11: things[1].named.c.nmae: unknown field `nmae`"),
            "{first}"
        );
        assert_eq!(
            shown,
            "    3 |   - text: b\n    4 |   - named:\n    5 |       c: {nmae: d}\n      |           ^"
        );
        let text = format!("text: {{a: \"{}\", \u{1}}}", "x".repeat(500));
        let error = yaml::<Thing>(&text).unwrap_err().shown(&text);
        let (source, mark) = error.lines().skip(1).fold(("", ""), |(_, last), it| (last, it));
        assert!(source.len() < 120 && mark.ends_with('^') && mark.len() <= source.len(), "{error}");
    }

    #[test]
    fn yaml_has_what_people_use_of_it() {
        assert_eq!(
            tree("- &a {x: 1, y: 2}\n- <<: *a\n  y: 3\n- {<<: [*a, {z: 4, x: 5}], w: 6}\n- *a\n"),
            json!([
                { "x": 1, "y": 2 },
                { "y": 3, "x": 1 },
                { "w": 6, "x": 1, "y": 2, "z": 4 },
                { "x": 1, "y": 2 },
            ])
        );
        assert_eq!(tree("{\"<<\": 1}"), json!({ "<<": 1 }));
        assert_eq!(
            tree("[!!str 5, !!int \"5\", !thing 5, !thing [5], ! 5, !!null ~]"),
            json!(["5", 5, 5, [5], "5", null])
        );
        assert_eq!(tree("--- \na: b\n...\n"), json!({ "a": "b" }));
        assert_eq!(tree("\u{feff}a: b\n"), json!({ "a": "b" }));
        assert_eq!(tree("a: |\n  x\n  y\nb: >-\n  x\n  y\n"), json!({ "a": "x\ny\n", "b": "x y" }));
        assert_eq!(tree("a:\nb: ''\n"), json!({ "a": null, "b": "" }));
        for nothing in ["", "\n", "# nothing\n", "---\n", "---\n# nothing\n"] {
            assert_eq!(tree(nothing), json!({}), "{nothing:?}");
        }
        assert_eq!(tree("5: a\n1.0: b\n"), json!({ "5": "a", "1.0": "b" }));
    }

    #[test]
    fn what_yaml_refuses_is_read_where_it_is_json() {
        let text = "{\"a\": \"\u{7f}\u{feff}\\ud83d\\ude00\\/\"}";
        assert_eq!(tree(text), json!({ "a": "\u{7f}\u{feff}😀/" }));
        assert_eq!(tree("{\"\\ud83d\\ude00\": \"\\ud83d\\ude00\"}"), json!({ "😀": "😀" }));
        let long = "k".repeat(5_000);
        assert_eq!(tree(&format!("{{\"{long}\" : 1}}")), json!({ long: 1 }));
        assert_eq!(tree("{\n\t\"a\": [1,\n\t\t2]}"), json!({ "a": [1, 2] }));
        for (bad, expected) in [
            (
                "{\"text\": \"\u{7f}\",\n \"text\": \"\"}",
                "line 2 column 7: the key \"text\" is here twice",
            ),
            (
                "{\"any\": \"é\u{7f}\", \"a\" : 1}",
                "line 1 column 15: a: unknown field `a`, expected one of",
            ),
            (
                "\n{\"text\": \"\u{7f}\", \"things\": [{}, {\"named\": {\n  \"\\\\\\\"\": {\"number\": \"1\"}}}]}",
                "line 3 column 12: things[1].named.\\\".number: invalid type: string",
            ),
            (
                "{\"text\": \"\u{7f}\", \"things\": [{},\n  7]}",
                "line 2 column 3: things[1]: invalid type: integer `7`, expected an object",
            ),
        ] {
            let error = yaml::<Thing>(bad).unwrap_err().shown(bad);
            assert!(error.starts_with(expected), "{bad}: {error}");
        }
    }

    #[test]
    fn all_mistakes_are_told_in_their_order() {
        let text = "text: {}
things:
  - { nmuber: 1, number: one, ratio: 2 }
  - seven
  - { ratio: yes, text: kept }
  - { named: { a: { switch: perhaps }, b: { text: c } } }
text: again
kind: BIG
";
        let found = partial::<Thing>(text);
        let told: Vec<_> = found.mistakes.iter().map(|error| error.shown(text)).collect();
        let first: Vec<_> = told.iter().map(|told| told.lines().next().unwrap()).collect();
        for (told, expected) in first.iter().zip([
            "line 1 column 7: text: expected a string",
            "line 3 column 7: things[0].nmuber: unknown field `nmuber`",
            "line 3 column 18: things[0].number: invalid type: string \"one\", expected a whole",
            "line 4 column 5: things[1]: expected an object",
            "line 5 column 7: things[2].ratio: invalid type: string \"yes\", expected a number",
            "line 6 column 21: things[3].named.a.switch: invalid type: string \"perhaps\"",
            "line 7 column 1: the key \"text\" is here twice",
            "line 8 column 1: kind: unknown variant `BIG`",
        ]) {
            assert!(told.starts_with(expected), "{told:?} is not {expected:?}");
        }
        assert_eq!(first.len(), 8, "{first:#?}");
        // The rest is read as if they were not there.
        let read = found.read.unwrap();
        assert_eq!(read.things.len(), 3);
        assert!(read.things[0].ratio == 2.0 && read.things[1].text == "kept");
        assert_eq!(read.things[2].named["b"].text, "c");
        assert_eq!(found.skips.at_key("things").unwrap().place(1), 2);
        assert_eq!(found.skips.at_key("things").unwrap().place(0), 0);

        let json = serde_json::to_string(&json!({
            "any": "\u{7f}", "number": "x", "things": [{ "text": 1 }, 2, { "ratio": "3" }],
        }));
        let found = partial::<Thing>(&json.unwrap());
        let told: Vec<_> = found.mistakes.iter().map(ToString::to_string).collect();
        let paths: Vec<_> = told.iter().map(|told| told.split(':').next().unwrap()).collect();
        assert_eq!(paths, ["number", "things[0].text", "things[1]", "things[2].ratio"]);
        assert_eq!(found.read.unwrap().things.len(), 2);
    }

    #[test]
    fn what_is_no_document_ends_the_reading_after_what_was_found() {
        let found = partial::<Thing>("number: x\nswitch: perhaps\nthings: [\n");
        let told: Vec<_> = found.mistakes.iter().map(ToString::to_string).collect();
        assert!(found.read.is_none() && told.len() == 3, "{told:?}");
        let found = partial::<Thing>("- a");
        assert!(found.read.is_none() && found.mistakes.len() == 1);
        let many = "x: 1\n".replace('x', "things: [") + &"7, ".repeat(1_000) + "]";
        assert!(partial::<Thing>(&many).mistakes.len() <= MOST_MISTAKES);
        let many = format!("things: [{}]", "7, ".repeat(1_000));
        assert_eq!(partial::<Thing>(&many).mistakes.len(), MOST_MISTAKES);
        let large = format!("things: [{}]", "7, ".repeat(MOST_READ / 10 / 3));
        assert_eq!(partial::<Thing>(&large).mistakes.len(), 9);
    }

    #[test]
    fn a_field_that_was_wrong_is_not_missing() {
        #[derive(Debug, Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Named {
            #[serde(rename = "name")]
            _name: String,
        }
        let told = |text: &str| -> Vec<String> {
            partial::<Vec<Named>>(text).mistakes.iter().map(ToString::to_string).collect()
        };
        let wrong = told("- name: {}\n- name: a\n- {}\n- nmae: b\n");
        assert_eq!(wrong.len(), 4, "{wrong:?}");
        assert!(wrong[0].starts_with("[0].name: ") && wrong[1].starts_with("[2]: missing field"));
        assert!(wrong[2].starts_with("[3].nmae: ") && wrong[3].starts_with("[3]: missing field"));
    }

    #[test]
    fn bad_yaml_is_refused_where_it_is_bad() {
        for (bad, expected) in [
            ("a: 1\nb: 2\na: 3\n", "line 3 column 1: the key \"a\" is here twice"),
            ("a: 1\n---\nb: 1\n", "line 3 column 1: a second document begins"),
            ("- a\n- *b\n", "line 2 column 3: "),
            (
                "a: &a [*a]\n",
                "line 1 column 8: a: the alias stands for something that it is part of",
            ),
            ("[a]: b\n", "line 1 column 1: expected a string"),
            ("~: b\n", "line 1 column 1: invalid type: null, expected a string"),
            ("a: b\n<<: c\n", "line 2 column 5: YAML merge value must be mapping"),
            ("a: !!int b\n", "line 1 column "),
            ("a: [b\nc: d\n", "line "),
            ("a:\n\t- b\n", "line 2 column "),
            ("a: \u{1}\n", "line 1 column "),
        ] {
            let error = refused(bad);
            assert!(error.starts_with(expected), "{bad:?}: {error}");
        }
        let mut laughs = "- &a0 [x, x]\n".to_owned();
        for n in 1..40 {
            laughs.push_str(&format!("- &a{n} [*a{0}, *a{0}]\n", n - 1));
        }
        assert!(refused(&laughs).contains("aliases stand for too much"));
        let long = format!("- &a {}\n{}", "x".repeat(100_000), "- *a\n".repeat(1_000));
        assert!(refused(&long).starts_with("line "), "{}", refused(&long));
    }

    #[test]
    fn no_depth_overflows_the_stack() {
        for deep in ["[", "{\"a\":", "- ", "a: [", "? ", "[{a: "] {
            let text = deep.repeat(100_000);
            assert!(refused(&text).len() < 1_000, "{deep}");
            assert!(json::<Value>(text.as_bytes()).is_err(), "{deep}");
        }
        let fits = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        let nested = |depth: usize| "- ".repeat(depth - 1) + "[]";
        assert!(yaml::<Value>(&nested(32)).is_ok());
        assert!(refused(&nested(33)).contains("too deep"));
        // As JSON it is read as deep as serde_json goes.
        assert!(yaml::<Value>(&fits(127)).is_ok() && json::<Value>(fits(127).as_bytes()).is_ok());
        assert!(refused(&fits(128)).contains("recursion limit exceeded"));
        assert!(json::<Value>(fits(128).as_bytes()).is_err());
    }

    fn any_value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            any::<String>().prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 32, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::hash_map(any::<String>(), inner, 0..4)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    /// Pieces of YAML, so that random documents are often nearly valid.
    fn nearly_yaml() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            "[-?:,\\[\\]{}#&*!|>'\"%@`~.<>= \n\t]{1,3}",
            "[a-z0-9]{1,3}",
            prop::sample::select(
                &[
                    "\n  ", "\n- ", ": ", "? ", "&a ", "*a", "<<: ", "---\n", "...\n", "!!int ",
                    "%TAG ! ", "\"\\u", "|2-\n", ">+\n ", "\u{feff}", "\r", "\u{85}", "é"
                ][..]
            )
            .prop_map(str::to_owned),
        ];
        prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn no_text_is_too_bad_to_be_refused(text in nearly_yaml()) {
            match yaml::<Value>(&text) {
                Ok(_) => {}
                Err(error) => prop_assert!(error.shown(&text).starts_with("line "), "{}", error),
            }
        }

        #[test]
        fn a_tree_of_json_is_read_as_it_is(tree in any_value()) {
            prop_assert_eq!(&value::<Value>(tree.clone()).unwrap(), &tree);
            prop_assert_eq!(&json::<Value>(tree.to_string().as_bytes()).unwrap(), &tree);
        }
    }
}
