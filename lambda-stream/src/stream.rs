//! [`ResponseStream`], to which a handler writes its response, and the body that the HTTP client sends.

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
use crate::panic;
use crate::response::{BufferedResponse, HttpPrelude};

/// The response of a handler. Bytes are sent to the caller as the handler writes them.
///
/// The first byte, [`send_prelude`](Self::send_prelude) or [`flush`](Self::flush) starts the response. If the handler
/// fails before, nothing has been sent and the invocation is reported as failed. If the handler fails after, the
/// response ends with HTTP trailers that carry the error.
///
/// It also implements [`tokio::io::AsyncWrite`] and [`futures::Sink`] of [`Bytes`]; to shut it down or close it has the
/// effect of [`finish`](Self::finish).
///
/// # Chunks
/// Bytes are sent in the order in which they were written. A burst of small writes is merged into few chunks; no write
/// waits for a timer or a minimum size. Lambda may change the chunk boundaries before the response reaches the caller.
///
/// # Backpressure
/// The buffer holds at most 64 KiB of unsent bytes; [`Runtime::buffer_size`](crate::Runtime::buffer_size) sets another
/// limit. A write waits while the buffer is full. Lambda does not report a caller that reads slowly or disconnects.
///
/// # Cancellation
/// A [`write`](Self::write) or [`send`](Self::send) that is dropped before it completes may have accepted the first
/// part of its bytes. [`flush`](Self::flush) can be dropped and called again.
///
/// # End of the response
/// The response ends when the handler has returned and the stream is dropped, or when [`finish`](Self::finish) is
/// called. The stream may be moved into a spawned task and outlive the handler. If that task panics, the response ends
/// with error trailers.
///
/// # Examples
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
    /// `poll_yield_if_due` has returned `Pending` and returns `Ready` at its next call.
    has_yielded: bool,
    /// When the invocation started.
    start: panic::Mark,
}

impl ResponseStream {
    pub(crate) fn new(pipe: pipe::PipeWriter) -> Self {
        Self {
            pipe,
            has_yielded: false,
            start: panic::Mark::now(),
        }
    }

    /// Writes a copy of `bytes`. Waits while the buffer is full.
    ///
    /// # Errors
    /// [`StreamError::Closed`] if the response accepts no more bytes: Lambda rejected it or closed the connection, the
    /// invocation failed, its deadline passed, or the response has ended.
    pub async fn write(&mut self, bytes: impl AsRef<[u8]>) -> Result<(), StreamError> {
        let mut rest = bytes.as_ref();
        while !rest.is_empty() {
            let progress = poll_fn(|cx| self.pipe.poll_write(cx, rest)).await?;
            rest = &rest[progress.length..];
            yield_if(progress.is_yield_due).await;
        }
        Ok(())
    }

    /// Sends `bytes` without copying them. Waits while the buffer is full.
    ///
    /// Up to 1 KiB is copied, because a separate chunk would cost more than the copy.
    ///
    /// # Errors
    /// The same as [`write`](Self::write).
    pub async fn send(&mut self, bytes: impl Into<Bytes>) -> Result<(), StreamError> {
        let mut rest = bytes.into();
        while !rest.is_empty() {
            let progress = poll_fn(|cx| self.pipe.poll_send(cx, &mut rest)).await?;
            yield_if(progress.is_yield_due).await;
        }
        Ok(())
    }

    /// Waits until all bytes that were written are on the socket. Starts the response if it has not started.
    ///
    /// Written bytes are sent without a flush whenever the handler awaits. Call this before a long computation that
    /// does not await.
    ///
    /// # Errors
    /// The same as [`write`](Self::write).
    pub async fn flush(&mut self) -> Result<(), StreamError> {
        self.pipe.start(None)?;
        self.yield_to_transport().await;
        poll_fn(|cx| self.pipe.poll_flushed(cx)).await
    }

    /// Ends the response and waits until Lambda has accepted it.
    ///
    /// The caller gets a complete response. If the handler fails after `finish`, the error is only logged.
    ///
    /// # Errors
    /// [`StreamError::Closed`] if Lambda did not accept the complete response.
    pub async fn finish(self) -> Result<(), StreamError> {
        self.pipe.end();
        poll_fn(|cx| self.pipe.poll_delivery(cx)).await
    }

