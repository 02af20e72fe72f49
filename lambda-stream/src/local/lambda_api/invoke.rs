//! The operation `Invoke`: the response of the function is collected, and sent when it is complete.

use bytes::{Bytes, BytesMut};
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Response, StatusCode};
use http_body_util::{Empty, Full};

use super::super::activity::event::InvocationError;
use super::super::broker::response::{FunctionResponse, ResponseChunks};
use super::super::identifiers::RequestId;
use super::super::server::body::{ResponseBody, boxed};
use super::super::server::rejection::error_json;
use super::super::shared::Shared;
use super::super::variables::FUNCTION_VERSION;
use super::log_tail::LogTail;
use super::request::{InvocationType, InvokeRequest};

/// The value of `X-Amz-Function-Error` for all errors of a function with its own runtime.
pub(super) const UNHANDLED: &str = "Unhandled";

/// Invokes the function as the invocation type requires.
pub(super) async fn respond(id: RequestId, request: InvokeRequest, shared: &Shared) -> Response<ResponseBody> {
    match request.invocation_type {
        InvocationType::DryRun => empty(StatusCode::NO_CONTENT),
        InvocationType::Event => {
            let status = StatusCode::ACCEPTED;
            // The function runs also if its handle is dropped. Lambda would retry a failed invocation twice.
            shared.broker.invoke(request.into_invocation(id)).set_status(status);
            empty(status)
        }
        InvocationType::RequestResponse => invoke(id, request, shared).await,
    }
}

/// Returns a response without a body.
pub(super) fn empty(status: StatusCode) -> Response<ResponseBody> {
    let mut response = Response::new(boxed(Empty::new()));
    *response.status_mut() = status;
    response
}

/// Returns the error as JSON: as the function reported it, or the description of an error that local mode detected.
pub(super) fn error_payload(id: &RequestId, error: &InvocationError) -> Bytes {
    let is_json = serde_json::from_slice::<serde::de::IgnoredAny>(&error.json).is_ok();
    match is_json && std::str::from_utf8(&error.json).is_ok() {
        true => error.json.clone(),
        false if error.json.is_empty() => {
            let message = format!("RequestId: {} Error: {}", id.as_str(), error.message);
            error_json(&error.error_type, &message)
        }
        false => error_json(&error.error_type, &error.message),
    }
}

/// The payload of a response.
struct Payload {
    content_type: HeaderValue,
    bytes: Bytes,
}

async fn invoke(id: RequestId, request: InvokeRequest, shared: &Shared) -> Response<ResponseBody> {
    let log = request
        .has_log
        .then(|| LogTail::start(shared.broker.activity(), id.clone()));
    let mut invocation = shared.broker.invoke(request.into_invocation(id.clone()));
    let max_length = shared.settings.limits.max_buffered().unwrap_or(usize::MAX);
    let collected = collect(invocation.response().await, max_length).await;
    let log_result = match log {
        Some(log) => Some(log.result(&mut invocation).await),
        None => None,
    };
    let has_failed = collected.is_err();
    let payload = collected.unwrap_or_else(|error| Payload {
        content_type: crate::protocol::JSON,
        bytes: error_payload(&id, &error),
    });
    let mut response = Response::new(boxed(Full::new(payload.bytes)));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, payload.content_type);
    headers.insert("x-amz-executed-version", HeaderValue::from_static(FUNCTION_VERSION));
    if has_failed {
        headers.insert("x-amz-function-error", HeaderValue::from_static(UNHANDLED));
    }
    if let Some(Ok(log_result)) = log_result.map(HeaderValue::try_from) {
        headers.insert("x-amz-log-result", log_result);
    }
    invocation.set_status(response.status());
    response
}

/// Collects a response. Lambda does not interpret a prelude: it is a part of the payload, as the function sent it.
async fn collect(response: FunctionResponse, max_length: usize) -> Result<Payload, InvocationError> {
    match response {
        FunctionResponse::Buffered(bytes) => Ok(Payload {
            content_type: crate::protocol::JSON,
            bytes,
        }),
        FunctionResponse::Streaming { content_type, body } => Ok(Payload {
            content_type: HeaderValue::try_from(content_type).unwrap_or(crate::protocol::OCTET_STREAM),
            bytes: collect_chunks(body, max_length).await?,
        }),
        FunctionResponse::Failed(error) => Err(error),
    }
}

async fn collect_chunks(mut chunks: ResponseChunks, max_length: usize) -> Result<Bytes, InvocationError> {
    let mut collected = BytesMut::new();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk?;
        if collected.len() + chunk.len() > max_length {
            return Err(InvocationError::new(
                "Function.ResponseSizeTooLarge",
                format!(
                    "the response exceeds {max_length} bytes, Lambda's limit for Invoke: call InvokeWithResponseStream"
                ),
            ));
        }
        collected.extend_from_slice(&chunk);
    }
    Ok(collected.freeze())
}
