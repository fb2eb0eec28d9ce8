//! Names that are alike, for the sake of helpful refusals.

/// The longest text that is like any name, in bytes: every name of an operation, an account or a
/// field is shorter, and the comparison takes the product of both lengths.
const LONGEST: usize = 256;
/// How many names are looked at. Nobody waits longer for a hint.
const MOST: usize = 20_000;

/// How much two texts are alike, from 0 to 1.
pub fn likeness(known: &str, wanted: &str) -> f64 {
    if known.len() > LONGEST || wanted.len() > LONGEST {
        return 0.0;
    }
    strsim::jaro_winkler(known, wanted)
}

/// The one of `known` most like `wanted`; none when even the best is unlike.
///
/// A name that differs in letter case alone is the nearest there can be.
pub fn nearest<'a>(known: impl Iterator<Item = &'a str>, wanted: &str) -> Option<&'a str> {
    const ALIKE: f64 = 0.7;
    if wanted.len() > LONGEST {
        return None;
    }
    let wanted = wanted.to_lowercase();
    known
        .take(MOST)
        .map(|name| (likeness(&name.to_lowercase(), &wanted), name))
        .filter(|(likeness, _)| *likeness >= ALIKE)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, name)| name)
}
