//! Tests of the Function URL over raw sockets: the HTTP response for each kind of function response.

mod buffered_mode;
mod cors;
mod limits;
mod signature;

use std::io::Write;
use std::net::{SocketAddr, TcpStream};

use super::super::settings::{AuthType, Cors, FrontEndSettings, InvokeMode};
use super::super::test_client::{StreamingResponse, read_to_end, read_until, send, start_function_url};
use crate::protocol::MAX_EVENT_LENGTH;

const INTEGRATION_RESPONSE: &str = "application/vnd.awslambda.http-integration-response";

fn get(url: SocketAddr) -> TcpStream {
    send(url, b"GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
}

/// Returns the HTTP response that a caller receives for a streaming response whose first chunk is `start`.
fn fetch_stream(start: &[u8]) -> String {
    let (function, url) = start_function_url();
    let caller = get(url);
    let mut response = function.start_response(&function.next_id(), INTEGRATION_RESPONSE);
    response.chunk(start);
    response.end();
    read_to_end(caller)
}

/// Returns the HTTP response that a caller receives for a buffered response.
fn fetch_buffered(payload: &str) -> String {
    let (function, url) = start_function_url();
    let caller = get(url);
    let id = function.next_id();
    function.post(&format!("invocation/{id}/response"), "", payload);
    read_to_end(caller)
}

fn assert_has_lines(response: &str, lines: &[&str]) {
    for line in lines {
        let line = format!("{line}\r\n");
        assert!(response.contains(&line), "{line:?} in {response}");
    }
}

#[test]
fn stream_with_prelude_arrives_chunk_by_chunk() {
    let (function, url) = start_function_url();
    let mut caller = get(url);
    let mut response = function.start_response(&function.next_id(), INTEGRATION_RESPONSE);
    response.chunk(r#"{"statusCode":201,"headers":{"X-A":"é"},"cookies":["a=1","b=2"]}"#);
    response.chunk([0; 8]);
    let head = read_until(&mut caller, "\r\n\r\n");
    assert!(head.starts_with("HTTP/1.1 201 Created\r\n"), "{head}");
    assert_has_lines(&head, &["x-a: é", "set-cookie: a=1", "set-cookie: b=2"]);
    assert_has_lines(&head, &["transfer-encoding: chunked"]);
    // The caller reads each chunk before the function sends the next, so no chunk may stay in a buffer.
    for data in ["one", "two", "three"] {
        response.chunk(data);
        let chunk = format!("{:X}\r\n{data}\r\n", data.len());
        assert_eq!(read_until(&mut caller, &chunk), chunk);
    }
    assert!(response.end().starts_with("HTTP/1.1 202 "));
    assert_eq!(read_to_end(caller), "0\r\n\r\n");
}

#[test]
fn prelude_may_be_split_anywhere() {
    let (function, url) = start_function_url();
    let mut caller = get(url);
    let mut response = function.start_response(&function.next_id(), INTEGRATION_RESPONSE);
    for byte in b"{\"statusCode\":204}\0\0\0\0\0\0\0" {
        response.chunk([*byte]);
    }
    response.chunk("\0");
    let head = read_until(&mut caller, "\r\n\r\n");
    assert!(head.starts_with("HTTP/1.1 204 No Content\r\n"), "{head}");
    assert!(response.end().starts_with("HTTP/1.1 202 "));

    // The ninth NUL is part of the body.
    let response = fetch_stream(b"{}\0\0\0\0\0\0\0\0\0body");
    assert!(response.starts_with("HTTP/1.1 200 OK\r\n"), "{response}");
    assert!(response.ends_with("5\r\n\0body\r\n0\r\n\r\n"), "{response}");
}

#[test]
fn invalid_prelude_gets_error_with_reason() {
    let delimited = |json: &str| format!("{json}\0\0\0\0\0\0\0\0body").into_bytes();
    let oversize = format!("{{\"headers\":{{\"a\":\"{}\"}}}}", "x".repeat(16 * 1024));
    for (start, status, reason) in [
        (
            b"{\"statusCode\":200}".to_vec(),
            502,
            "ended before the eight NUL bytes",
        ),
        (delimited("hello"), 502, "failed to deserialize the prelude"),
        (delimited(&oversize), 502, "first 16384 bytes"),
        (delimited(r#"{"statusCode":101}"#), 502, "`statusCode` is 101"),
        (
            delimited(r#"{"headers":{"a":"b\nc"}}"#),
            502,
            "invalid HTTP header in the response",
        ),
        (
            delimited(r#"{"cookies":["b\nc"]}"#),
            502,
            "invalid cookie in the response",
        ),
        (
            delimited(r#"{"headers":{"content-length":"4"}}"#),
            502,
            "`content-length`",
        ),
        (
            delimited(r#"{"multiValueHeaders":{"a":["b"]}}"#),
            500,
            "`multiValueHeaders`",
        ),
    ] {
        let response = fetch_stream(&start);
        assert!(response.starts_with(&format!("HTTP/1.1 {status} ")), "{response}");
        assert_has_lines(&response, &["x-amzn-errortype: Runtime.InvalidResponse"]);
        assert!(response.contains(reason), "{reason:?} in {response}");
    }
}

#[test]
fn prelude_of_exactly_the_limit_is_accepted() {
    let longest = 16 * 1024 - r#"{"headers":{"a":""}}"#.len() - 8;
    for (length, status) in [(longest, 200), (longest + 1, 502)] {
        let value = "x".repeat(length);
        let start = format!("{{\"headers\":{{\"a\":\"{value}\"}}}}\0\0\0\0\0\0\0\0");
        let response = fetch_stream(start.as_bytes());
        assert!(response.starts_with(&format!("HTTP/1.1 {status} ")));
    }
}

#[test]
fn other_content_type_is_forwarded_unchanged() {
    let (function, url) = start_function_url();
    let caller = get(url);
    let mut response = function.start_response(&function.next_id(), "text/event-stream");
    response.chunk("{}\0\0\0\0\0\0\0\0");
    response.end();
    let response = read_to_end(caller);
    assert!(response.starts_with("HTTP/1.1 200 OK\r\n"), "{response}");
    assert_has_lines(&response, &["content-type: text/event-stream"]);
    assert!(
        response.ends_with("\r\n\r\nA\r\n{}\0\0\0\0\0\0\0\0\r\n0\r\n\r\n"),
        "{response:?}"
    );
}

/// Streams `length` bytes, ends the response with `end`, and checks that the caller gets all bytes and no zero chunk.
fn assert_cut_off(length: usize, end: fn(StreamingResponse)) {
    let (function, url) = start_function_url();
    let caller = get(url);
    let function = std::thread::spawn(move || {
        let mut response = function.start_response(&function.next_id(), "text/plain");
        if length > 0 {
            response.chunk("x".repeat(length));
        }
        end(response);
    });
    let response = read_to_end(caller);
    function.join().unwrap();
    let (head, body) = response.split_once("\r\n\r\n").unwrap();
    assert_has_lines(head, &["transfer-encoding: chunked"]);
    assert_eq!(body.matches('x').count(), length);
    assert!(!body.ends_with("0\r\n\r\n"), "{}", body.len());
}

#[test]
fn mid_stream_error_cuts_off_after_last_byte() {
    for length in [0, 5, 8 * 1024 * 1024] {
        assert_cut_off(length, |response| {
            let reply = response.fail();
            assert!(reply.starts_with("HTTP/1.1 202 "), "{reply}");
        });
    }
}

#[test]
fn truncated_stream_cuts_off_response() {
    assert_cut_off(5, |response| response.truncate());
}

#[test]
fn error_before_end_of_prelude_gets_502() {
    let (function, url) = start_function_url();
    let caller = get(url);
    let mut response = function.start_response(&function.next_id(), INTEGRATION_RESPONSE);
    response.chunk("{}");
    response.fail();
    let response = read_to_end(caller);
    assert!(response.starts_with("HTTP/1.1 502 "), "{response}");
    assert_has_lines(&response, &["x-amzn-errortype: Function.Boom"]);
    assert!(response.ends_with(r#"{"errorMessage":"bang","errorType":"Function.Boom"}"#));
}

#[test]
fn failed_invocation_gets_502() {
    let (function, url) = start_function_url();
    let caller = get(url);
    let id = function.next_id();
    let error = r#"{"errorMessage":"bang","errorType":"Boom","stackTrace":[]}"#;
    function.post(&format!("invocation/{id}/error"), "", error);
    let response = read_to_end(caller);
    assert!(response.starts_with("HTTP/1.1 502 Bad Gateway\r\n"), "{response}");
    assert_has_lines(&response, &["x-amzn-errortype: Boom", "content-type: application/json"]);
    assert!(response.ends_with(r#"{"errorMessage":"bang","errorType":"Boom"}"#));
}

#[test]
fn buffered_payload_without_status_is_body() {
    for payload in ["\"hi\"", "{\"status\":1}", "[1]", "not JSON"] {
        let response = fetch_buffered(payload);
        assert!(response.starts_with("HTTP/1.1 200 OK\r\n"), "{response}");
        assert_has_lines(&response, &["content-type: application/json"]);
        assert!(response.ends_with(&format!("\r\n\r\n{payload}")), "{response}");
    }
}

#[test]
fn buffered_payload_with_status_is_http_response() {
    let response = fetch_buffered(
        r#"{"statusCode":404,"headers":{"Content-Type":"text/plain","content-length":"99"},
            "multiValueHeaders":{},"cookies":["a=1"],"body":"aGk=","isBase64Encoded":true}"#,
    );
    assert!(response.starts_with("HTTP/1.1 404 Not Found\r\n"), "{response}");
    assert_has_lines(
        &response,
        &["content-type: text/plain", "content-length: 2", "set-cookie: a=1"],
    );
    assert!(response.ends_with("\r\n\r\nhi"), "{response}");

    let response = fetch_buffered(r#"{"statusCode":200,"body":null}"#);
    assert_has_lines(&response, &["content-type: application/json", "content-length: 0"]);

    for (payload, reason) in [
        (r#"{"statusCode":200,"body":{}}"#, "`body` is not a string"),
        (
            r#"{"statusCode":200,"body":"?","isBase64Encoded":true}"#,
            "not valid base64",
        ),
        (r#"{"statusCode":"ok"}"#, "invalid type: string"),
    ] {
        let response = fetch_buffered(payload);
        assert!(response.starts_with("HTTP/1.1 502 "), "{response}");
        assert!(response.contains(reason), "{reason:?} in {response}");
    }
}

#[test]
fn head_request_gets_no_body_and_keeps_connection() {
    let (function, url) = start_function_url();
    let mut caller = send(url, b"HEAD /a HTTP/1.1\r\nhost: localhost\r\n\r\n");
    let mut response = function.start_response(&function.next_id(), "text/plain");
    response.chunk("discarded");
    assert!(response.end().starts_with("HTTP/1.1 202 "));
    let head = read_until(&mut caller, "\r\n\r\n");
    assert_has_lines(&head, &["content-type: text/plain"]);

    caller
        .write_all(b"GET /b HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
        .unwrap();
    let id = function.next_id();
    function.post(&format!("invocation/{id}/response"), "", "2");
    let response = read_to_end(caller);
    assert!(response.starts_with("HTTP/1.1 200 OK\r\n"), "{response:?}");
    assert!(response.ends_with("\r\n\r\n2"), "{response}");
}

#[test]
fn body_over_limit_gets_413_without_invocation() {
    let (function, url) = start_function_url();
    std::thread::spawn(move || function.poll());
    let length = MAX_EVENT_LENGTH + 1;
    let mut request =
        format!("POST / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n")
            .into_bytes();
    request.resize(request.len() + length, b'x');
    let response = read_to_end(send(url, &request));
    assert!(response.starts_with("HTTP/1.1 413 Payload Too Large\r\n"), "{response}");
    assert!(response.contains("larger than 6291456 bytes"), "{response}");
}

fn function_url(invoke_mode: InvokeMode, auth: AuthType, cors: Option<Cors>) -> FrontEndSettings {
    FrontEndSettings::FunctionUrl {
        invoke_mode,
        auth,
        cors,
    }
}
