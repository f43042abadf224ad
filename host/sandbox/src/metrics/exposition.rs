//! What was counted, as Prometheus reads it (`OpenMetrics` 1.0), and how plugins are at the moment of reading.

use std::fmt::Error;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric, MetricEncoder};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::{ConstCounter, Counter};
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::Unit;

use super::{EXCHANGES, OUTCOMES, OfBuild, Series};
use crate::breaker::BreakerState;
use crate::registry::Registry;

/// The metrics of the plugins of a registry.
#[derive(Debug)]
pub struct PluginMetrics(Arc<Registry>);

impl PluginMetrics {
    /// Of this registry.
    pub const fn new(registry: Arc<Registry>) -> Self {
        Self(registry)
    }
}

/// A metric: its name without unit and `_total`, what it says, its unit, its type.
type Described = (&'static str, &'static str, Option<&'static Unit>, MetricType);
static SECONDS: Unit = Unit::Seconds;
static BYTES: Unit = Unit::Bytes;

type Labels<'a> = Vec<(&'static str, &'a str)>;
type Builds = [((String, String), Arc<OfBuild>)];

impl Collector for PluginMetrics {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), Error> {
        let metrics = self.0.metrics();
        let builds = metrics.all();
        calls(&mut encoder, &builds)?;
        use_of(&mut encoder, &builds)?;
        endings(&mut encoder, &builds)?;
        exchanges(&mut encoder, &builds)?;
        standing(&mut encoder, &self.0)?;
        for (name, help, counted) in [
            ("esignet_plugin_swaps", "Builds put in the place of another one.", &metrics.swaps),
            (
                "esignet_plugin_rollbacks",
                "Builds that an earlier one was put in the place of.",
                &metrics.rollbacks,
            ),
            (
                "esignet_plugin_quarantines",
                "Builds that only trapped and are offered no more.",
                &metrics.quarantines,
            ),
        ] {
            let mut family = described(&mut encoder, (name, help, None, MetricType::Counter))?;
            for (plugin, count) in counted.all() {
                one(&mut family, &vec![("plugin", plugin.as_str())], &*count)?;
            }
        }
        let help = "Files of the directory that were read and refused.";
        let family = described(&mut encoder, ("esignet_plugin_refusals", help, None, MetricType::Counter))?;
        metrics.refusals.encode(family)
    }
}

fn described<'a>(
    encoder: &'a mut DescriptorEncoder<'_>,
    (name, help, unit, of): Described,
) -> Result<MetricEncoder<'a>, Error> {
    encoder.encode_descriptor(name, help, unit, of)
}

fn one(family: &mut MetricEncoder<'_>, labels: &Labels<'_>, value: &impl EncodeMetric) -> Result<(), Error> {
    value.encode(family.encode_family(labels)?)
}

fn of<'a>((plugin, version): &'a (String, String), more: &[(&'static str, &'a str)]) -> Labels<'a> {
    [("plugin", plugin.as_str()), ("version", version.as_str())].iter().chain(more).copied().collect()
}

fn calls(encoder: &mut DescriptorEncoder<'_>, builds: &Builds) -> Result<(), Error> {
    let help = "Calls of plugins, by function and by how they ended.";
    let mut family = described(encoder, ("esignet_plugin_calls", help, None, MetricType::Counter))?;
    for (key, build) in builds {
        for (function, calls) in build.functions.all() {
            for (outcome, count) in calls.outcomes.seen(&OUTCOMES) {
                let more = [("role", function.role), ("function", function.name), ("outcome", outcome)];
                one(&mut family, &of(key, &more), &ConstCounter::new(count))?;
            }
        }
    }
    let help = "How long calls took, with the wait for their turn.";
    let mut family =
        described(encoder, ("esignet_plugin_call_duration", help, Some(&SECONDS), MetricType::Histogram))?;
    for (key, build) in builds {
        for (function, calls) in build.functions.all() {
            let more = [("role", function.role), ("function", function.name)];
            one(&mut family, &of(key, &more), &calls.took)?;
        }
    }
    let help = "How long calls waited for their turn.";
    let mut family =
        described(encoder, ("esignet_plugin_queue_wait", help, Some(&SECONDS), MetricType::Histogram))?;
    for (key, build) in builds {
        one(&mut family, &of(key, &[]), &build.waited)?;
    }
    Ok(())
}

