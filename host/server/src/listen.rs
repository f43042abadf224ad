//! Accepts connections, over TLS or without, HTTP/1.1 and HTTP/2, and stops without cutting anybody off.
//!
//! | What | File |
//! |---|---|
//! | one connection from its first byte to its end | `listen/carry.rs` |
//! | TLS, and certificates of clients | `listen/tls.rs`, `listen/client_certificate.rs` |
//! | certificates that a proxy saw | `listen/proxied.rs` |
//! | which certificate belongs to a request | `listen/peer.rs` |
//! | how often failures are logged | `listen/refused.rs` |
//!
//! Each phase of a connection has its own limit, so that a peer that dawdles costs itself: the handshake, the first bytes
//! and the head of a request and the time without any here, its body and its answer in [`esignet_web`].

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::Router;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use hyper_util::server::conn::auto;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, Sleep};

use crate::config::Connections;
use peer::Peer;
use proxied::ProxiedCertificates;

mod carry;
pub(crate) mod client_certificate;
mod peer;
pub(crate) mod proxied;
mod refused;
pub(crate) mod tls;

/// What an HTTP/2 connection begins with (RFC 9113 §3.4): with so many bytes the protocol is known.
const PREFACE_BYTES: usize = 24;
/// The most header fields of a request.
const MAX_HEADERS: usize = 64;
/// The most bytes of a head. A proof and a token are some kilobytes.
const MAX_HEAD_BYTES: usize = 32 * 1024;
/// Requests at the same time on one HTTP/2 connection.
const MAX_STREAMS: u32 = 64;
/// After a failed accept, usually for want of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Of so many connections one may be in its handshake at a time; more wait within their time for it.
const CONNECTIONS_PER_HANDSHAKE: usize = 4;

/// A socket and what is spoken on it.
pub(crate) struct Listener {
    /// Where peers connect.
    pub(crate) socket: TcpListener,
    /// What is spoken.
    pub(crate) transport: Transport,
}

/// What is spoken below HTTP.
#[derive(Clone)]
pub(crate) enum Transport {
    /// Nothing: TLS ends in front of us, or nobody but this machine is there.
    Plain,
    /// TLS.
    Tls(tls::Tls),
}

/// What every connection of every listener is served with.
#[derive(Clone)]
pub(crate) struct Served {
    /// What answers.
    pub(crate) router: Router,
    /// What proxies are believed, if any.
    pub(crate) proxied: Option<Arc<ProxiedCertificates>>,
    /// How connections are bounded, over all listeners.
    pub(crate) limits: Connections,
}

/// What the tasks of all connections share.
struct Shared {
    served: Served,
    builder: auto::Builder<TokioExecutor>,
    slots: Arc<Semaphore>,
    handshakes: Semaphore,
    /// Every connection holds a receiver: they learn of the stop by it, and we of their end.
    stopping: watch::Sender<()>,
}

/// Serves until `stop`, then lets requests under way finish within the time the configuration gives them.
pub(crate) async fn serve(listeners: Vec<Listener>, served: Served, stop: impl Future<Output = ()>) {
    let limits = served.limits;
    let shared = Arc::new(Shared {
        served,
        builder: protocols(limits),
        slots: Arc::new(Semaphore::new(limits.max)),
        handshakes: Semaphore::new(limits.max.div_ceil(CONNECTIONS_PER_HANDSHAKE)),
        stopping: watch::channel(()).0,
    });
    let mut accepting = JoinSet::new();
    for listener in listeners {
        accepting.spawn(accept_all(listener, Arc::clone(&shared)));
    }
    stop.await;
    // With the tasks go their sockets.
    accepting.shutdown().await;
    let open = shared.stopping.receiver_count();
    tracing::info!(open, "stopping: no new connections; requests under way may finish");
    // Fails when no connection is left to hear it.
    let _ = shared.stopping.send(());
    if tokio::time::timeout(limits.drain, shared.stopping.closed()).await.is_err() {
        tracing::warn!(
            seconds = limits.drain.as_secs(),
            "stopping: requests did not finish in time and are cut off"
        );
    }
}

