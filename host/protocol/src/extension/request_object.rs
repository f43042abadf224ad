//! Request objects (RFC 9101, FAPI 2.0 Message Signing §5.3.1): a signed JWT whose claims are the request.
//!
//! They are taken where requests are pushed and nowhere else. What stands outside of one is ignored, but for the
//! authentication of the client.

use esignet_jose::jwk::JwkSet;
use esignet_jose::jws::{JwsError, MaxLength, UnverifiedJws};
use esignet_jose::jwt::{ClaimError, Claims, audience, required_numeric_date, required_string, string};
use serde_json::Value;

use crate::client::Client;
use crate::word::issuer::Issuer;
use crate::word::parameters::{Parameters, ParametersError};
use crate::word::time::Timestamp;

/// The `typ` of a request object (RFC 9101 §10.8).
const TYPE: &str = "oauth-authz-req+jwt";
/// The largest request object, in bytes.
const MAX_OBJECT: usize = 12 * 1024;
/// How far a client's clock may be off, in seconds (`protocol.md` 49).
const LEEWAY: u64 = 10;
/// How long a request object may be good, and how long ago it may have become so, in seconds
/// (FAPI 2.0 Message Signing §5.3.1 items 3 and 4).
const HOUR: u64 = 3_600;

/// Claims of a request object that are about the JWT itself and no parameters (RFC 9101 §4).
const ABOUT_THE_JWT: [&str; 7] = ["iss", "aud", "exp", "nbf", "iat", "jti", "sub"];

/// Why a request object is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RequestObjectRefusal {
    /// It is no JWS that is taken here, or its signature does not verify.
    #[error(transparent)]
    Jws(#[from] JwsError),
    /// A claim is missing or of the wrong type.
    #[error(transparent)]
    Claim(#[from] ClaimError),
    /// `typ` says that it is something else (RFC 9101 §10.8).
    #[error("typ says that the JWT is no request object")]
    WrongType,
    /// Not one of the algorithms that the client may use.
    #[error("alg is not allowed for the request objects of this client")]
    AlgorithmNotAllowed,
    /// No registered key fits `kid` and `alg`.
    #[error("no registered key fits kid and alg")]
    NoKey,
    /// RFC 9101 §4: the client issues it.
    #[error("iss is not the client_id")]
    NotTheIssuer,
    /// RFC 9101 §5: the same client inside and outside.
    #[error("client_id inside is missing or not the client_id outside")]
    OtherClient,
    /// RFC 9101 §10.8: else it could pass as a client assertion.
    #[error("sub is the client_id, as in a client assertion")]
    LooksLikeAnAssertion,
    /// FAPI 2.0 Message Signing §5.3.1 item 2.
    #[error("aud does not name the issuer")]
    WrongAudience,
    /// RFC 7519 §4.1.4.
    #[error("the request object has expired")]
    Expired,
    /// FAPI 2.0 Message Signing §5.3.1 item 4.
    #[error("exp is more than 60 minutes after nbf")]
    TooLong,
    /// FAPI 2.0 Message Signing §5.3.1 item 3.
    #[error("nbf is more than 60 minutes ago")]
    TooOld,
    /// RFC 7519 §4.1.5.
    #[error("nbf is in the future")]
    NotYet,
    /// RFC 9101 §4: `request` and `request_uri` must not be inside.
    #[error("request or request_uri stands inside")]
    Nested,
    /// A claim that no parameter can be.
    #[error("a claim is neither text nor number nor JSON")]
    NotAParameter,
    /// The parameters inside, as a whole.
    #[error(transparent)]
    Parameters(#[from] ParametersError),
}

/// Whether a request object is this client's and good here and now: gives the parameters that it stands for.
pub fn decide(
    object: &str,
    client: &Client,
    keys: &JwkSet,
    issuer: &Issuer,
    now: Timestamp,
) -> Result<Parameters, RequestObjectRefusal> {
    let jws = UnverifiedJws::parse(object, MaxLength(MAX_OBJECT))?;
    // RFC 9101 §10.8; RFC 8725 §3.11. Older clients send none.
    if jws.typ().is_some() && !jws.is_typed(TYPE) {
        return Err(RequestObjectRefusal::WrongType);
    }
    let algorithm = jws.algorithm();
    if !client.request_object_algorithms().any(|allowed| allowed == algorithm) {
        return Err(RequestObjectRefusal::AlgorithmNotAllowed);
    }
    let verified = jws.verify_any(keys.find(jws.key_id(), algorithm)).map_err(|error| {
        if error == JwsError::KeyMismatch { RequestObjectRefusal::NoKey } else { error.into() }
    })?;
    let claims = verified.claims();

    let id = client.client_id.as_str();
    if required_string(claims, "iss")? != id {
        return Err(RequestObjectRefusal::NotTheIssuer);
    }
    if string(claims, "client_id")? != Some(id) {
        return Err(RequestObjectRefusal::OtherClient);
    }
    if string(claims, "sub")? == Some(id) {
        return Err(RequestObjectRefusal::LooksLikeAnAssertion);
    }
    if !audience(claims)?.is_some_and(|audience| audience.names(issuer.as_str())) {
        return Err(RequestObjectRefusal::WrongAudience);
    }
    decide_time(claims, now)?;
    // RFC 9101 §4: neither may stand inside; RFC 9126 §2.1 says so for `request_uri` again.
    if claims.contains_key("request") || claims.contains_key("request_uri") {
        return Err(RequestObjectRefusal::Nested);
    }
    parameters(claims)
}

/// FAPI 2.0 Message Signing §5.3.1 items 3 and 4.
fn decide_time(claims: &Claims, now: Timestamp) -> Result<(), RequestObjectRefusal> {
    let expires_at = Timestamp(required_numeric_date(claims, "exp")?);
    let not_before = Timestamp(required_numeric_date(claims, "nbf")?);
    if expires_at.plus(LEEWAY) <= now {
        return Err(RequestObjectRefusal::Expired);
    }
    if not_before > now.plus(LEEWAY) {
        return Err(RequestObjectRefusal::NotYet);
    }
    if not_before.plus(HOUR) < now {
        return Err(RequestObjectRefusal::TooOld);
    }
    if expires_at > not_before.plus(HOUR) {
        return Err(RequestObjectRefusal::TooLong);
    }
    Ok(())
}

/// The claims as the parameters that they stand for: text as it is, numbers in decimal, objects and arrays as the JSON
/// text that the parameter would be (RFC 9101 §4, OIDC Core §6.1).
fn parameters(claims: &Claims) -> Result<Parameters, RequestObjectRefusal> {
    let pairs = claims.iter().filter(|(name, _)| !ABOUT_THE_JWT.contains(&name.as_str()));
    let pairs = pairs.map(|(name, value)| {
        let text = match value {
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            Value::Object(_) | Value::Array(_) => value.to_string(),
            Value::Bool(_) | Value::Null => return Err(RequestObjectRefusal::NotAParameter),
        };
        Ok((name.clone(), text))
    });
    let pairs: Vec<(String, String)> = pairs.collect::<Result<_, _>>()?;
    Ok(Parameters::collect(pairs)?)
}

#[cfg(test)]
mod tests;
