//! Files that pages load. Their names change with their content, so they may be kept for ever (RFC 8246 §2).

use axum::body::Body;
use http::request::Parts;
use http::{HeaderValue, StatusCode, header};

use crate::answer::Reply;
use crate::answer::page::sized;
use crate::answer::refusal::{self, Face};
use crate::page::problem::Trouble;
use crate::site::Site;

/// Whatever is at the name now is what will be there.
pub(super) const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

pub(super) fn answer(site: &Site, parts: &Parts, place: usize) -> Reply {
    let Some(asset) = site.assets.iter().nth(place) else {
        return refusal::refuse(site, &parts.headers, Face::Json, Trouble::NotFound);
    };
    let media_type = HeaderValue::from_static(asset.media_type);
    let mut response = sized(StatusCode::OK, media_type, Body::from(asset.content.clone()));
    response.headers_mut().insert(header::CACHE_CONTROL, FOR_EVER);
    Reply::done(response, "asset")
}
