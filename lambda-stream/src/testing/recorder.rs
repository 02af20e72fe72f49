//! [`Recorder`]: the delivery of a test, which takes the place of the client of the Runtime API.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use http::HeaderValue;
use http_body::Body;
use tokio::time::Instant;

use super::caller::Caller;
use super::decode::{self, Head, PreludeDecoder};
use super::response::{Chunk, Delivery, Response};
use crate::client::{CallError, InvocationRef};
use crate::error::{Error, encoding};
use crate::event::{EventFormat, EventInfo};
use crate::protocol::{INTEGRATION_RESPONSE, MAX_ERROR_REPORT_LENGTH};
use crate::response::BufferedResponse;
use crate::runtime::invocation;
use crate::stream::{PipeControl, ResponseBody};

/// Receives the response of one invocation.
pub(super) struct Recorder {
    caller: Caller,
    format: EventFormat,
    start: Instant,
    recording: Mutex<Recording>,
}

/// What was received so far.
#[derive(Default)]
struct Recording {
    /// `None` before the response starts.
    delivery: Option<Delivery>,
    /// The caller got the whole response.
    is_complete: bool,
    head: Head,
    chunks: Vec<Chunk>,
    error: Option<Error>,
}

impl Recorder {
    pub(super) fn new(caller: Caller, event: &[u8]) -> Self {
        Self {
            caller,
            format: EventInfo::from_event(event).format,
            start: Instant::now(),
            recording: Mutex::default(),
        }
    }

    /// Records that the invocation failed before its response was started.
    pub(super) fn record_report(&self, error: &Error) {
        let mut recording = self.recording();
        recording.delivery = Some(Delivery::Reported);
        recording.error = decode::error(&encoding::json(error, MAX_ERROR_REPORT_LENGTH));
        recording.is_complete = true;
    }

    /// Returns what was received.
    pub(super) fn into_response(self) -> Response {
        let Recording {
            delivery,
            is_complete,
            head,
            chunks,
            error,
        } = self.recording.into_inner().unwrap_or_else(PoisonError::into_inner);
        let mut response = Response::new(delivery.unwrap_or(Delivery::Streamed), is_complete, head, chunks, error);
        // A load balancer takes a stream only as one JSON document.
        let is_document = match response.delivery() {
            Delivery::Buffered => true,
            Delivery::Streamed => matches!(self.format, EventFormat::Alb { .. }),
            Delivery::Reported => false,
        };
        if is_document && is_complete && response.error().is_none() {
            if let Some((head, body)) = decode::http_response(self.format, &response.body()) {
                response.set_document(head, body);
            }
        }
        response
    }

    fn recording(&self) -> MutexGuard<'_, Recording> {
        self.recording.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Records bytes of the body, which the caller has read.
    fn record_chunk(&self, bytes: &[u8]) {
        if !bytes.is_empty() {
            let bytes = Bytes::copy_from_slice(bytes);
            self.recording().chunks.push(Chunk::new(bytes, self.start.elapsed()));
        }
    }

    /// Reads the body as the caller does.
    async fn read(&self, content_type: &HeaderValue, body: ResponseBody) -> Result<(), CallError> {
        let mut body = pin!(body);
        let mut prelude = (content_type == INTEGRATION_RESPONSE).then(PreludeDecoder::default);
        let mut unread = self.caller.limit();
        while let Some(frame) = poll_fn(|cx| body.as_mut().poll_frame(cx)).await {
            let frame = match frame {
                Ok(frame) => frame,
                // Only the result of this method closes the body.
                Err(_) => return Ok(()),
            };
            let data = match frame.into_data() {
                Ok(data) => data,
                Err(trailers) => {
                    let trailers = trailers.into_trailers().unwrap_or_default();
                    self.recording().error = Some(decode::error_trailers(&trailers));
                    continue;
                }
            };
            let first;
            let bytes: &[u8] = match &mut prelude {
                None => &data,
                Some(decoder) => match decoder.push(&data) {
                    None => continue,
                    Some((head, body)) => {
                        if let Some(head) = head {
                            self.recording().head = head;
                        }
                        prelude = None;
                        first = body;
                        &first
                    }
                },
            };
            // `data` is dropped after the caller has read it, which frees its capacity in the buffer of the response.
            let read = bytes.len().min(unread);
            self.caller.read(read).await;
            self.record_chunk(&bytes[..read]);
            if read < bytes.len() {
                return Err(self.caller.stop().await);
            }
            unread -= read;
        }
        self.recording().is_complete = true;
        Ok(())
    }
}

impl invocation::Delivery for Recorder {
    fn prepare(&self, control: &PipeControl) {
        control.set_one_chunk_per_write();
    }

    fn streaming_info(&self, event_info: EventInfo) -> EventInfo {
        event_info
    }

    async fn respond_streaming(
        &self,
        _: &InvocationRef,
        content_type: HeaderValue,
        body: ResponseBody,
    ) -> Result<(), CallError> {
        {
            let mut recording = self.recording();
            recording.delivery = Some(Delivery::Streamed);
            recording.head = Head::of_content_type(content_type.clone());
        }
        self.read(&content_type, body).await
    }

    async fn respond_buffered(
        &self,
        _: &InvocationRef,
        _: EventInfo,
        BufferedResponse { content_type, body }: BufferedResponse,
    ) -> Result<(), CallError> {
        {
            let mut recording = self.recording();
            recording.delivery = Some(Delivery::Buffered);
            recording.head = Head::of_content_type(content_type);
        }
        if body.len() > self.caller.limit() {
            return Err(self.caller.stop().await);
        }
        self.record_chunk(&body);
        self.recording().is_complete = true;
        Ok(())
    }

    async fn report(&self, _: &InvocationRef, error: &Error) -> Result<(), CallError> {
        self.record_report(error);
        Ok(())
    }
}
