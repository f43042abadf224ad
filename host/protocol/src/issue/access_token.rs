//! Access tokens: a signed JWT outside (RFC 9068), a record under its hash inside (RFC 9449 §6, `protocol.md` 40).

use esignet_jose::algorithm::Algorithm;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::authorization_code::{GrantId, Login};
use super::confirmation::Confirmation;
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
    /// What it is bound to; nothing for a bearer token (`interop`).
    pub confirmation: Option<Confirmation>,
    /// Whose claims it opens, and how they logged in.
    pub login: Login,
    /// The consent it rests on, if one was stored: it ends with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consent: Option<ConsentNumber>,
    /// Its name (RFC 9068 §2.2).
    pub jti: String,
    /// When it was issued.
    pub issued_at: Timestamp,
    /// Claims for userinfo, sealed under the token.
    #[serde(with = "crate::word::bytes")]
    pub sealed_claims: Vec<u8>,
    /// Whose key would be bound, sealed under the token; empty without the scope `key_binding`.
    #[serde(with = "crate::word::bytes", default, skip_serializing_if = "Vec::is_empty")]
    pub sealed_holder: Vec<u8>,
    /// When it stops being good.
    pub expires_at: Timestamp,
}

/// The claims of an access token (RFC 9068 §2.2, RFC 9449 §6.1, RFC 8705 §3.1). Its audience is this server, whose userinfo
/// endpoint is all that it opens.
pub fn claims(grant: &AccessGrant, issuer: &Issuer) -> Map<String, Value> {
    let Value::Object(mut claims) = json!({
        "iss": issuer.as_str(),
        "aud": issuer.as_str(),
        "sub": grant.login.subject,
        "client_id": grant.client_id,
        "iat": grant.issued_at,
        "exp": grant.expires_at,
        "jti": grant.jti,
        "scope": grant.scope,
        "auth_time": grant.login.auth_time,
        "acr": grant.login.acr,
    }) else {
        return Map::new();
    };
    if let Some(confirmation) = &grant.confirmation {
        claims.insert("cnf".to_owned(), json!(confirmation));
    }
    claims
}
