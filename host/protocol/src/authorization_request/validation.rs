//! What an authorization request must say, whichever way it came: pushed, signed or in the query (OIDC Core §3.1.2.2,
//! RFC 6749 §4.1.1, RFC 7636 §4.4.1, RFC 9449 §10).

use super::AuthorizationRequest;
use crate::client::{Client, Profile};
use crate::endpoint::answer::RedirectTarget;
use crate::error::ErrorCode;
use crate::extension::id_token_hint::HintRefusal;
use crate::word::acr;
use crate::word::claims_request::{ClaimsRequest, MalformedClaims};
use crate::word::code_challenge::CodeChallenge;
use crate::word::locale;
use crate::word::opaque::{NotOpaque, Opaque};
use crate::word::parameters::Parameters;
use crate::word::prompt::{MalformedPrompt, Prompt};
use crate::word::redirect_uri::RedirectUri;
use crate::word::response_mode::{ResponseMode, UnknownResponseMode};
use crate::word::scope::{Scope, UnknownScope};

/// Why a request is refused.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// RFC 9126 §2.1: a request cannot point to another one.
    #[error("request_uri must not stand in a request")]
    RequestUri,
    /// Request objects are taken where they are pushed, and nowhere else (FAPI 2.0 Message Signing §5.3.1).
    #[error("the parameter request is taken at the pushed authorization request endpoint only")]
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
    /// FAPI 2.0 Message Signing §5.4.1: the client is registered for signed responses.
    #[error(
        "the profile of the client has signed responses only: response_mode is jwt, query.jwt or form_post.jwt"
    )]
    UnsignedResponse,
    /// RFC 6749 §3.3.
    #[error(transparent)]
    Scope(#[from] UnknownScope),
    /// RFC 7636 §4.4.1.
    #[error("code_challenge is missing or malformed, or code_challenge_method is not S256")]
    CodeChallenge,
    /// RFC 9700 §2.1.1: what a client without PKCE must send.
    #[error("there is neither code_challenge nor nonce, so a stolen code could not be told")]
    NeitherChallengeNorNonce,
    /// Keys are bound for wallets only (ADR 104).
    #[error("the scope has key_binding, and the client is not registered with it")]
    KeyBinding,
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
}

impl Refusal {
    /// What the client is told.
    pub const fn code(&self) -> ErrorCode {
        match self {
            Self::RequestUri
            | Self::ResponseTypeMissing
            | Self::RedirectUri
            | Self::ResponseMode(_)
            | Self::UnsignedResponse
            | Self::CodeChallenge
            | Self::NeitherChallengeNorNonce
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
            Self::Scope(_) | Self::KeyBinding => ErrorCode::InvalidScope,
            Self::DpopKeys => ErrorCode::InvalidDpopProof,
        }
    }
}

/// Claims that change what happens, whatever the client may ask for. All others that it may not have are ignored, as
/// unknown ones are (OIDC Core §5.5).
const MEANINGFUL_CLAIMS: [&str; 2] = ["sub", "acr"];

/// The most bytes of a request as it is kept. It is part of the login's record, which a store takes up to 16 KB of.
const MAX_RECORD: usize = 5 * 1024;

/// Where a request wants its response, if it names a place that is registered: whatever else is wrong with it may be
/// answered there (RFC 6749 §4.1.2.1).
pub fn target(parameters: &Parameters, client: &Client) -> Result<RedirectTarget, Refusal> {
    let redirect_uri = redirect_uri(parameters, client)?;
    let asked = response_mode(parameters, client);
    Ok(RedirectTarget {
        client_id: client.client_id.clone(),
        redirect_uri: redirect_uri.clone(),
        mode: asked.unwrap_or_else(|_| ResponseMode::usual(client.profile)),
        algorithm: client.authorization_signed_response_alg,
        state: parameters.one("state").and_then(|state| Opaque::parse(state).ok()),
    })
}

/// Takes a request of a known client, or says what is wrong with it. `proof_jkt` is the key of a DPoP proof that came with
/// it; `hint` looks into an `id_token_hint`.
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
    let redirect_uri = redirect_uri(parameters, client)?.clone();
    let response_mode = response_mode(parameters, client)?;
    let scope = Scope::parse(parameters.one("scope").unwrap_or_default())?;
    if scope.has_key_binding() && !client.key_binding {
        return Err(Refusal::KeyBinding);
    }
    let nonce = parameters.one("nonce").map(Opaque::parse).transpose()?;
    // A nonce protects through the id_token, which only an OpenID Connect request gets (RFC 9700 §2.1.1).
    let is_protected = nonce.is_some() && scope.has_openid();
    let code_challenge = code_challenge(parameters, client, is_protected)?;

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
        redirect_uri,
        response_mode,
        response_alg: client.authorization_signed_response_alg,
        scope,
        state: parameters.one("state").map(Opaque::parse).transpose()?,
        nonce,
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

/// RFC 9700 §2.1: exact string comparison.
fn redirect_uri<'a>(parameters: &Parameters, client: &'a Client) -> Result<&'a RedirectUri, Refusal> {
    let given = parameters.one("redirect_uri").ok_or(Refusal::RedirectUri)?;
    client.redirect_uris.iter().find(|uri| uri.as_str() == given).ok_or(Refusal::RedirectUri)
}

fn response_mode(parameters: &Parameters, client: &Client) -> Result<ResponseMode, Refusal> {
    let Some(given) = parameters.one("response_mode") else {
        return Ok(ResponseMode::usual(client.profile));
    };
    let mode = ResponseMode::parse(given)?;
    if mode.is_open_to(client.profile) { Ok(mode) } else { Err(Refusal::UnsignedResponse) }
}

/// The challenge, without which only an `interop` client goes on whose `nonce` protects it (`protocol.md` §0, RFC 9700 §2.1.1).
fn code_challenge(
    parameters: &Parameters,
    client: &Client,
    is_protected: bool,
) -> Result<Option<CodeChallenge>, Refusal> {
    let method = parameters.one("code_challenge_method");
    let challenge = parameters.one("code_challenge");
    if client.profile == Profile::Interop && challenge.is_none() && method.is_none() {
        return if is_protected { Ok(None) } else { Err(Refusal::NeitherChallengeNorNonce) };
    }
    // RFC 7636 §4.3; an absent method would mean `plain`, which does not exist here.
    if method != Some("S256") {
        return Err(Refusal::CodeChallenge);
    }
    let challenge = CodeChallenge::parse(challenge.unwrap_or_default());
    challenge.map(Some).map_err(|_| Refusal::CodeChallenge)
}

#[cfg(test)]
mod tests;
