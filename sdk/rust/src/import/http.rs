//! Requests to the servers the operator named (`esignet:host/http`).
//!
//! A plugin says `register`; where that is, how it is trusted and how we log in to it is the operator's.
//!
//! ```no_run
//! # use esignet_sdk::prelude::*;
//! # #[derive(serde::Serialize)] struct Query { id: String }
//! # #[derive(serde::Deserialize)] struct Reply { found: bool }
//! # fn ask(query: &Query) -> Result<Reply, Failure> {
//! let response = http::upstream("register").post("/v2/auth").json(query)?.send()?;
//! let reply: Reply = response.success()?.json()?;
//! # Ok(reply) }
//! ```

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::bindings::host::esignet::host::http;
pub use crate::bindings::host::esignet::host::http::Error;
use crate::word::Failure;

/// The server that the operator configured as `name`.
pub fn upstream(name: &str) -> Upstream<'_> {
    Upstream { name }
}

/// A server by the name the operator gave it.
#[derive(Clone, Copy, Debug)]
pub struct Upstream<'a> {
    name: &'a str,
}

impl Upstream<'_> {
    /// A GET request for `path`.
    pub fn get(self, path: &str) -> Request {
        self.request("GET", path)
    }

    /// A POST request to `path`.
    pub fn post(self, path: &str) -> Request {
        self.request("POST", path)
    }

    /// A PUT request to `path`.
    pub fn put(self, path: &str) -> Request {
        self.request("PUT", path)
    }

    /// A request with any method, in upper case, to an absolute, percent-encoded `path` without query.
    pub fn request(self, method: &str, path: &str) -> Request {
        Request(http::Request {
            upstream: self.name.to_owned(),
            method: method.to_owned(),
            path: path.to_owned(),
            query: Vec::new(),
            headers: Vec::new(),
            body: Vec::new(),
            timeout_ms: None,
        })
    }
}

/// A request that is being put together.
#[must_use = "a request is only made by `send` or `send_all`"]
pub struct Request(http::Request);

impl Request {
    /// Adds a query parameter; the host encodes it.
    pub fn query(mut self, name: &str, value: &str) -> Self {
        self.0.query.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Adds a header field.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.0.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Sends these octets.
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.0.body = body.into();
        self
    }

    /// Sends `value` as JSON.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] if `value` does not serialise.
    pub fn json<T: Serialize + ?Sized>(self, value: &T) -> Result<Self, Error> {
        let body =
            serde_json::to_vec(value).map_err(|error| Error::Invalid(format!("request body: {error}")))?;
        Ok(self.header("content-type", "application/json").body(body))
    }

    /// Waits for an answer no longer than this; the operator's limit holds in any case.
    pub fn timeout_ms(mut self, milliseconds: u32) -> Self {
        self.0.timeout_ms = Some(milliseconds);
        self
    }

    /// Makes the request. Redirects are never followed.
    ///
    /// # Errors
    ///
    /// See [`Error`]; a status of 400 or more is an answer, not an error.
    pub fn send(self) -> Result<Response, Error> {
        http::fetch(&self.0).map(Response::from)
    }
}

/// Makes the requests in parallel, and answers in their order.
pub fn send_all(requests: impl IntoIterator<Item = Request>) -> Vec<Result<Response, Error>> {
    let requests: Vec<http::Request> = requests.into_iter().map(|request| request.0).collect();
    http::fetch_all(&requests).into_iter().map(|answer| answer.map(Response::from)).collect()
}

/// What a server answered.
#[derive(Clone, PartialEq, Eq)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// The header fields, as they came.
    pub headers: Vec<(String, String)>,
    /// The content.
    pub body: Vec<u8>,
}

impl Response {
    /// The first header field of that name, in any case of letters.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// Itself, if its status is 200 to 299.
    ///
    /// # Errors
    ///
    /// [`Failure::Unavailable`] that tells the status.
    pub fn success(self) -> Result<Self, Failure> {
        match self.status {
            200..=299 => Ok(self),
            status => Err(Failure::Unavailable(format!("the upstream answered {status}"))),
        }
    }

    /// The content as JSON.
    ///
    /// # Errors
    ///
    /// [`Failure::Unavailable`] that tells the line and column, never the content, if it is no `T`.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        serde_json::from_slice(&self.body).map_err(|error| {
            let (line, column) = (error.line(), error.column());
            Failure::Unavailable(format!(
                "the upstream's JSON is not as expected at line {line}, column {column}"
            ))
        })
    }
}

impl From<http::Response> for Response {
    fn from(response: http::Response) -> Self {
        Self { status: response.status, headers: response.headers, body: response.body }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::Denied(rule) => Self::Misconfigured(rule),
            Error::Timeout => Self::Unavailable("the upstream did not answer in time".to_owned()),
            Error::Unreachable(why) => Self::Unavailable(why),
            Error::TooLarge(limit) => {
                Self::Unavailable(format!("the upstream's answer is larger than {limit} bytes"))
            }
            Error::Invalid(what) => Self::Internal(what),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn response(status: u16, body: &[u8]) -> Response {
        let headers = vec![("Content-Type".to_owned(), "application/json".to_owned())];
        Response { status, headers, body: body.to_vec() }
    }

    #[test]
    fn a_header_field_is_found_in_any_case() {
        assert_eq!(response(200, b"{}").header("content-type"), Some("application/json"));
    }

    #[test]
    fn a_failing_status_says_that_the_upstream_is_unavailable() {
        assert!(
            matches!(response(503, b"").success(), Err(Failure::Unavailable(text)) if text.contains("503"))
        );
    }

    #[test]
    fn unexpected_json_is_reported_without_its_content() {
        let failure = response(200, br#"{"name":"Amina"}"#).json::<u32>();
        assert!(matches!(failure, Err(Failure::Unavailable(text)) if !text.contains("Amina")));
    }

    #[test]
    fn a_request_carries_what_was_put_into_it() {
        let built = upstream("register").post("/v2/auth").query("a", "b").timeout_ms(500).json(&[1, 2]);
        let Ok(Request(request)) = built else { panic!("it was refused") };
        assert_eq!((request.upstream.as_str(), request.method.as_str()), ("register", "POST"));
        assert_eq!(request.query, [("a".to_owned(), "b".to_owned())]);
        assert_eq!(request.body, b"[1,2]");
        assert_eq!(request.timeout_ms, Some(500));
    }
}
