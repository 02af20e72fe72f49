//! [`Items`]: a returned stream, whose small items are handed to the pipe together.
//!
//! Between two items runs no code of the handler but the stream's own. So the items that are ready are collected without a
//! lock, until one of them is pending, the yield interval is over, or the buffer is full.

use std::ops::ControlFlow;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures::Stream;

use super::pipe::{Batch, COPY_THRESHOLD, PipeWriter};
use crate::error::{Error, StreamError};

/// The chunks of a response body.
pub trait Items: Stream<Item = Result<Bytes, Error>> + Send {
    /// Moves the items that are ready to `batch` until it is complete. Returns `None` at the end of the stream.
    ///
    /// For a boxed stream, this is one dynamic call for each batch in place of one for each item.
    fn poll_fill(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        batch: &mut ItemBatch<'_>,
    ) -> Poll<Option<Result<(), Error>>>;
}

impl<T: Stream<Item = Result<Bytes, Error>> + Send> Items for T {
    fn poll_fill(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        batch: &mut ItemBatch<'_>,
    ) -> Poll<Option<Result<(), Error>>> {
        loop {
            match ready!(self.as_mut().poll_next(cx)) {
                Some(Ok(item)) => {
                    if batch.push(item).is_break() {
                        return Poll::Ready(Some(Ok(())));
                    }
                }
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
    }
}

/// Items that were accepted and are not in the pipe yet. If the stream panics, the pipe gets them as well.
pub struct ItemBatch<'a> {
    pipe: &'a PipeWriter,
    /// `None` if each item is sent by itself.
    batch: Option<Batch>,
    end: BatchEnd,
}

/// How a batch was completed.
#[derive(Debug, Default)]
pub(super) struct BatchEnd {
    /// The writer has to yield.
    pub(super) is_yield_due: bool,
    /// An item that is sent by itself, because a copy of it costs more or exceeds the capacity.
    pub(super) rest: Option<Bytes>,
}

impl<'a> ItemBatch<'a> {
    pub(super) fn new(pipe: &'a PipeWriter) -> Self {
        Self {
            pipe,
            batch: pipe.start_batch(),
            end: BatchEnd::default(),
        }
    }

    /// Adds an item. Breaks if the batch is complete.
    fn push(&mut self, item: Bytes) -> ControlFlow<()> {
        let pushed = match &mut self.batch {
            Some(batch) if item.len() <= COPY_THRESHOLD => batch.push(&item),
            _ => None,
        };
        match pushed {
            Some(false) => ControlFlow::Continue(()),
            Some(true) => {
                self.end.is_yield_due = true;
                ControlFlow::Break(())
            }
            None => {
                self.end.rest = Some(item);
                ControlFlow::Break(())
            }
        }
    }

    /// Hands the items to the pipe.
    ///
    /// # Errors
    /// [`StreamError::Closed`] if the response accepts no more bytes.
    pub(super) fn finish(mut self) -> Result<BatchEnd, StreamError> {
        let end = std::mem::take(&mut self.end);
        if let Some(batch) = self.batch.take() {
            self.pipe.end_batch(batch, end.is_yield_due)?;
        }
        Ok(end)
    }
}

impl Drop for ItemBatch<'_> {
    fn drop(&mut self) {
        if let Some(batch) = self.batch.take() {
            // The stream has panicked, which fails the response.
            let _ = self.pipe.end_batch(batch, false);
        }
    }
}
