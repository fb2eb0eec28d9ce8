//! Settings that a template can change with `<#setting name=value>`.

use super::lexer::Convention;
use super::names;

/// In FreeMarker's order, snake case and camel case side by side.
const NAMES: &[(&str, &str)] = &[
    ("booleanFormat", "boolean_format"),
    ("boolean_format", "boolean_format"),
    ("classicCompatible", "classic_compatible"),
    ("classic_compatible", "classic_compatible"),
    ("dateFormat", "date_format"),
    ("date_format", "date_format"),
    ("datetimeFormat", "datetime_format"),
    ("datetime_format", "datetime_format"),
    ("locale", "locale"),
    ("numberFormat", "number_format"),
    ("number_format", "number_format"),
    ("outputEncoding", "output_encoding"),
    ("output_encoding", "output_encoding"),
    ("sqlDateAndTimeTimeZone", "sql_date_and_time_time_zone"),
    ("sql_date_and_time_time_zone", "sql_date_and_time_time_zone"),
    ("timeFormat", "time_format"),
    ("timeZone", "time_zone"),
    ("time_format", "time_format"),
    ("time_zone", "time_zone"),
    ("urlEscapingCharset", "url_escaping_charset"),
    ("url_escaping_charset", "url_escaping_charset"),
];

/// Settings of FreeMarker that no template can change.
const OTHERS: &[&str] = &[
    "api_builtin_enabled",
    "arithmetic_engine",
    "auto_escaping",
    "auto_flush",
    "auto_import",
    "auto_include",
    "cache_storage",
    "custom_date_formats",
    "custom_number_formats",
    "default_encoding",
    "fallback_on_null_loop_variable",
    "incompatible_improvements",
    "interpolation_syntax",
    "lazy_auto_imports",
    "lazy_imports",
    "localized_lookup",
    "log_template_exceptions",
    "naming_convention",
    "new_builtin_class_resolver",
    "object_wrapper",
    "output_format",
    "recognize_standard_file_extensions",
    "registered_custom_output_formats",
    "show_error_tips",
    "strict_syntax",
    "strict_bean_models",
    "tab_size",
    "tag_syntax",
    "template_configurations",
    "template_exception_handler",
    "template_loader",
    "template_lookup_strategy",
    "template_name_format",
    "template_update_delay",
    "truncate_builtin_algorithm",
    "whitespace_stripping",
    "wrap_unchecked_exceptions",
    "attempt_exception_reporter",
];

pub(super) fn find(name: &str) -> Option<&'static str> {
    NAMES.iter().find(|(known, _)| *known == name).map(|(_, snake)| *snake)
}

/// FreeMarker's words for a name that is none.
pub(super) fn unknown(name: &str, convention: Option<Convention>) -> String {
    if OTHERS.contains(&name) {
        return "The setting name is recognized, but changing this setting from inside a template isn't supported."
            .to_owned();
    }
    let hidden = match convention {
        Some(Convention::CamelCase) => Convention::Legacy,
        _ => Convention::CamelCase,
    };
    let shown: Vec<&str> = NAMES
        .iter()
        .map(|(name, _)| *name)
        .filter(|name| names::convention(name) != Some(hidden))
        .collect();
    format!(
        "Unknown setting name: {}. The allowed setting names are: {}",
        names::quoted(name),
        shown.join(", ")
    )
}
