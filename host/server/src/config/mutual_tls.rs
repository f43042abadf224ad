//! Where certificates of clients come from, over `[server]` and `[tls]`: a listener of ours or a proxy that we trust.

use esignet_protocol::policy::MutualTls;
use esignet_protocol::word::issuer::Issuer;
use reqwest::Url;

use super::finding::Findings;
use super::server::Server;
use super::tls::Tls;

/// What the endpoints that take certificates are reached at; `None` when nobody can show one.
pub(super) fn settle(server: &Server, tls: &Tls, findings: &Findings) -> Option<MutualTls> {
    if tls.certificate.is_some() && !server.issuer.is_https() {
        findings.error(
            "insecure",
            &tls.place,
            "the server ends TLS, and its issuer begins with http://",
            "begin server.issuer with https://, or remove certificate_file and key_file",
        );
    }
    if let Some(listen) = tls.mtls_listen.as_ref().filter(|mtls| mtls.value == server.listen) {
        findings.error(
            "bad-value",
            &listen.place,
            "`tls.mtls_listen` is the address of server.listen",
            "choose another port; or remove mtls_listen and set client_certificates = \"optional\", which has browsers \
             ask people for a certificate",
        );
    }
    if !tls.asks() && server.proxied.is_none() {
        let idle = [
            ("client_ca_file", tls.client_ca_file.as_ref().map(|file| &file.place)),
            ("mtls_base_url", tls.mtls_base_url.as_ref().map(|url| &url.place)),
        ];
        for (key, place) in idle.into_iter().filter_map(|(key, place)| Some((key, place?))) {
            findings.error(
                "missing-key",
                place,
                format!("`tls.{key}` is set, and nothing asks clients for certificates"),
                "add mtls_listen, client_certificates = \"optional\" or [server] client_certificate_header, or remove the key",
            );
        }
        return None;
    }
    Some(MutualTls { base: base(server, tls, findings) })
}

/// The base as it was written, or else the issuer, at the second listener's port when there is one.
fn base(server: &Server, tls: &Tls, findings: &Findings) -> String {
    let issuer = &server.issuer;
    let Some(written) = &tls.mtls_base_url else {
        let port = tls.mtls_listen.as_ref().map(|listen| listen.value.port());
        return port.and_then(|port| at_port(issuer, port)).unwrap_or_else(|| issuer.as_str().to_owned());
    };
    let parsed = Issuer::parse(&written.value).ok().filter(Issuer::is_https);
    if parsed.is_none_or(|base| base.path() != issuer.path()) {
        findings.error(
            "bad-value",
            &written.place,
            "`tls.mtls_base_url` is no https URL in its normal form with the path of the issuer",
            format!("write it like mtls_base_url = \"https://mtls.example.org{}\"", issuer.path()),
        );
    } else if tls.mtls_listen.is_some() && written.value == issuer.as_str() {
        findings.error(
            "bad-value",
            &written.place,
            "`tls.mtls_base_url` is the issuer, whose listener asks for no certificates",
            "name the host and port that mtls_listen is reached at",
        );
    }
    written.value.clone()
}

/// The issuer at another port.
fn at_port(issuer: &Issuer, port: u16) -> Option<String> {
    let mut url = Url::parse(issuer.as_str()).ok()?;
    url.set_port(Some(port)).ok()?;
    Some(url.as_str().trim_end_matches('/').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_listener_is_reached_at_the_issuers_host_and_path_and_its_own_port() {
        let issuer = Issuer::parse("https://id.example.org/tenant").unwrap();
        assert_eq!(at_port(&issuer, 8444).as_deref(), Some("https://id.example.org:8444/tenant"));
        let issuer = Issuer::parse("https://id.example.org:8443").unwrap();
        assert_eq!(at_port(&issuer, 8444).as_deref(), Some("https://id.example.org:8444"));
        assert_eq!(at_port(&issuer, 443).as_deref(), Some("https://id.example.org"));
    }
}
