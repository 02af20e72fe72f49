//! The strict mock, called by a runtime that is a raw socket.

mod fault_injection;

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use super::*;
use crate::http::BodyEnd;

const NEXT: &str = "GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: lambda\r\n\r\n";
const CHUNKED: &str = "Transfer-Encoding: chunked\r\n\
    Lambda-Runtime-Function-Response-Mode: streaming\r\n\
    Trailer: Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body\r\n";
const ACCEPTED: &str = "HTTP/1.1 202 Accepted\r\nContent-Type: application/json\r\n\
    Content-Length: 15\r\n\r\n{\"status\":\"OK\"}";

/// A connection of the runtime.
struct Runtime(TcpStream);

impl Runtime {
    fn connect(lambda: &MockRuntimeApi) -> Self {
        let stream = TcpStream::connect(lambda.address()).expect("a connection");
        stream.set_nodelay(true).expect("TCP_NODELAY");
        stream
            .set_read_timeout(Some(Duration::from_secs(20)))
            .expect("a read timeout");
        Self(stream)
    }

    fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.0.write_all(bytes.as_ref()).expect("a writable socket");
    }

    /// Reads this many bytes and compares them.
    #[track_caller]
    fn expect(&mut self, expected: &str) {
        let mut bytes = vec![0; expected.len()];
        self.0.read_exact(&mut bytes).expect("a response");
        assert_eq!(String::from_utf8_lossy(&bytes), expected);
    }

    /// Calls `next` and reads up to the end of the event's body.
    fn next(&mut self, body_end: &str) -> String {
        self.send(NEXT);
        let mut bytes = Vec::new();
        while !bytes.ends_with(body_end.as_bytes()) {
            let mut byte = [0];
            self.0.read_exact(&mut byte).expect("an event");
            bytes.push(byte[0]);
        }
        String::from_utf8(bytes).expect("UTF-8")
    }
}

fn post(call: &str, headers: &str, body: &str) -> String {
    format!("POST /2018-06-01/runtime/{call} HTTP/1.1\r\nHost: lambda\r\n{headers}\r\n{body}")
}

fn response(body: &str) -> String {
    post("invocation/one/response", CHUNKED, body)
}

fn event() -> Event {
    Event::json("{}").request_id("one")
}

/// Starts a mock and delivers an event to a runtime.
fn delivered(event: Event) -> (MockRuntimeApi, PendingInvocation, Runtime) {
    let lambda = MockRuntimeApi::start();
    let pending = lambda.queue(event);
    let mut runtime = Runtime::connect(&lambda);
    runtime.next("{}");
    (lambda, pending, runtime)
}

#[test]
fn event_and_response_are_recorded_byte_for_byte() {
    let lambda = MockRuntimeApi::start();
    let event = event()
        .without_header("Lambda-Runtime-Deadline-Ms")
        .header("Lambda-Runtime-Trace-Id", "trace")
        .header("Lambda-Runtime-Invoked-Function-Arn", "arn");
    let pending = lambda.queue(event);
    let mut runtime = Runtime::connect(&lambda);
    assert_eq!(
        runtime.next("{}"),
        "HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: one\r\nLambda-Runtime-Trace-Id: trace\r\n\
         Lambda-Runtime-Invoked-Function-Arn: arn\r\nContent-Type: application/json\r\n\
         Content-Length: 2\r\n\r\n{}"
    );
    let sent = response("2\r\n{}\r\n8\r\n\0\0\0\0\0\0\0\0\r\n3\r\nhey\r\n0\r\n\r\n");
    runtime.send(&sent);
    runtime.expect(ACCEPTED);
    runtime.send(NEXT);
    lambda.wait_for_next();

    let recorded = pending.wait();
    assert_eq!(recorded.kind(), ResponseKind::Response);
    assert_eq!(recorded.path(), "/2018-06-01/runtime/invocation/one/response");
    assert_eq!(recorded.raw(), sent.as_bytes());
    assert_eq!(
        recorded.header("lambda-runtime-function-response-mode"),
        Some("streaming")
    );
    assert_eq!(recorded.content_type(), None);
    assert_eq!(recorded.body(), b"{}\0\0\0\0\0\0\0\0hey");
    assert_eq!(recorded.prelude(), (serde_json::json!({}), b"hey".as_slice()));
    let chunks: Vec<_> = recorded.chunks().into_iter().map(|chunk| chunk.bytes).collect();
    assert_eq!(chunks, [b"{}".as_slice(), &[0; 8], b"hey"]);
    assert_eq!(recorded.reads()[0].bytes, sent.as_bytes());
    assert_eq!(recorded.body_end(), BodyEnd::LastChunk);
    assert_eq!(recorded.status(), Some(202));
    assert!(!recorded.failed());

    assert_eq!(lambda.calls(), ["next", "response", "next"]);
    assert_eq!(lambda.connections(), 1);
    let requests = lambda.requests();
    assert_eq!(requests[1].status, Some(202));
    assert!(requests[1].responded_at <= Some(requests[2].at));
    assert_eq!(requests[2].responded_at, None);
}

