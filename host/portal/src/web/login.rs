//! Logging in and out.

use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use qudao_app::{App, AppError};
use serde::{Deserialize, Serialize};

use super::errors::{FieldError, PageResult};
use super::forms::{Form, FormView};
use super::page::{Page, cookie};
use super::security::is_local;
use super::views::Views;
use crate::routes::Routes;
use crate::sessions::COOKIE;
use crate::state::AppState;

/// Log-in and log-out.
pub fn routes() -> Routes {
    Routes::default().get("/login", show).post("/login", log_in).post("/logout", log_out)
}

#[derive(Debug, Default, Deserialize)]
struct Next {
    #[serde(default)]
    next: String,
}

#[derive(Serialize)]
struct LoginPage {
    form: FormView,
    next: String,
}

async fn show(page: Page, State(views): State<Views>, Query(query): Query<Next>) -> PageResult {
    if page.visitor.account.is_some() {
        return Ok(Redirect::to(back(&query.next)).into_response());
    }
    views.page(&page, "login.html", &LoginPage { form: FormView::default(), next: query.next })
}

async fn log_in(page: Page, State(state): State<AppState>, form: Form) -> PageResult {
    let mut check = form.check();
    let company = check.text("company", 60);
    let email = check.text("email", 200);
    let password = check.text("password", 500);
    if let (Some(company), Some(email), Some(password)) = (company, email, password) {
        match state.app.log_in(company, email, password.to_owned()).await {
            Ok(signed_in) => return Ok(entered(&state, &signed_in, form.get("next"))),
            Err(AppError::NotFound) => check.fail(FieldError::new("company", "credentials")),
            Err(AppError::Conflict { code, .. }) => check.fail(FieldError::new("password", code)),
            Err(error) => return Err(error.into()),
        }
    }
    let form_view = form.shown(check.errors(), page.language);
    let context = LoginPage { form: without_password(form_view), next: form.get("next").to_owned() };
    state.views.page_with(StatusCode::UNPROCESSABLE_ENTITY, &page, "login.html", &context)
}

fn without_password(mut form: FormView) -> FormView {
    form.values.remove("password");
    form
}

fn back(next: &str) -> &str {
    if is_local(next) { next } else { "/" }
}

fn entered(state: &AppState, signed_in: &qudao_app::SignedIn, next: &str) -> Response {
    let mut response = Redirect::to(back(next)).into_response();
    let secure = if state.secure_cookies { "; Secure" } else { "" };
    let age = qudao_app::SESSION_MS / 1_000;
    let cookie =
        format!("{COOKIE}={}; Path=/; Max-Age={age}; HttpOnly; SameSite=Lax{secure}", signed_in.token);
    set_cookie(&mut response, &cookie);
    response
}

async fn log_out(State(app): State<App>, headers: HeaderMap, _form: Form) -> PageResult {
    if let Some(token) = cookie(&headers, COOKIE) {
        app.log_out(token).await?;
    }
    let mut response = Redirect::to("/login").into_response();
    set_cookie(&mut response, &format!("{COOKIE}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax"));
    // What the browser kept of pages with own prices goes with the session.
    response.headers_mut().insert("clear-site-data", HeaderValue::from_static("\"cache\""));
    Ok(response)
}

fn set_cookie(response: &mut Response, cookie: &str) {
    if let Ok(cookie) = HeaderValue::from_str(cookie) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
}
