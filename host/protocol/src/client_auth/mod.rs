//! Client authentication: the same rules at every endpoint that a client calls itself (`protocol.md` §3).

pub mod mtls;
pub mod private_key_jwt;

use std::sync::Arc;

use esignet_jose::jwk::JwkSet;

use crate::client::{AuthenticationMethod, Client};
use crate::client_keys::{self, ClientKeys, Wanted};
use crate::endpoint::{ClientCertificate, RawRequest};
use crate::error::{Challenge, ErrorCode, Fault, Refused};
use crate::provider::Provider;
use crate::word::client_id::ClientId;
use crate::word::handle::HandleHash;
use crate::word::parameters::Parameters;
use crate::word::time::Timestamp;
use mtls::CertificateRefusal;
use private_key_jwt::{AssertionRefusal, UnverifiedAssertion};

/// Why a client is not authenticated.
#[derive(Debug, thiserror::Error)]
pub enum ClientRefusal {
    /// Nothing to authenticate with was sent.
    #[error("no client credential was sent")]
    NoCredential,
    /// RFC 6749 §2.3: one method a request.
    #[error("more than one client authentication method was used")]
    SeveralMethods,
    /// A method this server does not have, such as a client secret.
    #[error("the client authentication method is not supported")]
    UnsupportedMethod,
    /// The same, in an `Authorization` header.
    #[error("client authentication by a header is not supported")]
    UnsupportedScheme,
    /// There is no client of that id.
    #[error("the client is not registered, or may do nothing now")]
    UnknownClient,
    /// OIDC Registration §2: a client authenticates in the way that it registered.
    #[error("the client is registered for another authentication method")]
    OtherMethod,
    /// The parameter `client_id` names another client (RFC 9126 §2.1).
    #[error("client_id is not the authenticated client")]
    OtherClient,
    /// The assertion is not good.
    #[error("client assertion: {0}")]
    Assertion(#[from] AssertionRefusal),
    /// The certificate is not good.
    #[error("client certificate: {0}")]
    Certificate(#[from] CertificateRefusal),
}

impl ClientRefusal {
    /// What the client is told.
    pub const fn code(&self) -> ErrorCode {
        match self {
            Self::SeveralMethods | Self::OtherClient => ErrorCode::InvalidRequest,
            Self::Assertion(AssertionRefusal::FromBeforeRestart) => ErrorCode::TemporarilyUnavailable,
            Self::NoCredential
            | Self::UnsupportedMethod
            | Self::UnsupportedScheme
            | Self::UnknownClient
            | Self::OtherMethod
            | Self::Certificate(_)
            | Self::Assertion(_) => ErrorCode::InvalidClient,
        }
    }

    /// 401 for a failed authentication, 400 where none was tried (`protocol.md` 6), 503 where the credential may be good
    /// and only this server's memory does not reach back to it.
    pub const fn status(&self) -> u16 {
        match self {
            Self::NoCredential | Self::SeveralMethods | Self::OtherClient => 400,
            Self::Assertion(AssertionRefusal::FromBeforeRestart) => 503,
            Self::UnsupportedMethod
            | Self::UnsupportedScheme
            | Self::UnknownClient
            | Self::OtherMethod
            | Self::Certificate(_)
            | Self::Assertion(_) => 401,
        }
    }
}

impl From<ClientRefusal> for Refused {
    fn from(refusal: ClientRefusal) -> Self {
        let refused = Self::request(refusal.code(), &refusal).with_status(refusal.status());
        // RFC 6749 §5.2: who tried a scheme is answered in it.
        if matches!(refusal, ClientRefusal::UnsupportedScheme) {
            return refused.with_challenge(Challenge::Client);
        }
        refused
    }
}

/// The one credential of a request.
pub enum Credential<'a> {
    /// A signed JWT.
    Assertion(UnverifiedAssertion<'a>),
    /// Only the client's id: whether its certificate stands for it, its registration says (RFC 8705 §2).
    ByConnection(ClientId),
}

impl Credential<'_> {
    /// Whose it says it is.
    fn claimed_client(&self) -> Result<ClientId, ClientRefusal> {
        match self {
            Self::Assertion(assertion) => {
                ClientId::parse(assertion.claimed_client()).map_err(|_| ClientRefusal::UnknownClient)
            }
            Self::ByConnection(client_id) => Ok(client_id.clone()),
        }
    }
}

/// Reads the one credential of a request.
pub fn parse<'a>(parameters: &'a Parameters, raw: &RawRequest) -> Result<Credential<'a>, ClientRefusal> {
    let header = !raw.authorization.is_empty();
    let secret = parameters.has("client_secret");
    let assertion = parameters.one("client_assertion");
    let kind = parameters.one("client_assertion_type");
    match (assertion.is_some() || kind.is_some(), header, secret) {
        (false, false, false) => {
            let client_id = parameters.one("client_id").ok_or(ClientRefusal::NoCredential)?;
            let client_id = ClientId::parse(client_id).map_err(|_| ClientRefusal::NoCredential)?;
            Ok(Credential::ByConnection(client_id))
        }
        (true, false, false) => Ok(Credential::Assertion(UnverifiedAssertion::parse(kind, assertion)?)),
        (false, true, false) => Err(ClientRefusal::UnsupportedScheme),
        (false, false, true) => Err(ClientRefusal::UnsupportedMethod),
        _ => Err(ClientRefusal::SeveralMethods),
    }
}

