//! Reads request bodies within limits: size per event, time per body, and memory for all requests together.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::StatusCode;
use http_body::Body;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::limits::{MEMORY_BUDGET_BYTES, REQUEST_OVERHEAD_BYTES, REQUEST_TIMEOUT};
use super::rejection::ErrorResponse;
use crate::protocol::MAX_EVENT_LENGTH;

/// The memory that remains for request bodies and events, and the limit for each of them.
#[derive(Clone)]
pub(crate) struct MemoryBudget {
    free: Arc<Semaphore>,
    max_event: usize,
}

/// The reason why a request cannot become an event.
#[derive(Debug)]
pub(crate) enum BodyError {
    /// The body or the event exceeds Lambda's limit, [`MAX_EVENT_LENGTH`].
    TooLarge,
    /// The body was not complete after [`REQUEST_TIMEOUT`].
    Timeout,
    /// The memory budget is used up.
    OverBudget,
    /// The body is malformed or the connection broke.
    Read(hyper::Error),
}

impl MemoryBudget {
    /// Returns an unused budget. `max_event`: the limit for the body and the event of one request, in bytes. If it is
    /// `None`, only the budget limits them.
    pub(crate) fn new(max_event: Option<usize>) -> Self {
        Self {
            free: Arc::new(Semaphore::new(MEMORY_BUDGET_BYTES)),
            max_event: max_event.unwrap_or(usize::MAX),
        }
    }

    /// Reads a complete body and reserves memory for it.
    pub(crate) async fn read_body(&self, body: &mut Incoming) -> Result<Budgeted<Vec<u8>>, BodyError> {
        // Checked before the first read, since that read sends `100 Continue` to a client that expects it.
        if body.size_hint().lower() > self.max_event as u64 {
            return Err(BodyError::TooLarge);
        }
        if body.size_hint().lower() > MEMORY_BUDGET_BYTES as u64 {
            return Err(BodyError::OverBudget);
        }
        match tokio::time::timeout(REQUEST_TIMEOUT, self.collect(body)).await {
            Ok(collected) => collected,
            Err(_) => Err(BodyError::Timeout),
        }
    }

    async fn collect(&self, body: &mut Incoming) -> Result<Budgeted<Vec<u8>>, BodyError> {
        let mut collected = self.reserve_for(Vec::new(), REQUEST_OVERHEAD_BYTES)?;
        while let Some(frame) = body.frame().await {
            // Trailers are not part of an event.
            let Ok(data) = frame.map_err(BodyError::Read)?.into_data() else {
                continue;
            };
            if collected.value.len() + data.len() > self.max_event {
                return Err(BodyError::TooLarge);
            }
            collected.permit.merge(self.reserve(data.len())?);
            // Copied, since even a chunk of one byte keeps its whole read buffer allocated.
            collected.value.extend_from_slice(&data);
        }
        Ok(collected)
    }

    /// Reserves memory for an event. The reservation ends when the last reference to the returned bytes is dropped.
    pub(crate) fn reserve_event(&self, event: Bytes) -> Result<Bytes, BodyError> {
        match event.len() {
            length if length > self.max_event => Err(BodyError::TooLarge),
            length => self.reserve_for(event, length).map(Bytes::from_owner),
        }
    }

    fn reserve_for<T>(&self, value: T, size: usize) -> Result<Budgeted<T>, BodyError> {
        let permit = self.reserve(size)?;
        Ok(Budgeted { value, permit })
    }

    fn reserve(&self, size: usize) -> Result<OwnedSemaphorePermit, BodyError> {
        let size = u32::try_from(size).map_err(|_| BodyError::OverBudget)?;
        let semaphore = Arc::clone(&self.free);
        semaphore
            .try_acquire_many_owned(size)
            .map_err(|_| BodyError::OverBudget)
    }
}

/// Bytes with a reservation in the memory budget. Dropping the value ends the reservation.
#[derive(Debug)]
pub(crate) struct Budgeted<T> {
    value: T,
    permit: OwnedSemaphorePermit,
}

impl<T: AsRef<[u8]>> AsRef<[u8]> for Budgeted<T> {
    fn as_ref(&self) -> &[u8] {
        self.value.as_ref()
    }
}

impl fmt::Display for BodyError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge => write!(
                formatter,
                "the event for this request is larger than {MAX_EVENT_LENGTH} bytes, Lambda's limit: send a smaller body (a \
                 binary body is encoded as base64, which makes it a third larger)"
            ),
            Self::Timeout => {
                let seconds = REQUEST_TIMEOUT.as_secs();
                write!(
                    formatter,
                    "the request body was not complete after {seconds} seconds: send it faster"
                )
            }
            Self::OverBudget => write!(
                formatter,
                "{MEMORY_BUDGET_BYTES} bytes of requests are already waiting for the function, or this request alone is \
                 larger: retry when some have finished, or send a smaller body"
            ),
            Self::Read(error) => {
                let cause = error.source().map(|cause| format!(", {cause}")).unwrap_or_default();
                write!(
                    formatter,
                    "failed to read the request body ({error}{cause}): check Content-Length or the chunks"
                )
            }
        }
    }
}

impl BodyError {
    /// Returns the response for the client.
    pub(crate) fn to_response(&self) -> ErrorResponse {
        let (status, error_type) = match self {
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "RequestEntityTooLargeException"),
            Self::Timeout => (StatusCode::REQUEST_TIMEOUT, "RequestTimeout"),
            Self::OverBudget => (StatusCode::TOO_MANY_REQUESTS, "TooManyRequestsException"),
            Self::Read(_) => (StatusCode::BAD_REQUEST, "BadRequest"),
        };
        ErrorResponse::new(status, error_type, &self.to_string())
    }
}
