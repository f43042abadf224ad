//! Client authentication by mutual TLS (RFC 8705 §2): `tls_client_auth` and `self_signed_tls_client_auth`.
//!
//! The handshake has shown that the client holds the key of its certificate; here is decided whose it is.

use esignet_jose::jwk::JwkSet;

use super::ClientRefusal;
use crate::client::{AuthenticationMethod, Client};
use crate::endpoint::ClientCertificate;

/// Why a certificate does not authenticate a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CertificateRefusal {
    /// RFC 8705 §7.1.
    #[error("the connection has no certificate")]
    Missing,
}

/// Whether the certificate of the connection authenticates a client that only named itself.
pub fn decide(
    client: &Client,
    _keys: &JwkSet,
    certificate: Option<&ClientCertificate>,
) -> Result<(), ClientRefusal> {
    match client.token_endpoint_auth_method {
        AuthenticationMethod::PrivateKeyJwt => Err(ClientRefusal::NoCredential),
        AuthenticationMethod::TlsClientAuth | AuthenticationMethod::SelfSignedTlsClientAuth => {
            let _certificate = certificate.ok_or(CertificateRefusal::Missing)?;
            Err(CertificateRefusal::Missing.into())
        }
    }
}
