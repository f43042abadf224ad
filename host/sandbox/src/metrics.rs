//! What is counted of plugins: by plugin and version, never by person (ADR 0100, `docs/operations/metrics.md`).
//!
//! Every label is a word of ours, or a name that the operator or a manifest gave; nothing of a call's arguments or answers
//! is one. What was counted of a build goes when the build does, so there are no more series than there are builds.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock, Weak};
use std::time::Duration;

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::histogram::Histogram;

use crate::instance::Function;

pub(crate) mod exposition;

/// How a call can end.
pub(crate) const OUTCOMES: [&str; 7] =
    ["answered", "rejected", "unavailable", "timed-out", "trapped", "broken", REFUSED];
/// The call was not made: the circuit was open, or the build is quarantined.
pub(crate) const REFUSED: &str = "refused";
/// How a request to an upstream can end.
pub(crate) const EXCHANGES: [&str; 10] =
    ["1xx", "2xx", "3xx", "4xx", "5xx", "timeout", "unreachable", "too-large", "invalid", CIRCUIT_OPEN];
/// The request was not sent: the circuit was open.
pub(crate) const CIRCUIT_OPEN: &str = "circuit-open";

/// Bounds of calls and exchanges, in seconds.
const SECONDS: [f64; 15] =
    [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0];

/// Everything that is counted.
#[derive(Debug, Default)]
pub(crate) struct Metrics {
    builds: Mutex<BTreeMap<(String, String), Weak<OfBuild>>>,
    /// Builds put in the place of another one, by plugin.
    pub(crate) swaps: Series<String, Counter>,
    /// Builds rolled back, by plugin.
    pub(crate) rollbacks: Series<String, Counter>,
    /// Builds quarantined, by plugin.
    pub(crate) quarantines: Series<String, Counter>,
    /// Files that were read and refused.
    pub(crate) refusals: Counter,
}

impl Metrics {
    /// Where the calls of a version are counted: one place, however many builds of it there are.
    pub(crate) fn of(&self, plugin: &str, version: &str) -> Arc<OfBuild> {
        let mut builds = self.builds.lock().unwrap_or_else(PoisonError::into_inner);
        builds.retain(|_, of| of.strong_count() > 0);
        let key = (plugin.to_owned(), version.to_owned());
        if let Some(of) = builds.get(&key).and_then(Weak::upgrade) {
            return of;
        }
        let of = Arc::new(OfBuild::default());
        builds.insert(key, Arc::downgrade(&of));
        of
    }

    /// All versions that are there, by plugin and version.
    fn all(&self) -> Vec<((String, String), Arc<OfBuild>)> {
        let builds = self.builds.lock().unwrap_or_else(PoisonError::into_inner);
        builds.iter().filter_map(|(key, of)| Some((key.clone(), of.upgrade()?))).collect()
    }
}

/// What is counted of one version of a plugin.
#[derive(Debug)]
pub(crate) struct OfBuild {
    functions: Series<Function, Calls>,
    waited: Histogram,
    cpu_us: AtomicU64,
    peak_memory_kib: AtomicU64,
    log_dropped: Counter,
    traps: Series<&'static str, Counter>,
    denials: Series<&'static str, Counter>,
    upstreams: Series<String, Exchanges>,
}

impl Default for OfBuild {
    fn default() -> Self {
        Self {
            functions: Series::default(),
            waited: Histogram::new(SECONDS),
            cpu_us: AtomicU64::new(0),
            peak_memory_kib: AtomicU64::new(0),
            log_dropped: Counter::default(),
            traps: Series::default(),
            denials: Series::default(),
            upstreams: Series::default(),
        }
    }
}

impl OfBuild {
    /// A call ended, or was not made, which takes no time.
    pub(crate) fn called(&self, function: Function, outcome: &str, took: Option<Duration>) {
        let calls = self.functions.of(|known| *known == function, || function);
        calls.outcomes.add(&OUTCOMES, outcome);
        if let Some(took) = took {
            calls.took.observe(took.as_secs_f64());
        }
    }

    /// What a call used.
    pub(crate) fn used(&self, cpu: Duration, memory_kib: usize, log_dropped: u32) {
        self.cpu_us.fetch_add(u64::try_from(cpu.as_micros()).unwrap_or(0), Ordering::Relaxed);
        self.peak_memory_kib.fetch_max(memory_kib as u64, Ordering::Relaxed);
        self.log_dropped.inc_by(log_dropped.into());
    }

    /// How long a call waited for its turn.
    pub(crate) fn waited(&self, wait: Duration) {
        self.waited.observe(wait.as_secs_f64());
    }

    /// The host or the engine ended a call.
    pub(crate) fn trapped(&self, kind: &'static str) {
        self.traps.of(|known| *known == kind, || kind).inc();
    }

    /// Something was denied.
    pub(crate) fn denied(&self, capability: &'static str) {
        self.denials.of(|known| *known == capability, || capability).inc();
    }

