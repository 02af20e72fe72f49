//! One HTTP connection: its phase, and a socket wrapper that can abort it.
//!
//! hyper's behavior needs three corrections:
//! - If a response body returns an error, hyper drops the bytes that it has not yet written. Here all bytes before the
//!   error must reach the client, and then the connection must close without a final chunk. So the body stays pending,
//!   and the socket fails at its next flush.
//! - If hyper cannot read a request head, it responds with a status and no body. Here the response must contain a
//!   message. So the socket discards hyper's response, and the server then writes an [`ErrorResponse`].
//! - If a client shuts down its sending direction after its request, hyper closes the connection. Here the client must
//!   get its response. So the socket reports the end of the stream only after the response. hyper's own setting for
//!   this, `half_close`, does not read while it responds, so that the server could not tell such clients, which have
//!   probably disconnected, from others when it runs out of connections.
//!
//! [`ErrorResponse`]: super::rejection::ErrorResponse

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::Notify;

/// The phase of a connection. The phases repeat in this order for each request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
enum Phase {
    /// Waiting for a request head.
    Head,
    /// Waiting for the request body.
    Body,
    /// The request is complete, and the response is being produced.
    Response,
    /// The response is complete, and its last bytes are being written.
    Flush,
}

/// The state that the socket, the request and the response of a connection share.
#[derive(Debug, Default)]
pub(crate) struct ConnectionState {
    /// A [`Phase`], initially `Head`.
    phase: AtomicU8,
    is_aborted: AtomicBool,
    /// The client has shut down its sending direction, or has disconnected.
    is_half_closed: AtomicBool,
    /// The socket has concealed the end of the stream once since the last request head.
    has_concealed_end: AtomicBool,
    is_trusted: AtomicBool,
    closes_at_shutdown: AtomicBool,
    eviction: Notify,
}

impl ConnectionState {
    /// Records that a request head has arrived. A body may follow.
    pub(crate) fn set_head_received(&self) {
        self.has_concealed_end.store(false, Ordering::Relaxed);
        self.set_phase(Phase::Body);
    }

    /// Records that the request is complete. The client now waits for the response.
    pub(crate) fn set_request_received(&self) {
        self.set_phase(Phase::Response);
    }

    /// Exempts the connection from eviction. The client is the function itself.
    pub(crate) fn trust(&self) {
        self.is_trusted.store(true, Ordering::Relaxed);
    }

    /// Makes the connection close at the shutdown, also in the middle of its response.
    pub(crate) fn close_at_shutdown(&self) {
        self.closes_at_shutdown.store(true, Ordering::Relaxed);
    }

    /// Returns whether the shutdown need not wait for the response.
    pub(crate) fn closes_at_shutdown(&self) -> bool {
        self.closes_at_shutdown.load(Ordering::Relaxed) || self.is_waiting_for_client()
    }

    /// Returns whether the connection waits for an untrusted client to complete a request.
    pub(crate) fn is_waiting_for_client(&self) -> bool {
        !self.is_trusted.load(Ordering::Relaxed) && (self.is_in(Phase::Head) || self.is_in(Phase::Body))
    }

    /// Returns whether the connection may close in favor of another one: it waits for its client, or the client has
    /// probably disconnected.
    pub(crate) fn is_evictable(&self) -> bool {
        let is_half_closed = self.is_half_closed.load(Ordering::Relaxed);
        self.is_waiting_for_client() || (is_half_closed && !self.is_trusted.load(Ordering::Relaxed))
    }

    /// Asks the connection to close if it is evictable.
    pub(crate) fn request_eviction(&self) {
        self.eviction.notify_one();
    }

    /// Waits until the connection has to close because another connection needs its place.
    pub(crate) async fn evicted(&self) {
        loop {
            self.eviction.notified().await;
            // A complete request may have arrived in the meantime.
            if self.is_evictable() {
                return;
            }
        }
    }

    /// Makes the next flush of the socket fail. The caller must wake the task that writes to the socket.
    pub(crate) fn abort_on_flush(&self) {
        self.is_aborted.store(true, Ordering::Relaxed);
    }

    #[cfg(test)]
    pub(crate) fn is_aborted(&self) -> bool {
        self.is_aborted.load(Ordering::Relaxed)
    }

