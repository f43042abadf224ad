//! What the operator says of plugins, read anew while the server runs: who may sign, what is revoked, grants, keys,
//! connections to upstreams.
//!
//! The configuration and the files that it names for this are looked at often and read when they came to rest. What is read
//! is judged as at the start and taken whole or not at all: a configuration with an error anywhere in it changes nothing.
//! Other sections than those of plugins wait for a restart, which is said.

mod file;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use esignet_protocol::ports::clock::Clock;
use esignet_sandbox::signature::Trust;
use esignet_sandbox::{Asking, Grant, Operator, Word};
use serde_json::{Value, json};

use super::{keys, nobody_may_sign, upstreams};
use crate::config::finding::{Finding, any_error};
use crate::config::{self, Config};
use crate::egress::{Connections, Egress};
use crate::wire::revoked;
use file::Looks;

/// From one look at files that changed to the next: they must be the same at both.
const SETTLE: Duration = Duration::from_millis(250);
/// How often files that do not come to rest are looked at before they are left to the next time.
const LOOKS: usize = 8;
/// Calls that began under another grant may end over its connections: the longest that a call may take (`[plugins] wall_ms`).
const CALLS_END: Duration = Duration::from_mins(2);

/// The operator's word as a configuration says it, with what it names.
pub(super) struct Said {
    pub(super) trust: Arc<Trust>,
    pub(super) grants: BTreeMap<String, Grant>,
    pub(super) connections: Connections,
}

/// Reads everything that a configuration names for its plugins. What stands in the way is among the findings.
pub(super) fn said(
    config: &Config,
    clock: &Arc<dyn Clock>,
    findings: &mut Vec<Finding>,
) -> Result<Said, Vec<Finding>> {
    let trust = Arc::new(revoked::trust(&config.plugins.signatures)?);
    findings.extend(nobody_may_sign(&trust));
    let connections = upstreams::connections(&config.plugins.grants, clock, findings);
    let grants = keys::loaded(&config.plugins.grants, findings);
    Ok(Said { trust, grants, connections })
}

/// What holds, and what became of the last reading.
struct Held {
    config: Arc<Config>,
    word: Arc<Word>,
    looks: Looks,
    /// What is wrong with what the files say now, when they say something else than what holds.
    wrong: Vec<Finding>,
    /// Sections that differ from those that the server started with.
    restart_for: Vec<String>,
    /// When connections were exchanged.
    exchanged_at: Option<Instant>,
}

/// The operator of a running server.
pub(crate) struct Live {
    /// The configuration as the server started with it.
    started: toml::Table,
    egress: Arc<Egress>,
    clock: Arc<dyn Clock>,
    held: Mutex<Held>,
}

impl Live {
    /// What holds at the start.
    pub(super) fn new(
        config: &Config,
        said: Said,
        directory_choice: Option<String>,
        clock: &Arc<dyn Clock>,
    ) -> Self {
        let plugins = &config.plugins;
        let word = Word {
            directory: plugins.directory.value.clone(),
            grants: said.grants,
            ceiling: plugins.ceiling.clone(),
            trust: said.trust,
            id_system: directory_choice,
        };
        let held = Held {
            config: Arc::new(config.clone()),
            word: Arc::new(word),
            looks: Looks::at(&files(config)),
            wrong: Vec::new(),
            restart_for: Vec::new(),
            exchanged_at: None,
        };
        Self {
            started: file::table(&config.file).unwrap_or_default(),
            egress: Arc::new(Egress::new(said.connections)),
            clock: Arc::clone(clock),
            held: Mutex::new(held),
        }
    }

    /// What sends to the upstreams that are granted now.
    pub(super) fn egress(&self) -> Arc<Egress> {
        Arc::clone(&self.egress)
    }

    /// The configuration that holds, as far as plugins are concerned.
    pub(super) fn config(&self) -> Arc<Config> {
        Arc::clone(&self.held().config)
    }

    /// For `/ready?verbose`: whether what the files say holds. Places of files are for the log.
    pub(crate) fn state(&self) -> Value {
        let held = self.held();
        let without_places = |text: &str| {
            let words = text.split(' ').map(|word| if word.contains('/') { "…" } else { word });
            words.collect::<Vec<_>>().join(" ")
        };
        let told = |finding: &Finding| format!("{}: {}", finding.code, without_places(&finding.problem));
        let problems: Vec<String> = held.wrong.iter().map(told).collect();
        json!({
            "state": if problems.is_empty() { "taken" } else { "refused" },
            "problems": problems,
            "restart_needed_for": held.restart_for,
        })
    }

    fn held(&self) -> std::sync::MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How the files look, once they came to rest and if they look changed; by order in any case.
    async fn changed(&self, asking: Asking) -> Option<Looks> {
        let (known, names) = {
            let held = self.held();
            (held.looks.clone(), files(&held.config))
        };
        let mut looks = Looks::at(&names);
        if looks == known && asking == Asking::Routinely {
            return None;
        }
        for _ in 0..LOOKS {
            tokio::time::sleep(SETTLE).await;
            let later = Looks::at(&names);
            if later == looks {
                return Some(later);
            }
            looks = later;
        }
        None
    }

