//! Notices on their way to the notifier: a bounded queue beside the logins, which never wait for it.
//!
//! Each notice is a task of the runtime of plugin calls. It brings its notice until the notifier takes it, refuses it, or has
//! been asked often enough; a few calls are made at a time. What finds the queue full is dropped and counted, and so is what a
//! stop cannot wait for. Notices are kept in memory alone: who is not told because the machine stopped is not told.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use esignet_protocol::ports::notices::{Notice, NoticeEvent, Notices};
use esignet_protocol::ports::plugins::PluginError;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{sleep, timeout};

use crate::registry::Registry;

/// How many notices are brought at the same time.
const CALLS: usize = 4;
/// The longest pause between two tries.
const LONGEST_PAUSE: Duration = Duration::from_mins(1);

/// Who is told, and of what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoticeSettings {
    /// The notifier's id.
    pub plugin: String,
    /// What it is told of, if it wants to hear of it.
    pub events: BTreeSet<NoticeEvent>,
    /// How often a notice is brought at most.
    pub tries: u32,
    /// How many notices may wait.
    pub queue_length: u32,
    /// The pause after the first try; each later one is twice as long, up to a minute.
    pub first_pause: Duration,
}

impl Default for NoticeSettings {
    fn default() -> Self {
        Self {
            plugin: String::new(),
            events: NoticeEvent::ALL.into(),
            tries: 5,
            queue_length: 1_000,
            first_pause: Duration::from_secs(1),
        }
    }
}

/// What became of notices since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NoticeCounts {
    /// The notifier took them.
    pub brought: u64,
    /// It refused them, failed, or was tried often enough.
    pub given_up: u64,
    /// The queue was full, or the stop could not wait.
    pub dropped: u64,
}

/// The queue.
pub struct NoticeQueue(Arc<Inner>);

struct Inner {
    registry: Arc<Registry>,
    settings: NoticeSettings,
    places: Arc<Semaphore>,
    calls: Semaphore,
    brought: AtomicU64,
    given_up: AtomicU64,
    dropped: AtomicU64,
}

impl std::fmt::Debug for NoticeQueue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NoticeQueue").field("counts", &self.counts()).finish_non_exhaustive()
    }
}

impl NoticeQueue {
    /// A queue for a notifier of this registry, whichever build of it is present when a notice is brought.
    pub fn new(registry: Arc<Registry>, settings: NoticeSettings) -> Self {
        Self(Arc::new(Inner {
            registry,
            places: Arc::new(Semaphore::new(settings.queue_length as usize)),
            calls: Semaphore::new(CALLS),
            settings,
            brought: AtomicU64::default(),
            given_up: AtomicU64::default(),
            dropped: AtomicU64::default(),
        }))
    }

    /// What became of notices so far.
    pub fn counts(&self) -> NoticeCounts {
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        NoticeCounts {
            brought: count(&self.0.brought),
            given_up: count(&self.0.given_up),
            dropped: count(&self.0.dropped),
        }
    }

    /// Takes no more notices, and waits until those that it has are done with, no longer than `most`.
    pub async fn drain(&self, most: Duration) {
        let all = self.0.settings.queue_length;
        let drained = timeout(most, self.0.places.acquire_many(all)).await;
        let left = all as usize - self.0.places.available_permits();
        // Nobody gets a place from here on.
        self.0.places.close();
        if drained.is_err() && left > 0 {
            let dropped = self.0.count_dropped(left as u64);
            tracing::warn!(left, dropped, "notices were dropped: the server stops");
        }
        let NoticeCounts { brought, given_up, dropped } = self.counts();
        tracing::info!(brought, given_up, dropped, "notices: stopped");
    }
}

impl Notices for NoticeQueue {
    fn tell(&self, notice: Notice) {
        let inner = &self.0;
        if !inner.settings.events.contains(&notice.event) {
            return;
        }
        let Ok(place) = Arc::clone(&inner.places).try_acquire_owned() else {
            let dropped = inner.count_dropped(1);
            // Once for each power of two: a notifier that is down for an hour does not fill the log.
            if dropped.is_power_of_two() {
                let event = notice.event.as_str();
                tracing::warn!(event, dropped, "a notice was dropped: the queue is full");
            }
            return;
        };
        let bringing = Arc::clone(inner).bring(notice, place);
        // The task ends by itself; nobody waits for it.
        drop(inner.registry.sandbox().inner.handle.spawn(bringing));
    }
}

impl Inner {
    fn count_dropped(&self, more: u64) -> u64 {
        self.dropped.fetch_add(more, Ordering::Relaxed) + more
    }

    async fn bring(self: Arc<Self>, notice: Notice, _place: OwnedSemaphorePermit) {
        let event = notice.event.as_str();
        let mut pause = self.settings.first_pause;
        for attempt in 1..=self.settings.tries {
            match self.once(&notice).await {
                Ok(taken) => {
                    self.brought.fetch_add(u64::from(taken), Ordering::Relaxed);
                    return;
                }
                Err(error) if attempt < self.settings.tries && comes_again(&error) => {
                    tracing::debug!(event, attempt, %error, "a notice is brought again");
                    sleep(pause).await;
                    pause = pause.saturating_mul(2).min(LONGEST_PAUSE);
                }
                Err(error) => {
                    let given_up = self.given_up.fetch_add(1, Ordering::Relaxed) + 1;
                    tracing::warn!(event, attempt, %error, given_up, "a notice was given up");
                    return;
                }
            }
        }
    }

    /// One try: whether the notifier took it, rather than not wanting to hear of such things.
    async fn once(&self, notice: &Notice) -> Result<bool, PluginError> {
        let closed = |_| PluginError::Unavailable("the queue is closed".to_owned());
        let _turn = self.calls.acquire().await.map_err(closed)?;
        let notifier = self.registry.notifier(&self.settings.plugin);
        let notifier = notifier.ok_or_else(|| PluginError::Unavailable("it is not loaded".to_owned()))?;
        if !notifier.events().iter().any(|wanted| wanted == notice.event.as_str()) {
            return Ok(false);
        }
        notifier.notify(notice).await.map(|()| true)
    }
}

/// Whether another try may end better.
fn comes_again(error: &PluginError) -> bool {
    match error {
        PluginError::Unavailable(_) | PluginError::TimedOut(_) => true,
        PluginError::Rejected(_) | PluginError::Trapped(_) | PluginError::Broken(_) => false,
    }
}
