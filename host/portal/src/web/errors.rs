//! The one place where an error becomes a page (for people) or problem details (RFC 9457, for programs).
//!
//! Handlers return [`PageError`]; it travels in the response's extensions to [`answer`], the outermost
//! layer, which knows who asked and in which language.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use qudao_domain::contract::Message;
use qudao_domain::pricing::Violation;
use serde::Serialize;
use std::fmt;
use std::sync::Arc;

use super::i18n::{Args, Language, knows, say};
use super::notes::sentence;
use super::page::{Page, Visitor};
use super::views::Views;

/// What a page's handler returns.
pub type PageResult = Result<Response, PageError>;

/// Why there is no page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PageError {
    /// No such thing, or not for this reader: the answer is the same.
    NotFound,
    /// The reader's role does not reach so far.
    Forbidden,
    /// The form was not sent from a page of this session.
    Forged,
    /// Nobody is logged in.
    Unauthenticated,
    /// What was sent is understood and wrong; each error says where.
    Invalid(Vec<FieldError>),
    /// What was sent cannot be read at all.
    Malformed(String),
    /// The address does not take this method.
    MethodNotAllowed,
    /// The body is of a type that is not read here.
    Unsupported,
    /// Something changed meanwhile, or the step makes no sense where things stand.
    /// The message is `conflict-<code>`, filled with the args.
    Conflict {
        /// Which conflict.
        code: String,
        /// What fills the message.
        args: Vec<(&'static str, String)>,
    },
    /// A rule refuses, in its own coded sentences.
    Refused {
        /// Why, by line or for the whole order.
        violations: Vec<Violation>,
        /// The plugin's sentences.
        messages: Vec<Message>,
    },
    /// More than is accepted at once.
    TooLarge,
    /// The company asks more often than it may; again in a second.
    TooMany,
    /// Too much to do; again in a moment.
    Busy,
    /// Our own fault; the reference finds it in the log.
    Internal(String),
}

/// What is wrong with one field. The message is `invalid-<code>`, filled with the args,
/// unless the error brings its own words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// JSON pointer to the value (`/tiers/0/rate`), or a plain field's name.
    pub pointer: String,
    /// Which rule is broken.
    pub code: String,
    /// What fills the message.
    pub args: Vec<(&'static str, String)>,
    /// What to say where the catalogue has no message for the code.
    pub words: Option<String>,
}

impl FieldError {
    /// The field at `pointer` breaks the rule `code`.
    pub fn new(pointer: impl Into<String>, code: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), code: code.into(), args: Vec::new(), words: None }
    }

    /// Fills a place of the message.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.args.push((name, value.into()));
        self
    }

    /// Says it in these words where the catalogue has none for the code.
    #[must_use]
    pub fn saying(mut self, words: impl Into<String>) -> Self {
        self.words = Some(words.into());
        self
    }

    /// The error in a language.
    #[must_use]
    pub fn said(&self, language: Language) -> SaidError {
        let id = format!("invalid-{}", self.code);
        let message = match &self.words {
            _ if knows(language, &id) => say(language, &id, Some(&filled(&self.args))),
            Some(words) => words.clone(),
            None => say(language, "invalid-value", None),
        };
        SaidError { pointer: self.pointer.clone(), code: self.code.clone(), message }
    }
}

/// A [`FieldError`] in the reader's language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SaidError {
    /// Where.
    pub pointer: String,
    /// Which rule.
    pub code: String,
    /// In words.
    pub message: String,
}

/// Problem details (RFC 9457), and what the error page shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// Names the problem for programs: `urn:qudao:problem:<code>`.
    pub r#type: String,
    /// HTTP status.
    pub status: u16,
    /// The last part of the type.
    pub code: String,
    /// What happened, in a few words.
    pub title: String,
    /// Why, and what to do now.
    pub detail: String,
    /// Where, for each wrong field.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<SaidError>,
    /// To quote when asking for help.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
}

/// A rule's own sentence, at the line that it is about.
fn said_by_rule(violation: &Violation, messages: &[Message], language: Language) -> SaidError {
    let pointer =
        violation.line.map_or("/lines".to_owned(), |number| format!("/lines/{}", number.saturating_sub(1)));
    SaidError {
        pointer,
        code: violation.reason.code.clone(),
        message: sentence(&violation.reason, messages, language),
    }
}

