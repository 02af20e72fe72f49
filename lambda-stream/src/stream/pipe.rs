//! The pipe: bytes from one writer to one transport, bounded, gathering, and ended just once.
//!
//! Three parties share it. The [`PipeWriter`] is the handler's end; [`Control`] is the runtime's, which learns how the
//! response begins and decides how it ends; [`Transport`] is what the socket drains. It knows nothing of HTTP: what
//! opens a response comes from [`Head`], and how a failure is told is for the reader of [`Next`].
//!
//! This is the only place of the crate with a lock and wakers. No foreign code runs under the lock: wakers are taken
//! out under it and woken after it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use futures::future::poll_fn;
use http::HeaderValue;

use super::head::Head;
use super::prelude::HttpPrelude;
use crate::error::{Closed, Error, StreamError};

/// How long written bytes may wait for the transport before their writer yields to it.
///
/// On one thread the transport moves only when the handler yields. To yield at every write would cost system calls for
/// each; this bounds what a caller waits, and lets a burst of small writes gather into few chunks.
const TURN: Duration = Duration::from_micros(50);

/// A new pipe that lets at most `capacity` bytes be unsent.
pub(crate) fn pipe(capacity: usize, head: Head) -> (PipeWriter, Control) {
    let shared = Arc::new(Shared(Mutex::new(State {
        phase: Phase::Unstarted(head),
        capacity: capacity.max(1),
        whole: VecDeque::new(),
        gathered: BytesMut::new(),
        unsent: 0,
        written: 0,
        last_turn: None,
        writer: Writer::Open,
        end: None,
        delivered: false,
        answer: None,
        wakers: Wakers::default(),
    })));
    (PipeWriter(Arc::clone(&shared)), Control(shared))
}

/// The handler's end. Dropped, it leaves the end of the response to the runtime.
pub(crate) struct PipeWriter(Arc<Shared>);

/// The runtime's end.
pub(crate) struct Control(Arc<Shared>);

/// The end that the socket drains.
pub(crate) struct Transport(Arc<Shared>);

/// How a response begins: what the runtime has to send.
pub(crate) enum Beginning {
    Streaming {
        content_type: HeaderValue,
        transport: Transport,
    },
    Buffered(Buffered),
    Failed(Arc<Error>),
}

/// One whole answer, not streamed.
#[derive(Debug, Clone)]
pub(crate) struct Buffered {
    pub(crate) content_type: HeaderValue,
    pub(crate) body: Bytes,
}

/// What the transport finds when it asks for more.
pub(super) enum Next {
    Bytes(Bytes),
    Failed(Arc<Error>),
    End,
}

struct Shared(Mutex<State>);

struct State {
    phase: Phase,
    capacity: usize,
    /// Accepted and complete: each leaves as a chunk of its own.
    whole: VecDeque<Bytes>,
    /// Accepted after all of `whole`, and still growing.
    gathered: BytesMut,
    /// Accepted, and not yet let go by the transport, which does so when the socket has taken them.
    unsent: usize,
    /// Of the body, the prelude apart.
    written: u64,
    /// When the transport last asked for more.
    last_turn: Option<Instant>,
    writer: Writer,
    /// How the response ends, once that is decided: the first decision stands.
    end: Option<End>,
    /// The transport has seen the end.
    delivered: bool,
    /// What Lambda said to the response.
    answer: Option<Result<(), Closed>>,
    wakers: Wakers,
}

enum Phase {
    Unstarted(Head),
    Started { content_type: HeaderValue },
}

enum Writer {
    Open,
    Gone,
    Panicked(Error),
}

enum End {
    Clean,
    Failed(Arc<Error>),
    Buffered(Buffered),
}

/// Each party waits for one thing at a time, so each has one place.
#[derive(Default)]
struct Wakers {
    /// For room, for an empty pipe, or for Lambda's answer.
    writer: Option<Waker>,
    /// For the writer to be gone.
    runtime: Option<Waker>,
    /// For the response to begin, and then for bytes or the end.
    transport: Option<Waker>,
}

type Woken = [Option<Waker>; 2];

