//! The userinfo endpoint (OIDC Core §5.3, RFC 6750 §2, RFC 9449 §7).

use serde_json::{Map, Value};

use super::{ClientCertificate, path};
use crate::error::wire::Challenge;
use crate::error::{ErrorCode, Fault, Refused};
use crate::extension::dpop::{self, DpopError, DpopRefusal, Expected};
use crate::issue::{AccessGrant, claims};
use crate::provider::Provider;
use crate::word::handle::AccessToken;
use crate::word::parameters::{Parameters, ParametersError};

/// A request as it came.
pub struct RawUserinfo {
    /// `GET` or `POST`.
    pub method: &'static str,
    /// The query.
    pub query: Result<Parameters, ParametersError>,
    /// The body of a POST, empty otherwise.
    pub body: Result<Parameters, ParametersError>,
    /// Every `DPoP` header.
    pub dpop: Vec<String>,
    /// Every `Authorization` header.
    pub authorization: Vec<String>,
    /// The client's certificate, if its connection had one.
    pub client_certificate: Option<ClientCertificate>,
}

/// Why there are no claims.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// RFC 6750 §3.1: a request without any authentication information gets no error code.
    #[error("no access token was sent")]
    NoToken,
    /// A token in the query, in two places, or with a malformed request around it (RFC 6750 §2, §3.1).
    #[error("the access token is sent in a way that is not accepted")]
    BadlySent,
    /// Unknown, expired or revoked.
    #[error("the access token is unknown, expired or revoked")]
    UnknownToken,
    /// RFC 9449 §7.1: a bound token is not a bearer token.
    #[error("a DPoP-bound access token was sent as a bearer token")]
    NotAsBearer,
    /// The proof is missing, not good, or by another key.
    #[error(transparent)]
    Dpop(#[from] DpopRefusal),
    /// OIDC Core §5.3: userinfo is for OpenID Connect requests.
    #[error("the access token does not have the scope openid")]
    NoOpenid,
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        let (code, status, challenge) = match &refusal {
            Refusal::NoToken => (ErrorCode::InvalidToken, 401, Some(Challenge::Bare)),
            Refusal::BadlySent => (ErrorCode::InvalidRequest, 400, Some(Challenge::Refused)),
            Refusal::UnknownToken | Refusal::NotAsBearer => {
                (ErrorCode::InvalidToken, 401, Some(Challenge::Refused))
            }
            Refusal::Dpop(_) => (ErrorCode::InvalidDpopProof, 401, Some(Challenge::Refused)),
            Refusal::NoOpenid => (ErrorCode::InsufficientScope, 403, Some(Challenge::Refused)),
        };
        Self { challenge, ..Self::request(code, &refusal).with_status(status) }
    }
}

/// The token of a request: in one `Authorization: DPoP` header, and nowhere else.
pub fn parse(raw: &RawUserinfo) -> Result<AccessToken, Refusal> {
    let elsewhere = |place: &Result<Parameters, ParametersError>| {
        place.as_ref().map_or(true, |parameters| parameters.has("access_token"))
    };
    if elsewhere(&raw.query) || (elsewhere(&raw.body) && !raw.authorization.is_empty()) {
        return Err(Refusal::BadlySent);
    }
    if elsewhere(&raw.body) {
        // RFC 6750 §2.2 is for bearer tokens, and there are none here.
        return Err(Refusal::NotAsBearer);
    }
    let header = match raw.authorization.as_slice() {
        [] => return Err(Refusal::NoToken),
        [header] => header,
        _ => return Err(Refusal::BadlySent),
    };
    let (scheme, token) = header.split_once(' ').ok_or(Refusal::BadlySent)?;
    if scheme.eq_ignore_ascii_case("Bearer") {
        return Err(Refusal::NotAsBearer);
    }
    // RFC 9110 §11.1: scheme names are case-insensitive. RFC 6750 §3.1: another scheme is no authentication information.
    if !scheme.eq_ignore_ascii_case("DPoP") {
        return Err(Refusal::NoToken);
    }
    if !is_token68(token) {
        return Err(Refusal::BadlySent);
    }
    AccessToken::presented(token).ok_or(Refusal::UnknownToken)
}

/// RFC 9110 §11.2.
fn is_token68(text: &str) -> bool {
    let body = text.trim_end_matches('=');
    !body.is_empty() && body.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte))
}

/// Whether a good token with a good proof opens its claims.
pub fn decide(grant: &AccessGrant, proof_jkt: &str) -> Result<(), Refusal> {
    if proof_jkt != grant.dpop_jkt {
        return Err(DpopRefusal::OtherKey.into());
    }
    if !grant.scope.has_openid() {
        return Err(Refusal::NoOpenid);
    }
    Ok(())
}

/// Finds the token, checks the proof, opens the claims.
///
/// The token is looked up by its hash: what is found there we have issued, so its signature need not be verified again.
pub async fn handle(provider: &Provider, raw: RawUserinfo) -> Result<Map<String, Value>, Refused> {
    let now = provider.now();
    let token = parse(&raw)?;
    let grant = provider.stores.grants.token(&token.hash(), now).await.map_err(Fault::from)?;
    let grant = grant.ok_or(Refusal::UnknownToken)?;

    let url = provider.policy.issuer.endpoint(path::USERINFO);
    let expected = Expected { method: raw.method, url: &url, access_token: Some(&token) };
    let proof = dpop::check(provider, &raw.dpop, expected, now).await.map_err(|error| match error {
        DpopError::Refused(refusal) => Refused::from(Refusal::from(refusal)),
        DpopError::Fault(fault) => fault.into(),
    })?;
    decide(&grant, &proof.ok_or(Refusal::Dpop(DpopRefusal::Missing))?.jkt)?;

    let mut claims: Map<String, Value> =
        claims::open(token.expose(), &grant.sealed_claims).map_err(Fault::from)?;
    claims.insert("sub".to_owned(), Value::from(grant.subject));
    Ok(claims)
}

#[cfg(test)]
mod tests;
