//! From a configuration to a server that is ready, or to everything that keeps it from being one.
//!
//! | Step | File |
//! |---|---|
//! | the master key and what is derived from it | `master_key.rs` |
//! | the store, or for a check a copy of it | `stores.rs`, `copy.rs` |
//! | the signing keys | `signing_keys.rs` |
//! | the sandbox, the plugins, what the configuration says of them | `plugins.rs` |
//! | what is revoked | `revoked.rs` |
//! | clients declared in files | `clients.rs` |
//! | the operator's emblem | `branding.rs` |
//! | TLS: our certificate, and the issuers trusted for clients | `tls.rs` |
//!
//! The same steps serve `esignet serve` and `esignet check`; a check makes no file, no key and no client.

mod branding;
pub(crate) mod clients;
mod copy;
pub(crate) mod master_key;
pub(crate) mod plugins;
pub(crate) mod revoked;
pub(crate) mod signing_keys;
pub(crate) mod stores;
pub(crate) mod tls;

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::Router;
use esignet_protocol::client_keys::FetchedKeys;
use esignet_protocol::policy::{CaptchaWhen, Policy};
use esignet_protocol::ports::clock::Clock;
use esignet_protocol::ports::fetch::PublicFetch;
use esignet_protocol::ports::notices::{NoNotices, Notices};
use esignet_protocol::ports::plugins::Plugins;
use esignet_protocol::ports::store::Replays;
use esignet_protocol::provider::Provider;
use esignet_sandbox::{NoticeQueue, Registry};
use esignet_store::Store;
use esignet_web::{Ready, WebSettings};
use tempfile::TempDir;

use crate::admin::{self, Metrics, Token};
use crate::config::Config;
use crate::config::finding::{Finding, any_error};
use crate::egress::guarded::GuardedEgress;
use crate::registrations::Registrations;
use crate::registrations::check::Here;
use crate::system::{SystemClock, SystemEntropy};
use master_key::MasterKey;
use signing_keys::TurningKeys;
use stores::Opened;
use tls::Transports;

/// What the wiring is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// To serve: what is missing in a new deployment is made.
    Serve,
    /// To look: nothing is made or changed.
    Check,
}

/// A server that only lacks its listener.
pub(crate) struct Wired {
    /// What answers requests.
    pub(crate) router: Router,
    /// What is spoken on which listener.
    pub(crate) transports: Transports,
    /// What answers requests of the admin API, if it is on.
    pub(crate) admin: Option<Router>,
    /// What must be closed at the end, and swept until then.
    pub(crate) store: Arc<Store>,
    /// The time.
    pub(crate) clock: Arc<dyn Clock>,
    /// What signs, and turns by the clock.
    pub(crate) keys: Arc<TurningKeys>,
    /// The plugins, and what came of loading them.
    pub(crate) plugins: Arc<plugins::Serving>,
    /// What people are still to be told, if anybody tells them.
    pub(crate) notices: Option<Arc<NoticeQueue>>,
    /// Set by the sweep; read by `/ready`.
    pub(crate) store_is_healthy: Arc<AtomicBool>,
    /// Set when the server begins to stop; read by `/ready`.
    pub(crate) is_stopping: Arc<AtomicBool>,
    /// Keeps the copy of the store that a check looks at until all else is dropped.
    _copy: Option<TempDir>,
}

/// What came of the wiring.
pub(crate) enum Outcome {
    /// There is a server.
    Ready(Box<Wired>),
    /// There is an error among the findings.
    Refused,
    /// It was told to stop before there was one.
    Stopped,
}

/// Wires everything up, unless `stop` comes first. The findings are all there are; without a server nothing is left open.
pub(crate) async fn wire(
    config: &Config,
    purpose: Purpose,
    stop: impl Future<Output = ()>,
) -> (Outcome, Vec<Finding>) {
    let mut findings = Vec::new();
    // An opened store must be closed, so opening it is never given up half-way.
    let Some(ground) = ground(config, purpose, &mut findings).await else {
        return (Outcome::Refused, findings);
    };
    let store = Arc::clone(&ground.store);
    let outcome = tokio::select! {
        biased;
        () = stop => Outcome::Stopped,
        wired = build(config, ground, &mut findings) => match wired {
            Some(wired) if !any_error(&findings) => Outcome::Ready(Box::new(wired)),
            Some(_) | None => Outcome::Refused,
        },
    };
    if !matches!(outcome, Outcome::Ready(_)) {
        close(&store, &mut findings).await;
    }
    (outcome, findings)
}

