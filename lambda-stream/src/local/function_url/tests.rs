//! Tests of the Function URL over raw sockets: the HTTP response for each kind of function response.

use std::io::Write;
use std::net::{SocketAddr, TcpStream};

use super::super::platform_limits::{BYTES_PER_SECOND, MAX_BUFFERED_BYTES, MAX_STREAMED_BYTES, UNTHROTTLED_BYTES};
use super::super::settings::{AuthType, Cors, FrontEndSettings, InvokeMode, LimitSettings, Settings};
use super::super::test_client::{
    RuntimeApiClient, StreamingResponse, read_to_end, read_until, send, start, start_function_url,
};
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

/// Starts a Function URL with the invoke mode `BUFFERED`.
fn start_buffered() -> (RuntimeApiClient, SocketAddr) {
    start(Settings {
        front_end: function_url(InvokeMode::Buffered, AuthType::None, None),
        ..Settings::default()
    })
}

#[test]
fn buffered_mode_collects_stream() {
    let (function, url) = start_buffered();
    let caller = get(url);
    let mut response = function.start_response(&function.next_id(), "text/plain");
    for chunk in [
        "{\"statusCode\":418,",
        "\"headers\":{\"x-a\":\"b\"},",
        "\"body\":\"tea\"}",
    ] {
        response.chunk(chunk);
    }
    assert!(response.end().starts_with("HTTP/1.1 202 "));
    let response = read_to_end(caller);
    assert!(response.starts_with("HTTP/1.1 418 "), "{response}");
    assert_has_lines(&response, &["x-a: b", "content-length: 3"]);
    assert!(response.ends_with("\r\n\r\ntea"), "{response}");
}

#[test]
fn buffered_mode_sends_prelude_as_part_of_body() {
    let (function, url) = start_buffered();
    let caller = get(url);
    let mut response = function.start_response(&function.next_id(), INTEGRATION_RESPONSE);
    response.chunk("{\"statusCode\":418}\0\0\0\0\0\0\0\0");
    response.chunk("tea");
    response.end();
    let response = read_to_end(caller);
    assert!(response.starts_with("HTTP/1.1 200 OK\r\n"), "{response}");
    assert_has_lines(&response, &["content-type: application/json", "content-length: 29"]);
    assert!(
        response.ends_with("\r\n\r\n{\"statusCode\":418}\0\0\0\0\0\0\0\0tea"),
        "{response}"
    );
}

