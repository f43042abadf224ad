//! Certificates that a proxy saw: taken from trusted addresses alone, and from nobody else's header.

use std::fmt::Write as _;

use axum::extract::Request;
use axum::http::HeaderName;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use esignet_web::UnreadableCertificate;
use rcgen::ExtendedKeyUsagePurpose::ClientAuth;
use rustls::RootCertStore;

use super::certificates::{Asked, client, connect, issuers, seen, text, transport};
use super::*;
use crate::config::{Network, Proxied};
use crate::listen::tls::Asks;
use crate::testing::{Authority, Identity, NOW, params_for};

const HEADER: &str = "x-client-cert";

async fn seen_with_headers(request: Request) -> String {
    if request.extensions().get::<UnreadableCertificate>().is_some() {
        return "unreadable".to_owned();
    }
    let left = request.headers().get_all(HEADER).iter().count();
    assert_eq!(left, 0, "nobody behind the listener ever reads the header");
    seen(request).await
}

/// A server that trusts proxies at an address, and this authority for clients.
fn behind(proxy: &str, roots: RootCertStore) -> Served {
    let from =
        Proxied { header: HeaderName::from_static(HEADER), proxies: vec![Network::parse(proxy).unwrap()] };
    let proxied = Some(Arc::new(ProxiedCertificates { from, issuers: issuers(roots, NOW) }));
    Served { router: Router::new().route("/", get(seen_with_headers)), proxied, limits: patient() }
}

/// What comes of a GET with these values of the header.
async fn with<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut S, values: &[&str]) -> String {
    let mut request = "GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n".to_owned();
    for value in values {
        write!(request, "{HEADER}: {value}\r\n").unwrap();
    }
    let answer = talk(stream, &format!("{request}\r\n")).await;
    answer.split_once("\r\n\r\n").map(|(_, body)| body.to_owned()).unwrap_or_default()
}

/// As nginx escapes `$ssl_client_escaped_cert`.
fn escaped(pem: &str) -> String {
    let mut escaped = String::new();
    for byte in pem.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            write!(escaped, "%{byte:02X}").unwrap();
        }
    }
    escaped
}

#[tokio::test]
async fn a_trusted_proxys_header_is_taken_in_both_forms_and_its_chain_is_judged_here() {
    let trusted = Authority::new("clients");
    let below = trusted.below("a department");
    let ([address], _stop, _task) = listening([Transport::Plain], behind("127.0.0.1", trusted.roots())).await;
    let (known, own) =
        (trusted.issue(&params_for(ClientAuth)), Identity::self_signed(&params_for(ClientAuth)));
    let distant = below.issue(&params_for(ClientAuth));
    let known_as = format!("true {}", text(&known.der()));
    let chain = [distant.certificate.pem(), below.pem()].concat();
    let cases = [
        ("RFC 9440", format!(":{}:", STANDARD.encode(known.der())), known_as.clone()),
        ("without padding", format!(":{}:", STANDARD_NO_PAD.encode(known.der())), known_as.clone()),
        ("nginx", escaped(&known.certificate.pem()), known_as.clone()),
        (
            "some characters not escaped",
            known.certificate.pem().replace('\n', "%0a"),
            known_as.replace('\n', ""),
        ),
        ("a chain", escaped(&chain), format!("true {}", text(&distant.der()))),
        (
            "its first certificate alone",
            escaped(&distant.certificate.pem()),
            format!("false {}", text(&distant.der())),
        ),
        ("self-signed", escaped(&own.certificate.pem()), format!("false {}", text(&own.der()))),
        ("an empty one", String::new(), "nobody".to_owned()),
    ];
    for (name, value, expected) in cases {
        let mut stream = TcpStream::connect(address).await.unwrap();
        assert_eq!(with(&mut stream, &[&value]).await, expected, "{name}");
    }
    let mut stream = TcpStream::connect(address).await.unwrap();
    assert_eq!(with(&mut stream, &[]).await, "nobody");
}

#[tokio::test]
async fn a_header_that_cannot_be_read_is_never_taken_for_no_certificate() {
    let ([address], _stop, _task) =
        listening([Transport::Plain], behind("127.0.0.1", RootCertStore::empty())).await;
    let own = Identity::self_signed(&params_for(ClientAuth));
    let (good, pem) = (format!(":{}:", STANDARD.encode(own.der())), escaped(&own.certificate.pem()));
    let cases: [(&str, Vec<&str>); 12] = [
        ("twice", vec![&good, &good]),
        ("one that is empty beside it", vec!["", &good]),
        ("no format", vec!["hello"]),
        ("one colon", vec![good.trim_end_matches(':')]),
        ("no base64", vec![":%%%:"]),
        ("no bytes", vec!["::"]),
        ("no certificate", vec![":AAAA:"]),
        ("half a certificate", vec![&pem[..pem.len() / 2]]),
        ("half an escape", vec!["-----BEGIN%20CERTIFICATE-----%0"]),
        ("a key", vec!["-----BEGIN%20PRIVATE%20KEY-----%0AAAAA%0A-----END%20PRIVATE%20KEY-----%0A"]),
        (
            "no certificate in PEM",
            vec!["-----BEGIN%20CERTIFICATE-----%0AAAAA%0A-----END%20CERTIFICATE-----%0A"],
        ),
        ("Envoy's other header", vec!["Hash=00;Subject=\"CN=test\""]),
    ];
    for (name, values) in cases {
        let mut stream = TcpStream::connect(address).await.unwrap();
        assert_eq!(with(&mut stream, &values).await, "unreadable", "{name}");
    }
    let long = escaped(&own.certificate.pem().repeat(11));
    let mut stream = TcpStream::connect(address).await.unwrap();
    assert_eq!(with(&mut stream, &[&long]).await, "unreadable", "more than a chain");
}

#[tokio::test]
async fn from_everybody_else_the_header_is_dropped_unread() {
    let trusted = Authority::new("clients");
    let ([address], _stop, _task) =
        listening([Transport::Plain], behind("192.0.2.0/24", trusted.roots())).await;
    let known = trusted.issue(&params_for(ClientAuth));
    let good = format!(":{}:", STANDARD.encode(known.der()));
    for values in [&[good.as_str()][..], &[&good, &good], &["garbage"]] {
        let mut stream = TcpStream::connect(address).await.unwrap();
        assert_eq!(with(&mut stream, values).await, "nobody");
    }
}

#[tokio::test]
async fn what_a_proxy_shows_for_itself_is_nobody_elses_and_what_a_client_shows_is_not_overruled() {
    let (authority, trusted) = (Authority::new("servers"), Authority::new("clients"));
    let known = trusted.issue(&params_for(ClientAuth));
    let own = Identity::self_signed(&params_for(ClientAuth));
    let good = format!(":{}:", STANDARD.encode(known.der()));
    let config = client(&authority, Asked::shows(Some(own.certified(&[]))));
    let asking = || transport(&authority, Asks::ForCertificate(issuers(trusted.roots(), NOW)));

    let ([proxys], _stop, _task) = listening([asking()], behind("127.0.0.1", trusted.roots())).await;
    let mut stream = connect(&config, proxys).await.unwrap();
    assert_eq!(with(&mut stream, &[]).await, "nobody");
    let mut stream = connect(&config, proxys).await.unwrap();
    assert_eq!(with(&mut stream, &[&good]).await, format!("true {}", text(&known.der())));

    let ([clients], _stop, _task) = listening([asking()], behind("192.0.2.1", trusted.roots())).await;
    let mut stream = connect(&config, clients).await.unwrap();
    assert_eq!(with(&mut stream, &[&good]).await, format!("false {}", text(&own.der())));
}