    /// A request to an upstream ended, or was not sent, which takes no time.
    pub(crate) fn exchanged(&self, upstream: &str, outcome: &str, took: Option<Duration>) {
        let exchanges = self.upstreams.of(|known| known == upstream, || upstream.to_owned());
        exchanges.outcomes.add(&EXCHANGES, outcome);
        if let Some(took) = took {
            exchanges.took.observe(took.as_secs_f64());
        }
    }
}

/// The calls of one function.
#[derive(Debug)]
struct Calls {
    outcomes: Outcomes<{ OUTCOMES.len() }>,
    took: Histogram,
}

impl Default for Calls {
    fn default() -> Self {
        Self { outcomes: Outcomes::default(), took: Histogram::new(SECONDS) }
    }
}

/// The requests to one upstream.
#[derive(Debug)]
struct Exchanges {
    outcomes: Outcomes<{ EXCHANGES.len() }>,
    took: Histogram,
}

impl Default for Exchanges {
    fn default() -> Self {
        Self { outcomes: Outcomes::default(), took: Histogram::new(SECONDS) }
    }
}

/// A counter for each of a few words.
#[derive(Debug)]
struct Outcomes<const COUNT: usize>([Counter; COUNT]);

impl<const COUNT: usize> Default for Outcomes<COUNT> {
    fn default() -> Self {
        Self(std::array::from_fn(|_| Counter::default()))
    }
}

impl<const COUNT: usize> Outcomes<COUNT> {
    fn add(&self, words: &[&str; COUNT], word: &str) {
        let counter = words.iter().zip(&self.0).find(|(known, _)| **known == word);
        debug_assert!(counter.is_some(), "{word} is no outcome");
        if let Some((_, counter)) = counter {
            counter.inc();
        }
    }

    /// Those that happened.
    fn seen<'a>(
        &'a self,
        words: &'a [&'static str; COUNT],
    ) -> impl Iterator<Item = (&'static str, u64)> + 'a {
        words
            .iter()
            .zip(&self.0)
            .map(|(word, counter)| (*word, counter.get()))
            .filter(|(_, count)| *count > 0)
    }
}

/// A few values, each under a name. They are looked for in order: there are no more than a plugin has functions or upstreams.
#[derive(Debug)]
pub(crate) struct Series<K, V>(RwLock<Vec<(K, Arc<V>)>>);

impl<K, V> Default for Series<K, V> {
    fn default() -> Self {
        Self(RwLock::default())
    }
}

impl<K: Clone, V: Default> Series<K, V> {
    /// The one that it is, or a new one.
    pub(crate) fn of(&self, is: impl Fn(&K) -> bool, key: impl FnOnce() -> K) -> Arc<V> {
        let found = |all: &Vec<(K, Arc<V>)>| {
            all.iter().find(|(known, _)| is(known)).map(|(_, value)| Arc::clone(value))
        };
        if let Some(value) = found(&self.0.read().unwrap_or_else(PoisonError::into_inner)) {
            return value;
        }
        let mut all = self.0.write().unwrap_or_else(PoisonError::into_inner);
        found(&all).unwrap_or_else(|| {
            let value = Arc::new(V::default());
            all.push((key(), Arc::clone(&value)));
            value
        })
    }

    fn all(&self) -> Vec<(K, Arc<V>)> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Series<String, Counter> {
    /// One more of this plugin.
    pub(crate) fn count(&self, plugin: &str) {
        self.of(|known| known == plugin, || plugin.to_owned()).inc();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEGIN: Function = Function { role: "auth-factor", name: "begin" };

    #[test]
    fn builds_of_one_version_are_counted_together_and_forgotten_with_the_last() {
        let metrics = Metrics::default();
        let (one, other) = (metrics.of("otp", "1.0.0"), metrics.of("otp", "1.0.0"));
        let next = metrics.of("otp", "1.1.0");
        one.called(BEGIN, "answered", Some(Duration::from_millis(1)));
        other.called(BEGIN, "answered", Some(Duration::from_millis(1)));
        next.called(BEGIN, REFUSED, None);
        let of = |version: &str| {
            let all = metrics.all();
            let of = all.iter().find(|((_, known), _)| known == version).map(|(_, of)| Arc::clone(of));
            of.map(|of| {
                let calls = of.functions.all().swap_remove(0).1;
                calls.outcomes.seen(&OUTCOMES).collect::<Vec<_>>()
            })
        };
        assert_eq!(of("1.0.0"), Some(vec![("answered", 2)]));
        assert_eq!(of("1.1.0"), Some(vec![("refused", 1)]));
        drop((one, other));
        assert_eq!(of("1.0.0"), None);
    }

    #[test]
    fn the_peak_of_memory_is_that_of_the_largest_call_and_time_adds_up() {
        let build = OfBuild::default();
        for memory_kib in [64, 1_024, 128] {
            build.used(Duration::from_micros(500), memory_kib, 1);
        }
        assert_eq!(build.peak_memory_kib.load(Ordering::Relaxed), 1_024);
        assert_eq!(build.cpu_us.load(Ordering::Relaxed), 1_500);
        assert_eq!(build.log_dropped.get(), 3);
    }
}
