//! TLS, ended here (`protocol.md` 53): 1.3, or 1.2 with ECDHE and AEAD suites alone, without early data.

use std::sync::Arc;
use std::time::Duration;

use esignet_protocol::endpoint::ClientCertificate;
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::server::{Acceptor, NoServerSessionStorage, ResolvesServerCert, ServerSessionMemoryCache};
use rustls::version::{TLS12, TLS13};
use rustls::{Error, ServerConfig};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio_rustls::LazyConfigAcceptor;
use tokio_rustls::server::TlsStream;

use super::client_certificate::{AnyCertificate, ClientIssuers};

/// Sessions of browsers that are remembered, each some hundred bytes; the oldest are forgotten first, all at every stop.
const SESSIONS: usize = 4_096;

/// What a listener asks of clients.
#[derive(Clone)]
pub(crate) enum Asks {
    /// Nothing.
    Nothing,
    /// A certificate, from those that have one; what it is worth is for these to say.
    ForCertificate(Arc<ClientIssuers>),
}

/// How a listener ends TLS.
#[derive(Clone)]
pub(crate) struct Tls {
    config: Arc<ServerConfig>,
    asks: Asks,
}

/// The cryptography of all our TLS. Its suites are those of TLS 1.3, and ECDHE with AES-GCM or `ChaCha20` for TLS 1.2
/// (BCP 195, RFC 9325 §4.2).
pub(crate) fn provider() -> Arc<CryptoProvider> {
    Arc::new(aws_lc_rs::default_provider())
}

impl Tls {
    /// TLS with a certificate of ours, which may be another one for every connection.
    pub(crate) fn new(certificate: Arc<dyn ResolvesServerCert>, asks: Asks) -> Result<Self, Error> {
        let provider = provider();
        let versions = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_protocol_versions(&[&TLS13, &TLS12])?;
        let builder = match &asks {
            Asks::Nothing => versions.with_no_client_auth(),
            Asks::ForCertificate(_) => {
                versions.with_client_cert_verifier(Arc::new(AnyCertificate::proved_with(&provider)))
            }
        };
        let mut config = builder.with_cert_resolver(certificate);
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        // RFC 8446 §8: early data can be replayed, and a code in it would be spent twice.
        config.max_early_data_size = 0;
        match asks {
            Asks::Nothing => config.session_storage = ServerSessionMemoryCache::new(SESSIONS),
            // Every connection proves its key anew, so no session goes on with a certificate that has ended since.
            Asks::ForCertificate(_) => {
                config.session_storage = Arc::new(NoServerSessionStorage {});
                config.send_tls13_tickets = 0;
            }
        }
        Ok(Self { config: Arc::new(config), asks })
    }

    /// The connection once its handshake is done, with the certificate that its client showed and proved. `None` when there
    /// is no handshake in time; what a peer did wrong is its own affair.
    pub(super) async fn accept(
        &self,
        stream: TcpStream,
        handshakes: &Semaphore,
        within: Duration,
    ) -> Option<(TlsStream<TcpStream>, Option<ClientCertificate>)> {
        match tokio::time::timeout(within, self.handshake(stream, handshakes)).await {
            Ok(Ok(stream)) => {
                let certificate = self.certificate(&stream);
                Some((stream, certificate))
            }
            Ok(Err(error)) => {
                tracing::debug!(%error, "handshake");
                None
            }
            Err(_elapsed) => {
                tracing::debug!("handshake: not in time");
                None
            }
        }
    }

    /// A peer that sends nothing holds no place among the handshakes: those are for the part that costs us signatures.
    async fn handshake(
        &self,
        stream: TcpStream,
        handshakes: &Semaphore,
    ) -> std::io::Result<TlsStream<TcpStream>> {
        let begun = LazyConfigAcceptor::new(Acceptor::default(), stream).await?;
        let _place = handshakes.acquire().await.map_err(std::io::Error::other)?;
        begun.into_stream(Arc::clone(&self.config)).await
    }

    fn certificate(&self, stream: &TlsStream<TcpStream>) -> Option<ClientCertificate> {
        let Asks::ForCertificate(issuers) = &self.asks else { return None };
        let (_, connection) = stream.get_ref();
        let (own, above) = connection.peer_certificates()?.split_first()?;
        Some(issuers.judge(own, above))
    }
}
