//! A call: its turn, a fresh instance, its budgets, its end.
//!
//! No instance lives longer than one call, so nothing of one person is there when the next one comes (REL-13).

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use esignet_protocol::ports::plugin_build::PluginBuild;
use esignet_protocol::ports::plugins::PluginError;
use tokio::sync::OwnedSemaphorePermit;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tracing::Instrument as _;
use tracing::field::Empty;
use wasmtime::component::{Instance, InstancePre};
use wasmtime::{Store, UpdateDeadline};

use crate::bindings::esignet::types::types::Failure;
use crate::engine::Inner;
use crate::failure::{self, Breach, Stopped};
use crate::health::{Alarm, Health};
use crate::import::CallState;
use crate::limits::{COMPONENT_HANDLES, CpuMeter, HOSTCALL_BYTES};
use crate::metrics::{OfBuild, REFUSED};
use crate::observer::CallEnded;
use crate::personal::Personal;
use crate::rights::Rights;
use crate::trace::TraceId;
use crate::turns::Turns;

/// What the guest's function gave, as the bindings have it.
pub(crate) type Given<R> = wasmtime::Result<Result<R, Failure>>;
/// A call under way in a store.
pub(crate) type Running<'a, R> = Pin<Box<dyn Future<Output = Given<R>> + Send + 'a>>;

/// A loaded component with what it may do.
pub(crate) struct Plugin {
    pub(crate) id: String,
    pub(crate) build: PluginBuild,
    pub(crate) rights: Rights,
    pub(crate) sandbox: Arc<Inner>,
    pre: InstancePre<CallState>,
    turns: Turns,
    pub(crate) health: Health,
    pub(crate) metrics: Arc<OfBuild>,
}

/// The function that is called, for the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Function {
    pub(crate) role: &'static str,
    pub(crate) name: &'static str,
}

/// What a call used.
#[derive(Clone, Copy, Debug, Default)]
struct Used {
    /// Which call of the sandbox it was.
    number: u64,
    cpu: Duration,
    memory_kib: usize,
    denials: u32,
    log_dropped: u32,
    trace: Option<TraceId>,
}

impl Plugin {
    /// A plugin with as many turns as its limits have.
    pub(crate) fn new(
        build: PluginBuild,
        rights: Rights,
        sandbox: Arc<Inner>,
        pre: InstancePre<CallState>,
    ) -> Self {
        let turns = Turns::new(rights.limits.concurrency);
        let metrics = sandbox.metrics.of(&build.id, &build.version);
        Self { id: build.id.clone(), build, rights, sandbox, pre, turns, health: Health::default(), metrics }
    }

    /// Holds its turns to a share of the pool, and says so when that is less than its limits have.
    pub(crate) fn share(&self, share: usize) -> Option<usize> {
        let wanted = self.rights.limits.concurrency;
        self.turns.set(wanted.min(share));
        (wanted > share).then_some(share)
    }

    /// Calls a function of a fresh instance under the plugin's limits, checks what it gave, and logs how it went.
    pub(crate) async fn call<R, T, G>(
        self: &Arc<Self>,
        function: Function,
        personal: Personal,
        guest: G,
        accept: impl FnOnce(R) -> Result<T, Breach>,
    ) -> Result<T, PluginError>
    where
        R: Send + 'static,
        G: for<'a> FnOnce(&'a mut Store<CallState>, &'a Instance) -> Running<'a, R> + Send + 'static,
    {
        // What it says of itself is asked for when it is loaded, and says nothing of how it does.
        let counts = function.name != "describe";
        if counts {
            let admitted = self.health.admit(self.sandbox.host.clock.now());
            admitted.inspect_err(|_| self.metrics.called(function, REFUSED, None))?;
        }
        let started = Instant::now();
        let plugin = Arc::clone(self);
        let personal = Arc::new(personal);
        let of_task = Arc::clone(&personal);
        let span = self.span(function);
        let task = self.sandbox.handle.spawn(plugin.run(of_task, guest).instrument(span.clone()));
        let (given, used) = EndedWithItsCaller(task).await;
        let outcome = given.and_then(|given| accept(given).map_err(PluginError::from));
        self.tell(function, outcome.as_ref().err(), used, started.elapsed());
        let outcome = outcome.map_err(|error| personal.cut_error(error, failure::TEXT_CHARS));
        span.record("outcome", self::outcome(outcome.as_ref().err()));
        self.record(function, outcome.as_ref().err(), used, started.elapsed());
        if counts {
            self.note(outcome.as_ref().err());
        }
        outcome
    }

