//! Client authentication by mutual TLS (RFC 8705 §2): `tls_client_auth` and `self_signed_tls_client_auth`.
//!
//! The handshake has shown that the client holds the key of its certificate; here is decided whose it is.

use std::net::IpAddr;

use esignet_jose::certificate::{AlternativeName, Certificate, CertificateError, DistinguishedName};
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
    /// It cannot be read.
    #[error(transparent)]
    Unreadable(#[from] CertificateError),
    /// RFC 8705 §2.1: its chain ends at nobody whom the operator trusts for clients, or is not valid now.
    #[error("the certificate is not of an issuer that is trusted for clients, or is not valid now")]
    Untrusted,
    /// RFC 8705 §2.1.2: it is somebody else's.
    #[error("the certificate does not have the registered name")]
    OtherName,
    /// RFC 8705 §2.2.2: its key is not registered.
    #[error("the key of the certificate is not one of the registered keys")]
    OtherKey,
}

/// Whether the certificate of the connection authenticates a client that only named itself.
pub fn decide(
    client: &Client,
    keys: &JwkSet,
    certificate: Option<&ClientCertificate>,
) -> Result<(), ClientRefusal> {
    let by_name = match client.token_endpoint_auth_method {
        // Its certificate, if there is one, is not what it registered to be known by.
        AuthenticationMethod::PrivateKeyJwt => return Err(ClientRefusal::NoCredential),
        AuthenticationMethod::TlsClientAuth => true,
        AuthenticationMethod::SelfSignedTlsClientAuth => false,
    };
    let shown = certificate.ok_or(CertificateRefusal::Missing)?;
    let certificate = Certificate::from_der(&shown.der).map_err(CertificateRefusal::from)?;
    if by_name {
        // RFC 8705 §2.1: the name is worth something only if a trusted issuer vouches for it.
        if !shown.is_trusted {
            return Err(CertificateRefusal::Untrusted.into());
        }
        return if has_registered_name(client, &certificate) {
            Ok(())
        } else {
            Err(CertificateRefusal::OtherName.into())
        };
    }
    // RFC 8705 §2.2: whoever signed it, the key is what is registered.
    if keys.iter().any(|key| certificate.has_key_of(key)) {
        Ok(())
    } else {
        Err(CertificateRefusal::OtherKey.into())
    }
}

/// RFC 8705 §2.1.2: the one name that is registered, compared by the rules of its kind.
fn has_registered_name(client: &Client, certificate: &Certificate) -> bool {
    if let Some(subject) = &client.tls_client_auth_subject_dn {
        return DistinguishedName::parse(subject).is_ok_and(|subject| subject == *certificate.subject());
    }
    let ip = client.tls_client_auth_san_ip.as_ref().and_then(|ip| ip.parse::<IpAddr>().ok());
    let registered = [
        client.tls_client_auth_san_dns.clone().map(AlternativeName::Dns),
        client.tls_client_auth_san_uri.clone().map(AlternativeName::Uri),
        client.tls_client_auth_san_email.clone().map(AlternativeName::Email),
        ip.map(AlternativeName::Ip),
    ];
    registered.into_iter().flatten().next().is_some_and(|name| certificate.is_named(&name))
}

#[cfg(test)]
mod tests;
