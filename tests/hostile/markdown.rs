//! Messages in Markdown by chance, with entities and tables beside them.

use serde_json::{Value, json};

use crate::chance::Chance;

const PIECES: [&str; 32] = [
    "*",
    "**",
    "_",
    "`",
    "```\n",
    "~~~",
    "\n",
    "  \n",
    "> ",
    "- ",
    "1. ",
    "   ",
    "\t",
    "[",
    "![",
    "]",
    "](",
    "](http://x.y)",
    "[x]: http://x.y\n",
    "(",
    ")",
    "<",
    ">",
    "<!--",
    "<?",
    "<http://x.y>",
    "&amp;",
    "\\",
    "\u{91}",
    "\u{92}",
    "a",
    "\u{2014}",
];

/// A draft for `/_mock/messageml`.
pub fn draft(chance: &mut Chance) -> Value {
    let one = *chance.of(&PIECES);
    let other = *chance.of(&PIECES);
    let message: String = match chance.below(20) {
        0 => (one.to_owned() + other).repeat(10_000),
        1 => one.repeat(10_000) + &other.repeat(10_000),
        _ => (0..chance.below(60)).map(|_| *chance.of(&PIECES)).collect(),
    };
    let beside: Vec<Value> = (0..chance.below(4))
        .map(|_| {
            let start = chance.below(40);
            json!({
                "type": chance.of(&["KEYWORD", "USER_FOLLOW", "URL", "x"]),
                "id": chance.of(&["#a", "7", "http://x.y", ""]),
                "indexStart": start, "indexEnd": start + chance.below(4),
                "index": start, "text": [["a", one], [other]],
            })
        })
        .collect();
    let name = chance.of(&["entities", "media"]);
    json!({ "format": "markdown", "message": message, *name: beside })
}
