//! Names that are alike, for the sake of helpful refusals.

/// The one of `known` most like `wanted`; none when even the best is unlike.
///
/// A name that differs in letter case alone is the nearest there can be.
pub(super) fn nearest<'a>(known: impl Iterator<Item = &'a str>, wanted: &str) -> Option<&'a str> {
    const ALIKE: f64 = 0.7;
    let wanted = wanted.to_lowercase();
    known
        .map(|name| (strsim::jaro_winkler(&name.to_lowercase(), &wanted), name))
        .filter(|(likeness, _)| *likeness >= ALIKE)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, name)| name)
}
