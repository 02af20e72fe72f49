//! The Runtime API as a function sees it: bytes on a socket.

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
    let given_up = function.ask("GET", "invocation/next", "");
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

    headers.append(TRAILER, ERROR_BODY.into());
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