fn filled(args: &[(&'static str, String)]) -> Args<'static> {
    let mut filled = Args::new();
    for (name, value) in args {
        filled.set(*name, value.clone());
    }
    filled
}

impl PageError {
    /// Logs what went wrong on our side and gives it a reference.
    pub fn internal(error: &dyn fmt::Debug) -> Self {
        let mut bytes = [0_u8; 5];
        let reference = match getrandom::fill(&mut bytes) {
            Ok(()) => hex::encode(bytes),
            Err(_) => "no-entropy".to_owned(),
        };
        tracing::error!(%reference, ?error, "a request failed");
        Self::Internal(reference)
    }

    /// A conflict whose message has no places.
    pub fn conflict(code: impl Into<String>) -> Self {
        Self::Conflict { code: code.into(), args: Vec::new() }
    }

    /// HTTP status and code. No wildcard: a new error must choose.
    #[must_use]
    pub fn kind(&self) -> (StatusCode, &str) {
        match self {
            Self::NotFound => (StatusCode::NOT_FOUND, "not-found"),
            Self::Forbidden => (StatusCode::FORBIDDEN, "forbidden"),
            Self::Forged => (StatusCode::FORBIDDEN, "forged"),
            Self::Unauthenticated => (StatusCode::UNAUTHORIZED, "unauthenticated"),
            Self::Invalid(_) => (StatusCode::UNPROCESSABLE_ENTITY, "invalid"),
            Self::Malformed(_) => (StatusCode::BAD_REQUEST, "malformed"),
            Self::MethodNotAllowed => (StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed"),
            Self::Unsupported => (StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported"),
            Self::Conflict { code, .. } => (StatusCode::CONFLICT, code),
            Self::Refused { .. } => (StatusCode::UNPROCESSABLE_ENTITY, "refused"),
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "too-large"),
            Self::TooMany => (StatusCode::TOO_MANY_REQUESTS, "too-many"),
            Self::Busy => (StatusCode::SERVICE_UNAVAILABLE, "busy"),
            Self::Internal(_) => (StatusCode::INTERNAL_SERVER_ERROR, "internal"),
        }
    }

    /// The error in words.
    #[must_use]
    pub fn problem(&self, language: Language) -> Problem {
        let (status, code) = self.kind();
        let family = if matches!(self, Self::Conflict { .. }) { "conflict" } else { code };
        let mut problem = Problem {
            r#type: format!("urn:qudao:problem:{code}"),
            status: status.as_u16(),
            code: code.to_owned(),
            title: say(language, &format!("error-{family}-title"), None),
            detail: say(language, &format!("error-{family}-detail"), None),
            errors: Vec::new(),
            reference: None,
        };
        match self {
            Self::Invalid(errors) => {
                problem.errors = errors.iter().map(|error| error.said(language)).collect();
            }
            Self::Conflict { code, args } if knows(language, &format!("conflict-{code}")) => {
                problem.detail = say(language, &format!("conflict-{code}"), Some(&filled(args)));
            }
            Self::Refused { violations, messages } => {
                problem.errors =
                    violations.iter().map(|violation| said_by_rule(violation, messages, language)).collect();
            }
            Self::Malformed(detail) if !detail.is_empty() => problem.detail.clone_from(detail),
            Self::Internal(reference) => problem.reference = Some(reference.clone()),
            _ => {}
        }
        problem
    }

    /// From a status that axum or a layer answered without a page.
    fn from_status(status: StatusCode, text: String) -> Self {
        match status {
            StatusCode::NOT_FOUND => Self::NotFound,
            StatusCode::UNAUTHORIZED => Self::Unauthenticated,
            StatusCode::FORBIDDEN => Self::Forbidden,
            StatusCode::METHOD_NOT_ALLOWED => Self::MethodNotAllowed,
            StatusCode::PAYLOAD_TOO_LARGE => Self::TooLarge,
            StatusCode::UNSUPPORTED_MEDIA_TYPE => Self::Unsupported,
            StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
                Self::Busy
            }
            status if status.is_server_error() => Self::internal(&text),
            _ => Self::Malformed(text),
        }
    }
}

impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        let (status, code) = self.kind();
        let mut response = (status, code.to_owned()).into_response();
        response.extensions_mut().insert(Arc::new(self));
        response
    }
}

/// The layer that turns errors into pages or problem details. Put it outermost.
pub async fn answer(State(views): State<Views>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let mut page = Page::of(&parts);
    let response = next.run(Request::from_parts(parts, body)).await;
    if let Some(visitor) = response.extensions().get::<Arc<Visitor>>() {
        page.visitor = Arc::clone(visitor);
    }
    if let Some(error) = response.extensions().get::<Arc<PageError>>().cloned() {
        return shown(&views, &page, &error);
    }
    let status = response.status();
    if !(status.is_client_error() || status.is_server_error()) || has_own_body(&response) {
        return response;
    }
    let allow = response.headers().get(header::ALLOW).cloned();
    let text = axum::body::to_bytes(response.into_body(), 2048).await.unwrap_or_default();
    let error = PageError::from_status(status, String::from_utf8_lossy(&text).into_owned());
    let mut answer = shown(&views, &page, &error);
    if let Some(allow) = allow {
        answer.headers_mut().insert(header::ALLOW, allow);
    }
    answer
}

fn has_own_body(response: &Response) -> bool {
    let kind = response.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    kind.is_some_and(|kind| !kind.starts_with("text/plain"))
}

fn shown(views: &Views, page: &Page, error: &PageError) -> Response {
    let (status, _) = error.kind();
    let problem = error.problem(page.language);
    let mut response = if page.path.starts_with("/api/") {
        details(&problem)
    } else if *error == PageError::Unauthenticated {
        to_login(page)
    } else {
        let template = if page.partial { "error_part.html" } else { "error.html" };
        match views.page_with(status, page, template, &serde_json::json!({ "problem": problem })) {
            Ok(response) => response,
            Err(_) => (status, format!("{} {}", problem.title, problem.detail)).into_response(),
        }
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    match status {
        StatusCode::SERVICE_UNAVAILABLE => headers.insert(header::RETRY_AFTER, HeaderValue::from_static("2")),
        StatusCode::TOO_MANY_REQUESTS => headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1")),
        _ => None,
    };
    if page.partial && status != StatusCode::UNAUTHORIZED {
        headers.insert("hx-retarget", HeaderValue::from_static("#flash"));
        headers.insert("hx-reswap", HeaderValue::from_static("innerHTML"));
    }
    response
}

fn details(problem: &Problem) -> Response {
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let body = serde_json::to_vec(problem).unwrap_or_default();
    let kind = [(header::CONTENT_TYPE, "application/problem+json")];
    let mut response = (status, kind, Body::from(body)).into_response();
    if status == StatusCode::UNAUTHORIZED {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    response
}

/// To the log-in page, and back afterwards.
fn to_login(page: &Page) -> Response {
    let address =
        if page.query.is_empty() { page.path.clone() } else { format!("{}?{}", page.path, page.query) };
    let next = minijinja::filters::urlencode(&address.into()).unwrap_or_default();
    let target = format!("/login?next={next}");
    if page.partial {
        (StatusCode::UNAUTHORIZED, [("hx-redirect", target)]).into_response()
    } else {
        Redirect::to(&target).into_response()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_has_words_in_both_languages() {
        let errors = [
            PageError::NotFound,
            PageError::Forbidden,
            PageError::Forged,
            PageError::Unauthenticated,
            PageError::Invalid(vec![FieldError::new("/quantity", "minimum").with("limit", "1")]),
            PageError::Malformed(String::new()),
            PageError::MethodNotAllowed,
            PageError::Unsupported,
            PageError::conflict("changed-meanwhile"),
            PageError::TooLarge,
            PageError::TooMany,
            PageError::Busy,
            PageError::Internal("0a1b".into()),
        ];
        for error in errors {
            for language in Language::ALL {
                let problem = error.problem(language);
                assert!(!problem.title.starts_with("error-"), "{error:?}: {}", problem.title);
                assert!(!problem.detail.starts_with("error-"), "{error:?}: {}", problem.detail);
                for said in &problem.errors {
                    assert!(!said.message.starts_with("invalid-"), "{said:?}");
                }
            }
        }
    }

    #[test]
    fn an_error_with_its_own_words_keeps_them() {
        let error = FieldError::new("/rate", "plugin-says").saying("折扣不能超过毛利");
        assert_eq!(error.said(Language::En).message, "折扣不能超过毛利");
        let unknown = FieldError::new("/rate", "never-heard-of");
        assert_eq!(unknown.said(Language::En).message, say(Language::En, "invalid-value", None));
    }
}
