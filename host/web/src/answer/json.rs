//! JSON answers: never kept by anybody unless they are public documents (RFC 6749 §5.1, RFC 9126 §2.2).

use axum::body::Body;
use axum::response::Response;
use esignet_protocol::error::Refused;
use esignet_protocol::error::wire::{Challenge, StepUp};
use esignet_protocol::extension::dpop;
use http::header::{self, HeaderName};
use http::{HeaderValue, StatusCode};
use serde::Serialize;
use serde_json::json;

use super::page::sized;
use super::{Outcome, Reply, incident};
use crate::site::Site;

/// How long public pages may be kept.
pub(crate) const PUBLIC: HeaderValue = HeaderValue::from_static("public, max-age=300");
/// RFC 9449 §8.
const DPOP_NONCE: HeaderName = HeaderName::from_static("dpop-nonce");
const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// A document that anybody may keep for so many seconds (RFC 9111 §5.2.2.1).
pub(crate) fn public(document: &impl Serialize, max_age: u64) -> Response {
    let mut response = plain(StatusCode::OK, document);
    insert(&mut response, header::CACHE_CONTROL, &format!("public, max-age={max_age}"));
    response
}

/// An answer that nobody may keep.
pub(crate) fn private(status: StatusCode, document: &impl Serialize) -> Response {
    let mut response = plain(status, document);
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
    response
}

/// A refusal of the protocol.
pub(crate) fn refused(site: &Site, refused: &Refused) -> Reply {
    let code = refused.code.as_str();
    let incident = incident::new(&*site.provider.entropy);
    // RFC 6750 §3.1: who sent no credentials is told how to, and nothing else.
    let body = if refused.challenge == Some(Challenge::Bare) {
        json!({ "incident_id": incident })
    } else {
        let mut body = error(code, refused.code.description(), &incident);
        // RFC 6749 §5.2: what to do about it.
        if let Some(members) = body.as_object_mut() {
            let uri = site.provider.policy.issuer.error_uri(refused.code);
            members.insert("error_uri".to_owned(), uri.into());
        }
        body
    };
    let mut response = private(status(refused.status), &body);
    if let Some(nonce) = &refused.dpop_nonce {
        insert(&mut response, DPOP_NONCE, nonce);
    }
    if let Some(challenge) = refused.challenge {
        let algs = dpop::algorithm_names().join(" ");
        let mut value = challenge.header(refused.code, &algs);
        value.extend(refused.step_up.iter().map(StepUp::parameters));
        insert(&mut response, header::WWW_AUTHENTICATE, &value);
    }
    Reply { response, outcome: Outcome::of(code, &refused.cause, Some(incident)) }
}

/// The body of an error (RFC 6749 §5.2).
pub(crate) fn error(code: &str, description: &str, incident: &str) -> serde_json::Value {
    json!({ "error": code, "error_description": description, "incident_id": incident })
}

/// A status that is one.
pub(crate) fn status(code: u16) -> StatusCode {
    StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// Adds a header, if the value can be one.
pub(crate) fn insert(response: &mut Response, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}

fn plain(status: StatusCode, document: &impl Serialize) -> Response {
    // What goes out here has string keys and finite numbers, so writing it cannot fail.
    let body = serde_json::to_vec(document).unwrap_or_default();
    sized(status, JSON, Body::from(body))
}
