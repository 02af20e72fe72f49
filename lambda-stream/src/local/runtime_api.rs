//! The Lambda Runtime API (version 2018-06-01), as far as a function needs it to run: what it asks, what it answers.
//!
//! Behaves as Lambda's own server does: streamed responses are passed on as they come, errors in mid-stream are real
//! trailers, and a response without its zero chunk is a truncated one. Knows nothing of where events come from.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, TRAILER};
use http::{HeaderMap, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::Incoming;
use serde::Deserialize;
use serde_json::json;
use tokio::net::TcpListener;

use super::broker::{Answer, Broker, Failure, Refusal, Responder};
use super::identifiers::{self, RequestId};
use super::server;
use crate::logging;

const RESPONSE_MODE: &str = "lambda-runtime-function-response-mode";
const ERROR_TYPE: &str = "lambda-runtime-function-error-type";
const ERROR_BODY: &str = "lambda-runtime-function-error-body";

/// Lambda's caps on a response.
const BUFFERED_CAP: usize = 6 * 1024 * 1024;
const STREAMED_CAP: usize = 200 * 1024 * 1024;

/// The longest timeout that a function can have on Lambda. Nothing is stopped here when it is over.
const DEADLINE: Duration = Duration::from_secs(15 * 60);

/// Serves the function, without end.
pub(super) async fn serve(listener: TcpListener, broker: Arc<Broker>) {
    let function_arn: Arc<str> = identifiers::function_arn().into();
    let handler = move |request, _caller| {
        let (broker, function_arn) = (Arc::clone(&broker), Arc::clone(&function_arn));
        async move { route(request, &broker, &function_arn).await }
    };
    server::serve(listener, handler).await;
}

async fn route(request: Request<Incoming>, broker: &Broker, function_arn: &str) -> Response<Full<Bytes>> {
    let (parts, body) = request.into_parts();
    let path: Vec<&str> = match parts.uri.path().strip_prefix("/2018-06-01/runtime/") {
        Some(path) => path.split('/').collect(),
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
            let message = format!("the Runtime API has no {method} {}", parts.uri.path().escape_debug());
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
    let declared = |name: &str| {
        let lists = headers.get_all(TRAILER).iter();
        lists
            .flat_map(|list| list.as_bytes().split(|byte| *byte == b','))
            .any(|item| item.trim_ascii().eq_ignore_ascii_case(name.as_bytes()))
    };
    let trailer = |name| trailers.get(name).filter(|_| declared(name));
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
mod tests {
    use super::super::fake_runtime::{rest, send, served, until};
    use super::*;

    const GET: &[u8] = b"GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";

    fn parts(answer: &str) -> (&str, &str) {
        answer.split_once("\r\n\r\n").unwrap()
    }

    fn assert_refused(answer: &str, status: &str, error_type: &str) {
        let (head, body) = parts(answer);
        assert!(head.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
        let error: serde_json::Value = serde_json::from_str(body).unwrap();
        assert_eq!(error["errorType"], error_type, "{answer}");
        assert!(error["errorMessage"].is_string(), "{answer}");
    }

    #[test]
    fn a_poll_waits_for_an_event_and_gets_its_context() {
        let (function, url) = served();
        let poll = std::thread::spawn({
            let function = function.clone();
            move || function.poll()
        });
        let _caller = send(url, GET);
        let answer = poll.join().unwrap();
        let (head, event) = parts(&answer);
        let value = |name: &str| {
            let line = head.lines().find_map(|line| line.strip_prefix(name));
            line.unwrap_or_else(|| panic!("{name} in {head}"))
        };
        assert!(head.starts_with("HTTP/1.1 200 "));
        assert_eq!(value("content-type: "), "application/json");
        assert_eq!(value("lambda-runtime-aws-request-id: ").len(), 36);
        assert!(value("lambda-runtime-trace-id: ").starts_with("Root=1-"));
        let arn = value("lambda-runtime-invoked-function-arn: ");
        assert!(arn.starts_with("arn:aws:lambda:us-east-1:000000000000:function:"));
        let deadline: u64 = value("lambda-runtime-deadline-ms: ").parse().unwrap();
        let event: serde_json::Value = serde_json::from_str(event).unwrap();
        let asked = event["requestContext"]["timeEpoch"].as_u64().unwrap();
        assert!(deadline >= asked + 15 * 60 * 1000, "{deadline} {asked}");
        assert_eq!(
            event["requestContext"]["requestId"],
            value("lambda-runtime-aws-request-id: ")
        );
    }

    #[test]
    fn several_polls_wait_at_once_and_each_gets_one_event() {
        let (function, url) = served();
        let polls: Vec<_> = (0..3)
            .map(|_| {
                let function = function.clone();
                std::thread::spawn(move || function.next())
            })
            .collect();
        let _callers: Vec<_> = (0..3).map(|_| send(url, GET)).collect();
        let ids: std::collections::HashSet<String> = polls.into_iter().map(|poll| poll.join().unwrap()).collect();
        assert_eq!(ids.len(), 3);
    }

    #[test]
    fn a_poll_that_is_given_up_takes_no_event_with_it() {
        let (function, url) = served();
        let poll = b"GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nhost: a\r\n\r\n";
        let given_up = send(function.api(), poll);
        given_up.shutdown(std::net::Shutdown::Write).unwrap();
        // The server has closed its side, so it has dropped the poll.
        assert_eq!(rest(given_up), "");
        let _caller = send(url, GET);
        assert_eq!(function.next().len(), 36);
    }

    #[test]
    fn an_invocation_is_answered_once() {
        let (function, url) = served();
        let caller = send(url, GET);
        let id = function.next();
        let answer = function.post(&format!("invocation/{id}/response"), "", "1");
        assert!(answer.starts_with("HTTP/1.1 202 "), "{answer}");
        assert!(rest(caller).ends_with("\r\n\r\n1"));
        for path in ["response", "error"] {
            let again = function.post(&format!("invocation/{id}/{path}"), "", "{}");
            assert_refused(&again, "403", "InvalidStateTransition");
            let unknown = function.post(&format!("invocation/0{id}/{path}"), "", "{}");
            assert_refused(&unknown, "400", "InvalidRequestID");
        }
        let answer = function.stream(&id, "text/plain").end();
        assert_refused(&answer, "403", "InvalidStateTransition");
    }

    #[test]
    fn an_error_while_a_response_is_open_is_refused() {
        let (function, url) = served();
        let mut caller = send(url, GET);
        let id = function.next();
        let mut stream = function.stream(&id, "text/plain");
        stream.chunk("a");
        until(&mut caller, "1\r\na\r\n");
        let error = function.post(&format!("invocation/{id}/error"), "", "{}");
        assert_refused(&error, "403", "InvalidStateTransition");
        assert!(stream.end().starts_with("HTTP/1.1 202 "));
        assert_eq!(rest(caller), "0\r\n\r\n");
    }

    #[test]
    fn an_unknown_response_mode_fails_the_invocation() {
        let (function, url) = served();
        let caller = send(url, GET);
        let id = function.next();
        let mode = "lambda-runtime-function-response-mode: stream\r\n";
        let answer = function.post(&format!("invocation/{id}/response"), mode, "{}");
        assert_refused(&answer, "400", "InvalidFunctionResponseMode");
        let answer = rest(caller);
        assert_refused(&answer, "502", "Runtime.InvalidResponseModeHeader");
    }

    #[test]
    fn a_failed_start_fails_every_invocation_and_must_come_first() {
        let (function, url) = served();
        let error = r#"{"errorMessage":"no table","errorType":"Init"}"#;
        let header = "lambda-runtime-function-error-type: Function.Init\r\n";
        let answer = function.post("init/error", header, error);
        assert!(answer.starts_with("HTTP/1.1 202 "), "{answer}");
        let answer = rest(send(url, GET));
        assert_refused(&answer, "502", "Function.Init");
        assert!(answer.contains("no table"));

        let (function, url) = served();
        let _caller = send(url, GET);
        function.next();
        let answer = function.post("init/error", header, error);
        assert_refused(&answer, "403", "InvalidStateTransition");
    }

    #[test]
    fn a_buffered_response_past_the_cap_is_refused_and_fails() {
        let (function, url) = served();
        let caller = send(url, GET);
        let id = function.next();
        let body = "x".repeat(BUFFERED_CAP + 1);
        let answer = function.post(&format!("invocation/{id}/response"), "", &body);
        assert_refused(&answer, "413", "RequestEntityTooLarge");
        assert_refused(&rest(caller), "502", "Function.ResponseSizeTooLarge");
    }

    #[test]
    fn other_paths_and_methods_are_not_found() {
        let (function, _) = served();
        for path in ["invocation/next", "invocation/a/b/response", "restore/error", ""] {
            assert_refused(&function.post(path, "", ""), "404", "NotFound");
        }
    }

    #[test]
    fn only_declared_trailers_count() {
        let mut headers = HeaderMap::new();
        let mut trailers = HeaderMap::new();
        trailers.insert(ERROR_TYPE, "Function.A".parse().unwrap());
        trailers.insert(ERROR_BODY, STANDARD.encode("b").parse().unwrap());
        assert_eq!(trailing_failure(&headers, &trailers), None);

        headers.append(TRAILER, "X-Other".parse().unwrap());
        let declared = "x, Lambda-Runtime-Function-Error-Type".parse().unwrap();
        headers.append(TRAILER, declared);
        let failure = trailing_failure(&headers, &trailers).unwrap();
        assert_eq!(
            (failure.error_type.as_str(), failure.message.as_str()),
            ("Function.A", "")
        );

        headers.append(TRAILER, ERROR_BODY.parse().unwrap());
        let failure = trailing_failure(&headers, &trailers).unwrap();
        assert_eq!(failure.message, "b");
    }

    #[test]
    fn a_caller_that_hangs_up_does_not_stop_the_function() {
        let (function, url) = served();
        let mut caller = send(url, GET);
        let id = function.next();
        let mut stream = function.stream(&id, "text/plain");
        stream.chunk("first");
        until(&mut caller, "first\r\n");
        drop(caller);
        for _ in 0..256 {
            stream.chunk([b'x'; 64 * 1024]);
        }
        let answer = stream.end();
        assert!(answer.starts_with("HTTP/1.1 202 "), "{answer}");
    }
}
