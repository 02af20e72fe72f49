//! Encodes the response of a function as the HTTP response of a Function URL.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::{Bytes, BytesMut};
use http::header::CONTENT_TYPE;
use http::{Response, StatusCode};

use super::super::activity::event::InvocationError;
use super::super::broker::response::{FunctionResponse, ResponseChunks};
use super::super::platform_limits::MAX_BUFFERED_BYTES;
use super::super::server::body::{ResponseBody, boxed};
use super::super::server::connection::ConnectionState;
use super::super::server::rejection::{ErrorResponse, json_response};
use super::super::settings::{InvokeMode, LimitSettings};
use super::body::StreamingBody;
use super::prelude::{self, HeadError, HeadRules, HttpHead};

/// How a Function URL sends responses.
pub(super) struct Encoder {
    pub(super) invoke_mode: InvokeMode,
    pub(super) limits: LimitSettings,
    pub(super) connection: Arc<ConnectionState>,
}

impl Encoder {
    /// Returns the HTTP response to a request. `request` is its method and path, for the log.
    pub(super) async fn encode(self, response: FunctionResponse, request: &str) -> Response<ResponseBody> {
        let encoded = match (response, self.invoke_mode) {
            (FunctionResponse::Buffered(payload), _) => encode_buffered(payload),
            (FunctionResponse::Streaming { content_type, body }, InvokeMode::ResponseStream) => {
                self.encode_stream(&content_type, body).await
            }
            (FunctionResponse::Streaming { content_type, body }, InvokeMode::Buffered) => {
                let collected = collect(body, self.limits.max_buffered()).await;
                collected.and_then(|payload| {
                    if prelude::is_expected(&content_type) {
                        log_unused_prelude(request);
                    }
                    encode_buffered(payload)
                })
            }
            (FunctionResponse::Failed(error), _) => Err(HeadError::Invocation(error)),
        };
        encoded.unwrap_or_else(|error| encode_error(error, request))
    }

    async fn encode_stream(
        self,
        content_type: &str,
        mut body: ResponseChunks,
    ) -> Result<Response<ResponseBody>, HeadError> {
        let (head, start) = if prelude::is_expected(content_type) {
            prelude::read_within(self.limits.max_prelude(), &mut body, HeadRules::FunctionUrl).await?
        } else {
            (HttpHead::with_content_type(content_type), Bytes::new())
        };
        // AWS documents no idle timeout for Function URLs.
        let body = StreamingBody::new(start, body, self.connection, None);
        let mut response = Response::new(boxed(body));
        *response.status_mut() = head.status;
        *response.headers_mut() = head.headers;
        Ok(response)
    }
}

/// Encodes a buffered response. A JSON object with a `statusCode` describes the HTTP response; any other payload is its
/// body.
fn encode_buffered(payload: Bytes) -> Result<Response<ResponseBody>, HeadError> {
    match prelude::decode_buffered(&payload, HeadRules::FunctionUrl)? {
        Some((head, body)) => Ok(buffered_response(head, body)),
        None => Ok(json_response(payload).map(boxed)),
    }
}

/// Returns a response with a complete body. Its content type is JSON if the head has none.
pub(crate) fn buffered_response(head: HttpHead, body: Bytes) -> Response<ResponseBody> {
    let mut response = json_response(body);
    *response.status_mut() = head.status;
    if head.headers.contains_key(CONTENT_TYPE) {
        response.headers_mut().remove(CONTENT_TYPE);
    }
    response.headers_mut().extend(head.headers);
    response.map(boxed)
}

/// Collects a streaming response, as Lambda does for callers that cannot read a stream.
async fn collect(mut body: ResponseChunks, limit: Option<usize>) -> Result<Bytes, HeadError> {
    let mut collected = BytesMut::new();
    while let Some(chunk) = body.next().await {
        collected.extend_from_slice(&chunk.map_err(HeadError::Invocation)?);
        if limit.is_some_and(|limit| collected.len() > limit) {
            let message = format!(
                "the response is larger than {MAX_BUFFERED_BYTES} bytes, Lambda's limit for a Function URL with the invoke \
                 mode BUFFERED: use `--invoke-mode response-stream` here and RESPONSE_STREAM on AWS"
            );
            log!(WARN, "{message}");
            let error = InvocationError::new("Function.ResponseSizeTooLarge", message);
            return Err(HeadError::Invocation(error));
        }
    }
    Ok(collected.freeze())
}

/// Explains, once, why the caller receives a prelude.
fn log_unused_prelude(request: &str) {
    static IS_LOGGED: AtomicBool = AtomicBool::new(false);
    if !IS_LOGGED.swap(true, Ordering::Relaxed) {
        log!(
            WARN,
            "{request}: the function streams an HTTP response, but the invoke mode of the Function URL is BUFFERED, so the \
             prelude is part of the body that the caller receives: use `--invoke-mode response-stream` here and \
             RESPONSE_STREAM on AWS"
        );
    }
}

fn encode_error(error: HeadError, request: &str) -> Response<ResponseBody> {
    let error = match error {
        HeadError::Invocation(error) => ErrorResponse::new(StatusCode::BAD_GATEWAY, &error.error_type, &error.message),
        HeadError::Invalid { status, message } => {
            log!(
                WARN,
                "{request}: invalid response, the caller gets status {}: {message}",
                status.as_u16()
            );
            ErrorResponse::new(status, "Runtime.InvalidResponse", &message)
        }
    };
    error.into_response().map(boxed)
}
