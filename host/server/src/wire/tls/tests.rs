use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use rcgen::ExtendedKeyUsagePurpose::{ClientAuth, ServerAuth};
use rcgen::date_time_ymd;
use tempfile::TempDir;

use super::*;
use crate::config;
use crate::testing::{Authority, Identity, NOW, at, params, params_for};

/// A directory with a configuration that ends TLS for `https://127.0.0.1`.
struct Site(TempDir);

impl Site {
    fn new(identity: &Identity) -> Self {
        let site = Self(tempfile::tempdir().unwrap());
        site.write("chain.pem", &identity.certificate.pem());
        site.write("key.pem", &identity.key.serialize_pem());
        site
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, content: &str) {
        fs::write(self.path(name), content).unwrap();
        fs::set_permissions(self.path(name), fs::Permissions::from_mode(0o600)).unwrap();
    }

    fn load(&self, more: &str) -> Result<(Transports, Vec<Finding>), Vec<Finding>> {
        let text = format!(
            "[server]\nissuer = \"https://127.0.0.1\"\n[store]\nurl = \"memory\"\n\
             [tls]\ncertificate_file = \"chain.pem\"\nkey_file = \"key.pem\"\n{more}"
        );
        let config = config::read(&self.path("esignet.toml"), &text, []);
        let (config, _) = config.unwrap_or_else(|findings| panic!("{findings:#?}"));
        load(&config, at(NOW))
    }

    /// Code, file and problem of the only error there is.
    fn refused(&self, more: &str) -> (&'static str, String, String) {
        let findings = self.load(more).map(drop).unwrap_err();
        assert_eq!(findings.len(), 1, "{findings:#?}");
        let Finding { code, place, problem, .. } = findings[0].clone();
        let file = Path::new(&place).file_name().unwrap().to_str().unwrap().to_owned();
        (code, file, problem)
    }
}

fn good() -> Identity {
    Authority::new("servers").issue(&params_for(ServerAuth))
}

#[test]
fn a_certificate_with_its_key_is_served_and_issuers_are_taken_from_a_bundle() {
    let site = Site::new(&good());
    site.write("ca.pem", &[Authority::new("a").pem(), Authority::new("b").pem()].concat());
    let more =
        "mtls_listen = \"127.0.0.1:1\"\nmtls_base_url = \"https://localhost\"\nclient_ca_file = \"ca.pem\"\n";
    let (transports, findings) = site.load(more).unwrap_or_else(|findings| panic!("{findings:#?}"));
    assert_eq!(findings, []);
    assert!(matches!(transports.main, Transport::Tls(_)));
    assert!(matches!(transports.mtls, Some(Transport::Tls(_))));
    assert!(transports.proxied.is_none());
}

#[test]
fn a_key_that_others_may_read_or_that_is_another_certificates_is_refused() {
    let site = Site::new(&good());
    fs::set_permissions(site.path("key.pem"), fs::Permissions::from_mode(0o644)).unwrap();
    let (code, file, _) = site.refused("");
    assert_eq!((code, file.as_str()), ("insecure", "key.pem"));

    site.write("key.pem", &good().key.serialize_pem());
    let (code, file, problem) = site.refused("");
    assert_eq!((code, file.as_str()), ("file", "key.pem"));
    assert!(problem.starts_with("the key is not that of the first certificate"), "{problem}");

    site.write("key.pem", &good().certificate.pem());
    let (code, file, problem) = site.refused("");
    assert_eq!((code, file.as_str()), ("file", "key.pem"));
    assert!(problem.starts_with("there is no private key"), "{problem}");
}

#[test]
fn files_that_are_no_certificates_are_refused_all_at_once() {
    let site = Site::new(&good());
    site.write("chain.pem", "hello\n");
    site.write("ca.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    let findings =
        site.load("client_certificates = \"optional\"\nclient_ca_file = \"ca.pem\"\n").map(drop).unwrap_err();
    let problems: Vec<&str> = findings.iter().map(|finding| finding.problem.as_str()).collect();
    assert_eq!(problems.len(), 2, "{problems:?}");
    assert!(problems[0].starts_with("a certificate in the file cannot be used"), "{problems:?}");
    assert_eq!(problems[1], "there is no certificate in the file");

    fs::remove_file(site.path("chain.pem")).unwrap();
    let (code, file, problem) = site.refused("");
    assert_eq!((code, file.as_str()), ("file", "chain.pem"));
    assert!(problem.starts_with("the file cannot be read"), "{problem}");
}

#[test]
fn a_certificate_that_does_not_hold_now_is_refused_and_one_that_ends_soon_is_a_warning() {
    // The clock stands at the beginning of 2026.
    for (from, until, expected) in [
        ((2025, 1, 1), (2025, 12, 31), Some("the certificate has expired")),
        ((2026, 1, 2), (2027, 1, 1), Some("the certificate is not valid yet")),
        ((2025, 1, 1), (2026, 1, 10), None),
    ] {
        let mut said = params();
        said.not_before = date_time_ymd(from.0, from.1, from.2);
        said.not_after = date_time_ymd(until.0, until.1, until.2);
        let site = Site::new(&Identity::self_signed(&said));
        if let Some(problem) = expected {
            assert_eq!(site.refused(""), ("expired", "chain.pem".to_owned(), problem.to_owned()));
        } else {
            let (_, findings) = site.load("").unwrap_or_else(|findings| panic!("{findings:#?}"));
            let codes: Vec<_> = findings.iter().map(|finding| finding.code).collect();
            assert_eq!(codes, ["expires"]);
        }
    }
}

#[test]
fn a_certificate_for_another_host_or_purpose_is_a_warning() {
    let mut elsewhere = params_for(ServerAuth);
    elsewhere.subject_alt_names = vec![rcgen::SanType::DnsName("id.example.org".try_into().unwrap())];
    let site = Site::new(&Authority::new("servers").issue(&elsewhere));
    let (_, findings) =
        site.load("mtls_listen = \"127.0.0.1:1\"\n").unwrap_or_else(|findings| panic!("{findings:#?}"));
    let codes: Vec<_> = findings.iter().map(|finding| finding.code).collect();
    assert_eq!(codes, ["certificate-name", "certificate-name"], "{findings:#?}");
    assert!(findings[1].problem.contains("https://127.0.0.1:1,"), "{findings:#?}");

    let site = Site::new(&Authority::new("servers").issue(&params_for(ClientAuth)));
    let (_, findings) = site.load("").unwrap_or_else(|findings| panic!("{findings:#?}"));
    let codes: Vec<_> = findings.iter().map(|finding| finding.code).collect();
    assert_eq!(codes, ["certificate-purpose"], "{findings:#?}");
}
