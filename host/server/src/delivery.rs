//! Brings the audit log to its sinks: in order, in batches, again after a failure, from where each said it is.

use std::sync::Arc;
use std::time::Duration;

use esignet_protocol::ports::plugins::Plugins;
use esignet_store::audit::{Cursor, Log};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// How long events gather before they are brought: one call takes many.
const GATHER: Duration = Duration::from_millis(200);
/// The most bytes of one batch: a call has a memory of some MiB.
const BATCH_BYTES: u64 = 256 * 1024;
/// How long after a failure it is tried again, from the first to the last time.
const PAUSES: (Duration, Duration) = (Duration::from_secs(1), Duration::from_mins(1));
/// How long a stop waits for what is being brought.
const STOP_WITHIN: Duration = Duration::from_secs(5);

/// Deliveries under way.
pub(crate) struct Deliveries {
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
}

impl Deliveries {
    /// Begins to bring a log to each of these sinks, at its own speed.
    pub(crate) fn start(
        log: &Arc<Log>,
        plugins: &Arc<dyn Plugins>,
        sinks: impl Iterator<Item = String>,
    ) -> Self {
        let (stop, stopping) = watch::channel(false);
        let tasks = sinks.map(|sink| {
            let place = log.place(&sink);
            let (log, plugins, stopping) = (Arc::clone(log), Arc::clone(plugins), stopping.clone());
            let delivery = Delivery { log, plugins, sink, place, cursor: Cursor::after(place) };
            tokio::spawn(delivery.run(stopping))
        });
        Self { tasks: tasks.collect(), stop }
    }

    /// Lets each bring what it has begun with, so that no sink gets it twice for a stop alone.
    pub(crate) async fn stop(self) {
        self.stop.send_replace(true);
        for mut task in self.tasks {
            if tokio::time::timeout(STOP_WITHIN, &mut task).await.is_err() {
                task.abort();
            }
        }
    }
}

struct Delivery {
    log: Arc<Log>,
    plugins: Arc<dyn Plugins>,
    sink: String,
    /// What the sink has.
    place: u64,
    cursor: Cursor,
}

impl Delivery {
    async fn run(mut self, mut stopping: watch::Receiver<bool>) {
        let mut synced = self.log.synced();
        let mut pause = PAUSES.0;
        let mut is_failing = false;
        loop {
            let is_stopping = *stopping.borrow();
            let behind = *synced.borrow() > self.place;
            if is_stopping && (!behind || is_failing) {
                return;
            }
            if !behind {
                tokio::select! {
                    changed = synced.changed() => if changed.is_err() { return },
                    _ = stopping.changed() => {}
                }
                until(GATHER, &mut stopping).await;
                continue;
            }
            match self.bring().await {
                Ok(()) => {
                    if std::mem::take(&mut is_failing) {
                        tracing::info!(sink = self.sink, "audit: the sink takes events again");
                    }
                    pause = PAUSES.0;
                }
                Err(why) => {
                    let waiting = synced.borrow().saturating_sub(self.place);
                    if !std::mem::replace(&mut is_failing, true) {
                        tracing::error!(
                            sink = self.sink,
                            waiting,
                            why,
                            "audit: the sink takes no events; they wait"
                        );
                    }
                    until(pause, &mut stopping).await;
                    pause = (pause * 2).min(PAUSES.1);
                }
            }
        }
    }

    /// Brings one batch. What the sink does not say it has is brought again.
    async fn bring(&mut self) -> Result<(), String> {
        let kept = self.log.place(&self.sink);
        if kept > self.place {
            // What it has not taken was dropped.
            (self.place, self.cursor) = (kept, Cursor::after(kept));
        }
        let sink = self.plugins.audit_sink(&self.sink).ok_or("no such plugin is loaded")?;
        let count = usize::try_from(sink.descriptor().batch).unwrap_or(1);
        let (log, mut cursor) = (Arc::clone(&self.log), self.cursor);
        let read = off_the_runtime(move || {
            let events = log.read(&mut cursor, count, BATCH_BYTES)?;
            Ok((events, cursor))
        });
        let (events, cursor) = read.await?;
        let Some(last) = events.last().map(|event| event.sequence) else { return Ok(()) };
        let stored = sink.write(self.log.id(), &events).await.map_err(|error| error.to_string())?;
        if stored <= self.place {
            return Err("it stored nothing of what it was brought".to_owned());
        }
        let (log, name) = (Arc::clone(&self.log), self.sink.clone());
        off_the_runtime(move || log.advance(&name, stored)).await?;
        self.place = stored;
        self.cursor = if stored == last { cursor } else { Cursor::after(stored) };
        Ok(())
    }
}

/// Waits, or until it is time to stop.
async fn until(time: Duration, stopping: &mut watch::Receiver<bool>) {
    // A stop that is known already ends no pause twice.
    if !*stopping.borrow_and_update() {
        let _stopped = tokio::time::timeout(time, stopping.changed()).await;
    }
}

async fn off_the_runtime<T: Send + 'static>(
    work: impl FnOnce() -> std::io::Result<T> + Send + 'static,
) -> Result<T, String> {
    match tokio::task::spawn_blocking(work).await {
        Ok(outcome) => outcome.map_err(|error| format!("the log cannot be read or written: {error}")),
        Err(_panicked) => Err("the host failed".to_owned()),
    }
}

#[cfg(test)]
mod tests;
