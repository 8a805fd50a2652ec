//! Reading what a program sends: JSON bodies and queries, with errors that say where.

use axum::extract::{FromRequest, FromRequestParts, Query, Request};
use axum::http::header;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::web::PageError;

/// A JSON body, in and out.
#[derive(Debug, Clone, Copy, Default)]
pub struct Api<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Api<T> {
    type Rejection = PageError;

    async fn from_request(request: Request, state: &S) -> Result<Self, PageError> {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        let is_json =
            |kind: &str| kind.split(';').next().is_some_and(|kind| kind.trim() == "application/json");
        if !kind.is_some_and(is_json) {
            return Err(PageError::Unsupported);
        }
        let body = axum::body::Bytes::from_request(request, state).await.map_err(|_| PageError::TooLarge)?;
        serde_json::from_slice(&body).map(Self).map_err(|error| PageError::Malformed(error.to_string()))
    }
}

impl<T: Serialize> IntoResponse for Api<T> {
    fn into_response(self) -> Response {
        ([(header::CACHE_CONTROL, "no-store")], axum::Json(self.0)).into_response()
    }
}

/// A query string.
#[derive(Debug, Clone, Copy, Default)]
pub struct ApiQuery<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for ApiQuery<T> {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, PageError> {
        let Query(query) = Query::<T>::from_request_parts(parts, state)
            .await
            .map_err(|error| PageError::Malformed(error.body_text()))?;
        Ok(Self(query))
    }
}
