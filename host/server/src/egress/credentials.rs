//! How the host logs in to an upstream. A plugin never sees any of it.

use std::sync::Arc;

use esignet_protocol::ports::fetch::FetchError;

use super::access_token::AccessToken;
use super::assertion::SignedToken;
use super::authorization::Authorization;
use super::watched::Watched;

/// Where the header `Authorization` of each request comes from.
pub(crate) enum Credentials {
    /// A file with a token or a password.
    File(Watched<Authorization>),
    /// A JWT that this server signs.
    Signed(SignedToken),
    /// A token endpoint.
    Issued(AccessToken),
}

impl Credentials {
    /// What a request is sent with now.
    pub(super) async fn current(&self) -> Result<Arc<Authorization>, FetchError> {
        match self {
            Self::File(file) => Ok(file.current()),
            Self::Signed(token) => token.current(),
            Self::Issued(token) => token.current().await,
        }
    }

    /// What to try instead of what the upstream refused. Only what somebody else issued may have ended without our
    /// knowing.
    pub(super) async fn instead_of(
        &self,
        refused: &Arc<Authorization>,
    ) -> Option<Result<Arc<Authorization>, FetchError>> {
        match self {
            Self::File(_) | Self::Signed(_) => None,
            Self::Issued(token) => token.instead_of(refused).await,
        }
    }
}
