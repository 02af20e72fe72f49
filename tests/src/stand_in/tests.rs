//! The stand-in against a runtime that is a bare socket.

mod misbehaviour;

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use super::*;
use crate::answer::FunctionError;
use crate::wire::Ending;

const NEXT: &str = "GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: lambda\r\n\r\n";
const CHUNKED: &str = "Transfer-Encoding: chunked\r\n\
    Lambda-Runtime-Function-Response-Mode: streaming\r\n\
    Trailer: Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body\r\n";
const ACCEPTED: &str = "HTTP/1.1 202 Accepted\r\nContent-Type: application/json\r\n\
    Content-Length: 15\r\n\r\n{\"status\":\"OK\"}";

/// A connection of the runtime.
struct Runtime(TcpStream);

impl Runtime {
    fn of(lambda: &StandIn) -> Self {
        let stream = TcpStream::connect(lambda.address()).expect("a connection");
        stream.set_nodelay(true).expect("no delay");
        stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a bound");
        Self(stream)
    }

    fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.0.write_all(bytes.as_ref()).expect("written");
    }

    /// Reads exactly this.
    #[track_caller]
    fn expect(&mut self, answer: &str) {
        let mut bytes = vec![0; answer.len()];
        self.0.read_exact(&mut bytes).expect("an answer");
        assert_eq!(String::from_utf8_lossy(&bytes), answer);
    }

    /// Asks for an event and reads to the end of its body.
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

/// A stand-in with an event under way and the runtime that has it.
fn under_way(event: Event) -> (StandIn, Pending, Runtime) {
    let lambda = StandIn::start();
    let pending = lambda.queue(event);
    let mut runtime = Runtime::of(&lambda);
    runtime.next("{}");
    (lambda, pending, runtime)
}

#[test]
fn an_event_goes_out_with_its_headers_and_an_answer_comes_back_byte_for_byte() {
    let lambda = StandIn::start();
    let event = event()
        .without("Lambda-Runtime-Deadline-Ms")
        .header("Lambda-Runtime-Trace-Id", "trace")
        .header("Lambda-Runtime-Invoked-Function-Arn", "arn");
    let pending = lambda.queue(event);
    let mut runtime = Runtime::of(&lambda);
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

    let answer = pending.wait();
    assert_eq!(answer.kind(), Kind::Response);
    assert_eq!(answer.path(), "/2018-06-01/runtime/invocation/one/response");
    assert_eq!(answer.raw(), sent.as_bytes());
    assert_eq!(
        answer.header("lambda-runtime-function-response-mode"),
        Some("streaming")
    );
    assert_eq!(answer.content_type(), None);
    assert_eq!(answer.body(), b"{}\0\0\0\0\0\0\0\0hey");
    assert_eq!(answer.prelude(), (serde_json::json!({}), b"hey".as_slice()));
    let chunks: Vec<_> = answer.chunks().into_iter().map(|chunk| chunk.bytes).collect();
    assert_eq!(chunks, [b"{}".as_slice(), &[0; 8], b"hey"]);
    assert_eq!(answer.reads()[0].bytes, sent.as_bytes());
    assert_eq!(answer.ending(), Ending::Clean);
    assert_eq!(answer.status(), Some(202));
    assert!(!answer.failed());

    assert_eq!(lambda.calls(), ["next", "response", "next"]);
    assert_eq!(lambda.connections(), 1);
    let requests = lambda.requests();
    assert_eq!(requests[1].status, Some(202));
    assert!(requests[1].answered_at <= Some(requests[2].at));
    assert_eq!(requests[2].answered_at, None);
}

#[test]
fn a_stream_is_seen_while_it_runs() {
    let (_lambda, pending, mut runtime) = under_way(event());
    runtime.send(response(""));
    runtime.send("3\r\none\r\n");
    assert_eq!(pending.first_bytes(), b"one");
    let between = Instant::now();
    runtime.send("3\r\nt");
    assert_eq!(pending.wait_for_body(|body| body.len() > 3), b"onet");
    runtime.send("wo\r\n0\r\n\r\n");
    runtime.expect(ACCEPTED);
    let answer = pending.wait();
    let chunks = answer.chunks();
    assert!(chunks[0].at <= between && between <= chunks[1].at);
    assert!(answer.reads().len() >= 3);
    assert!(answer.time_to_first_byte() <= between - pending.wait_for_delivery());
}

