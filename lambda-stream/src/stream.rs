//! [`ResponseStream`], to which a handler writes its response, and the body that the HTTP client sends.

mod body;
mod idle_timer;
mod io;
mod items;
mod pipe;

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::HeaderValue;

pub(crate) use self::body::ResponseBody;
pub(crate) use self::idle_timer::IdleTimer;
use self::items::ItemBatch;
pub(crate) use self::items::Items;
use self::pipe::COPY_THRESHOLD;
pub(crate) use self::pipe::{PipeControl, ResponseFigures, ResponseStart, pipe};
use crate::error::{Error, StreamError};
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
/// # Load balancers
/// An Application Load Balancer does not support streaming. The response to its event cannot start: writes return
/// [`StreamError::Invalid`], unless the content type is `application/json` and there is no prelude. Return the response
/// from the handler instead.
///
/// # Chunks
/// Bytes are sent in the order in which they were written. A burst of small writes is merged into few chunks; no write
/// waits for a timer or a minimum size. Lambda may change the chunk boundaries before the response reaches the caller.
///
/// # Backpressure
/// The buffer holds at most 256 KiB of unsent bytes; [`Runtime::buffer_size`](crate::Runtime::buffer_size) sets another
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
    /// The yield of the `poll` functions, which cannot await it.
    poll_yield: PollYield,
    /// When the invocation started.
    start: panic::Mark,
}

/// What [`ResponseStream::poll_yield_if_due`] does at its next call.
#[derive(Clone, Copy, PartialEq, Eq)]
enum PollYield {
    /// It yields if the pipe says so.
    IfDue,
    /// It yields: the last write had to yield, but could not, because it had accepted bytes.
    Due,
    /// It returns `Ready`, because it has returned `Pending`.
    Done,
}

impl ResponseStream {
    pub(crate) fn new(pipe: pipe::PipeWriter) -> Self {
        Self {
            pipe,
            poll_yield: PollYield::IfDue,
            start: panic::Mark::now(),
        }
    }

    /// Writes a copy of `bytes`. Waits while the buffer is full.
    ///
    /// # Errors
    /// [`StreamError::Closed`] if the response accepts no more bytes: Lambda rejected it or closed the connection, the
    /// invocation failed, its deadline passed, or the response has ended.
    ///
    /// # Examples
    /// ```
    /// use lambda_stream::{Error, ResponseStream};
    ///
    /// async fn handler(mut stream: ResponseStream) -> Result<(), Error> {
    ///     stream.write("text, ").await?;
    ///     stream.write(b"bytes, ").await?;
    ///     stream.write(format!("and {}\n", "strings")).await?;
    ///     Ok(())
    /// }
    /// ```
    pub async fn write(&mut self, bytes: impl AsRef<[u8]>) -> Result<(), StreamError> {
        let mut rest = bytes.as_ref();
        if self.write_to_batch(rest).await {
            return Ok(());
        }
        loop {
            let progress = poll_fn(|cx| self.pipe.poll_write(cx, rest)).await;
            let progress = self.yield_after_error(progress).await?;
            rest = &rest[progress.length..];
            yield_if(progress.is_yield_due).await;
            if rest.is_empty() {
                return Ok(());
            }
        }
    }

    /// Sends `bytes` without copying them. Waits while the buffer is full.
    ///
    /// Up to 1 KiB is copied, because a separate chunk would cost more than the copy.
    ///
    /// # Errors
    /// The same as [`write`](Self::write).
    ///
    /// # Examples
    /// ```
    /// use bytes::Bytes;
    /// use lambda_stream::{Error, ResponseStream};
    ///
    /// async fn handler(mut stream: ResponseStream) -> Result<(), Error> {
    ///     let page: Vec<u8> = vec![b'x'; 64 * 1024];
    ///     stream.send(page).await?;
    ///     stream.send(Bytes::from_static(b"end\n")).await?;
    ///     Ok(())
    /// }
    /// ```
    pub async fn send(&mut self, bytes: impl Into<Bytes>) -> Result<(), StreamError> {
        let mut rest = bytes.into();
        if rest.len() <= COPY_THRESHOLD && self.write_to_batch(&rest).await {
            return Ok(());
        }
        loop {
            let progress = poll_fn(|cx| self.pipe.poll_send(cx, &mut rest)).await;
            let progress = self.yield_after_error(progress).await?;
            yield_if(progress.is_yield_due).await;
            if rest.is_empty() {
                return Ok(());
            }
        }
    }

