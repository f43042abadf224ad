//! The userinfo endpoint (OIDC Core §5.3, RFC 6750 §2, RFC 9449 §7).

use serde_json::{Map, Value};

use super::{ClientCertificate, path};
use crate::audit::event::{Action, Event, Outcome};
use crate::client_keys;
use crate::error::wire::Challenge;
use crate::error::{ErrorCode, Fault, Refused};
use crate::extension::dpop::{self, DpopError, DpopRefusal, Expected};
use crate::grant::authorization_code::Possession;
use crate::issue::userinfo::{self, Userinfo};
use crate::issue::{AccessGrant, Confirmation, claims};
use crate::provider::Provider;
use crate::word::handle::AccessToken;
use crate::word::parameters::{Parameters, ParametersError};
use crate::word::time::Timestamp;

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
    /// RFC 9449 §7.1: the scheme is for tokens that are bound to the key of a proof.
    #[error("an access token that is not bound by DPoP was sent under that scheme")]
    NotByDpop,
    /// RFC 8705 §3: the certificate is missing, or not the one that the token is bound to.
    #[error("the access token is bound to a certificate that the connection does not have")]
    OtherCertificate,
    /// The proof is missing, not good, or by another key.
    #[error(transparent)]
    Dpop(#[from] DpopRefusal),
    /// OIDC Core §5.3: userinfo is for OpenID Connect requests.
    #[error("the access token does not have the scope openid")]
    NoOpenid,
    /// The client behind the token is gone, or may do nothing now.
    #[error("the client of the access token is not registered, or may do nothing now")]
    UnknownClient,
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        let (code, status, challenge) = match &refusal {
            Refusal::NoToken => (ErrorCode::InvalidToken, 401, Challenge::Bare),
            Refusal::BadlySent => (ErrorCode::InvalidRequest, 400, Challenge::Refused),
            Refusal::UnknownToken | Refusal::NotAsBearer | Refusal::NotByDpop | Refusal::UnknownClient => {
                (ErrorCode::InvalidToken, 401, Challenge::Refused)
            }
            Refusal::OtherCertificate => (ErrorCode::InvalidToken, 401, Challenge::RefusedBearer),
            Refusal::Dpop(refusal) => (refusal.code(), 401, Challenge::Refused),
            Refusal::NoOpenid => (ErrorCode::InsufficientScope, 403, Challenge::Refused),
        };
        let status = if code == ErrorCode::TemporarilyUnavailable { 503 } else { status };
        Self::request(code, &refusal).with_status(status).with_challenge(challenge)
    }
}

/// How a token was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// `Authorization: DPoP` (RFC 9449 §7.1).
    Dpop,
    /// `Authorization: Bearer`, or in the form of a POST (RFC 6750 §2.1, §2.2).
    Bearer,
}

/// The token of a request, in one place; never in the query (RFC 6750 §2.3 is not for us: FAPI 2.0 SP §5.3.4).
pub fn parse(raw: &RawUserinfo) -> Result<(Scheme, AccessToken), Refusal> {
    let in_query = raw.query.as_ref().map_or(true, |query| query.has("access_token"));
    let body = raw.body.as_ref().map_err(|_| Refusal::BadlySent)?;
    if in_query {
        return Err(Refusal::BadlySent);
    }
    let header = match (raw.authorization.as_slice(), body.one("access_token")) {
        ([], None) => return Err(Refusal::NoToken),
        ([], Some(token)) => return Ok((Scheme::Bearer, presented(token)?)),
        ([header], None) => header,
        _ => return Err(Refusal::BadlySent),
    };
    let (scheme, token) = header.split_once(' ').ok_or(Refusal::BadlySent)?;
    // RFC 9110 §11.1: scheme names are case-insensitive. RFC 6750 §3.1: another scheme is no authentication information.
    let scheme = if scheme.eq_ignore_ascii_case("DPoP") {
        Scheme::Dpop
    } else if scheme.eq_ignore_ascii_case("Bearer") {
        Scheme::Bearer
    } else {
        return Err(Refusal::NoToken);
    };
    Ok((scheme, presented(token)?))
}

