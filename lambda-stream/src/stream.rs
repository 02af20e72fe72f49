//! [`ResponseStream`]: the answer of a handler, sent as it is written.

mod body;
mod idle_timer;
mod io;
mod pipe;

use std::fmt;
use std::future::poll_fn;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::HeaderValue;

pub(crate) use self::body::ResponseBody;
pub(crate) use self::idle_timer::IdleTimer;
pub(crate) use self::pipe::{PipeControl, ResponseStart, pipe};
use crate::error::StreamError;
use crate::response::{BufferedResponse, HttpPrelude};

/// The answer of a handler: what is written leaves at once, and reaches the caller while the handler goes on.
///
/// The first byte, a prelude or [`flush`](Self::flush) starts the response; until then nothing has been sent, and a
/// handler that fails is reported as failed. After it, an error or a panic ends the response with HTTP trailers that
/// carry the error.
///
/// **Order.** Bytes leave in the order in which they were written. A burst of small writes is gathered into few chunks;
/// nothing waits for a timer or a minimum size. Lambda may cut the stream anew on its way to the caller.
///
/// **Back-pressure.** At most 64 KiB are unsent at a time ([`Runtime::buffer_size`](crate::Runtime::buffer_size) sets
/// another limit); a write waits until there is room. A caller that reads slowly, or has gone, is not reported.
///
/// **Cancellation.** A [`write`](Self::write) or [`send`](Self::send) that is dropped half-way has accepted the front of
/// its bytes. [`flush`](Self::flush) can be dropped and called again.
///
/// **The end.** The response ends when the handler has returned and the stream is dropped, or when
/// [`finish`](Self::finish) is called. The stream may move into a spawned task, and then outlives the handler; if that
/// task panics, the caller is told.
///
/// It is also a [`tokio::io::AsyncWrite`] and a [`futures::Sink`] of [`Bytes`]; to shut it down or close it is to
/// [`finish`](Self::finish) it.
///
/// ```
/// use lambda_stream::{Error, ResponseStream};
///
/// async fn handler(mut stream: ResponseStream) -> Result<(), Error> {
///     stream.set_content_type("text/plain")?;
///     for n in 1..=3 {
///         stream.write(format!("line {n}\n")).await?;
///     }
///     Ok(())
/// }
/// ```
pub struct ResponseStream {
    pipe: pipe::PipeWriter,
    /// A turn was just given to the transport, and need not be given again.
    yielded: bool,
}

impl ResponseStream {
    pub(crate) fn new(pipe: pipe::PipeWriter) -> Self {
        Self { pipe, yielded: false }
    }

    /// Writes a copy of `bytes`.
    ///
    /// # Errors
    /// [`StreamError::Closed`] when the response is over: Lambda refused it or dropped the connection, the invocation
    /// has failed, or the deadline has passed.
    pub async fn write(&mut self, bytes: impl AsRef<[u8]>) -> Result<(), StreamError> {
        let mut rest = bytes.as_ref();
        while !rest.is_empty() {
            let accepted = poll_fn(|cx| self.pipe.poll_write(cx, rest)).await?;
            rest = &rest[accepted.length..];
            self.give_turn_if(accepted.transport_is_due).await;
        }
        Ok(())
    }

    /// Hands `bytes` over without a copy. (Up to 1 KiB is copied after all: a chunk of its own would cost more.)
    ///
    /// # Errors
    /// As [`write`](Self::write).
    pub async fn send(&mut self, bytes: impl Into<Bytes>) -> Result<(), StreamError> {
        let mut rest = bytes.into();
        while !rest.is_empty() {
            let accepted = poll_fn(|cx| self.pipe.poll_send(cx, &mut rest)).await?;
            self.give_turn_if(accepted.transport_is_due).await;
        }
        Ok(())
    }

    /// Waits until everything that was written is on the socket, and starts the response if nothing was.
    ///
    /// Written bytes leave by themselves: this is for the tail of a burst before a long computation that does not
    /// await.
    ///
    /// # Errors
    /// As [`write`](Self::write).
    pub async fn flush(&mut self) -> Result<(), StreamError> {
        self.pipe.start(None)?;
        self.give_turn().await;
        poll_fn(|cx| self.pipe.poll_empty(cx)).await
    }

    /// Ends the response now, and waits for Lambda's answer.
    ///
    /// What the handler does after it is unseen by the caller: an error is only logged.
    ///
    /// # Errors
    /// [`StreamError::Closed`] when Lambda did not take the response whole.
    pub async fn finish(self) -> Result<(), StreamError> {
        self.pipe.end();
        poll_fn(|cx| self.pipe.poll_delivered(cx)).await
    }

