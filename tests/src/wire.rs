//! A request to a server and its reply, whether the server is a process or a router in this one.

use anyhow::{Context, Result};
use axum::Router;
use axum::body::Body;
use http::{HeaderMap, Method, Request};
use http_body_util::BodyExt;
use serde_json::Value;
use tower::ServiceExt;

/// The way to a server. Cheap to clone.
#[derive(Clone)]
pub enum Wire {
    /// A router in this process: no socket, no time passes.
    InProcess(Router),
    /// A real server, over keep-alive connections. It never follows a redirect.
    Network(reqwest::Client),
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Vec<u8>,
}

impl Wire {
    /// The way to real servers.
    pub fn network() -> Result<Self> {
        Self::built(reqwest::Client::builder())
    }

    /// The way to real servers over this TLS.
    pub fn over(tls: rustls::ClientConfig) -> Result<Self> {
        Self::built(reqwest::Client::builder().tls_backend_preconfigured(tls))
    }

    fn built(builder: reqwest::ClientBuilder) -> Result<Self> {
        let client = builder
            .redirect(reqwest::redirect::Policy::none())
            .timeout(std::time::Duration::from_secs(30))
            .no_proxy()
            .build()
            .context("HTTP client")?;
        Ok(Self::Network(client))
    }

    /// One exchange. The URL is absolute.
    pub async fn send(&self, request: Request<Vec<u8>>) -> Result<Reply> {
        match self {
            Self::InProcess(router) => {
                let (mut parts, body) = request.into_parts();
                if let Some(host) = parts.uri.authority().and_then(|host| host.as_str().parse().ok()) {
                    parts.headers.entry(http::header::HOST).or_insert(host);
                }
                // As on a real connection, the server sees path and query only.
                let target = parts.uri.path_and_query().map_or("/", |target| target.as_str()).parse();
                parts.uri = target.context("request target")?;
                let length = body.len();
                if parts.method != Method::GET && parts.method != Method::HEAD {
                    parts.headers.entry(http::header::CONTENT_LENGTH).or_insert(length.into());
                }
                let response = router.clone().oneshot(Request::from_parts(parts, Body::from(body))).await?;
                let (parts, body) = response.into_parts();
                let body = body.collect().await.context("response body")?.to_bytes().to_vec();
                Ok(Reply { status: parts.status.as_u16(), headers: parts.headers, body })
            }
            Self::Network(client) => {
                let (parts, body) = request.into_parts();
                let sent =
                    client.request(parts.method, parts.uri.to_string()).headers(parts.headers).body(body);
                let response = sent.send().await.context("request")?;
                let (status, headers) = (response.status().as_u16(), response.headers().clone());
                let body = response.bytes().await.context("response body")?.to_vec();
                Ok(Reply { status, headers, body })
            }
        }
    }

    /// A plain GET.
    pub async fn get(&self, url: &str) -> Result<Reply> {
        self.send(Request::get(url).body(Vec::new())?).await
    }
}

impl Reply {
    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON; `null` when it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    /// A member of a JSON body that is text; empty when there is none.
    pub fn member(&self, name: &str) -> String {
        self.json().get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
    }

    /// The OAuth error code; empty when there is none.
    pub fn error(&self) -> String {
        self.member("error")
    }

    /// A header that is there once; empty when there is none, all of them joined by `, ` when there are several.
    pub fn header(&self, name: &str) -> String {
        let values: Vec<_> =
            self.headers.get_all(name).iter().filter_map(|value| value.to_str().ok()).collect();
        values.join(", ")
    }

    /// Status and error code, for tables.
    pub fn verdict(&self) -> (u16, String) {
        (self.status, self.error())
    }
}
