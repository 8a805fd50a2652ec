//! The settings of a plugin: its JSON Schema, which is hostile input too, and settings held against it.
//!
//! Decimals are strings with `format: decimal`, bounded by `x-minimum` and `x-maximum`, since JSON
//! numbers pass through floats.

mod bounds;
mod decimals;
mod issues;

pub use bounds::{MAX_DEPTH, MAX_NODES, MAX_PATTERN_BYTES, MAX_SCHEMA_BYTES};
pub use issues::SettingsIssue;

use jsonschema::{Draft, PatternOptions, Validator};
use serde_json::Value;

/// The longest settings that are taken, in bytes.
pub const MAX_SETTINGS_BYTES: usize = 256 * 1024;
/// The most issues that one check lists.
const MAX_ISSUES: usize = 100;

/// Why a schema cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SchemaError {
    /// Longer than [`MAX_SCHEMA_BYTES`].
    #[error(
        "it has {0} bytes, at most {MAX_SCHEMA_BYTES} are allowed; shorten descriptions or split the plugin"
    )]
    TooLarge(usize),
    /// Not JSON.
    #[error("it is not JSON: {0}")]
    NotJson(String),
    /// Not the schema of an object.
    #[error("its top must be an object schema with `\"type\": \"object\"`")]
    NotAnObject,
    /// Nested deeper than [`MAX_DEPTH`].
    #[error("at `{0}` it is nested deeper than {MAX_DEPTH} levels; make it flatter")]
    TooDeep(String),
    /// More than [`MAX_NODES`] values, counted with every `$ref` followed.
    #[error("with its references followed it has more than {MAX_NODES} parts; make it smaller")]
    TooManyParts,
    /// A pattern longer than [`MAX_PATTERN_BYTES`].
    #[error("the pattern at `{0}` is longer than {MAX_PATTERN_BYTES} bytes; shorten it")]
    PatternTooLong(String),
    /// A `$ref` that leaves the schema or does not name a definition.
    #[error(
        "`$ref` to `{target}` at `{pointer}` is refused; refer only to `#/$defs/NAME` of the schema itself"
    )]
    ForeignRef {
        /// Where.
        pointer: String,
        /// What it refers to.
        target: String,
    },
    /// A `$ref` to a definition that is not there.
    #[error("`$ref` to `{target}` at `{pointer}` leads nowhere; add the definition")]
    MissingRef {
        /// Where.
        pointer: String,
        /// What it refers to.
        target: String,
    },
    /// A definition that contains itself.
    #[error("definition `{0}` contains itself; settings cannot be of endless depth")]
    RecursiveRef(String),
    /// A keyword that would let the schema reach beyond itself.
    #[error("`{keyword}` at `{pointer}` is refused; leave it out")]
    Keyword {
        /// Where.
        pointer: String,
        /// Which.
        keyword: String,
    },
    /// Another dialect than 2020-12.
    #[error("`$schema` is `{0}`; only https://json-schema.org/draft/2020-12/schema is spoken")]
    Dialect(String),
    /// The schema contradicts JSON Schema itself.
    #[error("at `{pointer}`: {detail}")]
    Invalid {
        /// Where.
        pointer: String,
        /// What is wrong.
        detail: String,
    },
}

/// A settings schema that is safe to use.
pub struct SettingsSchema {
    json: Value,
    validator: Validator,
}

impl std::fmt::Debug for SettingsSchema {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SettingsSchema({})", self.json)
    }
}

impl SettingsSchema {
    /// Reads a schema and makes sure that nothing in it can hurt.
    ///
    /// # Errors
    /// [`SchemaError`] that says what is wrong, where, and how to mend it.
    pub fn parse(text: &str) -> Result<Self, SchemaError> {
        if text.len() > MAX_SCHEMA_BYTES {
            return Err(SchemaError::TooLarge(text.len()));
        }
        let json: Value =
            serde_json::from_str(text).map_err(|error| SchemaError::NotJson(error.to_string()))?;
        if json.get("type").and_then(Value::as_str) != Some("object") {
            return Err(SchemaError::NotAnObject);
        }
        bounds::check(&json)?;
        decimals::check_keywords(&json)?;
        let validator = build(&json)?;
        Ok(Self { json, validator })
    }

    /// The schema itself, for drawing the form.
    #[must_use]
    pub fn json(&self) -> &Value {
        &self.json
    }

    /// Reads settings and checks them.
    ///
    /// # Errors
    /// Everything that is wrong with them.
    pub fn read(&self, settings: &str) -> Result<Value, Vec<SettingsIssue>> {
        if settings.len() > MAX_SETTINGS_BYTES {
            return Err(vec![SettingsIssue::too_large(settings.len())]);
        }
        let value = serde_json::from_str(settings).map_err(|error| vec![SettingsIssue::not_json(&error)])?;
        let issues = self.check(&value);
        if issues.is_empty() { Ok(value) } else { Err(issues) }
    }

    /// Everything that is wrong with settings, at most a hundred issues; empty when they may be used.
    #[must_use]
    pub fn check(&self, settings: &Value) -> Vec<SettingsIssue> {
        let mut issues = Vec::new();
        for error in self.validator.iter_errors(settings) {
            issues::collect(&error, &mut issues);
            if issues.len() >= MAX_ISSUES {
                break;
            }
        }
        issues.truncate(MAX_ISSUES);
        issues
    }
}

fn build(json: &Value) -> Result<Validator, SchemaError> {
    let built = jsonschema::options()
        .with_draft(Draft::Draft202012)
        .offline()
        // Linear-time patterns: no look-around, no catastrophic backtracking.
        .with_pattern_options(PatternOptions::regex().size_limit(1 << 20).dfa_size_limit(1 << 20))
        .should_validate_formats(true)
        .with_format("decimal", |text: &str| decimals::parse(text).is_ok())
        .with_keyword("x-minimum", decimals::minimum)
        .with_keyword("x-maximum", decimals::maximum)
        .build(json);
    built.map_err(|error| SchemaError::Invalid {
        pointer: error.instance_path().to_string(),
        detail: error.masked().to_string(),
    })
}

#[cfg(test)]
mod tests;
