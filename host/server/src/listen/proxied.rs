//! A client's certificate in a header that a trusted proxy writes: RFC 9440's form, or the escaped PEM of nginx, Envoy and
//! others. The proxy is believed that the key was proved, and nothing else: what the chain is worth is judged here.

use std::net::IpAddr;
use std::sync::Arc;

use axum::http::{HeaderMap, HeaderValue};
use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use esignet_protocol::endpoint::ClientCertificate;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::server::ParsedCertificate;

use super::client_certificate::ClientIssuers;
use crate::config;

/// RFC 8941 §4.2.7: neither missing padding nor bits behind the last byte are a reason to fail.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);
/// The most certificates of a chain.
const MAX_CHAIN: usize = 10;

/// Which header of whom is read, and who judges what is in it.
pub(crate) struct ProxiedCertificates {
    /// The header and the proxies.
    pub(crate) from: config::Proxied,
    /// What chains are worth.
    pub(crate) issuers: Arc<ClientIssuers>,
}

/// Why a proxy's header is not read. It is never taken for no certificate: whoever made it so meant one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HeaderRefusal {
    /// It is there more than once.
    Repeated,
    /// It is neither `:base64:` nor escaped PEM.
    Format,
    /// What is in it is no certificate, or too many.
    Certificate,
}

impl HeaderRefusal {
    /// For the operator's log.
    pub(super) const fn reason(self) -> &'static str {
        match self {
            Self::Repeated => "the header is there more than once: the proxy must replace what clients send",
            Self::Format => "the header is neither RFC 9440's :base64: nor URL-encoded PEM",
            Self::Certificate => "what is in the header is no X.509 version 3 certificate with its chain",
        }
    }
}

impl ProxiedCertificates {
    /// Whether the header is taken from this address.
    pub(super) fn trusts(&self, address: IpAddr) -> bool {
        self.from.proxies.iter().any(|network| network.contains(address))
    }

    /// Removes the header, whoever sent it, so that nobody behind us ever reads one.
    pub(super) fn strip(&self, headers: &mut HeaderMap) -> Vec<HeaderValue> {
        let values = headers.get_all(&self.from.header).iter().cloned().collect();
        headers.remove(&self.from.header);
        values
    }

    /// The certificate in the header's values as a proxy sent them. An empty value is a proxy's way to say that there is none.
    pub(super) fn read(&self, values: &[HeaderValue]) -> Result<Option<ClientCertificate>, HeaderRefusal> {
        let value = match values {
            [] => return Ok(None),
            [value] => value.to_str().map_err(|_| HeaderRefusal::Format)?.trim(),
            [_, _, ..] => return Err(HeaderRefusal::Repeated),
        };
        if value.is_empty() {
            return Ok(None);
        }
        let chain = chain(value)?;
        let (own, above) = chain.split_first().ok_or(HeaderRefusal::Certificate)?;
        ParsedCertificate::try_from(own).map_err(|_| HeaderRefusal::Certificate)?;
        Ok(Some(self.issuers.judge(own, above)))
    }
}

/// The certificates in a value, the client's own first.
fn chain(value: &str) -> Result<Vec<CertificateDer<'static>>, HeaderRefusal> {
    // RFC 9440 §2.1: a byte sequence of RFC 8941 §3.3.5.
    if let Some(encoded) = value.strip_prefix(':') {
        let encoded = encoded.strip_suffix(':').ok_or(HeaderRefusal::Format)?;
        let der = BASE64.decode(encoded).map_err(|_| HeaderRefusal::Format)?;
        return Ok(vec![CertificateDer::from(der)]);
    }
    let pem = unescaped(value).filter(|pem| pem.starts_with(b"-----BEGIN CERTIFICATE-----"));
    let pem = pem.ok_or(HeaderRefusal::Format)?;
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).take(MAX_CHAIN + 1).collect();
    chain.ok().filter(|chain| chain.len() <= MAX_CHAIN).ok_or(HeaderRefusal::Certificate)
}

/// The bytes of a text with `%XX` in it (RFC 3986 §2.1). A `+` is a `+`: PEM has them, and not every proxy escapes them.
fn unescaped(text: &str) -> Option<Vec<u8>> {
    let mut bytes = text.bytes();
    let mut unescaped = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            unescaped.push(byte);
            continue;
        }
        let mut digit = || char::from(bytes.next()?).to_digit(16);
        let value = digit()? * 16 + digit()?;
        unescaped.push(u8::try_from(value).ok()?);
    }
    Some(unescaped)
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_escaped_comes_back_whole(bytes: Vec<u8>) {
            let mut escaped = String::new();
            for byte in &bytes {
                write!(escaped, "%{byte:02x}").unwrap();
            }
            prop_assert_eq!(unescaped(&escaped), Some(bytes));
        }

        #[test]
        fn no_value_is_a_certificate_by_chance(value in ":?[%A-Za-z0-9+/=:-]{0,200}:?|-----BEGIN%20CERTIFICATE-----%0A[%A-Za-z0-9+/=-]{0,200}") {
            let chain = chain(&value).unwrap_or_default();
            let certificate = chain.first().map(ParsedCertificate::try_from);
            prop_assert!(!matches!(certificate, Some(Ok(_))));
        }
    }
}
