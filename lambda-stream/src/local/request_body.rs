//! A request's body, taken in whole: no more than Lambda takes, not for longer than is decent, and not more of all
//! requests together than a laptop has room for.

use std::error::Error;
use std::sync::Arc;

use bytes::Bytes;
use http::{Response, StatusCode};
use http_body::Body;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::answer::{self, ResponseBody};
use super::server::PATIENCE;

/// Lambda's cap on an event, in bytes.
pub(super) const LARGEST_EVENT: usize = 6 * 1024 * 1024;

/// How many bytes of bodies and events may be in memory at a time. Lambda starts another environment where one is busy;
/// here they wait in line, and callers that have hung up leave theirs behind.
const ROOM: usize = 128 * 1024 * 1024;

/// What is left of the room for bodies and events.
#[derive(Clone)]
pub(super) struct Room(Arc<Semaphore>);

/// Why a request makes no event.
#[derive(Debug)]
pub(super) enum Unusable {
    TooLarge,
    TooSlow,
    NoRoom,
    Broken(hyper::Error),
}

impl Room {
    pub(super) fn new() -> Self {
        Self(Arc::new(Semaphore::new(ROOM)))
    }

    /// Reads a body to its end, and keeps room for it.
    pub(super) async fn take_in(&self, body: &mut Incoming) -> Result<Held<Vec<u8>>, Unusable> {
        // Before a caller that asks first (`Expect: 100-continue`) is told to go on.
        if body.size_hint().lower() > LARGEST_EVENT as u64 {
            return Err(Unusable::TooLarge);
        }
        match tokio::time::timeout(PATIENCE, self.read(body)).await {
            Ok(read) => read,
            Err(_) => Err(Unusable::TooSlow),
        }
    }

    async fn read(&self, body: &mut Incoming) -> Result<Held<Vec<u8>>, Unusable> {
        let mut whole = self.held(Vec::new(), 0)?;
        while let Some(frame) = body.frame().await {
            // Trailers are no part of an event.
            let Ok(data) = frame.map_err(Unusable::Broken)?.into_data() else {
                continue;
            };
            if whole.value.len() + data.len() > LARGEST_EVENT {
                return Err(Unusable::TooLarge);
            }
            whole.permit.merge(self.permit(data.len())?);
            // A copy, since a piece of one byte would keep all of the buffer that it came in.
            whole.value.extend_from_slice(&data);
        }
        Ok(whole)
    }

    /// An event that keeps its room until its last byte is gone.
    pub(super) fn keep(&self, event: Bytes) -> Result<Bytes, Unusable> {
        match event.len() {
            length if length > LARGEST_EVENT => Err(Unusable::TooLarge),
            length => self.held(event, length).map(Bytes::from_owner),
        }
    }

    fn held<T>(&self, value: T, size: usize) -> Result<Held<T>, Unusable> {
        let permit = self.permit(size)?;
        Ok(Held { value, permit })
    }

    fn permit(&self, size: usize) -> Result<OwnedSemaphorePermit, Unusable> {
        let size = u32::try_from(size).map_err(|_| Unusable::TooLarge)?;
        let room = Arc::clone(&self.0);
        room.try_acquire_many_owned(size).map_err(|_| Unusable::NoRoom)
    }
}

/// Bytes, and the room that they take until they are dropped.
#[derive(Debug)]
pub(super) struct Held<T> {
    value: T,
    permit: OwnedSemaphorePermit,
}

impl<T: AsRef<[u8]>> AsRef<[u8]> for Held<T> {
    fn as_ref(&self) -> &[u8] {
        self.value.as_ref()
    }
}

impl Unusable {
    /// The answer to the caller.
    pub(super) fn response(&self) -> Response<ResponseBody> {
        match self {
            Self::TooLarge => answer::error_response(
                StatusCode::PAYLOAD_TOO_LARGE,
                "RequestEntityTooLargeException",
                &format!(
                    "the request makes an event larger than {LARGEST_EVENT} bytes, the most that Lambda takes: send less \
                     (a body that is no text counts as base64, a third larger)"
                ),
            ),
            Self::TooSlow => {
                let seconds = PATIENCE.as_secs();
                let message = format!("the request's body was not whole after {seconds} seconds: send it faster");
                answer::error_response(StatusCode::REQUEST_TIMEOUT, "RequestTimeout", &message)
            }
            Self::NoRoom => answer::error_response(
                StatusCode::TOO_MANY_REQUESTS,
                "TooManyRequestsException",
                &format!("{ROOM} bytes of requests wait for the function already: try again when it has answered some"),
            ),
            Self::Broken(error) => {
                let cause = error.source().map(|cause| format!(", {cause}")).unwrap_or_default();
                let message =
                    format!("the request's body cannot be read ({error}{cause}): check its length or its chunks");
                answer::error_response(StatusCode::BAD_REQUEST, "BadRequest", &message)
            }
        }
    }
}