/// What everything else stands on.
struct Ground {
    purpose: Purpose,
    clock: Arc<dyn Clock>,
    key: MasterKey,
    store: Arc<Store>,
    copy: Option<TempDir>,
}

async fn ground(config: &Config, purpose: Purpose, findings: &mut Vec<Finding>) -> Option<Ground> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let master = collect(findings, MasterKey::obtain(config, purpose));
    // Without the real key there still is enough to look at the rest with, but nothing may be written under another.
    let purpose = if master.is_some() { purpose } else { Purpose::Check };
    let key = master.as_ref().map_or_else(MasterKey::random, Clone::clone);
    let opened = match master {
        Some(_) => stores::open(config, purpose, &key, Arc::clone(&clock)).await,
        None => stores::stand_in(&key, Arc::clone(&clock)).await,
    };
    let Opened { store, warning, copy } = collect(findings, opened)?;
    findings.extend(warning);
    Some(Ground { purpose, clock, key, store: Arc::new(store), copy })
}

async fn build(config: &Config, ground: Ground, findings: &mut Vec<Finding>) -> Option<Wired> {
    let Ground { purpose, clock, key, store, copy } = ground;
    let rotation = signing_keys::rotation(&config.keys.policy, store.stores().keys, Arc::clone(&clock));
    let keys = collect(findings, TurningKeys::open(rotation, purpose).await).map(Arc::new);
    let branding = collect(findings, branding::load(&config.branding)).unwrap_or_default();
    let transports = collect_all(findings, tls::load(config, Arc::clone(&clock)));
    let loaded = plugins::load(config, purpose, &key, store.plugin_cache(), Arc::clone(&clock)).await;
    let loaded = collect_all(findings, loaded);
    let fetch: Arc<dyn PublicFetch> = Arc::new(GuardedEgress::new(config.egress.allow.clone()));
    let here = Here {
        floor: config.server.profile_floor,
        algorithms: config.keys.policy.algorithms.clone(),
        acr_values: config.assurance.methods.iter().map(|method| method.acr.clone()).collect(),
        claims: loaded.as_ref().and_then(|loaded| plugins::claims(config, &loaded.registry)),
    };
    let registrations = Registrations::new(&store.stores(), Arc::clone(&fetch), here);
    findings.extend(clients::apply(config, &registrations, purpose).await);
    let token = config.admin.as_ref().map(|admin| Token::read(&admin.token_file.value)).transpose();
    let token = collect(findings, token).flatten();
    let metrics_token = config.admin.as_ref().and_then(|admin| admin.metrics_token_file.as_ref());
    let metrics_token = metrics_token.map(|file| Token::read(&file.value)).transpose();
    let metrics_token = collect(findings, metrics_token).flatten();
    let (keys, loaded, (transports, warnings)) = (keys?, loaded?, transports?);
    findings.extend(loaded.findings.clone());
    findings.extend(warnings);

    let policy = Policy {
        issuer: config.server.issuer.clone(),
        floor: config.server.profile_floor,
        lifetimes: config.lifetimes,
        bounds: config.bounds,
        assurance: config.assurance.clone(),
        id_systems: config.id_systems.list(),
        individual_kinds: plugins::individual_kinds(config, &loaded.registry),
        captcha: config.login.captcha.as_ref().map(|captcha| captcha.value.clone()),
        locales: config.login.locales.clone(),
        mutual_tls: config.mutual_tls.clone(),
        pairwise_key: key.pairwise(),
        dpop_nonces: config.server.dpop_nonces.then(|| key.dpop_nonces()),
    };
    let notices = config.notifications.as_ref().map(|notifications| {
        Arc::new(NoticeQueue::new(Arc::clone(&loaded.registry), notifications.settings.value.clone()))
    });
    let provider = Provider {
        policy: Arc::new(policy),
        keys: Arc::clone(&keys.keys),
        stores: store.stores(),
        client_keys: Arc::new(FetchedKeys::new(fetch)),
        plugins: Arc::clone(&loaded.registry) as Arc<dyn Plugins>,
        notices: match &notices {
            Some(queue) => Arc::clone(queue) as Arc<dyn Notices>,
            None => Arc::new(NoNotices),
        },
        clock: Arc::clone(&clock),
        entropy: Arc::new(SystemEntropy::new()),
    };
    let store_is_healthy = Arc::new(AtomicBool::new(true));
    let is_stopping = Arc::new(AtomicBool::new(false));
    let settings = WebSettings {
        branding,
        readiness: readiness(&provider, &loaded, &keys, (&store_is_healthy, &is_stopping)),
        request_timeout: config.server.connections.request_timeout,
    };
    let router = esignet_web::router(provider, settings);
    let metrics = metrics_token.map(|token| Metrics::new(token, Arc::clone(&loaded.registry)));
    let admin = token.map(|token| admin::router(registrations, token, metrics));
    Some(Wired {
        router,
        transports,
        admin,
        store,
        clock,
        keys,
        plugins: Arc::new(plugins::Serving {
            registry: loaded.registry,
            live: loaded.live,
            report: loaded.report,
        }),
        notices,
        store_is_healthy,
        is_stopping,
        _copy: copy,
    })
}

