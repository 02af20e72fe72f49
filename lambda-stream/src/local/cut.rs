//! A socket that can be cut off in the middle of a response, once all that was written is out.
//!
//! A response that fails halfway must reach its caller up to there, and then break off without the zero chunk that would
//! make it look complete. hyper drops what it still buffers when a body returns an error, so the body waits instead
//! and the socket fails: hyper flushes a socket only when its own buffer is empty, so nothing is lost.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use hyper::rt::{Read, ReadBufCursor, Write};

/// Cuts the connection that it belongs to.
#[derive(Clone, Debug, Default)]
pub(super) struct Cut(Arc<AtomicBool>);

impl Cut {
    /// From now on the connection ends at its next flush. The task that writes to it must be woken for that.
    pub(super) fn cut(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// A socket with its [`Cut`].
pub(super) struct CutSocket<S> {
    socket: S,
    cut: Cut,
}

impl<S> CutSocket<S> {
    pub(super) fn new(socket: S, cut: Cut) -> Self {
        Self { socket, cut }
    }
}

impl<S: Read + Unpin> Read for CutSocket<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_read(context, buffer)
    }
}

impl<S: Write + Unpin> Write for CutSocket<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.socket).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffers: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.socket).poll_write_vectored(context, buffers)
    }

    fn is_write_vectored(&self) -> bool {
        self.socket.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.cut.0.load(Ordering::Relaxed) {
            return Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into()));
        }
        Pin::new(&mut self.socket).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_shutdown(context)
    }
}