#[test]
fn buffered_mode_reports_mid_stream_error() {
    let (function, url) = start_buffered();
    let caller = get(url);
    let mut response = function.start_response(&function.next_id(), "text/plain");
    response.chunk("not received");
    response.fail();
    let response = read_to_end(caller);
    assert!(response.starts_with("HTTP/1.1 502 "), "{response}");
    assert!(response.ends_with(r#"{"errorMessage":"bang","errorType":"Function.Boom"}"#));
}

#[test]
fn buffered_mode_limits_stream_to_6_mib() {
    for (length, status) in [(MAX_BUFFERED_BYTES, 200), (MAX_BUFFERED_BYTES + 1, 502)] {
        let (function, url) = start_buffered();
        let caller = get(url);
        let function = std::thread::spawn(move || {
            let mut response = function.start_response(&function.next_id(), "text/plain");
            response.chunk("x".repeat(length));
            // The function keeps running.
            assert!(response.end().starts_with("HTTP/1.1 202 "));
        });
        let response = read_to_end(caller);
        assert!(response.starts_with(&format!("HTTP/1.1 {status} ")), "{length}");
        assert_eq!(response.contains("Function.ResponseSizeTooLarge"), status == 502);
        function.join().unwrap();
    }
}

fn cors(origins: &[&str]) -> Cors {
    Cors {
        allow_origins: origins.iter().map(|origin| (*origin).to_owned()).collect(),
        allow_methods: vec!["*".to_owned()],
        ..Cors::default()
    }
}

fn start_with_cors(origins: &[&str]) -> (RuntimeApiClient, SocketAddr) {
    start(Settings {
        front_end: function_url(InvokeMode::ResponseStream, AuthType::None, Some(cors(origins))),
        ..Settings::default()
    })
}

/// Sends a request of a page at `origin`.
fn send_from(url: SocketAddr, method: &str, path: &str, origin: &str, headers: &str) -> TcpStream {
    let request = format!(
        "{method} {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\norigin: {origin}\r\n{headers}\r\n"
    );
    send(url, request.as_bytes())
}

const REQUEST_METHOD: &str = "access-control-request-method: PUT\r\n";

/// Lets the function respond to its next event. The front end must have invoked it, and not before.
fn respond_to_next(function: &RuntimeApiClient, method: &str, payload: &str) {
    let event = function.poll();
    assert!(event.contains(&format!("\"method\":\"{method}\"")), "{event}");
    let (_, id) = event.split_once("lambda-runtime-aws-request-id: ").unwrap();
    let id = id.lines().next().unwrap();
    function.post(&format!("invocation/{id}/response"), "", payload);
}

#[test]
fn preflight_is_answered_without_invocation() {
    let (function, url) = start_with_cors(&["https://app.example"]);
    // The front end serves as soon as the function polls.
    let first = send_from(url, "OPTIONS", "/a", "https://app.example", REQUEST_METHOD);
    let poll = std::thread::spawn(move || respond_to_next(&function, "PUT", "1"));
    let preflight = read_to_end(first);
    assert!(preflight.starts_with("HTTP/1.1 200 OK\r\n"), "{preflight}");
    assert_has_lines(
        &preflight,
        &[
            "access-control-allow-origin: https://app.example",
            "access-control-allow-methods: *",
            "content-length: 0",
        ],
    );
    let response = read_to_end(send_from(url, "PUT", "/a", "https://app.example", ""));
    poll.join().unwrap();
    assert!(response.starts_with("HTTP/1.1 200 OK\r\n"), "{response}");
    assert_has_lines(
        &response,
        &["access-control-allow-origin: https://app.example", "vary: Origin"],
    );
    assert!(response.ends_with("\r\n\r\n1"), "{response}");
}

#[test]
fn options_without_preflight_headers_invokes_function() {
    let (function, url) = start_with_cors(&["https://app.example"]);
    let caller = send_from(url, "OPTIONS", "/", "https://app.example", "");
    respond_to_next(&function, "OPTIONS", "1");
    assert!(read_to_end(caller).starts_with("HTTP/1.1 200 OK\r\n"));
    // Without a CORS configuration, the function responds to preflight requests.
    let (function, url) = start_function_url();
    let caller = send_from(url, "OPTIONS", "/", "http://localhost:1", REQUEST_METHOD);
    respond_to_next(
        &function,
        "OPTIONS",
        r#"{"statusCode":204,"headers":{"access-control-allow-origin":"*"}}"#,
    );
    let response = read_to_end(caller);
    assert!(response.starts_with("HTTP/1.1 204 "), "{response}");
    assert_has_lines(&response, &["access-control-allow-origin: *"]);
}

#[test]
fn errors_have_cors_headers() {
    let (function, url) = start_with_cors(&["https://app.example"]);
    let caller = send_from(url, "GET", "/", "https://app.example", "");
    let id = function.next_id();
    function.post(&format!("invocation/{id}/error"), "", "{}");
    let response = read_to_end(caller);
    assert!(response.starts_with("HTTP/1.1 502 "), "{response}");
    assert_has_lines(&response, &["access-control-allow-origin: https://app.example"]);
}

/// Asserts that a request of a page at `origin` is rejected without CORS headers and without an invocation.
fn assert_rejected(url: SocketAddr, method: &str, path: &str, origin: &str) {
    let response = read_to_end(send_from(url, method, path, origin, REQUEST_METHOD));
    assert!(
        response.starts_with("HTTP/1.1 403 Forbidden\r\n"),
        "{origin} {path}: {response}"
    );
    assert!(!response.contains("access-control-"), "{response}");
}

#[test]
fn page_of_other_origin_is_rejected() {
    let (function, url) = start_with_cors(&["https://app.example", "*", "null"]);
    let poll = std::thread::spawn(move || respond_to_next(&function, "DELETE", "1"));
    for method in ["OPTIONS", "GET", "POST"] {
        for origin in [
            "https://evil.example",
            "http://app.example",
            "https://app.example.evil.example",
            "https://app.example:444",
            "null",
            "*",
        ] {
            assert_rejected(url, method, "/", origin);
        }
    }
    // A configured origin is allowed for the Function URL only.
    for path in ["/_stream/", "/_stream/x", "/2015-03-31/functions/a/invocations"] {
        for method in ["OPTIONS", "GET", "POST"] {
            assert_rejected(url, method, path, "https://app.example");
        }
    }
    // DNS rebinding: the name of the allowed page resolves to this machine.
    let rebound = b"GET / HTTP/1.1\r\nhost: app.example\r\nconnection: close\r\norigin: https://app.example\r\n\r\n";
    assert!(read_to_end(send(url, rebound)).starts_with("HTTP/1.1 403 "));
    // None of these requests invoked the function: the first event is this one.
    let allowed = read_to_end(send_from(url, "DELETE", "/", "https://app.example", ""));
    assert!(allowed.starts_with("HTTP/1.1 200 OK\r\n"), "{allowed}");
    poll.join().unwrap();
}

const SIGNATURE: &str = "fe5f80f77d5fa3beca038a248ff027d0445342fe2855ddc963176630326f1024";

fn start_with_iam(cors: Option<Cors>) -> (RuntimeApiClient, SocketAddr) {
    start(Settings {
        front_end: function_url(InvokeMode::ResponseStream, AuthType::AwsIam, cors),
        ..Settings::default()
    })
}

#[test]
fn signed_request_has_its_caller_in_the_event() {
    let (function, url) = start_with_iam(None);
    let caller = send(
        url,
        format!(
            "GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\nauthorization: AWS4-HMAC-SHA256 \
             Credential=AKIDEXAMPLE/20260101/us-east-1/lambda/aws4_request, SignedHeaders=host, Signature={SIGNATURE}\r\n\r\n"
        )
        .as_bytes(),
    );
    let response = function.poll();
    let (head, event) = response.split_once("\r\n\r\n").unwrap();
    let event: serde_json::Value = serde_json::from_str(event).unwrap();
    let context = &event["requestContext"];
    assert_eq!(context["authentication"], serde_json::Value::Null);
    assert_eq!(context["accountId"], "000000000000");
    let iam = &context["authorizer"]["iam"];
    assert_eq!(iam["accessKey"], "AKIDEXAMPLE");
    assert_eq!(iam["userArn"], "arn:aws:iam::000000000000:user/local");
    let id = head.split_once("lambda-runtime-aws-request-id: ").unwrap().1;
    let id = id.lines().next().unwrap();
    function.post(&format!("invocation/{id}/response"), "", "1");
    assert!(read_to_end(caller).starts_with("HTTP/1.1 200 OK\r\n"));
}

#[test]
fn request_without_signature_gets_403() {
    let (function, url) = start_with_iam(Some(cors(&["https://app.example"])));
    std::thread::spawn(move || function.poll());
    for headers in [
        "",
        "authorization: Bearer abc\r\n",
        "authorization: AWS4-HMAC-SHA256 Credential=a\r\n",
        "authorization: AWS4-HMAC-SHA256 \r\ncontent-length: 3\r\n",
    ] {
        let response = read_to_end(send_from(url, "POST", "/", "https://app.example", headers));
        assert!(response.starts_with("HTTP/1.1 403 Forbidden\r\n"), "{response}");
        assert_has_lines(
            &response,
            &[
                "x-amzn-errortype: AccessDeniedException",
                "access-control-allow-origin: https://app.example",
            ],
        );
        assert!(response.ends_with("\r\n\r\n{\"Message\":\"Forbidden\"}"), "{response}");
    }
    // Browsers do not sign preflight requests.
    let preflight = read_to_end(send_from(url, "OPTIONS", "/", "https://app.example", REQUEST_METHOD));
    assert!(preflight.starts_with("HTTP/1.1 200 OK\r\n"), "{preflight}");
}

fn start_with_limits(limits: LimitSettings) -> (RuntimeApiClient, SocketAddr) {
    start(Settings {
        limits,
        ..Settings::default()
    })
}

#[test]
fn event_over_limit_is_accepted_without_size_limit() {
    let (function, url) = start_with_limits(LimitSettings {
        size: false,
        ..LimitSettings::default()
    });
    let length = MAX_EVENT_LENGTH + 1;
    let mut request =
        format!("POST / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n")
            .into_bytes();
    request.resize(request.len() + length, b'x');
    let caller = std::thread::spawn(move || read_to_end(send(url, &request)));
    let id = function.next_id();
    let payload = "y".repeat(MAX_BUFFERED_BYTES + 1);
    let reply = function.post(&format!("invocation/{id}/response"), "", &payload);
    assert!(reply.starts_with("HTTP/1.1 202 "), "{reply}");
    let response = caller.join().unwrap();
    assert!(response.starts_with("HTTP/1.1 200 OK\r\n"));
    assert!(response.ends_with(&payload));

    // The memory for requests stays limited.
    let request = b"POST / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-length: 999999999999\r\n\r\n";
    let response = read_to_end(send(url, request));
    assert!(response.starts_with("HTTP/1.1 429 "), "{response}");
}

#[test]
fn prelude_over_limit_is_accepted_without_prelude_limit() {
    let (function, url) = start_with_limits(LimitSettings {
        prelude: false,
        ..LimitSettings::default()
    });
    let caller = get(url);
    let mut response = function.start_response(&function.next_id(), INTEGRATION_RESPONSE);
    response.chunk(format!("{{\"headers\":{{\"a\":\"{}\"}}}}", "x".repeat(20_000)));
    response.chunk("\0\0\0\0\0\0\0\0");
    response.end();
    assert!(read_to_end(caller).starts_with("HTTP/1.1 200 OK\r\n"));
}

#[test]
fn stream_over_200_mib_is_rejected() {
    const MIB: usize = 1024 * 1024;
    for (size, status) in [(true, "413"), (false, "202")] {
        let (function, url) = start_with_limits(LimitSettings {
            size,
            ..LimitSettings::default()
        });
        let mut caller = get(url);
        let function = std::thread::spawn(move || {
            let mut response = function.start_response(&function.next_id(), "text/plain");
            let chunk = vec![b'x'; 4 * MIB];
            for _ in 0..MAX_STREAMED_BYTES / chunk.len() {
                response.chunk(&chunk);
            }
            response.chunk("x");
            response.end()
        });
        let mut received = 0;
        let mut buffer = vec![0; MIB];
        let mut end = [0; 5];
        loop {
            let count = std::io::Read::read(&mut caller, &mut buffer).unwrap();
            if count == 0 {
                break;
            }
            received += count;
            if count >= end.len() {
                end.copy_from_slice(&buffer[count - 5..count]);
            }
        }
        let reply = function.join().unwrap();
        assert!(reply.starts_with(&format!("HTTP/1.1 {status} ")), "{reply}");
        assert!(received >= MAX_STREAMED_BYTES - MIB, "{received}");
        assert_eq!(&end == b"0\r\n\r\n", !size, "{end:?}");
    }
}

#[test]
fn bandwidth_limit_delays_the_function() {
    let (function, url) = start_with_limits(LimitSettings {
        bandwidth: true,
        ..LimitSettings::default()
    });
    let caller = get(url);
    let start = std::time::Instant::now();
    let function = std::thread::spawn(move || {
        let mut response = function.start_response(&function.next_id(), "text/plain");
        response.chunk(vec![b'x'; UNTHROTTLED_BYTES + BYTES_PER_SECOND]);
        let reply = response.end();
        (reply, start.elapsed())
    });
    let response = read_to_end(caller);
    let (reply, elapsed) = function.join().unwrap();
    assert!(reply.starts_with("HTTP/1.1 202 "), "{reply}");
    let (_, body) = response.split_once("\r\n\r\n").unwrap();
    assert_eq!(body.matches('x').count(), UNTHROTTLED_BYTES + BYTES_PER_SECOND);
    // One second for the part over the first 6 MiB, except for its last chunk.
    assert!(elapsed.as_millis() >= 900, "{elapsed:?}");
}