    /// The span of a call: whose function, and in the end how it went. Nothing of who it is for.
    fn span(&self, function: Function) -> tracing::Span {
        let (plugin, version) = (self.id.as_str(), self.build.version.as_str());
        let Function { role, name } = function;
        tracing::debug_span!("plugin_call", plugin, version, role, function = name, outcome = Empty)
    }

    fn note(&self, error: Option<&PluginError>) {
        let alarm = self.health.note(error, self.sandbox.host.clock.now());
        if let Some(alarm) = alarm {
            let (plugin, version, digest) = (&*self.id, &*self.build.version, &*self.build.digest);
            match alarm {
                Alarm::Quarantined => {
                    self.sandbox.metrics.quarantines.count(plugin);
                    tracing::error!(
                        plugin,
                        version,
                        digest,
                        "plugin quarantined: it only traps, and its logins are offered no more; put another build of it \
                         into the directory, or `esignet plugin release` it"
                    );
                }
                Alarm::Worse => tracing::error!(
                    plugin,
                    version,
                    digest,
                    "plugin fails clearly more often than the build before it"
                ),
            }
            self.sandbox.alarms.raise(&self.build, alarm);
        }
    }

    async fn run<R, G>(self: Arc<Self>, personal: Arc<Personal>, guest: G) -> (Result<R, PluginError>, Used)
    where
        G: for<'a> FnOnce(&'a mut Store<CallState>, &'a Instance) -> Running<'a, R> + Send,
    {
        let queued = Instant::now();
        let turn = self.turn().await;
        self.metrics.waited(queued.elapsed());
        let _turn = match turn {
            Ok(turn) => turn,
            Err(error) => return (Err(error), Used::default()),
        };
        let _ticking = self.sandbox.ticker.run();
        let mut store = self.store(personal);
        let cpu = store.data().cpu.clone();
        let wall_ms = self.rights.limits.wall_ms;
        let running = metered(cpu, async {
            let instance = self.pre.instantiate_async(&mut store).await?;
            guest(&mut store, &instance).await
        });
        let given = timeout(Duration::from_millis(wall_ms), running).await;
        let outcome = match given {
            Ok(Ok(Ok(given))) => Ok(given),
            Ok(Ok(Err(refused))) => Err(failure::from_guest(refused)),
            Ok(Err(error)) => {
                if let Some(kind) = failure::kind(&error) {
                    self.metrics.trapped(kind);
                }
                Err(failure::from_engine(&error))
            }
            Err(_elapsed) => {
                let stopped = Stopped::Wall(wall_ms);
                self.metrics.trapped(stopped.kind());
                Err(stopped.into())
            }
        };
        store.data_mut().end_output();
        let state = store.data();
        let used = Used {
            number: state.number,
            cpu: state.cpu.spent(),
            memory_kib: state.memory.kib(),
            denials: state.denials,
            log_dropped: state.log.dropped(),
            trace: state.trace,
        };
        self.metrics.used(used.cpu, used.memory_kib, used.log_dropped);
        (outcome, used)
    }

    /// The same call without what this host puts around it: no turn, no budgets, no watch on time, no record. For measuring only.
    pub(crate) async fn bare<R, G>(self: &Arc<Self>, guest: G) -> Given<R>
    where
        G: for<'a> FnOnce(&'a mut Store<CallState>, &'a Instance) -> Running<'a, R> + Send,
    {
        let state = CallState::new(Arc::clone(self), Arc::default());
        let mut store = Store::new(&self.sandbox.engine, state);
        // Never reached: the engine's code looks at it all the same.
        store.set_epoch_deadline(u64::MAX / 2);
        let instance = self.pre.instantiate_async(&mut store).await?;
        guest(&mut store, &instance).await
    }

    /// Waits for a turn of this plugin and for a place in the pool, no longer than the queue's deadline.
    async fn turn(&self) -> Result<[OwnedSemaphorePermit; 2], PluginError> {
        let wait_ms = self.rights.limits.queue_wait_ms;
        let turn = async {
            let turn = self.turns.take().await;
            let place = Arc::clone(&self.sandbox.slots).acquire_owned().await;
            turn.and_then(|turn| place.map(|place| [turn, place]))
        };
        match timeout(Duration::from_millis(wait_ms), turn).await {
            Ok(Ok(turn)) => Ok(turn),
            Ok(Err(_closed)) => Err(PluginError::Unavailable("the sandbox is shutting down".to_owned())),
            Err(_elapsed) => Err(PluginError::Unavailable(format!("no turn within {wait_ms} ms"))),
        }
    }

