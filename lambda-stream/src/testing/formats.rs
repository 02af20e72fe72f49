//! Reads a body in the formats of this library, and compares it.

use std::fmt::Display;
use std::time::Duration;

use serde::de::DeserializeOwned;

use super::misuse::misuse;
use super::response::Response;

/// A server-sent event, as a client gets it.
///
/// ```
/// use lambda_stream::sse::Event;
/// use lambda_stream::testing::{Invocation, SseEvent};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let handler = async || futures::stream::iter([Event::data("half way").event("progress")]);
/// let response = Invocation::new(()).run(handler).await;
/// let expected = SseEvent {
///     event: Some("progress".to_owned()),
///     data: "half way".to_owned(),
///     ..SseEvent::default()
/// };
/// assert_eq!(response.sse_events(), [expected]);
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SseEvent {
    /// The type of the event. `None` is `message`, the default.
    pub event: Option<String>,
    /// The data. Its lines are separated by `\n`.
    pub data: String,
    /// The id of the event.
    pub id: Option<String>,
    /// How long the client waits before it reconnects.
    pub retry: Option<Duration>,
}

/// The methods panic if the body does not have the form that they return. If the invocation failed, the message contains its
/// error.
impl Response {
    /// Asserts that the body consists of these bytes, and that the invocation succeeded.
    ///
    /// # Panics
    /// Panics if the body differs, and if the invocation failed or the response is incomplete.
    ///
    /// # Examples
    /// ```
    /// use lambda_stream::testing::Invocation;
    /// use lambda_stream::{ResponseStream, StreamError};
    ///
    /// async fn handler(mut stream: ResponseStream) -> Result<(), StreamError> {
    ///     stream.write("one two").await
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let response = Invocation::new(()).run(handler).await;
    /// response.assert_body("one two");
    /// # }
    /// ```
    #[track_caller]
    pub fn assert_body(&self, expected: impl AsRef<[u8]>) {
        let expected = expected.as_ref();
        if self.body_bytes() != expected || self.error().is_some() || !self.is_complete() {
            self.fail(format_args!("the body is not {:?}", String::from_utf8_lossy(expected)));
        }
    }

    /// Returns the body as text.
    ///
    /// # Panics
    /// Panics if the body is not UTF-8.
    ///
    /// # Examples
    /// ```
    /// use lambda_stream::testing::Invocation;
    /// use lambda_stream::{ResponseStream, StreamError};
    ///
    /// async fn handler(mut stream: ResponseStream) -> Result<(), StreamError> {
    ///     stream.write("one two").await
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let response = Invocation::new(()).run(handler).await;
    /// assert_eq!(response.text(), "one two");
    /// # }
    /// ```
    #[must_use]
    #[track_caller]
    pub fn text(&self) -> &str {
        match std::str::from_utf8(self.body_bytes()) {
            Ok(text) => text,
            Err(error) => self.fail(format_args!("the body is not UTF-8: {error}")),
        }
    }

    /// Deserializes the body as one JSON document.
    ///
    /// # Panics
    /// Panics if the body is not the JSON of a `T`.
    ///
    /// # Examples
    /// ```
    /// use lambda_stream::testing::Invocation;
    /// use lambda_stream::{ResponseStream, StreamError};
    ///
    /// async fn handler(mut stream: ResponseStream) -> Result<(), StreamError> {
    ///     stream.write("[1, 2]").await
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let response = Invocation::new(()).run(handler).await;
    /// assert_eq!(response.json::<Vec<u32>>(), [1, 2]);
    /// # }
    /// ```
    #[must_use]
    #[track_caller]
    pub fn json<T: DeserializeOwned>(&self) -> T {
        match serde_json::from_slice(self.body_bytes()) {
            Ok(value) => value,
            Err(error) => self.fail(format_args!(
                "failed to deserialize the body as `{}`: {error}",
                std::any::type_name::<T>()
            )),
        }
    }

