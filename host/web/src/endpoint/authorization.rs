//! The authorization endpoint over HTTP (OIDC Core §3.1.2.1): parameters by the query of a GET or the form of a POST.

use axum::body::Body;
use esignet_protocol::endpoint::authorization::{self, RawAuthorization};
use esignet_protocol::word::query::Query;
use http::Method;
use http::request::Parts;

use crate::answer::{Reply, page, refusal};
use crate::cookie;
use crate::extract::body::{self, Need};
use crate::extract::language;
use crate::router::Route;
use crate::site::Site;

pub(super) async fn answer(site: &Site, route: &Route, parts: &Parts, body: Body) -> Reply {
    let query = if parts.method == Method::POST {
        match body::form(&parts.headers, body, Need::Required).await {
            Ok(bytes) => Query::parse(&bytes),
            Err(refused) => return refusal::body(site, &parts.headers, route.face, refused),
        }
    } else {
        Query::parse(parts.uri.query().unwrap_or_default().as_bytes())
    };
    let raw = RawAuthorization {
        query,
        cookie: cookie::read(&parts.headers, site.transport),
        accept_language: language::accepted(&parts.headers),
    };
    page::answer(site, &parts.headers, authorization::handle(&site.provider, raw).await)
}
