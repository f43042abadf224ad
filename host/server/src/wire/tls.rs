//! The server's certificate and the issuers it trusts for clients, read from their files.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use esignet_protocol::ports::clock::Clock;
use reqwest::Url;
use rustls::client::{verify_server_cert_signed_by_trust_anchor, verify_server_name};
use rustls::pki_types::pem::{self, PemObject as _};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{CertificateError, Error, InconsistentKeys, RootCertStore};

use crate::config::finding::Finding;
use crate::config::{CertificateFiles, ClientCertificates, Config};
use crate::listen::Transport;
use crate::listen::client_certificate::ClientIssuers;
use crate::listen::proxied::ProxiedCertificates;
use crate::listen::tls::{Asks, Tls, provider};
use crate::secret_file;

/// How long before its end a certificate is worth a warning.
const ENDS_SOON: Duration = Duration::from_hours(14 * 24);

/// What is spoken on each listener, and whose word is taken for certificates.
pub(crate) struct Transports {
    /// On `[server] listen`.
    pub(crate) main: Transport,
    /// On `[tls] mtls_listen`.
    pub(crate) mtls: Option<Transport>,
    /// From `[server] trusted_proxies`.
    pub(crate) proxied: Option<Arc<ProxiedCertificates>>,
}

/// Reads what the configuration names. Warnings come with what was read, errors without.
pub(super) fn load(
    config: &Config,
    clock: Arc<dyn Clock>,
) -> Result<(Transports, Vec<Finding>), Vec<Finding>> {
    let (mut findings, now) = (Vec::new(), unix_time(clock.as_ref()));
    let roots = config.tls.client_ca_file.as_ref().map(|file| roots(&file.value)).transpose();
    let roots = super::collect(&mut findings, roots);
    let files = config.tls.certificate.as_ref();
    let key = files.map(|files| certified_key(files, now)).transpose();
    let key = super::collect(&mut findings, key);
    let (Some(roots), Some(key)) = (roots, key) else { return Err(findings) };

    if let (Some(files), Some(key)) = (files, &key) {
        findings.extend(warnings(config, files, key, now));
    }
    let issuers = ClientIssuers::new(roots.unwrap_or_else(RootCertStore::empty), clock);
    let issuers = issuers.map_err(|error| {
        let file = config.tls.client_ca_file.as_ref().map(|file| file.value.as_path());
        vec![unusable(file.unwrap_or(Path::new("[tls]")), &error.to_string())]
    })?;
    let issuers = Arc::new(issuers);
    let transports = transports(config, key, &issuers).map_err(|error| {
        vec![Finding::error(
            "tls",
            "[tls]",
            format!("TLS cannot be set up: {error}"),
            "report this: it is a defect",
        )]
    })?;
    Ok((transports, findings))
}

fn transports(
    config: &Config,
    key: Option<CertifiedKey>,
    issuers: &Arc<ClientIssuers>,
) -> Result<Transports, Error> {
    let proxied = config.server.proxied.clone();
    let proxied = proxied.map(|from| Arc::new(ProxiedCertificates { from, issuers: Arc::clone(issuers) }));
    let Some(key) = key else { return Ok(Transports { main: Transport::Plain, mtls: None, proxied }) };
    // One resolver for all listeners: whoever replaces a certificate while they run does it in there.
    let certificate = Arc::new(SingleCertAndKey::from(key));
    let asks = match config.tls.client_certificates {
        ClientCertificates::None => Asks::Nothing,
        ClientCertificates::Optional => Asks::ForCertificate(Arc::clone(issuers)),
    };
    let main = Transport::Tls(Tls::new(certificate.clone(), asks)?);
    let asks = Asks::ForCertificate(Arc::clone(issuers));
    let mtls = config.tls.mtls_listen.as_ref().map(|_| Tls::new(certificate, asks)).transpose()?;
    Ok(Transports { main, mtls: mtls.map(Transport::Tls), proxied })
}

fn unix_time(clock: &dyn Clock) -> UnixTime {
    UnixTime::since_unix_epoch(Duration::from_secs(clock.now().0))
}

/// The certificates of a PEM file.
pub(super) fn certificates(file: &Path) -> Result<Vec<CertificateDer<'static>>, Finding> {
    let refused = |problem: String, fix: &str| Finding::error("file", file.display(), problem, fix);
    let content = std::fs::read(file).map_err(|error| {
        refused(format!("the file cannot be read: {error}"), "correct the name, or make the file readable")
    })?;
    let fix = "write certificates in PEM: -----BEGIN CERTIFICATE----- and so on";
    let found: Result<Vec<_>, pem::Error> = CertificateDer::pem_slice_iter(&content).collect();
    let found = found.map_err(|error| refused(format!("the file is no PEM: {error}"), fix))?;
    if found.is_empty() {
        return Err(refused("there is no certificate in the file".to_owned(), fix));
    }
    Ok(found)
}

/// The issuers that are trusted for clients.
fn roots(file: &Path) -> Result<RootCertStore, Finding> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(file)? {
        roots.add(certificate).map_err(|error| unusable(file, &error.to_string()))?;
    }
    Ok(roots)
}

pub(super) fn unusable(file: &Path, reason: &str) -> Finding {
    let problem = format!("a certificate in the file cannot be used: {reason}");
    Finding::error("file", file.display(), problem, "use X.509 version 3 certificates")
}

