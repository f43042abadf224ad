//! The issuer identifier: byte-identical in discovery and in every `iss` (OIDC Discovery §3, RFC 8414 §2, RFC 9207 §2).

use std::fmt;

use serde::{Deserialize, Serialize};
use url::{Host, Url};

use crate::endpoint::path;
use crate::error::ErrorCode;

/// Our issuer: an `https` URL without query, fragment, userinfo or trailing slash; `http` only on a loopback host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Issuer(String);

/// Why a text is no issuer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IssuerError {
    /// Not an absolute URL.
    #[error("the issuer is not an absolute URL such as https://id.example.org")]
    NotAUrl,
    /// Neither https nor http on a loopback host.
    #[error("the issuer must begin with https:// (http:// is for loopback hosts in development)")]
    NotHttps,
    /// RFC 8414 §2 forbids these.
    #[error("the issuer has no query, fragment or user name (RFC 8414 section 2)")]
    ExtraParts,
    /// The text is not how a URL parser writes it, so comparing bytes would surprise.
    #[error("the issuer is not in its normal form: lower-case host, no default port, no trailing slash")]
    NotNormal,
}

impl Issuer {
    /// Takes an issuer in its normal form.
    pub fn parse(text: &str) -> Result<Self, IssuerError> {
        let url = Url::parse(text).map_err(|_| IssuerError::NotAUrl)?;
        let loopback = is_loopback(&url);
        match url.scheme() {
            "https" => {}
            "http" if loopback => {}
            _ => return Err(IssuerError::NotHttps),
        }
        let userinfo = !url.username().is_empty() || url.password().is_some();
        if url.query().is_some() || url.fragment().is_some() || userinfo {
            return Err(IssuerError::ExtraParts);
        }
        if url.as_str().trim_end_matches('/') != text {
            return Err(IssuerError::NotNormal);
        }
        Ok(Self(text.to_owned()))
    }

    /// The issuer as it goes on the wire.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The path of the issuer, empty or `/…` without trailing slash (RFC 8414 §3.1 puts it behind the well-known part).
    pub fn path(&self) -> &str {
        let after_scheme = self.0.find("://").map_or(0, |at| at + 3);
        let rest = self.0.get(after_scheme..).unwrap_or_default();
        rest.find('/').and_then(|at| rest.get(at..)).unwrap_or_default()
    }

    /// Scheme, host and port: what a browser sends as `Origin`.
    pub fn origin(&self) -> &str {
        self.0.strip_suffix(self.path()).unwrap_or(&self.0)
    }

    /// The URL of an endpoint whose path below the issuer is `path` (begins with `/`).
    pub fn endpoint(&self, path: &str) -> String {
        format!("{}{path}", self.0)
    }

    /// The page that explains an error code to the relying party's developer (RFC 6749 §5.2, `error_uri`).
    pub fn error_uri(&self, code: ErrorCode) -> String {
        format!("{}{}/{}", self.0, path::ERRORS, code.as_str())
    }

    /// Whether the browser reaches us over TLS, so that `Secure` cookies work everywhere.
    pub fn is_https(&self) -> bool {
        self.0.starts_with("https://")
    }
}

/// Whether the host of a URL is this machine itself.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

impl TryFrom<String> for Issuer {
    type Error = IssuerError;

    fn try_from(text: String) -> Result<Self, IssuerError> {
        Self::parse(&text)
    }
}

impl From<Issuer> for String {
    fn from(issuer: Issuer) -> Self {
        issuer.0
    }
}

impl fmt::Display for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issuer_is_https_or_loopback_and_in_normal_form() {
        for good in [
            "https://id.example.org",
            "https://id.example.org/tenant",
            "http://127.0.0.1:8088",
            "http://localhost:1",
        ] {
            assert_eq!(Issuer::parse(good).map(|issuer| issuer.to_string()), Ok(good.to_owned()));
        }
        assert_eq!(Issuer::parse("http://id.example.org"), Err(IssuerError::NotHttps));
        assert_eq!(Issuer::parse("id.example.org"), Err(IssuerError::NotAUrl));
        assert_eq!(Issuer::parse("https://id.example.org/?a"), Err(IssuerError::ExtraParts));
        assert_eq!(Issuer::parse("https://id.example.org/#a"), Err(IssuerError::ExtraParts));
        assert_eq!(Issuer::parse("https://me@id.example.org"), Err(IssuerError::ExtraParts));
        assert_eq!(Issuer::parse("https://id.example.org/"), Err(IssuerError::NotNormal));
        assert_eq!(Issuer::parse("https://ID.example.org"), Err(IssuerError::NotNormal));
        assert_eq!(Issuer::parse("https://id.example.org:443"), Err(IssuerError::NotNormal));
    }

    #[test]
    fn path_and_origin_split_the_issuer() {
        let tenant = Issuer::parse("https://id.example.org:8443/tenant").expect("valid");
        assert_eq!((tenant.origin(), tenant.path()), ("https://id.example.org:8443", "/tenant"));
        let bare = Issuer::parse("https://id.example.org").expect("valid");
        assert_eq!((bare.origin(), bare.path()), ("https://id.example.org", ""));
    }
}
