//! [`ResponseStream`] where a writer or a sink is wanted: `tokio::io::copy`, compressors, `StreamExt::forward`.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures::Sink;
use tokio::io::AsyncWrite;

use super::ResponseStream;
use crate::error::StreamError;

impl ResponseStream {
    fn poll_flushed(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), StreamError>> {
        self.pipe.start(None)?;
        ready!(self.poll_turn(cx));
        self.pipe.poll_empty(cx)
    }

    fn poll_finished(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), StreamError>> {
        self.pipe.end();
        self.pipe.poll_delivered(cx)
    }
}

impl AsyncWrite for ResponseStream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        ready!(self.poll_turn(cx));
        let accepted = ready!(self.pipe.poll_write(cx, bytes))?;
        Poll::Ready(Ok(accepted.length))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_flushed(cx).map_err(io::Error::from)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_finished(cx).map_err(io::Error::from)
    }
}

impl Sink<Bytes> for ResponseStream {
    type Error = StreamError;

    fn poll_ready(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), StreamError>> {
        ready!(self.poll_turn(cx));
        self.pipe.poll_room(cx)
    }

    fn start_send(self: Pin<&mut Self>, bytes: Bytes) -> Result<(), StreamError> {
        self.pipe.push(bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), StreamError>> {
        self.poll_flushed(cx)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), StreamError>> {
        self.poll_finished(cx)
    }
}
