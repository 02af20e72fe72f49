//! Encodes the response of a function as the HTTP response of a Function URL.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{Response, StatusCode};
use http_body::Frame;

use super::super::broker::response::{FunctionResponse, ResponseChunks};
use super::super::server::body::{ResponseBody, boxed};
use super::super::server::connection::ConnectionState;
use super::super::server::rejection::{ErrorResponse, json_response};
use super::prelude::{self, HeadError, HeadRules, HttpHead};

/// Returns the HTTP response for the client of `connection`.
pub(super) async fn encode(response: FunctionResponse, connection: Arc<ConnectionState>) -> Response<ResponseBody> {
    let encoded = match response {
        FunctionResponse::Buffered(payload) => encode_buffered(payload),
        FunctionResponse::Streaming { content_type, body } => encode_stream(&content_type, body, connection).await,
        FunctionResponse::Failed(error) => Err(HeadError::Invocation(error)),
    };
    encoded.unwrap_or_else(|error| {
        let error = match error {
            HeadError::Invocation(error) => {
                ErrorResponse::new(StatusCode::BAD_GATEWAY, &error.error_type, &error.message)
            }
            HeadError::Invalid { status, message } => {
                log!(WARN, "{message}");
                ErrorResponse::new(status, "Runtime.InvalidResponse", &message)
            }
        };
        error.into_response().map(boxed)
    })
}

/// Encodes a buffered response. A JSON object with a `statusCode` describes the HTTP response; any other payload is its
/// body.
fn encode_buffered(payload: Bytes) -> Result<Response<ResponseBody>, HeadError> {
    let Some((HttpHead { status, headers }, body)) = prelude::decode_buffered(&payload, HeadRules::FunctionUrl)? else {
        return Ok(json_response(payload).map(boxed));
    };
    let mut response = json_response(body);
    *response.status_mut() = status;
    for (name, value) in &headers {
        if name == CONTENT_TYPE {
            response.headers_mut().insert(name, value.clone());
        } else {
            response.headers_mut().append(name, value.clone());
        }
    }
    Ok(response.map(boxed))
}

async fn encode_stream(
    content_type: &str,
    mut body: ResponseChunks,
    connection: Arc<ConnectionState>,
) -> Result<Response<ResponseBody>, HeadError> {
    let (head, body_start) = if prelude::is_expected(content_type) {
        prelude::read(&mut body, HeadRules::FunctionUrl).await?
    } else {
        (HttpHead::with_content_type(content_type), Bytes::new())
    };
    let mut response = Response::new(boxed(StreamingBody {
        start: body_start,
        rest: body,
        connection,
        has_failed: false,
    }));
    *response.status_mut() = head.status;
    *response.headers_mut() = head.headers;
    Ok(response)
}

/// The body of a streaming response. If the function fails, the body aborts the connection after the last chunk, so
/// that the client sees an incomplete response.
pub(super) struct StreamingBody {
    /// The part of the body that arrived with the prelude.
    start: Bytes,
    rest: ResponseChunks,
    connection: Arc<ConnectionState>,
    has_failed: bool,
}

impl http_body::Body for StreamingBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if !self.start.is_empty() {
            let start = std::mem::take(&mut self.start);
            return Poll::Ready(Some(Ok(Frame::data(start))));
        }
        if self.has_failed {
            return Poll::Pending;
        }
        match ready!(self.rest.poll_next(context)) {
            Some(Ok(chunk)) => Poll::Ready(Some(Ok(Frame::data(chunk)))),
            None => Poll::Ready(None),
            Some(Err(_)) => {
                self.has_failed = true;
                self.connection.abort_on_flush();
                // If nothing is left to write, hyper flushes the socket only when it is polled again.
                context.waker().wake_by_ref();
                Poll::Pending
            }
        }
    }
}
