//! `[server] client_certificate_header` and `trusted_proxies`: certificates that a proxy saw for us.

use std::net::IpAddr;

use axum::http::HeaderName;

use super::Weakening;
use super::section::{Located, Section};

/// Which header names a client's certificate, and whose word for it is taken.
#[derive(Clone, Debug)]
pub(crate) struct Proxied {
    /// The header.
    pub(crate) header: HeaderName,
    /// Where the proxies are.
    pub(crate) proxies: Vec<Network>,
}

/// Addresses with the same first bits, such as `10.0.0.0/8`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Network {
    address: IpAddr,
    prefix: u8,
}

/// Why a text is no network of proxies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NetworkError {
    /// Neither an address nor an address with a number of bits.
    Unreadable,
    /// There are bits behind the prefix.
    Ambiguous,
    /// Everybody is in it.
    Everybody,
}

impl Network {
    /// Reads an address, or the first address of a network with the length of its prefix.
    pub(crate) fn parse(text: &str) -> Result<Self, NetworkError> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix.parse().map_err(|_| NetworkError::Unreadable)?)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| NetworkError::Unreadable)?;
        let (bits, width) = bits(address);
        let prefix = prefix.unwrap_or(width);
        match prefix {
            0 => Err(NetworkError::Everybody),
            prefix if prefix > width => Err(NetworkError::Unreadable),
            prefix if prefix < width && bits << prefix << (128 - width) != 0 => Err(NetworkError::Ambiguous),
            prefix => Ok(Self { address, prefix }),
        }
    }

    /// Whether an address is in it. An IPv4 address that came in by an IPv6 socket is an IPv4 address (RFC 4291 §2.5.5.2).
    pub(crate) fn contains(&self, address: IpAddr) -> bool {
        let ((ours, width), (theirs, other)) = (bits(self.address), bits(address.to_canonical()));
        width == other && (ours ^ theirs) >> (width - self.prefix) == 0
    }
}

/// The bits of an address and how many they are.
fn bits(address: IpAddr) -> (u128, u8) {
    match address {
        IpAddr::V4(address) => (address.to_bits().into(), 32),
        IpAddr::V6(address) => (address.to_bits(), 128),
    }
}

/// Who may be in front of the server, as the rest of `[server]` says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum InFront {
    /// Only what runs on this machine, or the proxy that the operator names.
    Proxies,
    /// Anybody.
    Anybody,
}

pub(super) fn read(
    section: &Section<'_>,
    in_front: InFront,
    weakenings: &mut Vec<Weakening>,
) -> Option<Proxied> {
    let header = section.text("client_certificate_header");
    let proxies = section.texts("trusted_proxies");
    let halves = [
        ("client_certificate_header", "trusted_proxies", "[\"127.0.0.1\"]"),
        ("trusted_proxies", "client_certificate_header", "\"x-client-cert\""),
    ];
    for (half, other, example) in halves {
        if section.has(half) && !section.has(other) {
            section.findings().error(
                "missing-key",
                &section.place_of(half),
                format!("`server.{half}` is set without `{other}`"),
                format!("add {other} = {example}"),
            );
        }
    }
    let header = header?;
    if in_front == InFront::Anybody {
        section.findings().error(
            "insecure",
            &header.place,
            "`server.client_certificate_header` is set on an address that other machines reach without a proxy",
            "set behind_tls_proxy = true if nothing but the proxy reaches this address, or listen on a loopback address",
        );
    }
    weakenings.push(Weakening {
        key: "server.client_certificate_header".to_owned(),
        meaning: "whatever a trusted proxy writes into this header counts as a certificate whose key was proved; every \
                  one of them must set or remove the header in every request",
    });
    let header = named(section, &header);
    let proxies = proxies?;
    if proxies.is_empty() {
        section.findings().error(
            "bad-value",
            &section.place_of("trusted_proxies"),
            "`server.trusted_proxies` names nobody",
            "write the addresses of the proxies, such as [\"127.0.0.1\"], or remove client_certificate_header",
        );
    }
    let proxies = proxies.iter().filter_map(|text| network(section, text)).collect();
    Some(Proxied { header: header?, proxies })
}

fn named(section: &Section<'_>, text: &Located<String>) -> Option<HeaderName> {
    let name = HeaderName::from_bytes(text.value.as_bytes()).ok();
    if name.is_none() {
        section.findings().error(
            "bad-value",
            &text.place,
            "`server.client_certificate_header` is no name of a header",
            "write it like \"x-client-cert\" or \"client-cert\"",
        );
    }
    name
}

fn network(section: &Section<'_>, text: &Located<String>) -> Option<Network> {
    let (problem, fix) = match Network::parse(&text.value) {
        Ok(network) => return Some(network),
        Err(NetworkError::Unreadable) => {
            ("a trusted proxy is no address", "write it like \"127.0.0.1\", \"10.0.0.0/8\" or \"fd00::/8\"")
        }
        Err(NetworkError::Ambiguous) => (
            "a network of trusted proxies has bits behind its prefix",
            "write its first address, such as \"10.0.0.0/8\", or one address without a prefix",
        ),
        Err(NetworkError::Everybody) => {
            ("everybody would be a trusted proxy", "write the addresses of the proxies alone")
        }
    };
    section.findings().error("bad-value", &text.place, problem, fix);
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_has_the_addresses_that_begin_like_it() {
        let table = [
            ("127.0.0.1", "127.0.0.1", true),
            ("127.0.0.1", "127.0.0.2", false),
            ("10.0.0.0/8", "10.255.0.1", true),
            ("10.0.0.0/8", "11.0.0.0", false),
            ("10.0.0.0/8", "::ffff:10.1.2.3", true),
            ("10.0.0.0/8", "a00::", false),
            ("192.168.4.0/23", "192.168.5.255", true),
            ("192.168.4.0/23", "192.168.6.0", false),
            ("fd00::/8", "fdff::1", true),
            ("fd00::/8", "fe80::1", false),
            ("::1", "::1", true),
            ("::1", "127.0.0.1", false),
        ];
        for (network, address, inside) in table {
            let parsed = Network::parse(network).unwrap();
            assert_eq!(parsed.contains(address.parse().unwrap()), inside, "{network} and {address}");
        }
    }

    #[test]
    fn a_network_is_written_in_one_way_and_is_never_everybody() {
        for (text, error) in [
            ("", NetworkError::Unreadable),
            ("localhost", NetworkError::Unreadable),
            ("10.0.0.0/33", NetworkError::Unreadable),
            ("10.0.0.0/-1", NetworkError::Unreadable),
            ("10.0.0.0/", NetworkError::Unreadable),
            ("::1/129", NetworkError::Unreadable),
            ("10.0.0.1/8", NetworkError::Ambiguous),
            ("fd00::1/8", NetworkError::Ambiguous),
            ("0.0.0.0/0", NetworkError::Everybody),
            ("::/0", NetworkError::Everybody),
        ] {
            assert_eq!(Network::parse(text), Err(error), "{text}");
        }
    }
}
