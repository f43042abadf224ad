//! HTTP clients: what is never done on any of them, and what one of them trusts and shows.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use esignet_protocol::ports::fetch::FetchError;
use reqwest::{Certificate, Client, ClientBuilder, Identity};

/// How long a connection may take, whatever the request's own limit is.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a connection is kept for the next request.
const POOL_IDLE: Duration = Duration::from_secs(30);

/// A pool of connections.
#[derive(Clone)]
pub(crate) enum Channel {
    /// One that trusts what the system trusts and shows nothing. It is made with the first request: a server whose
    /// plugins have no upstreams never loads the system's certificates.
    Usual(Arc<OnceLock<Client>>),
    /// One of its own.
    Own(Client),
}

impl Channel {
    /// A pool for upstreams with nothing special. Clones share it.
    pub(crate) fn usual() -> Self {
        Self::Usual(Arc::default())
    }

    /// A pool that trusts these issuers instead of the system's, and shows this certificate to those who ask.
    pub(crate) fn own(
        issuers: Option<Vec<Certificate>>,
        identity: Option<Identity>,
    ) -> Result<Self, reqwest::Error> {
        let mut builder = builder();
        if let Some(issuers) = issuers {
            builder = builder.tls_certs_only(issuers);
        }
        if let Some(identity) = identity {
            builder = builder.identity(identity);
        }
        builder.build().map(Self::Own)
    }

    /// What sends.
    pub(super) fn client(&self) -> Result<&Client, FetchError> {
        let cell = match self {
            Self::Own(client) => return Ok(client),
            Self::Usual(cell) => cell,
        };
        if let Some(client) = cell.get() {
            return Ok(client);
        }
        let client = builder().build().map_err(|error| {
            tracing::error!(%error, "egress: the TLS client did not start");
            FetchError::Unreachable("the TLS client did not start".to_owned())
        })?;
        Ok(cell.get_or_init(|| client))
    }
}

fn builder() -> ClientBuilder {
    Client::builder()
        .user_agent(concat!("esignet/", env!("CARGO_PKG_VERSION")))
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        .no_proxy()
        // What is counted against the limit is what the plugin gets: no body grows after it was counted.
        .no_gzip()
        .no_brotli()
        .no_deflate()
        .no_zstd()
        .connect_timeout(CONNECT_TIMEOUT)
        .pool_idle_timeout(POOL_IDLE)
}