#[test]
fn an_error_is_read_from_trailers_and_from_a_post() {
    let json = r#"{"errorType":"T","errorMessage":"M","stackTrace":["a","b"]}"#;
    let expected = FunctionError {
        error_type: "T".into(),
        message: "M".into(),
        stack_trace: vec!["a".into(), "b".into()],
        header_type: "Function.T".into(),
    };

    let (_lambda, pending, mut runtime) = under_way(event());
    let base64 = "eyJlcnJvclR5cGUiOiJUIiwiZXJyb3JNZXNzYWdlIjoiTSIsInN0YWNrVHJhY2UiOlsiYSIsImIiXX0=";
    runtime.send(response(&format!(
        "4\r\npart\r\n0\r\nlambda-runtime-function-error-type: Function.T\r\n\
         lambda-runtime-function-error-body: {base64}\r\n\r\n"
    )));
    runtime.expect(ACCEPTED);
    let answer = pending.wait();
    assert_eq!(answer.error(), expected);
    assert_eq!((answer.text(), answer.ending()), ("part", Ending::Clean));
    assert_eq!(
        answer.trailers(),
        [
            ("lambda-runtime-function-error-type".into(), "Function.T".into()),
            ("lambda-runtime-function-error-body".into(), base64.into()),
        ]
    );
    assert!(answer.failed());

    let (lambda, pending, mut runtime) = under_way(event());
    let header = format!(
        "Lambda-Runtime-Function-Error-Type: Function.T\r\nContent-Length: {}\r\n",
        json.len()
    );
    runtime.send(post("invocation/one/error", &header, json));
    runtime.expect(ACCEPTED);
    let answer = pending.wait();
    assert_eq!(answer.error(), expected);
    assert_eq!((answer.kind(), answer.ending()), (Kind::Error, Ending::ContentLength));
    runtime.send(post("init/error", &header, json));
    runtime.expect(ACCEPTED);
    assert_eq!(lambda.init_error().error(), expected);
    assert_eq!(lambda.calls(), ["next", "error", "init/error"]);
}

#[test]
#[should_panic(expected = "expected one Lambda-Runtime-Function-Error-Type, not 0")]
fn text_that_looks_like_trailers_is_no_error() {
    let (_lambda, pending, mut runtime) = under_way(event());
    let text = "Lambda-Runtime-Function-Error-Type: Function.T\r\n";
    let size = text.len();
    runtime.send(response(&format!("{size:x}\r\n{text}\r\n0\r\n\r\n")));
    runtime.expect(ACCEPTED);
    let answer = pending.wait();
    assert!(answer.trailers().is_empty() && !answer.failed());
    answer.error();
}

#[test]
fn a_connection_that_dies_ends_the_invocation() {
    let (lambda, pending, mut runtime) = under_way(event());
    runtime.send(response("3\r\none\r\n3\r\ntw"));
    drop(runtime);
    let answer = pending.wait();
    assert_eq!((answer.body(), answer.ending()), (&b"onetw"[..], Ending::Truncated));
    assert_eq!((answer.status(), answer.chunks().len()), (None, 1));
    assert_eq!(lambda.requests()[1].answered_at, None);
}

#[test]
fn a_refusal_comes_after_the_body_or_within_it() {
    let refusal = "HTTP/1.1 413 Request Entity Too Large\r\nContent-Type: application/json\r\n\
        Content-Length: 60\r\n\r\n{\"errorMessage\":\"no\",\"errorType\":\"RequestEntityTooLargeFor\"}";
    let error_type = "RequestEntityTooLargeFor";

    let (_lambda, pending, mut runtime) = under_way(event().refused(413, error_type, "no"));
    runtime.send(response("3\r\none\r\n"));
    pending.first_bytes();
    runtime.send("0\r\n\r\n");
    runtime.expect(refusal);
    assert_eq!(pending.wait().status(), Some(413));

    let (lambda, pending, mut runtime) = under_way(event().refused_early(3, 413, error_type, "no"));
    runtime.send(response("2\r\non\r\n"));
    pending.first_bytes();
    assert_eq!(lambda.requests()[1].status, None);
    runtime.send("1\r\ne\r\n");
    runtime.expect(refusal);
    // What hyper does: the rest of the body and the next request in one write.
    runtime.send(format!("4\r\nmore\r\n0\r\n\r\n{NEXT}"));
    lambda.wait_for_next();
    let answer = pending.wait();
    assert_eq!((answer.text(), answer.ending()), ("onemore", Ending::Clean));
}

#[test]
fn a_late_answer_is_late() {
    let delay = Duration::from_millis(50);
    let (lambda, pending, mut runtime) = under_way(event().accepted_late(delay));
    runtime.send(response("0\r\n\r\n"));
    runtime.expect(ACCEPTED);
    assert_eq!(pending.wait().status(), Some(202));
    let response = &lambda.requests()[1];
    assert!(response.answered_at.expect("an answer") - response.at >= delay);
}

#[test]
fn a_slow_reader_takes_its_time() {
    let begun = Instant::now();
    let (_lambda, pending, mut runtime) = under_way(event().read_slowly(2_000));
    let body = "x".repeat(600);
    runtime.send(response(&format!("258\r\n{body}\r\n0\r\n\r\n")));
    runtime.expect(ACCEPTED);
    assert_eq!(pending.wait().text(), body);
    // The script's own sleeps are a lower bound, however slow the machine.
    assert!(begun.elapsed() >= Duration::from_millis(300));
}

