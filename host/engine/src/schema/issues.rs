//! What is wrong with settings, in the form in which a page puts it next to the field.

use super::bounds::escape;
use super::{MAX_SETTINGS_BYTES, decimals};
use jsonschema::ValidationError;
use jsonschema::error::{TypeKind, ValidationErrorKind};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One thing that is wrong with settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettingsIssue {
    /// Where: a JSON pointer, empty for the whole.
    pub pointer: String,
    /// A stable word: `required`, `type`, `minimum`, `maximum`, `enum`, `const`, `decimal`, `format`,
    /// `min-items`, `max-items`, `min-length`, `max-length`, `min-properties`, `max-properties`,
    /// `unique-items`, `multiple-of`, `pattern`, `unknown-field`, `choice`, `not-allowed`,
    /// `too-large`, `not-json`, `other`.
    pub code: String,
    /// Names and values for a message in the reader's language: `limit`, `expected`, `field`, ….
    pub args: Vec<(String, String)>,
    /// The same in English.
    pub message: String,
}

impl SettingsIssue {
    pub(super) fn too_large(bytes: usize) -> Self {
        issue(
            String::new(),
            "too-large",
            &[("limit", MAX_SETTINGS_BYTES.to_string())],
            format!("the settings have {bytes} bytes, at most {MAX_SETTINGS_BYTES} are allowed"),
        )
    }

    pub(super) fn not_json(error: &serde_json::Error) -> Self {
        let message = format!("the settings are not JSON: {error}");
        issue(String::new(), "not-json", &[("detail", error.to_string())], message)
    }
}

fn issue(pointer: String, code: &str, args: &[(&str, String)], message: String) -> SettingsIssue {
    let args = args.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    SettingsIssue { pointer, code: code.to_owned(), args, message }
}

/// Adds what a validation error means; where several fields are meant, one issue for each.
pub(super) fn collect(error: &ValidationError<'_>, issues: &mut Vec<SettingsIssue>) {
    let at = error.instance_path().to_string();
    match error.kind() {
        ValidationErrorKind::Required { property } => {
            let field = property.as_str().unwrap_or_default().to_owned();
            let pointer = format!("{at}/{}", escape(&field));
            issues.push(issue(pointer, "required", &[("field", field)], "this must be filled in".into()));
        }
        ValidationErrorKind::AdditionalProperties { unexpected }
        | ValidationErrorKind::UnevaluatedProperties { unexpected } => {
            for field in unexpected {
                let pointer = format!("{at}/{}", escape(field));
                let message = "the plugin knows no such setting; leave it out".into();
                issues.push(issue(pointer, "unknown-field", &[("field", field.clone())], message));
            }
        }
        ValidationErrorKind::Custom { keyword, message: limit } => {
            issues.push(bound_issue(at, keyword, limit))
        }
        ValidationErrorKind::Format { format } if format == "decimal" => {
            let text = error.instance().as_str().unwrap_or_default();
            let detail = decimals::parse(text).err().unwrap_or_default();
            let message = format!("this is no decimal number: {detail}");
            issues.push(issue(at, "decimal", &[("detail", detail)], message));
        }
        kind => issues.push(plain_issue(at, kind)),
    }
}

fn bound_issue(at: String, keyword: &str, limit: &str) -> SettingsIssue {
    let args = [("limit", limit.to_owned())];
    match keyword {
        "x-minimum" => issue(at, "minimum", &args, format!("this must be at least {limit}")),
        "x-maximum" => issue(at, "maximum", &args, format!("this must be at most {limit}")),
        other => issue(at, "other", &args, format!("`{other}` does not hold")),
    }
}

/// Those kinds that concern one place and carry at most one limit.
fn plain_issue(at: String, kind: &ValidationErrorKind) -> SettingsIssue {
    use ValidationErrorKind as K;
    let limited = |code: &str, limit: &dyn ToString, words: &str| {
        let limit = limit.to_string();
        (code.to_owned(), vec![("limit", limit.clone())], words.replace("{}", &limit))
    };
    let (code, args, message) = match kind {
        K::Type { kind } => {
            let expected = type_names(kind);
            let message = format!("this must be of type {expected}");
            ("type".to_owned(), vec![("expected", expected)], message)
        }
        K::Enum { options } => {
            let allowed = list(options);
            let message = format!("this must be one of {allowed}");
            ("enum".to_owned(), vec![("allowed", allowed)], message)
        }
        K::Constant { expected_value } => {
            let expected = expected_value.to_string();
            let message = format!("this must be {expected}");
            ("const".to_owned(), vec![("expected", expected)], message)
        }
        K::Minimum { limit } => limited("minimum", limit, "this must be at least {}"),
        K::ExclusiveMinimum { limit } => limited("minimum", limit, "this must be more than {}"),
        K::Maximum { limit } => limited("maximum", limit, "this must be at most {}"),
        K::ExclusiveMaximum { limit } => limited("maximum", limit, "this must be less than {}"),
        K::MinItems { limit } => limited("min-items", limit, "at least {} entries are needed"),
        K::MaxItems { limit } => limited("max-items", limit, "at most {} entries are allowed"),
        K::MinLength { limit } => limited("min-length", limit, "at least {} characters are needed"),
        K::MaxLength { limit } => limited("max-length", limit, "at most {} characters are allowed"),
        K::MinProperties { limit } => limited("min-properties", limit, "at least {} entries are needed"),
        K::MaxProperties { limit } => limited("max-properties", limit, "at most {} entries are allowed"),
        K::MultipleOf { multiple_of } => limited("multiple-of", multiple_of, "this must be a multiple of {}"),
        K::UniqueItems => ("unique-items".to_owned(), vec![], "no entry may occur twice".to_owned()),
        K::Pattern { pattern } => {
            ("pattern".to_owned(), vec![("pattern", pattern.clone())], format!("this must match {pattern}"))
        }
        K::Format { format } => {
            ("format".to_owned(), vec![("format", format.clone())], format!("this must be a {format}"))
        }
        K::AnyOf { .. } | K::OneOfNotValid { .. } | K::OneOfMultipleValid { .. } => {
            ("choice".to_owned(), vec![], "this fits none, or more than one, of the allowed forms".to_owned())
        }
        K::FalseSchema | K::Not { .. } => {
            ("not-allowed".to_owned(), vec![], "this is not allowed".to_owned())
        }
        other => {
            let keyword = other.keyword().to_owned();
            let message = format!("the schema's `{keyword}` does not hold");
            ("other".to_owned(), vec![("keyword", keyword)], message)
        }
    };
    issue(at, &code, &args, message)
}

fn type_names(kind: &TypeKind) -> String {
    match kind {
        TypeKind::Single(one) => one.to_string(),
        TypeKind::Multiple(several) => {
            several.iter().map(|one| one.to_string()).collect::<Vec<_>>().join(" or ")
        }
    }
}

fn list(options: &Value) -> String {
    let shown = |value: &Value| value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
    match options.as_array() {
        Some(options) => options.iter().map(shown).collect::<Vec<_>>().join(", "),
        None => shown(options),
    }
}
