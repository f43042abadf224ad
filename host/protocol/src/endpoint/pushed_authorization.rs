//! Pushed authorization requests (RFC 9126 §2, FAPI 2.0 SP §5.3.2.2), plain or as a signed request object (RFC 9126 §3).

use std::borrow::Cow;

use serde::Serialize;

use super::{RawRequest, path};
use crate::authorization_request::validation::{self, Refusal as RequestRefusal};
use crate::authorization_request::{AuthorizationRequest, PushedRequest};
use crate::client::Client;
use crate::client_auth;
use crate::client_keys;
use crate::error::{ErrorCode, Fault, Refused};
use crate::extension::dpop::{self, Expected};
use crate::extension::id_token_hint;
use crate::extension::request_object::{self, RequestObjectRefusal};
use crate::ports::store::{Kept, Window};
use crate::provider::Provider;
use crate::word::handle::{HandleHash, RequestUri};
use crate::word::parameters::{Parameters, ParametersError};
use crate::word::time::Timestamp;

/// The answer to a request that was taken (RFC 9126 §2.2), status 201.
#[derive(Debug, Serialize)]
pub struct Accepted {
    /// For the authorization endpoint, once.
    pub request_uri: String,
    /// Seconds.
    pub expires_in: u64,
}

/// Why a request is refused.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// The body as a whole.
    #[error(transparent)]
    Parameters(#[from] ParametersError),
    /// RFC 9126 §2.1: a pushed request cannot point to another one.
    #[error("request_uri must not be pushed")]
    RequestUri,
    /// The client sends signed requests only (FAPI 2.0 Message Signing §5.3.1, RFC 9101 §10.5).
    #[error(
        "the client sends signed requests only, by its profile or registration, and there is no request object"
    )]
    NotSigned,
    /// RFC 9101 §6.
    #[error("request object: {0}")]
    RequestObject(#[from] RequestObjectRefusal),
    /// What is asked, not how it came.
    #[error(transparent)]
    Request(#[from] RequestRefusal),
    /// RFC 9126 §2.3: too many requests.
    #[error("the client pushes more requests than it may")]
    TooMany,
}

impl Refusal {
    /// What the client is told.
    pub const fn code(&self) -> ErrorCode {
        match self {
            Self::Parameters(_) | Self::RequestUri | Self::NotSigned => ErrorCode::InvalidRequest,
            // A `request_uri` inside is a fault of the object (RFC 9101 §4, §7), not of the body (RFC 9126 §2.1).
            Self::RequestObject(_) => ErrorCode::InvalidRequestObject,
            Self::Request(refusal) => refusal.code(),
            Self::TooMany => ErrorCode::TemporarilyUnavailable,
        }
    }

    /// 413 for too large, 429 for too many, else 400 (RFC 9126 §2.3).
    pub const fn status(&self) -> u16 {
        if matches!(
            self,
            Self::Parameters(ParametersError::TooLarge) | Self::Request(RequestRefusal::TooMuch)
        ) {
            413
        } else if matches!(self, Self::TooMany) {
            429
        } else {
            400
        }
    }
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self::request(refusal.code(), &refusal).with_status(refusal.status())
    }
}

/// The parameters that count: those of the request object when there is one, and then no others (RFC 9101 §6.3); else
/// those of the body, if the client may send a request that is not signed.
pub fn parse<'a>(
    body: &'a Parameters,
    client: &Client,
    object: impl FnOnce(&str) -> Result<Parameters, RequestObjectRefusal>,
) -> Result<Cow<'a, Parameters>, Refusal> {
    if body.has("request_uri") {
        return Err(Refusal::RequestUri);
    }
    match body.one("request") {
        Some(text) => Ok(Cow::Owned(object(text)?)),
        None if client.signs_requests() => Err(Refusal::NotSigned),
        None => Ok(Cow::Borrowed(body)),
    }
}

/// Authenticates the client, decides, keeps the request.
pub async fn handle(provider: &Provider, raw: RawRequest) -> Result<Accepted, Refused> {
    let now = provider.now();
    let body = raw.parameters.as_ref().map_err(|error| Refusal::from(*error))?;
    let client = client_auth::authenticate(provider, body, &raw, now).await?;
    if !within_bounds(provider, &client, RequestKind::Pushed, now).await? {
        return Err(Refusal::TooMany.into());
    }

    let expected = Expected { method: "POST", path: path::PUSHED_AUTHORIZATION, access_token: None };
    let proof = dpop::check(provider, &raw.dpop, expected, now).await;
    let proof = proof.map_err(|error| error.refused(provider, now))?;
    let issuer = &provider.policy.issuer;
    let keys = client_keys::for_jwt(provider, &client, body.one("request"), now).await?;
    let object = |text: &str| request_object::decide(text, &client, &keys, issuer, now);
    let parameters = parse(body, &client, object)?;
    let hint = |token: &str| id_token_hint::subject(token, provider, &client);
    let jkt = proof.as_ref().map(|proof| proof.jkt.as_str());
    let request = validation::decide(&parameters, &client, jkt, hint).map_err(Refusal::from)?;

    let handle = keep(provider, &client, request, now).await?;
    Ok(Accepted { request_uri: handle.to_urn(), expires_in: provider.policy.lifetimes.pushed_request })
}