    /// Sets the content type of the response. The default is `application/octet-stream`.
    ///
    /// If the event is an HTTP event and the content type is `text/event-stream`, the response gets the header
    /// `cache-control: no-cache` as well. Without a `cache-control` header a cache between Lambda and the caller, such
    /// as CloudFront, may store the response.
    ///
    /// # Errors
    /// - [`StreamError::AlreadyStarted`] after the first byte.
    /// - [`StreamError::Invalid`] if `content_type` contains a control character.
    /// - [`StreamError::Closed`] in the same cases as [`write`](Self::write).
    pub fn set_content_type(&mut self, content_type: impl AsRef<str>) -> Result<(), StreamError> {
        let content_type = content_type.as_ref();
        let value = HeaderValue::from_str(content_type).map_err(|_| {
            StreamError::Invalid(format!(
                "invalid content type {content_type:?}: contains a control character"
            ))
        })?;
        self.pipe.update_head(|head| head.set_content_type(value))
    }

    /// Starts an HTTP response with the status, headers and cookies of `prelude`.
    ///
    /// Without a call of this method the response to an HTTP event has status 200 and the content type that was set.
    /// The response to a HEAD request, and a response with status 204 or 304, has no body: bytes that are written to it
    /// are discarded.
    ///
    /// # Errors
    /// - [`StreamError::AlreadyStarted`] after the first byte.
    /// - [`StreamError::Invalid`] for an invalid prelude; see [`HttpPrelude`]. Nothing is sent.
    /// - [`StreamError::Closed`] in the same cases as [`write`](Self::write).
    ///
    /// # Examples
    /// ```
    /// use lambda_stream::{Error, HttpPrelude, ResponseStream};
    ///
    /// async fn handler(mut stream: ResponseStream) -> Result<(), Error> {
    ///     stream.send_prelude(HttpPrelude::new(404).header("content-type", "text/plain")).await?;
    ///     stream.write("not found\n").await?;
    ///     Ok(())
    /// }
    /// ```
    pub async fn send_prelude(&mut self, prelude: HttpPrelude) -> Result<(), StreamError> {
        self.pipe.start(Some(prelude))?;
        self.yield_to_transport().await;
        Ok(())
    }

    /// Sends `response` instead of a stream, unless the response has already ended.
    pub(crate) fn send_buffered(self, response: BufferedResponse) {
        // The response has ended if its deadline passed. The runtime reports that.
        let _was_open = self.pipe.respond_buffered(response);
    }

    /// Sends all of `bytes`, or none of them if the future is dropped.
    ///
    /// Waits until the buffer has capacity for one byte, and then accepts all bytes. The buffer may thus exceed its
    /// limit by one call's bytes.
    pub(crate) async fn send_atomic(&mut self, bytes: Bytes) -> Result<(), StreamError> {
        poll_fn(|cx| self.pipe.poll_capacity(cx)).await?;
        self.pipe.push(bytes)?;
        self.yield_to_transport().await;
        Ok(())
    }

    /// Starts the response, and sends `chunk` whenever the response was idle for `interval`, until the stream is
    /// dropped.
    ///
    /// `chunk` is sent when the buffer is empty. Bytes that it must not interrupt are sent with
    /// [`send_atomic`](Self::send_atomic).
    pub(crate) async fn keep_alive(&mut self, interval: Duration, chunk: Bytes) -> Result<(), StreamError> {
        self.pipe.keep_alive(pipe::KeepAlive { interval, chunk })?;
        self.yield_to_transport().await;
        Ok(())
    }

    /// Returns whether the response has started and has no body. Bytes that are written to it are discarded.
    pub(crate) fn is_bodiless(&self) -> bool {
        self.pipe.is_bodiless()
    }

    /// Returns how many body bytes were accepted so far, without the prelude.
    #[must_use]
    pub fn bytes_written(&self) -> u64 {
        self.pipe.bytes_written()
    }

    /// Yields to the transport if bytes have waited for it too long.
    async fn yield_to_transport(&mut self) {
        yield_if(self.pipe.is_yield_due()).await;
    }

    /// Like [`yield_to_transport`](Self::yield_to_transport), for `poll` functions.
    fn poll_yield_if_due(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if self.has_yielded || self.pipe.is_yield_due() {
            return poll_yield(cx, &mut self.has_yielded);
        }
        Poll::Ready(())
    }
}

async fn yield_if(is_due: bool) {
    if is_due {
        let mut has_yielded = false;
        poll_fn(|cx| poll_yield(cx, &mut has_yielded)).await;
    }
}

/// Returns `Pending` once, so that the transport runs: the task that sends the body may share the handler's thread, and
/// then runs only when the handler yields.
fn poll_yield(cx: &mut Context<'_>, has_yielded: &mut bool) -> Poll<()> {
    if std::mem::take(has_yielded) {
        return Poll::Ready(());
    }
    *has_yielded = true;
    // The executor polls this task again after all tasks that are ready now, the transport among them.
    // `tokio::task::yield_now` would also poll the sockets: a system call without use, because the transport writes.
    cx.waker().wake_by_ref();
    Poll::Pending
}

impl Drop for ResponseStream {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.pipe.set_panicked(panic::current(self.start));
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