#[test]
fn response_is_observed_while_it_arrives() {
    let (_lambda, pending, mut runtime) = delivered(event());
    runtime.send(response(""));
    runtime.send("3\r\none\r\n");
    assert_eq!(pending.first_bytes(), b"one");
    let between = Instant::now();
    runtime.send("3\r\nt");
    assert_eq!(pending.wait_for_body(|body| body.len() > 3), b"onet");
    runtime.send("wo\r\n0\r\n\r\n");
    runtime.expect(ACCEPTED);
    let recorded = pending.wait();
    let chunks = recorded.chunks();
    assert!(chunks[0].at <= between && between <= chunks[1].at);
    assert!(recorded.reads().len() >= 3);
    assert!(recorded.time_to_first_byte() <= between - pending.wait_for_delivery());
}

#[test]
fn error_is_parsed_from_trailers_and_post() {
    let json = r#"{"errorType":"T","errorMessage":"M","stackTrace":["a","b"]}"#;
    let expected = FunctionError {
        error_type: "T".into(),
        message: "M".into(),
        stack_trace: vec!["a".into(), "b".into()],
        header_type: "Function.T".into(),
    };

    let (_lambda, pending, mut runtime) = delivered(event());
    let base64 = "eyJlcnJvclR5cGUiOiJUIiwiZXJyb3JNZXNzYWdlIjoiTSIsInN0YWNrVHJhY2UiOlsiYSIsImIiXX0=";
    runtime.send(response(&format!(
        "4\r\npart\r\n0\r\nlambda-runtime-function-error-type: Function.T\r\n\
         lambda-runtime-function-error-body: {base64}\r\n\r\n"
    )));
    runtime.expect(ACCEPTED);
    let recorded = pending.wait();
    assert_eq!(recorded.error(), expected);
    assert_eq!((recorded.text(), recorded.body_end()), ("part", BodyEnd::LastChunk));
    assert_eq!(
        recorded.trailers(),
        [
            ("lambda-runtime-function-error-type".into(), "Function.T".into()),
            ("lambda-runtime-function-error-body".into(), base64.into()),
        ]
    );
    assert!(recorded.failed());

    let (lambda, pending, mut runtime) = delivered(event());
    let header = format!(
        "Lambda-Runtime-Function-Error-Type: Function.T\r\nContent-Length: {}\r\n",
        json.len()
    );
    runtime.send(post("invocation/one/error", &header, json));
    runtime.expect(ACCEPTED);
    let recorded = pending.wait();
    assert_eq!(recorded.error(), expected);
    assert_eq!(
        (recorded.kind(), recorded.body_end()),
        (ResponseKind::Error, BodyEnd::ContentLength)
    );
    runtime.send(post("init/error", &header, json));
    runtime.expect(ACCEPTED);
    assert_eq!(lambda.wait_for_init_error().error(), expected);
    assert_eq!(lambda.calls(), ["next", "error", "init/error"]);
}

#[test]
#[should_panic(expected = "expected one Lambda-Runtime-Function-Error-Type, not 0")]
fn trailer_text_in_the_body_is_not_an_error() {
    let (_lambda, pending, mut runtime) = delivered(event());
    let text = "Lambda-Runtime-Function-Error-Type: Function.T\r\n";
    let size = text.len();
    runtime.send(response(&format!("{size:x}\r\n{text}\r\n0\r\n\r\n")));
    runtime.expect(ACCEPTED);
    let recorded = pending.wait();
    assert!(recorded.trailers().is_empty() && !recorded.failed());
    recorded.error();
}

