//! Userinfo over HTTP (OIDC Core §5.3.1): GET, or POST with or without a form.

use axum::body::Body;
use bytes::Bytes;
use esignet_protocol::endpoint::userinfo::{self, RawUserinfo};
use esignet_protocol::issue::userinfo::Userinfo;
use esignet_protocol::word::parameters::Parameters;
use http::header;
use http::request::Parts;
use http::{Method, StatusCode};

use super::DPOP;
use crate::answer::{Reply, json, jwt, refusal};
use crate::extract::body::{self, Need};
use crate::extract::{client_certificate, values};
use crate::router::Route;
use crate::site::Site;

pub(super) async fn answer(site: &Site, route: &Route, parts: &Parts, body: Body) -> Reply {
    let posted = parts.method == Method::POST;
    // A GET has no body worth reading (RFC 9110 §9.3.1).
    let bytes = if posted {
        match body::form(&parts.headers, body, Need::Optional).await {
            Ok(bytes) => bytes,
            Err(refused) => return refusal::body(site, &parts.headers, route.face, refused),
        }
    } else {
        Bytes::new()
    };
    let raw = RawUserinfo {
        method: if posted { "POST" } else { "GET" },
        query: Parameters::parse(parts.uri.query().unwrap_or_default().as_bytes()),
        body: Parameters::parse(&bytes),
        dpop: values(&parts.headers, &DPOP),
        authorization: values(&parts.headers, &header::AUTHORIZATION),
        client_certificate: client_certificate(parts),
    };
    match userinfo::handle(&site.provider, raw).await {
        Ok(Userinfo::Json(claims)) => Reply::done(json::private(StatusCode::OK, &claims), "claims"),
        Ok(Userinfo::Jwt(jwt)) => Reply::done(jwt::private("application/jwt", jwt), "signed_claims"),
        Err(refused) => json::refused(site, &refused),
    }
}
