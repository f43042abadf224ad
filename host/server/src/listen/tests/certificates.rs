//! Certificates of clients by the handshake: who is asked, what arrives, and what it is worth.

use std::sync::Mutex;

use axum::extract::Request;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use esignet_protocol::endpoint::ClientCertificate;
use esignet_protocol::word::time::Timestamp;
use rcgen::ExtendedKeyUsagePurpose::{ClientAuth, ServerAuth};
use rustls::client::ResolvesClientCert;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{ClientConfig, HandshakeKind, RootCertStore, SignatureScheme, SupportedProtocolVersion};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::*;
use crate::listen::client_certificate::ClientIssuers;
use crate::listen::tls::{Asks, Tls, provider};
use crate::testing::{Authority, Identity, NOW, at, params, params_for};

/// A client that remembers being asked for a certificate.
#[derive(Debug)]
pub(super) struct Asked {
    shows: Option<Arc<CertifiedKey>>,
    times: Mutex<usize>,
}

impl Asked {
    /// Whoever shows this, or nothing.
    pub(super) fn shows(shows: Option<CertifiedKey>) -> Arc<Self> {
        Arc::new(Self { shows: shows.map(Arc::new), times: Mutex::new(0) })
    }
}

impl ResolvesClientCert for Asked {
    fn resolve(&self, hints: &[&[u8]], _schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        assert!(hints.is_empty(), "no issuer is preferred: a client may have signed its own");
        *self.times.lock().unwrap() += 1;
        self.shows.clone()
    }

    fn has_certs(&self) -> bool {
        true
    }
}

/// What a request is seen with.
pub(super) async fn seen(request: Request) -> String {
    match request.extensions().get::<ClientCertificate>() {
        None => "nobody".to_owned(),
        Some(ClientCertificate { der, is_trusted }) => format!("{is_trusted} {}", text(der)),
    }
}

/// A certificate as text.
pub(super) fn text(der: &[u8]) -> String {
    STANDARD.encode(der)
}

pub(super) fn echo() -> Served {
    Served { router: Router::new().route("/", get(seen)), proxied: None, limits: patient() }
}

pub(super) fn issuers(roots: RootCertStore, now: Timestamp) -> Arc<ClientIssuers> {
    Arc::new(ClientIssuers::new(roots, at(now)).unwrap())
}

/// A listener with a certificate of the authority.
pub(super) fn transport(authority: &Authority, asks: Asks) -> Transport {
    let own = authority.issue(&params_for(ServerAuth)).certified(&[]);
    Transport::Tls(Tls::new(Arc::new(SingleCertAndKey::from(own)), asks).unwrap())
}

pub(super) fn client(authority: &Authority, shows: Arc<Asked>) -> Arc<ClientConfig> {
    client_speaking(rustls::ALL_VERSIONS, authority, shows)
}

pub(super) fn client_speaking(
    versions: &[&'static SupportedProtocolVersion],
    authority: &Authority,
    shows: Arc<Asked>,
) -> Arc<ClientConfig> {
    let builder = ClientConfig::builder_with_provider(provider()).with_protocol_versions(versions).unwrap();
    Arc::new(builder.with_root_certificates(authority.roots()).with_client_cert_resolver(shows))
}

pub(super) async fn connect(
    config: &Arc<ClientConfig>,
    address: SocketAddr,
) -> io::Result<TlsStream<TcpStream>> {
    let name = ServerName::try_from("127.0.0.1").unwrap();
    TlsConnector::from(Arc::clone(config)).connect(name, TcpStream::connect(address).await?).await
}

/// The body of the answer to a GET.
pub(super) async fn body<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut S) -> String {
    let answer = talk(stream, "GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").await;
    answer.split_once("\r\n\r\n").map(|(_, body)| body.to_owned()).unwrap_or_default()
}

#[tokio::test]
async fn the_main_listener_asks_nobody_for_a_certificate_and_the_other_one_asks_everybody() {
    let authority = Authority::new("servers");
    let asks = Asks::ForCertificate(issuers(RootCertStore::empty(), NOW));
    let transports = [transport(&authority, Asks::Nothing), transport(&authority, asks)];
    let ([main, mtls], _stop, _task) = listening(transports, echo()).await;
    let own = Identity::self_signed(&params_for(ClientAuth));
    let asked = Asked::shows(Some(own.certified(&[])));
    let config = client(&authority, Arc::clone(&asked));

    assert_eq!(body(&mut connect(&config, main).await.unwrap()).await, "nobody");
    assert_eq!(*asked.times.lock().unwrap(), 0, "browsers are not asked");
    assert_eq!(body(&mut connect(&config, mtls).await.unwrap()).await, format!("false {}", text(&own.der())));
    assert_eq!(*asked.times.lock().unwrap(), 1);

    let nobody = client(&authority, Asked::shows(None));
    assert_eq!(body(&mut connect(&nobody, mtls).await.unwrap()).await, "nobody", "it is not compulsory");
}

