//! Requests to upstreams that the operator granted: no redirect is followed, no proxy of the environment is used, no
//! body is decompressed, and both the time and the size of an exchange are bounded.
//!
//! | What | File |
//! |---|---|
//! | pools of connections, and what they trust and show | `egress/channel.rs` |
//! | the request as it is sent, the answer as far as it may be large | `egress/exchange.rs` |
//! | how the host logs in | `egress/credentials.rs` |
//! | the header that does it | `egress/authorization.rs` |
//! | secrets from files that may be exchanged | `egress/watched.rs` |
//! | JWTs signed here | `egress/assertion.rs` |
//! | access tokens, and where they come from | `egress/access_token.rs`, `egress/token_endpoint.rs` |
//! | documents that registrations name | `egress/guarded.rs` |
//!
//! How all this is made from an operator's file is `wire/plugins/upstreams.rs`.

pub(crate) mod access_token;
pub(crate) mod assertion;
pub(crate) mod authorization;
pub(crate) mod channel;
pub(crate) mod credentials;
mod exchange;
pub(crate) mod guarded;
mod public_address;
pub(crate) mod token_endpoint;
pub(crate) mod watched;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::{ArcSwap, ArcSwapOption};
use async_trait::async_trait;
use esignet_protocol::ports::fetch::{Fetch, FetchError, UpstreamRequest, UpstreamResponse};
use reqwest::header;
use reqwest::{Request, Response, StatusCode};

use authorization::Authorization;
use channel::Channel;
use credentials::Credentials;

/// Sends requests of plugins, each over the connection that was made for its plugin and upstream.
pub(crate) struct Egress {
    present: ArcSwap<Connections>,
    /// What was granted before: calls that began under it may still send to where it leads.
    earlier: ArcSwapOption<Connections>,
}

/// A connection for each upstream of each plugin.
#[derive(Default)]
pub(crate) struct Connections(BTreeMap<String, BTreeMap<String, Arc<Connection>>>);

/// How one upstream is reached and logged in to.
pub(crate) struct Connection {
    /// The URL that it was granted with. A request for another one is not sent: it would carry this one's credentials.
    pub(crate) base_url: String,
    /// Its pool.
    pub(crate) channel: Channel,
    /// How the host logs in.
    pub(crate) credentials: Option<Credentials>,
}

impl Connections {
    /// Adds one.
    pub(crate) fn add(&mut self, plugin: &str, upstream: &str, connection: Connection) {
        self.0.entry(plugin.to_owned()).or_default().insert(upstream.to_owned(), Arc::new(connection));
    }

    fn of(&self, request: &UpstreamRequest) -> Option<Arc<Connection>> {
        let connection = self.0.get(&request.plugin)?.get(&request.upstream)?;
        let granted = |url: &str| url.trim_end_matches('/') == connection.base_url.trim_end_matches('/');
        granted(&request.base_url).then(|| Arc::clone(connection))
    }
}

impl Egress {
    /// Sends over these.
    pub(crate) fn new(connections: Connections) -> Self {
        Self { present: ArcSwap::from_pointee(connections), earlier: ArcSwapOption::empty() }
    }

    /// Sends over others from now on. Exchanges under way end over those that they began with, and calls under way may send
    /// to where they were granted until [`Egress::forget_earlier`].
    pub(crate) fn replace(&self, connections: Connections) {
        let before = self.present.swap(Arc::new(connections));
        self.earlier.store(Some(before));
    }

    /// Lets go of what was granted before.
    pub(crate) fn forget_earlier(&self) {
        self.earlier.store(None);
    }

    fn connection(&self, request: &UpstreamRequest) -> Option<Arc<Connection>> {
        let present = self.present.load().of(request);
        present.or_else(|| self.earlier.load().as_ref().and_then(|earlier| earlier.of(request)))
    }
}

#[async_trait]
impl Fetch for Egress {
    async fn fetch(&self, request: UpstreamRequest) -> Result<UpstreamResponse, FetchError> {
        let connection = self.connection(&request);
        // Fails closed: without its connection a request would trust others and log in to nobody.
        let connection = connection.ok_or_else(|| {
            FetchError::Unreachable("the upstream is not connected, or not as it was granted".to_owned())
        })?;
        let limit = Duration::from_millis(request.timeout_ms);
        tokio::time::timeout(limit, connection.exchange(request)).await.unwrap_or(Err(FetchError::Timeout))
    }
}

impl Connection {
    async fn exchange(&self, request: UpstreamRequest) -> Result<UpstreamResponse, FetchError> {
        let (client, most) = (self.channel.client()?, request.max_response_bytes);
        let request = exchange::prepared(client, request)?;
        let Some(credentials) = &self.credentials else {
            let response = client.execute(request).await.map_err(|error| exchange::broke(&error))?;
            return exchange::read(response, most).await;
        };
        // The sandbox denies it as well; two of them are one too many (RFC 9110 §11.6.2).
        if request.headers().contains_key(header::AUTHORIZATION) {
            return Err(FetchError::Invalid("the host logs in to this upstream".to_owned()));
        }

        let mut authorization = credentials.current().await?;
        let mut response = self.send(&request, &authorization).await?;
        // RFC 9110 §15.5.2: it was not applied, so it may be sent again whatever its method is.
        if response.status() == StatusCode::UNAUTHORIZED
            && let Some(other) = credentials.instead_of(&authorization).await
        {
            drop(response);
            authorization = other?;
            response = self.send(&request, &authorization).await?;
        }
        without(&authorization, exchange::read(response, most).await?)
    }

    async fn send(&self, request: &Request, authorization: &Authorization) -> Result<Response, FetchError> {
        let request = request.try_clone();
        let mut request = request.ok_or_else(|| FetchError::Invalid("the body".to_owned()))?;
        request.headers_mut().insert(header::AUTHORIZATION, authorization.header());
        self.channel.client()?.execute(request).await.map_err(|error| exchange::broke(&error))
    }
}

/// The answer, unless it tells the plugin what the host logged in with.
fn without(
    authorization: &Authorization,
    mut response: UpstreamResponse,
) -> Result<UpstreamResponse, FetchError> {
    if authorization.is_in(&response.body) {
        return Err(FetchError::Unreachable(
            "the upstream sent back what the host logged in with".to_owned(),
        ));
    }
    response.headers.retain(|(_, value)| !authorization.is_in(value.as_bytes()));
    Ok(response)
}

#[cfg(test)]
mod tests;
