//! Reads request bodies within limits: size per event, time per body, and memory for all requests together.

use std::error::Error;
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

/// The memory that remains for request bodies and events.
#[derive(Clone)]
pub(crate) struct MemoryBudget(Arc<Semaphore>);

/// The reason why a request cannot become an event.
#[derive(Debug)]
pub(crate) enum BodyError {
    /// The body or the event exceeds [`MAX_EVENT_LENGTH`].
    TooLarge,
    /// The body was not complete after [`REQUEST_TIMEOUT`].
    Timeout,
    /// The memory budget is used up.
    OverBudget,
    /// The body is malformed or the connection broke.
    Read(hyper::Error),
}

impl MemoryBudget {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Semaphore::new(MEMORY_BUDGET_BYTES)))
    }

    /// Reads a complete body and reserves memory for it.
    pub(crate) async fn read_body(&self, body: &mut Incoming) -> Result<Budgeted<Vec<u8>>, BodyError> {
        // Checked before the first read, since that read sends `100 Continue` to a client that expects it.
        if body.size_hint().lower() > MAX_EVENT_LENGTH as u64 {
            return Err(BodyError::TooLarge);
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
            if collected.value.len() + data.len() > MAX_EVENT_LENGTH {
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
            length if length > MAX_EVENT_LENGTH => Err(BodyError::TooLarge),
            length => self.reserve_for(event, length).map(Bytes::from_owner),
        }
    }

    fn reserve_for<T>(&self, value: T, size: usize) -> Result<Budgeted<T>, BodyError> {
        let permit = self.reserve(size)?;
        Ok(Budgeted { value, permit })
    }

    fn reserve(&self, size: usize) -> Result<OwnedSemaphorePermit, BodyError> {
        let size = u32::try_from(size).map_err(|_| BodyError::TooLarge)?;
        let semaphore = Arc::clone(&self.0);
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

impl BodyError {
    /// Returns the response for the client.
    pub(crate) fn to_response(&self) -> ErrorResponse {
        match self {
            Self::TooLarge => ErrorResponse::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                "RequestEntityTooLargeException",
                &format!(
                    "the event for this request is larger than {MAX_EVENT_LENGTH} bytes, Lambda's limit: send a smaller \
                     body (a binary body is encoded as base64, which makes it a third larger)"
                ),
            ),
            Self::Timeout => {
                let seconds = REQUEST_TIMEOUT.as_secs();
                let message = format!("the request body was not complete after {seconds} seconds: send it faster");
                ErrorResponse::new(StatusCode::REQUEST_TIMEOUT, "RequestTimeout", &message)
            }
            Self::OverBudget => ErrorResponse::new(
                StatusCode::TOO_MANY_REQUESTS,
                "TooManyRequestsException",
                &format!(
                    "{MEMORY_BUDGET_BYTES} bytes of requests are already waiting for the function: retry when some \
                     have finished"
                ),
            ),
            Self::Read(error) => {
                let cause = error.source().map(|cause| format!(", {cause}")).unwrap_or_default();
                let message =
                    format!("failed to read the request body ({error}{cause}): check Content-Length or the chunks");
                ErrorResponse::new(StatusCode::BAD_REQUEST, "BadRequest", &message)
            }
        }
    }
}
