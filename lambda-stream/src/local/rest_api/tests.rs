//! Tests of the REST API over raw sockets.

use std::net::{SocketAddr, TcpStream};

use serde_json::{Value, json};

use super::super::settings::{FrontEndSettings, LimitSettings, Settings};
use super::super::test_client::{RuntimeApiClient, read_to_end, read_until, send, start};
use crate::protocol::MAX_EVENT_LENGTH;

const INTEGRATION_RESPONSE: &str = "application/vnd.awslambda.http-integration-response";

fn start_rest_api() -> (RuntimeApiClient, SocketAddr) {
    start(Settings {
        front_end: FrontEndSettings::RestApi,
        limits: LimitSettings {
            idle: true,
            ..LimitSettings::default()
        },
        ..Settings::default()
    })
}

fn get(url: SocketAddr) -> TcpStream {
    send(url, b"GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
}

/// Returns the event that the function receives for a request.
fn event(request: &[u8]) -> Value {
    let (function, url) = start_rest_api();
    let _caller = send(url, request);
    let response = function.poll();
    let (_, event) = response.split_once("\r\n\r\n").unwrap();
    serde_json::from_str(event).unwrap()
}

/// Returns the HTTP response to a streaming response with this content type.
fn fetch_stream(content_type: &str, chunks: &[&[u8]]) -> String {
    let (function, url) = start_rest_api();
    let caller = get(url);
    let mut response = function.start_response(&function.next_id(), content_type);
    for chunk in chunks {
        response.chunk(chunk);
    }
    response.end();
    read_to_end(caller)
}

/// Returns the HTTP response to a buffered response.
fn fetch_buffered(payload: &str) -> String {
    let (function, url) = start_rest_api();
    let caller = get(url);
    let id = function.next_id();
    function.post(&format!("invocation/{id}/response"), "", payload);
    read_to_end(caller)
}

fn assert_internal_server_error(response: &str) {
    assert!(response.starts_with("HTTP/1.1 502 Bad Gateway\r\n"), "{response}");
    assert!(
        response.ends_with("\r\n\r\n{\"message\":\"Internal server error\"}"),
        "{response}"
    );
    assert!(
        response.contains("x-amzn-errortype: InternalServerErrorException\r\n"),
        "{response}"
    );
}

#[test]
fn request_is_encoded_in_payload_format_1() {
    let event = event(
        b"POST /a%20b/c?x=1&y=a%2Bb+c&x=2 HTTP/1.1\r\nhost: localhost:9000\r\nx-two: one\r\nx-two: two\r\n\
          content-type: application/json\r\ncontent-length: 7\r\nuser-agent: test/1\r\n\r\n{\"k\":1}",
    );
    let expected = [
        ("/resource", json!("/{proxy+}")),
        ("/path", json!("/a%20b/c")),
        ("/httpMethod", json!("POST")),
        ("/pathParameters", json!({ "proxy": "a b/c" })),
        ("/headers/x-two", json!("two")),
        ("/multiValueHeaders/x-two", json!(["one", "two"])),
        ("/queryStringParameters", json!({ "x": "2", "y": "a+b c" })),
        (
            "/multiValueQueryStringParameters",
            json!({ "x": ["1", "2"], "y": ["a+b c"] }),
        ),
        ("/stageVariables", Value::Null),
        ("/body", json!("{\"k\":1}")),
        ("/isBase64Encoded", json!(false)),
        ("/requestContext/stage", json!("local")),
        ("/requestContext/path", json!("/local/a%20b/c")),
        ("/requestContext/domainName", json!("localhost")),
        ("/requestContext/identity/sourceIp", json!("127.0.0.1")),
        ("/requestContext/identity/userAgent", json!("test/1")),
    ];
    for (pointer, value) in expected {
        assert_eq!(event.pointer(pointer), Some(&value), "{pointer}");
    }
    assert_eq!(event["requestContext"]["requestId"].as_str().unwrap().len(), 36);
    assert_eq!(event.get("version"), None);
}

#[test]
fn binary_body_is_base64() {
    let event = event(
        b"POST / HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/octet-stream\r\ncontent-length: 3\r\n\r\n\xff\0\x01",
    );
    assert_eq!(
        (&event["body"], &event["isBase64Encoded"]),
        (&json!("/wAB"), &json!(true))
    );
    assert_eq!(
        (&event["resource"], &event["pathParameters"]),
        (&json!("/"), &Value::Null)
    );
}

#[test]
fn unusual_paths_are_passed_on() {
    for (target, path, proxy) in [
        ("//a", "//a", "/a"),
        ("/local/a", "/local/a", "local/a"),
        ("/%2e%2e/%00", "/%2e%2e/%00", "../\0"),
        ("/%ff", "/%ff", "\u{fffd}"),
        ("/_strea", "/_strea", "_strea"),
    ] {
        let request = format!("GET {target} HTTP/1.1\r\nhost: localhost\r\n\r\n");
        let event = event(request.as_bytes());
        assert_eq!(
            (&event["path"], &event["pathParameters"]["proxy"]),
            (&json!(path), &json!(proxy))
        );
    }
}

#[test]
fn stream_with_prelude_arrives_chunk_by_chunk() {
    let (function, url) = start_rest_api();
    let mut caller = get(url);
    let mut response = function.start_response(&function.next_id(), INTEGRATION_RESPONSE);
    response
        .chunk(r#"{"statusCode":201,"headers":{"x-a":"1"},"multiValueHeaders":{"x-b":["2","3"]},"cookies":["c=4"]}"#);
    response.chunk([0; 8]);
    let head = read_until(&mut caller, "\r\n\r\n");
    assert!(head.starts_with("HTTP/1.1 201 Created\r\n"), "{head}");
    for line in ["x-a: 1\r\n", "x-b: 2\r\n", "x-b: 3\r\n", "set-cookie: c=4\r\n"] {
        assert!(head.contains(line), "{head}");
    }
    for data in ["one", "two"] {
        response.chunk(data);
        let chunk = format!("3\r\n{data}\r\n");
        assert_eq!(read_until(&mut caller, &chunk), chunk);
    }
    assert!(response.end().starts_with("HTTP/1.1 202 "));
    assert_eq!(read_to_end(caller), "0\r\n\r\n");
}

#[test]
fn prelude_is_read_with_any_content_type() {
    let response = fetch_stream("text/plain", &[b"{\"statusCode\":418}\0\0\0\0\0\0\0\0tea"]);
    assert!(response.starts_with("HTTP/1.1 418 "), "{response}");
    assert!(response.ends_with("3\r\ntea\r\n0\r\n\r\n"), "{response}");
}

#[test]
fn invalid_stream_gets_502_without_reason() {
    let large = [b'x'; 16 * 1024];
    let cases: [&[&[u8]]; 7] = [
        &[],
        &[b"plain text"],
        &[&large, b"\0\0\0\0\0\0\0\0"],
        &[b"{\"statusCode\":101}\0\0\0\0\0\0\0\0"],
        &[b"{\"multiValueHeaders\":{\"a\":\"b\"}}\0\0\0\0\0\0\0\0"],
        &[b"{\"headers\":{\"content-length\":\"1\"}}\0\0\0\0\0\0\0\0x"],
        &[b"{\"multiValueHeaders\":{\"Transfer-Encoding\":[\"chunked\"]}}\0\0\0\0\0\0\0\0x"],
    ];
    for chunks in cases {
        assert_internal_server_error(&fetch_stream(INTEGRATION_RESPONSE, chunks));
        assert_internal_server_error(&fetch_stream("text/plain", chunks));
    }
}

#[test]
fn proxy_json_is_http_response() {
    let response = fetch_buffered(
        r#"{"statusCode":404,"headers":{"Content-Type":"text/plain","content-length":"9"},
            "multiValueHeaders":{"x-a":["1","2"]},"body":"aGk=","isBase64Encoded":true}"#,
    );
    assert!(response.starts_with("HTTP/1.1 404 Not Found\r\n"), "{response}");
    for line in [
        "content-type: text/plain\r\n",
        "x-a: 1\r\n",
        "x-a: 2\r\n",
        "content-length: 2\r\n",
    ] {
        assert!(response.contains(line), "{response}");
    }
    assert!(response.ends_with("\r\n\r\nhi"), "{response}");
    let response = fetch_buffered(r#"{"statusCode":200,"body":"{}"}"#);
    assert!(response.contains("content-type: application/json\r\n"), "{response}");
}

#[test]
fn malformed_proxy_response_gets_502_without_reason() {
    for payload in [
        "\"hi\"",
        "{\"message\":\"hi\"}",
        "[1]",
        "null",
        "not JSON",
        r#"{"statusCode":200,"body":{}}"#,
        r#"{"statusCode":"ok"}"#,
        r#"{"statusCode":200,"body":"?","isBase64Encoded":true}"#,
    ] {
        assert_internal_server_error(&fetch_buffered(payload));
    }
}

#[test]
fn failed_invocation_gets_502_without_reason() {
    let (function, url) = start_rest_api();
    let caller = get(url);
    let id = function.next_id();
    function.post(
        &format!("invocation/{id}/error"),
        "",
        r#"{"errorMessage":"secret","errorType":"Boom"}"#,
    );
    assert_internal_server_error(&read_to_end(caller));
}

#[test]
fn mid_stream_error_cuts_off_response() {
    let (function, url) = start_rest_api();
    let caller = get(url);
    let mut response = function.start_response(&function.next_id(), INTEGRATION_RESPONSE);
    response.chunk("{}\0\0\0\0\0\0\0\0first");
    response.fail();
    let response = read_to_end(caller);
    assert!(response.ends_with("\r\n\r\n5\r\nfirst\r\n"), "{response}");
}

#[test]
fn body_over_limit_gets_413_without_invocation() {
    let (function, url) = start_rest_api();
    std::thread::spawn(move || function.poll());
    let length = MAX_EVENT_LENGTH + 1;
    let head = format!("POST / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n");
    let response = read_to_end(send(url, head.as_bytes()));
    assert!(response.starts_with("HTTP/1.1 413 Payload Too Large\r\n"), "{response}");
    assert!(
        response.ends_with("\r\n\r\n{\"message\":\"Request Too Long\"}"),
        "{response}"
    );
}

#[test]
fn page_of_other_website_is_rejected() {
    let (function, url) = start_rest_api();
    std::thread::spawn(move || function.poll());
    for headers in [
        "host: localhost\r\norigin: https://evil.example",
        "host: evil.example",
        "host: localhost\r\nsec-fetch-site: cross-site",
    ] {
        let request = format!("GET / HTTP/1.1\r\nconnection: close\r\n{headers}\r\n\r\n");
        let response = read_to_end(send(url, request.as_bytes()));
        assert!(response.starts_with("HTTP/1.1 403 Forbidden\r\n"), "{response}");
    }
}
