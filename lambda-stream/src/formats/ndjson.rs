//! Newline-delimited JSON: one value a line, for whoever reads values as they come.
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
//! or writes values to a [`Writer`], which [`ResponseStream::ndjson`] makes:
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
//! Either way the content type is `application/x-ndjson`. A value that cannot be JSON is an error, and nothing of it is
//! sent.

use bytes::Bytes;
use serde::Serialize;

use crate::error::{Error, StreamError};
use crate::handler::{IntoItem, marker};
use crate::protocol::NDJSON;
use crate::response::HttpPrelude;
use crate::stream::ResponseStream;

/// A value that is one line of a returned stream.
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
    /// Makes this a stream of newline-delimited JSON. Nothing is sent yet: the first value starts the response.
    ///
    /// # Errors
    /// [`StreamError::AlreadyStarted`] after the first byte; [`StreamError::Closed`] when the response is over.
    pub fn ndjson(mut self) -> Result<Writer, StreamError> {
        self.set_content_type(NDJSON)?;
        Ok(Writer { stream: self })
    }
}

/// The answer of a handler as newline-delimited JSON, from [`ResponseStream::ndjson`].
///
/// It ends as the [`ResponseStream`] that it was: a handler's error or panic in mid-stream is told in trailers, and the
/// response ends when the handler has returned and this is dropped.
#[derive(Debug)]
pub struct Writer {
    stream: ResponseStream,
}

impl Writer {
    /// Sends a value, as one line. Dropped half-way, it has sent the line whole or not at all.
    ///
    /// # Errors
    /// [`StreamError::Invalid`] for a value that cannot be JSON, of which nothing is sent; else as
    /// [`ResponseStream::write`].
    pub async fn send(&mut self, value: &(impl Serialize + ?Sized)) -> Result<(), StreamError> {
        self.stream.send_atomic(encode(value)?).await
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

/// The line, with its end.
fn encode(value: &(impl Serialize + ?Sized)) -> Result<Bytes, StreamError> {
    let mut line =
        serde_json::to_vec(value).map_err(|error| StreamError::Invalid(format!("the value is no JSON: {error}")))?;
    // A text escapes its line ends. One that is there is white space of a `RawValue`, whose JSON goes as it was read.
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
    fn a_value_is_one_line_of_compact_json() {
        assert_eq!(
            line(&serde_json::json!({"a": [1, null], "b": "x y"})),
            "{\"a\":[1,null],\"b\":\"x y\"}\n"
        );
        assert_eq!(line("a\r\nb\u{2028}\0"), "\"a\\r\\nb\u{2028}\\u0000\"\n");
        assert_eq!(line(&()), "null\n");
    }

    #[test]
    fn json_that_was_laid_out_in_lines_is_one_line_too() {
        let laid_out = "{\n  \"a\": [1,\r\n 2]\n}";
        let raw = RawValue::from_string(laid_out.to_owned()).unwrap();
        let line = line(&raw);
        assert_eq!(line.find(['\r', '\n']), Some(line.len() - 1), "{line:?}");
        let value = |json: &str| serde_json::from_str::<serde_json::Value>(json).unwrap();
        assert_eq!(value(&line), value(laid_out));
    }

    #[test]
    fn what_cannot_be_json_says_why() {
        let error = encode(&BTreeMap::from([((1, 2), 3)])).unwrap_err();
        assert_eq!(
            error.to_string(),
            "this cannot be sent: the value is no JSON: key must be a string"
        );
    }
}
