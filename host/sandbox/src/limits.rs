//! What one call of a plugin may use, and the counters that hold it to that.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};
use serde::Deserialize;
use wasmtime::ResourceLimiter;

use crate::failure::Stopped;
use crate::finding::Finding;

/// The most memory any plugin can be granted: what the engine reserves for each linear memory.
pub(crate) const MEMORY_CEILING_MIB: u32 = 64;
/// The most elements a table may have.
pub(crate) const TABLE_ELEMENTS: usize = 20_000;
/// The most bytes a component may hand to the host in one go, in a call or in an answer: the largest body of a request
/// and what is around it.
pub(crate) const HOSTCALL_BYTES: usize = (3 << 20) + (64 << 10);
/// The most handles of resources a component may hold, its own included. The contract has no resources.
pub(crate) const COMPONENT_HANDLES: usize = 1_000;

/// Limits of one plugin. Every number holds for each call on its own, but for `concurrency`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Linear memory in MiB.
    pub memory_mib: u32,
    /// Time on the processor in milliseconds, with what the host does for it meanwhile. Waiting costs nothing.
    pub cpu_ms: u32,
    /// Time from start to end in milliseconds, waiting for upstreams included.
    pub wall_ms: u64,
    /// What it may log, in bytes.
    pub log_bytes: usize,
    /// Calls at the same time, no more than the plugin's share of the pool.
    pub concurrency: usize,
    /// How long a call waits for its turn, in milliseconds.
    pub queue_wait_ms: u64,
    /// Largest response body of an upstream in KiB.
    pub response_kib: u32,
    /// Requests to upstreams.
    pub upstream_calls: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            memory_mib: 16,
            cpu_ms: 20,
            wall_ms: 5_000,
            log_bytes: 4_096,
            concurrency: 256,
            queue_wait_ms: 1_000,
            response_kib: 64,
            upstream_calls: 4,
        }
    }
}

impl Limits {
    /// The most that a plugin gets by asking for it in its manifest; more the operator grants to it by name.
    pub const CEILING: Self = Self {
        memory_mib: MEMORY_CEILING_MIB,
        cpu_ms: 500,
        wall_ms: 30_000,
        log_bytes: 64 << 10,
        concurrency: 100_000,
        queue_wait_ms: 60_000,
        response_kib: 1_024,
        upstream_calls: 16,
    };
}

/// Limits that a manifest asks for or an operator grants: what is absent is left to the other side.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LimitsAsked {
    /// As [`Limits::memory_mib`].
    pub memory_mib: Option<u32>,
    /// As [`Limits::cpu_ms`].
    pub cpu_ms: Option<u32>,
    /// As [`Limits::wall_ms`].
    pub wall_ms: Option<u64>,
    /// As [`Limits::log_bytes`].
    pub log_bytes: Option<usize>,
    /// As [`Limits::concurrency`].
    pub concurrency: Option<usize>,
    /// As [`Limits::queue_wait_ms`].
    pub queue_wait_ms: Option<u64>,
    /// As [`Limits::response_kib`].
    pub response_kib: Option<u32>,
    /// As [`Limits::upstream_calls`].
    pub upstream_calls: Option<u32>,
}

/// A limit that a manifest asks for and that only an operator gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct OverCeiling {
    pub(crate) key: &'static str,
    pub(crate) asked: u64,
    pub(crate) ceiling: u64,
}

impl LimitsAsked {
    /// What a plugin gets: what the operator grants; else what it asks for, up to the ceiling; else the default.
    pub(crate) fn granted(&self, granted: &Self, ceiling: &Limits) -> Result<Limits, OverCeiling> {
        let usual = Limits::default();
        macro_rules! one {
            ($key:ident) => {
                match (granted.$key, self.$key) {
                    (Some(granted), _) => granted,
                    (None, Some(asked)) if asked > ceiling.$key => {
                        let wide = |number| u64::try_from(number).unwrap_or(u64::MAX);
                        let ceiling = wide(ceiling.$key);
                        return Err(OverCeiling { key: stringify!($key), asked: wide(asked), ceiling });
                    }
                    (None, Some(asked)) => asked,
                    (None, None) => usual.$key,
                }
            };
        }
        Ok(Limits {
            memory_mib: one!(memory_mib),
            cpu_ms: one!(cpu_ms),
            wall_ms: one!(wall_ms),
            log_bytes: one!(log_bytes),
            concurrency: one!(concurrency),
            queue_wait_ms: one!(queue_wait_ms),
            response_kib: one!(response_kib),
            upstream_calls: one!(upstream_calls),
        })
    }

