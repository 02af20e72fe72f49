//! The state that the ends of a pipe share: the mutex, the wakers, and the operations on the state.

use std::collections::VecDeque;
use std::sync::atomic::AtomicBool;
#[cfg(not(all(test, pipe_loom)))]
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
#[cfg(all(test, pipe_loom))]
use std::sync::{Arc, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Instant;

use bytes::{Bytes, BytesMut};
use http::HeaderValue;
#[cfg(all(test, pipe_loom))]
use loom::sync::{Mutex, MutexGuard};

use super::batch::{Batch, IsYieldDue};
use super::clock_reads::ClockReads;
use super::figures::Figures;
use super::{COPY_THRESHOLD, KeepAlive, MAX_READY_CALLS, MAX_RUN_TIME};
use crate::error::{Closed, Error, StreamError};
use crate::panic;
use crate::response::{BufferedResponse, HttpPrelude, ResponseHead};

/// The state behind its mutex.
pub(super) struct Shared {
    state: Mutex<State>,
    /// Writes are collected in batches, because the handler is polled on a single-threaded runtime.
    pub(super) batches_writes: AtomicBool,
}

pub(super) struct State {
    pub(super) start: StartState,
    pub(super) capacity: usize,
    /// Complete chunks that the reader has not taken yet.
    pub(super) chunks: VecDeque<Bytes>,
    /// Copied bytes that follow `chunks`. They become one chunk when the reader takes them or a chunk is added.
    pub(super) copied: BytesMut,
    /// The writer has a batch whose bytes precede those of `after_batch`.
    has_batch: bool,
    /// Bytes that another thread accepted meanwhile: the handler has moved its stream there, and has not yielded yet.
    after_batch: Vec<Bytes>,
    /// The response has no body: bytes that are written are counted and discarded.
    pub(super) is_bodiless: bool,
    /// The body is one line feed if no bytes are written.
    fill_empty_body: bool,
    /// Bytes that were accepted and that the HTTP client has not dropped yet. It drops a chunk after writing it to the
    /// socket.
    pub(super) unsent: usize,
    /// Body bytes that were accepted, without the prelude.
    pub(super) bytes_written: u64,
    pub(super) figures: Figures,
    /// Each write is a chunk of its own, and the writer yields after it. Otherwise a burst of small writes becomes few
    /// chunks, whose number depends on the time that it takes.
    pub(super) one_chunk_per_write: bool,
    /// One [`YIELD_INTERVAL`](super::YIELD_INTERVAL) after the last poll of the reader.
    pub(super) yield_deadline: Option<Instant>,
    /// Of the writes since the last poll of the reader.
    pub(super) clock_reads: ClockReads,
    /// When the writer yields although the reader takes all bytes in time. Set by the first clock read after a yield.
    pub(super) run_deadline: Option<Instant>,
    /// Calls of the writer that found no waiting bytes since it yielded.
    pub(super) ready_calls: u32,
    pub(super) writer: WriterState,
    pub(super) keep_alive: Option<KeepAlive>,
    /// How the response ends. Set once: the first end wins.
    pub(super) end: Option<ResponseEnd>,
    /// The end was handed to the HTTP client.
    pub(super) end_taken: bool,
    /// The HTTP client has dropped the reader: it has taken the end, or the connection was lost.
    pub(super) reader_dropped: bool,
    /// Whether Lambda accepted the response, or why the delivery failed.
    pub(super) delivery: Option<Result<(), Closed>>,
    pub(super) wakers: Wakers,
}

pub(super) enum StartState {
    NotStarted(ResponseHead),
    Started { content_type: HeaderValue },
}

pub(super) enum WriterState {
    Open,
    Closed,
    Panicked(Error),
}

pub(super) enum ResponseEnd {
    Clean,
    Failed(Arc<Error>),
    Buffered(BufferedResponse),
}

/// One waker for each task that waits, because each of them waits for one event at a time.
#[derive(Default)]
pub(super) struct Wakers {
    /// Waits for buffer capacity, for an empty buffer, or for the delivery result.
    pub(super) writer: Option<Waker>,
    /// Waits for the writer to close.
    pub(super) runtime: Option<Waker>,
    /// Waits for the response to start, and then for bytes or the end.
    pub(super) reader: Option<Waker>,
    /// Waits for the end of the body, after Lambda has responded.
    pub(super) delivery: Option<Waker>,
}

impl Wakers {
    pub(super) fn writer(&mut self) -> &mut Option<Waker> {
        &mut self.writer
    }

    pub(super) fn runtime(&mut self) -> &mut Option<Waker> {
        &mut self.runtime
    }

    pub(super) fn reader(&mut self) -> &mut Option<Waker> {
        &mut self.reader
    }

    pub(super) fn delivery(&mut self) -> &mut Option<Waker> {
        &mut self.delivery
    }
}

/// The wakers to wake after the lock is released.
pub(super) type WakeList = [Option<Waker>; 2];

impl Shared {
    pub(super) fn new(capacity: usize, head: ResponseHead) -> Self {
        let state = State {
            start: StartState::NotStarted(head),
            capacity: capacity.max(1),
            chunks: VecDeque::new(),
            copied: BytesMut::new(),
            has_batch: false,
            after_batch: Vec::new(),
            is_bodiless: false,
            fill_empty_body: false,
            unsent: 0,
            bytes_written: 0,
            figures: Figures::default(),
            one_chunk_per_write: false,
            yield_deadline: None,
            clock_reads: ClockReads::default(),
            run_deadline: None,
            ready_calls: 0,
            writer: WriterState::Open,
            keep_alive: None,
            end: None,
            end_taken: false,
            reader_dropped: false,
            delivery: None,
            wakers: Wakers::default(),
        };
        Self {
            state: Mutex::new(state),
            batches_writes: AtomicBool::new(false),
        }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        // No operation under the lock panics with the state half updated, so a poisoned state is consistent.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts a batch; see [`PipeWriter::start_batch`](super::PipeWriter::start_batch).
    pub(super) fn start_batch(&self) -> Option<Batch> {
        self.lock().start_batch()
    }

    /// Ends a batch; see [`PipeWriter::end_batch`](super::PipeWriter::end_batch).
    pub(super) fn end_batch(&self, batch: Batch, is_yield_due: IsYieldDue) -> Result<(), StreamError> {
        self.update(|state| {
            let reader = match batch.bytes.is_empty() {
                true => None,
                false => state.wakers.reader.take(),
            };
            state.end_batch(batch.bytes);
            if is_yield_due {
                state.run_deadline = None;
                state.ready_calls = 0;
            }
            (state.check_open(), [reader, None])
        })
    }

    /// Updates the state under the lock, then wakes the wakers that `update` returned.
    pub(super) fn update<T>(&self, update: impl FnOnce(&mut State) -> (T, WakeList)) -> T {
        let (result, wake_list) = update(&mut self.lock());
        // The waker may be of the user's code, and this may run in the HTTP client or the event loop.
        for waker in wake_list.into_iter().flatten() {
            panic::run_caught(|| waker.wake());
        }
        result
    }

    /// Returns what `check` finds under the lock. If it finds nothing, stores the waker of `cx` in `slot`.
    pub(super) fn poll<T>(
        &self,
        cx: &mut Context<'_>,
        slot: fn(&mut Wakers) -> &mut Option<Waker>,
        check: impl FnOnce(&mut State) -> Option<T>,
    ) -> Poll<T> {
        let mut state = self.lock();
        if let Some(found) = check(&mut state) {
            return Poll::Ready(found);
        }
        let slot = slot(&mut state.wakers);
        if slot.as_ref().is_some_and(|waker| waker.will_wake(cx.waker())) {
            return Poll::Pending;
        }
        // To drop the last waker of a task may drop the task and with it a `PipeWriter`, which takes the lock.
        let replaced = slot.replace(cx.waker().clone());
        drop(state);
        drop(replaced);
        Poll::Pending
    }
}

/// Drops what is of the user's code: the owners of `Bytes`, and wakers. This may run in the HTTP client.
impl Drop for State {
    fn drop(&mut self) {
        for chunk in self.chunks.drain(..).chain(self.after_batch.drain(..)) {
            panic::drop_caught(chunk);
        }
        panic::drop_caught(self.wakers.writer.take());
    }
}

impl State {
    /// Starts the response if it has not started.
    ///
    /// # Errors
    /// [`StreamError::AlreadyStarted`] if there is a prelude and the response has started.
    pub(super) fn start(&mut self, prelude: Option<HttpPrelude>) -> Result<(), StreamError> {
        let StartState::NotStarted(head) = &self.start else {
            return prelude.map_or(Ok(()), |_| Err(StreamError::AlreadyStarted));
        };
        let encoded = head.encode(prelude)?;
        for chunk in encoded.chunks {
            self.figures.add_head_chunk();
            self.unsent += chunk.len();
            self.chunks.push_back(chunk);
        }
        self.start = StartState::Started {
            content_type: encoded.content_type,
        };
        self.is_bodiless = encoded.is_bodiless;
        self.fill_empty_body = encoded.fill_empty_body;
        // A response that ends without a write starts after its end was set.
        self.fill_empty_body();
        Ok(())
    }

    /// Adds the line feed to a response that has started and ended cleanly without a write.
    fn fill_empty_body(&mut self) {
        if self.fill_empty_body
            && self.bytes_written == 0
            && !self.has_batch
            && matches!(self.end, Some(ResponseEnd::Clean))
        {
            self.unsent += 1;
            self.chunks.push_back(Bytes::from_static(b"\n"));
        }
    }

    /// Accepts a copy of `bytes`.
    pub(super) fn push_copy(&mut self, bytes: &[u8]) {
        if self.has_batch {
            self.push_after_batch(Bytes::copy_from_slice(bytes));
        } else if self.count(bytes.len()) {
            self.copied.extend_from_slice(bytes);
            if self.one_chunk_per_write {
                self.complete_copied();
            }
        }
    }

    /// Accepts `bytes` as a chunk, or as a copy where that is cheaper.
    pub(super) fn push(&mut self, bytes: Bytes) {
        if bytes.len() <= COPY_THRESHOLD {
            self.push_copy(&bytes);
        } else if self.has_batch {
            self.push_after_batch(bytes);
        } else if self.count(bytes.len()) {
            self.complete_copied();
            self.chunks.push_back(bytes);
        }
    }

    fn push_after_batch(&mut self, bytes: Bytes) {
        if self.count(bytes.len()) {
            self.after_batch.push(bytes);
        }
    }

    /// Counts `length` accepted bytes. Returns whether they are sent, not discarded.
    fn count(&mut self, length: usize) -> bool {
        self.bytes_written += length as u64;
        if self.is_bodiless || length == 0 {
            return false;
        }
        self.unsent += length;
        true
    }

    /// Makes a chunk of the copied bytes.
    pub(super) fn complete_copied(&mut self) {
        if !self.copied.is_empty() {
            self.chunks.push_back(self.copied.split().freeze());
        }
    }

    /// Returns whether the writer has to yield; see [`PipeWriter::is_yield_due`](super::PipeWriter::is_yield_due).
    pub(super) fn is_yield_due(&mut self) -> bool {
        let is_due = match (&self.start, self.yield_deadline) {
            (StartState::Started { .. }, _) if self.one_chunk_per_write => true,
            (StartState::Started { .. }, None) => true,
            (StartState::Started { .. }, Some(deadline)) if !self.chunks.is_empty() || !self.copied.is_empty() => {
                let now = Instant::now();
                now >= deadline || now >= *self.run_deadline.get_or_insert(now + MAX_RUN_TIME)
            }
            // A writer whose bytes never wait must not hold its thread either.
            _ => {
                self.ready_calls += 1;
                self.ready_calls >= MAX_READY_CALLS
            }
        };
        if is_due {
            self.run_deadline = None;
            self.ready_calls = 0;
        }
        is_due
    }

    /// Like [`is_yield_due`](Self::is_yield_due), but not at every write of a burst.
    pub(super) fn is_yield_due_after_write(&mut self) -> bool {
        self.clock_reads.is_due() && self.is_yield_due()
    }

    /// Returns an empty batch; see [`PipeWriter::start_batch`](super::PipeWriter::start_batch).
    fn start_batch(&mut self) -> Option<Batch> {
        let capacity = self.capacity.saturating_sub(self.unsent);
        let is_batched = matches!(self.start, StartState::Started { .. })
            && self.check_open().is_ok()
            && capacity > 0
            && !self.is_bodiless
            && !self.one_chunk_per_write
            && !self.has_batch;
        // After the deadline, the writer yields after each write.
        let deadline = self
            .yield_deadline
            .filter(|deadline| is_batched && Instant::now() < *deadline)?;
        self.has_batch = true;
        let buffer = match self.copied.is_empty() {
            true => std::mem::take(&mut self.copied),
            false => BytesMut::new(),
        };
        Some(Batch::new(buffer, capacity, deadline))
    }

    /// Accepts the bytes of a batch.
    fn end_batch(&mut self, bytes: BytesMut) {
        self.has_batch = false;
        self.count(bytes.len());
        match self.copied.is_empty() {
            true => self.copied = bytes,
            false => self.copied.extend_from_slice(&bytes),
        }
        if !self.after_batch.is_empty() {
            self.complete_copied();
            self.chunks.extend(self.after_batch.drain(..));
        }
    }

    /// Ends the response. Returns `false` if it had already ended.
    pub(super) fn set_end(&mut self, end: ResponseEnd) -> (bool, WakeList) {
        if self.end.is_some() {
            return (false, [None, None]);
        }
        self.end = Some(end);
        self.fill_empty_body();
        (true, [self.wakers.reader.take(), self.wakers.writer.take()])
    }

    /// Returns whether all accepted bytes are on the socket.
    pub(super) fn is_flushed(&self) -> bool {
        self.unsent == 0 && !self.has_batch
    }

    /// Returns whether the HTTP client sends no more bytes: the whole body is on the socket, or the connection was lost.
    pub(super) fn has_body_ended(&self) -> bool {
        // At a lost connection, bytes that the reader has not taken stay unsent.
        self.reader_dropped && (!self.end_taken || self.unsent == 0)
    }

    /// Returns the waker to wake if the body has ended.
    pub(super) fn take_delivery_waker_if_ended(&mut self) -> Option<Waker> {
        match self.has_body_ended() {
            true => self.wakers.delivery.take(),
            false => None,
        }
    }

    /// Returns an error if the response accepts no more bytes.
    pub(super) fn check_open(&self) -> Result<(), StreamError> {
        let closed = match (&self.delivery, &self.end) {
            (Some(Err(closed)), _) => closed.clone(),
            (_, Some(ResponseEnd::Failed(error))) => closed_by_failure(error),
            (_, Some(ResponseEnd::Clean | ResponseEnd::Buffered(_))) => Closed::new(None, "it has already ended"),
            (_, None) => return Ok(()),
        };
        Err(StreamError::Closed(closed))
    }
}

pub(super) fn closed_by_failure(error: &Error) -> Closed {
    Closed::new(None, format_args!("the invocation failed: {error}"))
}
