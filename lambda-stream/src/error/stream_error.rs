//! [`StreamError`]: why a handler cannot write to its response.

use std::fmt::{self, Display};
use std::io;
use std::sync::Arc;

/// The error of a [`ResponseStream`](crate::ResponseStream) method.
///
/// # Examples
/// ```
/// use lambda_stream::{ResponseStream, StreamError};
///
/// async fn handler(mut stream: ResponseStream) -> Result<(), StreamError> {
///     match stream.write("hello").await {
///         Err(StreamError::Closed(reason)) => {
///             eprintln!("the rest of the response is not sent: {reason}");
///             Ok(())
///         }
///         result => result,
///     }
/// }
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum StreamError {
    /// The content type or the prelude was set after the response had started.
    AlreadyStarted,
    /// A content type, a prelude, an event or a value cannot be sent. The text says why. Nothing of it was sent.
    Invalid(String),
    /// The response is closed. Bytes written from now on are lost.
    Closed(Closed),
}

/// Why a response was closed before the handler ended it.
///
/// # Examples
/// ```
/// use lambda_stream::{Closed, StreamError};
///
/// fn is_too_large(error: &StreamError) -> bool {
///     let StreamError::Closed(closed) = error else { return false };
///     closed.error_type() == Some("RequestEntityTooLarge")
/// }
/// ```
#[derive(Debug, Clone)]
pub struct Closed(Arc<Reason>);

#[derive(Debug)]
struct Reason {
    error_type: Option<String>,
    message: String,
}

impl Closed {
    pub(crate) fn new(error_type: Option<&str>, message: impl Display) -> Self {
        Self(Arc::new(Reason {
            error_type: error_type.map(str::to_owned),
            message: message.to_string(),
        }))
    }

    /// Returns Lambda's error type, such as `RequestEntityTooLarge`, if Lambda rejected the response.
    ///
    /// # Examples
    /// ```
    /// use lambda_stream::Closed;
    ///
    /// fn describe(closed: &Closed) -> String {
    ///     match closed.error_type() {
    ///         Some(error_type) => format!("Lambda rejected the response: {error_type}"),
    ///         None => closed.to_string(),
    ///     }
    /// }
    /// ```
    #[must_use]
    pub fn error_type(&self) -> Option<&str> {
        self.0.error_type.as_deref()
    }
}

impl Display for Closed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl Display for StreamError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AlreadyStarted => f.write_str(
                "the response has already started: set its content type or its prelude before the first byte",
            ),
            Self::Invalid(reason) => f.write_str(reason),
            Self::Closed(closed) => write!(f, "the response is closed: {closed}"),
        }
    }
}

impl std::error::Error for StreamError {}

impl From<StreamError> for io::Error {
    fn from(error: StreamError) -> Self {
        let kind = match error {
            StreamError::AlreadyStarted | StreamError::Invalid(_) => io::ErrorKind::InvalidInput,
            StreamError::Closed(_) => io::ErrorKind::BrokenPipe,
        };
        Self::new(kind, error)
    }
}
