//! [`Writer`]: sends server-sent events from a handler.

use std::time::Duration;

use super::Event;
use crate::error::StreamError;
use crate::protocol::EVENT_STREAM;
use crate::response::HttpPrelude;
use crate::stream::ResponseStream;

impl ResponseStream {
    /// Converts the stream to a writer of server-sent events, and sets the content type `text/event-stream`.
    ///
    /// Nothing is sent yet. The first event, [`Writer::flush`] or [`Writer::keep_alive`] starts the response; a browser
    /// then fires `open`.
    ///
    /// # Errors
    /// Returns [`StreamError::AlreadyStarted`] after the first byte and [`StreamError::Closed`] if the response has ended.
    ///
    /// # Examples
    /// ```
    /// use lambda_stream::sse::Event;
    /// use lambda_stream::{Error, ResponseStream};
    ///
    /// async fn handler(stream: ResponseStream) -> Result<(), Error> {
    ///     let mut events = stream.sse()?;
    ///     events.send(Event::data("hello")).await?;
    ///     Ok(())
    /// }
    /// ```
    pub fn sse(mut self) -> Result<Writer, StreamError> {
        self.set_content_type(EVENT_STREAM)?;
        Ok(Writer { stream: self })
    }
}

/// Sends server-sent events. [`ResponseStream::sse`] creates it.
///
/// The response ends as the response of a [`ResponseStream`] does: when the handler has returned and the writer is dropped.
/// If the handler returns an error or panics after the response has started, the error is sent as HTTP trailers.
///
/// # Examples
/// ```
/// use std::time::Duration;
/// use lambda_stream::sse::Event;
/// use lambda_stream::{Error, ResponseStream};
///
/// async fn handler(prompt: String, stream: ResponseStream) -> Result<(), Error> {
///     let mut events = stream.sse()?;
///     events.keep_alive(Duration::from_secs(15)).await?;
///     let completion = complete(prompt).await?;
///     events.send(Event::data(completion)).await?;
///     Ok(())
/// }
///
/// async fn complete(prompt: String) -> Result<String, Error> {
///     Ok(prompt + " …") // takes minutes
/// }
/// ```
#[derive(Debug)]
pub struct Writer {
    stream: ResponseStream,
}

impl Writer {
    /// Sends an event.
    ///
    /// If the returned future is dropped before it completes, the event is sent either completely or not at all.
    ///
    /// # Errors
    /// Returns [`StreamError::Invalid`] if the event is invalid, in which case nothing is sent, and otherwise the errors of
    /// [`ResponseStream::write`].
    ///
    /// # Examples
    /// ```
    /// use lambda_stream::sse::{Event, Writer};
    /// use lambda_stream::StreamError;
    ///
    /// async fn send_words(text: &str, events: &mut Writer) -> Result<(), StreamError> {
    ///     for word in text.split_inclusive(' ') {
    ///         events.send(Event::data(word)).await?;
    ///     }
    ///     events.send(Event::new().event("end")).await
    /// }
    /// ```
    pub async fn send(&mut self, event: Event) -> Result<(), StreamError> {
        self.stream.send_atomic(event.encode()).await
    }

    /// Starts the response, and from then on sends a comment whenever no event was sent for `interval`, until the writer is
    /// dropped. The shortest interval is one millisecond.
    ///
    /// Comments are sent while the handler awaits other work, and never within an event. They are not sent while the handler
    /// blocks its thread.
    ///
    /// Once the response has started, an error can only be sent as HTTP trailers. Check the input of the handler before this call.
    ///
    /// # Errors
    /// Returns the errors of [`ResponseStream::flush`].
    ///
    /// # Examples
    /// ```
    /// use std::time::Duration;
    ///
    /// use lambda_stream::{Error, ResponseStream};
    ///
    /// async fn handler(stream: ResponseStream) -> Result<(), Error> {
    ///     let mut events = stream.sse()?;
    ///     events.keep_alive(Duration::from_secs(15)).await?;
    ///     // Comments are sent while the handler waits.
    ///     tokio::time::sleep(Duration::from_secs(60)).await;
    ///     Ok(())
    /// }
    /// ```
    pub async fn keep_alive(&mut self, interval: Duration) -> Result<(), StreamError> {
        let comment = Event::comment("").encode()?;
        self.stream.keep_alive(interval, comment).await
    }

    /// Starts an HTTP response with a status, headers and cookies; see [`ResponseStream::send_prelude`].
    ///
    /// # Errors
    /// Returns the errors of [`ResponseStream::send_prelude`].
    ///
    /// # Examples
    /// ```
    /// use lambda_stream::{Error, HttpPrelude, ResponseStream};
    ///
    /// async fn handler(stream: ResponseStream) -> Result<(), Error> {
    ///     let mut events = stream.sse()?;
    ///     events.send_prelude(HttpPrelude::new(200).header("access-control-allow-origin", "*")).await?;
    ///     Ok(())
    /// }
    /// ```
    pub async fn send_prelude(&mut self, prelude: HttpPrelude) -> Result<(), StreamError> {
        self.stream.send_prelude(prelude).await
    }

    /// Waits until every event is written to the socket. Starts the response if it has not started.
    ///
    /// # Errors
    /// Returns the errors of [`ResponseStream::flush`].
    ///
    /// # Examples
    /// ```
    /// use lambda_stream::{Error, ResponseStream};
    ///
    /// async fn handler(stream: ResponseStream) -> Result<(), Error> {
    ///     let mut events = stream.sse()?;
    ///     // The browser fires `open` before the first event.
    ///     events.flush().await?;
    ///     Ok(())
    /// }
    /// ```
    pub async fn flush(&mut self) -> Result<(), StreamError> {
        self.stream.flush().await
    }

    /// Ends the response and waits until Lambda has accepted it; see [`ResponseStream::finish`].
    ///
    /// # Errors
    /// Returns the errors of [`ResponseStream::finish`].
    ///
    /// # Examples
    /// ```
    /// use lambda_stream::sse::Event;
    /// use lambda_stream::{Error, ResponseStream};
    ///
    /// async fn handler(stream: ResponseStream) -> Result<(), Error> {
    ///     let mut events = stream.sse()?;
    ///     events.send(Event::new().event("end")).await?;
    ///     events.finish().await?;
    ///     Ok(())
    /// }
    /// ```
    pub async fn finish(self) -> Result<(), StreamError> {
        self.stream.finish().await
    }
}

#[cfg(test)]
mod tests;
