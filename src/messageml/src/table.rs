//! Tables in the data of this crate: a line for each name, in their order as bytes, with a tab and what the name means.

use std::cmp::Ordering;

/// What a name means by a table.
pub(super) fn find(table: &'static str, name: &str) -> Option<&'static str> {
    let mut lines = table;
    while !lines.is_empty() {
        let middle = lines.floor_char_boundary(lines.len() / 2);
        let start = lines[..middle].rfind('\n').map_or(0, |end| end + 1);
        let (line, after) = lines[start..].split_once('\n')?;
        let (known, meaning) = line.split_once('\t')?;
        match name.cmp(known) {
            Ordering::Less => lines = &lines[..start],
            Ordering::Equal => return Some(meaning),
            Ordering::Greater => lines = after,
        }
    }
    None
}
