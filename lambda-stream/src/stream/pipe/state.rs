//! What the pipe's three parties share, and what each step does to it. It knows nothing of who asks.
//!
//! Everything here happens under the one lock, or, in the case of wake-ups, right after it.

use std::collections::VecDeque;
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

use super::{COPY_THRESHOLD, KeepAlive};
use crate::error::{Closed, Error, StreamError};
use crate::response::{BufferedResponse, HttpPrelude, ResponseHead};

pub(super) struct Shared(Mutex<State>);

pub(super) struct State {
    pub(super) phase: Phase,
    pub(super) capacity: usize,
    /// Accepted and complete: each leaves as a chunk of its own.
    pub(super) whole: VecDeque<Bytes>,
    /// Accepted after all of `whole`, and still growing.
    pub(super) gathered: BytesMut,
    /// What is written is accepted and left out: the response has no body.
    pub(super) is_bodiless: bool,
    /// Accepted, and not yet let go by the transport, which does so when the socket has taken them.
    pub(super) unsent: usize,
    /// Of the body, the prelude apart.
    pub(super) written: u64,
    /// A [`YIELD_INTERVAL`](super::YIELD_INTERVAL) after the transport last asked for more.
    pub(super) turn_ends: Option<Instant>,
    pub(super) writes_in_turn: u32,
    pub(super) writer: Writer,
    pub(super) keep_alive: Option<KeepAlive>,
    /// How the response ends, once that is decided: the first decision stands.
    pub(super) end: Option<End>,
    /// The transport has seen the end.
    pub(super) delivered: bool,
    /// What Lambda said to the response.
    pub(super) answer: Option<Result<(), Closed>>,
    pub(super) wakers: Wakers,
}

pub(super) enum Phase {
    Unstarted(ResponseHead),
    Started { content_type: HeaderValue },
}

pub(super) enum Writer {
    Open,
    Gone,
    Panicked(Error),
}

pub(super) enum End {
    Clean,
    Failed(Arc<Error>),
    Buffered(BufferedResponse),
}

/// Each party waits for one thing at a time, so each has one place.
#[derive(Default)]
pub(super) struct Wakers {
    /// For room, for an empty pipe, or for Lambda's answer.
    pub(super) writer: Option<Waker>,
    /// For the writer to be gone.
    pub(super) runtime: Option<Waker>,
    /// For the response to begin, and then for bytes or the end.
    pub(super) transport: Option<Waker>,
}

impl Wakers {
    pub(super) fn writer(&mut self) -> &mut Option<Waker> {
        &mut self.writer
    }

    pub(super) fn runtime(&mut self) -> &mut Option<Waker> {
        &mut self.runtime
    }

    pub(super) fn transport(&mut self) -> &mut Option<Waker> {
        &mut self.transport
    }
}

pub(super) type Woken = [Option<Waker>; 2];

impl Shared {
    pub(super) fn new(capacity: usize, head: ResponseHead) -> Self {
        Self(Mutex::new(State {
            phase: Phase::Unstarted(head),
            capacity: capacity.max(1),
            whole: VecDeque::new(),
            gathered: BytesMut::new(),
            is_bodiless: false,
            unsent: 0,
            written: 0,
            turn_ends: None,
            writes_in_turn: 0,
            writer: Writer::Open,
            keep_alive: None,
            end: None,
            delivered: false,
            answer: None,
            wakers: Wakers::default(),
        }))
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        // No step under the lock can panic half-way, so what a panicking thread left behind is whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the state under the lock, and wakes whom `change` took out after it.
    pub(super) fn change<T>(&self, change: impl FnOnce(&mut State) -> (T, Woken)) -> T {
        let (result, woken) = change(&mut self.lock());
        woken.into_iter().flatten().for_each(Waker::wake);
        result
    }

    /// Looks for something under the lock; where it is not there yet, whoever waits in `place` is `cx`'s task.
    pub(super) fn wait<T>(
        &self,
        cx: &mut Context<'_>,
        place: fn(&mut Wakers) -> &mut Option<Waker>,
        find: impl FnOnce(&mut State) -> Option<T>,
    ) -> Poll<T> {
        let mut state = self.lock();
        if let Some(found) = find(&mut state) {
            return Poll::Ready(found);
        }
        let place = place(&mut state.wakers);
        if place.as_ref().is_some_and(|waker| waker.will_wake(cx.waker())) {
            return Poll::Pending;
        }
        // The last waker of a task may take the task with it, and that a writer: never under the lock.
        let stale = place.replace(cx.waker().clone());
        drop(state);
        drop(stale);
        Poll::Pending
    }
}

impl State {
    /// Opens the response, unless it is open. A prelude for one that is open comes too late.
    pub(super) fn start(&mut self, prelude: Option<HttpPrelude>) -> Result<(), StreamError> {
        let Phase::Unstarted(head) = &self.phase else {
            return prelude.map_or(Ok(()), |_| Err(StreamError::AlreadyStarted));
        };
        let opening = head.encode(prelude)?;
        for chunk in opening.chunks {
            self.unsent += chunk.len();
            self.whole.push_back(chunk);
        }
        self.phase = Phase::Started {
            content_type: opening.content_type,
        };
        self.is_bodiless = opening.is_bodiless;
        Ok(())
    }