impl PipeWriter {
    /// Accepts as many of `bytes` as there is room for, and tells how many: at least one, unless `bytes` is empty.
    pub(super) fn poll_write(&self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<Result<usize, StreamError>> {
        self.0.poll_accept(cx, bytes.len(), |state, room| {
            state.gathered.extend_from_slice(&bytes[..room])
        })
    }

    /// Accepts as much of the front of `bytes` as there is room for, without a copy.
    pub(super) fn poll_send(&self, cx: &mut Context<'_>, bytes: &mut Bytes) -> Poll<Result<usize, StreamError>> {
        self.0
            .poll_accept(cx, bytes.len(), |state, room| state.push(bytes.split_to(room)))
    }

    /// Ready when at least one byte would be accepted.
    pub(super) fn poll_room(&self, cx: &mut Context<'_>) -> Poll<Result<(), StreamError>> {
        let mut state = self.0.lock();
        state.still_open()?;
        if state.unsent < state.capacity {
            return Poll::Ready(Ok(()));
        }
        state.wakers.writer = Some(cx.waker().clone());
        Poll::Pending
    }

    /// Accepts all of `bytes`, however full the pipe is.
    pub(super) fn push(&self, bytes: Bytes) -> Result<(), StreamError> {
        self.0.change(|state| {
            let accepted = state.still_open().and_then(|()| state.start(None)).map(|()| {
                state.accepted(bytes.len());
                state.push(bytes);
            });
            (accepted, [state.wakers.transport.take(), None])
        })
    }

    /// Starts the response, with `prelude` or with what its [`Head`] makes by itself.
    pub(super) fn start(&self, prelude: Option<HttpPrelude>) -> Result<(), StreamError> {
        self.0.change(|state| {
            let started = state.still_open().and_then(|()| state.start(prelude));
            (started, [state.wakers.transport.take(), None])
        })
    }

    /// Changes what the response will open with.
    pub(super) fn head<T>(&self, change: impl FnOnce(&mut Head) -> T) -> Result<T, StreamError> {
        let mut state = self.0.lock();
        state.still_open()?;
        match &mut state.phase {
            Phase::Unstarted(head) => Ok(change(head)),
            Phase::Started { .. } => Err(StreamError::AlreadyStarted),
        }
    }

    /// Ready when the socket has taken all that was written.
    pub(super) fn poll_empty(&self, cx: &mut Context<'_>) -> Poll<Result<(), StreamError>> {
        let mut state = self.0.lock();
        state.still_open()?;
        if state.unsent == 0 {
            return Poll::Ready(Ok(()));
        }
        state.wakers.writer = Some(cx.waker().clone());
        Poll::Pending
    }

    /// Ends the response cleanly, unless it has been ended.
    pub(super) fn end(&self) {
        self.0.change(|state| ((), state.decide(End::Clean).1));
    }

    /// Ready when Lambda has answered the response.
    pub(super) fn poll_answer(&self, cx: &mut Context<'_>) -> Poll<Result<(), StreamError>> {
        let mut state = self.0.lock();
        if let Some(End::Failed(error)) = &state.end {
            return Poll::Ready(Err(StreamError::Closed(failed(error))));
        }
        if let Some(answer) = &state.answer {
            return Poll::Ready(answer.clone().map_err(StreamError::Closed));
        }
        state.wakers.writer = Some(cx.waker().clone());
        Poll::Pending
    }

    /// Whether something has been waiting for the transport for longer than a [`TURN`].
    pub(super) fn transport_is_due(&self) -> bool {
        let state = self.0.lock();
        match (&state.phase, state.last_turn) {
            (Phase::Unstarted(_), _) => false,
            (Phase::Started { .. }, None) => true,
            (Phase::Started { .. }, Some(turn)) => {
                !(state.whole.is_empty() && state.gathered.is_empty()) && turn.elapsed() >= TURN
            }
        }
    }

    pub(super) fn written(&self) -> u64 {
        self.0.lock().written
    }

    /// The writer's task panicked: the runtime is told, and the writer is gone.
    pub(super) fn panicked(&self, error: Error) {
        self.0.change(|state| {
            state.writer = Writer::Panicked(error);
            ((), [state.wakers.runtime.take(), None])
        });
    }
}

impl Drop for PipeWriter {
    fn drop(&mut self) {
        self.0.change(|state| {
            if let Writer::Open = state.writer {
                state.writer = Writer::Gone;
            }
            ((), [state.wakers.runtime.take(), None])
        });
    }
}

impl Control {
    /// Waits until it is known how the response begins.
    pub(crate) async fn beginning(&self) -> Beginning {
        poll_fn(|cx| self.poll_beginning(cx)).await
    }

