//! The `style` attribute: which CSS properties a message may set. Their values are not looked at.

use std::collections::HashSet;

use super::Invalid;
use super::java;

/// Checks the properties of a style.
///
/// # Errors
///
/// For a declaration without a colon, and for properties that are not on the list.
pub(super) fn check(style: &str) -> Result<(), Invalid> {
    let mut unknown: Vec<&str> = Vec::new();
    let mut seen = HashSet::new();
    for declaration in declarations(style) {
        if java::is_blank(declaration) {
            continue;
        }
        let Some((property, _)) = declaration.split_once(':') else {
            return Err(Invalid::new(format!("Unparseable \"style\" attribute: {style}")));
        };
        let property = property.trim_matches(|c| c <= ' ');
        if PROPERTIES.binary_search(&property).is_err() && seen.insert(property) {
            unknown.push(property);
        }
    }
    if unknown.is_empty() {
        return Ok(());
    }
    in_hash_order(&mut unknown);
    Err(Invalid::new(format!(
        "Invalid property(s): [{}] in the \"style\" attribute",
        unknown.join(",")
    )))
}

/// Sorts distinct strings as a Java `HashSet` iterates over them: by bucket, then by insertion.
fn in_hash_order(names: &mut [&str]) {
    let mut buckets: usize = 16;
    while names.len() * 4 > buckets * 3 {
        buckets *= 2;
    }
    names.sort_by_cached_key(|name| {
        let hash = name
            .encode_utf16()
            .fold(0_u32, |hash, unit| hash.wrapping_mul(31).wrapping_add(u32::from(unit)));
        (hash ^ (hash >> 16)) as usize & (buckets - 1)
    });
}

/// Splits at semicolons, except at those inside a `data:…;base64,` URI.
fn declarations(style: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(style);
    std::iter::from_fn(move || {
        let text = rest?;
        let end = text.match_indices(';').find(|(at, _)| !text[at + 1..].starts_with("base64,"));
        match end {
            Some((at, _)) => {
                rest = Some(&text[at + 1..]);
                Some(&text[..at])
            }
            None => {
                rest = None;
                Some(text)
            }
        }
    })
}

/// Sorted, for the search.
const PROPERTIES: &[&str] = &[
    "align-content",
    "align-items",
    "align-self",
    "background",
    "background-attachment",
    "background-blend-mode",
    "background-clip",
    "background-color",
    "background-image",
    "background-position",
    "background-repeat",
    "background-size",
    "border",
    "border-bottom",
    "border-bottom-color",
    "border-bottom-left-radius",
    "border-bottom-right-radius",
    "border-bottom-style",
    "border-bottom-width",
    "border-collapse",
    "border-color",
    "border-image",
    "border-image-outset",
    "border-image-repeat",
    "border-image-slice",
    "border-image-source",
    "border-image-width",
    "border-left",
    "border-left-color",
    "border-left-style",
    "border-left-width",
    "border-radius",
    "border-right",
    "border-right-color",
    "border-right-style",
    "border-right-width",
    "border-spacing",
    "border-style",
    "border-top",
    "border-top-color",
    "border-top-left-radius",
    "border-top-right-radius",
    "border-top-style",
    "border-top-width",
    "border-width",
    "box-shadow",
    "box-sizing",
    "caption-side",
    "clear",
    "color",
    "content",
    "counter-increment",
    "counter-reset",
    "display",
    "empty-cells",
    "flex",
    "flex-basis",
    "flex-direction",
    "flex-flow",
    "flex-grow",
    "flex-shrink",
    "flex-wrap",
    "font",
    "font-family",
    "font-kerning",
    "font-size",
    "font-size-adjust",
    "font-stretch",
    "font-style",
    "font-variant",
    "font-weight",
    "gap",
    "grid",
    "grid-area",
    "grid-auto-columns",
    "grid-auto-flow",
    "grid-auto-rows",
    "grid-column",
    "grid-column-end",
    "grid-column-gap",
    "grid-column-start",
    "grid-gap",
    "grid-row",
    "grid-row-end",
    "grid-row-gap",
    "grid-row-start",
    "grid-template",
    "grid-template-areas",
    "grid-template-columns",
    "grid-template-rows",
    "height",
    "justify-content",
    "justify-items",
    "justify-self",
    "letter-spacing",
    "line-height",
    "list-style",
    "list-style-image",
    "list-style-position",
    "list-style-type",
    "margin",
    "margin-bottom",
    "margin-left",
    "margin-right",
    "margin-top",
    "max-height",
    "max-width",
    "min-height",
    "min-width",
    "opacity",
    "outline",
    "outline-color",
    "outline-offset",
    "outline-style",
    "outline-width",
    "overflow",
    "overflow-x",
    "overflow-y",
    "padding",
    "padding-bottom",
    "padding-left",
    "padding-right",
    "padding-top",
    "place-content",
    "place-items",
    "place-self",
    "table-layout",
    "text-align",
    "text-align-last",
    "text-decoration",
    "text-decoration-color",
    "text-decoration-line",
    "text-decoration-style",
    "text-indent",
    "text-justify",
    "text-overflow",
    "text-shadow",
    "text-transform",
    "visibility",
    "white-space",
    "width",
    "word-break",
    "word-spacing",
    "word-wrap",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn properties_are_sorted() {
        assert!(PROPERTIES.is_sorted());
        assert_eq!(PROPERTIES.len(), 144);
    }

    #[test]
    fn semicolons_of_data_uris_do_not_end_a_declaration() {
        assert!(check("background-image: url(data:image/png;base64,AAAA); color: red;").is_ok());
    }
}
