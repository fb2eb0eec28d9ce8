//! Emoji by shortcode.
//!
//! The shortcodes are those of the `emojis` crate (GitHub's), with `_tone1` to `_tone5` for the skin tones. Symphony
//! knows a larger set, JoyPixels'. A shortcode that is missing here is no error: such a message shows `:shortcode:`.

use std::cmp::Ordering;

/// A line for each shortcode, in their order as bytes: the shortcode, its characters and, where there are skin tones, the same in each of the
/// five.
///
/// The `emojis` crate knows names, groups and versions of 4,000 emoji, as structures full of pointers: 0.9 MB of a binary, half of which the
/// loader has to write to at each start. This is 60 KB of text that was made of it.
const TABLE: &str = include_str!("../data/emoji.tsv");

/// The characters a shortcode stands for.
pub(super) fn unicode(shortcode: &str) -> Option<&'static str> {
    if let Some(mut columns) = columns(shortcode) {
        return columns.next();
    }
    let (base, tone) = shortcode.rsplit_once("_tone")?;
    let tone = ["1", "2", "3", "4", "5"].iter().position(|one| *one == tone)?;
    columns(base)?.skip(1).nth(tone)
}

/// What the table has for a shortcode.
fn columns(shortcode: &str) -> Option<impl Iterator<Item = &'static str>> {
    let mut lines = TABLE;
    while !lines.is_empty() {
        let middle = lines.floor_char_boundary(lines.len() / 2);
        let start = lines[..middle].rfind('\n').map_or(0, |end| end + 1);
        let (line, after) = lines[start..].split_once('\n')?;
        let mut columns = line.split('\t');
        match shortcode.cmp(columns.next()?) {
            Ordering::Less => lines = &lines[..start],
            Ordering::Equal => return Some(columns),
            Ordering::Greater => lines = after,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;
    use std::path::Path;

    use super::{TABLE, unicode};

    #[test]
    fn the_table_is_what_the_crate_knows() {
        assert!(
            TABLE == table(),
            "data/emoji.tsv is not what the `emojis` crate says; `cargo test --lib write_the -- --ignored` makes it anew"
        );
    }

    #[test]
    #[ignore = "writes the file"]
    fn write_the_table() {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/emoji.tsv");
        std::fs::write(file, table()).unwrap();
    }

    fn table() -> String {
        let mut rows: Vec<(&str, &emojis::Emoji)> = emojis::iter()
            .flat_map(|emoji| emoji.shortcodes().map(move |code| (code, emoji)))
            .collect();
        rows.sort_unstable_by_key(|(shortcode, _)| *shortcode);
        let mut table = String::new();
        for (shortcode, emoji) in rows {
            write!(table, "{shortcode}\t{emoji}").unwrap();
            // The first of the skin tones is the default.
            for tone in emoji.skin_tones().into_iter().flatten().skip(1).take(5) {
                write!(table, "\t{tone}").unwrap();
            }
            table.push('\n');
        }
        table
    }

    #[test]
    fn knows_names_and_tones() {
        assert_eq!(unicode("smiley"), Some("😃"));
        assert_eq!(unicode("surfer_tone3"), Some("🏄🏽"));
        assert_eq!(unicode("notfoundemoji"), None);
        assert_eq!(unicode("_tone3"), None);
        assert_eq!(unicode("smiley_tone3"), None);
        assert_eq!(unicode("surfer_tone6"), None);
        assert_eq!(unicode(""), None);
    }

    #[test]
    fn finds_every_line_of_its_table() {
        let lines = TABLE.lines().map(|line| line.split('\t').collect::<Vec<_>>());
        for line in lines {
            assert_eq!(unicode(line[0]), Some(line[1]));
            if let Some(dark) = line.get(6) {
                assert_eq!(unicode(&format!("{}_tone5", line[0])), Some(*dark));
            }
        }
    }
}
