//! Who is at the other end of a connection, and the one place where a certificate is put into its requests.

use std::net::IpAddr;
use std::sync::Arc;

use axum::http::Request;
use esignet_protocol::endpoint::ClientCertificate;
use esignet_web::UnreadableCertificate;

use super::proxied::ProxiedCertificates;

/// The other end of a connection.
pub(super) struct Peer {
    certificate: Source,
    /// Whose header is never passed on as it came.
    proxied: Option<Arc<ProxiedCertificates>>,
}

/// Where the certificate of a request comes from.
enum Source {
    /// From the handshake, the same for every request.
    Handshake(Option<ClientCertificate>),
    /// From each request's header. What the proxy itself shows in its handshake is nobody's but its own.
    Header(Arc<ProxiedCertificates>),
}

impl Peer {
    /// A peer at an address, which showed this certificate.
    pub(super) fn new(
        address: IpAddr,
        shown: Option<ClientCertificate>,
        proxied: Option<Arc<ProxiedCertificates>>,
    ) -> Self {
        let certificate = match &proxied {
            Some(proxied) if proxied.trusts(address) => Source::Header(Arc::clone(proxied)),
            Some(_) | None => Source::Handshake(shown),
        };
        Self { certificate, proxied }
    }

    /// Puts the client's certificate into a request, after everything is removed that the request itself says of one.
    pub(super) fn vouch<B>(&self, request: &mut Request<B>) {
        request.extensions_mut().remove::<ClientCertificate>();
        let said = match &self.proxied {
            Some(proxied) => proxied.strip(request.headers_mut()),
            None => Vec::new(),
        };
        let certificate = match &self.certificate {
            Source::Handshake(shown) => shown.clone(),
            Source::Header(proxied) => proxied.read(&said).unwrap_or_else(|refusal| {
                tracing::warn!(reason = refusal.reason(), "a trusted proxy's client certificate is not read");
                request.extensions_mut().insert(UnreadableCertificate);
                None
            }),
        };
        if let Some(certificate) = certificate {
            request.extensions_mut().insert(certificate);
        }
    }
}