    fn store(self: &Arc<Self>, personal: Arc<Personal>) -> Store<CallState> {
        let mut store = Store::new(&self.sandbox.engine, CallState::new(Arc::clone(self), personal));
        store.limiter(|state| &mut state.memory);
        store.set_hostcall_fuel(HOSTCALL_BYTES);
        store.set_max_component_handles(COMPONENT_HANDLES);
        store.set_epoch_deadline(1);
        store.epoch_deadline_callback(|store| {
            store.data().cpu.check()?;
            // Plain `Yield` starves the timers of the runtime while several guests spin.
            Ok(UpdateDeadline::YieldCustom(1, Box::pin(tokio::task::yield_now())))
        });
        store
    }

    /// Tells the observer how it went, before anything is taken out of the guest's words.
    fn tell(&self, function: Function, error: Option<&PluginError>, used: Used, elapsed: Duration) {
        let Some(observer) = self.sandbox.watch.observer() else { return };
        let Function { role, name: function } = function;
        let Used { number, cpu, memory_kib, denials, log_dropped, trace: _ } = used;
        observer.call_ended(CallEnded {
            number,
            plugin: self.id.clone(),
            version: self.build.version.clone(),
            role,
            function,
            outcome: outcome(error),
            error: error.map(ToString::to_string),
            cpu,
            elapsed,
            memory_kib,
            denials,
            log_dropped,
        });
    }

    /// One record a call: names and numbers, never arguments.
    fn record(&self, function: Function, error: Option<&PluginError>, used: Used, elapsed: Duration) {
        self.metrics.called(function, outcome(error), Some(elapsed));
        let Function { role, name: function } = function;
        let plugin = self.id.as_str();
        let outcome = outcome(error);
        let elapsed_us = u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX);
        let Used { number: _, cpu, memory_kib, denials, log_dropped, trace } = used;
        let cpu_ms = u32::try_from(cpu.as_millis()).unwrap_or(u32::MAX);
        let trace = trace.map(tracing::field::display);
        match error {
            None | Some(PluginError::Rejected(_)) => tracing::debug!(
                plugin,
                role,
                function,
                outcome,
                elapsed_us,
                cpu_ms,
                memory_kib,
                denials,
                log_dropped,
                trace,
                "plugin call"
            ),
            Some(error) => tracing::warn!(
                plugin, role, function, outcome, elapsed_us, cpu_ms, memory_kib, denials, log_dropped, trace, %error,
                "plugin call failed"
            ),
        }
    }
}

/// Counts each poll of a call against its budget: all it does between two waits is done on one thread.
async fn metered<F: Future>(cpu: CpuMeter, running: F) -> F::Output {
    let mut running = std::pin::pin!(running);
    std::future::poll_fn(|cx| {
        cpu.start();
        let polled = running.as_mut().poll(cx);
        cpu.stop();
        polled
    })
    .await
}

fn outcome(error: Option<&PluginError>) -> &'static str {
    match error {
        None => "answered",
        Some(PluginError::Rejected(_)) => "rejected",
        Some(PluginError::Unavailable(_)) => "unavailable",
        Some(PluginError::TimedOut(_)) => "timed-out",
        Some(PluginError::Trapped(_)) => "trapped",
        Some(PluginError::Broken(_)) => "broken",
    }
}

/// A call whose caller is gone is ended: nobody waits for its answer.
struct EndedWithItsCaller<T>(JoinHandle<T>);

impl<R> Future for EndedWithItsCaller<(Result<R, PluginError>, Used)> {
    type Output = (Result<R, PluginError>, Used);

    fn poll(mut self: Pin<&mut Self>, cx: &mut std::task::Context<'_>) -> std::task::Poll<Self::Output> {
        Pin::new(&mut self.0).poll(cx).map(|joined| {
            joined.unwrap_or_else(|_panicked| {
                (Err(PluginError::Broken("the host failed during the call".to_owned())), Used::default())
            })
        })
    }
}

impl<T> Drop for EndedWithItsCaller<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

#[cfg(test)]
#[path = "instance/tests.rs"]
mod tests;
