//! The one engine and what belongs to it: its settings, the pool of instances, the runtime of plugin calls.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;

use esignet_protocol::ports::clock::Clock;
use esignet_protocol::ports::entropy::Entropy;
use esignet_protocol::ports::fetch::Fetch;
use esignet_protocol::ports::plugin_cache::PluginCache;
use tokio::runtime::{Handle, Runtime};
use tokio::sync::Semaphore;
use wasmtime::{Config, Engine, InstanceAllocationStrategy, PoolingAllocationConfig, Strategy};
use wasmtime::{WasmBacktraceDetails, WasmFeatures};
use zeroize::Zeroizing;

use crate::alarms::{Alarms, Upstreams};
use crate::compile::Compiler;
use crate::limits::{MEMORY_CEILING_MIB, TABLE_ELEMENTS};
use crate::metrics::Metrics;
use crate::precompiled::Precompiled;
use crate::ticker::Ticker;
use crate::witness::Witness;

/// What one component may consist of. A Rust component has 3 core instances, one of `QuickJS` more than 8.
const CORE_INSTANCES_PER_COMPONENT: u32 = 32;
const MEMORIES_PER_COMPONENT: u32 = 2;
const TABLES_PER_COMPONENT: u32 = 4;
/// The pool is larger than what is let in, so that a full house is a queue and not an error.
const SPARE_INSTANCES: u32 = 8;

/// The longest login of the usual lifetimes, in seconds, and some more.
const LOGIN_SECONDS: u64 = 450;

/// Settings of the sandbox.
#[derive(Clone)]
pub struct SandboxConfig {
    /// Where compiled code is kept between starts; `None` compiles at every start.
    pub compiled_cache_dir: Option<PathBuf>,
    /// Authenticates what is in that directory. Whoever has it can run machine code in the server.
    pub cache_mac_key: Zeroizing<[u8; 32]>,
    /// Calls of all plugins together at the same time, at least 1. Each plugin gets a share of them, at most half.
    pub max_instances: u32,
    /// Threads for plugin calls; `None` for one a processor.
    pub worker_threads: Option<NonZeroUsize>,
    /// Where components are compiled.
    pub compiler: Compiler,
    /// How long a login may last, in seconds: a plugin that is replaced stays callable that long for those that began with it.
    pub login_seconds: u64,
    /// Who watches what plugins do; nobody in a server.
    pub witness: Option<Arc<dyn Witness>>,
}

impl SandboxConfig {
    /// Settings with room for 512 calls at the same time and a thread a processor.
    pub fn new(cache_mac_key: [u8; 32]) -> Self {
        Self {
            compiled_cache_dir: None,
            cache_mac_key: Zeroizing::new(cache_mac_key),
            max_instances: 512,
            worker_threads: None,
            compiler: Compiler::InProcess,
            login_seconds: LOGIN_SECONDS,
            witness: None,
        }
    }
}

impl std::fmt::Debug for SandboxConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SandboxConfig")
            .field("compiled_cache_dir", &self.compiled_cache_dir)
            .field("max_instances", &self.max_instances)
            .field("worker_threads", &self.worker_threads)
            .field("compiler", &self.compiler)
            .field("login_seconds", &self.login_seconds)
            .finish_non_exhaustive()
    }
}

/// What plugins reach through their imports.
#[derive(Clone)]
pub struct Host {
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// Upstreams.
    pub fetch: Arc<dyn Fetch>,
    /// Values kept between calls.
    pub cache: Arc<dyn PluginCache>,
}

/// Why there is no sandbox.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// The engine refused its settings, or the address space it reserves is not to be had.
    #[error(
        "the WebAssembly engine did not start: {0}; on a machine with a limit on virtual memory, raise it or lower the number of instances"
    )]
    Engine(String),
    /// Threads cannot be started.
    #[error("the threads of the sandbox did not start: {0}")]
    Threads(#[from] std::io::Error),
    /// Others than the server may write where compiled code is kept.
    #[error("{}: others than the owner may write to the directory of compiled plugins; chmod go-w it", .0.display())]
    OpenDirectory(PathBuf),
}

/// The place plugins run in. Cheap to clone; the threads end with the last clone.
#[derive(Clone)]
pub struct Sandbox {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) engine: Engine,
    pub(crate) host: Host,
    pub(crate) precompiled: Precompiled,
    pub(crate) max_instances: usize,
    pub(crate) login_seconds: u64,
    pub(crate) witness: Option<Arc<dyn Witness>>,
    pub(crate) alarms: Alarms,
    pub(crate) metrics: Metrics,
    pub(crate) upstreams: Upstreams,
    pub(crate) slots: Arc<Semaphore>,
    pub(crate) ticker: Ticker,
    pub(crate) handle: Handle,
    runtime: Option<Runtime>,
}

