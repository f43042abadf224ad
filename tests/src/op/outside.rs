//! What plugins reach beyond the provider: servers on the loopback interface, or nothing; and a cache that is down.

use std::time::Duration;

use async_trait::async_trait;
use esignet_protocol::ports::fetch::{Fetch, FetchError, UpstreamRequest, UpstreamResponse};
use esignet_protocol::ports::plugin_cache::{PluginCache, PluginCacheError};
use reqwest::redirect::Policy;
use url::{Host, Url};

/// A network that nobody can be reached through.
pub struct NoNetwork;

#[async_trait]
impl Fetch for NoNetwork {
    async fn fetch(&self, _: UpstreamRequest) -> Result<UpstreamResponse, FetchError> {
        Err(FetchError::Unreachable("tests have no network".to_owned()))
    }
}

/// A network of this machine alone, over real sockets.
#[derive(Debug)]
pub struct Loopback(reqwest::Client);

impl Default for Loopback {
    fn default() -> Self {
        let client = reqwest::Client::builder().redirect(Policy::none()).build();
        Self(client.expect("a client can be made"))
    }
}

#[async_trait]
impl Fetch for Loopback {
    async fn fetch(&self, request: UpstreamRequest) -> Result<UpstreamResponse, FetchError> {
        let mut url = Url::parse(&format!("{}{}", request.base_url, request.path))
            .map_err(|error| FetchError::Invalid(error.to_string()))?;
        if !matches!(url.host(), Some(Host::Ipv4(address)) if address.is_loopback()) {
            return Err(FetchError::Unreachable(
                "tests have no network but the loopback interface".to_owned(),
            ));
        }
        if !request.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&request.query);
        }
        let method = reqwest::Method::from_bytes(request.method.as_bytes());
        let method = method.map_err(|error| FetchError::Invalid(error.to_string()))?;
        let headers = request.headers.iter();
        let sent = headers
            .fold(self.0.request(method, url), |sent, (name, value)| sent.header(name, value))
            .timeout(Duration::from_millis(request.timeout_ms))
            .body(request.body)
            .send()
            .await
            .map_err(|error| unreachable(&error))?;
        let headers = sent.headers().iter();
        let headers = headers
            .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
            .collect();
        let status = sent.status().as_u16();
        let body = sent.bytes().await.map_err(|error| unreachable(&error))?.to_vec();
        if body.len() > request.max_response_bytes {
            return Err(FetchError::TooLarge(request.max_response_bytes as u64));
        }
        Ok(UpstreamResponse { status, headers, body })
    }
}

fn unreachable(error: &reqwest::Error) -> FetchError {
    if error.is_timeout() { FetchError::Timeout } else { FetchError::Unreachable("no connection".to_owned()) }
}

/// A cache of plugins that does not answer.
pub struct NoCache;

fn down<T>() -> Result<T, PluginCacheError> {
    Err(PluginCacheError::Unavailable("a test took it away".to_owned()))
}

#[async_trait]
impl PluginCache for NoCache {
    async fn get(&self, _: &str, _: &str) -> Result<Option<Vec<u8>>, PluginCacheError> {
        down()
    }

    async fn put(&self, _: &str, _: &str, _: Vec<u8>, _: u32) -> Result<(), PluginCacheError> {
        down()
    }

    async fn put_if_absent(&self, _: &str, _: &str, _: Vec<u8>, _: u32) -> Result<bool, PluginCacheError> {
        down()
    }

    async fn take(&self, _: &str, _: &str) -> Result<Option<Vec<u8>>, PluginCacheError> {
        down()
    }
}