    fn poll_beginning(&self, cx: &mut Context<'_>) -> Poll<Beginning> {
        let mut state = self.0.lock();
        if let (Phase::Unstarted(_), Some(end)) = (&state.phase, &state.end) {
            match end {
                End::Failed(error) => {
                    let beginning = Beginning::Failed(Arc::clone(error));
                    state.delivered = true;
                    return Poll::Ready(beginning);
                }
                End::Buffered(buffered) => {
                    let beginning = Beginning::Buffered(buffered.clone());
                    state.delivered = true;
                    return Poll::Ready(beginning);
                }
                // Nothing was written: an empty streamed body.
                End::Clean => {
                    if let Err(error) = state.start(None) {
                        state.delivered = true;
                        return Poll::Ready(Beginning::Failed(Arc::new(Error::from(error))));
                    }
                }
            }
        }
        match &state.phase {
            Phase::Started { content_type } => Poll::Ready(Beginning::Streaming {
                content_type: content_type.clone(),
                transport: Transport(Arc::clone(&self.0)),
            }),
            Phase::Unstarted(_) => {
                state.wakers.transport = Some(cx.waker().clone());
                Poll::Pending
            }
        }
    }

    /// Waits until nothing more will be written: the writer is gone, or the response is over. Tells of its panic.
    pub(crate) async fn writer_gone(&self) -> Result<(), Error> {
        poll_fn(|cx| {
            let mut state = self.0.lock();
            match std::mem::replace(&mut state.writer, Writer::Gone) {
                Writer::Panicked(error) => return Poll::Ready(Err(error)),
                Writer::Gone => return Poll::Ready(Ok(())),
                Writer::Open => state.writer = Writer::Open,
            }
            if state.end.is_some() || state.answer.is_some() {
                return Poll::Ready(Ok(()));
            }
            state.wakers.runtime = Some(cx.waker().clone());
            Poll::Pending
        })
        .await
    }

    /// Ends the response cleanly; `false` if it had been ended before.
    pub(crate) fn end(&self) -> bool {
        self.0.change(|state| state.decide(End::Clean))
    }

    /// Ends the response with `error`, after all that was accepted; `false` if it had been ended before.
    pub(crate) fn fail(&self, error: Error) -> bool {
        self.0.change(|state| state.decide(End::Failed(Arc::new(error))))
    }

    /// Answers with one whole body in place of a stream; `false` if the response had been ended before.
    pub(crate) fn answer_with(&self, buffered: Buffered) -> bool {
        self.0.change(|state| state.decide(End::Buffered(buffered)))
    }

