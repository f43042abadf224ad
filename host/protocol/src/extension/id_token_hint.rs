//! `id_token_hint` (OIDC Core §3.1.2.1): an id_token of ours that names who should log in. It never logs anybody in.

use esignet_jose::jws::{JwsError, MaxLength, UnverifiedJws};
use esignet_jose::jwt::{Audience, ClaimError, audience, required_string, string};

use crate::client::Client;
use crate::provider::Provider;

/// The largest hint, in bytes.
const MAX_HINT: usize = 8 * 1024;

/// Why a hint is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HintRefusal {
    /// It is no JWS that is taken here, or not signed by us.
    #[error(transparent)]
    Jws(#[from] JwsError),
    /// A claim is missing or of the wrong type.
    #[error(transparent)]
    Claim(#[from] ClaimError),
    /// It is an access token, or something else that is no id_token.
    #[error("typ says that it is no id_token")]
    WrongType,
    /// It is not ours or not this client's.
    #[error("iss or aud is wrong")]
    NotOurs,
}

/// The subject of a hint: signature, issuer and audience are verified, expiry is tolerated.
pub fn subject(token: &str, provider: &Provider, client: &Client) -> Result<String, HintRefusal> {
    let jws = UnverifiedJws::parse(token, MaxLength(MAX_HINT))?;
    if !jws.is_typed("JWT") {
        return Err(HintRefusal::WrongType);
    }
    let keys = provider.keys.verification_keys(provider.now());
    let named = keys.iter().filter(|key| jws.key_id().is_none() || key.kid() == jws.key_id());
    let verified = jws.verify_any(named)?;
    let claims = verified.claims();
    let ours = string(claims, "iss")? == Some(provider.policy.issuer.as_str());
    if !ours || audience(claims)? != Some(Audience::One(client.client_id.as_str())) {
        return Err(HintRefusal::NotOurs);
    }
    Ok(required_string(claims, "sub")?.to_owned())
}
