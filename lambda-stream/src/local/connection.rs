//! One connection, between hyper and the socket: whose turn it is, and how it is ended from outside.
//!
//! hyper drops what it still buffers when a response's body returns an error, and answers a head that it cannot read
//! with a bare status. Both want more: a response that fails halfway must reach its caller up to there and then break
//! off, and a refusal must say what is wrong. So the body waits while the socket fails, and hyper's own refusals are held
//! back.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::rt::{Read, ReadBufCursor, Write};
use tokio::sync::Notify;

/// Whose turn it is. A connection goes round: its caller sends a head, then a body, the function answers, and the end
/// of the answer is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
enum Turn {
    Head,
    Body,
    Answer,
    Flush,
}

/// What a connection's socket, its request and its response share.
#[derive(Debug, Default)]
pub(super) struct Connection {
    /// A [`Turn`]; at first that of the head.
    turn: AtomicU8,
    cut: AtomicBool,
    is_trusted: AtomicBool,
    give_way: Notify,
}

impl Connection {
    /// A head has come, and maybe a body follows.
    pub(super) fn has_head(&self) {
        self.set(Turn::Body);
    }

    /// The request is whole: its caller waits from now on.
    pub(super) fn has_request(&self) {
        self.set(Turn::Answer);
    }

    /// The caller may take its time: it is the function itself.
    pub(super) fn trust(&self) {
        self.is_trusted.store(true, Ordering::Relaxed);
    }

    /// Whether it is a stranger who is waited for.
    pub(super) fn waits_for_caller(&self) -> bool {
        !self.is_trusted.load(Ordering::Relaxed) && (self.is(Turn::Head) || self.is(Turn::Body))
    }

    /// Asks the connection to end if it waits for its caller.
    pub(super) fn ask_to_give_way(&self) {
        self.give_way.notify_one();
    }

    /// Waits until the connection has to end in favour of another.
    pub(super) async fn gives_way(&self) {
        loop {
            self.give_way.notified().await;
            // A request may have come since.
            if self.waits_for_caller() {
                return;
            }
        }
    }

    /// From now on the connection ends at its next flush. The task that writes to it must be woken for that.
    pub(super) fn cut(&self) {
        self.cut.store(true, Ordering::Relaxed);
    }

    fn set(&self, turn: Turn) {
        self.turn.store(turn as u8, Ordering::Relaxed);
    }

    fn is(&self, turn: Turn) -> bool {
        self.turn.load(Ordering::Relaxed) == turn as u8
    }
}

/// A connection's socket, as hyper sees it.
pub(super) struct Socket<S> {
    socket: S,
    connection: Arc<Connection>,
    held_back: bool,
}

impl<S> Socket<S> {
    pub(super) fn new(socket: S, connection: Arc<Connection>) -> Self {
        Self {
            socket,
            connection,
            held_back: false,
        }
    }

    /// The socket itself, and whether hyper wrote a refusal of its own, which its caller has not had.
    pub(super) fn into_inner(self) -> (S, bool) {
        (self.socket, self.held_back)
    }

    /// What hyper writes while it has no request is a refusal.
    fn holds_back(&mut self) -> bool {
        self.held_back |= self.connection.is(Turn::Head);
        self.held_back
    }
}

impl<S: Read + Unpin> Read for Socket<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_read(context, buffer)
    }
}

impl<S: Write + Unpin> Write for Socket<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if self.holds_back() {
            return Poll::Ready(Ok(bytes.len()));
        }
        Pin::new(&mut self.socket).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffers: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if self.holds_back() {
            return Poll::Ready(Ok(buffers.iter().map(|buffer| buffer.len()).sum()));
        }
        Pin::new(&mut self.socket).poll_write_vectored(context, buffers)
    }

    fn is_write_vectored(&self) -> bool {
        self.socket.is_write_vectored()
    }

    /// hyper flushes a socket only when its own buffer is empty: nothing is lost here.
    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.connection.cut.load(Ordering::Relaxed) {
            return Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into()));
        }
        let flushed = Pin::new(&mut self.socket).poll_flush(context);
        if flushed.is_ready() && self.connection.is(Turn::Flush) {
            self.connection.set(Turn::Head);
        }
        flushed
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_shutdown(context)
    }
}

/// A response's body; its end is the end of the answer.
pub(super) struct Answering<B> {
    body: B,
    connection: Arc<Connection>,
}

impl<B> Answering<B> {
    pub(super) fn new(body: B, connection: Arc<Connection>) -> Self {
        connection.has_request();
        Self { body, connection }
    }
}

impl<B: Body<Data = Bytes> + Unpin> Body for Answering<B> {
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

impl<B> Drop for Answering<B> {
    fn drop(&mut self) {
        self.connection.set(Turn::Flush);
    }
}
