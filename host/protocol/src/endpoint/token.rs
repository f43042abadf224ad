//! The token endpoint (RFC 6749 §3.2, OIDC Core §3.1.3, RFC 9449 §5).

use std::sync::Arc;

use esignet_jose::jwk::JwkSet;
use serde::Serialize;
use serde_json::{Map, Value};

use super::{ClientCertificate, RawRequest, path};
use crate::audit::event::{Action, Event, Outcome};
use crate::client::Client;
use crate::client_auth;
use crate::client_keys;
use crate::error::{ErrorCode, Fault, Refused};
use crate::extension::dpop::{self, DpopError, DpopRefusal, Expected};
use crate::grant::authorization_code::{self, Possession, Refusal as GrantRefusal};
use crate::issue::claims::{self, ReleasedClaims};
use crate::issue::confirmation::token_type;
use crate::issue::nested::nested;
use crate::issue::{AccessGrant, Confirmation, IssuedCode, access_token, id_token};
use crate::ports::store::Redemption;
use crate::provider::Provider;
use crate::word::handle::{AccessToken, Code, random_text};
use crate::word::parameters::{Parameters, ParametersError};
use crate::word::time::Timestamp;

/// A successful answer (RFC 6749 §5.1, OIDC Core §3.1.3.3).
#[derive(Serialize)]
pub struct TokenResponse {
    access_token: String,
    token_type: &'static str,
    expires_in: u64,
    scope: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    id_token: Option<String>,
}

/// Why a request is refused before any code is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The body as a whole.
    #[error(transparent)]
    Parameters(#[from] ParametersError),
    /// RFC 6749 §4.1.3.
    #[error("grant_type is missing")]
    GrantTypeMissing,
    /// Only `authorization_code` exists here.
    #[error("grant_type is not authorization_code")]
    GrantType,
    /// RFC 6749 §4.1.3.
    #[error("code is missing")]
    CodeMissing,
    /// Longer than any code.
    #[error("the code is unknown")]
    CodeUnknown,
}

impl Refusal {
    /// What the client is told.
    pub const fn code(&self) -> ErrorCode {
        match self {
            Self::Parameters(_) | Self::GrantTypeMissing | Self::CodeMissing => ErrorCode::InvalidRequest,
            Self::CodeUnknown => ErrorCode::InvalidGrant,
            Self::GrantType => ErrorCode::UnsupportedGrantType,
        }
    }
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        let status = if refusal == Refusal::Parameters(ParametersError::TooLarge) {
            413
        } else {
            refusal.code().status()
        };
        Self::request(refusal.code(), &refusal).with_status(status)
    }
}

/// The code of a request.
pub fn parse(parameters: &Parameters) -> Result<Code, Refusal> {
    match parameters.one("grant_type") {
        Some("authorization_code") => {}
        Some(_) => return Err(Refusal::GrantType),
        None => return Err(Refusal::GrantTypeMissing),
    }
    let code = parameters.one("code").ok_or(Refusal::CodeMissing)?;
    // RFC 6749 §5.2: one that cannot be ours is an unknown one.
    Code::presented(code).ok_or(Refusal::CodeUnknown)
}

/// Authenticates the client, spends the code, decides, issues.
///
/// From the moment the code is spent every refusal leaves it spent (`protocol.md` 34): whoever guesses has one guess. To be
/// asked for a nonce is no guess: it comes before (`protocol.md` 39).
pub async fn handle(provider: &Provider, raw: RawRequest) -> Result<TokenResponse, Refused> {
    let now = provider.now();
    let parameters = raw.parameters.as_ref().map_err(|error| Refusal::from(*error))?;
    let client = client_auth::authenticate(provider, parameters, &raw, now).await?;
    let exchanged = exchange(provider, &client, (parameters, &raw), now).await;
    if let Err(refused) = &exchanged {
        provider.audit.note_refusal(Action::Token, refused, |event| event.by(&client.client_id));
    }
    exchanged
}

