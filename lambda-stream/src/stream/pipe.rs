//! The pipe: a bounded buffer between the handler that writes a response and the HTTP client that sends it.
//!
//! A pipe has three ends. The handler writes to the [`PipeWriter`]. The HTTP client reads from the [`PipeReader`]. The
//! runtime holds the [`PipeControl`], which waits for the response to start, ends it, and stores whether Lambda
//! accepted it. [`ResponseHead`] encodes the start of the response, and the reader encodes a failure.
//!
//! One mutex guards the state. Wakers are taken out under the lock, and woken or dropped after it is released. A writer
//! collects small writes and items in a [`Batch`] outside of the lock, and its bytes are in the pipe before the HTTP client
//! can run.

mod batch;
mod clock_reads;
mod figures;
mod state;
mod write_batch;

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures::future::poll_fn;
use http::HeaderValue;
use tokio::runtime::{Handle, RuntimeFlavor};

pub(super) use self::batch::{Batch, IsYieldDue};
use self::clock_reads::ClockReads;
pub(crate) use self::figures::ResponseFigures;
use self::state::{ResponseEnd, Shared, StartState, State, Wakers, WriterState, closed_by_failure};
use self::write_batch::WriteBatching;
use crate::error::{Closed, Error, StreamError};
use crate::panic;
use crate::response::{BufferedResponse, HttpPrelude, ResponseHead};

/// How long accepted bytes may wait for the reader before the writer yields.
///
/// On a single-threaded executor the HTTP client runs only when the handler yields. To yield at every write would cost
/// system calls for each write. The interval bounds the delay and lets a burst of small writes merge into few chunks.
const YIELD_INTERVAL: Duration = Duration::from_micros(50);

/// How long a writer may run before it yields, if the reader on another thread takes all bytes in time.
///
/// The deadline of the invocation is checked, and other tasks of the thread run, only when the handler yields.
const MAX_RUN_TIME: Duration = Duration::from_millis(1);

/// How many calls that find no waiting bytes may complete before the writer yields: writes of no bytes, writes that
/// are discarded, flushes of an empty buffer, and calls that fail.
const MAX_READY_CALLS: u32 = 32;

/// The largest `Bytes` that is copied, in bytes. A larger one costs less as a separate chunk than as a copy.
pub(super) const COPY_THRESHOLD: usize = 1024;

/// Creates a pipe that holds at most `capacity` unsent bytes.
pub(crate) fn pipe(capacity: usize, head: ResponseHead) -> (PipeWriter, PipeControl) {
    let shared = Arc::new(Shared::new(capacity, head));
    let writer = PipeWriter {
        shared: Arc::clone(&shared),
        was_used_elsewhere: AtomicBool::new(false),
    };
    (writer, PipeControl(shared))
}

/// The handler's end. To drop it does not end the response: the runtime does.
pub(crate) struct PipeWriter {
    shared: Arc<Shared>,
    /// The last use was not in a poll of the handler. If a batch was open, the pipe has later bytes than the batch. Only one
    /// thread at a time uses the writer.
    was_used_elsewhere: AtomicBool,
}

/// The runtime's end.
pub(crate) struct PipeControl(Arc<Shared>);

/// The HTTP client's end.
pub(crate) struct PipeReader(Arc<Shared>);

/// How a response starts, and thus which request the runtime sends to Lambda.
pub(crate) enum ResponseStart {
    Streaming {
        content_type: HeaderValue,
        reader: PipeReader,
    },
    Buffered(BufferedResponse),
    Failed(Arc<Error>),
}

/// A chunk that is sent whenever the response was idle, so that no intermediary closes the connection.
#[derive(Debug, Clone)]
pub(super) struct KeepAlive {
    /// How long the response is idle before the chunk is sent.
    pub(super) interval: Duration,
    pub(super) chunk: Bytes,
}

/// What the reader takes from the pipe.
pub(super) enum PipeItem {
    Chunk(Bytes),
    Failed(Arc<Error>),
    End,
}

