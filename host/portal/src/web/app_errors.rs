//! From what a use case answers to what a page or a program is told. No wildcard: a new error must choose.

use qudao_app::{AppError, Issue};

use super::errors::{FieldError, PageError};

/// The page's error for a use case's.
#[must_use]
pub fn to_page_error(error: AppError) -> PageError {
    match error {
        AppError::NotFound => PageError::NotFound,
        AppError::Forbidden => PageError::Forbidden,
        AppError::Invalid(issues) => PageError::Invalid(issues.into_iter().map(to_field_error).collect()),
        AppError::Conflict { code, args, .. } => PageError::Conflict { code: code.to_owned(), args },
        AppError::Refused { violations, messages } => PageError::Refused { violations, messages },
        AppError::NoRule(kind) => {
            PageError::Conflict { code: "no-rule".to_owned(), args: vec![("kind", kind.to_string())] }
        }
        AppError::Rule { kind, failure } => PageError::Conflict {
            code: "rule-failed".to_owned(),
            args: vec![("kind", kind.to_string()), ("error", failure.error.to_string())],
        },
        AppError::Upload(refusal) => {
            let error = FieldError::new("/component", format!("upload-{}", refusal.code()));
            PageError::Invalid(vec![error.saying(refusal.to_string())])
        }
        AppError::TooMany => PageError::TooMany,
        AppError::Busy => PageError::Busy,
        AppError::Internal(said) => PageError::internal(&said),
    }
}

fn to_field_error(issue: Issue) -> FieldError {
    FieldError {
        pointer: issue.pointer,
        code: issue.code.to_owned(),
        args: issue.args,
        words: Some(issue.message),
    }
}

impl From<AppError> for PageError {
    fn from(error: AppError) -> Self {
        to_page_error(error)
    }
}
