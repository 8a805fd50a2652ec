//! What the browser may do with our pages, and which requests it may send for others: none.

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use subtle::ConstantTimeEq;

use super::errors::PageError;
use super::page::Visitor;

/// No inline script or style, nothing from elsewhere, no frames, no base.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'self'; script-src 'self'; style-src 'self'; \
     img-src 'self' data:; object-src 'none'; frame-ancestors 'none'; form-action 'self'; base-uri 'none'";

const HEADERS: [(HeaderName, &str); 6] = [
    (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=(), payment=()"),
];

/// The layer that adds the security headers; what a handler set itself stays.
pub async fn headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    for (name, value) in HEADERS {
        response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}

/// The layer that refuses requests which change something and come from another site's page.
/// Programs with a bearer token send neither header and pass; a browser always sends one.
pub async fn same_origin(request: Request, next: Next) -> Response {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if reads || is_same_origin(request.headers(), request.uri().host()) {
        next.run(request).await
    } else {
        PageError::Forged.into_response()
    }
}

fn is_same_origin(headers: &HeaderMap, authority: Option<&str>) -> bool {
    let text = |name: HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    match (text(HeaderName::from_static("sec-fetch-site")), text(header::ORIGIN)) {
        (Some(site), _) => site == "same-origin" || site == "none",
        (None, None) => true,
        (None, Some(origin)) => {
            let host = text(header::HOST).or(authority);
            let from = origin.split_once("://").map(|(_, from)| from);
            host.is_some() && from == host
        }
    }
}

/// Whether a form or htmx request carries the session's token, in the field or the header.
/// Without a session there is no authority to borrow, and nothing to check.
#[must_use]
pub fn is_from_session(visitor: &Visitor, headers: &HeaderMap, field: Option<&str>) -> bool {
    let Some(account) = &visitor.account else { return true };
    let given = headers.get("x-csrf-token").and_then(|value| value.to_str().ok()).or(field);
    let given = given.unwrap_or_default().as_bytes();
    !account.csrf.is_empty() && bool::from(given.ct_eq(account.csrf.as_bytes()))
}

/// Whether an address leads somewhere on this site, so that it may be gone back to.
#[must_use]
pub fn is_local(address: &str) -> bool {
    address.starts_with('/')
        && !address.starts_with("//")
        && !address.contains(['\\', '\r', '\n', '\t'])
        && address.is_ascii()
        && address.len() <= 2000
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::page::Account;
    use qudao_domain::permissions::Role;

    fn headers_of(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap())).collect()
    }

    #[test]
    fn other_sites_may_not_post() {
        for (pairs, expected) in [
            (&[][..], true),
            (&[("sec-fetch-site", "same-origin")][..], true),
            (&[("sec-fetch-site", "none")][..], true),
            (&[("sec-fetch-site", "cross-site")][..], false),
            (
                &[("sec-fetch-site", "same-site"), ("origin", "https://a.example"), ("host", "a.example")][..],
                false,
            ),
            (&[("origin", "https://a.example"), ("host", "a.example")][..], true),
            (&[("origin", "https://evil.example"), ("host", "a.example")][..], false),
            (&[("origin", "null"), ("host", "a.example")][..], false),
        ] {
            assert_eq!(is_same_origin(&headers_of(pairs), None), expected, "{pairs:?}");
        }
    }

    #[test]
    fn the_token_counts_in_field_or_header() {
        let account = Account {
            name: "dealer".into(),
            email: "buyer@example.com".into(),
            role: Role::DealerBuyer,
            company: "vendor".into(),
            dealer: None,
            csrf: "right".into(),
            language: None,
        };
        let visitor = Visitor { account: Some(account.clone()), ..Visitor::default() };
        assert!(is_from_session(&visitor, &HeaderMap::new(), Some("right")));
        assert!(is_from_session(&visitor, &headers_of(&[("x-csrf-token", "right")]), None));
        assert!(!is_from_session(&visitor, &HeaderMap::new(), None));
        assert!(!is_from_session(&visitor, &headers_of(&[("x-csrf-token", "wrong")]), Some("right")));
        let broken = Account { csrf: String::new(), ..account };
        let visitor = Visitor { account: Some(broken), ..Visitor::default() };
        assert!(!is_from_session(&visitor, &HeaderMap::new(), Some("")));
        assert!(is_from_session(&Visitor::default(), &HeaderMap::new(), None));
    }

    #[test]
    fn only_local_addresses_are_gone_back_to() {
        for (address, local) in [
            ("/orders?q=1", true),
            ("//evil", false),
            ("/\\evil", false),
            ("https://evil", false),
            ("", false),
        ] {
            assert_eq!(is_local(address), local, "{address}");
        }
    }
}
