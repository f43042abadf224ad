//! Watches the directory: what is put there is loaded, what is taken away goes, without a restart.
//!
//! The kernel's word that something changed only says when to look; a look at every file every so often finds what the
//! kernel does not tell of, such as a change on a network file system. A file is read once it looked the same twice, so
//! that one that is being copied is left alone until it is whole. The steps are those of the start, and so is the rule: a
//! file that is refused displaces nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::sleep;

use super::files::{self, Look};
use super::word::Unchanging;
use super::{Asking, LoadReport, Operator, Reading, Registry, Source, Word};

mod notice;

use notice::Notice;

/// How often a file that does not come to rest is looked at before the others are loaded without it.
const LOOKS: usize = 8;

/// How a directory is watched.
#[derive(Clone, Copy, Debug)]
pub struct Watching {
    /// From one look at a file that changed to the next: it must be the same at both.
    pub settle: Duration,
    /// The longest time without a look at all.
    pub rescan: Duration,
}

impl Default for Watching {
    fn default() -> Self {
        Self { settle: Duration::from_millis(250), rescan: Duration::from_secs(10) }
    }
}

/// Somebody wants a look now.
#[derive(Default)]
pub(super) struct Forced {
    wake: Notify,
    all: AtomicBool,
}

impl Registry {
    /// Has whoever watches read every file again, also those that were refused and did not change.
    pub fn reload(&self) {
        self.forced.all.store(true, Ordering::Relaxed);
        self.forced.wake.notify_one();
    }

    /// Loads what changes in the directory, for ever, and tells what came of each load.
    pub async fn watch(&self, source: Source<'_>, watching: Watching, told: impl FnMut(&LoadReport)) {
        self.watch_for(&Unchanging(Arc::new(Word::of(source))), watching, told).await;
    }

    /// The same for an operator whose word may change meanwhile: what it changes is loaded by it then.
    pub async fn watch_for(
        &self,
        operator: &dyn Operator,
        watching: Watching,
        mut told: impl FnMut(&LoadReport),
    ) {
        let mut watched = operator.directories();
        let directory = operator.word().directory.clone();
        watched.push(self.sandbox.inner.precompiled.directory().unwrap_or(&directory).to_owned());
        watched.push(directory);
        let watched: Vec<&Path> = watched.iter().map(PathBuf::as_path).collect();
        let mut notice = Notice::of(&watched);
        loop {
            let by_order = self.forced.all.load(Ordering::Relaxed);
            let asking = if by_order { Asking::ByOrder } else { Asking::Routinely };
            // What is wrong with it, whoever has the word has said.
            let _ = operator.read(asking).await;
            if let Some(report) = self.tend(operator).await {
                told(&report);
            }
            if let Some(report) = self.look_again(operator.word().source(), watching.settle).await {
                told(&report);
            }
            tokio::select! {
                () = notice.given() => {}
                () = self.forced.wake.notified() => {}
                () = self.sandbox.inner.alarms.wake.notified() => {}
                () = sleep(watching.rescan) => {}
            }
            // The directory may be another one by now.
            notice.renew(&watched);
        }
    }

    /// Loads what came to rest of what changed, if anything did.
    async fn look_again(&self, source: Source<'_>, settle: Duration) -> Option<LoadReport> {
        if self.forced.all.swap(false, Ordering::Relaxed) {
            return Some(self.read(source, Reading::All).await);
        }
        let Some(mut looks) = self.looked(source).await else {
            let _turn = self.loading.lock().await;
            self.expel(&self.now.load_full(), source.trust);
            return None;
        };
        let mut unsettled = BTreeSet::new();
        if !self.differs(source, &looks, &unsettled) {
            self.tidy().await;
            return None;
        }
        for _ in 0..LOOKS {
            sleep(settle).await;
            let later = self.looked(source).await?;
            unsettled = files::unsettled(&looks, &later);
            looks = later;
            if unsettled.is_empty() {
                break;
            }
        }
        if !unsettled.is_empty() {
            self.forced.wake.notify_one();
        }
        if !self.differs(source, &looks, &unsettled) {
            return None;
        }
        Some(self.read(source, Reading::Changed(&unsettled)).await)
    }

    async fn looked(&self, source: Source<'_>) -> Option<BTreeMap<PathBuf, Look>> {
        let looks = self.look(source.directory).await;
        looks.inspect_err(|finding| tracing::warn!(%finding, "plugins stay as they are")).ok()
    }

    /// Whether a file other than these is not as it was read.
    fn differs(&self, source: Source<'_>, looks: &BTreeMap<PathBuf, Look>, but: &BTreeSet<PathBuf>) -> bool {
        let now = self.now.load();
        let holds = |path: &PathBuf| {
            let (seen, look) = (now.seen.get(path), looks.get(path));
            seen.zip(look).is_some_and(|(seen, look)| seen.still_holds(*look, source))
        };
        now.seen.keys().chain(looks.keys()).filter(|path| !but.contains(*path)).any(|path| !holds(path))
    }
}