fn use_of(encoder: &mut DescriptorEncoder<'_>, builds: &Builds) -> Result<(), Error> {
    let help = "Time on the processor, with what the host did for calls meanwhile.";
    let mut family = described(encoder, ("esignet_plugin_cpu", help, Some(&SECONDS), MetricType::Counter))?;
    for (key, build) in builds {
        let spent = std::time::Duration::from_micros(build.cpu_us.load(Ordering::Relaxed));
        one(&mut family, &of(key, &[]), &ConstCounter::new(spent.as_secs_f64()))?;
    }
    let help = "The most memory that any call used.";
    let mut family =
        described(encoder, ("esignet_plugin_peak_memory", help, Some(&BYTES), MetricType::Gauge))?;
    for (key, build) in builds {
        let bytes = build.peak_memory_kib.load(Ordering::Relaxed).saturating_mul(1024);
        one(&mut family, &of(key, &[]), &ConstGauge::new(i64::try_from(bytes).unwrap_or(i64::MAX)))?;
    }
    let help = "Lines of log that went over `log_bytes` and were dropped.";
    let mut family =
        described(encoder, ("esignet_plugin_log_lines_dropped", help, None, MetricType::Counter))?;
    for (key, build) in builds {
        one(&mut family, &of(key, &[]), &build.log_dropped)?;
    }
    Ok(())
}

fn endings(encoder: &mut DescriptorEncoder<'_>, builds: &Builds) -> Result<(), Error> {
    let mut by = |described_as: Described,
                  label: &'static str,
                  series: &dyn Fn(&OfBuild) -> &Series<&'static str, Counter>| {
        let mut family = described(encoder, described_as)?;
        for (key, build) in builds {
            for (word, count) in series(build).all() {
                one(&mut family, &of(key, &[(label, word)]), &*count)?;
            }
        }
        Ok(())
    };
    let help = "Calls that the host or the engine ended, by what ended them.";
    by(("esignet_plugin_traps", help, None, MetricType::Counter), "kind", &|build| &build.traps)?;
    let help = "What plugins asked for and were denied, by what it is of.";
    by(("esignet_plugin_denials", help, None, MetricType::Counter), "capability", &|build| &build.denials)
}

fn exchanges(encoder: &mut DescriptorEncoder<'_>, builds: &Builds) -> Result<(), Error> {
    let help = "Requests to upstreams, by how they ended.";
    let mut family =
        described(encoder, ("esignet_plugin_upstream_requests", help, None, MetricType::Counter))?;
    for (key, build) in builds {
        for (upstream, exchanges) in build.upstreams.all() {
            for (outcome, count) in exchanges.outcomes.seen(&EXCHANGES) {
                let more = [("upstream", upstream.as_str()), ("outcome", outcome)];
                one(&mut family, &of(key, &more), &ConstCounter::new(count))?;
            }
        }
    }
    let help = "How long requests to upstreams took.";
    let mut family = described(
        encoder,
        ("esignet_plugin_upstream_duration", help, Some(&SECONDS), MetricType::Histogram),
    )?;
    for (key, build) in builds {
        for (upstream, exchanges) in build.upstreams.all() {
            one(&mut family, &of(key, &[("upstream", upstream.as_str())]), &exchanges.took)?;
        }
    }
    Ok(())
}

/// How plugins are just now.
fn standing(encoder: &mut DescriptorEncoder<'_>, registry: &Registry) -> Result<(), Error> {
    let states = registry.states();
    let help = "Each build that is loaded, draining or quarantined, by the SHA-256 of its file; always 1.";
    let mut family = described(encoder, ("esignet_plugin_build", help, None, MetricType::Gauge))?;
    for build in states.iter().filter(|build| build.state != "refused") {
        let labels = vec![
            ("plugin", build.id.as_str()),
            ("version", build.version.as_str()),
            ("digest", build.digest.as_str()),
            ("state", build.state),
        ];
        one(&mut family, &labels, &ConstGauge::new(1_i64))?;
    }
    let help = "The circuit of the build that new logins get: 0 closed, 1 half open, 2 open.";
    let mut family = described(encoder, ("esignet_plugin_circuit", help, None, MetricType::Gauge))?;
    for (plugin, state) in registry.circuits() {
        one(&mut family, &vec![("plugin", plugin.as_str())], &ConstGauge::new(number(state)))?;
    }
    let help = "The circuit of each upstream of each plugin: 0 closed, 1 half open, 2 open.";
    let mut family = described(encoder, ("esignet_plugin_upstream_circuit", help, None, MetricType::Gauge))?;
    for (plugin, upstream, state) in registry.upstream_circuits() {
        let labels = vec![("plugin", plugin.as_str()), ("upstream", upstream.as_str())];
        one(&mut family, &labels, &ConstGauge::new(number(state)))?;
    }
    let help = "Files in the directory that are refused now.";
    let family = described(encoder, ("esignet_plugin_refused_files", help, None, MetricType::Gauge))?;
    let refused = states.iter().filter(|file| file.state == "refused").count();
    ConstGauge::new(i64::try_from(refused).unwrap_or(i64::MAX)).encode(family)
}

const fn number(state: BreakerState) -> i64 {
    match state {
        BreakerState::Closed => 0,
        BreakerState::HalfOpen => 1,
        BreakerState::Open => 2,
    }
}
