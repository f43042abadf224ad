//! The sandbox and the plugins in it, and whether the configuration can be met with them.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use esignet_jose::algorithm::Algorithm;
use esignet_jose::signing_key::SigningKey;
use esignet_protocol::ports::clock::Clock;
use esignet_protocol::ports::plugin_cache::PluginCache;
use esignet_protocol::ports::plugins::Plugins as _;
use esignet_sandbox::signature::Trust;
use esignet_sandbox::{
    Grant, Host, KeyFile, KeyHandle, LoadReport, Registry, Sandbox, SandboxConfig, Source,
};
use zeroize::Zeroizing;

use super::master_key::MasterKey;
use super::{Purpose, revoked};
use crate::config::Config;
use crate::config::finding::{Finding, did_you_mean};
use crate::egress::Egress;
use crate::secret_file;
use crate::system::SystemEntropy;

/// The fewest bytes of an HMAC secret (RFC 2104 §3 wants as many as the digest has; gateways give out 16).
const MIN_HMAC_BYTES: usize = 16;

/// What came of the directory.
pub(crate) struct LoadedPlugins {
    /// What the core asks.
    pub(crate) registry: Arc<Registry>,
    /// What came of each file.
    pub(crate) report: LoadReport,
    /// What an operator must know of it.
    pub(crate) findings: Vec<Finding>,
}

/// Starts the sandbox and loads the directory. Fails only when there is no sandbox.
pub(crate) async fn load(
    config: &Config,
    purpose: Purpose,
    key: &MasterKey,
    cache: Arc<dyn PluginCache>,
    clock: Arc<dyn Clock>,
) -> Result<LoadedPlugins, Vec<Finding>> {
    let mut settings = SandboxConfig::new(key.compiled_code());
    if purpose == Purpose::Serve {
        settings.compiled_cache_dir.clone_from(&config.plugins.compiled);
    }
    let host =
        Host { clock, entropy: Arc::new(SystemEntropy::new()), fetch: Arc::new(Egress::default()), cache };
    let sandbox = Sandbox::new(settings, host);
    let sandbox = sandbox.map_err(|error| {
        let fix = "see the limits of the process: `ulimit -v` must be unlimited, `ulimit -u` leave room for threads";
        vec![Finding::error("sandbox", "[plugins]", error.to_string(), fix)]
    })?;
    let registry = Registry::new(sandbox);
    let trust = Arc::new(revoked::trust(&config.plugins.signatures)?);
    let mut findings = nobody_may_sign(&trust);
    let grants = with_keys(&config.plugins.grants, &mut findings);
    let source = Source {
        directory: &config.plugins.directory.value,
        grants: &grants,
        trust: &trust,
        id_system: config.plugins.id_system.as_deref(),
    };
    let report = registry.load(source).await;
    // A file that is refused costs the logins that need it, and those are errors of their own below; a server whose
    // logins need others starts.
    let refused = report.plugins.iter().filter_map(|plugin| plugin.outcome.as_ref().err());
    findings.extend(
        refused.map(|found| Finding::warning("plugin", &found.place, found.rule.clone(), found.mend.clone())),
    );
    findings.extend(
        report
            .findings
            .iter()
            .map(|found| Finding::error("plugin", &found.place, found.rule.clone(), found.mend.clone())),
    );
    findings.extend(unmet(config, &registry));
    Ok(LoadedPlugins { registry: Arc::new(registry), report, findings })
}

/// Without publishers no plugin can be loaded, which is said once for all of them.
fn nobody_may_sign(trust: &Trust) -> Vec<Finding> {
    if !trust.required || !trust.publishers.is_empty() {
        return Vec::new();
    }
    let problem = "plugins must be signed, and the configuration names nobody who may sign them";
    let fix = "add [plugins.publishers.NAME] with public_key = \"RW…\", the publisher's .pub file (`esignet plugin keygen` \
               makes one, `esignet plugin sign` signs); where unsigned code may run, require_signatures = false in [plugins]";
    vec![Finding::error("unsigned", "[plugins]", problem, fix)]
}

