//! The operation `InvokeWithResponseStream`: each chunk of the response is sent as a message when it arrives.
//!
//! The stream ends with the message `InvokeComplete`, also if the function fails. The response has status 200 even if the
//! function fails before its first byte: this operation has no other way to send the error of a function.

use bytes::Bytes;
use futures::stream;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Response};
use http_body::Frame;
use http_body_util::StreamBody;

use super::super::activity::event::InvocationError;
use super::super::broker::invocation::InvocationHandle;
use super::super::broker::response::{FunctionResponse, ResponseChunks};
use super::super::identifiers::RequestId;
use super::super::server::body::{ResponseBody, boxed};
use super::super::shared::Shared;
use super::super::variables::FUNCTION_VERSION;
use super::event_stream::{self, Completion, MAX_PAYLOAD};
use super::invoke::{UNHANDLED, empty, error_payload};
use super::log_tail::LogTail;
use super::request::{InvocationType, InvokeRequest};

/// Invokes the function and streams its response. If the caller disconnects, the body is dropped, and the function runs on.
pub(super) async fn respond(id: RequestId, request: InvokeRequest, shared: &Shared) -> Response<ResponseBody> {
    if request.invocation_type == InvocationType::DryRun {
        return empty(http::StatusCode::NO_CONTENT);
    }
    let log = request
        .has_log
        .then(|| LogTail::start(shared.broker.activity(), id.clone()));
    let mut invocation = shared.broker.invoke(request.into_invocation(id.clone()));
    let chunks = match invocation.response().await {
        FunctionResponse::Buffered(payload) => Chunks::Buffered(payload),
        FunctionResponse::Streaming { body, .. } => Chunks::Streaming(body),
        FunctionResponse::Failed(error) => Chunks::Failed(error),
    };
    let messages = Messages {
        id,
        chunks,
        rest: Bytes::new(),
        invocation,
        log,
        is_complete: false,
    };
    messages.into_response()
}

/// What is left of the response of the function.
enum Chunks {
    Buffered(Bytes),
    Streaming(ResponseChunks),
    Failed(InvocationError),
    Ended,
}

impl Chunks {
    /// Waits for the next chunk. Returns `None` after a clean end, and after an error.
    async fn next(&mut self) -> Option<Result<Bytes, InvocationError>> {
        if let Self::Streaming(chunks) = self {
            return chunks.next().await;
        }
        match std::mem::replace(self, Self::Ended) {
            Self::Buffered(payload) => Some(Ok(payload)),
            Self::Failed(error) => Some(Err(error)),
            Self::Streaming(_) | Self::Ended => None,
        }
    }
}

/// The messages of a response.
struct Messages {
    id: RequestId,
    chunks: Chunks,
    /// The part of the last chunk that did not fit into its message.
    rest: Bytes,
    invocation: InvocationHandle,
    log: Option<LogTail>,
    is_complete: bool,
}

impl Messages {
    fn into_response(mut self) -> Response<ResponseBody> {
        let status = http::StatusCode::OK;
        self.invocation.set_status(status);
        let messages = stream::unfold(self, |mut messages| async move {
            let message = messages.next().await?;
            Some((Ok(Frame::data(message)), messages))
        });
        let mut response = Response::new(boxed(StreamBody::new(messages)));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(event_stream::CONTENT_TYPE));
        headers.insert("x-amz-executed-version", HeaderValue::from_static(FUNCTION_VERSION));
        response
    }

    /// Waits for the next message. Returns `None` after the last one.
    async fn next(&mut self) -> Option<Bytes> {
        if self.is_complete {
            return None;
        }
        while self.rest.is_empty() {
            match self.chunks.next().await {
                Some(Ok(chunk)) => self.rest = chunk,
                Some(Err(error)) => return Some(self.complete(Some(error)).await),
                None => return Some(self.complete(None).await),
            }
        }
        let payload = self.rest.split_to(self.rest.len().min(MAX_PAYLOAD));
        Some(event_stream::payload_chunk(&payload))
    }

    async fn complete(&mut self, error: Option<InvocationError>) -> Bytes {
        self.is_complete = true;
        let mut completion = Completion::default();
        if let Some(error) = error {
            let details = error_payload(&self.id, &error);
            completion.error_details = Some(String::from_utf8_lossy(&details).into_owned());
            completion.error_code = Some(error_code(error));
        }
        if let Some(log) = &self.log {
            completion.log_result = Some(log.result(&mut self.invocation).await);
        }
        event_stream::invoke_complete(completion)
    }
}

/// Returns `Unhandled` for an error that the function reported, and the type of an error that local mode detected.
fn error_code(error: InvocationError) -> String {
    match error.json.is_empty() {
        true => error.error_type,
        false => UNHANDLED.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::activity::event::{RequestInfo, Source};
    use super::super::super::broker::invocation::NewInvocation;
    use super::super::super::settings::Settings;
    use super::super::super::test_client::broker;
    use super::*;

    fn messages(chunks: Chunks) -> Messages {
        let id = RequestId::random();
        let request = RequestInfo {
            source: Source::InvokeWithResponseStream,
            method: String::new(),
            path: String::new(),
            event: Bytes::new(),
        };
        Messages {
            id: id.clone(),
            chunks,
            rest: Bytes::new(),
            invocation: broker(&Settings::default()).invoke(NewInvocation::new(id, request)),
            log: None,
            is_complete: false,
        }
    }

    #[tokio::test]
    async fn long_chunk_is_split() {
        let payload = Bytes::from(vec![b'x'; 2 * MAX_PAYLOAD + 1]);
        let mut messages = messages(Chunks::Buffered(payload.clone()));
        for length in [MAX_PAYLOAD, MAX_PAYLOAD, 1] {
            let expected = event_stream::payload_chunk(&payload[..length]);
            assert!(messages.next().await.is_some_and(|message| message == expected));
        }
        let end = event_stream::invoke_complete(Completion::default());
        assert_eq!(messages.next().await, Some(end));
        assert_eq!(messages.next().await, None);
    }

    #[tokio::test]
    async fn error_without_description_has_details() {
        let error = InvocationError::new("Runtime.ExitError", "exit status: 1");
        let mut messages = messages(Chunks::Failed(error));
        let id = messages.id.as_str().to_owned();
        let details =
            format!(r#"{{"errorMessage":"RequestId: {id} Error: exit status: 1","errorType":"Runtime.ExitError"}}"#);
        let expected = Completion {
            error_code: Some("Runtime.ExitError".to_owned()),
            error_details: Some(details),
            log_result: None,
        };
        assert_eq!(messages.next().await, Some(event_stream::invoke_complete(expected)));
        assert_eq!(messages.next().await, None);
    }
}
