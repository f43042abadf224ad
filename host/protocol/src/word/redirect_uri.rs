//! `redirect_uri`: compared as an exact string, strict at registration (RFC 9700 §2.1, RFC 6749 §3.1.2, RFC 8252 §7.3).

use std::fmt;

use serde::{Deserialize, Serialize};
use url::Url;

use super::issuer::is_loopback;

/// The longest redirect URI taken.
pub const MAX_LENGTH: usize = 1024;

/// A registered redirect URI: absolute `https`, or `http` on a loopback host; no fragment, userinfo or wildcard.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RedirectUri(String);

/// Why a redirect URI cannot be registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RedirectUriError {
    /// Not an absolute URL with a host.
    #[error("not an absolute URL with a host")]
    NotAUrl,
    /// Neither https nor http on a loopback host.
    #[error(
        "must begin with https:// (http:// only for a loopback host of a native app, RFC 8252 section 7.3)"
    )]
    NotHttps,
    /// RFC 6749 §3.1.2.
    #[error("must not have a fragment (RFC 6749 section 3.1.2)")]
    Fragment,
    /// Userinfo hides the real host from people.
    #[error("must not have a user name or password")]
    Userinfo,
    /// Patterns are never matched: comparison is exact.
    #[error("must not contain a wildcard: redirect URIs are compared exactly (RFC 9700 section 2.1)")]
    Wildcard,
    /// Characters that parsers read differently.
    #[error(
        "contains a backslash, a space, a control or non-ASCII character, or an encoded dot or slash in its path"
    )]
    Ambiguous,
    /// Longer than [`MAX_LENGTH`].
    #[error("is longer than {MAX_LENGTH} characters")]
    TooLong,
}

impl RedirectUri {
    /// Takes a redirect URI for registration.
    pub fn parse(text: &str) -> Result<Self, RedirectUriError> {
        if text.len() > MAX_LENGTH {
            return Err(RedirectUriError::TooLong);
        }
        if text.contains('*') {
            return Err(RedirectUriError::Wildcard);
        }
        let plain = text.bytes().all(|byte| (0x21..=0x7e).contains(&byte) && byte != b'\\');
        if !plain {
            return Err(RedirectUriError::Ambiguous);
        }
        let url = Url::parse(text).map_err(|_| RedirectUriError::NotAUrl)?;
        if !url.has_host() {
            return Err(RedirectUriError::NotAUrl);
        }
        match url.scheme() {
            "https" => {}
            "http" if is_loopback(&url) => {}
            _ => return Err(RedirectUriError::NotHttps),
        }
        if text.contains('#') {
            return Err(RedirectUriError::Fragment);
        }
        if !url.username().is_empty() || url.password().is_some() || authority(text).contains('@') {
            return Err(RedirectUriError::Userinfo);
        }
        let before_query = text.split('?').next().unwrap_or_default().to_ascii_lowercase();
        let tricks = ["%2e", "%2f", "%5c", "/../", "/./"];
        if tricks.iter().any(|trick| before_query.contains(trick)) {
            return Err(RedirectUriError::Ambiguous);
        }
        Ok(Self(text.to_owned()))
    }

    /// The URI as registered.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Scheme, host and port, for `form-action` (CSP3 §6.4.3).
    pub fn origin(&self) -> String {
        Url::parse(&self.0).map(|url| url.origin().ascii_serialization()).unwrap_or_default()
    }

    /// The host, which is the default sector of pairwise subjects (OIDC Core §8.1).
    pub fn host(&self) -> String {
        Url::parse(&self.0).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default()
    }

    /// The URI with response parameters added; a query part it was registered with is kept (RFC 6749 §3.1.2).
    pub fn with_query<'a>(&self, parameters: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(parameters);
        let joint = if self.0.contains('?') { '&' } else { '?' };
        format!("{}{joint}{}", self.0, query.finish())
    }
}

/// What stands between `//` and the next `/`, `?` or `#`.
fn authority(text: &str) -> &str {
    let rest = text.split_once("//").map_or("", |(_, rest)| rest);
    rest.split(['/', '?', '#']).next().unwrap_or_default()
}

impl TryFrom<String> for RedirectUri {
    type Error = RedirectUriError;

    fn try_from(text: String) -> Result<Self, RedirectUriError> {
        Self::parse(&text)
    }
}

impl From<RedirectUri> for String {
    fn from(uri: RedirectUri) -> Self {
        uri.0
    }
}

impl fmt::Display for RedirectUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tricks_with_redirect_uris_are_refused_at_registration() {
        let table = [
            ("http://rp.example/cb", RedirectUriError::NotHttps),
            ("javascript:alert(1)", RedirectUriError::NotAUrl),
            ("rp.example/cb", RedirectUriError::NotAUrl),
            ("https://rp.example/cb#x", RedirectUriError::Fragment),
            ("https://me:pw@rp.example/cb", RedirectUriError::Userinfo),
            ("https://@rp.example/cb", RedirectUriError::Userinfo),
            ("https://*.rp.example/cb", RedirectUriError::Wildcard),
            ("https://rp.example\\@evil.example/cb", RedirectUriError::Ambiguous),
            ("https://rp.example/%2e%2e/cb", RedirectUriError::Ambiguous),
            ("https://rp.example/a/../cb", RedirectUriError::Ambiguous),
            ("https://rp.example/c b", RedirectUriError::Ambiguous),
            ("https://rp.exämple/cb", RedirectUriError::Ambiguous),
        ];
        for (uri, error) in table {
            assert_eq!(RedirectUri::parse(uri), Err(error), "{uri}");
        }
        let long = format!("https://rp.example/{}", "x".repeat(MAX_LENGTH));
        assert_eq!(RedirectUri::parse(&long), Err(RedirectUriError::TooLong));
    }

    #[test]
    fn a_loopback_redirect_of_a_native_app_may_be_http() {
        for good in [
            "http://127.0.0.1:9000/cb",
            "http://[::1]:9000/cb",
            "http://localhost/cb",
            "https://rp.example/cb?x=1",
        ] {
            assert!(RedirectUri::parse(good).is_ok(), "{good}");
        }
    }

    #[test]
    fn the_registered_query_part_is_kept() {
        let uri = RedirectUri::parse("https://rp.example/cb?tenant=1").expect("valid");
        assert_eq!(
            uri.with_query([("code", "a b"), ("iss", "x")]),
            "https://rp.example/cb?tenant=1&code=a+b&iss=x"
        );
        assert_eq!(uri.origin(), "https://rp.example");
        assert_eq!(uri.host(), "rp.example");
    }
}
