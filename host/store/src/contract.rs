//! What every implementation owes, run over each of them: races, expiry, clocks that are set back, the clean stop.

mod clients;
mod consents;
mod kv;
pub(crate) mod samples;
mod stores;

use std::future::Future;
use std::path::PathBuf;
use std::sync::Arc;

use esignet_protocol::ports::clock::Clock;
use esignet_protocol::ports::store::{Kept, Window};
use tempfile::TempDir;
use tokio::sync::Barrier;

use crate::kv::Kv;
use crate::{SealingKey, Store, memory, sled};
use samples::{START, TestClock};

/// What attempts are counted in.
pub(crate) const WINDOW: Window = Window { seconds: 600, kept: Kept::OverAnyStop };

/// A place of storage and what it needs to stay.
pub(crate) struct Place {
    pub(crate) kv: Arc<dyn Kv>,
    _directory: Option<TempDir>,
}

/// A store and the hand on its clock.
pub(crate) struct Opened {
    pub(crate) store: Store,
    pub(crate) clock: Arc<TestClock>,
    _directory: Option<TempDir>,
}

pub(crate) fn key() -> SealingKey {
    SealingKey::new([7; 32])
}

/// A path that only this test uses; the directory there does not exist yet.
pub(crate) fn fresh_path() -> (TempDir, PathBuf) {
    let directory = TempDir::new().expect("a temporary directory");
    let path = directory.path().join("store");
    (directory, path)
}

pub(crate) fn memory_place() -> Place {
    Place { kv: Arc::new(memory::Memory::new(START)), _directory: None }
}

pub(crate) fn sled_place() -> Place {
    let (directory, path) = fresh_path();
    Place { kv: Arc::new(sled::Sled::open(&path, START).expect("opens")), _directory: Some(directory) }
}

pub(crate) async fn memory_store() -> Opened {
    let clock = Arc::new(TestClock::default());
    let store = Store::memory(Arc::clone(&clock) as Arc<dyn Clock>, key()).await.expect("opens");
    Opened { store, clock, _directory: None }
}

pub(crate) async fn sled_store() -> Opened {
    let (directory, path) = fresh_path();
    let clock = Arc::new(TestClock::default());
    let store = Store::sled(&path, Arc::clone(&clock) as Arc<dyn Clock>, key()).await.expect("opens");
    Opened { store, clock, _directory: Some(directory) }
}

/// Lets fifty callers do the same at the same moment and gives back what each got.
pub(crate) async fn fifty<T, F, Fut>(attempt: F) -> Vec<T>
where
    T: Send + 'static,
    F: Fn(usize) -> Fut,
    Fut: Future<Output = T> + Send + 'static,
{
    let start = Arc::new(Barrier::new(50));
    let callers: Vec<_> = (0..50)
        .map(|number| {
            let (start, attempt) = (Arc::clone(&start), attempt(number));
            tokio::spawn(async move {
                start.wait().await;
                attempt.await
            })
        })
        .collect();
    let mut outcomes = Vec::new();
    for caller in callers {
        outcomes.push(caller.await.expect("no caller panics"));
    }
    outcomes
}

/// Runs each test over each implementation.
macro_rules! over_every_implementation {
    ($memory:expr, $sled:expr; $($test:ident),+ $(,)?) => {
        mod memory {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn $test() {
                super::$test($memory).await;
            })+
        }
        mod sled {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn $test() {
                super::$test($sled).await;
            })+
        }
    };
}
pub(crate) use over_every_implementation;
