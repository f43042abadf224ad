//! `[egress]`: where the server itself may fetch what registrations name, such as `jwks_uri` and `logo_uri`.

use std::net::SocketAddr;

use super::Weakening;
use super::section::Section;

/// What may be reached besides public addresses over HTTPS.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Egress {
    /// Addresses with ports, written so in the URL. On a loopback address plain HTTP is spoken, too.
    pub(crate) allow: Vec<SocketAddr>,
}

pub(super) fn read(section: Section<'_>, weakenings: &mut Vec<Weakening>) -> Egress {
    let mut allow = Vec::new();
    for text in section.texts("allow").unwrap_or_default() {
        match text.value.parse() {
            Ok(address) => allow.push(address),
            Err(_) => section.findings().error(
                "bad-value",
                &text.place,
                format!("\"{}\" in `egress.allow` is not an address with a port", text.value),
                "write it like \"127.0.0.1:9443\" or \"[::1]:9443\"; names are not taken, for they may come to mean other \
                 addresses",
            ),
        }
    }
    if !allow.is_empty() {
        weakenings.push(Weakening {
            key: "egress.allow".to_owned(),
            meaning: "whoever registers a client can make the server fetch from these addresses, which are not public",
        });
    }
    section.finish();
    Egress { allow }
}
