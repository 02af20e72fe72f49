//! The Lambda Runtime API (version 2018-06-01), as far as a function needs it to run: what it asks, what it answers.
//!
//! Behaves as Lambda's own server does: streamed responses are passed on as they come, errors in mid-stream are real
//! trailers, and a response without its zero chunk is a truncated one. Knows nothing of where events come from.
//!
//! It is there for one client, the function in the same process, and any other program or page of the machine can find its
//! port. So it answers only under a path that is a secret, which the function's `AWS_LAMBDA_RUNTIME_API` has behind the port.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, TRAILER};
use http::{HeaderMap, HeaderName, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::Incoming;
use serde::Deserialize;
use serde_json::json;
use tokio::net::TcpListener;

use super::broker::{Answer, Broker, Failure, Refusal, Responder};
use super::closing::Closing;
use super::identifiers::{self, RequestId};
use super::server::{self, Caller, Callers};
use crate::logging;
use crate::protocol::{ERROR_BODY, ERROR_TYPE, RESPONSE_MODE};

/// Lambda's caps on a response.
const BUFFERED_CAP: usize = 6 * 1024 * 1024;
const STREAMED_CAP: usize = 200 * 1024 * 1024;

/// The longest timeout that a function can have on Lambda. Nothing is stopped here when it is over.
const DEADLINE: Duration = Duration::from_secs(15 * 60);

/// Serves the function, which knows the `secret`, without end.
pub(super) async fn serve(listener: TcpListener, secret: String, broker: Arc<Broker>) {
    let prefix: Arc<str> = format!("/{secret}/").into();
    let function_arn: Arc<str> = identifiers::function_arn().into();
    let handler = move |request: Request<Incoming>, caller: Caller| {
        let (broker, function_arn) = (Arc::clone(&broker), Arc::clone(&function_arn));
        let is_function = request.uri().path().starts_with(&*prefix);
        if is_function {
            caller.connection.trust();
        }
        async move {
            match is_function {
                true => route(request, &broker, &function_arn).await,
                false => stranger(request.into_body()),
            }
        }
    };
    server::serve(listener, Callers::Function, handler, Closing::never()).await;
}

fn stranger(body: Incoming) -> Response<Full<Bytes>> {
    server::discard(body);
    let message = "this port is for the function alone: call the one at which it says that it serves";
    error_response(StatusCode::FORBIDDEN, "AccessDeniedException", message)
}

async fn route(request: Request<Incoming>, broker: &Broker, function_arn: &str) -> Response<Full<Bytes>> {
    let (parts, body) = request.into_parts();
    // What is before it is the secret.
    let path: Vec<&str> = match parts.uri.path().split_once("/2018-06-01/runtime/") {
        Some((_, path)) => path.split('/').collect(),
        None => Vec::new(),
    };
    match (&parts.method, path.as_slice()) {
        (&Method::GET, ["invocation", "next"]) => {
            let (id, event) = broker.next().await;
            next(&id, event, function_arn)
        }
        (&Method::POST, ["invocation", id, "response"]) => match broker.claim(id) {
            Ok(responder) => response(&parts.headers, body, responder, broker).await,
            Err(refusal) => refused(body, refusal),
        },
        (&Method::POST, ["invocation", id, "error"]) => match broker.claim(id) {
            Ok(responder) => {
                let failure = read_failure(&parts.headers, body).await;
                broker.settle_at_next_poll(responder.reply(Answer::Failed(failure)));
                accepted()
            }
            Err(refusal) => refused(body, refusal),
        },
        (&Method::POST, ["init", "error"]) => {
            let failure = read_failure(&parts.headers, body).await;
            match broker.fail_init(failure) {
                Ok(()) => accepted(),
                Err(refusal) => refusal_response(refusal),
            }
        }
        (method, _) => {
            let message = format!("the Runtime API has no {method} {}", path.join("/").escape_debug());
            server::discard(body);
            error_response(StatusCode::NOT_FOUND, "NotFound", &message)
        }
    }
}

/// The answer to a poll.
fn next(id: &RequestId, event: Bytes, function_arn: &str) -> Response<Full<Bytes>> {
    let deadline = identifiers::milliseconds(SystemTime::now() + DEADLINE);
    Response::builder()
        .header(CONTENT_TYPE, "application/json")
        .header("lambda-runtime-aws-request-id", id.as_str())
        .header("lambda-runtime-deadline-ms", deadline)
        .header("lambda-runtime-invoked-function-arn", function_arn)
        .header("lambda-runtime-trace-id", identifiers::trace_id())
        .body(Full::new(event))
        .unwrap_or_else(|error| {
            let status = StatusCode::INTERNAL_SERVER_ERROR;
            error_response(status, "InternalServerError", &error.to_string())
        })
}

/// Takes in a response, buffered or streaming.
async fn response(headers: &HeaderMap, body: Incoming, responder: Responder, broker: &Broker) -> Response<Full<Bytes>> {
    match headers.get(RESPONSE_MODE).map(|mode| mode.as_bytes()) {
        None => buffered(body, responder, broker).await,
        Some(b"streaming") => streaming(headers, body, responder, broker).await,
        Some(mode) => {
            let message = format!(
                "the response mode is `streaming` or left out, not `{}`",
                mode.escape_ascii()
            );
            let failure = Failure {
                error_type: "Runtime.InvalidResponseModeHeader".to_owned(),
                message: message.clone(),
            };
            broker.settle_at_next_poll(responder.reply(Answer::Failed(failure)));
            server::discard(body);
            let status = StatusCode::BAD_REQUEST;
            error_response(status, "InvalidFunctionResponseMode", &message)
        }
    }
}

async fn buffered(mut body: Incoming, responder: Responder, broker: &Broker) -> Response<Full<Bytes>> {
    let (answer, response) = match Limited::new(&mut body, BUFFERED_CAP).collect().await {
        Ok(payload) => (Answer::Buffered(payload.to_bytes()), accepted()),
        Err(error) if error.is::<LengthLimitError>() => {
            server::discard(body);
            let (failure, response) = too_large(BUFFERED_CAP);
            (Answer::Failed(failure), response)
        }
        Err(_) => {
            let (failure, response) = truncated();
            (Answer::Failed(failure), response)
        }
    };
    broker.settle_at_next_poll(responder.reply(answer));
    response
}

async fn streaming(
    headers: &HeaderMap,
    mut body: Incoming,
    responder: Responder,
    broker: &Broker,
) -> Response<Full<Bytes>> {
    let content_type = match headers.get(CONTENT_TYPE) {
        Some(value) => String::from_utf8_lossy(value.as_bytes()).into_owned(),
        None => "application/octet-stream".to_owned(),
    };
    let (stream, unsettled) = responder.stream(content_type);
    let mut length = 0;
    let mut trailers = HeaderMap::new();
    let response = loop {
        match body.frame().await {
            Some(Ok(frame)) => match frame.into_data() {
                Ok(data) => {
                    length += data.len();
                    if length > STREAMED_CAP {
                        server::discard(body);
                        let (failure, response) = too_large(STREAMED_CAP);
                        stream.fail(failure).await;
                        break response;
                    }
                    stream.data(data).await;
                }
                Err(frame) => trailers = frame.into_trailers().unwrap_or_default(),
            },
            Some(Err(_)) => {
                let (failure, response) = truncated();
                stream.fail(failure).await;
                break response;
            }
            None => {
                match trailing_failure(headers, &trailers) {
                    Some(failure) => stream.fail(failure).await,
                    None => stream.end().await,
                }
                break accepted();
            }
        }
    };
    broker.settle_at_next_poll(unsettled);
    response
}

/// The error in the trailers, of which only those that the `Trailer` header declared count, as on Lambda.
fn trailing_failure(headers: &HeaderMap, trailers: &HeaderMap) -> Option<Failure> {
    let declared = |name: &HeaderName| {
        let lists = headers.get_all(TRAILER).iter();
        lists
            .flat_map(|list| list.as_bytes().split(|byte| *byte == b','))
            .any(|item| item.trim_ascii().eq_ignore_ascii_case(name.as_str().as_bytes()))
    };
    let trailer = |name: HeaderName| trailers.get(&name).filter(|_| declared(&name));
    let error_type = trailer(ERROR_TYPE)?;
    let error = match trailer(ERROR_BODY) {
        Some(body) => STANDARD.decode(body.as_bytes()).unwrap_or_default(),
        None => Vec::new(),
    };
    Some(failure(Some(error_type.as_bytes()), &error))
}

/// What a POST to an `error` path says.
async fn read_failure(headers: &HeaderMap, mut body: Incoming) -> Failure {
    let error = match Limited::new(&mut body, BUFFERED_CAP).collect().await {
        Ok(error) => error.to_bytes(),
        // The failure counts, whatever became of its description.
        Err(_) => {
            server::discard(body);
            Bytes::new()
        }
    };
    failure(headers.get(ERROR_TYPE).map(|value| value.as_bytes()), &error)
}

/// The header's error type counts before the one in the error's JSON.
fn failure(error_type: Option<&[u8]>, error: &[u8]) -> Failure {
    #[derive(Default, Deserialize)]
    #[serde(rename_all = "camelCase", default)]
    struct Description {
        error_type: Option<String>,
        error_message: Option<String>,
    }
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    let description: Description = serde_json::from_slice(error).unwrap_or_else(|_| Description {
        error_message: Some(text(error)),
        ..Description::default()
    });
    Failure {
        error_type: error_type
            .map(text)
            .or(description.error_type)
            .unwrap_or_else(|| "Runtime.Unknown".to_owned()),
        message: description.error_message.unwrap_or_default(),
    }
}

/// The function cannot know of it, so the user is told here.
fn truncated() -> (Failure, Response<Full<Bytes>>) {
    let failure = Failure::truncated();
    logging::line(format_args!("{}: {}", failure.error_type, failure.message));
    let status = StatusCode::BAD_REQUEST;
    let response = error_response(status, "TruncatedHTTPRequest", &failure.message);
    (failure, response)
}

fn too_large(cap: usize) -> (Failure, Response<Full<Bytes>>) {
    let message = format!("the response is larger than {cap} bytes, the most that Lambda takes");
    let status = StatusCode::PAYLOAD_TOO_LARGE;
    let response = error_response(status, "RequestEntityTooLarge", &message);
    let failure = Failure {
        error_type: "Function.ResponseSizeTooLarge".to_owned(),
        message,
    };
    (failure, response)
}

fn accepted() -> Response<Full<Bytes>> {
    json_response(StatusCode::ACCEPTED, &json!({ "status": "OK" }))
}

fn refused(body: Incoming, refusal: Refusal) -> Response<Full<Bytes>> {
    server::discard(body);
    refusal_response(refusal)
}

fn refusal_response(refusal: Refusal) -> Response<Full<Bytes>> {
    match refusal {
        Refusal::UnknownId => error_response(
            StatusCode::BAD_REQUEST,
            "InvalidRequestID",
            "no invocation of this id is running",
        ),
        Refusal::OutOfOrder => error_response(
            StatusCode::FORBIDDEN,
            "InvalidStateTransition",
            "the invocation is answered already, or the function has already started",
        ),
    }
}

fn error_response(status: StatusCode, error_type: &str, message: &str) -> Response<Full<Bytes>> {
    let error = json!({ "errorType": error_type, "errorMessage": message });
    json_response(status, &error)
}

fn json_response(status: StatusCode, json: &serde_json::Value) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::from(json.to_string()));
    *response.status_mut() = status;
    let content_type = http::HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, content_type);
    response
}

#[cfg(test)]
mod tests;
