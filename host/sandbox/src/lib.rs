//! Runs ID-system integrations and authentication factors as WebAssembly components, under limits.
//!
//! A country drops one file into a directory; this crate compiles it, checks what it asks for, and lets the core call
//! it through the traits of [`esignet_protocol::ports::plugins`]. The contract is `wit/`.
//!
//! | What | File |
//! |---|---|
//! | the engine, its pool, the runtime of plugin calls | `engine.rs` |
//! | a file, examined before anything of it runs | `component.rs` |
//! | what a file is, without running anything of it | `inspection.rs` |
//! | the versions of the contract, and how long each is served | `contract.rs` |
//! | who vouches for a file | `signature.rs` |
//! | machine code, made in a process of its own | `compile.rs`, `compile/child.rs` |
//! | compiled code kept between starts | `precompiled.rs` |
//! | a call: its turn, a fresh instance, its end | `instance.rs` |
//! | memory and processor budgets | `limits.rs`, `ticker.rs` |
//! | calls at the same time | `turns.rs` |
//! | what a plugin says of itself and asks for | `manifest.rs` |
//! | what the operator lets a plugin have | `grant.rs` |
//! | what it gets: asked, granted and below the ceiling | `rights.rs` |
//! | its words for people, in their language | `words.rs` |
//! | how a call ends badly | `failure.rs` |
//! | what fails again and again | `breaker.rs`, `health.rs`, `alarms.rs` |
//! | what is counted, and how it is read | `metrics.rs`, `metrics/exposition.rs` |
//! | what names a call to upstreams | `trace.rs` |
//! | who watches calls from outside | `observer.rs`, `import/observed.rs` |
//! | what of a call is the person's, and kept out of logs | `personal.rs` |
//! | what a call costs, and what this host adds | `measure.rs` |
//! | limits on what comes back | `accept.rs` |
//! | what a component can ask of the host | `import/`, one file for each interface |
//! | what a component does for the host | `role/`, one file for each interface |
//! | notices on their way to the notifier | `notices.rs` |
//! | the directory, loaded | `registry.rs`, `registry/load.rs`, `registry/snapshot.rs` |
//! | the directory, watched | `registry/watch.rs`, `registry/files.rs` |
//! | what the core asks | `registry/plugins.rs` |
//! | what logins under way are held to | `registry/pinned.rs` |
//! | what was decided on plugins, and by whom | `registry/standing.rs`, `registry/rollback.rs`, `registry/orders.rs` |
//!
//! # What this crate must never do
//!
//! * Use an instance for two calls, or keep anything of a call but what the contract returns.
//! * Give a component an interface that is not in `wit/`, but for the tiny WASI where it is granted: no files, no sockets, no
//!   environment, for anyone.
//! * Let a component name a host, see a key or a credential of an upstream, or reach another plugin's cache.
//! * Compile, or parse beyond its list of sections, a component before its signatures were verified over the very same bytes.
//! * Deserialise compiled code before its MAC was verified over the very same bytes.
//! * Decide what a verdict means: that is the core's.
//! * Run a component on the runtime that serves requests.
//! * Log or print arguments, answers, state, keys or claims.
//!
//! # Limits
//!
//! Each call has a budget of processor time, of time, of memory, of requests, of log and of cache calls
//! ([`Limits`]). What goes over is ended or denied, costs that call, and nobody else notices.

mod accept;
mod alarms;
mod bindings;
mod breaker;
mod compile;
mod component;
mod contract;
mod engine;
mod failure;
mod finding;
mod grant;
mod health;
mod import;
mod inspection;
mod instance;
mod limits;
mod manifest;
mod measure;
mod memory_cache;
mod metrics;
mod notices;
mod observer;
mod personal;
mod precompiled;
mod registry;
mod rights;
mod role;
pub mod signature;
mod ticker;
mod trace;
mod turns;
mod words;

pub use breaker::BreakerState;
pub use compile::Compiler;
pub use compile::child::{ChildLimits, run as compile_child};
pub use component::Role;
pub use contract::{ContractLine, Day, Support};
pub use engine::{Host, Sandbox, SandboxConfig, SandboxError};
pub use finding::Finding;
pub use grant::{Credentials, Grant, KeyFile, KeyHandle, UpstreamGrant};
pub use inspection::Inspection;
pub use limits::{Limits, LimitsAsked};
pub use manifest::{Identity, KeyUse, Manifest, RESERVED_IDS, Requests, embed};
pub use measure::{Cost, Measure, Measured};
pub use memory_cache::MemoryCache;
pub use metrics::exposition::PluginMetrics;
pub use notices::{NoticeCounts, NoticeQueue, NoticeSettings};
pub use observer::{CallEnded, HostCall, LogLine, Narrowed, Observer};
pub use precompiled::CodeSource;
pub use registry::{
    Asking, LoadReport, Loaded, Operator, Order, PluginReport, PluginState, Registry, Source, Watching, Word,
};
pub use rights::Ceiling;
