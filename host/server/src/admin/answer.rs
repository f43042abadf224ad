//! What the admin API answers: registrations in their own words, and findings with the member each is about.

use std::sync::Arc;

use axum::body::Body;
use axum::http::header::{self, HeaderValue};
use axum::http::{HeaderName, StatusCode};
use axum::response::Response;
use esignet_protocol::client::Client;
use esignet_protocol::ports::store::{Version, Versioned};
use serde_json::{Value, json};

use super::{error, with_json};
use crate::config::finding::Finding;
use crate::registrations::{Done, Refusal};

/// Why a request is refused.
pub(super) enum Refused {
    /// It has an `Origin`: a page in a browser sends it.
    FromABrowser,
    /// It brings no token, or another one.
    NoToken,
    /// There is nothing at its path.
    NoSuchPath,
    /// Its method does nothing here; these do.
    MethodNotAllowed(&'static str),
    /// It is not `application/json`.
    NotJson,
    /// Its body is no JSON object.
    BadJson,
    /// Its body is too large.
    TooLarge,
    /// It would replace what its sender may not have seen (RFC 6585 §3).
    NoPrecondition,
    /// It is meant for another version.
    PreconditionFailed,
    /// What it says is wrong.
    Findings(Vec<Finding>),
    /// The change is refused.
    Registration(Refusal),
}

impl From<Vec<Finding>> for Refused {
    fn from(findings: Vec<Finding>) -> Self {
        Self::Findings(findings)
    }
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self::Registration(refusal)
    }
}

impl From<esignet_protocol::ports::store::StoreError> for Refused {
    fn from(error: esignet_protocol::ports::store::StoreError) -> Self {
        Self::Registration(Refusal::Store(error))
    }
}

/// One finding about a member.
pub(super) fn member(member: &str, problem: &str, fix: &str) -> Refused {
    Refused::Findings(vec![Finding::error("client", member, problem, fix)])
}

impl Refused {
    pub(super) fn into_response(self) -> Response {
        let plain = |status, code: &str| error(status, code, &[]);
        match self {
            Self::FromABrowser => plain(StatusCode::FORBIDDEN, "forbidden"),
            Self::NoToken => {
                let refused = plain(StatusCode::UNAUTHORIZED, "invalid_token");
                with(refused, header::WWW_AUTHENTICATE, "Bearer")
            }
            Self::NoSuchPath => plain(StatusCode::NOT_FOUND, "not_found"),
            Self::MethodNotAllowed(allowed) => {
                with(plain(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed"), header::ALLOW, allowed)
            }
            Self::NotJson => plain(StatusCode::UNSUPPORTED_MEDIA_TYPE, "not_json"),
            Self::BadJson => plain(StatusCode::BAD_REQUEST, "not_a_json_object"),
            Self::TooLarge => plain(StatusCode::PAYLOAD_TOO_LARGE, "too_large"),
            Self::NoPrecondition => plain(StatusCode::PRECONDITION_REQUIRED, "if_match_is_missing"),
            Self::PreconditionFailed | Self::Registration(Refusal::Changed(_)) => {
                plain(StatusCode::PRECONDITION_FAILED, "changed_meanwhile")
            }
            Self::Findings(findings) | Self::Registration(Refusal::Wrong(findings)) => {
                error(StatusCode::UNPROCESSABLE_ENTITY, "invalid_registration", &all(&findings))
            }
            Self::Registration(Refusal::Taken(_)) => plain(StatusCode::CONFLICT, "client_id_is_taken"),
            Self::Registration(Refusal::Unknown(_)) => plain(StatusCode::NOT_FOUND, "unknown_client"),
            Self::Registration(Refusal::Unrecorded(fault)) => {
                tracing::error!(%fault, "admin: a change could not be recorded");
                plain(StatusCode::SERVICE_UNAVAILABLE, "unrecorded")
            }
            Self::Registration(Refusal::Store(failure)) => {
                tracing::error!(error = %failure, "admin: the store failed");
                plain(StatusCode::SERVICE_UNAVAILABLE, "store_unavailable")
            }
        }
    }
}

/// All registrations.
pub(super) fn listed(clients: &[Arc<Client>]) -> Response {
    let clients: Vec<Client> = clients.iter().map(|client| as_registered(client)).collect();
    with_json(StatusCode::OK, &json!({ "clients": clients }))
}

/// One registration.
pub(super) fn shown(stored: &Versioned<Client>) -> Response {
    let response = with_json(StatusCode::OK, &json!(as_registered(&stored.record)));
    with(response, header::ETAG, &etag(&stored.version))
}

/// What was done.
pub(super) fn done(status: StatusCode, done: &Done) -> Response {
    let mut body = json!(done.outcome);
    if let Some(members) = body.as_object_mut() {
        members.insert("client".to_owned(), json!(as_registered(&done.client)));
        members.insert("findings".to_owned(), all(&done.warnings).into());
    }
    let mut response = with_json(status, &body);
    if let Some(version) = &done.version {
        response = with(response, header::ETAG, &etag(version));
    }
    response
}

/// Nothing is left to say.
pub(super) fn empty() -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    response
}

/// The registration as it was written, without what the server adds.
fn as_registered(client: &Client) -> Client {
    Client { logo: None, ..client.clone() }
}

fn all(findings: &[Finding]) -> Vec<Value> {
    let finding = |finding: &Finding| {
        json!({
            "field": finding.place,
            "severity": finding.severity,
            "code": finding.code,
            "problem": finding.problem,
            "fix": finding.fix,
        })
    };
    findings.iter().map(finding).collect()
}

/// A version as an entity tag (RFC 9110 §8.8.3).
fn etag(version: &Version) -> String {
    let digit = |four: u8| char::from_digit(u32::from(four), 16).unwrap_or('0');
    let hex: String = version.0.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect();
    format!("\"{hex}\"")
}

/// The version of an entity tag.
pub(super) fn version(etag: &str) -> Option<Version> {
    let hex = etag.strip_prefix('"')?.strip_suffix('"')?;
    let is_hex = hex.bytes().all(|byte| byte.is_ascii_hexdigit()) && hex.len().is_multiple_of(2);
    let pairs = hex
        .as_bytes()
        .chunks(2)
        .map(|pair| std::str::from_utf8(pair).ok().and_then(|pair| u8::from_str_radix(pair, 16).ok()));
    is_hex.then(|| pairs.collect::<Option<Vec<u8>>>()).flatten().map(Version)
}

fn with(mut response: Response, name: HeaderName, value: &str) -> Response {
    if let Ok(value) = HeaderValue::try_from(value) {
        response.headers_mut().insert(name, value);
    }
    response
}
