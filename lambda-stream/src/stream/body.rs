//! The body of a streamed response, as an HTTP client takes it: pieces of data, and trailers if the invocation failed.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body, Frame};

use super::idle_timer::IdleTimer;
use super::pipe::{Next, PipeReader};
use crate::error::StreamError;
use crate::response::trailers;

pub(crate) struct ResponseBody {
    transport: PipeReader,
    quiet: IdleTimer,
    ended: bool,
}

impl ResponseBody {
    pub(crate) fn new(transport: PipeReader) -> Self {
        Self {
            transport,
            quiet: IdleTimer::default(),
            ended: false,
        }
    }

    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Result<Next, StreamError>> {
        if let Poll::Ready(next) = self.transport.poll_next(cx) {
            self.quiet.end();
            return Poll::Ready(next);
        }
        let Some(keep_alive) = self.transport.keep_alive() else {
            return Poll::Pending;
        };
        ready!(self.quiet.poll_for(cx, keep_alive.interval));
        Poll::Ready(Ok(Next::Bytes(keep_alive.filler)))
    }
}

impl Body for ResponseBody {
    type Data = Bytes;
    type Error = StreamError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, StreamError>>> {
        if self.ended {
            return Poll::Ready(None);
        }
        let next = ready!(self.poll_next(cx));
        self.ended = !matches!(next, Ok(Next::Bytes(_)));
        Poll::Ready(match next {
            Ok(Next::Bytes(bytes)) => Some(Ok(Frame::data(bytes))),
            Ok(Next::Failed(error)) => Some(Ok(Frame::trailers(trailers(&error)))),
            Ok(Next::End) => None,
            Err(error) => Some(Err(error)),
        })
    }

    /// Never known before the last frame: an empty response, too, is chunked.
    fn is_end_stream(&self) -> bool {
        false
    }
}