/// The result of a write.
pub(super) struct WriteProgress {
    /// How many bytes were accepted: at least one, unless the write was empty.
    pub(super) length: usize,
    /// The writer has to yield; see [`PipeWriter::is_yield_due`].
    pub(super) is_yield_due: bool,
}

impl PipeWriter {
    /// Accepts as many of `bytes` as the buffer has capacity for.
    pub(super) fn poll_write(&self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<Result<WriteProgress, StreamError>> {
        self.poll_accept(cx, bytes.len(), |state, length| {
            state.push_copy(&bytes[..length]);
        })
    }

    /// Accepts as many of `bytes` as the buffer has capacity for, and removes them from `bytes`. Copies them only where
    /// that is cheaper.
    pub(super) fn poll_send(
        &self,
        cx: &mut Context<'_>,
        bytes: &mut Bytes,
    ) -> Poll<Result<WriteProgress, StreamError>> {
        self.poll_accept(cx, bytes.len(), |state, length| {
            state.push(bytes.split_to(length));
        })
    }

    fn poll_accept(
        &self,
        cx: &mut Context<'_>,
        length: usize,
        accept: impl FnOnce(&mut State, usize),
    ) -> Poll<Result<WriteProgress, StreamError>> {
        let mut reader = None;
        let polled = self.shared().poll(cx, Wakers::writer, |state| {
            if let Err(error) = state.check_open() {
                return Some(Err(error));
            }
            if length == 0 {
                return Some(Ok(WriteProgress {
                    length,
                    is_yield_due: state.is_yield_due(),
                }));
            }
            if let Err(error) = state.start(None) {
                return Some(Err(error));
            }
            // The reader is woken even if no byte is accepted: the prelude alone may fill the buffer.
            reader = state.wakers.reader.take();
            let accepted = state.capacity.saturating_sub(state.unsent).min(length);
            if accepted == 0 {
                state.figures.start_waiting();
                return None;
            }
            accept(state, accepted);
            Some(Ok(WriteProgress {
                length: accepted,
                is_yield_due: state.is_yield_due_after_write(),
            }))
        });
        if let Some(reader) = reader {
            reader.wake();
        }
        polled
    }

    /// Waits until the buffer has capacity for at least one byte.
    pub(super) fn poll_capacity(&self, cx: &mut Context<'_>) -> Poll<Result<(), StreamError>> {
        self.shared()
            .poll(cx, Wakers::writer, |state| match state.check_open() {
                Ok(()) if state.unsent < state.capacity => Some(Ok(())),
                Ok(()) => {
                    state.figures.start_waiting();
                    None
                }
                Err(error) => Some(Err(error)),
            })
    }

    /// Accepts all of `bytes`, even if they exceed the capacity.
    pub(super) fn push(&self, bytes: Bytes) -> Result<(), StreamError> {
        self.shared().update(|state| {
            let started = state.check_open().and_then(|()| state.start(None));
            let pushed = started.map(|()| state.push(bytes));
            (pushed, [state.wakers.reader.take(), None])
        })
    }

    /// Starts a batch of the bytes that are written next. Returns `None` if the pipe accepts no bytes now, or if the writer
    /// has to yield after the next ones.
    pub(super) fn start_batch(&self) -> Option<Batch> {
        self.shared().start_batch()
    }

    /// Moves the bytes of a batch to the pipe. `is_yield_due` says that the writer yields next.
    pub(super) fn end_batch(&self, batch: Batch, is_yield_due: IsYieldDue) -> Result<(), StreamError> {
        self.shared.end_batch(batch, is_yield_due)
    }

    /// Accepts all of `bytes` without locking the pipe, and returns whether the writer has to yield. Returns `None` if that
    /// is not possible.
    pub(super) fn push_to_batch(&self, bytes: &[u8]) -> Option<IsYieldDue> {
        if !self.batches_writes() {
            return None;
        }
        if self.was_used_elsewhere.load(Ordering::Relaxed) {
            self.end_write_batch();
        }
        write_batch::push(&self.shared, bytes)
    }

    /// Returns the state of the pipe, which then contains everything that was written.
    fn shared(&self) -> &Shared {
        if self.batches_writes() {
            self.end_write_batch();
        }
        &self.shared
    }

    fn batches_writes(&self) -> bool {
        self.shared.batches_writes.load(Ordering::Relaxed)
    }

    fn end_write_batch(&self) {
        let is_in_poll = write_batch::end(&self.shared);
        self.was_used_elsewhere.store(!is_in_poll, Ordering::Relaxed);
    }

    /// Starts the response with `prelude`, or with the default of its [`ResponseHead`].
    pub(super) fn start(&self, prelude: Option<HttpPrelude>) -> Result<(), StreamError> {
        self.shared().update(|state| {
            let started = state.check_open().and_then(|()| state.start(prelude));
            (started, [state.wakers.reader.take(), None])
        })
    }

    /// Starts the response, and sends `keep_alive` whenever it is idle until the writer is closed.
    pub(super) fn keep_alive(&self, keep_alive: KeepAlive) -> Result<(), StreamError> {
        self.shared().update(|state| {
            let started = state.check_open().and_then(|()| state.start(None));
            let set = started.map(|()| state.keep_alive = Some(keep_alive));
            (set, [state.wakers.reader.take(), None])
        })
    }

    /// Updates the head of a response that has not started.
    pub(super) fn update_head<T>(&self, update: impl FnOnce(&mut ResponseHead) -> T) -> Result<T, StreamError> {
        let mut state = self.shared().lock();
        state.check_open()?;
        match &mut state.start {
            StartState::NotStarted(head) => Ok(update(head)),
            StartState::Started { .. } => Err(StreamError::AlreadyStarted),
        }
    }

    /// Waits until all accepted bytes are on the socket.
    pub(super) fn poll_flushed(&self, cx: &mut Context<'_>) -> Poll<Result<(), StreamError>> {
        self.shared()
            .poll(cx, Wakers::writer, |state| match state.check_open() {
                Ok(()) => state.is_flushed().then_some(Ok(())),
                Err(error) => Some(Err(error)),
            })
    }

    /// Ends the response cleanly, unless it has already ended.
    pub(super) fn end(&self) {
        self.shared().update(|state| ((), state.set_end(ResponseEnd::Clean).1));
    }

    /// Sends `response` instead of a stream. Returns `false` if the response had already ended.
    pub(super) fn respond_buffered(&self, response: BufferedResponse) -> bool {
        self.shared()
            .update(|state| state.set_end(ResponseEnd::Buffered(response)))
    }

    /// Waits until Lambda has accepted or rejected the response.
    pub(super) fn poll_delivery(&self, cx: &mut Context<'_>) -> Poll<Result<(), StreamError>> {
        self.shared().poll(cx, Wakers::writer, |state| {
            let delivery = match (&state.end, &state.delivery) {
                (Some(ResponseEnd::Failed(error)), _) => Err(closed_by_failure(error)),
                (_, Some(delivery)) => delivery.clone(),
                (_, None) => return None,
            };
            Some(delivery.map_err(StreamError::Closed))
        })
    }

    /// Returns whether the writer has to yield: bytes have waited for the reader for longer than a [`YIELD_INTERVAL`],
    /// or the writer has not yielded for [`MAX_RUN_TIME`] or for [`MAX_READY_CALLS`]. If so, the caller yields.
    pub(super) fn is_yield_due(&self) -> bool {
        self.shared().lock().is_yield_due()
    }

    /// Returns whether bytes that are written are discarded.
    pub(super) fn is_bodiless(&self) -> bool {
        self.shared().lock().is_bodiless
    }

    /// Returns how many body bytes were accepted, without the prelude.
    pub(super) fn bytes_written(&self) -> u64 {
        self.shared().lock().bytes_written
    }

    /// Closes the writer and passes the panic of its task to the runtime.
    pub(super) fn set_panicked(&self, error: Error) {
        self.shared().update(|state| {
            state.writer = WriterState::Panicked(error);
            ((), [state.wakers.runtime.take(), None])
        });
    }
}

impl Drop for PipeWriter {
    fn drop(&mut self) {
        self.shared().update(|state| {
            if let WriterState::Open = state.writer {
                state.writer = WriterState::Closed;
            }
            ((), [state.wakers.runtime.take(), None])
        });
    }
}

impl PipeControl {
    /// Waits until it is known how the response starts.
    pub(crate) async fn response_start(&self) -> ResponseStart {
        poll_fn(|cx| self.0.poll(cx, Wakers::reader, |state| self.find_response_start(state))).await
    }

