//! Newline-delimited JSON: one JSON value per line.
//!
//! A handler returns a stream of [`Line`]s, or of `Result`s of them:
//!
//! ```
//! use futures::{Stream, StreamExt, stream};
//! use lambda_stream::ndjson::Line;
//! use serde::Serialize;
//!
//! #[derive(Serialize)]
//! struct Row {
//!     id: u32,
//! }
//!
//! async fn handler() -> impl Stream<Item = Line<Row>> {
//!     stream::iter(1..=3).map(|id| Line(Row { id }))
//! }
//! ```
//!
//! Or it sends values with a [`Writer`], which [`ResponseStream::ndjson`] returns:
//!
//! ```
//! # use lambda_stream::{Error, ResponseStream};
//! async fn handler(stream: ResponseStream) -> Result<(), Error> {
//!     let mut lines = stream.ndjson()?;
//!     lines.send(&[1, 2]).await?;
//!     lines.send("three").await?;
//!     Ok(())
//! }
//! ```
//!
//! Both set the content type `application/x-ndjson`. A value that cannot be serialized as JSON is an error, and nothing of
//! it is sent.

use bytes::Bytes;
use serde::Serialize;

use crate::error::{Error, StreamError};
use crate::handler::{IntoItem, marker};
use crate::protocol::NDJSON;
use crate::response::HttpPrelude;
use crate::stream::ResponseStream;

/// A value that is sent as one line: an item of a stream that a handler returns.
///
/// # Examples
/// ```
/// use futures::{Stream, StreamExt, stream};
/// use lambda_stream::ndjson::Line;
///
/// async fn handler(ids: Vec<u32>) -> impl Stream<Item = Line<u32>> {
///     stream::iter(ids).map(Line)
/// }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line<T>(pub T);

#[diagnostic::do_not_recommend]
impl<T: Serialize> IntoItem<marker::Formatted> for Line<T> {
    const CONTENT_TYPE: Option<&'static str> = Some(NDJSON);

    fn into_item(self) -> Result<Bytes, Error> {
        Ok(encode(&self.0)?)
    }
}

impl ResponseStream {
    /// Converts the stream to a writer of newline-delimited JSON, and sets the content type `application/x-ndjson`.
    ///
    /// Nothing is sent yet. The first value or [`Writer::flush`] starts the response.
    ///
    /// # Errors
    /// Returns [`StreamError::AlreadyStarted`] after the first byte and [`StreamError::Closed`] if the response has ended.
    ///
    /// # Examples
    /// ```
    /// use lambda_stream::{Error, ResponseStream};
    ///
    /// async fn handler(stream: ResponseStream) -> Result<(), Error> {
    ///     let mut lines = stream.ndjson()?;
    ///     lines.send(&[1, 2, 3]).await?;
    ///     Ok(())
    /// }
    /// ```
    pub fn ndjson(mut self) -> Result<Writer, StreamError> {
        self.set_content_type(NDJSON)?;
        Ok(Writer { stream: self })
    }
}

/// Sends JSON values, one per line. [`ResponseStream::ndjson`] creates it.
///
/// The response ends as the response of a [`ResponseStream`] does: when the handler has returned and the writer is dropped.
/// If the handler returns an error or panics after the response has started, the error is sent as HTTP trailers.
///
/// # Examples
/// ```
/// use lambda_stream::{Error, ResponseStream};
/// use serde::Serialize;
///
/// #[derive(Serialize)]
/// struct Row {
///     id: u32,
/// }
///
/// async fn handler(stream: ResponseStream) -> Result<(), Error> {
///     let mut lines = stream.ndjson()?;
///     for id in 1..=3 {
///         lines.send(&Row { id }).await?;
///     }
///     Ok(())
/// }
/// ```
#[derive(Debug)]
pub struct Writer {
    stream: ResponseStream,
}

