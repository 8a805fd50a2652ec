//! The language and theme switches, which work before log-in and without script.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::errors::{PageError, PageResult};
use super::forms::Form;
use super::i18n::Language;
use super::page::Theme;
use super::security::is_local;

const A_YEAR_S: u32 = 31_536_000;

/// `POST /preferences`: keeps `lang` or `theme` in a cookie and goes back to `back`.
///
/// # Errors
/// [`PageError::Malformed`] when the language or theme is unknown.
pub async fn change(form: Form) -> PageResult {
    let mut response = StatusCode::SEE_OTHER.into_response();
    if let Some(tag) = form.find("lang") {
        let language: Language = tag.parse().map_err(|_| PageError::Malformed(String::new()))?;
        remember(&mut response, "lang", language.tag(), A_YEAR_S);
    }
    if let Some(word) = form.find("theme") {
        let theme = Theme::named(word).ok_or_else(|| PageError::Malformed(String::new()))?;
        remember(&mut response, "theme", theme.as_str(), A_YEAR_S);
    }
    let back = Some(form.get("back")).filter(|address| is_local(address)).unwrap_or("/");
    let back = HeaderValue::from_str(back).unwrap_or(HeaderValue::from_static("/"));
    response.headers_mut().insert(header::LOCATION, back);
    Ok(response)
}

/// Goes to `address` and tells there, once, the message `notice-<id>` in a tone (`good`, `info`, `warn`, `bad`).
#[must_use]
pub fn tell_at(address: &str, tone: &str, id: &str) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    let address = Some(address).filter(|address| is_local(address)).unwrap_or("/");
    let target = HeaderValue::from_str(address).unwrap_or(HeaderValue::from_static("/"));
    response.headers_mut().insert(header::LOCATION, target);
    remember(&mut response, "notice", &format!("{tone}:{id}"), 20);
    response
}

/// Adds a cookie without rights: what it holds is only shown.
pub fn remember(response: &mut Response, name: &str, value: &str, max_age_s: u32) {
    let cookie = format!("{name}={value}; Path=/; Max-Age={max_age_s}; SameSite=Lax");
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
}