type Readiness = Arc<dyn Fn() -> Ready + Send + Sync>;

/// What `/ready` tells: the store answers, what comes in now will not be refused because a replay of it could not be told,
/// our keys are those that the other servers publish and sign with, at least one login can be done, and we are not about to
/// stop.
fn readiness(
    provider: &Provider,
    loaded: &plugins::LoadedPlugins,
    keys: &Arc<TurningKeys>,
    (store, is_stopping): (&Arc<AtomicBool>, &Arc<AtomicBool>),
) -> Readiness {
    let (store, is_stopping, keys) = (Arc::clone(store), Arc::clone(is_stopping), Arc::clone(keys));
    let (clock, replays) = (Arc::clone(&provider.clock), Arc::clone(&provider.stores.replays));
    let (registry, live) = (Arc::clone(&loaded.registry), Arc::clone(&loaded.live));
    let policy = Arc::clone(&provider.policy);
    Arc::new(move || {
        let loaded = policy.id_systems.loaded(registry.as_ref());
        let login = !loaded.systems().is_empty()
            && policy.assurance.available(&loaded).next().is_some()
            && captcha_stands(&policy, registry.as_ref());
        Ready {
            checks: vec![
                ("store", store.load(Ordering::Acquire)),
                ("replay memory", remembers(replays.as_ref(), clock.as_ref())),
                ("keys", keys.are_current()),
                ("login", login),
                ("running", !is_stopping.load(Ordering::Acquire)),
            ],
            plugins: serde_json::to_value(registry.states()).unwrap_or_default(),
            details: vec![
                ("id_systems", plugins::id_systems::as_json(policy.id_systems.rules.iter())),
                ("configuration", live.state()),
            ],
        }
    })
}

/// Whether whoever meets a captcha can be let through by it.
fn captcha_stands(policy: &Policy, plugins: &Registry) -> bool {
    policy.captcha.as_ref().is_none_or(|captcha| {
        captcha.when != CaptchaWhen::Always || plugins.captcha(&captcha.plugin).is_some()
    })
}

/// Whether what was issued just now is late enough for its use to be remembered: after an unclean stop the memory begins
/// some seconds ahead of our clock ([`Replays::remembers_since`]).
fn remembers(replays: &dyn Replays, clock: &dyn Clock) -> bool {
    clock.now() >= replays.remembers_since()
}

async fn close(store: &Store, findings: &mut Vec<Finding>) {
    if let Err(error) = store.close().await {
        let fix = "see whether the disk is full or broken";
        findings.push(Finding::error("store", "[store]", format!("the store did not close: {error}"), fix));
    }
}

fn collect<T>(findings: &mut Vec<Finding>, outcome: Result<T, Finding>) -> Option<T> {
    outcome.map_err(|finding| findings.push(finding)).ok()
}

fn collect_all<T>(findings: &mut Vec<Finding>, outcome: Result<T, Vec<Finding>>) -> Option<T> {
    outcome.map_err(|all| findings.extend(all)).ok()
}

#[cfg(test)]
mod tests;
