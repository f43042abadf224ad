//! The one thread that puts events on the disk, many with one `fdatasync`: at once when somebody waits, else some times a
//! second.

use std::fs::File;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tokio::sync::watch;

/// How long an event that nobody waits for may be in the memory of the machine alone.
const AT_LEAST_EVERY: Duration = Duration::from_millis(200);
/// How long the disk may take before logins are refused.
const STUCK: Duration = Duration::from_secs(2);

pub(super) struct Syncing {
    shared: Arc<Shared>,
    synced: watch::Receiver<u64>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    work: Mutex<Work>,
    changed: Condvar,
}

#[derive(Default)]
struct Work {
    /// What was written since the last time, and up to which event.
    written: Option<(Arc<File>, u64)>,
    is_urgent: bool,
    is_over: bool,
    /// When the disk was asked, while it has not answered.
    asked_at: Option<Instant>,
    failure: Option<String>,
}

impl Syncing {
    pub(super) fn start(synced: u64) -> std::io::Result<Self> {
        let (tell, synced) = watch::channel(synced);
        let shared = Arc::new(Shared::default());
        let of_thread = Arc::clone(&shared);
        let thread = std::thread::Builder::new().name("esignet-audit-sync".to_owned());
        let thread = thread.spawn(move || of_thread.run(&tell))?;
        Ok(Self { shared, synced, thread: Some(thread) })
    }

    /// The number of the last event on the disk.
    pub(super) fn synced(&self) -> watch::Receiver<u64> {
        self.synced.clone()
    }

    /// An event was written to a file. A file is synced before the next one begins, so the last file counts.
    pub(super) fn written(&self, file: &Arc<File>, sequence: u64) {
        let mut work = self.shared.work();
        let was_idle = work.written.is_none();
        work.written = Some((Arc::clone(file), sequence));
        drop(work);
        if was_idle {
            self.shared.changed.notify_one();
        }
    }

    /// Somebody waits.
    pub(super) fn hurry(&self) {
        self.shared.work().is_urgent = true;
        self.shared.changed.notify_one();
    }

    /// Why nothing can be put on the disk any more: after a failed sync the kernel may have dropped what it had, and say
    /// the next time that all is well.
    pub(super) fn failure(&self) -> Option<String> {
        self.shared.work().failure.clone()
    }

    pub(super) fn why_ended(&self) -> String {
        self.failure()
            .unwrap_or_else(|| "the thread that writes to the disk has ended; restart the server".to_owned())
    }

    /// Why logins should wait: the disk has not answered for some time.
    pub(super) fn is_stuck(&self) -> Option<String> {
        let asked_at = self.shared.work().asked_at;
        asked_at.filter(|asked_at| asked_at.elapsed() > STUCK).map(|_| "the disk does not answer".to_owned())
    }
}

impl Shared {
    fn work(&self) -> MutexGuard<'_, Work> {
        self.work.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is to be synced now; `None` at the end.
    fn next(&self) -> Option<(Arc<File>, u64)> {
        let mut work = self.work();
        while work.written.is_none() && !work.is_over {
            work = self.changed.wait(work).unwrap_or_else(PoisonError::into_inner);
        }
        if !work.is_urgent && !work.is_over {
            let waited = self
                .changed
                .wait_timeout_while(work, AT_LEAST_EVERY, |work| !work.is_urgent && !work.is_over);
            work = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        work.is_urgent = false;
        work.asked_at = work.written.is_some().then(Instant::now);
        work.written.take()
    }

    fn run(&self, tell: &watch::Sender<u64>) {
        while let Some((file, sequence)) = self.next() {
            let outcome = file.sync_data();
            let mut work = self.work();
            work.asked_at = None;
            if let Err(error) = outcome {
                tracing::error!(%error, "audit: the disk did not take events; no login begins until a restart");
                work.failure = Some(format!(
                    "the disk did not take it: {error}; restart the server when the disk is well"
                ));
                // The sender goes, and whoever waits learns of it.
                return;
            }
            drop(work);
            tell.send_replace(sequence);
        }
    }
}

impl Drop for Syncing {
    fn drop(&mut self) {
        self.shared.work().is_over = true;
        self.shared.changed.notify_one();
        if let Some(thread) = self.thread.take() {
            // A panic of the thread was already told to every caller.
            let _ = thread.join();
        }
    }
}