/// The server's certificate with its key: they belong together, and the certificate holds now.
fn certified_key(files: &CertificateFiles, now: UnixTime) -> Result<CertifiedKey, Finding> {
    let chain = certificates(&files.certificate)?;
    let key = private_key(&files.key)?;
    let certified = CertifiedKey::from_der(chain, key, &provider());
    let certified = certified.map_err(|error| unpaired(files, &error))?;
    let problem = match flaw(&certified, now) {
        Some(Flaw::Expired) => "the certificate has expired",
        Some(Flaw::NotYet) => "the certificate is not valid yet",
        Some(Flaw::Purpose) | None => return Ok(certified),
    };
    let fix = "have a new certificate issued, or set the clock of this machine";
    Err(Finding::error("expired", files.certificate.display(), problem, fix))
}

/// Why a certificate and a key do not belong together.
pub(super) fn unpaired(files: &CertificateFiles, error: &Error) -> Finding {
    if let Error::InvalidCertificate(reason) = error {
        return unusable(&files.certificate, &reason.to_string());
    }
    let (problem, fix) = if matches!(error, Error::InconsistentKeys(InconsistentKeys::KeyMismatch)) {
        (
            format!("the key is not that of the first certificate in {}", files.certificate.display()),
            "name the key that this certificate was made for; the server's own certificate comes first in its file",
        )
    } else {
        (
            format!("the key cannot be used: {error}"),
            "use a key for ECDSA with P-256 or P-384, for Ed25519, or for RSA with 2048 bits or more",
        )
    };
    Finding::error("file", files.key.display(), problem, fix)
}

pub(super) fn private_key(file: &Path) -> Result<PrivateKeyDer<'static>, Finding> {
    let content = secret_file::read(file)?;
    PrivateKeyDer::from_pem_slice(&content).map_err(|_| {
        Finding::error(
            "file",
            file.display(),
            "there is no private key in PEM in the file, or it is encrypted",
            "write it as PKCS #8 without a passphrase, for example by: openssl pkcs8 -topk8 -nodes",
        )
    })
}

/// Why clients refuse a certificate, whoever issued it.
enum Flaw {
    /// It has ended (RFC 5280 §4.1.2.5).
    Expired,
    /// It has not begun.
    NotYet,
    /// It is not for servers (RFC 5280 §4.2.1.12).
    Purpose,
}

/// The flaw of a certificate at a time, if there is one.
fn flaw(certified: &CertifiedKey, at: UnixTime) -> Option<Flaw> {
    let parsed = certified.end_entity_cert().and_then(ParsedCertificate::try_from).ok()?;
    // Nobody is trusted here: what a certificate says of itself is looked at first, and that no path is found is no matter.
    let (nobody, algorithms) = (RootCertStore::empty(), provider().signature_verification_algorithms.all);
    let ended = verify_server_cert_signed_by_trust_anchor(&parsed, &nobody, &[], at, algorithms);
    let Err(Error::InvalidCertificate(reason)) = ended else { return None };
    if matches!(reason, CertificateError::Expired | CertificateError::ExpiredContext { .. }) {
        return Some(Flaw::Expired);
    }
    if matches!(reason, CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. }) {
        return Some(Flaw::NotYet);
    }
    let purpose =
        matches!(reason, CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. });
    purpose.then_some(Flaw::Purpose)
}

/// What clients will stumble over though the server starts.
fn warnings(config: &Config, files: &CertificateFiles, key: &CertifiedKey, now: UnixTime) -> Vec<Finding> {
    let place = files.certificate.display().to_string();
    let mut warnings = Vec::new();
    let soon = UnixTime::since_unix_epoch(Duration::from_secs(now.as_secs()) + ENDS_SOON);
    if matches!(flaw(key, soon), Some(Flaw::Expired)) {
        let problem = "the certificate ends within 14 days";
        let fix = "have a new one issued, and start again with it";
        warnings.push(Finding::warning("expires", &place, problem, fix));
    }
    if matches!(flaw(key, now), Some(Flaw::Purpose)) {
        let problem = "the certificate is not for servers, so clients will refuse it";
        let fix = "use a certificate whose extended key usage has serverAuth";
        warnings.push(Finding::warning("certificate-purpose", &place, problem, fix));
    }
    let mtls = config.mutual_tls.as_ref().filter(|_| config.tls.asks()).map(|mutual| mutual.base.as_str());
    for base in std::iter::once(config.server.issuer.as_str()).chain(mtls) {
        if !names(key, base) {
            warnings.push(Finding::warning(
                "certificate-name",
                &place,
                format!("the certificate is not for the host of {base}, so clients will refuse it"),
                "use a certificate with this host among its subject alternative names",
            ));
        }
    }
    warnings.dedup();
    warnings
}

/// Whether a certificate is for the host of a URL (RFC 9525 §6).
fn names(key: &CertifiedKey, url: &str) -> bool {
    let url = Url::parse(url).ok();
    let host = url.as_ref().and_then(Url::host_str).unwrap_or_default();
    let name = ServerName::try_from(host.trim_start_matches('[').trim_end_matches(']'));
    let parsed = key.end_entity_cert().and_then(ParsedCertificate::try_from);
    let (Ok(name), Ok(parsed)) = (name, parsed) else { return false };
    verify_server_name(&parsed, &name).is_ok()
}

#[cfg(test)]
mod tests;
