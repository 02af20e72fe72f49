//! The pipe: bytes from one writer to one transport, bounded, gathering, and ended just once.
//!
//! Three parties share it. The [`PipeWriter`] is the handler's end; [`PipeControl`] is the runtime's, which learns how the
//! response begins and decides how it ends; [`PipeReader`] is what the socket drains. It knows nothing of HTTP: what
//! opens a response comes from [`ResponseHead`], and how a failure is told is for the reader of [`Next`].
//!
//! Apart from the local mode, this is the only place of the crate with a lock and wakers. No task is woken or dropped
//! under the lock: wakers are taken out under it, and used after it.

mod state;

use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures::future::poll_fn;
use http::HeaderValue;

use self::state::{End, Phase, Shared, State, Wakers, Writer, failed};
use crate::error::{Closed, Error, StreamError};
use crate::response::{BufferedResponse, HttpPrelude, ResponseHead};

/// How long written bytes may wait for the transport before their writer yields to it.
///
/// On one thread the transport moves only when the handler yields. To yield at every write would cost system calls for
/// each; this bounds what a caller waits, and lets a burst of small writes gather into few chunks.
const YIELD_INTERVAL: Duration = Duration::from_micros(50);

/// Up to this size, in bytes, to copy what is handed over costs less than a chunk of its own.
const COPY_THRESHOLD: usize = 1024;

/// A new pipe that lets at most `capacity` bytes be unsent.
pub(crate) fn pipe(capacity: usize, head: ResponseHead) -> (PipeWriter, PipeControl) {
    let shared = Arc::new(Shared::new(capacity, head));
    (PipeWriter(Arc::clone(&shared)), PipeControl(shared))
}

/// The handler's end. Dropped, it leaves the end of the response to the runtime.
pub(crate) struct PipeWriter(Arc<Shared>);

/// The runtime's end.
pub(crate) struct PipeControl(Arc<Shared>);

/// The end that the socket drains.
pub(crate) struct PipeReader(Arc<Shared>);

/// How a response begins: what the runtime has to send.
pub(crate) enum ResponseStart {
    Streaming {
        content_type: HeaderValue,
        transport: PipeReader,
    },
    Buffered(BufferedResponse),
    Failed(Arc<Error>),
}

/// What is sent so that nobody on the way gives up a response that is quiet.
#[derive(Debug, Clone)]
pub(super) struct KeepAlive {
    /// How long nothing was sent, and nothing was there to be sent.
    pub(super) interval: Duration,
    pub(super) filler: Bytes,
}

/// What the transport finds when it asks for more.
pub(super) enum Next {
    Bytes(Bytes),
    Failed(Arc<Error>),
    End,
}

/// What became of a write.
pub(super) struct Accepted {
    /// How many bytes there was room for: at least one, unless there were none.
    pub(super) length: usize,
    /// Something has been waiting for the transport for longer than a [`YIELD_INTERVAL`].
    pub(super) transport_is_due: bool,
}

