//! Events written by the handler.

use std::time::Duration;

use super::Event;
use crate::error::StreamError;
use crate::protocol::EVENT_STREAM;
use crate::response::HttpPrelude;
use crate::stream::ResponseStream;

impl ResponseStream {
    /// Makes this a stream of server-sent events. Nothing is sent yet: the first event starts the response, as
    /// [`flush`](Writer::flush) and [`keep_alive`](Writer::keep_alive) do. A browser fires `open` then.
    ///
    /// # Errors
    /// [`StreamError::AlreadyStarted`] after the first byte; [`StreamError::Closed`] when the response is over.
    pub fn sse(mut self) -> Result<Writer, StreamError> {
        self.set_content_type(EVENT_STREAM)?;
        Ok(Writer { stream: self })
    }
}

/// The answer of a handler as server-sent events, from [`ResponseStream::sse`].
///
/// It ends as the [`ResponseStream`] that it was: a handler's error or panic in mid-stream is told in trailers, and the
/// response ends when the handler has returned and this is dropped.
///
/// ```
/// use std::time::Duration;
/// use lambda_stream::sse::Event;
/// use lambda_stream::{Error, ResponseStream};
///
/// async fn handler(question: String, stream: ResponseStream) -> Result<(), Error> {
///     let mut events = stream.sse()?;
///     events.keep_alive(Duration::from_secs(15)).await?;
///     let answer = ask(question).await?;
///     events.send(Event::data(answer)).await?;
///     Ok(())
/// }
///
/// async fn ask(question: String) -> Result<String, Error> {
///     Ok(question + "?") // takes minutes
/// }
/// ```
#[derive(Debug)]
pub struct Writer {
    stream: ResponseStream,
}

impl Writer {
    /// Sends an event. Dropped half-way, it has sent the event whole or not at all.
    ///
    /// # Errors
    /// [`StreamError::Invalid`] for what cannot stand in an event, of which nothing is sent; else as
    /// [`ResponseStream::write`].
    pub async fn send(&mut self, event: Event) -> Result<(), StreamError> {
        self.stream.send_atomic(event.encode()?).await
    }

    /// Starts the response, and from here on sends a comment whenever it was quiet for `interval`, at least a
    /// millisecond, until this is dropped.
    ///
    /// Comments come by themselves, while the handler awaits whatever it likes, and never within an event. A handler
    /// that holds its thread without awaiting holds them up as well.
    ///
    /// Once the response has started, a failure is told in mid-stream: what can be refused is best refused before.
    ///
    /// # Errors
    /// As [`ResponseStream::flush`].
    pub async fn keep_alive(&mut self, interval: Duration) -> Result<(), StreamError> {
        let comment = Event::comment("").encode()?;
        self.stream.keep_alive(interval, comment).await
    }

    /// Starts an HTTP response with status, headers and cookies; see [`ResponseStream::send_prelude`].
    ///
    /// # Errors
    /// As [`ResponseStream::send_prelude`].
    pub async fn send_prelude(&mut self, prelude: HttpPrelude) -> Result<(), StreamError> {
        self.stream.send_prelude(prelude).await
    }

    /// Waits until everything that was sent is on the socket, and starts the response if nothing was.
    ///
    /// # Errors
    /// As [`ResponseStream::flush`].
    pub async fn flush(&mut self) -> Result<(), StreamError> {
        self.stream.flush().await
    }

    /// Ends the response now, and waits for Lambda's answer; see [`ResponseStream::finish`].
    ///
    /// # Errors
    /// As [`ResponseStream::finish`].
    pub async fn finish(self) -> Result<(), StreamError> {
        self.stream.finish().await
    }
}

#[cfg(test)]
mod tests;
