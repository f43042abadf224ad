//! `[tls]`: the server's certificate, and which listener asks clients for theirs (RFC 8705 §2).

use std::net::SocketAddr;
use std::path::PathBuf;

use super::document::Place;
use super::section::{Located, Section};

/// How the server ends TLS, and what it asks of clients.
#[derive(Clone, Debug)]
pub(crate) struct Tls {
    /// Where the section is.
    pub(crate) place: Place,
    /// What the server shows. `None` when TLS ends in front of it.
    pub(crate) certificate: Option<CertificateFiles>,
    /// What the main listener asks of clients.
    pub(crate) client_certificates: ClientCertificates,
    /// A second listener, which alone asks for certificates.
    pub(crate) mtls_listen: Option<Located<SocketAddr>>,
    /// What the endpoints that take certificates are reached at, as it was written.
    pub(crate) mtls_base_url: Option<Located<String>>,
    /// Issuers that are trusted for clients.
    pub(crate) client_ca_file: Option<Located<PathBuf>>,
}

/// What the server shows to clients.
#[derive(Clone, Debug)]
pub(crate) struct CertificateFiles {
    /// The chain in PEM, the server's own certificate first.
    pub(crate) certificate: PathBuf,
    /// Its private key in PEM, for the server's user alone.
    pub(crate) key: PathBuf,
}

/// What the main listener asks of clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ClientCertificates {
    /// No certificate.
    None,
    /// A certificate, and it serves those without one too. Browsers ask their owners which one to send.
    Optional,
}

impl Tls {
    /// Whether a listener of ours asks for certificates.
    pub(crate) const fn asks(&self) -> bool {
        self.mtls_listen.is_some() || matches!(self.client_certificates, ClientCertificates::Optional)
    }
}

pub(super) fn read(section: Section<'_>) -> Tls {
    let certificate_file = section.path("certificate_file");
    let key_file = section.path("key_file");
    let choices = [("none", ClientCertificates::None), ("optional", ClientCertificates::Optional)];
    let client_certificates = section.choice("client_certificates", &choices, ClientCertificates::None);
    let mtls_listen = section.optional_address("mtls_listen", "\"0.0.0.0:8444\"");
    let mtls_base_url = section.text("mtls_base_url");
    let client_ca_file = section.path("client_ca_file");

    let halves =
        [("certificate_file", "key_file", "tls/key.pem"), ("key_file", "certificate_file", "tls/chain.pem")];
    for (half, other, example) in halves {
        if section.has(half) && !section.has(other) {
            section.findings().error(
                "missing-key",
                &section.place_of(half),
                format!("`tls.{half}` is set without `{other}`"),
                format!("add {other} = \"{example}\""),
            );
        }
    }
    let asking = [
        ("mtls_listen", section.has("mtls_listen")),
        ("client_certificates", client_certificates == ClientCertificates::Optional),
    ];
    for (key, _) in asking.into_iter().filter(|(_, asks)| *asks && !section.has("certificate_file")) {
        section.findings().error(
            "missing-key",
            &section.place_of(key),
            format!("`tls.{key}` asks clients for certificates, and the server ends no TLS"),
            "add certificate_file and key_file, or take certificates from the proxy that ends TLS: [server] \
             client_certificate_header",
        );
    }
    if section.has("mtls_listen") && client_certificates == ClientCertificates::Optional {
        section.findings().error(
            "bad-value",
            &section.place_of("client_certificates"),
            "`tls.client_certificates` is \"optional\" though mtls_listen is there to ask for certificates",
            "remove client_certificates: mtls_listen asks for them, and the browsers of people, on the other listener, do not",
        );
    }
    let place = section.place().clone();
    section.finish();
    let certificate = certificate_file
        .zip(key_file)
        .map(|(certificate, key)| CertificateFiles { certificate: certificate.value, key: key.value });
    Tls { place, certificate, client_certificates, mtls_listen, mtls_base_url, client_ca_file }
}
