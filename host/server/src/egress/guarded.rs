//! Documents at URLs that registrations name (T18): nobody makes the server talk to a network that is not public.
//!
//! A host is looked up once, by us; every one of its addresses must be public, and the connection goes to one of those
//! that were checked. So there is no moment between a check and a connection in which a name could come to mean another
//! address. Only https, no redirect, no proxy, no decompression, 3 seconds in all.

use std::error::Error;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use async_trait::async_trait;
use esignet_protocol::ports::fetch::{FetchRefusal, Fetched, PublicFetch, PublicRequest};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{self, HeaderMap};
use reqwest::{Client, StatusCode, Url};

use super::public_address::is_public;

/// How long a document may take, from the look-up of its host to its last byte.
const WITHIN: Duration = Duration::from_secs(3);

/// Looks a host up.
#[async_trait]
pub(crate) trait Lookup: Send + Sync {
    /// Its addresses.
    async fn addresses(&self, host: &str) -> Vec<IpAddr>;
}

/// The system's way.
struct SystemLookup;

#[async_trait]
impl Lookup for SystemLookup {
    async fn addresses(&self, host: &str) -> Vec<IpAddr> {
        // A host that cannot be looked up is one without addresses.
        let found = tokio::net::lookup_host((host, 0)).await;
        found.map(|found| found.map(|address| address.ip()).collect()).unwrap_or_default()
    }
}

/// Reads public documents.
pub(crate) struct GuardedEgress {
    allow: Vec<SocketAddr>,
    lookup: Arc<dyn Lookup>,
    within: Duration,
    client: OnceLock<Client>,
}

impl GuardedEgress {
    /// Reads from public addresses, and from these.
    pub(crate) fn new(allow: Vec<SocketAddr>) -> Self {
        Self { allow, lookup: Arc::new(SystemLookup), within: WITHIN, client: OnceLock::new() }
    }

    fn client(&self) -> Result<&Client, FetchRefusal> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let client = Client::builder()
            .user_agent(concat!("esignet/", env!("CARGO_PKG_VERSION")))
            .dns_resolver(Arc::new(PublicOnly(Arc::clone(&self.lookup))))
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .no_proxy()
            .no_gzip()
            .no_brotli()
            .no_deflate()
            .no_zstd()
            .pool_max_idle_per_host(0)
            .build()
            .map_err(|_| FetchRefusal::Unreachable)?;
        Ok(self.client.get_or_init(|| client))
    }

    async fn exchange(&self, request: PublicRequest) -> Result<Fetched, FetchRefusal> {
        let url = admitted(&request.url, &self.allow)?;
        let sent = self.client()?.get(url).header(header::ACCEPT, request.accept).send().await;
        let mut response = sent.map_err(|error| refusal(&error))?;
        if response.status().is_redirection() {
            return Err(FetchRefusal::Redirects);
        }
        if response.status() != StatusCode::OK {
            return Err(FetchRefusal::Status(response.status().as_u16()));
        }
        if response.headers().get(header::CONTENT_ENCODING).is_some_and(|coding| coding != "identity") {
            return Err(FetchRefusal::Compressed);
        }
        let too_large = FetchRefusal::TooLarge(request.max_bytes);
        if response.content_length().is_some_and(|length| length > request.max_bytes as u64) {
            return Err(too_large);
        }
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| refusal(&error))? {
            if chunk.len() > request.max_bytes.saturating_sub(bytes.len()) {
                return Err(too_large);
            }
            bytes.extend_from_slice(&chunk);
        }
        let (media_type, max_age) = (media_type(response.headers()), max_age(response.headers()));
        Ok(Fetched { media_type, bytes, max_age })
    }
}

#[async_trait]
impl PublicFetch for GuardedEgress {
    async fn get(&self, request: PublicRequest) -> Result<Fetched, FetchRefusal> {
        let exchange = tokio::time::timeout(self.within, self.exchange(request));
        exchange.await.unwrap_or(Err(FetchRefusal::TimedOut))
    }
}

/// The URL, if it may be fetched as far as it can be told without looking its host up. All spellings of an address of IPv4
/// are one after parsing (WHATWG URL, host parsing).
fn admitted(text: &str, allow: &[SocketAddr]) -> Result<Url, FetchRefusal> {
    let url = Url::parse(text).map_err(|_| FetchRefusal::NotAUrl)?;
    let host = url.host_str().filter(|host| !host.is_empty()).ok_or(FetchRefusal::NotAUrl)?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(FetchRefusal::UserInfo);
    }
    let address: Option<IpAddr> = host.trim_start_matches('[').trim_end_matches(']').parse().ok();
    let port = url.port_or_known_default().ok_or(FetchRefusal::NotHttps)?;
    let is_allowed = address.is_some_and(|address| allow.contains(&SocketAddr::new(address, port)));
    let loopback_http = is_allowed && url.scheme() == "http" && address.is_some_and(|ip| ip.is_loopback());
    if url.scheme() != "https" && !loopback_http {
        return Err(FetchRefusal::NotHttps);
    }
    if is_allowed {
        return Ok(url);
    }
    if port != 443 && port < 1024 {
        return Err(FetchRefusal::Port);
    }
    if address.is_some_and(|address| !is_public(address)) {
        return Err(FetchRefusal::NotPublic);
    }
    Ok(url)
}

/// Gives a connection no address but public ones. Nothing else of the client looks a name up.
struct PublicOnly(Arc<dyn Lookup>);

impl PublicOnly {
    async fn addresses(lookup: Arc<dyn Lookup>, host: String) -> Result<Vec<IpAddr>, Refused> {
        let addresses = lookup.addresses(&host).await;
        if addresses.is_empty() {
            return Err(Refused(FetchRefusal::Unresolved));
        }
        if addresses.iter().any(|address| !is_public(*address)) {
            return Err(Refused(FetchRefusal::NotPublic));
        }
        Ok(addresses)
    }
}

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        let addresses = Self::addresses(Arc::clone(&self.0), name.as_str().to_owned());
        Box::pin(async move {
            let addresses = addresses.await?;
            let addresses: Addrs = Box::new(addresses.into_iter().map(|address| SocketAddr::new(address, 0)));
            Ok(addresses)
        })
    }
}

/// Carries a refusal through the client.
#[derive(Debug)]
struct Refused(FetchRefusal);

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Error for Refused {}

fn refusal(error: &reqwest::Error) -> FetchRefusal {
    let mut cause: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if let Some(Refused(refusal)) = error.downcast_ref() {
            return *refusal;
        }
        cause = error.source();
    }
    FetchRefusal::Unreachable
}

fn media_type(headers: &HeaderMap) -> String {
    let text = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// RFC 9111 §5.2.2. What must not be stored or must be validated each time is good for no time.
fn max_age(headers: &HeaderMap) -> Option<u64> {
    let values = headers.get_all(header::CACHE_CONTROL).iter().filter_map(|value| value.to_str().ok());
    let directives: Vec<String> =
        values.flat_map(|value| value.split(',')).map(|part| part.trim().to_ascii_lowercase()).collect();
    if directives.iter().any(|directive| directive == "no-store" || directive == "no-cache") {
        return Some(0);
    }
    let seconds = |directive: &String| directive.strip_prefix("max-age=")?.trim_matches('"').parse().ok();
    directives.iter().find_map(seconds)
}

#[cfg(test)]
mod tests;
