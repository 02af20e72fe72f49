//! Valid and rejected requests on the same connection or one after the other, and connections that end early.

use std::io::Write;
use std::net::Shutdown;

use test_support::{connect, example, exchange, read_to_end};

use crate::echo_function::{EchoFunction, chunked_post, post, request_head};
use crate::serve;

#[test]
fn truncated_request_does_not_invoke_function() {
    let request = post(&["Content-Length: 3"], "abc");
    let function = EchoFunction::start();
    for length in 0..request.len() {
        let mut socket = connect(&function.url);
        socket.write_all(&request[..length]).unwrap();
        socket.shutdown(Shutdown::Write).unwrap();
        let response = String::from_utf8(read_to_end(&mut socket)).unwrap();
        assert!(
            response.is_empty() || response.starts_with("HTTP/1.1 400 "),
            "{length}: {response}"
        );
    }
    function.invoke(request);
}

#[test]
fn rejection_keeps_connection_open() {
    let function = EchoFunction::start();
    let rejected = "GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n";
    let valid = request_head("GET /", &[]);
    let responses = exchange(connect(&function.url), format!("{rejected}{valid}"));
    let responses = String::from_utf8(responses).unwrap();
    assert!(responses.starts_with("HTTP/1.1 403 "), "{responses}");
    assert!(responses.contains("HTTP/1.1 200 OK"), "{responses}");
}

#[test]
fn response_before_malformed_request_is_complete() {
    let (_function, url) = serve(example("hello"));
    let valid = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let responses = exchange(connect(&url), format!("{valid}nonsense\r\n\r\n"));
    let responses = String::from_utf8(responses).unwrap();
    let (first, second) = responses.split_once("0\r\n\r\n").unwrap();
    assert!(
        first.starts_with("HTTP/1.1 200 OK\r\n") && first.contains("stream.\n"),
        "{responses}"
    );
    assert!(second.starts_with("HTTP/1.1 400 Bad Request\r\n"), "{responses}");
    assert!(second.contains("failed to read the request head"), "{responses}");
}

#[test]
fn requests_are_served_after_repeated_rejections() {
    let function = EchoFunction::start();
    for _ in 0..3 {
        function.assert_rejects(request_head("GET /", &["bad"]), 400, "failed to read the request head");
        function.assert_rejects(
            request_head("GET /", &["Origin: https://evil.example"]),
            403,
            "evil.example",
        );
        function.assert_rejects(post(&["Content-Length: 6291457"], ""), 413, "larger than");
        function.assert_rejects(chunked_post("x"), 400, "failed to read the request body");
    }
}