    /// Accepts a copy.
    pub(super) fn copy(&mut self, bytes: &[u8]) {
        if self.accepts(bytes.len()) {
            self.gathered.extend_from_slice(bytes);
        }
    }

    /// Accepts the bytes themselves, unless a copy is cheaper.
    pub(super) fn push(&mut self, bytes: Bytes) {
        if bytes.len() <= COPY_THRESHOLD {
            self.copy(&bytes);
        } else if self.accepts(bytes.len()) {
            self.gather();
            self.whole.push_back(bytes);
        }
    }

    /// Whether so many bytes are kept, to be sent.
    fn accepts(&mut self, length: usize) -> bool {
        self.written += length as u64;
        if self.is_bodiless || length == 0 {
            return false;
        }
        self.unsent += length;
        true
    }

    pub(super) fn gather(&mut self) {
        if !self.gathered.is_empty() {
            self.whole.push_back(self.gathered.split().freeze());
        }
    }

    /// Whether something has been waiting for the transport for longer than a [`YIELD_INTERVAL`](super::YIELD_INTERVAL).
    pub(super) fn transport_is_due(&self) -> bool {
        match (&self.phase, self.turn_ends) {
            (Phase::Unstarted(_), _) => false,
            (Phase::Started { .. }, None) => true,
            // Where nothing is kept nothing waits, and yet a writer that never ends must not hold the thread.
            (Phase::Started { .. }, Some(_))
                if self.whole.is_empty() && self.gathered.is_empty() && !self.is_bodiless =>
            {
                false
            }
            (Phase::Started { .. }, Some(end)) => Instant::now() >= end,
        }
    }

    /// As [`transport_is_due`](Self::transport_is_due), for a write.
    ///
    /// To read the clock takes longer than all the rest of a small write. So many writes in one turn that they took less
    /// than 2 µs each are a burst: from then on, and until the turn is over, every eighth reads it.
    pub(super) fn transport_is_due_after_write(&mut self) -> bool {
        self.writes_in_turn += 1;
        (self.writes_in_turn < 32 || self.writes_in_turn % 8 == 0) && self.transport_is_due()
    }

    pub(super) fn decide(&mut self, end: End) -> (bool, Woken) {
        if self.end.is_some() {
            return (false, [None, None]);
        }
        self.end = Some(end);
        (true, [self.wakers.transport.take(), self.wakers.writer.take()])
    }

    pub(super) fn still_open(&self) -> Result<(), StreamError> {
        let closed = match (&self.answer, &self.end) {
            (Some(Err(closed)), _) => closed.clone(),
            (_, Some(End::Failed(error))) => failed(error),
            (_, Some(End::Clean | End::Buffered(_))) => Closed::new(None, "it has been ended"),
            (_, None) => return Ok(()),
        };
        Err(StreamError::Closed(closed))
    }
}

pub(super) fn failed(error: &Error) -> Closed {
    Closed::new(None, format_args!("the invocation has failed: {error}"))
}
