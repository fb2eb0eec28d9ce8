//! Emoji by shortcode.
//!
//! Symphony's shortcodes are JoyPixels' names. A shortcode that is not among them is no error: such a message shows
//! `:shortcode:`.

/// Shortcodes with their characters. `data/make-emoji` makes it of two versions of JoyPixels' own package.
const TABLE: &str = include_str!("../data/emoji.tsv");

/// The characters a shortcode stands for.
pub fn unicode(shortcode: &str) -> Option<&'static str> {
    super::table::find(TABLE, shortcode)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{TABLE, unicode};

    #[test]
    fn knows_names_tones_and_flags() {
        for (shortcode, characters) in [
            ("smiley", "😃"),
            ("slight_smile", "🙂"),
            ("thumbup", "👍"),
            ("surfer_tone3", "🏄🏽"),
            ("adult_dark_skin_tone", "🧑🏿"),
            ("flag_us", "🇺🇸"),
            ("beetle", "🐞"),
            ("+1", "👍"),
            ("piñata", "🪅"),
        ] {
            assert_eq!(unicode(shortcode), Some(characters), "{shortcode}");
        }
        for unknown in
            ["", "notfoundemoji", "_tone3", "smiley_tone3", "surfer_tone6", "octocat", "\u{fffd}"]
        {
            assert_eq!(unicode(unknown), None, "{unknown}");
        }
    }

    #[test]
    fn finds_every_line_of_its_table() {
        let mut before = "";
        for line in TABLE.lines() {
            let (shortcode, characters) = line.split_once('\t').unwrap();
            assert!(before < shortcode, "{before} {shortcode}");
            assert_eq!(unicode(shortcode), Some(characters));
            before = shortcode;
        }
    }

    /// The list of what the original knows is not part of the project: `SYMPHONY_EMOJI_SHORTCODES` names its file.
    #[test]
    fn the_table_is_the_one_of_the_original() {
        let Some(file) = std::env::var_os("SYMPHONY_EMOJI_SHORTCODES") else {
            eprintln!("SYMPHONY_EMOJI_SHORTCODES is not set: nothing to compare with");
            return;
        };
        let theirs = std::fs::read_to_string(file).unwrap();
        let theirs: BTreeMap<&str, String> = theirs
            .lines()
            .filter(|line| !line.starts_with('#'))
            .map(|line| {
                let (shortcode, points) = line.split_once('\t').unwrap();
                let points = points.split(' ').map(|point| u32::from_str_radix(point, 16).unwrap());
                (shortcode, points.map(|point| char::from_u32(point).unwrap()).collect())
            })
            .collect();
        let ours: BTreeMap<&str, String> = TABLE
            .lines()
            .filter_map(|line| line.split_once('\t'))
            .map(|(a, b)| (a, b.to_owned()))
            .collect();
        assert!(ours.len() > 5_000);
        assert_eq!(ours, theirs);
    }
}
