//! The key-binding endpoint over HTTP (ADR 104): a form with the proof, beside an access token.

use axum::body::Body;
use esignet_protocol::endpoint::key_binding;
use esignet_protocol::endpoint::userinfo::RawUserinfo;
use esignet_protocol::word::parameters::Parameters;
use http::request::Parts;
use http::{StatusCode, header};

use super::DPOP;
use crate::answer::{Reply, json, refusal};
use crate::extract::body::{self, Need};
use crate::extract::{client_certificate, values};
use crate::page::problem::Trouble;
use crate::router::Route;
use crate::site::Site;

pub(super) async fn answer(site: &Site, route: &Route, parts: &Parts, body: Body) -> Reply {
    let bytes = match body::form(&parts.headers, body, Need::Required).await {
        Ok(bytes) => bytes,
        Err(refused) => return refusal::body(site, &parts.headers, route.face, refused),
    };
    let Some(terms) = &site.provider.policy.key_binding else {
        return refusal::refuse(site, &parts.headers, route.face, Trouble::NotFound);
    };
    let raw = RawUserinfo {
        method: "POST",
        query: Parameters::parse(parts.uri.query().unwrap_or_default().as_bytes()),
        body: Parameters::parse(&bytes),
        dpop: values(&parts.headers, &DPOP),
        authorization: values(&parts.headers, &header::AUTHORIZATION),
        client_certificate: client_certificate(parts),
    };
    match key_binding::handle(&site.provider, terms, raw).await {
        Ok(bound) => Reply::done(json::private(StatusCode::OK, &bound), "key_bound"),
        Err(refused) => json::refused(site, &refused),
    }
}