impl std::fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sandbox").field("free", &self.inner.slots.available_permits()).finish_non_exhaustive()
    }
}

impl Sandbox {
    /// Starts the engine, its ticker and the runtime that plugin calls have to themselves.
    pub fn new(config: SandboxConfig, host: Host) -> Result<Self, SandboxError> {
        let refused = |error: wasmtime::Error| SandboxError::Engine(format!("{error:#}"));
        let max_instances = config.max_instances.clamp(1, 10_000);
        let engine = Engine::new(&engine_config(max_instances)).map_err(refused)?;
        let ticker = Ticker::start(engine.weak())?;
        let mut threads = tokio::runtime::Builder::new_multi_thread();
        threads.thread_name("esignet-plugin").enable_all();
        if let Some(count) = config.worker_threads {
            threads.worker_threads(count.get());
        }
        let runtime = threads.build()?;
        let (directory, key) = (config.compiled_cache_dir, &config.cache_mac_key);
        let precompiled = Precompiled::new(&engine, directory, key, config.compiler)?;
        Ok(Self {
            inner: Arc::new(Inner {
                host,
                precompiled,
                max_instances: max_instances as usize,
                login_seconds: config.login_seconds,
                witness: config.witness,
                alarms: Alarms::default(),
                metrics: Metrics::default(),
                upstreams: Upstreams::default(),
                slots: Arc::new(Semaphore::new(max_instances as usize)),
                ticker,
                handle: runtime.handle().clone(),
                runtime: Some(runtime),
                engine,
            }),
        })
    }
}

impl Inner {
    /// How many calls at the same time one of `plugins` plugins may have: a plugin that hangs on all of them leaves its
    /// neighbours theirs, and one that is alone leaves half for those that come.
    pub(crate) fn share(&self, plugins: usize) -> usize {
        (self.max_instances / plugins.max(2)).max(1)
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        // A runtime that is dropped waits for its tasks, which is not allowed inside another runtime.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// The engine's settings (`docs/architecture.md`, threat T37).
pub(crate) fn engine_config(max_instances: u32) -> Config {
    let instances = max_instances + SPARE_INSTANCES;
    let memory_bytes = (MEMORY_CEILING_MIB as usize) << 20;

    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(instances)
        .total_core_instances(instances.saturating_mul(CORE_INSTANCES_PER_COMPONENT))
        .total_memories(instances.saturating_mul(MEMORIES_PER_COMPONENT))
        .total_tables(instances.saturating_mul(TABLES_PER_COMPONENT))
        .total_stacks(instances)
        .max_core_instances_per_component(CORE_INSTANCES_PER_COMPONENT)
        .max_memories_per_component(MEMORIES_PER_COMPONENT)
        .max_tables_per_component(TABLES_PER_COMPONENT)
        .max_memories_per_module(1)
        .max_tables_per_module(2)
        .table_elements(TABLE_ELEMENTS)
        .max_memory_size(memory_bytes)
        // Small writes are wiped by hand, which is cheaper than asking the kernel for fresh pages.
        .linear_memory_keep_resident(64 * 1024)
        .table_keep_resident(4 * 1024)
        .async_stack_keep_resident(16 * 1024);

    let mut config = Config::new();
    config
        .strategy(Strategy::Cranelift)
        .allocation_strategy(InstanceAllocationStrategy::Pooling(pool))
        // Less than 4 GiB: bounds checks are explicit, with Spectre masks, and the address space stays small.
        .memory_reservation(memory_bytes as u64)
        .memory_init_cow(true)
        .max_wasm_stack(512 * 1024)
        .async_stack_size(1024 * 1024)
        .async_stack_zeroing(true)
        .epoch_interruption(true)
        .concurrency_support(false)
        .wasm_component_model(true)
        .wasm_features(
            WasmFeatures::MEMORY64
                | WasmFeatures::RELAXED_SIMD
                | WasmFeatures::EXCEPTIONS
                | WasmFeatures::STACK_SWITCHING
                | WasmFeatures::THREADS
                | WasmFeatures::GC,
            false,
        )
        .wasm_backtrace_details(WasmBacktraceDetails::Disable)
        .wasm_backtrace_max_frames(None);
    config
}
