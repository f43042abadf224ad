//! The record behind an authorization code (RFC 6749 §4.1.2): what was granted, to whom, bound to which key.

use serde::{Deserialize, Serialize};

use crate::audit::Trace;
use crate::consent::record::ConsentNumber;
use crate::word::acr::Acr;
use crate::word::client_id::ClientId;
use crate::word::code_challenge::CodeChallenge;
use crate::word::opaque::Opaque;
use crate::word::redirect_uri::RedirectUri;
use crate::word::scope::Scope;
use crate::word::time::Timestamp;

/// Names everything issued from one code, so that it can be revoked together. Random, never shown.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct GrantId(pub String);

/// Who logged in and how, as id_token and access token will state it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Login {
    /// What this relying party sees of the person (OIDC Core §8).
    pub subject: String,
    /// The class that was met.
    pub acr: Acr,
    /// The methods that were used (RFC 8176).
    pub amr: Vec<String>,
    /// When the person was authenticated.
    pub auth_time: Timestamp,
    /// How events after the login name it, where they are recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace: Option<Box<Trace>>,
}

/// What a code is good for. Kept under the code's hash; the claims inside open only with the code itself.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct IssuedCode {
    /// For revocation.
    pub grant: GrantId,
    /// Whose it is.
    pub client_id: ClientId,
    /// Must be repeated at the token endpoint.
    pub redirect_uri: RedirectUri,
    /// Must be met at the token endpoint; absent where the request had a `nonce` instead (`interop`).
    pub code_challenge: Option<CodeChallenge>,
    /// The key it is bound to, if the request named one.
    pub dpop_jkt: Option<String>,
    /// Goes into the id_token.
    pub nonce: Option<Opaque>,
    /// What was granted.
    pub scope: Scope,
    /// Who logged in.
    pub login: Login,
    /// The consent it rests on, if one was stored: it ends with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consent: Option<ConsentNumber>,
    /// [`crate::issue::claims::ReleasedClaims`], sealed under the code.
    #[serde(with = "crate::word::bytes")]
    pub sealed_claims: Vec<u8>,
    /// When it stops being good.
    pub expires_at: Timestamp,
}
