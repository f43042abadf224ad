//! A redirect URI at registration (RFC 9700 §2.1, RFC 8252 §7.3).

use esignet_protocol::word::redirect_uri::RedirectUri;
use url::{Host, Url};

use crate::party::text;

/// What is registered is https, or http to the machine itself; it has nothing that parsers read differently; and a
/// response goes where it says.
pub(crate) fn run(input: &[u8]) {
    let Some(text) = text(input) else { return };
    let Ok(uri) = RedirectUri::parse(text) else { return };
    assert_eq!(uri.as_str(), text);
    let url = Url::parse(text).expect("a URL");
    assert!(url.scheme() == "https" || is_loopback(&url), "http to another machine");
    assert!(url.username().is_empty() && url.password().is_none() && url.fragment().is_none());

    let answered = Url::parse(&uri.with_query([("code", "a&b#c")])).expect("a URL");
    assert_eq!(answered.origin(), url.origin());
    assert_eq!(answered.path(), url.path());
    assert!(answered.query_pairs().any(|(name, value)| name == "code" && value == "a&b#c"));
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}