    /// Sends all items of a stream, as [`send`](Self::send) does.
    ///
    /// # Errors
    /// An error that the stream yields, after the items before it. Otherwise the same as [`write`](Self::write).
    pub(crate) async fn send_all(&mut self, mut items: Pin<&mut (dyn Items + '_)>) -> Result<(), Error> {
        loop {
            let (batch, filled) = poll_fn(|cx| {
                let mut batch = ItemBatch::new(&self.pipe);
                let filled = items.as_mut().poll_fill(cx, &mut batch);
                // The items are handed over also if the next one is pending.
                let batch = batch.finish();
                filled.map(|filled| (batch, filled))
            })
            .await;
            let batch = self.yield_after_error(batch).await?;
            yield_if(batch.is_yield_due).await;
            if let Some(item) = batch.rest {
                self.send(item).await?;
            }
            match filled {
                Some(Ok(())) => {}
                Some(Err(error)) => return Err(error),
                None => return Ok(()),
            }
        }
    }

    /// Waits until all bytes that were written are on the socket. Starts the response if it has not started.
    ///
    /// Written bytes are sent without a flush whenever the handler awaits. Call this before a long computation that
    /// does not await.
    ///
    /// # Errors
    /// The same as [`write`](Self::write).
    ///
    /// # Examples
    /// ```
    /// use lambda_stream::{Error, ResponseStream};
    ///
    /// async fn handler(numbers: Vec<u64>, mut stream: ResponseStream) -> Result<(), Error> {
    ///     stream.write("sum: ").await?;
    ///     // The caller gets the text before the thread is blocked.
    ///     stream.flush().await?;
    ///     let sum: u64 = numbers.iter().sum();
    ///     stream.write(sum.to_string()).await?;
    ///     Ok(())
    /// }
    /// ```
    pub async fn flush(&mut self) -> Result<(), StreamError> {
        let started = self.pipe.start(None);
        self.yield_if_due().await;
        started?;
        poll_fn(|cx| self.pipe.poll_flushed(cx)).await
    }

    /// Ends the response and waits until Lambda has accepted it.
    ///
    /// The caller gets a complete response. If the handler fails after `finish`, the error is only logged.
    ///
    /// # Errors
    /// [`StreamError::Closed`] if Lambda did not accept the complete response.
    ///
    /// # Examples
    /// ```
    /// use lambda_stream::{Error, ResponseStream};
    ///
    /// async fn handler(mut stream: ResponseStream) -> Result<(), Error> {
    ///     stream.write("done\n").await?;
    ///     stream.finish().await?;
    ///     // The caller has the complete response.
    ///     record_usage().await
    /// }
    ///
    /// async fn record_usage() -> Result<(), Error> {
    ///     Ok(())
    /// }
    /// ```
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
    ///
    /// # Examples
    /// ```
    /// use lambda_stream::{Error, ResponseStream};
    ///
    /// async fn handler(mut stream: ResponseStream) -> Result<(), Error> {
    ///     stream.set_content_type("text/csv")?;
    ///     stream.write("id,name\n").await?;
    ///     Ok(())
    /// }
    /// ```
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
    /// The response to a HEAD request, and a response with status 204, 205 or 304, has no body: bytes that are written to
    /// it are discarded.
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
        let started = self.pipe.start(Some(prelude));
        self.yield_if_due().await;
        started
    }

    /// Sends `response` instead of a stream, unless the response has already ended.
    pub(crate) fn send_buffered(self, response: BufferedResponse) {
        // The response has ended if its deadline passed. The runtime reports that.
        let _was_open = self.pipe.respond_buffered(response);
    }

