//! What a running component can ask of the host: one file for each interface of `esignet:host`.
//!
//! Everything is by name, capped and counted against the one call it belongs to.

pub(crate) mod cache;
pub(crate) mod clock;
pub(crate) mod config;
pub(crate) mod crypto;
pub(crate) mod http;
pub(crate) mod log;
#[cfg(test)]
pub(crate) mod testing;
pub(crate) mod told;
pub(crate) mod wasi;

use std::sync::Arc;
use std::time::Instant;

use wasmtime::Engine;
use wasmtime::component::{HasSelf, Linker};

use crate::bindings::esignet::{host, types::types};
use crate::instance::Plugin;
use crate::limits::{CpuMeter, MemoryMeter};
use crate::personal::Personal;
use crate::rights::Rights;
use crate::trace::TraceId;
use crate::witness::Seen;

/// How many denials of one call are logged one by one.
const DENIALS_LOGGED: u32 = 4;

/// One call: whose it is, and what it used so far.
pub(crate) struct CallState {
    pub(crate) plugin: Arc<Plugin>,
    pub(crate) personal: Arc<Personal>,
    pub(crate) memory: MemoryMeter,
    pub(crate) cpu: CpuMeter,
    pub(crate) log: log::Budget,
    pub(crate) crypto: crypto::Budget,
    pub(crate) fetches: http::Count,
    pub(crate) cache_calls: u32,
    pub(crate) denials: u32,
    /// Lines that the guest began on its standard output and has not ended.
    pub(crate) output: wasi::Output,
    /// What names the call to upstreams, once it made a request.
    pub(crate) trace: Option<TraceId>,
    /// When the call began.
    pub(crate) started: Instant,
    /// What it asked the host for, where somebody watches.
    pub(crate) seen: Seen,
}

impl CallState {
    pub(crate) fn new(plugin: Arc<Plugin>, personal: Arc<Personal>) -> Self {
        let limits = &plugin.rights.limits;
        Self {
            memory: MemoryMeter::new(limits.memory_mib),
            cpu: CpuMeter::new(limits.cpu_ms),
            log: log::Budget::new(limits.log_bytes),
            crypto: crypto::Budget::default(),
            fetches: http::Count::default(),
            cache_calls: 0,
            denials: 0,
            output: wasi::Output::default(),
            trace: None,
            started: Instant::now(),
            seen: Seen::default(),
            personal,
            plugin,
        }
    }

    /// Counts a denial and tells the operator of the first few.
    pub(crate) fn deny(&mut self, capability: &'static str, rule: &str) {
        self.plugin.metrics.denied(capability);
        self.denials = self.denials.saturating_add(1);
        if self.denials <= DENIALS_LOGGED {
            let plugin = self.plugin.id.as_str();
            let rule = self.personal.cut(rule, 256);
            tracing::warn!(plugin, capability, rule, "denied to a plugin");
        }
    }
}

impl types::Host for CallState {}

/// Links what a plugin may have. A component takes what it imports of it; what is not here it cannot be linked to.
pub(crate) fn linker(engine: &Engine, rights: &Rights) -> wasmtime::Result<Linker<CallState>> {
    let mut linker = Linker::new(engine);
    types::add_to_linker::<_, HasSelf<_>>(&mut linker, own)?;
    host::log::add_to_linker::<_, HasSelf<_>>(&mut linker, own)?;
    host::config::add_to_linker::<_, HasSelf<_>>(&mut linker, own)?;
    host::clock::add_to_linker::<_, HasSelf<_>>(&mut linker, own)?;
    host::crypto::add_to_linker::<_, HasSelf<_>>(&mut linker, own)?;
    if rights.http || rights.wasi {
        host::http::add_to_linker::<_, HasSelf<_>>(&mut linker, own)?;
    }
    if rights.cache || rights.wasi {
        host::cache::add_to_linker::<_, HasSelf<_>>(&mut linker, own)?;
    }
    if rights.wasi {
        wasi::add_to_linker(&mut linker)?;
    }
    Ok(linker)
}

const fn own(state: &mut CallState) -> &mut CallState {
    state
}