impl Writer {
    /// Sends a value as one line.
    ///
    /// If the returned future is dropped before it completes, the line is sent either completely or not at all.
    ///
    /// # Errors
    /// Returns [`StreamError::Invalid`] if the value cannot be serialized as JSON, in which case nothing is sent, and
    /// otherwise the errors of [`ResponseStream::write`].
    ///
    /// # Examples
    /// ```
    /// use lambda_stream::ndjson::Writer;
    /// use lambda_stream::StreamError;
    ///
    /// async fn send_names(names: &[&str], lines: &mut Writer) -> Result<(), StreamError> {
    ///     for name in names {
    ///         lines.send(name).await?;
    ///     }
    ///     Ok(())
    /// }
    /// ```
    pub async fn send(&mut self, value: &(impl Serialize + ?Sized)) -> Result<(), StreamError> {
        self.stream.send_atomic(encode(value)).await
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
    ///     let mut lines = stream.ndjson()?;
    ///     lines.send_prelude(HttpPrelude::new(200).header("cache-control", "no-store")).await?;
    ///     Ok(())
    /// }
    /// ```
    pub async fn send_prelude(&mut self, prelude: HttpPrelude) -> Result<(), StreamError> {
        self.stream.send_prelude(prelude).await
    }

    /// Waits until every line is written to the socket. Starts the response if it has not started.
    ///
    /// # Errors
    /// Returns the errors of [`ResponseStream::flush`].
    ///
    /// # Examples
    /// ```
    /// use lambda_stream::{Error, ResponseStream};
    ///
    /// async fn handler(stream: ResponseStream) -> Result<(), Error> {
    ///     let mut lines = stream.ndjson()?;
    ///     lines.send("a line before a long computation").await?;
    ///     lines.flush().await?;
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
    /// use lambda_stream::{Error, ResponseStream};
    ///
    /// async fn handler(stream: ResponseStream) -> Result<(), Error> {
    ///     let mut lines = stream.ndjson()?;
    ///     lines.send("the only line").await?;
    ///     lines.finish().await?;
    ///     Ok(())
    /// }
    /// ```
    pub async fn finish(self) -> Result<(), StreamError> {
        self.stream.finish().await
    }
}

/// Serializes `value` as one line, including the LF that ends it.
fn encode(value: &(impl Serialize + ?Sized)) -> Result<Bytes, StreamError> {
    let mut line = serde_json::to_vec(value)
        .map_err(|error| StreamError::Invalid(format!("failed to serialize the value as JSON: {error}")))?;
    // JSON strings escape line breaks. A raw line break is white space between the tokens of a `RawValue`, which is
    // serialized verbatim.
    for byte in &mut line {
        if matches!(byte, b'\n' | b'\r') {
            *byte = b' ';
        }
    }
    line.push(b'\n');
    Ok(line.into())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::value::RawValue;

    use super::*;

    fn line(value: &(impl Serialize + ?Sized)) -> String {
        String::from_utf8(encode(value).unwrap().into()).unwrap()
    }

    #[test]
    fn value_is_one_line_of_compact_json() {
        assert_eq!(
            line(&serde_json::json!({"a": [1, null], "b": "x y"})),
            "{\"a\":[1,null],\"b\":\"x y\"}\n"
        );
        assert_eq!(line("a\r\nb\u{2028}\0"), "\"a\\r\\nb\u{2028}\\u0000\"\n");
        assert_eq!(line(&()), "null\n");
    }

    #[test]
    fn pretty_printed_raw_value_becomes_one_line() {
        let pretty_printed = "{\n  \"a\": [1,\r\n 2]\n}";
        let raw = RawValue::from_string(pretty_printed.to_owned()).unwrap();
        let line = line(&raw);
        assert_eq!(line.find(['\r', '\n']), Some(line.len() - 1), "{line:?}");
        let value = |json: &str| serde_json::from_str::<serde_json::Value>(json).unwrap();
        assert_eq!(value(&line), value(pretty_printed));
    }

    #[test]
    fn unserializable_value_is_an_error_with_reason() {
        let error = encode(&BTreeMap::from([((1, 2), 3)])).unwrap_err();
        let StreamError::Invalid(reason) = error else {
            panic!("{error:?}");
        };
        assert_eq!(reason, "failed to serialize the value as JSON: key must be a string");
    }
}