#[test]
fn next_is_answered_as_scripted_and_in_order() {
    let lambda = StandIn::start();
    lambda.next_answers(204, "");
    lambda.next_answers(500, "{}");
    let pending = lambda.queue(event());
    lambda.close_next();
    let mut runtime = Runtime::of(&lambda);
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
    assert_eq!(runtime.0.read(&mut [0]).expect("an end"), 0);
    assert_eq!(lambda.requests()[4].answered_at, None);
}

#[test]
fn several_wait_for_events_and_the_dead_get_none() {
    let lambda = StandIn::start();
    let mut first = Runtime::of(&lambda);
    first.send(NEXT);
    lambda.wait_for_next();
    drop(first);
    lambda.ledger.wait_until_open(0);
    let mut second = Runtime::of(&lambda);
    let mut third = Runtime::of(&lambda);
    second.send(NEXT);
    third.send(NEXT);
    lambda.wait_for_nexts(2);
    let pending = [lambda.queue(event()), lambda.queue(event().request_id("two"))];
    for runtime in [&mut second, &mut third] {
        runtime.expect("HTTP/1.1 200 OK\r\n");
    }
    assert!(pending[0].wait_for_delivery() <= pending[1].wait_for_delivery());
    assert_eq!(lambda.connections(), 3);
}

#[test]
fn calls_out_of_order_are_refused_and_faults() {
    let (lambda, pending, mut runtime) = under_way(event());
    runtime.send(post("invocation/other/response", CHUNKED, "0\r\n\r\n"));
    runtime.expect("HTTP/1.1 400 Bad Request\r\n");
    assert!(
        lambda
            .wait_for_fault()
            .starts_with("no invocation with the request id other")
    );
    lambda.queue(event().request_id("queued"));
    runtime.send(post("invocation/queued/response", CHUNKED, "0\r\n\r\n"));
    assert!(
        lambda
            .wait_for_fault()
            .starts_with("no invocation with the request id queued")
    );

    let mut runtime = Runtime::of(&lambda);
    runtime.send(response("3\r\none\r\n"));
    pending.first_bytes();
    let mut second = Runtime::of(&lambda);
    second.send(post("invocation/one/error", "Content-Length: 2\r\n", "{}"));
    second.expect("HTTP/1.1 403 Forbidden\r\n");
    assert!(lambda.wait_for_fault().contains("is being answered"));
    runtime.send("0\r\n\r\n");
    runtime.expect(ACCEPTED);
    assert_eq!(pending.wait().text(), "one");

    second = Runtime::of(&lambda);
    second.send(post("invocation/one", "", ""));
    second.expect("HTTP/1.1 404 Not Found\r\n");
    assert!(
        lambda
            .wait_for_fault()
            .starts_with("no such call: POST /2018-06-01/runtime/invocation/one")
    );
}

#[test]
fn what_lambda_would_drop_or_refuse_is_a_fault() {
    let (lambda, _pending, mut runtime) = under_way(event());
    runtime.send(response("0\r\nOther: value\r\n\r\n"));
    assert!(
        lambda
            .wait_for_fault()
            .starts_with("the trailer Other was not declared")
    );

    let (lambda, _pending, mut runtime) = under_way(event());
    let mode = "Lambda-Runtime-Function-Response-Mode: buffered\r\n";
    runtime.send(post("invocation/one/response", mode, ""));
    assert!(
        lambda
            .wait_for_fault()
            .starts_with("a response mode that Lambda does not know")
    );

    let (lambda, _pending, mut runtime) = under_way(event());
    runtime.send(response(&format!("0\r\n\r\n{NEXT}")));
    assert!(
        lambda
            .wait_for_fault()
            .starts_with("bytes after the end of the request, before its answer")
    );

    let lambda = StandIn::start();
    let mut runtime = Runtime::of(&lambda);
    runtime.send(NEXT);
    lambda.wait_for_next();
    runtime.send(NEXT);
    assert!(
        lambda
            .wait_for_fault()
            .starts_with("more bytes on the connection of a waiting")
    );
}

#[test]
#[should_panic(expected = "a protocol fault; waited for the end of the invocation\n\
    FAULT: not a chunk size: \"hello\"")]
fn a_fault_ends_a_wait_with_everything_seen() {
    let (_lambda, pending, mut runtime) = under_way(event());
    runtime.send(response("hello"));
    pending.wait();
}

#[test]
#[should_panic(expected = "FAULT: the connection ended within a request's head")]
fn a_fault_that_nobody_waited_for_fails_the_test_at_its_end() {
    let lambda = StandIn::start();
    let mut runtime = Runtime::of(&lambda);
    runtime.send(&NEXT[..20]);
    drop(runtime);
    lambda.ledger.wait_until_open(0);
}

#[test]
fn a_kept_alive_peer_is_let_go_when_the_stand_in_is_dropped() {
    let lambda = StandIn::start();
    let mut runtime = Runtime::of(&lambda);
    runtime.send(NEXT);
    lambda.wait_for_next();
    drop(lambda);
    assert_eq!(runtime.0.read(&mut [0]).expect("an end"), 0);
}
