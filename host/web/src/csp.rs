//! The headers that tell a browser what an answer may do: almost nothing (`login.md` U12, ASVS 3.4).

use http::HeaderValue;
use http::header::{self, HeaderMap, HeaderName};

/// What an answer that is no page may do: nothing.
const NOTHING: HeaderValue =
    HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'; base-uri 'none'");
/// Two years, the least that preload lists take.
const HSTS: HeaderValue = HeaderValue::from_static("max-age=63072000; includeSubDomains");

/// Headers that every answer carries (RFC 9700 §4.2.4, RFC 7034 §2.1, RFC 6797 §6.1).
const EVERYWHERE: [(HeaderName, HeaderValue); 6] = [
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin")),
    (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin")),
    (
        HeaderName::from_static("permissions-policy"),
        HeaderValue::from_static(
            "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
        ),
    ),
];

/// Whether the site is reached over TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Transport {
    /// It is.
    Https,
    /// It is not: a loopback issuer, in development.
    Loopback,
}

/// Adds what every answer carries. What an answer says for itself stays; without a word about caching it is not kept.
pub(crate) fn harden(headers: &mut HeaderMap, transport: Transport) {
    for (name, value) in EVERYWHERE {
        headers.insert(name, value);
    }
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(NOTHING);
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    if transport == Transport::Https {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HSTS);
    }
}

/// What a page may do: load our files, and send its form here and, at the end of the login, to `redirect_origin`.
///
/// Browsers hold the redirect that answers a form to `form-action`, too (CSP3 §6.4.3), hence the relying party's origin.
pub(crate) fn page(redirect_origin: Option<&str>) -> HeaderValue {
    let origin = redirect_origin.filter(|origin| is_origin(origin)).map(|origin| format!(" {origin}"));
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; form-action 'self'{}; \
         frame-ancestors 'none'; base-uri 'none'; require-trusted-types-for 'script'",
        origin.unwrap_or_default()
    );
    HeaderValue::try_from(policy).unwrap_or(NOTHING)
}

/// Whether the text can stand in a policy without ending a directive.
fn is_origin(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b":/.-[]".contains(&byte);
    text.contains("://") && text.bytes().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(value: &HeaderValue) -> &str {
        value.to_str().expect("visible ASCII")
    }

    #[test]
    fn a_page_may_send_its_form_to_its_relying_party_only() {
        let policy = page(Some("https://rp.example:8443"));
        assert!(text(&policy).contains("form-action 'self' https://rp.example:8443;"));
        assert!(text(&page(None)).contains("form-action 'self';"));
    }

    #[test]
    fn an_origin_cannot_add_a_directive() {
        for evil in
            ["https://rp.example; script-src *", "https://a https://b", "*", "'unsafe-inline'", "null"]
        {
            assert_eq!(page(Some(evil)), page(None), "{evil}");
        }
    }

    #[test]
    fn nothing_inline_and_nothing_foreign_runs() {
        let policy = page(None);
        for word in ["unsafe-inline", "unsafe-eval", "nonce-", "*", "http:"] {
            assert!(!text(&policy).contains(word), "{word}");
        }
    }

    #[test]
    fn only_tls_promises_tls() {
        let [mut https, mut loopback] = [HeaderMap::new(), HeaderMap::new()];
        harden(&mut https, Transport::Https);
        harden(&mut loopback, Transport::Loopback);
        assert!(https.contains_key(header::STRICT_TRANSPORT_SECURITY));
        assert!(!loopback.contains_key(header::STRICT_TRANSPORT_SECURITY));
    }

    #[test]
    fn an_answer_is_not_kept_unless_it_says_so() {
        let mut silent = HeaderMap::new();
        harden(&mut silent, Transport::Https);
        assert_eq!(silent.get(header::CACHE_CONTROL).map(text), Some("no-store"));
        let mut cacheable = HeaderMap::new();
        cacheable.insert(header::CACHE_CONTROL, HeaderValue::from_static("max-age=300"));
        harden(&mut cacheable, Transport::Https);
        assert_eq!(cacheable.get(header::CACHE_CONTROL).map(text), Some("max-age=300"));
    }
}