/// Classes that nothing can satisfy, and identifiers that the ID system does not know (`login.md`).
fn unmet(config: &Config, registry: &Registry) -> Vec<Finding> {
    let mut findings = Vec::new();
    let satisfied = config.assurance.acrs(registry);
    let mut seen = Vec::new();
    for method in config.assurance.methods.iter().filter(|method| !satisfied.contains(&method.acr)) {
        let missing: Vec<&str> = method
            .factors
            .iter()
            .map(String::as_str)
            .filter(|factor| registry.factor(factor).is_none())
            .collect();
        if seen.contains(&&method.acr) {
            continue;
        }
        seen.push(&method.acr);
        findings.push(Finding::error(
            "acr",
            format!("[assurance] \"{}\"", method.acr.as_str()),
            format!("no loaded plugin provides the factor {}", missing.join(", ")),
            format!(
                "put a plugin for it into {}, or take the acr out of [assurance]",
                config.plugins.directory.value.display()
            ),
        ));
    }
    let Some(id_system) = registry.id_system() else { return findings };
    let known = &id_system.descriptor().individual_kinds;
    for kind in config.login.individual.iter().filter(|kind| !known.contains(&kind.value.kind)) {
        let meant = did_you_mean(&kind.value.kind, known.iter().map(String::as_str));
        let meant = meant.map_or_else(String::new, |word| format!("did you mean \"{word}\"? "));
        findings.push(Finding::error(
            "bad-value",
            &kind.place,
            format!("the ID system {} knows no identifier of kind \"{}\"", id_system.id(), kind.value.kind),
            format!("{meant}it knows: {}", known.join(", ")),
        ));
    }
    findings
}

/// The grants with the keys from their files. A key that cannot be had is a finding, and its plugin is refused.
fn with_keys(grants: &BTreeMap<String, Grant>, findings: &mut Vec<Finding>) -> BTreeMap<String, Grant> {
    let mut grants = grants.clone();
    for grant in grants.values_mut() {
        for (name, file) in grant.key_files.clone() {
            match key(&file) {
                Ok(key) => drop(grant.keys.insert(name, key)),
                Err(finding) => findings.push(finding),
            }
        }
    }
    grants
}

fn key(file: &KeyFile) -> Result<KeyHandle, Finding> {
    match file {
        KeyFile::Hmac { file } => {
            let content = secret_file::read(file)?;
            let secret = content.strip_suffix(b"\n").unwrap_or(&content);
            if secret.len() < MIN_HMAC_BYTES {
                let problem =
                    format!("an HMAC secret has at least {MIN_HMAC_BYTES} bytes; these are {}", secret.len());
                return Err(unusable(file, problem, "have a longer secret agreed upon"));
            }
            Ok(KeyHandle::Hmac(Zeroizing::new(secret.to_vec())))
        }
        KeyFile::Sign { file } => signing_key(file, &secret_file::read(file)?).map(KeyHandle::Signing),
    }
}

fn signing_key(file: &Path, content: &[u8]) -> Result<SigningKey, Finding> {
    let jwk = serde_json::from_slice(content).ok();
    if let Some(key) = jwk.and_then(|jwk| SigningKey::from_private_jwk(&jwk).ok()) {
        return Ok(key);
    }
    // A PEM file does not say what its RSA key is for: PS256, since nothing here signs RS256 by default.
    let by_pem = [Algorithm::Es256, Algorithm::EdDsa, Algorithm::Ps256];
    by_pem.into_iter().find_map(|algorithm| SigningKey::from_pem(algorithm, content).ok()).ok_or_else(|| {
        let problem = "this is neither a PEM file with an unencrypted P-256, Ed25519 or RSA private key nor a private JWK";
        unusable(file, problem.to_owned(), "convert it, for example with: openssl pkcs8 -topk8 -nocrypt")
    })
}

fn unusable(file: &Path, problem: String, fix: &str) -> Finding {
    Finding::error("file", file.display(), problem, fix)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signing_key_is_taken_as_pem_or_as_jwk_and_nothing_else_is() {
        let made = SigningKey::generate(Algorithm::EdDsa).unwrap();
        let jwk = made.to_private_jwk().unwrap();
        assert_eq!(signing_key(Path::new("k"), jwk.as_bytes()).unwrap().algorithm(), Algorithm::EdDsa);
        let refused = signing_key(Path::new("k"), b"-----BEGIN NOTHING-----").unwrap_err();
        assert_eq!(refused.code, "file");
    }

    #[test]
    fn a_short_hmac_secret_is_refused_and_the_line_end_does_not_count() {
        let directory = tempfile::tempdir().unwrap();
        let secret = |name: &str, content: &[u8]| {
            let file = directory.path().join(name);
            secret_file::create(&file, content).unwrap();
            key(&KeyFile::Hmac { file })
        };
        assert!(secret("short", b"fifteen bytes!!\n").is_err());
        assert!(
            matches!(secret("good", b"sixteen bytes!!!\n"), Ok(KeyHandle::Hmac(bytes)) if bytes.len() == 16)
        );
    }
}
