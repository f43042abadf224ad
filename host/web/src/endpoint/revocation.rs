//! Token revocation over HTTP (RFC 7009 §2): 200 and nothing.

use axum::body::Body;
use axum::response::Response;
use esignet_protocol::endpoint::revocation;
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
    match revocation::handle(&site.provider, raw).await {
        Ok(()) => Reply::done(Response::new(Body::empty()), "revoked"),
        Err(refused) => json::refused(site, &refused),
    }
}