    /// Sends all of `encoded`, or nothing if the future is dropped. An encoding error is returned.
    ///
    /// Waits until the buffer has capacity for one byte, and then accepts all bytes. The buffer may thus exceed its
    /// limit by one call's bytes.
    pub(crate) async fn send_atomic(&mut self, encoded: Result<Bytes, StreamError>) -> Result<(), StreamError> {
        let sent = match encoded {
            Ok(bytes) if bytes.len() <= COPY_THRESHOLD && self.write_to_batch(&bytes).await => return Ok(()),
            Ok(bytes) => match poll_fn(|cx| self.pipe.poll_capacity(cx)).await {
                Ok(()) => self.pipe.push(bytes),
                Err(error) => Err(error),
            },
            Err(error) => Err(error),
        };
        self.yield_if_due().await;
        sent
    }

    /// Starts the response, and sends `chunk` whenever the response was idle for `interval`, until the stream is
    /// dropped.
    ///
    /// `chunk` is sent when the buffer is empty. Bytes that it must not interrupt are sent with
    /// [`send_atomic`](Self::send_atomic).
    pub(crate) async fn keep_alive(&mut self, interval: Duration, chunk: Bytes) -> Result<(), StreamError> {
        let started = self.pipe.keep_alive(pipe::KeepAlive { interval, chunk });
        self.yield_if_due().await;
        started
    }

    /// Returns whether the response has started and has no body. Bytes that are written to it are discarded.
    pub(crate) fn is_bodiless(&self) -> bool {
        self.pipe.is_bodiless()
    }

    /// Returns how many body bytes were accepted so far, without the prelude.
    ///
    /// # Examples
    /// ```
    /// use lambda_stream::{Error, ResponseStream};
    ///
    /// async fn handler(mut stream: ResponseStream) -> Result<(), Error> {
    ///     stream.write("seven\n").await?;
    ///     assert_eq!(stream.bytes_written(), 6);
    ///     Ok(())
    /// }
    /// ```
    #[must_use]
    pub fn bytes_written(&self) -> u64 {
        self.pipe.bytes_written()
    }

    /// Writes a copy of `bytes` without locking the pipe, if that is possible, and yields if that is due. Returns whether it
    /// was possible.
    async fn write_to_batch(&mut self, bytes: &[u8]) -> bool {
        let pushed = self.pipe.push_to_batch(bytes);
        yield_if(pushed == Some(true)).await;
        pushed.is_some()
    }

    /// Yields if bytes have waited for the transport too long, or if the handler has not yielded for too long. Every
    /// async method calls this or checks [`WriteProgress`](pipe::WriteProgress), whatever its result is: a handler that
    /// repeats the call in a loop then does not hold its thread.
    async fn yield_if_due(&mut self) {
        yield_if(self.pipe.is_yield_due()).await;
    }

    /// Yields like [`yield_if_due`](Self::yield_if_due) if `result` is an error. Returns `result`.
    async fn yield_after_error<T>(&mut self, result: Result<T, StreamError>) -> Result<T, StreamError> {
        if result.is_err() {
            self.yield_if_due().await;
        }
        result
    }

    /// Like [`yield_if_due`](Self::yield_if_due), for `poll` functions.
    fn poll_yield_if_due(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        match self.poll_yield {
            PollYield::IfDue if !self.pipe.is_yield_due() => Poll::Ready(()),
            PollYield::Done => {
                self.poll_yield = PollYield::IfDue;
                Poll::Ready(())
            }
            PollYield::IfDue | PollYield::Due => {
                self.poll_yield = PollYield::Done;
                wake_after_others(cx);
                Poll::Pending
            }
        }
    }
}

/// Returns `Pending` once if `is_due`, so that the transport and other tasks run: the task that sends the body may share
/// the handler's thread, and then runs only when the handler yields.
///
/// The pipe counts the calls, not tokio's cooperative budget: a task that has used up its budget starves its own timers,
/// for example one that the handler polls in a `select` after the write.
async fn yield_if(is_due: bool) {
    if is_due {
        let mut has_yielded = false;
        poll_fn(|cx| {
            if std::mem::replace(&mut has_yielded, true) {
                return Poll::Ready(());
            }
            wake_after_others(cx);
            Poll::Pending
        })
        .await;
    }
}

/// Makes the executor poll this task again after all tasks that are ready now, the transport among them.
///
/// `tokio::task::yield_now` would also poll the sockets: a system call without use, because the transport writes.
fn wake_after_others(cx: &Context<'_>) {
    cx.waker().wake_by_ref();
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
