//! Valid and rejected requests on the same connection or one after the other, and connections that end early.

use std::io::{Read, Write};
use std::net::Shutdown;
use std::process::Stdio;

use serde_json::json;
use test_support::{Process, connect, example, exchange, read_to_end};

use crate::echo_function::{EchoFunction, chunked_post, post, request_head, scripted_request};
use crate::{MIB, serve};

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

/// A client may shut down its sending direction after its request (RFC 9112, section 9.6).
#[test]
fn half_closed_connection_gets_response() {
    let function = EchoFunction::start();
    let get = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".to_owned();
    let large = "x".repeat(MIB);
    let chunked = format!(
        "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nContent-Type: text/plain\r\n\r\n\
         {MIB:x}\r\n{large}\r\n0\r\n\r\n"
    );
    let sized = |body: &str| {
        let length = body.len();
        format!(
            "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\nContent-Type: text/plain\r\n\r\n{body}"
        )
    };
    let foreign = "GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n".to_owned();
    for (request, statuses) in [
        (get.clone(), &[200][..]),
        (sized("abc"), &[200]),
        (sized(&large), &[200]),
        (chunked, &[200]),
        (format!("{get}{get}"), &[200, 200]),
        (format!("{get}{}", sized("abc")), &[200, 200]),
        (format!("{}{}", sized("abc"), sized(&large)), &[200, 200]),
        (foreign, &[403]),
    ] {
        let mut socket = connect(&function.url);
        let mut reader = socket.try_clone().unwrap();
        let excerpt = request[..request.len().min(100)].escape_debug().to_string();
        let writer = std::thread::spawn(move || {
            socket.write_all(request.as_bytes()).unwrap();
            socket.shutdown(Shutdown::Write).unwrap();
        });
        let responses = String::from_utf8(read_to_end(&mut reader)).unwrap();
        writer.join().unwrap();
        let received: Vec<u16> = responses
            .match_indices("HTTP/1.1 ")
            .filter_map(|(start, line)| responses[start + line.len()..].get(..3)?.parse().ok())
            .collect();
        assert_eq!(received, statuses, "{excerpt}");
        // The response is complete.
        assert!(responses.ends_with("0\r\n\r\n") || statuses == [403], "{excerpt}");
    }
}

/// The client is still connected while the handler runs, and reads a response that is written in several parts.
#[test]
fn half_closed_connection_gets_streamed_response() {
    let (mut function, url) = {
        let mut command = Process::command(env!("CARGO_BIN_EXE_scripted"));
        command.args(["--port", "0", "--in-process"]).stdin(Stdio::piped());
        let function = Process::spawn(command);
        let url = function.wait_for_url();
        (function, url)
    };
    let mut socket = connect(&url);
    let steps = json!([{"write": "one"}, "await_stdin_end", {"send_chunks": 50}]);
    socket.write_all(&scripted_request(steps)).unwrap();
    socket.shutdown(Shutdown::Write).unwrap();
    let mut start = Vec::new();
    while !start.ends_with(b"3\r\none\r\n") {
        let mut byte = [0];
        socket.read_exact(&mut byte).unwrap();
        start.push(byte[0]);
    }
    function.write_stdin("");
    let rest = read_to_end(&mut socket);
    assert!(rest.ends_with(b"\r\n0\r\n\r\n"), "{} bytes", rest.len());
    assert_eq!(rest.iter().filter(|byte| **byte == b'x').count(), 50 * 64 * 1024);
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
