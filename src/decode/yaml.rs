//! YAML by serde-saphyr, and its errors in the words of those who write it.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_path_to_error::Track;
use serde_saphyr::budget::BudgetBreach;
use serde_saphyr::options::DuplicateKeyPolicy;
use serde_saphyr::{Error as YamlError, MessageFormatter, Options, UserMessageFormatter};

use super::skips::Skips;
use super::strict::Strict;
use super::{Error, Place};

/// How deep lists and mappings may lie in one another. Without optimisation a level takes 27 kB of
/// the stack, and a test's thread has 2 MB.
const DEEPEST: usize = 32;

/// How many nodes aliases may stand for in all. Ten lists of ten aliases each of the list before
/// would be ten thousand million.
const MOST_COPIES: usize = 100_000;

/// How many bytes texts may have in all, those that aliases stand for counted every time.
const MOST_BYTES: usize = 16 << 20;

fn options() -> Options {
    serde_saphyr::options! {
        // The document is in memory already: what needs a limit is what it can be multiplied with.
        budget: serde_saphyr::budget! {
            max_depth: DEEPEST,
            max_events: usize::MAX,
            max_nodes: usize::MAX,
            max_merge_keys: MOST_COPIES,
            max_aliases: MOST_COPIES,
            max_total_scalar_bytes: MOST_BYTES,
            // Many users may have the defaults of one anchor.
            enforce_alias_anchor_ratio: false,
        },
        alias_limits: serde_saphyr::alias_limits! { max_total_replayed_events: MOST_COPIES },
        // A scalar is what the core schema of YAML 1.2 says; what people may have meant otherwise
        // (`no`, `007`, `1_000`) is the text as written.
        strict_booleans: true,
        leading_zero_numbers_as_strings: true,
        underscored_numbers_as_strings: true,
        with_snippet: false,
    }
}

/// Reads one document without what is passed over. One in which there is nothing is an empty mapping.
pub fn read<T: DeserializeOwned>(text: &str, skips: &Skips) -> Result<T, Error> {
    let mut track = Track::new();
    let mut options = options();
    if skips.passes_over_repeated_keys() {
        options.duplicate_keys = DuplicateKeyPolicy::FirstWins;
    }
    let read = serde_saphyr::with_deserializer_from_str_with_options(text, options, |reader| {
        let reader = Strict::yaml(reader).passing_over(skips);
        let reader = serde_path_to_error::Deserializer::new(reader, &mut track);
        Option::<T>::deserialize(reader)
    });
    match read {
        Ok(Some(read)) => Ok(read),
        Ok(None) => super::value(serde_json::Map::new().into()),
        Err(error) => {
            let place = error
                .location()
                .map(|at| Place { line: count(at.line()), column: count(at.column()) });
            let original = original(&error);
            let unread =
                matches!(original, YamlError::ExternalMessage { .. }) || is_too_deep(original);
            Err(Error::new(what(original), skips.steps(&track.path()), place, unread))
        }
    }
}

/// The error itself, where one is told of an alias that leads to it.
fn original(mut error: &YamlError) -> &YamlError {
    while let YamlError::AliasError { error: inner, .. } = error {
        error = inner;
    }
    error
}

fn is_too_deep(error: &YamlError) -> bool {
    matches!(error, YamlError::Budget { breach: BudgetBreach::Depth { .. }, .. })
}

/// What is wrong, as serde says it of JSON.
fn what(error: &YamlError) -> String {
    let names = |names: &[&str]| {
        let quoted = names.iter().map(|name| format!("`{name}`"));
        quoted.collect::<Vec<_>>().join(", ")
    };
    match error {
        YamlError::Unexpected { expected: "mapping start", .. } => "expected an object".into(),
        YamlError::Unexpected { expected: "sequence start", .. } => "expected a list".into(),
        YamlError::Unexpected { expected: "string scalar", .. } => "expected a string".into(),
        YamlError::NullIntoString { .. } => "invalid type: null, expected a string".into(),
        YamlError::InvalidScalar { .. } => "the value is not what its tag says".into(),
        YamlError::SerdeUnknownField { field, expected, .. } => {
            format!("unknown field `{field}`, expected one of {}", names(expected))
        }
        YamlError::SerdeUnknownVariant { variant, expected, .. } => {
            format!("unknown variant `{variant}`, expected one of {}", names(expected))
        }
        YamlError::DuplicateMappingKey { key: Some(key), .. } => {
            format!("the key {key:?} is here twice")
        }
        YamlError::MultipleDocuments { .. } => "a second document begins, and one is read".into(),
        YamlError::RecursiveReferencesRequireWeakTypes { .. } => {
            "the alias stands for something that it is part of".into()
        }
        YamlError::AliasReplayLimitExceeded { .. } => "aliases stand for too much".into(),
        error if is_too_deep(error) => "too deep: recursion limit exceeded".into(),
        other => UserMessageFormatter.format_message(other).into_owned(),
    }
}

fn count(n: u64) -> usize {
    usize::try_from(n).unwrap_or(usize::MAX)
}
