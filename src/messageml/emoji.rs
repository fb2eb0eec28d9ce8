//! Emoji by shortcode.
//!
//! The shortcodes are those of the `emojis` crate (GitHub's), with `_tone1` to `_tone5` for the skin tones. Symphony
//! knows a larger set, JoyPixels'. A shortcode that is missing here is no error: such a message shows `:shortcode:`.

use emojis::SkinTone;

/// The characters a shortcode stands for.
pub(super) fn unicode(shortcode: &str) -> Option<String> {
    if let Some(emoji) = emojis::get_by_shortcode(shortcode) {
        return Some(emoji.as_str().to_owned());
    }
    let (base, tone) = shortcode.rsplit_once("_tone")?;
    let tone = match tone {
        "1" => SkinTone::Light,
        "2" => SkinTone::MediumLight,
        "3" => SkinTone::Medium,
        "4" => SkinTone::MediumDark,
        "5" => SkinTone::Dark,
        _ => return None,
    };
    let emoji = emojis::get_by_shortcode(base)?.with_skin_tone(tone)?;
    Some(emoji.as_str().to_owned())
}

#[cfg(test)]
mod tests {
    use super::unicode;

    #[test]
    fn knows_names_and_tones() {
        assert_eq!(unicode("smiley").as_deref(), Some("😃"));
        assert_eq!(unicode("surfer_tone3").as_deref(), Some("🏄🏽"));
        assert_eq!(unicode("notfoundemoji"), None);
        assert_eq!(unicode("_tone3"), None);
    }
}
