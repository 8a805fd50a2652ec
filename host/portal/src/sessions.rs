//! Who asks: the session's cookie on pages, a bearer token on the API.

use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use qudao_app::{App, Context};
use qudao_domain::permissions::Action;
use std::sync::Arc;

use crate::state::AppState;
use crate::web::page::{Account, Visitor, Zone, cookie};
use crate::web::{PageError, app_errors};

/// The session's cookie.
pub const COOKIE: &str = "qudao_session";

/// The layer that finds out who asks, and lets handlers and error pages know.
pub async fn identify(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let now = app.clock().now();
    let is_api = request.uri().path().starts_with("/api/");
    let found =
        if is_api { bearer(&app, request.headers()).await } else { session(&app, request.headers()).await };
    let found = match found {
        Ok(found) => found,
        Err(error) => return error.into_response(),
    };
    let mut visitor = Visitor { now: Some(now), ..Visitor::default() };
    if let Some((context, csrf)) = found {
        // A page shows the dealer's name; a program has no use for it.
        let dealer = if is_api { None } else { app.own_dealer_name(&context).await.unwrap_or_default() };
        // Neither the API nor a part of a page shows it.
        let shows_alarm = !is_api && !request.headers().contains_key("hx-request");
        if shows_alarm && context.whole_company(Action::PluginsRead).is_ok() {
            // A page that cannot know is shown without the alarm; what is wrong shows elsewhere.
            let open = app.open_incidents(&context).await.unwrap_or_default();
            visitor.alarm = open.into_iter().next().map(Arc::new);
        }
        visitor.zone = Zone::of(context.zone);
        visitor.account = Some(account(&context, csrf, dealer));
        request.extensions_mut().insert(Arc::new(context));
    }
    let visitor = Arc::new(visitor);
    request.extensions_mut().insert(Arc::clone(&visitor));
    let mut response = next.run(request).await;
    response.extensions_mut().insert(visitor);
    response
}

async fn session(app: &App, headers: &HeaderMap) -> Result<Option<(Context, String)>, PageError> {
    match cookie(headers, COOKIE) {
        Some(token) => app.session(token).await.map_err(app_errors::to_page_error),
        None => Ok(None),
    }
}

/// A token that is given and unknown is an error, not a stranger.
async fn bearer(app: &App, headers: &HeaderMap) -> Result<Option<(Context, String)>, PageError> {
    let Some(given) = headers.get(header::AUTHORIZATION) else { return Ok(None) };
    let token = given
        .to_str()
        .ok()
        .and_then(|given| given.strip_prefix("Bearer "))
        .ok_or(PageError::Unauthenticated)?;
    let context = app.bearer(token.trim()).await.map_err(app_errors::to_page_error)?;
    context.map(|context| Some((context, String::new()))).ok_or(PageError::Unauthenticated)
}

fn account(context: &Context, csrf: String, dealer: Option<String>) -> Account {
    Account {
        name: context.name.clone(),
        email: context.email.clone(),
        role: context.role,
        company: context.company_name.clone(),
        dealer,
        csrf,
        language: context.language.as_deref().and_then(|tag| tag.parse().ok()),
    }
}

/// Somebody who is logged in. Ask for it in every handler that is not public.
#[derive(Debug, Clone)]
pub struct SignedIn(pub Arc<Context>);

impl FromRequestParts<AppState> for SignedIn {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, PageError> {
        parts.extensions.get::<Arc<Context>>().cloned().map(Self).ok_or(PageError::Unauthenticated)
    }
}

impl std::ops::Deref for SignedIn {
    type Target = Context;

    fn deref(&self) -> &Context {
        &self.0
    }
}
