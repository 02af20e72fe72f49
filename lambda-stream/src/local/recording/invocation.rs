//! What a recording collects of an invocation.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::super::activity::event::{InvocationError, RequestInfo};
use super::super::identifiers::{RequestId, unix_millis};
use super::format::{RecordedError, RecordedInvocation, RecordedRequest, RecordedResponse, milliseconds};

/// What was collected of an invocation.
pub(super) struct Invocation {
    pub(super) id: RequestId,
    pub(super) received_at: SystemTime,
    /// When the request was received and the response ended, in the time of [`Record::at`].
    pub(super) start: Duration,
    pub(super) end: Option<Duration>,
    pub(super) request: Arc<RequestInfo>,
    pub(super) function_arn: String,
    pub(super) client_context: Option<String>,
    pub(super) tenant_id: Option<String>,
    /// The content type of the response that has started.
    pub(super) response: Option<Option<String>>,
    /// The bytes of all chunks. The chunks themselves may share large buffers with others.
    pub(super) body: Vec<u8>,
    /// For each chunk its end in `body`, and its time since the request.
    pub(super) chunks: Vec<(usize, Duration)>,
    pub(super) is_truncated: bool,
    pub(super) error: Option<InvocationError>,
    /// The status that was sent, if the front end has decided.
    pub(super) status: Option<Option<u16>>,
    /// The reserved memory.
    pub(super) size: usize,
}

impl Invocation {
    /// Returns the line of the recording.
    pub(super) fn into_recorded(self) -> RecordedInvocation {
        let request = &self.request;
        let mut recorded_request = RecordedRequest::new(
            request.source.name(),
            &request.method,
            &request.path,
            &request.event,
            &self.function_arn,
        );
        recorded_request.client_context = self.client_context;
        recorded_request.tenant_id = self.tenant_id;
        let response = self.response.map(|content_type| {
            let mut response = RecordedResponse::new(content_type, self.is_truncated);
            let mut start = 0;
            for (end, offset) in self.chunks {
                response.add(offset, self.body.get(start..end).unwrap_or_default());
                start = end;
            }
            response
        });
        RecordedInvocation {
            time_epoch: unix_millis(self.received_at),
            request_id: self.id.as_str().to_owned(),
            request: recorded_request,
            response,
            status: self.status.flatten(),
            error: self.error.map(|error| RecordedError {
                error_type: error.error_type,
                error_message: error.message,
            }),
            duration_ms: milliseconds(self.end.unwrap_or_default().saturating_sub(self.start)),
        }
    }
}
