//! Certificates of clients (RFC 8705): any whose key is proved, and what the chain of each is worth.

use std::sync::Arc;
use std::time::Duration;

use esignet_protocol::endpoint::ClientCertificate;
use esignet_protocol::ports::clock::Clock;
use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::{
    CryptoProvider, WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature,
};
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::server::{ParsedCertificate, VerifierBuilderError, WebPkiClientVerifier};
use rustls::{DigitallySignedStruct, DistinguishedName, Error, RootCertStore, SignatureScheme};

use super::tls;

/// The issuers that the operator trusts for clients, and the time that chains are judged at.
pub(crate) struct ClientIssuers {
    verifier: Option<Arc<dyn ClientCertVerifier>>,
    clock: Arc<dyn Clock>,
}

impl ClientIssuers {
    /// These issuers; none of them makes every certificate one that proves a key and nothing else.
    pub(crate) fn new(roots: RootCertStore, clock: Arc<dyn Clock>) -> Result<Self, VerifierBuilderError> {
        if roots.is_empty() {
            return Ok(Self { verifier: None, clock });
        }
        let verifier =
            WebPkiClientVerifier::builder_with_provider(Arc::new(roots), tls::provider()).build()?;
        Ok(Self { verifier: Some(verifier), clock })
    }

    /// What a certificate whose key was proved is worth now, with the certificates that came with it.
    pub(super) fn judge(&self, own: &CertificateDer<'_>, above: &[CertificateDer<'_>]) -> ClientCertificate {
        // RFC 8705 §2.1: path validation (RFC 5280 §6), with the validity times and, where it is there, the purpose.
        let now = UnixTime::since_unix_epoch(Duration::from_secs(self.clock.now().0));
        let holds =
            |verifier: &Arc<dyn ClientCertVerifier>| verifier.verify_client_cert(own, above, now).is_ok();
        ClientCertificate {
            der: Arc::from(own.as_ref()),
            is_trusted: self.verifier.as_ref().is_some_and(holds),
        }
    }
}

/// Takes every well-formed certificate whose key the handshake proves: one that its client signed itself authenticates
/// by the key that is registered (RFC 8705 §2.2), and any one binds a token (§3).
#[derive(Debug)]
pub(super) struct AnyCertificate(WebPkiSupportedAlgorithms);

impl AnyCertificate {
    /// Proofs are checked with these algorithms.
    pub(super) fn proved_with(provider: &CryptoProvider) -> Self {
        Self(provider.signature_verification_algorithms)
    }
}

impl ClientCertVerifier for AnyCertificate {
    fn client_auth_mandatory(&self) -> bool {
        // Clients with `private_key_jwt` have none; the protocol refuses those that should have had one.
        false
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        // A hint would keep clients from sending a certificate that they signed themselves (RFC 8705 §7.5).
        &[]
    }

    fn verify_client_cert(
        &self,
        own: &CertificateDer<'_>,
        _above: &[CertificateDer<'_>],
        _now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        ParsedCertificate::try_from(own).map(|_well_formed| ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signature, &self.0)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signature, &self.0)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_schemes()
    }
}
