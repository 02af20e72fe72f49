//! [`Caller`]: how the response is read.

use std::future::{pending, poll_fn};
use std::io;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;
use http_body::{Body, Frame};

use crate::client::{CallError, RESPONSE};

/// How the caller reads a response, and whether Lambda accepts it.
///
/// A handler sees the caller in the results of its writes. To assert what the handler returns, call it with the parts of
/// [`Invocation::start`](super::Invocation::start).
///
/// The numbers count bytes of the body. They apply to a response that is streamed; one that is
/// [buffered](super::Delivery::Buffered) is rejected or lost as a whole if it has more bytes.
///
/// ```
/// use lambda_stream::testing::{Caller, Invocation};
/// use lambda_stream::{ResponseStream, StreamError};
///
/// async fn handler(mut stream: ResponseStream) -> Result<(), StreamError> {
///     loop {
///         stream.write("0123456789").await?;
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let invocation = Invocation::new(()).caller(Caller::Rejected { after: 25 });
/// let response = invocation.run(handler).await;
/// assert_eq!(response.body().len(), 25);
/// assert!(!response.is_complete());
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Caller {
    /// Reads everything immediately.
    #[default]
    Reads,
    /// Reads this many bytes per second; 0 counts as 1. While the buffer of the response is full, writes of the handler
    /// wait.
    ReadsSlowly {
        /// The bytes that are read in one second.
        bytes_per_second: u32,
    },
    /// Reads this many bytes and no more, and keeps the connection open. Writes of the handler wait once the buffer is
    /// full. A response with more bytes thus ends at the [deadline](super::Invocation::timeout).
    StopsReading {
        /// The bytes that are read.
        after: usize,
    },
    /// Lambda rejects the response after this many bytes, with status 413 and the error type `RequestEntityTooLarge`.
    /// Writes of the handler return [`StreamError::Closed`](crate::StreamError::Closed).
    Rejected {
        /// The bytes that are read.
        after: usize,
    },
    /// The connection to Lambda is lost after this many bytes. Writes of the handler return
    /// [`StreamError::Closed`](crate::StreamError::Closed).
    Disconnected {
        /// The bytes that are read.
        after: usize,
    },
}

impl Caller {
    /// Waits until the caller has read `length` bytes.
    pub(super) async fn read(self, length: usize) {
        if let Self::ReadsSlowly { bytes_per_second } = self {
            let seconds = length as f64 / f64::from(bytes_per_second.max(1));
            tokio::time::sleep(Duration::from_secs_f64(seconds)).await;
        }
    }

    /// Returns how many bytes of a body are read.
    pub(super) fn limit(self) -> usize {
        match self {
            Self::Reads | Self::ReadsSlowly { .. } => usize::MAX,
            Self::StopsReading { after } | Self::Rejected { after } | Self::Disconnected { after } => after,
        }
    }

    /// Returns how the delivery of a body with more bytes than the [limit](Self::limit) ends, or does not return.
    pub(super) async fn stop(self) -> CallError {
        match self {
            Self::Rejected { .. } => rejection().await,
            Self::Disconnected { .. } => lost_connection().await,
            Self::Reads | Self::ReadsSlowly { .. } | Self::StopsReading { .. } => pending().await,
        }
    }
}

/// Returns the error for Lambda's response to a response that is too large.
async fn rejection() -> CallError {
    let body = r#"{"errorType":"RequestEntityTooLarge","errorMessage":"Exceeded maximum allowed payload size"}"#;
    let mut response = http::Response::new(body);
    *response.status_mut() = StatusCode::PAYLOAD_TOO_LARGE;
    CallError::rejected(RESPONSE, response.into()).await
}

/// Returns the error for a connection that was reset.
async fn lost_connection() -> CallError {
    let mut body = pin!(reqwest::Body::wrap(ResetConnection));
    loop {
        if let Some(Err(error)) = poll_fn(|cx| body.as_mut().poll_frame(cx)).await {
            return CallError::transport(RESPONSE, error);
        }
    }
}

/// A body whose connection was reset. Only reqwest can create a `reqwest::Error`, here from the error of a body.
struct ResetConnection;

impl Body for ResetConnection {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        Poll::Ready(Some(Err(io::ErrorKind::ConnectionReset.into())))
    }
}