#[test]
fn closed_connection_ends_the_invocation() {
    let (lambda, pending, mut runtime) = delivered(event());
    runtime.send(response("3\r\none\r\n3\r\ntw"));
    drop(runtime);
    let recorded = pending.wait();
    assert_eq!(
        (recorded.body(), recorded.body_end()),
        (&b"onetw"[..], BodyEnd::Truncated)
    );
    assert_eq!((recorded.status(), recorded.chunks().len()), (None, 1));
    assert_eq!(lambda.requests()[1].responded_at, None);
}

#[test]
fn rejection_is_sent_after_or_within_the_body() {
    let rejection = "HTTP/1.1 413 Request Entity Too Large\r\nContent-Type: application/json\r\n\
        Content-Length: 60\r\n\r\n{\"errorMessage\":\"no\",\"errorType\":\"RequestEntityTooLargeFor\"}";
    let error_type = "RequestEntityTooLargeFor";

    let (_lambda, pending, mut runtime) = delivered(event().rejected(413, error_type, "no"));
    runtime.send(response("3\r\none\r\n"));
    pending.first_bytes();
    runtime.send("0\r\n\r\n");
    runtime.expect(rejection);
    assert_eq!(pending.wait().status(), Some(413));

    let (lambda, pending, mut runtime) = delivered(event().rejected_early(3, 413, error_type, "no"));
    runtime.send(response("2\r\non\r\n"));
    pending.first_bytes();
    assert_eq!(lambda.requests()[1].status, None);
    runtime.send("1\r\ne\r\n");
    runtime.expect(rejection);
    // hyper sends the rest of the body and the next request in one write.
    runtime.send(format!("4\r\nmore\r\n0\r\n\r\n{NEXT}"));
    lambda.wait_for_next();
    let recorded = pending.wait();
    assert_eq!((recorded.text(), recorded.body_end()), ("onemore", BodyEnd::LastChunk));
}

#[test]
fn delayed_acceptance_is_delayed() {
    let delay = Duration::from_millis(50);
    let (lambda, pending, mut runtime) = delivered(event().accepted_after(delay));
    runtime.send(response("0\r\n\r\n"));
    runtime.expect(ACCEPTED);
    assert_eq!(pending.wait().status(), Some(202));
    let response = &lambda.requests()[1];
    assert!(response.responded_at.expect("a response") - response.at >= delay);
}

#[test]
fn slow_reception_limits_the_rate() {
    let begun = Instant::now();
    let (_lambda, pending, mut runtime) = delivered(event().read_slowly(2_000));
    let body = "x".repeat(600);
    runtime.send(response(&format!("258\r\n{body}\r\n0\r\n\r\n")));
    runtime.expect(ACCEPTED);
    assert_eq!(pending.wait().text(), body);
    // The sleeps of the script are a lower bound on any machine.
    assert!(begun.elapsed() >= Duration::from_millis(300));
}

#[test]
fn next_responses_are_sent_in_order() {
    let lambda = MockRuntimeApi::start();
    lambda.respond_to_next(204, "");
    lambda.respond_to_next(500, "{}");
    let pending = lambda.queue(event());
    lambda.close_next();
    let mut runtime = Runtime::connect(&lambda);
    runtime.send(NEXT);
    runtime.expect("HTTP/1.1 204 No Content\r\n\r\n");
    runtime.send(NEXT);
    runtime
        .expect("HTTP/1.1 500 Internal Server Error\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}");
    runtime.next("{}");
    runtime.send(response("0\r\n\r\n"));
    runtime.expect(ACCEPTED);
    assert_eq!(pending.wait().body(), b"");
    runtime.send(NEXT);
    assert_eq!(runtime.0.read(&mut [0]).expect("the end of the connection"), 0);
    assert_eq!(lambda.requests()[4].responded_at, None);
}

