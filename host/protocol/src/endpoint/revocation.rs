//! Token revocation (RFC 7009).

use super::RawRequest;
use crate::audit::event::{Action, Event, Outcome};
use crate::client_auth;
use crate::error::{ErrorCode, Fault, Refused};
use crate::issue::AccessGrant;
use crate::provider::Provider;
use crate::word::client_id::ClientId;
use crate::word::handle::AccessToken;
use crate::word::parameters::{Parameters, ParametersError};

/// Why nothing was looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The body as a whole.
    #[error(transparent)]
    Parameters(#[from] ParametersError),
    /// RFC 7009 §2.1.
    #[error("token is missing")]
    TokenMissing,
}

impl Refusal {
    /// What the client is told.
    pub const fn code(&self) -> ErrorCode {
        match self {
            Self::Parameters(_) | Self::TokenMissing => ErrorCode::InvalidRequest,
        }
    }

    /// 413 for too large, else that of the code.
    pub const fn status(&self) -> u16 {
        match self {
            Self::Parameters(ParametersError::TooLarge) => 413,
            Self::Parameters(ParametersError::Duplicate | ParametersError::Malformed)
            | Self::TokenMissing => self.code().status(),
        }
    }
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self::request(refusal.code(), &refusal).with_status(refusal.status())
    }
}

/// The token of a request. `token_type_hint` is a hint, and there is one kind of token (RFC 7009 §2.1). `None` is a token
/// that cannot be one of ours.
pub fn parse(parameters: &Parameters) -> Result<Option<AccessToken>, Refusal> {
    parameters.one("token").map(AccessToken::presented).ok_or(Refusal::TokenMissing)
}

/// Whether this token is the client's to revoke (RFC 7009 §2.1: another client's is not). What there is nothing of, or what
/// is not theirs, is answered alike.
pub fn decide<'a>(grant: Option<&'a AccessGrant>, client: &ClientId) -> Option<&'a AccessGrant> {
    grant.filter(|grant| grant.client_id == *client)
}

/// Authenticates the client, revokes what is its own. Answered with 200 and nothing, whatever the token was
/// (RFC 7009 §2.2).
pub async fn handle(provider: &Provider, raw: RawRequest) -> Result<(), Refused> {
    let now = provider.now();
    let parameters = raw.parameters.as_ref().map_err(|error| Refusal::from(*error))?;
    let client = client_auth::authenticate(provider, parameters, &raw, now).await?;
    let Some(token) = parse(parameters)? else {
        return Ok(());
    };
    let grants = &provider.stores.grants;
    let grant = grants.token(&token.hash(), now).await.map_err(Fault::from)?;
    if let Some(grant) = decide(grant.as_ref(), &client.client_id) {
        // One code yields one token, so the whole grant ends (RFC 7009 §2.1).
        grants.revoke(&grant.grant, grant.expires_at).await.map_err(Fault::from)?;
        provider.audit.tell(|_| {
            let revoked = Event::new(Action::Revocation, Outcome::Success).by(&grant.client_id);
            revoked.after(grant.login.trace.as_deref())
        })?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{access_grant, parameters};

    #[test]
    fn only_its_own_token_is_a_clients_to_revoke() {
        let grant = access_grant();
        let id = |text: &str| ClientId::parse(text).expect("a client id");
        assert!(decide(Some(&grant), &id("rp")).is_some());
        assert!(decide(Some(&grant), &id("other")).is_none());
        assert!(decide(None, &id("rp")).is_none());
    }

    #[test]
    fn a_token_must_be_named_and_need_not_be_one() {
        assert_eq!(parse(&parameters(&[])).err(), Some(Refusal::TokenMissing));
        let hinted = parameters(&[("token", "x"), ("token_type_hint", "refresh_token")]);
        assert!(parse(&hinted).expect("parses").is_some());
        let longer_than_any = parameters(&[("token", &"x".repeat(5_000))]);
        assert!(parse(&longer_than_any).expect("parses").is_none());
    }
}
