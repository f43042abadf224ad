//! Outbound HTTP, to places an operator named. Plugins reach it through the sandbox, which checks their grants first.

use async_trait::async_trait;

/// A request to a named upstream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UpstreamRequest {
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
