//! Access tokens: a signed JWT outside (RFC 9068), a record under its hash inside (RFC 9449 §6, `protocol.md` 40).

use esignet_jose::algorithm::Algorithm;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::authorization_code::{GrantId, Login};
use crate::consent::record::ConsentNumber;
use crate::word::client_id::ClientId;
use crate::word::issuer::Issuer;
use crate::word::scope::Scope;
use crate::word::time::Timestamp;

/// The `typ` of an access token (RFC 9068 §2.1).
pub const TYPE: &str = "at+jwt";

/// What signs access tokens: only this server reads them, so no client has a say.
pub const ALGORITHM: Algorithm = Algorithm::Es256;

/// What an access token is good for. Kept under the token's hash; the claims inside open only with the token itself.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AccessGrant {
    /// For revocation.
    pub grant: GrantId,
    /// Whose it is.
    pub client_id: ClientId,
    /// What was granted.
    pub scope: Scope,
    /// The thumbprint of the key it is bound to.
    pub dpop_jkt: String,
    /// Whose claims it opens.
    pub subject: String,
    /// The consent it rests on, if one was stored: it ends with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consent: Option<ConsentNumber>,
    /// Claims for userinfo, sealed under the token.
    #[serde(with = "crate::word::bytes")]
    pub sealed_claims: Vec<u8>,
    /// When it stops being good.
    pub expires_at: Timestamp,
}

/// The claims of an access token (RFC 9068 §2.2, RFC 9449 §6.1). Its audience is this server's userinfo endpoint's issuer.
pub fn claims(
    grant: &AccessGrant,
    login: &Login,
    issuer: &Issuer,
    jti: &str,
    now: Timestamp,
) -> Map<String, Value> {
    let Value::Object(claims) = json!({
        "iss": issuer.as_str(),
        "aud": issuer.as_str(),
        "sub": grant.subject,
        "client_id": grant.client_id,
        "iat": now,
        "exp": grant.expires_at,
        "jti": jti,
        "scope": grant.scope,
        "auth_time": login.auth_time,
        "acr": login.acr,
        "cnf": { "jkt": grant.dpop_jkt },
    }) else {
        return Map::new();
    };
    claims
}
