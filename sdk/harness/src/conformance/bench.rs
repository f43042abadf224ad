//! What a case has in its hands: the plugin, the world it is in, and words to judge by.

use esignet_protocol::ports::plugins::{Caller, PluginError};

use super::{Unmet, Verdict};
use crate::calls::caller;
use crate::fixture::Fixture;
use crate::harness::Plugin;
use crate::report::{Call, Report};

/// A plugin under test in one world.
pub struct Bench<'a> {
    pub(super) plugin: Plugin,
    fixture: &'a Fixture,
}

impl std::fmt::Debug for Bench<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Bench").field("plugin", &self.plugin).finish_non_exhaustive()
    }
}

/// How an answer that the host refuses begins (`esignet-sandbox`).
const BREACH: &str = "broken: the answer breaks the contract";

impl<'a> Bench<'a> {
    pub(super) const fn new(plugin: Plugin, fixture: &'a Fixture) -> Self {
        Self { plugin, fixture }
    }

    pub(super) const fn fixture(&self) -> &'a Fixture {
        self.fixture
    }

    /// Loads the plugin again into an untouched world.
    pub(super) fn renew(&mut self) -> Verdict {
        self.plugin.afresh().map_err(|error| Unmet::Failed(format!("it is not loaded again: {error}")))
    }

    /// Whether every call since the plugin was loaded was one that a host can live with.
    pub(super) fn all_was_sound(&self) -> Verdict {
        self.plugin.reports().iter().try_for_each(is_sound)
    }
}

/// The caller of the kit's first login.
pub(super) fn login() -> Caller {
    caller("kit-login-1")
}

/// Somebody from a relying party of that name, which is also the client's and that of a language.
pub(super) fn odd_caller(name: &str) -> Caller {
    let name = || name.to_owned();
    Caller { relying_party: name(), client: name(), locale: name(), ..login() }
}

fn is_sound(report: &Report) -> Verdict {
    let function = report.function();
    let error = report.error().unwrap_or_default();
    let ended_badly = matches!(report.outcome(), "trapped" | "timed-out") || error.starts_with(BREACH);
    ensure(!ended_badly, || format!("{function} ended with \"{error}\""))?;
    let denied = report.host_calls.iter().find_map(|call| call.answer.as_ref().err().map(|why| (call, why)));
    match denied.filter(|_| report.denials() > 0) {
        Some((call, why)) => fail(format!("{function} asked for {}: {why}", call.subject)),
        None => ensure(report.denials() == 0, || format!("{function} asked for what was not granted")),
    }
}

pub(super) fn ensure(holds: bool, otherwise: impl FnOnce() -> String) -> Verdict {
    if holds { Ok(()) } else { Err(Unmet::Failed(otherwise())) }
}

pub(super) fn fail<T>(why: impl Into<String>) -> Result<T, Unmet> {
    Err(Unmet::Failed(why.into()))
}

pub(super) fn skip<T>(why: impl Into<String>) -> Result<T, Unmet> {
    Err(Unmet::Skipped(why.into()))
}

/// Something was not accepted, however that was said.
pub(super) fn refused<T>(call: &Call<T>, what: &str) -> Verdict {
    ensure(call.outcome.is_err(), || format!("{what} was accepted"))
}

/// Something was not accepted, and that is said to the person.
pub(super) fn rejected<T>(call: &Call<T>, what: &str) -> Verdict {
    match &call.outcome {
        Ok(_) => fail(format!("{what} was accepted")),
        Err(PluginError::Rejected(_)) => Ok(()),
        Err(error) => fail(format!("{what} is no rejection but \"{error}\"")),
    }
}

/// There is no answer now, and that is what is said.
pub(super) fn unavailable<T>(call: &Call<T>, what: &str) -> Verdict {
    match &call.outcome {
        Ok(_) => fail(format!("{what} was an answer")),
        Err(PluginError::Unavailable(_)) => Ok(()),
        Err(error) => fail(format!("{what} is not `unavailable` but \"{error}\"")),
    }
}

/// Whether one of the texts has one of the values in it, in capital or small letters. Values of less than four characters
/// are in too many words that mean something else.
pub(super) fn tells(texts: &[String], values: &[String]) -> Option<String> {
    let values = values.iter().filter(|value| value.chars().count() >= 4);
    let mut pairs = values.flat_map(|value| texts.iter().map(move |text| (value, text)));
    let told = pairs.find(|(value, text)| text.to_lowercase().contains(&value.to_lowercase()));
    told.map(|(value, text)| format!("\"{text}\" has \"{value}\" in it"))
}

/// Identifiers, codes and passwords that people do not have, and that plugins have to live with.
pub(super) fn oddities() -> Vec<(&'static str, String)> {
    vec![
        ("nothing", String::new()),
        ("a space", " ".to_owned()),
        ("a NUL", "2053\u{0}718694".to_owned()),
        ("a line feed", "2053718694\r\nx-forged: 1".to_owned()),
        ("another direction", "\u{202e}4968173502".to_owned()),
        ("another script", "٢٠٥٣٧١٨٦٩٤".to_owned()),
        ("composed letters", "e\u{301}\u{1f1f2}\u{1f1e6}\u{fe0f}".to_owned()),
        ("a path", "../../admin?x=1#y".to_owned()),
        ("a placeholder", "{individual.value}%s%n${x}".to_owned()),
        ("markup", "<script>1</script>".to_owned()),
        ("a query", "' OR '1'='1' --".to_owned()),
        ("JSON", "\"},{\"admin\":true,\"x\":\"".to_owned()),
        ("an encoding", "%00%2e%2e%2f".to_owned()),
        ("a long text", "9".repeat(4_000)),
        ("a very long text", "ü".repeat(32_000)),
    ]
}

/// Every call so far stayed below three quarters of what it may use.
pub(super) fn within_limits(plugin: &Plugin) -> Verdict {
    let limits = plugin.manifest().limits.over(&esignet_sandbox::Limits::default());
    for report in plugin.reports() {
        let Some(ended) = &report.ended else { continue };
        let cpu_ms = ended.cpu.as_secs_f64() * 1_000.0;
        ensure(cpu_ms <= f64::from(limits.cpu_ms) * 0.75, || {
            format!("{} takes {cpu_ms:.1} ms of {} ms on the processor", ended.function, limits.cpu_ms)
        })?;
        let most_kib = limits.memory_mib as usize * 1024 * 3 / 4;
        ensure(ended.memory_kib <= most_kib, || {
            format!(
                "{} takes {} KiB of {} MiB of memory",
                ended.function, ended.memory_kib, limits.memory_mib
            )
        })?;
    }
    Ok(())
}