    /// Deserializes each line of a body in [newline-delimited JSON](crate::ndjson).
    ///
    /// # Panics
    /// Panics if a line is not the JSON of a `T`.
    ///
    /// # Examples
    /// ```
    /// use lambda_stream::testing::Invocation;
    /// use lambda_stream::{ResponseStream, StreamError};
    ///
    /// async fn handler(mut stream: ResponseStream) -> Result<(), StreamError> {
    ///     let mut lines = stream.ndjson()?;
    ///     lines.send(&1).await?;
    ///     lines.send(&2).await
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let response = Invocation::new(()).run(handler).await;
    /// assert_eq!(response.ndjson::<u32>(), [1, 2]);
    /// # }
    /// ```
    #[must_use]
    #[track_caller]
    pub fn ndjson<T: DeserializeOwned>(&self) -> Vec<T> {
        let mut values = Vec::new();
        for (number, line) in (1..).zip(self.text().lines()) {
            match serde_json::from_str(line) {
                Ok(value) => values.push(value),
                Err(error) => self.fail(format_args!(
                    "failed to deserialize line {number} of the body as `{}`: {error}",
                    std::any::type_name::<T>()
                )),
            }
        }
        values
    }

    /// Parses a body of [server-sent events](crate::sse), as section 9.2.6 of the HTML standard defines it. Comments are
    /// skipped, and so is an event at the end of the body without its blank line, because a client does not dispatch it.
    ///
    /// # Panics
    /// Panics if the body is not UTF-8.
    ///
    /// # Examples
    /// ```
    /// use lambda_stream::testing::Invocation;
    /// use lambda_stream::{ResponseStream, StreamError};
    ///
    /// async fn handler(mut stream: ResponseStream) -> Result<(), StreamError> {
    ///     let mut events = stream.sse()?;
    ///     events.send(lambda_stream::sse::Event::data("one")).await
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let response = Invocation::new(()).run(handler).await;
    /// assert_eq!(response.sse_events()[0].data, "one");
    /// # }
    /// ```
    #[must_use]
    #[track_caller]
    pub fn sse_events(&self) -> Vec<SseEvent> {
        parse_sse(self.text())
    }

    #[track_caller]
    fn fail(&self, message: impl Display) -> ! {
        misuse(format_args!("{message}\n{self:#?}"))
    }
}

fn parse_sse(text: &str) -> Vec<SseEvent> {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let mut events = Vec::new();
    let mut event = SseEvent::default();
    let mut has_fields = false;
    let mut lines = text.split('\n').collect::<Vec<_>>();
    // What follows the last line break is not a line.
    lines.pop();
    for line in lines {
        if line.is_empty() {
            let mut event = std::mem::take(&mut event);
            if std::mem::take(&mut has_fields) {
                // Each line of the data ended with a line feed.
                event.data.pop();
                events.push(event);
            }
            continue;
        }
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match name {
            "data" => {
                event.data.push_str(value);
                event.data.push('\n');
            }
            "event" => event.event = Some(value.to_owned()),
            "id" => event.id = Some(value.to_owned()),
            "retry" => event.retry = value.parse().ok().map(Duration::from_millis),
            _ => continue,
        }
        has_fields = true;
    }
    events
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(name: Option<&str>, data: &str) -> SseEvent {
        SseEvent {
            event: name.map(str::to_owned),
            data: data.to_owned(),
            ..SseEvent::default()
        }
    }

    #[test]
    fn sse_events_are_parsed_as_a_browser_does() {
        for (text, expected) in [
            ("", vec![]),
            ("data: a\n\n", vec![event(None, "a")]),
            ("data:a\ndata:  b\n\n", vec![event(None, "a\n b")]),
            ("data\n\n", vec![event(None, "")]),
            ("event: x\r\ndata: a:b\r\n\r\n", vec![event(Some("x"), "a:b")]),
            ("data: a\r\rdata: b\r\r", vec![event(None, "a"), event(None, "b")]),
            (":\n\n: comment\n\nother: field\n\n", vec![]),
            ("data: no blank line\n", vec![]),
            ("data: a\n\n\n\ndata: b\n\n", vec![event(None, "a"), event(None, "b")]),
        ] {
            assert_eq!(parse_sse(text), expected, "{text:?}");
        }
        let event = SseEvent {
            id: Some("7".to_owned()),
            retry: Some(Duration::from_millis(1500)),
            ..SseEvent::default()
        };
        assert_eq!(parse_sse("id: 7\nretry: 1500\n\n"), [event]);
    }
}
