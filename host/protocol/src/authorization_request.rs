//! An authorization request that has been validated: every value in it is good for the client that made it.

pub mod validation;

use esignet_jose::algorithm::Algorithm;
use serde::{Deserialize, Serialize};

use crate::word::acr::Acr;
use crate::word::claims_request::ClaimsRequest;
use crate::word::client_id::ClientId;
use crate::word::code_challenge::CodeChallenge;
use crate::word::opaque::Opaque;
use crate::word::prompt::Prompt;
use crate::word::redirect_uri::RedirectUri;
use crate::word::response_mode::ResponseMode;
use crate::word::scope::Scope;
use crate::word::time::Timestamp;

/// What a relying party asks for (OIDC Core §3.1.2.1, RFC 7636, RFC 9449 §10). `response_type` is always `code`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AuthorizationRequest {
    /// Registered, compared exactly.
    pub redirect_uri: RedirectUri,
    /// How the response travels.
    pub response_mode: ResponseMode,
    /// What signs the response, if its mode is a signed one (JARM §3).
    pub response_alg: Algorithm,
    /// Known values.
    pub scope: Scope,
    /// Comes back intact.
    pub state: Option<Opaque>,
    /// Comes back in the id_token.
    pub nonce: Option<Opaque>,
    /// S256; absent only where an `interop` client sent a `nonce` instead.
    pub code_challenge: Option<CodeChallenge>,
    /// The thumbprint of the key that the code is bound to (RFC 9449 §10).
    pub dpop_jkt: Option<String>,
    /// What to ask the end-user.
    pub prompt: Prompt,
    /// Preferred classes, best first.
    pub acr_values: Vec<Acr>,
    /// Single claims.
    pub claims: ClaimsRequest,
    /// Languages of the pages, best first.
    pub ui_locales: Vec<String>,
    /// Languages of the claims, best first.
    pub claims_locales: Vec<String>,
    /// Prefills the identifier.
    pub login_hint: Option<String>,
    /// The subject of a verified `id_token_hint`: nobody else may log in.
    pub expected_subject: Option<String>,
}

/// A pushed request as it is kept (RFC 9126 §2.2).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PushedRequest {
    /// Who pushed it: nobody else can open it.
    pub client_id: ClientId,
    /// What is asked.
    pub request: AuthorizationRequest,
    /// Until when a browser may open it.
    pub open_until: Timestamp,
}
