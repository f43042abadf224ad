//! Outbound HTTP: [`Fetch`] to places an operator named, which plugins reach through the sandbox after their grants were
//! checked, and [`PublicFetch`] to places that a registration named, which may be anywhere and so must be public.

use async_trait::async_trait;

/// A request to a named upstream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UpstreamRequest {
    /// The plugin that asks, by its id.
    pub plugin: String,
    /// The upstream, by the name that the operator gave it.
    pub upstream: String,
    /// The upstream's base URL, from the operator's file: scheme, host, port and an optional path prefix.
    pub base_url: String,
    /// Upper-case method.
    pub method: String,
    /// Absolute path, percent-encoded, already checked against the grant.
    pub path: String,
    /// Query pairs, not yet encoded.
    pub query: Vec<(String, String)>,
    /// Headers, already checked: no hop-by-hop names, no control characters.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// Whole-exchange limit in milliseconds.
    pub timeout_ms: u64,
    /// Largest response body taken, in bytes.
    pub max_response_bytes: usize,
}

/// What the upstream answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UpstreamResponse {
    /// The status code.
    pub status: u16,
    /// Headers with values that are text.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// Nothing came within the limit.
    #[error("timed out")]
    Timeout,
    /// No connection, or it broke.
    #[error("unreachable: {0}")]
    Unreachable(String),
    /// The body is larger than allowed.
    #[error("the response is larger than {0} bytes")]
    TooLarge(u64),
    /// The request cannot be sent as it is.
    #[error("invalid request: {0}")]
    Invalid(String),
}

/// Sends requests to upstreams. Never follows a redirect.
#[async_trait]
pub trait Fetch: Send + Sync {
    /// One exchange.
    async fn fetch(&self, request: UpstreamRequest) -> Result<UpstreamResponse, FetchError>;
}

/// A document to be read at a URL that a registration names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicRequest {
    /// The URL.
    pub url: String,
    /// `Accept`.
    pub accept: &'static str,
    /// The largest document taken, in bytes.
    pub max_bytes: usize,
}

/// A document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetched {
    /// The media type without parameters, in lower case; empty when the server says none.
    pub media_type: String,
    /// The document.
    pub bytes: Vec<u8>,
    /// How long it may be used, in seconds, if the server says so (RFC 9111 §5.2.2.1, `max-age`). 0 for `no-store` and
    /// `no-cache`.
    pub max_age: Option<u64>,
}

/// Why a document was not read. No word of the other side is in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FetchRefusal {
    /// It is no URL.
    #[error("it is not a URL with a host")]
    NotAUrl,
    /// Another scheme.
    #[error("it is not https")]
    NotHttps,
    /// A user name or password would be sent.
    #[error("it has a user name or a password")]
    UserInfo,
    /// A port on which other things than HTTPS are served.
    #[error("the port is neither 443 nor from 1024 up")]
    Port,
    /// The host has no address.
    #[error("the host has no address")]
    Unresolved,
    /// An address of the host lies in a network that is not public (`reliability-and-security.md` T18).
    #[error("the host has an address that is not public")]
    NotPublic,
    /// A redirect, which is never followed.
    #[error("the server redirects, which is not followed")]
    Redirects,
    /// Another status than 200.
    #[error("the server answered {0}")]
    Status(u16),
    /// A content coding: nothing is decompressed here.
    #[error("the document is compressed")]
    Compressed,
    /// It is larger than allowed.
    #[error("the document has more than {0} bytes")]
    TooLarge(usize),
    /// It did not come in time.
    #[error("the document did not come in time")]
    TimedOut,
    /// There is no connection, or it broke.
    #[error("the server cannot be reached over HTTPS")]
    Unreachable,
}

/// Reads public documents. Only https, only from public addresses, which are looked up once and connected to as they were
/// checked; no redirect is followed, and time and size are bounded (T18).
#[async_trait]
pub trait PublicFetch: Send + Sync {
    /// One document.
    async fn get(&self, request: PublicRequest) -> Result<Fetched, FetchRefusal>;
}
