//! Files that are sent to us: read up to a limit, refused early beyond it.

use axum::body::Body;
use axum::http::{HeaderMap, header};
use futures::StreamExt;
use std::time::Duration;

use crate::web::PageError;

/// The largest component that is read; the engine takes no larger one.
pub const MAX_COMPONENT_BYTES: usize = 16 * 1024 * 1024;

/// How long the rest of a refused upload is read away. A browser looks at the answer only when it could send
/// everything; closing on it would show "connection reset" instead of the reason.
const LINGER: Duration = Duration::from_secs(30);

/// A whole body of at most `limit` bytes. A larger one is refused by its announced length before anything is read,
/// or as soon as it passes the limit.
///
/// # Errors
/// [`PageError::TooLarge`]; [`PageError::Malformed`] when the body breaks off.
pub async fn whole(headers: &HeaderMap, body: Body, limit: usize) -> Result<Vec<u8>, PageError> {
    if announced(headers).is_some_and(|length| length > limit) {
        refuse(headers, body);
        return Err(PageError::TooLarge);
    }
    let mut stream = body.into_data_stream();
    let mut bytes = Vec::new();
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|error| PageError::Malformed(error.to_string()))?;
        if bytes.len() + chunk.len() > limit {
            linger(Body::from_stream(stream));
            return Err(PageError::TooLarge);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

/// The length that the sender announced.
#[must_use]
pub fn announced(headers: &HeaderMap) -> Option<usize> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// Turns a body away of which nothing was read.
pub fn refuse(headers: &HeaderMap, body: Body) {
    // Whoever waits for a "100 Continue" has sent nothing yet, and reading would ask for it.
    if !headers.contains_key(header::EXPECT) {
        linger(body);
    }
}

/// Reads the rest of a refused body away in the background, keeping nothing.
fn linger(body: Body) {
    tokio::spawn(async move {
        let mut stream = body.into_data_stream();
        let drained = async { while let Some(Ok(_)) = stream.next().await {} };
        // A sender that is slower than that sees its connection closed.
        tokio::time::timeout(LINGER, drained).await.unwrap_or_default();
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_body_beyond_the_limit_is_refused_without_reading_on() {
        let none = HeaderMap::new();
        assert_eq!(whole(&none, Body::from("abc"), 3).await, Ok(b"abc".to_vec()));
        assert_eq!(whole(&none, Body::from("abcd"), 3).await, Err(PageError::TooLarge));
        let mut announced = HeaderMap::new();
        announced.insert(header::CONTENT_LENGTH, "1000000000".parse().unwrap());
        // The body would never end; its announced length alone decides.
        let endless = Body::from_stream(futures::stream::pending::<Result<Vec<u8>, std::io::Error>>());
        assert_eq!(whole(&announced, endless, 3).await, Err(PageError::TooLarge));
    }
}
