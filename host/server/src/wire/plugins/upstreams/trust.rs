//! What a connection trusts and shows: certificates and a key from PEM files.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use esignet_jose::certificate::Certificate;
use esignet_sandbox::UpstreamGrant;
use reqwest::Identity;
use rustls::RootCertStore;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use zeroize::Zeroizing;

use super::Section;
use crate::config::CertificateFiles;
use crate::config::finding::Finding;
use crate::egress::channel::Channel;
use crate::listen::tls::provider;
use crate::wire::tls;

/// How long before its end a certificate is worth a warning, in seconds.
const ENDS_SOON: u64 = 14 * 24 * 60 * 60;

impl Section<'_> {
    /// The pool of an upstream: the usual one where nothing else was asked for.
    pub(super) fn channel(&mut self, upstream: &UpstreamGrant, usual: &Channel) -> Option<Channel> {
        let issuers = upstream.ca_file.as_deref().map(|file| {
            let issuers = self.file("ca_file", issuers(file));
            issuers.inspect(|issuers| self.look_at_times("ca_file", file, issuers))
        });
        let shown = match (&upstream.client_certificate_file, &upstream.client_key_file) {
            (Some(certificate), Some(key)) => Some(self.shown(certificate, key)),
            // One without the other is a finding of the grant, and nothing is connected.
            (Some(_), None) | (None, Some(_)) => return None,
            (None, None) => None,
        };
        if issuers.is_none() && shown.is_none() {
            return Some(usual.clone());
        }
        // Both were looked at before either ends this.
        let (issuers, identity) = match (issuers, shown) {
            (Some(None), _) | (_, Some(None)) => return None,
            (issuers, shown) => (issuers.flatten(), shown.flatten()),
        };
        let issuers = issuers.map(|issuers| {
            issuers.iter().filter_map(|der| reqwest::Certificate::from_der(der).ok()).collect()
        });
        match Channel::own(issuers, identity) {
            Ok(channel) => Some(channel),
            Err(error) => {
                let problem = format!("TLS to this upstream cannot be set up: {error}");
                let fix = "see whether the system's certificates are readable, or name a ca_file";
                self.findings.push(Finding::error("tls", self.place(), problem, fix));
                None
            }
        }
    }

    /// The certificate for those who ask, with its key.
    fn shown(&mut self, certificate: &Path, key: &Path) -> Option<Identity> {
        let chain = self.file("client_certificate_file", tls::certificates(certificate));
        let private = self.file("client_key_file", tls::private_key(key));
        let (chain, private) = (chain?, private?);
        self.look_at_times("client_certificate_file", certificate, chain.get(..1).unwrap_or_default());
        let certified = CertifiedKey::from_der(chain.clone(), private.clone_key(), &provider());
        let files = CertificateFiles { certificate: certificate.to_owned(), key: key.to_owned() };
        self.file("client_key_file", certified.map_err(|error| tls::unpaired(&files, &error)))?;
        let identity = Identity::from_pem(&pem(&chain, &private));
        self.file(
            "client_certificate_file",
            identity.map_err(|_| tls::unusable(certificate, "it does not go into a handshake")),
        )
    }

    /// An upstream may trust what has ended, and it may be exchanged before it does: the server starts.
    fn look_at_times(&mut self, key: &str, file: &Path, certificates: &[CertificateDer<'_>]) {
        let now = self.clock.now().0;
        let parsed = certificates.iter().filter_map(|der| Certificate::from_der(der).ok());
        let parsed: Vec<Certificate> = parsed.collect();
        let all = |at: u64| parsed.iter().all(|certificate| certificate.is_valid_at(at));
        let (code, problem) = if !all(now) {
            ("expired", "a certificate in the file has expired, or is not valid yet")
        } else if !all(now.saturating_add(ENDS_SOON)) {
            ("expires", "a certificate in the file ends within 14 days")
        } else {
            return;
        };
        let problem = format!("{key}, {}: {problem}", file.display());
        let fix = "have a new one issued, and start again with it";
        self.findings.push(Finding::warning(code, self.place(), problem, fix));
    }
}

/// Issuers that can be trusted.
fn issuers(file: &Path) -> Result<Vec<CertificateDer<'static>>, Finding> {
    let (found, mut roots) = (tls::certificates(file)?, RootCertStore::empty());
    for certificate in &found {
        let added = roots.add(certificate.clone());
        added.map_err(|error| tls::unusable(file, &error.to_string()))?;
    }
    Ok(found)
}

/// The two files as the one that an HTTP client takes, whatever else stood in them.
fn pem(chain: &[CertificateDer<'_>], key: &PrivateKeyDer<'_>) -> Zeroizing<Vec<u8>> {
    let label = match key {
        PrivateKeyDer::Pkcs1(_) => "RSA PRIVATE KEY",
        PrivateKeyDer::Sec1(_) => "EC PRIVATE KEY",
        PrivateKeyDer::Pkcs8(_) | _ => "PRIVATE KEY",
    };
    let key = std::iter::once((label, key.secret_der()));
    let sections = key.chain(chain.iter().map(|der| ("CERTIFICATE", der.as_ref())));
    let sections = sections.map(|(label, der)| {
        let body = Zeroizing::new(STANDARD.encode(der));
        Zeroizing::new(format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", *body))
    });
    Zeroizing::new(sections.flat_map(|section| section.as_bytes().to_vec()).collect())
}