    /// These limits, and where there is none that of `usual`.
    pub fn over(&self, usual: &Limits) -> Limits {
        Limits {
            memory_mib: self.memory_mib.unwrap_or(usual.memory_mib),
            cpu_ms: self.cpu_ms.unwrap_or(usual.cpu_ms),
            wall_ms: self.wall_ms.unwrap_or(usual.wall_ms),
            log_bytes: self.log_bytes.unwrap_or(usual.log_bytes),
            concurrency: self.concurrency.unwrap_or(usual.concurrency),
            queue_wait_ms: self.queue_wait_ms.unwrap_or(usual.queue_wait_ms),
            response_kib: self.response_kib.unwrap_or(usual.response_kib),
            upstream_calls: self.upstream_calls.unwrap_or(usual.upstream_calls),
        }
    }

    pub(crate) fn findings(&self, id: &str) -> Vec<Finding> {
        let wrong = |wrong: bool, key, range| wrong.then_some((key, range));
        let over = |number: Option<u64>, most: u64| number.is_some_and(|number| number > most);
        let out = |number: Option<u64>, most: u64| number == Some(0) || over(number, most);
        let wide = |number: Option<usize>| number.map(|number| number as u64);
        let checks = [
            wrong(
                out(self.memory_mib.map(u64::from), MEMORY_CEILING_MIB.into()),
                "memory_mib",
                "from 1 to 64",
            ),
            wrong(out(self.cpu_ms.map(u64::from), 60_000), "cpu_ms", "from 1 to 60000"),
            wrong(out(self.wall_ms, 120_000), "wall_ms", "from 1 to 120000"),
            wrong(over(wide(self.log_bytes), 1 << 20), "log_bytes", "at most 1048576"),
            wrong(out(wide(self.concurrency), 100_000), "concurrency", "from 1 to 100000"),
            wrong(over(self.queue_wait_ms, 60_000), "queue_wait_ms", "at most 60000"),
            wrong(over(self.response_kib.map(u64::from), 16_384), "response_kib", "at most 16384"),
            wrong(over(self.upstream_calls.map(u64::from), 64), "upstream_calls", "at most 64"),
        ];
        checks
            .into_iter()
            .flatten()
            .map(|(key, range)| {
                Finding::new(
                    format!("`{key}` is out of range"),
                    format!("[plugins.\"{id}\".limits]"),
                    format!("set {key} {range}"),
                )
            })
            .collect()
    }
}

/// Counts the linear memory of one store, and ends the call that wants more than it may have.
#[derive(Debug)]
pub(crate) struct MemoryMeter {
    limit_mib: u32,
    bytes: usize,
}

impl MemoryMeter {
    pub(crate) const fn new(limit_mib: u32) -> Self {
        Self { limit_mib, bytes: 0 }
    }

    pub(crate) const fn kib(&self) -> usize {
        self.bytes / 1024
    }
}

impl ResourceLimiter for MemoryMeter {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let bytes = self.bytes.saturating_add(desired.saturating_sub(current));
        if bytes > (self.limit_mib as usize) << 20 {
            return Err(Stopped::Memory(self.limit_mib).into());
        }
        self.bytes = bytes;
        Ok(true)
    }

    fn table_growing(
        &mut self,
        _current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        if desired > TABLE_ELEMENTS {
            return Err(Stopped::Table(TABLE_ELEMENTS).into());
        }
        Ok(true)
    }
}

