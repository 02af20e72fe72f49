//! Why a handler cannot go on writing.

use std::fmt::{self, Display};
use std::io;
use std::sync::Arc;

/// Why a call of a [`ResponseStream`](crate::ResponseStream) failed.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum StreamError {
    /// A content type or a prelude was given after the response had started.
    AlreadyStarted,
    /// A content type, a prelude, an event or a value cannot be sent; the text says why. Nothing of it was.
    Invalid(String),
    /// Nobody takes the response any more. What is written from here on is lost.
    Closed(Closed),
}

/// Why a response was closed before its writer had ended it.
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

    /// Lambda's error type, such as `RequestEntityTooLarge`, where Lambda refused the response.
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
            Self::Invalid(why) => write!(f, "this cannot be sent: {why}"),
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
