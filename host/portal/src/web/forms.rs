//! Posted forms: read with a limit, checked field by field, kept as typed when something is wrong.

use axum::body::to_bytes;
use axum::extract::{FromRequest, Request};
use axum::http::header;
use chrono::NaiveDate;
use qudao_domain::decimal::Decimal;
use serde::Serialize;
use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::str::FromStr;
use std::sync::Arc;

use super::errors::{FieldError, PageError};
use super::i18n::Language;
use super::page::Visitor;
use super::security::is_from_session;

/// The most bytes a form may have.
pub const MAX_FORM_BYTES: usize = 2 * 1024 * 1024;
/// The most fields a form may have.
pub const MAX_FORM_FIELDS: usize = 20_000;
/// The field that carries the session's token.
pub const CSRF_FIELD: &str = "_csrf";

/// A posted form whose sender was checked (see [`is_from_session`]), its fields in the order sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Form {
    pairs: Vec<(String, String)>,
}

impl<S: Send + Sync> FromRequest<S> for Form {
    type Rejection = PageError;

    async fn from_request(request: Request, _: &S) -> Result<Self, PageError> {
        let (parts, body) = request.into_parts();
        let kind = parts.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        if !kind.is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded")) {
            return Err(PageError::Unsupported);
        }
        let body = to_bytes(body, MAX_FORM_BYTES).await.map_err(|_| PageError::TooLarge)?;
        let mut form = Self::parse(&body)?;
        let visitor = parts.extensions.get::<Arc<Visitor>>().cloned().unwrap_or_default();
        if !is_from_session(&visitor, &parts.headers, form.find(CSRF_FIELD)) {
            return Err(PageError::Forged);
        }
        form.pairs.retain(|(name, _)| name != CSRF_FIELD);
        Ok(form)
    }
}

impl Form {
    /// Reads `application/x-www-form-urlencoded`.
    ///
    /// # Errors
    /// Too many fields, or text that is not UTF-8.
    pub fn parse(body: &[u8]) -> Result<Self, PageError> {
        let mut pairs = Vec::new();
        for pair in body.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
            if pairs.len() == MAX_FORM_FIELDS {
                return Err(PageError::TooLarge);
            }
            let at = pair.iter().position(|byte| *byte == b'=').unwrap_or(pair.len());
            let value = pair.get(at + 1..).unwrap_or_default();
            pairs.push((unescape(&pair[..at])?, unescape(value)?));
        }
        Ok(Self { pairs })
    }

    /// A form with these fields, e.g. to show what is stored.
    pub fn of<N: Into<String>, V: Into<String>>(pairs: impl IntoIterator<Item = (N, V)>) -> Self {
        Self { pairs: pairs.into_iter().map(|(name, value)| (name.into(), value.into())).collect() }
    }

    /// Every field in the order sent.
    #[must_use]
    pub fn pairs(&self) -> &[(String, String)] {
        &self.pairs
    }

    /// A field's value, trimmed; none where the field was not sent.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.trim())
    }

    /// A field's value, trimmed; empty where the field was not sent.
    #[must_use]
    pub fn get(&self, name: &str) -> &str {
        self.find(name).unwrap_or_default()
    }

    /// Every value sent under a name, e.g. ticked rows.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.pairs.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.trim())
    }

    /// Begins to check the form.
    #[must_use]
    pub fn check(&self) -> Check<'_> {
        Check { form: self, errors: Vec::new() }
    }

    /// What the template needs to show the form again.
    #[must_use]
    pub fn shown(&self, errors: &[FieldError], language: Language) -> FormView {
        let mut view = FormView::default();
        for (name, value) in &self.pairs {
            view.values.entry(name.clone()).or_insert_with(|| value.clone());
        }
        for error in errors {
            let said = error.said(language).message;
            view.summary.push(Summary { field: error.pointer.clone(), message: said.clone() });
            view.errors.entry(error.pointer.clone()).or_insert(said);
        }
        view
    }
}

fn unescape(text: &[u8]) -> Result<String, PageError> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let [first, tail @ ..] = rest {
        let pair = tail.get(..2).and_then(|pair| std::str::from_utf8(pair).ok());
        let byte = pair.filter(|_| *first == b'%').and_then(|pair| u8::from_str_radix(pair, 16).ok());
        match byte {
            Some(byte) => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            None => {
                bytes.push(if *first == b'+' { b' ' } else { *first });
                rest = tail;
            }
        }
    }
    String::from_utf8(bytes).map_err(|_| PageError::Malformed(String::new()))
}

/// A form as its template shows it: `form.values.email`, `form.errors.email`, `form.summary`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct FormView {
    /// What was typed, by field.
    pub values: BTreeMap<String, String>,
    /// What is wrong, by field.
    pub errors: BTreeMap<String, String>,
    /// Every error in order, for the summary on top.
    pub summary: Vec<Summary>,
}

/// One line of the error summary; links to its field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// The field's name.
    pub field: String,
    /// What is wrong.
    pub message: String,
}

/// Collects every error of a form, so that they are all told at once. Each reader returns the value
/// or notes the error and returns `None`.
#[derive(Debug)]
pub struct Check<'a> {
    form: &'a Form,
    errors: Vec<FieldError>,
}

