//! Special variables: `.name`.

use super::ast::{Format, Special};
use super::lexer::Convention;
use super::names;

/// All names, sorted, with what they stand for.
const ALL: &[(&str, Special)] = &[
    ("args", Special::Args),
    ("autoEsc", Special::AutoEsc(false)),
    ("auto_esc", Special::AutoEsc(false)),
    ("callerTemplateName", Special::CallerTemplateName),
    ("caller_template_name", Special::CallerTemplateName),
    ("currentNode", Special::CurrentNode),
    ("currentTemplateName", Special::CurrentTemplateName),
    ("current_node", Special::CurrentNode),
    ("current_template_name", Special::CurrentTemplateName),
    ("dataModel", Special::DataModel),
    ("data_model", Special::DataModel),
    ("error", Special::Error),
    ("getOptionalTemplate", Special::GetOptionalTemplate),
    ("get_optional_template", Special::GetOptionalTemplate),
    ("globals", Special::Globals),
    ("incompatibleImprovements", Special::IncompatibleImprovements),
    ("incompatible_improvements", Special::IncompatibleImprovements),
    ("lang", Special::Lang),
    ("locale", Special::Locale),
    ("localeObject", Special::LocaleObject),
    ("locale_object", Special::LocaleObject),
    ("locals", Special::Locals),
    ("main", Special::Main),
    ("mainTemplateName", Special::MainTemplateName),
    ("main_template_name", Special::MainTemplateName),
    ("namespace", Special::Namespace),
    ("node", Special::CurrentNode),
    ("now", Special::Now),
    ("outputEncoding", Special::OutputEncoding),
    ("outputFormat", Special::OutputFormat(Format::Undefined)),
    ("output_encoding", Special::OutputEncoding),
    ("output_format", Special::OutputFormat(Format::Undefined)),
    ("pass", Special::Pass),
    ("templateName", Special::TemplateName),
    ("template_name", Special::TemplateName),
    ("timeZone", Special::TimeZone),
    ("time_zone", Special::TimeZone),
    ("urlEscapingCharset", Special::UrlEscapingCharset),
    ("url_escaping_charset", Special::UrlEscapingCharset),
    ("vars", Special::Vars),
    ("version", Special::Version),
];

pub(super) fn find(name: &str) -> Option<Special> {
    ALL.iter().find(|(known, _)| *known == name).map(|(_, special)| *special)
}

impl Special {
    /// The first of its names that is not in camel case.
    pub fn name(self) -> &'static str {
        let same = |other: &Self| std::mem::discriminant(other) == std::mem::discriminant(&self);
        ALL.iter()
            .filter(|(_, special)| same(special))
            .map(|(name, _)| *name)
            .find(|name| names::convention(name) != Some(Convention::CamelCase))
            .unwrap_or("now")
    }
}

/// FreeMarker's words for a name that is none.
pub(super) fn unknown(name: &str, convention: Option<Convention>) -> String {
    let hidden = match convention {
        Some(Convention::CamelCase) => Convention::Legacy,
        _ => Convention::CamelCase,
    };
    let shown: Vec<&str> = ALL
        .iter()
        .map(|(name, _)| *name)
        .filter(|name| names::convention(name) != Some(hidden))
        .collect();
    let meant = match name {
        "auto_escape" | "auto_escaping" | "autoesc" => " You may meant: \"auto_esc\".",
        "autoEscape" | "autoEscaping" => " You may meant: \"autoEsc\".",
        _ => "",
    };
    format!(
        "Unknown special variable name: {}.{meant}\nThe allowed special variable names are: {}",
        names::quoted(name),
        shown.join(", ")
    )
}
