//! The response of a function, buffered or as a channel of chunks.

use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use tokio::sync::mpsc;

use crate::local::activity::Activity;
use crate::local::activity::event::{Event, InvocationError};
use crate::local::identifiers::RequestId;

/// The number of unread chunks of a streaming response. If the caller does not read them, the function waits.
pub(super) const CHUNK_CAPACITY: usize = 2;

/// The response of a function to an event.
#[derive(Debug)]
pub(crate) enum FunctionResponse {
    Buffered(Bytes),
    Streaming { content_type: String, body: ResponseChunks },
    Failed(InvocationError),
}

#[derive(Debug)]
enum Chunk {
    Data(Bytes),
    /// The clean end. Without this message, a dropped sender would look like a clean end.
    End,
    Failed(InvocationError),
}

/// Returns the two ends of a streaming response.
pub(super) fn channel(end: ResponseEnd) -> (ResponseSender, ResponseChunks) {
    let (sender, receiver) = mpsc::channel(CHUNK_CAPACITY);
    let chunks = ResponseChunks {
        receiver,
        is_ended: false,
    };
    (ResponseSender { sender, end }, chunks)
}

/// Receives the chunks of a streaming response. If it is dropped, the function keeps running and its response is
/// discarded.
#[derive(Debug)]
pub(crate) struct ResponseChunks {
    receiver: mpsc::Receiver<Chunk>,
    is_ended: bool,
}

impl ResponseChunks {
    /// Polls for the next chunk. Returns `None` after a clean end, and after an error.
    pub(crate) fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, InvocationError>>> {
        if self.is_ended {
            return Poll::Ready(None);
        }
        let chunk = ready!(self.receiver.poll_recv(context));
        self.is_ended = !matches!(chunk, Some(Chunk::Data(_)));
        Poll::Ready(match chunk {
            Some(Chunk::Data(data)) => Some(Ok(data)),
            Some(Chunk::End) => None,
            Some(Chunk::Failed(error)) => Some(Err(error)),
            None => Some(Err(InvocationError::truncated())),
        })
    }

    /// Waits for the next chunk; see [`poll_next`](Self::poll_next).
    pub(crate) async fn next(&mut self) -> Option<Result<Bytes, InvocationError>> {
        std::future::poll_fn(|context| self.poll_next(context)).await
    }
}

/// Sends the chunks of a streaming response. Sending waits for a slow caller; if the receiver is dropped, it returns
/// immediately.
pub(crate) struct ResponseSender {
    sender: mpsc::Sender<Chunk>,
    end: ResponseEnd,
}

impl ResponseSender {
    pub(crate) async fn data(&self, data: Bytes) {
        self.end.chunk(&data);
        let _ = self.sender.send(Chunk::Data(data)).await;
    }

    pub(crate) async fn end(mut self) {
        self.end.record(None);
        let _ = self.sender.send(Chunk::End).await;
    }

    pub(crate) async fn fail(mut self, error: InvocationError) {
        self.end.record(Some(error.clone()));
        let _ = self.sender.send(Chunk::Failed(error)).await;
    }
}

/// Records the course of a response. If it is dropped before the end, the response was truncated.
pub(super) struct ResponseEnd {
    id: RequestId,
    activity: Arc<Activity>,
    is_recorded: bool,
}

impl ResponseEnd {
    pub(super) fn new(id: RequestId, activity: Arc<Activity>) -> Self {
        Self {
            id,
            activity,
            is_recorded: false,
        }
    }

    pub(super) fn start(&self, content_type: Option<String>) {
        self.activity.record(Event::ResponseStarted {
            id: self.id.clone(),
            content_type,
        });
    }

    pub(super) fn chunk(&self, data: &Bytes) {
        self.activity.record(Event::Chunk {
            id: self.id.clone(),
            data: data.clone(),
            size: data.len(),
        });
    }

    pub(super) fn record(&mut self, error: Option<InvocationError>) {
        if !std::mem::replace(&mut self.is_recorded, true) {
            let id = self.id.clone();
            self.activity.record(Event::ResponseEnded { id, error });
        }
    }
}

impl Drop for ResponseEnd {
    fn drop(&mut self) {
        self.record(Some(InvocationError::truncated()));
    }
}
