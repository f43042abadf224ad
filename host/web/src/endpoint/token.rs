//! The token endpoint over HTTP (RFC 6749 §3.2).

use axum::body::Body;
use esignet_protocol::endpoint::token;
use http::StatusCode;
use http::request::Parts;

use super::raw;
use crate::answer::{Reply, json};
use crate::router::Route;
use crate::site::Site;

pub(super) async fn answer(site: &Site, route: &Route, parts: &Parts, body: Body) -> Reply {
    let raw = match raw(site, route, parts, body).await {
        Ok(raw) => raw,
        Err(refused) => return refused,
    };
    match token::handle(&site.provider, raw).await {
        Ok(tokens) => Reply::done(json::private(StatusCode::OK, &tokens), "tokens"),
        Err(refused) => json::refused(site, &refused),
    }
}
