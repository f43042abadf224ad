//! The clock of CPU budgets: an OS thread that advances the engine's epoch every millisecond while a call runs.
//!
//! A thread and not a task, because spinning guests may hold every worker of a runtime. It sleeps for good while no
//! call runs, so an idle server stays idle.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{JoinHandle, Thread};
use std::time::Duration;

use wasmtime::EngineWeak;

/// What one tick is worth.
const TICK: Duration = Duration::from_millis(1);

#[derive(Debug, Default)]
struct Shared {
    running: AtomicUsize,
    ended: AtomicBool,
}

/// The thread; it ends when this is dropped, or with the engine.
#[derive(Debug)]
pub(crate) struct Ticker {
    shared: Arc<Shared>,
    thread: JoinHandle<()>,
}

/// Keeps the epoch advancing until it is dropped.
#[derive(Debug)]
pub(crate) struct Ticking(Arc<Shared>);

impl Ticker {
    pub(crate) fn start(engine: EngineWeak) -> std::io::Result<Self> {
        let shared = Arc::new(Shared::default());
        let of_thread = Arc::clone(&shared);
        let thread = std::thread::Builder::new()
            .name("esignet-epoch".to_owned())
            .spawn(move || tick(&engine, &of_thread))?;
        Ok(Self { shared, thread })
    }

    /// Says that a call runs.
    pub(crate) fn run(&self) -> Ticking {
        if self.shared.running.fetch_add(1, Ordering::AcqRel) == 0 {
            self.wake().unpark();
        }
        Ticking(Arc::clone(&self.shared))
    }

    fn wake(&self) -> &Thread {
        self.thread.thread()
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        self.shared.ended.store(true, Ordering::Release);
        self.wake().unpark();
    }
}

impl Drop for Ticking {
    fn drop(&mut self) {
        self.0.running.fetch_sub(1, Ordering::AcqRel);
    }
}

fn tick(engine: &EngineWeak, shared: &Shared) {
    while !shared.ended.load(Ordering::Acquire) {
        if shared.running.load(Ordering::Acquire) == 0 {
            // `run` unparks after it counted: a call that begins between the load and the park is not missed.
            std::thread::park();
            continue;
        }
        std::thread::sleep(TICK);
        let Some(engine) = engine.upgrade() else { return };
        engine.increment_epoch();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_thread_ends_when_the_ticker_is_dropped() {
        let engine = wasmtime::Engine::default();
        let ticker = Ticker::start(engine.weak()).unwrap();
        let running = ticker.run();
        let shared = Arc::downgrade(&ticker.shared);
        drop((running, ticker));
        // The thread holds the last reference; no call runs, so it is either parked (and was unparked) or in one tick.
        for _ in 0..2_000 {
            if shared.strong_count() == 0 {
                return;
            }
            std::thread::yield_now();
            std::thread::sleep(TICK);
        }
        panic!("the thread is still there");
    }
}
