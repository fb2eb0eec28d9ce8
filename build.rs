//! Writes the table of emoji that MessageML looks shortcodes up in.
//!
//! The `emojis` crate knows names, groups and versions of 4,000 emoji, as structures full of pointers: 0.9 MB of a binary, half of which
//! the loader has to write to at each start. A shortcode, its characters and their skin tones are 60 KB of text.

use std::error::Error;
use std::fmt::Write;
use std::path::Path;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    let mut rows: Vec<(&str, &emojis::Emoji)> = emojis::iter()
        .flat_map(|emoji| emoji.shortcodes().map(move |code| (code, emoji)))
        .collect();
    rows.sort_unstable_by_key(|(shortcode, _)| *shortcode);
    let mut table = String::new();
    for (shortcode, emoji) in rows {
        // The first of the skin tones is the default.
        let tones = emoji.skin_tones().into_iter().flatten().skip(1);
        write!(table, "{shortcode}\t{emoji}")?;
        tones.take(5).try_for_each(|tone| write!(table, "\t{tone}"))?;
        table.push('\n');
    }
    let folder = std::env::var_os("OUT_DIR").ok_or("cargo names no OUT_DIR")?;
    std::fs::write(Path::new(&folder).join("emoji.tsv"), table)?;
    Ok(())
}
