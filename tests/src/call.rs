//! A request of a relying party before it is sent: every part of it can be changed, doubled or left out.

use anyhow::Result;
use esignet_protocol::endpoint::ClientCertificate;
use form_urlencoded::Serializer;
use http::{Method, Request};

use crate::jwt::Jwt;
use crate::wire::{Reply, Wire};

/// The one value of `client_assertion_type`.
pub const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// A request that can still be changed.
#[derive(Clone)]
pub struct Call {
    wire: Wire,
    method: Method,
    url: String,
    parameters: Vec<(String, String)>,
    headers: Vec<(String, String)>,
    content_type: Option<String>,
    body: Option<Vec<u8>>,
    certificate: Option<ClientCertificate>,
}

impl Call {
    /// A form post.
    pub fn post(wire: &Wire, url: &str) -> Self {
        Self {
            wire: wire.clone(),
            method: Method::POST,
            url: url.to_owned(),
            parameters: Vec::new(),
            headers: Vec::new(),
            content_type: Some("application/x-www-form-urlencoded".to_owned()),
            body: None,
            certificate: None,
        }
    }

    /// A GET.
    pub fn get(wire: &Wire, url: &str) -> Self {
        Self { method: Method::GET, content_type: None, ..Self::post(wire, url) }
    }

    /// With another method.
    #[must_use]
    pub fn method(mut self, method: Method) -> Self {
        self.method = method;
        self
    }

    /// To another URL.
    #[must_use]
    pub fn url(mut self, url: &str) -> Self {
        url.clone_into(&mut self.url);
        self
    }

    /// With this value of a parameter, whatever it was.
    #[must_use]
    pub fn set(mut self, name: &str, value: impl Into<String>) -> Self {
        self.parameters.retain(|(present, _)| present != name);
        self.also(name, value)
    }

    /// With a parameter more, even if it is there already.
    #[must_use]
    pub fn also(mut self, name: &str, value: impl Into<String>) -> Self {
        self.parameters.push((name.to_owned(), value.into()));
        self
    }

    /// Without a parameter.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.parameters.retain(|(present, _)| present != name);
        self
    }

    /// Every parameter once more.
    #[must_use]
    pub fn doubled(mut self, name: &str) -> Self {
        let again: Vec<_> = self.parameters.iter().filter(|(present, _)| present == name).cloned().collect();
        self.parameters.extend(again);
        self
    }

    /// With this client assertion instead of the usual one.
    #[must_use]
    pub fn assertion(self, assertion: &Jwt) -> Self {
        self.set("client_assertion", assertion.encode())
    }

    /// With no client authentication at all.
    #[must_use]
    pub fn unauthenticated(self) -> Self {
        self.without("client_assertion").without("client_assertion_type")
    }

    /// With this DPoP proof and no other.
    #[must_use]
    pub fn proof(self, proof: &Jwt) -> Self {
        self.without_header("dpop").header("dpop", &proof.encode())
    }

    /// Without a DPoP proof.
    #[must_use]
    pub fn unproved(self) -> Self {
        self.without_header("dpop")
    }

    /// With one header more.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_ascii_lowercase(), value.to_owned()));
        self
    }

    /// Without a header.
    #[must_use]
    pub fn without_header(mut self, name: &str) -> Self {
        self.headers.retain(|(present, _)| present != name);
        self
    }

    /// With another content type, or none.
    #[must_use]
    pub fn content_type(mut self, content_type: Option<&str>) -> Self {
        self.content_type = content_type.map(str::to_owned);
        self
    }

    /// With these bytes as the body, whatever the parameters are.
    #[must_use]
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = Some(body.into());
        self
    }

    /// Over a connection with this certificate of the client, or with none: to a provider in this process only, where no
    /// handshake can show one.
    #[must_use]
    pub fn certificate(mut self, certificate: Option<ClientCertificate>) -> Self {
        self.certificate = certificate;
        self
    }

    /// The parameters as a form or a query.
    pub fn encoded(&self) -> String {
        Serializer::new(String::new()).extend_pairs(&self.parameters).finish()
    }

    /// The URL with the parameters as its query, for a browser to open.
    pub fn link(&self) -> String {
        let joint = if self.url.contains('?') { '&' } else { '?' };
        format!("{}{joint}{}", self.url, self.encoded())
    }

    /// Sends it.
    pub async fn send(&self) -> Result<Reply> {
        let in_query = self.method == Method::GET && !self.parameters.is_empty();
        let url = if in_query { self.link() } else { self.url.clone() };
        let mut request = Request::builder().method(self.method.clone()).uri(url);
        if let Some(content_type) = &self.content_type {
            request = request.header("content-type", content_type);
        }
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        if let Some(certificate) = &self.certificate {
            request = request.extension(certificate.clone());
        }
        let form = || if self.method == Method::GET { Vec::new() } else { self.encoded().into_bytes() };
        self.wire.send(request.body(self.body.clone().unwrap_or_else(form))?).await
    }
}
