//! Logos of clients. What is at a name never changes, so it may be kept for ever (RFC 8246 §2).

use axum::body::Body;
use esignet_protocol::client::LogoId;
use http::request::Parts;
use http::{HeaderValue, StatusCode, header};

use super::asset::FOR_EVER;
use crate::answer::Reply;
use crate::answer::page::sized;
use crate::answer::refusal;
use crate::page::problem::Trouble;
use crate::router::Route;
use crate::site::Site;

pub(super) async fn answer(site: &Site, route: &Route, parts: &Parts) -> Reply {
    let file = parts.uri.path().rsplit('/').next().unwrap_or_default();
    let Some(id) = file.strip_suffix(".png").and_then(LogoId::parse) else {
        return refusal::refuse(site, &parts.headers, route.face, Trouble::NotFound);
    };
    match site.provider.stores.logos.logo(&id).await {
        Ok(Some(png)) => {
            let mut response = sized(StatusCode::OK, HeaderValue::from_static("image/png"), Body::from(png));
            response.headers_mut().insert(header::CACHE_CONTROL, FOR_EVER);
            Reply::done(response, "client_logo")
        }
        Ok(None) => refusal::refuse(site, &parts.headers, route.face, Trouble::NotFound),
        Err(error) => refusal::failed(site, &parts.headers, route.face, &error.to_string()),
    }
}