/// Counts the time on the processor that a call used, and ends the call that used too much.
///
/// Whoever polls the call brackets each poll with [`CpuMeter::start`] and [`CpuMeter::stop`]; in between, the same
/// thread runs the guest and whatever the host does for it, and all of it counts. A call that waits is not polled.
#[derive(Clone, Debug)]
pub(crate) struct CpuMeter {
    limit_ms: u32,
    counted: Arc<Counted>,
}

#[derive(Debug, Default)]
struct Counted {
    spent_us: AtomicU64,
    since_us: AtomicU64,
}

impl CpuMeter {
    pub(crate) fn new(limit_ms: u32) -> Self {
        Self { limit_ms, counted: Arc::default() }
    }

    /// The call begins to run on this thread.
    pub(crate) fn start(&self) {
        self.counted.since_us.store(thread_us(), Ordering::Relaxed);
    }

    /// The call does not run any more: it waits, gave way or ended.
    pub(crate) fn stop(&self) {
        self.charge(thread_us());
    }

    /// Counts what was used since the last time, and says whether that was too much.
    pub(crate) fn check(&self) -> Result<(), Stopped> {
        self.charge(thread_us());
        let spent = self.counted.spent_us.load(Ordering::Relaxed);
        if spent > u64::from(self.limit_ms) * 1000 { Err(Stopped::Cpu(self.limit_ms)) } else { Ok(()) }
    }

    fn charge(&self, now_us: u64) {
        let since = self.counted.since_us.swap(now_us, Ordering::Relaxed);
        self.counted.spent_us.fetch_add(now_us.saturating_sub(since), Ordering::Relaxed);
    }

    pub(crate) fn spent(&self) -> Duration {
        Duration::from_micros(self.counted.spent_us.load(Ordering::Relaxed))
    }
}

/// What this thread has used of the processor. Time in which the machine ran something else is not in it.
fn thread_us() -> u64 {
    let used = clock_gettime(ClockId::ThreadCPUTime);
    let us = used.tv_sec.saturating_mul(1_000_000).saturating_add(used.tv_nsec / 1_000);
    u64::try_from(us).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_over_the_limit_ends_the_call() {
        let mut meter = MemoryMeter::new(1);
        assert!(meter.memory_growing(0, 1 << 20, None).unwrap());
        let error = meter.memory_growing(1 << 20, (1 << 20) + 65_536, None).unwrap_err();
        assert!(matches!(error.downcast_ref(), Some(Stopped::Memory(1))));
    }

    #[test]
    fn two_memories_share_one_limit() {
        let mut meter = MemoryMeter::new(1);
        assert!(meter.memory_growing(0, 1 << 19, None).unwrap());
        assert!(meter.memory_growing(0, 1 << 19, None).unwrap());
        assert!(meter.memory_growing(0, 65_536, None).is_err());
    }

    fn work(meter: &CpuMeter, ms: u64) {
        let until = thread_us() + ms * 1000;
        meter.start();
        while thread_us() < until {
            std::hint::black_box(0);
        }
    }

    #[test]
    fn one_long_stretch_in_the_host_spends_the_budget() {
        let meter = CpuMeter::new(5);
        work(&meter, 2);
        assert!(meter.check().is_ok());
        work(&meter, 10);
        assert!(matches!(meter.check(), Err(Stopped::Cpu(5))));
        assert!(meter.spent() >= Duration::from_millis(11));
    }

    #[test]
    fn waiting_and_the_work_of_others_is_free() {
        let meter = CpuMeter::new(5);
        meter.start();
        std::thread::sleep(Duration::from_millis(10));
        meter.stop();
        work(&CpuMeter::new(1), 10);
        meter.start();
        assert!(meter.check().is_ok());
    }

    #[test]
    fn each_limit_out_of_range_is_a_finding_of_its_own() {
        let limits = LimitsAsked { memory_mib: Some(65), cpu_ms: Some(0), ..LimitsAsked::default() };
        let findings = limits.findings("x");
        assert_eq!(findings.len(), 2);
        assert!(findings[0].to_string().contains("memory_mib from 1 to 64"));
        assert!(LimitsAsked::default().findings("x").is_empty());
    }
}