    /// Sets the content type of the response, `application/octet-stream` otherwise.
    ///
    /// Where the event came over HTTP, `text/event-stream` goes with `cache-control: no-cache`: a cache on the way, such
    /// as CloudFront, may keep an answer that says nothing of it.
    ///
    /// # Errors
    /// [`StreamError::AlreadyStarted`] after the first byte, [`StreamError::Invalid`] for what cannot stand in a header.
    pub fn set_content_type(&mut self, content_type: impl AsRef<str>) -> Result<(), StreamError> {
        let text = content_type.as_ref();
        let value = HeaderValue::from_str(text)
            .map_err(|_| StreamError::Invalid(format!("{text:?} cannot stand in a header as a content type")))?;
        self.pipe.set_head(|head| head.set_content_type(value))
    }

    /// Starts an HTTP response with status, headers and cookies.
    ///
    /// A handler that answers an HTTP event without this answers with status 200 and its content type. The answer to a
    /// HEAD, and one of status 204 or 304, has no body: what is written to it is left out.
    ///
    /// # Errors
    /// [`StreamError::AlreadyStarted`] after the first byte, [`StreamError::Invalid`] for a prelude that cannot be sent
    /// (see [`HttpPrelude`]); else as [`write`](Self::write).
    pub async fn send_prelude(&mut self, prelude: HttpPrelude) -> Result<(), StreamError> {
        self.pipe.start(Some(prelude))?;
        self.give_turn().await;
        Ok(())
    }

    /// Sends a whole response in place of a stream, unless the response was already ended.
    pub(crate) fn send_buffered(self, response: BufferedResponse) {
        // A response that was already ended has failed at its deadline, and the runtime has reported that.
        let _was_open = self.pipe.respond_buffered(response);
    }

    /// Hands over all of `bytes`, or, where this is dropped half-way, none: nothing else comes in between.
    ///
    /// It waits until something is free, and then takes no notice of how much: as much as one such piece may be unsent
    /// beyond the limit.
    pub(crate) async fn send_atomic(&mut self, bytes: Bytes) -> Result<(), StreamError> {
        poll_fn(|cx| self.pipe.poll_room(cx)).await?;
        self.pipe.push(bytes)?;
        self.give_turn().await;
        Ok(())
    }

    /// Starts the response, and from here on sends `filler` whenever it was quiet for `interval`, until this is dropped.
    ///
    /// It comes where everything that was accepted has been sent. So what it must not cut is sent [whole](Self::send_atomic).
    pub(crate) async fn keep_alive(&mut self, interval: Duration, filler: Bytes) -> Result<(), StreamError> {
        self.pipe.keep_alive(pipe::KeepAlive { interval, filler })?;
        self.give_turn().await;
        Ok(())
    }

    /// Whether the response has started and has no body: what is written is left out.
    pub(crate) fn is_bodiless(&self) -> bool {
        self.pipe.is_bodiless()
    }

    /// How many bytes of the body were accepted so far, the prelude apart.
    pub fn bytes_written(&self) -> u64 {
        self.pipe.written()
    }

    async fn give_turn(&mut self) {
        self.give_turn_if(self.pipe.transport_is_due()).await;
    }

    async fn give_turn_if(&mut self, due: bool) {
        if due {
            let mut given = false;
            poll_fn(|cx| self::give_turn(cx, &mut given)).await;
        }
    }

    /// As [`give_turn`](Self::give_turn), where there is no `await`.
    fn poll_turn(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if self.yielded || self.pipe.transport_is_due() {
            return give_turn(cx, &mut self.yielded);
        }
        Poll::Ready(())
    }
}

/// Lets the transport move once: it may share this thread, and then moves only when the handler yields.
fn give_turn(cx: &mut Context<'_>, given: &mut bool) -> Poll<()> {
    if std::mem::take(given) {
        return Poll::Ready(());
    }
    *given = true;
    // Behind everything that is ready now, the transport included. (`yield_now` would poll the sockets besides: a
    // system call for nothing, since the transport wants to write.)
    cx.waker().wake_by_ref();
    Poll::Pending
}

impl Drop for ResponseStream {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.pipe.panicked(crate::panic::current());
        }
    }
}

impl fmt::Debug for ResponseStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseStream")
            .field("bytes_written", &self.bytes_written())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