/// Accepts connections for ever, each once there is room for it.
async fn accept_all(listener: Listener, shared: Arc<Shared>) {
    let mut refusals = refused::Refusals::default();
    loop {
        // The connection comes before its slot, so that a listener without any keeps none from the other listener.
        let Some((stream, from)) = accept(&listener.socket, &mut refusals).await else { continue };
        let Ok(slot) = Arc::clone(&shared.slots).acquire_owned().await else { return };
        let stopping = shared.stopping.subscribe();
        let (transport, shared) = (listener.transport.clone(), Arc::clone(&shared));
        tokio::spawn(async move { shared.carry(transport, (stream, from), slot, stopping).await });
    }
}

/// The next connection.
async fn accept(socket: &TcpListener, refusals: &mut refused::Refusals) -> Option<(TcpStream, SocketAddr)> {
    match socket.accept().await {
        Ok((stream, from)) => {
            // Without it a small answer waits for the acknowledgement of the one before.
            let _ = stream.set_nodelay(true);
            Some((stream, from))
        }
        Err(error) => {
            if let Some(unlogged) = refusals.note(Instant::now()) {
                tracing::warn!(%error, unlogged, "a connection was not accepted");
            }
            tokio::time::sleep(ACCEPT_PAUSE).await;
            None
        }
    }
}

impl Shared {
    /// Serves one connection to its end, and then lets go of its slot.
    async fn carry(
        &self,
        transport: Transport,
        (stream, from): (TcpStream, SocketAddr),
        slot: OwnedSemaphorePermit,
        mut stopping: watch::Receiver<()>,
    ) {
        let (limits, proxied) = (self.served.limits, self.served.proxied.clone());
        match transport {
            Transport::Plain => {
                let peer = Peer::new(from.ip(), None, proxied);
                carry::carry(self, FirstBytes::new(stream, limits.header_timeout), peer, stopping).await;
            }
            Transport::Tls(tls) => {
                let accepted = tokio::select! {
                    accepted = tls.accept(stream, &self.handshakes, limits.header_timeout) => accepted,
                    // Nothing was asked yet, so nothing is cut off.
                    _ = stopping.changed() => None,
                };
                if let Some((stream, certificate)) = accepted {
                    let peer = Peer::new(from.ip(), certificate, proxied);
                    carry::carry(self, FirstBytes::new(stream, limits.header_timeout), peer, stopping).await;
                }
            }
        }
        drop(slot);
    }
}

fn protocols(limits: Connections) -> auto::Builder<TokioExecutor> {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.header_timeout)
        .max_headers(MAX_HEADERS)
        .max_buf_size(MAX_HEAD_BYTES);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(MAX_STREAMS)
        .max_header_list_size(u32::try_from(MAX_HEAD_BYTES).unwrap_or(u32::MAX))
        .keep_alive_interval(limits.request_timeout)
        .keep_alive_timeout(limits.header_timeout);
    builder
}

/// A stream whose first bytes must come in time; after that the protocols keep time themselves.
struct FirstBytes<S> {
    stream: S,
    read: usize,
    deadline: Pin<Box<Sleep>>,
}

impl<S> FirstBytes<S> {
    fn new(stream: S, within: Duration) -> Self {
        Self { stream, read: 0, deadline: Box::pin(tokio::time::sleep_until(Instant::now() + within)) }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for FirstBytes<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(cx, buffer);
        if self.read >= PREFACE_BYTES {
            return polled;
        }
        if polled.is_pending() {
            ready!(self.deadline.as_mut().poll(cx));
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        self.read += buffer.filled().len().saturating_sub(before);
        polled
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for FirstBytes<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, parts)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

#[cfg(test)]
mod tests;
