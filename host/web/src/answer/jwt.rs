//! Answers that are a JWT: never kept by anybody (OIDC Core §5.3.2, RFC 9701 §5).

use axum::body::Body;
use axum::response::Response;
use http::header;
use http::{HeaderValue, StatusCode};

use super::page::sized;

/// A JWT of this media type, which nobody may keep.
pub(crate) fn private(media_type: &'static str, jwt: String) -> Response {
    let mut response = sized(StatusCode::OK, HeaderValue::from_static(media_type), Body::from(jwt));
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
    response
}
