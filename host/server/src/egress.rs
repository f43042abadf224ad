//! Requests to upstreams that the operator granted: no redirect is followed, no proxy of the environment is used, no
//! body is decompressed, and both the time and the size of an exchange are bounded.

pub(crate) mod guarded;
mod public_address;

use std::sync::OnceLock;
use std::time::Duration;

use async_trait::async_trait;
use esignet_protocol::ports::fetch::{Fetch, FetchError, UpstreamRequest, UpstreamResponse};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, Method, Url};

/// How long a connection may take, whatever the request's own limit is.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a connection is kept for the next request.
const POOL_IDLE: Duration = Duration::from_secs(30);

/// Sends requests of plugins. The client behind it is made with the first request: a server whose plugins have no
/// upstreams never loads certificates.
#[derive(Debug, Default)]
pub(crate) struct Egress {
    client: OnceLock<Client>,
}

impl Egress {
    fn client(&self) -> Result<&Client, FetchError> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let client = Client::builder()
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
            .build()
            .map_err(|error| FetchError::Unreachable(format!("the TLS client did not start: {error}")))?;
        Ok(self.client.get_or_init(|| client))
    }
}

#[async_trait]
impl Fetch for Egress {
    async fn fetch(&self, request: UpstreamRequest) -> Result<UpstreamResponse, FetchError> {
        let limit = Duration::from_millis(request.timeout_ms);
        let exchange = exchange(self.client()?, request);
        tokio::time::timeout(limit, exchange).await.unwrap_or(Err(FetchError::Timeout))
    }
}

async fn exchange(client: &Client, request: UpstreamRequest) -> Result<UpstreamResponse, FetchError> {
    let method = Method::from_bytes(request.method.as_bytes());
    let method = method.map_err(|_| FetchError::Invalid("the method".to_owned()))?;
    let builder = client.request(method, url(&request)?).headers(headers(&request)?).body(request.body);
    let mut response = builder.send().await.map_err(|error| failed(&error))?;

    let most = request.max_response_bytes;
    let too_large = || FetchError::TooLarge(most as u64);
    if response.content_length().is_some_and(|length| length > most as u64) {
        return Err(too_large());
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| failed(&error))? {
        if chunk.len() > most.saturating_sub(body.len()) {
            return Err(too_large());
        }
        body.extend_from_slice(&chunk);
    }
    let text = |(name, value): (&HeaderName, &HeaderValue)| {
        Some((name.to_string(), value.to_str().ok()?.to_owned()))
    };
    Ok(UpstreamResponse {
        status: response.status().as_u16(),
        headers: response.headers().iter().filter_map(text).collect(),
        body,
    })
}

/// The URL of a request: the granted base with the path behind it, and nothing that a parser would read differently.
fn url(request: &UpstreamRequest) -> Result<Url, FetchError> {
    let invalid = |what: &str| FetchError::Invalid(what.to_owned());
    let base = Url::parse(&request.base_url).map_err(|_| invalid("the base URL"))?;
    let prefix = base.path().trim_end_matches('/');
    let whole = format!("{prefix}{}", request.path);
    let mut url = base.clone();
    url.set_path(&whole);
    if !request.path.starts_with('/') || url.path() != whole || url.origin() != base.origin() {
        return Err(invalid("the path is not in its normal form"));
    }
    url.set_query(None);
    url.set_fragment(None);
    if !request.query.is_empty() {
        url.query_pairs_mut().extend_pairs(&request.query);
    }
    Ok(url)
}

fn headers(request: &UpstreamRequest) -> Result<HeaderMap, FetchError> {
    let mut headers = HeaderMap::new();
    for (name, value) in &request.headers {
        let name = HeaderName::from_bytes(name.as_bytes());
        let value = HeaderValue::from_str(value);
        let (Ok(name), Ok(value)) = (name, value) else {
            return Err(FetchError::Invalid("a header".to_owned()));
        };
        headers.append(name, value);
    }
    Ok(headers)
}

/// Without the URL: its query may name a person.
fn failed(error: &reqwest::Error) -> FetchError {
    if error.is_timeout() {
        return FetchError::Timeout;
    }
    let what = if error.is_connect() {
        "no connection"
    } else if error.is_body() || error.is_decode() {
        "the answer broke off"
    } else {
        "the exchange failed"
    };
    FetchError::Unreachable(what.to_owned())
}

#[cfg(test)]
mod tests;