    fn find_response_start(&self, state: &mut State) -> Option<ResponseStart> {
        if let (StartState::NotStarted(_), Some(end)) = (&state.start, &state.end) {
            let not_streaming = match end {
                ResponseEnd::Failed(error) => Some(ResponseStart::Failed(Arc::clone(error))),
                ResponseEnd::Buffered(response) => Some(ResponseStart::Buffered(response.clone())),
                // No bytes were written: the response is a stream with an empty body.
                ResponseEnd::Clean => match state.start(None) {
                    Ok(()) => None,
                    Err(error) => Some(ResponseStart::Failed(Arc::new(Error::from(error)))),
                },
            };
            if not_streaming.is_some() {
                state.end_taken = true;
                return not_streaming;
            }
        }
        match &state.start {
            StartState::NotStarted(_) => None,
            StartState::Started { content_type } => Some(ResponseStart::Streaming {
                content_type: content_type.clone(),
                reader: PipeReader(Arc::clone(&self.0)),
            }),
        }
    }

    /// Polls the handler that writes to this pipe. On a single-threaded runtime, the small writes of one poll lock the pipe
    /// once.
    pub(crate) async fn poll_writing<T>(&self, handler: impl Future<Output = T>) -> T {
        let runtime = Handle::try_current().map(|runtime| runtime.runtime_flavor());
        let is_single_threaded = matches!(runtime, Ok(RuntimeFlavor::CurrentThread));
        let mut handler = pin!(handler);
        poll_fn(|cx| {
            let _batching = is_single_threaded.then(|| WriteBatching::start(&self.0));
            handler.as_mut().poll(cx)
        })
        .await
    }