impl PipeWriter {
    /// Accepts as many of `bytes` as there is room for.
    pub(super) fn poll_write(&self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<Result<Accepted, StreamError>> {
        self.poll_accept(cx, bytes.len(), |state, room| {
            state.copy(&bytes[..room]);
        })
    }

    /// Accepts as much of the front of `bytes` as there is room for, without a copy unless that is cheaper.
    pub(super) fn poll_send(&self, cx: &mut Context<'_>, bytes: &mut Bytes) -> Poll<Result<Accepted, StreamError>> {
        self.poll_accept(cx, bytes.len(), |state, room| {
            state.push(bytes.split_to(room));
        })
    }

    fn poll_accept(
        &self,
        cx: &mut Context<'_>,
        length: usize,
        accept: impl FnOnce(&mut State, usize),
    ) -> Poll<Result<Accepted, StreamError>> {
        let mut transport = None;
        let polled = self.0.wait(cx, Wakers::writer, |state| {
            if let Err(error) = state.still_open() {
                return Some(Err(error));
            }
            if length == 0 {
                return Some(Ok(Accepted {
                    length,
                    transport_is_due: false,
                }));
            }
            if let Err(error) = state.start(None) {
                return Some(Err(error));
            }
            // Woken even where there is no room: the prelude alone may fill the pipe.
            transport = state.wakers.transport.take();
            let room = state.capacity.saturating_sub(state.unsent).min(length);
            if room == 0 {
                return None;
            }
            accept(state, room);
            Some(Ok(Accepted {
                length: room,
                transport_is_due: state.transport_is_due_after_write(),
            }))
        });
        if let Some(transport) = transport {
            transport.wake();
        }
        polled
    }

    /// Ready when at least one byte would be accepted.
    pub(super) fn poll_room(&self, cx: &mut Context<'_>) -> Poll<Result<(), StreamError>> {
        self.0.wait(cx, Wakers::writer, |state| match state.still_open() {
            Ok(()) => (state.unsent < state.capacity).then_some(Ok(())),
            Err(error) => Some(Err(error)),
        })
    }

    /// Accepts all of `bytes`, however full the pipe is.
    pub(super) fn push(&self, bytes: Bytes) -> Result<(), StreamError> {
        self.0.change(|state| {
            let accepted = state.still_open().and_then(|()| state.start(None));
            let accepted = accepted.map(|()| state.push(bytes));
            (accepted, [state.wakers.transport.take(), None])
        })
    }

    /// Starts the response, with `prelude` or with what its [`ResponseHead`] makes by itself.
    pub(super) fn start(&self, prelude: Option<HttpPrelude>) -> Result<(), StreamError> {
        self.0.change(|state| {
            let started = state.still_open().and_then(|()| state.start(prelude));
            (started, [state.wakers.transport.take(), None])
        })
    }

    /// Starts the response, and keeps it alive for as long as there is a writer.
    pub(super) fn keep_alive(&self, keep_alive: KeepAlive) -> Result<(), StreamError> {
        self.0.change(|state| {
            let started = state.still_open().and_then(|()| state.start(None));
            let kept_alive = started.map(|()| state.keep_alive = Some(keep_alive));
            (kept_alive, [state.wakers.transport.take(), None])
        })
    }

    /// Changes what the response will open with.
    pub(super) fn set_head<T>(&self, change: impl FnOnce(&mut ResponseHead) -> T) -> Result<T, StreamError> {
        let mut state = self.0.lock();
        state.still_open()?;
        match &mut state.phase {
            Phase::Unstarted(head) => Ok(change(head)),
            Phase::Started { .. } => Err(StreamError::AlreadyStarted),
        }
    }

    /// Ready when the socket has taken all that was written.
    pub(super) fn poll_empty(&self, cx: &mut Context<'_>) -> Poll<Result<(), StreamError>> {
        self.0.wait(cx, Wakers::writer, |state| match state.still_open() {
            Ok(()) => (state.unsent == 0).then_some(Ok(())),
            Err(error) => Some(Err(error)),
        })
    }

    /// Ends the response cleanly, unless it has been ended.
    pub(super) fn end(&self) {
        self.0.change(|state| ((), state.decide(End::Clean).1));
    }

    /// Sends a whole response in place of a stream, unless the response was already ended.
    ///
    /// Returns whether the response was still open.
    pub(super) fn respond_buffered(&self, response: BufferedResponse) -> bool {
        self.0.change(|state| state.decide(End::Buffered(response)))
    }

    /// Ready when Lambda has answered the response.
    pub(super) fn poll_delivered(&self, cx: &mut Context<'_>) -> Poll<Result<(), StreamError>> {
        self.0.wait(cx, Wakers::writer, |state| {
            let answer = match (&state.end, &state.answer) {
                (Some(End::Failed(error)), _) => Err(failed(error)),
                (_, Some(answer)) => answer.clone(),
                (_, None) => return None,
            };
            Some(answer.map_err(StreamError::Closed))
        })
    }

    /// Whether something has been waiting for the transport for longer than a [`YIELD_INTERVAL`].
    pub(super) fn transport_is_due(&self) -> bool {
        self.0.lock().transport_is_due()
    }

    /// Whether what is written is left out.
    pub(super) fn is_bodiless(&self) -> bool {
        self.0.lock().is_bodiless
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

impl PipeControl {
    /// Waits until it is known how the response begins.
    pub(crate) async fn beginning(&self) -> ResponseStart {
        poll_fn(|cx| self.0.wait(cx, Wakers::transport, |state| self.begin(state))).await
    }

    fn begin(&self, state: &mut State) -> Option<ResponseStart> {
        if let (Phase::Unstarted(_), Some(end)) = (&state.phase, &state.end) {
            let whole = match end {
                End::Failed(error) => Some(ResponseStart::Failed(Arc::clone(error))),
                End::Buffered(buffered) => Some(ResponseStart::Buffered(buffered.clone())),
                // Nothing was written: an empty streamed body.
                End::Clean => match state.start(None) {
                    Ok(()) => None,
                    Err(error) => Some(ResponseStart::Failed(Arc::new(Error::from(error)))),
                },
            };
            if whole.is_some() {
                state.delivered = true;
                return whole;
            }
        }
        match &state.phase {
            Phase::Unstarted(_) => None,
            Phase::Started { content_type } => Some(ResponseStart::Streaming {
                content_type: content_type.clone(),
                transport: PipeReader(Arc::clone(&self.0)),
            }),
        }
    }

    /// Waits until nothing more will be written: the writer is gone, or the response is over. Tells of its panic.
    pub(crate) async fn writer_gone(&self) -> Result<(), Error> {
        poll_fn(|cx| {
            self.0.wait(cx, Wakers::runtime, |state| {
                match std::mem::replace(&mut state.writer, Writer::Gone) {
                    Writer::Panicked(error) => return Some(Err(error)),
                    Writer::Gone => return Some(Ok(())),
                    Writer::Open => state.writer = Writer::Open,
                }
                (state.end.is_some() || state.answer.is_some()).then_some(Ok(()))
            })
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

impl PipeReader {
    /// The next piece, in the order in which it was accepted; an error once the response is closed.
    pub(super) fn poll_next(&self, cx: &mut Context<'_>) -> Poll<Result<Next, StreamError>> {
        self.0.wait(cx, Wakers::transport, |state| {
            if let Some(Err(closed)) = &state.answer {
                return Some(Err(StreamError::Closed(closed.clone())));
            }
            state.turn_ends = Some(Instant::now() + YIELD_INTERVAL);
            state.writes_in_turn = 0;
            if state.whole.is_empty() {
                state.gather();
            }
            if let Some(bytes) = state.whole.pop_front() {
                let pipe = Arc::clone(&self.0);
                return Some(Ok(Next::Bytes(Bytes::from_owner(Unsent { bytes, pipe }))));
            }
            let next = match state.end.as_ref()? {
                End::Failed(error) => Next::Failed(Arc::clone(error)),
                End::Clean | End::Buffered(_) => Next::End,
            };
            state.delivered = true;
            Some(Ok(next))
        })
    }

    /// What to send when nothing has been there for a while, unless the writer is gone or nothing may be sent at all.
    pub(super) fn keep_alive(&self) -> Option<KeepAlive> {
        let state = self.0.lock();
        match state.writer {
            Writer::Open if !state.is_bodiless => state.keep_alive.clone(),
            _ => None,
        }
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

#[cfg(test)]
#[cfg(pipe_loom)]
mod loom_tests;
#[cfg(test)]
#[cfg(not(pipe_loom))]
mod tests;