    /// Takes what the files say, or nothing of it.
    fn take(&self, looks: &Looks) -> Result<(), Vec<Finding>> {
        let before = self.held().config.clone();
        let (config, _) = config::load(&before.file, crate::cli::variables())?;
        let mut findings = Vec::new();
        let said = said(&config, &self.clock, &mut findings)?;
        if any_error(&findings) {
            return Err(findings);
        }
        for finding in &findings {
            tracing::warn!(
                code = finding.code,
                place = finding.place,
                fix = finding.fix,
                "{}",
                finding.problem
            );
        }
        let weakened = config.weakenings.iter().filter(|weakening| !before.weakenings.contains(weakening));
        for weakening in weakened.filter(|weakening| weakening.key.starts_with("plugins.")) {
            let (key, meaning) = (&*weakening.key, weakening.meaning);
            tracing::warn!(key, meaning, "a guard is weakened by configuration");
        }
        self.hold(config, said, looks);
        Ok(())
    }

    fn hold(&self, config: Config, said: Said, looks: &Looks) {
        let mut held = self.held();
        let mut grants = said.grants;
        for (id, grant) in &mut grants {
            // A key whose file is as it was stays the key that it was, and its plugin what it was.
            let earlier = held.word.grants.get(id).filter(|earlier| earlier.key_files == grant.key_files);
            if let Some(earlier) = earlier.filter(|_| held.looks.same(looks, key_files(grant))) {
                grant.keys.clone_from(&earlier.keys);
            }
        }
        let same = |grants: &BTreeMap<String, Grant>| {
            grants.iter().map(|(id, grant)| (id.clone(), grant.upstreams.clone())).collect::<Vec<_>>()
        };
        let of_upstreams = grants.values().flat_map(upstream_files);
        if same(&grants) != same(&held.word.grants) || !held.looks.same(looks, of_upstreams) {
            self.egress.replace(said.connections);
            held.exchanged_at = Some(Instant::now());
        }
        let trust = if *said.trust == *held.word.trust { Arc::clone(&held.word.trust) } else { said.trust };
        held.word = Arc::new(Word {
            grants,
            ceiling: config.plugins.ceiling.clone(),
            trust,
            directory: held.word.directory.clone(),
            id_system: held.word.id_system.clone(),
        });
        held.looks = Looks::at(&files(&config)).or(looks);
        held.config = Arc::new(config);
        held.wrong.clear();
        held.restart_for = file::table(&held.config.file)
            .map(|now| file::waiting_for_a_restart(&self.started, &now))
            .unwrap_or_default();
        tracing::info!("plugins: the configuration was read anew");
        if !held.restart_for.is_empty() {
            let sections = held.restart_for.join(" ");
            tracing::warn!(sections, "these changed as well and wait for a restart");
        }
    }

    /// Keeps what held, and says why.
    fn refuse(&self, looks: Looks, findings: Vec<Finding>) -> String {
        for finding in &findings {
            let (code, place, fix) = (finding.code, &*finding.place, &*finding.fix);
            tracing::error!(code, place, fix, "the configuration is not taken: {}", finding.problem);
        }
        let told: Vec<String> = findings.iter().map(ToString::to_string).collect();
        let mut held = self.held();
        held.looks = looks;
        held.wrong = findings;
        told.join("\n")
    }

    /// Lets go of connections that no call can need any more.
    fn tidy(&self) {
        let mut held = self.held();
        if held.exchanged_at.is_some_and(|at| at.elapsed() > CALLS_END) {
            held.exchanged_at = None;
            self.egress.forget_earlier();
        }
    }
}

#[async_trait]
impl Operator for Live {
    fn word(&self) -> Arc<Word> {
        Arc::clone(&self.held().word)
    }

    async fn read(&self, asking: Asking) -> Result<(), String> {
        self.tidy();
        let looks = match (self.changed(asking).await, asking) {
            (Some(looks), _) => looks,
            (None, Asking::Routinely) => return Ok(()),
            (None, Asking::ByOrder) => {
                return Err(
                    "somebody still writes to the configuration or to a file that it names".to_owned()
                );
            }
        };
        self.take(&looks).map_err(|findings| self.refuse(looks, findings))
    }

    fn directories(&self) -> Vec<PathBuf> {
        let mut directories: Vec<PathBuf> = Vec::new();
        for file in files(&self.held().config) {
            // What is named without a directory is in the one that the server runs in.
            let directory = file.parent().filter(|parent| !parent.as_os_str().is_empty());
            let directory = directory.unwrap_or(Path::new(".")).to_owned();
            if !directories.contains(&directory) {
                directories.push(directory);
            }
        }
        directories
    }
}

/// The files that say something of plugins: the configuration first. Secrets that the host logs in with are looked at by
/// whoever uses them ([`crate::egress::watched`]).
fn files(config: &Config) -> Vec<PathBuf> {
    let revoked = config.plugins.signatures.revoked_file.iter().map(|file| file.value.clone());
    let of_grants = config.plugins.grants.values();
    let of_grants = of_grants.flat_map(|grant| key_files(grant).into_iter().chain(upstream_files(grant)));
    std::iter::once(config.file.clone()).chain(revoked).chain(of_grants).collect()
}

fn key_files(grant: &Grant) -> Vec<PathBuf> {
    let of_key = |key: &esignet_sandbox::KeyFile| {
        std::iter::once(key.file.clone()).chain(key.certificate_file.clone()).collect::<Vec<_>>()
    };
    grant.key_files.values().flat_map(of_key).collect()
}

fn upstream_files(grant: &Grant) -> Vec<PathBuf> {
    let of_upstream = |upstream: &esignet_sandbox::UpstreamGrant| {
        let files = [&upstream.ca_file, &upstream.client_certificate_file, &upstream.client_key_file];
        files.into_iter().flatten().cloned().collect::<Vec<_>>()
    };
    grant.upstreams.values().flat_map(of_upstream).collect()
}
