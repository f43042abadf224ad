use std::sync::Mutex;

use async_trait::async_trait;
use esignet_protocol::audit::chain::Recorded;
use esignet_protocol::audit::event::{Action, Event, Outcome};
use esignet_protocol::ports::audit::{AuditLog as _, AuditSink, AuditSinkDescriptor};
use esignet_protocol::ports::plugins::{AuthFactor, IdSystem, PluginError};
use esignet_store::audit::{Terms, WhenFull};
use tempfile::TempDir;

use super::*;

/// A sink that answers what a test wants, in turn, and then that it has everything.
struct Sink {
    descriptor: AuditSinkDescriptor,
    answers: Mutex<Vec<Result<u64, PluginError>>>,
    brought: watch::Sender<Vec<Vec<u64>>>,
}

struct Only(Arc<Sink>);

impl Plugins for Only {
    fn id_system(&self) -> Option<Arc<dyn IdSystem>> {
        None
    }
    fn factor(&self, _: &str) -> Option<Arc<dyn AuthFactor>> {
        None
    }
    fn audit_sink(&self, _: &str) -> Option<Arc<dyn AuditSink>> {
        Some(Arc::clone(&self.0) as Arc<dyn AuditSink>)
    }
}

#[async_trait]
impl AuditSink for Sink {
    fn id(&self) -> &'static str {
        "sink"
    }
    fn descriptor(&self) -> &AuditSinkDescriptor {
        &self.descriptor
    }
    async fn write(&self, _: &str, events: &[Recorded]) -> Result<u64, PluginError> {
        let sequences: Vec<u64> = events.iter().map(|event| event.sequence).collect();
        let last = sequences.last().copied().unwrap_or_default();
        self.brought.send_modify(|brought| brought.push(sequences));
        let mut answers = self.answers.lock().unwrap();
        if answers.is_empty() { Ok(last) } else { answers.remove(0) }
    }
}

async fn brought(answers: Vec<Result<u64, PluginError>>, until: u64) -> (Vec<Vec<u64>>, u64) {
    let place = TempDir::new().unwrap();
    let terms = Terms {
        directory: place.path().join("audit"),
        sinks: vec!["sink".to_owned()],
        spool_bytes: 1 << 20,
        when_full: WhenFull::RefuseLogins,
        keep_bytes: 1 << 20,
    };
    let log = Arc::new(Log::open(terms, || 1).unwrap().0);
    let (tell, mut told) = watch::channel(Vec::new());
    let descriptor = AuditSinkDescriptor { batch: 2 };
    let sink = Arc::new(Sink { descriptor, answers: Mutex::new(answers), brought: tell });
    for _ in 0..until {
        log.tell(Event::new(Action::Token, Outcome::Success)).unwrap();
    }
    log.settled().await.unwrap();
    let plugins: Arc<dyn Plugins> = Arc::new(Only(sink));
    let deliveries = Deliveries::start(&log, &plugins, std::iter::once("sink".to_owned()));
    let all = told.wait_for(|calls| calls.last().is_some_and(|call| call.last() == Some(&until)));
    tokio::time::timeout(Duration::from_secs(20), all).await.unwrap().unwrap();
    deliveries.stop().await;
    let calls = told.borrow().clone();
    (calls, log.place("sink"))
}

#[tokio::test]
async fn events_come_in_order_and_once() {
    let (calls, place) = brought(Vec::new(), 5).await;
    assert_eq!(calls, [vec![1, 2], vec![3, 4], vec![5]]);
    assert_eq!(place, 5);
}

#[tokio::test]
async fn what_a_sink_did_not_take_comes_again_and_nothing_before_it() {
    let down = Err(PluginError::Unavailable("down".to_owned()));
    let (calls, place) = brought(vec![Ok(1), down], 4).await;
    assert_eq!(calls, [vec![1, 2], vec![2, 3], vec![2, 3], vec![4]]);
    assert_eq!(place, 4);
}
