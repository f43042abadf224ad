//! One exchange with an upstream: the request as it is sent, the answer as far as it may be large.

use esignet_protocol::ports::fetch::{FetchError, UpstreamRequest, UpstreamResponse};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, Method, Request, Response, Url};

/// The request, ready to be sent.
pub(super) fn prepared(client: &Client, request: UpstreamRequest) -> Result<Request, FetchError> {
    let method = Method::from_bytes(request.method.as_bytes());
    let method = method.map_err(|_| FetchError::Invalid("the method".to_owned()))?;
    let (url, headers) = (url(&request)?, headers(&request)?);
    let built = client.request(method, url).headers(headers).body(request.body).build();
    built.map_err(|_| FetchError::Invalid("the request".to_owned()))
}

/// The answer for the plugin.
pub(super) async fn read(response: Response, most: usize) -> Result<UpstreamResponse, FetchError> {
    let text = |(name, value): (&HeaderName, &HeaderValue)| {
        Some((name.to_string(), value.to_str().ok()?.to_owned()))
    };
    let status = response.status().as_u16();
    let headers = response.headers().iter().filter_map(text).collect();
    Ok(UpstreamResponse { status, headers, body: limited(response, most).await? })
}

/// The body, if it has at most so many bytes.
pub(super) async fn limited(mut response: Response, most: usize) -> Result<Vec<u8>, FetchError> {
    let too_large = || FetchError::TooLarge(most as u64);
    if response.content_length().is_some_and(|length| length > most as u64) {
        return Err(too_large());
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| broke(&error))? {
        if chunk.len() > most.saturating_sub(body.len()) {
            return Err(too_large());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// The URL of a request: the granted base with the path behind it, and nothing that a parser would read differently.
pub(super) fn url(request: &UpstreamRequest) -> Result<Url, FetchError> {
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
pub(super) fn broke(error: &reqwest::Error) -> FetchError {
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
