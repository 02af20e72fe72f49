//! A function's answer as the HTTP response that a Function URL makes of it.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Response, StatusCode};
use http_body::Frame;
use http_body_util::{Either, Full};
use serde_json::{Value, json};

use super::broker::{Answer, AnswerBody};
use super::connection::Connection;
use super::prelude::{self, Head, HeadError};
use crate::logging;

/// Whole, or as it comes.
pub(super) type ResponseBody = Either<Full<Bytes>, StreamedBody>;

/// The response to the caller at the other end of `connection`.
pub(super) async fn response(answer: Answer, connection: Arc<Connection>) -> Response<ResponseBody> {
    let response = match answer {
        Answer::Buffered(payload) => buffered(payload),
        Answer::Streaming { content_type, body } => streaming(&content_type, body, connection).await,
        Answer::Failed(failure) => Err(HeadError::Failed(failure)),
    };
    response.unwrap_or_else(|error| match error {
        HeadError::Failed(failure) => error_response(StatusCode::BAD_GATEWAY, &failure.error_type, &failure.message),
        HeadError::Unusable { status, message } => {
            logging::line(&message);
            error_response(status, "Runtime.InvalidResponse", &message)
        }
    })
}

/// A JSON error, its type in a header too, as Lambda does.
pub(super) fn error_response(status: StatusCode, error_type: &str, message: &str) -> Response<ResponseBody> {
    let error = json!({ "errorType": error_type, "errorMessage": message });
    let mut response = json_response(error.to_string().into());
    *response.status_mut() = status;
    if let Ok(error_type) = HeaderValue::from_str(error_type) {
        response.headers_mut().insert("x-amzn-errortype", error_type);
    }
    response
}

fn json_response(json: Bytes) -> Response<ResponseBody> {
    let mut response = Response::new(Either::Left(Full::new(json)));
    let content_type = HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, content_type);
    response
}

/// An object with a `statusCode` is the response itself, anything else its body.
fn buffered(payload: Bytes) -> Result<Response<ResponseBody>, HeadError> {
    let answer = match serde_json::from_slice::<Value>(&payload) {
        Ok(answer) if answer.get("statusCode").is_some() => answer,
        _ => return Ok(json_response(payload)),
    };
    let Head { status, headers } = prelude::of_buffered(&answer)?;
    let body = match &answer["body"] {
        Value::Null => Bytes::new(),
        Value::String(body) if answer["isBase64Encoded"] == true => match STANDARD.decode(body) {
            Ok(body) => body.into(),
            Err(error) => {
                return Err(HeadError::bad_gateway(format!(
                    "`isBase64Encoded` is true, and `body` is not base64: {error}"
                )));
            }
        },
        Value::String(body) => body.clone().into(),
        _ => {
            return Err(HeadError::bad_gateway(
                "`body` is not a string: write the JSON into one",
            ));
        }
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
    Ok(response)
}

async fn streaming(
    content_type: &str,
    mut body: AnswerBody,
    connection: Arc<Connection>,
) -> Result<Response<ResponseBody>, HeadError> {
    let (head, first) = if prelude::leads(content_type) {
        prelude::read(&mut body).await?
    } else {
        (Head::of_type(content_type), Bytes::new())
    };
    let mut response = Response::new(Either::Right(StreamedBody {
        first,
        rest: body,
        connection,
        failed: false,
    }));
    *response.status_mut() = head.status;
    *response.headers_mut() = head.headers;
    Ok(response)
}

/// A body in pieces as the function sends them. Where it fails, the connection is cut instead of ended.
pub(super) struct StreamedBody {
    first: Bytes,
    rest: AnswerBody,
    connection: Arc<Connection>,
    failed: bool,
}

impl http_body::Body for StreamedBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if !self.first.is_empty() {
            let first = std::mem::take(&mut self.first);
            return Poll::Ready(Some(Ok(Frame::data(first))));
        }
        if self.failed {
            return Poll::Pending;
        }
        match ready!(self.rest.poll_next(context)) {
            Some(Ok(piece)) => Poll::Ready(Some(Ok(Frame::data(piece)))),
            None => Poll::Ready(None),
            Some(Err(_)) => {
                self.failed = true;
                self.connection.cut();
                // hyper flushes again only when it is polled again, unless something is left to write.
                context.waker().wake_by_ref();
                Poll::Pending
            }
        }
    }
}
