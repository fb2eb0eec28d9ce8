//! Text and structure: paragraphs, lists, tables, links, code.

use super::check::{self, Checked, Text};
use super::directory::Directory;
use super::tree::{Detail, Element, Flavour, Kind};
use super::{Invalid, java};

/// The one sound there is.
pub(super) const CHIME: &str = "https://asset.symphony.com/symphony/audio/chime.mp3";

const LANGUAGES: &[&str] = &[
    "plaintext",
    "c",
    "cpp",
    "csharp",
    "css",
    "html",
    "java",
    "js",
    "jsx",
    "php",
    "python",
    "r",
    "typescript",
    "tsx",
    "markdown",
    "json",
    "scala",
    "shell",
    "yaml",
];

pub(super) fn validate(this: Checked<'_>, directory: &dyn Directory) -> Result<(), Invalid> {
    match this.element().kind {
        Kind::Bold | Kind::Italic | Kind::Heading(_) | Kind::Preformatted => this.phrasing(),
        Kind::Code => {
            for name in ["language", "data-language"] {
                if this.get(name).is_some_and(|language| !language.is_empty()) {
                    this.one_of(name, LANGUAGES)?;
                }
            }
            this.children(Text::Allowed, |child| {
                child.kind.is_phrasing() || child.kind == Kind::Preformatted
            })
        }
        Kind::LineBreak | Kind::Rule => this.no_content(),
        Kind::Image => {
            this.no_content()?;
            // An empty source is a source.
            this.present("src")
        }
        Kind::Link => validate_link(this, directory),
        Kind::BulletList | Kind::OrderedList => {
            this.only(&[Kind::ListItem])?;
            this.contains(&[Kind::ListItem])
        }
        Kind::ListItem => this.child_of(&[Kind::OrderedList, Kind::BulletList]),
        Kind::Table => this.only(&[Kind::TableHead, Kind::TableBody, Kind::TableFoot, Kind::Row]),
        Kind::TableHead | Kind::TableBody | Kind::TableFoot => this.only(&[Kind::Row]),
        Kind::Row => this.only(&[Kind::HeaderCell, Kind::Cell]),
        Kind::Chime => this.no_content(),
        Kind::Div | Kind::Span => validate_plain(this),
        _ => Ok(()),
    }
}

/// The root, after everything in it is known to be right.
///
/// # Errors
///
/// For attributes, and for a chime that is not alone.
pub(super) fn validate_root(this: Checked<'_>) -> Result<(), Invalid> {
    let element = this.element();
    match element.flavour {
        Flavour::MessageMl => this.no_attributes()?,
        Flavour::PresentationMl => {
            let format = this.get("data-format").unwrap_or_default();
            if !format.eq_ignore_ascii_case("PresentationML") || version(element).is_none() {
                return Err(Invalid::new(
                    "Malformed PresentationML. The attributes \"data-format\" and \"data-version\" are required.",
                ));
            }
        }
    }
    let chime = this.tree.child_elements(this.id).any(|(_, child)| child.kind == Kind::Chime);
    if chime && this.tree.children(this.id).count() > 1 {
        return Err(Invalid::new("Chime messages may not have any other content"));
    }
    Ok(())
}

/// The version of the root element.
pub(super) fn version<'e>(root: &'e Element<'e>) -> Option<&'e str> {
    match &root.detail {
        Detail::Document(document) => document.version.as_deref(),
        _ => None,
    }
}

fn validate_link(this: Checked<'_>, directory: &dyn Directory) -> Result<(), Invalid> {
    let Some(href) = this.get("href") else {
        return Err(check::required("href"));
    };
    validate_address(href, directory)
}

/// Where a link may lead.
pub(super) fn validate_address(href: &str, directory: &dyn Directory) -> Result<(), Invalid> {
    if java::is_blank(href) {
        return Err(Invalid::new("The attribute \"href\" cannot be empty"));
    }
    let Ok(Some(scheme)) = java::uri::scheme(href) else {
        return Err(Invalid::new("The attribute \"href\" must contain an absolute URI"));
    };
    if !directory.allows_scheme(scheme) {
        return Err(Invalid::new(format!("URI scheme \"{scheme}\" is not supported by the pod.")));
    }
    Ok(())
}

/// A `<div>` or `<span>`: attributes that belong to one class only.
fn validate_plain(this: Checked<'_>) -> Result<(), Invalid> {
    const OF_CLASS: &[(&str, &str)] = &[
        ("data-icon-src", "card"),
        ("data-accent-color", "card"),
        ("data-state", "expandable-card"),
        ("data-variant", "expandableCardBody"),
    ];
    let class = this.get("class").unwrap_or_default();
    let is_entity = class == "entity";
    match this.get("data-entity-id") {
        Some(_) if !is_entity => return Err(only_if_class("data-entity-id", "entity")),
        None if is_entity => {
            return Err(Invalid::new(
                "The attribute \"data-entity-id\" is required if the element class is \"entity\".",
            ));
        }
        _ => {}
    }
    let first = class.split(' ').next().unwrap_or_default();
    for (name, wanted) in OF_CLASS {
        if this.get(name).is_some() && first != *wanted {
            return Err(only_if_class(name, wanted));
        }
    }
    Ok(())
}

fn only_if_class(name: &str, class: &str) -> Invalid {
    Invalid::new(format!(
        "The attribute \"{name}\" is only allowed if the element class is \"{class}\"."
    ))
}
