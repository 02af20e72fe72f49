//! [`ResponseStream`] as a [`tokio::io::AsyncWrite`] and a [`futures::Sink`].

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures::Sink;
use tokio::io::AsyncWrite;

use super::{PollYield, ResponseStream};
use crate::error::StreamError;

impl ResponseStream {
    /// Polls [`flush`](Self::flush).
    fn poll_start_and_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), StreamError>> {
        let started = self.pipe.start(None);
        ready!(self.poll_yield_if_due(cx));
        started?;
        self.pipe.poll_flushed(cx)
    }

    /// Polls [`finish`](Self::finish).
    fn poll_finish(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), StreamError>> {
        self.pipe.end();
        let delivery = ready!(self.pipe.poll_delivery(cx));
        ready!(self.poll_yield_if_due(cx));
        Poll::Ready(delivery)
    }
}

impl AsyncWrite for ResponseStream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if self.poll_yield == PollYield::IfDue {
            if let Some(is_yield_due) = self.pipe.push_to_batch(bytes) {
                if is_yield_due {
                    self.poll_yield = PollYield::Due;
                }
                return Poll::Ready(Ok(bytes.len()));
            }
        }
        ready!(self.poll_yield_if_due(cx));
        let progress = ready!(self.pipe.poll_write(cx, bytes))?;
        if progress.is_yield_due {
            self.poll_yield = PollYield::Due;
        }
        Poll::Ready(Ok(progress.length))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_start_and_flush(cx).map_err(io::Error::from)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_finish(cx).map_err(io::Error::from)
    }
}

impl Sink<Bytes> for ResponseStream {
    type Error = StreamError;

    fn poll_ready(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), StreamError>> {
        ready!(self.poll_yield_if_due(cx));
        self.pipe.poll_capacity(cx)
    }

    fn start_send(self: Pin<&mut Self>, bytes: Bytes) -> Result<(), StreamError> {
        self.pipe.push(bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), StreamError>> {
        self.poll_start_and_flush(cx)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), StreamError>> {
        self.poll_finish(cx)
    }
}