#[test]
fn closed_connection_receives_no_event() {
    let lambda = MockRuntimeApi::start();
    let mut first = Runtime::connect(&lambda);
    first.send(NEXT);
    lambda.wait_for_next();
    drop(first);
    lambda.state.wait_until_open(0);
    let mut second = Runtime::connect(&lambda);
    let mut third = Runtime::connect(&lambda);
    second.send(NEXT);
    third.send(NEXT);
    lambda.wait_for_next_calls(2);
    let pending = [lambda.queue(event()), lambda.queue(event().request_id("two"))];
    for runtime in [&mut second, &mut third] {
        runtime.expect("HTTP/1.1 200 OK\r\n");
    }
    assert!(pending[0].wait_for_delivery() <= pending[1].wait_for_delivery());
    assert_eq!(lambda.connections(), 3);
}

#[test]
fn call_out_of_order_is_a_violation() {
    let (lambda, pending, mut runtime) = delivered(event());
    runtime.send(post("invocation/other/response", CHUNKED, "0\r\n\r\n"));
    runtime.expect("HTTP/1.1 400 Bad Request\r\n");
    assert!(
        lambda
            .wait_for_violation()
            .starts_with("no invocation with the request id other")
    );
    lambda.queue(event().request_id("queued"));
    runtime.send(post("invocation/queued/response", CHUNKED, "0\r\n\r\n"));
    assert!(
        lambda
            .wait_for_violation()
            .starts_with("no invocation with the request id queued")
    );

    let mut runtime = Runtime::connect(&lambda);
    runtime.send(response("3\r\none\r\n"));
    pending.first_bytes();
    let mut second = Runtime::connect(&lambda);
    second.send(post("invocation/one/error", "Content-Length: 2\r\n", "{}"));
    second.expect("HTTP/1.1 403 Forbidden\r\n");
    assert!(lambda.wait_for_violation().contains("already has a response"));
    runtime.send("0\r\n\r\n");
    runtime.expect(ACCEPTED);
    assert_eq!(pending.wait().text(), "one");

    second = Runtime::connect(&lambda);
    second.send(post("invocation/one", "", ""));
    second.expect("HTTP/1.1 404 Not Found\r\n");
    assert!(
        lambda
            .wait_for_violation()
            .starts_with("unknown call: POST /2018-06-01/runtime/invocation/one")
    );
}

#[test]
fn request_that_lambda_drops_or_rejects_is_a_violation() {
    let (lambda, _pending, mut runtime) = delivered(event());
    runtime.send(response("0\r\nOther: value\r\n\r\n"));
    assert!(
        lambda
            .wait_for_violation()
            .starts_with("the trailer Other was not declared")
    );

    let (lambda, _pending, mut runtime) = delivered(event());
    let mode = "Lambda-Runtime-Function-Response-Mode: buffered\r\n";
    runtime.send(post("invocation/one/response", mode, ""));
    assert!(lambda.wait_for_violation().starts_with("unknown response mode"));

    let (lambda, _pending, mut runtime) = delivered(event());
    runtime.send(response(&format!("0\r\n\r\n{NEXT}")));
    assert!(
        lambda
            .wait_for_violation()
            .starts_with("bytes after the end of the request, before its response")
    );

    let lambda = MockRuntimeApi::start();
    let mut runtime = Runtime::connect(&lambda);
    runtime.send(NEXT);
    lambda.wait_for_next();
    runtime.send(NEXT);
    assert!(
        lambda
            .wait_for_violation()
            .starts_with("more bytes on the connection of a waiting")
    );
}

#[test]
#[should_panic(expected = "protocol violation while waiting for the end of the invocation\n\
    VIOLATION: invalid chunk size: \"hello\"")]
fn violation_ends_a_wait_with_a_summary() {
    let (_lambda, pending, mut runtime) = delivered(event());
    runtime.send(response("hello"));
    pending.wait();
}

#[test]
#[should_panic(expected = "VIOLATION: the connection ended within a request head")]
fn unreported_violation_panics_on_drop() {
    let lambda = MockRuntimeApi::start();
    let mut runtime = Runtime::connect(&lambda);
    runtime.send(&NEXT[..20]);
    drop(runtime);
    lambda.state.wait_until_open(0);
}

#[test]
fn drop_closes_idle_connections() {
    let lambda = MockRuntimeApi::start();
    let mut runtime = Runtime::connect(&lambda);
    runtime.send(NEXT);
    lambda.wait_for_next();
    drop(lambda);
    assert_eq!(runtime.0.read(&mut [0]).expect("the end of the connection"), 0);
}
