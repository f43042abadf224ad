//! Accepts connections, HTTP/1.1 and HTTP/2 with prior knowledge, and stops without cutting anybody off.
//!
//! Each phase of a connection has its own limit, so that a peer that dawdles costs itself: the first bytes and the head of a
//! request and the time without any here, its body and its answer in [`esignet_web`].

use std::future::Future;
use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::Router;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::time::{Instant, Sleep};

use crate::config::Connections;

mod carry;
mod refused;

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

/// Serves until `stop`, then lets requests under way finish within the time the configuration gives them.
pub(crate) async fn serve(
    listener: TcpListener,
    router: Router,
    limits: Connections,
    stop: impl Future<Output = ()>,
) {
    let builder = Arc::new(protocols(limits));
    // Every connection holds a receiver: they learn of the stop by it, and we of their end.
    let (stopping, _) = watch::channel(());
    let mut refusals = refused::Refusals::default();
    let slots = Arc::new(Semaphore::new(limits.max));
    let mut stop = pin!(stop);
    loop {
        let accepted = tokio::select! {
            biased;
            () = &mut stop => break,
            accepted = accept(&listener, &slots, &mut refusals) => accepted,
        };
        let Some((stream, slot)) = accepted else { continue };
        let io = TokioIo::new(FirstBytes::new(stream, limits.header_timeout));
        let (builder, router, stopping) = (Arc::clone(&builder), router.clone(), stopping.subscribe());
        tokio::spawn(async move {
            carry::carry(&builder, io, router, limits, stopping).await;
            drop(slot);
        });
    }
    drop(listener);
    let open = stopping.receiver_count();
    tracing::info!(open, "stopping: no new connections; requests under way may finish");
    // Fails when no connection is left to hear it.
    let _ = stopping.send(());
    if tokio::time::timeout(limits.drain, stopping.closed()).await.is_err() {
        tracing::warn!(
            seconds = limits.drain.as_secs(),
            "stopping: requests did not finish in time and are cut off"
        );
    }
}

/// The next connection, once there is room for it.
async fn accept(
    listener: &TcpListener,
    slots: &Arc<Semaphore>,
    refusals: &mut refused::Refusals,
) -> Option<(TcpStream, tokio::sync::OwnedSemaphorePermit)> {
    let slot = Arc::clone(slots).acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, _)) => {
            // Without it a small answer waits for the acknowledgement of the one before.
            let _ = stream.set_nodelay(true);
            Some((stream, slot))
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
struct FirstBytes {
    stream: TcpStream,
    read: usize,
    deadline: Pin<Box<Sleep>>,
}

impl FirstBytes {
    fn new(stream: TcpStream, within: Duration) -> Self {
        Self { stream, read: 0, deadline: Box::pin(tokio::time::sleep_until(Instant::now() + within)) }
    }
}

impl AsyncRead for FirstBytes {
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

impl AsyncWrite for FirstBytes {
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
