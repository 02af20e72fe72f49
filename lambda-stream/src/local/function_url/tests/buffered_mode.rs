//! The invoke mode `BUFFERED`.

use std::net::SocketAddr;

use super::super::super::platform_limits::MAX_BUFFERED_BYTES;
use super::super::super::settings::{AuthType, InvokeMode, Settings};
use super::super::super::test_client::{RuntimeApiClient, read_to_end, start};
use super::{INTEGRATION_RESPONSE, assert_has_lines, function_url, get};

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