    /// Tells the writer what Lambda said to the response, and returns why Lambda did not take it, if so.
    pub(crate) fn answered(&self, answer: Result<(), Closed>) -> Result<(), Closed> {
        self.0.change(|state| {
            let answer = answer.and_then(|()| match state.delivered {
                true => Ok(()),
                false => Err(Closed::new(None, "Lambda answered before the response was whole")),
            });
            state.answer = Some(answer.clone());
            (answer, [state.wakers.writer.take(), state.wakers.runtime.take()])
        })
    }
}

impl Transport {
    /// The next piece, in the order in which it was accepted; an error once the response is closed.
    pub(super) fn poll_next(&self, cx: &mut Context<'_>) -> Poll<Result<Next, StreamError>> {
        let mut state = self.0.lock();
        if let Some(Err(closed)) = &state.answer {
            return Poll::Ready(Err(StreamError::Closed(closed.clone())));
        }
        state.last_turn = Some(Instant::now());
        if state.whole.is_empty() {
            state.gather();
        }
        if let Some(bytes) = state.whole.pop_front() {
            let unsent = Unsent {
                bytes,
                pipe: Arc::clone(&self.0),
            };
            return Poll::Ready(Ok(Next::Bytes(Bytes::from_owner(unsent))));
        }
        let next = match &state.end {
            Some(End::Failed(error)) => Next::Failed(Arc::clone(error)),
            Some(End::Clean | End::Buffered(_)) => Next::End,
            None => {
                state.wakers.transport = Some(cx.waker().clone());
                return Poll::Pending;
            }
        };
        state.delivered = true;
        Poll::Ready(Ok(next))
    }
}

/// Bytes on their way to the socket. The transport drops them when the socket has taken them, which makes room.
struct Unsent {
    bytes: Bytes,
    pipe: Arc<Shared>,
}

impl AsRef<[u8]> for Unsent {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Unsent {
    fn drop(&mut self) {
        self.pipe.change(|state| {
            state.unsent -= self.bytes.len();
            ((), [state.wakers.writer.take(), None])
        });
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        // No step under the lock can panic half-way, so what a panicking thread left behind is whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the state under the lock, and wakes whom `change` took out after it.
    fn change<T>(&self, change: impl FnOnce(&mut State) -> (T, Woken)) -> T {
        let (result, woken) = change(&mut self.lock());
        woken.into_iter().flatten().for_each(Waker::wake);
        result
    }

    fn poll_accept(
        &self,
        cx: &mut Context<'_>,
        length: usize,
        accept: impl FnOnce(&mut State, usize),
    ) -> Poll<Result<usize, StreamError>> {
        self.change(|state| {
            if let Err(error) = state.still_open() {
                return (Poll::Ready(Err(error)), [None, None]);
            }
            if length == 0 {
                return (Poll::Ready(Ok(0)), [None, None]);
            }
            if let Err(error) = state.start(None) {
                return (Poll::Ready(Err(error)), [None, None]);
            }
            let room = state.capacity.saturating_sub(state.unsent).min(length);
            if room == 0 {
                state.wakers.writer = Some(cx.waker().clone());
                // The prelude alone may fill the pipe, and then nobody has told the transport of it.
                return (Poll::Pending, [state.wakers.transport.take(), None]);
            }
            state.accepted(room);
            accept(state, room);
            (Poll::Ready(Ok(room)), [state.wakers.transport.take(), None])
        })
    }
}

impl State {
    /// Opens the response, unless it is open. A prelude for one that is open comes too late.
    fn start(&mut self, prelude: Option<HttpPrelude>) -> Result<(), StreamError> {
        let Phase::Unstarted(head) = &self.phase else {
            return prelude.map_or(Ok(()), |_| Err(StreamError::AlreadyStarted));
        };
        let opening = head.open(prelude)?;
        for chunk in opening.chunks {
            self.unsent += chunk.len();
            self.whole.push_back(chunk);
        }
        self.phase = Phase::Started {
            content_type: opening.content_type,
        };
        Ok(())
    }

    fn accepted(&mut self, length: usize) {
        self.unsent += length;
        self.written += length as u64;
    }

    fn push(&mut self, bytes: Bytes) {
        self.gather();
        if !bytes.is_empty() {
            self.whole.push_back(bytes);
        }
    }

    fn gather(&mut self) {
        if !self.gathered.is_empty() {
            self.whole.push_back(self.gathered.split().freeze());
        }
    }

    fn decide(&mut self, end: End) -> (bool, Woken) {
        if self.end.is_some() {
            return (false, [None, None]);
        }
        self.end = Some(end);
        (true, [self.wakers.transport.take(), self.wakers.writer.take()])
    }

    fn still_open(&self) -> Result<(), StreamError> {
        let closed = match (&self.answer, &self.end) {
            (Some(Err(closed)), _) => closed.clone(),
            (_, Some(End::Failed(error))) => failed(error),
            (_, Some(End::Clean | End::Buffered(_))) => Closed::new(None, "it has been ended"),
            (_, None) => return Ok(()),
        };
        Err(StreamError::Closed(closed))
    }
}

fn failed(error: &Error) -> Closed {
    Closed::new(None, format_args!("the invocation has failed: {error}"))
}

#[cfg(test)]
mod tests;
