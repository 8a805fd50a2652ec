//! The whole portal over its router: requests as a browser or a program sends them, without a socket.

#![expect(clippy::unwrap_used, reason = "what cannot be made ends the test")]

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode, header};
use qudao::server;
use qudao::state::AppState;
use qudao::web::Views;
use qudao_app::{Clock, Context};
use qudao_engine::Engine;
use qudao_store::testing::TestDb;
use serde_json::Value as Json;
use tower::ServiceExt;

use crate::desk::Desk;

/// A desk with its portal.
pub struct TestPortal {
    /// The company at work.
    pub desk: Desk,
    /// Every route.
    pub router: Router,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body as text.
    pub text: String,
}

impl Answer {
    /// The body as JSON.
    ///
    /// # Panics
    /// When it is none.
    #[must_use]
    pub fn json(&self) -> Json {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }
}

impl TestPortal {
    /// A portal on a database, by the machine's clock.
    ///
    /// # Panics
    /// When anything cannot be made.
    pub async fn open(test: TestDb, engine: &Engine) -> Self {
        Self::open_at(test, engine, Clock::System).await
    }

    /// A portal on a database, by this clock.
    ///
    /// # Panics
    /// When anything cannot be made.
    pub async fn open_at(test: TestDb, engine: &Engine, clock: Clock) -> Self {
        let desk = Desk::open_at(test, engine, clock).await;
        let state =
            AppState { app: desk.app.clone(), views: Views::new(true).unwrap(), secure_cookies: false };
        Self { router: server::router(state), desk }
    }

    /// A bearer token of somebody, for everything that they may do.
    ///
    /// # Panics
    /// When it cannot be made.
    pub async fn token(&self, ctx: &Context) -> String {
        self.desk.app.add_token(ctx, "test", &[]).await.unwrap()
    }

    /// Sends a request.
    ///
    /// # Panics
    /// When it cannot be built.
    pub async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.unwrap();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        Answer { status: parts.status, headers: parts.headers, text }
    }

    /// Asks the API with a token; a body is sent as JSON.
    pub async fn api(&self, method: &str, path: &str, token: &str, body: Option<&Json>) -> Answer {
        self.api_with(method, path, token, body, &[]).await
    }

    /// The same with headers of one's own.
    ///
    /// # Panics
    /// When the request cannot be built.
    pub async fn api_with(
        &self,
        method: &str,
        path: &str,
        token: &str,
        body: Option<&Json>,
        headers: &[(&str, &str)],
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = match body {
            Some(json) => {
                request = request.header(header::CONTENT_TYPE, "application/json");
                Body::from(json.to_string())
            }
            None => Body::empty(),
        };
        self.send(request.body(body).unwrap()).await
    }
}