/// What the client, now known, gets for its code.
async fn exchange(
    provider: &Provider,
    client: &Arc<Client>,
    (parameters, raw): (&Parameters, &RawRequest),
    now: Timestamp,
) -> Result<TokenResponse, Refused> {
    let code = parse(parameters)?;
    let expected = Expected { method: "POST", path: path::TOKEN, access_token: None };
    let proof = dpop::check(provider, &raw.dpop, expected, now).await;
    // What is not the client's doing spends nothing either: a nonce of ours that is missing, a memory of ours that is gone.
    if let Err(
        ours @ (DpopError::Refused(DpopRefusal::NonceNeeded | DpopRefusal::FromBeforeRestart)
        | DpopError::Fault(_)),
    ) = proof
    {
        return Err(ours.refused(provider, now));
    }
    // Before the code is spent: keys that cannot be had now cost no login.
    let keys = client_keys::for_encryption(provider, client, client.id_token_encryption(), now).await?;
    let issued = redeem(provider, &code, client, now).await?;

    let proof = proof.map_err(|error| match error {
        DpopError::Refused(refusal) => Refused::from(GrantRefusal::from(refusal)),
        DpopError::Fault(fault) => fault.into(),
    })?;
    let certificate = raw.client_certificate.as_ref().map(ClientCertificate::thumbprint);
    let possession = Possession { proof: proof.as_ref(), certificate: certificate.as_deref() };
    let constraint = client.sender_constraint();
    let confirmation = authorization_code::decide(&issued, constraint, parameters, possession, now)?;
    let released: ReleasedClaims = claims::open(code.expose(), &issued.sealed_claims).map_err(Fault::from)?;

    let (token, grant) = issue_access_token(provider, &issued, confirmation, &released, now)?;
    let id_token =
        issue_id_token(provider, (client, &keys), &issued, (released.for_id_token(), &token), now)?;
    provider.stores.grants.issue_token(&token.hash(), &grant).await.map_err(Fault::from)?;
    provider.audit.tell(|_| {
        let told = Event::new(Action::Token, Outcome::Success).after(grant.login.trace.as_deref());
        told.by(&client.client_id).with("scope", &grant.scope)
    })?;
    Ok(TokenResponse {
        access_token: token.expose().to_owned(),
        token_type: token_type(grant.confirmation.as_ref()),
        expires_in: provider.policy.lifetimes.access_token,
        scope: issued.scope.to_string(),
        id_token,
    })
}

async fn redeem(
    provider: &Provider,
    code: &Code,
    client: &Client,
    now: Timestamp,
) -> Result<IssuedCode, Refused> {
    let grants = &provider.stores.grants;
    match grants.redeem_code(&code.hash(), &client.client_id, now).await.map_err(Fault::from)? {
        Redemption::Redeemed(issued) => Ok(*issued),
        Redemption::Replayed(grant) => {
            // RFC 6749 §4.1.2: revoke what was issued, for as long as any of it could live.
            let until = now.plus(provider.policy.lifetimes.access_token + provider.policy.lifetimes.code);
            grants.revoke(&grant, until).await.map_err(Fault::from)?;
            provider.audit.note(|_| {
                let replayed = Event::new(Action::Code, Outcome::Refused).by(&client.client_id);
                replayed.with("reason", "replayed")
            });
            Err(GrantRefusal::CodeReplayed.into())
        }
        Redemption::Foreign => Err(GrantRefusal::CodeOfOtherClient.into()),
        Redemption::Unknown => Err(GrantRefusal::CodeUnknown.into()),
    }
}

fn issue_access_token(
    provider: &Provider,
    issued: &IssuedCode,
    confirmation: Option<Confirmation>,
    released: &ReleasedClaims,
    now: Timestamp,
) -> Result<(AccessToken, AccessGrant), Fault> {
    let mut grant = AccessGrant {
        grant: issued.grant.clone(),
        client_id: issued.client_id.clone(),
        scope: issued.scope.clone(),
        confirmation,
        login: issued.login.clone(),
        consent: issued.consent,
        jti: random_text(provider.entropy.as_ref()),
        issued_at: now,
        sealed_claims: Vec::new(),
        sealed_holder: Vec::new(),
        expires_at: now.plus(provider.policy.lifetimes.access_token),
    };
    let claims = access_token::claims(&grant, &provider.policy.issuer);
    let algorithm = access_token::ALGORITHM;
    let token = AccessToken::issued(provider.keys.sign(algorithm, access_token::TYPE, &claims, now)?);
    grant.sealed_claims = claims::seal(token.expose(), &released.for_userinfo())?;
    if let Some(holder) = &released.holder {
        grant.sealed_holder = claims::seal_as(claims::KEY_HOLDER, token.expose(), holder)?;
    }
    Ok((token, grant))
}

/// Without `openid` there is no id_token (OIDC Core §3.1.2.1).
fn issue_id_token(
    provider: &Provider,
    (client, keys): (&Client, &JwkSet),
    issued: &IssuedCode,
    (released, token): (Map<String, Value>, &AccessToken),
    now: Timestamp,
) -> Result<Option<String>, Fault> {
    if !issued.scope.has_openid() {
        return Ok(None);
    }
    let algorithm = client.id_token_signed_response_alg;
    let claims = id_token::claims(issued, released, (token, algorithm), &provider.policy.issuer, now);
    let signed = provider.keys.sign(algorithm, id_token::TYPE, &claims, now)?;
    Ok(Some(match client.id_token_encryption() {
        Some(encryption) => nested(&signed, keys, encryption)?,
        None => signed,
    }))
}