    fn set_phase(&self, phase: Phase) {
        self.phase.store(phase as u8, Ordering::Relaxed);
    }

    fn is_in(&self, phase: Phase) -> bool {
        self.phase.load(Ordering::Relaxed) == phase as u8
    }
}

/// The socket of a connection, which corrects what hyper reads and writes.
pub(crate) struct ConnectionSocket<S> {
    socket: S,
    connection: Arc<ConnectionState>,
    allows_half_close: bool,
    discards_writes: bool,
}

impl<S> ConnectionSocket<S> {
    /// Wraps the socket of a connection. `allows_half_close`: a client that has shut down its sending direction still
    /// gets its response.
    pub(crate) fn new(socket: S, connection: Arc<ConnectionState>, allows_half_close: bool) -> Self {
        Self {
            socket,
            connection,
            allows_half_close,
            discards_writes: false,
        }
    }

    /// Returns the inner socket, and whether it discarded an error response that hyper wrote.
    pub(crate) fn into_inner(self) -> (S, bool) {
        (self.socket, self.discards_writes)
    }

    /// Returns whether to discard a write. If hyper writes before it has a request, it writes an error response.
    fn check_discard(&mut self) -> bool {
        self.discards_writes |= self.connection.is_in(Phase::Head);
        self.discards_writes
    }

    /// Returns whether to conceal the end of the stream from hyper, which would close the connection.
    fn conceals_end(&self, context: &Context<'_>) -> bool {
        let connection = &self.connection;
        connection.is_half_closed.store(true, Ordering::Relaxed);
        match connection.phase.load(Ordering::Relaxed) {
            phase if !self.allows_half_close || phase == Phase::Head as u8 => false,
            phase if phase == Phase::Body as u8 => {
                // hyper may have read the complete body, and the handler has not. At the next poll it has, and the phase
                // is `Response`. Otherwise the body is truncated.
                context.waker().wake_by_ref();
                !connection.has_concealed_end.swap(true, Ordering::Relaxed)
            }
            // `poll_flush` wakes the task after the response.
            _ => true,
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for ConnectionSocket<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let free = buffer.remaining();
        ready!(Pin::new(&mut self.socket).poll_read(context, buffer))?;
        let is_end = free > 0 && buffer.remaining() == free;
        match is_end && self.conceals_end(context) {
            true => Poll::Pending,
            false => Poll::Ready(Ok(())),
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for ConnectionSocket<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if self.check_discard() {
            return Poll::Ready(Ok(bytes.len()));
        }
        Pin::new(&mut self.socket).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffers: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if self.check_discard() {
            return Poll::Ready(Ok(buffers.iter().map(|buffer| buffer.len()).sum()));
        }
        Pin::new(&mut self.socket).poll_write_vectored(context, buffers)
    }

    fn is_write_vectored(&self) -> bool {
        self.socket.is_write_vectored()
    }

    /// Fails if the connection is aborted. hyper flushes the socket only when its own buffer is empty, so no bytes are
    /// lost.
    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.connection.is_aborted.load(Ordering::Relaxed) {
            return Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into()));
        }
        let flushed = Pin::new(&mut self.socket).poll_flush(context);
        if flushed.is_ready() && self.connection.is_in(Phase::Flush) {
            self.connection.set_phase(Phase::Head);
            if self.connection.is_half_closed.load(Ordering::Relaxed) {
                // hyper reads the end of the stream, which the socket has concealed.
                context.waker().wake_by_ref();
            }
        }
        flushed
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_shutdown(context)
    }
}

/// A response body that updates the phase of the connection: `Response` while the body exists, then `Flush`.
pub(crate) struct PhaseTrackingBody<B> {
    body: B,
    connection: Arc<ConnectionState>,
}

impl<B> PhaseTrackingBody<B> {
    pub(crate) fn new(body: B, connection: Arc<ConnectionState>) -> Self {
        connection.set_request_received();
        Self { body, connection }
    }
}

impl<B: Body<Data = Bytes> + Unpin> Body for PhaseTrackingBody<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl<B> Drop for PhaseTrackingBody<B> {
    fn drop(&mut self) {
        self.connection.set_phase(Phase::Flush);
    }
}
