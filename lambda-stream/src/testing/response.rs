//! [`Response`]: what the caller gets.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::HeaderMap;
use http::header::CONTENT_TYPE;

use super::decode::Head;
use crate::error::Error;
use crate::stderr::OneLine;

/// The error type of a panic.
const PANIC: &str = "Function.Panic";

/// The response to an [`Invocation`](super::Invocation), as its caller gets it.
///
/// For an HTTP event it is the HTTP response of the Function URL, API Gateway or load balancer. For any other event it is
/// the body, with its content type among the headers.
///
/// # Snapshots
/// The `Debug` form is fit for snapshot tests. It contains the fields that apply, bytes as text, and neither times nor
/// addresses nor the location of a panic, so it is the same in every run.
///
/// ```
/// # use lambda_stream::testing::Invocation;
/// # use lambda_stream::{Error, ResponseStream};
/// async fn handler(mut stream: ResponseStream) -> Result<(), Error> {
///     stream.set_content_type("text/plain")?;
///     stream.write("one\n").await?;
///     stream.write("two\n").await?;
///     Err(Error::new("no more numbers"))
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let response = Invocation::new(()).run(handler).await;
/// let snapshot = r#"Response {
///     delivery: Streamed,
///     headers: {
///         "content-type": "text/plain",
///     },
///     chunks: [
///         "one\n",
///         "two\n",
///     ],
///     error: Function.Error: no more numbers,
/// }"#;
/// assert_eq!(format!("{response:#?}"), snapshot);
/// # }
/// ```
#[derive(Clone)]
pub struct Response {
    delivery: Delivery,
    is_complete: bool,
    head: Head,
    chunks: Vec<Chunk>,
    body: Bytes,
    error: Option<Arc<Error>>,
}

/// How a response was sent to Lambda.
///
/// # Examples
/// ```
/// use lambda_stream::Json;
/// use lambda_stream::testing::{Delivery, Invocation};
///
/// async fn handler() -> Json<u32> {
///     Json(17)
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let response = Invocation::new(()).run(handler).await;
/// assert_eq!(response.delivery(), Delivery::Buffered);
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Delivery {
    /// As a stream. If the invocation failed, the error followed in HTTP trailers.
    Streamed,
    /// As one document: [`Json`](crate::Json), and every response to a load balancer.
    Buffered,
    /// The invocation failed before its response was started, and its error was reported in place of a response.
    Reported,
}

/// A part of the body, which the handler wrote at one time.
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
/// let chunk = &response.chunks()[0];
/// assert_eq!(chunk.bytes(), "one two");
/// # }
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Chunk {
    bytes: Bytes,
    elapsed: Duration,
}

impl Chunk {
    pub(super) fn new(bytes: Bytes, elapsed: Duration) -> Self {
        Self { bytes, elapsed }
    }

    /// Returns the bytes.
    #[must_use]
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// Returns the time from the start of the invocation until the caller had read the chunk, on tokio's clock.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.elapsed
    }
}

impl Response {
    pub(super) fn new(
        delivery: Delivery,
        is_complete: bool,
        head: Head,
        chunks: Vec<Chunk>,
        error: Option<Error>,
    ) -> Self {
        let bytes: Vec<&[u8]> = chunks.iter().map(|chunk| &chunk.bytes[..]).collect();
        Self {
            body: bytes.concat().into(),
            delivery,
            is_complete,
            head,
            chunks,
            error: error.map(Arc::new),
        }
    }

    /// Replaces a document with the HTTP response that it describes. The caller gets its body as one chunk.
    pub(super) fn set_document(&mut self, head: Head, body: Bytes) {
        let elapsed = self.chunks.last().map(|chunk| chunk.elapsed).unwrap_or_default();
        self.chunks.clear();
        if !body.is_empty() {
            self.chunks.push(Chunk::new(body.clone(), elapsed));
        }
        self.head = head;
        self.body = body;
    }

    /// Returns how the response was sent.
    #[must_use]
    pub fn delivery(&self) -> Delivery {
        self.delivery
    }