#[tokio::test]
async fn a_certificate_is_trusted_for_its_chain_alone_and_only_while_that_holds() {
    let (authority, trusted, other) =
        (Authority::new("servers"), Authority::new("clients"), Authority::new("clients"));
    let below = trusted.below("a department");
    let judged_at = |now| transport(&authority, Asks::ForCertificate(issuers(trusted.roots(), now)));
    // The last second of a certificate that ends with 2026, and the first one after it.
    let transports = [judged_at(NOW), judged_at(Timestamp(1_798_761_601))];
    let ([now, later], _stop, _task) = listening(transports, echo()).await;
    let client_auth = params_for(ClientAuth);
    let cases: [(&str, Identity, Vec<CertificateDer<'static>>, bool); 7] = [
        ("a trusted issuer's", trusted.issue(&client_auth), vec![], true),
        ("one without a purpose", trusted.issue(&params()), vec![], true),
        ("one of a department", below.issue(&client_auth), vec![below.der()], true),
        ("one of a department that is not there", below.issue(&client_auth), vec![], false),
        ("a server's", trusted.issue(&params_for(ServerAuth)), vec![], false),
        ("another issuer's of the same name", other.issue(&client_auth), vec![other.der()], false),
        ("self-signed", Identity::self_signed(&client_auth), vec![], false),
    ];
    for (name, identity, above, is_trusted) in cases {
        let config = client(&authority, Asked::shows(Some(identity.certified(&above))));
        let expected = format!("{is_trusted} {}", text(&identity.der()));
        assert_eq!(body(&mut connect(&config, now).await.unwrap()).await, expected, "{name}");
        let expired = format!("false {}", text(&identity.der()));
        assert_eq!(body(&mut connect(&config, later).await.unwrap()).await, expired, "{name}, expired");
    }
}

#[tokio::test]
async fn somebody_elses_certificate_without_its_key_is_no_connection() {
    let authority = Authority::new("servers");
    let asks = Asks::ForCertificate(issuers(RootCertStore::empty(), NOW));
    let ([address], _stop, _task) = listening([transport(&authority, asks)], echo()).await;
    let (theirs, ours) =
        (Identity::self_signed(&params_for(ClientAuth)), Identity::self_signed(&params_for(ClientAuth)));
    let stolen = CertifiedKey::new(vec![theirs.der()], ours.certified(&[]).key);
    for version in rustls::ALL_VERSIONS {
        let shown = |certified: CertifiedKey| {
            let config = client_speaking(&[version], &authority, Asked::shows(Some(certified)));
            async move {
                // With TLS 1.3 the client is done before the server has looked at its proof.
                match connect(&config, address).await {
                    Ok(mut stream) => body(&mut stream).await,
                    Err(_) => String::new(),
                }
            }
        };
        assert_eq!(shown(stolen.clone()).await, "", "{version:?}");
        assert_eq!(shown(ours.certified(&[])).await, format!("false {}", text(&ours.der())), "{version:?}");
    }
}

#[tokio::test]
async fn where_certificates_are_asked_for_every_connection_proves_its_key_anew() {
    let authority = Authority::new("servers");
    let asks = Asks::ForCertificate(issuers(RootCertStore::empty(), NOW));
    let transports = [transport(&authority, Asks::Nothing), transport(&authority, asks)];
    let (addresses, _stop, _task) = listening(transports, echo()).await;
    for (address, second) in addresses.into_iter().zip([HandshakeKind::Resumed, HandshakeKind::Full]) {
        let own = Identity::self_signed(&params_for(ClientAuth));
        let config = client(&authority, Asked::shows(Some(own.certified(&[]))));
        for expected in [HandshakeKind::Full, second] {
            let mut stream = connect(&config, address).await.unwrap();
            body(&mut stream).await;
            assert_eq!(stream.get_ref().1.handshake_kind(), Some(expected));
        }
    }
}