    /// Waits until no more bytes can be written: the writer is closed, the response has ended, or Lambda has responded.
    ///
    /// # Errors
    /// The panic of the writer's task.
    pub(crate) async fn writer_closed(&self) -> Result<(), Error> {
        poll_fn(|cx| {
            self.0.poll(cx, Wakers::runtime, |state| {
                match std::mem::replace(&mut state.writer, WriterState::Closed) {
                    WriterState::Panicked(error) => return Some(Err(error)),
                    WriterState::Closed => return Some(Ok(())),
                    WriterState::Open => state.writer = WriterState::Open,
                }
                (state.end.is_some() || state.delivery.is_some()).then_some(Ok(()))
            })
        })
        .await
    }

    /// Ends the response cleanly. Returns `false` if it had already ended.
    pub(crate) fn end(&self) -> bool {
        self.0.update(|state| state.set_end(ResponseEnd::Clean))
    }

    /// Ends the response with `error` after the accepted bytes. Returns `false` if it had already ended.
    pub(crate) fn fail(&self, error: impl Into<Arc<Error>>) -> bool {
        self.0.update(|state| state.set_end(ResponseEnd::Failed(error.into())))
    }

    /// Makes each write a chunk of its own, so that the chunks of a response do not depend on the time that it takes.
    #[cfg(any(test, feature = "testing"))]
    pub(crate) fn set_one_chunk_per_write(&self) {
        self.0.lock().one_chunk_per_write = true;
    }

    /// Returns the figures of the response so far.
    pub(crate) fn figures(&self) -> ResponseFigures {
        let mut state = self.0.lock();
        let bytes = state.bytes_written;
        state.figures.complete(bytes)
    }