/// Authenticates the client of a request; its assertion is spent by this.
pub async fn authenticate(
    provider: &Provider,
    parameters: &Parameters,
    raw: &RawRequest,
    now: Timestamp,
) -> Result<Arc<Client>, Refused> {
    let credential = parse(parameters, raw)?;
    let client = provider.client(&credential.claimed_client()?).await.map_err(Fault::from)?;
    match (&credential, client) {
        (Credential::Assertion(assertion), Some(client)) => {
            by_assertion(provider, assertion, &client, now).await?;
            if parameters.one("client_id").is_some_and(|given| given != client.client_id.as_str()) {
                return Err(ClientRefusal::OtherClient.into());
            }
            Ok(client)
        }
        (Credential::ByConnection(_), Some(client)) => {
            by_certificate(provider, raw.client_certificate.as_ref(), &client, now).await?;
            Ok(client)
        }
        (Credential::Assertion(_), None) => Err(ClientRefusal::UnknownClient.into()),
        (Credential::ByConnection(_), None) => Err(ClientRefusal::NoCredential.into()),
    }
}

async fn by_certificate(
    provider: &Provider,
    certificate: Option<&ClientCertificate>,
    client: &Arc<Client>,
    now: Timestamp,
) -> Result<(), Refused> {
    // Only who shows a certificate makes us read keys, and only where a key decides (RFC 8705 §2.2).
    let by_key = client.token_endpoint_auth_method == AuthenticationMethod::SelfSignedTlsClientAuth;
    let is_there = |keys: &JwkSet| mtls::decide(client, keys, certificate).is_ok();
    let keys = match certificate {
        Some(_) if by_key => client_keys::of(provider, client, Wanted::Satisfying(&is_there), now).await?,
        _ => ClientKeys::Registered(Arc::clone(client)),
    };
    Ok(mtls::decide(client, &keys, certificate)?)
}

async fn by_assertion(
    provider: &Provider,
    assertion: &UnverifiedAssertion<'_>,
    client: &Arc<Client>,
    now: Timestamp,
) -> Result<(), Refused> {
    if client.token_endpoint_auth_method != AuthenticationMethod::PrivateKeyJwt {
        return Err(ClientRefusal::OtherMethod.into());
    }
    let keys = client_keys::of(provider, client, assertion.wanted_key(), now).await?;
    let accepted = assertion.decide(client, &keys, &provider.policy, now).map_err(ClientRefusal::from)?;
    if accepted.issued_at < provider.stores.replays.remembers_since() {
        return Err(ClientRefusal::from(AssertionRefusal::FromBeforeRestart).into());
    }
    let key = HandleHash::of(format!("assertion {} {}", client.client_id, accepted.jti).as_bytes());
    let first =
        provider.stores.replays.first_use(&key, accepted.replay_until, now).await.map_err(Fault::from)?;
    if first { Ok(()) } else { Err(ClientRefusal::from(AssertionRefusal::Replayed).into()) }
}
