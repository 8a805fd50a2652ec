//! Style sheet, scripts and pictures, embedded in the binary and addressed by their content.

use axum::extract::{Path, RawQuery};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::sync::LazyLock;

use super::errors::{PageError, PageResult};

mod embedded {
    include!(concat!(env!("OUT_DIR"), "/embedded.rs"));
}

struct Asset {
    bytes: &'static [u8],
    /// The first 16 hexadecimal digits of the content's SHA-256.
    hash: String,
}

static ASSETS: LazyLock<HashMap<&'static str, Asset>> = LazyLock::new(|| {
    let hashed = |bytes: &'static [u8]| Asset { bytes, hash: hex::encode(&Sha256::digest(bytes)[..8]) };
    embedded::ASSETS.iter().map(|(name, bytes)| (*name, hashed(bytes))).collect()
});

/// The address of an asset, with its content's hash: it may be kept for ever.
///
/// # Errors
/// When the binary holds no such asset.
pub fn address(name: &str) -> Result<String, minijinja::Error> {
    match ASSETS.get(name) {
        Some(asset) => Ok(format!("/assets/{name}?v={}", asset.hash)),
        None => Err(minijinja::Error::new(
            minijinja::ErrorKind::InvalidOperation,
            format!("there is no asset `{name}`"),
        )),
    }
}

/// Every asset by its name.
pub fn all() -> impl Iterator<Item = (&'static str, &'static [u8])> {
    embedded::ASSETS.iter().copied()
}

/// `GET /assets/{*name}`.
///
/// # Errors
/// [`PageError::NotFound`] when there is no such asset.
pub async fn serve(Path(name): Path<String>, RawQuery(query): RawQuery, headers: HeaderMap) -> PageResult {
    let asset = ASSETS.get(name.as_str()).ok_or(PageError::NotFound)?;
    let tag = format!("\"{}\"", asset.hash);
    let current = query.is_some_and(|query| query.strip_prefix("v=") == Some(asset.hash.as_str()));
    let kept = if current { "public, max-age=31536000, immutable" } else { "no-cache" };
    let known = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    let common = [(header::CACHE_CONTROL, kept.to_owned()), (header::ETAG, tag.clone())];
    let response: Response = if known.is_some_and(|known| known.split(',').any(|known| is_tag(known, &tag))) {
        (StatusCode::NOT_MODIFIED, common).into_response()
    } else {
        (common, [(header::CONTENT_TYPE, content_type(&name))], asset.bytes).into_response()
    };
    Ok(response)
}

/// Weak comparison: a proxy that compresses makes our strong tag weak.
fn is_tag(known: &str, tag: &str) -> bool {
    let known = known.trim();
    known == "*" || known.strip_prefix("W/").unwrap_or(known) == tag
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or_default() {
        "css" => "text/css; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "json" | "map" => "application/json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_asset_is_kept_for_ever_under_its_hash() {
        let address = address("style.css").unwrap();
        let (_, query) = address.split_once('?').unwrap();
        let get = |query: Option<&str>, headers: HeaderMap| {
            serve(Path("style.css".to_owned()), RawQuery(query.map(str::to_owned)), headers)
        };
        let first = get(Some(query), HeaderMap::new()).await.unwrap();
        assert_eq!(first.headers()[header::CACHE_CONTROL], "public, max-age=31536000, immutable");
        assert_eq!(first.headers()[header::CONTENT_TYPE], "text/css; charset=utf-8");
        let stale = get(Some("v=0000"), HeaderMap::new()).await.unwrap();
        assert_eq!(stale.headers()[header::CACHE_CONTROL], "no-cache");
        let mut again = HeaderMap::new();
        let weak = format!("\"x\", W/{}", first.headers()[header::ETAG].to_str().unwrap());
        again.insert(header::IF_NONE_MATCH, weak.parse().unwrap());
        assert_eq!(get(None, again).await.unwrap().status(), StatusCode::NOT_MODIFIED);
        let nothing = serve(Path("../secret".to_owned()), RawQuery(None), HeaderMap::new()).await;
        assert_eq!(nothing.unwrap_err(), PageError::NotFound);
    }
}
