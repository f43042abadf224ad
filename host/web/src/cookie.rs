//! The login cookie: a random handle and nothing else (RFC 6265 §4.1.2, RFC 6265bis §4.1.3.2 for the `__Host-` prefix).

use esignet_protocol::endpoint::answer::CookieChange;
use http::HeaderValue;
use http::header::{self, HeaderMap};

use crate::csp::Transport;

impl Transport {
    /// The name of the cookie. Over TLS it has the prefix that binds it to this very host; without TLS browsers would
    /// refuse that name.
    const fn cookie(self) -> &'static str {
        match self {
            Self::Https => "__Host-esignet",
            Self::Loopback => "esignet-login",
        }
    }

    const fn attributes(self) -> &'static str {
        match self {
            Self::Https => "; Path=/; Secure; HttpOnly; SameSite=Lax",
            Self::Loopback => "; Path=/; HttpOnly; SameSite=Lax",
        }
    }
}

/// The handle that a browser sends, if it sends exactly one: of several, one would be somebody else's.
pub(crate) fn read(headers: &HeaderMap, transport: Transport) -> Option<String> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    let pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let mut ours = pairs.filter(|(name, _)| *name == transport.cookie()).map(|(_, value)| value);
    match (ours.next(), ours.next()) {
        (Some(value), None) if !value.is_empty() => Some(value.to_owned()),
        _ => None,
    }
}

/// The value of `Set-Cookie`, if anything changes. It lives as long as the browser; the login itself ends sooner.
pub(crate) fn write(change: &CookieChange, transport: Transport) -> Option<HeaderValue> {
    let (name, attributes) = (transport.cookie(), transport.attributes());
    let line = match change {
        CookieChange::Keep => return None,
        CookieChange::Set(value) => format!("{name}={value}{attributes}"),
        CookieChange::Clear => format!("{name}={attributes}; Max-Age=0"),
    };
    HeaderValue::try_from(line).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(lines: &[&'static str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(header::COOKIE, HeaderValue::from_static(line));
        }
        headers
    }

    #[test]
    fn over_tls_the_cookie_is_bound_to_the_host() {
        let set = write(&CookieChange::Set("abc".to_owned()), Transport::Https).expect("changes");
        assert_eq!(set, "__Host-esignet=abc; Path=/; Secure; HttpOnly; SameSite=Lax");
        let clear = write(&CookieChange::Clear, Transport::Https).expect("changes");
        assert_eq!(clear, "__Host-esignet=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0");
        assert_eq!(write(&CookieChange::Keep, Transport::Https), None);
    }

    #[test]
    fn the_cookie_of_development_does_not_count_over_tls() {
        assert_eq!(read(&sent(&["esignet-login=abc"]), Transport::Https), None);
        assert_eq!(read(&sent(&["esignet-login=abc"]), Transport::Loopback).as_deref(), Some("abc"));
    }

    #[test]
    fn the_handle_is_found_among_other_cookies() {
        let headers = sent(&["a=1; __Host-esignet=abc", "b=2"]);
        assert_eq!(read(&headers, Transport::Https).as_deref(), Some("abc"));
    }

    #[test]
    fn two_handles_are_none() {
        assert_eq!(read(&sent(&["__Host-esignet=a; __Host-esignet=b"]), Transport::Https), None);
        assert_eq!(read(&sent(&["__Host-esignet=a", "__Host-esignet=a"]), Transport::Https), None);
        assert_eq!(read(&sent(&["__Host-esignet="]), Transport::Https), None);
    }
}
