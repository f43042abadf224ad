//! Token introspection over HTTP (RFC 7662 §2, RFC 9701 §4).

use axum::body::Body;
use esignet_protocol::endpoint::introspection::{self, Introspection};
use http::StatusCode;
use http::request::Parts;

use super::raw;
use crate::answer::{Reply, json, jwt};
use crate::router::Route;
use crate::site::Site;

pub(super) async fn answer(site: &Site, route: &Route, parts: &Parts, body: Body) -> Reply {
    let raw = match raw(site, route, parts, body).await {
        Ok(raw) => raw,
        Err(refused) => return refused,
    };
    match introspection::handle(&site.provider, raw).await {
        Ok(Introspection::Json(answer)) => {
            Reply::done(json::private(StatusCode::OK, &answer), "introspection")
        }
        Ok(Introspection::Jwt(answer)) => {
            Reply::done(jwt::private("application/token-introspection+jwt", answer), "signed_introspection")
        }
        Err(refused) => json::refused(site, &refused),
    }
}