/// Keeps a request until a browser opens it, or its time is over.
pub(super) async fn keep(
    provider: &Provider,
    client: &Client,
    request: AuthorizationRequest,
    now: Timestamp,
) -> Result<RequestUri, Fault> {
    let handle = RequestUri::random(provider.entropy.as_ref());
    let open_until = now.plus(provider.policy.lifetimes.pushed_request);
    let pushed = PushedRequest { client_id: client.client_id.clone(), request, open_until };
    provider.stores.pushed_requests.push(&handle.hash(), &pushed, open_until).await?;
    Ok(handle)
}

/// Losing count in a crash costs nothing: requests of before are gone as well.
const MINUTE: Window = Window { seconds: 60, kept: Kept::OverACleanStop };

/// How a request came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RequestKind {
    /// From a client that authenticated.
    Pushed,
    /// Through a browser, from whoever knows the client's id.
    Direct,
}

/// Storage is bounded per client: so many requests a minute of each kind, none of which lives longer unless a browser opens
/// it. What anybody can send in a client's name must not keep out what only it can.
pub(super) async fn within_bounds(
    provider: &Provider,
    client: &Client,
    kind: RequestKind,
    now: Timestamp,
) -> Result<bool, Fault> {
    let kind = match kind {
        RequestKind::Pushed => "pushed",
        RequestKind::Direct => "direct",
    };
    let key = HandleHash::of(format!("{kind} {}", client.client_id).as_bytes());
    let count = provider.stores.counters.increment(&key, MINUTE, now).await?;
    Ok(count <= provider.policy.bounds.pushed_requests_per_minute)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::Profile;
    use crate::testing::{client, key, parameters};

    fn taken(body: &Parameters, client: &Client) -> Result<Vec<String>, ErrorCode> {
        let object = |text: &str| {
            if text == "good" {
                Ok(parameters(&[("scope", "openid")]))
            } else {
                Err(RequestObjectRefusal::Expired)
            }
        };
        let names = |parameters: Cow<'_, Parameters>| {
            parameters.with_prefix("").map(|(name, _)| name.to_owned()).collect()
        };
        parse(body, client, object).map(names).map_err(|refusal| refusal.code())
    }

    #[test]
    fn what_stands_outside_of_a_request_object_is_ignored() {
        let client = client(&key());
        let body =
            parameters(&[("request", "good"), ("redirect_uri", "https://evil.example"), ("client_id", "rp")]);
        assert_eq!(taken(&body, &client), Ok(vec!["scope".to_owned()]));
        assert_eq!(taken(&parameters(&[("scope", "x")]), &client), Ok(vec!["scope".to_owned()]));
    }

    #[test]
    fn a_bad_object_and_a_request_uri_are_told_apart() {
        let client = client(&key());
        assert_eq!(taken(&parameters(&[("request", "bad")]), &client), Err(ErrorCode::InvalidRequestObject));
        let urn = "urn:ietf:params:oauth:request_uri:x";
        assert_eq!(taken(&parameters(&[("request_uri", urn)]), &client), Err(ErrorCode::InvalidRequest));
        let nested = Refusal::from(RequestObjectRefusal::Nested);
        assert_eq!(nested.code(), ErrorCode::InvalidRequestObject);
    }

    #[test]
    fn a_client_of_signed_requests_pushes_no_others() {
        let mut client = client(&key());
        client.profile = Profile::Fapi2MessageSigning;
        assert_eq!(taken(&parameters(&[("scope", "openid")]), &client), Err(ErrorCode::InvalidRequest));
        assert!(taken(&parameters(&[("request", "good")]), &client).is_ok());
        client.profile = Profile::Fapi2;
        assert!(taken(&parameters(&[("scope", "openid")]), &client).is_ok());
        client.require_signed_request_object = true;
        assert_eq!(taken(&parameters(&[("scope", "openid")]), &client), Err(ErrorCode::InvalidRequest));
    }
}
