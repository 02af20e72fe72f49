//! The body of a streamed response as an [`http_body::Body`]: data frames, and error trailers if the invocation fails.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body, Frame};

use super::idle_timer::IdleTimer;
use super::pipe::{PipeItem, PipeReader};
use crate::error::StreamError;
use crate::response::error_trailers;

pub(crate) struct ResponseBody {
    reader: PipeReader,
    idle_timer: IdleTimer,
    has_ended: bool,
}

impl ResponseBody {
    pub(crate) fn new(reader: PipeReader) -> Self {
        Self {
            reader,
            idle_timer: IdleTimer::default(),
            has_ended: false,
        }
    }

    /// Takes the next item from the pipe, or the keep-alive chunk if the response is idle.
    fn poll_item(&mut self, cx: &mut Context<'_>) -> Poll<Result<PipeItem, StreamError>> {
        if let Poll::Ready(item) = self.reader.poll_next(cx) {
            self.idle_timer.reset();
            return Poll::Ready(item);
        }
        let Some(keep_alive) = self.reader.keep_alive() else {
            return Poll::Pending;
        };
        ready!(self.idle_timer.poll_idle(cx, keep_alive.interval));
        Poll::Ready(Ok(PipeItem::Chunk(keep_alive.chunk)))
    }
}

impl Body for ResponseBody {
    type Data = Bytes;
    type Error = StreamError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, StreamError>>> {
        if self.has_ended {
            return Poll::Ready(None);
        }
        let item = ready!(self.poll_item(cx));
        self.has_ended = !matches!(item, Ok(PipeItem::Chunk(_)));
        Poll::Ready(match item {
            Ok(PipeItem::Chunk(bytes)) => Some(Ok(Frame::data(bytes))),
            Ok(PipeItem::Failed(error)) => Some(Ok(Frame::trailers(error_trailers(&error)))),
            Ok(PipeItem::End) => None,
            Err(error) => Some(Err(error)),
        })
    }

    /// Returns `false` even for an empty body, so that every streamed response is sent with chunked encoding.
    fn is_end_stream(&self) -> bool {
        false
    }
}
