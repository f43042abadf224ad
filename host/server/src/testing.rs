//! Certificates and a clock for tests.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use esignet_protocol::ports::clock::Clock;
use esignet_protocol::word::time::Timestamp;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    date_time_ymd,
};
use rustls::RootCertStore;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::sign::CertifiedKey;

use crate::listen::tls::provider;

/// 2026-01-01, when certificates of tests hold that say nothing else.
pub(crate) const NOW: Timestamp = Timestamp(1_767_225_600);

/// A clock that stands.
pub(crate) struct Standing(pub(crate) Timestamp);

impl Clock for Standing {
    fn now(&self) -> Timestamp {
        self.0
    }
}

/// The clock of a time.
pub(crate) fn at(time: Timestamp) -> Arc<dyn Clock> {
    Arc::new(Standing(time))
}

/// An issuer of certificates.
pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

/// A certificate with its key.
pub(crate) struct Identity {
    pub(crate) certificate: rcgen::Certificate,
    pub(crate) key: KeyPair,
}

/// What a certificate says; it holds from 2025 to the end of 2026, for hosts of this machine.
pub(crate) fn params() -> CertificateParams {
    let mut params = CertificateParams::new(vec!["127.0.0.1".to_owned(), "localhost".to_owned()]).unwrap();
    params.distinguished_name.push(DnType::CommonName, "test");
    params.not_before = date_time_ymd(2025, 1, 1);
    params.not_after = date_time_ymd(2027, 1, 1);
    params
}

/// The same, for one purpose.
pub(crate) fn params_for(purpose: ExtendedKeyUsagePurpose) -> CertificateParams {
    let mut params = params();
    params.extended_key_usages = vec![purpose];
    params
}

/// The same, whenever the tests run: for what looks at the system's clock.
pub(crate) fn lasting() -> CertificateParams {
    let mut params = params();
    params.not_after = date_time_ymd(2999, 1, 1);
    params
}

/// A clock that is moved by hand.
pub(crate) struct Moved(AtomicU64);

impl Moved {
    /// A clock at [`NOW`].
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self(AtomicU64::new(NOW.0)))
    }

    /// Lets seconds pass.
    pub(crate) fn pass(&self, seconds: u64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }
}

impl Clock for Moved {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

impl Authority {
    pub(crate) fn new(name: &str) -> Self {
        Self::of(name, params())
    }

    /// One that holds whenever the tests run.
    pub(crate) fn lasting(name: &str) -> Self {
        Self::of(name, lasting())
    }

    fn of(name: &str, mut params: CertificateParams) -> Self {
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, name);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    pub(crate) fn pem(&self) -> String {
        self.0.pem()
    }

    pub(crate) fn der(&self) -> CertificateDer<'static> {
        self.0.der().clone()
    }

    /// What trusts this authority alone.
    pub(crate) fn roots(&self) -> RootCertStore {
        let mut roots = RootCertStore::empty();
        roots.add(self.der()).unwrap();
        roots
    }

    pub(crate) fn issue(&self, params: &CertificateParams) -> Identity {
        let key = KeyPair::generate().unwrap();
        Identity { certificate: params.signed_by(&key, &self.0).unwrap(), key }
    }

    /// An authority below this one.
    pub(crate) fn below(&self, name: &str) -> Self {
        let mut params = params();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, name);
        Self(CertifiedIssuer::signed_by(params, KeyPair::generate().unwrap(), &self.0).unwrap())
    }
}

impl Identity {
    /// What its owner signed.
    pub(crate) fn self_signed(params: &CertificateParams) -> Self {
        let key = KeyPair::generate().unwrap();
        Self { certificate: params.self_signed(&key).unwrap(), key }
    }

    pub(crate) fn der(&self) -> CertificateDer<'static> {
        self.certificate.der().clone()
    }

    pub(crate) fn private_key(&self) -> PrivateKeyDer<'static> {
        PrivatePkcs8KeyDer::from(self.key.serialize_der()).into()
    }

    /// For TLS, with the certificates above it.
    pub(crate) fn certified(&self, above: &[CertificateDer<'static>]) -> CertifiedKey {
        let chain = std::iter::once(self.der()).chain(above.iter().cloned()).collect();
        CertifiedKey::from_der(chain, self.private_key(), &provider()).unwrap()
    }
}