fn presented(token: &str) -> Result<AccessToken, Refusal> {
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

/// Whether a token was sent as one that is bound so must be, before any proof is looked at.
pub fn decide_scheme(grant: &AccessGrant, scheme: Scheme) -> Result<(), Refusal> {
    match (&grant.confirmation, scheme) {
        // RFC 9449 §7.2: a DPoP-bound token is refused as a bearer token.
        (Some(Confirmation::Jkt(_)), Scheme::Bearer) => Err(Refusal::NotAsBearer),
        (Some(Confirmation::Certificate(_)) | None, Scheme::Dpop) => Err(Refusal::NotByDpop),
        (Some(Confirmation::Jkt(_)), Scheme::Dpop)
        | (Some(Confirmation::Certificate(_)) | None, Scheme::Bearer) => Ok(()),
    }
}

/// Whether a good token, with what else was shown, opens its claims.
pub fn decide(grant: &AccessGrant, possession: Possession<'_>) -> Result<(), Refusal> {
    decide_possession(grant, possession)?;
    if !grant.scope.has_openid() {
        return Err(Refusal::NoOpenid);
    }
    Ok(())
}

/// Whether a good token is used by whom it is bound to.
pub fn decide_possession(grant: &AccessGrant, possession: Possession<'_>) -> Result<(), Refusal> {
    if let Some(Confirmation::Jkt(jkt)) = &grant.confirmation
        && possession.proof.ok_or(DpopRefusal::Missing)?.jkt != *jkt
    {
        return Err(DpopRefusal::OtherKey.into());
    }
    // RFC 8705 §3: the resource refuses a token without the certificate that it is bound to.
    if let Some(Confirmation::Certificate(thumbprint)) = &grant.confirmation
        && possession.certificate != Some(thumbprint.as_str())
    {
        return Err(Refusal::OtherCertificate);
    }
    Ok(())
}

/// Finds the token, checks what it is bound to, opens the claims, writes them as the client registered.
///
/// The token is looked up by its hash: what is found there we have issued, so its signature need not be verified again.
pub async fn handle(provider: &Provider, raw: RawUserinfo) -> Result<Userinfo, Refused> {
    let now = provider.now();
    let (scheme, token) = parse(&raw)?;
    let grant = provider.stores.grants.token(&token.hash(), now).await.map_err(Fault::from)?;
    let grant = grant.ok_or(Refusal::UnknownToken)?;
    let released = release(provider, &raw, (scheme, &token, &grant), now).await;
    if let Err(refused) = &released {
        let trace = grant.login.trace.as_deref();
        let told = |event: Event| event.by(&grant.client_id).after(trace);
        provider.audit.note_refusal(Action::Userinfo, refused, told);
    }
    released
}

/// What a token of ours opens, for whom it is bound to.
async fn release(
    provider: &Provider,
    raw: &RawUserinfo,
    (scheme, token, grant): (Scheme, &AccessToken, &AccessGrant),
    now: Timestamp,
) -> Result<Userinfo, Refused> {
    decide_scheme(grant, scheme)?;

    let proof = if scheme == Scheme::Dpop {
        let expected = Expected { method: raw.method, path: path::USERINFO, access_token: Some(token) };
        let checked = dpop::check(provider, &raw.dpop, expected, now).await;
        checked.map_err(|error| match error {
            DpopError::Refused(refusal) => {
                Refused::from(Refusal::from(refusal)).with_nonce(provider.policy.dpop_nonces.as_ref(), now)
            }
            DpopError::Fault(fault) => fault.into(),
        })?
    } else {
        None
    };
    let certificate = raw.client_certificate.as_ref().map(ClientCertificate::thumbprint);
    decide(grant, Possession { proof: proof.as_ref(), certificate: certificate.as_deref() })?;

    let client = provider.client(&grant.client_id).await.map_err(Fault::from)?;
    let client = client.ok_or(Refusal::UnknownClient)?;
    let mut claims: Map<String, Value> =
        claims::open(token.expose(), &grant.sealed_claims).map_err(Fault::from)?;
    provider.audit.tell(|_| {
        let told = Event::new(Action::Userinfo, Outcome::Success).by(&grant.client_id);
        told.after(grant.login.trace.as_deref()).with_words("claims", claims.keys().map(String::as_str))
    })?;
    claims.insert("sub".to_owned(), Value::from(grant.login.subject.as_str()));
    let keys = client_keys::for_encryption(provider, &client, client.userinfo_encryption(), now).await?;
    Ok(userinfo::answer(provider, (&client, &keys), claims, now)?)
}

#[cfg(test)]
mod tests;
