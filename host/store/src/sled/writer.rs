//! The one thread that makes writes durable, many callers with one write to the disk.
//!
//! sled's `flush` alone does not survive a loss of power: it asks the kernel to start writing and no more. After it the
//! file `db` is synced as well, and only then are the callers answered (`state.md` has the measurements).

use std::fs::File;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use esignet_protocol::ports::store::StoreError;
use tokio::sync::oneshot;

/// How many callers one write to the disk answers.
const GROUP: usize = 256;

/// How many callers may wait; more are refused at once, so that a slow disk does not pile up requests.
const QUEUE: usize = 4_096;

/// How long a caller waits for the disk.
const DEADLINE: Duration = Duration::from_secs(5);

type Outcome = Result<(), String>;
type Waiting = oneshot::Sender<Outcome>;

/// Takes callers whose writes are in sled's buffers, and answers when they are on the disk.
pub(super) struct Writer {
    queue: Option<SyncSender<Waiting>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Starts the thread. `file` is any descriptor of sled's file `db`.
    pub(super) fn start(db: ::sled::Db, file: File) -> std::io::Result<Self> {
        let (queue, callers) = sync_channel(QUEUE);
        let thread = std::thread::Builder::new().name("esignet-store-writer".to_owned());
        let thread = thread.spawn(move || run(&callers, || commit(&db, &file)))?;
        Ok(Self { queue: Some(queue), thread: Some(thread) })
    }

    /// Returns when everything that was written before this call is on the disk.
    pub(super) async fn committed(&self) -> Result<(), StoreError> {
        let (waiting, outcome) = oneshot::channel();
        let queue = self.queue.as_ref().ok_or_else(stopped)?;
        queue.try_send(waiting).map_err(|error| match error {
            TrySendError::Full(_) => {
                unavailable("too many writes wait for the disk; it is too slow or it hangs")
            }
            TrySendError::Disconnected(_) => stopped(),
        })?;
        match tokio::time::timeout(DEADLINE, outcome).await {
            Ok(Ok(Ok(()))) => Ok(()),
            Ok(Ok(Err(failure))) => Err(unavailable(&failure)),
            Ok(Err(_)) => Err(stopped()),
            Err(_) => Err(unavailable(
                "the disk did not take a write within 5 s; see whether it is full, slow or broken",
            )),
        }
    }
}

impl Drop for Writer {
    /// Ends the thread, so that the files can be opened again as soon as the store is dropped.
    fn drop(&mut self) {
        self.queue = None;
        if let Some(thread) = self.thread.take() {
            // A panic of the thread was already told to every caller.
            let _ = thread.join();
        }
    }
}

/// Flushes and syncs.
pub(super) fn commit(db: &::sled::Db, file: &File) -> Outcome {
    db.flush().map_err(|error| format!("sled could not write: {error}"))?;
    file.sync_data().map_err(|error| format!("the disk did not take a write: {error}"))
}

/// Answers callers in groups until the store is dropped.
///
/// After a failed sync the kernel may drop what was not written and report success the next time, so one failure is
/// the answer to everybody from then on, until a restart finds out what is really there.
fn run(callers: &Receiver<Waiting>, commit: impl Fn() -> Outcome) {
    let mut outcome: Outcome = Ok(());
    while let Ok(first) = callers.recv() {
        let mut group = vec![first];
        group.extend(callers.try_iter().take(GROUP - 1));
        if outcome.is_ok() {
            outcome = commit()
                .map_err(|failure| format!("{failure}; restart the server when the disk is well again"));
        }
        for waiting in group {
            // A caller that went away at its deadline needs no answer.
            let _ = waiting.send(outcome.clone());
        }
    }
}

fn unavailable(what: &str) -> StoreError {
    StoreError::Unavailable(what.to_owned())
}

fn stopped() -> StoreError {
    unavailable("the thread that writes to the disk has ended; restart the server")
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[test]
    fn waiting_callers_share_a_commit() {
        let (queue, callers) = sync_channel(QUEUE);
        let outcomes: Vec<_> = (0..=GROUP)
            .map(|_| {
                let (waiting, outcome) = oneshot::channel();
                queue.send(waiting).unwrap();
                outcome
            })
            .collect();
        drop(queue);
        let commits = Cell::new(0);
        run(&callers, || {
            commits.set(commits.get() + 1);
            Ok(())
        });
        assert_eq!(commits.get(), 2);
        assert!(outcomes.into_iter().all(|mut outcome| outcome.try_recv() == Ok(Ok(()))));
    }

    #[test]
    fn after_a_failed_sync_nothing_is_acknowledged_again() {
        let (queue, callers) = sync_channel(QUEUE);
        let mut outcomes: Vec<_> = (0..GROUP * 2)
            .map(|_| {
                let (waiting, outcome) = oneshot::channel();
                queue.send(waiting).unwrap();
                outcome
            })
            .collect();
        drop(queue);
        let failing = Cell::new(true);
        run(&callers, || if failing.replace(false) { Err("no space".to_owned()) } else { Ok(()) });
        assert!(outcomes.iter_mut().all(|outcome| matches!(outcome.try_recv(), Ok(Err(_)))));
    }
}
