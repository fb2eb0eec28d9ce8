//! Strings counted in UTF-16 units, as Java counts them.

/// The length in units.
pub(super) fn length(text: &str) -> usize {
    super::super::java::length(text)
}

/// The text from one unit up to another; `None` if it has not that many. Half a pair becomes U+FFFD.
pub(super) fn slice(text: &str, start: usize, end: usize) -> Option<String> {
    if start > end {
        return None;
    }
    if text.is_ascii() {
        return text.get(start..end).map(str::to_owned);
    }
    let units: Vec<u16> = text.encode_utf16().collect();
    units.get(start..end).map(String::from_utf16_lossy)
}

/// The offset in bytes of a unit, or the end of the text.
pub(super) fn offset(text: &str, unit: usize) -> usize {
    let mut units = 0;
    for (offset, character) in text.char_indices() {
        if units >= unit {
            return offset;
        }
        units += character.len_utf16();
    }
    text.len()
}
