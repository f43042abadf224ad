//! One connection from its first byte to its end: closed when it is broken, when it asks for nothing, or when we stop.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use axum::extract::Request;
use hyper::body::Incoming;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::watch;
use tokio::time::Instant;

use super::peer::Peer;
use super::{FirstBytes, Shared};

/// Serves the connection to its end. What the peer is known by goes into each of its requests, outside of everything that
/// answers them.
pub(super) async fn carry<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(
    shared: &Shared,
    stream: FirstBytes<S>,
    peer: Peer,
    mut stopping: watch::Receiver<()>,
) {
    let limits = shared.served.limits;
    let activity = Arc::new(Activity::begin());
    let inner = TowerToHyperService::new(shared.served.router.clone());
    let watched = Arc::clone(&activity);
    let service = service_fn(move |mut request: Request<Incoming>| {
        let under_way = UnderWay::enter(&watched);
        peer.vouch(&mut request);
        let answer = inner.call(request);
        async move {
            let answer = answer.await;
            drop(under_way);
            answer
        }
    });
    let mut connection = pin!(shared.builder.serve_connection(TokioIo::new(stream), service));

    // How a peer ended its connection is its own affair; requests are logged where they are answered.
    tokio::select! {
        ended = connection.as_mut() => return log(ended),
        _ = stopping.changed() => {
            connection.as_mut().graceful_shutdown();
            return log(connection.await);
        }
        () = activity.idle_for(limits.idle_timeout) => connection.as_mut().graceful_shutdown(),
    }
    // An HTTP/2 peer that is alive answers the farewell (RFC 9113 §6.8); what it had begun meanwhile is answered.
    let patience = async {
        loop {
            tokio::time::sleep(limits.header_timeout).await;
            if !activity.is_asked() {
                break;
            }
        }
    };
    tokio::select! {
        ended = connection.as_mut() => log(ended),
        () = patience => {}
    }
}

fn log<E: std::fmt::Display>(ended: Result<(), E>) {
    if let Err(error) = ended {
        tracing::debug!(%error, "connection");
    }
}

/// What is asked on a connection, counted without waking anybody.
struct Activity {
    began: Instant,
    under_way: AtomicUsize,
    /// When the last request ended, in milliseconds since the connection began.
    quiet_since: AtomicU64,
}

impl Activity {
    fn begin() -> Self {
        Self { began: Instant::now(), under_way: AtomicUsize::new(0), quiet_since: AtomicU64::new(0) }
    }

    fn is_asked(&self) -> bool {
        self.under_way.load(Ordering::Acquire) > 0
    }

    /// Returns once nothing was asked for so long.
    async fn idle_for(&self, time: Duration) {
        loop {
            let now = Instant::now();
            let quiet_since = self.began + Duration::from_millis(self.quiet_since.load(Ordering::Acquire));
            let due = if self.is_asked() { now + time } else { quiet_since + time };
            if due <= now {
                return;
            }
            tokio::time::sleep_until(due).await;
        }
    }
}

/// A request that has no answer yet; given up requests count as ended.
struct UnderWay(Arc<Activity>);

impl UnderWay {
    fn enter(activity: &Arc<Activity>) -> Self {
        activity.under_way.fetch_add(1, Ordering::AcqRel);
        Self(Arc::clone(activity))
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        let now = u64::try_from(self.0.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.0.quiet_since.store(now, Ordering::Release);
        self.0.under_way.fetch_sub(1, Ordering::AcqRel);
    }
}