    /// Returns whether the caller got the end of the response, or an error. A response is incomplete if the
    /// [`Caller`](super::Caller) did not read all of it, or if Lambda rejected it.
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
    /// assert!(response.is_complete());
    /// # }
    /// ```
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.is_complete
    }

    /// Returns the status of an HTTP response. `None` if the event is not an HTTP event and the handler sent no prelude, or
    /// if the error of the invocation was [reported](Delivery::Reported): Lambda's front end then chooses the status.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.head.status
    }

    /// Returns the headers, without [cookies](Self::cookies).
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.head.headers
    }

    /// Returns the values of the `Set-Cookie` headers.
    #[must_use]
    pub fn cookies(&self) -> &[String] {
        &self.head.cookies
    }

    /// Returns the content type.
    ///
    /// # Examples
    /// ```
    /// use lambda_stream::testing::Invocation;
    /// use lambda_stream::{ResponseStream, StreamError};
    ///
    /// async fn handler(mut stream: ResponseStream) -> Result<(), StreamError> {
    ///     stream.set_content_type("text/plain")?;
    ///     stream.write("one two").await
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let response = Invocation::new(()).run(handler).await;
    /// assert_eq!(response.content_type(), Some("text/plain"));
    /// # }
    /// ```
    #[must_use]
    pub fn content_type(&self) -> Option<&str> {
        self.head.headers.get(CONTENT_TYPE)?.to_str().ok()
    }

    /// Returns the chunks of the body, one for each write, in their order. A write that is larger than the
    /// [buffer](crate::Runtime::buffer_size) is several chunks. A response that is not streamed has at most one chunk.
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
    /// assert_eq!(response.chunks().len(), 1);
    /// # }
    /// ```
    #[must_use]
    pub fn chunks(&self) -> &[Chunk] {
        &self.chunks
    }

    /// Returns the body.
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
    /// assert_eq!(response.body(), "one two");
    /// # }
    /// ```
    #[must_use]
    pub fn body(&self) -> Bytes {
        self.body.clone()
    }

    pub(super) fn body_bytes(&self) -> &[u8] {
        &self.body
    }

    /// Returns the error with which the invocation failed, as the caller gets it. An error that is too long for Lambda is
    /// truncated.
    ///
    /// # Examples
    /// ```
    /// use lambda_stream::Error;
    /// use lambda_stream::testing::Invocation;
    ///
    /// async fn handler() -> Result<(), Error> {
    ///     Err(Error::new("no such order"))
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let response = Invocation::new(()).run(handler).await;
    /// assert_eq!(response.error().unwrap().to_string(), "no such order");
    /// # }
    /// ```
    #[must_use]
    pub fn error(&self) -> Option<&Error> {
        self.error.as_deref()
    }
}

/// See [Snapshots](Response#snapshots).
impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut response = f.debug_struct("Response");
        response.field("delivery", &self.delivery);
        if !self.is_complete {
            response.field("is_complete", &false);
        }
        if let Some(status) = self.head.status {
            response.field("status", &status);
        }
        if !self.head.headers.is_empty() {
            response.field("headers", &Headers(&self.head.headers));
        }
        if !self.head.cookies.is_empty() {
            response.field("cookies", &self.head.cookies);
        }
        if !self.chunks.is_empty() {
            response.field("chunks", &self.chunks);
        }
        if let Some(error) = &self.error {
            response.field("error", &ErrorText(error));
        }
        response.finish()
    }
}

/// The bytes, as text if they are UTF-8.
impl fmt::Debug for Chunk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match std::str::from_utf8(&self.bytes) {
            Ok(text) => fmt::Debug::fmt(text, f),
            Err(_) => fmt::Debug::fmt(&self.bytes, f),
        }
    }
}

/// The headers as a map of text.
struct Headers<'a>(&'a HeaderMap);

impl fmt::Debug for Headers<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let headers = self.0.iter();
        f.debug_map()
            .entries(headers.map(|(name, value)| (name.as_str(), String::from_utf8_lossy(value.as_bytes()))))
            .finish()
    }
}

/// The type and the message of an error. The stack trace of a panic is its location, which changes with the source code.
struct ErrorText<'a>(&'a Error);

impl fmt::Debug for ErrorText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.error_type() {
            PANIC => write!(f, "{PANIC}: {}", OneLine(&self.0.to_string())),
            _ => write!(f, "{:?}", self.0),
        }
    }
}
