//! Pushed authorization requests (RFC 9126 §2, FAPI 2.0 SP §5.3.2.2).

use serde::Serialize;

use super::{RawRequest, path};
use crate::authorization_request::{AuthorizationRequest, PushedRequest};
use crate::client::Client;
use crate::client_auth;
use crate::error::{ErrorCode, Fault, Refused};
use crate::extension::dpop::{self, Expected};
use crate::extension::id_token_hint::{self, HintRefusal};
use crate::ports::store::{Kept, Window};
use crate::provider::Provider;
use crate::word::acr;
use crate::word::claims_request::{ClaimsRequest, MalformedClaims};
use crate::word::code_challenge::CodeChallenge;
use crate::word::handle::{HandleHash, RequestUri};
use crate::word::locale;
use crate::word::opaque::{NotOpaque, Opaque};
use crate::word::parameters::{Parameters, ParametersError};
use crate::word::prompt::{MalformedPrompt, Prompt};
use crate::word::response_mode::{ResponseMode, UnknownResponseMode};
use crate::word::scope::{Scope, UnknownScope};
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
    /// Request objects are not supported (OIDC Core §6.1).
    #[error("the parameter request is not supported")]
    RequestObject,
    /// OIDC Core §7.2.1.
    #[error("the parameter registration is not supported")]
    Registration,
    /// RFC 9396 §5.
    #[error("authorization_details are not supported")]
    AuthorizationDetails,
    /// RFC 6749 §4.1.1.
    #[error("response_type is missing")]
    ResponseTypeMissing,
    /// Only `code` exists here.
    #[error("response_type is not code")]
    ResponseType,
    /// RFC 6749 §3.1.2.2.
    #[error("redirect_uri is missing or not registered")]
    RedirectUri,
    /// Multiple Response Types §2.1.
    #[error(transparent)]
    ResponseMode(#[from] UnknownResponseMode),
    /// RFC 6749 §3.3.
    #[error(transparent)]
    Scope(#[from] UnknownScope),
    /// RFC 7636 §4.4.1.
    #[error("code_challenge is missing or malformed, or code_challenge_method is not S256")]
    CodeChallenge,
    /// `state` or `nonce`.
    #[error(transparent)]
    Opaque(#[from] NotOpaque),
    /// OIDC Core §3.1.2.1.
    #[error(transparent)]
    Prompt(#[from] MalformedPrompt),
    /// OIDC Core §3.1.2.1.
    #[error("max_age is not a non-negative integer")]
    MaxAge,
    /// OIDC Core §5.5.
    #[error(transparent)]
    Claims(#[from] MalformedClaims),
    /// RFC 9449 §10: `dpop_jkt` is malformed.
    #[error("dpop_jkt is not a SHA-256 thumbprint")]
    DpopJkt,
    /// RFC 9449 §10.1: header and parameter name different keys.
    #[error("dpop_jkt and the DPoP proof name different keys")]
    DpopKeys,
    /// OIDC Core §3.1.2.1.
    #[error("id_token_hint: {0}")]
    IdTokenHint(#[from] HintRefusal),
    /// Each value is within its bound, and all together are more than a login can carry.
    #[error("the request is larger than {MAX_RECORD} bytes in all")]
    TooMuch,
    /// RFC 9126 §2.3: too many requests.
    #[error("the client pushes more requests than it may")]
    TooMany,
}

impl Refusal {
    /// What the client is told.
    pub const fn code(&self) -> ErrorCode {
        match self {
            Self::Parameters(_)
            | Self::RequestUri
            | Self::ResponseTypeMissing
            | Self::RedirectUri
            | Self::ResponseMode(_)
            | Self::CodeChallenge
            | Self::Opaque(_)
            | Self::Prompt(_)
            | Self::MaxAge
            | Self::Claims(_)
            | Self::DpopJkt
            | Self::TooMuch
            | Self::IdTokenHint(_) => ErrorCode::InvalidRequest,
            Self::RequestObject => ErrorCode::RequestNotSupported,
            Self::Registration => ErrorCode::RegistrationNotSupported,
            Self::AuthorizationDetails => ErrorCode::InvalidAuthorizationDetails,
            Self::ResponseType => ErrorCode::UnsupportedResponseType,
            Self::Scope(_) => ErrorCode::InvalidScope,
            Self::DpopKeys => ErrorCode::InvalidDpopProof,
            Self::TooMany => ErrorCode::TemporarilyUnavailable,
        }
    }

    /// 413 for too large, 429 for too many, else 400 (RFC 9126 §2.3).
    pub const fn status(&self) -> u16 {
        if matches!(self, Self::Parameters(ParametersError::TooLarge) | Self::TooMuch) {
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

/// Claims that change what happens, whatever the client may ask for. All others that it may not have are ignored, as
/// unknown ones are (OIDC Core §5.5).
const MEANINGFUL_CLAIMS: [&str; 2] = ["sub", "acr"];

/// The most bytes of a request as it is kept. It is part of the login's record, which a store takes up to 16 KB of.
const MAX_RECORD: usize = 5 * 1024;

/// Takes a request from an authenticated client, or says what is wrong with it. `proof_jkt` is the key of a DPoP proof
/// that came with it; `hint` looks into an `id_token_hint`.
pub fn decide(
    parameters: &Parameters,
    client: &Client,
    proof_jkt: Option<&str>,
    hint: impl FnOnce(&str) -> Result<String, HintRefusal>,
) -> Result<AuthorizationRequest, Refusal> {
    let unsupported = [
        ("request_uri", Refusal::RequestUri),
        ("request", Refusal::RequestObject),
        ("registration", Refusal::Registration),
        ("authorization_details", Refusal::AuthorizationDetails),
    ];
    if let Some((_, refusal)) = unsupported.into_iter().find(|(name, _)| parameters.has(name)) {
        return Err(refusal);
    }

    match parameters.one("response_type") {
        Some("code") => {}
        Some(_) => return Err(Refusal::ResponseType),
        None => return Err(Refusal::ResponseTypeMissing),
    }
    // RFC 9700 §2.1: exact string comparison.
    let given = parameters.one("redirect_uri").ok_or(Refusal::RedirectUri)?;
    let redirect_uri =
        client.redirect_uris.iter().find(|uri| uri.as_str() == given).ok_or(Refusal::RedirectUri)?;
    let response_mode =
        parameters.one("response_mode").map(ResponseMode::parse).transpose()?.unwrap_or_default();
    let scope = Scope::parse(parameters.one("scope").unwrap_or_default())?;

    // RFC 7636 §4.3; an absent method would mean `plain`, which does not exist here.
    if parameters.one("code_challenge_method") != Some("S256") {
        return Err(Refusal::CodeChallenge);
    }
    let challenge = parameters.one("code_challenge").unwrap_or_default();
    let code_challenge = CodeChallenge::parse(challenge).map_err(|_| Refusal::CodeChallenge)?;

    let dpop_jkt = match (parameters.one("dpop_jkt"), proof_jkt) {
        (Some(jkt), _) if CodeChallenge::parse(jkt).is_err() => return Err(Refusal::DpopJkt),
        (Some(jkt), Some(proof)) if jkt != proof => return Err(Refusal::DpopKeys),
        (jkt, proof) => jkt.or(proof).map(str::to_owned),
    };
    let max_age = parameters.one("max_age").map(str::parse::<u32>).transpose();
    // Every login is a fresh one, so any `max_age` is met.
    max_age.map_err(|_| Refusal::MaxAge)?;

    let mut claims = parameters.one("claims").map(ClaimsRequest::parse).transpose()?.unwrap_or_default();
    claims.retain(|name| client.claims.contains(name) || MEANINGFUL_CLAIMS.contains(&name));

    let request = AuthorizationRequest {
        redirect_uri: redirect_uri.clone(),
        response_mode,
        scope,
        state: parameters.one("state").map(Opaque::parse).transpose()?,
        nonce: parameters.one("nonce").map(Opaque::parse).transpose()?,
        code_challenge,
        dpop_jkt,
        prompt: parameters.one("prompt").map(Prompt::parse).transpose()?.unwrap_or_default(),
        acr_values: parameters.one("acr_values").map(acr::parse_values).unwrap_or_default(),
        claims,
        ui_locales: parameters.one("ui_locales").map(locale::parse_list).unwrap_or_default(),
        claims_locales: parameters.one("claims_locales").map(locale::parse_list).unwrap_or_default(),
        login_hint: parameters.one("login_hint").map(str::to_owned),
        expected_subject: parameters.one("id_token_hint").map(hint).transpose()?,
    };
    let size = serde_json::to_vec(&request).map_or(usize::MAX, |record| record.len());
    if size > MAX_RECORD { Err(Refusal::TooMuch) } else { Ok(request) }
}

/// Authenticates the client, decides, keeps the request.
pub async fn handle(provider: &Provider, raw: RawRequest) -> Result<Accepted, Refused> {
    let now = provider.now();
    let parameters = raw.parameters.as_ref().map_err(|error| Refusal::from(*error))?;
    let client = client_auth::authenticate(provider, parameters, &raw, now).await?;
    bound(provider, &client, now).await?;

    let url = provider.policy.issuer.endpoint(path::PUSHED_AUTHORIZATION);
    let expected = Expected { method: "POST", url: &url, access_token: None };
    let proof = dpop::check(provider, &raw.dpop, expected, now).await?;
    let hint = |token: &str| id_token_hint::subject(token, provider, &client);
    let request = decide(parameters, &client, proof.as_ref().map(|proof| proof.jkt.as_str()), hint)?;

    let handle = RequestUri::random(provider.entropy.as_ref());
    let expires_in = provider.policy.lifetimes.pushed_request;
    let open_until = now.plus(expires_in);
    let pushed = PushedRequest { client_id: client.client_id.clone(), request, open_until };
    provider.stores.pushed_requests.push(&handle.hash(), &pushed, open_until).await.map_err(Fault::from)?;
    Ok(Accepted { request_uri: handle.to_urn(), expires_in })
}

/// Losing count in a crash costs nothing: requests of before are gone as well.
const MINUTE: Window = Window { seconds: 60, kept: Kept::OverACleanStop };

/// Storage is bounded per client: so many requests a minute, none of which lives longer unless a browser opens it.
async fn bound(provider: &Provider, client: &Client, now: Timestamp) -> Result<(), Refused> {
    let key = HandleHash::of(format!("pushed {}", client.client_id).as_bytes());
    let count = provider.stores.counters.increment(&key, MINUTE, now).await.map_err(Fault::from)?;
    if count > provider.policy.bounds.pushed_requests_per_minute {
        return Err(Refusal::TooMany.into());
    }
    Ok(())
}

#[cfg(test)]
mod tests;
