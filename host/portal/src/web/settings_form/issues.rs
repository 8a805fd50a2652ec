//! What the engine finds wrong with settings, next to the fields where it was typed.

use super::draft::{Draft, SettingsForm, step};
use super::field::{Field, Shape};
use super::reading::bound_said;
use crate::web::errors::FieldError;

/// Something wrong with settings, in the engine's words: where (a JSON pointer into the value), which rule,
/// and what fills its message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issue {
    /// JSON pointer to the value, e.g. `/tiers/0/rate`.
    pub pointer: String,
    /// Which rule is broken: `required`, `minimum`, `pattern`, ….
    pub code: String,
    /// What fills the message, by name.
    pub args: Vec<(String, String)>,
}

/// The places that messages about fields have.
const PLACES: [&str; 8] = ["limit", "allowed", "expected", "field", "pattern", "format", "detail", "keyword"];

impl SettingsForm<'_> {
    /// The engine's issues as errors of this form's fields. An issue about something that has no field of
    /// its own goes to the nearest field around it.
    #[must_use]
    pub fn locate(&self, issues: &[Issue]) -> Vec<FieldError> {
        let mut errors: Vec<FieldError> = issues.iter().map(|issue| self.located(issue)).collect();
        errors.dedup();
        errors
    }

    fn located(&self, issue: &Issue) -> FieldError {
        let steps: Vec<String> = issue.pointer.split('/').skip(1).map(str::to_owned).collect();
        let (field, at) = walk(&self.schema.root, &self.draft, &steps, String::new());
        let arg =
            |name: &str| issue.args.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
        if let Shape::Number(shape) = &field.shape
            && (issue.code == "minimum" || issue.code == "maximum")
            && let Some(limit) = arg("limit").and_then(|limit| limit.parse().ok())
        {
            return FieldError::new(at, issue.code.clone()).with("limit", bound_said(shape, limit));
        }
        let mut error = FieldError::new(at, issue.code.clone());
        for place in PLACES {
            if let Some(value) = arg(place) {
                error = error.with(place, value);
            }
        }
        error
    }
}

/// The innermost field on the way, and its name in this form.
fn walk<'f>(field: &'f Field, draft: &Draft, steps: &[String], at: String) -> (&'f Field, String) {
    let [first, rest @ ..] = steps else { return (field, at) };
    let key = first.replace("~1", "/").replace("~0", "~");
    match (&field.shape, draft) {
        (Shape::Group(fields), Draft::Group { fields: drafts, .. }) => {
            match fields.iter().zip(drafts).find(|(inner, _)| inner.key == key) {
                Some((inner, draft)) => walk(inner, draft, rest, format!("{at}/{}", step(&key))),
                None => (field, at),
            }
        }
        (Shape::Rows { row, .. }, Draft::Rows { rows, .. }) => {
            match key.parse::<usize>().ok().and_then(|place| rows.get(place)) {
                Some(found) => walk(row, &found.draft, rest, format!("{at}/{key}")),
                None => (field, at),
            }
        }
        (Shape::Entries { value }, Draft::Rows { rows, .. }) => {
            match rows.iter().enumerate().find(|(_, row)| row.key == key) {
                Some((place, found)) => walk(value, &found.draft, rest, format!("{at}/{place}")),
                None => (field, at),
            }
        }
        _ => (field, at),
    }
}
