//! Pushed authorization requests over HTTP (RFC 9126 §2).

use axum::body::Body;
use esignet_protocol::endpoint::pushed_authorization;
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
    match pushed_authorization::handle(&site.provider, raw).await {
        Ok(accepted) => Reply::done(json::private(StatusCode::CREATED, &accepted), "request_uri"),
        Err(refused) => json::refused(site, &refused),
    }
}