    /// Waits until the HTTP client has sent the body of a streamed response, or has dropped it.
    ///
    /// Lambda responds after the end of the body. The emulator of `cargo lambda watch` responds to the head and then
    /// reads the body.
    pub(crate) async fn body_ended(&self) {
        poll_fn(|cx| {
            self.0
                .poll(cx, Wakers::delivery, |state| state.has_body_ended().then_some(()))
        })
        .await;
    }

    /// Stores whether Lambda accepted the response, and passes it to the writer. Returns the stored result.
    ///
    /// # Errors
    /// Why Lambda did not accept the response. A success counts as a failure if the HTTP client did not send the whole
    /// response.
    pub(crate) fn set_delivery_result(&self, result: Result<(), Closed>) -> Result<(), Closed> {
        self.0.update(|state| {
            let result = result.and_then(|()| match state.end_taken {
                true => Ok(()),
                false => Err(Closed::new(
                    None,
                    "the connection was closed before the response was complete",
                )),
            });
            state.delivery = Some(result.clone());
            (result, [state.wakers.writer.take(), state.wakers.runtime.take()])
        })
    }
}

impl PipeReader {
    /// Takes the next chunk, in the order of the writes, or the end of the response.
    ///
    /// # Errors
    /// [`StreamError::Closed`] if the delivery failed.
    pub(super) fn poll_next(&self, cx: &mut Context<'_>) -> Poll<Result<PipeItem, StreamError>> {
        self.0.poll(cx, Wakers::reader, |state| {
            if let Some(Err(closed)) = &state.delivery {
                return Some(Err(StreamError::Closed(closed.clone())));
            }
            state.yield_deadline = Some(Instant::now() + YIELD_INTERVAL);
            state.clock_reads = ClockReads::default();
            if state.chunks.is_empty() {
                state.complete_copied();
            }
            if let Some(bytes) = state.chunks.pop_front() {
                state.figures.add_chunk();
                let pipe = Arc::clone(&self.0);
                return Some(Ok(PipeItem::Chunk(Bytes::from_owner(UnsentChunk { bytes, pipe }))));
            }
            let item = match state.end.as_ref()? {
                ResponseEnd::Failed(error) => PipeItem::Failed(Arc::clone(error)),
                ResponseEnd::Clean | ResponseEnd::Buffered(_) => PipeItem::End,
            };
            state.end_taken = true;
            Some(Ok(item))
        })
    }

    /// Returns what to send while the response is idle. `None` once the writer is closed, and for a response without a
    /// body.
    pub(super) fn keep_alive(&self) -> Option<KeepAlive> {
        let state = self.0.lock();
        match state.writer {
            WriterState::Open if !state.is_bodiless => state.keep_alive.clone(),
            _ => None,
        }
    }
}

impl Drop for PipeReader {
    fn drop(&mut self) {
        self.0.update(|state| {
            state.reader_dropped = true;
            let delivery = state.take_delivery_waker_if_ended();
            ((), [delivery, None])
        });
    }
}

/// A chunk that the reader has taken. The HTTP client drops it after writing it to the socket, which frees its
/// capacity.
struct UnsentChunk {
    bytes: Bytes,
    pipe: Arc<Shared>,
}

impl AsRef<[u8]> for UnsentChunk {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for UnsentChunk {
    fn drop(&mut self) {
        self.pipe.update(|state| {
            state.unsent -= self.bytes.len();
            state.figures.end_waiting();
            let delivery = state.take_delivery_waker_if_ended();
            ((), [state.wakers.writer.take(), delivery])
        });
        // The owner of `Bytes` may be of the user's code, and this runs in the HTTP client.
        panic::drop_caught(std::mem::take(&mut self.bytes));
    }
}

#[cfg(test)]
#[cfg(pipe_loom)]
mod loom_tests;
#[cfg(test)]
#[cfg(not(pipe_loom))]
mod tests;
