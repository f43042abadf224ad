//! Certificates of the tests' own, and connections that show them and remember being asked.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context, Result};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
};
use rustls::client::ResolvesClientCert;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::sign::CertifiedKey;
use rustls::{ClientConfig, RootCertStore, ServerConfig, SignatureScheme, SupportedProtocolVersion};
use serde_json::{Value, json};

use crate::jwt::base64url;

/// An issuer of certificates. Cheap to clone.
#[derive(Clone)]
pub struct Authority(Arc<CertifiedIssuer<'static, KeyPair>>);

/// A certificate with its key. Cheap to clone.
#[derive(Clone)]
pub struct Identity(Arc<(rcgen::Certificate, KeyPair)>);

/// What a certificate says: a name, hosts (which may be addresses), and what it is for.
pub fn params(name: &str, hosts: &[&str], purpose: ExtendedKeyUsagePurpose) -> CertificateParams {
    let hosts: Vec<String> = hosts.iter().map(|host| (*host).to_owned()).collect();
    let mut params = CertificateParams::new(hosts).expect("hosts are names or addresses");
    params.distinguished_name.push(DnType::CommonName, name);
    params.extended_key_usages = vec![purpose];
    params
}

impl Authority {
    /// A new one.
    pub fn new(name: &str) -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, name);
        let key = KeyPair::generate().expect("a key can be made");
        Self(Arc::new(CertifiedIssuer::self_signed(params, key).expect("a certificate can be made")))
    }

    /// Its own certificate.
    pub fn pem(&self) -> String {
        self.0.pem()
    }

    /// A certificate for a server of this machine.
    pub fn server(&self) -> Identity {
        self.issue(&params("a server", &["127.0.0.1", "localhost"], ExtendedKeyUsagePurpose::ServerAuth))
    }

    /// A certificate for a client.
    pub fn client(&self, name: &str) -> Identity {
        self.issue(&params(name, &[], ExtendedKeyUsagePurpose::ClientAuth))
    }

    /// A certificate that says this.
    pub fn issue(&self, params: &CertificateParams) -> Identity {
        let key = KeyPair::generate().expect("a key can be made");
        let certificate = params.signed_by(&key, &self.0).expect("a certificate can be made");
        Identity(Arc::new((certificate, key)))
    }

    /// What trusts servers of this authority alone and shows this to those who ask.
    pub fn trusting(
        &self,
        shows: &Arc<Shows>,
        versions: &[&'static SupportedProtocolVersion],
    ) -> Result<ClientConfig> {
        let mut roots = RootCertStore::empty();
        roots.add(self.0.der().clone())?;
        let builder = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_protocol_versions(versions)?
            .with_root_certificates(roots);
        Ok(builder.with_client_cert_resolver(Arc::<Shows>::clone(shows)))
    }
}

impl Identity {
    /// What a client signed itself (RFC 8705 §2.2).
    pub fn self_signed(name: &str) -> Self {
        let key = KeyPair::generate().expect("a key can be made");
        let params = params(name, &[], ExtendedKeyUsagePurpose::ClientAuth);
        let certificate = params.self_signed(&key).expect("a certificate can be made");
        Self(Arc::new((certificate, key)))
    }

    /// The certificate.
    pub fn der(&self) -> CertificateDer<'static> {
        self.0.0.der().clone()
    }

    /// The certificate in PEM.
    pub fn pem(&self) -> String {
        self.0.0.pem()
    }

    /// The private key in PEM.
    pub fn key_pem(&self) -> String {
        self.0.1.serialize_pem()
    }

    /// The public key, which is one for P-256, as a client registers it.
    pub fn public_jwk(&self) -> Value {
        let (x, y) = self.0.1.public_key_raw()[1..].split_at(32);
        json!({ "kty": "EC", "crv": "P-256", "x": base64url(x), "y": base64url(y) })
    }

    /// What serves with this certificate, and asks for one of these clients if there are any.
    pub fn serving(&self, clients: Option<&Authority>) -> Result<ServerConfig> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()?;
        let builder = match clients {
            None => builder.with_no_client_auth(),
            Some(Authority(clients)) => {
                let mut roots = RootCertStore::empty();
                roots.add(clients.der().clone())?;
                let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
                builder.with_client_cert_verifier(verifier.build()?)
            }
        };
        let key = PrivatePkcs8KeyDer::from(self.0.1.serialize_der()).into();
        Ok(builder.with_single_cert(vec![self.der()], key)?)
    }

    fn certified(&self) -> Result<CertifiedKey> {
        let key = PrivatePkcs8KeyDer::from(self.0.1.serialize_der()).into();
        CertifiedKey::from_der(vec![self.der()], key, &aws_lc_rs::default_provider()).context("a pair")
    }
}

/// What a client shows to servers that ask, and how often they did.
#[derive(Debug)]
pub struct Shows {
    certified: Option<Arc<CertifiedKey>>,
    asked: AtomicUsize,
}

impl Shows {
    /// Nothing.
    pub fn nothing() -> Arc<Self> {
        Arc::new(Self { certified: None, asked: AtomicUsize::new(0) })
    }

    /// A certificate, with the proof of its key.
    pub fn certificate(identity: &Identity) -> Result<Arc<Self>> {
        let certified = Some(Arc::new(identity.certified()?));
        Ok(Arc::new(Self { certified, asked: AtomicUsize::new(0) }))
    }

    /// How often it was asked for.
    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

impl ResolvesClientCert for Shows {
    fn resolve(&self, _issuers: &[&[u8]], _schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        self.certified.clone()
    }

    fn has_certs(&self) -> bool {
        true
    }
}