impl<'a> Check<'a> {
    /// Notes that a field breaks a rule.
    pub fn fail(&mut self, error: FieldError) {
        self.errors.push(error);
    }

    /// Text that must be there, of at most `most` characters.
    pub fn text(&mut self, name: &str, most: usize) -> Option<&'a str> {
        let text = self.form.get(name);
        if text.is_empty() {
            self.fail(FieldError::new(name, "required"));
            return None;
        }
        if text.chars().count() > most {
            self.fail(FieldError::new(name, "max-length").with("limit", most.to_string()));
            return None;
        }
        Some(text)
    }

    /// Anything that parses: an id, a coded state, an e-mail type. `code` names the rule otherwise broken.
    pub fn parsed<T: FromStr>(&mut self, name: &str, code: &str) -> Option<T> {
        let text = self.text(name, 1_000)?;
        let parsed = text.parse().ok();
        if parsed.is_none() {
            self.fail(FieldError::new(name, code));
        }
        parsed
    }

    /// A whole number within bounds.
    pub fn integer(&mut self, name: &str, range: RangeInclusive<i64>) -> Option<i64> {
        let text = plain_number(self.text(name, 60)?);
        let Ok(number) = text.parse::<i64>() else {
            self.fail(FieldError::new(name, "integer"));
            return None;
        };
        if !range.contains(&number) {
            let (low, high) = (range.start().to_string(), range.end().to_string());
            self.fail(FieldError::new(name, "range").with("low", low).with("high", high));
            return None;
        }
        Some(number)
    }

    /// An exact number with at most `scale` decimals.
    pub fn decimal(&mut self, name: &str, scale: u32) -> Option<Decimal> {
        let text = plain_number(self.text(name, 60)?);
        let Ok(number) = text.parse::<Decimal>() else {
            self.fail(FieldError::new(name, "decimal"));
            return None;
        };
        if number.normalize().scale() > scale {
            self.fail(FieldError::new(name, "decimals").with("limit", scale.to_string()));
            return None;
        }
        Some(number)
    }

    /// A day as 2026-11-24.
    pub fn day(&mut self, name: &str) -> Option<NaiveDate> {
        self.parsed(name, "date")
    }

    /// Whether a box is ticked.
    #[must_use]
    pub fn flag(&self, name: &str) -> bool {
        !self.form.get(name).is_empty()
    }

    /// The errors found so far.
    #[must_use]
    pub fn errors(&self) -> &[FieldError] {
        &self.errors
    }

    /// Ends the check.
    ///
    /// # Errors
    /// Everything that was found wrong.
    pub fn finish(self) -> Result<(), Vec<FieldError>> {
        if self.errors.is_empty() { Ok(()) } else { Err(self.errors) }
    }
}

/// A number as people type it (full-width digits, grouping, blanks) as a program reads it.
#[must_use]
pub fn plain_number(typed: &str) -> String {
    let narrow = |c: char| match c {
        '０'..='９' => char::from_u32(u32::from(c) - u32::from('０') + u32::from('0')).unwrap_or(c),
        '．' => '.',
        '－' | '−' => '-',
        '％' => '%',
        '，' => ',',
        other => other,
    };
    let dropped = |c: &char| !matches!(c, ',' | ' ' | '\u{a0}' | '\u{3000}' | '_');
    typed.trim().chars().map(narrow).filter(dropped).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_read_as_browsers_send_them() {
        let form = Form::parse("a=1&b=%E6%B8%A0%E9%81%93+x&c&a=2&%5B=%zz&=%4".as_bytes()).unwrap();
        assert_eq!(form.get("b"), "渠道 x");
        assert_eq!(form.all("a").collect::<Vec<_>>(), ["1", "2"]);
        assert_eq!((form.find("c"), form.find("d")), (Some(""), None));
        assert_eq!(form.get("["), "%zz");
        assert!(Form::parse(b"a=%ff").is_err());
        let many = "a=1&".repeat(MAX_FORM_FIELDS + 1);
        assert_eq!(Form::parse(many.as_bytes()), Err(PageError::TooLarge));
    }

    #[test]
    fn every_error_is_told_and_nothing_typed_is_lost() {
        let form = Form::of([("quantity", "１，０００"), ("price", "1.23456"), ("from", "24/11/2026")]);
        let mut check = form.check();
        assert_eq!(check.integer("quantity", 1..=5_000), Some(1_000));
        assert_eq!(check.integer("quantity", 1..=10), None);
        assert_eq!(check.decimal("price", 4), None);
        assert_eq!(check.day("from"), None);
        assert_eq!(check.text("name", 10), None);
        let errors = check.finish().unwrap_err();
        let codes: Vec<&str> = errors.iter().map(|error| error.code.as_str()).collect();
        assert_eq!(codes, ["range", "decimals", "date", "required"]);
        let view = form.shown(&errors, Language::En);
        assert_eq!(view.values["from"], "24/11/2026");
        assert_eq!(view.errors["quantity"], "Enter a number from 1 to 10");
        assert_eq!(view.summary.len(), 4);
    }
}
